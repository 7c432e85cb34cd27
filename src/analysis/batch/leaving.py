"""What leaves the folder of an edition: the reports that it has no more, with all that stands beside them.

A territory or an outcome that was taken out of an edition would stay in its folder, be served, and be published. Only files
that the manifest lists, and that still are as it lists them, are removed: what anybody else wrote is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from analysis.batch import pdf
from analysis.batch.build import forget_failure
from analysis.foundations.files import sha256_at
from analysis.reports.beside.manifest import Manifest
from analysis.reports.edition import COUNTRY, Edition, Task, on_request
from analysis.reports.kept import freshness


def belongs(task: Task, edition: Edition, among: Sequence[str]) -> bool:
    """Whether an edition has a report, in any language; ``among`` are the indicators that have a page."""
    if task.is_indicator:
        return task.outcome in among
    known = task.territory in (*edition.territories, COUNTRY) or on_request(task.territory)
    return known and task.outcome in edition.of(task.territory)


def prune(folder: Path, edition: Edition, manifest: Manifest, among: Sequence[str]) -> list[Task]:
    """Remove the reports that the edition has no more, and those in other languages that are out of date; return them.

    Args:
        folder: of the edition. manifest: of it, from which they are dropped. among: the indicators that have a page.
    """
    gone = [
        task
        for task in manifest.tasks()
        if not belongs(task, edition, among)
        or (task.lang not in edition.languages and not manifest.as_now(task))
    ]
    for task in gone:
        _remove(folder, task, manifest)
    manifest.forget(gone)
    return gone


def _remove(folder: Path, task: Task, manifest: Manifest) -> None:
    page = folder / task.path
    paths = [
        path for path, sha256 in manifest.of(task).items() if sha256_at(folder / path, ours=True) == sha256
    ]
    printed = [pdf.path_of(page)] if pdf.is_of(page) else []
    for path in (
        *printed,
        *(folder / path for path in paths),
        freshness.path_of(folder / freshness.FOLDER, task),
    ):
        with suppress(IsADirectoryError):
            path.unlink(missing_ok=True)
    forget_failure(folder, task)
    for parent in (page.parent, folder / freshness.FOLDER / task.territory):
        with suppress(OSError):  # it holds something else
            parent.rmdir()
