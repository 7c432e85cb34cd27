"""Each report in a process of its own, several at a time: forked from a warm process where that is safe, else started anew.

On Linux a warm process imports once what reports need (``forks``), with a single thread, and forks a child for each report:
a few milliseconds, and no state, figure, option or random number passes from one to the next. Elsewhere (macOS, Windows)
each report starts an interpreter. A child that raises, loops, is killed or exits is that report's failure only.

The caller watches: how long each job takes, and on Linux what it holds in memory, with all that it started. Address space
that is reserved and not touched is no memory: compiled libraries reserve it by the gigabyte where the processor's cache is
large. What a child leaves is looked at once it has ended, and believed in nothing: it is text, of limited length, that
``read`` makes a result of or refuses.

This module knows nothing of notebooks: it runs a function of one argument, in surroundings that are made (``surroundings``).
"""

from __future__ import annotations

import importlib
import json
import os
import pickle  # noqa: TID251 - a job goes so to a process of ours; what comes back is data
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from math import ceil
from multiprocessing import connection
from pathlib import Path
from time import perf_counter, sleep
from typing import Any, Protocol

from analysis.batch import child, deaths, forks, processes, surroundings
from analysis.batch.child import hand_over
from analysis.batch.forks import end_warm
from analysis.foundations import places

__all__ = ["GRACE", "Ended", "Executor", "Pool", "end_warm", "hand_over", "method"]

GRACE = 5.0
"""Seconds that a child is given to end once it has been asked to."""

TICK, HASTE = 0.05, 0.005
"""Seconds between two looks at what jobs hold; when one of them holds more than half of what it may."""

RESERVE = 256.0
"""Mebibytes of the machine that jobs leave to others: when less is left, the largest job is stopped."""

USUAL = 512.0
"""Mebibytes that no job is stopped for holding, however little the machine has left: twice what a report takes."""

LONGEST = 32 << 20
"""Bytes that an answer may have; that of a report has some hundred thousand."""

_LAUNCHING = threading.Lock()
"""A job is launched, or all are interrupted: not both at once."""


@dataclass(frozen=True)
class Ended:
    """How a job ended: its result, or why there is none. ``seconds`` is from start to end, as the caller saw it."""

    job: Any
    result: Any
    problem: str | None
    seconds: float


class Executor(Protocol):
    """Where jobs are done: by processes of this machine (``Pool``), or of a cluster."""

    @property
    def workers(self) -> int:
        """How many jobs are done at a time."""

    def run(self, jobs: Iterable[Any]) -> Iterator[Ended]:
        """Do every job and yield each as it ends."""

    def stop(self) -> None:
        """Stop what runs and let go of what is held; may be called twice."""


@dataclass
class _Running:
    job: Any
    process: forks.Forked | forks.Begun
    place: Path
    started: float = field(default_factory=perf_counter)
    most: float = 0.0
    """Mebibytes that it was seen to hold at most."""

    @property
    def seconds(self) -> float:
        return perf_counter() - self.started


def method() -> str:
    """How processes are made here: ``forkserver`` where forking is safe, else ``spawn``."""
    return "forkserver" if sys.platform.startswith("linux") and forks.possible() else "spawn"


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back until the block is done, so that no process is ever running without being known."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    caught: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: caught.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if caught:
        signal.raise_signal(signal.SIGINT)


def _as_it_is(result: Any) -> Any:
    return result


def _as_it_was_given(job: Any, content: Any) -> Any:
    return content


class Pool:
    """Runs a function over jobs, each in a process of its own.

    Args:
        target: a function of a module, called with a job; jobs are pickled. Its results are JSON values, or it has an
            attribute ``answers``, the name of a module: its ``written`` makes JSON values of a result, in the process of the
            job, and its ``read``, here, a result of a job and of values that anybody may have written, or raises.
        workers: how many processes at a time.
        timeout: seconds after which a job is stopped.
        warm: what the warm process is told to prepare.
        start: ``forkserver`` or ``spawn``; what the system allows by default.
        memory: mebibytes of memory that a job and all that it starts may hold, 0 for no limit; watched on Linux.
    """

    def __init__(
        self,
        target: Callable[[Any], Any],
        workers: int = 1,
        timeout: float = 120.0,
        warm: Mapping[str, Any] | None = None,
        start: str | None = None,
        memory: int = 0,
    ) -> None:
        self._memory = memory
        self._target = target
        self.workers = workers
        self._timeout = timeout
        self._forks = (start or method()) == "forkserver"
        self._warm = {surroundings.WARM: json.dumps(warm) if warm else ""}
        named = getattr(target, "answers", None)
        answers = importlib.import_module(named) if named else None
        self._write = answers.written if answers else _as_it_is
        self._read = answers.read if answers else _as_it_was_given
        self._running: list[_Running] = []
        self._scratch: Path | None = None
        self._number = count()
        self._interrupted = False

    def start(self) -> None:
        """Begin warming up, without waiting for it."""
        if self._forks:
            forks.ready(surroundings.environment(self._warm))

    def run(self, jobs: Iterable[Any]) -> Iterator[Ended]:
        """Run every job and yield each as it ends. Closing the iterator stops what runs.

        The next job is asked for whenever there is room, also after there was none: what ended may have brought another.
        """
        self.start()
        self._scratch = Path(tempfile.mkdtemp(prefix="pacte-jobs-"))
        waiting = iter(jobs)
        try:
            while True:
                while len(self._running) < self.workers:
                    job = next(waiting, self)
                    with _undisturbed(), _LAUNCHING:
                        if job is self or self._interrupted:
                            break
                        self._running.append(self._launch(job))
                if not self._running:
                    return
                yield from self._ended()
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop every process that still runs, and remove what they left."""
        with _undisturbed():
            for running in self._running:
                _stop(running.process)
                running.process.close()
            self._running.clear()
            if self._scratch is not None:
                shutil.rmtree(self._scratch, ignore_errors=True)
                self._scratch = None

    def interrupt(self) -> None:
        """From another thread: have ``run`` begin nothing more, and ask what runs to end."""
        with _LAUNCHING:
            self._interrupted = True
            for running in list(self._running):
                running.process.signal(signal.SIGTERM)

    def _launch(self, job: Any) -> _Running:
        if self._scratch is None:
            raise RuntimeError("a Pool makes its jobs while it is run")
        place = self._scratch / str(next(self._number))
        place.mkdir()
        order = child.Order(self._target, job, self._write, self._timeout + 2 * GRACE)
        (place / child.JOB).write_bytes(pickle.dumps(order, protocol=5))
        for name in (child.ANSWER, child.ERRORS):
            (place / name).touch()
        begin = forks.fork if self._forks else forks.Begun
        process = begin(place, surroundings.environment(self._warm), surroundings.places(self._target))
        return _Running(job, process, place)

    # ------------------------------------------------------------------------------------------------------ watching

    def _ended(self) -> Iterator[Ended]:
        """Wait until something ends, or for a moment; yield what ended, or had to be."""
        self._wait()
        for running in list(self._running):
            problem = None
            if not running.process.ended():
                problem = self._too_long(running) or self._too_much(running)
                if problem is None:
                    continue
            with _undisturbed():
                self._running.remove(running)
                end = self._close(running, problem)
            yield end

    def _wait(self) -> None:
        hasty = self._memory and any(running.most > self._memory / 2 for running in self._running)
        soonest = min(running.started for running in self._running) + self._timeout
        patience = max(0.0, min(HASTE if hasty else TICK, soonest - perf_counter()))
        known = [r.process.descriptor for r in self._running if r.process.descriptor is not None]
        if known:
            connection.wait(known, patience)
        elif not any(running.process.ended() for running in self._running):
            sleep(patience)

    def _too_long(self, running: _Running) -> str | None:
        if running.seconds < self._timeout:
            return None
        _stop(running.process)
        return f"stopped after {self._timeout:g} s: it may loop, or raise the limit with --timeout"

    def _too_much(self, running: _Running) -> str | None:
        """Why a job has to end for what it holds in memory, once it has been ended; None when it may go on."""
        if not self._memory:
            return None
        held = processes.held(running.process.number)
        running.most = max(running.most, held)
        if held > self._memory:
            held = processes.share(running.process.number)
        if held > self._memory:
            _abort(running.process)
            return (
                f"its process held {ceil(held)} MiB of the {self._memory} allowed (--memory): it takes too much, or raise "
                "the limit"
            )
        left = processes.available()
        if left is None or left >= RESERVE or held < max(USUAL, *(r.most for r in self._running)):
            return None
        _abort(running.process)
        return (
            f"its process held {ceil(held)} MiB when this machine had {left:.0f} MiB left: make fewer reports at a time "
            "(-j 1), or where there is more memory"
        )

    # -------------------------------------------------------------------------------------------------------- the end

    def _close(self, running: _Running, problem: str | None) -> Ended:
        result = None
        try:
            if problem is None:
                result, problem = self._answer(running)
            if result is None and problem is not None:
                problem = deaths.with_last_lines(problem, running.place)
        finally:
            _stop(running.process)
            running.process.close()
            shutil.rmtree(running.place, ignore_errors=True)
        return Ended(running.job, result, problem, running.seconds)

    def _answer(self, running: _Running) -> tuple[Any, str | None]:
        """What a job that ended by itself gave, or why that is nothing."""
        try:
            content = places.content(running.place / child.ANSWER, LONGEST)
            if not content:
                return None, deaths.reason(running.process.status(), running.place, running.most)
            answer = json.loads(content)
            if isinstance(answer, dict) and isinstance(answer.get("problem"), str):
                return None, answer["problem"]
            return self._read(running.job, answer["result"]), None
        except Exception as error:
            what = f"{type(error).__name__}: {error}"[:200]
            return (
                None,
                f"its process gave no answer that can be read ({what}): a cell writes to what is not its own",
            )


def _stop(process: forks.Forked | forks.Begun) -> None:
    """End a process and those it started: ask, then force."""
    kill = getattr(signal, "SIGKILL", signal.SIGTERM)
    for number in (signal.SIGTERM, kill):
        if not process.ended():
            process.signal(number)
            process.ended(GRACE)
    if hasattr(os, "killpg"):
        with suppress(OSError):
            os.killpg(process.number, kill)


def _abort(process: forks.Forked | forks.Begun) -> None:
    """End a process at once, and all below it; it is given a moment to write where it was."""
    below = processes.descendants(process.number)
    process.signal(signal.SIGABRT)
    if not process.ended(0.1):
        process.signal(signal.SIGKILL)
    processes.kill(below)
    process.ended(GRACE)
