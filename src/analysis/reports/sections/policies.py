"""Policies: which applied in a département, when and to how much of it; what « return to employment » means by source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from analysis.foundations import territories
from analysis.foundations.values import Lang, dictionary
from analysis.methods.policies import recipients, register
from analysis.presentation.narrative import designs, formats, pilots
from analysis.presentation.narrative.messages import known, say
from analysis.presentation.narrative.sizes import share
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Folded, Prose, Shown, Stack, prose, stack
from analysis.reports.report import Report, section

RETURN_SOURCES = (
    "midas",
    "midas_lasting",
    "france_travail",
    "drees_exit",
    "census",
    "unemployment",
    "caseload",
)
"""Sources in which « return to employment » has a meaning of its own."""


@section
def policies(report: Report) -> Stack:
    """Which policies of work and of access to rights applied here, when, and to how much of the département."""
    table = register(report.catalogue)
    rows = [row for policy in dict.fromkeys(table["policy"]) for row in _policy_rows(report, policy, table)]
    columns = [Column(k, say(f"column.{k}", report.lang), "text") for k in ("policy", "dates", "scope")]
    for dataset in dict.fromkeys(table["dataset"]):
        report.use_dataset(dataset)
    shown = Table("policies", report.say("caption.pilots"), columns, rows, report.lang)
    return stack([*_pilots(report, table), shown, prose(say("policy.caution", report.lang), kind="caution")])


def _policy_rows(report: Report, policy: str, table: pd.DataFrame) -> list[dict[str, str]]:
    """Rows of a policy that concern the territory, and the day it became general."""
    here = _is_here(report, table) | (table["territory"] == "FR")
    rows = table[here & (table["policy"] == policy)].to_dict("records")
    told = [_policy_row(report, policy, row) for row in rows]
    return [
        row for i, row in enumerate(told) if row not in told[:i]
    ]  # a union signs once for each département


def _is_here(report: Report, table: pd.DataFrame) -> pd.Series:
    """Which rows of the register are of the territory: its own, and those of the départements that it is made of."""
    here = report.territory
    return (table["territory"] == here.code) | table["departement"].isin(here.members)


def _policy_row(report: Report, policy: str, row: Mapping[Any, str]) -> dict[str, str]:
    lang, everywhere = report.lang, row["territory"] == "FR"
    part = (
        ""
        if everywhere or row["territory"] == report.territory.code
        else territories.get(row["territory"]).label(lang)
    )
    what = _title(policy, everywhere, lang)
    if row["wave"].isdigit():
        what = say("policy.wave", lang, policy=what, wave=row["wave"])
    scope = [s for s in (part, _basins(row, lang), say(f"coverage.{row['coverage']}", lang)) if s]
    return {"policy": what, "dates": _started(row, lang), "scope": say("policy.separator", lang).join(scope)}


def _title(policy: str, everywhere: bool, lang: Lang) -> str:
    """What a row is of: as the policy words it, else its name, and that it became general."""
    key = f"policy.{policy}.general" if everywhere else f"policy.{policy}"
    if known(key, lang):
        return say(key, lang)
    name = formats.capital(designs.policy_name(policy, lang))
    return say("policy.general", lang, policy=name) if everywhere else name


def _basins(row: Mapping[Any, str], lang: Lang) -> str:
    """The places of a territory where a policy applies, as the register names them."""
    names = [name.strip() for name in row.get("basin", "").split(";")]
    return formats.listing([name for name in names if name], lang)


def _started(row: Mapping[Any, str], lang: Lang) -> str:
    """When a policy began, as precisely as it is known; the same dates that its effect is looked for with."""
    if not row["started"]:
        return say("policy.never", lang)
    precision = row["started_precision"]
    if precision == "day":
        return formats.date_words(row["started"], lang)
    if precision in ("year", "half_year"):
        return say("policy.between", lang, span=formats.span(row["earliest"], row["latest"], lang))
    when = formats.bare_period(row["started"], lang)
    return say("policy.about", lang, when=when) if precision.endswith("approximate") else when


def _pilots(report: Report, table: pd.DataFrame) -> Sequence[Shown]:
    """A paragraph for each policy that has words for it: piloted here or not, in which basin, for how many recipients."""
    told = {
        p: table[table["policy"] == p]
        for p in dict.fromkeys(table["policy"])
        if known(f"pilot.{p}.none", report.lang)
    }
    return [_pilot(report, policy, part) for policy, part in told.items()]


def _pilot(report: Report, policy: str, table: pd.DataFrame) -> Prose:
    here = table[_is_here(report, table)]
    if here.empty:
        return prose(report.say(f"pilot.{policy}.none"))
    words = []
    for row in here.to_dict("records"):
        if row["treated"] != "yes":
            words.append(report.say(f"pilot.{policy}.withdrawn"))
            continue
        extent = row["coverage"] if row["coverage"] in ("whole", "part") else "unknown"
        place = territories.get(row["territory"]).name_in(report.lang)
        basin = say("pilot.basin", report.lang, basin=basins) if (basins := _basins(row, report.lang)) else ""
        words.append(report.say(f"pilot.{policy}.{extent}", place=place, wave=row["wave"], basin=basin))
        if row["people"]:
            words.append(_covered(report, policy, row))
    return prose(*words)


def _covered(report: Report, policy: str, row: Mapping[Any, str]) -> str:
    """The people aimed at over the recipients of the département when the pilot was announced."""
    people = formats.number(float(row["people"]), report.lang)
    outcome, when = recipients(policy, report.catalogue), row["announced"][:7]
    value = report.value(outcome.indicator, when) if outcome and when else None
    if outcome is None or value is None or not value.known:
        return report.say("pilot.people", people=people)
    return report.say(
        "pilot.share", people=people, share=share(float(row["people"]) / value.number, report.lang),
        recipients=pilots.recipients(dictionary()[outcome.indicator].unit, report.lang),
        when=formats.at(when, report.lang),
    )  # fmt: skip


@section
def return_definitions(report: Report) -> Folded:
    """What « return to employment » means in each source, so that no two are compared."""
    rows = [
        {k: say(f"return.{key}.{k}", report.lang) for k in ("source", "definition", "here")}
        for key in RETURN_SOURCES
    ]
    columns = [
        Column("source", say("column.source", report.lang), "text"),
        Column("definition", say("column.definition", report.lang), "text"),
        Column("here", say("column.here", report.lang), "text"),
    ]
    table = Table("return_definitions", report.say("caption.return_definitions"), columns, rows, report.lang)
    return Folded(say("folded.return", report.lang), table)
