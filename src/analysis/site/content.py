"""What the pages of the site hold: which texts, in which order (``content.yml``), and their words (``site.po``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

from analysis.foundations import entries
from analysis.foundations.entries import Entry
from analysis.foundations.translations import Words
from analysis.foundations.values import indicators_in

_WORDS = Words("site.po")
message, text = _WORDS.message, _WORDS.say
_INDICATORS = ("findings", "maps", "multiples", "ended")
_KEYS = (*_INDICATORS, "methods", "limits", "assumptions", "glossary")


@cache
def content() -> Mapping:
    """Indicators, texts by their keys and terms of the site, as ``content.yml`` lists them."""
    return read_content(resources.files(__package__).joinpath("content.yml").read_text(encoding="utf-8"))


def read_content(text: str) -> Entry:
    """Read the content of the site from YAML text; EntryError names the line and the entry of what is malformed."""
    content = entries.read(text, "content.yml").only(_KEYS)
    for key in _INDICATORS:
        indicators_in(content, key)
    return content
