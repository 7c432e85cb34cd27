"""Which files of an edition readers are meant to receive: those that are listed, and made from the figures as they are.

The manifest lists the reports with what stands beside them, the record of the site its pages, the data package its files. A
report that would be made again, or that the edition has no more, is named, and then nothing is published. Nothing is written
here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from analysis.batch import leaving, pdf, run
from analysis.data.catalogue import Catalogue
from analysis.foundations.files import DataError, sha256_at
from analysis.foundations.values import LANGS, Lang
from analysis.reports import data_files
from analysis.reports import edition as editions
from analysis.reports.beside import compare, datapackage
from analysis.reports.beside import manifest as manifests
from analysis.reports.edition import INDICATORS, Edition, Notebook, Task
from analysis.reports.kept import fingerprint
from analysis.site import indicators, shell, state

MANIFEST = "manifest.json"
LISTED = 10
"""Files at fault that a refusal names."""


class NotPublished(DataError):
    """A folder that cannot be published, or a place that must not be overwritten; nothing was written."""


def listed(edition: Edition, root: Path, folder: Path, with_failures: bool) -> dict[str, str]:
    """The files to publish with the sha256 of each, in order; NotPublished when one is not of the figures as they are."""
    catalogue, present = Catalogue(), state.Present.look(folder)
    names = indicators() if any(catalogue) else ()
    tasks = [task for lang in LANGS for task in _tasks(edition, lang, names)]
    failed = [task for task in tasks if task.error in present]
    if failed and not with_failures:
        raise NotPublished(
            f"{len(failed)} reports failed, first {failed[0].error}: make them again with `pacte report --all "
            "--only-failed`, or publish with --with-failures"
        )
    books = {name: editions.read_notebook(name, path) for name, path in _notebooks(edition, root).items()}
    manifest = manifests.Manifest(folder, edition.name, fingerprint.inputs(books))
    problems = list(
        _outdated(edition, root, folder, [t for t in tasks if t not in failed], books, manifest, names)
    )
    site = state.pages(folder, state.inputs(edition, folder, root, present))
    if site is None:
        problems.append("the pages of the site: not of the figures, the reports and the edition as they are")
    data = _data(edition, root, folder, catalogue)
    if data is None:
        problems.append(f"{data_files.FOLDER}/: not the figures as they are, or damaged")
    if problems or site is None or data is None:
        raise _stale(folder, problems)
    ours = set(shell.pages_of(edition))
    site = {name: sha256 for name, sha256 in site.items() if name in ours}
    reports = {path: sha256 for task in manifest.tasks() for path, sha256 in manifest.of(task).items()}
    return dict(sorted({**reports, **site, **data, **_others(folder, manifest.tasks(), failed)}.items()))


def _tasks(edition: Edition, lang: Lang, names: tuple[str, ...]) -> list[Task]:
    """All that an edition may have in a language: its reports, and the pages of indicators."""
    return [*shell.tasks(edition, lang), *(Task(edition.name, INDICATORS, name, lang) for name in names)]


def _notebooks(edition: Edition, root: Path) -> dict[str, Path]:
    there = editions.notebooks(root)
    return {name: there[name] for name in edition.possible if name in there}


def _outdated(
    edition: Edition,
    root: Path,
    folder: Path,
    tasks: list[Task],
    books: Mapping[str, Notebook],
    manifest: manifests.Manifest,
    names: tuple[str, ...],
) -> Iterator[str]:
    """Why reports cannot be published, a line each: those that are there and are not those that would be made now."""
    entered = set(manifest.tasks())
    for task in sorted(entered):
        if not leaving.belongs(task, edition, names):
            yield f"{task}: the edition has it no more"
    there = [task for task in tasks if task in entered or sha256_at(folder / task.path, ours=True)]
    plan = run.plan(edition, there, books, root, folder, run.Options(), names)
    for task, reason in plan.reasons.items():
        unobserved = task in entered and manifest.as_now(
            task
        )  # a kernel leaves no record: the manifest says it all
        if not unobserved or not _as_entered(folder, manifest.of(task)):
            yield f"{task}: {reason}"
    yield from (f"{task}: it is not in {MANIFEST}" for task in plan.fresh if task not in entered)


def _as_entered(folder: Path, files: Mapping[str, str]) -> bool:
    return all(sha256_at(folder / path, ours=True) == sha256 for path, sha256 in files.items())


def _data(edition: Edition, root: Path, folder: Path, catalogue: Catalogue) -> dict[str, str] | None:
    """The files of the edition's figures, and of the comparison that it keeps; None when they are not those of now."""
    if not any(catalogue):
        return {}
    if not datapackage.is_current(folder, edition, root, catalogue) or not datapackage.is_held(folder):
        return None
    kept = (data_files.DIFFERENCES, data_files.RECORD) if compare.kept(folder) else ()
    return {name: sha256_at(folder / name, ours=True) for name in (*data_files.FILES, *kept)}


def _others(folder: Path, tasks: list[Task], failed: list[Task]) -> dict[str, str]:
    """The manifest, what was printed from pages as they are, and the errors of reports that failed."""
    prints = [pdf.path_of(folder / task.path) for task in tasks if pdf.is_of(folder / task.path)]
    paths = [folder / MANIFEST, *prints, *(folder / task.error for task in failed)]
    return {path.relative_to(folder).as_posix(): sha256_at(path, ours=True) for path in paths}


def altered(folder: Path, names: Iterable[str]) -> NotPublished:
    """The refusal of files that are not as they are listed."""
    return _stale(folder, [f"{name}: not there, or altered since it was made" for name in names])


def _stale(folder: Path, problems: list[str]) -> NotPublished:
    more = [f"and {len(problems) - LISTED} more"] if len(problems) > LISTED else []
    lines = [
        f"{folder.name} is not what would be made from the figures as they are: run `pacte report --all` first"
    ]
    return NotPublished("\n  ".join([*lines, *problems[:LISTED], *more]))
