"""Sentences from results, in French and in English, never stronger than their interval.

A change is said to be one only when its bounds exclude zero; a level is placed in the distribution and never ranked; an
estimate is what a model expects and never what is; a missing figure is a sentence that says why. The words are in
``narrative.po``; the numbers are written by ``formats``; the results come from ``estimation``, which computes them.

Nothing is computed here but the choice of words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from analysis.data import existing
from analysis.data.catalogue import LOCAL
from analysis.estimation.comparison import Funnel, Peers, Position
from analysis.foundations import measures, notes, observation, territories, values
from analysis.foundations.levels import DEPARTEMENT, Level
from analysis.foundations.values import Lang, Value
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import known, say

NEAR = (0.4, 0.6)
"""A level above 40 % to 60 % of the others is said to be near the median."""
MOST = 0.75
"""From this share of the others on, a level is said to be above or below three quarters of them: more would be a rank."""


# -------------------------------------------------------------------------------------------------------- subjects


def label(indicator: str, lang: Lang) -> str:
    """The label of an indicator with a capital, to open a sentence or a title."""
    return formats.capital(values.dictionary()[indicator].label[lang])


def subject(indicator: str, lang: Lang) -> str:
    """An indicator as the subject of a sentence, in the singular: ``le taux de pauvreté``, ``le nombre de foyers…``."""
    kind = _subject_kind(indicator, lang)
    words = values.dictionary()[indicator].label[lang]
    if lang == "en" and _head(indicator) == "nombre" and not words.startswith("number"):
        kind = "count"
    if kind == "singular":
        article = say(f"article.{_head(indicator)}", lang)
        return article + ("" if article.endswith("’") else " ") + words
    return say(f"subject.{kind}", lang, label=words)


def _head(indicator: str) -> str:
    return values.dictionary()[indicator].label.fr.split()[0].lower()


def _subject_kind(indicator: str, lang: Lang) -> str:
    """``singular`` when the label opens with a known noun; else what the name says it is: a count, a share, a rate…"""
    entry = values.dictionary()[indicator]
    if known(f"article.{_head(indicator)}", lang):
        return "singular"
    kind = indicator.split("_")[0]
    return "count" if kind == "rate" and entry.unit != "percent" else kind


def place_in(code: str, lang: Lang) -> str:
    """A territory after its preposition: ``dans le Bas-Rhin``."""
    return territories.get(code).name_in(lang)


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
        place=formats.capital(place_in(value.territory, lang)), subject=subject(value.indicator, lang),
        value=figure(value, lang), when=formats.at(value.when, lang, stock=stock),
    )  # fmt: skip


def figure(value: Value, lang: Lang) -> str:
    """A figure beside its subject, which has said what is counted: « le nombre de foyers » is 12 340."""
    return formats.format_value(value, lang, unit=not says_unit(value.indicator, lang))


def says_unit(indicator: str, lang: Lang) -> bool:
    """Whether the label of an indicator says what its figures count, so that their unit need not be written again."""
    entry = values.dictionary()[indicator]
    of, digits = entry.unit.removeprefix("per_"), filter(str.isdigit, entry.label[lang])
    return _subject_kind(indicator, lang) == "count" or (of.isdigit() and of in "".join(digits))


def scope(value: Value, lang: Lang) -> str:
    """What must be said of a national figure that leaves overseas out; nothing of any other."""
    return say("column.metropolitan", lang) if value.known and value.territory == "FM" else ""


def modelled(value: Value, lang: Lang, *, stock: bool = False) -> str:
    """Say what a model expects, with its interval, or what an approximation gives; and that it is not a measurement."""
    if not value.known:
        return missing(value, lang, stock=stock)
    words = {
        "label": label(value.indicator, lang),
        "value": formats.plain_value(value, lang),
        "place": place_in(value.territory, lang),
        "when": formats.at(value.when, lang, stock=stock),
    }
    if value.lower is None or value.upper is None:
        return say("level.approximate", lang, **words)
    entry = values.dictionary()[value.indicator]
    around = formats.interval(value.lower, value.upper, entry.unit, lang, entry.decimals)
    return say("level.modelled", lang, around=say("level.around", lang, interval=around), **words)


def missing(value: Value, lang: Lang, *, stock: bool = False) -> str:
    """Say that there is no figure, in the words of its state, and why when its note tells."""
    if others := formats.others_of(value):
        return _of_others(value, *others, lang, stock=stock)
    there, entry = territories.get(value.territory), existing.entry_of(value.note)
    of = value.state in ("suppressed", "not_computable", "not_held")
    name = {"of": there.name_of(lang)} if of else {"the": there.name_the(lang)}
    when = " " + formats.at(value.period, lang, stock=stock) if value.period else ""
    words = {"label": label(value.indicator, lang), "when": when, **name}
    if value.state in ("unpublished", "not_held"):
        if entry is None:
            words = {"label": words["label"], "when": when, "the": there.name_the(lang)}
            return say("missing.stated", lang, state=formats.state_words(value.state, lang), **words)
        told = say(f"missing.{value.state}", lang, seen=seen(entry, lang), **words)
        return f"{told} {entry.remark[lang]}" if entry.remark else told
    told = say(f"missing.{value.state}", lang, **words)
    return " ".join([told, *why(value, lang)])


def _of_others(value: Value, way: str, codes: Sequence[str], lang: Lang, *, stock: bool) -> str:
    """Say that only what a territory lies in, or is made of, has a figure, and that it is not that of the territory."""
    there = territories.get(value.territory)
    kind = "parts" if set(codes) <= set(there.members) else "whole"
    return say(
        f"missing.{way}_for_{kind}", lang, label=label(value.indicator, lang),
        the=there.name_the(lang), when=" " + formats.at(value.when, lang, stock=stock),
        others=formats.places(codes, lang),
    )  # fmt: skip


def why(value: Value, lang: Lang) -> list[str]:
    """Why there is no figure: what the note tells; else whether that is its producer's file, or was not looked for."""
    told = reasons(value.note, lang, territories.get(value.territory).kind)
    if notes.CORRECTED in notes.keys(value.note):
        return [*told, say("reason.withdrawn", lang)]
    if told or value.state != "unavailable":
        return told
    return [say("reason.not_given" if value.source else "reason.not_looked_for", lang)]


def seen(entry: existing.Existing, lang: Lang) -> str:
    """Say what an entry of the register rests on: the producer, the publication, its address, and the day."""
    return say(
        "existing.seen", lang, producer=entry.producer, title=entry.title[lang], address=entry.address,
        date=formats.date_words(entry.looked, lang),
    )  # fmt: skip


def existing_row(entry: existing.Existing, labels: Sequence[str], lang: Lang) -> dict[str, str]:
    """An entry of the register as cells of a table: which figures, when, in which state, where, and seen on which day."""
    title = say("existing.title", lang, producer=entry.producer, title=entry.title[lang])
    return {
        "figures": formats.capital(formats.listing(labels, lang)),
        "periods": _span(entry, lang),
        "state": formats.state_words(entry.state, lang),
        "publication": f"{title} {entry.remark[lang]}" if entry.remark else title,
        "address": entry.address,
        "looked": formats.date_words(entry.looked, lang),
    }


def places(entry: existing.Existing, lang: Lang) -> str:
    """The territories that an entry speaks of: their names when they are few, else how many there are."""
    codes = [code for code in territories.CODES if code in entry.territories]
    if len(codes) > FEW:
        return say("existing.places", lang, n=formats.number(len(codes), lang))
    return formats.listing([territories.get(code).label(lang) for code in codes], lang)


FEW = 5
"""Up to so many territories are named."""


def _span(entry: existing.Existing, lang: Lang) -> str:
    """The periods that an entry speaks of."""
    first, last = (end and formats.bare_period(end.text, lang) for end in (entry.first, entry.last))
    if first and last:
        return first if first == last else say("periods.range", lang, first=first, last=last)
    if last:
        return say("existing.until", lang, last=last)
    return say("existing.since", lang, first=first) if first else say("existing.any", lang)


def reasons(note: str, lang: Lang, level: Level = DEPARTEMENT) -> list[str]:
    """The sentences of the catalogue for the keys of a note (``reason.<key>``); other keys say nothing to a reader."""
    keys = [key for key in notes.keys(note) if known(f"reason.{key}", lang)]
    return [say(f"reason.{key}", lang, level) for key in keys]


def newer(value: Value, lang: Lang) -> str:
    """Say a figure of a territory after the period at which it is compared: its own, or published before the others'."""
    key = "local.newer" if value.quality == LOCAL else "level.early"
    level = territories.get(value.territory).kind
    return say(key, lang, level, value=formats.plain_value(value, lang), when=formats.at(value.when, lang))


# -------------------------------------------------------------------------------------------------------- position


def position(position: Position, lang: Lang) -> str:
    """Place a level among the other départements, without a rank; or say that there is none to place."""
    if not position.value.known:
        return missing(position.value, lang)
    others = position.values.drop(position.territory, errors="ignore")
    if position.share_below is None or others.empty:
        return say("position.alone", lang, position.level)
    middle = position.quantiles["p50"]
    median = _quantity(middle, position.indicator, lang)
    if position.value.state == "modelled":
        return say(_modelled_position(position.value, middle), lang, position.level, median=median)
    alike = _quantity(position.value.number, position.indicator, lang) == median
    if alike or NEAR[0] <= position.share_below <= NEAR[1] or _contains(position.value, middle):
        return say("position.near", lang, position.level, median=median)
    above = float((others > position.value.value).mean())
    side, share = ("above", position.share_below) if position.share_below > above else ("below", above)
    if share < MOST:
        return say(f"position.{side}", lang, position.level, median=median)
    among = _among(len(others), position.level, lang)
    return say(f"position.most_{side}", lang, position.level, among=among, median=median)


def _among(others: int, level: Level, lang: Lang) -> str:
    if others == len(territories.of_level(level)) - 1:
        return say("among.all", lang, level)
    return say("among.some", lang, level, n=formats.number(others, lang))


def _modelled_position(value: Value, middle: float) -> str:
    if value.lower is None or value.upper is None:
        return "position.unbounded"
    if _contains(value, middle):
        return "position.inside"
    return "position.model_above" if value.lower > middle else "position.model_below"


def _contains(value: Value, x: float) -> bool:
    low, high = _bounds(value)
    return low <= x <= high


def _bounds(value: Value) -> tuple[float, float]:
    low = value.number if value.lower is None else value.lower
    return low, value.number if value.upper is None else value.upper


def _quantity(x: float, indicator: str, lang: Lang) -> str:
    """A statistic of an indicator, its unit left out where the label has said what is counted."""
    entry = values.dictionary()[indicator]
    if says_unit(indicator, lang):
        return formats.number(x, lang, entry.decimals)
    return formats.quantity(x, entry.unit, lang, entry.decimals)


_OVERSEAS = set(territories.DEPARTEMENTS) - set(territories.METROPOLITAN)


def coverage(position: Position, lang: Lang, limit: int = 4) -> str:
    """Name the départements without a figure, or count them when they are more than ``limit``; empty when none is."""
    if not position.missing:
        return ""
    if set(position.missing) == _OVERSEAS:
        return say("coverage.overseas", lang)
    if len(position.missing) > limit:
        return say("coverage.many", lang, position.level, n=formats.number(len(position.missing), lang))
    places = [territories.get(code).name_in(lang) for code in position.missing]
    return say("coverage.missing", lang, places=formats.listing(places, lang))


def is_uncertain(*figures: Value) -> bool:
    """Whether the bounds of figures are those of an estimate, rather than of a rounding."""
    return any(figure.state == "modelled" for figure in figures)


# ------------------------------------------------------------------------------------------------------------ gaps


def gap(value: Value, reference: Value, lang: Lang) -> str:
    """Compare a level with that of France or of a région: more or less only when their bounds do not meet."""
    there = territories.get(reference.territory)
    if not reference.known:
        return say("gap.no_reference", lang, the=there.name_the(lang))
    return _gap(value, reference, say("gap.that", lang, of=there.name_of(lang)), there.name_the(lang), lang)


def gap_to_peers(value: Value, median: Value, lang: Lang) -> str:
    """Compare a level with the median of the comparable départements, which has no interval of its own."""
    that = say("peers.median", lang)
    with observation.unrecorded():
        told = _gap(value, replace(median, state="observed"), that, that, lang)
    for figure in (value, median):
        observation.figure_shown(figure)
    return told


def _gap(value: Value, reference: Value, that: str, the: str, lang: Lang) -> str:
    """The sentence for two figures, the second dated where it is of another period; why, when there is no first.

    What must be known of the second is said where it is not what must be known of the first.
    """
    if not value.known:
        return missing(value, lang)
    unit = not says_unit(value.indicator, lang)
    shown, qualifier = formats.plain_value(reference, lang, unit=unit), formats.qualifier(reference, lang)
    if qualifier and qualifier != formats.qualifier(value, lang) and reference.territory:
        shown = say("gap.qualified", lang, value=shown, qualifier=qualifier)
    if reference.period != value.period:
        shown = say("gap.dated", lang, value=shown, when=formats.at(reference.when, lang))
    if any(figure.state == "modelled" and figure.lower is None for figure in (value, reference)):
        return say("gap.unbounded", lang, the=the, reference=shown)
    (low, high), (low_there, high_there) = _bounds(value), _bounds(reference)
    if formats.plain_value(value, lang) == formats.plain_value(reference, lang):
        key = "equal" if value.value == reference.value else "alike"
        return say(f"gap.{key}", lang, that=that, reference=shown)
    if low > high_there or high < low_there:
        entry = values.dictionary()[value.indicator]
        difference = formats.difference(value.number, reference.number, entry.decimals)
        apart = formats.change(difference, entry.unit if unit else "index", lang, entry.decimals, sign=False)
        return say(
            "gap.more" if low > high_there else "gap.less", lang, gap=apart, that=that, reference=shown
        )
    kind = "uncertainty" if is_uncertain(value, reference) else "rounding"
    return say(f"gap.within_{kind}", lang, the=the, reference=shown)


# ------------------------------------------------------------------------------------------------- funnel and peers


def funnel(shares: Funnel, lang: Lang) -> str:
    """Say whether a proportion lies outside the usual spread between départements; never that it is better or worse."""
    there = territories.get(shares.territory)
    if shares.status == "absent":
        return say("funnel.absent", lang, the=there.name_the(lang))
    reference = _quantity(shares.reference, shares.indicator, lang)
    return say(f"funnel.{shares.status}", lang, shares.level, of=there.name_of(lang), reference=reference)


def no_funnel(indicator: str, reason: str, lang: Lang) -> str:
    """Say why no funnel is drawn, from the reason that ``comparison.no_funnel`` gives."""
    return say(f"funnel.no_{reason}", lang, label=label(indicator, lang))


def peers(peers: Peers, lang: Lang) -> str:
    """List the comparable territories and say on what they are close, or that a person chose them."""
    there, way = territories.get(peers.territory), peers.method
    words = {"names": formats.listing([territories.get(code).label(lang) for code in peers.codes], lang)}
    if way == "nearest":
        return say("peers.nearest", lang, there.kind, the=there.name_the(lang), **words)
    if way == "own" and not peers.codes:
        way, words = "unknown", {}
    if there.kind != DEPARTEMENT:
        way = f"territories_{way}"
    return say(f"peers.{way}", lang, **words)


# ------------------------------------------------------------------------------------------------- what can be evaluated


def evaluability(counts: Mapping[str, int], territory: str, lang: Lang) -> str:
    """Of how many measures of the Pacte the outcome is known in a territory, and how, from their number by status."""
    told, total = [], sum(counts.values())
    known = [status for status in measures.STATUSES if status not in _LACKING and counts.get(status)]
    if known:
        level = territories.get(territory).kind
        ways = [say(f"evaluability.with_{one}", lang, level, n=_measures(counts[one], lang)) for one in known]
        place, listed = formats.capital(place_in(territory, lang)), formats.listing(ways, lang)
        told.append(
            say("evaluability.summary", lang, place=place, total=formats.number(total, lang), list=listed)
        )
    for one in (status for status in _LACKING if counts.get(status)):
        whose = {"others": others(territory, lang)} if one == values.OF_OTHERS else {}
        told.append(say(f"evaluability.with_{one}", lang, n=_measures(counts[one], lang), **whose))
    return " ".join(told)


_LACKING = (values.OF_OTHERS, "not_held", "none")
"""Statuses in which nothing held shows the outcome of a measure."""


def others(territory: str, lang: Lang) -> str:
    """Name the départements that a territory below them lies in, or is made of."""
    return formats.places(territories.wider(territory)[-1], lang)


def _measures(n: int, lang: Lang) -> str:
    return formats.quantity(n, "measure", lang)
