"""Non-take-up: what the composition of a département leads one to expect, and the reasons that are measured or not."""

from __future__ import annotations

from analysis.foundations import territories
from analysis.methods.indicators import take_up
from analysis.presentation import figures
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Folded, Stack, prose, stack
from analysis.reports.modelled import NON_TAKE_UP
from analysis.reports.report import Report, section

REASONS = ("unknown", "not_asked", "not_received", "not_proposed")
"""The Odenore typology of non-take-up (Warin, 2010): non-connaissance, non-demande, non-réception, non-proposition."""


@section
def expected_non_take_up(report: Report) -> Stack:
    """What the composition leads one to expect, with its interval, beside the published national rate."""
    name = take_up.EXPECTED
    value = report.value(name)
    if not value.known:
        return stack([prose(sentences.missing(value, report.lang))])
    national = report.value(take_up.NATIONAL, territory="FM")
    compared = [value, national, *(report.panel.value(name, code) for code in report.peers.codes)]
    labels = [report.territory.label(report.lang), report.say("expected.published")]
    labels += [territories.get(code).label(report.lang) for code in report.peers.codes]
    rows = [figures.Row(label, one) for label, one in zip(labels, compared, strict=True)]
    figure = figures.intervals(
        rows, key="expected_non_take_up", lang=report.lang,
        title=report.say("expected.title"), source=report.source(name),
    )  # fmt: skip
    told = "" if report.told(value) else sentences.modelled(value, report.lang)
    assumptions = Folded(say("folded.assumptions", report.lang), _assumptions(report))
    return stack([prose(told, report.say("expected.reading")), figure, assumptions])


def _assumptions(report: Report) -> Table:
    """The parameters behind the interval, with their references."""
    given = report.catalogue.parameters("non_take_up")
    lang, (_, estimates) = report.lang, report.modelled(NON_TAKE_UP)
    margins = estimates.figures.loc[report.territory.code]
    rows = [
        ("sample", formats.number(given["eligible_sample"]["value"], lang), "assumed"),
        ("design", formats.number(given["design_effect"]["value"], lang, 1), "assumed"),
        ("transfer", formats.number(estimates.transfer, lang, 2), "measured"),
        ("tenure", formats.percent(margins["tenure"], lang, 1), "computed"),
        ("family", formats.percent(margins["family"], lang, 1), "computed"),
    ]
    cells = [
        {"what": say(f"assumption.{key}", lang), "value": value, "origin": say(f"assumption.{origin}", lang)}
        for key, value, origin in rows
    ]
    columns = [Column(k, say(f"column.{k}", lang), "text") for k in ("what", "value", "origin")]
    return Table("assumptions", report.say("caption.assumptions"), columns, cells, lang)


@section
def reasons(report: Report) -> Folded:
    """The reasons for non-take-up, and which of them a published figure measures."""
    rows = [
        {k: say(f"reasons.{key}.{k}", report.lang) for k in ("reason", "definition", "measured")}
        for key in REASONS
    ]
    columns = [
        Column(k, say(f"column.{k}", report.lang), "text") for k in ("reason", "definition", "measured")
    ]
    table = Table("reasons", report.say("caption.reasons"), columns, rows, report.lang)
    return Folded(say("folded.reasons", report.lang), table)
