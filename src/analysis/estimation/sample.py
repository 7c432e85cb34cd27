"""What an effect is estimated from, and what comes back: a balanced panel with who is treated when, and frozen results.

``Sample`` refuses what no estimator could use: no treated or no control unit, a unit treated from the first period, a
figure that is missing or infinite, periods out of order. Units and periods are anybody's: ``Sample.from_long`` makes a
sample of a frame with a row by unit and period. It knows no policy, indicator or library: ``policies`` makes samples from
the register and the panel, ``effects``, ``inference`` and ``power`` take them, ``narrative`` and ``figures`` receive the
results.

All effects are in the unit of the outcome: log points when the outcome is a logarithm.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.estimation import periods
from analysis.estimation.checks import LARGEST, ROUNDING, SMALLEST
from analysis.foundations.arithmetic import Result
from analysis.foundations.display import Brief, Refusal, listed, shown

NEVER = -1
"""First treated period of a territory that is never treated in the panel."""


ReasonKey = Literal[
    "few_units", "few_periods", "alone", "no_control", "no_variation", "exact_fit", "sample", "asked"
]
"""Why something cannot be computed, for the words of reports: too few units for an inference; too few periods before
treatment; a cohort, or the treatment, of a single unit; no control, or none that the treatment could have fallen on;
nothing varies, so that no error is known; a control that is matched exactly; a panel, or an argument, that is not as it
must be."""


class SampleError(Refusal, ValueError):
    """A panel from which no effect can be estimated; the message says what to change, ``key`` which kind it is."""

    def __init__(self, message: str, key: ReasonKey = "sample") -> None:
        super().__init__(message)
        self.key = key


class InferenceError(Refusal, ValueError):
    """An inference that has no meaning for a design; the message names those that have, ``key`` says why."""

    def __init__(self, message: str, key: ReasonKey = "asked") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True, repr=False)
class Sample(Brief):
    """A balanced panel and its treatment.

    Attributes
    ----------
    outcome : DataFrame
        Units × periods, without missing or infinite values. Units have any labels, each once. Periods are in the order
        of time: numbers, dates and periods such as ``2020-Q1`` are held to it, other names are taken as they come.
    first : Series
        By unit, the position in the periods of the first treated one; ``NEVER`` for controls.

    Raises
    ------
    SampleError
        Says what to change in a panel that no estimator could use.
    """

    outcome: pd.DataFrame
    first: pd.Series

    def __post_init__(self) -> None:
        _check_table(self.outcome)
        object.__setattr__(self, "first", _starts(self.first, self.outcome.index))
        _check_values(self.outcome)
        self._check_treatment()

    @classmethod
    def from_long(
        cls,
        frame: pd.DataFrame,
        unit: str,
        time: str,
        outcome: str,
        first: str | Mapping[Any, Any] | None = None,
        treated: str | None = None,
    ) -> Sample:
        """A sample from a frame with a row by unit and period, of whatever country and level.

        Parameters
        ----------
        frame : DataFrame
            A row by unit and period, in any order, with the columns named by the other arguments.
        unit : str
            Column of any codes.
        time : str
            Column of numbers (years, waves), dates, or periods (``2020-Q1``, ``2019-12``, those of pandas, which become such
            texts), evenly spaced.
        outcome : str
            Column of finite numbers, in any unit; effects are in it.
        first : str | Mapping, optional
            When each unit is first treated, in the form of ``time``: a column, the same in all rows of a unit, or a mapping
            by unit. Missing, or 0 where periods are above it, is never; so is a date after the last period. A period with an
            extent is treated from the one that holds the date on; dates have none, so that ``first`` must be one of them.
        treated : str, optional
            In its place, a column of 0 and 1 by row, which stays 1 once it is.

        Raises
        ------
        SampleError
            Names the rows, units or dates to change.

        Examples
        --------
        >>> frame = pd.DataFrame({
        ...     "county": [8001, 8001, 8001, 8019, 8019, 8019],
        ...     "date": pd.to_datetime(["2004-01-01", "2005-01-01", "2006-01-01"] * 2),
        ...     "lemp": [8.46, 8.40, 8.38, 5.99, 6.01, 6.00],
        ... })
        >>> sample = Sample.from_long(
        ...     frame, unit="county", time="date", outcome="lemp", first={8001: pd.Timestamp("2005-01-01")}
        ... )
        >>> sample.treated, sample.never, len(sample.periods)
        ((8001,), (8019,), 3)
        """
        wide = _pivoted(frame, unit, time, outcome)
        if (first is None) == (treated is None):
            raise SampleError(
                "who is treated when: give either first (a date by unit) or treated (0 or 1 by row)"
            )
        if treated is not None:
            return cls(wide, _switched(_pivoted(frame, unit, time, treated)))
        dates = _dated(frame, unit, first) if isinstance(first, str) else dict(first or {})
        return cls(wide, _positions(dates, wide))

    def _check_treatment(self) -> None:
        periods = self.outcome.shape[1]
        if not self.treated:
            raise SampleError(
                "no unit is treated within the window: move the window or choose another policy"
            )
        early = self.first.index[self.first == 0]
        if len(early):
            raise SampleError(
                f"{listed(early)}: treated from the first period, so nothing is known of before; "
                "begin the window earlier or leave them out",
                "few_periods",
            )
        if self.first.max() >= periods or self.first.min() < NEVER:
            raise SampleError(
                f"first treated periods must be positions below {periods}, or {NEVER} for never"
            )
        if not self.never and len(set(self.first)) == 1:
            raise SampleError(
                "no control: every unit is treated at the same time; add units that are not, or not yet",
                "no_control",
            )

    @property
    def rounding(self) -> float:
        """What differences of the outcome must exceed not to be what is left of rounding."""
        return ROUNDING * float(np.abs(self.outcome.to_numpy(dtype=float)).max())

    @property
    def units(self) -> tuple[str, ...]:
        """Every unit, in the order of the outcome's rows."""
        return tuple(self.outcome.index)

    @property
    def periods(self) -> tuple[Any, ...]:
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
        """The sample less some units.

        Parameters
        ----------
        units : Sequence[str]
            Labels of those to leave out.

        Raises
        ------
        SampleError
            When what is left cannot be used.
        SampleError
            When what is left cannot be used.
        """
        if absent := [unit for unit in units if unit not in self.first.index]:
            raise SampleError(
                f"{listed(absent)}: not in the sample, so not to be left out; choose among {listed(self.units)}"
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


# ---------------------------------------------------------------------------------------------------- what is refused


def _check_table(outcome: pd.DataFrame) -> None:
    """Units and periods each once, periods in the order of time."""
    if not isinstance(outcome, pd.DataFrame) or not outcome.size:
        raise SampleError(
            f"the outcome: a table of units × periods expected, {shown(type(outcome).__name__)} with "
            f"{getattr(outcome, 'size', 0)} figures found; `Sample.from_long` makes one of a long frame"
        )
    if not outcome.index.is_unique or outcome.index.hasnans:
        raise SampleError(
            "each unit of the outcome needs one row and one first treated period; there twice, or without a name: "
            f"{listed(outcome.index[outcome.index.duplicated() | outcome.index.isna()])}"
        )
    if not outcome.columns.is_unique or outcome.columns.hasnans:
        wrong = outcome.columns[outcome.columns.duplicated() | outcome.columns.isna()]
        raise SampleError(f"periods there twice, or without a name: {listed(wrong)}; keep one column of each")
    if pair := periods.disorder(list(outcome.columns)):
        raise SampleError(
            f"periods are not in the order of time: {shown(pair[1])} comes after {shown(pair[0])}; sort the columns, and "
            "give first treated periods as positions among them"
        )


def _starts(first: pd.Series, units: pd.Index) -> pd.Series:
    """First treated periods of the units, in their order, as whole numbers."""
    if not isinstance(first, pd.Series) or not first.index.is_unique:
        raise SampleError("first treated periods: a Series expected, with each unit once")
    positions = pd.to_numeric(first.reindex(units), errors="coerce")
    if (lacking := positions.isna()).any():
        raise SampleError(
            "each unit of the outcome needs one row and one first treated period, a position among the periods; "
            f"without: {listed(units[lacking])}"
        )
    if (broken := positions != np.floor(positions)).any() or np.isinf(positions).any():
        raise SampleError(
            f"{listed(units[broken | np.isinf(positions)])}: a first treated period is a whole position among the "
            f"periods, or {NEVER} for never; `Sample.from_long` reads dates"
        )
    return positions.astype(int)


def _check_values(outcome: pd.DataFrame) -> None:
    """Every figure known, finite, and of a size that errors can be computed of."""
    try:
        values = outcome.to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise SampleError("the outcome: numbers expected, other things found; convert its columns") from None
    missing = np.isnan(values).any(axis=1)
    if missing.any():
        raise SampleError(
            f"{listed(outcome.index[missing])}: figures are missing; shorten the window or leave them out"
        )
    infinite = np.isinf(values).any(axis=1)
    if infinite.any():
        raise SampleError(
            f"{listed(outcome.index[infinite])}: figures are infinite, as logarithms of zero are; take the level, or "
            "leave them out"
        )
    largest = float(np.abs(values).max())
    if largest > LARGEST or 0 < largest < SMALLEST:
        raise SampleError(
            f"figures of about {largest:.1g}, beyond what is computed; give them in another unit"
        )


# ------------------------------------------------------------------------------------------------- from a long frame


def _pivoted(frame: pd.DataFrame, unit: str, time: str, column: str) -> pd.DataFrame:
    """Units × periods of a column of numbers, in the order of time."""
    if not isinstance(frame, pd.DataFrame) or frame.empty:
        raise SampleError("the frame: a table with a row by unit and period expected, nothing found")
    if lacking := [name for name in (unit, time, column) if name not in frame.columns]:
        raise SampleError(f"no column {listed(lacking)}; name one of {listed(frame.columns)}")
    keys = frame[[unit, time]]
    if keys.isna().any(axis=None):
        where = listed(keys.index[keys.isna().any(axis=1)])
        raise SampleError(f"rows {where}: {unit} or {time} is missing; fill it in or leave the rows out")
    if (twice := keys.duplicated()).any():
        pairs = [f"{a} in {b}" for a, b in keys[twice].itertuples(index=False)]
        raise SampleError(f"{listed(pairs)}: there twice; keep one row by {unit} and {time}")
    table = frame[column].to_numpy()
    wide = pd.Series(table, [frame[unit].to_numpy(), frame[time].to_numpy()]).unstack()
    spans = {label: periods.span(label) for label in wide.columns.tolist()}
    placed = {label: one for label, one in spans.items() if one is not None}
    if unread := [label for label in spans if label not in placed]:
        raise SampleError(
            f"{time}: {listed(map(shown, unread))} not read; write numbers, dates, or periods such as 2020-Q1 or 2019-12"
        )
    if len({one.numeric for one in placed.values()}) > 1:
        raise SampleError(f"{time}: numbers and dates are mixed; write all periods alike")
    ordered = sorted(placed, key=lambda label: placed[label].first)
    wide = wide[ordered]
    gap = periods.uneven([placed[label] for label in ordered])
    if gap is not None:
        raise SampleError(
            f"{time}: not evenly spaced around {wide.columns[gap]}, and effects are read by time since treatment; keep "
            "evenly spaced periods, or number them (1, 2, 3 …)"
        )
    return wide.set_axis([periods.named(label) for label in wide.columns], axis=1).rename_axis(
        index=unit, columns=time
    )


def _dated(frame: pd.DataFrame, unit: str, first: str) -> dict[Any, Any]:
    """When each unit is first treated, from a column that says it in all rows."""
    if first not in frame.columns:
        raise SampleError(f"no column {first}; name one of {listed(frame.columns)}")
    given = frame.groupby(unit, observed=True)[first]
    if len(several := given.nunique(dropna=False).loc[lambda n: n > 1]):
        raise SampleError(f"{listed(several.index)}: {first} differs from row to row; give one date by unit")
    return given.first().to_dict()


def _positions(dates: Mapping[Any, Any], wide: pd.DataFrame) -> pd.Series:
    """Positions of the first treated periods among the columns."""
    if unknown := [one for one in dates if one not in wide.index]:
        raise SampleError(
            f"{listed(unknown)}: treated, but not among the units; choose among {listed(wide.index)}"
        )
    spans = [one for label in wide.columns if (one := periods.span(label)) is not None]
    positions = pd.Series(NEVER, index=wide.index)
    for one, start in dates.items():
        if pd.isna(start) or start == "" or (spans[0].numeric and _never(start, spans[0].first)):
            continue
        read = periods.span(start)
        if read is None or read.numeric != spans[0].numeric:
            raise SampleError(
                f"{one}: first treated in {shown(start)}, which is not written as the periods are; write it as "
                f"{shown(wide.columns[0])}"
            )
        try:
            at = periods.begins(spans, read, start)
        except ValueError as error:
            raise SampleError(
                f"{one}: first treated in {error}; give the first treated one itself, or periods that have an extent "
                '(`frame[time].dt.to_period("Q")`)'
            ) from None
        positions[one] = NEVER if at is None else at
    return positions


def _never(start: object, earliest: Any) -> bool:
    """Whether a number means never, as 0 and infinity do where periods are above zero."""
    return start in (0, float("inf")) and earliest > 0


def _switched(states: pd.DataFrame) -> pd.Series:
    """Positions of the first treated periods, from units × periods of 0 and 1."""
    values = states.to_numpy()
    if not np.isin(values, (0, 1)).all():
        raise SampleError("treated: 0 or 1 expected in every row; give both to every unit and period")
    values = values.astype(int)
    stops = np.asarray((np.diff(values, axis=1) < 0).any(axis=1))
    if len(ended := states.index[stops]):
        raise SampleError(
            f"{listed(ended)}: treated, then no longer; no estimator here knows treatments that end: end the window before"
        )
    return pd.Series(np.where(values.any(axis=1), values.argmax(axis=1), NEVER), states.index)


@dataclass(frozen=True, repr=False)
class Estimate(Result):
    """An average effect of treatment on the treated.

    Attributes
    ----------
    estimator : str
        ``callaway_santanna``, ``sun_abraham``, ``imputation``, ``twfe``, ``synthetic_did``, ``synthetic_control``.
    estimand : str
        Which average, e.g. ``simple``, ``dynamic``, ``group``, ``calendar``.
    att, se, lower, upper : float
        In the unit of the outcome; se is NaN where the inference gives none.
    p : float
        Two-sided p-value of no effect, above 0.
    inference : str
        ``cluster``, ``multiplier_bootstrap``, ``wild_cluster_bootstrap``, ``randomisation``, ``placebo``.
    treated, controls : int
        Number of units behind it.
    reason : str
        Why se, limits and p are NaN where they are, a ``ReasonKey``; else empty.
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
    reason: ReasonKey | Literal[""] = ""

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.lower > 0 or self.upper < 0


@dataclass(frozen=True, repr=False)
class Path(Result):
    """Effects by time since treatment; negative horizons are before it.

    Attributes
    ----------
    horizons : tuple[int, ...]
        Periods since the first treated one, ascending.
    att, se : ndarray
        By horizon; se and limits are NaN where too few units stand behind an effect, or nothing but the effect varies.
    lower, upper : ndarray
        Pointwise limits.
    band_lower, band_upper : ndarray
        Limits that hold for all horizons at once.
    inference : str
        As in ``Estimate``.
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
