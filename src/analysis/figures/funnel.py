"""A proportion against the number of people behind it, within the limits of the usual spread between départements.

After Spiegelhalter (2005): the fewer people, the more a proportion moves by chance, so the limits open to the left. They
are over-dispersed: they hold what usually separates two départements as well. A point outside calls for an explanation
and is no mark of merit.
"""

from __future__ import annotations

import numpy as np

from analysis import territories, values
from analysis.estimation.comparison import Z95, Z998, Funnel
from analysis.figures.base import Figure, dated
from analysis.figures.style import (
    COLOURS,
    DOT,
    MUTED,
    RULE,
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
from analysis.tables import Column, Table
from analysis.values import Lang, Value

HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 400, 364, 58, 50, 118


def funnel(
    found: Funnel,
    *,
    key: str,
    lang: Lang,
    unit: str | None = None,
    source: str = "",
    title: str | None = None,
) -> Figure:
    """Draw a funnel plot, with one département marked and named, or none (``territory`` empty).

    Args:
        found: the funnel. key: name of the figure.
        unit: key of the dictionary's unit of what is counted behind the proportion; by default that of the population
            that the indicator names, else people.
        source: producers and vintages. title: replaces the indicator's label and period.
    """
    unit = unit or _counted(found.indicator)
    title = title or dated(found.indicator, found.period, lang)
    x, y = _scales(found)
    page = Page(HEIGHT)
    _axes(page, found, x, y, unit, lang)
    _limits(page, found, x, y)
    _limit_names(page, found, y, lang)
    _points(page, found, x, y, lang)
    return Figure(
        key=key, title=title, svg=page.svg(), alt=_finding(found, lang),
        description=_description(found, unit, lang), table=_table(found, key, title, unit, lang), source=source,
        lang=lang,
    )  # fmt: skip


def _counted(indicator: str) -> str:
    population = values.dictionary()[indicator].population
    return values.dictionary()[population].unit if population else "person"


def _scales(found: Funnel) -> tuple[Scale, Scale]:
    """The points fill the drawing; the limits run out of it where people are few."""
    low = min(float(found.rate.min()), float(found.lower95.max()))
    high = max(float(found.rate.max()), float(found.upper95.min()))
    slack = 0.08 * (high - low) or 0.5
    x = Scale(float(found.grid.min()), float(found.grid.max()), LEFT, WIDTH - RIGHT, log=True)
    return x, Scale(max(low - slack, 0), min(high + slack, 100), BOTTOM, TOP)


def _axes(page: Page, found: Funnel, x: Scale, y: Scale, unit: str, lang: Lang) -> None:
    levels, sizes = y.ticks(6), _sizes(x, lang)
    page.lines([((LEFT, y(t)), (WIDTH - RIGHT, y(t))) for t in levels], RULE)
    page.lines([((LEFT, BOTTOM), (WIDTH - RIGHT, BOTTOM))], MUTED)
    page.lines([((x(t), BOTTOM), (x(t), BOTTOM - 5)) for t in sizes], MUTED)
    decimals = tick_decimals(levels)
    for level in levels:
        text = formats.number(level, lang, decimals)
        page.text(LEFT - 8, y(level), text, size=SMALL, colour=MUTED, align="right")
    for size in sizes:
        text = formats.number(size, lang)
        page.text(x(size), BOTTOM - 15, text, size=SMALL, colour=MUTED, align="center")
    names = values.dictionary()
    words = say("chart.log", lang, unit=names.units[unit].axis[lang])
    page.text((LEFT + WIDTH - RIGHT) / 2, BOTTOM - 38, words, size=SMALL, colour=MUTED, align="center")
    page.text(8, HEIGHT - 14, names.unit(found.indicator).axis[lang], size=SMALL, colour=MUTED)


def _sizes(x: Scale, lang: Lang) -> list[float]:
    """Round numbers that can stand side by side, powers of ten first."""
    kept: dict[float, tuple[float, float]] = {}
    for size in sorted(x.ticks(), key=lambda n: (f"{n:e}"[0] != "1", f"{n:e}"[0] != "5", n)):
        half = text_width(formats.number(size, lang), SMALL) / 2 + 6
        low, high = x(size) - half, x(size) + half
        if all(high <= left or low >= right for left, right in kept.values()):
            kept[size] = (low, high)
    return sorted(kept)


def _limits(page: Page, found: Funnel, x: Scale, y: Scale) -> None:
    for name, dash in (("95", (5.0, 3.0)), ("998", None)):
        for limit in (getattr(found, f"lower{name}"), getattr(found, f"upper{name}")):
            if stretches := _inside(found.grid, limit, x, y):
                page.lines(stretches, MUTED, 1.3, dash)
    page.lines([((LEFT, y(found.reference)), (WIDTH - RIGHT, y(found.reference)))], COLOURS["france"], 1.8)


def _limit_names(page: Page, found: Funnel, y: Scale, lang: Lang) -> None:
    """Name the reference and the limits where they reach the right edge."""
    level = _percent(found, found.reference, lang)
    ends = [(found.reference, say("chart.funnel.reference", lang, level=level))]
    ends += [(float(limit[-1]), say("chart.funnel.95", lang)) for limit in (found.lower95, found.upper95)]
    ends += [(float(limit[-1]), say("chart.funnel.998", lang)) for limit in (found.lower998, found.upper998)]
    shown = [(y(end), text) for end, text in ends if y.low <= end <= y.high]
    heights = spread([place for place, _ in shown], [SMALL + 4] * len(shown), BOTTOM - 8, TOP + 8)
    for (_, text), place in zip(shown, heights, strict=True):
        page.text(WIDTH - RIGHT + 6, place, text, size=SMALL)


def _percent(found: Funnel, level: float, lang: Lang) -> str:
    entry = values.dictionary()[found.indicator]
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


def _points(page: Page, found: Funnel, x: Scale, y: Scale, lang: Lang) -> None:
    """All départements alike, and the one that is marked, named in a row above."""
    places = {
        c: (x(n), y(r)) for c, n, r in zip(found.codes, found.n.tolist(), found.rate.tolist(), strict=True)
    }
    own = places.pop(found.territory, None)
    page.dots(list(places.values()), DOT, 7)
    if not found.territory:
        return
    text, row = _name(found, lang), TOP + 22
    half = text_width(text, TEXT, True) / 2
    unit = text_width(values.dictionary().unit(found.indicator).axis[lang], SMALL) + 24
    middle = min(max(own[0] if own else 0, unit + half), WIDTH - half - 4)
    if own:
        page.lines([(own, (own[0], TOP + 6), (middle, row - 8))], COLOURS["territory"])
        page.dots([own], COLOURS["territory"], 14)
    page.text(middle, row, text, colour=COLOURS["territory"], align="center", bold=True)


def _name(found: Funnel, lang: Lang) -> str:
    """The département and its proportion, or why it is not there."""
    name = territories.get(found.territory).label(lang)
    if found.territory not in found.codes:
        return say("chart.absent", lang, name=name, state=say("state.no_figure", lang))
    return f"{name} {_percent(found, float(found.rate[found.codes.index(found.territory)]), lang)}"


# ----------------------------------------------------------------------------------------------------- words and data


def _finding(found: Funnel, lang: Lang) -> str:
    """Whether the département is outside the limits; when none is marked, how many are."""
    if found.territory:
        return sentences.funnel(found, lang)
    far, beyond = (int((np.abs(found.z) > limit).sum()) for limit in (Z998, Z95))
    words = {"n": len(found.codes), "beyond": beyond, "far": far}
    return say("chart.funnel.finding", lang, **{key: formats.number(x, lang) for key, x in words.items()})


def _description(found: Funnel, unit: str, lang: Lang) -> str:
    counted = values.dictionary().units[unit].axis[lang]
    words = say(
        "chart.funnel.description", lang, n=formats.number(len(found.codes), lang), counted=counted,
        level=_percent(found, found.reference, lang),
    )  # fmt: skip
    return f"{words} {say('chart.funnel.reading', lang)}"


def _table(found: Funnel, key: str, title: str, unit: str, lang: Lang) -> Table:
    """The départements in their official order, with proportion, number and standardised distance."""
    places = {code: i for i, code in enumerate(found.codes)}
    rows = []
    for code in territories.DEPARTEMENTS:
        i = places.get(code)
        state, amounts = ("unavailable", (None,) * 3) if i is None else ("observed", _amounts(found, i))
        rate = Value(found.indicator, code, found.period, amounts[0], None, None, state)
        name = territories.get(code).label(lang)
        rows.append({"name": name, "code": code, "rate": rate, "n": amounts[1], "z": amounts[2]})
    columns = [
        Column("name", say("table.departement", lang), "text"),
        Column("code", say("table.code", lang), "text"),
        Column("rate", say("table.value", lang), unit=values.dictionary()[found.indicator].unit),
        Column("n", formats.capital(values.dictionary().units[unit].axis[lang])),
        Column("z", say("table.z", lang), decimals=2),
    ]
    return Table(f"{key}-data", title, columns, rows, lang)


def _amounts(found: Funnel, i: int) -> tuple[float, float, float]:
    return float(found.rate[i]), float(found.n[i]), float(found.z[i])
