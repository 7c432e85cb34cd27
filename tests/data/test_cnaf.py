"""Childcare coverage: one series a year, with its break in 2022."""

import pytest

from analysis.data.sources.cnaf import DATASETS, load
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from analysis.foundations.values import dictionary

HEADER = "annee,dep,nom,tx_eaje,tx_prescol,tx_assmat,tx_domicile,tx_global,serie\n"
OLD, NEW = "historique_2017_2022", "nouvelle_2022_2023"


def _load(folder, rows):
    path = folder / "txcouv.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return load([path])


def test_2022_is_taken_from_the_new_series_only(tmp_path):
    rows = [
        f"2021,2A,CORSE,20.0,4,30,1,55.0,{OLD}",
        f"2022,2A,CORSE,21.0,4,30,1,56.0,{OLD}",
        f"2022,2A,CORSE,17.0,4,30,1,52.0,{NEW}",
        f"2022,977,SAINT BARTHELEMY,0,5,32,2,39.2,{NEW}",
    ]
    frame = _load(tmp_path, rows)
    assert set(frame.territory) == {"2A"}
    total = frame[frame.indicator == "rate_childcare_coverage"].set_index("period").value
    assert total.to_dict() == {"2021": 55.0, "2022": 52.0}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["2022,01,AIN,1,1,1,1,1,nouvelle_2022_2024"], "third series"),
        ([f"2023,01,AIN,1,1,1,1,1,{NEW}"] * 2, "twice"),
    ],
)
def test_another_series_or_a_row_given_twice_is_refused(tmp_path, rows, message):
    with pytest.raises(SourceError, match=message):
        _load(tmp_path, rows)


def test_the_break_is_declared_where_the_series_differ():
    assert "2022" in dictionary()["rate_childcare_coverage"].breaks
    assert "2022" in dictionary()["rate_childcare_coverage_collective"].breaks
    assert not dictionary()["rate_childcare_coverage_childminders"].breaks


def test_published_file(published):
    frame = load([published("cnaf", DATASETS[0].files[0])])
    assert set(frame.territory) == set(territories.DEPARTEMENTS) - {"976"}
    assert len(frame) == 5 * 100 * 7
    wide = frame.pivot(index=["territory", "period"], columns="indicator", values="value")
    parts = wide.drop(columns="rate_childcare_coverage").sum(axis=1)
    assert (parts - wide["rate_childcare_coverage"]).abs().max() <= 0.25  # four roundings to 0.1
    assert wide.loc[("974", "2022"), "rate_childcare_coverage"] == 35.6  # 39.6 in the historical series


def test_the_published_series_differ_in_collective_care_only(published):
    import pandas as pd

    both = pd.read_csv(published("cnaf", DATASETS[0].files[0]), dtype={"dep": "str"}).query("annee == 2022")
    both = both[~both.dep.isin(["977", "978"])].pivot(index="dep", columns="serie")
    gap = {
        k: both[k][NEW] - both[k][OLD]
        for k in ("tx_global", "tx_eaje", "tx_assmat", "tx_prescol", "tx_domicile")
    }
    assert gap["tx_global"].mean() == pytest.approx(
        -0.65, abs=0.02
    )  # the figures that the break's text gives
    assert gap["tx_global"].min() == pytest.approx(-4.0, abs=0.01)
    assert all((gap[k] == 0).all() for k in ("tx_assmat", "tx_prescol", "tx_domicile"))
