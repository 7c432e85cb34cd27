"""The levels of a report: a figure of the territory beside those of its région, of France and of its peers.

``report`` and ``sections`` ask for the table, for a figure to set beside another, or for the gaps in words. It conducts, as
they do: figures come from the panel, medians from ``estimation``, words from ``narrative``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from analysis.estimation import comparison
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.reports import lines
from analysis.tables import Column, Table
from analysis.values import Value, dictionary

if TYPE_CHECKING:
    from analysis.reports.report import Report


def key_table(report: Report, indicators: Sequence[str], caption: str) -> Table:
    """A row for each indicator: its figure here, of the région, of France, and the median of the peers, of one period."""
    rows = [row for name in indicators for row in _key_rows(report, name)]
    columns = (
        Column("indicator", say("column.indicator", report.lang), "text"),
        Column("period", say("column.period", report.lang), "text"),
        Column("here", report.territory.label(report.lang)),
        Column("region", say("column.region", report.lang)),
        Column("france", say("column.france", report.lang)),
        Column("peers", say("column.peers_median", report.lang)),
    )
    key = "key_" + "_".join(sorted({dictionary()[n].theme for n in indicators}))
    return Table(f"{key}_{indicators[0]}", caption, columns, rows, report.lang)


def _key_rows(report: Report, indicator: str) -> list[dict[str, object]]:
    """The figure of the period that is spoken of beside the others', then a newer one of this territory alone."""
    value = report.value(indicator)
    newer = report.panel.newer(indicator, report.territory.code)
    return [_key_row(report, value)] + ([_alone_row(report, newer)] if newer else [])


def _key_row(report: Report, value: Value) -> dict[str, object]:
    if lines.is_own(value):
        return _alone_row(report, value)
    indicator, at = value.indicator, value.period
    national = report.panel.reference(indicator, at)
    return {
        "indicator": sentences.label(indicator, report.lang),
        "period": formats.bare_period(at, report.lang)
        if at
        else formats.state_words("unavailable", report.lang),
        "here": value,
        "region": _region_value(report, indicator, at),
        "france": report.panel.value(indicator, national or "FR", at),
        "peers": peers_value(report, indicator, at),
    }


def _alone_row(report: Report, value: Value) -> dict[str, object]:
    """A figure that is compared with nobody."""
    nobody = replace(value, value=None, lower=None, upper=None, state="not_applicable", quality=None, note="")
    return {
        "indicator": sentences.label(value.indicator, report.lang),
        "period": formats.bare_period(value.period, report.lang),
        "here": value,
        **dict.fromkeys(("region", "france", "peers"), replace(nobody, territory="", source=None)),
    }


def _region_value(report: Report, indicator: str, at: str | None) -> Value:
    """The région's figure; not applicable where the région is the département itself, and to the country."""
    if report.is_country or report.is_its_region:
        return Value(indicator, report.territory.region or "", at, None, None, None, "not_applicable")
    return report.panel.value(indicator, report.territory.region, at)


def beside(report: Report, value: Value) -> Value:
    """The median of the peers beside a figure; not applicable to one of the département's own."""
    if lines.is_own(value):
        return Value(value.indicator, "", value.period, None, None, None, "not_applicable")
    return peers_value(report, value.indicator, value.period)


def peers_value(report: Report, indicator: str, at: str | None) -> Value:
    """The median of the peers; not applicable to a number of people, which follows the size of a département."""
    if not lines.is_compared(indicator) or report.is_country or not report.peers.codes:
        return Value(indicator, "", at, None, None, None, "not_applicable")
    medians = comparison.peers_median(
        report.panel.published(indicator, territory=report.peers.codes, period=at or ()), report.peers.codes
    )
    if medians.empty or not at:
        return Value(indicator, "", at, None, None, None, "unavailable")
    state = "modelled" if dictionary()[indicator].modelled else "observed"
    median = float(medians["value"].iloc[-1])
    if not isfinite(median):
        return Value(indicator, "", at, None, None, None, "not_computable")
    return Value(indicator, "", at, median, None, None, state)


def gaps(report: Report, value: Value) -> str:
    """How far a figure is from that of France and from the median of the peers, in a sentence for each."""
    indicator = value.indicator
    if not value.known or not lines.is_compared(indicator) or report.is_country:
        return ""
    national = report.panel.reference(indicator, value.period)
    words = []
    if national:
        words.append(sentences.gap(value, report.panel.value(indicator, national, value.period), report.lang))
    median = peers_value(report, indicator, value.period)
    if median.known:
        words.append(sentences.gap_to_peers(value, median.value, report.lang))
    return " ".join(words)
