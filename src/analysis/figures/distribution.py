"""Where a département stands among the others: a point each, never in an order of merit.

Points are spread so that none hides another, always the same way; behind them is the half of the départements around
the median. The département is large and named, its comparable départements are diamonds, France is a dashed line.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from analysis import asked, territories, values
from analysis.estimation.comparison import Position
from analysis.figures.base import Figure, dated, departements_table, nothing
from analysis.figures.legend import box, dot, legend, line
from analysis.figures.style import (
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
    text_width,
    tick_decimals,
)  # fmt: skip
from analysis.layout import spread
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.tables import Table
from analysis.values import Lang, Value

MARGIN, BOTTOM, REACH = 22, 86, 80
"""Side margin, height of the axis, and how far from the middle points may be spread."""
STEPS, OWN = (10.5, 9.0, 7.5, 6.0, 4.5, 3.0, 1.4), 17
"""Room of a point, the largest with which all fit within reach; and that of the département's own."""
HEIGHT = BOTTOM + 2 * REACH + 64
SKEWED = 0.25
"""When the middle 80 % of the values take less than this share of their range, the axis is logarithmic."""


def distribution(
    found: Position,
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
        found: the département's position. key: name of the figure.
        peers: codes of the comparable départements. reference: the figure of France, or of a région.
        source: producers and vintages. title: replaces the indicator's label and period.
    """
    title = title or dated(found.indicator, found.period, lang)
    plot = _Strip(
        found, asked.departements(peers), reference if reference and reference.known else None, lang
    )
    return Figure(
        key=key, title=title, svg=_draw(plot) if len(found.values) else nothing(lang), alt=_finding(plot),
        description=_description(plot), table=_table(plot, key, title), source=source, lang=lang,
    )  # fmt: skip


@dataclass(frozen=True)
class _Strip:
    """What is drawn, and the scale it is drawn on."""

    found: Position
    peers: tuple[str, ...]
    reference: Value | None
    lang: Lang

    @cached_property
    def own(self) -> Value | None:
        return self.found.value if self.found.value.known else None

    @cached_property
    def modelled(self) -> bool:
        return self.found.value.state == "modelled" or values.dictionary()[self.found.indicator].modelled

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        own = self.own
        if own is None or own.state != "modelled" or own.lower is None or own.upper is None:
            return None
        return own.lower, own.upper

    @cached_property
    def x(self) -> Scale:
        known = self.found.values
        shown = [float(known.min()), float(known.max()), *(self.interval or ())]
        shown += [self.reference.value] if self.reference else []
        low, high = min(shown), max(shown)
        q = self.found.quantiles
        log = low > 0 and high / low > 5 and q["p90"] - q["p10"] < SKEWED * (high - low)
        if low == high:
            low, high = low - 0.5, high + 0.5
        return Scale(low, high, MARGIN, WIDTH - MARGIN, log)

    def places(self) -> tuple[float, dict[str, tuple[float, float]]]:
        """The size of a point and where each is: at its value, off the middle as little as its neighbours allow."""
        own = self.found.territory
        ordered = sorted(self.found.values.items(), key=lambda item: (item[0] != own, item[1], item[0]))
        targets = [(code, self.x(float(value))) for code, value in ordered]
        for step in STEPS:
            heights = _heights([x for _, x in targets], step, OWN if targets[0][0] == own else step)
            if max(map(abs, heights)) <= REACH:
                break
        middle = BOTTOM + 14 + REACH
        return step, {code: (x, middle + y) for (code, x), y in zip(targets, heights, strict=True)}


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
    page = Page(HEIGHT)
    _box(page, plot)
    _axis(page, plot)
    if plot.reference:
        x = plot.x(plot.reference.value)
        page.lines([((x, BOTTOM), (x, BOTTOM + 28 + 2 * REACH))], COLOURS["france"], 1.6, (4, 3))
    _points(page, plot)
    _names(page, plot)
    _key(page, plot)
    return page.svg()


def _box(page: Page, plot: _Strip) -> None:
    q = plot.found.quantiles
    left, right = plot.x(q["p25"]), plot.x(q["p75"])
    page.boxes([(left, BOTTOM, right - left, 28 + 2 * REACH)], PALE)
    middle = plot.x(q["p50"])
    page.lines([((middle, BOTTOM), (middle, BOTTOM + 28 + 2 * REACH))], INK, 1.2)


def _axis(page: Page, plot: _Strip) -> None:
    ticks = plot.x.ticks(7)
    decimals = tick_decimals(ticks)
    page.lines([((MARGIN, BOTTOM), (WIDTH - MARGIN, BOTTOM))], MUTED)
    page.lines([((plot.x(t), BOTTOM), (plot.x(t), BOTTOM - 5)) for t in ticks], MUTED)
    for tick in ticks:
        text = formats.number(tick, plot.lang, decimals)
        page.text(plot.x(tick), BOTTOM - 15, text, size=SMALL, colour=MUTED, align="center")
    unit = values.dictionary().unit(plot.found.indicator).axis[plot.lang]
    if plot.x.log:
        unit = say("chart.log", plot.lang, unit=unit)
    page.text(WIDTH / 2, BOTTOM - 34, unit, size=SMALL, colour=MUTED, align="center")


def _points(page: Page, plot: _Strip) -> None:
    step, places = plot.places()
    own = places.pop(plot.found.territory, None)
    if own:
        page.lines([(own, (own[0], BOTTOM + 28 + 2 * REACH))], COLOURS["territory"])
    if own and plot.interval:
        low, high = plot.interval
        page.lines([((plot.x(low), own[1]), (plot.x(high), own[1]))], COLOURS["territory"], 3, MODELLED)
    alike = [place for code, place in places.items() if code in plot.peers]
    others = [place for code, place in places.items() if code not in plot.peers]
    if others:
        page.dots(others, DOT, max(step - 2.5, 1.5), hollow=plot.modelled)
    if alike:
        page.dots(alike, COLOURS["peers"], max(step - 2, 2), "D", hollow=plot.modelled)
    if own:
        page.dots([own], COLOURS["territory"], 14, hollow=plot.modelled)


def _names(page: Page, plot: _Strip) -> None:
    """Name the département and the reference in a row above, each joined to its place."""
    top, lang = BOTTOM + 28 + 2 * REACH, plot.lang
    named = [(plot.found.value, "territory")] if plot.found.territory else []
    named += [(plot.reference, "france")] if plot.reference else []
    texts = [_name(value, lang) for value, _ in named]
    widths = [
        text_width(text, TEXT, role == "territory") + 16 for text, (_, role) in zip(texts, named, strict=True)
    ]
    places = [plot.x(value.value) if value.known else MARGIN for value, _ in named]
    for (value, role), text, x, at in zip(
        named, texts, places, spread(places, widths, 0, WIDTH), strict=True
    ):
        if value.known:
            page.lines([((x, top), (x, top + 4), (at, top + 12))], COLOURS[role])
        page.text(at, top + 20, text, colour=COLOURS[role], align="center", bold=role == "territory")


def _name(value: Value, lang: Lang) -> str:
    name = territories.get(value.territory).label(lang)
    if value.known:
        return f"{name} {formats.plain_value(value, lang)}"
    return say("chart.absent", lang, name=name, state=formats.state_words(value.state, lang))


def _key(page: Page, plot: _Strip) -> None:
    """Under the axis, what the box, its line and the marks are."""
    lang = plot.lang
    entries = [(box(PALE), say("chart.strip.half", lang))]
    median = formats.plain_value(_median(plot), lang)
    entries.append((line(INK, 2.4), say("chart.strip.median", lang, median=median)))
    entries.append((dot(DOT, hollow=plot.modelled), say("chart.strip.other", lang)))
    if set(plot.peers) & set(plot.found.values.index):
        entries.append((dot(COLOURS["peers"], "D", hollow=plot.modelled), say("chart.strip.peers", lang)))
    legend(page, MARGIN, WIDTH, 32, entries)


def _median(plot: _Strip) -> Value:
    found = plot.found
    return Value(found.indicator, "", found.period, found.quantiles["p50"], None, None, "observed")


# ----------------------------------------------------------------------------------------------------- words and data


def _finding(plot: _Strip) -> str:
    """Where the département is; when none is marked, where the half of them around the median are."""
    found, lang = plot.found, plot.lang
    if found.territory:
        said = [sentences.level(found.value, lang)] if found.value.known else []
        return " ".join([*said, sentences.position(found, lang)])
    if found.values.empty:
        return say("chart.nothing", lang)
    low, middle, high = (_quantile(plot, q) for q in ("p25", "p50", "p75"))
    n = formats.number(len(found.values), lang)
    return say("chart.strip.finding", lang, n=n, low=low, high=high, median=middle)


def _description(plot: _Strip) -> str:
    """What is drawn, which départements are not, and how to read the marks that are there."""
    lang, found = plot.lang, plot.found
    if found.values.empty:
        return say("chart.nothing", lang)
    low, high = (_quantile(plot, q) for q in ("p25", "p75"))
    parts = [
        say("chart.strip.description", lang, n=formats.number(len(found.values), lang), low=low, high=high)
    ]
    if plot.modelled:
        parts.append(say("chart.strip.modelled", lang))
    if plot.x.log:
        parts.append(say("chart.strip.log", lang))
    return " ".join(filter(None, [*parts, sentences.coverage(found, lang)]))


def _quantile(plot: _Strip, name: str) -> str:
    entry = values.dictionary()[plot.found.indicator]
    return formats.quantity(plot.found.quantiles[name], entry.unit, plot.lang, entry.decimals)


def _table(plot: _Strip, key: str, title: str) -> Table:
    return departements_table(
        f"{key}-data", title, plot.found.indicator, plot.found.period,
        {**plot.found.values, plot.found.territory: plot.found.value}, plot.modelled, plot.lang,
    )  # fmt: skip
