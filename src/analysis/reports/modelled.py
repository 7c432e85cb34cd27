"""The figures that models give, for every département: computed once, and added to those that are published.

A report is opened with the models that it shows; the site, and the files of an edition to take away, have all of them
through ``with_models``. A model whose ingredients are not in the panel (a checkout without some datasets) is left out
there. What a model is, and what its figures are worth, is said in ``indicators`` and ``estimation``; here it is given the
figures and the parameters that it is computed from, and a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations.columns import COLUMNS
from analysis.foundations.display import Refusal, hint, listed, shown
from analysis.methods.indicators import energy, shrinkage, take_up
from analysis.reports.kept import shared


class UnknownModel(Refusal, ValueError):
    """A model that the project has not; the message gives the nearest."""


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
    "analysis.reports.modelled:expected_non_take_up",
    take_up.NEEDS,
    tuple[pd.DataFrame, take_up.Expected],
)
ENERGY = Model(
    "energy.corrected",
    "analysis.reports.modelled:corrected_energy",
    energy.NEEDS,
    tuple[pd.DataFrame, dict[str, energy.Elasticity]],
)  # fmt: skip
RECRUITMENT = Model(
    "small_areas.recruitment",
    "analysis.reports.modelled:shrunk_recruitment",
    shrinkage.NEEDS,
    tuple[pd.DataFrame, pd.Series],
)
MODELS: Mapping[str, Model] = {one.name: one for one in (NON_TAKE_UP, ENERGY, RECRUITMENT)}


def model(name: str) -> Model:
    """A model of the project by its name; UnknownModel gives the nearest."""
    if name not in MODELS:
        raise UnknownModel(f"no model {shown(name)}{hint(name, MODELS)}; there are {listed(MODELS)}")
    return MODELS[name]


def expected_non_take_up(panel: Panel, catalogue: Catalogue) -> tuple[pd.DataFrame, take_up.Expected]:
    """The non-take-up of RSA that the composition of each département leads one to expect, and what it rests on."""
    assumptions = catalogue.parameters("non_take_up")
    expected = take_up.rsa_expected(panel, assumptions)
    return take_up.as_rows(expected, assumptions["period"]), expected


def corrected_energy(panel: Panel, catalogue: Catalogue) -> tuple[pd.DataFrame, dict[str, energy.Elasticity]]:
    """Consumption at mean weather, and the elasticities that it rests on."""
    return energy.corrected_rows(panel)


def shrunk_recruitment(panel: Panel, catalogue: Catalogue) -> tuple[pd.DataFrame, pd.Series]:
    """Shares of difficult recruitment that borrow strength, and the weight that each département's own survey has."""
    from analysis.estimation import small_area

    rules = catalogue.parameters("small_areas")
    given = shrinkage.recruitment(panel, rules)
    shares = small_area.shrunk_shares(given.shares, given.sizes, given.covariates)
    quality = small_area.publishable(shares.figures["cv"], rules["precision"])
    made = shrinkage.as_rows(shares.figures, quality, given.source, given.unsurveyed)
    return made, shares.figures.groupby("territory")["gamma"].last()


def rows(panel: Panel) -> pd.DataFrame:
    """The modelled figures of every model that can be computed, with the columns of the panel."""
    parts = [
        shared.common(one.name, one.compute, panel, gives=one.gives)[0]
        for one in MODELS.values()
        if one.possible(panel)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def with_models(panel: Panel) -> Panel:
    """The panel, with the figures that models give beside those that are published; those that it has already are left."""
    made = rows(panel)
    return panel.plus(made[~made["indicator"].isin(panel.indicators)])
