"""A proportion against the number of people behind it, within the limits of the usual spread between départements.

After Spiegelhalter (2005): the fewer people, the more a proportion moves by chance, so the limits open to the left. They
are over-dispersed: they hold what usually separates two départements as well. A point outside calls for an explanation
and is no mark of merit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.estimation.comparison import Z95, Z998, Funnel
from analysis.foundations import asked, territories, values
from analysis.foundations.layout import spread
from analysis.foundations.values import Lang, Value
from analysis.presentation.figures.base import AtWidth, Figure, dated, drawings, named_departement
from analysis.presentation.figures.labels import side_by_side, wrap
from analysis.presentation.figures.legend import ROW, Mark, dot, legend, line, rows
from analysis.presentation.figures.style import (  # fmt: skip
    COLOURS,
    DOT,
    MUTED,
    RULE,
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
from analysis.presentation.tables import Column, Table

TALL, OVER, AXIS, LEFT, RIGHT, MARGIN = 306, 36, 58, 50, 118, 14
"""Height of the drawing, space over it for names and under it for the axis, margins at its sides: that on the right holds
the names of the limits, or nothing where there is no room for them and a key stands underneath."""


LINE, DASH = 17, (5.0, 3.0)
"""Height of a line of text, and dashes of the limits at 95 %."""


def funnel(
    shares: Funnel,
    *,
    key: str,
    lang: Lang,
    peers: Sequence[str] = (),
    unit: str | None = None,
    source: str = "",
    title: str | None = None,
) -> Figure:
    """Draw a funnel plot, with one département marked and named, or none (``territory`` empty).

    Args:
        shares: the funnel. key: name of the figure. peers: codes of the comparable départements.
        unit: key of the dictionary's unit of what is counted behind the proportion; by default that of the population
            that the indicator names, else people.
        source: producers and vintages. title: replaces the indicator's label and period.
    """
    unit = unit or _counted(shares.indicator)
    title = title or dated(shares.indicator, shares.period, lang)
    alike = tuple(
        code
        for code in asked.of_level(peers, shares.level)
        if code in shares.codes and code != shares.territory
    )
    return Figure(
        key=key, title=title, **drawings(lambda width: _draw(_Plot(shares, alike, unit, lang, width))),
        alt=_finding(shares, lang), description=_description(shares, alike, unit, lang),
        table=_table(shares, key, title, unit, lang), source=source, lang=lang,
    )  # fmt: skip


@dataclass(frozen=True)
class _Plot(AtWidth):
    """A funnel, and the scales that it is drawn on."""

    shares: Funnel
    peers: tuple[str, ...]
    unit: str
    lang: Lang
    width: int = WIDTH

    @property
    def right(self) -> float:
        """Where the drawing ends."""
        return self.width - (RIGHT if self.beside else MARGIN)

    @cached_property
    def key(self) -> list[tuple[Mark, str]]:
        """The comparable départements, and the limits and the reference where they are not named on the spot."""
        level = _percent(self.shares, self.shares.reference, self.lang)
        marks = (
            (line(COLOURS["france"], 1.8), say("chart.funnel.reference", self.lang, level=level)),
            (line(MUTED, 1.3, DASH), say("chart.funnel.95", self.lang)),
            (line(MUTED, 1.3), say("chart.funnel.998", self.lang)),
        )
        peers = (dot(COLOURS["peers"], "D"), say("chart.strip.peers", self.lang, self.shares.level))
        return [*([peers] if self.peers else []), *(() if self.beside else marks)]

    @cached_property
    def counted(self) -> list[str]:
        """What the horizontal axis counts, in lines."""
        return wrap(values.dictionary().units[self.unit].axis[self.lang], self.right - LEFT, SMALL)

    @cached_property
    def name(self) -> list[str]:
        """The département and its proportion, in lines; none when no département is marked."""
        return (
            wrap(_name(self.shares, self.lang), self.width - 16, TEXT, True) if self.shares.territory else []
        )

    @property
    def bottom(self) -> float:
        key = ROW * rows(LEFT, self.width, self.key) if self.key else 0
        return AXIS + LINE * (len(self.counted) - 1) + key

    @property
    def top(self) -> float:
        return self.bottom + TALL

    @property
    def height(self) -> float:
        """The unit has a row of its own where the name would be on it."""
        return self.top + OVER + (0 if self.beside else LINE * len(self.name))

    @cached_property
    def x(self) -> Scale:
        grid = self.shares.grid
        return Scale(float(grid.min()), float(grid.max()), LEFT, self.right, log=True)

    @cached_property
    def y(self) -> Scale:
        """The points fill the drawing; the limits run out of it where people are few."""
        shares = self.shares
        low = min(float(shares.rate.min()), float(shares.lower95.max()))
        high = max(float(shares.rate.max()), float(shares.upper95.min()))
        slack = 0.08 * (high - low) or 0.5
        return Scale(max(low - slack, 0), min(high + slack, 100), self.bottom, self.top)


def _draw(plot: _Plot) -> bytes:
    page = Page(plot.height, plot.width)
    _axes(page, plot)
    _limits(page, plot)
    _limit_names(page, plot)
    _points(page, plot)
    return page.svg()


def _counted(indicator: str) -> str:
    population = values.dictionary()[indicator].population
    return values.dictionary()[population].unit if population else "person"


def _axes(page: Page, plot: _Plot) -> None:
    x, y, lang, bottom = plot.x, plot.y, plot.lang, plot.bottom
    levels, sizes = y.ticks(6), _sizes(x, lang)
    page.lines([((LEFT, y(t)), (plot.right, y(t))) for t in levels], RULE)
    page.lines([((LEFT, bottom), (plot.right, bottom))], MUTED)
    page.lines([((at, bottom), (at, bottom - 5)) for at, _ in sizes], MUTED)
    decimals = tick_decimals(levels)
    for level in levels:
        text = formats.number(level, lang, decimals)
        page.text(LEFT - 8, y(level), text, size=SMALL, colour=MUTED, align="right")
    for at, text in sizes:
        page.text(at, bottom - 15, text, size=SMALL, colour=MUTED, align="center")
    for i, words in enumerate(plot.counted):
        middle = (LEFT + plot.right) / 2
        page.text(middle, bottom - 34 - LINE * i, words, size=SMALL, colour=MUTED, align="center")
    unit = values.dictionary().unit(plot.shares.indicator).axis[lang]
    page.text(8, plot.height - 14, unit, size=SMALL, colour=MUTED)


def _sizes(x: Scale, lang: Lang) -> list[tuple[float, str]]:
    """Round numbers that can stand side by side, powers of ten first."""
    wanted = sorted(x.ticks(), key=lambda n: (f"{n:e}"[0] != "1", f"{n:e}"[0] != "5", n))
    return side_by_side([(x(size), formats.number(size, lang)) for size in wanted])


def _limits(page: Page, plot: _Plot) -> None:
    shares = plot.shares
    for name, dash in (("95", DASH), ("998", None)):
        for limit in (getattr(shares, f"lower{name}"), getattr(shares, f"upper{name}")):
            if stretches := _inside(shares.grid, limit, plot.x, plot.y):
                page.lines(stretches, MUTED, 1.3, dash)
    level = plot.y(shares.reference)
    page.lines([((LEFT, level), (plot.right, level))], COLOURS["france"], 1.8)


def _limit_names(page: Page, plot: _Plot) -> None:
    """Name the reference and the limits where they reach the right edge, or in a key underneath."""
    legend(page, LEFT, plot.width, ROW * rows(LEFT, plot.width, plot.key) - 6, plot.key)
    if not plot.beside:
        return
    shares, y, lang = plot.shares, plot.y, plot.lang
    level = _percent(shares, shares.reference, lang)
    ends = [(shares.reference, say("chart.funnel.reference", lang, level=level))]
    ends += [(float(limit[-1]), say("chart.funnel.95", lang)) for limit in (shares.lower95, shares.upper95)]
    ends += [
        (float(limit[-1]), say("chart.funnel.998", lang)) for limit in (shares.lower998, shares.upper998)
    ]
    shown = [(y(end), text) for end, text in ends if y.low <= end <= y.high]
    heights = spread([place for place, _ in shown], [SMALL + 4] * len(shown), plot.bottom - 8, plot.top + 8)
    for (_, text), place in zip(shown, heights, strict=True):
        page.text(plot.right + 6, place, text, size=SMALL)


def _percent(shares: Funnel, level: float, lang: Lang) -> str:
    entry = values.dictionary()[shares.indicator]
    return formats.quantity(level, entry.unit, lang, entry.decimals)


def _inside(grid: np.ndarray, limit: np.ndarray, x: Scale, y: Scale) -> list[list[tuple[float, float]]]:
    """The stretches of a limit that lie within the drawing."""
    stretches: list[list[tuple[float, float]]] = [[]]
    shown = np.linspace(0, len(grid) - 1, 40).astype(int)
    for n, level in zip(grid[shown].tolist(), limit[shown].tolist(), strict=True):
        if y.low <= level <= y.high:
            stretches[-1].append((x(n), y(level)))
        elif stretches[-1]:
            stretches.append([])
    return [stretch for stretch in stretches if len(stretch) > 1]


def _points(page: Page, plot: _Plot) -> None:
    """All départements, diamonds for the comparable ones, and the one that is marked, named in a row above."""
    shares, x, y = plot.shares, plot.x, plot.y
    sizes = zip(shares.codes, shares.n.tolist(), shares.rate.tolist(), strict=True)
    places = {code: (x(n), y(rate)) for code, n, rate in sizes}
    names = {code: _told(plot, i) for i, code in enumerate(shares.codes)}
    own = places.pop(shares.territory, None)
    kinds: tuple[tuple[bool, str, Shape], ...] = ((False, DOT, "o"), (True, COLOURS["peers"], "D"))
    for alike, colour, shape in kinds:
        codes = [code for code in places if (code in plot.peers) == alike]
        if codes:
            page.dots([places[c] for c in codes], colour, 7, shape, names=[names[c] for c in codes])
    if not shares.territory:
        return
    half = max(text_width(words, TEXT, True) for words in plot.name) / 2
    unit = text_width(values.dictionary().unit(shares.indicator).axis[plot.lang], SMALL) + 24
    left = unit + half if plot.beside else half + 4
    middle = min(max(own[0] if own else 0, left), plot.width - half - 4)
    row = plot.top + 22 + LINE * (len(plot.name) - 1)
    if own:
        page.lines([(own, (own[0], plot.top + 6), (middle, plot.top + 14))], COLOURS["territory"])
        page.dots([own], COLOURS["territory"], 14, names=[names[shares.territory]], own=True)
    for i, words in enumerate(plot.name):
        page.text(middle, row - LINE * i, words, colour=COLOURS["territory"], align="center", bold=True)


def _told(plot: _Plot, i: int) -> str:
    """The name of a point: the département, its proportion, and how many are counted behind it."""
    shares, lang = plot.shares, plot.lang
    rate = Value(
        shares.indicator, shares.codes[i], shares.period, float(shares.rate[i]), None, None, "observed"
    )
    counted = formats.quantity(float(shares.n[i]), plot.unit, lang)
    return say("value.separator", lang).join((named_departement(rate, lang), counted))


def _name(shares: Funnel, lang: Lang) -> str:
    """The département and its proportion, or why it is not there."""
    name = territories.get(shares.territory).label(lang)
    if shares.territory not in shares.codes:
        return say("chart.absent", lang, name=name, state=say("state.no_figure", lang))
    return f"{name} {_percent(shares, float(shares.rate[shares.codes.index(shares.territory)]), lang)}"


# ----------------------------------------------------------------------------------------------------- words and data


def _finding(shares: Funnel, lang: Lang) -> str:
    """Whether the département is outside the limits; when none is marked, how many are."""
    if shares.territory:
        return sentences.funnel(shares, lang)
    far, beyond = (int((np.abs(shares.z) > limit).sum()) for limit in (Z998, Z95))
    words = {"n": len(shares.codes), "beyond": beyond, "far": far}
    numbers = {key: formats.number(x, lang) for key, x in words.items()}
    return say("chart.funnel.finding", lang, shares.level, **numbers)


def _description(shares: Funnel, peers: tuple[str, ...], unit: str, lang: Lang) -> str:
    counted = values.dictionary().units[unit].axis[lang]
    words = say(
        "chart.funnel.description", lang, shares.level, n=formats.number(len(shares.codes), lang), counted=counted,
        level=_percent(shares, shares.reference, lang),
    )  # fmt: skip
    marks = ["chart.funnel.peers", "chart.funnel.reading"] if peers else ["chart.funnel.reading"]
    parts = [words, *(say(key, lang, shares.level) for key in marks)]
    return " ".join(filter(None, parts))


def _table(shares: Funnel, key: str, title: str, unit: str, lang: Lang) -> Table:
    """The départements in their official order, with proportion, number and standardised distance."""
    places = {code: i for i, code in enumerate(shares.codes)}
    rows = []
    for code in territories.of_level(shares.level):
        i = places.get(code)
        state, amounts = ("unavailable", (None,) * 3) if i is None else ("observed", _amounts(shares, i))
        rate = Value(shares.indicator, code, shares.period, amounts[0], None, None, state)
        name = territories.get(code).label(lang)
        rows.append({"name": name, "code": code, "rate": rate, "n": amounts[1], "z": amounts[2]})
    columns = [
        Column("name", say("table.level", lang, shares.level), "text"),
        Column("code", say("table.code", lang), "text"),
        Column("rate", say("table.value", lang), unit=values.dictionary()[shares.indicator].unit),
        Column("n", formats.capital(values.dictionary().units[unit].axis[lang])),
        Column("z", say("table.z", lang), decimals=2),
    ]
    return Table(f"{key}-data", title, columns, rows, lang)


def _amounts(shares: Funnel, i: int) -> tuple[float, float, float]:
    return float(shares.rate[i]), float(shares.n[i]), float(shares.z[i])
