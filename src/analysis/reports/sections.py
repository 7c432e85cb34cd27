"""Sections that one report has and the others have not: expected non-take-up, policies applied, definitions by source.

Each function takes the report and returns what a cell shows. Like ``report``, it conducts: figures come from
``indicators`` and the catalogue, words from ``narrative``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis import figures, territories
from analysis.catalogue import Catalogue
from analysis.indicators import energy, take_up
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.panel import Panel
from analysis.reports.blocks import Shown, Stack, prose, stack
from analysis.reports.report import Report
from analysis.tables import Column, Table
from analysis.values import VALUED_STATES

REASONS = ("unknown", "not_asked", "not_received", "not_proposed")
"""The Odenore typology of non-take-up (Warin, 2010): non-connaissance, non-demande, non-réception, non-proposition."""

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


# ------------------------------------------------------------------------------------------------------- non-take-up


def add_expected_non_take_up(report: Report) -> None:
    """Add the modelled non-take-up of every département to the report's figures."""
    report.expected, rows = report.common("take_up.expected", _expected)
    report.add(rows)


def _expected(panel: Panel, catalogue: Catalogue) -> tuple[take_up.Expected, pd.DataFrame]:
    assumptions = catalogue.parameters("non_take_up")
    found = take_up.rsa_expected(panel, assumptions)
    return found, take_up.as_rows(found, assumptions["period"])


def expected_non_take_up(report: Report) -> Stack:
    """What the composition leads one to expect, with its interval, beside the published national rate."""
    name = take_up.EXPECTED
    value = report.value(name)
    if not value.known:
        return stack([prose(sentences.missing(value, report.lang))])
    national = report.value("rate_non_take_up_rsa", territory="FM")
    compared = [value, national, *(report.panel.value(name, code) for code in report.peers.codes)]
    labels = [report.territory.label(report.lang), report.say("expected.published")]
    labels += [territories.get(code).label(report.lang) for code in report.peers.codes]
    rows = [figures.Row(label, one) for label, one in zip(labels, compared, strict=True)]
    figure = figures.intervals(
        rows, key="expected_non_take_up", lang=report.lang,
        title=report.say("expected.title"), source=report.source("rate_non_take_up_rsa", "share_households_owner"),
    )  # fmt: skip
    words = [sentences.modelled(value, report.lang), report.say("expected.reading")]
    return stack([prose(*words), figure, _assumptions(report)])


def _assumptions(report: Report) -> Table:
    """The parameters behind the interval, with their references."""
    given = report.catalogue.parameters("non_take_up")
    lang, found = report.lang, report.expected
    margins = found.figures.loc[report.territory.code]
    rows = [
        ("sample", formats.number(given["eligible_sample"]["value"], lang), "assumed"),
        ("design", formats.number(given["design_effect"]["value"], lang, 1), "assumed"),
        ("transfer", formats.number(found.transfer, lang, 2), "measured"),
        ("tenure", formats.percent(margins["tenure"], lang, 1), "computed"),
        ("family", formats.percent(margins["family"], lang, 1), "computed"),
    ]
    cells = [
        {"what": say(f"assumption.{key}", lang), "value": value, "origin": say(f"assumption.{origin}", lang)}
        for key, value, origin in rows
    ]
    columns = [Column(k, say(f"column.{k}", lang), "text") for k in ("what", "value", "origin")]
    return Table("assumptions", report.say("caption.assumptions"), columns, cells, lang)


def reasons(report: Report) -> Table:
    """The reasons for non-take-up, and which of them a published figure measures."""
    rows = [
        {k: say(f"reasons.{key}.{k}", report.lang) for k in ("reason", "definition", "measured")}
        for key in REASONS
    ]
    columns = [
        Column(k, say(f"column.{k}", report.lang), "text") for k in ("reason", "definition", "measured")
    ]
    return Table("reasons", report.say("caption.reasons"), columns, rows, report.lang)


# ------------------------------------------------------------------------------------------------------------ energy


def add_corrected_energy(report: Report) -> None:
    """Add consumption at mean weather of every département to the report's figures."""
    rows, report.elasticities = report.common("energy.corrected", _corrected)
    report.add(rows)


def _corrected(panel: Panel, catalogue: Catalogue) -> tuple[pd.DataFrame, dict[str, energy.Elasticity]]:
    return energy.corrected_rows(panel)


def corrected_energy(report: Report) -> Stack:
    """Observed and corrected consumption per site, for the years with degree-days."""
    lang = report.lang
    parts: list[Shown] = []
    for observed, name in energy.CORRECTED.items():
        if not report.has(observed):
            parts.append(prose(sentences.missing(report.value(observed), lang)))
            continue
        parts.append(report.trend(observed))
        if report.has(name):
            parts.append(_corrected_table(report, observed, name))
            found = report.elasticities[observed]
            low, high = (found.value + z * found.error for z in (-1.959964, 1.959964))
            texts = {"value": formats.number(found.value, lang, 2), "low": formats.number(low, lang, 2)}
            texts |= {"high": formats.number(high, lang, 2), "number": formats.number(found.number, lang)}
            parts.append(prose(say("energy.elasticity", lang, **texts)))
    return stack(parts)


def _corrected_table(report: Report, observed: str, name: str) -> Table:
    periods = report.panel.periods(name, report.territory.code)
    rows = [
        {
            "period": formats.bare_period(p, report.lang),
            "degree_days": report.value(energy.DEGREE_DAYS, p),
            "observed": report.value(observed, p),
            "corrected": report.value(name, p),
        }
        for p in periods
    ]
    columns = [Column("period", say("column.period", report.lang), "text")]
    columns += [Column(k, say(f"column.{k}", report.lang)) for k in ("degree_days", "observed", "corrected")]
    caption = report.say("caption.corrected", label=sentences.label(observed, report.lang))
    return Table(f"corrected_{observed}", caption, columns, rows, report.lang)


# ----------------------------------------------------------------------------------------------------- national series


def national(report: Report, *indicators: str, caption: str) -> Stack:
    """What is measured for the country only: a table of every figure there is, marked as national."""
    rows = []
    for name in indicators:
        report.use(name)
        found = report.panel.select(name, territory=("FR", "FM"))
        for row in found[found["state"].isin(VALUED_STATES)].itertuples():
            rows.append(
                {
                    "indicator": sentences.label(name, report.lang),
                    "period": formats.bare_period(row.period, report.lang),
                    "scope": territories.get(row.territory).label(report.lang),
                    "value": report.panel.value(name, row.territory, row.period),
                }
            )
    columns = [Column(k, say(f"column.{k}", report.lang), "text") for k in ("indicator", "period", "scope")]
    columns.append(Column("value", say("column.value", report.lang)))
    table = Table(f"national_{caption}", report.say(f"caption.{caption}"), columns, rows, report.lang)
    return stack([prose(report.say("national.only")), table])


# ---------------------------------------------------------------------------------------------------------- policies


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
    scope = [part, row.get("basin", "")]
    coverage = row.get("coverage", "")
    if coverage:
        scope.append(say(f"coverage.{coverage}", lang))
    scope = [s for s in scope if s] or [
        say("coverage.whole" if row["territory"] == "FR" else "coverage.departement", lang)
    ]
    return {"policy": what, "dates": _started(row, lang), "scope": say("policy.separator", lang).join(scope)}


def _started(row: Mapping[str, str], lang: str) -> str:
    started = row["started"]
    if not started:
        return say("policy.never", lang)
    if row.get("started_precision") == "day":
        return formats.date_words(started, lang)
    return formats.capital(formats.bare_period(started, lang))


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
        name = territories.get(row["territory"]).label(report.lang)
        key = {"whole": "pilot.whole", "part": "pilot.part"}.get(row["coverage"], "pilot.unknown")
        words.append(
            report.say(
                key, part=name, wave=row["wave"], basin=row["basin"] or say("pilot.no_basin", report.lang)
            )
        )
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
