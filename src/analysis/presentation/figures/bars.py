"""A few figures side by side: bars for a breakdown, points with their interval for estimates.

What a model expects is hatched or hollow, with its interval; what was observed is solid. Every figure is written beside
its mark, and a missing one is said. Rows keep the order they are given: nothing is sorted by size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.foundations import values
from analysis.foundations.display import Refusal
from analysis.foundations.periods import period
from analysis.foundations.values import Lang, Value
from analysis.presentation.figures.base import AtWidth, Figure, drawings, named, nothing
from analysis.presentation.figures.labels import spaced, wrap
from analysis.presentation.figures.legend import legend
from analysis.presentation.figures.legend import line as line_mark
from analysis.presentation.figures.style import (  # fmt: skip
    COLOURS,
    INK,
    MODELLED,
    MUTED,
    PAPER,
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
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table

ROW, LINE, WIDEST, GAP = 40, 17, 210, 10
"""Space of a row beside its name, height of a line of text, widest name, and margin."""


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
    return _figure(sheet, _draw_bars, "bars", key, title, source)


def intervals(rows: Sequence[Row], *, key: str, title: str, lang: Lang, source: str = "") -> Figure:
    """Draw figures as points with their intervals, the département's own in the first row.

    Args:
        rows: the figures, all of one unit, in the order to show. key: name of the figure.
        title: what is measured, where and when. source: producers and vintages.
    """
    sheet = _sheet(rows, key, "", lang, from_zero=False)
    return _figure(sheet, _draw_intervals, "intervals", key, title, source)


def _sheet(rows: Sequence[Row], key: str, reference: str, lang: Lang, *, from_zero: bool) -> _Sheet:
    if not rows:
        raise Refusal(
            f"{key}: no figure to draw; give one row at least, with its state where there is no number"
        )
    return _Sheet(tuple(rows), reference, lang, from_zero=from_zero)


def _figure(
    sheet: _Sheet, draw: Callable[[_Sheet], bytes], kind: str, key: str, title: str, source: str
) -> Figure:
    return Figure(
        key=key, title=title, **drawings(lambda width: draw(replace(sheet, width=width))),
        alt=_finding(sheet), description=_description(sheet, kind),
        table=_table(sheet, key, title), source=source, lang=sheet.lang,
    )  # fmt: skip


@dataclass(frozen=True)
class _Sheet(AtWidth):
    """The rows, where each is, and the scale of their figures."""

    rows: tuple[Row, ...]
    reference: str
    lang: Lang
    from_zero: bool
    width: int = WIDTH

    @cached_property
    def known(self) -> list[Value]:
        return [value for row in self.rows for value in (row.value, row.reference) if value and value.known]

    @cached_property
    def unit(self) -> str:
        return values.dictionary()[self.rows[0].value.indicator].unit

    @cached_property
    def names(self) -> list[list[str]]:
        """The name of each row in lines; over the marks, its figure is with it when there is no room on the right."""
        if self.beside:
            return [wrap(row.label, WIDEST, TEXT, self.bold(i)) for i, row in enumerate(self.rows)]
        room = self.width - self.left - GAP
        said = (
            row.label if self.from_zero else say("chart.absent", self.lang, name=row.label, state=text)
            for row, text in zip(self.rows, self.texts, strict=True)
        )
        return [wrap(words, room, TEXT, self.bold(i)) for i, words in enumerate(said)]

    def bold(self, i: int) -> bool:
        """Whether a row is the one that the others are compared with."""
        return not self.from_zero and i == 0

    @cached_property
    def left(self) -> float:
        """Where the drawing begins."""
        if not self.beside:
            return GAP
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
        room: float = 2 * GAP
        if self.beside or self.from_zero:
            room += min(max(text_width(text, TEXT, True) for text in self.texts), 0.6 * self.width)
        return Scale(low - slack, high + slack, self.left, self.width - room)

    @cached_property
    def references(self) -> bool:
        """Whether a reference is drawn beside a row."""
        return bool(self.reference) and any(row.reference and row.reference.known for row in self.rows)

    @property
    def base(self) -> float:
        return 56 if self.references else 34

    @cached_property
    def spaces(self) -> list[float]:
        """The height of each row, with its name over it where it is not beside."""
        return [ROW + (0 if self.beside else LINE * len(lines) - 4) for lines in self.names]

    @property
    def height(self) -> float:
        return self.base + sum(self.spaces) + 26

    def y(self, i: int) -> float:
        """The middle of the marks of a row, the first on top."""
        return self.base + sum(self.spaces[i + 1 :]) + ROW / 2

    def told(self, i: int) -> str:
        """The name of a mark: that of its row, its figure with its state and interval, and the reference."""
        row = self.rows[i]
        own = named(row.label, row.value, self.lang)
        if not self.reference or row.reference is None or not row.reference.known:
            return own
        beside = named(self.reference, row.reference, self.lang)
        return say("value.separator", self.lang).join((own, beside))


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
        return nothing(sheet.lang, sheet.width)
    page = Page(sheet.height, sheet.width, walk="down")
    _frame(page, sheet)
    for i, row in enumerate(sheet.rows):
        end = sheet.x(0)
        if row.value.known:
            _bar(page, sheet, i)
            end = max(sheet.x(b) for b in (0, row.value.value, *(interval(row.value) or ())))
        if row.reference and row.reference.known:
            mark = sheet.x(row.reference.number)
            page.lines([((mark, sheet.y(i) - 16), (mark, sheet.y(i) + 16))], INK, 2.4)
            end = max(end, mark) if mark - end < text_width(sheet.texts[i]) + 2 * GAP else end
        _text(page, sheet, i, end + 8)
    return page.svg()


def _text(page: Page, sheet: _Sheet, i: int, x: float) -> None:
    """The figure of a bar beside it, in lines where it is long."""
    known = sheet.rows[i].value.known
    lines = wrap(sheet.texts[i], sheet.width - x - 4, TEXT, known)
    for j, words in enumerate(lines):
        y = sheet.y(i) + ((len(lines) - 1) / 2 - j) * LINE
        page.text(x, y, words, colour=INK if known else MUTED, bold=known)


def _bar(page: Page, sheet: _Sheet, i: int) -> None:
    row, y = sheet.rows[i], sheet.y(i)
    colour, zero, end = COLOURS[row.role], sheet.x(0), sheet.x(row.value.number)
    box, names = (min(zero, end), y - 11, abs(end - zero), 22), [sheet.told(i)]
    if row.value.state == "modelled":
        page.boxes([box], colour, colour, 1.4, colour, 0.15, names=names)
    else:
        fill = PAPER if row.value.state == "provisional" else colour
        page.boxes([box], fill, colour, 1.4, names=names)
    if around := interval(row.value):
        low, high = map(sheet.x, around)
        page.lines(
            [((low, y), (high, y)), ((low, y - 5), (low, y + 5)), ((high, y - 5), (high, y + 5))], INK, 1.6
        )


def _draw_intervals(sheet: _Sheet) -> bytes:
    if not sheet.known:
        return nothing(sheet.lang, sheet.width)
    page = Page(sheet.height, sheet.width, walk="down")
    _frame(page, sheet)
    for i, row in enumerate(sheet.rows):
        colour, y = COLOURS[row.role], sheet.y(i)
        if around := interval(row.value):
            low, high = map(sheet.x, around)
            page.lines([((low, y), (high, y))], colour, 3, MODELLED)
            page.lines([((end, y - 6), (end, y + 6)) for end in (low, high)], colour, 1.6)
        if row.value.known:
            hollow = row.value.state != "observed"
            page.dots(
                [(sheet.x(row.value.number), y)], colour, 12, hollow=hollow, names=[sheet.told(i)], own=i == 0
            )
        if sheet.beside:
            text = sheet.texts[i]
            page.text(sheet.x.stop + GAP, y, text, colour=colour if row.value.known else MUTED, bold=i == 0)
    return page.svg()


def _frame(page: Page, sheet: _Sheet) -> None:
    """Names of the rows, levels, and the unit."""
    top, bottom = sheet.height - 26, sheet.base
    ticks = sheet.x.ticks(6)
    decimals = tick_decimals(ticks)
    page.lines([((sheet.x(t), bottom), (sheet.x(t), top)) for t in ticks], RULE)
    for x, text in spaced([(sheet.x(t), formats.number(t, sheet.lang, decimals)) for t in ticks], 0):
        page.text(x, bottom - 14, text, size=SMALL, colour=MUTED, align="center")
    unit = values.dictionary().units[sheet.unit].axis[sheet.lang]
    page.text(sheet.x.start, sheet.height - 12, unit, size=SMALL, colour=MUTED)
    if sheet.x.low <= 0 <= sheet.x.high:
        page.lines([((sheet.x(0), bottom), (sheet.x(0), top))], MUTED)
    for i, lines in enumerate(sheet.names):
        for j, words in enumerate(lines):
            if sheet.beside:
                y = sheet.y(i) + ((len(lines) - 1) / 2 - j) * LINE
                page.text(sheet.left - GAP, y, words, align="right", bold=sheet.bold(i))
            else:
                y = sheet.y(i) + ROW / 2 + LINE * (len(lines) - j) - 11
                page.text(sheet.left, y, words, bold=sheet.bold(i))
    if sheet.references:
        legend(page, sheet.left, sheet.width, 16, [(line_mark(INK, 2.4), sheet.reference)])


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
    if sheet.references:
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
        when = period(row.value.period) if row.value.period else None
        rows.append({"name": row.label, "period": when, "value": row.value, "reference": row.reference})
    if any(row.reference for row in sheet.rows):
        columns.append(
            Column("reference", sheet.reference or say("table.reference", sheet.lang), unit=sheet.unit)
        )
    return Table(f"{key}-data", title, columns, rows, sheet.lang)
