"""The report on the inside of a département, on the project's own figures: plenty, few, none, overseas, and one EPCI."""

import re
from dataclasses import replace

import pytest

from analysis.data.panel import Panel
from analysis.foundations.values import Value
from analysis.methods.disclosure import Rules
from analysis.reports import sections
from analysis.reports.blocks import frames
from analysis.reports.report import open_report
from analysis.reports.sections import neighbourhoods

SECTIONS = (
    sections.inside_summary, sections.concentration, sections.reach, sections.priority_neighbourhoods,
    sections.c2s_in_neighbourhoods, sections.secrecy,
)  # fmt: skip


@pytest.fixture(scope="module")
def panel():
    return Panel.open()


def text(shown):
    drawn = re.sub(r"<svg.*?</svg>", " ", shown._repr_html_(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", drawn))


@pytest.mark.parametrize(
    ("code", "lang"),
    [
        ("59", "fr"),
        ("23", "en"),
        ("974", "en"),
        ("976", "fr"),
        ("2A", "en"),
        ("69", "fr"),
        ("75", "fr"),
        ("972", "fr"),
    ],
)
def test_every_section_says_something_true_of_any_departement(panel, code, lang):
    report = open_report(code, lang, panel)
    for section in SECTIONS:
        shown = section(report)
        html = shown._repr_html_()
        assert text(shown).strip()
        assert not re.search(r">\s*(nan|None|NaT)\s*<|<td[^>]*>\s*</td>|\{[a-z_]+\}", html), html[:300]
    whole = text(sections.c2s_in_neighbourhoods(report))
    if re.search(
        r"\d+ (pour|per) 100", whole
    ):  # with its years, what rounding leaves of it, and what it is not
        assert re.search(r"2019.*2021|2021.*2019", whole)
        assert re.search("il n’est pas un taux de recours|it is no rate of take-up", whole)
        assert "approximation" in whole


def test_where_most_communes_are_secret_the_share_of_people_covered_is_said_first_and_no_rate_is_given(panel):
    report = open_report("23", "fr", panel)
    summary = text(sections.inside_summary(report))
    assert "n’est publié que là où vivent 20 % des habitants" in summary.replace("\u202f", " ").replace(
        "\u00a0", " "
    )
    table = frames(sections.concentration(report))["inside_epci"]
    assert table["covered"].between(0, 100).all()
    assert set(table.loc[table["covered"] < 50, "rate_poverty_60_communes_state"]) == {"suppressed"}
    least, most = table["share_poor_in_epci_lower"], table["share_poor_in_epci_upper"]
    assert ((most - least) > 5).all()


def test_shares_of_the_epci_add_up_to_the_departement_and_their_ends_hold_it(panel):
    for code in ("59", "974"):
        table = frames(sections.concentration(open_report(code, "en", panel)))["inside_epci"]
        assert table["share_people_in_epci"].sum() == pytest.approx(100, abs=0.5)
        assert table["share_poor_in_epci_lower"].sum() <= 100 <= table["share_poor_in_epci_upper"].sum()


@pytest.mark.parametrize(
    ("code", "shown"),
    [("23", (sections.inside_summary, sections.concentration, sections.reach, sections.secrecy)),
     ("200069193", (sections.sums_of_communes,))],
)  # fmt: skip
def test_the_month_of_a_file_without_a_date_is_said_to_be_the_last_that_it_can_be_of(panel, code, shown):
    words = " ".join(text(section(open_report(code, "fr", panel))) for section in shown)
    months = re.findall(r"(\S+ \S+ )?avril 2025( au plus tard)?", words.replace("\u00a0", " "))
    assert months and all(after or before == "plus tard " for before, after in months)


def test_a_contract_reaches_what_its_epci_have_together(panel):
    report = open_report("59", "fr", panel)
    rows = frames(sections.reach(report, "200093201", "245900428"))["inside_reach"]
    alone = frames(sections.concentration(report))["inside_epci"]
    assert rows["share_people_in_epci"].tolist() == pytest.approx(
        alone["share_people_in_epci"][:2].cumsum().tolist()
    )
    last = rows.iloc[-1]
    assert last["share_poor_in_epci_lower"] >= alone["share_poor_in_epci_lower"][:2].sum() - 1e-6
    assert "choisis" in text(sections.reach(report, "Métropole Européenne de Lille"))


def test_a_collectivite_is_sent_to_its_departements(panel):
    for code, said in (("69M", "Rhône"), ("6AE", "Bas-Rhin")):
        report = open_report(code, "fr", panel)
        assert {text(one(report)) for one in SECTIONS} == {
            text(sections.secrecy(report))
        }  # no claim that there is none
        assert said in text(sections.secrecy(report))


def test_a_neighbourhood_of_too_few_people_shows_neither_number_nor_bounds_and_is_in_the_sum():
    values = {f"QP05900{i}": Value("count_rsa_households_caf", f"QP05900{i}", "2020-12", n, n - 2, n + 2, "observed")
              for i, n in enumerate((300.0, 7.0, 40.0, 90.0))}  # fmt: skip
    shown = neighbourhoods._masked(values, Rules(11, 85, 10))
    masked = {code for code, one in shown.items() if not one.known}
    assert masked == {
        "QP059001",
        "QP059002",
    }  # 7, and the smallest other, without which it is the total less the rest
    assert all(
        (shown[code].value, shown[code].lower, shown[code].upper) == (None, None, None) for code in masked
    )
    rates = {code: replace(one, indicator="rate_poverty_60") for code, one in values.items()}
    assert neighbourhoods._masked(rates, Rules(11, 85, 10)) == rates


def test_a_blank_of_the_producer_is_not_said_to_be_absent_from_our_files(panel):
    told = text(sections.c2s_in_neighbourhoods(open_report("59", "fr", panel)))
    assert "Pont De Pierre 1 859 66,3 laissé vide par le producteur" in told.replace("\u202f", " ").replace(
        "\u00a0", " "
    )


def test_the_report_of_an_epci_masks_what_would_give_away_a_small_part_of_another(panel):
    """In Aude, a part of an EPCI has fewer than 11 job seekers: the smallest other of its EPCI is masked, on both pages."""
    masked = frames(sections.concentration(open_report("11", "fr", panel)))["inside_epci"]
    assert (masked["share_job_seekers_in_epci_state"] == "suppressed").sum() == 2
    alone = sections.sums_of_communes(open_report("200042463", "fr", panel))  # of 6,000 people
    rows = {row["indicator"]: row["here"] for row in frames_of(alone)}
    assert [cell.figure.state for label, cell in rows.items() if label.startswith("Demandeurs")] == [
        "suppressed"
    ]


def frames_of(shown):
    return [row for item in shown.items if hasattr(item, "rows") for row in item.rows]
