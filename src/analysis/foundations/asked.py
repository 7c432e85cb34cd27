"""What a person asks for, read once for every public function: an indicator, a territory, a period.

A name as people write it is read as everywhere (``ille et vilaine``, 35, ``2024-T4``, 2024); what cannot be read is
refused at the call, in a line, with the nearest that is known. So a figure that is told to be absent is absent: it was
not asked for wrongly. Territories are read by ``territories.parse``, languages by ``values.language``.

It stands above ``values``, and knows no figure: which periods a series has is told to it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from numbers import Real
from typing import Any

from analysis.foundations import territories
from analysis.foundations.display import listed, shown
from analysis.foundations.levels import Level
from analysis.foundations.periods import Period, UnknownPeriod, sorted_periods
from analysis.foundations.periods import period as parsed
from analysis.foundations.values import Dictionary, Indicator, UnknownIndicator, no_indicator

_QUARTER = re.compile(
    r"(?:(?P<year>(?:19|20)\d\d)[ -]?[QT](?P<n>[1-4])|[QT](?P<m>[1-4])[ -]?(?P<of>(?:19|20)\d\d))", re.I
)
_FORMS = {"A": "year", "S": "half-year", "Q": "quarter", "M": "month", "W": "year from September to August"}
_NEAR = 3


def several(asked: object) -> list[Any]:
    """What was asked for as a list: one thing, or each of several."""
    if isinstance(asked, str | Indicator | Period | Real) or not isinstance(asked, Iterable):
        return [asked]
    return list(asked)


def indicator(asked: object, names: Dictionary) -> str:
    """Name of an indicator of a dictionary, given by its name or its entry; UnknownIndicator gives the nearest ones."""
    name = asked.name if isinstance(asked, Indicator) else asked
    if isinstance(name, str) and name in names:
        return str(name)
    if not isinstance(name, str):
        raise UnknownIndicator(f"an indicator is a name such as rate_poverty_60, not {shown(name)}")
    raise UnknownIndicator(no_indicator(name, names))


def territory(asked: object, level: str | Level | None = None) -> str:
    """Code of a territory, written in any usual way; UnknownTerritory gives the nearest ones."""
    found = territories.known(asked)
    if found is not None and level in (None, found.level, found.kind):
        return found.code
    return territories.parse(asked, level)


def of_level(asked: object, level: Level) -> tuple[str, ...]:
    """Codes of one or several territories of a level, each once, in the order given."""
    return tuple(dict.fromkeys(territory(one, level) for one in several(asked)))


def period(asked: object) -> str:
    """A period in its canonical form, from a text or a whole number; UnknownPeriod gives the forms that exist."""
    if isinstance(asked, Period):
        return asked.text
    if (number := territories.whole(asked)) is not None:
        asked = str(number)
    if not isinstance(asked, str):
        raise UnknownPeriod(f"a period is a text such as 2024, 2025-Q3 or 2024-12, not {shown(asked)}")
    text = asked.strip()
    if found := _QUARTER.fullmatch(text):
        text = f"{found['year'] or found['of']}-Q{found['n'] or found['m']}"
    return parsed(text).text


def form(text: str) -> str:
    """Whether a period is a year, a half-year, a quarter, a month, or a year that begins in September."""
    span = parsed(text)
    return "W" if span.months == 12 and span.start % 12 else span.frequency


def period_of(asked: object, there: Collection[str], what: str) -> str:
    """A period in the form in which there are figures; UnknownPeriod names that form and the nearest periods.

    Args:
        there: the periods of the figures; when there is none, any form is right. what: whose figures they are, for the
        message.
    """
    text = period(asked)
    if text in there or not there or form(text) in (forms := {form(one) for one in there}):
        return text
    words = " or ".join(_FORMS[key] for key in _FORMS if key in forms)
    raise UnknownPeriod(
        f"{what} is by {words} and {shown(asked)} is a {_FORMS[form(text)]}; nearest: {listed(_nearest(text, there))}"
        f" (from {(every := sorted_periods(there))[0]} to {every[-1]})"
    )


def _nearest(text: str, there: Iterable[str]) -> Sequence[str]:
    """The last periods that lie within another, else those that begin nearest to it."""
    span = parsed(text)
    inside = [one for one in there if span.start <= parsed(one).start < span.start + span.months]
    near = sorted(inside or there, key=lambda one: (abs(parsed(one).start - span.start), one))
    return sorted_periods(near[-_NEAR:] if inside else near[:_NEAR])
