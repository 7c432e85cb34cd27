"""The words of the pages around a report, in ``interface.po``, and the function that speaks them.

Messages are plain text with named places; the templates escape them. Words about results are not here but in
``narrative``. This module knows nothing of notebooks or figures.
"""

from __future__ import annotations

from analysis.foundations import translations
from analysis.foundations.values import Lang, folded

CATALOGUE = "interface.po"


def say(key: str, lang: Lang, **values: object) -> str:
    """A message in a language, its places filled; values that it has no place for are left aside."""
    return translations.say(CATALOGUE, key, lang, values)


def phrase(key: str, lang: Lang) -> str:
    """A message with its places left open, for a script to fill."""
    return translations.message(CATALOGUE, key, lang).text


def fold(text: str) -> str:
    """Lower-case words without accents, ligatures or marks, to search in or for an anchor; ``site.js`` does the same."""
    return folded(text)
