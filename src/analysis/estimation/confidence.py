"""How far chance goes at a level of confidence, and how often it goes so far: by the normal law and by Student's.

Every interval, limit and p-value that rests on either law takes it from here, by the name of its level. It knows no
estimate: what is multiplied by these numbers, and whether the law holds, is for each method to say.
"""

from __future__ import annotations

from functools import cache

from scipy import special

from analysis.estimation.checks import probability

LEVEL = 0.95
"""Confidence level of every interval."""

FAR = 0.998
"""Level of the outer limits of a funnel plot (Spiegelhalter, 2005)."""


@cache
def normal(level: float = LEVEL) -> float:
    """Standard errors on either side of an estimate between which the normal law leaves a share ``level``: 1.96 for 95 %."""
    return float(special.ndtri((1 + level) / 2))


def student(freedom: float, level: float = LEVEL) -> float:
    """The same of Student's law, with so many degrees of freedom: 2.26 for 95 % and 9 of them."""
    return float(special.stdtrit(freedom, (1 + level) / 2))


def p_normal(ratio: float) -> float:
    """Two-sided p-value of an estimate over its standard error, by the normal law."""
    return probability(2 * float(special.ndtr(-abs(ratio))))


def p_student(ratio: float, freedom: float) -> float:
    """The same by Student's law."""
    return probability(2 * float(special.stdtr(freedom, -abs(ratio))))
