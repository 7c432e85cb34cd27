"""What every page is made of: the templates, their words, the inline style and the policy that allows nothing else.

Shared by ``render`` (a report) and ``site`` (the pages around reports); knows nothing of notebooks, and loads nothing
heavy. Sizes and colours come from ``style.yml``, which figures share.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.foundations.files import sha256_of
from analysis.foundations.values import Lang, Text
from analysis.presentation.colours import tokens
from analysis.reports.pages import interface

if TYPE_CHECKING:  # what only says where pages stand need not wait for them
    import jinja2

    from analysis.reports.pages.since import Since

TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True)
class Context:
    """What a page says about its edition: the same for all the reports of a batch."""

    edition: str
    title: Text
    vintages: date | Mapping[str, str]
    titles: Mapping[str, Mapping[str, str]]
    """Title of each outcome by language."""
    territories: tuple[str, ...] = ()
    """Codes of the edition's départements, which pages link from one to the next; empty when they are not known."""
    languages: tuple[Lang, ...] = ()
    """Languages in which the edition is built by default."""
    national: tuple[str, ...] = ()
    """Outcomes reported on once, for the country."""


@dataclass(frozen=True)
class Around:
    """What is around a report and not so in every run, and which its page tells: part of what it is made from."""

    languages: tuple[Lang, ...] = ()
    """The other languages in which the report is there, or is made by the same run."""
    changed: Since | None = None
    """What changed in its territory since an earlier edition; None where no comparison is kept that is true today."""

    @property
    def parameters(self) -> dict[str, str]:
        """It as texts, to hold against what a page was made with."""
        told = json.dumps(asdict(self.changed), sort_keys=True) if self.changed else ""
        return {"languages": " ".join(self.languages), "comparison": told and sha256_of(told.encode())}


ALONE = Around()
"""Of a report of which nothing else is known."""


@cache
def checksum(content: str) -> str:
    """How a content security policy names an inline style or script that it allows."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode('utf-8')).digest()).decode()}'"


def policy(css: str, scripts: str = "") -> str:
    """The content security policy of a page: its own style, images within the page, and nothing of any network.

    ``scripts`` is what may run: nothing by default, ``'self'`` for the files of the site, a ``checksum`` for one within.
    """
    allowed = f"script-src {scripts}; " if scripts else ""
    return f"default-src 'none'; style-src {checksum(css)}; {allowed}img-src data:; base-uri 'none'; form-action 'none'"


@cache
def asset(name: str) -> str:
    """A file of the templates folder that a page holds inline."""
    return (TEMPLATES / name).read_text(encoding="utf-8").strip() + "\n"


@cache
def style(*names: str) -> str:
    """The style of a page: the tokens as custom properties, then files of the templates folder."""
    light, dark = (
        _properties(tokens()["pages"][screen])
        + _properties({f"fig-{name}": colour for name, colour in tokens()["figures"][screen].items()})
        for screen in ("light", "dark")
    )
    sizes = _properties({f"text-{k}": v for k, v in tokens()["type"].items()})
    spaces = _properties({f"space-{k}": v for k, v in tokens()["space"].items()})
    screens = (
        f":root{{color-scheme:light;{light}{sizes}{spaces}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{color-scheme:dark;{dark}}}}}\n"
    )
    return screens + "".join(asset(name) for name in names)


def _properties(values: Mapping[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in values.items())


@cache
def pages(lang: Lang) -> jinja2.Environment:
    """The templates of whole pages, which escape all they are given."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["say"] = lambda key, **values: interface.say(key, lang, **values)
    environment.filters["phrase"] = partial(interface.phrase, lang=lang)
    return environment


def page_name(stem: str, lang: Lang) -> str:
    """File name of a page in a language: French is the default, English says so."""
    return f"{stem}.html" if lang == "fr" else f"{stem}.{lang}.html"


def index_name(lang: Lang) -> str:
    """File name of the index of a folder in a language."""
    return page_name("index", lang)
