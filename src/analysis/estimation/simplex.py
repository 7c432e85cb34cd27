"""Weights on the simplex: the mixture of donors nearest to a target (Abadie, Diamond and Hainmueller, 2010).

The only solver of that problem in the project, for ``effects`` and ``inference``. It knows arrays, no unit and no period.
"""

from __future__ import annotations

import numpy as np


def simplex_weights(target: np.ndarray, donors: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    """Weights w ≥ 0 that sum to one and minimise ‖target − w·donors‖² + ridge·‖w‖².

    With Σw = 1 the objective is ‖Mw‖², M's columns being the donors less the target. Over u ≥ 0 the minimiser of
    ‖Mu‖² + (1 − Σu)² is the wanted w times a positive scale: for u = s·w the best s gives q ÷ (1 + q), which grows
    with q = ‖Mw‖². One non-negative least squares is therefore exact, without a heavy row or a penalty to tune.
    Without ridge, and with more donors than periods, several w may be as good: the one returned is sparse and the same
    each time.

    Args:
        target: (T,) values to match. donors: (N, T), one row a donor. ridge: ≥ 0, in squared units of the target.

    Returns:
        (N,) weights in the order of the donors.
    """
    from scipy.optimize import nnls  # 17 MB that only who computes needs, not who reads a result

    apart = (np.asarray(donors, dtype=float) - target).T
    scale = float(np.sqrt(np.mean(apart**2) * len(apart) + ridge)) or 1.0
    size = apart.shape[1]
    rows = [apart / scale, np.ones((1, size))]
    if ridge > 0:
        rows.insert(1, np.sqrt(ridge) / scale * np.eye(size))
    system = np.vstack(rows)
    found, _ = nnls(system, np.r_[np.zeros(len(system) - 1), 1.0], maxiter=50 * size + 100)
    return found / found.sum()
