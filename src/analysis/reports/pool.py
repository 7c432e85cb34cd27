"""Each report in a process of its own, several at a time: forked from a warm process where that is safe, else started anew.

On Linux a fork server imports once what reports need (``warm``), with a single thread, and forks a child for each report:
a few milliseconds, and no state, figure, option or random number passes from one to the next. Elsewhere (macOS, Windows)
each report starts an interpreter. A child that raises, loops, is killed or exits is that report's failure only.

Children run with the same hash seed, time zone, locale and matplotlib settings whatever those of the caller, because bytes
depend on them, and with single-threaded numerical libraries, because forks and threads do not mix.

This module knows nothing of notebooks: it runs a function of one argument.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import connection, forkserver
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any, NoReturn, Protocol

MATPLOTLIBRC = Path(__file__).with_name("templates") / "matplotlibrc"

ENVIRONMENT: dict[str, str | None] = {
    "PYTHONHASHSEED": "0",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "SOURCE_DATE_EPOCH": "0",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MATPLOTLIBRC": str(MATPLOTLIBRC),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # jemalloc keeps 40 MB of what reading the panel took
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "MALLOC_TRIM_THRESHOLD_": None,  # Dask sets it for its workers: giving memory back at once costs time
    "PYTHONWARNINGS": "",
}
"""Environment of every child, so that neither bytes nor speed depend on that of the caller; None: not set."""

WARM = "PACTE_WARM"
"""Variable that tells the warm process what to prepare, as JSON (see ``warm``)."""

GRACE = 5.0
"""Seconds that a child is given to end once it has been asked to."""

_LAUNCHING = threading.Lock()
"""Starting a process changes the environment and ``__main__`` for a moment: one thread at a time."""


@dataclass(frozen=True)
class Ended:
    """How a job ended: its result, or why there is none. ``seconds`` is from start to end, as the caller saw it."""

    job: Any
    result: Any
    problem: str | None
    seconds: float


class Workshop(Protocol):
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
    process: BaseProcess
    receiver: Connection
    started: float = field(default_factory=perf_counter)


def method() -> str:
    """How processes are made here: ``forkserver`` where forking is safe, else ``spawn``."""
    forks = sys.platform.startswith("linux") and "forkserver" in multiprocessing.get_all_start_methods()
    return "forkserver" if forks else "spawn"


@contextmanager
def _environment(values: dict[str, str | None]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    _set(values)
    try:
        yield
    finally:
        _set(before)


def _set(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


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


@contextmanager
def _without_main() -> Iterator[None]:
    """Hide the caller's ``__main__``: multiprocessing would import it again in each child, and children do not need it."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


_answering: Connection | None = None
"""In a process that does a job: where its result goes."""


def hand_over(result: Any) -> NoReturn:
    """From within a job: give this as its result and end the process at once, whatever was begun in it."""
    if _answering is None:
        raise RuntimeError("no job runs here: call hand_over from the function of a Pool, in its process")
    _answer(_answering, (result, None))


def _answer(sender: Connection, answer: tuple[Any, str | None]) -> NoReturn:
    try:
        try:
            sender.send(answer)
        except Exception as error:
            sender.send((None, f"the result cannot be handed over: {type(error).__name__}: {error}"))
        sender.close()
    finally:
        os._exit(0)


def _child(target: Callable[[Any], Any], job: Any, sender: Connection, limit: float, memory: int) -> None:
    """Run one job and hand over its result; the process ends here whatever the job left running."""
    global _answering
    _answering = sender
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setsid"):
        os.setsid()  # what a job starts belongs to its group, and ends with it
        _end_with_caller()
    with Path(os.devnull).open("r+b") as nowhere:
        for descriptor in (0, 1, 2):
            os.dup2(nowhere.fileno(), descriptor)
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, limit + 2 * GRACE)  # ends a child that nobody watches any more
    try:
        if os.environ.get("PYTHONHASHSEED") != "0" or sys.flags.hash_randomization:
            raise RuntimeError(
                "this process made another fork server before: run `pacte` in a process of its own"
            )
        _seed()
        _cap(memory)
        answer = (target(job), None)
    except BaseException as error:
        answer = (None, f"{type(error).__name__}: {error}\n{traceback.format_exc()}")
    _answer(sender, answer)


def _end_with_caller() -> None:
    """Have the system kill this process, and those of its group, as soon as the run that asked for the job is gone.

    The caller holds the other end of a pipe, so the system knows when it dies, even by ``kill -9``: asked to (Linux), it
    sends a signal then, with no thread here that would wait for it. Elsewhere the time limit ends what is left.
    """
    caller = multiprocessing.parent_process()
    if caller is None or not sys.platform.startswith("linux"):
        return
    import fcntl

    fcntl.fcntl(caller.sentinel, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(caller.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(caller.sentinel, fcntl.F_SETFL, fcntl.fcntl(caller.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if connection.wait([caller.sentinel], 0):  # it was gone before
        os.killpg(0, signal.SIGKILL)


def _cap(memory: int) -> None:
    """Let the process take so many mebibytes of address space and no more: beyond, it gets MemoryError."""
    if memory and os.name == "posix":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory << 20, memory << 20))


def _seed() -> None:
    """Start every job from the same random numbers, for code that draws from the global state without saying so."""
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)


class Pool:
    """Runs a function over jobs, each in a process of its own.

    Args:
        target: a function of a module, called with a job; jobs and results are pickled.
        workers: how many processes at a time.
        timeout: seconds after which a job is stopped.
        warm: what the warm process is told to prepare.
        start: ``forkserver`` or ``spawn``; what the system allows by default.
        memory: mebibytes of address space that a job may take, 0 for no limit; not enforced on Windows.
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
        self._context = multiprocessing.get_context(start or method())
        self._environment = {**ENVIRONMENT, WARM: json.dumps(warm) if warm else ""}
        self._running: list[_Running] = []
        self._interrupted = False

    def start(self) -> None:
        """Begin warming up, without waiting for it."""
        if self._context.get_start_method() == "forkserver":
            self._context.set_forkserver_preload(["analysis.reports.warm"])
            with _LAUNCHING, _environment(self._environment), _without_main():
                forkserver.ensure_running()

    def run(self, jobs: Iterable[Any]) -> Iterator[Ended]:
        """Run every job and yield each as it ends. Closing the iterator stops what runs.

        The next job is asked for whenever there is room, also after there was none: what ended may have brought another.
        """
        self.start()
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
        """Stop every process that still runs."""
        with _undisturbed():
            for running in self._running:
                _stop(running.process)
                running.receiver.close()
            self._running.clear()

    def interrupt(self) -> None:
        """From another thread: have ``run`` begin nothing more, and ask what runs to end."""
        with _LAUNCHING:
            self._interrupted = True
            for running in list(self._running):
                running.process.terminate()

    def _launch(self, job: Any) -> _Running:
        receiver, sender = self._context.Pipe(duplex=False)
        process = self._context.Process(
            target=_child, args=(self._target, job, sender, self._timeout, self._memory)
        )
        with _environment(self._environment), _without_main():
            process.start()
        sender.close()
        return _Running(job, process, receiver)

    def _ended(self) -> Iterator[Ended]:
        """Wait until something ends or a limit passes; yield what ended."""
        soonest = min(r.started for r in self._running) + self._timeout
        ready = set(connection.wait([r.receiver for r in self._running], max(0.0, soonest - perf_counter())))
        for running in list(self._running):
            late = perf_counter() - running.started >= self._timeout
            if running.receiver in ready or late:
                with _undisturbed():
                    self._running.remove(running)
                    end = self._close(running, running.receiver in ready)
                yield end

    def _close(self, running: _Running, answered: bool) -> Ended:
        result, problem = (
            None,
            f"stopped after {self._timeout:g} s: it may loop, or raise the limit with --timeout",
        )
        if answered:
            try:
                result, problem = running.receiver.recv()
            except (EOFError, OSError):
                running.process.join(GRACE)
                problem = _death(running.process.exitcode)
        running.receiver.close()
        _stop(running.process, patience=GRACE if answered else 0.0)
        return Ended(running.job, result, problem, perf_counter() - running.started)


def cool() -> None:
    """End the warm process of this one, if there is one; the next job warms up another."""
    server = forkserver._forkserver
    with _LAUNCHING, suppress(OSError):
        if server._forkserver_pid is not None:
            os.kill(server._forkserver_pid, signal.SIGTERM)  # it would wait for the last of its children
        server._stop()


def _stop(process: BaseProcess, patience: float = 0.0) -> None:
    """End a process and those it started: wait, then ask, then force."""
    process.join(patience)
    for stop, number in (
        (process.terminate, signal.SIGTERM),
        (process.kill, getattr(signal, "SIGKILL", None)),
    ):
        if process.is_alive():
            stop()
            process.join(GRACE)
        if number is not None and hasattr(os, "killpg"):
            with suppress(OSError):
                os.killpg(process.pid, number)


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
        return f"its process was killed ({name}): too much memory, or a fault in a compiled library"
    return f"its process ended by itself with code {code}, without finishing: a cell calls os._exit"
