"""Territories inside a département as circles near their places: an area for how many people, a colour for a figure.

A circle's number is that of its row in the list beside it and in the table. Those whose place is not known stand in a row
below. Classes and colours are those of the map of tiles; a circle without a figure is hatched, one that a model gives has a
dashed edge. Nothing is asked of a server of maps, and the same figures are the same drawing on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import sqrt

from analysis.foundations import values
from analysis.foundations.values import Lang, Value
from analysis.presentation.colours import most_legible
from analysis.presentation.figures.base import AtWidth, Figure, dated, drawings, named, nothing
from analysis.presentation.figures.classes import by_class, colours_of
from analysis.presentation.figures.labels import wrap
from analysis.presentation.figures.packing import GAP, Point, packed
from analysis.presentation.figures.style import (
    DOT,
    INK,
    MODELLED,
    MUTED,
    ON_CLASS,
    PALE,
    PAPER,
    SMALL,
    WIDTH,
    Page,
)  # fmt: skip
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table

ROOM, NARROW_ROOM = (430, 400), (352, 320)
"""Width and height of the room of the circles, in each drawing."""
KEY, STEP, BELOW = 452, 18, 24
"""Left of the key where it stands beside, from one of its lines to the next, and height of the title of the row below."""
HATCH, FREE = 5.0, 9.0
"""Pixels between two oblique lines over a circle, and around its number."""


@dataclass(frozen=True)
class Circle:
    """A territory of a cartogram: its name, its figure, how many people its area stands for, and its place if it is known.

    ``at`` is a longitude and a latitude.
    """

    name: str
    figure: Value
    people: Value
    at: Point | None = None


def cartogram(
    circles: Sequence[Circle], *, key: str, lang: Lang, source: str = "", title: str | None = None
) -> Figure:
    """Draw territories as circles, in the order given.

    Args:
        circles: of one indicator and one period. key: name of the figure. source: producers and vintages.
        title: replaces the indicator's label and period.
    """
    first = circles[0].figure
    title = title or dated(first.indicator, first.period or "", lang, first.note)
    drawn = _Map(tuple(circles), lang)
    return Figure(
        key=key, title=title, **drawings(lambda width: _draw(replace(drawn, width=width))), alt=_finding(drawn),
        description=_description(drawn), table=_table(f"{key}-data", title, drawn), source=source, lang=lang,
    )  # fmt: skip


@dataclass(frozen=True)
class _Map(AtWidth):
    """Where each circle is and what it looks like, at a width."""

    circles: tuple[Circle, ...]
    lang: Lang
    width: int = WIDTH

    @property
    def indicator(self) -> str:
        return self.circles[0].figure.indicator

    @property
    def counted(self) -> str:
        """What an area stands for, in words."""
        return values.dictionary()[self.circles[0].people.indicator].label[self.lang]

    @property
    def decimals(self) -> int:
        return formats.decimals_of(self.indicator)

    @cached_property
    def room(self) -> tuple[float, float]:
        """The room of the circles; as high as the key where it stands beside, within reason."""
        width, height = ROOM if self.beside else NARROW_ROOM
        return width, min(max(height, STEP * len(self.key)), width * 1.3) if self.beside else height

    @cached_property
    def packed(self) -> tuple[list[Point | None], list[float]]:
        """Centres and radii in the order of the circles."""
        return packed([c.at for c in self.circles], [c.people.value or 0.0 for c in self.circles], *self.room)

    @property
    def sizes(self) -> list[float]:
        """Radii in the order of the circles."""
        return self.packed[1]

    @cached_property
    def lost(self) -> list[int]:
        """Circles whose place is not known."""
        return [i for i, circle in enumerate(self.circles) if not circle.at]

    @cached_property
    def rows(self) -> list[list[int]]:
        """The circles without a place, in rows below the others."""
        rows: list[list[int]] = []
        free = 0.0
        for i in self.lost:
            wide = 2 * self.sizes[i] + GAP
            if wide > free:
                rows.append([])
                free = self.room[0]
            rows[-1].append(i)
            free -= wide
        return rows

    @cached_property
    def below(self) -> float:
        """Height of the rows below."""
        return sum(2 * max(self.sizes[i] for i in row) + 2 * GAP for row in self.rows) + (
            BELOW if self.rows else 0
        )

    @cached_property
    def centres(self) -> dict[int, Point]:
        """The centre of each circle, from the top left of the drawing."""
        found = {i: (at[0], self.room[1] - at[1]) for i, at in enumerate(self.packed[0]) if at}
        top = self.room[1] + BELOW
        for row in self.rows:
            tallest, x = max(self.sizes[i] for i in row), 1.0
            for i in row:
                found[i] = (x + self.sizes[i], top + tallest)
                x += 2 * self.sizes[i] + GAP
            top += 2 * tallest + 2 * GAP
        return found

    @cached_property
    def classes(self) -> list[list[str]]:
        """Codes by class, from low to high."""
        known = [c.figure for c in self.circles if c.figure.known]
        return by_class({one.territory: formats.rounded(one.number, self.decimals) for one in known})

    @cached_property
    def colours(self) -> dict[str, str]:
        """The colour of each code that has a figure."""
        colours = colours_of(len(self.classes))
        return {code: colour for codes, colour in zip(self.classes, colours, strict=True) for code in codes}

    def fill(self, figure: Value) -> tuple[str, bool]:
        """The colour inside a circle, and whether it is hatched, for want of a figure."""
        if figure.known:
            return self.colours[figure.territory], False
        return PALE if figure.state == "suppressed" else PAPER, True

    @property
    def absent(self) -> list[tuple[str, list[Value]]]:
        """What is secret, then what is missing for another reason: the colour inside, and the figures."""
        lacking = [c.figure for c in self.circles if not c.figure.known]
        secret = [one for one in lacking if one.state == "suppressed"]
        others = [one for one in lacking if one.state != "suppressed"]
        return [(colour, group) for colour, group in ((PALE, secret), (PAPER, others)) if group]

    @property
    def modelled(self) -> bool:
        return any(c.figure.state == "modelled" for c in self.circles)

    def range(self, codes: Sequence[str]) -> str:
        amounts = [c.figure.number for c in self.circles if c.figure.territory in codes]
        low, high = (formats.number(x, self.lang, self.decimals) for x in (min(amounts), max(amounts)))
        return low if low == high else say("interval.words", self.lang, lower=low, upper=high)

    @cached_property
    def key(self) -> list[tuple[str, str, str]]:
        """The lines of the key: a kind (``words``, a colour with its edge, ``name``), and what is written."""
        room = self.width - (KEY if self.beside else 4) - 4
        unit = values.dictionary().unit(self.indicator).axis[self.lang]
        lines = [("words", "", line) for line in wrap(unit, room, SMALL)]
        classes = zip(self.classes[::-1], colours_of(len(self.classes))[::-1], strict=True)
        lines += [("colour", colour, self.range(codes)) for codes, colour in classes]
        for colour, figures in self.absent:
            lines += _hung("colour", colour, formats.absence_words(figures, self.lang), room)
        people = say(
            "chart.cartogram.area",
            self.lang,
            people=self.counted,
        )
        lines += [("words", "", line) for line in wrap(people, room, SMALL)]
        if self.modelled:
            lines += [("words", "", line) for line in wrap(say("chart.map.modelled", self.lang), room, SMALL)]
        lines.append(("words", "", ""))
        for i, circle in enumerate(self.circles):
            lines += _hung("name", formats.number(i + 1, self.lang), circle.name, room)
        return lines

    @cached_property
    def height(self) -> float:
        map_, key = self.room[1] + self.below, STEP * len(self.key)
        return max(map_, key) + 8 if self.beside else map_ + key + 16


def _hung(kind: str, mark: str, text: str, room: float) -> list[tuple[str, str, str]]:
    """A line of the key with its mark, and what of its words goes on under it."""
    first, *others = wrap(text, room - 30, SMALL)
    return [(kind, mark, first), *(("more", "", line) for line in others)]


def _draw(drawn: _Map) -> bytes:
    """The circles with their numbers, what stands below, and the key."""
    if not drawn.colours:
        return nothing(drawn.lang, drawn.width)
    page = Page(drawn.height, drawn.width, walk="down")
    for i, circle in enumerate(drawn.circles):
        x, y = drawn.centres[i]
        fill, hatched = drawn.fill(circle.figure)
        modelled = circle.figure.state == "modelled"
        at, r = (x, drawn.height - y), drawn.sizes[i]
        page.dots(
            [at], fill, 2 * r, edge=INK if modelled else MUTED, dash=MODELLED if modelled else None,
            names=[named(circle.name, circle.figure, drawn.lang)],
        )  # fmt: skip
        if hatched:
            page.lines(_hatch(at, r), DOT)
        ink = INK if hatched else most_legible(ON_CLASS, fill)
        page.text(
            *at, formats.number(i + 1, drawn.lang), size=SMALL, colour=ink, align="center", bold=hatched
        )
    if drawn.rows:
        words = say("chart.cartogram.lost", drawn.lang)
        page.text(2, drawn.height - drawn.room[1] - BELOW / 2, words, size=SMALL, colour=MUTED)
    _key(page, drawn)
    return page.svg()


def _hatch(at: Point, r: float, free: float = FREE) -> list[tuple[Point, Point]]:
    """Oblique lines within a circle, whose number stays free of them."""
    lines = []
    for step in range(-int(r // HATCH), int(r // HATCH) + 1):
        away = step * HATCH
        end = sqrt(max(r * r - away * away, 0.0))
        clear = sqrt(max(free * free - away * away, 0.0))
        for start in ((-end, -clear), (clear, end)) if clear < end else ():
            first, last = (((along - away) / sqrt(2), (along + away) / sqrt(2)) for along in start)
            lines.append(((at[0] + first[0], at[1] + first[1]), (at[0] + last[0], at[1] + last[1])))
    return lines


def _key(page: Page, drawn: _Map) -> None:
    left = KEY if drawn.beside else 4
    y = drawn.height - 12 if drawn.beside else drawn.height - drawn.room[1] - drawn.below - 20
    for kind, mark, text in drawn.key:
        if kind == "colour":
            page.dots([(left + 10, y)], mark, 14, edge=MUTED)
            if mark in (PALE, PAPER):
                page.lines(_hatch((left + 10, y), 7, 0), DOT)
        elif kind == "name":
            page.text(left + 18, y, mark, size=SMALL, colour=MUTED, align="right")
        page.text(
            left if kind == "words" else left + 26,
            y,
            text,
            size=SMALL,
            colour=MUTED if kind == "words" else INK,
        )
        y -= STEP


# ----------------------------------------------------------------------------------------------------- words and data


def _finding(drawn: _Map) -> str:
    """The lowest and the highest figure, and how many there are."""
    lang = drawn.lang
    known = [c for c in drawn.circles if c.figure.known]
    if not known:
        return say("chart.nothing", lang)
    low, high = (end(known, key=lambda c: c.figure.number) for end in (min, max))
    said = [formats.plain_value(c.figure, lang) for c in (low, high)]
    n, of = formats.number(len(known), lang), formats.number(len(drawn.circles), lang)
    return say(
        "chart.cartogram.finding",
        lang,
        n=n,
        of=of,
        low=said[0],
        lowest=low.name,
        high=said[1],
        highest=high.name,
    )


def _description(drawn: _Map) -> str:
    lang = drawn.lang
    if not drawn.classes:
        return say("chart.nothing", lang)
    ranges = formats.listing([drawn.range(codes) for codes in drawn.classes], lang)
    people = drawn.counted
    parts = [say("chart.cartogram.description", lang, ranges=ranges, people=people)]
    if drawn.lost:
        parts.append(say("chart.cartogram.below", lang, n=formats.number(len(drawn.lost), lang)))
    if drawn.modelled:
        parts.append(say("chart.map.modelled", lang) + ".")
    return " ".join(parts)


def _table(key: str, caption: str, drawn: _Map) -> Table:
    """A row for each circle, with its number."""
    lang, first = drawn.lang, drawn.circles[0]
    columns = [
        Column("name", say("column.territory", lang), "text"),
        Column("number", say("column.number_on_map", lang)),
        Column("people", sentences.label(first.people.indicator, lang)),
        Column("value", say("table.value", lang), unit=values.dictionary()[drawn.indicator].unit),
    ]
    rows = [
        {"name": c.name, "number": str(i + 1), "people": c.people, "value": c.figure}
        for i, c in enumerate(drawn.circles)
    ]
    return Table(key, caption, columns, rows, lang)
