"""What the pages of the site hold: which texts, in which order (``content.yml``), and their words (``site.po``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

from analysis.foundations import entries, translations
from analysis.foundations.entries import Entry
from analysis.foundations.values import Lang, indicators_in

CATALOGUE = "site.po"
_INDICATORS = ("findings", "maps", "multiples", "ended")
_KEYS = (*_INDICATORS, "methods", "limits", "assumptions", "glossary")


@cache
def content() -> Mapping:
    """Indicators, texts by their keys and terms of the site, as ``content.yml`` lists them."""
    return read_content(resources.files(__package__).joinpath("content.yml").read_text(encoding="utf-8"))


def read_content(text: str) -> Entry:
    """Read the content of the site from YAML text; EntryError names the line and the entry of what is malformed."""
    found = entries.read(text, "content.yml").only(_KEYS)
    for key in _INDICATORS:
        indicators_in(found, key)
    return found


def text(key: str, lang: Lang, **values: str) -> str:
    """A text of the site in a language, its places filled."""
    return translations.say(CATALOGUE, key, lang, values)


def places(key: str, lang: Lang) -> frozenset[str]:
    """The names of the places of a text."""
    return translations.message(CATALOGUE, key, lang).places
