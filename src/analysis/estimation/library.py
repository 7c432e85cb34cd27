"""The only module that knows diff-diff: how it is loaded, what it is handed, what it has to say, and which of its searches
serve. ``regressions`` and ``synthetic`` ask it through here; no result of its own type goes further.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimation.inference import within
from analysis.estimation.sample import InferenceError, Sample

NAMES = {"outcome": "outcome", "unit": "unit", "time": "time", "first_treat": "first_treat"}
"""Columns of ``handed``, as the library asks for them."""

STARTS = 4
"""Points from which the importance of predictors is searched, the equal one among them."""


def library() -> Any:
    """diff-diff, which takes a second to import: results are read back without it."""
    import diff_diff

    return diff_diff


@contextmanager
def noted() -> Iterator[list[str]]:
    """Collect the library's warnings as notes instead of printing them."""
    notes: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", category=UserWarning)
        warnings.filterwarnings("always", category=RuntimeWarning)
        yield notes
    notes.extend(dict.fromkeys(str(w.message) for w in caught))


def unit_of(values: np.ndarray) -> float:
    """A unit in which the largest value is about one: a power of two, so that dividing by it rounds nothing."""
    largest = float(np.abs(values).max())
    return 2.0 ** math.floor(math.log2(largest)) if largest > 0 else 1.0


def handed(sample: Sample) -> tuple[pd.DataFrame, float]:
    """The sample as the library takes it, less unit and period means, which change no effect, and the unit it is in.

    What it is handed is then of the size of effects, not of levels, so that its rounding, which depends on the processor,
    is too; and of about one, since it stops searching at a size that is the same in every unit.
    """
    outcome = sample.outcome
    centred = pd.DataFrame(within(outcome.to_numpy(dtype=float)), outcome.index, outcome.columns)
    if float(np.abs(centred.to_numpy()).max()) <= sample.rounding:
        raise InferenceError(
            "nothing varies once unit and period means are taken off: there is no effect to look for; choose another "
            "outcome",
            "no_variation",
        )
    unit = unit_of(centred.to_numpy())
    return replace(sample, outcome=centred / unit).long(), unit


def predictor_importance(outcome: np.ndarray, predictors: np.ndarray, seed: int) -> np.ndarray:
    """Importance of predictors whose mixture of donors follows the first unit's outcome best before treatment.

    Parameters
    ----------
    outcome : ndarray
        (1 + N, T) before treatment, the treated unit first.
    predictors : ndarray
        (1 + N, k), standardised.
    seed : int
        Of the random draws: the same seed gives the same result.

    Returns
    -------
    ndarray
        (k,) not negative, summing to one: the V of Abadie, Diamond and Hainmueller (2010), by a search from several
        points.
    """
    units, periods = outcome.shape
    names = [f"predictor {at}" for at in range(predictors.shape[1])]
    frame = pd.DataFrame(np.repeat(predictors, periods + 1, axis=0), columns=names)
    frame["unit"] = np.repeat(np.arange(units), periods + 1)
    frame["time"] = np.tile(np.arange(periods + 1), units)
    frame["outcome"] = np.column_stack([outcome, outcome[:, -1]]).ravel()
    frame["treated"] = ((frame["unit"] == 0) & (frame["time"] == periods)).astype(int)
    with noted():
        search = library().SyntheticControl(n_starts=STARTS, seed=seed, standardize="none")
        fitted = search.fit(frame, "outcome", "treated", "unit", "time", predictors=names)
    return np.array(list(fitted.v_weights.values()), dtype=float)
