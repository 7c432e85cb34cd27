"""What the pages of the site hold: which texts, in which order (``content.yml``), and their words (``site.po``)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml

from analysis import translations
from analysis.values import Lang

CATALOGUE = "site.po"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def content() -> Mapping:
    """Indicators, texts by their keys and terms of the site, as ``content.yml`` lists them."""
    text = resources.files(__package__).joinpath("content.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe


def text(key: str, lang: Lang, **values: str) -> str:
    """A text of the site in a language, its places filled."""
    return translations.say(CATALOGUE, key, lang, values)


def places(key: str, lang: Lang) -> frozenset[str]:
    """The names of the places of a text."""
    return translations.message(CATALOGUE, key, lang).places
