"""Which values a test rejects: a p-value by counting, and the effects that are not rejected, which make an interval.

It knows no estimator: ``inference``, ``wild``, ``credibility`` and the synthetic methods bring their statistics. Numbers and
arrays in, numbers out.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from analysis.estimation.checks import confidence, finite
from analysis.estimation.sample import InferenceError
from analysis.foundations.arithmetic import ALIKE


def alpha_of(level: float) -> float:
    """1 − level, without the rounding that would put 0.1 above 1 − 0.9.

    Parameters
    ----------
    level : float
        Confidence level, above 0.5 and below 1.
    """
    return round(1 - confidence(level), 12)


def at_least(values: np.ndarray, observed: float) -> int:
    """How many values reach the observed one, rounding in the last digits aside.

    Parameters
    ----------
    values : ndarray
        (B,), in any unit.
    observed : float
        In the same unit.
    """
    if math.isnan(observed) or np.isnan(values).any():
        raise InferenceError(
            "a statistic compared is no number, so that no share of them is a probability; look at the figures",
            "sample",
        )
    return int((values >= observed * (1 - ALIKE)).sum())


def rejecting(alpha: float, count: int) -> int:
    """The largest number of values, the observed one among them, that makes a p-value of alpha at most.

    Parameters
    ----------
    alpha : float
        p-value up to which an effect is rejected.
    count : int
        Number of values in all.
    """
    finite(alpha, "alpha", above=0, most=1)
    return math.floor(round(alpha * finite(count, "count", least=1, whole=True), 9))


def not_rejected(
    p_value: Callable[[float], float], effect: float, step: float, alpha: float
) -> tuple[float, float]:
    """The effects around the estimate whose p-value is above alpha; infinite where none is rejected.

    Parameters
    ----------
    p_value : Callable[[float], float]
        From an effect to the p-value of it being true.
    effect : float
        The estimate, in the unit of the outcome.
    step : float
        How far to look at first, in the same unit.
    alpha : float
        p-value up to which an effect is rejected.

    Returns
    -------
    tuple[float, float]
        Lower and upper limit, in the unit of the effect; infinite where none is rejected.
    """
    if not 0 < step < math.inf:
        raise InferenceError(
            "nothing varies, so that no effect can be rejected: choose another outcome", "no_variation"
        )
    return _limit(p_value, effect, -step, alpha), _limit(p_value, effect, step, alpha)


def _limit(p_value: Callable[[float], float], effect: float, step: float, alpha: float) -> float:
    """By doubling, then halving, the distance from the estimate; zero is tried first, so that the interval says of it
    what the p-value says.
    """
    inside, outside = 0.0, 1.0
    zero = -effect / step
    if zero > 0:
        inside, outside = (zero, 2 * zero) if p_value(0.0) > alpha else (0.0, zero)
    while p_value(effect + outside * step) > alpha:
        inside, outside = outside, 2 * outside
        if outside > 1e9:
            return math.copysign(math.inf, step)
    for _ in range(40):
        middle = (inside + outside) / 2
        if p_value(effect + middle * step) > alpha:
            inside = middle
        else:
            outside = middle
    return effect + inside * step
