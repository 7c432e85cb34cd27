"""The figures under data/raw: stored whole, verified at each read, refused when they are not what their sidecar says."""

import gzip
import os
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from analysis.data import catalogue as module
from analysis.data.catalogue import Catalogue, Loss, PublishedFile, Sidecar
from analysis.foundations import files
from analysis.foundations.cells import figures
from analysis.foundations.files import DataError, write_whole
from analysis.foundations.values import dictionary

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
    monkeypatch.setattr(
        "analysis.foundations.files.os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full"))
    )
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
        ("lower", 100.0, "1 revised (1 of them in their bounds, note or words only)"),
        ("upper", 130.0, "1 revised (1 of them in their bounds, note or words only)"),
        ("note", "break_vintage", "1 revised (1 of them in their bounds, note or words only)"),
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
        ("a: [", "not plain YAML"),
        ("dataset: x\ndataset: y", r"dataset is defined twice.* run `pacte data import`"),
        ("just words", "expected keys with their values"),
        ("published: [{name: x}]", "run `pacte data import`"),
        ("dataset: x", "run `pacte data import`"),
    ],
)
def test_a_sidecar_that_cannot_be_read_is_refused_with_the_remedy(catalogue, tmp_path, text, message):
    catalogue.store(table(), sidecar())
    (tmp_path / "test/domiciled.source.yml").write_text(text)
    with pytest.raises(DataError, match=r"test/domiciled\.source\.yml.*: .*" + message):
        catalogue.sidecar("test/domiciled")
    assert catalogue.store(table(), sidecar()).unreadable


# ---------------------------------------------------------------------------------------------------- what would be lost


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        ({"territory": ["67"], "value": [1.0]}, ["1 of 2 figures", "1 territories, all their figures: 2A"]),
        ({"period": "2025"}, ["2 of 2 figures", "1 periods, all their figures: 2024"]),
        (
            {"value": [float("nan"), 120.0], "state": ["unavailable", "observed"]},
            ["1 of 2 figures", "1 territories, all their figures: 2A"],
        ),
    ],
)
def test_figures_that_would_go_stop_and_are_listed(catalogue, tmp_path, change, lines):
    catalogue.store(table(), sidecar())
    before = {p.name: p.read_bytes() for p in tmp_path.glob("test/*")}
    new = table().iloc[: len(change["territory"]) if "territory" in change else 2].assign(**change)
    with pytest.raises(Loss) as refused:
        catalogue.store(new, sidecar())
    first, *listed, last = str(refused.value).splitlines()
    assert first.startswith("test/domiciled: nothing was written")
    assert [line.strip() for line in listed[: len(lines)]] == lines
    assert last.endswith("--replace")
    assert {p.name: p.read_bytes() for p in tmp_path.glob("test/*")} == before
    assert catalogue.store(new, sidecar(), replace=True).any


def test_what_goes_whole_within_a_period_is_named(catalogue):
    names = ("count_domiciled_people", "count_rsa_recipients", "count_aah_recipients")
    years = [table().assign(indicator=name, period=year) for name in names for year in ("2023", "2024")]
    old = pd.concat(years, ignore_index=True)
    catalogue.store(old, sidecar())
    gone = old["period"].eq("2024") & (old["territory"].eq("2A") | old["indicator"].eq(names[0]))
    single = old["period"].eq("2023") & old["territory"].eq("67") & old["indicator"].eq(names[1])
    with pytest.raises(Loss) as refused:
        catalogue.store(old[~gone & ~single], sidecar())
    assert [line.strip() for line in str(refused.value).splitlines()[1:-1]] == [
        "5 of 12 figures",
        "2024, 1 territories: 2A",
        f"2024, 1 indicators: {names[0]}",
        f"{names[1]}: 1 figures, first 67 2023",
    ]


def test_a_long_list_of_what_would_go_is_cut_at_ten_lines(catalogue):
    names = [n for n in dictionary() if n.startswith("count_")][:30]
    many = pd.concat([table().assign(indicator=name) for name in names])
    catalogue.store(many, sidecar())
    with pytest.raises(Loss) as refused:
        catalogue.store(many[~((many["territory"] == "67") & (many["indicator"] != names[0]))], sidecar())
    assert len(str(refused.value).splitlines()) == 10
    assert "29 of 60 figures" in str(refused.value)


def test_a_figure_that_its_producer_withholds_from_now_on_is_revised(catalogue):
    catalogue.store(table(), sidecar())
    new = table().assign(value=[float("nan"), 120.0], state=["suppressed", "observed"])
    assert catalogue.store(new, sidecar()).revised == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.iloc[:2], "1 of 3 rows"),
        (lambda t: t.assign(territory=["67", "67", "68"]), "1 territories: 2A"),
        (lambda t: t.drop(columns="wave"), "columns wave"),
    ],
)
def test_a_reference_table_loses_rows_territories_or_columns_only_when_asked(catalogue, change, message):
    rows = pd.DataFrame({"wave": ["1", "1", "2"], "territory": ["67", "68", "2A"]})
    catalogue.store(rows, sidecar(kind="table"))
    with pytest.raises(Loss, match=message):
        catalogue.store(change(rows), sidecar(kind="table"))
    assert catalogue.store(change(rows), sidecar(kind="table"), replace=True).any


# ---------------------------------------------------------------------------------------- cut, and two at the same time

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which this system lacks")


def in_a_child(work):
    """Run something in a process of its own, which ends without any of its clean-up; its exit code."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException:  # a child must not go on as a second run of the tests
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(step, work):
    """Run something in a child that is gone at the n-th of the files that it writes: after the file is in its place."""
    written = []

    def write(path, content):
        if len(written) + 1 == step:
            path.parent.mkdir(exist_ok=True)
            (path.parent / f".{path.name}.cut").write_bytes(content[:9])  # as one that was being written
        write_whole(path, content)
        written.append(path)
        if len(written) == step:
            os._exit(9)

    def doomed():
        module.write_whole = files.write_whole = write
        work()

    return in_a_child(doomed)


@needs_fork
@pytest.mark.parametrize("before", [None, False, True], ids=["first", "plain before", "compressed before"])
@pytest.mark.parametrize("compressed", [False, True], ids=["plain", "compressed"])
@pytest.mark.parametrize("step", [1, 2])
def test_a_store_that_is_killed_leaves_the_old_version_or_the_new_one(tmp_path, step, compressed, before):
    old, new = [120.0, 80.0], [121.0, 80.0]
    if before is not None:
        Catalogue(tmp_path).store(table(), sidecar(compressed=before))
    opened = Catalogue(tmp_path)  # as a reader that was there before
    store = lambda: Catalogue(tmp_path).store(table(values=new), sidecar(compressed=compressed))  # noqa: E731
    assert killed_at(step, store) == 9
    if before is not None:
        expected = new if step == 2 else old
        assert sorted(opened.figures("test/domiciled")["value"], reverse=True) == expected
        fingerprint = opened.fingerprint()
        again = Catalogue(tmp_path)  # ends what was cut
        assert again.check("test/domiciled") == []
        assert again.fingerprint() == fingerprint
        assert sorted(again.figures("test/domiciled")["value"], reverse=True) == expected
        assert not list((tmp_path / "test").glob(f".*{module._NEXT}"))
    store()
    assert Catalogue(tmp_path).check("test/domiciled") == []
    assert len(list((tmp_path / "test").iterdir())) == 2


@needs_fork
def test_a_store_that_was_cut_is_read_where_nothing_can_be_written(tmp_path, monkeypatch):
    Catalogue(tmp_path).store(table(), sidecar())
    killed_at(2, lambda: Catalogue(tmp_path).store(table(values=(121.0, 80.0)), sidecar()))
    monkeypatch.setattr(Catalogue, "_settle", lambda *_: (_ for _ in ()).throw(PermissionError("read-only")))
    found = Catalogue(tmp_path)
    assert found.check("test/domiciled") == []
    assert set(found.figures("test/domiciled")["value"]) == {121.0, 80.0}


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "raw").write_text("a file in the way")
    with pytest.raises(DataError, match=r"raw cannot be written \(.+\); nothing has changed"):
        Catalogue(tmp_path / "raw").store(table(), sidecar())


@needs_fork
def test_who_comes_second_waits_and_says_so_after_a_while(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    found = Catalogue(tmp_path)
    second = lambda: Catalogue(tmp_path).store(table(), sidecar())  # noqa: E731
    with found.writing():
        assert in_a_child(second) == 1
        found.store(table(), sidecar())  # who holds it may
        with ThreadPoolExecutor(1) as other:
            refused = other.submit(second).exception()
    assert isinstance(refused, DataError)
    assert "another process has been writing" in str(refused)
    assert in_a_child(second) == 0
