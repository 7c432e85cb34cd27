"""What may be concluded of an effect: the verdict, what speaks against, what its interval excludes, how many were looked at.

The rules are written once, here, and hold for every policy and outcome; no sentence says more. ``verdict`` goes from the
worst case on; ``weaknesses`` names what speaks against a gap that is seen; ``excluded`` is the one threshold beyond which an
effect is excluded, from the interval alone, and nothing when a reserve (``reserves``) makes the interval itself unsure;
``looks`` counts what leaves zero out, placebo tests apart.

It takes results of ``estimation`` and gives keys and numbers: it estimates nothing (``evaluation``) and words nothing
(``narrative``). It loads no library of estimators, so that reports can read results back without them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeGuard

from analysis.estimation.confidence import LEVEL
from analysis.estimation.sample import Estimate
from analysis.foundations.display import Brief
from analysis.methods.policies.designs import Aim

if TYPE_CHECKING:  # their libraries take seconds to import, which reports without effects need not wait for
    from analysis.estimation.credibility import LeaveOneOut, PlaceboDates, Pretrends
    from analysis.estimation.sensitivity import Sensitivity
    from analysis.estimation.synthetic import Placebo

Verdict = Literal["not_computed", "not_credible", "nothing_seen", "seen_fragile", "seen"]
Side = Literal["fall", "rise", "either"]

ROBUST = 1.0
"""An effect stands when trends may part after the policy by this many times the most they did before (M̄)."""

RESERVES = ("noisier", "pretrends_unknown", "earlier", "elsewhere")
"""Weaknesses that make an interval unsure wherever it lies, so that nothing can be said to be excluded by it."""


@dataclass(frozen=True)
class Evidence:
    """What a conclusion rests on; None for what could not be computed.

    Attributes
    ----------
    detectable : float
        Smallest effect that could be seen, in the unit of the outcome.
    left_out, dates : LeaveOneOut
        None when they were not asked for.
    elsewhere : tuple[Estimate, ...]
        Effects on outcomes the policy should not move.
    studentised, noisier : bool
        As in ``evaluation.Evaluation``.
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


def computed(estimate: Estimate | None) -> TypeGuard[Estimate]:
    """Whether there is an estimate."""
    return estimate is not None and not math.isnan(estimate.att)


def unlimited(estimate: Estimate) -> bool:
    """Whether the interval has no limit on one side or both."""
    return math.isinf(estimate.lower) or math.isinf(estimate.upper)


def verdict(evidence: Evidence) -> Verdict:
    """What may be said of an effect, in this order:

    - ``not_computed``: there is no estimate;
    - ``not_credible``: the treated were seen to be on another path before the policy, whatever the estimate;
    - ``nothing_seen``: the interval holds zero, or has no limits;
    - ``seen_fragile``: it leaves zero out, and at least one of ``weaknesses`` is there;
    - ``seen``: it leaves zero out, and none is.
    """
    estimate = evidence.estimate
    if not computed(estimate):
        return "not_computed"
    if evidence.pretrends is not None and evidence.pretrends.rejected:
        return "not_credible"
    if not estimate.excludes_zero or unlimited(estimate):
        return "nothing_seen"
    return "seen_fragile" if weaknesses(evidence) else "seen"


def weaknesses(evidence: Evidence) -> tuple[str, ...]:
    """What speaks against calling a gap an effect: keys of the messages ``effect.weakness.KEY``.

    A trend that could not be compared, or one too small to be seen that would produce the gap (Roth, 2022); a drift as
    large as one seen before that would remove it; a gap smaller than what is usually seen, hence often exaggerated
    (Gelman and Carlin, 2014); one département that decides, or that is alone; effects where there can be none; treated too
    few for their own spread to count in the interval, above all when they varied more than the others.
    """
    before, main, robust = evidence.pretrends, evidence.estimate, evidence.sensitivity
    if main is None:
        return ()
    checks = {
        "noisier": evidence.noisier,
        "few_treated": not evidence.studentised and not evidence.noisier,
        "pretrends_unknown": before is None or not before.judged,
        "missed_trend": before is not None and before.judged and not abs(main.att) > abs(before.implied),
        "sensitivity_unknown": robust is None,
        "sensitive": robust is not None and sensitive(robust),
        "below_detectable": evidence.detectable is not None and abs(main.att) < evidence.detectable,
        "one_unit": main.treated == 1,
        "carried": evidence.left_out is not None and bool(carried_by(evidence.left_out, main)),
        "earlier": evidence.dates is not None and too_many(evidence.dates),
        "elsewhere": any(estimate.excludes_zero for estimate in evidence.elsewhere),
    }
    return tuple(key for key, there in checks.items() if there)


def sensitive(robustness: Sensitivity) -> bool:
    """Whether an effect is lost before trends part by as much as they did before the policy."""
    return robustness.breakdown_relative < ROBUST


def carried_by(out: LeaveOneOut, estimate: Estimate) -> tuple[str, ...]:
    """The treated départements without any of which an effect can no longer be told from zero, or changes sign."""
    stands = (out.frame["lower"] > 0) if estimate.att > 0 else (out.frame["upper"] < 0)
    return tuple(out.frame.index[~stands])


def shown_without(left_out: LeaveOneOut) -> tuple[str, ...]:
    """The treated départements without any of which an effect would be told from zero."""
    return tuple(left_out.frame.index[(left_out.frame["lower"] > 0) | (left_out.frame["upper"] < 0)])


def too_many(dates: PlaceboDates) -> bool:
    """Whether effects appear at more than one placebo date, and at twice as many as chance gives."""
    return _too_many(len(dates.rejected), len(dates.dates) - len(dates.untested))


def _too_many(away: int, looked_at: int) -> bool:
    return away > max(1.0, 2 * (1 - LEVEL) * looked_at)


def broken_promise(estimate: Estimate, mde: float) -> bool:
    """Whether an interval is wider than the smallest effect that figures from before promised to show."""
    return (estimate.upper - estimate.lower) / 2 > abs(mde)


# ------------------------------------------------------------------------------------------------------ one département


Gap = Literal["powerless", "mixed", "usual", "unusual"]


def gap(placebos: Placebo) -> Gap:
    """What may be said of one département beside its synthetic control, among the same computations for others:

    - ``powerless``: there are too few others for any rank to be rare;
    - ``mixed``: its rank and its interval disagree;
    - ``unusual``: both say that its gap is; ``usual``: neither does.
    """
    chance = 1 - LEVEL + 1e-9
    if 1 / len(placebos.gaps) > chance:
        return "powerless"
    rare = placebos.p_ratio <= chance
    if rare != placebos.estimate.excludes_zero:
        return "mixed"
    return "unusual" if rare else "usual"


Attribution = Literal["too_large", "overstated", "part"]


def attribution(estimate: Estimate, shares: Sequence[float]) -> Attribution:
    """Whether an effect on a caseload can come from a pilot that followed a part of it alone.

    Args:
        shares: what the estimate, then each limit of its interval, would be of those followed (0 to 1 and beyond).
    """
    if estimate.excludes_zero and min(shares[1:]) > 1:
        return "too_large"
    return "overstated" if shares[0] > 1 else "part"


# ------------------------------------------------------------------------------------------------------------ excluded


@dataclass(frozen=True, repr=False)
class Excluded(Brief):
    """The threshold beyond which an effect is excluded, in the unit of the outcome.

    Attributes
    ----------
    side : Side
        Of a fall, of a rise, or of a change ``either`` way.
    limit : float
        That of the interval, with its sign; of the farther one for ``either``.
    """

    side: Side
    limit: float


def reserves(evidence: Evidence) -> tuple[str, ...]:
    """Weaknesses that would make the interval too narrow or too sure, even around zero: nothing is excluded with them."""
    return tuple(key for key in weaknesses(evidence) if key in RESERVES)


def excluded(evidence: Evidence, aim: Aim = "") -> Excluded | None:
    """The one threshold beyond which the interval excludes an effect; None when it excludes none that can be told.

    Of an effect that is seen, it is on the side of the effect; else on the side that the policy aims at, or either way.
    A comparison that is not credible, a gap that is fragile and an interval with a reserve exclude nothing.

    Parameters
    ----------
    evidence : Evidence
        What a conclusion rests on.
    aim : Aim, optional
        Which way the policy means to move the outcome, if one.
    """
    estimate = evidence.estimate
    if estimate is None or verdict(evidence) not in ("nothing_seen", "seen") or reserves(evidence):
        return None
    return beyond(estimate, aim)


def beyond(estimate: Estimate, aim: Aim = "") -> Excluded | None:
    """As ``excluded``, from an interval alone.

    Parameters
    ----------
    estimate : Estimate
        An estimate with its interval, in the unit of the outcome.
    aim : Aim, optional
        Which way the policy means to move the outcome, if one.
    """
    if not (math.isfinite(estimate.lower) and math.isfinite(estimate.upper)):
        return None
    side = aim if not estimate.excludes_zero else "fall" if estimate.upper < 0 else "rise"
    if not side:
        return Excluded("either", max(estimate.lower, estimate.upper, key=abs))
    return Excluded(side, estimate.lower if side == "fall" else estimate.upper)


# ----------------------------------------------------------------------------------------------------- how many looks


@dataclass(frozen=True, repr=False)
class Looks(Brief):
    """Comparisons that were made, and those whose interval leaves zero out; the same of placebo tests among them."""

    made: int
    away: int
    placebos: int
    placebos_away: int

    @property
    def expected(self) -> float:
        """How many would leave zero out by chance alone, had no policy changed anything."""
        return self.made * (1 - LEVEL)

    @property
    def placebos_expected(self) -> float:
        """How many placebo tests chance alone would make leave zero out."""
        return self.placebos * (1 - LEVEL)

    @property
    def doubtful(self) -> bool:
        """Whether placebo tests leave zero out more often than chance gives, by the rule for placebo dates."""
        return _too_many(self.placebos_away, self.placebos)


def looks(comparisons: Iterable[tuple[Estimate, bool]]) -> Looks:
    """Count comparisons, given each with whether it is a placebo test."""
    pairs = [(estimate.excludes_zero, placebo) for estimate, placebo in comparisons]
    return Looks(
        len(pairs),
        sum(away for away, _ in pairs),
        sum(placebo for _, placebo in pairs),
        sum(away and placebo for away, placebo in pairs),
    )
