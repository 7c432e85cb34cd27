"""Effects of a policy by every estimator, each with the inference that fits: ``Sample`` in, frozen results out.

The only module that talks to diff-diff, whose results and warnings stop here. The library gives the Goodman-Bacon
decomposition, Sun–Abraham and imputation. What it lacks or does otherwise is computed here: two-way fixed effects (its
own puts the dummy « post » in the place of the periods), group-time effects (no average by calendar period, no Wald
test, and draws that differ with the compiled part installed), synthetic difference in differences by cohort, and the
sensitivity of Rambachan and Roth (its interval under relative magnitudes takes the differences seen before as exact).

Inference that has no meaning raises ``InferenceError`` and names what has one. Estimates with a standard error use
Student's t with as many degrees of freedom as the smaller group has units, less one: with 18 treated units among 96
and the normal law, a true null would be rejected 7 times in 100.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import combinations, takewhile
from math import comb, inf, nan
from types import ModuleType

import numpy as np
import pandas as pd
from scipy import special

from analysis.display import Brief
from analysis.estimation.inference import Control, rejecting, treatment, wild_cluster_bootstrap, within
from analysis.estimation.sample import LEVEL, NEVER, Estimate, InferenceError, Path, Sample, SampleError
from analysis.estimation.simplex import simplex_weights

MINIMUM_CLUSTERS = 5
"""Fewest treated and fewest control units for inference by cluster or multiplier bootstrap. With fewer treated units
these reject far too often (Conley and Taber, 2011; MacKinnon and Webb, 2018)."""

DRAWS = 999
"""Draws of a bootstrap, unless another number is asked for."""

PLACEBOS = 199
"""Draws of placebos, unless another number is asked for: with the effect, 200, of which 5 % is a whole number."""

MINIMUM_BEFORE = 2
"""Fewest periods before treatment with which controls can be weighed: after centring, one tells nothing."""

NOISIER = 1.5
"""Placebos are noted as too quiet when the treated varied this many times as much as controls before treatment."""

SEED = 20240101
"""Seed of the generator of draws, unless another is asked for."""

NORMAL = -float(special.ndtri((1 - LEVEL) / 2))
"""Quantile of the normal law for a two-sided interval."""

_NAMES = {"outcome": "outcome", "unit": "unit", "time": "time", "first_treat": "first_treat"}


def _library() -> ModuleType:
    """diff-diff, which takes a second to import: results are read back without it."""
    import diff_diff

    return diff_diff


# ------------------------------------------------------------------------------------------------------------ results


@dataclass(frozen=True, repr=False)
class Bacon(Brief):
    """A two-way fixed effects coefficient taken apart (Goodman-Bacon, 2021).

    Attributes:
        twfe: the coefficient. kinds: table by kind (``earlier_vs_later``, ``later_vs_earlier``,
            ``treated_vs_untreated``) with columns weight and estimate; the product of both sums to ``twfe``.
        comparisons: one row per pair of cohorts: kind, treated and control (labels of first treated periods, or
            ``never``), weight, estimate. ``later_vs_earlier`` uses units already treated as controls.
        notes: what the library had to say, in English.
    """

    twfe: float
    kinds: pd.DataFrame
    comparisons: pd.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class EventStudy(Brief):
    """An average effect and its path by time since treatment.

    Attributes:
        estimate: the average over treated units and periods.
        path: by horizon; the reference period −1, zero by construction, is left out.
        covariance: of the effects of the path, in its order; None where the estimator gives none.
        notes: what the estimator had to leave aside, in English.
    """

    estimate: Estimate
    path: Path
    covariance: np.ndarray | None
    notes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class GroupTime(Brief):
    """Effects by cohort and period, and their averages (Callaway and Sant'Anna, 2021).

    Attributes:
        table: ATT(g, t), one row per cohort and period: cohort, period (labels), horizon, att, se, lower, upper,
            treated, controls (numbers of units).
        aggregates: ``simple``, ``dynamic``, ``group``, ``calendar``.
        by_cohort, by_period: estimates by label of the first treated period and of the period.
        path: by horizon, with bands that hold for all horizons at once (multiplier bootstrap, sup-t).
        covariance: of the effects of the path, in its order.
        pretest_p: Wald test that all effects before treatment are zero; NaN where there are none, or more of them
            than half the smaller group, with which the test is not defined.
        cohort_sizes: treated units by label of the first treated period. control: ``never`` or ``not_yet``.
        base: ``universal`` or ``varying``. notes: what was left aside, in English.

    Limits are NaN where fewer than ``MINIMUM_CLUSTERS`` treated or control units stand behind an effect.
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


@dataclass(frozen=True, repr=False)
class Synthetic(Brief):
    """One treated unit against its synthetic control (Abadie, Diamond and Hainmueller, 2010).

    Attributes:
        att: mean gap from ``first`` (label of the first treated period) on. weights: by donor, they sum to one.
        observed, synthetic, gap: by period. rmspe_before, rmspe_after: root mean squared gap on each side.
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

    @property
    def ratio(self) -> float:
        """Misfit after over misfit before, the statistic whose rank among placebos is judged."""
        return self.rmspe_after / self.rmspe_before if self.rmspe_before else inf


@dataclass(frozen=True, repr=False)
class Block(Brief):
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
class SyntheticDid(Brief):
    """Synthetic difference in differences (Arkhangelsky et al., 2021), cohort by cohort (Clarke et al., 2023).

    Attributes:
        estimate: average of the cohorts; se is the spread of the placebos, or the jackknife's.
        blocks: one per cohort, earliest first.
        placebo: effects estimated on controls taken for treated; empty for the jackknife.
        notes: what makes the inference doubtful, in English.
    """

    estimate: Estimate
    blocks: tuple[Block, ...]
    placebo: np.ndarray
    notes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Sensitivity(Brief):
    """How far parallel trends may fail before the effect is no longer told from zero (Rambachan and Roth, 2023).

    Attributes:
        att, lower, upper: the effect and its interval under parallel trends.
        relative: table by M̄: lower, upper. From one period to the next the trends may part after treatment by M̄ times
            the most they did before.
        smoothness: table by M: lower, upper. The slope of the difference in trends may change by M from one period to
            the next; at M = 0 it is a line, which is not the same as parallel trends.
        breakdown_relative, breakdown_smoothness: smallest M̄ and M whose interval holds zero; 0 when that without any
            violation already does, infinite when none does.
        before: horizons before treatment used for the relative magnitudes; the ``smooth_before`` nearest ones serve
            for smoothness. after: horizons averaged in the effect.
    """

    att: float
    lower: float
    upper: float
    relative: pd.DataFrame
    smoothness: pd.DataFrame
    breakdown_relative: float
    breakdown_smoothness: float
    before: tuple[int, ...]
    smooth_before: int
    after: tuple[int, ...]


# ---------------------------------------------------------------------------------------------------------- inference


def _require_clusters(treated: int, controls: int, inference: str) -> None:
    if min(treated, controls) < MINIMUM_CLUSTERS:
        raise InferenceError(
            f"{inference}: {treated} treated and {controls} control units, at least {MINIMUM_CLUSTERS} of each are "
            "needed; use randomisation inference, or a synthetic control with placebo ranks; with staggered "
            "treatment, a window that ends before the last cohort is treated makes controls of it"
        )


def _critical(treated: int, controls: int) -> float:
    """Student quantile of a two-sided interval; NaN with too few units for one."""
    smaller = min(treated, controls)
    return float(special.stdtrit(smaller - 1, (1 + LEVEL) / 2)) if smaller >= MINIMUM_CLUSTERS else nan


def _estimate(estimator: str, estimand: str, att: float, se: float, treated: int, controls: int) -> Estimate:
    """An estimate with clustered standard error; without limits when too few units stand behind it."""
    reach = _critical(treated, controls) * se
    if np.isnan(reach):
        return Estimate(estimator, estimand, att, nan, nan, nan, nan, "cluster", treated, controls)
    ratio = abs(att) / se if se > 0 else (inf if att else 0.0)
    p = float(2 * special.stdtr(min(treated, controls) - 1, -ratio))
    return Estimate(estimator, estimand, att, se, att - reach, att + reach, p, "cluster", treated, controls)


def _path(
    estimator: str, horizons: Sequence[int], att: np.ndarray, se: np.ndarray, counts: tuple, critical: float, how: str
) -> Path:  # fmt: skip
    """A path whose bands reach as far as the normal ``critical`` would, carried over to Student's t.

    ``counts`` gives treated and control units by horizon.
    """
    treated, controls = counts
    point = np.array([_critical(t, c) for t, c in zip(treated, controls, strict=True)])
    se = np.where(np.isnan(point), nan, se)
    freedom = np.minimum(treated, controls) - 1
    wide = -special.stdtrit(np.maximum(freedom, 1), special.ndtr(-critical)) * se
    return Path(
        estimator, tuple(int(h) for h in horizons), att, se, att - point * se, att + point * se, att - wide, att + wide,
        how,
    )  # fmt: skip


@contextmanager
def _noted() -> Iterator[list[str]]:
    """Collect the library's warnings as notes instead of printing them."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=UserWarning)
        warnings.filterwarnings("always", category=RuntimeWarning)
        yield notes
    notes.extend(dict.fromkeys(str(w.message) for w in caught))


def _ordered(sample: Sample) -> Sample:
    """The sample with its units in the order of their names, so that draws do not depend on the order they came in."""
    units = sorted(sample.units, key=str)
    return sample if units == list(sample.units) else Sample(sample.outcome.loc[units], sample.first)


def _with_controls(sample: Sample) -> tuple[Sample, list[str]]:
    """The sample in order, cut before the last cohort is treated, which is then control, if no unit is never treated."""
    sample = _ordered(sample)
    if sample.never:
        return sample, []
    last = max(sample.cohorts)
    first = sample.first.where(sample.first != last, NEVER)
    note = (
        f"no unit is never treated: the cohort of {sample.periods[last]} is the control, before that period"
    )
    return Sample(sample.outcome.iloc[:, :last], first), [note]


def _cohort_notes(sample: Sample) -> list[str]:
    """Notes on cohorts too small for an interval. InferenceError when they hold most of the treated units."""
    small = {g: units for g, units in sample.cohorts.items() if len(units) < MINIMUM_CLUSTERS}
    number = sum(map(len, small.values()))
    if number > len(sample.treated) / 2:
        raise InferenceError(
            f"{number} of {len(sample.treated)} treated units are in cohorts of fewer than {MINIMUM_CLUSTERS}, which say "
            "too little of their own spread; bring dates of start together into waves, or use randomisation inference"
        )
    return [
        f"fewer than {MINIMUM_CLUSTERS} units in the cohort of {sample.periods[g]}: no interval of its own, and its "
        "sampling error is understated in the averages"
        for g in small
    ]


def _horizon_counts(sample: Sample, horizons: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Treated units observed at each horizon, and units never treated."""
    first = sample.first[sample.first != NEVER].to_numpy()
    reached = [((first + h >= 0) & (first + h < len(sample.periods))).sum() for h in horizons]
    return np.array(reached), np.full(len(reached), len(sample.never))


# --------------------------------------------------------------------------------------------- two-way fixed effects


@dataclass(frozen=True)
class _TwoWay:
    """Outcome and treatment less unit and period means (units × periods), and the coefficient."""

    outcome: np.ndarray
    treatment: np.ndarray
    att: float


def _two_way(sample: Sample) -> _TwoWay:
    outcome = within(sample.outcome.to_numpy(dtype=float))
    treated = within(treatment(sample.first.to_numpy(), outcome.shape[1]))
    return _TwoWay(outcome, treated, float((treated * outcome).sum() / (treated**2).sum()))


def twfe(sample: Sample, inference: str = "cluster", draws: int = DRAWS, seed: int = SEED) -> Estimate:
    """Two-way fixed effects. With staggered treatment some controls are treated already: see ``bacon``.

    Args:
        inference: ``cluster`` (Liang and Zeger, 1986, with the corrections G/(G−1) and (N−1)/(N−K), unit effects not
            counted in K), or ``wild_cluster_bootstrap`` with its ``draws`` and ``seed``.
    """
    if inference == "wild_cluster_bootstrap":
        return wild_cluster_bootstrap(_ordered(sample), draws, seed)
    if inference != "cluster":
        raise InferenceError(f"{inference}: twfe has cluster and wild_cluster_bootstrap")
    treated, controls = len(sample.treated), len(sample.never or sample.cohorts[max(sample.cohorts)])
    _require_clusters(treated, controls, inference)
    fit = _two_way(sample)
    units, periods = fit.outcome.shape
    scores = (fit.treatment * (fit.outcome - fit.att * fit.treatment)).sum(1)
    scale = units / (units - 1) * (units * periods - 1) / (units * periods - periods - 1)
    se = float(np.sqrt(scale * (scores**2).sum()) / (fit.treatment**2).sum())
    return _estimate("twfe", "overall", fit.att, se, treated, controls)


_KINDS = {
    "earlier_vs_later": "earlier_vs_later",
    "later_vs_earlier": "later_vs_earlier",
    "treated_vs_never": "treated_vs_untreated",
}


def bacon(sample: Sample) -> Bacon:
    """Take the two-way fixed effects coefficient apart into all comparisons of two groups (Goodman-Bacon, 2021)."""
    with _noted() as said:
        found = _library().BaconDecomposition(weights="exact").fit(sample.long(), **_NAMES)
    label = {g + 1: sample.periods[g] for g in sample.cohorts} | {"never_treated": "never"}
    comparisons = pd.DataFrame(
        [
            (_KINDS[c.comparison_type], label[c.treated_group], label[c.control_group], c.weight, c.estimate)
            for c in found.comparisons
        ],
        columns=["kind", "treated", "control", "weight", "estimate"],
    )
    weighted = comparisons.assign(part=comparisons["weight"] * comparisons["estimate"]).groupby("kind")
    kinds = pd.DataFrame({"weight": weighted["weight"].sum()})
    kinds["estimate"] = weighted["part"].sum() / kinds["weight"]
    coefficient, total = _two_way(sample).att, (kinds["weight"] * kinds["estimate"]).sum()
    if not np.isclose(coefficient, total, rtol=1e-6, atol=1e-9 * float(np.ptp(sample.outcome.to_numpy()))):
        raise ArithmeticError(
            f"Goodman-Bacon weights sum to {total}, the coefficient is {coefficient}: "
            f"diff-diff {_library().__version__} does not decompose this panel; report it with the sample"
        )
    return Bacon(coefficient, kinds, comparisons, tuple(said))


# ------------------------------------------------------------------------------------------ cohorts × periods, averaged


@dataclass(frozen=True)
class _Effects:
    """Effects with their influence functions.

    Attributes:
        att: (k,). influence: (n, k), mean zero, so that att has covariance influenceᵀ·influence ÷ n².
        members: (n, k), whether a unit is treated behind the effect. controls: (k,), fewest controls behind it.
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

    @property
    def se(self) -> np.ndarray:
        """Standard errors, clustered by unit."""
        return np.sqrt((self.influence**2).mean(0) / len(self.influence))

    @property
    def covariance(self) -> np.ndarray:
        """Covariance of the effects."""
        return self.influence.T @ self.influence / len(self.influence) ** 2

    def estimate(self, estimand: str) -> Estimate:
        """The only effect held, as an estimate."""
        treated, controls = int(self.members.any(1).sum()), int(self.controls.min())
        return _estimate(
            "callaway_santanna", estimand, float(self.att[0]), float(self.se[0]), treated, controls
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
        effects.members.any(1, keepdims=True),
        effects.controls.min(keepdims=True),
    )


def _pooled(effects: _Effects) -> _Effects:
    """Mean of effects by the number of treated units behind each, whose own sampling counts in the influence."""
    share = effects.members.mean(0)
    total = share.sum()
    off = effects.members - share
    drift = off / total - np.outer(off.sum(1), share) / total**2
    influence = effects.influence @ (share / total) + drift @ effects.att
    return replace(
        _plain(effects),
        att=np.array([effects.att @ share / total]),
        influence=influence[:, None],
    )


def _group_time(sample: Sample, control: Control, base: str) -> tuple[_Effects, np.ndarray, np.ndarray]:
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
            columns.append(_two_by_two(outcome[:, t] - outcome[:, start], member, spared))
            places.append((g, t))
    g, t = np.array(places).T
    return _stack(columns), g, t


def _two_by_two(change: np.ndarray, member: np.ndarray, spared: np.ndarray) -> _Effects:
    """Mean change of a cohort less that of its controls."""
    mean, other = change[member].mean(), change[spared].mean()
    influence = np.where(member, (change - mean) / member.mean(), 0.0) - np.where(
        spared, (change - other) / spared.mean(), 0.0
    )
    return _Effects(np.array([mean - other]), influence[:, None], member[:, None], np.array([spared.sum()]))


def callaway_santanna(
    sample: Sample, control: Control = "never", base: str = "universal", draws: int = DRAWS, seed: int = SEED
) -> GroupTime:
    """Effects by cohort and period without covariates, and their averages (Callaway and Sant'Anna, 2021).

    Args:
        control: ``never`` treated units, or also those ``not_yet`` treated.
        base: before treatment, effects are measured from the last period before it (``universal``, so that both
            sides of a path read alike; Roth, 2024) or from one period to the next (``varying``, as the R package does).
        draws: of the multiplier bootstrap behind the bands.

    Standard errors come from the influence functions, in which the sampling of cohort sizes counts as well.
    """
    if control not in ("never", "not_yet") or base not in ("universal", "varying"):
        raise ValueError(f"control={control!r}, base={base!r}: never or not_yet, universal or varying")
    sample, notes = _with_controls(sample)
    cells, g, t = _group_time(sample, control, base)
    after, horizon = t >= g, t - g
    _require_clusters(len(sample.treated), int(cells.controls[after].min()), "multiplier bootstrap")
    notes += _cohort_notes(sample)
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
    return GroupTime(
        table=_cell_table(sample, cells, g, t),
        aggregates={name: effects.estimate(name) for name, effects in averages.items()},
        by_cohort=_by_label(by_cohort, "cohort", [sample.periods[c] for c in cohorts]),
        by_period=_by_label(by_period, "period", [sample.periods[p] for p in periods]),
        path=_banded(by_horizon, horizons, draws, seed),
        covariance=by_horizon.covariance,
        pretest_p=_wald(cells.pick(~after)),
        cohort_sizes={sample.periods[c]: len(units) for c, units in sample.cohorts.items()},
        control=control,
        base=base,
        notes=tuple(notes),
    )


def _by_label(effects: _Effects, estimand: str, labels: Sequence) -> dict[str, Estimate]:
    return {
        label: effects.pick(np.array([k])).estimate(f"{estimand} {label}") for k, label in enumerate(labels)
    }


def _cell_table(sample: Sample, cells: _Effects, g: np.ndarray, t: np.ndarray) -> pd.DataFrame:
    treated = cells.members.sum(0)
    reach = np.array([_critical(n, c) for n, c in zip(treated, cells.controls, strict=True)])
    se = np.where(np.isnan(reach), nan, cells.se)
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


def _banded(effects: _Effects, horizons: np.ndarray, draws: int, seed: int) -> Path:
    """Path with bands from the multiplier bootstrap (Rademacher signs)."""
    counts = effects.members.sum(0), effects.controls
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, len(effects.influence)))
    drawn = signs @ effects.influence / len(effects.influence)
    critical = _sup_t(drawn, effects.se, counts)
    return _path(
        "callaway_santanna", horizons, effects.att, effects.se, counts, critical, "multiplier_bootstrap"
    )


def _sup_t(drawn: np.ndarray, se: np.ndarray, counts: tuple[np.ndarray, np.ndarray]) -> float:
    """Value that the largest of the studentised draws of a path passes in 1 − LEVEL of them."""
    usable = (np.minimum(*counts) >= MINIMUM_CLUSTERS) & (se > 0)
    if not usable.any():
        return NORMAL
    return max(NORMAL, float(np.quantile(np.abs(drawn[:, usable] / se[usable]).max(1), LEVEL)))


def _wald(before: _Effects) -> float:
    """p-value that all effects before treatment are zero."""
    number = len(before.att)
    smaller = min(before.members.any(1).sum(), before.controls.min()) if number else 0
    if not 0 < number <= smaller / 2 or np.linalg.matrix_rank(before.covariance, hermitian=True) < number:
        return nan
    return float(special.chdtrc(number, before.att @ np.linalg.solve(before.covariance, before.att)))


# ------------------------------------------------------------------------------------------------ regression estimators


def sun_abraham(sample: Sample, draws: int = DRAWS, seed: int = SEED) -> EventStudy:
    """Interaction-weighted event study (Sun and Abraham, 2021): one regression, cohorts weighted by their size.

    Bands come from ``draws`` normal draws with the covariance of the path (Montiel Olea and Plagborg-Møller, 2019).
    """
    sample, notes = _with_controls(sample)
    _require_clusters(len(sample.treated), len(sample.never), "cluster")
    notes += _cohort_notes(sample)
    with _noted() as said:
        found = _library().SunAbraham(control_group="never_treated").fit(sample.long(), **_NAMES)
    horizons = [int(h) for h in found.event_study_vcov_index]
    att = np.array([found.event_study_effects[h]["effect"] for h in horizons])
    covariance = np.asarray(found.event_study_vcov, dtype=float)
    values, vectors = np.linalg.eigh(covariance)
    normal = np.random.default_rng(seed).standard_normal((draws, len(horizons)))
    drawn = normal * np.sqrt(np.maximum(values, 0)) @ vectors.T
    se, counts = np.sqrt(np.diag(covariance)), _horizon_counts(sample, horizons)
    return EventStudy(
        _average("sun_abraham", found, sample),
        _path("sun_abraham", horizons, att, se, counts, _sup_t(drawn, se, counts), "cluster"),
        covariance,
        (*notes, *said),
    )


def imputation(sample: Sample) -> EventStudy:
    """Effects against the outcome imputed from unit and period effects of what is untreated (Borusyak et al., 2024).

    The path begins at horizon 0: before treatment this estimator has residuals, not effects. Standard errors are the
    conservative ones with the leave-one-out refinement of their appendix A.9; bands are those of Šidák (1967).
    """
    sample, notes = _with_controls(sample)
    _require_clusters(len(sample.treated), len(sample.never), "cluster")
    notes += _cohort_notes(sample)
    with _noted() as said:
        found = _library().ImputationDiD(leave_one_out=True).fit(sample.long(), **_NAMES)
        events = found.aggregate("event_study")
    kept = ~events.is_reference
    horizons = events.event_time[kept].astype(int)
    critical = -float(special.ndtri((1 - LEVEL ** (1 / len(horizons))) / 2))
    counts = _horizon_counts(sample, horizons)
    return EventStudy(
        _average("imputation", found, sample),
        _path("imputation", horizons, events.att[kept], events.se[kept], counts, critical, "cluster"),
        None,
        (*notes, *said),
    )


def _average(estimator: str, found, sample: Sample) -> Estimate:
    """The library's average effect, with our Student interval."""
    att, se = float(found.overall_att), float(found.overall_se)
    return _estimate(estimator, "simple", att, se, len(sample.treated), len(sample.never))


# ---------------------------------------------------------------------------------------------------- synthetic methods


def synthetic_control(sample: Sample, unit: str | None = None) -> Synthetic:
    """Synthetic control of one treated unit, from its outcome before treatment; donors are never treated.

    Args:
        unit: the treated unit; may be left out when there is only one.
    """
    if unit is None and len(sample.treated) > 1:
        raise SampleError(f"{len(sample.treated)} units are treated: name the one whose control is wanted")
    unit = sample.treated[0] if unit is None else unit
    if unit not in sample.treated:
        raise SampleError(
            f"{unit}: not a treated unit of the sample; choose among {', '.join(sample.treated)}"
        )
    donors = sample.outcome.loc[list(sample.never)]
    if donors.empty:
        raise SampleError(
            "no unit is never treated, so there is no donor; add units, or end the window earlier"
        )
    first, observed = int(sample.first[unit]), sample.outcome.loc[unit].astype(float)
    _require_past(sample, first)
    weights = simplex_weights(observed.to_numpy()[:first], donors.to_numpy(dtype=float)[:, :first])
    synthetic = pd.Series(weights @ donors.to_numpy(dtype=float), observed.index)
    gap = observed - synthetic
    before, after = (float(np.sqrt((part**2).mean())) for part in (gap.iloc[:first], gap.iloc[first:]))
    return Synthetic(
        unit, sample.periods[first], float(gap.iloc[first:].mean()), pd.Series(weights, donors.index), observed,
        synthetic, gap, before, after,
    )  # fmt: skip


def _require_past(sample: Sample, first: int) -> None:
    if first < MINIMUM_BEFORE:
        raise SampleError(
            f"{sample.periods[first]}: treated after {first} period of the window, {MINIMUM_BEFORE} at least are needed to "
            "weigh the controls; begin the window earlier"
        )


def synthetic_did(
    sample: Sample, inference: str = "placebo", draws: int = PLACEBOS, seed: int = SEED
) -> SyntheticDid:
    """Synthetic difference in differences (Arkhangelsky et al., 2021), with exact weights.

    Staggered samples are estimated cohort by cohort against the units never treated, and averaged by treated
    unit-periods (Clarke et al., 2023).

    Args:
        inference: ``placebo`` gives the treatment of the sample to controls, in all ways when these are no more than
            ``draws``: p is the share of effects as large, and the interval is as wide as the placebos that are larger
            than all but 5 %. It supposes that the treated vary as the controls do. ``jackknife`` leaves out one unit
            after the other, needs two treated units in each cohort, and takes the normal law.
    """
    sample = _ordered(sample)
    outcome, first = sample.outcome.to_numpy(dtype=float), sample.first.to_numpy()
    controls, cohorts = outcome[first == NEVER], {g: outcome[first == g] for g in sample.cohorts}
    sizes = {g: len(rows) for g, rows in cohorts.items()}
    _require_resampling(inference, sizes, len(controls))
    _require_past(sample, min(sizes))
    fits = {g: _sdid(rows, controls, g) for g, rows in cohorts.items()}
    att, shares = _sdid_average(fits)
    placebo = _sdid_placebos(controls, sizes, fits, draws, seed) if inference == "placebo" else np.array([])
    se = float(np.std(placebo)) if inference == "placebo" else _sdid_jackknife(cohorts, controls, fits)
    p, reach = _among(placebo, att) if inference == "placebo" else _normal(att, se)
    counts = len(sample.treated), len(controls)
    return SyntheticDid(
        Estimate("synthetic_did", "simple", att, se, att - reach, att + reach, p, inference, *counts),
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
        _noisier(cohorts, controls) if inference == "placebo" else (),
    )


def _among(placebo: np.ndarray, att: float) -> tuple[float, float]:
    """p-value of an effect among placebos, itself counted, and how large one must be to be told from zero."""
    sizes, count = np.sort(np.abs(placebo))[::-1], len(placebo) + 1
    kept = rejecting(1 - LEVEL, count)
    p = float((1 + (sizes >= abs(att) * (1 - 1e-9)).sum()) / count)
    return p, float(sizes[kept - 1]) if kept else inf


def _normal(att: float, se: float) -> tuple[float, float]:
    """p-value by the normal law, and half the width of the interval."""
    return float(2 * special.ndtr(-abs(att) / se)) if se > 0 else float(att == 0), NORMAL * se


def _noisier(cohorts: Mapping[int, np.ndarray], controls: np.ndarray) -> tuple[str, ...]:
    """A note when the treated varied more than the controls before treatment, period effects aside."""
    own = [np.diff(rows[:, :g] - controls[:, :g].mean(0), axis=1).ravel() for g, rows in cohorts.items()]
    last = max(cohorts)
    other = np.diff(controls[:, :last] - controls[:, :last].mean(0), axis=1)
    spread, usual = (float(np.sqrt((x**2).mean())) for x in (np.concatenate(own), other))
    if spread <= NOISIER * usual:
        return ()
    return (
        f"before treatment the treated units vary {spread / usual if usual else inf:.1f} times as much as the controls: "
        "placebos make the effect look more certain than it is",
    )


def _require_resampling(inference: str, sizes: Mapping[int, int], controls: int) -> None:
    treated = sum(sizes.values())
    if inference == "placebo" and controls <= treated:
        raise InferenceError(
            f"placebo: {controls} controls for {treated} treated units, more controls than treated units are needed; "
            "add units, or end the window before the last cohort is treated"
        )
    if inference == "jackknife" and (min(sizes.values()) < 2 or controls < 2):
        raise InferenceError(
            "jackknife: leaving out the only unit of a cohort leaves nothing to estimate; use placebo"
        )
    if inference not in ("placebo", "jackknife"):
        raise InferenceError(f"{inference}: synthetic_did has placebo and jackknife")


@dataclass(frozen=True)
class _Sdid:
    """Effect and weights of one cohort of ``treated`` units over ``periods`` treated periods."""

    att: float
    units: np.ndarray
    times: np.ndarray
    noise: float
    treated: int
    periods: int


def _sdid(rows: np.ndarray, controls: np.ndarray, first: int, noise: float | None = None) -> _Sdid:
    """One cohort against controls; ``noise`` is that of the controls before treatment unless given."""
    before, after = controls[:, :first], controls[:, first:]
    if noise is None:
        noise = float(np.diff(before, axis=1).std(ddof=1))
    target, periods = rows.mean(0), after.shape[1]
    centred = before - before.mean(1, keepdims=True)
    ridge = first * np.sqrt(len(rows) * periods) * noise**2
    units = simplex_weights(target[:first] - target[:first].mean(), centred, ridge)
    centred = (before - before.mean(0)).T
    ridge = len(controls) * (1e-6 * noise) ** 2
    times = simplex_weights(after.mean(1) - after.mean(), centred, ridge)
    return _Sdid(_double_difference(rows, controls, units, times), units, times, noise, len(rows), periods)


def _double_difference(rows: np.ndarray, controls: np.ndarray, units: np.ndarray, times: np.ndarray) -> float:
    gap = rows.mean(0) - units @ controls
    return float(gap[len(times) :].mean() - times @ gap[: len(times)])


def _sdid_average(fits: Mapping[int, _Sdid]) -> tuple[float, dict[int, float]]:
    """Mean of the cohorts by treated unit-periods, and the share of each."""
    total = sum(fit.treated * fit.periods for fit in fits.values())
    shares = {g: fit.treated * fit.periods / total for g, fit in fits.items()}
    return sum(shares[g] * fit.att for g, fit in fits.items()), shares


def _sdid_placebos(
    controls: np.ndarray, sizes: Mapping[int, int], fits: Mapping[int, _Sdid], draws: int, seed: int
) -> np.ndarray:
    """Effects where controls drawn at random take the place of the treated, cohort by cohort (Algorithm 4)."""
    number, treated = len(controls), sum(sizes.values())
    if len(sizes) == 1 and comb(number, treated) <= draws:
        chosen = [np.array(c) for c in combinations(range(number), treated)]
    else:
        generator = np.random.default_rng(seed)
        chosen = [generator.permutation(number)[:treated] for _ in range(draws)]
    ends = np.cumsum(list(sizes.values()))[:-1]
    found = []
    for drawn in chosen:
        rest = np.delete(controls, drawn, axis=0)
        groups = zip(sizes, np.split(drawn, ends), strict=True)
        found.append(
            _sdid_average({g: _sdid(controls[group], rest, g, fits[g].noise) for g, group in groups})[0]
        )
    return np.array(found)


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
                raise InferenceError("jackknife: a single control has all the weight; use placebo")
            att = _double_difference(cohorts[g], rest, units / units.sum(), fit.times)
            parts[g] = replace(fit, att=att)
        found.append(_sdid_average(parts)[0])
    for g, rows in cohorts.items():
        for k in range(len(rows)):
            att = _double_difference(np.delete(rows, k, axis=0), controls, fits[g].units, fits[g].times)
            found.append(_sdid_average({**fits, g: replace(fits[g], att=att, treated=len(rows) - 1)})[0])
    return float(np.sqrt(len(found) - 1) * np.std(found))


# ---------------------------------------------------------------------------------------------------------- sensitivity

RELATIVE = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""M̄ of the table of relative magnitudes."""

SMOOTHNESS = (0.0, 0.25, 0.5, 1.0, 2.0)
"""M of the table of smoothness, in multiples of the largest change of slope seen before treatment."""


def honest(
    found: GroupTime | EventStudy, horizon: int | None = None, before: int | None = None
) -> Sensitivity:
    """Sensitivity of an estimated path to failures of parallel trends (Rambachan and Roth, 2023).

    Args:
        horizon: that of the effect; by default the average over all horizons from 0 on that have a standard error.
        before: how many horizons before treatment to learn from, the nearest; by default all.

    The covariance is scaled so that the interval under parallel trends is Student's. For smoothness, which searches
    the best combination of the horizons before treatment, no more than a third of the smaller group are used: with
    more, the estimated covariance would promise a precision that is not there.
    """
    path, covariance = found.path, found.covariance
    if covariance is None:
        raise InferenceError(
            f"{path.estimator}: no effects before treatment; use callaway_santanna or sun_abraham"
        )
    if -1 in path.horizons:
        raise InferenceError(
            "effects before treatment run from period to period; estimate with base='universal'"
        )
    earlier, later = _known_horizons(path, before)
    if not earlier or not later or horizon not in (None, *later):
        raise InferenceError(
            f"horizons {earlier} before and {later} after treatment have a standard error: one of each is needed, and "
            f"the effect asked for (horizon={horizon}); begin the window earlier"
        )
    smaller = min(found.estimate.treated, found.estimate.controls)
    place = [path.horizons.index(h) for h in (*earlier, *later)]
    scale = _critical(smaller, smaller) / NORMAL
    result = sensitivity(
        path.att[place],
        covariance[np.ix_(place, place)] * scale**2,
        np.array([1 / len(later) if horizon is None else float(h == horizon) for h in later]),
        smooth_before=max(1, (smaller - 1) // 3),
    )
    after = tuple(later) if horizon is None else (horizon,)
    return replace(result, before=tuple(earlier), after=after)


def _known_horizons(path: Path, before: int | None) -> tuple[list[int], list[int]]:
    """Horizons with a standard error without a gap: the ``before`` nearest before treatment, and those after."""
    known = {h for h, se in zip(path.horizons, path.se, strict=True) if np.isfinite(se)}
    earlier = list(takewhile(known.__contains__, range(-2, min(path.horizons) - 1, -1)))[:before]
    later = list(takewhile(known.__contains__, range(max(path.horizons) + 1)))
    return earlier[::-1], later


def sensitivity(
    effects: np.ndarray,
    covariance: np.ndarray,
    weights: np.ndarray,
    relative: Sequence[float] = RELATIVE,
    smoothness: Sequence[float] | None = None,
    smooth_before: int | None = None,
) -> Sensitivity:
    """Sensitivity of Σ weights × effects after treatment, from the effects of an event study and their covariance.

    Args:
        effects: those before the reference period, then those after it, in the order of time. covariance: theirs.
        weights: of the effects after, one each. relative, smoothness: M̄ and M of the tables; by default M are
            multiples of the largest change of slope seen before.
        smooth_before: how many of the effects before serve for smoothness, the nearest; by default all.
    """
    after = len(weights)
    number = len(effects) - after
    if number < 1 or np.any(np.diag(covariance) <= 0):
        raise InferenceError("sensitivity needs an effect before treatment, and effects that vary")
    att = float(weights @ effects[number:])
    se = float(np.sqrt(weights @ covariance[number:, number:] @ weights))
    parallel = _Relative(effects, covariance, weights)
    kept = slice(max(0, number - (smooth_before or number)), None)
    smooth = _Smooth(effects[kept], covariance[kept, kept], weights)
    if smoothness is None:
        bends = np.abs(np.diff(np.r_[effects[kept][:-after], 0.0], 2))
        smoothness = [m * float(bends.max(initial=0.0) or se) for m in SMOOTHNESS]
    reach = NORMAL * se
    return Sensitivity(
        att, att - reach, att + reach,
        relative=_interval_table(relative, parallel.interval),
        smoothness=_interval_table(smoothness, smooth.interval),
        breakdown_relative=_breakdown(parallel.holds_zero, 1.0),
        breakdown_smoothness=_breakdown(smooth.holds_zero, se),
        before=tuple(range(-number - 1, -1)), smooth_before=len(effects[kept]) - after, after=tuple(range(after)),
    )  # fmt: skip


def _interval_table(grid: Sequence[float], interval: Callable[[float], tuple[float, float]]) -> pd.DataFrame:
    rows = [interval(float(m)) for m in grid]
    return pd.DataFrame(rows, columns=["lower", "upper"], index=pd.Index(grid, name="m"))


def _breakdown(holds_zero: Callable[[float], bool], step: float) -> float:
    """Smallest violation with which zero is held; 0 when none is needed, infinite when none suffices."""
    return 0.0 if holds_zero(0.0) else _limit(lambda m: not holds_zero(m), 0.0, step, rounds=20)


def _limit(holds: Callable[[float], bool], inside: float, step: float, rounds: int = 32) -> float:
    """Where ``holds`` ends, going from ``inside`` by ``step``, doubled until it is left, then by bisection."""
    outside = inside + step
    for _ in range(60):
        if not holds(outside):
            break
        inside, outside, step = outside, outside + 2 * step, 2 * step
    else:
        return inf * np.sign(step)
    for _ in range(rounds):
        middle = (inside + outside) / 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return float((inside + outside) / 2)


_QUADRATURE = np.polynomial.legendre.leggauss(80)


class _Relative:
    """Conditional least-favourable hybrid test of an effect under relative magnitudes (Rambachan and Roth, 2023, § 3).

    For each difference z between neighbouring periods before treatment, in turn and with either sign, z is taken for the
    largest: no difference after exceeds M̄z. Eliminating the effects other than the one tested leaves four inequalities
    on a − θ and z alone, a being the estimate of θ: the only vertices of the dual of their linear programme. The interval
    is the union over z.
    """

    def __init__(self, effects: np.ndarray, covariance: np.ndarray, weights: np.ndarray) -> None:
        after = len(weights)
        number = len(effects) - after
        levels = np.insert(np.eye(len(effects)), number, 0.0, axis=0)
        steps = np.diff(levels, axis=0)
        earlier, later = np.vstack([steps[:number], -steps[:number]]), steps[number:]
        self.reach = np.cumsum(weights[::-1])[::-1]
        target = np.r_[np.zeros(number), weights]
        self.att, self.seen = float(target @ effects), earlier @ effects
        self.variance, self.with_seen = float(target @ covariance @ target), earlier @ covariance @ target
        self.seen_variance = ((earlier @ covariance) * earlier).sum(1)
        self.step_variance = ((later @ covariance) * later).sum(1)
        self.step_with_seen = earlier @ covariance @ later.T

    def moments(self, m: float) -> np.ndarray:
        """(z, 4, 2): each inequality as coefficients of a − θ and z; the last two are void at M̄ = 0."""
        alike = self.step_variance + m**2 * self.seen_variance[:, None]
        spread = [np.sqrt(np.maximum(alike - 2 * m * side * self.step_with_seen, 0)) for side in (1, -1)]
        rising = self.reach > 0
        size, total = np.abs(self.reach), np.abs(self.reach).sum()
        above = 1 / (size * np.where(rising, *spread)).sum(1)
        below = 1 / (size * np.where(rising, *spread[::-1])).sum(1)
        both, zero = spread[0] + spread[1], np.zeros(len(above))
        return np.stack(
            [
                np.stack([above, -m * total * above], 1),
                np.stack([-below, -m * total * below], 1),
                np.stack([zero, -2 * m / both.min(1)], 1),
                np.stack([zero, -2 * m / both.max(1)], 1),
            ],
            axis=1,
        )

    def first_stage(self, moments: np.ndarray, size: float) -> np.ndarray:
        """(z,): value that the largest of the moments exceeds with probability ``size`` when all hold as equalities."""
        nodes, shares = _QUADRATURE
        slope = self.with_seen / self.seen_variance
        rest = np.sqrt(np.maximum(self.variance - slope * self.with_seen, 1e-12 * self.variance))[:, None]
        sd, tightest = np.sqrt(self.seen_variance), -moments[:, 2:, 1].min(1)
        lower, upper = np.zeros(len(sd)), np.full(len(sd), 8.0)
        for _ in range(32):
            c = (lower + upper) / 2
            start = np.maximum(-9.0, -c / np.maximum(tightest * sd, 1e-12))
            x = start[:, None] + (9 - start[:, None]) * (nodes + 1) / 2
            z = x * sd[:, None]
            top, bottom = (
                (c[:, None] - moments[:, k, 1, None] * z) / moments[:, k, 0, None] - slope[:, None] * z
                for k in (0, 1)
            )
            inside = np.maximum(special.ndtr(top / rest) - special.ndtr(bottom / rest), 0)
            held = (inside * np.exp(-(x**2) / 2)) @ shares * (9 - start) / np.sqrt(8 * np.pi)
            enough = held >= 1 - size
            lower, upper = np.where(enough, lower, c), np.where(enough, c, upper)
        return upper

    def test(self, m: float) -> Callable[[np.ndarray], np.ndarray]:
        """The test for one M̄: for each value of the effect, whether some z keeps it from rejection."""
        size = (1 - LEVEL) / 10
        moments = self.moments(m)
        first = self.first_stage(moments, size)[:, None]
        moments = moments if m > 0 else moments[:, :2]
        both = [
            [np.full_like(self.with_seen, self.variance), self.with_seen],
            [self.with_seen, self.seen_variance],
        ]
        covariance = np.einsum("kai,ijk,kbj->kab", moments, np.array(both), moments)
        fixed = (moments[..., 1] * self.seen[:, None])[:, None]

        def accepted(values: np.ndarray) -> np.ndarray:
            stat = fixed + moments[:, None, :, 0] * (self.att - values)[None, :, None]
            best = stat.argmax(2)
            largest = stat.max(2)
            row = np.take_along_axis(covariance[:, None], best[..., None, None], 2)[:, :, 0]
            own = np.take_along_axis(row, best[..., None], 2)
            low, high = _truncation(stat, largest[..., None], row / own)
            high = np.minimum(high, first)
            tail = _tail(*(x / np.sqrt(own[..., 0]) for x in (largest, low, high)))
            unlikely = (largest > 0) & (low <= largest) & (tail < (1 - LEVEL - size) / (1 - size))
            return ~((largest > first) | unlikely).all(0)

        return accepted

    def interval(self, m: float) -> tuple[float, float]:
        """Least and greatest value not rejected."""
        accepted = self.test(m)
        apart = (np.abs(self.seen) + 5 * np.sqrt(self.seen_variance)).max()
        width = 10 * np.sqrt(self.variance) + m * np.abs(self.reach).sum() * apart
        grid = self.att + np.linspace(-width, width, 601)
        kept, step = np.flatnonzero(accepted(grid)), grid[1] - grid[0]
        lower = _limit(lambda v: accepted(np.array([v]))[0], grid[kept[0]], -step)
        upper = _limit(lambda v: accepted(np.array([v]))[0], grid[kept[-1]], step)
        return lower, upper

    def holds_zero(self, m: float) -> bool:
        """Whether no effect is not rejected."""
        return bool(self.test(m)(np.zeros(1))[0])


def _truncation(stat: np.ndarray, largest: np.ndarray, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Between what the largest moment may lie and remain the largest, what is independent of it being held."""
    with np.errstate(divide="ignore", invalid="ignore"):
        cross = (stat - rho * largest) / (1 - rho)
    return np.where(rho < 1 - 1e-9, cross, -inf).max(2), np.where(rho > 1 + 1e-9, cross, inf).min(2)


def _tail(value: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Probability that a standard normal held between low and high exceeds value; in logarithms, for the far tail.

    NaN where low is not below high.
    """
    high = np.maximum(low, high)
    value = np.clip(value, low, high)
    above, from_low, from_high = (special.log_ndtr(-x) for x in (value, low, high))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.exp(above - from_low) * np.expm1(from_high - above) / np.expm1(from_high - from_low)


class _Smooth:
    """Shortest fixed-length interval when the slope changes by at most M a period (Rambachan and Roth, 2023, § 4).

    The estimator is linear: the effects after with their weights, those before with weights v chosen so that a straight
    difference in trends does no harm. With u the double sums of v, its worst bias is M(constant + Σ|u|): all best trades
    of bias for variance lie on a lasso path, computed once; each M picks its own point on it.
    """

    def __init__(self, effects: np.ndarray, covariance: np.ndarray, weights: np.ndarray) -> None:
        after = len(weights)
        number = len(effects) - after
        far = np.arange(1, after + 1)
        pull = float(weights @ far)
        curve = [float(weights[j:] @ (far[j:] - j)) for j in range(1, after)]
        sums = np.maximum(np.arange(1, number + 1)[:, None] - np.arange(number)[None], 0)
        doubled = np.linalg.inv(sums)
        free, fixed = doubled[:, :-1], doubled[:, -1] * pull
        start = np.r_[fixed, weights]
        before = covariance[:number]
        paths = _lasso_path(free.T @ before[:, :number] @ free, free.T @ before @ start)
        estimators = np.hstack([fixed + paths @ free.T, np.tile(weights, (len(paths), 1))])
        self.centres = estimators @ effects
        self.biases = abs(pull) + float(np.abs(curve).sum()) + np.abs(paths).sum(1)
        alike = estimators @ covariance @ estimators.T
        self.variances, self.neighbours = np.diag(alike), np.diag(alike, 1)

    def interval(self, m: float) -> tuple[float, float]:
        """The interval for one M: the best place on the path, sought on a grid made finer four times."""
        low, high = 0.0, float(len(self.biases) - 1)
        for _ in range(5):
            places = np.linspace(low, high, 20 * len(self.biases))
            centre, bias, variance = self._between(places)
            sd = np.sqrt(variance)
            reach = sd * _folded_quantile(m * bias / sd)
            best = int(reach.argmin())
            low, high = places[max(best - 1, 0)], places[min(best + 1, len(places) - 1)]
        return float(centre[best] - reach[best]), float(centre[best] + reach[best])

    def _between(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Centre, bias and variance of the estimators between the bends of the path, where they are straight."""
        if len(self.biases) == 1:
            return self.centres, self.biases, self.variances
        corner = np.minimum(places.astype(int), len(self.biases) - 2)
        share = places - corner
        centre, bias = (
            (1 - share) * values[corner] + share * values[corner + 1]
            for values in (self.centres, self.biases)
        )
        squares = (1 - share) ** 2 * self.variances[corner] + share**2 * self.variances[corner + 1]
        return centre, bias, squares + 2 * share * (1 - share) * self.neighbours[corner]

    def holds_zero(self, m: float) -> bool:
        """Whether the interval holds zero."""
        lower, upper = self.interval(m)
        return lower <= 0 <= upper


def _folded_quantile(shift: np.ndarray) -> np.ndarray:
    """Quantile at LEVEL of |X|, X normal with mean ``shift`` ≥ 0 and variance 1, by Newton's method."""
    value = shift + special.ndtri(LEVEL)
    for _ in range(8):
        held = special.ndtr(value - shift) - special.ndtr(-value - shift)
        slope = np.exp(-((value - shift) ** 2) / 2) + np.exp(-((value + shift) ** 2) / 2)
        value = value - (held - LEVEL) * np.sqrt(2 * np.pi) / slope
    return value


def _lasso_path(quadratic: np.ndarray, linear: np.ndarray) -> np.ndarray:
    """Minimisers of ½u'Qu + q'u + λ‖u‖₁ where the path bends, from the λ at which u leaves zero down to λ = 0."""
    size = len(linear)
    u, active, points = np.zeros(size), [], [np.zeros(size)]
    gradient = linear.astype(float)
    level = float(np.abs(gradient).max(initial=0.0))
    if level > 0:
        active.append(int(np.abs(gradient).argmax()))
    signs = -np.sign(gradient)
    while level > 1e-14 * max(1.0, float(np.abs(linear).max(initial=0.0))):
        move = np.zeros(size)
        move[active] = np.linalg.solve(quadratic[np.ix_(active, active)], signs[active])
        slope = quadratic @ move
        step, event = level, None
        for j in range(size):
            if j in active:
                options = [-u[j] / move[j]] if u[j] * move[j] < 0 else []
            else:
                options = [(level - gradient[j]) / (1 + slope[j]), (level + gradient[j]) / (1 - slope[j])]
            for option in options:
                if 1e-12 * level < option < step:
                    step, event = option, j
        u, gradient, level = u + move * step, gradient + slope * step, level - step
        if event in active:
            active.remove(event)
            u[event] = 0.0
        elif event is not None:
            active.append(event)
            signs[event] = -np.sign(gradient[event])
        points.append(u)
    return np.array(points)
