"""Sentences from results, in French and in English, never stronger than their interval.

A change is said to be one only when its bounds exclude zero; a level is placed in the distribution and never ranked; an
estimate is what a model expects and never what is; a missing figure is a sentence that says why. The words are in
``messages.yml``; the numbers are written by ``formats``; the results come from ``estimation``, which computes them.

Nothing is computed here but the choice of words.
"""

from __future__ import annotations

from collections.abc import Sequence

from analysis import territories, values
from analysis.estimation.comparison import Funnel, Peers, Position, TrendSummary
from analysis.narrative import formats
from analysis.narrative.messages import catalogue, heads, say
from analysis.values import Lang, Value, period

NEAR = (0.4, 0.6)
"""A level above 40 % to 60 % of the others is said to be near the median."""
FAR = 0.9
"""Beyond this share of the others the sentence says no more: nearer to the end, it would be a rank."""


# -------------------------------------------------------------------------------------------------------- subjects


def label(indicator: str, lang: Lang) -> str:
    """The label of an indicator with a capital, to open a sentence or a title."""
    return formats.capital(values.dictionary()[indicator].label[lang])


def subject(indicator: str, lang: Lang) -> str:
    """An indicator as the subject of a sentence, in the singular: ``le taux de pauvreté``, ``le nombre de foyers…``."""
    entry = values.dictionary()[indicator]
    article = heads().get(entry.label.fr.split()[0].lower())
    words = entry.label[lang]
    if article:
        return say("subject.singular", lang, **_with_article(article, words, lang))
    if indicator.startswith("count_"):
        return say("subject.count", lang, label=words)
    return say("subject.quoted", lang, label=words)


def _with_article(article: str, words: str, lang: Lang) -> dict[str, str]:
    return {"label": (article if article.endswith("’") else article + " ") + words if lang == "fr" else words}


def _in(code: str, lang: Lang) -> str:
    return territories.get(code).name_in(lang)


def _when(text: str | None, lang: Lang, stock: bool = False) -> str:
    return " " + formats.at(text, lang, stock=stock) if text else ""


# ---------------------------------------------------------------------------------------------------------- levels


def level(value: Value, lang: Lang, *, stock: bool = False) -> str:
    """Say a figure: ``Dans le Bas-Rhin, le taux de pauvreté s’établit à 12,3 % en 2022.``

    A modelled or a missing figure is worded as such (``modelled``, ``missing``). ``stock`` dates a month by its last day.
    """
    if not value.known:
        return missing(value, lang, stock=stock)
    if value.state == "modelled":
        return modelled(value, lang, stock=stock)
    return say(
        "level.known", lang,
        place=formats.capital(_in(value.territory, lang)), subject=subject(value.indicator, lang),
        value=_figure(value, lang), when=formats.at(value.period, lang, stock=stock),
    )  # fmt: skip


def _figure(value: Value, lang: Lang) -> str:
    """A figure beside its subject: « le nombre de foyers » is 12 340, without saying foyers twice."""
    counted = subject(value.indicator, lang) == _counted(value.indicator, lang)
    return formats.format_value(value, lang, unit=not counted)


def _counted(indicator: str, lang: Lang) -> str:
    return say("subject.count", lang, label=values.dictionary()[indicator].label[lang])


def modelled(value: Value, lang: Lang, *, stock: bool = False) -> str:
    """Say what a model expects, with its interval, and that it is not a measurement."""
    if not value.known:
        return missing(value, lang, stock=stock)
    entry = values.dictionary()[value.indicator]
    around = ""
    if value.lower is not None and value.upper is not None:
        words = formats.interval(value.lower, value.upper, entry.unit, lang, entry.decimals)
        around = say("level.around", lang, interval=words)
    return say(
        "level.modelled", lang,
        label=label(value.indicator, lang), value=formats.plain_value(value, lang),
        place=_in(value.territory, lang), when=formats.at(value.period, lang, stock=stock), around=around,
    )  # fmt: skip


def missing(value: Value, lang: Lang, *, stock: bool = False) -> str:
    """Say that there is no figure, in the words of its state, and why when its note tells."""
    place = territories.get(value.territory)
    names = {"of": place.name_of(lang)} if value.state == "suppressed" else {"the": place.name_the(lang)}
    key = f"missing.{value.state}"
    told = say(key, lang, label=label(value.indicator, lang), when=_when(value.period, lang, stock), **names)
    return " ".join([told, *reasons(value.note, lang)])


def reasons(note: str, lang: Lang) -> list[str]:
    """The sentences of the catalogue for the keys of a note (``reason.<key>``); other keys say nothing to a reader."""
    return [say(f"reason.{key}", lang) for key in note.split() if f"reason.{key}" in catalogue()]


# -------------------------------------------------------------------------------------------------------- position


def position(found: Position, lang: Lang) -> str:
    """Place a level among the other départements, without a rank; or say that there is none to place."""
    if not found.value.known or found.share_below is None:
        return missing(found.value, lang)
    others = found.values.drop(found.territory, errors="ignore")
    if others.empty:
        return say("position.alone", lang)
    middle = found.quantiles["p50"]
    words = {"median": _quantity(middle, found.indicator, lang), "among": _among(len(others), lang)}
    if found.value.state == "modelled":
        return say(_modelled_position(found.value, middle), lang, **words)
    above = float((others > found.value.value).mean())
    if NEAR[0] <= found.share_below <= NEAR[1] or _contains(found.value, middle):
        return say("position.near", lang, **words)
    if found.share_below > above:
        return say("position.above", lang, share=_share(found.share_below, lang), **words)
    return say("position.below", lang, share=_share(above, lang), **words)


def _share(share: float, lang: Lang) -> str:
    return say("position.far", lang) if share > FAR else formats.percent(100 * share, lang)


def _among(others: int, lang: Lang) -> str:
    if others == len(territories.DEPARTEMENTS) - 1:
        return say("among.all", lang)
    return say("among.some", lang, n=formats.number(others, lang))


def _modelled_position(value: Value, middle: float) -> str:
    if value.lower is None or value.upper is None or _contains(value, middle):
        return "position.inside"
    return "position.model_above" if value.lower > middle else "position.model_below"


def _contains(value: Value, x: float) -> bool:
    low, high = _bounds(value)
    return low <= x <= high


def _bounds(value: Value) -> tuple[float, float]:
    low = value.value if value.lower is None else value.lower
    return low, value.value if value.upper is None else value.upper


def _quantity(x: float, indicator: str, lang: Lang) -> str:
    entry = values.dictionary()[indicator]
    return formats.quantity(x, entry.unit, lang, entry.decimals)


def coverage(found: Position, lang: Lang, limit: int = 12) -> str:
    """Name the départements without a figure, or count them when they are more than ``limit``; empty when none is."""
    if not found.missing:
        return ""
    if len(found.missing) > limit:
        return say("coverage.many", lang, n=formats.number(len(found.missing), lang))
    names = [territories.get(code).label(lang) for code in found.missing]
    return say("coverage.missing", lang, names=formats.listing(names, lang))


# ----------------------------------------------------------------------------------------------------------- trend


def trend(found: TrendSummary, lang: Lang) -> str:
    """Say how a level changed: risen or fallen only when the bounds of the change exclude zero.

    Nothing is said across a break: it is named, and the change from one side to the other is not given. A break before
    the first figure is named after the sentence.
    """
    crossed = [p for p in _breaks(found.indicator) if _after(p, found.first.period) and not _after(p, found.last.period)]
    words = {
        "subject": subject(found.indicator, lang),
        "span": formats.span(found.first.period, found.last.period, lang),
    }
    if crossed:
        place = formats.capital(_in(found.territory, lang))
        return say("trend.across", lang, place=place, breaks=breaks(found.indicator, crossed, lang), **words)
    words["span"] = formats.capital(words["span"])
    told = say(
        *_change_message(found, lang),
        place=_in(found.territory, lang), **words, **_change_words(found, lang),
    )  # fmt: skip
    return f"{told} {_earlier(found, lang)}".strip()
