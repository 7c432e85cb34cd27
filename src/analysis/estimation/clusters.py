"""What the estimators with a standard error clustered by unit share: who may have one, Student's limits, bands, notes.

Estimates with a standard error use Student's t with as many degrees of freedom as the smaller group has units, less one:
with 18 treated units among 96 and the normal law, a true null would be rejected 7 times in 100. Inference that has no
meaning raises ``InferenceError`` and names what has one. It estimates nothing: ``group_time``, ``regressions`` and
``synthetic`` do, and stand on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import nan

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimation.checks import once
from analysis.estimation.confidence import LEVEL, normal, p_student, student
from analysis.estimation.sample import NEVER, Estimate, InferenceError, Path, ReasonKey, Sample, SampleError
from analysis.foundations.display import listed

MINIMUM_CLUSTERS = 5
"""Fewest treated and fewest control units for inference by cluster or multiplier bootstrap. With fewer treated units
these reject far too often (Conley and Taber, 2011; MacKinnon and Webb, 2018)."""

NORMAL = normal()
"""Quantile of the normal law for a two-sided interval."""


def require_clusters(treated: int, controls: int, inference: str) -> None:
    """Refuse (``InferenceError``) an inference by cluster with fewer than ``MINIMUM_CLUSTERS`` units on either side."""
    if min(treated, controls) < MINIMUM_CLUSTERS:
        raise InferenceError(
            f"{inference}: {treated} treated and {controls} control units, at least {MINIMUM_CLUSTERS} of each are "
            "needed; use randomisation inference, or a synthetic control with placebo ranks; with staggered "
            "treatment, a window that ends before the last cohort is treated makes controls of it",
            "few_units",
        )


def widening(treated: np.ndarray | int, controls: np.ndarray | int) -> np.ndarray:
    """What an error is multiplied by for its square to be without bias: √(k ÷ (k − 1)), k units in the smaller group.

    The squares of deviations from a group's own mean are divided by k, as in what is published, and not by k − 1: with
    five treated units and Student's t alone, a true null was rejected 6 to 7 times in 100, and the bands twice as often.
    """
    smaller = np.maximum(np.minimum(treated, controls), 2)
    factor: np.ndarray = np.sqrt(smaller / (smaller - 1))
    return factor


def student_quantile(treated: int, controls: int, left_out: bool = False) -> float:
    """How many errors a two-sided interval reaches, by Student's t; NaN with too few units for one.

    ``left_out``: the errors come from leaving out one unit after the other, and need no ``widening``.
    """
    smaller = min(treated, controls)
    if smaller < MINIMUM_CLUSTERS:
        return nan
    wider = 1.0 if left_out else float(widening(treated, controls))
    return wider * student(smaller - 1)


def estimate_of(
    estimator: str, estimand: str, att: float, se: float, treated: int, controls: int, rounding: float,
    left_out: bool = False,
) -> Estimate:  # fmt: skip
    """An estimate with clustered standard error; without limits when too few units stand behind it, or nothing varies.

    ``rounding``: what an error must exceed not to be what is left of rounding (``Sample.rounding``); ``left_out`` as in
    ``student_quantile``.
    """
    reach = student_quantile(treated, controls, left_out) * se
    if np.isnan(reach) or se <= rounding:
        reason: ReasonKey = "few_units" if np.isnan(reach) else "no_variation"
        return Estimate(estimator, estimand, att, nan, nan, nan, nan, "cluster", treated, controls, reason)
    wide = se if left_out else se * float(widening(treated, controls))
    p = p_student(att / wide, min(treated, controls) - 1)
    return Estimate(estimator, estimand, att, se, att - reach, att + reach, p, "cluster", treated, controls)


def path_of(
    estimator: str, horizons: Sequence[int] | np.ndarray, att: np.ndarray, se: np.ndarray,
    counts: tuple[np.ndarray, np.ndarray], critical: float, how: str,
    rounding: float, left_out: bool = False,
) -> Path:  # fmt: skip
    """A path whose bands reach as far as the normal ``critical`` would, carried over to Student's t.

    ``counts`` gives treated and control units by horizon; ``rounding`` and ``left_out`` as in ``estimate_of``.
    """
    treated, controls = counts
    point = np.array([student_quantile(t, c, left_out) for t, c in zip(treated, controls, strict=True)])
    se = np.where(np.isnan(point) | (se <= rounding), nan, se)
    freedom = np.minimum(treated, controls) - 1
    wide = -special.stdtrit(np.maximum(freedom, 1), special.ndtr(-critical)) * se
    wide *= 1.0 if left_out else widening(treated, controls)
    return Path(
        estimator, tuple(int(h) for h in horizons), att, se, att - point * se, att + point * se, att - wide, att + wide,
        how,
    )  # fmt: skip


def ordered(sample: Sample) -> Sample:
    """The sample with its units in the order of their names, so that draws do not depend on the order they came in."""
    units = sorted(sample.units, key=str)
    return sample if units == list(sample.units) else Sample(sample.outcome.loc[units], sample.first)


def with_controls(sample: Sample) -> tuple[Sample, list[str]]:
    """The sample in order, cut before the last cohort is treated, which is then control, if no unit is never treated."""
    sample = ordered(sample)
    if sample.never:
        return sample, []
    last = max(sample.cohorts)
    first = sample.first.where(sample.first != last, NEVER)
    note = (
        f"no unit is never treated: the cohort of {sample.periods[last]} is the control, before that period"
    )
    return Sample(sample.outcome.iloc[:, :last], first), [note]


def by_unit(sample: Sample, given: pd.DataFrame, what: str) -> pd.DataFrame:
    """Numbers by unit in the order of the sample's units. SampleError when one lacks a row or a finite number.

    ArgumentError when one has two.
    """
    once(given.index, what)
    ordered_rows = given.reindex(sample.outcome.index)
    bad = ~np.isfinite(ordered_rows.to_numpy(dtype=float)).all(axis=1)
    if bad.any():
        raise SampleError(
            f"{what}: {listed(ordered_rows.index[bad])}: missing or not finite; complete them, or leave these units out"
        )
    return ordered_rows


def cluster_codes(sample: Sample, clusters: pd.Series | None) -> np.ndarray:
    """The cluster of each unit as a number from 0 on, in the order of the sample's units; its own without ``clusters``."""
    if clusters is None:
        return np.arange(len(sample.units))
    once(clusters.index, "clusters")
    labels = clusters.reindex(sample.outcome.index)
    if labels.isna().any():
        raise SampleError(f"clusters: {listed(labels.index[labels.isna()])}: each unit needs one cluster")
    return pd.factorize(labels, sort=True)[0]


def cohort_notes(sample: Sample) -> list[str]:
    """Notes on cohorts too small for an interval. InferenceError when they hold most of the treated units."""
    small = {g: units for g, units in sample.cohorts.items() if len(units) < MINIMUM_CLUSTERS}
    number = sum(map(len, small.values()))
    if number > len(sample.treated) / 2:
        raise InferenceError(
            f"{number} of {len(sample.treated)} treated units are in cohorts of fewer than {MINIMUM_CLUSTERS}, which say "
            "too little of their own spread; bring dates of start together into waves, or use randomisation inference",
            "few_units",
        )
    return [
        f"fewer than {MINIMUM_CLUSTERS} units in the cohort of {sample.periods[g]}: no interval of its own, and its "
        "sampling error is understated in the averages"
        for g in small
    ]


def horizon_counts(sample: Sample, horizons: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Treated units observed at each horizon, and units never treated."""
    first = sample.first[sample.first != NEVER].to_numpy()
    reached = [((first + h >= 0) & (first + h < len(sample.periods))).sum() for h in horizons]
    return np.array(reached), np.full(len(reached), len(sample.never))


def sup_t(drawn: np.ndarray, se: np.ndarray, counts: tuple[np.ndarray, np.ndarray]) -> float:
    """Value that the largest of the studentised draws of a path passes in 1 − LEVEL of them."""
    usable = (np.minimum(*counts) >= MINIMUM_CLUSTERS) & (se > 0)
    if not usable.any():
        return NORMAL
    return max(NORMAL, float(np.quantile(np.abs(drawn[:, usable] / se[usable]).max(1), LEVEL)))
