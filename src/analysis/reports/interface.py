"""The words of the pages around a report: one bilingual file, ``interface.yml``, and the function that speaks it.

Messages are plain text with named places; the templates escape them. Words about results are not here but in
``narrative``. This module knows nothing of notebooks or figures.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources

import yaml

from analysis.values import LANGS, Lang


@cache
def messages() -> dict[str, dict[str, str]]:
    """Every message by key, then by language; ValueError when one lacks a language."""
    text = resources.files(__package__).joinpath("interface.yml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    for key, entry in content.items():
        if tuple(entry) != LANGS:
            raise ValueError(
                f"interface.yml, {key}: expected the languages {', '.join(LANGS)}, found {list(entry)}"
            )
    return content


def say(key: str, lang: Lang, **values: object) -> str:
    """A message in a language, its places filled."""
    return messages()[key][lang].format(**values)


def fold(text: str) -> str:
    """Lower-case words without accents or marks, to search in or to make an anchor of."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", plain))
