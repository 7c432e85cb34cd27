"""The command ``pacte``.

``pacte report`` makes reports, ``pacte data`` cares for figures, ``pacte doctor`` looks at the machine.

A mistake of the caller's (an unknown territory, edition,
outcome, language or option) is one clear message with the nearest candidates, exit code 2, and nothing written. A report
that fails is exit code 1, an interruption 130. Nothing is computed here.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from analysis.foundations.display import hint, output, shown
from analysis.foundations.version import __version__

app = typer.Typer(
    name="pacte",
    help="Evaluation of the Pacte des solidarités, département by département.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_err = Console(stderr=True, highlight=False)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"pacte {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Evaluation of the Pacte des solidarités, département by département."""


def refuse(message: object, code: int = 2) -> typer.Exit:
    """Say what is wrong on one line; the caller raises the exit that this returns."""
    _err.print(f"pacte: {message}", markup=False, soft_wrap=True)
    return typer.Exit(code)


def _cache(folder: Path | None) -> Path | None:
    """Keep what is built from the figures in a folder, from here on and in every process that is started."""
    if folder is not None:
        from analysis.foundations import places

        os.environ[places.CACHE] = str(folder.expanduser().resolve())
    return folder


Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, max=64, help="Reports made at a time.")]
Timeout = Annotated[float, typer.Option(min=1.0, help="Seconds that a report may take.")]
Memory = Annotated[
    int, typer.Option(min=0, help="Mebibytes of memory that a report may hold, 0 for no limit.")
]

Cache = Annotated[
    Path | None,
    typer.Option(
        "--cache",
        callback=_cache,
        file_okay=False,
        help="Folder for the table of figures and the results that reports share; data/processed by default.",
        show_default=False,
    ),
]
"""Option of the commands that open the table of figures."""


@app.command()
def report(
    territories: Annotated[
        list[str] | None,
        typer.Argument(help="Départements, by code or name (67, 2a, bas-rhin).", show_default=False),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every territory of the edition, or of --level.")
    ] = False,
    level: Annotated[
        str | None,
        typer.Option(help="Level of the territories: epci for the short report on one.", show_default=False),
    ] = None,
    outcome: Annotated[
        list[str] | None, typer.Option(help="Which report; may be repeated. All by default.")
    ] = None,
    lang: Annotated[
        list[str] | None, typer.Option(help="fr or en; may be repeated. The edition's by default.")
    ] = None,
    edition: Annotated[
        str | None, typer.Option(help="Name or file of an edition; the latest year by default.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; reports/ by default.", show_default=False)
    ] = None,
    jobs: Jobs = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Address of a Dask scheduler (tcp://host:8786) whose workers make them; -j then limits how "
            "many they are given at a time.",
            show_default=False,
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option(help="pacte (fast) or kernel (a Jupyter kernel for each report).")
    ] = "pacte",
    timeout: Timeout = 120.0,
    memory: Memory = 3072,
    force: Annotated[
        bool, typer.Option("--force", help="Make them again even when nothing changed.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why each would be made, and make none.")
    ] = False,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="Only those that failed before.")
    ] = False,
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop at the first failure.")] = False,
    as_pdf: Annotated[
        bool, typer.Option("--pdf", help="Print each to a PDF beside its page, where Chromium is installed.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Events on standard output, one JSON a line.")
    ] = False,
    cache: Cache = None,
) -> None:
    """Make reports: HTML pages from the notebooks, for some départements or for all.

    Only what is out of date is made: a report is made again when something that it depends on has changed.
    """
    from analysis.batch import pdf, progress
    from analysis.batch import run as batch
    from analysis.foundations.files import DataError

    if bool(territories) == every:
        raise refuse("say which départements (67, bas-rhin…), or --all for those of the edition; not both")
    asked = _asked(territories or (), outcome or (), lang or (), edition, out, engine, level)
    options = batch.Options(
        workers=jobs, engine=engine, timeout=timeout, memory=memory, force=force, only_failed=only_failed,
        fail_fast=fail_fast, scheduler=scheduler, site=every and not outcome and level is None,
    )  # fmt: skip
    show = progress.Events() if as_json else progress.Shown()
    try:
        if explain:
            chosen, tasks, notebooks, root, folder = asked
            tasks, among = batch.with_pages(chosen, tasks, options)
            show.explained(batch.plan(chosen, tasks, notebooks, root, folder / chosen.name, options, among))
            raise typer.Exit(0)
        if as_pdf:
            pdf.find_chromium()  # refused before anything is made
        with show:
            summary = batch.run(
                *asked,
                options=options,
                listener=show.ended,
                planned=_warned(show, asked, options),
                begun=show.begun,
            )
            printed = pdf.after(
                summary, asked[1], wanted=as_pdf, force=force, workers=jobs or batch.cores(),
                planned=show.printing, ended=show.printed,
            )  # fmt: skip
    except DataError as error:
        raise refuse(error, 1) from error
    except OSError as error:
        remedy = "once that is mended, or with --out on a folder that can be written to, run again"
        raise refuse(f"{error}. What is there is whole: {remedy}", 1) from error
    show.concluded(summary)
    failed = summary.failed or summary.changed or any(one.reason for one in printed)
    raise typer.Exit(130 if summary.interrupted else 1 if failed else 0)


def _warned(show, asked: tuple, options) -> Callable[[object], None]:
    """What is called with a plan: before something is made, say what of this machine is in the way of it."""

    def planned(plan) -> None:
        if plan.reasons and options.scheduler is None:
            from analysis.batch import doctor, run

            workers = options.workers or run.cores()
            for line in doctor.as_lines(doctor.hindrances(asked[3], asked[4], workers, options.memory)):
                _err.print(f"pacte: this machine: {line}", markup=False, soft_wrap=True)
        show.planned(plan)

    return planned


@app.command()
def verify(
    edition: Annotated[
        str | None, typer.Option(help="Name or file of an edition; the latest year by default.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the editions; reports/ by default.", show_default=False)
    ] = None,
    jobs: Jobs = None,
    timeout: Timeout = 120.0,
    memory: Memory = 3072,
    cache: Cache = None,
) -> None:
    """Build an edition again in a temporary folder and compare every report with the one that is there, byte for byte.

    Exit code 1 when one differs, 3 when none does and some could not be made again.
    """
    import tempfile

    from analysis.batch import leaving, progress
    from analysis.batch import run as batch
    from analysis.foundations.files import DataError
    from analysis.reports.beside import manifest as manifests

    chosen, _, notebooks, root, folder = _asked((), (), (), edition, out, "pacte")
    there = manifests.Manifest(folder / chosen.name, chosen.name)
    made = there.checksums()
    if not made:
        raise refuse(f"{folder / chosen.name} holds no manifest: run `pacte report --all` first", 1)
    entered, show = there.tasks(), progress.Shown()
    try:
        with tempfile.TemporaryDirectory(prefix="pacte-verify-") as again, show:
            options = batch.Options(
                workers=jobs or batch.cores(), timeout=timeout, memory=memory, force=True,
                results=Path(again) / "results", compared=folder / chosen.name,
                site=any(task.is_indicator for task in entered),
            )  # fmt: skip
            _, among = batch.with_pages(chosen, (), options)
            ours = [task for task in entered if leaving.belongs(task, chosen, among)]
            summary = batch.run(
                chosen,
                [task for task in ours if not task.is_indicator],
                notebooks,
                root,
                Path(again),
                options=options,
                listener=show.ended,
                planned=show.planned,
                begun=show.begun,
            )
    except (DataError, OSError) as error:
        raise refuse(error, 1) from error
    left = [task for task in entered if task not in ours]
    raise typer.Exit(progress.compared(made, summary, folder / chosen.name, left))


@app.command()
def doctor(
    out: Annotated[
        Path | None, typer.Option(help="Folder to write to; reports/ by default.", show_default=False)
    ] = None,
    jobs: Jobs = None,
    memory: Memory = 3072,
) -> None:
    """Say what of this machine could make the reports fail, a line for each fact. Exit code 1 when something would."""
    from analysis.batch import doctor as facts
    from analysis.batch import run as batch

    place = None if out is None else out.expanduser().resolve()
    wrong = facts.told(facts.examine(None, place, jobs or batch.cores(), memory), typer.echo)
    raise typer.Exit(1 if wrong else 0)


def _asked(
    territories: Sequence[str],
    outcomes: Sequence[str],
    langs: Sequence[str],
    edition: str | None,
    out: Path | None,
    engine: str,
    level: str | None = None,
) -> tuple:
    """What to run, from what was written: edition, tasks, notebooks, checkout and folder; or a refusal."""
    from analysis.batch import jobs
    from analysis.foundations.files import DataError, project_root
    from analysis.foundations.levels import UnknownLevel
    from analysis.reports import edition as editions

    try:
        if engine not in jobs.ENGINES:
            nearest = hint(engine, jobs.ENGINES, "engines")
            raise editions.EditionError(f"unknown engine {shown(engine)}{nearest}")
        root = project_root()
        chosen = editions.load(edition, root)
        editions.hold(chosen)
        tasks, notebooks = editions.plan(chosen, territories, outcomes, langs, root, level)
        return chosen, tasks, notebooks, root, _output(root / "reports" if out is None else out)
    except (editions.EditionError, DataError, UnknownLevel) as error:
        raise refuse(error) from error


def _output(folder: Path) -> Path:
    """The folder to write to, absolute; refused when something that is not a folder is in the way."""
    from analysis.reports.edition import EditionError

    folder = folder.expanduser().resolve()
    obstacle = next((path for path in (folder, *folder.parents) if path.exists() and not path.is_dir()), None)
    if obstacle is not None:
        raise EditionError(f"--out: {obstacle} is a file; give a folder")
    return folder


def main(name: str = "pacte") -> None:
    """Entry point of the command, by the name it was called. `pacte data` is loaded when it is asked for: what it needs is
    slow to import.

    What is imported stays, so looking for garbage in it again and again is for nothing: a seventh of a run that finds all
    its reports up to date.
    """
    gc.set_threshold(50_000)
    _leave_out_the_current_folder()
    if not _somewhere():
        raise SystemExit(2)
    if not {"report", "verify"} & set(sys.argv[1:2]):
        whole()
    with output():
        try:
            app(prog_name=name)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise SystemExit(refuse(f"{where}{error.strerror or error}", 1).exit_code) from None


def _leave_out_the_current_folder() -> None:
    """Import nothing from where the command happens to be called (``python -c``, ``python -m``, a relative PYTHONPATH)."""
    package = Path(__file__).resolve().parents[2]
    for place in list(sys.path):
        with suppress(OSError):
            here = Path(place or os.curdir)
            if here.samefile(os.curdir) and not here.samefile(package):
                sys.path.remove(place)


def _somewhere() -> bool:
    """Whether the folder in which the command was given is there: one that was deleted is told of in a line."""
    try:
        os.path.realpath(os.curdir)
    except OSError as error:
        refuse(
            f"the current folder is not there any more ({error.strerror}): go to one that is, and run again"
        )
        return False
    return True


def whole() -> typer.Typer:
    """The command with its groups."""
    from analysis.cli.compare_commands import compare
    from analysis.cli.data_commands import data_app
    from analysis.cli.site_commands import site_app
    from analysis.cli.status_command import status

    there = [group.typer_instance for group in app.registered_groups]
    for name, group in (("data", data_app), ("site", site_app)):
        if group not in there:
            app.add_typer(group, name=name)
    if compare not in [command.callback for command in app.registered_commands]:
        app.command()(compare)
        data_app.command()(status)
    return app
