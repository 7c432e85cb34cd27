"""Effects by regression: two-way fixed effects and what is in them, Sun–Abraham, imputation, two stages.

diff-diff gives the Goodman-Bacon decomposition, Sun–Abraham, imputation and two stages; its results and warnings stop here.
Its two-way fixed effects, which put the dummy « post » in the place of the periods, are computed here instead. ``Sample``
in, frozen results out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimation.checks import ArgumentError, telling
from analysis.estimation.clusters import (
    by_unit,
    cluster_codes,
    cohort_notes,
    estimate_of,
    horizon_counts,
    ordered,
    path_of,
    require_clusters,
    sup_t,
    with_controls,
)
from analysis.estimation.confidence import LEVEL, normal
from analysis.estimation.draws import BOOTSTRAP, BOOTSTRAP_SEED
from analysis.estimation.inference import treatment, within
from analysis.estimation.library import NAMES, handed, library, noted, unit_of
from analysis.estimation.sample import Estimate, InferenceError, Path, Sample, SampleError
from analysis.estimation.wild import wild_cluster_bootstrap
from analysis.foundations.arithmetic import Result, inverse, product, root
from analysis.foundations.display import listed


@dataclass(frozen=True, repr=False)
class Bacon(Result):
    """A two-way fixed effects coefficient taken apart (Goodman-Bacon, 2021).

    Attributes
    ----------
    twfe : float
        The coefficient.
    kinds : DataFrame
        Table by kind (``earlier_vs_later``, ``later_vs_earlier``, ``treated_vs_untreated``) with columns weight and
        estimate; the product of both sums to ``twfe``.
    comparisons : DataFrame
        One row per pair of cohorts: kind, treated and control (labels of first treated periods, or ``never``), weight,
        estimate. ``later_vs_earlier`` uses units already treated as controls.
    notes : tuple[str, ...]
        What the library had to say, in English.
    """

    twfe: float
    kinds: pd.DataFrame
    comparisons: pd.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class EventStudy(Result):
    """An average effect and its path by time since treatment.

    Attributes
    ----------
    estimate : Estimate
        The average over treated units and periods.
    path : Path
        By horizon; the reference period −1, zero by construction, is left out.
    covariance : ndarray
        Of the effects of the path, in its order; None where the estimator gives none.
    notes : tuple[str, ...]
        What the estimator had to leave aside, in English.
    """

    estimate: Estimate
    path: Path
    covariance: np.ndarray | None
    notes: tuple[str, ...]


# --------------------------------------------------------------------------------------------- two-way fixed effects


@dataclass(frozen=True)
class _TwoWay:
    """Outcome and treatment less unit and period means (units × periods), and the coefficient."""

    outcome: np.ndarray
    treatment: np.ndarray
    att: float


def _two_way(sample: Sample, covariates: Mapping[str, np.ndarray] = {}) -> _TwoWay:
    outcome = within(sample.outcome.to_numpy(dtype=float))
    treated = within(treatment(sample.first.to_numpy(), outcome.shape[1]))
    if covariates:
        outcome, treated = _without(covariates, outcome, treated)
    return _TwoWay(outcome, treated, float((treated * outcome).sum() / (treated**2).sum()))


def _without(
    covariates: Mapping[str, np.ndarray], outcome: np.ndarray, treated: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Outcome and treatment less what covariates (within unit and period) predict of each (Frisch, Waugh and Lovell)."""
    table = np.column_stack([*(_moving(values).ravel() for values in covariates.values()), treated.ravel()])
    named = pd.DataFrame(table, columns=[*covariates, "the treatment"])
    try:
        columns = telling(named, "covariates, within units and periods")[:, :-1]
    except ArgumentError as error:
        raise SampleError(
            f"{error}. What does not change over time says nothing here: give callaway_santanna its value before treatment"
        ) from error
    cross = inverse(product(columns.T, columns))
    left = (
        values - product(columns, product(cross, product(columns.T, values.ravel()))).reshape(values.shape)
        for values in (outcome, treated)
    )
    return tuple(left)


def _moving(values: np.ndarray) -> np.ndarray:
    """A covariate within units and periods; zero where what is left is that of rounding."""
    own = within(values)
    return np.where(np.abs(own).max() <= 1e-9 * np.abs(values).max(), 0.0, own)


def twfe(
    sample: Sample, inference: str = "cluster", draws: int = BOOTSTRAP, seed: int = BOOTSTRAP_SEED,
    covariates: Mapping[str, pd.DataFrame] | None = None, clusters: pd.Series | None = None,
) -> Estimate:  # fmt: skip
    """Two-way fixed effects. With staggered treatment some controls are treated already: see ``bacon``.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    inference : str, optional
        ``cluster`` (Liang and Zeger, 1986, with the corrections G/(G−1) and (N−1)/(N−K), unit effects not counted in K),
        or ``wild_cluster_bootstrap`` with its ``draws`` and ``seed``, which takes neither of the next.
    draws : int, optional
        Number of random draws.
    seed : int, optional
        Of the random draws: the same seed gives the same result.
    covariates : Mapping[str, DataFrame], optional
        By name, units × periods like the outcome, each varying over time within units.
    clusters : Series, optional
        By unit, what units share errors with (a région), above the unit; errors are clustered by unit without.
    """
    if inference == "wild_cluster_bootstrap":
        if covariates or clusters is not None:
            raise InferenceError(
                "wild_cluster_bootstrap takes neither covariates nor clusters above the unit here; use cluster, or "
                "wild.wild_cluster on a table with a row per unit and period"
            )
        return wild_cluster_bootstrap(ordered(sample), draws, seed)
    if inference != "cluster":
        raise InferenceError(f"{inference}: twfe has cluster and wild_cluster_bootstrap; choose one")
    codes = cluster_codes(sample, clusters)
    fit = _two_way(sample, {name: _like(sample, name, given) for name, given in (covariates or {}).items()})
    last = sample.never or sample.cohorts[max(sample.cohorts)]
    treated, controls = (
        len(np.unique(codes[sample.outcome.index.isin(units)])) for units in (sample.treated, last)
    )
    require_clusters(treated, controls, inference)
    scores = np.bincount(codes, (fit.treatment * (fit.outcome - fit.att * fit.treatment)).sum(1))
    size, regressors = fit.outcome.size, fit.outcome.shape[1] + len(covariates or {})
    scale = len(scores) / (len(scores) - 1) * (size - 1) / (size - regressors - 1)
    se = float(np.sqrt(scale * (scores**2).sum()) / (fit.treatment**2).sum())
    return estimate_of("twfe", "overall", fit.att, se, treated, controls, sample.rounding)


def _like(sample: Sample, name: str, given: pd.DataFrame) -> np.ndarray:
    """A covariate in the rows and columns of the outcome, each value finite."""
    if lacking := [str(period) for period in sample.periods if period not in given.columns]:
        raise SampleError(
            f"covariates, {name}: no column for {listed(lacking)}; periods are those of the outcome"
        )
    return by_unit(sample, given[list(sample.periods)], f"covariates, {name}").to_numpy(dtype=float)


_KINDS = {
    "earlier_vs_later": "earlier_vs_later",
    "later_vs_earlier": "later_vs_earlier",
    "treated_vs_never": "treated_vs_untreated",
}


def bacon(sample: Sample) -> Bacon:
    """Take the two-way fixed effects coefficient apart into all comparisons of two groups (Goodman-Bacon, 2021).

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    """
    frame, one = handed(sample)
    with noted() as said:
        fitted = library().BaconDecomposition(weights="exact").fit(frame, **NAMES)
    label = {g + 1: sample.periods[g] for g in sample.cohorts} | {"never_treated": "never"}
    comparisons = pd.DataFrame(
        [
            (
                _KINDS[c.comparison_type],
                label[c.treated_group],
                label[c.control_group],
                c.weight,
                one * c.estimate,
            )
            for c in fitted.comparisons
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
            f"diff-diff {library().__version__} does not decompose this panel; report it with the sample"
        )
    return Bacon(coefficient, kinds, comparisons, tuple(said))


# ------------------------------------------------------------------------------------------------ regression estimators


def sun_abraham(sample: Sample, draws: int = BOOTSTRAP, seed: int = BOOTSTRAP_SEED) -> EventStudy:
    """Interaction-weighted event study (Sun and Abraham, 2021): one regression, cohorts weighted by their size.

    Bands come from ``draws`` normal draws with the covariance of the path (Montiel Olea and Plagborg-Møller, 2019).

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    draws : int, optional
        Number of normal draws behind the bands.
    seed : int, optional
        Of the draws: the same seed gives the same result.

    References
    ----------
    Sun and Abraham (2021); Olea and Plagborg-Møller (2019).
    """
    sample, notes = with_controls(sample)
    require_clusters(len(sample.treated), len(sample.never), "cluster")
    notes += cohort_notes(sample)
    frame, one = handed(sample)
    with noted() as said:
        fitted = library().SunAbraham(control_group="never_treated").fit(frame, **NAMES)
    horizons = [int(h) for h in fitted.event_study_vcov_index]
    att = one * np.array([fitted.event_study_effects[h]["effect"] for h in horizons])
    covariance = one**2 * np.asarray(fitted.event_study_vcov, dtype=float)
    normal = np.random.default_rng(seed).standard_normal((draws, len(horizons)))
    drawn = product(normal, root(covariance).T)
    se, counts = np.sqrt(np.maximum(np.diag(covariance), 0)), horizon_counts(sample, horizons)
    return EventStudy(
        _average("sun_abraham", fitted, sample, one),
        path_of(
            "sun_abraham", horizons, att, se, counts, sup_t(drawn, se, counts), "cluster", sample.rounding
        ),
        covariance,
        (*notes, *said),
    )


def imputation(sample: Sample) -> EventStudy:
    """Effects against the outcome imputed from unit and period effects of what is untreated (Borusyak et al., 2024).

    The path begins at horizon 0: before treatment this estimator has residuals, not effects. Standard errors are the
    conservative ones with the leave-one-out refinement of their appendix A.9; bands are those of Šidák (1967).

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.

    References
    ----------
    Borusyak et al. (2024); Šidák (1967).
    """
    sample, notes = with_controls(sample)
    require_clusters(len(sample.treated), len(sample.never), "cluster")
    notes += cohort_notes(sample)
    frame, one = handed(sample)
    with noted() as said:
        fitted = library().ImputationDiD(leave_one_out=True).fit(frame, **NAMES)
        events = fitted.aggregate("event_study")
    return EventStudy(
        _average("imputation", fitted, sample, one, left_out=True),
        _after("imputation", events, sample, one, left_out=True),
        None,
        (*notes, *said),
    )


def two_stage(
    sample: Sample, covariates: Mapping[str, pd.DataFrame] | None = None, clusters: pd.Series | None = None
) -> EventStudy:
    """Two stages (Gardner, 2021): unit and period effects from what is untreated, then the mean of what they leave.

    Without covariates its effects are those of ``imputation``; its errors are those of the method of moments in both
    stages. The path begins at horizon 0, for the same reason, and its bands are those of Šidák (1967).

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    covariates : Mapping[str, DataFrame], optional
        By name, units × periods like the outcome, which the first stage takes as well; those that treatment changes bias
        the effect.
    clusters : Series, optional
        By unit, what units share errors with, above the unit.

    References
    ----------
    Gardner (2021); Šidák (1967).
    """
    sample, notes = with_controls(sample)
    codes = cluster_codes(sample, clusters)
    treated, controls = (
        len(np.unique(codes[sample.outcome.index.isin(units)])) for units in (sample.treated, sample.never)
    )
    require_clusters(treated, controls, "cluster")
    notes += cohort_notes(sample)
    given = {
        f"covariate {at}": (values / unit_of(values)).ravel()
        for at, values in enumerate(within(_like(sample, *pair)) for pair in (covariates or {}).items())
    }
    frame, one = handed(sample)
    frame = frame.assign(cluster=np.repeat(codes, len(sample.periods)), **given)
    with noted() as said:
        estimator = library().TwoStageDiD(cluster="cluster")
        fitted = estimator.fit(frame, **NAMES, covariates=list(given) or None)
        events = fitted.aggregate("event_study")
    average = estimate_of(
        "two_stage",
        "simple",
        one * float(fitted.overall_att),
        one * float(fitted.overall_se),
        treated,
        controls,
        sample.rounding,
    )
    return EventStudy(average, _after("two_stage", events, sample, one), None, (*notes, *said))


def _after(estimator: str, events: Any, sample: Sample, one: float, left_out: bool = False) -> Path:
    """The library's effects by horizon from 0 on, in units of ``one``, with our Student limits and Šidák's bands."""
    kept = ~events.is_reference & (events.event_time >= 0)
    horizons = events.event_time[kept].astype(int)
    critical = normal(LEVEL ** (1 / len(horizons)))
    counts = horizon_counts(sample, horizons)
    return path_of(
        estimator, horizons, one * events.att[kept], one * events.se[kept], counts, critical, "cluster", sample.rounding,
        left_out,
    )  # fmt: skip


def _average(estimator: str, fitted: Any, sample: Sample, one: float, left_out: bool = False) -> Estimate:
    """The library's average effect, in units of ``one``, with our Student interval."""
    att, se, counts = (
        one * float(fitted.overall_att),
        one * float(fitted.overall_se),
        (len(sample.treated), len(sample.never)),
    )
    return estimate_of(estimator, "simple", att, se, *counts, sample.rounding, left_out)
