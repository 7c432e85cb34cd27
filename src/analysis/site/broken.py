"""The jumps of single territories' series, a section of the page of data: what was made of each, for people to review.

The entries of the register (``data.breaks``) under its three heads, each with the figures on both sides. What is found
and is not in the register yet is said by ``pacte data check --anomalies``, not here: a site is not made to look for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from analysis.data import breaks
from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.columns import row_value
from analysis.foundations.periods import period
from analysis.foundations.values import Lang, Value, dictionary
from analysis.presentation.narrative import formats, origins
from analysis.presentation.tables import Column, Table
from analysis.reports.pages.interface import say
from analysis.site.facts import Facts
from analysis.site.shell import table


def sections(facts: Facts, lang: Lang) -> list[dict]:
    """For each head of the register that has an entry: its title, what it means, and its entries as a table."""
    register = breaks.register(facts.catalogue)
    messages = []
    for verdict in ("break", "explained", "unexplained"):
        entries = [one for one in register if one.verdict == verdict]
        if entries:
            title = say(f"data_jumps_{verdict}", lang, n=formats.number(len(entries), lang))
            words = say(f"data_jumps_{verdict}_words", lang)
            messages.append({"title": title, "words": words, "table": _table(verdict, entries, facts, lang)})
    return messages


def _table(verdict: str, entries: list[breaks.Looked], facts: Facts, lang: Lang) -> Markup:
    keys = ["period", "figures", *(["why", "source"] if verdict != "unexplained" else [])]
    columns = [Column(key, say(f"data_jumps_column_{key}", lang), "text") for key in keys]
    rows = [
        {
            "period": formats.bare_period(one.period, lang),
            "figures": " ; ".join(_figures(one, facts.panel, lang)),
            "why": one.why[lang] if one.why else "",
            "source": _source(one, facts, lang),
        }
        for one in entries
    ]
    caption = say(f"data_jumps_{verdict}", lang, n=formats.number(len(entries), lang))
    rows = [{key: row[key] for key in keys} for row in rows]
    return table(Table(f"jumps-{verdict}", caption, columns, rows, lang))


def _figures(one: breaks.Looked, panel: Panel, lang: Lang) -> Iterator[str]:
    """Each figure that the entry speaks of, and the last one before it."""
    for name, code, when in one.figures:
        before, after = _around(panel, name, code, when)
        shown = {"before": formats.plain_value(before, lang), "after": formats.plain_value(after, lang)}
        place, label = territories.get(code).label(lang), dictionary()[name].label[lang]
        yield say("data_jumps_figures", lang, place=place, label=label, **shown)


def _source(one: breaks.Looked, facts: Facts, lang: Lang) -> str:
    sidecars = facts.catalogue.sidecars
    names = sorted(
        {name for indicator in one.indicators for name in facts.panel.datasets(indicator, one.period)}
    )
    return origins.cited([sidecars[name] for name in names if name in sidecars], lang)


def _around(panel: Panel, name: str, code: str, when: str) -> tuple[Value, Value]:
    """The last known figure before a period, and that of the period."""
    start, nothing = period(when).start, Value(name, code, when, None, None, None, "unavailable")
    series = map(row_value, panel.series(name, code).to_dict("records"))
    known = [one for one in series if one.known and period(one.period).start < start]
    return (known or [nothing])[-1], panel.value(name, code, when)
