"""``pacte compare``: what changed from one edition to another, on a terminal, as CSV, in the site, and as an exit code.

Exit code 0 when nothing changed, or only later periods came out, or nothing severe enough; 1 when a revision, a change of
method or of perimeter, or a correction is at least as severe as ``--fail-on``; 2 when an edition cannot be read, or cannot
show the comparison in its site. The work is done in ``reports.compare``, the page is made by ``reports.site``.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analysis.data.catalogue import Catalogue
from analysis.foundations.display import shown
from analysis.foundations.files import DataError, project_root, write_whole

if TYPE_CHECKING:
    from analysis.presentation.tables import Table

SHOWN = 15
"""Rows that are shown; all of them are in the CSV."""


def compare(
    before: Annotated[
        str, typer.Argument(metavar="EDITION_A", help="The earlier edition: its name or its folder.")
    ],
    after: Annotated[str, typer.Argument(metavar="EDITION_B", help="The later edition.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the editions; reports/ by default.", show_default=False)
    ] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Write every difference to this file.", show_default=False)
    ] = None,
    site: Annotated[
        bool,
        typer.Option(
            "--site", help="Show it in the site of EDITION_B: a page in each language, and data/changes.csv."
        ),
    ] = False,
    fail_on: Annotated[
        str, typer.Option(metavar="SEVERITY", help="info, minor or major: from which severity to fail.")
    ] = "major",
) -> None:
    """Say what changed between two editions: corrections, revisions of data, of method, of perimeter, later periods."""
    from analysis.batch import lock
    from analysis.reports.beside import compare as work
    from analysis.reports.beside import kept_edition
    from analysis.reports.pages import since

    if fail_on not in since.SEVERITIES:
        raise _refused(f"--fail-on: {fail_on!r} is not one of {', '.join(since.SEVERITIES)}")
    try:
        editions = (project_root() / "reports") if out is None else out.expanduser().resolve()
        earlier, later = kept_edition.find(before, editions), kept_edition.find(after, editions)
        with lock.holding(later) if site else nullcontext():
            found = work.compare(earlier, later)
            page = _in_site(found, later) if site else None
        if csv is not None:
            write_whole(csv.expanduser().resolve(), found.to_csv())
    except (DataError, OSError) as error:
        raise _refused(error) from error
    typer.echo(found.summary("en"))
    if len(found.differences):
        typer.echo(_lines(found.overview("en"), len(since.KINDS)))
        typer.echo(_lines(found.by_indicator("en"), SHOWN))
    if page is not None:
        typer.echo(
            f"\npage: {page}\nreports tell it once they are made again: run `pacte report --all` on this edition"
        )
    raise typer.Exit(1 if found.fails(fail_on) else 0)


def _in_site(found, folder: Path) -> Path:
    """Keep a comparison in the later edition, which is held, and write its site again; return the page.

    CompareError when it would lie.
    """
    import analysis.site as site
    from analysis.reports import data_files
    from analysis.reports import edition as editions
    from analysis.reports.beside import compare as work
    from analysis.reports.beside import datapackage, kept_edition
    from analysis.site import changes

    root = project_root()
    given = datapackage.read_inputs(folder / data_files.FOLDER)
    name = given.get("edition")
    try:
        if name not in editions.available(root):  # never a file that it names
            raise editions.EditionError(f"no edition is named {shown(name)}")
        edition = editions.load(name, root)
        editions.hold(edition)
    except editions.EditionError as error:
        raise kept_edition.CompareError(
            f"--site: {error}; the site of EDITION_B is that of an edition of this checkout"
        ) from error
    if given.get("figures") != Catalogue().fingerprint():
        raise kept_edition.CompareError(
            f"--site: {folder} was made from other figures than those of this checkout, and its other pages would become "
            f"those of other figures: run `pacte report --all --edition {edition.name}` first, or compare without --site"
        )
    work.keep(found, folder)
    site.write(edition, folder, site.context_of(edition, root))
    return folder / changes.path(edition.languages[0])


def _lines(table: Table, most: int) -> str:
    """A table in plain lines, its first rows."""
    frame = table.to_frame()
    frame.columns = [column.label for column in table.columns]
    more = f"\nand {len(frame) - most} more rows: see --csv" if len(frame) > most else ""
    text = frame.head(most).to_string(index=False, max_colwidth=60)
    plain = "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return f"\n{plain}{more}"


def _refused(message: object) -> typer.Exit:
    typer.echo(f"pacte compare: {message}", err=True)
    return typer.Exit(2)
