"""Whatever it is given, estimation answers right or refuses by name: arrays as degenerate as they come, in every function.

A result has finite numbers, or NaN where a reason is given or its documentation says so; intervals hold their estimate; p is
above 0 and at most 1. A refusal is a ``Refusal`` whose message says what to do. Nothing else comes out: no bare error of a
library, no warning. ``degenerate`` has the cases.
"""

import re
import warnings
from dataclasses import fields, is_dataclass
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analysis.estimation.sample import Estimate, ReasonKey, Sample
from analysis.foundations.display import Refusal
from tests.methods.degenerate import CASES, PARTS, Drawn, public

REMEDY = re.compile(
    r"\b(give|use|choose|leave|add|ask|begin|end|shorten|move|look|reach|keep|write|sort|convert|name|take|bring|"
    r"widen|complete|drop|find|report|fill|merge|is not one of|did you mean|expected|need|needs|needed|at least|never)\b"
)

UNKNOWN = {
    "Estimate": {"se", "lower", "upper", "p"}, "Path": {"se", "lower", "upper", "band_lower", "band_upper"},
    "GroupTime": {"pretest_p", "table"}, "Pretrends": {"slope", "detectable_slope", "implied"},
    "LeaveOneOut": {"frame"},
    "Change": {"amount", "lower", "upper", "first", "last"}, "Jump": {"size", "spreads"},
    "Sensitivity": {"breakdown_relative", "breakdown_smoothness"}, "Evaluation": {"spread"}, "Placebo": {"detectable"},
    "FayHerriot": {"figures"}, "ShrunkShares": {"figures"}, "Adjusted": {"balance"}, "Rejection": {"rate", "error"},
    "Effect": {"lower", "upper", "error"}, "UnitLevel": {"figures"},
    "Position": {"quantiles", "values"}, "Dilution": set(), "Peers": {"context"}, "CostPerReturn": set(),
}  # fmt: skip
"""By result, what its documentation says may be unknown (NaN), or without a limit (infinite)."""

OPEN = {"inference.spread", "rejection.not_rejected"}
"""Functions whose numbers may be unknown or without a limit, as their documentation says."""


def test_every_public_function_of_estimation_has_a_case():
    there = public()
    assert sorted(there - CASES.keys() - PARTS.keys()) == [], "give it a case in tests/methods/degenerate.py"
    assert sorted((CASES.keys() | PARTS.keys()) - there) == []
    assert set(PARTS.values()) <= CASES.keys()


@pytest.mark.parametrize("name", CASES)
@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_what_is_degenerate_is_refused_by_name_or_right(name, data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = CASES[name](Drawn(data))
        except Refusal as refusal:
            assert REMEDY.search(str(refusal)), str(refusal)
            return
    if name not in OPEN:
        check(found, name)


def check(thing, where):
    """Hold a result, and all in it, to what is promised of it."""
    if isinstance(thing, Estimate):
        _check_estimate(thing, where)
    elif isinstance(thing, Sample):
        return
    elif is_dataclass(thing):
        free = UNKNOWN.get(type(thing).__name__, set())
        for field in fields(thing):
            value = getattr(thing, field.name)
            if field.name in ("p", "p_ratio") and getattr(thing, "judged", True):
                assert 0 < value <= 1, f"{where}: p = {value}"
            if field.name not in free and not (field.name == "p" and np.isnan(value)):
                check(value, f"{where}, {type(thing).__name__}.{field.name}")
        _check_limits(thing, where)
    elif isinstance(thing, dict):
        for key, value in thing.items():
            check(value, f"{where}[{key}]")
    elif isinstance(thing, tuple | list):
        for value in thing:
            check(value, where)
    elif isinstance(thing, float | np.ndarray | pd.Series | pd.DataFrame):
        table = pd.DataFrame(thing) if isinstance(thing, pd.DataFrame) else np.asarray(thing)
        numbers = table.select_dtypes("number") if isinstance(table, pd.DataFrame) else table
        if numbers.size and numbers.dtype.kind in "fc" if isinstance(numbers, np.ndarray) else True:
            assert np.isfinite(np.asarray(numbers, dtype=float)).all() or _panel(thing), f"{where}: {thing}"


def _panel(thing):
    """Whether a table is of figures as the panel gives them, whose own bounds may be missing."""
    return isinstance(thing, pd.DataFrame) and "state" in thing


def _check_estimate(found, where):
    assert np.isfinite(found.att), where
    if found.reason:
        assert found.reason in get_args(ReasonKey) and np.isnan([found.lower, found.upper, found.p]).all(), (
            where
        )
        return
    assert found.lower <= found.att <= found.upper, f"{where}: {found}"
    assert found.lower < found.upper, f"{where}: an interval of no width"
    assert 0 < found.p <= 1, f"{where}: p = {found.p}"


def _check_limits(thing, where):
    """Limits hold their value."""
    for low, mid, high in (
        ("lower", "value", "upper"),
        ("lower", "att", "upper"),
        ("band_lower", "att", "band_upper"),
    ):
        if not all(hasattr(thing, name) for name in (low, mid, high)) or getattr(thing, mid) is None:
            continue
        lower, value, upper = (np.asarray(getattr(thing, name), dtype=float) for name in (low, mid, high))
        known = ~np.isnan(lower) & ~np.isnan(upper)
        assert (lower[known] <= value[known]).all() and (value[known] <= upper[known]).all(), (
            f"{where}: {thing}"
        )
