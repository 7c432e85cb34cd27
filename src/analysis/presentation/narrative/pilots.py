"""Sentences on pilots: whom they followed and who says so, and what an effect on a caseload would ask of those people.

A number of people comes from an announcement or from the press, and a target that holds for all pilots is never told as
the number of one of them. Shares are of households of the département, while those followed are people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.estimation.sample import Estimate
from analysis.foundations.values import Lang, dictionary
from analysis.methods.verdict import attribution
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import known, say
from analysis.presentation.narrative.sizes import chance, in_unit, share

if TYPE_CHECKING:  # their libraries take seconds to import, which reports without effects need not wait for
    from analysis.estimation.power import Dilution
    from analysis.methods.policies import Reached


def pilot(dilution: Dilution, power: float, lang: Lang) -> str:
    """Say what a pilot would have to change among those it follows for its effect to be seen with some probability.

    For planning, from a smallest effect that can be seen: nothing is said here of what was found.
    """
    words = {"coverage": share(dilution.coverage, lang), "chance": chance(power, lang)}
    if dilution.visible:
        return say("effect.pilot.visible", lang, share=share(dilution.effect, lang), **words)
    return say("effect.pilot.invisible", lang, mde=share(dilution.mde, lang), **words)


def recipients(counted: str, lang: Lang) -> str:
    """Those whom a policy is for, by the unit of the outcome that counts them: ``foyers allocataires``, ``personnes``."""
    key = f"design.recipients.{counted}"
    return say(key, lang) if known(key, lang) else dictionary().units[counted].symbol[lang]


def reached(reach: Reached, lang: Lang, counted: str = "household") -> str:
    """Say how many people a pilot was for, as a share of the recipients, and on what that rests.

    Args:
        reach: of a pilot in a part of its département. counted: the unit of the recipients in the dictionary.
    """
    words = {
        "recipients": recipients(counted, lang),
        "caseload": formats.number(reach.recipients, lang),
        "when": formats.bare_period(reach.period, lang),
    }
    if reach.basis == "range":
        people = [formats.number(x, lang) for x in reach.people]
        low, high = (share(x, lang) for x in reach.shares)
        return say("effect.reached.range", lang, least=people[0], most=people[1], low=low, high=high, **words)
    return say(
        f"effect.reached.{reach.basis}", lang, people=formats.number(reach.people[0], lang),
        share=share(reach.shares[0], lang), **words,
    )  # fmt: skip


def asked_of_pilot(people: Reached, limit: float, lang: Lang) -> str:
    """Say what a fall as large as the threshold that is excluded would have taken of the people of a pilot.

    Args:
        limit: the threshold as a proportion of the caseload (0–1), without its sign.
    """
    least, most = sorted((limit / people.shares[1], limit / people.shares[0]))
    if least > 1:
        return say("effect.reached.nothing", lang)
    if most > 1:
        return say("effect.reached.at_least", lang, least=share(least, lang))
    if least == most:
        return say("effect.reached.share", lang, share=share(least, lang))
    return say("effect.reached.between", lang, least=share(least, lang), most=share(most, lang))


def attributed(estimate: Estimate, coverage: float, lang: Lang, counted: str = "household") -> str:
    """Say what an effect on a caseload asks of a pilot that followed a share of it, were the pilot its only cause.

    Args:
        estimate: on a logarithm. coverage: share followed (0 to 1), the largest when only a range is known.
        counted: the unit of the recipients in the dictionary.
    """
    ends = [
        abs(in_unit(x, "relative")) / 100 / coverage for x in (estimate.att, estimate.lower, estimate.upper)
    ]
    words = {"coverage": share(coverage, lang), "recipients": recipients(counted, lang)}
    kind = attribution(estimate, ends)
    if kind == "part":
        words["share"] = share(ends[0], lang)
    return say(f"effect.attributed.{kind}", lang, **words)
