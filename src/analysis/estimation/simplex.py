"""Weights on the simplex: the mixture of donors nearest to a target (Abadie, Diamond and Hainmueller, 2010).

The only solver of that problem in the project, for ``effects`` and ``inference``. It knows arrays, no unit and no period.

A library finds which donors have weight; how much is then computed from them in a fixed order, and they are held to the
conditions of Karush, Kuhn and Tucker. Where many mixtures are nearly as good, the library's own last digits would decide
between them, and they depend on the processor: there, all of it is done in extended precision.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from analysis.estimation.checks import ArgumentError, array
from analysis.foundations.arithmetic import least_squares, product

NONE = 1e-12
"""A weight under this is none, and a donor that would gain less than this share of the misfit is left out."""

FLAT = 1e-6
"""Under this share of the mean square of donors, the ridge does not keep mixtures apart."""

_IN_MEMORY = 128
_AT_ONCE = 32
_ROUNDS = 200


@dataclass(frozen=True)
class _Problem:
    """Donors less the target (T × N), extended where the optimum may be flat, and the ridge."""

    apart: np.ndarray
    ridge: float

    @classmethod
    def of(cls, target: np.ndarray, donors: np.ndarray, ridge: float) -> _Problem:
        apart = (np.asarray(donors, dtype=float) - target).T
        flat = ridge <= FLAT * np.mean(apart**2) * len(apart)
        return cls((np.asarray(donors, np.longdouble) - target).T if flat else apart, ridge)


def simplex_weights(target: np.ndarray, donors: np.ndarray, ridge: float = 0.0) -> np.ndarray:
    """Weights w ≥ 0 that sum to one and minimise ‖target − w·donors‖² + ridge·‖w‖².

    With Σw = 1 the objective is ‖Mw‖², M's columns being the donors less the target. Over u ≥ 0 the minimiser of
    ‖Mu‖² + (1 − Σu)² is the wanted w times a positive scale: for u = s·w the best s gives q ÷ (1 + q), which grows
    with q = ‖Mw‖². One non-negative least squares is therefore exact, without a heavy row or a penalty to tune.
    Without ridge, and with more donors than periods, several w may be as good: the one returned is sparse.

    Parameters
    ----------
    target : ndarray
        (T,) values to match.
    donors : ndarray
        (N, T), one row a donor.
    ridge : float, optional
        ≥ 0, in squared units of the target.

    Returns
    -------
    ndarray
        (N,) weights in the order of the donors.

    Examples
    --------
    >>> simplex_weights(np.array([1.0, 2.0]), np.array([[0.0, 2.0], [2.0, 2.0], [9.0, 0.0]])).round(2)
    array([0.5, 0.5, 0. ])
    """
    return simplex_weights_of_each([(target, donors, ridge)])[0]


def simplex_weights_of_each(given: Iterable[tuple[np.ndarray, np.ndarray, float]]) -> list[np.ndarray]:
    """``simplex_weights`` of many problems, which takes less time than one by one.

    Parameters
    ----------
    given : Iterable[tuple[ndarray, ndarray, float]]
        Target (T,), donors (N, T) and ridge of each problem.

    Returns
    -------
    list[ndarray]
        Weights (N,) of each problem.

    Raises
    ------
    ArgumentError
        When one has no meaning.
    """
    rest, weights = (_checked(*one) for one in given), []
    while problems := [_Problem.of(*one) for one in islice(rest, _IN_MEMORY)]:
        supports = [_support(problem) for problem in problems]
        settled = _settled(problems, supports)
        weights += [_optimal(*one) for one in zip(problems, supports, settled, strict=True)]
    return weights


def _checked(target: np.ndarray, donors: np.ndarray, ridge: float) -> tuple[np.ndarray, np.ndarray, float]:
    """A problem, each part of which has a meaning."""
    target = array(target, "target", 1)
    donors = array(donors, "donors", 2, size=len(target))
    if not ridge >= 0:
        raise ArgumentError(
            f"ridge: {ridge} found, a number from 0 expected; it is in squared units of the target"
        )
    return target, donors, float(array(ridge, "ridge", 0, power=2))


def _support(problem: _Problem) -> np.ndarray:
    """Positions of the donors that have weight, by non-negative least squares."""
    from scipy.optimize import nnls  # 17 MB that only who computes needs, not who reads a result

    apart, ridge = problem.apart.astype(float), problem.ridge
    scale = float(np.sqrt(np.mean(apart**2) * len(apart) + ridge)) or 1.0
    size = apart.shape[1]
    rows = [apart / scale, np.ones((1, size))]
    if ridge > 0:
        rows.insert(1, np.sqrt(ridge) / scale * np.eye(size))
    system = np.vstack(rows)
    solution, _ = nnls(system, np.r_[np.zeros(len(system) - 1), 1.0], maxiter=50 * size + 100)
    return np.flatnonzero(solution > NONE * solution.sum())


def _settled(problems: Sequence[_Problem], supports: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The best weights of the donors of each support, of whatever sign, by the least squares of ``simplex_weights``."""
    solved: list[np.ndarray] = [np.empty(0)] * len(problems)
    for some in _alike(problems, supports):
        most = max(len(supports[i]) for i in some)
        longest = max(len(problems[i].apart) for i in some)
        table = np.zeros((len(some), most, longest + most + 1), dtype=problems[some[0]].apart.dtype)
        for k, i in enumerate(some):
            size, own = len(supports[i]), problems[i].apart[:, supports[i]]
            scale = np.sqrt((own * own).sum() + size * problems[i].ridge) or 1.0
            table[k, :size, : len(own)] = own.T / scale
            table[k, range(size), range(longest, longest + size)] = np.sqrt(problems[i].ridge) / scale
            table[k, :size, -1] = 1
        target = np.zeros(table.shape[::2], dtype=table.dtype)
        target[:, -1] = 1
        for i, u in zip(some, least_squares(table, target), strict=True):
            kept = u[: len(supports[i])]
            solved[i] = kept / kept.sum()
    return solved


def _alike(problems: Sequence[_Problem], supports: Sequence[np.ndarray]) -> Iterator[list[int]]:
    """Positions of the problems, those of one precision and of nearly the same size together."""
    for flat in (False, True):
        own = [i for i, problem in enumerate(problems) if (problem.apart.dtype == np.longdouble) == flat]
        own.sort(key=lambda i: len(supports[i]))
        yield from (own[at : at + _AT_ONCE] for at in range(0, len(own), _AT_ONCE))


def _optimal(problem: _Problem, support: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The weights once no donor of the support has a negative one and none outside would better the mixture."""
    apart, ridge = problem.apart, problem.ridge
    noise = 10 * np.finfo(apart.dtype).eps * np.mean(apart**2) * len(apart)
    for _ in range(_ROUNDS):
        if weights.min() < 0:
            support = np.delete(support, weights.argmin())
        else:
            gap = product(apart[:, support], weights)
            pull, level = product(gap, apart), product(gap, gap) + ridge * product(weights, weights)
            pull[support] = level
            if pull.min() >= level * (1 - NONE) - noise:
                break
            support = np.sort(np.r_[support, pull.argmin()])
        weights = _settled([problem], [support])[0]
    whole = np.zeros(apart.shape[1])
    whole[support] = np.maximum(weights, 0)
    shares: np.ndarray = whole / whole.sum()
    return shares
