"""What changed between two states of the panel, figure by figure, from what is kept of the earlier one.

A snapshot holds the key of each row and two checksums: a revised figure then concerns the reports that read it, and no
other. ``freshness`` asks here when the panel is not the one that a report was made from, and only then.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.foundations.columns import KEY
from analysis.foundations.notes import WORDS
from analysis.foundations.observation import EVERYTHING, FigureRead, whole_of


def of_panel(content: bytes) -> pd.DataFrame:
    """The snapshot of a panel, from the bytes in which it is kept."""
    return snapshot(pd.read_parquet(io.BytesIO(content)))


def read(content: bytes) -> pd.DataFrame:
    """A snapshot, from the bytes in which it is kept; ValueError when they are none."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(pa.BufferReader(content)).replace_schema_metadata(None)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise ValueError(f"no snapshot of a panel: {error}") from error
    kinds = {field.name: str(field.type).partition("=")[0] for field in table.schema}
    if kinds != {**dict.fromkeys(KEY, "dictionary<values"), "whole": "uint64", "coverage": "uint64"}:
        raise ValueError(f"no snapshot of a panel: its columns are {kinds}")
    return table.to_pandas()


def written(rows: pd.DataFrame) -> bytes:
    """A snapshot as it is kept."""
    return rows.to_parquet(index=False, compression="zstd")


def snapshot(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a panel reduced to their key and two checksums: of everything, and of what ``coverage`` reads."""
    texts = {c: _hashed(frame[c]) for c in ("state", "quality", "source", "note", WORDS)}
    numbers = {c: frame[c].to_numpy(dtype="float64").view("uint64") for c in ("value", "lower", "upper")}
    coverage = _mixed([texts["state"], texts["quality"], texts["source"]])
    whole = _mixed([coverage, texts["note"], texts[WORDS], *numbers.values()])
    return frame[KEY].assign(whole=whole, coverage=coverage)


def _hashed(column: pd.Series) -> np.ndarray:
    categories = column.astype("category")
    hashes = pd.util.hash_array(categories.cat.categories.astype("object").to_numpy())
    return hashes[categories.cat.codes.to_numpy()]


def _mixed(columns: Iterable[np.ndarray]) -> np.ndarray:
    """Combine checksums row by row (a multiplicative hash; collisions at 2⁻⁶⁴)."""
    first, *others = columns
    total = first.copy()
    for column in others:
        total = (total * np.uint64(0x9E3779B97F4A7C15)) ^ (column + (total >> np.uint64(29)))
    return total


@dataclass(frozen=True)
class Changes:
    """Keys of the figures that differ between two states of the panel, ready to be asked."""

    whole: frozenset[tuple[str, str, str]]
    coverage: frozenset[tuple[str, str, str]]

    @classmethod
    def between(cls, before: pd.DataFrame, after: pd.DataFrame) -> Changes:
        """Rows added, removed or revised."""
        if before[KEY].equals(after[KEY]):  # revisions only, as most often: they need no matching
            both = after.assign(moved=False, whole_before=before["whole"], coverage_before=before["coverage"])
        else:
            texts = dict.fromkeys(KEY, "str")
            both = after.astype(texts).merge(
                before.astype(texts), on=KEY, how="outer", suffixes=("", "_before"), indicator="moved"
            )
            both["moved"] = both["moved"] != "both"
        revised = (both["moved"] | (both[c] != both[f"{c}_before"]) for c in ("whole", "coverage"))
        return cls(*(frozenset(map(tuple, both.loc[rows, KEY].to_numpy())) for rows in revised))

    @cached_property
    def indicators(self) -> frozenset[str]:
        """Those of which a figure differs."""
        return frozenset(indicator for indicator, _, _ in self.whole)

    def concern(self, read: FigureRead) -> tuple[str, str, str] | None:
        """A changed figure that a read depends on, the first in order; None when there is none."""
        index = self._coverage_index if read.coverage else self._whole_index
        return index.get((read.indicator, read.territory, read.period))

    @cached_property
    def _whole_index(self) -> dict[tuple[str, str, str], tuple[str, str, str]]:
        return _by_read(self.whole)

    @cached_property
    def _coverage_index(self) -> dict[tuple[str, str, str], tuple[str, str, str]]:
        return _by_read(self.coverage)


def _by_read(keys: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], tuple[str, str, str]]:
    """For each way of reading that covers a key, the first such key."""
    index: dict[tuple[str, str, str], tuple[str, str, str]] = {}
    for key in sorted(keys):
        indicator, territory, period = key
        for place in filter(None, (territory, EVERYTHING, whole_of(territory))):
            for when in (period, EVERYTHING):
                index.setdefault((indicator, place, when), key)
    return index
