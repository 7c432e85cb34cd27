"""Results are kept as data: what comes back is the same to the last bit, and a file does nothing, whoever wrote it."""

from __future__ import annotations

import json
import math
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from analysis.methods import evaluation
from analysis.methods.policies import Reason
from analysis.reports.kept import encoding as kept
from analysis.reports.kept import expected

ODD = struct.unpack("<d", bytes.fromhex("010000000000f8ff"))[0]
"""A number that is none, with a sign and a payload of its own."""


@dataclass(frozen=True)
class Leaf:
    name: str
    value: float
    kind: Literal["a", "b"] = "a"


@dataclass(frozen=True)
class Tree:
    leaves: tuple[Leaf, ...]
    by_name: Mapping[str, Leaf | None]
    figures: pd.DataFrame


@dataclass(frozen=True)
class Stranger:
    name: str


TEXTS = pd.Index(["67", "2A"], name="territory")
TABLES = {
    "numbers in one piece": pd.DataFrame([[0.1, -0.0], [math.nan, 1e308]], TEXTS, pd.Index(["a", "b"], name="p")),
    "rows in memory": pd.DataFrame(np.arange(6.0).reshape(2, 3), copy=False),
    "columns in memory": pd.DataFrame(np.asfortranarray(np.arange(6.0).reshape(2, 3)), copy=False),
    "several kinds": pd.DataFrame(
        {"t": ["x", None], "n": [1, 2], "f": [0.5, math.inf], "o": [("a", 1), None], "b": [True, False]}, index=[3, 5]
    ).astype({"t": "str", "n": "int32"}),
    "one column twice": pd.DataFrame([[1, 2.5]], columns=["a", "a"]),
    "categories": pd.DataFrame({"c": pd.Categorical(["x", None, "x"], ["z", "x"], ordered=True)}),
    "periods and dates": pd.DataFrame(
        {"p": pd.period_range("2024-01", periods=2, freq="M"), "d": np.array(["2024-01-01", "NaT"], "datetime64[ns]")}
    ),
    "nothing": pd.DataFrame({"a": pd.Series(dtype="float64"), "t": pd.Series(dtype="str")}),
}  # fmt: skip
VALUES = [
    None, True, -0.0, 5e-324, math.inf, -math.inf, 10**40, "é\ud800\n\x00", b"\x00\n", date(2024, 2, 29),
    (1, (2.0, ("3",))), [1, [2]], {"a": {1: None}, (1, "b"): 2.0}, frozenset({"x", "y"}), {1, 2},
    np.float64(0.1), np.int8(-3), np.bool_(True), np.datetime64("2024-01-01"), np.array(["a", None], dtype=object),
    np.arange(6, dtype="int16").reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.array(2.5),
    np.array([[]]), pd.Series([1.0, 2.0], TEXTS, name="gamma"), pd.RangeIndex(2, 20, 3, name="r"), pd.Index([0.5, 1.5]),
]  # fmt: skip


def again(thing, gives=object):
    return kept.read(kept.written(thing, gives), gives)


@pytest.mark.parametrize("value", VALUES)
def test_a_value_is_read_back_as_it_was(value):
    found = again(value)
    assert type(found) is type(value)
    if isinstance(value, np.ndarray | pd.Series | pd.Index):
        assert (found.dtype, found.shape) == (value.dtype, value.shape)
        assert list(np.ravel(found)) == list(np.ravel(value)) and getattr(found, "name", 0) == getattr(
            value, "name", 0
        )
        assert isinstance(value, pd.Index | pd.Series) or found.flags.f_contiguous == value.flags.f_contiguous
    else:
        assert found == value and repr(found) == repr(value)


def test_a_number_that_is_none_keeps_its_bits():
    found = again((ODD, np.float64(ODD), np.array([ODD])))
    assert {struct.pack("<d", number) for number in (found[0], found[1], found[2][0])} == {
        struct.pack("<d", ODD)
    }


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_back_as_it_was(name):
    table = TABLES[name]
    found = again(table)
    pd.testing.assert_frame_equal(
        found, table, check_exact=True, check_index_type="exact", check_column_type="exact"
    )
    assert found.index.equals(table.index) and found.columns.names == table.columns.names
    if name.endswith("in memory"):
        assert found.to_numpy().flags.c_contiguous == table.to_numpy().flags.c_contiguous


def test_what_stands_in_many_places_is_written_once_and_what_can_be_altered_stays_apart():
    leaf, figures = Leaf("x", 0.5), pd.DataFrame({"a": [1.0]})
    found = again(Tree((leaf, Leaf("x", 0.5)), {"x": leaf, "y": None}, figures), Tree)
    assert found.leaves[0] is found.leaves[1] is found.by_name["x"] == leaf
    one, two = again(([1], [1]))
    assert one is not two
    wide = ()
    for _ in range(60):  # two to the sixtieth of them, were each written where it stands
        wide = (wide, wide)
    assert len(kept.written(wide)) < 2000


class Sly:
    def __reduce__(self):
        return os.getcwd, ()


@pytest.mark.parametrize(
    ("thing", "gives"),
    [
        (os.getcwd, object), (Sly(), object), (Leaf, object), (Leaf("x", 1.0), object), (Stranger("x"), Tree),
        (Tree((Stranger("x"),), {}, pd.DataFrame()), Tree), (Tree([Leaf("x", 1.0)], {}, pd.DataFrame()), Tree),
        (Leaf("x", 1.0, "c"), Leaf), (Leaf(1, 1.0), Leaf), ("x", bytes), ((1, "x"), tuple[str, ...]), (True, float),
        (pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, 2)])), object),
        (pd.array([1, None], "Int64"), object), (np.ma.masked_array([1.0]), object),
        (np.array([(1, 2)], dtype="i4,i4"), object), (type("T", (str,), {})("x"), object),
    ],
)  # fmt: skip
def test_what_could_not_be_read_back_or_is_of_another_type_is_refused_when_it_is_written(thing, gives):
    with pytest.raises(ValueError):
        kept.written(thing, gives)


def test_a_table_with_attributes_is_refused():
    table = pd.DataFrame({"a": [1.0]})
    table.attrs["x"] = 1
    with pytest.raises(ValueError, match="cannot be kept"):
        kept.written(table)


def test_the_classes_that_may_be_made_are_those_that_the_type_names():
    assert set(expected.classes(tuple[pd.DataFrame, dict[str, Tree]])) == {
        f"{__name__}.{c}" for c in ("Tree", "Leaf")
    }
    made = {name.rpartition(".")[2] for name in expected.classes(expected.returned(evaluation.of_register))}
    assert {"Evaluated", "Evaluation", "Study", "Sample", "Reason", "Site"} <= made and "Alone" not in made
    reasons = {"a": Reason("k", policy="p")}
    assert again(reasons, dict[str, Reason]) == reasons


MARK = "MARK"
GADGETS = (
    "os.system", "posix.system", "builtins.eval", "builtins.exec", "analysis.data.catalogue.os.system",
    "pandas.read_pickle", "numpy.load", "pandas.io.pickle.read_pickle",
    "analysis.reports.kept.shared._called","analysis.reports.kept.shared._function",
    "analysis.foundations.files.write_whole", "analysis.foundations.places.remove",
    "numpy.ndarray.tofile", "subprocess.Popen",
    "importlib.import_module", "pandas.core.generic.NDFrame.to_pickle", "pathlib.Path.write_text", "shutil.rmtree",
    "analysis.methods.policies.designs.os", f"{__name__}.Stranger", "analysis.methods.evaluation.Alone", "builtins.type",
    "__class__", "eval",
)  # fmt: skip


def nodes(*lines, tail=b""):
    return json.dumps(lines).encode() + b"\n" + tail


@pytest.mark.parametrize("gadget", GADGETS)
@pytest.mark.parametrize("gives", [object, Tree, evaluation.Evaluated], ids=["any", "tree", "evaluated"])
def test_a_name_in_a_file_calls_nothing(gadget, gives, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match="no kept result"):
        kept.read(nodes([gadget, f"touch {MARK}"], ["tuple", [0]]), gives)
    assert not list(tmp_path.iterdir())


LEAF, FRAME, ONE = f"{__name__}.Leaf", ["matrix", [1], [1], [0]], b"12345678"
DEEP = b"[" * 200_000
FORGED = {
    "nothing": b"",
    "no JSON": b"{",
    "deep": DEEP,
    "deep in a node": b'[["tuple",' + DEEP,
    "no list": nodes(),
    "an object": b'{"a":1}\n',
    "NaN": b'[["tuple",NaN]]\n',
    "a number too long": b'[["tuple",' + b"9" * 5000 + b"]]\n",
    "a node to come": nodes(["tuple", [0]]),
    "a number in no list": nodes(["tuple", ["x"]]),
    "an object in a node": nodes(["tuple", {"a": 1}]),
    "a field too few": nodes([LEAF, "x", 1.0], ["tuple", [0]]),
    "a field of another type": nodes([LEAF, 5, 1.0, "a"], ["tuple", [0]]),
    "another type": nodes(["tuple", "x"]),
    "another result": nodes(["tuple", ["tuple"]]),
    "bytes that are not there": nodes(["bytes", 0, 100], ["tuple", [0]]),
    "bytes before": nodes(["bytes", -4, 2], ["tuple", [0]], tail=b"abcdef"),
    "objects as numbers": nodes(["array", "O", "C", 0, 8, 1], ["tuple", [0]], tail=ONE),
    "numbers of no length": nodes(["array", "<U0", "C", 0, 8, 1], ["tuple", [0]], tail=ONE),
    "records as numbers": nodes(["array", "i4,i4", "C", 0, 8, 1], ["tuple", [0]], tail=ONE),
    "more than there is": nodes(["array", "<f8", "C", 0, 8, 10**12], ["tuple", [0]], tail=ONE),
    "a dimension below zero": nodes(["array", "<f8", "C", 0, 8, -1], ["tuple", [0]], tail=ONE),
    "one figure for a billion rows": nodes(
        ["array", "<f8", "C", 0, 8], ["range", None, 0, 10**9, 1], ["series", None, [1], [0]], ["tuple", [2]], tail=ONE
    ),
    "one column for a billion rows": nodes(
        ["array", "<f8", "C", 0, 8, 1], ["range", None, 0, 10**9, 1], ["index", None, [0]], ["frame", [1], [2], [0]],
        ["tuple", [3]], tail=ONE,
    ),
    "a table that is none": nodes(["array", "<f8", "C", 0, 8, 1], ["range", None, 0, 1, 1], FRAME, ["tuple", [2]], tail=ONE),
    "keys that cannot be": nodes(["list"], ["dict", [0], 1], ["tuple", [1]]),
    "a key without a value": nodes(["dict", "a"], ["tuple", [0]]),
    "no day": nodes(["date", "2024-13-01"], ["tuple", [0]]),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_what_is_no_result_of_its_type_is_refused(name):
    with pytest.raises(ValueError, match="no kept result"):
        kept.read(FORGED[name], Tree)


def test_a_forged_figure_is_a_wrong_number_and_nothing_else():
    content = kept.written(Leaf("x", 0.5), Leaf)
    assert kept.read(content.replace(b"0.5", b"7.5"), Leaf) == Leaf("x", 7.5)


def test_parts_that_stand_in_each_other_many_times_are_looked_at_once():
    """A list of a thousand times a list of a thousand times …: each is held against its type once."""
    lines = [["tuple", *["x"] * 1000]] + [["tuple", *[[i]] * 1000] for i in range(3)]
    deep = tuple[tuple[tuple[tuple[str, ...], ...], ...], ...]
    assert len(kept.read(nodes(*lines, ["tuple", [3]]), deep)) == 1000
