"""ANCT: France services, how many and where they are; the share of long-term job seekers in its observatory of territories.

The list has a row for each place, antennas among them: an antenna belongs to a place of the list and is not one more of
them, as the barometer of public action counts. A place is counted in the département that files it, where its bus goes,
wherever its postal address is. Addresses say where the people of a commune or an EPCI are, near enough for a drawing: they
are used for nothing else. First step of the way of the data: published file in, tidy tables out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.tidy import require_known
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, once, require_columns
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


_COLUMNS = ("insee_com", "latitude", "longitude")
_CITIES = {ward: city for city, wards in territories.WARDS.items() for ward in wards}


def load_places(paths: Sequence[Path]) -> pd.DataFrame:
    """The middle of the France services of each commune that has some: ``commune``, ``longitude``, ``latitude``, ``places``.

    Traps: a bus of another département has its address in Rouen, so communes are read; arrondissements of Paris, Lyon and
    Marseille are their city; two places are in Saint-Martin, which is no département; antennas count, as they are in a
    place too.
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


def load_long_term(paths: Sequence[Path]) -> pd.DataFrame:
    """The share of those registered for a year or more among job seekers, by département, at two dates."""
    path = paths[0]
    published = read_csv(path)
    require_columns(published, ("codgeo", "year0", "value0", "year1", "value1"), path.name)
    codes = territories.parse_series(published["codgeo"], level="departement")
    dates = []
    for i in (0, 1):
        shares = numbers(published[f"value{i}"], path.name)
        dates.append(pd.DataFrame({"territory": codes, "period": published[f"year{i}"], "value": shares}))
    return figures(pd.concat(dates, ignore_index=True).assign(indicator="share_job_seekers_long_term"))


DATASETS: tuple[Dataset, ...] = (
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
            "The bus 1820 has its address in Rouen (76540): it counts in Eure, where it is filed, as in the barometer.",
        ),
    ),
    Dataset(
        name="anct/france_services_places",
        producer="ANCT",
        title="Liste des structures France services : positions par commune",
        url="https://www.data.gouv.fr/fr/datasets/liste-des-structures-france-services/",
        licence=LICENCE_OUVERTE,
        vintage="2024-08-01",
        perimeter="communes that have a France services, in the 101 départements",
        files=("liste-fs-20??????_sans_contacts.csv",),
        load=load_places,
        quality="reused",
        kind="table",
        notes=("For drawings only: where a territory is, as the middle of its France services.",),
    ),
    Dataset(
        name="anct/long_term_job_seekers",
        producer="ANCT, d’après Pôle emploi et la Dares",
        title="Part des demandeurs d’emploi de longue durée, par département (carte de l’Observatoire des territoires)",
        url="https://www.observatoire-des-territoires.gouv.fr/",
        licence=LICENCE_OUVERTE,
        vintage="2013 and 2017",
        perimeter="100 départements (Mayotte is blank)",
        files=("carte_2_4.csv",),
        load=load_long_term,
        quality="reused",
        notes=(
            "The file says neither which categories it counts nor in which month. Weighted by the job seekers of categories "
            "A, B and C of December 2013, it gives 40.8 % of metropolitan France; over 2 million of 4.9 were published.",
        ),
    ),
)
