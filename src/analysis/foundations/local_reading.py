"""The cells of the file in which a département gives its figures, whatever wrote it: CSV or workbook.

Encodings, separators, headings and what stands around a table differ from one spreadsheet to another. This module finds
them, keeps the number of each line, and says what it left out and how it read; it never leaves out a line that holds a
figure. It reads bytes that anybody may have written: sizes are limited before anything is unpacked. What cells mean is
none of its work (``local_numbers``, ``local``).
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from analysis.foundations import published as files
from analysis.foundations import territories
from analysis.foundations.display import capped, listed, nearest
from analysis.foundations.files import DataError, sha256_of
from analysis.foundations.values import dictionary, folded

if TYPE_CHECKING:
    from openpyxl.cell import Cell as AnyCell
    from openpyxl.worksheet.worksheet import Worksheet

COLUMNS = ("territory", "period", "indicator", "value", "source")
LARGEST, UNPACKED, ROWS = 5_000_000, 50_000_000, 20_000
"""Bytes of a file, bytes of a workbook once unpacked, and rows: far beyond what a département has to give."""

EXPECTED = f"expected the columns {', '.join(COLUMNS)}"
_DELIMITERS = (";", ",", "\t", "|")
_FIRST = 40
"""Lines among which the headings are looked for."""
_BLANK = 1_000
"""Blank rows after which a sheet is at its end."""
_HEADINGS = {
    "territory": ("territory", "territoire", "departement", "code departement", "code territoire"),
    "period": ("period", "periode", "annee", "periode ou annee"),
    "indicator": ("indicator", "indicateur"),
    "value": ("value", "valeur"),
    "source": ("source", "sources"),
}
_HEADING_OF = {words: name for name, known in _HEADINGS.items() for words in known}
_FOOTNOTE = re.compile(
    r"(?:\*|\(\w\)|\u00b9|notes?\b|nota\b|sources?\b|lecture\b|champ\b|legende\b|signes?\b|(?:nd|ns|nc|s|c|///)\s*[:=])"
)
_NOT_TABLES = {
    b"\xd0\xcf\x11\xe0": "a workbook of an old Excel (.xls)",
    b"%PDF": "a PDF",
    b"PAR1": "a Parquet file",
    b"{\\rtf": "a text of a word processor",
}

Cell = str | float
Grid = list[tuple[int, list[Cell]]]


@dataclass(frozen=True)
class Row:
    """A line of the file: its number, and its cells by the name of their column; a number of a workbook stays one."""

    line: int
    cells: dict[str, Cell]


@dataclass(frozen=True)
class Sheet:
    """The figures as they are written, notes on how the file was read and what was left out, and what it was."""

    rows: tuple[Row, ...]
    notes: tuple[str, ...]
    sha256: str
    bytes: int


def read(path: Path) -> Sheet:
    """The figures written in a file; DataError that says what the file is instead, or which line is not of the form."""
    content = _content(path)
    if content.startswith(b"PK\x03\x04"):
        grid, notes = _workbook(content, path.name), ["read as a workbook"]
    else:
        text, notes = _decoded(content, path.name)
        grid = _grid(text, path.name)
    rows, left_out = _body(grid, path.name)
    return Sheet(tuple(rows), (*notes, *left_out), sha256_of(content), len(content))


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise DataError(f"{path} is not a file; {EXPECTED}, in a CSV")
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); copy it where you may read it") from error
    if len(content) > LARGEST:
        raise DataError(f"{path.name}: more than {LARGEST:,} bytes; keep the figures to be added only")
    for start, what in _NOT_TABLES.items():
        if content.startswith(start):
            raise DataError(f"{path.name}: this is {what}; save it as « CSV UTF-8 » or .xlsx")
    return content


# ----------------------------------------------------------------------------------------------------------------- text

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
          (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


def _decoded(content: bytes, where: str) -> tuple[str, list[str]]:
    """The text of a file, and a note where it is not UTF-8."""
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), None) or _unmarked(content)
    for name in dict.fromkeys((encoding, "utf-8", "cp1252")):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        known = {"cp1252": "Windows-1252", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}.get(
            name, name.upper()
        )
        return text.removeprefix("\ufeff"), [] if name.startswith("utf-8") else [
            f"read as {known}, not as UTF-8"
        ]
    raise DataError(f"{where}: not a text that can be read; save it as « CSV UTF-8 »")


def _unmarked(content: bytes) -> str:
    """UTF-16 without a mark shows by a zero beside each letter."""
    for name, zeros in (("utf-16-le", content[1::2]), ("utf-16-be", content[::2])):
        if zeros.count(0) * 2 > len(zeros):
            return name
    return "utf-8"


def _grid(text: str, where: str) -> Grid:
    """The cells of a CSV, with the number of the line where each row begins; lines that begin with ``#`` are comments."""
    if text.lstrip().startswith("<"):
        raise DataError(f"{where}: this is a web page (HTML); save it as « CSV UTF-8 » or .xlsx")
    lines = ["\n" if _is_comment(line) else line for line in io.StringIO(text, newline="")]
    reader = csv.reader(lines, delimiter=_delimiter(lines), strict=True)
    grid: Grid = []
    begins = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                grid.append((begins, [cell.strip() for cell in row]))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{where}: not a CSV, line {begins} ({error}); {EXPECTED}") from error
    if len(grid) > ROWS:
        raise DataError(f"{where}: {len(grid):,} rows, {ROWS:,} at most; keep the figures to be added only")
    return grid


def _is_comment(line: str) -> bool:
    return line.lstrip(" \t\"'").startswith("#") or re.fullmatch(r"sep=.\s*", line, re.IGNORECASE) is not None


def _delimiter(lines: Sequence[str]) -> str:
    """The separator under which a line holds most of the headings, else the one that cuts the first line most."""
    first = [line for line in lines if line.strip(" \t\r\n;,|")][:_FIRST]
    cut = [
        (d, [cell.strip() for cell in line.rstrip("\r\n").replace('"', "").split(d)])
        for line in first
        for d in _DELIMITERS
    ]
    best = max(cut, key=lambda one: len(set(_named(one[1])) - {None}), default=(";", []))
    if any(_named(best[1])):
        return best[0]
    return max(_DELIMITERS, key=first[0].count) if first else ";"


# -------------------------------------------------------------------------------------------------------------- workbooks


def _workbook(content: bytes, where: str) -> Grid:
    """The cells of the one sheet of a workbook that holds the headings."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names, size = archive.namelist(), sum(entry.file_size for entry in archive.infolist())
        if "xl/workbook.xml" not in names:
            kind = "an OpenDocument spreadsheet (.ods)" if "content.xml" in names else "an archive"
            raise DataError(f"{where}: this is {kind}; save it as « CSV UTF-8 » or .xlsx")
        if size > UNPACKED:
            raise DataError(
                f"{where}: {size:,} bytes once unpacked, {UNPACKED:,} at most; keep the figures to be added only"
            )
        with files.workbook_of(content, where) as book:
            sheets = {sheet.title: _sheet(sheet, where) for sheet in book.book.worksheets}
    except (zipfile.BadZipFile, KeyError, ParseError, EOFError, ValueError, IndexError, TypeError) as error:
        raise DataError(
            f"{where}: a damaged workbook ({type(error).__name__}); save it again, or as « CSV UTF-8 »"
        ) from error
    whole = [name for name, grid in sheets.items() if _header(grid)[1] == len(COLUMNS)]
    if len(whole) > 1:
        raise DataError(
            f"{where}: the sheets {listed(whole)} all hold these columns; keep one of them in the file"
        )
    return sheets[whole[0]] if whole else next((grid for grid in sheets.values() if grid), [])


def _sheet(sheet: Worksheet, where: str) -> Grid:
    grid: Grid = []
    last = 0
    for line, row in enumerate(sheet.iter_rows(max_col=60), start=1):
        cells = [_typed(cell) for cell in row]
        if any(cell != "" for cell in cells):
            last = line
            if not str(cells[0]).startswith("#"):
                grid.append((line, cells))
        if line - last > _BLANK:  # rows that were formatted and never filled in
            break
        if line > ROWS:
            raise DataError(f"{where}: more than {ROWS:,} rows; keep the figures to be added only")
    return grid


def _typed(cell: AnyCell) -> Cell:
    """A cell as it is shown: a number stays one, but for a percentage; a date that a month was turned into is that month."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return f"{100 * value:.10f}%".replace(".", ",") if "%" in (cell.number_format or "") else float(value)
    if isinstance(value, date):
        return f"{value:%Y-%m}" if value.day == 1 else f"{value:%Y-%m-%d}"
    return str(value).strip()


# ------------------------------------------------------------------------------------------------------ headings and rows


def _named(cells: Sequence[Cell]) -> list[str | None]:
    """The column that each heading names, or None."""
    return [_HEADING_OF.get(folded(str(cell))) for cell in cells]


def _header(grid: Grid) -> tuple[int, int]:
    """Where the headings stand among the first rows, and how many columns they name."""
    scores = [len(set(_named(cells)) - {None}) for _, cells in grid[:_FIRST]]
    best = max(scores, default=0)
    return (scores.index(best) if best else 0), best


def _body(grid: Grid, where: str) -> tuple[list[Row], list[str]]:
    """The rows below the headings, every one of them whole, and what was left out."""
    if not grid:
        raise DataError(f"{where}: empty; {EXPECTED}")
    at, _ = _header(grid)
    names = _columns(grid[at][1], where)
    above = [(line, str(cells[0])) for line, cells in grid[:at]]
    rows: list[Row] = []
    blank: list[tuple[int, str]] = []
    notes: list[tuple[int, str]] = []
    for line, cells in grid[at + 1 :]:
        kind = _kind(cells, names)
        if kind == "figure":
            rows.append(_row(line, cells, names, where))
        elif kind != "empty":
            (blank if kind == "blank" else notes).append((line, str(cells[0])))
    if not rows:
        raise DataError(f"{where}: no figure below the header; fill in the template and add it again")
    return rows, list(_left_out(blank, [*above, *notes]))


def _columns(header: Sequence[Cell], where: str) -> list[str | None]:
    """The name of each column; None for those that have no heading."""
    names = _named(header)
    written = [str(cell) for cell in header]
    while written and not written[-1]:
        written.pop()
    unknown = [text for text, name in zip(header, names, strict=True) if name is None and text != ""]
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if unknown or twice or set(COLUMNS) - set(names):
        near = [hit for text in unknown for hit in nearest(folded(str(text)), _HEADING_OF, 1)]
        hint = (
            f" (did you mean {', '.join(dict.fromkeys(_HEADING_OF[hit] for hit in near))}?)" if near else ""
        )
        there = listed(repr(text[:40]) for text in written)
        raise DataError(f"{where}: columns {there}; {EXPECTED}, no other{hint}")
    return names


def _kind(cells: Sequence[Cell], names: Sequence[str | None]) -> str:
    """What a row is: ``figure``, ``blank`` (a line of the template that is not filled in), ``note`` or ``empty``."""
    filled = [i for i, cell in enumerate(cells) if cell != ""]
    if not filled:
        return "empty"
    named = {names[i] for i in filled if i < len(names)}
    indicator = next((str(cells[i]) for i in filled if i < len(names) and names[i] == "indicator"), "")
    if named == {"indicator"} and len(filled) == 1 and indicator in dictionary():
        return "blank"
    value = next((str(cell) for cell, name in zip(cells, names, strict=False) if name == "value"), "")
    if re.search(r"\d", value) and not re.search(r"[^\W\d_]{3}", value):
        return "figure"
    first = str(cells[filled[0]])
    if filled[0] == 0 and indicator not in dictionary():
        begins = unicodedata.normalize("NFKD", first.casefold()).encode("ascii", "ignore").decode()
        if _FOOTNOTE.match(begins) or first.startswith("\u00b9") or (len(filled) == 1 and _is_prose(first)):
            return "note"
    return "figure"


def _is_prose(text: str) -> bool:
    """Whether a text is no territory, and holds a word."""
    try:
        territories.parse(text)
    except territories.UnknownTerritory as error:
        return not error.candidates and len(folded(text)) > 3 and not text.isdigit()
    return False


def _row(line: int, cells: list[Cell], names: list[str | None], where: str) -> Row:
    while len(cells) > len(names) and cells[-1] == "":  # left by a spreadsheet
        cells = cells[:-1]
    last = max(i for i, name in enumerate(names) if name)
    if len(cells) > len(names) or len(cells) <= last:
        raise DataError(
            f"{where}, line {line}: {len(cells)} cells, {len(names)} expected; put a text that holds the separator "
            "in double quotes, and a decimal comma too"
        )
    if stray := [cell for cell, name in zip(cells, names, strict=False) if name is None and cell != ""]:
        raise DataError(
            f"{where}, line {line}: {str(stray[0])[:40]!r} stands in a column without a heading; name it or empty it"
        )
    return Row(line, {name: cell for cell, name in zip(cells, names, strict=False) if name})


def _left_out(blank: Sequence[tuple[int, str]], notes: Sequence[tuple[int, str]]) -> Iterator[str]:
    if blank:
        yield f"{len(blank)} left out that nothing is filled in: line {listed(line for line, _ in blank)}"
    if notes:
        lines = capped(f"line {line}, {text[:60]!r}" for line, text in notes)
        yield f"{len(notes)} left out that hold no figure: {'; '.join(lines)}"
