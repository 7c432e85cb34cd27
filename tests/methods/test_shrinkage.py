"""Recruitment difficulties drawn towards unemployment: from the panel and back, and worth doing on the survey itself."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import small_area
from analysis.foundations import observation, territories
from analysis.foundations.columns import in_order
from analysis.methods.indicators import shrinkage

RULES = {"recruitment": {"first": "2021", "last": "2023", "quarter": "Q3"}}


def panel(without=()):
    """Five départements, three editions, unemployment of the autumn before; Mayotte has none."""
    rows = []
    for k, code in enumerate(("01", "2A", "48", "59", "976")):
        for year in (2021, 2022, 2023):
            rows.append((code, str(year), shrinkage.DIRECT, 40.0 + k))
            rows.append((code, str(year), "count_recruitment_projects", 1000.0 * (k + 1)))
            if code != "976":
                rows.append((code, f"{year - 1}-Q3", "rate_unemployment", 6.0 + k + (year - 2022)))
    frame = pd.DataFrame(rows, columns=["territory", "period", "indicator", "value"])
    frame = frame[~frame[["territory", "period", "indicator"]].apply(tuple, axis=1).isin(without)]
    filled = frame.assign(
        lower=np.nan, upper=np.nan, state="observed", quality="producer", source="made", note=""
    )
    return Panel(in_order(filled))


def test_the_panel_gives_the_model_what_it_needs():
    given = shrinkage.recruitment(panel(), RULES)
    assert list(given.shares.columns) == ["2021", "2022", "2023"]
    assert given.shares.loc["48", "2022"] == 0.42
    assert given.sizes.loc["48", "2022"] == 3000
    assert [given.covariates[e].loc["48", "unemployment"] for e in ("2021", "2022", "2023")] == [7, 8, 9]
    assert "976" in given.shares.index
    assert list(given.covariates["2022"].index) == ["01", "2A", "48", "59"]


def test_the_source_is_what_was_read_one_figure_of_another_dataset_included():
    frame = panel().frame
    frame["source"] = frame["indicator"].map(
        lambda name: "x/jobs" if name == "rate_unemployment" else "x/bmo"
    )
    frame.loc[(frame["period"] == "2023") & (frame["indicator"] == shrinkage.DIRECT), "source"] = "x/bmo_2023"
    with observation.observing() as around:
        given = shrinkage.recruitment(Panel(frame), RULES)
    assert given.source == "x/bmo × x/bmo_2023 × x/jobs"
    assert {read.indicator for read in around.figures} >= {shrinkage.DIRECT, "rate_unemployment"}


def test_a_departement_with_a_missing_edition_is_left_out():
    given = shrinkage.recruitment(panel(without=[("48", "2022", shrinkage.DIRECT)]), RULES)
    assert "48" not in given.shares.index and "48" in given.unsurveyed
    assert "48" not in given.covariates["2023"].index


def test_rows_say_what_they_are():
    figures = pd.DataFrame(
        {"territory": ["01", "2A", "48"], "period": "2023", "value": [0.5, 0.6, 0.7]}
    ).assign(lower=lambda f: f["value"] - 0.1, upper=lambda f: f["value"] + 0.1)
    rows = shrinkage.as_rows(figures, pd.Series(["publish", "flag", "suppress"]), "x/a", ("49",)).set_index(
        "territory"
    )
    assert rows.loc["49", ["state", "note"]].tolist() == ["unavailable", "no_survey"]
    assert len(rows) == len(territories.DEPARTEMENTS)
    assert rows.loc[["01", "2A", "48", "976"], "state"].tolist() == [
        "modelled", "modelled", "unavailable", "unavailable"
    ]  # fmt: skip
    assert rows.loc[["01", "2A", "48", "976"], "note"].tolist() == [
        "",
        "imprecise",
        "imprecise",
        "no_covariate",
    ]
    assert rows.loc["01", ["value", "lower", "upper"]].tolist() == pytest.approx([50, 40, 60])
    assert rows.loc[["48", "976"], ["value", "lower", "upper"]].isna().all(axis=None)
    assert set(rows["quality"]) == {"derived"}


# ------------------------------------------------------------------------------------------------ on the survey itself


@pytest.fixture(scope="module")
def found():
    given = shrinkage.recruitment(Panel.open(), Catalogue().parameters("small_areas"))
    return given, small_area.shrunk_shares(given.shares, given.sizes, given.covariates)


def test_the_noise_found_is_that_of_a_sample_of_employers(found):
    """It falls as one over the projects, and amounts to some 60,000 independent answers for 3 million projects.

    In 2022, 419,979 employers answered, a third of whom planned to recruit: 139,000 answers, which lose half of their
    worth to weights and to employers of several projects.
    """
    given, shrunk = found
    effective = given.sizes["2022"].sum() / (4 * shrunk.noise.constant)
    assert 139_000 / 4 < effective < 139_000
    scores = np.arcsin(np.sqrt(given.shares))
    order = given.sizes.mean(axis=1).sort_values().index
    small, large = (
        small_area.transitory_variance(scores.loc[half], given.sizes.loc[half])
        for half in (order[: len(order) // 2], order[len(order) // 2 :])
    )
    apart = np.hypot(small.error, large.error)
    assert abs(small.constant - large.constant) < 2 * apart


def test_the_national_share_is_the_published_one(found):
    """61.0 % of projects in 2023 and 57.9 % in 2022 (Pôle emploi, Éclairages et synthèses 76)."""
    _, shrunk = found
    for period, published in (("2023", 61.0), ("2022", 57.9)):
        total = shrunk.totals[period]
        assert 100 * total.total_after == pytest.approx(published, abs=0.15)
        assert abs(100 * total.adjustment) < 0.1


def test_a_shrunken_share_foretells_the_next_edition_better(found):
    """The share published next year, national change apart; on average over the editions, and most in small départements."""
    given, shrunk = found
    table = shrunk.figures.set_index(["period", "territory"])
    editions = list(given.covariates)
    gains = []
    for now, then in pairwise(editions):
        one = table.loc[now]
        small = given.sizes.loc[one.index, now].rank() <= len(one) / 3
        errors = {}
        for kind in ("direct", "value"):
            miss = given.shares.loc[one.index, then] - one[kind]
            errors[kind] = (miss - np.average(miss, weights=given.sizes.loc[one.index, now])) ** 2
        gains.append(
            [1 - errors["value"][s].mean() / errors["direct"][s].mean() for s in (small | True, small)]
        )
    everywhere, small = np.mean(gains, axis=0)
    assert everywhere > 0.12
    assert small > 0.2
    assert (np.array(gains)[:, 0] > 0).all()


def test_small_departements_move_and_large_ones_stay(found):
    shrunk = found[1]
    last = shrunk.figures[shrunk.figures["period"] == "2023"].set_index("territory")
    assert last["gamma"].between(0.4, 1).all()
    assert last["gamma"].idxmin() == "48"
    assert last.loc[["75", "59", "13"], "gamma"].min() > 0.95
    assert (last["value"] - last["direct"]).abs().max() < 0.05
    quality = small_area.publishable(last["cv"], Catalogue().parameters("small_areas")["precision"])
    assert set(quality) == {"publish"}
    assert not last["synthetic_only"].any()


def test_the_rows_go_beside_the_published_figures(found):
    given, shrunk = found
    quality = small_area.publishable(shrunk.figures["cv"], {"flag_above": 20, "suppress_above": 33})
    wider = Panel.open().plus(shrinkage.as_rows(shrunk.figures, quality, given.source))
    modelled, published = (wider.value(name, "48", "2023") for name in (shrinkage.SHRUNK, shrinkage.DIRECT))
    assert modelled.state == "modelled"
    assert published.state == "observed"
    assert modelled.lower < modelled.value < modelled.upper
    assert wider.value(shrinkage.SHRUNK, "976", "2023").state == "unavailable"
