"""What an effect is estimated from, and what comes back: a balanced panel with who is treated when, and frozen results.

``Sample`` refuses what no estimator could use: no treated or no control territory, a territory treated from the first
period, a missing figure. It knows no policy, indicator or library: ``policies`` makes samples from the register and the
panel, ``effects``, ``inference`` and ``power`` take them, ``narrative`` and ``figures`` receive the results.

All effects are in the unit of the outcome: log points when the outcome is a logarithm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from analysis.arithmetic import Result
from analysis.display import Brief, Refusal

NEVER = -1
"""First treated period of a territory that is never treated in the panel."""

LEVEL = 0.95
"""Confidence level of every interval."""


@dataclass(frozen=True, repr=False)
class Refused(Brief):
    """Why something was not computed: ``message`` to a researcher, and to a reader the message ``effect.refused.KEY``.

    Attributes:
        key: empty when nobody but the caller can meet the case. words: by place of that message.
    """

    message: str
    key: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message


class EstimationError(Refusal, ValueError):
    """What cannot be estimated; the message says what to change, ``refused`` the same for a reader.

    Args:
        message: for a researcher. key: of the message for a reader. words: numbers and names that it holds.
    """

    def __init__(self, message: str = "", key: str = "", **words: object) -> None:
        super().__init__(message)
        self.refused = Refused(message, key, {name: str(word) for name, word in words.items()})


class SampleError(EstimationError):
    """A panel from which no effect can be estimated; the message says what to change."""


class InferenceError(EstimationError):
    """An inference that has no meaning for a design; the message names those that have."""


@dataclass(frozen=True, repr=False)
class Sample(Brief):
    """A balanced panel and its treatment.

    Attributes:
        outcome: units × periods, in the order of time, without missing values.
        first: by unit, the position in the periods of the first treated one; ``NEVER`` for controls.
    """

    outcome: pd.DataFrame
    first: pd.Series

    def __post_init__(self) -> None:
        first = self.first.reindex(self.outcome.index)
        if first.isna().any() or not self.outcome.index.is_unique:
            raise SampleError("each unit of the outcome needs one row and one first treated period")
        object.__setattr__(self, "first", first.astype(int))
        missing = self.outcome.isna().any(axis=1)
        if missing.any():
            raise SampleError(
                f"{_listed(self.outcome.index[missing])}: figures are missing; shorten the window or leave them out"
            )
        self._check_treatment()

    def _check_treatment(self) -> None:
        periods = self.outcome.shape[1]
        if not self.treated:
            raise SampleError(
                "no unit is treated within the window: move the window or choose another policy"
            )
        early = self.first.index[self.first == 0]
        if len(early):
            raise SampleError(
                f"{_listed(early)}: treated from the first period, so nothing is known of before; "
                "begin the window earlier or leave them out"
            )
        if self.first.max() >= periods or self.first.min() < NEVER:
            raise SampleError(
                f"first treated periods must be positions below {periods}, or {NEVER} for never"
            )
        if not self.never and len(set(self.first)) == 1:
            raise SampleError(
                "no control: every unit is treated at the same time; add units that are not, or not yet"
            )

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit, in the order of the outcome's rows."""
        return tuple(self.outcome.index)

    @property
    def periods(self) -> tuple:
        """The periods, in the order of time."""
        return tuple(self.outcome.columns)

    @property
    def treated(self) -> tuple[str, ...]:
        """Units treated at some time."""
        return tuple(self.first.index[self.first != NEVER])

    @property
    def never(self) -> tuple[str, ...]:
        """Units never treated in the panel."""
        return tuple(self.first.index[self.first == NEVER])

    @property
    def cohorts(self) -> Mapping[int, tuple[str, ...]]:
        """Units by the position of their first treated period, earliest first; controls left out."""
        return {
            int(g): tuple(self.first.index[self.first == g]) for g in sorted(set(self.first)) if g != NEVER
        }

    def without(self, units: Sequence[str]) -> Sample:
        """The sample less some units. SampleError when what is left cannot be used."""
        if absent := [unit for unit in units if unit not in self.first.index]:
            raise SampleError(
                f"{_listed(absent)}: not in the sample, so not to be left out; its units are {_listed(self.units)}"
            )
        kept = self.outcome.drop(index=list(units))
        return replace(self, outcome=kept, first=self.first.loc[kept.index])

    def long(self) -> pd.DataFrame:
        """One row per unit and period: unit, time (1 for the first period), outcome, first_treat (0 for never), treated."""
        size, length = self.outcome.shape
        time = np.tile(np.arange(1, length + 1), size)
        first = np.repeat(self.first.to_numpy() + 1, length)
        return pd.DataFrame(
            {
                "unit": np.repeat(np.arange(size), length),
                "time": time,
                "outcome": self.outcome.to_numpy(dtype=float).ravel(),
                "first_treat": first,
                "treated": ((first > 0) & (time >= first)).astype(int),
            }
        )


def _listed(codes: Sequence) -> str:
    """Codes for a message, the first ten."""
    return ", ".join(str(c) for c in list(codes)[:10]) + (" …" if len(codes) > 10 else "")


@dataclass(frozen=True, repr=False)
class Estimate(Result):
    """An average effect of treatment on the treated.

    Attributes:
        estimator: ``callaway_santanna``, ``sun_abraham``, ``imputation``, ``twfe``, ``synthetic_did``,
            ``synthetic_control``. estimand: which average, e.g. ``simple``, ``dynamic``, ``group``, ``calendar``.
        att, se, lower, upper: in the unit of the outcome; se is NaN where the inference gives none.
        p: two-sided p-value of no effect.
        inference: ``cluster``, ``multiplier_bootstrap``, ``wild_cluster_bootstrap``, ``randomisation``, ``placebo``.
        treated, controls: number of units behind it.
    """

    estimator: str
    estimand: str
    att: float
    se: float
    lower: float
    upper: float
    p: float
    inference: str
    treated: int
    controls: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.lower > 0 or self.upper < 0


@dataclass(frozen=True, repr=False)
class Path(Result):
    """Effects by time since treatment; negative horizons are before it.

    Attributes:
        horizons: periods since the first treated one, ascending. att, se: by horizon.
        lower, upper: pointwise limits. band_lower, band_upper: limits that hold for all horizons at once.
        inference: as in ``Estimate``.
    """

    estimator: str
    horizons: tuple[int, ...]
    att: np.ndarray
    se: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    band_lower: np.ndarray
    band_upper: np.ndarray
    inference: str
