"""DREES, the OARSA survey: orientation and contracts of RSA recipients, and how long they wait for both.

Letters say what is missing, and why. Shares are those published, by collectivité that answered; none is recomputed here.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.drees import sheets
from analysis.foundations.cells import figures
from analysis.foundations.limits import SourceError

_OARSA = {
    "Tableau B1": ("share_rsa_oriented", "Part (en %) au 31/12 de l'année des personnes orientées parmi"),
    "Tableau B2": ("share_rsa_oriented_under_6_months", "… de moins 6 mois"),
    "Tableau B3": ("share_rsa_oriented_6_to_12_months", "… comprise entre 6 mois et moins de 1 an"),
    "Tableau B4": ("share_rsa_oriented_over_1_year", "… de 1 an et plus"),
    "Tableau B5": ("share_rsa_oriented_to_pole_emploi", "… vers Pôle emploi"),
    "Tableau B6": (
        "share_rsa_oriented_to_other_employment_body",
        "… vers un organisme du SPE autre que Pôle emploi",
    ),
    "Tableau B7": ("share_rsa_oriented_to_departement", "… vers le conseil départemental ou territorial"),
    "Tableau B8": (
        "share_rsa_oriented_to_other_social_body",
        "… vers un organisme hors SPE autre que le conseil",
    ),
    "Tableau B9": ("share_rsa_with_contract", "Part (en %) au 31/12 de l'année des personnes ayant un CER"),
    "Tableau B13": (
        "amount_delay_to_orientation_days",
        "Délai moyen au cours de l'année (en jours) entre la date d'entrée",
    ),
    "Tableau B14": (
        "amount_delay_to_contract_days",
        "Délai moyen au cours de l'année (en jours) entre la date de primo",
    ),
}
_NOT_ASKED = "/"
_MISSING_OARSA = {
    "ND": ("unavailable", "not_available"),
    "NR": ("unavailable", "no_response"),
    "NC": ("not_applicable", "not_concerned"),
}
_OUTSIDE_OARSA = ("975", "977", "978")
"""Saint-Pierre-et-Miquelon, Saint-Barthélemy and Saint-Martin answer the survey and are not départements."""


def load_oarsa(paths: Sequence[Path]) -> pd.DataFrame:
    """Orientation and contracts of RSA recipients, and mean delays in days, 2015 to 2018.

    Shares are stocks at 31 December, delays are means over the year. « ND » (not available), « NR » (no answer) and « NC »
    (nobody concerned) are three states; « / » marks a question that was not yet asked, and gives no row. Corse, the two
    parts of Rhône and both Alsatian départements answer as collectivités.
    """
    path = paths[0]
    found = sheets.read(path, ("Tableau A1", *_OARSA))
    rows: list[sheets.Figure] = []
    for title, (indicator, label) in _OARSA.items():
        rows += _answers(found[title], indicator, f"{path.name}, {title}")
        rows += _national_answers(found["Tableau A1"], indicator, label, f"{path.name}, Tableau A1")
    frame = pd.DataFrame(rows, columns=["territory", "period", "indicator", "value", "state", "note"])
    return figures(sheets.coded(frame[~frame["territory"].isin(_OUTSIDE_OARSA)], path.name))


def _answer(territory: str, year: str, indicator: str, cell: object, where: str) -> sheets.Figure:
    state, note = _MISSING_OARSA.get(sheets.text(cell), ("observed", ""))
    value = None if state != "observed" else sheets.value(cell, f"{where}, {territory}, {year}")
    return territory, year if indicator.endswith("_days") else f"{year}-12", indicator, value, state, note


def _answers(rows: sheets.Rows, indicator: str, where: str) -> Iterator[sheets.Figure]:
    header = sheets.header(rows, "Département/territoire", where, column=1)
    columns = sheets.year_columns(rows[header])
    for row in rows[header + 1 :]:
        if not sheets.text(row[1]):
            continue
        code = sheets.text(row[1]).split("-")[0]
        for year, index in columns.items():
            if sheets.text(row[index]) != _NOT_ASKED:
                yield _answer(code, year, indicator, row[index], where)


def _national_answers(rows: sheets.Rows, indicator: str, label: str, where: str) -> Iterator[sheets.Figure]:
    header = next((i for i, row in enumerate(rows) if len(sheets.year_columns(row)) > 1), None)
    found = [row for row in rows if any(sheets.text(cell).startswith(label) for cell in row[1:3])]
    if header is None or not found:
        raise SourceError(f"{where}: no row « {label} »; the published file has changed")
    row = found[0]  # contracts by body repeat the words of orientation by body, below it
    for year, index in sheets.year_columns(rows[header]).items():
        if sheets.text(row[index]) != _NOT_ASKED:
            yield _answer("FR", year, indicator, row[index], where)


DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="drees/oarsa_2015_2018",
        producer="DREES",
        title="L'orientation et l'accompagnement des bénéficiaires du RSA : principaux indicateurs de 2015 à 2018",
        url="https://data.drees.solidarites-sante.gouv.fr/",
        licence=LICENCE_OUVERTE,
        vintage="2019-10",
        perimeter="France, conseils départementaux and territoriaux that answered the OARSA survey",
        files=("OARSA*2015*2018.xlsx",),
        load=load_oarsa,
        remote=sheets.attached(
            "3035_orientation-et-accompagnement-des-beneficiaires-du-rsa",
            (r"oarsa.principaux.indicateurs.*2015.(\d{4})", "oarsa.xlsx"),
        ),
        compressed=True,
        breaks=("2017: the questionnaire was rewritten; delays were not asked before",),
        notes=(
            "National figures are means weighted over the territories that answered, which change from year to year.",
            "Saint-Pierre-et-Miquelon, Saint-Barthélemy and Saint-Martin are left out.",
        ),
    ),
)
