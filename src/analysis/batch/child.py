"""What a process does that was made for one job: it takes the job, gives its answer, and ends, whatever the job left.

A job has a folder, its *place*, which the caller made: the file ``job`` says what to do, ``answer`` takes what came of it,
as JSON, ``errors`` and ``cell`` what the process says as it dies. Nothing that a notebook may close, write to or replace is
waited for: the caller looks at these files once the process has ended, and believes nothing of them.

This runs in the process of the job only. It knows nothing of notebooks, and caps no memory: the caller watches that.
"""

from __future__ import annotations

import faulthandler
import json
import os
import pickle  # noqa: TID251 - of the job that the run wrote for this process
import random
import signal
import stat
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from analysis.batch import processes

JOB, ANSWER, ERRORS, CELL = "job", "answer", "errors", "cell"
"""The files of a place."""

UNTOLD = 74
"""Exit code of a process that could not write its answer."""

LARGEST = 1 << 30
"""Bytes that a file may have which a job writes: a loop that prints without end does not fill the disk."""


@dataclass(frozen=True)
class Order:
    """What a process is told: a function of a module, its argument, how to write what it returns, and its seconds."""

    target: Callable[[Any], Any]
    job: Any
    write: Callable[[Any], Any]
    limit: float


@dataclass
class _Doing:
    """The job of this process."""

    place: Path
    write: Callable[[Any], Any]
    errors: IO[bytes]


_doing: _Doing | None = None


def carry_out(place: Path, caller_pipe: int | None) -> NoReturn:
    """Do the job of a place and end. ``caller_pipe``: a pipe of which only the caller holds the other end."""
    global _doing
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "setsid"):
        with suppress(PermissionError):  # it leads a session already
            os.setsid()  # what a job starts belongs to its group, and ends with it
    processes.become_subreaper()
    processes.end_first_without_memory()
    if caller_pipe is not None:
        _end_with_caller(caller_pipe)
    errors = (place / ERRORS).open("ab", buffering=0)
    _streams(errors)
    faulthandler.enable(errors)
    _limit_files()
    _doing = _Doing(place, _plain, errors)
    try:
        order: Order = pickle.loads((place / JOB).read_bytes())  # noqa: S301 - the caller wrote it
        _doing.write = order.write
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, order.limit)  # ends a child that nobody watches any more
        if os.environ.get("PYTHONHASHSEED") != "0" or sys.flags.hash_randomization:
            raise RuntimeError("this process was not begun with PYTHONHASHSEED=0, on which bytes depend")
        _seed()
        result = order.target(order.job)
    except BaseException as error:
        _answer({"problem": f"{type(error).__name__}: {error}\n{traceback.format_exc()}"}, place)
    hand_over(result)


def hand_over(result: Any) -> NoReturn:
    """From within a job: give this as its result and end the process at once, whatever was begun in it."""
    if _doing is None:
        raise RuntimeError("no job runs here: call hand_over from the function of a Pool, in its process")
    try:
        answer = {"result": _doing.write(result)}
        json.dumps(answer)
    except Exception as error:
        answer = {"problem": f"the result cannot be handed over: {type(error).__name__}: {error}"}
    _answer(answer, _doing.place)


def kept_errors(name: str) -> IO[bytes] | None:
    """Where what a cell writes below Python is to be kept, so that it is not lost when the process dies in that cell.

    None for what is no error, and in a process that does no job.
    """
    return (_doing.place / CELL).open("w+b") if _doing and name == "stderr" else None


def place() -> Path | None:
    """In the process of a job, its place."""
    return _doing.place if _doing else None


def last_bytes(path: Path, most: int) -> bytes:
    """The last bytes that a process left in a file of its place, so many at most. For the caller.

    OSError or ValueError when the file is gone, or something else stands in its place (a link, a pipe).
    """
    flags = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"))
    with os.fdopen(os.open(path, os.O_RDONLY | flags), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{path.name}: no file")
        file.seek(max(0, found.st_size - most))
        return file.read(most)


def _plain(result: Any) -> Any:
    return result


def _answer(answer: dict[str, Any], place: Path) -> NoReturn:
    code = UNTOLD
    try:
        path = place / ANSWER
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)), "wb") as file:
            file.write(json.dumps(answer).encode())
        code = 0
    finally:
        processes.kill(processes.descendants(os.getpid()))
        os._exit(code)


def _streams(errors: IO[bytes]) -> None:
    """Nothing to read, nowhere to print, and errors to their file."""
    with Path(os.devnull).open("r+b") as nowhere:
        for descriptor in (0, 1):
            os.dup2(nowhere.fileno(), descriptor)
    os.dup2(errors.fileno(), 2)


def _end_with_caller(caller_pipe: int) -> None:
    """Have the system kill this process, and those of its group, as soon as the run that asked for the job is gone.

    The caller holds the other end of a pipe, so the system knows when it dies, even by ``kill -9``: asked to (Linux), it
    sends a signal then, with no thread here that would wait for it. Elsewhere the time limit ends what is left. The pipe
    is opened again, since what is asked of it is asked for all who share it.
    """
    if not sys.platform.startswith("linux"):
        return
    import fcntl
    import select

    pipe = os.open(f"/proc/self/fd/{caller_pipe}", os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([pipe], [], [], 0)[0]:  # it was gone before
        os.killpg(0, signal.SIGKILL)


def _limit_files() -> None:
    """No file of a gibibyte, and no image of the memory of a process that dies."""
    if os.name == "posix":
        import resource

        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        largest = LARGEST if most == resource.RLIM_INFINITY else min(LARGEST, most)
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _seed() -> None:
    """Start every job from the same random numbers, for code that draws from the global state without saying so."""
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)


def main() -> None:
    """In an interpreter begun for one job: carry out that of the place named on the command line."""
    carry_out(Path(sys.argv[1]), 0 if os.name == "posix" else None)
