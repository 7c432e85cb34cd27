"""Dares: people registered as job seekers, and the flows into and out of the lists of France Travail.

Three published files. The first (repris par un réutilisateur), gives each département's monthly stock by category (A to E)
until June 2016, as the counter of the job centres reads it (not seasonally adjusted). The second is the producer's
quarterly workbook: stocks by région and national flows by reason, seasonally adjusted. Raw and adjusted figures are
never given the same name. The third, of a re-user, adds up communes in the fourth quarters of 2019 and 2024; it counts
Paris, Lyon and Marseille twice, as cities and as arrondissements, so that nothing is given for their départements.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy, labelled
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, once, require_columns
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.limits import SourceError
from analysis.foundations.published import cells, open_workbook, read_csv

_CATEGORIES = ("A", "B", "C", "D", "E")


def load_job_seekers(paths: Sequence[Path]) -> pd.DataFrame:
    """Job seekers of category A, and of A, B and C together, at the end of each month, by département.

    The published figure of a category is rounded to 100; the three are added up, so that a sum lies within 150.
    """
    path = paths[0]
    published = read_csv(path)
    require_columns(published, ("date", "categorie", "code_departement", "defm"), path.name)
    if unknown := sorted(set(published["categorie"]) - set(_CATEGORIES)):
        raise SourceError(f"{path.name}, column 'categorie': {unknown} found, {list(_CATEGORIES)} expected")
    rows = pd.DataFrame(
        {
            "territory": territories.parse_series(published["code_departement"], level="departement"),
            "period": published["date"],
            "category": published["categorie"],
            "value": numbers(published["defm"], path.name).round(),
        }
    )
    key = ["territory", "period", "category"]
    once(rows, key, path.name)
    wide = rows.pivot(index=["territory", "period"], columns="category", values="value")
    abc = wide[["A", "B", "C"]].sum(axis=1, skipna=False)
    both = pd.DataFrame({"count_job_seekers_a": wide["A"], "count_job_seekers_abc": abc})
    long = cast("pd.Series", both.stack()).rename_axis(["territory", "period", "indicator"])
    return figures(long.rename("value").reset_index())


_COUNTED_TWICE = ("75", "13", "69")
_ROUNDED = 100
"""People within which a sum of communes, each rounded to 5, is known: 1.96 × 5 ÷ √12 × √890 is 84 in Pas-de-Calais, which
has most communes."""


def load_two_quarters(paths: Sequence[Path]) -> pd.DataFrame:
    """Job seekers of categories A, B and C in the fourth quarters of 2019 and 2024, by département, not adjusted."""
    path = paths[0]
    published = read_csv(path)
    require_columns(published, ("annee", "code_departement", "nombre_demandeurs_emploi"), path.name)
    published = published[published["code_departement"] != "Total"]
    once(published, ["annee", "code_departement"], path.name)
    codes = territories.parse_series(published["code_departement"], level="departement")
    twice = codes.isin(_COUNTED_TWICE)
    rows = pd.DataFrame({"territory": codes, "period": published["annee"] + "-Q4"})
    values = numbers(published["nombre_demandeurs_emploi"], path.name).mask(twice)
    notes = twice.map({True: "counted_twice", False: ""})
    bounds = {"lower": values - _ROUNDED, "upper": values + _ROUNDED}
    return figures(rows.assign(indicator="count_job_seekers_abc_quarter", value=values, **bounds, note=notes))


# ---------------------------------------------------------------------------------------------- quarterly workbook

_ENTRIES = {
    "france entiere": "count_entries_job_seekers_abc_sa",
    "fin de contrat": "count_entries_job_seekers_abc_end_of_contract_sa",
    "reprise apres inactivite": "count_entries_job_seekers_abc_after_inactivity_sa",
    "autres motifs": "count_entries_job_seekers_abc_other_sa",
}
_EXITS = {
    "france entiere": "count_exits_job_seekers_abc_sa",
    "reprise d'emploi declaree": "count_exits_job_seekers_abc_to_employment_sa",
    "entree en stage": "count_exits_job_seekers_abc_to_training_sa",
    "cessation d'inscription": "count_exits_job_seekers_abc_no_update_sa",
    "radiation": "count_exits_job_seekers_abc_struck_off_sa",
}
_REGIONAL = {
    "DEFM cat A par région": "count_job_seekers_a_sa",
    "DEFM cat ABC par région": "count_job_seekers_abc_sa",
}
_NATIONAL = {
    "DEFM cat ABCDE": {"defm a": "count_job_seekers_a_sa"},
    "Entrées cat ABC_motif": _ENTRIES,
    "Sorties cat ABC_motif": _EXITS,
}
_OUTSIDE_REFORM = {
    "defm a": "count_job_seekers_a_outside_reform_sa",
    "defm abc": "count_job_seekers_abc_outside_reform_sa",
}
_SHEETS = (*_REGIONAL, *_NATIONAL, "DEFM HRSAML")


def _plain(text: object) -> str:
    """A heading in lower case, on one line, without accents."""
    plain = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode()
    return " ".join(plain.lower().split())


def _quarters(sheet: pd.DataFrame, where: str) -> tuple[list[str], pd.DataFrame]:
    """Headings and figures of a sheet: the row that begins with « Période », and the rows that begin with a quarter."""
    first = sheet[0].astype("str")
    heads = sheet.index[first == "Période"]
    quarter = first.str.fullmatch(r"(?:19|20)\d\dT[1-4]")
    if len(heads) != 1 or not quarter.any():
        raise SourceError(
            f"{where}: expected one row « Période » above rows such as 1996T1; the published file has changed"
        )
    values = sheet[quarter].set_axis(first[quarter].str.replace("T", "-Q"), axis=0)
    return [_plain(cell) for cell in sheet.loc[heads[0]]], values


def _column(heads: list[str], start: str, where: str) -> int:
    """Position of the first column whose heading begins with ``start``."""
    for position, head in enumerate(heads):
        if head.startswith(start):
            return position
    raise SourceError(f"{where}: no column begins with {start!r}; found {heads}")


def _series(values: pd.Series, territory: str, indicator: str, where: str) -> pd.DataFrame:
    """One column as figures; quarters before the series begins have no row."""
    read = numbers(values, where).dropna()
    note = "without_mayotte" if territory == "FR" else ""
    columns = {"territory": territory, "period": read.index, "indicator": indicator, "note": note}
    return pd.DataFrame({**columns, "value": read.to_numpy()})


def _regional(sheet: pd.DataFrame, indicator: str, where: str) -> list[pd.DataFrame]:
    heads, values = _quarters(sheet, where)
    national = {"france metropolitaine": "FM", "france entiere": "FR"}
    parts = []
    for position, head in enumerate(heads[1:], start=1):
        code = national.get(head) or territories.parse(head, level="region")
        parts.append(_series(values[position], code, indicator, where))
    return parts


def load_quarterly(paths: Sequence[Path]) -> pd.DataFrame:
    """Seasonally adjusted stocks by région and national flows by reason, quarterly averages, from the workbook."""
    with open_workbook(paths[0]) as book:
        if missing := [name for name in _SHEETS if name not in book.sheet_names]:
            raise SourceError(
                f"{paths[0].name}: no sheet {', '.join(missing)}; the published file has changed"
            )
        sheets = cells(book, list(_SHEETS))
    parts: list[pd.DataFrame] = []
    for sheet, indicator in _REGIONAL.items():
        parts += _regional(sheets[sheet], indicator, f"{paths[0].name}, {sheet}")
    for sheet, columns in _NATIONAL.items():
        where = f"{paths[0].name}, {sheet}"
        heads, values = _quarters(sheets[sheet], where)
        parts += [
            _series(values[_column(heads, start, where)], "FR", name, where)
            for start, name in columns.items()
        ]
    return figures(
        pd.concat([*parts, *_outside_reform(sheets["DEFM HRSAML"], paths[0].name)], ignore_index=True)
    )


def _outside_reform(sheet: pd.DataFrame, name: str) -> list[pd.DataFrame]:
    """Stocks without the people whom the plein-emploi law registers: a block for metropolitan France, one for France."""
    where = f"{name}, DEFM HRSAML"
    heads, values = _quarters(sheet, where)
    second = heads.index("nan", 1) if "nan" in heads[1:] else 1
    blocks = (("FM", 1), ("FR", second))
    return [
        _series(values[heads.index(start, after)], territory, indicator, where)
        for territory, after in blocks
        for start, indicator in _OUTSIDE_REFORM.items()
    ]


# -------------------------------------------------------------------------------------------------- tables of the portal

PORTAL = "https://data.dares.travail-emploi.gouv.fr"
STOCK = "dares_defm_stock_regions_brut_mens"
_LEVELS = ("code_region", "region", "code_departement", "departement", "type_de_donnees")
STOCK_COLUMNS = (
    "date", *_LEVELS, "categorie", "sexe", "tranche_d_age", "anciennete", "nombre_de_demandeurs_d_emploi",
)  # fmt: skip
_MONTHLY = Tidy(
    territory="code_departement",
    codes={"Total": None},
    period="date",
    series=("categorie",),
    value="nombre_de_demandeurs_d_emploi",
    measures={"A": "count_job_seekers_a", "ABC": "count_job_seekers_abc"},
    filters={
        "type_de_donnees": {"Brutes"}, "sexe": {"Total"}, "tranche_d_age": {"Total"}, "anciennete": {"Total"},
    },
)  # fmt: skip
"""Régions, France, and each sex, age and seniority stand beside the départements: « Total » is a margin."""
_ONE_OF_EACH = (
    'code_departement != "Total" and sexe = "Total" and tranche_d_age = "Total" and anciennete = "Total"'
)
_PARTS = " and ".join(f'categorie != "{one}"' for one in ("B", "C", "D", "E", "ABCDE"))


def load_flows(paths: Sequence[Path]) -> pd.DataFrame:
    """Flows of France by reason, quarterly averages; which flow and reason a label tells was described and not seen."""
    motives = {
        r"(?=.*entree)(?=.*(total|ensemble))": _ENTRIES["france entiere"],
        r"fin de contrat": _ENTRIES["fin de contrat"],
        r"reprise.*inactivite": _ENTRIES["reprise apres inactivite"],
        r"(?=.*sortie)(?=.*(total|ensemble))": _EXITS["france entiere"],
        r"reprise d.emploi": _EXITS["reprise d'emploi declaree"],
        r"entree en stage": _EXITS["entree en stage"],
        r"(cessation|defaut)": _EXITS["cessation d'inscription"],
        r"radiation": _EXITS["radiation"],
    }
    found = labelled(paths[0], "motif", motives)
    national = {"code_region": {"Total France"}, "code_departement": {"Total"}, "categorie": {"ABC"}}
    return Tidy(
        territory="code_region",
        codes={"Total France": "FR"},
        period="date",
        series=("motif",),
        value="nombre_de_demandeurs_d_emploi",
        measures=found,
        filters=national,
    )(paths)


_REFORM = (
    "2025-Q1: the plein-emploi law of 18 December 2023 registers every applicant for or recipient of RSA and every young "
    "person followed by a mission locale; stocks and flows jump and are not comparable with 2024 and before"
)

DATASETS = (
    Dataset(
        name="dares/job_seekers_1996_2016",
        producer="Dares, Pôle emploi",
        title="Demandeurs d'emploi inscrits en fin de mois, par département et catégorie (repris d’un réutilisateur)",
        url="https://dares.travail-emploi.gouv.fr/",
        licence=LICENCE_OUVERTE,
        vintage="January 1996 – June 2016",
        perimeter="96 metropolitan départements",
        files=("table_defm_departement_categorie.csv",),
        load=load_job_seekers,
        quality="reused",
        remote=Remote(
            (Table(PORTAL, STOCK, where=f"{_ONE_OF_EACH} and {_PARTS}", period="date"),),
            _MONTHLY,
            STOCK_COLUMNS,
            categories={"categorie": ("A", "ABC", "F", "G")},
            keeps=True,
            described={
                "title": "Demandeurs d'emploi inscrits à France Travail, données mensuelles brutes, par département",
                "perimeter": "départements; categories A, and A, B and C together, at the end of the month",
                "breaks": (_REFORM,),
                "notes": (
                    "Not adjusted for the season. Months before those of the producer's table are a re-user's.",
                ),
            },
        ),
        compressed=True,
        notes=(
            "The file does not say whether its figures are seasonally adjusted; their swing over the year (category A rises "
            "by 9 % on average from June to August, and falls by 12 % from January to June) shows that they are not.",
            "Each category is rounded to 100; A + B + C is added up here, within 150 of the exact sum.",
            "Categories D and E are left in the published file.",
            "Bouches-du-Rhône and Drôme are written with their names in the column of codes.",
        ),
    ),
    Dataset(
        name="dares/job_seekers_2019_2024",
        producer="Dares, France Travail",
        title="Demandeurs d’emploi de catégories A, B et C, par département, 4e trimestres 2019 et 2024",
        url="https://dares.travail-emploi.gouv.fr/",
        licence=LICENCE_OUVERTE,
        vintage="2019 Q4 and 2024 Q4",
        perimeter="98 départements (without Paris, Bouches-du-Rhône and Rhône)",
        files=("demandeurs_emplois_par_departement.csv",),
        load=load_two_quarters,
        quality="reused",
        notes=(
            "Communes added up by a re-user, who counts Paris, Lyon and Marseille twice, as cities and as arrondissements: "
            "some 197,000, 47,000 and 94,000 people too many in 2024. In the other régions the sum is 0.995 to 1.015 times "
            "the adjusted stock (1.09 to 1.11 in Corsica, whose fourth quarter is out of season).",
            "The figures of 75, 13 and 69 are left out (note counted_twice). The row Total is meaningless.",
            "Each commune is rounded to 5: a sum is known within 100. Not adjusted for the season.",
        ),
    ),
    Dataset(
        name="dares/entries_exits_1996_2025",
        producer="Dares, France Travail",
        title="Demandeurs d'emploi inscrits à France Travail : stocks, entrées et sorties, séries trimestrielles CVS-CJO",
        url="https://www.data.gouv.fr/en/datasets/demandeurs-demploi-inscrits-a-pole-emploi-5/",
        licence=LICENCE_OUVERTE,
        vintage="2025 Q2",
        perimeter="17 régions (without Mayotte), France métropolitaine, France without Mayotte; stocks and flows",
        files=("series_CVS_T?20??.xlsx",),
        load=load_quarterly,
        remote=Remote(
            (Table(PORTAL, "dares_defm_flux_france_region_cvs_trim", period="date"),),
            load_flows,
            ("date", *_LEVELS, "categorie", "motif", "nombre_de_demandeurs_d_emploi"),
            {"motif": ()},
            keeps=True,
        ),
        compressed=True,
        breaks=(
            _REFORM,
            "2025-Q2: the registrations no longer updated by people whom the law registered leave the lists in numbers; "
            "new rules of updating (October 2024) and of sanction (June 2025) also move stocks and exits",
        ),
        notes=(
            "Quarterly averages of monthly figures, adjusted for the season and working days, revised every February.",
            "FR is France without Mayotte, Saint-Martin and Saint-Barthélemy.",
            "Entries by reason begin in 2010 in the published file.",
            "Flows are of France only in this file; Dares publishes them by région and by département in other series.",
        ),
    ),
)
