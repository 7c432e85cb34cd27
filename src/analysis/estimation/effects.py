"""Effects of a policy by every estimator, each with the inference that fits: ``Sample`` in, frozen results out.

The only module that talks to diff-diff, whose results and warnings stop here. The library gives the Goodman-Bacon
decomposition, Sun–Abraham and imputation. What it lacks or does otherwise is computed here: two-way fixed effects (its
own puts the dummy « post » in the place of the periods), group-time effects (no average by calendar period, no Wald
test, and draws that differ with the compiled part installed), and synthetic difference in differences by cohort.

Inference that has no meaning raises ``InferenceError`` and names what has one. Estimates with a standard error use
Student's t with as many degrees of freedom as the smaller group has units, less one: with 18 treated units among 96
and the normal law, a true null would be rejected 7 times in 100.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb, inf, nan
from types import ModuleType

import numpy as np
import pandas as pd
from scipy import special

from analysis.arithmetic import Result, exactly_summed, product, root, rounded, solve
from analysis.estimation.inference import (
    Control,
    at_least,
    rejecting,
    treatment,
    wild_cluster_bootstrap,
    within,
)
from analysis.estimation.sample import LEVEL, NEVER, Estimate, InferenceError, Path, Sample, SampleError
from analysis.estimation.simplex import simplex_weights, simplex_weights_of_each

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
class Bacon(Result):
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
class EventStudy(Result):
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
class GroupTime(Result):
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
class Synthetic(Result):
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
        return rounded(self.rmspe_after / self.rmspe_before) if self.rmspe_before else inf


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
        estimate: average of the cohorts; se is the spread of the placebos, or the jackknife's.
        blocks: one per cohort, earliest first.
        placebo: effects estimated on controls taken for treated; empty for the jackknife.
        notes: what makes the inference doubtful, in English.
    """

    estimate: Estimate
    blocks: tuple[Block, ...]
    placebo: np.ndarray
    notes: tuple[str, ...]


# ---------------------------------------------------------------------------------------------------------- inference


def _require_clusters(treated: int, controls: int, inference: str) -> None:
    if min(treated, controls) < MINIMUM_CLUSTERS:
        raise InferenceError(
            f"{inference}: {treated} treated and {controls} control units, at least {MINIMUM_CLUSTERS} of each are "
            "needed; use randomisation inference, or a synthetic control with placebo ranks; with staggered "
            "treatment, a window that ends before the last cohort is treated makes controls of it"
        )


def student_quantile(treated: int, controls: int) -> float:
    """Student quantile of a two-sided interval; NaN with too few units for one."""
    smaller = min(treated, controls)
    return float(special.stdtrit(smaller - 1, (1 + LEVEL) / 2)) if smaller >= MINIMUM_CLUSTERS else nan


def _estimate(estimator: str, estimand: str, att: float, se: float, treated: int, controls: int) -> Estimate:
    """An estimate with clustered standard error; without limits when too few units stand behind it."""
    reach = student_quantile(treated, controls) * se
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
    point = np.array([student_quantile(t, c) for t, c in zip(treated, controls, strict=True)])
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


def _handed(sample: Sample) -> pd.DataFrame:
    """The sample as the library takes it, less unit and period means, which change no effect.

    What it is handed is then of the size of effects, not of levels, so that its rounding, which depends on the processor,
    is too.
    """
    outcome = sample.outcome
    centred = pd.DataFrame(within(outcome.to_numpy(dtype=float)), outcome.index, outcome.columns)
    return replace(sample, outcome=centred).long()


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
        found = _library().BaconDecomposition(weights="exact").fit(_handed(sample), **_NAMES)
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
        return product(self.influence.T, self.influence) / len(self.influence) ** 2

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
    influence = product(effects.influence, share / total) + product(drift, effects.att)
    return replace(
        _plain(effects),
        att=np.array([product(effects.att, share) / total]),
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
    reach = np.array([student_quantile(n, c) for n, c in zip(treated, cells.controls, strict=True)])
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
    number = len(effects.influence)
    drawn = signs @ exactly_summed(effects.influence, number) / number
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
    solved = solve(before.covariance, before.att[:, None])[:, 0]
    return float(special.chdtrc(number, product(before.att, solved)))


# ------------------------------------------------------------------------------------------------ regression estimators


def sun_abraham(sample: Sample, draws: int = DRAWS, seed: int = SEED) -> EventStudy:
    """Interaction-weighted event study (Sun and Abraham, 2021): one regression, cohorts weighted by their size.

    Bands come from ``draws`` normal draws with the covariance of the path (Montiel Olea and Plagborg-Møller, 2019).
    """
    sample, notes = _with_controls(sample)
    _require_clusters(len(sample.treated), len(sample.never), "cluster")
    notes += _cohort_notes(sample)
    with _noted() as said:
        found = _library().SunAbraham(control_group="never_treated").fit(_handed(sample), **_NAMES)
    horizons = [int(h) for h in found.event_study_vcov_index]
    att = np.array([found.event_study_effects[h]["effect"] for h in horizons])
    covariance = np.asarray(found.event_study_vcov, dtype=float)
    normal = np.random.default_rng(seed).standard_normal((draws, len(horizons)))
    drawn = product(normal, root(covariance).T)
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
        found = _library().ImputationDiD(leave_one_out=True).fit(_handed(sample), **_NAMES)
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
    synthetic = pd.Series(product(weights, donors.to_numpy(dtype=float)), observed.index)
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
    fits = dict(zip(cohorts, _sdid([_Cohort(rows, controls, g) for g, rows in cohorts.items()]), strict=True))
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
    p = float((1 + at_least(sizes, abs(att))) / count)
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
                raise InferenceError("jackknife: a single control has all the weight; use placebo")
            att = _double_difference(cohorts[g], rest, units / units.sum(), fit.times)
            parts[g] = replace(fit, att=att)
        found.append(_sdid_average(parts)[0])
    for g, rows in cohorts.items():
        for k in range(len(rows)):
            att = _double_difference(np.delete(rows, k, axis=0), controls, fits[g].units, fits[g].times)
            found.append(_sdid_average({**fits, g: replace(fits[g], att=att, treated=len(rows) - 1)})[0])
    return float(np.sqrt(len(found) - 1) * np.std(found))
