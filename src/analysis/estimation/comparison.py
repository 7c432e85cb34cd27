"""Where a département stands among the others, without a league table.

Three questions, each with a frozen result: its position in the national distribution (``position``), the départements
like it on context (``find_peers``), and whether a proportion lies outside what the usual spread between départements
gives (``funnel``). How it moved is for ``trends``. No function returns a rank: two départements whose figures differ by less
than their uncertainty have no order.

Frames come from ``panel``; results go to ``narrative``, ``figures`` and ``tables``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.estimation.checks import LARGEST, ROUNDING, ArgumentError, telling
from analysis.estimation.checks import column as figures_of
from analysis.estimation.confidence import FAR, normal
from analysis.estimation.rows import NotComparable, check_figures
from analysis.foundations import asked, territories
from analysis.foundations.arithmetic import Result, inverse, precisely, product, rounded
from analysis.foundations.columns import row_value
from analysis.foundations.display import Brief, listed
from analysis.foundations.levels import DEPARTEMENT, LEVELS, Level
from analysis.foundations.periods import period
from analysis.foundations.values import VALUED_STATES, Value, least_sure

QUANTILES = {"p10": 0.10, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p90": 0.90}
Z95, Z998 = normal(), normal(FAR)
"""Standard errors between the centre of a funnel plot and its two limits: 95 % and 99.8 % (Spiegelhalter, 2005)."""

WINSORISED_SHARE = 0.10
"""Share of the z-scores brought in at each end before the spread is measured (Spiegelhalter, 2005)."""

WINSORISED_VARIANCE = 0.678655
"""Variance of a standard normal so winsorised: dividing by it keeps the measured spread unbiased when nothing is amiss.
It is 0.8 − 2cφ(c) + 0.2c², where c = 1.2816 is the 90 % quantile and φ the normal density."""


@dataclass(frozen=True, repr=False)
class Position(Brief):
    """A département among the others, for one indicator and period.

    Attributes
    ----------
    value : Value
        The département's own figure, whatever its state.
    n : int
        Number of départements with a value, itself included when it has one.
    share_below : float
        Share (0–1) of the *other* départements whose value is lower; None when it has no value.
    quantiles : Mapping[str, float]
        p10, p25, p50, p75 and p90 over the départements with a value, unweighted.
    values : Series
        Value by département code, known ones only.
    missing : Mapping[str, Value]
        The départements without a value, each with the figure that says why (its state and its note).
    figures : Mapping[str, Value]
        The figure of each territory as it is published, with its state and bounds, by code.
    level : Level
        That of the territories.
    """

    indicator: str
    period: str
    territory: str
    value: Value
    n: int
    share_below: float | None
    quantiles: Mapping[str, float]
    values: pd.Series
    missing: Mapping[str, Value]
    figures: Mapping[str, Value] = field(default_factory=dict)
    level: Level = DEPARTEMENT


@dataclass(frozen=True, repr=False)
class Peers(Brief):
    """The départements most like one, on context set before the Pacte began.

    Attributes
    ----------
    codes : tuple[str, ...]
        Nearest first.
    distances : tuple[float, ...]
        Mahalanobis distances, or None for ``overseas``.
    method : str
        ``nearest`` in France métropolitaine; ``overseas`` for the five overseas départements, whose peers are each
        other, since too few context figures are published for all of them; ``own`` for those that a person chose.
    context : DataFrame
        Code × indicator, the figures compared, the département itself in the first row.
    periods : Mapping[str, str]
        Period of each context indicator.
    """

    territory: str
    codes: tuple[str, ...]
    distances: tuple[float, ...] | None
    method: str
    context: pd.DataFrame
    periods: Mapping[str, str]


@dataclass(frozen=True, repr=False)
class Funnel(Result):
    """A funnel plot of a proportion with additive over-dispersion (Spiegelhalter, 2005; DerSimonian and Laird, 1986).

    Attributes
    ----------
    reference : float
        Overall proportion θ₀, in percent.
    phi : float
        Mean squared winsorised z-score under the binomial alone, corrected for the winsorising; 1 means no
        over-dispersion.
    tau : float
        Standard deviation between départements, in points of percent, added to the binomial variance.
    rate : ndarray
        Proportion by département, in percent, in the order of ``codes``.
    n : ndarray
        People, households or dwellings behind each.
    z : ndarray
        Standardised distance to the reference with that variance.
    grid : ndarray
        Values of n at which limits are drawn.
    lower95 : ndarray
        Limit at each n of ``grid``, in percent.
    upper95 : ndarray
        Likewise.
    lower998 : ndarray
        Likewise.
    upper998 : ndarray
        Likewise.
    status : str
        Where the département lies.
    level : Level
        That of the codes.
    """

    indicator: str
    period: str
    territory: str
    reference: float
    phi: float
    tau: float
    codes: tuple[str, ...]
    rate: np.ndarray
    n: np.ndarray
    z: np.ndarray
    grid: np.ndarray
    lower95: np.ndarray
    upper95: np.ndarray
    lower998: np.ndarray
    upper998: np.ndarray
    status: str
    level: Level = DEPARTEMENT


def position(cross_section: pd.DataFrame, territory: str) -> Position:
    """Place a territory among those of its level, in a cross-section of them.

    Parameters
    ----------
    cross_section : DataFrame
        One row for each territory of the level, as ``Panel.cross_section`` gives it: value and bounds in the
        indicator's unit.
    territory : str
        Code of a territory of that level.
    """
    territory = asked.territory(territory)
    level = _compared(territory)
    check_figures(cross_section, "the cross-section")
    codes = cross_section["territory"]
    times = codes.value_counts()
    if lacking := [c for c in territories.of_level(level) if times.get(c, 0) != 1]:
        raise NotComparable(
            f"the cross-section: {listed(lacking)} without a row, or with two; take it from the panel"
        )
    known = cross_section[cross_section["state"].isin(VALUED_STATES)]
    values = known.set_index("territory")["value"]
    figures = {row["territory"]: row_value(row) for row in cross_section.to_dict("records")}
    own = figures[territory]
    others = values.drop(territory, errors="ignore")
    below = rounded(float((others < own.value).mean())) if own.known and len(others) else None
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # between numbers beyond measure: no quantile, which is said
        quantiles = (
            {name: rounded(float(values.quantile(q))) for name, q in QUANTILES.items()} if len(values) else {}
        )
    return Position(
        indicator=str(cross_section["indicator"].iloc[0]),
        period=str(cross_section["period"].iloc[0]),
        territory=territory,
        value=own,
        n=len(values),
        share_below=below,
        quantiles=quantiles,
        values=values,
        missing={c: figures[c] for c in territories.of_level(level) if c not in values.index},
        figures=figures,
        level=level,
    )


def _compared(code: str) -> Level:
    """The level of a territory that stands among others; NotComparable for one of a level that does not."""
    level = territories.get(code).kind
    if not level.compared:
        raise NotComparable(
            f"{code} is of the level {level.title}, whose territories are not set beside one another; "
            f"ask for a territory of another: {listed([one.key for one in LEVELS.values() if one.compared])}"
        )
    return level


def find_peers(
    context: pd.DataFrame,
    territory: str,
    periods: Mapping[str, str],
    number: int = 8,
    logarithm: Sequence[str] = (),
) -> Peers:
    """The départements nearest to one on standardised context (Mahalanobis, 1936).

    Parameters
    ----------
    context : DataFrame
        (départements, k) by code, no missing value among metropolitan départements; in the units of the indicators.
    territory : str
        Code of a département; an overseas one gets the other four.
    periods : Mapping[str, str]
        Period of each column, carried to the result.
    number : int, optional
        How many peers.
    logarithm : Collection[str], optional
        The variables of which ratios matter and not differences, such as density.

    Raises
    ------
    NotComparable
        When a column does not vary, or is told by the others.
    """
    _check_context(context)
    territory = asked.territory(territory)
    level = territories.of_level(_compared(territory))
    overseas = [code for code in level if territories.get(code).overseas]
    if territory in overseas:
        codes = tuple(c for c in overseas if c != territory)
        return Peers(territory, codes, None, "overseas", context.reindex((territory, *codes)), dict(periods))
    if number not in range(1, len(level) - len(overseas)):
        raise NotComparable(f"{number} peers asked for; ask for 1 to {len(level) - len(overseas) - 1}")
    metropolitan = context.reindex([code for code in level if code not in overseas])
    if metropolitan.isna().any(axis=None):
        lacking = metropolitan.columns[metropolitan.isna().any()].tolist()
        raise NotComparable(
            f"context has missing values in {lacking}: choose indicators published for the {len(metropolitan)} of France "
            "métropolitaine"
        )
    compared = metropolitan
    for name in (one for one in logarithm if one in context):
        compared = with_log(compared, name)
    try:
        scaled = telling(compared, "context")
    except ArgumentError as error:
        raise NotComparable(f"{error}: distances would be those of rounding") from error
    weights = inverse(product(scaled.T, scaled) / (len(scaled) - 1))
    apart = scaled - scaled[metropolitan.index.get_loc(territory)]
    distance = np.sqrt((product(apart, weights) * apart).sum(axis=1))
    nearest = rounded(pd.Series(distance, metropolitan.index)).drop(territory)
    nearest = nearest.sort_values(kind="stable").head(
        number
    )  # of two at the same distance, the first by its code
    codes = tuple(nearest.index)
    return Peers(
        territory,
        codes,
        tuple(float(d) for d in nearest),
        "nearest",
        context.reindex((territory, *codes)),
        dict(periods),
    )


def _check_context(context: pd.DataFrame) -> None:
    """A row by département and a column by indicator, each once; else NotComparable."""
    if not isinstance(context, pd.DataFrame) or not context.shape[1]:
        raise NotComparable(
            "the context: départements × indicators expected, nothing found; name an indicator at least"
        )
    if not (context.index.is_unique and context.columns.is_unique):
        raise NotComparable("the context: a département or an indicator is there twice; keep one of each")


def own_peers(
    territory: str, peers: Iterable[str] | str, context: pd.DataFrame, periods: Mapping[str, str]
) -> Peers:
    """Peers that a person chose, in their order, with their context as published (``find_peers``); there may be none.

    Parameters
    ----------
    territory : str
        Code of a territory.
    peers : Iterable[str] | str
        Codes, or names in any usual form.
    context : DataFrame
        (départements, k) by code, in the units of the indicators.
    periods : Mapping[str, str]
        Period of each column of ``context``.
    """
    code = asked.territory(territory)
    codes = asked.of_level(peers, territories.get(code).kind)
    if codes:
        _compared(code)
    _check_context(context)
    if code in codes:
        raise NotComparable(f"{code} is among its own peers; leave it out")
    return Peers(code, codes, None, "own", context.reindex((code, *codes)), dict(periods))


def peers_median(rows: pd.DataFrame, peers: Sequence[str], minimum: int = 4) -> pd.DataFrame:
    """Median of the peers by period (period, value, number, state), where at least ``minimum`` have a value.

    Its state is that of the least sure of their figures.

    Parameters
    ----------
    rows : DataFrame
        Rows of the panel: period, territory, value, state.
    peers : Sequence[str]
        Codes.
    minimum : int, optional
        Least number of peers with a value.

    Returns
    -------
    DataFrame
        Columns period, value (unit of the rows), number, state.
    """
    peers = [asked.territory(one) for one in asked.several(peers)]
    check_figures(rows, "the rows")
    if rows[["territory", "period"]].duplicated().any():
        raise NotComparable("the rows: a territory has two figures for one period; keep one of them")
    if minimum < 1:
        raise NotComparable(f"a median of {minimum} peers: ask for one at least")
    known = rows[rows["territory"].isin(peers) & rows["state"].isin(VALUED_STATES)]
    groups = known.groupby("period")
    medians = groups["value"].agg(value="median", number="count")
    medians = medians.assign(state=groups["state"].agg(least_sure)).reset_index()
    medians = medians[medians["number"] >= min(minimum, len(peers))]
    ordered: pd.DataFrame = medians.sort_values(
        "period", key=lambda p: p.map(lambda t: period(t).start), ignore_index=True
    )
    return ordered


def funnel(rates: pd.Series, n: pd.Series, territory: str, indicator: str, period: str) -> Funnel:
    """Build a funnel plot of proportions.

    The reference is the overall proportion Σ nᵢpᵢ ÷ Σ nᵢ. At the scale of a département's population the binomial
    limits alone are always breached; the variance between départements τ² (method of moments, DerSimonian and Laird,
    1986, on the winsorised z-scores: mean square of (p − θ) ÷ √(s² + τ²) equal to that of a winsorised standard normal)
    is therefore added to the binomial variance, never subtracted.

    Parameters
    ----------
    rates : Series
        (n,) proportion in percent, by département code.
    n : Series
        (n,) people, households or dwellings behind each, same index.
    territory : str
        The département to mark.
    indicator : str
        Name, carried to the result.
    period : str
        Period, carried to the result.
    """
    level = DEPARTEMENT
    if territory != "":
        territory = asked.territory(territory)
        level = _compared(territory)
    if reason := no_funnel(rates, n):
        raise NotComparable(
            f"{indicator}, {period}: no funnel can be drawn ({_NO_FUNNEL[reason]}); choose another figure, or look at its "
            "position"
        )
    both = _sized(rates, n)
    p, size = both["rate"].to_numpy() / 100, both["n"].to_numpy(dtype=float)
    theta = float((p * size).sum() / size.sum())
    within = theta * (1 - theta) / size
    phi = _winsorised_square((p - theta) / np.sqrt(within)) / WINSORISED_VARIANCE
    tau2 = _between_variance(p - theta, within)
    z = (p - theta) / np.sqrt(within + tau2)
    grid = rounded(np.geomspace(size.min() * 0.9, size.max() * 1.1, 120))
    spread = np.sqrt(theta * (1 - theta) / grid + tau2)
    limits = {k: np.clip(100 * (theta + c * spread), 0, 100) for k, c in _LIMITS.items()}
    place = dict(zip(both.index, rounded(z), strict=True)).get(territory)
    return Funnel(
        indicator, period, territory, 100 * theta, phi, 100 * float(np.sqrt(tau2)), tuple(both.index),
        both["rate"].to_numpy(), size, z, grid, **limits, status=_status(place), level=level,
    )  # fmt: skip


def no_funnel(rates: pd.Series, n: pd.Series) -> str:
    """Why no funnel can be drawn, empty when one can: ``size``, ``share``, ``alone`` or ``flat`` (see ``funnel``).

    Parameters
    ----------
    rates : Series
        (n,) proportion in percent, by département code.
    n : Series
        (n,) people, households or dwellings behind each.
    """
    both = _sized(rates, n)
    if both.empty:
        return "size"
    if not both["rate"].between(0, 100).all():
        return "share"
    if len(both) < _FEWEST:
        return "alone"
    overall = float((both["rate"] * both["n"]).sum() / both["n"].sum()) / 100
    return "flat" if overall * (1 - overall) <= ROUNDING else ""


_FEWEST = 3
_NO_FUNNEL = {
    "size": "no number of people, households or dwellings is known behind it",
    "share": "its figures are not shares between 0 and 100",
    "alone": f"fewer than {_FEWEST} départements have a figure",
    "flat": "it is 0, or 100, in every département",
}


def _sized(rates: pd.Series, n: pd.Series) -> pd.DataFrame:
    """Proportions with the number behind each, where both are known."""
    size = figures_of(n, "n", bounded=False)
    rate = figures_of(rates, "rates", bounded=False).clip(
        -1, 101
    )  # of what is no share it matters no more by how much
    both = pd.DataFrame({"rate": rate, "n": size.where(size.abs() <= LARGEST)}).dropna()
    if (both["n"] < 0).any():
        raise NotComparable(
            f"n: a number of people is negative ({listed(both.index[both['n'] < 0])}); give their number"
        )
    return both[both["n"] > 0]


_LIMITS = {"lower95": -Z95, "upper95": Z95, "lower998": -Z998, "upper998": Z998}


def _winsorised_square(z: np.ndarray) -> float:
    """Mean square of z-scores, the extreme ones brought in."""
    ends = np.quantile(z, [WINSORISED_SHARE, 1 - WINSORISED_SHARE])
    return float(np.mean(np.clip(z, *ends) ** 2))


def _between_variance(apart: np.ndarray, within: np.ndarray) -> float:
    """τ² with which the winsorised z-scores vary as much as those of a standard normal; zero when they do without.

    Where numbers differ, the z-scores of the binomial alone are a mixture of normals, whose middle says too little of its
    ends: τ² made from their winsorised spread is too small. With τ² in the denominator they are one normal again.
    """

    def enough(tau2: float) -> bool:
        return _winsorised_square(apart / np.sqrt(within + tau2)) <= WINSORISED_VARIANCE

    if enough(0.0):
        return 0.0
    low, high = 0.0, float(np.mean(apart**2))
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1e-13 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _status(z: float | None) -> str:
    if z is None:
        return "absent"
    return "beyond_998" if abs(z) > Z998 else "beyond_95" if abs(z) > Z95 else "within"


def with_log(context: pd.DataFrame, column: str) -> pd.DataFrame:
    """The context with one column on the logarithmic scale; NotComparable where a figure of it has no logarithm.

    Parameters
    ----------
    context : DataFrame
        (départements, k) by code.
    column : str
        The one to take the logarithm of.

    Raises
    ------
    NotComparable
        Where a figure of it has no logarithm.
    """
    _check_context(context)
    known = (
        pd.to_numeric(context[column], errors="coerce").dropna() if column in context else pd.Series([0.0])
    )
    if not ((known > 0) & np.isfinite(known)).all() or len(known) < context.get(column, known).count():
        raise NotComparable(
            f"no logarithm of {column!r}: expected a column of figures above zero, among {listed(context)}"
        )
    return context.assign(**{column: rounded(precisely(np.log, context[column]))})
