"""Inside a département: where people, job seekers, RSA and poverty are among its EPCI, and what is secret of it.

Sections conduct: figures of communes come from ``indicators.inside``, what is known of each EPCI from ``concentration``,
words from ``narrative``. A share that secrecy leaves open is given by its ends, and what the source masks is said before
what is shown. Neighbourhoods have a module of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.foundations import territories
from analysis.foundations.levels import DEPARTEMENT
from analysis.foundations.values import VALUED_STATES, Lang, Value
from analysis.methods import concentration as method
from analysis.methods.concentration import Concentration, Part
from analysis.methods.disclosure import Rules
from analysis.methods.indicators import inside
from analysis.presentation import figures
from analysis.presentation.narrative import formats, origins, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Cell, Column, Table
from analysis.reports.blocks import Shown, Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections import neighbourhoods

PLACES = "anct/france_services_places"
SHARES = (*method.SHARES.values(), method.POOR_SHARE)
MAPS = {
    method.SEEKERS_RATE: (method.SEEKERS, method.PEOPLE),
    method.POVERTY: (method.POOR,),
    method.RSA_WEIGHT: (method.RSA, method.PEOPLE),
}
"""The rates that are drawn, and what each is made of."""
MOST = 8
"""Rows of the table of what a contract reaches."""


@section
def inside_summary(report: Report) -> Shown:
    """What was found inside the département, in a sentence or two for each: job seekers, poverty, neighbourhoods."""
    if report.level is not DEPARTEMENT:
        return prose(neighbourhoods.elsewhere(report))
    found = report.once(_found)
    told = [_half(report, found), _poverty(report, found), neighbourhoods.finding(report)]
    return prose(*told, kind="summary", listed=True)


@section
def concentration(report: Report) -> Stack:
    """Where people, job seekers, RSA and poor people are among the EPCI: what is covered, a table, and small maps."""
    if report.level is not DEPARTEMENT:
        return stack([prose(neighbourhoods.elsewhere(report))])
    found = report.once(_found)
    if len(found.parts) == 1:
        return stack([prose(_half(report, found), _coverage(report, found))])
    for name in (*SHARES, *MAPS):
        report.use(name)
    told = [_coverage(report, found), report.say("inside.reading")]
    if any(one.elsewhere for one in found.parts):
        told.append(report.say("inside.parts"))
    if any(one.values[name].state == "suppressed" for one in found.parts for name in method.SHARES):
        least = Rules.of(report.catalogue.parameters("disclosure")).minimum
        told.append(report.say("inside.few", least=formats.number(least, report.lang)))
    return stack([prose(*told), _table(report, found), *_maps(report, found)])


@section
def reach(report: Report, *epci: str) -> Stack:
    """What share of people, job seekers and poor people lives in the EPCI that a contract would cover, one more each row.

    ``epci``: codes or names of those that are covered; by default those of most job seekers, one after the other.
    """
    if report.level is not DEPARTEMENT:
        return stack([prose(neighbourhoods.elsewhere(report))])
    found, lang = report.once(_found), report.lang
    chosen = _chosen(found, epci) if epci else found.fewest(method.SEEKERS, 90)[:MOST]
    if len(found.parts) == 1 or not chosen:
        return stack([prose(report.say("inside.reach_nothing"))])
    columns = [
        Column("epci", say("inside.column.with", lang), "text"),
        *(Column(name, _heading(name, found, lang), unit="percent") for name in SHARES),
    ]
    rows = [_reached(found, chosen[: n + 1], lang) for n in range(len(chosen))]
    table = Table("inside_reach", report.say("inside.caption.reach"), columns, rows, lang)
    told = report.say("inside.reach_chosen" if epci else "inside.reach")
    return stack([prose(told), table, prose(report.say("inside.reach_caution"), kind="caution")])


@section
def secrecy(report: Report) -> Stack:
    """What the sources mask or lack here, of how many people, and whether what is published uncovers any of it."""
    if report.level is not DEPARTEMENT:
        return stack([prose(neighbourhoods.elsewhere(report))])
    found, lang = report.once(_found), report.lang
    columns = [
        Column("what", say("column.indicator", lang), "text"),
        Column("period", say("column.period", lang), "text"),
        Column("units", say("inside.column.units", lang), "text"),
        *(Column(key, say(f"inside.column.{key}", lang)) for key in ("known", "lacking")),
        Column("people", say("inside.column.people_covered", lang), decimals=0, unit="percent"),
        Column("rule", say("inside.column.rule", lang), "text"),
    ]
    rows = [*_communes_rows(report), *neighbourhoods.coverage_rows(report)]
    table = Table("inside_coverage", report.say("inside.caption.coverage"), columns, rows, lang)
    return stack([prose(_audited(report, found)), table])


# ------------------------------------------------------------------------------------------------------------- its figures


def _communes(report: Report) -> pd.DataFrame:
    """The figures of its communes."""
    report.use_dataset(inside.TABLE)
    return method.complete(inside.communes(report.catalogue, report.territory.code))


def _found(report: Report) -> Concentration:
    """What is known of each EPCI; refused where it would give away what is masked."""
    communes = report.once(_communes)
    rate = method.rate_beside(communes, report.panel, report.territory.code)
    return method.concentration(communes, rate, Rules.of(report.catalogue.parameters("disclosure")))


def _chosen(found: Concentration, epci: Sequence[str]) -> tuple[Part, ...]:
    codes = [territories.parse(one, "epci") for one in epci]
    return tuple(one for one in found.parts if one.territory in codes)


def _name(part: Part, lang: Lang, short: bool = False) -> str:
    """Its name, cut short on a map, and that it is a part of an EPCI where it is."""
    place = territories.get(part.territory)
    name = place.short(lang) if short else place.label(lang)
    return say("inside.part", lang, name=name) if part.elsewhere else name


def _period_of(name: str, found: Concentration) -> str:
    return next((one.values[name].when for one in found.parts if one.values[name].period), "")


def _note_of(name: str, found: Concentration) -> str:
    return next((one.values[name].note for one in found.parts if one.values[name].known), "")


def _heading(name: str, found: Concentration, lang: Lang) -> str:
    """The name of a column with its period."""
    period, words = _period_of(name, found), say(f"inside.column.{name}", lang)
    return (
        say("chart.dated", lang, label=words, when=formats.when(period, _note_of(name, found), lang))
        if period
        else words
    )


def _percent(x: float | None, lang: Lang) -> str:
    return formats.percent(x or 0.0, lang)


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
    if not found.covered:
        return report.say("inside.poverty_none")
    when = formats.bare_period(_period_of(method.POVERTY, found), lang)
    communes = formats.number(found.communes, lang)
    if not found.masked:
        key = "inside.poverty_all_one" if found.communes == 1 else "inside.poverty_all"
        return report.say(key, when=when, communes=communes)
    masked, covered = formats.number(found.masked, lang), _percent(found.covered, lang)
    return report.say("inside.poverty", when=when, communes=communes, masked=masked, covered=covered)


def _poverty(report: Report, found: Concentration) -> str:
    """Of how many people the rate is published, and between which ends the largest EPCI has of the poor people."""
    lang, told = report.lang, _coverage(report, found)
    share = found.parts[0].values[method.POOR_SHARE] if len(found.parts) > 1 else None
    if share is None or not share.known or not found.covered:
        return told
    given = {
        "epci": _name(found.parts[0], lang), "people": _percent(found.parts[0].share(method.PEOPLE), lang),
        "least": _percent(share.lower, lang), "most": _percent(share.upper, lang),
    }  # fmt: skip
    exact = given["least"] == given["most"]
    return f"{told} {report.say('inside.largest_exact' if exact else 'inside.largest', **given)}"


def _audited(report: Report, found: Concentration) -> str:
    """What the search for masked communes recovers, or that there is none to recover."""
    number, recovered = len(found.secrecy.intervals), len(found.secrecy.recovered)
    if not found.covered:
        return report.say("inside.audit_none")
    if not number:
        return report.say("inside.audit_nothing")
    given = {"number": number, "recovered": recovered}
    return report.say("inside.audit", **{key: formats.number(n, report.lang) for key, n in given.items()})


# ------------------------------------------------------------------------------------------------------ tables and drawings


def _table(report: Report, found: Concentration) -> Table:
    """A row for each EPCI: its shares with what rounding and secrecy leave of them."""
    lang, shares = report.lang, SHARES[:-1]
    columns = [
        Column("epci", say("inside.column.epci", lang), "text"),
        *(Column(name, _heading(name, found, lang), unit="percent") for name in shares),
        Column("covered", say("inside.column.covered", lang), decimals=0, unit="percent"),
        *(
            Column(name, _heading(name, found, lang), unit="percent")
            for name in (method.POVERTY, method.POOR_SHARE)
        ),
    ]
    rows = [
        {"epci": _name(one, lang, True), "covered": one.covered, **_cells(one.values, lang)}
        for one in found.parts
    ]
    return Table("inside_epci", report.say("inside.caption.epci"), columns, rows, lang)


def _reached(found: Concentration, parts: Sequence[Part], lang: Lang) -> dict[str, object]:
    """What some EPCI have together; the last of them names the row."""
    last = _name(parts[-1], lang, True)
    named = last if len(parts) == 1 else say("inside.and", lang, name=last)
    return {"epci": named, **_cells(found.together(parts), lang)}


def _cells(given: Mapping[str, Value], lang: Lang) -> dict[str, object]:
    return {name: _with_ends(given[name], lang) for name in (*SHARES, method.POVERTY) if name in given}


def _with_ends(value: Value, lang: Lang) -> Cell:
    """A figure with the ends of what it may be, where they differ from it as written."""
    if not value.known or value.lower is None or value.upper is None:
        return Cell(value)
    decimals = formats.decimals_of(value.indicator)
    low, high = (formats.number(end, lang, decimals) for end in (value.lower, value.upper))
    if value.indicator == method.POOR_SHARE:
        return Cell(value, beside=say("inside.at_most", lang, value=high))
    return Cell(
        value, beside="" if low == high else formats.bracket(value.lower, value.upper, lang, decimals)
    )


def _maps(report: Report, found: Concentration) -> list[Shown]:
    """A map of the EPCI for each rate; a sentence where they are too few, or of a size that is not known."""
    known = [one for one in found.parts if one.values[method.PEOPLE].known]
    if len(known) < 2:
        return [prose(report.say("inside.no_map"))]
    return [_map(report, known, name) for name in MAPS if any(one.values[name].known for one in known)]


def _map(report: Report, parts: Sequence[Part], name: str) -> figures.Figure:
    at, lang = report.once(_places), report.lang
    circles = [
        figures.Circle(
            _name(one, lang, True), one.values[name], one.values[method.PEOPLE], at.get(one.territory)
        )
        for one in parts
    ]
    return figures.cartogram(circles, key=f"map_{name}", lang=lang, source=_source(report, name))


def _places(report: Report) -> dict[str, tuple[float, float]]:
    """The middle of the France services of each EPCI, of those that are in the département."""
    epci = report.once(_communes).drop_duplicates("commune").set_index("commune")["epci"]
    table = report.catalogue.table(PLACES)
    report.use_dataset(PLACES)
    table = table[table["commune"].isin(epci.index)]
    frame = (
        table[["longitude", "latitude", "places"]].astype("float64").assign(epci=table["commune"].map(epci))
    )
    found = {}
    for code, rows in frame.groupby("epci"):
        sides = (rows["longitude"], rows["latitude"])
        east, north = (float((side * rows["places"]).sum() / rows["places"].sum()) for side in sides)
        found[str(code)] = (round(east, 4), round(north, 4))
    return found


def _source(report: Report, name: str) -> str:
    """Producers and titles of what a map is made of."""
    communes = report.once(_communes)
    names = set(communes.loc[communes["indicator"].isin(MAPS[name]), "source"])
    there = [one for one in sorted(names) if one in report.catalogue]
    for one in there:
        report.use_dataset(one)
    return origins.cited(map(report.catalogue.sidecar, there), report.lang, report.level)


def _communes_rows(report: Report) -> list[dict[str, object]]:
    """Of how many communes, and of how many people, each figure by commune is known."""
    communes, lang = report.once(_communes), report.lang
    people = communes[communes["indicator"] == method.PEOPLE].set_index("commune")["value"].fillna(0.0)
    units = say(
        "inside.commune" if len(people) == 1 else "inside.communes", lang, n=formats.number(len(people), lang)
    )
    rows: list[dict[str, object]] = []
    for name in (method.POOR, method.SEEKERS, method.RSA):
        report.use(name)
        part = communes[communes["indicator"] == name]
        known, at = part["state"].isin(VALUED_STATES), str(part["period"].iloc[0])
        covered = float(people.reindex(part.loc[known, "commune"]).sum())
        rows.append(
            {
                "what": sentences.label(name, lang),
                "period": formats.when(at, str(part["note"].iloc[0]), lang)
                if at
                else formats.state_words("unavailable", lang),
                "units": units,
                "known": int(known.sum()),
                "lacking": int((~known).sum()),
                "people": 100 * covered / float(people.sum())
                if people.sum()
                else say("inside.people_unknown", lang),
                "rule": say(f"inside.rule.{name}", lang),
            }
        )
    return rows
