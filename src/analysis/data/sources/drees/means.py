"""DREES, what social work has: the staff of the départements, year by year, and child welfare in detail, end of 2020.

Two workbooks of the Aide sociale survey: a sheet a category of staff, a table a question on children. Numbers by inhabitant
and shares are the panel's.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.drees import sheets, social_aid
from analysis.foundations.cells import figures, once
from analysis.foundations.limits import SourceError

_STAFF = {
    "eff - pers social et educatif": "count_departement_social_workers",
    "etp - pers social et educatif": "count_departement_social_workers_fte",
    "etp - pers medical": "count_departement_medical_staff_fte",
    "etp - total general hors AF": "count_departement_staff_fte",
    "eff - pers ass fam": "count_departement_foster_carers",
}
_TOTALS = {
    "TOTAL estimé France métropolitaine": ("FM", ""),
    "TOTAL estimé France métropolitaine et DROM (hors Mayotte)": ("FR", "excluding_mayotte"),
    "TOTAL estimé France métropolitaine et DROM": ("FR", ""),
}
_CHILDREN = {
    "Tab1-ase": {"Total des placements directs": "count_children_placed_directly"},
    "Tab2-ase": {
        "Mesures administratives": "count_children_entrusted_administrative",
        "Mesures judiciaires": "count_children_entrusted_by_judge",
    },
    "Tab4-ase": {
        "Familles d'accueil": "count_children_in_foster_families",
        "Etablissements": "count_children_in_institutions",
        "Adolescents et jeunes majeurs autonomes": "count_young_people_housed_alone",
    },
    "Tab9-ase": {
        "Actions éducatives à domicile": "count_child_support_at_home",
        "Actions éducatives en milieu ouvert": "count_child_support_by_judge",
    },
}
_AWAY, _AWAY_TOTAL = "Tab5-ase", "count_children_placed_in_other_departement"
_KEY = ["territory", "period", "indicator"]
_COLUMNS = [*_KEY, "value", "state", "note"]


def load_staff(paths: Sequence[Path]) -> pd.DataFrame:
    """Staff of the départements' social services at the end of each year, in people or full-time equivalents, 2014 to 2020.

    Traps: « ND » where a département could not answer, a third of them in 2014 and 2015; 69 repeats 69D and 69M; 2A and 2B
    become 20 in 2018, which also stands beside them before; France is given with and without Mayotte.
    """
    rows = [
        one
        for title, cells in sheets.read(paths[0], _STAFF).items()
        for one in _staff(cells, _STAFF[title], f"{paths[0].name}, {title}")
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    once(frame[frame["territory"] != "FR"], _KEY, paths[0].name)
    frame = frame.sort_values("note", kind="stable").drop_duplicates(
        _KEY
    )  # the whole of France where there is one
    return figures(sheets.coded(frame, paths[0].name))


def _staff(rows: sheets.Rows, indicator: str, where: str) -> Iterator[sheets.Figure]:
    first = sheets.header(rows, "Numéro", where)
    columns = sheets.year_columns(rows[first])
    for row in rows[first + 1 :]:
        code, note = _TOTALS.get(sheets.text(row[0]), (sheets.text(row[0]), ""))
        for year, index in columns.items() if 0 < len(code) <= 3 else ():  # longer is a note below the table
            value = sheets.value(row[index], f"{where}, {code}, {year}")
            if value is not None:
                yield code, f"{year}-12", indicator, round(value, 1), "observed", note
            elif code not in ("FR", "FM"):
                blank = None if sheets.text(row[index]) else social_aid.absent(code, int(year), indicator)
                if blank is None and not sheets.text(row[index]):
                    raise SourceError(f"{where}, {code}, {year}: a blank; expected a number or ND")
                yield code, f"{year}-12", indicator, None, *(blank or ("unavailable", "not_available"))


def load_children(paths: Sequence[Path]) -> pd.DataFrame:
    """Child welfare at 31 December 2020: by whose decision, where children live, and support at home.

    Traps: région and total rows share a sheet; 69 repeats 69D and 69M; « NR » (no answer) among the children placed in
    another département, whose total is then at least what it says. What the long series hold is not read again.
    """
    path = paths[0]
    rows: list[sheets.Figure] = []
    tables = sheets.read(path, (*_CHILDREN, _AWAY))
    for title, wanted in _CHILDREN.items():
        where = f"{path.name}, {title}"
        for code, indicator, cell in social_aid.two_tables(
            tables[title], where, partial(_headings, wanted=wanted, where=where)
        ):
            value = sheets.value(cell, f"{where}, {code}")
            note = "excluding_mayotte" if code == "FR" else ""
            rows.append((code, "2020-12", indicator, value, "observed", note))
    rows += _placed_away(tables[_AWAY], f"{path.name}, {_AWAY}")
    return figures(sheets.coded(pd.DataFrame(rows, columns=_COLUMNS), path.name))


def _headings(row: list[object], wanted: dict[str, str], where: str) -> dict[str, int]:
    """Column of each indicator, by how its heading begins (a call to a footnote may follow)."""
    texts = [sheets.text(cell) for cell in row]
    columns = {
        name: i for start, name in wanted.items() for i, text in enumerate(texts) if text.startswith(start)
    }
    if len(columns) != len(wanted):
        raise SourceError(f"{where}: headings {', '.join(filter(None, texts))}; expected {', '.join(wanted)}")
    return columns


def _placed_away(rows: sheets.Rows, where: str) -> Iterator[sheets.Figure]:
    first = sheets.header(rows, "Code", where)
    total = _headings(rows[first], {"Total": _AWAY_TOTAL}, where)[_AWAY_TOTAL]
    for row in rows[first + 1 :]:
        if not (code := sheets.text(row[1])):
            continue
        parts = [sheets.text(cell) for cell in row[3:total]]
        if sheets.text(row[total]) == "NR":
            yield code, "2020-12", _AWAY_TOTAL, None, "unavailable", "no_response"
        else:
            value = sheets.value(row[total], f"{where}, {code}")
            yield code, "2020-12", _AWAY_TOTAL, value, "observed", "at_least" if "NR" in parts else ""


DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="drees/social_staff_2014_2020",
        producer="DREES",
        title="Le personnel départemental de l'action sociale et médico-sociale de 2014 à 2020",
        url=f"{sheets.OPEN_DATA}/",
        licence=LICENCE_OUVERTE,
        vintage="2022-04",
        perimeter="social services of the départements at 31 December, without institutions, home services and MDPH",
        files=("Le personnel départemental*2014*2020.xlsx",),
        load=load_staff,
        compressed=True,
        notes=(
            "Some figures are estimated or put right by DREES after earlier answers; which ones is not said.",
            "ND for about a third of the territories in 2014 and 2015, and from 2020 for who had not answered for years.",
        ),
    ),
    Dataset(
        name="drees/child_welfare_2020",
        producer="DREES",
        title="Les bénéficiaires de l'aide sociale départementale en 2020 : aide sociale à l'enfance",
        url=f"{sheets.OPEN_DATA}/375_les-beneficiaires-de-l-aide-sociale-departementale/information/",
        licence=LICENCE_OUVERTE,
        vintage="2021-12",
        perimeter="France excluding Mayotte; 31 December 2020",
        files=("beneficiaires_aide_sociale_detail_2020.xlsx",),
        load=load_children,
        notes=(
            "Totals are estimated by DREES, as some answers lack; France excludes Mayotte.",
            "Children placed in another département: without a total, and some answers are in part.",
        ),
    ),
)
