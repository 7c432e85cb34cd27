"""A key of marks, for what cannot be labelled on the spot: marks and their words in rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from analysis.presentation.figures.labels import wrap
from analysis.presentation.figures.style import INK, SMALL, Page, Shape, text_width

Mark = Callable[[Page, float, float], None]
ROOM, GAP, ROW = 20, 18, 19
"""Width of a mark, space between two entries, and height of a row."""


def rows(left: float, right: float, entries: Sequence[tuple[Mark, str]]) -> int:
    """How many rows ``legend`` takes."""
    return max((row + len(lines) for row, _, lines in _places(left, right, entries)), default=1)


def _places(
    left: float, right: float, entries: Sequence[tuple[Mark, str]]
) -> list[tuple[int, float, list[str]]]:
    """The row and the left of each entry, and its words, in lines where they are longer than a row."""
    x, row, places = left, 0, []
    for _, text in entries:
        width = ROOM + text_width(text, SMALL)
        if x > left and x + width > right:
            x, row = left, row + 1
        lines = wrap(text, right - left - ROOM, SMALL)
        places.append((row, x, lines))
        row += len(lines) - 1
        x += width + GAP
    return places


def legend(page: Page, left: float, right: float, top: float, entries: Sequence[tuple[Mark, str]]) -> None:
    """Put marks (drawn at a centre) and their words from ``left``, on a row below when ``right`` is reached."""
    for (mark, _), (row, x, lines) in zip(entries, _places(left, right, entries), strict=True):
        mark(page, x + ROOM / 2 - 3, top - row * ROW)
        for i, words in enumerate(lines):
            page.text(x + ROOM, top - (row + i) * ROW, words, size=SMALL, colour=INK)


def dot(colour: str, shape: Shape = "o", size: float = 8, hollow: bool = False) -> Mark:
    """The mark of points."""
    return lambda page, x, y: page.dots([(x, y)], colour, size, shape, hollow=hollow)


def box(fill: str, edge: str | None = None, width: float = 1, hatch: str | None = None) -> Mark:
    """The mark of an area."""
    return lambda page, x, y: page.boxes([(x - 7, y - 6, 14, 12)], fill, edge, width, hatch)


def line(colour: str, width: float = 1.6, dash: tuple[float, ...] | None = None) -> Mark:
    """The mark of a line."""
    return lambda page, x, y: page.lines([((x - 8, y), (x + 7, y))], colour, width, dash)
