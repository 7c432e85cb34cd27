"""Published files in, tidy figures out: one module or folder per producer, and the registry of every dataset they read.

A loader takes files as a producer (or a re-user) publishes them and returns figures in the project's terms: codes of
``territories``, canonical periods, indicators of the dictionary, a state for each figure. It knows its file's traps.
Nothing here opens ``data/raw``: ``catalogue`` keeps what the loaders return.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType

from analysis.data.catalogue import Catalogue
from analysis.data.sources.base import Dataset, import_files
from analysis.foundations import file_names as names
from analysis.foundations.changes import Change
from analysis.foundations.display import capped, hint, shown
from analysis.foundations.limits import SourceError
from analysis.foundations.published import ARCHIVES, unpack

MAX_FILES = 20_000
"""Files that are looked at below a folder: more are not a folder of published files."""


@dataclass(frozen=True)
class Unrecognised:
    """Files of a folder that no loader reads, each with the nearest name that one reads; what was read is imported."""

    files: tuple[str, ...]

    def __str__(self) -> str:
        lines = capped((f"  {line}" for line in self.files), 8)
        return "\n".join([f"{len(self.files)} files are not recognised, and were not read:", *lines])


def modules() -> Iterator[ModuleType]:
    """The modules of this folder, and of those below, that describe datasets in their ``DATASETS``."""
    for name in sorted(module.name for module in walk_packages(__path__, f"{__name__}.")):
        if hasattr(module := import_module(name), "DATASETS"):
            yield module


@cache
def datasets() -> dict[str, Dataset]:
    """Every dataset by name, module by module."""
    found: dict[str, Dataset] = {}
    for module in modules():
        for dataset in module.DATASETS:
            if dataset.name in found:
                raise SourceError(f"two loaders are named {dataset.name}; rename one of them")
            found[dataset.name] = dataset
    return found


def described_in(name: str) -> str:
    """The module in which a dataset is described."""
    return next(m.__name__ for m in modules() if any(entry.name == name for entry in m.DATASETS))


def dataset(name: str) -> Dataset:
    """One dataset by name; SourceError with the nearest names when there is none."""
    known = datasets()
    if name not in known:
        raise SourceError(f"no dataset is named {shown(name)}{hint(name, known)}")
    return known[name]


def import_path(
    path: Path, catalogue: Catalogue, replace: bool = False
) -> Iterator[Change | SourceError | Unrecognised]:
    """Import every dataset whose published files are at ``path``; yield what changed, or why a dataset was refused.

    A file gives the datasets that read it: that very file, with the files beside it that they need too. A folder gives
    all the datasets it holds, and last what is in it that no dataset reads; an archive (``.zip``, ``.gz``) is a folder. A
    refused dataset leaves its figures as they were, and the others are still imported. Figures that are stored and that
    the new files lack are a refusal too, unless ``replace``. Raises SourceError when no dataset reads anything there.
    """
    if not path.exists():
        raise SourceError(f"{path} does not exist; give a published file or a folder of them")
    with tempfile.TemporaryDirectory(prefix="pacte-import-") as folder:
        named = path if path.is_file() and path.suffix.casefold() not in ARCHIVES else None
        try:
            around = _siblings(path) if named else _below(path, catalogue.root)
        except OSError as error:
            raise SourceError(f"{error.filename or path} cannot be read ({error.strerror})") from error
        around, packed, broken = _unpacked(around, Path(folder)) if not named else (around, {}, [])
        known = [entry for entry in datasets().values() if not named or _reads(entry, path)]
        seen = False
        for entry in known:
            try:
                chosen = entry.choose(around, named)
                if chosen is None:
                    continue
                seen = True
                out_of = sorted({names.shown(packed[p].name) for p in chosen.paths if p in packed})
                notes = [*chosen.notes, *([f"taken out of {', '.join(out_of)}"] if out_of else [])]
                yield import_files(entry, chosen.paths, catalogue, replace, notes)
            except SourceError as error:
                seen = True
                yield error
        left = [*broken, *_unread([path] if named else around)]
    if not seen:
        raise SourceError(_nothing(path, left))
    if left:
        yield Unrecognised(tuple(left))


def _siblings(path: Path) -> list[Path]:
    return [p for p in path.parent.iterdir() if p == path or (p.is_file() and not _is_hidden(p))]


def _below(path: Path, raw: Path) -> list[Path]:
    """The files below a folder, or the one file; those of ``data/raw`` are the project's own, and no published ones."""
    if not path.is_dir():
        return [path]
    found = (p for p in path.rglob("*") if p.is_file() and not _is_hidden(p) and not p.is_relative_to(raw))
    files = list(islice(found, MAX_FILES + 1))
    if len(files) > MAX_FILES:
        raise SourceError(
            f"{path} holds more than {MAX_FILES:,} files; give the folder of the published ones"
        )
    return sorted(files)


def _is_hidden(path: Path) -> bool:
    return path.name.startswith(".") and not names.unfinished(path.name)


def _unpacked(paths: Iterable[Path], folder: Path) -> tuple[list[Path], dict[Path, Path], list[str]]:
    """The files with, in the place of archives, those of their members that are read.

    Also the archive of each of these, and what is to be said of archives that give none.
    """
    there: list[Path] = []
    packed: dict[Path, Path] = {}
    broken = []
    for number, path in enumerate(paths):
        if path.suffix.casefold() not in ARCHIVES:
            there.append(path)
            continue
        try:
            members = unpack(path, _is_read, folder / str(number))
        except SourceError as error:
            broken.append(str(error))
            continue
        if not members:
            broken.append(f"{names.shown(path.name)} (no file that a loader reads)")
        there += members
        packed |= dict.fromkeys(members, path)
    return there, packed, broken


def _reads(entry: Dataset, path: Path) -> bool:
    return any(names.matches(path.name, pattern) for pattern in entry.files)


def _is_read(name: str) -> bool:
    return any(_reads(entry, Path(name)) for entry in datasets().values())


def _unread(paths: Iterable[Path]) -> list[str]:
    """Files that no dataset reads, with the nearest name of one that is read."""
    patterns = {pattern: entry.name for entry in datasets().values() for pattern in entry.files}
    found = []
    for path in paths:
        if not _is_read(path.name):
            near = names.nearest(path.name, patterns)
            about = f", nearest « {near} » ({patterns[near]})" if near else ""
            found.append(f"{names.shown(path.name)}{about}")
    return found


def _nothing(path: Path, left: list[str]) -> str:
    """Why nothing at a path is read: the one file, or those that are there."""
    expected = "the file names that loaders expect are in docs/data.md"
    if len(left) == 1:
        renamed = (
            "; one that is newer, of the same layout, is read under that name" if "nearest" in left[0] else ""
        )
        return f"no loader reads {left[0]}{renamed}; {expected}"
    lines = "".join(f"\n  {line}" for line in capped(left, 8))
    return f"no loader reads anything in {names.shown(path.name)}; {expected}" + (
        f". There are:{lines}" if lines else ""
    )
