"""What a value is: periods, the dictionary, and what each refuses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.foundations import values
from analysis.foundations.periods import Period, sorted_periods
from analysis.foundations.values import UnknownIndicator, read_dictionary

ENTRY = """
units:
  percent: {symbol: {fr: "%", en: "%"}, axis: {fr: "en %", en: "%"}}
indicators:
  share_x:
    label: {fr: part, en: share}
    unit: percent
    theme: context
    definition: {fr: d, en: d}
"""


@pytest.mark.parametrize(
    ("text", "year", "months", "frequency"),
    [
        ("2024", 2024, 12, "A"),
        ("2025-Q3", 2025, 3, "Q"),
        ("2024-12", 2024, 1, "M"),
        ("2021-S1", 2021, 6, "S"),
        ("2020-2021", 2020, 12, "A"),
    ],
)
def test_a_canonical_period_is_read(text, year, months, frequency):
    found = Period.parse(text)
    assert (found.year, found.months, found.frequency) == (year, months, frequency)


@pytest.mark.parametrize(
    "text", ["2024-13", "2024-Q5", "24", "2024-00", "2020-2022", "décembre 2024", "2024-1", ""]
)
def test_another_period_is_refused_with_the_forms_that_exist(text):
    with pytest.raises(ValueError, match=r"2025-Q3|follow"):
        Period.parse(text)


@given(st.text(max_size=12))
def test_no_text_makes_the_reader_fail_otherwise(text):
    try:
        assert Period.parse(text).text == text
    except ValueError:
        return


def test_periods_sort_by_time_and_not_by_text():
    assert sorted_periods(["2024-Q4", "2024", "2023-12", "2024-02"]) == [
        "2023-12",
        "2024",
        "2024-02",
        "2024-Q4",
    ]


def test_a_stock_stands_at_the_end_of_its_month_and_a_year_at_its_middle():
    assert Period.parse("2024-12").decimal_year == 2025.0
    assert Period.parse("2024").decimal_year == 2024.5


def test_an_unknown_indicator_is_refused_with_the_nearest():
    names = read_dictionary(ENTRY)
    with pytest.raises(UnknownIndicator, match="did you mean share_x"):
        names["share_y"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("label: {fr: part, en: share}", "label: {fr: part}", "share_x.label"),
        ("label: {fr: part, en: share}", "label:", "share_x.label: expected the keys fr and en, found None"),
        ("theme: context", "theme: context\n    colour: red", "unknown keys"),
        ("theme: context", "theme: context\n    error: survey", "share_x.error: 'survey' is none"),
    ],
)
def test_a_malformed_entry_is_refused_by_name(old, new, message):
    with pytest.raises(ValueError, match=message):
        read_dictionary(ENTRY.replace(old, new))


def test_what_is_known_of_an_error_is_said_with_what_must_not_be_concluded():
    told = "errors: {survey: {fr: Non connue., en: Not known.}}\n"
    entry = read_dictionary(told + ENTRY.replace("theme: context", "theme: context\n    error: survey"))[
        "share_x"
    ]
    assert entry.reserves("fr").endswith("Non connue.") and entry.error.en == "Not known."


@pytest.mark.parametrize(
    "name",
    [
        "rate_unemployment",
        "rate_employment_census_15_64",
        "share_recruitment_projects_difficult",
        "share_felt_cold",
    ],
)
def test_a_figure_that_is_sampled_or_estimated_says_what_is_known_of_its_error(name):
    assert re.search(r"not found|about 2 points", values.dictionary()[name].error.en)
    assert not values.dictionary()["count_rsa_recipients"].error


def test_an_indicator_defined_twice_is_refused():
    with pytest.raises(ValueError, match="share_x is defined twice"):
        read_dictionary(ENTRY + ENTRY[ENTRY.index("  share_x") :])


def test_every_entry_of_the_dictionary_is_coherent():
    names = values.dictionary()
    for name, entry in names.items():
        assert entry.unit in names.units, name
        assert entry.theme in values.THEMES, name
        assert name.split("_")[0] in ("share", "rate", "count", "amount", "ratio", "index", "duration"), name
        assert entry.higher in ("worse", "better", "neutral"), name
        for text in entry.breaks:
            Period.parse(text)
        if entry.ratio:
            assert entry.ratio.numerator in names, name
            assert entry.ratio.denominator in names, name
        if entry.population:
            assert entry.population in names, name


def test_what_can_be_compared_between_territories_of_different_size_is_said_by_the_unit_of_every_indicator():
    names = values.dictionary()
    assert not [key for key, unit in names.units.items() if unit.kind is None]
    follow_size = {
        name
        for name, entry in names.items()
        if entry.additive or name.endswith("_meur") or (name.startswith("count_") and "degree" not in name)
    }
    assert follow_size == {name for name in names if not names.comparable(name)}
    assert not names.comparable(
        "count_job_seekers_a_sa"
    )  # a number, though départements do not add up to France
    assert names.comparable("amount_rsa_cost_per_recipient")


@pytest.mark.parametrize(
    ("unit", "own", "compared", "counted"),
    [
        ("kind: people", "", False, True),
        ("kind: people", "    comparable: true\n", True, False),
        ("kind: amount, money: true", "", True, False),
        ("kind: total", "", False, False),
        ("kind: share", "    comparable: false\n", False, False),
        ("money: false", "", False, False),
    ],
)
def test_an_indicator_may_differ_from_its_unit_and_a_unit_without_a_kind_is_not_compared(
    unit, own, compared, counted
):
    names = read_dictionary(ENTRY.replace("percent: {", f"percent: {{{unit}, ") + own)
    assert (names.comparable("share_x"), names.counts("share_x")) == (compared, counted)
