"""The area-level model of Fay and Herriot (1979) solved: regression at a given σ²ᵤ, and how σ²ᵤ is estimated.

``small_area`` checks what is given, asks here, and predicts; nothing is checked again. Arrays in, frozen results out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.foundations.arithmetic import first_of_largest, inverse, log_determinant, product, rounded


@dataclass(frozen=True)
class Areas:
    """Areas with a direct estimate: y (m), its variance (m), design (m × p)."""

    y: np.ndarray
    psi: np.ndarray
    x: np.ndarray


@dataclass(frozen=True)
class Solved:
    """Generalised least squares at a given σ²ᵤ."""

    total: np.ndarray
    beta: np.ndarray
    covariance: np.ndarray
    residual: np.ndarray


def solved_at(data: Areas, refvar: float) -> Solved:
    """The regression with area effects of variance ``refvar``.

    Parameters
    ----------
    data : Areas
        Areas with a figure.
    refvar : float
        Σ²ᵤ, in the square of the figures' unit.
    """
    total = refvar + data.psi
    weighted = data.x / total[:, None]
    covariance = inverse(product(weighted.T, data.x))
    beta = product(covariance, product(weighted.T, data.y))
    return Solved(total, beta, covariance, data.y - product(data.x, beta))


# ------------------------------------------------------------------------------------------ variance of the area effects


def estimated_refvar(data: Areas) -> tuple[float, bool]:
    """σ²ᵤ by restricted maximum likelihood, and whether it had to be taken off the boundary."""
    refvar = _likeliest(data, adjusted=False)
    return (refvar, False) if refvar > 0 else (_likeliest(data, adjusted=True), True)


def _top(data: Areas) -> float:
    """A bound far above any σ²ᵤ that the data could support."""
    return 10 * (float(np.var(data.y)) + float(data.psi.max()))


def _likeliest(data: Areas, adjusted: bool) -> float:
    """Global maximum of the restricted likelihood over σ²ᵤ ≥ 0: a grid finds the highest hill, the score its top.

    ``adjusted`` multiplies the likelihood by σ²ᵤ (Li and Lahiri, 2010), which keeps the maximum off zero.
    """
    grid = _top(data) * rounded(np.concatenate([[1e-12], np.geomspace(1e-7, 1, 80)]))
    heights = np.array([_likelihood(data, a) + adjusted * np.log(a) for a in grid])
    best = first_of_largest(heights)
    if best == 0:
        return 0.0
    low, high = grid[best - 1], grid[min(best + 1, len(grid) - 1)]
    return _root(lambda a: _score(data, a) + adjusted / a, low, high)


def _likelihood(data: Areas, refvar: float) -> float:
    """Restricted log-likelihood of σ²ᵤ, up to a constant."""
    solved = solved_at(data, refvar)
    value = -0.5 * (np.sum(np.log(solved.total)) + np.sum(solved.residual**2 / solved.total))
    return float(value + 0.5 * log_determinant(solved.covariance))


def _score(data: Areas, refvar: float) -> float:
    """Derivative of ``_likelihood``."""
    solved = solved_at(data, refvar)
    value = -0.5 * np.sum(1 / solved.total) + 0.5 * np.sum((solved.residual / solved.total) ** 2)
    return float(value + 0.5 * np.trace(product(solved.covariance, _squared(data, solved.total))))


def _squared(data: Areas, total: np.ndarray) -> np.ndarray:
    """X'V⁻²X."""
    return product((data.x / total[:, None] ** 2).T, data.x)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function is zero between two points where its signs differ (Brent, 1973), to a share of where that is."""
    from scipy.optimize import brentq  # 17 MB that only who computes needs, not who reads a result

    return float(brentq(function, low, high, xtol=1e-300, rtol=1e-12))


def refvar_variance(total: np.ndarray) -> float:
    """Asymptotic variance of σ̂²ᵤ."""
    return 2 / float(np.sum(1 / total**2))
