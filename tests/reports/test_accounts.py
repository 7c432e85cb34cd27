"""The accounts of every kind of département: whose they are, what another pays, what is no total."""

import re

import pytest

from analysis.reports import sections
from analysis.reports.report import open_report

RSA, APA, SPENDING = (f"amount_accounts_{name}_keur" for name in ("rsa", "apa", "spending"))
NONE = "RSA inscrites aux comptes départementaux sans objet sans objet sans objet"
BY_HEAD, SAVINGS = "amount_accounts_rsa_per_inhabitant", "share_accounts_gross_savings"


def said(show, code, *names):
    html = show(open_report(code, edition="demo"), *names)._repr_html_()
    text = re.sub(r"<[^>]+>", " ", re.sub(r'href="data:[^"]*"', "", html))
    return " ".join(text.replace("\u202f", " ").replace("\xa0", " ").split())


@pytest.mark.parametrize(
    ("code", "there", "never"),
    [
        ("67", ["Les comptes de la Collectivité européenne d’Alsace", "254 757 milliers d’euros", "part du Bas-Rhin seul"],
         ["Les comptes du Bas-Rhin,"]),
        ("09", ["L’État y paie le RSA", NONE, "21 790 milliers"], ["3 292"]),
        ("93", ["L’État y paie le RSA", NONE, "121 384 milliers", "payée par la sécurité sociale"], []),
        ("974", ["L’État y paie le RSA", "169 019 milliers"], []),
        ("19", ["retiré : tenu pour faux", "20 044 milliers", "payée par la sécurité sociale"], ["57 306", "307 091"]),
        ("69", ["298 605 milliers", "34 194 milliers", "264 411 milliers", "Les comptes du Rhône hors métropole de Lyon",
                "Les comptes y sont aussi ceux d’une ville"], ["2 473 615", "2 893 521"]),
        ("75", ["402 493 milliers", "Les comptes y sont aussi ceux d’une ville"], ["7 178 264"]),
        ("2A", ["pas de comptes de la Corse-du-Sud"], ["milliers d’euros"]),
        ("972", ["pas de comptes de la Martinique"], ["milliers d’euros"]),
        ("01", ["46 479 milliers", "52 169 milliers"], ["sans objet", "sécurité sociale"]),
    ],
)  # fmt: skip
def test_accounts_of_each_kind_of_departement(code, there, never):
    told = said(sections.accounts, code, RSA, APA, SPENDING)
    assert not [words for words in there if words not in told], told
    assert not [words for words in never if words in told], told


@pytest.mark.parametrize(
    ("code", "there"),
    [
        ("67", ["Il est publié pour la Collectivité européenne d’Alsace (6AE), où se trouve ce territoire",
                "Dans la Collectivité européenne d’Alsace, la dépense d’allocation du RSA par habitant s’établit à 141 €"]),
        ("66", ["sans objet pour les Pyrénées-Orientales", "L’État y paie le RSA"]),
        ("973", ["sans objet pour la Guyane", "le chiffre de la Guyane en 2025 est publié, mais n’est pas repris ici"]),
        ("2B", ["Ses comptes sont ceux de la Collectivité de Corse"]),
    ],
)  # fmt: skip
def test_the_summary_says_why_a_figure_is_not_that_of_the_departement(code, there):
    told = said(sections.summary, code, BY_HEAD, SAVINGS)
    assert not [words for words in there if words not in told], told


def test_two_sources_stand_side_by_side_and_no_change_is_told_between_them():
    told = said(sections.set_beside, "67", ("amount_rsa_allowance_gross_keur", RSA))
    assert "2019" in told and "2023" in told and "n’est pas une évolution" in told
    assert not re.search(r"augmenté|diminué|baissé|hausse", told)


def test_a_change_across_what_another_pays_is_not_told():
    assert "entre 2023 et 2024" in said(sections.trend, "19", APA)
    assert "entre 2023 et 2025" in said(sections.trend, "01", APA)
