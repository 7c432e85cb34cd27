"""The site of an edition: an overview, a page for each département, and what they rest on; readable from a folder.

``write`` makes every page that is quick to make (``assembly``), at the end of each run; when nothing changed (``state``), it
neither makes nor loads anything. Pages of indicators are drawn one by one (``indicator``), because they cost more. Every
page works without a network and without scripts, which only add a search and a selector of maps. ``server`` shows a site on
this machine, ``publication`` makes the folder to deploy. The same folder, figures and code give the same bytes.
"""

from __future__ import annotations

from pathlib import Path

from analysis.foundations.files import project_root
from analysis.reports.beside import datapackage
from analysis.reports.edition import Edition, on_request, titles
from analysis.reports.kept import shared
from analysis.reports.pages.parts import Context
from analysis.site import state


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


def indicators() -> tuple[str, ...]:
    """The indicators of the project's figures that have a page, by theme."""
    return shared.of_project("site.names", "analysis.site.indicator:names", tuple[str, ...])


def write(edition: Edition, folder: Path, context: Context) -> list[Path]:
    """Write the pages of the site in each language in which the edition has reports, and in those it is made for.

    Nothing is written when the site there is already that of the figures, the reports, the code and the edition. Returns
    the paths of its pages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not datapackage.is_held(folder):
        from analysis.reports.beside import compare

        compare.renew(folder)
    root, present = project_root(), state.Present.look(folder)
    edition = edition.beside(
        code for code in sorted(present.folders()) if on_request(code) and present.reports_on(code, edition)
    )
    made_from = state.inputs(edition, folder, root, present)
    if (pages := state.current(folder, made_from, present)) is not None:
        return pages
    from analysis.site import assembly

    written = assembly.write(edition, folder, context, root, present)
    state.keep(folder, made_from, present, written)
    return written


def forget(folder: Path) -> None:
    """Have the next run write the site again, since it was made while figures changed."""
    (folder / state.RECORD).unlink(missing_ok=True)
