"""Weights on the simplex where the optimum is flat: they follow from the problem, not from the order or the last digits."""

import numpy as np
import pytest

from analysis.estimation.simplex import simplex_weights, simplex_weights_of_each


def problem(seed, donors=40, periods=4, ridge=1e-13):
    """More donors than periods, and a ridge as small as that of the weights of periods in ``synthetic_did``."""
    rng = np.random.default_rng(seed)
    values = 0.05 * rng.normal(size=(donors, periods)).cumsum(axis=1)
    return values[:4].mean(axis=0) + 0.01 * rng.normal(size=periods), values, ridge


@pytest.mark.parametrize("seed", range(4))
def test_donors_in_another_order_or_a_last_digit_off_have_the_same_weights(seed):
    target, donors, ridge = problem(seed)
    found = simplex_weights(target, donors, ridge)
    order = np.random.default_rng(seed).permutation(len(donors))
    assert simplex_weights(target, donors[order], ridge) == pytest.approx(found[order], abs=1e-7)
    off = donors * (1 + 1e-16 * np.sign(donors)), target * (1 + 2e-16)
    assert simplex_weights(off[1], off[0], ridge) == pytest.approx(found, abs=1e-7)


@pytest.mark.parametrize("ridge", [1e-8, 1e-4, 0.3])
def test_no_donor_would_better_the_mixture(ridge):
    """The conditions of Karush, Kuhn and Tucker, which a strictly convex problem fulfils at one place only."""
    target, donors, _ = problem(9, donors=30, periods=12)
    found = simplex_weights(target, donors, ridge)
    pull = (donors - target) @ (found @ donors - target) + ridge * found
    level = pull @ found
    assert found.sum() == pytest.approx(1) and found.min() >= 0
    assert pull[found > 0] == pytest.approx(level, rel=1e-7, abs=0) and pull.min() >= level * (1 - 1e-7)


def test_many_problems_at_once_are_those_problems_one_by_one():
    given = [problem(seed, donors=5 + seed, ridge=10.0 ** -(seed % 14)) for seed in range(40)]
    for found, one in zip(simplex_weights_of_each(given), given, strict=True):
        assert found == pytest.approx(simplex_weights(*one), abs=1e-13)
