"""« Add a level of territory », followed in a copy: basins of ours, one in two départements, one that is of 2020 only."""

import pytest

from tests.recipes.harness import commands

LEVELS, NARRATIVE = (
    "src/analysis/foundations/levels.py",
    "src/analysis/foundations/locales/{}/LC_MESSAGES/narrative.po",
)
TERRITORIES, MEMBERSHIPS = (
    "src/analysis/foundations/territories_basin.csv",
    "src/analysis/foundations/memberships_basin.csv",
)
BEFORE = "EPCI = Level("
INSTANCE = """\
BASIN = Level(
    "basin", "employment basin", "B[0-9]{3}", "departement", compared=True, reported=True
)
"""
NOUNS = {
    "fr": {"one": "bassin d'emploi", "many": "bassins d'emploi", "no_other": "aucun autre bassin d'emploi"},
    "en": {"one": "employment basin", "many": "employment basins", "no_other": "no other employment basin"},
}
ROWS = """\
code,level,name,article,of,in
B001,basin,Strasbourg,,de,à
B002,basin,Haguenau,,de,à
B003,basin,Sélestat et Colmar,,de,à
B004,basin,Saverne,,de,à
"""
LIES = """\
code,within,since,until
B001,67,,
B002,67,,
B003,67,2021-01-01,
B003,68,,
B004,67,2020-01-01,2021-01-01
"""
FIGURES = """
import pandas as pd
from analysis.foundations import territories
from analysis.data.catalogue import Catalogue
from analysis.foundations.cells import figures
from tests.unit.test_catalogue import sidecar

column = pd.Series(["B001", "b002", "Sélestat et Colmar"], name="basin")
rows = {"territory": territories.parse_series(column, level="basin"), "period": "2020",
        "indicator": "rate_poverty_60", "value": [18.0, 10.0, 12.0]}
Catalogue().store(figures(pd.DataFrame(rows)), sidecar("ours/basins"))
"""
ASKED = """
from datetime import date
from analysis.foundations import territories
from analysis.estimation import comparison
from analysis.data.panel import Panel

panel = Panel.open()
rows = panel.cross_section("rate_poverty_60", level="basin")
print(rows["territory"].tolist(), rows["period"].unique().tolist(), rows["state"].tolist())
print(comparison.position(rows, "B001").quantiles["p50"], panel.latest("rate_poverty_60", "B001"))
print([panel.value("count_population", "B003", at).note for at in ("2024", "2020")])
print([panel.value("count_population", "B004", at).note for at in ("2024", "2020", "2019")])
print(territories.containing("B003", date(2020, 1, 1)), territories.get("B003").region)
"""


@pytest.mark.slow
def test_a_level_is_an_instance_and_its_tables_and_its_figures_are_told_in_its_words(copy):
    copy.edit(LEVELS, BEFORE, INSTANCE + BEFORE)
    copy.edit(LEVELS, "REGION, COUNTRY, EPCI", "REGION, COUNTRY, BASIN, EPCI")
    copy.write(TERRITORIES, ROWS)
    copy.write(MEMBERSHIPS, LIES)
    for lang, forms in NOUNS.items():
        words = "".join(f'msgid "level.basin.{form}"\nmsgstr "{noun}"\n\n' for form, noun in forms.items())
        copy.edit(NARRATIVE.format(lang), 'msgid "level.epci.one"', f'{words}msgid "level.epci.one"')
    copy.write("give.py", FIGURES)
    copy.run(".venv/bin/python give.py")
    copy.write("ask.py", ASKED)
    assert copy.run(".venv/bin/python ask.py").splitlines()[-5:] == [
        "['B001', 'B002', 'B003', 'B004'] ['2020'] ['observed', 'observed', 'observed', 'other_territory']",
        "12.0 2020",
        "['published_for_67_68', 'published_for_68']",
        "['after_its_end', 'published_for_67', 'before_its_creation']",
        "('68',) R44",
    ]
    for command in commands("Add a level of territory"):
        copy.run(command, {"69M": "B001"})
    page = copy.page("B001", "diagnostic")
    assert "À Strasbourg, le taux de pauvreté au seuil de 60 % s’établit à 18,0 % en 2020." in page
    assert "plus élevé que dans les trois quarts des 2 autres bassins d’emploi qui ont un chiffre" in page
    assert "la médiane des bassins d’emploi est de 12,0 %" in page
    assert "Population au 1er janvier 2024 (provisoire) publié pour le Bas-Rhin (67)" in page
    assert copy.changed() - copy.written == {"data/raw/ours/basins.csv", "data/raw/ours/basins.source.yml"}
