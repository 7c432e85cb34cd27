"""Sensitivity to trends that part: the intervals published with HonestDiD, and what they come down to in simple cases."""

import warnings

import diff_diff
import numpy as np
import pytest
from scipy import stats

from analysis.estimation import group_time, sensitivity
from tests.methods.test_effects import panel

BENZARTI = np.array(
    [0.00669635180383921, 0.0293450336903334, -0.00647297222167253, 0.0730149894952774, 0.195961117744446,
     0.312063902616501, 0.239541545510292, 0.126042500138283]
)  # fmt: skip
"""Event study of Benzarti and Carloni (2019), four coefficients before and four after, and below its covariance, as
kept in the R package HonestDiD 0.2.8 (BCdata_EventStudy). The intervals tested are those that package gives."""

BENZARTI_COVARIANCE = np.array(
    [
        [8.42835812363774e-04, 4.7686867765151e-04, 2.61805107584223e-04, 2.35422034165822e-04, 1.67637146660127e-04,
         1.12870766315609e-04, 1.99281621462433e-05, -1.36826536618173e-04],
        [4.7686867765151e-04, 6.42542028799653e-04, 3.98742500692606e-04, 2.4355151981581e-04, 2.20196030568331e-04,
         1.8045911565423e-04, 3.84376508009154e-05, -2.96042198897339e-05],
        [2.61805107584223e-04, 3.98742500692606e-04, 5.22994960192591e-04, 2.11768609005958e-04, 1.84072225238197e-04,
         1.45852784044109e-04, 7.00519740348682e-05, 5.95299497945234e-05],
        [2.35422034165822e-04, 2.4355151981581e-04, 2.11768609005958e-04, 3.08959541143849e-04, 1.19786607683636e-04,
         1.33408131659962e-04, 1.01633500889875e-04, 1.07905172626488e-04],
        [1.67637146660127e-04, 2.20196030568331e-04, 1.84072225238197e-04, 1.19786607683636e-04, 3.59970435965806e-04,
         2.47881864197552e-04, 1.74957924173214e-04, 1.65425692102872e-04],
        [1.12870766315609e-04, 1.8045911565423e-04, 1.45852784044109e-04, 1.33408131659962e-04, 2.47881864197552e-04,
         4.26394981332123e-04, 2.17143780901097e-04, 2.89274787064642e-04],
        [1.99281621462433e-05, 3.84376508009154e-05, 7.00519740348682e-05, 1.01633500889875e-04, 1.74957924173214e-04,
         2.17143780901097e-04, 4.88669786136597e-04, 3.80532204871997e-04],
        [-1.36826536618173e-04, -2.96042198897339e-05, 5.95299497945234e-05, 1.07905172626488e-04,
         1.65425692102872e-04, 2.89274787064642e-04, 3.80532204871997e-04, 7.61739443987608e-04],
    ]
)  # fmt: skip
FIRST, AVERAGE = np.array([1.0, 0, 0, 0]), np.full(4, 0.25)


def benzarti(weights, **grids):
    return sensitivity.sensitivity(BENZARTI, BENZARTI_COVARIANCE, weights, **grids)


def test_intervals_under_relative_magnitudes_are_those_published():
    """R's own, on a grid of step 1.4e-4 with a critical value simulated a thousand times."""
    found = benzarti(AVERAGE, relative=(0.5, 1.0))
    expected = [[0.06775439808538886, 0.3691913893670205], [-0.06968617947647976, 0.506631966928889]]
    assert found.relative.to_numpy() == pytest.approx(np.array(expected), abs=5e-4)
    assert (found.lower, found.upper) == pytest.approx((0.1837990234168919, 0.2530055095878689))
    edge = benzarti(AVERAGE, relative=(found.breakdown_relative - 0.005, found.breakdown_relative + 0.005))
    assert edge.relative["lower"].iloc[0] > 0 > edge.relative["lower"].iloc[1]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (FIRST, [[0.131411, 0.216170], [0.154965, 0.270385], [0.177301, 0.315956]]),
        (AVERAGE, [[0.133193, 0.230363], [0.124138, 0.368035], [0.113902, 0.476743]]),
    ],
)
def test_intervals_under_smoothness_are_those_published(weights, expected):
    """R's search of the shortest interval is coarse: its centres are off by up to a thousandth."""
    found = benzarti(weights, smoothness=(0.0, 0.01, 0.02)).smoothness
    assert found.to_numpy() == pytest.approx(np.array(expected), abs=1e-3)


def test_the_shortest_interval_is_as_short_as_the_library_finds():
    """Six periods before, so that weights enter and leave on the way to the best trade of bias for variance."""
    generator = np.random.default_rng(22)
    rows = generator.normal(size=(40, 10)).cumsum(1)
    covariance = np.cov(np.delete(rows - rows[:, [6]], 6, axis=1).T) / 40
    att, horizons = generator.multivariate_normal(np.zeros(9), covariance), np.arange(-7, 3)
    column = np.insert(np.sqrt(np.diag(covariance)), 6, np.nan)
    container = diff_diff.EventStudyResults(
        horizons, np.insert(att, 6, 0), column, column, column, column, column, horizons == -1, column,
        reference_period=-1, vcov=covariance, vcov_index=np.delete(horizons, 6), source="StackedDiDResults",
    )  # fmt: skip
    for m in (0.02, 0.1):
        found = sensitivity.sensitivity(att, covariance, np.full(3, 1 / 3), smoothness=(m,)).smoothness.loc[m]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            other = diff_diff.HonestDiD(method="smoothness", M=m).fit(container)
        assert found["upper"] - found["lower"] == pytest.approx(other.ci_ub - other.ci_lb, abs=1e-5)


def test_with_one_period_on_each_side_smoothness_has_one_estimator():
    """A line through zero makes the effect β₁ + β₋₁, and a bend at treatment its only bias."""
    covariance = np.array([[0.02, 0.005], [0.005, 0.03]])
    found = sensitivity.sensitivity(np.array([0.1, 0.6]), covariance, np.ones(1), smoothness=(0.0, 0.2))
    sd = np.sqrt(0.02 + 0.03 + 2 * 0.005)
    reach = sd * np.sqrt(stats.ncx2.ppf(0.95, 1, (0.2 / sd) ** 2))
    assert tuple(found.smoothness.loc[0.2]) == pytest.approx((0.7 - reach, 0.7 + reach))
    assert tuple(found.smoothness.loc[0.0]) == pytest.approx((0.7 - 1.959964 * sd, 0.7 + 1.959964 * sd))


def test_each_horizon_searched_for_smoothness_costs_a_degree_of_freedom():
    """Undone, the interval at M = 0 covered 91 times in 100 with eight treated, whose two horizons are combined."""
    covered = {True: 0, False: 0}
    for seed in range(300):
        rng = np.random.default_rng(seed)
        both = np.linalg.cholesky(np.array([[1.0, 0.6, 0.5], [0.6, 1.0, 0.7], [0.5, 0.7, 1.0]]))
        treated = rng.normal(size=(8, 3)) @ both.T
        effects, covariance = treated.mean(0), np.cov(treated.T) / 8
        scale = stats.t.ppf(0.975, 7) / stats.norm.ppf(0.975)
        for counted in covered:
            more = sensitivity._searching(8, 2) if counted else 1.0
            smooth = sensitivity._Smooth(effects, covariance * (scale * more) ** 2, np.ones(1))
            low, high = smooth.interval(0.0)
            covered[counted] += low <= 0 <= high
    assert covered[True] >= 0.94 * 300 > covered[False]


def test_without_violation_relative_magnitudes_give_the_ordinary_interval():
    found = sensitivity.honest(
        group_time.callaway_santanna(panel({5: 9}, never=12, effect=4.0, seed=3)), horizon=1
    )
    again = group_time.callaway_santanna(panel({5: 9}, never=12, effect=4.0, seed=3)).path
    k = again.horizons.index(1)
    assert tuple(found.relative.loc[0.0]) == pytest.approx((again.lower[k], again.upper[k]), rel=1e-6)
    widths = (found.relative["upper"] - found.relative["lower"]).to_numpy()
    assert (np.diff(widths) > 0).all()
    assert (found.before, found.after, found.smooth_before) == ((-5, -4, -3, -2), (1,), 2)
    assert found.breakdown_relative > 0


def test_an_effect_far_from_zero_has_a_sensitivity_without_a_warning():
    """With many periods, values far from the estimate lie dozens of standard errors out in the tail."""
    sample = panel({30: 12}, never=14, periods=40, effect=40.0, noise=0.3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = sensitivity.honest(group_time.callaway_santanna(sample))
    assert (found.relative["lower"] < 40).all() and (found.relative["upper"] > 40).all()
    assert 0 < found.breakdown_relative < np.inf and 0 < found.breakdown_smoothness < np.inf


def test_an_effect_not_told_from_zero_breaks_down_at_once():
    found = sensitivity.honest(group_time.callaway_santanna(panel({5: 9}, never=12, seed=3)), before=2)
    assert found.lower < 0 < found.upper
    assert (found.breakdown_relative, found.before) == (0.0, (-3, -2))


@pytest.mark.parametrize("m", [0.0, 0.05, 0.2])
def test_the_shortest_interval_under_smoothness_does_not_hang_on_last_digits(m):
    """Its width hardly moves around its least: a place sought by comparing widths would be off by the root of a rounding."""
    rng = np.random.default_rng(1)
    noise = 1 + 4e-16 * rng.choice([-1, 1], size=(20, *BENZARTI_COVARIANCE.shape))
    intervals = [
        sensitivity._Smooth(BENZARTI * n[0], BENZARTI_COVARIANCE * (n + n.T) / 2, AVERAGE).interval(m)
        for n in noise
    ]
    assert np.ptp(intervals, axis=0).max() < 1e-12


def test_the_shortest_interval_is_no_longer_than_any_other_on_the_path():
    smooth = sensitivity._Smooth(BENZARTI, BENZARTI_COVARIANCE, AVERAGE)
    for m in (0.01, 0.05, 0.2, 1.0):
        lower, upper = smooth.interval(m)
        widths = [
            smooth._at(k, x, m)[1] for k in range(len(smooth.biases) - 1) for x in np.linspace(0, 1, 50)
        ]
        assert (upper - lower) / 2 <= min(widths) * (1 + 1e-12)
