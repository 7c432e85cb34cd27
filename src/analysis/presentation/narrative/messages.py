"""The words of the reports, in ``narrative.po``, and the one function that speaks them.

Every sentence that a reader meets is a message. Numbers, dates and names arrive already written by ``formats``: a message is
given text, never a number, so that no figure can reach a reader in the wrong language or with too many decimals.

Messages hold no HTML and no figure. This module knows neither values nor results: it stands at the foot of the
narrative, below ``formats`` and ``sentences``.
"""

from __future__ import annotations

import re

from analysis.foundations import translations
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


def say(key: str, lang: Lang, **values: str) -> str:
    """Say a message with its places filled; in French « de » and « que » lose their vowel before another.

    Raises MessageError for an unknown key, a place missing or too many, or a value that is not text.
    """
    found = message(key, lang)
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
