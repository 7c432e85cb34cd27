"""The beginning of a source: files that are whole or not there, and that are no source before a person completes them."""

import runpy
import shutil
import subprocess
import sys

import pytest

from analysis.cli import scaffold
from analysis.data import sources
from analysis.data.catalogue import Catalogue
from analysis.data.sources.base import SourceError, import_files
from analysis.data.sources.fetching import remote_of
from tests.conventions.repository import SOURCE, files
from tests.producer import CONTENT, FILE, dataset, snapshot


@pytest.fixture(scope="module")
def pristine(tmp_path_factory):
    """The folders of a checkout in which sources are."""
    root = tmp_path_factory.mktemp("checkout")
    folder = root.joinpath("src", *sources.__name__.split("."))
    for path in files(SOURCE.parent.joinpath(*sources.__name__.split("."))):
        there = folder / path.relative_to(SOURCE.parent.joinpath(*sources.__name__.split(".")))
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, there)
    (root / "tests/data").mkdir(parents=True)
    return root


@pytest.fixture
def checkout(pristine, tmp_path):
    return shutil.copytree(pristine, tmp_path / "checkout")


@pytest.mark.parametrize(
    ("name", "loader", "test"),
    [
        ("observatoire/domiciliation", "observatoire.py", "test_observatoire.py"),
        ("dares/vacancies", "dares.py", "test_dares_vacancies.py"),
        ("insee/wages", "insee/wages.py", "test_insee_wages.py"),
    ],
)
def test_a_loader_goes_in_the_module_of_its_producer_or_in_a_new_one(checkout, name, loader, test):
    before = snapshot(checkout)
    begun = scaffold.begin(name, checkout)
    assert [path.name for path in begun.files] == [loader.split("/")[-1], test]
    after = snapshot(checkout)
    changed = {path for path, content in after.items() if before.get(path) != content}
    assert {path.split("/sources/")[-1].removeprefix("tests/data/") for path in changed} == {loader, test}
    (path,) = (path for path in changed if path.endswith(f"/{loader}"))
    lines = iter(after[path].splitlines())
    assert all(line in lines for line in before.get(path, b"").splitlines())  # each after the one before
    for path, number, text in begun.left:
        assert path.read_text(encoding="utf-8").splitlines()[number - 1].strip() == text
    assert {"producer=...,", "licence=...,", '"indicator": ...,'} < {text for _, _, text in begun.left}


@pytest.mark.parametrize(
    ("name", "connector", "loader", "call"),
    [
        ("observatoire/domiciliation", "Table", "observatoire.py", "Table(portal=..., dataset=...)"),
        ("dares/vacancies", "melodi", "dares.py", "Melodi(dataset=...)"),
        ("insee/wages", "Bdm", "insee/wages.py", "Bdm(flow=...)"),
    ],
)
def test_a_dataset_on_a_connector_is_one_file_that_is_imported_and_asks_for_what_is_left(
    checkout, name, connector, loader, call
):
    begun = scaffold.begin(name, checkout, connector=connector)
    path = begun.files[0]
    assert path.as_posix().endswith(f"/{loader}")
    left = {text for _, _, text in begun.left}
    assert {f"remote=Remote(({call},), columns=...),", "producer=...,"} < left
    module = runpy.run_path(str(path))
    (entry,) = (one for one in module["DATASETS"] if one.name == name)
    assert set(entry.undecided) >= {"load", "remote", "url", "perimeter"}
    with pytest.raises(SourceError, match=r"load, remote remain to be decided: .* in the module of"):
        remote_of(entry)
    checked = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--config",
        str(SOURCE.parents[1] / "pyproject.toml"),
        str(path),
    ]
    assert subprocess.run(checked, check=False, capture_output=True, text=True).stdout.startswith(
        "All checks passed"
    )


@pytest.mark.parametrize("connector", ["Tabel", "opendatasoft", "Newest"])
def test_a_connector_that_is_none_or_several_is_refused_with_those_there_are(checkout, connector):
    before = snapshot(checkout)
    with pytest.raises(SourceError, match=r"no connector, or several; there are Aggregate, .*Table"):
        scaffold.begin("dares/vacancies", checkout, connector=connector)
    assert snapshot(checkout) == before


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../etc/passwd", "is not PRODUCER/DATASET"),
        ("insee", "is not PRODUCER/DATASET"),
        ("insee/wages/2024", "is not PRODUCER/DATASET"),
        ("INSÉE/Wages 2024", "did you mean insee/wages_2024"),
        ("insee/wages\n", "is not PRODUCER/DATASET"),
        ("insee/" + "w" * 60, "is not PRODUCER/DATASET"),
        ("insee/filosofi_2023", "is there already"),
        ("inse/wages", "did you mean insee/wages"),
        ("local/wages", "cannot be part of a name"),
        ("class/wages", "cannot be part of a name"),
        ("base/wages", "base.py is there already"),
        ("insee/wide", "wide.py is there already"),
        ("drees/sheets", "sheets.py is there already"),
        ("politiques/wages", "registers, not figures"),
    ],
)
def test_what_cannot_be_begun_is_refused_and_nothing_is_written(checkout, name, why):
    before = snapshot(checkout)
    with pytest.raises(SourceError, match=why):
        scaffold.begin(name, checkout)
    assert snapshot(checkout) == before


def test_a_producer_that_resembles_another_is_begun_when_that_is_said(checkout):
    assert scaffold.begin("inse/wages", checkout, new_producer=True).files[0].name == "inse.py"


@pytest.mark.parametrize("name", ["observatoire/domiciliation", "dares/vacancies"])
def test_nothing_stays_of_what_could_not_be_written_whole(checkout, name):
    test = (
        checkout / "tests/data" / f"test_{name.replace('/', '_') if 'dares' in name else 'observatoire'}.py"
    )
    test.write_text("a person's own", encoding="utf-8")
    before = snapshot(checkout)
    with pytest.raises(SourceError, match=rf"{test.name} is there already, and nothing was written"):
        scaffold.begin(name, checkout)
    assert snapshot(checkout) == before


def test_a_link_is_not_written_through(checkout, tmp_path):
    test = checkout / "tests/data/test_observatoire.py"
    test.symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(SourceError, match="is there already"):
        scaffold.begin("observatoire/domiciliation", checkout)
    assert not (tmp_path / "elsewhere.py").exists()
    assert test.is_symlink()


def test_a_folder_that_is_no_checkout_is_refused(tmp_path):
    with pytest.raises(SourceError, match="no checkout"):
        scaffold.begin("observatoire/domiciliation", tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("key", ["title", "licence", "load"])
def test_what_is_not_decided_is_not_imported(tmp_path, key):
    def load(paths):
        return dataset().load(paths, ...)

    path = tmp_path / FILE
    path.write_bytes(CONTENT)
    catalogue = Catalogue(tmp_path / "raw")
    entry = dataset(**{key: load if key == "load" else ...})
    with pytest.raises(SourceError, match=rf"nothing was imported, as {key} remain"):
        import_files(entry, [path], catalogue)
    assert list(catalogue) == []
