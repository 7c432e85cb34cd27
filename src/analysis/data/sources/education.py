"""Ministry of education (DEPP): social position, scholarships and social segregation of pupils, by département.

A re-user brought three DEPP publications into one table, each for one year: social position index (IPS) at the start
of the 2022 school year, scholarship holders in 2020, social composition of lower secondary schools in 2021. This
module renames and dates them; it computes nothing.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Each, Tidy, year
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, require_columns
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.published import read_csv

_INDICATORS = {
    "ips_eco_2022": ("index_social_position_primary", "2022"),
    "ips_col_2022": ("index_social_position_lower_secondary", "2022"),
    "part_eleves_ips_inf90_eco_2022": ("share_pupils_low_ips_primary", "2022"),
    "part_eleves_ips_inf90_col_2022": ("share_pupils_low_ips_lower_secondary", "2022"),
    "boursiers_college_2020": ("count_scholarship_pupils_lower_secondary", "2020"),
    "boursiers_college_pct_approx": ("share_scholarship_pupils_lower_secondary", "2020"),
    "pct_college_defavorise_2021": ("share_pupils_disadvantaged_lower_secondary", "2021"),
    "segregation_entropie_2021": ("index_social_segregation_lower_secondary", "2021"),
}


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Indicators of pupils' social situation by département; the year is that of the start of the school year."""
    path = paths[0]
    published = read_csv(path)
    require_columns(published, ("dep", *_INDICATORS), path.name)
    codes = territories.parse_series(published["dep"], level="departement")
    parts = (
        pd.DataFrame(
            {
                "territory": codes,
                "period": period,
                "indicator": indicator,
                "value": numbers(published[column], path.name),
            }
        )
        for column, (indicator, period) in _INDICATORS.items()
    )
    return figures(pd.concat(parts, ignore_index=True))


_PORTAL = "https://data.education.gouv.fr"
_IPS = ("rentree_scolaire", "code_du_departement", "ips_departemental")
_ELSEWHERE = ("975", "977", "978", "986", "987", "988")
"""Collectivities that are no départements."""


def _table(dataset: str) -> Table:
    """The mean of each département and school year, once: the table has a row a school."""
    return Table(_PORTAL, dataset, select=",".join(_IPS), group_by=",".join(_IPS), period=_IPS[0])


def _mean(indicator: str) -> Tidy:
    """The social position index as DEPP averages it over a département; codes have three characters (``001``)."""
    return Tidy(
        territory=_IPS[1],
        shape=r"0?(\w{2,3})",
        codes=dict.fromkeys(_ELSEWHERE),
        period=_IPS[0],
        form=year,
        measures={_IPS[2]: indicator},
    )


DATASETS = (
    Dataset(
        name="education/pupils_social_situation",
        producer="Ministère de l'Éducation nationale (DEPP)",
        title="IPS des écoles et collèges 2022, boursiers 2020, ségrégation sociale des collèges 2021",
        url="https://data.education.gouv.fr/explore/dataset/fr-en-indicateur_segregation_sociale_colleges/",
        licence=LICENCE_OUVERTE,
        vintage="2020-2022",
        perimeter="101 départements; public and State-contracted private schools",
        files=("education_dep__ips2022_boursiers2020_segregation2021.csv",),
        load=load,
        quality="reused",
        remote=Remote(
            (_table("fr-en-ips-ecoles-ap2022"), _table("fr-en-ips-colleges-ap2023")),
            Each((_mean("index_social_position_primary"), _mean("index_social_position_lower_secondary"))),
            _IPS,
            keeps=True,
        ),
        notes=(
            "Brought together by a re-user from three DEPP datasets; how schools are averaged is the re-user's choice.",
            "The share of scholarship holders divides the holders of 2020 by the pupils of 2022: approximate.",
        ),
    ),
)
