"""What the policies that began in a département changed there: the national effect, and the département by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.foundations.display import hint, listed
from analysis.foundations.values import Lang, dictionary
from analysis.methods import policies
from analysis.methods.verdict import beyond
from analysis.presentation import figures
from analysis.presentation.narrative import checks, designs, formats, pilots
from analysis.presentation.narrative import effects as words
from analysis.presentation.narrative.messages import say
from analysis.reports.blocks import Heading, Shown, Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections.evaluated import (
    NAMED,
    aimed_at,
    alone,
    conclusion,
    design_name,
    for_recipients,
    outcome_name,
    refusals,
    results,
    source,
    study_of,
    treated,
    unit_of,
    use,
)

if TYPE_CHECKING:  # the libraries behind it take seconds to import, and results are read back without them
    from analysis.estimation.synthetic import Placebo
    from analysis.methods.evaluation import Alone, Evaluated, Evaluation


@section
def effects_here(report: Report, *outcomes: str) -> Stack:
    """What the policies that began here changed: the national effect, this département alone, what could have been seen.

    Args:
        outcomes: names of the outcomes shown, of those that each policy aims at.
    """
    lang = report.lang
    if report.level.is_below:
        return stack([prose(report.say("effects.of_departements"))])
    parts: list[Shown] = []
    known = policies.outcomes(report.catalogue)
    for outcome in outcomes:
        if outcome not in known:
            raise policies.DesignError(
                f"no outcome {outcome!r}{hint(outcome, known)}; known: {listed(known, 20)}",
                policies.Reason("unknown_name", text=str(outcome)),
            )
    for name in _concerned(report):
        evaluated = results(report, name)
        chosen = [
            r for r in evaluated.results.values() if aimed_at(r) and study_of(r).outcome.name in outcomes
        ]
        refused = _refused(evaluated, outcomes, lang)
        if chosen or refused:
            parts.append(Heading(formats.capital(design_name(name, lang)), 4))
        for result in chosen:
            parts += _shown(report, result, evaluated, name)
        if refused:
            parts.append(prose(*refused))
    if not parts:
        return stack([prose(report.say("effects.none_here"))])
    return stack([*parts, prose(say("effects.would_take", lang), kind="caution")])


def _concerned(report: Report) -> list[str]:
    """Designs in which the département is treated, the first of each policy."""
    policy = policies.studied(report.catalogue)
    first: dict[str, str] = {}
    for name, codes in treated(report).items():
        if report.territory.code in codes:
            first.setdefault(policy[name], name)
    return list(first.values())


def _refused(evaluated: Evaluated, outcomes: Sequence[str], lang: Lang) -> list[str]:
    """Why no effect could be looked for on those of some outcomes that the policy aims at, a sentence a reason."""
    told: dict[str, list[str]] = {}
    for name, reason in refusals(evaluated).items():
        if name in outcomes:
            told.setdefault(designs.reason(reason, lang), []).append(
                outcome_name(evaluated.design.outcomes[name], lang)
            )
    return [
        say(
            "effects.not_evaluable_here",
            lang,
            outcomes=formats.listing(names, lang),
            why=why,
        )
        for why, names in told.items()
    ]


def _shown(report: Report, result: Evaluation, evaluated: Evaluated, name: str) -> list[Shown]:
    lang, study, code = report.lang, study_of(result), report.territory.code
    use(report, result)
    national = say("effects.national", lang, conclusion=conclusion(result, evaluated, lang, NAMED))
    if code in study.left_out:
        why = designs.reason(study.left_out[code], lang)
        return [prose(national, formats.capital(report.say("effects.left_out_here", why=why)))]
    if code not in study.sample.treated:
        return [prose(national, formats.capital(report.say("effects.not_yet_here")))]
    found_here = alone(report, name).get(study.outcome.name, {}).get(code)
    if found_here is None or found_here.placebo is None:
        why = designs.refused(found_here.reason if found_here else "", lang)
        return [prose(national, formats.capital(report.say("effects.no_placebo", why=why)))]
    label = formats.capital(outcome_name(study.outcome, lang))
    figure = figures.placebo_gaps(
        found_here.placebo, key=f"gap_{name}_{study.outcome.name}", lang=lang, unit=unit_of(result),
        label=report.territory.label(lang), start=str(study.starts[code]),
        title=say("effects.gap", lang, outcome=label), source=source(report, result),
    )  # fmt: skip
    return [prose(national), figure, prose(*_told(found_here, found_here.placebo, result, evaluated, lang))]


def _told(here: Alone, placebo: Placebo, result: Evaluation, evaluated: Evaluated, lang: Lang) -> list[str]:
    """The gap of the département, what its interval excludes, and what that asks of the people of the pilot."""
    unit, outcome = unit_of(result), study_of(result).outcome
    told = [checks.placebo(placebo, unit, lang, looked_at=len(study_of(here).sample.treated))]
    limit = beyond(placebo.estimate, outcome.aim)
    if limit is None:
        return told
    reached = (
        policies.reached(evaluated.design, evaluated.cover, str(here.code))
        if for_recipients(outcome, evaluated)
        else None
    )
    whom = words.Concerned(
        aim=outcome.aim, caseload=here.caseload, counted=dictionary()[outcome.indicator].unit
    )  # fmt: skip
    told.append(words.threshold(limit, placebo.estimate, unit, lang, whom))
    if reached is None or reached.shares[0] >= 1:
        return told
    told.append(pilots.reached(reached, lang, whom.counted))
    if limit.side == "fall":
        told.append(
            pilots.asked_of_pilot(reached, words.threshold_share(limit, placebo.estimate, unit, lang), lang)
        )
    if placebo.estimate.excludes_zero:
        told.append(pilots.attributed(placebo.estimate, reached.shares[1], lang, whom.counted))
    return told
