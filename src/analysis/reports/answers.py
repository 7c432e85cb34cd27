"""What a worker of a cluster may give back: a report, or its failure, and nothing else.

A worker is another machine: what it answers is held to what was asked of it before any file is written. Names are those of
the report that was asked for, types are those of a local run, sizes have a limit. Nothing is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from analysis.observation import FigureRead, Reads
from analysis.reports import downloads
from analysis.reports.build import Job, Result, error_path
from analysis.reports.freshness import Watch

LARGEST = 256 * 2**20
"""Bytes that an answer may hold: a hundred times what a report and what it shares take."""

_SHARED = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,119}")
_MODULE = re.compile(r"\w+(\.\w+)*(\.\*)?")
_FILE = re.compile(r"(?!.*\.\.)[\w-][\w./-]*")
_ANY = re.compile(r"(?s).*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def unexpected(
    job: Job, result: object, problem: object, files: object, results: object, ending: str
) -> str | None:
    """What is wrong with the answer to a job, in words; None when it is one.

    Args:
        job: what was asked. result, problem: how it ended. files: what it left, by path. results: the shared results that
        were computed for it, by name. ending: of the names of these.
    """
    if not _are_files(files) or not _are_files(results):
        return "files that are none"
    if sum(len(content) for content in (*files.values(), *results.values())) > LARGEST:
        return f"more than {LARGEST >> 20} MiB"
    if wrong := [name for name in results if not (_SHARED.fullmatch(name) and name.endswith(ending))]:
        return f"a shared result named {wrong[0][:60]!r}"
    if result is None:
        return None if isinstance(problem, str) and not files else "neither a result nor a problem"
    if not _is_result(result) or result.task != job.task:
        return "the result of something else"
    expected = _names(job, result)
    if wrong := sorted(set(files) - expected):
        return f"a file named {wrong[0][:60]!r}"
    return None


def _are_files(content: object) -> bool:
    return isinstance(content, dict) and all(
        isinstance(name, str) and isinstance(data, bytes) for name, data in content.items()
    )


def _names(job: Job, result: Result) -> set[str]:
    """The files that a report may leave: its page with what stands beside it, or what tells of its failure."""
    task = job.task
    if result.reason is None:
        return {task.path, *result.beside}
    failed = f"{task.territory}/{task.stem}.failed.ipynb"
    return {error_path(job.folder, task).relative_to(job.folder).as_posix(), failed}


def _is_result(result: object) -> bool:
    """Whether it is what ``build`` returns of a report that was made or that failed."""
    if not isinstance(result, Result) or not (result.reason is None or isinstance(result.reason, str)):
        return False
    numbers = (result.bytes, result.cpu, result.peak, *_values(result.stages))
    beside = result.beside
    return (
        all(isinstance(x, int | float) for x in numbers)
        and _texts((result.sha256, *_values(beside)), _SHA256 if result.reason is None else _ANY)
        and set(beside) <= set(downloads.names(result.task).values())
        and (result.watch is None or _is_watch(result.watch, beside))
        and result.wants is None
    )


def _values(content: object) -> tuple:
    return tuple(content.values()) if isinstance(content, Mapping) else (None,)


def _is_watch(watch: object, beside: Mapping[str, str]) -> bool:
    """Whether it is what a build is observed to use, by names that lead nowhere else."""
    if not isinstance(watch, Watch) or not isinstance(watch.reads, Reads) or watch.beside != beside:
        return False
    figures = watch.reads.figures
    return (
        _texts({*watch.modules, *watch.reads.modules}, _MODULE)
        and _texts(watch.reads.files, _FILE)
        and all(isinstance(read, FigureRead) for read in figures)
        and _texts((x for read in figures for x in (read.indicator, read.territory, read.period)), _ANY)
    )


def _texts(names: Iterable[object], pattern: re.Pattern) -> bool:
    return all(isinstance(name, str) and pattern.fullmatch(name) for name in names)
