"""DREES, recipients of solidarity benefits month by month: the producer's workbook, and a re-user's file of each December.

Months are down and départements across, provisional figures are starred, and national ones are rounded more coarsely: what
of it could put a wrong figure in a report stands below, with each loader. Rates per inhabitant are the panel's.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.drees import sheets
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import labelled, require_known
from analysis.foundations.cells import figures, month, numbers, once, require_columns
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_MONTHLY = {
    "Tableau 2": ("RSA", "count_rsa_recipients"),
    "Tableau 3": ("AAH", "count_aah_recipients"),
    "Tableau 4": ("ASS", "count_ass_recipients"),
    "Tableau 5": ("Prime d'activité", "count_activity_bonus_recipients"),
    "Tableau 6": ("Aides au logement", "count_housing_benefit_recipients"),
    "Tableau 7": ("Garantie jeunes - Stocks", "count_youth_guarantee_participants"),
    "Tableau 8": ("Garantie jeunes - Entrées initiales", "count_youth_guarantee_entries"),
}
_SHORT_MONTH = re.compile(r"(?P<name>[^\W\d_]+\.?)-(?P<year>\d\d)(?P<star>\*?)")


def load_monthly(paths: Sequence[Path]) -> pd.DataFrame:
    """Recipients of seven benefits, by month, in each département and in France.

    Traps: the months of the last, provisional period are text (``juin-20*``) where the others are dates; the national
    sheet writes its provisional figures as text (``2 069 300*``); a star is the only mark of a provisional figure; the
    national figures are rounded to 100 where the départements' are rounded to 10.
    """
    path = paths[0]
    found = sheets.read(path, ("Tableau 1", *_MONTHLY))
    rows = list(_national_months(found["Tableau 1"], f"{path.name}, Tableau 1"))
    for title, (_, indicator) in _MONTHLY.items():
        rows += _months(found[title], indicator, f"{path.name}, {title}")
    frame = pd.DataFrame(rows, columns=["territory", "period", "indicator", "value", "state"])
    return figures(sheets.bounded(sheets.coded(frame, path.name), ("FR",), half=50))


def _month(cell: object, where: str) -> tuple[str, bool] | None:
    """Period of a row and whether it is starred as provisional; None for a row of notes."""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m}", False
    if found := _SHORT_MONTH.fullmatch(sheets.text(cell)):
        return month(f"{found['name']} 20{found['year']}", where), bool(found["star"])
    return None


def _months(rows: sheets.Rows, indicator: str, where: str) -> Iterator[sheets.Figure]:
    header = sheets.header(rows, "Num", where)
    columns = {index: code for index, code in enumerate(rows[header]) if index and code != ""}
    for row in rows[header + 1 :]:
        when = _month(row[0], where)
        if when is None:
            if any(isinstance(row[index], int | float) for index in columns):
                raise SourceError(f"{where}: {row[0]!r} is not a month, and its row holds figures")
            continue
        period, provisional = when
        for index, code in columns.items():
            state = "provisional" if provisional else "observed"
            yield code, period, indicator, sheets.value(row[index], f"{where}, {period}"), state


def _national_months(rows: sheets.Rows, where: str) -> Iterator[sheets.Figure]:
    header = sheets.header(rows, "RSA", where, column=1)
    labels = {sheets.text(label): index for index, label in enumerate(rows[header]) if label != ""}
    for label, indicator in _MONTHLY.values():
        if label not in labels:
            raise SourceError(f"{where}: no column « {label} »; found {', '.join(labels)}")
        for row in rows[header + 2 :]:
            if when := _month(row[0], where):
                cell = sheets.text(row[labels[label]])
                state = "provisional" if when[1] or cell.endswith("*") else "observed"
                yield "FR", when[0], indicator, sheets.value(cell.rstrip("*"), f"{where}, {when[0]}"), state


# --------------------------------------------------------------------------------------- the same benefits in December

_DECEMBER = {
    "rsa_nb": "count_rsa_recipients",
    "ass_nb": "count_ass_recipients",
    "prime_activite_nb": "count_activity_bonus_recipients",
}


def load_december(paths: Sequence[Path]) -> pd.DataFrame:
    """Recipients of three benefits in December, 2019 to 2024, in metropolitan départements.

    The ``*_taux`` columns divide every year by the population of 2022: they are left out, and the panel computes rates.
    """
    path = paths[0]
    table = read_csv(path)
    require_columns(table, ("dep_code", "annee", *_DECEMBER), path.name)
    long = table.melt(("dep_code", "annee"), list(_DECEMBER), var_name="indicator", value_name="value")
    frame = pd.DataFrame(
        {
            "territory": long["dep_code"],
            "period": long["annee"].astype(int).astype("str") + "-12",
            "indicator": long["indicator"].map(_DECEMBER),
            "value": numbers(long["value"], path.name),
        }
    )
    return figures(sheets.coded(frame, path.name))


# ------------------------------------------------------------------------------------------------------ portal's table

_PORTAL_SERIES = {
    r"^rsa_beneficiaires$": "count_rsa_recipients",
    r"^aah_beneficiaires$": "count_aah_recipients",
    r"^ass_beneficiaires$": "count_ass_recipients",
    r"^ppa?_beneficiaires$": "count_activity_bonus_recipients",
    r"^(al|aides?_(au_)?logement)_beneficiaires$": "count_housing_benefit_recipients",
}
"""The first was seen in public code; the others are named after it, and may lack: what is stored of them stays."""
_HEADINGS = (
    "mois", "serie", "nom_serie", "region", "nom_region", "departement", "nom_departement", "valeur", "maturite", "unite",
    "commentaire",
)  # fmt: skip
_NOWHERE = "NA"
"""What the table writes, as a text, for the département of a région's row and for the région of France."""
_MATURITY = {"définitif": "observed", "definitif": "observed", "provisoire": "provisional"}


def load_table(paths: Sequence[Path]) -> pd.DataFrame:
    """The same from the portal's long table, in which France and régions stand beside the départements."""
    (path,) = paths
    table = read_csv(path, ";")
    require_columns(table, _HEADINGS, path.name)
    require_known(table["maturite"], _MATURITY, path.name)
    there = "\n".join(table["serie"].unique()).lower()
    wanted = {one: name for one, name in _PORTAL_SERIES.items() if re.search(one, there, re.MULTILINE)}
    names = labelled(path, "serie", wanted or _PORTAL_SERIES)
    whole = table["departement"] == _NOWHERE
    rows = table[table["serie"].isin(names) & (~whole | (table["region"] == _NOWHERE))]
    frame = pd.DataFrame(
        {
            "territory": rows["departement"].replace(_NOWHERE, "FR"),
            "period": rows["mois"].str[:7],
            "indicator": rows["serie"].map(names),
            "value": numbers(rows["valeur"], path.name),
            "state": rows["maturite"].map(_MATURITY),
        }
    )
    once(frame, ["indicator", "territory", "period"], path.name)
    return figures(sheets.bounded(sheets.coded(frame, path.name), ("FR",), half=50))


DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="drees/solidarity_benefits_monthly",
        producer="DREES",
        title="Données mensuelles sur les prestations de solidarité",
        url=f"{sheets.OPEN_DATA}/donnees-mensuelles-sur-les-prestations-de-solidarite/information/",
        licence=LICENCE_OUVERTE,
        vintage="2021-01",
        perimeter="France, 101 départements; AAH and housing benefits: CAF recipients only (97 %)",
        files=("Données mensuelles des prestations de solidarité.xlsx",),
        load=load_monthly,
        remote=Remote(
            (Table(sheets.PORTAL, "donnees-mensuelles-sur-les-prestations-de-solidarite", period="mois"),),
            load_table,
            _HEADINGS,
            {"serie": ("RSA_beneficiaires",)},
            keeps=True,
        ),
        compressed=True,
        notes=(
            "Départements rounded to 10, France to 100; Garantie jeunes is not rounded in départements.",
            "Place of management of the file for CAF recipients, of residence for MSA and ASS, of the mission locale for "
            "Garantie jeunes.",
            "The last five months of each series but Garantie jeunes are provisional.",
            "Guadeloupe includes Saint-Martin, and Saint-Barthélemy for RSA and prime d'activité.",
        ),
    ),
    Dataset(
        name="drees/minima_december_2019_2024",
        producer="DREES",
        title="Données mensuelles sur les prestations de solidarité, mois de décembre",
        url=f"{sheets.OPEN_DATA}/donnees-mensuelles-sur-les-prestations-de-solidarite/information/",
        licence=LICENCE_OUVERTE,
        vintage="2019-2024",
        perimeter="96 metropolitan départements; neither overseas nor totals",
        files=("minimas_sociaux_decembre_2019_2024.csv",),
        load=load_december,
        quality="reused",
        notes=(
            "Rounded to 10. Re-used file: it agrees with the producer's in December 2019, the one month in both.",
            "The file's rates, computed on the population of 2022 for every year, are not carried.",
        ),
    ),
)
