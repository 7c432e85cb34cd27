"""The evaluation of a policy on an outcome: the effect by every estimator, and beside it what makes it credible or not.

``evaluate`` takes a ``Study`` (who was treated since when, with an outcome) and returns everything that a report prints of
it; ``evaluate_design`` does so for every outcome of a design, and says for the others why nothing could be looked for;
``one_by_one`` compares each treated département with its synthetic control. A researcher's own design goes the same way.

The conclusion rests on one estimate, ``main``, chosen before any result was seen: difference in differences by cohort
(Callaway and Sant'Anna, 2021) with the randomisation inference that keeps its size with few treated as with many. The
others are shown to say how much the choice matters. What cannot be computed is kept with its reason, never left out.

It stands on ``policies`` and ``estimation``; it words and draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import pandas as pd

from analysis import asked, policies
from analysis.arithmetic import Result, precisely, rounded
from analysis.catalogue import Catalogue
from analysis.display import Refusal
from analysis.entries import listed
from analysis.estimation import clusters, credibility, group_time, inference, power, regressions, synthetic
from analysis.estimation.sample import Estimate, EstimationError, InferenceError, Path, Refused, Sample
from analysis.estimation.sensitivity import Sensitivity, honest
from analysis.panel import Panel
from analysis.policies import Reason, Study

Part = TypeVar("Part")

MINIMUM_BEFORE = 2
"""Periods before the policy that a power computed on them needs at least: one to start from, one to arrive at."""


def counted(study: Study, codes: Iterable[str]) -> float | None:
    """How many the outcome counted in some treated départements, each in its last period before; None for a rate."""
    if study.outcome.scale != "log":
        return None
    sample = study.sample
    last = [sample.outcome.at[code, sample.periods[sample.first[code] - 1]] for code in codes]
    return float(np.round(precisely(np.exp, np.array(last, dtype=float))).sum())


@dataclass(frozen=True, repr=False)
class Row(Result):
    """One estimator: its estimate, or why it gives none."""

    key: str
    estimate: Estimate | None
    refusal: Refused | None = None


@dataclass(frozen=True, repr=False)
class Evaluation(Result):
    """What a report prints of a policy and an outcome. A part that could not be computed is None, and in ``refused``.

    Attributes:
        study: what it was estimated from; its figures have ten digits here, as everything has, after having served whole.
        main: the estimate that the conclusion rests on. rows: every estimator, that one first.
        studentised: whether the main estimate was divided by its standard error, without which it takes the treated for
            as variable as the controls. spread: how many times as much they varied before (``inference.spread``).
        path: effects by time since treatment, with bands that hold for all at once.
        bacon: what two-way fixed effects would have averaged.
        detectable: smallest effect that as many treated territories let be seen, from figures of before the policy.
        refused: by name of the part, why it could not be computed.
    """

    study: Study
    main: Estimate
    rows: tuple[Row, ...]
    path: Path | None
    bacon: regressions.Bacon | None
    pretrends: credibility.Pretrends | None
    placebo_dates: credibility.PlaceboDates | None
    leave_one_out: credibility.LeaveOneOut | None
    sensitivity: Sensitivity | None
    detectable: power.Detectable | None
    refused: Mapping[str, Refused]
    studentised: bool
    spread: float

    @property
    def noisier(self) -> bool:
        """Whether the treated varied so much more than the controls that the interval, not studentised, is too narrow."""
        return not self.studentised and self.spread > inference.NOISIER

    @property
    def relative(self) -> bool:
        """Whether effects are in log points, hence proportions of the outcome; else in its own unit."""
        return self.study.outcome.scale == "log"

    @property
    def caseload(self) -> float | None:
        """How many the outcome counted in all treated départements before the policy; None for a rate."""
        return counted(self.study, self.study.sample.treated)


@dataclass(frozen=True, repr=False)
class Alone(Result):
    """One treated département against its synthetic control.

    Attributes:
        placebo: None when it could not be made; ``refusal`` says why.
    """

    study: Study
    code: str
    placebo: synthetic.Placebo | None
    refusal: Refused | None = None

    @property
    def caseload(self) -> float | None:
        """How many the outcome counted there before the policy; None for a rate."""
        return counted(self.study, [self.code])


PLACEBO_DRAWS = 999
"""Draws behind each placebo date, of which there are many."""


class _Parts:
    """Computes parts one by one, and keeps why some could not be."""

    def __init__(self) -> None:
        self.refused: dict[str, Refused] = {}

    def get(self, name: str, compute: Callable[[], Part]) -> Part | None:
        try:
            return compute()
        except EstimationError as error:
            self.refused[name] = error.refused
            return None

    def after(self, earlier: str, name: str, compute: Callable[[], Part]) -> Part | None:
        """A part that is made of another: refused with it, for its reason."""
        if earlier not in self.refused:
            return self.get(name, compute)
        self.refused[name] = self.refused[earlier]
        return None


def main_estimate(sample: Sample) -> Estimate:
    """The estimate that conclusions rest on: by cohort, against the never treated, with randomisation inference."""
    return inference.randomisation(sample).estimate


def _quick(sample: Sample) -> Callable[[Sample], Estimate]:
    """The main estimate with an interval that is fast to compute again, where there are units enough for it."""
    enough = min(len(sample.treated), len(sample.never)) > clusters.MINIMUM_CLUSTERS
    return inference.cluster if enough else main_estimate


def evaluate(study: Study) -> Evaluation:
    """Everything on a policy and an outcome, from the sample of a study."""
    if not isinstance(study, Study):
        raise Refusal(f"evaluate takes the Study that policies.sample gives, not a {type(study).__name__}")
    sample, parts = study.sample, _Parts()
    randomised = inference.randomisation(sample)
    main = randomised.estimate
    by_time = parts.get("path", lambda: group_time.callaway_santanna(sample))
    return Evaluation(
        study=study,
        main=main,
        rows=(Row("randomisation", main), *_rows(sample)),
        path=by_time.path if by_time else None,
        bacon=parts.get("bacon", lambda: regressions.bacon(sample)),
        pretrends=parts.get("pretrends", lambda: credibility.pretrends(sample)),
        placebo_dates=parts.get(
            "placebo_dates", lambda: credibility.placebo_dates(sample, draws=PLACEBO_DRAWS)
        ),
        leave_one_out=parts.get("leave_one_out", lambda: credibility.leave_one_out(sample, _quick(sample))),
        sensitivity=parts.after("path", "sensitivity", lambda: honest(by_time)),
        detectable=parts.get("detectable", lambda: _detectable(sample, len(sample.treated))),
        refused=parts.refused,
        studentised=randomised.studentised,
        spread=inference.spread(sample),
    )


_ESTIMATORS: Mapping[str, Callable[[Sample], Estimate]] = {
    "callaway_santanna": lambda s: group_time.callaway_santanna(s).aggregates["simple"],
    "callaway_santanna_not_yet": lambda s: group_time.callaway_santanna(s, "not_yet").aggregates["simple"],
    "sun_abraham": lambda s: regressions.sun_abraham(s).estimate,
    "imputation": lambda s: regressions.imputation(s).estimate,
    "synthetic_did": lambda s: synthetic.synthetic_did(s).estimate,
    "twfe": regressions.twfe,
    "twfe_wild": inference.wild_cluster_bootstrap,
}
"""The estimators set beside the main one."""


def _rows(sample: Sample) -> tuple[Row, ...]:
    staggered = len(sample.cohorts) > 1
    keys = [key for key in _ESTIMATORS if staggered or key != "callaway_santanna_not_yet"]
    rows = []
    for key in keys:
        parts = _Parts()
        found = parts.get(key, lambda key=key: _ESTIMATORS[key](sample))
        rows.append(Row(key, found, parts.refused.get(key)))
    return tuple(rows)


def _detectable(sample: Sample, treated: int) -> power.Detectable:
    """From the periods before the first treated one: change from one period to the mean of as many as there are after."""
    start, periods = min(sample.cohorts), len(sample.periods)
    before = sample.outcome.iloc[:, :start]
    after = max(1, min(periods - start, start - 1))
    if start < MINIMUM_BEFORE:
        raise InferenceError(
            "one period before the policy: its usual changes are not known; begin the window earlier",
            "few_before",
            least=MINIMUM_BEFORE,
        )
    return power.minimum_detectable(before, treated, before=1, after=after)


# ------------------------------------------------------------------------------------------------- one département


def evaluate_one(study: Study, code: str) -> Alone:
    """A treated département, by its code, against those never treated, as if it alone had been."""
    code, sample, parts = asked.territory(code, "departement"), study.sample, _Parts()
    if code not in sample.treated:
        raise Refusal(f"{code} is not treated in this study; treated are {listed(sample.treated)}")
    start = int(sample.first[code])
    outcome = sample.outcome.loc[[code, *sample.never]]
    found = parts.get("placebo", lambda: synthetic.placebo_ranks(outcome, code, start))
    return Alone(study, code, found, parts.refused.get("placebo"))


# ------------------------------------------------------------------------------------------------ the whole register


@dataclass(frozen=True, repr=False)
class Evaluated(Result):
    """A design with each of its outcomes: evaluated, or not and why.

    Attributes:
        results: by name of the outcome. not_evaluable: by name of the outcome, the reason.
        cover: how many of the recipients of each treated département the policy concerned (``policies.coverage``).
        followed: published number of people followed over the recipients, when there is one.
    """

    design: policies.Design
    results: Mapping[str, Evaluation]
    not_evaluable: Mapping[str, Reason]
    cover: pd.DataFrame
    followed: policies.Followed | None

    @property
    def elsewhere(self) -> tuple[Estimate, ...]:
        """Effects on the outcomes that the policy should leave as they were."""
        return tuple(r.main for r in self.results.values() if r.study.outcome.role == "placebo")


def evaluate_design(design: policies.Design, panel: Panel) -> Evaluated:
    """A design, of the register or of one's own, on its outcomes."""
    verdicts = policies.evaluability(design, panel)
    return Evaluated(
        design=design,
        results={v.outcome.name: evaluate(v.study) for v in verdicts if v.study is not None},
        not_evaluable={v.outcome.name: v.reason for v in verdicts if v.reason is not None},
        cover=policies.coverage(design, panel),
        followed=policies.followed(design, panel),
    )


def of_register(panel: Panel, catalogue: Catalogue, name: str) -> Evaluated:
    """A design of the register, by name, on its outcomes."""
    return evaluate_design(policies.design(name, catalogue), panel)


def one_by_one_of_register(panel: Panel, catalogue: Catalogue, name: str) -> dict[str, dict[str, Alone]]:
    """The treated départements of a design of the register, one by one."""
    return one_by_one(policies.design(name, catalogue), panel)


def one_by_one(design: policies.Design, panel: Panel) -> dict[str, dict[str, Alone]]:
    """By outcome that the policy aims at, then by code: each treated département against its synthetic control."""
    return {
        verdict.outcome.name: _each_treated(verdict.study)
        for verdict in policies.evaluability(design, panel)
        if verdict.study is not None and verdict.outcome.role == "main"
    }


def _each_treated(study: Study) -> dict[str, Alone]:
    """By code; all hold one and the same study."""
    kept = rounded(study)
    return {code: replace(evaluate_one(study, code), study=kept) for code in study.sample.treated}
