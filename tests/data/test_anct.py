"""France services: antennas beside places, a bus with an address elsewhere, and what the barometer counts."""

import pandas as pd
import pytest

from analysis.data.sources import anct
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from tests.checks import Check, column, total, weighted

HEAD = "id_fs,insee_dep,lib_fs,insee_com,type_fs"


def listed(tmp_path, *lines, name="liste-fs-20240801_sans_contacts.csv"):
    (tmp_path / name).write_text("\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    return [tmp_path / name]


def test_an_antenna_is_no_place_and_a_place_is_where_it_is_filed(tmp_path):
    lines = (
        "1,27,A,27001,Principal",
        "2,27,Bus,76540,Principal",
        "3,2A,C,2A004,Principal",
        "4,2A,D,2A006,Antenne",
    )
    figures = anct.load_france_services(listed(tmp_path, *lines, "5,978,Marigot,97801,Principal"))
    assert set(figures["period"]) == {"2024-08"}
    found = figures.set_index(["territory", "indicator"])["value"].to_dict()
    assert found == {
        ("27", "count_france_services"): 2, ("27", "count_france_services_antennas"): 0,
        ("2A", "count_france_services"): 1, ("2A", "count_france_services_antennas"): 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "name", "message"),
    [
        (
            ("1,27,A,27001,Principal", "1,28,A,28001,Principal"),
            "liste-fs-20240801_sans_contacts.csv",
            "twice",
        ),
        (("1,27,A,27001,Relais",), "liste-fs-20240801_sans_contacts.csv", "Relais"),
        (("1,27,A,27001,Principal",), "liste-fs.csv", "gives the day"),
    ],
)
def test_a_list_that_is_not_as_expected_is_refused(tmp_path, lines, name, message):
    with pytest.raises(SourceError, match=message):
        anct.load_france_services(listed(tmp_path, *lines, name=name))


def test_published_list_continues_the_barometer(published):
    path = published("anct", "liste-fs-20240801_sans_contacts.csv")
    figures = anct.load_france_services([path]).set_index(["indicator", "territory"])["value"]
    sums = figures.groupby("indicator").sum()
    assert sums.to_dict() == {"count_france_services": 2719, "count_france_services_antennas": 124}
    assert set(figures["count_france_services"].index) == set(territories.DEPARTEMENTS)
    rows = pd.read_csv(path, dtype=str)
    assert len(rows) == 2845
    since = pd.to_datetime(rows["labellisation_fs"].str[-10:], dayfirst=True)
    there = rows[(since <= "2022-12-31") & rows["insee_dep"].isin(territories.DEPARTEMENTS)]
    barometer = column("count_france_services", "2022-12")
    own = there[there["type_fs"] == "Principal"].groupby("insee_dep").size()
    assert (own - barometer).eq(0).sum() == 76
    assert (there.groupby("insee_dep").size() - barometer).eq(0).sum() == 50  # with the antennas
    assert (own.sum(), barometer.sum()) == (2536, 2549)
    assert own["27"] == barometer["27"]  # with the bus whose address is in Rouen


SMALL = """id_fs,insee_dep,insee_com,latitude,longitude
1,27,76540,49.44,1.09
2,75,75104,48.86,2.36
3,75,75118,48.90,2.34
4,978,97801,18.07,-63.08
5,01,1004,45.95,5.34
"""


def test_a_commune_is_read_from_its_code_and_a_city_is_one_with_its_arrondissements(tmp_path):
    path = tmp_path / "liste-fs-20240801_sans_contacts.csv"
    path.write_text(SMALL, encoding="utf-8")
    found = anct.load_places([path]).set_index("commune")
    assert list(found.index) == [
        "01004",
        "75056",
        "76540",
    ]  # Rouen, the address of a bus of 27; Saint-Martin is in none
    assert found.loc["75056"].tolist() == ["2.3500", "48.8800", "2"]


@pytest.mark.parametrize("wrong", ["49,44°", "", "149.44"])
def test_what_is_no_place_is_refused(tmp_path, wrong):
    path = tmp_path / "liste-fs-20240801_sans_contacts.csv"
    path.write_text(SMALL.replace("49.44", f'"{wrong}"'), encoding="utf-8")
    with pytest.raises(SourceError, match=r"latitude|number"):
        anct.load_places([path])


def test_published_places(published):
    found = anct.load_places([published("anct", "liste-fs-20240801_sans_contacts.csv")])
    assert found["places"].astype(int).sum() == 2843  # 2,845 rows, two of them in Saint-Martin
    codes = {territories.parse_commune(code)[1] for code in found["commune"]}
    assert codes == set(territories.DEPARTEMENTS)


def test_long_term_shares_of_two_dates_and_a_blank_that_is_no_zero(tmp_path):
    path = tmp_path / "carte_2_4.csv"
    path.write_text(
        '"codgeo","year0","value0","year1","value1"\n"2A",2013,24.2,2017,28.8\n"976",2013,,2017,\n'
    )
    rows = anct.load_long_term([path]).set_index(["territory", "period"])
    assert rows.loc["2A", "value"].to_dict() == {"2013": 24.2, "2017": 28.8}
    assert rows.loc["976", "state"].tolist() == ["unavailable", "unavailable"]


def test_published_long_term_shares(published):
    rows = anct.load_long_term([published("anct", "carte_2_4.csv")])
    assert set(rows["territory"]) == set(territories.DEPARTEMENTS)
    assert rows.loc[rows["value"].isna(), "territory"].unique().tolist() == ["976"]


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("France services places and antennas, August 2024, sum of 101 départements", "2,840",
          "Cour des comptes, September 2024, as reported by the press",
          lambda: total("count_france_services", "2024-08") + total("count_france_services_antennas", "2024-08"),
          "the published number is rounded; `tests/data/test_anct.py::test_published_list_continues_the_barometer`"),
    Check("long-term share among job seekers, end of 2013, metropolitan France, %", "41",
          "Pôle emploi: more than 2 million of 4.90, as reported by the press",
          lambda: weighted(column("share_job_seekers_long_term", "2013", territories.METROPOLITAN),
                           column("count_job_seekers_abc", "2013-12")),
          "weighted by job seekers of categories A, B and C; `tests/data/test_anct.py::test_published_long_term_shares`"),
)  # fmt: skip
