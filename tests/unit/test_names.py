"""Names of files as portals, browsers and spreadsheets write them: the same file, a copy of it, or not yet a file."""

import pytest

from analysis.data import sources
from analysis.foundations import file_names as names

FILE = "Dépenses d'aide_2019.csv"


@pytest.mark.parametrize(
    "name",
    [
        "D%C3%A9penses%20d%27aide_2019.csv",
        "D%25C3%25A9penses%2520d%2527aide_2019.csv",
        "depenses-d-aide-2019.CSV",
        "DÉPENSES D’AIDE 2019.csv",
        "De\u0301penses\u00a0d'aide\u202f2019.csv",
        "depenses_daide_2019.csv",
        "Dépenses d'aide_2019_20250301.csv",
        "Dépenses d'aide_2019 2025-03-01T1130.csv",
        "01-03-2025_Dépenses d'aide_2019.csv",
    ],
)
def test_a_spelling_of_a_name_is_that_name(name):
    assert names.matches(name, FILE)
    assert not names.is_copy(name, FILE)
    assert not names.unfinished(name)


@pytest.mark.parametrize(
    ("name", "unfinished"),
    [
        ("Dépenses d'aide_2019 (1).csv", False),
        ("Dépenses d'aide_2019(12).csv", False),
        ("Dépenses d'aide_2019 - Copie.csv", False),
        ("Dépenses d'aide_2019 - Copie (2).csv", False),
        ("Copie de Dépenses d'aide_2019.csv", False),
        ("Dépenses d'aide_2019_copie.csv", False),
        ("Dépenses d'aide_2019 (copy).csv", False),
        ("Dépenses d'aide_2019_v2.csv", False),
        ("Dépenses d'aide_2019_v2 (1).csv", False),
        ("Dépenses d'aide_2019_20250301 (1).csv", False),
        ("Dépenses d'aide_2019.csv.csv", False),
        ("Dépenses d'aide_2019.csv.1", False),
        ("Dépenses d'aide_2019.csv.bak", False),
        ("Dépenses d'aide_2019.csv~", False),
        ("~$Dépenses d'aide_2019.csv", True),
        (".~lock.Dépenses d'aide_2019.csv#", True),
        ("Dépenses d'aide_2019.csv.crdownload", True),
        ("Dépenses d'aide_2019.csv.part", True),
    ],
)
def test_a_copy_is_told_from_the_file_and_from_what_is_not_yet_one(name, unfinished):
    assert names.matches(name, FILE)
    assert names.is_copy(name, FILE) or unfinished
    assert bool(names.unfinished(name)) == unfinished
    assert names.identity(name) == names.identity(FILE)


@pytest.mark.parametrize(
    "name", ["Dépenses d'aide_2020.csv", "Dépenses d'aide_2019.xlsx", "aide_2019.csv", "x", "(1).csv", ""]
)
def test_another_file_is_another(name):
    assert not names.matches(name, FILE)


def test_names_that_loaders_expect_are_those_of_no_copy_and_of_one_dataset_or_of_one_file():
    known = {pattern for entry in sources.datasets().values() for pattern in entry.files}
    written = {pattern: pattern.replace("*", "x").replace("?", "1") for pattern in known}
    for pattern, name in written.items():
        assert (names.original(name), names.undated(name)) == (name, name)
        others = {other for other in known if names.matches(name, other)}
        assert {p.replace("?", "1").replace("*", "x").casefold() for p in others - {pattern}} <= {
            "filo2011_disp_dep.csv",
            "filo2020_disp_dep.csv",
        }


def test_the_nearest_name_is_given_and_none_when_none_is_near():
    patterns = ["sl_etc_2025T3.xls", FILE]
    assert names.nearest("sl_etc_2025T4 (1).xls", patterns) == "sl_etc_2025T3.xls"
    assert names.nearest("Depenses d'aide 2019.xlsx", patterns) == FILE
    assert names.nearest("holidays.jpg", patterns) == ""


def test_a_name_is_printed_without_what_would_move_the_cursor():
    assert names.shown("a\x1b[2J\nb é.csv") == "a?[2J?b é.csv"
