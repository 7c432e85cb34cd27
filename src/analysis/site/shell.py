"""The pages of a site: where each stands, in which languages, and which reports and pages of indicators are there.

A ``Site`` is the pages of one edition in one language; it knows which reports and indicator pages are there, so that every
link leads somewhere. It reads no figure and words nothing but links.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import markupsafe

from analysis.foundations import territories
from analysis.foundations.values import LANGS, Lang
from analysis.presentation.tables import Table
from analysis.reports.edition import COUNTRY, INDICATORS, Edition, Task
from analysis.reports.pages import around
from analysis.reports.pages.around import CHANGES, REFERENCE, indicators_path, search_name, territory_path
from analysis.reports.pages.parts import Context, index_name, page_name, style
from analysis.site import tiles
from analysis.site.state import Present


def site_style() -> str:
    """The style of the pages of a site."""
    return style(*around.STYLES, "site.css") + tiles.rules()


def table(shown: Table, download: bool = True) -> markupsafe.Markup:
    """A table as HTML; a landmark for each would be too many."""
    return markupsafe.Markup(shown.html(download).replace('role="region"', 'role="group"', 1))  # noqa: S704 - escapes its cells


def indicator_path(name: str, lang: Lang) -> str:
    """Where the page of an indicator stands in the folder of its edition."""
    return f"indicators/{page_name(name, lang)}"


def pages_of(edition: Edition) -> list[str]:
    """Where the pages that are made at the end of a run may stand, in every language, and what they load."""
    words = [page_name(key, lang) for key in (*REFERENCE, CHANGES) for lang in LANGS]
    makers = (index_name, search_name, indicators_path)
    names = (index_name, partial(page_name, "exists"))
    places = [f"{code}/{name(lang)}" for code in edition.territories for lang in LANGS for name in names]
    return [*words, *(make(lang) for make in makers for lang in LANGS), *places]


def languages(edition: Edition, present: Present) -> tuple[Lang, ...]:
    """Languages of a site: those of the edition, and those in which a report is there."""
    return tuple(
        lang
        for lang in LANGS
        if lang in edition.languages or any(state(task, present) != "absent" for task in tasks(edition, lang))
    )


def tasks(edition: Edition, lang: Lang) -> list[Task]:
    """The reports of an edition in a language, the national ones first."""
    codes = (COUNTRY, *edition.territories)
    return [Task(edition.name, code, outcome, lang) for code in codes for outcome in edition.of(code)]


def state(task: Task, present: Present) -> str:
    """``done`` when the report is there, ``failed`` when its error is, else ``absent``."""
    if task.error in present:
        return "failed"
    return "done" if task.path in present else "absent"


@dataclass(frozen=True)
class Site:
    """The pages of an edition in one language.

    Attributes
    ----------
    langs : tuple[Lang, ...]
        Languages of the site.
    present : Present
        The reports and the indicator pages that are there.
    more : tuple[str, ...]
        Keys of pages that this edition has and others may not, after those of every edition.
    """

    edition: Edition
    context: Context
    lang: Lang
    langs: tuple[Lang, ...]
    present: Present
    more: tuple[str, ...] = ()

    @cached_property
    def tasks(self) -> dict[str, list[Task]]:
        """The reports of the edition in its language, by territory."""
        own: dict[str, list[Task]] = {}
        for task in tasks(self.edition, self.lang):
            own.setdefault(task.territory, []).append(task)
        return own

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Its territories that stand one after the other: not those that are parts, or unions, of others."""
        return tuple(code for code in self.edition.territories if not territories.get(code).kind.is_below)

    def title(self, outcome: str) -> str:
        """Title of a report."""
        return self.context.titles[outcome][self.lang]

    def indicator(self, name: str) -> str:
        """Address, from the root, of an indicator's page; of its entry in the list when the page is not there."""
        page = Task(self.edition.name, INDICATORS, name, self.lang)
        done = state(page, self.present) == "done"
        return page.path if done else f"{indicators_path(self.lang)}#{name}"

    def territory(self, code: str) -> str | None:
        """Address, from the root, of a département's page; None when it is not in the edition."""
        return territory_path(code, self.lang) if code in self.edition.territories else None

    def links(self, codes: Sequence[str]) -> list[dict[str, str | None]]:
        """Names of départements with the address of their pages."""
        return [
            {"name": territories.get(code).label(self.lang), "href": self.territory(code)} for code in codes
        ]

    def render(self, template: str, path: str, heading: str, **content: Any) -> bytes:
        """A page.

        Args:
            template: its template. path: where it stands, from the root. heading: its first heading.
            content: what the template needs; ``above`` are the pages above it, ``title`` replaces the heading in the
                window's title.
        """
        return rendered(
            template,
            path,
            heading,
            lang=self.lang,
            edition_title=self.edition.title[self.lang],
            others=[lang for lang in self.langs if lang != self.lang],
            more=self.more,
            **content,
        )


def rendered(template: str, path: str, heading: str, **content: Any) -> bytes:
    """A page of the site as bytes; see ``Site.render`` and ``around.page``.

    Pages of indicators do not name those that not every edition has: they are made from figures alone.
    """
    return around.page(template, path, heading, css=site_style(), **content).encode("utf-8")
