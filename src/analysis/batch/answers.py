"""What became of a report, from its process to the run: as JSON there, and made a ``Result`` here only when all of it fits.

The process of a report runs a notebook's cells, which may write anything in place of its answer. Nothing of an answer is
executed here, and no path, checksum, name or number of it is taken that is not of the report that was asked for. A shared
result that it asks for is computed in a process of a job, which may do no more than the one that asks.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from analysis.batch.jobs import Job, Result
from analysis.foundations.observation import Reads
from analysis.reports.beside import downloads
from analysis.reports.kept import freshness
from analysis.reports.kept.freshness import Watch
from analysis.reports.kept.shared import Wanted

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.(?:\w+|\*))*", re.ASCII)
_FILE = re.compile(r"(?:\.\./\.\./)?(?!/)(?:[^\x00-\x1f\\.]|\.(?!\.))++")
"""A file that a report read, from the folder of data: below it, or below the checkout, which is two folders up."""
_RESULT = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_COMPUTE = re.compile(r"(?<![\w.])[A-Za-z_]\w*+(?:\.\w++)*+:[A-Za-z_]\w*+", re.ASCII)
_LONGEST = 4000
"""Characters of a text."""


def written(result: Result) -> dict[str, Any]:
    """A result as JSON values. The task is not told: it is that of the job."""
    watch, wants = result.watch, result.wants
    return {
        "sha256": result.sha256,
        "bytes": result.bytes,
        "reason": result.reason,
        "stages": result.stages,
        "cpu": result.cpu,
        "peak": result.peak,
        "beside": dict(result.beside),
        "wants": wants and [wants.name, wants.compute, list(wants.args)],
        "watch": watch
        and {
            "modules": sorted(watch.modules),
            "figures": freshness.grouped(watch.reads.figures),
            "files": sorted(watch.reads.files),
            "behind": sorted(watch.reads.modules),
            "beside": watch.beside,
        },
    }


def read(job: Job, content: Any) -> Result:
    """The result of a job, from JSON values. ValueError, naming the part, when one is not what it has to be."""
    made = _mapping(content, "answer")
    reason = made["reason"]
    result = Result(
        job.task,
        sha256=_text(made["sha256"], "sha256", _SHA256) if reason is None and made["sha256"] else "",
        bytes=int(_number(made["bytes"], "bytes")),
        reason=None
        if reason is None
        else " ".join(_text(reason, "reason").split()) or "it failed, and does not say why",
        stages={
            _text(k, "stage"): _number(v, "stage") for k, v in _mapping(made["stages"], "stages").items()
        },
        watch=None if made["watch"] is None else _watch(job, _mapping(made["watch"], "watch")),
        cpu=_number(made["cpu"], "cpu"),
        peak=_number(made["peak"], "peak"),
        wants=None if made["wants"] is None else _wanted(made["wants"]),
        beside=_beside(job, made["beside"]),
    )
    if job.wanted is None and result.reason is None and result.wants is None and not result.sha256:
        raise ValueError("sha256: a report that was made has one")
    return result


def _watch(job: Job, made: Mapping[str, Any]) -> Watch:
    figures = {}
    for name, rows in _mapping(made["figures"], "figures").items():
        figures[_text(name, "indicator")] = [
            [_text(territory, "territory"), _text(period, "period"), int(_number(coverage, "coverage"))]
            for territory, period, coverage in _list(rows, "figures")
        ]
    reads = Reads(
        set(freshness.ungrouped(figures)),
        {_text(name, "file", _FILE) for name in _list(made["files"], "files")},
        {_text(name, "module", _MODULE) for name in _list(made["behind"], "behind")},
    )
    modules = {_text(name, "module", _MODULE) for name in _list(made["modules"], "modules")}
    return Watch(modules, reads, beside=dict(_beside(job, made["beside"])))


def _beside(job: Job, made: Any) -> dict[str, str]:
    """Checksums of what stands beside the page of this report: of all of it, or of nothing."""
    found = {k: _text(v, "sha256", _SHA256) for k, v in _mapping(made, "beside").items()}
    if found and set(found) != set(downloads.names(job.task).values()):
        raise ValueError("beside: other files than those of this report")
    return found


def _wanted(made: Any) -> Wanted:
    name, compute, args = _list(made, "wants")
    if not all(isinstance(arg, str | int | float | bool) or arg is None for arg in _list(args, "args")):
        raise ValueError("wants: an argument that is no text or number")
    return Wanted(_text(name, "wants", _RESULT), _text(compute, "wants", _COMPUTE), tuple(args))


def _mapping(content: Any, what: str) -> Mapping[str, Any]:
    return _of(dict, content, what)


def _list(content: Any, what: str) -> list:
    return _of(list, content, what)


def _of(kind: type, content: Any, what: str) -> Any:
    if not isinstance(content, kind):
        raise ValueError(f"{what}: expected a {kind.__name__}, not a {type(content).__name__}")
    return content


def _number(content: Any, what: str) -> float:
    if (
        isinstance(content, bool)
        or not isinstance(content, int | float)
        or not math.isfinite(content)
        or content < 0
    ):
        raise ValueError(f"{what}: expected a number that is not negative")
    return content


def _text(content: Any, what: str, form: re.Pattern | None = None) -> str:
    if not isinstance(content, str) or len(content) > _LONGEST or (form and not form.fullmatch(content)):
        raise ValueError(f"{what}: expected a text of another form")
    return content
