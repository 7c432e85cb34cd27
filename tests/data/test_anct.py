"""France services: where those of a commune are, whatever the column of départements says."""

import pytest

from analysis.data.sources.anct import load_places
from analysis.foundations import territories
from analysis.foundations.limits import SourceError

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
    found = load_places([path]).set_index("commune")
    assert list(found.index) == ["01004", "75056", "76540"]  # Rouen, which a column puts in 27; Saint-Martin is in none
    assert found.loc["75056"].tolist() == ["2.3500", "48.8800", "2"]


@pytest.mark.parametrize("wrong", ["49,44°", "", "149.44"])
def test_what_is_no_place_is_refused(tmp_path, wrong):
    path = tmp_path / "liste-fs-20240801_sans_contacts.csv"
    path.write_text(SMALL.replace("49.44", f'"{wrong}"'), encoding="utf-8")
    with pytest.raises(SourceError, match="latitude|number"):
        load_places([path])


def test_published_places(published):
    found = load_places([published("anct", "liste-fs-20240801_sans_contacts.csv")])
    assert found["places"].astype(int).sum() == 2843  # 2,845 rows, two of them in Saint-Martin
    codes = {territories.parse_commune(code)[1] for code in found["commune"]}
    assert codes == set(territories.DEPARTEMENTS)
