"""An evaluation as a whole: a known effect comes back in every row, what cannot be computed keeps its reason."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import inference
from analysis.estimation.sample import NEVER, Sample
from analysis.foundations import territories
from analysis.foundations.columns import in_order
from analysis.methods import evaluation, policies
from analysis.methods.policies import Design, Outcome, Study

METRO = [code for code in territories.DEPARTEMENTS if not territories.get(code).overseas]
EFFECT = -0.10


def study_of(cohorts, controls=30, periods=9, noise=0.004, outcome="rsa_december", scale="log"):
    """A study of départements that share a course, of which those of ``cohorts`` (start: how many) then drop by a tenth."""
    rng = np.random.default_rng(4)
    starts = np.repeat([*cohorts, NEVER], [*cohorts.values(), controls])
    codes = METRO[: len(starts)]
    values = 10 + rng.normal(size=(len(codes), 1)) + np.sin(np.arange(periods))
    values = values + rng.normal(scale=noise, size=(len(codes), periods))
    values = values + EFFECT * ((starts[:, None] != NEVER) & (np.arange(periods) >= starts[:, None]))
    decembers = [f"{2010 + k}-12" for k in range(periods)]
    sample = Sample(pd.DataFrame(values, codes, decembers), pd.Series(starts, codes))
    treated = {code: decembers[start] for code, start in zip(codes, starts, strict=True) if start != NEVER}
    rule = Outcome(outcome, (("count_rsa_recipients", ""),), scale=scale)
    return Study(Design("mine", treated, ("2010-12", decembers[-1])), rule, sample, {}, {}, {}, ())


def test_a_known_effect_is_found_by_every_estimator_with_what_makes_it_credible():
    found = evaluation.evaluate(study_of({5: 11, 7: 11}))
    assert found.rows[0].key == "randomisation" and found.rows[0].estimate is found.main
    assert {row.key: row.refusal for row in found.rows if row.refusal} == {} == found.refused
    for row in found.rows:
        assert row.estimate.att == pytest.approx(EFFECT, abs=0.005), row.key
        assert row.estimate.excludes_zero, row.key
    assert len(found.rows) == 8 and found.relative
    assert dict(zip(found.path.horizons, found.path.att, strict=True))[0] == pytest.approx(EFFECT, abs=0.005)
    assert not found.pretrends.rejected and found.sensitivity.breakdown_relative > 1
    assert found.leave_one_out.highest < 0 and found.detectable.mde < 0.01
    assert found.bacon.kinds["weight"].sum() == pytest.approx(1)


def test_with_three_treated_what_needs_more_is_refused_by_name_and_the_rest_stands():
    found = evaluation.evaluate(study_of({5: 3}))
    assert found.main.inference == "randomisation" and found.main.att == pytest.approx(EFFECT, abs=0.01)
    refused = {row.key for row in found.rows if row.estimate is None}
    assert refused == {"callaway_santanna", "sun_abraham", "imputation", "twfe", "twfe_wild"}
    assert all(row.refusal for row in found.rows if row.estimate is None)
    assert (found.path, found.sensitivity) == (None, None)
    assert found.reasons == dict.fromkeys(("path", "sensitivity"), "few_units")
    assert found.leave_one_out is not None and found.placebo_dates is not None
    assert "callaway_santanna_not_yet" not in {
        row.key for row in found.rows
    }  # one cohort: nobody is treated later


def test_five_treated_are_flagged_and_more_so_when_they_vary_more():
    found = evaluation.evaluate(study_of({6: 5}))
    assert (found.studentised, found.noisier) == (False, False) and found.sensitivity is not None
    study = study_of({6: 5})
    treated, usual = list(study.sample.treated), study.sample.outcome.loc[list(study.sample.never)].mean()
    louder = study.sample.outcome.copy()
    louder.loc[treated] = usual + 3 * (louder.loc[treated] - usual)
    again = evaluation.evaluate(replace(study, sample=Sample(louder, study.sample.first)))
    assert again.noisier and not again.studentised and again.spread > 2
    assert not again.pretrends.judged and again.detectable.mde > 2 * found.detectable.mde
    assert evaluation.evaluate(study_of({6: 7, 7: 1})).studentised


def test_what_could_be_seen_is_refused_where_more_comes_after_than_was_seen_before():
    found = evaluation.evaluate(study_of({4: 8}))
    assert (
        found.detectable is None and "5 periods after the start and 4 before" in found.refused["detectable"]
    )
    assert evaluation.evaluate(study_of({5: 8})).detectable is not None


def test_one_period_before_says_nothing_of_what_could_be_seen():
    found = evaluation.evaluate(study_of({1: 12}))
    assert found.detectable is None and "begin the window earlier" in found.refused["detectable"]
    assert found.pretrends is None and "pretrends" in found.refused
    assert found.main.att == pytest.approx(EFFECT, abs=0.01)


@pytest.mark.parametrize(("treated", "quick"), [(3, evaluation.main_estimate), (25, inference.cluster)])
def test_what_is_computed_again_and_again_is_fast_where_it_may_be(treated, quick):
    assert evaluation._quick(study_of({5: treated}).sample) is quick


# ------------------------------------------------------------------------------------------------- one département


def test_one_departement_is_counted_as_it_was_before_the_policy():
    study = study_of({5: 2}, noise=0.02)
    found = evaluation.evaluate_one(study, "01")
    assert found.placebo.estimate.att == pytest.approx(EFFECT, abs=0.05) and found.placebo.unit == "01"
    assert found.caseload == np.round(np.exp(study.sample.outcome.loc["01"].iloc[4]))
    assert evaluation.counted(study, ["01", "02"]) == found.caseload + evaluation.counted(study, ["02"])
    assert evaluation.evaluate_one(study_of({5: 2}, scale="level"), "01").caseload is None


def test_a_departement_that_cannot_be_compared_alone_says_why():
    found = evaluation.evaluate_one(study_of({1: 2}), "01")
    assert found.placebo is None and "period" in found.refusal and found.reason == "few_periods"


# --------------------------------------------------------------------------------------------------- the register


def only(design, *names):
    """A design with some of its outcomes."""
    return replace(design, outcomes={name: design.outcomes[name] for name in names})


def test_a_design_of_the_register_is_evaluated_where_it_can_be_and_says_why_elsewhere():
    catalogue, panel = Catalogue(), Panel.open()
    design = only(
        policies.design("solidarite_a_la_source", catalogue), "rsa_december", "rsa_monthly", "private_jobs"
    )
    found = evaluation.evaluate_design(design, panel)
    assert set(found.results) == {"rsa_december", "private_jobs"}
    assert {k: r.key for k, r in found.not_evaluable.items()} == {"rsa_monthly": "no_post"}
    assert found.elsewhere == (found.results["private_jobs"].main,)
    assert found.followed is None and set(found.cover["departement"]) == set(design.treated)
    assert found.results["rsa_december"].study.sample.treated == ("10", "34", "85")
    alone = evaluation.one_by_one(design, panel)
    assert {k: set(v) for k, v in alone.items()} == {"rsa_december": {"10", "34", "85"}}  # not on a placebo
    assert all(one.placebo is not None for one in alone["rsa_december"].values())


def figures(indicator, periods, codes=METRO):
    cells = [(c, p, 1000.0 + k) for k, c in enumerate(codes) for p in periods]
    frame = pd.DataFrame(cells, columns=["territory", "period", "value"])
    filled = frame.assign(
        indicator=indicator,
        lower=np.nan,
        upper=np.nan,
        state="observed",
        quality="producer",
        source="x/y",
        note="",
    )
    return in_order(filled)


MONTHS = [f"{year}-{m:02d}" for year in (2018, 2019) for m in range(1, 13)]


@pytest.mark.parametrize(
    ("changes", "codes", "key"),
    [
        ({"treated": {"62": "2017-06"}}, METRO, "early"),
        ({"controls": ("976",)}, METRO, "no_control"),
        ({"treated": {"62": "2020-02"}}, METRO, "no_post"),
        ({"treated": {"976": "2019-03"}}, METRO, "treated_left_out"),
        ({"outcome": "count_activity_bonus_recipients"}, METRO, "broken"),
    ],
)
def test_what_the_figures_do_not_allow_is_a_reason_and_stops_nothing(changes, codes, key):
    indicator = changes.pop("outcome", "count_rsa_recipients")
    given = {"treated": {"62": "2019-03"}, "window": ("2016-12", "2020-12")} | changes
    outcomes = {"x": Outcome("x", ((indicator, ""),))}
    design = Design("mine", **given, outcomes=outcomes)
    found = evaluation.evaluate_design(design, Panel(figures(indicator, MONTHS, codes)))
    assert (dict(found.results), found.not_evaluable["x"].key) == ({}, key)
    assert evaluation.one_by_one(design, Panel(figures(indicator, MONTHS, codes))) == {}
