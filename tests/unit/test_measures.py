"""The measures of the Pacte: every indicator that they name exists and is what the list says it is."""

import pytest
import yaml

from analysis.foundations.measures import AXES, axes, measures, read_measures
from analysis.foundations.values import dictionary
from tests.conventions.text_rules import bilingual_texts

BY_KEY = {measure.key: measure for measure in measures()}
NAMED = [
    (m.key, role, name)
    for m in measures()
    for role in ("published", "modelled", "proxies", "local")
    for name in getattr(m, role)
]

AXES_TEXT = "axes: {1: {fr: un, en: one}, 2: {fr: deux, en: two}, 3: {fr: trois, en: three}, 4: {fr: quatre, en: four}}"
ENTRY = {
    "axis": 3,
    "name": {"fr": "a", "en": "a"},
    "outcome": {"fr": "b", "en": "b"},
    "missing": {"fr": "c", "en": "c"},
    "local": ["count_children_in_hotels"],
}


def read(**changes):
    entry = {key: value for key, value in (ENTRY | changes).items() if value is not None}
    return read_measures(
        f"checked: 2026-11-30\n{AXES_TEXT}\nmeasures: {yaml.safe_dump({'m': entry}, default_flow_style=True)}"
    )


@pytest.mark.parametrize(("measure", "role", "name"), NAMED, ids=[f"{m}-{n}" for m, _, n in NAMED])
def test_every_indicator_named_exists_and_is_what_the_list_says(measure, role, name):
    entry = dictionary()[name]
    assert entry.local == (role == "local")
    if role == "modelled":
        assert entry.modelled
    if role == "published":
        assert not entry.modelled


def test_every_figure_that_only_a_departement_holds_has_its_measure():
    held = {name for name, entry in dictionary().items() if entry.local}
    assert held == {name for _, role, name in NAMED if role == "local"}


def test_there_are_four_axes_and_each_has_measures():
    assert tuple(axis.number for axis in axes()) == AXES
    assert {measure.axis for measure in measures()} == set(AXES)
    assert len(BY_KEY) == len(measures()) > 20


def test_an_indicator_shows_a_measure_in_one_way_only():
    for measure in measures():
        names = [name for key, _, name in NAMED if key == measure.key]
        assert len(names) == len(set(names)), measure.key


def test_texts_are_in_both_languages_and_well_set():
    texts = [
        {"fr": text.fr, "en": text.en}
        for text in (
            *(axis.name for axis in axes()),
            *(t for m in measures() for t in (m.name, m.outcome, m.missing)),
        )
    ]
    assert not list(bilingual_texts(texts, where="measures.yml"))
    assert all(text["fr"].strip() and text["en"].strip() for text in texts)


def test_a_measure_is_read_whole():
    found_axes, (measure,), checked = read()
    assert checked == "2026-11-30"
    assert [axis.name.en for axis in found_axes] == ["one", "two", "three", "four"]
    assert (measure.key, measure.axis, measure.name.fr, measure.local) == (
        "m",
        3,
        "a",
        ("count_children_in_hotels",),
    )
    assert measure.published == measure.modelled == measure.proxies == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"axis": 5}, "m.axis: axis 5"),
        ({"axis": None}, "m: axis missing"),
        ({"missing": None}, "m: missing missing"),
        ({"colour": "red"}, "m: unknown keys .*colour"),
        ({"name": {"fr": "a"}}, "m.name: expected the keys fr and en"),
        ({"outcome": "b"}, "m.outcome: expected the keys fr and en"),
    ],
)
def test_an_entry_at_fault_is_named(changes, message):
    with pytest.raises(ValueError, match=f"measures.yml, line [0-9]+, measures.{message}"):
        read(**changes)
