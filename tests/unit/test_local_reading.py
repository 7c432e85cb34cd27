"""The file of a département is read whatever wrote it; what stands around its table is left out aloud, a figure never."""

import datetime
import io
import zipfile

import openpyxl
import pytest

from analysis.foundations import local_reading
from analysis.foundations.files import DataError

HEADER = "territory;period;indicator;value;source"
LINE = "67;2024;count_domiciled_people;1 250;Préfecture, d’après les CCAS"
CELLS = dict(zip(local_reading.COLUMNS, LINE.split(";"), strict=True))


@pytest.fixture
def read(tmp_path):
    """Read what is written in a file."""

    def _read(content, name="own.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return local_reading.read(path)

    return _read


def workbook(*rows, formats=(), sheets=1):
    book = openpyxl.Workbook()
    for sheet in [book.active, *(book.create_sheet() for _ in range(sheets - 1))]:
        for row in rows:
            sheet.append(row)
        for place, shown in formats:
            sheet[place].number_format = shown
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def archive(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as one:
        for name, content in files.items():
            one.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_every_encoding_of_a_spreadsheet_is_read_and_told(read, encoding):
    sheet = read(f"{HEADER}\r\n{LINE}\r\n".encode(encoding))
    assert [row.cells for row in sheet.rows] == [CELLS]
    assert [note.split(",")[0][:7] for note in sheet.notes] == ([] if "utf-8" in encoding else ["read as"])


@pytest.mark.parametrize("delimiter", list(";,\t|"))
def test_every_separator_is_read(read, delimiter):
    quoted = LINE.replace("Préfecture, d’après les CCAS", '"Préfecture, d’après les CCAS"')
    assert read(f"{HEADER}\n{quoted}".replace(";", delimiter)).rows[0].cells == CELLS


@pytest.mark.parametrize(
    "header",
    [
        "Territoire;Période;Indicateur;Valeur;Source", "DÉPARTEMENT;ANNÉE;INDICATEUR;VALEUR;SOURCES", "sep=;\n" + HEADER,
        "Domiciliation dans le Bas-Rhin;;;;\n\n" + HEADER, "# a note; with; many; separators\n" + HEADER,
        "territory;period;indicator;value;source;;",
    ],
)  # fmt: skip
def test_headings_are_recognised_whatever_their_case_accents_and_language(read, header):
    assert read(f"{header}\n{LINE}").rows[0].cells == CELLS


def test_columns_may_stand_in_another_order_with_blank_ones_between(read):
    found = read("value;;source;territory;indicator;period\n1250;;CD67;67;count_domiciled_people;2024\n")
    assert (found.rows[0].cells["value"], found.rows[0].cells["period"]) == ("1250", "2024")


def test_lines_that_hold_no_figure_are_left_out_aloud(read):
    sheet = read(
        f"Tableau 1 ; domiciliation\n{HEADER}\n{LINE}\n;;count_domiciliation_refusals;;\n\n;;;;\nSource : DDETS ; enquête\n"
        "* chiffres provisoires;;;;\nChamp : Bas-Rhin\nFait à Strasbourg\n"
    )
    assert [row.line for row in sheet.rows] == [3]
    assert sheet.notes == (
        "1 left out that nothing is filled in: line 4",
        "5 left out that hold no figure: line 1, 'Tableau 1'; line 7, 'Source : DDETS'; line 8, '* chiffres provisoires'; "
        "line 9, 'Champ : Bas-Rhin'; line 10, 'Fait à Strasbourg'",
    )


@pytest.mark.parametrize(
    "line",
    [
        "Source;2024;count_domiciled_people;1250;x", "Note;2024;count_domicilled;1250;x",
        "Total;2024;count_domiciled_people;9;x",
        "67;;count_domiciled_people;;", ";;count_unknown;;", ";;count_domiciled_people;12;",
    ],
)  # fmt: skip
def test_a_line_that_may_hold_a_figure_is_never_left_out(read, line):
    assert len(read(f"{HEADER}\n{LINE}\n{line}").rows) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (f"{HEADER}\n67;2024\n", "line 2: 2 cells, 5 expected"),
        (f"{HEADER}\n67\n", "line 2: 1 cells, 5 expected"),
        (f"{HEADER};\n{LINE};x\n", "line 2: 'x' stands in a column without a heading"),
        (f"{HEADER};year\n{LINE};x\n", "expected the columns .*, no other"),
        (HEADER.replace("period", "perriod"), r"no other \(did you mean period\?\)"),
        (HEADER.replace("period", "value"), "expected the columns"),
        (f'{HEADER}\n67;"x', "not a CSV, line 2"),
        ("<table><tr><td>67</td></tr></table>", "web page"),
        (b"\xd0\xcf\x11\xe0" + bytes(20), r"an old Excel \(\.xls\)"),
        (b"%PDF-1.7", "a PDF"),
        (bytes(range(32)) * 4, "not a text that can be read"),
        (archive(content_xml="x", mimetype="y"), "an OpenDocument spreadsheet"),
        (archive(photo="x"), "an archive"),
        (archive(xl__workbook_xml="<x"), "is damaged"),
        (archive(xl__workbook_xml="x" * (local_reading.UNPACKED + 1)), "once unpacked"),
        (b"PK\x03\x04" + bytes(30), "a damaged workbook"),
        (b"x" * (local_reading.LARGEST + 1), "more than 5,000,000 bytes"),
        (HEADER + "\n1;2;3;4;5" * (local_reading.ROWS + 1), "rows, 20,000 at most"),
        (workbook(local_reading.COLUMNS, sheets=2), "the sheets Sheet, Sheet1 all hold these columns"),
        (workbook(["code", "an"]), "columns 'code', 'an'; expected"),
        (workbook(), "empty"),
    ],
    ids=lambda given: given[:40] if isinstance(given, str) else "bytes",
)
def test_what_is_no_table_of_figures_is_named(read, content, message):
    with pytest.raises(DataError, match=rf"own\.csv.*{message}"):
        read(content)


@pytest.mark.parametrize("name", ["own.xlsx", "own.csv"])
def test_a_workbook_is_read_as_it_shows_its_cells_whatever_its_name(read, name):
    content = workbook(
        ["Bas-Rhin"],
        ["Territoire", "Période", "Indicateur", "Valeur", "Source"],
        [67, 2024, "count_domiciled_people", 12.345, "CD67"],
        ["67", datetime.datetime(2024, 12, 1), "share_c2s_beneficiaries", 0.12345, "CD67"],
        ["67", "2024", "count_domiciled_people", "12,000", "CD67"],
        [None, None, "count_domiciliation_refusals"],
        formats=[("D4", "0.0%")],
    )
    sheet = read(content, name)
    assert [row.line for row in sheet.rows] == [3, 4, 5]
    assert [row.cells["value"] for row in sheet.rows] == [12.345, "12,3450000000%", "12,000"]
    assert [row.cells["period"] for row in sheet.rows] == [2024.0, "2024-12", "2024"]
    assert sheet.notes[0] == "read as a workbook"
