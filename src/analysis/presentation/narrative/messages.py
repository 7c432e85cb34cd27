"""The words of the reports, in ``narrative.po``, and the one function that speaks them.

Every sentence that a reader meets is a message. Numbers, dates and names arrive already written by ``formats``: a message is
given text, never a number, so that no figure can reach a reader in the wrong language or with too many decimals.

Messages hold no HTML and no figure. This module knows neither values nor results: it stands at the foot of the
narrative, below ``formats`` and ``sentences``.
"""

from __future__ import annotations

import re

from analysis.foundations import translations
from analysis.foundations.levels import DEPARTEMENT, Level
from analysis.foundations.translations import Message, MessageError
from analysis.foundations.values import Lang

CATALOGUE = "narrative.po"

_ELISION = re.compile(
    r"\b(d|qu)e (?=[aeiouàâäéèêëîïôöùûœ]|h(?:abit|eure|éberg|omme|ospi|ôte|ôpi))",
    re.IGNORECASE,
)


def known(key: str, lang: Lang) -> bool:
    """Whether there is a message of that key."""
    return key in translations.catalogue(CATALOGUE, lang)


def message(key: str, lang: Lang) -> Message:
    """A message and the names of its places; MessageError when there is none."""
    return translations.message(CATALOGUE, key, lang)


_NOUNS = {
    "level": "one", "levels": "many", "a_level": "a", "single_level": "single", "own_level": "own", "of_level": "of",
    "the_level": "the", "this_level": "this", "proper": "proper", "no_other": "no_other", "estimates": "estimates",
}  # fmt: skip
"""Places of a message that name a level, with a capital or without, and the form of its noun (``level.KEY.FORM``)."""


def _noun(place: str, level: Level, lang: Lang) -> str:
    """The noun of a level in the form that a place calls for; that of any territory where it has none of its own."""
    form = _NOUNS[place.lower()]
    key = f"level.{level.key}.{form}"
    noun = message(key if known(key, lang) else f"level.other.{form}", lang).text
    return noun[:1].upper() + noun[1:] if place[0].isupper() else noun


def say(key: str, lang: Lang, level: Level = DEPARTEMENT, /, **values: str) -> str:
    """Say a message with its places filled; in French « de » and « que » lose their vowel before another.

    Places that name the level of the territories it is about (``{levels}``) are filled with the noun of ``level``.
    Raises MessageError for an unknown key, a place missing or too many, or a value that is not text.
    """
    found = message(key, lang)
    nouns = [place for place in found.places - values.keys() if place.lower() in _NOUNS]
    values |= {place: _noun(place, level, lang) for place in nouns}
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
