"""What a published file may take to be read: refused before it is, with the number that is too large.

A file is small to send and large to open: an archive of zeros, a sheet that claims every cell there is, a text declared by
entities of entities. What is counted here is read as a stream and kept nowhere. The largest published files that
are known take less than half of a limit. Nothing here knows a producer or makes a table (``files`` does).
"""

from __future__ import annotations

import io
import os
import re
import stat
from pathlib import Path
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from analysis.foundations.file_names import shown
from analysis.foundations.files import DataError

MEBI = 1024 * 1024
MAX_BYTES = 50 * MEBI
"""Bytes of a file."""

MAX_UNPACKED = 100 * MEBI
"""Bytes of what an archive or a spreadsheet holds once unpacked."""

MAX_RATIO = 200
"""How many times larger than packed a member may be, from one mebibyte on."""

MAX_MEMBERS = 2_000
"""Members of an archive."""

MAX_ROWS = 400_000
"""Rows of a table."""

MAX_COLUMNS = 16_384
"""Columns of a table: those of a spreadsheet."""

MAX_CELLS = 3_000_000
"""Cells of a table, or of all sheets of a workbook, blank ones between others included."""

MAX_BLANK_ROWS = 5_000_000
"""Rows that sheets skip: some published ones style their very last row."""


class SourceError(DataError):
    """A published file that is not as its loader expects: the message names the file, the place and the remedy."""


def too_large(where: str, number: int, limit: int, what: str) -> SourceError:
    """The refusal of what goes beyond a limit: both numbers, and what to do."""
    return SourceError(
        f"{where}: {number:,} {what}, more than the {limit:,} that are read. If it is the published file, keep only the "
        "tables that the loader reads; otherwise download it again"
    )


def read_bytes_limited(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The content of a regular file; SourceError when it is none, cannot be opened, or has more bytes than ``limit``."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise SourceError(
            f"{shown(path.name)} cannot be opened ({error.strerror}); nothing was read"
        ) from error
    with os.fdopen(handle, "rb") as stream:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise SourceError(f"{shown(path.name)} is no regular file; give a published file")
        if facts.st_size > limit:
            raise too_large(shown(path.name), facts.st_size, limit, "bytes")
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise too_large(shown(path.name), len(content), limit, "bytes and more")
    return content


def check_table(where: str, rows: int, columns: int) -> None:
    """Refuse a table of too many rows or cells."""
    if rows > MAX_ROWS:
        raise too_large(where, rows, MAX_ROWS, "rows")
    if columns > MAX_COLUMNS:
        raise too_large(where, columns, MAX_COLUMNS, "columns")
    if rows * columns > MAX_CELLS:
        raise too_large(where, rows * columns, MAX_CELLS, f"cells ({rows:,} rows, {columns:,} columns)")


def check_archive(archive: ZipFile, where: str) -> None:
    """Refuse an archive of too many members, or whose members would be too large; nothing is unpacked."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise too_large(where, len(members), MAX_MEMBERS, "members")
    if (total := sum(member.file_size for member in members)) > MAX_UNPACKED:
        raise too_large(where, total, MAX_UNPACKED, "bytes once unpacked")
    for member in members:
        if member.flag_bits & 1:
            raise SourceError(f"{where} is protected by a password; save it without, and import it again")
        ratio = member.file_size // max(1, member.compress_size)
        if member.file_size > MEBI and ratio > MAX_RATIO:
            name = shown(member.filename)
            raise too_large(f"{where}, {name}", ratio, MAX_RATIO, "times its size once unpacked")


# --------------------------------------------------------------------------------------------------------- workbooks

_OLD_FORMAT = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REFERENCE = re.compile(r"([A-Z]{1,3})\d*", re.IGNORECASE)


def check_workbook(content: bytes, where: str) -> None:
    """Refuse a workbook, of the old or the new format, that would take too much; SourceError when it is none."""
    if content.startswith(b"PK"):
        _check_new(content, where)
    elif content.startswith(_OLD_FORMAT):
        _check_old(content, where)
    else:
        raise SourceError(f"{where} is not a spreadsheet, whatever its name says; download it again")


def _check_new(content: bytes, where: str) -> None:
    try:
        with ZipFile(io.BytesIO(content)) as book:
            check_archive(book, where)
            count = _Cells(where)
            for name in book.namelist():
                if name.endswith((".xml", ".rels")):
                    with book.open(name) as part:
                        count.read(part)
    except (BadZipFile, EOFError, NotImplementedError, expat.ExpatError) as error:
        raise SourceError(f"{where} is damaged ({error}); download it again") from error


class _RootSeen(Exception):
    """The first element of a part that holds neither cells nor texts: the rest need not be read."""


class _Cells:
    """Counts what the sheets and the shared texts of a workbook hold, as they would be read; refuses what declares entities.

    A row that is skipped is a blank one, and so is each cell before the last of a row. A sheet becomes a rectangle, as wide
    as its widest row and as long as its last row that holds something.
    """

    def __init__(self, where: str) -> None:
        self.where, self.total, self.blank_rows = where, 0, 0
        self.row = self.column = self.last_row = self.last_column = 0
        self.counted = False

    def read(self, part: IO[bytes]) -> None:
        """Count one part."""
        self.row = self.column = self.last_row = self.last_column = 0
        self.counted = False
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.ParseFile(part)
        except _RootSeen:
            return
        self._add(self.last_row * self.last_column)

    def _refuse(self, *_: object) -> None:
        raise SourceError(
            f"{self.where} declares a document type or entities, as no spreadsheet does; it is not read"
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(" ")[2]
        if not self.counted:
            if name not in ("worksheet", "sst"):
                raise _RootSeen
            self.counted = True
        elif name == "c":
            self._cell(attributes.get("r", ""))
        elif name == "row":
            given = attributes.get("r", "")
            row = int(given) if given.isdigit() and len(given) < 9 else self.row + 1
            self.blank_rows += max(0, row - self.row - 1)
            if self.blank_rows > MAX_BLANK_ROWS:
                raise too_large(self.where, self.blank_rows, MAX_BLANK_ROWS, "blank rows")
            self._add(1)
            self.row, self.column = row, 0
        elif name in ("v", "is"):
            self.last_row, self.last_column = max(self.last_row, self.row), max(self.last_column, self.column)
        elif name == "si":
            self._add(1)

    def _cell(self, reference: str) -> None:
        found = _REFERENCE.match(reference)
        column = _number(found[1]) if found else self.column + 1
        self._add(max(1, column - self.column))
        self.column = column

    def _add(self, cells: int) -> None:
        self.total += cells
        if self.total > MAX_CELLS:
            raise too_large(self.where, self.total, MAX_CELLS, "cells at least (blank ones included)")


def _number(letters: str) -> int:
    """Column ``A`` is 1, ``XFD`` 16,384."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + ord(letter) - 64
    return number


def _check_old(content: bytes, where: str) -> None:
    import xlrd

    try:
        with xlrd.open_workbook(
            file_contents=content, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        ) as book:
            total = 0
            for index in range(book.nsheets):
                sheet = book.sheet_by_index(index)
                total += sheet.nrows * max((sheet.row_len(row) for row in range(sheet.nrows)), default=0)
                book.unload_sheet(index)
                if total > MAX_CELLS:
                    raise too_large(where, total, MAX_CELLS, "cells (blank ones included)")
    except SourceError:
        raise
    except Exception as error:  # the library's own, of many kinds
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(
            f"{where} cannot be read ({reason}): it is damaged, or protected by a password; download it again"
        ) from error
