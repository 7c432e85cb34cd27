"""The départements as tiles of one size, so that each is seen, overseas too; classes of equal number, one outlined.

Classes are quintiles of the figures as they are written, and the key gives the figures in each: two départements with
the same written figure are of the same colour. Colours go from light to dark with the figure and pass no judgement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.estimation.comparison import Position
from analysis.foundations import territories, values
from analysis.foundations.values import Lang, Value
from analysis.presentation.colours import most_legible
from analysis.presentation.figures.base import (
    AtWidth,
    Figure,
    dated,
    departements_table,
    drawings,
    figures_of,
    is_modelled,
    named_departement,
    nothing,
)
from analysis.presentation.figures.classes import by_class, colours_of
from analysis.presentation.figures.labels import wrap
from analysis.presentation.figures.style import (
    DOT,
    INK,
    MUTED,
    ON_CLASS,
    PALE,
    PAPER,
    SMALL,
    TEXT,
    WIDTH,
    Box,
    Page,
)
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say

COLUMNS, ROWS, LEFT = 13, 14, 4
TILE, NARROW_TILE = (42, 35), (27, 27)
"""Width and height of a tile, in each drawing."""
KEY, STEP, GAP = 568, 20, 16
"""Left of the key where it stands beside the tiles, from one of its lines to the next, and around it."""


def tile_map(
    position: Position, *, key: str, lang: Lang, source: str = "", title: str | None = None
) -> Figure:
    """Draw the 101 départements of a cross-section as tiles, one of them outlined.

    Args:
        position: the département among the others. key: name of the figure.
        source: producers and vintages. title: replaces the indicator's label and period.
    """
    title = title or dated(position.indicator, position.period, lang)
    tiles = _Map(position, lang)
    table = departements_table(f"{key}-data", title, position, lang)
    return Figure(
        key=key, title=title, **drawings(lambda width: _draw(replace(tiles, width=width))), alt=_finding(tiles),
        description=_description(tiles), table=table, source=source, lang=lang,
    )  # fmt: skip


@dataclass(frozen=True)
class _Map(AtWidth):
    """The class of each département, and the figures of each class."""

    position: Position
    lang: Lang
    width: int = WIDTH

    @cached_property
    def modelled(self) -> bool:
        return is_modelled(self.position)

    @cached_property
    def figures(self) -> dict[str, Value]:
        return figures_of(self.position)

    @property
    def tile(self) -> tuple[int, int]:
        """Width and height of a tile."""
        return TILE if self.beside else NARROW_TILE

    @cached_property
    def entries(self) -> list[tuple[str, str | None, str]]:
        """Colour, hatch and figures of each class, from high to low, then what is missing, by its state."""
        classes = list(zip(self.classes, self.colours, strict=True))[::-1]
        entries: list[tuple[str, str | None, str]] = [
            (colour, None, self.range(codes)) for codes, colour in classes
        ]
        absent = [(colour, DOT, self.absence(codes)) for colour, codes in self.absent]
        return [*entries, *absent]

    @cached_property
    def absent(self) -> list[tuple[str, list[str]]]:
        """What is secret, then what is missing for another reason: the colour under their hatch, and their codes."""
        codes = [code for code in self.position.missing if self.figures[code].state == "suppressed"]
        others = [code for code in self.position.missing if code not in codes]
        return [(colour, group) for colour, group in ((PALE, codes), (PAPER, others)) if group]

    def absence(self, codes: Sequence[str]) -> str:
        """Why some départements have no figure."""
        return formats.absence_words((self.figures[code] for code in codes), self.lang)

    @cached_property
    def words(self) -> list[tuple[str, bool]]:
        """The lines under the classes, and which are bold: the département's figure, and that a model gives them."""
        room = self.width - (KEY + 30 if self.beside else LEFT + 30)
        lines = [(line, True) for line in wrap(_own(self.position, self.lang), room, TEXT, True)]
        if self.modelled:
            words = wrap(say("chart.map.modelled", self.lang), room, SMALL)
            lines += [(line, False) for line in words]
        return lines

    @cached_property
    def height(self) -> float:
        tiles = ROWS * self.tile[1] + 12
        return tiles if self.beside else tiles + self.key_height + GAP

    @property
    def key_height(self) -> float:
        """Height of the key: the unit, the classes, and the words."""
        return STEP * (len(self.unit) + len(self.entries)) + GAP + (TEXT + 4) * len(self.words)

    @cached_property
    def unit(self) -> list[str]:
        unit = values.dictionary().unit(self.position.indicator).axis[self.lang]
        return wrap(unit, self.width - (KEY if self.beside else LEFT) - 4, SMALL)

    def box(self, code: str) -> Box:
        """The tile of a département."""
        place, (wide, high) = territories.get(code).tile, self.tile
        if place is None:
            raise ValueError(f"{code} has no tile: it is no département")
        column, row = place
        return LEFT + column * wide, self.height - 6 - (row + 1) * high, wide - 2, high - 2

    @cached_property
    def written(self) -> Mapping[str, float]:
        """The figures, rounded as they are written."""
        decimals = formats.decimals_of(self.position.indicator)
        return {
            str(code): formats.rounded(float(value), decimals) for code, value in self.position.values.items()
        }

    @cached_property
    def classes(self) -> list[list[str]]:
        """Codes by class, from low to high; fewer classes than five when many figures are equal."""
        return by_class(self.written)

    @cached_property
    def colours(self) -> list[str]:
        """One colour a class, spread over the range when there are few."""
        return colours_of(len(self.classes))

    def range(self, codes: list[str]) -> str:
        amounts = [self.written[code] for code in codes]
        low, high = (
            formats.number(x, self.lang, formats.decimals_of(self.position.indicator)) for x in _ends(amounts)
        )
        return low if low == high else say("interval.words", self.lang, lower=low, upper=high)


def _ends(amounts: list[float]) -> tuple[float, float]:
    return min(amounts), max(amounts)


def _draw(tiles: _Map) -> bytes:
    """Tiles and codes, the outline of the département's own, and the key."""
    position = tiles.position
    if position.values.empty:
        return nothing(tiles.lang, tiles.width)
    page = Page(tiles.height, tiles.width, walk="down")
    for codes, colour in zip(tiles.classes, tiles.colours, strict=True):
        _tiles(page, tiles, codes, colour, most_legible(ON_CLASS, colour))
    for colour, codes in tiles.absent:
        _tiles(page, tiles, codes, colour, INK, DOT)
    if position.territory:
        x, y, width, height = tiles.box(position.territory)
        page.boxes([(x, y, width, height)], "none", PAPER, 6)
        page.boxes([(x - 1, y - 1, width + 2, height + 2)], "none", INK, 3.4)
    _key(page, tiles)
    return page.svg()


def _tiles(
    page: Page, tiles: _Map, codes: Sequence[str], colour: str, ink: str, hatch: str | None = None
) -> None:
    """The tiles of a class, each with its name and its code; a dotted edge on what is provisional, the own tile apart."""
    groups: dict[tuple, list[str]] = {}
    for code in codes:
        figure, own = tiles.figures[code], code == tiles.position.territory
        edge = (INK, 1.6, (2.0, 2.0)) if figure.state == "provisional" else (MUTED, 0.5, None)
        groups.setdefault((*edge, own), []).append(code)
    for (edge, width, dash, own), group in groups.items():
        page.boxes(
            [tiles.box(code) for code in group], colour, edge, width, hatch, dash=dash, own=own,
            names=[named_departement(tiles.figures[code], tiles.lang) for code in group],
        )  # fmt: skip
    for code in codes:
        x, y, width, height = tiles.box(code)
        page.text(x + width / 2, y + height / 2, code, size=SMALL, colour=ink, align="center")


def _key(page: Page, tiles: _Map) -> None:
    """The unit, the figures of each class, what is missing, then the département's own."""
    left, y = (KEY, tiles.height - 16) if tiles.beside else (LEFT, tiles.key_height)
    for words in tiles.unit:
        page.text(left, y, words, size=SMALL, colour=MUTED)
        y -= STEP
    for colour, hatch, text in tiles.entries:
        page.boxes([(left, y - 8, 22, 16)], colour, MUTED, 0.5, hatch)
        page.text(left + 30, y, text, size=SMALL)
        y -= STEP
    y -= GAP
    if tiles.position.territory:
        page.boxes([(left + 1.5, y - 7.5, 19, 15)], "none", INK, 3.4)
    for words, bold in tiles.words:
        page.text(left + 30, y, words, size=TEXT if bold else SMALL, colour=INK if bold else MUTED, bold=bold)
        y -= TEXT + 4


def _own(position: Position, lang: Lang) -> str:
    name = territories.get(position.territory).label(lang)
    percent = values.dictionary()[position.indicator].unit == "percent"
    text = formats.plain_value(position.value, lang, unit=percent)
    return f"{name} {text}" if position.value.known else say("chart.absent", lang, name=name, state=text)


# ----------------------------------------------------------------------------------------------------- words and data


def _finding(tiles: _Map) -> str:
    """The département's class, in figures: which fifth of the départements it is with."""
    position, lang = tiles.position, tiles.lang
    if not position.value.known:
        return sentences.missing(position.value, lang)
    said = sentences.level(position.value, lang)
    own = next(codes for codes in tiles.classes if position.territory in codes)
    n = formats.number(len(own), lang)
    return f"{said} {say('chart.map.finding', lang, n=n, range=tiles.range(own))}"


def _description(tiles: _Map) -> str:
    lang, position = tiles.lang, tiles.position
    if position.values.empty:
        return say("chart.nothing", lang)
    ranges = formats.listing([tiles.range(codes) for codes in tiles.classes], lang)
    name = territories.get(position.territory).name_the(lang)
    parts = [say("chart.map.description", lang, ranges=ranges, name=name)]
    if tiles.modelled:
        parts.append(say("chart.map.modelled", lang) + ".")
    return " ".join(filter(None, [*parts, sentences.coverage(position, lang)]))
