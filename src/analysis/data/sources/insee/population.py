"""INSEE population estimates on 1 January: one sheet per year since 1975, both sexes first, five age bands.

Two national rows are kept apart from the départements: France métropolitaine, and France with its overseas
départements, which leaves Mayotte out before 2014 and says so in its note. The overseas total is dropped. A year is
provisional when the foot of its sheet says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, Dataset
from analysis.data.sources.insee.wide import read_sheets
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers
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
    rows = pd.concat([_year(sheet, name.strip(), f"{path.name}, {name}") for name, sheet in years.items()])
    with_mayotte = set(rows.loc[rows["territory"] == "976", "period"])
    short = rows["territory"].eq("FR") & ~rows["period"].isin(with_mayotte)
    return figures(rows.assign(note=short.map({True: "excludes_mayotte", False: ""})))


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
        breaks=("2014: the row France takes Mayotte in",),
        notes=(
            "Both sexes together; age reached on 1 January. 2022 to 2024 are provisional in this vintage.",
            "Ages 20 to 59 and 60 or over are sums of two published bands; 20 to 64 cannot be had from these bands.",
        ),
        compressed=True,
    ),
)
