"""Comparison between départements: positions, changes, peers and funnels, on figures whose answer is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation import comparison
from analysis.foundations import territories
from analysis.foundations.values import Indicator, Text

TEXT = Text("x", "x")


def rows(values, period="2024", **columns):
    base = {"territory": list(values), "period": period, "indicator": "i", "value": list(values.values())}
    frame = pd.DataFrame(base).assign(lower=np.nan, upper=np.nan, quality="producer", source="s", note="")
    frame["state"] = np.where(frame["value"].isna(), "unavailable", "observed")
    return frame.assign(**columns)


def section(values):
    return rows({code: values.get(code, np.nan) for code in territories.DEPARTEMENTS})


def entry(**options):
    return Indicator("i", TEXT, "percent", "context", TEXT, **options)


def test_a_position_is_a_share_of_the_others_and_never_a_rank():
    values = {code: float(i) for i, code in enumerate(territories.METROPOLITAN)}
    found = comparison.position(section(values), territories.METROPOLITAN[48])
    assert found.n == 96
    assert found.share_below == pytest.approx(48 / 95)
    assert found.quantiles["p50"] == 47.5
    assert tuple(found.missing) == territories.OVERSEAS


def test_a_departement_without_a_figure_has_no_position():
    found = comparison.position(section({"67": 1.0, "68": 2.0}), "976")
    assert (found.value.state, found.share_below, found.n) == ("unavailable", None, 2)


def context():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(96, 3))
    return pd.DataFrame(values, index=list(territories.METROPOLITAN), columns=["a", "b", "c"])


def test_peers_are_the_nearest_whatever_the_units():
    table = context()
    first = comparison.find_peers(table, "67", {"a": "2020"})
    scaled = comparison.find_peers(table * [1000, 0.01, 1], "67", {"a": "2020"})
    assert first.codes == scaled.codes
    assert len(first.codes) == 8
    assert "67" not in first.codes
    assert list(first.distances) == sorted(first.distances)


def test_an_identical_departement_is_the_first_peer():
    table = context()
    table.loc["68"] = table.loc["67"]
    assert comparison.find_peers(table, "67", {}).codes[0] == "68"


def test_the_peers_of_an_overseas_departement_are_the_other_four():
    found = comparison.find_peers(context(), "974", {})
    assert (found.method, found.codes) == ("overseas", ("971", "972", "973", "976"))


def test_missing_context_is_refused_by_name():
    table = context()
    table.loc["2A", "b"] = np.nan
    with pytest.raises(ValueError, match="'b'"):
        comparison.find_peers(table, "67", {})


@given(seed=st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_without_over_dispersion_the_funnel_is_binomial(seed):
    """Rates drawn from one binomial: τ is (nearly) nil, and about 5 % lie beyond the 95 % limits."""
    rng = np.random.default_rng(seed)
    n = pd.Series(rng.integers(500, 50_000, 96), index=list(territories.METROPOLITAN))
    rates = pd.Series(100 * rng.binomial(n, 0.2) / n, index=n.index)
    found = comparison.funnel(rates, n, "67", "i", "2024")
    assert found.tau < 0.5
    assert np.mean(np.abs(found.z) > comparison.Z95) < 0.17


def test_over_dispersion_is_recovered_and_widens_the_limits():
    rng = np.random.default_rng(7)
    n = pd.Series(200_000, index=list(territories.METROPOLITAN))
    rates = pd.Series(rng.normal(20, 4, 96), index=n.index)
    rates["67"] = 45.0
    found = comparison.funnel(rates, n, "67", "i", "2024")
    assert found.tau == pytest.approx(4, abs=0.6)
    assert found.phi > 100
    assert found.status == "beyond_998"
    assert np.mean(np.abs(found.z) > comparison.Z95) < 0.08
    assert comparison.funnel(rates.drop("67"), n, "67", "i", "2024").status == "absent"


def test_over_dispersion_is_recovered_where_numbers_differ_and_five_in_a_hundred_lie_beyond_the_limits():
    """Certificates number from 20,000 to 900,000: made from the binomial z-scores, τ was 3.0 and 9 % lay beyond."""
    rng = np.random.default_rng(3)
    n = pd.Series(np.geomspace(20_000, 900_000, 96).astype(int), index=list(territories.METROPOLITAN))
    tau, beyond = [], []
    for _ in range(40):
        drawn = np.clip(rng.normal(0.0978, 0.035, 96), 0.001, 0.999)
        found = comparison.funnel(pd.Series(100 * rng.binomial(n, drawn) / n, n.index), n, "67", "i", "2024")
        tau.append(found.tau)
        beyond.append(np.mean(np.abs(found.z) > comparison.Z95))
    assert np.mean(tau) == pytest.approx(3.5, abs=0.15)
    assert np.mean(beyond) == pytest.approx(0.05, abs=0.012)


def test_the_winsorised_variance_is_that_of_the_normal():
    from scipy.stats import norm

    c = norm.ppf(1 - comparison.WINSORISED_SHARE)
    expected = (
        1 - 2 * comparison.WINSORISED_SHARE - 2 * c * norm.pdf(c) + 2 * comparison.WINSORISED_SHARE * c**2
    )
    assert expected == pytest.approx(comparison.WINSORISED_VARIANCE, abs=1e-6)


def test_the_median_of_peers_needs_most_of_them():
    table = pd.concat([rows({"67": 1.0, "68": 3.0, "57": 5.0, "54": 7.0}), rows({"67": 1.0}, "2023")])
    found = comparison.peers_median(table, ["67", "68", "57", "54"])
    assert found.to_dict("records") == [{"period": "2024", "value": 4.0, "number": 4, "state": "observed"}]
    table.loc[table["territory"] == "54", "state"] = "provisional"
    assert comparison.peers_median(table, ["67", "68", "57", "54"])["state"].tolist() == ["provisional"]
