"""What a table of figures must be to be stored: its columns, names, periods, states, notes and limits.

Nothing here opens a file: ``catalogue`` holds what it stores and what it reads to this.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from analysis.foundations import display, levels, notes, territories
from analysis.foundations.files import DataError
from analysis.foundations.notes import WORDS
from analysis.foundations.periods import period
from analysis.foundations.values import FIGURE_COLUMNS, STATES, VALUED_STATES, dictionary

if TYPE_CHECKING:  # what only asks which data there are need not wait for it
    import pandas as pd


def check_figures(frame: pd.DataFrame, where: str, level: str = levels.DEPARTEMENT.key) -> pd.DataFrame:
    """Hold a table of figures to its schema; return it sorted with canonical types and ``words``, or raise DataError.

    ``level`` is that of its territories where it is apart; else they are any of those that are not.
    """
    frame = worded(frame, where)
    for problem in _figure_problems(frame, levels.get(level)):
        raise DataError(f"{where}: {problem}")
    texts = {c: frame[c].astype("str") for c in ("territory", "period", "indicator", "state")}
    numbers = {c: frame[c].astype("float64") for c in ("value", "lower", "upper")}
    frame = frame.assign(**texts, **numbers)
    return frame.sort_values(["indicator", "territory", "period"], kind="stable", ignore_index=True)


def worded(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Figures with their note and what people wrote of them as texts, empty where there is none; held to their columns."""
    if tuple(frame.columns) not in (FIGURE_COLUMNS, (*FIGURE_COLUMNS, WORDS)):
        raise DataError(f"{where}: columns {list(frame.columns)}, expected {list(FIGURE_COLUMNS)}")
    texts = frame.assign(**{WORDS: frame.get(WORDS, "")})[["note", WORDS]].fillna("").astype("str")
    return frame.assign(note=texts["note"], **{WORDS: texts[WORDS]})


def _places(frame: pd.DataFrame, level: levels.Level) -> Collection[str]:
    """Codes that figures of a level may have; communes have no table here, and each code was read by its loader."""
    if level == levels.COMMUNE:
        return frozenset(filter(level.has, frame["territory"].unique()))
    return frozenset(territories.of_level(level) if level.apart else territories.CODES)


def _figure_problems(frame: pd.DataFrame, level: levels.Level) -> Iterator[str]:
    key = ["territory", "period", "indicator"]
    if (twice := frame.duplicated(key)).any():
        yield f"{int(twice.sum())} figures appear twice, first {frame.loc[twice, key].iloc[0].to_dict()}"
    names = dictionary()
    for column, known in (("indicator", names), ("territory", _places(frame, level)), ("state", STATES)):
        values = frame[column].unique()
        if bad := [v for v in values if v not in known]:
            yield (
                f"unknown {column} {display.listed(bad, 5)}; define it first"
                if column == "indicator"
                else f"unknown {column} {display.listed(bad, 5)}"
            )
    yield from note_problems(frame)
    for text in frame["period"].unique():
        try:
            period(str(text))
        except ValueError as error:
            yield str(error)
    valued = frame["state"].isin(VALUED_STATES)
    if (empty := valued & frame["value"].isna()).any():
        yield f"{int(empty.sum())} figures have a valued state and no value: {frame[empty].iloc[0].to_dict()}"
    if (filled := ~valued & frame["value"].notna()).any():
        yield f"{int(filled.sum())} figures have a value and a valueless state: {frame[filled].iloc[0].to_dict()}"
    yield from _limit_problems(frame[valued])


def note_problems(frame: pd.DataFrame) -> Iterator[str]:
    """The first figure with each note that holds what is no key, by its row."""
    for note, words in notes.faults(frame["note"].unique()).items():
        row = frame.index[frame["note"] == note][0]
        place = " ".join(frame.loc[row, ["indicator", "territory", "period"]])
        yield f"row {row + 1}, {place}: {words}"


def _limit_problems(frame: pd.DataFrame) -> Iterator[str]:
    for name, rows in frame.groupby("indicator", observed=True):
        if str(name) not in dictionary():
            continue
        entry = dictionary()[str(name)]
        low = float("-inf") if entry.minimum is None else entry.minimum
        high = float("inf") if entry.maximum is None else entry.maximum
        if (out := ~rows["value"].between(low, high)).any():
            row = rows[out].iloc[0]
            yield f"{name} in {row['territory']}, {row['period']}: {row['value']} is outside {low}–{high}"
    if (crossed := (frame["lower"] > frame["value"]) | (frame["upper"] < frame["value"])).any():
        yield f"bounds that exclude their value, first {frame[crossed].iloc[0].to_dict()}"
