"""The figures that models give, for every département: computed once, and added to those that are published.

Reports show them through their sections; the site, and the files of an edition to take away, through ``with_models``. A
model whose ingredients are not in the panel (a checkout without some datasets) is left out. What a model is, and what its
figures are worth, is said in ``indicators`` and ``estimation``; nothing is computed or worded here.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from analysis.columns import COLUMNS
from analysis.indicators import energy, take_up
from analysis.panel import Panel
from analysis.reports import shared


@dataclass(frozen=True)
class Model:
    """A model of the project.

    Attributes
    ----------
    name : str
        Of the shared result.
    compute : str
        The function that gives it, by its name: rows of the panel, then what they rest on.
    needs : frozenset[str]
        Indicators without which it cannot be computed.
    gives : object
        The types of what ``compute`` gives, which is then read back without importing it.
    """

    name: str
    compute: str
    needs: frozenset[str]
    gives: object = None

    def possible(self, panel: Panel) -> bool:
        """Whether what the model is made from is there."""
        return self.needs <= set(panel.indicators)


NON_TAKE_UP = Model(
    "take_up.expected",
    "analysis.reports.sections.take_up:modelled_rows",
    frozenset({"rate_non_take_up_rsa", "rate_poverty_60", "share_households_owner"}),
    tuple[pd.DataFrame, take_up.Expected],
)
ENERGY = Model(
    "energy.corrected",
    "analysis.reports.sections.energy:modelled_rows",
    frozenset({
        "ratio_electricity_residential_mwh_per_site", "ratio_gas_residential_mwh_per_site", "count_heating_degree_days_year",
    }),
    tuple[pd.DataFrame, dict[str, energy.Elasticity]],
)  # fmt: skip
RECRUITMENT = Model(
    "small_areas.recruitment",
    "analysis.reports.sections.small_areas:modelled_rows",
    frozenset({"share_recruitment_projects_difficult", "count_recruitment_projects", "rate_unemployment"}),
    tuple[pd.DataFrame, pd.Series],
)
MODELS = (NON_TAKE_UP, ENERGY, RECRUITMENT)


def rows(panel: Panel) -> pd.DataFrame:
    """The modelled figures of every model that can be computed, with the columns of the panel."""
    parts = [
        shared.common(one.name, one.compute, panel, gives=one.gives)[0]
        for one in MODELS
        if one.possible(panel)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def with_models(panel: Panel) -> Panel:
    """The panel, with the figures that models give beside those that are published; those that it has already are left."""
    made = rows(panel)
    return panel.plus(made[~made["indicator"].isin(panel.indicators)])
