"""Comparisons with a weighted mixture of the units never treated: synthetic control and synthetic difference in differences.

- ``synthetic_control``: one treated unit; ``placebo_ranks``: the same, with what chance gives, from every control in turn.
- ``synthetic_did``: any number of treated units, cohort by cohort.

Computed here and not by diff-diff, which has no synthetic difference in differences by cohort; it searches how much each
predictor of a synthetic control counts. ``Sample`` or frames in,
frozen results out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb, inf, nan

import numpy as np
import pandas as pd

from analysis.estimation.checks import ROUNDING, confidence, once
from analysis.estimation.clusters import NORMAL, by_unit, ordered
from analysis.estimation.confidence import LEVEL, p_normal
from analysis.estimation.draws import BOOTSTRAP_SEED as SEED
from analysis.estimation.draws import PLACEBOS
from analysis.estimation.inference import at_least, rejecting
from analysis.estimation.library import predictor_importance
from analysis.estimation.sample import NEVER, Estimate, InferenceError, Sample, SampleError
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

    Attributes:
        att: mean gap from ``first`` (label of the first treated period) on. weights: by donor, they sum to one.
        observed, synthetic, gap: by period. rmspe_before, rmspe_after: root mean squared gap on each side.
        predictors: by predictor that weighed donors, ``treated``, ``synthetic``, ``donors`` (their mean) and ``importance``
            (they sum to one); None when the outcome before treatment did.
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


@dataclass(frozen=True, repr=False)
class Block(Result):
    """Synthetic difference in differences of one cohort against the units never treated.

    Attributes:
        cohort: label of the first treated period. treated: number of units. att: its effect.
        share: its weight in the average, its treated unit-periods among all.
        unit_weights: by control. time_weights: by period before treatment. noise_level: standard deviation of the
            controls' first differences before treatment, which sets the penalty on the unit weights.
    """

    cohort: str
    treated: int
    att: float
    share: float
    unit_weights: pd.Series
    time_weights: pd.Series
    noise_level: float


@dataclass(frozen=True, repr=False)
class SyntheticDid(Result):
    """Synthetic difference in differences (Arkhangelsky et al., 2021), cohort by cohort (Clarke et al., 2023).

    Attributes:
        estimate: average of the cohorts; se is the spread of the placebos, or the jackknife's. No error is given
            where the controls do not vary among themselves (``reason``).
        blocks: one per cohort, earliest first.
        placebo: effects estimated on controls taken for treated; empty for the jackknife.
    """

    estimate: Estimate
    blocks: tuple[Block, ...]
    placebo: np.ndarray


# --------------------------------------------------------------------------------------------------------- one treated


def synthetic_control(
    sample: Sample, unit: str | None = None, predictors: pd.DataFrame | None = None, importance: pd.Series | None = None,
    seed: int = SEED,
) -> Synthetic:  # fmt: skip
    """Synthetic control of one treated unit; donors are never treated.

    Args:
        unit: the treated unit; may be left out when there is only one.
        predictors: units × what is known before treatment (means of the outcome over some periods, of other variables);
            donors are then weighed so that these agree, and of mixtures that agree as well the one that follows the outcome
            best is taken. Without them the outcome of each period before treatment is one.
        importance: by predictor, not negative; without it, searched from several points (``seed``) so that the outcome
            before treatment is followed best (Abadie, Diamond and Hainmueller, 2010). The periods that count are those
            of the sample; found on an earlier window, it can be given to a later one (Abadie et al., 2015).
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
    first, observed = int(sample.first[unit]), sample.outcome.loc[unit].astype(float)
    _require_past(sample, first)
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


def _require_past(sample: Sample, first: int) -> None:
    if first < MINIMUM_BEFORE:
        raise SampleError(
            f"{sample.periods[first]}: treated after {first} period of the window, {MINIMUM_BEFORE} at least are needed to "
            "weigh the controls; begin the window earlier",
            "few_periods",
        )


@dataclass(frozen=True)
class Placebo(Result):
    """One treated unit against its synthetic control, among the same comparison made for every control unit.

    Attributes:
        unit: the treated one. estimate: average gap after the start; p and interval from its ratio to the fit before.
        intercept: whether units were compared after removing their own mean before the start.
        weights: of the donors in the unit's synthetic control.
        gaps: units × periods, outcome less its synthetic control, the treated unit in the first row.
        fit: root mean squared gap before the start, by unit. ratio: the one after the start over the one before.
        rank: place of the treated unit by ratio, 1 for the largest. p_ratio: rank ÷ number of units.
        detectable: effect that would be found with probability ``power``, whichever its sign.
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

    Args:
        outcome: units × periods; every unit but ``unit`` is never treated. start: position of the first treated period.
        intercept: donors need match changes, not levels (Doudchenko and Imbens, 2016; Ferman and Pinto, 2021).
        penalised: spread the weights with the ridge of synthetic difference in differences (Arkhangelsky et al.,
            2021). Without it some units are matched exactly when periods are few, and their ratio means nothing.

    InferenceError when the start leaves nothing before or after, or some control is matched exactly.
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
    found = simplex_weights_of_each(
        (own[:start], others[:, :start], ridge) for own, others in zip(values, donors, strict=True)
    )
    mixed = [product(weights, others) for weights, others in zip(found, donors, strict=True)]
    return found[0], values - np.array(mixed)


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


# ----------------------------------------------------------------------------------------------- any number of treated


def synthetic_did(
    sample: Sample, inference: str = "placebo", draws: int = PLACEBOS, seed: int = SEED
) -> SyntheticDid:
    """Synthetic difference in differences (Arkhangelsky et al., 2021), with exact weights.

    Staggered samples are estimated cohort by cohort against the units never treated, and averaged by treated
    unit-periods (Clarke et al., 2023).

    Args:
        inference: ``placebo`` gives the treatment of the sample to controls, in all ways when these are no more than
            ``draws``: p is the share of effects as large, and the interval is as wide as the placebos that are larger
            than all but 5 %, each divided by what the units it is of varied from period to period before treatment, as
            in ``inference.varied_before``. Undivided, they suppose that the treated vary as the controls do, and reject
            a true null 25 to 40 times in 100 when they vary twice as much. se is theirs undivided, as it is published.
            ``jackknife`` leaves out one unit after the other, needs two treated units in each cohort, and takes the
            normal law.
    """
    sample = ordered(sample)
    outcome, first = sample.outcome.to_numpy(dtype=float), sample.first.to_numpy()
    controls, cohorts = outcome[first == NEVER], {g: outcome[first == g] for g in sample.cohorts}
    sizes = {g: len(rows) for g, rows in cohorts.items()}
    _require_resampling(inference, sizes, len(controls))
    _require_past(sample, min(sizes))
    fits = dict(zip(cohorts, _sdid([_Cohort(rows, controls, g) for g, rows in cohorts.items()]), strict=True))
    att, shares = _sdid_average(fits)
    if inference == "placebo":
        drawn = _drawn(len(controls), sizes, draws, seed)
        placebo = _sdid_placebos(controls, drawn, sizes, fits)
        se = float(np.std(placebo))
        p, reach = _among(placebo, att, _times_as_variable(cohorts, controls, drawn, sample.rounding))
    else:
        placebo, se = np.array([]), _sdid_jackknife(cohorts, controls, fits)
        p, reach = _normal(att, se)
    counts, reason = (len(sample.treated), len(controls)), ""
    if se <= sample.rounding or reach <= sample.rounding:
        se, p, reach, reason = nan, nan, nan, "no_variation"
    return SyntheticDid(
        Estimate("synthetic_did", "simple", att, se, att - reach, att + reach, p, inference, *counts, reason),
        tuple(
            Block(
                cohort=sample.periods[g],
                treated=fit.treated,
                att=fit.att,
                share=shares[g],
                unit_weights=pd.Series(fit.units, list(sample.never)),
                time_weights=pd.Series(fit.times, list(sample.periods[:g])),
                noise_level=fit.noise,
            )
            for g, fit in fits.items()
        ),
        placebo,
    )


def _among(placebo: np.ndarray, att: float, times: np.ndarray) -> tuple[float, float]:
    """p-value of an effect among placebos, itself counted, and how large one must be to be told from zero.

    ``times``: by placebo, how many times as much the treated units varied as those it is of.
    """
    sizes, count = np.sort(np.abs(placebo * times))[::-1], len(placebo) + 1
    kept = rejecting(1 - LEVEL, count)
    p = float((1 + at_least(sizes, abs(att))) / count)
    return p, float(sizes[kept - 1]) if kept else inf


def _times_as_variable(
    cohorts: Mapping[int, np.ndarray], controls: np.ndarray, drawn: Sequence[np.ndarray], rounding: float
) -> np.ndarray:
    """How many times as much the treated changed before treatment as each draw of controls; 1 when they never did."""
    start = min(cohorts)
    usual = controls[:, :start].mean(axis=0)
    treated = np.concatenate(list(cohorts.values()))
    own, others = (
        (np.diff(rows[:, :start] - usual, axis=1) ** 2).mean(axis=1) for rows in (treated, controls)
    )
    if own.mean() <= rounding**2:
        return np.ones(len(drawn))
    return np.sqrt(own.mean() / np.maximum([others[units].mean() for units in drawn], np.finfo(float).tiny))


def _normal(att: float, se: float) -> tuple[float, float]:
    """p-value by the normal law, and half the width of the interval."""
    return p_normal(att / se) if se > 0 else 1.0, NORMAL * se


def _require_resampling(inference: str, sizes: Mapping[int, int], controls: int) -> None:
    treated = sum(sizes.values())
    if inference == "placebo" and controls <= treated:
        raise InferenceError(
            f"placebo: {controls} controls for {treated} treated units, more controls than treated units are needed; "
            "add units, or end the window before the last cohort is treated",
            "few_units",
        )
    if inference == "jackknife" and (min(sizes.values()) < 2 or controls < 2):
        raise InferenceError(
            "jackknife: leaving out the only unit of a cohort leaves nothing to estimate; use placebo",
            "alone",
        )
    if inference not in ("placebo", "jackknife"):
        raise InferenceError(f"{inference}: synthetic_did has placebo and jackknife; choose one")


@dataclass(frozen=True)
class _Sdid:
    """Effect and weights of one cohort of ``treated`` units over ``periods`` treated periods."""

    att: float
    units: np.ndarray
    times: np.ndarray
    noise: float
    treated: int
    periods: int


@dataclass(frozen=True)
class _Cohort:
    """Outcomes of a cohort (units × periods), of its controls, its first treated period; the noise, when it is known."""

    rows: np.ndarray
    controls: np.ndarray
    first: int
    noise: float | None = None

    @property
    def level(self) -> float:
        """Standard deviation of the changes of the controls before treatment, unless another noise is given."""
        if self.noise is not None:
            return self.noise
        return float(np.diff(self.controls[:, : self.first], axis=1).std(ddof=1))

    def mixtures(self) -> Iterator[tuple[np.ndarray, np.ndarray, float]]:
        """What the weights of the units and those of the periods solve."""
        before, after = self.controls[:, : self.first], self.controls[:, self.first :]
        target = self.rows.mean(0)[: self.first]
        ridge = self.first * np.sqrt(len(self.rows) * after.shape[1]) * self.level**2
        yield target - target.mean(), before - before.mean(1, keepdims=True), ridge
        ridge = len(self.controls) * (1e-6 * self.level) ** 2
        yield after.mean(1) - after.mean(), (before - before.mean(0)).T, ridge


def _sdid(cohorts: Sequence[_Cohort]) -> list[_Sdid]:
    """Each cohort against its controls."""
    found = iter(simplex_weights_of_each(mixture for one in cohorts for mixture in one.mixtures()))
    fits = []
    for one, units, times in zip(cohorts, found, found, strict=False):
        att = _double_difference(one.rows, one.controls, units, times)
        fits.append(_Sdid(att, units, times, one.level, len(one.rows), one.controls.shape[1] - one.first))
    return fits


def _double_difference(rows: np.ndarray, controls: np.ndarray, units: np.ndarray, times: np.ndarray) -> float:
    gap = rows.mean(0) - product(units, controls)
    return float(gap[len(times) :].mean() - product(times, gap[: len(times)]))


def _sdid_average(fits: Mapping[int, _Sdid]) -> tuple[float, dict[int, float]]:
    """Mean of the cohorts by treated unit-periods, and the share of each."""
    total = sum(fit.treated * fit.periods for fit in fits.values())
    shares = {g: fit.treated * fit.periods / total for g, fit in fits.items()}
    return sum(shares[g] * fit.att for g, fit in fits.items()), shares


def _drawn(number: int, sizes: Mapping[int, int], draws: int, seed: int) -> list[np.ndarray]:
    """Controls that take the place of the treated: every choice when these are no more than the draws."""
    treated = sum(sizes.values())
    if len(sizes) == 1 and comb(number, treated) <= draws:
        return [np.array(c) for c in combinations(range(number), treated)]
    generator = np.random.default_rng(seed)
    return [generator.permutation(number)[:treated] for _ in range(draws)]


def _sdid_placebos(
    controls: np.ndarray, chosen: Sequence[np.ndarray], sizes: Mapping[int, int], fits: Mapping[int, _Sdid]
) -> np.ndarray:
    """Effects where controls drawn at random take the place of the treated, cohort by cohort (Algorithm 4)."""
    ends = np.cumsum(list(sizes.values()))[:-1]
    cohorts = [
        _Cohort(controls[group], np.delete(controls, drawn, axis=0), g, fits[g].noise)
        for drawn in chosen
        for g, group in zip(sizes, np.split(drawn, ends), strict=True)
    ]
    found = iter(_sdid(cohorts))
    return np.array([_sdid_average(dict(zip(sizes, found, strict=False)))[0] for _ in chosen])


def _sdid_jackknife(
    cohorts: Mapping[int, np.ndarray], controls: np.ndarray, fits: Mapping[int, _Sdid]
) -> float:
    """Standard error with each unit left out in turn, weights kept and scaled to sum to one (Algorithm 3)."""
    found = []
    for k in range(len(controls)):
        rest, parts = np.delete(controls, k, axis=0), {}
        for g, fit in fits.items():
            units = np.delete(fit.units, k)
            if units.sum() <= 0:
                raise InferenceError("jackknife: a single control has all the weight; use placebo", "alone")
            att = _double_difference(cohorts[g], rest, units / units.sum(), fit.times)
            parts[g] = replace(fit, att=att)
        found.append(_sdid_average(parts)[0])
    for g, rows in cohorts.items():
        for k in range(len(rows)):
            att = _double_difference(np.delete(rows, k, axis=0), controls, fits[g].units, fits[g].times)
            found.append(_sdid_average({**fits, g: replace(fits[g], att=att, treated=len(rows) - 1)})[0])
    return float(np.sqrt(len(found) - 1) * np.std(found))
