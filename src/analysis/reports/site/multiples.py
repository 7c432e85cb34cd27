"""Small multiples: an indicator over time, région by région, on one scale.

Each panel holds a line for each département of the région and, dashed, the median of all départements; what it shows is
written under it. Drawn as inline SVG with classes only, so that it follows the colours of the page. Lines are cut at a
break of the series and where a figure is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from analysis import territories
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say as tell
from analysis.panel import Panel
from analysis.reports.interface import say
from analysis.values import VALUED_STATES, Lang, dictionary, period, sorted_periods

WIDTH, HEIGHT, MARGIN = 200, 110, 6

Series = Mapping[str, float]
"""Figure by period."""


def multiples(panel: Panel, indicator: str, lang: Lang) -> dict | None:
    """What the template needs: the panels, their common scale, the words; None without two periods to join."""
    lines = _lines(panel, indicator)
    periods = sorted_periods(p for line in lines.values() for p in line)
    if len(periods) < 2:
        return None
    every = {p: median(line[p] for line in lines.values() if p in line) for p in periods}
    amounts = [x for line in lines.values() for x in line.values()]
    frame = _Frame(periods, min(0.0, *amounts), max(amounts), _starts(indicator))
    entry = dictionary()[indicator]
    top = formats.quantity(frame.high, entry.unit, lang, entry.decimals)
    bottom = formats.quantity(frame.low, entry.unit, lang, entry.decimals)
    return {
        "label": sentences.label(indicator, lang),
        "note": say(
            "multiples_note", lang, low=bottom, high=top, span=formats.span(periods[0], periods[-1], lang)
        ),
        "panels": [_panel(code, lines, every, frame, indicator, lang) for code in territories.REGIONS],
    }


def _lines(panel: Panel, indicator: str) -> dict[str, Series]:
    """Figures by département, at the season of the last period."""
    rows = panel.select(indicator, territory=territories.DEPARTEMENTS)
    rows = rows[rows["state"].isin(VALUED_STATES)]
    if rows.empty:
        return {}
    season = period(sorted_periods(rows["period"])[-1])
    lines: dict[str, dict[str, float]] = {}
    for code, when, value in zip(rows["territory"], rows["period"], rows["value"], strict=True):
        span = period(when)
        if span.months == season.months and span.start % 12 == season.start % 12:
            lines.setdefault(str(code), {})[str(when)] = float(value)
    return lines


def _starts(indicator: str) -> tuple[int, ...]:
    return tuple(period(p).start for p in dictionary()[indicator].breaks)


class _Frame:
    """From periods and figures to the places of a panel."""

    def __init__(self, periods: Sequence[str], low: float, high: float, breaks: tuple[int, ...]) -> None:
        self.periods, self.low, self.high, self.breaks = list(periods), low, high, breaks
        self._first = period(periods[0]).start
        self._span = period(periods[-1]).start - self._first

    def points(self, line: Series) -> list[str]:
        """The stretches of a line, each as the points of a polyline."""
        stretches: list[list[str]] = [[]]
        before: int | None = None
        for when in self.periods:
            start = period(when).start
            if when not in line or (before is not None and any(before < b <= start for b in self.breaks)):
                stretches.append([])
            if when in line:
                x = MARGIN + (WIDTH - 2 * MARGIN) * (start - self._first) / self._span
                y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (line[when] - self.low) / (self.high - self.low)
                stretches[-1].append(f"{x:.0f},{y:.1f}")
                before = start
        return [" ".join(points) for points in stretches if len(points) > 1]


def _panel(
    region: str, lines: Mapping[str, Series], every: Series, frame: _Frame, indicator: str, lang: Lang
) -> dict:
    inside = [lines[code] for code in territories.departements_of(region) if code in lines]
    there = [p for p in frame.periods if any(p in line for line in inside)]
    words = [
        _range([line[p] for line in inside if p in line], p, indicator, lang)
        for p in there[:1] + there[1:][-1:]
    ]
    return {
        "name": territories.get(region).label(lang),
        "lines": [points for line in inside for points in frame.points(line)],
        "all": frame.points(every),
        "words": words or [formats.state_words("unavailable", lang)],
    }


def _range(amounts: Sequence[float], at: str, indicator: str, lang: Lang) -> str:
    """The lowest and the highest figure of a région at a period."""
    entry = dictionary()[indicator]
    low, high = (formats.quantity(x, entry.unit, lang, entry.decimals) for x in (min(amounts), max(amounts)))
    figures = (
        low if low == high else formats.interval(min(amounts), max(amounts), entry.unit, lang, entry.decimals)
    )
    return tell("chart.absent", lang, name=formats.short_period(at, lang), state=figures)
