"""One edition, one state of the figures: what changes under a run is said, and made again from the figures as they are."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from analysis.batch import run as batch
from analysis.data import panel as panels
from analysis.data import processed
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations.files import sha256_of
from analysis.reports import edition as editions
from analysis.reports.kept import snapshots
from tests.reports.conftest import code, notebook, parameters
from tests.reports.test_incremental import BASE, FIGURES, explained, keep, run
from tests.reports.test_run import pacte, written

RULES = code(
    "from analysis.data.catalogue import Catalogue\nprint(Catalogue().parameters('rules')['number'])"
)


@pytest.fixture
def project(make_project):
    root = make_project(essai=notebook(parameters(), FIGURES, RULES))
    keep(root, **BASE)
    rules(root, 1)
    return root


def rules(root, number):
    place = root / "data/raw/parameters"
    place.mkdir(exist_ok=True)
    (place / "rules.yml").write_text(f"number: {number}\n")


def made(root, out, change, **options):
    """Make the edition, one report at a time, and change something as soon as the first has ended."""
    chosen = editions.load("essai", root)
    tasks, books = editions.plan(chosen, (), (), (), root)
    pending = [change]
    options = batch.Options(workers=1, **options)
    return batch.run(
        chosen, tasks, books, root, out, options=options, listener=lambda *_: pending and pending.pop()()
    )


def rebuilt():
    """Build the panel as another command does, in a process that knows nothing of the run."""
    words = [sys.executable, "-c", "from analysis.data.panel import Panel; Panel.open()"]
    subprocess.run(
        words, check=True, env={name: v for name, v in os.environ.items() if name != "PACTE_PANEL"}
    )


CHANGED = {**BASE, "t67_2024": 111.0, "t2A_2024": 61.0}


def sound(root, tmp_path):
    """The bytes of an edition that nothing disturbed."""
    pacte("report", "--all", "--edition", "essai", "--out", tmp_path / "whole", "--force")
    return written(tmp_path / "whole/essai")


def test_figures_that_change_under_a_run_are_said_and_its_reports_are_of_one_state(project, tmp_path):
    summary = made(project, tmp_path / "out", lambda: keep(project, **CHANGED))
    assert "data/raw/test/domiciled.csv" in summary.changed and not summary.failed and summary.left == 0
    pages = [(tmp_path / f"out/essai/{code}/essai.html").read_text() for code in ("67", "2A")]
    assert "110.0" in pages[0] and "60.0" in pages[1]
    assert set(explained(tmp_path)) == {"67 essai", "2A essai"}
    run(tmp_path)
    assert written(tmp_path / "out/essai") == sound(project, tmp_path)


def test_a_panel_that_is_built_again_under_a_run_ends_it(project, tmp_path):
    def change():
        keep(project, **CHANGED)
        rebuilt()

    summary = made(project, tmp_path / "out", change)
    assert "panel.parquet" in summary.changed and summary.left == 2 and len(summary.done) == 1
    run(tmp_path)
    assert written(tmp_path / "out/essai") == sound(project, tmp_path)


def test_what_changed_and_was_put_back_is_made_again(project, tmp_path):
    """As a checkout of another commit, and back: the report between may have read either."""

    summary = made(project, tmp_path / "out", lambda: rules(project, 2))
    assert summary.changed == ["data/raw/parameters/rules.yml"]
    rules(project, 1)
    assert set(explained(tmp_path)) == {"67 essai", "2A essai", "974 essai"} - {made_before(tmp_path)}
    run(tmp_path)
    assert written(tmp_path / "out/essai") == sound(project, tmp_path)


def made_before(tmp_path):
    """The report that had ended before the change."""
    (record,) = (tmp_path / "out/essai/.records").glob("*/*.json")
    return f"{record.parent.name} essai"


def test_the_command_says_it_and_ends_with_one(make_project, tmp_path):
    write = (
        "import os\nfrom pathlib import Path\n"
        "(Path(os.environ['PACTE_HOME']) / 'data/raw/parameters' / f'{territory}.yml').write_text('a: 1')"
    )
    root = make_project(essai=notebook(parameters(), code(write)))
    keep(root, **BASE)
    rules(root, 1)
    said = run(tmp_path, ok=1)
    assert "changed while the edition was made: run again" in said and "3 of 3 reports" in said
    events = [json.loads(line) for line in run(tmp_path, "--json", "--force", ok=1).splitlines()]
    assert events[-1]["changed"] == [f"data/raw/parameters/{code}.yml" for code in ("2A", "67", "974")]


def test_the_data_of_an_edition_and_its_site_are_not_those_of_other_figures(project, tmp_path):
    made(project, tmp_path / "out", lambda: keep(project, **CHANGED), site=True)
    assert not (tmp_path / "out/essai/data").exists()
    assert not (tmp_path / "out/essai/.records/site.json").exists()


def test_a_process_of_a_run_reads_its_panel_and_no_other(project):
    first = Panel.open()
    place = processed.panel_path(project)
    given = processed.Given(place, first.stamp)
    keep(project, **CHANGED)
    with processed.working_on(given):
        assert Panel.open().value("count_domiciled_people", "67", "2024").value == 110.0
        panels.write(place.parent, Catalogue())
        for damage in (lambda: None, lambda: place.write_bytes(b"cut"), place.unlink):
            damage()
            with pytest.raises(processed.FiguresChanged, match="run again"):
                Panel.open()
    assert processed.given() is None
    assert Panel.open().value("count_domiciled_people", "67", "2024").value == 111.0


def test_a_report_that_builds_the_panel_is_not_held_to_what_the_panel_is_made_from(project, tmp_path):
    run(tmp_path)
    before = {path: path.read_bytes() for path in (tmp_path / "out/essai/.records").glob("*/*.json")}
    lost = notebook(
        parameters(),
        code(
            "import os\nfrom analysis.data import processed\n"
            "given = processed.given()\nos.environ.pop('PACTE_PANEL')\ngiven.path.unlink()"
        ),
        FIGURES, RULES,
    )  # fmt: skip
    path = project / "notebooks/report_essai.ipynb"
    import nbformat

    nbformat.write(lost, path)
    run(tmp_path, "-j", "1")
    after = {path: path.read_bytes() for path in (tmp_path / "out/essai/.records").glob("*/*.json")}
    changed = "../../notebooks/report_essai.ipynb"
    reads = lambda record: {k: v for k, v in json.loads(record.splitlines()[2]).items() if k != changed}  # noqa: E731
    modules = lambda record: set(json.loads(record.splitlines()[1]))  # noqa: E731
    assert len(after) == 3
    for place, record in after.items():
        assert reads(record) == reads(before[place])
        assert modules(record) == modules(before[place])


DAMAGE = {
    "cut": lambda content: content[:1000],
    "one bit": lambda content: content[:500] + bytes([content[500] ^ 1]) + content[501:],
    "empty": lambda content: b"",
    "another file": lambda content: b"not a table",
}


def snapshots_of(project, tmp_path):
    return [
        path
        for place in (tmp_path / "out/essai/.records", project / "data/processed/shared")
        for path in place.glob("figures-*.parquet")
    ]


@pytest.mark.parametrize(
    ("damage", "places"), [("cut", "one"), ("one bit", "both"), ("empty", "both"), ("another file", "both, by folders")]
)  # fmt: skip
def test_a_snapshot_that_is_damaged_is_mended_by_the_next_run(project, tmp_path, damage, places):
    run(tmp_path)
    whole = {path: path.read_bytes() for path in snapshots_of(project, tmp_path)}
    assert len(whole) == 2
    for path in list(whole)[: 1 if places == "one" else 2]:
        path.write_bytes(DAMAGE[damage](whole[path]))
        if "folders" in places:
            path.unlink()
            path.mkdir()
    assert explained(tmp_path) == {}
    assert "3 up to date" in run(tmp_path)
    assert {path: path.read_bytes() for path in snapshots_of(project, tmp_path)} == whole
    keep(project, **{**BASE, "t67_2024": 111.0})
    assert set(explained(tmp_path)) == {"67 essai"}


@pytest.mark.parametrize("damage", ["one bit", "another file"])
def test_a_snapshot_of_earlier_figures_that_is_damaged_has_reports_made_again_and_is_removed(
    project, tmp_path, damage
):
    run(tmp_path)
    sound = snapshots_of(project, tmp_path)
    keep(project, **CHANGED)
    for path in sound:
        path.write_bytes(DAMAGE[damage](path.read_bytes()))
    run(tmp_path)
    assert not set(sound) & set(snapshots_of(project, tmp_path))
    assert "3 up to date" in run(tmp_path)


def test_a_table_that_is_no_snapshot_is_no_snapshot(project):
    Panel.open()
    with pytest.raises(ValueError, match="no snapshot"):
        snapshots.read(processed.panel_path(project).read_bytes())
    with pytest.raises(ValueError, match="no snapshot"):
        snapshots.read(b"PAR1")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipe has a name here")
@pytest.mark.parametrize(
    "name",
    [
        ".records/67/essai.json",
        ".records/site.json",
        "manifest.json",
        "67/essai.html",
        "figures",
        "panel.json",
        "panel.parquet",
    ],
)
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(project, tmp_path, name):
    run(tmp_path)
    sound = written(tmp_path / "out/essai")
    path = tmp_path / "out/essai" / name
    if name == "figures":
        path = snapshots_of(project, tmp_path)[0]
    elif name.startswith("panel."):
        path = processed.panel_path(project).with_name(name)
    path.unlink()
    os.mkfifo(path)
    run(tmp_path)
    assert path.is_file() and written(tmp_path / "out/essai") == sound


FORGED = {"deep": b"[" * 100_000, "of other types": b'{"page":1}', "with checksums that are none": None}


@pytest.mark.parametrize("place", ["a file", "a folder"])
@pytest.mark.parametrize("name", FORGED)
def test_a_record_that_is_none_has_its_report_made_again(project, tmp_path, name, place):
    run(tmp_path)
    sound = written(tmp_path / "out/essai")
    record = tmp_path / "out/essai/.records/67/essai.json"
    forged = b'{"x":[1]}\n{}\n{}'
    head = json.loads(record.read_bytes().split(b"\n", 1)[0]) | {"rest": sha256_of(forged)}
    record.write_bytes(FORGED[name] or json.dumps(head).encode() + b"\n" + forged + b"\n")
    if place == "a folder":
        record.unlink()
        record.mkdir()
    assert set(explained(tmp_path)) == {"67 essai"}
    run(tmp_path)
    assert record.is_file() and written(tmp_path / "out/essai") == sound
