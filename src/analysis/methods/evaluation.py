"""The evaluation of a policy on an outcome: the effect by every estimator, and beside it what makes it credible or not.

``evaluate`` takes a ``Study`` (who was treated since when, with an outcome) and returns everything that a report prints of
it; ``evaluate_design`` does so for every outcome of a design, and says for the others why nothing could be looked for;
``one_by_one`` compares each treated département with its synthetic control. A researcher's own design goes the same way, and
so does a ``Sample`` of any units, without the panel (``evaluate(Sample.from_long(…))``).

The conclusion rests on one estimate, ``main``, chosen before any result was seen: difference in differences by cohort
(Callaway and Sant'Anna, 2021) with the randomisation inference that keeps its size with few treated as with many. The
others are shown to say how much the choice matters. What cannot be computed is kept with its reason, never left out.

It stands on ``policies`` and ``estimation``; it words and draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import (
    clusters,
    credibility,
    group_time,
    inference,
    power,
    regressions,
    synthetic,
    synthetic_did,
    wild,
)
from analysis.estimation.draws import PLACEBO_DATES
from analysis.estimation.sample import Estimate, InferenceError, Path, Sample, SampleError
from analysis.estimation.sensitivity import Sensitivity, honest
from analysis.foundations import asked
from analysis.foundations.arithmetic import Result, precisely, rounded
from analysis.foundations.display import Refusal, listed
from analysis.methods import policies
from analysis.methods.policies import Reason, Scale, Study

Part = TypeVar("Part")
Earlier = TypeVar("Earlier")

MINIMUM_BEFORE = 2
"""Periods before the policy that a power computed on them needs at least: one to start from, one to arrive at."""


def counted(study: Study | Sample, units: Iterable[Any]) -> float | None:
    """How many the outcome counted in some treated units, each in its last period before; None when it counts nobody."""
    if isinstance(study, Sample) or study.outcome.scale != "log" or not study.adds_up:
        return None
    sample = study.sample
    last = [sample.outcome.at[unit, sample.periods[sample.first[unit] - 1]] for unit in units]
    return float(np.round(precisely(np.exp, np.array(last, dtype=float))).sum())


@dataclass(frozen=True, repr=False)
class Row(Result):
    """One estimator: its estimate, or why it gives none, in a message and as a key (``reason``, of ``sample.ReasonKey``)."""

    key: str
    estimate: Estimate | None
    refusal: str = ""
    reason: str = ""


@dataclass(frozen=True, repr=False)
class Evaluation(Result):
    """What a report prints of a policy and an outcome. A part that could not be computed is None, and in ``refused``.

    Attributes
    ----------
    study : Study | Sample
        What it was estimated from, a sample when nothing else is known of it; its figures have ten digits here, as
        everything has, after having served whole.
    main : Estimate
        The estimate that the conclusion rests on.
    rows : tuple[Row, ...]
        Every estimator, that one first.
    path : Path
        Effects by time since treatment, with bands that hold for all at once.
    bacon : regressions.Bacon
        What two-way fixed effects would have averaged.
    detectable : power.Detectable
        Smallest effect that could be seen with as many treated territories, from figures before the policy.
    refused : Mapping[str, str]
        By name of the part, why it could not be computed.
    reasons : Mapping[str, str]
        The same as keys (``sample.ReasonKey``).
    scale : Scale
        ``log`` when effects are in log points, else ``level``.
    studentised : bool
        Whether the main estimate was divided by its standard error, without which it takes the treated for as variable
        as the controls.
    spread : float
        How many times as much they varied before (``inference.spread``).
    """

    study: Study | Sample
    main: Estimate
    rows: tuple[Row, ...]
    path: Path | None
    bacon: regressions.Bacon | None
    pretrends: credibility.Pretrends | None
    placebo_dates: credibility.PlaceboDates | None
    leave_one_out: credibility.LeaveOneOut | None
    sensitivity: Sensitivity | None
    detectable: power.Detectable | None
    refused: Mapping[str, str]
    reasons: Mapping[str, str]
    scale: Scale
    studentised: bool
    spread: float

    @property
    def noisier(self) -> bool:
        """Whether the treated, too few for standard errors, varied markedly more than the controls before the policy."""
        return not self.studentised and self.spread > inference.NOISIER

    @property
    def relative(self) -> bool:
        """Whether effects are in log points, hence proportions of the outcome; else in its own unit."""
        return self.scale == "log"

    @property
    def caseload(self) -> float | None:
        """How many the outcome of a study counted in all treated départements before the policy; None for a rate."""
        return counted(self.study, self.sample.treated)

    @property
    def sample(self) -> Sample:
        """What every part was estimated from."""
        return _sample_of(self.study)


@dataclass(frozen=True, repr=False)
class Alone(Result):
    """One treated département, or unit of a sample, against its synthetic control.

    Attributes
    ----------
    placebo : synthetic.Placebo
        None when it could not be made; ``refusal`` says why, ``reason`` as a key.
    """

    study: Study | Sample
    code: object
    placebo: synthetic.Placebo | None
    refusal: str = ""
    reason: str = ""

    @property
    def caseload(self) -> float | None:
        """How many the outcome of a study counted there before the policy; None for a rate."""
        return counted(self.study, [self.code])


class _Parts:
    """Computes parts one by one, and keeps why some could not be."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self.reasons: dict[str, str] = {}

    def get(self, name: str, compute: Callable[[], Part]) -> Part | None:
        try:
            return compute()
        except (InferenceError, SampleError) as error:
            self.refused[name], self.reasons[name] = str(error), error.key
            return None

    def after(
        self, earlier: str, made: Earlier | None, name: str, compute: Callable[[Earlier], Part]
    ) -> Part | None:
        """A part that is made of another: refused with it, for its reason."""
        if made is not None:
            return self.get(name, lambda: compute(made))
        self.refused[name], self.reasons[name] = self.refused[earlier], self.reasons[earlier]
        return None

    def estimate(self, name: str, compute: Callable[[], Estimate]) -> Estimate | None:
        """An estimate that has an error; one without keeps its reason instead."""
        computed = self.get(name, compute)
        if computed is None or not computed.reason:
            return computed
        self.refused[name] = f"{computed.estimator}: no error can be given ({computed.reason})"
        self.reasons[name] = computed.reason
        return None


def main_estimate(sample: Sample) -> Estimate:
    """The estimate that conclusions rest on: by cohort, against the never treated, with randomisation inference.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    """
    return inference.randomisation(sample).estimate


def _quick(sample: Sample) -> Callable[[Sample], Estimate]:
    """The main estimate with an interval that is fast to compute again, where there are units enough for it."""
    enough = min(len(sample.treated), len(sample.never)) > clusters.MINIMUM_CLUSTERS
    return inference.cluster if enough else main_estimate


def _sample_of(study: object) -> Sample:
    if isinstance(study, Study):
        return study.sample
    if not isinstance(study, Sample):
        raise Refusal(
            f"evaluate takes a Sample, or the Study that policies.sample gives, not a {type(study).__name__}; "
            "use `Sample.from_long` to make one of a frame"
        )
    return study


def _scale_of(study: Study | Sample, scale: Scale | None) -> Scale:
    """The outcome's; of a sample alone, what its figures are is not known and has to be said."""
    own = study.outcome.scale if isinstance(study, Study) else None
    if scale not in (None, "log", "level") or (own and scale not in (None, own)):
        raise Refusal(
            f"scale {scale!r}: {own or 'log or level'} expected, what the figures of the sample are"
        )
    return own or scale or "level"


def evaluate(study: Study | Sample, scale: Scale | None = None) -> Evaluation:
    """Everything on a policy and an outcome, from the sample of a study, or from a sample of any units.

    Parameters
    ----------
    study : Study | Sample
        An outcome under a design, or a sample of any units.
    scale : Scale, optional
        Of a sample alone, ``log`` when its figures are logarithms; ``level`` unless it is said.

    Raises
    ------
    SampleError
        When the main estimate can have no error, since nothing varies between the units.

    Examples
    --------
    >>> import numpy as np
    >>> from analysis.estimation.sample import Sample
    >>> rng = np.random.default_rng(1)
    >>> years, counties = range(2010, 2018), [f"county {k}" for k in range(40)]
    >>> frame = pd.DataFrame([(c, y) for c in counties for y in years], columns=["county", "year"])
    >>> frame["jobs"] = rng.normal(10, 0.1, len(frame))
    >>> first = dict.fromkeys(counties[:12], 2014)
    >>> sample = Sample.from_long(frame, unit="county", time="year", outcome="jobs", first=first)
    >>> found = evaluate(sample, scale="log")
    >>> found.main.treated, found.main.controls, found.relative
    (12, 28, True)
    """
    sample, parts = _sample_of(study), _Parts()
    randomised = inference.randomisation(sample)
    main = randomised.estimate
    if main.reason:
        raise SampleError(
            "nothing varies between the units but the effect: its error cannot be known; look at the figures, or choose "
            "another outcome",
            main.reason,
        )
    by_time = parts.get("path", lambda: group_time.callaway_santanna(sample))
    return Evaluation(
        study=study,
        main=main,
        rows=(Row("randomisation", main), *_rows(sample)),
        path=by_time.path if by_time else None,
        bacon=parts.get("bacon", lambda: regressions.bacon(sample)),
        pretrends=parts.get("pretrends", lambda: credibility.pretrends(sample)),
        placebo_dates=parts.get(
            "placebo_dates", lambda: credibility.placebo_dates(sample, draws=PLACEBO_DATES)
        ),
        leave_one_out=parts.get("leave_one_out", lambda: credibility.leave_one_out(sample, _quick(sample))),
        sensitivity=parts.after("path", by_time, "sensitivity", honest),
        detectable=parts.get("detectable", lambda: _detectable(sample)),
        refused=parts.refused,
        reasons=parts.reasons,
        scale=_scale_of(study, scale),
        studentised=randomised.studentised,
        spread=inference.spread(sample),
    )


_ESTIMATORS: Mapping[str, Callable[[Sample], Estimate]] = {
    "callaway_santanna": lambda s: group_time.callaway_santanna(s).aggregates["simple"],
    "callaway_santanna_not_yet": lambda s: group_time.callaway_santanna(s, "not_yet").aggregates["simple"],
    "sun_abraham": lambda s: regressions.sun_abraham(s).estimate,
    "imputation": lambda s: regressions.imputation(s).estimate,
    "synthetic_did": lambda s: synthetic_did.synthetic_did(s).estimate,
    "twfe": regressions.twfe,
    "twfe_wild": wild.wild_cluster_bootstrap,
}
"""The estimators set beside the main one."""


def _rows(sample: Sample) -> tuple[Row, ...]:
    staggered = len(sample.cohorts) > 1
    keys = [key for key in _ESTIMATORS if staggered or key != "callaway_santanna_not_yet"]
    rows = []
    for key in keys:
        parts = _Parts()
        estimate = parts.estimate(key, partial(_ESTIMATORS[key], sample))
        rows.append(Row(key, estimate, parts.refused.get(key, ""), parts.reasons.get(key, "")))
    return tuple(rows)


def _detectable(sample: Sample) -> power.Detectable:
    """From the periods before the first treated one: change from one period to the mean of as many as there are after.

    InferenceError when fewer were seen before than there are after, since the mean of more drifts further from its start.
    """
    start, periods = min(sample.cohorts), len(sample.periods)
    if start < MINIMUM_BEFORE:
        raise InferenceError(
            "one period before the policy: its usual changes are not known; begin the window earlier",
            "few_periods",
        )
    if periods - start > start - 1:
        raise InferenceError(
            f"{periods - start} periods after the start and {start} before: how far {periods - start} periods drift from "
            "one was not seen before; begin the window earlier, or end it sooner",
            "few_periods",
        )
    spread = inference.spread(sample)
    known = spread if 0 < spread < inf else 1.0
    return power.minimum_detectable(
        sample.outcome.iloc[:, :start], len(sample.treated), before=1, after=periods - start, spread=known
    )


# ------------------------------------------------------------------------------------------------- one département


def evaluate_one(study: Study | Sample, code: object) -> Alone:
    """A treated département, by its code, against those never treated, as if it alone had been; or a unit of a sample.

    Parameters
    ----------
    study : Study | Sample
        An outcome under a design, or a sample of any units.
    code : object
        A treated département, or unit.
    """
    sample, parts = _sample_of(study), _Parts()
    if isinstance(study, Study):
        code = asked.territory(code, "departement")
    if code not in sample.treated:
        raise Refusal(f"{code} is not treated in this study; choose among {listed(sample.treated)}")
    start = int(sample.first[code])
    outcome = sample.outcome.loc[[code, *sample.never]]
    placebo = parts.get("placebo", lambda: synthetic.placebo_ranks(outcome, code, start))
    return Alone(study, code, placebo, parts.refused.get("placebo", ""), parts.reasons.get("placebo", ""))


# ------------------------------------------------------------------------------------------------ the whole register


@dataclass(frozen=True, repr=False)
class Evaluated(Result):
    """A design with each of its outcomes: evaluated, or not and why.

    Attributes
    ----------
    results : Mapping[str, Evaluation]
        By name of the outcome.
    not_evaluable : Mapping[str, Reason]
        By name of the outcome, the reason.
    cover : DataFrame
        How many of the recipients of each treated département the policy concerned (``policies.coverage``).
    followed : Followed
        Published number of people followed over the recipients, when there is one.
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
    """A design, of the register or of one's own, on its outcomes.

    Parameters
    ----------
    design : Design
        A design, of the register or of one's own.
    panel : Panel
        Every figure: territory × period × indicator.
    """
    verdicts = policies.evaluability(design, panel)
    results, refused = {}, {}
    for verdict in verdicts:
        try:
            if verdict.study is not None:
                results[verdict.outcome.name] = evaluate(verdict.study)
        except (SampleError, InferenceError) as error:
            refused[verdict.outcome.name] = Reason(error.key)
    return Evaluated(
        design=design,
        results=results,
        not_evaluable={v.outcome.name: v.reason for v in verdicts if v.reason is not None} | refused,
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
