"""The drawing surface of every figure: one restrained style, written once, and SVG that is the same bytes each time.

Marks are placed in pixels on a page ``WIDTH`` wide, from the bottom left, through ``Page``; a ``Scale`` turns a figure
into a place. Matplotlib's objects are used without pyplot, so nothing is shared between two figures, and no setting of
the notebook (seaborn's themes, a matplotlibrc) changes one. Colours are derived from Okabe and Ito's (2008), darkened so
that text in them reads on white (contrast of at least 4.5).

This module draws marks and knows no figure, no territory and no word.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.markers import MarkerStyle
from matplotlib.patches import Polygon, Rectangle
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Affine2D, IdentityTransform

WIDTH = 640
"""Width of the page: shown at 720 px or less, its smallest text is then 15 px, and 7 px on the narrowest screens."""
TEXT, SMALL = 14, 13

INK, MUTED, RULE, PALE, DOT = "#1a1a1a", "#595959", "#d9d9d9", "#e9eef2", "#8c9aa6"
COLOURS = {
    "territory": "#00619e",
    "region": "#00725a",
    "france": "#333333",
    "peers": "#b04600",
    "other": "#7d3c72",
}
"""Colour of what a mark stands for, the same in all figures."""
CLASSES = ("#e3edf5", "#b5cfe4", "#79a9cd", "#33719f", "#0b3f6b")
"""Five classes from low to high, one hue: the order reads in grey as well."""

_RC = {
    "svg.fonttype": "path",
    "svg.hashsalt": "analysis",
    "svg.image_inline": True,
    "text.usetex": False,
    "text.hinting": "default",
    "text.antialiased": True,
    "path.simplify": True,
    "path.simplify_threshold": 0.2,
    "path.snap": False,
    "path.sketch": None,
    "path.effects": [],
    "lines.solid_capstyle": "butt",
    "lines.solid_joinstyle": "round",
    "lines.dash_capstyle": "butt",
    "lines.dash_joinstyle": "round",
    "lines.scale_dashes": False,
    "hatch.linewidth": 1.0,
    "patch.antialiased": True,
    "patch.force_edgecolor": False,
}
_METADATA = dict.fromkeys(("Date", "Creator", "Format", "Type"))
_PIXELS = IdentityTransform()

Align = Literal["left", "center", "right"]
Shape = Literal["o", "D", "s", "|"]


@cache
def _font(size: int, bold: bool) -> FontProperties:
    return FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")


@lru_cache(maxsize=4096)
def text_width(text: str, size: int = TEXT, bold: bool = False) -> float:
    """Width of a line of text on the page."""
    return text_to_path.get_text_width_height_descent(text, _font(size, bold), False)[0]


@dataclass(frozen=True)
class Scale:
    """From figures to pixels, linear or logarithmic: ``low`` falls on ``start``, ``high`` on ``stop``."""

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def __call__(self, x: float) -> float:
        """The place of a figure, in pixels."""
        low, high, at = (math.log(v) if self.log else v for v in (self.low, self.high, x))
        return self.start + (self.stop - self.start) * (at - low) / (high - low)

    def ticks(self, number: int = 5) -> list[float]:
        """Round figures within the scale, about ``number`` of them."""
        if self.log:
            tens = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1, 2, 5) if math.log10(self.high / self.low) < 2.5 else (1,)
            found = [step * 10.0**ten for ten in tens for step in steps]
        else:
            found = MaxNLocator(number, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high).tolist()
        slack = 0 if self.log else 1e-9 * (self.high - self.low)
        return [x for x in found if self.low - slack <= x <= self.high + slack]


def tick_decimals(ticks: Sequence[float]) -> int:
    """The fewest decimals that write all ticks exactly."""
    return next((d for d in range(7) if all(abs(round(x, d) - x) < 1e-9 for x in ticks)), 6)


class Page:
    """A white page of ``WIDTH`` × ``height`` pixels on which marks are put, the last one on top."""

    def __init__(self, height: float) -> None:
        self.height = height
        self._drawing = Drawing(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor="white", edgecolor="none")
        FigureCanvasSVG(self._drawing)
        self._order = 0

    def _put(self, artist: matplotlib.artist.Artist) -> None:
        self._order += 1
        artist.set_zorder(self._order)
        artist.set_clip_on(False)
        self._drawing.add_artist(artist)

    def text(
        self, x: float, y: float, text: str, *, size: int = TEXT, colour: str = INK, align: Align = "left",
        bold: bool = False,
    ) -> None:  # fmt: skip
        """Write a line whose middle is at height ``y``."""
        with matplotlib.rc_context(_RC):
            self._put(
                Text(
                    x, y - 0.36 * size, text, color=colour, fontproperties=_font(size, bold), ha=align,
                    va="baseline", transform=_PIXELS, parse_math=False,
                )
            )  # fmt: skip
