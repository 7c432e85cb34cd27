"""The accounts of a département, year by year, as whoever signs them enters them; and another source set beside them.

In Alsace the accounts are those of the collectivité that acts for both départements, in Rhône those of two collectivités:
each stands in a table of its own, under its name. Like every section these conduct: figures come from the panel, words from
``narrative``.
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.foundations import territories
from analysis.foundations.gazetteer import Territory
from analysis.foundations.periods import sorted_periods
from analysis.foundations.values import Value, dictionary
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table
from analysis.reports.blocks import Shown, Stack, prose, stack
from analysis.reports.report import Report, section


@section
def accounts(report: Report, *indicators: str) -> Stack:
    """What the accounts enter, a column a year: a table for each who signs them, then why a figure lacks or breaks."""
    names, lang = [report.name(one) for one in indicators], report.lang
    years = sorted_periods({when for name in names for when in report.panel.periods(name)})
    signed = _signed(report, names)
    shown: list[Shown] = [prose(*_whose(report, signed))]
    for there in signed:
        values = {name: {when: report.value(name, when, there.code) for when in years} for name in names}
        if not any(one.known for by_year in values.values() for one in by_year.values()):
            shown.append(prose(say("accounts.none", lang, there.kind, of=there.name_of(lang))))
            continue
        rows = [{"indicator": sentences.label(name, lang), **by_year} for name, by_year in values.items()]
        columns = [Column("indicator", say("column.indicator", lang), "text")]
        columns += [Column(when, formats.bare_period(when, lang)) for when in years]
        caption = say("accounts.caption", lang, there.kind, of=there.name_of(lang))
        shown.append(Table(f"accounts_{there.code}", caption, columns, rows, lang))
        if told := _reasons(values, report):
            shown.append(prose(*told))
    tables = any(isinstance(one, Table) for one in shown)
    return stack([*shown, *([prose(report.say("accounts.caution"), kind="caution")] if tables else [])])


@section
def set_beside(report: Report, *pairs: tuple[str, str]) -> Stack:
    """Figures of two sources that look alike: the last of the first beside the first of the second, and never a change."""
    lang, rows = report.lang, []
    for there in _signed(report, [two for _, two in pairs]):
        for before, after in pairs:
            held = report.panel.periods(report.name(after), there.code)
            rows.append(_line(report, report.value(before, None, there.code)))
            rows.append(_line(report, report.value(after, held[0] if held else None, there.code)))
    several = len({row["territory"] for row in rows}) > 1
    keys = ("indicator", *(["territory"] if several else []), "period", "value", "source")
    columns = [
        Column(key, say(f"column.{key}", lang), "number" if key == "value" else "text") for key in keys
    ]
    table = Table("set_beside", report.say("accounts.beside"), columns, rows, lang)
    return stack([prose(report.say("accounts.never_chained"), kind="caution"), table])


def _line(report: Report, value: Value) -> dict[str, object]:
    lang = report.lang
    return {
        "indicator": sentences.label(value.indicator, lang),
        "territory": territories.get(value.territory).label(lang),
        "source": report.source(value.indicator, at=value.period),
        "period": formats.bare_period(value.period, lang) if value.period else say("state.no_figure", lang),
        "value": value,
    }


def _signed(report: Report, names: list[str]) -> list[Territory]:
    """Who has accounts for the territory: itself, what it is made of, or what acts for it; itself when nobody has."""
    codes = (report.territory.code, *territories.collectivites_of(report.territory.code))
    held = [code for code in codes if any(report.panel.periods(name, code) for name in names)]
    stated = [
        code
        for code in codes
        if any(report.value(name, None, code).state == "not_applicable" for name in names)
    ]
    return [territories.get(code) for code in held or stated[:1] or codes[:1]]


def _whose(report: Report, signed: list[Territory]) -> list[str]:
    """Whose accounts they are, where they are not those of the territory alone."""
    others = [one.code for one in signed if one.code != report.territory.code]
    if not others:
        return []
    key = "parts" if len(others) < len(signed) else "other"
    return [report.say(f"accounts.of_{key}", others=formats.places(others, report.lang))]


def _reasons(values: Mapping[str, Mapping[str, Value]], report: Report) -> list[str]:
    """Why figures lack, or compare with none before them: each reason once, with the figures of which it holds."""
    told: dict[str, list[str]] = {}
    for name, by_year in values.items():
        whens: dict[str, list[str]] = {}
        for when, value in by_year.items():
            for reason in _why(value, report):
                whens.setdefault(reason, []).append(when)
        for reason, those in whens.items():
            told.setdefault(reason, []).append(
                _dated(name, those if len(those) < len(by_year) else [], report)
            )
    listed = {reason: formats.listing(figures, report.lang) for reason, figures in told.items()}
    return [
        say("accounts.why", report.lang, reason=reason, figures=figures) for reason, figures in listed.items()
    ]


def _why(value: Value, report: Report) -> list[str]:
    if value.known:
        return sentences.reasons(value.note, report.lang, territories.get(value.territory).kind)
    return sentences.why(value, report.lang)


def _dated(indicator: str, whens: list[str], report: Report) -> str:
    """What a figure is, and of which years where it is not of all."""
    label = dictionary()[indicator].label[report.lang]
    if not whens:
        return label
    periods = formats.listing([formats.bare_period(when, report.lang) for when in whens], report.lang)
    return say("accounts.dated", report.lang, label=label, periods=periods)
