"""Sizes and colours that pages and drawings share (``style.yml``), and whether one colour reads on another.

It draws nothing and writes no page: ``figures.style`` and ``reports.pages`` take theirs from here.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources

from analysis.foundations import entries


@cache
def tokens() -> entries.Entry:
    """Sizes, spaces and colours: the content of ``style.yml``."""
    text = resources.files("analysis.presentation").joinpath("style.yml").read_text(encoding="utf-8")
    return entries.read(text, "style.yml").only(("type", "space", "pages", "figures"))


def contrast(one: str, other: str) -> float:
    """Contrast of two colours (``#rrggbb``), from 1 to 21, as WCAG 2 defines it."""
    lights = sorted(_luminance(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def most_legible(inks: Iterable[str], ground: str) -> str:
    """Of some inks, the one that reads best on a ground."""
    return max(inks, key=lambda ink: contrast(ink, ground))


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
