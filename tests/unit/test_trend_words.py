"""Sentences on how a figure moved are right in both languages, and never stronger than their interval."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.estimation import trends
from analysis.foundations import values
from analysis.presentation.narrative import trends as wording
from tests.methods.test_trends import months, series
from tests.unit.test_formats import small_dictionary

NAMES = small_dictionary()


@pytest.fixture(autouse=True)
def words(monkeypatch):
    monkeypatch.setattr(values, "dictionary", lambda: NAMES)


def told(figures, indicator="rate_poverty", prices=None, lang="fr", **columns):
    frame = series(figures, indicator=indicator, **columns)
    found = trends.trend(frame, NAMES[indicator], prices)
    text = wording.trend(found, lang) if found else wording.no_trend(indicator, "67", lang)
    return re.sub("[\u00a0\u202f]", " ", text)


@pytest.mark.parametrize(
    ("figures", "options", "fr", "en"),
    [
        (
            {"2018": 9.9, "2020": 11.1, "2023": 11.1, "2024": 12.3},
            {},
            "Depuis le début du Pacte, entre 2023 et 2024, dans le Bas-Rhin, le taux de pauvreté a augmenté de 1,2 "
            "point, passant de 11,1 % à 12,3 %. Sur les cinq années précédentes, entre 2018 et 2023, la hausse avait "
            "été de 1,2 point, de 9,9 % à 11,1 %.",
            "Since the Pacte began, between 2023 and 2024, the poverty rate in Bas-Rhin rose by 1.2 points, from "
            "11.1% to 12.3%. Over the five years before, between 2018 and 2023, the rise was 1.2 points, from 9.9% "
            "to 11.1%.",
        ),
        (
            {"2019": 21340.0, "2022": 20100.0},
            {"indicator": "count_recipients", "lower": [21290, 20050], "upper": [21390, 20150]},
            "Entre 2019 et 2022, dans le Bas-Rhin, le nombre d’allocataires du RSA a diminué de 5,8 % (5,4 à 6,3 %, "
            "compte tenu de l’arrondi), passant de 21 340 à 20 100. Nos fichiers n’ont aucun chiffre des années du "
            "Pacte.",
            "Between 2019 and 2022, the number of RSA recipients in Bas-Rhin fell by 5.8% (5.4 to 6.3%, given the "
            "rounding), from 21,340 to 20,100. Our files have no figure of the Pacte’s years.",
        ),
        (
            {"2022": 30.0, "2024": 1900.0},
            {"indicator": "count_recipients"},
            "Entre 2022 et 2024, dans le Bas-Rhin, le nombre d’allocataires du RSA passe de 30 à 1 900.",
            "Between 2022 and 2024, the number of RSA recipients in Bas-Rhin went from 30 to 1,900.",
        ),
        (
            {"2023": 500.0, "2024": 1900.0},
            {"indicator": "count_recipients"},
            "Depuis le début du Pacte, entre 2023 et 2024, dans le Bas-Rhin, le nombre d’allocataires du RSA passe "
            "de 500 à 1 900, dans un rapport de 1 à 3,8.",
            "Since the Pacte began, between 2023 and 2024, the number of RSA recipients in Bas-Rhin went from 500 to "
            "1,900, 3.8 times the first figure.",
        ),
        (
            {"2014": 20000.0, "2019": 21000.0},
            {"indicator": "amount_income", "prices": trends.Prices({2014: 100.0, 2019: 104.0})},
            "Sur les cinq dernières années de nos fichiers, entre 2014 et 2019, en euros constants de 2019, dans le "
            "Bas-Rhin, le niveau de vie médian a augmenté de 1,0 %, passant de 20 800 € par an à 21 000 € par an. En "
            "euros courants, le montant est passé de 20 000 € par an à 21 000 € par an. Nos fichiers n’ont aucun "
            "chiffre des années du Pacte.",
            "Over the last five years in our files, between 2014 and 2019, in constant euros of 2019, the median "
            "standard of living in Bas-Rhin rose by 1.0%, from €20,800 a year to €21,000 a year. In current euros, "
            "the amount went from €20,000 a year to €21,000 a year. Our files have no figure of the Pacte’s years.",
        ),
        (
            {"2016": 9.9, "2018": 11.1, "2019": 11.2},
            {"lower": [9.85, 11.05, 11.15], "upper": [9.95, 11.15, 11.25]},
            "Entre 2018 et 2019, dans le Bas-Rhin, le taux de pauvreté ne montre pas de variation qui dépasse "
            "l’arrondi des chiffres (de 11,1 % à 11,2 %). Nos fichiers n’ont aucun chiffre des années du Pacte. Les "
            "chiffres antérieurs ne sont pas comparables : en 2018, nouvelle méthode.",
            "Between 2018 and 2019, the poverty rate in Bas-Rhin shows no change beyond the rounding of the figures "
            "(from 11.1% to 11.2%). Our files have no figure of the Pacte’s years. Earlier figures are not "
            "comparable: in 2018, new method.",
        ),
        (
            {"2015": 10.0, "2016": 10.0, "2018": 11.1},
            {},
            "Entre 2015 et 2016, dans le Bas-Rhin, le taux de pauvreté n’a pas varié (10,0 %). Nos fichiers n’ont "
            "aucun chiffre des années du Pacte. Les chiffres suivants ne sont pas comparables à ceux-ci : en 2018, "
            "nouvelle méthode.",
            "Between 2015 and 2016, the poverty rate in Bas-Rhin did not change (10.0%). Our files have no figure of "
            "the Pacte’s years. Later figures are not comparable with these: in 2018, new method.",
        ),
        (
            {"2021": 10.0, "2022": 14.0},
            {"note": ["", "jump_unexplained"]},
            "Entre 2021 et 2022, dans le Bas-Rhin, le taux de pauvreté a augmenté de 4,0 points, passant de 10,0 % à "
            "14,0 %. Nos fichiers n’ont aucun chiffre des années du Pacte. La série fait un saut en 2022, que rien "
            "n’explique ici : il peut venir du fichier autant que du territoire.",
            "Between 2021 and 2022, the poverty rate in Bas-Rhin rose by 4.0 points, from 10.0% to 14.0%. Our files "
            "have no figure of the Pacte’s years. The series jumps in 2022, which nothing here explains: it may come "
            "from the file as well as from the territory.",
        ),
        (
            {"2016": 10.0, "2018": 11.0},
            {},
            "Taux de pauvreté : moins de deux chiffres comparables dans le Bas-Rhin, aucune évolution n’est donnée.",
            "Poverty rate: fewer than two comparable figures in Bas-Rhin, so no change is given.",
        ),
    ],
)  # fmt: skip
def test_trends(figures, options, fr, en):
    assert told(figures, **options) == fr
    assert told(figures, lang="en", **options) == en


def test_twelve_months_are_said_to_be_twelve(monkeypatch):
    flow = values.Indicator(**(vars(NAMES["count_recipients"]) | {"over_time": "flow"}))
    monkeypatch.setitem(NAMES._entries, "count_recipients", flow)
    figures = dict.fromkeys(months("2023-01", 12), 100.0) | dict.fromkeys(months("2024-01", 12), 110.0)
    assert told(figures, "count_recipients").startswith(
        "Depuis le début du Pacte, entre les douze mois achevés en décembre 2023 et les douze mois achevés en décembre "
        "2024, dans le Bas-Rhin, le nombre d’allocataires du RSA a augmenté de 10,0 %, passant de 1 200 à 1 320."
    )


@given(
    st.floats(1, 50),
    st.floats(1, 50),
    st.floats(0, 20),
    st.floats(0, 20),
    st.sampled_from(["observed", "modelled"]),
)
def test_a_change_is_one_only_beyond_its_bounds(first, last, below, above, state):
    bounds = {"lower": [first - below, last - above], "upper": [first + above, last + below], "state": state}
    text = told({"2023": first, "2024": last}, "rate_expected", lang="en", **bounds)
    claims = " rose " in text or " fell " in text
    if last - first - 2 * above < -1e-6 and last - first + 2 * below > 1e-6:
        assert not claims
    if claims:
        assert (" rose " in text) == (last > first)


@pytest.mark.parametrize(
    ("last", "said"),
    [(5.0, "passe de 5,0 % ou moins à 5,0 % ou moins"), (5.4, "passe de 5,0 % ou moins à 5,4 %")],
)
def test_a_figure_that_is_a_bound_is_not_said_to_have_moved_or_not(last, said):
    notes = ["bottom_coded", "bottom_coded" if last == 5.0 else ""]
    assert said in told({"2019": 5.0, "2020": last}, lower=[0.0, None], upper=[5.0, None], note=notes)


def test_estimates_without_an_interval_do_not_change():
    text = told({"2023": 30.0, "2024": 34.0}, "rate_expected", state="modelled")
    assert "n’ont pas d’intervalle" in text


def test_the_bounds_of_an_estimate_whose_error_is_not_known_are_those_of_rounding_alone(monkeypatch):
    """« +0,2 point (0,1 à 0,3) » of unemployment is no interval."""
    error = values.Text("Non connue.", "Not known.")
    entry = replace(NAMES["rate_poverty"], error=error)
    names = values.Dictionary({**NAMES, "rate_poverty": entry}, NAMES.units)
    monkeypatch.setattr(values, "dictionary", lambda: names)
    figures = {"2023": 7.3, "2024": 7.5}
    bounds = {"lower": [7.25, 7.45], "upper": [7.35, 7.55]}
    frame = series(figures, indicator="rate_poverty", **bounds)
    text = wording.trend(trends.trend(frame, names["rate_poverty"], None), "en")
    assert (
        "(0.1 to 0.3 points, allowing for rounding alone and not for the error of the estimate)"
        in text.replace("\u00a0", " ")
    )
