"""INSEE population estimates on 1 January: one sheet per year since 1975, both sexes first, five age bands; or Melodi.

Two national rows are kept apart from the départements: France métropolitaine, and France with its overseas
départements, which leaves Mayotte out before 2014 and says so in its note. The overseas total is dropped. A year is
provisional when the foot of its sheet says so. Melodi has ages by five years, which are added up to the same bands once they
were seen to make up the total.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import inf
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, Dataset
from analysis.data.sources.insee.tables import PLACES, melodi
from analysis.data.sources.insee.wide import read_csv, read_sheets
from analysis.data.sources.remote import Remote
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, require_columns
from analysis.foundations.connectors.melodi import Melodi
from analysis.foundations.display import listed
from analysis.foundations.limits import SourceError

_BANDS = {
    "0 à 19 ans": "count_population_0_19",
    "20 à 39 ans": "count_population_20_39",
    "40 à 59 ans": "count_population_40_59",
    "60 à 74 ans": "count_population_60_74",
    "75 ans et plus": "count_population_75_over",
    "Total": "count_population",
}
_SUMS = {
    "count_population_20_59": ["count_population_20_39", "count_population_40_59"],
    "count_population_60_over": ["count_population_60_74", "count_population_75_over"],
}
_FRANCE, _METROPOLE, _OVERSEAS_TOTAL = "France métropolitaine et DOM", "France métropolitaine", "DOM"
_HEADER, _BAND_ROW = 3, 4
_FIRST_BAND, _LAST_BAND = 2, 7


def _codes(labels: pd.Series, where: str) -> pd.Series:
    """Territory of each row of figures; the overseas total is left out."""
    written = labels.map(lambda cell: cell.strip() if isinstance(cell, str) else cell).replace(
        _FRANCE, "France"
    )
    if _METROPOLE not in set(written):
        raise SourceError(f"{where}: no row « {_METROPOLE} »; the published sheet has changed")
    return territories.parse_series(written, drop=(_OVERSEAS_TOTAL,))


def _year(sheet: pd.DataFrame, year: str, where: str) -> pd.DataFrame:
    """Figures of one sheet, both sexes together."""
    sexes = list(sheet.loc[_HEADER].dropna())
    bands = [str(c).strip() for c in sheet.loc[_BAND_ROW, _FIRST_BAND:_LAST_BAND]]
    if "Ensemble" not in sexes or sheet.loc[_HEADER, _FIRST_BAND] != "Ensemble" or bands != list(_BANDS):
        raise SourceError(f"{where}: expected « Ensemble » with {list(_BANDS)}, found {sexes} with {bands}")
    rows = sheet.loc[_BAND_ROW + 1 :]
    rows = rows[rows[_LAST_BAND].notna()]
    values = {name: numbers(rows[_FIRST_BAND + i], where) for i, name in enumerate(_BANDS.values())}
    wide = pd.DataFrame({"territory": _codes(rows[0], where), **values}).dropna(subset=["territory"])
    for name, parts in _SUMS.items():
        wide[name] = wide[parts].sum(axis=1, min_count=len(parts))
    foot = " ".join(sheet[0].dropna().astype("str")).lower()
    return wide.melt("territory", var_name="indicator").assign(
        period=year, state="provisional" if "provisoire" in foot else "observed"
    )


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Population by age band, département and year."""
    (path,) = paths
    sheets = read_sheets(path)
    years = {name: sheet for name, sheet in sheets.items() if name.strip().isdigit()}
    if not years:
        raise SourceError(f"{path.name}: no sheet is named after a year; found {listed(sheets, 5)}")
    return _with_note(
        pd.concat([_year(sheet, name.strip(), f"{path.name}, {name}") for name, sheet in years.items()])
    )


def _with_note(rows: pd.DataFrame) -> pd.DataFrame:
    """The figures, those of France with a note for the years in which Mayotte is not in them."""
    with_mayotte = set(rows.loc[rows["territory"] == "976", "period"])
    short = rows["territory"].eq("FR") & ~rows["period"].isin(with_mayotte)
    return figures(rows.assign(note=short.map({True: "excludes_mayotte", False: ""})))


# ------------------------------------------------------------------------------------------------------------- Melodi

_WHOLE = {"SEX": "_T", "EP_MEASURE": "POP_JAN_1ST"}
_AGE = re.compile(r"Y_LT(?P<below>\d+)|Y(?P<first>\d+)T(?P<last>\d+)|Y_GE(?P<above>\d+)")
_STARTS = {0: "0_19", 20: "20_39", 40: "40_59", 60: "60_74", 75: "75_over"}
"""The age with which each band begins."""


def _bands(codes: Iterable[str], where: str) -> dict[str, str]:
    """The band of each age of five years, and of the last one, which has no end: together they are all ages, each once."""
    spans: dict[int, list[tuple[float, str]]] = {}
    for code in codes:
        if age := _AGE.fullmatch(code):
            first = int(age["first"] or age["above"] or 0)
            end = int(age["below"] or 0) or (int(age["last"]) + 1 if age["last"] else inf)
            spans.setdefault(first, []).append((end, code))
    found, start = {}, 0.0
    while start < inf:
        fitting = [one for one in spans.get(int(start), []) if one[0] in (start + 5, inf)]
        if not fitting:
            raise SourceError(
                f"{where}, column 'AGE': no band of five years begins at {start:.0f}; there are {listed(codes)}"
            )
        end, code = min(fitting)
        found[code] = f"count_population_{_STARTS[max(one for one in _STARTS if one <= start)]}"
        start = end
    return found


def load_table(paths: Sequence[Path]) -> pd.DataFrame:
    """The same figures out of Melodi's table."""
    (path,) = paths
    table = read_csv(path, ";")
    require_columns(table, ("AGE",), path.name)
    cells = {(code,): name for code, name in _bands(sorted(set(table["AGE"])), path.name).items()}
    filters = {"GEO_OBJECT": ("DEP", "FRANCE")} | {name: (value,) for name, value in _WHOLE.items()}
    codes = PLACES | {"F": "FR"}
    read = melodi(("AGE",), {**cells, ("_T",): "count_population"}, filters=filters, codes=codes, sums=True)
    rows = read(paths)
    wide = rows.pivot(index=["territory", "period"], columns="indicator", values="value")
    gap = (wide.drop(columns="count_population").sum(axis=1, skipna=False) - wide["count_population"]).abs()
    if (gap > len(cells)).any():
        raise SourceError(
            f"{path.name}: ages do not add up to the total in {listed(map(' '.join, gap[gap > len(cells)].index), 4)}"
        )
    for name, parts in _SUMS.items():
        some = rows[rows["indicator"].isin(parts)]
        each = some.groupby(["territory", "period"])
        both = pd.DataFrame({"value": each["value"].sum(skipna=False), "state": each["state"].max()})
        rows = pd.concat([rows, both.reset_index().assign(indicator=name)], ignore_index=True)
    return _with_note(rows.drop(columns="note"))


DATASETS = (
    Dataset(
        name="insee/population_1975_2024",
        producer="INSEE",
        title="Estimation de population au 1er janvier, par département, sexe et grande classe d’âge",
        url="https://www.insee.fr/fr/statistiques/1893198",
        licence=INSEE_REUSE,
        vintage="January 2024",
        perimeter="96 départements from 1975, 100 from 1990, 101 from 2014; France métropolitaine, France from 1990",
        files=("estim-pop-dep-sexe-gca-1975-2024.xls",),
        load=load,
        remote=Remote(
            connectors=(Melodi("DS_ESTIMATION_POPULATION", {"GEO": ("DEP", "FRANCE"), **_WHOLE}),),
            load=load_table,
            columns=(
                *(
                    "GEO",
                    "GEO_OBJECT",
                    "SEX",
                    "AGE",
                    "EP_MEASURE",
                    "FREQ",
                    "UNIT_MEASURE",
                    "REF_PERIOD",
                    "TIME_PERIOD",
                ),
                *("OBS_STATUS", "CONF_STATUS", "OBS_VALUE"),
            ),
            categories={"EP_MEASURE": ("POP_JAN_1ST",), "SEX": ("_T",)},
            tolerance=0.01,
            described={
                "notes": (
                    "Both sexes together; age reached on 1 January. A year is provisional where INSEE says so.",
                    "Age bands are sums of published bands of five years.",
                ),
            },
        ),
        breaks=("2014: the row France takes Mayotte in",),
        notes=(
            "Both sexes together; age reached on 1 January. 2022 to 2024 are provisional in this vintage.",
            "Ages 20 to 59 and 60 or over are sums of two published bands; 20 to 64 cannot be had from these bands.",
        ),
        compressed=True,
    ),
)
