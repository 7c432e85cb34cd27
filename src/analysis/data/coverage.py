"""What may be set beside other territories' figures, and which period is spoken of by default.

Two rules, stated once. A figure that a département gave itself (quality ``local``), or that rests on one, is compared with
nobody and goes into nobody else's totals. A period is *covered* when most of the territories of a level have a published
figure for it, of as many as ever have one at once: what is released early for a few is shown beside, and is not the period
at which a country is compared, mapped or placed.

``panel`` asks when it is built and when it is read. This module knows no file and makes no figure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from analysis.foundations import levels, territories
from analysis.foundations.levels import Level
from analysis.foundations.periods import period
from analysis.foundations.values import VALUED_STATES

OWN = "local"
"""The quality of what a département gave itself, and of what is computed from that."""


def is_own(frame: pd.DataFrame) -> pd.Series:
    """Which figures of a table are a département's own, or rest on one that is."""
    return frame["quality"] == OWN


def beside(code: str | None, level: str | Level = levels.DEPARTEMENT) -> tuple[str, ...]:
    """The territories that one is compared with, those of its level; those of a level when it is None.

    None for a level whose territories are not set beside one another: a country and a collectivité go by their own periods.
    """
    kind = levels.get(level) if code is None else territories.get(code).kind
    return territories.of_level(kind) if kind.compared else ()


class Coverage:
    """For how many territories of a level a value is published, by indicator and period: counted on whole columns.

    A report asks it of each of its indicators. ``frame`` has the columns of the panel.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        texts = frame[["territory", "period", "state", "quality"]].astype("category")
        place, when, state, quality = (texts[c].cat for c in texts)
        self._periods, self._when = when.categories, when.codes.to_numpy()
        self._place = place
        self._known = _each(state, lambda one: one in VALUED_STATES) & ~_each(quality, lambda one: one == OWN)
        self._published: dict[tuple[str, ...], np.ndarray] = {}

    def covered(self, codes: tuple[str, ...], rows: slice | np.ndarray) -> list[str]:
        """The covered periods of some rows among the territories of a level (``beside``)."""
        if codes not in self._published:
            self._published[codes] = self._known & _each(self._place, frozenset(codes).__contains__)
        counts = np.bincount(self._when[rows][self._published[codes][rows]], minlength=len(self._periods))
        return covered({self._periods[i]: int(counts[i]) for i in np.flatnonzero(counts)})


def _each(column: Any, of: Callable[[str], bool]) -> np.ndarray:
    """What a test gives for every text of a column of categories; a missing one is none."""
    found: np.ndarray = np.array([*map(of, column.categories), False], dtype=bool)[column.codes.to_numpy()]
    return found


def covered(periods: Iterable[str] | Mapping[str, int]) -> list[str]:
    """The periods for which most have a figure, in order of time; ``periods`` holds one for each, or how many."""
    counts = Counter(periods)
    most = max(counts.values(), default=0)
    return sorted((when for when, n in counts.items() if 2 * n > most), key=period)
