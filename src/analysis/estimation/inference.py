"""Whether an effect could have come about by chance, by inferences that hold for the number of units treated.

- ``att``, ``weights``: difference in differences for one or several cohorts as a weighted sum of the outcomes. With the
  last period before treatment as base it is the simple aggregate of Callaway and Sant'Anna (2021) without covariates;
  with the whole time before as base and one cohort it is the two-way fixed-effects coefficient.
- ``cluster``: many treated units. ``randomisation``: any number, one included. For several, ``wild`` has the bootstrap.

An inference that has no meaning for a design raises ``InferenceError``; benchmarks/inference.py measures size and power
of each. Arrays and samples in, frozen results out; no library of estimators, no policy, no indicator is known here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.estimation.assignments import assignments
from analysis.estimation.checks import ArgumentError, array, choice, confidence, finite
from analysis.estimation.confidence import LEVEL, p_student, student
from analysis.estimation.draws import ASSIGNMENTS, SEED
from analysis.estimation.rejection import alpha_of, at_least, not_rejected, rejecting
from analysis.estimation.sample import NEVER, Estimate, InferenceError, Sample
from analysis.foundations.arithmetic import Result, exactly_summed, product

Control = Literal["never", "not_yet"]
Base = Literal["last", "mean"]
Divisor = Literal["error", "varied", "nothing"]

AT_ONCE = 1000
"""Draws worked on at a time, so that memory holds a tenth of what they take."""

MIN_TREATED = 6
"""Units needed on each side for a statistic that is divided by its standard error.

Of the sign patterns of k treated units a share 2 ÷ 2ᵏ leaves them all together, effect included; below six that share
is over 5 %, and the restricted wild bootstrap all but stops rejecting while the unrestricted one rejects too often
(MacKinnon and Webb, 2018). benchmarks/inference.md shows both sides of the threshold."""

NOISIER = 1.5
"""Where the treated are too few for a standard error and varied more than this many times as much as the controls before
treatment, their effect is said to be weak, and no verdict is given on what was under way before."""

# ------------------------------------------------------------------------------------------------------ the estimator


def weights(
    first: np.ndarray,
    periods: int,
    control: Control = "never",
    base: Base = "last",
    horizon: int | None = None,
) -> np.ndarray:
    """Weights of the outcomes in the average effect: att = Σ weights · outcome.

    Parameters
    ----------
    first : ndarray
        (N,) position of the first treated period of each unit, ``NEVER`` for controls.
    periods : int
        T, number of periods.
    control : Control, optional
        ``never`` treated units, or those ``not_yet`` treated at the time as well.
    base : Base, optional
        A cohort is compared with itself in the ``last`` period before treatment, or in their ``mean``.
    horizon : int, optional
        The effect this many periods after the first treated one (before it when negative); None for the average over
        every unit and period treated, each counting once.

    Returns
    -------
    ndarray
        (N, T); every row and every column sums to zero.

    Raises
    ------
    InferenceError
        When nothing can be compared.
    """
    first = array(first, "first", 1)
    finite(periods, "periods", least=2, whole=True)
    if not np.isin(first, np.arange(NEVER, periods)).all() or (first == 0).any():
        raise ArgumentError(
            f"first: positions from 1 to {periods - 1}, or {NEVER} for never, expected; give those of the first treated "
            "periods"
        )
    groups, codes, sizes = np.unique(first, return_inverse=True, return_counts=True)
    return group_weights(groups, sizes, periods, control, base, horizon)[codes]


def group_weights(
    groups: np.ndarray,
    sizes: np.ndarray,
    periods: int,
    control: Control,
    base: Base,
    horizon: int | None = None,
) -> np.ndarray:
    """The row of ``weights`` that all units of a group share: groups × periods, given the groups' sizes.

    Parameters
    ----------
    groups : ndarray
        (G,) first treated periods as positions, ``NEVER`` among them.
    sizes : ndarray
        (G,) number of units of each.
    periods : int
        T, number of periods.
    control : Control
        As in ``weights``.
    base : Base
        As in ``weights``.
    horizon : int, optional
        As in ``weights``.

    Returns
    -------
    ndarray
        (G, T).
    """
    choice(control, "control", ("never", "not_yet"))
    choice(base, "base", ("last", "mean"))
    if len(array(groups, "groups", 1)) != len(array(sizes, "sizes", 1)) or not np.min(sizes) > 0:
        raise ArgumentError(
            "groups, sizes: as many numbers of units, above zero, as groups expected; give both"
        )
    rows, total = np.zeros((len(groups), periods)), 0
    for own, start in enumerate(groups):
        for time in [] if start == NEVER else _times(int(start), periods, horizon):
            compared = groups == NEVER
            if control == "not_yet":
                compared |= groups > max(time, start - 1)
                compared[own] = False
            if not compared.any():
                continue
            contrast = _contrast(int(start), time, periods, base)
            rows[own] += contrast
            rows[compared] -= sizes[own] / sizes[compared].sum() * contrast
            total += sizes[own]
    if not total:
        raise InferenceError(
            "no treated unit has a control at the time: add never-treated units or compare with not_yet treated ones",
            "no_control",
        )
    return rows / total


def _times(start: int, periods: int, horizon: int | None) -> range:
    if horizon is None:
        return range(start, periods)
    return range(start + horizon, start + horizon + 1) if 0 <= start + horizon < periods else range(0)


def _contrast(start: int, time: int, periods: int, base: Base) -> np.ndarray:
    """One period less the base."""
    contrast = np.zeros(periods)
    before = slice(start - 1, start) if base == "last" else slice(0, start)
    contrast[before] = -1 / (before.stop - before.start)
    contrast[time] += 1
    return contrast


def within(values: np.ndarray) -> np.ndarray:
    """Units × periods less unit and period means (plus the overall one).

    Parameters
    ----------
    values : ndarray
        (N, T) units × periods, in any unit.

    Returns
    -------
    ndarray
        (N, T) in the same unit.
    """
    values = array(values, "values", 2)
    centred = values - values.mean(axis=1, keepdims=True)
    rest: np.ndarray = centred - centred.mean(axis=0)
    return rest


def treatment(first: np.ndarray, periods: int) -> np.ndarray:
    """Units × periods: 1 where treated.

    Parameters
    ----------
    first : ndarray
        (N,) position of the first treated period, ``NEVER`` for controls.
    periods : int
        T, number of periods.

    Returns
    -------
    ndarray
        (N, T).
    """
    finite(periods, "periods", least=1, whole=True)
    start = np.where(array(first, "first", 1) == NEVER, periods, first)
    return (np.arange(periods) >= start[:, None]).astype(float)


@dataclass(frozen=True)
class Moments:
    """Estimate a − τ·c and variance v0 − 2τ·v1 + τ²·v2 once τ times a line is taken off the outcome, by assignment."""

    a: np.ndarray
    c: np.ndarray
    v0: np.ndarray
    v1: np.ndarray
    v2: np.ndarray

    def divided_by(self, squares: np.ndarray) -> Moments:
        """The same with other squares (3, B) instead of the variance: how much the treated varied before."""
        return Moments(self.a, self.c, *squares)

    def ratio(self, value: float = 0.0) -> np.ndarray:
        """Estimates over their standard errors when τ is ``value``."""
        variance = self.v0 - 2 * value * self.v1 + value**2 * self.v2
        errors = np.sqrt(np.maximum(variance, np.finfo(float).tiny))
        ratios: np.ndarray = (self.a - value * self.c) / errors
        return ratios


def moments(
    outcome: np.ndarray, line: np.ndarray, groups: np.ndarray, rows: np.ndarray, codes: np.ndarray
) -> Moments:
    """Moments of a weighted sum of an (N, T) outcome for (B, N) assignments of units to the rows of ``group_weights``.

    A unit's share in the estimate is its outcome times the weights of its group; the variance is that of these shares
    within groups, without bias (Bell and McCaffrey, 2002: CR2 for saturated groups). A cohort of one unit, which has no
    spread of its own, is lent that of the other cohorts: of what their units' shares would be with its weights. NaN when
    there is nobody to lend. ``line`` (N, T) is what is taken off the outcome; ``groups`` are the first treated periods that
    the rows stand for. Each group has as many units in all assignments.
    """
    shares, lines = product(within(outcome), rows.T), product(within(line), rows.T)
    sums, parts = np.zeros((5, len(codes))), np.array_split(codes, math.ceil(len(codes) / AT_ONCE))
    sizes = np.bincount(codes[0])
    for own, size in enumerate(sizes):
        y, d = shares[:, own], lines[:, own]
        products = exactly_summed(np.column_stack([y, d, y * y, y * d, d * d]), len(y))

        def summed(group: int, products: np.ndarray = products) -> np.ndarray:
            return np.vstack([(some == group).astype(float) @ products for some in parts]).T

        sums[:2] += summed(own)[:2]
        lending = lenders(groups, sizes, own)
        squares = sum((_squares(summed(group), sizes[group]) for group in lending), np.zeros(3)[:, None])
        freedom = (sizes[lending] - 1).sum()
        sums[2:] += size * squares / freedom if freedom else np.nan
    return Moments(*sums)


def lenders(groups: np.ndarray, sizes: np.ndarray, own: int) -> np.ndarray:
    """The groups from which a group takes its spread: its own; for a group of one unit, the cohorts of several units."""
    return np.array([own]) if sizes[own] > 1 else np.flatnonzero((groups != NEVER) & (sizes > 1))


def _squares(sums: np.ndarray, size: int) -> np.ndarray:
    """Sums of y², yd and d² about the means, from those of y, d, y², yd and d² over so many units."""
    return sums[2:] - np.array([sums[0] ** 2, sums[0] * sums[1], sums[1] ** 2]) / size


def without_error(sample: Sample, estimator: str, estimand: str, effect: float, inference: str) -> Estimate:
    """An effect beside which nothing varies: it has no error that could be known."""
    treated, others = len(sample.treated), len(sample.units) - len(sample.treated)
    nan = math.nan
    return Estimate(
        estimator, estimand, effect, nan, nan, nan, nan, inference, treated, others, "no_variation"
    )


def varied_before(outcome: np.ndarray, line: np.ndarray, groups: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Mean squares of the changes of an (N, T) outcome before the first treatment, by (B, N) assignment: (3, B).

    Of the units that an assignment treats, from one period to the next, less the mean change of all units; as ``Moments``
    has variances, v0 − 2τ·v1 + τ²·v2 once τ times ``line`` is taken off. All zero when there is a single period before.
    """
    start = int(groups[groups != NEVER].min())
    y, d = (np.diff(of[:, :start] - of[:, :start].mean(axis=0), axis=1) for of in (outcome, line))
    products = exactly_summed(np.column_stack([(y * y).sum(1), (y * d).sum(1), (d * d).sum(1)]), len(y))
    treated = (groups != NEVER).astype(float)
    parts = np.array_split(codes, math.ceil(len(codes) / AT_ONCE))
    sums = np.vstack([treated[some] @ products for some in parts])
    return sums.T / max(float(treated[codes[0]].sum()) * (start - 1), 1.0)


def spread(sample: Sample) -> float:
    """How many times as much the treated units changed from period to period before treatment as the controls did.

    Root mean square of their changes less the controls' mean change; controls are the units never treated, or the last
    cohort when there are none. NaN when there is a single period before, infinite when the controls never vary.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    """
    last = max(sample.cohorts)
    controls = sample.outcome.loc[list(sample.never or sample.cohorts[last])].to_numpy(dtype=float)[:, :last]
    usual = controls.mean(axis=0)
    own = [
        np.diff(
            sample.outcome.loc[list(units)].to_numpy(dtype=float)[:, :start] - usual[:start], axis=1
        ).ravel()
        for start, units in sample.cohorts.items()
    ]
    seen, other = (np.sqrt((x**2).mean()) if x.size else math.nan for x in (
        np.concatenate(own), np.diff(controls - usual, axis=1)
    ))  # fmt: skip
    if other > sample.rounding:
        return float(seen / other)
    return math.nan if math.isnan(other) or not seen > sample.rounding else math.inf


def _named(base: Base) -> str:
    return "callaway_santanna" if base == "last" else "difference_in_differences"


# -------------------------------------------------------------------------------------------------------- many treated


def cluster(
    sample: Sample, control: Control = "never", base: Base = "last", level: float = LEVEL
) -> Estimate:
    """Standard error from the spread between units of the same group, whatever the serial correlation within them.

    Unbiased within cohorts, Student's t with Satterthwaite's degrees of freedom (Bell and McCaffrey, 2002): with few
    treated units, G − 1 degrees of freedom reject too often. A cohort of one unit is lent the spread of the others
    (``moments``).

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    control : Control, optional
        ``never`` treated units, or those ``not_yet`` treated at the time as well.
    base : Base, optional
        A cohort is compared with itself in the ``last`` period before treatment, or in their ``mean``.
    level : float, optional
        Confidence level of the interval, above 0.5 and below 1.

    Raises
    ------
    InferenceError
        When there is none to lend.
    """
    confidence(level)
    groups, codes, sizes = np.unique(sample.first, return_inverse=True, return_counts=True)
    rows = group_weights(groups, sizes, sample.outcome.shape[1], control, base)
    values = within(sample.outcome.to_numpy(dtype=float))
    shares = (values * rows[codes]).sum(axis=1)
    lending = [lenders(groups, sizes, own) for own in range(len(groups))]
    freedoms = np.array([(sizes[some] - 1).sum() for some in lending])
    if not freedoms.all():
        alone = ", ".join(str(sample.units[i]) for i in np.flatnonzero(freedoms[codes] == 0))
        raise InferenceError(
            f"{alone}: alone in its cohort, so it has no spread to learn from, and no other cohort has one to lend; use "
            "randomisation",
            "alone",
        )
    squares = [
        sum(sizes[g] * (values[codes == g] * rows[own]).sum(axis=1).var() for g in some)
        for own, some in enumerate(lending)
    ]
    parts = sizes * np.array(squares) / freedoms
    variance = parts.sum()
    freedom = variance**2 / (parts**2 / freedoms).sum() if variance > 0 else len(shares) - len(sizes)
    effect, se = float(shares.sum()), float(np.sqrt(variance))
    if se <= sample.rounding:
        return without_error(sample, _named(base), "simple", effect, "cluster")
    half = student(freedom, level) * se
    p = p_student(effect / se, freedom)
    return Estimate(
        _named(base), "simple", effect, se, effect - half, effect + half, p, "cluster",
        len(sample.treated), len(sample.units) - len(sample.treated),
    )  # fmt: skip


def batches(draws: int) -> Iterator[int]:
    """Numbers of draws, of at most ``AT_ONCE``, that add up to so many.

    Parameters
    ----------
    draws : int
        Number of draws in all.
    """
    finite(draws, "draws", least=1, whole=True)
    return (min(AT_ONCE, draws - done) for done in range(0, draws, AT_ONCE))


# ---------------------------------------------------------------------------------------------- any number of treated


@dataclass(frozen=True)
class Randomisation(Result):
    """An effect among those that other assignments of the same treatment would have given.

    Attributes
    ----------
    estimate : Estimate
        The effect; its ``se`` is the spread of the reference distribution once the effect is taken off.
    distribution : ndarray
        Effects under the other assignments, the outcome as it is.
    divided_by : Divisor
        What effects were divided by before they were compared: their standard ``error``; what the treated units
        ``varied`` before treatment; ``nothing``.
    enumerated : bool
        Whether every assignment was looked at; otherwise they were drawn.
    smallest_p : float
        The smallest p-value these assignments can give; above 5 %, nothing can be found.
    pool : int
        Number of units that the treatment might have fallen on.
    """

    estimate: Estimate
    distribution: np.ndarray
    divided_by: Divisor
    enumerated: bool
    smallest_p: float
    pool: int

    @property
    def studentised(self) -> bool:
        """Whether effects were compared divided by their standard errors."""
        return self.divided_by == "error"


def randomisation(
    sample: Sample,
    draws: int = ASSIGNMENTS,
    seed: int = SEED,
    control: Control = "never",
    base: Base = "last",
    studentised: bool | None = None,
    strata: pd.Series | None = None,
    pool: Sequence[str] | None = None,
    level: float = LEVEL,
) -> Randomisation:
    """Randomisation inference (Fisher, 1935): the treatment, dates and cohort sizes kept, falls on other units.

    Pilots were chosen, not drawn: the distribution is a reference, not the design's own. p = (1 + #{|T*| ≥ |T|}) ÷
    (B + 1). The interval holds the constant effects that are not rejected once taken off the outcome.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    draws : int, optional
        Other assignments drawn; when there are no more than that, each is taken once.
    seed : int, optional
        Of the random draws: the same seed gives the same result.
    control : Control, optional
        ``never`` treated units, or those ``not_yet`` treated at the time as well.
    base : Base, optional
        What a cohort is compared with: itself in the ``last`` period before treatment, or in their ``mean``.
    studentised : bool, optional
        Whether effects are divided by their standard errors before they are compared. Plain effects (False) are exact if
        units are interchangeable, but reject far too often when the treated vary more than the others; dividing repairs
        that where there are enough units (MacKinnon and Webb, 2020). None: divided where there are enough (``enough``);
        elsewhere each effect is divided by how much its own units varied before treatment (``varied_before``, as in
        Ferman and Pinto, 2019), which is exact as well, and holds when the treated vary more in all periods; plain
        effects are compared when a single period comes before.
    strata : Series, optional
        (units,) label of the stratum of each; the treatment moves within a stratum only.
    pool : Sequence[str], optional
        Units that it might have fallen on, such as candidates; the others stay as they are.
    level : float, optional
        Confidence level of the interval, above 0.5 and below 1.

    References
    ----------
    Fisher (1935); MacKinnon and Webb (2020); Ferman and Pinto (2019).
    """
    if studentised and sample.first[sample.first != NEVER].value_counts().max() < 2:
        raise InferenceError(
            "every cohort has a single unit, so no standard error; ask for studentised=False", "alone"
        )
    drawn = assignments(sample, draws, seed, strata, pool)
    first, periods = sample.first.to_numpy(), sample.outcome.shape[1]
    groups, sizes = np.unique(first, return_counts=True)
    rows = group_weights(groups, sizes, periods, control, base)
    outcome, line = sample.outcome.to_numpy(dtype=float), treatment(first, periods)
    drawn_moments = moments(outcome, line, groups, rows, drawn.codes)
    divisor: Divisor = "error" if (enough(sample) if studentised is None else studentised) else "nothing"
    varied = varied_before(outcome, line, groups, drawn.codes)
    if studentised is None and divisor == "nothing" and varied[0, 0] > sample.rounding**2:
        drawn_moments, divisor = drawn_moments.divided_by(varied), "varied"
    effect, deviation = float(drawn_moments.a[0]), _deviation(drawn_moments)
    if deviation <= sample.rounding:
        estimate = without_error(sample, _named(base), "simple", effect, "randomisation")
    else:
        compared = _by_effect if divisor == "nothing" else _by_ratio
        p, lower, upper = compared(drawn_moments, alpha_of(level), deviation)
        estimate = Estimate(
            _named(base), "simple", effect, deviation, lower, upper, p, "randomisation",
            len(sample.treated), len(sample.units) - len(sample.treated),
        )  # fmt: skip
    return Randomisation(
        estimate, drawn_moments.a[1:], divisor, drawn.enumerated, 1 / len(drawn_moments.a), drawn.pool
    )


def _deviation(drawn: Moments) -> float:
    """Standard deviation of the other assignments' estimates, the effect taken off."""
    return float(np.sqrt(np.mean((drawn.a - drawn.a[0] * drawn.c)[1:] ** 2)))


def enough(sample: Sample) -> bool:
    """Whether standard errors are worth dividing by.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    """
    sizes = [len(units) for units in sample.cohorts.values()]
    control = len(sample.never) or len(sample.units) - max(sizes)
    spread_known = min(sizes) >= 2 or sum(sizes) - len(sizes) >= 2
    return spread_known and min(len(sample.treated), control) >= MIN_TREATED


def _by_ratio(drawn: Moments, alpha: float, step: float) -> tuple[float, float, float]:
    def p_value(effect: float) -> float:
        values = np.abs(drawn.ratio(effect))
        return at_least(values, values[0]) / len(values)

    return p_value(0.0), *not_rejected(p_value, float(drawn.a[0]), step, alpha)


def _by_effect(drawn: Moments, alpha: float, step: float) -> tuple[float, float, float]:
    """p-value and exact interval: |T − τ| ≤ |T* − τc*| holds between the two roots of a quadratic in τ, T among them.

    Taking an effect τ off the treated changes T by τ and T* by τ times the share c* of the treatment that T* still
    measures; an assignment that measures all of it tells nothing of τ.
    """
    effect, a, c, count = float(drawn.a[0]), drawn.a[1:], drawn.c[1:], len(drawn.a)
    p = (1 + at_least(np.abs(a), abs(effect))) / count
    kept = rejecting(alpha, count)
    if not kept:
        return p, -math.inf, math.inf
    room = 1 - c**2
    same = room < 1e-9
    middle, half = effect - a * c, np.abs(a - effect * c)
    room[same] = 1.0
    low = np.where(same, -math.inf, (middle - half) / room)
    high = np.where(same, math.inf, (middle + half) / room)
    return p, float(np.sort(low)[kept - 1]), float(np.sort(high)[-kept])
