"""What a cell says: one number, a reason for none, or two readings between which nothing tells; never a guess."""

import pytest

from analysis.foundations.local_numbers import Marks, marks, read

NONE = Marks()


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1250", 1250), ("1 234,5", 1234.5), ("1\u202f250", 1250), ("1\u00a0250", 1250), ("1'250", 1250),
        ("1\u2019250", 1250),
        ("12,5", 12.5), ("12.50", 12.5), ("1250,0", 1250), ("1234,567", 1234.567), ("0,125", 0.125), ("1.234,5", 1234.5),
        ("1,234.50", 1234.5), ("1 234,500", 1234.5), ("1.234.567", 1234567), ("1,234,567", 1234567), ("-5", -5),
        ("\u22125", -5), (" 12 ", 12), ("007", 7), (1250.0, 1250), (12.345, 12.345),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_written(cell, number):
    assert read(cell, NONE).numbers == (number,)


@pytest.mark.parametrize("cell", ["-0", "-0,0", "\u22120", -0.0])
def test_zero_has_no_sign(cell):
    assert str(read(cell, NONE).numbers[0]) == "0.0"


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [("12,000", (12, 12000)), ("12.000", (12, 12000)), ("250,000", (250, 250000)), ("-1,500", (-1.5, -1500))],
)
@pytest.mark.parametrize("beside", [[], ["1250"], ["1 234"], ["12,5", "1,234,567"], ["12,5", "7.5"]])
def test_a_lone_mark_that_may_be_that_of_thousands_is_read_both_ways(cell, numbers, beside):
    assert read(cell, marks([cell, *beside])).numbers == numbers


@pytest.mark.parametrize(
    ("cell", "beside", "number"),
    [
        ("12,000", ["12,5"], 12), ("12,000", ["1.234,5"], 12), ("12,000", ["12.5"], 12000), ("12,000", ["1,234.5"], 12000),
        ("12,000", ["1,234,567"], 12000), ("12.000", ["12,5"], 12000), ("12.000", ["7.25"], 12),
        ("12.000", ["1,234,567"], 12),
    ],
)  # fmt: skip
def test_the_other_values_of_a_file_settle_what_a_mark_is(cell, beside, number):
    assert read(cell, marks([cell, *beside])).numbers == (number,)


@pytest.mark.parametrize(
    ("state", "written"),
    [
        ("suppressed", ["s", "S", " c ", "secret", "Secret statistique", "confidentiel"]),
        (
            "unavailable",
            ["nd", "N.D.", "n. d.", "ns", "nc", "na", "n/a", "…", "...", ".", "-", "–", "non disponible"],
        ),
        ("not_applicable", ["///", "//", "so", "s.o.", "sans objet"]),
    ],
)
def test_signs_of_producers_are_states_and_never_zero(state, written):
    for cell in written:
        found = read(cell, NONE)
        assert (found.state, found.numbers) == (state, ()), cell


@pytest.mark.parametrize(
    "cell",
    [
        "", "inf", "-inf", "nan", "NaN", "1e5", "1e308", "0x1F", "--5", "+5", "5-", "１２５０", "١٢٥٠", "1_250", "12 34",
        "1,2,3",
        "1.2.3", "12,345,6", "1250,", ",5", "1 2345", "1,23.456,7", "(1250)", "1250*", "1250 hab", "=1+1", "#N/A", "many",
        "9" * 41, "1 " * 30,
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused(cell):
    with pytest.raises(ValueError, match="is not a number such as"):
        read(cell, marks([cell]))


def test_a_percent_sign_is_told():
    assert read("12%", NONE) == read("12\u202f%", NONE)
    assert (read("12%", NONE).percent, read("12", NONE).percent) == (True, False)
