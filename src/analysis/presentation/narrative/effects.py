"""Sentences on the effects of policies, in French and in English, never stronger than their interval.

An effect is said to be seen only when ``verdict`` says so. When nothing is seen, one threshold is said: beyond what the
interval excludes an effect, in percent or points, in people, and in the share of those whom the policy followed. What makes
the comparison credible or not is worded in ``checks``, pilots in ``pilots``, designs in ``designs``, costs in ``costs``;
tables and drawings are made by ``figures``. Only the choice of words and the change of unit are made here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.estimation.sample import Estimate
from analysis.foundations.display import Brief
from analysis.foundations.values import Lang
from analysis.methods.policies.designs import Aim
from analysis.methods.verdict import (
    Evidence,
    Excluded,
    Looks,
    beyond,
    broken_promise,
    computed,
    excluded,
    reserves,
    unlimited,
    verdict,
    weaknesses,
)
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say
from analysis.presentation.narrative.sizes import Shown, Unit, about, chance, decimals, in_unit, share, size

# ------------------------------------------------------------------------------------------------------------- names


def inference_name(inference: str, lang: Lang) -> str:
    """The name of an inference, from ``Estimate.inference``."""
    return say(f"effect.inference.{inference}", lang)


# ----------------------------------------------------------------------------------------------------------- effects


def effect(estimate: Estimate | None, outcome: str, unit: Unit, lang: Lang, why: str = "") -> str:
    """Say an effect: seen, with the assumption it rests on; not seen, with what the interval leaves open; not computed.

    Args:
        outcome: what it is on, as a label (« foyers allocataires du RSA, en décembre »).
        why: the reason when there is none, for a reader.
    """
    outcome = formats.capital(outcome)
    if not computed(estimate):
        return say("effect.not_computed", lang, outcome=outcome, why=why or say("effect.no_reason", lang))
    shown, where = Shown.of(estimate, unit, lang), _where(estimate.treated, lang)
    if math.isnan(estimate.lower):
        return say("effect.no_interval", lang, outcome=outcome, size=shown.signed(shown.value))
    if estimate.excludes_zero and not unlimited(estimate):
        key = "effect.seen_down" if shown.value < 0 else "effect.seen_up"
        told = say(
            key, lang, outcome=outcome, where=where, size=shown.size(shown.value), between=shown.between(sign=False)
        )  # fmt: skip
        return f"{told} {say('effect.assumption', lang)}"
    if unlimited(estimate):
        return say("effect.unbounded", lang, outcome=outcome, where=where)
    return say(
        "effect.none", lang, outcome=outcome, where=where, lower=shown.signed(shown.lower),
        upper=shown.signed(shown.upper), excluded=_not_excluded(shown),
    )  # fmt: skip


def _where(treated: int, lang: Lang) -> str:
    return say("effect.where_one", lang) if treated == 1 else say("effect.where_many", lang, n=str(treated))


def _not_excluded(shown: Shown) -> str:
    """The changes that an interval around zero leaves possible; a limit that reads zero is none."""
    sides = [
        say(key, shown.lang, size=shown.size(x))
        for key, x in (("effect.fall", shown.lower), ("effect.rise", shown.upper))
        if formats.rounded(x, shown.digits)
    ]
    if len(sides) == 2:
        return say("effect.not_excluded_both", shown.lang, one=sides[0], other=sides[1])
    return say("effect.not_excluded_one", shown.lang, one=sides[0] if sides else shown.change())


# -------------------------------------------------------------------------------------------------------- what is excluded


@dataclass(frozen=True, repr=False)
class Concerned(Brief):
    """Whom an effect is on, so that it can be said in people.

    Attributes
    ----------
    aim : Aim
        Which way the policy means to move the outcome.
    caseload : float
        How many the outcome counted in the treated départements before the policy; None for a rate.
    counted : str
        Unit of the outcome in the dictionary.
    followed : float
        Share (0–1) of them that the policy followed; None where that is all of them, or is not known.
    """

    aim: Aim = ""
    caseload: float | None = None
    counted: str = "household"
    followed: float | None = None


NOBODY = Concerned()


def excluded_sentence(
    evidence: Evidence, unit: Unit, lang: Lang, concerned: Concerned = NOBODY, most: int | None = None
) -> str:
    """Of an effect that is not seen, say the one threshold that is excluded, in people too; or why none is.

    ``most`` is as in ``conclusion``.
    """
    limit = excluded(evidence, concerned.aim)
    estimate = evidence.estimate
    if not computed(estimate):
        return say("effect.excluded.nothing", lang)
    if limit is not None:
        return threshold(limit, estimate, unit, lang, concerned)
    if Shown.of(estimate, unit, lang).bounded:
        return say("effect.excluded.reserve", lang, reserves=_listed(reserves(evidence), lang, most))
    return say("effect.excluded.nothing", lang)


def threshold(limit: Excluded, estimate: Estimate, unit: Unit, lang: Lang, concerned: Concerned) -> str:
    """Say a threshold, how many people that is, and how many of those followed it would have taken."""
    shown = Shown.of(estimate, unit, lang)
    if not formats.rounded(
        in_unit(limit.limit, unit), shown.digits
    ):  # no fall, or no rise, can be told from none
        limit = beyond(estimate) or limit
    words = _threshold_words(limit, shown, concerned)
    told = say(f"effect.excluded.{limit.side}", lang, **words)
    if limit.side != "fall" or not concerned.followed or unit == "points":
        return told
    asked = _written(limit, shown) / 100 / concerned.followed
    if asked > 1:
        return f"{told} {say('effect.excluded.whole', lang)}"
    return f"{told} {say('effect.excluded.share', lang, share=share(asked, lang))}"


def excluded_cell(evidence: Evidence, unit: Unit, lang: Lang, concerned: Concerned = NOBODY) -> str:
    """What is excluded, for a cell of a table: the threshold with its people, or that nothing is and why."""
    limit, estimate = excluded(evidence, concerned.aim), evidence.estimate
    if not computed(estimate):
        return say("effect.excluded.cell_nothing", lang)
    if limit is None and verdict(evidence) == "nothing_seen":
        bounded = Shown.of(estimate, unit, lang).bounded
        why = _listed(reserves(evidence), lang) if bounded else say("effect.excluded.cell_limit", lang)
        return say("effect.excluded.cell_why", lang, why=why)
    if limit is None:
        return say("effect.excluded.cell_nothing", lang)
    return say(
        f"effect.excluded.cell_{limit.side}", lang,
        **_threshold_words(limit, Shown.of(estimate, unit, lang), concerned),
    )  # fmt: skip


def threshold_share(limit: Excluded, estimate: Estimate, unit: Unit, lang: Lang) -> float:
    """The threshold of an effect on a logarithm as a proportion (0–1), without its sign, as it is written."""
    return _written(limit, Shown.of(estimate, unit, lang)) / 100


def estimate_cell(estimate: Estimate, unit: Unit, lang: Lang) -> str:
    """An estimate with its interval, for a cell of a table."""
    shown = Shown.of(estimate, unit, lang)
    if not shown.bounded:
        return say("effect.cell_bare", lang, estimate=shown.signed(shown.value))
    limits = formats.bracket(shown.lower, shown.upper, lang, shown.digits)
    return say("effect.cell", lang, estimate=shown.signed(shown.value), limits=limits)


def _written(limit: Excluded, shown: Shown) -> float:
    """The threshold without its sign, as it is written: what is computed from it agrees with what is read."""
    return formats.rounded(abs(in_unit(limit.limit, shown.unit)), shown.digits)


def _threshold_words(limit: Excluded, shown: Shown, concerned: Concerned) -> dict[str, str]:
    people, size_ = "", _written(limit, shown)
    if concerned.caseload is not None and shown.unit == "relative":
        some = formats.quantity(about(size_ / 100 * concerned.caseload), concerned.counted, shown.lang)
        of = formats.number(concerned.caseload, shown.lang)
        people = say("effect.excluded.people", shown.lang, people=some, caseload=of)
    return {"size": shown.size(size_), "people": people}


def detectable(
    mde: float, power: float, unit: Unit, lang: Lang, caseload: float | None = None, counted: str = "household"
) -> str:  # fmt: skip
    """Say the smallest effect that figures from before promised to show, and how many people that is.

    Args:
        mde: in the unit of the outcome (``Detectable.mde``, ``Placebo.detectable``). power: probability of seeing it.
        caseload: people (or households) that the outcome counts; counted: their unit in the dictionary.
    """
    shown = in_unit(abs(mde), unit)
    if not math.isfinite(shown):
        return say("effect.detectable.nothing", lang)
    words = {"size": size(shown, unit, lang, decimals([shown])), "chance": chance(power, lang)}
    if caseload is None or unit == "points":
        return say("effect.detectable.size", lang, **words)
    people = formats.quantity(about(shown / 100 * caseload), counted, lang)
    return say(
        "effect.detectable.people", lang, people=people, caseload=formats.number(caseload, lang), **words
    )


def promised(estimate: Estimate, mde: float, power: float, unit: Unit, lang: Lang) -> str:
    """Say the smallest effect that figures from before promised to show, or that the interval found belies it.

    It does when half of it exceeds that effect; only the interval then tells what is excluded.
    """
    if not broken_promise(estimate, mde):
        return detectable(mde, power, unit, lang)
    shown = in_unit(abs(mde), unit)
    return say("effect.detectable.broken", lang, size=size(shown, unit, lang, decimals([shown])))


# --------------------------------------------------------------------------------------------------------- conclusion


def conclusion(
    evidence: Evidence, outcome: str, unit: Unit, lang: Lang, why: str = "", concerned: Concerned = NOBODY,
    most: int | None = None,
) -> str:  # fmt: skip
    """Say in a sentence or two what a study allows to conclude; arguments as in ``effect``.

    Args:
        concerned: whom the effect is on, so that what is excluded is said in people.
        most: name no more weaknesses than this, where all are told elsewhere; all when None.
    """
    kind, outcome, estimate = verdict(evidence), formats.capital(outcome), evidence.estimate
    key = f"effect.conclusion.{kind}"
    if kind == "not_computed" or estimate is None:
        return say(key, lang, outcome=outcome, why=why or say("effect.no_reason", lang))
    if kind == "not_credible":
        return say(key, lang, outcome=outcome)
    shown = Shown.of(estimate, unit, lang)
    if kind == "nothing_seen":
        between = f" ({shown.between(sign=True)})" if shown.bounded else ""
        told = say(key, lang, outcome=outcome, between=between)
        return f"{told} {excluded_sentence(evidence, unit, lang, concerned, most)}"
    words = {"outcome": outcome, "change": shown.change(), "between": shown.between(sign=False)}
    if kind == "seen":
        return say(key, lang, **words)
    return say(key, lang, weaknesses=_listed(weaknesses(evidence), lang, most), **words)


def verdict_cell(evidence: Evidence, lang: Lang) -> str:
    """The verdict, for a cell of a table, with what speaks against a gap that is seen."""
    kind = verdict(evidence)
    against = {"weaknesses": _listed(weaknesses(evidence), lang)} if kind == "seen_fragile" else {}
    return say(f"effect.verdict.{kind}", lang, **against)


def _listed(names: Sequence[str], lang: Lang, most: int | None = None) -> str:
    """Weaknesses in words; the first ones and the number of the others when only so many are wanted."""
    told = [say(f"effect.weakness.{name}", lang) for name in names[:most]]
    if left := len(names) - len(told):
        told.append(say("effect.weakness.others", lang) if left > 1 else say("effect.weakness.other", lang))
    return say("value.separator", lang).join(told)


def looked_at(counts: Looks, lang: Lang) -> str:
    """Say how many comparisons leave zero out, how many of these are placebo tests, and what chance alone would give."""
    told = say(
        "effect.looks.all", lang, n=str(counts.made), away=str(counts.away), placebos=str(counts.placebos),
        placebos_away=str(counts.placebos_away), expected=formats.number(counts.expected, lang, 1),
        placebos_expected=formats.number(counts.placebos_expected, lang, 1),
    )  # fmt: skip
    return f"{told} {say('effect.looks.many', lang)}" if counts.doubtful else told
