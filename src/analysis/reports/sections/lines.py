"""The lines of a trend: a territory beside those it is set beside, where its figures may be set beside another's.

Sections ask; nothing is worded or drawn here.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.data import coverage
from analysis.data.catalogue import LOCAL
from analysis.estimation import comparison, trends
from analysis.foundations import asked, territories
from analysis.foundations.notes import MEDIANS
from analysis.foundations.periods import period
from analysis.foundations.values import VALUED_STATES, Value, dictionary
from analysis.presentation import figures
from analysis.reports.report import Report

_ROLES = {"peers": "peers", "all": "france"}
"""Colour of a median's line: that of all départements takes France's place where no national figure is published."""

_ROLES_BESIDE = ("peers", "region", "other")
"""Colours of the lines of other territories, in turn."""


def own_series(report: Report, indicator: str) -> pd.DataFrame:
    """The published figures of the territory in order of time; without any, those that it gave itself."""
    published = report.panel.published(indicator, territory=report.territory.code)
    known = published["state"].isin(VALUED_STATES).any()
    return published if known else report.panel.series(indicator, report.territory.code)


def moved(report: Report, series: pd.DataFrame, indicator: str) -> trends.Trend | None:
    """How a series moved; amounts of money in euros of its last year."""
    prices = trends.prices(report.catalogue.parameters("prices"))
    return trends.trend(series, dictionary()[indicator], prices)


def since(rows: pd.DataFrame, start: str | None) -> pd.DataFrame:
    """The rows from a period on; all when it is None."""
    if start is None:
        return rows
    first = period(asked.period(start)).start
    kept = [i for i, when in enumerate(rows["period"]) if period(when).start >= first]
    return rows.iloc[kept].reset_index(drop=True)


def _start(own: pd.DataFrame) -> str:
    return own.loc[own["state"].isin(VALUED_STATES), "period"].iloc[0]


def beside(report: Report, indicator: str, own: pd.DataFrame, others: Sequence[str]) -> list[figures.Line]:
    """The territory's own line, and those of others from its first figure on."""
    lines = [figures.Line(report.territory.label(report.lang), own, "territory")]
    for i, code in enumerate(others):
        rows = since(report.panel.series(indicator, code), _start(own))
        role = _ROLES_BESIDE[i % len(_ROLES_BESIDE)]
        lines.append(figures.Line(territories.get(code).label(report.lang), rows, role))
    return lines


def compared(report: Report, indicator: str, own: pd.DataFrame) -> list[figures.Line]:
    """The territory's own line and, for what can be compared, those of the région, of France and of the peers."""
    start, lang, panel = _start(own), report.lang, report.panel
    lines = [figures.Line(report.territory.label(lang), own, "territory")]
    if not dictionary().comparable(indicator) or report.is_country or all_own(own):
        return lines
    national = panel.reference(indicator)
    areas = [(report.region, "region")] if report.region and not report.is_its_region else []
    areas += [(national, "france")] if national else []
    for code, role in areas:
        rows = since(panel.published(indicator, territory=code), start)
        if rows["state"].isin(VALUED_STATES).any():
            lines.append(figures.Line(territories.get(code).label(lang), rows, role))
    groups = [(report.peers.codes, "peers")] + (
        [] if national else [(coverage.beside(report.territory.code), "all")]
    )
    for codes, name in (group for group in groups if group[0]):
        there = panel.published(indicator, territory=codes)
        rows = since(comparison.peers_median(there, codes, len(codes) // 2), start)
        if len(rows) > 1:
            rows = rows.assign(note=MEDIANS[name])
            lines.append(figures.Line(report.say(f"column.{name}_median"), rows, _ROLES[name]))
    return lines


def is_own(value: Value) -> bool:
    """Whether a figure is one that a département gave itself, or rests on one: it is compared with nobody."""
    return value.quality == LOCAL


def all_own(rows: pd.DataFrame) -> bool:
    """Whether all figures of a table are (see ``is_own``)."""
    return bool((rows["quality"] == LOCAL).all())
