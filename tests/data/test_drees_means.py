"""DREES, staff of the départements and child welfare in detail: each trap on small sheets, then the published files."""

import pytest

from analysis.data.catalogue import check_figures
from analysis.data.sources import datasets
from analysis.data.sources.drees import means
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from tests.checks import Check, one, total
from tests.data.test_drees import _at, _book

STAFF = [
    ["Effectifs"],
    ["Numéro de département", "Département", 2014, 2017, 2020],
    ["01", "Ain", "ND", 196, 213.04],
    [20, "Corse", 208, 232, 220],
    ["2A", "Corse-du-Sud", 133, 161, None],
    ["69", "Departement du Rhone", 751, 765, 785],
    ["69D", "Rhône", None, 155, 176],
    ["974", "Réunion", "ND", 737, "ND"],
    ["TOTAL estimé France métropolitaine", None, "ND", 29715, 30466],
    ["TOTAL estimé France métropolitaine et DROM (hors Mayotte)", None, "ND", 30886, 31749],
    ["TOTAL estimé France métropolitaine et DROM", None, "ND", "ND", 31890],
    [],
    ["ND : non disponible.", None, None, None, None],
]


def _staff(tmp_path, rows=STAFF):
    return check_figures(
        means.load_staff(_book(tmp_path / "s.xlsx", dict.fromkeys(means._STAFF, rows))), "twin"
    )


def test_staff_that_is_not_known_is_said_why(tmp_path):
    frame = _staff(tmp_path)
    values, states, notes = (
        _at(frame, "count_departement_social_workers_fte", c) for c in ("value", "state", "note")
    )
    assert (states[("01", "2014-12")], notes[("01", "2014-12")]) == ("unavailable", "not_available")
    assert values[("01", "2020-12")] == 213.0 and states[("974", "2020-12")] == "unavailable"
    assert notes[("2A", "2020-12")] == "published_for_20R" and values[("20R", "2017-12")] == 232
    assert notes[("69D", "2014-12")] == "before_its_creation" and values[("69", "2020-12")] == 785
    assert (values[("FR", "2017-12")], notes[("FR", "2017-12")]) == (30886, "excluding_mayotte")
    assert (values[("FR", "2020-12")], notes[("FR", "2020-12")]) == (31890, "")
    assert ("FM", "2014-12") not in values


@pytest.mark.parametrize(
    ("row", "message"),
    [(["67", "Bas-Rhin", 1, None, 2], "67, 2017: a blank"), (["01", "Ain", 1, 2, 3], "twice")],
)
def test_staff_sheets_that_cannot_be_read_are_refused(tmp_path, row, message):
    with pytest.raises(SourceError, match=message):
        _staff(tmp_path, [*STAFF[:3], row, *STAFF[3:]])


def _children(headings, *parts):
    """A sheet with a table of départements and totals, and one of régions; ``parts`` are the cells of a row."""
    return [
        ["Tableau"],
        ["Code région", "Code département", "Département", *headings],
        ["84", "01", "Ain", *parts],
        [94, 20, "Collectivité de Corse", *parts],
        ["84", "69", "Département du Rhône", *parts],
        ["84", "69M", "Métropole de Lyon", *parts],
        ["TOTAL estimé France métropolitaine", None, None, *parts],
        ["TOTAL estimé DROM (hors Mayotte)", None, None, *parts],
        ["TOTAL estimé France entière (hors Mayotte)", None, None, *parts],
        ["1 une note de bas de tableau"],
        ["Code région", "Région", "DEP", *headings],
        ["84", "Auvergne-Rhône-Alpes", None, *parts],
        ["TOTAL estimé France métropolitaine", None, None, *parts],
    ]


AWAY = [
    ["Code région", "Code département", "Départements", "Familles d'accueil", "Autre4", "Total "],
    ["84", "01", "Ain", 28, "NR", 28],
    ["84", "69D", "Rhône", "NR", "NR", "NR"],
    ["76", "09", "Ariège", 0, 0, 0],
    ["1 MECS"],
]


def test_children_by_decision_and_place(tmp_path):
    sheets = {
        title: _children([f"{name}1" for name in wanted], *range(10, 10 + len(wanted)))
        for title, wanted in means._CHILDREN.items()
    }
    book = _book(tmp_path / "c.xlsx", {**sheets, means._AWAY: AWAY})
    frame = check_figures(means.load_children(book), "twin")
    judge, notes = (_at(frame, "count_children_entrusted_by_judge", c) for c in ("value", "note"))
    assert judge[("01", "2020-12")] == 11 and judge[("R84", "2020-12")] == 11
    assert {code for code, _ in judge} == {"01", "20R", "69", "69M", "FM", "FR", "R84"}
    assert notes[("FR", "2020-12")] == "excluding_mayotte"
    away, states, notes = (_at(frame, means._AWAY_TOTAL, c) for c in ("value", "state", "note"))
    assert (away[("01", "2020-12")], notes[("01", "2020-12")]) == (28, "at_least")
    assert states[("69D", "2020-12")] == "unavailable" and away[("09", "2020-12")] == 0
    sheets["Tab9-ase"] = _children(["AED", "AEMO"], 1, 2)
    with pytest.raises(SourceError, match="expected Actions éducatives à domicile"):
        means.load_children(_book(tmp_path / "d.xlsx", {**sheets, means._AWAY: AWAY}))


def test_published_files(published):
    folder = published("drees")
    found = {
        name: check_figures(one.load(one.find(sorted(folder.iterdir()))), name)
        for name, one in datasets().items()
        if name
        in (
            "drees/social_staff_2014_2020",
            "drees/child_welfare_2020",
            "drees/social_aid_recipients_1996_2020",
        )
    }
    staff = found["drees/social_staff_2014_2020"]
    missing = staff[
        staff["note"].eq("not_available") & staff["indicator"].eq("count_departement_social_workers")
    ]
    assert missing.groupby("period").size().to_dict() == {
        "2014-12": 32,
        "2015-12": 34,
        "2016-12": 3,
        "2020-12": 2,
    }
    workers = _at(staff, "count_departement_social_workers")
    assert workers[("69", "2020-12")] == workers[("69D", "2020-12")] + workers[("69M", "2020-12")] == 785
    children, series = (
        found[f"drees/{name}"] for name in ("child_welfare_2020", "social_aid_recipients_1996_2020")
    )
    by_judge, otherwise, directly = (
        _at(children, f"count_children_{name}")
        for name in ("entrusted_by_judge", "entrusted_administrative", "placed_directly")
    )
    entrusted, in_care = _at(series, "count_children_entrusted_to_ase"), _at(series, "count_children_in_care")
    for code, at in by_judge:
        assert abs(by_judge[code, at] + otherwise[code, at] - entrusted[code, at]) <= 1, code
        assert abs(entrusted[code, at] + directly[code, at] - in_care[code, at]) <= 1, code
    away = children[children["indicator"] == means._AWAY_TOTAL]
    assert away["state"].eq("unavailable").sum() == 12 and away["note"].eq("at_least").sum() == 7


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("social-service staff of the départements, end of 2020, France without Mayotte, FTE", "79,633.4",
          "DREES, same file, national table",
          lambda: one("count_departement_staff_fte", "FR", "2020-12")
          - one("count_departement_staff_fte", "976", "2020-12"),
          "ours is France less Mayotte"),
    Check("social workers of the départements, end of 2020, metropolitan France", "30,466",
          "DREES, same file, national table",
          lambda: one("count_departement_social_workers", "FM", "2020-12"),
          "`tests/data/test_drees_means.py::test_published_files`"),
    Check("children in care, end of 2020, France without Mayotte", "199,530", "DREES, Aide sociale 2020, table 1",
          lambda: sum(one(f"count_children_{name}", "FR", "2020-12")
                      for name in ("entrusted_by_judge", "entrusted_administrative", "placed_directly")),
          "ours adds up who is entrusted, by whom, and who is placed directly; same test"),
    Check("children placed directly by a judge, end of 2020, metropolitan France", "14,438",
          "DREES, Aide sociale 2020, table 1",
          lambda: total("count_children_placed_directly", "2020-12", (*territories.METROPOLITAN, "20R")),
          "ours is the sum of the départements"),
)  # fmt: skip
