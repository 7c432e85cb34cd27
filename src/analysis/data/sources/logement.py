"""Housing, from four producers, in tables that re-users put together: rents, long vacancy, permits, social demand.

Rents are predictions of a model fitted on advertisements (ANIL), averaged over communes by the re-user: they are marked
as modelled. Long vacancy (LOVAC) is read up to 2023 only: the re-user's 2024 figures add up communes whose small numbers
are secret, and miss a quarter of the dwellings. Demand for social housing was copied by hand from a re-user. House prices
are left to those who need them: prices say little of the poor.

First step of the way of the data: published file in, tidy figures out. Nothing is divided or summed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, once, require_columns
from analysis.foundations.connectors.datagouv import Resource
from analysis.foundations.connectors.dido import Dido
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_NATIONAL = "00FR"
"""Row that the re-user adds for France: its counts hold more than the sum of the 96 metropolitan départements."""


def _wide(path: Path, key: str, columns: Mapping[str, tuple[str, str]], national: str = "") -> pd.DataFrame:
    """Columns of a table of départements as figures: ``columns`` gives each its indicator and period."""
    published = read_csv(path)
    require_columns(published, [key, *columns], path.name)
    once(published, [key], path.name)
    country = published[key] == _NATIONAL
    codes = territories.parse_series(published.loc[~country, key], level="departement")
    parts = [
        pd.DataFrame(
            {
                "territory": codes,
                "period": period,
                "indicator": indicator,
                "value": numbers(published[name], path.name),
            }
        )
        for name, (indicator, period) in columns.items()
    ]
    long = pd.concat(parts)
    long["territory"] = long["territory"].fillna(national)
    return long[long["territory"] != ""].reset_index(drop=True)


# -------------------------------------------------------------------------------------------------------------- rents

_RENTS = {
    "logl_app_m2_22": ("amount_rent_apartment_eur_m2", "2022"),
    "logl_app_m2_25": ("amount_rent_apartment_eur_m2", "2025"),
    "logl_app12_m2_22": ("amount_rent_small_apartment_eur_m2", "2022"),
    "logl_app12_m2_25": ("amount_rent_small_apartment_eur_m2", "2025"),
    "logl_mai_m2_22": ("amount_rent_house_eur_m2", "2022"),
    "logl_mai_m2_25": ("amount_rent_house_eur_m2", "2025"),
}


def load_rents(paths: Sequence[Path]) -> pd.DataFrame:
    """Advertised rents per m² predicted by ANIL's model: apartments, small apartments, houses; 2022 and 2025."""
    return figures(_wide(paths[0], "code", _RENTS, national="FR"), state="modelled")


_RENTED = {
    "app": "amount_rent_apartment_eur_m2",
    "app12": "amount_rent_small_apartment_eur_m2",
    "mai": "amount_rent_house_eur_m2",
}
_MAP = "carte-des-loyers-indicateurs-de-loyers-dannonce-par-commune-en"


def load_rent_maps(paths: Sequence[Path]) -> pd.DataFrame:
    """The same from the producer's maps of communes, weighted by their advertisements: the mean of what was advertised."""
    parts = []
    for path in paths:
        kind, year = path.stem.split("_")
        table = read_csv(path, ";")
        require_columns(table, ("DEP", "loypredm2", "nbobs_com"), path.name)
        codes = territories.parse_series(table["DEP"], level="departement")
        weight = numbers(table["nbobs_com"], path.name)
        sums = (
            pd.DataFrame({"rent": weight * numbers(table["loypredm2"], path.name), "ads": weight})
            .groupby(codes)
            .sum()
        )
        mean = (sums["rent"] / sums["ads"].where(sums["ads"] > 0)).round(4)
        parts.append(
            pd.DataFrame(
                {"territory": mean.index, "value": mean.array, "period": year, "indicator": _RENTED[kind]}
            )
        )
    return figures(pd.concat(parts, ignore_index=True), state="modelled")


# ------------------------------------------------------------------------------------------------- vacancy and permits


def _yearly(path: Path, column: str, indicator: str) -> pd.DataFrame:
    """A column of the yearly table, without its empty cells."""
    published = read_csv(path)
    require_columns(published, ["code", "annee", column], path.name)
    rows = published[published[column] != ""]
    once(rows, ["code", "annee"], path.name)
    codes = territories.parse_series(rows["code"], level="departement", drop=[_NATIONAL])
    rows = rows.loc[codes.index]
    return pd.DataFrame(
        {
            "territory": codes,
            "period": rows["annee"],
            "indicator": indicator,
            "value": numbers(rows[column], path.name),
        }
    )


_LAST_LOVAC = "2023"
"""From the next year on, the re-user adds up communes and loses those under secrecy."""


def load_vacancy(paths: Sequence[Path]) -> pd.DataFrame:
    """Share of private dwellings vacant for two years or more, by département, until 2023."""
    rows = _yearly(paths[0], "vac2ans_pct", "share_private_dwellings_vacant_2_years")
    return figures(rows[rows["period"] <= _LAST_LOVAC])


def load_permits(paths: Sequence[Path]) -> pd.DataFrame:
    """Dwellings authorised by building permits in the year, by département."""
    return _once_in_mayotte(_yearly(paths[0], "logaut", "count_dwellings_authorised"))


def _once_in_mayotte(rows: pd.DataFrame) -> pd.DataFrame:
    """The figures without the zeros of Mayotte, which stand for years that have none."""
    return figures(rows[~((rows["territory"] == "976") & (rows["value"] == 0))])


_PERMITS = Tidy(
    territory="DEPARTEMENT_CODE",
    period="ANNEE",
    filters={"TYPE_LGT": ("Tous Logements",)},
    measures={"LOG_AUT": "count_dwellings_authorised"},
    then=_once_in_mayotte,
)


_COUNTS = Tidy(
    territory="DEP",
    period="period",
    form=lambda text: f"20{text}",
    wide=r"\s*(?P<measure>ff_pp_total|pp_vacant_plus_2ans)_(?P<period>\d\d)\s*",
    series=("measure",),
    value="value",
    measures={"ff_pp_total": "dwellings", "pp_vacant_plus_2ans": "vacant"},
)


def load_vacancy_counts(paths: Sequence[Path]) -> pd.DataFrame:
    """The same from the producer's own counts, of all editions, none added up from communes: a masked count has no share."""
    counts = _COUNTS(paths).set_index(["territory", "period", "indicator"])[["value", "state"]].unstack()
    share = (100 * counts["value", "vacant"] / counts["value", "dwellings"]).rename("value").round(4)
    rows = share.to_frame().assign(
        state=counts["state", "vacant"], indicator="share_private_dwellings_vacant_2_years"
    )
    return figures(rows.reset_index())


# ------------------------------------------------------------------------------------------------------ social demand


def load_social_demand(paths: Sequence[Path]) -> pd.DataFrame:
    """Pending applications for social housing per allocation of the year, by département."""
    years = [name for name in read_csv(paths[0]).columns if name != "dep"]
    if bad := [name for name in years if not (name[0] == "t" and name[1:].isdigit() and len(name) == 5)]:
        raise SourceError(f"{paths[0].name}: columns {bad} found, a year such as t2016 expected")
    columns = {name: ("ratio_social_applications_per_allocation", name[1:]) for name in years}
    rows = _wide(paths[0], "dep", columns)
    return figures(rows[rows["value"].notna()])


DATASETS = (
    Dataset(
        name="logement/rents",
        producer="ANIL (carte des loyers)",
        title="Indicateurs de loyers d'annonce (moyennes par département d’un réutilisateur)",
        url="https://www.data.gouv.fr/fr/datasets/carte-des-loyers-indicateurs-de-loyers-dannonce-par-commune-en-2024/",
        licence=LICENCE_OUVERTE,
        vintage="2022 and 2025",
        perimeter="96 metropolitan départements, France; private lettings, charges included",
        files=("ottd_agg_exdlog_dep.csv",),
        load=load_rents,
        quality="reused",
        remote=Remote(
            tuple(
                Resource(dataset, rf"pred.{kind}.mef.dhup", f"{kind}_{name}.csv", since)
                for dataset, name, since in (
                    (f"{_MAP}-2022", "2022", 0),
                    (f"{_MAP}-{{year}}", "{edition}", 2025),
                )
                for kind in _RENTED
            ),
            load_rent_maps,
            (
                "id_zone",
                "INSEE_C",
                "LIBGEO",
                "EPCI",
                "DEP",
                "REG",
                "TYPPRED",
                "loypredm2",
                "lwr.IPm2",
                "upr.IPm2",
                "R2_adj",
                "nbobs_com",
                "nbobs_mail",
            ),
            tolerance=0.1,
            described={
                "perimeter": "départements; private lettings, charges included",
                "notes": (
                    "Predictions of a model for a typical dwelling of each commune; means weighted here by the number of "
                    "advertisements of each commune, in 2022 as in the newest year.",
                ),
            },
        ),
        notes=(
            "Predictions of a model for a typical dwelling of each commune; the re-user does not say how communes are "
            "weighted in the mean of a département.",
            "Vacancy, permits and prices of the same file are left out: the first misses communes under secrecy, the "
            "second is in logement/permits, the third is of no use here.",
        ),
    ),
    Dataset(
        name="logement/vacancy",
        producer="DHUP, Cerema (LOVAC)",
        title="Logements vacants du parc privé depuis deux ans ou plus (repris par un réutilisateur)",
        url="https://www.data.gouv.fr/fr/datasets/logements-vacants-du-parc-prive-en-france-et-par-commune-departement-region/",
        licence=LICENCE_OUVERTE,
        vintage="LOVAC 2020 – 2023",
        perimeter="101 départements; private dwellings, from tax files",
        files=("ottd_series_logement_dep.csv",),
        load=load_vacancy,
        quality="reused",
        remote=Remote(
            (Resource("61816c6e23197bb34835228e", r"lovac.opendata.departements?(\d\d)", "lovac.csv"),),
            load_vacancy_counts,
            described={
                "title": "Logements vacants du parc privé (LOVAC), par département",
                "breaks": (
                    "2025, 2026: another chain of production: 3.69, 2.38 and 3.16 million vacant dwellings in editions 24 "
                    "to 26; those vacant for two years or more move less",
                ),
                "notes": (
                    "Tax files count as vacant dwellings that are not fit to live in; in Mayotte they are incomplete.",
                ),
            },
        ),
        notes=(
            "2024 is left out: the re-user's sum of communes (851,917 dwellings in France) misses those "
            "under secrecy (1,154,436 are published); weighted by the stock, 2020 to 2023 are at the 3.5 % published.",
            "Tax files count as vacant dwellings that are not fit to live in; in Mayotte they are incomplete (30 % in "
            "2023 after 15 % in 2022).",
        ),
    ),
    Dataset(
        name="logement/permits",
        producer="SDES (SITADEL)",
        title="Logements autorisés par an et par département (repris par un réutilisateur)",
        url="https://www.statistiques.developpement-durable.gouv.fr/",
        licence=LICENCE_OUVERTE,
        vintage="2011 – 2024",
        perimeter="100 départements, Mayotte from 2014; dwellings authorised in the year",
        files=("ottd_series_logement_dep.csv",),
        load=load_permits,
        remote=Remote(
            connectors=(Dido("a0ae7112-5184-4ad7-842d-87b09fd27df1"),),
            load=_PERMITS,
            columns=("DEPARTEMENT_LIBELLE", "LOG_COM", "SDP_AUT", "SDP_COM"),
            keeps=True,
            described={"perimeter": "101 départements, Mayotte from 2014; dwellings authorised in the year"},
        ),
        quality="reused",
        notes=(
            "Dwellings started (logcom) are left out: building sites that are not declared make them fall short, all the "
            "more so in recent years.",
            "Zeros of Mayotte before 2014 are read as no data.",
        ),
    ),
    Dataset(
        name="logement/social_demand",
        producer="Système national d'enregistrement de la demande de logement social (SNE)",
        title="Tension de la demande de logement social (recopié d’un réutilisateur)",
        url="https://www.demande-logement-social.gouv.fr/",
        licence=LICENCE_OUVERTE,
        vintage="2015 – 2025",
        perimeter="100 départements (without Mayotte)",
        files=("sne_tension_2015_2025__*.csv",),
        load=load_social_demand,
        quality="hand_copied",
        notes=(
            "Copied by hand: the medians (2.80 in 2016, 5.15 in 2025) are those that the re-user publishes, and Hauts-de-"
            "Seine in 2022 is what its applications and allocations give (116,228 ÷ 11,357 = 10.2).",
        ),
    ),
)
