"""The end of a report: what can be evaluated, what the département gave itself, definitions and sources of what was shown.

Like every section these conduct: figures come from the panel, words from ``narrative`` and from the registers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from analysis.data import existing
from analysis.data.catalogue import Sidecar
from analysis.foundations import measures, notes, territories
from analysis.foundations.values import dictionary
from analysis.presentation.narrative import formats, origins, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Folded, Shown, Stack, prose, stack
from analysis.reports.report import Report, section
from analysis.reports.sections import lines


@section
def evaluability(report: Report) -> Stack:
    """Each measure of the Pacte: is its outcome published here, modelled, near by proxy, or not available?"""
    rows = [_measure_row(report, m) for m in measures.measures()]
    columns = [
        Column(key, say(f"column.{key}", report.lang), "text")
        for key in ("measure", "axis", "outcome", "status", "shown_by", "missing")
    ]
    counts = Counter(str(row["status_key"]) for row in rows)
    checked = formats.date_words(measures.checked(), report.lang)
    words = sentences.evaluability(counts, report.territory.code, report.lang)
    table = Table("evaluability", report.say("caption.evaluability"), columns, rows, report.lang)
    told = [
        words,
        say("evaluability.list", report.lang),
        say("evaluability.checked", report.lang, date=checked),
    ]
    return stack(
        [prose(*told), Folded(say("folded.evaluability", report.lang, number=str(len(rows))), table)]
    )


def _measure_row(report: Report, measure: measures.Measure) -> dict[str, object]:
    status, shown, others = "none", [], ""
    ways = {"published": measure.published, "local": measure.local, "modelled": measure.modelled}
    for key, names in (ways | {"proxy": measure.proxies}).items():
        shown = [n for n in names if report.has(n)]
        if shown:
            own = key == "published" and all(lines.is_own(report.value(n)) for n in shown)
            elsewhere = key == "proxy" and any(report.value(n).state == "not_held" for n in measure.published)
            status = "local" if own else "not_held" if elsewhere else key
            break
    else:
        if any(report.value(n).state == "not_held" for n in measure.sought):
            status = "not_held"
        elif others := _of_others(
            report, [name for names in ways.values() for name in names] + [*measure.proxies]
        ):
            status = "other_territory"
    words = [_shown(report, n) for n in shown]
    return {
        "measure": measure.name[report.lang],
        "axis": str(measure.axis),
        "outcome": measure.outcome[report.lang],
        "status": report.say(f"evaluability.{status}", others=others),
        "status_key": status,
        "shown_by": " ; ".join(words) if words else say("evaluability.nothing", report.lang),
        "missing": measure.missing[report.lang],
    }


def _of_others(report: Report, indicators: Sequence[str]) -> str:
    """The territories for which the first of some figures is given, where it is not for this one; empty when none is."""
    told = [codes for name in indicators if (codes := formats.others_of(report.value(name)))]
    return formats.places(told[0][1], report.lang) if told else ""


def _shown(report: Report, indicator: str) -> str:
    value = report.value(indicator)
    return (
        f"{sentences.label(indicator, report.lang)} ({formats.bare_period(value.period or '', report.lang)})"
    )


@section
def local_figures(report: Report) -> Shown:
    """The figures that the territory itself gave, or a sentence that says how to give some.

    After them, those that are published for a territory below the département: no other section may name them.
    """
    published = _published(report) if report.level.is_below else []
    own = report.panel.local(report.territory.code)
    if own.empty:
        none = prose(report.say("local.none"))
        return stack([none, *published]) if published else none
    rows = [
        {
            "indicator": sentences.label(str(row.indicator), report.lang),
            "territory": territories.get(str(row.territory)).label(report.lang),
            "period": formats.bare_period(str(row.period), report.lang),
            "here": report.value(str(row.indicator), str(row.period), str(row.territory)),
            "source": str(row.words),
        }
        for row in own.itertuples()
    ]
    others = report.level.is_below or set(own["territory"]) != {report.territory.code}
    here = say("column.value", report.lang) if others else report.territory.label(report.lang)
    columns = [
        Column("indicator", say("column.indicator", report.lang), "text"),
        *([Column("territory", say("column.territory", report.lang), "text")] if others else []),
        Column("period", say("column.period", report.lang), "text"),
        Column("here", here),
        Column("source", say("column.source", report.lang), "text"),
    ]
    return stack(
        [
            prose(report.say("local.some_named" if others else "local.some")),
            Table("local", report.say("caption.local"), columns, rows, report.lang),
            *published,
        ]
    )


def _published(report: Report) -> list[Shown]:
    """Every figure that is published for the territory itself, its last period: a sentence and a table; nothing without."""
    code, panel = report.territory.code, report.panel
    values = [panel.value(name, code) for name in panel.indicators]
    here = [v for v in values if v.known and not lines.is_own(v) and notes.SUM not in notes.keys(v.note)]
    if not here:
        return []
    for value in here:
        report.use(value.indicator)
    rows = [
        {
            "indicator": sentences.label(value.indicator, report.lang),
            "period": formats.bare_period(str(value.period), report.lang),
            "here": value,
        }
        for value in here
    ]
    columns = [Column(key, say(f"column.{key}", report.lang), "text") for key in ("indicator", "period")]
    columns.append(Column("here", report.territory.label(report.lang)))
    table = Table("own", report.say("own.caption"), columns, rows, report.lang)
    return [prose(report.say("own.some")), table]


@section
def definitions(report: Report) -> Folded:
    """The definition of each indicator shown, and what must not be read into it."""
    rows = [
        {
            "indicator": sentences.label(name, report.lang),
            "definition": dictionary()[name].definition[report.lang],
            "caution": dictionary()[name].reserves(report.lang) or say("none", report.lang),
        }
        for name in report.used.indicators
    ]
    columns = [
        Column(k, say(f"column.{k}", report.lang), "text") for k in ("indicator", "definition", "caution")
    ]
    table = Table("definitions", report.say("caption.definitions"), columns, rows, report.lang)
    return Folded(say("folded.definitions", report.lang, number=str(len(rows))), table)


@section
def sources(report: Report) -> Stack:
    """The datasets behind what was shown: producer, title, periods, licence, quality, checksum; then a technical note.

    The note holds what a reader can do without: how figures are verified, how one's own are added, where the code is.
    """
    here = (report.territory.code, *territories.collectivites_of(report.territory.code))
    shown = {s for i in report.used.indicators for code in here for s in report.panel.datasets(i, None, code)}
    shown |= set(report.used.datasets)
    rows = [
        _source_row(report, report.catalogue.sidecar(name))
        for name in sorted(shown)
        if name in report.catalogue
    ]
    keys = ("producer", "title", "periods", "quality", "licence", "sha256")
    columns = [Column(k, say(f"column.{k}", report.lang), "text") for k in keys]
    table = Table("sources", report.say("caption.sources"), columns, rows, report.lang)
    note = prose(*(say(f"note.{key}", report.lang) for key in ("checksums", "local", "code")))
    folded = Folded(say("folded.sources", report.lang, number=str(len(rows))), table)
    return stack([folded, _existing_elsewhere(report), Folded(say("folded.note", report.lang), note)])


def _existing_elsewhere(report: Report) -> Folded | None:
    """What the register of what exists says of the indicators shown, here; None when it says nothing."""
    told: dict[existing.Existing, list[str]] = {}
    for name in report.used.indicators:
        for entry in report.panel.elsewhere(name, report.territory.code):
            told.setdefault(entry, []).append(sentences.label(name, report.lang))
    if not told:
        return None
    keys = ("figures", "periods", "state", "publication", "address", "looked")
    columns = [Column(k, say(f"column.{k}", report.lang), "text") for k in keys]
    rows = [sentences.existing_row(entry, labels, report.lang) for entry, labels in told.items()]
    table = Table("existing", report.say("caption.existing"), columns, rows, report.lang)
    return Folded(say("folded.existing", report.lang, number=str(len(rows))), table)


def _source_row(report: Report, sidecar: Sidecar) -> dict[str, str]:
    first = sidecar.published[0].sha256[:12] if sidecar.published else ""
    ends = [p for p in (sidecar.period_first, sidecar.period_last) if p]
    return {
        "producer": origins.producer(sidecar),
        "title": origins.title(sidecar, report.lang, report.level),
        "periods": say(
            "periods.range",
            report.lang,
            first=formats.bare_period(ends[0], report.lang),
            last=formats.bare_period(ends[-1], report.lang),
        )
        if ends
        else say("none", report.lang),
        "quality": say(f"quality.{sidecar.quality}", report.lang),
        "licence": origins.licence(sidecar.licence, report.lang, report.level),
        "sha256": f"{first}…" if first else say("none", report.lang),
    }
