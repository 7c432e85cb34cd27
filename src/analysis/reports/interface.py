"""The words of the pages around a report, in ``interface.po``, and how they are said (``translations.Words``).

Messages are plain text with named places; the templates escape them. Words about results are not here but in
``narrative``. This module knows nothing of notebooks or figures.
"""

from __future__ import annotations

from analysis.translations import Words
from analysis.values import Lang, folded

_WORDS = Words("interface.po")
say, say_with = _WORDS.say, _WORDS.say_with


def phrase(key: str, lang: Lang) -> str:
    """A message with its places left open, for a script to fill."""
    return _WORDS.message(key, lang).text


def fold(text: str) -> str:
    """Lower-case words without accents, ligatures or marks, to search in or for an anchor; ``site.js`` does the same."""
    return folded(text)
