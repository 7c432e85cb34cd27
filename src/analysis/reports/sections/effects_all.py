"""The effects of all policies together, for the head of a report: what was found, how often, and a table of everything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analysis.foundations.values import Lang
from analysis.methods import verdict
from analysis.presentation import figures
from analysis.presentation.narrative import designs, formats
from analysis.presentation.narrative import effects as words
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Prose, Shown, Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections.evaluated import (
    NAMED,
    aimed_at,
    concerned,
    conclusion,
    design_name,
    evidence,
    outcome_name,
    results,
    source,
    study_of,
    treated,
    unit_of,
    use,
    why_not,
    with_role,
)

if TYPE_CHECKING:  # the libraries behind it take seconds to import, and results are read back without them
    from analysis.methods.evaluation import Evaluated, Evaluation


@section
def effects_found(report: Report) -> Prose:
    """What was found, in a sentence by policy: on the first outcome it aims at that can be evaluated."""
    lang, told = report.lang, []
    for name in treated(report):
        evaluated = results(report, name)
        first = next(filter(aimed_at, evaluated.results.values()), None)
        concluded = conclusion(first, evaluated, lang, NAMED) if first else why_not(evaluated, lang)
        policy = formats.capital(design_name(name, lang))
        told.append(say("effects.one", lang, policy=policy, conclusion=concluded))
    return prose(*told, kind="summary", listed=True)


@section
def effects_looked_at(report: Report) -> Prose:
    """How many comparisons leave zero out, how many of them are placebo tests, and how many would by chance."""
    looks = verdict.looks(
        (result.main, study_of(result).outcome.role == "placebo")
        for name in treated(report)
        for result in results(report, name).results.values()
    )
    return prose(words.looked_at(looks, report.lang), kind="caution")


@section
def effects_all(report: Report) -> Stack:
    """Every policy and outcome in a table, with what is excluded and what may be concluded, then drawn by unit."""
    lang, everything = report.lang, {name: results(report, name) for name in treated(report)}
    rows = [row for name, evaluated in everything.items() for row in _rows(name, evaluated, lang)]
    keys = ("policy", "outcome", "estimate", "excluded", "verdict")
    columns = [Column(key, say(f"effects.column.{key}", lang), "text") for key in keys]
    table = Table("effects_all", say("effects.all_caption", lang), columns, rows, lang)
    return stack([table, prose(say("effects.all_note", lang)), *_drawn(report, everything)])


def _rows(name: str, evaluated: Evaluated, lang: Lang) -> list[Mapping[str, str]]:
    """The rows of a policy: outcomes that were evaluated, then those that could not be."""
    policy = formats.capital(design_name(name, lang))
    rows: list[Mapping[str, str]] = [
        {"policy": policy, **_row(result, evaluated, lang)} for result in evaluated.results.values()
    ]
    for outcome, reason in evaluated.not_evaluable.items():
        none = say("effect.table.none_f", lang)
        rows.append({
            "policy": policy, "estimate": none,
            "outcome": formats.capital(outcome_name(evaluated.design.outcomes[outcome], lang)),
            "excluded": say("effect.excluded.cell_nothing", lang),
            "verdict": say("effects.why", lang, why=designs.reason(reason, lang)),
        })  # fmt: skip
    return rows


def _row(result: Evaluation, evaluated: Evaluated, lang: Lang) -> dict[str, str]:
    shown, whom, unit = evidence(result, evaluated), concerned(result, evaluated), unit_of(result)
    return {
        "outcome": with_role(result, lang),
        "estimate": words.estimate_cell(result.main, unit, lang),
        "excluded": words.excluded_cell(shown, unit, lang, whom),
        "verdict": words.verdict_cell(shown, lang),
    }


def _drawn(report: Report, everything: Mapping[str, Evaluated]) -> list[Shown]:
    """All estimates side by side, a drawing for each unit."""
    lang = report.lang
    parts: list[Shown] = []
    for unit in ("relative", "points"):
        pairs = [
            (name, result) for name, evaluated in everything.items() for result in evaluated.results.values()
            if unit_of(result) == unit
        ]  # fmt: skip
        rows = [_drawn_row(name, result, lang) for name, result in pairs]
        for _, result in pairs:
            use(report, result)
        if rows:
            parts.append(
                figures.forest(
                    rows, key=f"effects_all_{unit}", lang=lang, unit=unit, main=None,
                    title=say("effects.all_forest", lang), source=source(report, *(result for _, result in pairs)),
                )
            )  # fmt: skip
    return parts


def _drawn_row(name: str, result: Evaluation, lang: Lang) -> figures.EffectRow:
    outcome = study_of(result).outcome
    return figures.EffectRow(
        formats.capital(outcome_name(outcome, lang)), result.main,
        group=formats.capital(design_name(name, lang)), placebo=outcome.role == "placebo",
    )  # fmt: skip
