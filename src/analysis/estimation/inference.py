"""Whether an effect could have come about by chance, by inferences that hold for the number of units treated.

- ``att``, ``weights``: difference in differences for one or several cohorts as a weighted sum of the outcomes. With the
  last period before treatment as base it is the simple aggregate of Callaway and Sant'Anna (2021) without covariates;
  with the whole time before as base and one cohort it is the two-way fixed-effects coefficient.
- ``cluster``: many treated units. ``wild_cluster_bootstrap``: several. ``randomisation``: any number, one included.

An inference that has no meaning for a design raises ``InferenceError``; benchmarks/inference.py measures size and power
of each. Arrays and samples in, frozen results out; no library of estimators, no policy, no indicator is known here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.estimation.assignments import assignments
from analysis.estimation.checks import ArgumentError, array, choice, confidence, finite
from analysis.estimation.confidence import LEVEL, p_student, student
from analysis.estimation.draws import ASSIGNMENTS, SEED
from analysis.estimation.sample import NEVER, Estimate, InferenceError, Sample
from analysis.foundations.arithmetic import ALIKE, Result, exactly_summed, product

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

FEW_CLUSTERS = 12
"""Below this number of units two-point weights give too few distinct samples: Webb's six-point ones are drawn."""

WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))


# ------------------------------------------------------------------------------------------------------ the estimator


def weights(
    first: np.ndarray,
    periods: int,
    control: Control = "never",
    base: Base = "last",
    horizon: int | None = None,
) -> np.ndarray:
    """Weights of the outcomes in the average effect: att = Σ weights · outcome.

    Args:
        first: (N,) position of the first treated period of each unit, ``NEVER`` for controls.
        periods: T. control: ``never`` treated units, or those ``not_yet`` treated at the time as well.
        base: a cohort is compared with itself in the ``last`` period before treatment, or in their ``mean``.
        horizon: the effect this many periods after the first treated one (before it when negative); None for the
            average over every unit and period treated, each counting once.

    Returns:
        (N, T); every row and every column sums to zero. InferenceError when nothing can be compared.
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
    """The row of ``weights`` that all units of a group share: groups × periods, given the groups' sizes."""
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
    """Units × periods less unit and period means (plus the overall one)."""
    values = array(values, "values", 2)
    centred = values - values.mean(axis=1, keepdims=True)
    return centred - centred.mean(axis=0)


def treatment(first: np.ndarray, periods: int) -> np.ndarray:
    """Units × periods: 1 where treated."""
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
        """The same with other squares (3, B) in the place of the variance: those of what the treated varied before."""
        return Moments(self.a, self.c, *squares)

    def ratio(self, value: float = 0.0) -> np.ndarray:
        """Estimates over their standard errors when τ is ``value``."""
        variance = self.v0 - 2 * value * self.v1 + value**2 * self.v2
        return (self.a - value * self.c) / np.sqrt(np.maximum(variance, np.finfo(float).tiny))


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
    found, parts = np.zeros((5, len(codes))), np.array_split(codes, math.ceil(len(codes) / AT_ONCE))
    sizes = np.bincount(codes[0])
    for own, size in enumerate(sizes):
        y, d = shares[:, own], lines[:, own]
        products = exactly_summed(np.column_stack([y, d, y * y, y * d, d * d]), len(y))

        def summed(group: int, products: np.ndarray = products) -> np.ndarray:
            return np.vstack([(some == group).astype(float) @ products for some in parts]).T

        found[:2] += summed(own)[:2]
        lending = lenders(groups, sizes, own)
        squares = sum((_squares(summed(group), sizes[group]) for group in lending), np.zeros(3)[:, None])
        freedom = (sizes[lending] - 1).sum()
        found[2:] += size * squares / freedom if freedom else np.nan
    return Moments(*found)


def lenders(groups: np.ndarray, sizes: np.ndarray, own: int) -> np.ndarray:
    """The groups whose spread is that of a group's units: itself, or the cohorts of several units when it is of one."""
    return np.array([own]) if sizes[own] > 1 else np.flatnonzero((groups != NEVER) & (sizes > 1))


def _squares(sums: np.ndarray, size: int) -> np.ndarray:
    """Sums of y², yd and d² about the means, from those of y, d, y², yd and d² over so many units."""
    return sums[2:] - np.array([sums[0] ** 2, sums[0] * sums[1], sums[1] ** 2]) / size


def _without_error(sample: Sample, estimator: str, estimand: str, effect: float, inference: str) -> Estimate:
    """An effect beside which nothing varies: it has no error that could be known."""
    treated, others = len(sample.treated), len(sample.units) - len(sample.treated)
    return Estimate(estimator, estimand, effect, *[math.nan] * 4, inference, treated, others, "no_variation")


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
    (``moments``). InferenceError when there is none to lend.
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
        return _without_error(sample, _named(base), "simple", effect, "cluster")
    half = student(freedom, level) * se
    p = p_student(effect / se, freedom)
    return Estimate(
        _named(base), "simple", effect, se, effect - half, effect + half, p, "cluster",
        len(sample.treated), len(sample.units) - len(sample.treated),
    )  # fmt: skip


def wild_cluster_bootstrap(
    sample: Sample, draws: int = ASSIGNMENTS, seed: int = SEED, level: float = LEVEL
) -> Estimate:
    """Restricted wild cluster bootstrap of the two-way fixed-effects coefficient (Cameron, Gelbach and Miller, 2008).

    The null is imposed, the statistic is divided by its cluster-robust standard error, and the interval is the set of
    effects that are not rejected. Signs are drawn by unit; below ``FEW_CLUSTERS`` units, Webb's six-point weights.
    InferenceError with fewer than ``MIN_TREATED`` units on either side.
    """
    largest = max(len(units) for units in sample.cohorts.values())
    if min(len(sample.treated), len(sample.units) - largest) < MIN_TREATED:
        raise InferenceError(
            f"{len(sample.treated)} treated and {len(sample.never)} never treated units: the wild cluster bootstrap needs "
            f"{MIN_TREATED} on each side (MacKinnon and Webb, 2018); use randomisation or placebo_ranks",
            "few_units",
        )
    d = within(treatment(sample.first.to_numpy(), sample.outcome.shape[1]))
    y = within(sample.outcome.to_numpy(dtype=float))
    size = float((d**2).sum())
    effect = float((d * y).sum()) / size
    scores = (d * (y - effect * d)).sum(axis=1)
    units = len(scores)
    se = float(np.sqrt(units / (units - 1) * (scores**2).sum())) / size
    if se <= sample.rounding:
        return _without_error(sample, "twfe", "overall", effect, "wild_cluster_bootstrap")
    drawn = _bootstrap_moments(d, y, draws, seed)
    spread = float(np.sqrt((scores**2).sum()))

    def p_value(value: float) -> float:
        observed = size * abs(effect - value) / spread
        return (1 + at_least(np.abs(drawn.ratio(value)), observed)) / (draws + 1)

    lower, upper = not_rejected(p_value, effect, se, alpha_of(level))
    return Estimate(
        "twfe", "overall", effect, se, lower, upper, p_value(0.0), "wild_cluster_bootstrap",
        len(sample.treated), units - len(sample.treated),
    )  # fmt: skip


def _bootstrap_moments(d: np.ndarray, y: np.ndarray, draws: int, seed: int) -> Moments:
    """Moments of the bootstrap coefficients (times Σd²), as functions of the effect imposed.

    Under the null β the residuals are y − βd (both within unit and period), so scores and their sums are linear in β,
    and their squares quadratic: one set of draws serves every null.
    """
    rng, units, size = np.random.default_rng(seed), len(d), (d**2).sum()
    weights = np.concatenate([-WEBB, WEBB]) if units < FEW_CLUSTERS else np.array([-1.0, 1.0])
    own = (d**2).sum(axis=1)
    of_y, of_d = (exactly_summed(product(d, other.T).T, units) for other in (y, d))

    def scored(crossed: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        scores = signs * np.diag(crossed)
        total = scores.sum(axis=1)
        mixed = signs @ crossed if units >= FEW_CLUSTERS else product(signs, crossed)
        return total, scores - mixed / units - np.outer(total / size, own)

    def moments(signs: np.ndarray) -> tuple[np.ndarray, ...]:
        (a, by_unit), (c, by_unit_d) = scored(of_y, signs), scored(of_d, signs)
        pairs = ((by_unit, by_unit), (by_unit, by_unit_d), (by_unit_d, by_unit_d))
        return a, c, *((one * other).sum(axis=1) for one, other in pairs)

    parts = [moments(rng.choice(weights, size=(number, units))) for number in batches(draws)]
    return Moments(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def batches(draws: int) -> Iterator[int]:
    """Numbers of draws, of at most ``AT_ONCE``, that add up to so many."""
    finite(draws, "draws", least=1, whole=True)
    return (min(AT_ONCE, draws - done) for done in range(0, draws, AT_ONCE))


def alpha_of(level: float) -> float:
    """1 − level, without the rounding that would put 0.1 above 1 − 0.9."""
    return round(1 - confidence(level), 12)


def at_least(values: np.ndarray, observed: float) -> int:
    """How many values reach the observed one, rounding in the last digits aside."""
    if math.isnan(observed) or np.isnan(values).any():
        raise InferenceError(
            "a statistic compared is no number, so that no share of them is a probability; look at the figures",
            "sample",
        )
    return int((values >= observed * (1 - ALIKE)).sum())


def rejecting(alpha: float, count: int) -> int:
    """The largest number of values, the observed one among them, that makes a p-value of alpha at most."""
    finite(alpha, "alpha", above=0, most=1)
    return math.floor(round(alpha * finite(count, "count", least=1, whole=True), 9))


def not_rejected(
    p_value: Callable[[float], float], effect: float, step: float, alpha: float
) -> tuple[float, float]:
    """The effects around the estimate whose p-value is above alpha; infinite where none is rejected."""
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


# ---------------------------------------------------------------------------------------------- any number of treated


@dataclass(frozen=True)
class Randomisation(Result):
    """An effect among those that other assignments of the same treatment would have given.

    Attributes:
        estimate: se is the spread of the reference distribution once the effect is taken off.
        distribution: effects under the other assignments, the outcome as it is.
        divided_by: what effects were divided by before they were compared: their standard ``error``; what the treated
            units ``varied`` before treatment; ``nothing``.
        enumerated: whether every assignment was looked at; otherwise they were drawn.
        smallest_p: the smallest p-value these assignments can give; above 5 %, nothing can be found.
        pool: number of units that the treatment might have fallen on.
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

    Args:
        draws: other assignments drawn; when there are no more than that, each is taken once.
        studentised: compare effects divided by their standard errors. A plain effect (False) is exact if units are
            interchangeable, but rejects far too often when the treated ones vary more than the others; studentising
            repairs that where there are units enough (MacKinnon and Webb, 2020). None: done where there are
            (``enough``); where there are not, effects are divided by what the units they are of varied before treatment
            (``varied_before``, as in Ferman and Pinto, 2019), which is exact as well, and holds when the treated vary more
            all the time. With a single period before, nothing is known of that, and plain effects are compared.
        strata: label by unit; the treatment moves within a stratum only.
        pool: units that it might have fallen on, such as candidates; the others stay as they are.
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
    found = moments(outcome, line, groups, rows, drawn.codes)
    divisor: Divisor = "error" if (enough(sample) if studentised is None else studentised) else "nothing"
    varied = varied_before(outcome, line, groups, drawn.codes)
    if studentised is None and divisor == "nothing" and varied[0, 0] > sample.rounding**2:
        found, divisor = found.divided_by(varied), "varied"
    effect, deviation = float(found.a[0]), _deviation(found)
    if deviation <= sample.rounding:
        estimate = _without_error(sample, _named(base), "simple", effect, "randomisation")
    else:
        compared = _by_effect if divisor == "nothing" else _by_ratio
        p, lower, upper = compared(found, alpha_of(level), deviation)
        estimate = Estimate(
            _named(base), "simple", effect, deviation, lower, upper, p, "randomisation",
            len(sample.treated), len(sample.units) - len(sample.treated),
        )  # fmt: skip
    return Randomisation(estimate, found.a[1:], divisor, drawn.enumerated, 1 / len(found.a), drawn.pool)


def _deviation(found: Moments) -> float:
    """Standard deviation of the other assignments' estimates, the effect taken off."""
    return float(np.sqrt(np.mean((found.a - found.a[0] * found.c)[1:] ** 2)))


def enough(sample: Sample) -> bool:
    """Whether standard errors are worth dividing by."""
    sizes = [len(units) for units in sample.cohorts.values()]
    control = len(sample.never) or len(sample.units) - max(sizes)
    spread_known = min(sizes) >= 2 or sum(sizes) - len(sizes) >= 2
    return spread_known and min(len(sample.treated), control) >= MIN_TREATED


def _by_ratio(found: Moments, alpha: float, step: float) -> tuple[float, float, float]:
    def p_value(effect: float) -> float:
        values = np.abs(found.ratio(effect))
        return at_least(values, values[0]) / len(values)

    return p_value(0.0), *not_rejected(p_value, float(found.a[0]), step, alpha)


def _by_effect(found: Moments, alpha: float, step: float) -> tuple[float, float, float]:
    """p-value and exact interval: |T − τ| ≤ |T* − τc*| holds between the two roots of a quadratic in τ, T among them.

    Taking an effect τ off the treated changes T by τ and T* by τ times the share c* of the treatment that T* still
    measures; an assignment that measures all of it tells nothing of τ.
    """
    effect, a, c, count = float(found.a[0]), found.a[1:], found.c[1:], len(found.a)
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
