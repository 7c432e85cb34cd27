"""INSEE census margins by département, reshaped by re-users: households, tenure, work, diplomas, age, DPE shares.

Three families of files that overlap. Shares come from the two that add up whole communes; the third adds up IRIS, leaves
out the communes that it could not match (two percent of Seine-Saint-Denis and of Maine-et-Loire), and is read only for
what the others lack: the number of households, childless couples, work by age, and the energy classes of the BDNB. The
row ``00FR`` holds France métropolitaine for shares and incomes, but a median of départements for population: its shares
are kept, its population is not. Counts of households by type or tenure are not published: only their total is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, Dataset
from analysis.data.sources.insee.tables import Table
from analysis.data.sources.insee.wide import melt, read_csv
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Each
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, require_columns
from analysis.foundations.limits import SourceError

_OWN_CODES = {"00FR": "France métropolitaine"}
_DICTIONARY = ("var", "long", "unit", "source", "formula", "periodes")
_MARGINS = {
    "2011": {
        "dmv_6579_seul_pct_11": "share_65_79_living_alone",
        "dmv_80p_seul_pct_11": "share_80_over_living_alone",
    },
    "2016": {
        "dmv_6579_seul_pct_16": "share_65_79_living_alone",
        "dmv_80p_seul_pct_16": "share_80_over_living_alone",
        "eco_txemp_1564_16": "rate_employment_census_15_64",
    },
    "2019": {
        "rev_txpauv_19": "rate_poverty_60",
        "rev_med_19": "amount_median_standard_of_living",
        "rev_d9_19": "amount_d9_standard_of_living",
        "rev_ird9d1_19": "ratio_d9_d1_standard_of_living",
        "rev_prestasoc_19": "share_income_social_benefits",
    },
    "2021": {
        "rev_txpauv_21": "rate_poverty_60",
        "rev_med_21": "amount_median_standard_of_living",
        "rev_d9_21": "amount_d9_standard_of_living",
        "rev_ird9d1_21": "ratio_d9_d1_standard_of_living",
        "rev_prestasoc_21": "share_income_social_benefits",
    },
    "2022": {
        "P22_POP": "count_population_municipal",
        "dmv_6579_seul_pct_22": "share_65_79_living_alone",
        "dmv_80p_seul_pct_22": "share_80_over_living_alone",
        "men_mono_pct_22": "share_households_lone_parent",
        "men_coupaenf_pct_22": "share_households_couple_with_children",
        "log_prop_pct_22": "share_households_owner",
        "log_loc_pct_22": "share_households_tenant",
        "log_vac_pct_22": "share_dwellings_vacant",
        "log_ressec_pct_22": "share_dwellings_secondary",
        "eco_txemp_1564_22": "rate_employment_census_15_64",
        "soc_txchom_1564_22": "rate_unemployment_census_15_64",
        "dsp_dipl_infbac_pct_22": "share_adults_below_baccalaureate",
        "dsp_dipl_supbac2_pct_22": "share_adults_above_two_years_higher",
    },
    "2023": {"P23_POP": "count_population_municipal"},
}
_HOUSING = {
    "part_hlm": "share_households_social_tenant",
    "taux_surpeuplement": "share_dwellings_overcrowded",
    "part_menages_1pers": "share_households_single_person",
}
_IRIS = {
    "menages_2022": "count_households",
    "men_coupsenf_pct_22": "share_households_couple_without_children",
    "tx_emploi_1524_22": "rate_employment_census_15_24",
    "tx_chomage_rp_1524_22": "rate_unemployment_census_15_24",
    "tx_emploi_5564_22": "rate_employment_census_55_64",
    "tx_chomage_rp_5564_22": "rate_unemployment_census_55_64",
}
_DPE = {
    "n_dpe_bdnb_2024": "count_dpe_bdnb",
    "dpe_FG_pct_bdnb_2024": "share_dwellings_dpe_fg_bdnb",
    "dpe_ABC_pct_bdnb_2024": "share_dwellings_dpe_abc_bdnb",
}
_MISSING_POPULATION = 0.005
"""Share of the municipal population absent from the IRIS above which a département's IRIS figures carry a note."""


def _check_dictionary(path: Path, columns: Sequence[str]) -> None:
    """Every share that is read must be defined in the re-user's dictionary, under its name without the year."""
    frame = read_csv(path)
    require_columns(frame, _DICTIONARY, path.name)
    stems = {c[:-3] for c in columns if not c.startswith("P2")}
    if unknown := sorted(stems - set(frame["var"])):
        raise SourceError(
            f"{path.name}: no definition of {', '.join(unknown)}; compare the two files' versions"
        )


def load_margins(paths: Sequence[Path]) -> pd.DataFrame:
    """Census margins 2011, 2016 and 2022, and Filosofi 2019 and 2021."""
    path, dictionary = paths
    frame = read_csv(path)
    require_columns(frame, ("code",), path.name)
    _check_dictionary(dictionary, [c for columns in _MARGINS.values() for c in columns])
    codes = territories.parse_series(frame["code"].replace(_OWN_CODES))
    rows = pd.concat([melt(frame, codes, columns, year, path.name) for year, columns in _MARGINS.items()])
    return figures(rows[~(rows["territory"].eq("FM") & rows["indicator"].str.startswith("count_"))])


def _departements(path: Path, code: str) -> tuple[pd.DataFrame, pd.Series]:
    frame = read_csv(path)
    require_columns(frame, (code,), path.name)
    return frame, territories.parse_series(frame[code], level="departement")


def _from_iris(path: Path, municipal: pd.Series) -> pd.DataFrame:
    """What the sums of IRIS add, with a note where they leave people out."""
    frame, codes = _departements(path, "code")
    require_columns(frame, ("pop_2022",), path.name)
    population = numbers(frame["pop_2022"], path.name)
    short = codes[population < (1 - _MISSING_POPULATION) * codes.map(municipal)]
    census = melt(frame, codes, _IRIS, "2022", path.name)
    census["note"] = census["territory"].isin(set(short)).map({True: "iris_incomplete", False: ""})
    dpe = melt(frame, codes, _DPE, "2024", path.name)
    empty = set(codes[numbers(frame["n_dpe_bdnb_2024"], path.name).eq(0)])
    absent = dpe["territory"].isin(empty)  # printed as 0, where the source holds no certificate at all
    dpe = dpe.assign(
        value=dpe["value"].mask(absent),
        state=dpe["state"].mask(absent, "unavailable"),
        note=absent.map({True: "absent_from_source", False: ""}),
    )
    return pd.concat([census, dpe], ignore_index=True)


def load_housing(paths: Sequence[Path]) -> pd.DataFrame:
    """Tenure, overcrowding, households and work by age in the census of 2022, and DPE classes of 2024."""
    housing, population, iris = paths
    people, places = _departements(population, "dep_code")
    require_columns(people, ("population_mun",), population.name)
    municipal = numbers(people["population_mun"], population.name).set_axis(places)
    frame, codes = _departements(housing, "dep_code")
    rows = melt(frame, codes, _HOUSING, "2022", housing.name)
    return figures(pd.concat([rows.assign(note=""), _from_iris(iris, municipal)], ignore_index=True))


# ------------------------------------------------------------------------------------------------------------- Melodi

_DWELLINGS = {"RP_MEASURE": "DWELLINGS"}
_TENURE = _DWELLINGS | dict.fromkeys(
    ("L_STAY", "TDW", "NRG_SRC", "CARPARK", "NOR", "CARS", "BUILD_END"), "_T"
)
_PEOPLE = {"RP_MEASURE": "POP", "SEX": "_T"}
_HOUSEHOLDS = "DS_RP_MENAGES_COMP", {**_DWELLINGS, "PREFPH": "_T", "PCS": "_T"}, ("TPH",)


def _work(**ages: str) -> Table:
    """Employment and unemployment of some ages: those who have a job, look for one, and all."""
    words = {"1": "employed", "2": "unemployed", "_T": "all"}
    cells = {(code, status): f"{word}_{age}" for age, code in ages.items() for status, word in words.items()}
    rates = {f"rate_employment_census_{age[1:]}": (f"employed_{age}", f"all_{age}") for age in ages}
    rates |= {
        f"rate_unemployment_census_{age[1:]}": (f"unemployed_{age}", f"employed_{age} unemployed_{age}")
        for age in ages
    }
    return Table("DS_RP_EMPLOI_LR_PRINC", {**_PEOPLE, "EDUC": "_T"}, ("AGE", "EMPSTA_ENQ"), cells, rates)


_MARGINS_NOW = (
    Table(
        "DS_RP_LOGEMENT_PRINC", _TENURE, ("OCS", "TSH"),
        {
            ("_T", "_T"): "dwellings", ("DW_VAC", "_T"): "vacant", ("DW_SEC_DW_OCC", "_T"): "secondary",
            ("DW_MAIN", "_T"): "main", ("DW_MAIN", "100"): "owner", ("DW_MAIN", "200"): "tenant",
        },
        {
            "share_dwellings_vacant": ("vacant", "dwellings"),
            "share_dwellings_secondary": ("secondary", "dwellings"),
            "share_households_owner": ("owner", "main"),
            "share_households_tenant": ("tenant", "main"),
        },
    ),
    Table(
        *_HOUSEHOLDS, {("_T",): "all", ("MF21",): "lone", ("MF222",): "children"},
        {
            "share_households_lone_parent": ("lone", "all"),
            "share_households_couple_with_children": ("children", "all"),
        },
    ),
    _work(_15_64="Y15T64"),
    Table(
        "DS_RP_DIPLOMES_PRINC", _PEOPLE, ("EDUC",),
        {
            ("001T100_RP",): "none", ("200_RP",): "brevet", ("300_RP",): "vocational", ("600_RP",): "four",
            ("700_RP",): "five", ("_T",): "all",
        },
        {
            "share_adults_below_baccalaureate": ("none brevet vocational", "all"),
            "share_adults_above_two_years_higher": ("four five", "all"),
        },
    ),
    Table("DS_POPULATIONS_REFERENCE", {}, ("POPREF_MEASURE",), {("PMUN",): "count_population_municipal"}),
)  # fmt: skip
_HOUSING_NOW = (
    Table(
        "DS_RP_LOGEMENT_PRINC", _TENURE, ("OCS", "TSH"),
        {("DW_MAIN", "_T"): "count_households", ("DW_MAIN", "221"): "social"},
        {"share_households_social_tenant": ("social", "count_households")},
    ),
    Table(
        "DS_RP_LOGEMENT_COMP", {**_DWELLINGS, "OCS": "DW_MAIN"}, ("OCC_IND",),
        {("_T",): "main", ("SEV_OVER_OCC",): "severe", ("MOD_OVER_OCC",): "moderate"},
        {"share_dwellings_overcrowded": ("severe moderate", "main")},
    ),
    Table(
        *_HOUSEHOLDS, {("_T",): "all", ("11",): "alone", ("MF221",): "couple"},
        {
            "share_households_single_person": ("alone", "all"),
            "share_households_couple_without_children": ("couple", "all"),
        },
    ),
    _work(_15_24="Y15T24", _55_64="Y55T64"),
)  # fmt: skip


def _remote(tables: tuple[Table, ...], *left: str) -> Remote:
    """The tables of Melodi, in the edition after that which is held: surveys of two that are close overlap."""
    tables = tuple(replace(table, since="2023") for table in tables)
    return Remote(
        connectors=tuple(table.connector for table in tables),
        load=Each(tables),
        keeps="2022",
        described={
            "perimeter": "100 départements (no Mayotte), France métropolitaine",
            "notes": (*_CARE, *left),
        },
    )


_CARE = ("Census figures of a year rest on five yearly surveys around it: compare years five apart or more.",)
_COMMON: dict[str, Any] = {"producer": "INSEE", "licence": INSEE_REUSE, "quality": "reused"}

DATASETS = (
    Dataset(
        name="insee/census_2011_2022",
        title="Recensements 2011, 2016 et 2022, Filosofi 2019 et 2021 : indicateurs par département",
        url="https://www.insee.fr/fr/metadonnees/source/serie/s1321",
        vintage="census 2022, Filosofi 2021",
        perimeter="96 départements of France métropolitaine, France métropolitaine",
        files=("rp_filosofi_departements_2011_2022.csv", "rp_filosofi_dictionnaire.csv"),
        load=load_margins,
        remote=_remote(
            _MARGINS_NOW,
            "People living alone and Filosofi are those of the file that was held: Melodi has them elsewhere.",
        ),
        notes=(
            *_CARE,
            "The national row of the file is France métropolitaine for shares and incomes; its population is a median of "
            "départements and is dropped.",
        ),
        **_COMMON,
    ),
    Dataset(
        name="insee/census_2022_housing",
        title="Recensement 2022 : ménages, logement et emploi par département ; classes DPE de la BDNB 2024",
        url="https://www.insee.fr/fr/metadonnees/source/serie/s1321",
        vintage="census 2022, BDNB 2024",
        perimeter="96 départements of France métropolitaine (DPE: 93, without 57, 67 and 68)",
        files=("rp_2022_logement_familles.csv", "rp_2022_population.csv", "rp2022_dpe_departements.csv"),
        load=load_housing,
        remote=_remote(
            _HOUSING_NOW, "The energy classes are those of the file that was held: no address has them."
        ),
        notes=(
            "Households, childless couples, work by age and DPE are sums of IRIS; where these hold less than 99.5 % of the "
            "municipal population, the note is iris_incomplete and the number of households is too low.",
            "Overcrowded dwellings are divided by all main dwellings; INSEE leaves studios of one person out.",
        ),
        **_COMMON,
    ),
)
