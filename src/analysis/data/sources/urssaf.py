"""Urssaf: salaried jobs of the private sector, by département and year, in a table put together by a re-user.

The table is already tidy; what this module must not do is pass its figures off as total employment (that is INSEE's) or
as full-time equivalents. First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, once, require_columns
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Private salaried jobs by département and year; the years a département lacks have no row."""
    path = paths[0]
    published = read_csv(path)
    require_columns(published, ("code", "year", "eff_total"), path.name)
    rows = pd.DataFrame(
        {
            "territory": territories.parse_series(published["code"], level="departement"),
            "period": published["year"],
            "indicator": "count_private_jobs",
            "value": numbers(published["eff_total"], path.name),
        }
    )
    if (empty := rows["value"].isna()).any():
        raise SourceError(
            f"{path.name}: no number of jobs on row {int(rows.index[empty][0]) + 2}; one is expected"
        )
    once(rows, ["territory", "period"], path.name)
    return figures(rows)


_SECTORS = Tidy(
    territory="code_departement",
    period="period",
    wide=r"(?P<measure>effectifs_salaries|nombre_d_etablissements)_(?P<period>\d{4})",
    series=("measure",),
    value="value",
    measures={"effectifs_salaries": "count_private_jobs"},
    sums=True,
)
"""Sectors and sizes are added up; there is one more column each year, and decimals from 2022."""

DATASETS = (
    Dataset(
        name="urssaf/private_jobs",
        producer="Urssaf",
        title="Effectifs salariés du secteur privé, par département (repris par un réutilisateur)",
        url="https://open.urssaf.fr/",
        licence=LICENCE_OUVERTE,
        vintage="2014 – 2024",
        perimeter="100 départements (without Mayotte); private employers, without agriculture; jobs at the place of work",
        files=("urssaf_effectifs_prive_dep_2014_2024__ottd.csv",),
        load=load,
        quality="reused",
        remote=Remote(
            (
                Table(
                    "https://open.urssaf.fr",
                    "nombre-detablissements-employeurs-et-effectifs-salaries-du-secteur-prive-par-dep",
                ),
            ),
            _SECTORS,
            (
                "departement",
                "ancienne_region",
                "region",
                "grand_secteur_d_activite",
                "code_departement",
                "code_ancienne_region",
                "code_region",
                "tranche_d_effectif",
            ),
            described={
                "title": "Nombre d’établissements employeurs et effectifs salariés du secteur privé, par département",
                "notes": ("On 31 December; sectors and sizes of establishments are added up here.",),
            },
        ),
        notes=(
            "The file does not say at which date of the year jobs are counted. Savoie loses 14 % in 2020 and gains 20 % "
            "in 2021: ski stations were closed in December 2020, which points to 31 December.",
        ),
    ),
)
