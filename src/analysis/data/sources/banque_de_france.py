"""Banque de France: over-indebtedness files deposited in each département of metropolitan France, by year.

The yearly numbers were compiled by a re-user from the monthly series of Webstat. A file is a household's request to
the commission: this module neither tells first requests from renewed ones nor divides by the population.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, require_columns
from analysis.foundations.connectors.webstat import Series
from analysis.foundations.published import read_csv


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Over-indebtedness files by département and year."""
    path = paths[0]
    published = read_csv(path)
    require_columns(published, ("dep_code", "annee", "suren_depot_nb"), path.name)
    return figures(
        pd.DataFrame(
            {
                "territory": territories.parse_series(published["dep_code"], level="departement"),
                "period": published["annee"],
                "indicator": "count_overindebtedness_files",
                "value": numbers(published["suren_depot_nb"], path.name),
            }
        )
    )


_SERIES = {
    f"IFI.M.D{code}.SUREN.DEPOT": code
    for code in territories.DEPARTEMENTS
    if code not in territories.OVERSEAS
}
_MONTHLY = Tidy(
    territory="series_key",
    codes=_SERIES,
    period="time_period",
    measures={"obs_value": "count_overindebtedness_files"},
)


def load_months(paths: Sequence[Path]) -> pd.DataFrame:
    """The same, added up from the monthly series: a year that lacks a month has no figure."""
    months = _MONTHLY(paths)
    key = [months["territory"], months["period"].str[:4].rename("period"), months["indicator"]]
    years = months.groupby(key)["value"].agg(value=lambda all_: all_.sum(skipna=False), months="size")
    return figures(years[years["months"] == 12].reset_index())


DATASETS = (
    Dataset(
        name="banque_de_france/overindebtedness",
        producer="Banque de France",
        title="Dossiers de surendettement déposés, par département (Webstat, IFI.M.Dxx.SUREN.DEPOT)",
        url="https://webstat.banque-france.fr/",
        licence="Free re-use with attribution (Banque de France)",
        vintage="2019-2024",
        perimeter="96 départements of metropolitan France (overseas filings are handled by IEDOM and not in this series)",
        files=("surendettement.csv",),
        load=load,
        quality="reused",
        remote=Remote(
            (Series(where=f"series_key in ({', '.join(map(repr, _SERIES))})".replace("'", '"')),),
            load_months,
            ("series_key", "time_period", "obs_value"),
            described={
                "notes": ("Added up here over the twelve months of the producer's series, not adjusted.",)
            },
        ),
        notes=(
            "Yearly totals of a monthly series, compiled by a re-user; gross numbers, not seasonally adjusted.",
        ),
    ),
)
