"""What is looked for is found whatever case, accents, ligatures and apostrophes, in code as in the site's own search."""

import re
import shutil
import subprocess

import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.values import dictionary, folded
from analysis.reports.pages.parts import asset
from tests.reports.test_sections import of

TEXTS = {
    "Pauvreté": "pauvrete",
    "MAIN-D’ŒUVRE": "main d oeuvre",
    "main d'oeuvre": "main d oeuvre",
    "Cœur d'Hérault": "coeur d herault",
    "euros par m²": "euros par m2",
    "ex æquo": "ex aequo",
    "rate_poverty_60": "rate poverty 60",
    "L\u2019Haÿ\u00a0: \u202f12 %": "l hay 12",
    "E\u0301ducation": "education",
}


@pytest.mark.parametrize(("text", "expected"), TEXTS.items())
def test_words_are_folded(text, expected):
    assert folded(text) == expected


def test_the_site_folds_words_as_the_package_does():
    node = shutil.which("node")
    rule = re.search(r"const plain = (.*?);\n", asset("site.js"), re.DOTALL)[1]
    for step in ("NFKD", r"\u0300-\u036f", 'œ/g, "oe"', 'æ/g, "ae"'):
        assert step in rule
    if node is None:
        pytest.skip("needs node, to run the rule of the script")
    for text, expected in TEXTS.items():
        run = subprocess.run(
            [node, "-p", f"({rule})(process.argv[1])", text], capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == expected


@pytest.mark.parametrize("words", ["pauvrete", "PAUVRETÉ", "taux pauvreté", "poverty_60", "poverty rate"])
def test_an_indicator_is_found_in_the_dictionary_and_in_a_panel(words):
    assert "rate_poverty_60" in dictionary().find(words)
    assert "rate_poverty_60" in Panel(of(["67"])).search(words)


def test_a_ligature_and_an_apostrophe_are_found_either_way():
    found = [dictionary().find(words) for words in ("main d'oeuvre", "main d’œuvre", "MAIN-D'ŒUVRE")]
    assert found[0] == found[1] == found[2] != ()


def test_a_search_of_a_panel_gives_only_what_has_figures():
    assert set(Panel(of(["67"])).search("")) == {
        "rate_poverty_60",
        "count_rsa_recipients",
        "count_persons_fiscal",
    }


@pytest.mark.parametrize(
    ("words", "code"),
    [("herault", "34"), ("Côte dor", "21"), ("reunion", "974"), ("2a", "2A"), ("alpes", "04")],
)
def test_a_territory_is_found_by_a_part_of_its_name(words, code):
    assert code in [territory.code for territory in territories.find(words)]


def test_a_dataset_is_found():
    assert "drees/minima_december_2019_2024" in Catalogue().search("DREES minima")
    assert Catalogue().search("chômage") == Catalogue().search("chomage") != ()
    assert Catalogue().search("zzz") == ()
