"""Effects of policies as the sections on them read and word them: results, their evidence, the names of what they are on.

Results are computed once for all reports (``shared``), by ``evaluation``, which is loaded only then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from analysis.foundations.periods import period
from analysis.foundations.values import Lang, dictionary
from analysis.methods.verdict import Evidence
from analysis.presentation.narrative import designs, formats
from analysis.presentation.narrative import effects as words
from analysis.presentation.narrative.messages import known, say
from analysis.presentation.narrative.sizes import Frequency, Unit
from analysis.reports.report import Report

if TYPE_CHECKING:  # the libraries behind it take seconds to import, and results are read back without them
    from analysis.methods.evaluation import Alone, Evaluated, Evaluation
    from analysis.methods.policies import Outcome, Reason, Study

NAMED = 2
"""Weaknesses named in a sentence that stands for a whole study; all are told where the study is."""


def results(report: Report, name: str) -> Evaluated:
    """A design of the register with its outcomes, evaluated once for all reports."""
    return report.common(f"effects.{name}", "analysis.methods.evaluation:of_register", name)


def alone(report: Report, name: str) -> dict[str, dict[str, Alone]]:
    """The treated départements of a design one by one, by outcome and code."""
    return report.common(f"effects.{name}.alone", "analysis.methods.evaluation:one_by_one_of_register", name)


def treated(report: Report) -> Mapping[str, tuple[str, ...]]:
    """By name of design, the départements in which its policy began."""
    return report.common("effects.treated", "analysis.methods.policies:treated")


def study_of(found: Evaluation | Alone) -> Study:
    """What a result of the register was estimated from: its policy and outcome with the sample, never a sample alone."""
    return cast("Study", found.study)


def unit_of(result: Evaluation) -> Unit:
    """How effects on an outcome are written."""
    return "relative" if result.relative else "points"


def frequency_of(result: Evaluation) -> Frequency:
    """How often the outcome is observed: Decembers of a stock are a year apart."""
    months = period(str(study_of(result).sample.periods[0])).months
    yearly = months == 12 or bool(study_of(result).outcome.months)
    return "year" if yearly else "quarter" if months == 3 else "month"


def outcome_name(outcome: Outcome, lang: Lang) -> str:
    """The name of an outcome of the designs; that of its indicator where it has none of its own."""
    key = f"design.outcome.{outcome.name}"
    if known(key, lang) or not outcome.series:
        return say(key, lang)
    return dictionary()[outcome.indicator].label[lang]


def for_recipients(outcome: Outcome, everything: Evaluated) -> bool:
    """Whether an outcome counts those whom the policy is for: an effect on it can be carried to the people followed."""
    return outcome.name in everything.design.people.recipients


def design_name(name: str, lang: Lang) -> str:
    """The name of a design of the register."""
    return say(f"design.name.{name}", lang)


def aimed_at(result: Evaluation) -> bool:
    """Whether the outcome is what the policy aims at."""
    return study_of(result).outcome.role == "main"


def evidence(result: Evaluation, everything: Evaluated) -> Evidence:
    """What a conclusion rests on; outcomes that should not move speak against the others only."""
    placebo = study_of(result).outcome.role == "placebo"
    return Evidence(
        estimate=result.main,
        pretrends=result.pretrends,
        sensitivity=result.sensitivity,
        detectable=result.detectable.mde if result.detectable else None,
        left_out=result.leave_one_out,
        dates=result.placebo_dates,
        elsewhere=() if placebo else everything.elsewhere,
        studentised=result.studentised,
        noisier=result.noisier,
    )


def concerned(result: Evaluation, everything: Evaluated) -> words.Concerned:
    """Whom an effect is on, so that it can be said in people."""
    outcome = study_of(result).outcome
    followed = everything.followed if for_recipients(outcome, everything) else None
    return words.Concerned(
        aim=outcome.aim, caseload=result.caseload, counted=dictionary()[outcome.indicator].unit,
        followed=None if followed is None else followed.share,
    )  # fmt: skip


def conclusion(result: Evaluation, everything: Evaluated, lang: Lang, most: int | None = None) -> str:
    """What may be concluded of an outcome, with its role when the policy does not aim at it.

    ``most`` is as in ``narrative.effects.conclusion``.
    """
    name = outcome_name(study_of(result).outcome, lang) if aimed_at(result) else with_role(result, lang)
    return words.conclusion(
        evidence(result, everything),
        name,
        unit_of(result),
        lang,
        concerned=concerned(result, everything),
        most=most,
    )


def use(report: Report, result: Evaluation) -> None:
    """Record the figures behind an outcome as shown."""
    for indicator, _ in study_of(result).outcome.series:
        report.use(indicator)


def source(report: Report, *found: Evaluation) -> str:
    """The producers and vintages behind some outcomes."""
    return report.source(*(indicator for one in found for indicator, _ in study_of(one).outcome.series))


def refusals(evaluated: Evaluated) -> Mapping[str, Reason]:
    """By name, why no effect could be looked for on outcomes that the policy aims at."""
    return {
        name: why
        for name, why in evaluated.not_evaluable.items()
        if evaluated.design.outcomes[name].role == "main"
    }


def why_not(evaluated: Evaluated, lang: Lang) -> str:
    """Why no effect of a design could be looked for on what it aims at, in a sentence."""
    reasons = dict.fromkeys(designs.reason(reason, lang) for reason in refusals(evaluated).values())
    return say("effects.not_evaluable", lang, reasons=say("value.separator", lang).join(reasons))


def with_role(result: Evaluation, lang: Lang) -> str:
    """An outcome with what it is to the policy."""
    outcome = study_of(result).outcome
    return say(
        "effects.with_role", lang, outcome=formats.capital(outcome_name(outcome, lang)),
        role=say(f"design.role.{outcome.role}", lang),
    )  # fmt: skip
