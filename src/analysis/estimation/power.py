"""How large an effect would have been seen, and whether an inference keeps its promise.

- ``minimum_detectable``: the effect found four times in five, from figures before the policy.
- ``pilot``: what that effect asks of the people a pilot followed.
- ``simulate``: how often inferences reject on simulated panels, with and without an effect.

Arrays in, frozen results out. Nothing here looks at figures after the policy: a power computed from the estimate it
is to judge says nothing more than its p-value (Hoenig and Heisey, 2001).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimation.checks import ROUNDING, array, confidence, finite
from analysis.estimation.confidence import LEVEL, student
from analysis.estimation.draws import ASSIGNMENTS, SEED
from analysis.estimation.inference import MIN_TREATED, batches
from analysis.estimation.sample import NEVER, InferenceError, Sample
from analysis.foundations.arithmetic import Result, exactly_summed, precisely, rounded

POWER = 0.80
"""Probability with which a detectable effect is found (Cohen, 1988)."""

LEAST_FREEDOM = 4
"""Changes of treated units from which what they vary is known; with two, 66 % was found of what 80 % should find."""


@dataclass(frozen=True)
class Detectable(Result):
    """The smallest effect that a design lets be seen.

    Attributes
    ----------
    treated : int
        Number of units treated.
    units : int
        Number of units in all.
    windows : tuple[tuple[str, str, str], ...]
        First period before, first and last period after, of each stretch of figures used.
    se_by_window : tuple[float, ...]
        Standard deviation of the estimate, by window: over all choices of the treated units when they vary as the others
        do.
    se : float
        Their root mean square.
    mde : float
        Smallest effect seen with probability ``power`` at ``level``.
    mde_quantile : float
        The same, were the treated as variable as the others and the effect not divided by its error, from the quantiles
        of the estimates themselves.
    spread : float
        How many times as much the treated vary as the others.
    freedom : float
        Of Student's t.
    """

    treated: int
    units: int
    windows: tuple[tuple[str, str, str], ...]
    se_by_window: tuple[float, ...]
    se: float
    mde: float
    mde_quantile: float
    level: float
    power: float
    spread: float
    freedom: float

    @property
    def proportion(self) -> float:
        """``mde`` as a proportion of the outcome, when that is a logarithm."""
        return rounded(float(precisely(np.expm1, np.asarray(self.mde))))


def minimum_detectable(
    outcome: pd.DataFrame,
    treated: int,
    before: int,
    after: int,
    step: int | None = None,
    level: float = LEVEL,
    power: float = POWER,
    draws: int = ASSIGNMENTS,
    seed: int = SEED,
    spread: float = 1.0,
) -> Detectable:
    """Minimum detectable effect by permutation of who is treated, on figures that no treatment touched (Bloom, 1995).

    The estimate is the change of the treated units' mean, from the ``before`` periods to the ``after`` ones, less that
    of the others. Over all choices of the treated its variance is S²(1/k + 1/(N − k)), S² that of the changes (Neyman,
    1923), so only the quantiles need draws; with treated units r times as variable it is S₀²(r²/k + 1/(N − k)), S₀² that
    of the others. Serial correlation is in the changes and needs no model.

    From ``inference.MIN_TREATED`` units on each side effects are divided by their errors, and mde = (t₁₋α/₂ + t_power) · se,
    with Satterthwaite's degrees of freedom: with the normal law, 80 % was 66 % with six treated. With fewer they are divided
    by what the treated varied before, known from k(T − 1) changes, which are the degrees of freedom then.

    Parameters
    ----------
    outcome : DataFrame
        Units × periods, all before the policy, in the unit of the effect.
    treated : int
        k, number of units treated.
    before : int
        Length of the stretch before, in periods.
    after : int
        Length of the stretch after, in periods.
    step : int, optional
        Periods between the beginnings of two windows; ``after`` by default, so that no figure is an outcome twice.
    level : float, optional
        Confidence level of the interval, above 0.5 and below 1.
    power : float, optional
        Probability with which the effect is to be seen.
    draws : int, optional
        Number of random draws.
    seed : int, optional
        Of the random draws: the same seed gives the same result.
    spread : float, optional
        How many times as much the treated vary as the others (``inference.spread``).

    References
    ----------
    Bloom (1995); Neyman (1923).

    Examples
    --------
    >>> figures = pd.DataFrame(np.random.default_rng(1).normal(size=(40, 12)))
    >>> round(minimum_detectable(figures, treated=8, before=4, after=2, draws=200).mde, 1)
    0.8
    """
    values = array(outcome, "outcome before the policy", 2) if not _lacking(outcome) else None
    size, length = outcome.shape
    for name, count in (("before", before), ("after", after), ("step", step or after), ("draws", draws)):
        finite(count, name, least=1, whole=True)
    for name, share in (("level", level), ("power", power)):
        confidence(share, name)
    finite(treated, "treated", whole=True)
    finite(spread, "spread", above=0)
    if not 0 < treated < size:
        raise InferenceError(
            f"{treated} treated of {size} units: leave at least one on each side", "few_units"
        )
    starts = range(0, length - before - after + 1, step or after)
    if not len(starts):
        raise InferenceError(
            f"{length} periods before the policy, {before} + {after} needed: shorten the window or reach further back",
            "few_periods",
        )
    names = outcome.columns
    if values is None:
        raise InferenceError(
            "figures are missing before the policy: leave these units or periods out", "sample"
        )
    changes = np.array(
        [
            values[:, s + before : s + before + after].mean(axis=1) - values[:, s : s + before].mean(axis=1)
            for s in starts
        ]
    )
    parts = np.array([spread**2 / treated, 1 / (size - treated)])
    parts *= size / (treated * spread**2 + size - treated)
    alike = changes.var(axis=1, ddof=1)
    variances = alike * parts.sum()
    se = float(np.sqrt(variances.mean()))
    if se <= ROUNDING * float(np.abs(values).max()):
        raise InferenceError(
            "nothing changes between the units before the policy: how large an effect must be to stand out cannot be "
            "known; reach further back, or choose another outcome",
            "no_variation",
        )
    others = size - treated
    if min(treated, others) >= MIN_TREATED:
        freedom = float(parts.sum() ** 2 / (parts**2 / np.array([treated - 1, others - 1])).sum())
    else:
        freedom = float(treated * (length - 1))
        if freedom < LEAST_FREEDOM:
            raise InferenceError(
                f"{treated} treated and {length - 1} changes before the policy: too few to know what they vary; reach "
                "further back",
                "few_periods",
            )
    seen = student(freedom, level) + float(special.stdtrit(freedom, power))
    return Detectable(
        treated,
        size,
        tuple((str(names[s]), str(names[s + before]), str(names[s + before + after - 1])) for s in starts),
        tuple(float(v) for v in np.sqrt(variances)),
        se,
        seen * se,
        _quantile_effect(_reassigned(changes, treated, draws, seed), level, power),
        level,
        power,
        spread,
        freedom,
    )


def _lacking(outcome: pd.DataFrame) -> bool:
    """Whether a figure is missing."""
    return bool(isinstance(outcome, pd.DataFrame) and outcome.isna().any(axis=None))


def _reassigned(changes: np.ndarray, treated: int, draws: int, seed: int) -> np.ndarray:
    """Estimates over choices of the treated, all windows together; each unit once when one is treated."""
    size = changes.shape[1]
    if treated == 1:
        return _differences(np.eye(size), changes)
    rng, once = np.random.default_rng(seed), np.repeat([1.0, 0.0], [treated, size - treated])
    parts = (rng.permuted(np.tile(once, (number, 1)), axis=1) for number in batches(draws))
    return np.vstack([_differences(part, changes) for part in parts])


def _differences(chosen: np.ndarray, changes: np.ndarray) -> np.ndarray:
    """Mean change of the chosen less that of the others, by draw (rows of 0 and 1) and window."""
    treated, size = chosen[0].sum(), chosen.shape[1]
    values = exactly_summed(changes.T, size)
    sums = chosen @ values
    differences: np.ndarray = sums / treated - (values.sum(axis=0) - sums) / (size - treated)
    return differences


def _quantile_effect(estimates: np.ndarray, level: float, power: float) -> float:
    """Shift after which estimates pass their own critical value with probability ``power``, whichever its sign."""
    critical = np.quantile(np.abs(estimates), level)
    return float(critical + max(np.quantile(estimates, power), -np.quantile(estimates, 1 - power)))


@dataclass(frozen=True)
class Dilution(Result):
    """A detectable effect on a whole caseload, carried to the people that a pilot followed.

    Attributes
    ----------
    mde : float
        Smallest effect seen, as a proportion of the caseload.
    coverage : float
        Share (0–1) of it that was followed.
    effect : float
        What the pilot would have had to change among those it followed, as a proportion of them, had it changed nothing
        for the others.
    people : float
        ``mde`` in people.
    covered : float
        People followed. None where the caseload is not given.
    """

    mde: float
    coverage: float
    effect: float
    people: float | None
    covered: float | None

    @property
    def visible(self) -> bool:
        """False when even changing the situation of everyone followed would not have shown."""
        return self.effect <= 1


def pilot(mde: float, coverage: float, caseload: float | None = None) -> Dilution:
    """Effect on the people followed that a detectable effect on the caseload stands for: mde ÷ coverage.

    Parameters
    ----------
    mde : float
        Proportion of the caseload, above 0, e.g. ``Detectable.proportion``.
    coverage : float
        Share followed, above 0 and up to 1.
    caseload : float, optional
        Number of people, those followed included.

    Examples
    --------
    >>> round(pilot(0.02, coverage=0.05).effect, 2)  # 2 % of a caseload of which 5 % are followed
    0.4
    """
    mde = finite(mde, "mde, one of the proportions", above=0)
    coverage = finite(coverage, "coverage, one of the proportions", above=0, most=1)
    caseload = None if caseload is None else finite(caseload, "caseload", above=0)
    people, covered = (None, None) if caseload is None else (mde * caseload, coverage * caseload)
    return Dilution(mde, coverage, mde / coverage, people, covered)


@dataclass(frozen=True)
class Rejection(Result):
    """How often an inference rejects.

    Attributes
    ----------
    method : str
        Its name.
    treated : int
        Units treated.
    effect : float
        The true one, in the unit of the simulated outcome.
    rate : float
        Share (0–1) of the replications with p ≤ 1 − level.
    error : float
        Monte-Carlo standard error of that share.
    replications : int
        Number of panels.
    refused : int
        Those for which the inference declined.
    """

    method: str
    treated: int
    effect: float
    rate: float
    error: float
    replications: int
    refused: int


def autoregressive(rng: np.random.Generator, units: int, periods: int, correlation: float) -> np.ndarray:
    """Units × periods of a stationary AR(1) with innovations of variance one.

    Parameters
    ----------
    rng : random.Generator
        Where draws come from.
    units : int
        Number of rows.
    periods : int
        Number of columns.
    correlation : float
        Of one period with the next, above −1 and below 1.

    Returns
    -------
    ndarray
        (units, periods).
    """
    finite(units, "units", least=1, whole=True)
    finite(periods, "periods", least=1, whole=True)
    finite(abs(finite(correlation, "correlation")), "size of the correlation", most=1 - ROUNDING)
    shocks = rng.standard_normal((units, periods))
    values = np.empty_like(shocks)
    values[:, 0] = shocks[:, 0] / math.sqrt(1 - correlation**2)
    for t in range(1, periods):
        values[:, t] = correlation * values[:, t - 1] + shocks[:, t]
    return values


def simulate(
    methods: Mapping[str, Callable[[Sample], float]],
    noise: Callable[[np.random.Generator], np.ndarray],
    treated: int,
    start: int,
    effect: float = 0.0,
    spread: float = 1.0,
    replications: int = 1000,
    level: float = LEVEL,
    seed: int = SEED,
) -> tuple[Rejection, ...]:
    """Rejection rate of each method on the same panels (Bertrand, Duflo and Mullainathan, 2004).

    Parameters
    ----------
    methods : Mapping[str, Callable[[Sample], float]]
        From a sample to a p-value; one that raises ``InferenceError`` is counted as refused.
    noise : Callable[[random.Generator], ndarray]
        Draws units × periods without effect, e.g. ``autoregressive``, or the rows of a real panel in any order.
    treated : int
        Number of units treated, the first ones.
    start : int
        Position of the first treated period.
    effect : float, optional
        Added to them from then, in the unit of the noise.
    spread : float, optional
        The treated units' noise is multiplied by this.
    replications : int, optional
        Number of panels.
    level : float, optional
        Confidence level of the interval, above 0.5 and below 1.
    seed : int, optional
        Of the random draws: the same seed gives the same result.
    """
    finite(effect, "effect")
    finite(spread, "spread", above=0)
    finite(replications, "replications", least=1, whole=True)
    confidence(level)
    rng, p_values = np.random.default_rng(seed), {name: np.empty(replications) for name in methods}
    for turn in range(replications):
        values = array(noise(rng), "noise", 2).copy()
        finite(treated, "treated", least=1, most=len(values) - 1, whole=True)
        finite(start, "start", least=1, most=values.shape[1] - 1, whole=True)
        values[:treated] *= spread
        values[:treated, start:] += effect
        first = np.where(np.arange(len(values)) < treated, start, NEVER)
        sample = Sample(pd.DataFrame(values), pd.Series(first))
        for name, method in methods.items():
            p_values[name][turn] = _p_value(method, sample)
    return tuple(_rejection(name, treated, effect, p, level) for name, p in p_values.items())


def _p_value(method: Callable[[Sample], float], sample: Sample) -> float:
    try:
        return method(sample)
    except InferenceError:
        return math.nan


def _rejection(name: str, treated: int, effect: float, p: np.ndarray, level: float) -> Rejection:
    answered = p[~np.isnan(p)]
    if not len(answered):
        return Rejection(name, treated, effect, math.nan, math.nan, len(p), len(p))
    rate = float((answered <= 1 - level + 1e-12).mean())
    error = math.sqrt(rate * (1 - rate) / len(answered))
    return Rejection(name, treated, effect, rate, error, len(p), len(p) - len(answered))
