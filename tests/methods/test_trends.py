"""How a figure moved: which figures are compared, and in which way the change is told."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.data import breaks
from analysis.data.catalogue import Catalogue
from analysis.estimation import trends
from analysis.foundations.periods import period
from analysis.foundations.values import Indicator, Text

TEXT = Text("x", "x")
PRICES = trends.Prices({2017: 100.0, 2018: 101.0, 2019: 102.0, 2023: 110.0, 2024: 112.0})


def entry(unit="percent", **options):
    return Indicator("i", TEXT, unit, "context", TEXT, **options)


def series(figures, **columns):
    """A territory's series; ``figures`` by period."""
    base = {"territory": "67", "period": list(figures), "indicator": "i", "value": list(figures.values())}
    frame = pd.DataFrame(base).assign(lower=np.nan, upper=np.nan, quality="producer", source="s", note="")
    frame["state"] = np.where(frame["value"].isna(), "unavailable", "observed")
    return frame.assign(**columns)


def months(first, number, step=1):
    start = period(first).start
    form = {1: lambda n: f"{n // 12}-{n % 12 + 1:02d}", 3: lambda n: f"{n // 12}-Q{n % 12 // 3 + 1}"}[step]
    return [form(start + step * i) for i in range(number)]


def ends(change):
    return change and (change.first.period, change.last.period)


@pytest.mark.parametrize(
    ("periods", "options", "scope", "main", "before"),
    [
        (range(2010, 2026), {}, "pacte", ("2023", "2025"), ("2018", "2023")),
        (range(2010, 2020), {}, "held", ("2014", "2019"), None),
        ((2011, 2016, 2022), {}, "held", ("2016", "2022"), None),
        ((2022, 2025), {}, "around", ("2022", "2025"), None),
        ((2021, 2023), {}, "held", ("2021", "2023"), None),
        (months("2017-01", 95), {}, "around", ("2023-11", "2024-11"), ("2018-11", "2023-11")),
        (months("2017-01", 96), {}, "pacte", ("2023-12", "2024-12"), ("2018-12", "2023-12")),
        (months("2010-Q1", 63, 3), {}, "around", ("2023-Q3", "2025-Q3"), ("2018-Q3", "2023-Q3")),
        (months("2010-Q1", 63, 3), {"over_time": "adjusted"}, "pacte", ("2024-Q1", "2025-Q3"), ("2019-Q1", "2024-Q1")),
        (months("2015-01", 114), {"over_time": "flow"}, "pacte", ("2023-12", "2024-06"), ("2018-12", "2023-12")),
        (months("2010-Q1", 59, 3), {"over_time": "flow"}, "pacte", ("2023-Q4", "2024-Q3"), ("2018-Q4", "2023-Q4")),
        (["2023-2024", "2024-2025"], {}, "pacte", ("2023-2024", "2024-2025"), None),
    ],
)  # fmt: skip
def test_a_trend_begins_where_the_pacte_does(periods, options, scope, main, before):
    """June is compared with June, twelve months with twelve, and nothing with what lies more than five years before, unless
    that is the nearest."""
    found = trends.trend(series({str(p): 50.0 for p in periods}), entry(**options))
    assert (found.scope, ends(found.main), ends(found.before)) == (scope, main, before)


def test_a_flow_is_the_sum_of_twelve_months_of_which_none_is_missing():
    monthly = dict.fromkeys(months("2022-01", 36), 10.0) | {"2023-12": 70.0}
    found = trends.trend(series(monthly, lower=9.0), entry("entry", over_time="flow"))
    assert (found.main.first.value, found.main.first.lower, found.main.first.upper) == (180.0, 108.0, None)
    assert (found.main.last.value, found.main.summed) == (120.0, True)
    del monthly["2024-03"], monthly["2023-06"], monthly["2022-06"]
    assert trends.trend(series(monthly), entry("entry", over_time="flow")) is None


@pytest.mark.parametrize(
    ("first", "last", "options", "way", "amount"),
    [
        (10.0, 12.0, {"unit": "percent"}, "unit", 2.0),
        (10.0, 12.0, {"unit": "per_1000"}, "unit", 2.0),
        (0.28, 0.30, {"unit": "index", "decimals": 2}, "unit", 0.02),
        (100.0, 120.0, {"unit": "person"}, "percent", 20.0),
        (100.0, 300.0, {"unit": "person"}, "percent", 200.0),
        (100.0, 301.0, {"unit": "person"}, "times", 3.01),
        (100.0, 1001.0, {"unit": "person"}, "values", math.nan),
        (19.0, 25.0, {"unit": "person"}, "values", math.nan),
        (190.0, 250.0, {"unit": "person", "rounding": 10}, "values", math.nan),
        (2.0, 1236.0, {"unit": "euro_per_year"}, "values", math.nan),
        (1.9, 2.5, {"unit": "euro_per_m2", "decimals": 1}, "values", math.nan),
        (0.0, 25.0, {"unit": "person"}, "values", math.nan),
        (30.0, 0.0, {"unit": "person"}, "values", math.nan),
        (100.0, 140.0, {"unit": "file", "over_time": "cumulated"}, "added", 40.0),
    ],
)  # fmt: skip
def test_a_change_is_told_in_the_way_that_its_figures_bear(first, last, options, way, amount):
    """No percentage from a tiny base nor above 200 %, and none at all of a rate."""
    found = trends.trend(series({"2023": first, "2024": last}), entry(**options)).main
    assert found.way == way
    assert found.amount == pytest.approx(amount, nan_ok=True)


def test_a_change_within_the_rounding_has_bounds_around_zero():
    frame = series({"2023": 100.0, "2024": 104.0}, lower=[95.0, 99.0], upper=[105.0, 109.0])
    found = trends.trend(frame, entry()).main
    assert (found.lower, found.upper) == (-6.0, 14.0)


def test_amounts_of_money_are_told_in_euros_of_the_last_year():
    found = trends.trend(series({"2018": 101.0, "2023": 110.0, "2024": 112.0}), entry("euro"), PRICES)
    assert (found.main.constant, found.main.amount, found.before.amount, found.unpriced) == (
        2024,
        0.0,
        0.0,
        False,
    )
    assert [v.value for v in found.main.current] == [110.0, 112.0]
    assert (found.before.constant, found.before.last.value) == (2024, pytest.approx(112.0))
    without = trends.trend(series({"2022": 101.0, "2024": 112.0}), entry("euro"), PRICES)
    assert (without.unpriced, without.main.constant) == (True, None)
    assert not trends.trend(series({"2023": 101.0, "2024": 112.0}), entry("person"), PRICES).main.current


def test_prices_known_by_a_rounded_change_widen_the_bounds_of_what_they_tell():
    """+2.0 % may be 1.95 or 2.05: an amount that rises as prices do is told within that, and the years before are not."""
    known = trends.Prices({2019: 102.0, 2022: 110.0, 2023: 110.0, 2024: 112.2}, published=2023)
    found = trends.trend(series({"2019": 102.0, "2023": 100.0, "2024": 102.0}), entry("euro"), known)
    assert found.main.amount == pytest.approx(0.0) and not found.unpriced
    assert (found.main.lower, found.main.upper) == pytest.approx((-0.05, 0.05), abs=1e-4)
    assert found.before.lower == found.before.amount == found.before.upper


def test_prices_of_the_project_are_the_index_and_the_changes_after_it():
    read = trends.prices(Catalogue().parameters("prices"))
    assert read.index[2023] == pytest.approx(112.01 * 1.049) and read.published == 2022
    assert read.error(2023, 2025) == 2 * read.error(2021, 2023) == pytest.approx(0.001)
    assert read.error(2015, 2019) == 0


YEARLY = {str(year): float(year - 2000) for year in range(2015, 2026)}


@pytest.mark.parametrize(
    ("at", "main", "earlier", "later"),
    [
        ("2021", ("2023", "2025"), "2021", None),
        ("2024", ("2024", "2025"), "2024", None),
        ("2025", ("2023", "2024"), None, "2025"),
        ("2026", ("2023", "2025"), None, None),
    ],
)
@pytest.mark.parametrize("own", [False, True])
def test_nothing_is_compared_across_a_break_be_it_the_territory_s_own(at, main, earlier, later, own):
    frame = series(YEARLY)
    if own:
        frame["note"] = np.where(frame["period"] == at, "corrected break_operators", "")
    found = trends.trend(frame, entry(breaks={} if own else {at: TEXT}))
    assert (ends(found.main), found.earlier, found.later) == (main, earlier, later)
    assert found.kinds == ({at: "operators"} if own and (earlier or later) else {})
    assert (
        found.before is None
        or period(found.before.first.period).start >= period(at).start
        or later
        or at == "2026"
    )


def test_a_break_before_a_figure_that_is_not_given_cuts_all_the_same():
    frame = series(YEARLY | {"2024": np.nan})
    frame["note"] = np.where(frame["period"] == "2024", "operators_missing break_operators", "")
    assert ends(trends.trend(frame, entry()).main) == ("2018", "2023")


def test_a_jump_that_nothing_explains_is_named_where_it_is_crossed():
    frame = series(YEARLY)
    frame["note"] = np.where(frame["period"].isin(["2016", "2021"]), breaks.JUMP, "")
    found = trends.trend(frame, entry())
    assert (found.main.jumps, found.before.jumps) == ((), ("2021",))
    assert trends.trend(series({"2024": 1.0}), entry()) is None
