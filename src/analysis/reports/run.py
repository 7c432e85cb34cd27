"""The batch: every task of a request built, in parallel, with what is left shown, and the edition closed.

A report that fails leaves its error and the others go on. Ctrl-C stops what runs: what is on disk is whole, and the index
and the manifest say what is there.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from analysis.catalogue import Catalogue
from analysis.panel import Panel
from analysis.reports import pool, provenance, site
from analysis.reports.build import ENGINES, Job, Result, build, record_failure
from analysis.reports.edition import Edition, Notebook, Task, imported, titles
from analysis.reports.pages import Context

TIMEOUT = 120.0
"""Seconds that a report may take."""


@dataclass
class Summary:
    """How a run went. ``unwritten`` tasks were not reached because the run was cut."""

    edition: str
    folder: Path
    planned: int
    engine: str
    workers: int
    done: list[Result] = field(default_factory=list)
    failed: list[Result] = field(default_factory=list)
    seconds: float = 0.0
    interrupted: bool = False

    @property
    def left(self) -> int:
        """Tasks that were not reached."""
        return self.planned - len(self.done) - len(self.failed)

    def as_dict(self) -> dict:
        """The content of ``run.json``."""
        every = [*self.done, *self.failed]
        stages: Counter = Counter()
        for result in every:
            stages.update(result.stages)
        slowest = sorted(every, key=lambda r: -sum(r.stages.values()))[:5]
        return {
            "edition": self.edition,
            "engine": self.engine,
            "workers": self.workers,
            "planned": self.planned,
            "done": len(self.done),
            "failed": len(self.failed),
            "left": self.left,
            "interrupted": self.interrupted,
            "seconds": round(self.seconds, 3),
            "seconds_by_stage": {name: round(value, 3) for name, value in sorted(stages.items())},
            "slowest": [
                {"report": r.task.path, "seconds": round(sum(r.stages.values()), 3)} for r in slowest
            ],
            "failures": [{"report": r.task.path, "reason": r.reason} for r in self.failed],
        }


Listener = Callable[[Result, float], object]
"""Called with each result and the seconds that it took."""


def run(
    edition: Edition,
    tasks: Sequence[Task],
    notebooks: Mapping[str, Notebook],
    root: Path,
    out: Path,
    *,
    workers: int = 2,
    engine: str = ENGINES[0],
    timeout: float = TIMEOUT,
    start: str | None = None,
    listener: Listener = lambda result, seconds: None,
) -> Summary:
    """Build tasks into ``out/<edition>``, then its manifest, its index and the summary of the run.

    Args:
        edition: what the tasks belong to.
        tasks: the reports to make, in the order in which they start.
        notebooks: the notebook of each outcome.
        root: the checkout, which holds ``data/`` and ``notebooks/``.
        out: folder of the editions; made when it is not there.
        workers: reports made at a time.
        engine: ``pacte`` or ``kernel``.
        timeout: seconds that a report may take.
        start: how processes are made, the system's way by default (see ``pool.method``).
        listener: called in this process as each report ends.
    """
    started = perf_counter()
    workshop = pool.Pool(build, workers, timeout, _warm(notebooks, root), start)
    workshop.start()
    _prepare_figures()
    made_from = provenance.inputs(notebooks)
    folder = out / edition.name
    folder.mkdir(parents=True, exist_ok=True)
    manifest = provenance.Manifest(folder, edition.name)
    manifest.forget(tasks)
    manifest.write()
    context = Context(edition.name, edition.title, edition.vintages, titles(edition, root))
    summary = Summary(edition.name, folder, len(tasks), engine, workers)

    def ended(result: Result, seconds: float) -> None:
        if result.reason is None:
            manifest.record(result, made_from[result.task.outcome])
        (summary.failed if result.reason else summary.done).append(result)
        listener(result, seconds)

    with tempfile.TemporaryDirectory(prefix="pacte-") as scratch:
        shared = (root, folder, context, engine, timeout, Path(scratch))
        jobs = [Job(task, notebooks[task.outcome], *shared) for task in tasks]
        summary.interrupted = _work(workshop, jobs, ended)
    summary.seconds = perf_counter() - started
    manifest.write()
    site.write(edition, folder, context)
    provenance.write_run(folder, summary.as_dict())
    return summary


def _work(workshop: pool.Pool, jobs: Sequence[Job], ended: Listener) -> bool:
    """Build every job; return whether Ctrl-C cut the work."""
    try:
        for end in workshop.run(jobs):
            ended(end.result or _dead(end), end.seconds)
    except KeyboardInterrupt:
        return True
    finally:
        workshop.stop()
    return False


def _prepare_figures() -> None:
    """Build the panel once, before reports that would each build it at the same time."""
    if any(catalogue := Catalogue()):
        Panel.open(catalogue)


def _warm(notebooks: Mapping[str, Notebook], root: Path) -> dict:
    """What the warm process is told: the modules that the notebooks import, and the notebooks."""
    modules = set().union(*(imported(book.path) for book in notebooks.values()))
    return {
        "modules": sorted(modules),
        "root": str(root),
        "notebooks": [str(book.path) for book in notebooks.values()],
    }


def _dead(ended: pool.Ended) -> Result:
    """The failure of a report whose process gave no result."""
    reason, _, details = ended.problem.partition("\n")
    return record_failure(ended.job, reason, details, None, {"execute": ended.seconds})


def cores() -> int:
    """Reports made at a time by default: one per core that this process may use, four at most."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed, 4))
