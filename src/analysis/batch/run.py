"""The batch: what is out of date in a request built, in parallel, with what is left shown, and the edition closed.

A report that fails leaves its error and the others go on. Ctrl-C stops what runs: what is on disk is whole, and the index
and the manifest say what is there.
"""

from __future__ import annotations

import importlib
import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import analysis.site as site
from analysis.batch import leaving, lock, pool
from analysis.batch.build import build, record_failure, unlike
from analysis.batch.jobs import ENGINES, Job, Result
from analysis.batch.summary import Begun, Listener, Summary
from analysis.data import processed
from analysis.data.catalogue import Catalogue
from analysis.foundations import places
from analysis.foundations.files import DataError, sha256_at, write_whole
from analysis.foundations.values import LANGS
from analysis.reports import data_files
from analysis.reports.beside import datapackage
from analysis.reports.beside import manifest as manifests
from analysis.reports.edition import INDICATORS, Edition, Notebook, Task, imported, titles
from analysis.reports.kept import fingerprint, freshness, shared
from analysis.reports.kept.freshness import Present
from analysis.reports.kept.steady import Steady
from analysis.reports.pages import since
from analysis.reports.pages.parts import ALONE, Around, Context

TIMEOUT = 120.0
"""Seconds that a report may take."""

MEMORY = 3072
"""Mebibytes of memory that a report may hold, with what it starts: ten times what one needs."""


_MAKERS = (
    "analysis.data.panel", "analysis.batch.answers", "analysis.batch.build", "analysis.batch.inprocess",
    "analysis.batch.engine",
)  # fmt: skip
"""What every process that makes a report imports of the package, besides what the notebooks do."""

_AT_THE_END = ("analysis.site.assembly", "analysis.reports.beside.tabular")
"""What closes an edition in which something was made, and takes half a second to load."""


@dataclass(frozen=True)
class Options:
    """How a batch is run.

    Attributes
    ----------
    workers : int
        Reports made at a time; as many as the cores here, or the cluster, allow when None.
    engine : str
        ``pacte`` or ``kernel``.
    timeout : float
        Seconds that a report may take.
    memory : int
        Mebibytes of memory that a report may hold (resident, not reserved), 0 for no limit.
    force : bool
        Make every report, also those that are up to date.
    only_failed : bool
        Only those that failed before.
    fail_fast : bool
        Stop at the first failure.
    start : str
        How processes are made (see ``pool.method``).
    scheduler : str
        Address of the Dask scheduler whose workers make them; this machine does when None.
    """

    workers: int | None = None
    engine: str = ENGINES[0]
    timeout: float = TIMEOUT
    memory: int = MEMORY
    force: bool = False
    only_failed: bool = False
    fail_fast: bool = False
    start: str | None = None
    scheduler: str | None = None
    results: Path | None = None
    """Folder of the results that reports share; that of the checkout by default."""
    compared: Path | None = None
    """Folder of the edition that keeps the comparison which reports tell; that which is written by default."""
    site: bool = False
    """Also make the pages of the indicators and the files of the edition, as for all its reports."""


@dataclass(frozen=True)
class Plan:
    """What a request comes down to: the reports to make, each with the reason, and those that are up to date."""

    reasons: Mapping[Task, str]
    fresh: Mapping[Task, str]
    """Checksum of the page of each report that is up to date."""
    present: Present
    steady: Steady
    """What the edition is made from, as it is when the plan is made."""
    beside: Mapping[Task, Mapping[str, str]] = field(default_factory=dict)
    """The same of what stands beside each of these pages, by its path."""
    around: Mapping[Task, Around] = field(default_factory=dict)
    """What is around each report and not so in every run."""


def plan(
    edition: Edition,
    tasks: Sequence[Task],
    notebooks: Mapping[str, Notebook],
    root: Path,
    folder: Path,
    options: Options,
    among: Sequence[str] = (),
) -> Plan:
    """Hold each report's record against what there is now. Reads, builds the panel when it is out of date, writes nothing
    else.

    Args:
        edition: what the tasks belong to. tasks: the reports asked for. notebooks: the notebook of each outcome.
        root: the checkout. folder: of the edition. options: of the run. among: the indicators that have a page.
    """
    catalogue = Catalogue()
    steady = Steady(catalogue.root, [book.path for book in notebooks.values()])
    if any(catalogue) and not processed.is_current(processed.panel_path(root), catalogue):
        from analysis.data import panel as panels

        panels.ensure(None, catalogue)
    panel = processed.panel_path(root)
    common = {
        "libraries": fingerprint.key(fingerprint.libraries()),
        "edition": fingerprint.key(_settings(edition, root)),
    }
    results = _results(options, root)
    present = Present(catalogue, panel, folder / freshness.FOLDER, common, results)
    steady.given = processed.Given(panel, present.figures) if present.figures else None
    shared.refresh(present, results)
    asked = tasks
    if options.only_failed:
        tasks = [task for task in tasks if (folder / task.error).is_file()]
    with ThreadPoolExecutor(options.workers or cores()) as threads:
        there = threads.map(lambda task: sha256_at(folder / task.path, ours=True), tasks)
        pages = dict(zip(tasks, there, strict=True))
    around = _around_each(edition, asked, notebooks, folder, options)
    if found := _told(edition, root, catalogue, options.compared or folder):
        around = {task: replace(one, changed=found.of(task.territory)) for task, one in around.items()}
    reasons: dict[Task, str] = {}
    beside: dict[Task, Mapping[str, str]] = {}
    for task in tasks:
        record = freshness.read_record(present.records, task)
        reason = freshness.why(
            record, pages[task], _notebook(task, notebooks), _parameters(task, among, around), present
        )
        if reason or options.force or record is None:
            reasons[task] = reason or "asked for again"
        else:
            beside[task] = record.beside
    fresh = {task: page for task, page in pages.items() if task not in reasons and page}
    return Plan(reasons, fresh, present, steady, beside, around)


def _told(edition: Edition, root: Path, catalogue: Catalogue, folder: Path) -> since.Since | None:
    """What the comparison that an edition keeps tells of each territory, while it is one of the figures as they are."""
    if not (folder / data_files.RECORD).is_file():
        return None
    return since.told(folder, datapackage.made_from_now(edition, root, catalogue))


def _around_each(
    edition: Edition,
    asked: Sequence[Task],
    notebooks: Mapping[str, Notebook],
    folder: Path,
    options: Options,
) -> dict[Task, Around]:
    """What is around each report: the other languages in which it is asked for too, or is there and will stay there."""
    every = set(asked)
    there: dict[Task, bool] = {}

    def stays(other: Task) -> bool:
        if other not in there:
            there[other] = (folder / other.path).is_file() and (
                not options.site or other.lang in edition.languages or manifest().as_now(other)
            )
        return there[other]

    @cache
    def manifest() -> manifests.Manifest:
        return manifests.Manifest(folder, edition.name, fingerprint.inputs(notebooks))

    found = {}
    for task in asked:
        if not task.is_indicator:
            others = (replace(task, lang=lang) for lang in LANGS if lang != task.lang)
            found[task] = Around(tuple(other.lang for other in others if other in every or stays(other)))
    return found


def _notebook(task: Task, notebooks: Mapping[str, Notebook]) -> Path | None:
    """The notebook of a report; None for the page of an indicator."""
    return None if task.is_indicator else notebooks[task.outcome].path


def _parameters(task: Task, among: Sequence[str], around: Mapping[Task, Around]) -> dict[str, str]:
    """What a page is made with: that of an indicator has links to the one before and the one after, a report to itself in
    other languages.
    """
    if task.is_indicator:
        return task.parameters | {"among": fingerprint.key({"names": list(among)})}
    return task.parameters | around.get(task, ALONE).parameters


def with_pages(
    edition: Edition, tasks: Sequence[Task], options: Options
) -> tuple[list[Task], tuple[str, ...]]:
    """Tasks with the pages of indicators when the whole site is asked for, and the indicators that have one, in order."""
    among = site.indicators() if options.site and any(Catalogue()) else ()
    pages = [Task(edition.name, INDICATORS, name, lang) for name in among for lang in edition.languages]
    return [*tasks, *pages], among


def _results(options: Options, root: Path) -> Path:
    """Where the results that reports share are kept."""
    return options.results or processed.panel_path(root).parent / "shared"


def _settings(edition: Edition, root: Path) -> dict[str, str]:
    """What the pages of an edition say about it, the titles of the other reports among that."""
    said = ("name", "title", "vintages", "territories", "languages", "outcomes", "national")
    return {name: repr(getattr(edition, name)) for name in said} | {"titles": repr(titles(edition, root))}


def run(
    edition: Edition,
    tasks: Sequence[Task],
    notebooks: Mapping[str, Notebook],
    root: Path,
    out: Path,
    *,
    options: Options | None = None,
    listener: Listener = lambda result, seconds: None,
    planned: Callable[[Plan], object] = lambda plan: None,
    begun: Begun = lambda task: None,
) -> Summary:
    """Build what is out of date among tasks into ``out/<edition>``, then the manifest, the index and the run's summary.

    Args:
        edition: what the tasks belong to.
        tasks: the reports asked for, in the order in which they start.
        notebooks: the notebook of each outcome.
        root: the checkout, which holds ``data/`` and ``notebooks/``.
        out: folder of the editions; made when it is not there.
        options: how the batch is run.
        listener: called in this process as each report ends.
        planned: called once, with what is to be done.
        begun: called in this process as each report begins.

    Raises ``lock.Held`` when another run holds the folder.
    """
    options = options or Options()
    folder = out / edition.name
    with lock.holding(folder):
        return _run(edition, tasks, notebooks, root, folder, options, listener, planned, begun)


def _run(edition, tasks, notebooks, root, folder, options, listener, planned, begun) -> Summary:
    started = perf_counter()
    warming = _warming(notebooks, root, folder, options)
    tasks, among = with_pages(edition, tasks, options)
    todo = plan(edition, tasks, notebooks, root, folder, options, among)
    planned(todo)
    with processed.working_on(todo.steady.given):
        return _made(
            edition, tasks, notebooks, root, folder, options, listener, begun, todo, among, started, warming
        )


def _made(
    edition, tasks, notebooks, root, folder, options, listener, begun, todo, among, started, warming
) -> Summary:
    """Carry out a plan, and close the edition."""
    stale = [task for task in tasks if task in todo.reasons]
    executor = (warming or _executor(notebooks, root, options)) if stale else None
    if executor:
        for module in _AT_THE_END:  # while processes warm up
            importlib.import_module(module)
    workers = executor.workers if executor else 0
    summary = Summary(edition.name, folder, len(stale), options.engine, workers, fresh=len(todo.fresh))
    manifest = manifests.Manifest(folder, edition.name, fingerprint.inputs(notebooks))
    manifest.forget(stale)
    for task, page in todo.fresh.items():
        size = (folder / task.path).stat().st_size
        manifest.record(task, page, size, todo.beside[task])
    manifest.write()
    context = site.context_of(edition, root)

    def ended(result: Result, seconds: float) -> None:
        _keep(result, manifest, notebooks, todo, among)
        (summary.failed if result.reason else summary.done).append(result)
        listener(result, seconds)

    try:
        if executor or any(todo.present.records.glob("*/*.json")):
            todo.present.keep_snapshot()
        if executor:
            with tempfile.TemporaryDirectory(prefix="pacte-") as scratch:
                where = (root, folder, context, options.engine, options.timeout, Path(scratch))
                results = _results(options, root)
                here = options.scheduler is None
                jobs = [
                    Job(
                        task,
                        notebooks.get(task.outcome),
                        *where,
                        results,
                        among,
                        here,
                        around=todo.around.get(task, ALONE),
                        given=todo.steady.given,
                    )
                    for task in stale
                ]
                queue = _Queue(jobs, begun, summary.aside)
                summary.interrupted = _work(executor, queue, ended, options.fail_fast, todo.steady)
                summary.workers = executor.workers
    finally:  # also when a cluster is lost in the middle: what is there is whole, and said
        summary.seconds = perf_counter() - started
        if options.site and not summary.interrupted:
            leaving.prune(folder, edition, manifest, among)
        manifest.write()
        freshness.prune(todo.present.records)
        summary.changed = _closed(
            edition, folder, root, context, todo.steady, data=options.site and not summary.interrupted
        )
        summary.write()
    return summary


def _closed(
    edition: Edition, folder: Path, root: Path, context: Context, steady: Steady, *, data: bool
) -> list[str]:
    """Write what stands around reports, from the figures that they are made from; return which files changed meanwhile.

    The data of an edition are not written from other figures than its reports, and pages that were are written again by the
    next run.
    """
    if data and any(Catalogue()) and not steady.changed():
        datapackage.write_edition(folder, edition, root)
    with suppress(processed.FiguresChanged):
        site.write(edition, folder, context)
    changed = steady.changed()
    if changed:
        site.forget(folder)
    return changed


def _warming(
    notebooks: Mapping[str, Notebook], root: Path, folder: Path, options: Options
) -> pool.Executor | None:
    """The pool of this machine, which warms up while the panel is built and the plan made; None when nothing may be to do.

    It is known beforehand that there is something to do when the figures have changed, or when nothing is there yet.
    """
    catalogue = Catalogue()
    kept = processed.is_current(processed.panel_path(root), catalogue) or not any(catalogue)
    made = (folder / freshness.FOLDER).is_dir()
    if options.scheduler is not None or (kept and made and not options.force):
        return None
    return _executor(notebooks, root, options)


def _executor(notebooks: Mapping[str, Notebook], root: Path, options: Options) -> pool.Executor:
    """Where reports are made: in processes of this machine, which begin to warm up, or of the cluster that was named."""
    settings: dict[str, Any] = {
        "target": build, "timeout": options.timeout, "warm": _warm(notebooks, root), "start": options.start,
        "memory": options.memory,
    }  # fmt: skip
    if options.scheduler is None:
        here = pool.Pool(workers=options.workers or cores(), **settings)
        here.start()
        return here
    try:
        from analysis.batch import cluster
    except ModuleNotFoundError as error:
        raise DataError(
            f"--scheduler needs Dask, and there is no {error.name} here: install it with "
            '`pip install "pacte-evaluation[distributed]"` or `uv sync --extra distributed`'
        ) from error
    return cluster.Cluster(options.scheduler, options.workers, **settings)


def _keep(
    result: Result,
    manifest: manifests.Manifest,
    notebooks: Mapping[str, Notebook],
    todo: Plan,
    among: Sequence[str],
) -> None:
    """Enter a report that was written in the manifest, and keep what it was made from; forget what failed, and what may be
    made from files that changed under it, which is made again.
    """
    task, present = result.task, todo.present
    record = None
    if result.reason is None and result.watch is not None:
        notebook, parameters = _notebook(task, notebooks), _parameters(task, among, todo.around)
        record = freshness.make_record(result.watch, result.sha256, notebook, parameters, present)
    sound = not (todo.steady.concerns(record) if record else todo.steady.changed())
    if result.reason is None and sound:
        manifest.record(result.task, result.sha256, result.bytes, result.beside)
    path = freshness.path_of(present.records, task)
    if record and sound:
        places.make_way(path)
        write_whole(path, record.to_json())
    else:
        places.remove(path)


class _Queue:
    """Jobs as workers ask for them, each report told of as it begins.

    A report that stands aside for a shared result has it computed next, once for all that want it, and comes back after.
    One whose result could not be computed comes back to compute it itself, so that the failure is its own.
    """

    def __init__(self, jobs: Iterable[Job], begun: Begun, aside: list[Result]) -> None:
        self._ready = deque(jobs)
        self._waiting: dict[str, list[Job]] = {}
        self._begun = begun
        self._told: set[Task] = set()
        self._aside = aside

    def __iter__(self) -> Iterator[Job]:
        return self

    def __next__(self) -> Job:
        """The next job; none for now when all that are left wait."""
        if not self._ready:
            raise StopIteration
        job = self._ready.popleft()
        if job.task not in self._told:
            self._told.add(job.task)
            self._begun(job.task)
        return job

    def ended(self, end: pool.Ended) -> Result | None:
        """The result of a report that ended; None when what ended made none."""
        job, result = end.job, end.result
        if job.wanted is None and (result is None or result.wants is None):
            return _checked(result, end) if result else _dead(end)
        if result is not None:
            self._aside.append(result)
        if job.wanted is not None:
            waiting = self._waiting.pop(job.wanted.name)
            self._ready.extendleft(replace(one, apart=result is not None) for one in reversed(waiting))
        elif result.wants.name in self._waiting:
            self._waiting[result.wants.name].append(job)
        else:
            self._waiting[result.wants.name] = [job]
            self._ready.appendleft(replace(job, wanted=result.wants, apart=False))
        return None


def _work(executor: pool.Executor, queue: _Queue, ended: Listener, fail_fast: bool, steady: Steady) -> bool:
    """Build every job, or until the first that fails, or while the panel is there; return whether Ctrl-C cut the work."""
    try:
        for end in executor.run(queue):
            result = queue.ended(end)
            if result is not None:
                ended(result, end.seconds)
            if not steady.has_its_panel or (fail_fast and result is not None and result.reason):
                break
    except KeyboardInterrupt:
        return True
    finally:
        executor.stop()
    return False


def _warm(notebooks: Mapping[str, Notebook], root: Path) -> dict:
    """What the warm process is told: the modules that the notebooks import, and the notebooks."""
    modules = set().union(*(imported(book.path) for book in notebooks.values()))
    return {
        "modules": sorted({*modules, *_MAKERS}),
        "root": str(root),
        "notebooks": [str(book.path) for book in notebooks.values()],
    }


def _checked(result: Result, ended: pool.Ended) -> Result:
    """The result of a report, when what it tells is on the disk; else its failure."""
    if result.reason is not None and result.task == ended.job.task:
        return result
    problem = unlike(result, ended.job)
    return result if problem is None else record_failure(ended.job, problem, "", None, result.stages)


def _dead(ended: pool.Ended) -> Result:
    """The failure of a report whose process gave no result."""
    reason, _, details = (ended.problem or "").partition("\n")
    return record_failure(ended.job, reason, details, None, {"execute": ended.seconds})


def cores() -> int:
    """Reports made at a time by default: one per core that this process may use, four at most."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, 4))
