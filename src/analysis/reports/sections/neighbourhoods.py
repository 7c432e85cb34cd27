"""Priority neighbourhoods of a département: what they hold of its poor people, of RSA and of its job seekers, and C2S there.

Sections conduct: figures come from the panel, sums and the ratio from ``methods.neighbourhoods``, words from ``narrative``.
Each figure has its own date, and what is set beside it of the département is of the same date or not at all. Nothing is
made up for a neighbourhood whose figure is blank: it is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.foundations import territories
from analysis.foundations.levels import DEPARTEMENT, NEIGHBOURHOOD
from analysis.foundations.values import VALUED_STATES, Lang, Value, dictionary
from analysis.methods import neighbourhoods as method
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Cell, Column, Table
from analysis.reports.blocks import Folded, Stack, prose, stack
from analysis.reports.report import Report, section

RSA, AAH = "count_rsa_households_caf", "count_aah_households_caf"
SEEKERS, SEEKERS_RSA = "count_job_seekers_abc_month_end", "count_job_seekers_abc_rsa_month_end"
POOR, RATIO = "count_persons_poor_neighbourhoods", "rate_c2s_per_100_poor_neighbourhoods"
BESIDE: Mapping[str, tuple[str, int]] = {
    method.COVERED: ("count_population", 4), RSA: ("count_rsa_recipients", 7), AAH: ("count_aah_recipients_yearly", 7),
}  # fmt: skip
"""What a number of the neighbourhoods is set beside of the département, and how many characters of their dates agree."""
COUNTS = (method.COVERED, *method.C2S, RSA, AAH, SEEKERS, SEEKERS_RSA)


@dataclass(frozen=True)
class _Held:
    """The figures of the neighbourhoods: a column for each indicator, missing where blank, and the period of each."""

    table: pd.DataFrame
    states: pd.DataFrame
    periods: Mapping[str, str]

    @property
    def has_both(self) -> bool:
        """Whether the file has both terms of the ratio for this département."""
        return {method.POVERTY, method.COVERED, *method.C2S} <= set(self.periods)


@section
def priority_neighbourhoods(report: Report) -> Stack:
    """What the priority neighbourhoods hold of the département: a table, with how many of them each number is of."""
    held = report.once(_held)
    if report.level is not DEPARTEMENT or held.table.empty:
        return stack([prose(report.say("qpv.none"))])
    lang = report.lang
    rows = [_row(report, held, name) for name in COUNTS if name in held.periods]
    poor = _poor_row(report, held)
    columns = [
        Column("what", say("column.indicator", lang), "text"),
        Column("period", say("column.period", lang), "text"),
        Column("here", say("qpv.column.here", lang)),
        Column("known", say("qpv.column.known", lang), "text"),
        Column("whole", report.territory.label(lang)),
        Column("share", say("qpv.column.share", lang), decimals=0, unit="percent"),
    ]
    table = Table("neighbourhoods", report.say("qpv.caption"), columns, [*rows[:1], *poor, *rows[1:]], lang)
    number = formats.number(len(held.table), lang)
    told = report.say("qpv.reading_one" if len(held.table) == 1 else "qpv.reading", n=number)
    return stack([prose(told), table, prose(report.say("qpv.caution"), kind="caution")])


@section
def c2s_in_neighbourhoods(report: Report) -> Stack:
    """C2S recipients beside people under the poverty line in the neighbourhoods: with its years, and what it is not."""
    held = report.once(_held)
    ratio = method.ratio(held.table) if held.has_both else None
    if report.level is not DEPARTEMENT or ratio is None:
        return stack([prose(report.say("qpv.no_ratio"))])
    lang = report.lang
    report.use(RATIO)
    report.use(POOR)
    ends = [formats.number(x, lang, 1) for x in (ratio.lower, ratio.upper)]
    told = [_ratio_words(report, held, ratio), report.say("qpv.rounding", lower=ends[0], upper=ends[1])]
    folded = Folded(
        say("qpv.folded", lang, number=formats.number(len(held.table), lang)), _each(report, held)
    )
    return stack([prose(*told), prose(report.say("qpv.not_take_up"), kind="caution"), folded])


def finding(report: Report) -> str:
    """The ratio in a sentence, or that it cannot be computed here."""
    held = report.once(_held)
    ratio = method.ratio(held.table) if held.has_both else None
    if ratio is None:
        return report.say("qpv.no_ratio" if len(held.table) else "qpv.none")
    return _ratio_words(report, held, ratio) + " " + report.say("qpv.not_a_rate")


def coverage_rows(report: Report) -> list[dict[str, object]]:
    """Of how many neighbourhoods each figure is known; nothing where there is none."""
    held, lang = report.once(_held), report.lang
    return [
        {
            "what": sentences.label(name, lang),
            "period": formats.bare_period(held.periods[name], lang),
            "units": say("inside.neighbourhoods", lang, n=formats.number(len(held.table), lang)),
            "known": int(held.states[name].isin(VALUED_STATES).sum()),
            "lacking": int((~held.states[name].isin(VALUED_STATES)).sum()),
            "people": None,
            "rule": say("inside.rule.neighbourhoods", lang),
        }
        for name in (method.POVERTY, *method.C2S, RSA, SEEKERS_RSA)
        if name in held.periods
    ]


# ------------------------------------------------------------------------------------------------------------- its figures


def _held(report: Report) -> _Held:
    """The figures of each neighbourhood, of the newest period that most neighbourhoods of the country have."""
    code = report.territory.code
    codes = territories.inside(code, NEIGHBOURHOOD) if report.level is DEPARTEMENT else ()
    table, states, periods = {}, {}, {}
    for name in (method.POVERTY, *COUNTS):
        at = report.panel.latest(name, level=NEIGHBOURHOOD) if codes else None
        if at is None:
            continue
        rows = report.panel.select(name, codes, at).set_index("territory").reindex(codes)
        table[name], states[name], periods[name] = rows["value"], rows["state"].fillna("unavailable"), at
        report.use(name)
    return _Held(pd.DataFrame(table, index=list(codes)), pd.DataFrame(states, index=list(codes)), periods)


def _row(report: Report, held: _Held, name: str) -> dict[str, object]:
    """A number of the neighbourhoods beside that of the département."""
    lang, at = report.lang, held.periods[name]
    found = method.total(held.table[name], held.states[name])
    whole = _beside(report, name, at)
    return {
        "what": sentences.label(name, lang),
        "period": formats.bare_period(at, lang),
        "here": found.value if found else None,
        "known": _known(found, lang),
        "whole": Cell(whole, unit=False) if whole else say("qpv.not_compared", lang),
        "share": method.held(found, whole.value if whole else None),
    }


def _known(found: method.Sum | None, lang: str) -> str:
    known, number = (formats.number(n, lang) for n in ((found.known, found.number) if found else (0, 0)))
    return say("qpv.known", lang, known=known, number=number)


def _beside(report: Report, name: str, at: str) -> Value | None:
    """The figure of the département at the same date; None where it has none that can be set beside."""
    if name not in BESIDE:
        return None
    other, alike = BESIDE[name]
    there = [one for one in report.panel.periods(other, report.territory.code) if one[:alike] == at[:alike]]
    value = report.value(other, there[-1]) if there else None
    return value if value is not None and value.known else None


def _poor_row(report: Report, held: _Held) -> list[dict[str, object]]:
    """The approximation of poor people beside one of the département made likewise; nothing where it cannot be made."""
    if not {method.POVERTY, method.COVERED} <= set(held.periods):
        return []
    lang, at, code = report.lang, held.periods[method.POVERTY], report.territory.code
    poor = held.table[method.POVERTY] / 100 * held.table[method.COVERED]
    found = method.total(poor, held.states[method.COVERED])
    rate, persons = (_at(report, name, at) for name in (method.POVERTY, "count_persons_fiscal"))
    whole = rate.number / 100 * persons.number if rate and persons else None
    value = Value(
        POOR, code, at, found.value if found else None, None, None, "modelled" if found else "unavailable"
    )
    report.use(POOR)
    return [
        {
            "what": sentences.label(POOR, lang),
            "period": formats.bare_period(at, lang),
            "here": Cell(value, unit=False, qualified=False),
            "known": _known(found, lang),
            "whole": say("qpv.about", lang, n=formats.number(whole, lang))
            if whole
            else say("qpv.not_compared", lang),
            "share": method.held(found, whole),
        }
    ]


def _at(report: Report, name: str, at: str) -> Value | None:
    """A figure of the département at a period that it has one of; None where there is none."""
    value = report.value(name, at) if at in report.panel.periods(name, report.territory.code) else None
    return value if value is not None and value.known else None


def _ratio_words(report: Report, held: _Held, ratio: method.Ratio) -> str:
    """The ratio with its terms, how many neighbourhoods they are of, and their years."""
    lang, at = report.lang, held.periods[method.C2S[0]]
    value = Value(RATIO, report.territory.code, at, ratio.value, None, None, "modelled")
    given = {
        key: formats.number(getattr(ratio, key), lang) for key in ("known", "number", "c2s", "poor", "people")
    }
    given |= {
        "when": formats.bare_period(at, lang),
        "rate_when": formats.bare_period(held.periods[method.POVERTY], lang),
    }
    key = "qpv.ratio_one" if ratio.number == 1 else "qpv.ratio"
    return report.say(key, ratio=formats.plain_value(value, lang), **given)


def _each(report: Report, held: _Held) -> Table:
    """A row for each neighbourhood."""
    lang = report.lang
    shown = [name for name in (method.COVERED, method.POVERTY, RSA, SEEKERS_RSA) if name in held.periods]
    ratios, at = method.people(held.table)["ratio"], held.periods[method.C2S[0]]
    columns = [
        Column("name", say("qpv.column.name", lang), "text"),
        *(Column(name, _heading(name, held, lang), unit=dictionary()[name].unit) for name in shown),
        Column("ratio", say("qpv.column.ratio", lang)),
    ]
    rows = []
    for code in held.table.index:
        figures: dict[str, object] = {name: _figure(held, name, code) for name in shown}
        known = pd.notna(ratios[code])
        state = "modelled" if known else "not_computable"
        ratio = Value(RATIO, code, at, float(ratios[code]) if known else None, None, None, state)
        name = territories.get(code).label(lang)
        rows.append({"name": name, **figures, "ratio": Cell(ratio, unit=False, qualified=False)})
    return Table("neighbourhoods_each", report.say("qpv.caption_each"), columns, rows, lang)


def _heading(name: str, held: _Held, lang: Lang) -> str:
    when = formats.bare_period(held.periods[name], lang)
    return say("chart.dated", lang, label=say(f"qpv.column.{name}", lang), when=when)


def _figure(held: _Held, name: str, code: str) -> Value:
    """A figure of a neighbourhood with its state."""
    number, state = held.table.loc[code, name], str(held.states.loc[code, name])
    known = pd.notna(number)
    return Value(name, code, held.periods[name], float(number) if known else None, None, None, state)
