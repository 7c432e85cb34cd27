"""Published files as tables: the one place where a loader opens a CSV, a spreadsheet or an archive.

Every reader goes through here, so that limits, encodings, separators and what a name does not tell are dealt with once. A
file that is not what its name says is refused by what it is. Cells are text, as they are written; what they mean is for the
loaders. Nothing is written but members of archives, into a folder that the caller gives.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

import pandas as pd

from analysis.foundations.file_names import shown
from analysis.foundations.limits import (
    MAX_BYTES,
    MAX_UNPACKED,
    SourceError,
    check_archive,
    check_table,
    check_workbook,
    read_bytes_limited,
    too_large,
)

_SEPARATORS = ";,\t|"
_NOT_TEXT = {
    b"PK\x03\x04": "a spreadsheet or an archive",
    b"\xd0\xcf\x11\xe0": "a spreadsheet of the old format",
    b"\x1f\x8b": "a compressed file",
    b"%PDF": "a PDF",
}
_WEB_PAGE = (b"<!doctype html", b"<html")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_QUOTED = re.compile(r'"[^"]*"')
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def text_of(content: bytes, where: str) -> str:
    """A text in UTF-8, UTF-16 or, where it is none of these, Windows-1252; SourceError when it is no text."""
    for start, what in _NOT_TEXT.items():
        if content.startswith(start):
            raise SourceError(
                f"{where} cannot be read as a CSV: it is {what}; save it as « CSV UTF-8 », or download it again"
            )
    if is_web_page(content):
        raise SourceError(f"{where} cannot be read as a CSV: it is a web page; download the file itself")
    if not content.strip():
        raise SourceError(f"{where} cannot be read: it is empty; download it again")
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data" and not content[: error.start].isascii()
        if encoding != "utf-8" or cut:
            raise SourceError(
                f"{where} cannot be read: it is cut in the middle of a character; download it again"
            ) from error
        text = content.decode("cp1252", errors="replace")
    if (found := _CONTROL.search(text)) or "\ufffd" in text:
        what = (
            f"it holds the control character {ord(found[0])}"
            if found
            else "it is neither UTF-8 nor Windows-1252"
        )
        raise SourceError(f"{where} cannot be read as text: {what}; save it as « CSV UTF-8 »")
    return text


def is_web_page(content: bytes) -> bool:
    """Whether what a site gave in place of a file is a page."""
    return content.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower().startswith(_WEB_PAGE)


def read_csv(path: Path, sep: str = ",") -> pd.DataFrame:
    """A published CSV, every cell as text; columns without a name are left out when they are blank.

    ``sep`` is the separator that the producer uses; a spreadsheet that saved the file again may have put another, which its
    heading tells. SourceError when a row has more or fewer cells than the heading.
    """
    where = shown(path.name)
    text = text_of(read_bytes_limited(path), where)
    heading = next((line for line in io.StringIO(text) if line.strip()), "")
    bare = _QUOTED.sub("", heading)
    found = max((sep, *_SEPARATORS), key=bare.count)
    check_table(where, text.count("\n") or text.count("\r"), bare.count(found) + 1)
    if line := _short_line(text, found, bare.count(found)):
        raise SourceError(f"{where}, line {line}: fewer cells than the heading, it is cut; download it again")
    try:
        frame = pd.read_csv(io.StringIO(text), sep=found, dtype="str", keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = " ".join(str(error).split())
        raise SourceError(
            f"{where} cannot be read ({reason}); it is cut or altered: download it again"
        ) from error
    if not isinstance(frame.index, pd.RangeIndex):
        raise SourceError(f"{where}: rows have more cells than the heading; it is altered: download it again")
    unnamed = frame.columns.str.startswith("Unnamed:")
    blank = [unnamed[i] and frame.iloc[:, i].str.strip().eq("").all() for i in range(len(unnamed))]
    frame = frame.loc[:, [not b for b in blank]]
    names = next(csv.reader([heading], delimiter=found))
    frame.attrs["twice"] = sorted(
        name for name, times in Counter(names).items() if times > 1 and name.strip()
    )
    return frame


def read_parquet(path: Path) -> pd.DataFrame:
    """A published Parquet file, every cell as text and a missing one empty, as ``read_csv`` gives them."""
    where = shown(path.name)
    content = read_bytes_limited(path)
    try:
        frame = pd.read_parquet(io.BytesIO(content))
    except (OSError, ValueError) as error:  # of which those of pyarrow are
        reason = " ".join(str(error).split())[:200]
        raise SourceError(f"{where} is no Parquet file ({reason}); download it again") from error
    check_table(where, len(frame), len(frame.columns))
    return frame.astype("object").where(frame.notna(), "").astype("str")


def _short_line(text: str, sep: str, expected: int) -> int:
    """Number of the first line that has fewer separators than the heading, 0 for none. A whole line of words is a note."""
    inside = False
    for number, line in enumerate(io.StringIO(text), start=1):
        quotes = line.count('"')
        if not inside and quotes % 2 == 0 and line.strip() and line.count(sep) < expected:
            note = sep not in line and " " in line.strip() and line.endswith("\n")
            if not note:
                return number
        inside ^= bool(quotes % 2)
    return 0


def open_workbook(path: Path) -> pd.ExcelFile:
    """A workbook, of the old or the new format, as pandas opens it: rows one by one, values without formulas or links.

    SourceError, before it is opened, when it would take too much or is no workbook. The caller closes it.
    """
    content = read_bytes_limited(path)
    if is_web_page(content):
        raise SourceError(f"{shown(path.name)} is a web page; download the file itself")
    return workbook_of(content, shown(path.name))


def workbook_of(content: bytes, where: str) -> pd.ExcelFile:
    """The same, of a file that was read; ``where`` names it in errors."""
    check_workbook(content, where)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The xlrd engine is deprecated")
        warnings.filterwarnings("ignore", message="Workbook contains no default style")
        return pd.ExcelFile(io.BytesIO(content))


def cells(
    book: pd.ExcelFile, sheets: Sequence[str] | None = None, *, blank_is_missing: bool = True
) -> dict[str, pd.DataFrame]:
    """Some sheets of an open workbook, or all, as cells without headers; an empty cell is missing, or an empty text."""
    names = None if sheets is None else list(sheets)
    return pd.read_excel(book, sheet_name=names, header=None, dtype="object", na_filter=blank_is_missing)


# ---------------------------------------------------------------------------------------------------------- archives

ARCHIVES = (".zip", ".gz")


def unpack(path: Path, wanted: Callable[[str], bool], folder: Path) -> list[Path]:
    """The members of a ``.zip`` or ``.gz`` whose name is wanted, written below ``folder`` under that name alone.

    Folders of the archive are left out, and no member is written anywhere else. SourceError when the archive is damaged,
    protected, or would take too much.
    """
    where, content = shown(path.name), read_bytes_limited(path)
    try:
        if path.suffix.casefold() == ".gz":
            name = path.name[: -len(".gz")]
            return [_write(_gunzipped(content, where), name, folder)] if wanted(name) else []
        with ZipFile(io.BytesIO(content)) as archive:
            check_archive(archive, where)
            members = [
                (member, name) for member in archive.infolist() if (name := _name(member)) and wanted(name)
            ]
            return [
                _write(archive.read(member), name, folder / str(i))
                for i, (member, name) in enumerate(members)
            ]
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise SourceError(f"{where} is damaged ({error}); download it again") from error
    except OSError as error:
        raise SourceError(f"{where} cannot be unpacked ({error.strerror or error})") from error


def _name(member: ZipInfo) -> str:
    """The name of a file of an archive without its folders; empty for a folder and for what a system adds."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    return "" if member.is_dir() or "__MACOSX" in path.parts or path.name.startswith("._") else path.name


def _gunzipped(content: bytes, where: str) -> bytes:
    with gzip.open(io.BytesIO(content)) as stream:
        unpacked = stream.read(min(MAX_BYTES, MAX_UNPACKED) + 1)
    if len(unpacked) > MAX_BYTES:
        raise too_large(where, len(unpacked), MAX_BYTES, "bytes and more once unpacked")
    return unpacked


def _write(content: bytes, name: str, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path
