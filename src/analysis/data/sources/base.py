"""What every loader shares: the description of a published dataset, and how what it reads is kept.

A loader is a function from published files to a tidy table; a ``Dataset`` says which files it reads, where they come
from, and under which name its figures are kept. Loaders read files and return frames: they write nothing, and they do
not know ``data/raw``. ``import_files`` hands their result to ``catalogue``, which writes it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from dataclasses import replace as evolve
from pathlib import Path

import pandas as pd

from analysis.data.catalogue import Catalogue, PublishedFile, Sidecar
from analysis.data.sources.remote import Remote
from analysis.foundations import file_names as names
from analysis.foundations import places
from analysis.foundations.changes import Change
from analysis.foundations.file_choice import Chosen, choose
from analysis.foundations.files import DataError, sha256_of
from analysis.foundations.levels import DEPARTEMENT
from analysis.foundations.limits import SourceError, read_bytes_limited
from analysis.foundations.periods import sorted_periods

LICENCE_OUVERTE = "Licence Ouverte 2.0 (Etalab)"
INSEE_REUSE = "Free re-use with attribution (INSEE)"


@dataclass(frozen=True)
class Dataset:
    """A published dataset and how to read it.

    Attributes
    ----------
    name : str
        ``producer/name``, the name of the figures under ``data/raw``.
    url : str
        The producer's page.
    files : tuple[str, ...]
        Patterns of the published files' names, in the order in which ``load`` takes them: one file each.
    load : Callable[[Sequence[Path]], DataFrame]
        Published files in, tidy table out (columns of ``values.FIGURE_COLUMNS`` when ``kind`` is ``figures``).
    quality : str
        ``producer``, ``reused`` or ``hand_copied``.
    compressed : bool
        Whether the table is large enough to be stored as ``.csv.gz``.
    vintages : Callable[[str], str]
        For a family of files whose figures add up, one a year (``FILO20??_DISP_DEP.csv``, its only pattern): the period
        of a file, from its name. Any of them may be imported alone; those of other years stay.
    level : str
        The level of the territories of its figures, where these lie inside départements (``levels``, ``apart``).
    remote : Remote | None
        How it is fetched from its producer, and read when what is fetched is not laid out as the files are.
    """

    name: str
    producer: str
    title: str
    url: str
    licence: str
    vintage: str
    perimeter: str
    files: tuple[str, ...]
    load: Callable[[Sequence[Path]], pd.DataFrame]
    quality: str = "producer"
    kind: str = "figures"
    breaks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    compressed: bool = False
    vintages: Callable[[str], str] | None = None
    level: str = DEPARTEMENT.key
    remote: Remote | None = None

    @property
    def undecided(self) -> tuple[str, ...]:
        """What is still ``...``, written by ``pacte data new`` where a person decides: keys of this, or ``load``."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        code = getattr(self.load, "__code__", None)
        given["load"] = code.co_consts if code else self.load
        return tuple(name for name, value in given.items() if _has_ellipsis(value))

    def choose(self, paths: Iterable[Path], named: Path | None = None) -> Chosen | None:
        """The files of this dataset among ``paths`` (see ``file_choice.choose``), or None when none is there."""
        return choose(self.name, self.files, paths, named, family=self.vintages is not None)

    def find(self, paths: Iterable[Path]) -> tuple[Path, ...] | None:
        """The files of this dataset among ``paths``, or None; SourceError when some are missing, or which is not clear."""
        chosen = self.choose(paths)
        return None if chosen is None else chosen.paths

    def sidecar(self, paths: Sequence[Path]) -> Sidecar:
        """The sidecar of the figures read from these files."""
        published = tuple(
            PublishedFile(
                names.shown(unicodedata.normalize("NFC", path.name)), sha256_of(content), len(content)
            )
            for path, content in ((path, read_bytes_limited(path)) for path in paths)
        )
        same = (
            "producer",
            "title",
            "url",
            "licence",
            "vintage",
            "perimeter",
            "quality",
            "kind",
            "breaks",
            "notes",
            "compressed",
            "level",
        )
        return Sidecar(dataset=self.name, published=published, **{key: getattr(self, key) for key in same})


def _has_ellipsis(value: object) -> bool:
    """Whether something, a part of it, or what it is declared with, is left to decide."""
    if isinstance(value, tuple):
        return any(map(_has_ellipsis, value))
    if isinstance(value, Mapping):
        return any(map(_has_ellipsis, (*value, *value.values())))
    if is_dataclass(value):
        return any(_has_ellipsis(getattr(value, field.name)) for field in fields(value))
    return value is ...


def home(dataset: Dataset) -> str:
    """Where a person finds how a dataset is read: the module of its loader, or that of its producer for a generic one."""
    return (
        f"the module of {dataset.name.split('/')[0]}"
        if is_dataclass(dataset.load)
        else dataset.load.__module__
    )


Prepare = Callable[[pd.DataFrame, Sidecar], tuple[pd.DataFrame, Sidecar, list[str]]]
"""What makes the figures and the sidecar to store of those that were read, and what a person should know of it."""


def import_files(
    dataset: Dataset,
    paths: Sequence[Path],
    catalogue: Catalogue,
    replace: bool = False,
    notes: Sequence[str] = (),
    prepare: Prepare | None = None,
) -> Change:
    """Read published files and keep their figures; ``notes`` are handed on with what changed.

    Whatever a loader cannot read (another layout, a damaged workbook, a figure outside its limits) is a SourceError that
    names the dataset, and leaves its figures as they were. So is a loss of figures that are stored, unless ``replace``.
    ``prepare`` is called while nobody else writes, before anything is.
    """
    if left := dataset.undecided:
        raise SourceError(
            f"{dataset.name}: nothing was imported, as {', '.join(left)} remain to be decided: write what they are "
            f"where `...` stands in {home(dataset)}"
        )
    try:
        sidecar = dataset.sidecar(paths)
        frame = _loaded(dataset, paths)
        if dataset.sidecar(paths) != sidecar:
            raise SourceError(f"{_listed(paths)} changed while it was read; import it once it is whole")
        with catalogue.writing():
            made = (
                prepare(frame, sidecar) if prepare else _prepared(dataset, frame, sidecar, catalogue, replace)
            )
            frame, sidecar, more = made
            change = catalogue.store(frame, sidecar, replace)
        return evolve(change, notes=(*notes, *more))
    except DataError as error:
        text = str(error)
        if isinstance(error, SourceError) and text.startswith(dataset.name):
            raise
        raise SourceError(text if text.startswith(dataset.name) else f"{dataset.name}: {text}") from error
    except OSError as error:
        raise SourceError(
            f"{dataset.name}: figures cannot be written ({error.strerror or error}: {error.filename or catalogue.root}); "
            "those that are stored are as they were. Mend that, and import again"
        ) from error


def _prepared(
    dataset: Dataset, frame: pd.DataFrame, sidecar: Sidecar, catalogue: Catalogue, replace: bool
) -> tuple[pd.DataFrame, Sidecar, list[str]]:
    """What a person's files give, with the stored figures of other years in a family of files."""
    notes: list[str] = []
    if dataset.vintages and not replace:
        frame, sidecar, notes = _with_other_vintages(dataset, frame, sidecar, catalogue)
    return frame, evolve(sidecar, vintage=_vintage(sidecar, frame, catalogue)), notes


def _loaded(dataset: Dataset, paths: Sequence[Path]) -> pd.DataFrame:
    """What the loader makes of the files."""
    try:
        frame = dataset.load(paths)
    except DataError:
        raise
    except MemoryError as error:
        raise SourceError(f"{_listed(paths)} takes more memory than there is; nothing has changed") from error
    except Exception as error:  # a library's own, on a file that is not what its name says
        if why := places.closed(error):
            raise SourceError(f"{why}; nothing has changed") from error
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        raise SourceError(
            f"{_listed(paths)} cannot be read ({reason}). The file is damaged, or its producer has changed it: compare it "
            "with the loader"
        ) from error
    if frame.empty:
        raise SourceError(f"{_listed(paths)} holds no figure; the published file has changed")
    return frame


def _listed(paths: Sequence[Path]) -> str:
    return ", ".join(names.shown(path.name) for path in paths)


def _with_other_vintages(
    dataset: Dataset, frame: pd.DataFrame, sidecar: Sidecar, catalogue: Catalogue
) -> tuple[pd.DataFrame, Sidecar, list[str]]:
    """What was read with the stored figures of other periods, and their files with those that were read."""
    try:
        before, old = catalogue.sidecar(dataset.name), catalogue.figures(dataset.name)
    except DataError:  # nothing is stored, or it is damaged: ``store`` tells
        return frame, sidecar, []
    old = old[~old["period"].isin(set(frame["period"]))]
    if old.empty:
        return frame, sidecar, []
    periods = set(old["period"])
    files = [file for file in before.published if dataset.vintages and dataset.vintages(file.name) in periods]
    published = sorted([*files, *sidecar.published], key=lambda file: names.key(file.name))
    note = f"the stored figures of {', '.join(sorted_periods(periods))} stay"
    return pd.concat([old, frame], ignore_index=True), evolve(sidecar, published=tuple(published)), [note]


def _vintage(sidecar: Sidecar, frame: pd.DataFrame, catalogue: Catalogue) -> str:
    """The vintage that the loader describes, unless other files than before cover other periods than before.

    Then the periods covered are the vintage, so that a sidecar never claims an older file than the one that was read.
    """
    try:
        before = catalogue.sidecar(sidecar.dataset)
    except DataError:
        return sidecar.vintage
    if sidecar.kind != "figures" or before.kind != "figures":
        return sidecar.vintage
    periods = sorted_periods(frame["period"])
    covered, kept = f"{periods[0]} – {periods[-1]}", f"{before.period_first} – {before.period_last}"
    if before.vintage == sidecar.vintage:
        described = covered == kept or before.published == sidecar.published
    else:
        described = before.vintage != kept
    return sidecar.vintage if described else covered
