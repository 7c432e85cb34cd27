"""Periods as a researcher writes them: which comes first, whether they are evenly spaced, which is the first treated one.

Numbers (years, waves), dates (also as ISO texts) and periods with an extent (``2020-Q1``, ``2019-12``, those of pandas) are
read; of other names only the order is asked, where a single number in them tells it (``t2``, ``t10``). ``sample`` asks; no
figure is known here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from analysis.foundations.display import shown
from analysis.foundations.periods import UnknownPeriod
from analysis.foundations.periods import period as published

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True)
class Span:
    """Where a period lies: its first and its last moment; of a date or a number both are the same, its extent not known."""

    first: float | pd.Timestamp
    last: float | pd.Timestamp

    @property
    def numeric(self) -> bool:
        """Whether it is a number, not a time."""
        return not isinstance(self.first, pd.Timestamp)

    @property
    def known(self) -> bool:
        """Whether it has an extent."""
        return self.first != self.last


def span(label: object) -> Span | None:
    """Where a period lies; None when the label is a name of which that is not known."""
    if isinstance(label, pd.Period):
        return Span(label.start_time, label.end_time)
    if isinstance(label, date | np.datetime64) and not pd.isna(label):
        moment = pd.Timestamp(label)
        return Span(moment, moment)
    if isinstance(label, Real) and not isinstance(label, bool | np.bool_):
        return Span(float(label), float(label)) if math.isfinite(label) else None
    return _written(label) if isinstance(label, str) else None


def _written(label: str) -> Span | None:
    if _DATE.fullmatch(label):
        try:
            moment = pd.Timestamp(date.fromisoformat(label))
        except ValueError:
            return None
        return Span(moment, moment)
    try:
        form = published(label)
    except UnknownPeriod:
        return None
    first, end = (pd.Timestamp(m // 12, m % 12 + 1, 1) for m in (form.start, form.start + form.months))
    return Span(first, end - pd.Timedelta(1, "ns"))


_FORMS = {
    "Y-DEC": "{0.year}",
    "A-DEC": "{0.year}",
    "Q-DEC": "{0.year}-Q{0.quarter}",
    "M": "{0.year}-{0.month:02}",
}


def named(label: object) -> object:
    """The label in the form that drawings read, where it is a year, a quarter or a month of pandas; else as it is."""
    form = _FORMS.get(label.freqstr) if isinstance(label, pd.Period) else None
    return label if form is None else form.format(label)


def disorder(labels: Sequence[Any]) -> tuple[Any, Any] | None:
    """The first two neighbouring labels that are not in the order of time; None when all are, or it cannot be told."""
    spans = [span(label) for label in labels]
    read = [one for one in spans if one is not None]
    keys: Sequence[Any]
    if len(read) < len(spans):
        keys = _counted(labels) or ()
    else:
        keys = [one.first for one in read] if len({one.numeric for one in read}) == 1 else ()
    wrong = (k for k, (a, b) in enumerate(pairwise(keys)) if not a < b)
    return next(((labels[k], labels[k + 1]) for k in wrong), None)


def _counted(labels: Sequence[Any]) -> list[int] | None:
    """The only number that tells names apart, such as 2 of ``t2``."""
    parts = [re.split(r"(\d+)", label) if isinstance(label, str) else [] for label in labels]
    if len({len(p) for p in parts}) != 1 or not parts[0]:
        return None
    moving = [k for k, values in enumerate(zip(*parts, strict=True)) if len(set(values)) > 1]
    return [int(p[moving[0]]) for p in parts] if len(moving) == 1 and moving[0] % 2 else None


def uneven(spans: Sequence[Span]) -> int | None:
    """Position of the first period whose distance to the one before is not that of the others; None when even."""
    firsts: list[Any] = [one.first for one in spans]
    if spans[0].numeric:
        steps = np.diff(firsts)
        same = np.isclose(steps, steps.min(initial=math.inf), rtol=1e-9, atol=0)
    else:
        ends = len({t.day for t in firsts}) > 1 and all(t.is_month_end for t in firsts)
        monthly = ends or len({t.day for t in firsts}) == 1
        steps = np.diff([t.year * 12 + t.month for t in firsts] if monthly else [t.value for t in firsts])
        same = steps == steps.min() if len(steps) else np.ones(0, dtype=bool)
    return None if same.all() else int(np.argmin(same)) + 1


def begins(spans: Sequence[Span], start: Span, name: object) -> int | None:
    """Position of the first period that is treated since ``start``: the first that ends no earlier; None when after all.

    ValueError when ``start`` lies between two periods of which the extent is not known: either may be meant.
    """
    moment: Any = start.first
    at = next((k for k, one in enumerate(spans) if one.last >= moment), None)
    if at and not spans[at].known and spans[at].first != start.first:
        raise ValueError(f"{shown(name)} lies between two periods")
    return at
