"""The generic reader of long exports, as portals give them: a row a territory, a period and what is counted.

``Tidy`` says which column is which, and is the loader itself: ``Remote(connectors, load=Tidy(...))``. It is strict: a value
that it filters on and that is not there, a territory, a period, a status or a cell that it cannot read is refused with its
place. It must not sum margins with what they add up: what is not filtered to one row a figure is refused, unless
``sums`` says that the rows add up. First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from analysis.foundations import territories
from analysis.foundations.answers import as_written, plain
from analysis.foundations.cells import figures, numbers, once, require_columns
from analysis.foundations.display import listed, nearest
from analysis.foundations.limits import SourceError
from analysis.foundations.periods import UnknownPeriod, period
from analysis.foundations.published import read_csv

MASKS = {"s": "suppressed", "*": "suppressed", "secret": "suppressed", "c": "suppressed"}
"""Cells in the place of a number, in lower case, and the state that each stands for."""

STATUSES = {
    "": "observed", "A": "observed", "B": "observed", "D": "observed", "E": "observed", "U": "observed", "I": "observed",
    "P": "provisional", "Q": "suppressed", "C": "suppressed", "N": "suppressed",
    "K": "unavailable", "L": "unavailable", "M": "unavailable", "O": "unavailable", "H": "unavailable", "S": "unavailable",
}  # fmt: skip
"""States of the observation status of SDMX (code list CL_OBS_STATUS). A forecast, ``F``, is none of them: it is refused."""


def year(text: str) -> str:
    """The year of a date or a month: ``2023-12-31`` is ``2023``."""
    return text.strip()[:4]


@dataclass(frozen=True)
class Tidy:
    r"""How a long export is laid out, and its loader.

    Attributes
    ----------
    territory : str
        The column of codes; ``shape`` finds the code in a cell, as group 1 (``r"\d{4}-DEP-(.+)"``, ``r"0?(\w{2,3})"``).
    codes : Mapping[str, str | None]
        What is written for a territory of the project under another code (``{"Total": "FR"}``), or to be left out (None).
    level : str | None
        The only level of territory there is, but for those of ``codes``.
    period : str
        The column of periods, read by ``form``; ``since`` leaves out those before it.
    measures : Mapping[str | tuple[str, ...], str]
        The indicator of each column of numbers; or, with ``series``, of each value (each tuple of values) of those columns,
        the numbers being in the column ``value``. Other series are left.
    wide : str
        For an export with a column a year: a regular expression of its headings, with the groups ``measure`` and ``period``.
        These are then columns, and ``value``, of what is read.
    filters : Mapping[str, Collection[str]]
        The values that are kept of a column; each must be there.
    sums : bool
        Whether the rows of a figure add up. A sum with a masked or a missing term has no value.
    masks, status, statuses
        The states of cells in the place of a number; the column of a status, and the state that each one stands for.
    secret : Mapping[str, Collection[str]]
        Columns, where they are there, and their values that say of a cell that it is masked (``CONF_STATUS``: ``C``).
    notes : Mapping[str, str]
        The note of the figures of a territory that is not whole.
    scale : float
        What a number is multiplied by (1,000 for thousands).
    then : Callable[[DataFrame], DataFrame] | None
        What is done with the figures at last.
    """

    territory: str
    period: str
    measures: Mapping[str | tuple[str, ...], str]
    series: tuple[str, ...] = ()
    value: str = ""
    wide: str = ""
    filters: Mapping[str, Collection[str]] = field(default_factory=dict)
    codes: Mapping[str, str | None] = field(default_factory=dict)
    shape: str = r"(.+)"
    level: str | None = "departement"
    form: Callable[[str], str] = as_written
    since: str = ""
    sums: bool = False
    masks: Mapping[str, str] = field(default_factory=lambda: MASKS)
    status: str = ""
    statuses: Mapping[str, str] = field(default_factory=lambda: STATUSES)
    secret: Mapping[str, Collection[str]] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    scale: float = 1.0
    then: Callable[[pd.DataFrame], pd.DataFrame] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings that it needs."""
        made = {"measure", "period", "value"} if self.wide else {""}
        measured = (self.value,) if self.series else tuple(map(str, self.measures))
        named = (self.territory, self.period, *self.series, *self.filters, *measured, self.status)
        return tuple(name for name in dict.fromkeys(named) if name and name not in made)

    def __call__(self, paths: Sequence[Path]) -> pd.DataFrame:
        """The figures of the files, which are parts of one export."""
        rows = pd.concat([self._read(path) for path in paths], ignore_index=True)
        read = figures(rows.assign(note=rows["territory"].map(lambda code: self.notes.get(code, ""))))
        return self.then(read) if self.then else read

    def _read(self, path: Path) -> pd.DataFrame:
        where = path.name
        frame = read_csv(path, ";")
        require_columns(frame, self.columns, where)
        frame = self._filtered(self._long(frame, where), where)
        rows = pd.DataFrame({"territory": self._territories(frame[self.territory], where)})
        frame = frame.loc[rows.index]
        rows["period"] = self._periods(frame[self.period], where)
        if self.since:
            rows = rows[rows["period"].map(period) >= period(self.since)]
            frame = frame.loc[rows.index]
        parts = [self._measured(rows, frame, *one, where) for one in self._columns_of(frame, where)]
        return self._one_each(pd.concat(parts, ignore_index=True), where)

    def _long(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        """A wide export as a long one."""
        if not self.wide:
            return frame
        found = {name: hit for name in frame.columns if (hit := re.fullmatch(self.wide, name))}
        if not found:
            raise SourceError(
                f"{where}: no heading of the form {self.wide}; found {listed(map(repr, frame.columns))}"
            )
        kept = [name for name in frame.columns if name not in found]
        long = frame.melt(kept, list(found), "heading", "value")
        for part in ("measure", "period"):
            long[part] = long["heading"].map({name: hit[part] for name, hit in found.items()})
        return long

    def _filtered(self, frame: pd.DataFrame, where: str) -> pd.DataFrame:
        for column, values in self.filters.items():
            wanted = {values} if isinstance(values, str) else set(values)
            require_values(frame[column], wanted, where)
            frame = frame[frame[column].str.strip().isin(wanted)]
        return frame

    def _territories(self, column: pd.Series, where: str) -> pd.Series:
        written = column.str.strip()
        left = {code for code, ours in self.codes.items() if ours is None}
        named = written.map({code: ours for code, ours in self.codes.items() if ours})
        others = written[named.isna() & ~written.isin(left)]
        inner = others.str.extract(f"^{self.shape}$", expand=False).fillna(others)
        inner.name = column.name
        try:
            parsed = territories.parse_series(inner, level=self.level)
        except territories.UnknownTerritory as error:
            raise SourceError(f"{where}: {error}") from error
        codes: pd.Series = pd.concat([named.dropna(), parsed]).sort_index()
        return codes

    def _periods(self, column: pd.Series, where: str) -> pd.Series:
        read = {text: self.form(text) for text in column.unique()}
        for text, made in read.items():
            try:
                period(made)
            except UnknownPeriod as error:
                raise SourceError(f"{where}, column {column.name!r}: {text!r}; {error}") from error
        return column.map(read)

    def _columns_of(self, frame: pd.DataFrame, where: str) -> list[tuple[pd.Series, str, str]]:
        """For each indicator, the rows that hold it, the column of its numbers, and its name."""
        if not self.series:
            every = pd.Series(True, index=frame.index)
            return [(every, str(column), name) for column, name in self.measures.items()]
        keys = pd.Series(
            list(zip(*(frame[column].str.strip() for column in self.series), strict=True)), index=frame.index
        )
        wanted = {key if isinstance(key, tuple) else (key,): name for key, name in self.measures.items()}
        label = keys.map(" / ".join).rename(" / ".join(self.series))
        require_values(label, {" / ".join(key) for key in wanted}, where)
        return [(keys.map(lambda key, one=key: key == one), self.value, name) for key, name in wanted.items()]

    def _measured(
        self, rows: pd.DataFrame, frame: pd.DataFrame, held: pd.Series, column: str, name: str, where: str
    ) -> pd.DataFrame:
        cells = frame.loc[held, column].str.strip()
        masked = cells.str.lower().map(dict(self.masks))
        for told, values in self.secret.items():
            if told in frame:
                masked = masked.mask(frame.loc[held, told].str.strip().isin(set(values)), "suppressed")
        value = numbers(cells.mask(masked.notna(), ""), where) * self.scale
        state = masked.fillna("observed")
        if self.status:
            said = frame.loc[held, self.status].str.strip()
            require_known(said, self.statuses, where)
            state = masked.fillna(said.map(dict(self.statuses)))
        state = state.mask(value.isna() & state.isin(("observed", "provisional")), "unavailable")
        value = value.where(state.isin(("observed", "provisional")))
        return rows.loc[held].assign(indicator=name, value=value, state=state)

    def _one_each(self, rows: pd.DataFrame, where: str) -> pd.DataFrame:
        key = ["territory", "period", "indicator"]
        if not self.sums:
            once(rows, key, f"{where}, after its filters")
            return rows
        order = ["observed", "provisional", "unavailable", "suppressed"]
        rows = rows.assign(state=rows["state"].map(order.index))
        each = rows.groupby(key)
        summed = pd.DataFrame(
            {"value": each["value"].sum(skipna=False).round(6), "state": each["state"].max()}
        )
        return summed.reset_index().assign(state=lambda sums: sums["state"].map(order.__getitem__))


@dataclass(frozen=True)
class Each:
    """The loader of several exports: a reader for each of the files, in their order."""

    readers: tuple[Callable[[Sequence[Path]], pd.DataFrame], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings that any of them needs."""
        return tuple(dict.fromkeys(name for one in self.readers for name in getattr(one, "columns", ())))

    @property
    def series(self) -> tuple[str, ...]:
        """The columns by whose values any of them chooses."""
        named = (
            name for one in self.readers for kind in ("series", "filters") for name in getattr(one, kind, ())
        )
        return tuple(dict.fromkeys(named))

    def __call__(self, paths: Sequence[Path]) -> pd.DataFrame:
        """The figures of all files."""
        if len(paths) != len(self.readers):
            raise SourceError(f"{len(paths)} files came, where {len(self.readers)} are expected")
        return figures(pd.concat([read([path]) for read, path in zip(self.readers, paths, strict=True)]))


def require_values(column: pd.Series, wanted: Collection[str], where: str) -> None:
    """Refuse a column that lacks a value which is read, with the nearest that is there."""
    there = set(column.str.strip())
    if missing := sorted(set(wanted) - there):
        near = {value: nearest(value, there, 1) for value in missing}
        said = (
            f"{value!r}" + (f" (nearest: {near[value][0]!r})" if near[value] else "") for value in missing
        )
        raise SourceError(
            f"{where}, column {column.name!r}: no {listed(said, 6)}; found {listed(map(repr, sorted(there)), 12)}. The "
            "producer has renamed or dropped it: compare it with the loader"
        )


def labelled(path: Path, column: str, patterns: Mapping[str, str]) -> dict[str | tuple[str, ...], str]:
    """For each label of a column that a pattern finds (in lower case, without accents), what the pattern stands for.

    Labels that were described and not seen are read so: SourceError, with all that are there, unless each finds one.
    """
    labels = {text.strip() for text in read_csv(path, ";")[column].unique()}
    found = {one: [text for text in labels if re.search(one, plain(text))] for one in patterns}
    if wrong := [one for one, hits in found.items() if len(hits) != 1]:
        raise SourceError(
            f"{path.name}, column {column!r}: one value for each of {listed(map(repr, wrong), 6)} expected; found "
            f"{listed(map(repr, sorted(labels)), 40)}. Say in the loader which one is meant"
        )
    return {found[one][0]: meaning for one, meaning in patterns.items()}


def require_known(column: pd.Series, known: Collection[str], where: str) -> None:
    """Refuse a column with a value that has no meaning here."""
    if unknown := sorted(set(column) - set(known)):
        raise SourceError(
            f"{where}, column {column.name!r}: {listed(map(repr, unknown), 6)}; expected one of "
            f"{listed(map(repr, known), 20)}. Look up what it means, then say it in the loader"
        )
