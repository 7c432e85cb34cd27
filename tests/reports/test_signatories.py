"""Reports on what signs in place of a département: its own figures, what is said of the others, and the site around them."""

import html
import re
from dataclasses import replace

import pytest

from analysis.batch import leaving
from analysis.foundations import territories
from analysis.foundations.levels import EPCI, LEVELS
from analysis.foundations.values import OF_OTHERS
from analysis.reports import sections
from analysis.reports.edition import EditionError, Task, load, on_request, parse, plan
from analysis.reports.report import open_report
from analysis.site import overview
from tests.conventions.repository import ROOT
from tests.reports import test_facts as facts

DEMO = load("demo")
OUTCOMES = [
    outcome for outcome in DEMO.outcomes if outcome != "territoires"
]  # which sends them to their départements
EVERY = [(outcome, code, lang) for code, lang in (("69M", "fr"), ("6AE", "en")) for outcome in OUTCOMES]


@pytest.fixture(scope="module")
def panel():
    return facts.opened()


def words(shown):
    return " ".join(
        html.unescape(re.sub(r"<[^>]*>", " ", shown._repr_html_())).replace("\u202f", " ").split()
    )


@pytest.mark.parametrize(("outcome", "code", "lang"), EVERY)
def test_a_report_gives_its_own_figures_and_no_departements(panel, outcome, code, lang):
    page = facts.run(outcome, code, lang)
    assert not list(facts.contradictions(page))
    parts = {one for codes in territories.wider(code) for one in codes}
    written = page.written.figures()
    assert not [value for value in written if value.known and value.territory in parts]
    own = [value for value in written if value.territory == code]
    assert any(value.known for value in own)
    assert code == "6AE" or any(value.state == OF_OTHERS for value in own)
    held = panel.frame.set_index(["indicator", "territory", "period"])["value"]
    assert all(held[v.indicator, v.territory, v.period] == v.value for v in own if v.known)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("69M", ["piloted in the Métropole de Lyon", "Givors / Grigny"]),
        ("69D", ["piloted in Rhône outside the Métropole de Lyon", "wave 2"]),
        ("6AE", ["piloted in Bas-Rhin", "piloted in Haut-Rhin"]),
    ],
)
def test_policies_are_those_of_the_territory(panel, code, said):
    told = words(sections.policies(open_report(code, "en", panel)))
    assert all(one in told for one in said)
    assert "wave 1; basin" not in told or code == "69M"
    assert "not evaluated here" in words(
        sections.effects_here(open_report(code, "en", panel), "rsa_december")
    )


@pytest.mark.parametrize("section", ["comparable", "tile_map", "funnel", "position", "standing"])
def test_sections_among_others_say_that_it_stands_among_none(panel, section):
    given = () if section == "comparable" else ("share_rsa_oriented",)
    shown = words(getattr(sections, section)(open_report("69M", "fr", panel), *given))
    assert "la Métropole de Lyon n’en est pas un" in shown
    assert "<svg" not in shown


def test_every_figure_published_for_it_is_given(panel):
    report = open_report("69M", "en", panel)
    given = sections.local_figures(report).items[-1].to_frame()["indicator"].tolist()
    assert len(given) == len(set(given)) > 20 and "Spending on aid to elderly people" in given


def test_any_edition_makes_them_when_they_are_asked_for_and_lists_them_when_it_says_so():
    assert {code for code in territories.CODES if on_request(code)} == {"69M", "69D", "6AE", "20R"}
    tasks, _ = plan(DEMO, ["métropole de lyon"])
    assert {task.territory for task in tasks} == {"69M"} and len(tasks) == len(DEMO.outcomes)
    assert {task.territory for task in plan(DEMO)[0]} == {*DEMO.territories, "FR"}
    assert leaving.belongs(Task("demo", "69M", "diagnostic", "fr"), DEMO, ())
    text = (ROOT / "editions/demo.yml").read_text("utf-8").replace('"974"', '"974", "69M"')
    listed = parse(text, "demo.yml", ROOT)
    assert listed.territories == ("2A", "67", "974", "69M")
    assert "69M" in {task.territory for task in plan(listed)[0]}
    every = parse(text.replace('"2A", "974"', '"all"').replace('"67", ', ""), "demo.yml", ROOT)
    assert every.territories == (*territories.DEPARTEMENTS, "69M")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("200000164", "is not among the 1,253 of its level that are held"),
        ("R84", "not in edition demo"),
        ("69", "not in edition demo"),
        ("Métropole de Lion", "nearest: metropole-de-lyon"),
    ],
)
def test_what_cannot_be_reported_on_is_refused_with_its_reason(asked, message):
    with pytest.raises(EditionError, match=message):
        plan(DEMO, [asked])


def test_an_epci_has_one_short_report_that_an_edition_may_list():
    tasks, books = plan(DEMO, ["200069193"])
    assert {task.outcome for task in tasks} == set(books) == {"intercommunalite"}
    assert plan(DEMO, ["Métropole de Lyon"], level="epci")[0][0].territory == "200046977"
    assert leaving.belongs(Task("demo", "200069193", "intercommunalite", "fr"), DEMO, ())
    assert not leaving.belongs(Task("demo", "200069193", "diagnostic", "fr"), DEMO, ())
    text = (ROOT / "editions/demo.yml").read_text("utf-8").replace('"974"', '"974", "200069193"')
    listed = parse(text, "demo.yml", ROOT)
    assert {task.outcome for task in plan(listed)[0] if task.territory == "200069193"} == {"intercommunalite"}
    with pytest.raises(
        EditionError, match="diagnostic is no report on the level EPCI, which has intercommunalite alone"
    ):
        plan(DEMO, ["200069193"], ["diagnostic"])
    with pytest.raises(EditionError, match="no report is made on the level 'commune'"):
        plan(DEMO, level="commune")


def test_an_epci_of_two_regions_stands_in_both_on_the_first_page():
    assert territories.get("200035129").region is None
    assert overview.key_of("200035129", "fr").endswith("200035129 auvergne rhone alpes et occitanie")


def test_a_short_report_never_gives_the_figure_of_a_departement_as_that_of_an_epci(panel):
    page = facts.run("intercommunalite", "200066587", "fr")  # in Rhône and in Loire
    own = [value for value in page.written.figures() if value.territory == "200066587"]
    told = [value for value in own if value.state == OF_OTHERS]
    assert {value.note for value in told} == {"published_for_42_69"} and len(told) > 3
    assert not [v for v in page.written.figures() if v.known and v.territory in ("42", "69")]
    shown = words(sections.sums_of_communes(open_report("200066587", "fr", panel)))
    assert (
        shown.count("couvert par le secret statistique couvert par le secret statistique") == 2
    )  # and no other reason
    assert "Ce territoire s’étend sur plusieurs départements" in shown
    assert (
        "non donnée : la somme ne couvre pas toutes les communes" in shown
        and "une répartition : voir la part" in shown
    )


def test_a_level_of_few_people_is_in_no_edition_without_a_rule(monkeypatch):
    text = (ROOT / "editions/demo.yml").read_text("utf-8").replace('"974"', '"69M"')
    there, ruleless = type(territories.get("69M")), replace(EPCI, outcome="")
    monkeypatch.setattr(
        there, "kind", property(lambda one: ruleless if one.code == "69M" else LEVELS[one.level])
    )
    with pytest.raises(EditionError, match="of the level EPCI can be of few people, and no disclosure rule"):
        parse(text, "demo.yml", ROOT)
