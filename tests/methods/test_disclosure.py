"""Secrecy: the bounds of masked cells are those that can be worked out by hand, and what uncovers one is refused."""

import itertools

import numpy as np
import pandas as pd
import pytest

from analysis.foundations.files import DataError
from analysis.methods import disclosure
from analysis.methods.disclosure import Rules, Uncovered

RULES = Rules(minimum=11, dominance=85, width=10)


def cells(known, masked):
    """Published numbers, or the two ends of rounded ones; masked cells between 0 and what they can be."""
    ends = {name: value if isinstance(value, tuple) else (value, value) for name, value in known.items()}
    rows = {
        **{k: (*v, False) for k, v in ends.items()},
        **{k: (0.0, float(v), True) for k, v in masked.items()},
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=["lower", "upper", "masked"])


@pytest.mark.parametrize(
    ("known", "masked", "margins", "expected"),
    [
        # one masked cell of a published sum is the difference
        ({"all": 100, "a": 60}, {"b": 500}, [("all", "ab")], {"b": (40, 40)}),
        # two of them share it
        ({"all": 100, "a": 60}, {"b": 500, "c": 500}, [("all", "abc")], {"b": (0, 40), "c": (0, 40)}),
        # one cannot be so large, so the other is not small
        ({"all": 100, "a": 60}, {"b": 30, "c": 500}, [("all", "abc")], {"b": (0, 30), "c": (10, 40)}),
        # a rounded total leaves its rounding
        ({"all": (95, 105), "a": 60}, {"b": 500}, [("all", "ab")], {"b": (35, 45)}),
        # no sum holds it: only what was known before
        ({"all": 100, "a": 100}, {"b": 500}, [("all", "a")], {"b": (0, 500)}),
        # a masked total of cells that are all published
        ({"a": 60, "b": 7}, {"all": 500}, [("all", "ab")], {"all": (67, 67)}),
    ],
)  # fmt: skip
def test_the_bounds_are_those_worked_out_by_hand(known, masked, margins, expected):
    found = disclosure.audit(cells(known, masked), [(t, list(p)) for t, p in margins], RULES).intervals
    bounds = {name: (row["lower"], row["upper"]) for name, row in found.iterrows()}
    assert bounds == {name: pytest.approx(ends) for name, ends in expected.items()}


def square(masked):
    """A table of 3 rows and 3 columns with its published totals; ``masked`` are the cells that are not shown."""
    counts = {"11": 20, "12": 50, "13": 10, "21": 8, "22": 19, "23": 22, "31": 17, "32": 32, "33": 12}
    sums = [("r" + r, [r + c for c in "123"]) for r in "123"] + [
        ("c" + c, [r + c for r in "123"]) for c in "123"
    ]
    totals = {total: sum(counts[part] for part in parts) for total, parts in sums}
    shown = {name: n for name, n in {**counts, **totals}.items() if name not in masked}
    return cells(shown, dict.fromkeys(masked, 100)), sums, counts


def test_the_bounds_of_a_table_with_two_margins_are_those_of_every_table_that_has_them():
    """Fischetti and Salazar's square: four masked cells at the corners of a rectangle leave one number free."""
    table, sums, counts = square(["11", "13", "31", "33"])
    found = disclosure.audit(table, sums, RULES)
    tables = [
        t
        for t in range(-100, 101)
        if min(counts["11"] + t, counts["13"] - t, counts["31"] - t, counts["33"] + t) >= 0
    ]
    for name, sign in (("11", 1), ("13", -1), ("31", -1), ("33", 1)):
        values = [counts[name] + sign * t for t in tables]
        assert tuple(found.intervals.loc[name, ["lower", "upper"]]) == (min(values), max(values))
    assert found.recovered == ()


def test_a_sum_by_difference_that_uncovers_a_cell_is_refused():
    table, sums, counts = square(
        ["11", "12", "31"]
    )  # the only one of its column, and the only one of its row
    with pytest.raises(Uncovered, match="3 masked cells would be recovered") as refused:
        disclosure.refuse(table, sums, RULES)
    assert f"12: between {counts['12']} and {counts['12']}" in str(refused.value)
    assert disclosure.audit(table, [one for one in sums if one[0] != "c2"], RULES).recovered == (
        "11",
        "12",
        "31",
    )
    assert not disclosure.refuse(table, [one for one in sums if one[0] not in {"c2", "r3"}], RULES).recovered


def test_a_difference_of_two_sums_uncovers_as_one_of_cells_does():
    """An area published beside the same without one commune: nothing else is masked there."""
    table = cells({"with": 480, "without": 471, "a": 300}, {"b": 200, "c": 200})
    assert disclosure.audit(table, [("with", ["a", "b", "c"])], RULES).recovered == ()
    found = disclosure.audit(table, [("with", ["a", "b", "c"]), ("without", ["a", "b"])], RULES)
    assert found.recovered == ("b", "c")


@pytest.mark.parametrize("seed", range(6))
def test_no_table_that_agrees_lies_outside_the_bounds_and_they_are_reached(seed):
    """On random tables of small whole numbers, the bounds are the extremes of all tables that there are."""
    rng = np.random.default_rng(seed)
    counts = dict(zip("abcde", rng.integers(0, 6, 5).tolist(), strict=True))
    hidden = rng.permutation(list("abcde"))[:3].tolist()
    sums = [("x", list("abc")), ("y", list("cde"))]
    totals = {total: sum(counts[part] for part in parts) for total, parts in sums}
    shown = {name: n for name, n in {**counts, **totals}.items() if name not in hidden}
    found = disclosure.audit(cells(shown, dict.fromkeys(hidden, 7)), sums, RULES).intervals
    agree = [
        guess
        for values in itertools.product(range(8), repeat=3)
        for guess in [counts | dict(zip(hidden, values, strict=True))]
        if all(sum(guess[part] for part in parts) == totals[total] for total, parts in sums)
    ]
    for name in hidden:
        values = [one[name] for one in agree]
        assert tuple(found.loc[name, ["lower", "upper"]]) == (min(values), max(values))


def test_what_is_of_few_people_or_of_one_is_masked_and_masked_stays_masked():
    counts = pd.Series({"none": 0.0, "few": 10, "enough": 11, "secret": np.nan, "one": 100, "several": 100})
    largest = pd.Series({"none": 0.0, "few": 1, "enough": 5, "secret": np.nan, "one": 86, "several": 85})
    assert set(counts.index[RULES.masks(counts)]) == {"few", "secret"}
    assert set(counts.index[RULES.masks(counts, largest)]) == {"few", "secret", "one"}


@pytest.mark.parametrize(
    ("counts", "masked"),
    [
        ({"a": 500, "b": 40, "c": 60}, set()),
        ({"a": 500, "b": 4, "c": 60, "d": 200, "e": 0}, {"b", "c"}),  # 4 alone is the total less the others
        ({"a": 500, "b": 4, "c": 5, "d": 3}, {"b", "c", "d"}),  # 12 between three
        ({"a": 500, "b": 4, "c": 5, "d": 12}, {"b", "c", "d"}),  # 9 between two would tell each within 9
        ({"a": 500, "b": 4}, {"a", "b"}),
    ],
)
def test_a_part_of_too_few_is_masked_with_another_that_keeps_it_from_being_found(counts, masked):
    found = disclosure.hidden(pd.Series(counts, dtype="float64"), RULES)
    assert set(found.index[found]) == masked


def test_protection_is_of_so_many_units_and_of_a_share_and_never_more_than_was_unknown():
    table = cells({}, {"hamlet": 6, "village": 80, "town": 2000})
    assert RULES.protection(table).to_dict() == {"hamlet": 6, "village": 11, "town": 200}
    assert not disclosure.audit(table, [], RULES).recovered


@pytest.mark.parametrize(
    ("table", "sums", "said"),
    [
        (cells({"all": 10, "a": 60}, {"b": 5}), [("all", ["a", "b"])], "no values agree"),
        (cells({"all": 10}, {"b": 5}), [("all", ["a", "b"])], "'a' is in a sum and is no cell"),
        (cells({"all": 10}, {"b": np.inf}), [("all", ["b"])], "'b' has no lower bound below an upper one"),
    ],
)
def test_what_cannot_be_audited_is_refused(table, sums, said):
    with pytest.raises(DataError, match=said):
        disclosure.audit(table, sums, RULES)
