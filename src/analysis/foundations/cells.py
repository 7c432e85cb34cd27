"""The cells of published tables: French and English figures, months, columns by their headings, and rows as tidy figures.

What a loader does with a table once it is open: numbers out of text, the columns that it needs or a refusal that names the
nearest, and at the end a table of ``values.FIGURE_COLUMNS``. ``published`` opens files; nothing here reads one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from analysis.foundations import file_names as names
from analysis.foundations.display import listed, nearest
from analysis.foundations.limits import SourceError
from analysis.foundations.notes import WORDS
from analysis.foundations.values import FIGURE_COLUMNS, VALUED_STATES, folded

_MONTHS = {
    "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6, "juillet": 7, "aout": 8,
    "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
    "janv": 1, "fevr": 2, "fev": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip


def number(text: object) -> float | None:
    """A French or English figure as a float: ``12 220`` → 12220, ``0,40`` → 0.4, ``39e3`` → 39000, blank → None.

    Raises ValueError for anything else; the loader says where.
    """
    if text is None or (isinstance(text, float) and text != text):
        return None
    if isinstance(text, int | float) and not isinstance(text, bool):
        return float(text)
    cleaned = (
        "".join(str(text).split()).replace("\u202f", "").replace("\xa0", "").replace(",", ".").rstrip("%")
    )
    if cleaned.lower() in {"", "nd", "n.d.", "ns", "nc", "s", "-", "na", "nan", "so", "//"}:
        return None
    return float(cleaned)


def numbers(column: pd.Series, where: str) -> pd.Series:
    """A column of figures as floats; SourceError names the file and the first cell that is not one."""
    try:
        return column.map(number).astype("float64")
    except ValueError as error:
        raise SourceError(f"{where}, column {column.name!r}: {error}; expected a number") from error


def month(text: str, where: str = "") -> str:
    """``janvier 2023`` or ``sept. 2023`` as ``2023-01``, ``2023-09``."""
    words = folded(str(text)).split()
    names = [w for w in words if w in _MONTHS]
    years = [w for w in words if w.isdigit() and len(w) == 4]
    if len(names) != 1 or len(years) != 1 or len(words) != 2:
        raise SourceError(f"{where}: {text!r} is not a French month and year such as « janvier 2023 »")
    return f"{years[0]}-{_MONTHS[names[0]]:02d}"


def figures(frame: pd.DataFrame, state: str = "observed", note: str = "") -> pd.DataFrame:
    """Complete a frame of territory, period, indicator and value into a tidy table of figures.

    Missing columns get their defaults; a missing value becomes ``unavailable`` unless the frame gives its state.
    ``note`` holds keys (``notes``); what a person wrote of a figure is in ``words``, where there is such a column.
    Returns the rows sorted by indicator, territory and period.
    """
    frame = frame.copy()
    for column, default in (
        ("lower", float("nan")),
        ("upper", float("nan")),
        ("state", state),
        ("note", note),
    ):
        if column not in frame:
            frame[column] = default
    valued = frame["state"].isin(VALUED_STATES)
    frame.loc[valued & frame["value"].isna(), "state"] = "unavailable"
    frame = frame[[*FIGURE_COLUMNS, *([WORDS] if WORDS in frame else [])]]
    return frame.sort_values(["indicator", "territory", "period"], kind="stable", ignore_index=True)


def name_columns(frame: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Give the headings of a file the names that the loader uses, where they differ in case, accents, spaces or marks alone.

    « Année publication » is ``annee_publication``, as portals give labels for names. SourceError when two headings are.
    """
    alike: dict[str, list[str]] = {}
    for name in map(str, frame.columns):
        alike.setdefault(names.plain(name), []).append(name)
    renamed = {}
    for column in columns:
        hits = [column] if column in frame.columns else alike.get(names.plain(column), [])
        if len(hits) > 1 or column in frame.attrs.get("twice", ()):
            raise SourceError(
                f"{where}: several columns may be {column!r}: {', '.join(map(repr, hits))}; leave one"
            )
        if hits and hits[0] != column:
            renamed[hits[0]] = column
    if renamed:
        frame.columns = [renamed.get(name, name) for name in frame.columns]


def require_columns(frame: pd.DataFrame, columns: Iterable[str], where: str) -> None:
    """Refuse a file that lacks a column the loader reads, with the nearest heading. ``name_columns`` tells spellings."""
    wanted = list(columns)
    name_columns(frame, wanted, where)
    if missing := [column for column in wanted if column not in frame.columns]:
        there = [str(name) for name in frame.columns]
        raise SourceError(
            f"{where}: no column {listed(_with_nearest(column, there) for column in missing)}; found "
            f"{listed(map(repr, there))}. The published file has changed: compare it with the loader"
        )


def once(rows: pd.DataFrame, key: list[str], where: str) -> None:
    """Refuse a file in which a key stands on two rows."""
    if (twice := rows.duplicated(key)).any():
        first = ", ".join(map(str, rows.loc[twice, key].iloc[0]))
        raise SourceError(
            f"{where}: rows that appear twice ({int(twice.sum())}), first {first}; one of each is expected"
        )


def _with_nearest(column: str, headings: Sequence[str]) -> str:
    plain = {names.plain(heading): heading for heading in headings}
    near = nearest(names.plain(column), plain, 1)
    return f"{column!r} (nearest: {plain[near[0]]!r})" if near else repr(column)
