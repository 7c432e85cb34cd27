"""ANCT: France services, where they are.

Their places say where the people of a commune or an EPCI are, near enough for a drawing: that is all that they are used for
here. Loaders read the published file and return tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.foundations import territories
from analysis.foundations.cells import numbers, require_columns
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_COLUMNS = ("insee_com", "latitude", "longitude")
_CITIES = {ward: city for city, wards in territories.WARDS.items() for ward in wards}


def load_places(paths: Sequence[Path]) -> pd.DataFrame:
    """The middle of the France services of each commune that has some: ``commune``, ``longitude``, ``latitude``, ``places``.

    Traps: the column of départements is wrong for one of Rouen, so that of communes is read; arrondissements of Paris, Lyon
    and Marseille are their city; two places are in Saint-Martin, which is no département; antennas count, as they are in a place too.
    """
    frame = read_csv(paths[0])
    require_columns(frame, _COLUMNS, paths[0].name)
    frame["commune"] = frame["insee_com"].map(_commune)
    frame = frame[frame["commune"] != ""]
    for name, limit in (("latitude", 90), ("longitude", 180)):
        frame[name] = numbers(frame[name], paths[0].name)
        if (wrong := frame[name].isna() | (frame[name].abs() > limit)).any():
            raise SourceError(
                f"{paths[0].name}: {name} {frame.loc[wrong, name].iloc[0]!r} is no place on Earth"
            )
    found = frame.groupby("commune").agg(
        longitude=("longitude", "mean"), latitude=("latitude", "mean"), places=("commune", "size")
    )
    rounded = {name: found[name].map("{:.4f}".format) for name in ("longitude", "latitude")}
    return found.assign(**rounded, places=found["places"].astype(str)).reset_index()


def _commune(code: object) -> str:
    """The code of a commune, a city for its arrondissements; empty for a place in no département."""
    try:
        commune, _ = territories.parse_commune(code)
    except territories.UnknownTerritory:
        return ""
    return _CITIES.get(commune, commune)


DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="anct/france_services_places",
        producer="ANCT",
        title="Liste des structures France services : positions par commune",
        url="https://www.data.gouv.fr/fr/datasets/liste-des-structures-france-services/",
        licence=LICENCE_OUVERTE,
        vintage="2024-08-01",
        perimeter="communes that have a France services, in the 101 départements",
        files=("liste-fs-????????_sans_contacts.csv",),
        load=load_places,
        quality="reused",
        kind="table",
        notes=("For drawings only: where a territory is, as the middle of its France services.",),
    ),
)
