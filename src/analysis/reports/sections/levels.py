"""The levels of a report: a figure of the territory beside those of its région, of France and of its peers.

Other sections ask here for a figure to set beside another, or for the gaps in words. It conducts, as they do: figures come
from the panel, medians from ``estimation``, words from ``narrative``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite

from analysis.data import breaks
from analysis.estimation import comparison
from analysis.foundations import asked, territories
from analysis.foundations.columns import row_value
from analysis.foundations.display import listed
from analysis.foundations.notes import MEDIANS
from analysis.foundations.periods import period, sorted_periods
from analysis.foundations.values import UnknownIndicator, Value, dictionary
from analysis.presentation import figures
from analysis.presentation.figures import sparkline
from analysis.presentation.narrative import formats, messages, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Shown, prose
from analysis.reports.report import Report, section
from analysis.reports.rows import row
from analysis.reports.sections import lines


@section
def key_figures(report: Report, *indicators: str, caption: str = "key_figures") -> Table:
    """A table of levels: this territory, its région, France, the median of the peers, of one period each.

    Beside the figure of the territory stands a small line of its last ten years. There is no column for a région that is the
    département itself, nor for the country. ``caption`` is the end of the key of a message ``caption.…``.
    """
    if not indicators:
        raise UnknownIndicator(
            "key_figures: no indicator is named; name one at least, such as rate_poverty_60"
        )
    names = tuple(report.name(one) for one in indicators)
    lang, alone = report.lang, not report.region or report.is_its_region
    columns = (
        Column("indicator", say("column.indicator", lang), "text"),
        Column("period", say("column.period", lang), "text"),
        Column("here", report.territory.label(lang)),
        *([] if alone else [Column("region", territories.get(report.region).label(lang))]),
        *([] if report.is_country else [Column("france", say("column.france", lang))]),
        *([Column("peers", report.say("column.peers_median"))] if _has_peers(report) else []),
    )
    key = "key_" + "_".join(sorted({dictionary()[name].theme for name in names}))
    rows = [one for name in names for one in _key_rows(report, name)]
    return Table(f"{key}_{names[0]}", report.say(f"caption.{caption}"), columns, rows, lang)


def _has_peers(report: Report) -> bool:
    """Whether others are chosen on a context to stand beside: of territories inside départements, none is known."""
    return report.is_among_others and not report.level.apart


@section
def breakdown(
    report: Report, indicators: Sequence[str], title: str = "breakdown", at: str | None = None
) -> Shown:
    """Bars of one quantity over categories (age, tenure, household type), beside the median of the peers.

    ``title`` is the end of the key of a message ``caption.…``. Indicators must be of one unit; all are of one period, the
    newest that one of them has unless another is asked for.
    """
    names = [report.name(one) for one in asked.several(indicators)]
    if len(units := {dictionary()[name].unit for name in names}) != 1:
        raise UnknownIndicator(
            f"breakdown: indicators of one unit are needed, and these are of {listed(units)}"
        )
    there = [value for value in (report.value(name, at) for name in names) if value.known]
    if not there:
        return prose(sentences.missing(report.value(names[0], at), report.lang))
    newest = sorted_periods(value.when for value in there)[-1]
    levels = {name: report.value(name, newest) for name in names}
    rows = [
        figures.Row(_category(report, name), value, reference=beside(report, value))
        for name, value in levels.items()
    ]
    named = report.say(f"caption.{title}", when=formats.at(newest, report.lang))
    return figures.bars(
        rows, key=f"bars_{title}", title=named, lang=report.lang,
        reference=report.say("column.peers_median"), source=report.source(*levels, at=newest),
    )  # fmt: skip


def _category(report: Report, indicator: str) -> str:
    key = f"category.{indicator}"
    if messages.known(key, report.lang):
        return say(key, report.lang)
    return sentences.label(indicator, report.lang)


def _key_rows(report: Report, indicator: str) -> list[dict[str, object]]:
    """The figure of the period that is spoken of beside the others', then a newer one of this territory alone."""
    value = report.value(indicator)
    newer = report.panel.newer(indicator, report.territory.code)
    rows = [(value, _nobody(value) if lines.is_own(value) else _others(report, value))]
    rows += [(newer, _nobody(newer))] if newer else []
    return [row(here, beside, report.lang, _drawn(report, here)) for here, beside in rows]


def _others(report: Report, value: Value) -> dict[str, Value]:
    indicator, at = value.indicator, value.period
    return {
        "region": _region_value(report, indicator, at),
        "france": report.panel.value(indicator, report.panel.reference(indicator, at) or "FR", at),
        "peers": peers_value(report, indicator, at),
    }


def _nobody(value: Value) -> dict[str, Value]:
    """What stands beside a figure that is compared with nobody."""
    nobody = replace(
        value, value=None, lower=None, upper=None, state="not_applicable", quality=None, source=None, note="", words="",
        territory="",
    )  # fmt: skip
    return dict.fromkeys(("region", "france", "peers"), nobody)


def _drawn(report: Report, value: Value) -> str:
    """The small line of a figure's last ten years, up to it; none beside a figure that the département gave itself."""
    if not value.known or lines.is_own(value):
        return ""
    series = report.panel.published(value.indicator, territory=value.territory)
    end = period(value.period).start
    values = [row_value(one) for one in series.to_dict("records")]
    known = [one for one in values if period(one.period).start <= end]
    return sparkline(known, breaks.cuts(series, dictionary()[value.indicator]))


def _region_value(report: Report, indicator: str, at: str | None) -> Value:
    """The région's figure; not applicable where the région is the département itself, and to the country."""
    if not report.region or report.is_its_region:
        return Value(indicator, report.region, at, None, None, None, "not_applicable")
    return report.panel.value(indicator, report.region, at)


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
