"""An edition as its folder ``data/`` keeps it, for a comparison: found by name or by folder, and read with suspicion.

It may be years old, made by other code, or by somebody else: what is missing, damaged, too large or of another form is
refused in a line that names the file, before anything is computed from it. Nothing is compared here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.foundations import places
from analysis.foundations.display import listed
from analysis.foundations.files import DataError
from analysis.foundations.notes import WORDS, apart
from analysis.foundations.periods import period
from analysis.foundations.values import STATES
from analysis.reports.beside.datapackage import read_inputs
from analysis.reports.data_files import FIGURES, FOLDER, INPUTS

KEY = ["indicator", "territory", "period"]
"""What makes a figure the same in two editions."""

LARGEST = 512 * 2**20
"""Bytes that a file of an edition may hold: fifty times what ours do."""

MOST = 20_000_000
"""Figures that an edition may hold."""

_NAME = re.compile(r"[\w][\w .-]{0,79}")
_COLUMNS = {
    "codebook": ("indicator", "unit", "formula", "rounding", "additive", "modelled", "definition_fr", "breaks_fr"),
    "datasets": ("dataset", "published", "vintage", "perimeter", "loader"),
    "corrections": (
        "dataset", "indicator", "territory", "period", "published", "corrected", "why_fr", "why_en", "reference",
    ),
}  # fmt: skip
_NAMED = ("codebook", "datasets")
"""Tables whose first column names the rows."""
_TEXTS = (*KEY, "state", "quality", "source", "note")
_COLUMNS_OF_FIGURES = (*_TEXTS, "value", "lower", "upper")
_MAPPINGS, _LISTS = ("title", "code", "assumptions"), ("territories", "outcomes")


class CompareError(DataError):
    """An edition that cannot be compared; the message says which, and the remedy."""


@dataclass(frozen=True)
class Snapshot:
    """An edition as its folder ``data/`` keeps it."""

    name: str
    inputs: Mapping[str, Any]
    figures: pd.DataFrame
    codebook: pd.DataFrame
    datasets: pd.DataFrame
    corrections: pd.DataFrame

    @cached_property
    def periods(self) -> dict[str, set[str]]:
        """The periods of each indicator."""
        pairs = self.figures[["indicator", "period"]].drop_duplicates()
        return {
            str(name): set(rows.astype("str"))
            for name, rows in pairs.groupby("indicator", observed=True)["period"]
        }


def find(text: str, editions: Path) -> Path:
    """The folder of an edition, from its path or from its name in the folder of the editions; CompareError when neither."""
    for folder in (Path(text).expanduser(), editions / text):
        try:
            if (folder / FOLDER / FIGURES).is_file():
                return folder
        except (OSError, ValueError):  # no name of a file
            continue
    known = sorted(path.parents[1].name for path in editions.glob(f"*/{FOLDER}/{FIGURES}"))
    there = f"; editions there are: {listed(known)}" if known else ""
    raise CompareError(
        f"no edition with its figures is named {text[:80]!r}{there}. Make one with `pacte report --all`, or give its folder"
    )


def read(folder: Path) -> Snapshot:
    """The snapshot of an edition; CompareError when a part of it is missing, damaged, too large or of another form."""
    place, name = folder / FOLDER, folder.resolve().name
    try:
        inputs = _inputs(place)
        tables = {table: _table(place / f"{table}.csv", columns) for table, columns in _COLUMNS.items()}
        named = {table: tables.pop(table).set_index(_COLUMNS[table][0]) for table in _NAMED}
        if twice := [table for table, frame in named.items() if not frame.index.is_unique]:
            raise ValueError(f"{twice[0]}.csv names a row twice")
        found = figures(place / FIGURES)
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        NotImplementedError,
        pa.ArrowException,
        RecursionError,
    ) as error:
        reason = " ".join(str(error).split())[:300]
        raise CompareError(f"the data of edition {name} cannot be read ({reason}): make it again") from error
    return Snapshot(inputs.get("edition", name), inputs, found, **tables, **named)


def _inputs(place: Path) -> dict[str, Any]:
    """What an edition was made from; ValueError when it is not of the form that ``datapackage`` gives it."""
    inputs = read_inputs(place)
    if not inputs:
        raise ValueError(f"{INPUTS} is missing or damaged")
    wrong = [key for key in _MAPPINGS if not _all_texts(inputs.get(key, {}), dict)]
    wrong += [key for key in _LISTS if not _all_texts(inputs.get(key, []), list)]
    wrong += [key for key in ("edition", "package") if not _NAME.fullmatch(str(inputs.get(key, "x")))]
    vintages = inputs.get("vintages", "")
    if not isinstance(vintages, str) and not _all_texts(vintages, dict):
        wrong.append("vintages")
    if wrong:
        raise ValueError(f"{INPUTS}: {', '.join(wrong)} is not what an edition says of itself")
    return inputs


def _all_texts(content: Any, kind: type) -> bool:
    parts = content.values() if isinstance(content, dict) else content
    return isinstance(content, kind) and all(isinstance(part, str) for part in parts)


def _small(path: Path) -> bytes:
    """The content of a file; ValueError when it is larger than any of ours."""
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path.name} holds more than {LARGEST >> 20} MiB")
    return places.content(path, follow=True)


def _table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A small table as text; ValueError when it lacks a column."""
    frame = pd.read_csv(io.BytesIO(_small(path)), dtype="str", keep_default_na=False)  # noqa: TID251 - a file of ours
    if missing := [name for name in columns if name not in frame.columns]:
        raise ValueError(f"{path.name} lacks the columns {', '.join(missing)}")
    return frame


def figures(path: Path) -> pd.DataFrame:
    """The figures, with known states, periods that can be read, and no figure twice.

    Their notes hold keys alone, those of another version of the project among them; what people wrote is left.
    """
    parquet = pq.ParquetFile(io.BytesIO(_small(path)))
    if missing := [name for name in _COLUMNS_OF_FIGURES if name not in parquet.schema_arrow.names]:
        raise ValueError(f"{path.name} lacks the columns {', '.join(missing)}")
    if parquet.metadata.num_rows > MOST:
        raise ValueError(f"{path.name} holds {parquet.metadata.num_rows} figures, more than {MOST}")
    frame = parquet.read().to_pandas()
    frame = frame.astype(dict.fromkeys(("value", "lower", "upper"), "float64"))
    for text in frame["period"].unique():
        period(text)
    if unknown := sorted({str(state) for state in frame["state"].unique()} - set(STATES)):
        raise ValueError(f"{path.name}: unknown state {unknown[0][:40]!r}")
    if frame[list(_TEXTS)].isna().any(axis=None):
        raise ValueError(f"{path.name}: a figure without its {', '.join(_TEXTS)}")
    if frame.duplicated(KEY).any():
        raise ValueError(f"{path.name}: a figure is there twice")
    if WORDS not in frame:  # before words had a column of their own
        frame["note"] = frame["note"].map({note: apart(note)[0] for note in frame["note"].unique()})
    return frame
