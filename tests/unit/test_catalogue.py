"""The figures under data/raw: stored whole, verified at each read, refused when they are not what their sidecar says."""

import gzip

import pandas as pd
import pytest

from analysis.catalogue import Catalogue, DataError, PublishedFile, Sidecar, write_whole
from analysis.sources.base import figures

NAME = "count_domiciled_people"


def sidecar(dataset="test/domiciled", **changes):
    base = {
        "dataset": dataset, "kind": "figures", "producer": "P", "title": "T", "url": "", "licence": "L", "vintage": "2024",
        "perimeter": "x", "quality": "producer", "published": (PublishedFile("f.csv", "0" * 64, 1),),
    }  # fmt: skip
    return Sidecar(**base | changes)


def table(values=(120.0, 80.0), territories=("67", "2A")):
    rows = {"territory": territories, "period": "2024", "indicator": NAME, "value": values}
    return figures(pd.DataFrame(rows))


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path)


@pytest.mark.parametrize("compressed", [False, True])
def test_figures_come_back_as_they_were_stored(catalogue, compressed):
    change = catalogue.store(table(), sidecar(compressed=compressed))
    assert change.first_time
    assert change.added == 2
    back = catalogue.figures("test/domiciled")
    assert back[["territory", "value", "state"]].to_dict("list") == {
        "territory": ["2A", "67"], "value": [80.0, 120.0], "state": ["observed", "observed"],
    }  # fmt: skip
    assert catalogue.check("test/domiciled") == []


def test_a_table_stored_another_way_leaves_no_stale_copy(catalogue, tmp_path):
    catalogue.store(table(), sidecar())
    catalogue.store(table(), sidecar(compressed=True))
    assert sorted(p.name for p in (tmp_path / "test").iterdir()) == [
        "domiciled.csv.gz",
        "domiciled.source.yml",
    ]


def test_the_same_figures_give_the_same_bytes(catalogue, tmp_path):
    catalogue.store(table(), sidecar(compressed=True))
    first = (tmp_path / "test/domiciled.csv.gz").read_bytes()
    catalogue.store(table(), sidecar(compressed=True))
    assert (tmp_path / "test/domiciled.csv.gz").read_bytes() == first


def test_what_changed_is_counted(catalogue):
    catalogue.store(table(), sidecar())
    change = catalogue.store(table(values=(121.0, 60.0), territories=("67", "13")), sidecar(), replace=True)
    assert (change.added, change.removed, change.revised) == (1, 1, 1)


def test_an_edited_figure_is_refused(catalogue, tmp_path):
    catalogue.store(table(), sidecar())
    path = tmp_path / "test/domiciled.csv"
    path.write_text(path.read_text().replace("120.0", "121.0"))
    with pytest.raises(DataError, match="not the one its sidecar describes"):
        catalogue.figures("test/domiciled")
    assert catalogue.check("test/domiciled")


def test_a_damaged_file_is_refused_with_the_remedy(catalogue, tmp_path):
    catalogue.store(table(), sidecar(compressed=True))
    path = tmp_path / "test/domiciled.csv.gz"
    path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(DataError, match="restore it with git"):
        catalogue.figures("test/domiciled")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"territory": "99"}, "unknown territory"),
        ({"indicator": "count_nothing"}, "unknown indicator"),
        ({"state": "guessed"}, "unknown state"),
        ({"period": "2024-13"}, "period"),
        ({"value": float("nan")}, "no value"),
        ({"value": -1.0}, "outside"),
        ({"lower": 150.0}, "bounds"),
        ({"state": "suppressed"}, "valueless state"),
    ],
)
def test_a_table_that_breaks_the_schema_is_refused_and_leaves_the_old_one(catalogue, change, message):
    catalogue.store(table(), sidecar())
    with pytest.raises(DataError, match=message):
        catalogue.store(table().assign(**change).drop_duplicates("territory").head(1), sidecar())
    assert len(catalogue.figures("test/domiciled")) == 2


def test_a_figure_given_twice_is_refused(catalogue):
    with pytest.raises(DataError, match="twice"):
        catalogue.store(table(territories=("67", "67")), sidecar())


def test_a_sidecar_with_a_foreign_key_is_refused(catalogue, tmp_path):
    catalogue.store(table(), sidecar())
    path = tmp_path / "test/domiciled.source.yml"
    path.write_text(path.read_text() + "colour: red\n")
    with pytest.raises(DataError, match="colour"):
        catalogue.sidecar("test/domiciled")


def test_a_table_that_was_lost_can_be_imported_again(catalogue, tmp_path):
    catalogue.store(table(), sidecar())
    (tmp_path / "test/domiciled.csv").unlink()
    with pytest.raises(DataError, match="import it again"):
        catalogue.figures("test/domiciled")
    assert catalogue.store(table(), sidecar()).first_time


@pytest.mark.parametrize("name", ["../secret/x", "a/../b", "a", "a/b/c", "A/B", "a/b.csv"])
def test_no_path_is_built_from_a_name_that_is_not_one(catalogue, name):
    with pytest.raises(DataError, match="form producer/name"):
        catalogue.sidecar(name)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    target = tmp_path / "x.csv"
    write_whole(target, b"old")
    monkeypatch.setattr("analysis.catalogue.os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_whole(target, b"new")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_expected_rows_and_periods_are_held(catalogue, tmp_path):
    catalogue.store(table(), sidecar())
    path = tmp_path / "test/domiciled.source.yml"
    path.write_text(path.read_text().replace("rows: 2", "rows: 3"))
    assert "rows is 2" in catalogue.check("test/domiciled")[0]


def test_stored_gzip_carries_no_clock(catalogue, tmp_path):
    catalogue.store(table(), sidecar(compressed=True))
    stored = (tmp_path / "test/domiciled.csv.gz").read_bytes()
    assert gzip.decompress(stored)
    assert stored[4:8] == b"\0\0\0\0"


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("value", 121.0, "1 revised"),
        ("state", "provisional", "1 revised"),
        ("lower", 100.0, "1 revised (1 of them in their bounds or note only)"),
        ("upper", 130.0, "1 revised (1 of them in their bounds or note only)"),
        ("note", "break_2022", "1 revised (1 of them in their bounds or note only)"),
        ("value", 120.0 * (1 + 1e-15), None),
    ],
)
def test_anything_that_changes_in_a_figure_is_told(catalogue, column, value, words):
    catalogue.store(table(), sidecar())
    new = table()
    new.loc[new["territory"] == "67", column] = value
    change = catalogue.store(new, sidecar())
    expected = f"0 added, 0 removed, {words}" if words else "unchanged"
    assert str(change) == f"test/domiciled: {expected}"
    assert change.any == bool(words)


def test_a_bound_that_goes_away_is_a_change(catalogue):
    catalogue.store(table().assign(lower=10.0), sidecar())
    assert (catalogue.store(table(), sidecar()).revised, catalogue.store(table(), sidecar()).any) == (
        2,
        False,
    )


def test_rows_of_a_reference_table_are_compared_whole(catalogue):
    rows = pd.DataFrame({"wave": ["1", "1", "2"], "territory": ["67", "67", "2A"]})
    catalogue.store(rows, sidecar(kind="table"))
    assert not catalogue.store(rows[::-1], sidecar(kind="table")).any
    change = catalogue.store(rows.assign(wave=["1", "3", "2"]), sidecar(kind="table"))
    assert (change.added, change.removed, change.revised) == (1, 1, 0)


def test_a_table_whose_line_ends_git_changed_is_told_from_one_that_was_edited(catalogue, tmp_path):
    catalogue.store(table(), sidecar())
    path = tmp_path / "test/domiciled.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    with pytest.raises(
        DataError, match=r"test/domiciled: .*line ends.*core\.autocrlf.*git checkout -- data/raw"
    ):
        catalogue.figures("test/domiciled")
    path.write_bytes(path.read_bytes().replace(b"120", b"121"))
    with pytest.raises(DataError, match="Raw figures are never edited"):
        catalogue.figures("test/domiciled")


@pytest.mark.parametrize("harm", ["not a table", ""])
def test_a_version_that_cannot_be_read_is_replaced_and_told(catalogue, tmp_path, harm):
    catalogue.store(table(), sidecar())
    (tmp_path / "test/domiciled.csv").write_text(harm)
    change = catalogue.store(table(), sidecar())
    assert (change.unreadable, change.any) == (True, True)
    assert catalogue.check("test/domiciled") == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not YAML"),
        ("just words", "not a sidecar"),
        ("published: [{name: x}]", "run `pacte data import`"),
        ("dataset: x", "run `pacte data import`"),
    ],
)
def test_a_sidecar_that_cannot_be_read_is_refused_with_the_remedy(catalogue, tmp_path, text, message):
    catalogue.store(table(), sidecar())
    (tmp_path / "test/domiciled.source.yml").write_text(text)
    with pytest.raises(DataError, match=r"test/domiciled\.source\.yml: .*" + message):
        catalogue.sidecar("test/domiciled")
    assert catalogue.store(table(), sidecar()).unreadable
