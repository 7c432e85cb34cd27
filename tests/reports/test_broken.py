"""The page of data lists each jump with its figures and what a person made of it; lines are cut where they break."""

import re
from types import SimpleNamespace

import pytest

from analysis.data import breaks
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.reports import sections
from analysis.reports.report import open_report
from analysis.site import broken, multiples


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("fr", "Bas-Rhin, consommation résidentielle de gaz : 2 544 199 MWh, puis 2 182 656 MWh"),
        ("en", "Bas-Rhin, residential gas consumption: 2,544,199 MWh, then 2,182,656 MWh"),
    ],
)
def test_every_entry_of_the_register_is_listed_with_its_figures(lang, said):
    catalogue = Catalogue()
    found = broken.sections(SimpleNamespace(catalogue=catalogue, panel=Panel.open()), lang)
    register = breaks.register(catalogue)
    assert [one["table"].count("<tr>") - 1 for one in found] == [
        sum(entry.verdict == verdict for entry in register)
        for verdict in ("break", "explained", "unexplained")
    ]
    text = re.sub("[\u00a0\u202f]", " ", str(found[0]["table"]))
    assert said in text
    assert "Réseau GDS" in text
    assert "Agence ORE" in text


def test_small_multiples_cut_a_line_at_its_own_break_and_compare_nothing_across():
    line = multiples._Line({"2019": 1.0, "2020": 2.0, "2021": 3.0})
    frame = multiples._Frame(["2019", "2020", "2021"], 0, 3, (2020 * 12,))
    assert frame.compared == ["2020", "2021"]
    assert [len(part) for part in frame.stretches(line)] == [1, 2]
    line.breaks = (2021 * 12,)
    assert [len(part) for part in frame.stretches(line)] == [1, 1, 1]


def test_charts_tables_and_small_lines_are_cut_where_one_operator_left_the_file():
    """Gas of Bas-Rhin: 2018 stands alone, between the break of the whole series and that of the département in 2019."""
    name, report = "ratio_gas_residential_mwh_per_site", open_report("67", "en")
    (small,) = re.findall(r'<svg class="spark".*?</svg>', sections.key_figures(report, name)._repr_html_())
    assert [one.count("L") for one in re.findall(r'<path d="([^"]*)"', small)] == [4, 2]
    _told, figure = sections.trend(report, name).items
    text = re.sub("[\u00a0\u202f]", " ", figure.alt)
    assert text.startswith("Between 2019 and 2021, the residential gas consumption per site in Bas-Rhin")
    assert "in 2019, what a network operator gives for the territory changes at once" in text
    assert "in 2019, what a network operator gives" in figure.description
    broken_at = {row["period"].text: row["break"] for row in figure.table.rows}
    assert [when for when, broken in broken_at.items() if broken == "yes"] == ["2018", "2019"]
