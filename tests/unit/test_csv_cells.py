"""No cell of a file for readers begins a formula, whatever separator a spreadsheet guesses; numbers stay numbers."""

import csv
import gzip
import itertools
import re
import unicodedata

import pandas as pd
import pyarrow as pa
import pytest

from analysis.data import local
from analysis.foundations.csv_cells import plain, row
from analysis.foundations.measures import measures
from analysis.foundations.values import LANGS, Value, dictionary
from analysis.presentation.tables import Column, Table
from analysis.reports.beside import compare, downloads, tabular

SEPARATORS = (",", ";", "\t", "|", "\n", "\r")
BEFORE = ("", " ", "\u00a0", "\u202f", "\u200b", "\ufeff", "\u2060", "\x00", '"', ' \u3000"')
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦")
HOSTILE = [
    f"{words}{separator}{before}{start}cmd|' /C calc'!A0"
    for words, separator in (("", ""), *itertools.product(("a",), SEPARATORS), ("a;", ";"), ("1,", "\n"))
    for before in BEFORE
    for start in STARTS
]
NUMBERS = ("-12", "-12.5", "+3,25", "-1e-07", "12", "1.5E+10")


def begins(cell):
    """Whether what a spreadsheet makes of a cell begins a formula: independent of what is tested."""
    seen = (c for c in cell if not c.isspace() and c != '"' and unicodedata.category(c) not in ("Cc", "Cf"))
    first = unicodedata.normalize("NFKC", next(seen, ""))
    return first in set("=+-@") and not re.fullmatch(r"[+-]?[\d.,]+([eE][+-]?\d+)?", cell.strip('"'))


def at_fault(text):
    """The cells of a file that begin a formula, by every separator, whether quotes are read or not."""
    naive = [re.split(f"[{separator}\n\r]", text) for separator in SEPARATORS[:4]]
    read = [
        itertools.chain.from_iterable(csv.reader(text.splitlines(keepends=True), delimiter=separator))
        for separator in SEPARATORS[:4]
    ]
    return [cell for cells in (*naive, *read) for cell in cells if begins(cell)]


def test_a_text_begins_no_formula_and_is_otherwise_as_it_was():
    assert all(begins(text.split("a")[-1]) or "a" in text for text in HOSTILE)
    for text in HOSTILE:
        assert not at_fault(plain(text)), text
        assert plain(text).replace("'", "") == text.replace("'", "") and plain(plain(text)) == plain(text)
    assert [plain(text) for text in NUMBERS] == list(NUMBERS)
    assert row(["=1", -1.5, None, "−1,5"]) == ["'=1", -1.5, None, "−1,5"]


@pytest.mark.parametrize("text", [" ", "; ", "\n", '"', "\x00\t", "a;"])
def test_a_long_text_is_read_once(text):
    """Two hundred thousand characters: what reads each of them again from each would not end."""
    assert plain(text * 100_000 + "x") == text * 100_000 + "x"


def of_a_table(text):
    columns = [Column("name", "n", "text"), Column(text, "x", "text")]
    return Table("t", "c", columns, [{"name": text, text: "a"}, {"name": "b", text: -3.5}], "fr").to_csv()


def of_a_report(text):
    value = Value(
        "rate_unemployment", "67", "2024-Q1", -7.5, None, None, "observed", "local", text, note=text
    )
    return downloads.figures_csv(downloads.Content((value,), (), ()), "fr").decode()


def of_an_edition(text):
    return tabular.as_csv(("dataset", "value"), [{"dataset": text, "value": -2.5}]).decode()


def of_its_figures(text):
    rows = pa.table(
        {"territory": ["67"], "value": [-1.5], "note": pa.array([text]).dictionary_encode(), "source": [text]}
    )
    return gzip.decompress(tabular._compressed(rows)).decode()


def of_a_comparison(text):
    blank = dict.fromkeys(compare.COLUMNS, text) | dict.fromkeys(compare.NUMBERS, -1.5)
    rows = pd.DataFrame([blank]).astype(dict.fromkeys(compare.NUMBERS, "float64"))
    return compare.Comparison("a", "b", rows).to_csv().decode()


@pytest.mark.parametrize("write", [of_a_table, of_a_report, of_an_edition, of_its_figures, of_a_comparison])
def test_no_file_for_readers_holds_a_formula(write):
    for text in HOSTILE[:: 7 if write in (of_a_report, of_a_comparison) else 3]:
        written = write(text)
        assert not at_fault(written), (text, written)
        assert re.search(r"(^|,)-[\d.]+(,|$)", written, re.MULTILINE), "a negative number is a number"


def test_a_template_holds_none_and_texts_of_ours_are_as_they_were():
    for measure in measures():
        if measure.local:
            assert not at_fault(local.template(measure.key).replace("#", ""))
    texts = [
        text[lang]
        for entry in dictionary().values()
        for text in (entry.label, entry.definition)
        for lang in LANGS
    ]
    assert len(texts) > 500 and [t for t in texts if plain(t) != t] == []
