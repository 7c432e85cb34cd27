"""ANCT: France services places, and the share of long-term job seekers in its observatory of territories.

The list of places has a row for each, antennas among them: an antenna belongs to a place of the list and is not one more of
them, as the barometer of public action counts. A place is of the département that the list files it under, where its bus
goes, wherever its postal address is. First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.tidy import require_known
from analysis.foundations import territories
from analysis.foundations.cells import figures, once, require_columns
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_KINDS = {"Principal": "count_france_services", "Antenne": "count_france_services_antennas"}
_NOT_DEPARTEMENTS = ("978",)
"""Saint-Martin, a collectivity of its own."""


def load_france_services(paths: Sequence[Path]) -> pd.DataFrame:
    """France services places, and antennas of theirs, by département, in the month that the name of the list gives."""
    path = paths[0]
    if not (day := re.search(r"(20\d\d)(\d\d)\d\d", path.name)):
        raise SourceError(f"{path.name}: expected a name such as liste-fs-20240801.csv, which gives the day")
    published = read_csv(path)
    require_columns(published, ("id_fs", "insee_dep", "type_fs"), path.name)
    once(published, ["id_fs"], path.name)
    require_known(published["type_fs"], _KINDS, path.name)
    codes = territories.parse_series(published["insee_dep"], level="departement", drop=_NOT_DEPARTEMENTS)
    counts = pd.crosstab(codes, published.loc[codes.index, "type_fs"].map(_KINDS))
    counts = counts.reindex(columns=list(_KINDS.values()), fill_value=0).astype("float64")
    long = counts.rename_axis("territory").reset_index().melt("territory", var_name="indicator")
    return figures(long.assign(period=f"{day[1]}-{day[2]}"))


DATASETS = (
    Dataset(
        name="anct/france_services",
        producer="Agence nationale de la cohésion des territoires (ANCT)",
        title="Liste des France services",
        url="https://www.data.gouv.fr/fr/datasets/liste-des-structures-france-services/",
        licence=LICENCE_OUVERTE,
        vintage="1 August 2024",
        perimeter="101 départements; places open on the day of the list",
        files=("liste-fs-20??????_sans_contacts.csv",),
        load=load_france_services,
        quality="reused",
        notes=(
            "2,845 rows: 2,721 places, of which 2 in Saint-Martin are left out, and 124 antennas of theirs.",
            "Continues the barometer of public action: the places of the list that were accredited by December 2022 are as "
            "many as in the barometer in 76 of 101 départements, 2,536 for 2,549 in all; with the antennas, in 50.",
            "The bus 1820 has its address in Rouen (76540): it is counted in Eure, where it is filed, as the barometer does.",
        ),
    ),
)
