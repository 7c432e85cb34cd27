"""The first screen: headings, and what was found of each indicator, in a sentence or two.

Other sections ask here for what is said of a level, so that it is said in one way. Like every section these conduct: figures
come from the panel, results from ``estimation``, words from ``narrative``.
"""

from __future__ import annotations

from analysis.estimation import comparison
from analysis.foundations.values import Value, dictionary
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative import trends as wording
from analysis.reports.blocks import Heading, Shown, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections import lines


@section
def heading(report: Report, key: str) -> Heading:
    """A heading that names the territory: the message ``heading.KEY``."""
    return Heading(formats.capital(report.say(f"heading.{key}")), 2)


@section
def summary(report: Report, *indicators: str) -> Shown:
    """What was found: for each indicator its level and where it stands, in a sentence or two.

    Of a territory below the département, which figures are its own is said once.
    """
    report.used.told |= {(report.name(name), report.value(name).period) for name in indicators}
    told = prose(*(finding(report, name) for name in indicators), kind="summary", listed=True)
    if not report.level.is_below:
        return told
    key = "own.perimeter_parts" if report.territory.members else "own.perimeter_whole"
    return stack([told, prose(report.say(key, others=sentences.others(report.territory.code, report.lang)))])


def finding(report: Report, indicator: str, at: str | None = None) -> str:
    """The level of an indicator and where it stands, or how it moved where it stands among no others."""
    value, lang = report.value(indicator, at), report.lang
    if not value.known:
        return " ".join([sentences.missing(value, lang), *_of_union(report, value)])
    words = [sentences.level(value, lang)]
    if lines.is_own(value):
        words.append(report.say("local.alone"))
    elif dictionary().comparable(indicator) and report.is_among_others:
        words.append(sentences.position(position(report, indicator, value.period), lang))
    elif moved := lines.moved(report, lines.own_series(report, indicator), indicator):
        ends_there = moved.main.last == value
        words = [*([] if ends_there else words), wording.trend(moved, lang)]
    return " ".join([*words, *newer(report, indicator, at)])


def _of_union(report: Report, value: Value) -> list[str]:
    """The level of the collectivité that acts for a département, where a figure is of that alone."""
    others = formats.others_of(value)
    if others is None or report.level.is_below:
        return []
    return [
        sentences.level(report.panel.value(value.indicator, code, value.period), report.lang)
        for code in others[1]
    ]


def newer(report: Report, indicator: str, at: str | None = None) -> list[str]:
    """A sentence on a figure of this territory after the period that is spoken of; none when another is asked for."""
    value = report.panel.newer(indicator, report.territory.code) if at is None else None
    return [sentences.newer(value, report.lang)] if value else []


def position(report: Report, indicator: str, at: str | None) -> comparison.Position:
    """Where the level of the territory stands among those of its level, at a period."""
    return comparison.position(report.panel.cross_section(indicator, at, report.level), report.territory.code)
