"""Secrecy of figures on few people: what is masked, and whether anything published uncovers it.

A producer masks a cell of too few people, or one that a single contributor dominates; ``Rules`` does it with figures of
ours. A masked cell can still be found by difference, from sums that hold it. ``audit`` takes cells and published sums, and
looks for the least and the largest value that each masked cell may have, by linear programming (Fischetti and Salazar,
2000); one whose interval is narrower than the protection asked is *recovered*. ``refuse`` lets nothing through that
recovers a cell.

It masks and tells; it never fills in. The masked value is not asked for: an interval is found from what everybody can
read, and bounds of a relaxation are at least as wide as those of whole numbers. Sections call it before they show finer
figures, and ``pacte data check --secrecy`` on all that is published. Methods: Hundepool et al. (2012), *Statistical
Disclosure Control*, chapter 4; INSEE, handbook on the protection of tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csc_array

from analysis.foundations.arithmetic import rounded
from analysis.foundations.display import Brief, capped
from analysis.foundations.files import DataError

SOLVED = 1e-6
"""Share of a width that the solver may lack of it."""
Margin = tuple[str, Sequence[str]]
"""A published sum: the cell of the total, and the cells that add up to it."""


class Uncovered(DataError):
    """What was to be published gives away masked cells; the message names them and how narrow they become."""


@dataclass(frozen=True, repr=False)
class Rules(Brief):
    """When a figure is masked, and how far its value must then stay unknown.

    Attributes
    ----------
    minimum : int
        Units that there are behind a figure at least.
    dominance : float
        Percent of a total that its largest contributor may make up at most.
    width : float
        Percent of its largest possible value over which a masked cell must at least range.
    """

    minimum: int
    dominance: float
    width: float

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Rules:
        """The rules of ``parameters/disclosure``."""
        return cls(*(parameters[key]["value"] for key in ("minimum_count", "dominance", "protection")))

    def masks(self, counts: pd.Series, largest: pd.Series | None = None) -> pd.Series:
        """Which numbers may not be shown: 1 to ``minimum`` − 1, or made up by one contributor (``largest``) beyond the rule.

        Nothing at all is no secret; a number that is not known is masked already, and stays so.
        """
        few = (counts > 0) & (counts < self.minimum)
        if largest is None:
            return few | counts.isna()
        return few | counts.isna() | (largest > self.dominance / 100 * counts)

    def protection(self, cells: pd.DataFrame) -> pd.Series:
        """Width that the interval of a masked cell must have: so many units, or a share of the largest it may be, and no
        more than what is known of it without any sum.
        """
        wanted = (self.width / 100 * cells["upper"]).clip(lower=float(self.minimum))
        return wanted.clip(upper=cells["upper"] - cells["lower"])


@dataclass(frozen=True, repr=False)
class Audit(Brief):
    """What can be known of masked cells from what is published.

    Attributes
    ----------
    intervals : DataFrame
        For each masked cell, by name: ``lower`` and ``upper``, the bounds found; ``protection``, the width asked;
        ``recovered``, whether they are closer than that.
    """

    intervals: pd.DataFrame

    @property
    def recovered(self) -> tuple[str, ...]:
        """Names of the masked cells that are found to less than the protection asked."""
        return tuple(map(str, self.intervals.index[self.intervals["recovered"]]))


def bounds(cells: pd.DataFrame, margins: Sequence[Margin], of: Sequence[str]) -> pd.DataFrame:
    """The least and the largest value that cells may have when all sums hold: ``lower`` and ``upper`` of each.

    Cells that stand in the same sums are one variable of the programs, their own sum: what is known of it is all that is
    known of them besides their own bounds.

    Args:
        cells: by name, ``lower`` and ``upper``, between which anybody knows it to be (equal for a published number, apart by
            its rounding for a rounded one; for a masked one what is known without any sum), and ``masked``.
        margins: sums that hold, whether their total is published or masked. of: names of the cells that are asked for.

    Raises DataError when no values agree with all of it: then the sums are not of these cells.
    """
    _check(cells, margins)
    low, high = (cells[side].to_numpy(dtype="float64") for side in ("lower", "upper"))
    at = cells.index.get_indexer(pd.Index(of))
    sums = _matrix(cells.index, margins)
    block, first = _blocks(sums)
    block_low, block_high = (np.bincount(block, side) for side in (low, high))
    least, most = np.full(len(first), np.nan), np.full(len(first), np.nan)
    for one in np.unique(block[at]):
        least[one], most[one] = _extremes(int(one), sums[:, first], block_low, block_high)
    block, low, high = block[at], low[at], high[at]
    found = {
        "lower": np.maximum(low, least[block] - (block_high[block] - high)),
        "upper": np.minimum(high, most[block] - (block_low[block] - low)),
    }
    return rounded(pd.DataFrame(found, pd.Index(of)))


def audit(cells: pd.DataFrame, margins: Sequence[Margin], rules: Rules) -> Audit:
    """What can be known of each masked cell from cells and sums, as in ``bounds``."""
    hidden = cells[cells["masked"].astype(bool)]
    found = bounds(cells, margins, list(hidden.index)).assign(protection=rounded(rules.protection(hidden)))
    width = (found["upper"] - found["lower"]) * (1 + SOLVED)
    return Audit(found.assign(recovered=width < found["protection"]))


def refuse(cells: pd.DataFrame, margins: Sequence[Margin], rules: Rules) -> Audit:
    """The audit of what is to be published; Uncovered when it gives away a masked cell."""
    found = audit(cells, margins, rules)
    if found.recovered:
        rows = found.intervals.loc[list(found.recovered)]
        lines = [f"{name}: between {row['lower']:g} and {row['upper']:g}" for name, row in rows.iterrows()]
        head = f"{len(lines)} masked cells would be recovered by difference; mask another cell, or leave a sum out"
        raise Uncovered("\n  ".join([head, *capped(lines)]))
    return found


def hidden(counts: pd.Series, rules: Rules) -> pd.Series:
    """Which parts of a published total are not shown: those of too few, and others that keep these from being found.

    ``counts``: the parts of the total, by name. The smallest of those that could be shown goes first.
    """
    masked = rules.masks(counts)
    order = counts[counts > 0].sort_values(kind="stable").index
    for name in [None, *order]:
        if name is not None:
            masked[name] = True
        if not audit(*one_total(counts, masked), replace(rules, width=0.0)).recovered:
            break
    return masked


def one_total(counts: pd.Series, masked: pd.Series) -> tuple[pd.DataFrame, list[Margin]]:
    """Cells and margin of a published total, of whose parts some are masked."""
    cells = pd.DataFrame({"lower": counts.where(~masked, 0.0), "upper": counts.where(~masked, counts.sum())})
    cells.loc["total"] = counts.sum()
    masked = masked.reindex(cells.index, fill_value=False)
    return cells.assign(masked=masked), [("total", list(counts.index))]


def _check(cells: pd.DataFrame, margins: Sequence[Margin]) -> None:
    """Refuse a sum of a cell that is not there, and bounds that are none."""
    if absent := [c for total, parts in margins for c in (total, *parts) if c not in cells.index]:
        raise DataError(f"audit: {absent[0]!r} is in a sum and is no cell; give each cell its bounds")
    ends = cells[["lower", "upper"]].to_numpy(dtype="float64")
    known = np.isfinite(ends).all(axis=1) & (ends[:, 0] <= ends[:, 1])
    if not known.all():
        raise DataError(
            f"audit: {cells.index[~known][0]!r} has no lower bound below an upper one; a masked cell has those that are "
            "known without any sum, such as 0 and the inhabitants"
        )


def _matrix(cells: pd.Index, margins: Sequence[Margin]) -> csc_array:
    """A row for each sum: its parts less its total is nothing."""
    rows = [row for row, (_, parts) in enumerate(margins) for _ in range(len(parts) + 1)]
    columns = cells.get_indexer(pd.Index([c for total, parts in margins for c in (total, *parts)]))
    signs = [sign for _, parts in margins for sign in (-1.0, *([1.0] * len(parts)))]
    return csc_array((signs, (rows, columns)), shape=(len(margins), len(cells)))


def _blocks(sums: csc_array) -> tuple[np.ndarray, list[int]]:
    """The block of each cell, those that stand in the same sums being one; and the first cell of each block."""
    starts = sums.indptr
    told = [(*sums.indices[a:b], *sums.data[a:b]) for a, b in pairwise(starts)]
    first = {sign: at for at, sign in reversed(list(enumerate(told)))}
    number = {sign: n for n, sign in enumerate(first)}
    return np.array([number[sign] for sign in told], dtype="int64"), list(first.values())


def _extremes(at: int, sums: csc_array, low: np.ndarray, high: np.ndarray) -> tuple[float, float]:
    """The least and the largest value of a variable that agree with every sum and all bounds."""
    from scipy.optimize import linprog  # 17 MB that only who audits needs, not every report

    found = []
    for sign in (1.0, -1.0):
        aim = np.zeros(len(low))
        aim[at] = sign
        bounds = np.column_stack([low, high])
        solved = linprog(aim, A_eq=sums, b_eq=np.zeros(sums.shape[0]), bounds=bounds, method="highs")
        if solved.fun is None:
            raise DataError(
                "audit: no values agree with all the sums; see that totals and cells are of the same file, year and people"
            )
        found.append(sign * float(solved.fun))
    return found[0], found[1]
