"""What is measured for the country only."""

from __future__ import annotations

from analysis import territories
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.tables import Column, Table
from analysis.values import VALUED_STATES


@section
def national(report: Report, *indicators: str, caption: str) -> Stack:
    """What is measured for the country only: a table of every figure there is, marked as national."""
    rows = []
    for name in indicators:
        report.use(name)
        found = report.panel.select(name, territory=("FR", "FM"))
        for row in found[found["state"].isin(VALUED_STATES)].itertuples():
            rows.append(
                {
                    "indicator": sentences.label(name, report.lang),
                    "period": formats.bare_period(row.period, report.lang),
                    "scope": territories.get(row.territory).label(report.lang),
                    "value": report.panel.value(name, row.territory, row.period),
                }
            )
    columns = [Column(k, say(f"column.{k}", report.lang), "text") for k in ("indicator", "period", "scope")]
    columns.append(Column("value", say("column.value", report.lang)))
    table = Table(f"national_{caption}", report.say(f"caption.{caption}"), columns, rows, report.lang)
    return stack([prose(report.say("national.only")), table])
