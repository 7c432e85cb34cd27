"""Effects: each estimator against published results, an explicit computation on a small panel, and what it must refuse."""

import json
import warnings
from pathlib import Path

import diff_diff
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from analysis.estimation import group_time, regressions, sensitivity, synthetic, synthetic_did, wild
from analysis.estimation.power import autoregressive
from analysis.estimation.sample import NEVER, InferenceError, Sample, SampleError

FOLDER = Path(__file__).resolve().parents[2] / "../shared/benchmarks"


@pytest.fixture
def benchmark():
    """`benchmark("x.csv")`: path of a reference file with published results, or skip where it is absent."""

    def path(name):
        if not (FOLDER / name).exists():
            pytest.skip(f"needs the reference file {name}, kept beside the project and absent here")
        return FOLDER / name

    return path


@pytest.fixture
def published(benchmark):
    """`published("prop99")`: the published figures of one data set."""
    entries = json.loads(benchmark("expected.json").read_text(encoding="utf-8"))
    return {entry["id"]: entry["expected"] for entry in entries}.__getitem__


def sample_of(frame, unit, time, outcome, first):
    """A sample from a long frame; ``first`` gives the first treated period of a unit, 0 for never."""
    wide = frame.pivot(index=unit, columns=time, values=outcome)
    starts = frame.groupby(unit)[first].first()
    place = {period: k for k, period in enumerate(wide.columns)}
    return Sample(wide, starts.map(lambda s: place.get(s, NEVER)))


@pytest.fixture
def mpdta(benchmark):
    return sample_of(pd.read_csv(benchmark("mpdta.csv")), "countyreal", "year", "lemp", "first.treat")


@pytest.fixture
def prop99(benchmark):
    frame = pd.read_csv(benchmark("california_prop99.csv"), sep=";")
    frame["first"] = frame["treated"] * frame["Year"]
    frame["first"] = frame["State"].map(frame[frame["treated"] == 1].groupby("State")["Year"].min()).fillna(0)
    return sample_of(frame, "State", "Year", "PacksPerCapita", "first")


def panel(cohorts, never=8, periods=9, effect=0.0, noise=1.0, seed=0):
    """Units named in an order that is not that of the cohorts; ``effect`` is added once treated."""
    generator = np.random.default_rng(seed)
    first = np.repeat([*cohorts, NEVER], [*cohorts.values(), never])
    size = len(first)
    outcome = generator.normal(size=(size, 1)) * 2 + np.sin(np.arange(periods))
    outcome = outcome + noise * generator.normal(size=(size, periods)).cumsum(1)
    outcome = outcome + effect * after(first, periods)
    names = [f"u{k:02d}" for k in generator.permutation(size)]
    return Sample(pd.DataFrame(outcome, names, [f"t{t}" for t in range(periods)]), pd.Series(first, names))


def after(first, periods):
    first = np.asarray(first)[:, None]
    return (first != NEVER) & (np.arange(periods) >= first)


def arrays(sample):
    outcome, first = sample.outcome.to_numpy(), sample.first.to_numpy()
    return outcome, first, after(first, outcome.shape[1])


def dummies(sample):
    """Unit and period dummies of the stacked outcome."""
    units, periods = sample.outcome.shape
    return np.hstack(
        [np.kron(np.eye(units), np.ones((periods, 1))), np.tile(np.eye(periods)[:, 1:], (units, 1))]
    )


STAGGERED = {4: 6, 6: 7}

# ------------------------------------------------------------------------------------------- cohorts × periods


def test_averages_of_group_time_effects_are_those_published(mpdta, published):
    expected, found = published("mpdta_never_nocov"), group_time.callaway_santanna(mpdta)
    averages = found.aggregates
    for name, key in (("simple", "simple_att"), ("dynamic", "dynamic_overall"), ("group", "group_overall")):
        assert averages[name].att == pytest.approx(expected[key], abs=1e-7)
        assert averages[name].se == pytest.approx(expected[f"{name}_se"], rel=0.05)
    assert averages["calendar"].att == pytest.approx(expected["calendar_overall"], abs=1e-7)
    by_horizon = dict(zip(found.path.horizons, found.path.att, strict=True))
    for horizon, att in expected["dynamic"].items():
        assert by_horizon[int(horizon)] == pytest.approx(att, abs=5e-7)
    for cohort, att in expected["group"].items():
        assert found.by_cohort[int(cohort)].att == pytest.approx(att, abs=5e-5)
    assert found.pretest_p == pytest.approx(expected["pretest_wald_p"], abs=5e-6)
    sizes = {str(c): n for c, n in found.cohort_sizes.items()} | {"0": averages["simple"].controls}
    assert sizes == expected["cohorts"]


def test_units_not_yet_treated_as_controls_give_the_published_average(mpdta):
    """Callaway and Sant'Anna's vignette prints −0.0398 on the same counties."""
    found = group_time.callaway_santanna(mpdta, control="not_yet").aggregates["simple"]
    assert round(found.att, 4) == -0.0398


@pytest.mark.parametrize("control", ["never", "not_yet"])
@pytest.mark.parametrize("base", ["universal", "varying"])
def test_a_group_time_effect_is_a_difference_of_mean_changes(control, base):
    sample = panel(STAGGERED)
    outcome, first, _ = arrays(sample)
    table = group_time.callaway_santanna(sample, control, base).table
    table = table.set_index(["cohort", "period"])
    assert len(table) == 16
    for g in STAGGERED:
        for t in range(9):
            start = g - 1 if t >= g or base == "universal" else t - 1
            if t == start or start < 0:
                continue
            change = outcome[:, t] - outcome[:, start]
            spared = first == NEVER
            if control == "not_yet":
                spared |= (first > max(t, start)) & (first != g)
            row = table.loc[(f"t{g}", f"t{t}")]
            assert row["att"] == pytest.approx(change[first == g].mean() - change[spared].mean())
            variance = change[first == g].var() / (first == g).sum() + change[spared].var() / spared.sum()
            assert (row["se"], row["controls"]) == (pytest.approx(np.sqrt(variance)), spared.sum())


def averages_by_weight(outcome, first, weight):
    """The four averages with weighted units, from their definitions."""
    periods = outcome.shape[1]
    mean = lambda rows, values: np.average(values[rows], weights=weight[rows])  # noqa: E731
    cohorts = [g for g in sorted(set(first)) if g != NEVER]
    size = {g: weight[first == g].sum() for g in cohorts}
    cell = {}
    for g in cohorts:
        for t in range(g, periods):
            change = outcome[:, t] - outcome[:, g - 1]
            cell[g, t] = mean(first == g, change) - mean(first == NEVER, change)
    pooled = lambda keys: np.average([cell[k] for k in keys], weights=[size[g] for g, _ in keys])  # noqa: E731
    horizons, periods = ({t - g for g, t in cell}, {t for _, t in cell})
    return {
        "simple": pooled(list(cell)),
        "dynamic": np.mean([pooled([(g, t) for g, t in cell if t - g == h]) for h in horizons]),
        "calendar": np.mean([pooled([(g, t) for g, t in cell if t == p]) for p in periods]),
        "group": np.average(
            [np.mean([att for (c, _), att in cell.items() if c == g]) for g in cohorts],
            weights=list(size.values()),
        ),
    }


def test_standard_errors_of_averages_are_the_infinitesimal_jackknife():
    """The influence of a unit is the derivative of the average with respect to its weight."""
    sample = panel(STAGGERED, seed=3)
    outcome, first, _ = arrays(sample)
    one, step = np.ones(len(first)), 1e-5
    base = averages_by_weight(outcome, first, one)
    moved = [averages_by_weight(outcome, first, one + step * row) for row in np.eye(len(first))]
    found = group_time.callaway_santanna(sample).aggregates
    for name, estimate in found.items():
        slopes = np.array([(m[name] - base[name]) / step for m in moved])
        assert estimate.att == pytest.approx(base[name])
        assert estimate.se == pytest.approx(np.sqrt((slopes**2).sum()), rel=1e-3)
        unbiased = (
            np.sqrt(8 / 7) * estimate.se
        )  # of the smaller group, whose squares are divided by its number
        assert estimate.upper - estimate.att == pytest.approx(stats.t.ppf(0.975, 7) * unbiased)


@pytest.mark.parametrize("control", ["never", "not_yet"])
def test_the_library_finds_the_same_path_with_the_same_covariance(control):
    sample = panel(STAGGERED, seed=5)
    other = diff_diff.CallawaySantAnna(control_group=f"{control}_treated", base_period="universal")
    events = other.fit(sample.long(), "outcome", "unit", "time", "first_treat").aggregate("event_study")
    found = group_time.callaway_santanna(sample, control)
    assert found.path.att == pytest.approx(events.att[~events.is_reference])
    assert found.covariance == pytest.approx(events.vcov)


def test_bands_hold_more_than_each_interval_and_no_more_than_bonferroni():
    path = group_time.callaway_santanna(panel({4: 10}, never=11, periods=8, seed=2)).path
    pointwise, band = (path.upper - path.att) / path.se, (path.band_upper - path.att) / path.se
    number = len(path.horizons)
    assert (band > 1.05 * pointwise).all()
    assert (band < 1.05 * stats.t.isf(0.025 / number, 9)).all()
    assert path.band_lower == pytest.approx(2 * path.att - path.band_upper)


def test_bands_hold_with_five_treated():
    """With two-point multipliers 13 of these 60 left zero out, and a third without Student's law for so few."""
    out = 0
    for seed in range(60):
        values = autoregressive(np.random.default_rng(seed), 40, 16, 0.7)
        values[:5] *= 2
        sample = Sample(pd.DataFrame(values), pd.Series(np.where(np.arange(40) < 5, 8, NEVER)))
        path = group_time.callaway_santanna(sample, draws=199).path
        out += ((path.band_lower > 0) | (path.band_upper < 0)).any()
    assert out <= 7


def test_the_pretest_is_a_wald_test_of_the_effects_before():
    sample = panel({3: 12}, never=12, periods=5, seed=4)
    outcome, first, _ = arrays(sample)
    early = outcome[:, :2] - outcome[:, [2]]
    groups = [early[first == g] for g in (3, NEVER)]
    gap = groups[0].mean(0) - groups[1].mean(0)
    variance = sum(np.cov(rows.T, ddof=0) / len(rows) for rows in groups)
    expected = stats.chi2.sf(gap @ np.linalg.solve(variance, gap), 2)
    assert group_time.callaway_santanna(sample).pretest_p == pytest.approx(expected)
    assert np.isnan(group_time.callaway_santanna(panel({8: 6}, periods=10)).pretest_p)


def test_a_small_cohort_has_an_effect_and_no_interval():
    found = group_time.callaway_santanna(panel({4: 8, 6: 1}))
    alone, whole = found.by_cohort["t6"], found.aggregates["simple"]
    assert np.isfinite(alone.att) and np.isnan([alone.se, alone.lower, alone.p]).all()
    assert np.isfinite([whole.se, whole.lower, whole.p]).all()
    assert found.table.set_index("cohort").loc["t6", "lower"].isna().all()
    assert "t6" in found.notes[0]


def test_without_untreated_units_the_last_cohort_is_the_control_until_it_is_treated():
    sample = panel({3: 6, 5: 7, 7: 8}, never=0)
    first = sample.first.where(sample.first != 7, NEVER)
    cut = Sample(sample.outcome.iloc[:, :7], first)
    for estimator in (group_time.callaway_santanna, regressions.sun_abraham, regressions.imputation):
        found, expected = estimator(sample), estimator(cut)
        assert found.estimate == expected.estimate
        assert "t7" in found.notes[0] and not expected.notes


# ------------------------------------------------------------------------------------- two-way fixed effects


def test_the_decomposition_of_a_school_reform_is_that_published(benchmark, published):
    frame = pd.read_csv(benchmark("math_reform.csv"))
    starts = frame[frame["reform_math"] == 1].groupby("state")["class"].min()
    frame["first"] = frame["state"].map(starts).fillna(0)
    found = regressions.bacon(sample_of(frame, "state", "class", "incearn_ln", "first"))
    expected = published("bacon_math_reform")
    for kind, (weight, estimate) in ((k, v) for k, v in expected.items() if k != "twfe"):
        assert tuple(found.kinds.loc[kind]) == pytest.approx((weight, estimate), abs=5e-6)
    assert found.twfe == pytest.approx(expected["twfe"], abs=1e-8)


def test_the_coefficient_and_its_cluster_error_are_those_of_the_regression():
    sample = panel(STAGGERED)
    outcome, _, treated = arrays(sample)
    units, periods = outcome.shape
    design = np.column_stack([treated.ravel(), dummies(sample)])
    groups = np.repeat(np.arange(units), periods)
    fit = sm.OLS(outcome.ravel(), design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    rows = units * periods
    counted = np.sqrt((rows - design.shape[1]) / (rows - periods - 1))
    found = regressions.twfe(sample)
    assert found.att == pytest.approx(fit.params[0])
    assert found.se == pytest.approx(fit.bse[0] * counted)


def test_the_decomposition_adds_up_and_shows_the_forbidden_comparisons():
    """Effects that grow make the comparison with units already treated negative, and the coefficient too small."""
    sample = panel({3: 6, 6: 6}, effect=0.0, noise=0.0)
    _, first, treated = arrays(sample)
    grown = sample.outcome + treated * (np.arange(9) - first[:, None] + 1)
    found = regressions.bacon(Sample(grown, sample.first))
    assert found.kinds["weight"].sum() == pytest.approx(1)
    assert (found.kinds["weight"] * found.kinds["estimate"]).sum() == pytest.approx(found.twfe)
    assert found.kinds.loc["later_vs_earlier", "estimate"] < 0
    pair = found.comparisons.query("kind == 'earlier_vs_later'").iloc[0]
    assert (pair["treated"], pair["control"]) == ("t3", "t6")
    assert pair["estimate"] == pytest.approx(np.mean([1, 2, 3]))
    assert found.twfe < group_time.callaway_santanna(Sample(grown, sample.first)).estimate.att


def test_the_wild_bootstrap_is_that_of_inference():
    sample = panel({4: 8}, never=9, effect=1.5, seed=1)
    ordered = Sample(sample.outcome.sort_index(), sample.first)
    found = regressions.twfe(sample, "wild_cluster_bootstrap", draws=199, seed=7)
    assert found == wild.wild_cluster_bootstrap(ordered, 199, 7)
    assert found.att == pytest.approx(regressions.twfe(sample).att)


# -------------------------------------------------------------------------------------- regression estimators


def test_sun_abraham_is_a_regression_weighted_by_cohort_shares():
    sample = panel(STAGGERED, seed=6)
    outcome, first, _ = arrays(sample)
    places, columns = [], []
    for g in STAGGERED:
        for t in set(range(9)) - {g - 1}:
            column = np.zeros_like(outcome)
            column[first == g, t] = 1
            columns.append(column.ravel())
            places.append((g, t - g))
    design = np.column_stack([*columns, dummies(sample)])
    groups = np.repeat(np.arange(len(first)), 9)
    fit = sm.OLS(outcome.ravel(), design).fit(cov_type="cluster", cov_kwds={"groups": groups})
    number = len(columns)
    found = regressions.sun_abraham(sample)
    for k, horizon in enumerate(found.path.horizons):
        weights = np.array([STAGGERED[g] * (h == horizon) for g, h in places], dtype=float)
        weights /= weights.sum()
        assert found.path.att[k] == pytest.approx(weights @ fit.params[:number])
        scale = (fit.nobs - design.shape[1]) / (fit.nobs - number - 9)
        variance = weights @ fit.cov_params()[:number, :number] @ weights * scale
        assert found.covariance[k, k] == pytest.approx(variance, rel=0.02)
    assert found.path.horizons == (-6, -5, -4, -3, -2, 0, 1, 2, 3, 4)
    assert found.estimate.att == pytest.approx(group_time.callaway_santanna(sample).estimate.att)


def test_imputation_is_least_squares_on_what_is_untreated():
    """Point, and Theorem 3's standard error with each unit's own effect left out of its cell's mean."""
    sample = panel(STAGGERED, seed=8)
    outcome, first, treated = arrays(sample)
    design, flat = dummies(sample), treated.ravel()
    fitted = np.linalg.lstsq(design[~flat], outcome.ravel()[~flat], rcond=None)[0]
    residual = (outcome.ravel() - design @ fitted).reshape(outcome.shape)
    found = regressions.imputation(sample)
    assert found.estimate.att == pytest.approx(residual[treated].mean())
    horizon = np.arange(9) - first[:, None]
    for k, h in enumerate(found.path.horizons):
        assert found.path.att[k] == pytest.approx(residual[treated & (horizon == h)].mean())
    share = np.zeros(flat.size)
    share[flat] = 1 / flat.sum()
    pulled = np.linalg.lstsq(design[~flat].T, design[flat].T @ share[flat], rcond=None)[0]
    share[~flat] = -pulled
    error = residual.copy()
    for g, size in STAGGERED.items():
        rows = first == g
        error[rows, g:] = (residual[rows, g:] - residual[rows, g:].mean(0)) * size / (size - 1)
    score = (share.reshape(outcome.shape) * error).sum(1)
    assert found.estimate.se == pytest.approx(np.sqrt((score**2).sum()))


# ------------------------------------------------------------------------------------------- synthetic methods


def test_the_effects_on_californian_cigarettes_are_those_published(prop99, published):
    expected = published("prop99")
    assert regressions.bacon(prop99).twfe == pytest.approx(expected["did"], abs=1e-5)
    control = synthetic.synthetic_control(prop99)
    assert control.att == pytest.approx(expected["sc_R"], abs=0.15)
    assert control.att == pytest.approx(expected["sc_exact_qp"], abs=1e-4)
    found = synthetic_did.synthetic_did(prop99)
    assert found.estimate.att == pytest.approx(expected["sdid"], abs=0.01)
    assert found.estimate.att == pytest.approx(expected["sdid_exact_qp"], abs=1e-4)
    assert found.estimate.se == pytest.approx(9.8, rel=0.1)
    (block,) = found.blocks
    assert block.noise_level == pytest.approx(expected["noise_level"], abs=1e-6)
    for year, weight in expected["lambda_"].items():
        assert block.time_weights[int(year)] == pytest.approx(weight, abs=1e-3)
    for state, weight in expected["omega_top"].items():
        assert block.unit_weights[state] == pytest.approx(weight, abs=1e-3)
    assert len(found.placebo) == 38


def test_a_mixture_of_donors_is_found_again():
    sample = panel({5: 1}, never=6, seed=9)
    unit, donors = sample.treated[0], sample.outcome.loc[list(sample.never)]
    weights = pd.Series([0.5, 0.3, 0.2, 0.0, 0.0, 0.0], donors.index)
    outcome = sample.outcome.copy()
    outcome.loc[unit] = weights @ donors + 2.0 * (np.arange(9) >= 5)
    found = synthetic.synthetic_control(Sample(outcome, sample.first))
    assert found.weights[weights.index].to_numpy() == pytest.approx(weights.to_numpy(), abs=1e-8)
    assert (found.att, found.first, found.unit) == (pytest.approx(2.0), "t5", unit)
    assert (found.rmspe_before, found.rmspe_after) == (pytest.approx(0, abs=1e-8), pytest.approx(2.0))
    assert (found.observed - found.synthetic).to_numpy() == pytest.approx(found.gap.to_numpy())


def best_on_the_simplex(target, donors, ridge):
    size = len(donors)
    loss = lambda w: ((target - w @ donors) ** 2).sum() + ridge * (w**2).sum()  # noqa: E731
    return optimize.minimize(
        loss, np.full(size, 1 / size), method="SLSQP", bounds=[(0, 1)] * size, options={"ftol": 1e-14, "maxiter": 500},
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
    ).x  # fmt: skip


def test_synthetic_did_is_its_definition_and_averages_cohorts_by_treated_unit_periods():
    sample = panel({5: 2, 7: 3}, never=7, seed=10)
    outcome, first, _ = arrays(Sample(sample.outcome.sort_index(), sample.first))
    controls, expected = outcome[first == NEVER], {}
    for g in (5, 7):
        rows, length = outcome[first == g], 9 - g
        noise = np.diff(controls[:, :g], axis=1).std(ddof=1)
        early = controls[:, :g]
        mean = rows[:, :g].mean(0)
        zeta = (len(rows) * length) ** 0.25 * noise
        units = best_on_the_simplex(mean - mean.mean(), early - early.mean(1, keepdims=True), g * zeta**2)
        late = controls[:, g:].mean(1)
        times = best_on_the_simplex(late - late.mean(), (early - early.mean(0)).T, 0.0)
        gap = rows.mean(0) - units @ controls
        expected[g] = gap[g:].mean() - times @ gap[:g]
    found = synthetic_did.synthetic_did(sample)
    assert [b.att for b in found.blocks] == pytest.approx(list(expected.values()), abs=1e-4)
    assert [b.share for b in found.blocks] == pytest.approx([8 / 14, 6 / 14])
    assert found.estimate.att == pytest.approx((8 * expected[5] + 6 * expected[7]) / 14, abs=1e-4)
    assert found.estimate.se == pytest.approx(np.std(found.placebo))
    assert (len(found.placebo), found.estimate.inference) == (synthetic_did.PLACEBOS, "placebo")


def test_placebos_of_one_unit_are_every_control_in_turn():
    sample = panel({5: 1}, never=6, effect=30.0, seed=11)
    found = synthetic_did.synthetic_did(sample)
    assert (found.estimate.p, found.estimate.upper) == (pytest.approx(1 / 7), np.inf)
    doubled = sample.outcome.copy()
    doubled.loc[sample.treated[0]] *= 2
    again = synthetic_did.synthetic_did(Sample(doubled, sample.first))
    assert len(found.placebo) == 6
    assert found.placebo == pytest.approx(again.placebo)
    assert np.abs(found.placebo).max() < found.estimate.att


def test_an_interval_by_placebos_says_of_zero_what_their_rank_says():
    for seed in range(12):
        found = synthetic_did.synthetic_did(panel({5: 3}, never=12, effect=2.5, seed=seed))
        estimate, sample = found.estimate, panel({5: 3}, never=12, effect=2.5, seed=seed)
        sample = Sample(sample.outcome.sort_index(), sample.first)
        early = sample.outcome.to_numpy()[:, :5] - sample.outcome.loc[list(sample.never)].to_numpy()[
            :, :5
        ].mean(0)
        varied = pd.Series((np.diff(early, axis=1) ** 2).mean(1), sample.units)
        drawn = synthetic_did._drawn(12, {5: 3}, synthetic_did.PLACEBOS, synthetic.SEED)
        others = np.array([varied[list(sample.never)].iloc[units].mean() for units in drawn])
        sizes = np.sort(np.abs(found.placebo) * np.sqrt(varied[list(sample.treated)].mean() / others))
        assert estimate.p == pytest.approx((1 + (sizes >= estimate.att).sum()) / 200)
        assert estimate.upper - estimate.att == pytest.approx(sizes[-10])
        assert estimate.excludes_zero == (estimate.p <= 0.05)


def test_treated_units_that_vary_more_than_controls_have_an_interval_as_much_wider():
    sample = panel({6: 2}, never=9, seed=3)
    louder, usual = sample.outcome.copy(), sample.outcome.loc[list(sample.never)].mean()
    louder.loc[list(sample.treated)] = usual + 4 * (louder.loc[list(sample.treated)] - usual)
    once, again = (
        synthetic_did.synthetic_did(Sample(o, sample.first)).estimate for o in (sample.outcome, louder)
    )
    assert again.upper - again.att == pytest.approx(4 * (once.upper - once.att))


def test_the_jackknife_leaves_out_one_unit_after_the_other():
    sample, parts = panel({5: 2, 7: 3}, never=6, seed=12), []
    found = synthetic_did.synthetic_did(sample, "jackknife")
    for left_out in sample.units:
        att, number = [], []
        for block, first in zip(found.blocks, (5, 7), strict=True):
            treated = [u for u in sample.cohorts[first] if u != left_out]
            weights = block.unit_weights.drop(left_out, errors="ignore")
            gap = (
                sample.outcome.loc[treated].mean()
                - weights @ sample.outcome.loc[weights.index] / weights.sum()
            )
            att.append(gap.iloc[first:].mean() - block.time_weights @ gap.iloc[:first])
            number.append(len(treated) * (9 - first))
        parts.append(np.average(att, weights=number))
    expected = np.sqrt((len(parts) - 1) / len(parts) * ((parts - np.mean(parts)) ** 2).sum())
    assert found.estimate.se == pytest.approx(expected)


# --------------------------------------------------------------------------------------------- what is refused

ONE, FOUR = panel({4: 1}, never=20), panel({4: 4}, never=20)
BY_CLUSTER = {
    "twfe": regressions.twfe,
    "wild": lambda s: regressions.twfe(s, "wild_cluster_bootstrap"),
    "callaway_santanna": group_time.callaway_santanna,
    "sun_abraham": regressions.sun_abraham,
    "imputation": regressions.imputation,
}


@pytest.mark.parametrize("estimator", BY_CLUSTER.values(), ids=BY_CLUSTER)
@pytest.mark.parametrize("sample", [ONE, FOUR, panel({4: 20}, never=4)], ids=["one", "four", "four controls"])
def test_too_few_clusters_are_refused_with_what_to_do(estimator, sample):
    with pytest.raises(
        InferenceError, match=r"(1|4|20) treated and (4|20) (control|never).*randomisation.*placebo"
    ):
        estimator(sample)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: synthetic_did.synthetic_did(ONE, "jackknife"), "only unit.*placebo"),
        (lambda: synthetic_did.synthetic_did(panel({4: 3, 5: 1}), "jackknife"), "only unit.*placebo"),
        (lambda: synthetic_did.synthetic_did(panel({4: 9}, never=9)), "9 controls for 9 treated"),
        (lambda: synthetic_did.synthetic_did(ONE, "bootstrap"), "placebo and jackknife"),
        (lambda: regressions.twfe(panel(STAGGERED), "jackknife"), "cluster and wild"),
        (lambda: group_time.callaway_santanna(panel({2: 3, 4: 3, 5: 2, 6: 3})), "11 of 11.*waves"),
        (
            lambda: sensitivity.honest(regressions.imputation(panel(STAGGERED))),
            "imputation: no effects before",
        ),
        (
            lambda: sensitivity.honest(group_time.callaway_santanna(panel(STAGGERED), base="varying")),
            "universal",
        ),
        (
            lambda: sensitivity.honest(group_time.callaway_santanna(panel({1: 6}, periods=4))),
            "begin the window earlier",
        ),
        (
            lambda: sensitivity.honest(group_time.callaway_santanna(panel({3: 6}, periods=4)), horizon=5),
            "horizon=5",
        ),
    ],
)
def test_inference_without_meaning_is_refused(call, message):
    with pytest.raises(InferenceError, match=message):
        call()


@pytest.mark.parametrize(
    ("sample", "unit", "message"),
    [
        (FOUR, None, "4 units are treated"),
        (FOUR, FOUR.never[0], "not a treated unit"),
        (panel({1: 1}), None, "t1: treated after 1 period.*begin the window earlier"),
        (panel({4: 1, 6: 1}, never=0), "u00", "no donor"),
    ],
)
def test_a_synthetic_control_is_of_one_treated_unit(sample, unit, message):
    with pytest.raises(SampleError, match=message):
        synthetic.synthetic_control(sample, unit)


def test_synthetic_did_needs_a_past():
    with pytest.raises(SampleError, match="begin the window earlier"):
        synthetic_did.synthetic_did(panel({1: 3, 5: 2}))


def test_the_librarys_warnings_are_notes():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = regressions.imputation(panel({4: 8, 6: 1}))
    assert any("leave_one_out" in note for note in found.notes)


# ------------------------------------------------------------------------------------------------- invariances

EVERY = {
    "twfe": regressions.twfe,
    "wild": lambda s: regressions.twfe(s, "wild_cluster_bootstrap", draws=99),
    "callaway_santanna": lambda s: group_time.callaway_santanna(s, draws=99),
    "not_yet": lambda s: group_time.callaway_santanna(s, "not_yet", draws=99),
    "sun_abraham": regressions.sun_abraham,
    "imputation": regressions.imputation,
    "synthetic_did": lambda s: synthetic_did.synthetic_did(s, draws=20),
}


def estimate(result):
    return getattr(result, "estimate", result)


@pytest.mark.parametrize("estimator", EVERY.values(), ids=EVERY)
def test_a_constant_effect_without_noise_is_found(estimator):
    assert estimate(estimator(panel(STAGGERED, never=14, effect=1.25, noise=0.0))).att == pytest.approx(1.25)


@pytest.mark.parametrize("estimator", EVERY.values(), ids=EVERY)
def test_the_order_of_units_changes_nothing(estimator):
    sample = panel(STAGGERED, never=14)
    other = estimator(Sample(sample.outcome.iloc[::-1], sample.first))
    found = estimator(sample)
    for name in ("att", "lower", "upper", "p"):
        assert getattr(estimate(found), name) == pytest.approx(getattr(estimate(other), name), rel=1e-6)
    if hasattr(found, "path"):
        assert found.path.band_upper == pytest.approx(other.path.band_upper)


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.floats(0.1, 50))
@pytest.mark.parametrize(
    "name", ["twfe", "wild", "callaway_santanna", "not_yet", "sun_abraham", "imputation"]
)
def test_levels_of_units_and_periods_change_nothing(name, seed, size):
    sample, generator = panel(STAGGERED, seed=seed), np.random.default_rng(seed)
    units, periods = sample.outcome.shape
    moved = sample.outcome + size * (generator.normal(size=(units, 1)) + generator.normal(size=periods))
    before, later = (estimate(EVERY[name](s)) for s in (sample, Sample(moved, sample.first)))
    assert (later.att, later.lower, later.upper) == pytest.approx(
        (before.att, before.lower, before.upper), abs=1e-5
    )


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.floats(0.1, 50))
def test_synthetic_did_ignores_levels_of_units_and_synthetic_control_those_of_periods(seed, size):
    sample, generator = panel({5: 1}, never=6, seed=seed), np.random.default_rng(seed)
    units, periods = sample.outcome.shape
    by_unit = Sample(sample.outcome + size * generator.normal(size=(units, 1)), sample.first)
    by_period = Sample(sample.outcome + size * generator.normal(size=periods), sample.first)
    did, control = synthetic_did.synthetic_did, synthetic.synthetic_control
    assert did(by_unit).estimate.att == pytest.approx(did(sample).estimate.att, abs=1e-5)
    assert control(by_period).att == pytest.approx(control(sample).att, abs=1e-5)
