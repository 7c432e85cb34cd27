"""What a person sees while files arrive from producers: a line on a terminal, nothing elsewhere; and how Ctrl-C ends it.

It makes the client that asks, since what arrives is told through it. Words are English, as those of every command.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from analysis.data.sources.base import Dataset
from analysis.data.sources.fetching import remote_of
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Client

_NAMED = 3
"""Datasets under way that are named; of more, the first and their number."""


class Arriving:
    """Enter it around a fetch of ``resources``; ``client`` asks, and stops with its next block once this is left."""

    def __init__(self, wanted: Sequence[Dataset], console: Console | None = None) -> None:
        self._console = console or Console(stderr=True, highlight=False)
        columns = (MofNCompleteColumn(), BarColumn(20), TextColumn("{task.description}"))
        self._progress = Progress(
            *columns, console=self._console, transient=True, disable=not self._console.is_terminal
        )
        self._row = self._progress.add_task("", total=len(wanted))
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._under_way: dict[int, tuple[str, int]] = {}
        self.resources = {entry.name: remote_of(entry).connectors for entry in wanted}
        hosts = {one.host for connectors in self.resources.values() for one in connectors}
        self.client = Client(hosts, progress=self._arrives, wait=self._wait)

    def __enter__(self) -> Arriving:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._progress.stop()

    def stop(self) -> None:
        """Nothing is asked from now on, and what arrives is left where it is."""
        self._stop.set()

    def begun(self, name: str) -> None:
        """A dataset is asked for, by this thread."""
        with self._lock:
            self._under_way[threading.get_ident()] = (name, 0)
        self._show()

    def ended(self) -> None:
        """A dataset is dealt with."""
        self._progress.advance(self._row)

    def _arrives(self, url: str, arrived: int, total: int | None) -> None:
        if self._stop.is_set():
            raise SourceError(f"{url} was stopped; the next fetch goes on from there where its producer can")
        with self._lock:
            name, _ = self._under_way.get(threading.get_ident(), (url, 0))
            self._under_way[threading.get_ident()] = (name, arrived)
        self._show()

    def _wait(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise SourceError("stopped while waiting for a machine that is busy")

    def _show(self) -> None:
        if self._progress.disable:
            return
        with self._lock:
            parts = [f"{name} {size / 1e6:.1f} MB" for name, size in self._under_way.values()]
        more = f", and {len(parts) - _NAMED} more" if len(parts) > _NAMED else ""
        self._progress.update(self._row, description=", ".join(parts[:_NAMED]) + more)
