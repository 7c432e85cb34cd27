"""The départements as tiles of one size, so that each is seen, overseas too; classes of equal number, one outlined.

Classes are quintiles of the figures as they are written, and the key gives the figures in each: two départements with
the same written figure are of the same colour. Colours go from light to dark with the figure and pass no judgement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis import territories, values
from analysis.estimation.comparison import Position
from analysis.figures.base import Figure, dated, departements_table, nothing
from analysis.figures.labels import wrap
from analysis.figures.style import (
    CLASSES,
    INK,
    MUTED,
    SMALL,
    TEXT,
    WIDTH,
    Box,
    Page,
    contrast,
    over,
    text_width,
)
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.values import Lang

TILE_WIDTH, TILE_HEIGHT, LEFT = 40, 35, 4
KEY, FREE = 498, 454
"""Left of the key, and how far left it may go beside the northern rows when its figures are long."""
ROWS = 14
HEIGHT = ROWS * TILE_HEIGHT + 12
TOP, STEP = HEIGHT - 16, 20
"""Height of the first line of the key, and from one line to the next."""
HATCH = "#b8b8b8"


def tile_map(
    found: Position, *, key: str, lang: Lang, source: str = "", title: str | None = None,
    ground: bytes | None = None,
) -> Figure:  # fmt: skip
    """Draw the 101 départements of a cross-section as tiles, one of them outlined.

    Args:
        found: the département among the others. key: name of the figure.
        source: producers and vintages. title: replaces the indicator's label and period.
        ground: what ``tile_ground`` gives for the same cross-section, when it was drawn before.
    """
    title = title or dated(found.indicator, found.period, lang)
    tiles = _Map(found, lang)
    table = departements_table(
        f"{key}-data", title, found.indicator, found.period, {**found.missing, **found.values, found.territory: found.value},
        tiles.modelled, lang,
    )  # fmt: skip
    return Figure(
        key=key, title=title, svg=_draw(tiles, ground) if len(found.values) else nothing(lang), alt=_finding(tiles),
        description=_description(tiles), table=table, source=source, lang=lang,
    )  # fmt: skip


def tile_ground(found: Position, lang: Lang) -> bytes:
    """The part of the map that is the same whichever département is outlined: tiles, codes, and the key of the classes."""
    tiles = _Map(found, lang)
    page = Page(HEIGHT)
    for codes, colour in zip(tiles.classes, tiles.colours, strict=True):
        page.boxes([_tile(code) for code in codes], colour, MUTED, 0.5)
        _codes(page, codes, INK if contrast(INK, colour) >= contrast("#ffffff", colour) else "#ffffff")
    if found.missing:
        page.boxes([_tile(code) for code in found.missing], "white", MUTED, 0.5, HATCH)
        _codes(page, found.missing, INK)
    _key(page, tiles)
    return page.svg()


@dataclass(frozen=True)
class _Map:
    """The class of each département, and the figures of each class."""

    found: Position
    lang: Lang

    @cached_property
    def modelled(self) -> bool:
        return self.found.value.state == "modelled" or values.dictionary()[self.found.indicator].modelled

    @cached_property
    def written(self) -> Mapping[str, float]:
        """The figures, rounded as they are written."""
        decimals = formats.decimals_of(self.found.indicator)
        return {code: formats.rounded(float(value), decimals) for code, value in self.found.values.items()}

    @cached_property
    def classes(self) -> list[list[str]]:
        """Codes by class, from low to high; fewer classes than five when many figures are equal."""
        amounts = np.array(list(self.written.values()))
        edges = np.unique(np.quantile(amounts, (0.2, 0.4, 0.6, 0.8), method="inverted_cdf"))
        by_class: dict[int, list[str]] = {}
        for code, amount in self.written.items():
            by_class.setdefault(int(np.searchsorted(edges, amount)), []).append(code)
        return [by_class[i] for i in sorted(by_class)]

    @cached_property
    def colours(self) -> list[str]:
        """One colour a class, spread over the range when there are few."""
        n = len(self.classes)
        return [CLASSES[round(i * (len(CLASSES) - 1) / (n - 1))] if n > 1 else CLASSES[2] for i in range(n)]

    def range(self, codes: list[str]) -> str:
        amounts = [self.written[code] for code in codes]
        low, high = (
            formats.number(x, self.lang, formats.decimals_of(self.found.indicator)) for x in _ends(amounts)
        )
        return low if low == high else say("interval.words", self.lang, lower=low, upper=high)


def _ends(amounts: list[float]) -> tuple[float, float]:
    return min(amounts), max(amounts)


def _tile(code: str) -> Box:
    column, row = territories.get(code).tile
    return LEFT + column * TILE_WIDTH, HEIGHT - 6 - (row + 1) * TILE_HEIGHT, TILE_WIDTH - 2, TILE_HEIGHT - 2


def _draw(tiles: _Map, ground: bytes | None) -> bytes:
    """The outlined tile and its figure, over the ground."""
    page = Page(HEIGHT)
    x, y, width, height = _tile(tiles.found.territory)
    page.boxes([(x, y, width, height)], "none", "white", 6)
    page.boxes([(x - 1, y - 1, width + 2, height + 2)], "none", INK, 3.4)
    _own_key(page, tiles)
    return over(tile_ground(tiles.found, tiles.lang) if ground is None else ground, page)


def _codes(page: Page, codes: list[str] | tuple[str, ...], colour: str) -> None:
    for code in codes:
        x, y, width, height = _tile(code)
        page.text(x + width / 2, y + height / 2, code, size=SMALL, colour=colour, align="center")


def _entries(tiles: _Map) -> list[tuple[str, str | None, str]]:
    """Colour, hatch and figures of each class, from high to low, then of what is missing."""
    entries = [
        (colour, None, tiles.range(codes)) for codes, colour in zip(tiles.classes, tiles.colours, strict=True)
    ]
    if tiles.found.missing:
        entries.insert(0, ("white", HATCH, formats.absence_words(tiles.found.missing.values(), tiles.lang)))
    return entries[::-1]


def _key(page: Page, tiles: _Map) -> None:
    """The figures of each class."""
    entries, y = _entries(tiles), TOP
    left = max(FREE, min(KEY, WIDTH - 32 - max(text_width(text, SMALL) for *_, text in entries)))
    unit = values.dictionary().unit(tiles.found.indicator).axis[tiles.lang]
    page.text(left, y, unit, size=SMALL, colour=MUTED)
    for colour, hatch, text in entries:
        y -= STEP
        page.boxes([(left, y - 8, 22, 16)], colour, MUTED, 0.5, hatch)
        page.text(left + 30, y, text, size=SMALL)


def _own_key(page: Page, tiles: _Map) -> None:
    """The département's own figure, under those of the classes."""
    y = TOP - STEP * len(_entries(tiles)) - 36
    page.boxes([(KEY + 1.5, y - 7.5, 19, 15)], "none", INK, 3.4)
    for words in wrap(_own(tiles.found, tiles.lang), WIDTH - KEY - 32, TEXT, True):
        page.text(KEY + 30, y, words, bold=True)
        y -= TEXT + 4
    if tiles.modelled:
        for words in wrap(say("chart.map.modelled", tiles.lang), WIDTH - KEY - 4, SMALL):
            y -= SMALL + 4
            page.text(KEY, y, words, size=SMALL, colour=MUTED)


def _own(found: Position, lang: Lang) -> str:
    name = territories.get(found.territory).label(lang)
    percent = values.dictionary()[found.indicator].unit == "percent"
    text = formats.plain_value(found.value, lang, unit=percent)
    return f"{name} {text}" if found.value.known else say("chart.absent", lang, name=name, state=text)


# ----------------------------------------------------------------------------------------------------- words and data


def _finding(tiles: _Map) -> str:
    """The département's class, in figures: which fifth of the départements it is with."""
    found, lang = tiles.found, tiles.lang
    if not found.value.known:
        return sentences.missing(found.value, lang)
    said = sentences.level(found.value, lang)
    own = next(codes for codes in tiles.classes if found.territory in codes)
    n = formats.number(len(own), lang)
    return f"{said} {say('chart.map.finding', lang, n=n, range=tiles.range(own))}"


def _description(tiles: _Map) -> str:
    lang, found = tiles.lang, tiles.found
    if found.values.empty:
        return say("chart.nothing", lang)
    ranges = formats.listing([tiles.range(codes) for codes in tiles.classes], lang)
    name = territories.get(found.territory).name_the(lang)
    parts = [say("chart.map.description", lang, ranges=ranges, name=name)]
    if tiles.modelled:
        parts.append(say("chart.map.modelled", lang) + ".")
    return " ".join(filter(None, [*parts, sentences.coverage(found, lang)]))
