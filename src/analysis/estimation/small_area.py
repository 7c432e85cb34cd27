"""Small areas: estimates that are too noisy on their own, drawn towards what similar areas lead one to expect.

``fay_herriot`` fits the area-level model of Fay and Herriot (1979), θ̂ = x'β + u + e with e of known variance, and
returns the empirical best linear unbiased predictor of each area with its mean squared error (Prasad and Rao, 1990;
Datta and Lahiri, 2000). ``fay_herriot_proportion`` does so for shares, on a scale where their variance is known, and
comes back without the bias of a plain back-transformation. ``benchmark`` makes the areas agree with a published total,
``publishable`` says which results are precise enough to be shown, and ``shrunk_shares`` does all of it for a survey
repeated over the years.

An estimate from here is modelled: it must be labelled so, with γ, the weight that the area's own figure kept. An area
without a figure of its own gets a synthetic prediction, marked ``synthetic_only``; nothing of that area is in it. The known
variances are the whole argument: this module never guesses them from the cross-section that it shrinks, and
``transitory_variance`` measures them from how figures move over time. Arrays and frames in, frozen results out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pandas as pd

from analysis.estimation.area_variance import (
    Areas,
    Solved,
    estimated_refvar,
    refvar_variance,
    solved_at,
)
from analysis.estimation.checks import (
    ROUNDING,
    ArgumentError,
    array,
    column,
    finite,
    once,
    telling,
    varies,
)
from analysis.estimation.confidence import normal
from analysis.estimation.draws import NOISE, NOISE_SEED
from analysis.estimation.periods import disorder
from analysis.foundations.arithmetic import Numbers, Result, gauss_hermite, precisely, product
from analysis.foundations.display import listed

_DISPARATE = 1e6
"""Ratio of the spread of figures to their errors, or back, from which they are no figures of one quantity."""

_NODES = 40
"""Of the Gauss–Hermite rule for means over a normal error: exact to rounding on the arcsine scale."""


@dataclass(frozen=True, repr=False)
class FayHerriot(Result):
    """A fitted area-level model and what it gives for each area.

    Attributes
    ----------
    figures : DataFrame
        By area, ``direct`` and ``variance`` (as given, missing where there is none), ``synthetic`` (x'β̂), ``gamma``
        (weight of the direct estimate, 0–1), ``value`` (EBLUP), ``mse``, ``g1`` (the part of it that would remain were
        the model known), ``error`` (root of mse), ``lower``, ``upper`` (95 %), ``cv`` (error ÷ value, percent) and
        ``synthetic_only``.
    beta, beta_error : Series
        Regression coefficients and their standard errors, constant first.
    refvar, refvar_error : float
        Variance of the area effects σ²ᵤ and its asymptotic standard error.
    boundary : bool
        Σ²ᵤ came out as zero and was estimated again by adjusted likelihood (Li and Lahiri, 2010), so that no direct
        estimate is thrown away whole; its mean squared errors are then on the cautious side.
    loglik, aic, bic : float
        Of the full likelihood at the estimates.
    areas : int
        Number of areas that the model rests on.
    scale : str
        ``identity``, or ``arcsine`` for proportions; coefficients, variances and likelihood are on it. ``figures`` has
        ``direct``, ``synthetic``, ``value``, ``mse``, ``error``, ``lower`` and ``upper`` as proportions, and
        ``variance`` and ``g1`` on the scale of the model.
    """

    figures: pd.DataFrame
    beta: pd.Series
    beta_error: pd.Series
    refvar: float
    refvar_error: float
    boundary: bool
    loglik: float
    aic: float
    bic: float
    areas: int
    scale: str = "identity"


@dataclass(frozen=True, repr=False)
class Benchmarked(Result):
    """Estimates brought to a published total.

    Attributes
    ----------
    figures : DataFrame
        By area, ``before``, ``after``, and ``lower``, ``upper`` moved as the value is.
    national : float
        The published value.
    total_before, total_after : float
        Weighted means of the areas.
    adjustment : float
        The amount added to each.
    """

    figures: pd.DataFrame
    national: float
    total_before: float
    total_after: float
    adjustment: float


@dataclass(frozen=True, repr=False)
class Noise(Result):
    """Transitory variance of a figure that is inversely proportional to the size behind it.

    Attributes
    ----------
    constant : float
        Variance × size; ``constant / size`` is the variance of an area.
    error : float
        Its standard error, by resampling areas.
    pairs : int
        Number of successive changes that it rests on.
    """

    constant: float
    error: float
    pairs: int


# ------------------------------------------------------------------------------------------------------- the model


def fay_herriot(direct: pd.Series, variances: pd.Series, covariates: pd.DataFrame) -> FayHerriot:
    """Fit the area-level model by restricted maximum likelihood and predict every area of ``covariates``.

    Units of measurement change nothing but the units of what comes back.

    Parameters
    ----------
    direct : Series
        (m,) estimate by area; areas without one, or without a variance, get a synthetic prediction.
    variances : Series
        (m,) sampling variance by area, known, not negative, in the square of the estimate's unit.
    covariates : DataFrame
        (areas, k) without missing values; a constant is added.

    Raises
    ------
    ArgumentError
        When the areas are too few for the covariates, the covariates are collinear, or figures and variances are not of
        one order of size.
    """
    table = _table(direct, variances, covariates)
    known = table["direct"].notna() & table["variance"].notna()
    _check(table[known], covariates[known])
    design, back = _standardised(covariates, known)
    figures, errors = (table.loc[known, c].to_numpy(float) for c in ("direct", "variance"))
    data = Areas(figures, errors, design[known])
    refvar, boundary = estimated_refvar(data)
    solved = solved_at(data, refvar)
    loglik = -0.5 * float(
        np.sum(np.log(2 * np.pi * solved.total)) + np.sum(solved.residual**2 / solved.total)
    )
    parameters = design.shape[1] + 1
    names = pd.Index(["constant", *covariates.columns])
    return FayHerriot(
        figures=_predict(table, design, known.to_numpy(), data, solved, refvar),
        beta=pd.Series(product(back, solved.beta), names),
        beta_error=pd.Series(np.sqrt((product(back, solved.covariance) * back).sum(axis=1)), names),
        refvar=refvar,
        refvar_error=float(np.sqrt(refvar_variance(solved.total))),
        boundary=boundary,
        loglik=loglik,
        aic=2 * parameters - 2 * loglik,
        bic=parameters * float(np.log(len(data.y))) - 2 * loglik,
        areas=len(data.y),
    )


def _table(direct: pd.Series, variances: pd.Series, covariates: pd.DataFrame) -> pd.DataFrame:
    direct, variances = column(direct, "direct"), column(variances, "variances", power=2)
    if not isinstance(covariates, pd.DataFrame) or covariates.empty:
        raise ArgumentError(
            "covariates: a table of area × variable expected, nothing found; give one at least"
        )
    once(covariates.index, "covariates")
    once(covariates.columns, "covariates")
    if unknown := sorted(set(direct.dropna().index) - set(covariates.index), key=str):
        raise ArgumentError(
            f"areas {listed(unknown)} have a direct estimate and no covariates; give them or leave them out"
        )
    if covariates.isna().any(axis=None):
        lacking = covariates.columns[covariates.isna().any()].tolist()
        raise ArgumentError(
            f"covariates {lacking} are missing for some areas; choose others or leave those areas out"
        )
    array(covariates.to_numpy(), "covariates", 2)
    if (variances < 0).any():
        raise ArgumentError(
            "a sampling variance is negative; give variances, in the square of the estimate's unit"
        )
    return covariates.assign(
        direct=direct.reindex(covariates.index), variance=variances.reindex(covariates.index)
    )


def _check(known: pd.DataFrame, covariates: pd.DataFrame) -> None:
    """Areas with a figure: enough of them, with covariates that tell something, and figures that vary."""
    areas, columns = len(known), covariates.shape[1] + 1
    if areas <= columns + 1:
        raise ArgumentError(
            f"{areas} areas with an estimate cannot support {columns} coefficients and a variance; use fewer covariates"
        )
    telling(covariates, "covariates, with the constant")
    spread, error = float(np.ptp(known["direct"])), float(np.sqrt(known["variance"].max()))
    if not varies(known["direct"].to_numpy()) or not known["variance"].max() > 0:
        raise ArgumentError(
            "direct, variances: figures that differ and variances above zero expected; where they are known exactly, or "
            "the same everywhere, there is nothing to draw together"
        )
    if not 1 / _DISPARATE < error / spread < _DISPARATE:
        raise ArgumentError(
            f"direct, variances: figures spread over {spread:.1g} with errors of {error:.1g} are not of one unit; give "
            "variances in the square of the estimate's"
        )


def _standardised(covariates: pd.DataFrame, known: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Constant and covariates less the mean, over the standard deviation, of the areas with a figure; and the way back.

    The second takes coefficients of the first to those of the covariates as they are.
    """
    values, own = covariates.to_numpy(dtype=float), covariates[known].to_numpy(dtype=float)
    mean, spread = own.mean(axis=0), own.std(axis=0)
    back = np.diag(np.concatenate([[1.0], 1 / spread]))
    back[0, 1:] = -mean / spread
    return np.column_stack([np.ones(len(values)), (values - mean) / spread]), back


# ---------------------------------------------------------------------------------------------- predictions and errors


def _predict(
    table: pd.DataFrame,
    design: np.ndarray,
    known: np.ndarray,
    data: Areas,
    solved: Solved,
    refvar: float,
) -> pd.DataFrame:
    """EBLUP and its mean squared error g₁ + g₂ + 2g₃ for areas with a figure; x'β̂ for the others."""
    synthetic = product(design, solved.beta)
    leverage = (product(design, solved.covariance) * design).sum(axis=1)
    psi = np.where(known, table["variance"], np.inf)
    gamma = refvar / (refvar + psi)
    value = np.where(known, gamma * table["direct"].fillna(0) + (1 - gamma) * synthetic, synthetic)
    g1 = np.where(known, gamma * np.where(known, psi, 0), refvar)
    g2 = (1 - gamma) ** 2 * leverage
    g3 = (1 - gamma) ** 2 * np.where(known, refvar_variance(solved.total) / (refvar + psi), 0)
    mse = g1 + g2 + 2 * g3
    figures = table[["direct", "variance"]].assign(
        synthetic=synthetic, gamma=gamma, value=value, mse=mse, g1=g1
    )
    return _bounded(figures.assign(synthetic_only=~known))


def _bounded(figures: pd.DataFrame) -> pd.DataFrame:
    """With the error, the 95 % interval and the coefficient of variation."""
    z = normal()
    error = np.sqrt(figures["mse"])
    return figures.assign(
        error=error,
        lower=figures["value"] - z * error,
        upper=figures["value"] + z * error,
        cv=_relative(error, figures["value"]),
    )


def _relative(error: pd.Series, value: pd.Series) -> pd.Series:
    """Error in percent of the value; missing where the value is zero, of which nothing is a percentage."""
    return 100 * error / value.abs().where(value != 0)


# ------------------------------------------------------------------------------------------------------- proportions


def fay_herriot_proportion(shares: pd.Series, sizes: pd.Series, covariates: pd.DataFrame) -> FayHerriot:
    """The area-level model of a proportion, fitted on the arcsine scale: variance 1/4n, whatever the proportion.

    The value is the mean of the back-transformed predictive distribution, not the transform of its mean, which would be
    biased towards one half (Sugasawa and Kubokawa, 2017; Hadam, Würz, Kreutzmann and Schmid, 2024); the interval is that of
    the model's scale, transformed.

    Parameters
    ----------
    shares : Series
        (m,) proportion by area, 0–1.
    sizes : Series
        (m,) effective sample size by area: the size of a simple random sample that would be as precise.
    covariates : DataFrame
        As in ``fay_herriot``.

    References
    ----------
    Sugasawa and Kubokawa (2017); Hadam, Würz, Kreutzmann and Schmid (2024).
    """
    shares, sizes = column(shares, "shares"), column(sizes, "sizes")
    outside = shares.dropna()[(shares.dropna() < 0) | (shares.dropna() > 1)]
    if len(outside):
        raise ArgumentError(
            f"areas {listed(outside.index)}: shares are proportions between 0 and 1, not percent; give a hundredth"
        )
    if (sizes.dropna() <= 0).any():
        raise ArgumentError("an effective sample size is not positive; leave the area's share out instead")
    fitted = fay_herriot(_angle(shares), 1 / (4 * sizes), covariates)
    return replace(fitted, figures=_back(fitted.figures, shares), scale="arcsine")


def _angle(shares: Numbers) -> Numbers:
    """Arcsin √p: the scale on which the variance of a proportion does not depend on it, from 0 to π/2."""
    root = cast("Numbers", np.sqrt(shares))  # its stubs say an array, of tables too
    return precisely(np.arcsin, root)


def _proportion(angle: Numbers) -> Numbers:
    """The way back from ``_angle``."""
    return precisely(np.sin, angle) ** 2


def _back(figures: pd.DataFrame, shares: pd.Series) -> pd.DataFrame:
    """Figures on the scale of proportions; the error is the root mean square distance of the true share to the value."""
    centre, g1, mse = (figures[c].to_numpy()[:, None] for c in ("value", "g1", "mse"))
    nodes, shares_of = gauss_hermite(_NODES)
    value = product(_proportion(centre + np.sqrt(g1) * nodes), shares_of)
    apart = _proportion(centre + np.sqrt(mse) * nodes) - value[:, None]
    error = np.sqrt(product(apart**2, shares_of))
    lower, upper, synthetic = (
        _proportion(figures[c].clip(0, np.pi / 2)) for c in ("lower", "upper", "synthetic")
    )
    return figures.assign(
        direct=shares.reindex(figures.index), synthetic=synthetic, value=value, mse=error**2, error=error,
        lower=np.minimum(lower, value), upper=np.maximum(upper, value),
        cv=_relative(pd.Series(error, figures.index), pd.Series(value, figures.index)),
    )  # fmt: skip


# ------------------------------------------------------------------------------------- agreement with a published total


def benchmark(figures: pd.DataFrame, weights: pd.Series, national: float) -> Benchmarked:
    """Bring estimates to a published national value: Σ wθ ÷ Σ w over the areas equals it, each moved by the same amount.

    The national value is taken as exact. A large adjustment says that the model, or the published value, is of another
    population: look at it before the figures.

    Parameters
    ----------
    figures : DataFrame
        By area, ``value``, ``lower`` and ``upper``, in one unit.
    weights : Series
        By area, the denominators of a rate or share (1 each for a plain mean).
    national : float
        The published value, in the unit of the figures.

    Examples
    --------
    >>> figures = pd.DataFrame({"value": [10.0, 20.0], "lower": [8.0, 17.0], "upper": [12.0, 23.0]}, index=["a", "b"])
    >>> benchmark(figures, pd.Series({"a": 1.0, "b": 3.0}), 18.5).figures["after"].to_dict()
    {'a': 11.0, 'b': 21.0}
    """
    weights = _checked_total(figures, weights, national)
    shares = weights.reindex(figures.index) / weights.reindex(figures.index).sum()
    before = float((figures["value"] * shares).sum())
    adjustment = national - before
    moved = figures[["value", "lower", "upper"]] + adjustment
    after = float((moved["value"] * shares).sum())
    made = moved.rename(columns={"value": "after"})
    made.insert(0, "before", figures["value"])
    return Benchmarked(made, national, before, after, adjustment)


def _checked_total(figures: pd.DataFrame, weights: pd.Series, national: float) -> pd.Series:
    """The weights of the areas, once what is given has a meaning."""
    finite(national, "national")
    if not isinstance(figures, pd.DataFrame) or not {"value", "lower", "upper"} <= set(figures):
        raise ArgumentError(
            "figures: a table by area with value, lower and upper expected; give these columns"
        )
    once(figures.index, "figures")
    limits = array(figures[["value", "lower", "upper"]].to_numpy(), "figures", 2)
    if (limits[:, 1] > limits[:, 0]).any() or (limits[:, 2] < limits[:, 0]).any():
        raise ArgumentError(
            "figures: limits that do not hold their value; give lower, value and upper in this order"
        )
    weights = column(weights, "weights").reindex(figures.index)
    if len(lacking := figures.index[weights.isna()]):
        raise ArgumentError(f"areas {listed(lacking)} have no weight; the total needs every area")
    if (weights < 0).any() or not weights.sum() > 0:
        raise ArgumentError(
            "weights: denominators from 0 with a sum above 0 expected; look at the negative ones"
        )
    return weights


# ------------------------------------------------------------------------------------------------ precision and noise


def publishable(cv: pd.Series, limits: Mapping[str, float]) -> pd.Series:
    """Whether each estimate is precise enough: ``publish``, ``flag`` or ``suppress``.

    A coefficient that is missing or infinite is suppressed; a negative one is none.

    Parameters
    ----------
    cv : Series
        Coefficient of variation by area, percent.
    limits : Mapping[str, float]
        ``flag_above`` and ``suppress_above``, percent.

    Examples
    --------
    >>> publishable(pd.Series([5.0, 25.0, 40.0]), {"flag_above": 20, "suppress_above": 33}).tolist()
    ['publish', 'flag', 'suppress']
    """
    if not isinstance(limits, Mapping) or not {"flag_above", "suppress_above"} <= set(limits):
        raise ArgumentError("limits: flag_above and suppress_above expected, in percent; give both")
    flag = finite(limits["flag_above"], "flag_above", least=0)
    finite(limits["suppress_above"], "suppress_above (not below flag_above)", least=flag)
    if not isinstance(cv, pd.Series) or cv.dtype.kind not in "iuf" or (cv < 0).any():
        raise ArgumentError(
            "cv: coefficients of variation by area expected, from 0, in percent; take the error's size"
        )
    levels = np.select(
        [cv > limits["suppress_above"], cv > limits["flag_above"]], ["suppress", "flag"], "publish"
    )
    return pd.Series(np.where(cv.isna(), "suppress", levels), cv.index, name="quality")


def transitory_variance(
    history: pd.DataFrame, sizes: pd.DataFrame, draws: int = NOISE, seed: int = NOISE_SEED
) -> Noise:
    """Measure the noise of repeated figures from how they move: what one period adds and the next takes back.

    With θ̂ = trend + e, where the trend of an area moves by lasting steps and e is fresh each period with variance c/n,
    two successive changes have the covariance −c/n. The national change of each period is taken out first. Real changes
    that last a single period count as noise: c bounds the sampling variance from above.

    Parameters
    ----------
    history : DataFrame
        (areas, periods) in the order of time, evenly spaced, without missing values, on the scale of the model.
    sizes : DataFrame
        (areas, periods), what the variance is inversely proportional to.
    draws : int, optional
        Number of resamplings of areas behind the error.
    seed : int, optional
        Of the random draws: the same seed gives the same result.

    Raises
    ------
    ArgumentError
        When nothing is taken back.
    """
    values, numbers = _repeated(history, sizes)
    finite(draws, "draws", least=2, whole=True)
    changes = np.diff(values, axis=1)
    changes = changes - np.average(changes, axis=0, weights=numbers[:, 1:])
    taken_back = -(changes[:, :-1] * changes[:, 1:]).sum(axis=1)
    inverse = (1 / numbers[:, 1:-1]).sum(axis=1)
    constant = float(taken_back.sum() / inverse.sum())
    if constant <= ROUNDING * float(np.abs(values).max()) ** 2 / float(inverse.sum()):
        raise ArgumentError(
            "no change is taken back in the next period: the figures show no transitory noise to remove; keep them as "
            "they are, or give a longer history"
        )
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(history), (draws, len(history)))
    error = np.std(taken_back[picks].sum(axis=1) / inverse[picks].sum(axis=1), ddof=1)
    return Noise(constant, float(error), int(changes[:, 1:].size))


def _repeated(history: pd.DataFrame, sizes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Figures of areas over periods with their sizes, in the same order, once both have a meaning."""
    known = all(
        isinstance(table, pd.DataFrame) and not table.isna().any(axis=None) for table in (history, sizes)
    )
    if not known or history.shape[1] < 3 or not history.columns.equals(sizes.columns):
        raise ArgumentError(
            "the noise is measured on three periods at least, the same for sizes, without missing values"
        )
    for name, labels in (("history", history.index), ("sizes", sizes.index), ("periods", history.columns)):
        once(labels, name)
    if len(history) < 2 or not history.index.isin(sizes.index).all():
        raise ArgumentError("the noise is measured on two areas at least, each with its sizes; give them")
    if pair := disorder(list(history.columns)):
        raise ArgumentError(
            f"history: {pair[1]} comes after {pair[0]}; sort the periods in the order of time"
        )
    values, numbers = array(history, "history", 2), array(sizes.loc[history.index], "sizes", 2)
    if (numbers <= 0).any():
        raise ArgumentError("sizes: numbers above zero expected; leave out areas without a size")
    return values, numbers


# ---------------------------------------------------------------------------------------------------- a repeated survey


@dataclass(frozen=True, repr=False)
class ShrunkShares(Result):
    """Shares of a repeated survey, each edition drawn towards its own regression.

    Attributes
    ----------
    figures : DataFrame
        One row per area and period: ``territory``, ``period``, ``direct``, ``gamma``, ``value``, ``lower``, ``upper``
        (proportions, in agreement with the total of the direct ones), ``cv`` and ``synthetic_only``.
    noise : Noise
        Variance × size on the arcsine scale, measured over all periods.
    fits, totals : Mapping[str, FayHerriot]
        The model and the agreement with the total, by period.
    """

    figures: pd.DataFrame
    noise: Noise
    fits: Mapping[str, FayHerriot]
    totals: Mapping[str, Benchmarked]


def shrunk_shares(
    shares: pd.DataFrame, sizes: pd.DataFrame, covariates: Mapping[str, pd.DataFrame]
) -> ShrunkShares:
    """Measure the noise of a survey repeated over time, then draw each edition towards what its covariates predict.

    The noise is that of ``transitory_variance`` on the arcsine scale; its own uncertainty is not in the intervals. The
    estimates agree with the weighted mean of the direct ones, which many areas together make precise.

    Parameters
    ----------
    shares : DataFrame
        (areas, periods), proportions 0–1, in the order of time.
    sizes : DataFrame
        (areas, periods), the denominators.
    covariates : Mapping[str, DataFrame]
        By period, (areas, k); areas that a period's covariates lack are left out of that period.
    """
    if not isinstance(shares, pd.DataFrame) or not ((shares >= 0) & (shares <= 1)).all(axis=None):
        raise ArgumentError(
            "shares: proportions from 0 to 1 expected, none missing; leave out the areas without one"
        )
    if not covariates or any(one not in shares.columns for one in covariates):
        raise ArgumentError(
            f"covariates: a table for some of the periods {listed(shares.columns)} expected, {listed(covariates)} found; "
            "name them alike"
        )
    noise = transitory_variance(_angle(shares), sizes)
    fits, totals, parts = {}, {}, []
    for period, known in covariates.items():
        own, weights = shares[period].reindex(known.index), sizes[period].reindex(known.index)
        fits[period] = fay_herriot_proportion(own, weights / (4 * noise.constant), known)
        figures = fits[period].figures
        totals[period] = benchmark(figures, weights, float(np.average(own, weights=weights)))
        moved = totals[period].figures.rename(columns={"after": "value"})[["value", "lower", "upper"]]
        kept = figures[["direct", "gamma", "cv", "synthetic_only"]]
        parts.append(pd.concat([kept, moved.clip(0, 1)], axis=1).assign(period=period))
    frame = pd.concat(parts).rename_axis("territory").reset_index()
    columns = ["territory", "period", "direct", "gamma", "value", "lower", "upper", "cv", "synthetic_only"]
    return ShrunkShares(frame[columns], noise, fits, totals)
