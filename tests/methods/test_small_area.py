"""Small areas: R's results on milk, closed forms where variances are equal, and what shrinkage must always respect."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import small_area

BENCHMARKS = Path(__file__).resolve().parents[3] / "shared" / "benchmarks"


def published(name):
    path = BENCHMARKS / name
    if not path.exists():
        pytest.skip(f"needs the benchmark {name}, kept beside the project and absent here")
    return path


def simulate(seed=1, areas=40, refvar=1.0, low=0.2, high=4.0):
    """Areas with known truth: constant 10, slope 2."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({"x": rng.normal(size=areas)}, index=[f"a{i}" for i in range(areas)])
    psi = pd.Series(rng.uniform(low, high, areas), x.index)
    truth = 10 + 2 * x["x"] + np.sqrt(refvar) * rng.normal(size=areas)
    return truth, truth + np.sqrt(psi) * rng.normal(size=areas), psi, x


# ------------------------------------------------------------------------------------------- against R's package sae


@pytest.fixture
def milk():
    table = pd.read_csv(published("milk.csv"), index_col="SmallArea")
    major = pd.get_dummies(table["MajorArea"], prefix="major", drop_first=True, dtype=float)
    entries = json.loads(published("expected.json").read_text(encoding="utf-8"))
    expected = next(e for e in entries if e["id"] == "fay_herriot_milk")["expected"]
    return (table["yi"], table["SD"] ** 2, major), expected


def test_milk_gives_the_results_of_r(milk):
    data, expected = milk
    found = small_area.fay_herriot(*data)
    each = pd.read_csv(published("milk_FH_REML_expected.csv"), index_col="SmallArea")
    assert found.refvar == pytest.approx(expected["reml_refvar"], abs=1e-7)
    assert found.beta.to_numpy() == pytest.approx(expected["reml_beta"], abs=1e-6)
    assert found.loglik == pytest.approx(expected["loglik"], abs=1e-4)
    assert (found.aic, found.bic) == pytest.approx((expected["AIC"], expected["BIC"]), abs=1e-4)
    assert found.figures["value"].to_numpy() == pytest.approx(each["eblup"].to_numpy(), abs=1e-7)
    assert found.figures["mse"].to_numpy() == pytest.approx(each["mse"].to_numpy(), abs=1e-7)


# ---------------------------------------------------------------------------------------------------- closed forms


def test_equal_variances_have_a_closed_form():
    """With one ψ, σ² is the residual variance less ψ, every γ is the same, and g₁ to g₃ are written by hand."""
    _, direct, _, x = simulate(areas=25, refvar=4)
    psi, m, p = 1.5, 25, 2
    found = small_area.fay_herriot(direct, pd.Series(psi, x.index), x)
    design = np.column_stack([np.ones(m), x["x"]])
    hat = design @ np.linalg.inv(design.T @ design) @ design.T
    rss = float(np.sum((direct - hat @ direct) ** 2))
    refvar = rss / (m - p) - psi
    gamma = refvar / (refvar + psi)
    mse = gamma * psi + (1 - gamma) ** 2 * (refvar + psi) * (np.diag(hat) + 4 / m)
    assert found.refvar == pytest.approx(refvar, rel=1e-9)
    assert found.figures["gamma"].to_numpy() == pytest.approx(np.full(m, gamma), rel=1e-9)
    eblup = gamma * direct + (1 - gamma) * (hat @ direct)
    assert found.figures["value"].to_numpy() == pytest.approx(eblup.to_numpy(), rel=1e-9)
    assert found.figures["mse"].to_numpy() == pytest.approx(mse, rel=1e-8)


def test_the_interval_covers_the_truth_and_the_error_is_that_seen():
    inside, squared, announced = [], [], []
    for seed in range(60):
        truth, direct, psi, x = simulate(seed, areas=50)
        figures = small_area.fay_herriot(direct, psi, x).figures
        inside.append(((figures["lower"] < truth) & (truth < figures["upper"])).mean())
        squared.append(((figures["value"] - truth) ** 2).mean())
        announced.append(figures["mse"].mean())
    assert 0.93 < np.mean(inside) < 0.97
    assert np.mean(announced) == pytest.approx(np.mean(squared), rel=0.1)


# ------------------------------------------------------------------------------------------------------- properties


@given(st.integers(0, 10_000), st.floats(0, 20))
@settings(max_examples=40, deadline=None)
def test_an_estimate_lies_between_its_own_figure_and_the_prediction(seed, refvar):
    _, direct, psi, x = simulate(seed, areas=15, refvar=refvar)
    figures = small_area.fay_herriot(direct, psi, x).figures
    assert figures["gamma"].between(0, 1).all()
    ends = figures[["direct", "synthetic"]]
    assert (figures["value"] >= ends.min(axis=1) - 1e-9).all()
    assert (figures["value"] <= ends.max(axis=1) + 1e-9).all()


def test_an_exact_figure_is_kept_and_a_worthless_one_is_replaced():
    _, direct, psi, x = simulate()
    psi.iloc[0], psi.iloc[1] = 1e-9, 1e9
    figures = small_area.fay_herriot(direct, psi, x).figures
    assert figures["value"].iloc[0] == pytest.approx(figures["direct"].iloc[0], abs=1e-6)
    assert figures["value"].iloc[1] == pytest.approx(figures["synthetic"].iloc[1], abs=1e-6)


def test_an_area_without_a_figure_is_predicted_and_marked():
    _, direct, psi, x = simulate()
    direct.iloc[:2] = np.nan
    psi.iloc[2] = np.nan
    found = small_area.fay_herriot(direct, psi, x)
    marked = found.figures["synthetic_only"]
    assert list(marked[marked].index) == ["a0", "a1", "a2"]
    assert found.areas == len(x) - 3
    alone = found.figures[marked]
    expected = found.beta["constant"] + found.beta["x"] * x.loc[alone.index, "x"]
    assert alone["value"].to_numpy() == pytest.approx(expected.to_numpy())
    assert (alone["gamma"] == 0).all()
    assert (alone["mse"] > found.refvar).all()


def test_no_spread_between_areas_is_said_and_throws_nothing_away():
    _, direct, psi, x = simulate(3, refvar=0, low=5, high=9)
    smooth = 10 + 2 * x["x"] + 0.2 * (direct - 10 - 2 * x["x"])
    found = small_area.fay_herriot(smooth, psi, x)
    assert found.boundary
    assert found.refvar > 0
    assert found.figures["gamma"].between(0, 0.5, inclusive="neither").all()
    assert not small_area.fay_herriot(*simulate(3, refvar=4)[1:]).boundary


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y, v, x: (y, -v, x), "negative"),
        (lambda y, v, x: (y, v, x.assign(x=np.nan)), "missing"),
        (lambda y, v, x: (y, v, x.assign(twice=2 * x["x"])), "collinear"),
        (lambda y, v, x: (y.head(3), v, x), "3 areas"),
        (lambda y, v, x: (y, v, x.head(30)), "no covariates"),
    ],
)
def test_what_cannot_be_fitted_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        small_area.fay_herriot(*change(*simulate()[1:]))


# ------------------------------------------------------------------------------------------------------ proportions


def shares(seed=1, areas=60, sizes=(20, 400), constant=-2.2):
    rng = np.random.default_rng(seed)
    x = pd.DataFrame({"x": rng.normal(size=areas)}, index=[f"a{i}" for i in range(areas)])
    truth = 1 / (1 + np.exp(-(constant + 0.4 * x["x"] + 0.3 * rng.normal(size=areas))))
    n = pd.Series(rng.integers(*sizes, areas), x.index)
    return truth, pd.Series(rng.binomial(n, truth) / n, x.index), n, x


def test_a_share_from_everyone_is_itself():
    _, direct, n, x = shares(sizes=(2000, 4000))
    found = small_area.fay_herriot_proportion(direct, n * 1e6, x)
    assert found.figures["value"].to_numpy() == pytest.approx(direct.to_numpy(), abs=1e-6)
    assert found.scale == "arcsine"


def test_shares_stay_shares_and_are_not_biased_by_the_way_back():
    """Averaged over areas and draws, the truth; the transform of the mean alone would be too low here."""
    gap, naive = [], []
    for seed in range(30):
        truth, direct, n, x = shares(seed, sizes=(15, 60))
        figures = small_area.fay_herriot_proportion(direct, n, x).figures
        plain = small_area.fay_herriot(np.arcsin(np.sqrt(direct)), 1 / (4 * n), x).figures["value"]
        gap.append((figures["value"] - truth).mean())
        naive.append((np.sin(plain) ** 2 - truth).mean())
        for low, high in (("lower", "value"), ("value", "upper")):
            assert (figures[low] <= figures[high]).all()
        assert figures[["lower", "upper"]].stack().between(0, 1).all()
    assert abs(np.mean(gap)) < abs(np.mean(naive))
    assert abs(np.mean(gap)) < 0.006


def test_the_way_back_is_the_mean_of_the_predictive_distribution():
    """On the arcsine scale it has a closed form: E sin²Z = (1 − e^(−2v) cos 2m) / 2."""
    _, direct, n, x = shares(4)
    on_scale = small_area.fay_herriot(np.arcsin(np.sqrt(direct)), 1 / (4 * n), x).figures
    expected = (1 - np.exp(-2 * on_scale["g1"]) * np.cos(2 * on_scale["value"])) / 2
    found = small_area.fay_herriot_proportion(direct, n, x).figures["value"]
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-10)  # ten digits


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p, n: (100 * p, n), "not percent"),
        (lambda p, n: (p, 0 * n), "not positive"),
    ],
)
def test_a_proportion_that_has_no_place_on_the_scale_is_refused(change, message):
    _, direct, n, x = shares()
    with pytest.raises(ValueError, match=message):
        small_area.fay_herriot_proportion(*change(direct, n), x)


# -------------------------------------------------------------------------- agreement with a total, precision, noise


@given(st.floats(0.05, 0.6), st.integers(0, 100))
@settings(max_examples=30, deadline=None)
def test_benchmarked_areas_average_to_the_national_value(national, seed):
    rng = np.random.default_rng(seed)
    value = pd.Series(rng.uniform(0.05, 0.4, 12))
    figures = pd.DataFrame({"value": value, "lower": value - 0.02, "upper": value + 0.02})
    weights = pd.Series(rng.uniform(1, 50, 12))
    found = small_area.benchmark(figures, weights, national)
    assert np.average(found.figures["after"], weights=weights) == pytest.approx(national)
    assert found.total_after == pytest.approx(national)
    assert found.total_before == pytest.approx(np.average(value, weights=weights))
    assert np.ptp(found.figures["after"] - value) < 3e-9  # of figures with ten significant digits
    assert (found.figures["lower"] < found.figures["after"]).all()


def test_a_total_without_all_its_areas_is_refused():
    figures = pd.DataFrame({"value": [1.0, 2.0], "lower": [0, 1], "upper": [2, 3]}, index=["a", "b"])
    with pytest.raises(ValueError, match="areas b have no weight"):
        small_area.benchmark(figures, pd.Series({"a": 1.0}), 1.5)


def test_precision_decides_what_is_shown():
    cv = pd.Series([5, 20, 20.1, 33, 33.1, np.nan])
    limits = {"flag_above": 20, "suppress_above": 33}
    expected = ["publish", "publish", "flag", "flag", "suppress", "suppress"]
    assert list(small_area.publishable(cv, limits)) == expected


def history(seed=1, areas=100, periods=10, constant=9.0, step=0.4):
    """Areas that move by lasting steps, seen with noise of variance constant ÷ size."""
    rng = np.random.default_rng(seed)
    names = [str(2010 + k) for k in range(periods)]
    sizes = pd.DataFrame(
        np.repeat(rng.uniform(5, 200, areas)[:, None], periods, axis=1)
        * rng.uniform(0.9, 1.1, (areas, periods)),
        columns=names,
    )
    truth = np.cumsum(step * rng.normal(size=(areas, periods)), axis=1) + np.cumsum(rng.normal(size=periods))
    return pd.DataFrame(truth, columns=names) + np.sqrt(constant / sizes) * rng.normal(
        size=(areas, periods)
    ), sizes


def test_noise_is_told_from_lasting_change():
    found = [small_area.transitory_variance(*history(seed), draws=60) for seed in range(100)]
    constants = [n.constant for n in found]
    assert np.mean(constants) == pytest.approx(9, rel=0.05)
    assert np.mean([n.error for n in found]) == pytest.approx(np.std(constants), rel=0.2)


def test_figures_without_noise_are_not_given_one():
    """Changes that go on in the next period instead of being taken back."""
    trend, sizes = history(constant=0, step=0)
    slopes = np.linspace(-1, 1, len(trend))[:, None] * np.arange(trend.shape[1])
    with pytest.raises(ValueError, match="no transitory noise"):
        small_area.transitory_variance(trend + slopes, sizes)
    with pytest.raises(ValueError, match="three periods"):
        small_area.transitory_variance(trend.iloc[:, :2], sizes.iloc[:, :2])


def test_a_repeated_survey_comes_nearer_to_the_truth_and_keeps_its_total():
    rng = np.random.default_rng(5)
    names, codes = [str(y) for y in range(2014, 2022)], [f"a{i}" for i in range(90)]
    x = pd.DataFrame({"x": rng.normal(size=90)}, index=codes)
    base = 0.5 + 0.05 * x["x"].to_numpy() + 0.04 * rng.normal(size=90)
    truth = np.clip(base[:, None] + np.cumsum(0.01 * rng.normal(size=(90, 8)), axis=1), 0.05, 0.95)
    sizes = np.repeat(rng.integers(30, 2000, 90)[:, None], 8, axis=1)
    direct = pd.DataFrame(rng.binomial(sizes, truth) / sizes, index=codes, columns=names)
    sizes = pd.DataFrame(10.0 * sizes, index=codes, columns=names)
    found = small_area.shrunk_shares(direct, sizes, {n: x.drop("a0") for n in names[-2:]})
    assert found.noise.constant == pytest.approx(10 / 4, rel=0.35)
    last = found.figures[found.figures["period"] == names[-1]].set_index("territory")
    assert "a0" not in last.index
    actual = pd.Series(truth[:, -1], codes)[last.index]
    assert ((last["value"] - actual) ** 2).mean() < 0.8 * ((last["direct"] - actual) ** 2).mean()
    assert last["gamma"].corr(sizes.loc[last.index, names[-1]], method="spearman") > 0.99
    weights = sizes.loc[last.index, names[-1]]
    assert np.average(last["value"], weights=weights) == pytest.approx(
        np.average(last["direct"], weights=weights)
    )
