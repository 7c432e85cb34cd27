"""INSEE Filosofi: standard of living, income structure and poverty of tax households, from tax and benefit files.

Six publications of the same source. Their traps: a comma for the decimal point, empty trailing columns in 2017, a
variable of 2014 (PTSAC) that adds unemployment benefits to wages and is none of the later ones, a Gini index printed to
one decimal in 2014 and 2015 and therefore left out, ``s`` for secrecy, poverty rates never printed below 5, and another
measure of income in 2023. Guadeloupe, Guyane and Mayotte are never there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, Dataset
from analysis.data.sources.insee.tables import melodi
from analysis.data.sources.insee.wide import mark_bottom_coded, melt, read_csv
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Each
from analysis.foundations import file_names as names
from analysis.foundations import territories
from analysis.foundations.cells import figures, name_columns, require_columns
from analysis.foundations.connectors.insee_pages import InseePage
from analysis.foundations.connectors.melodi import Melodi
from analysis.foundations.levels import DEPARTEMENT, EPCI, Level
from analysis.foundations.limits import SourceError

_MEDIAN = "amount_median_standard_of_living"
_ALWAYS = {
    "NBMEN": "count_households_fiscal",
    "NBPERS": "count_persons_fiscal",
    "Q2": _MEDIAN,
    "D1": "amount_d1_standard_of_living",
    "D9": "amount_d9_standard_of_living",
    "PBEN": "share_income_self_employment",
    "PPEN": "share_income_pensions",
    "PPAT": "share_income_property",
    "PPSOC": "share_income_social_benefits",
    "PPFAM": "share_income_family_benefits",
    "PPMINI": "share_income_minima",
    "PPLOGT": "share_income_housing_benefits",
    "PIMPOT": "share_income_taxes",
}
_SINCE_2015 = {
    "PACT": "share_income_activity",
    "PTSA": "share_income_wages",
    "PCHO": "share_income_unemployment_benefits",
}
_GROUPS = {
    "AGE1": "head_under_30",
    "AGE2": "head_30_39",
    "AGE3": "head_40_49",
    "AGE4": "head_50_59",
    "AGE5": "head_60_74",
    "AGE6": "head_75_over",
    "TYM1": "man_alone",
    "TYM2": "woman_alone",
    "TYM3": "couple_without_children",
    "TYM4": "couple_with_children",
    "TYM5": "lone_parent",
    "TYM6": "complex",
    "TOL1": "owner",
    "TOL2": "tenant",
    "TLD2": "tenant_social",
    "TLD3": "tenant_private",
    "OPR1": "income_wages",
    "OPR2": "income_unemployment",
    "OPR3": "income_self_employed",
    "OPR4": "income_pensions",
}
_SIZES = {f"TME{n}": f"size_{n}" for n in range(1, 5)} | {"TME5": "size_5_over"}
_POVERTY = {
    **{f"TP{level}": f"rate_poverty_{level}" for level in ("40", "50", "60")},
    **{f"{stem}TP60": f"rate_poverty_60_{name}" for stem, name in (_GROUPS | _SIZES).items()},
    "TP60IP": "share_poverty_intensity",
}
"""Columns of poverty without their year; those of 2021 are copied for the rates at 60 % alone, not by main income."""
_COLUMNS_2013 = {
    "Nombre de ménages fiscaux": "count_households_fiscal",
    "Nombre de personnes dans les ménages fiscaux": "count_persons_fiscal",
    "Taux de pauvreté-Ensemble (% pop totale)": "rate_poverty_60",
    "Taux de pauvreté selon l’âge du référent fiscal (% des moins de 30 ans)": "rate_poverty_60_head_under_30",
    "Taux de pauvreté selon l’âge du référent fiscal (% des 30 à 39 ans)": "rate_poverty_60_head_30_39",
    "Taux de pauvreté selon l’âge du référent fiscal (% des 40 à 49 ans)": "rate_poverty_60_head_40_49",
    "Taux de pauvreté selon l’âge du référent fiscal (% des 50 à 59 ans)": "rate_poverty_60_head_50_59",
    "Taux de pauvreté selon l’âge du référent fiscal (% des 60 à 74 ans)": "rate_poverty_60_head_60_74",
    "Taux de pauvreté selon l’âge du référent fiscal (% des 75 ans ou plus)": "rate_poverty_60_head_75_over",
    "Taux de pauvreté selon le statut d’occupation du logement (propriétaires)": "rate_poverty_60_owner",
    "Taux de pauvreté selon le statut d’occupation du logement (locataires)": "rate_poverty_60_tenant",
    "Revenu disponible par unité de consommation (Médiane)": _MEDIAN,
    "Revenu disponible par unité de consommation (Rapport inter-décile 9e décile/1er decile)": (
        "ratio_d9_d1_standard_of_living"
    ),
    "Revenu disponible par unité de consommation (1er décile)": "amount_d1_standard_of_living",
    "Revenu disponible par unité de consommation (9e décile du niveau de vie)": "amount_d9_standard_of_living",
}
_COLUMNS_2023 = {
    "taux_pauvrete": "rate_poverty_60",
    "revenu_median_uc": _MEDIAN,
    "interdecile_d9d1": "ratio_d9_d1_standard_of_living",
}


def _published(path: Path, sep: str, code: str, level: Level = DEPARTEMENT) -> tuple[pd.DataFrame, pd.Series]:
    """A published table and the territories of its rows; of EPCI, those that there are still."""
    frame = read_csv(path, sep)
    frame.columns = frame.columns.str.strip()
    require_columns(frame, (code,), path.name)
    if level.apart:
        frame = frame[frame[code].isin(territories.of_level(level))]
    return frame, territories.parse_series(frame[code], level=level.key)


def _vintage(path: Path) -> str:
    if not (year := _year_of(path.name)):
        raise SourceError(f"{path.name}: expected a name such as FILO2019_DISP_DEP.csv, which gives the year")
    return year


def _year_of(name: str) -> str:
    """The year that the name of a file gives, however it is written; empty when it gives none."""
    found = re.match(r"filo(20\d\d)", names.identity(name))
    return found[1] if found else ""


def _has_thousandths(column: pd.Series) -> bool:
    """Whether an index is printed with its three decimals somewhere; « 0,3 » everywhere tells nothing."""
    return bool(column.str.partition(",")[2].str.len().ge(3).any())


def _year(path: Path, level: Level = DEPARTEMENT) -> pd.DataFrame:
    """Distribution and structure of income of one year."""
    frame, codes = _published(path, ";", "CODGEO", level)
    year = _vintage(path)
    name_columns(frame, [stem + year[2:] for stem in _SINCE_2015], path.name)
    ratio = dated if (dated := f"RD{year[2:]}") in frame else "RD"
    columns = {stem + year[2:]: name for stem, name in _ALWAYS.items()} | {
        ratio: "ratio_d9_d1_standard_of_living"
    }
    columns |= {stem + year[2:]: name for stem, name in _SINCE_2015.items() if stem + year[2:] in frame}
    require_columns(frame, (gini := f"GI{year[2:]}",), path.name)
    if _has_thousandths(frame[gini]):
        columns[gini] = "index_gini"
    return melt(frame, codes, columns, year, path.name)


def load_years(paths: Sequence[Path]) -> pd.DataFrame:
    """Standard of living, inequality and structure of income, one file a year."""
    return figures(pd.concat([_year(path) for path in paths], ignore_index=True))


def load_epci(paths: Sequence[Path]) -> pd.DataFrame:
    """The same for the EPCI that there are still, as each was drawn when its year was published."""
    return figures(pd.concat([_year(path, EPCI) for path in paths], ignore_index=True))


def load_breakdowns(paths: Sequence[Path]) -> pd.DataFrame:
    """Median standard of living in 2020 by age of the head, household type, tenure and main income."""
    (path,) = paths
    frame, codes = _published(path, ";", "CODGEO")
    year = _vintage(path)
    columns = {f"{group}Q2{year[2:]}": f"{_MEDIAN}_{name}" for group, name in _GROUPS.items()}
    return figures(melt(frame, codes, columns, year, path.name))


def _poverty(path: Path, stems: Mapping[str, str]) -> pd.DataFrame:
    """Poverty of a year, from the columns of these stems, to which the year is added."""
    frame, codes = _published(path, ";", "CODGEO")
    year = _vintage(path)
    frame = frame.rename(
        columns=lambda name: re.sub(r"^TP60([A-Z]{3}\d)(\d\d)$", r"\1TP60\2", name)
    )  # written both ways
    rows = melt(frame, codes, {stem + year[2:]: name for stem, name in stems.items()}, year, path.name)
    fraction = rows["indicator"].eq("share_poverty_intensity")  # printed 0,199 where 2009 has 19.9 %
    rows["value"] = rows["value"].where(~fraction, rows["value"] * 100)
    return figures(mark_bottom_coded(rows))


def load_poverty(paths: Sequence[Path]) -> pd.DataFrame:
    """Poverty rates of 2020 at three thresholds, and at 60 % by the same breakdowns as the medians and by size."""
    return _poverty(paths[0], _POVERTY)


def load_poverty_2021(paths: Sequence[Path]) -> pd.DataFrame:
    """Poverty rates of 2021 at 60 %, by age, size, type and tenure."""
    absent = ("OPR", "TP40", "TP50", "TP60IP")
    return _poverty(paths[0], {stem: name for stem, name in _POVERTY.items() if not stem.startswith(absent)})


def load_2013(paths: Sequence[Path]) -> pd.DataFrame:
    """Poverty by age and tenure, median and deciles in 2013."""
    (path,) = paths
    frame, codes = _published(path, ",", "Code géographique")
    return figures(mark_bottom_coded(melt(frame, codes, _COLUMNS_2013, "2013", path.name)))


def load_2023(paths: Sequence[Path]) -> pd.DataFrame:
    """Poverty, median, interdecile ratio and Gini index of 2023, on the new measure of income."""
    main, gini = paths
    parts = []
    for path, columns in ((main, _COLUMNS_2023), (gini, {"gini": "index_gini"})):
        frame, codes = _published(path, ",", "dep_code")
        require_columns(frame, ("source_millesime",), path.name)
        if set(frame["source_millesime"]) != {"2023"}:
            raise SourceError(
                f"{path.name}: vintages {sorted(set(frame['source_millesime']))}, expected 2023 only"
            )
        parts.append(melt(frame, codes, columns, "2023", path.name))
    return figures(pd.concat(parts, ignore_index=True))


# ----------------------------------------------------------------------------------------------------- what is fetched

_INCOME = {
    "MED_SL": _MEDIAN,
    "PR_MD60": "rate_poverty_60",
    "D1_SL": "amount_d1_standard_of_living",
    "D9_SL": "amount_d9_standard_of_living",
    "IR_D9_D1_SL": "ratio_d9_d1_standard_of_living",
    "GI_SL": "index_gini",
    "S_EI_DI_SAL": "share_income_wages",
    "S_EI_DI_UNE": "share_income_unemployment_benefits",
    "S_EI_DI_N_SAL": "share_income_self_employment",
    "S_SOC_BEN_DI_FAM_BEN": "share_income_family_benefits",
    "S_SOC_BEN_DI_MIN_SOC": "share_income_minima",
    "S_SOC_BEN_DI_HOU_BEN": "share_income_housing_benefits",
}
_PARTS = {
    "S_EI_DI": "share_income_activity",
    "S_RET_PEN_DI": "share_income_pensions",
    "S_INC_ASS_DI": "share_income_property",
    "S_SOC_BEN_DI": "share_income_social_benefits",
    "S_DIR_TAX_DI": "share_income_taxes",
}
"""What the disposable income is made of, taxes being less than 0: 100 in all."""
_PEOPLE = {
    "Y_LT18": "under_18", "Y18T29": "18_29", "Y30T39": "30_39", "Y40T49": "40_49", "Y50T64": "50_64", "Y65T74": "65_74",
    "Y_GE75": "75_over",
}  # fmt: skip
"""Ages of people, where the files of 2021 and before have those of the head of the household: other indicators."""
_GROUPS_2023 = {("PR_MD60", age, "_T"): f"rate_poverty_60_{name}" for age, name in _PEOPLE.items()} | {
    ("PR_MD60", "_T", "1"): "rate_poverty_60_owner",
    ("PR_MD60", "_T", "2"): "rate_poverty_60_tenant",
}
_SINCE = "2023"
"""The first year of the new measure of income: what Melodi has of years before is held from their own files."""


def _whole_income(rows: pd.DataFrame) -> pd.DataFrame:
    """The figures, unless the parts of a territory's income do not make up the whole."""
    parts = rows[rows["indicator"].isin(_PARTS.values())]
    total = parts.groupby(["territory", "period"])["value"].sum(min_count=len(_PARTS)).dropna()
    if (off := (total - 100).abs() > 1).any():
        raise SourceError(
            f"Filosofi: the parts of income of {' '.join(total.index[off][0])} add up to {total[off].iloc[0]:.1f}, not to "
            "100; a part has another scale or sign than in the files before"
        )
    return rows


_FETCHED = Each(
    (
        melodi(("FILOSOFI_MEASURE",), _INCOME | _PARTS, since=_SINCE, then=_whole_income),
        melodi(
            ("FILOSOFI_MEASURE", "AGE_GP", "TSH"),
            _GROUPS_2023,
            since=_SINCE,
            filters={"SEX": ("_T",)},
            then=mark_bottom_coded,
        ),
    )
)
"""Standard of living, poverty and what income is made of; poverty by age of people and by tenure."""


def _of_2021(member: str) -> Remote:
    """The archive of 2021, the last in its layout: the years that are held stay."""
    archive = r"indic-struct-distrib-revenu-(\d{4})-supra_csv\.zip"
    return Remote(connectors=(InseePage("7756855", archive, rf"FILO\d{{4}}_{member}\.csv"),), keeps=True)


_COMMON: dict[str, Any] = {"producer": "INSEE", "licence": INSEE_REUSE}
_WITH_OVERSEAS = (
    "98 départements: France métropolitaine, Martinique, La Réunion (no 971, 973, 976); tax households"
)
_CARE = "INSEE advises care in comparing two years that are close, 2020 above all."

DATASETS = (
    Dataset(
        name="insee/filosofi_2013",
        title="Filosofi 2013 : niveau de vie et pauvreté par département",
        url="https://www.insee.fr/fr/metadonnees/source/serie/s1172",
        vintage="2013",
        perimeter="96 départements of France métropolitaine; tax households",
        files=("fr-dpt-pauvrete-2013.csv",),
        load=load_2013,
        quality="reused",
        breaks=("2013: Filosofi replaces RDL, benefits are observed and no longer imputed",),
        notes=("Poverty rates are bottom-coded at 5: a rate printed 5.0 reads 5 % or less.",),
        **_COMMON,
    ),
    Dataset(
        name="insee/filosofi_2014_2020",
        title="Filosofi 2014 à 2020 : structure et distribution des revenus, par département",
        url="https://www.insee.fr/fr/statistiques/6692220",
        vintage="2014 to 2020",
        perimeter=_WITH_OVERSEAS,
        files=("FILO20??_DISP_DEP.csv",),
        load=load_years,
        remote=_of_2021("DISP_DEP"),
        vintages=_year_of,
        compressed=True,
        notes=(
            _CARE,
            "No poverty rate in these files. Wages, unemployment benefits and activity incomes are separate from 2015.",
            "The Gini index of 2014 and 2015 is printed to one decimal and is left out.",
        ),
        **_COMMON,
    ),
    Dataset(
        name="insee/filosofi_epci_2014_2019",
        title="Filosofi 2014 à 2019 : structure et distribution des revenus, par EPCI",
        url="https://www.insee.fr/fr/metadonnees/source/serie/s1172",
        vintage="2014 to 2019",
        perimeter="781 EPCI of 2025 in 2014, 1,230 in 2019: France métropolitaine, Martinique, La Réunion; tax households",
        files=("FILO20??_DISP_EPCI.csv",),
        load=load_epci,
        vintages=_year_of,
        compressed=True,
        level=EPCI.key,
        breaks=(
            "2016, 2017: EPCI were drawn again; those that are no more are left out, and where the people of one change by "
            "more than 4 % in a year, nothing is compared across",
        ),
        notes=(_CARE, "No poverty rate in these files. An EPCI is as it was when its year was published."),
        **_COMMON,
    ),
    Dataset(
        name="insee/filosofi_2020_breakdowns",
        title="Filosofi 2020 : niveau de vie médian selon l’âge, le type de ménage, le statut d’occupation et le revenu",
        url="https://www.insee.fr/fr/statistiques/6692220",
        vintage="2020",
        perimeter=_WITH_OVERSEAS,
        files=("FILO2020_DISP_DEP.csv",),
        load=load_breakdowns,
        remote=_of_2021("DISP_DEP"),
        notes=(_CARE, "The file gives no number of households by breakdown."),
        **_COMMON,
    ),
    Dataset(
        name="insee/filosofi_2020_poverty",
        title="Filosofi 2020 : taux de pauvreté par département",
        url="https://www.insee.fr/fr/statistiques/6692220",
        vintage="2020",
        perimeter=_WITH_OVERSEAS,
        files=("FILO2020_DISP_PAUVRES_DEP.csv",),
        load=load_poverty,
        notes=(
            _CARE,
            "Rates are bottom-coded at 5: a rate printed 5.0 reads 5 % or less. So are most rates at 40 %.",
            "Persons below 60, 50 or 40 % of the national median standard of living.",
        ),
        **_COMMON,
    ),
    Dataset(
        name="insee/filosofi_2021_poverty",
        title="Filosofi 2021 : taux de pauvreté par âge, taille et type de ménage, statut d’occupation, par département",
        url="https://www.insee.fr/fr/statistiques/7756855",
        vintage="2021",
        perimeter=_WITH_OVERSEAS,
        files=("FILO2021_DISP_PAUVRES_DEP.csv",),
        load=load_poverty_2021,
        remote=_of_2021("DISP_PAUVRES_DEP"),
        quality="hand_copied",
        breaks=(
            "2021: the breakdowns are not chained to 2020; over 98 départements the median change is +3.7 points for social "
            "tenants, +2.1 for women alone and −1.2 for households of another composition, where the whole rises by 0.6",
        ),
        notes=(
            "Copied by hand from INSEE’s file. The 96 metropolitan totals are those of a re-used table, to the last digit.",
            "Rates are bottom-coded at 5: a rate printed 5.0 reads 5 % or less (42 rates).",
            "By the age of the head of the tax household, not of the person; 60 % only; nothing by main income.",
        ),
        **_COMMON,
    ),
    Dataset(
        name="insee/filosofi_2023",
        title="Filosofi 2023 : niveau de vie et pauvreté par département",
        url="https://www.insee.fr/fr/statistiques/8984752",
        vintage="2023",
        perimeter="96 départements of France métropolitaine",
        files=("filosofi_2023.csv", "filosofi_gini_2023.csv"),
        load=load_2023,
        remote=Remote(
            connectors=(
                Melodi("DS_FILOSOFI_CC", {"GEO": "DEP", "FILOSOFI_MEASURE": [*_INCOME, *_PARTS]}),
                Melodi("DS_FILOSOFI_SAGE_LOG_TP_NIVVIE", bulk=True),
            ),
            load=_FETCHED,
            columns=(
                *(
                    "GEO",
                    "GEO_OBJECT",
                    "FILOSOFI_MEASURE",
                    "UNIT_MEASURE",
                    "UNIT_MULT",
                    "CONF_STATUS",
                    "OBS_STATUS",
                ),
                *("TIME_PERIOD", "OBS_VALUE", "SEX", "AGE_GP", "TSH"),
            ),
            categories={"AGE_GP": ("_T", *_PEOPLE)},
            described={
                "perimeter": "départements of France métropolitaine, and those overseas that the source has",
                "notes": (
                    "By age of people: not to be set beside the rates by age of the head of the household until 2021.",
                    "A rate by group printed 5.0 is read as 5 % or less, as in the files before.",
                ),
            },
        ),
        quality="reused",
        breaks=("2023: a new Filosofi, not comparable with 2021 and before; 2022 was not published",),
        notes=(
            "The re-user does not say whether the poverty rates are those of the first release or a corrected one.",
        ),
        **_COMMON,
    ),
)
