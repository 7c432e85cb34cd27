"""Periods: years, quarters, months, half-years and school years, in one canonical form.

``values`` hands them on with what a figure is; this module knows nothing else of a figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from analysis.foundations import display


class UnknownPeriod(display.Refusal, ValueError):
    """A period that is none, or of another form than the figures asked for; the message gives the forms there are."""


_PERIOD = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|S(?P<half>[12])|(?P<end>(?:19|20)\d\d)))?"
)
_WIDTH = {"month": 1, "quarter": 3, "half": 6}


@dataclass(frozen=True, order=True, repr=False)
class Period:
    """A span of months. ``Period.parse("2025-Q3")`` starts at month 7 of 2025 and lasts three.

    ``2024`` is a year, ``2025-Q3`` a quarter, ``2024-12`` a month (or the stock at its end), ``2021-S1`` a half-year,
    ``2020-2021`` a school or accounting year.
    """

    start: int  # months since year 0
    months: int
    text: str = field(compare=False)

    def __repr__(self) -> str:
        return f"<Period {self.text}>"

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a canonical period, or raise ValueError with the forms that exist."""
        found = _PERIOD.fullmatch(str(text))
        if not found:
            raise UnknownPeriod(
                f"period {display.shown(text)} is not one of the forms 2024, 2025-Q3, 2024-12, 2021-S1 or 2020-2021"
            )
        year = int(found["year"]) * 12
        for unit, width in _WIDTH.items():
            if found[unit]:
                return cls(year + (int(found[unit]) - 1) * width, width, str(text))
        if found["end"]:
            if int(found["end"]) != int(found["year"]) + 1:
                raise UnknownPeriod(f"period {text!r} spans two years that do not follow each other")
            return cls(year + 8, 12, str(text))  # a school year begins in September
        return cls(year, 12, str(text))

    @property
    def year(self) -> int:
        """The calendar year in which the period begins."""
        return self.start // 12

    @property
    def last_day(self) -> date:
        """The last day of the period."""
        year, month = divmod(self.start + self.months, 12)
        return date(year, month + 1, 1) - timedelta(days=1)

    def later(self, months: int) -> Period:
        """The period of the same form that begins some months later."""
        year, month = divmod(self.start + months, 12)
        written = {
            1: f"{year}-{month + 1:02d}",
            3: f"{year}-Q{month // 3 + 1}",
            6: f"{year}-S{month // 6 + 1}",
            12: f"{year}-{year + 1}" if month == 8 else str(year),
        }
        return Period.parse(written[self.months])

    @property
    def frequency(self) -> str:
        """``A`` (year), ``S`` (half-year), ``Q`` (quarter) or ``M`` (month)."""
        return {12: "A", 6: "S", 3: "Q", 1: "M"}[self.months]

    @property
    def decimal_year(self) -> float:
        """Where the period's middle falls on a time axis, in years (a month's stock stands at its end)."""
        return (self.start + (self.months if self.months == 1 else self.months / 2)) / 12


@cache
def period(text: str) -> Period:
    """Parse a period once."""
    return Period.parse(text)


def sorted_periods(texts: Iterable[str]) -> list[str]:
    """Return the distinct periods in order of time."""
    return sorted(set(texts), key=period)
