"""Inside a département: where people, job seekers, RSA and poverty are among its EPCI, and what is secret of it.

Sections conduct: figures of communes come from ``data.inside``, what is known of each EPCI from ``methods.concentration``,
words from ``narrative``. A share that secrecy leaves open is given by its ends, and what the source masks is said before
what is shown. Neighbourhoods have a module of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.data import inside
from analysis.foundations import territories
from analysis.foundations.levels import DEPARTEMENT
from analysis.foundations.values import VALUED_STATES, Lang, Value
from analysis.methods import concentration as method
from analysis.methods.concentration import Concentration, Part
from analysis.methods.disclosure import Rules
from analysis.presentation import figures
from analysis.presentation.narrative import formats, origins, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Cell, Column, Table
from analysis.reports.blocks import Shown, Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections import neighbourhoods

PLACES = "anct/france_services_places"
MAPS = (method.SEEKERS_RATE, method.POVERTY, method.RSA_WEIGHT)
MOST = 8
"""Rows of the table of what a contract reaches."""


@section
def inside_summary(report: Report) -> Shown:
    """What was found inside the département, in a sentence or two for each: job seekers, poverty, neighbourhoods."""
    if report.level is not DEPARTEMENT:
        return prose(_elsewhere(report))
    found = report.once(_found)
    told = [_half(report, found), _poverty(report, found), neighbourhoods.finding(report)]
    return prose(*told, kind="summary", listed=True)


@section
def concentration(report: Report) -> Stack:
    """Where people, job seekers, RSA and poor people are among the EPCI: what is covered, a table, and small maps."""
    if report.level is not DEPARTEMENT:
        return stack([prose(_elsewhere(report))])
    found = report.once(_found)
    for name in (*method.SHARES.values(), method.POOR_SHARE, *MAPS):
        report.use(name)
    told = [_coverage(report, found), report.say("inside.reading")]
    if any(one.elsewhere for one in found.parts):
        told.append(report.say("inside.parts"))
    return stack([prose(*told), _table(report, found), *_maps(report, found)])


@section
def reach(report: Report, *epci: str) -> Stack:
    """How many people, job seekers and poor people live in the EPCI that a contract would cover, one more each row.

    ``epci``: codes of those that are covered; by default those of most job seekers, one after the other.
    """
    if report.level is not DEPARTEMENT:
        return stack([prose(_elsewhere(report))])
    found = report.once(_found)
    chosen = _chosen(found, epci) if epci else found.fewest(method.SEEKERS, 90)[:MOST]
    if len(found.parts) < 2 or not chosen:
        return stack([prose(report.say("inside.reach_nothing"))])
    rows = [_reached(report, chosen[: n + 1]) for n in range(len(chosen))]
    lang = report.lang
    columns = [
        Column("epci", say("inside.column.with", lang), "text"),
        *(
            Column(name, _heading(name, found, lang), decimals=0, unit="percent")
            for name in method.SHARES.values()
        ),
        Column("least", say("inside.column.poor_least", lang), decimals=0, unit="percent"),
        Column("most", say("inside.column.poor_most", lang), decimals=0, unit="percent"),
    ]
    table = Table("inside_reach", report.say("inside.caption.reach"), columns, rows, lang)
    told = report.say("inside.reach_chosen" if epci else "inside.reach")
    return stack([prose(told), table, prose(report.say("inside.reach_caution"), kind="caution")])


@section
def secrecy(report: Report) -> Stack:
    """What the sources mask or lack here, of how many people, and whether what is published uncovers any of it."""
    if report.level is not DEPARTEMENT:
        return stack([prose(_elsewhere(report))])
    found, lang = report.once(_found), report.lang
    rows = [*_communes_rows(report), *neighbourhoods.coverage_rows(report)]
    columns = [
        Column("what", say("column.indicator", lang), "text"),
        Column("period", say("column.period", lang), "text"),
        *(Column(key, say(f"inside.column.{key}", lang)) for key in ("units", "known", "lacking")),
        Column("people", say("inside.column.people_covered", lang), decimals=0, unit="percent"),
        Column("rule", say("inside.column.rule", lang), "text"),
    ]
    number, recovered = len(found.secrecy.intervals), len(found.secrecy.recovered)
    key = "inside.audit" if number else "inside.audit_nothing"
    told = report.say(key, number=formats.number(number, lang), recovered=formats.number(recovered, lang))
    return stack(
        [prose(told), Table("inside_coverage", report.say("inside.caption.coverage"), columns, rows, lang)]
    )


# ------------------------------------------------------------------------------------------------------------- its figures


def _elsewhere(report: Report) -> str:
    """That this is read département by département, and of which."""
    within = report.territory.members or territories.containing(report.territory.code)
    return report.say("inside.of_departements", others=formats.places(within, report.lang))


def _found(report: Report) -> Concentration:
    """What is known of each EPCI; refused where it would give away what is masked."""
    communes = report.once(_communes)
    period = communes.loc[communes["indicator"] == method.POOR, "period"].iloc[0]
    rate = report.panel.value("rate_poverty_60", report.territory.code, str(period))
    return method.concentration(communes, rate, Rules.of(report.catalogue.parameters("disclosure")))


def _communes(report: Report) -> pd.DataFrame:
    rows = inside.communes(report.catalogue, report.territory.code)
    return rows.sort_values(["indicator", "period"]).drop_duplicates(["commune", "indicator"], keep="last")


def _chosen(found: Concentration, epci: Sequence[str]) -> tuple[Part, ...]:
    codes = [territories.parse(code, "epci") for code in epci]
    return tuple(one for one in found.parts if one.territory in codes)


def _name(part: Part, lang: Lang, short: bool = False) -> str:
    """Its name, cut short on a map, and that it is a part of an EPCI where it is."""
    place = territories.get(part.territory)
    name = place.short(lang) if short else place.label(lang)
    return say("inside.part", lang, name=name) if part.elsewhere else name


def _percent(x: float | None, lang: Lang, decimals: int = 0) -> str:
    return formats.percent(x or 0.0, lang, decimals)


def _period_of(name: str, found: Concentration) -> str:
    return next((one.values[name].period for one in found.parts if one.values[name].period), None) or ""


def _heading(name: str, found: Concentration, lang: Lang) -> str:
    """The name of a share with its period."""
    period = _period_of(name, found)
    words = say(f"inside.column.{name}", lang)
    return say("chart.dated", lang, label=words, when=formats.bare_period(period, lang)) if period else words


# --------------------------------------------------------------------------------------------------------------- sentences


def _half(report: Report, found: Concentration) -> str:
    """In how few EPCI half of the job seekers live."""
    lang, few = report.lang, found.fewest(method.SEEKERS)
    if len(found.parts) == 1:
        return report.say("inside.single", epci=_name(found.parts[0], lang))
    if not few:
        return report.say("inside.no_job_seekers")
    seekers, people = (sum(one.share(name) for one in few) for name in (method.SEEKERS, method.PEOPLE))
    given = {
        "n": formats.number(len(few), lang), "all": formats.number(len(found.parts), lang),
        "names": formats.listing([_name(one, lang) for one in few], lang), "share": _percent(seekers, lang),
        "when": formats.bare_period(_period_of(method.SEEKERS, found), lang),
    }  # fmt: skip
    told = report.say("inside.half_one" if len(few) == 1 else "inside.half", **given)
    known = all(one.values[method.PEOPLE].known for one in few)
    return f"{told} {report.say('inside.half_people', people=_percent(people, lang))}" if known else told


def _coverage(report: Report, found: Concentration) -> str:
    """Of how many people the poverty rate by commune is published."""
    lang = report.lang
    given = {
        "covered": _percent(found.covered, lang), "masked": formats.number(found.masked, lang),
        "communes": formats.number(found.communes, lang),
        "when": formats.bare_period(_period_of(method.POVERTY, found), lang),
    }  # fmt: skip
    if found.covered == 0:
        return report.say("inside.poverty_none", **given)
    if not found.masked:
        return report.say("inside.poverty_all_one" if found.communes == 1 else "inside.poverty_all", **given)
    return report.say("inside.poverty", **given)


def _poverty(report: Report, found: Concentration) -> str:
    """Of how many people the rate is published, and the ends of the share of the largest EPCI."""
    lang, largest = report.lang, found.parts[0] if found.parts else None
    share = largest.values[method.POOR_SHARE] if largest else None
    told = _coverage(report, found)
    if not largest or not share or not share.known or len(found.parts) == 1 or not found.covered:
        return told
    given = {
        "least": _percent(share.lower, lang), "most": _percent(share.upper, lang),
        "people": _percent(largest.share(method.PEOPLE), lang),
    }  # fmt: skip
    return f"{told} {report.say('inside.largest', epci=_name(largest, lang), **given)}"


# ------------------------------------------------------------------------------------------------------ tables and drawings


def _table(report: Report, found: Concentration) -> Table:
    """A row for each EPCI: its shares with what rounding and secrecy leave of them."""
    lang = report.lang
    columns = [
        Column("epci", say("inside.column.epci", lang), "text"),
        *(Column(name, _heading(name, found, lang), unit="percent") for name in method.SHARES.values()),
        Column("covered", say("inside.column.covered", lang), decimals=0, unit="percent"),
        Column(method.POVERTY, _heading(method.POVERTY, found, lang), unit="percent"),
        Column(method.POOR_SHARE, _heading(method.POOR_SHARE, found, lang), unit="percent"),
    ]
    rows = [_row(one, lang) for one in found.parts]
    return Table("inside_epci", report.say("inside.caption.epci"), columns, rows, lang)


def _row(part: Part, lang: Lang) -> dict[str, object]:
    shown = (*method.SHARES.values(), method.POVERTY, method.POOR_SHARE)
    cells = {name: _with_ends(part.values[name], lang) for name in shown}
    return {"epci": _name(part, lang), "covered": part.covered, **cells}


def _with_ends(value: Value, lang: Lang) -> Cell:
    """A figure with the ends of what it may be, where they differ from it as written."""
    if not value.known or value.lower is None or value.upper is None:
        return Cell(value)
    decimals = formats.decimals_of(value.indicator)
    if value.indicator == method.POOR_SHARE:
        return Cell(
            value, beside=say("value.at_most", lang, value=formats.number(value.upper, lang, decimals))
        )
    low, high = (formats.number(end, lang, decimals) for end in (value.lower, value.upper))
    return Cell(
        value, beside="" if low == high else formats.bracket(value.lower, value.upper, lang, decimals)
    )


def _maps(report: Report, found: Concentration) -> list[Shown]:
    """A map of the EPCI for each rate; a sentence where they are too few, or of a size that is not known."""
    known = [one for one in found.parts if one.values[method.PEOPLE].known]
    if len(known) < 2:
        return [prose(report.say("inside.no_map"))]
    at = report.once(_places)
    drawn: list[Shown] = []
    for name in MAPS:
        circles = [
            figures.Circle(
                _name(one, report.lang, True),
                one.values[name],
                one.values[method.PEOPLE],
                at.get(one.territory),
            )
            for one in known
        ]
        if any(one.figure.known for one in circles):
            drawn.append(
                figures.cartogram(circles, key=f"map_{name}", lang=report.lang, source=_source(report, name))
            )
    return drawn


def _places(report: Report) -> dict[str, tuple[float, float]]:
    """The middle of the France services of each EPCI, of those in the département."""
    communes = report.once(_communes).drop_duplicates("commune").set_index("commune")["epci"]
    table = report.catalogue.table(PLACES)
    report.use_dataset(PLACES)
    table = table[table["commune"].isin(communes.index)]
    frame = (
        table[["longitude", "latitude", "places"]]
        .astype("float64")
        .assign(epci=table["commune"].map(communes))
    )
    found = {}
    for code, rows in frame.groupby("epci"):
        weights = rows["places"].sum()
        east, north = (
            float((rows[side] * rows["places"]).sum() / weights) for side in ("longitude", "latitude")
        )
        found[str(code)] = (round(east, 4), round(north, 4))
    return found


TERMS = {
    method.SEEKERS_RATE: (method.SEEKERS, method.PEOPLE),
    method.POVERTY: (method.POOR,),
    method.RSA_WEIGHT: (method.RSA, method.PEOPLE),
}
"""What the rate of a map is made of."""


def _source(report: Report, name: str) -> str:
    """Producers and titles of what a map is made of."""
    communes = report.once(_communes)
    names = sorted(set(communes.loc[communes["indicator"].isin(TERMS[name]), "source"]) - {""})
    there = [one for one in names if one in report.catalogue]
    for one in there:
        report.use_dataset(one)
    return origins.cited([report.catalogue.sidecar(one) for one in there], report.lang, report.level)


def _reached(report: Report, parts: Sequence[Part]) -> dict[str, object]:
    """What some EPCI have together; the last of them names the row."""
    lang, last = report.lang, _name(parts[-1], report.lang)
    row: dict[str, object] = {"epci": last if len(parts) == 1 else say("inside.and", lang, name=last)}
    for name in method.SHARES.values():
        known = [one.values[name] for one in parts]
        row[name] = sum(one.number for one in known) if all(one.known for one in known) else None
    poor = [one.values[method.POOR_SHARE] for one in parts]
    ends = [[one.lower or 0.0, one.upper or 100.0] for one in poor if one.known]
    whole = len(ends) == len(poor)
    row["least"] = sum(low for low, _ in ends) if whole else None
    row["most"] = min(100.0, sum(high for _, high in ends)) if whole else None
    return row


def _communes_rows(report: Report) -> list[dict[str, object]]:
    """Of how many communes, and of how many people, each figure by commune is known."""
    communes, lang = report.once(_communes), report.lang
    people = communes[communes["indicator"] == method.PEOPLE].set_index("commune")["value"].fillna(0.0)
    rows = []
    for name in (method.POOR, method.SEEKERS, method.RSA):
        part = communes[communes["indicator"] == name]
        known = part["state"].isin(VALUED_STATES)
        covered = people.reindex(part.loc[known, "commune"]).sum()
        report.use(name)
        rows.append(
            {
                "what": sentences.label(name, lang),
                "period": formats.bare_period(str(part["period"].iloc[0]), lang) if len(part) else "",
                "units": say("inside.communes", lang, n=formats.number(len(people), lang)),
                "known": int(known.sum()),
                "lacking": int((~known).sum()),
                "people": 100 * covered / people.sum() if people.sum() else None,
                "rule": say(f"inside.rule.{name}", lang),
            }
        )
    return rows
