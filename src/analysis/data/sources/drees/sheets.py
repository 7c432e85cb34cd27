"""What the loaders of DREES share: sheets of a workbook as rows, their headings and years, cells as numbers, codes.

A territory is recognised by its code, never by its label, which the sheets spell in several ways. No dataset is
described here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.remote import Remote
from analysis.foundations import territories
from analysis.foundations.cells import number
from analysis.foundations.connectors.opendatasoft import Attachment
from analysis.foundations.limits import SourceError
from analysis.foundations.published import cells, open_workbook

PORTAL = "https://data.drees.solidarites-sante.gouv.fr"
OPEN_DATA = f"{PORTAL}/explore/dataset"
"""Where the open data of DREES are."""

_YEAR = re.compile(r"((?:19|20)\d\d)\s*(?:\(\d\)|\*+)?")

Rows = list[list[object]]
"""The cells of a sheet, row by row."""

Figure = tuple[object, ...]
"""Territory, period, indicator, value, state and, where there is one, note."""


def read(path: Path, titles: Iterable[str]) -> dict[str, Rows]:
    """Rows of the named sheets, empty cells as empty strings. Spaces around a sheet's title are ignored."""
    with open_workbook(path) as book:
        found = {str(name).strip(): name for name in book.sheet_names}
        if missing := [title for title in titles if title not in found]:
            raise SourceError(
                f"{path.name}: no sheet {', '.join(missing)}; found {', '.join(found)}. "
                "The published file has changed: compare it with the loader"
            )
        wanted = {title: str(found[title]) for title in titles}
        frames = cells(book, list(wanted.values()), blank_is_missing=False)
    return {title: frames[name].to_numpy(dtype=object).tolist() for title, name in wanted.items()}


def attached(dataset: str, *files: tuple[str, str]) -> Remote:
    """Workbooks of the layout that is held, attached to a dataset of the portal: a pattern and a name for each."""
    return Remote(tuple(Attachment(PORTAL, dataset, pattern, name) for pattern, name in files))


def text(cell: object) -> str:
    """A cell as text, with single spaces."""
    return " ".join(str(cell).split())


def header(rows: Rows, start: str, where: str, column: int = 0) -> int:
    """Index of the row whose cell in ``column`` starts with ``start``."""
    for index, row in enumerate(rows):
        if len(row) > column and text(row[column]).startswith(start):
            return index
    raise SourceError(f"{where}: no row starts with « {start} »; the published file has changed")


def value(cell: object, where: str) -> float | None:
    """A cell as a number, None when it is blank; SourceError, with the place, when it is something else."""
    try:
        return number(cell)
    except ValueError as error:
        raise SourceError(f"{where}: {error}; expected a number") from error


_CODES_OF_THEIR_OWN = {"20": "20R"}
"""In the surveys of départements, 20 is the Collectivité de Corse: 2A and 2B stand beside it."""


def coded(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """The rows with the codes of their territories as the project writes them; SourceError for one that is unknown."""
    try:
        codes = territories.parse_series(frame["territory"].replace(_CODES_OF_THEIR_OWN))
    except territories.UnknownTerritory as error:
        raise SourceError(f"{where}: {error}") from error
    return frame.assign(territory=codes)


def bounded(frame: pd.DataFrame, nationals: Sequence[str], half: float) -> pd.DataFrame:
    """National totals are rounded more coarsely than the départements: their bounds are written, not left to the panel."""
    rounded = frame["territory"].isin(nationals) & frame["value"].notna()
    lower = (frame["value"] - half).clip(lower=0).where(rounded)
    return frame.assign(lower=lower, upper=(frame["value"] + half).where(rounded))


def year_columns(row: list[object]) -> dict[str, int]:
    """Column of each year. Of two columns for one year the later, which carries the call to the footnote, is kept."""
    columns: dict[str, int] = {}
    for index, cell in enumerate(row):
        if found := _YEAR.fullmatch(text(cell)):
            if found[1] in columns and found[0] == found[1]:
                raise SourceError(
                    f"two columns are headed {found[1]} and the second has no footnote: which one holds?"
                )
            columns[found[1]] = index
    return columns
