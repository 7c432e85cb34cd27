"""A report that is to be made, with all that its process needs to know, and what became of it.

Plain records: ``run`` makes jobs, ``build`` gives results, and what lies between (``pool``, ``cluster``) passes them on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.data import processed
from analysis.reports.edition import Notebook, Task
from analysis.reports.kept import shared
from analysis.reports.kept.freshness import Watch
from analysis.reports.pages.parts import ALONE, Around

ENGINES = ("pacte", "kernel")
"""``pacte`` runs the notebook in the report's own process, ``kernel`` starts a Jupyter kernel as papermill does."""


@dataclass(frozen=True)
class Job:
    """A task with all that its process needs to know."""

    task: Task
    notebook: Notebook | None
    """None for the page of an indicator."""
    root: Path
    folder: Path
    """Folder of the edition."""
    context: Any
    engine: str
    timeout: float
    scratch: Path
    """Folder of the run, emptied when it ends, for what Jupyter writes."""
    results: Path
    """Folder of the results that reports share."""
    among: tuple[str, ...] = ()
    """For the page of an indicator: those that have one, in order."""
    apart: bool = False
    """Whether a shared result that is missing is computed by a job of its own, for which the report stands aside."""
    wanted: shared.Wanted | None = None
    """The shared result that is to be computed, in place of the report."""
    around: Around = ALONE
    """What is around the report and not so in every run."""
    given: processed.Given | None = None
    """The panel that the edition is made from; None where there are no figures."""

    @property
    def book(self) -> Notebook:
        """The notebook of a report; ValueError for the page of an indicator, which has none."""
        if self.notebook is None:
            raise ValueError(f"{self.task} has no notebook")
        return self.notebook


@dataclass(frozen=True)
class Result:
    """What became of a task. ``reason`` is one line; None when the report was written."""

    task: Task
    sha256: str = ""
    bytes: int = 0
    reason: str | None = None
    stages: dict[str, float] = field(default_factory=dict)
    watch: Watch | None = None
    """What the build was seen to use; None when it could not be seen (a kernel is another process)."""
    cpu: float = 0.0
    """Processor seconds of the process that made it."""
    peak: float = 0.0
    """Most mebibytes that it held in memory; 0 where the system does not tell."""
    wants: shared.Wanted | None = None
    """The shared result that the report lacked: the report is to be made again once it is there."""
    beside: Mapping[str, str] = field(default_factory=dict)
    """The sha256 of what stands beside the page (see ``downloads``), by its path in the folder of the edition."""

    @property
    def checksums(self) -> dict[str, str]:
        """The sha256 of the page and of what stands beside it, by its path in the folder of the edition."""
        return {self.task.path: self.sha256, **self.beside}
