"""Figures copied by hand: only confirmed rows, the right place and period, and every contradiction noted."""

import math

import pandas as pd
import pytest

from analysis.data.schema import check_figures
from analysis.data.sources import publications
from analysis.data.sources.publications import Line, load_lines
from analysis.foundations.limits import SourceError
from tests.checks import Check, one

HEADER = "topic,indicator,geo,period,value,unit,source,confirmed,where\n"


def _load(folder, rows, *lines):
    path = folder / "reference_figures.csv"
    path.write_text(HEADER + "".join(f"t,{row}\n" for row in rows), encoding="utf-8")
    return load_lines([path], lines)


def _one(folder, row, line):
    return _load(folder, [row], line).iloc[0]


def test_only_confirmed_rows_are_read(tmp_path):
    rows = [
        "usage,France,2021,81.3,%,x,yes,",
        "usage,France,2022,88,%,x,no,",
        "usage,France,2023,82.2,%,x,yes,provisoire",
    ]
    frame = _load(tmp_path, rows, Line("usage", "rate_energy_voucher_use"))
    assert frame[["period", "value", "state"]].to_numpy().tolist() == [
        ["2021", 81.3, "observed"], ["2023", 82.2, "provisional"],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "period"),
    [
        ("2016-12-31", Line("x", "rate_non_take_up_aspa"), "2016-12"),
        ("2010-12", Line("x", "rate_non_take_up_rsa"), "2010-12"),
        ("2019-20", Line("x", "share_felt_cold", winter=True), "2019-2020"),
        ("2024", Line("x", "share_felt_cold", winter=True, periods={"2024": ("2023-2024",)}), "2023-2024"),
    ],
)
def test_periods(tmp_path, text, line, period):
    row = _one(tmp_path, f"x,France,{text},14,%,y,yes,", line)
    assert row["period"] == period
    check_figures(pd.DataFrame([row]), "twin")


def test_two_years_in_one_row_are_two_figures(tmp_path):
    line = Line(
        "x", "rate_non_take_up_c2s", periods={"2019-2020": ("2019", "2020")}, notes={"2020": "other_vintage"}
    )
    frame = _load(tmp_path, ["x,France,2019-2020,46,%,y,yes,"], line)
    assert frame[["period", "note"]].to_numpy().tolist() == [["2019", ""], ["2020", "other_vintage"]]


def test_millions_and_minimums_have_bounds(tmp_path):
    millions = _one(
        tmp_path, "x,France,2023-12,7.44,millions,y,yes,", Line("x", "count_c2s_beneficiaries", scale=1e6)
    )
    assert millions[["value", "lower", "upper"]].tolist() == [7_440_000, 7_435_000, 7_445_000]
    line = Line("x", "count_energy_unpaid_interventions", at_least=("2023",))
    least = _one(tmp_path, "x,France,2023,1000000,z,y,yes,plus de", line)
    assert (least["lower"], least["note"]) == (1_000_000, "at_least") and math.isnan(least["upper"])


@pytest.mark.parametrize(
    ("row", "line", "message"),
    [
        ("other,France,2018,34,%,y,yes,", Line("x", "rate_non_take_up_rsa"), "0 confirmed rows « x »"),
        (
            "x,France,2018,34,%,y,yes,",
            Line("x", "rate_non_take_up_rsa", only=("2018", "2019")),
            "1 confirmed rows",
        ),
        (
            "x,Angleterre,2018,34,%,y,yes,",
            Line("x", "rate_non_take_up_rsa"),
            "Angleterre, 2018: unknown territory",
        ),
        ("x,France,2018,53→30,%,y,yes,", Line("x", "rate_non_take_up_rsa"), "could not convert"),
    ],
)
def test_a_line_that_finds_no_figure_is_an_error(tmp_path, row, line, message):
    with pytest.raises(SourceError, match=message):
        _load(tmp_path, [row], line)


# ----------------------------------------------------------------------------------------------------- published list


@pytest.fixture(scope="module")
def figures(reference_figures):
    """Every figure of every publication, by dataset."""
    return pd.concat(
        check_figures(d.load(d.find([reference_figures])), d.name).assign(dataset=d.name)
        for d in publications.DATASETS
    )


def test_published_series(figures):
    key = ["territory", "period", "indicator"]
    assert not figures.duplicated(key).any()
    values = figures.set_index(key)["value"].to_dict()
    for key, value in {
        ("FM", "2018", "rate_non_take_up_rsa"): 34,
        ("FM", "2018", "rate_non_take_up_rsa_persistent"): 20,
        ("FM", "2018", "rate_non_take_up_rsa_owners"): 61,
        ("FR", "2016-12", "rate_non_take_up_aspa"): 50,
        ("FR", "2021", "rate_non_take_up_c2s"): 44,
        ("973", "2023-12", "share_c2s_beneficiaries"): 50,
        ("FR", "2018", "rate_energy_voucher_use"): 75.33,
        ("FM", "2019", "share_energy_poverty_tee_3d"): 11.9,
        ("FM", "2019", "share_energy_poverty_tee_3d_weather_corrected"): 12.5,
        ("R44", "2021", "share_energy_vulnerable_housing"): 22,
        ("FM", "2023", "rate_poverty_60_erfs"): 15.4,
        ("FR", "2020-12", "share_rsa_oriented"): 83,
    }.items():
        assert values[key] == value, key
    assert ("FR", "2022", "rate_energy_voucher_use") not in values  # a minister's statement, not confirmed
    assert ("FR", "2018", "count_energy_unpaid_interventions") not in values  # dated by an edition
    assert ("FM", "2008", "share_energy_vulnerable_housing") not in values  # another threshold


def test_cost_of_rsa_per_recipient_adds_up(figures):
    cost = figures[figures["dataset"] == "publications/cour_des_comptes_rsa"].set_index("indicator")["value"]
    parts = sum(cost[f"amount_rsa_{part}_per_recipient"] for part in ("allowance", "insertion", "management"))
    assert parts == cost["amount_rsa_cost_per_recipient"] == 7882


def test_contradictions_are_noted(figures):
    notes = figures.set_index(["indicator", "period"])["note"]
    assert (
        notes[("count_energy_unpaid_interventions", "2022")] == "other_count"
    )  # 971,000 in ONPE's dashboard
    assert notes[("share_energy_poverty_tee_3d_weather_corrected", "2022")] == "break_vintage"
    modelled = figures[figures["indicator"].str.startswith(("rate_non_take_up", "share_energy_poverty"))]
    assert set(modelled["state"]) == {"modelled"}


# ----------------------------------------------------------------------------- the page of checks


def insertion():
    names = ("amount_rsa_insertion_excl_cui_gross_keur", "amount_rsa_cui_gross_keur")
    return sum(one(name, "FR", "2019") for name in names) / 1000


COST = [f"amount_rsa_{part}_per_recipient" for part in ("allowance", "insertion", "management")]

CHECKS = (
    Check("cost of RSA per recipient in 2019: allowance, insertion and management, €", "7,882",
          "Cour des comptes, 2022", lambda: sum(one(name, "FR", "2019") for name in COST),
          "`tests/data/test_publications.py::test_cost_of_rsa_per_recipient_adds_up`"),
    Check("insertion paid by départements in 2019, M€", "997", "Cour des comptes, 2022", insertion,
          "ours is gross spending in the DREES file, contracts included, without Mayotte"),
)  # fmt: skip
