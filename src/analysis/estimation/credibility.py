"""What is shown beside an effect: what was there before it, whether it appears where it cannot be, and on whom it rests.

- ``pretrends``: effects before treatment, tested together, with the trend that the test would have missed.
- ``placebo_dates``: the same estimate with the policy pretended to begin earlier.
- ``leave_one_out``: the same estimate without each treated unit in turn; for any estimator.

A placebo outcome is another ``Sample`` given to the same estimator. Samples in, frozen results out; a test that finds
nothing is never called proof: each result carries what could have been found.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass

import numpy as np
import pandas as pd

from analysis.estimation.assignments import assignments
from analysis.estimation.checks import ROUNDING
from analysis.estimation.confidence import LEVEL
from analysis.estimation.draws import ASSIGNMENTS, PRETRENDS, SEED
from analysis.estimation.inference import (
    NOISIER,
    Base,
    Control,
    enough,
    group_weights,
    moments,
    randomisation,
    spread,
    varied_before,
    within,
)
from analysis.estimation.power import POWER
from analysis.estimation.rejection import at_least, rejecting
from analysis.estimation.sample import NEVER, Estimate, InferenceError, Sample
from analysis.foundations.arithmetic import Result, first_of_largest, inverse, product

SAME = 1e-10
"""A horizon of which less than this share is left once the others are taken off tells nothing of its own."""


@dataclass(frozen=True)
class Pretrends(Result):
    """Effects before treatment.

    Attributes
    ----------
    horizons : tuple[int, ...]
        Periods since the first treated one, from the furthest tested to −2; −1 is the base.
    effects : ndarray
        By horizon, in the unit of the outcome.
    se : ndarray
        Their standard deviations over the assignments.
    p : float
        Of all horizons being zero, jointly.
    slope : float
        Difference of trend per period that fits them best, NaN when the controls are treated too and share it.
    detectable_slope : float
        The one that the joint test finds with probability ``power``, whichever its sign; infinite when none could be
        found.
    implied : float
        The average effect that a trend of ``detectable_slope`` would have produced alone by going on after treatment: an
        estimate smaller than that may be nothing but a trend that was missed (Roth, 2022).
    judged : bool
        False when the treated are too few for standard errors (``inference.enough``) and vary more than the controls
        (``inference.NOISIER``): what varies more looks like another path, and few say too little of how much more. p is
        then NaN, and no slope could have been detected.
    """

    horizons: tuple[int, ...]
    effects: np.ndarray
    se: np.ndarray
    p: float
    slope: float
    detectable_slope: float
    implied: float
    power: float
    judged: bool = True

    @property
    def rejected(self) -> bool:
        """Whether treated and control units were seen to be on different paths before the policy."""
        return self.judged and self.p <= 1 - LEVEL


def pretrends(
    sample: Sample,
    control: Control = "never",
    leads: int | None = None,
    draws: int = PRETRENDS,
    seed: int = SEED,
    power: float = POWER,
) -> Pretrends:
    """Test that nothing was under way before treatment, by permutation of who is treated.

    The statistic is z'Ω⁻¹z, z the effects before, each over its standard error where there are units enough for one
    (``inference.enough``), else over what the units treated varied before, and Ω the second moments of z over the
    assignments. A Wald test, whose covariance of many horizons comes from a few treated units, rejects far too often; this
    one does not, even when the treated vary more. Where they are few and vary markedly more, nothing is judged
    (``Pretrends.judged``).

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    control : Control, optional
        ``never`` treated units, or those ``not_yet`` treated at the time as well.
    leads : int, optional
        How many horizons before the base; by default those every cohort has, up to a quarter of the units.
    draws : int, optional
        Number of random draws.
    seed : int, optional
        Of the random draws: the same seed gives the same result.
    power : float, optional
        Probability with which ``detectable_slope`` is found.
    """
    horizons = _horizons(sample, leads)
    before = within(sample.outcome.to_numpy(dtype=float)[:, : min(sample.cohorts)])
    if float(np.abs(before).max()) <= sample.rounding:
        raise InferenceError(
            "nothing varies between the units before treatment, so that no trend could show; choose another outcome",
            "no_variation",
        )
    drawn = assignments(sample, draws, seed)
    groups, sizes = np.unique(sample.first, return_counts=True)
    outcome, periods = _without_effects(sample), sample.outcome.shape[1]
    line = np.outer(sample.first != NEVER, np.arange(periods)).astype(float)
    by_lead = [
        moments(outcome, line, groups, group_weights(groups, sizes, periods, control, "last", h), drawn.codes)
        for h in horizons
    ]
    studentised = enough(sample)
    if not studentised:
        varied = varied_before(outcome, line, groups, drawn.codes)
        by_lead = [one.divided_by(varied) for one in by_lead]
    tested = _Leads(*(np.column_stack(parts) for parts in zip(*map(astuple, by_lead), strict=True)))
    judged = studentised or not spread(sample) > NOISIER
    size = tested.sizes(0.0)
    slope = tested.detectable_slope(power) if judged else math.inf
    after = group_weights(groups, sizes, periods, control, "last")[drawn.codes[0]]
    return Pretrends(
        horizons,
        tested.a[0],
        np.sqrt((tested.a**2).mean(axis=0)),
        at_least(size, size[0]) / len(size) if judged else math.nan,
        _slope(tested.a[0], tested.c[0]),
        slope,
        slope * float((after * line).sum()) if math.isfinite(slope) else math.inf,
        power,
        judged,
    )


def _without_effects(sample: Sample) -> np.ndarray:
    """The outcome less the effect of each cohort at each time, as its difference with those not yet treated measures it.

    Before treatment nothing changes. Without it, an early cohort's effect would be in what the assignments compare a late
    cohort's past with, and the test would reject because the policy worked.
    """
    outcome, first = sample.outcome.to_numpy(dtype=float).copy(), sample.first.to_numpy()
    observed = outcome.copy()
    for start, time in ((g, t) for g in sample.cohorts for t in range(g, outcome.shape[1])):
        own, spared = first == start, (first == NEVER) | (first > time)
        if spared.any():
            change = observed[:, time] - observed[:, start - 1]
            outcome[own, time] -= change[own].mean() - change[spared].mean()
    return outcome


def _horizons(sample: Sample, leads: int | None) -> tuple[int, ...]:
    available = min(sample.cohorts) - 1
    if available < 1:
        raise InferenceError(
            "a single period before the first treatment: begin the window earlier to see trends",
            "few_periods",
        )
    kept = min(available, len(sample.units) // 4) if leads is None else leads
    if not 1 <= kept <= available:
        raise InferenceError(f"{kept} leads asked, between 1 and {available} can be tested; ask for so many")
    return tuple(range(-kept - 1, -1))


def _shows(trend: np.ndarray) -> bool:
    """Whether anything of a trend of the treated is measured: not when their controls share it."""
    return bool(np.abs(trend).max() > 1e-9)


def _slope(path: np.ndarray, trend: np.ndarray) -> float:
    """Least squares of the path on the trend, the base period (zero in both) among the points."""
    if not _shows(trend):
        return math.nan
    x = np.append(trend, 0.0) - np.append(trend, 0.0).mean()
    return float(product(x, np.append(path, 0.0)) / product(x, x))


def _spread(values: np.ndarray) -> np.ndarray:
    """Inverse of the second moments of the horizons (assignments × horizons)."""
    return inverse(product(values.T, values) / len(values), SAME)


def _forms(values: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Z'Mz of each row z."""
    forms: np.ndarray = (product(values, matrix) * values).sum(axis=1)
    return forms


@dataclass(frozen=True)
class _Leads:
    """``Moments`` of each horizon, assignments × horizons; the line is a trend of the treated units, one a period."""

    a: np.ndarray
    c: np.ndarray
    v0: np.ndarray
    v1: np.ndarray
    v2: np.ndarray

    def _scaled(self, estimates: np.ndarray, slope: float) -> np.ndarray:
        variance = self.v0 + 2 * slope * self.v1 + slope**2 * self.v2
        least = max(ROUNDING**2 * variance.max(), np.finfo(float).tiny)
        scaled: np.ndarray = estimates / np.sqrt(np.maximum(variance, least))
        return scaled

    def sizes(self, slope: float) -> np.ndarray:
        """Statistic of each assignment once a trend of ``slope`` is added to the treated units."""
        compared = self._scaled(self.a + slope * self.c, slope)
        return _forms(compared, _spread(compared))

    def found(self, slope: float) -> float:
        """Probability that the test rejects; a trend also widens what the test compares with."""
        kept = rejecting(1 - LEVEL, len(self.a))
        if not kept:
            return 0.0
        compared = self._scaled(self.a + slope * self.c, slope)
        spread = _spread(compared)
        critical = float(np.sort(_forms(compared, spread))[-kept])
        true = self._scaled(
            self.a + slope * self.c[0], 0.0
        )  # of each assignment, had the trend been all in it
        return at_least(_forms(true, spread), critical) / len(true)

    def detectable_slope(self, power: float) -> float:
        """Smallest slope found with probability ``power``, whichever its sign, by doubling then halving."""
        if not _shows(self.c[0]):
            return math.inf
        step = low = float(np.sqrt((self.a**2).mean(axis=0)).max() / np.abs(self.c[0]).max()) / 8
        while min(self.found(2 * low), self.found(-2 * low)) < power:
            low *= 2
            if low > 1e4 * step:
                return math.inf
        high = 2 * low
        for _ in range(8):
            middle = (low + high) / 2
            seen = min(self.found(middle), self.found(-middle)) >= power
            low, high = (low, middle) if seen else (middle, high)
        return high


@dataclass(frozen=True)
class PlaceboDates(Result):
    """Effects of a policy that had not begun.

    Attributes
    ----------
    dates : tuple[int, ...]
        Pretended first treated periods, as positions.
    periods : tuple[str, ...]
        Their names.
    estimates : tuple[Estimate, ...]
        One by date, on the periods before the true first one only.
    """

    dates: tuple[int, ...]
    periods: tuple[str, ...]
    estimates: tuple[Estimate, ...]

    @property
    def rejected(self) -> tuple[str, ...]:
        """Dates at which an effect is seen though there can be none; one in twenty is expected by chance."""
        return tuple(p for p, e in zip(self.periods, self.estimates, strict=True) if e.p <= 1 - LEVEL)

    @property
    def untested(self) -> tuple[str, ...]:
        """Dates at which there is no error, so that nothing was tested."""
        return tuple(p for p, e in zip(self.periods, self.estimates, strict=True) if e.reason)


def placebo_dates(
    sample: Sample,
    dates: Sequence[int] | None = None,
    base: Base = "last",
    draws: int = ASSIGNMENTS,
    seed: int = SEED,
) -> PlaceboDates:
    """Pretend that every treated unit began at an earlier date, with the figures before the first true one only.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    dates : Sequence[int], optional
        Positions of the pretended first treated periods; by default all that leave two periods on each side.
    base : Base, optional
        What a cohort is compared with: itself in the ``last`` period before treatment, or in their ``mean``.
    draws : int, optional
        Number of random draws.
    seed : int, optional
        Of the random draws: the same seed gives the same result.
    """
    end = min(sample.cohorts)
    chosen = tuple(range(2, end - 1)) if dates is None else tuple(dates)
    wrong = [date for date in chosen if not 1 <= date < end]
    if wrong or not chosen:
        raise InferenceError(
            f"placebo dates {wrong or 'none'}: choose positions from 1 to {end - 1}, before the first treated period, "
            "or begin the window earlier",
            "asked" if wrong else "few_periods",
        )
    before, treated = sample.outcome.iloc[:, :end], sample.first != NEVER
    if treated.all():
        raise InferenceError(
            "every unit is treated later: placebo dates need units that never are; add some", "no_control"
        )
    estimates = tuple(
        randomisation(
            Sample(before, treated.map({True: date, False: NEVER})), draws=draws, seed=seed, base=base
        ).estimate
        for date in chosen
    )
    return PlaceboDates(chosen, tuple(str(sample.periods[date]) for date in chosen), estimates)


@dataclass(frozen=True)
class LeaveOneOut(Result):
    """An effect without each treated unit in turn.

    Attributes
    ----------
    estimate : Estimate
        With all of them.
    frame : DataFrame
        By unit left out, att, lower, upper and change from the estimate.
    lowest, highest : float
        Range of att.
    influential : str
        The unit whose absence changes it most.
    """

    estimate: Estimate
    frame: pd.DataFrame
    lowest: float
    highest: float
    influential: str


def leave_one_out(sample: Sample, estimator: Callable[[Sample], Estimate]) -> LeaveOneOut:
    """Estimate again without each treated unit.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    estimator : Callable[[Sample], Estimate]
        From a sample to an estimate.

    Raises
    ------
    InferenceError
        When there is only one treated unit.
    InferenceError
        When there is only one.
    """
    if len(sample.treated) < 2:
        raise InferenceError(
            f"{sample.treated[0]} is the only treated unit: nothing is left without it; use synthetic.placebo_ranks",
            "alone",
        )
    whole = estimator(sample)
    estimates = {unit: estimator(sample.without([unit])) for unit in sample.treated}
    frame = pd.DataFrame({unit: (e.att, e.lower, e.upper) for unit, e in estimates.items()}).T
    frame.columns = ["att", "lower", "upper"]
    frame["change"] = frame["att"] - whole.att
    return LeaveOneOut(
        whole,
        frame,
        float(frame["att"].min()),
        float(frame["att"].max()),
        str(frame.index[first_of_largest(frame["change"].abs().to_numpy())]),
    )
