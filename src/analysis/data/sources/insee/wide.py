"""Tables with one row per territory and one column per figure, as INSEE and its re-users publish them.

``melt`` turns such a table into figures, telling what is withheld for secrecy from what is merely absent, and
``mark_bottom_coded`` gives the floor of the poverty rates its bounds. Nothing here knows a particular file.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from analysis.foundations import published as files
from analysis.foundations.cells import numbers, require_columns
from analysis.foundations.limits import SourceError

WITHHELD = "s"
"""What INSEE prints in place of a figure that it withholds for statistical secrecy."""

FLOOR = 5.0
"""Poverty rates of 2013 and 2020 are never printed below this: « 5,0 » reads « 5 % or less »."""


def read_csv(path: Path, sep: str = ",") -> pd.DataFrame:
    """A published CSV, every cell as text, without the unnamed columns that trailing separators leave."""
    frame = files.read_csv(path, sep)
    return frame.loc[:, ~frame.columns.str.startswith("Unnamed:")]


def read_sheets(path: Path) -> dict[str, pd.DataFrame]:
    """Every sheet of a workbook, old or new format, as cells without headers; an empty cell is missing."""
    with files.open_workbook(path) as book:
        return files.cells(book)


def under_heading(sheet: pd.DataFrame, first: str, where: str, column: int = 0) -> pd.DataFrame:
    """The rows below the one line that bears ``first`` in a column, with that line's cells as names."""
    heads = sheet.index[sheet[column].astype("str").str.strip() == first]
    if len(heads) != 1:
        raise SourceError(f"{where}: expected one line that begins with « {first} », found {len(heads)}")
    names = [str(cell).strip() for cell in sheet.loc[heads[0]]]
    return sheet.loc[heads[0] + 1 :].set_axis(names, axis=1)


def melt(
    frame: pd.DataFrame, codes: pd.Series, columns: Mapping[str, str], period: str | pd.Series, where: str
) -> pd.DataFrame:
    """One row per territory and indicator.

    Args:
        frame: the published table; ``codes``: the territory of each of its rows.
        columns: published column -> indicator.
        period: of the whole table, or of each row.
        where: the file, for the errors.
    """
    require_columns(frame, columns, where)
    parts = [
        pd.DataFrame(
            {
                "territory": codes,
                "period": period,
                "indicator": indicator,
                "value": numbers(frame[column], where),
                "state": frame[column]
                .astype("str")
                .str.strip()
                .eq(WITHHELD)
                .map({True: "suppressed", False: "observed"}),
            }
        )
        for column, indicator in columns.items()
    ]
    return pd.concat(parts, ignore_index=True)


def mark_bottom_coded(rows: pd.DataFrame) -> pd.DataFrame:
    """Poverty rates at the floor lie between 0 and the floor: give these bounds, and a note that says so."""
    coded = rows["indicator"].str.startswith("rate_poverty") & rows["value"].eq(FLOOR)
    return rows.assign(
        lower=pd.Series(0.0, rows.index).where(coded),
        upper=pd.Series(FLOOR, rows.index).where(coded),
        note=coded.map({True: "bottom_coded", False: ""}),
    )
