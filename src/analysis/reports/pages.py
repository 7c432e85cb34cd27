"""What every page is made of: the templates, their words, the inline style and the policy that allows nothing else.

Shared by ``render`` (a report) and ``site`` (the index); knows nothing of notebooks, and loads nothing heavy.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path

import jinja2

from analysis.reports import interface
from analysis.values import Lang, Text

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Context:
    """What a page says about its edition: the same for all the reports of a batch."""

    edition: str
    title: Text
    vintages: date | Mapping[str, str]
    titles: Mapping[str, Mapping[str, str]]
    """Title of each outcome by language."""


def say(lang: Lang, key: str, **values: object) -> str:
    """A message in a language, for templates."""
    return interface.say(key, lang, **values)


def checksum(content: str) -> str:
    """How a content security policy names an inline style or script that it allows."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode('utf-8')).digest()).decode()}'"


def policy(css: str, script: str | None = None) -> str:
    """The content security policy of a page: nothing but its own style, its own script and images within the page."""
    scripts = f"script-src {checksum(script)}; " if script else ""
    return f"default-src 'none'; style-src {checksum(css)}; {scripts}img-src data:; base-uri 'none'; form-action 'none'"


@cache
def asset(name: str) -> str:
    """A file of the templates folder that a page holds inline."""
    return (TEMPLATES / name).read_text(encoding="utf-8").strip() + "\n"


@cache
def pages(lang: Lang) -> jinja2.Environment:
    """The templates of whole pages, which escape all they are given."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
    )
    environment.filters["say"] = partial(say, lang)
    return environment


def index_name(lang: Lang) -> str:
    """File name of the index in a language."""
    return "index.html" if lang == "fr" else f"index.{lang}.html"
