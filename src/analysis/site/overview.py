"""The overview of an edition: what was found, maps, change région by région, what can be evaluated, every report.

It conducts: figures come from ``Facts``, sentences from ``narrative``. Reports that failed are named, and what was not
built is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache

from markupsafe import Markup

from analysis.estimation import trends
from analysis.foundations import measures, territories
from analysis.foundations.values import LANGS, Lang, dictionary, folded
from analysis.presentation.narrative import formats, origins, sentences
from analysis.presentation.narrative import trends as wording
from analysis.presentation.narrative.messages import say as tell
from analysis.presentation.tables import Column, Table
from analysis.reports.edition import COUNTRY, INDICATORS, Task
from analysis.reports.pages import interface
from analysis.reports.pages.interface import say
from analysis.reports.pages.parts import index_name, page_name
from analysis.site import tiles
from analysis.site.changes import Changes
from analysis.site.content import content
from analysis.site.facts import Facts
from analysis.site.indicator import spread
from analysis.site.multiples import multiples
from analysis.site.shell import Site, state, table, tasks


def overview(site: Site, facts: Facts | None, changed: Changes | None = None) -> bytes:
    """The page, as HTML; ``changed`` is what changed since an earlier edition, where that is kept."""
    lang = site.lang
    states = {task: state(task, site.present) for task in tasks(site.edition, lang)}
    return site.render(
        "overview.html.j2",
        index_name(lang),
        say("index_heading", lang),
        page_title=say("index_title", lang, edition=site.edition.title[lang]),
        description=say("index_description", lang, edition=site.edition.title[lang]),
        lead=_lead(site, states),
        limits=page_name("limits", lang),
        changed=changed.link() if changed else None,
        **_failures(site),
        tiles=[_tile(code, site, states) for code in territories.DEPARTEMENTS],
        national=[report_entry(task, one, site) for task, one in states.items() if task.territory == COUNTRY],
        items=[_item(code, states, site) for code in site.edition.territories],
        matches=interface.phrase("matches", lang),
        **(
            _figures(site, facts)
            if facts
            else dict.fromkeys(("findings", "maps", "matrix", "multiples", "table"))
        ),
    )


def _figures(site: Site, facts: Facts) -> dict:
    maps = [tiles.tile_map(facts.latest(name), site.lang, site.territory) for name in facts.maps]
    for one in maps:
        one["indicator"] = site.indicator(one["name"])
        one["source"] = source(facts, one["name"], facts.latest(one["name"]).period, site.lang)
    return {
        "findings": [finding for name in content()["findings"] if (finding := _finding(facts, name, site))],
        "maps": maps,
        "multiples": [_multiples(facts, name, site) for name in facts.multiples],
        "matrix": matrix(facts, site.lang),
        "table": _table(facts, site.lang),
    }


def _multiples(facts: Facts, name: str, site: Site) -> dict:
    at = facts.latest(name).period
    return (multiples(facts.panel, name, site.lang) or {}) | {
        "indicator": site.indicator(name),
        "source": source(facts, name, at, site.lang),
    }


# -------------------------------------------------------------------------------------------------------- findings


def _finding(facts: Facts, name: str, site: Site) -> dict | None:
    """What is known of an indicator across the country: the national level and change, the spread, in sentences."""
    words = _national(facts, name, site.lang)
    if facts.covers(name):
        words.append(spread(facts.latest(name), site.lang))
    if not words:
        return None
    label = sentences.label(name, site.lang)
    told = formats.capital(" ".join(words).removeprefix(label).lstrip(f"{formats.NBSP} :"))
    return {"label": label, "href": site.indicator(name), "words": told}


def _national(facts: Facts, name: str, lang: Lang) -> list[str]:
    value = facts.national(name)
    if not value.known:
        return []
    series = facts.panel.series(name, value.territory)
    prices = trends.prices(facts.catalogue.parameters("prices"))
    change = trends.trend(series, dictionary()[name], prices)
    return [sentences.level(value, lang), *([wording.trend(change, lang)] if change else [])]


def source(facts: Facts, name: str, at: str, lang: Lang) -> str:
    """Producers and titles of the datasets behind an indicator at a period, in a line."""
    known = [
        facts.catalogue.sidecars[d] for d in facts.panel.datasets(name, at) if d in facts.catalogue.sidecars
    ]
    return origins.cited(known, lang)


# ------------------------------------------------------------------------------------------------ what can be evaluated


def matrix(facts: Facts, lang: Lang) -> list[dict]:
    """Each measure of the Pacte, with the number of départements where its outcome can be seen, and how."""
    rows = []
    for axis in measures.axes():
        own = [m for m in measures.measures() if m.axis == axis.number]
        lines = []
        for measure in own:
            counts = Counter(facts.status(measure, code) for code in territories.DEPARTEMENTS)
            lines.append(
                {
                    "name": measure.name[lang],
                    "outcome": measure.outcome[lang],
                    "missing": measure.missing[lang],
                    "counts": [counts.get(key, 0) for key in measures.STATUSES],
                }
            )
        rows.append({"number": axis.number, "name": axis.name[lang], "measures": lines})
    return rows


# ------------------------------------------------------------------------------------------------------------ figures


def _table(facts: Facts, lang: Lang) -> Markup:
    """The figures of the maps, one row a département."""
    columns = [Column("name", tell("table.level", lang), "text")]
    sections = [facts.latest(name) for name in facts.maps]
    for section in sections:
        label = tell(
            "chart.dated",
            lang,
            label=sentences.label(section.indicator, lang),
            when=formats.short_period(section.period, lang),
        )
        columns.append(Column(section.indicator, label, unit=dictionary()[section.indicator].unit))
    rows = [
        {"name": territories.get(code).label(lang)} | {s.indicator: s.values[code] for s in sections}
        for code in territories.DEPARTEMENTS
    ]
    return table(Table("departements", say("table_of_maps", lang), columns, rows, lang))


# ------------------------------------------------------------------------------------------------------------ reports


_NAMED = 8
"""Territories other than départements that the first page names one by one, as some editions report on a thousand."""


def _lead(site: Site, states: Mapping[Task, str]) -> str:
    done = sum(one == "done" for one in states.values())
    codes = site.edition.territories
    below = [code for code in codes if territories.get(code).kind.is_below]
    lead = say("index_lead", site.lang, reports=str(done), territories=str(len(codes) - len(below)))
    if not below:
        return lead
    names = [territories.get(code).label(site.lang) for code in below]
    if len(names) > _NAMED:  # all of them are in the list below
        more = say("index_beside_more", site.lang, number=formats.number(len(names) - _NAMED, site.lang))
        names = [*names[:_NAMED], more]
    named = formats.listing(names, site.lang)
    return f"{lead} {say('index_beside', site.lang, names=named)}"


def _failures(site: Site) -> dict[str, object]:
    """The reports and the pages of indicators that failed, in every language: how many in a line, and each error."""
    lang = site.lang
    shown = [(task, say("failure_link", lang, **_named(task, site))) for task in _failed(site)]
    return {
        "failures": [{"href": task.error, "words": words} for task, words in shown],
        "failures_said": say(
            "failures_one" if len(shown) == 1 else "failures_many", lang, number=str(len(shown))
        ),
        "failures_command": say("failures_command", lang, edition=site.edition.name),
    }


def _failed(site: Site) -> list[Task]:
    edition = site.edition
    pages = [Task(edition.name, INDICATORS, name, one) for one in LANGS for name in dictionary()]
    every = [*(task for one in LANGS for task in tasks(edition, one)), *pages]
    return [task for task in every if state(task, site.present) == "failed"]


def _named(task: Task, site: Site) -> dict[str, str]:
    """How a report is named, in the language of the page that names it."""
    if task.is_indicator:
        return {"name": say("menu_indicators", site.lang), "title": sentences.label(task.outcome, site.lang)}
    return {"name": territories.get(task.territory).label(site.lang), "title": site.title(task.outcome)}


def _tile(code: str, site: Site, states: Mapping[Task, str]) -> dict:
    own = [one for task, one in states.items() if task.territory == code]
    broken = "failed" in own
    key = "tile_failed" if broken else "tile" if "done" in own else "tile_none"
    words = say(key, site.lang, name=territories.get(code).label(site.lang), code=code)
    return tiles.place(code) | {"linked": code in site.edition.territories, "broken": broken, "words": words}


def _item(code: str, states: Mapping[Task, str], site: Site) -> dict:
    own = {task: one for task, one in states.items() if task.territory == code}
    territory = territories.get(code)
    name, region = territory.label(site.lang), _regions(code, site.lang)
    return {
        "code": code,
        "name": name,
        "region": region,
        "key": key_of(code, site.lang),
        "href": site.territory(code),
        "reports": [report_entry(task, one, site) for task, one in own.items()],
    }


def report_entry(task: Task, one: str, site: Site) -> dict[str, str]:
    """A report in a list: a link when it is there, else what became of it."""
    title, name = site.title(task.outcome), territories.get(task.territory).label(task.lang)
    words = f"{title}, {name}" if one == "done" else say(one, task.lang, title=title)
    return {"state": one, "href": task.path, "title": title, "words": words, "outcome": task.outcome}


@cache
def key_of(code: str, lang: Lang) -> str:
    """The words by which a département is found: its name, its number, its région, without accents."""
    territory = territories.get(code)
    return folded(f"{territory.label(lang)} {code} {_regions(code, lang)}")


def _regions(code: str, lang: Lang) -> str:
    """The région in which a territory lies, or both of those of an EPCI on their border."""
    departements = territories.get(code).members or territories.containing(code)
    there = dict.fromkeys(territories.region_of(one) for one in departements)
    return formats.listing([territories.get(one).label(lang) for one in there], lang)
