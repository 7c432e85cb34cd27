"""Small areas from individual answers: the nested-error model of Battese, Harter and Fuller (1988).

``battese_harter_fuller`` regresses what a person or household answers on what is known of them, with an effect common to
those of an area, and predicts the mean of each area from its population means. ``small_area`` starts from estimates by
area with known variances instead; here both variances are estimated from the answers. An area is drawn towards its
regression the more, the fewer of its people answered; one where nobody did is predicted from the regression alone.

What comes out is modelled and by area; no individual row is in it. Frames in, a frozen result out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from analysis.estimation.checks import array, once, telling
from analysis.estimation.confidence import normal
from analysis.foundations.arithmetic import Result, inverse, log_determinant, product
from analysis.foundations.display import Refusal, listed

_GRID = np.concatenate([[0.0], np.logspace(-6, 6, 49)])
"""Ratios of the two variances among which the likelihood is looked at before it is refined."""


class UnitLevelError(Refusal, ValueError):
    """Answers from which the model cannot be fitted; the message says what to change."""


@dataclass(frozen=True, repr=False)
class UnitLevel(Result):
    """A fitted nested-error model and what it gives for each area.

    Attributes
    ----------
    figures : DataFrame
        By area of ``means``: ``answers`` (number of them), ``direct`` (their mean, missing without any), ``synthetic``
        (X̄'β̂), ``gamma`` (weight of the area's own answers, 0–1), ``value`` (EBLUP of the population mean), ``mse``,
        ``error`` (its root), ``lower``, ``upper`` (95 %, normal) and ``synthetic_only``.
    beta, beta_error : Series
        Regression coefficients and their standard errors, constant first.
    area_variance, unit_variance : float
        Σ²ᵥ between areas and σ²ₑ between the units of one.
    answers, areas : int
        Units, and areas with units, that the model rests on.
    boundary : bool
        Σ²ᵥ came out as zero: areas do not differ beyond their covariates as far as these answers tell, and mean squared
        errors are then too small (Prasad and Rao, 1990, assume it positive).
    """

    figures: pd.DataFrame
    beta: pd.Series
    beta_error: pd.Series
    area_variance: float
    unit_variance: float
    answers: int
    areas: int
    boundary: bool


@dataclass(frozen=True)
class _Answers:
    """Answers with sums by area: y (n,), x (n, p) with constant, code of the area (n,), and by area size, means."""

    y: np.ndarray
    x: np.ndarray
    sizes: np.ndarray
    y_mean: np.ndarray
    x_mean: np.ndarray
    y_off: np.ndarray
    x_off: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray, x: np.ndarray, codes: np.ndarray) -> _Answers:
        sizes = np.bincount(codes)
        member = (codes == np.arange(len(sizes))[:, None]) / sizes[:, None]
        y_mean, x_mean = product(member, y), product(member, x)
        return cls(y, x, sizes, y_mean, x_mean, y - y_mean[codes], x - x_mean[codes])

    def cross(self, ratio: float) -> tuple[np.ndarray, np.ndarray]:
        """X'WX and X'Wy, W being σ²ₑ times the inverse covariance when σ²ᵥ is ``ratio`` times σ²ₑ."""
        between = self.sizes / (1 + ratio * self.sizes)
        weighed = (self.x_mean * between[:, None]).T
        xx = product(self.x_off.T, self.x_off) + product(weighed, self.x_mean)
        xy = product(self.x_off.T, self.y_off) + product(weighed, self.y_mean)
        return xx, xy


def battese_harter_fuller(
    outcome: pd.Series,
    covariates: pd.DataFrame,
    areas: pd.Series,
    means: pd.DataFrame,
    sizes: pd.Series | None = None,
) -> UnitLevel:
    """Mean of each area by the nested-error regression, fitted by restricted maximum likelihood.

    Mean squared errors are those of Prasad and Rao (1990) with the term that REML calls for (Datta and Lahiri, 2000).

    Parameters
    ----------
    outcome : Series
        (n,) by unit (person, household, plot).
    covariates : DataFrame
        (n, p) by unit, same index, without missing values; a constant is added.
    areas : Series
        (n,) the area of each unit.
    means : DataFrame
        Areas × the same covariates, their population means; every area of the answers is there, others may be.
    sizes : Series, optional
        Number of people of each area of ``means``. Without them answers are held to be few among the population, as
        Battese, Harter and Fuller do; with them what was answered is not predicted again.

    Raises
    ------
    UnitLevelError
        Naming what to change.
    ArgumentError
        For figures that are missing, infinite or collinear.

    References
    ----------
    Prasad and Rao (1990); Datta and Lahiri (2000).
    """
    _check(outcome, covariates, areas, means, sizes)
    design = np.column_stack([np.ones(len(outcome)), covariates.to_numpy(dtype=float)])
    seen = pd.Index(sorted(set(areas), key=str))
    answers = _Answers.of(outcome.to_numpy(dtype=float), design, seen.get_indexer(areas))
    _check_fit(answers)
    ratio = _ratio(answers)
    beta, inverse_cross, unit = _solved(answers, ratio)
    names = pd.Index(["constant", *covariates.columns])
    return UnitLevel(
        figures=_predicted(answers, seen, means[covariates.columns], sizes, beta, inverse_cross * unit, ratio * unit, unit),
        beta=pd.Series(beta, names),
        beta_error=pd.Series(np.sqrt(np.diag(inverse_cross) * unit), names),
        area_variance=ratio * unit,
        unit_variance=unit,
        answers=len(outcome),
        areas=len(seen),
        boundary=ratio == 0,
    )  # fmt: skip


def _check(
    outcome: pd.Series,
    covariates: pd.DataFrame,
    areas: pd.Series,
    means: pd.DataFrame,
    sizes: pd.Series | None,
) -> None:
    if not (outcome.index.equals(covariates.index) and outcome.index.equals(areas.index)):
        raise UnitLevelError("outcome, covariates and areas need one row per unit, in the same order")
    if not len(areas) or areas.isna().any():
        raise UnitLevelError("areas: each unit needs one; leave the others out")
    if lacking := [c for c in covariates.columns if c not in means.columns]:
        raise UnitLevelError(f"means lacks the population mean of {listed(lacking)}; give it")
    once(means.index, "means")
    if lacking := sorted(set(areas) - set(means.index), key=str):
        raise UnitLevelError(f"means lacks {listed(lacking)}, whose units are in the answers; give them")
    array(outcome, "outcome", 1)
    array(means[covariates.columns], "means", 2)
    telling(covariates, "covariates")
    if sizes is not None:
        counts = areas.value_counts().reindex(means.index).fillna(0)
        given = sizes.reindex(means.index)
        if not (given >= counts.clip(lower=1)).all():
            short = means.index[~(given >= counts.clip(lower=1))]
            raise UnitLevelError(
                f"sizes: {listed(short)}: the population is missing or below the number of answers; give it"
            )


def _check_fit(answers: _Answers) -> None:
    if (
        len(answers.y) <= len(answers.sizes) + answers.x.shape[1] - 1
        or len(answers.sizes) <= answers.x.shape[1]
    ):
        raise UnitLevelError(
            f"{len(answers.y)} answers in {len(answers.sizes)} areas are too few for {answers.x.shape[1]} coefficients and "
            "two variances: more areas than coefficients are needed, and more answers than both"
        )
    off = answers.x_off / np.maximum(np.abs(answers.x).max(axis=0), np.finfo(float).tiny)
    beta, *_ = np.linalg.lstsq(off, answers.y_off, rcond=1e-12)
    if np.sum((answers.y_off - product(off, beta)) ** 2) <= 1e-20 * np.sum(answers.y**2):
        raise UnitLevelError(
            "the outcome does not vary within areas beyond the covariates; no error can be given: choose another outcome"
        )


def _solved(answers: _Answers, ratio: float) -> tuple[np.ndarray, np.ndarray, float]:
    """β̂, (X'WX)⁻¹ and the REML σ²ₑ at a ratio of variances."""
    xx, xy = answers.cross(ratio)
    inverted = inverse(xx)
    beta = product(inverted, xy)
    between = answers.sizes / (1 + ratio * answers.sizes)
    misfit = ((answers.y_off - product(answers.x_off, beta)) ** 2).sum()
    misfit += (between * (answers.y_mean - product(answers.x_mean, beta)) ** 2).sum()
    return beta, inverted, float(misfit) / (len(answers.y) - answers.x.shape[1])


def _ratio(answers: _Answers) -> float:
    """σ²ᵥ ÷ σ²ₑ that maximises the restricted likelihood, in which β and σ²ₑ have been replaced by their estimates.

    Where the likelihood is greatest its slope is zero, which the last digits of sums move a million times less.
    """
    freedom = len(answers.y) - answers.x.shape[1]

    def deviance(ratio: float) -> float:
        determinants = np.log1p(ratio * answers.sizes).sum() + log_determinant(answers.cross(ratio)[0])
        return float(freedom * np.log(_solved(answers, ratio)[2]) + determinants)

    def slope(ratio: float) -> float:
        beta, inverted, unit = _solved(answers, ratio)
        between = answers.sizes / (1 + ratio * answers.sizes)
        apart = answers.y_mean - product(answers.x_mean, beta)
        leverage = (product(answers.x_mean, inverted) * answers.x_mean).sum(axis=1)
        return float(between.sum() - (between**2 * (apart**2 / unit + leverage)).sum())

    best = int(np.argmin([deviance(float(ratio)) for ratio in _GRID]))
    low, high = float(_GRID[max(best - 1, 0)]), float(_GRID[min(best + 1, len(_GRID) - 1)])
    if slope(low) >= 0:
        return low
    return high if slope(high) <= 0 else float(brentq(slope, low, high, xtol=1e-15, rtol=1e-14))


def _variances(sizes: np.ndarray, area: float, unit: float) -> np.ndarray:
    """Asymptotic covariance of (σ̂²ᵥ, σ̂²ₑ), the inverse of their information."""
    total = unit + sizes * area
    crossed = (sizes / total**2).sum() / 2
    information = np.array(
        [
            [(sizes**2 / total**2).sum() / 2, crossed],
            [crossed, ((sizes - 1) / unit**2 + 1 / total**2).sum() / 2],
        ]
    )
    return inverse(information)


def _predicted(
    answers: _Answers, seen: pd.Index, means: pd.DataFrame, sizes: pd.Series | None,
    beta: np.ndarray, covariance: np.ndarray, area: float, unit: float,
) -> pd.DataFrame:  # fmt: skip
    """``UnitLevel.figures``."""
    place = seen.get_indexer(means.index)
    held = place >= 0
    number = np.where(held, answers.sizes[place], 0)
    x_mean = np.where(held[:, None], answers.x_mean[place], 0.0)
    y_mean = np.where(held, answers.y_mean[place], 0.0)
    population = np.column_stack([np.ones(len(means)), means.to_numpy(dtype=float)])
    share = (
        np.zeros(len(means)) if sizes is None else number / sizes.reindex(means.index).to_numpy(dtype=float)
    )
    all_answered = share >= 1
    rest = np.where(all_answered, 1.0, 1 - share)
    unasked = (population - share[:, None] * x_mean) / rest[:, None]
    gamma = number * area / (unit + number * area)
    effect = gamma * (y_mean - product(x_mean, beta))
    value = share * y_mean + (1 - share) * (product(unasked, beta) + effect)
    mse = _mean_squared(
        unasked - gamma[:, None] * x_mean, covariance, answers.sizes, number, gamma, area, unit
    )
    own = 0.0 if sizes is None else (1 - share) / sizes.reindex(means.index).to_numpy(dtype=float) * unit
    mse = np.where(all_answered, 0.0, (1 - share) ** 2 * mse + own)
    reach = normal() * np.sqrt(mse)
    return pd.DataFrame(
        {
            "answers": number,
            "direct": np.where(held, y_mean, np.nan),
            "synthetic": product(population, beta),
            "gamma": gamma,
            "value": value,
            "mse": mse,
            "error": np.sqrt(mse),
            "lower": value - reach,
            "upper": value + reach,
            "synthetic_only": ~held,
        },
        index=means.index,
    )


def _mean_squared(
    apart: np.ndarray, covariance: np.ndarray, sizes: np.ndarray, number: np.ndarray, gamma: np.ndarray, area: float,
    unit: float,
) -> np.ndarray:  # fmt: skip
    """g₁ + g₂ + 2g₃: the effect's own error, that of β̂, and twice that of the variances (REML has no bias term)."""
    first = (1 - gamma) * area
    second = (product(apart, covariance) * apart).sum(axis=1)
    vv, ve, ee = (_variances(sizes, area, unit)[at] for at in ((0, 0), (0, 1), (1, 1)))
    spread = unit**2 * vv + area**2 * ee - 2 * unit * area * ve
    third = np.where(number > 0, number * spread / (unit + number * area) ** 3, 0.0)
    total: np.ndarray = first + second + 2 * third
    return total
