"""Jumps of single series: what was put in is found again, and neither noise, seasons nor what hits all at once is."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import jumps
from analysis.foundations.periods import period

YEARS = [str(year) for year in range(2010, 2022)]


def figures(seed=1, periods=YEARS, number=60, level=1000.0, noise=0.02):
    """Amounts that grow alike, fall together in the fourth year, and have some noise of their own."""
    rng = np.random.default_rng(seed)
    trend = 0.03 * np.arange(len(periods)) - np.where(np.arange(len(periods)) >= 3, 0.5, 0.0)
    logs = (
        np.log(level) + trend + rng.normal(0, 1, (number, 1)) + rng.normal(0, noise, (number, len(periods)))
    )
    return pd.DataFrame(np.exp(logs), index=[f"{i:02d}" for i in range(number)], columns=periods)


def found(table, **options):
    return [(one.territory, one.period) for one in jumps.jumps(table, logarithm=True, **options)]


def test_what_hits_all_at_once_is_no_jump():
    assert found(figures()) == []


@pytest.mark.parametrize("factor", [0.63, 0.8, 1.3, 10.0])
@pytest.mark.parametrize("at", ["2012", "2016", "2021"])
def test_a_level_shift_is_found_where_it_is(factor, at):
    table = figures()
    table.loc["07", at:] *= factor
    assert found(table) == [("07", at)]
    (one,) = jumps.jumps(table, logarithm=True)
    assert one.size == pytest.approx(100 * (factor - 1), rel=0.1, abs=10)
    assert (one.before, one.after) == (table.loc["07", YEARS[YEARS.index(at) - 1]], table.loc["07", at])


def test_a_figure_out_of_line_that_comes_back_is_no_level_shift():
    table = figures()
    table.loc["07", "2016"] *= 2
    assert found(table) == []


def test_a_small_shift_and_a_territory_that_always_moves_are_none():
    table = figures()
    table.loc["07", "2016":] *= 1.06
    table.loc["08"] *= np.exp(0.3 * np.array([0, 1, 0, -1, 0, 1, -1, 0, 1, 0, -1, 1]))
    assert found(table) == []


def test_a_second_jump_does_not_hide_the_first():
    table = figures()
    table.loc["07", "2013":] *= 0.5
    table.loc["07", "2018":] *= 1.7
    assert found(table) == [("07", "2013"), ("07", "2018")]


def test_no_step_is_taken_across_a_declared_break_nor_a_level_read_beyond_it():
    table = figures()
    table.loc["07", "2016":] *= 0.5
    assert found(table, breaks=[period("2016").start]) == []
    assert found(table, breaks=[period("2015").start]) == [("07", "2016")]


def test_two_in_place_of_one_is_no_jump_of_a_count():
    table = figures(level=1.0, noise=0.0).clip(lower=1).round()
    table.iloc[:, :] = 1.0
    table.loc["07", "2016":] = 3.0
    assert found(table) == [("07", "2016")]
    assert found(table, counts=True) == []


def test_shares_jump_by_points():
    rng = np.random.default_rng(2)
    table = pd.DataFrame(
        20 + rng.normal(0, 0.2, (40, 8)), columns=YEARS[:8], index=[f"{i:02d}" for i in range(40)]
    )
    table.loc["03", "2014":] += 4
    (one,) = jumps.jumps(table, logarithm=False)
    assert (one.territory, one.period) == ("03", "2014")
    assert one.size == pytest.approx(4, abs=1)


def test_too_few_territories_or_periods_give_nothing():
    assert jumps.jumps(figures(number=10), logarithm=True) == ()
    assert jumps.jumps(figures(periods=YEARS[:2]), logarithm=True) == ()
    assert jumps.jumps(figures().mask(lambda t: t > 0), logarithm=True) == ()
