"""How a run went: what was made, what failed, what is left, how long it took; and who is told as it goes.

``Summary.write`` keeps it in the folder of the edition (``run.json``), which two runs need not share. Nothing is run here.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analysis.batch.jobs import Result
from analysis.foundations.files import as_json, write_whole
from analysis.reports.edition import Task


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
    fresh: int = 0
    """Reports that were up to date."""
    aside: list[Result] = field(default_factory=list)
    """Of processes that made no page: they computed what reports share, or stood aside for it."""
    changed: list[str] = field(default_factory=list)
    """Files that changed under the run, so that the edition is not whole: it is to be run again."""

    @property
    def left(self) -> int:
        """Tasks that were not reached."""
        return self.planned - len(self.done) - len(self.failed)

    def as_dict(self) -> dict:
        """The content of ``run.json``."""
        every = [*self.done, *self.failed]
        processes = [*every, *self.aside]
        stages: Counter = Counter()
        for result in processes:
            stages.update(result.stages)
        slowest = sorted(every, key=lambda r: -sum(r.stages.values()))[:5]
        return {
            "edition": self.edition,
            "engine": self.engine,
            "workers": self.workers,
            "planned": self.planned,
            "up_to_date": self.fresh,
            "done": len(self.done),
            "failed": len(self.failed),
            "left": self.left,
            "interrupted": self.interrupted,
            "changed": self.changed,
            "seconds": round(self.seconds, 3),
            "processor_seconds": round(sum(result.cpu for result in processes), 3),
            "memory": _memory(processes),
            "seconds_by_stage": {name: round(value, 3) for name, value in sorted(stages.items())},
            "slowest": [
                {"report": r.task.path, "seconds": round(sum(r.stages.values()), 3)} for r in slowest
            ],
            "failures": [{"report": r.task.path, "reason": r.reason} for r in self.failed],
        }

    def write(self) -> None:
        """Write how the run went (counts, seconds by stage, failures) into the folder of the edition."""
        write_whole(self.folder / "run.json", as_json(self.as_dict()))


def _memory(results: Sequence[Result]) -> dict[str, int]:
    """Peak resident mebibytes of a report's process: median of the first and of the last quarter of a run, and highest."""
    peaks = [result.peak for result in results if result.peak]
    if not peaks:
        return {}
    quarter = max(1, len(peaks) // 4)
    first, last = statistics.median(peaks[:quarter]), statistics.median(peaks[-quarter:])
    return {"first": round(first), "last": round(last), "highest": round(max(peaks))}


Listener = Callable[[Result, float], object]
"""Called with each result and the seconds that it took."""
Begun = Callable[[Task], object]
"""Called with each report as it is handed to a worker."""
