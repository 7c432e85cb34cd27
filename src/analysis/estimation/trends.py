"""How a figure of a territory moved: since the Pacte began and over the five years before, never across a break.

``trend`` answers for every reader alike: the sentence of a report, the alternative text of its chart, the pages of the
site. What a change is depends on the figure: a difference in its own unit for a rate or an index, a percentage for a number
or an amount, a ratio beyond ``MOST_PERCENT``, and the two figures alone where the first is too small for either. What
happened in a month or a quarter is compared as sums of twelve months; amounts of money in euros of the last year.

A series is cut where the dictionary says that it breaks, and where the register says that it does for the territory
(``analysis.data.breaks``, through the notes of the figures). The last part that holds two comparable figures is told.

Series come from ``panel``; results go to ``narrative`` and ``figures``. Nothing is worded here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from analysis.data import breaks
from analysis.estimation.rows import in_time
from analysis.foundations import measures
from analysis.foundations.arithmetic import rounded
from analysis.foundations.columns import row_value
from analysis.foundations.display import Brief
from analysis.foundations.entries import Entry
from analysis.foundations.periods import period
from analysis.foundations.values import VALUED_STATES, Indicator, Value, dictionary

if TYPE_CHECKING:
    import pandas as pd

YEARS = 5
"""How many years are told before the Pacte, or up to the last figure where it does not reach the Pacte's years."""

MOST_PERCENT = 200.0
"""Beyond it a change is told as a ratio: +233.7 % is harder to read than 3.3 times."""
MOST_TIMES = 10.0
"""Beyond it a ratio says no more than the two figures."""
FEWEST_STEPS = 20
"""How many times the step to which it is written, or rounded, the first figure must be for a percentage: one is 5 % then."""

Columns = Mapping[Any, list[Any]]
Scope = Literal["pacte", "around", "held"]
Way = Literal["unit", "percent", "times", "added", "values"]


@dataclass(frozen=True, repr=False)
class Change(Brief):
    """What separates two figures of a territory.

    Attributes
    ----------
    first, last : Value
        The figures compared, with their bounds; sums of twelve months that end at their period when ``summed``; in euros
        of the year ``constant`` when it is given, and ``current`` as they were published then.
    way : Way
        ``unit`` (a difference, in the indicator's unit; points for a percentage), ``percent``, ``times`` (the ratio of
        the last to the first), ``added`` (what a cumulated number gained), ``values`` (nothing but the figures).
    amount, lower, upper : float
        The change that way, and its bounds from those of both figures; NaN for ``values``.
    jumps : tuple[str, ...]
        Periods in between at which a jump of the series is not explained.
    """

    first: Value
    last: Value
    way: Way
    amount: float = float("nan")
    lower: float = float("nan")
    upper: float = float("nan")
    summed: bool = False
    constant: int | None = None
    current: tuple[Value, Value] | None = None
    jumps: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class Trend(Brief):
    """How a series moved, on its last part without a break that holds two comparable figures.

    Attributes
    ----------
    main : Change
        The change that is told first.
    scope : Literal[pacte, around, held]
        ``pacte`` when it begins where the Pacte does, ``around`` when it crosses that date without a figure at it,
        ``held`` when no figure is of the Pacte's years.
    before : Change
        The change over the years before ``main``, five at most; None for ``held``, or without a figure.
    earlier, later : str
        First periods of this part and of the next, where a break separates it from others.
    kinds : Mapping[str, str]
        For these periods, the kind of break when it is the territory's own.
    unpriced : bool
        Whether the amounts are in current euros since no price index is held for a year of the change.
    """

    indicator: str
    territory: str
    main: Change
    scope: Scope
    before: Change | None = None
    earlier: str | None = None
    later: str | None = None
    kinds: Mapping[str, str] | None = None
    unpriced: bool = False


Ends = tuple[int, int]


ROUNDED_CHANGE = 0.05
"""By how much a yearly change of prices may be off, in percent, where it is published to the first decimal alone."""


@dataclass(frozen=True, repr=False)
class Prices(Brief):
    """Consumer prices by year, yearly means on one base.

    Attributes
    ----------
    index : Mapping[int, float]
        By year. Those after ``published`` are chained from changes that are rounded (``ROUNDED_CHANGE``).
    published : int
        The last year whose index is published; None when all are.
    """

    index: Mapping[int, float]
    published: int | None = None

    def error(self, first: int, last: int) -> float:
        """By how much the ratio of the prices of two years may be off, as a share of it."""
        if self.published is None:
            return 0.0
        return abs(max(last, self.published) - max(first, self.published)) * ROUNDED_CHANGE / 100


def prices(parameters: Entry) -> Prices:
    """The yearly consumer prices of ``data/raw/parameters/prices.yml``: an index, then the yearly changes after it."""
    index = {int(year): float(value) for year, value in parameters.within("index").items()}
    published = max(index)
    for year, change in sorted(parameters.within("changes").items()):
        if int(year) - 1 not in index:
            raise parameters.fault(f"{year} does not follow a year whose prices are known", "changes")
        index[int(year)] = index[int(year) - 1] * (1 + float(change) / 100)
    return Prices(index, published)


def trend(
    series: pd.DataFrame | Columns, entry: Indicator | str, prices: Prices | None = None
) -> Trend | None:
    """How a territory's series moved; None with fewer than two comparable figures.

    Parameters
    ----------
    series : DataFrame | Mapping[str, list]
        Rows of the panel of one indicator and territory, in the indicator's unit; or its columns as lists, in order of
        time.
    entry : Indicator | str
        The indicator, or its name.
    prices : Prices, optional
        Consumer prices by year; without them amounts stay in current euros.

    Raises
    ------
    NotComparable
        When rows are of several territories.
    """
    entry = entry if isinstance(entry, Indicator) else dictionary()[entry]
    columns: Columns = series if isinstance(series, Mapping) else in_time(series).to_dict("list")
    known = [i for i, state in enumerate(columns["state"]) if state in VALUED_STATES]
    cuts = breaks.cuts(columns, entry)
    starts = np.array([period(columns["period"][i]).start for i in known], dtype=int)
    parts = np.searchsorted([period(p).start for p in cuts], starts, side="right")
    for number in range(len(cuts), -1, -1):
        inside = np.flatnonzero(parts == number)
        rows = _Rows(columns, [known[i] for i in inside])
        whole = _of_part(rows, starts[inside], entry, prices or Prices({})) if len(inside) > 1 else None
        if whole is not None:
            earlier = cuts[number - 1] if number and (parts < number).any() else None
            later = cuts[number] if number < len(cuts) and (parts > number).any() else None
            told = [edge for edge in (earlier, later) if edge]
            return replace(whole, earlier=earlier, later=later, kinds=breaks.kinds(columns, told))
    return None


# ----------------------------------------------------------------------------------------------- which figures


@dataclass(frozen=True)
class _Rows:
    """Some rows of a series, as plain columns: a report asks for few of them, and a table would cost more than they do."""

    columns: Columns
    numbers: list[int]

    def value(self, place: int) -> Value:
        """The figure of a row, counted among these."""
        return row_value({name: values[self.numbers[place]] for name, values in self.columns.items()})

    def year(self, place: int, number: int) -> Value:
        """The twelve months that end with a row as one figure, under its period; its bounds are the sums of theirs."""
        months = [self.value(i) for i in range(place - number + 1, place + 1)]
        value, lower, upper = (
            math.fsum(parts) if None not in (parts := [getattr(one, name) for one in months]) else None
            for name in ("value", "lower", "upper")
        )
        worst = max((one.state for one in months), key=VALUED_STATES.index)
        return replace(months[-1], value=value, lower=lower, upper=upper, state=worst, note="")


def _of_part(rows: _Rows, starts: np.ndarray, entry: Indicator, prices: Prices) -> Trend | None:
    """The trend of a part without a break."""
    width = period(rows.columns["period"][rows.numbers[0]]).months
    summed = entry.over_time == "flow" and width < 12
    places = _ends_of_years(starts, width) if summed else _alike(starts, width, entry)

    def at(place: int) -> Value:
        row = int(places[place])
        return rows.year(row, 12 // width) if summed else rows.value(row)

    spans = _spans(starts[places], width, summed=summed)
    if spans is None:
        return None
    scope, main, before = spans
    base = _base(at(main[1]), entry, prices)
    changes = [_between(at(a), at(b), entry, base) for a, b in (pair for pair in (main, before) if pair)]
    changes = [
        replace(
            one, summed=summed, jumps=breaks.jumps(rows.columns, str(one.first.period), str(one.last.period))
        )
        for one in changes
    ]
    return Trend(
        entry.name, changes[0].last.territory, changes[0], scope,
        before=changes[1] if len(changes) > 1 else None,
        unpriced=_is_money(entry) and any(one.constant is None for one in changes),
    )  # fmt: skip


def _alike(starts: np.ndarray, width: int, entry: Indicator) -> np.ndarray:
    """Rows that compare with the last: of its season, or all when the season does not matter."""
    if width == 12 or entry.over_time in ("adjusted", "cumulated"):
        return np.arange(len(starts))
    return np.flatnonzero(starts % 12 == starts[-1] % 12)


def _ends_of_years(starts: np.ndarray, width: int) -> np.ndarray:
    """Rows at which twelve months end of which none is missing."""
    number = 12 // width
    if len(starts) < number:
        return np.empty(0, dtype=int)
    whole = starts[number - 1 :] - starts[: len(starts) - number + 1] == 12 - width
    return np.flatnonzero(whole) + number - 1


def _spans(starts: np.ndarray, width: int, *, summed: bool) -> tuple[Scope, Ends, Ends | None] | None:
    """The scope of the trend, and the places of the first and the last figure of each change."""
    if len(starts) < 2:
        return None
    last = len(starts) - 1
    by_quarter = width == 3 and not summed
    mark = measures.begins() if by_quarter else measures.begins() - 1  # 2024-T1; else up to December 2023
    if starts[last] <= mark:
        return (
            "held",
            (min(_earliest(starts, last), last - 1), last),
            None,
        )  # the one before, however long ago
    upto = np.flatnonzero(starts <= mark)
    if not len(upto):
        return "around", (0, last), None
    base = int(upto[-1])
    first = _earliest(starts, base)
    scope: Scope = "pacte" if mark - starts[base] < width else "around"
    return scope, (base, last), (first, base) if first < base else None


def _earliest(starts: np.ndarray, last: int) -> int:
    """The first figure of the years told that end with another."""
    return int(np.flatnonzero(starts >= starts[last] - 12 * YEARS)[0])


@dataclass(frozen=True)
class _Base:
    """The year in whose euros amounts are told, and by how much those of another year are multiplied."""

    year: int
    prices: Prices

    def factor(self, year: int) -> float:
        return self.prices.index[self.year] / self.prices.index[year]


def _base(last: Value, entry: Indicator, prices: Prices) -> _Base | None:
    """Euros of the year of the last figure; None for what is no yearly amount, or whose year has no price."""
    when = period(last.period)
    if not (_is_money(entry) and when.months == 12 and when.year in prices.index):
        return None
    return _Base(when.year, prices)


def _between(first: Value, last: Value, entry: Indicator, base: _Base | None) -> Change:
    """The change between two figures, in euros of one year where that can be."""
    since, until = (period(value.period).year for value in (first, last))
    if base is None or not {since, until} <= set(base.prices.index):
        return difference(first, last, entry)
    start = _deflated(first, base.factor(since), base.prices.error(since, until))
    end = _deflated(last, base.factor(until))
    return replace(difference(start, end, entry), constant=base.year, current=(first, last))


def _deflated(value: Value, factor: float, error: float = 0.0) -> Value:
    """A value in euros of another year; ``error`` is that of the factor, as a share of it, and widens its bounds."""
    low, high = (value.lower, value.upper)
    if error and value.value is not None:
        low, high = _bounds(value, value.value)
        low, high = low - abs(low) * error, high + abs(high) * error
    amount, lower, upper = (None if x is None else rounded(x * factor) for x in (value.value, low, high))
    return replace(value, value=amount, lower=lower, upper=upper)


# -------------------------------------------------------------------------------------------------- what the change is


def is_relative(entry: Indicator) -> bool:
    """Whether changes are told in percent: those of a number or an amount are, those of a rate or an index are not."""
    return dictionary().units[entry.unit].relative


def _is_money(entry: Indicator) -> bool:
    return dictionary().units[entry.unit].money


def step(entry: Indicator) -> float:
    """The step to which a figure is written or rounded by its producer, the larger.

    Parameters
    ----------
    entry : Indicator
        The indicator.

    Returns
    -------
    float
        In the indicator's unit.
    """
    return max(10.0**-entry.decimals, entry.rounding or 0.0)


def difference(first: Value, last: Value, entry: Indicator) -> Change:
    """What separates two figures, told in the way that they deserve (see ``Change``).

    Parameters
    ----------
    first : Value
        The earlier figure, with its bounds.
    last : Value
        The later one, of the same indicator and territory.
    entry : Indicator
        The indicator, whose unit decides how the change is told.
    """
    only = Change(first, last, "values")
    start, end = first.value, last.value
    if start is None or end is None or not (math.isfinite(start) and math.isfinite(end)):
        return only
    (low_0, high_0), (low_1, high_1) = _bounds(first, start), _bounds(last, end)
    pairs = ((end, start), (low_1, high_0), (high_1, low_0))
    if entry.over_time == "cumulated" or not is_relative(entry):
        way: Way = "added" if entry.over_time == "cumulated" else "unit"
        return _told(only, way, [a - b for a, b in pairs])
    if start < FEWEST_STEPS * step(entry) or low_0 <= 0 or end <= 0:
        return only
    with np.errstate(over="ignore"):
        ratios = [a / b for a, b in pairs]
    if max(ratios) <= 1 + MOST_PERCENT / 100:
        return _told(only, "percent", [100 * (r - 1) for r in ratios])
    return _told(only, "times", ratios) if max(ratios) <= MOST_TIMES else only


def _told(only: Change, way: Way, amounts: list[float]) -> Change:
    amount, lower, upper = rounded([float(x) for x in amounts])
    return replace(only, way=way, amount=amount, lower=lower, upper=upper)


def _bounds(value: Value, known: float) -> tuple[float, float]:
    return known if value.lower is None else value.lower, known if value.upper is None else value.upper
