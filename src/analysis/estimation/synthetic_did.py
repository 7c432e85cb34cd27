"""Synthetic difference in differences (Arkhangelsky et al., 2021), for any number of treated units, cohort by cohort.

Computed here and not by diff-diff, which has none by cohort. ``Sample`` in, frozen results out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb, inf, nan
from typing import Literal

import numpy as np
import pandas as pd

from analysis.estimation.clusters import NORMAL, ordered
from analysis.estimation.confidence import LEVEL, p_normal
from analysis.estimation.draws import BOOTSTRAP_SEED as SEED
from analysis.estimation.draws import PLACEBOS
from analysis.estimation.rejection import at_least, rejecting
from analysis.estimation.sample import NEVER, Estimate, InferenceError, ReasonKey, Sample
from analysis.estimation.simplex import simplex_weights_of_each
from analysis.estimation.synthetic import require_past
from analysis.foundations.arithmetic import Result, product


@dataclass(frozen=True, repr=False)
class Block(Result):
    """Synthetic difference in differences of one cohort against the units never treated.

    Attributes
    ----------
    cohort : str
        Label of the first treated period.
    treated : int
        Number of units.
    att : float
        Its effect.
    share : float
        Its weight in the average, its treated unit-periods among all.
    unit_weights : Series
        By control.
    time_weights : Series
        By period before treatment.
    noise_level : float
        Standard deviation of the controls' first differences before treatment, which sets the penalty on the unit
        weights.
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

    Attributes
    ----------
    estimate : Estimate
        Average of the cohorts; se is the spread of the placebos, or the jackknife's. No error is given where the
        controls do not vary among themselves (``reason``).
    blocks : tuple[Block, ...]
        One per cohort, earliest first.
    placebo : ndarray
        Effects estimated on controls taken for treated; empty for the jackknife.
    """

    estimate: Estimate
    blocks: tuple[Block, ...]
    placebo: np.ndarray


def synthetic_did(
    sample: Sample, inference: str = "placebo", draws: int = PLACEBOS, seed: int = SEED
) -> SyntheticDid:
    """Synthetic difference in differences (Arkhangelsky et al., 2021), with exact weights.

    Staggered samples are estimated cohort by cohort against the units never treated, and averaged by treated
    unit-periods (Clarke et al., 2023).

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    inference : str, optional
        ``placebo``: the treatment is given to controls instead, in all ways when these are no more than ``draws``. Each
        placebo effect is divided by how much its own units varied from period to period before treatment
        (``inference.varied_before``): undivided, placebos reject a true null 25 to 40 times in 100 when the treated vary
        twice as much as the controls. p is the share of placebos as large as the effect; the interval reaches as far as
        the largest 5 % of them begin. se is the spread of the undivided placebos, as published.
        ``jackknife``: one unit is left out after the other, and the normal law is taken; each cohort needs two treated
        units.
    draws : int, optional
        Number of random draws.
    seed : int, optional
        Of the random draws: the same seed gives the same result.

    References
    ----------
    Arkhangelsky et al. (2021); Clarke et al. (2023).
    """
    sample = ordered(sample)
    outcome, first = sample.outcome.to_numpy(dtype=float), sample.first.to_numpy()
    controls, cohorts = outcome[first == NEVER], {g: outcome[first == g] for g in sample.cohorts}
    sizes = {g: len(rows) for g, rows in cohorts.items()}
    _require_resampling(inference, sizes, len(controls))
    require_past(sample, min(sizes))
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
    counts = len(sample.treated), len(controls)
    reason: ReasonKey | Literal[""] = ""
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

    ``times``: by placebo, how many times as much the treated units varied as the units of the placebo.
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
    drawn_squares = np.array([others[units].mean() for units in drawn])
    ratios: np.ndarray = np.sqrt(own.mean() / np.maximum(drawn_squares, np.finfo(float).tiny))
    return ratios


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
    weights = iter(simplex_weights_of_each(mixture for one in cohorts for mixture in one.mixtures()))
    fits = []
    for one, units, times in zip(cohorts, weights, weights, strict=False):
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
    fitted = iter(_sdid(cohorts))
    return np.array([_sdid_average(dict(zip(sizes, fitted, strict=False)))[0] for _ in chosen])


def _sdid_jackknife(
    cohorts: Mapping[int, np.ndarray], controls: np.ndarray, fits: Mapping[int, _Sdid]
) -> float:
    """Standard error with each unit left out in turn, weights kept and scaled to sum to one (Algorithm 3)."""
    effects = []
    for k in range(len(controls)):
        rest, parts = np.delete(controls, k, axis=0), {}
        for g, fit in fits.items():
            units = np.delete(fit.units, k)
            if units.sum() <= 0:
                raise InferenceError("jackknife: a single control has all the weight; use placebo", "alone")
            att = _double_difference(cohorts[g], rest, units / units.sum(), fit.times)
            parts[g] = replace(fit, att=att)
        effects.append(_sdid_average(parts)[0])
    for g, rows in cohorts.items():
        for k in range(len(rows)):
            att = _double_difference(np.delete(rows, k, axis=0), controls, fits[g].units, fits[g].times)
            effects.append(_sdid_average({**fits, g: replace(fits[g], att=att, treated=len(rows) - 1)})[0])
    return float(np.sqrt(len(effects) - 1) * np.std(effects))
