"""A table read by eye, by ear and by a spreadsheet: scopes, states in words, no empty cell, nothing unescaped."""

import base64
import csv
import io
from html.parser import HTMLParser

import pandas as pd
import pytest

from analysis.foundations import values
from analysis.foundations.periods import period
from analysis.foundations.values import Value
from analysis.presentation.tables import Cell, Column, Table
from tests.unit.test_formats import small_dictionary

HOSTILE = '<script>alert("é")</script> & co'


@pytest.fixture(autouse=True)
def words(monkeypatch):
    names = small_dictionary()
    monkeypatch.setattr(values, "dictionary", lambda: names)


class Cells(HTMLParser):
    """What a page holds: tags with their attributes, and the text of each cell."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.cells, self._depth = [], [], 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in ("td", "th"):
            self.cells.append("")
            self._depth = 1

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._depth = 0

    def handle_data(self, data):
        if self._depth:
            self.cells[-1] += data

    def of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def figure(amount, state="observed", indicator="rate_poverty", **others):
    return Value(
        indicator, "67", "2022", amount, others.pop("lower", None), others.pop("upper", None), state, **others
    )


def small(lang="fr", **options):
    rows = [
        {"name": HOSTILE, "when": period("2024-12"), "own": figure(12.34), "other": 1234.5},
        {"name": "b", "when": "2023", "own": figure(None, "suppressed"), "other": None},
        {"name": "c", "when": "", "own": figure(11.0, "provisional"), "other": float("nan")},
        {"name": "d", "when": None, "own": figure(34.0, "modelled", lower=23.0, upper=45.0), "other": 7},
    ]
    columns = [
        Column("name", "Nom <b>", "text"),
        Column("when", "Période", "text"),
        Column("own", "Taux", unit="percent"),
        Column("other", "Autre", decimals=1),
    ]
    return Table(
        **({"key": "t", "caption": HOSTILE, "columns": columns, "rows": rows, "lang": lang} | options)
    )


def test_the_html_is_read_well_by_a_screen_reader():
    page = Cells(small()._repr_html_())
    (region,) = page.of("div")
    assert region["class"] == "table-scroll"
    assert (region["tabindex"], region["role"]) == ("0", "region")
    assert region["aria-labelledby"] == page.of("caption")[0]["id"]
    assert [cell["scope"] for cell in page.of("th")] == ["col"] * 4 + ["row"] * 4
    assert [cell.get("class") for cell in page.of("td")] == [None, "num", "num"] * 4
    assert all("style" not in attributes for _, attributes in page.tags)


def test_no_cell_is_empty_and_states_are_words():
    page = Cells(small()._repr_html_())
    assert all(cell.strip() for cell in page.cells)
    text = [cell.replace("\u00a0", " ").replace("\u202f", " ") for cell in page.cells]
    assert text[2:6] == ["Taux (en %)", "Autre", HOSTILE, "déc. 2024"]
    assert text[6:8] == ["12,3", "1 234,5"]
    assert text[9:12] == ["2023", "couvert par le secret statistique", "non renseigné"]
    assert text[14] == "11,0 provisoire"
    assert text[18] == "34,0 estimation d’un modèle ; intervalle à 95 % : 23,0 à 45,0"
    assert {"state state-suppressed", "state state-provisional", "state state-modelled"} <= {
        attributes["class"] for attributes in page.of("span")
    }


def test_a_column_without_unit_writes_each_figure_with_its_own():
    columns = [Column("name", "n", "text"), Column("own", "Value")]
    rows = [
        {"name": "a", "own": figure(12.0)},
        {"name": "b", "own": figure(1200.0, indicator="amount_income")},
    ]
    html = Table("t", "c", columns, rows, "en")._repr_html_()
    assert "12.0%" in html
    assert "€1,200 a year" in html


def test_everything_is_escaped():
    html = small()._repr_html_()
    assert "<script" not in html
    assert "Nom &lt;b&gt;" in html


def test_the_csv_is_raw_and_the_page_gives_it():
    table = small()
    lines = list(csv.reader(io.StringIO(table.to_csv())))
    assert lines[0] == ["name", "when", "own", "own_state", "own_lower", "own_upper", "other"]
    assert lines[1] == [HOSTILE, "2024-12", "12.34", "observed", "", "", "1234.5"]
    assert lines[2] == ["b", "2023", "", "suppressed", "", "", ""]
    assert lines[4] == ["d", "", "34", "modelled", "23", "45", "7"]
    (link,) = Cells(table._repr_html_()).of("a")
    assert link["download"] == "t.csv"
    assert base64.b64decode(link["href"].partition("base64,")[2]).decode() == table.to_csv()


def test_the_frame_has_the_columns_of_the_csv():
    frame = small().to_frame()
    assert list(frame.columns) == ["name", "when", "own", "own_state", "own_lower", "own_upper", "other"]
    assert frame["own"].isna().tolist() == [False, True, False, False]
    assert frame["own"].dtype == float


def test_rows_may_be_a_frame_and_states_need_no_column_when_all_is_observed():
    frame = pd.DataFrame({"name": ["a"], "own": [figure(1.0)]})
    table = Table("t", "c", [Column("name", "n", "text"), Column("own", "v", unit="percent")], frame, "en")
    assert table.to_csv() == "name,own\na,1\n"
    assert repr(table) == "<Table t: 1 × 2>"


def test_a_row_without_a_cell_is_refused():
    with pytest.raises(ValueError, match="table t, row 1: no cell for own"):
        small(rows=[{"name": "a", "when": "b", "other": 1}])


def test_a_figure_is_written_as_its_row_wants_and_taken_away_whole():
    """Its unit and its state are left out where the row says them; its mark stays, and the CSV has them all."""
    figure_ = figure(42.1, "provisional")
    cells = {
        "plain": Cell(figure_, unit=False, qualified=False, drawn="<svg></svg>"),
        "whole": Cell(figure_, beside="<b>"),
    }
    columns = [Column("name", "n", "text"), *(Column(key, key) for key in cells)]
    table = Table("t", "c", columns, [{"name": "x", **cells}], "fr")
    html = table.html(download=False)
    assert '<td class="num"><span class="state-provisional">42,1</span> <svg></svg></td>' in html
    assert "42,1\u202f% <span" in html and "provisoire" in html and "&lt;b&gt;" in html
    assert table.to_frame().iloc[0][["plain", "plain_state", "whole"]].tolist() == [42.1, "provisional", 42.1]
