"""Tile maps as lists of links: the 101 départements at one size, roughly in place, coloured by classes or not at all.

The classes are those of ``figures.tile_map``: fifths of the figures as they are written. A tile bears its code, and after
it its name and figure for those who hear the page or point at it; what is missing is hatched and what is modelled or
provisional has a dashed or dotted edge, so that no meaning rests on colour. Nothing is ordered by merit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from functools import cache
from math import ceil
from typing import Any

from analysis.foundations import territories
from analysis.foundations.values import Lang, dictionary
from analysis.presentation.colours import most_legible, tokens
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.site.facts import Section

CELLS = 5


def classes(written: Mapping[str, float]) -> list[list[str]]:
    """Codes by class, from low to high: fifths of the figures, fewer when many are equal.

    Args:
        written: figure by code, rounded as it is written.
    """
    amounts = sorted(written.values())
    edges = sorted({amounts[ceil(k * len(amounts) / CELLS) - 1] for k in range(1, CELLS)}) if amounts else []
    by_class: dict[int, list[str]] = {}
    for code, amount in written.items():
        by_class.setdefault(bisect_left(edges, amount), []).append(code)
    return [by_class[i] for i in sorted(by_class)]


def shade(number: int, of: int) -> int:
    """The colour of a class: they are spread over the range when they are few."""
    return round(number * (CELLS - 1) / (of - 1)) if of > 1 else CELLS // 2


def tile_map(section: Section, lang: Lang, href: Callable[[str], str | None]) -> dict:
    """What the template of a map needs: its tiles, its key, its words.

    Args:
        section: the figures. href: address of a département's page, or None where there is none.
    """
    decimals = formats.decimals_of(section.indicator)
    written = {code: formats.rounded(amount, decimals) for code, amount in section.known.items()}
    levels = classes(written)
    colour = {code: shade(i, len(levels)) for i, codes in enumerate(levels) for code in codes}
    tiles = [_tile(section, code, colour.get(code), lang, href(code)) for code in territories.DEPARTEMENTS]
    return {
        "name": section.indicator,
        "title": say(
            "chart.dated",
            lang,
            label=sentences.label(section.indicator, lang),
            when=formats.bare_period(section.period, lang),
        ),
        "label": sentences.label(section.indicator, lang),
        "unit": dictionary().unit(section.indicator).axis[lang],
        "tiles": tiles,
        "key": [
            {
                "shade": shade(i, len(levels)),
                "words": _range([written[c] for c in codes], section.indicator, lang),
            }
            for i, codes in enumerate(levels)
        ][::-1],
        "missing": len(territories.DEPARTEMENTS) > len(written),
        "states": [state for state in ("provisional", "modelled") if state in section.states],
    }


def _tile(section: Section, code: str, colour: int | None, lang: Lang, href: str | None) -> dict:
    value, territory = section.values[code], territories.get(code)
    figure = formats.format_value(value, lang)
    kinds = ["none"] if colour is None else [f"c{colour}"]
    kinds += [value.state] if value.state in ("provisional", "modelled") else []
    return place(code) | {
        "href": href,
        "kinds": " ".join(kinds),
        "words": say("chart.absent", lang, name=f"{code} {territory.label(lang)}", state=figure),
    }


def _range(amounts: list[float], indicator: str, lang: Lang) -> str:
    low, high = (
        formats.number(x, lang, formats.decimals_of(indicator)) for x in (min(amounts), max(amounts))
    )
    return low if low == high else say("interval.words", lang, lower=low, upper=high)


def _cell(code: str) -> tuple[int, int]:
    tile = territories.get(code).tile
    if tile is None:
        raise ValueError(f"{code} has no tile: it is no département")
    return tile


def place(code: str) -> dict[str, Any]:
    """The code of a tile and its place on the grid."""
    column, row = _cell(code)
    return {"code": code, "column": column, "row": row}


@cache
def rules() -> str:
    """Style rules that place and colour tiles: a policy without inline styles leaves classes only."""
    places = [_cell(code) for code in territories.DEPARTEMENTS]
    columns, rows = (sorted({tile[axis] for tile in places}) for axis in (0, 1))
    lines = [f".tiles{{grid-template-columns:repeat({columns[-1] - columns[0] + 1},minmax(0,1fr))}}"]
    lines += [f".x{x}{{grid-column:{x - columns[0] + 1}}}" for x in columns]
    lines += [f".y{y}{{grid-row:{y - rows[0] + 1}}}" for y in rows]
    for number, ground in enumerate(tokens()["figures"]["classes"]):
        ink = most_legible(("#ffffff", tokens()["figures"]["light"]["ink"]), ground)
        lines.append(f".tiles .c{number},.key .c{number}{{background:{ground};color:{ink}}}")
    return "\n".join(lines) + "\n"
