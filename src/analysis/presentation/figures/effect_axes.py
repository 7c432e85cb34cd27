"""What drawings of effects have in common: the unit, levels around zero, the axis of time, and the line of a start.

Effects arrive in the unit of their outcome, and are drawn in percent (logarithms) or in points. Nothing here knows which
effect is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from analysis.foundations.layout import spread
from analysis.foundations.values import Lang
from analysis.presentation.figures.labels import spaced
from analysis.presentation.figures.style import (
    COLOURS,
    INK,
    MUTED,
    RULE,
    SMALL,
    Page,
    Scale,
    text_width,
    tick_decimals,
)
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say
from analysis.presentation.narrative.sizes import Unit

TALL, OVER, UNDER, RIGHT = 292, 42, 54, 14
"""A drawing over time: height, space over it for its unit and its start and under it for its axis, margin on the right."""
LINE, GAP = 17, 10
"""Height of a line of text, and margin."""
START = (1.2, 2.6)
"""Dots of the line where a policy begins."""
COLOUR = COLOURS["territory"]


def unit_name(unit: Unit, lang: Lang) -> str:
    """The unit of an axis or of a column: percent, or points."""
    return say(f"effect.chart.unit_{unit}", lang)


def levels(page: Page, y: Scale, left: float, right: float, unit: str, lang: Lang) -> None:
    """Horizontal levels with their figures, the unit above them, and the line of no effect."""
    ticks = y.ticks(6)
    page.lines([((left, y(tick)), (right, y(tick))) for tick in ticks], RULE)
    for tick in ticks:
        text = formats.signed(tick, lang, tick_decimals(ticks))
        page.text(left - 8, y(tick), text, size=SMALL, colour=MUTED, align="right")
    page.text(8, page.height - 10, unit, size=SMALL, colour=MUTED)
    page.lines([((left, y(0)), (right, y(0)))], INK, 1.2)


def times(
    page: Page, places: Sequence[tuple[float, str]], left: float, right: float, bottom: float, cycle: int = 1
) -> None:
    """The axis of time, with as many of its labels as fit; ``cycle`` is how many make a year."""
    page.lines([((left, bottom), (right, bottom))], MUTED)
    shown = around_zero(places, cycle)
    page.lines([((x, bottom), (x, bottom - 5)) for x, _ in shown], MUTED)
    for x, text in shown:
        (at,) = spread([x], [text_width(text, SMALL)], 0, page.width)
        page.text(at, bottom - 15, text, size=SMALL, colour=MUTED, align="center")


def around_zero(places: Sequence[tuple[float, str]], cycle: int = 1) -> list[tuple[float, str]]:
    """The labels that fit, « 0 » among them when it is there, or else the last (``labels.spaced``)."""
    return spaced(places, next((i for i, (_, text) in enumerate(places) if text == "0"), -1), cycle)


def start_line(page: Page, x: float, when: str, y: Scale, lang: Lang) -> None:
    """The line where the policy begins, over the height of a scale, with its date above."""
    text = say("effect.chart.start", lang, when=when)
    page.lines([((x, y.start), (x, y.stop + 2))], INK, 1.4, START)
    (at,) = spread([x], [text_width(text, SMALL) + 8], 0, page.width)
    page.text(at, y.stop + 11, text, size=SMALL, align="center")


def vertical(ends: Iterable[float], bottom: float) -> Scale:
    """Levels that hold some figures and zero, with room around, from the height ``bottom`` up."""
    known = [float(x) for x in ends if math.isfinite(x)]
    low, high = min([0.0, *known]), max([0.0, *known])
    slack = 0.06 * (high - low) or 0.5
    return Scale(low - slack, high + slack, bottom, bottom + TALL)


def left_margin(y: Scale, lang: Lang) -> float:
    """Where the vertical axis stands, so that its figures fit on its left."""
    ticks = y.ticks(6)
    texts = (formats.signed(tick, lang, tick_decimals(ticks)) for tick in ticks)
    return max([40.0, *(text_width(text, SMALL) for text in texts)]) + 16


def block(page: Page, parts: Sequence[str], x: float, y: float, **style: Any) -> None:
    """Lines of text around a height."""
    for j, part in enumerate(parts):
        page.text(x, y + ((len(parts) - 1) / 2 - j) * LINE, part, **style)
