"""Synthetic control from predictors: the published West Germany, the search of what counts, and ties."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimation.sample import NEVER, Sample, SampleError
from analysis.estimation.synthetic import synthetic_control

PREDICTORS = ["gdp", "trade", "inflation", "industry", "schooling", "investment"]
IMPORTANCE = [0.442, 0.134, 0.072, 0.001, 0.107, 0.245]
YEARS = [1960, 1970, 1980, 1989, 1990]
COUNTRIES = {
    "USA": (18029.8, 19.2, 4.74, 30.6, 60.15, 22.376, 2879, 4999, 12186, 22047, 23064),
    "UK": (12664, 52.37, 6.585, 39.06, 34.3, 17.588, 2158, 3615, 8502, 15716, 16397),
    "Austria": (14817, 74.63, 3.53, 35.49, 60.9, 26.642, 1796, 3732, 10312, 17768, 19070),
    "Belgium": (14347.3, 133.61, 4.58, 33.48, 32.1, 21.876, 1782, 3797, 10156, 17345, 18526),
    "Denmark": (14857.1, 69.56, 5.946, 27.21, 42.95, 22.218, 2329, 4541, 10362, 17418, 18237),
    "France": (14293.2, 44.74, 6.368, 32.21, 35.4, 27.236, 1858, 3857, 9891, 17193, 18244),
    "West Germany": (15808.9, 56.78, 2.595, 34.54, 55.5, 27.018, 2284, 4367, 11083, 18994, 20465),
    "Italy": (13869.7, 42.68, 9.722, 35.91, 29.75, 26.728, 1620, 3602, 9643, 16875, 17946),
    "Netherlands": (14462.3, 106.08, 2.544, 32.77, 44.4, 21.84, 2113, 4342, 10458, 17387, 18665),
    "Norway": (14370.2, 74.64, 7.664, 38.72, 40.15, 31.594, 1713, 3213, 9557, 17043, 18004),
    "Switzerland": (19282.9, 71.46, 3.407, 31.87, 53.95, 30.964, 3387, 6382, 13853, 22965, 24518),
    "Japan": (13714.8, 23.04, 2.058, 39.56, 40.9, 34.986, 1010, 3293, 8931, 17269, 18815),
    "Greece": (9438.4, 43.01, 19.041, 30.26, 21.7, 24.002, 707, 2631, 7374, 11036, 11405),
    "Portugal": (7761.6, 69.97, 17.31, 32.53, 12.15, 26.488, 728, 1916, 5263, 10042, 10894),
    "Spain": (9935.5, 39.66, 9.363, 36.4, 15.45, 24.568, 1074, 2715, 6856, 12417, 13365),
    "Australia": (14368.1, 33.78, 8.128, 32.88, 47.95, 29.696, 2373, 4490, 10203, 17255, 17322),
    "New Zealand": (12498.2, 58.88, 10.88, 31.77, 46.35, 25.522, 2545, 4136, 8656, 14124, 14420),
}
"""Means of 1981–1990 (schooling: 1980 and 1985; investment: 1980), then GDP per person of ``YEARS``: data of Abadie, Diamond
and Hainmueller (2015), rounded. ``IMPORTANCE`` is theirs, found on 1971–1990."""


def donors(rng, number=8):
    """An outcome that follows `true` in every period, and a predictor that says nothing of it."""
    names = ["here", *(f"d{i:02}" for i in range(number))]
    true, other = rng.uniform(1, 3, number + 1), rng.uniform(1, 3, number + 1)
    true[0] = other[0] = 2.0
    outcome = np.outer(true, [1.0, 1.2, 1.1, 1.4, 1.5, 1.7]) + 0.01 * rng.normal(size=(number + 1, 6))
    first = pd.Series([4] + [NEVER] * number, names)
    sample = Sample(pd.DataFrame(outcome, names, range(6)), first)
    return sample, pd.DataFrame({"true": true, "other": other, "more": rng.uniform(1, 3, number + 1)}, names)


def test_west_germany_is_the_mixture_published():
    table = pd.DataFrame(COUNTRIES, index=[*PREDICTORS, *YEARS], dtype=float).T
    first = pd.Series(NEVER, table.index).where(table.index != "West Germany", len(YEARS) - 1)
    found = synthetic_control(
        Sample(table[YEARS], first),
        predictors=table[PREDICTORS],
        importance=pd.Series(IMPORTANCE, PREDICTORS),
    )
    published = {"Austria": 0.42, "USA": 0.22, "Japan": 0.16, "Switzerland": 0.11, "Netherlands": 0.09}
    for country, weight in found.weights.items():
        assert weight == pytest.approx(published.get(country, 0.0), abs=0.011)
    means = [15802.2, 56.9, 3.5, 34.4, 55.2, 27.0]
    assert found.predictors["synthetic"].to_numpy() == pytest.approx(means, rel=2e-3, abs=0.06)


def test_the_predictor_that_the_outcome_follows_is_found():
    sample, predictors = donors(np.random.default_rng(3), number=5)
    searched = synthetic_control(sample, predictors=predictors)
    equal = synthetic_control(sample, predictors=predictors, importance=pd.Series(1.0, predictors.columns))
    assert searched.rmspe_before < equal.rmspe_before
    assert searched.predictors.loc["true", "importance"] > 0
    assert searched.predictors["importance"].sum() == pytest.approx(1)
    assert synthetic_control(sample, predictors=predictors).weights.equals(searched.weights)


def test_of_mixtures_that_agree_as_well_the_one_that_follows_the_outcome_is_taken():
    sample, predictors = donors(np.random.default_rng(4), number=12)
    one = pd.Series({"other": 1.0})
    found = synthetic_control(sample, predictors=predictors[["other"]], importance=one)
    assert found.predictors.loc["other", "synthetic"] == pytest.approx(
        predictors.loc["here", "other"], rel=1e-4
    )
    assert found.rmspe_before < 0.02
    other_unit = synthetic_control(
        Sample(sample.outcome * 1e6, sample.first), predictors=predictors[["other"]] / 1e6, importance=one
    )
    assert other_unit.weights.to_numpy() == pytest.approx(found.weights.to_numpy(), abs=1e-6)


@pytest.mark.parametrize(
    ("change", "importance", "message"),
    [
        (lambda p: p.assign(other=1.0), None, "other: the same for every unit"),
        (lambda p: p.drop(index="d03"), None, "d03"),
        (lambda p: p.replace(p.iloc[2, 1], np.inf), None, "d01"),
        (lambda p: p, pd.Series({"true": 1.0, "other": 1.0}), "one number"),
        (lambda p: p, pd.Series({"true": -1.0, "other": 1.0, "more": 1.0}), "not negative"),
        (lambda p: p, pd.Series({"true": 0.0, "other": 0.0, "more": 0.0}), "not all zero"),
        (lambda p: p, pd.Series({"true": np.nan, "other": 1.0, "more": 1.0}), "one number"),
    ],
)
def test_predictors_that_cannot_serve_are_refused_by_name(change, importance, message):
    sample, predictors = donors(np.random.default_rng(5))
    with pytest.raises(SampleError, match=message):
        synthetic_control(sample, predictors=change(predictors), importance=importance)
