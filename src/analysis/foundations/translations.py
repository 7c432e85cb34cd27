"""The words for readers: gettext catalogues under ``locales``, one for each language and part, read with Babel.

A message has a key (``msgid``), the same in every language, and its words (``msgstr``), with named places. Catalogues are
written with plain spaces, as translators type them: those of French are made no-break when a message is first said. A
message without words, or said without one of its places, is refused, never shown empty.

``narrative.po`` holds the sentences about figures, ``interface.po`` the words of the pages around reports, ``site.po`` the
texts of the site; each is named by the one module that speaks it. Only the language that is asked for is read. This module
knows no figure; it stands at the foot of the layers that word anything.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Formatter

from babel.messages.pofile import read_po

from analysis.foundations.display import Refusal, hint, shown
from analysis.foundations.values import Lang, language

THIN = "\u202f"
"""Narrow no-break space: between thousands and before ``; ! ? %`` in French."""
NBSP = "\u00a0"
"""No-break space: before ``:`` and inside « » in French, and between a number and its unit."""

_FRENCH = (
    (re.compile(r"[ \u00a0](?=[;!?%])"), THIN),
    (re.compile(r"[ \u202f](?=:(?:\s|$))"), NBSP),
    (re.compile(r"«[ \u202f]?"), "«" + NBSP),
    (re.compile(r"[ \u202f]?»"), NBSP + "»"),
)


class MessageError(Refusal, ValueError):
    """A message that does not exist or has no words, or is not given what its places need."""


@dataclass(frozen=True)
class Message:
    """A message in one language, as it is read, with the names of its ``{places}``."""

    text: str
    places: frozenset[str]


def typeset(text: str, lang: Lang) -> str:
    """Give a text the spaces and the apostrophes of its language; text that has them already is unchanged."""
    text = text.replace("'", "’")
    if lang == "fr":
        for pattern, mark in _FRENCH:
            text = pattern.sub(mark, text)
        text = re.sub(NBSP + "+", NBSP, text)
    return text


def places(text: str) -> frozenset[str]:
    """The names of the ``{places}`` of a text."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def read(content: bytes, where: str) -> dict[str, str]:
    """The messages of a catalogue by key, as they are written.

    Raises MessageError when one has no words, or words that its translator marked as unsure (``fuzzy``).
    """
    entries = [entry for entry in read_po(io.BytesIO(content), abort_invalid=True) if entry.id]
    if unsure := [str(entry.id) for entry in entries if entry.fuzzy or not entry.string]:
        raise MessageError(f"{where}: no words, or unsure ones, for {', '.join(unsure)}; translate them")
    return {str(entry.id): str(entry.string) for entry in entries}


@cache
def catalogue(name: str, lang: Lang) -> Mapping[str, str]:
    """The messages of a catalogue of the package (``narrative.po``) in a language; read once."""
    language(lang)
    file = resources.files("analysis.foundations").joinpath("locales", lang, "LC_MESSAGES", name)
    return read(file.read_bytes(), f"{name}, {lang}")


@cache
def message(name: str, key: str, lang: Lang) -> Message:
    """A message of a catalogue, typeset. Raises MessageError with the nearest keys when there is none."""
    known = catalogue(name, lang)
    if key not in known:
        raise MessageError(f"no message is named {shown(key)} in {name}{hint(key, known)}")
    text = typeset(known[key], lang)
    return Message(text, places(text))


def say(name: str, key: str, lang: Lang, values: Mapping[str, object]) -> str:
    """Say a message with its places filled, by values of which it may leave some aside.

    Raises MessageError for a key that is not in the catalogue, or a place without a value.
    """
    found = message(name, key, lang)
    if missing := found.places - values.keys():
        raise MessageError(f"message {key}: nothing is given for {', '.join(sorted(missing))}")
    return found.text.format(**values)
