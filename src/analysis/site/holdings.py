"""What exists for a territory of which few figures do: those that there are, by theme, and those that lack, by reason.

A territory has this page when it has fewer than ``ENOUGH`` of the indicators that most départements have: Mayotte, and
others overseas. Why a figure lacks is what the register of what exists says (``existing``), told once for all the figures
that it covers; where nobody looked, that is said. It reads through ``Facts`` and words nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from analysis.data import existing
from analysis.foundations import territories
from analysis.foundations.values import THEMES, Lang, Value, dictionary
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say as tell
from analysis.presentation.tables import Column, Table
from analysis.reports.pages.around import territory_path
from analysis.reports.pages.interface import say, say_with
from analysis.reports.pages.parts import page_name
from analysis.site.facts import Facts
from analysis.site.shell import Site, table

KEY = "exists"
ENOUGH = 0.75
"""Share of the indicators that most départements have under which a territory has the page."""


def path(code: str, lang: Lang) -> str:
    """Where the page of a territory stands."""
    return f"{code}/{page_name(KEY, lang)}"


def is_bare(facts: Facts, code: str) -> bool:
    """Whether few figures exist for a territory, of a level for which most are published; others say so in their reports."""
    if territories.get(code).kind.apart:
        return False
    return len(_common(facts, code)) < ENOUGH * len(facts.common)


def _common(facts: Facts, code: str) -> list[str]:
    return [name for name in facts.common if facts.holds(name, code)]


def link(site: Site, facts: Facts, code: str) -> dict[str, str] | None:
    """What another page says of it, and its address; None for a territory that has none."""
    if not is_bare(facts, code):
        return None
    key = "exists_few_held" if territories.get(code).kind.is_below else "exists_few"
    return {"words": _counted(key, facts, code, site.lang), "href": path(code, site.lang)}


def _counted(key: str, facts: Facts, code: str, lang: Lang) -> str:
    numbers = {"n": len(_common(facts, code)), "total": len(facts.common)}
    words = {name: formats.number(number, lang) for name, number in numbers.items()}
    return say(key, lang, place=territories.get(code).name_in(lang), **words)


def page(site: Site, facts: Facts, code: str) -> bytes:
    """The page, as HTML."""
    lang, there = site.lang, territories.get(code)
    held = [name for name in facts.names() if facts.holds(name, code)]
    lacking = [facts.panel.value(name, code) for name in facts.common if name not in held]
    return site.render(
        "exists.html.j2",
        path(code, lang),
        say("exists_heading", lang, place=there.name_in(lang)),
        description=say("exists_description", lang, place=there.name_in(lang)),
        above=[(there.label(lang), territory_path(code, lang))],
        lead=_counted("exists_lead", facts, code, lang),
        themes=[
            {
                "key": theme,
                "name": say(f"theme_{theme}", lang),
                "table": _table(site, facts, code, theme, names),
            }
            for theme in THEMES
            if (names := [name for name in held if dictionary()[name].theme == theme])
        ],
        reasons=_reasons(lacking, site),
    )


def _table(site: Site, facts: Facts, code: str, theme: str, names: Iterable[str]) -> Markup:
    """The last figure of each indicator of a theme."""
    lang, there = site.lang, territories.get(code)
    rows = [
        {
            "indicator": sentences.label(name, lang),
            "period": formats.bare_period(value.when, lang),
            "here": value,
        }
        for name in names
        if (value := facts.panel.value(name, code)).known
    ]
    columns = (
        Column("indicator", tell("column.indicator", lang), "text"),
        Column("period", tell("column.period", lang), "text"),
        Column("here", there.label(lang)),
    )
    caption = say("exists_caption", lang, theme=say(f"theme_{theme}", lang), place=there.name_in(lang))
    return table(Table(f"exists-{theme}", caption, columns, rows, lang))


def _reasons(lacking: Iterable[Value], site: Site) -> list[dict]:
    """The figures that lack, by the reason for it, those of the register first."""
    groups: dict[tuple[str, str], list[Value]] = {}
    for value in lacking:
        entry = existing.entry_of(value.note)
        groups.setdefault((value.state, entry.name if entry else _others(value, site.lang)), []).append(value)
    order = sorted(groups, key=lambda key: (not key[1], -len(groups[key]), key))
    return [_reason(groups[key], site) for key in order]


def _others(value: Value, lang: Lang) -> str:
    """The territories for which a figure is given that this one has not; empty for any other reason."""
    told = formats.others_of(value)
    return formats.places(told[1], lang) if told else ""


def _reason(own: list[Value], site: Site) -> dict:
    lang, entry = site.lang, existing.entry_of(own[0].note)
    unlooked = own[0].state == "unavailable" and not own[0].source
    named = {"n": formats.number(len(own), lang), "producer": f"{entry.producer}, " if entry else ""}
    named["others"] = _others(own[0], lang)
    words = []
    if entry:
        words = [say(f"exists_seen_{own[0].state}", lang, seen=sentences.seen(entry, lang))]
        words += [entry.remark[lang]] if entry.remark else []
    return {
        "heading": formats.capital(
            say_with(named, f"exists_{'unlooked' if unlooked else own[0].state}", lang)
        ),
        "words": " ".join(words),
        "entries": [
            {"name": sentences.label(value.indicator, lang), "href": site.indicator(value.indicator)}
            for value in own
        ],
    }
