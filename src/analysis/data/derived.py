"""Figures that are computed from two others: a rate from its counts, an approximate count from its factors.

A derived figure has the worst state of its two terms, their bounds, both sources and the year of the second. The second is
that of the same territory at its nearest period, whatever other territories have; what rests on a figure that a département
gave is its own.

``panel`` calls this while it is built; nothing here reads a dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import pandas as pd

from analysis.data import coverage
from analysis.foundations import notes, territories
from analysis.foundations.columns import COLUMNS
from analysis.foundations.origin import Origin
from analysis.foundations.periods import period
from analysis.foundations.values import VALUED_STATES, Indicator, Product, Ratio, least_sure

_MAYOTTE = "976"
_Way = Callable[[Origin, Origin], Origin]


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Rows of several tables, those without any left out."""
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled or frames[:1], ignore_index=True)


def each(column: pd.Series, of: Callable[[str], object]) -> np.ndarray:
    """What a function gives for every text of a column; it is asked once for each distinct one."""
    codes, texts = pd.factorize(column, use_na_sentinel=False)
    return np.array([of(text) for text in texts])[codes] if len(texts) else np.empty(0)


def ratio(frame: pd.DataFrame, name: str, entry: Indicator, rule: Ratio) -> pd.DataFrame:
    """A derived rate: each numerator over the denominator of its period, else of the nearest year within ``lag``."""
    pairs = _pairs(frame, rule.numerator, rule.denominator, rule.lag)
    pairs = pairs[pairs["value_b"] > 0]
    value = pairs["value"] / pairs["value_b"]
    lower, upper = pairs["lower"] / pairs["upper_b"], pairs["upper"] / pairs["lower_b"]
    return _derived(
        pairs, name, entry, [rule.per * x for x in (value, lower, upper)], Origin.over, "denominator"
    )


def product(frame: pd.DataFrame, name: str, entry: Indicator, rule: Product) -> pd.DataFrame:
    """A derived count: first factor × second, the second of the same period or of the nearest year within ``lag``."""
    pairs = _pairs(frame, rule.first, rule.second, rule.lag)
    columns = [pairs[c] * pairs[f"{c}_b"] * rule.per for c in ("value", "lower", "upper")]
    return _derived(pairs, name, entry, columns, Origin.times, "factor")


def _pairs(frame: pd.DataFrame, first: str, second: str, lag: int) -> pd.DataFrame:
    """Figures of two indicators side by side (``_b`` for the second); a missing bound is taken at the value itself.

    The second is a published one; a département's own serves itself, where there is no other.
    """
    keep = frame["state"].isin(VALUED_STATES)
    top, bottom = (frame[keep & (frame["indicator"] == term)] for term in (first, second))
    bottom = bottom.drop(columns="indicator").rename(columns={"period": "period_b", "note": "note_b"})
    own = coverage.is_own(bottom)
    published = bottom[~own]
    pairs = _on_one_perimeter(_matched(top, published, lag), published)
    if own.any():
        lone = top[~top.index.isin(pairs["row"])]
        pairs = stacked([pairs, _matched(lone, bottom[own], lag)])
    bounded = pairs[["lower", "upper", "lower_b", "upper_b"]].notna().any(axis=1)
    for column in ("lower", "upper"):
        pairs[column] = pairs[column].fillna(pairs["value"])
        pairs[f"{column}_b"] = pairs[f"{column}_b"].fillna(pairs["value_b"])
    return pairs.assign(bounded=bounded)


def _matched(top: pd.DataFrame, bottom: pd.DataFrame, lag: int) -> pd.DataFrame:
    """Both terms side by side, each territory's at the nearest of the periods that it has; ``row`` is the first's."""
    parts = [top[:0].assign(period_b="")]
    held = bottom.groupby("territory")["period_b"].agg(frozenset)
    for codes in held.groupby(held).groups.values():
        periods: frozenset[str] = held[codes[0]]
        there = top[top["territory"].isin(codes)]
        match = _match_periods(there["period"].unique().tolist(), sorted(periods, key=period), lag)
        there = there[there["period"].isin(match)]
        parts.append(there.assign(period_b=there["period"].map(match).astype("str")))
    first = stacked([part.assign(row=part.index) for part in parts])
    return first.merge(bottom, on=["territory", "period_b"], suffixes=("", "_b"))


def _on_one_perimeter(pairs: pd.DataFrame, bottom: pd.DataFrame) -> pd.DataFrame:
    """Pairs in which France has the perimeter of its first term: without Mayotte in the second too when that leaves it out.

    The second is then the sum of the other départements, and the pair is dropped where one of them has no figure.
    """
    without, without_b = (each(pairs[c], _is_without_mayotte).astype(bool) for c in ("note", "note_b"))
    apart = (pairs["territory"] == "FR") & without & ~without_b
    if not apart.any():
        return pairs
    others = [code for code in territories.DEPARTEMENTS if code != _MAYOTTE]
    figures = bottom[bottom["territory"].isin(others)].groupby("period_b")[["value", "lower", "upper"]]
    sums = figures.sum(min_count=len(others)).reindex(pairs.loc[apart, "period_b"])
    pairs.loc[apart, ["value_b", "lower_b", "upper_b"]] = sums.to_numpy()
    return pairs[pairs["value_b"].notna()]


def _match_periods(tops: Sequence[str], bottoms: Sequence[str], lag: int) -> dict[str, str]:
    """For each period of the first, the second's own, or that of its year, or of the nearest year within ``lag``.

    Of several of a year, that which ends nearest: spending of 2024 is set against the households of December.
    """
    ends = {text: period(text).start + period(text).months for text in (*tops, *bottoms)}
    by_year: dict[int, list[str]] = {}
    for text in sorted(bottoms, key=period):
        by_year.setdefault(period(text).year, []).append(text)
    match = {}
    for text in tops:
        near = sorted(by_year, key=lambda y: (abs(y - period(text).year), y))
        if text in bottoms:
            match[text] = text
        elif near and abs(near[0] - period(text).year) <= lag:
            match[text] = min(by_year[near[0]], key=lambda other: abs(ends[other] - ends[text]))
    return match


def _derived(
    pairs: pd.DataFrame, name: str, entry: Indicator, amounts: Sequence[pd.Series], of: _Way, role: str
) -> pd.DataFrame:
    """Rows of a derived indicator: worst state of both terms, both sources, and the year of a term of another year."""
    value, lower, upper = amounts
    other = each(pairs["period"], _year) != each(pairs["period_b"], _year)
    years = np.where(other, pairs["period_b"].astype(object), "")
    # Bounds that come from rounding are not the interval of an approximation: a modelled figure carries none from here.
    states = [
        "modelled" if entry.modelled else least_sure(p)
        for p in zip(pairs["state"].to_list(), pairs["state_b"].to_list(), strict=True)
    ]
    bounded = pairs["bounded"] & (pd.Series(states, index=pairs.index, dtype="str") != "modelled")
    made = pairs.assign(
        indicator=name,
        value=value,
        lower=lower.where(bounded),
        upper=upper.where(bounded),
        state=states,
        quality=np.where(
            coverage.is_own(pairs) | (pairs["quality_b"] == coverage.OWN), coverage.OWN, "derived"
        ),
        source=[
            _source(of, *two)
            for two in zip(pairs["source"].to_list(), pairs["source_b"].to_list(), strict=True)
        ],
        note=[
            _note(role, *three)
            for three in zip(pairs["note"].to_list(), years, pairs["note_b"].to_list(), strict=True)
        ],
        words="",
    )
    return made[list(COLUMNS)]


@cache
def _source(of: _Way, first: str, second: str) -> str:
    return str(of(Origin.read(first), Origin.read(second)))


@cache
def _note(role: str, own: str, year: str, other: str) -> str:
    """Note of a derived figure: that of its first term, the year of the second, and that one of them was corrected."""
    years = [notes.of(f"{role}_", year)] if year else []
    corrected = [key for key in notes.keys(other) if key == notes.CORRECTED]
    return notes.joined(*notes.keys(own), *years, *corrected)


def _is_without_mayotte(note: str) -> bool:
    return not notes.WITHOUT_MAYOTTE.isdisjoint(notes.keys(note))


def _year(text: str) -> int:
    return period(text).year
