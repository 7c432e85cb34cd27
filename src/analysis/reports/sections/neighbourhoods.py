"""Priority neighbourhoods of a département: what they hold of its poor people, of RSA and of its job seekers, and C2S there.

Sections conduct: figures come from the panel, sums and the ratio from ``methods.neighbourhoods``, words from ``narrative``.
Each figure has its own date, and what is set beside it of the département is of the same date or not at all. Nothing is
made up for a neighbourhood whose figure is blank: it is counted. Numbers of too few people are in the sums and not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from analysis.foundations import territories
from analysis.foundations.columns import row_value
from analysis.foundations.levels import DEPARTEMENT, NEIGHBOURHOOD
from analysis.foundations.values import Lang, Value, dictionary
from analysis.methods import neighbourhoods as method
from analysis.methods.disclosure import Rules, hidden
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Cell, Column, Table
from analysis.reports.blocks import Folded, Stack, prose, stack
from analysis.reports.report import Report, section

RSA, AAH = "count_rsa_households_caf", "count_aah_households_caf"
SEEKERS, SEEKERS_RSA = "count_job_seekers_abc_month_end", "count_job_seekers_abc_rsa_month_end"
POOR, RATIO = "count_persons_poor_neighbourhoods", "rate_c2s_per_100_poor_neighbourhoods"
PERSONS = "count_persons_fiscal"
BESIDE = {
    method.COVERED: "count_population", RSA: "count_rsa_recipients", AAH: "count_aah_recipients_yearly",
    SEEKERS: "count_job_seekers_abc_quarter",
}  # fmt: skip
"""What a number of the neighbourhoods is set beside of the département."""
COUNTS = (method.COVERED, *method.C2S, RSA, AAH, SEEKERS, SEEKERS_RSA)
EACH = (method.COVERED, method.POVERTY, RSA, SEEKERS_RSA)
"""What is given of each neighbourhood."""


@dataclass(frozen=True)
class _Held:
    """The figures of the neighbourhoods: of each indicator its newest period, and the figure of each neighbourhood."""

    codes: tuple[str, ...]
    periods: Mapping[str, str]
    values: Mapping[str, Mapping[str, Value]]

    @property
    def table(self) -> pd.DataFrame:
        """A row for each neighbourhood, a column for each indicator, missing where there is no figure."""
        numbers = {name: [self.values[name][code].value for code in self.codes] for name in self.values}
        return pd.DataFrame(numbers, list(self.codes), dtype="float64")

    @property
    def ratio(self) -> method.Ratio | None:
        """C2S over poor people; None where the files do not have both of any neighbourhood."""
        terms = {method.POVERTY, method.COVERED, *method.C2S}
        return method.ratio(self.table) if self.codes and terms <= set(self.periods) else None

    def sum(self, name: str) -> method.Sum | None:
        """A number over the neighbourhoods that have it."""
        return method.total(
            pd.Series([self.values[name][code].value for code in self.codes], dtype="float64")
        )


@section
def priority_neighbourhoods(report: Report) -> Stack:
    """What the priority neighbourhoods hold of the département: a table, with how many of them each number is of."""
    if report.level is not DEPARTEMENT:
        return stack([prose(elsewhere(report))])
    held, lang = report.once(_held), report.lang
    if not held.codes:
        return stack([prose(report.say("qpv.none"))])
    columns = [
        Column("what", say("column.indicator", lang), "text"),
        Column("period", say("column.period", lang), "text"),
        Column("here", say("qpv.column.here", lang)),
        Column("known", say("qpv.column.known", lang), "text"),
        Column("whole", report.territory.label(lang)),
        Column("share", say("qpv.column.share", lang), decimals=0, unit="percent"),
    ]
    counts = [row for name in COUNTS if name in held.periods for row in _rows(report, held, name)]
    table = Table(
        "neighbourhoods", report.say("qpv.caption"), columns, [*_poor_row(report, held), *counts], lang
    )
    number = formats.number(len(held.codes), lang)
    told = report.say("qpv.reading_one" if len(held.codes) == 1 else "qpv.reading", n=number)
    return stack([prose(told), table, prose(report.say("qpv.caution"), kind="caution")])


@section
def c2s_in_neighbourhoods(report: Report) -> Stack:
    """C2S recipients beside people under the poverty line in the neighbourhoods: with its years, and what it is not."""
    if report.level is not DEPARTEMENT:
        return stack([prose(elsewhere(report))])
    held, lang = report.once(_held), report.lang
    ratio = held.ratio
    if ratio is None:
        return stack([prose(report.say("qpv.no_ratio"))])
    report.use(RATIO)
    report.use(POOR)
    lower, upper = (formats.number(end, lang, 1) for end in (ratio.lower, ratio.upper))
    told = [_ratio_words(report, held, ratio), report.say("qpv.rounding", lower=lower, upper=upper)]
    words = say("qpv.folded", lang, number=formats.number(len(held.codes), lang))
    caution = prose(report.say("qpv.not_take_up"), kind="caution")
    return stack([prose(*told), caution, Folded(words, _each(report, held))])


def elsewhere(report: Report) -> str:
    """That the inside of a département is read département by département, and of which."""
    within = report.territory.members or territories.containing(report.territory.code)
    return report.say("inside.of_departements", others=formats.places(within, report.lang))


def finding(report: Report) -> str:
    """The ratio in a sentence, or that it cannot be computed here."""
    held = report.once(_held)
    ratio = held.ratio
    if ratio is None:
        return report.say("qpv.no_ratio" if held.codes else "qpv.none")
    return f"{_ratio_words(report, held, ratio)} {report.say('qpv.not_a_rate')}"


def coverage_rows(report: Report) -> list[dict[str, object]]:
    """Of how many neighbourhoods each figure is known; nothing where there is none."""
    held, lang = report.once(_held), report.lang
    key = "inside.neighbourhood" if len(held.codes) == 1 else "inside.neighbourhoods"
    rows = []
    for name in (method.POVERTY, *method.C2S, RSA, SEEKERS_RSA):
        if name in held.periods:
            found = held.sum(name)
            known = found.known if found else 0
            rows.append(
                {
                    "what": sentences.label(name, lang),
                    "period": formats.bare_period(held.periods[name], lang),
                    "units": say(key, lang, n=formats.number(len(held.codes), lang)),
                    "known": known,
                    "lacking": len(held.codes) - known,
                    "people": say("inside.people_unknown", lang),
                    "rule": say("inside.rule.neighbourhoods", lang),
                }
            )
    return rows


# ------------------------------------------------------------------------------------------------------------- its figures


def _held(report: Report) -> _Held:
    """The figures of each neighbourhood, of the newest period that most neighbourhoods of the country have."""
    codes = territories.inside(report.territory.code, NEIGHBOURHOOD) if report.level is DEPARTEMENT else ()
    latest = {
        name: report.panel.latest(name, level=NEIGHBOURHOOD) for name in (method.POVERTY, *COUNTS) if codes
    }
    periods = {name: at for name, at in latest.items() if at is not None}
    for name in periods:
        report.use(name)
    return _Held(codes, periods, {name: _figures(report, codes, name, at) for name, at in periods.items()})


def _figures(report: Report, codes: tuple[str, ...], name: str, at: str) -> dict[str, Value]:
    """The figure of each neighbourhood at a period, with its state."""
    rows = report.panel.select(name, codes, at).to_dict("records")
    there = {one.territory: one for one in map(row_value, rows)}
    return {code: there.get(code) or Value(name, code, at, None, None, None, "unavailable") for code in codes}


def _rows(report: Report, held: _Held, name: str) -> list[dict[str, object]]:
    """A number of the neighbourhoods beside that of the département; of an older date too where only that one has it."""
    at = held.periods[name]
    dates = [at]
    if name in BESIDE and _beside(report, name, at) is None:
        older = [one for one in report.panel.periods(name, held.codes[0]) if _beside(report, name, one)]
        dates += older[-1:]
    return [_row(report, held, name, one) for one in dates]


def _row(report: Report, held: _Held, name: str, at: str) -> dict[str, object]:
    lang, newest = report.lang, at == held.periods[name]
    shown = held if newest else replace(held, values={name: _figures(report, held.codes, name, at)})
    found, whole = shown.sum(name), _beside(report, name, at)
    return {
        "what": sentences.label(name, lang),
        "period": formats.bare_period(at, lang),
        "here": found.value if found else formats.state_words("unavailable", lang),
        "known": _known(found, held, lang),
        "whole": Cell(whole, unit=False) if whole else say("qpv.not_compared", lang),
        "share": _share(found, whole.value if whole else None, lang),
    }


def _known(found: method.Sum | None, held: _Held, lang: Lang) -> str:
    known, number = (formats.number(n, lang) for n in (found.known if found else 0, len(held.codes)))
    return say("qpv.known", lang, known=known, number=number)


def _share(found: method.Sum | None, whole: float | None, lang: Lang) -> float | str:
    share = method.held(found, whole)
    return formats.state_words("not_computable", lang) if share is None else share


def _beside(report: Report, name: str, at: str) -> Value | None:
    """The figure of the département at the same date; None where it has none that can be set beside.

    People covered on 1 January have inhabitants of that year beside them, and job seekers of December those of the quarter.
    """
    if name not in BESIDE:
        return None
    when = {method.COVERED: at.removesuffix("-01"), SEEKERS: at.replace("-12", "-Q4")}.get(name, at)
    return _at(report, BESIDE[name], when)


def _at(report: Report, name: str, at: str) -> Value | None:
    """A figure of the département at a period that it has one of; None where there is none."""
    value = report.value(name, at) if at in report.panel.periods(name, report.territory.code) else None
    return value if value is not None and value.known else None


def _poor_row(report: Report, held: _Held) -> list[dict[str, object]]:
    """The approximation of poor people beside one of the département made likewise; nothing where it cannot be made."""
    if not {method.POVERTY, method.COVERED} <= set(held.periods):
        return []
    lang, at, code = report.lang, held.periods[method.POVERTY], report.territory.code
    found = method.total(method.poor(held.table))
    rate, persons = _at(report, method.POVERTY, at), _at(report, PERSONS, at)
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
            "known": _known(found, held, lang),
            "whole": say("qpv.about", lang, n=formats.number(whole, lang))
            if whole
            else say("qpv.not_compared", lang),
            "share": _share(found, whole, lang),
        }
    ]


def _ratio_words(report: Report, held: _Held, ratio: method.Ratio) -> str:
    """The ratio with its terms, how many neighbourhoods they are of, and their years."""
    lang, at = report.lang, held.periods[method.C2S[0]]
    value = Value(RATIO, report.territory.code, at, ratio.value, None, None, "modelled")
    numbers = {
        "c2s": ratio.c2s,
        "poor": ratio.poor,
        "people": ratio.people,
        "known": ratio.known,
        "number": ratio.number,
    }
    given = {key: formats.number(n, lang) for key, n in numbers.items()}
    given |= {"when": formats.bare_period(at, lang), "ratio": formats.plain_value(value, lang)}
    given["rate_when"] = formats.bare_period(held.periods[method.POVERTY], lang)
    every = ratio.known == ratio.number
    return report.say(
        "qpv.ratio" if not every else "qpv.ratio_one" if ratio.number == 1 else "qpv.ratio_all", **given
    )


def _each(report: Report, held: _Held) -> Table:
    """A row for each neighbourhood."""
    lang, rules = report.lang, Rules.of(report.catalogue.parameters("disclosure"))
    shown = {name: _masked(held.values[name], rules) for name in EACH if name in held.periods}
    ratios, at = method.people(held.table)["ratio"].to_dict(), held.periods[method.C2S[0]]
    columns = [
        Column("name", say("qpv.column.name", lang), "text"),
        *(Column(name, _heading(name, held, lang), unit=dictionary()[name].unit) for name in shown),
        Column("ratio", say("qpv.column.ratio", lang)),
    ]
    rows = []
    for code in held.codes:
        known = pd.notna(ratios[code])
        ratio = Value(
            RATIO,
            code,
            at,
            ratios[code] if known else None,
            None,
            None,
            "modelled" if known else "not_computable",
        )
        figures = {name: values[code] for name, values in shown.items()}
        name = territories.get(code).label(lang)
        rows.append({"name": name, **figures, "ratio": Cell(ratio, unit=False, qualified=False)})
    return Table("neighbourhoods_each", report.say("qpv.caption_each"), columns, rows, lang)


def _masked(values: Mapping[str, Value], rules: Rules) -> dict[str, Value]:
    """Figures of neighbourhoods as they may be shown beside their sum: numbers of too few people are not."""
    known = {code: one for code, one in values.items() if one.known}
    if not dictionary().units[dictionary()[next(iter(values.values())).indicator].unit].counted or not known:
        return dict(values)
    masked = hidden(pd.Series({code: one.number for code, one in known.items()}), rules)
    few = {
        str(code): replace(known[str(code)], value=None, lower=None, upper=None, state="suppressed")
        for code in masked.index[masked]
    }
    return {**values, **few}


def _heading(name: str, held: _Held, lang: Lang) -> str:
    when = formats.bare_period(held.periods[name], lang)
    return say("chart.dated", lang, label=say(f"qpv.column.{name}", lang), when=when)
