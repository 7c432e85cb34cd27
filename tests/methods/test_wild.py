"""The wild cluster bootstrap of a regression: against brute force, the panel's own, and the size that it promises."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimation.checks import ArgumentError
from analysis.estimation.inference import treatment
from analysis.estimation.sample import InferenceError, Sample, SampleError
from analysis.estimation.wild import wild_cluster, wild_cluster_bootstrap


def table(rng, clusters=20, rows=8, effect=0.0, shared=1.0):
    """Half of the clusters treated, a covariate, errors partly shared within clusters."""
    code = np.repeat(np.arange(clusters), rows)
    d = (code % 2).astype(float)
    x = rng.normal(size=len(code)) + d
    y = 1 + effect * d + 0.5 * x + shared * rng.normal(size=clusters)[code] + rng.normal(size=len(code))
    return pd.Series(y), pd.DataFrame({"d": d, "x": x}), pd.Series(code).map("c{:02}".format)


def by_hand(y, regressors, clusters, null, seed, draws):
    """The same bootstrap, one regression a draw."""
    design = np.column_stack([np.ones(len(y)), regressors.to_numpy()])
    codes = pd.factorize(clusters, sort=True)[0]
    member = (codes == np.arange(codes.max() + 1)[:, None]).astype(float)

    def ratio(outcome, value):
        beta, *_ = np.linalg.lstsq(design, outcome, rcond=None)
        bread = np.linalg.inv(design.T @ design)
        scores = member @ (design * (outcome - design @ beta)[:, None]) @ bread
        return (beta[1] - value) / np.sqrt((scores[:, 1] ** 2).sum())

    imposed = y.to_numpy() - null * design[:, 1]
    rest = np.delete(design, 1, axis=1)
    fitted = rest @ np.linalg.lstsq(rest, imposed, rcond=None)[0]
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(draws, codes.max() + 1))
    drawn = [ratio(fitted + null * design[:, 1] + s[codes] * (imposed - fitted), null) for s in signs]
    observed = abs(ratio(y.to_numpy(), null))
    return (1 + (np.abs(drawn) >= observed * (1 - 1e-9)).sum()) / (draws + 1)


@pytest.mark.parametrize("effect", [0.0, 1.5])
def test_one_pass_gives_what_a_regression_for_each_draw_gives(effect):
    given = table(np.random.default_rng(3), effect=effect)
    found = wild_cluster(*given, of="d", draws=199, seed=7)
    assert found.p == by_hand(*given, null=0.0, seed=7, draws=199)
    assert by_hand(*given, null=found.lower - 1e-6, seed=7, draws=199) <= 0.05
    assert by_hand(*given, null=found.lower + 1e-6, seed=7, draws=199) > 0.05
    assert found.lower < found.value < found.upper and (found.clusters, found.rows) == (20, 160)


def test_on_the_table_of_a_panel_it_is_the_panel_s_own():
    rng = np.random.default_rng(5)
    units = [f"u{i:02}" for i in range(18)]
    outcome = pd.DataFrame(rng.normal(size=(18, 6)).cumsum(axis=1), units, range(6))
    sample = Sample(outcome, pd.Series([3] * 7 + [-1] * 11, units))
    long = sample.long()
    dummies = pd.get_dummies(long[["unit", "time"]].astype(str), drop_first=True, dtype=float)
    d = pd.Series(treatment(sample.first.to_numpy(), 6).ravel())
    found = wild_cluster(
        long["outcome"], dummies.assign(d=d), long["unit"].map("u{:02}".format), of="d", draws=199, seed=9
    )
    other = wild_cluster_bootstrap(sample, draws=199, seed=9)
    assert found.p == other.p
    assert [found.value, found.lower, found.upper] == pytest.approx([other.att, other.lower, other.upper])


def test_a_true_null_is_rejected_as_often_as_promised():
    rng = np.random.default_rng(8)
    rejected = np.mean([wild_cluster(*table(rng), of="d", draws=199, seed=1).p <= 0.05 for _ in range(400)])
    assert 0.02 <= rejected <= 0.08


def test_another_unit_of_measurement_changes_no_p_value():
    y, regressors, clusters = table(np.random.default_rng(4))
    one = wild_cluster(y, regressors, clusters, of="d", draws=199)
    other = wild_cluster(y * 1e9, regressors * [1.0, 1e-9], clusters, of="d", draws=199)
    assert other.p == one.p and other.value == pytest.approx(one.value * 1e9, rel=1e-6)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda y, r, c: (y.where(y.index > 0), r, c), ArgumentError, "outcome: a value is missing"),
        (
            lambda y, r, c: (y, r.assign(x=np.inf), c),
            ArgumentError,
            "regressors: a value is missing or infinite",
        ),
        (lambda y, r, c: (y, r.iloc[::-1], c), SampleError, "same order"),
        (lambda y, r, c: (y, r.rename(columns={"d": "e"}), c), SampleError, "not among"),
        (lambda y, r, c: (y, r.assign(z=3 * r["x"] + 1), c), ArgumentError, "z collinear"),
        (lambda y, r, c: (y, r.assign(z=1.0), c), ArgumentError, "z do not vary"),
        (lambda y, r, c: (y, r.assign(d=1.0), c), ArgumentError, "d do not vary"),
        (lambda y, r, c: (y, r.assign(d=2 * r["x"]), c), ArgumentError, "d collinear"),
        (lambda y, r, c: (2 * r["d"] + r["x"], r, c), InferenceError, "exactly"),
        (lambda y, r, c: (y, r, c.where(r["d"] == 0, "one")), InferenceError, "hold each"),
        (lambda y, r, c: (y, r.assign(d=r["x"] ** 2), c.str[:2]), InferenceError, "2 clusters"),
    ],
)
def test_what_has_no_meaning_is_refused_by_name(change, error, message):
    y, regressors, clusters = change(*table(np.random.default_rng(6)))
    with pytest.raises(error, match=message):
        wild_cluster(y, regressors, clusters, of="d", draws=99)
