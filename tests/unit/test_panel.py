"""The panel on a few figures of ours: bounds, sums, ratios, reconciliation, and what a reader gets for a missing one."""

import math

import numpy as np
import pandas as pd
import pytest

from analysis.data import panel as panels
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.data.processed import is_current, stamp
from analysis.foundations import notes, territories
from analysis.foundations.cells import figures
from analysis.foundations.files import DataError
from analysis.foundations.values import UnknownIndicator, read_dictionary
from tests.unit.test_catalogue import sidecar

DICTIONARY = """
units:
  percent: {symbol: {fr: "%", en: "%"}, axis: {fr: "en %", en: "%"}}
indicators:
  count_a: {label: {fr: a, en: a}, unit: percent, theme: context, definition: {fr: a, en: a}, additive: true, rounding: 10, minimum: 0}
  count_b: {label: {fr: b, en: b}, unit: percent, theme: context, definition: {fr: b, en: b}, additive: true, minimum: 0}
  rate_c:
    label: {fr: c, en: c}
    unit: percent
    theme: context
    definition: {fr: c, en: c}
    ratio: {numerator: count_a, denominator: count_b, per: 100, lag: 2}
"""  # noqa: E501


@pytest.fixture
def small(monkeypatch, tmp_path):
    """A catalogue whose dictionary has two counts and their ratio."""
    names = read_dictionary(DICTIONARY)
    for module in ("analysis.data.panel", "analysis.data.building", "analysis.data.schema"):
        monkeypatch.setattr(f"{module}.dictionary", lambda: names)
    return Catalogue(tmp_path / "raw")


def keep(catalogue, name, indicator, period, values, **options):
    rows = {
        "territory": list(values),
        "period": period,
        "indicator": indicator,
        "value": list(values.values()),
    }
    catalogue.store(figures(pd.DataFrame(rows), **options), sidecar(name))


def row(frame, indicator, territory, period="2024-12"):
    found = frame[(frame.indicator == indicator) & (frame.territory == territory) & (frame.period == period)]
    assert len(found) == 1, found
    return found.iloc[0]


def test_rounding_becomes_bounds_that_never_pass_the_minimum(small):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0, "2A": 0.0})
    frame = panels.build(small)
    assert tuple(row(frame, "count_a", "67")[["lower", "upper"]]) == (115.0, 125.0)
    assert tuple(row(frame, "count_a", "2A")[["lower", "upper"]]) == (0.0, 5.0)


def test_a_region_is_summed_only_when_all_its_departements_are_there(small):
    alsace_to_ardennes = dict.fromkeys(territories.departements_of("R44"), 100.0)
    keep(small, "x/a", "count_a", "2024-12", alsace_to_ardennes | {"2A": 50.0})
    frame = panels.build(small)
    total = row(frame, "count_a", "R44")
    assert total["value"] == 1000.0
    assert (total["lower"], total["upper"], total["note"]) == (950.0, 1050.0, "sum_of_departements")
    assert not frame["territory"].isin(["R94", "FM", "FR"]).any()


def test_a_published_total_is_never_replaced_by_a_sum(small):
    keep(small, "x/a", "count_b", "2024", {**dict.fromkeys(territories.DEPARTEMENTS, 1.0), "FR": 105.0})
    assert row(panels.build(small), "count_b", "FR", "2024")["value"] == 105.0


@pytest.mark.parametrize(("year", "note"), [("2024", ""), ("2022", "denominator_2022"), ("2021", None)])
def test_a_ratio_names_a_denominator_of_another_year_and_stops_at_its_lag(small, year, note):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    keep(small, "x/b", "count_b", year, {"67": 1000.0})
    frame = panels.build(small)
    if note is None:
        assert "rate_c" not in set(frame["indicator"])
        return
    found = row(frame, "rate_c", "67")
    assert found["value"] == pytest.approx(12.0)
    assert (found["lower"], found["upper"]) == (pytest.approx(11.5), pytest.approx(12.5))
    assert (found["note"], found["quality"], found["source"]) == (note, "derived", "x/a ÷ x/b")


def test_what_is_counted_over_a_year_is_set_against_the_end_of_it(small):
    """Spending of 2024 on RSA per household, of which the producer's monthly file has every month."""
    keep(small, "x/a", "count_a", "2024", {"67": 120.0})
    for month, households in (("2024-01", 500.0), ("2024-12", 1000.0), ("2025-01", 2000.0)):
        keep(small, f"x/m{month[:4]}_{month[5:]}", "count_b", month, {"67": households})
    assert row(panels.build(small), "rate_c", "67", "2024")["value"] == pytest.approx(12.0)


def test_a_figure_that_a_departement_lacks_is_as_what_it_is_part_of_or_as_its_term(small):
    keep(small, "x/a", "count_a", "2024", {"6AE": 120.0, "67": math.nan, "09": math.nan, "35": 50.0})
    stated = {"territory": ["09"], "period": "2023", "indicator": "count_a", "value": math.nan}
    gone = figures(pd.DataFrame(stated | {"state": "not_applicable", "note": "rsa_recentralised"}))
    small.store(gone, sidecar("x/gone"))
    keep(small, "x/b", "count_b", "2024", {"6AE": 1000.0, "09": 1000.0, "35": 1000.0})
    panel = Panel(panels.build(small))
    found = {code: panel.value("count_a", code, "2024") for code in ("67", "68", "09")}
    assert [(v.state, v.note) for v in found.values()] == [
        ("other_territory", "published_for_6AE"),
        ("other_territory", "published_for_6AE"),
        ("unavailable", ""),
    ]
    rate = panel.value("rate_c", "09", "2023")
    assert (rate.state, rate.note) == ("not_applicable", "rsa_recentralised")


def test_a_ratio_takes_the_year_that_its_territory_has_whatever_others_have(small):
    """MaPrimeRénov' per dwelling: the dwellings of 2020 lack in Bretagne and overseas, those of 2019 are held."""
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0, "68": 120.0, "35": 120.0})
    keep(small, "x/b", "count_b", "2023", {"67": 500.0, "68": 500.0, "35": 500.0})
    keep(small, "x/c", "count_b", "2024", {"67": 1000.0, "68": 1000.0})
    frame = panels.build(small)
    assert [tuple(row(frame, "rate_c", c)[["value", "note"]]) for c in ("67", "35")] == [
        (pytest.approx(12.0), ""),
        (pytest.approx(24.0), "denominator_2023"),
    ]


@pytest.mark.parametrize("note", sorted(notes.WITHOUT_MAYOTTE))
@pytest.mark.parametrize(
    ("there", "expected"), [(territories.DEPARTEMENTS, 50.0), (territories.DEPARTEMENTS[1:], None)]
)
def test_france_without_mayotte_is_compared_with_france_without_mayotte(small, there, expected, note):
    keep(small, "x/a", "count_a", "2024-12", {"FR": 50_000.0}, note=note)
    keep(small, "x/b", "count_b", "2024", {**dict.fromkeys(there, 1000.0), "FR": 101_000.0})
    frame = panels.build(small)
    found = frame[(frame["indicator"] == "rate_c") & (frame["territory"] == "FR")]
    assert list(found["value"]) == ([] if expected is None else [pytest.approx(expected)])


def test_a_provisional_term_makes_a_provisional_ratio(small):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0}, state="provisional")
    keep(small, "x/b", "count_b", "2024", {"67": 1000.0})
    assert row(panels.build(small), "rate_c", "67")["state"] == "provisional"


def test_two_datasets_that_agree_give_the_better_one(small):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    small.store(
        figures(
            pd.DataFrame({"territory": ["67"], "period": "2024-12", "indicator": "count_a", "value": [125.0]})
        ),
        sidecar("x/reuse", quality="reused"),
    )
    found = row(panels.build(small), "count_a", "67")
    assert (found["value"], found["source"]) == (120.0, "x/a")


def test_two_datasets_that_disagree_are_refused(small):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    keep(small, "x/b", "count_a", "2024-12", {"67": 140.0})
    with pytest.raises(DataError, match="differ between two datasets"):
        panels.build(small)


@pytest.mark.parametrize("name", ["breaks", "corrections"])
def test_the_panel_is_rebuilt_when_a_register_behind_it_changes(small, tmp_path, name):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    path = panels.write(tmp_path, small)
    assert is_current(path, small)
    register = small.root / "parameters" / f"{name}.yml"
    register.parent.mkdir(exist_ok=True)
    register.write_text(f"{name}: []\n", encoding="utf-8")
    assert not is_current(path, small)


def test_the_panel_is_rebuilt_when_a_figure_changes_and_not_otherwise(small, tmp_path):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    folder = tmp_path / "processed"
    Panel.open(small, folder)
    first = (folder / "panel.parquet").read_bytes()
    assert is_current(folder / "panel.parquet", small)
    keep(small, "x/a", "count_a", "2024-12", {"67": 130.0})
    assert not is_current(folder / "panel.parquet", small)
    assert Panel.open(small, folder).value("count_a", "67").value == 130.0
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    Panel.open(small, folder)
    assert (folder / "panel.parquet").read_bytes() == first


def test_figures_that_change_while_the_panel_is_built_are_for_the_next_time(small, tmp_path, monkeypatch):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    validate = panels.validate

    def meanwhile(frame):
        keep(small, "x/a", "count_a", "2024-12", {"67": 130.0})
        return validate(frame)

    monkeypatch.setattr(panels, "validate", meanwhile)
    assert panels.write(tmp_path, small) == tmp_path / "panel.parquet"
    monkeypatch.undo()
    assert not is_current(tmp_path / "panel.parquet", small)


@pytest.mark.parametrize("damage", ["cut", "altered", "lost"])
def test_a_panel_that_is_damaged_is_built_again(small, tmp_path, damage):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    path = panels.write(tmp_path, small)
    whole = path.read_bytes()
    middle = len(whole) // 2
    altered = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    path.unlink() if damage == "lost" else path.write_bytes(whole[:middle] if damage == "cut" else altered)
    assert not is_current(path, small)
    assert Panel.open(small, tmp_path).value("count_a", "67").value == 120.0
    assert path.read_bytes() == whole


@pytest.mark.parametrize("damage", ["", "{", "[]", None])
def test_a_panel_of_which_nothing_is_known_is_built_again(small, tmp_path, damage):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    path = panels.write(tmp_path, small)
    beside = tmp_path / "panel.json"
    beside.unlink() if damage is None else beside.write_text(damage)
    assert stamp(path) is None and not is_current(path, small)
    assert Panel.open(small, tmp_path).value("count_a", "67").value == 120.0
    assert stamp(path) and is_current(path, small)


def test_a_cross_section_has_every_departement_and_says_which_are_missing(small, tmp_path):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0, "2A": 30.0})
    section = Panel.open(small, tmp_path).cross_section("count_a")
    assert len(section) == 101
    assert section["state"].value_counts().to_dict() == {"unavailable": 99, "observed": 2}
    assert section.loc[section["territory"] == "976", "value"].isna().all()


def test_a_missing_figure_is_a_state_and_an_unknown_indicator_an_error(small, tmp_path):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    panel = Panel.open(small, tmp_path)
    missing = panel.value("count_a", "976")
    assert (missing.state, missing.value, missing.known) == ("unavailable", None, False)
    with pytest.raises(UnknownIndicator, match="count_a"):
        panel.value("count_aa", "67")


def test_validation_lists_the_cells_at_fault(small):
    keep(small, "x/a", "count_a", "2024-12", {"67": 120.0})
    frame = panels.build(small)
    frame.loc[0, "value"] = np.inf
    with pytest.raises(DataError, match="value"):
        panels.validate(frame)
