"""Energy use per dwelling at a normal winter: consumption corrected for the cold of each year.

The heating-sensitive part of residential use is not published by département. ``degree_day_elasticity`` estimates how
consumption per site moves with degree-days, between départements within each year, and ``corrected`` brings each figure to
the département's mean degree-days over the years at hand. A corrected figure is modelled and carries the interval of that
elasticity; the observed one is always shown beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.data import breaks
from analysis.data.panel import Panel
from analysis.estimation.confidence import normal
from analysis.foundations import observation, territories
from analysis.foundations.arithmetic import Result, precisely, rounded
from analysis.foundations.columns import in_order
from analysis.foundations.values import VALUED_STATES


@dataclass(frozen=True, repr=False)
class Elasticity(Result):
    """Relative change of consumption per site for a relative change of degree-days, with its standard error.

    ``years`` and ``number`` are the years and départements that it rests on. ``error`` is clustered by département.
    """

    value: float
    error: float
    years: tuple[int, ...]
    number: int


def degree_day_elasticity(table: pd.DataFrame) -> Elasticity:
    """Estimate log(consumption per site) = département + year + ε·log(degree-days) by least squares.

    Year effects take out what hit every département at once (prices, the lockdowns of 2020), so that ε rests on the
    differences in weather between départements.

    Parameters
    ----------
    table : DataFrame
        Columns ``territory``, ``year``, ``consumption`` (per site, positive), ``degree_days`` (positive).

    Raises
    ------
    ValueError
        With fewer than two years or twenty départements.
    """
    from statsmodels.regression.linear_model import OLS  # its `api` would load 26 MB more

    known = table.dropna(subset=["consumption", "degree_days"])
    known = known[(known["consumption"] > 0) & (known["degree_days"] > 0)]
    full = known.groupby("territory")["year"].transform("nunique") == known["year"].nunique()
    known = known[full]
    years = tuple(sorted(int(y) for y in known["year"].unique()))
    number = known["territory"].nunique()
    if len(years) < 2 or number < 20:
        raise ValueError(
            f"degree-day elasticity needs 2 years and 20 départements; found {len(years)} and {number}"
        )
    logs = precisely(np.log, known[["consumption", "degree_days"]])
    within = (
        logs
        - logs.groupby(known["territory"]).transform("mean")
        - logs.groupby(known["year"]).transform("mean")
    )
    within = within + logs.mean()
    within = within - within.mean()
    fit = OLS(within["consumption"], within["degree_days"]).fit(
        cov_type="cluster", cov_kwds={"groups": known["territory"].astype("category").cat.codes}
    )
    return Elasticity(float(fit.params.iloc[0]), float(fit.bse.iloc[0]), years, int(number))


def corrected(table: pd.DataFrame, elasticity: Elasticity) -> pd.DataFrame:
    """Consumption per site at each département's mean degree-days, with a 95 % interval.

    Returns columns ``territory``, ``year``, ``value``, ``lower``, ``upper``.

    Parameters
    ----------
    table : DataFrame
        As in ``degree_day_elasticity``. Rows without degree-days are left out.
    elasticity : Elasticity
        ε and its error, from ``degree_day_elasticity``.
    """
    known = table.dropna(subset=["consumption", "degree_days"])
    mean = known.groupby("territory")["degree_days"].transform("mean")
    log_ratio = precisely(np.log, mean / known["degree_days"])
    margin = normal() * elasticity.error * log_ratio.abs()
    center = precisely(np.log, known["consumption"]) + elasticity.value * log_ratio
    amounts = {"value": center, "lower": center - margin, "upper": center + margin}
    return known[["territory", "year"]].assign(
        **{name: rounded(precisely(np.exp, amount)) for name, amount in amounts.items()}
    )


# ---------------------------------------------------------------------------------------------- from the panel's figures

DEGREE_DAYS = "count_heating_degree_days_year"
CORRECTED: Mapping[str, str] = {
    "ratio_electricity_residential_mwh_per_site": "ratio_electricity_residential_mwh_per_site_corrected",
    "ratio_gas_residential_mwh_per_site": "ratio_gas_residential_mwh_per_site_corrected",
}
"""Observed consumption per site, and its corrected counterpart."""
NEEDS = frozenset({*CORRECTED, DEGREE_DAYS})
"""Indicators without which nothing is corrected."""


def corrected_rows(panel: Panel) -> tuple[pd.DataFrame, dict[str, Elasticity]]:
    """Corrected consumption as rows of the panel, state ``modelled``, with the elasticity that each rests on.

    Parameters
    ----------
    panel : Panel
        Every figure: territory × period × indicator.
    """
    rows, elasticities = [], {}
    for observed, name in CORRECTED.items():
        with observation.noting() as reads:
            table = _table(panel, observed)
        elasticities[observed] = degree_day_elasticity(table)
        made = corrected(table, elasticities[observed])
        made = made.assign(period=made["year"], indicator=name, state="modelled", quality="derived")
        made = made.assign(note=_marks(panel, observed, made))
        rows.append(made.assign(source=panel.read_from(reads.figures)))
    return in_order(pd.concat(rows, ignore_index=True)), elasticities


def _marks(panel: Panel, observed: str, made: pd.DataFrame) -> list[str]:
    """What breaks the observed series (``analysis.data.breaks``) breaks the corrected one."""
    rows = panel.published(observed, territory=territories.METROPOLITAN)
    marks = dict(
        zip(zip(rows["territory"], rows["period"], strict=True), map(breaks.marks, rows["note"]), strict=True)
    )
    return [marks[place] for place in zip(made["territory"], made["year"], strict=True)]


def _table(panel: Panel, observed: str) -> pd.DataFrame:
    columns = {"consumption": observed, "degree_days": DEGREE_DAYS}
    parts = []
    for column, name in columns.items():
        rows = panel.published(name, territory=territories.METROPOLITAN)
        rows = rows[rows["state"].isin(VALUED_STATES) & rows["period"].isin(panel.covered(name))]
        parts.append(rows.set_index(["territory", "period"])["value"].rename(column))
    return pd.concat(parts, axis=1, join="inner").reset_index().rename(columns={"period": "year"})
