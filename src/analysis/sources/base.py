"""What every loader shares: the description of a published dataset, and the parsing of French figures.

A loader is a function from published files to a tidy table; a ``Dataset`` says which files it reads, where they come
from, and under which name its figures are kept. Loaders read files and return frames: they write nothing, and they do
not know ``data/raw``. ``import_files`` hands their result to ``catalogue``, which writes it.
"""

from __future__ import annotations

import fnmatch
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from analysis import places
from analysis.catalogue import Catalogue, Change, DataError, PublishedFile, Sidecar, sha256_of
from analysis.values import FIGURE_COLUMNS, VALUED_STATES, sorted_periods

LICENCE_OUVERTE = "Licence Ouverte 2.0 (Etalab)"
INSEE_REUSE = "Free re-use with attribution (INSEE)"

_MONTHS = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "aout": 8,
    "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
    "janv": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip


class SourceError(DataError):
    """A published file that is not as its loader expects: the message names the file, the place and the remedy."""


@dataclass(frozen=True)
class Dataset:
    """A published dataset and how to read it.

    Attributes:
        name: ``producer/name``, the name of the figures under ``data/raw``.
        files: patterns of the published files' names, in the order in which ``load`` takes them. A pattern that
            matches several files (``FILO20??_DISP_DEP.csv``) gives them all, sorted by name.
        load: published files in, tidy table out (columns of ``values.FIGURE_COLUMNS`` when ``kind`` is ``figures``).
        url: the producer's page; ``download``: addresses of the files themselves, parallel to ``files``, when the
            producer offers stable ones.
        quality: ``producer``, ``reused`` or ``hand_copied``.
        compressed: whether the table is large enough to be stored as ``.csv.gz``.
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
    download: tuple[str, ...] = ()
    compressed: bool = False

    def __post_init__(self) -> None:
        if self.download and (
            len(self.download) != len(self.files) or any("*" in f or "?" in f for f in self.files)
        ):
            raise ValueError(f"{self.name}: give one address per file, and file names without wildcards")

    def find(self, paths: Iterable[Path]) -> tuple[Path, ...] | None:
        """The files of this dataset among ``paths``, or None when none is there; SourceError when some are missing."""
        paths = list(paths)
        found = [[p for p in sorted(paths) if _matches(p, pattern)] for pattern in self.files]
        if not any(found):
            return None
        if missing := [pattern for pattern, hits in zip(self.files, found, strict=True) if not hits]:
            raise SourceError(
                f"{self.name}: found {', '.join(p.name for hits in found for p in hits)} but not {', '.join(missing)}; "
                "put them in the same folder and import that folder"
            )
        return tuple(p for hits in found for p in hits)

    def sidecar(self, paths: Sequence[Path]) -> Sidecar:
        """The sidecar of the figures read from these files."""
        published = tuple(
            PublishedFile(unicodedata.normalize("NFC", p.name), sha256_of(p.read_bytes()), p.stat().st_size)
            for p in paths
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
        )
        return Sidecar(dataset=self.name, published=published, **{key: getattr(self, key) for key in same})


def _matches(path: Path, pattern: str) -> bool:
    return fnmatch.fnmatchcase(unicodedata.normalize("NFC", path.name), unicodedata.normalize("NFC", pattern))


def import_files(dataset: Dataset, paths: Sequence[Path], catalogue: Catalogue) -> Change:
    """Read published files and keep their figures.

    Whatever a loader cannot read (another layout, a damaged workbook, a figure outside its limits) is a SourceError that
    names the dataset, and leaves its figures as they were.
    """
    names = [path.name for path in paths]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SourceError(
            f"{dataset.name}: {', '.join(twice)} is there more than once; import the folder of one only"
        )
    try:
        frame = dataset.load(paths)
        if frame.empty:
            raise SourceError(f"{', '.join(names)} holds no figure; the published file has changed")
        sidecar = dataset.sidecar(paths)
        return catalogue.store(frame, replace(sidecar, vintage=_vintage(sidecar, frame, catalogue)))
    except DataError as error:
        text = str(error)
        raise SourceError(text if text.startswith(dataset.name) else f"{dataset.name}: {text}") from error
    except Exception as error:  # a library's own, on a file that is not what its name says
        if places.closed(error):
            raise SourceError(f"{dataset.name}: {places.closed(error)}; nothing has changed") from error
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise SourceError(
            f"{dataset.name}: {', '.join(names)} cannot be read ({reason}). The file is damaged, or its producer has "
            "changed it: compare it with the loader"
        ) from error


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


# ------------------------------------------------------------------------------------------------- parsing of figures


def number(text: object) -> float | None:
    """A French or English figure as a float: ``12 220`` → 12220, ``0,40`` → 0.4, ``39e3`` → 39000, blank → None.

    Raises ValueError for anything else; the loader says where.
    """
    if text is None or (isinstance(text, float) and text != text):
        return None
    if isinstance(text, int | float) and not isinstance(text, bool):
        return float(text)
    cleaned = (
        "".join(str(text).split()).replace("\u202f", "").replace("\xa0", "").replace(",", ".").rstrip("%")
    )
    if cleaned.lower() in {"", "nd", "n.d.", "ns", "nc", "s", "-", "na", "nan", "so", "//"}:
        return None
    return float(cleaned)


def numbers(column: pd.Series, where: str) -> pd.Series:
    """A column of figures as floats; SourceError names the file and the first cell that is not one."""
    try:
        return column.map(number).astype("float64")
    except ValueError as error:
        raise SourceError(f"{where}, column {column.name!r}: {error}; expected a number") from error


def month(text: str, where: str = "") -> str:
    """``janvier 2023`` or ``sept. 2023`` as ``2023-01``, ``2023-09``."""
    words = (
        unicodedata.normalize("NFKD", str(text))
        .encode("ascii", "ignore")
        .decode()
        .lower()
        .replace(".", " ")
        .split()
    )
    names = [w for w in words if w in _MONTHS]
    years = [w for w in words if w.isdigit() and len(w) == 4]
    if len(names) != 1 or len(years) != 1 or len(words) != 2:
        raise SourceError(f"{where}: {text!r} is not a French month and year such as « janvier 2023 »")
    return f"{years[0]}-{_MONTHS[names[0]]:02d}"


def figures(frame: pd.DataFrame, state: str = "observed", note: str = "") -> pd.DataFrame:
    """Complete a frame of territory, period, indicator and value into a tidy table of figures.

    Missing columns get their defaults; a missing value becomes ``unavailable`` unless the frame gives its state.
    Returns the rows sorted by indicator, territory and period.
    """
    frame = frame.copy()
    for column, default in (
        ("lower", float("nan")),
        ("upper", float("nan")),
        ("state", state),
        ("note", note),
    ):
        if column not in frame:
            frame[column] = default
    valued = frame["state"].isin(VALUED_STATES)
    frame.loc[valued & frame["value"].isna(), "state"] = "unavailable"
    frame = frame[list(FIGURE_COLUMNS)]
    return frame.sort_values(["indicator", "territory", "period"], kind="stable", ignore_index=True)


def require_columns(frame: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Refuse a file that lacks a column the loader reads."""
    if missing := [c for c in columns if c not in frame.columns]:
        raise SourceError(
            f"{where}: no column {', '.join(map(repr, missing))}; found {', '.join(map(repr, frame.columns[:12]))}. "
            "The published file has changed: compare it with the loader"
        )
