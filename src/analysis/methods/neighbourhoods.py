"""What the priority neighbourhoods of a département hold, and how many of their people have C2S beside how many are poor.

Figures of neighbourhoods (QPV) are added up over those that have one, with how many lack: nothing stands in for a blank. The
poor people of a neighbourhood are not published: its poverty rate, of tax households, is applied to the people covered by
health insurance who live there, of another year. What rests on that is an approximation, its error is not known, and the
bounds given are those of the rounding of the rates alone. C2S over people under the poverty line is thus a ratio of two
counts of different years and populations and no rate of take-up: it may be above 100.

Nothing is said in words here. Figures of one file are of several dates, and each keeps its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.foundations.display import Brief

POVERTY, COVERED = "rate_poverty_60", "count_people_covered_cnam"
C2S = ("count_c2s_free_covered_cnam", "count_c2s_contributory_covered_cnam")
HALF = 0.05
"""Half of the step to which poverty rates of neighbourhoods are rounded."""


@dataclass(frozen=True, repr=False)
class Sum(Brief):
    """A number of the neighbourhoods of a département: the sum of those that have it, and how many these are."""

    value: float
    known: int
    number: int


@dataclass(frozen=True, repr=False)
class Ratio(Brief):
    """C2S recipients per 100 people under the poverty line, over the neighbourhoods that have both terms.

    ``lower`` and ``upper`` are what the rounding of the poverty rates leaves; ``c2s`` and ``poor`` the terms, ``people`` all
    those covered by health insurance there.
    """

    value: float
    lower: float
    upper: float
    c2s: float
    poor: float
    people: float
    known: int
    number: int


def total(values: pd.Series) -> Sum | None:
    """The sum of a number over the neighbourhoods that have it; None when none has."""
    known = values.notna()
    return Sum(float(values[known].sum()), int(known.sum()), len(values)) if known.any() else None


def poor(table: pd.DataFrame) -> pd.Series:
    """People under the poverty line of each neighbourhood, by approximation: its rate of the people covered there."""
    return table[POVERTY] / 100 * table[COVERED]


def people(table: pd.DataFrame) -> pd.DataFrame:
    """C2S recipients, people under the poverty line and the ratio of each neighbourhood; missing where a term is.

    ``table``: a row for each neighbourhood, a column for each of ``POVERTY``, ``COVERED`` and both of ``C2S``.
    """
    c2s, under = table[list(C2S)].sum(axis=1, min_count=len(C2S)), poor(table)
    return pd.DataFrame({"c2s": c2s, "poor": under, "ratio": 100 * c2s / under.where(under > 0)})


def ratio(table: pd.DataFrame) -> Ratio | None:
    """C2S recipients over people under the poverty line, of the neighbourhoods that have both; None when none has."""
    both = people(table)["ratio"].notna()
    there = table[both]
    if there.empty:
        return None
    c2s = float(there[list(C2S)].sum().sum())
    fewest, poor, most = (
        float(((there[POVERTY] + side) / 100 * there[COVERED]).sum()) for side in (-HALF, 0.0, HALF)
    )
    return Ratio(
        100 * c2s / poor,
        100 * c2s / most,
        100 * c2s / fewest,
        c2s,
        poor,
        float(there[COVERED].sum()),
        len(there),
        len(table),
    )


def held(number: Sum | None, whole: float | None) -> float | None:
    """Percent of the département's number that the neighbourhoods hold; None where one of both is not known."""
    return None if number is None or not whole else 100 * number.value / whole
