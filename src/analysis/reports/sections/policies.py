"""Policies: which applied in a département, when and to how much of it; what « return to employment » means by source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis import territories
from analysis.narrative import formats
from analysis.narrative.messages import say
from analysis.reports.blocks import Shown, Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.tables import Column, Table

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
    rows = [row for dataset in _POLICIES for row in _policy_rows(report, dataset)]
    columns = [Column(k, say(f"column.{k}", report.lang), "text") for k in ("policy", "dates", "scope")]
    for dataset in _POLICIES:
        report.use_dataset(dataset)
    table = Table("policies", report.say("caption.pilots"), columns, rows, report.lang)
    return stack([*_pilot(report), table, prose(say("policy.caution", report.lang), kind="caution")])


_POLICIES: Mapping[str, str] = {
    "politiques/rsa_renewed_accompaniment": "renewed",
    "politiques/solidarite_a_la_source": "source",
    "politiques/rsa_recentralisation": "recentralised",
    "politiques/spie": "spie",
    "politiques/cheque_energie_pilots": "voucher",
}


def _policy_rows(report: Report, dataset: str) -> list[dict[str, str]]:
    """Rows of a policy that concern the département, and the day it became general."""
    table = report.catalogue.table(dataset)
    here = table[(table["departement"] == report.territory.code) | (table["territory"] == "FR")]
    return [_policy_row(report, _POLICIES[dataset], row) for row in here.to_dict("records")]


def _policy_row(report: Report, policy: str, row: Mapping[str, str]) -> dict[str, str]:
    lang = report.lang
    wave = row.get("wave", "")
    part = (
        territories.get(row["territory"]).label(lang)
        if row["territory"] not in ("FR", report.territory.code)
        else ""
    )
    what = say(f"policy.{policy}.general" if row["territory"] == "FR" else f"policy.{policy}", lang)
    if wave.isdigit():
        what = say("policy.wave", lang, policy=what, wave=wave)
    scope = [part, _basins(row, lang)]
    coverage = row.get("coverage", "")
    if coverage:
        scope.append(say(f"coverage.{coverage}", lang))
    scope = [s for s in scope if s] or [
        say("coverage.whole" if row["territory"] == "FR" else "coverage.departement", lang)
    ]
    return {"policy": what, "dates": _started(row, lang), "scope": say("policy.separator", lang).join(scope)}


def _basins(row: Mapping[str, str], lang: str) -> str:
    """The places of a territory where a policy applies, as the register names them."""
    names = [name.strip() for name in row.get("basin", "").split(";")]
    return formats.listing([name for name in names if name], lang)


def _started(row: Mapping[str, str], lang: str) -> str:
    started = row["started"]
    if not started:
        return say("policy.never", lang)
    if row.get("started_precision") == "day":
        return formats.date_words(started, lang)
    when = formats.bare_period(started, lang)
    approximate = row.get("started_precision", "").endswith("approximate")
    return say("policy.about", lang, when=when) if approximate else when


def _pilot(report: Report) -> Sequence[Shown]:
    """A sentence on the renewed accompaniment: piloted here or not, in which basin, for how many recipients."""
    table = report.catalogue.table("politiques/rsa_renewed_accompaniment")
    here = table[table["departement"] == report.territory.code]
    if here.empty:
        return [prose(report.say("pilot.none"))]
    words = []
    for row in here.to_dict("records"):
        if row["treated"] != "yes":
            words.append(report.say("pilot.withdrawn"))
            continue
        key = {"whole": "pilot.whole", "part": "pilot.part"}.get(row["coverage"], "pilot.unknown")
        place = territories.get(row["territory"]).name_in(report.lang)
        basin = say("pilot.basin", report.lang, basin=basins) if (basins := _basins(row, report.lang)) else ""
        words.append(report.say(key, place=place, wave=row["wave"], basin=basin))
        if row["people"]:
            words.append(_covered(report, float(row["people"])))
    return [prose(*words)]


def _covered(report: Report, people: float) -> str:
    """The people followed over the recipients of the département when the pilot began."""
    recipients = report.value("count_rsa_recipients", "2022-12")
    people_text = formats.number(people, report.lang)
    if not recipients.known:
        return report.say("pilot.people", people=people_text)
    share = formats.percent(100 * people / recipients.value, report.lang)
    return report.say("pilot.share", people=people_text, share=share)


@section
def return_definitions(report: Report) -> Table:
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
    return Table("return_definitions", report.say("caption.return_definitions"), columns, rows, report.lang)
