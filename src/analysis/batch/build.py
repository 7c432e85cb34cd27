"""One report, in the process made for it: execute the notebook, make the page and what stands beside it, write it whole.

The page is written last: where there is a page, what it links to is there. A notebook that fails publishes nothing: an
earlier page of that report is removed with what stood beside it, and its error is kept with the notebook as far as it went.
What depends on the machine is taken out of both.
"""

from __future__ import annotations

import contextlib
import gc
import json
import logging
import os
import signal
import sys
import traceback
import uuid
from collections.abc import Iterator, Mapping
from math import ceil
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

from analysis.batch import cells, deaths, pool
from analysis.batch.jobs import ENGINES, Job, Result
from analysis.data import processed
from analysis.data.catalogue import Catalogue
from analysis.foundations.files import sha256_at, sha256_of, write_whole
from analysis.foundations.observation import showing
from analysis.reports.beside import downloads
from analysis.reports.edition import Task
from analysis.reports.kept import shared
from analysis.reports.kept.freshness import Watch, of_checkout, watching
from analysis.reports.scrub import Scrubber, readable, shortened

if TYPE_CHECKING:  # loaded by what makes reports only
    from nbformat import NotebookNode


class ExecutionFailed(Exception):
    """A notebook that stopped: the reason in a line, the traceback, and the notebook as far as it went."""

    def __init__(self, reason: str, details: str, notebook: NotebookNode | None) -> None:
        super().__init__(reason)
        self.details = details
        self.notebook = notebook


def build(job: Job) -> Result:
    """Make a report, or record why it could not be made."""
    from analysis.reports import render

    stages: dict[str, float] = {}
    if job.wanted:
        return _compute(job, job.wanted, stages)
    if job.apart:
        shared.compute_elsewhere(lambda wanted: pool.hand_over(_spent(job, stages, wants=wanted)))
    try:
        with watching() as watch, showing() as shown:
            watch.modules.update([__name__, downloads.__name__, render.__name__])
            if job.task.is_indicator:
                return _indicator(job, watch, stages)
            with _timed(stages, "execute"):
                executed = execute(job)
            stages["cells"] = _in_cells(executed)
            stages["engine"] = stages.pop("execute") - stages["cells"]
            with _timed(stages, "render"):
                page = render.report(executed, job.task, job.context, job.root, job.around)
            with _timed(stages, "downloads"):
                content = _told(job) or downloads.Content.of(watch.reads, shown)
                beside = downloads.of_report(job.task, job.book, page, content, Catalogue(), job.around)
            watch.reads.files |= of_checkout(watch, job.root, Catalogue().root)
        watch.beside = {path: sha256_of(data) for path, data in beside.items()}
        with _timed(stages, "write"):
            publish(job.folder, job.task, page, beside)
    except ExecutionFailed as error:
        return record_failure(job, str(error), error.details, error.notebook, stages)
    except render.RenderError as error:
        return record_failure(job, str(error), "", None, stages)
    except Exception as error:
        return record_failure(job, f"{type(error).__name__}: {error}", traceback.format_exc(), None, stages)
    seen = watch if job.engine == ENGINES[0] else None
    return _spent(job, stages, sha256=sha256_of(page), bytes=len(page), watch=seen, beside=watch.beside)


build.answers = "analysis.batch.answers"  # type: ignore[attr-defined] # the pool reads it


def _spent(job: Job, stages: dict[str, float], **found) -> Result:
    """A result with what the process took until now."""
    return Result(job.task, stages=stages, cpu=process_time(), peak=_peak(), **found)


def _compute(job: Job, wanted: shared.Wanted, stages: dict[str, float]) -> Result:
    """Compute the shared result that reports stand aside for, and keep it. What it raises is no failure of a report."""
    _prepare(job)
    from analysis.data.panel import Panel

    with _timed(stages, "shared"):
        shared.keep(wanted, Panel.open())
    return _spent(job, stages)


def _indicator(job: Job, watch: Watch, stages: dict[str, float]) -> Result:
    """Make the page of an indicator."""
    _prepare(job)
    from analysis.data.panel import Panel
    from analysis.site import indicator

    with _timed(stages, "site"):
        page = indicator.make(
            job.task.outcome, job.task.lang, job.context, Panel.open(), Catalogue(), job.among
        )
    with _timed(stages, "write"):
        publish(job.folder, job.task, page, {})
    return _spent(job, stages, sha256=sha256_of(page), bytes=len(page), watch=watch)


def publish(folder: Path, task: Task, page: bytes, beside: Mapping[str, bytes]) -> None:
    """Write a report into the folder of an edition: what stands beside the page, then the page; forget its failure."""
    for path, content in beside.items():
        write_whole(folder / path, content)
    write_whole(folder / task.path, page)
    forget_failure(folder, task)


def unlike(result: Result, job: Job) -> str | None:
    """Why what a process says that it made is not what stands in the folder of the edition, in one line; None when it is.

    A result comes from a process in which a notebook ran: it is not believed. It must be that of its job, name the page
    and what stands beside it, and no other file, and these must be on the disk with the checksums that it tells.
    """
    beside = () if job.task.is_indicator else downloads.names(job.task).values()
    if result.task != job.task or set(result.beside) != set(beside):
        return "its process answered for another report, or for other files: a cell writes where results are handed over"
    for path, sha256 in result.checksums.items():
        there = job.folder / path
        if there.is_symlink() or not there.is_file() or sha256_at(there) != sha256:
            return f"{path} is not what was made: something else wrote it, or removed it"
    return None


def withdraw(folder: Path, task: Task) -> None:
    """Remove the page of a report and what stands beside it."""
    for path in (task.path, *downloads.names(task).values()):
        (folder / path).unlink(missing_ok=True)


def _told(job: Job) -> downloads.Content | None:
    """What a kernel says that it has read and shown; None when the notebook ran in this process."""
    place = _telling(job)
    return downloads.Content.from_json(place.read_text(encoding="utf-8")) if place.is_file() else None


def _telling(job: Job) -> Path:
    return job.scratch / f"{job.task.territory}-{job.task.stem}.shown"


def _in_cells(executed) -> float:
    """Seconds that the cells of an executed notebook took, as papermill noted them."""
    return sum(cell.metadata.get("papermill", {}).get("duration") or 0.0 for cell in executed.cells)


def _peak() -> float:
    """Peak resident memory of this process, in mebibytes."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


@contextlib.contextmanager
def _timed(stages: dict[str, float], name: str) -> Iterator[None]:
    started = perf_counter()
    try:
        yield
    finally:
        stages[name] = perf_counter() - started


# --------------------------------------------------------------------------------------------------------- execution


def execute(job: Job) -> NotebookNode:
    """Run a report's notebook as papermill does, by its own steps, and return it. ExecutionFailed when it stops.

    ``papermill.execute_notebook`` would write it as well, as JSON that nobody reads, and keep a failed one.
    """
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.engines import papermill_engines
    from papermill.exceptions import PapermillExecutionError
    from papermill.execute import raise_for_execution_errors
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    _prepare(job)
    engine, kernel = job.engine if job.engine == ENGINES[0] else None, {"kernel_name": "python3"}
    read = load_notebook_node(str(job.book.path))
    nb = parameterize_notebook(read, job.task.parameters, language="python", engine_name=engine, **kernel)
    try:
        with contextlib.chdir(job.book.path.parent):
            nb = papermill_engines.execute_notebook_with_engine(
                engine, nb, output_path=None, progress_bar=False, **kernel, **_options(job)
            )
        raise_for_execution_errors(nb, None)
    except (CellTimeoutError, DeadKernelError) as error:
        raise ExecutionFailed(f"{type(error).__name__}: {error}", deaths.own_last_lines(), None) from error
    except PapermillExecutionError as error:
        reason = cells.unfinished(nb) or f"cell In [{error.exec_count}]: {error.ename}: {error.evalue}"
        raise ExecutionFailed(reason, str(error), nb) from error
    if left := cells.unfinished(nb):  # papermill takes some for no failure
        raise ExecutionFailed(left, "", nb)
    return nb


def _options(job: Job) -> dict[str, object]:
    """What the engine of a job is told."""
    if job.engine == ENGINES[0]:
        return {}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nbclient stops the kernel it started
    os.environ[downloads.EXIT] = str(_telling(job))
    startup = Path(os.environ["IPYTHONDIR"]) / "profile_default" / "startup" / "00-pacte.py"
    write_whole(startup, (downloads.STARTUP + cells.STARTUP).encode())
    return {
        "execution_timeout": job.timeout,
        "start_timeout": job.timeout,
        "iopub_timeout": ceil(
            job.timeout
        ),  # of its last lines: four seconds by default, too few on a busy machine
        "config": _channel(),
    }


def _channel():
    """How a kernel is spoken to: on Linux by sockets that have a name of this process and no file.

    By default a kernel is given five free ports, which another kernel that starts at the same time can take first.
    """
    from traitlets.config import Config

    if not sys.platform.startswith("linux"):
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": f"@pacte-{uuid.uuid4().hex}"}})


def _prepare(job: Job) -> None:
    """The same surroundings for every report: silent libraries, the project's checkout, no settings of the user's."""
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)  # in a short process, collecting less often saves a tenth of the time
    for name in ("papermill", "traitlets"):
        logging.getLogger(name).setLevel(logging.ERROR)
    os.environ["PACTE_HOME"] = str(job.root)
    processed.work_on(job.given)
    os.environ[shared.FOLDER] = str(job.results)
    os.environ["IPYTHONDIR"] = str(job.scratch / "ipython")
    os.environ["JUPYTER_CONFIG_DIR"] = str(job.scratch / "jupyter")
    os.environ["JUPYTER_DATA_DIR"] = str(job.scratch / "data")
    os.environ["JUPYTER_RUNTIME_DIR"] = str(job.scratch / "runtime")


# ---------------------------------------------------------------------------------------------------------- failures


def forget_failure(folder: Path, task: Task) -> None:
    """Remove what an earlier failure of a report left."""
    for path in (task.error, task.failed):
        (folder / path).unlink(missing_ok=True)


def record_failure(
    job: Job, reason: str, details: str, notebook: NotebookNode | None, stages: dict[str, float] | None = None
) -> Result:
    """Withdraw a report that failed and keep its error; never raises for what the disk refuses.

    What is kept names no folder of this machine; what is returned, for the person at the terminal, does.
    """
    scrub = Scrubber(job.root)
    said = " ".join(readable(shortened(reason)).split())[:300]
    line = scrub(said)
    details = scrub(shortened(details)).strip()
    text = f"{job.task}\n{line}\n" + (f"\n{details}\n" if details else "")
    try:
        withdraw(job.folder, job.task)
        (job.folder / job.task.failed).unlink(missing_ok=True)
        write_whole(job.folder / job.task.error, text.encode("utf-8"))
        if notebook is not None:
            write_whole(job.folder / job.task.failed, _cleaned(notebook, scrub))
    except OSError as error:
        said = f"{said} (and its error could not be kept: {error.strerror or error})"
    return Result(job.task, reason=said, stages=dict(stages or {}))


def _cleaned(notebook: NotebookNode, scrub: Scrubber) -> bytes:
    """A failed notebook without folders of the machine and without papermill's times."""
    import nbformat

    content = json.loads(nbformat.writes(notebook))
    content["metadata"].pop("papermill", None)
    for number, cell in enumerate(content["cells"]):
        cell["id"] = f"cell-{number}"
        cell["metadata"].pop("papermill", None)
        for output in cell.get("outputs", ()):
            for key in ("text", "traceback", "evalue"):
                if isinstance(output.get(key), str):
                    output[key] = scrub(shortened(output[key]))
                elif isinstance(output.get(key), list):
                    output[key] = [scrub(shortened(line)) for line in output[key]]
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "replace")
