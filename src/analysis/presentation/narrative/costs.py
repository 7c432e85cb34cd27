"""Sentences on costs: how many returns, lasting how long each, pay an action back, and what one more exit from RSA costs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from analysis.foundations.values import Lang
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say

if TYPE_CHECKING:  # their libraries take seconds to import, which reports without effects need not wait for
    from analysis.estimation.costs import BreakEven, CostPerReturn


def break_even(threshold: BreakEven, lang: Lang) -> str:
    """Say how many returns, lasting how long each, pay an action back, or that none can."""
    words = {
        "cost": formats.quantity(threshold.cost, "euro", lang),
        "saving": formats.quantity(threshold.saving, "euro", lang),
        "months": formats.quantity(threshold.months, "month", lang),
    }
    if not threshold.attainable:
        return say("effect.cost.never_even", lang, **words)
    return say("effect.cost.break_even", lang, points=needed(threshold, lang), **words)


def needed(needed: BreakEven, lang: Lang) -> str:
    """Returns needed of a hundred people, rounded up, for fewer would not pay: whole from 10 on."""
    digits = 0 if needed.points > 9.9 else 1
    return formats.number(math.ceil(needed.points * 10**digits - 1e-9) / 10**digits, lang, digits)


def price_of_exit(price: CostPerReturn, lang: Lang) -> str:
    """Say the cost of one more exit from RSA; where it is undefined, why, and what remains known of it."""
    if price.defined:
        written = {k: formats.quantity(getattr(price, k), "euro", lang) for k in ("value", "lower", "upper")}
        return say("effect.cost.defined", lang, **written)
    told = say("effect.cost.undefined", lang, reason=say(f"effect.cost.reason.{price.reason}", lang))
    if price.floor is None:
        return told
    return f"{told} {say('effect.cost.floor', lang, floor=formats.quantity(_floored(price.floor), 'euro', lang))}"


def _floored(amount: float) -> float:
    """To two significant figures, never above: what is said to be excluded is."""
    step = 10.0 ** (math.floor(math.log10(amount)) - 1)
    return math.floor(amount / step + 1e-9) * step
