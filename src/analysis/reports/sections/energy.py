"""Energy: consumption as published, and at mean weather."""

from __future__ import annotations

from analysis.estimation.confidence import normal
from analysis.foundations.values import dictionary
from analysis.methods.indicators import energy
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Folded, Shown, Stack, prose, stack
from analysis.reports.modelled import ENERGY
from analysis.reports.report import Report, section
from analysis.reports.sections.trends import trend


@section
def corrected_energy(report: Report) -> Stack:
    """Observed and corrected consumption per site, for the years with degree-days."""
    lang = report.lang
    parts: list[Shown] = []
    for observed, name in energy.CORRECTED.items():
        if not report.has(observed):
            parts.append(prose(sentences.missing(report.value(observed), lang)))
            continue
        parts.append(trend(report, observed))
        if report.has(name):
            inside: list[Shown] = [
                _corrected_table(report, observed, name),
                prose(_elasticity(report, observed), say("energy.reading", lang)),
            ]
            parts.append(Folded(say("folded.elasticity", lang), stack(inside)))
    return stack(parts)


def _elasticity(report: Report, observed: str) -> str:
    """How much consumption goes with degree-days, from which the correction is made."""
    lang, elasticity = report.lang, report.modelled(ENERGY)[1][observed]
    low, high = (elasticity.value + z * elasticity.error for z in (-normal(), normal()))
    texts = {"value": formats.number(elasticity.value, lang, 2), "low": formats.number(low, lang, 2)}
    texts |= {"high": formats.number(high, lang, 2), "number": formats.number(elasticity.number, lang)}
    return say("energy.elasticity", lang, **texts)


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
    units = {
        "degree_days": None,
        "observed": dictionary()[observed].unit,
        "corrected": dictionary()[name].unit,
    }
    columns += [Column(k, say(f"column.{k}", report.lang), unit=unit) for k, unit in units.items()]
    caption = report.say("caption.corrected", label=sentences.label(observed, report.lang))
    return Table(f"corrected_{observed}", caption, columns, rows, report.lang)
