"""The source of a figure that is computed from others is written and read in one place."""

import ast

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.data.panel import Panel
from analysis.foundations.files import DataError
from analysis.foundations.origin import Origin, UnknownOrigin, datasets
from tests.conftest import PROJECT

NAMES = st.text(min_size=1).filter(lambda name: "÷" not in name and "×" not in name)
ONE = NAMES.map(lambda name: Origin((name,)))
ORIGINS = st.recursive(
    ONE, lambda parts: st.builds(Origin.over, parts, parts) | st.builds(Origin.times, parts, parts)
)


@given(ORIGINS)
def test_what_is_written_is_read(origin):
    assert Origin.read(str(origin)) == origin
    assert datasets([str(origin), ""]) == set(origin.names)


@given(st.text(alphabet="a÷× /", max_size=12))
def test_any_text_is_read_and_given_again(text):
    origin = Origin.read(text)
    assert "".join(part for pair in zip(origin.names, [*(f" {s} " for s in origin.signs), ""], strict=bool(text))
                   for part in pair) == text  # fmt: skip


@pytest.mark.parametrize("name", ["a ÷ b", "a×b", "÷"])
def test_a_name_that_holds_a_sign_is_neither_written_nor_taken_in(name):
    with pytest.raises(UnknownOrigin, match=r"sign|joins"):
        str(Origin((name,)))
    row = {"territory": "67", "period": "2024", "indicator": "count_domiciled_people", "value": [10.0]}
    panel, source = Panel(Panel.open().frame[:0]), name
    if " ÷ " in name:  # two names
        assert panel.plus(pd.DataFrame(row).assign(source=source)).datasets(row["indicator"]) == ("a", "b")
        return
    with pytest.raises(DataError, match=r"row 1: source: .*sign"):
        panel.plus(pd.DataFrame(row).assign(source=source))


def test_no_other_module_parses_a_source():
    """A rate's sign is written in the codebook's formulas besides, and read nowhere else."""
    paths = (PROJECT / "src/analysis").rglob("*.py")
    texts = {
        path.name: [
            n.value for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.Constant)
        ]
        for path in paths
    }
    signs = {name for name, found in texts.items() for one in found if str(one).strip(" []×") == "÷"}
    assert signs == {"origin.py", "tabular.py"}
