"""The registry of published datasets, and what importing their files does: all or nothing, one dataset at a time."""

import importlib

import pandas as pd
import pytest

from analysis import sources
from analysis.catalogue import Catalogue, sha256_of
from analysis.sources.base import SourceError, import_files
from analysis.values import QUALITIES
from tests.conftest import PROJECT
from tests.producer import CONTENT, FILE, NAME, dataset, snapshot

DOCUMENT = PROJECT / "docs" / "data.md"
OTHER = "fake/other"


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "raw")


@pytest.fixture
def known(monkeypatch):
    """The registry holds two datasets of ours: one file, and two files that go together."""
    pair = dataset(name=OTHER, files=("a.csv", "b_*.csv"))
    found = {NAME: dataset(), OTHER: pair}
    monkeypatch.setattr("analysis.sources.datasets", lambda: found)
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
        assert entry.name == name
        assert entry.url.startswith("https://"), name
        assert entry.quality in QUALITIES, name
        assert entry.files, name
        for text in (entry.producer, entry.title, entry.licence, entry.vintage, entry.perimeter):
            assert text.strip(), name
        assert all(url.startswith("https://") for url in entry.download), name


def test_every_stored_dataset_has_its_loader_and_the_reverse(project):
    stored = set(Catalogue(project / "data/raw")) - {
        n for n in Catalogue(project / "data/raw") if n.startswith("local/")
    }
    assert stored == set(sources.datasets())


def test_an_unknown_dataset_is_refused_with_the_nearest():
    with pytest.raises(SourceError, match=r"did you mean .*insee/unemployment_quarterly"):
        sources.dataset("insee/unemployment")


def test_two_loaders_of_the_same_name_are_refused(monkeypatch):
    module = importlib.import_module("analysis.sources.urssaf")
    monkeypatch.setattr(module, "DATASETS", (*module.DATASETS, module.DATASETS[0]))
    with pytest.raises(SourceError, match="two loaders are named urssaf/private_jobs"):
        sources.datasets.__wrapped__()


def test_the_degree_day_loader_reads_the_labels_of_its_download_address(tmp_path):
    entry = sources.dataset("odre/heating_degree_days")
    assert "use_labels=true" in entry.download[0]
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


# ------------------------------------------------------------------------------------------- the page about the data


def documented() -> list[str]:
    """The lines that docs/data.md holds on the datasets: a heading for each producer, a row for each dataset."""
    lines: list[str] = []
    for name, entry in sources.datasets().items():
        heading = f"### {name.split('/')[0]}"
        if heading not in lines:
            lines += [
                "",
                heading,
                "",
                "| dataset | published files | page | quality | `fetch` |",
                "|---|---|---|---|---|",
            ]
        files = ", ".join(f"`{file}`" for file in entry.files)
        cells = (
            f"`{name}`",
            files,
            f"[{entry.url.split('/')[2]}]({entry.url})",
            entry.quality.replace("_", " "),
        )
        lines.append(f"| {' | '.join(cells)} | {'yes' if entry.download else 'no'} |")
    return lines[1:]


def test_the_page_about_the_data_lists_every_dataset_as_it_is():
    expected = "\n".join(documented())
    text = DOCUMENT.read_text(encoding="utf-8")
    found = text.partition("<!-- datasets -->\n")[2].partition("\n<!-- end -->")[0].strip()
    assert found == expected, f"docs/data.md, between its two marks: write this\n\n{expected}"
