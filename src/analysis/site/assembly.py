"""Every page of a site that is quick to make: the overview, those of words, a page for each département.

Where the edition keeps a comparison with an earlier one (``compare``), also that of what changed, with the links to it.
"""

from __future__ import annotations

from pathlib import Path

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations.files import write_if_new
from analysis.reports.beside import compare
from analysis.reports.beside.compare import Comparison
from analysis.reports.edition import Edition
from analysis.reports.pages.around import search_name, territory_path
from analysis.reports.pages.parts import Context, index_name
from analysis.site import changes, holdings, overview, reference, search, territory
from analysis.site.facts import Facts
from analysis.site.shell import Site, languages
from analysis.site.state import Present


def write(edition: Edition, folder: Path, context: Context, root: Path, present: Present) -> list[Path]:
    """Make the pages in each language of an edition, write those that differ from what is there, return their paths.

    Args:
        edition: whose site it is. folder: of the edition. context: what pages say about it. root: the checkout.
        present: what the folder holds.
    """
    facts, comparison = _facts(), compare.kept(folder)
    more = (changes.KEY,) if comparison else ()
    langs = languages(edition, present)
    written = []
    for lang in langs:
        site = Site(edition, context, lang, langs, present, more)
        for name, content in made(site, folder, facts, root, comparison).items():
            write_if_new(folder / name, content)
            written.append(folder / name)
    return written


def _facts() -> Facts | None:
    """The project's figures; None when it holds none."""
    catalogue = Catalogue()
    return Facts(Panel.open(catalogue), catalogue) if any(catalogue) else None


def made(
    site: Site, folder: Path, facts: Facts | None, root: Path, comparison: Comparison | None = None
) -> dict[str, bytes]:
    """The content of every page of a language, by path from the folder of the edition.

    Args:
        site: its language. folder: of the edition. facts: the figures. root: the checkout.
        comparison: what changed since an earlier edition, where the edition keeps that.
    """
    changed = changes.Changes(comparison, site.lang) if comparison else None
    pages = {
        index_name(site.lang): overview.overview(site, facts, changed),
        search_name(site.lang): search.script(site, facts),
    }
    pages |= reference.pages(site, facts, root)
    if changed:
        pages[changes.path(site.lang)] = changes.page(site, changed)
    for code in site.edition.territories:
        page = territory.territory(site, code, folder, facts, changed)
        pages[territory_path(code, site.lang)] = page
        if facts and holdings.is_bare(facts, code):
            pages[holdings.path(code, site.lang)] = holdings.page(site, facts, code)
    return pages
