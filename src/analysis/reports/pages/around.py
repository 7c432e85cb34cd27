"""What every page has around its content, those of the site and reports: head, menu, search, languages, scripts.

A page is one file: its style and a script, which only enhances, are within it and allowed by their checksums. The script
is ``page.js`` and, for drawings and maps, ``charts.js``. The search is a file of the site beside it; where it is not there,
nothing of it is shown. It knows neither figures nor what an edition holds: who makes a page says in which other languages it
is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import markupsafe

from analysis.foundations.values import Lang
from analysis.reports.pages.interface import say
from analysis.reports.pages.parts import asset, checksum, index_name, page_name, pages, policy

REFERENCE = ("methods", "limits", "assumptions", "glossary", "data", "freshness")
"""The pages of words, in the order of the navigation."""

CHANGES = "changes"
"""The page of what changed since an earlier edition, which not every edition has."""

STYLES = ("report.css", "shell.css")
"""The style that every page has."""


def search_name(lang: Lang) -> str:
    """File name of the search of a language: its entries, and the script that looks in them."""
    return f"search.{lang}.js"


def indicators_path(lang: Lang) -> str:
    """Where the list of indicators stands."""
    return f"indicators/{index_name(lang)}"


def territory_path(code: str, lang: Lang) -> str:
    """Where the page of a département stands."""
    return f"{code}/{index_name(lang)}"


def page(
    template: str,
    path: str,
    heading: str,
    *,
    lang: Lang,
    css: str,
    edition_title: str,
    others: Sequence[Lang],
    above: Sequence[tuple[str, str]] = (),
    page_title: str = "",
    here: str = "",
    search: bool = True,
    more: Sequence[str] = (),
    **content: Any,
) -> str:
    """A page as HTML.

    Args:
        template: its template, which extends that of every page. path: where it stands, from the root of the edition.
        heading: its first heading. lang: its language. css: its style.
        edition_title: of its edition.
        others: the other languages in which it is there. above: words and places, from the root, of the pages
            between the overview and it. page_title: of the window, by default its heading and the edition.
        here: its name after them, its heading by default.
        search: whether the search stands beside it. more: keys of pages that not every edition has.
        content: what the template needs besides.
    """
    root = "../" * path.count("/")
    stem = path.rpartition("/")[2].split(".")[0]
    trail = [(say("home", lang), index_name(lang)), *above] if path != index_name(lang) else []
    script = asset("page.js") + asset("charts.js")
    allowed = " ".join(["'self'"] * search + [checksum(script)])
    return (
        pages(lang)
        .get_template(template)
        .render(
            lang=lang,
            policy=policy(css, allowed),
            css=markupsafe.Markup(css),  # noqa: S704 - our files
            script=markupsafe.Markup(script),  # noqa: S704 - our file
            root=root,
            heading=heading,
            page_title=page_title or say("page_title", lang, title=heading, edition=edition_title),
            here=here or heading,
            edition_title=edition_title,
            others=[{"lang": one, "href": page_name(stem, one)} for one in others],
            menu=_menu(path, root, lang, more),
            trail=[{"words": words, "href": root + href} for words, href in trail],
            search=root + search_name(lang) if search else None,
            **content,
        )
    )


def _menu(path: str, root: str, lang: Lang, more: Sequence[str]) -> list[dict[str, object]]:
    """The links that every page has, the current one marked."""
    places = [("overview", index_name(lang)), ("indicators", indicators_path(lang))]
    places += [(key, page_name(key, lang)) for key in (*REFERENCE, *more)]
    return [{"key": f"menu_{key}", "href": root + place, "current": place == path} for key, place in places]
