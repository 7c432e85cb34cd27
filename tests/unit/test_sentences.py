"""Sentences are those of a careful statistician: right in both languages, and never stronger than their interval."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.estimation.comparison import QUANTILES, Funnel, Peers, Position
from analysis.foundations import territories, values
from analysis.foundations.values import Value
from analysis.presentation.narrative import sentences
from analysis.presentation.narrative.messages import say
from tests.unit.test_formats import small_dictionary

NAMES = small_dictionary()


@pytest.fixture(autouse=True)
def words(monkeypatch):
    monkeypatch.setattr(values, "dictionary", lambda: NAMES)


def plain(text):
    """A sentence with ordinary spaces, so that tests can be read."""
    return re.sub("[\u00a0\u202f]", " ", text)


def value(amount, bounds=(None, None), state="observed", indicator="rate_poverty", **others):
    given = {"territory": "67", "period": "2022"} | others
    return Value(indicator, value=amount, lower=bounds[0], upper=bounds[1], state=state, **given)


def position_of(own, others, territory="67"):
    known = pd.Series(others, dtype=float)
    if own.known:
        known[territory] = own.value
    rest = known.drop(territory, errors="ignore")
    below = float((rest < own.value).mean()) if own.known and len(rest) else None
    quantiles = {k: float(known.quantile(q)) for k, q in QUANTILES.items()}
    missing = tuple(c for c in territories.DEPARTEMENTS if c not in known.index)
    return Position(own.indicator, "2022", territory, own, len(known), below, quantiles, known, missing)


SPREAD = {code: 10 + i / 10 for i, code in enumerate(c for c in territories.DEPARTEMENTS if c != "67")}


# --------------------------------------------------------------------------------------------------------- levels


@pytest.mark.parametrize(
    ("given", "fr", "en"),
    [
        (
            value(12.34),
            "Dans le Bas-Rhin, le taux de pauvreté s’établit à 12,3 % en 2022.",
            "In Bas-Rhin, the poverty rate was 12.3% in 2022.",
        ),
        (
            value(21340, state="provisional", indicator="count_recipients", territory="75", period="2019-12"),
            "À Paris, le nombre d’allocataires du RSA s’établit à 21 340 (provisoire) en décembre 2019.",
            "In Paris, the number of RSA recipients was 21,340 (provisional) in December 2019.",
        ),
        (
            value(55.04, indicator="rate_recipients_per_1000"),
            "Dans le Bas-Rhin, le nombre d’allocataires pour 1000 habitants s’établit à 55,0 en 2022.",
            "In Bas-Rhin, the number of recipients per 1000 inhabitants was 55.0 in 2022.",
        ),
        (
            value(None, state="unavailable", territory="976"),
            "Taux de pauvreté : nos fichiers n’ont pas de chiffre pour Mayotte en 2022. Nous n’avons pas cherché s’il est "
            "publié.",
            "Poverty rate: our files have no figure for Mayotte in 2022. Whether it is published was not looked for.",
        ),
        (
            value(None, state="unavailable", territory="61", note="no_response unknown_key"),
            "Taux de pauvreté : nos fichiers n’ont pas de chiffre pour l’Orne en 2022. "
            "Le département n’a pas répondu à l’enquête.",
            "Poverty rate: our files have no figure for Orne in 2022. The département did not answer the survey.",
        ),
        (
            value(None, state="suppressed", territory="48"),
            "Taux de pauvreté : le chiffre de la Lozère en 2022 est couvert par le secret statistique.",
            "Poverty rate: the figure of Lozère in 2022 is withheld for statistical confidentiality.",
        ),
        (
            value(None, state="not_applicable", period=None),
            "Taux de pauvreté : l’indicateur est sans objet pour le Bas-Rhin.",
            "Poverty rate: the indicator does not apply to Bas-Rhin.",
        ),
        (
            value(34, (23, 45), "modelled", "rate_expected"),
            "Taux de non-recours attendu : le modèle attend 34 % dans le Bas-Rhin en 2022 "
            "(intervalle à 95 % : 23 % à 45 %). C’est une estimation, non une mesure.",
            "Expected non-take-up rate: the model expects 34% in Bas-Rhin in 2022 "
            "(95% interval: 23% to 45%). This is an estimate, not a measurement.",
        ),
    ],
)
def test_levels(given, fr, en):
    assert plain(sentences.level(given, "fr")) == fr
    assert plain(sentences.level(given, "en")) == en


def test_a_stock_is_dated_by_its_day():
    told = sentences.level(value(21340, indicator="count_recipients", period="2019-12"), "fr", stock=True)
    assert plain(told).endswith("21 340 au 31 décembre 2019.")


def test_every_indicator_of_the_project_makes_a_subject(monkeypatch):
    monkeypatch.undo()
    names = values.dictionary()
    for name in names:
        french, english = (sentences.subject(name, lang) for lang in ("fr", "en"))
        assert re.match(r"(le|la) |l’", french), french
        assert english.startswith("the "), english
        assert names[name].label.fr in french.replace("d’", "de ") or names[name].label.fr in french


# ------------------------------------------------------------------------------------------------------- position


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (17.25, "plus élevé que la médiane des départements"),
        (13.25, "plus bas que la médiane des départements"),
        (18.0, "plus élevé que dans les trois quarts des autres départements"),
        (11.25, "plus bas que dans les trois quarts des autres départements"),
        (99.0, "plus élevé que dans les trois quarts des autres départements"),
        (15.25, "proche de la médiane des départements"),
    ],
)
def test_a_level_is_placed_and_never_ranked(own, told):
    sentence = plain(sentences.position(position_of(value(own), SPREAD), "fr"))
    assert told in sentence
    assert not re.search(r"rang|premier|dernier|meilleur|pire|\d e?r? ?départ|\d %(?! \.)(?!\.)", sentence)


@pytest.mark.parametrize(
    ("bounds", "told"),
    [
        ((5, 16), "position.inside"),
        ((15.5, 20), "position.model_above"),
        ((3, 14), "position.model_below"),
        ((None, None), "position.unbounded"),
    ],
)
def test_an_estimate_is_placed_by_its_interval(bounds, told):
    middle = {"position.model_below": 10.0}.get(told, 16.0)
    found = position_of(value(middle, bounds, "modelled", "rate_expected"), SPREAD)
    assert sentences.position(found, "en") == say(told, "en", median="15%")


def test_a_position_says_among_how_many_and_who_is_missing():
    few = {code: x for code, x in SPREAD.items() if code not in ("973", "976")}
    found = position_of(value(18.0), few)
    assert "des 98 autres départements qui ont un chiffre" in plain(sentences.position(found, "fr"))
    assert plain(sentences.coverage(found, "fr")) == (
        "Aucun chiffre n’est connu ici pour cette période en Guyane et à Mayotte."
    )
    assert (
        sentences.coverage(found, "en", limit=1)
        == "No figure is known here for this period in 2 départements."
    )
    assert sentences.coverage(position_of(value(17.25), SPREAD), "fr") == ""


def test_what_has_no_level_or_no_other_has_no_position():
    absent = position_of(value(None, state="unavailable"), SPREAD)
    assert sentences.position(absent, "fr") == sentences.missing(absent.value, "fr")
    alone = position_of(value(12.0), {})
    assert "comparaison n’est pas possible" in sentences.position(alone, "fr")


# ----------------------------------------------------------------------------------------------------------- gaps


@pytest.mark.parametrize(
    ("own", "reference", "told"),
    [
        (
            value(12.3),
            value(14.4, territory="FR"),
            "Le niveau est inférieur de 2,1 points à celui de la France (14,4 %).",
        ),
        (
            value(15.3),
            value(14.4, territory="R44", period="2021"),
            "Le niveau est supérieur de 0,9 point à celui du Grand Est (14,4 % en 2021).",
        ),
        (value(15.3), value(15.3, territory="FR"), "Le niveau est égal à celui de la France (15,3 %)."),
        (
            value(12.34),
            value(14.46, territory="FR"),
            "Le niveau est inférieur de 2,2 points à celui de la France (14,5 %).",
        ),
        (
            value(15.32),
            value(15.28, territory="FR"),
            "Le niveau est égal, à l’arrondi près, à celui de la France (15,3 %).",
        ),
        (
            value(15.3, (15.1, 15.5)),
            value(15.4, (15.3, 15.6), territory="FR"),
            "L’écart avec la France (15,4 %) ne dépasse pas l’arrondi des chiffres.",
        ),
        (
            value(34, (23, 45), "modelled", "rate_expected"),
            value(30, indicator="rate_expected", territory="FM"),
            "L’écart avec la France métropolitaine (30 %) ne dépasse pas l’incertitude de l’estimation.",
        ),
        (
            value(34, state="modelled", indicator="rate_expected"),
            value(30, indicator="rate_expected", territory="FM"),
            "L’écart avec la France métropolitaine (30 %) n’est pas jugé : ces estimations n’ont pas d’intervalle.",
        ),
        (
            value(12.3),
            value(None, state="unavailable", territory="R44"),
            "La comparaison avec le Grand Est n’est pas possible : nous n’en avons pas le chiffre.",
        ),
    ],
)
def test_gaps(own, reference, told):
    assert plain(sentences.gap(own, reference, "fr")) == told


def test_gap_to_peers():
    told = plain(sentences.gap_to_peers(value(11.0), value(12.0, territory=""), "en"))
    assert told == "The level is 1.0 point below the median of comparable départements (12.0%)."
    modelled = value(30, (20, 40), "modelled", "rate_expected")
    told = sentences.gap_to_peers(
        modelled, replace(modelled, value=35, lower=None, upper=None, territory=""), "en"
    )
    assert "within the uncertainty of the estimate" in told


# -------------------------------------------------------------------------------------------------- funnel and peers


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("status", ["within", "beyond_95", "beyond_998", "absent"])
def test_a_funnel_says_no_more_than_its_limits(status, lang):
    codes = () if status == "absent" else ("67",)
    grid = np.ones(1)
    found = Funnel(
        "rate_poverty", "2022", "67", 14.4, 3.0, 1.0, codes, np.array([12.3]), np.array([1e5]), grid,
        grid, grid, grid, grid, grid, status,
    )  # fmt: skip
    told = sentences.funnel(found, lang)
    assert ("14.4" in told.replace(",", ".")) == (status != "absent")
    assert not re.search(r"meilleur|pire|bon|mauvais|better|worse|best", told)
    assert (status == "within") == bool(
        re.search("reste dans la dispersion|stays within the usual spread", told)
    )


def test_peers_are_listed_with_the_reason():
    found = Peers("78", ("91", "2A"), (1.0, 2.0), "nearest", pd.DataFrame(), {"rate_poverty": "2021"})
    told = plain(sentences.peers(found, "fr"))
    assert told.startswith("Départements comparables : Essonne et Corse-du-Sud. Pour les Yvelines, ")
    assert "les plus proches par l’ensemble de leur contexte" in told
    overseas = Peers("976", territories.OVERSEAS[:4], None, "overseas", pd.DataFrame(), {})
    assert "Guadeloupe, Martinique, French Guiana and Réunion" in sentences.peers(overseas, "en")
