"""A row of key figures, in reports and in the site: figures of one indicator side by side, with their period.

It words what holds of all of them once. Sections and ``site`` say which figures; nothing is read or computed here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from analysis.foundations.values import Lang, Value
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Cell


def row(here: Value, beside: Mapping[str, Value | None], lang: Lang, drawn: str = "") -> dict[str, object]:
    """A row of key figures, one and those beside it: what holds of them all is said once, with their period.

    A national figure without overseas is marked, and ``drawn`` stands beside the first.
    """
    known = [one for one in (here, *beside.values()) if one is not None and one.known]
    words = {formats.qualifier(one, lang) for one in known if one.territory}
    shared = words.pop() if len(words) == 1 else ""
    when = formats.bare_period(here.period, lang) if here.period else say("state.no_figure", lang)
    cells = {key: one and _cell(one, here, bool(shared), lang) for key, one in beside.items()}
    return {
        "indicator": sentences.label(here.indicator, lang),
        "period": say("value.with", lang, value=when, inside=shared) if shared else when,
        "here": replace(_cell(here, here, bool(shared), lang), drawn=drawn),
        **cells,
    }


def _cell(value: Value, here: Value, told: bool, lang: Lang) -> Cell:
    """A figure of a row, with what must be known of it unless the row ``told`` it of a figure in the same state."""
    qualified = not told or value.state != here.state
    return Cell(value, not sentences.says_unit(here.indicator, lang), qualified, sentences.scope(value, lang))
