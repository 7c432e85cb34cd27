"""The drawing surface of every figure: one restrained style, written once, and SVG that is the same bytes each time.

Marks are placed in pixels on a page ``WIDTH`` wide, from the bottom left, through ``Page``; a ``Scale`` turns a figure
into a place. Matplotlib's objects are used without pyplot, so nothing is shared between two figures, and no setting of
the notebook (seaborn's themes, a matplotlibrc) changes one. Colours and sizes are those of ``style.yml``, which pages
share: from Okabe and Ito's (2008), darkened so that text in them reads on white (contrast of at least 4.5).

This module draws marks and knows no figure, no territory and no word.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

import matplotlib
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import IdentityTransform

from analysis import entries
from analysis.display import Refusal
from analysis.entries import hint, shown

_STYLE = resources.files("analysis").joinpath("style.yml").read_text(encoding="utf-8")
_TOKENS = entries.read(_STYLE, "style.yml")["figures"]

WIDTH: int = _TOKENS["width"]
"""Width of the page: its smallest text has 10 px on narrow screens, where the page scrolls in its frame, and 15 at most."""
TEXT, SMALL = _TOKENS["text"], _TOKENS["small"]

INK, MUTED, RULE, PALE, DOT = (_TOKENS[key] for key in ("ink", "muted", "rule", "pale", "dot"))
COLOURS: dict[str, str] = _TOKENS["roles"]
"""Colour of what a mark stands for, the same in all figures."""
CLASSES = tuple(_TOKENS["classes"])
"""Five classes from low to high, one hue: the order reads in grey as well."""

MODELLED = (5.0, 3.0)
"""Dashes of what a model expects; what was observed is solid."""

_RC = {
    "svg.fonttype": "path",
    "svg.hashsalt": "analysis",
    "svg.image_inline": True,
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
Shape = Literal["o", "D", "s"]
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
    """Width of a line of text on the page."""
    return text_to_path.get_text_width_height_descent(text, _font(size, bold), False)[0]


def tint(colour: str, share: float = 0.2) -> str:
    """A colour mixed with white, for an area under lines: ``share`` is what is left of the colour."""
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - c)):02x}" for c in channels)


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, from 1 to 21, as WCAG 2 defines it."""
    lights = sorted(_luminance(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


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
            found = [step * 10.0**ten for ten in tens for step in steps]
        else:
            found = MaxNLocator(number, steps=[1, 2, 2.5, 5, 10]).tick_values(self.low, self.high).tolist()
        slack = 0 if self.log else 1e-9 * (self.high - self.low)
        return [x for x in found if self.low - slack <= x <= self.high + slack]


def tick_decimals(ticks: Sequence[float]) -> int:
    """The fewest decimals that write all ticks exactly."""
    return next((d for d in range(7) if all(abs(round(x, d) - x) < 1e-9 for x in ticks)), 6)


class _Words(Artist):
    """A line of text at its left end, from the top: matplotlib's ``Text`` without the layout that ``Page`` has done."""

    def __init__(
        self, place: tuple[float, float], words: str, colour: str, font: FontProperties, **options: object
    ) -> None:
        super().__init__()
        self._place, self._words, self._colour, self._font = place, words, colour, font
        self.set(**options)

    def draw(self, renderer: RendererBase) -> None:
        """Draw the words."""
        context = renderer.new_gc()
        context.set_foreground(self._colour)
        renderer.draw_text(context, *self._place, self._words, self._font, 0)


class Page:
    """A white page of ``WIDTH`` × ``height`` pixels on which marks are put, the last one on top.

    Places are in pixels from the bottom left. Nothing is drawn before ``svg``.
    """

    def __init__(self, height: float) -> None:
        self.height = height
        self._marks: list[tuple[type[Artist], dict]] = []

    def text(
        self, x: float, y: float, text: str, *, size: int = TEXT, colour: str = INK, align: Align = "left",
        bold: bool = False,
    ) -> None:  # fmt: skip
        """Write a line whose middle is at height ``y``."""
        left = x - {"left": 0, "center": 0.5, "right": 1}[align] * text_width(text, size, bold)
        place = left, self.height - y + 0.36 * size
        self._marks.append(
            (_Words, {"place": place, "words": text, "colour": colour, "font": _font(size, bold)})
        )

    def lines(self, lines: Sequence[Points], colour: str, width: float = 1, dash: Dash | None = None) -> None:
        """Draw lines, each through its points."""
        vertices = [point for line in lines for point in line]
        codes = [code for line in lines for code in (Path.MOVETO, *[Path.LINETO] * (len(line) - 1))]
        style = {
            "facecolor": "none",
            "edgecolor": colour,
            "linewidth": width,
            "linestyle": (0, dash) if dash else "-",
        }
        self._path(Path(vertices, None if len(lines) == 1 else codes), **style)

    def area(self, points: Points, colour: str) -> None:
        """Fill the inside of a closed line."""
        self._path(Path([*points, points[0]], closed=True), facecolor=colour, edgecolor="none", linewidth=0)

    def boxes(
        self,
        boxes: Sequence[Box],
        fill: str,
        edge: str | None = None,
        width: float = 1,
        hatch: str | None = None,
    ) -> None:
        """Draw rectangles (x, y, width, height) filled alike; ``hatch`` is the colour of oblique lines over them."""
        corners = [((x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)) for x, y, w, h in boxes]
        codes = [Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY] * len(boxes)
        path = Path([point for box in corners for point in box], codes)
        if hatch:
            self._path(path, facecolor=fill, edgecolor=hatch, linewidth=0, hatch="////")
            fill = "none"
        self._path(path, facecolor=fill, edgecolor=edge or "none", linewidth=width if edge else 0)

    def dots(
        self, points: Points, colour: str, size: float = 7, shape: Shape = "o", hollow: bool = False,
        edge: str | None = None,
    ) -> None:  # fmt: skip
        """Put a mark at each point; a hollow one is white inside."""
        x, y = zip(*points, strict=True)
        mark = {"xdata": x, "ydata": y, "linestyle": "none", "marker": shape, "markersize": size}
        outline = colour if hollow else (edge or "white")
        mark |= {"markerfacecolor": "white" if hollow else colour, "markeredgecolor": outline}
        self._marks.append((Line2D, mark | {"markeredgewidth": 1.6 if hollow else 0.8}))

    def _path(self, path: Path, **style: object) -> None:
        self._marks.append((PathPatch, {"path": path, **style}))

    def svg(self, clear: bool = False) -> bytes:
        """Draw the marks: the same marks give the same bytes, whatever the machine or the settings.

        ``clear`` leaves the page without its white, to be put over another.
        """
        with matplotlib.rc_context(_RC):
            drawing = Drawing(
                figsize=(WIDTH / 72, self.height / 72), dpi=72, facecolor="white", edgecolor="none"
            )
            drawing.patch.set_visible(not clear)
            canvas = FigureCanvasSVG(drawing)
            for order, (kind, options) in enumerate(self._marks):
                artist = kind(**options, transform=_PIXELS, zorder=order, clip_on=False)
                drawing.add_artist(artist)
            out = io.BytesIO()
            canvas.print_svg(out, metadata=_METADATA)
        return _small(out.getvalue().decode())


_PART = re.compile(rb"\A[^<]*<svg [^<>]*>(?P<inside>.*)</svg>", re.DOTALL)
_NAMED = re.compile(rb'(?<= id=")([^"]*)|(?<=href="#)([^"]*)|(?<=url\(#)([^)]*)')


def over(ground: bytes, page: Page) -> bytes:
    """A drawing put on another of the same size. What the two name alike keeps its own meaning in each."""
    inside = _PART.search(page.svg(clear=True))["inside"]
    named = _NAMED.sub(lambda found: b"o-" + found[0], inside)
    return ground[: ground.rindex(b"</svg>")] + b"<g>" + named + b"</g></svg>"


_SILENT = re.compile(r"<!--(?:(?!<!--).)*?-->|<metadata>(?:(?!<metadata>).)*?</metadata>", re.DOTALL)
_GLYPH = re.compile(r'(<path id="[^"]*" d=")([^"]*)(" transform="scale\()0\.015625(\)"/>)')
_NUMBER = re.compile(r"(scale\([^()]*\))|-?(?<!\d)\d+\.\d+")
_ALIKE = re.compile(r'(<use [^<>]*?)( style="[^"<>]*")(/>(?:<use [^<>]*?\2/>)+)')


def _small(svg: str) -> bytes:
    """The same drawing in half the bytes: no comment, metadata or blank, places to a hundredth of a pixel, letters to a
    fiftieth, and the style of points that are alike written once.
    """
    svg = svg[svg.index("<svg") :]
    svg = _SILENT.sub("", svg)
    svg = re.sub(r"\s+", " ", svg).replace("> <", "><").replace("; ", ";").replace(": ", ":")
    svg = _NUMBER.sub(lambda m: m[1] or f"{float(m[0]):.2f}".rstrip("0").rstrip("."), svg)
    svg = _GLYPH.sub(lambda m: m[1] + re.sub(r"-?\d+", _tenth, m[2]) + m[3] + "0.15625" + m[4], svg)
    svg = re.sub(r'(?<= d=")[^"]*', lambda m: re.sub(r" ?([A-Za-z]) ?", r"\1", m[0]), svg)
    svg = _ALIKE.sub(lambda m: f"<g{m[2]}>{m[1]}{m[3].replace(m[2], '')}</g>", svg)
    return re.sub(r'(width|height)="(\d+)pt"', r'\1="\2"', svg).encode()


def _tenth(found: re.Match[str]) -> str:
    return str(round(int(found[0]) / 10))
