"""Jumps of a territory's series that those of the others do not make: level shifts, looked for robustly.

What a step of a series (the difference of two figures that follow each other) has beyond the median step of all territories
is measured in two units: the spread of that between territories at the same step, and the territory's own at its other
steps, both as median absolute deviations (Hampel, 1974; Rousseeuw and Croux, 1993), so that neither the jumps themselves
nor what hits every territory at once count. A jump must also last: the level after it, relative to the others', differs from
that before by half of it at least. Counts are held to their Poisson spread too, without which two centres in place of one
would be a jump.

Arrays in, frozen results out. Whether a jump is a break is for a person to say (``analysis.data.breaks``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analysis.estimation.checks import once, sized
from analysis.foundations.arithmetic import precisely, rounded
from analysis.foundations.display import Brief
from analysis.foundations.periods import period, sorted_periods

FEWEST = 20
"""Territories, at least, that must make a step for it to have a median and a spread."""
BEYOND = 6.0
"""How many times the spread a jump is."""
ALONE = 2.0
"""Or how many times the largest other step of its territory, where the territory's own spread is large."""
AROUND = 3
"""How many figures on each side make the level before and after."""
LEAST = {True: 0.095, False: 1.5}
"""The smallest jump that matters: a tenth of the figure on the logarithm, or 1.5 points."""
_FLOOR = {True: 0.01, False: 0.1}
_TO_SIGMA = 1.4826  # of a median absolute deviation, for a normal variable


@dataclass(frozen=True, repr=False)
class Jump(Brief):
    """A jump: of which territory, at which period (the first after it), from which figure to which.

    ``size`` is what it has beyond the others' step, in percent of the figure or in points; ``spreads`` the same in spreads
    between territories.
    """

    territory: str
    period: str
    before: float
    after: float
    size: float
    spreads: float


def jumps(
    figures: pd.DataFrame, *, logarithm: bool, counts: bool = False, breaks: Collection[int] = ()
) -> tuple[Jump, ...]:
    """The jumps in a table of figures, territory × period, by territory and then period.

    Parameters
    ----------
    figures : DataFrame
        Territories × periods, in the indicator's unit; missing where there is no figure.
    logarithm : bool
        Whether steps are ratios, as of amounts, or differences, as of shares; figures of zero or less have no ratio.
    counts : bool, optional
        Whether figures count something, so that they have a Poisson spread.
    breaks : Collection[int], optional
        Months from which the whole series is another (``periods.Period.start``); no step is taken across them.
    """
    once(figures.index, "figures")
    once(figures.columns, "figures")
    figures = figures[sorted_periods(figures.columns)]
    figures = figures.loc[:, figures.notna().sum() >= FEWEST]
    starts = np.array([period(p).start for p in figures.columns])
    if len(starts) < 3:
        return ()
    raw = figures.to_numpy(dtype=float)
    if (known := raw[~np.isnan(raw)]).size:
        sized(known, "figures")
    with np.errstate(invalid="ignore", divide="ignore"):
        level = (
            np.where(raw > 0, precisely(np.log, np.where(raw > 0, raw, 1.0)), np.nan) if logarithm else raw
        )
    parts = np.searchsorted(sorted(breaks), starts, side="right")
    beyond = _beyond(level, parts)
    between = np.maximum(_spread(beyond, axis=0), _FLOOR[logarithm])
    if counts:
        between = np.maximum(between, _poisson(raw))
    scores = beyond / between
    outlying = (np.abs(scores) >= BEYOND) & _stands_out(beyond, _FLOOR[logarithm])
    outlying &= (np.abs(beyond) >= LEAST[logarithm]) & _lasts(level, beyond, parts, LEAST[logarithm])
    return tuple(
        _jump(figures, i, j, rounded(float(beyond[i, j])), rounded(float(scores[i, j])), logarithm=logarithm)
        for i, j in np.argwhere(outlying)
    )


def _jump(figures: pd.DataFrame, i: int, j: int, step: float, score: float, *, logarithm: bool) -> Jump:
    size = rounded(float(100 * precisely(np.expm1, np.array([step]))[0])) if logarithm else step
    before, after = (float(x) for x in figures.to_numpy()[i, j : j + 2])
    return Jump(str(figures.index[i]), str(figures.columns[j + 1]), before, after, size, score)


def _beyond(level: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """What each step has beyond the median step of all; missing across a break and where too few make it."""
    steps = np.diff(level, axis=1)
    steps[:, np.diff(parts) > 0] = np.nan
    steps[:, np.isfinite(steps).sum(axis=0) < FEWEST] = np.nan
    apart: np.ndarray = steps - _median(steps, axis=0)
    return apart


def _median(x: np.ndarray, axis: Literal[0, 1]) -> np.ndarray:
    """The median of what is known, missing where nothing is."""
    medians: np.ndarray = pd.DataFrame(x).median(axis=axis).to_numpy()
    return medians.reshape((1, -1) if axis == 0 else (-1, 1))


def _spread(beyond: np.ndarray, axis: Literal[0, 1]) -> np.ndarray:
    return _TO_SIGMA * _median(np.abs(beyond), axis)


def _poisson(raw: np.ndarray) -> np.ndarray:
    """The standard deviation of the logarithm of the ratio of two counts that follow each other."""
    least = np.maximum(raw, 1.0)
    spread: np.ndarray = np.sqrt(1 / least[:, :-1] + 1 / least[:, 1:])
    return spread


def _stands_out(beyond: np.ndarray, floor: float) -> np.ndarray:
    """Steps that are out of proportion with the territory's own others: with their spread, or with the largest of them."""
    size = np.where(np.isfinite(beyond), np.abs(beyond), 0.0)
    own = np.maximum(_spread(beyond, axis=1), floor)
    ordered = np.sort(size, axis=1)
    other = (
        np.where(size == ordered[:, -1:], ordered[:, -2:-1], ordered[:, -1:]) if size.shape[1] > 1 else 0.0
    )
    enough = np.isfinite(beyond).sum(axis=1, keepdims=True) > AROUND
    apart: np.ndarray = (size >= BEYOND * own) | (enough & (size >= ALONE * other))
    return apart


def _lasts(level: np.ndarray, beyond: np.ndarray, parts: np.ndarray, least: float) -> np.ndarray:
    """Steps after which the level, relative to the others', stays on their side by half of them and by what matters."""
    relative = level - _median(level, axis=0)
    lasting = np.zeros(beyond.shape, dtype=bool)
    for j in range(beyond.shape[1]):
        before = [k for k in range(max(0, j - AROUND + 1), j + 1) if parts[k] == parts[j]]
        after = [k for k in range(j + 1, min(j + 1 + AROUND, level.shape[1])) if parts[k] == parts[j + 1]]
        shift = (_median(relative[:, after], axis=1) - _median(relative[:, before], axis=1))[:, 0]
        step = beyond[:, j]
        with np.errstate(invalid="ignore"):
            lasting[:, j] = (shift * step > 0) & (np.abs(shift) >= np.maximum(least, np.abs(step) / 2))
    return lasting
