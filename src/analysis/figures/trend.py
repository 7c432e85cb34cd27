"""A level over time, beside those of the région, of France and of the comparable départements.

Figures stand at the middle of their period (a month's stock at its end). A line stops where a figure is missing and at
each break of the series; a provisional figure is a hollow point; a modelled series is dashed, in its interval. Rounding
bounds are not drawn. Every line is labelled at its end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from analysis import values
from analysis.estimation.comparison import TrendSummary
from analysis.figures.base import Figure
from analysis.figures.labels import spread, wrap
from analysis.figures.style import COLOURS, INK, MUTED, RULE, SMALL, TEXT, WIDTH, Page, Points, Scale, text_width, tick_decimals
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.tables import Column, Table
from analysis.values import Lang, Value, period

HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 380, 344, 34, 58, 172
FEW = 14
"""Up to so many figures, each has its point."""


@dataclass(frozen=True)
class Line:
    """A series to draw: its name, its rows (period, value and, where they matter, lower, upper, state, note), its role.

    ``role`` is ``territory``, ``region``, ``france``, ``peers`` or ``other``, and gives the colour.
    """

    label: str
    rows: pd.DataFrame
    role: str = "other"

    def figures(self, indicator: str) -> list[Value]:
        """The rows as values, in order of time; a row without a state is observed, or unavailable without a value."""
        return sorted((_value(row, indicator) for row in self.rows.to_dict("records")), key=lambda v: period(v.period))


def _value(row: Mapping[str, object], indicator: str) -> Value:
    amounts = {k: None if pd.isna(row.get(k)) else float(row[k]) for k in ("value", "lower", "upper")}
    state = row.get("state") or ("observed" if amounts["value"] is not None else "unavailable")
    return Value(
        indicator, str(row.get("territory", "")), str(row["period"]), **amounts, state=str(state),
        note=str(row.get("note", "") or ""),
    )  # fmt: skip


def trend(
    lines: Sequence[Line],
    *,
    key: str,
    indicator: str,
    lang: Lang,
    summary: TrendSummary | None = None,
    source: str = "",
    title: str | None = None,
) -> Figure:
    """Draw series of one indicator over time; the first line is the territory's.

    Args:
        lines: the series; those without any figure are named in the table only.
        key: name of the figure. indicator: gives the label, the unit, the decimals and the breaks.
        summary: the change to state as the finding; without it the finding is the last level.
        source: producers and vintages. title: replaces the indicator's label.
    """
    plot = _Plot(tuple(lines), indicator, lang)
    title = title or say("trend.title", lang, label=sentences.label(indicator, lang))
    return Figure(
        key, title, plot.draw(), _finding(plot, summary), _description(plot), _table(plot, key, title), source, lang
    )
'''
'''
