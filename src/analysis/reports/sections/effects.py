"""Effects of policies: for the country by policy and outcome, and for a département treated, against its synthetic control.

Results are computed once for all reports (``shared``), by ``evaluation``, which is loaded only then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from analysis import figures, policies
from analysis.entries import hint, listed
from analysis.narrative import effects as words
from analysis.narrative import formats
from analysis.narrative.messages import say
from analysis.reports.blocks import Folded, Heading, Prose, Shown, Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.tables import Column, Table
from analysis.values import Lang, dictionary, period

if TYPE_CHECKING:  # the libraries behind it take seconds to import, and results are read back without them
    from analysis.evaluation import Alone, Evaluated, Evaluation, Row

RATHER: Mapping[str, str] = {"renewed_accompaniment": "renewed_accompaniment_wave1"}
"""Of two designs of one policy that treat the same département, the one that its report shows."""


def results(report: Report, name: str) -> Evaluated:
    """A design of the register with its outcomes, evaluated once for all reports."""
    return report.common(f"effects.{name}", "analysis.evaluation:of_register", name)


def _alone_of(report: Report, name: str) -> dict[str, dict[str, Alone]]:
    return report.common(f"effects.{name}.alone", "analysis.evaluation:one_by_one_of_register", name)


# ---------------------------------------------------------------------------------------------------- words and units


def _unit(found: Evaluation) -> words.Unit:
    return "relative" if found.relative else "points"


def _outcome(name: str, lang: Lang) -> str:
    """The label of an outcome of the designs, or of an indicator of the dictionary."""
    return dictionary()[name].label[lang] if name in dictionary() else say(f"design.outcome.{name}", lang)


def _policy(name: str, lang: Lang) -> str:
    return say(f"design.name.{name}", lang)


def _evidence(found: Evaluation, elsewhere: Sequence) -> words.Evidence:
    placebo = found.study.outcome.role == "placebo"
    return words.Evidence(
        estimate=found.main,
        pretrends=found.pretrends,
        sensitivity=found.sensitivity,
        detectable=found.detectable.mde if found.detectable else None,
        left_out=found.leave_one_out,
        dates=found.placebo_dates,
        elsewhere=() if placebo else tuple(elsewhere),
        studentised=found.studentised,
        noisier=found.noisier,
    )


def _conclusion(found: Evaluation, everything: Evaluated, lang: Lang) -> str:
    evidence = _evidence(found, everything.elsewhere)
    return words.conclusion(evidence, _outcome(found.study.outcome.name, lang), _unit(found), lang)


def _use(report: Report, found: Evaluation) -> None:
    for indicator, _ in found.study.outcome.series:
        report.use(indicator)


def _source(report: Report, *found: Evaluation) -> str:
    return report.source(*(indicator for one in found for indicator, _ in one.study.outcome.series))


# ------------------------------------------------------------------------------------------------------ for the country


@section
def effects_found(report: Report) -> Prose:
    """What was found, in a sentence by policy: on the first outcome it aims at that can be evaluated."""
    lang, told = report.lang, []
    for name in report.common("effects.treated", "analysis.policies:treated"):
        found = results(report, name)
        first = next(filter(_aimed_at, found.results.values()), None)
        conclusion = _conclusion(first, found, lang) if first else why_not(found, lang)
        told.append(
            say("effects.one", lang, policy=formats.capital(_policy(name, lang)), conclusion=conclusion)
        )
    return prose(*told, kind="summary", listed=True)


def why_not(found: Evaluated, lang: Lang) -> str:
    """Why no effect of a design could be looked for, in a sentence."""
    reasons = dict.fromkeys(words.reason(reason, lang) for reason in found.not_evaluable.values())
    return say("effects.not_evaluable", lang, reasons=say("value.separator", lang).join(reasons))


@section
def effects_looked_at(report: Report) -> Prose:
    """How many comparisons were made, and how many would leave zero out by chance."""
    mains = [
        r.main
        for name in report.common("effects.treated", "analysis.policies:treated")
        for r in results(report, name).results.values()
    ]
    away = sum(one.excludes_zero for one in mains)
    expected = formats.number(len(mains) / 20, report.lang, 1)
    return prose(
        say("effects.looks", report.lang, n=str(len(mains)), away=str(away), expected=expected),
        kind="caution",
    )


@section
def effects_of(report: Report, name: str) -> Stack:
    """All on a policy: the design, then each outcome it aims at, then the others in one drawing."""
    lang, found = report.lang, results(report, name)
    report.use_dataset(f"politiques/{_DATASETS[found.design.policy]}")
    parts: list[Shown] = [_design(found, name, lang)]
    parts += [_followed(found, lang)] if found.followed else []
    for result in found.results.values():
        _use(report, result)
        if _aimed_at(result):
            parts += _in_full(
                report, result, found, name, drawn=not any(isinstance(p, Heading) for p in parts)
            )
    others = [r for r in found.results.values() if not _aimed_at(r)]
    parts += _others(report, others, found, name)
    if found.not_evaluable:
        parts.append(_not_evaluable(found, name, lang))
    return stack(parts)


_DATASETS: Mapping[str, str] = {
    "renewed_accompaniment": "rsa_renewed_accompaniment",
    "recentralisation": "rsa_recentralisation",
    "solidarite_a_la_source": "solidarite_a_la_source",
    "spie": "spie",
    "energy_vouchers": "cheque_energie_pilots",
}


def _design(found: Evaluated, name: str, lang: Lang) -> Shown:
    studies = [result.study for result in found.results.values()]
    subject = studies[0] if studies else found.design
    return figures.design_table(
        policies.describe(subject), key=f"design_{name}", lang=lang, name=_policy(name, lang)
    )


def _followed(found: Evaluated, lang: Lang) -> Prose:
    told = found.followed
    return prose(
        say(
            "effects.followed", lang, people=formats.number(told.people, lang),
            when=formats.bare_period(told.period, lang), territories=str(told.territories),
            share=formats.percent(100 * told.share, lang, 1), times=formats.number(1 / told.share, lang),
        )
    )  # fmt: skip


def _in_full(report: Report, result: Evaluation, found: Evaluated, name: str, drawn: bool) -> list[Shown]:
    """An outcome with its figures, and what makes the comparison credible or not; the estimators drawn or in a table."""
    lang, outcome = report.lang, result.study.outcome.name
    label, key = formats.capital(_outcome(outcome, lang)), f"{name}_{outcome}"
    parts: list[Shown] = [Heading(label, 4), prose(_conclusion(result, found, lang), kind="summary")]
    if result.path is not None:
        parts.append(
            figures.event_study(
                result.path, key=f"path_{key}", lang=lang, unit=_unit(result), frequency=_frequency(result),
                start_label=_start(result, lang), title=say("effects.path", lang, outcome=label),
                source=_source(report, result),
            )
        )  # fmt: skip
    estimators = figures.forest(
        [_row(row, result.study, lang) for row in result.rows], key=f"estimators_{key}", lang=lang,
        unit=_unit(result), title=say("effects.estimators", lang, outcome=label), source=_source(report, result),
        mde=result.detectable.mde if result.detectable else None,
    )  # fmt: skip
    parts.append(estimators if drawn else estimators.table)
    beside = stack([_credibility(result, found, lang), _bacon(result, key, lang)])
    parts.append(Folded(say("effects.credibility", lang), beside))
    return parts


def _frequency(result: Evaluation) -> words.Frequency:
    """How often the outcome is observed: Decembers of a stock are a year apart."""
    months = period(str(result.study.sample.periods[0])).months
    yearly = months == 12 or bool(result.study.outcome.months)
    return "year" if yearly else "quarter" if months == 3 else "month"


def _start(result: Evaluation, lang: Lang) -> str:
    starts = sorted(set(result.study.starts.values()), key=lambda p: period(str(p)).start)
    return formats.listing([formats.bare_period(str(p), lang) for p in starts], lang)


def _row(row: Row, study: policies.Study, lang: Lang) -> figures.EffectRow:
    """An estimator in a line, or why it gives nothing here."""
    label = say(f"effects.row.{row.key}", lang)
    if row.estimate is None:
        return figures.EffectRow(
            label, None, words.few(len(study.sample.treated), len(study.sample.never), lang)
        )
    return figures.EffectRow(label, row.estimate)


def _credibility(result: Evaluation, found: Evaluated, lang: Lang) -> Prose:
    unit = _unit(result)
    refused = say("effects.refused", lang)
    told = [
        words.effect(result.main, _outcome(result.study.outcome.name, lang), unit, lang),
        words.pretrends(result.pretrends, unit, _frequency(result), lang, refused),
        words.placebo_date(result.placebo_dates, lang) if result.placebo_dates else "",
        words.leave_one_out(result.leave_one_out, unit, lang) if result.leave_one_out else "",
        words.sensitivity(result.sensitivity, lang, refused),
        _detectable(result, lang),
        _diluted(result, found, lang),
    ]
    return prose(*told, listed=True)


def _detectable(result: Evaluation, lang: Lang) -> str:
    """The smallest effect that figures from before let be seen, and whether the interval found bears it out."""
    if result.detectable is None:
        return ""
    mde = result.detectable.mde
    told = words.detectable(mde, result.detectable.power, _unit(result), lang)
    return f"{told} {words.optimistic(result.main, mde, lang)}".rstrip()


def _diluted(result: Evaluation, found: Evaluated, lang: Lang) -> str:
    """What the smallest effect seen asks of the people followed, on average over the territories."""
    from analysis.estimation import power

    if not found.followed or not result.detectable or result.study.outcome.name not in _CASELOADS:
        return ""
    told = words.pilot(power.pilot(result.detectable.proportion, found.followed.share), lang)
    return say("effects.on_average", lang, told=told)


_CASELOADS = ("rsa_december", "rsa_monthly")


def _bacon(result: Evaluation, key: str, lang: Lang) -> Table | None:
    if result.bacon is None:
        return None
    caption = say("effects.bacon", lang, outcome=_outcome(result.study.outcome.name, lang))
    return figures.bacon_table(
        result.bacon, key=f"bacon_{key}", caption=caption, lang=lang, unit=_unit(result)
    )


def _others(report: Report, others: Sequence[Evaluation], found: Evaluated, name: str) -> list[Shown]:
    """Outcomes that the policy may move or should not: their main estimates, in one drawing for each unit."""
    lang, parts = report.lang, []
    for unit in ("relative", "points"):
        chosen = [result for result in others if _unit(result) == unit]
        if not chosen:
            continue
        rows = [figures.EffectRow(_with_role(result, lang), result.main) for result in chosen]
        parts.append(
            figures.forest(
                rows, key=f"others_{name}_{unit}", lang=lang, unit=unit, main=None,
                title=say("effects.others", lang), source=_source(report, *chosen),
            )
        )  # fmt: skip
        parts.append(prose(*(_conclusion(result, found, lang) for result in chosen), listed=True))
    return parts


def _with_role(result: Evaluation, lang: Lang) -> str:
    outcome = result.study.outcome
    return say(
        "effects.with_role", lang, outcome=formats.capital(_outcome(outcome.name, lang)),
        role=say(f"design.role.{outcome.role}", lang),
    )  # fmt: skip


def _not_evaluable(found: Evaluated, name: str, lang: Lang) -> Table:
    rows = [
        {
            "outcome": formats.capital(_outcome(outcome, lang)),
            "why": formats.capital(words.reason(reason, lang)),
        }
        for outcome, reason in found.not_evaluable.items()
    ]
    columns = [Column(key, say(f"effects.column.{key}", lang), "text") for key in ("outcome", "why")]
    return Table(f"not_evaluable_{name}", say("effects.not_evaluable_caption", lang), columns, rows, lang)


# --------------------------------------------------------------------------------------------------- for a département


@section
def effects_here(report: Report, *outcomes: str) -> Stack:
    """What the policies that began here changed: the national effect, this département alone, what could have been seen.

    Args:
        outcomes: names of the outcomes shown, of those that each policy aims at.
    """
    lang = report.lang
    parts: list[Shown] = []
    known = policies.outcomes(report.catalogue)
    for outcome in outcomes:
        if outcome not in known:
            raise policies.DesignError(
                f"no outcome {outcome!r}{hint(outcome, known)}; known: {listed(known, 20)}",
                policies.Reason("unknown_name", text=str(outcome)),
            )
    for name in _concerned(report):
        found = results(report, name)
        chosen = [r for r in found.results.values() if _aimed_at(r) and r.study.outcome.name in outcomes]
        if not chosen:
            continue
        parts.append(Heading(formats.capital(_policy(name, lang)), 4))
        for result in chosen:
            parts += _here(report, result, found, name)
    if not parts:
        return stack([prose(report.say("effects.none_here"))])
    return stack([*parts, prose(say("effects.would_take", lang), kind="caution")])


def _aimed_at(result: Evaluation) -> bool:
    return result.study.outcome.role == "main"


def _concerned(report: Report) -> list[str]:
    """Designs in which the département is treated, one by policy."""
    treated = report.common("effects.treated", "analysis.policies:treated")
    names = [name for name, codes in treated.items() if report.territory.code in codes]
    return [name for name in names if RATHER.get(name) not in names]


def _here(report: Report, result: Evaluation, found: Evaluated, name: str) -> list[Shown]:
    lang, study, code = report.lang, result.study, report.territory.code
    _use(report, result)
    national = say("effects.national", lang, conclusion=_conclusion(result, found, lang))
    if code in study.left_out:
        why = words.reason(study.left_out[code], lang)
        return [prose(national, formats.capital(report.say("effects.left_out_here", why=why)))]
    if code not in study.sample.treated:
        return [prose(national, formats.capital(report.say("effects.not_yet_here")))]
    alone = _alone_of(report, name).get(study.outcome.name, {}).get(code)
    if alone is None or alone.placebo is None:
        return [prose(national, formats.capital(report.say("effects.no_placebo")))]
    label = formats.capital(_outcome(study.outcome.name, lang))
    figure = figures.placebo_gaps(
        alone.placebo, key=f"gap_{name}_{study.outcome.name}", lang=lang, unit=_unit(result),
        label=report.territory.label(lang), start=str(study.starts[code]),
        title=say("effects.gap", lang, outcome=label), source=_source(report, result),
    )  # fmt: skip
    return [prose(national), figure, prose(*_alone(alone, result, lang))]


def _alone(alone: Alone, result: Evaluation, lang: Lang) -> list[str]:
    unit, found = _unit(result), alone.placebo
    caseload = alone.dilution or (alone.dilution_bounds and alone.dilution_bounds[0])
    people = caseload.people / caseload.mde if caseload and caseload.people and caseload.mde else None
    told = [
        words.placebo(found, unit, lang, looked_at=len(alone.study.sample.treated)),
        words.detectable(found.detectable, _power(), unit, lang, caseload=people),
    ]
    if alone.dilution and alone.dilution.coverage < 1:
        told.append(words.pilot(alone.dilution, lang))
    elif alone.dilution_bounds:
        told.append(words.pilot(alone.dilution_bounds[0], lang, most=alone.dilution_bounds[1]))
    most = alone.dilution or (alone.dilution_bounds and alone.dilution_bounds[1])
    if most and most.coverage < 1 and found.estimate.excludes_zero:
        told.append(words.attributed(found.estimate, most.coverage, lang))
    return told


def _power() -> float:
    from analysis.estimation.power import POWER

    return POWER
