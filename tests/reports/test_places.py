"""Where the checkout cannot be written to, what is built is kept elsewhere, and said; nothing is taken for damaged."""

from __future__ import annotations

import errno
import os
import shlex
import subprocess
import sys

import pytest

from analysis.data import processed
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.data.sources import base
from analysis.foundations import display, places
from analysis.foundations.files import DataError
from analysis.reports.kept import shared
from tests.reports.conftest import code, notebook, parameters
from tests.reports.test_incremental import BASE, FIGURES, WANTS, keep, mounting, run  # noqa: F401 - a fixture
from tests.reports.test_run import command, pacte, written

SHARES = code(WANTS.format("x:names", "analysis.site.indicator:names"))


@pytest.fixture
def project(make_project, monkeypatch, tmp_path):
    """A checkout in miniature, a user's cache folder of its own, and nothing given up or told yet."""
    root = make_project(essai=notebook(parameters(), FIGURES, SHARES))
    keep(root, **BASE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr(places, "user_cache", lambda: tmp_path / "user" / places.APPLICATION)
    monkeypatch.setattr(places, "_given_up", {})
    monkeypatch.setattr(display, "_told", set())
    monkeypatch.setenv(places.CACHE, "")  # so that what --cache sets ends with the test
    monkeypatch.delenv(places.CACHE)
    return root


def refusing(monkeypatch, number, *folders):
    """The system refuses to write in some folders."""
    real = processed.write_whole

    def write(path, content):
        if any(path.is_relative_to(folder) for folder in folders):
            raise OSError(number, os.strerror(number), str(path))
        real(path, content)

    for module in (processed, shared):
        monkeypatch.setattr(module, "write_whole", write)


def built(folder):
    return sorted(path.name for path in folder.rglob("panel.*"))


REFUSED = [errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EACCES]


@pytest.mark.parametrize("number", REFUSED, ids=errno.errorcode.get)
def test_where_the_checkout_cannot_be_written_figures_are_kept_in_the_cache(
    project, tmp_path, monkeypatch, capsys, number
):
    refusing(monkeypatch, number, project / "data/processed")
    for _ in range(2):
        assert Panel.open().value("count_domiciled_people", "67", "2024").value == 110.0
    assert built(tmp_path / "user") == ["panel.json", "panel.parquet"] and not built(project)
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and os.strerror(number) in said and "PACTE_CACHE" in said
    assert str(project / "data/processed") in said and "damaged" not in said
    assert Panel.open().stamp and shared.folder().is_relative_to(tmp_path / "user")


@pytest.mark.parametrize("number", REFUSED, ids=errno.errorcode.get)
def test_where_nothing_can_be_written_figures_are_built_in_memory_and_a_run_is_refused(
    project, tmp_path, monkeypatch, capsys, number
):
    refusing(monkeypatch, number, project, tmp_path / "user")
    for _ in range(2):
        panel = Panel.open()
        assert (panel.value("count_domiciled_people", "67", "2024").value, panel.stamp) == (110.0, None)
    said = capsys.readouterr().err
    assert said.count("built each time that it is opened") == 1 and "damaged" not in said
    assert "--cache" in run(tmp_path, ok=1)


def test_a_folder_that_is_named_is_taken_and_no_other(project, tmp_path, monkeypatch, capsys):
    run(tmp_path)
    sound = written(tmp_path / "out/essai")
    assert built(project) and not built(tmp_path / "user")
    for path in (project / "data/processed").glob("panel.*"):
        path.unlink()
    named = tmp_path / "named"
    pacte("report", "--all", "--edition", "essai", "--out", tmp_path / "again", "--cache", named)
    monkeypatch.delenv(places.CACHE)
    assert built(named) and not built(project) and list(named.rglob("*.result"))
    assert written(tmp_path / "again/essai") == sound
    said = pacte("report", "--all", "--edition", "essai", "--out", tmp_path / "again", "--cache", named)
    assert "3 up to date" in said
    monkeypatch.setenv(places.CACHE, str(named))
    refusing(monkeypatch, errno.ENOSPC, named)
    keep(project, **{**BASE, "t67_2024": 111.0})
    with pytest.raises(DataError, match=rf"{named}.*: No space left on device.*--cache"):
        from analysis.data import panel

        panel.ensure(None, Catalogue())
    assert not built(project)
    (tmp_path / "file").write_text("")
    assert "--cache" in pacte("verify", "--edition", "essai", "--cache", tmp_path / "file", ok=2)


def test_checkouts_that_share_a_cache_are_kept_apart(tmp_path, monkeypatch):
    monkeypatch.setenv(places.CACHE, str(tmp_path / "cache"))
    one, two = (places.of_checkout(tmp_path / name) for name in ("one", "two"))
    assert one != two and one.parent == two.parent == places.cache() == tmp_path / "cache"


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_CACHE_HOME": "/x"}, "/x/pacte-evaluation"),
        ("linux", {"XDG_CACHE_HOME": "x", "HOME": "/y"}, "/y/.cache/pacte-evaluation"),
        ("darwin", {"HOME": "/y"}, "/y/Library/Caches/pacte-evaluation"),
    ],
)
def test_the_cache_is_where_the_system_has_caches(monkeypatch, platform, variables, expected):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert places.user_cache().as_posix() == expected


@pytest.mark.parametrize("stands", ["processed", "shared"])
def test_a_file_in_the_place_of_a_folder_is_no_end(project, tmp_path, stands, capsys):
    (project / "data/processed").mkdir(exist_ok=True)
    place = project / "data/processed" if stands == "processed" else project / "data/processed/shared"
    place.rmdir() if place.is_dir() else None
    place.write_text("in the way")
    assert "3 of 3 reports" in run(tmp_path)
    assert place.read_text() == "in the way"


def test_a_panel_in_whose_place_a_folder_stands_is_built_again(project):
    (project / "data/processed/panel.parquet/x").mkdir(parents=True)
    (project / "data/processed/panel.json").mkdir()
    assert Panel.open().value("count_domiciled_people", "67", "2024").value == 110.0
    assert processed.is_current(processed.panel_path(project), Catalogue())


def test_a_table_that_is_no_panel_is_built_again_whatever_is_written_beside(project):
    import pandas as pd

    Panel.open()
    place = processed.panel_path(project)
    content = pd.DataFrame({"territory": ["67"], "value": ["x"]}).to_parquet()
    processed.keep(place, content, 1, processed.made_from(Catalogue(), "analysis.data.panel"))
    assert Panel.open().value("count_domiciled_people", "67", "2024").value == 110.0


@pytest.mark.parametrize("number", REFUSED, ids=errno.errorcode.get)
def test_a_write_error_is_not_told_as_a_damaged_file(project, tmp_path, monkeypatch, number):
    def full(*_):
        raise OSError(number, os.strerror(number), "/somewhere")

    monkeypatch.setattr(Catalogue, "store", full)
    frame = Catalogue().figures("test/domiciled")
    words = dict.fromkeys(("producer", "title", "url", "licence", "vintage", "perimeter"), "x")
    entry = base.Dataset("test/x", **words, files=("x.csv",), load=lambda paths: frame)
    monkeypatch.setattr(base.Dataset, "sidecar", lambda *_: None)
    monkeypatch.setattr(base, "_vintage", lambda *_: "x")
    monkeypatch.setattr(base, "evolve", lambda sidecar, **_: sidecar)
    said = rf"figures cannot be written \({os.strerror(number)}: /somewhere\); those that are stored are as they were"
    with pytest.raises(base.SourceError, match=said) as told:
        base.import_files(entry, [tmp_path / "x.csv"], Catalogue())
    assert "damaged" not in str(told.value)


def test_a_read_only_checkout_is_read_and_its_edition_made_elsewhere(project, tmp_path, mounting):  # noqa: F811
    run(tmp_path)
    sound = written(tmp_path / "out/essai")
    words = shlex.join(command("report", "--all", "--edition", "essai", "--out", "again"))
    done = mounting(
        "rm -r project/data/processed/*",
        "mount --bind project project",
        "mount -o remount,bind,ro project",
        f"{words} 2>&1",
        f"{words} 2>&1",
    )
    assert done.stdout.count("cannot be written (Read-only file system)") == 2, done
    assert "3 up to date" in done.stdout and "Traceback" not in done.stdout
    assert written(tmp_path / "again/essai") == sound
    assert built(tmp_path / "user") == ["panel.json", "panel.parquet"]


def test_a_disk_that_is_full_has_figures_kept_elsewhere(project, tmp_path, mounting):  # noqa: F811
    words = shlex.join(command("report", "--all", "--edition", "essai", "--out", "again"))
    done = mounting(
        "mkdir -p project/data/processed",
        "mount -t tmpfs -o size=4k tmpfs project/data/processed",
        "head -c 4096 /dev/zero > project/data/processed/ballast",
        f"{words} 2>&1",
    )
    assert "No space left on device" in done.stdout and "3 of 3 reports" in done.stdout, done
    assert "damaged" not in done.stdout and "Traceback" not in done.stdout


def test_a_current_folder_that_was_deleted_is_said_in_a_line(project, tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"import os; os.rmdir({str(gone)!r}); " + command()[2]
    for arguments in (("report", "67", "--edition", "essai"), ("data", "check")):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], cwd=gone, capture_output=True, text=True
        )
        gone.mkdir()
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done
        assert done.stderr.startswith("pacte: the current folder is not there any more")
