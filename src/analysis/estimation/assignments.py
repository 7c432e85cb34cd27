"""On which units the same treatment might have fallen: every assignment, or draws of them.

Dates and cohort sizes are kept; the treatment moves within strata and a pool. ``inference`` and ``credibility`` compare what
happened with what these would have given. It estimates nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product as every_pair

import numpy as np
import pandas as pd

from analysis.estimation.checks import finite
from analysis.estimation.draws import ASSIGNMENTS, SEED
from analysis.estimation.sample import InferenceError, Sample


@dataclass(frozen=True)
class Assignments:
    """Units on which the same treatment might have fallen.

    Attributes
    ----------
    codes : ndarray
        (B + 1, N) group of each unit, as a position among the sorted first treated periods; row 0 as it happened.
    enumerated : bool
        Whether they are all there are.
    pool : int
        Number of units that the treatment may move between.
    """

    codes: np.ndarray
    enumerated: bool
    pool: int


def assignments(
    sample: Sample,
    draws: int = ASSIGNMENTS,
    seed: int = SEED,
    strata: pd.Series | None = None,
    pool: Sequence[str] | None = None,
) -> Assignments:
    """Other assignments of the treatment, sizes kept; arguments as in ``randomisation``.

    Parameters
    ----------
    sample : Sample
        Units × periods, and who is treated since when.
    draws : int, optional
        Other assignments drawn; when there are no more than that, each is taken once.
    seed : int, optional
        Of the draws: the same seed gives the same result.
    strata : Series, optional
        (units,) label of the stratum of each; the treatment moves within a stratum only.
    pool : Sequence[str], optional
        Units that it might have fallen on; the others stay as they are.
    """
    finite(draws, "draws", least=1, whole=True)
    codes = np.searchsorted(np.unique(sample.first), sample.first).astype(np.int16)
    blocks = _blocks(sample, strata, pool)
    reach = sum(len(block) for block in blocks)
    number = math.prod(_arrangements(codes[block]) for block in blocks)
    if number < 2:
        raise InferenceError(
            "the treatment could have fallen nowhere else: widen the pool or merge strata", "no_control"
        )
    if number - 1 <= draws:
        every = _every(codes, blocks, number)
        return Assignments(np.vstack([codes, every[(every != codes).any(axis=1)]]), True, reach)
    rng, drawn = np.random.default_rng(seed), np.tile(codes, (draws + 1, 1))
    for block in blocks:
        drawn[1:, block] = rng.permuted(drawn[1:, block], axis=1)
    return Assignments(drawn, False, reach)


def _blocks(sample: Sample, strata: pd.Series | None, pool: Sequence[str] | None) -> list[np.ndarray]:
    """Positions of the units among which the treatment moves."""
    units = pd.Index(sample.units)
    within_pool = units if pool is None else units[units.isin(list(pool))]
    outside = [unit for unit in sample.treated if unit not in within_pool]
    if outside:
        raise InferenceError(f"{', '.join(map(str, outside))}: treated but outside the pool; add them to it")
    labels = pd.Series("", index=units) if strata is None else strata.reindex(units)
    lacking = [unit for unit in within_pool if pd.isna(labels[unit])]
    if lacking:
        raise InferenceError(
            f"{', '.join(map(str, lacking))}: no stratum; give one or leave them out of the pool"
        )
    strata_of = pd.Series(within_pool).groupby(labels[within_pool].to_numpy())
    return [units.get_indexer(pd.Index(members)) for _, members in strata_of]


def _every(codes: np.ndarray, blocks: Sequence[np.ndarray], number: int) -> np.ndarray:
    """All assignments, one a row."""
    every = np.tile(codes, (number, 1))
    orders = (np.fromiter(_orders(codes[block]), (codes.dtype, len(block))) for block in blocks)
    for row, chosen in zip(every, every_pair(*orders), strict=True):
        for block, order in zip(blocks, chosen, strict=True):
            row[block] = order
    return every


def _arrangements(codes: np.ndarray) -> int:
    """Number of distinct orders of labels that repeat."""
    counts = np.unique(codes, return_counts=True)[1]
    return math.factorial(len(codes)) // math.prod(math.factorial(int(n)) for n in counts)


def _orders(codes: np.ndarray) -> Iterator[list[int]]:
    """Every distinct order of labels that repeat, in the order of the dictionary (Narayana Pandita, 14th century)."""
    order = sorted(int(code) for code in codes)
    while True:
        yield list(order)
        rises = [i for i in range(len(order) - 1) if order[i] < order[i + 1]]
        if not rises:
            return
        at = rises[-1]
        swap = max(i for i in range(at + 1, len(order)) if order[i] > order[at])
        order[at], order[swap] = order[swap], order[at]
        order[at + 1 :] = reversed(order[at + 1 :])
