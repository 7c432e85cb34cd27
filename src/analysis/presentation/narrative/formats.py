"""Numbers, units, intervals, dates and states as a reader of French or of English writes them.

Symbols and names of months come from Babel's CLDR data, never from the system's locale. The minus sign is U+2212, the
French separator of thousands U+202F; a half is rounded away from zero, as in published tables. A figure is written by
``format_value`` with what must travel with it: that it is provisional or modelled, its interval if it is an estimate,
and words when there is no number.

What is said of two figures agrees with them as they are written: their difference (``difference``) and their change in
percent (``growth``) are those of the rounded figures, and a noun is in the plural when the rounded number calls for it.

This module writes figures; it does not compute them, and says nothing about them (that is ``sentences``).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import get_decimal_symbol, get_group_symbol

from analysis.data import existing
from analysis.foundations import notes, observation, territories, values
from analysis.foundations.levels import DEPARTEMENT, Level
from analysis.foundations.periods import period
from analysis.foundations.translations import NBSP, THIN, typeset
from analysis.foundations.values import Lang, Value
from analysis.presentation.narrative.messages import known, say

__all__ = [
    "NBSP", "THIN", "at", "bare_period", "bracket", "capital", "change", "date_words", "decimals_of", "difference",
    "format_value", "growth", "interval", "listing", "number", "percent", "plain_value", "qualifier", "quantity",
    "rounded", "rounding_note", "short_period", "signed", "span", "state_words", "typeset", "when",
]  # fmt: skip

MINUS = "\u2212"
_EXACT = Context(prec=400)
"""Digits enough for the largest number that a computer holds."""
_LOCALES = {"fr": "fr", "en": "en_GB"}


@cache
def _symbols(lang: Lang) -> tuple[str, str]:
    values.language(lang)
    return get_group_symbol(_LOCALES[lang]), get_decimal_symbol(_LOCALES[lang])


@cache
def _locale(lang: Lang) -> Locale:
    values.language(lang)
    return Locale.parse(_LOCALES[lang])


# --------------------------------------------------------------------------------------------------------- numbers


@lru_cache(maxsize=1 << 14)
def number(x: float, lang: Lang, decimals: int = 0) -> str:
    """Write a number: ``12 345,7`` or ``12,345.7``; what is none (infinite, or undefined) reads ``non calculable``."""
    shown = _as_written(x, decimals)
    if not shown.is_finite():
        return state_words("not_computable", lang)
    group, point = _symbols(lang)
    digits = f"{shown.copy_abs():,}".replace(",", "\0").replace(".", point).replace("\0", group)
    return (MINUS if shown < 0 else "") + digits


def _as_written(x: float, decimals: int) -> Decimal:
    """A number rounded as it is written, a half away from zero; what is none stays so."""
    exact = Decimal(repr(float(x)))
    if not exact.is_finite():
        return exact
    return exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=_EXACT)


def rounded(x: float, decimals: int = 0) -> float:
    """A number as ``number`` writes it: 0.5 is 1, 2.5 is 3."""
    return float(_as_written(x, decimals))


def difference(x: float, reference: float, decimals: int = 0) -> float:
    """What separates two figures as a reader computes it, from what is written: 81.4 and 77.6 are 81 and 78, 3 apart.

    NaN from what is no number.
    """
    if not (math.isfinite(x) and math.isfinite(reference)):
        return math.nan
    return float(_as_written(x, decimals) - _as_written(reference, decimals))


def growth(first: float, last: float, decimals: int = 0) -> float:
    """The change between two figures in percent of the first, as a reader computes it from what is written.

    Infinite from a figure that is written as zero, NaN between two of them or from what is no number.
    """
    if not (math.isfinite(first) and math.isfinite(last)):
        return math.nan
    start, end = _as_written(first, decimals), _as_written(last, decimals)
    if not start:
        return math.copysign(math.inf, end) if end else math.nan
    return float(100 * (end - start) / start.copy_abs())


def signed(x: float, lang: Lang, decimals: int = 0) -> str:
    """Write a change with its sign: ``+1,2``, ``−1,2``; what rounds to zero has none."""
    text = number(x, lang, decimals)
    return text if text.startswith(MINUS) or not text.strip("0,.") or not math.isfinite(x) else "+" + text


def percent(x: float, lang: Lang, decimals: int = 0) -> str:
    """Write a percentage given on the scale 0–100."""
    return _with_symbol(number(x, lang, decimals), "%" if math.isfinite(x) else "", lang)


def _with_symbol(text: str, symbol: str, lang: Lang) -> str:
    if not symbol:
        return text
    if symbol.startswith("%"):
        return text + (THIN if lang == "fr" else "") + symbol
    if lang == "en" and symbol.startswith("€"):
        sign, digits = (text[0], text[1:]) if text[0] in f"+{MINUS}" else ("", text)
        return f"{sign}€{digits}{symbol[1:]}"
    return text + NBSP + symbol


def _is_singular(x: float, decimals: int, lang: Lang) -> bool:
    shown = _as_written(x, decimals).copy_abs()
    return shown < 2 if lang == "fr" else shown == 1


def _symbol(unit: str, x: float, decimals: int, lang: Lang) -> str:
    """A unit after a number: ``1 foyer``, ``2 foyers``. ``unit`` is a key of the dictionary's units, or ``point``."""
    if not math.isfinite(x):
        return ""
    if _is_singular(x, decimals, lang) and known(f"unit.{unit}", lang):
        return say(f"unit.{unit}", lang)
    return say("unit.points", lang) if unit == "point" else values.dictionary().units[unit].symbol[lang]


def quantity(x: float, unit: str, lang: Lang, decimals: int = 0) -> str:
    """Write a number with its unit: ``12 340 foyers``, ``1 foyer``, ``34,5 %``, ``€1,234``."""
    return _with_symbol(number(x, lang, decimals), _symbol(unit, x, decimals, lang), lang)


def change(x: float, unit: str, lang: Lang, decimals: int = 0, sign: bool = True) -> str:
    """Write a difference: of two percentages in points (``+1,2 point``), of anything else in its own unit."""
    unit = "point" if unit == "percent" else unit
    text = signed(x, lang, decimals) if sign else number(abs(x), lang, decimals)
    return _with_symbol(text, _symbol(unit, x, decimals, lang), lang)


def interval(lower: float, upper: float, unit: str, lang: Lang, decimals: int = 0) -> str:
    """Write an interval in words: ``23 % à 45 %``, ``23% to 45%``, ``11 000 à 12 000 foyers``."""
    repeated = values.dictionary().units[unit].symbol["en"][:1] in ("%", "€")
    low = quantity(lower, unit, lang, decimals) if repeated else number(lower, lang, decimals)
    return say("interval.words", lang, lower=low, upper=quantity(upper, unit, lang, decimals))


def bracket(lower: float, upper: float, lang: Lang, decimals: int = 0) -> str:
    """Write an interval for a table: ``[23 ; 45]`` in French, ``[23, 45]`` in English; the unit is in the header."""
    low, high = (number(x, lang, decimals) for x in (lower, upper))
    return say("interval.bracket", lang, lower=low, upper=high)


def decimals_of(indicator: str) -> int:
    """Decimals with which an indicator is written."""
    return values.dictionary()[indicator].decimals


# ----------------------------------------------------------------------------------------------------------- dates


def _period_message(kind: str, text: str, lang: Lang, style: str) -> str:
    span = period(text)
    month = span.start % 12
    words = _locale(lang)
    names = {"year": str(span.year)}
    if kind == "month":
        names["month"] = words.months["format"]["wide" if style != "short" else "abbreviated"][month + 1]
    if kind in ("quarter", "half"):
        number = month // span.months + 1
        names["number"] = str(number) if style == "short" or lang == "en" else say(f"ordinal.{number}", lang)
    if kind in ("range", "winter"):
        names["end"] = str(span.year + 1)
    return say(f"period.{kind}.{style}", lang, **names)


def _kind(text: str, winter: bool) -> str:
    span = period(text)
    spans_two = span.months == 12 and span.start % 12 != 0
    if spans_two:
        return "winter" if winter else "range"
    return {1: "month", 3: "quarter", 6: "half", 12: "year"}[span.months]


def at(text: str, lang: Lang, *, stock: bool = False, winter: bool = False) -> str:
    """Say when: ``au 3e trimestre 2025``, ``en décembre 2024``, ``en 2022``, ``in Q3 2025``.

    A month whose figure is a stock at its end reads ``au 31 décembre 2019`` with ``stock``; a year that spans two
    (``2019-2020``) reads ``à l’hiver 2019-2020`` with ``winter``.
    """
    kind = _kind(text, winter)
    if kind == "month" and stock:
        return say("period.stock", lang, date=_last_day(text, lang))
    return _period_message(kind, text, lang, "at")


def _last_day(text: str, lang: Lang) -> str:
    import calendar

    span = period(text)
    day = calendar.monthrange(span.year, span.start % 12 + 1)[1]
    return f"{day}{NBSP}{bare_period(text, lang)}"


def bare_period(text: str, lang: Lang) -> str:
    """Name a period without a preposition: ``3e trimestre 2025``, ``décembre 2024``, ``2022``."""
    return _period_message(_kind(text, False), text, lang, "bare")


def when(text: str, note: str, lang: Lang) -> str:
    """Name the period of a figure; where its ``note`` says that its file has no date, as the last that it can be of."""
    named = bare_period(text, lang)
    return say("period.at_latest", lang, when=named) if notes.UNDATED in note.split() else named


def short_period(text: str, lang: Lang) -> str:
    """Name a period in a table or on an axis: ``T3 2025``, ``déc. 2024``, ``Q3 2025``."""
    return _period_message(_kind(text, False), text, lang, "short")


def _noun(text: str, lang: Lang) -> str:
    """A period as a noun: with its article where French needs one (``le 3e trimestre 2025``)."""
    return _period_message(_kind(text, False), text, lang, "noun")


def span(first: str, last: str, lang: Lang) -> str:
    """Say between two periods: ``entre 2019 et 2024``, ``entre le 1er trimestre 2020 et le 3e trimestre 2025``."""
    return say("period.span", lang, first=_noun(first, lang), last=_noun(last, lang))


# ----------------------------------------------------------------------------------------------------------- words


def capital(text: str) -> str:
    """Raise the first letter; the rest is as it was (names and acronyms keep their capitals)."""
    return text[:1].upper() + text[1:]


def listing(items: Sequence[str], lang: Lang) -> str:
    """Join names: ``a, b et c``; ``a, b and c``."""
    return format_list(list(items), locale=_LOCALES[values.language(lang)])


def others_of(value: Value) -> tuple[str, tuple[str, ...]] | None:
    """Whether a figure that only other territories have is ``published`` or ``modelled`` for them, and their codes."""
    if value.state != values.OF_OTHERS:
        return None
    told = ((way, notes.ends(value.note, f"{way}_for_")) for way in ("published", "modelled"))
    return next((way, tuple(codes[0].split("_"))) for way, codes in told if codes)


def places(codes: Iterable[str], lang: Lang) -> str:
    """Name territories, with their articles and codes: ``le Bas-Rhin (67) et le Haut-Rhin (68)``."""
    return listing([f"{territories.get(code).name_the(lang)} ({code})" for code in codes], lang)


def state_words(state: str, lang: Lang) -> str:
    """Say a state: ``absent de nos fichiers``, ``couvert par le secret statistique``, ``provisoire``…"""
    return say(f"state.{state}", lang)


def absence(value: Value, lang: Lang) -> str:
    """Say in a few words why there is no number; that it is not published, with the day on which it was looked for."""
    if others := others_of(value):
        return say(f"state.{others[0]}_for", lang, others=places(others[1], lang))
    why = notes.keys(value.note) if value.state == "unavailable" else []
    words = state_words(value.state, lang)
    if notes.CORRECTED in why:
        words = say("state.withdrawn", lang)
    elif notes.WITHHELD in why:
        words = say("state.withheld", lang)
    entry = existing.entry_of(value.note)
    if value.state != "unpublished" or entry is None:
        return words
    return say("state.looked_for", lang, state=words, date=date_words(entry.looked, lang))


def absence_words(figures: Iterable[Value], lang: Lang) -> str:
    """Say of several figures why there is no number, when that is the same for all, else only that there is none."""
    words = {absence(value, lang) for value in figures}
    return words.pop() if len(words) == 1 else say("state.no_figure", lang)


def format_value(value: Value, lang: Lang, *, unit: bool = True) -> str:
    """Write a figure with its unit, and with what must be known of it; words where there is no number.

    ``12 340 foyers``, ``12 340 foyers (provisoire)``, ``34 % (estimation d’un modèle ; intervalle à 95 % : 23 % à
    45 %)``, ``publié, non repris ici``.
    """
    text, words = plain_value(value, lang, unit=unit), qualifier(value, lang, unit=unit)
    return say("value.with", lang, value=text, inside=words) if words else text


def plain_value(value: Value, lang: Lang, *, unit: bool = True, decimals: int | None = None) -> str:
    """The figure alone, or its state in words where there is no number.

    The bounds of an observed figure are those of its rounding and are not written (``rounding_note`` says it once for
    all); one that is a bound reads ``5,0 % ou moins``, ``au moins 12 340 projets``.
    Every figure that is shown passes through here, and is recorded as shown.
    """
    observation.figure_shown(value)
    if not value.known:
        return absence(value, lang)
    entry = values.dictionary()[value.indicator]
    digits = entry.decimals if decimals is None else decimals
    x = value.number
    text = quantity(x, entry.unit, lang, digits) if unit else number(x, lang, digits)
    bound = bound_of(value)
    return say(f"value.{bound}", lang, value=text) if bound else text


def bound_of(value: Value) -> str | None:
    """What a figure that is a bound is, ``at_most`` or ``at_least``; None for any other."""
    keys = notes.keys(value.note)
    return next((way for way, bounds in _BOUNDS.items() if not bounds.isdisjoint(keys)), None)


_BOUNDS = {"at_most": frozenset(notes.AT_MOST), "at_least": frozenset(notes.AT_LEAST)}
"""What is said of a figure that is a bound, and the keys by which its note says that it is."""


def qualifier(value: Value, lang: Lang, *, unit: bool = True) -> str:
    """What must be said beside a figure, or nothing.

    That it is provisional; modelled, and between which bounds; the département's own; corrected here; a rate whose
    denominator is of another year.
    """
    if not value.known:
        return ""
    words = [state_words(value.state, lang)] if value.state != "observed" else []
    if value.state == "modelled" and value.lower is not None and value.upper is not None:
        entry = values.dictionary()[value.indicator]
        around = interval(value.lower, value.upper, entry.unit if unit else "index", lang, entry.decimals)
        words.append(say("interval.95", lang, interval=around))
    if value.quality == "local":
        words.append(say("quality.local", lang, _level(value)))
    elif _level(value).is_below and notes.SUM in notes.keys(value.note):
        words.append(say("value.summed", lang))
    if notes.CORRECTED in notes.keys(value.note):
        words.append(say("value.corrected", lang))
    years = notes.ends(value.note, "denominator_")
    words += [say("value.denominator", lang, year=bare_period(year, lang)) for year in years]
    return say("value.separator", lang).join(words)


def _level(value: Value) -> Level:
    """The level of a figure's territory; départements where it has none, such as a median's."""
    there = territories.known(value.territory)
    return there.kind if there else DEPARTEMENT


def rounding_note(indicator: str, lang: Lang) -> str:
    """Say to what the producer rounds an indicator, or nothing when its figures are exact."""
    entry = values.dictionary()[indicator]
    if entry.rounding is None:
        return ""
    step = Decimal(repr(float(entry.rounding))).normalize()
    text = change(entry.rounding, entry.unit, lang, max(0, -int(step.as_tuple().exponent)), sign=False)
    return say("note.rounding", lang, step=text)


def date_words(iso: str, lang: Lang) -> str:
    """Write an ISO date in words: ``1er janvier 2025``, ``1 January 2025``."""
    day = date.fromisoformat(iso)
    written = format_date(day, "long", locale=_LOCALES[values.language(lang)])
    return say("ordinal.1", lang) + written.removeprefix("1") if lang == "fr" and day.day == 1 else written
