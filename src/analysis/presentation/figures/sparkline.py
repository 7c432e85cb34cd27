"""A small line beside a figure of a table: the last ten years of its series, at a glance.

It is drawn for the eye only and hidden from those who hear the page: the figure, its period and its state stand beside it in
the row, and the series itself is in the chart or the file that gives it. It has no scale: it tells a shape, never a size. It
stops where no figure is known and at each break of the series. Works on values, draws with text, reads nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from analysis.foundations.periods import period
from analysis.foundations.values import Value

YEARS = 10
"""Years shown, up to the last figure."""

_WIDTH, _HEIGHT, _EDGE = 72, 18, 2.5


def sparkline(figures: Sequence[Value], breaks: Collection[str] = ()) -> str:
    """Markup of the small line of a series, in order of time; empty with fewer than three figures in the last ten years.

    Args:
        figures: the series of one territory. breaks: periods of the first figure after a break.
    """
    known = [one for one in figures if one.known]
    if not known:
        return ""
    end = period(known[-1].period).start
    shown = [one for one in figures if end - 12 * YEARS < period(one.period).start <= end]
    if sum(one.known for one in shown) < 3:
        return ""
    runs = _runs(shown, {period(one).start for one in breaks})
    places = _places([one for run in runs for one in run], end)
    lines = "".join(f'<path d="M{" L".join(places[one] for one in run)}"/>' for run in runs if len(run) > 1)
    x, y = places[known[-1]].split(",")
    alone = [places[run[0]].split(",") for run in runs[:-1] if len(run) == 1]
    dots = "".join(f'<circle cx="{a}" cy="{b}" r="1"/>' for a, b in alone)
    return (
        f'<svg class="spark" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-hidden="true" focusable="false">'
        f'{lines}{dots}<circle cx="{x}" cy="{y}" r="2"/></svg>'
    )


def _runs(figures: Sequence[Value], breaks: Collection[int]) -> list[list[Value]]:
    """Figures that a line may join: known, one after the other, on one side of every break."""
    runs: list[list[Value]] = [[]]
    before = None
    for one in figures:
        start = period(one.period).start
        crossed = before is not None and any(before < point <= start for point in breaks)
        if runs[-1] and (crossed or not one.known):
            runs.append([])
        if one.known:
            runs[-1].append(one)
        before = start
    return [run for run in runs if run]


def _places(figures: Sequence[Value], end: int) -> dict[Value, str]:
    """Where each figure is drawn, in tenths of a pixel: time from left to right, the highest on top."""
    amounts = [one.number for one in figures]
    low, high = min(amounts), max(amounts)
    first = period(figures[0].period).start
    places = {}
    for one in figures:
        across = (period(one.period).start - first) / max(end - first, 1)
        up = (one.number - low) / (high - low) if high > low else 0.5
        x = _EDGE + across * (_WIDTH - 2 * _EDGE)
        y = _HEIGHT - _EDGE - up * (_HEIGHT - 2 * _EDGE)
        places[one] = f"{x:.1f},{y:.1f}"
    return places
