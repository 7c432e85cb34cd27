"""Credibility: paths before treatment by hand, tests that keep their size, placebo dates, and who an effect rests on."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import credibility, inference, power
from analysis.estimation.sample import NEVER, InferenceError, Sample


def panel(seed=0, units=60, periods=10, treated=12, start=6, second=None, slope=0.0, jump=0.0):
    values = power.autoregressive(np.random.default_rng(seed), units, periods, 0.7)
    values[:treated] += slope * np.arange(periods)
    first = np.where(np.arange(units) < treated, start, NEVER)
    if second is not None:
        first[treated // 2 : treated] = second
    values += jump * inference.treatment(first, periods)
    return Sample(
        pd.DataFrame(values, columns=[f"2022-{m:02d}" for m in range(1, periods + 1)]), pd.Series(first)
    )


# --------------------------------------------------------------------------------------------------------- pre-trends


def test_effects_before_treatment_are_changes_to_the_last_period_before_it():
    sample = panel()
    found = credibility.pretrends(sample, draws=199)
    values = sample.outcome.to_numpy()
    gap = values[:12].mean(axis=0) - values[12:].mean(axis=0)
    assert found.horizons == (-6, -5, -4, -3, -2)
    assert found.effects == pytest.approx(gap[:5] - gap[5])
    assert credibility.pretrends(sample, leads=2, draws=199).effects == pytest.approx(gap[3:5] - gap[5])


@pytest.mark.parametrize("second", [None, 8])
def test_a_clean_trend_is_measured_and_what_it_would_imply_follows(second):
    sample = panel(slope=0.0, second=second)
    line = np.outer(sample.first != NEVER, np.arange(10))
    noise = 1e-3 * np.random.default_rng(0).normal(size=line.shape)
    found = credibility.pretrends(Sample(pd.DataFrame(0.5 * line + noise), sample.first), draws=199)
    assert found.slope == pytest.approx(0.5, abs=0.01)
    assert (found.p, found.rejected) == (1 / 200, True)
    # periods since the base, averaged over treated periods: 1…4 with one cohort, and 1…2 with the second
    assert found.implied / found.detectable_slope == pytest.approx(2.5 if second is None else 13 / 6)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), second=st.sampled_from([None, 8]))
def test_levels_and_common_shocks_are_no_trends_and_neither_is_what_comes_after(seed, second):
    sample, rng = panel(seed, second=second), np.random.default_rng(seed)
    moved = sample.outcome + 9 * rng.normal(size=(60, 1)) + 9 * rng.normal(size=10)
    moved = moved + 7 * inference.treatment(sample.first.to_numpy(), 10)
    one, two = (credibility.pretrends(s, draws=99) for s in (sample, Sample(moved, sample.first)))
    assert two.effects == pytest.approx(one.effects)
    assert (two.p, two.slope, two.detectable_slope) == pytest.approx((one.p, one.slope, one.detectable_slope))
    assert two.se == pytest.approx(one.se)


def test_the_test_keeps_its_size_and_finds_the_slope_it_says_it_finds():
    quiet = [credibility.pretrends(panel(seed), draws=99) for seed in range(80)]
    assert np.mean([found.rejected for found in quiet]) < 0.12
    slope = np.mean([found.detectable_slope for found in quiet])
    loud = [credibility.pretrends(panel(seed, slope=slope), draws=99).rejected for seed in range(80)]
    assert 0.66 < np.mean(loud) < 0.93


def _varying(seed, treated, spread):
    sample = panel(seed, units=50, treated=treated)
    return Sample(sample.outcome.mul(np.where(sample.first == NEVER, 1.0, spread), axis=0), sample.first)


@pytest.mark.parametrize("treated", [1, 4])
def test_few_treated_that_vary_more_are_on_no_other_path_and_far_more_have_no_verdict(treated):
    """Not divided by what they varied, paths of before rejected 30 to 40 times in 100 at spread 1.4, 70 to 78 at 2."""
    found = [credibility.pretrends(_varying(seed, treated, 1.4), draws=99, leads=3) for seed in range(60)]
    assert np.mean([one.rejected for one in found]) <= 0.12
    far = credibility.pretrends(_varying(1, treated, 5.0), draws=99)
    assert (far.judged, far.rejected) == (False, False) and math.isnan(far.p)
    assert math.isinf(far.detectable_slope) and math.isinf(far.implied)
    assert credibility.pretrends(_varying(1, 12, 5.0), draws=99).judged


def test_a_trend_shared_by_all_or_looked_for_among_too_few_can_never_be_found():
    shared = panel(treated=60, second=8)
    found = credibility.pretrends(shared, control="not_yet", draws=99)
    assert math.isinf(found.detectable_slope) and math.isnan(found.slope)
    assert math.isinf(credibility.pretrends(panel(units=12, treated=1), draws=99).detectable_slope)


@pytest.mark.parametrize(("start", "leads"), [(1, None), (6, 6), (6, 0)])
def test_leads_that_are_not_there_are_refused(start, leads):
    with pytest.raises(InferenceError, match=r"before the first treatment|leads asked"):
        credibility.pretrends(panel(start=start), leads=leads)


# ------------------------------------------------------------------------------------------------------ placebo dates


def test_placebo_dates_look_at_nothing_after_the_true_one():
    sample = panel(second=8)
    found = credibility.placebo_dates(sample, draws=99)
    assert (found.dates, found.periods) == ((2, 3, 4), ("2022-03", "2022-04", "2022-05"))
    values = sample.outcome.to_numpy()
    gap = values[:12].mean(axis=0) - values[12:].mean(axis=0)
    assert [e.att for e in found.estimates] == pytest.approx(
        [gap[d:6].mean() - gap[d - 1] for d in (2, 3, 4)]
    )
    changed = sample.outcome.copy()
    changed.iloc[:, 6:] += np.random.default_rng(1).normal(size=(60, 4))
    assert credibility.placebo_dates(Sample(changed, sample.first), draws=99) == found


def test_a_policy_that_began_earlier_than_said_is_seen_at_that_date():
    early = panel(start=4, jump=8.0)
    late = Sample(early.outcome, early.first.replace(4, 6))
    assert "2022-05" in credibility.placebo_dates(late, draws=199).rejected


@pytest.mark.parametrize("dates", [[0], [6], [3, 9], []])
def test_placebo_dates_outside_the_time_before_are_refused(dates):
    with pytest.raises(InferenceError, match="choose positions from 1 to 5"):
        credibility.placebo_dates(panel(), dates)


def test_placebo_dates_need_units_that_are_never_treated():
    with pytest.raises(InferenceError, match="never are"):
        credibility.placebo_dates(panel(treated=60, second=8))


# ------------------------------------------------------------------------------------------------------ leave-one-out


def test_the_unit_that_makes_the_effect_is_named():
    sample = panel(treated=5)
    values = sample.outcome * 0 + 1.0 * np.arange(10)
    values.iloc[:5, 6:] += np.array([0.2, -0.1, 0.0, 6.0, 0.1])[:, None]
    found = credibility.leave_one_out(Sample(values, sample.first), inference.cluster)
    assert found.estimate.att == pytest.approx(1.24)
    assert (found.influential, found.lowest, found.highest) == (
        "3",
        pytest.approx(0.05),
        pytest.approx(6.3 / 4),
    )
    assert found.frame.loc[3, "change"] == pytest.approx(0.05 - 1.24)


def test_one_treated_unit_cannot_be_left_out():
    with pytest.raises(InferenceError, match="placebo_ranks"):
        credibility.leave_one_out(panel(treated=1), inference.cluster)
