"""Unit-level small areas: the corn of Battese, Harter and Fuller (1988), statsmodels' variances, what shrinkage respects."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.mixed_linear_model import MixedLM

from analysis.estimation.checks import ArgumentError
from analysis.estimation.unit_level import UnitLevelError, battese_harter_fuller

# Hectares of corn in sampled segments, and pixels of corn and soybeans in the segment (their Table 1, without the segment
# of Hardin that they leave out), then by county the mean pixels of all segments.
SEGMENTS = {
    "Cerro Gordo": [(165.76, 374, 55)],
    "Hamilton": [(96.32, 209, 218)],
    "Worth": [(76.08, 253, 250)],
    "Humboldt": [(185.35, 432, 96), (116.43, 367, 178)],
    "Franklin": [(162.08, 361, 137), (152.04, 288, 206), (161.75, 369, 165)],
    "Pocahontas": [(92.88, 206, 218), (149.94, 316, 221), (64.75, 145, 338)],
    "Winnebago": [(127.07, 355, 128), (133.55, 295, 147), (77.70, 223, 204)],
    "Wright": [(206.39, 459, 77), (108.33, 290, 217), (118.17, 307, 258)],
    "Webster": [(99.96, 252, 303), (140.43, 293, 221), (98.95, 206, 222), (131.04, 302, 274)],
    "Hancock": [(114.12, 313, 190), (100.60, 246, 270), (127.88, 353, 172), (116.90, 271, 228), (87.41, 237, 297)],
    "Kossuth": [(93.48, 221, 167), (121.00, 369, 191), (109.91, 343, 249), (122.66, 342, 182), (104.21, 294, 179)],
    "Hardin": [(88.59, 220, 262), (165.35, 355, 160), (104.00, 261, 221), (88.63, 187, 345), (153.70, 350, 190)],
}  # fmt: skip
MEANS = pd.DataFrame(
    {
        "corn": [295.29, 300.40, 289.60, 290.74, 318.21, 257.17, 291.77, 301.26, 262.17, 314.28, 298.65, 325.99],
        "soy": [189.70, 196.65, 205.28, 220.22, 188.06, 247.13, 185.37, 221.36, 247.09, 198.66, 204.61, 177.05],
    },
    index=list(SEGMENTS),
)  # fmt: skip
PUBLISHED = [122.2, 126.3, 106.2, 108.0, 145.0, 112.6, 112.4, 122.1, 115.8, 124.3, 106.3, 143.6]


@pytest.fixture
def corn():
    rows = [(county, *segment) for county, segments in SEGMENTS.items() for segment in segments]
    table = pd.DataFrame(rows, columns=["county", "hectares", "corn", "soy"])
    return table["hectares"], table[["corn", "soy"]], table["county"], MEANS


def simulated(rng, areas=15, answers=4, between=1.0):
    """Answers with known truth: 1 + 2x + area effect + noise; population means of x are known."""
    county = pd.Series(np.repeat([f"a{i:02}" for i in range(areas)], answers))
    x = pd.DataFrame({"x": rng.normal(size=len(county))})
    effect = between * rng.normal(size=areas)
    y = 1 + 2 * x["x"] + np.repeat(effect, answers) + rng.normal(size=len(county))
    means = pd.DataFrame({"x": rng.normal(size=areas)}, index=sorted(set(county)))
    return (y, x, county, means), 1 + 2 * means["x"] + effect


def test_corn_gives_the_published_variances_and_nearly_the_published_hectares(corn):
    """They weigh counties by an estimate of γ of their own, hence up to 0.8 hectare, a tenth of the error."""
    found = battese_harter_fuller(*corn)
    assert found.beta.to_numpy() == pytest.approx([51, 0.329, -0.134], rel=5e-3)
    assert [round(found.area_variance), round(found.unit_variance)] == [140, 147]
    assert found.figures["value"].to_numpy() == pytest.approx(PUBLISHED, abs=0.8)


def test_variances_and_coefficients_are_those_of_a_mixed_model(corn):
    outcome, covariates, areas, means = corn
    found = battese_harter_fuller(*corn)
    other = MixedLM(outcome, covariates.assign(constant=1.0)[["constant", *covariates]], areas).fit(reml=True)
    assert found.area_variance == pytest.approx(float(other.cov_re.iloc[0, 0]), rel=1e-4)
    assert found.unit_variance == pytest.approx(other.scale, rel=1e-4)
    assert found.beta.to_numpy() == pytest.approx(other.fe_params.to_numpy(), rel=1e-4)
    means = means.assign(constant=1.0)[["constant", *covariates]]
    predicted = means @ other.fe_params.to_numpy() + pd.Series(
        {area: float(effect.iloc[0]) for area, effect in other.random_effects.items()}
    )
    assert found.figures["value"].to_numpy() == pytest.approx(
        predicted.reindex(means.index).to_numpy(), rel=1e-4
    )


def test_intervals_cover_what_they_say():
    rng = np.random.default_rng(11)
    inside = []
    for _ in range(150):
        given, truth = simulated(rng, areas=20)
        figures = battese_harter_fuller(*given).figures
        inside.append(((figures["lower"] <= truth) & (truth <= figures["upper"])).mean())
    assert 0.93 <= np.mean(inside) <= 0.97


def test_an_area_without_answers_is_predicted_from_the_regression_alone(corn):
    outcome, covariates, areas, means = corn
    elsewhere = pd.concat([means, pd.DataFrame({"corn": [300.0], "soy": [200.0]}, index=["Polk"])])
    found = battese_harter_fuller(outcome, covariates, areas, elsewhere)
    polk = found.figures.loc["Polk"]
    assert polk["synthetic_only"] and polk["gamma"] == 0 and np.isnan(polk["direct"])
    assert polk["value"] == pytest.approx(polk["synthetic"])
    assert polk["mse"] >= found.area_variance


def test_where_everybody_answered_nothing_is_predicted(corn):
    outcome, covariates, areas, _ = corn
    counted = areas.value_counts()
    own = covariates.groupby(areas).mean()
    figures = battese_harter_fuller(outcome, covariates, areas, own, counted).figures
    assert figures["value"].to_numpy() == pytest.approx(outcome.groupby(areas).mean()[own.index].to_numpy())
    assert (figures["mse"] == 0).all()
    many = battese_harter_fuller(outcome, covariates, areas, own, counted * 10**6).figures
    unbounded = battese_harter_fuller(outcome, covariates, areas, own).figures
    assert many["mse"].to_numpy() == pytest.approx(unbounded["mse"].to_numpy(), rel=1e-4)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_another_unit_of_measurement_changes_nothing(corn, scale):
    outcome, covariates, areas, means = corn
    one = battese_harter_fuller(*corn)
    other = battese_harter_fuller(outcome * scale, covariates / scale, areas, means / scale)
    assert other.area_variance == pytest.approx(one.area_variance * scale**2, rel=1e-8)
    assert other.figures["value"].to_numpy() == pytest.approx(
        one.figures["value"].to_numpy() * scale, rel=1e-9
    )


def test_areas_that_do_not_differ_share_one_regression():
    rng = np.random.default_rng(2)
    (y, x, county, means), _ = simulated(rng, between=0.0)
    y = y - (y - 2 * x["x"]).groupby(county).transform("mean")
    found = battese_harter_fuller(y, x, county, means)
    assert found.boundary and found.area_variance == 0
    assert found.figures["value"].to_numpy() == pytest.approx(found.figures["synthetic"].to_numpy())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda y, x, a, m: (y.where(y.index != 3), x, a, m), "outcome: a value is missing or infinite"),
        (lambda y, x, a, m: (y.replace(165.76, np.inf), x, a, m), "outcome: a value is missing or infinite"),
        (lambda y, x, a, m: (y, x.iloc[::-1], a, m), "same order"),
        (lambda y, x, a, m: (y, x.assign(soy=2 * x["corn"]), a, m), "collinear"),
        (lambda y, x, a, m: (y, x.assign(soy=1.0), a, m), "soy do not vary"),
        (lambda y, x, a, m: (y, x, a, m.drop(index="Worth")), "Worth"),
        (lambda y, x, a, m: (y, x, a, m.drop(columns="soy")), "population mean of soy"),
        (lambda y, x, a, m: (y, x, a, pd.concat([m, m])), "one row of each"),
        (lambda y, x, a, m: (y, x, a, m, pd.Series(2, m.index)), "below the number of answers"),
        (lambda y, x, a, m: (y, x, pd.Series("Worth", a.index), m), "too few"),
        (lambda y, x, a, m: (y * 0, x, a, m), "does not vary"),
        (lambda y, x, a, m: (2 * x["corn"] + 1, x, a, m), "does not vary"),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_name(corn, change, message):
    with pytest.raises((UnitLevelError, ArgumentError), match=message):
        battese_harter_fuller(*change(*corn))
