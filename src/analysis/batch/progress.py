"""What a person sees of a batch: a bar on a terminal, plain lines elsewhere, and a conclusion that names the failures.

It shows and decides nothing. Words are English, as those of every command.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Task as Row,
)
from rich.table import Table
from rich.text import Text

from analysis.batch.jobs import Result
from analysis.batch.pdf import Printed
from analysis.batch.run import Plan
from analysis.batch.summary import Summary
from analysis.reports.beside import manifest as manifests
from analysis.reports.edition import Task
from analysis.reports.kept import steady

LINES = 20
"""About how many lines of progress are written where there is no terminal."""

SHOWN = 20
"""Failures named in the conclusion; all of them are in run.json."""


@dataclass(frozen=True)
class _Watcher:
    """What is called as something begins and as it ends."""

    begun: Callable[[Task], object] = lambda task: None
    ended: Callable[[Result | Printed, float], object] = lambda result, seconds: None


class Shown:
    """What a person sees: enter it around a run, and hand it what the run tells."""

    def __init__(self, console: Console | None = None, out: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        self._out = out
        self._stack = ExitStack()
        self._watcher = _Watcher()

    def __enter__(self) -> Shown:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def planned(self, plan: Plan) -> None:
        """Begin the bar, or the lines, for what is to be made."""
        if plan.fresh:
            _say(self._console, f"{len(plan.fresh)} reports are up to date")
        if plan.reasons:
            show = _bar if self._console.is_terminal else _lines
            self._watcher = self._stack.enter_context(show(len(plan.reasons), self._console))

    def begun(self, task: Task) -> None:
        """Show that a report is being made."""
        self._watcher.begun(task)

    def ended(self, result: Result, seconds: float) -> None:
        """Show that a report ended."""
        self._watcher.ended(result, seconds)

    def printing(self, wanted: int, fresh: int) -> None:
        """Begin the bar, or the lines, for the PDFs that are to be printed."""
        self._stack.close()
        if fresh:
            _say(self._console, f"{fresh} PDF are up to date")
        if wanted:
            _say(self._console, f"printing {wanted} PDF")
            show = _bar if self._console.is_terminal else _lines
            self._watcher = self._stack.enter_context(show(wanted, self._console))

    def printed(self, printed: Printed, seconds: float) -> None:
        """Show that a print ended."""
        self._watcher.ended(printed, seconds)

    def explained(self, plan: Plan) -> None:
        """Say why each report would be made."""
        out = self._out or Console(file=sys.stdout, highlight=False)
        for task, reason in plan.reasons.items():
            _say(out, f"{task}: {reason}")
        _say(out, f"{len(plan.reasons)} to make, {len(plan.fresh)} up to date")

    def concluded(self, summary: Summary) -> None:
        """Say how the run went."""
        conclude(summary, self._out)


class Events:
    """The same for machines: one JSON object a line on standard output."""

    def __enter__(self) -> Events:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def planned(self, plan: Plan) -> None:
        """What is to be made and what is not."""
        _emit(event="planned", to_make=len(plan.reasons), up_to_date=len(plan.fresh))

    def begun(self, task: Task) -> None:
        """A report that is being made."""
        _emit(event="begun", report=task.path)

    def ended(self, result: Result, seconds: float) -> None:
        """A report that ended."""
        _emit(
            event="failed" if result.reason else "done", report=result.task.path, seconds=round(seconds, 3),
            **({"reason": result.reason} if result.reason else {"sha256": result.sha256}),
        )  # fmt: skip

    def printing(self, wanted: int, fresh: int) -> None:
        """How many PDFs are to be printed and how many are not."""
        _emit(event="printing", to_print=wanted, up_to_date=fresh)

    def printed(self, printed: Printed, seconds: float) -> None:
        """A print that ended."""
        _emit(
            event="not_printed" if printed.reason else "printed", report=printed.task.path,
            seconds=round(seconds, 3), **({"reason": printed.reason} if printed.reason else {}),
        )  # fmt: skip

    def explained(self, plan: Plan) -> None:
        """Why each report would be made."""
        for task, reason in plan.reasons.items():
            _emit(event="stale", report=task.path, reason=reason)
        self.planned(plan)

    def concluded(self, summary: Summary) -> None:
        """The summary of the run, as in ``run.json``."""
        _emit(event="summary", **summary.as_dict())


def _emit(**content: object) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def compared(
    made: Mapping[str, str],
    summary: Summary,
    folder: Path,
    left: Sequence[Task] = (),
    console: Console | None = None,
) -> int:
    """Say which reports differ from those in ``folder``, and which could not be made again; return the exit code.

    It is 1 when one differs, 3 when none does and some could not be made again, 130 when it was interrupted. ``left`` are
    the reports of the folder that the edition has no more, which differ from what it is.
    """
    console = console or Console(file=sys.stdout, highlight=False)
    wrong = {
        task.path: "is no report of the edition any more: `pacte report --all` removes it" for task in left
    }
    for result in summary.done:
        wrong |= manifests.differences(result.checksums, made, folder)
    failed = {r.task.path: f"could not be made again: {r.reason}" for r in summary.failed}
    for path, reason in sorted({**wrong, **failed}.items()):
        _say(console, f"{path}: {reason}")
    if summary.changed:
        _say(console, steady.told(summary.changed))
    unmade = f", {len(failed)} could not be made again" if failed else ""
    _say(console, f"{len(summary.done)} reports compared, {len(wrong)} differ{unmade}")
    return 130 if summary.interrupted else 1 if wrong or summary.changed else 3 if failed else 0


class _Rate(ProgressColumn):
    """How many are made in a minute, at the speed of the last ones."""

    def render(self, task: Row) -> Text:
        """The rate of a bar; nothing before the second report."""
        return Text(f"{60 * task.speed:.0f}/min" if task.speed else "")


@contextmanager
def _bar(total: int, console: Console) -> Iterator[_Watcher]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[red]{task.fields[failed]} failed[/]"),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    running: dict[Task, None] = {}
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("reports", total=total, failed=0)

        def show(**change: Any) -> None:
            first, more = list(map(str, running))[:4], len(running) - 4
            progress.update(
                bar, description=", ".join(first) + (f" and {more} more" if more > 0 else ""), **change
            )

        def begun(task: Task) -> None:
            running[task] = None
            show()

        def ended(result: Result | Printed, seconds: float) -> None:
            running.pop(result.task, None)
            if result.reason:
                console.print(f"failed: {result.task}: {result.reason}", markup=False)
            show(advance=1, failed=progress.tasks[0].fields["failed"] + bool(result.reason))

        yield _Watcher(begun, ended)


@contextmanager
def _lines(total: int, console: Console) -> Iterator[_Watcher]:
    step = max(1, total // LINES)
    count = failed = 0
    start = perf_counter()

    def ended(result: Result | Printed, seconds: float) -> None:
        nonlocal count, failed
        count += 1
        if result.reason:
            failed += 1
            _say(console, f"failed: {result.task}: {result.reason}")
        if count % step == 0 or count == total:
            rate = 60 * count / (perf_counter() - start)
            left = f"{failed} failed, {total - count} left, {rate:.0f}/min"
            _say(console, f"[{count}/{total}] {result.task} {seconds:.1f} s, {left}")

    yield _Watcher(ended=ended)


def _say(console: Console, text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def conclude(summary: Summary, console: Console | None = None) -> None:
    """Say how the run went, which reports failed and why, and where the index is."""
    console = console or Console(file=sys.stdout, highlight=False)
    if summary.failed:
        table = Table("report", "reason", title="failed", title_justify="left", show_edge=False)
        for result in summary.failed[:SHOWN]:
            table.add_row(_plain(str(result.task)), _plain(result.reason or ""))
        console.print(table)
        if len(summary.failed) > SHOWN:
            _say(console, f"and {len(summary.failed) - SHOWN} more: see {summary.folder / 'run.json'}")
    rate = f", {summary.seconds / len(summary.done):.2f} s each" if summary.done else ""
    fresh = f", {summary.fresh} up to date" if summary.fresh else ""
    done, failed = len(summary.done), len(summary.failed)
    _say(
        console,
        f"{done} of {summary.planned} reports in {summary.seconds:.1f} s{rate}, {failed} failed{fresh}",
    )
    if summary.changed:
        _say(console, steady.told(summary.changed))
    if summary.interrupted:
        _say(console, f"interrupted: {summary.left} were not made; what is there is whole")
    _say(console, f"index: {summary.folder / 'index.html'}")


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
