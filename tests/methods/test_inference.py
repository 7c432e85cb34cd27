"""Inference for many, few and one treated unit: by hand, against slow twins, and what must never depend on the units."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import minimize

from analysis.estimation import assignments, inference, synthetic, wild
from analysis.estimation.sample import NEVER, InferenceError, Sample
from analysis.estimation.simplex import simplex_weights


def panel(seed=0, units=20, periods=8, treated=7, start=5, second=None, effect=0.0):
    """Random walks with unit levels; the first half of the treated begin at ``start``, the others at ``second``."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(units, 1)) * 5 + np.cumsum(rng.normal(size=(units, periods)), axis=1)
    first = np.where(np.arange(units) < treated, start, NEVER)
    if second is not None:
        first[(treated + 1) // 2 : treated] = second
    values += effect * inference.treatment(first, periods)
    names = [f"u{i}" for i in range(units)]
    return Sample(pd.DataFrame(values, names), pd.Series(first, names))


# ------------------------------------------------------------------------------------------------------ the estimator

OUTCOME = np.array([[1.0, 2, 5, 9], [0, 2, 2, 8], [1, 1, 2, 2], [3, 5, 4, 6]])
FIRST = np.array([2, 3, NEVER, NEVER])


@pytest.mark.parametrize(
    ("control", "base", "horizon", "expected"),
    [
        # cohort 2: 5 − 2 less 0, then 9 − 2 less 1; cohort 3: 8 − 2 less 1
        ("never", "last", None, (3 + 6 + 5) / 3),
        # in the third period, controls are units 2, 3 and 4, whose changes are 0, 1 and −1
        ("not_yet", "last", None, (3 + 6 + 5) / 3),
        # bases 1.5 and 4/3; controls before: 2.5 and 8/3
        ("never", "mean", None, ((3.5 - 0.5) + (7.5 - 1.5) + (20 / 3 - 4 / 3)) / 3),
        ("never", "last", 0, (3 + 5) / 2),
        ("never", "last", -1, 0.0),
        # cohort 2: 1 − 2 less −1; cohort 3: 2 − 2 less 0
        ("never", "last", -2, (0 + 0) / 2),
        # the unit treated later serves for cohort 2: −1 less the mean of −2, 0 and −2; none does for cohort 3
        ("not_yet", "last", -2, (1 / 3 + 0) / 2),
    ],
)
def test_effects_are_those_computed_by_hand(control, base, horizon, expected):
    weights = inference.weights(FIRST, 4, control, base, horizon)
    assert (weights * OUTCOME).sum() == pytest.approx(expected)
    assert weights.sum(axis=0) == pytest.approx(np.zeros(4), abs=1e-12)
    assert weights.sum(axis=1) == pytest.approx(np.zeros(4), abs=1e-12)


def att(outcome, first, *how, **named):
    return float((inference.weights(first, outcome.shape[1], *how, **named) * outcome).sum())


def test_units_not_yet_treated_serve_until_they_are():
    outcome = OUTCOME.copy()
    outcome[1, 2] += 3
    change = att(outcome, FIRST, "not_yet") - att(OUTCOME, FIRST, "not_yet")
    # it is a third of the controls of the first cell, then the base of its own
    assert change == pytest.approx((-3 / 3 - 3) / 3)


def test_without_never_treated_units_the_last_cohort_gives_no_effect():
    first = np.array([2, 3, 3, 3])
    assert att(OUTCOME, first, "not_yet") == pytest.approx(3 - (0 + 1 - 1) / 3)
    with pytest.raises(InferenceError, match="not_yet"):
        att(OUTCOME, first)


def test_mpdta_gives_the_results_of_r(published):
    table = pd.read_csv(published("..", "benchmarks", "mpdta.csv"))
    wide = table.pivot(index="countyreal", columns="year", values="lemp").to_numpy()
    cohort = table.groupby("countyreal")["first.treat"].first().to_numpy()
    first = np.where(cohort == 0, NEVER, cohort - 2003).astype(int)
    assert att(wide, first) == pytest.approx(-0.0399512752, abs=1e-9)
    dynamic = [(inference.weights(first, 5, horizon=h) * wide).sum() for h in range(4)]
    assert dynamic == pytest.approx([-0.019932, -0.050957, -0.137259, -0.100811], abs=1e-6)


def test_with_one_cohort_the_mean_as_base_gives_two_way_fixed_effects():
    sample = panel()
    found = att(sample.outcome.to_numpy(), sample.first.to_numpy(), base="mean")
    long = sample.long()
    dummies = pd.get_dummies(long[["unit", "time"]].astype(str), drop_first=True).to_numpy(dtype=float)
    design = np.column_stack([long["treated"], np.ones(len(long)), dummies])
    assert found == pytest.approx(np.linalg.lstsq(design, long["outcome"], rcond=None)[0][0])


# --------------------------------------------------------------------------------------------------------- invariants

EVERY = {
    "cluster": inference.cluster,
    "wild": lambda s: wild.wild_cluster_bootstrap(s, draws=199),
    "plain": lambda s: inference.randomisation(s, draws=199, studentised=False).estimate,
    "studentised": lambda s: inference.randomisation(s, draws=199, studentised=True).estimate,
}


@pytest.mark.parametrize("method", EVERY.values(), ids=EVERY)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), effect=st.floats(-4, 4), second=st.sampled_from([None, 6]))
def test_levels_and_common_shocks_change_nothing_and_an_interval_agrees_with_its_p(
    method, seed, effect, second
):
    sample = panel(seed, second=second, effect=effect)
    rng = np.random.default_rng(seed)
    moved = sample.outcome + 50 * rng.normal(size=(20, 1)) + 50 * rng.normal(size=8)
    found, again = method(sample), method(Sample(moved, sample.first))
    assert (again.att, again.lower, again.upper, again.p) == pytest.approx(
        (found.att, found.lower, found.upper, found.p), abs=1e-6
    )
    assert found.lower <= found.att <= found.upper
    assert found.excludes_zero == (found.p <= 0.05)


@pytest.mark.parametrize("method", EVERY.values(), ids=EVERY)
def test_a_constant_effect_moves_the_interval_and_a_change_of_unit_scales_it(method):
    sample = panel(3, second=6)
    raised = sample.outcome + 2 * inference.treatment(sample.first.to_numpy(), 8)
    found, moved = method(sample), method(Sample(raised, sample.first))
    assert (moved.att - 2, moved.lower - 2, moved.upper - 2) == pytest.approx(
        (found.att, found.lower, found.upper), abs=1e-6
    )
    scaled = method(Sample(-3 * sample.outcome, sample.first))
    assert (scaled.att, scaled.upper, scaled.lower, scaled.p) == pytest.approx(
        (-3 * found.att, -3 * found.lower, -3 * found.upper, found.p), abs=1e-6
    )


# ------------------------------------------------------------------------------------------------- several units treated


def test_the_clustered_error_is_welchs_for_one_cohort():
    sample = panel(2)
    values = sample.outcome.to_numpy()
    change = values[:, 5:].mean(axis=1) - values[:, 4]
    known = stats.ttest_ind(change[:7], change[7:], equal_var=False)
    interval = known.confidence_interval(0.95)
    found = inference.cluster(sample)
    assert (found.p, found.lower, found.upper) == pytest.approx((known.pvalue, interval.low, interval.high))
    with pytest.raises(InferenceError, match="u0: alone"):
        inference.cluster(panel(treated=1))


@pytest.mark.parametrize(("units", "second"), [(20, None), (11, 6)], ids=["signs", "webb"])
def test_the_wild_bootstrap_is_that_of_regressions_run_one_by_one(units, second):
    sample, draws = panel(4, units=units, treated=7, second=second, effect=2.0), 40
    if units < wild.FEW_CLUSTERS:
        signs = np.random.default_rng(5).choice(
            [*-np.sqrt([0.5, 1, 1.5]), *np.sqrt([0.5, 1, 1.5])], (draws, units)
        )
    else:
        signs = np.random.default_rng(5).integers(0, 2, (draws, units)) * 2.0 - 1
    d = inference.treatment(sample.first.to_numpy(), 8)
    d -= d.mean(axis=1, keepdims=True) + d.mean(axis=0) - d.mean()

    def t_value(values):
        effect = (d * values).sum() / (d**2).sum()
        residuals = values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
        scores = (d * (residuals - effect * d)).sum(axis=1)
        return abs(effect) / np.sqrt((scores**2).sum())

    values = sample.outcome.to_numpy()
    fitted = values.mean(axis=1, keepdims=True) + values.mean(axis=0) - values.mean()
    others = [t_value(fitted + row[:, None] * (values - fitted)) for row in signs]
    expected = (1 + sum(t >= t_value(values) for t in others)) / (draws + 1)
    assert wild.wild_cluster_bootstrap(sample, draws=draws, seed=5).p == pytest.approx(expected)


@pytest.mark.parametrize("treated", [1, 5, 15])
def test_the_wild_bootstrap_refuses_few_units_on_either_side(treated):
    with pytest.raises(InferenceError, match="use randomisation"):
        wild.wild_cluster_bootstrap(panel(treated=treated))


# ------------------------------------------------------------------------------------------------------- randomisation


@pytest.mark.parametrize("studentised", [False, True])
def test_every_assignment_is_looked_at_once_when_they_are_few(studentised):
    sample = panel(7, units=9, treated=3, effect=2.0)
    found = inference.randomisation(sample, studentised=studentised)

    def statistic(values, chosen):
        change = values[:, 5:].mean(axis=1) - values[:, 4]
        inside = np.isin(np.arange(9), chosen)
        gap = change[inside].mean() - change[~inside].mean()
        error = np.sqrt(change[inside].var(ddof=1) / 3 + change[~inside].var(ddof=1) / 6)
        return abs(gap) / (error if studentised else 1)

    def p_value(shift):
        values = sample.outcome.to_numpy() - shift * inference.treatment(sample.first.to_numpy(), 8)
        all_ = [statistic(values, chosen) for chosen in combinations(range(9), 3)]
        return np.mean([s >= all_[0] - 1e-9 for s in all_])

    assert found.enumerated and len(found.distribution) == 83 and found.smallest_p == pytest.approx(1 / 84)
    estimate = found.estimate
    assert estimate.p == pytest.approx(p_value(0.0))
    for limit, out in ((estimate.lower, -1e-4), (estimate.upper, 1e-4)):
        assert p_value(limit - out) > 0.05 >= p_value(limit + out)


def test_orders_with_repeats_are_all_listed_once():
    orders = [tuple(order) for order in assignments._orders(np.array([1, 0, 2, 0, 1]))]
    assert len(orders) == len(set(orders)) == 30 == assignments._arrangements(np.array([1, 0, 2, 0, 1]))


def test_the_treatment_moves_within_strata_and_the_pool_only():
    sample = panel(units=12, treated=3)
    strata = pd.Series(["a"] * 6 + ["b"] * 6, sample.units)
    one = assignments.assignments(sample, strata=strata)
    assert one.enumerated and len(one.codes) == 20 and not one.codes[:, 6:].any()
    two = assignments.assignments(sample, draws=50, pool=sample.units[:10])
    assert (len(two.codes), two.pool, two.enumerated) == (51, 10, False)
    assert (two.codes.sum(axis=1) == 3).all() and not two.codes[:, 10:].any()
    with pytest.raises(InferenceError, match="u0: treated but outside the pool"):
        inference.randomisation(sample, pool=sample.units[1:])
    with pytest.raises(InferenceError, match="u3: no stratum"):
        inference.randomisation(sample, strata=strata.drop("u3"))
    with pytest.raises(InferenceError, match="nowhere else"):
        inference.randomisation(sample, pool=sample.units[:3])


def test_one_treated_unit_is_ranked_and_too_few_units_can_never_reject():
    sample = panel(units=40, treated=1, effect=40.0)
    found = inference.randomisation(sample)
    assert (found.estimate.p, found.enumerated, found.studentised) == (1 / 40, True, False)
    assert found.estimate.lower > 0
    few = inference.randomisation(panel(units=10, treated=1, effect=40.0))
    assert (few.smallest_p, few.estimate.lower, few.estimate.upper) == (0.1, -np.inf, np.inf)
    with pytest.raises(InferenceError, match="single unit"):
        inference.randomisation(sample, studentised=True)


@pytest.mark.parametrize(
    ("treated", "second", "expected"),
    [(6, None, True), (5, None, False), (15, None, False), (6, 6, True), (3, 6, False)],
)
def test_effects_are_studentised_where_there_are_units_enough(treated, second, expected):
    assert inference.randomisation(panel(treated=treated, second=second), draws=99).studentised is expected


@pytest.mark.parametrize("sizes", [(7, 1), (4, 2, 1, 1)])
def test_a_cohort_of_one_is_lent_the_spread_of_the_others(sizes):
    """Shares of the others' units, with the weights of the lone one, about their cohorts' means (Neyman, 1923)."""
    first = np.repeat([*range(5, 5 + len(sizes)), NEVER], [*sizes, 20])
    values = np.random.default_rng(6).normal(size=(len(first), 12)).cumsum(axis=1)
    sample = Sample(
        pd.DataFrame(values).rename(index="u{}".format), pd.Series(first).rename(index="u{}".format)
    )
    found = inference.randomisation(sample, draws=99)
    assert found.studentised
    weights, variance = inference.weights(first, 12), 0.0
    for start, size in zip(np.unique(first), (20, *sizes), strict=True):
        own = weights[first == start][0]
        lending = [start] if size > 1 else [g for g in set(first) - {NEVER} if (first == g).sum() > 1]
        apart = [values[first == g] @ own - (values[first == g] @ own).mean() for g in lending]
        variance += size * sum((x**2).sum() for x in apart) / sum(len(x) - 1 for x in apart)
    assert inference.cluster(sample).se == pytest.approx(np.sqrt(variance))
    treated = inference.treatment(first, 12)
    groups, counts = np.unique(first, return_counts=True)
    codes = assignments.assignments(sample, draws=3).codes
    rows = inference.group_weights(groups, counts, 12, "never", "last")
    assert inference.moments(values, treated, groups, rows, codes).v0[0] == pytest.approx(variance)


def test_studentising_keeps_the_size_when_the_treated_vary_more():
    rejected = {False: 0, True: 0}
    for seed in range(60):
        sample = panel(seed, units=40, treated=8)
        wider = sample.outcome.mul(np.where(sample.first == NEVER, 1.0, 3.0), axis=0)
        for studentised in rejected:
            p = inference.randomisation(Sample(wider, sample.first), 199, studentised=studentised).estimate.p
            rejected[studentised] += p <= 0.05
    assert rejected[True] <= 8 < 15 < rejected[False]


@pytest.mark.parametrize("treated", [1, 5])
def test_few_treated_that_vary_more_keep_the_size_by_what_they_varied_before(treated):
    rejected = {False: 0, None: 0}
    for seed in range(80):
        sample = panel(seed, units=40, treated=treated)
        wider = sample.outcome.mul(np.where(sample.first == NEVER, 1.0, 3.0), axis=0)
        for studentised in rejected:
            found = inference.randomisation(Sample(wider, sample.first), 99, studentised=studentised)
            rejected[studentised] += found.estimate.p <= 0.05
    assert not found.studentised and found.divided_by == "varied"
    assert rejected[None] <= 10 < 20 < rejected[False]
    assert inference.spread(Sample(wider, sample.first)) == pytest.approx(
        3 * inference.spread(sample), rel=0.3
    )


def test_what_the_treated_varied_before_is_that_of_each_assignment():
    sample = panel(units=9, treated=2)
    values, first = sample.outcome.to_numpy(), sample.first.to_numpy()
    groups, codes = np.unique(first), assignments.assignments(sample).codes
    found = inference.varied_before(values, inference.treatment(first, 8), groups, codes)
    changes = np.diff(values[:, :5] - values[:, :5].mean(axis=0), axis=1) ** 2
    assert found[0] == pytest.approx([changes[row > 0].mean() for row in codes])
    assert not found[1:].any()  # an effect begins later
    early = Sample(sample.outcome.iloc[:, 4:], sample.first.where(sample.first == NEVER, 1))
    assert inference.randomisation(early).divided_by == "nothing"


# ------------------------------------------------------------------------------------------------- one unit treated


@pytest.mark.parametrize(("donors", "periods", "ridge"), [(30, 12, 0.0), (8, 20, 0.0), (30, 12, 3.0)])
def test_simplex_weights_are_those_of_a_general_solver(donors, periods, ridge):
    rng = np.random.default_rng(donors)
    rows, target = rng.normal(size=(donors, periods)).cumsum(axis=1), rng.normal(size=periods).cumsum()

    def loss(w):
        return ((target - w @ rows) ** 2).sum() + ridge * w @ w

    def slope(w):
        return 2 * (ridge * w - rows @ (target - w @ rows))

    solved = minimize(
        loss,
        np.full(donors, 1 / donors),
        jac=slope,
        method="SLSQP",
        bounds=[(0, 1)] * donors,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like},
        options={"ftol": 1e-13, "maxiter": 1000},
    ).x
    known = solved / solved.sum()  # it may stop 1e-10 off a sum of one, where less can be lost
    found = simplex_weights(target, rows, ridge)
    assert found.min() >= 0 and found.sum() == pytest.approx(1)
    assert loss(found) <= loss(known) + 1e-9
    assert found == pytest.approx(known, abs=1e-4)
    least = slope(found) @ found  # no weight can move to a donor that would lower the loss
    assert slope(found) == pytest.approx(np.maximum(slope(found), least), abs=1e-9)


def test_simplex_weights_find_an_exact_mixture():
    rows = np.random.default_rng(1).normal(size=(5, 20))
    assert simplex_weights(0.3 * rows[1] + 0.7 * rows[4], rows) == pytest.approx(
        [0, 0.3, 0, 0, 0.7], abs=1e-9
    )


def placebo_panel(effect, seed=0, units=40, periods=20):
    """Units that follow two common paths in their own proportion; the first is treated from the 13th period."""
    rng = np.random.default_rng(seed)
    paths = rng.normal(size=(2, periods)).cumsum(axis=1)
    share = np.concatenate([[0.5], rng.uniform(size=units - 1)])[:, None]
    values = share * paths[0] + (1 - share) * paths[1] + 0.1 * rng.normal(size=(units, periods))
    values[0, 12:] += effect
    return pd.DataFrame(values, [f"u{i}" for i in range(units)])


def test_a_unit_is_compared_with_its_synthetic_control_among_placebos():
    found = synthetic.placebo_ranks(placebo_panel(1.0), "u0", 12)
    assert (found.rank, found.p_ratio, found.estimate.p) == (1, 1 / 40, 1 / 40)
    assert found.estimate.att == pytest.approx(1.0, abs=0.15)
    assert 0 < found.estimate.lower < 1 < found.estimate.upper
    assert found.gaps.shape == (40, 20) and found.gaps.index[0] == "u0"
    assert found.gaps.iloc[0, 12:].mean() == pytest.approx(found.estimate.att)
    assert found.gaps.iloc[:, :12].mean(axis=1).abs().max() < 1e-10  # gaps have ten significant digits
    assert found.weights.sum() == pytest.approx(1) and "u0" not in found.weights


@settings(max_examples=15, deadline=None)
@given(effect=st.floats(-1.0, 1.0), intercept=st.booleans())
def test_the_interval_of_placebos_is_what_their_ranks_do_not_reject(effect, intercept):
    outcome = placebo_panel(effect)
    found = synthetic.placebo_ranks(outcome, "u0", 12, intercept=intercept)
    assert found.estimate.excludes_zero == (found.estimate.p <= 0.05)
    inside = outcome.copy()
    inside.iloc[0, 12:] -= found.estimate.upper - 1e-6
    assert synthetic.placebo_ranks(inside, "u0", 12, intercept=intercept).estimate.p > 0.05
    inside.iloc[0, 12:] -= 2e-6
    assert synthetic.placebo_ranks(inside, "u0", 12, intercept=intercept).estimate.p <= 0.05


def test_a_detectable_effect_is_found_four_times_in_five():
    found = synthetic.placebo_ranks(placebo_panel(0.0), "u0", 12)
    gaps, fit = found.gaps.iloc[:, 12:].mean(axis=1), found.fit
    others = (gaps / fit).iloc[1:]
    critical = others.abs().nlargest(2).iloc[-1]
    seen = [((others + s * found.detectable / fit["u0"]).abs() >= critical).mean() for s in (1, -1)]
    assert min(seen) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize(("intercept", "expected"), [(False, -19.51363), (True, -11.109042)])
def test_california_gives_the_published_gaps(published, intercept, expected):
    table = pd.read_csv(published("..", "benchmarks", "california_prop99.csv"), sep=";")
    wide = table.pivot(index="State", columns="Year", values="PacksPerCapita")
    found = synthetic.placebo_ranks(wide, "California", 19, intercept=intercept, penalised=False)
    assert found.estimate.att == pytest.approx(expected, abs=1e-4)


def test_placebos_refuse_what_has_no_meaning():
    outcome = placebo_panel(0.0)
    for frame, unit, start in ((outcome, "u0", 1), (outcome, "u0", 20), (outcome, "absent", 12)):
        with pytest.raises(InferenceError):
            synthetic.placebo_ranks(frame, unit, start)
    outcome.loc["u7", 3] = np.nan
    with pytest.raises(InferenceError, match="missing for u7"):
        synthetic.placebo_ranks(outcome, "u0", 12)
    outcome = outcome.drop(index="u7")
    with pytest.raises(InferenceError, match="matched exactly"):
        synthetic.placebo_ranks(outcome.iloc[:, 10:], "u0", 2, penalised=False)
