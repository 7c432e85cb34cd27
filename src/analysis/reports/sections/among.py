"""A département among the others: its place, whether that is out of the ordinary, the map, and those comparable to it."""

from __future__ import annotations

from analysis.estimation import comparison
from analysis.foundations import territories
from analysis.foundations.periods import period
from analysis.foundations.values import VALUED_STATES, Value, dictionary
from analysis.presentation import figures
from analysis.presentation.figures.base import dated
from analysis.presentation.narrative import sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Folded, Shown, Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections import findings, levels, lines


@section
def standing(report: Report, indicator: str, at: str | None = None) -> Stack:
    """Where a level stands among the départements, in one drawing; the map of the same figures is folded under it.

    The drawing is the funnel where the level is a proportion of people who are counted, since it shows what chance alone
    would do; else the distribution.
    """
    words, place = _placed(report, indicator, at)
    if place is None:
        return stack([prose(*words)])
    spread = _spread(report, place.indicator, place.period)
    drawn = _strip(report, place) if isinstance(spread, str) else _funnel(report, spread)
    if isinstance(spread, str):  # said of a proportion only: of the others none is expected
        told = spread if dictionary()[place.indicator].population else ""
    else:
        told = sentences.funnel(spread, report.lang)
    folded = Folded(say("folded.map", report.lang), _map(report, place)) if report.level.tiles else None
    return stack([prose(*words, told), drawn, folded])


@section
def position(report: Report, indicator: str, at: str | None = None) -> Stack:
    """Where a level stands among the départements: sentences, then the distribution.

    What the summary told of the level is not told again.
    """
    words, place = _placed(report, indicator, at)
    return stack([prose(*words), _strip(report, place) if place else None])


@section
def funnel(report: Report, indicator: str, at: str | None = None) -> Stack:
    """Whether a proportion lies outside the usual spread between départements, given its size; or why none is drawn."""
    report.among_others("funnel")
    indicator = report.name(indicator)
    report.use(indicator)
    if not report.is_among_others:
        return stack([prose(report.say("position.not_among"))])
    spread = _spread(report, indicator, at)
    if isinstance(spread, str):
        return stack([prose(spread)])
    return stack([prose(sentences.funnel(spread, report.lang)), _funnel(report, spread)])


@section
def tile_map(report: Report, indicator: str, at: str | None = None) -> Shown:
    """The tile map of an indicator, this territory marked; a sentence when none has a figure, or its level no tiles."""
    report.among_others("tile_map")
    indicator = report.name(indicator)
    report.use(indicator)
    if not report.level.tiles:
        return prose(report.say("map.no_tiles"))
    place = findings.position(report, indicator, _spoken_of(report, indicator, at))
    if place.n == 0:
        return prose(sentences.missing(report.value(indicator, at), report.lang))
    return _map(report, place)


@section
def comparable(report: Report) -> Stack:
    """The comparable départements, on what they are close, and their context figures."""
    peers, lang = report.peers, report.lang
    if not report.is_among_others:
        return stack([prose(report.say("peers.not_among"))])
    if not peers.codes:
        return stack([prose(sentences.peers(peers, lang))])
    columns = [Column("name", report.say("column.level"), "text")]
    columns += [Column(name, dated(name, at, lang)) for name, at in peers.periods.items()]
    rows = []
    for code in peers.context.index:
        cells = {name: report.panel.value(name, code, peers.periods[name]) for name in peers.context.columns}
        rows.append({"name": territories.get(code).label(lang)} | cells)
    for name in peers.context.columns:
        report.use(name)
    table = Table("peers", report.say("caption.peers"), columns, rows, lang)
    return stack([prose(sentences.peers(peers, lang)), Folded(say("folded.peers", lang), table)])


def _placed(report: Report, indicator: str, at: str | None) -> tuple[list[str], comparison.Position | None]:
    """What is said of a level among the others, and its place; no place where it cannot be compared, which is said."""
    report.among_others("position")
    indicator = report.name(indicator)
    value = report.value(indicator, at)
    if lines.is_own(value):
        return [findings.finding(report, indicator, at)], None
    if not report.is_among_others:
        return _alone(report, value, at), None
    place = findings.position(report, indicator, value.period)
    if place.n == 0:
        return [sentences.missing(value, report.lang)], None
    words = []
    if not report.told(value):
        words = [findings.finding(report, indicator, value.period), *findings.newer(report, indicator, at)]
    return [*words, levels.gaps(report, value), sentences.coverage(place, report.lang)], place


def _alone(report: Report, value: Value, at: str | None) -> list[str]:
    """What is said of the level of a territory that stands among no others: how far it is from that of France, at most."""
    if not value.known:
        return [sentences.missing(value, report.lang)]
    told = [] if report.told(value) else [sentences.level(value, report.lang)]
    newer = findings.newer(report, value.indicator, at)
    return [*told, *newer, levels.gaps(report, value), report.say("position.not_among")]


def _strip(report: Report, place: comparison.Position) -> figures.Figure:
    national = report.panel.reference(place.indicator, place.period)
    return figures.distribution(
        place, peers=report.peers.codes, key=f"position_{place.indicator}", lang=report.lang,
        reference=report.panel.value(place.indicator, national, place.period) if national else None,
        source=report.source(place.indicator, at=place.period),
    )  # fmt: skip


def _map(report: Report, place: comparison.Position) -> figures.Figure:
    source = report.source(place.indicator, at=place.period)
    return figures.tile_map(place, key=f"map_{place.indicator}", lang=report.lang, source=source)


def _funnel(report: Report, spread: comparison.Funnel) -> figures.Figure:
    return figures.funnel(
        spread, peers=report.peers.codes, key=f"funnel_{spread.indicator}", lang=report.lang,
        source=report.source(spread.indicator, at=spread.period),
    )  # fmt: skip


def _spread(report: Report, indicator: str, at: str | None) -> comparison.Funnel | str:
    """The usual spread of a proportion given its size, or why there is none."""
    people = dictionary()[indicator].population
    rates = report.panel.cross_section(indicator, _spoken_of(report, indicator, at), report.level)
    when = str(rates["period"].iloc[0])
    known = rates[rates["state"].isin(VALUED_STATES)].set_index("territory")["value"]
    if known.empty:
        return sentences.missing(report.value(indicator, at), report.lang)
    near = _nearest(report, people, when) if people else None
    if not people or near is None:
        return sentences.no_funnel(indicator, "size", report.lang)
    sizes = report.panel.cross_section(people, near, report.level).set_index("territory")["value"]
    if reason := comparison.no_funnel(known, sizes):
        return sentences.no_funnel(indicator, reason, report.lang)
    return comparison.funnel(known, sizes, report.territory.code, indicator, when)


def _spoken_of(report: Report, indicator: str, at: str | None) -> str | None:
    """The period asked for, else that of the level of this territory: every section speaks of the same."""
    value = report.value(indicator, at)
    return value.period if value.known and not lines.is_own(value) else at


def _nearest(report: Report, indicator: str, when: str) -> str | None:
    """The period with figures nearest to another; None when there is no figure."""
    there = report.panel.covered(indicator, level=report.level)
    return min(there, key=lambda p: (abs(period(p).start - period(when).start), p), default=None)
