"""A coefficient with few clusters, by the wild cluster bootstrap.

``wild_cluster_bootstrap`` does so for the two-way fixed effects of a panel. ``wild_cluster`` regresses an outcome on what
the caller gives, with a constant, on any table of people or territories, and says of one coefficient how far chance goes
when errors are shared within clusters (a région, an employment area, a caseworker). It weighs nothing and adjusts for
nothing but the regressors. Frames in, frozen results out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation.checks import array, telling
from analysis.estimation.confidence import LEVEL
from analysis.estimation.draws import ASSIGNMENTS, SEED
from analysis.estimation.inference import (
    MIN_TREATED,
    Moments,
    batches,
    treatment,
    within,
    without_error,
)
from analysis.estimation.rejection import alpha_of, at_least, not_rejected
from analysis.estimation.sample import Estimate, InferenceError, Sample, SampleError
from analysis.foundations.arithmetic import Result, exactly_summed, inverse, product
from analysis.foundations.display import listed

FEW_CLUSTERS = 12
"""Below this number of units two-point weights give too few distinct samples: Webb's six-point ones are drawn."""

WEBB = np.sqrt(np.array([0.5, 1.0, 1.5]))


# ------------------------------------------------------------------------------------------- two-way fixed effects


def wild_cluster_bootstrap(
    sample: Sample, draws: int = ASSIGNMENTS, seed: int = SEED, level: float = LEVEL
) -> Estimate:
    """Restricted wild cluster bootstrap of the two-way fixed-effects coefficient (Cameron, Gelbach and Miller, 2008).

    The null is imposed, the statistic is divided by its cluster-robust standard error, and the interval is the set of
    effects that are not rejected. Signs are drawn by unit; below ``FEW_CLUSTERS`` units, Webb's six-point weights.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    draws : int, optional
        Number of draws of signs.
    seed : int, optional
        Of the draws: the same seed gives the same result.
    level : float, optional
        Confidence level of the interval, above 0.5 and below 1.

    Raises
    ------
    InferenceError
        With fewer than ``MIN_TREATED`` units on either side.
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
        return without_error(sample, "twfe", "overall", effect, "wild_cluster_bootstrap")
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


# ---------------------------------------------------------------------------------------------- any regression


@dataclass(frozen=True, repr=False)
class Coefficient(Result):
    """A coefficient and how far chance goes.

    Attributes
    ----------
    name : str
        The regressor.
    value, lower, upper : float
        Change of the outcome for one more of it, and 95 % limits.
    se : float
        Clustered (Liang and Zeger, 1986, with G/(G−1)); the interval does not come from it.
    p : float
        Two-sided p-value of no association, of the restricted bootstrap.
    clusters, rows : int
        Numbers behind it.
    """

    name: str
    value: float
    se: float
    lower: float
    upper: float
    p: float
    clusters: int
    rows: int


@dataclass(frozen=True)
class _Fit:
    """Outcome y and regressor d (n,) less what the other regressors z (n, q) predict of them, by cluster."""

    y: np.ndarray
    d: np.ndarray
    z: np.ndarray
    codes: np.ndarray
    cross: np.ndarray

    def by_cluster(self, values: np.ndarray) -> np.ndarray:
        """Sums within clusters."""
        return np.column_stack([np.bincount(self.codes, column) for column in np.atleast_2d(values.T)])

    def scored(self, residual: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Σd·w·residual by draw, and by draw and cluster the scores of the regression of w·residual on d and z."""
        own = self.by_cluster(self.d**2)[:, 0]
        scores = signs * self.by_cluster(self.d * residual)[:, 0]
        total = scores.sum(axis=1)
        predicted = product(self.by_cluster(self.z * self.d[:, None]), self.cross)
        mixed = product(product(signs, self.by_cluster(self.z * residual[:, None])), predicted.T)
        return total, scores - mixed - np.outer(total / own.sum(), own)


def wild_cluster(
    outcome: pd.Series,
    regressors: pd.DataFrame,
    clusters: pd.Series,
    of: str,
    draws: int = ASSIGNMENTS,
    seed: int = SEED,
    level: float = LEVEL,
) -> Coefficient:
    """Restricted wild cluster bootstrap of one coefficient (Cameron, Gelbach and Miller, 2008).

    The null is imposed, the statistic divided by its cluster-robust standard error, and the interval is the set of
    values that are not rejected. Signs are drawn by cluster; under ``FEW_CLUSTERS`` clusters, Webb's six-point weights.

    Parameters
    ----------
    outcome : Series
        (n,) by row, in any unit.
    regressors : DataFrame
        (n, k), same index; a constant is added; dummies of a category leave one out.
    clusters : Series
        (n,) the cluster of each row.
    of : str
        The regressor asked about; the others are what the comparison is adjusted for.
    draws : int, optional
        Number of draws of signs.
    seed : int, optional
        Of the random draws: the same seed gives the same result.
    level : float, optional
        Confidence level of the interval, above 0.5 and below 1.

    Raises
    ------
    SampleError
        When rows do not match.
    ArgumentError
        For what is no finite figure, or collinear.
    InferenceError
        With too few clusters, or with fewer than ``MIN_TREATED`` that hold either value of a regressor with two, where
        the bootstrap has no meaning (MacKinnon and Webb, 2018).

    References
    ----------
    Cameron, Gelbach and Miller (2008); MacKinnon and Webb (2018).
    """
    _check(outcome, regressors, clusters, of)
    codes = pd.factorize(clusters, sort=True)[0]
    _require(regressors[of].to_numpy(dtype=float), codes, of)
    fit = _fitted(outcome, regressors, codes, of)
    size = float((fit.d**2).sum())
    value = float((fit.d * fit.y).sum()) / size
    scores = fit.by_cluster(fit.d * (fit.y - value * fit.d))[:, 0]
    spread, number = float(np.sqrt((scores**2).sum())), len(scores)
    if spread <= 1e-12 * np.sqrt(size * float((fit.y**2).sum())):
        raise InferenceError(
            f"{of}: the regressors fit the outcome exactly, so there is no error to learn from; choose another outcome",
            "no_variation",
        )
    drawn = _drawn(fit, number, draws, seed)

    def p_value(null: float) -> float:
        observed = size * abs(value - null) / spread
        return (1 + at_least(np.abs(drawn.ratio(null)), observed)) / (draws + 1)

    se = spread * float(np.sqrt(number / (number - 1))) / size
    lower, upper = not_rejected(p_value, value, se, alpha_of(level))
    return Coefficient(of, value, se, lower, upper, p_value(0.0), number, len(outcome))


def _check(outcome: pd.Series, regressors: pd.DataFrame, clusters: pd.Series, of: str) -> None:
    if of not in regressors.columns:
        raise SampleError(f"{of}: not among the regressors {listed(regressors)}; name one of them")
    if not (outcome.index.equals(regressors.index) and outcome.index.equals(clusters.index)):
        raise SampleError("outcome, regressors and clusters need the same rows, in the same order")
    array(outcome, "outcome", 1)
    if clusters.isna().any():
        raise SampleError("clusters: each row needs one; leave the others out")


def _require(values: np.ndarray, codes: np.ndarray, of: str) -> None:
    """InferenceError with too few clusters for the bootstrap to mean anything."""
    kinds = np.unique(values)
    if len(kinds) == 2:
        held = [len(np.unique(codes[values == kind])) for kind in kinds]
        what = f"{held[0]} and {held[1]} clusters hold each of the two values of {of}"
    else:
        held = [codes.max() + 1]
        what = f"{held[0]} clusters"
    if min(held) < MIN_TREATED:
        raise InferenceError(
            f"{what}: the wild cluster bootstrap needs {MIN_TREATED} (MacKinnon and Webb, 2018); use finer clusters, or "
            "permutations of whole clusters"
        )


def _fitted(outcome: pd.Series, regressors: pd.DataFrame, codes: np.ndarray, of: str) -> _Fit:
    """Outcome and regressor less what the others predict of them. ArgumentError when the others predict it whole."""
    told = telling(regressors[[*regressors.columns.drop(of), of]], "regressors")
    z = np.column_stack([np.ones(len(outcome)), told[:, :-1]])
    d = regressors[of].to_numpy(dtype=float)
    cross = inverse(product(z.T, z))
    y, left = (
        values - product(z, product(cross, product(z.T, values)))
        for values in (outcome.to_numpy(dtype=float), d)
    )
    return _Fit(y, left, z, codes, cross)


def _drawn(fit: _Fit, number: int, draws: int, seed: int) -> Moments:
    """Moments of the bootstrap coefficients (times Σd²) as functions of the value imposed: linear in it, and quadratic."""
    rng = np.random.default_rng(seed)
    values = np.concatenate([-WEBB, WEBB]) if number < FEW_CLUSTERS else np.array([-1.0, 1.0])

    def moments(signs: np.ndarray) -> tuple[np.ndarray, ...]:
        (a, of_y), (c, of_d) = (fit.scored(residual, signs) for residual in (fit.y, fit.d))
        pairs = ((of_y, of_y), (of_y, of_d), (of_d, of_d))
        return a, c, *((one * other).sum(axis=1) for one, other in pairs)

    parts = [moments(rng.choice(values, size=(count, number))) for count in batches(draws)]
    return Moments(*(np.concatenate(part) for part in zip(*parts, strict=True)))
