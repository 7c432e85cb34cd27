"""The drawing surface of every figure: one restrained style, written once, and SVG that is the same bytes each time.

Marks are placed in pixels on a page from the bottom left, through ``Page``; a ``Scale`` turns a figure into a place. A
page is drawn at two widths, ``WIDTH`` for a column and ``NARROW`` for a telephone, so that text keeps its size on both.
The SVG stands in the page itself: its words are text in the page's font, its colours are custom properties that the
style of pages sets on a light and on a dark screen, each with the value that it has where nothing sets it (JupyterLab).
A mark may bear a **name**, which a reader sees on pointing at it (``<title>``) and which the script of pages makes
reachable with the arrow keys. Nothing bears an identifier, so that two drawings never share one.

Colours and sizes are those of ``style.yml``: from Okabe and Ito's (2008), darkened so that text in them reads on white
(contrast of at least 4.5). This module draws marks and knows no figure, no territory and no word.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from typing import Literal

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator

from analysis.foundations.display import Refusal, hint, shown
from analysis.presentation import colours

_TOKENS = colours.tokens()["figures"]

WIDTH, NARROW = _TOKENS["width"], _TOKENS["narrow"]
"""Widths of the two drawings of a figure: for a column of text, and for a narrow screen."""
TEXT, SMALL = _TOKENS["text"], _TOKENS["small"]


def _paint(name: str, colour: str) -> str:
    """A colour of ``style.yml`` as the page may change it: a custom property, and its value where there is none."""
    return f"var(--fig-{name},{colour})"


INK, MUTED, RULE, PALE, DOT, PAPER = (
    _paint(name, _TOKENS["light"][name]) for name in ("ink", "muted", "rule", "pale", "dot", "paper")
)
ROLES = ("territory", "region", "france", "peers", "other")
COLOURS: dict[str, str] = {role: _paint(role, _TOKENS["light"][role]) for role in ROLES}
"""Colour of what a mark stands for, the same in all figures."""
CLASSES = tuple(_TOKENS["classes"])
"""Five classes from low to high, one hue: the order reads in grey as well, and is the same on a dark screen."""
ON_CLASS = (_TOKENS["light"]["ink"], "#ffffff")
"""What is written on a class: the one of the two that reads."""

MODELLED = (5.0, 3.0)
"""Dashes of what a model expects; what was observed is solid."""

Align = Literal["left", "center", "right"]
Shape = Literal["o", "D", "s"]
Walk = Literal["across", "down"]
Points = Sequence[tuple[float, float]]
Box = tuple[float, float, float, float]
Dash = tuple[float, ...]


@cache
def _font(size: int, bold: bool) -> FontProperties:
    return FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")


def check_role(role: str) -> None:
    """Refuse a role that has no colour, with the nearest."""
    if role not in COLOURS:
        raise Refusal(f"no role {shown(role)}{hint(role, COLOURS)}; known: {', '.join(COLOURS)}")


@lru_cache(maxsize=4096)
def text_width(text: str, size: int = TEXT, bold: bool = False) -> float:
    """Width of a line of text on the page, in a wide font: readers' fonts take as much or less."""
    return text_to_path.get_text_width_height_descent(text, _font(size, bold), False)[0]


LARGEST = 1e300
"""Largest figure between which and another round ones can be found: beyond, the computation overflows."""


@dataclass(frozen=True)
class Scale:
    """From figures to pixels, linear or logarithmic: ``low`` falls on ``start``, ``high`` on ``stop``."""

    low: float
    high: float
    start: float
    stop: float
    log: bool = False

    def __call__(self, x: float) -> float:
        """The place of a figure, in pixels; the middle where the scale has one figure only."""
        low, high, at = (math.log(v) if self.log else v for v in (self.low, self.high, x))
        if low == high:
            return (self.start + self.stop) / 2
        if math.isinf(high - low):
            low, high, at = low / 2, high / 2, at / 2
        return self.start + (self.stop - self.start) * (at - low) / (high - low)

    def ticks(self, number: int = 5) -> list[float]:
        """Round figures within the scale, about ``number`` of them; its ends where none is between, or too large."""
        if self.low == self.high or max(abs(self.low), abs(self.high)) > LARGEST:
            return sorted({self.low, self.high})
        if self.log:
            tens = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            steps = (1, 2, 5) if math.log10(self.high / self.low) < 2.5 else (1,)
            steps_of_all = [step * 10.0**ten for ten in tens for step in steps]
        else:
            ticks = MaxNLocator(number, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high)
            steps_of_all = [float(tick) for tick in ticks]
        slack = 0 if self.log else 1e-9 * (self.high - self.low)
        return [x for x in steps_of_all if self.low - slack <= x <= self.high + slack]


def tick_decimals(ticks: Sequence[float]) -> int:
    """The fewest decimals that write all ticks exactly."""
    return next((d for d in range(7) if all(abs(round(x, d) - x) < 1e-9 for x in ticks)), 6)


_ANCHOR = {"left": "", "center": ' text-anchor="middle"', "right": ' text-anchor="end"'}


class Page:
    """A page of ``width`` × ``height`` pixels on which marks are put, the last one on top.

    Places are in pixels from the bottom left. ``names``, one a mark and in the order of the marks, say what each stands
    for: who, its figure, its state, its interval. A mark with a name is one that a reader can point at or go to with the
    arrows, from left to right, or from top to bottom where ``walk`` is ``down``. Names are written once, in the drawing of
    ``WIDTH``: that of ``NARROW`` has the same marks in the same order.
    """

    def __init__(self, height: float, width: float = WIDTH, walk: Walk = "across") -> None:
        self.height, self.width, self.walk = height, width, walk
        self._marks: list[str] = []

    def text(
        self, x: float, y: float, text: str, *, size: int = TEXT, colour: str = INK, align: Align = "left",
        bold: bool = False,
    ) -> None:  # fmt: skip
        """Write a line whose middle is at height ``y``."""
        style = "" if colour == INK else f' fill="{colour}"'
        style += "" if size == TEXT else f' font-size="{size}"'
        style += ' font-weight="700"' if bold else ""
        place = f'x="{_at(x)}" y="{_at(self.height - y + 0.36 * size)}"'
        self._marks.append(f"<text {place}{_ANCHOR[align]}{style}>{escape(text, quote=False)}</text>")

    def lines(
        self, lines: Sequence[Points], colour: str, width: float = 1, dash: Dash | None = None,
        names: Sequence[str] = (), own: bool = False,
    ) -> None:  # fmt: skip
        """Draw lines, each through its points."""
        drawn = ["M" + "L".join(self._place(x, y) for x, y in line) for line in lines]
        style = f'{LINE} stroke="{colour}"' + ("" if width == 1 else f' stroke-width="{_at(width)}"')
        style += f' stroke-dasharray="{" ".join(map(_at, dash))}"' if dash else ""
        if not names:
            drawn = ["".join(drawn)]
        self._group(style, [f'path d="{one}"' for one in drawn], names, own)

    def area(self, points: Points, colour: str, share: float = 0.2) -> None:
        """Fill the inside of a closed line with a share of a colour."""
        line = "L".join(self._place(x, y) for x, y in points)
        self._marks.append(f'<path d="M{line}Z" fill="{colour}"{_opacity(share)}/>')

    def boxes(
        self, boxes: Sequence[Box], fill: str, edge: str | None = None, width: float = 1, hatch: str | None = None,
        share: float = 1, dash: Dash | None = None, names: Sequence[str] = (), own: bool = False,
    ) -> None:  # fmt: skip
        """Draw rectangles (x, y, width, height) filled alike, with a share of the colour.

        ``dash`` cuts their edges; ``hatch`` is the colour of oblique lines over them.
        """
        shapes = [
            f'rect x="{_at(x)}" y="{_at(self.height - y - h)}" width="{_at(w)}" height="{_at(h)}"'
            for x, y, w, h in boxes
        ]
        style = f'fill="{fill}"' + ("" if fill == "none" else _opacity(share))
        style += f' stroke="{edge}"' + ("" if width == 1 else f' stroke-width="{_at(width)}"') if edge else ""
        style += f' stroke-dasharray="{" ".join(map(_at, dash))}"' if dash else ""
        self._group(style, shapes, names, own)
        if hatch:
            strokes = "".join(self._strokes(box) for box in boxes)
            self._marks.append(f'<path d="{strokes}" stroke="{hatch}" stroke-opacity="0.6"/>')

    def _strokes(self, box: Box) -> str:
        """Oblique lines within a box, six pixels apart."""
        x, y, w, h = box
        strokes = []
        for step in range(1, int((w + h) // HATCH) + 1):
            along = step * HATCH
            start, end = (max(0, along - h), min(along, h)), (min(along, w), max(0, along - w))
            strokes.append(
                f"M{self._place(x + start[0], y + start[1])}L{self._place(x + end[0], y + end[1])}"
            )
        return "".join(strokes)

    def dots(
        self, points: Points, colour: str, size: float = 7, shape: Shape = "o", hollow: bool = False,
        edge: str = PAPER, dash: Dash | None = None, names: Sequence[str] = (), own: bool = False,
    ) -> None:  # fmt: skip
        """Put a mark at each point; a hollow one has the colour of the page inside. ``dash`` cuts their edges."""
        style = f'fill="{PAPER if hollow else colour}" stroke="{colour if hollow else edge}"'
        style += f' stroke-width="{1.6 if hollow or dash else 0.8}"'
        style += f' stroke-dasharray="{" ".join(map(_at, dash))}"' if dash else ""
        self._group(style, [self._dot(x, y, size / 2, shape) for x, y in points], names, own)

    def _dot(self, x: float, y: float, half: float, shape: Shape) -> str:
        if shape == "o":
            return f'circle cx="{_at(x)}" cy="{_at(self.height - y)}" r="{_at(half)}"'
        if shape == "s":
            corner = f'x="{_at(x - half)}" y="{_at(self.height - y - half)}"'
            return f'rect {corner} width="{_at(2 * half)}" height="{_at(2 * half)}"'
        reach = half * math.sqrt(2)
        ends = ((x - reach, y), (x, y + reach), (x + reach, y), (x, y - reach))
        return f'path d="M{"L".join(self._place(*end) for end in ends)}Z"'

    def zones(self, boxes: Sequence[Box], names: Sequence[str], own: bool = False) -> None:
        """Put nothing that is seen: rectangles to point at, each with its name."""
        self.boxes(boxes, INK, share=0, names=names, own=own)

    def _group(self, style: str, shapes: Iterable[str], names: Sequence[str], own: bool) -> None:
        if names:
            style += f' class="named{" own" if own else ""}" pointer-events="{"stroke" if LINE in style else "all"}"'
        if names and self.width != NARROW:
            marks = (
                f"<{shape}><title>{escape(name, quote=False)}</title></{shape.partition(' ')[0]}>"
                for shape, name in zip(shapes, names, strict=True)
            )
        else:
            marks = (f"<{shape}/>" for shape in shapes)
        self._marks.append(f"<g {style}>{''.join(marks)}</g>")

    def _place(self, x: float, y: float) -> str:
        return f"{_at(x)} {_at(self.height - y)}"

    def svg(self) -> bytes:
        """The drawing: the same marks give the same bytes, whatever the machine or the settings."""
        width, height = _at(self.width), _at(self.height)
        opening = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'data-walk="{self.walk}" font-size="{TEXT}" fill="{INK}" stroke-linejoin="round" pointer-events="none">'
            f'<rect width="{width}" height="{height}" fill="{PAPER}"/>'
        )
        return f"{opening}{''.join(self._marks)}</svg>".encode()


HATCH = 6
"""Pixels between two oblique lines."""
LINE = 'fill="none"'
"""What makes a path a line."""


def _at(x: float) -> str:
    """A place or a size, to a tenth of a pixel."""
    text = f"{x:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def _opacity(share: float) -> str:
    return "" if share == 1 else f' fill-opacity="{share:g}"'
