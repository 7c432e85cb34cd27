"""Effects by cohort and period, and their averages (Callaway and Sant'Anna, 2021): ``Sample`` in, frozen results out.

Computed here and not by diff-diff, which gives no average by calendar period, no Wald test, and draws that differ with
its compiled part installed. Given covariates, a cohort is compared with controls by ``adjustment.conditional_change``;
given clusters above the unit, influence is summed within them before anything is said of errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimation.adjustment import METHODS, Method, conditional_change
from analysis.estimation.checks import ArgumentError, probability
from analysis.estimation.clusters import (
    by_unit,
    cluster_codes,
    cohort_notes,
    estimate_of,
    path_of,
    require_clusters,
    student_quantile,
    sup_t,
    with_controls,
)
from analysis.estimation.draws import BOOTSTRAP, BOOTSTRAP_SEED
from analysis.estimation.inference import Control
from analysis.estimation.sample import NEVER, Estimate, Path, Sample
from analysis.foundations.arithmetic import Result, product, root, solve


@dataclass(frozen=True, repr=False)
class GroupTime(Result):
    """Effects by cohort and period, and their averages (Callaway and Sant'Anna, 2021).

    Limits are NaN where fewer than ``MINIMUM_CLUSTERS`` treated or control units stand behind an effect.

    Attributes
    ----------
    table : DataFrame
        ATT(g, t), one row per cohort and period: cohort, period (labels), horizon, att, se, lower, upper, treated,
        controls (numbers of units, or of clusters of units where errors are clustered above them).
    aggregates : Mapping[str, Estimate]
        ``simple``, ``dynamic``, ``group``, ``calendar``.
    by_cohort, by_period : Mapping[str, Estimate]
        Estimates by label of the first treated period and of the period.
    path : Path
        By horizon, with bands that hold for all horizons at once (multiplier bootstrap, sup-t).
    covariance : ndarray
        Of the effects of the path, in its order.
    pretest_p : float
        Wald test that all effects before treatment are zero; NaN where there are none, or more of them than half the
        smaller group, with which the test is not defined.
    cohort_sizes : Mapping[str, int]
        Treated units by label of the first treated period.
    control : Control
        ``never`` or ``not_yet``.
    base : str
        ``universal`` or ``varying``.
    notes : tuple[str, ...]
        What was left aside, in English.
    """

    table: pd.DataFrame
    aggregates: Mapping[str, Estimate]
    by_cohort: Mapping[str, Estimate]
    by_period: Mapping[str, Estimate]
    path: Path
    covariance: np.ndarray
    pretest_p: float
    cohort_sizes: Mapping[str, int]
    control: Control
    base: str
    notes: tuple[str, ...]

    @property
    def estimate(self) -> Estimate:
        """The average over treated units and periods."""
        return self.aggregates["simple"]


@dataclass(frozen=True)
class _Effects:
    """Effects with their influence functions.

    Attributes
    ----------
    att : ndarray
        (k,).
    influence : ndarray
        (n, k), mean zero, so that att has covariance influenceᵀ·influence ÷ n².
    members : ndarray
        (n, k), whether a unit is treated behind the effect.
    controls : ndarray
        (k,), fewest controls behind it, or fewest clusters with controls.
    """

    att: np.ndarray
    influence: np.ndarray
    members: np.ndarray
    controls: np.ndarray

    def pick(self, chosen: np.ndarray) -> _Effects:
        """Some of the effects."""
        return _Effects(
            self.att[chosen], self.influence[:, chosen], self.members[:, chosen], self.controls[chosen]
        )

    def clustered(self, codes: np.ndarray) -> _Effects:
        """The same with a row a cluster, given that of each unit: units of one share their errors and count as one."""
        member = (codes == np.arange(codes.max() + 1)[:, None]).astype(float)
        influence = product(member, self.influence) * (len(member) / len(codes))
        return replace(self, influence=influence, members=product(member, self.members.astype(float)) > 0)

    @property
    def se(self) -> np.ndarray:
        """Standard errors, clustered by row."""
        errors: np.ndarray = np.sqrt((self.influence**2).mean(0) / len(self.influence))
        return errors

    @property
    def covariance(self) -> np.ndarray:
        """Covariance of the effects."""
        return product(self.influence.T, self.influence) / len(self.influence) ** 2

    def estimate(self, estimand: str, rounding: float) -> Estimate:
        """The only effect held, as an estimate; ``rounding`` as in ``clusters.estimate_of``."""
        treated, controls = int(self.members.any(1).sum()), int(self.controls.min())
        return estimate_of(
            "callaway_santanna", estimand, float(self.att[0]), float(self.se[0]), treated, controls, rounding
        )


def _stack(parts: Sequence[_Effects]) -> _Effects:
    return _Effects(
        np.concatenate([p.att for p in parts]),
        np.concatenate([p.influence for p in parts], axis=1),
        np.concatenate([p.members for p in parts], axis=1),
        np.concatenate([p.controls for p in parts]),
    )


def _plain(effects: _Effects) -> _Effects:
    """Mean of effects."""
    return _Effects(
        effects.att.mean(keepdims=True),
        effects.influence.mean(1, keepdims=True),
        np.asarray(effects.members.any(1, keepdims=True)),
        effects.controls.min(keepdims=True),
    )


def _pooled(effects: _Effects) -> _Effects:
    """Mean of effects by the number of treated units behind each, whose own sampling counts in the influence."""
    share = effects.members.mean(0)
    total = share.sum()
    off = effects.members - share
    drift = off / total - np.outer(off.sum(1), share) / total**2
    influence = product(effects.influence, share / total) + product(drift, effects.att)
    return replace(
        _plain(effects),
        att=np.array([product(effects.att, share) / total]),
        influence=influence[:, None],
    )


@dataclass(frozen=True)
class _Given:
    """What effects are conditional on, in the order of the sample's units, and the cluster of each (its own without any)."""

    covariates: pd.DataFrame | None
    method: Method
    codes: np.ndarray


def _group_time(
    sample: Sample, control: Control, base: str, given: _Given
) -> tuple[_Effects, np.ndarray, np.ndarray]:
    """ATT(g, t) for every cohort and period that has controls, with its first treated period and its period."""
    outcome, first = sample.outcome.to_numpy(dtype=float), sample.first.to_numpy()
    columns, places = [], []
    for g in sample.cohorts:
        member = first == g
        for t in range(outcome.shape[1]):
            start = g - 1 if t >= g or base == "universal" else t - 1
            if t == start or start < 0:
                continue
            spared = first == NEVER
            if control == "not_yet":
                spared = spared | (first > max(t, start)) & ~member
            columns.append(_two_by_two(outcome[:, t] - outcome[:, start], member, spared, given))
            places.append((g, t))
    g, t = np.array(places).T
    return _stack(columns), g, t


def _two_by_two(change: np.ndarray, member: np.ndarray, spared: np.ndarray, given: _Given) -> _Effects:
    """Mean change of a cohort less that of its controls."""
    if given.covariates is None:
        att, influence = _plain_change(change, member, spared)
    else:
        both = member | spared
        att, own = conditional_change(
            change[both], member[both].astype(float), given.covariates[both], given.method
        )
        influence = np.zeros(len(change))
        influence[both] = own / both.mean()
    controls = np.array([len(np.unique(given.codes[spared]))])
    return _Effects(np.array([att]), influence[:, None], member[:, None], controls)


def _plain_change(change: np.ndarray, member: np.ndarray, spared: np.ndarray) -> tuple[float, np.ndarray]:
    mean, other = change[member].mean(), change[spared].mean()
    influence = np.where(member, (change - mean) / member.mean(), 0.0) - np.where(
        spared, (change - other) / spared.mean(), 0.0
    )
    return mean - other, influence


def callaway_santanna(
    sample: Sample, control: Control = "never", base: str = "universal", draws: int = BOOTSTRAP, seed: int = BOOTSTRAP_SEED,
    covariates: pd.DataFrame | None = None, method: Method = "dr", clusters: pd.Series | None = None,
) -> GroupTime:  # fmt: skip
    """Effects by cohort and period, and their averages (Callaway and Sant'Anna, 2021).

    Standard errors come from the influence functions, in which the sampling of cohort sizes counts as well.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    control : Control, optional
        ``never`` treated units, or also those ``not_yet`` treated.
    base : str, optional
        Before treatment, effects are measured from the last period before it (``universal``, so that both sides of a
        path read alike; Roth, 2024) or from one period to the next (``varying``, as the R package does).
    draws : int, optional
        Of the multiplier bootstrap behind the bands.
    seed : int, optional
        Of the random draws: the same seed gives the same result.
    covariates : DataFrame, optional
        (units, k) known before treatment, given which trends are held to be parallel; powers and products that matter
        are columns of their own.
    method : Method, optional
        How they enter, see ``conditional_change``.
    clusters : Series, optional
        By unit, what units share errors with (a région), above the unit; errors are clustered by unit without.

    Raises
    ------
    OverlapError
        When no control resembles the treated given the covariates.

    References
    ----------
    Callaway and Sant'Anna (2021); Roth (2024).
    """
    if control not in ("never", "not_yet") or base not in ("universal", "varying") or method not in METHODS:
        raise ArgumentError(
            f"control={control!r}, base={base!r}, method={method!r}: never or not_yet, universal or varying, "
            f"{', '.join(METHODS)}"
        )
    sample, notes = with_controls(sample)
    known = None if covariates is None else by_unit(sample, covariates, "covariates")
    given = _Given(known, method, cluster_codes(sample, clusters))
    cells, g, t = _group_time(sample, control, base, given)
    after, horizon = t >= g, t - g
    cohorts, periods, horizons = list(sample.cohorts), np.unique(t[after]), np.unique(horizon)
    by_cohort = _stack([_plain(cells.pick(after & (g == c))) for c in cohorts])
    by_period = _stack([_pooled(cells.pick(after & (t == p))) for p in periods])
    by_horizon = _stack([_pooled(cells.pick(horizon == h)) for h in horizons])
    averages = {
        "simple": _pooled(cells.pick(after)),
        "dynamic": _plain(by_horizon.pick(horizons >= 0)),
        "group": _pooled(by_cohort),
        "calendar": _plain(by_period),
    }
    if clusters is not None:
        cells, by_cohort, by_period, by_horizon = (
            effects.clustered(given.codes) for effects in (cells, by_cohort, by_period, by_horizon)
        )
        averages = {name: effects.clustered(given.codes) for name, effects in averages.items()}
    treated = int(cells.members.any(1).sum())
    require_clusters(treated, int(cells.controls[after].min()), "multiplier bootstrap")
    notes += cohort_notes(sample)
    return GroupTime(
        table=_cell_table(sample, cells, g, t),
        aggregates={name: effects.estimate(name, sample.rounding) for name, effects in averages.items()},
        by_cohort=_by_label(by_cohort, "cohort", [sample.periods[c] for c in cohorts], sample.rounding),
        by_period=_by_label(by_period, "period", [sample.periods[p] for p in periods], sample.rounding),
        path=_banded(by_horizon, horizons, draws, seed, sample.rounding),
        covariance=by_horizon.covariance,
        pretest_p=_wald(cells.pick(~after), sample.rounding),
        cohort_sizes={sample.periods[c]: len(units) for c, units in sample.cohorts.items()},
        control=control,
        base=base,
        notes=tuple(notes),
    )


def _by_label(
    effects: _Effects, estimand: str, labels: Sequence[Any], rounding: float
) -> dict[str, Estimate]:
    return {
        label: effects.pick(np.array([k])).estimate(f"{estimand} {label}", rounding)
        for k, label in enumerate(labels)
    }


def _cell_table(sample: Sample, cells: _Effects, g: np.ndarray, t: np.ndarray) -> pd.DataFrame:
    treated = cells.members.sum(0)
    reach = np.array([student_quantile(n, c) for n, c in zip(treated, cells.controls, strict=True)])
    se = np.where(np.isnan(reach) | (cells.se <= sample.rounding), nan, cells.se)
    return pd.DataFrame(
        {
            "cohort": [sample.periods[c] for c in g],
            "period": [sample.periods[p] for p in t],
            "horizon": t - g,
            "att": cells.att,
            "se": se,
            "lower": cells.att - reach * se,
            "upper": cells.att + reach * se,
            "treated": treated,
            "controls": cells.controls,
        }
    )


def _banded(effects: _Effects, horizons: np.ndarray, draws: int, seed: int, rounding: float) -> Path:
    """Path with bands from the multiplier bootstrap, whose multipliers are normal, drawn by their sums.

    With two-point multipliers, k treated units give 2ᵏ sums none of which is large: the bands then left zero out 15 to 26
    times in 100 with six treated units and no effect, and 10 times with 18 that vary more than the others.
    """
    counts = effects.members.sum(0), effects.controls
    normal = np.random.default_rng(seed).standard_normal((draws, len(horizons)))
    critical = sup_t(product(normal, root(effects.covariance).T), effects.se, counts)
    return path_of(
        "callaway_santanna",
        horizons,
        effects.att,
        effects.se,
        counts,
        critical,
        "multiplier_bootstrap",
        rounding,
    )


def _wald(before: _Effects, rounding: float) -> float:
    """p-value that all effects before treatment are zero; NaN where the test is not defined."""
    number = len(before.att)
    smaller = min(before.members.any(1).sum(), before.controls.min()) if number else 0
    if not 0 < number <= smaller / 2 or before.se.min() <= rounding:
        return nan
    if np.linalg.matrix_rank(before.covariance, hermitian=True) < number:
        return nan
    solved = solve(before.covariance, before.att[:, None])[:, 0]
    return probability(special.chdtrc(number, product(before.att, solved)))
