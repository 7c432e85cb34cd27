"""What an effect costs: the break-even of the published figures, Fieller's limits, and when there are none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import costs
from analysis.estimation.costs import Effect
from tests.checks import Check, one


@pytest.mark.parametrize(("months", "points"), [(6, 36.7), (12, 18.3)])
def test_break_even_of_the_published_costs(months, points):
    """1,200 euros of integration a year against 6,543 / 12 euros of allowance a month (Cour des comptes, 2022)."""
    found = costs.break_even(1200, 6543 / 12, months)
    assert found.points == pytest.approx(points, abs=0.05)
    assert found.attainable


def test_the_panel_and_the_parameters_give_the_same_break_even():
    rules, panel = Catalogue().parameters("costs"), Panel.open()
    cost, allowance = (panel.value(rules["cost"][key], "FR").value for key in ("indicator", "saving"))
    effects = [costs.break_even(cost, allowance / 12, d).points for d in rules["months"]["values"]]
    assert effects == pytest.approx([36.7, 18.3], abs=0.05)


def test_contributions_lower_the_effect_needed_and_some_costs_are_never_recovered():
    plain = costs.break_even(1200, 545.25, 6)
    assert costs.break_even(1200, 545.25, 6, contributions=200).points < plain.points
    assert not costs.break_even(4000, 545.25, 6).attainable


@given(st.floats(1, 5000), st.floats(10, 2000), st.floats(0.5, 36), st.floats(0, 1000))
def test_at_break_even_nothing_is_won_or_lost(cost, saving, months, contributions):
    points = costs.break_even(cost, saving, months, contributions).points
    assert points / 100 * months * (saving + contributions) == pytest.approx(cost, rel=1e-9)


def test_a_known_cost_is_divided_by_the_limits_of_the_effect():
    effect = Effect.normal(5, 1)
    found = costs.cost_per_return(1000, effect)
    assert found.defined
    assert found.value == pytest.approx(20_000)
    assert (found.lower, found.upper) == pytest.approx((100_000 / effect.upper, 100_000 / effect.lower))
    assert found.floor == pytest.approx(found.lower)


def test_fieller_by_hand():
    """top 10 (variance 4), bottom 5 (variance 1), covariance 0.5, z² = 3.841459: solve a r² − 2 b r + c = 0."""
    a, b, c = 25 - 3.841459, 50 - 3.841459 / 2, 100 - 4 * 3.841459
    root = (b * b - a * c) ** 0.5
    found = costs.fieller(10, 5, 4, 1, 0.5)
    assert found == pytest.approx(((b - root) / a, (b + root) / a), rel=1e-6)
    for r in found:
        assert (10 - r * 5) ** 2 == pytest.approx(3.841459 * (4 - 2 * r * 0.5 + r * r), rel=1e-6)


def test_fieller_covers_a_ratio_at_its_nominal_rate():
    rng = np.random.default_rng(3)
    tops, bottoms = rng.normal(900, 120, 4000), rng.normal(0.06, 0.012, 4000)
    limits = [costs.fieller(t, b, 120**2, 0.012**2) for t, b in zip(tops, bottoms, strict=True)]
    inside = [found is None or found[0] <= 15_000 <= found[1] for found in limits]
    assert 0.94 < np.mean(inside) < 0.96


@pytest.mark.parametrize(
    ("effect", "reason", "floor"),
    [
        (Effect.normal(1, 1), costs.NOT_DISTINGUISHED, 100_000 / (1 + 1.959964)),
        (Effect(3, 0.5, -0.2, 6), costs.NOT_DISTINGUISHED, 100_000 / 6),
        (Effect(-2, 0.5, -3, -1), costs.NEGATIVE, None),
        (Effect(3, 2.0, 0.1, 6), costs.NOT_DISTINGUISHED, 100_000 / 6),
    ],
    ids=["zero inside", "zero inside limits by placebo", "harmful", "error and limits disagree"],
)
def test_no_cost_is_given_where_the_effect_may_be_none(effect, reason, floor):
    found = costs.cost_per_return(1000, effect)
    assert not found.defined
    assert found.reason == reason
    assert (found.value, found.lower, found.upper) == (None, None, None)
    assert found.floor == (None if floor is None else pytest.approx(floor, rel=1e-6))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: costs.break_even(1200, 0, 6), "positive saving"),
        (lambda: costs.break_even(1200, 500, 0), "duration"),
        (lambda: Effect(3, 1, 4, 5), "limits hold the effect"),
        (lambda: Effect(3, -1, 2, 5), "not negative"),
        (lambda: costs.cost_per_return(0, Effect.normal(5, 1)), "positive cost"),
    ],
)
def test_what_has_no_cost_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ----------------------------------------------------------------------------- the page of checks


def even(months):
    rules = Catalogue().parameters("costs")
    cost, saving = (one(rules["cost"][key], "FR", "2019") for key in ("indicator", "saving"))
    return costs.break_even(cost, saving / 12, months, rules["contributions"]["value"]).points


CHECKS = (
    Check("return to work at which accompaniment pays for itself, six months, points", "36.7",
          "amounts of the Cour des comptes, 2022: 1,200 ÷ (6 × 6,543 ÷ 12)", lambda: even(6),
          "`tests/methods/test_costs.py::test_the_panel_and_the_parameters_give_the_same_break_even`"),
    Check("return to work at which accompaniment pays for itself, twelve months, points", "18.3",
          "the same, over twelve months", lambda: even(12), "same test"),
)  # fmt: skip
