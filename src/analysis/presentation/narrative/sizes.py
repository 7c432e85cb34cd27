"""How the size of an effect is written: in percent or in points, with its interval, its decimals, or as a chance.

Effects on a logarithm are written in percent (100·(exp(x) − 1)), those on a percentage in points. It stands between
``formats`` and the sentences on effects, and knows no policy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.estimation.sample import Estimate
from analysis.foundations.arithmetic import precisely, rounded
from analysis.foundations.values import Lang
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say

Unit = Literal["relative", "points"]
Frequency = Literal["year", "quarter", "month"]


def in_unit(x: float, unit: Unit) -> float:
    """An effect as readers get it: log points in percent, exactly; percentage points as they are."""
    if unit == "relative" and math.isfinite(x):
        x = float(100 * precisely(np.expm1, np.asarray(x)))
    return rounded(float(x))


def decimals(shown: Sequence[float]) -> int:
    """Decimals for figures of the same effect: one, two below 1, and more where one that is not zero would read so."""
    known = [abs(x) for x in shown if math.isfinite(x) and x]
    least = 2 if known and max(known) < 1 else 1
    return next((d for d in range(least, 4) if all(formats.rounded(x, d) for x in known)), 3)


def size(shown: float, unit: Unit, lang: Lang, digits: int) -> str:
    """An amount of effect without its sign: ``2,3 %``, ``0,4 point``."""
    if unit == "points":
        return formats.change(shown, "percent", lang, digits, sign=False)
    return formats.percent(abs(shown), lang, digits)


def signed(shown: float, unit: Unit, lang: Lang, digits: int) -> str:
    """An amount of effect with its sign: ``−2,3 %``, ``+0,4 point``."""
    sign = formats.signed(shown, lang, digits)[:1]
    return (sign if sign in f"+{formats.MINUS}" else "") + size(shown, unit, lang, digits)


def chance(p: float, lang: Lang) -> str:
    """A probability in words: ``23 fois sur 100``, ``moins d’une fois sur 100``."""
    times = int(formats.rounded(100 * p))
    if not 1 <= times <= 99:
        return say("effect.chance_rare" if times < 1 else "effect.chance_common", lang)
    return say("effect.chance_once", lang) if times == 1 else say("effect.chance", lang, n=str(times))


@dataclass(frozen=True)
class Shown:
    """An estimate in the unit of readers, with the decimals that suit it."""

    value: float
    lower: float
    upper: float
    unit: Unit
    lang: Lang

    @classmethod
    def of(cls, estimate: Estimate, unit: Unit, lang: Lang) -> Shown:
        """An estimate in the unit that its outcome is written in."""
        value, lower, upper = (in_unit(x, unit) for x in (estimate.att, estimate.lower, estimate.upper))
        return cls(value, lower, upper, unit, lang)

    @property
    def digits(self) -> int:
        """Decimals of the estimate and of its limits."""
        return decimals((self.value, self.lower, self.upper))

    @property
    def bounded(self) -> bool:
        """Whether the interval has both limits."""
        return math.isfinite(self.upper) and math.isfinite(self.lower)

    def size(self, x: float) -> str:
        """An amount without its sign."""
        return size(x, self.unit, self.lang, self.digits)

    def signed(self, x: float) -> str:
        """An amount with its sign."""
        return signed(x, self.unit, self.lang, self.digits)

    def between(self, sign: bool) -> str:
        """The interval in words; without signs when it lies on one side of zero, from the nearer limit on."""
        if sign:
            low, high = self.signed(self.lower), self.signed(self.upper)
        else:
            low, high = (self.size(x) for x in sorted((self.lower, self.upper), key=abs))
        return say("effect.between", self.lang, lower=low, upper=high)

    def change(self) -> str:
        """The estimate as a fall or a rise."""
        return say("effect.fall" if self.value < 0 else "effect.rise", self.lang, size=self.size(self.value))


def share(x: float, lang: Lang) -> str:
    """A proportion in percent: whole from 10 on."""
    return formats.percent(100 * x, lang, 0 if x >= 0.0995 else decimals([100 * x]))


def about(x: float) -> float:
    """A number of people that is computed from an effect: to two significant figures, at least one."""
    return max(1.0, float(f"{x:.1e}"))
