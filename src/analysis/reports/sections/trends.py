"""How a level moved, in a sentence and on a figure, beside the région, France and the peers, or beside territories named."""

from __future__ import annotations

from collections.abc import Sequence

from analysis.foundations import asked
from analysis.foundations.values import VALUED_STATES, dictionary
from analysis.presentation import figures
from analysis.presentation.narrative import sentences
from analysis.presentation.narrative import trends as wording
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections import findings, lines


@section
def trend(report: Report, indicator: str, since: str | None = None, beside: Sequence[str] = ()) -> Stack:
    """How a level moved, beside the région, France and the peers; a sentence, then the figure.

    ``since`` is the first period shown. With ``beside``, the other lines are those of the territories that it names,
    each with its level: two départements on one figure.
    """
    indicator, lang = report.name(indicator), report.lang
    report.use(indicator)
    others = [asked.territory(one) for one in asked.several(beside)]
    own = lines.since(lines.own_series(report, indicator), since)
    if own["state"].isin(VALUED_STATES).sum() < 2:
        return stack([prose(*_no_trend(report, indicator))])
    summary = lines.moved(report, own, indicator)
    words = wording.trend(summary, lang) if summary else _no_trend(report, indicator)[0]
    figure = figures.trend(
        lines.beside(report, indicator, own, others) if others else lines.compared(report, indicator, own),
        key="_".join(("trend", indicator, *others)), indicator=indicator, lang=lang,
        summary=summary, source=report.source(indicator, own=lines.all_own(own)),
    )  # fmt: skip
    levels = [sentences.level(report.panel.value(indicator, code), lang) for code in others]
    said = [] if _told_moving(report, indicator) else [words, *findings.newer(report, indicator)]
    return stack([prose(*said, *levels), figure])


def _told_moving(report: Report, indicator: str) -> bool:
    """Whether the summary said how a level moved: it does of a number of people, which has no place among others."""
    value = report.value(indicator)
    return report.told(value) and not lines.is_own(value) and not dictionary().comparable(indicator)


def _no_trend(report: Report, indicator: str) -> tuple[str, ...]:
    value = report.value(indicator)
    if not value.known:
        return (sentences.missing(value, report.lang),)
    none = wording.no_trend(indicator, report.territory.code, report.lang)
    return sentences.level(value, report.lang), none, *findings.newer(report, indicator)
