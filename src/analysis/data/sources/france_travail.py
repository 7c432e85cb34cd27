"""France Travail: job offers, registered job seekers under 25, training entries, and employers' recruitment projects.

Wide tables as the operator's site exports them (one column a département, headed ``Ain 01``; French dates; no-break
spaces in the numbers), and the survey of labour needs (BMO). The exports say neither which categories of job seekers
nor which offers they count: what could be established by comparison with published totals is in the definitions of the
indicators, and what could not is said there. The BMO of 2024 was added up by a re-user from cells of which many are
masked, so that its figures are lower bounds.

First step of the way of the data: published file in, tidy figures out. Nothing is divided or summed here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.data.sources import dares
from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy, labelled
from analysis.foundations import territories
from analysis.foundations.cells import figures, month, numbers, once, require_columns
from analysis.foundations.connectors.datagouv import Resource
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.limits import SourceError
from analysis.foundations.published import cells, open_workbook, read_csv

_QUARTER = re.compile(r"([1-4])er? trimestre ((?:19|20)\d\d)")
_MONTH = re.compile(r"(\D+)-(\d\d)")
_CENTURY = 50
"""Two-digit years from here on belong to the twentieth century: the oldest series begins in 1996."""
_FOOTNOTE = "Les données présentées"


def _quarter(label: str, where: str) -> str:
    """``3e trimestre 2024`` as ``2024-Q3``."""
    found = _QUARTER.fullmatch(label.strip())
    if not found:
        raise SourceError(f"{where}: {label!r} is not a quarter such as « 3e trimestre 2024 »")
    return f"{found[2]}-Q{found[1]}"


def _month(label: str, where: str) -> str:
    """``janv-96`` as ``1996-01``."""
    found = _MONTH.fullmatch(label.strip())
    if not found:
        raise SourceError(f"{where}: {label!r} is not a month such as « janv-96 »")
    century = "19" if int(found[2]) >= _CENTURY else "20"
    return month(f"{found[1]} {century}{found[2]}", where)


def _export(
    path: Path, indicator: str, period: Callable[[str, str], str], total: str, total_note: str = ""
) -> pd.DataFrame:
    """A wide export as figures; its « Total » column is that of ``total``, its « Total » row is left out."""
    wide = read_csv(path, ";")
    label = wide.columns[0]
    rows = wide[~wide[label].str.startswith(_FOOTNOTE) & ~wide[label].isin(["", "Total"])]
    require_columns(wide, ["Total"], path.name)
    once(rows, [label], path.name)
    periods = {text: period(text, path.name) for text in rows[label]}
    long = rows.melt(id_vars=label, var_name="area", value_name="text")
    codes = {
        area: territories.parse(area, level="departement") for area in wide.columns[1:] if area != "Total"
    }
    return figures(
        pd.DataFrame(
            {
                "territory": long["area"].map({**codes, "Total": total}),
                "period": long[label].map(periods),
                "indicator": indicator,
                "value": numbers(long["text"], path.name),
                "note": long["area"].eq("Total").map({True: total_note, False: ""}),
            }
        )
    )


def load_offers(paths: Sequence[Path]) -> pd.DataFrame:
    """Job offers of each quarter by département, and France without Mayotte."""
    return _export(paths[0], "count_job_offers", _quarter, total="FR", total_note="without_mayotte")


def load_under_25(paths: Sequence[Path]) -> pd.DataFrame:
    """Job seekers under 25 at the end of each month by metropolitan département, and France métropolitaine."""
    return _export(paths[0], "count_job_seekers_under_25", _month, total="FM")


def load_training(paths: Sequence[Path]) -> pd.DataFrame:
    """Entries into training of each month by département, and France."""
    return _export(paths[0], "count_training_entries", _month, total="FR")


# ----------------------------------------------------------------------------------------------- labour needs survey


def _yearly(path: Path, indicator: str) -> pd.DataFrame:
    """A table of départements by year."""
    wide = read_csv(path, ";")
    require_columns(wide, ["Département"], path.name)
    wide["territory"] = territories.parse_series(wide["Département"], level="departement")
    long = wide.drop(columns="Département").melt(id_vars="territory", var_name="period", value_name="text")
    return long.assign(indicator=indicator, value=numbers(long["text"], path.name))


def load_projects(paths: Sequence[Path]) -> pd.DataFrame:
    """Recruitment projects and the share that employers expect to be difficult, by département and year."""
    counts = _yearly(paths[0], "count_recruitment_projects")
    shares = _yearly(paths[1], "share_recruitment_projects_difficult")
    if (out := ~shares["value"].between(0, 1)).any():
        raise SourceError(
            f"{paths[1].name}: shares between 0,00 and 1,00 expected, found {shares[out].iloc[0].to_dict()}"
        )
    shares["value"] = (100 * shares["value"]).round(6)
    return figures(pd.concat([counts, shares], ignore_index=True))


_OUTSIDE = "978"
"""Saint-Martin, which the re-used file calls Guadeloupe: not one of the 101 départements."""


def load_projects_2024(paths: Sequence[Path]) -> pd.DataFrame:
    """The 2024 survey, added up by a re-user from unmasked cells: every figure is a lower bound."""
    published = read_csv(paths[0])
    needed = ("Dept", "NomDept", "projets", "difficiles", "pct_difficile_min")
    require_columns(published, needed, paths[0].name)
    published = published[published["Dept"] != _OUTSIDE]
    named = published["NomDept"] + " " + published["Dept"]
    projects = numbers(published["projets"], paths[0].name)
    share = 100 * numbers(published["difficiles"], paths[0].name) / projects
    if ((share - numbers(published["pct_difficile_min"], paths[0].name)).abs() > 1e-6).any():
        raise SourceError(
            f"{paths[0].name}: pct_difficile_min is not difficiles ÷ projets; the file has changed"
        )
    columns = {"count_recruitment_projects": projects, "share_recruitment_projects_difficult": share.round(4)}
    wide = pd.DataFrame({"territory": territories.parse_series(named, level="departement"), **columns})
    long = wide.melt(id_vars="territory", var_name="indicator").assign(period="2024")
    return figures(long.assign(lower=long["value"]), note="lower_bound")


# -------------------------------------------------------------------------------------------------- tables of the portal


def load_offers_table(paths: Sequence[Path]) -> pd.DataFrame:
    """The same from Dares' table, whose column of numbers is quoted under two names."""
    numbered = [name for name in read_csv(paths[0], ";").columns if name.startswith("nombre")]
    if len(numbered) != 1:
        raise SourceError(f"{paths[0].name}: columns {numbered} begin with « nombre », one expected")
    collected = labelled(paths[0], "type_d_offre_d_emploi", {"collectees": "count_job_offers"})
    return Tidy(
        territory="code_departement",
        codes={"Total": None},
        period="date",
        series=("type_d_offre_d_emploi",),
        value=numbered[0],
        measures=collected,
        filters={"type_d_emploi": {"Total"}, "qualification": {"Total"}},
    )(paths)


def load_stock_under_25(paths: Sequence[Path]) -> pd.DataFrame:
    """The same from Dares' stock: all categories of before 2025 together, people under 25, metropolitan départements."""
    age = next(iter(labelled(paths[0], "tranche_d_age", {"moins de 25": ""})))
    metropole = next(iter(labelled(paths[0], "code_region", {"total france metropolitaine": ""})))
    everyone = {
        "type_de_donnees": {"Brutes"},
        "categorie": {"ABCDE"},
        "sexe": {"Total"},
        "anciennete": {"Total"},
    }
    stock = Tidy(
        territory="code_departement",
        codes={"Total": None, **dict.fromkeys(territories.OVERSEAS)},
        period="date",
        measures={"nombre_de_demandeurs_d_emploi": "count_job_seekers_under_25"},
        filters={**everyone, "tranche_d_age": {str(age)}},
    )
    whole = {**stock.filters, "code_region": {str(metropole)}, "code_departement": {"Total"}}
    national = replace(stock, territory="code_region", codes={str(metropole): "FM"}, filters=whole)
    return pd.concat([stock(paths), national(paths)], ignore_index=True)


def load_survey(paths: Sequence[Path]) -> pd.DataFrame:
    """The survey of a year as France Travail gives it: a cell for each basin and occupation, « * » where it is masked."""
    with open_workbook(paths[0]) as book:
        tables = [
            sheet.set_axis(sheet.iloc[0].astype(str), axis=1)[1:]
            for sheet in cells(book).values()
            if len(sheet)
        ]
    found = [table for table in tables if {"Dept", "met", "xmet"} <= set(table.columns)]
    if len(found) != 1:
        raise SourceError(
            f"{paths[0].name}: {len(found)} sheets have columns Dept, met and xmet, one expected"
        )
    table = found[0][found[0]["Dept"].notna() & (found[0]["Dept"].astype(str) != _OUTSIDE)]
    require_columns(table, ("annee", "Dept", "met", "xmet"), paths[0].name)
    unmasked = {name: numbers(table[name].replace("*", None), paths[0].name) for name in ("met", "xmet")}
    codes = territories.parse_series(table["Dept"], level="departement")
    sums = (
        pd.DataFrame(unmasked)
        .groupby([codes.rename("territory"), table["annee"].astype(str).rename("period")])
        .sum()
    )
    wide = {
        "count_recruitment_projects": sums["met"],
        "share_recruitment_projects_difficult": (100 * sums["xmet"] / sums["met"]).round(4),
    }
    long = pd.DataFrame(wide).reset_index().melt(["territory", "period"], var_name="indicator")
    return figures(long.assign(lower=long["value"]), note="lower_bound")


_ROUNDED = "Rounded to the nearest ten by the producer; the sum of a row may differ from the total beside it."
_EXPORTS = "https://statistiques.francetravail.org/"
_BMO = "https://www.data.gouv.fr/fr/datasets/enquete-besoins-en-main-doeuvre-bmo/"

DATASETS = (
    Dataset(
        name="france_travail/job_offers",
        producer="France Travail",
        title="Offres d'emploi, par département et trimestre",
        url=_EXPORTS,
        licence=LICENCE_OUVERTE,
        vintage="2010 Q1 – 2024 Q3",
        perimeter="100 départements (without Mayotte), France without Mayotte; offers filed in the quarter",
        files=("Offre_emploi.csv",),
        load=load_offers,
        remote=Remote(
            (
                Table(
                    dares.PORTAL,
                    "dares_offres_collectees_satisfaites_france_travail_brutes_trim",
                    where='qualification = "Total" and type_d_emploi = "Total" and code_departement != "Total"',
                    period="date",
                ),
            ),
            load_offers_table,
            (
                "date",
                "code_region",
                "region",
                "code_departement",
                "departement",
                "type_de_donnees",
                "type_d_offre_d_emploi",
                "type_d_emploi",
                "qualification",
                "nombre_d_offres_d_emploi",
            ),
            keeps=True,
        ),
        notes=(
            _ROUNDED,
            "The export does not say which offers it counts. Its total of 2024 Q3 (944,470) is, within 0.2 %, the number "
            "of offers filed with France Travail itself that was published at the time (943,000); offers relayed from "
            "partners, twice as many, are not in it.",
            "Not adjusted for the season, as its swing over the year shows.",
        ),
    ),
    Dataset(
        name="france_travail/job_seekers_under_25",
        producer="France Travail",
        title="Demandeurs d'emploi de moins de 25 ans, par département et mois",
        url=_EXPORTS,
        licence=LICENCE_OUVERTE,
        vintage="January 1996 – January 2025",
        perimeter="96 metropolitan départements, France métropolitaine; stock at the end of the month",
        files=("Demandeurs_emploi_ moins_25.csv",),
        load=load_under_25,
        remote=Remote(
            (
                Table(
                    dares.PORTAL,
                    dares.STOCK,
                    where='categorie = "ABCDE" and sexe = "Total" and anciennete = "Total"',
                    period="date",
                ),
            ),
            load_stock_under_25,
            dares.STOCK_COLUMNS,
            keeps=True,
        ),
        compressed=True,
        breaks=(
            "2025-01: the plein-emploi law registers every young person followed by a mission locale; the stock rises by "
            "24 % in one month",
        ),
        notes=(
            _ROUNDED,
            "The export does not say which categories it counts. Its metropolitan total lies 2 to 10 % above the "
            "national number of under-25s in categories A, B and C that Dares publishes, overseas included: categories "
            "without obligation to seek work are in it too.",
            "Not adjusted for the season, as its swing over the year shows.",
        ),
    ),
    Dataset(
        name="france_travail/training_entries",
        producer="France Travail",
        title="Entrées en formation de demandeurs d'emploi, par département et mois",
        url=_EXPORTS,
        licence=LICENCE_OUVERTE,
        vintage="January 2015 – June 2024",
        perimeter="101 départements, France; entries in the month",
        files=("Formation_demandeur_emploi.csv",),
        load=load_training,
        compressed=True,
        notes=(
            _ROUNDED,
            "Not adjusted for the season; a person who begins two courses counts twice.",
        ),
    ),
    Dataset(
        name="france_travail/recruitment_projects",
        producer="France Travail",
        title="Enquête Besoins en main-d'œuvre : projets de recrutement et part jugée difficile, par département",
        url=_BMO,
        licence=LICENCE_OUVERTE,
        vintage="2014 – 2023",
        perimeter="101 départements; intentions stated by employers for the year to come",
        files=("Besoins_main_oeuvre.csv", "Recrutement_difficile.csv"),
        load=load_projects,
        notes=("Numbers of projects are rounded to ten, shares to one percentage point.",),
    ),
    Dataset(
        name="france_travail/recruitment_projects_2024",
        producer="France Travail",
        title="Enquête Besoins en main-d'œuvre 2024 (cases par bassin et métier, additionnées par un réutilisateur)",
        url=_BMO,
        licence=LICENCE_OUVERTE,
        vintage="2024",
        perimeter="101 départements; unmasked cells only",
        files=("bmo_2024_dep.csv",),
        load=load_projects_2024,
        quality="reused",
        remote=Remote(
            (Resource("enquete-besoins-en-main-doeuvre-bmo", r"bmo.*(20\d\d)", "bmo.xlsx"),),
            load_survey,
            keeps=True,
        ),
        breaks=(
            "2024: sums of unmasked cells of employment basins, themselves redrawn, instead of published totals: not "
            "comparable with 2014-2023 département by département (Seine-Saint-Denis +19 %, France −9 %)",
        ),
        notes=(
            "Of 53,443 cells 10,891 have a masked number of projects and 20,507 a masked number of difficult ones: the "
            "sum is 1 % below the national number that was published (2.78 million), the share 0.4 point below (57.4 %).",
            "The row 978, named Guadeloupe in the file, is Saint-Martin: left out. Its projects were in all likelihood "
            "in the figure of Guadeloupe until 2023.",
            "The lower bound of the share holds as long as masked cells hold more difficult projects than others do, "
            "which is so nationally.",
        ),
    ),
)
