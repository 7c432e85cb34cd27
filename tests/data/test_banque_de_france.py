"""Over-indebtedness files by département and year."""

import pytest

from analysis.data.sources.banque_de_france import load
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from tests.checks import Check, growth, total

HEADER = "dep_code,dep_nom,annee,suren_depot_nb,source_url,source_millesime\n"


def test_a_blank_is_unavailable_and_never_zero(tmp_path):
    path = tmp_path / "surendettement.csv"
    path.write_text(f"{HEADER}2A,Corse-du-Sud,2024,211,u,2024\n1,Ain,2024,,u,2024\n", encoding="utf-8")
    frame = load([path]).set_index("territory")
    assert frame.loc["2A", "value"] == 211
    assert frame.loc["01", "state"] == "unavailable"


def test_a_missing_column_is_named(tmp_path):
    path = tmp_path / "surendettement.csv"
    path.write_text("dep_code,annee\n01,2024\n", encoding="utf-8")
    with pytest.raises(SourceError, match="suren_depot_nb"):
        load([path])


def test_published_file(published):
    frame = load([published("banque_de_france", "surendettement.csv")])
    assert set(frame.territory) == set(territories.METROPOLITAN)
    assert sorted(frame.period.unique()) == [str(year) for year in range(2019, 2025)]
    total = frame.groupby("period").value.sum()
    # Banque de France prints 134,803 for 2024 and 121,617 for 2023 in metropolitan France; the series has 4 more
    assert total["2024"] == pytest.approx(134_803, abs=5)
    assert total["2023"] == pytest.approx(121_617, abs=5)
    assert total["2024"] / total["2023"] - 1 == pytest.approx(0.108, abs=0.0005)


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("over-indebtedness files, 2024, metropolitan France", "134,803", "Banque de France",
          lambda: total("count_overindebtedness_files", "2024"),
          "the monthly series has four more; `tests/data/test_banque_de_france.py::test_published_file`"),
    Check("over-indebtedness files, 2023, metropolitan France", "121,617", "Banque de France",
          lambda: total("count_overindebtedness_files", "2023"), "same"),
    Check("over-indebtedness files, change over 2024, %", "10.8", "Banque de France",
          lambda: growth("count_overindebtedness_files", "2024", "2023"), "same"),
)  # fmt: skip
