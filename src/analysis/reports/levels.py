"""The levels of a report: a figure of the territory beside those of its région, of France and of its peers.

``report`` and ``sections`` ask for the table, for a figure to set beside another, or for the gaps in words. It conducts, as
they do: figures come from the panel, medians from ``estimation``, words from ``narrative``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from analysis import breaks, territories
from analysis.columns import row_value
from analysis.estimation import comparison
from analysis.figures import sparkline
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.periods import period
from analysis.reports import lines
from analysis.tables import Cell, Column, Table
from analysis.values import MEDIANS, Lang, Value, dictionary

if TYPE_CHECKING:
    from analysis.reports.report import Report


_OTHERS = ("region", "france", "peers")


def key_table(report: Report, indicators: Sequence[str], caption: str) -> Table:
    """A row for each indicator: its figure here, of the région, of France, and the median of the peers, of one period.

    Beside the figure of the territory stands a small line of its last ten years. There is no column for a région that is the
    département itself, nor for the country.
    """
    rows = [one for name in indicators for one in _key_rows(report, name)]
    lang, alone = report.lang, report.is_country or report.is_its_region
    columns = (
        Column("indicator", say("column.indicator", lang), "text"),
        Column("period", say("column.period", lang), "text"),
        Column("here", report.territory.label(lang)),
        *([] if alone else [Column("region", territories.get(report.territory.region).label(lang))]),
        *([] if report.is_country else [Column("france", say("column.france", lang))]),
        *([] if report.is_country else [Column("peers", report.say("column.peers_median"))]),
    )
    key = "key_" + "_".join(sorted({dictionary()[n].theme for n in indicators}))
    return Table(f"{key}_{indicators[0]}", caption, columns, rows, lang)


def _key_rows(report: Report, indicator: str) -> list[dict[str, object]]:
    """The figure of the period that is spoken of beside the others', then a newer one of this territory alone."""
    value = report.value(indicator)
    newer = report.panel.newer(indicator, report.territory.code)
    first = _alone(value) if lines.is_own(value) else _beside_others(report, value)
    rows = [first, *([_alone(newer)] if newer else [])]
    return [row(one, report.lang, _drawn(report, one["here"])) for one in rows]


def _beside_others(report: Report, value: Value) -> dict[str, Value]:
    indicator, at = value.indicator, value.period
    return {
        "here": value,
        "region": _region_value(report, indicator, at),
        "france": report.panel.value(indicator, report.panel.reference(indicator, at) or "FR", at),
        "peers": peers_value(report, indicator, at),
    }


def _alone(value: Value) -> dict[str, Value]:
    """A figure that is compared with nobody."""
    nobody = replace(
        value, value=None, lower=None, upper=None, state="not_applicable", quality=None, note="", territory="", source=None
    )  # fmt: skip
    return {"here": value, **dict.fromkeys(_OTHERS, nobody)}


def row(figures: Mapping[str, Value | None], lang: Lang, drawn: str = "") -> dict[str, object]:
    """A row of key figures, of which ``here`` is the first: what holds of them all is said once, with their period.

    A national figure without overseas is marked, and ``drawn`` stands beside the first.
    """
    here, known = figures["here"], [one for one in figures.values() if one is not None and one.known]
    words = {formats.qualifier(one, lang) for one in known if one.territory}
    shared = words.pop() if len(words) == 1 else ""
    when = formats.bare_period(here.period, lang) if here.period else say("state.no_figure", lang)
    cells = {key: one and _cell(one, here, bool(shared), lang) for key, one in figures.items()}
    cells["here"] = replace(cells["here"], drawn=drawn)
    return {
        "indicator": sentences.label(here.indicator, lang),
        "period": say("value.with", lang, value=when, inside=shared) if shared else when,
        **cells,
    }


def _cell(value: Value, here: Value, told: bool, lang: Lang) -> Cell:
    """A figure of a row, with what must be known of it unless the row ``told`` it of a figure in the same state."""
    qualified = not told or value.state != here.state
    return Cell(value, not sentences.says_unit(here.indicator, lang), qualified, sentences.scope(value, lang))


def _drawn(report: Report, value: Value) -> str:
    """The small line of a figure's last ten years, up to it; none beside a figure that the département gave itself."""
    if not value.known or lines.is_own(value):
        return ""
    series = report.panel.published(value.indicator, territory=value.territory)
    figures = [row_value(row) for row in series.to_dict("records")]
    end = period(value.period).start
    known = [one for one in figures if period(one.period).start <= end]
    return sparkline(known, breaks.cuts(series, dictionary()[value.indicator]))


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
    if not dictionary().comparable(indicator) or report.is_country or not report.peers.codes:
        return Value(indicator, "", at, None, None, None, "not_applicable")
    medians = comparison.peers_median(
        report.panel.published(indicator, territory=report.peers.codes, period=at or ()), report.peers.codes
    )
    if medians.empty or not at:
        return Value(indicator, "", at, None, None, None, "not_computable")
    median, state = float(medians["value"].iloc[-1]), str(medians["state"].iloc[-1])
    if not isfinite(median):
        return Value(indicator, "", at, None, None, None, "not_computable")
    return Value(indicator, "", at, median, None, None, state, note=MEDIANS["peers"])


def gaps(report: Report, value: Value) -> str:
    """How far a figure is from that of France and from the median of the peers, in a sentence for each.

    Nothing of an estimate without an interval, of which its position says that it is not compared.
    """
    indicator = value.indicator
    unbounded = value.state == "modelled" and value.lower is None
    if not value.known or not dictionary().comparable(indicator) or report.is_country or unbounded:
        return ""
    national = report.panel.reference(indicator, value.period)
    words = []
    if national:
        words.append(sentences.gap(value, report.panel.value(indicator, national, value.period), report.lang))
    median = peers_value(report, indicator, value.period)
    if median.known:
        words.append(sentences.gap_to_peers(value, median, report.lang))
    if words and dictionary()[indicator].error and value.state != "modelled":
        words.append(say("gap.error", report.lang))
    return " ".join(words)
