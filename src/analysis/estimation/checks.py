"""What estimation asks of its arguments: each check gives them back as it needs them, or refuses them by name.

An argument with which a method has no meaning (missing, infinite, empty, of a size that no arithmetic holds) raises
``ArgumentError``, which says what was expected, what was found and what to do. What has a meaning and allows no answer
(too few units, nothing that varies) is told by the errors of ``sample`` and of each method.

Differences under ``ROUNDING`` of the largest value are what is left of rounding, in whatever unit, and are held to be none.
It stands above every estimator, and computes nothing of an estimate.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from analysis.foundations.arithmetic import least_squares
from analysis.foundations.display import Refusal, listed, shown

ROUNDING = 1e-12
"""Share of the largest value below which differences are those of rounding."""

LARGEST, SMALLEST = 1e60, 1e-60
"""Sizes between which figures, and the fourth powers that errors of errors are made of, are held by a double."""

APART = 1e-7
"""Share of a column's spread that the other columns must leave for it to tell something of its own."""


class ArgumentError(Refusal, ValueError):
    """An argument with which a method has no meaning; the message says what was expected, and the remedy."""


def finite(
    value: object, name: str, *, least: float | None = None, above: float | None = None, most: float | None = None,
    whole: bool = False,
) -> float:  # fmt: skip
    """A finite number within limits (``least`` and ``most`` may be reached, ``above`` may not), or ArgumentError."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = np.nan
    right = np.isfinite(number) and (not whole or number == round(number)) and abs(number) <= LARGEST
    right = right and (least is None or number >= least) and (above is None or number > above)
    if not (right and (most is None or number <= most)):
        limits = ((" from ", least), (" above ", above), (" up to ", most))
        text = "".join(f"{word}{limit:g}" for word, limit in limits if limit is not None)
        raise ArgumentError(
            f"{name}: {shown(value)} found, a finite {'whole ' if whole else ''}number{text} expected; "
            "look at how it was computed, or leave the case out"
        )
    return number


def confidence(value: object, name: str = "level") -> float:
    """A confidence level, or the power of a test: from one half to almost one."""
    return finite(value, name, least=0.5, most=1 - 1e-9)


def array(
    values: object, name: str, dimensions: int | None = None, size: int | None = None, power: int = 1
) -> np.ndarray:
    """Values as finite doubles of usable size, at least one; of so many dimensions or of one length where these are given.

    ``power`` is that of the figures in the values: 2 for variances.
    """
    try:
        doubles = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ArgumentError(
            f"{name}: numbers expected, {shown(values)} found; give an array of numbers"
        ) from None
    if doubles.size == 0 or (dimensions is not None and doubles.ndim != dimensions):
        form = f"an array of {dimensions} dimensions with" if dimensions else ""
        raise ArgumentError(
            f"{name}: {form} at least one number expected, {' × '.join(map(str, doubles.shape)) or 'none'} found; "
            "give figures, or leave the case out"
        )
    if size is not None and doubles.shape[-1] != size:
        raise ArgumentError(f"{name}: {size} numbers expected, {doubles.shape[-1]} found; give one for each")
    return sized(doubles, name, power)


def sized(values: np.ndarray, name: str, power: int = 1) -> np.ndarray:
    """The same doubles, each finite and of a size that its powers can be computed of."""
    if not np.isfinite(values).all():
        raise ArgumentError(f"{name}: a value is missing or infinite; leave it out, or give its figure")
    largest = float(np.abs(values).max()) ** (1 / power)
    if largest > LARGEST or 0 < largest < SMALLEST:
        raise ArgumentError(
            f"{name}: figures of about {largest:.1g}, beyond what is computed; give them in another unit"
        )
    return values


def column(values: object, name: str, power: int = 1, bounded: bool = True) -> pd.Series:
    """Figures by unit: a Series of numbers (missing ones stay), with each unit once; ``power`` as in ``array``.

    Without ``bounded`` they may be of any size, infinite ones included: the caller sets aside what is too large.
    """
    if not isinstance(values, pd.Series):
        raise ArgumentError(
            f"{name}: a Series by unit expected, a {type(values).__name__} found; give `pd.Series`"
        )
    once(values.index, name)
    try:
        numbers = pd.to_numeric(values).astype(float)
    except (TypeError, ValueError):
        raise ArgumentError(f"{name}: numbers expected, {values.dtype} found; convert the column") from None
    known = numbers[numbers.notna()].to_numpy()
    if known.size and bounded:
        sized(known, name, power)
    return numbers


def once(labels: pd.Index, name: str) -> None:
    """ArgumentError when a label is missing or there twice."""
    if labels.hasnans:
        raise ArgumentError(f"{name}: a label is missing; name every unit")
    if not labels.is_unique:
        raise ArgumentError(
            f"{name}: {listed(labels[labels.duplicated()].unique())} there twice; keep one row of each"
        )


def varies(values: np.ndarray, size: float | None = None) -> bool:
    """Whether values differ by more than rounding, of themselves or of figures of a given size."""
    size = float(np.abs(values).max(initial=0.0)) if size is None else size
    return float(np.ptp(values)) > ROUNDING * size if np.size(values) else False


def telling(columns: pd.DataFrame, name: str) -> np.ndarray:
    """Columns less their means, over their standard deviations, where each tells something that the others do not.

    No unit of measurement matters.

    Parameters
    ----------
    columns : DataFrame
        Unit × variable, finite.
    name : str
        Of what they are, for the message.

    Raises
    ------
    ArgumentError
        Names the columns that do not vary, or that the ones before give.
    """
    values = array(columns.to_numpy(), name, 2)
    if flat := [str(c) for c, own in zip(columns, values.T, strict=True) if not varies(own)]:
        raise ArgumentError(f"{name}: {listed(flat)} do not vary; leave them out")
    centred = values - values.mean(axis=0)
    scaled: np.ndarray = centred / np.sqrt((centred**2).mean(axis=0))
    if given := [str(columns.columns[k]) for k in range(1, scaled.shape[1]) if _given(scaled.T[: k + 1])]:
        raise ArgumentError(
            f"{name}: {listed(given)} collinear with the columns before: they say the same; leave one out"
        )
    return scaled


def _given(rows: np.ndarray) -> bool:
    """Whether the last of standardised rows is, to rounding, a sum of those before."""
    before, own = rows[:-1], rows[-1]
    left = own - (least_squares(before, own)[:, None] * before).sum(axis=0)
    return float(np.sqrt((left**2).mean())) < APART


def probability(p: float) -> float:
    """A p-value as computed, held to what it can be: at most one, and above zero, as no data make anything impossible."""
    return float(min(1.0, max(p, np.finfo(float).tiny)))


def choice(value: object, name: str, known: Iterable[str]) -> str:
    """One of the words that are known."""
    known = list(known)
    if value not in known:
        raise ArgumentError(f"{name}: {shown(value)} is not one of {', '.join(known)}; choose among them")
    return str(value)
