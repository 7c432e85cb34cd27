"""Where blocks go that must not overlap: each as near as can be to where it would like to be.

Pure geometry, without a drawing library: charts place their labels by it, and so do pages that draw in SVG themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def spread(centres: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Centres of blocks that do not overlap, within ``low`` and ``high``, as near as can be to those asked.

    Least squares under the order of the centres (pool adjacent violators; Barlow et al., 1972). Blocks that do not fit
    together overflow evenly.
    """
    if not centres:
        return []
    order = sorted(range(len(centres)), key=lambda i: (centres[i], i))
    offsets = [0.0]
    for before, after in pairwise(order):
        offsets.append(offsets[-1] + (sizes[before] + sizes[after]) / 2)
    pools: list[list[float]] = []
    for i, offset in zip(order, offsets, strict=True):
        pools.append([centres[i] - offset, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, weight = pools.pop()
            pools[-1] = [
                (pools[-1][0] * pools[-1][1] + mean * weight) / (pools[-1][1] + weight),
                pools[-1][1] + weight,
            ]
    free = [mean for mean, weight in pools for _ in range(int(weight))]
    floor = low + sizes[order[0]] / 2
    ceiling = high - sizes[order[-1]] / 2 - offsets[-1]
    middle = (floor + ceiling) / 2
    placed = [0.0] * len(order)
    for i, z, offset in zip(order, free, offsets, strict=True):
        placed[i] = offset + (middle if ceiling < floor else min(max(z, floor), ceiling))
    return placed
