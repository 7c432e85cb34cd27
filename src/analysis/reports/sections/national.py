"""What is known for the country only."""

from __future__ import annotations

from analysis import territories
from analysis.columns import row_value
from analysis.figures import sparkline
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.tables import Cell, Column, Table
from analysis.values import VALUED_STATES, dictionary, period


@section
def national(report: Report, *indicators: str, caption: str) -> Stack:
    """What is known for the country only: the latest figure of each indicator, a small line of those before it beside."""
    lang, rows = report.lang, []
    for name in map(report.name, indicators):
        report.use(name)
        found = report.panel.select(name, territory=("FR", "FM"))
        known = [row_value(row) for row in found[found["state"].isin(VALUED_STATES)].to_dict("records")]
        if not known:
            continue
        last = max(known, key=lambda one: (period(one.period).start, one.territory == "FR"))
        series = sorted(
            (one for one in known if one.territory == last.territory),
            key=lambda one: period(one.period).start,
        )
        rows.append(
            {
                "indicator": sentences.label(name, lang),
                "period": formats.bare_period(last.period, lang),
                "scope": territories.get(last.territory).label(lang),
                "value": Cell(last, drawn=sparkline(series, dictionary()[name].breaks)),
            }
        )
    columns = [Column(k, say(f"column.{k}", lang), "text") for k in ("indicator", "period", "scope")]
    columns.append(Column("value", say("column.value", lang)))
    table = Table(f"national_{caption}", report.say(f"caption.{caption}"), columns, rows, lang)
    return stack([prose(report.say("national.only")), table])
