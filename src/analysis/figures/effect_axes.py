"""What drawings of effects have in common: the unit, levels around zero, the axis of time, and the line of a start.

Effects arrive in the unit of their outcome, and are drawn in percent (logarithms) or in points. Nothing here knows which
effect is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from analysis.figures.style import (
    COLOURS,
    INK,
    MUTED,
    RULE,
    SMALL,
    WIDTH,
    Page,
    Scale,
    text_width,
    tick_decimals,
)
from analysis.layout import spread
from analysis.narrative import formats
from analysis.narrative.messages import say
from analysis.narrative.sizes import Unit
from analysis.values import Lang

HEIGHT, TOP, BOTTOM, RIGHT = 426, 384, 92, 14
"""Page of a drawing over time: height, ends of its vertical axis, and margin on the right."""
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


def times(page: Page, places: Sequence[tuple[float, str]], left: float, right: float, cycle: int = 1) -> None:
    """The axis of time, with as many of its labels as fit."""
    page.lines([((left, BOTTOM), (right, BOTTOM))], MUTED)
    shown = sparse(places, cycle)
    page.lines([((x, BOTTOM), (x, BOTTOM - 5)) for x, _ in shown], MUTED)
    for x, text in shown:
        page.text(x, BOTTOM - 15, text, size=SMALL, colour=MUTED, align="center")


def sparse(places: Sequence[tuple[float, str]], cycle: int = 1) -> list[tuple[float, str]]:
    """Every label, or every second, fifth… so that none touches the next; « 0 » is kept, or else the last.

    ``cycle`` is how many make a year: labels that are left out are whole years.
    """
    anchor = next((i for i, (_, text) in enumerate(places) if text == "0"), len(places) - 1)
    room = max((text_width(text, SMALL) for _, text in places), default=0) + 12
    for step in (1, *(cycle * years for years in (1, 2, 5, 10, 20))):
        kept = list(places)[anchor % step :: step]
        if all(b[0] - a[0] >= room for a, b in pairwise(kept)):
            return kept
    return [places[anchor]]


def start_line(page: Page, x: float, when: str, lang: Lang) -> None:
    """The line where the policy begins, with its date above."""
    text = say("effect.chart.start", lang, when=when)
    page.lines([((x, BOTTOM), (x, TOP + 2))], INK, 1.4, START)
    (at,) = spread([x], [text_width(text, SMALL) + 8], 0, WIDTH)
    page.text(at, TOP + 11, text, size=SMALL, align="center")


def vertical(ends: Sequence[float]) -> Scale:
    """Levels that hold some figures and zero, with room around."""
    known = [float(x) for x in ends if math.isfinite(x)]
    low, high = min([0.0, *known]), max([0.0, *known])
    slack = 0.06 * (high - low) or 0.5
    return Scale(low - slack, high + slack, BOTTOM, TOP)


def left_margin(y: Scale, lang: Lang) -> float:
    """Where the vertical axis stands, so that its figures fit on its left."""
    ticks = y.ticks(6)
    texts = (formats.signed(tick, lang, tick_decimals(ticks)) for tick in ticks)
    return max([40.0, *(text_width(text, SMALL) for text in texts)]) + 16


def block(page: Page, parts: Sequence[str], x: float, y: float, **style: object) -> None:
    """Lines of text around a height."""
    for j, part in enumerate(parts):
        page.text(x, y + ((len(parts) - 1) / 2 - j) * LINE, part, **style)
