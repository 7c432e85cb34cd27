"""Figures published wrong are put right while they are wrong, marked, and never once their producer has put them right."""

import pandas as pd
import pytest
import yaml

from analysis.data import corrections, panel, processed
from analysis.data.catalogue import Catalogue
from analysis.data.corrections import CorrectionError
from analysis.data.panel import Panel
from analysis.foundations.cells import figures
from analysis.foundations.files import DataError
from analysis.presentation.narrative import formats
from tests.unit.test_catalogue import sidecar

NAME, SHARE = "count_social_dwellings", "share_social_dwellings_vacant"
COMMON = {
    "name": "essai", "dataset": "test/dwellings", "period": "2017", "why": {"fr": "inversés", "en": "exchanged"},
    "reference": "RPLS", "checked": "2026-11-23",
}  # fmt: skip
EXCHANGE = COMMON | {"exchange": ["41", "45"], "published": {NAME: [500, 200], SHARE: [3, 2]}}
REPLACE = COMMON | {"territory": "41", "published": {NAME: 500}, "corrected": {NAME: 50}}


@pytest.fixture
def catalogue(tmp_path):
    """Social dwellings of Loir-et-Cher and Loiret on each other's row, with the bounds of a share; Ain beside them."""
    rows = [("41", NAME, 500, None), ("45", NAME, 200, None), ("01", NAME, 70, None)]
    rows += [("41", SHARE, 3, 0.5), ("45", SHARE, 2, 0.05)]
    frame = pd.DataFrame(rows, columns=["territory", "indicator", "value", "half"])
    frame = frame.assign(
        period="2017", lower=frame["value"] - frame["half"], upper=frame["value"] + frame["half"]
    )
    found = Catalogue(tmp_path)
    found.store(figures(frame.drop(columns="half")), sidecar("test/dwellings"))
    return found


def write(catalogue, *entries):
    path = catalogue.root / "parameters" / "corrections.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump({"corrections": list(entries)}), encoding="utf-8")


def built(catalogue):
    return Panel(panel.validate(panel.build(catalogue)))


def test_exchanged_figures_change_places_with_their_bounds_and_say_so(catalogue):
    write(catalogue, EXCHANGE)
    found = built(catalogue)
    assert [found.value(NAME, code, "2017").value for code in ("41", "45", "01")] == [200, 500, 70]
    there = found.value(SHARE, "45", "2017")
    assert (there.value, there.lower, there.upper, there.note) == (3, 2.5, 3.5, "corrected")
    assert found.value(NAME, "01", "2017").note == ""
    assert all("correction" in formats.format_value(there, lang) for lang in ("fr", "en"))


def test_a_figure_is_replaced_or_withdrawn(catalogue):
    write(catalogue, REPLACE)
    assert built(catalogue).value(NAME, "41", "2017").value == 50
    write(catalogue, REPLACE | {"corrected": {NAME: None}})
    gone = built(catalogue).value(NAME, "41", "2017")
    assert (gone.value, gone.state, gone.note) == (None, "unavailable", "corrected")


def test_a_rate_over_a_corrected_count_says_so(catalogue):
    rate = next(entry for entry in panel.dictionary().values() if entry.ratio and not entry.modelled)
    top, bottom = rate.ratio.numerator, rate.ratio.denominator
    rows = [("41", top, 10.0), ("41", bottom, 500.0), ("01", top, 10.0), ("01", bottom, 500.0)]
    frame = pd.DataFrame(rows, columns=["territory", "indicator", "value"]).assign(period="2017")
    catalogue.store(figures(frame), sidecar("test/rate"))
    wrong = {"dataset": "test/rate", "published": {bottom: 500}, "corrected": {bottom: 50}}
    write(catalogue, REPLACE | wrong)
    found = built(catalogue)
    assert [found.value(rate.name, code, "2017").note for code in ("41", "01")] == ["corrected", ""]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (EXCHANGE | {"published": {NAME: [200, 500]}}, "it is put right, remove the correction"),
        (REPLACE | {"published": {NAME: 499}}, "neither the wrong figure"),
        (REPLACE | {"period": "2018"}, "is not in test/dwellings any more"),
        (REPLACE | {"dataset": "test/nothing"}, "no dataset 'test/nothing'"),
        (REPLACE | {"territory": "99"}, "99"),
        (REPLACE | {"published": {"count_nothing": 1}, "corrected": {"count_nothing": 2}}, "count_nothing"),
        (REPLACE | {"corrected": {}}, "different indicators"),
        (REPLACE | {"period": "17"}, "period '17'"),
        (REPLACE | {"exchange": ["41", "45"]}, "expected"),
        ({k: v for k, v in REPLACE.items() if k != "why"}, "expected"),
        ("text", "entry 1"),
    ],
)
def test_a_correction_that_has_no_place_stops_the_panel(catalogue, entry, message):
    write(catalogue, entry)
    with pytest.raises(CorrectionError, match=message):
        panel.build(catalogue)


def test_a_figure_is_corrected_once_and_a_register_is_a_list(catalogue):
    write(catalogue, EXCHANGE, REPLACE | {"name": "again"})
    with pytest.raises(CorrectionError, match="already"):
        corrections.register(catalogue)
    (catalogue.root / "parameters/corrections.yml").write_text("corrections: 3", encoding="utf-8")
    with pytest.raises(DataError, match="with a list"):
        corrections.register(catalogue)


def test_what_is_put_right_in_a_newer_vintage_is_still_put_right_in_the_one_before(catalogue):
    """An edition of before and one of after are both made, each from its vintage."""
    write(catalogue, EXCHANGE)
    right = catalogue.figures("test/dwellings")
    swap = {"41": "45", "45": "41"}
    right = right.assign(territory=right["territory"].replace(swap)).drop(columns="words")
    catalogue.store(right, sidecar("test/dwellings", vintage="2027", modified="2027-01-20"))
    with pytest.raises(CorrectionError, match="say `mended` with the day of this one instead"):
        built(catalogue)
    write(catalogue, EXCHANGE | {"mended": "2027-01-20"})
    for chosen, note in (({}, ""), ({"test/dwellings": "2024"}, "corrected")):
        found = built(Catalogue(catalogue.root, chosen)).value(NAME, "45", "2017")
        assert (found.value, found.note) == (500, note)


def test_the_register_is_part_of_what_the_panel_is_made_from(catalogue):
    before = processed.made_from(catalogue, "analysis.data.panel")
    write(catalogue, EXCHANGE)
    assert processed.made_from(catalogue, "analysis.data.panel") != before


def test_the_projects_register_is_read_and_holds():
    """The committed register is there and names datasets that are; that its guards hold is the panel's to say."""
    catalogue = Catalogue()
    assert (catalogue.root / "parameters/corrections.yml").is_file()
    corrections.check_datasets(corrections.register(catalogue), list(catalogue))
