"""Sentences on the effects of policies, in French and in English, never stronger than their interval.

An effect is said to be seen only when its interval leaves zero out and nothing beside it speaks against it; ``verdict``
holds that rule, and ``weaknesses`` what speaks against. When nothing is seen the interval is read aloud, with the
smallest effect that could have been seen. What was refused says why. Results come from ``estimation`` and ``policies``,
tables and drawings are made by ``figures``; only the choice of words and the change of unit are made here.

Effects on a logarithm are written in percent (100·(exp(x) − 1)), those on a percentage in points.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from analysis import territories
from analysis.arithmetic import precisely, rounded
from analysis.estimation.sample import LEVEL, Estimate
from analysis.narrative import formats
from analysis.narrative.messages import known, message, say
from analysis.policies import Description, Reason
from analysis.values import Lang

if TYPE_CHECKING:  # their libraries take seconds to import, which reports without effects need not wait for
    from analysis.estimation.costs import BreakEven, CostPerReturn
    from analysis.estimation.credibility import LeaveOneOut, PlaceboDates, Pretrends
    from analysis.estimation.power import Dilution
    from analysis.estimation.sensitivity import Sensitivity
    from analysis.estimation.synthetic import Placebo

Unit = Literal["relative", "points"]
Frequency = Literal["year", "quarter", "month"]
Verdict = Literal["not_computed", "not_credible", "nothing_seen", "seen_fragile", "seen"]

ROBUST = 1.0
"""An effect stands when trends may part after the policy by this many times the most they did before (M̄)."""
NAMED = 4
"""More départements than this are counted and not named in a sentence."""


# ------------------------------------------------------------------------------------------------------- sizes and units


def in_unit(x: float, unit: Unit) -> float:
    """An effect as readers get it: log points in percent, exactly; percentage points as they are."""
    return rounded(float(100 * precisely(np.expm1, x) if unit == "relative" and math.isfinite(x) else x))


def decimals(shown: Sequence[float]) -> int:
    """Decimals for figures of the same effect: one, two below 1, and more where one that is not zero would read so."""
    known = [abs(x) for x in shown if math.isfinite(x) and x]
    least = 2 if known and max(known) < 1 else 1
    return next((d for d in range(least, 4) if all(round(x, d) for x in known)), 3)


def size(shown: float, unit: Unit, lang: Lang, digits: int) -> str:
    """An amount of effect without its sign: ``2,3 %``, ``0,4 point``."""
    if unit == "points":
        return formats.change(shown, "percent", lang, digits, sign=False)
    return formats.percent(abs(shown), lang, digits)


def signed(shown: float, unit: Unit, lang: Lang, digits: int) -> str:
    """An amount of effect with its sign: ``−2,3 %``, ``+0,4 point``."""
    sign = formats.signed(shown, lang, digits)[:1]
    return (sign if sign in f"+{formats.MINUS}" else "") + size(shown, unit, lang, digits)


def chance(p: float, lang: Lang) -> str:
    """A probability in words: ``23 fois sur 100``, ``moins d’une fois sur 100``."""
    times = round(100 * p)
    if not 1 <= times <= 99:
        return say("effect.chance_rare" if times < 1 else "effect.chance_common", lang)
    return say("effect.chance_once", lang) if times == 1 else say("effect.chance", lang, n=str(times))


@dataclass(frozen=True)
class _Shown:
    """An estimate in the unit of readers, with the decimals that suit it."""

    value: float
    lower: float
    upper: float
    unit: Unit
    lang: Lang

    @classmethod
    def of(cls, found: Estimate, unit: Unit, lang: Lang) -> _Shown:
        return cls(*(in_unit(x, unit) for x in (found.att, found.lower, found.upper)), unit, lang)

    @property
    def digits(self) -> int:
        return decimals((self.value, self.lower, self.upper))

    @property
    def bounded(self) -> bool:
        return math.isfinite(self.upper) and math.isfinite(self.lower)

    def size(self, x: float) -> str:
        return size(x, self.unit, self.lang, self.digits)

    def signed(self, x: float) -> str:
        return signed(x, self.unit, self.lang, self.digits)

    def between(self, sign: bool) -> str:
        """The interval in words; without signs when it lies on one side of zero, from the nearer limit on."""
        if sign:
            low, high = self.signed(self.lower), self.signed(self.upper)
        else:
            low, high = (self.size(x) for x in sorted((self.lower, self.upper), key=abs))
        return say("effect.between", self.lang, lower=low, upper=high)

    def change(self) -> str:
        return say("effect.fall" if self.value < 0 else "effect.rise", self.lang, size=self.size(self.value))


def _computed(found: Estimate | None) -> bool:
    return found is not None and not math.isnan(found.att)


def _unlimited(found: Estimate) -> bool:
    """Whether the interval has no limit on one side or both."""
    return math.isinf(found.lower) or math.isinf(found.upper)


# ------------------------------------------------------------------------------------------------------------- names


def estimator_name(estimator: str, lang: Lang) -> str:
    """The name of an estimator, from ``Estimate.estimator``."""
    return say(f"effect.estimator.{estimator}", lang)


def inference_name(inference: str, lang: Lang) -> str:
    """The name of an inference, from ``Estimate.inference``."""
    return say(f"effect.inference.{inference}", lang)


def estimand_name(estimand: str, lang: Lang) -> str:
    """What an average is over, from ``Estimate.estimand``; a cohort and a period are dated."""
    kind, _, date = estimand.partition(" ")
    if not date:
        return say(f"effect.estimand.{kind}", lang)
    return say(f"effect.estimand.{kind}", lang, when=formats.at(date, lang))


def few(treated: int, controls: int, lang: Lang) -> str:
    """Why a method refused a comparison with so few départements, for the ``why`` of a sentence or the note of a row."""
    return say("effect.few", lang, treated=str(treated), controls=str(controls))


# ----------------------------------------------------------------------------------------------------------- effects


def effect(found: Estimate | None, outcome: str, unit: Unit, lang: Lang, why: str = "") -> str:
    """Say an effect: seen, with the assumption it rests on; not seen, with what the interval leaves open; not computed.

    Args:
        outcome: what it is on, as a label (« foyers allocataires du RSA, en décembre »).
        why: the reason when there is none, for a reader.
    """
    outcome = formats.capital(outcome)
    if not _computed(found):
        return say("effect.not_computed", lang, outcome=outcome, why=why or say("effect.no_reason", lang))
    shown, where = _Shown.of(found, unit, lang), _where(found.treated, lang)
    if math.isnan(found.lower):
        return say("effect.no_interval", lang, outcome=outcome, size=shown.signed(shown.value))
    if found.excludes_zero and not _unlimited(found):
        key = "effect.seen_down" if shown.value < 0 else "effect.seen_up"
        told = say(
            key, lang, outcome=outcome, where=where, size=shown.size(shown.value), between=shown.between(sign=False)
        )  # fmt: skip
        return f"{told} {say('effect.assumption', lang)}"
    if _unlimited(found):
        return say("effect.unbounded", lang, outcome=outcome, where=where)
    return say(
        "effect.none", lang, outcome=outcome, where=where, lower=shown.signed(shown.lower),
        upper=shown.signed(shown.upper), excluded=_not_excluded(shown),
    )  # fmt: skip


def _where(treated: int, lang: Lang) -> str:
    return say("effect.where_one", lang) if treated == 1 else say("effect.where_many", lang, n=str(treated))


def _not_excluded(shown: _Shown) -> str:
    """The changes that an interval around zero leaves possible; a limit that reads zero is none."""
    sides = [
        say(key, shown.lang, size=shown.size(x))
        for key, x in (("effect.fall", shown.lower), ("effect.rise", shown.upper))
        if round(x, shown.digits)
    ]
    if len(sides) == 2:
        return say("effect.not_excluded_both", shown.lang, one=sides[0], other=sides[1])
    return say("effect.not_excluded_one", shown.lang, one=sides[0] if sides else shown.change())


# ------------------------------------------------------------------------------------------------------- beside an effect


def pretrends(found: Pretrends | None, unit: Unit, frequency: Frequency, lang: Lang, why: str = "") -> str:
    """Say what was seen before the policy, and what could not be: a test that finds nothing is no proof."""
    if found is None:
        return say("effect.pretrends.unknown", lang, why=why or say("effect.no_reason", lang))
    if not found.judged:
        return say("effect.pretrends.no_verdict", lang)
    if found.rejected:
        return say("effect.pretrends.rejected", lang, chance=chance(found.p, lang))
    if not (math.isfinite(found.detectable_slope) and math.isfinite(found.implied)):
        return say("effect.pretrends.blind", lang)
    slope, implied = (in_unit(abs(x), unit) for x in (found.detectable_slope, found.implied))
    rate = say(f"effect.per.{frequency}", lang, size=size(slope, unit, lang, decimals([slope])))
    return say(
        "effect.pretrends.none_seen", lang, chance=chance(found.p, lang), slope=rate,
        implied=size(implied, unit, lang, decimals([implied])),
    )  # fmt: skip


def sensitivity(found: Sensitivity | None, lang: Lang, why: str = "") -> str:
    """Say how far trends may part before an effect is no longer told from zero (relative magnitudes)."""
    if found is None:
        return say("effect.sensitivity.unknown", lang, why=why or say("effect.no_reason", lang))
    value = found.breakdown_relative
    if value <= 0:
        return say("effect.sensitivity.nothing", lang)
    if math.isinf(value):
        return say("effect.sensitivity.always", lang)
    told = say("effect.sensitivity.until", lang, m=formats.number(_floored(value), lang, 1))
    return told if value >= ROBUST else f"{told} {say('effect.sensitivity.fragile', lang)}"


def _floored(value: float) -> float:
    """To one decimal, never above: 0.97 must not read 1.0."""
    return math.floor(10 * value + 1e-9) / 10


def leave_one_out(found: LeaveOneOut, unit: Unit, lang: Lang) -> str:
    """Say between what an effect moves without each treated département, and whether one decides of it."""
    digits = _Shown.of(found.estimate, unit, lang).digits
    low, high = (signed(in_unit(x, unit), unit, lang, digits) for x in (found.lowest, found.highest))
    told = say(
        "effect.left_out.range", lang, n=str(len(found.frame)), lowest=low, highest=high,
        of=territories.get(found.influential).name_of(lang),
    )  # fmt: skip
    seen = (found.frame["lower"] > 0) | (found.frame["upper"] < 0)
    if found.estimate.excludes_zero:
        kept = seen & ((found.frame["att"] > 0) == (found.estimate.att > 0))
        key, units = ("stands", []) if kept.all() else ("rests", list(found.frame.index[~kept]))
    else:
        key, units = ("appears", list(found.frame.index[seen])) if seen.any() else ("never", [])
    names = {"names": _without(units, lang)} if units else {}
    return f"{told} {say(f'effect.left_out.{key}', lang, **names)}"


def _without(units: Sequence[str], lang: Lang) -> str:
    if len(units) > NAMED:
        return say("effect.left_out.several", lang, n=str(len(units)))
    return formats.listing([territories.get(unit).name_the(lang) for unit in units], lang)


def placebo_date(found: PlaceboDates, lang: Lang) -> str:
    """Say at how many dates before the policy the same method finds an effect that cannot exist."""
    n = str(len(found.dates))
    if not found.rejected and len(found.dates) == 1:
        return say("effect.dates.none_one", lang)
    if not found.rejected:
        return say("effect.dates.none", lang, n=n)
    dates = formats.listing([formats.bare_period(date, lang) for date in found.rejected], lang)
    told = say("effect.dates.some", lang, k=str(len(found.rejected)), n=n, dates=dates)
    return f"{told} {say('effect.dates.many', lang)}" if _too_many(found) else told


def _too_many(found: PlaceboDates) -> bool:
    """More than one date, and twice as many as chance gives."""
    return len(found.rejected) > max(1.0, 2 * (1 - LEVEL) * len(found.dates))


def placebo_outcome(found: Estimate | None, outcome: str, unit: Unit, lang: Lang, why: str = "") -> str:
    """Say whether an effect appears on what the policy should leave as it was."""
    outcome = formats.capital(outcome)
    if not _computed(found) or not _Shown.of(found, unit, lang).bounded:
        reason = why or say("effect.no_reason", lang)
        return say("effect.elsewhere.unknown", lang, outcome=outcome, why=reason)
    between = _Shown.of(found, unit, lang).between(sign=True)
    key = "effect.elsewhere.seen" if found.excludes_zero else "effect.elsewhere.clean"
    return say(key, lang, outcome=outcome, between=between)


def placebo(found: Placebo, unit: Unit, lang: Lang, looked_at: int = 1) -> str:
    """Say the gap of one département from its synthetic control, its place among placebos, and what that allows.

    Args:
        looked_at: how many départements are looked at one by one; one of them may be unusual by chance alone.
    """
    there, shown = territories.get(found.unit), _Shown.of(found.estimate, unit, lang)
    between = say("effect.placebo.between", lang, interval=shown.between(sign=True)) if shown.bounded else ""
    place = there.name_in(lang)
    told = say(
        "effect.placebo.gap", lang, place=formats.capital(place), the=there.name_the(lang),
        gap=shown.signed(shown.value), between=between,
    )  # fmt: skip
    count = len(found.gaps)
    if 1 / count > 1 - LEVEL + 1e-9:
        return f"{told} {say('effect.placebo.powerless', lang, n=str(count), chance=chance(1 / count, lang))}"
    ranked = {"rank": str(found.rank), "n": str(count), "chance": chance(found.p_ratio, lang)}
    return " ".join(
        [told, say("effect.placebo.rank", lang, **ranked), *_unusual(found, place, lang, looked_at)]
    )


def _unusual(found: Placebo, place: str, lang: Lang, looked_at: int) -> list[str]:
    """Unusual only when the rank and the interval both say so."""
    by_rank = found.p_ratio <= 1 - LEVEL + 1e-9
    if by_rank != found.estimate.excludes_zero:
        return [say("effect.placebo.mixed", lang, place=place)]
    if not by_rank:
        return [say("effect.placebo.usual", lang, place=formats.capital(place))]
    told = [say("effect.placebo.unusual", lang)]
    if looked_at > 1:
        one = 1 - (1 - found.p_ratio) ** looked_at
        told.append(say("effect.placebo.several", lang, n=str(looked_at), chance=chance(one, lang)))
    return told


# ------------------------------------------------------------------------------------------------- what could be seen


def detectable(
    mde: float, power: float, unit: Unit, lang: Lang, caseload: float | None = None, counted: str = "household"
) -> str:  # fmt: skip
    """Say the smallest effect that could have been seen, and how many people that is.

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
    people = formats.quantity(_about(shown / 100 * caseload), counted, lang)
    return say(
        "effect.detectable.people", lang, people=people, caseload=formats.number(caseload, lang), **words
    )


def optimistic(found: Estimate, mde: float, lang: Lang) -> str:
    """Say that half the interval found exceeds the smallest effect that figures from before promised to show, if so."""
    half = (found.upper - found.lower) / 2
    return say("effect.detectable.optimistic", lang) if half > abs(mde) else ""


def _about(x: float) -> float:
    """To two significant figures, at least one."""
    return max(1.0, float(f"{x:.1e}"))


def pilot(found: Dilution, lang: Lang, most: Dilution | None = None) -> str:
    """Say what a pilot would have had to change among those it followed for its effect to be seen.

    Args:
        most: the same with the largest coverage, when only a range of it is known; ``found`` has the smallest.
    """
    mde = _share(found.mde, lang)
    if most is None or most.coverage == found.coverage:
        coverage = _share(found.coverage, lang)
        if found.visible:
            return say("effect.pilot.visible", lang, coverage=coverage, share=_share(found.effect, lang))
        return say("effect.pilot.invisible", lang, coverage=coverage, mde=mde)
    ends = {"low": _share(found.coverage, lang), "high": _share(most.coverage, lang)}
    if not most.visible:
        return say("effect.pilot.never", lang, mde=mde, **ends)
    least = _share(most.effect, lang)
    if not found.visible:
        return say("effect.pilot.doubtful", lang, least=least, **ends)
    return say("effect.pilot.between", lang, least=least, most=_share(found.effect, lang), **ends)


def _share(x: float, lang: Lang) -> str:
    """A proportion in percent: whole from 10 on."""
    return formats.percent(100 * x, lang, 0 if x >= 0.0995 else decimals([100 * x]))


def attributed(found: Estimate, coverage: float, lang: Lang) -> str:
    """Say what an effect on a caseload asks of a pilot that followed a share of it, were the pilot its only cause.

    Args:
        found: on a logarithm. coverage: share followed (0 to 1), the largest when only a range is known.
    """
    ends = [abs(in_unit(x, "relative")) / 100 / coverage for x in (found.att, found.lower, found.upper)]
    words = {"coverage": _share(coverage, lang)}
    if found.excludes_zero and min(ends[1:]) > 1:
        return say("effect.attributed.too_large", lang, **words)
    if ends[0] > 1:
        return say("effect.attributed.overstated", lang, **words)
    return say("effect.attributed.part", lang, share=_share(ends[0], lang), **words)


# --------------------------------------------------------------------------------------------------------- conclusion


@dataclass(frozen=True)
class Evidence:
    """What a conclusion rests on; None for what could not be computed.

    Attributes:
        detectable: smallest effect that could be seen, in the unit of the outcome.
        left_out, dates: None when they were not asked for. elsewhere: effects on outcomes the policy should not move.
        studentised, noisier: as in ``evaluation.Evaluation``.
    """

    estimate: Estimate | None
    pretrends: Pretrends | None = None
    sensitivity: Sensitivity | None = None
    detectable: float | None = None
    left_out: LeaveOneOut | None = None
    dates: PlaceboDates | None = None
    elsewhere: tuple[Estimate, ...] = ()
    studentised: bool = True
    noisier: bool = False


def verdict(evidence: Evidence) -> Verdict:
    """What may be said of an effect, in this order:

    - ``not_computed``: there is no estimate;
    - ``not_credible``: the treated were seen to be on another path before the policy, whatever the estimate;
    - ``nothing_seen``: the interval holds zero, or has no limits;
    - ``seen_fragile``: it leaves zero out, and at least one of ``weaknesses`` is there;
    - ``seen``: it leaves zero out, and none is.
    """
    found = evidence.estimate
    if not _computed(found):
        return "not_computed"
    if evidence.pretrends is not None and evidence.pretrends.rejected:
        return "not_credible"
    if not found.excludes_zero or _unlimited(found):
        return "nothing_seen"
    return "seen_fragile" if weaknesses(evidence) else "seen"


def weaknesses(evidence: Evidence) -> tuple[str, ...]:
    """What speaks against calling a gap an effect: keys of the messages ``effect.weakness.KEY``.

    A trend that could not be compared, or one too small to be seen that would produce the gap (Roth, 2022); a drift as
    large as one seen before that would remove it; a gap smaller than what is usually seen, hence often exaggerated
    (Gelman and Carlin, 2014); one département that decides; effects where there can be none; treated too few for their
    own spread to count in the interval, above all when they varied more than the others.
    """
    before, found, out = evidence.pretrends, evidence.estimate, evidence.left_out
    robust = evidence.sensitivity
    carried = out is not None and not all(
        (out.frame["lower"] > 0) if found.att > 0 else (out.frame["upper"] < 0)
    )
    checks = {
        "noisier": evidence.noisier,
        "few_treated": not evidence.studentised and not evidence.noisier,
        "pretrends_unknown": before is None or not before.judged,
        "missed_trend": before is not None and before.judged and not abs(found.att) > abs(before.implied),
        "sensitivity_unknown": robust is None,
        "sensitive": robust is not None and robust.breakdown_relative < ROBUST,
        "below_detectable": evidence.detectable is not None and abs(found.att) < evidence.detectable,
        "one_unit": found.treated == 1 or carried,
        "earlier": evidence.dates is not None and _too_many(evidence.dates),
        "elsewhere": any(estimate.excludes_zero for estimate in evidence.elsewhere),
    }
    return tuple(key for key, there in checks.items() if there)


def conclusion(evidence: Evidence, outcome: str, unit: Unit, lang: Lang, why: str = "") -> str:
    """Say in a sentence or two what a study allows to conclude; arguments as in ``effect``."""
    kind, outcome = verdict(evidence), formats.capital(outcome)
    key = f"effect.conclusion.{kind}"
    if kind == "not_computed":
        return say(key, lang, outcome=outcome, why=why or say("effect.no_reason", lang))
    if kind == "not_credible":
        return say(key, lang, outcome=outcome)
    if kind == "nothing_seen":
        return _nothing(evidence, outcome, unit, lang)
    shown = _Shown.of(evidence.estimate, unit, lang)
    words = {"outcome": outcome, "change": shown.change(), "between": shown.between(sign=False)}
    if kind == "seen":
        return say(key, lang, **words)
    against = [say(f"effect.weakness.{name}", lang) for name in weaknesses(evidence)]
    return say(key, lang, weaknesses=say("value.separator", lang).join(against), **words)


def _nothing(evidence: Evidence, outcome: str, unit: Unit, lang: Lang) -> str:
    """No effect seen: with what the interval holds, and the size that could have gone unseen, which is no smaller."""
    shown = _Shown.of(evidence.estimate, unit, lang)
    words = {"outcome": outcome, "between": f" ({shown.between(sign=True)})" if shown.bounded else ""}
    mde = math.inf if evidence.detectable is None else in_unit(abs(evidence.detectable), unit)
    if not math.isfinite(mde):
        return say("effect.conclusion.nothing_bounded", lang, **words)
    unseen = max([mde, *(abs(x) for x in (shown.lower, shown.upper) if math.isfinite(x))])
    digits = decimals([unseen]) if unseen == mde else shown.digits
    return say("effect.conclusion.nothing_seen", lang, size=size(unseen, unit, lang, digits), **words)


# ------------------------------------------------------------------------------------------------------------ designs


def reason(given: Reason, lang: Lang) -> str:
    """A reason of a design in words: policies by their name, dates as periods, codes by the name of their territory."""
    key = f"design.reason.{given.key}"
    held = message(key, lang).places
    words = {
        "policy": policy_name(given.policy, lang),
        "date": formats.bare_period(given.date, lang) if given.date else say("state.not_given", lang),
        "text": _names(given.text, lang),
    }
    return say(key, lang, **{name: text for name, text in words.items() if name in held})


def policy_name(policy: str, lang: Lang) -> str:
    """A policy of the register by its name; that of a design of one's own as it is."""
    return say(f"design.policy.{policy}", lang) if known(f"design.policy.{policy}", lang) else policy


def _names(text: str, lang: Lang) -> str:
    """Codes in a list as names; any other text as it is."""
    codes = text.split(", ")
    if all(code in territories.CODES for code in codes):
        return formats.listing([territories.get(code).label(lang) for code in codes], lang)
    return text


def design_rows(found: Description, lang: Lang) -> list[Mapping[str, str]]:
    """Who is compared with whom, and with what reserve, a row each: ``kind`` and ``content``."""
    rows = [
        _row("policy", policy_name(found.policy or found.name, lang), lang),
        _row("window", formats.span(found.first, found.last, lang), lang),
    ]
    if found.general:
        rows.append(_row("general", formats.bare_period(found.general, lang), lang))
    if found.anticipation:
        months = formats.quantity(found.anticipation, "month", lang)
        rows.append(_row("anticipation", say("effect.design.anticipation_months", lang, months=months), lang))
    rows += [_members("treated", reason(group.reason, lang), group.codes, lang) for group in found.treated]
    rows.append(_members("controls", say("effect.design.untreated", lang), found.controls, lang))
    rows += [
        _members(kind, reason(group.reason, lang), group.codes, lang)
        for kind in ("left_out", "flagged", "dropped")
        for group in getattr(found, kind)
    ]
    return rows + [_row("caution", reason(caution, lang), lang) for caution in found.cautions]


def _row(kind: str, content: str, lang: Lang, **count: str) -> Mapping[str, str]:
    return {"kind": say(f"effect.design.{kind}", lang, **count), "content": formats.capital(content)}


def _members(kind: str, why: str, codes: Sequence[str], lang: Lang) -> Mapping[str, str]:
    if kind == "dropped":
        names = [formats.bare_period(code, lang) for code in codes]
    else:
        names = [territories.get(code).label(lang) for code in codes]
    listed = formats.listing(names, lang) if names else say("effect.table.none", lang)
    content = say("effect.design.members", lang, reason=formats.capital(why), members=listed)
    return _row(kind, content, lang, n=str(len(codes)))


# -------------------------------------------------------------------------------------------------------------- costs


def break_even(found: BreakEven, lang: Lang) -> str:
    """Say the effect at which an action pays for itself, or that none can."""
    words = {
        "cost": formats.quantity(found.cost, "euro", lang),
        "saving": formats.quantity(found.saving, "euro", lang),
        "months": formats.quantity(found.months, "month", lang),
    }
    if not found.attainable:
        return say("effect.cost.never_even", lang, **words)
    points = formats.number(found.points, lang, 0 if found.points >= 9.95 else 1)
    return say("effect.cost.break_even", lang, points=points, **words)


def cost_per_return(found: CostPerReturn, lang: Lang) -> str:
    """Say the cost of one more return to work; where it is undefined, why, and what remains known of it."""
    if found.defined:
        written = {k: formats.quantity(getattr(found, k), "euro", lang) for k in ("value", "lower", "upper")}
        return say("effect.cost.defined", lang, **written)
    told = say("effect.cost.undefined", lang, reason=say(f"effect.cost.reason.{found.reason}", lang))
    if found.floor is None:
        return told
    floor = formats.quantity(float(f"{found.floor:.1e}"), "euro", lang)
    return f"{told} {say('effect.cost.floor', lang, floor=floor)}"


def coverage_rows(found: pd.DataFrame, lang: Lang) -> list[Mapping[str, object]]:
    """How many people a policy concerned, a row for each territory of ``policies.coverage``.

    Keys: ``territory``, ``basis``, ``people``, ``recipients``, ``period``, ``share`` in percent with its ``lower`` and
    ``upper`` when only a range is known.
    """
    rows = []
    for site in found.itertuples():
        shares = {k: None if pd.isna(x) else 100 * float(x) for k, x in zip(
            ("share", "lower", "upper"), (site.share, site.lower, site.upper), strict=True
        )}  # fmt: skip
        rows.append({
            "territory": territories.get(site.territory).label(lang),
            "basis": say(f"design.basis.{site.basis}", lang),
            "people": None if pd.isna(site.people) else float(site.people),
            "recipients": None if pd.isna(site.recipients) else float(site.recipients),
            "period": site.period,
        } | shares)  # fmt: skip
    return rows
