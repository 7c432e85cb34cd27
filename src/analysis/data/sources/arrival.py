"""What arrived of a dataset, held against what its loader expects and against the vintage that is held.

Everything that differs is told in a line, with what was expected and what came: headings, values of the columns that
figures rest on, indicators, territories, periods, totals. Periods that follow those which are held are what one fetches for,
and no difference. Nothing is decided here, and nothing is written: ``fetching`` refuses, or a person accepts.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import pandas as pd

from analysis.data.sources.remote import Remote
from analysis.foundations import changes, territories
from analysis.foundations.display import listed
from analysis.foundations.file_names import plain
from analysis.foundations.periods import Period, period, sorted_periods
from analysis.foundations.published import read_csv
from analysis.foundations.values import VALUED_STATES, dictionary

_LASTING = ("columns", "categories", "territories")
_KEY = ["indicator", "territory", "period"]
_FEW = 0.9
"""Share of its territories that an indicator has in a new period, below which that period is not whole."""
_WORST = 3
"""Periods of an indicator whose totals are told."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as expected. ``lasts``: it will be so in the next vintage too, once it was accepted."""

    kind: str
    words: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"

    @property
    def lasts(self) -> bool:
        """Whether it stays accepted: it is of the layout, and not of some figures."""
        return self.kind in _LASTING


def of_files(remote: Remote, reader: object, paths: Sequence[Path]) -> Iterator[Difference]:
    """Headings and values of columns that are not those which the resource has been seen with."""
    if not (remote.columns or remote.categories):
        return
    tables = [read_csv(path, ";") for path in paths if path.suffix == ".csv"]
    headings = list(dict.fromkeys(str(name) for table in tables for name in table.columns))
    if remote.columns:
        yield from _headings(remote, reader, headings)
    for column, known in remote.categories.items():
        cells = [
            table[name] for table in tables for name in table.columns if plain(str(name)) == plain(column)
        ]
        there = {value.strip() for cell in cells for value in cell.unique()}
        if cells and (new := there - set(known)):
            yield Difference(
                "categories", f"{column} has {_quoted(new)}, not known so far; it had {_quoted(known)}"
            )
        if cells and (gone := set(known) - there):
            yield Difference(
                "categories", f"{column} has no {_quoted(gone)} any more; there are {_quoted(there)}"
            )


def _headings(remote: Remote, reader: object, headings: Sequence[str]) -> Iterator[Difference]:
    named, wide = getattr(reader, "columns", ()), getattr(reader, "wide", "")
    known = {plain(name): name for name in (*remote.columns, *named)}
    there = {plain(name): name for name in headings if not (wide and re.fullmatch(wide, name))}
    if new := [name for key, name in there.items() if key not in known]:
        yield Difference("columns", f"{_quoted(new)} came, which the loader does not know and does not read")
    if gone := [name for key, name in known.items() if key not in there]:
        yield Difference("columns", f"{_quoted(gone)} did not come; there are {_quoted(headings)}")


def _quoted(names: Collection[str]) -> str:
    return listed((f"« {name} »" for name in sorted(names)), 12)


# -------------------------------------------------------------------------------------------------------------- figures


def of_figures(
    new: pd.DataFrame, old: pd.DataFrame, stay: pd.Series, tolerance: float, modified: date | None = None
) -> Iterator[Difference]:
    """What differs of the figures: those that go, territories, periods that lack, totals.

    Args:
        new, old: tables of figures, as they are read and as they are held; stay: which of these are kept whatever comes.
        tolerance: see ``Remote``.
        modified: the day of the producer's own; a period that begins after it is a forecast, or misread.
    """
    for line in changes.lost_figures(old[~stay], new):
        yield Difference("lost", line)
    yield from _territories(new, old)
    yield from _periods(new, old, modified)
    both = old.merge(new, on=_KEY, suffixes=("_old", "_new"))
    valued = both["state_old"].isin(VALUED_STATES) & both["state_new"].isin(VALUED_STATES)
    for name, rows in _comparable(both[valued]).groupby("indicator", observed=True, sort=True):
        yield from _numbers(str(name), rows, tolerance)


def _territories(new: pd.DataFrame, old: pd.DataFrame) -> Iterator[Difference]:
    if come := set(new["territory"]) - set(old["territory"]) - set(of_other_levels(new, old)):
        yield Difference("territories", f"{_ordered(come)} came, which the vintage held has not")
    held = old[old["state"].isin(VALUED_STATES)]
    valued = new[new["state"].isin(VALUED_STATES) & new["indicator"].isin(set(old["indicator"]))]
    for name, rows in valued.groupby("indicator", observed=True, sort=True):
        before = held[held["indicator"] == name].groupby("period", observed=True)["territory"].nunique()
        counts = rows.groupby("period", observed=True)["territory"].nunique()
        most = max(counts.max(), before.max() if len(before) else 0)
        known = set(old.loc[old["indicator"] == name, "period"])
        later = [one for one in counts.index if one not in known]
        for when in sorted_periods(later):
            if counts[when] < _FEW * most:
                yield Difference(
                    "periods", f"{name}, {when}: {counts[when]} territories, where others have {most}"
                )


def of_other_levels(new: pd.DataFrame, old: pd.DataFrame) -> list[str]:
    """The territories that came of a level of which none is held: they change nothing of what is held."""
    known = {territories.get(code).level for code in old["territory"].unique()}
    return [code for code in new["territory"].unique() if territories.get(code).level not in known]


def _ordered(codes: set[str]) -> str:
    return listed(sorted(codes, key=lambda code: territories.CODES.index(code)), 12)


def _periods(new: pd.DataFrame, old: pd.DataFrame, modified: date | None) -> Iterator[Difference]:
    """Periods that begin after the producer's own day, and holes between what is held and what came."""
    for name, rows in new.groupby("indicator", observed=True, sort=True):
        there = [period(text) for text in sorted_periods(rows["period"].unique())]
        if modified and (
            ahead := [p.text for p in there if p.start > modified.year * 12 + modified.month - 1]
        ):
            yield Difference(
                "periods", f"{name}: {listed(ahead, 4)} begin after {modified}, when it was modified"
            )
        held = [period(text) for text in sorted_periods(old.loc[old["indicator"] == name, "period"].unique())]
        if held and (hole := _hole(held, there)):
            yield Difference("periods", f"{name}: none between {hole[0].text} and {hole[1].text}")


def _hole(held: Sequence[Period], there: Sequence[Period]) -> tuple[Period, Period] | None:
    """The first two periods, the later one new, that are further apart than any two that are held and follow each other."""
    steps = [b.start - a.start for a, b in pairwise(held)]
    longer = ((a, b) for a, b in pairwise(there) if b > held[-1] and b.start - a.start > max(steps))
    return next(longer, None) if steps else None


def _comparable(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of one level an indicator, that of the départements where it has any: a total holds nothing twice."""
    levels = rows["territory"].map({code: territories.get(code).level for code in rows["territory"].unique()})
    most = levels.eq("departement").groupby(rows["indicator"], observed=True).transform("any")
    first = levels.groupby(rows["indicator"], observed=True).transform("first")
    return rows[levels == first.where(~most, "departement")]


def _numbers(name: str, rows: pd.DataFrame, tolerance: float) -> Iterator[Difference]:
    """Totals (means, of what does not add up) that differ by more than the tolerance; what moved while its total did not."""
    adds = name in dictionary() and dictionary()[name].additive
    sums = rows.groupby("period", observed=True)[["value_old", "value_new"]].agg("sum" if adds else "mean")
    off = _change(sums)
    told = off[off.abs() > tolerance].sort_values(key=abs, ascending=False, kind="stable")
    for when, by in told.iloc[:_WORST].items():
        before, after = sums.T[when]
        more = (
            f", and {len(told) - _WORST} more periods"
            if len(told) > _WORST and when == told.index[_WORST - 1]
            else ""
        )
        kind = "total" if adds else "mean"
        yield Difference(
            "totals",
            f"{name}, {when}: {kind} of {after:,.6g}, where the vintage held has {before:,.6g} ({by:+.1%}; "
            f"{tolerance:.0%} is expected){more}",
        )
    each = _change(rows).abs().groupby(rows["period"], observed=True).median()
    for when, by in each[(each > tolerance) & ~each.index.isin(told.index)].iloc[:1].items():
        yield Difference(
            "totals",
            f"{name}, {when}: half of the territories moved by {by:.1%} or more, and their total did not: they "
            "may be given each other's figures",
        )
    emptied = rows[(rows["value_new"] == 0) & (rows["value_old"].abs() >= _not_small(rows))]
    if len(emptied):
        first = emptied.iloc[0]
        yield Difference(
            "zeros",
            f"{name}: {len(emptied)} figures are 0 and were not, first {first['territory']} {first['period']} "
            f"({first['value_old']:,.6g}); a mask may be read as 0",
        )


def _not_small(rows: pd.DataFrame) -> float:
    """A tenth of the median: what falls from there to 0 did not fall by itself."""
    return max(float(rows["value_old"].abs().median()) / 10, 1e-9)


def _change(rows: pd.DataFrame) -> pd.Series:
    """By how much the new number differs from the old one, as a share of it; infinite where that one is 0 and it is not."""
    gap = rows["value_new"] - rows["value_old"]
    return (gap / rows["value_old"].abs()).where(gap != 0, 0.0)


def seen(reader: object, paths: Sequence[Path]) -> list[str]:
    """The values of the columns by which a reader chooses, to be told when a resource is read for the first time."""
    columns = (*getattr(reader, "series", ()), *getattr(reader, "filters", ()))
    tables = [read_csv(path, ";") for path in paths if path.suffix == ".csv"]
    values: Mapping[str, set[str]] = {
        column: {value.strip() for table in tables if column in table for value in table[column].unique()}
        for column in dict.fromkeys(columns)
    }
    return [f"{column} holds {_quoted(found)}" for column, found in values.items() if found]
