"""DREES, social aid of the départements: what they spend and whom they help, in two workbooks of the same layout.

Départements, régions and totals share a sheet. Amounts per inhabitant or per recipient are the panel's.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.drees import sheets
from analysis.data.sources.remote import Remote
from analysis.foundations import territories
from analysis.foundations.cells import figures
from analysis.foundations.connectors.opendatasoft import Attachment
from analysis.foundations.limits import SourceError

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

    The sheets are laid out like those of spending; what does not exist is a blank or a dash instead of 0. From 2022
    on there are two workbooks: elderly or disabled people, then children.
    """
    parts = []
    for number, path in enumerate(paths):
        own = {t: name for t, name in _AID.items() if len(paths) == 1 or t.endswith("-ase") == bool(number)}
        parts.append(_social_aid(path, own, "-12"))
    return figures(pd.concat(parts, ignore_index=True))


def _social_aid(path: Path, tables: dict[str, str], suffix: str) -> pd.DataFrame:
    rows = []
    for title, cells in sheets.read(path, tables).items():
        for territory, year, cell in two_tables(cells, f"{path.name}, {title}"):
            value = sheets.value(cell, f"{path.name}, {title}, {territory}, {year}")
            state, note = "observed", "excluding_mayotte" if territory == "FR" else ""
            if not value and (reason := absent(territory, int(year), tables[title])):
                value, (state, note) = None, reason
            elif value is None:
                continue
            rows.append((territory, f"{year}{suffix}", tables[title], value, state, note))
    columns = ["territory", "period", "indicator", "value", "state", "note"]
    return sheets.coded(pd.DataFrame(rows, columns=columns), path.name)


def absent(code: str, year: int, indicator: str) -> tuple[str, str] | None:
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


def two_tables(
    rows: sheets.Rows, where: str, columns_of: Callable[[list[object]], dict[str, int]] = sheets.year_columns
) -> Iterator[tuple[str, str, object]]:
    """Territory, column and cell of a sheet with a table of départements and totals above a table of régions.

    ``columns_of`` names the columns that are read, in a row of headings; years by default.
    """
    headers = [index for index, row in enumerate(rows) if sheets.text(row[0]).startswith("Code")]
    if len(headers) != 2:
        raise SourceError(f"{where}: {len(headers)} tables where two (départements, régions) were expected")
    departements, regions = rows[headers[0] : headers[1]], rows[headers[1] :]
    columns = columns_of(departements[0])
    for row in departements[1:]:
        if territory := sheets.text(row[1]) or _total(row, columns, where):
            yield from ((territory, year, row[index]) for year, index in columns.items())
    columns = columns_of(regions[0])
    for row in regions[1:]:
        if sheets.text(row[0]).isdigit():
            territory = territories.parse(sheets.text(row[1]), level="region")
            yield from ((territory, year, row[index]) for year, index in columns.items())


def _total(row: list[object], columns: dict[str, int], where: str) -> str | None:
    """Code of a row of totals; None for a row without figures and for the total of overseas départements."""
    label = next((sheets.text(cell) for cell in row[:3] if sheets.text(cell)), "")
    if not any(isinstance(row[index], int | float) for index in columns.values()):
        return None
    for start, code in _TOTALS.items():
        if label.startswith(start):
            return code
    if label.startswith(_OVERSEAS_TOTAL):
        return None
    raise SourceError(f"{where}: row « {label} » holds figures and is no territory that this loader knows")


_SURVEY_NOTES = (
    "Corse is published as one collectivité (20R) from 2018; 2A and 2B are then unavailable.",
    "69M and 69D are published beside 69 from 2015.",
    "Totals are estimated by DREES, as some départements do not answer or answer in part; France excludes Mayotte.",
)

DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="drees/social_spending_1999_2019",
        producer="DREES",
        title="Les dépenses d'aide sociale départementale : séries longues (1999-2020)",
        url=f"{sheets.OPEN_DATA}/376_les-depenses-d-aide-sociale-departementale/information/",
        licence=LICENCE_OUVERTE,
        vintage="2022-01",
        perimeter="France excluding Mayotte; current euros; gross unless said otherwise",
        files=("Les dépenses d'aide sociale départementale*.xlsx",),
        load=load_spending,
        remote=sheets.attached(
            "376_les-depenses-d-aide-sociale-departementale",
            (r"depenses.*series_longues_1999_(\d{4})", "depenses.xlsx"),
        ),
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
        url=f"{sheets.OPEN_DATA}/375_les-beneficiaires-de-l-aide-sociale-departementale/information/",
        licence=LICENCE_OUVERTE,
        vintage="2021-12",
        perimeter="France excluding Mayotte; end of year",
        files=("Les bénéficiaires de l'aide sociale départementale*.xlsx",),
        load=load_aid_recipients,
        remote=Remote(
            (
                Attachment(
                    sheets.PORTAL,
                    "les-beneficiaires-de-l-aide-sociale-departementale-aux-personnes-agees-ou-handic",
                    r"paph.*series_longues_1996_(\d{4})",
                    "paph.xlsx",
                ),
                Attachment(
                    sheets.PORTAL,
                    "les-beneficiaires-de-l-aide-sociale-a-l-enfance",
                    r"enfance.*series_longues_1996_(\d{4})",
                    "ase.xlsx",
                ),
            ),
        ),
        compressed=True,
        notes=(*_SURVEY_NOTES, "A count that is not a whole number was estimated by DREES."),
    ),
)
