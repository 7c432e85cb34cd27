"""What a report notebook's calls give, on the project's own figures: words that fit, and sentences where figures lack."""

import re

import pytest

from analysis.data.panel import Panel
from analysis.foundations import measures, territories
from analysis.presentation.narrative.messages import say
from analysis.reports import sections
from analysis.reports.report import open_report
from tests.reports.conftest import sections_of

HARD = ("67", "2A", "75", "93", "69", "971", "976")
"""Départements with something of their own: Alsace, Corsica, Paris, a withdrawn pilot, Lyon beside Rhône, overseas."""


@pytest.fixture(scope="module")
def panel():
    return Panel.open()


def text(shown):
    return re.sub(r"<[^>]+>", " ", shown._repr_html_())


@pytest.mark.parametrize("code", HARD)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_section_renders_for_territories_that_lack_figures(panel, code, lang):
    report = open_report(code, lang, panel)
    summary = sections.summary(report, "rate_unemployment", "share_dpe_fg", "count_rsa_recipients")
    for one in [summary, *sections_of(report)]:
        html = one._repr_html_()
        assert text(one).strip()
        assert not re.search(r">\s*(nan|None|NaT)\s*<|\{[a-z_]+\}", html), html[:200]


def test_what_is_not_published_is_a_sentence_and_no_empty_figure(panel):
    shown = sections.trend(open_report("976", "fr", panel), "rate_unemployment")
    assert "aucun chiffre n’a été trouvé pour Mayotte" in text(shown)
    assert "<figure" not in shown._repr_html_()


def test_a_number_of_people_is_given_its_change_and_no_place_among_others(panel):
    report = open_report("67", "en", panel)
    assert "départements" not in text(sections.summary(report, "count_rsa_recipients"))
    assert "median of the départements" in text(sections.summary(report, "rate_rsa_per_1000"))


def test_the_sentence_and_the_figure_speak_of_the_same_period(panel):
    shown = text(sections.position(open_report("23", "en", panel), "rate_poverty_60", "2021"))
    assert "in 2021" in shown
    assert "in 2023" not in shown


def test_a_breakdown_is_of_the_newest_year_that_one_of_its_figures_has_and_says_which(panel):
    mixed = [
        "rate_poverty_60_income_wages",
        "rate_poverty_60_owner",
        "rate_poverty_60_tenant",
    ]  # 2020, 2021, 2021
    shown = sections.breakdown(open_report("67", "fr", panel), mixed, "poverty_by_tenure")
    assert "dans le Bas-Rhin en 2021" in shown.title
    assert [row["value"].period for row in shown.table.rows] == ["2021"] * 3
    assert [row["value"].known for row in shown.table.rows] == [False, True, True]
    past = sections.breakdown(open_report("67", "fr", panel), mixed, "poverty_by_tenure", "2020")
    assert "en 2020" in past.title


def test_the_expected_non_take_up_is_worded_as_modelled_with_its_interval(panel):
    report = open_report("67", "fr", panel, models=["take_up.expected"])
    first, again = (
        sections.expected_non_take_up(report),
        sections.summary(report, "rate_rsa_non_take_up_expected"),
    )
    for words in map(text, (first, again)):
        assert "le modèle attend" in words
        assert "intervalle à 95\u202f%" in words
        assert "s’établit" not in words
    assert "le modèle attend" not in text(sections.expected_non_take_up(report)).split("Source")[0]


def test_it_is_not_given_overseas_where_the_published_rates_do_not_apply(panel):
    report = open_report("974", "en", panel, models=["take_up.expected"])
    words = text(sections.expected_non_take_up(report))
    assert "does not apply" in words
    assert "%" not in words


def test_corrected_consumption_stands_beside_the_observed_one_as_modelled(panel):
    report = open_report("67", "en", panel, models=["energy.corrected"])
    html = sections.corrected_energy(report)._repr_html_()
    assert "state-modelled" in html
    assert "95% interval" in html


def test_evaluability_has_every_measure_and_its_counts_add_up(panel):
    report = open_report("67", "en", panel)
    words, folded = sections.evaluability(report).items
    rows = folded.item.to_frame()
    assert len(rows) == len(measures.measures())
    told = text(words)
    assert f"for the {len(rows)} measures of the Pacte" in told
    counts = [int((rows["status"] == say(f"evaluability.{one}", "en")).sum()) for one in measures.STATUSES]
    assert sum(counts) == len(rows)
    assert [int(n) for n in re.findall(r"for (\d+)\u00a0measures?", told)] == [n for n in counts if n]


def test_the_c2s_share_is_evaluable_only_where_it_is_published(panel):
    def status(code):
        rows = (
            sections.evaluability(open_report(code, "en", panel))
            .items[1]
            .item.to_frame()
            .set_index("measure")
        )
        return rows.loc["Access to health for the most precarious", "status"]

    assert status("93") == "Yes: outcome published"
    assert status("67") == "Not here: outcome published, not held"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("93", "withdrew"),
        ("23", "over the whole territory"),
        ("67", "extent covered was not found"),
        ("01", "was not piloted"),
        ("35", "1,400 people, about 7.3%"),
    ],
)
def test_the_pilot_of_each_departement_is_told_as_it_happened(panel, code, expected):
    assert expected in text(sections.policies(open_report(code, "en", panel)))


def test_lyon_and_the_rest_of_rhone_are_told_apart(panel):
    words = text(sections.policies(open_report("69", "en", panel)))
    assert "was piloted in the Métropole de Lyon" in words
    assert "wave 2" in words


def test_sources_name_every_dataset_behind_what_was_shown(panel):
    report = open_report("67", "en", panel)
    sections.key_figures(report, "rate_rsa_per_1000", caption="key_rights")
    names = sections.sources(report).items[0].item.to_frame()["producer"].tolist()
    assert names == ["DREES", "DREES", "INSEE"]


def test_what_signs_a_contract_an_epci_or_the_country_is_taken_and_nothing_else(panel):
    assert open_report("bas rhin", "fr", panel).territory.code == "67"
    assert open_report("grand lyon", "fr", panel).territory.code == "69M"
    assert open_report("france", "fr", panel).territory.code == "FR"
    assert open_report("200046977", "fr", panel).territory.level == "epci"
    for other in ("R84", "FM", "bas-rihn", "200000001", "QP059001", "59350"):
        with pytest.raises(territories.UnknownTerritory):
            open_report(other, "fr", panel)
