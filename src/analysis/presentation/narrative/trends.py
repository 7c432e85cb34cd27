"""Sentences on how a figure moved: since the Pacte began, then over the years before; never across a break.

A change is said to be one only when its bounds exclude zero, and as ``estimation.trends`` says that it must be told: in
points, in percent, as a ratio, or as two figures. A difference of figures is that of the figures as they are written. What
limits a change is said after it: that no figure of the Pacte's years is held, a break, a jump that nothing explains, euros
that are current ones.

Nothing is computed here but the choice of words, which are in ``narrative.po``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

from analysis.estimation.trends import YEARS, Change, Trend
from analysis.foundations import observation, values
from analysis.foundations.periods import period, sorted_periods
from analysis.foundations.values import Lang, Value
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say


def trend(whole: Trend, lang: Lang) -> str:
    """Say how a figure moved, in a sentence for each span of years, and what limits them."""
    words = [*_told(whole.main, whole, lang)]
    if whole.before:
        words += _told(whole.before, whole, lang)
    if whole.scope == "held":
        words.append(say("trend.held", lang))
    if whole.unpriced:
        words.append(say("trend.unpriced", lang))
    jumps = sorted_periods(p for one in (whole.main, whole.before) if one for p in one.jumps)
    if jumps:
        when = formats.listing([formats.at(p, lang) for p in jumps], lang)
        words.append(say("trend.jump", lang, when=when))
    return " ".join([*words, *_limits(whole, lang)])


def no_trend(indicator: str, territory: str, lang: Lang) -> str:
    """Say that a series has fewer than two comparable figures."""
    place = sentences.place_in(territory, lang)
    return say("trend.none", lang, label=sentences.label(indicator, lang), place=place)


# ------------------------------------------------------------------------------------------------------- one change


def _told(one: Change, course: Trend, lang: Lang) -> list[str]:
    """The sentence of a change, and the figures in current euros where it is told in constant ones."""
    opening = formats.capital(_opening(one, course, lang))
    with observation.unrecorded() if one.constant or one.summed else nullcontext():
        key, names = _written(one, lang)
    if one is course.main:
        key = f"trend.{key}"
        names |= {"place": sentences.place_in(course.territory, lang)}
        names |= {"subject": sentences.subject(course.indicator, lang)}
    else:
        key = f"trend.before.{key}"
    told = [say(key, lang, span=opening, **names)]
    if one.current:
        first, last = (formats.plain_value(value, lang) for value in one.current)
        told.append(say("trend.current", lang, first=first, last=last))
    return told


def _written(one: Change, lang: Lang) -> tuple[str, dict[str, str]]:
    """The message of a change, and its figures as they are written."""
    key, names = _key(one), {"last": _end(one.last, lang)}
    if key not in ("same", "alike"):
        names["first"] = _end(one.first, lang)
    if key in ("up", "down", "times", "added"):
        names["change"] = _amount(one, lang)
    if key in ("up", "down", "times"):
        names["around"] = _around(one, lang)
    return key, names


def _opening(one: Change, course: Trend, lang: Lang) -> str:
    """Between which periods, and what they are: since the Pacte began, the five years before, the last five held."""
    if one.summed:
        first, last = (formats.at(value.when, lang) for value in (one.first, one.last))
        span = say("trend.sums", lang, first=first, last=last)
    else:
        span = formats.span(one.first.when, one.last.when, lang)
    if one.constant:
        span = say("trend.constant", lang, span=span, year=str(one.constant))
    if one is course.main and course.scope == "around":
        return span
    if one is course.main and course.scope == "pacte":
        return say("trend.since_pacte", lang, span=span)
    kind = "five" if _whole(one) else "less"
    return say(f"trend.{'held' if one is course.main else 'before'}_{kind}", lang, span=span)


def _whole(one: Change) -> bool:
    return period(one.last.period).start - period(one.first.period).start == 12 * YEARS


def _key(one: Change) -> str:
    """The message that a change deserves: up or down beyond its bounds, within them, none, or the two figures."""
    if not all(math.isfinite(value.number) for value in (one.first, one.last)):
        return "not_computable"
    if any(formats.bound_of(value) for value in (one.first, one.last)):
        return "values"  # what lies below, or above, is not known to have changed or not
    if one.first.value == one.last.value and not _bounded(one):
        return "same"
    uncertain = sentences.is_uncertain(one.first, one.last)
    alike = formats.plain_value(one.first, "en") == formats.plain_value(one.last, "en")
    if alike and not uncertain:
        return "alike"
    if uncertain and not _bounded(one):
        return "unbounded"
    if one.way == "values" or (one.way == "added" and one.amount < 0):
        return "values"
    level = 1 if one.way == "times" else 0
    if alike or one.lower <= level <= one.upper:
        return "flat_uncertain" if uncertain else "flat_rounding"
    if one.way == "percent" and not formats.number(abs(one.amount), "en", 1).strip("0."):
        return "values"
    return one.way if one.way in ("times", "added") else "up" if one.lower > 0 else "down"


def _bounded(one: Change) -> bool:
    """Whether one of the figures has bounds that are not itself."""
    return any(v.lower is not None and v.lower != v.upper for v in (one.first, one.last))


def _end(value: Value, lang: Lang) -> str:
    """A figure at an end of a change: in a sentence that speaks of estimates, it does not say again that it is one."""
    return formats.plain_value(value, lang) if value.state == "modelled" else sentences.figure(value, lang)


def _amount(one: Change, lang: Lang) -> str:
    """A change as it is written, which is that of the figures as they are written."""
    digits = values.dictionary()[one.first.indicator].decimals
    if one.way == "times":
        return _in_way(one.amount, one, lang)
    apart = (
        formats.growth(one.first.number, one.last.number, digits)
        if one.way == "percent"
        else formats.difference(one.last.number, one.first.number, digits)
    )
    return _in_way(apart, one, lang)


def _in_way(x: float, one: Change, lang: Lang) -> str:
    entry = values.dictionary()[one.first.indicator]
    if one.way == "percent":
        return formats.percent(abs(x), lang, 1)
    if one.way == "times":
        return formats.number(x, lang, 1)
    return formats.change(x, entry.unit, lang, entry.decimals, sign=False)


def _around(one: Change, lang: Lang) -> str:
    """The bounds of a change, where they are more than a step of what is written apart."""
    near, far = sorted((one.lower, one.upper), key=abs)
    digits = values.dictionary()[one.first.indicator].decimals if one.way == "unit" else 1
    if abs(formats.difference(far, near, digits)) < 1.5 * 10**-digits:
        return ""
    low = formats.number(abs(near), lang, digits)
    words = say("interval.words", lang, lower=low, upper=_in_way(far, one, lang))
    kind = "uncertain" if sentences.is_uncertain(one.first, one.last) else "rounding"
    if kind == "rounding" and values.dictionary()[one.first.indicator].error:
        kind = "rounding_alone"
    return say(f"trend.around_{kind}", lang, interval=words)


# ------------------------------------------------------------------------------------------------------------ breaks


def _limits(course: Trend, lang: Lang) -> list[str]:
    """The break that shortened the years told, and the one after which figures are not told."""
    end = period((course.before or course.main).last.period).start
    short = course.earlier and period(course.earlier).start > end - 12 * YEARS
    edges = {"earlier": course.earlier if short else None, "later": course.later}
    return [
        say(f"trend.{edge}", lang, breaks=breaks(course.indicator, [when], lang, course.kinds or {}))
        for edge, when in edges.items()
        if when
    ]


def breaks(indicator: str, periods: Sequence[str], lang: Lang, kinds: Mapping[str, str] | None = None) -> str:
    """Name breaks of a series: what changed, and when; ``kinds`` are those of the territory's own (``data.breaks``)."""
    reasons, own = values.dictionary()[indicator].breaks, kinds or {}
    named = [
        say(
            "break.named", lang, when=formats.at(p, lang),
            reason=_inside(reasons[p][lang] if p in reasons else say(f"reason.break_{own[p]}", lang)),
        )
        for p in periods
    ]  # fmt: skip
    return say("value.separator", lang).join(named)


def _inside(text: str) -> str:
    """A text that stands by itself, as part of a sentence: without its capital (a lone one) nor its full stop."""
    first = text[:1].lower() if text[1:2].islower() and text.split()[0] not in _PROPER else text[:1]
    return first + text[1:].removesuffix(".")


_PROPER = ("Filosofi", "Insee", "Mayotte", "France", "Dares")
