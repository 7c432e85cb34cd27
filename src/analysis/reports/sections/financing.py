"""Costs: the effect at which accompaniment pays for itself, and what one more exit from RSA costs, where that is defined."""

from __future__ import annotations

from analysis.estimation import costs
from analysis.estimation.confidence import normal
from analysis.estimation.sample import Estimate
from analysis.foundations.values import Value, dictionary
from analysis.presentation.narrative import costs as words
from analysis.presentation.narrative import designs, formats, pilots, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.narrative.sizes import in_unit
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections.evaluated import design_name, results, study_of


@section
def break_even(report: Report) -> Stack:
    """How many returns, of a hundred people followed, pay for accompaniment: at the national cost and at the local one."""
    lang, rules = report.lang, report.catalogue.parameters("costs")
    cost = report.value(rules["cost"]["indicator"], territory="FR")
    saving = report.value(rules["cost"]["saving"], territory="FR")
    own = report.value(rules["cost"]["local"])
    if not saving.known or not (cost.known or own.known):
        return stack([prose(sentences.missing(cost if saving.known else saving, lang))])
    rows, told = [], []
    for months in rules["months"]["values"]:
        for label, amount in (("national", cost), ("local", own)):
            if not amount.known:
                continue
            threshold = costs.break_even(
                amount.number, saving.number / 12, months, rules["contributions"]["value"]
            )
            rows.append(_row(threshold, label, amount, report))
            told += [words.break_even(threshold, lang)] if label == "national" else []
    columns = [
        Column(key, say(f"financing.column.{key}", lang), "text") for key in ("cost", "months", "needed")
    ]
    table = Table("break_even", report.say("financing.caption"), columns, rows, lang)
    return stack([prose(*told), table, prose(report.say("financing.assumptions"), kind="caution")])


def _row(threshold: costs.BreakEven, label: str, amount: Value, report: Report) -> dict[str, str]:
    lang = report.lang
    spent = formats.quantity(threshold.cost, "euro", lang)
    when = formats.bare_period(amount.when, lang)
    needed = words.needed(threshold, lang) if threshold.attainable else say("financing.never", lang)
    return {
        "cost": report.say(f"financing.cost_{label}", spent=spent, when=when),
        "months": formats.quantity(threshold.months, "month", lang),
        "needed": needed,
    }


@section
def cost_of_an_exit(report: Report) -> Stack:
    """The cost of one more exit from RSA in the first pilots, from the effect on the caseload and the share followed."""
    lang, rules = report.lang, report.catalogue.parameters("costs")
    evaluated, outcome = results(report, rules["exit"]["design"]), rules["exit"]["outcome"]
    report.use_dataset(evaluated.design.dataset)
    cost = report.value(rules["cost"]["indicator"], territory="FR")
    if not cost.known:
        return stack([prose(sentences.missing(cost, lang))])
    if outcome not in evaluated.results:
        why = designs.reason(evaluated.not_evaluable[outcome], lang)
        return stack([prose(say("effects.not_evaluable", lang, reasons=why))])
    if evaluated.followed is None:
        return stack([prose(say("financing.nobody_followed", lang))])
    result, followed = evaluated.results[outcome], evaluated.followed
    effect = exits(result.main, followed.share)
    answer = costs.cost_per_return(cost.number, effect)
    told = say(
        "financing.exits", lang, policy=formats.capital(design_name(evaluated.design.name, lang)),
        points=formats.signed(effect.points, lang, 1), lower=formats.signed(effect.lower, lang, 1),
        upper=formats.signed(effect.upper, lang, 1), share=formats.percent(100 * followed.share, lang, 1),
        cost=formats.quantity(cost.number, "euro", lang),
        recipients=pilots.recipients(dictionary()[study_of(result).outcome.indicator].unit, lang),
    )  # fmt: skip
    return stack(
        [
            prose(told, words.price_of_exit(answer, lang)),
            prose(say("financing.caution", lang), kind="caution"),
        ]
    )


def exits(estimate: Estimate, share: float) -> costs.Effect:
    """Additional exits among the people followed, in points, that a change of the caseload stands for.

    Args:
        estimate: on the logarithm of the caseload. share: of the caseload that was followed (0–1).
    """
    limits = (estimate.att, estimate.upper, estimate.lower)
    points, low, high = (-in_unit(x, "relative") / share for x in limits)
    return costs.Effect(points, (high - low) / (2 * normal()), low, high)
