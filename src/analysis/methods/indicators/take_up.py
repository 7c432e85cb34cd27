"""Expected non-take-up of RSA in a département: what its composition leads one to expect, not what it is.

DREES measured RSA non-take-up once, for metropolitan France in 2018, by tenure and for some family types. No measure by
département exists. ``expected`` applies those published rates to the composition of a département's poor households, twice
(by tenure, by family type), and returns the mean of both with a 95 % interval that carries three uncertainties: the
sampling error of the published rates, the disagreement between the two compositions, and the error of transfer, that is how
far a département departs from what its composition predicts. The last is not assumed: ``transfer_error`` measures it by the
same method on an outcome that *is* published by département, poverty.

Every figure from here is modelled. It must never be compared between départements as if it were measured, nor used to judge
a département's action: it contains none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from analysis.data.own import SOURCE
from analysis.data.panel import Panel
from analysis.estimation.draws import TAKE_UP, TAKE_UP_SEED
from analysis.foundations import observation, territories
from analysis.foundations.arithmetic import Result, precisely, product, rounded
from analysis.foundations.columns import in_order
from analysis.foundations.display import Brief
from analysis.foundations.files import DataError


@dataclass(frozen=True, repr=False)
class Margin(Brief):
    """One way of splitting poor households, with the published non-take-up of each part.

    Attributes
    ----------
    composition : DataFrame
        Département code × category, shares of the département's poor households, rows sum to 1.
    rates : Mapping[str, float]
        Published rate by category, in percent; a category without one (``None``) takes what is needed for the whole to
        give the national rate.
    errors : Mapping[str, float]
        Standard error by category, in points.
    """

    name: str
    composition: pd.DataFrame
    rates: Mapping[str, float | None]
    errors: Mapping[str, float]


@dataclass(frozen=True, repr=False)
class Expected(Result):
    """Expected non-take-up by département.

    Attributes
    ----------
    figures : DataFrame
        Index code, columns ``value``, ``lower``, ``upper`` (percent) and one column by margin.
    national : float
        The published rate to which the départements average, in percent.
    transfer : float
        Standard deviation of the transfer error, on the logit scale.
    shifts : Mapping[str, float]
        By margin, the common shift on the logit scale that makes the average equal ``national``.
    source : str
        The datasets whose figures were read for it; empty when they came from elsewhere.
    """

    figures: pd.DataFrame
    national: float
    transfer: float
    shifts: Mapping[str, float]
    source: str = ""


def poor_composition(households: pd.DataFrame, poverty: pd.DataFrame) -> pd.DataFrame:
    """Composition of poor households: share of each category × its poverty rate, rescaled to 1 by département.

    Poverty rates of people are applied to households, whose own rates by département are not held.

    Parameters
    ----------
    households : DataFrame
        Code × category, shares or numbers of all households.
    poverty : DataFrame
        Code × category, poverty rates in percent, same columns.

    Examples
    --------
    >>> households = pd.DataFrame({"owners": [0.6], "tenants": [0.4]}, index=["67"])
    >>> poverty = pd.DataFrame({"owners": [5.0], "tenants": [30.0]}, index=["67"])
    >>> poor_composition(households, poverty).round(2).loc["67"].to_dict()
    {'owners': 0.2, 'tenants': 0.8}
    """
    poor = households * poverty[households.columns]
    return rounded(poor.div(poor.sum(axis=1, skipna=False), axis=0))


def rate_errors(
    rates: Mapping[str, float], shares: Mapping[str, float], sample: float, design: float
) -> dict[str, float]:
    """Standard errors of published rates, in points, when the publication gives none.

    Binomial errors of a sample of ``sample`` eligible households split in ``shares``, times the square root of the design
    effect ``design``. Rates in percent.

    Parameters
    ----------
    rates : Mapping[str, float]
        Published rate by category, percent.
    shares : Mapping[str, float]
        Share of the sample in each category, 0–1.
    sample : float
        Number of eligible households asked.
    design : float
        Design effect, 1 for a simple random sample.

    Returns
    -------
    dict[str, float]
        By category, in points.

    Examples
    --------
    >>> {name: round(error, 1) for name, error in rate_errors({"owners": 61.0}, {"owners": 0.1}, 3000, 2).items()}
    {'owners': 4.0}
    """
    return {
        k: rounded(100 * float(np.sqrt(design * (r / 100) * (1 - r / 100) / (sample * shares[k]))))
        for k, r in rates.items()
    }


def transfer_error(
    households: pd.DataFrame, poverty: pd.DataFrame, actual: pd.Series, weights: pd.Series
) -> float:
    """How far composition alone misses an outcome that is measured: poverty, on the logit scale.

    National poverty rates by category (weighted means over départements) are applied to each département's composition; the
    root mean square of logit(actual) − logit(predicted) is what the same method may miss on an unmeasured outcome.

    Parameters
    ----------
    households : DataFrame
        Code × category, shares.
    poverty : DataFrame
        Code × category, percent.
    actual : Series
        Overall rate by code, percent.
    weights : Series
        Number of households by code.
    """
    shares = households.div(households.sum(axis=1), axis=0)
    sizes = shares.mul(weights, axis=0)
    national = (sizes * poverty[households.columns]).sum() / sizes.sum()
    predicted = (shares * national).sum(axis=1)
    seen, expected_here = (
        precisely(logit, rate / 100) for rate in (actual.reindex(predicted.index), predicted)
    )
    return rounded(float(np.sqrt(np.mean((seen - expected_here).dropna() ** 2))))


def expected(
    margins: tuple[Margin, Margin],
    weights: pd.Series,
    national: float,
    national_error: float,
    transfer: float,
) -> Expected:
    """Expected non-take-up with its 95 % interval, for each département present in both margins.

    Parameters
    ----------
    margins : tuple[Margin, Margin]
        Two splits of the same poor households.
    weights : Series
        Number of poor households by code; the weighted mean of the départements equals ``national``.
    national, national_error : float
        Published rate and its standard error, percent and points.
    transfer : float
        Standard deviation of the transfer error on the logit scale, from ``transfer_error``.
    """
    codes = [c for c in margins[0].composition.index if c in margins[1].composition.index]
    codes = [
        c for c in codes if all(m.composition.loc[c].notna().all() for m in margins) and weights.get(c, 0) > 0
    ]
    share = weights.reindex(codes) / weights.reindex(codes).sum()
    points = {m.name: _apply(m, codes, share, np.array([national]), _point_rates(m)) for m in margins}
    value = np.mean([rate[0] for rate, _ in points.values()], axis=0)
    draws = _simulate(margins, codes, share, national, national_error, transfer)
    lower, upper = np.quantile(draws, [0.025, 0.975], axis=0)
    figures = pd.DataFrame(
        {"value": value, "lower": lower, "upper": upper}
        | {name: rate[0] for name, (rate, _) in points.items()},
        index=pd.Index(codes, name="territory"),
    )
    return Expected(100 * figures, national, transfer, {name: float(s[0]) for name, (_, s) in points.items()})


def _point_rates(margin: Margin) -> np.ndarray:
    return np.array([[np.nan if r is None else r / 100 for r in margin.rates.values()]])


def _apply(
    margin: Margin, codes: list[str], share: pd.Series, national: np.ndarray, rates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Rates by département (draws × codes, in shares) and the logit shift of each draw.

    A missing category rate absorbs the difference to the national rate; without one, all rates shift together.
    """
    table = margin.composition.loc[codes, list(margin.rates)].to_numpy()
    overall = product(share.to_numpy(), table)
    target = national / 100
    hole = np.isnan(rates[0])
    if hole.any():
        known = np.where(hole, 0, rates)
        rest = (target - product(known, overall)) / overall[hole].sum()
        filled = np.where(hole, np.clip(rest, 0.01, 0.99)[:, None], known)
        return product(filled, table.T), np.zeros(len(rates))
    shift = _solve_shift(rates, overall, target)
    return product(expit(logit(rates) + shift[:, None]), table.T), shift


def _solve_shift(rates: np.ndarray, overall: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Newton's method for c in Σ wₖ·expit(logit(rₖ)+c) = target, one c a draw."""
    base = logit(rates)
    shift = np.zeros(len(rates))
    for _ in range(30):
        p = expit(base + shift[:, None])
        step = (product(p, overall) - target) / product(p * (1 - p), overall)
        shift = shift - step
        if np.max(np.abs(step)) < 1e-12:
            break
    return shift


def _simulate(
    margins: tuple[Margin, Margin],
    codes: list[str],
    share: pd.Series,
    national: float,
    error: float,
    transfer: float,
) -> np.ndarray:
    rng = np.random.default_rng(TAKE_UP_SEED)
    target = np.clip(rng.normal(national, error, TAKE_UP), 1, 99)
    mix = rng.uniform(0, 1, TAKE_UP)[:, None]
    parts = []
    for margin in margins:
        center = _point_rates(margin)
        spread = np.array([margin.errors.get(k, 0.0) / 100 for k in margin.rates])
        on_logit = spread / np.where(np.isnan(center[0]), 1, center[0] * (1 - center[0]))
        rates = expit(logit(center) + rng.normal(size=(TAKE_UP, len(spread))) * on_logit)
        parts.append(_apply(margin, codes, share, target, rates)[0])
    blend = np.clip(mix * parts[0] + (1 - mix) * parts[1], 0.005, 0.995)
    drawn: np.ndarray = expit(logit(blend) + transfer * rng.normal(size=blend.shape))
    return drawn


# ---------------------------------------------------------------------------------------------- from the panel's figures

EXPECTED = "rate_rsa_non_take_up_expected"
_TENURE = {
    "owner": "rate_non_take_up_rsa_owners",
    "social": "rate_non_take_up_rsa_social_tenants",
    "private": "rate_non_take_up_rsa_private_tenants",
}
_FAMILY = {
    "lone_parent": "rate_non_take_up_rsa_lone_mothers",
    "couple_without_children": "rate_non_take_up_rsa_childless_couples",
    "other": None,
}
NATIONAL = "rate_non_take_up_rsa"
NEEDS = frozenset({NATIONAL, "rate_poverty_60", "share_households_owner"})
"""Indicators without which nothing is expected: one of each dataset that the others come with."""


def rsa_expected(panel: Panel, assumptions: Mapping[str, Any]) -> Expected:
    """Expected RSA non-take-up from the panel: DREES rates of 2018, census composition, Filosofi poverty.

    Covers the metropolitan départements only, as the published rates do.

    Parameters
    ----------
    panel : Panel
        The project's figures.
    assumptions : Mapping[str, Mapping]
        Parameters ``non_take_up`` (sample and design effect behind the rates, periods of the census and of poverty).
    """
    with observation.noting() as reads:
        given = ingredients(panel, assumptions)
    return replace(expected(*given), source=panel.read_from(reads.figures))


def ingredients(
    panel: Panel, assumptions: Mapping[str, Any]
) -> tuple[tuple[Margin, Margin], pd.Series, float, float, float]:
    """What ``expected`` takes, from the panel: margins, weights, national rate and its error, transfer error."""
    at, poverty_at = assumptions["period_composition"], assumptions["period_poverty"]
    households = _households(panel, at)
    poverty = _poverty(panel, poverty_at)
    weights = panel.cross_section("count_poor_households", poverty_at).set_index("territory")["value"]
    size, design = (assumptions[k]["value"] for k in ("eligible_sample", "design_effect"))
    tenure, family = (
        _margin(panel, name, rates, households[list(rates)], poverty[list(rates)], weights, size, design)
        for name, rates in (("tenure", _TENURE), ("family", _FAMILY))
    )
    national = panel.value(NATIONAL, "FM").value
    if national is None:
        raise DataError(
            f"{NATIONAL}: no figure for France métropolitaine; import it with `pacte data import`"
        )
    error = rate_errors({"all": national}, {"all": 1.0}, size, design)["all"]
    actual = panel.cross_section("rate_poverty_60", poverty_at).set_index("territory")["value"]
    number = panel.cross_section("count_households_fiscal", poverty_at).set_index("territory")["value"]
    metropolitan = list(territories.METROPOLITAN)
    misses = [
        transfer_error(
            households[list(r)].loc[metropolitan],
            poverty[list(r)].loc[metropolitan],
            actual.loc[metropolitan],
            number.loc[metropolitan],
        )
        for r in (_TENURE, _FAMILY)
    ]
    return (tenure, family), weights, national, error, max(misses)


def _cross(panel: Panel, names: Mapping[str, str], at: str) -> pd.DataFrame:
    columns = {
        key: panel.cross_section(name, at).set_index("territory")["value"] for key, name in names.items()
    }
    return pd.DataFrame(columns).loc[list(territories.METROPOLITAN)]


def _households(panel: Panel, at: str) -> pd.DataFrame:
    """Shares of households by tenure and by family type; « other » is everyone else."""
    stem = "share_households_"
    parts = ("owner", "tenant", "social_tenant", "lone_parent", "couple_without_children")
    households = _cross(panel, {p: stem + p for p in parts}, at)
    return households.assign(
        social=households["social_tenant"],
        private=households["tenant"] - households["social_tenant"],
        other=100 - households["lone_parent"] - households["couple_without_children"],
    )


def _poverty(panel: Panel, at: str) -> pd.DataFrame:
    """Poverty rates by the same categories; that of « other » is the mean of the rates of the types it gathers."""
    stem = "rate_poverty_60_"
    names = {
        "owner": "owner",
        "social": "tenant_social",
        "private": "tenant_private",
        "lone_parent": "lone_parent",
    }
    names |= {"couple_without_children": "couple_without_children"}
    rates = _cross(panel, {k: stem + v for k, v in names.items()}, at)
    parts = [stem + p for p in ("man_alone", "woman_alone", "couple_with_children", "complex")]
    others = _cross(panel, {p: p for p in parts}, at)
    return rates.assign(other=others.mean(axis=1))


def _margin(
    panel: Panel, name: str, names: Mapping[str, str | None], households: pd.DataFrame, poverty: pd.DataFrame,
    weights: pd.Series, size: float, design: float,
) -> Margin:  # fmt: skip
    rates = {k: None if n is None else panel.value(n, "FM").value for k, n in names.items()}
    composition = poor_composition(households, poverty)
    shares = (
        composition.mul(weights.reindex(composition.index), axis=0).sum()
        / weights.reindex(composition.index).sum()
    )
    known = {k: r for k, r in rates.items() if r is not None}
    weighted = {str(key): float(share) for key, share in shares.items()}
    return Margin(name, composition, rates, rate_errors(known, weighted, size, design))


def as_rows(expected: Expected, period: str) -> pd.DataFrame:
    """The estimates as rows of the panel, state ``modelled``; overseas départements are not applicable."""
    rows = expected.figures[["value", "lower", "upper"]].reset_index().assign(state="modelled", note="")
    outside = [c for c in territories.DEPARTEMENTS if c not in set(rows["territory"])]
    absent = pd.DataFrame(
        {"territory": outside, "state": "not_applicable", "note": "metropolitan_rates_only"}
    )
    both = pd.concat([rows, absent], ignore_index=True)
    both = both.assign(
        period=period, indicator=EXPECTED, quality="derived", source=expected.source or SOURCE,
    )  # fmt: skip
    return in_order(both)
