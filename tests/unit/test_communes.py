"""Figures of communes make figures of départements where they may be added, and a state where one lacks."""

import numpy as np
import pandas as pd
import pytest

from analysis.data.communes import to_departements
from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.display import Refusal
from analysis.foundations.files import DataError
from tests.reports.test_sections import of


def added(figures, indicator="count_mine", **options):
    rows = pd.DataFrame({"commune": list(figures), "value": list(figures.values())})
    return to_departements(rows, indicator, "2024", **options).set_index("territory")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("01004", ("01004", "01")), ("1004", ("01004", "01")), (1004, ("01004", "01")), (np.int64(67482), ("67482", "67")),
        (1004.0, ("01004", "01")), ("2A004", ("2A004", "2A")), ("2b033", ("2B033", "2B")), ("97411", ("97411", "974")),
        ("97611", ("97611", "976")), ("75101", ("75101", "75")), ("69381", ("69381", "69")), ("13201", ("13201", "13")),
        ("69123", ("69123", "69")), (" 35238 ", ("35238", "35")),
    ],
)  # fmt: skip
def test_a_code_of_a_commune_is_read(written, expected):
    assert territories.parse_commune(written) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "ZZZ",
        "99101",
        "98818",
        "97501",
        "97701",
        "20004",
        "00001",
        "123456",
        "35",
        None,
        True,
        1.5,
        float("nan"),
        float("inf"),
        [],
    ],
)
def test_what_is_no_commune_of_a_departement_is_refused(wrong):
    with pytest.raises(territories.UnknownTerritory, match="commune"):
        territories.parse_commune(wrong)


def test_numbers_are_added_by_departement_in_their_order():
    found = added({"2B033": 5, "1004": 1, "01005": 2, "97411": 7, "2A004": 4})
    assert list(found.index) == ["01", "2A", "2B", "974"]
    assert list(found["value"]) == [3.0, 4.0, 5.0, 7.0]
    assert set(found["state"]) == {"observed"} and set(found["note"]) == {"sum_of_communes"}


@pytest.mark.parametrize(("city", "departement"), [("75056", "75"), ("69123", "69"), ("13055", "13")])
def test_a_city_and_its_arrondissements_count_once(city, departement):
    wards = dict.fromkeys(territories.WARDS[city], 10)
    whole = 10 * len(wards)
    assert added({city: whole})["value"][departement] == whole
    assert added(wards)["value"][departement] == whole
    assert added({city: whole} | wards)["value"][departement] == whole
    assert added({city: "s"} | wards)["value"][departement] == whole
    some = dict(list(wards.items())[1:])
    assert added(some)["state"][departement] == "unavailable"


@pytest.mark.parametrize(
    ("cell", "state"),
    [("s", "suppressed"), ("S", "suppressed"), ("secret", "suppressed"), ("nd", "unavailable"), ("///", "unavailable"),
     ("", "unavailable"), (None, "unavailable"), (float("nan"), "unavailable")],
)  # fmt: skip
def test_a_commune_without_a_figure_leaves_its_departement_without_a_total(cell, state):
    found = added({"35001": cell, "35002": 3, "67001": 4})
    assert found["state"].to_dict() == {"35": state, "67": "observed"}
    assert np.isnan(found["value"]["35"])


def test_numbers_are_read_as_files_write_them_and_others_are_refused():
    assert added({"35001": "1 234,5", "35002": "2"})["value"]["35"] == 1236.5
    with pytest.raises(DataError, match="commune 35002: 'many' is no number"):
        added({"35001": "1", "35002": "many"})


def test_a_commune_that_should_be_there_and_is_not_leaves_no_total():
    assert added({"35001": 1}, every=["35001", "35002"])["state"]["35"] == "unavailable"
    assert added({"35001": 1, "67001": 2}, every=["35001"])["value"]["67"] == 2
    wards = dict.fromkeys(territories.WARDS["69123"], 1)
    assert added(wards, every=["69123"])["value"]["69"] == 9


def test_a_share_is_weighted_or_refused_and_a_median_is_always_refused():
    rows = pd.DataFrame({"commune": ["35001", "35002"], "value": [10.0, 40.0], "people": [300, 100]})
    found = to_departements(rows, "share_mine", 2024, weight="people")
    assert found["value"][0] == 17.5
    with pytest.raises(DataError, match="cannot be added; give `weight`"):
        to_departements(rows, "share_mine", 2024)
    for name in ("amount_median_standard_of_living", "ratio_interdecile"):
        with pytest.raises(DataError, match="is not made of those of its communes"):
            to_departements(rows, name, 2024, weight="people")


def test_the_rounding_of_each_commune_makes_bounds():
    found = added({"35001": 10, "35002": 5}, rounding=5)
    assert tuple(found.loc["35", ["lower", "value", "upper"]]) == (10.0, 15.0, 20.0)


@pytest.mark.parametrize(
    ("figures", "options", "message"),
    [
        ({"35001": 1, "ZZZ": 2}, {}, "'ZZZ' is no code of a commune"),
        ({"1004": 1, "01004": 2}, {}, "commune 01004 is there twice"),
        ({"35001": 1}, {"value": "valu"}, "no column 'valu'; did you mean value"),
        ({}, {}, "no row"),
        ({f"9{i:04d}X": 1 for i in range(30)}, {}, "and 21 more"),
    ],
)
def test_what_cannot_be_read_is_listed(figures, options, message):
    with pytest.raises(Refusal, match=message) as refusal:
        added(figures, **options)
    assert len(str(refusal.value).splitlines()) <= 11
    if "ZZZ" in figures:
        assert added(figures, drop=["ZZZ", "98"])["value"]["35"] == 1


def test_what_is_made_goes_into_a_panel():
    rows = pd.DataFrame({"commune": ["35001", "67001"], "value": [10, 40]})
    panel = Panel(of()).plus(
        to_departements(rows, "count_mine", 2024),
        {"count_mine": {"label": "nombre de choses", "unit": "person"}},
    )
    assert panel.value("count_mine", "ille et vilaine").value == 10
