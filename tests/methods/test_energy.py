"""Degree-day correction: a known elasticity is found again, and the correction undoes the weather that was put in."""

import numpy as np
import pandas as pd
import pytest

from analysis.methods.indicators import energy


def table(elasticity=0.4, noise=0.0, seed=1, number=60, years=(2018, 2019, 2020)):
    rng = np.random.default_rng(seed)
    base = rng.uniform(3, 7, number)
    cold = rng.uniform(1500, 3000, number)
    rows = []
    for year in years:
        weather = cold * rng.uniform(0.85, 1.15, number)
        use = (
            base
            * (0.9 if year == 2020 else 1.0)
            * weather**elasticity
            * np.exp(noise * rng.normal(size=number))
        )
        rows.append(
            pd.DataFrame(
                {"territory": range(number), "year": year, "consumption": use, "degree_days": weather}
            )
        )
    return pd.concat(rows, ignore_index=True)


def test_a_known_elasticity_is_recovered_whatever_the_year_effects():
    found = energy.degree_day_elasticity(table())
    assert found.value == pytest.approx(0.4, abs=1e-9)
    assert found.years == (2018, 2019, 2020)
    assert found.number == 60


def test_its_interval_covers_the_truth_at_its_nominal_rate():
    inside = 0
    for seed in range(120):
        found = energy.degree_day_elasticity(table(noise=0.05, seed=seed))
        inside += abs(found.value - 0.4) < 1.96 * found.error
    assert 0.88 <= inside / 120 <= 0.99


def test_the_correction_removes_the_weather():
    data = table()
    found = energy.corrected(data, energy.degree_day_elasticity(data))
    spread = found[found["year"] != 2020].groupby("territory")["value"].agg(lambda v: v.max() / v.min() - 1)
    assert spread.max() < 1e-9


def test_the_interval_of_a_mean_winter_is_the_figure_itself():
    data = table(noise=0.02)
    data.loc[data["territory"] == 0, "degree_days"] = 2000.0
    found = energy.corrected(data, energy.degree_day_elasticity(data))
    mean = found[found["territory"] == 0]
    assert np.allclose(mean["lower"], mean["upper"])
    others = found[found["territory"] == 1]
    assert (others["lower"] < others["value"]).all()


def test_too_few_territories_are_refused():
    with pytest.raises(ValueError, match="20 départements"):
        energy.degree_day_elasticity(table(number=10))
