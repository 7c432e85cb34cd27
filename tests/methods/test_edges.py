"""Edges of inference, each refused by name or right: what does not vary, units of measurement, limits in order."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import (
    comparison,
    costs,
    credibility,
    group_time,
    inference,
    power,
    regressions,
    rejection,
    sensitivity,
    simplex,
    small_area,
    synthetic,
    synthetic_did,
    wild,
)
from analysis.estimation.checks import ArgumentError
from analysis.estimation.costs import Effect
from analysis.estimation.sample import InferenceError, Sample, SampleError
from analysis.foundations import territories
from analysis.methods import evaluation
from tests.methods.test_effects import STAGGERED, panel

METROPOLITAN = list(territories.METROPOLITAN)


def context():
    values = np.random.default_rng(1).normal(size=(96, 2))
    return pd.DataFrame(values, METROPOLITAN, ["a", "b"])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (context().assign(c=0.1), "c do not vary; leave them out"),
        (context().assign(c=0.1 + 1e-17 * context()["a"]), "c do not vary"),
        (context().assign(c=lambda t: 100 - 3 * t["a"]), "c collinear.*leave one out"),
        (context().assign(c=lambda t: 1e9 * (t["a"] + t["b"])), "c collinear"),
        (context().assign(c=np.inf), "missing or infinite"),
        (context().iloc[:, :0], "name an indicator"),
    ],
)
def test_peers_are_not_found_on_distances_of_rounding(table, message):
    with pytest.raises(comparison.NotComparable, match=message):
        comparison.find_peers(table, "67", {})


def flat(sample, value=0.0):
    return Sample(sample.outcome * 0 + value, sample.first)


def quiet_controls(sample):
    """The same with controls that never change."""
    outcome = sample.outcome.copy()
    outcome.loc[list(sample.never)] = 0.1
    return Sample(outcome, sample.first)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9])
def test_an_outcome_that_never_changes_is_not_evaluated_and_says_so(value):
    with pytest.raises(SampleError, match="nothing varies") as refusal:
        evaluation.evaluate(flat(panel(STAGGERED, never=14), value))
    assert refusal.value.key == "no_variation"


BESIDE = {
    "twfe": regressions.twfe,
    "wild": lambda s: wild.wild_cluster_bootstrap(s, 39),
    "cluster": inference.cluster,
    "randomisation": lambda s: inference.randomisation(s, 39).estimate,
    "callaway_santanna": lambda s: group_time.callaway_santanna(s, draws=19).estimate,
    "sun_abraham": lambda s: regressions.sun_abraham(s, 19).estimate,
    "imputation": lambda s: regressions.imputation(s).estimate,
    "synthetic_did": lambda s: synthetic_did.synthetic_did(s, draws=19).estimate,
}


@pytest.mark.parametrize("name", BESIDE)
def test_an_effect_beside_which_nothing_varies_has_no_error(name):
    """Not a width of zero and p = 0: the effect itself is found."""
    found = BESIDE[name](panel(STAGGERED, never=14, effect=1.25, noise=0.0))
    assert found.att == pytest.approx(1.25) and found.reason == "no_variation"
    assert np.isnan([found.se, found.lower, found.upper, found.p]).all() and not found.excludes_zero


def test_controls_that_do_not_vary_give_synthetic_did_no_interval():
    found = synthetic_did.synthetic_did(quiet_controls(panel({5: 4}, never=20))).estimate
    assert found.reason == "no_variation" and np.isnan([found.lower, found.upper, found.p]).all()


def test_figures_that_do_not_vary_before_tell_neither_trends_nor_power():
    given = panel({6: 8}, never=14)
    outcome = given.outcome.copy()
    outcome.iloc[:, :6] = 2.5
    sample = Sample(outcome, given.first)
    with pytest.raises(InferenceError, match="before treatment"):
        credibility.pretrends(sample, draws=99)
    found = evaluation.evaluate(sample)
    assert found.pretrends is found.detectable is None
    assert found.reasons["pretrends"] == found.reasons["detectable"] == "no_variation"


def test_a_design_says_of_each_outcome_why_it_was_not_evaluated(monkeypatch):
    from tests.methods.test_evaluation import study_of

    study = study_of({5: 3})
    verdict = evaluation.policies.Verdict(study.outcome, study=None)
    object.__setattr__(study, "sample", flat(study.sample))
    object.__setattr__(verdict, "study", study)
    monkeypatch.setattr(evaluation.policies, "evaluability", lambda design, panel: (verdict,))
    monkeypatch.setattr(evaluation.policies, "coverage", lambda design, panel: None)
    monkeypatch.setattr(evaluation.policies, "followed", lambda design, panel: None)
    found = evaluation.evaluate_design(study.design, None)
    assert found.results == {} and found.not_evaluable["rsa_december"].key == "no_variation"


# ------------------------------------------------------------------------------------------- no unit of measurement matters


def scaled(sample, by):
    return Sample(sample.outcome * by, sample.first)


SCALED = {
    **BESIDE,
    "two_stage": lambda s: regressions.two_stage(s).estimate,
    "jackknife": lambda s: synthetic_did.synthetic_did(s, "jackknife").estimate,
    "placebo_ranks": lambda s: synthetic.placebo_ranks(s.outcome.loc[[s.treated[0], *s.never]], s.treated[0], 4).estimate,
}  # fmt: skip


@pytest.mark.parametrize("by", [1e-9, 1e12, 1e-30])
@pytest.mark.parametrize("name", SCALED)
def test_an_outcome_in_another_unit_gives_the_same_in_that_unit(name, by):
    sample = panel(STAGGERED, never=14, effect=0.8, seed=5)
    once, again = SCALED[name](sample), SCALED[name](scaled(sample, by))
    expected = [by * x for x in (once.att, once.lower, once.upper)]
    assert [again.att, again.lower, again.upper] == pytest.approx(expected, rel=1e-6, abs=0)
    assert again.p == pytest.approx(once.p, rel=1e-6)


@pytest.mark.parametrize("by", [1e-9, 1e12])
def test_what_is_shown_beside_an_effect_is_the_same_in_any_unit(by):
    sample = panel(STAGGERED, never=14, seed=5)
    pair = [credibility.pretrends(s, draws=99) for s in (sample, scaled(sample, by))]
    assert pair[1].p == pair[0].p and pair[1].slope == pytest.approx(by * pair[0].slope, rel=1e-6, abs=0)
    paths = [group_time.callaway_santanna(s, draws=19) for s in (sample, scaled(sample, by))]
    held = [sensitivity.honest(one) for one in paths]
    assert held[1].relative.to_numpy() == pytest.approx(by * held[0].relative.to_numpy(), rel=1e-5)
    assert held[1].smoothness.to_numpy() == pytest.approx(by * held[0].smoothness.to_numpy(), rel=1e-5)
    seen = [
        power.minimum_detectable(one.outcome.iloc[:, :4], 5, 1, 1, draws=99)
        for one in (sample, scaled(sample, by))
    ]
    assert seen[1].mde == pytest.approx(by * seen[0].mde, rel=1e-6, abs=0)
    values = sample.outcome.to_numpy()
    weights = [simplex.simplex_weights(x * values[0], x * values[1:]) for x in (1.0, by)]
    assert weights[1] == pytest.approx(weights[0], abs=1e-7)


@pytest.mark.parametrize("by", [1e-9, 1e9])
def test_small_areas_are_the_same_in_any_unit(by):
    """Of the figures, and of each covariate: Fay and Herriot's equation was solved to 2e-12, whatever the unit."""
    rng = np.random.default_rng(8)
    x = pd.DataFrame({"x": rng.uniform(0, 3, 30), "z": rng.normal(size=30)})
    psi = pd.Series(rng.uniform(0.5, 2, 30))
    y = 10 + 2 * x["x"] - x["z"] + rng.normal(scale=2, size=30) + np.sqrt(psi) * rng.normal(size=30)
    once = small_area.fay_herriot(y, psi, x)
    again = small_area.fay_herriot(by * y, by**2 * psi, x * [1 / by, by])
    assert again.refvar == pytest.approx(by**2 * once.refvar, rel=1e-6, abs=0)
    for name in ("value", "error", "lower", "upper"):
        assert again.figures[name].to_numpy() == pytest.approx(
            by * once.figures[name].to_numpy(), rel=1e-6, abs=0
        )
    assert again.beta["x"] == pytest.approx(by**2 * once.beta["x"], rel=1e-6, abs=0)


# ------------------------------------------------------------------------------------------------------ limits in order


@pytest.mark.parametrize(
    "effect", [Effect(5, 1, 2, 5.5), Effect(5, 1, 4.5, 12), Effect(5, 1, 1, 9), Effect.normal(5, 1)]
)
@pytest.mark.parametrize("error", [0.0, 50.0])
def test_the_least_cost_is_never_above_the_lower_limit(effect, error):
    """Of a known cost the limits are those of the effect, turned round, at whatever distance they lie."""
    found = costs.cost_per_return(1000, effect, error)
    assert found.value == pytest.approx(100_000 / effect.points)
    assert found.lower < found.value < found.upper
    assert found.floor <= found.lower * (1 + 1e-9)
    if not error:
        assert (found.lower, found.upper) == pytest.approx((100_000 / effect.upper, 100_000 / effect.lower))


@pytest.mark.parametrize("rate", [0.0, 100.0, 1e-13])
def test_a_funnel_of_one_flat_rate_says_nothing_of_where_a_departement_lies(rate):
    rates, n = pd.Series(rate, METROPOLITAN), pd.Series(5000.0, METROPOLITAN)
    assert comparison.no_funnel(rates, n) == "flat"
    with pytest.raises(comparison.NotComparable, match="in every département"):
        comparison.funnel(rates, n, "67", "share_x", "2024")


@pytest.mark.parametrize(("value", "national"), [(5.0, -1.0), (-5.0, 1.0), (0.0, 1.0)])
def test_agreement_with_a_total_of_another_sign_does_not_turn_the_areas_round(value, national):
    figures = pd.DataFrame({"value": value, "lower": value - 1, "upper": value + 1}, ["a", "b"])
    moved = small_area.benchmark(figures, pd.Series(1.0, ["a", "b"]), national).figures
    assert (moved["lower"] < moved["after"]).all() and (moved["after"] < moved["upper"]).all()


@pytest.mark.parametrize("mde", [0.0, -0.0, math.nan, math.inf])
def test_no_smallest_effect_is_no_effect_to_carry_to_people(mde):
    with pytest.raises(ArgumentError, match="mde"):
        power.pilot(mde, 0.05)


def test_a_smallest_effect_of_nothing_is_not_given():
    with pytest.raises(InferenceError, match="nothing changes between the units"):
        power.minimum_detectable(pd.DataFrame(np.full((9, 6), 0.1)), 2, 2, 1)


def test_statistics_that_are_no_numbers_have_no_p_value():
    """A comparison with NaN is false, so that the share of values as large would be a small p."""
    with pytest.raises(InferenceError, match="no number"):
        rejection.at_least(np.array([1.0, math.nan]), 0.5)
    with pytest.raises(InferenceError, match="no number"):
        rejection.at_least(np.array([1.0, 2.0]), math.nan)
