"""A warm process from which a process is forked for each job (Linux), and an interpreter begun for a job elsewhere.

``Server`` is the caller's side: it begins the warm process, asks it for forks, and never waits for it without end. One that
was stopped, or killed, or does not answer, is replaced; the jobs that it forked go on, since the caller knows each by a
descriptor of its own and reads its answer from a file. ``main`` is the side of the warm process: a single thread that
imports what reports need (``warm``), forks when asked, and ends what a job left running once the job is over.

It knows nothing of notebooks, and does not watch what jobs do (``pool``).
"""

from __future__ import annotations

import array
import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any, NoReturn

from analysis.batch import child, processes, surroundings
from analysis.foundations.files import DataError

ANSWERS = 120.0
"""Seconds that the warm process is given to answer: it may be warming up on a machine that has much to do."""

HELD_UP = 2.0
"""Seconds for which it may be stopped (SIGSTOP) before another takes its place."""

STATUS = 2.0
"""Seconds that it is given to tell how a job ended, which only words an error."""

TIMES = 3
"""Warm processes that are begun, one after the other, for a job that none can be forked for."""

_GRACE = 5.0
_MESSAGE = 1 << 17


class Lost(DataError):
    """The warm process is gone, stopped or silent; the message says which and why."""


def possible() -> bool:
    """Whether processes can be forked and watched here: on Linux, where a process has a descriptor."""
    if not (sys.platform.startswith("linux") and hasattr(os, "pidfd_open")):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


# ----------------------------------------------------------------------------------------------------- the caller's side


def _readable(descriptor: int, patience: float) -> bool:
    """Whether there is something to read, or is within some seconds; for any number of open files (``select`` has 1,024)."""
    asked = select.poll()
    asked.register(descriptor, select.POLLIN)
    return bool(asked.poll(patience * 1000))


class Forked:
    """A process of a job, forked from a warm one: known by a descriptor, whatever becomes of the process it comes from."""

    def __init__(self, number: int, descriptor: int, server: Server) -> None:
        self.number, self.descriptor, self._server = number, descriptor, server

    def ended(self, patience: float = 0.0) -> bool:
        """Whether it has ended, or does so within some seconds."""
        return _readable(self.descriptor, patience)

    def signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        with suppress(OSError):
            signal.pidfd_send_signal(self.descriptor, number)

    def status(self) -> int | None:
        """Its exit code, the negative of the signal that ended it, or None when nobody knows."""
        with suppress(Lost):
            return self._server.status(self.number)
        return None

    def close(self) -> None:
        """Let go of it."""
        os.close(self.descriptor)


class Begun:
    """A process of a job that is an interpreter of its own."""

    descriptor = None

    def __init__(self, place: Path, environment: Mapping[str, str], places: Sequence[str]) -> None:
        with (place / child.ERRORS).open("ab") as errors:
            self._process = subprocess.Popen(
                surroundings.command(child.__name__, str(place), places=places), env=environment,
                cwd=sys.prefix, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors,
                start_new_session=True,
            )  # fmt: skip
        self.number = self._process.pid

    def ended(self, patience: float = 0.0) -> bool:
        """Whether it has ended, or does so within some seconds."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        return self._process.poll() is not None

    def signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        self._process.send_signal(number)

    def status(self) -> int | None:
        """Its exit code, or the negative of the signal that ended it."""
        return self._process.returncode

    def close(self) -> None:
        """Let go of it."""
        if self._process.stdin is not None:
            self._process.stdin.close()


class Server:
    """A warm process, seen from the one that began it; for several threads.

    Args:
        environment: of the warm process.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.owner = os.getpid()
        self.processor = [environment.get(name) for name in surroundings.PROCESSOR]
        self._lock = threading.Lock()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            words = surroundings.command(__name__, str(theirs.fileno()))
            self._process = subprocess.Popen(
                words, env=environment, cwd=sys.prefix, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=self._said, pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip
        self.number = self._process.pid

    def fork(self, place: Path, environment: Mapping[str, str], places: Sequence[str]) -> Forked:
        """Have a process forked that carries out the job of a place. Lost when there is no answer."""
        question = {"place": str(place), "environment": dict(environment), "places": list(places)}
        answer, descriptor = self._asked(question, ANSWERS)
        if descriptor is None:
            raise self._lost("gave no process")
        return Forked(answer["forked"], descriptor, self)

    def status(self, number: int) -> int | None:
        """How one of its forks ended. Lost when there is no answer."""
        return self._asked({"ended": number}, STATUS)[0]["status"]

    def _asked(self, question: Mapping[str, Any], patience: float) -> tuple[dict, int | None]:
        with self._lock:
            try:
                self._control.settimeout(HELD_UP)
                self._control.send(json.dumps(question).encode())
            except OSError as error:
                raise self._lost("cannot be asked") from error
            return self._answer(perf_counter() + patience)

    def _answer(self, last: float) -> tuple[dict, int | None]:
        since = perf_counter()
        while not _readable(self._control.fileno(), 0.1):
            if not processes.stopped(self.number):
                since = perf_counter()
            if perf_counter() - since > HELD_UP:
                raise self._lost("is stopped (SIGSTOP, or a debugger)")
            if perf_counter() > last:
                raise self._lost("does not answer")
        try:
            content, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE, 1, socket.MSG_CMSG_CLOEXEC)
            return json.loads(content), next(iter(descriptors), None)
        except (OSError, ValueError) as error:
            raise self._lost("was killed, or ended by itself") from error

    def _lost(self, why: str) -> Lost:
        with suppress(OSError, ValueError):
            self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - 2000))
            why += f": {' '.join(self._said.read().decode(errors='replace').split())[-300:]}".rstrip(" :")
        return Lost(f"the process {self.number}, from which those of reports are forked, {why}")

    def end(self, patience: float = _GRACE) -> None:
        """End it, and what it forked: it is told, by the end of the connection, then forced."""
        with self._lock:
            self._control.close()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._said.close()

    def abandon(self) -> None:
        """End it alone, at once: what it forked goes on."""
        self._process.kill()
        self._process.wait()


_server: Server | None = None
_STARTING = threading.Lock()


def ready(environment: Mapping[str, str]) -> Server:
    """The warm process of this one, which is begun when there is none, without waiting for it."""
    global _server
    with _STARTING:
        known = [environment.get(name) for name in surroundings.PROCESSOR]
        if _server is not None and _server.owner == os.getpid() and _server.processor != known:
            _server.end()
            _server = None
        if _server is None or _server.owner != os.getpid():
            _server = Server(environment)
            atexit.unregister(end_warm)
            atexit.register(end_warm)  # by itself it would not end while it is stopped
        return _server


def fork(place: Path, environment: Mapping[str, str], places: Sequence[str]) -> Forked:
    """Have a process forked for the job of a place, by another warm process when the one that there is cannot.

    Args:
        place: folder of the job. environment: its variables. places: where it looks for code, last.

    Lost when several cannot, one after the other.
    """
    global _server
    for left in reversed(range(TIMES)):
        server = ready(environment)
        try:
            return server.fork(place, environment, places)
        except Lost as error:
            with _STARTING:
                if _server is server:
                    server.abandon()
                    _server = None
            if not left:
                raise Lost(f"{error} ({TIMES} in a row): run `pacte doctor`, then again") from error
    raise AssertionError("unreachable")


def end_warm() -> None:
    """End the warm process of this one, if there is one; the next job warms up another."""
    global _server
    with _STARTING:
        if _server is not None and _server.owner == os.getpid():
            _server.end()
        _server = None


# ------------------------------------------------------------------------------------------------- in the warm process


def main() -> None:
    """Warm up, then fork a process for each job that is asked for, until the caller is gone."""
    control = socket.socket(fileno=int(sys.argv[1]))
    control.set_inheritable(False)
    os.set_inheritable(0, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from analysis.batch import warm  # noqa: F401 - importing it does it

    processes.become_subreaper()
    awake, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    running: set[int] = set()
    ended: dict[int, int] = {}
    while True:
        listened: list[Any] = [control, awake]
        ready_, _, _ = select.select(listened, [], [])
        if awake in ready_:
            with suppress(BlockingIOError):
                os.read(awake, 4096)
            _bury(running, ended)
        if control in ready_:
            try:
                question = control.recv(_MESSAGE)
            except OSError:
                question = b""
            if not question:
                _leave()
            _serve(json.loads(question), control, (awake, wake), running, ended)


def _serve(
    question: dict, control: socket.socket, pipes: tuple[int, int], running: set[int], ended: dict[int, int]
) -> None:
    if "ended" in question:
        _bury(running, ended)
        control.send(json.dumps({"status": ended.pop(question["ended"], None)}).encode())
        return
    number = os.fork()
    if not number:
        _become(question, control, pipes)
    running.add(number)
    descriptor = os.pidfd_open(number)
    try:
        told = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
        control.sendmsg([json.dumps({"forked": number}).encode()], told)
    except OSError:  # the caller is gone
        _leave()
    finally:
        os.close(descriptor)


def _become(question: dict, control: socket.socket, pipes: tuple[int, int]) -> NoReturn:
    """In the process that was forked: let go of what is the warm process's, take the environment of the job, and do it."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        control.close()
        for pipe in pipes:
            os.close(pipe)
        os.environ.clear()
        os.environ.update(question["environment"])
        sys.path += question["places"]
        child.carry_out(Path(question["place"]), 0)
    finally:
        os._exit(1)


def _bury(running: set[int], ended: dict[int, int]) -> None:
    """Take note of the jobs that ended, and end what they left: what is below this process and was forked for no job."""
    while True:
        try:
            number, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not number:
            break
        if number in running:
            running.discard(number)
            ended[number] = os.waitstatus_to_exitcode(status)
            while len(ended) > 1000:
                ended.pop(next(iter(ended)))
    processes.kill(set(processes.children(os.getpid())) - running)


def _leave() -> NoReturn:
    """End everything below, also what it starts meanwhile, then this process."""
    while below := processes.children(os.getpid()):
        processes.kill(below)
        with suppress(ChildProcessError):
            os.waitpid(-1, 0)
    os._exit(0)
