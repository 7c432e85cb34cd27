"""What a person at work sees: a line for each result, an error that says the remedy, and nothing of it in a report."""

import sys
import threading
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analysis.data.panel import Panel
from analysis.foundations import display, territories
from analysis.foundations.columns import COLUMNS
from analysis.foundations.files import DataError
from analysis.foundations.values import Names, UnknownIndicator, Value, dictionary
from analysis.reports.edition import EditionError
from tests.waiting import eventually


@pytest.fixture
def kernel(monkeypatch):
    """A notebook's kernel, with or without a front end that can be asked for an answer."""

    def make(asked: bool):
        shell = SimpleNamespace(kernel=SimpleNamespace(_allow_stdin=asked))
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))

    return make


@pytest.mark.parametrize(
    ("thing", "shown"),
    [
        (None, "None"),
        (True, "True"),
        ("x" * 200, repr("x" * 80 + "…")),
        (3.14159, "3.142"),
        (12345.6, "12,346"),
        (1234567, "1,234,567"),
        (np.float64(0.5), "0.5"),
        (np.array([3.0, np.nan, 1.0]), "<3: 1 to 3>"),
        (np.zeros((2, 3)), "<2 × 3: 0 to 0>"),
        (pd.Series(["a"], dtype="str"), "<1>"),
        (pd.Series([2, 1]), "<2: 1 to 2>"),
        (pd.DataFrame({"a": [1], "b": [2]}), "<1 × 2: a, b>"),
        (tuple("abcdefgh"), "('a', 'b', 'c', 'd', 'e', 'f', … 8 in all)"),
        ({"p10": 1.23456}, "{p10: 1.235}"),
    ],
)
def test_anything_is_shown_in_a_few_words(thing, shown):
    assert display.short(thing) == shown


@dataclass(frozen=True, repr=False)
class Result(display.Brief):
    name: str
    curve: np.ndarray
    inner: object = field(default=None, repr=False)


def test_a_result_is_a_line_and_a_table_that_escapes_what_it_holds():
    found = Result("<b>", np.arange(1000.0))
    assert repr(found) == "Result(name='<b>', curve=<1000: 0 to 999>)"
    assert "<b>" not in found._repr_html_() and "&lt;b&gt;" in found._repr_html_()


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (
            Value("rate_unemployment", "67", "2025-Q3", 6.56, 6.4, 6.6, "observed"),
            "6.6 % [6.4, 6.6], observed",
        ),
        (
            Value("rate_unemployment", "67", "2025-Q3", 6.56, 6.5, None, "modelled"),
            "6.6 % [6.5, …], modelled",
        ),
        (Value("rate_unemployment", "976", None, None, None, None, "unavailable"), "unavailable, 976"),
        (Value("heard_of_nowhere", "67", "2024", 1234.5, None, None, "observed"), "1,234.500, observed"),
    ],
)
def test_a_value_shows_its_number_its_bounds_and_its_state(value, shown):
    assert repr(value).startswith(f"<Value {shown}") and value.indicator in repr(value)
    assert value.state in value._repr_html_()


def test_names_are_completed_and_found():
    panel = Panel(pd.DataFrame([["67", "2024", "rate_unemployment", 6.0, None, None, "observed", "producer", "a/b", "", ""]],
                               columns=list(COLUMNS)))  # fmt: skip
    assert panel.indicators == ("rate_unemployment",) and "rate_unemployment" in dir(panel.indicators)
    assert panel.indicators.rate_unemployment == "rate_unemployment"
    assert "1 indicators, 1 figures, 2024 to 2024" in panel._repr_html_()
    with pytest.raises(AttributeError, match="did you mean rate_unemployment"):
        _ = panel.indicators.rate_unemploiment
    assert not hasattr(panel.indicators, "_repr_svg_")
    assert isinstance(dictionary().find("unemployment"), Names)
    assert "taux de chômage" in dictionary().find("unemployment")._repr_html_().lower()
    assert "rate_unemployment" in dictionary()._ipython_key_completions_()


def test_every_territory_has_a_name_to_complete():
    assert sorted(vars(territories.names).values()) == sorted(territories.CODES)
    assert all(name.isidentifier() for name in vars(territories.names))
    assert territories.names.cote_d_or == "21" and territories.names.region_grand_est == "R44"


REFUSALS = [
    (lambda: territories.parse("Bas Rin"), territories.UnknownTerritory, "bas-rhin (67)"),
    (lambda: dictionary()["rate_unemploiment"], UnknownIndicator, "rate_unemployment"),
]


@pytest.mark.parametrize(("asked", "error", "remedy"), REFUSALS)
def test_a_person_reads_the_message_and_a_report_keeps_its_traceback(kernel, asked, error, remedy):
    with pytest.raises(error) as raised:
        asked()
    kernel(asked=False)
    assert not hasattr(raised.value, "_render_traceback_")
    kernel(asked=True)
    lines = raised.value._render_traceback_()
    assert len(lines) == 1 and lines[0].startswith(error.__name__) and remedy in lines[0]


@pytest.mark.parametrize("error", [DataError, EditionError])
def test_the_line_of_the_person_s_own_code_is_named(kernel, error, tmp_path):
    script = tmp_path / "cell.py"
    script.write_text("x = 1\nrefuse()\n", encoding="utf-8")

    def refuse():
        raise error("no such thing; take the other")

    kernel(asked=True)
    with pytest.raises(error) as raised:
        exec(compile(script.read_text(), str(script), "exec"), {"__name__": "__main__", "refuse": refuse})
    expected = [f"{error.__name__}: no such thing; take the other", "  line 2: refuse()"]
    assert raised.value._render_traceback_() == expected


def test_waiting_is_told_to_a_person_only_and_only_when_it_is_long(kernel, capsys):
    kernel(asked=True)
    with display.waiting("quick", patience=5):
        pass
    assert capsys.readouterr().out == ""
    with display.waiting("counting", patience=0):
        told = eventually(lambda: capsys.readouterr().out)
    assert (told, capsys.readouterr().out) == ("counting…", " 0 s\n")
    kernel(asked=False)
    before = threading.active_count()
    with display.waiting("counting", patience=0):
        assert threading.active_count() == before  # nobody to tell, so nothing that would
    assert capsys.readouterr() == ("", "")
