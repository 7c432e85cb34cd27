"""What the name of a published file says: which file it is, whether it is a copy of it, or not yet a file at all.

Portals, browsers and spreadsheets rename what they give: accents written ``%C3%A9``, spaces for underscores, an upper-case
ending, a date, ``(1)``, `` - Copie``. Names are compared by their letters and digits alone; what was added at either end
is told apart, so that a copy is never taken for another file, nor silently for the file itself. Nothing here opens a file.
"""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote

from analysis.foundations import display

PARTIAL = (".crdownload", ".part", ".partial", ".download", ".opdownload", ".filepart", ".tmp")
"""Endings of a download that is under way, or was cut."""

_LOCK = re.compile(r"^(?:~\$|\.~lock\.)")
_BACKUP = re.compile(r"(?:~|#|\.(?:bak|old|orig|sav|\d{1,2}))$", re.IGNORECASE)
_COPY_WORD = r"(?:copie|copy|kopie|copia)"
_COPY_FIRST = re.compile(rf"^{_COPY_WORD}\s*(?:\(\d{{1,2}}\)\s*)?(?:de|of|von)\s+", re.IGNORECASE)
_COPY_LAST = re.compile(
    rf"(?:(?<![\s_-])[\s_-]*\(\d{{1,2}}\)"
    rf"|(?<![\s_-])[\s_-]*[\s_.(-]{_COPY_WORD}(?:[\s_-]*\(?\d{{1,2}}\)?)?\)?"
    rf"|(?<![\s_.-])[\s_.-]+(?:v|ver|version)[\s_.-]?\d{{1,2}}(?:[._]\d{{1,2}})*"
    rf"|(?<![\s_-])[\s_-]+(?:final|finale|def|definitif|corrige|new|nouveau))\s*$",
    re.IGNORECASE,
)
_DAY = r"(?:20\d\d[-_. ]?[01]\d[-_. ]?[0-3]\d|[0-3]\d[-_. ][01]\d[-_. ]20\d\d)"
_TIME = r"(?:[-_. tT]*[0-2]\d[-_.h:]?[0-5]\d(?:[-_.:]?[0-5]\d)?)?"
_DATE_LAST = re.compile(rf"(?<![\s_.-])[\s_.-]+\(?{_DAY}{_TIME}z?\)?$", re.IGNORECASE)
_DATE_FIRST = re.compile(rf"^{_DAY}{_TIME}[\s_.-]+")


def readable(name: str) -> str:
    """A name as a person writes it: ``%C3%A9`` decoded, one form of accents, plain spaces."""
    for _ in range(2):  # some portals encode what is encoded already
        if "%" in name:
            name = unquote(name)
    return " ".join(unicodedata.normalize("NFKC", name).split())


def shown(name: str) -> str:
    """A name as it may be printed and kept: whatever is neither a printable character nor a space is a question mark."""
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else "?" for c in name)


def plain(text: str) -> str:
    """Letters and digits of a text, without accents or case: what two spellings of a name or of a heading share."""
    decomposed = unicodedata.normalize("NFKD", text.replace("€", "eur").replace("œ", "oe").replace("Œ", "oe"))
    return "".join(c for c in decomposed.casefold() if c.isalnum())


def key(name: str) -> str:
    """What two spellings of a file's name share: the plain letters and digits of its stem, and its ending."""
    stem, dot, ending = readable(name).rpartition(".")
    return f"{plain(stem)}.{ending.casefold()}" if dot else plain(ending)


def undated(name: str) -> str:
    """A name without the date and time of a download, at its beginning or at its end."""
    stem, dot, ending = readable(name).rpartition(".")
    if not dot:
        return name
    return _DATE_FIRST.sub("", _DATE_LAST.sub("", stem)) + dot + ending


def original(name: str) -> str:
    """The name of the file of which this one would be a copy, a backup, a lock or a part; its own if it is none."""
    name = _LOCK.sub("", readable(name))
    while (shorter := _shorter(name)) != name:
        name = shorter
    return name


def _shorter(name: str) -> str:
    for ending in PARTIAL:
        if name.casefold().endswith(ending):
            return name[: -len(ending)]
    if "." in name.rstrip("~#") and _BACKUP.search(name):
        return _BACKUP.sub("", name)
    stem, dot, ending = name.rpartition(".")
    if not dot:
        return name
    if stem.casefold().endswith(f".{ending.casefold()}"):  # .csv.csv, where a system hides endings
        return stem
    bare = _COPY_FIRST.sub("", _COPY_LAST.sub("", stem))
    return f"{bare}{dot}{ending}" if bare else name


def unfinished(name: str) -> str:
    """Why a file is not to be read whatever it holds: a lock or a download under way; empty otherwise."""
    name = readable(name)
    if _LOCK.match(name):
        return "says that the file is open in a spreadsheet"
    if name.casefold().endswith(PARTIAL):
        return "is a download under way, or cut"
    return ""


@lru_cache(maxsize=4096)
def matches(name: str, pattern: str) -> bool:
    """Whether a name is that of a published file, or of a copy, lock or part of it. ``*`` and ``?`` stand in the pattern."""
    wanted = _pattern(pattern)
    bare = original(name)
    return any(
        fnmatch.fnmatchcase(key(form), wanted)
        for form in (name, bare, undated(bare), original(undated(name)))
    )


def is_copy(name: str, pattern: str) -> bool:
    """Whether a name that matches is that of a copy: it says so, and the pattern does not."""
    return key(original(name)) != key(name) and original(pattern) == readable(pattern)


def identity(name: str) -> str:
    """What the copies of one published file have in common, whatever was added to their names."""
    return key(original(undated(original(name))))


def _pattern(pattern: str) -> str:
    stem, _, ending = unicodedata.normalize("NFC", pattern).rpartition(".")
    pieces = re.split(r"([*?])", stem)
    return "".join(p if p in "*?" else plain(p) for p in pieces) + f".{ending.casefold()}"


def nearest(name: str, patterns: Iterable[str]) -> str:
    """The pattern that a name is most like; empty when none is alike."""
    wanted = {_pattern(pattern): pattern for pattern in patterns}
    found = display.nearest(identity(name), wanted, 1, 0.72)
    return wanted[found[0]] if found else ""
