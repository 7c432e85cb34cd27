"""Reading published files: encodings and separators, what is not what its name says, and limits before anything is read.

The limits are lowered here: what is tried on a few bytes is what happens on many.
"""

import gzip
import io
import os
import struct
import zipfile
from contextlib import nullcontext
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pytest

from analysis.foundations import limits
from analysis.foundations import published as files
from analysis.foundations.cells import require_columns
from analysis.foundations.limits import SourceError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def write(tmp_path):
    def _write(content, name="x.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return _write


@pytest.fixture
def book(write):
    """A workbook of one cell, with other content for some of its parts."""

    def _book(name="x.xlsx", **parts):
        made, plain = io.BytesIO(), openpyxl.Workbook()
        plain.active["A1"] = "text"
        plain.save(made)
        out = io.BytesIO()
        with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for member in old.namelist():
                if member.rpartition("/")[2].removesuffix(".xml") not in parts:
                    new.writestr(member, old.read(member))
            for part, content in parts.items():
                folder = "worksheets/" if part.startswith("sheet") else ""
                new.writestr(f"xl/{folder}{part}.xml", content)
        return write(out.getvalue(), name)

    return _book


def sheet(rows, before=""):
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData></worksheet>'


def cells(path):
    with files.open_workbook(path) as opened:
        return pd.read_excel(opened, sheet_name=None, header=None, dtype="object")


# -------------------------------------------------------------------------------------------------------------- text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sep", [";", ",", "\t"])
def test_a_csv_is_read_as_a_spreadsheet_may_have_saved_it(write, encoding, sep):
    text = sep.join(("Année", '"b, c; d"', "x")) + "\r\n" + sep.join(("été", "1", '"2"')) + "\r\n"
    frame = files.read_csv(write(text.encode(encoding)), ";")
    assert frame.to_dict("list") == {"Année": ["été"], "b, c; d": ["1"], "x": ["2"]}


def test_notes_below_a_table_and_blank_columns_beside_it_are_no_cut(write):
    text = 'a;b;;\n1;2;;\n"3\nthree";4;;\n;;;\nSource of the table\n'
    frame = files.read_csv(write(text.encode()), ";")
    assert list(frame.columns) == ["a", "b"]
    assert frame["a"].tolist() == ["1", "3\nthree", "", "Source of the table"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a;b\n1;2\n3\n", "line 3: fewer cells"),
        (b"a;b\n1;2\n3", "line 3: fewer cells"),
        (b'a;b\n1;2\n"3', "cannot be read"),
        (b"a;b\n1;2;3\n4;5;6\n", "more cells than the heading"),
        ("a;b\né;à".encode()[:-1], "cut in the middle of a character"),
        (b"a;b\n1;\x00\n", "control character 0"),
        (b"a;b\n1;\x81\n", "neither UTF-8 nor Windows-1252"),
        (b"\xef\xbb\xbf <HTML><p>Maintenance", "it is a web page"),
        (b"PK\x03\x04....", "it is a spreadsheet or an archive"),
        (b"\x1f\x8b\x08.", "it is a compressed file"),
        (b" \n", "it is empty"),
    ],
)
def test_what_is_cut_or_is_no_csv_is_told_by_what_it_is(write, content, message):
    with pytest.raises(SourceError, match=rf"^x\.csv.*{message}") as refused:
        files.read_csv(write(content), ";")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "headings",
    [
        ["Code Département", "Année publication", "Loyer moyen (en €/m²)*"],
        ["CODE_DEPARTEMENT", "annee-publication", "loyer moyen en eur m2"],
        ["\ufeffcode departement", " Annee\u00a0Publication ", "Loyer_moyen_en_€_m²"],
    ],
)
def test_labels_stand_for_the_names_that_a_loader_reads(headings):
    frame = pd.DataFrame([["67", "2024", "7"]], columns=headings)
    wanted = ["code_departement", "annee_publication", "loyer_moyen_en_eur_m2"]
    require_columns(frame, wanted, "x.csv")
    assert list(frame.columns) == wanted


def test_two_headings_that_may_be_the_same_column_are_refused():
    frame = pd.DataFrame([["67", "68"]], columns=["Code", "CODE "])
    with pytest.raises(SourceError, match="several columns may be 'code': 'Code', 'CODE '"):
        require_columns(frame, ["code"], "x.csv")


# ------------------------------------------------------------------------------------------------------------ limits


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("MAX_ROWS", 3, "4 rows, more than the 3"),
        ("MAX_CELLS", 7, r"8 cells \(4 rows, 2 columns\), more than the 7"),
        ("MAX_COLUMNS", 1, "2 columns, more than the 1"),
    ],
)
def test_a_table_that_is_too_long_or_too_wide_is_refused_with_both_numbers(
    write, monkeypatch, limit, value, message
):
    monkeypatch.setattr(limits, limit, value)
    monkeypatch.setattr(pd, "read_csv", None)  # refused before it is parsed
    with pytest.raises(SourceError, match=message):
        files.read_csv(write(b"a;b\n" + b"1;2\n" * 3), ";")


@pytest.mark.parametrize("read", [files.read_csv, files.open_workbook])
def test_a_file_that_is_too_large_is_not_read(write, monkeypatch, read):
    monkeypatch.setattr(limits.read_bytes_limited, "__defaults__", (10,))
    with pytest.raises(SourceError, match="11 bytes, more than the 10 that are read"):
        read(write(b"x" * 11))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes, which this system lacks")
def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.csv")
    with pytest.raises(SourceError, match="no regular file"):
        files.read_csv(tmp_path / "x.csv")


def test_a_sheet_is_counted_by_what_it_holds_not_by_what_it_claims(book):
    claims = sheet(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"/>', '<dimension ref="A1:XFD1048576"/>'
    )
    (frame,) = cells(book(sheet1=claims)).values()
    assert frame.shape == (1, 1)


FAR_ROW = '<row r="1"><c r="A1"><v>1</v></c></row><row r="900"><c r="B900"><v>1</v></c></row>'
PREFIXED = (
    f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c r="XFD1"/></x:row></x:sheetData></x:worksheet>'
)
EXTERNAL = '<!DOCTYPE a [<!ENTITY b SYSTEM "secrets.txt">]><a>&b;</a>'
HARM = {
    "far column": ({"sheet1": sheet('<row r="1"><c r="XFD1"><v>1</v></c></row>')}, "16,385 cells at least"),
    "far corner": ({"sheet1": sheet(FAR_ROW)}, "1,8.. cells"),
    "many cells": ({"sheet1": sheet("<row>" + "<c/>" * 1001 + "</row>")}, "1,001 cells"),
    "far row": ({"sheet1": sheet('<row r="2002"/>')}, "2,001 blank rows"),
    "prefix": ({"sheet1": PREFIXED}, "16,385 cells"),
    "shared texts": ({"sharedStrings": f'<sst xmlns="{MAIN}">{"<si/>" * 1001}</sst>'}, "1,001 cells"),
    "entities": ({"sheet1": '<!DOCTYPE a [<!ENTITY b "b">]>' + sheet("&b;")}, "declares a document type"),
    "external": ({"styles": EXTERNAL}, "declares a document type"),
    "ratio": ({"sheet1": sheet(" " * 200_000)}, r"sheet1\.xml: [0-9,]+ times its size"),
    "size": ({f"other{n}": " " * 200_000 for n in range(3)}, "bytes once unpacked, more than"),
    "cut": ({"sheet1": "<worksheet"}, "is damaged"),
}


@pytest.mark.parametrize(("parts", "message"), HARM.values(), ids=HARM)
def test_a_workbook_that_would_take_too_much_is_refused_before_it_is_opened(
    book, monkeypatch, parts, message
):
    for name, value in {
        "MAX_CELLS": 1000,
        "MAX_BLANK_ROWS": 2000,
        "MAX_UNPACKED": 500_000,
        "MEBI": 100_000,
    }.items():
        monkeypatch.setattr(limits, name, value)
    monkeypatch.setattr(pd, "ExcelFile", None)
    with pytest.raises(SourceError, match=rf"^x\.xlsx.*{message}"):
        files.open_workbook(book(**parts))


def test_a_workbook_of_the_old_format_is_counted_too(published, monkeypatch):
    path = published("insee", "sl_etc_2025T3.xls")
    monkeypatch.setattr(limits, "MAX_CELLS", 1000)
    with pytest.raises(SourceError, match=r"19,116 cells .* more than the 1,000"):
        files.open_workbook(path)


def test_an_old_format_is_counted_as_the_rectangle_that_its_rows_make(write, monkeypatch):
    one = SimpleNamespace(nrows=300, row_len=lambda row: 4 if row == 299 else 1)
    book = SimpleNamespace(nsheets=1, sheet_by_index=lambda _: one, unload_sheet=lambda _: None)
    monkeypatch.setattr("xlrd.open_workbook", lambda **_: nullcontext(book))
    monkeypatch.setattr(limits, "MAX_CELLS", 1000)
    with pytest.raises(SourceError, match=r"1,200 cells .* more than the 1,000"):
        files.open_workbook(write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "x.xls"))


def test_an_old_format_that_is_nothing_but_its_mark_is_refused(write):
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack("<H", 0) * 300
    with pytest.raises(SourceError, match=r"^x\.xls cannot be read|^x\.xls is damaged"):
        files.open_workbook(write(content, "x.xls"))


def test_links_of_a_workbook_are_not_followed(book):
    link = f'<externalLink xmlns="{MAIN}"><externalBook/></externalLink>'
    (frame,) = cells(book(externalLink1=link)).values()
    assert frame.loc[0, 0] == "text"


# ---------------------------------------------------------------------------------------------------------- archives


def archive(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def test_members_are_written_under_their_own_name_and_nowhere_else(write, tmp_path):
    path = write(
        archive({"../../a.csv": b"1", "deep/a.csv": b"2", "b.csv": b"3", "__MACOSX/._a.csv": b"4"}), "x.zip"
    )
    found = files.unpack(path, lambda name: name == "a.csv", tmp_path / "out")
    assert [(p.parent.parent, p.name, p.read_bytes()) for p in found] == [
        (tmp_path / "out", "a.csv", b"1"), (tmp_path / "out", "a.csv", b"2"),
    ]  # fmt: skip
    packed = write(gzip.compress(b"5"), "a.csv.gz")
    assert [p.read_bytes() for p in files.unpack(packed, lambda name: name == "a.csv", tmp_path / "gz")] == [
        b"5"
    ]


DAMAGE = {
    "ratio": (
        "x.zip",
        lambda: archive({"a.csv": b"0" * 300_000}),
        "a.csv: [0-9,]+ times its size once unpacked",
    ),
    "members": ("x.zip", lambda: archive({f"{n}.csv": b"x" for n in range(4)}), "4 members, more than the 3"),
    "size": ("x.zip", lambda: archive({"a.csv": os.urandom(600_000)}), "600,000 bytes once unpacked"),
    "cut": ("x.zip", lambda: archive({"a.csv": b"x"})[:40], "is damaged"),
    "gz of zeros": ("a.csv.gz", lambda: gzip.compress(b"0" * 400_001), "bytes and more once unpacked"),
    "gz cut": ("a.csv.gz", lambda: gzip.compress(b"0" * 40)[:20], "is damaged"),
    "no gz": ("a.csv.gz", lambda: b"plain", "cannot be unpacked"),
}


@pytest.mark.parametrize(("name", "content", "message"), DAMAGE.values(), ids=DAMAGE)
def test_an_archive_that_would_take_too_much_or_is_damaged_writes_nothing(
    write, tmp_path, monkeypatch, name, content, message
):
    for limit, value in {"MAX_MEMBERS": 3, "MAX_UNPACKED": 500_000, "MEBI": 100_000}.items():
        monkeypatch.setattr(limits, limit, value)
    monkeypatch.setattr(files, "MAX_BYTES", 400_000)
    with pytest.raises(SourceError, match=rf"^{name}.*{message}"):
        files.unpack(write(content(), name), lambda _: True, tmp_path / "out")
    assert not (tmp_path / "out").exists()
