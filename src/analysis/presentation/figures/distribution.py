"""Where a département stands among the others: a point each, never in an order of merit.

Points are spread so that none hides another, always the same way; behind them is the half of the départements around
the median. The département is large and named, its comparable départements are diamonds, France is a dashed line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.estimation.comparison import Position
from analysis.foundations import asked, territories, values
from analysis.foundations.layout import spread
from analysis.foundations.notes import MEDIANS
from analysis.foundations.values import Lang, Value, least_sure
from analysis.presentation.figures.base import (
    Figure,
    dated,
    departements_table,
    drawings,
    figures_of,
    is_modelled,
    named_departement,
    nothing,
)
from analysis.presentation.figures.labels import side_by_side, wrap
from analysis.presentation.figures.legend import ROW, Mark, box, dot, legend, line, rows
from analysis.presentation.figures.style import (  # fmt: skip
    COLOURS,
    DOT,
    INK,
    MODELLED,
    MUTED,
    PALE,
    SMALL,
    TEXT,
    WIDTH,
    Page,
    Scale,
    Shape,
    text_width,
    tick_decimals,
)
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say

MARGIN, LINE = 22, 16
"""Side margin, and height of a line of small text."""
STEPS, OWN = (10.5, 9.0, 7.5, 6.0, 4.5, 3.0, 1.4), 17
"""Room of a point, the largest with which all fit within reach; and that of the département's own."""
SKEWED = 0.25
"""When the middle 80 % of the values take less than this share of their range, the axis is logarithmic."""


def distribution(
    position: Position,
    *,
    key: str,
    lang: Lang,
    peers: Sequence[str] = (),
    reference: Value | None = None,
    source: str = "",
    title: str | None = None,
) -> Figure:
    """Draw the départements with a figure as points along an axis, and mark one of them, or none (``territory`` empty).

    Args:
        position: the département's position. key: name of the figure.
        peers: codes of the comparable départements. reference: the figure of France, or of a région.
        source: producers and vintages. title: replaces the indicator's label and period.
    """
    title = title or dated(position.indicator, position.period, lang)
    plot = _Strip(
        position,
        asked.of_level(peers, position.level),
        reference if reference and reference.known else None,
        lang,
    )
    return Figure(
        key=key, title=title, **drawings(lambda width: _draw(replace(plot, width=width))), alt=_finding(plot),
        description=_description(plot), table=departements_table(f"{key}-data", title, position, lang),
        source=source, lang=lang,
    )  # fmt: skip


@dataclass(frozen=True)
class _Strip:
    """What is drawn, and the scale it is drawn on."""

    position: Position
    peers: tuple[str, ...]
    reference: Value | None
    lang: Lang
    width: int = WIDTH

    @cached_property
    def own(self) -> Value | None:
        return self.position.value if self.position.value.known else None

    @cached_property
    def modelled(self) -> bool:
        return is_modelled(self.position)

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        own = self.own
        if own is None or own.state != "modelled" or own.lower is None or own.upper is None:
            return None
        return own.lower, own.upper

    @cached_property
    def x(self) -> Scale:
        known = self.position.values
        shown = [float(known.min()), float(known.max()), *(self.interval or ())]
        shown += [self.reference.value] if self.reference else []
        low, high = min(shown), max(shown)
        q = self.position.quantiles
        log = low > 0 and high / low > 5 and q["p90"] - q["p10"] < SKEWED * (high - low)
        if low == high:
            low, high = low - 0.5, high + 0.5
        return Scale(low, high, MARGIN, self.width - MARGIN, log)

    @property
    def reach(self) -> float:
        """How far from the middle points may be spread: further where there is less room across."""
        return 80 if self.width == WIDTH else 130

    @cached_property
    def unit(self) -> list[str]:
        """The unit of the axis, in lines."""
        unit = values.dictionary().unit(self.position.indicator).axis[self.lang]
        unit = say("chart.log", self.lang, unit=unit) if self.x.log else unit
        return wrap(unit, self.width - 2 * MARGIN, SMALL)

    @cached_property
    def key(self) -> list[tuple[Mark, str]]:
        """What the box, its line and the marks are."""
        lang, hollow = self.lang, self.modelled
        median = formats.plain_value(_median(self), lang)
        entries = [(box(PALE), say("chart.strip.half", lang, self.position.level))]
        entries.append((line(INK, 2.4), say("chart.strip.median", lang, median=median)))
        entries.append((dot(DOT, hollow=hollow), say("chart.strip.other", lang, self.position.level)))
        if set(self.peers) & set(self.position.values.index):
            peers = say("chart.strip.peers", lang, self.position.level)
            entries.append((dot(COLOURS["peers"], "D", hollow=hollow), peers))
        return entries

    @cached_property
    def names(self) -> list[tuple[Value, str, str]]:
        """What is named above the points, with its role and its words: the département, then the reference."""
        named = [(self.position.value, "territory")] if self.position.territory else []
        named += [(self.reference, "france")] if self.reference else []
        return [(value, role, _name(value, self.lang)) for value, role in named]

    @cached_property
    def rows_of_names(self) -> int:
        """One row for the names, or one each when they do not fit beside one another."""
        room = sum(text_width(text, TEXT, role == "territory") + 16 for _, role, text in self.names)
        return 1 if room <= self.width else len(self.names)

    @cached_property
    def bottom(self) -> float:
        """The height of the axis, over its labels, its unit and the key."""
        return 34 + LINE * len(self.unit) + ROW * rows(MARGIN, self.width, self.key)

    @property
    def top(self) -> float:
        """The height at which the points end."""
        return self.bottom + 28 + 2 * self.reach

    @property
    def height(self) -> float:
        """The height of the page."""
        return self.top + 14 + 22 * self.rows_of_names

    @cached_property
    def figures(self) -> dict[str, Value]:
        return figures_of(self.position)

    def places(self) -> tuple[float, dict[str, tuple[float, float]]]:
        """The size of a point and where each is: at its value, off the middle as little as its neighbours allow."""
        own = self.position.territory
        ordered = sorted(self.position.values.items(), key=lambda item: (item[0] != own, item[1], item[0]))
        targets = [(code, self.x(float(value))) for code, value in ordered]
        for step in STEPS:
            heights = _heights([x for _, x in targets], step, OWN if targets[0][0] == own else step)
            if max(map(abs, heights)) <= self.reach:
                break
        middle = self.bottom + 14 + self.reach
        return step, {str(code): (x, middle + y) for (code, x), y in zip(targets, heights, strict=True)}


def _heights(xs: Sequence[float], step: float, first: float) -> list[float]:
    """How far each point goes from the middle for none to touch another; the first one takes the room of ``first``."""
    placed: list[tuple[float, float, float]] = []
    for i, x in enumerate(xs):
        size = first if i == 0 else step
        taken = []
        for px, py, other in placed:
            across = ((size + other) / 2) ** 2 - (x - px) ** 2
            if across > 0:
                taken.append((py - math.sqrt(across), py + math.sqrt(across)))
        placed.append((x, _nearest_free(taken), size))
    return [y for _, y, _ in placed]


def _nearest_free(taken: Sequence[tuple[float, float]]) -> float:
    """The height nearest to zero that is inside none of the open intervals; the upper one of two."""
    up = down = 0.0
    for low, high in sorted(taken):
        if low < up < high:
            up = high
    for low, high in sorted(taken, key=lambda interval: -interval[1]):
        if low < down < high:
            down = low
    return up if up <= -down else down


# --------------------------------------------------------------------------------------------------------- drawing


def _draw(plot: _Strip) -> bytes:
    if plot.position.values.empty:
        return nothing(plot.lang, plot.width)
    page = Page(plot.height, plot.width)
    _box(page, plot)
    _axis(page, plot)
    if plot.reference:
        x = plot.x(plot.reference.number)
        name = named_departement(plot.reference, plot.lang)
        page.lines([((x, plot.bottom), (x, plot.top))], COLOURS["france"], 1.6, (4, 3), [name])
    _points(page, plot)
    _names(page, plot)
    legend(page, MARGIN, plot.width, ROW * rows(MARGIN, plot.width, plot.key) - 6, plot.key)
    return page.svg()


def _box(page: Page, plot: _Strip) -> None:
    q = plot.position.quantiles
    left, right = plot.x(q["p25"]), plot.x(q["p75"])
    page.boxes([(left, plot.bottom, right - left, plot.top - plot.bottom)], PALE)
    middle = plot.x(q["p50"])
    page.lines([((middle, plot.bottom), (middle, plot.top))], INK, 1.2)


def _axis(page: Page, plot: _Strip) -> None:
    ticks, bottom = plot.x.ticks(7), plot.bottom
    decimals = tick_decimals(ticks)
    wanted = sorted(ticks, key=lambda t: (len(f"{t:g}".strip("0.").rstrip("0")), t)) if plot.x.log else ticks
    labels = side_by_side([(plot.x(t), formats.number(t, plot.lang, decimals)) for t in wanted])
    page.lines([((MARGIN, bottom), (plot.width - MARGIN, bottom))], MUTED)
    page.lines([((x, bottom), (x, bottom - 5)) for x, _ in labels], MUTED)
    for x, text in labels:
        page.text(x, bottom - 15, text, size=SMALL, colour=MUTED, align="center")
    for i, words in enumerate(plot.unit):
        page.text(plot.width / 2, bottom - 34 - LINE * i, words, size=SMALL, colour=MUTED, align="center")


def _points(page: Page, plot: _Strip) -> None:
    step, places = plot.places()
    own = places.pop(plot.position.territory, None)
    if own:
        page.lines([(own, (own[0], plot.top))], COLOURS["territory"])
    if own and plot.interval:
        low, high = plot.interval
        page.lines([((plot.x(low), own[1]), (plot.x(high), own[1]))], COLOURS["territory"], 3, MODELLED)
    kinds: tuple[tuple[bool, str, float, Shape], ...] = (
        (False, DOT, max(step - 2.5, 1.5), "o"),
        (True, COLOURS["peers"], max(step - 2, 2), "D"),
    )
    for alike, colour, size, shape in kinds:
        codes = [code for code in places if (code in plot.peers) == alike]
        if codes:
            names = [named_departement(plot.figures[code], plot.lang) for code in codes]
            page.dots([places[c] for c in codes], colour, size, shape, plot.modelled, names=names)
    if own:
        name = named_departement(plot.position.value, plot.lang)
        page.dots([own], COLOURS["territory"], 14, hollow=plot.modelled, names=[name], own=True)


def _names(page: Page, plot: _Strip) -> None:
    """Name the département and the reference above, in a row or each in its own, joined to its place."""
    widths = [text_width(text, TEXT, role == "territory") + 16 for _, role, text in plot.names]
    places = [plot.x(value.number) if value.known else MARGIN for value, *_ in plot.names]
    stacked = plot.rows_of_names > 1
    spots = (
        [spread([x], [width], 0, plot.width)[0] for x, width in zip(places, widths, strict=True)]
        if stacked
        else spread(places, widths, 0, plot.width)
    )
    for i, ((value, role, text), x, at) in enumerate(zip(plot.names, places, spots, strict=True)):
        y = plot.top + 20 + (22 * i if stacked else 0)
        if value.known and not (stacked and i):
            page.lines([((x, plot.top), (x, plot.top + 4), (at, plot.top + 12))], COLOURS[role])
        page.text(at, y, text, colour=COLOURS[role], align="center", bold=role == "territory")


def _name(value: Value, lang: Lang) -> str:
    name = territories.get(value.territory).label(lang)
    if value.known:
        return f"{name} {formats.plain_value(value, lang)}"
    return say("chart.absent", lang, name=name, state=formats.absence(value, lang))


def _median(plot: _Strip) -> Value:
    position = plot.position
    known = [one.state for one in position.figures.values() if one.known] or ["observed"]
    amount, state = position.quantiles["p50"], least_sure(known)
    return Value(position.indicator, "", position.period, amount, None, None, state, note=MEDIANS["all"])


# ----------------------------------------------------------------------------------------------------- words and data


def _finding(plot: _Strip) -> str:
    """Where the département is; when none is marked, where the half of them around the median are."""
    position, lang = plot.position, plot.lang
    if position.territory:
        said = [sentences.level(position.value, lang)] if position.value.known else []
        return " ".join([*said, sentences.position(position, lang)])
    if position.values.empty:
        return say("chart.nothing", lang)
    low, middle, high = (_quantile(plot, q) for q in ("p25", "p50", "p75"))
    n = formats.number(len(position.values), lang)
    return say("chart.strip.finding", lang, position.level, n=n, low=low, high=high, median=middle)


def _description(plot: _Strip) -> str:
    """What is drawn, which départements are not, and how to read the marks that are there."""
    lang, position = plot.lang, plot.position
    if position.values.empty:
        return say("chart.nothing", lang)
    low, high = (_quantile(plot, q) for q in ("p25", "p75"))
    n = formats.number(len(position.values), lang)
    parts = [say("chart.strip.description", lang, position.level, n=n, low=low, high=high)]
    if plot.modelled:
        parts.append(say("chart.strip.modelled", lang, position.level))
    if plot.x.log:
        parts.append(say("chart.strip.log", lang))
    return " ".join(filter(None, [*parts, sentences.coverage(position, lang)]))


def _quantile(plot: _Strip, name: str) -> str:
    entry = values.dictionary()[plot.position.indicator]
    return formats.quantity(plot.position.quantiles[name], entry.unit, plot.lang, entry.decimals)
