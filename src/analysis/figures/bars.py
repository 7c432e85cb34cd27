"""A few figures side by side: bars for a breakdown, points with their interval for estimates.

What a model expects is hatched or hollow, with its interval; what was observed is solid. Every figure is written beside
its mark, and a missing one is said. Rows keep the order they are given: nothing is sorted by size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from analysis import values
from analysis.display import Refusal
from analysis.figures.base import Figure, nothing
from analysis.figures.labels import wrap
from analysis.figures.legend import legend
from analysis.figures.legend import line as line_mark
from analysis.figures.style import (
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
    tint,
)  # fmt: skip
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.tables import Column, Table
from analysis.values import Lang, Value

ROW, LINE, WIDEST, GAP = 40, 17, 210, 10


@dataclass(frozen=True)
class Row:
    """A figure with its name; ``role`` gives the colour, ``reference`` is a figure to mark beside it (France's)."""

    label: str
    value: Value
    role: str = "territory"
    reference: Value | None = None

    def __post_init__(self) -> None:
        check_role(self.role)


def bars(
    rows: Sequence[Row],
    *,
    key: str,
    title: str,
    lang: Lang,
    reference: str = "",
    source: str = "",
) -> Figure:
    """Draw a breakdown as horizontal bars from zero, each with its figure.

    Args:
        rows: the figures, all of one unit, in the order to show. key: name of the figure.
        title: what is measured, where and when. reference: name of the rows' references (« France »).
        source: producers and vintages.
    """
    sheet = _sheet(rows, key, reference, lang, from_zero=True)
    return _figure(sheet, _draw_bars(sheet), "bars", key, title, source)


def intervals(rows: Sequence[Row], *, key: str, title: str, lang: Lang, source: str = "") -> Figure:
    """Draw figures as points with their intervals, the département's own in the first row.

    Args:
        rows: the figures, all of one unit, in the order to show. key: name of the figure.
        title: what is measured, where and when. source: producers and vintages.
    """
    sheet = _sheet(rows, key, "", lang, from_zero=False)
    return _figure(sheet, _draw_intervals(sheet), "intervals", key, title, source)


def _sheet(rows: Sequence[Row], key: str, reference: str, lang: Lang, *, from_zero: bool) -> _Sheet:
    if not rows:
        raise Refusal(
            f"{key}: no figure to draw; give one row at least, with its state where there is no number"
        )
    return _Sheet(tuple(rows), reference, lang, from_zero=from_zero)


def _figure(sheet: _Sheet, svg: bytes, kind: str, key: str, title: str, source: str) -> Figure:
    return Figure(
        key=key, title=title, svg=svg, alt=_finding(sheet), description=_description(sheet, kind),
        table=_table(sheet, key, title), source=source, lang=sheet.lang,
    )  # fmt: skip


@dataclass(frozen=True)
class _Sheet:
    """The rows, where each is, and the scale of their figures."""

    rows: tuple[Row, ...]
    reference: str
    lang: Lang
    from_zero: bool

    @cached_property
    def known(self) -> list[Value]:
        return [value for row in self.rows for value in (row.value, row.reference) if value and value.known]

    @cached_property
    def unit(self) -> str:
        return values.dictionary()[self.rows[0].value.indicator].unit

    @cached_property
    def names(self) -> list[list[str]]:
        return [wrap(row.label, WIDEST, TEXT, self.bold(i)) for i, row in enumerate(self.rows)]

    def bold(self, i: int) -> bool:
        """Whether a row is the one that the others are compared with."""
        return not self.from_zero and i == 0

    @cached_property
    def left(self) -> float:
        widths = (text_width(w, TEXT, self.bold(i)) for i, lines in enumerate(self.names) for w in lines)
        return max(widths) + 2 * GAP

    @cached_property
    def texts(self) -> list[str]:
        return [_written(row.value, self.lang) for row in self.rows]

    @cached_property
    def x(self) -> Scale:
        ends = [b for value in self.known for b in (value.value, *(interval(value) or ()))]
        low, high = min(ends), max(ends)
        low, high = (min(low, 0), max(high, 0)) if self.from_zero else (low, high)
        slack = 0 if self.from_zero else 0.08 * (high - low)
        if low - slack == high + slack:
            low, high = low - 0.5, high + 0.5
        room = max(map(text_width, self.texts)) + 2 * GAP
        return Scale(low - slack, high + slack, self.left, WIDTH - room)

    @property
    def base(self) -> float:
        return 56 if any(row.reference and row.reference.known for row in self.rows) else 34

    @property
    def height(self) -> float:
        return self.base + ROW * len(self.rows) + 26

    def y(self, i: int) -> float:
        """The middle of a row, the first on top."""
        return self.base + ROW * (len(self.rows) - i - 0.5)


def interval(value: Value) -> tuple[float, float] | None:
    """The interval to draw: that of an estimate, never that of a rounding."""
    if value.state != "modelled" or value.lower is None or value.upper is None:
        return None
    return value.lower, value.upper


def _written(value: Value, lang: Lang) -> str:
    """A figure as it stands beside its mark, with its interval when it is an estimate."""
    unit = values.dictionary()[value.indicator].unit
    text = formats.plain_value(value, lang, unit=unit in ("percent", "euro"))
    around = interval(value)
    if around is None:
        marked = value.state in ("provisional", "modelled")
        return (
            say("value.with", lang, value=text, inside=formats.state_words(value.state, lang))
            if marked
            else text
        )
    return f"{text} {formats.bracket(*around, lang, formats.decimals_of(value.indicator))}"


# --------------------------------------------------------------------------------------------------------- drawing


def _draw_bars(sheet: _Sheet) -> bytes:
    if not sheet.known:
        return nothing(sheet.lang)
    page = Page(sheet.height)
    _frame(page, sheet)
    for i, row in enumerate(sheet.rows):
        end = sheet.x(0)
        if row.value.known:
            _bar(page, sheet, row, sheet.y(i))
            end = max(sheet.x(b) for b in (0, row.value.value, *(interval(row.value) or ())))
        if row.reference and row.reference.known:
            mark = sheet.x(row.reference.value)
            page.lines([((mark, sheet.y(i) - 16), (mark, sheet.y(i) + 16))], INK, 2.4)
            end = max(end, mark) if mark - end < text_width(sheet.texts[i]) + 2 * GAP else end
        colour = INK if row.value.known else MUTED
        page.text(end + 8, sheet.y(i), sheet.texts[i], colour=colour, bold=row.value.known)
    return page.svg()


def _bar(page: Page, sheet: _Sheet, row: Row, y: float) -> None:
    colour, zero, end = COLOURS[row.role], sheet.x(0), sheet.x(row.value.value)
    box = (min(zero, end), y - 11, abs(end - zero), 22)
    if row.value.state == "modelled":
        page.boxes([box], tint(colour, 0.12), colour, 1.4, tint(colour, 0.6))
    else:
        page.boxes([box], "white" if row.value.state == "provisional" else colour, colour, 1.4)
    if around := interval(row.value):
        low, high = map(sheet.x, around)
        page.lines(
            [((low, y), (high, y)), ((low, y - 5), (low, y + 5)), ((high, y - 5), (high, y + 5))], INK, 1.6
        )


def _draw_intervals(sheet: _Sheet) -> bytes:
    if not sheet.known:
        return nothing(sheet.lang)
    page = Page(sheet.height)
    _frame(page, sheet)
    for i, row in enumerate(sheet.rows):
        colour, y = COLOURS[row.role], sheet.y(i)
        if around := interval(row.value):
            low, high = map(sheet.x, around)
            page.lines([((low, y), (high, y))], colour, 3, MODELLED)
            page.lines([((end, y - 6), (end, y + 6)) for end in (low, high)], colour, 1.6)
        if row.value.known:
            page.dots([(sheet.x(row.value.value), y)], colour, 12, hollow=row.value.state != "observed")
        text = sheet.texts[i]
        page.text(sheet.x.stop + GAP, y, text, colour=colour if row.value.known else MUTED, bold=i == 0)
    return page.svg()


def _frame(page: Page, sheet: _Sheet) -> None:
    """Names of the rows, levels, and the unit."""
    top, bottom = sheet.height - 26, sheet.base
    ticks = sheet.x.ticks(6)
    decimals = tick_decimals(ticks)
    page.lines([((sheet.x(t), bottom), (sheet.x(t), top)) for t in ticks], RULE)
    for tick in ticks:
        text = formats.number(tick, sheet.lang, decimals)
        page.text(sheet.x(tick), bottom - 14, text, size=SMALL, colour=MUTED, align="center")
    unit = values.dictionary().units[sheet.unit].axis[sheet.lang]
    page.text(sheet.x.start, sheet.height - 12, unit, size=SMALL, colour=MUTED)
    if sheet.x.low <= 0 <= sheet.x.high:
        page.lines([((sheet.x(0), bottom), (sheet.x(0), top))], MUTED)
    for i, lines in enumerate(sheet.names):
        for j, words in enumerate(lines):
            y = sheet.y(i) + ((len(lines) - 1) / 2 - j) * LINE
            page.text(sheet.left - GAP, y, words, align="right", bold=sheet.bold(i))
    if sheet.reference and sheet.base > 40:
        legend(page, sheet.left, WIDTH, 16, [(line_mark(INK, 2.4), sheet.reference)])


# ----------------------------------------------------------------------------------------------------- words and data


def _finding(sheet: _Sheet) -> str:
    """The département's figure, for points; the figures one by one, for bars."""
    lang = sheet.lang
    if not sheet.from_zero and sheet.rows[0].value.territory:
        return sentences.level(sheet.rows[0].value, lang)
    written = [(row.label, formats.format_value(row.value, lang)) for row in sheet.rows]
    listed = say("value.separator", lang).join(say("chart.absent", lang, name=n, state=v) for n, v in written)
    return listed + "."


def _description(sheet: _Sheet, kind: str) -> str:
    lang = sheet.lang
    if not sheet.known:
        return say("chart.nothing", lang)
    parts = [
        say(f"chart.{kind}.description", lang, names=formats.listing([row.label for row in sheet.rows], lang))
    ]
    states = {row.value.state for row in sheet.rows}
    parts += [say(f"chart.{kind}.{state}", lang) for state in ("modelled", "provisional") if state in states]
    if sheet.reference and sheet.base > 40:
        parts.append(say("chart.bars.reference", lang, name=sheet.reference))
    return " ".join(parts)


def _table(sheet: _Sheet, key: str, title: str) -> Table:
    columns = [
        Column("name", say("table.row", sheet.lang), "text"),
        Column("period", say("table.period", sheet.lang), "text"),
        Column("value", say("table.value", sheet.lang), unit=sheet.unit),
    ]
    rows = []
    for row in sheet.rows:
        when = values.period(row.value.period) if row.value.period else None
        rows.append({"name": row.label, "period": when, "value": row.value, "reference": row.reference})
    if any(row.reference for row in sheet.rows):
        columns.append(
            Column("reference", sheet.reference or say("table.reference", sheet.lang), unit=sheet.unit)
        )
    return Table(f"{key}-data", title, columns, rows, sheet.lang)
