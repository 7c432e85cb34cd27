"""All on the effects of one policy, for the country: who is compared with whom, then each outcome with what supports it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.foundations.periods import period
from analysis.foundations.values import Lang, dictionary
from analysis.methods import policies
from analysis.presentation import figures
from analysis.presentation.narrative import checks, designs, formats, pilots
from analysis.presentation.narrative import effects as words
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Folded, Heading, Prose, Shown, Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections.evaluated import (
    aimed_at,
    conclusion,
    design_name,
    frequency_of,
    outcome_name,
    results,
    source,
    study_of,
    unit_of,
    use,
)

if TYPE_CHECKING:  # the libraries behind it take seconds to import, and results are read back without them
    from analysis.methods.evaluation import Evaluated, Evaluation, Row


@section
def effects_of(report: Report, name: str) -> Stack:
    """All on a policy: the design, then each outcome it aims at, then the others in one drawing."""
    lang, evaluated = report.lang, results(report, name)
    report.use_dataset(evaluated.design.dataset)
    parts: list[Shown] = [_design(evaluated, name, lang)]
    parts += [_followed(evaluated.followed, evaluated, lang)] if evaluated.followed else []
    for result in evaluated.results.values():
        use(report, result)
        if aimed_at(result):
            parts += _in_full(
                report, result, evaluated, name, drawn=not any(isinstance(p, Heading) for p in parts)
            )
    others = [r for r in evaluated.results.values() if not aimed_at(r)]
    parts += _others(others, evaluated, name, lang)
    if evaluated.not_evaluable:
        parts.append(_not_evaluable(evaluated, name, lang))
    return stack(parts)


def _design(evaluated: Evaluated, name: str, lang: Lang) -> Shown:
    studies = [study_of(result) for result in evaluated.results.values()]
    subject: policies.Study | policies.Design = studies[0] if studies else evaluated.design
    return figures.design_table(
        policies.describe(subject), key=f"design_{name}", lang=lang, name=design_name(name, lang)
    )


def _followed(told: policies.Followed, evaluated: Evaluated, lang: Lang) -> Prose:
    counted = evaluated.design.outcomes[evaluated.design.people.recipients[0]].indicator
    return prose(
        say(
            "effects.followed", lang, people=formats.number(told.people, lang),
            when=formats.bare_period(told.period, lang), territories=str(told.territories),
            share=formats.percent(100 * told.share, lang, 1), times=formats.number(1 / told.share, lang),
            recipients=pilots.recipients(dictionary()[counted].unit, lang),
        )
    )  # fmt: skip


def _in_full(report: Report, result: Evaluation, evaluated: Evaluated, name: str, drawn: bool) -> list[Shown]:
    """An outcome with its figures, and what makes the comparison credible or not; the estimators drawn or in a table."""
    lang, outcome = report.lang, study_of(result).outcome
    label, key = formats.capital(outcome_name(outcome, lang)), f"{name}_{outcome.name}"
    parts: list[Shown] = [Heading(label, 4), prose(conclusion(result, evaluated, lang), kind="summary")]
    if result.path is not None:
        parts.append(
            figures.event_study(
                result.path, key=f"path_{key}", lang=lang, unit=unit_of(result), frequency=frequency_of(result),
                start_label=_start(result, lang), title=say("effects.path", lang, outcome=label),
                source=source(report, result),
            )
        )  # fmt: skip
    estimators = figures.forest(
        [_row(row, lang) for row in result.rows], key=f"estimators_{key}", lang=lang,
        unit=unit_of(result), title=say("effects.estimators", lang, outcome=label), source=source(report, result),
    )  # fmt: skip
    parts.append(estimators if drawn else estimators.table)
    beside = stack(
        [_credibility(result, lang), _own_design(result, evaluated, key, lang), _bacon(result, key, lang)]
    )
    parts.append(Folded(say("effects.credibility", lang), beside))
    return parts


def _own_design(result: Evaluation, evaluated: Evaluated, key: str, lang: Lang) -> Table | None:
    """Who is compared for an outcome, who and what is left out of it and why, where that differs from the design's table."""
    first = next(iter(evaluated.results.values()))
    if result is first:
        return None
    return figures.design_table(
        policies.describe(study_of(result)), key=f"design_{key}", lang=lang, beside=policies.describe(study_of(first)),
        caption=say("effects.own_design", lang, outcome=outcome_name(study_of(result).outcome, lang)),
    )  # fmt: skip


def _start(result: Evaluation, lang: Lang) -> str:
    starts = sorted(set(study_of(result).starts.values()), key=lambda p: period(str(p)).start)
    return formats.listing([formats.bare_period(str(p), lang) for p in starts], lang)


def _row(row: Row, lang: Lang) -> figures.EffectRow:
    """An estimator in a line, or why it gives nothing here."""
    label = say(f"effects.row.{row.key}", lang)
    if row.estimate is None:
        return figures.EffectRow(label, None, designs.refused(row.reason, lang))
    return figures.EffectRow(label, row.estimate)


def _credibility(result: Evaluation, lang: Lang) -> Prose:
    """What speaks for and against a comparison; what could not be computed says its own reason."""
    unit, refused = unit_of(result), result.reasons
    name = outcome_name(study_of(result).outcome, lang)
    told = [
        words.effect(result.main, name, unit, lang) if result.main.excludes_zero else "",
        checks.pretrends(
            result.pretrends,
            unit,
            frequency_of(result),
            lang,
            designs.refused(refused.get("pretrends", ""), lang),
        ),
        checks.placebo_date(result.placebo_dates, lang) if result.placebo_dates else "",
        checks.leave_one_out(result.leave_one_out, unit, lang) if result.leave_one_out else "",
        checks.sensitivity(result.sensitivity, lang, designs.refused(refused.get("sensitivity", ""), lang)),
        _detectable(result, lang),
    ]
    unsaid = [
        say(f"effects.not_done.{part}", lang, why=designs.refused(refused[part], lang))
        for part in ("placebo_dates", "leave_one_out", "detectable", "path", "bacon")
        if part in refused
    ]
    return prose(*told, *unsaid, listed=True)


def _detectable(result: Evaluation, lang: Lang) -> str:
    """The smallest effect that figures from before promised to show, and whether the interval found bears it out."""
    detectable = result.detectable
    return (
        words.promised(result.main, detectable.mde, detectable.power, unit_of(result), lang)
        if detectable
        else ""
    )


def _bacon(result: Evaluation, key: str, lang: Lang) -> Table | None:
    if result.bacon is None:
        return None
    caption = say("effects.bacon", lang, outcome=outcome_name(study_of(result).outcome, lang))
    return figures.bacon_table(
        result.bacon, key=f"bacon_{key}", caption=caption, lang=lang, unit=unit_of(result)
    )


def _others(others: Sequence[Evaluation], evaluated: Evaluated, name: str, lang: Lang) -> list[Shown]:
    """What may be concluded on outcomes that the policy may move or should not; they are drawn with all the others."""
    if not others:
        return []
    told = [conclusion(result, evaluated, lang) for result in others]
    tables = stack(
        [_own_design(one, evaluated, f"{name}_{study_of(one).outcome.name}", lang) for one in others]
    )
    return [
        Heading(say("effects.others", lang), 4),
        prose(*told, listed=True),
        Folded(say("effects.own_designs", lang), tables),
    ]


def _not_evaluable(evaluated: Evaluated, name: str, lang: Lang) -> Table:
    rows = [
        {
            "outcome": formats.capital(outcome_name(evaluated.design.outcomes[outcome], lang)),
            "why": formats.capital(designs.reason(reason, lang)),
        }
        for outcome, reason in evaluated.not_evaluable.items()
    ]
    columns = [Column(key, say(f"effects.column.{key}", lang), "text") for key in ("outcome", "why")]
    return Table(f"not_evaluable_{name}", say("effects.not_evaluable_caption", lang), columns, rows, lang)
