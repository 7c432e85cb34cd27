"""Classes of a map: territories of about equal number in each, by the figures as they are written, and their colours.

Two territories with the same written figure are of the same class. Colours go from light to dark with the figure and pass
no judgement. Maps of tiles and of circles share it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from analysis.presentation.figures.style import CLASSES


def by_class(written: Mapping[str, float]) -> list[list[str]]:
    """Codes by class, from low to high; fewer classes than five when there are few figures or many equal ones."""
    amounts = np.array(list(written.values()))
    edges = (
        np.unique(np.quantile(amounts, (0.2, 0.4, 0.6, 0.8), method="inverted_cdf")) if len(amounts) else ()
    )
    classes: dict[int, list[str]] = {}
    for code, amount in written.items():
        classes.setdefault(int(np.searchsorted(edges, amount)), []).append(code)
    return [classes[i] for i in sorted(classes)]


def colours_of(n: int) -> list[str]:
    """One colour for each of ``n`` classes, spread over the range when there are few."""
    return [CLASSES[round(i * (len(CLASSES) - 1) / (n - 1))] if n > 1 else CLASSES[2] for i in range(n)]
