"""Figures by commune, of several producers, which share their traps: what is added up inside départements, and nothing more.

INSEE's table of communes says in which EPCI each lies on 1 January 2025; ``ZZZZZZZZZ`` stands there for none (four islands).
Paris, Lyon and Marseille are printed beside their arrondissements (twice in a sum), or as these alone: they are kept once.
``s`` is secret, ``nd`` not available. Counts rounded to 5 print 0 for what may be up to 4, and are bounded so. Codes with
``X``, 975, 977, 978, 98 and 99 are of no commune of a département. Communes that have merged since keep the code under
which they were counted, in no EPCI.

First step of the way of the data: published file in, tidy figures out. Nothing is added up here (``analysis.data.inside``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, LICENCE_OUVERTE, Dataset
from analysis.data.sources.insee.wide import FLOOR, mark_bottom_coded, melt, read_csv
from analysis.foundations import territories
from analysis.foundations.cells import figures, once, require_columns
from analysis.foundations.levels import COMMUNE
from analysis.foundations.limits import SourceError, read_bytes_limited
from analysis.foundations.published import read_parquet, text_of

_NOWHERE, _UNPLACED = ("975", "977", "978", "98", "99"), "X"
_IN_NO_EPCI = "ZZZZZZZZZ"
_STEP = 5
_CITY = {ward: city for city, wards in territories.WARDS.items() for ward in wards}


def _communes(frame: pd.DataFrame, code: str, where: str) -> pd.DataFrame:
    """The rows of communes, each city once, with their codes in ``commune``; what is no code of one is refused."""
    require_columns(frame, (code,), where)
    labels = frame[code].astype("str")
    frame = frame[~(labels.str.startswith(_NOWHERE) | labels.str.endswith(_UNPLACED))]
    read = [territories.parse_commune(label) for label in frame[code]]
    frame = frame.assign(commune=[one for one, _ in read])
    there = set(frame["commune"])
    frame = frame[[_CITY.get(one) not in there for one in frame["commune"]]]
    return frame


def _tidy(
    frame: pd.DataFrame, columns: Mapping[str, str], period: str, where: str, step: float = 0
) -> pd.DataFrame:
    """Figures of communes, arrondissements added up to their city; a count rounded to ``step`` has bounds."""
    rows = melt(frame, frame["commune"], columns, period, where).assign(note="")
    rows["territory"] = rows["territory"].replace(_CITY)
    rows["lower"], rows["upper"] = float("nan"), float("nan")
    if step:
        nothing = rows["value"].eq(0)
        rows["lower"] = (rows["value"] - step / 2).clip(lower=0)
        rows["upper"] = (rows["value"] + step / 2).mask(nothing, step - 1)
    wards = rows["territory"].isin(territories.WARDS) & rows.duplicated(
        ["territory", "indicator"], keep=False
    )
    amounts = dict.fromkeys(("value", "lower", "upper"), "sum") | {"state": "first", "note": "first"}
    cities = rows[wards].groupby(["territory", "period", "indicator"], as_index=False).agg(amounts)
    rows = pd.concat([rows[~wards], cities], ignore_index=True)
    once(rows, ["territory", "indicator"], where)
    return rows


def load_table(paths: Sequence[Path]) -> pd.DataFrame:
    """In which EPCI, and in which département, each commune lies."""
    (path,) = paths
    frame = read_csv(path)
    require_columns(frame, ("codgeo", "libgeo", "epci", "dep"), path.name)
    once(frame, ["codgeo"], path.name)
    known = {*territories.of_level("epci"), _IN_NO_EPCI}
    if new := sorted(set(frame["epci"]) - known):
        raise SourceError(
            f"{path.name}: EPCI {new[0]} is not in territories_epci.csv; bring that table up to date"
        )
    read = [territories.parse_commune(code) for code in frame["codgeo"]]
    if wrong := [code for (code, where), dep in zip(read, frame["dep"], strict=True) if where != dep]:
        raise SourceError(f"{path.name}: commune {wrong[0]} is not in the département of its code")
    return pd.DataFrame(
        {"commune": [code for code, _ in read], "name": frame["libgeo"].str.replace("'", "’"),
         "epci": frame["epci"].replace(_IN_NO_EPCI, ""), "departement": frame["dep"], "since": "2025-01-01"}
    ).sort_values("commune", ignore_index=True)  # fmt: skip


def load_poverty(paths: Sequence[Path]) -> pd.DataFrame:
    """People in tax households, and the share of them below 60 % of the median, in whole percent, in 2021."""
    (path,) = paths
    frame = _communes(read_csv(path, ";"), "CODGEO", path.name)
    columns = {"NBPERSMENFISC21": "count_persons_fiscal", "TP6021": "rate_poverty_60"}
    rows = _tidy(frame, columns, "2021", path.name)
    rate = rows["indicator"].eq("rate_poverty_60") & rows["value"].notna()
    if (rate & rows["value"].mod(1).ne(0)).any():
        raise SourceError(
            f"{path.name}, column TP6021: expected whole percents; bounds rest on their rounding"
        )
    coded = mark_bottom_coded(rows)  # « 5,0 » stands for 5.49 too
    coded["upper"] = coded["upper"].mask(rate, rows["value"] + 0.5)
    coded["lower"] = coded["lower"].mask(rate & rows["value"].gt(FLOOR), rows["value"] - 0.5)
    return figures(coded)


def load_census(paths: Sequence[Path]) -> pd.DataFrame:
    """Municipal population in 2022."""
    (path,) = paths
    frame = _communes(read_parquet(path), "code", path.name)
    return figures(_tidy(frame, {"population": "count_population_municipal"}, "2022", path.name))


def load_job_seekers(paths: Sequence[Path]) -> pd.DataFrame:
    """Registered job seekers, in a file that bears no date: the column ``population`` holds them."""
    (path,) = paths
    try:
        frame = pd.DataFrame(json.loads(text_of(read_bytes_limited(path), path.name)))
    except ValueError as error:
        raise SourceError(f"{path.name}: not the list of communes that was expected ({error})") from error
    columns = {"population": "count_job_seekers_communes"}
    rows = _tidy(_communes(frame, "insee", path.name), columns, "2025-04", path.name, _STEP)
    return figures(rows.assign(note="undated"))


def load_rsa(paths: Sequence[Path]) -> pd.DataFrame:
    """Households and people with RSA and no activity bonus, under CAF alone, in December 2020."""
    (path,) = paths
    frame = read_csv(path, ";")
    require_columns(frame, ("Date référence", "RSA ou PPA"), path.name)
    if set(frame["RSA ou PPA"]) != {"RSA seul"} or set(frame["Date référence"]) != {"2020-12"}:
        raise SourceError(
            f"{path.name}: expected « RSA seul » in 2020-12 alone; anything else is another figure"
        )
    columns = {
        "Nombre foyers RSA_PPA": "count_rsa_only_households_caf",
        "Nombre personnes RSA_PPA": "count_rsa_only_people_caf",
    }
    frame = _communes(frame, "Numéro commune", path.name)
    return figures(_tidy(frame, columns, "2020-12", path.name, _STEP))


_CITIES_ONCE = "Paris, Lyon and Marseille are counted once, as cities; arrondissements are left out, or added up to them."

DATASETS = (
    Dataset(
        name="insee/communes",
        producer="INSEE",
        title="Communes, EPCI et départements (code officiel géographique)",
        url="https://www.insee.fr/fr/information/2510634",
        licence=INSEE_REUSE,
        vintage="1 January 2025",
        perimeter="34,875 communes, 1,253 EPCI, 101 départements",
        files=("seed_insee_epci_commune.csv",),
        load=load_table,
        quality="reused",
        kind="table",
        compressed=True,
        notes=(
            "Four islands are in no EPCI (ZZZZZZZZZ, the 1,254th code of the file); 89 EPCI lie in several départements.",
        ),
    ),
    Dataset(
        name="insee/filosofi_2021_communes",
        producer="INSEE",
        title="Filosofi 2021 : personnes des ménages fiscaux et taux de pauvreté par commune",
        url="https://www.insee.fr/fr/statistiques/7756729",
        licence=INSEE_REUSE,
        vintage="2021",
        perimeter="98 départements (no 971, 973, 976); the poverty rate of 4,352 communes of 34,864, 73 % of people",
        files=("cc_filosofi_2021_COM.csv",),
        load=load_poverty,
        compressed=True,
        level=COMMUNE.key,
        notes=(
            "Rates are printed in whole percent, and bottom-coded: 5 stands for all up to 5.5; most are secret.",
            _CITIES_ONCE,
        ),
    ),
    Dataset(
        name="insee/census_2022_communes",
        producer="INSEE",
        title="Recensement 2022 : population municipale par commune",
        url="https://www.insee.fr/fr/statistiques/8268806",
        licence=INSEE_REUSE,
        vintage="census 2022",
        perimeter="34,848 communes in 100 départements (no Mayotte)",
        files=("rp_2022_commune.parquet",),
        load=load_census,
        quality="reused",
        compressed=True,
        level=COMMUNE.key,
        notes=(
            "Its rates by age, unemployment, occupation and diploma are not read: blanks among them are not told from "
            "zeros, what most are over is not given, and those of small communes are noise.",
        ),
    ),
    Dataset(
        name="gip_inclusion/job_seekers_communes",
        producer="France Travail",
        title="Demandeurs d’emploi par commune",
        url="https://github.com/gip-inclusion",
        licence=LICENCE_OUVERTE,
        vintage="undated, April 2025 at the latest",
        perimeter="101 départements; categories not said: at the median 1.1 % below A, B and C of 2024-Q4",
        files=("population.json",),
        load=load_job_seekers,
        quality="reused",
        compressed=True,
        level=COMMUNE.key,
        notes=("The column is named population and holds job seekers, rounded to 5.", _CITIES_ONCE),
    ),
    Dataset(
        name="cnaf/rsa_communes_2020",
        producer="Caisse nationale des allocations familiales (CNAF)",
        title="Foyers et personnes percevant le RSA seul, par commune",
        url="https://data.caf.fr/",
        licence=LICENCE_OUVERTE,
        vintage="December 2020",
        perimeter="communes of 101 départements; CAF alone, without MSA; RSA without the activity bonus",
        files=("rsa_touche.csv",),
        load=load_rsa,
        quality="reused",
        compressed=True,
        level=COMMUNE.key,
        notes=(
            "A distribution, never a level: 0.74 of the households that DREES counts on average, 0.56 in Lozère, 0.86 in "
            "Seine-Saint-Denis.",
            "Rounded to 5; 13,014 of 34,733 rows print 0, which may be up to 4.",
        ),
    ),
)
