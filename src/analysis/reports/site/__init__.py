"""The site of an edition: an overview, a page for each département, and what they rest on; readable from a folder.

``write`` makes every page that is quick to make, at the end of each run, and nothing when nothing changed; where the edition
keeps a comparison with an earlier one (``compare``), that of what changed, with the links to it. Pages of
indicators are drawn one by one (``indicator``), because they cost more. Every page works without a network and without
scripts, which only add a search and a selector of maps. ``server`` shows a site on this machine, ``publication`` makes
the folder to deploy. The same folder, figures and code give the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from analysis.catalogue import Catalogue, project_root, write_if_new
from analysis.panel import Panel
from analysis.reports import compare
from analysis.reports.compare import Comparison
from analysis.reports.edition import Edition, titles
from analysis.reports.pages import Context, index_name
from analysis.reports.site import changes, indicator, overview, reference, search, state, territory
from analysis.reports.site.facts import Facts
from analysis.reports.site.publication import publish
from analysis.reports.site.server import serve
from analysis.reports.site.shell import Site, languages, search_name, territory_path

__all__ = ["context_of", "indicator", "made", "publish", "serve", "write"]


def context_of(edition: Edition, root: Path) -> Context:
    """What every page says about an edition; ``root`` is the checkout, whose notebooks give their titles."""
    return Context(
        edition.name,
        edition.title,
        edition.vintages,
        titles(edition, root),
        edition.territories,
        edition.languages,
        edition.national,
    )


def write(edition: Edition, folder: Path, context: Context) -> list[Path]:
    """Write the pages of the site in each language in which the edition has reports, and in those it is made for.

    Nothing is written when the site there is already that of the figures, the reports, the code and the edition. Returns
    the paths of its pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root, present = project_root(), state.Present.look(folder)
    langs = languages(edition, present)
    own = [path for lang in langs for path in paths(edition, lang)]
    stamp = state.fingerprint(edition, folder, root, present, own)
    if (pages := state.is_current(folder, stamp)) is not None:
        return pages
    facts, found = _facts(), compare.kept(folder)
    more = (changes.KEY,) if found else ()
    written = []
    for lang in langs:
        site = Site(edition, context, lang, langs, present, more)
        for name, content in made(site, folder, facts, root, found).items():
            write_if_new(folder / name, content)
            written.append(folder / name)
    state.keep(folder, stamp, written)
    return written


def _facts() -> Facts | None:
    """The project's figures; None when it holds none."""
    catalogue = Catalogue()
    return Facts(Panel.open(catalogue), catalogue) if any(catalogue) else None


def paths(edition: Edition, lang: str) -> list[str]:
    """Where the pages of départements stand: what ``write`` makes among the folders of reports and indicators."""
    return [f"indicators/{index_name(lang)}", *(territory_path(code, lang) for code in edition.territories)]


def made(
    site: Site, folder: Path, facts: Facts | None, root: Path, found: Comparison | None = None
) -> dict[str, bytes]:
    """The content of every page of a language, by path from the folder of the edition.

    Args:
        site: its language. folder: of the edition. facts: the figures. root: the checkout.
        found: what changed since an earlier edition, where the edition keeps that.
    """
    changed = changes.Changes(found, site.lang) if found else None
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
    return pages
