"""Effects given covariates, and errors clustered above the unit: published results, other computations, and truth."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from analysis.estimation.adjustment import OverlapError, conditional_change
from analysis.estimation.checks import ArgumentError
from analysis.estimation.group_time import callaway_santanna
from analysis.estimation.regressions import imputation, twfe, two_stage
from analysis.estimation.sample import NEVER, InferenceError, Sample, SampleError

COUNTIES = {
    (2004, 2004): (-0.0145297, 0.0221292), (2004, 2005): (-0.0764219, 0.0286713),
    (2004, 2006): (-0.1404483, 0.0353782), (2004, 2007): (-0.1069039, 0.0328865),
    (2006, 2004): (-0.0004721, 0.0222234), (2006, 2005): (-0.0062025, 0.0184957),
    (2006, 2006): (0.0009606, 0.0194002), (2006, 2007): (-0.0412939, 0.0197211),
    (2007, 2004): (0.0267278, 0.0140657), (2007, 2005): (-0.0045766, 0.0157178),
    (2007, 2006): (-0.0284475, 0.0181809), (2007, 2007): (-0.0287814, 0.016239),
}  # fmt: skip
"""County employment given log population, doubly robust: help of csdid (Rios-Avila, Sant'Anna and Callaway, 2021)."""


@pytest.fixture
def counties(published):
    table = pd.read_csv(published("..", "benchmarks", "mpdta.csv"))
    outcome = table.pivot(index="countyreal", columns="year", values="lemp")
    by_county = table.groupby("countyreal").first()
    position = {year: at for at, year in enumerate(outcome.columns)}
    return Sample(outcome, by_county["first.treat"].map(position).fillna(NEVER)), by_county[["lpop"]]


def drifting(rng, units=60, effect=1.0):
    """Trends that follow x, and treatment that is likelier where x is high: the plain comparison is biased."""
    names = [f"u{i:03}" for i in range(units)]
    x = rng.normal(size=units)
    treated = x + rng.normal(size=units) > 0.3
    time = np.arange(5)
    noise = 0.3 * rng.normal(size=(units, 5))
    outcome = x[:, None] * time + effect * (treated[:, None] & (time >= 3)) + noise
    first = pd.Series(np.where(treated, 3, NEVER), names)
    return Sample(pd.DataFrame(outcome, names, time), first), pd.DataFrame({"x": x}, names)


def test_counties_give_the_published_effects_given_their_population(counties):
    sample, population = counties
    found = callaway_santanna(sample, base="varying", covariates=population)
    cells = found.table.set_index(["cohort", "period"])
    for cell, (att, se) in COUNTIES.items():
        assert cells.loc[cell, "att"] == pytest.approx(att, abs=1e-7)
        assert cells.loc[cell, "se"] == pytest.approx(se, rel=1e-4)
    assert (found.estimate.att, found.estimate.se) == pytest.approx((-0.0417518, 0.0115028), abs=1e-7)


@pytest.mark.parametrize("method", ["dr", "reg", "ipw"])
def test_what_the_covariates_explain_is_not_taken_for_an_effect(method):
    sample, x = drifting(np.random.default_rng(1), units=200)
    plain, given = callaway_santanna(sample), callaway_santanna(sample, covariates=x, method=method)
    assert plain.estimate.lower > 1.2
    assert given.estimate.lower < 1 < given.estimate.upper
    assert np.abs(given.path.att[:2]).max() < 0.5 < np.abs(plain.path.att[:2]).max()


def test_intervals_given_covariates_cover_what_they_say():
    rng = np.random.default_rng(2)
    inside = []
    for _ in range(150):
        sample, x = drifting(rng)
        estimate = callaway_santanna(sample, covariates=x, method="reg", draws=9).estimate
        inside.append(estimate.lower <= 1 <= estimate.upper)
    assert 0.9 <= np.mean(inside) <= 0.99


def test_a_regression_given_covariates_is_the_interacted_one():
    """With one cohort and one change, ``reg`` is the treated less what ordinary least squares on controls predicts."""
    sample, x = drifting(np.random.default_rng(3))
    change = (sample.outcome[3] - sample.outcome[2]).to_numpy()
    treated = (sample.first != NEVER).to_numpy()
    design = np.column_stack([np.ones(len(x)), x])
    fit = OLS(change[~treated], design[~treated]).fit()
    att, influence = conditional_change(change, treated.astype(float), x, "reg")
    assert att == pytest.approx(float((change - design @ fit.params)[treated].mean()))
    assert influence.mean() == pytest.approx(0, abs=1e-12)


def test_clusters_of_one_unit_change_nothing_and_larger_ones_count_as_one():
    sample, x = drifting(np.random.default_rng(4))
    one = callaway_santanna(sample, covariates=x)
    same = callaway_santanna(sample, covariates=x, clusters=pd.Series(sample.units, sample.units))
    assert (same.estimate.se, same.path.band_lower.tolist()) == (
        one.estimate.se,
        one.path.band_lower.tolist(),
    )
    twice = Sample(
        pd.concat([sample.outcome, sample.outcome.rename(index="{}b".format)]),
        pd.concat([sample.first, sample.first.rename(index="{}b".format)]),
    )
    pair = pd.Series([unit[:4] for unit in twice.units], twice.units)
    alone, paired = callaway_santanna(twice), callaway_santanna(twice, clusters=pair)
    assert paired.estimate.se == pytest.approx(callaway_santanna(sample).estimate.se)
    assert alone.estimate.se == pytest.approx(paired.estimate.se / np.sqrt(2))
    assert (paired.estimate.treated, alone.estimate.treated) == (len(sample.treated), 2 * len(sample.treated))
    assert twfe(twice, clusters=pair).se > 1.3 * twfe(twice).se


def test_two_way_effects_given_covariates_are_those_of_the_full_regression():
    sample, _ = drifting(np.random.default_rng(5), units=48)
    rng = np.random.default_rng(6)
    z = pd.DataFrame(rng.normal(size=sample.outcome.shape), sample.outcome.index, sample.outcome.columns)
    region = pd.Series([f"r{i % 12}" for i in range(48)], sample.units)
    long = sample.long()
    dummies = pd.get_dummies(long[["unit", "time"]].astype(str), drop_first=True, dtype=float)
    design = dummies.assign(constant=1.0, z=z.to_numpy().ravel(), d=long["treated"])
    groups = np.repeat(pd.factorize(region)[0], 5)
    fit = OLS(long["outcome"], design).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    found = twfe(sample, covariates={"z": z}, clusters=region)
    assert found.att == pytest.approx(fit.params["d"])
    regressors = 5 + 2
    scale = 12 / 11 * (240 - 1) / (240 - regressors)
    assert found.se == pytest.approx(fit.bse["d"] * np.sqrt(scale))


def test_two_stages_give_what_imputation_gives_and_take_covariates():
    sample, x = drifting(np.random.default_rng(8), units=100)
    plain, imputed = two_stage(sample), imputation(sample)
    assert plain.estimate.att == pytest.approx(imputed.estimate.att)
    assert plain.path.horizons == imputed.path.horizons == (0, 1)
    assert plain.path.att == pytest.approx(imputed.path.att)
    assert 0.8 < plain.estimate.se / imputed.estimate.se < 1.25
    drift = pd.DataFrame(np.outer(x["x"], range(5)), sample.outcome.index, sample.outcome.columns)
    given = two_stage(sample, covariates={"drift": drift})
    assert plain.estimate.lower > 1.2
    assert given.estimate.lower < 1 < given.estimate.upper
    region = pd.Series([f"r{i % 25}" for i in range(100)], sample.units)
    assert two_stage(sample, clusters=region).estimate.controls == 25


def test_intervals_of_two_stages_cover_what_they_say():
    rng = np.random.default_rng(9)
    inside = []
    for _ in range(60):
        outcome = pd.DataFrame(rng.normal(size=(40, 6)).cumsum(axis=1), [f"u{i:02}" for i in range(40)])
        sample = Sample(outcome, pd.Series([3] * 8 + [4] * 8 + [NEVER] * 24, outcome.index))
        estimate = two_stage(sample).estimate
        inside.append(estimate.lower <= 0 <= estimate.upper)
    assert np.mean(inside) >= 0.88


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (lambda s, x: callaway_santanna(s, covariates=x.iloc[1:]), SampleError, "u000"),
        (lambda s, x: callaway_santanna(s, covariates=x.replace(x.iloc[3, 0], np.inf)), SampleError, "u003"),
        (lambda s, x: callaway_santanna(s, covariates=pd.concat([x, x])), ArgumentError, "one row of each"),
        (lambda s, x: callaway_santanna(s, covariates=x * 0), OverlapError, "do not vary"),
        (lambda s, x: callaway_santanna(s, covariates=x.assign(y=2 * x["x"])), OverlapError, "collinear"),
        (
            lambda s, x: callaway_santanna(s, covariates=x.assign(d=(s.first > 0).astype(float))),
            OverlapError,
            "covariates",
        ),
        (lambda s, x: callaway_santanna(s, clusters=pd.Series("all", s.units)), InferenceError, "at least 5"),
        (lambda s, x: callaway_santanna(s, clusters=pd.Series("r", s.units[1:])), SampleError, "u000"),
        (lambda s, x: two_stage(s, clusters=pd.Series("all", s.units)), InferenceError, "at least 5"),
        (
            lambda s, x: two_stage(s, {"x": s.outcome.replace(s.outcome.iloc[4, 0], np.nan)}),
            SampleError,
            "u004",
        ),
        (lambda s, x: twfe(s, clusters=pd.Series("all", s.units)), InferenceError, "at least 5"),
        (
            lambda s, x: twfe(s, covariates={"x": s.outcome * 0 + 1}),
            SampleError,
            "x do not vary.*does not change over time",
        ),
        (lambda s, x: twfe(s, covariates={"x": s.outcome.iloc[:, :2]}), SampleError, "no column for 2"),
        (
            lambda s, x: twfe(s, "wild_cluster_bootstrap", covariates={"x": s.outcome}),
            InferenceError,
            "neither covariates",
        ),
    ],
)
def test_what_cannot_be_given_is_refused_by_name(asked, error, message):
    with pytest.raises(error, match=message):
        asked(*drifting(np.random.default_rng(7)))
