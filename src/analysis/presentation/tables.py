"""A table that a reader can read, hear and take away: HTML, CSV and frame from the same cells.

A cell is text, a bare number, a period, a ``values.Value``, which is written with its state, or a ``Cell``, which says how
its figure is written: a cell is never empty, and a missing figure says why it is missing. The first column names the rows.
Everything is escaped; nothing is computed here. Tables are shown by notebooks as they are (``_repr_html_``), and stand
behind every figure.
"""

from __future__ import annotations

import base64
import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from numbers import Real
from typing import Any, Literal, cast

import pandas as pd

from analysis.foundations import csv_cells, observation, values
from analysis.foundations.observation import Number
from analysis.foundations.periods import Period
from analysis.foundations.values import Lang, Value
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say
from analysis.presentation.narrative.origins import Quoted


@dataclass(frozen=True)
class Column:
    """A column: the key of its cells, and how they are written.

    ``unit`` is a key of the dictionary's units, written once in the header; without it a ``Value`` is written with its
    own. ``decimals`` is that of bare numbers (0 by default) and overrides the dictionary's for a ``Value``.
    """

    key: str
    label: str
    kind: Literal["text", "number"] = "number"
    decimals: int | None = None
    unit: str | None = None
    lang: Lang | None = None
    """Language of the cells when it is not that of the table, as for titles that are quoted."""


@dataclass(frozen=True)
class Cell:
    """A figure of a table with how it is written.

    ``unit`` and ``qualified`` are false where the row says already what is counted, and what must be known of all its
    figures. ``beside`` is said after it. ``drawn`` is markup of ours that stands beside it, for the eye only.
    """

    figure: Value
    unit: bool = True
    qualified: bool = True
    beside: str = ""
    drawn: str = ""


@dataclass(frozen=True, repr=False)
class Table:
    """Rows of cells under columns, with a caption. ``rows`` may be given as a frame; they are kept as mappings."""

    key: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]] | pd.DataFrame
    lang: Lang

    def __post_init__(self) -> None:
        """Keep rows as a tuple and the dictionary in use, and refuse a table with a column that a row lacks."""
        values.language(self.lang)
        object.__setattr__(self, "_names", values.in_use())
        rows = self.rows.to_dict("records") if isinstance(self.rows, pd.DataFrame) else self.rows
        object.__setattr__(self, "rows", tuple(rows))
        object.__setattr__(self, "columns", tuple(self.columns))
        for i, row in enumerate(self._rows):
            if missing := [c.key for c in self.columns if c.key not in row]:
                raise ValueError(
                    f"table {self.key}, row {i + 1}: no cell for {', '.join(missing)}; give None for a figure that is "
                    "not known, or a Value with its state"
                )

    @property
    def _rows(self) -> tuple[Mapping[str, Any], ...]:
        """The rows as they are kept."""
        return cast("tuple[Mapping[str, Any], ...]", self.rows)

    def __repr__(self) -> str:
        return f"<Table {self.key}: {len(self.rows)} × {len(self.columns)}>"

    def _repr_html_(self) -> str:
        return self.html()

    def html(self, download: bool = True) -> str:
        """The table in a region that scrolls, with a link that gives it as CSV unless the page has another."""
        with values.using(getattr(self, "_names", None)):
            return self._html(download)

    def _html(self, download: bool) -> str:
        name = f"caption-{escape(self.key)}"
        head = "".join(_header(column, self.lang) for column in self.columns)
        body = "".join(self._row(row) for row in self._rows)
        return (
            f'<div class="table-scroll" tabindex="0" role="region" aria-labelledby="{name}">'
            f'<table class="data"><caption id="{name}">{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{self._download() if download else ''}"
        )

    def _row(self, row: Mapping[str, Any]) -> str:
        first, *others = self.columns
        self._record(row)
        cells = "".join(
            f"<td{_class(c)}{self._spoken(c, row[c.key])}>{_cell(row[c.key], c, self.lang)}</td>"
            for c in others
        )
        return (
            f'<tr><th scope="row"{_class(first)}>{_cell(row[first.key], first, self.lang)}</th>{cells}</tr>'
        )

    def _spoken(self, column: Column, cell: object) -> str:
        """The language of a cell, for those who hear it: its own where it is quoted, else that of its column."""
        lang = cell.lang if isinstance(cell, Quoted) else column.lang
        return f' lang="{lang}"' if lang not in (None, self.lang) else ""

    def _record(self, row: Mapping[str, Any]) -> None:
        """Record the bare numbers of a row as shown; figures are recorded where they are written."""
        name = row[self.columns[0].key]
        words = name if isinstance(name, str) else _raw(name, "value")
        for column in self.columns:
            cell = row[column.key]
            if isinstance(cell, Real) and not isinstance(cell, bool) and not _is_missing(cell):
                observation.number_shown(Number(self.caption, words, column.label, column.unit, float(cell)))

    def _download(self) -> str:
        content = base64.b64encode(self.to_csv().encode()).decode()
        words = escape(say("table.download", self.lang, caption=self.caption))
        return (
            f'<p class="download"><a download="{escape(self.key)}.csv" '
            f'href="data:text/csv;charset=utf-8;base64,{content}" aria-label="{words}">'
            f"{escape(say('table.csv', self.lang))}</a></p>"
        )

    def to_csv(self) -> str:
        """Raw cells, comma separated, point as decimal mark, keys of the columns as header.

        Beside a column ``x`` of values stand ``x_state`` when one is not simply observed, and ``x_lower`` and
        ``x_upper`` when one has bounds.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        fields = [field for column in self.columns for field in self._fields(column)]
        writer.writerow(csv_cells.row(name for name, _, _ in fields))
        writer.writerows(csv_cells.row(_raw(row[key], part) for _, key, part in fields) for row in self._rows)
        return out.getvalue()

    def to_frame(self) -> pd.DataFrame:
        """The same columns as ``to_csv`` in a frame, numbers as numbers."""
        fields = [field for column in self.columns for field in self._fields(column)]
        return pd.DataFrame(
            {name: [_part(row[key], part) for row in self._rows] for name, key, part in fields}
        )

    def _fields(self, column: Column) -> list[tuple[str, str, str]]:
        cells = [row[column.key] for row in self._rows]
        figures = [one for one in map(_figure, cells) if isinstance(one, Value)]
        parts = ["value"]
        if any(cell.state != "observed" for cell in figures):
            parts.append("state")
        if any(cell.lower is not None or cell.upper is not None for cell in figures):
            parts += ["lower", "upper"]
        return [
            (column.key if part == "value" else f"{column.key}_{part}", column.key, part) for part in parts
        ]


def _class(column: Column) -> str:
    return ' class="num"' if column.kind == "number" else ""


def _header(column: Column, lang: Lang) -> str:
    unit = values.dictionary().units[column.unit].axis[lang] if column.unit else ""
    words = f' <span class="unit">({escape(unit)})</span>' if unit else ""
    return f'<th scope="col"{_class(column)}>{escape(column.label)}{words}</th>'


def _figure(cell: object) -> object:
    """The figure of a cell that has one; any other cell as it is."""
    return cell.figure if isinstance(cell, Cell) else cell


def _cell(cell: Any, column: Column, lang: Lang) -> str:
    if isinstance(cell, Cell | Value):
        return _value_cell(cell if isinstance(cell, Cell) else Cell(cell), column, lang)
    if _is_missing(cell):
        return _state(formats.state_words("not_given", lang), "unavailable")
    if isinstance(cell, Period):
        return escape(formats.short_period(cell.text, lang))
    if isinstance(cell, str):
        return escape(cell)
    return escape(formats.number(float(cell), lang, column.decimals or 0))


def _value_cell(cell: Cell, column: Column, lang: Lang) -> str:
    figure, unit = cell.figure, cell.unit and column.unit is None
    text = formats.plain_value(figure, lang, unit=unit, decimals=column.decimals)
    if not figure.known:
        return _state(text, figure.state)
    words = formats.qualifier(figure, lang, unit=column.unit is None) if cell.qualified else ""
    mark = figure.state != "observed" and not cell.qualified
    shown = f'<span class="state-{escape(figure.state)}">{escape(text)}</span>' if mark else escape(text)
    told = " ".join(part for part in (shown, cell.drawn) if part)
    told += f" {_state(words, figure.state)}" if words else ""
    return told + (f' <span class="state">{escape(cell.beside)}</span>' if cell.beside else "")


def _state(words: str, state: str) -> str:
    return f'<span class="state state-{escape(state)}">{escape(words)}</span>'


def _is_missing(cell: object) -> bool:
    return cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)) or cell is pd.NA


def _part(cell: object, part: str) -> Any:
    cell = _figure(cell)
    if isinstance(cell, Value):
        return getattr(cell, part)
    if part != "value" or _is_missing(cell):
        return None
    return cell.text if isinstance(cell, Period) else cell


def _raw(cell: object, part: str) -> str:
    part_of_cell = _part(cell, part)
    if part_of_cell is None or isinstance(part_of_cell, str):
        return part_of_cell or ""
    exact = round(float(part_of_cell), 6)
    return str(int(exact)) if exact.is_integer() else repr(exact)
