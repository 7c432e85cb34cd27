"""Spending per recipient and per inhabitant: what the panel computes is what was published, or differs by what is said."""

import pytest

from analysis.data.panel import Panel
from analysis.foundations import values
from tests.checks import Check, column, one

RATIOS = (
    "amount_social_aid_gross_per_inhabitant",
    "amount_social_aid_net_per_inhabitant",
    "amount_departement_rsa_allowance_per_recipient",
    "amount_departement_insertion_per_recipient",
    "share_departement_insertion_in_rsa_spending",
    "amount_child_welfare_per_inhabitant_under_20",
    "amount_elderly_aid_per_inhabitant_75_over",
    "amount_disability_aid_per_inhabitant",
)


@pytest.fixture(scope="module")
def panel():
    return Panel.open()


def by_departement(panel, indicator, period):
    return panel.cross_section(indicator, period).set_index("territory")["value"].dropna()


def test_insertion_per_recipient_is_spread_as_known(panel):
    found = by_departement(panel, "amount_departement_insertion_per_recipient", "2019")
    assert found.median() == pytest.approx(447, abs=0.5)
    assert found.quantile([0.25, 0.75]).tolist() == pytest.approx([318, 576], abs=0.5)
    assert (found.idxmin(), found.idxmax()) == ("55", "83")
    assert found[["55", "83", "23"]].tolist() == pytest.approx([45, 1805, 1382], abs=0.5)


@pytest.mark.parametrize("published", [551, 537, 531], ids=["France", "métropole", "median"])
def test_social_aid_per_inhabitant_is_the_published_one_but_for_revisions(panel, published):
    """INSEE and DREES, 2013: each is 2.7 % above ours.

    Since August 2019 DREES counts gross aid to the elderly after recoveries.
    """
    found = {
        551: panel.value("amount_social_aid_gross_per_inhabitant", "FR", "2013").value,
        537: panel.value("amount_social_aid_gross_per_inhabitant", "FM", "2013").value,
        531: by_departement(panel, "amount_social_aid_gross_per_inhabitant", "2013").median(),
    }[published]
    assert published / found == pytest.approx(1.027, abs=0.002)


def test_the_allowance_paid_by_departements_is_below_what_a_recipient_gets_from_all_payers(panel):
    """6,543 euros in 2019 (Cour des comptes), family supplements and bonuses of the State included."""
    found = panel.value("amount_departement_rsa_allowance_per_recipient", "FM", "2019").value
    assert 0.85 * 6543 < found < 6543
    spread = by_departement(panel, "amount_departement_rsa_allowance_per_recipient", "2019").drop("973")
    assert spread.between(0.8 * found, 1.25 * found).all()


def test_guyane_pays_no_allowance_from_2019_and_its_note_says_so(panel):
    found = panel.value("amount_departement_rsa_allowance_per_recipient", "973", "2019")
    assert found.value < 200
    assert "rsa_recentralised" in found.note


def test_a_ratio_is_its_two_figures(panel):
    top = panel.value("amount_child_welfare_gross_keur", "59", "2019").value
    bottom = panel.value("count_population_0_19", "59", "2019").value
    found = panel.value("amount_child_welfare_per_inhabitant_under_20", "59", "2019").value
    assert found == pytest.approx(1000 * top / bottom)


@pytest.mark.parametrize("name", RATIOS)
def test_every_ratio_of_spending_warns_that_it_is_no_effort(name):
    entry = values.dictionary()[name]
    assert entry.theme == "spending"
    assert entry.higher == "neutral"
    assert "effort" in entry.caution.fr or "sens" in entry.caution.fr


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("net social-aid spending, 2013, France without Mayotte, thousand M€", "33.9",
          "DREES, February 2015, as reported by the press",
          lambda: one("amount_social_aid_net_keur", "FR", "2013") / 1000000.0),
    Check("net social-aid spending, 2013, metropolitan France, thousand M€", "32.1", "the same",
          lambda: one("amount_social_aid_net_keur", "FM", "2013") / 1000000.0, "revised since"),
    Check("net social-aid spending, 2019, France without Mayotte, thousand M€", "39.2",
          "INSEE and DREES, *Indicateurs sociaux départementaux*, 2025",
          lambda: one("amount_social_aid_net_keur", "FR", "2019") / 1000000.0),
    Check("gross social-aid spending per inhabitant, 2013, France, €", "551",
          "INSEE and DREES, *Indicateurs sociaux départementaux*",
          lambda: one("amount_social_aid_gross_per_inhabitant", "FR", "2013"),
          "another definition of gross, [below](#what-does-not-agree); "
          "`tests/methods/test_spending.py::test_social_aid_per_inhabitant_is_the_published_one_but_for_revisions`"),
    Check("gross social-aid spending per inhabitant, 2013, metropolitan France, €", "537", "the same",
          lambda: one("amount_social_aid_gross_per_inhabitant", "FM", "2013"), "same"),
    Check("gross social-aid spending per inhabitant, 2013, median of 100 départements, €", "531", "the same",
          lambda: column("amount_social_aid_gross_per_inhabitant", "2013").median(), "same"),
    Check("insertion spending per RSA recipient, 2019, median, €", "447",
          "a separate calculation from the DREES files, contracts excluded",
          lambda: column("amount_departement_insertion_per_recipient", "2019").median(),
          "`tests/methods/test_spending.py::test_insertion_per_recipient_is_spread_as_known`"),
    Check("insertion spending per RSA recipient, 2019, first quartile, €", "318", "the same",
          lambda: column("amount_departement_insertion_per_recipient", "2019").quantile(0.25), "same test"),
    Check("insertion spending per RSA recipient, 2019, third quartile, €", "576", "the same",
          lambda: column("amount_departement_insertion_per_recipient", "2019").quantile(0.75), "same test"),
    Check("insertion spending per RSA recipient, 2019, lowest, Meuse, €", "45", "the same",
          lambda: column("amount_departement_insertion_per_recipient", "2019").min(), "same test"),
    Check("insertion spending per RSA recipient, 2019, highest, Var, €", "1,805", "the same",
          lambda: column("amount_departement_insertion_per_recipient", "2019").max(), "same test"),
    Check("insertion spending per RSA recipient, 2019, Creuse, €", "1,382", "the same",
          lambda: one("amount_departement_insertion_per_recipient", "23", "2019"), "same test"),
)  # fmt: skip
