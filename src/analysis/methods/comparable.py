"""Comparable départements: those nearest to one on the context that ``parameters/peers.yml`` names, the same everywhere.

Reports, the site and researchers take them from here. How near two départements are is computed by
``estimation.comparison``; nothing is said of them here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import comparison
from analysis.foundations import territories
from analysis.foundations.display import Brief
from analysis.foundations.levels import DEPARTEMENT, Level

PARAMETERS = "peers"


@dataclass(frozen=True, repr=False)
class Context(Brief):
    """The figures on which the territories of a level are compared.

    Attributes
    ----------
        figures: territory × indicator, as published. periods: the period of each indicator.
        logarithm: the indicators that are compared on that scale. number: how many comparable territories one has.
    """

    figures: pd.DataFrame
    periods: Mapping[str, str]
    logarithm: tuple[str, ...]
    number: int

    @classmethod
    def of(cls, panel: Panel, catalogue: Catalogue, level: Level = DEPARTEMENT) -> Context:
        """The context that the parameters of a checkout name, of a panel, for the territories of a level."""
        rules = catalogue.parameters(PARAMETERS)
        columns = {
            name: panel.cross_section(name, at, level).set_index("territory")["value"]
            for name, at in rules["indicators"].items()
        }
        return cls(pd.DataFrame(columns), rules["indicators"], tuple(rules["logarithm"]), rules["number"])

    def peers(self, territory: str) -> comparison.Peers:
        """The territories nearest to one; none where the context of one of them, overseas apart, is not known."""
        compared = [code for code in self.figures.index if not territories.get(code).overseas]
        if self.figures.loc[compared].isna().any(axis=None):
            return self.chosen(territory, ())
        return comparison.find_peers(self.figures, territory, self.periods, self.number, self.logarithm)

    def chosen(self, territory: str, peers: Iterable[str] | str) -> comparison.Peers:
        """Those that a person chose."""
        return comparison.own_peers(territory, peers, self.figures, self.periods)
