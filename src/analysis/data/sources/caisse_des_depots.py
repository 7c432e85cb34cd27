"""Caisse des Dépôts: dwellings and social dwellings by département, from two publications that overlap.

One row a département and year of publication gathers figures of several producers and years, which the file does not
tell apart. They are set back to the year they describe, which was found by comparison with the producers' own numbers:
the census of three years before (INSEE), the stock of social dwellings on 1 January of the year before (RPLS, SDES).
What the file gets wrong is handled here: rows that repeat an older census, zeros that mean no data. Two départements that
are exchanged in one publication are left so: the register of corrections puts them back. Its columns of unemployment and
poverty are left out (poverty labelled 2022 and 2023 is that of 2020); so are those whose meaning or year could not be
established.

First step of the way of the data: published file in, tidy figures out. Nothing is divided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, once, require_columns
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.published import read_csv


@dataclass(frozen=True)
class Column:
    """An indicator, its heading (or a label of the same letters), and how many years before the publication it describes."""

    indicator: str
    heading: str
    years_before: int


_CENSUS, _STOCK, _POPULATION = 3, 1, 0

_COLUMNS = (
    Column("count_dwellings", "nombre_de_logements", _CENSUS),
    Column("count_main_residences", "nombre_de_residences_principales", _CENSUS),
    Column("share_dwellings_vacant", "taux_de_logements_vacants_en", _CENSUS),
    Column("share_dwellings_houses", "taux_de_logements_individuels_en", _CENSUS),
    Column("count_social_dwellings", "parc_social_nombre_de_logements", _STOCK),
    Column("share_social_dwellings_vacant", "parc_social_taux_de_logements_vacants_en", _STOCK),
    Column("amount_social_rent_eur_m2", "parc_social_loyer_moyen_en_eur_m2_mois", _STOCK),
    Column("share_social_dwellings_efg", "parc_social_taux_de_logements_energivores_e_f_g_en", _STOCK),
    Column("ratio_population_density", "densite_de_population_au_km2", _POPULATION),
)
_OF_CENSUS = [column.indicator for column in _COLUMNS if column.years_before == _CENSUS]
_KEY = ["territory", "year"]

_TRUNCATED = 2019
"""Publication whose whole percentages are cut, not rounded: 14,9 is printed 14."""


def _publication(path: Path, headings: dict[str, str], year: str) -> pd.DataFrame:
    """One publication with our names; the geometry is not read, the row ``00`` without figures is left out."""
    published = read_csv(path, ";")
    published = published.loc[:, ~published.columns.str.contains("geom")]
    require_columns(published, [year, "code_departement", *headings], path.name)
    codes = territories.parse_series(published["code_departement"], level="departement", drop=["00"])
    rows = published.loc[codes.index, list(headings)].apply(numbers, where=path.name)
    return rows.rename(columns=headings).assign(
        territory=codes, year=published.loc[codes.index, year].astype("int")
    )


def _latest(paths: Sequence[Path]) -> pd.DataFrame:
    """Each year in its latest publication."""
    headings = {c.heading: c.indicator for c in _COLUMNS}
    every = [_publication(path, headings, "annee_publication") for path in paths]
    for path, rows in zip(paths, every, strict=True):
        once(rows, _KEY, path.name)
    return pd.concat(every, ignore_index=True).drop_duplicates(_KEY, keep="last").reset_index(drop=True)


def _repeats_census(rows: pd.DataFrame) -> pd.Series:
    """Rows whose dwellings and main residences are, to the unit, those of an older publication of the département."""
    by_time = rows.sort_values("year")
    return by_time.duplicated(["territory", "count_dwellings", "count_main_residences"]).reindex(rows.index)


def _half_step(values: pd.Series) -> float | None:
    """Half the step to which a column of a publication is rounded: 0.5 or 0.05, or None when it is finer."""
    for decimals in (0, 1):
        if (values.round(6) == values.round(decimals)).all():
            return 0.5 * 10.0**-decimals
    return None


def _bounded(long: pd.DataFrame) -> pd.DataFrame:
    """Bounds of what is printed without decimals, or with one; counts are exact."""
    long = long.assign(lower=float("nan"), upper=float("nan"))
    printed = long[~long["indicator"].str.startswith("count_") & long["value"].notna()]
    for (indicator, year), values in printed.groupby(["indicator", "year"])["value"]:
        half = _half_step(values)
        if half is None:
            continue
        cut = year == _TRUNCATED and half == 0.5 and str(indicator).startswith("share_")
        long.loc[values.index, "lower"] = (values - (0 if cut else half)).clip(lower=0)
        long.loc[values.index, "upper"] = values + (2 * half if cut else half)
    return long


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Dwellings, social dwellings and density by département, each at the year that it describes."""
    rows = _latest(paths)
    repeats = set(map(tuple, rows.loc[_repeats_census(rows), _KEY].to_numpy()))
    long = rows.melt(id_vars=_KEY, var_name="indicator")
    old = [pair in repeats for pair in zip(long["territory"], long["year"], strict=True)]
    long = long[~(pd.Series(old, index=long.index) & long["indicator"].isin(_OF_CENSUS))]
    no_data = (long["indicator"] == "share_social_dwellings_efg") & (long["value"] == 0)
    long = _bounded(long.assign(value=long["value"].mask(no_data).round(6)))
    before = long["indicator"].map({c.indicator: c.years_before for c in _COLUMNS})
    notes = no_data.map({True: "zero_means_no_data", False: ""})
    return figures(long.assign(period=(long["year"] - before).astype("str"), note=notes))


DATASETS = (
    Dataset(
        name="caisse_des_depots/dwellings",
        producer="Caisse des Dépôts (Banque des Territoires), d’après Insee et SDES",
        title="Logements et logements sociaux dans les départements",
        url="https://opendata.caissedesdepots.fr/explore/dataset/logements-et-logements-sociaux-dans-les-departements/",
        licence=LICENCE_OUVERTE,
        vintage="publications 2018-2022 and 2021-2023: census 2015-2020, social dwellings 1 January 2017-2022",
        perimeter="100 départements (without Mayotte)",
        files=(
            "logements-et-logements-sociaux-dans-les-departements__*2018-2022.csv",
            "logements-et-logements-sociaux-dans-les-departements__*2021-2023.csv",
        ),
        load=load,
        remote=Remote(
            (
                Table(
                    "https://opendata.caissedesdepots.fr",
                    "logements-et-logements-sociaux-dans-les-departements",
                ),
            ),
            keeps=True,
        ),
        breaks=(
            "2021: share of social dwellings labelled E, F or G falls by a fifth in one publication (that of 2022), when "
            "the energy label was reformed (1 July 2021); the file does not say how the share is computed",
            "2022: the same share rises again by a seventh; figures before and after the reform cannot be compared",
            "2022: mean rent of social dwellings falls in this publication, where SDES publishes +0.9 %: the change "
            "from 2021 to 2022 is not to be read",
        ),
        notes=(
            "A year of publication holds the census of three years before and the social dwellings of 1 January of the "
            "year before: its totals are those of the producers (4,984,246 in metropolitan France on 1 January 2020).",
            "In the publication of 2023 the dwellings of 22, 29, 35, 56 and of the overseas départements repeat the "
            "census of 2017 to the unit: these rows are left out.",
            "In the publication of 2018 the social dwellings of Loir-et-Cher and Loiret are exchanged: put back by the "
            "register of corrections.",
            "A share of 0 % of energy-hungry social dwellings (overseas, Ariège) means that there are no data.",
            "Whole percentages of the publication of 2019 are cut instead of rounded: bounds say so.",
            "The year of the population behind the density is not given: the period is the year of publication.",
            "Left out: unemployment, poverty, population and its changes (other datasets hold them); construction "
            "(permits of one or two years before); lettings (impossible values in 2022), demolitions, sales; share of "
            "houses in social dwellings (another quantity in 2023); mean age of social dwellings (Guyane from 31 to 19).",
        ),
    ),
)
