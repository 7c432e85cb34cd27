"""A period spoken of by default is one that most have; a département's own figure is compared with nobody."""

import pandas as pd
import pytest

from analysis.data import coverage
from analysis.data import panel as panels
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.cells import figures
from analysis.foundations.values import Value, read_dictionary
from analysis.presentation.narrative import formats, sentences
from tests.unit.test_catalogue import sidecar
from tests.unit.test_panel import DICTIONARY, keep, row

ALL = territories.DEPARTEMENTS
GRAND_EST = territories.departements_of("R44")


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A catalogue whose dictionary has two counts and their ratio."""
    names = read_dictionary(DICTIONARY)
    for module in ("analysis.data.panel", "analysis.data.building", "analysis.data.schema"):
        monkeypatch.setattr(f"{module}.dictionary", lambda: names)
    return Catalogue(tmp_path / "raw")


def give(catalogue, period, values, indicator="count_a", name="local/own_67", state="observed"):
    """Keep figures that a département gave, with words that are keys in a note."""
    rows = pd.DataFrame({"territory": list(values), "period": period, "indicator": indicator})
    rows = rows.assign(value=list(values.values()), words="bottom_coded corrected denominator_2019")
    catalogue.store(figures(rows, state=state), sidecar(name, quality="local"))


def some(catalogue, period, values, indicator="count_a", name="early/one"):
    keep(catalogue, name, indicator, period, values)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({}, []),
        ({"2023": 101, "2024": 1}, ["2023"]),
        ({"2023": 101, "2024": 50}, ["2023"]),
        ({"2023": 101, "2024": 51}, ["2023", "2024"]),
        ({"2023": 1, "2024": 1}, ["2023", "2024"]),
        ({"2024-12": 2, "2024-Q3": 4, "2025-01": 1}, ["2024-Q3"]),
    ],
)
def test_a_period_is_covered_when_most_of_as_many_as_ever_have_it(counts, expected):
    assert coverage.covered(when for when, n in counts.items() for _ in range(n)) == expected


@pytest.mark.parametrize("newer", [give, some], ids=["a département's own", "released early"])
@pytest.mark.parametrize("few", [("67",), GRAND_EST], ids=["one", "a région"])
def test_a_newer_figure_of_a_few_moves_no_comparison(small, newer, few):
    for indicator in ("count_a", "count_b"):
        keep(small, f"x/{indicator}", indicator, "2024-12", dict.fromkeys(ALL, 1000.0))
    before = Panel(panels.build(small))
    newer(small, "2025-03", dict.fromkeys(few, 1300.0))
    panel = Panel(panels.build(small))
    for name in ("count_a", "rate_c"):
        assert [panel.latest(name, code) for code in (None, "67", "68", "R44", "FR")] == ["2024-12"] * 5
        assert panel.cross_section(name).equals(before.cross_section(name))
        assert panel.value(name, "67").period == "2024-12"
        shown = panel.newer(name, "67")
        assert (shown.period, shown.quality == "local") == ("2025-03", newer is give)
        assert panel.newer(name, "75") is None
        assert panel.datasets(name) == before.datasets(name) or newer is some
    assert (panel.newer("count_a", "R44") is None) == (few == ("67",))


@pytest.mark.parametrize("term", ["count_a", "count_b"])
def test_what_is_computed_from_a_figure_of_the_departement_is_its_own_too(small, term):
    given, other = (term, "count_b") if term == "count_a" else (term, "count_a")
    keep(small, "x/other", other, "2024-12", dict.fromkeys(ALL, 100.0))
    keep(small, "x/given", given, "2024-12", dict.fromkeys(ALL[1:], 100.0))
    give(small, "2024-12", {ALL[0]: 50.0}, indicator=given, name="local/own_01")
    frame = panels.build(small)
    assert row(frame, "rate_c", ALL[0])["quality"] == "local"
    assert row(frame, "rate_c", ALL[0])["note"] == ""
    assert row(frame, "rate_c", ALL[1])["quality"] == "derived"
    assert row(frame, given, ALL[0])["lower"] != 45.0, (
        "whoever counts for itself does not round as the producer does"
    )
    assert not ((frame["indicator"] == given) & frame["territory"].isin(["FR", "FM", "R84"])).any()
    assert ALL[0] not in set(Panel(frame).published("rate_c")["territory"])


def test_a_sum_of_what_departements_gave_alone_is_theirs(small):
    keep(small, "x/b", "count_b", "2024-12", dict.fromkeys(ALL, 100.0))
    give(small, "2024-12", dict.fromkeys(territories.departements_of("R94"), 20.0), name="local/corse_2a")
    frame = panels.build(small)
    assert row(frame, "count_a", "R94")[["value", "quality"]].tolist() == [40.0, "local"]
    assert row(frame, "rate_c", "R94")["quality"] == "local"


@pytest.mark.parametrize("newer", [give, some], ids=["a département's own", "released early"])
def test_a_second_term_of_one_territory_moves_the_rate_of_no_other(small, newer):
    keep(small, "x/a", "count_a", "2025-12", dict.fromkeys(ALL, 50.0))
    keep(small, "x/b", "count_b", "2024", dict.fromkeys(ALL, 1000.0))
    newer(small, "2025", {"67": 500.0}, indicator="count_b", name="other/b")
    frame = panels.build(small)
    assert row(frame, "rate_c", "68", "2025-12")[["value", "note"]].tolist() == [5.0, "denominator_2024"]
    own = row(frame, "rate_c", "67", "2025-12")
    expected = [5.0, "denominator_2024", "derived"] if newer is give else [10.0, "", "derived"]
    assert own[["value", "note", "quality"]].tolist() == expected


def test_a_second_term_that_only_the_departement_has_serves_itself(small):
    keep(small, "x/a", "count_a", "2025-12", dict.fromkeys(ALL, 50.0))
    keep(small, "x/b", "count_b", "2025", dict.fromkeys(set(ALL) - {"67"}, 1000.0))
    give(small, "2024", {"67": 500.0}, indicator="count_b")
    own = row(panels.build(small), "rate_c", "67", "2025-12")
    assert own[["value", "note", "quality"]].tolist() == [10.0, "denominator_2024", "local"]


@pytest.mark.parametrize(
    ("published", "own", "expected"),
    [
        ("observed", "observed", "observed producer"),
        ("suppressed", "observed", "suppressed producer"),
        ("unavailable", "observed", "observed local"),
        ("unavailable", "suppressed", "suppressed local"),
    ],
)
def test_a_published_figure_takes_the_place_of_what_was_given_before(small, published, own, expected):
    rows = pd.DataFrame({"territory": ["67"], "period": "2024", "indicator": "count_a"})
    missing = float("nan")
    kept = rows.assign(value=[200.0 if published == "observed" else missing], state=published)
    small.store(figures(kept), sidecar("x/a"))
    give(small, "2024", {"67": 90.0 if own == "observed" else missing}, state=own)
    found = row(panels.build(small), "count_a", "67", "2024")
    assert " ".join(found[["state", "quality"]]) == expected


def test_an_indicator_that_only_departements_hold_is_spoken_of_at_their_own_period(small):
    give(small, "2024", {"67": 90.0})
    panel = Panel(panels.build(small))
    assert (panel.latest("count_a"), panel.periods("count_a"), panel.latest("count_a", "67")) == (
        None,
        [],
        "2024",
    )
    assert panel.value("count_a", "67").value == 90.0
    assert panel.value("count_a", "68").period is None
    assert set(panel.cross_section("count_a")["state"]) == {"unavailable"}


def test_the_project_has_one_default_period_for_all_that_is_compared():
    panel = Panel.open(Catalogue())
    for name in panel.indicators:
        if (at := panel.latest(name)) is not None:
            section = panel.cross_section(name)
            assert set(section["period"]) == {at}
            most = max(
                panel.cross_section(name, p)["value"].notna().sum() for p in (at, panel.periods(name)[-1])
            )
            assert 2 * section["value"].notna().sum() > most


def test_the_words_of_a_source_are_no_keys():
    words = "bottom_coded corrected denominator_2019 excluding_mayotte"
    facts = ("count_domiciled_people", "67", "2024", 1250.0, None, None, "observed", "local", "local/own_67")
    value = Value(*facts, words=words)
    assert formats.plain_value(value, "en") == "1,250\u00a0people"
    assert formats.qualifier(value, "en") == "the département’s own figure"
    assert sentences.reasons(value.note, "en") == []


def test_own_figures_beside_a_long_series_have_their_sums_or_none(small):
    """More periods than a byte counts: pandas finds no row of an empty table of notes by such an index."""
    for number in range(140):
        period = f"{2000 + number // 12}-{number % 12 + 1:02d}"
        keep(small, f"x/a{number}", "count_a", period, {"68": 50.0})
    give(small, "2024-12", {"67": 20.0})
    found = panels.build(small)
    assert not (found["note"] == "sum_of_departements").any() and row(found, "count_a", "67")["words"]
