"""What is measured for the country only."""

from __future__ import annotations

from collections.abc import Sequence

from analysis import existing, territories
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.tables import Column, Table
from analysis.values import VALUED_STATES


@section
def national(report: Report, *indicators: str, caption: str) -> Stack:
    """What is measured for the country only: a table of every figure there is, marked as national."""
    here = (report.territory.code, report.territory.region)
    places = list(dict.fromkeys(filter(None, (*here, "FR", "FM"))))
    rows = []
    for name in indicators:
        report.use(name)
        found = report.panel.select(name, territory=places)
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
    own = any(report.has(name) for name in indicators)
    told = [report.say("national.own" if own else "national.only"), *_elsewhere(report, indicators)]
    return stack([prose(*told), table])


def _elsewhere(report: Report, indicators: Sequence[str]) -> list[str]:
    """What the register says of figures of this territory that are not held, a sentence for each entry."""
    lang, told = report.lang, {}
    for name in indicators:
        value = report.value(name)
        if entry := existing.entry_of(value.note):
            told.setdefault((entry, value.state), []).append(sentences.label(name, lang))
    return [
        " ".join(filter(None, (
            report.say(
                "national.elsewhere", labels=formats.listing(labels, lang), state=formats.state_words(state, lang),
                seen=sentences.seen(entry, lang),
            ),
            entry.remark and entry.remark[lang],
        )))
        for (entry, state), labels in told.items()
    ]  # fmt: skip
