"""How far parallel trends may fail before an effect is no longer told from zero (Rambachan and Roth, 2023).

diff-diff has this too, but takes the differences seen before treatment as exact under relative magnitudes; here they have
their own error. ``honest`` asks it of an estimated path, ``sensitivity`` of any effects and their covariance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from math import exp, inf, pi, sqrt

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimation.checks import ROUNDING, ArgumentError, array, finite
from analysis.estimation.clusters import NORMAL, student_quantile
from analysis.estimation.confidence import LEVEL, normal, student
from analysis.estimation.group_time import GroupTime
from analysis.estimation.regressions import EventStudy
from analysis.estimation.sample import InferenceError, Path
from analysis.foundations.arithmetic import Result, gauss_legendre, product, solve

RELATIVE = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""M̄ of the table of relative magnitudes."""

SMOOTHNESS = (0.0, 0.25, 0.5, 1.0, 2.0)
"""M of the table of smoothness, in multiples of the largest change of slope seen before treatment."""

FINEST = 2.0**-40
"""Share of the way from one bend of the path of smoothness to the next below which places are held the same."""


@dataclass(frozen=True, repr=False)
class Sensitivity(Result):
    """How far parallel trends may fail before the effect is no longer told from zero (Rambachan and Roth, 2023).

    Attributes
    ----------
    att, lower, upper : float
        The effect and its interval under parallel trends.
    relative : DataFrame
        Table by M̄: lower, upper. From one period to the next the trends may part after treatment by M̄ times the most
        they did before.
    smoothness : DataFrame
        Table by M: lower, upper. The slope of the difference in trends may change by M from one period to the next; at M
        = 0 it is a line, which is not the same as parallel trends.
    breakdown_relative, breakdown_smoothness : float
        Smallest M̄ and M whose interval holds zero; 0 when that without any violation already does, infinite when none
        does.
    before : tuple[int, ...]
        Horizons before treatment used for the relative magnitudes; the ``smooth_before`` nearest ones serve for
        smoothness.
    after : tuple[int, ...]
        Horizons averaged in the effect.
    """

    att: float
    lower: float
    upper: float
    relative: pd.DataFrame
    smoothness: pd.DataFrame
    breakdown_relative: float
    breakdown_smoothness: float
    before: tuple[int, ...]
    smooth_before: int
    after: tuple[int, ...]


def honest(
    study: GroupTime | EventStudy, horizon: int | None = None, before: int | None = None
) -> Sensitivity:
    """Sensitivity of an estimated path to failures of parallel trends (Rambachan and Roth, 2023).

    The covariance is scaled so that the interval under parallel trends is Student's. For smoothness, which searches
    the best combination of the horizons before treatment, no more than a third of the smaller group are used, and each
    combined costs a degree of freedom: with more, or without that cost, the estimated covariance would promise a precision
    that is not there, and the interval at M = 0 covered 90 to 93 times in 100.

    Parameters
    ----------
    study : GroupTime | EventStudy
        A path with its covariance.
    horizon : int, optional
        That of the effect; by default the average over all horizons from 0 on that have a standard error.
    before : int, optional
        How many horizons before treatment to learn from, the nearest; by default all.
    """
    path, covariance = study.path, study.covariance
    if covariance is None:
        raise InferenceError(
            f"{path.estimator}: no effects before treatment; use callaway_santanna or sun_abraham"
        )
    if -1 in path.horizons:
        raise InferenceError(
            "effects before treatment run from period to period; estimate with base='universal'"
        )
    earlier, later = _known_horizons(path, before)
    if not earlier or not later or horizon not in (None, *later):
        raise InferenceError(
            f"horizons {earlier} before and {later} after treatment have a standard error: one of each is needed, and "
            f"the effect asked for (horizon={horizon}); begin the window earlier",
            "few_periods",
        )
    smaller = min(study.estimate.treated, study.estimate.controls)
    place = [path.horizons.index(h) for h in (*earlier, *later)]
    scale = student_quantile(smaller, smaller) / NORMAL
    searched = max(1, (smaller - 1) // 3)
    result = sensitivity(
        path.att[place],
        covariance[np.ix_(place, place)] * scale**2,
        np.array([1 / len(later) if horizon is None else float(h == horizon) for h in later]),
        smooth_before=searched,
        smooth_scale=_searching(smaller, min(searched, len(earlier))),
    )
    after = tuple(later) if horizon is None else (horizon,)
    return replace(result, before=tuple(earlier), after=after)


def _searching(units: int, horizons: int) -> float:
    """What searching the best combination of some horizons adds to the error: a degree of freedom each but the first.

    The combination is a regression of the effect on what is before, whose residuals have so many fewer (Rao, 1965).
    """
    freedom, left = units - 1, units - horizons
    return student(left) / student(freedom) * sqrt(freedom / left)


def _known_horizons(path: Path, before: int | None) -> tuple[list[int], list[int]]:
    """Horizons with a standard error without a gap: the ``before`` nearest before treatment, and those after."""
    known = {h for h, se in zip(path.horizons, path.se, strict=True) if np.isfinite(se)}
    earlier = list(takewhile(known.__contains__, range(-2, min(path.horizons) - 1, -1)))[:before]
    later = list(takewhile(known.__contains__, range(max(path.horizons) + 1)))
    return earlier[::-1], later


def sensitivity(
    effects: np.ndarray,
    covariance: np.ndarray,
    weights: np.ndarray,
    relative: Sequence[float] = RELATIVE,
    smoothness: Sequence[float] | None = None,
    smooth_before: int | None = None,
    smooth_scale: float = 1.0,
) -> Sensitivity:
    """Sensitivity of Σ weights × effects after treatment, from the effects of an event study and their covariance.

    Parameters
    ----------
    effects : ndarray
        (before + after,) those before the reference period, then those after it, in the order of time; in the unit of
        the outcome.
    covariance : ndarray
        (before + after, before + after) theirs.
    weights : ndarray
        (after,) of the effects after, one each.
    relative, smoothness : Sequence[float], optional
        M̄ and M of the tables; by default M are multiples of the largest change of slope seen before.
    smooth_before : int, optional
        How many of the effects before serve for smoothness, the nearest; by default all.
    smooth_scale : float, optional
        What errors are multiplied by there, for what the search of their combination costs.
    """
    after = _checked(effects, covariance, weights, relative, smoothness)
    number = len(effects) - after
    att = float(product(weights, effects[number:]))
    se = float(np.sqrt(_form(weights, covariance[number:, number:], weights)))
    parallel = _Relative(effects, covariance, weights)
    kept = slice(max(0, number - (smooth_before or number)), None)
    smooth = _Smooth(effects[kept], covariance[kept, kept] * smooth_scale**2, weights)
    if smoothness is None:
        bends = np.abs(np.diff(np.r_[effects[kept][:-after], 0.0], 2))
        smoothness = [m * float(bends.max(initial=0.0) or se) for m in SMOOTHNESS]
    reach = NORMAL * se
    return Sensitivity(
        att, att - reach, att + reach,
        relative=_interval_table(relative, parallel.interval),
        smoothness=_interval_table(smoothness, smooth.interval),
        breakdown_relative=_breakdown(parallel.holds_zero, 1.0),
        breakdown_smoothness=_breakdown(smooth.holds_zero, se),
        before=tuple(range(-number - 1, -1)), smooth_before=len(effects[kept]) - after, after=tuple(range(after)),
    )  # fmt: skip


def _checked(
    effects: np.ndarray,
    covariance: np.ndarray,
    weights: np.ndarray,
    relative: Sequence[float],
    smoothness: Sequence[float] | None,
) -> int:
    """Number of effects after treatment, once all that is given has a meaning."""
    array(effects, "effects", 1)
    after = len(array(weights, "weights", 1))
    array(covariance, "covariance", 2, size=len(effects), power=2)
    for m in (*relative, *(smoothness or ())):
        finite(m, "relative and smoothness: each violation", least=0)
    variances = np.diag(covariance)
    if not np.allclose(covariance, covariance.T, rtol=1e-6, atol=1e-9 * float(np.abs(variances).max())):
        raise ArgumentError("covariance: it is not symmetric; give that of the effects")
    if len(effects) <= after or not np.any(weights):
        raise InferenceError(
            "sensitivity needs an effect before treatment, and one after it with a weight; begin the window earlier",
            "few_periods",
        )
    if np.any(variances <= (ROUNDING * np.abs(effects).max()) ** 2) or np.any(variances <= 0):
        raise InferenceError(
            "sensitivity needs effects that vary, and one has no error; look at the figures of that period",
            "no_variation",
        )
    return after


def _form(left: np.ndarray, matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Left · matrix · right, for vectors or matrices on either side."""
    return product(product(left, matrix), right)


def _interval_table(grid: Sequence[float], interval: Callable[[float], tuple[float, float]]) -> pd.DataFrame:
    rows = [interval(float(m)) for m in grid]
    return pd.DataFrame(rows, columns=["lower", "upper"], index=pd.Index(grid, name="m"))


def _breakdown(holds_zero: Callable[[float], bool], step: float) -> float:
    """Smallest violation with which zero is held; 0 when none is needed, infinite when none suffices."""
    return 0.0 if holds_zero(0.0) else _limit(lambda m: not holds_zero(m), 0.0, step, rounds=20)


def _limit(holds: Callable[[float], bool], inside: float, step: float, rounds: int = 32) -> float:
    """Where ``holds`` ends, going from ``inside`` by ``step``, doubled until it is left, then by bisection."""
    outside = inside + step
    for _ in range(60):
        if not holds(outside):
            break
        inside, outside, step = outside, outside + 2 * step, 2 * step
    else:
        return float(inf * np.sign(step))
    for _ in range(rounds):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return float((inside + outside) / 2)


class _Relative:
    """Conditional least-favourable hybrid test of an effect under relative magnitudes (Rambachan and Roth, 2023, § 3).

    For each difference z between neighbouring periods before treatment, in turn and with either sign, z is taken for the
    largest: no difference after exceeds M̄z. Eliminating the effects other than the one tested leaves four inequalities
    on a − θ and z alone, a being the estimate of θ: the only vertices of the dual of their linear programme. The interval
    is the union over z.
    """

    def __init__(self, effects: np.ndarray, covariance: np.ndarray, weights: np.ndarray) -> None:
        after = len(weights)
        number = len(effects) - after
        levels = np.insert(np.eye(len(effects)), number, 0.0, axis=0)
        steps = np.diff(levels, axis=0)
        moved = (product(steps[:number], covariance) * steps[:number]).sum(1)
        steps, later = steps[:number][moved > ROUNDING * np.diag(covariance).max()], steps[number:]
        if not len(steps):
            raise InferenceError(
                "what was seen before treatment does not vary: it tells nothing of how trends may part",
                "no_variation",
            )
        earlier = np.vstack([steps, -steps])
        self.reach = np.cumsum(weights[::-1])[::-1]
        target = np.r_[np.zeros(number), weights]
        self.att, self.seen = float(product(target, effects)), product(earlier, effects)
        self.variance = float(_form(target, covariance, target))
        self.with_seen = _form(earlier, covariance, target)
        self.seen_variance = (product(earlier, covariance) * earlier).sum(1)
        self.step_variance = (product(later, covariance) * later).sum(1)
        self.step_with_seen = _form(earlier, covariance, later.T)

    def moments(self, m: float) -> np.ndarray:
        """(z, 4, 2): each inequality as coefficients of a − θ and z; the last two are void at M̄ = 0."""
        alike = self.step_variance + m**2 * self.seen_variance[:, None]
        spread = [np.sqrt(np.maximum(alike - 2 * m * side * self.step_with_seen, 0)) for side in (1, -1)]
        rising = self.reach > 0
        size, total = np.abs(self.reach), np.abs(self.reach).sum()
        above = 1 / (size * np.where(rising, *spread)).sum(1)
        below = 1 / (size * np.where(rising, *spread[::-1])).sum(1)
        both, zero = spread[0] + spread[1], np.zeros(len(above))
        both = np.where(both > 0, both, 1)  # only at M̄ = 0, where the last two are void
        return np.stack(
            [
                np.stack([above, -m * total * above], 1),
                np.stack([-below, -m * total * below], 1),
                np.stack([zero, -2 * m / both.min(1)], 1),
                np.stack([zero, -2 * m / both.max(1)], 1),
            ],
            axis=1,
        )

    def first_stage(self, moments: np.ndarray, size: float) -> np.ndarray:
        """(z,): value that the largest of the moments exceeds with probability ``size`` when all hold as equalities."""
        nodes, shares = gauss_legendre(80)
        slope = self.with_seen / self.seen_variance
        rest = np.sqrt(np.maximum(self.variance - slope * self.with_seen, 1e-12 * self.variance))[:, None]
        sd, tightest = np.sqrt(self.seen_variance), -moments[:, 2:, 1].min(1)
        lower, upper = np.zeros(len(sd)), np.full(len(sd), 8.0)
        for _ in range(32):
            c = (lower + upper) / 2
            start = np.maximum(-9.0, -c / np.maximum(tightest * sd, 1e-12))
            x = start[:, None] + (9 - start[:, None]) * (nodes + 1) / 2
            z = x * sd[:, None]
            top, bottom = (
                (c[:, None] - moments[:, k, 1, None] * z) / moments[:, k, 0, None] - slope[:, None] * z
                for k in (0, 1)
            )
            inside = np.maximum(special.ndtr(top / rest) - special.ndtr(bottom / rest), 0)
            held = product(inside * np.exp(-(x**2) / 2), shares) * (9 - start) / np.sqrt(8 * np.pi)
            enough = held >= 1 - size
            lower, upper = np.where(enough, lower, c), np.where(enough, c, upper)
        return upper

    def test(self, m: float) -> Callable[[np.ndarray], np.ndarray]:
        """The test for one M̄: for each value of the effect, whether some z keeps it from rejection."""
        size = (1 - LEVEL) / 10
        moments = self.moments(m)
        first = self.first_stage(moments, size)[:, None]
        moments = moments if m > 0 else moments[:, :2]
        both = [
            [np.full_like(self.with_seen, self.variance), self.with_seen],
            [self.with_seen, self.seen_variance],
        ]
        crossed = (moments[:, :, None, :] * np.array(both).transpose(2, 1, 0)[:, None]).sum(-1)
        covariance = (crossed[:, :, None, :] * moments[:, None]).sum(-1)
        fixed = (moments[..., 1] * self.seen[:, None])[:, None]

        def accepted(values: np.ndarray) -> np.ndarray:
            stat = fixed + moments[:, None, :, 0] * (self.att - values)[None, :, None]
            best = stat.argmax(2)
            largest = stat.max(2)
            row = np.take_along_axis(covariance[:, None], best[..., None, None], 2)[:, :, 0]
            own = np.take_along_axis(row, best[..., None], 2)
            low, high = _truncation(stat, largest[..., None], row / own)
            high = np.minimum(high, first)
            tail = _tail(*(x / np.sqrt(own[..., 0]) for x in (largest, low, high)))
            unlikely = (largest > 0) & (low <= largest) & (tail < (1 - LEVEL - size) / (1 - size))
            left_out: np.ndarray = ((largest > first) | unlikely).all(0)
            return ~left_out

        return accepted

    def interval(self, m: float) -> tuple[float, float]:
        """Least and greatest value not rejected."""
        accepted = self.test(m)
        apart = (np.abs(self.seen) + 5 * np.sqrt(self.seen_variance)).max()
        width = 10 * np.sqrt(self.variance) + m * np.abs(self.reach).sum() * apart
        grid = self.att + np.linspace(-width, width, 601)
        kept, step = np.flatnonzero(accepted(grid)), grid[1] - grid[0]
        lower = _limit(lambda v: accepted(np.array([v]))[0], grid[kept[0]], -step)
        upper = _limit(lambda v: accepted(np.array([v]))[0], grid[kept[-1]], step)
        return lower, upper

    def holds_zero(self, m: float) -> bool:
        """Whether no effect is not rejected."""
        return bool(self.test(m)(np.zeros(1))[0])


def _truncation(stat: np.ndarray, largest: np.ndarray, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Between what the largest moment may lie and remain the largest, what is independent of it being held."""
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = (stat - rho * largest) / (1 - rho)
    return np.where(rho < 1 - 1e-9, cross, -inf).max(2), np.where(rho > 1 + 1e-9, cross, inf).min(2)


def _tail(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Probability that a standard normal held between low and high exceeds value; in logarithms, for the far tail.

    NaN where low is not below high.
    """
    high = np.maximum(low, high)
    value = np.clip(value, low, high)
    above, from_low, from_high = (special.log_ndtr(-x) for x in (value, low, high))
    with np.errstate(invalid="ignore", divide="ignore"):
        tail: np.ndarray = (
            np.exp(above - from_low) * np.expm1(from_high - above) / np.expm1(from_high - from_low)
        )
        return tail


class _Smooth:
    """Shortest fixed-length interval when the slope changes by at most M a period (Rambachan and Roth, 2023, § 4).

    The estimator is linear: the effects after with their weights, those before with weights v chosen so that a straight
    difference in trends does no harm. With u the double sums of v, its worst bias is M(constant + Σ|u|): all best trades
    of bias for variance lie on a lasso path, computed once; each M picks its own point on it.
    """

    def __init__(self, effects: np.ndarray, covariance: np.ndarray, weights: np.ndarray) -> None:
        after = len(weights)
        number = len(effects) - after
        far = np.arange(1, after + 1)
        pull = float(product(weights, far))
        curve = [float(product(weights[j:], far[j:] - j)) for j in range(1, after)]
        doubled = np.eye(number) - 2 * np.eye(number, k=-1) + np.eye(number, k=-2)  # what double sums undo
        free, fixed = doubled[:, :-1], doubled[:, -1] * pull
        start = np.r_[fixed, weights]
        before = covariance[:number]
        quadratic = _form(free.T, before[:, :number], free)
        paths = _lasso_path(quadratic, _form(free.T, before, start))
        estimators = np.hstack([fixed + product(paths, free.T), np.tile(weights, (len(paths), 1))])
        self.centres = product(estimators, effects)
        self.biases = abs(pull) + float(np.abs(curve).sum()) + np.abs(paths).sum(1)
        alike = _form(estimators, covariance, estimators.T)
        self.variances, self.neighbours = np.diag(alike), np.diag(alike, 1)

    def interval(self, m: float) -> tuple[float, float]:
        """The interval for one M, at the place of the path where it is shortest.

        Its half width falls, then rises along the path, and hardly moves around its least: the place is sought where it
        no longer falls, which the widths themselves would leave to their last digits.
        """
        corner, low, high = self._segment(m), 0.0, 1.0
        while high - low > FINEST:
            middle = (low + high) / 2
            low, high = (middle, high) if self._at(corner, middle, m)[2] < 0 else (low, middle)
        centre, reach, _ = self._at(corner, high if low > 0 else 0.0, m)
        return centre - reach, centre + reach

    def _segment(self, m: float) -> int:
        """The straight part of the path, between two bends, at whose end the half width no longer falls."""
        parts = max(len(self.biases) - 1, 1)
        return next((k for k in range(parts) if self._at(k, 1.0, m)[2] >= 0), parts - 1)

    def _at(self, corner: int, share: float, m: float) -> tuple[float, float, float]:
        """Centre and half width of the interval at a share of the way to the next bend, and how the width then moves."""
        ends = [corner, min(corner + 1, len(self.biases) - 1)]
        (c0, c1), (b0, b1), (v0, v1) = (x[ends] for x in (self.centres, self.biases, self.variances))
        both = self.neighbours[corner] if ends[0] < ends[1] else v0
        bias = (1 - share) * b0 + share * b1
        sd = float(np.sqrt(max((1 - share) ** 2 * v0 + 2 * share * (1 - share) * both + share**2 * v1, 0.0)))
        sd = max(sd, ROUNDING * float(np.sqrt(self.variances.max())))
        sd_slope = (share * v1 - (1 - share) * v0 + (1 - 2 * share) * both) / sd
        shift = m * bias / sd
        quantile, slope = _folded_quantile(shift)
        moves = sd_slope * (quantile - shift * slope) + m * (b1 - b0) * slope
        return float((1 - share) * c0 + share * c1), float(sd * quantile), float(moves)

    def holds_zero(self, m: float) -> bool:
        """Whether the interval holds zero."""
        lower, upper = self.interval(m)
        return lower <= 0 <= upper


def _folded_quantile(shift: float) -> tuple[float, float]:
    """Quantile at LEVEL of |X|, X normal with mean ``shift`` ≥ 0 and variance 1, by Newton's method, and its slope."""
    value = shift + normal(2 * LEVEL - 1)
    for _ in range(8):
        held = special.ndtr(value - shift) - special.ndtr(-value - shift)
        near, far = exp(-((value - shift) ** 2) / 2), exp(-((value + shift) ** 2) / 2)
        value = value - (held - LEVEL) * sqrt(2 * pi) / (near + far)
    return value, (near - far) / (near + far)


def _lasso_path(quadratic: np.ndarray, linear: np.ndarray) -> np.ndarray:
    """Minimisers of ½u'Qu + q'u + λ‖u‖₁ where the path bends, from the λ at which u leaves zero down to λ = 0."""
    size = len(linear)
    u, active, points = np.zeros(size), [], [np.zeros(size)]
    gradient = linear.astype(float)
    level = float(np.abs(gradient).max(initial=0.0))
    if level > 0:
        active.append(int(np.abs(gradient).argmax()))
    signs = -np.sign(gradient)
    while level > 1e-14 * float(np.abs(linear).max(initial=0.0)):
        move = np.zeros(size)
        move[active] = solve(quadratic[np.ix_(active, active)], signs[active][:, None], 1e-12)[:, 0]
        slope = product(quadratic, move)
        step, event = level, None
        for j in range(size):
            if j in active:
                options = [-u[j] / move[j]] if u[j] * move[j] < 0 else []
            else:
                with np.errstate(
                    divide="ignore", invalid="ignore"
                ):  # what never meets the level is no option
                    options = [(level - gradient[j]) / (1 + slope[j]), (level + gradient[j]) / (1 - slope[j])]
            for option in options:
                if 1e-12 * level < option < step:
                    step, event = option, j
        u, gradient, level = u + move * step, gradient + slope * step, level - step
        if event in active:
            active.remove(event)
            u[event] = 0.0
        elif event is not None:
            active.append(event)
            signs[event] = -np.sign(gradient[event])
        points.append(u)
    return np.array(points)
