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
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, require_columns
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
        notes=(
            "Yearly totals of a monthly series, compiled by a re-user; gross numbers, not seasonally adjusted.",
        ),
    ),
)
