"""Victims of intrafamily violence: two-digit years, rows of no département, and the unit that is counted."""

import pandas as pd
import pytest

from analysis.data.sources import datasets
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from tests.checks import Check, growth, one

HEAD = "classe;annee;Code.département;Code.région;unité.de.compte;millPOP;millLOG;faits;POP;LOG;tauxpourmille"
INTRA = "Coups et blessures volontaires intrafamiliaux"
load = datasets()["ssmsi/intrafamily_violence"].load


def write(tmp_path, *rows, unit="victime"):
    lines = [
        f'"{row[0]}";"{row[1]}";"{row[2]}";"94";"{unit}";"21";"20";"{row[3]}";"1000";"5,2";"7,8e-03"'
        for row in rows
    ]
    path = tmp_path / "donnee-dep-2023.csv"
    path.write_text("\ufeff" + "\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    return [path]


def test_years_of_two_digits_rows_of_no_departement_and_other_offences(tmp_path):
    rows = [
        (INTRA, "16", "01", 3),
        (INTRA, "23", "2A", 416),
        (INTRA, "23", "NA", 0),
        ("Homicides", "23", "2A", 9),
    ]
    figures = load(write(tmp_path, *rows))
    found = figures.set_index(["territory", "period"])["value"].to_dict()
    assert found == {("01", "2016"): 3, ("2A", "2023"): 416}
    assert set(figures["indicator"]) == {"count_intrafamily_violence_victims"}


def test_another_unit_of_count_is_refused(tmp_path):
    with pytest.raises(SourceError, match="victime"):
        load(write(tmp_path, (INTRA, "23", "2A", 416), unit="infraction"))


def test_published_victims(published):
    path = published("ssmsi", "donnee-dep-2023.csv")
    figures = load([path])
    assert len(figures) == 8 * 101
    assert set(figures["territory"]) == set(territories.DEPARTEMENTS)
    by_year = figures.groupby("period")["value"].sum()
    assert by_year.iloc[[0, -1]].to_dict() == {"2016": 100_179, "2023": 212_615}
    raw = pd.read_csv(path, sep=";", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    raw = raw[raw["classe"] == INTRA]
    assert set(raw.loc[raw["Code.département"] == "NA", "faits"]) == {"0"}
    assert set(raw.loc[raw["annee"].isin(["22", "23"]), "millPOP"]) == {
        "21",
        "17",
        "NA",
    }  # their rates are not used


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("recorded victims of intrafamily violence, change over 2022, France, %", "17", "SSMSI, as reported by the press",
          lambda: growth("count_intrafamily_violence_victims", "2022", "2021"),
          "`tests/data/test_ssmsi.py::test_published_victims`"),
    *(Check(f"recorded victims of intrafamily violence per 1,000 inhabitants, {year}, Nord", rate, "SSMSI, rate of the file",
            lambda year=year: one("rate_intrafamily_violence_victims_per_1000", "59", year), why)
      for year, rate, why in (("2021", "3.55", "same test"),
                              ("2023", "4.58", "ours is over the population of 2023, theirs over that of 2021"))),
)  # fmt: skip
