"""DREES: solidarity benefits, minimum incomes, orientation of RSA recipients, social aid of the départements.

Six files, each laid out in its own way: months down and départements across (benefits), footnoted years across (minimum
incomes), letters for what is missing (OARSA), départements, régions and totals in one sheet (social aid). Each loader
says below which of its file's habits could put a wrong figure in a report.

Loaders read sheets and return tidy figures. They compute nothing: rates per inhabitant, sums and comparisons are the
panel's. A territory is recognised by its code, never by its label, which the sheets spell in several ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pandas as pd

from analysis import territories
from analysis.sources.base import LICENCE_OUVERTE, Dataset, figures, month, number, numbers, require_columns
from analysis.sources.files import open_workbook, read_csv
from analysis.sources.limits import SourceError

_OPEN_DATA = "https://data.drees.solidarites-sante.gouv.fr/explore/dataset"

Rows = list[list[object]]


def _sheets(path: Path, titles: Iterable[str]) -> dict[str, Rows]:
    """Rows of the named sheets, empty cells as empty strings. Spaces around a sheet's title are ignored."""
    with open_workbook(path) as book:
        found = {str(name).strip(): name for name in book.sheet_names}
        if missing := [title for title in titles if title not in found]:
            raise SourceError(
                f"{path.name}: no sheet {', '.join(missing)}; found {', '.join(found)}. "
                "The published file has changed: compare it with the loader"
            )
        wanted = {title: found[title] for title in titles}
        frames = pd.read_excel(
            book, sheet_name=list(wanted.values()), header=None, dtype=object, na_filter=False
        )
    return {title: frames[name].to_numpy(dtype=object).tolist() for title, name in wanted.items()}


def _text(cell: object) -> str:
    return " ".join(str(cell).split())


def _header(rows: Rows, start: str, where: str, column: int = 0) -> int:
    """Index of the row whose cell in ``column`` starts with ``start``."""
    for index, row in enumerate(rows):
        if len(row) > column and _text(row[column]).startswith(start):
            return index
    raise SourceError(f"{where}: no row starts with « {start} »; the published file has changed")


def _value(cell: object, where: str) -> float | None:
    try:
        return number(cell)
    except ValueError as error:
        raise SourceError(f"{where}: {error}; expected a number") from error


_CODES_OF_THEIR_OWN = {"20": "20R"}
"""In the surveys of départements, 20 is the Collectivité de Corse: 2A and 2B stand beside it."""


def _coded(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    try:
        codes = territories.parse_series(frame["territory"].replace(_CODES_OF_THEIR_OWN))
    except territories.UnknownTerritory as error:
        raise SourceError(f"{where}: {error}") from error
    return frame.assign(territory=codes)


def _bounded(frame: pd.DataFrame, nationals: Sequence[str], half: float) -> pd.DataFrame:
    """National totals are rounded more coarsely than the départements: their bounds are written, not left to the panel."""
    rounded = frame["territory"].isin(nationals) & frame["value"].notna()
    lower = (frame["value"] - half).clip(lower=0).where(rounded)
    return frame.assign(lower=lower, upper=(frame["value"] + half).where(rounded))


# ------------------------------------------------------------------------------------------- benefits, month by month

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
    sheets = _sheets(path, ("Tableau 1", *_MONTHLY))
    rows = list(_national_months(sheets["Tableau 1"], f"{path.name}, Tableau 1"))
    for title, (_, indicator) in _MONTHLY.items():
        rows += _months(sheets[title], indicator, f"{path.name}, {title}")
    frame = pd.DataFrame(rows, columns=["territory", "period", "indicator", "value", "state"])
    return figures(_bounded(_coded(frame, path.name), ("FR",), half=50))


def _month(cell: object, where: str) -> tuple[str, bool] | None:
    """Period of a row and whether it is starred as provisional; None for a row of notes."""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m}", False
    if found := _SHORT_MONTH.fullmatch(_text(cell)):
        return month(f"{found['name']} 20{found['year']}", where), bool(found["star"])
    return None


def _months(rows: Rows, indicator: str, where: str) -> Iterator[tuple]:
    header = _header(rows, "Num", where)
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
            yield code, period, indicator, _value(row[index], f"{where}, {period}"), state


def _national_months(rows: Rows, where: str) -> Iterator[tuple]:
    header = _header(rows, "RSA", where, column=1)
    labels = {_text(label): index for index, label in enumerate(rows[header]) if label != ""}
    for label, indicator in _MONTHLY.values():
        if label not in labels:
            raise SourceError(f"{where}: no column « {label} »; found {', '.join(labels)}")
        for row in rows[header + 2 :]:
            if when := _month(row[0], where):
                cell = _text(row[labels[label]])
                state = "provisional" if when[1] or cell.endswith("*") else "observed"
                yield "FR", when[0], indicator, _value(cell.rstrip("*"), f"{where}, {when[0]}"), state


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
    return figures(_coded(frame, path.name))


# ------------------------------------------------------------------------------------------ minimum incomes, year by year

_YEARLY = {
    "Tableau 1": "count_aah_recipients_yearly",
    "Tableau 5": "count_api_recipients_yearly",
    "Tableau 6": "count_ass_recipients_yearly",
    "Tableau 7": "count_old_age_minimum_recipients_yearly",
    "Tableau 10": "count_rmi_recipients_yearly",
    "Tableau 11": "count_rsa_recipients_yearly",
    "Tableau 13": "count_minimum_income_recipients_yearly",
    "Tableau 14": "count_rsa_covered_people_yearly",
    "Tableau 15": "count_rsa_adults_yearly",
}
_NATIONAL_ROWS = {"France métropolitaine": "FM", "France": "FR"}
_OTHER_ROWS = {"DOM", "Saint-Pierre-et-Miquelon", "Autres COM"}
_YEAR = re.compile(r"((?:19|20)\d\d)\s*(?:\(\d\)|\*+)?")
_MISSING_YEARLY = {
    "ns": ("suppressed", "not_significant"),
    "nd": ("unavailable", ""),
    "-": ("not_applicable", "rsa_not_in_force"),
}
_OLD_AGE_ESTIMATES = {
    **dict.fromkeys(("2A", "2B"), "half_of_region"),
    **dict.fromkeys(("971", "972", "973", "974"), "estimated_by_producer"),
}
_INCONSISTENT_TOTALS = {("count_minimum_income_recipients_yearly", "FR", "2002-12"): "total_inconsistent"}


def load_yearly(paths: Sequence[Path]) -> pd.DataFrame:
    """Recipients of minimum incomes at 31 December, 1995 to 2019.

    Traps: 2016 stands in two columns, before and after the change of CNAF's statistical system, and only the second
    continues; labels vary from sheet to sheet (« Réunion », « La Réunion », « Lot-et-Graonne »); rows of totals and of
    other collectivités stand among départements; the old-age minimum of each Corsican département is half of the région's
    figure. RSA recipients, adults and covered people are three quantities that re-users swap: they must be in that order.
    """
    path = paths[0]
    sheets = _sheets(path, _YEARLY)
    rows = [
        row for title, name in _YEARLY.items() for row in _years(sheets[title], name, f"{path.name}, {title}")
    ]
    frame = pd.DataFrame(rows, columns=["territory", "period", "indicator", "value", "state", "note"])
    frame = _once(_coded(frame, path.name), path.name)
    _in_order(frame, path.name)
    frame = _estimates(frame)
    old_age = frame["indicator"] == "count_old_age_minimum_recipients_yearly"
    return figures(
        pd.concat(
            [_bounded(frame[~old_age], ("FR", "FM"), half=50), _bounded(frame[old_age], ("FR", "FM"), half=5)]
        )
    )


def _year_columns(row: list[object]) -> dict[str, int]:
    """Column of each year. Of two columns for one year the later, which carries the call to the footnote, is kept."""
    columns: dict[str, int] = {}
    for index, cell in enumerate(row):
        if found := _YEAR.fullmatch(_text(cell)):
            if found[1] in columns and found[0] == found[1]:
                raise SourceError(
                    f"two columns are headed {found[1]} and the second has no footnote: which one holds?"
                )
            columns[found[1]] = index
    return columns


def _years(rows: Rows, indicator: str, where: str) -> Iterator[tuple]:
    header = _header(rows, "N° Dep", where, column=1)
    columns = _year_columns(rows[header]) or _year_columns(rows[header + 1])
    for row in rows[header + 1 :]:
        code, label = _text(row[1]), _text(row[2])
        if not code and label not in _NATIONAL_ROWS:
            if label and label not in _OTHER_ROWS:
                raise SourceError(f"{where}: row « {label} » is no territory that this loader knows")
            continue
        for year, index in columns.items():
            if _text(row[index]):
                state, note = _MISSING_YEARLY.get(_text(row[index]), ("observed", ""))
                value = None if state != "observed" else _value(row[index], f"{where}, {label}, {year}")
                yield code or _NATIONAL_ROWS[label], f"{year}-12", indicator, value, state, note
        if label == "France":
            return
    raise SourceError(f"{where}: no row « France » closes the table")


def _once(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """A territory repeated with the same figures is read once; with other figures it is an error."""
    frame = frame.drop_duplicates()
    if (twice := frame.duplicated(["territory", "period", "indicator"])).any():
        row = frame[twice].iloc[0]
        raise SourceError(
            f"{where}: two figures for {row['indicator']} in {row['territory']}, {row['period']}; correct the file"
        )
    return frame


def _in_order(frame: pd.DataFrame, where: str) -> None:
    """RSA recipients ≤ adults ≤ covered people, everywhere: otherwise two of the sheets have been swapped."""
    wide = frame.pivot_table(index=["territory", "period"], columns="indicator", values="value")
    kinds = ("count_rsa_recipients_yearly", "count_rsa_adults_yearly", "count_rsa_covered_people_yearly")
    for less, more in pairwise(kinds):
        if less in wide and more in wide and (wrong := wide[less] > wide[more]).any():
            raise SourceError(
                f"{where}: {less} exceeds {more} in {wide.index[wrong][0]}; the sheets have been swapped"
            )


def _estimates(frame: pd.DataFrame) -> pd.DataFrame:
    """Mark what the producer says it estimated, and the totals that do not add up."""
    old_age = frame["indicator"] == "count_old_age_minimum_recipients_yearly"
    reasons = frame["territory"].map(_OLD_AGE_ESTIMATES).where(old_age & frame["value"].notna())
    keys = pd.Series(
        list(zip(frame["indicator"], frame["territory"], frame["period"], strict=True)), frame.index
    )
    notes = frame["note"].where(reasons.isna(), reasons)
    return frame.assign(
        state=frame["state"].where(reasons.isna(), "modelled"),
        note=keys.map(_INCONSISTENT_TOTALS).fillna(notes),
    )


# ------------------------------------------------------------------------------------------ orientation of RSA recipients

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
    sheets = _sheets(path, ("Tableau A1", *_OARSA))
    rows: list[tuple] = []
    for title, (indicator, label) in _OARSA.items():
        rows += _answers(sheets[title], indicator, f"{path.name}, {title}")
        rows += _national_answers(sheets["Tableau A1"], indicator, label, f"{path.name}, Tableau A1")
    frame = pd.DataFrame(rows, columns=["territory", "period", "indicator", "value", "state", "note"])
    return figures(_coded(frame[~frame["territory"].isin(_OUTSIDE_OARSA)], path.name))


def _answer(territory: str, year: str, indicator: str, cell: object, where: str) -> tuple:
    state, note = _MISSING_OARSA.get(_text(cell), ("observed", ""))
    value = None if state != "observed" else _value(cell, f"{where}, {territory}, {year}")
    return territory, year if indicator.endswith("_days") else f"{year}-12", indicator, value, state, note


def _answers(rows: Rows, indicator: str, where: str) -> Iterator[tuple]:
    header = _header(rows, "Département/territoire", where, column=1)
    columns = _year_columns(rows[header])
    for row in rows[header + 1 :]:
        if not _text(row[1]):
            continue
        code = _text(row[1]).split("-")[0]
        for year, index in columns.items():
            if _text(row[index]) != _NOT_ASKED:
                yield _answer(code, year, indicator, row[index], where)


def _national_answers(rows: Rows, indicator: str, label: str, where: str) -> Iterator[tuple]:
    header = next((i for i, row in enumerate(rows) if len(_year_columns(row)) > 1), None)
    found = [row for row in rows if any(_text(cell).startswith(label) for cell in row[1:3])]
    if header is None or not found:
        raise SourceError(f"{where}: no row « {label} »; the published file has changed")
    row = found[0]  # contracts by body repeat the words of orientation by body, below it
    for year, index in _year_columns(rows[header]).items():
        if _text(row[index]) != _NOT_ASKED:
            yield _answer("FR", year, indicator, row[index], where)


# ---------------------------------------------------------------------------------- social aid of the départements

_SPENDING = {
    "Tot-tab1": "amount_social_aid_net_keur",
    "Tot-tab2": "amount_social_aid_gross_keur",
    "PA-tab2": "amount_elderly_aid_gross_keur",
    "PA-tab3": "amount_apa_gross_keur",
    "PH-tab2": "amount_disability_aid_gross_keur",
    "PH-tab5": "amount_pch_gross_keur",
    "ASE-tab2": "amount_child_welfare_gross_keur",
    "ASE-tab4": "amount_child_home_support_gross_keur",
    "ASE-tab6": "amount_child_placement_gross_keur",
    "RSA-RMI tab2": "amount_rsa_total_gross_keur",
    "RSA-RMI tab3": "amount_rsa_allowance_gross_keur",
    "RSA-RMI tab4": "amount_rsa_insertion_excl_cui_gross_keur",
    "RSA-RMI tab5": "amount_rsa_cui_gross_keur",
}
_WITH_RSA_ALLOWANCE = (
    "amount_social_aid_net_keur",
    "amount_social_aid_gross_keur",
    "amount_rsa_total_gross_keur",
    "amount_rsa_allowance_gross_keur",
)
"""Amounts that fall where the State takes the allowance back, as in Guyane in 2019."""

_AID = {
    "Tab4-pa": "count_apa_recipients",
    "Tab5-pa": "count_apa_home_recipients",
    "Tab7-ph": "count_pch_recipients",
    "Tab1-ase": "count_children_in_care",
    "Tab2-ase": "count_children_entrusted_to_ase",
    "Tab6-ase": "count_child_home_support_measures",
}
_TOTALS = {"TOTAL estimé France métropolitaine": "FM", "TOTAL estimé France entière": "FR"}
_OVERSEAS_TOTAL = "TOTAL estimé DROM"
_OVERSEAS = ("971", "972", "973", "974")


def load_spending(paths: Sequence[Path]) -> pd.DataFrame:
    """Spending of the départements on social aid, in thousand euros, 1999 to 2019.

    Traps: départements, régions and totals share a sheet (and régions reuse numbers of départements); a collectivité that
    does not exist in a year is written 0; the title goes to 2020 and the figures of départements to 2019; some amounts
    are null or negative after accounting corrections, and are kept as published with a note. Rounded to the euro.
    """
    frame = _social_aid(paths[0], _SPENDING, "")
    frame = frame.assign(value=frame["value"].round(3) + 0.0)
    known = frame["state"] == "observed"
    reasons = {
        "rsa_recentralised": (frame["territory"] == "973")
        & (frame["period"] >= "2019")
        & frame["indicator"].isin(_WITH_RSA_ALLOWANCE),
        "published_zero": frame["value"] == 0,
        "published_negative": frame["value"] < 0,
    }
    for note, rows in reasons.items():
        frame["note"] = frame["note"].mask(known & rows & (frame["note"] == ""), note)
    return figures(frame)


def load_aid_recipients(paths: Sequence[Path]) -> pd.DataFrame:
    """People helped by the départements at the end of the year (APA: paid for December), 2002 to 2020.

    The sheets are laid out like those of spending; what does not exist is a blank or a dash instead of 0.
    """
    return figures(_social_aid(paths[0], _AID, "-12"))


def _social_aid(path: Path, tables: dict[str, str], suffix: str) -> pd.DataFrame:
    rows = []
    for title, cells in _sheets(path, tables).items():
        for territory, year, cell in _long_series(cells, f"{path.name}, {title}"):
            value = _value(cell, f"{path.name}, {title}, {territory}, {year}")
            state, note = "observed", "excluding_mayotte" if territory == "FR" else ""
            if not value and (reason := _absent(territory, int(year), tables[title])):
                value, (state, note) = None, reason
            elif value is None:
                continue
            rows.append((territory, f"{year}{suffix}", tables[title], value, state, note))
    columns = ["territory", "period", "indicator", "value", "state", "note"]
    return _coded(pd.DataFrame(rows, columns=columns), path.name)


def _absent(code: str, year: int, indicator: str) -> tuple[str, str] | None:
    """Why a territory has no figure of its own in a year, when its null cell does not mean nothing was spent."""
    if code in ("2A", "2B") and year >= 2018:
        return "unavailable", "published_for_20R"
    if code in ("69D", "69M") and year < 2015:
        return "not_applicable", "before_its_creation"
    if (
        code in _OVERSEAS
        and year < 2011
        and indicator.startswith(("amount_rsa_allowance", "amount_rsa_insertion"))
    ):
        return "not_applicable", "rsa_not_in_force"
    return None


def _long_series(rows: Rows, where: str) -> Iterator[tuple[str, str, object]]:
    """Territory, year and cell of a sheet with a table of départements and totals above a table of régions."""
    headers = [index for index, row in enumerate(rows) if _text(row[0]).startswith("Code")]
    if len(headers) != 2:
        raise SourceError(f"{where}: {len(headers)} tables where two (départements, régions) were expected")
    departements, regions = rows[headers[0] : headers[1]], rows[headers[1] :]
    columns = _year_columns(departements[0])
    for row in departements[1:]:
        if territory := _text(row[1]) or _total(row, columns, where):
            yield from ((territory, year, row[index]) for year, index in columns.items())
    columns = _year_columns(regions[0])
    for row in regions[1:]:
        if _text(row[0]).isdigit():
            territory = territories.parse(_text(row[1]), level="region")
            yield from ((territory, year, row[index]) for year, index in columns.items())


def _total(row: list[object], columns: dict[str, int], where: str) -> str | None:
    """Code of a row of totals; None for a row without figures and for the total of overseas départements."""
    label = next((_text(cell) for cell in row[:3] if _text(cell)), "")
    if not any(isinstance(row[index], int | float) for index in columns.values()):
        return None
    for start, code in _TOTALS.items():
        if label.startswith(start):
            return code
    if label.startswith(_OVERSEAS_TOTAL):
        return None
    raise SourceError(f"{where}: row « {label} » holds figures and is no territory that this loader knows")


# ----------------------------------------------------------------------------------------------------------- datasets

_CNAF_2016 = (
    "2016: CNAF's statistical system changed; figures from 2016 do not continue those of earlier years"
)
_SURVEY_NOTES = (
    "Corse is published as one collectivité (20R) from 2018; 2A and 2B are then unavailable.",
    "69M and 69D are published beside 69 from 2015.",
    "Totals are estimated by DREES, as some départements do not answer or answer in part; France excludes Mayotte.",
)

DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="drees/solidarity_benefits_monthly",
        producer="DREES",
        title="Données mensuelles sur les prestations de solidarité",
        url=f"{_OPEN_DATA}/donnees-mensuelles-sur-les-prestations-de-solidarite/information/",
        licence=LICENCE_OUVERTE,
        vintage="2021-01",
        perimeter="France, 101 départements; AAH and housing benefits: CAF recipients only (97 %)",
        files=("Données mensuelles des prestations de solidarité.xlsx",),
        load=load_monthly,
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
        url=f"{_OPEN_DATA}/donnees-mensuelles-sur-les-prestations-de-solidarite/information/",
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
    Dataset(
        name="drees/minima_yearly_1995_2019",
        producer="DREES",
        title="Minima sociaux : données départementales par dispositif",
        url=f"{_OPEN_DATA}/336_minima-sociaux-rsa-et-prime-d-activite/information/",
        licence=LICENCE_OUVERTE,
        vintage="2019",
        perimeter="France, 101 départements (Mayotte from 2012 for RSA), at 31 December",
        files=("Minima sociaux - donnees departementales par dispositif.xlsx",),
        load=load_yearly,
        compressed=True,
        breaks=(
            _CNAF_2016,
            "2009: RSA replaces RMI and API in metropolitan France on 1 June (overseas on 1 January 2011)",
            "2016: prime d'activité replaces RSA activité; figures of RSA before 2016 are RSA socle",
            "2009: the survey on the old-age minimum extends to overseas funds",
        ),
        notes=(
            "2016 is published twice; the figures kept are those of the new system, which continue to 2019.",
            "Old-age minimum: départements of Corse are half of the région, overseas départements are estimated.",
            "All minimum incomes, France, 2002: the overseas total exceeds the sum of its départements by 116,400.",
        ),
    ),
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
        compressed=True,
        breaks=("2017: the questionnaire was rewritten; delays were not asked before",),
        notes=(
            "National figures are means weighted over the territories that answered, which change from year to year.",
            "Saint-Pierre-et-Miquelon, Saint-Barthélemy and Saint-Martin are left out.",
        ),
    ),
    Dataset(
        name="drees/social_spending_1999_2019",
        producer="DREES",
        title="Les dépenses d'aide sociale départementale : séries longues (1999-2020)",
        url=f"{_OPEN_DATA}/376_les-depenses-d-aide-sociale-departementale/information/",
        licence=LICENCE_OUVERTE,
        vintage="2022-01",
        perimeter="France excluding Mayotte; current euros; gross unless said otherwise",
        files=("Les dépenses d'aide sociale départementale*.xlsx",),
        load=load_spending,
        compressed=True,
        breaks=(
            "2002: the personal autonomy allowance (APA) begins; aid to elderly people before and after does not compare",
            "2004: the questionnaire on child welfare was refined",
            "2004: the départements begin to pay the RMI allowance; totals before and after do not compare",
            "2019: RSA of Guyane is paid by the State",
        ),
        notes=(
            *_SURVEY_NOTES,
            "Figures of départements end in 2019, whatever the title. Amounts are rounded to the euro.",
            "Null and negative amounts are kept as published, with a note.",
        ),
    ),
    Dataset(
        name="drees/social_aid_recipients_1996_2020",
        producer="DREES",
        title="Les bénéficiaires de l'aide sociale départementale : séries longues (1996-2020)",
        url=f"{_OPEN_DATA}/375_les-beneficiaires-de-l-aide-sociale-departementale/information/",
        licence=LICENCE_OUVERTE,
        vintage="2021-12",
        perimeter="France excluding Mayotte; end of year",
        files=("Les bénéficiaires de l'aide sociale départementale*.xlsx",),
        load=load_aid_recipients,
        compressed=True,
        notes=(*_SURVEY_NOTES, "A count that is not a whole number was estimated by DREES."),
    ),
)
