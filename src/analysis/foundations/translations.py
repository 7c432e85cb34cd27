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
from analysis.foundations.levels import DEPARTEMENT, Level
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

_ELISION = re.compile(
    r"\b(d|qu)e (?!(?-i:[A-Z])\b)(?=[aeiouàâäéèêëîïôöùûœ]|h(?:abit|eure|éberg|omme|ospi|ôte|ôpi))",
    re.IGNORECASE,
)
"""« de » or « que » before a vowel or a silent h, but for a letter that stands alone: « de A à G »."""

_NOUNS = {
    "level": "one", "levels": "many", "a_level": "a", "single_level": "single", "own_level": "own", "of_level": "of",
    "the_level": "the", "this_level": "this", "proper": "proper", "no_other": "no_other", "estimates": "estimates",
}  # fmt: skip
"""Places of a message that name a level, with a capital or without, and the form of its noun (``level.KEY.FORM``)."""


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


@dataclass(frozen=True)
class Words:
    """The messages of a catalogue of the package (``narrative.po``), and the one way in which each is said."""

    catalogue: str

    def known(self, key: str, lang: Lang) -> bool:
        """Whether there is a message of that key."""
        return key in catalogue(self.catalogue, lang)

    def message(self, key: str, lang: Lang) -> Message:
        """A message and the names of its places, which are left open; MessageError when there is none."""
        return message(self.catalogue, key, lang)

    def _noun(self, place: str, level: Level, lang: Lang) -> str:
        """The noun of a level in the form that a place calls for; that of any territory where it has none of its own."""
        form = _NOUNS[place.lower()]
        key = f"level.{level.key}.{form}"
        noun = self.message(key if self.known(key, lang) else f"level.other.{form}", lang).text
        return noun[:1].upper() + noun[1:] if place[0].isupper() else noun

    def say(self, key: str, lang: Lang, level: Level = DEPARTEMENT, /, **values: str) -> str:
        """Say a message with its places filled; in French « de » and « que » lose their vowel before another.

        Places that name the level of the territories it is about (``{levels}``) are filled with the noun of ``level``.
        Raises MessageError for an unknown key, a place missing or too many, or a value that is not text.
        """
        found = self.message(key, lang)
        nouns = [place for place in found.places - values.keys() if place.lower() in _NOUNS]
        values |= {place: self._noun(place, level, lang) for place in nouns}
        if values.keys() != found.places:
            raise MessageError(
                f"message {key}: expected the places {sorted(found.places)}, was given {sorted(values)}"
            )
        if wrong := [name for name, value in values.items() if not isinstance(value, str)]:
            raise MessageError(
                f"message {key}: {', '.join(wrong)} is not text; write numbers with narrative.formats first"
            )
        text = found.text.format(**values)
        return _ELISION.sub(r"\1’", text) if lang == "fr" else text

    def say_with(self, values: Mapping[str, str], key: str, lang: Lang, level: Level = DEPARTEMENT) -> str:
        """The same by some of the values: those that the message has a place for."""
        places = self.message(key, lang).places
        return self.say(key, lang, level, **{name: text for name, text in values.items() if name in places})
