"""``pacte data``: import published files, fetch them from their producers, add a département's own figures, check.

Each command says in a line what changed, changes nothing when it fails, and exits with 2 for a mistake of the caller's,
1 when data are at fault. The work is done in ``sources``, ``catalogue`` and ``local``; here are words and exit codes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from analysis import local, sources
from analysis.catalogue import Catalogue, Change, DataError
from analysis.sources import download

data_app = typer.Typer(help="The figures: import, fetch, add, check.", no_args_is_help=True)
_out = Console()
_err = Console(stderr=True)


def _fail(error: Exception, code: int = 2) -> typer.Exit:
    _err.print(f"pacte data: {error}", markup=False, highlight=False)
    return typer.Exit(code)


@data_app.command("import")
def import_(path: Annotated[Path, typer.Argument(help="A published file, or a folder of them.")]) -> None:
    """Regenerate figures from published files, and say what changed."""
    refused = 0
    try:
        for result in sources.import_path(path.resolve(), Catalogue()):
            refused += isinstance(result, Exception)
            console = _err if isinstance(result, Exception) else _out
            console.print(str(result), markup=False, highlight=False)
    except DataError as error:
        raise _fail(error) from error
    if refused:
        raise typer.Exit(1)


@data_app.command()
def fetch(name: Annotated[str | None, typer.Argument(help="A dataset; all of them by default.")] = None) -> None:
    """Download published files from their producers, import them, and say what changed."""
    try:
        wanted = [sources.dataset(name)] if name else [d for d in sources.datasets().values() if d.download]
    except DataError as error:
        raise _fail(error) from error
    failed = 0
    for entry in wanted:
        try:
            _out.print(str(_fetch_one(entry)), markup=False, highlight=False)
        except download.Unreachable as error:
            raise _fail(error, 1) from error
        except DataError as error:
            failed += 1
            _err.print(f"pacte data: {error}", markup=False, highlight=False)
    if failed:
        raise typer.Exit(1)


def _fetch_one(entry: sources.Dataset) -> Change:
    catalogue = Catalogue()
    known = [f.sha256 for f in catalogue.sidecar(entry.name).published] if entry.name in catalogue else []
    fetched = download.fetch(entry, download.cache_folder() / entry.name, known)
    if not fetched.changed:
        return Change(entry.name)
    return sources.import_files(entry, fetched.paths, catalogue)


@data_app.command()
def add(file: Annotated[Path, typer.Argument(help="CSV: territory, period, indicator, value, source.")]) -> None:
    """Take in aggregate figures that a département holds; they stay on this machine, apart from published ones."""
    try:
        change = local.add(file, Catalogue())
    except DataError as error:
        raise _fail(error) from error
    _out.print(str(change), markup=False, highlight=False)


@data_app.command()
def template(
    measure: Annotated[str | None, typer.Argument(help="A measure of the Pacte; lists them by default.")] = None,
) -> None:
    """Print the CSV template of a measure whose outcome only the département holds."""
    try:
        text = local.template(measure) if measure else "\n".join(local.measures())
    except DataError as error:
        raise _fail(error) from error
    typer.echo(text)


@data_app.command()
def check() -> None:
    """Verify checksums, schemas, expected rows, territories and periods; print what there is."""
    catalogue = Catalogue()
    problems: list[str] = []
    table = Table(title="data/raw", header_style="bold")
    for heading in ("dataset", "vintage", "rows", "territories", "periods", "quality", "licence", "check"):
        table.add_column(heading, justify="right" if heading in ("rows", "territories") else "left", overflow="fold")
    for name in catalogue:
        found = catalogue.check(name)
        problems += found
        try:
            sidecar = catalogue.sidecar(name)
        except DataError:
            table.add_row(name, "", "", "", "", "", "", "unreadable")
            continue
        span = " – ".join(filter(None, (sidecar.period_first, sidecar.period_last)))
        table.add_row(
            name, sidecar.vintage, f"{sidecar.rows:,}", str(sidecar.territories), span, sidecar.quality,
            sidecar.licence, "ok" if not found else "wrong",
        )  # fmt: skip
    _out.print(table)
    for problem in problems:
        _err.print(problem, markup=False, highlight=False)
    if problems:
        raise typer.Exit(1)
