"""Arithmetic whose results do not depend on the processor: what is estimated or modelled is computed with it.

Libraries choose their instructions by the processor, and with them the order in which they sum: the last digits of a
product of matrices or of a logarithm differ from one kind to another. Two things keep these digits out of results. What
would amplify them is computed here, by operations that IEEE 754 defines to the last bit, in a fixed order (``product``,
``solve``, ``root``, ``exactly_summed``), or beyond double precision (``precisely``, ``gauss_legendre``, ``gauss_hermite``).
What is left of them is rounded away: a ``Result`` holds ten significant digits from the moment it is made (``rounded``).

It knows arrays and tables, no indicator and no method: it stands right above what shows results to a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache, singledispatch
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from analysis.foundations.display import Brief

Thing = TypeVar("Thing")
Numbers = TypeVar("Numbers", np.ndarray, pd.Series, pd.DataFrame)

DIGITS = 10
"""Significant digits of what is computed: many more than are shown, and fewer than processors agree on."""

ALIKE = 1e-9
"""Numbers that differ by no more than this share of the larger are held equal where they are ordered or counted."""

_EXPONENTS = range(-13, 23)
_POWERS = np.array([float(f"1e{k}") for k in _EXPONENTS])
_SCALES = np.array([float(f"1e{k}") for k in range(23)])
"""Powers of ten that a double holds exactly: between the first and the last of ``_POWERS`` they shift numbers to ten
digits without an error of their own. Beyond, which is rare, numbers are rounded as texts."""

_LARGEST = 1.797693134e308
"""The largest double with ten significant digits."""


# ---------------------------------------------------------------------------------------------------- ten digits


def rounded(thing: Thing) -> Thing:
    """The same with every float at ``DIGITS`` significant digits: in arrays, tables and their indexes, and collections.

    Dataclasses are made again with their fields rounded, a ``Result`` excepted, which was rounded as it was made. Whatever
    is no float stays as it is, and so does what is missing or infinite. Zero has no sign. What needs no rounding is given
    back itself.
    """
    ten: Thing = _rounded(thing)
    return ten


@singledispatch
def _rounded(thing: Any) -> Any:
    if not is_dataclass(thing) or isinstance(thing, type | Result):
        return thing
    values = {field.name: getattr(thing, field.name) for field in fields(thing) if field.init}
    moved = {name: ten for name, value in values.items() if (ten := rounded(value)) is not value}
    return replace(thing, **moved) if moved else thing


@_rounded.register
def _(thing: float) -> float:
    (ten,) = rounded(np.array([thing], dtype=float)).tolist()
    return thing if _same(np.array(ten), np.array(thing)) else type(thing)(ten)


@_rounded.register
def _(thing: np.ndarray) -> np.ndarray:
    if thing.dtype != np.float64:
        return thing
    ten = _ten(thing)
    return thing if _same(ten, thing) else ten


@_rounded.register
def _(thing: pd.Index) -> pd.Index:
    values = thing.to_numpy() if thing.dtype == np.float64 else None
    return (
        thing if values is None or rounded(values) is values else pd.Index(rounded(values), name=thing.name)
    )


@_rounded.register
def _(thing: pd.Series) -> pd.Series:
    frame = thing.to_frame()
    ten = rounded(frame)
    if ten is frame:
        return thing
    column = ten.iloc[:, 0]
    column.name = thing.name
    return column


@_rounded.register
def _(thing: pd.DataFrame) -> pd.DataFrame:
    ten = thing.set_axis(rounded(thing.index))
    moved = ten.index is not thing.index
    for i in (i for i, kind in enumerate(thing.dtypes) if kind == np.float64):
        values = thing.iloc[:, i].to_numpy()
        if (better := rounded(values)) is not values:
            ten.isetitem(i, better)
            moved = True
    return ten if moved else thing


@_rounded.register(list)
@_rounded.register(tuple)
def _(thing: Any) -> Any:
    ten = [rounded(member) for member in thing]
    if all(a is b for a, b in zip(ten, thing, strict=True)):
        return thing
    return thing._make(ten) if hasattr(thing, "_make") else type(thing)(ten)


@_rounded.register(dict)
def _(thing: dict[Any, Any]) -> dict[Any, Any]:
    ten = {key: rounded(value) for key, value in thing.items()}
    return thing if all(ten[key] is value for key, value in thing.items()) else ten


def _ten(values: np.ndarray) -> np.ndarray:
    """Doubles at ten significant digits, each the one nearest to its decimal."""
    size = np.abs(values)
    place = np.searchsorted(_POWERS, size, side="right") - 1
    usual = (place >= 0) & (place < len(_POWERS) - 1)
    shift = np.where(usual, DIGITS - 1 - _EXPONENTS.start - place, 0)
    up, down = _SCALES[np.maximum(shift, 0)], _SCALES[np.maximum(-shift, 0)]
    ten = np.where(usual, np.rint(np.where(usual, values, 0) * up / down) / up * down, values) + 0.0
    rare = ~usual & (size > 0) & np.isfinite(values)
    if rare.any():
        ten[rare] = np.clip([float(f"{x:.{DIGITS - 1}e}") for x in values[rare]], -_LARGEST, _LARGEST)
    return ten


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two arrays of floats hold the same, the sign of zeros included."""
    alike = np.array_equal(one, other, equal_nan=True)
    return alike and np.array_equal(np.signbit(one) & (one == 0), np.signbit(other) & (other == 0))


class Result(Brief):
    """What was estimated, modelled or compared: a frozen dataclass whose numbers are ``rounded`` as it is made."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if (ten := rounded(value)) is not value:
                object.__setattr__(self, name, ten)


def first_of_largest(values: np.ndarray) -> int:
    """Position of the largest value; the first of those that are the same at ten digits.

    Parameters
    ----------
    values : ndarray
        (n,), finite.
    """
    return int(np.argmax(rounded(np.asarray(values, dtype=float))))


# ---------------------------------------------------------------------------------------- in the same order everywhere


def precisely(function: Callable[..., np.ndarray], values: Numbers) -> Numbers:
    """A function such as ``np.log`` of numbers, an array or a table, computed in extended precision.

    Rounded to doubles it is the same whatever instructions the libraries choose, where the platform has an extended type.

    Parameters
    ----------
    function : Callable[..., ndarray]
        Element by element, such as ``np.log``.
    values : Numbers
        A number, an array or a table, of any shape.
    """
    precise = function(np.asarray(values, dtype=np.longdouble)).astype(float)
    if isinstance(values, pd.DataFrame):
        return pd.DataFrame(precise, values.index, values.columns)
    return pd.Series(precise, values.index, name=values.name) if isinstance(values, pd.Series) else precise


def product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """``left @ right`` for vectors and matrices, each product rounded, then added in the order of the common axis.

    Parameters
    ----------
    left : ndarray
        (m, n), or (n,).
    right : ndarray
        (n, p), or (n,).

    Returns
    -------
    ndarray
        As ``left @ right`` gives it.

    Examples
    --------
    >>> product(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 1.0]))
    array([3., 7.])
    """
    left, right = np.asarray(left), np.asarray(right)
    rows = left[None] if left.ndim == 1 else left
    columns = right[:, None] if right.ndim == 1 else right
    cells = (rows.T[:, :, None] * columns[:, None, :]).sum(axis=0)
    summed: np.ndarray = cells[0 if left.ndim == 1 else slice(None), 0 if right.ndim == 1 else slice(None)]
    return summed


def exactly_summed(values: np.ndarray, count: int) -> np.ndarray:
    """Values with as many binary digits, from the largest of their column on, as leave sums of ``count`` of them exact.

    Sums of such values, each taken once, added or subtracted, are the same in any order, hence in the products of matrices
    of a library too. What is taken off is under ``count``·2⁻⁵² of the largest.

    Parameters
    ----------
    values : ndarray
        (n, k).
    count : int
        Number of terms of the sums.
    """
    largest = np.abs(values).max(axis=0, initial=0.0)
    unit = np.ldexp(1.0, np.frexp(largest)[1] + int(np.ceil(np.log2(max(count, 2)))) - 52)
    cut: np.ndarray = np.rint(values / unit) * unit
    return cut


def solve(matrix: np.ndarray, right: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
    """X with matrix · x = right, by elimination.

    It is worked out in the precision of what is given, doubles or extended.

    Parameters
    ----------
    matrix : ndarray
        (…, n, n), symmetric and positive.
    right : ndarray
        (…, n, m).
    tolerance : float, optional
        A row of which less than this share is left once the rows before it are taken off is held to add nothing; its x
        is zero.

    Returns
    -------
    ndarray
        (…, n, m).
    """
    return _eliminated(matrix, right, tolerance)[0]


def inverse(matrix: np.ndarray, tolerance: float = 0.0) -> np.ndarray:
    """Inverse of a symmetric positive matrix, or one of those that serve where it has none; as in ``solve``.

    Parameters
    ----------
    matrix : ndarray
        (…, n, n), symmetric and positive.
    tolerance : float, optional
        As in ``solve``.

    Returns
    -------
    ndarray
        (…, n, n).
    """
    return solve(matrix, np.broadcast_to(np.eye(matrix.shape[-1]), matrix.shape), tolerance)


def log_determinant(matrix: np.ndarray) -> float:
    """Logarithm of the determinant of a symmetric positive definite matrix (n, n).

    Parameters
    ----------
    matrix : ndarray
        (n, n), symmetric and positive definite.
    """
    return float(np.log(_eliminated(matrix.astype(np.longdouble), np.zeros((len(matrix), 0)), 0.0)[1]).sum())


def _eliminated(matrix: np.ndarray, right: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray]:
    """The solution and the pivots."""
    size = matrix.shape[-1]
    table = np.concatenate([matrix, right], axis=-1)
    least = tolerance * np.diagonal(matrix, axis1=-2, axis2=-1)
    pivots = np.ones(table.shape[:-1], dtype=table.dtype)
    for k in range(size):
        pivot = table[..., k, k]
        usable = pivot > least[..., k]
        pivots[..., k] = np.where(usable, pivot, 1)
        row = np.where(usable[..., None], table[..., k, k + 1 :], 0) / pivots[..., k, None]
        column = table[..., :, k].copy()
        column[..., k] = 0
        table[..., :, k + 1 :] -= column[..., :, None] * row[..., None, :]
        table[..., k, k + 1 :] = row
    return table[..., size:], pivots


def least_squares(columns: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Coefficients of the columns whose sum is nearest to the target, by the modified method of Gram and Schmidt.

    Where ``solve`` would square how badly the columns tell themselves apart, this does not (Björck, 1967).

    Parameters
    ----------
    columns : ndarray
        (…, n, m), one a row; columns of zeros have the coefficient zero.
    target : ndarray
        (…, m).

    Returns
    -------
    ndarray
        (…, n).
    """
    rest, left = columns.copy(), target.copy()
    size = rest.shape[-2]
    upper, coefficients = (
        np.zeros((*rest.shape[:-1], size), rest.dtype),
        np.zeros(rest.shape[:-1], rest.dtype),
    )
    for k in range(size):
        own = rest[..., k, :]
        square = (own * own).sum(axis=-1)
        own_part = own / np.where(square > 0, square, 1)[..., None]
        upper[..., k, k + 1 :] = (rest[..., k + 1 :, :] * own_part[..., None, :]).sum(axis=-1)
        rest[..., k + 1 :, :] -= upper[..., k, k + 1 :, None] * own[..., None, :]
        coefficients[..., k] = (left * own_part).sum(axis=-1)
        left -= coefficients[..., k, None] * own
    for k in reversed(range(size)):
        coefficients[..., k] -= (upper[..., k, k + 1 :] * coefficients[..., k + 1 :]).sum(axis=-1)
    return coefficients


def root(matrix: np.ndarray, tolerance: float = 1e-12) -> np.ndarray:
    """Lower triangular L with L·Lᵀ = matrix, symmetric and positive; a column of zeros where a row adds nothing.

    Parameters
    ----------
    matrix : ndarray
        (n, n), symmetric and positive.
    tolerance : float, optional
        As in ``solve``.

    Returns
    -------
    ndarray
        (n, n).
    """
    rest, lower = np.array(matrix, dtype=np.longdouble), np.zeros(matrix.shape, dtype=np.longdouble)
    least = tolerance * np.diagonal(matrix)
    for k in range(len(rest)):
        if rest[k, k] > least[k]:
            lower[k:, k] = rest[k:, k] / np.sqrt(rest[k, k])
            rest[k:, k:] -= lower[k:, k, None] * lower[None, k:, k]
    return lower.astype(float)


@lru_cache
def gauss_legendre(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes between −1 and 1 and weights, which sum to two, of the quadrature of Gauss and Legendre.

    Parameters
    ----------
    number : int
        Of nodes.

    Returns
    -------
    tuple[ndarray, ndarray]
        Nodes between −1 and 1, and weights, (number,) each.
    """
    from numpy.polynomial import legendre

    nodes, slope = _polished(legendre.leggauss(number)[0], legendre.legval, legendre.legder)
    return nodes.astype(float), (2 / ((1 - nodes**2) * slope**2)).astype(float)


@lru_cache
def gauss_hermite(number: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights, which sum to one, for the mean of a function of a standard normal variable.

    Parameters
    ----------
    number : int
        Of nodes.

    Returns
    -------
    tuple[ndarray, ndarray]
        Nodes and weights, (number,) each.
    """
    from numpy.polynomial import hermite_e

    nodes, slope = _polished(hermite_e.hermegauss(number)[0], hermite_e.hermeval, hermite_e.hermeder)
    shares = 1 / slope**2
    return nodes.astype(float), (shares / shares.sum()).astype(float)


def _polished(
    nodes: np.ndarray, value: Callable[..., np.ndarray], derivative: Callable[..., np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Zeros of an orthogonal polynomial, brought by Newton's method to extended precision, and its slope there."""
    nodes = nodes.astype(np.longdouble)
    series = np.zeros(len(nodes) + 1, dtype=np.longdouble)
    series[-1] = 1
    slopes = derivative(series)
    for _ in range(2):
        nodes = nodes - value(nodes, series) / value(nodes, slopes)
    return nodes, value(nodes, slopes)
