"""INSEE employment estimates by département and sector, on 31 December, at the place of work.

A re-user's table: one row per département and year, columns « status - sector ». Sector detail of total employment is
missing for a few rows of an overseas département whose totals are there: these cells are unavailable, not zero. The last
year is provisional.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, Dataset
from analysis.data.sources.insee.wide import melt, read_csv
from analysis.foundations import territories
from analysis.foundations.cells import figures, require_columns

_COLUMNS = {
    "ENS - T": "count_jobs",
    "SAL - T": "count_jobs_salaried",
    "NSAL - T": "count_jobs_self_employed",
    "ENS - TAZ": "count_jobs_agriculture",
    "ENS - TBE": "count_jobs_industry",
    "ENS - TFZ": "count_jobs_construction",
    "ENS - TGU": "count_jobs_market_services",
    "ENS - TOQ": "count_jobs_non_market_services",
}


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Jobs on 31 December by département, in all, by status and by large sector."""
    (path,) = paths
    frame = read_csv(path)
    require_columns(frame, ("dep", "annee"), path.name)
    codes = territories.parse_series(frame["dep"], level="departement")
    rows = melt(frame, codes, _COLUMNS, frame["annee"] + "-12", path.name)
    last = rows["period"].eq(rows["period"].max()) & rows["state"].eq("observed")
    return figures(rows.assign(state=rows["state"].mask(last, "provisional")))


DATASETS = (
    Dataset(
        name="insee/employment_2008_2023",
        producer="INSEE",
        title="Estimations d’emploi localisées : emploi salarié et non salarié par département et secteur",
        url="https://www.insee.fr/fr/statistiques/2045220",
        licence=INSEE_REUSE,
        vintage="2023 provisional",
        perimeter="100 départements (no Mayotte), jobs at the place of work",
        files=("emploi_departement_secteur_2008_2023.csv",),
        load=load,
        quality="reused",
        notes=(
            "Persons in employment in the last week of the year, counted once, where they work.",
            "A figure of a year is that of 31 December. The last year is provisional.",
        ),
        compressed=True,
    ),
)
