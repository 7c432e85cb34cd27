"""How severe a difference between two editions is: ``info`` within the bounds of either figure, then by how far it moved.

It knows nothing of why figures differ (``compare``); rules are the parameters ``comparison``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.foundations import territories
from analysis.reports.beside.kept_edition import Snapshot


def severities(rows: pd.DataFrame, a: Snapshot, b: Snapshot, rules: Mapping) -> np.ndarray:
    """How far figures moved: within bounds, then against the spread between départements, or against themselves.

    Args:
        rows: differences with the columns of both sides (``value_a``, ``value_b``, bounds). a, b: the editions.
        rules: parameters ``comparison``.
    """
    before, after = rows["value_a"].to_numpy(float), rows["value_b"].to_numpy(float)
    inside = _within(after, rows, "a") | _within(before, rows, "b")
    gap = np.abs(after - before)
    additive = rows["indicator"].map(b.codebook["additive"] == "true").to_numpy(bool)
    pairs = pd.MultiIndex.from_frame(rows[["indicator", "period"]])
    spread = _spreads(a.figures, set(pairs), rules["fewest"]).reindex(pairs).to_numpy(float)
    relative = additive | ~(spread > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(relative, gap / np.abs(before), gap / spread)
    limits = {s: np.where(relative, rules["relative"][s], rules["spread"][s]) for s in ("minor", "major")}
    levels = np.select(
        [inside, moved >= limits["major"], moved >= limits["minor"]], ["info", "major", "minor"], "info"
    )
    return levels


def _within(x: np.ndarray, rows: pd.DataFrame, end: str) -> np.ndarray:
    lower, upper = rows[f"lower_{end}"].to_numpy(float), rows[f"upper_{end}"].to_numpy(float)
    return (lower <= x) & (x <= upper)


def _spreads(figures: pd.DataFrame, pairs: set[tuple[str, str]], fewest: int) -> pd.Series:
    """Interquartile range between départements for indicators and periods, where at least ``fewest`` are known."""
    names = {name for name, _ in pairs}
    rows = figures[figures["indicator"].isin(names) & figures["territory"].isin(territories.DEPARTEMENTS)]
    rows = rows[rows["value"].notna()].astype({"indicator": "str", "period": "str"})
    groups = rows.groupby(["indicator", "period"])["value"]
    spreads = (groups.quantile(0.75) - groups.quantile(0.25)) if len(rows) else pd.Series(dtype="float64")
    return spreads.where(groups.size() >= fewest)
