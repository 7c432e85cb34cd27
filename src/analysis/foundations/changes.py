"""What a new version of a dataset changes, and what it would lose.

Two tables of one dataset, before and after, are compared figure by figure (or row by row, for a reference table). A figure
that is revised is told; one that goes away is a loss, which ``catalogue`` refuses unless it is asked for. Nothing here
reads or writes a file: ``catalogue`` hands over the tables that it holds and those that it is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.foundations.display import capped
from analysis.foundations.notes import WORDS
from analysis.foundations.periods import sorted_periods
from analysis.foundations.values import VALUED_STATES

if TYPE_CHECKING:  # what only asks which data there are need not wait for it
    import numpy as np
    import pandas as pd

_KEY = ["territory", "period", "indicator"]
LOST_LINES = 8
"""Lines that say what is lost: with what stands around them, ten."""
_NAMED = 12
"""Periods, territories or indicators that are named on a line; of more, the first and their number."""


@dataclass(frozen=True)
class Change:
    """What storing a new version of a dataset changed, in numbers of figures (of rows, for a reference table).


    Attributes
    ----------
    revised : int
        Figures of both versions of which anything differs.
    described : int
        Those of ``revised`` whose value and state are the same: only their bounds, note or words differ.
    first_time : bool
        Whether there was no version before.
    unreadable : bool
        Whether the version before was damaged or altered, so that nothing can be compared.
    notes : tuple[str, ...]
        What else a person should know: which files were read, which were left.
    """

    dataset: str
    added: int = 0
    removed: int = 0
    revised: int = 0
    described: int = 0
    first_time: bool = False
    unreadable: bool = False
    notes: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything changed at all."""
        return bool(self.added or self.removed or self.revised or self.first_time or self.unreadable)

    def __str__(self) -> str:
        if self.first_time:
            return f"{self.dataset}: {self.added} figures, new"
        if self.unreadable:
            return f"{self.dataset}: {self.added} figures, in place of a version that was damaged or altered"
        if not self.any:
            return f"{self.dataset}: unchanged"
        only = f" ({self.described} of them in their bounds, note or words only)" if self.described else ""
        return f"{self.dataset}: {self.added} added, {self.removed} removed, {self.revised} revised{only}"


def of_figures(name: str, old: pd.DataFrame, new: pd.DataFrame) -> Change:
    """Figures are the same when territory, period and indicator are."""
    import numpy as np

    both = old.merge(new, on=_KEY, how="outer", indicator=True, suffixes=("_old", "_new"))
    common = both[both["_merge"] == "both"]
    substance = _differs(common, "value") | _differs(common, "state")
    described = ("lower", "upper", "note", WORDS)
    description = np.logical_or.reduce([_differs(common, column) for column in described])
    return Change(
        name,
        added=int((both["_merge"] == "right_only").sum()),
        removed=int((both["_merge"] == "left_only").sum()),
        revised=int((substance | description).sum()),
        described=int((description & ~substance).sum()),
    )


def _differs(both: pd.DataFrame, column: str) -> np.ndarray:
    import numpy as np

    old, new = both[f"{column}_old"], both[f"{column}_new"]
    if column in ("state", "note", WORDS):
        return (old.fillna("") != new.fillna("")).to_numpy()
    # The last binary digit may be lost between a number and its text: no revision of a producer's is that small.
    return ~np.isclose(old.astype("float64"), new.astype("float64"), rtol=1e-12, atol=0.0, equal_nan=True)


def of_rows(name: str, old: pd.DataFrame, new: pd.DataFrame) -> Change:
    """Rows of a reference table have no key: those that differ in a cell are one removed and one added."""
    rows = [Counter(frame.astype("str").itertuples(index=False, name=None)) for frame in (old, new)]
    return Change(name, added=(rows[1] - rows[0]).total(), removed=(rows[0] - rows[1]).total())


# --------------------------------------------------------------------------------------------------------- what is lost


def lost_figures(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """What a new version no longer gives, in at most eight lines; empty when it gives all that the old one gave.

    A figure is lost when it is no longer there, and when it had a value and is blank now. One that its producer withholds
    from now on, or says to be not applicable, is revised.
    """
    both = old.merge(new, on=_KEY, how="left", indicator=True, suffixes=("_old", "_new"))
    blank = both["state_old"].isin(VALUED_STATES) & both["state_new"].eq("unavailable")
    lost = both[both["_merge"].eq("left_only") | blank]
    return capped(_told(lost, old, new), LOST_LINES) if len(lost) else []


_PLURAL = {"period": "periods", "territory": "territories", "indicator": "indicators"}


def _told(lost: pd.DataFrame, old: pd.DataFrame, new: pd.DataFrame) -> Iterator[str]:
    """The number of figures; what is gone whole, over all periods, then within one; then the others by indicator."""
    yield f"{len(lost):,} of {len(old):,} figures"
    held, there = (frame[frame["state"] != "unavailable"] for frame in (old, new))
    for column, words in _PLURAL.items():
        if whole := set(held[column]) - set(there[column]):
            yield f"{len(whole)} {words}, all their figures: {_some(column, whole)}"
            lost = lost[~lost[column].isin(whole)]
    for column in ("territory", "indicator"):
        for period, rows in lost.groupby("period", observed=True):
            left = set(there.loc[there["period"] == period, column])
            if whole := set(rows[column]) - left:
                yield f"{period}, {len(whole)} {_PLURAL[column]}: {_some(column, whole)}"
                lost = lost[~(lost["period"].eq(period) & lost[column].isin(whole))]
    for indicator, rows in lost.groupby("indicator", observed=True):
        first = rows.iloc[0]
        yield f"{indicator}: {len(rows):,} figures, first {first['territory']} {first['period']}"


def _some(column: str, names: set[str]) -> str:
    ordered = sorted_periods(names) if column == "period" else sorted(names)
    return ", ".join(ordered[:_NAMED]) + (", …" if len(ordered) > _NAMED else "")


def lost_rows(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """What a new version of a reference table no longer gives: columns, territories, or rows that nothing replaces."""
    found = []
    if columns := [name for name in old.columns if name not in new.columns]:
        found.append(f"columns {', '.join(columns)}")
    if gone := set(old.get("territory", ())) - set(new.get("territory", old.get("territory", ()))):
        found.append(f"{len(gone)} territories: {_some('territory', gone)}")
    if len(new) < len(old):
        found.append(f"{len(old) - len(new)} of {len(old)} rows")
    return found
