"""Published files in, tidy figures out: one module per producer, and the registry of every dataset they read.

A loader takes files as a producer (or a re-user) publishes them and returns figures in the project's terms: codes of
``territories``, canonical periods, indicators of the dictionary, a state for each figure. It knows its file's traps.
Nothing here opens ``data/raw``: ``catalogue`` keeps what the loaders return.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path

from analysis.catalogue import Catalogue, Change
from analysis.sources.base import Dataset, SourceError, import_files

PRODUCERS = (
    "ademe", "banque_de_france", "caisse_des_depots", "cnaf", "dares", "ditp", "drees", "education", "france_travail",
    "insee", "logement", "odre", "ore", "policies", "publications", "urssaf",
)  # fmt: skip


@cache
def datasets() -> dict[str, Dataset]:
    """Every dataset by name, in the order of ``PRODUCERS``."""
    found: dict[str, Dataset] = {}
    for producer in PRODUCERS:
        for dataset in import_module(f"analysis.sources.{producer}").DATASETS:
            if dataset.name in found:
                raise SourceError(f"two loaders are named {dataset.name}; rename one of them")
            found[dataset.name] = dataset
    return found


def dataset(name: str) -> Dataset:
    """One dataset by name; SourceError with the nearest names when there is none."""
    known = datasets()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
        raise SourceError(
            f"no dataset is named {name!r}" + (f"; did you mean {', '.join(near)}?" if near else "")
        )
    return known[name]


def files_under(path: Path) -> list[Path]:
    """The files that may be published ones: ``path`` itself with its neighbours, or everything below a folder."""
    if not path.exists():
        raise SourceError(f"{path} does not exist; give a published file or a folder of them")
    top = path if path.is_dir() else path.parent
    found = top.rglob("*") if path.is_dir() else top.glob("*")
    return sorted(p for p in found if p.is_file() and not p.name.startswith("."))


def import_path(path: Path, catalogue: Catalogue) -> Iterable[Change | SourceError]:
    """Import every dataset whose published files are at ``path``; yield what changed, or why a dataset was refused.

    A folder gives all the datasets it holds. A file gives the datasets that read it, with the files beside it that
    they need too. A refused dataset leaves its figures as they were, and the others are still imported. Raises
    SourceError when no dataset reads anything there.
    """
    around = files_under(path)
    seen = False
    for entry in datasets().values():
        if path.is_file() and not _reads(entry, path):
            continue
        try:
            found = entry.find(around)
            if found is None:
                continue
            seen = True
            yield import_files(entry, found, catalogue)
        except SourceError as error:
            seen = True
            yield error
    if not seen:
        raise SourceError(
            f"no loader reads {path.name}; the file names that loaders expect are in docs/data.md"
        )


def _reads(entry: Dataset, path: Path) -> bool:
    """Whether a file is one of those that a dataset reads."""
    try:
        return entry.find([path]) is not None
    except SourceError:  # one of several
        return True
