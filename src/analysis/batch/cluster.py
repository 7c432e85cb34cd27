"""The batch on a Dask cluster that exists already: the reports of a local run, byte for byte, made by its workers.

Before anything is begun, every worker is held to the code and the libraries of this machine, since bytes depend on them. A
worker that sees the same checkout with the same contents works in it; the others receive once what reports are made from,
in one archive whose sha256 they verify. On each worker a fork server forks a process for each report (``pool``), with the
limits of a local run. The page, or the error, comes back with its checksum and is written here, as ``build`` writes it.

A worker that is lost has its reports made by another. One that joins later and cannot make reports is left out. What a
worker gives back is held to what was asked of it (``arrivals``); what it was given is erased when the run ends, fails, or is
killed. Only this module and ``scheduler`` import Dask; they know nothing of notebooks.
"""

from __future__ import annotations

import asyncio
import io
import logging
import multiprocessing
import queue
import shutil
import tempfile
import traceback
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count, islice
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from distributed import (
    Future,
    KilledWorker,
    Worker,
    WorkerPlugin,
    get_worker,
)

from analysis.batch import pool
from analysis.batch.arrivals import unexpected
from analysis.batch.build import forget_failure, publish, record_failure, withdraw
from analysis.batch.jobs import Job, Result
from analysis.batch.scheduler import Clearing, ClusterError, connected, within
from analysis.data.catalogue import Catalogue
from analysis.data.processed import PANEL, panel_path
from analysis.foundations.files import DataError, sha256_of, write_whole
from analysis.reports.edition import Task
from analysis.reports.kept import fingerprint
from analysis.reports.scrub import Scrubber

WAIT = 60.0
"""Seconds that a cluster may be without any worker."""

CONNECT = 10.0
"""Seconds that a scheduler is given to say what it is."""

ANSWER = 120.0
"""Seconds that a scheduler and its workers are given to answer anything else, and to take what reports are made from."""

RETRIES = 2
"""Times that a report is tried again when its worker, not the report, had an error."""

_PLUGIN = "pacte-"
_RESULTS = "*.result"
_PANEL = f"data/processed/{PANEL}"
"""Where the panel stands among the inputs that are sent."""
_LOADED = fingerprint.code()
"""The package as this process has it in memory: on a worker, it may have changed on disk since."""

_log = logging.getLogger(__name__)


class Unfit(Exception):
    """A worker cannot make reports: its address, and why."""

    def __init__(self, worker: str, problem: str) -> None:
        super().__init__(worker, problem)
        self.worker, self.problem = worker, problem


# ------------------------------------------------------------------------------------------------- what a worker must have


def hindrance(code: str, libraries: Mapping[str, str]) -> str | None:
    """Why the process in which this is called cannot make reports, with the remedy; None when it can.

    Args:
        code: checksum of the package that it must have. libraries: the versions that it must have.
    """
    if multiprocessing.current_process().daemon:
        return (
            "it may not start processes: set DASK_DISTRIBUTED__WORKER__DAEMON=False where it is started "
            "(or start it with --no-nanny)"
        )
    here = fingerprint.libraries()
    differ = [n for n in sorted({*here, *libraries}) if here.get(n) != libraries.get(n)]
    if differ:
        more = f", and {len(differ) - 1} more differ" if len(differ) > 1 else ""
        there, wanted = here.get(differ[0], "absent"), libraries.get(differ[0], "absent")
        return f"it has {differ[0]} {there}, not {wanted} as here{more}: set it up from the same uv.lock"
    if fingerprint.code() != code:
        return (
            "its package `analysis` is not that of this machine: bring both to the same commit and restart it"
        )
    if code != _LOADED:
        return "it began before its package `analysis` changed: restart it"
    return None


def _forgotten(dask_scheduler: Any) -> list[str]:
    """On the scheduler: the plugins of runs that were killed, which nobody will close."""
    names = [name for name in dask_scheduler.worker_plugins if name.startswith(_PLUGIN)]
    return [name for name in names if name.removeprefix(_PLUGIN) not in dask_scheduler.clients]


# ----------------------------------------------------------------------------------------------------------------- inputs


@dataclass(frozen=True)
class Inputs:
    """What reports are made from: parts of a checkout with the sha256 of their contents, and the shared results."""

    root: Path
    results: Path
    panel: Path
    parts: tuple[str, ...]
    sha256: str

    @classmethod
    def of(cls, root: Path, results: Path) -> Inputs:
        """Those of a checkout, as they are now."""
        panel = panel_path(root)
        places = (root / "notebooks", root / "editions", Catalogue().root)
        parts = tuple(place.relative_to(root).as_posix() for place in places)
        return cls(root, results, panel, parts, _fingerprint(_contents(root, parts, panel)))

    def seen_here(self) -> bool:
        """Whether the process in which this is called sees the checkout, with these contents."""
        return self.results.is_relative_to(self.root) and self.match(self.root, self.panel)

    def match(self, root: Path, panel: Path) -> bool:
        """Whether a folder, with the panel beside, holds these contents."""
        try:
            return _fingerprint(_contents(root, self.parts, panel)) == self.sha256
        except OSError:
            return False

    def packed(self) -> bytes:
        """An archive of the inputs and of the shared results that are there; the same contents give the same bytes."""
        contents = _contents(self.root, self.parts, self.panel)
        files = {f"inputs/{name}": path for name, path in contents.items()}
        files |= {f"results/{path.name}": path for path in self.results.glob(_RESULTS)}
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name)
                entry.create_system, entry.external_attr = (
                    3,
                    0o644 << 16,
                )  # what these are depends on the system
                archive.writestr(entry, files[name].read_bytes())
        return stream.getvalue()


def _contents(root: Path, parts: Sequence[str], panel: Path) -> dict[str, Path]:
    """The files of some parts of a folder, and those of the panel, wherever it is kept, by the names that they are sent
    with.
    """
    there = [path for path in (panel, panel.with_suffix(".json")) if path.is_file()]
    return _files(root, parts) | {Path(_PANEL).with_name(path.name).as_posix(): path for path in there}


def _files(root: Path, parts: Sequence[str]) -> dict[str, Path]:
    """The files of some parts of a folder by name, in order, without hidden files and caches."""
    found = {}
    for part in (root / name for name in parts):
        for path in [part] if part.is_file() else part.rglob("*"):
            name = path.relative_to(root)
            if path.is_file() and not any(p.startswith((".", "__pycache__")) for p in name.parts):
                found[name.as_posix()] = path
    return dict(sorted(found.items()))


def _fingerprint(files: Mapping[str, Path]) -> str:
    return sha256_of("\n".join(f"{sha256_of(p.read_bytes())} {n}" for n, p in files.items()).encode())


# -------------------------------------------------------------------------------------------------------------- on workers


@dataclass(frozen=True)
class Made:
    """What a worker hands back: how the job ended, the files that it left, the shared results that it computed."""

    end: pool.Ended
    files: Mapping[str, bytes]
    results: Mapping[str, bytes]


@dataclass(eq=False)
class RunPlugin(WorkerPlugin):
    """What each worker holds during a run: the inputs, a fork server, and the reports being made.

    ``name`` is one for each run; ``needs`` what a worker must have (see ``hindrance``); ``inputs`` what reports are made
    from, and ``packed`` the same as an archive with its sha256 (None when every worker sees the checkout); ``jobs`` one job
    of each outcome, to make others like it; ``settings`` those of ``pool.Pool``.
    """

    name: str
    needs: tuple[str, Mapping[str, str]]
    inputs: Inputs
    packed: tuple[bytes, str] | None
    jobs: Mapping[str, Job]
    settings: Mapping[str, Any]

    _problem: str | None = None
    _home: Path | None = None
    _root: Path | None = None
    _known: set[str] = field(default_factory=set)
    _busy: set[pool.Pool] = field(default_factory=set)
    _closed: bool = False

    async def setup(self, worker: Worker) -> None:
        """Take the inputs and begin to warm up; Unfit when reports cannot be made here."""
        try:
            await asyncio.to_thread(self._open, Path(worker.local_directory))
        except Exception as error:
            await asyncio.to_thread(self._erase)
            self._problem = str(error) if isinstance(error, DataError) else f"{type(error).__name__}: {error}"
            raise Unfit(worker.address, self._problem) from error

    async def teardown(self, worker: Worker) -> None:
        """Stop what runs and leave nothing: no process, no file."""
        others = any(isinstance(plugin, RunPlugin) for plugin in worker.plugins.values())
        await asyncio.to_thread(self._close, others)

    def _open(self, folder: Path) -> None:
        if problem := hindrance(*self.needs):
            raise ClusterError(problem)
        self._home = home = Path(tempfile.mkdtemp(prefix=_PLUGIN, dir=folder))
        if self.inputs.seen_here():
            self._root = self.inputs.root
        else:
            self._root = home / "inputs"
            self._unpack(home)
        self._known = {path.name for path in self._results.glob(_RESULTS)}
        self._pool().start()

    def _unpack(self, folder: Path) -> None:
        if self.packed is None:
            raise ClusterError(
                "it does not see the checkout that the other workers share, or not as it is now"
            )
        content, sha256 = self.packed
        if sha256_of(content) != sha256:
            raise ClusterError("the inputs were damaged on their way (sha256 differs): run again")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(folder)
        if not self.inputs.match(self._inputs, self._panel):
            raise ClusterError("the inputs are not those announced: they changed as the run began, run again")

    def _close(self, others: bool) -> None:
        self._closed = True
        for one in list(self._busy):
            one.interrupt()
        patience = perf_counter() + pool.GRACE
        while self._busy and perf_counter() < patience:  # the fork server is there to reap its children
            sleep(0.01)
        if not others:
            pool.end_warm()
        self._erase()

    def _erase(self) -> None:
        """Remove the inputs, and what reports left: again while something that is being stopped still writes there."""
        patience = perf_counter() + pool.GRACE
        while self._home is not None and self._home.exists():
            shutil.rmtree(self._home, ignore_errors=True)
            if perf_counter() > patience:
                _log.warning("%s could not be removed: remove it", self._home)
                return

    @property
    def _inputs(self) -> Path:
        """Folder of the inputs; ClusterError before they are there."""
        if self._root is None:
            raise ClusterError("this worker was not made ready")
        return self._root

    @property
    def _results(self) -> Path:
        """Folder of the shared results: the checkout's where it is seen."""
        return self.inputs.results if self._root == self.inputs.root else self._inputs.parent / "results"

    @property
    def _panel(self) -> Path:
        """The panel: the checkout's where it is seen, else the one that came with the inputs."""
        return self.inputs.panel if self._root == self.inputs.root else self._inputs / _PANEL

    def _pool(self) -> pool.Pool:
        """A pool for one report, on this worker's fork server."""
        warm = self.settings["warm"]
        books = [str(self._here(Path(path))) for path in warm["notebooks"]]
        warm = {**warm, "root": str(self._root), "notebooks": books}
        return pool.Pool(**{**self.settings, "workers": 1, "warm": warm})

    def _here(self, path: Path) -> Path:
        return self._inputs / path.relative_to(self.inputs.root)

    def make(self, task: Task, worker: str) -> Made | Unfit:
        """Make one report in a process of its own."""
        if self._problem:
            return Unfit(worker, self._problem)
        one = self._pool()
        self._busy.add(one)
        try:
            with tempfile.TemporaryDirectory(dir=self._home, ignore_cleanup_errors=True) as folder:
                ends = [] if self._closed else list(one.run([self._job(task, Path(folder))]))
                return self._made(ends[0]) if ends else Unfit(worker, "it is being stopped")
        finally:
            self._busy.discard(one)

    def _job(self, task: Task, folder: Path) -> Job:
        like = self.jobs[task.outcome]
        book = like.notebook and replace(like.notebook, path=self._here(like.notebook.path))
        given = like.given and replace(like.given, path=self._panel)
        places: dict[str, Any] = {"root": self._inputs, "folder": folder / "out", "scratch": folder}
        return replace(like, task=task, notebook=book, given=given, results=self._results, **places)

    def _made(self, end: pool.Ended) -> Made:
        left = _files(end.job.folder, ["."]) if end.result else {}
        new = {}
        if self._root != self.inputs.root:
            new = {p.name: p.read_bytes() for p in self._results.glob(_RESULTS) if p.name not in self._known}
            self._known.update(new)
        problem = end.problem and Scrubber(self._inputs)(end.problem)
        files = {name: path.read_bytes() for name, path in left.items()}
        return Made(pool.Ended(None, end.result, problem, end.seconds), files, new)


def make(plugin: str, task: Task) -> Made | Unfit:
    """The task of the cluster: one report, by the plugin of the worker that it is given to."""
    worker = get_worker()
    there = worker.plugins.get(plugin)
    if not isinstance(there, RunPlugin):
        return Unfit(worker.address, "it was not made ready")
    return there.make(task, worker.address)


# --------------------------------------------------------------------------------------------------------------- from here


class Cluster:
    """A executor (see ``pool.Executor``) whose processes are those of a Dask cluster.

    Args:
        address: of the scheduler, ``tcp://host:8786``; ``tls://`` as Dask's own configuration says.
        workers: reports handed out at a time; as many as the cluster takes when None.
        settings: the other arguments of ``pool.Pool``, for each worker.

    ClusterError when it is not there, has no worker, or one that cannot make the same bytes.
    """

    def __init__(self, address: str, workers: int | None, **settings: Any) -> None:
        self._address = address
        self._at_most = workers
        self._settings = settings
        self._needs = (fingerprint.code(), fingerprint.libraries())
        self._pending: dict[Future, Job] = {}
        self._done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._unfit: dict[str, str] = {}
        self._number = count()
        self._client, self._stopped = connected(address, CONNECT), False
        self._plugin = f"{_PLUGIN}{self._client.id}"
        self._slots = 0
        try:
            self._check()
        except BaseException:
            self.stop()
            raise

    @property
    def workers(self) -> int:
        """Reports made at a time: the threads of the workers, or fewer when it was asked."""
        return min(self._slots, self._at_most or self._slots)

    def run(self, jobs: Iterable[Job]) -> Iterator[pool.Ended]:
        """Make every report and yield each as it ends, its files written. Closing the iterator stops what runs."""
        jobs = list(jobs)
        waiting = iter(jobs)
        try:
            self._open(jobs)
            for job in islice(waiting, self._at_most):
                self._submit(job)
            while self._pending:
                future = self._next()
                job = self._pending.pop(future)
                if end := self._end(future, job):
                    for following in islice(waiting, 1):
                        self._submit(following)
                    yield end
        finally:
            self.stop()

    def stop(self) -> None:
        """Cancel what is not done, close the plugins and leave the cluster as it was."""
        client, stopped, self._stopped = self._client, self._stopped, True
        if stopped:
            return
        with suppress(
            Exception
        ):  # whatever is lost already needs no closing, and what goes on is closed by Clearing
            if client.status == "running":
                within(ANSWER, client.cancel, list(self._pending))
                within(ANSWER, client.unregister_worker_plugin, self._plugin)
        self._pending.clear()
        with suppress(Exception):
            within(CONNECT, client.close)

    # -- before

    def _check(self) -> None:
        """Hold the scheduler and every worker to what they must have, and clear away what killed runs left."""
        client = self._client
        try:
            forgotten = within(ANSWER, client.run_on_scheduler, _forgotten)
            within(ANSWER, client.register_plugin, Clearing(client.id, self._plugin), name=self._plugin)
        except Exception as error:
            raise ClusterError(
                f"the scheduler at {self._address} cannot load the package `analysis` ({type(error).__name__}: "
                f"{error}): start it in an environment like this one"
            ) from error
        try:
            client.wait_for_workers(1, timeout=WAIT)
        except TimeoutError as error:
            raise self._deserted() from error
        self._fit()
        for name in forgotten:
            with suppress(Exception):  # another run may have cleared it away
                within(ANSWER, client.unregister_worker_plugin, name)
        found = self._asked(hindrance, *self._needs, on_error="return")
        problems = [f"worker {worker}: {_words(p)}" for worker, p in sorted(found.items()) if p is not None]
        if problems:
            more = f" (and {len(problems) - 1} more workers)" if len(problems) > 1 else ""
            raise ClusterError(f"{problems[0]}{more}")

    def _asked(self, function: Any, *args: Any, **more: Any) -> dict[str, Any]:
        """What each worker answers; ClusterError when one does not."""
        try:
            return within(ANSWER, self._client.run, function, *args, **more)
        except TimeoutError as error:
            raise ClusterError(f"workers of {self._address} do not answer ({error}): restart them") from error

    def _open(self, jobs: Sequence[Job]) -> None:
        """Give each worker, and those that join later, what reports are made from."""
        inputs, packed = Inputs.of(jobs[0].root, jobs[0].results), None
        if not all(self._asked(inputs.seen_here).values()):
            content = inputs.packed()
            packed = (content, sha256_of(content))
        kinds = {job.task.outcome: job for job in jobs}
        plugin = RunPlugin(self._plugin, self._needs, inputs, packed, kinds, self._settings)
        try:
            within(ANSWER, self._client.register_plugin, plugin, name=self._plugin)
        except Unfit as error:
            raise ClusterError(f"worker {error.worker}: {error.problem}") from error
        except TimeoutError as error:
            raise ClusterError(
                f"workers of {self._address} were not ready ({error}): restart them"
            ) from error

    # -- during

    def _fit(self) -> list[str]:
        """The workers that there are, without those that cannot make reports."""
        threads = {w: n for w, n in self._client.nthreads().items() if w not in self._unfit}
        self._slots = max(self._slots, sum(threads.values()))
        return list(threads)

    def _submit(self, job: Job) -> None:
        fit = self._fit() if self._unfit else None
        if fit == []:
            worker, problem = next(iter(self._unfit.items()))
            raise ClusterError(f"worker {worker}: {problem}")
        key = (self._plugin, next(self._number))  # of one group: Dask hands them out as threads come free
        future = self._client.submit(
            make, self._plugin, job.task, key=key, pure=False, retries=RETRIES, workers=fit
        )
        self._await(future, job)

    def _await(self, future: Future, job: Job) -> None:
        self._pending[future] = job
        future.add_done_callback(self._done.put)

    def _next(self) -> Future:
        """The next task that ended; ClusterError when the cluster has been without a worker for too long."""
        seen = perf_counter()
        while True:
            with suppress(queue.Empty):
                return self._done.get(timeout=1.0)
            with suppress(OSError):
                if self._client.status == "running" and self._fit():
                    seen = perf_counter()
            if perf_counter() - seen > WAIT:
                raise self._deserted()

    def _end(self, future: Future, job: Job) -> pool.Ended | None:
        """How a report ended; None when it is made again."""
        try:
            made = future.result(timeout=WAIT)
            if not isinstance(made, Unfit):
                return _received(job, made)
            self._leave_out(made, job)
            return None
        except CancelledError as error:
            reason = getattr(error, "reason", None) or "cancelled"
            raise ClusterError(
                f"the scheduler at {self._address} was lost, or dropped this run ({reason}). What is there is whole: "
                "run again, and only what is left is made"
            ) from error
        except KilledWorker as error:
            return pool.Ended(
                job, None, f"each of the {error.allowed_failures + 1} workers that began it died", 0.0
            )
        except ClusterError:
            raise
        except Exception as error:
            if future.status != "pending":
                return pool.Ended(job, None, f"its worker had an error: {type(error).__name__}: {error}", 0.0)
            self._await(future, job)  # its worker was lost with the result: another makes it again
        return None

    def _leave_out(self, unfit: Unfit, job: Job) -> None:
        """Give nothing more to a worker that joined and cannot make reports, and its report to another."""
        if unfit.worker not in self._unfit:
            _log.warning("worker %s is left out: %s", unfit.worker, unfit.problem)
        self._unfit[unfit.worker] = unfit.problem
        self._submit(job)

    def _deserted(self) -> ClusterError:
        return ClusterError(
            f"the cluster of {self._address} has had no worker for {WAIT:g} s: start some with "
            f"`dask worker {self._address}`, or wait until those that were asked for have begun"
        )


def _words(problem: str | Exception) -> str:
    if isinstance(problem, str):
        return problem
    return (
        f"it cannot load the package `analysis` as it is here ({type(problem).__name__}: {problem}): install the same "
        "commit there, with its extra `distributed`"
    )


def _received(job: Job, made: Made) -> pool.Ended:
    """Write what came back from a worker, as the process of a local run would have; fail the report when it is not that."""
    if not isinstance(made, Made) or not isinstance(made.end, pool.Ended):
        wrong = "no report"
    else:
        wrong = unexpected(job, made.end.result, made.end.problem, made.files, made.results, _RESULTS[1:])
    if wrong:
        return pool.Ended(job, None, f"its worker gave back {wrong}", 0.0)
    for name, content in made.results.items():
        path = job.results / name
        if not path.exists():
            write_whole(path, content)
    result = made.end.result and _adopted(job, made.end.result, made.files)
    return pool.Ended(job, result, made.end.problem, made.end.seconds)


def _adopted(job: Job, result: Result, files: Mapping[str, bytes]) -> Result:
    try:
        if result.reason is None:
            expected = {job.task.path: result.sha256, **result.beside}
            if {name: sha256_of(content) for name, content in files.items()} != expected:
                raise ClusterError("the report was damaged on its way (sha256 differs): run again")
            beside = {name: files[name] for name in result.beside}
            publish(job.folder, job.task, files[job.task.path], beside)
        else:
            withdraw(job.folder, job.task)
            forget_failure(job.folder, job.task)
            for name, content in files.items():
                write_whole(job.folder / name, content)
    except (OSError, ClusterError) as error:
        reason = f"{type(error).__name__}: {error}"
        return record_failure(job, reason, traceback.format_exc(), None, result.stages)
    return result
