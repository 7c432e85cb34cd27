"""Rows of the panel as comparisons and trends need them: known figures finite, each once, in the order of time.

Rows that come from ``panel`` are so; a researcher's own may not be, and a wrong change or rank would come of it in silence.
What is not is refused (``NotComparable``), but for the order, which is put right. Nothing is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.foundations.display import Refusal, listed
from analysis.foundations.periods import period
from analysis.foundations.values import VALUED_STATES

if TYPE_CHECKING:  # trends are told where no table is loaded
    import pandas as pd

NEEDED = ("territory", "period", "value", "state")


class NotComparable(Refusal, ValueError):
    """Figures that cannot be compared as was asked; the message says what to change."""


def check_figures(rows: pd.DataFrame, name: str) -> None:
    """NotComparable unless the rows are figures, with a finite value where their state says that there is one."""
    if not set(NEEDED) <= set(getattr(rows, "columns", ())):
        raise NotComparable(f"{name}: rows with {listed(NEEDED)} expected; take them from the panel")
    try:
        values = rows["value"].to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise NotComparable(f"{name}: values that are no numbers; convert the column") from None
    wrong = rows["state"].isin(VALUED_STATES).to_numpy() & ~np.isfinite(values)
    if wrong.any():
        raise NotComparable(
            f"{name}: figures said to be known are not finite ({listed(rows['territory'][wrong])}); give their state"
        )


def in_time(series: pd.DataFrame) -> pd.DataFrame:
    """The rows of one territory, each period once, in the order of time; else NotComparable."""
    check_figures(series, "the series")
    if len(codes := series["territory"].unique()) > 1:
        raise NotComparable(f"the series: figures of {listed(codes)}; keep those of one territory")
    texts = series["period"].tolist()
    if len(set(texts)) < len(texts):
        twice = [text for k, text in enumerate(texts) if text in texts[:k]]
        raise NotComparable(f"the series: two figures for one period ({listed(twice)}); keep one")
    starts = [period(text).start for text in texts]
    order = sorted(range(len(starts)), key=starts.__getitem__)
    return series if order == list(range(len(starts))) else series.iloc[order]
