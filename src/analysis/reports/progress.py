"""What a person sees of a batch: a bar on a terminal, plain lines elsewhere, and a conclusion that names the failures.

It shows and decides nothing. Words are English, as those of every command.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from analysis.reports.build import Result
from analysis.reports.run import Summary

LINES = 20
"""About how many lines of progress are written where there is no terminal."""

SHOWN = 20
"""Failures named in the conclusion; all of them are in run.json."""


@contextmanager
def shown(total: int, console: Console | None = None) -> Iterator[Callable[[Result, float], object]]:
    """Show the progress of ``total`` reports; gives what to call with each result."""
    console = console or Console(stderr=True, highlight=False)
    show = _bar if console.is_terminal else _lines
    with show(total, console) as listener:
        yield listener


@contextmanager
def _bar(total: int, console: Console) -> Iterator[Callable[[Result, float], object]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[red]{task.fields[failed]} failed[/]"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task("reports", total=total, failed=0)

        def listener(result: Result, seconds: float) -> None:
            if result.reason:
                console.print(f"failed: {result.task}: {result.reason}", markup=False)
                progress.update(bar, failed=progress.tasks[0].fields["failed"] + 1)
            progress.update(bar, advance=1, description=str(result.task))

        yield listener


@contextmanager
def _lines(total: int, console: Console) -> Iterator[Callable[[Result, float], object]]:
    step = max(1, total // LINES)
    count = failed = 0

    def listener(result: Result, seconds: float) -> None:
        nonlocal count, failed
        count += 1
        if result.reason:
            failed += 1
            _say(console, f"failed: {result.task}: {result.reason}")
        if count % step == 0 or count == total:
            _say(
                console,
                f"[{count}/{total}] {result.task} {seconds:.1f} s, {failed} failed, {total - count} left",
            )

    yield listener


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
    _say(
        console,
        f"{len(summary.done)} of {summary.planned} reports in {summary.seconds:.1f} s{rate}, {len(summary.failed)} failed",
    )
    if summary.interrupted:
        _say(console, f"interrupted: {summary.left} were not made; what is there is whole")
    _say(console, f"index: {summary.folder / 'index.html'}")


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
