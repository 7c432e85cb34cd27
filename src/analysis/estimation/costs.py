"""What an effect costs: the effect that would pay for itself, and the cost of an additional return.

Effects are in percentage points of those accompanied, costs and savings in euros per person accompanied. The cost per
return (all returns, most of which would have come anyway) is not given here; the cost per *additional* return is cost ÷
effect, a ratio of two estimates: its interval is Fieller's (1954), and it is undefined where the interval of the effect
holds zero, for then no cost is too high to be excluded; what remains known is a floor, cost ÷ upper limit of the effect.

No amount is written here: they come from the panel or from the parameters ``costs``. Effects come from ``inference``;
results go to ``narrative`` and ``tables``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.estimation.checks import ROUNDING, ArgumentError, finite
from analysis.estimation.confidence import normal
from analysis.foundations.arithmetic import Result, rounded

NOT_DISTINGUISHED = "effect_not_distinguished_from_zero"
NEGATIVE = "effect_negative"


@dataclass(frozen=True, repr=False)
class Effect(Result):
    """A share of people returned to work because of an action, in percentage points, with its error and 95 % limits.

    Use ``normal`` when the limits are those of a normal error; give them when they come from randomisation or placebos.

    Attributes
    ----------
    points : float
        Percentage points of those accompanied.
    error : float
        Its standard error, in points.
    lower : float
        95 % limit, in points.
    upper : float
        95 % limit, in points.
    """

    points: float
    error: float
    lower: float
    upper: float

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("points", "error", "lower", "upper"):
            if name == "points" or np.isfinite(getattr(self, name)):
                finite(getattr(self, name), f"effect, {name}")
        if not (self.error >= 0 and self.lower <= self.points <= self.upper):
            raise ArgumentError(
                f"an effect of {self.points} points with error {self.error} cannot have the limits {self.lower} and "
                f"{self.upper}; an error is not negative and the limits hold the effect: give them in this order"
            )

    @classmethod
    def normal(cls, points: float, error: float) -> Effect:
        """An effect whose limits are those of a normal error.

        Parameters
        ----------
        points : float
            Percentage points of those accompanied.
        error : float
            Standard error, in points.
        """
        margin = normal() * finite(error, "error of an effect (an error is not negative)", least=0)
        return cls(points, error, points - margin, points + margin)


@dataclass(frozen=True, repr=False)
class BreakEven(Result):
    """The effect at which an action pays for itself.

    Attributes
    ----------
    points : float
        Effect needed, in percentage points.
    cost : float
        Per person, euros.
    saving : float
        What one month in work saves, euros.
    months : float
        How long an additional return is assumed to last, in months.
    attainable : bool
        Whether the effect needed is below 100 points; above, no effect can pay for the action in that time.
    """

    points: float
    cost: float
    saving: float
    months: float
    attainable: bool


@dataclass(frozen=True, repr=False)
class CostPerReturn(Result):
    """Cost of one additional return, in euros.

    Attributes
    ----------
    value, lower, upper : float
        Euros; None where it is undefined.
    reason : str
        Empty when it is defined, else why not: the interval of the effect holds zero, or the effect is negative.
    floor : float
        Least cost that the upper limit of the effect allows, euros, never above ``lower``; None when there is none.
    """

    value: float | None
    lower: float | None
    upper: float | None
    reason: str
    floor: float | None

    @property
    def defined(self) -> bool:
        """Whether there is a cost to give."""
        return not self.reason


def break_even(cost: float, saving_per_month: float, months: float, contributions: float = 0.0) -> BreakEven:
    """Effect ATT* = c ÷ (d·(A + s)) at which savings equal the cost.

    Parameters
    ----------
    cost : float
        c, euros per person accompanied.
    saving_per_month : float
        A, euros: the allowance no longer paid, net of what is newly paid.
    months : float
        d, months in work of an additional return.
    contributions : float, optional
        s, euros of contributions and taxes of a month in work.

    Returns
    -------
    BreakEven
        The effect needed, in percentage points of those accompanied.

    Raises
    ------
    ArgumentError
        Without a positive saving and duration, or with a negative cost.

    Examples
    --------
    >>> needed = break_even(cost=1200, saving_per_month=545, months=12)
    >>> round(needed.points, 1), needed.attainable
    (18.3, True)
    """
    saving = finite(saving_per_month, "saving per month") + finite(contributions, "contributions")
    if not (saving > 0 and finite(months, "months") > 0 and finite(cost, "cost") >= 0):
        raise ArgumentError(
            f"break-even needs a positive saving and duration and a cost that is not negative; found {saving} euros a "
            f"month, {months} months, {cost} euros"
        )
    points = 100 * cost / (months * saving)
    return BreakEven(points, cost, saving, months, points < 100)


# --------------------------------------------------------------------------------------- cost of an additional return


def cost_per_return(
    cost: float, effect: Effect, cost_error: float = 0.0, covariance: float = 0.0
) -> CostPerReturn:
    """Cost ÷ effect with Fieller's 95 % interval, from the limits of the effect whichever they are.

    The limits of the ratio are those of Fieller where the effect's are those of a normal error. Where they come from
    randomisation or placebos, and lie at other distances, each limit of the ratio uses its own: a known cost is divided by
    them (MOVER-R; Newcombe, 2016).

    Parameters
    ----------
    cost : float
        Euros per person accompanied, more than those of a control.
    effect : Effect
        Additional returns, in percentage points of those accompanied.
    cost_error : float, optional
        Standard error of the cost, euros; 0 for a cost that is known.
    covariance : float, optional
        Of the cost and the effect, euros × points.

    Returns
    -------
    CostPerReturn
        Euros by additional return; undefined, with the reason, where the effect may be none.

    Examples
    --------
    >>> price = cost_per_return(1000, Effect.normal(10, 2))
    >>> round(price.value), round(price.lower), round(price.upper), cost_per_return(1000, Effect.normal(1, 2)).reason
    (10000, 7184, 16447, 'effect_not_distinguished_from_zero')
    """
    _check(cost, cost_error)
    finite(covariance, "covariance")
    if abs(covariance) > cost_error * effect.error * (1 + ROUNDING):
        raise ArgumentError(
            f"covariance: {covariance:g} is more than the errors {cost_error:g} and {effect.error:g} allow; "
            "give it in euros × points"
        )
    reason = _reason(effect)
    if not reason and not fieller(
        cost, effect.points / 100, cost_error**2, (effect.error / 100) ** 2, covariance / 100
    ):
        reason = NOT_DISTINGUISHED
    floor = _floor(cost, effect, cost_error)
    if reason:
        return CostPerReturn(None, None, None, reason, floor)
    lower, upper = _ratio_limits(cost, effect, cost_error, covariance)
    return CostPerReturn(100 * cost / effect.points, lower, upper, "", floor)


def _ratio_limits(cost: float, effect: Effect, cost_error: float, covariance: float) -> tuple[float, float]:
    """Limits of cost ÷ effect, in euros, from those of both; those of the effect are above zero.

    A limit r is where cost − r·effect is as far from zero as both margins allow: a·r² − 2·b·r + c = 0, with the margin of
    the cost on one side and that of the effect on the other.
    """
    margin = normal() * cost_error
    linked = covariance / (cost_error * effect.error) if covariance else 0.0
    top, point, limits = cost, effect.points / 100, []
    for limit, side in ((effect.upper / 100, -1), (effect.lower / 100, 1)):
        reach = abs(limit - point)
        if np.isinf(reach):
            limits.append(0.0)
            continue
        a, c = limit * (2 * point - limit), (top - margin) * (top + margin)
        b = top * point - linked * margin * reach
        width = float(np.sqrt(max(b**2 - a * c, 0.0)))
        if b + width <= 0:
            raise ArgumentError(
                f"cost: {cost:g} with error {cost_error:g} may be nothing, and so its ratio anything; give a cost that is "
                "better known"
            )
        limits.append((b + width) / a if side > 0 else c / (b + width))
    return limits[0], limits[1]


def _floor(cost: float, effect: Effect, cost_error: float) -> float | None:
    """Least cost that the upper limit of the effect allows; None where that limit tells none."""
    least = cost - normal() * cost_error
    return 100 * least / effect.upper if 0 < effect.upper < np.inf and least > 0 else None


def fieller(
    top: float, bottom: float, top_variance: float, bottom_variance: float, covariance: float = 0.0
) -> tuple[float, float] | None:
    """95 % limits of a ratio of two normal estimates (Fieller, 1954); None when they do not bound it.

    They are the r at which top − r·bottom is z standard errors from zero; they bound the ratio when the denominator differs
    from zero at that level.

    Parameters
    ----------
    top : float
        Estimate of the numerator.
    bottom : float
        Estimate of the denominator.
    top_variance : float
        Square of the standard error of ``top``.
    bottom_variance : float
        Square of the standard error of ``bottom``.
    covariance : float, optional
        Of both.

    Returns
    -------
    tuple[float, float]
        Limits in units of ``top`` by unit of ``bottom``; None when they do not bound the ratio.
    """
    for name, value in (("top", top), ("bottom", bottom), ("covariance", covariance)):
        finite(value, name)
    for name, value in (("top_variance", top_variance), ("bottom_variance", bottom_variance)):
        finite(value, name, least=0)
    square = normal() ** 2
    a = bottom**2 - square * bottom_variance
    b = top * bottom - square * covariance
    c = top**2 - square * top_variance
    if a <= 0:
        return None
    reach = float(np.sqrt(max(b**2 - a * c, 0.0)))
    return rounded(((b - reach) / a, (b + reach) / a))


def _reason(effect: Effect) -> str:
    """Why there is no cost of an additional return; empty when there is one."""
    if effect.upper < 0:
        return NEGATIVE
    return NOT_DISTINGUISHED if effect.lower <= ROUNDING * effect.points else ""


def _check(cost: float, error: float) -> None:
    finite(cost, "a cost per return needs a positive cost; cost", above=0)
    finite(error, "error of the cost", least=0)
