"""Figures of one's own beside those of the project: read, held to the rules of the panel, and defined.

A researcher's table may name territories and periods as people write them, and an indicator that the dictionary does not
know with its definition. Everything at fault is told at once, by row, with the remedy, before any figure is taken in.
Nothing is written: such figures are in the panel that ``Panel.plus`` returns, and in no file of the project.

It stands just below ``panel``, which asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import chain

import numpy as np
import pandas as pd

from analysis.foundations import asked, notes, origin, values
from analysis.foundations.columns import AMOUNTS, COLUMNS, KEY, Columns
from analysis.foundations.display import Refusal, capped, hint, listed, shown
from analysis.foundations.files import DataError
from analysis.foundations.values import QUALITIES, STATES, VALUED_STATES, Dictionary, Indicator

NEEDED = ("territory", "period", "indicator", "value")
SOURCE = "own"
"""Source of figures that name none: no dataset of the catalogue."""

Definitions = Indicator | Iterable[Indicator] | Mapping[str, Indicator | Mapping[str, object]]
"""Definitions as they are given: entries, or the keys of each by name."""

Fault = tuple[int, str]
"""A row, counted from 1, and what is wrong with it."""


def definitions(given: Definitions, names: Dictionary) -> Dictionary:
    """The dictionary with definitions of one's own; itself when there is none. EntryError for one that is not sound."""
    if isinstance(given, Mapping):
        pairs = given.items()
        entries = [one if isinstance(one, Indicator) else _entry(name, one) for name, one in pairs]
        if renamed := [entry.name for name, entry in zip(given, entries, strict=True) if entry.name != name]:
            raise DataError(f"define: {listed(renamed)} stands under another name; give it under its own")
    else:
        entries = [given] if isinstance(given, Indicator) else list(given)
        if other := [one for one in entries if not isinstance(one, Indicator)]:
            raise DataError(f"define: expected entries, or keys by name, found {shown(other[0])}")
    if not entries:
        return names
    wider = names.plus(entries)
    values.define(entries)
    return wider


def _entry(name: object, given: object) -> Indicator:
    if not isinstance(given, Mapping):
        raise DataError(
            f"define, {name}: expected the keys of the dictionary (label, unit, …), found {shown(given)}"
        )
    return values.indicator(str(name), given)


# ------------------------------------------------------------------------------------------------------- reading rows


def read(rows: pd.DataFrame, names: Dictionary) -> pd.DataFrame:
    """Figures with the columns of the panel, in canonical form. DataError lists the rows at fault.

    A figure without a state is ``observed`` when it has a value and ``unavailable`` when it has none; without a quality
    it is ``derived``, and without a source ``own``.
    """
    if not isinstance(rows, pd.DataFrame):
        raise DataError(f"figures are a frame with the columns {', '.join(NEEDED)}, not {shown(rows)}")
    if extra := [column for column in rows if column not in COLUMNS]:
        raise DataError(
            f"figures: unknown column {shown(extra[0])}{hint(extra[0], COLUMNS)}; known: {', '.join(COLUMNS)}"
        )
    if lacking := [column for column in NEEDED if column not in rows]:
        raise DataError(f"figures: no column {listed(lacking)}; needed: {', '.join(NEEDED)}")
    faults: list[Fault] = []
    rows = rows.reset_index(drop=True)
    ways: dict[str, Callable[[object], str]] = {
        "territory": asked.territory,
        "period": asked.period,
        "indicator": lambda one: asked.indicator(one, names),
    }
    texts = {c: pd.Series(_each(rows[c], way, faults), index=rows.index) for c, way in ways.items()}
    amounts = {column: _numbers(rows, column, faults) for column in AMOUNTS}
    filled = rows.assign(**texts, **amounts, **_described(rows, amounts["value"]))
    if not faults:
        faults = list(chain(_states(filled), _limits(filled, names), _twice(filled)))
    _refuse(faults)
    return filled[list(COLUMNS)]


def _each(column: pd.Series, way: Callable[[object], str], faults: list[Fault]) -> list[str | None]:
    """Texts of a column in canonical form, each distinct one read once."""
    known: dict[tuple[str, str], str | Refusal] = {}
    found = []
    for number, given in enumerate(column.tolist(), 1):
        key = (type(given).__name__, str(given))
        if key not in known:
            try:
                known[key] = way(given)
            except Refusal as refusal:
                known[key] = refusal
        one = known[key]
        if isinstance(one, Refusal):
            faults.append((number, f"{column.name}: {one}"))
        found.append(None if isinstance(one, Refusal) else one)
    return found


def _numbers(rows: pd.DataFrame, column: str, faults: list[Fault]) -> pd.Series:
    """A column of amounts; what is no number, or an infinite one, is at fault."""
    if column not in rows:
        return pd.Series(np.nan, index=rows.index)
    read = pd.to_numeric(rows[column], errors="coerce").astype("float64")
    wrong = (read.isna() & rows[column].notna()) | np.isinf(read)
    for at in np.flatnonzero(wrong):
        given = shown(rows[column].iloc[at])
        faults.append((int(at) + 1, f"{column}: {given} is no number; write 12.5, or nothing and a state"))
    return read


def _described(rows: pd.DataFrame, value: pd.Series) -> dict[str, pd.Series]:
    """State, quality, source, note and words, with what stands for those that are not given."""
    stands = {
        "state": np.where(value.notna(), "observed", "unavailable"), "quality": "derived", "source": SOURCE, "note": "",
        notes.WORDS: "",
    }  # fmt: skip
    there = {
        column: rows[column] if column in rows else pd.Series(None, rows.index, object) for column in stands
    }
    return {
        column: given.astype(object).where(given.notna(), pd.Series(stands[column], rows.index, object))
        for column, given in there.items()
    }


# ------------------------------------------------------------------------------------------------------- holding rows


def _states(rows: pd.DataFrame) -> Iterable[Fault]:
    for column, known in (("state", STATES), ("quality", QUALITIES)):
        for at in np.flatnonzero(~rows[column].isin(known)):
            given = rows[column].iloc[at]
            yield (
                int(at) + 1,
                f"{column}: {shown(given)} is none{hint(given, known)}; known: {', '.join(known)}",
            )
    wrong = notes.faults(rows["note"])
    for at in np.flatnonzero(rows["note"].isin(list(wrong))):
        yield int(at) + 1, wrong[rows["note"].iloc[at]]
    for at, given in enumerate(rows["source"]):
        if problem := origin.fault(str(given)):
            yield at + 1, f"source: {shown(given)} {problem}"
    valued = rows["state"].isin(VALUED_STATES)
    for at in np.flatnonzero(valued & rows["value"].isna()):
        yield (
            int(at) + 1,
            f"state {rows['state'].iloc[at]} without a value; give it, or the state unavailable or suppressed",
        )
    for at in np.flatnonzero(~valued & rows["state"].isin(STATES) & rows["value"].notna()):
        yield (
            int(at) + 1,
            f"a value with the state {rows['state'].iloc[at]}, which has none; leave out one of the two",
        )
    apart = (rows["lower"] > rows["value"] + 1e-9) | (rows["upper"] < rows["value"] - 1e-9)
    for at in np.flatnonzero(apart | (rows["lower"] > rows["upper"])):
        low, value, high = (f"{rows[column].iloc[at]:g}" for column in ("lower", "value", "upper"))
        yield int(at) + 1, f"bounds from {low} to {high}, which leave out the value, {value}"


def _limits(rows: pd.DataFrame, names: Dictionary) -> Iterable[Fault]:
    """Figures outside the limits of their indicator."""
    for name, part in rows.groupby("indicator", sort=False):
        entry = names[str(name)]
        low = -np.inf if entry.minimum is None else entry.minimum
        high = np.inf if entry.maximum is None else entry.maximum
        outside = part["value"][(part["value"] < low) | (part["value"] > high)]
        for at, value in zip(outside.index.tolist(), outside.tolist(), strict=True):
            yield at + 1, f"{name}: {value:g} is outside its limits, {low:g} to {high:g}"


def _twice(rows: pd.DataFrame) -> Iterable[Fault]:
    for at in np.flatnonzero(rows.duplicated(KEY)):
        yield int(at) + 1, f"{' '.join(rows[KEY].iloc[at])} is given twice; keep one of the two"


def check(rows: pd.DataFrame, there: Mapping[str, Columns]) -> None:
    """Refuse figures that are in a panel already, or of another form of period; ``there``: its figures, by indicator."""
    faults: list[Fault] = []
    columns = (rows[column].tolist() for column in KEY)
    for number, (indicator, territory, period) in enumerate(zip(*columns, strict=True), 1):
        table = there.get(indicator)
        if table is None:
            continue
        try:
            asked.period_of(period, table.periods, indicator)
        except Refusal as refusal:
            faults.append((number, f"period: {refusal}"))
        if table.find(territory, period) is not None:
            place = f"{indicator} of {territory} in {period}"
            faults.append((number, f"{place} is in the panel already; give your figure under another name"))
    _refuse(faults)


def _refuse(faults: list[Fault]) -> None:
    if faults:
        lines = [f"row {number}: {problem}" for number, problem in sorted(faults)]
        number = len({number for number, _ in faults})
        raise DataError("\n  ".join([f"figures: nothing was added, {number} at fault", *capped(lines)]))
