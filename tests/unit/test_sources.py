"""The registry of published datasets, and what importing their files does: all or nothing, one dataset at a time."""

import errno
import gzip
import importlib
import os
import re
import shutil
import zipfile

import pandas as pd
import pytest

from analysis.data import sources
from analysis.data.catalogue import Catalogue
from analysis.data.sources.base import import_files
from analysis.foundations.changes import Change
from analysis.foundations.files import sha256_of
from analysis.foundations.limits import SourceError
from analysis.foundations.values import QUALITIES
from tests.producer import CONTENT, FILE, NAME, dataset, snapshot

OTHER = "fake/other"


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "raw")


@pytest.fixture
def known(monkeypatch):
    """The registry holds two datasets of ours: one file, and two files that go together."""
    pair = dataset(name=OTHER, files=("a.csv", "b_*.csv"))
    found = {NAME: dataset(), OTHER: pair}
    monkeypatch.setattr("analysis.data.sources.datasets", lambda: found)
    return found


@pytest.fixture
def folder(tmp_path):
    """Two published files and one that nobody reads."""
    there = tmp_path / "published"
    (there / "deep").mkdir(parents=True)
    (there / FILE).write_bytes(CONTENT)
    (there / "a.csv").write_bytes(CONTENT.replace(b"2024", b"2022"))
    (there / "deep" / "b_1.csv").write_bytes(b"x")
    (there / "notes.txt").write_bytes(b"x")
    return there


# --------------------------------------------------------------------------------------------------- the registry


def test_every_dataset_is_described():
    known = sources.datasets()
    assert len(known) > 50
    for name, entry in known.items():
        assert not entry.undecided, name
        assert entry.name == name
        assert entry.url.startswith("https://"), name
        assert entry.quality in QUALITIES, name
        assert entry.files, name
        for text in (entry.producer, entry.title, entry.licence, entry.vintage, entry.perimeter):
            assert text.strip(), name


def test_every_stored_dataset_has_its_loader_and_the_reverse(project):
    stored = set(Catalogue(project / "data/raw")) - {
        n for n in Catalogue(project / "data/raw") if n.startswith("local/")
    }
    known = sources.datasets()
    assert stored <= set(known)
    assert all(known[name].remote for name in set(known) - stored)  # no file of theirs has been at hand yet


def test_an_unknown_dataset_is_refused_with_the_nearest():
    with pytest.raises(SourceError, match=r"did you mean .*insee/unemployment_quarterly"):
        sources.dataset("insee/unemployment")


def test_two_loaders_of_the_same_name_are_refused(monkeypatch):
    module = importlib.import_module("analysis.data.sources.urssaf")
    monkeypatch.setattr(module, "DATASETS", (*module.DATASETS, module.DATASETS[0]))
    with pytest.raises(SourceError, match="two loaders are named urssaf/private_jobs"):
        sources.datasets.__wrapped__()


def test_the_degree_day_loader_reads_the_labels_of_a_portal(tmp_path):
    entry = sources.dataset("odre/heating_degree_days")
    path = tmp_path / entry.files[0]
    days = pd.date_range("2024-02-01", "2024-02-29").strftime("%Y-%m-%d")
    rows = [f"{day};67;Bas-Rhin;1.0;15.0;8.0" for day in days]
    header = "Date;Code INSEE département;Département;TMin (°C);TMax (°C);TMoy (°C)"
    path.write_text("\n".join(["\ufeff" + header, *rows]), encoding="utf-8")
    frame = entry.load([path])
    assert frame.loc[frame["period"] == "2024-02", "value"].tolist() == [290.0]


# ------------------------------------------------------------------------------------------------- import of a path


def test_a_folder_gives_every_dataset_it_holds(known, catalogue, folder):
    *results, left = sources.import_path(folder, catalogue)
    assert [str(r) for r in results] == [f"{NAME}: 3 figures, new", f"{OTHER}: 3 figures, new"]
    assert left.files == ("notes.txt",)
    assert [file.name for file in catalogue.sidecar(OTHER).published] == ["a.csv", "b_1.csv"]
    *results, _ = sources.import_path(folder, catalogue)
    assert [str(r) for r in results] == [f"{NAME}: unchanged", f"{OTHER}: unchanged"]


def test_a_file_gives_its_dataset_only(known, catalogue, folder):
    assert [r.dataset for r in sources.import_path(folder / FILE, catalogue)] == [NAME]
    assert list(catalogue) == [NAME]


def test_a_file_that_needs_others_says_which(known, catalogue, folder):
    (refused,) = sources.import_path(folder / "a.csv", catalogue)  # the other is in a folder below
    assert "fake/other: found a.csv but not b_*.csv" in str(refused)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"dep;people\n67;1\n", "no column 'year'"),
        (b"dep;year;people\n67;2024;many\n", "could not convert"),
        (b"dep;year;people\n67;2024\n", "fewer cells than the heading"),
        (b"dep;year;people\n67;2024;1;2\n", "rows have more cells"),
        (b"dep;year;people;people\n67;2024;1;2\n", "several columns may be 'people'"),
        (b"dep;yaer;people\n67;2024;1\n", "no column 'year' (nearest: 'yaer')"),
        (b"<!DOCTYPE html><p>Maintenance", "it is a web page"),
        (b"PK\x03\x04", "it is a spreadsheet or an archive"),
        (b"dep;year;people\n67;2024;-4\n", "outside"),
        (b"dep;year;people\n99;2024;4\n", "unknown territory"),
        (b"dep;year;people\n", "holds no figure"),
        (b"\x00\xff\xfe", "cannot be read"),
        (b"", "cannot be read"),
    ],
    ids=[
        "column",
        "text",
        "short",
        "long",
        "twice",
        "near",
        "page",
        "xlsx",
        "limit",
        "territory",
        "no row",
        "damaged",
        "empty",
    ],
)
def test_one_bad_file_is_refused_and_the_others_are_imported(known, catalogue, folder, content, message):
    list(sources.import_path(folder / FILE, catalogue))
    before = snapshot(catalogue.root)
    (folder / FILE).write_bytes(content)
    refused, change, _ = sources.import_path(folder, catalogue)
    assert isinstance(refused, SourceError)
    assert str(refused).startswith(f"{NAME}: ")
    assert message in str(refused)
    assert (change.dataset, change.added) == (OTHER, 3)
    after = snapshot(catalogue.root)
    assert {path: after[path] for path in before} == before


def test_a_file_that_is_there_twice_is_read_once_and_two_versions_are_listed(known, catalogue, folder):
    (folder / "deep" / FILE).write_bytes(CONTENT)
    change, *_ = sources.import_path(folder, catalogue)
    assert change.notes == (f"deep/{FILE} is the same file as published/{FILE}",)
    before = snapshot(catalogue.root)
    (folder / "deep" / FILE).write_bytes(CONTENT + b"13;2024;300\n")
    refused, *_ = sources.import_path(folder, catalogue)
    first, *listed, last = str(refused).splitlines()
    assert first == f"{NAME}: 2 files may be « {FILE} », and none was read:"
    assert [line.split()[0] for line in listed] == [f"deep/{FILE}", f"published/{FILE}"]
    assert "Name the one to read" in last
    assert snapshot(catalogue.root) == before


def test_a_path_with_nothing_to_read_is_refused(known, catalogue, folder):
    for path, message in ((folder / "notes.txt", "docs/data.md"), (folder / "none", "does not exist")):
        with pytest.raises(SourceError, match=message):
            list(sources.import_path(path, catalogue))


# ------------------------------------------------------------------------------------------------ which file is read

NEWER = CONTENT.replace(b"1250", b"1251")


@pytest.mark.parametrize(
    "other",
    [
        "domiciled_2024 (1).csv",
        "domiciled_2024 - Copie.csv",
        "Domiciled 2024_v2.CSV",
        "domiciled_2024_20250301.csv",
    ],
)
def test_what_is_named_is_read_whatever_is_beside_it_and_a_folder_of_both_is_refused(
    known, catalogue, folder, other
):
    (folder / other).write_bytes(NEWER)
    refused, *_ = sources.import_path(folder, catalogue)
    assert f"2 files may be « {FILE} », and none was read" in str(refused)
    assert {line.split(" (")[0].strip() for line in str(refused).splitlines()[1:3]} <= {
        FILE,
        other,
        other.split(" (")[0],
    }
    assert NAME not in catalogue
    for name, content in ((other, NEWER), (FILE, CONTENT)):
        (change,) = sources.import_path(folder / name, catalogue)
        cited = catalogue.sidecar(NAME).published
        assert [(file.name, file.sha256) for file in cited] == [(name, sha256_of(content))]
        assert change.notes == (() if name == FILE else (f"read from {name}",))


@pytest.mark.parametrize(
    "other", ["~$domiciled_2024.csv", "domiciled_2024.csv.crdownload", "domiciled_2024.csv.part"]
)
def test_what_is_open_or_still_arrives_stops_a_folder_and_is_refused_by_name(known, catalogue, folder, other):
    (folder / other).write_bytes(CONTENT)
    refused, *_ = sources.import_path(folder, catalogue)
    assert f"  {other}, which " in str(refused)
    (refused,) = sources.import_path(folder / other, catalogue)
    assert str(refused).startswith(f"{NAME}: {other} ")
    assert NAME not in catalogue
    (change,) = sources.import_path(folder / FILE, catalogue)
    assert change.first_time


def test_a_list_of_copies_is_cut_at_ten_lines(known, catalogue, folder):
    for number in range(30):
        (folder / f"domiciled_2024 ({number}).csv").write_bytes(CONTENT + b"13;2024;%d\n" % number)
    refused, *_ = sources.import_path(folder, catalogue)
    lines = str(refused).splitlines()
    assert (len(lines), lines[-2]) == (10, "… and 24 more")


def test_a_copy_alone_and_another_spelling_are_read_and_said(known, catalogue, folder):
    (folder / FILE).rename(folder / "Domiciled%202024 (1).CSV")
    change, *_ = sources.import_path(folder, catalogue)
    assert change.notes == ("read from Domiciled%202024 (1).CSV",)
    assert [file.name for file in catalogue.sidecar(NAME).published] == ["Domiciled%202024 (1).CSV"]


def test_files_that_go_with_the_one_named_are_read_beside_it_and_only_if_that_is_clear(
    known, catalogue, folder
):
    (folder / "b_1.csv").write_bytes(b"x")
    (change,) = sources.import_path(folder / "a.csv", catalogue)
    assert change.notes == ("read with b_1.csv, beside it",)
    (folder / "b_2.csv").write_bytes(b"y")
    (refused,) = sources.import_path(folder / "a.csv", catalogue)
    assert "2 files may be « b_*.csv »" in str(refused)
    (change,) = sources.import_path(folder / "b_2.csv", catalogue)
    assert [file.name for file in catalogue.sidecar(OTHER).published] == ["a.csv", "b_2.csv"]


@pytest.mark.parametrize("name", ["export.zip", f"{FILE}.gz"])
def test_an_archive_is_a_folder_and_its_member_is_cited(known, catalogue, folder, name):
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(CONTENT))
    else:
        with zipfile.ZipFile(path, "w") as made:
            made.writestr(f"deep/{FILE}", CONTENT)
            made.writestr("readme.txt", "x")
    change, *_ = sources.import_path(path, catalogue)
    assert (change.dataset, change.added, change.notes) == (NAME, 3, (f"taken out of {name}",))
    assert [(f.name, f.sha256) for f in catalogue.sidecar(NAME).published] == [(FILE, sha256_of(CONTENT))]
    change, *_ = sources.import_path(folder, catalogue)  # the file is there too, and is the same
    assert not change.any
    assert f"{FILE} is the same file as" in change.notes[0]


def test_an_archive_that_holds_nothing_known_is_told(known, catalogue, folder):
    with zipfile.ZipFile(folder / "x.zip", "w") as made:
        made.writestr("readme.txt", "x")
    with pytest.raises(SourceError, match=r"no loader reads x\.zip \(no file that a loader reads\)"):
        list(sources.import_path(folder / "x.zip", catalogue))
    *_, left = sources.import_path(folder, catalogue)
    assert "x.zip (no file that a loader reads)" in left.files


def test_a_name_that_no_loader_reads_gives_the_nearest(known, catalogue, folder):
    (folder / FILE).rename(folder / "domiciled_2025.csv")
    with pytest.raises(
        SourceError, match=rf"no loader reads domiciled_2025\.csv, nearest « {FILE} » \({NAME}\)"
    ):
        list(sources.import_path(folder / "domiciled_2025.csv", catalogue))


def test_figures_of_the_project_are_no_published_files(known, catalogue, folder):
    inside = Catalogue(folder / "data" / "raw")
    list(sources.import_path(folder / FILE, inside))
    (inside.root / "fake" / FILE).write_bytes(NEWER)
    change, *_ = sources.import_path(folder, inside)
    assert not change.any


def test_a_file_that_changes_while_it_is_read_is_refused(catalogue, folder):
    def load(paths):
        paths[0].write_bytes(NEWER)
        return dataset().load(paths)

    with pytest.raises(SourceError, match="changed while it was read"):
        import_files(dataset(load=load), [folder / FILE], catalogue)
    assert NAME not in catalogue


def test_an_error_of_writing_never_blames_the_file(catalogue, folder, monkeypatch):
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr("analysis.foundations.files.os.fsync", lambda _: (_ for _ in ()).throw(full))
    with pytest.raises(SourceError, match=r"figures cannot be written .*No space left") as refused:
        import_files(dataset(), [folder / FILE], catalogue)
    assert "damaged" not in str(refused.value)
    assert snapshot(catalogue.root / "fake") == {}


# -------------------------------------------------------------------------------------------------- a file for each year

FAMILY = dataset(
    name="fake/years", files=("domiciled_20??.csv",), vintages=lambda name: re.sub(r"\D", "", name)[:4],
    load=lambda paths: pd.concat([dataset().load([path]) for path in paths]),
)  # fmt: skip


def yearly(folder, year, people="1200", more=""):
    path = folder / f"domiciled_{year}.csv"
    path.write_text(f"dep;year;people\n67;{year};{people}\n{more}")
    return path


@pytest.fixture
def years(tmp_path, monkeypatch, catalogue):
    """Three years of a family, imported together."""
    monkeypatch.setattr("analysis.data.sources.datasets", lambda: {FAMILY.name: FAMILY})
    there = tmp_path / "years"
    there.mkdir()
    for year in (2021, 2022, 2023):
        yearly(there, year)
    (change,) = sources.import_path(there, catalogue)
    assert change.added == 3
    return there


def cited(catalogue):
    return {file.name: file.sha256 for file in catalogue.sidecar(FAMILY.name).published}


def test_a_year_alone_is_added_to_the_others_with_its_citation(years, catalogue):
    before = cited(catalogue)
    path = yearly(years, 2024)
    (change,) = sources.import_path(path, catalogue)
    assert (change.added, change.removed, change.revised) == (1, 0, 0)
    assert change.notes == ("the stored figures of 2021, 2022, 2023 stay",)
    assert cited(catalogue) == before | {path.name: sha256_of(path.read_bytes())}
    assert (catalogue.sidecar(FAMILY.name).period_first, catalogue.sidecar(FAMILY.name).period_last) == (
        "2021",
        "2024",
    )


@pytest.mark.parametrize("name", ["domiciled_2022 (1).csv", "DOMICILED-2022.CSV", "domiciled_2022.csv"])
def test_a_year_that_is_revised_takes_the_place_of_itself_alone(years, catalogue, name):
    before = cited(catalogue)
    path = yearly(years, 2022, people="1300").rename(years / name)
    (change,) = sources.import_path(path, catalogue)
    assert (change.added, change.removed, change.revised) == (0, 0, 1)
    del before["domiciled_2022.csv"]
    assert cited(catalogue) == before | {name: sha256_of(path.read_bytes())}


def test_a_year_that_lacks_a_figure_stops(years, catalogue):
    list(sources.import_path(yearly(years, 2022, more="2A;2022;80\n"), catalogue))
    before = snapshot(catalogue.root)
    (refused,) = sources.import_path(yearly(years, 2022), catalogue)
    assert "1 territories, all their figures: 2A" in str(refused)
    (refused,) = sources.import_path(
        yearly(years, 2022, people=""), catalogue
    )  # blank where there was a value
    assert "2 of 4 figures" in str(refused)
    assert snapshot(catalogue.root) == before


def test_replace_keeps_what_was_read_and_nothing_else(years, catalogue):
    path = yearly(years, 2023)
    (change,) = sources.import_path(path, catalogue, replace=True)
    assert (change.removed, list(cited(catalogue))) == (2, [path.name])


def test_one_year_cannot_stand_for_several_that_are_damaged(years, catalogue):
    (catalogue.root / f"{FAMILY.name}.csv").write_text("altered", encoding="utf-8")
    (refused,) = sources.import_path(years / "domiciled_2023.csv", catalogue)
    assert "3 rows, in a version that is damaged, where these are 1" in str(refused)
    (change,) = sources.import_path(years, catalogue)
    assert change.unreadable


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork, which this system lacks")
def test_years_imported_at_the_same_time_all_stay(years, catalogue):
    new = [yearly(years, year) for year in range(2030, 2036)]
    children, (ready, go) = [], os.pipe()
    for path in new:
        child = os.fork()
        if not child:
            os.close(go)
            os.read(ready, 1)  # until the last is there
            try:
                list(sources.import_path(path, Catalogue(catalogue.root)))
            finally:
                os._exit(0)
        children.append(child)
    os.close(go)
    for child in children:
        os.waitpid(child, 0)
    os.close(ready)
    assert Catalogue(catalogue.root).sidecar(FAMILY.name).rows == 9
    assert len(cited(catalogue)) == 9


def test_two_versions_of_a_year_are_refused_and_two_years_are_not(years, catalogue):
    yearly(years, 2022, people="1300").rename(years / "domiciled_2022_v2.csv")
    yearly(years, 2022)
    (refused,) = sources.import_path(years, catalogue)
    assert "2 files may be « domiciled_20??.csv »" in str(refused)


def test_the_yearly_family_of_incomes_takes_one_year_alone(published, tmp_path, project):
    raw = tmp_path / "raw"
    name = "insee/filosofi_2014_2020"
    (raw / "insee").mkdir(parents=True)
    for ending in (".csv.gz", ".source.yml"):
        shutil.copy(project / "data/raw" / f"{name}{ending}", raw / f"{name}{ending}")
    before = snapshot(raw)
    renamed = tmp_path / "filo2019-disp-dep (2).CSV"
    for path in (published("insee", "FILO2019_DISP_DEP.csv"), renamed):
        shutil.copy(published("insee", "FILO2019_DISP_DEP.csv"), renamed)
        (change,) = sources.import_path(path, Catalogue(raw))
        assert not change.any
        after = snapshot(raw)
        assert after[f"{name}.csv.gz"] == before[f"{name}.csv.gz"]
        files = [file.name for file in Catalogue(raw).sidecar(name).published]
        assert (len(files), path.name in files) == (7, True)


def test_published_files_imported_again_change_nothing(published, tmp_path, project):
    folder, raw = published(), tmp_path / "raw"
    shutil.copytree(project / "data/raw", raw)
    before = snapshot(raw)
    *results, left = sources.import_path(folder, Catalogue(raw))
    assert [str(r) for r in results if not isinstance(r, Change) or r.any] == []
    assert len(results) > 40
    assert "INDEX.md" in left.files
    after = snapshot(raw)
    after.pop(".lock", None)
    before.pop(".lock", None)
    assert after == before


# --------------------------------------------------------------------------------------------------------- vintages


def test_the_vintage_follows_files_that_cover_other_periods(catalogue, folder):
    entry, path = dataset(), folder / FILE
    import_files(entry, [path], catalogue)
    assert catalogue.sidecar(NAME).vintage == "of 2024"
    path.write_bytes(CONTENT.replace(b"1250", b"1251"))
    import_files(entry, [path], catalogue)
    assert catalogue.sidecar(NAME).vintage == "of 2024"
    for year in (b"2025", b"2026"):
        path.write_bytes(CONTENT + b"13;" + year + b";300\n")
        import_files(entry, [path], catalogue, replace=True)
        assert catalogue.sidecar(NAME).vintage == f"2023 – {year.decode()}"
    import_files(entry, [path], catalogue)
    assert catalogue.sidecar(NAME).vintage == "2023 – 2026"


def test_a_loader_that_reads_more_of_the_same_file_keeps_its_vintage(catalogue, folder):
    less = dataset(load=lambda paths: dataset().load(paths).query("period == '2024'"))
    import_files(less, [folder / FILE], catalogue)
    import_files(dataset(), [folder / FILE], catalogue)
    assert catalogue.sidecar(NAME).vintage == "of 2024"


def test_a_version_that_was_altered_can_be_imported_again(catalogue, folder):
    import_files(dataset(), [folder / FILE], catalogue)
    table = catalogue.root / f"{NAME}.csv"
    kept = sha256_of(table.read_bytes())
    table.write_text("altered", encoding="utf-8")
    change = import_files(dataset(), [folder / FILE], catalogue)
    assert str(change) == f"{NAME}: 3 figures, in place of a version that was damaged or altered"
    assert sha256_of(table.read_bytes()) == kept
