"""Labels of a figure broken to a width, and those of an axis that can stand side by side.

It knows pixels, not figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from analysis.presentation.figures.style import SMALL, TEXT, text_width


def wrap(text: str, width: float, size: int = TEXT, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than ``width`` where it can be: at spaces, then after hyphens."""
    lines = [""]
    for word in text.replace("-", "-\0").replace(" ", " \0").split("\0"):
        if lines[-1] and text_width((lines[-1] + word).rstrip(), size, bold) > width:
            lines.append("")
        lines[-1] += word
    return [line.rstrip() for line in lines]


def spaced(labels: Sequence[tuple[float, str]], anchor: int = -1, cycle: int = 1) -> list[tuple[float, str]]:
    """Every label of an axis, or every second, fifth… counted from that of ``anchor``, so that none touches the next.

    ``cycle`` is how many make a year: labels that are left out are whole years.
    """
    anchor %= max(len(labels), 1)
    room = max((text_width(text, SMALL) for _, text in labels), default=0) + 12
    for step in (1, *(cycle * years for years in (1, 2, 5, 10, 20))):
        kept = list(labels)[anchor % step :: step]
        if all(b[0] - a[0] >= room for a, b in pairwise(kept)):
            return kept
    return list(labels)[anchor : anchor + 1]


def side_by_side(labels: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """The labels that can stand in a row, the first of a list that goes from the most wanted to the least."""
    kept: list[tuple[float, float, str]] = []
    for x, text in labels:
        half = text_width(text, SMALL) / 2 + 6
        if all(abs(x - other) >= half + room for other, room, _ in kept):
            kept.append((x, half, text))
    return sorted((x, text) for x, _, text in kept)
