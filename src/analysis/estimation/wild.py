"""A coefficient of a regression with few clusters, by the wild cluster bootstrap, on any table of people or territories.

``wild_cluster`` regresses an outcome on what the caller gives, with a constant, and says of one coefficient how far chance
goes when errors are shared within clusters (a région, an employment area, a caseworker). ``inference`` does the same for
the two-way fixed effects of a panel. It weighs nothing and adjusts for nothing but the regressors. Frames in, a frozen
result out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation.checks import array, telling
from analysis.estimation.confidence import LEVEL
from analysis.estimation.draws import ASSIGNMENTS, SEED
from analysis.estimation.inference import (
    FEW_CLUSTERS,
    MIN_TREATED,
    WEBB,
    Moments,
    alpha_of,
    at_least,
    batches,
    not_rejected,
)
from analysis.estimation.sample import InferenceError, SampleError
from analysis.foundations.arithmetic import Result, inverse, product
from analysis.foundations.display import listed


@dataclass(frozen=True, repr=False)
class Coefficient(Result):
    """A coefficient and how far chance goes.

    Attributes:
        name: the regressor. value, lower, upper: change of the outcome for one more of it, and 95 % limits.
        se: clustered (Liang and Zeger, 1986, with G/(G−1)); the interval does not come from it.
        p: two-sided p-value of no association, of the restricted bootstrap. clusters, rows: numbers behind it.
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

    Args:
        outcome: (n,) by row. regressors: (n, k), same index; a constant is added; dummies of a category leave one out.
        clusters: (n,) of each row. of: the regressor asked about; the others are what the comparison is adjusted for.

    The null is imposed, the statistic divided by its cluster-robust standard error, and the interval is the set of
    values that are not rejected. Signs are drawn by cluster; under ``FEW_CLUSTERS`` clusters, Webb's six-point weights.
    SampleError when rows do not match, ArgumentError for what is no finite figure or collinear; InferenceError with too
    few clusters, or with fewer than ``MIN_TREATED`` that hold either value of a regressor with two, where the bootstrap
    has no meaning (MacKinnon and Webb, 2018).
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
