"""What a worker of a cluster may give back: a report, or its failure, and nothing else.

A worker is another machine: what it answers is held to what was asked of it before any file is written. What it says of the
report is held to the same form as the answer of a process of this machine (``answers``); names of files are those of the
report that was asked for, and sizes have a limit. Nothing is written here.
"""

from __future__ import annotations

import re
from typing import Any, TypeGuard

from analysis.batch import answers
from analysis.batch.jobs import Job, Result

LARGEST = 256 * 2**20
"""Bytes that an answer may hold: a hundred times what a report and what it shares take."""

_SHARED = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,119}")


def unexpected(
    job: Job, result: object, problem: object, files: Any, results: Any, ending: str
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
    if not _is_result(result, job):
        return "the result of something else"
    if wrong := sorted(set(files) - _names(job, result)):
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
    return {task.error, task.failed}


def _is_result(result: object, job: Job) -> TypeGuard[Result]:
    """Whether it is what ``build`` returns of the report of a job that was made or that failed."""
    if not isinstance(result, Result) or result.task != job.task or result.wants is not None:
        return False
    try:
        answers.read(job, answers.written(result))
    except (ValueError, TypeError, AttributeError):  # it is not of the form that an answer has
        return False
    return result.watch is None or result.watch.beside == result.beside
