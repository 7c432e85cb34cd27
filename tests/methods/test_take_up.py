"""Expected non-take-up: it averages to the published rate, follows composition, and never looks more certain than it is."""

import numpy as np
import pandas as pd
import pytest

from analysis.methods.indicators import take_up
from analysis.methods.indicators.take_up import Margin

CODES = [f"{i:02d}" for i in range(1, 41)]
RATES = {"social": 15.0, "private": 33.0, "owner": 61.0}
FAMILY = {"lone": 16.0, "couple": 49.0, "other": None}


def composition(seed, columns):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.dirichlet([6] * len(columns), len(CODES)), index=CODES, columns=list(columns))


def margins(scale=1.0):
    errors = {"social": 1.2 * scale, "private": 1.7 * scale, "owner": 2.4 * scale}
    family = {"lone": 1.5 * scale, "couple": 3.0 * scale}
    return (
        Margin("tenure", composition(1, RATES), RATES, errors),
        Margin("family", composition(2, FAMILY), FAMILY, family),
    )


WEIGHTS = pd.Series(np.linspace(2_000, 80_000, len(CODES)), index=CODES)


def run(transfer=0.2, scale=1.0, national_error=1.0):
    return take_up.expected(margins(scale), WEIGHTS, 34.0, national_error, transfer)


def test_the_departements_average_to_the_published_rate():
    found = run().figures
    for column in ("value", "tenure", "family"):
        assert np.average(found[column], weights=WEIGHTS) == pytest.approx(34.0, abs=1e-6)


def test_more_owners_among_the_poor_means_more_expected_non_take_up():
    found = run().figures
    owners = composition(1, RATES)["owner"]
    assert np.corrcoef(found["tenure"], owners)[0, 1] > 0.8


def test_the_interval_holds_the_value_and_widens_with_each_uncertainty():
    base = run().figures
    width = base["upper"] - base["lower"]
    assert ((base["lower"] < base["value"]) & (base["value"] < base["upper"])).all()
    more_transfer = run(transfer=0.5).figures
    more_sampling = run(scale=4).figures
    assert (more_transfer["upper"] - more_transfer["lower"] > width).all()
    assert (more_sampling["upper"] - more_sampling["lower"] > width).mean() > 0.95


def test_the_interval_covers_what_the_model_of_its_errors_gives():
    """Without sampling errors or disagreement, the interval is the transfer error's: ±1.96 τ on the logit scale."""
    one = margins(0)[0]
    found = take_up.expected(
        (one, Margin("same", one.composition, RATES, {})), WEIGHTS, 34.0, 0.0, 0.3
    ).figures
    odds = lambda p: np.log(p / (100 - p))  # noqa: E731
    half = (odds(found["upper"]) - odds(found["lower"])) / 2
    assert np.allclose(half, 1.96 * 0.3, rtol=0.06)


def test_the_same_inputs_give_the_same_interval():
    pd.testing.assert_frame_equal(run().figures, run().figures)


def test_a_departement_without_composition_gets_no_estimate():
    first, second = margins()
    second.composition.loc["07"] = np.nan
    found = take_up.expected((first, second), WEIGHTS, 34.0, 1.0, 0.2).figures
    assert "07" not in found.index
    assert len(found) == len(CODES) - 1


def test_the_transfer_error_is_measured_on_an_outcome_that_is_known():
    """Départements that depart from what composition predicts by a known amount on the logit scale."""
    from scipy.special import expit, logit

    households = composition(3, RATES)
    poverty = pd.DataFrame({"social": 35.0, "private": 20.0, "owner": 6.0}, index=CODES)
    predicted = (households * poverty).sum(axis=1)
    miss = np.where(np.arange(len(CODES)) % 2, 0.25, -0.25)
    actual = pd.Series(100 * expit(logit(predicted / 100) + miss), index=CODES)
    assert take_up.transfer_error(households, poverty, actual, WEIGHTS) == pytest.approx(0.25, abs=1e-9)


def test_poor_composition_weighs_each_part_by_its_poverty():
    households = pd.DataFrame({"a": [50.0], "b": [50.0]}, index=["67"])
    poverty = pd.DataFrame({"a": [30.0], "b": [10.0]}, index=["67"])
    assert take_up.poor_composition(households, poverty).loc["67"].tolist() == pytest.approx([0.75, 0.25])


def test_standard_errors_are_binomial_times_the_design_effect():
    found = take_up.rate_errors({"a": 50.0}, {"a": 0.25}, sample=1600, design=4)
    assert found["a"] == pytest.approx(100 * np.sqrt(4 * 0.25 / 400))
