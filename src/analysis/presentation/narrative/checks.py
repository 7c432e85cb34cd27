"""Sentences on what stands beside an effect and makes it credible or not, never stronger than what was tested.

What was seen before the policy, how far trends may part, on whom the effect rests, what appears where there can be none,
and one département against its synthetic control. A test that finds nothing is no proof, and is never said to be one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.foundations import territories
from analysis.foundations.values import Lang
from analysis.methods.verdict import Gap, carried_by, gap, sensitive, shown_without, too_many
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say
from analysis.presentation.narrative.sizes import (
    Frequency,
    Shown,
    Unit,
    chance,
    decimals,
    in_unit,
    signed,
    size,
)

if TYPE_CHECKING:  # their libraries take seconds to import, which reports without effects need not wait for
    from analysis.estimation.credibility import LeaveOneOut, PlaceboDates, Pretrends
    from analysis.estimation.sensitivity import Sensitivity
    from analysis.estimation.synthetic import Placebo

NAMED = 4
"""More départements than this are counted and not named in a sentence."""


def pretrends(test: Pretrends | None, unit: Unit, frequency: Frequency, lang: Lang, why: str = "") -> str:
    """Say what was seen before the policy, and what could not be: a test that finds nothing is no proof."""
    if test is None:
        return say("effect.pretrends.unknown", lang, why=why or say("effect.no_reason", lang))
    if not test.judged:
        return say("effect.pretrends.no_verdict", lang)
    if test.rejected:
        return say("effect.pretrends.rejected", lang, chance=chance(test.p, lang))
    if not (math.isfinite(test.detectable_slope) and math.isfinite(test.implied)):
        return say("effect.pretrends.blind", lang)
    slope, implied = (in_unit(abs(x), unit) for x in (test.detectable_slope, test.implied))
    rate = say(f"effect.per.{frequency}", lang, size=size(slope, unit, lang, decimals([slope])))
    return say(
        "effect.pretrends.none_seen", lang, chance=chance(test.p, lang), slope=rate,
        implied=size(implied, unit, lang, decimals([implied])),
    )  # fmt: skip


def sensitivity(robustness: Sensitivity | None, lang: Lang, why: str = "") -> str:
    """Say how far trends may part before an effect is no longer told from zero (relative magnitudes)."""
    if robustness is None:
        return say("effect.sensitivity.unknown", lang, why=why or say("effect.no_reason", lang))
    value = robustness.breakdown_relative
    if value <= 0:
        return say("effect.sensitivity.nothing", lang)
    if math.isinf(value):
        return say("effect.sensitivity.always", lang)
    told = say("effect.sensitivity.until", lang, m=formats.number(_floored(value), lang, 1))
    return f"{told} {say('effect.sensitivity.fragile', lang)}" if sensitive(robustness) else told


def _floored(value: float) -> float:
    """To one decimal, never above: 0.97 must not read 1.0."""
    return math.floor(10 * value + 1e-9) / 10


def leave_one_out(left_out: LeaveOneOut, unit: Unit, lang: Lang) -> str:
    """Say between what an effect moves without each treated département, and whether one decides of it."""
    digits = Shown.of(left_out.estimate, unit, lang).digits
    low, high = (signed(in_unit(x, unit), unit, lang, digits) for x in (left_out.lowest, left_out.highest))
    told = say(
        "effect.left_out.range", lang, n=str(len(left_out.frame)), lowest=low, highest=high,
        of=territories.get(left_out.influential).name_of(lang),
    )  # fmt: skip
    if left_out.estimate.excludes_zero:
        units = carried_by(left_out, left_out.estimate)
        key = "rests" if units else "stands"
    else:
        units = shown_without(left_out)
        key = "appears" if units else "never"
    names = {"names": _without(units, lang)} if units else {}
    return f"{told} {say(f'effect.left_out.{key}', lang, **names)}"


def _without(units: Sequence[str], lang: Lang) -> str:
    if len(units) > NAMED:
        return say("effect.left_out.several", lang, n=str(len(units)))
    return formats.listing([territories.get(unit).name_the(lang) for unit in units], lang)


def placebo_date(tested: PlaceboDates, lang: Lang) -> str:
    """Say at how many dates before the policy the same method finds an effect that cannot exist."""
    n = str(len(tested.dates) - len(tested.untested))
    told = [_dates(tested, n, lang)] if n != "0" else []
    if tested.untested:
        told.append(say("effect.dates.untested", lang, k=str(len(tested.untested))))
    return " ".join(told)


def _dates(tested: PlaceboDates, n: str, lang: Lang) -> str:
    if not tested.rejected:
        return say("effect.dates.none_one", lang) if n == "1" else say("effect.dates.none", lang, n=n)
    dates = formats.listing([formats.bare_period(date, lang) for date in tested.rejected], lang)
    told = say("effect.dates.some", lang, k=str(len(tested.rejected)), n=n, dates=dates)
    return f"{told} {say('effect.dates.many', lang)}" if too_many(tested) else told


def placebo(placebos: Placebo, unit: Unit, lang: Lang, looked_at: int = 1) -> str:
    """Say the gap of one département from its synthetic control, its place among placebos, and what that allows.

    Args:
        looked_at: how many départements are looked at one by one; one of them may be unusual by chance alone.
    """
    there, shown = territories.get(placebos.unit), Shown.of(placebos.estimate, unit, lang)
    between = say("effect.placebo.between", lang, interval=shown.between(sign=True)) if shown.bounded else ""
    place = there.name_in(lang)
    told = say(
        "effect.placebo.gap", lang, place=formats.capital(place), the=there.name_the(lang),
        gap=shown.signed(shown.value), between=between,
    )  # fmt: skip
    count, kind = len(placebos.gaps), gap(placebos)
    if kind == "powerless":
        return f"{told} {say('effect.placebo.powerless', lang, n=str(count), chance=chance(1 / count, lang))}"
    ranked = {"rank": str(placebos.rank), "n": str(count), "chance": chance(placebos.p_ratio, lang)}
    return " ".join(
        [told, say("effect.placebo.rank", lang, **ranked), *_unusual(kind, placebos, place, lang, looked_at)]
    )


def _unusual(kind: Gap, placebos: Placebo, place: str, lang: Lang, looked_at: int) -> list[str]:
    """What the rank and the interval allow, and what being one of several looked at takes from it."""
    if kind == "mixed":
        return [say("effect.placebo.mixed", lang, place=place)]
    if kind == "usual":
        return [say("effect.placebo.usual", lang, place=formats.capital(place))]
    told = [say("effect.placebo.unusual", lang)]
    if looked_at > 1:
        one = 1 - (1 - placebos.p_ratio) ** looked_at
        told.append(say("effect.placebo.several", lang, n=str(looked_at), chance=chance(one, lang)))
    return told
