"""INSEE's tables of Melodi as figures: how their columns are called, and shares of what they count.

``Table`` is one table: what is asked for of it and how it is read, said once. The shares that re-users publish of the census
are divisions of two of its counts: they are made here of the same two, so that their series go on. Nothing else is divided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data.sources.tidy import Tidy
from analysis.foundations.cells import figures
from analysis.foundations.connectors.melodi import Melodi

PLACES = {"F": None, "FE": None, "FEHM": None, "FR": None, "M": "FM", "FM": "FM"}
"""Codes of France in Melodi: what France holds differs from table to table, and is left; France métropolitaine is one."""
_WORST = ["observed", "provisional", "unavailable", "suppressed"]


def melodi(series: Sequence[str], measures: Mapping[Any, str], **more: Any) -> Tidy:
    """The reader of a table of Melodi by the values of some dimensions; of départements, unless ``filters`` says more."""
    filters = {"GEO_OBJECT": ("DEP",), **more.pop("filters", {})}
    said: dict[str, Any] = {"codes": PLACES, "status": "OBS_STATUS", "secret": {"CONF_STATUS": ("C",)}} | more
    return Tidy("GEO", "TIME_PERIOD", measures, tuple(series), "OBS_VALUE", filters=filters, **said)


@dataclass(frozen=True)
class Table:
    """Counts of a table, by the values of some of its dimensions, and shares of them in percent.

    Attributes
    ----------
    fixed : Mapping[str, str]
        The one value that is read of each other dimension.
    cells : Mapping[tuple[str, ...], str]
        What the values of ``series`` count: an indicator of the dictionary, or a word of ``shares``.
    shares : Mapping[str, tuple[str, str]]
        The indicator of each share, and what is divided by what, words joined by a space being added up.
    since : str
        The first year that is read.
    """

    dataset: str
    fixed: Mapping[str, str]
    series: tuple[str, ...]
    cells: Mapping[Any, str]
    shares: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    since: str = ""

    @property
    def connector(self) -> Melodi:
        """What is asked for: the cells that are read, and no others."""
        chosen = {name: sorted({key[at] for key in self.cells}) for at, name in enumerate(self.series)}
        return Melodi(self.dataset, {"GEO": ("DEP", "FRANCE"), **self.fixed, **chosen})

    @property
    def _counts(self) -> Tidy:
        fixed = {name: (value,) for name, value in self.fixed.items()}
        places = {"GEO_OBJECT": ("DEP", "FRANCE")}
        return melodi(self.series, self.cells, filters=places | fixed, since=self.since)

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings that it needs."""
        return self._counts.columns

    @property
    def filters(self) -> tuple[str, ...]:
        """The other columns by whose values it chooses."""
        return tuple(self._counts.filters)

    def __call__(self, paths: Sequence[Path]) -> pd.DataFrame:
        """The counts that are indicators, and the shares."""
        counts = self._counts(paths)
        counts["state"] = counts["state"].map(_WORST.index)
        wide = counts.pivot(index=["territory", "period"], columns="indicator", values=["value", "state"])
        parts = [counts[counts["indicator"].str.startswith("count_")]]
        for name, terms in self.shares.items():
            above, below = (
                wide.loc[:, [("value", word) for word in words.split()]].sum(axis=1, skipna=False)
                for words in terms
            )
            state = wide.loc[:, [("state", word) for word in " ".join(terms).split()]].max(axis=1)
            share = pd.DataFrame({"value": (100 * above / below.where(below > 0)).round(2), "state": state})
            parts.append(share.reset_index().assign(indicator=name, note=""))
        rows = pd.concat(parts, ignore_index=True)
        return figures(rows.assign(state=rows["state"].astype(int).map(_WORST.__getitem__)))
