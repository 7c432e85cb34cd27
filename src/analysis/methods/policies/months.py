"""The months in which dates and periods begin and end, however coarse they are: what designs are compared by.

A month is a number, counted from year 0, as in ``periods.period``.
"""

from __future__ import annotations

import re

from analysis.foundations import asked
from analysis.foundations.periods import Period, period

_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def first_month(date: str) -> int:
    """First month of a date as the register writes them (``2023``, ``2021-S2``, ``2023-07``, ``2023-07-01``)."""
    return _span(date).start


def last_month(date: str) -> int:
    """Last month of such a date."""
    span = _span(date)
    return span.start + span.months - 1


def _span(date: str) -> Period:
    """The months of a date; a day is of its month."""
    return period(date[:7] if isinstance(date, str) and _DAY.fullmatch(date) else asked.period(date))


def month_text(number: int) -> str:
    """A month as the register writes it."""
    return f"{number // 12}-{number % 12 + 1:02d}"
