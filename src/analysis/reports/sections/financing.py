"""Costs: the effect at which accompaniment pays for itself, and what one more exit from RSA costs, where that is defined."""

from __future__ import annotations

from analysis.estimation import costs
from analysis.estimation.sample import Estimate
from analysis.presentation.narrative import costs as words
from analysis.presentation.narrative import designs, formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.narrative.sizes import in_unit
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections.evaluated import results, why_not

INSERTION = "amount_departement_insertion_per_recipient"
PILOT, OUTCOME = "renewed_accompaniment_wave1", "rsa_december"
"""The design and the outcome on which the cost of an additional exit is computed."""
_Z95 = 1.959964


@section
def break_even(report: Report) -> Stack:
    """How many returns, of a hundred people followed, pay for accompaniment: at the national cost and at the local one."""
    lang, rules = report.lang, report.catalogue.parameters("costs")
    cost = report.value(rules["cost"]["indicator"], territory="FR")
    saving = report.value(rules["cost"]["saving"], territory="FR")
    own = report.value(INSERTION)
    if not saving.known or not (cost.known or own.known):
        return stack([prose(sentences.missing(cost if saving.known else saving, lang))])
    rows, told = [], []
    for months in rules["months"]["values"]:
        for label, amount in (("national", cost), ("local", own)):
            if not amount.known:
                continue
            found = costs.break_even(amount.value, saving.value / 12, months, rules["contributions"]["value"])
            rows.append(_row(found, label, amount, report))
            told += [words.break_even(found, lang)] if label == "national" else []
    columns = [
        Column(key, say(f"financing.column.{key}", lang), "text") for key in ("cost", "months", "needed")
    ]
    table = Table("break_even", report.say("financing.caption"), columns, rows, lang)
    return stack([prose(*told), table, prose(report.say("financing.assumptions"), kind="caution")])


def _row(found: costs.BreakEven, label: str, amount, report: Report) -> dict[str, str]:
    lang = report.lang
    spent = formats.quantity(found.cost, "euro", lang)
    when = formats.bare_period(amount.period, lang)
    needed = words.needed(found, lang) if found.attainable else say("financing.never", lang)
    return {
        "cost": report.say(f"financing.cost_{label}", spent=spent, when=when),
        "months": formats.quantity(found.months, "month", lang),
        "needed": needed,
    }


@section
def cost_of_an_exit(report: Report) -> Stack:
    """The cost of one more exit from RSA in the first pilots, from the effect on the caseload and the share followed."""
    lang, rules = report.lang, report.catalogue.parameters("costs")
    found = results(report, PILOT)
    report.use_dataset("politiques/rsa_renewed_accompaniment")
    cost = report.value(rules["cost"]["indicator"], territory="FR")
    if not cost.known:
        return stack([prose(sentences.missing(cost, lang))])
    if OUTCOME not in found.results or found.followed is None:
        return stack([prose(why_not(found, lang))])
    result, followed = found.results[OUTCOME], found.followed
    effect = exits(result.main, followed.share)
    answer = costs.cost_per_return(cost.value, effect)
    told = say(
        "financing.exits", lang, policy=formats.capital(designs.policy_name(found.design.policy, lang)),
        points=formats.signed(effect.points, lang, 1), lower=formats.signed(effect.lower, lang, 1),
        upper=formats.signed(effect.upper, lang, 1), share=formats.percent(100 * followed.share, lang, 1),
        cost=formats.quantity(cost.value, "euro", lang),
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
    return costs.Effect(points, (high - low) / (2 * _Z95), low, high)
