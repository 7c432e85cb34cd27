"""One treated unit against a weighted mixture of the units never treated: the synthetic control.

``synthetic_control`` makes it; ``placebo_ranks`` says what chance gives, from every control in turn. diff-diff searches how
much each predictor counts. ``synthetic_did`` has the same for any number of treated units. ``Sample`` or frames in, frozen
results out.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

import numpy as np
import pandas as pd

from analysis.estimation.checks import ROUNDING, confidence, once
from analysis.estimation.clusters import by_unit
from analysis.estimation.confidence import LEVEL
from analysis.estimation.draws import BOOTSTRAP_SEED as SEED
from analysis.estimation.library import predictor_importance
from analysis.estimation.rejection import at_least, rejecting
from analysis.estimation.sample import Estimate, InferenceError, Sample, SampleError
from analysis.estimation.simplex import simplex_weights, simplex_weights_of_each
from analysis.foundations.arithmetic import Result, product
from analysis.foundations.display import listed

MINIMUM_BEFORE = 2
"""Fewest periods before treatment with which controls can be weighed: after centring, one tells nothing."""

TIE = 1e-4
"""Root of what following the outcome counts beside agreeing with predictors: it decides between mixtures that agree as well,
and moves no other by more than a share of its square."""


@dataclass(frozen=True, repr=False)
class Synthetic(Result):
    """One treated unit against its synthetic control (Abadie, Diamond and Hainmueller, 2010).

    Attributes
    ----------
    att : float
        Mean gap from ``first`` (label of the first treated period) on.
    weights : Series
        By donor, they sum to one.
    observed, synthetic, gap : Series
        By period.
    rmspe_before, rmspe_after : float
        Root mean squared gap on each side.
    predictors : DataFrame
        By predictor that weighed donors, ``treated``, ``synthetic``, ``donors`` (their mean) and ``importance`` (they
        sum to one); None when the outcome before treatment did.
    """

    unit: str
    first: str
    att: float
    weights: pd.Series
    observed: pd.Series
    synthetic: pd.Series
    gap: pd.Series
    rmspe_before: float
    rmspe_after: float
    predictors: pd.DataFrame | None = None


# --------------------------------------------------------------------------------------------------------- one treated


def synthetic_control(
    sample: Sample, unit: str | None = None, predictors: pd.DataFrame | None = None, importance: pd.Series | None = None,
    seed: int = SEED,
) -> Synthetic:  # fmt: skip
    """Synthetic control of one treated unit; donors are never treated.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    unit : str, optional
        The treated unit; may be left out when there is only one.
    predictors : DataFrame, optional
        (units, k), what is known before treatment (means of the outcome over some periods, of other variables); donors
        are then weighed so that these agree, and of mixtures that agree as well the one that follows the outcome best is
        taken. Without them the outcome of each period before treatment is one.
    importance : Series, optional
        By predictor, not negative; without it, searched from several points (``seed``) so that the outcome before
        treatment is followed best (Abadie, Diamond and Hainmueller, 2010). The periods that count are those of the
        sample; found on an earlier window, it can be given to a later one (Abadie et al., 2015).
    seed : int, optional
        Of the random draws: the same seed gives the same result.

    References
    ----------
    Abadie, Diamond and Hainmueller (2010); Abadie et al. (2015).
    """
    if unit is None and len(sample.treated) > 1:
        raise SampleError(f"{len(sample.treated)} units are treated: name the one whose control is wanted")
    unit = sample.treated[0] if unit is None else unit
    if unit not in sample.treated:
        raise SampleError(f"{unit}: not a treated unit of the sample; choose among {listed(sample.treated)}")
    donors = sample.outcome.loc[list(sample.never)]
    if donors.empty:
        raise SampleError(
            "no unit is never treated, so there is no donor; add units, or end the window earlier",
            "no_control",
        )
    first = int(sample.first[unit])
    observed = pd.Series(sample.outcome.loc[unit], dtype=float)
    require_past(sample, first)
    matched, balance = sample.outcome.loc[[unit, *donors.index]].to_numpy(dtype=float)[:, :first], None
    if predictors is not None:
        given = by_unit(sample, predictors, "predictors").loc[[unit, *donors.index]].astype(float)
        matched, balance = _matched(given, matched, importance, seed)
    weights = simplex_weights(matched[0], matched[1:])
    if balance is not None:
        balance.insert(1, "synthetic", product(weights, given.to_numpy()[1:]))
    synthetic = pd.Series(product(weights, donors.to_numpy(dtype=float)), observed.index)
    gap = observed - synthetic
    before, after = (float(np.sqrt((part**2).mean())) for part in (gap.iloc[:first], gap.iloc[first:]))
    return Synthetic(
        unit, sample.periods[first], float(gap.iloc[first:].mean()), pd.Series(weights, donors.index), observed,
        synthetic, gap, before, after, balance,
    )  # fmt: skip


def _matched(
    given: pd.DataFrame, before: np.ndarray, importance: pd.Series | None, seed: int
) -> tuple[np.ndarray, pd.DataFrame]:
    """Predictors on a scale where distances count their importance, the treated unit first, and what is said of them."""
    values = given.to_numpy()
    spread = values.std(axis=0, ddof=1)
    if flat := [str(c) for c, s in zip(given.columns, spread, strict=True) if not s > 0]:
        raise SampleError(f"predictors {', '.join(flat)}: the same for every unit; leave them out")
    standard = values / spread
    if importance is None:
        share = predictor_importance(before, standard, seed)
    else:
        share = importance.reindex(given.columns).to_numpy(dtype=float)
        if len(importance) != len(given.columns) or not (
            np.isfinite(share).all() and share.min() >= 0 < share.max()
        ):
            raise SampleError(
                "importance needs one number, not negative and not all zero, for each of "
                f"{', '.join(map(str, given.columns))}"
            )
    share = share / share.sum()
    balance = pd.DataFrame(
        {"treated": values[0], "donors": values[1:].mean(axis=0), "importance": share}, given.columns
    )
    followed = before * (TIE / np.sqrt(np.mean((before[1:] - before[0]) ** 2) * before.shape[1]))
    return np.column_stack([standard * np.sqrt(share), followed]), balance


def require_past(sample: Sample, first: int) -> None:
    """Refuse (``SampleError``) too few periods before ``first`` for controls to be weighed."""
    if first < MINIMUM_BEFORE:
        raise SampleError(
            f"{sample.periods[first]}: treated after {first} period of the window, {MINIMUM_BEFORE} at least are needed to "
            "weigh the controls; begin the window earlier",
            "few_periods",
        )


@dataclass(frozen=True)
class Placebo(Result):
    """One treated unit against its synthetic control, among the same comparison made for every control unit.

    Attributes
    ----------
    unit : str
        The treated one.
    estimate : Estimate
        Average gap after the start; p and interval from its ratio to the fit before.
    intercept : bool
        Whether units were compared after removing their own mean before the start.
    weights : Series
        Of the donors in the unit's synthetic control.
    gaps : DataFrame
        Units × periods, outcome less its synthetic control, the treated unit in the first row.
    fit : Series
        Root mean squared gap before the start, by unit.
    ratio : Series
        The one after the start over the one before.
    rank : int
        Place of the treated unit by ratio, 1 for the largest.
    p_ratio : float
        Rank ÷ number of units.
    detectable : float
        Effect that would be found with probability ``power``, whichever its sign.
    """

    unit: str
    estimate: Estimate
    intercept: bool
    weights: pd.Series
    gaps: pd.DataFrame
    fit: pd.Series
    ratio: pd.Series
    rank: int
    p_ratio: float
    detectable: float


def placebo_ranks(
    outcome: pd.DataFrame,
    unit: str,
    start: int,
    intercept: bool = True,
    penalised: bool = True,
    level: float = LEVEL,
    power: float = 0.80,
) -> Placebo:
    """Placebo inference for one treated unit (Abadie, Diamond and Hainmueller, 2010; interval: Firpo and Possebom, 2018).

    Every control is treated in turn as if it had begun at ``start``, the treated unit left out of its donors. p for the
    effect is the share of units whose average gap, divided by their fit before, is as large; that division matters,
    since figures of small départements vary more.

    Parameters
    ----------
    outcome : DataFrame
        Units × periods; every unit but ``unit`` is never treated.
    unit : str
        The treated one.
    start : int
        Position of the first treated period.
    intercept : bool, optional
        Donors need match changes, not levels (Doudchenko and Imbens, 2016; Ferman and Pinto, 2021).
    penalised : bool, optional
        Spread the weights with the ridge of synthetic difference in differences (Arkhangelsky et al., 2021). Without it
        some units are matched exactly when periods are few, and their ratio means nothing.
    level : float, optional
        Confidence level of the interval, above 0.5 and below 1.
    power : float, optional
        Probability with which ``detectable`` is found.

    Raises
    ------
    InferenceError
        When the start leaves nothing before or after, or some control is matched exactly.

    References
    ----------
    Abadie, Diamond and Hainmueller (2010); Firpo and Possebom (2018); Doudchenko and Imbens (2016); Ferman and Pinto
    (2021); Arkhangelsky et al. (2021).
    """
    confidence(level)
    confidence(power, "power")
    _check_comparison(outcome, unit, start)
    ordered = outcome.loc[[unit, *outcome.index.drop(unit)]]
    values = ordered.to_numpy(dtype=float)
    if intercept:
        values = values - values[:, :start].mean(axis=1, keepdims=True)
    own, gaps = _synthetic_gaps(values, start, _ridge(values, start) if penalised else 0.0)
    fit = np.sqrt((gaps[:, :start] ** 2).mean(axis=1))
    if fit.min() <= 1e-9 * values[:, :start].std():
        exact = ordered.index[int(fit.argmin())]
        raise InferenceError(
            f"{exact}: matched exactly before the start, its ratio means nothing; ask for penalised "
            "weights or begin the window earlier",
            "exact_fit",
        )
    ratio = np.sqrt((gaps[:, start:] ** 2).mean(axis=1)) / fit
    rank = at_least(ratio, ratio[0])
    estimate, detectable = _placebo_effect(gaps[:, start:].mean(axis=1), fit, level, power)
    if estimate.upper - estimate.lower <= ROUNDING * float(np.abs(outcome.to_numpy(dtype=float)).max()):
        raise InferenceError(
            "no control departs from its mixture after the start, so that nothing tells chance from effect; choose "
            "another outcome",
            "no_variation",
        )
    index = ordered.index
    return Placebo(
        unit, estimate, intercept, pd.Series(own, index[1:]), pd.DataFrame(gaps, index, ordered.columns),
        pd.Series(fit, index), pd.Series(ratio, index), rank, rank / len(index), detectable,
    )  # fmt: skip


def _check_comparison(outcome: pd.DataFrame, unit: str, start: int) -> None:
    periods = outcome.shape[1]
    if not 2 <= start < periods or len(outcome) < 3:
        raise InferenceError(
            f"start {start} of {periods} periods, {len(outcome)} units: placebos need two periods before the start, one "
            "after, and two controls; move the window or add units",
            "few_periods" if len(outcome) >= 3 else "no_control",
        )
    once(outcome.index, "outcome")
    missing = outcome.index[outcome.isna().any(axis=1)]
    if unit not in outcome.index or len(missing):
        lacking = ", ".join(map(str, missing)) or f"{unit}, not among the units"
        raise InferenceError(f"figures are missing for {lacking}: leave these units out or move the window")


def _ridge(values: np.ndarray, start: int) -> float:
    """ζ²T₀ of synthetic difference in differences for one treated unit: ζ = T₁^¼ σ, σ of the controls' changes before."""
    changes = np.diff(values[1:, :start], axis=1)
    return float(np.sqrt(values.shape[1] - start) * changes.var(ddof=1) * start)


def _synthetic_gaps(values: np.ndarray, start: int, ridge: float) -> tuple[np.ndarray, np.ndarray]:
    """Donor weights of the first unit, and the gaps of all units; the first is nobody's donor."""
    donors = [np.delete(values[1:], unit - 1, axis=0) if unit else values[1:] for unit in range(len(values))]
    mixtures = simplex_weights_of_each(
        (own[:start], others[:, :start], ridge) for own, others in zip(values, donors, strict=True)
    )
    mixed = [product(weights, others) for weights, others in zip(mixtures, donors, strict=True)]
    return mixtures[0], values - np.array(mixed)


def _placebo_effect(
    effects: np.ndarray, fit: np.ndarray, level: float, power: float
) -> tuple[Estimate, float]:
    """Estimate of the first unit's effect, and the smallest one that its placebos would have let it show."""
    scaled, count = effects / fit, len(effects)
    kept = rejecting(1 - level, count)
    others = np.sort(np.abs(scaled[1:]))
    limit = float(others[-kept]) if kept else inf
    p = at_least(np.abs(scaled), abs(scaled[0])) / count
    effect, half = float(effects[0]), limit * float(fit[0])
    missed = max(np.quantile(scaled[1:], power), -np.quantile(scaled[1:], 1 - power))
    estimate = Estimate(
        "synthetic_control",
        "simple",
        effect,
        nan,
        effect - half,
        effect + half,
        p,
        "placebo",
        1,
        count - 1,
    )
    return estimate, half + float(missed) * float(fit[0])
