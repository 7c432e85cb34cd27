"""What a site was made from, so that nothing is written when nothing changed: a record kept beside the edition.

It holds the figures, the datasets' sidecars, the code and templates of the package, the documents and notebooks that pages
quote, the edition, which reports and indicator pages are there or failed, and the checksum of each report. A record that
is missing or unreadable, or a page that is gone or was altered, means that the site is written again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from analysis.data.catalogue import Catalogue
from analysis.foundations import places
from analysis.foundations.files import sha256_at, sha256_of, write_whole
from analysis.foundations.values import LANGS
from analysis.reports import data_files
from analysis.reports.edition import Edition, Task
from analysis.reports.kept import fingerprint

RECORD = ".records/site.json"
DOCUMENTS = ("docs/methods.md",)
COMPARED = (data_files.RECORD, data_files.DIFFERENCES)


@dataclass(frozen=True)
class Present:
    """The files of an edition's folder by their path in it, with forward slashes: reports, errors, indicator pages."""

    files: frozenset[str]

    @classmethod
    def look(cls, folder: Path) -> Present:
        """List the folder of an edition and the folders in it; links, pipes and the like are no files of ours."""
        seen: set[str] = set()
        for entry in os.scandir(folder) if folder.is_dir() else ():
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                inside = (
                    inner.name for inner in os.scandir(entry.path) if inner.is_file(follow_symlinks=False)
                )
                seen.update(f"{entry.name}/{name}" for name in inside)
        return cls(frozenset(seen))

    def __contains__(self, path: str) -> bool:
        return path in self.files

    def folders(self) -> frozenset[str]:
        """The folders that hold a file: codes of territories, and others."""
        return frozenset(path.partition("/")[0] for path in self.files)

    def reports_on(self, code: str, edition: Edition) -> bool:
        """Whether a report on a territory is there, or the error of one, in any language."""
        tasks = [Task(edition.name, code, outcome, lang) for outcome in edition.of(code) for lang in LANGS]
        return any(task.path in self or f"{code}/{task.stem}.error.txt" in self for task in tasks)


def inputs(edition: Edition, folder: Path, root: Path, present: Present) -> str:
    """A checksum of all that the pages of a site are made from, but for which files stand in the folder.

    Of a comparison with an earlier edition, what it keeps, and the data that it was made from, which may be others since.
    """
    catalogue = Catalogue()
    data = [f"{data_files.FOLDER}/{data_files.PACKAGE}", *(COMPARED if COMPARED[0] in present else ())]
    quoted = [root / name for name in DOCUMENTS] + sorted((root / "notebooks").glob("report_*.ipynb"))
    quoted += sorted((catalogue.root / "parameters").glob("*.yml"))
    parts = [
        repr(edition),
        catalogue.fingerprint(),
        fingerprint.code(),
        *(f"{path.name} {sha256_at(path)}" for path in quoted),
        sha256_at(folder / "manifest.json", ours=True),
        *(sha256_at(folder / name, ours=True) for name in data),
    ]
    return sha256_of("\n".join(parts).encode())


def _stamp(made_from: str, present: Present, pages: Iterable[str]) -> str:
    """A checksum of what a site is made from, the files that stand there included, its own pages left out."""
    return sha256_of("\n".join([made_from, *sorted(present.files - set(pages))]).encode())


def _record(folder: Path) -> tuple[str, str, dict[str, str]]:
    """The stamp of the site that is there, what it was made from, and the sha256 of each page; nothing without a record."""
    try:
        record = places.record(folder / RECORD)
        pages = {name: str(sha256) for name, sha256 in record["pages"].items()}
        return str(record["stamp"]), str(record["made_from"]), pages
    except (KeyError, AttributeError, TypeError):
        return "", "", {}


def pages(folder: Path, made_from: str) -> dict[str, str] | None:
    """The sha256 of each page of the site by its path; None when it was not made from these ``inputs``."""
    _, before, recorded = _record(folder)
    return recorded if before == made_from else None


def current(folder: Path, made_from: str, present: Present) -> list[Path] | None:
    """The pages of the site when they are those of its ``inputs`` and whole; None when they must be written."""
    kept, _, pages = _record(folder)
    same = kept == _stamp(made_from, present, pages)
    if same and all(sha256_at(folder / name, ours=True) == sha256 for name, sha256 in pages.items()):
        return [folder / name for name in pages]
    return None


def keep(folder: Path, made_from: str, present: Present, written: Iterable[Path]) -> None:
    """Write the record of a site, and remove the pages of an earlier one that are no longer made.

    ``made_from`` and ``present`` are of before it was written: what changed meanwhile is for the next time.
    """
    before = _record(folder)[2]
    pages = {path.relative_to(folder).as_posix(): sha256_at(path, ours=True) for path in written}
    for name in before.keys() - pages.keys():
        _remove(folder, name, before[name])
    stamp = _stamp(made_from, present, {*before, *pages})
    record = {"stamp": stamp, "made_from": made_from, "pages": pages}
    write_whole(folder / RECORD, (json.dumps(record, indent=1) + "\n").encode())


def _remove(folder: Path, name: str, sha256: str) -> None:
    """Remove a page of an earlier site while it is as it was written, and its folder when nothing is left there."""
    path = folder / name
    if ".." in path.parts or not path.is_relative_to(folder) or sha256_at(path, ours=True) != sha256:
        return
    path.unlink()
    if path.parent != folder:
        with suppress(OSError):
            path.parent.rmdir()
