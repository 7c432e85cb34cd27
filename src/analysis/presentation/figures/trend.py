"""A level over time, beside those of the région, of France and of the comparable départements.

Figures stand at the middle of their period (a month's stock at its end). A line stops where a figure is missing and at
each break of the series; a provisional figure is a hollow point; a modelled series is dashed, in its interval. Rounding
bounds are not drawn. Every line is labelled at its end, or underneath on a narrow screen; pointing anywhere over a period
names the figures of all lines then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import pandas as pd

from analysis.data import breaks
from analysis.estimation import trends
from analysis.foundations import values
from analysis.foundations.display import Refusal
from analysis.foundations.layout import spread
from analysis.foundations.periods import period, sorted_periods
from analysis.foundations.values import Lang, Value
from analysis.presentation.figures.base import AtWidth, Figure, drawings, named, named_at, nothing
from analysis.presentation.figures.labels import spaced, wrap
from analysis.presentation.figures.style import (  # fmt: skip
    COLOURS,
    INK,
    MODELLED,
    MUTED,
    RULE,
    SMALL,
    TEXT,
    WIDTH,
    Page,
    Scale,
    check_role,
    text_width,
    tick_decimals,
)
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative import trends as wording
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table

TALL, OVER, AXIS, RIGHT, MARGIN = 310, 42, 34, 172, 12
"""Height of the drawing, space over it for breaks and under it for the axis; room on its right for the names of lines,
or for nothing where they stand underneath."""
ROW, KEY = TEXT + 4, 24
"""Height of a line of a name, and room of its mark underneath."""
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

    def __post_init__(self) -> None:
        check_role(self.role)

    def figures(self, indicator: str) -> list[Value]:
        """The rows as values, in order of time; a row without a state is observed, or unavailable without a value."""
        return sorted(
            (_value(row, indicator) for row in self.rows.to_dict("records")), key=lambda v: period(v.when)
        )


def _value(row: Mapping[Any, Any], indicator: str) -> Value:
    value, lower, upper = (
        None if pd.isna(row.get(k)) else float(row[k]) for k in ("value", "lower", "upper")
    )
    state = row.get("state") or ("observed" if value is not None else "unavailable")
    return Value(
        indicator, str(row.get("territory", "")), str(row["period"]), value, lower, upper, state=str(state),
        note=str(row.get("note", "") or ""), words=str(row.get("words", "") or ""),
    )  # fmt: skip


def trend(
    lines: Sequence[Line],
    *,
    key: str,
    indicator: str,
    lang: Lang,
    summary: trends.Trend | None = None,
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
    if not lines:
        raise Refusal(f"{key}: no line to draw; give one at least, the territory's first")
    plot = _Plot(tuple(lines), values.dictionary()[indicator].name, lang)
    title = title or sentences.label(indicator, lang)
    return Figure(
        key=key, title=title, **drawings(lambda width: _draw(replace(plot, width=width))),
        alt=_finding(plot, summary), description=_description(plot),
        table=_table(plot, key, title), source=source, lang=lang,
    )  # fmt: skip


@dataclass(frozen=True)
class _Plot(AtWidth):
    """The figures of each line and the scales they are drawn on."""

    lines: tuple[Line, ...]
    indicator: str
    lang: Lang
    width: int = WIDTH

    @property
    def right(self) -> float:
        """Where the drawing ends."""
        return self.width - (RIGHT if self.beside else MARGIN)

    @cached_property
    def labels(self) -> list[list[str]]:
        """The name and the last figure of each line, in lines of text."""
        room = RIGHT - 18 if self.beside else self.width - MARGIN - KEY
        return [
            wrap(_end_label(self, line, value), room, TEXT, line is self.lines[0])
            for line, value in zip(self.lines, self.last, strict=True)
        ]

    @cached_property
    def last(self) -> list[Value | None]:
        """The last figure of each line."""
        return [next((v for v in figures[::-1] if v.known), None) for figures in self.figures]

    @cached_property
    def bottom(self) -> float:
        """The height of the axis of time."""
        return AXIS + (0 if self.beside else sum(ROW * len(label) + 5 for label in self.labels))

    @property
    def top(self) -> float:
        return self.bottom + TALL

    @property
    def height(self) -> float:
        return self.top + OVER

    @cached_property
    def figures(self) -> tuple[list[Value], ...]:
        return tuple(line.figures(self.indicator) for line in self.lines)

    @cached_property
    def known(self) -> list[Value]:
        return [v for figures in self.figures for v in figures if v.known]

    @cached_property
    def latest(self) -> str:
        return max((v.when for v in self.known), key=period)

    @cached_property
    def entry(self) -> values.Indicator:
        return values.dictionary()[self.indicator]

    @cached_property
    def x(self) -> Scale:
        spans = [period(v.period) for v in self.known]
        first = min((p.start for p in spans), default=0) / 12
        last = max((p.start + p.months for p in spans), default=12) / 12
        slack = max(0.02 * (last - first), (1 - (last - first)) / 2)
        return Scale(first - slack, last + slack, self.left, self.right)

    @cached_property
    def y(self) -> Scale:
        bounds = [b for v in self.known for b in (v.value, *(_interval(v) or ()))]
        low, high = min(bounds, default=0), max(bounds, default=1)
        if 0 <= low < high / 2:
            low = 0.0
        short = max(0.25 * max(abs(low), abs(high)) - (high - low), 0) / 2 or (0.5 if high == low else 0)
        slack = short + 0.06 * (high - low)
        return Scale(low - slack if low < 0 else max(low - slack, 0), high + slack, self.bottom, self.top)

    @cached_property
    def levels(self) -> list[tuple[float, str]]:
        """Round levels and how they are written."""
        ticks = self.y.ticks(6)
        decimals = tick_decimals(ticks)
        return [(tick, formats.number(tick, self.lang, decimals)) for tick in ticks]

    @cached_property
    def left(self) -> float:
        return max([40.0, *(text_width(text, SMALL) for _, text in self.levels)]) + 16

    @cached_property
    def breaks(self) -> list[str]:
        """The first periods after each break that is drawn: those of the series and those of the first line alone."""
        cuts = breaks.cuts(self.lines[0].rows, self.entry)
        return [p for p in cuts if self.x.low < period(p).start / 12 < self.x.high]

    @property
    def kinds(self) -> dict[str, str]:
        """What breaks the first line alone, by period."""
        return breaks.kinds(self.lines[0].rows, self.breaks)

    def at(self, value: Value) -> tuple[float, float]:
        return self.x(period(value.when).decimal_year), self.y(value.number)

    def stretches(self, figures: Sequence[Value]) -> list[list[Value]]:
        """The figures that a line may join: without a missing one, a break or a hole of years between them."""
        places = [period(v.period).decimal_year for v in figures if v.known]
        steps = sorted(b - a for a, b in pairwise(places))
        hole = 1.5 * max(1.0, steps[len(steps) // 2]) if steps else 0.0
        starts = breaks.starts(figures, self.entry)
        parts: list[list[Value]] = [[]]
        for value in figures:
            before = parts[-1][-1] if parts[-1] else None
            if not value.known or (before and _apart(before, value, starts, hole)):
                parts.append([])
            if value.known:
                parts[-1].append(value)
        return [stretch for stretch in parts if stretch]


def _apart(before: Value, after: Value, breaks: Sequence[int], hole: float) -> bool:
    a, b = period(before.period), period(after.period)
    return b.decimal_year - a.decimal_year > hole or any(a.start < start <= b.start for start in breaks)


def _interval(value: Value) -> tuple[float, float] | None:
    """The interval to draw: that of an estimate, never that of a rounding."""
    if value.state != "modelled" or value.lower is None or value.upper is None:
        return None
    return value.lower, value.upper


# --------------------------------------------------------------------------------------------------------- drawing


def _draw(plot: _Plot) -> bytes:
    if not plot.known:
        return nothing(plot.lang, plot.width)
    page = Page(plot.height, plot.width)
    _levels(page, plot)
    _times(page, plot)
    _breaks(page, plot)
    drawn = list(zip(plot.lines, plot.figures, strict=True))[::-1]
    for line, figures in drawn:
        _band(page, plot, line, figures)
    for line, figures in drawn:
        _series(page, plot, line, figures, first=line is plot.lines[0])
    (_names if plot.beside else _names_under)(page, plot)
    _zones(page, plot)
    return page.svg()


def _levels(page: Page, plot: _Plot) -> None:
    page.lines([((plot.left, plot.y(level)), (plot.right, plot.y(level))) for level, _ in plot.levels], RULE)
    for level, text in plot.levels:
        page.text(plot.left - 8, plot.y(level), text, size=SMALL, colour=MUTED, align="right")
    unit = values.dictionary().unit(plot.indicator).axis[plot.lang]
    page.text(8, plot.height - 10, unit, size=SMALL, colour=MUTED)


def _times(page: Page, plot: _Plot) -> None:
    bottom = plot.bottom
    page.lines([((plot.left, bottom), (plot.right, bottom))], MUTED)
    labels, ticks = _time_labels(plot)
    page.lines([((x, bottom), (x, bottom - 5)) for x in ticks], MUTED)
    for x, text in labels:
        (at,) = spread([x], [text_width(text, SMALL)], 0, plot.width)
        page.text(at, bottom - 16, text, size=SMALL, colour=MUTED, align="center")


def _time_labels(plot: _Plot) -> tuple[list[tuple[float, str]], list[float]]:
    """Labels and ticks of the axis: under the points when they come once a year or are few, else by calendar year."""
    periods = sorted_periods(v.when for v in plot.known)
    spans = {(period(p).months, period(p).start % 12) for p in periods}
    years = range(int(plot.x.low), int(plot.x.high) + 2)
    middles = [(plot.x(year + 0.5), str(year)) for year in years if plot.x.low <= year + 0.5 <= plot.x.high]
    if spans == {(12, 0)}:
        kept = spaced(middles)
    elif len(spans) == 1 or len(periods) <= 5:
        kept = spaced([(plot.x(period(p).decimal_year), formats.short_period(p, plot.lang)) for p in periods])
    else:
        return spaced(middles), [plot.x(year) for year in years if plot.x.low <= year <= plot.x.high]
    return kept, [x for x, _ in kept]


def _breaks(page: Page, plot: _Plot) -> None:
    places = [plot.x(period(p).start / 12) for p in plot.breaks]
    texts = [say("chart.break", plot.lang, when=formats.short_period(p, plot.lang)) for p in plot.breaks]
    sizes = [text_width(text, SMALL) + 8 for text in texts]
    for x, at, text in zip(places, spread(places, sizes, plot.left, plot.width), texts, strict=True):
        page.lines([((x, plot.bottom), (x, plot.top + 2))], INK, 1.2, (1.2, 2.6))
        page.text(at, plot.top + 11, text, size=SMALL, colour=INK, align="center")


def _band(page: Page, plot: _Plot, line: Line, figures: Sequence[Value]) -> None:
    for stretch in plot.stretches(figures):
        edges = [(plot.at(v)[0], *ends) for v in stretch if (ends := _interval(v))]
        if len(edges) > 1:
            below = [(x, plot.y(a)) for x, a, _ in edges]
            above = [(x, plot.y(b)) for x, _, b in edges]
            page.area([*below, *above[::-1]], COLOURS[line.role])
        elif edges:
            x, low, high = edges[0]
            page.lines([((x, plot.y(low)), (x, plot.y(high)))], COLOURS[line.role])


def _series(page: Page, plot: _Plot, line: Line, figures: Sequence[Value], first: bool) -> None:
    colour, width = COLOURS[line.role], 3.2 if first else 1.7
    stretches = plot.stretches(figures)
    for dash, wanted in ((None, False), (MODELLED, True)):
        joined = [s for s in stretches if len(s) > 1 and (s[-1].state == "modelled") == wanted]
        if joined:
            page.lines([[plot.at(v) for v in stretch] for stretch in joined], colour, width, dash)
    known = [v for v in figures if v.known]
    alone = [v for s in stretches for v in _far_apart(s)]
    for hollow in (False, True):
        shown = [v for v in known if (v.state != "observed") == hollow]
        if not hollow and len(known) > FEW:
            shown = [v for v in shown if v in alone]
        if hollow and len(known) > FEW:
            shown = [v for v in shown if v.state == "provisional" or v in alone]
        if shown:
            page.dots([plot.at(v) for v in shown], colour, 8 if first else 6, hollow=hollow)


def _far_apart(stretch: Sequence[Value]) -> list[Value]:
    """The figures that a line alone would hide: those that stand by themselves, or a year away in a denser series."""
    if len(stretch) == 1:
        return list(stretch)
    places = [period(v.period).decimal_year for v in stretch]
    steps = [b - a for a, b in pairwise(places)]
    if min(steps) > 0.5:
        return []
    return [v for v, step in zip(stretch[1:], steps, strict=True) if step > 0.5]


def _names(page: Page, plot: _Plot) -> None:
    """Label each line at its end, moved apart, with a thin line to the end of those that were moved or stop early."""
    left = plot.right + 14
    ends = [plot.at(value)[1] if value else plot.bottom for value in plot.last]
    sizes = [len(text) * ROW + 5 for text in plot.labels]
    middles = spread(ends, sizes, plot.bottom - 8, plot.top + 14)
    for line, value, text, y in zip(plot.lines, plot.last, plot.labels, middles, strict=True):
        if value and value.period == plot.latest:
            x, end = plot.at(value)
            page.lines(
                [((x + 6, end), (plot.right + 2, end), (left - 3, y))], COLOURS[line.role], 0.8, (1, 2)
            )
        _label(page, plot, line, text, left, y + (len(text) - 1) * ROW / 2)


def _names_under(page: Page, plot: _Plot) -> None:
    """Label each line under the drawing, after a piece of it."""
    y = plot.bottom - AXIS - 4
    for line, text in zip(plot.lines, plot.labels, strict=True):
        width = 3.2 if line is plot.lines[0] else 1.7
        page.lines([((4, y), (KEY - 5, y))], COLOURS[line.role], width)
        _label(page, plot, line, text, KEY, y)
        y -= ROW * len(text) + 5


def _label(page: Page, plot: _Plot, line: Line, text: Sequence[str], x: float, y: float) -> None:
    for i, words in enumerate(text):
        page.text(x, y - i * ROW, words, colour=COLOURS[line.role], bold=line is plot.lines[0])


def _zones(page: Page, plot: _Plot) -> None:
    """Over each period, what the lines are then; the last of the territory's own is where the arrows begin."""
    by_period: dict[str, list[str]] = {}
    for line, figures in zip(plot.lines, plot.figures, strict=True):
        for value in figures:
            if value.known or line is plot.lines[0]:
                by_period.setdefault(value.when, []).append(named(line.label, value, plot.lang))
    inside = (p for p in by_period if plot.left <= plot.x(period(p).decimal_year) <= plot.right)
    periods = sorted_periods(inside)
    places = [plot.x(period(p).decimal_year) for p in periods]
    ends = [plot.left, *((a + b) / 2 for a, b in pairwise(places)), plot.right]
    boxes = [(low, plot.bottom, max(high - low, 1), TALL) for low, high in pairwise(ends)]
    names = [named_at(formats.bare_period(p, plot.lang), by_period[p], plot.lang) for p in periods]
    last = len(periods) - 1
    page.zones(boxes[:last], names[:last])
    page.zones(boxes[last:], names[last:], own=True)


def _end_label(plot: _Plot, line: Line, value: Value | None) -> str:
    """The name of a line and its last figure, dated when another line goes further."""
    if value is None:
        return say("chart.absent", plot.lang, name=line.label, state=_absence(plot, line))
    text = formats.plain_value(value, plot.lang, unit=plot.entry.unit == "percent")
    marks = [] if value.state == "observed" else [say(f"chart.short.{value.state}", plot.lang)]
    if value.period != plot.latest:
        marks.append(formats.short_period(value.when, plot.lang).replace(" ", formats.NBSP))
    if marks:
        text = say("value.with", plot.lang, value=text, inside=", ".join(marks))
    return f"{line.label} {text}"


def _absence(plot: _Plot, line: Line) -> str:
    """Why a line has no figure, in the words of its last state."""
    figures = plot.figures[plot.lines.index(line)]
    return formats.absence(figures[-1], plot.lang) if figures else say("state.no_figure", plot.lang)


# ----------------------------------------------------------------------------------------------------- words and data


def _finding(plot: _Plot, summary: trends.Trend | None) -> str:
    if summary is not None:
        return wording.trend(summary, plot.lang)
    name, own = plot.lines[0].label, [v for v in plot.figures[0] if v.known]
    label = sentences.label(plot.indicator, plot.lang)
    if not own:
        return say(
            "chart.trend.absent", plot.lang, label=label, name=name, state=_absence(plot, plot.lines[0])
        )
    moved = trends.trend(pd.DataFrame([vars(v) for v in plot.figures[0]]), plot.entry)
    main = None if moved is None or moved.main.summed else moved.main
    ends = (own[-1], own[-1]) if main is None else (main.first, main.last)
    first, last = (formats.format_value(v, plot.lang) for v in ends)
    since, when = (formats.at(v.when, plot.lang) for v in ends)
    if main is None:
        return say("chart.trend.one", plot.lang, label=label, name=name, last=last, when=when)
    return say(
        "chart.trend.ends", plot.lang, label=label, name=name, first=first, since=since, last=last, when=when
    )


def _description(plot: _Plot) -> str:
    """What is drawn, and how to read the marks that are there."""
    lang = plot.lang
    if not plot.known:
        return say("chart.nothing", lang)
    periods = sorted_periods(v.when for v in plot.known)
    parts = [
        say(
            "chart.trend.lines",
            lang,
            span=formats.span(periods[0], periods[-1], lang),
            name=plot.lines[0].label,
        )
    ]
    if others := [line.label for line in plot.lines[1:]]:
        parts.append(say("chart.trend.others", lang, names=formats.listing(others, lang)))
    states = {v.state for v in plot.known}
    parts += [say(f"chart.{state}", lang) for state in ("provisional", "modelled") if state in states]
    if any(not v.known for figures in plot.figures for v in figures):
        parts.append(say("chart.trend.holes", lang))
    if plot.breaks:
        named = wording.breaks(plot.indicator, plot.breaks, lang, plot.kinds)
        parts.append(say("chart.trend.breaks", lang, breaks=named))
    if plot.y.low > 0:
        parts.append(say("chart.not_zero", lang))
    if rounding := formats.rounding_note(plot.indicator, lang):
        parts.append(formats.capital(rounding) + ".")
    return " ".join(parts)


def _table(plot: _Plot, key: str, title: str) -> Table:
    """One row a period, one column a line; a period without a figure says so."""
    by_period = [{v.when: v for v in figures} for figures in plot.figures]
    periods = sorted_periods(p for figures in by_period for p in figures)
    absent = [_absent(plot.indicator, figures) for figures in plot.figures]
    columns = [Column("period", say("table.period", plot.lang), "text")]
    columns += [Column(f"line_{i}", line.label, unit=plot.entry.unit) for i, line in enumerate(plot.lines, 1)]
    rows = [
        {"period": period(p)}
        | {
            f"line_{i}": figures.get(p) or replace(absent[i - 1], period=p)
            for i, figures in enumerate(by_period, 1)
        }
        | _broken(plot, p)
        for p in periods
    ]
    if plot.breaks:
        columns.append(Column("break", say("table.break", plot.lang), "text"))
    return Table(f"{key}-data", title, columns, rows, plot.lang)


def _absent(indicator: str, figures: Sequence[Value]) -> Value:
    """What stands where a line has no figure: of the same territory, or the same group of them."""
    code, note = (figures[0].territory, figures[0].note) if figures else ("", "")
    return Value(indicator, code, None, None, None, None, "unavailable", note="" if code else note)


def _broken(plot: _Plot, at: str) -> dict[str, str]:
    """Whether the series breaks at a period, where it breaks at any."""
    return (
        {"break": say("break.here" if at in plot.breaks else "break.none", plot.lang)} if plot.breaks else {}
    )
