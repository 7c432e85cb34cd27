"""An EPCI on a page: what its communes add up to, said after the share of people that it covers.

What is published for the EPCI itself stands in the sections of any indicator; what only its département has is told to be
that of the département there. Like every section this conducts: sums come from ``methods.indicators.inside``, the rule for
few people from ``methods.disclosure``, words from ``narrative``. A distribution is given as a share and never as a level.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.foundations import territories
from analysis.foundations.values import Lang, Value
from analysis.methods.disclosure import Rules, hidden
from analysis.methods.indicators import inside
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Cell, Column, Table
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.report import Report, section

SUMS = (inside.POPULATION, "count_job_seekers_communes", inside.POOR, "count_rsa_only_households_caf")
DISTRIBUTIONS = frozenset({"count_rsa_only_households_caf"})
"""Of which the source counts a part alone, so that their sum is no level."""


@section
def sums_of_communes(report: Report) -> Stack:
    """What the communes of an EPCI add up to, in each département in which it lies, and its share of the département's."""
    every, lang = report.common("inside.by_epci", "analysis.methods.indicators.inside:by_epci"), report.lang
    within = territories.containing(report.territory.code)
    rows = [
        _row(report, every, name, departement, several=len(within) > 1)
        for departement in within
        for name in SUMS
    ]
    for name in (inside.TABLE, *inside.datasets(report.catalogue)):
        report.use_dataset(name)
    columns = [
        Column("indicator", say("column.indicator", lang), "text"),
        Column("period", say("column.period", lang), "text"),
        Column("covered", say("epci.covered", lang), decimals=0, unit="percent"),
        Column("here", report.territory.label(lang)),
        Column("share", say("epci.share", lang), unit="percent", decimals=1),
    ]
    told = [
        report.say("epci.sums"),
        *([report.say("epci.several", others=_others(report))] if len(within) > 1 else []),
    ]
    table = Table("epci_sums", report.say("caption.epci_sums"), columns, rows, lang)
    return stack([prose(*told), table, prose(report.say("epci.neighbourhoods", others=_others(report)))])


def _others(report: Report) -> str:
    return sentences.others(report.territory.code, report.lang)


def _row(
    report: Report, every: pd.DataFrame, name: str, departement: str, *, several: bool
) -> dict[str, Any]:
    """One sum, in one département."""
    report.use(name)
    lang = report.lang
    there = every[(every["indicator"] == name) & (every["departement"] == departement)]
    here = there[there["territory"] == report.territory.code]
    label = formats.capital(sentences.label(name, lang))
    if several:
        label = say("epci.part", lang, label=label, place=territories.get(departement).name_in(lang))
    period = str(there["period"].iloc[0]) if len(there) else ""
    value = _value(report, name, period, here, there)
    covered = float(here["covered"].iloc[0]) if len(here) else float("nan")
    return {
        "indicator": label,
        "period": formats.when(period, str(there["note"].iloc[0]), lang)
        if period
        else say("epci.unknown", lang),
        "covered": 100 * covered if covered == covered else say("epci.unknown", lang),
        "here": say("epci.distribution", lang)
        if value.known and name in DISTRIBUTIONS
        else _cell(value, lang),
        "share": _share(value, here, there, lang),
    }


def _share(value: Value, here: pd.DataFrame, there: pd.DataFrame, lang: Lang) -> object:
    """Its part of the département's sum, where it is of all its communes; else why there is none."""
    if not value.known:
        return Cell(value)
    if (here["known"] < here["communes"]).any() and value.indicator not in DISTRIBUTIONS:
        return say("epci.part_only", lang)
    return 100 * float(here["value"].iloc[0]) / float(there["value"].sum())


def _value(report: Report, name: str, period: str, here: pd.DataFrame, there: pd.DataFrame) -> Value:
    """The sum with its bounds; a state where it is of no commune, of too few people, or would give away one that is.

    ``there``: the sums of all EPCI of the département, whose total its share tells.
    """
    code, rules = report.territory.code, Rules.of(report.catalogue.parameters("disclosure"))
    if here.empty or here["value"].isna().all():
        state = "suppressed" if len(here) and int(here["masked"].iloc[0]) else "unavailable"
        return Value(name, code, period or None, None, None, None, state)
    counts = there[there["territory"] != ""].set_index("territory")["value"].dropna()
    if bool(hidden(counts, rules)[code]):
        return Value(name, code, period, None, None, None, "suppressed")
    amount, low, high = (float(here[c].iloc[0]) for c in ("value", "lower", "upper"))
    return Value(name, code, period, amount, low, high, "observed", note=str(here["note"].iloc[0]))


def _cell(value: Value, lang: Lang) -> Cell:
    """A sum with what rounding leaves of it."""
    if not value.known or value.lower == value.upper or value.lower is None or value.upper is None:
        return Cell(value)
    return Cell(value, beside=formats.bracket(value.lower, value.upper, lang, 0))
