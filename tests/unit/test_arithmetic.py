"""Ten significant digits, whatever holds them; and sums and solutions that a fixed order gives."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analysis.foundations import arithmetic
from analysis.foundations.arithmetic import Result, rounded

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(NUMBERS)
@example(9.99999999999e2)
@example(1e22)
@example(5e-324)
@example(-1.7976931348623157e308)
def test_a_number_becomes_the_nearest_with_ten_digits_once_and_for_all(x):
    found = rounded(x)
    assert found == float(f"{found:.9e}") and rounded(found) is found
    assert found == pytest.approx(x, rel=5.1e-10, abs=0) and type(found) is float
    assert math.copysign(1, found) == (1 if x == 0 else math.copysign(1, x))


@given(NUMBERS, NUMBERS)
@example(999.99999999995, 1000.0)
@example(1.00000000005, 1.00000000005000002)
def test_the_order_of_numbers_is_kept(x, y):
    low, high = rounded(np.array(sorted((x, y))))
    assert low <= high


@pytest.mark.parametrize(
    "x", [math.inf, -math.inf, math.nan, 7, 12_345_678_901, True, "0.1234567890123", None, b"x"]
)
def test_what_is_no_finite_float_stays(x):
    assert rounded(x) is x


@dataclass(frozen=True, repr=False)
class _Found(Result):
    amount: float
    table: pd.DataFrame
    parts: tuple
    by_name: dict


@dataclass(frozen=True)
class _Given:
    amount: float


LONG, SHORT = 0.12345678901234, 0.123456789


def test_a_result_is_rounded_as_it_is_made_wherever_its_floats_are():
    table = pd.DataFrame({"x": [LONG, np.nan], "n": [1, 2], "t": ["a", "b"]}, index=[LONG, 1.0])
    found = _Found(
        -LONG,
        table,
        (1, LONG, [np.array([LONG, -0.0])]),
        {"a": pd.Series([LONG], name="s"), "b": _Given(LONG)},
    )
    expected = rounded(LONG)
    assert found.amount == -expected and expected == 0.1234567890
    assert (
        found.table["x"][expected] == expected
        and found.table["n"].dtype == int
        and list(found.table["t"]) == ["a", "b"]
    )
    assert math.isnan(found.table["x"].iloc[1])
    assert found.parts[:2] == (1, expected) and not np.signbit(found.parts[2][0]).any()
    assert found.by_name["a"].tolist() == [expected] and found.by_name["a"].name == "s"
    assert found.by_name["b"] == _Given(expected)
    assert table["x"].iloc[0] == LONG  # what was given is left as it was


def test_what_needs_no_rounding_is_given_back_itself():
    frame = pd.DataFrame({"x": [SHORT, np.inf], "t": ["a", "b"]})
    for thing in (
        SHORT,
        np.array([SHORT]),
        frame,
        frame["x"],
        (1, SHORT, [frame]),
        {"a": SHORT},
        _Given(SHORT),
        _Given,
    ):
        assert rounded(thing) is thing


@given(st.integers(0, 1000), st.integers(2, 40))
def test_sums_of_what_is_exactly_summed_are_the_same_in_any_order(seed, count):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(count, 3)) * 10.0 ** rng.integers(-8, 8, (count, 3))
    kept, signs = arithmetic.exactly_summed(values, count), rng.choice([-1.0, 0.0, 1.0], count)
    order = rng.permutation(count)
    exact = [math.fsum(signs * column) for column in kept.T]
    assert (signs @ kept).tolist() == (signs[order] @ kept[order]).tolist() == exact
    assert np.abs(kept - values).max(axis=0) == pytest.approx(0, abs=1e-12 * np.abs(values).max())


def test_products_and_solutions_are_those_of_linear_algebra():
    rng = np.random.default_rng(1)
    left, right = rng.normal(size=(6, 4)), rng.normal(size=(4, 5))
    for a, b in ((left, right), (left[0], right), (left, right[:, 0]), (left[0], right[:, 0])):
        assert arithmetic.product(a, b) == pytest.approx(a @ b, rel=1e-12)
    matrix = left.T @ left
    assert arithmetic.solve(matrix, right) == pytest.approx(np.linalg.solve(matrix, right), rel=1e-9)
    assert arithmetic.log_determinant(matrix) == pytest.approx(np.linalg.slogdet(matrix)[1])
    assert arithmetic.root(matrix) == pytest.approx(np.linalg.cholesky(matrix))


def test_where_a_row_adds_nothing_a_solution_serves_as_an_inverse_does():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(30, 3))
    values = np.column_stack([values, values[:, 0] - values[:, 1]])
    matrix = values.T @ values
    serving = arithmetic.inverse(matrix, 1e-10)
    assert matrix @ serving @ matrix == pytest.approx(matrix)
    lower = arithmetic.root(matrix, 1e-10)
    assert lower @ lower.T == pytest.approx(matrix)


def test_quadratures_are_those_of_gauss():
    nodes, weights = arithmetic.gauss_legendre(12)
    assert [(weights * nodes**k).sum() for k in (0, 2, 7, 20)] == pytest.approx(
        [2, 2 / 3, 0, 2 / 21], abs=1e-14
    )
    nodes, shares = arithmetic.gauss_hermite(12)
    assert [(shares * nodes**k).sum() for k in (0, 2, 3, 4, 6)] == pytest.approx([1, 1, 0, 3, 15], abs=1e-12)


def test_of_values_that_are_the_same_at_ten_digits_the_first_is_the_largest():
    assert arithmetic.first_of_largest(np.array([-2.0, -1.0, -1.0 + 1e-14])) == 1
