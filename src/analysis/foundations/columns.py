"""Figures of one indicator as plain columns: what ``panel`` hands out, a row or a frame at a time.

A figure that cannot be computed (a division by nothing, a number beyond what a computer holds) has a state here, so that no
infinity goes further. It reads no file, and knows nothing of the other indicators.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.foundations import origin
from analysis.foundations.notes import WORDS
from analysis.foundations.values import VALUED_STATES, Value

COLUMNS = (
    "territory", "period", "indicator", "value", "lower", "upper", "state", "quality", "source", "note", WORDS,
)  # fmt: skip
KEY = ["indicator", "territory", "period"]
AMOUNTS = ("value", "lower", "upper")
TEXTS = dict.fromkeys((c for c in COLUMNS if c not in AMOUNTS), "str")


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with ``COLUMNS``, of which nobody wrote anything."""
    return rows.assign(**{WORDS: ""})[list(COLUMNS)]


class Columns:
    """Figures of one indicator as columns, with the rows of each territory and period at hand.

    A report reads hundreds of figures: columns are plain arrays, and a frame is made only of the rows that are asked for.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.columns = _finite({c: _plain(frame[c]) for c in COLUMNS})

    @cached_property
    def _row(self) -> dict[tuple[str, str], int]:
        """The row of each territory and period."""
        pairs = zip(self.columns["territory"], self.columns["period"], strict=True)
        return {pair: i for i, pair in enumerate(pairs)}

    @cached_property
    def _rows_of(self) -> dict[str, list[int]]:
        return _places(self.columns["territory"])

    @cached_property
    def periods(self) -> Collection[str]:
        """The periods of the figures, of any territory and state."""
        return frozenset(self.columns["period"].tolist())

    @cached_property
    def datasets(self) -> frozenset[str]:
        """Names of the datasets that the figures come from, both terms of a derived one included."""
        return frozenset(origin.datasets(self.columns["source"]))

    @cached_property
    def _rows_at(self) -> dict[str, list[int]]:
        return _places(self.columns["period"])

    def rows(self, codes: Collection[str] | None, periods: Collection[str] | None) -> list[int]:
        """Numbers of the rows of some territories and periods (None: all), in panel order."""
        if codes is None:
            if periods is None:
                return list(range(len(self.columns["value"])))
            return sorted(i for when in set(periods) for i in self._rows_at.get(when, ()))
        if periods is None:
            return sorted(i for code in set(codes) for i in self._rows_of.get(code, ()))
        keys = ((code, when) for code in set(codes) for when in set(periods))
        return sorted(self._row[key] for key in keys if key in self._row)

    def frame(self, rows: Sequence[int]) -> pd.DataFrame:
        """Rows as a frame with ``COLUMNS``."""
        return pd.DataFrame(
            {c: pd.Series(column[rows], dtype=column.dtype) for c, column in self.columns.items()}
        )

    def value(self, row: int) -> Value:
        """A row as a Value."""
        return row_value({c: column[row] for c, column in self.columns.items()})

    def find(self, territory: str, period: str) -> Value | None:
        """The figure of a territory and a period, or None."""
        row = self._row.get((territory, period))
        return None if row is None else self.value(row)


def _places(texts: np.ndarray) -> dict[str, list[int]]:
    """The rows in which each text stands."""
    found: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        found.setdefault(text, []).append(i)
    return found


def _plain(column: pd.Series) -> np.ndarray:
    """A column as an array of floats or of strings."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories.to_numpy(dtype=object)[column.cat.codes.to_numpy()]
    return column.to_numpy(dtype="float64" if column.name in ("value", "lower", "upper") else object)


def _finite(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The columns with what cannot be computed as a state: a valued state whose number is infinite, or is none."""
    value, empty = columns["value"], np.isnan(columns["value"])
    valued = np.zeros(len(value), dtype=bool)
    if empty.any():
        valued[empty] = [state in VALUED_STATES for state in columns["state"][empty]]
    if not valued.any() and not any(np.isinf(columns[c]).any() for c in AMOUNTS):
        return columns
    lost = valued | np.isinf(value)
    state = np.where(lost, "not_computable", columns["state"]).astype(object)
    kept = {c: np.where(lost | np.isinf(columns[c]), np.nan, columns[c]) for c in AMOUNTS}
    return {**columns, **kept, "state": state}


def row_value(row: pd.Series | Mapping[Any, Any]) -> Value:
    """A row of the panel as a Value."""
    value, lower, upper = (None if pd.isna(row[c]) else float(row[c]) for c in AMOUNTS)
    quality, source = (None if pd.isna(row[c]) else str(row[c]) for c in ("quality", "source"))
    indicator, territory, period, state, note = (
        str(row[c]) for c in ("indicator", "territory", "period", "state", "note")
    )
    return Value(
        indicator,
        territory,
        period,
        value,
        lower,
        upper,
        state,
        quality,
        source,
        note,
        str(row.get(WORDS, "")),
    )
