"""The words of the pages around a report, in ``interface.po``, and the function that speaks them.

Messages are plain text with named places; the templates escape them. Words about results are not here but in
``narrative``. This module knows nothing of notebooks or figures.
"""

from __future__ import annotations

import re
import unicodedata

from analysis import translations
from analysis.values import Lang

CATALOGUE = "interface.po"


def say(key: str, lang: Lang, **values: object) -> str:
    """A message in a language, its places filled; values that it has no place for are left aside."""
    return translations.say(CATALOGUE, key, lang, values)


def phrase(key: str, lang: Lang) -> str:
    """A message with its places left open, for a script to fill."""
    return translations.message(CATALOGUE, key, lang).text


def fold(text: str) -> str:
    """Lower-case words without accents or marks, to search in or to make an anchor of."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", plain))
