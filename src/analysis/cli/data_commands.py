"""``pacte data``: import published files, fetch them, begin a source, add a département's own figures, check.

Each command says in a line what changed, changes nothing when it fails, and exits with 2 for a mistake of the caller's,
1 when data are at fault. The work is done in ``sources``, ``catalogue`` and ``local``; here are words and exit codes.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from analysis.data import local, processed, sources
from analysis.data.catalogue import Catalogue, Sidecar
from analysis.data.sources.base import Dataset
from analysis.foundations.changes import Change
from analysis.foundations.display import capped, listed
from analysis.foundations.files import DataError, project_root
from analysis.foundations.limits import SourceError

data_app = typer.Typer(help="The figures: import, fetch, add, check; begin a source.", no_args_is_help=True)


def _say(message: object) -> None:
    typer.echo(str(message))


def _complain(message: object) -> None:
    typer.echo(f"pacte data: {message}", err=True)


def _fail(message: object, code: int = 2) -> typer.Exit:
    _complain(message)
    return typer.Exit(code)


def _say_change(change: Change) -> None:
    for line in (change, *(f"  {note}" for note in change.notes)):
        _say(line)


# -------------------------------------------------------------------------------------------------------- a new source


@data_app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="PRODUCER/DATASET", help="As its figures will be named.")],
    new_producer: Annotated[
        bool, typer.Option("--new-producer", help="The producer is another than one whose name resembles it.")
    ] = False,
    connector: Annotated[
        str | None,
        typer.Option(
            "--connector", help="Fetched by this connector: its module or its class, such as Melodi."
        ),
    ] = None,
) -> None:
    """Begin a source: write its loader, its description and its test, and list what a person decides."""
    from analysis.cli import scaffold

    try:
        root = project_root()
        begun = scaffold.begin(name, root, new_producer, connector)
    except DataError as error:
        raise _fail(error) from error
    _say("written: " + ", ".join(path.relative_to(root).as_posix() for path in begun.files))
    _say("to decide, where ... stands:")
    for path, line, text in begun.left:
        _say(f"  {path.relative_to(root).as_posix()}:{line}: {text}")
    figures = f"fetch {name}" if connector else "import PATH"
    _say(
        "also: files, the name of the published file, if it is another; what is read of it, and how; an entry for each "
        "indicator in indicators.yml, and one for the dataset in data/raw/parameters/addresses.yml\n"
        f"then: pacte data {figures}, make docs, and the tests (CONTRIBUTING.md, Add a source)"
    )


# ------------------------------------------------------------------------------------------------- published figures

Replace = Annotated[
    bool, typer.Option("--replace", help="Let figures go that are stored and that the new files lack.")
]


@data_app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A published file, or a folder of them.")],
    replace: Replace = False,
) -> None:
    """Regenerate figures from published files, and say what changed."""
    refused = 0
    try:
        for result in sources.import_path(path.absolute(), Catalogue(), replace):
            refused += isinstance(result, Exception)
            if isinstance(result, Change):
                _say_change(result)
            else:
                _complain(result)
    except DataError as error:
        raise _fail(error) from error
    if refused:
        raise typer.Exit(1)


@data_app.command()
def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Datasets; by default all that have a machine address."),
    ] = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take in what was told to differ from what is expected.")
    ] = False,
) -> None:
    """Bring the newest figures from their producers, hold them against what is expected, and say what changed."""
    if accept and not names:
        raise _fail(
            "--accept takes in what differs: name the datasets of which you have read it, as in "
            "`pacte data fetch NAME --accept`"
        )
    try:
        wanted = _with_address(names)
        catalogue = Catalogue()
    except DataError as error:
        raise _fail(error) from error
    if not _fetch_all(wanted, catalogue, accept):
        raise typer.Exit(1)


def _with_address(names: Sequence[str] | None) -> list[Dataset]:
    """The datasets to fetch; SourceError when one that was named has no address."""
    from analysis.data.sources import fetching

    if names:
        chosen = [sources.dataset(name) for name in dict.fromkeys(names)]
        for entry in chosen:
            fetching.remote_of(entry)
        return chosen
    known = sources.datasets().values()
    wanted = [entry for entry in known if entry.remote and not entry.undecided]
    _say(f"{len(wanted)} of {len(known)} datasets have a machine address; the others: see docs/data.md")
    return wanted


def _fetch_all(wanted: Sequence[Dataset], catalogue: Catalogue, accept: bool) -> bool:
    """Fetch datasets, and say what became of each in their order; machines that do not answer are named in one last line."""
    from analysis.cli.arriving import Arriving
    from analysis.data.sources import fetching
    from analysis.foundations.connectors.bringing import bring
    from analysis.foundations.web import Unreachable

    sound, changed = True, False
    silent: dict[str, list[str]] = {}
    with Arriving(wanted) as arriving:
        for name, arrived in bring(arriving.resources, arriving.client, arriving.begun, arriving.stop):
            try:
                if isinstance(arrived, SourceError):
                    raise arrived
                change = fetching.take_in(sources.dataset(name), arrived, catalogue, accept=accept)
                changed |= change.any
                _say_change(change)
            except Unreachable as error:
                silent.setdefault(error.host, []).append(name)
            except (DataError, OSError) as error:
                sound = False
                _complain(error)
            arriving.ended()
    if silent:
        named = [one for names in silent.values() for one in names]
        _complain(f"{listed(silent, 4)} cannot be reached; nothing has changed in {listed(named, 8)}")
        if len(silent) > 1 and len(named) > len(wanted) / 2:
            _complain("most producers do not answer: is there a network, and does it need HTTPS_PROXY?")
    if changed:
        _say(
            "then: `pacte data check --anomalies` tells jumps that nobody has looked at; `make reports` makes the pages anew"
        )
    return sound and not silent


# --------------------------------------------------------------------------------------- a département's own figures


@data_app.command()
def add(
    file: Annotated[
        Path, typer.Argument(help="CSV or workbook: territory, period, indicator, value, source.")
    ],
    yes: Annotated[
        bool, typer.Option("--yes", "--confirm", help="Add figures that are not likely: they are right.")
    ] = False,
) -> None:
    """Take in aggregate figures that a département holds; they stay on this machine, apart from published ones."""
    try:
        added = local.add(file, Catalogue(), confirmed=yes)
    except DataError as error:
        raise _fail(error) from error
    if any(change.removed or change.revised for change in added.changes):
        processed.forget(project_root())
    for words in (*added.notes, *added.changes):
        _say(words)


@data_app.command()
def remove(
    name: Annotated[str, typer.Argument(help="Figures that were added, such as local/domiciliation_67.")],
) -> None:
    """Take out figures that a département added."""
    try:
        rows = local.remove(name, Catalogue())
    except DataError as error:
        raise _fail(error) from error
    processed.forget(project_root())
    _say(f"{name}: {rows} figures taken out; reports made before still show them until they are made again")


@data_app.command()
def template(
    measure: Annotated[
        str | None,
        typer.Argument(help="A measure of the Pacte; lists them by default.", show_default=False),
    ] = None,
) -> None:
    """Print the CSV template of a measure whose outcome only the département holds."""
    try:
        _say(local.template(measure) if measure else "\n".join(local.measures()))
    except DataError as error:
        raise _fail(error) from error


# -------------------------------------------------------------------------------------------------------------- check

_WIDE = 118
"""Columns from which the table of ``check`` holds every heading; below, those that a reader can do without leave."""


@data_app.command()
def check(
    anomalies: Annotated[
        bool,
        typer.Option("--anomalies", help="List the jumps of single series too, and what the register says."),
    ] = False,
    secrecy: Annotated[
        bool,
        typer.Option("--secrecy", help="Look for masked figures that sums published by the reports uncover."),
    ] = False,
) -> None:
    """Verify checksums, schemas, expected rows, territories and periods; print what there is."""
    asked = [*([_check_anomalies] if anomalies else []), *([_check_secrecy] if secrecy else [])]
    if not _check_datasets() or not all(one() for one in asked):
        raise typer.Exit(1)


def _check_secrecy() -> bool:
    """List the masked figures that are recovered from what the reports publish; whether there is none."""
    from analysis.data.panel import Panel  # they read the whole table of figures
    from analysis.methods import concentration
    from analysis.methods.disclosure import Rules
    from analysis.methods.indicators import inside

    try:
        catalogue = Catalogue()
        rules = Rules.of(catalogue.parameters("disclosure"))
        found = concentration.audits(inside.communes(catalogue), Panel.open(), rules)
    except DataError as error:
        raise _fail(error) from error
    lines = []
    for what, audits in found.items():
        for place, one in audits.items():
            rows = one.intervals.loc[list(one.recovered)]
            lines += [
                f"{what}, {place}: {name} is masked, and between {row['lower']:g} and {row['upper']:g}"
                for name, row in rows.iterrows()
            ]
        masked = sum(len(one.intervals) for one in audits.values())
        recovered = sum(len(one.recovered) for one in audits.values())
        _say(
            f"secrecy, {what}: {masked:,} figures are masked; recovered from what reports publish: {recovered}"
        )
    if lines:
        _complain("\n".join(capped(lines)))
    return not lines


def _check_anomalies() -> bool:
    """List every jump of a territory's series with what the register says; whether a person has looked at all of them."""
    from analysis.data import breaks  # they read the whole table of figures
    from analysis.data.panel import Panel
    from analysis.methods import anomalies  # they read the whole table of figures

    try:
        catalogue = Catalogue()
        found = anomalies.review(Panel.open(), breaks.register(catalogue))
    except DataError as error:
        raise _fail(error) from error
    for one in sorted(found, key=lambda one: one.verdict):
        jump, said = one.jump, one.looked.name if one.looked else ""
        _say(
            f"{one.verdict:<11} {jump.period:<9} {jump.territory:<4} {one.indicator}: {jump.before:,.6g} to "
            f"{jump.after:,.6g} ({jump.size:+.1f}{one.unit} beyond the others' step){f', {said}' if said else ''}"
        )
    counts = {verdict: sum(one.verdict == verdict for one in found) for verdict in anomalies.VERDICTS}
    _say(f"{len(found)} jumps: " + ", ".join(f"{number} {verdict}" for verdict, number in counts.items()))
    if counts["new"]:
        _complain(f"{counts['new']} jumps are new: give each an entry in data/raw/parameters/breaks.yml")
    return not counts["new"]


def _check_datasets() -> bool:
    """Print what there is and what is at fault; whether nothing is."""
    try:
        catalogue = Catalogue()
    except DataError as error:
        raise _fail(error) from error
    problems = {name: catalogue.check(name) for name in catalogue}
    kept = _kept(catalogue, problems)
    _print_inventory({name: _readable(catalogue, name) for name in problems}, problems)
    at_fault = [name for name, found in problems.items() if found]
    for problem in capped(problem for name in at_fault for problem in problems[name]):
        _complain(problem)
    for line in kept:
        _say(line)
    _say(f"{len(problems)} datasets, {len(at_fault) or 'none'} at fault")
    return not at_fault


def _kept(catalogue: Catalogue, problems: dict[str, list[str]]) -> list[str]:
    """A line for each dataset of which earlier vintages are kept, for editions to name; what is wrong with one is added."""
    lines = []
    for name, found in problems.items():
        try:
            vintages = [one.vintage for one in catalogue.kept(name)]
        except DataError as error:
            found.append(str(error))
            continue
        for vintage in vintages:
            wrong = Catalogue(catalogue.root, {name: vintage}).check(name)
            found += [f"{problem} (the vintage {vintage}, kept apart)" for problem in wrong]
        if vintages:
            lines.append(f"{name}: kept apart, for editions that name them: {', '.join(vintages)}")
    return lines


def _readable(catalogue: Catalogue, name: str) -> Sidecar | None:
    try:
        return catalogue.sidecar(name)
    except DataError:
        return None


def _print_inventory(sidecars: dict[str, Sidecar | None], problems: dict[str, list[str]]) -> None:
    """What there is, one dataset a row; licences are long and few, so that they stand below and are cited by number."""
    console = Console(file=sys.stdout, highlight=False)
    wide = console.width >= _WIDE
    licences = list(dict.fromkeys(s.licence for s in sidecars.values() if s))
    table = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    for heading in ("dataset", "vintage", "rows", "terr.", "periods", "quality", "licence", "check"):
        if wide or heading not in ("rows", "quality"):
            right = heading in ("rows", "terr.", "licence")
            table.add_column(
                heading, justify="right" if right else "left", no_wrap=heading != "vintage", overflow="fold"
            )
    for name, sidecar in sidecars.items():
        cells = _cells(sidecar, licences, wide=wide) if sidecar else [""] * (len(table.columns) - 2)
        table.add_row(name if wide else name.replace("/", "/\n"), *cells, "wrong" if problems[name] else "ok")
    console.print(table)
    for number, licence in enumerate(licences, start=1):
        _say(f"licence {number}: {licence}")


def _cells(sidecar: Sidecar, licences: list[str], *, wide: bool) -> list[str]:
    ends = dict.fromkeys(filter(None, (sidecar.period_first, sidecar.period_last)))
    periods = (" – " if wide else " –\n").join(ends)
    licence = str(licences.index(sidecar.licence) + 1)
    if not wide:
        return [sidecar.vintage, str(sidecar.territories), periods, licence]
    rows, territories = f"{sidecar.rows:,}", str(sidecar.territories)
    return [sidecar.vintage, rows, territories, periods, sidecar.quality, licence]
