"""Numbers, units, dates and states as readers write them, and a catalogue of messages that cannot be misused."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.foundations import values
from analysis.foundations.translations import MessageError, read, typeset
from analysis.foundations.values import Value, read_dictionary
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import known, say
from analysis.reports.pages import interface

N, T = "\u00a0", "\u202f"

SMALL = """
units:
  percent: {symbol: {fr: "%", en: "%"}, axis: {fr: "en %", en: "%"}}
  household: {symbol: {fr: foyers, en: households}, axis: {fr: nombre de foyers, en: number of households}}
  person: {symbol: {fr: personnes, en: people}, axis: {fr: nombre de personnes, en: number of people}}
  euro_per_year: {symbol: {fr: € par an, en: € a year}, axis: {fr: en euros par an, en: euros a year}}
  per_1000: {symbol: {fr: "pour 1000", en: "per 1000"}, axis: {fr: "pour 1000", en: "per 1000"}}
  index: {symbol: {fr: "", en: ""}, axis: {fr: indice, en: index}}
indicators:
  rate_poverty:
    {label: {fr: taux de pauvreté, en: poverty rate}, unit: percent, theme: poverty, decimals: 1, rounding: 0.1,
     definition: {fr: d, en: d}, breaks: {"2018": {fr: nouvelle méthode, en: new method}}}
  count_recipients:
    {label: {fr: allocataires du RSA, en: RSA recipients}, unit: household, theme: rights, rounding: 10,
     definition: {fr: d, en: d}, minimum: 0}
  rate_expected:
    {label: {fr: taux de non-recours attendu, en: expected non-take-up rate}, unit: percent, theme: rights,
     definition: {fr: d, en: d}, modelled: true}
  amount_income:
    {label: {fr: niveau de vie médian, en: median standard of living}, unit: euro_per_year, theme: income,
     definition: {fr: d, en: d}}
  rate_recipients_per_1000:
    {label: {fr: nombre d’allocataires pour 1000 habitants, en: recipients per 1000 inhabitants}, unit: per_1000,
     theme: rights, decimals: 1, definition: {fr: d, en: d}}
"""


def small_dictionary():
    """A dictionary of a few indicators, for tests that must not depend on the project's."""
    return read_dictionary(SMALL)


@pytest.fixture(autouse=True)
def words(monkeypatch):
    names = small_dictionary()
    monkeypatch.setattr(values, "dictionary", lambda: names)


def value(indicator, amount, lower=None, upper=None, state="observed", **others):
    return Value(indicator, "67", "2022", amount, lower, upper, state, **others)


@pytest.mark.parametrize(
    ("x", "decimals", "fr", "en"),
    [
        (12345.65, 1, f"12{T}345,7", "12,345.7"),
        (-1234567, 0, f"−1{T}234{T}567", "−1,234,567"),
        (0.5, 0, "1", "1"),
        (2.5, 0, "3", "3"),
        (0.145, 2, "0,15", "0.15"),
        (-0.04, 1, "0,0", "0.0"),
    ],
)
def test_numbers(x, decimals, fr, en):
    assert (formats.number(x, "fr", decimals), formats.number(x, "en", decimals)) == (fr, en)


def test_signs():
    assert [formats.signed(x, "fr", 1) for x in (1.24, -1.24, 0.04, -0.04)] == ["+1,2", "−1,2", "0,0", "0,0"]


@pytest.mark.parametrize(
    ("x", "unit", "decimals", "fr", "en"),
    [
        (34.25, "percent", 1, f"34,3{T}%", "34.3%"),
        (1, "household", 0, f"1{N}foyer", f"1{N}household"),
        (1.5, "household", 1, f"1,5{N}foyer", f"1.5{N}households"),
        (0.5, "household", 0, f"1{N}foyer", f"1{N}household"),
        (1.5, "household", 0, f"2{N}foyers", f"2{N}households"),
        (2.5, "household", 0, f"3{N}foyers", f"3{N}households"),
        (-0.95, "point", 1, f"−1,0{N}point", f"−1.0{N}point"),
        (1.95, "point", 1, f"2,0{N}points", f"2.0{N}points"),
        (12340, "household", 0, f"12{T}340{N}foyers", f"12,340{N}households"),
        (-1234, "euro_per_year", 0, f"−1{T}234{N}€ par an", "−€1,234 a year"),
        (12, "index", 0, "12", "12"),
    ],
)
def test_quantities(x, unit, decimals, fr, en):
    assert formats.quantity(x, unit, "fr", decimals) == fr
    assert formats.quantity(x, unit, "en", decimals) == en


def test_differences_of_percentages_are_points():
    assert formats.change(-1.2, "percent", "fr", 1) == f"−1,2{N}point"
    assert formats.change(2, "percent", "fr", 1) == f"+2,0{N}points"
    assert formats.change(-1, "percent", "en", sign=False) == f"1{N}point"
    assert formats.change(-20, "household", "fr") == f"−20{N}foyers"


NUMBERS = st.floats(-1e6, 1e6)


def as_read(text):
    """The number that a reader of English reads."""
    return float(text.replace(",", "").replace("−", "-").replace("+", ""))


@given(NUMBERS, NUMBERS, st.integers(0, 3))
def test_what_is_said_of_two_figures_is_what_a_reader_computes_from_them(x, reference, decimals):
    """81.4 and 77.6 are written 81 and 78: they are 3 apart, not 4."""
    first, second = (as_read(formats.number(one, "en", decimals)) for one in (x, reference))
    apart = formats.difference(x, reference, decimals)
    assert as_read(formats.signed(apart, "en", decimals)) == pytest.approx(
        first - second, abs=1e-9, rel=1e-12
    )
    if second:
        percent = formats.growth(reference, x, decimals)
        assert percent == pytest.approx(100 * (first - second) / abs(second), abs=1e-9, rel=1e-9)


def test_what_cannot_be_computed_from_two_figures_is_not():
    assert formats.difference(81.4, 77.6) == 3 and formats.growth(77.6, 81.4) == pytest.approx(100 * 3 / 78)
    assert formats.growth(0.4, 3) == float("inf") and formats.growth(0.4, -3) == -float("inf")
    undefined = [formats.growth(0.4, 0.2), formats.growth(1, float("inf"))]
    undefined += [formats.difference(float(x), float(x)) for x in ("inf", "nan")]
    assert all(x != x for x in undefined)


def test_intervals():
    assert formats.interval(23, 45, "percent", "fr") == f"23{T}% à 45{T}%"
    assert formats.interval(1100, 1200, "household", "en") == f"1,100 to 1,200{N}households"
    assert formats.bracket(23, 45.5, "fr", 1) == f"[23,0{T}; 45,5]"
    assert formats.bracket(23, 45, "en") == "[23, 45]"


@pytest.mark.parametrize(
    ("period", "fr", "en", "short_fr", "short_en"),
    [
        ("2022", "en 2022", "in 2022", "2022", "2022"),
        ("2025-Q3", "au 3e trimestre 2025", "in Q3 2025", "T3 2025", "Q3 2025"),
        ("2025-Q1", "au 1er trimestre 2025", "in Q1 2025", "T1 2025", "Q1 2025"),
        ("2024-12", "en décembre 2024", "in December 2024", "déc. 2024", "Dec 2024"),
        ("2021-S2", "au 2e semestre 2021", "in H2 2021", "S2 2021", "H2 2021"),
        ("2020-2021", "en 2020-2021", "in 2020–2021", "2020-2021", "2020–2021"),
    ],
)
def test_periods(period, fr, en, short_fr, short_en):
    assert (formats.at(period, "fr"), formats.at(period, "en")) == (fr, en)
    assert (formats.short_period(period, "fr"), formats.short_period(period, "en")) == (short_fr, short_en)


def test_periods_that_need_more_than_their_name():
    assert formats.date_words("2025-01-01", "fr") == "1er janvier 2025"
    assert [formats.date_words("2025-01-11", lang) for lang in ("fr", "en")] == [
        "11 janvier 2025",
        "11 January 2025",
    ]
    assert formats.at("2020-02", "fr", stock=True) == f"au 29{N}février 2020"
    assert formats.at("2019-12", "en", stock=True) == f"at 31{N}December 2019"
    assert formats.at("2022", "fr", stock=True) == "en 2022"
    assert formats.at("2019-2020", "fr", winter=True) == "à l’hiver 2019-2020"
    between = "entre le 1er trimestre 2020 et le 3e trimestre 2025"
    assert formats.span("2020-Q1", "2025-Q3", "fr") == between


@pytest.mark.parametrize(
    ("given", "fr", "en"),
    [
        (value("count_recipients", 12340, 12335, 12345), f"12{T}340{N}foyers", f"12,340{N}households"),
        (
            value("count_recipients", 12340, state="provisional"),
            f"12{T}340{N}foyers (provisoire)",
            f"12,340{N}households (provisional)",
        ),
        (
            value("rate_expected", 34, 23, 45, "modelled"),
            f"34{T}% (estimation d’un modèle{T}; intervalle à 95{T}%{N}: 23{T}% à 45{T}%)",
            "34% (model estimate; 95% interval: 23% to 45%)",
        ),
        (value("rate_poverty", 5, 0, 5, note="bottom_coded"), f"5,0{T}% ou moins", "5.0% or less"),
        (value("rate_poverty", 5, 5, note="other lower_bound"), f"au moins 5,0{T}%", "at least 5.0%"),
        (
            value("rate_poverty", 5.04, note="denominator_2021"),
            f"5,0{T}% (rapporté aux effectifs de 2021)",
            "5.0% (relative to the counts of 2021)",
        ),
        (
            value("rate_poverty", 5, quality="local"),
            f"5,0{T}% (chiffre du département)",
            "5.0% (the département’s own figure)",
        ),
        (value("rate_poverty", None, state="unavailable"), "absent de nos fichiers", "not in our files"),
        (
            value("rate_poverty", None, state="suppressed"),
            "couvert par le secret statistique",
            "withheld for statistical confidentiality",
        ),
        (value("rate_poverty", None, state="not_applicable"), "sans objet", "not applicable"),
    ],
)
def test_a_figure_is_written_with_what_must_travel_with_it(given, fr, en):
    assert formats.format_value(given, "fr") == fr
    assert formats.format_value(given, "en") == en


def test_rounding_is_said_once_and_only_where_there_is_one():
    assert formats.rounding_note("count_recipients", "fr").endswith(f"à 10{N}foyers près")
    assert formats.rounding_note("rate_poverty", "en").endswith(f"nearest 0.1{N}points")
    assert formats.rounding_note("amount_income", "fr") == ""


# -------------------------------------------------------------------------------------------------------- messages


@pytest.mark.parametrize("entry", ['msgid "key"\nmsgstr ""\n', '#, fuzzy\nmsgid "key"\nmsgstr "un"\n'])
def test_a_message_without_words_or_with_unsure_ones_is_refused(entry):
    sound = 'msgid "other"\nmsgstr "deux"\n\n'
    assert read(sound.encode(), "x.po") == {"other": "deux"}
    with pytest.raises(MessageError, match=r"x\.po: .* key;"):
        read((sound + entry).encode(), "x.po")


@pytest.mark.parametrize(
    ("key", "placeholders"),
    [
        ("period.span", {"first": "2020"}),
        ("period.span", {"first": "2020", "last": "2021", "more": "x"}),
        ("period.span", {"first": "2020", "last": 2021}),
        ("period.spam", {"first": "2020", "last": "2021"}),
    ],
)
def test_a_message_is_said_whole_or_not_at_all(key, placeholders):
    with pytest.raises(MessageError, match=r"period\.spa"):
        say(key, "fr", **placeholders)


@pytest.mark.parametrize("placeholders", [{"title": 2}, {"title": "x", "more": "y"}, {}])
def test_what_stands_around_a_report_is_said_as_strictly(placeholders):
    with pytest.raises(MessageError, match="absent"):
        interface.say("absent", "fr", **placeholders)


def test_french_is_typeset_and_elided():
    raw = "Il l'a dit : « 60 % ; oui ! »"
    told = f"Il l’a dit{N}: «{N}60{T}%{T}; oui{T}!{N}»"
    assert typeset(raw, "fr") == told == typeset(told, "fr")
    assert say("subject.count", "fr", label="allocataires") == "le nombre d’allocataires"
    assert say("subject.count", "fr", label="habitants") == "le nombre d’habitants"
    assert say("subject.count", "fr", label="foyers") == "le nombre de foyers"
    assert say("subject.count", "fr", label="A") == "le nombre de A"
    assert say("subject.count", "en", label="de allocataires") == "the number of de allocataires"


def test_every_unit_of_the_project_has_its_singular(monkeypatch):
    monkeypatch.undo()
    plural = {
        key for key, unit in values.dictionary().units.items() if re.match(r"[^\W\d]+s\b", unit.symbol["fr"])
    }
    assert plural >= {"household", "person"}
    assert not {key for key in plural if not known(f"unit.{key}", "fr")}
