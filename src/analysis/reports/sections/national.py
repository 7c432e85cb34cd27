"""What is known for the country only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analysis.data import breaks, existing
from analysis.foundations import territories
from analysis.foundations.columns import row_value
from analysis.foundations.periods import period
from analysis.foundations.values import VALUED_STATES, Value, dictionary
from analysis.presentation.figures import sparkline
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Cell, Column, Table
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.report import Report, section


@section
def national(report: Report, *indicators: str, caption: str) -> Stack:
    """What is known for the country only: the latest figure of each indicator, a small line of those before it beside.

    What the département or its région has is given too, each figure with the territory for which it holds.
    """
    lang = report.lang
    rows = [
        _row(report, last, series)
        for name in map(report.name, indicators)
        for last, series in _latest(report, name)
    ]
    columns = [Column(k, say(f"column.{k}", lang), "text") for k in ("indicator", "period", "scope")]
    columns.append(Column("value", say("column.value", lang)))
    table = Table(f"national_{caption}", report.say(f"caption.{caption}"), columns, rows, lang)
    own = any(report.has(name) for name in indicators)
    told = [report.say("national.own" if own else "national.only"), *_elsewhere(report, indicators)]
    return stack([prose(*told), table])


def _latest(report: Report, indicator: str) -> Iterator[tuple[Value, list[Value]]]:
    """The last figure of the département, of its région and of the country, with the series that it ends."""
    report.use(indicator)
    here = () if report.is_country else tuple(filter(None, (report.territory.code, report.region)))
    for places in (*([one] for one in dict.fromkeys(here)), ["FR", "FM"]):
        rows = report.panel.select(indicator, territory=places)
        known = [row_value(row) for row in rows[rows["state"].isin(VALUED_STATES)].to_dict("records")]
        known.sort(key=lambda one: (period(one.period).start, one.territory == "FR"))
        if known:
            yield known[-1], [one for one in known if one.territory == known[-1].territory]


def _row(report: Report, last: Value, series: Sequence[Value]) -> dict[str, object]:
    columns = {"period": [one.when for one in series], "note": [one.note for one in series]}
    line = sparkline(series, breaks.cuts(columns, dictionary()[last.indicator]))
    return {
        "indicator": sentences.label(last.indicator, report.lang),
        "period": formats.bare_period(last.when, report.lang),
        "scope": territories.get(last.territory).label(report.lang),
        "value": Cell(last, drawn=line),
    }


def _elsewhere(report: Report, indicators: Sequence[str]) -> list[str]:
    """What the register says of figures of this territory that are not held, a sentence for each entry."""
    lang = report.lang
    told: dict[tuple[existing.Existing, str], list[str]] = {}
    for name in indicators:
        value = report.value(name)
        if entry := existing.entry_of(value.note):
            told.setdefault((entry, value.state), []).append(dictionary()[name].label[lang])
    said = []
    for (entry, state), labels in told.items():
        names = formats.capital(formats.listing(labels, lang))
        said.append(report.say(f"national.{state}", labels=names, producer=entry.producer))
    return said
