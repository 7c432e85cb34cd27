"""The words of the pages around a report, in ``interface.po``, and how they are said (``translations.Words``).

Messages are plain text with named places; the templates escape them. Words about results are not here but in
``narrative``. This module knows nothing of notebooks or figures.
"""

from __future__ import annotations

from analysis.foundations.translations import Words
from analysis.foundations.values import Lang

_WORDS = Words("interface.po")
say, say_with = _WORDS.say, _WORDS.say_with


def phrase(key: str, lang: Lang) -> str:
    """A message with its places left open, for a script to fill."""
    return _WORDS.message(key, lang).text
