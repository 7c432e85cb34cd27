"""The page of a département: its reports and what each found first, key figures, what cannot be evaluated, its neighbours.

What a report found is read in the report itself, so that the two never differ. Key figures stand beside the medians of the
région and of the country, with the interval of what is estimated; they are not ordered by merit.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from pathlib import Path

from markupsafe import Markup

from analysis.data.catalogue import LOCAL
from analysis.foundations import measures, territories
from analysis.foundations.levels import DEPARTEMENT
from analysis.foundations.territories import Territory
from analysis.foundations.values import OF_OTHERS, Lang, Value
from analysis.presentation.narrative import sentences
from analysis.presentation.narrative.messages import say as tell
from analysis.presentation.tables import Column, Table
from analysis.reports.pages.around import territory_path
from analysis.reports.pages.interface import say
from analysis.reports.rows import row
from analysis.site import holdings
from analysis.site.changes import Changes
from analysis.site.facts import Facts
from analysis.site.overview import report_entry
from analysis.site.shell import Site, state, table

OPENING = 1 << 17
"""Bytes of a report in which its first finding stands."""

_FINDING = re.compile(r'<div class="prose summary"><ul><li>((?:(?!<li>).)*?)</li>', re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")


def territory(
    site: Site, code: str, folder: Path, facts: Facts | None, changed: Changes | None = None
) -> bytes:
    """The page, as HTML; ``changed`` is what changed since an earlier edition, where that is kept."""
    lang, there = site.lang, territories.get(code)
    own = site.tasks.get(code, [])
    words = {"place": there.name_in(lang), "edition": site.edition.title[lang]}
    return site.render(
        "territory.html.j2",
        territory_path(code, lang),
        say("territory_heading", lang, name=there.label(lang), code=code),
        page_title=say("territory_title", lang, name=there.label(lang), code=code, edition=words["edition"]),
        description=say("territory_description", lang, **words),
        name_of=there.name_of(lang),
        place=there.name_in(lang),
        region=territories.get(there.region).label(lang) if there.region else "",
        reports=[_report(task, site, folder) for task in own],
        exists=holdings.link(site, facts, code) if facts else None,
        changed=changed.link(code) if changed else None,
        steps=steps(code, site),
        neighbours=site.links(territories.neighbours(code) if there.kind == DEPARTEMENT else ()),
        **(_figures(site, there, facts) if facts else dict.fromkeys(("table", "evaluability", "peers"))),
    )


def finding(report: bytes) -> str | None:
    """The first thing that a report found, from the beginning of its page; None when it does not say."""
    match = _FINDING.search(report.decode("utf-8", errors="ignore"))
    return html.unescape(_TAG.sub("", match[1])).strip() if match else None


def _report(task, site: Site, folder: Path) -> dict:
    one = state(task, site.present)
    entry = report_entry(task, one, site) | {"finding": None, "error": None, "files": _files(task, site)}
    if one == "done":
        with (folder / task.path).open("rb") as page:
            entry["finding"] = finding(page.read(OPENING))
    if one == "failed":
        entry["error"] = task.error
    return entry


def _files(task, site: Site) -> list[dict[str, str]]:
    """What can be taken away of a report, of the files that are there."""
    places = {
        "file_figures": task.file(".csv"),
        "file_notebook": task.file(".ipynb"),
        "file_provenance": task.file(".provenance.json"),
    }
    return [
        {"href": place, "words": say(key, site.lang)}
        for key, place in places.items()
        if place in site.present
    ]


def steps(code: str, site: Site) -> dict[str, dict | None]:
    """The départements before and after one in the official order, among those of the edition."""
    codes = site.order
    if code not in codes:
        return {"previous": None, "next": None}
    at = codes.index(code)
    around = {
        "previous": codes[at - 1] if at else None,
        "next": codes[at + 1] if at + 1 < len(codes) else None,
    }
    return {key: site.links([other])[0] if other else None for key, other in around.items()}


def _figures(site: Site, there: Territory, facts: Facts) -> dict:
    return {
        "table": _table(site, there, facts),
        "evaluability": _evaluability(there, facts, site.lang),
        "peers": site.links(facts.peers(there.code)),
    }


def _table(site: Site, there: Territory, facts: Facts) -> Markup:
    """Key figures beside the medians of the région's départements and of all, and France."""
    lang = site.lang
    columns = (
        Column("indicator", tell("column.indicator", lang), "text"),
        Column("period", tell("column.period", lang), "text"),
        Column("here", there.label(lang)),
        Column("region", say("region_median", lang)),
        Column("all", tell("column.all_median", lang)),
        Column("france", tell("column.france", lang)),
    )
    rows = [row for name in facts.maps for row in _rows(name, there, facts, lang)]
    caption = say("territory_figures", lang, of=there.name_of(lang))
    return table(Table("figures", caption, columns, rows, lang))


def _rows(name: str, there: Territory, facts: Facts, lang: Lang) -> list[dict]:
    """The figure of the period that is spoken of beside the others', then a newer one of this territory alone."""
    own, newer = facts.panel.value(name, there.code), facts.panel.newer(name, there.code)
    first = _alone(own, lang) if own.quality == LOCAL else _row(own, there, facts, lang)
    return [first, *([_alone(newer, lang)] if newer else [])]


def _alone(value: Value, lang: Lang) -> dict:
    """A figure that is compared with nobody."""
    nobody = Value(value.indicator, "", value.period, None, None, None, "not_applicable")
    return row(value, dict.fromkeys(("region", "all", "france"), nobody), lang)


def _row(own: Value, there: Territory, facts: Facts, lang: Lang) -> dict:
    name = own.indicator
    section = facts.section(name, own.period) if own.period else facts.latest(name)
    inside = territories.departements_of(there.region) if there.region else ()
    alone = Value(name, there.region or "", section.period, None, None, None, "not_applicable")
    beside = {
        "region": section.median(inside) if len(inside) > 1 else alone,
        "all": section.median(),
        "france": facts.national(name, section.period),
    }
    return row(section.values.get(there.code, own), beside, lang)


def _evaluability(there: Territory, facts: Facts, lang: Lang) -> dict:
    """How many measures can be evaluated there, and what is missing for the others."""
    statuses = [(facts.status(m, there.code), m) for m in measures.measures()]
    summary = sentences.evaluability(Counter(status for status, _ in statuses), there.code, lang)
    lacking = [
        {"name": m.name[lang], "status": _status(status, there, lang), "missing": m.missing[lang]}
        for status, m in statuses
        if status in ("proxy", "not_held", "none", OF_OTHERS)
    ]
    return {"summary": summary, "lacking": lacking}


def _status(status: str, there: Territory, lang: Lang) -> str:
    """The words of a status; those of whom the figures are, where they are of other territories."""
    if status != OF_OTHERS:
        return tell(f"evaluability.{status}", lang, there.kind)
    return tell("evaluability.other_territory", lang, others=sentences.others(there.code, lang))
