"""Links, pipes and folders in place of what is written in the folder of an edition: not followed, not waited for, said."""

import os
import subprocess

import pytest

from analysis.batch import lock
from analysis.foundations import places
from analysis.foundations.files import sha256_at, write_if_new, write_whole
from tests.reports.test_run import command, pacte, written
from tests.waiting import PATIENCE

PLACES = (
    "67/essai.html", "67/essai.csv", "2A/essai.provenance.json", "manifest.json", "index.html", "67/index.html", "run.json",
    ".records/67/essai.json", ".records/site.json", ".lock.holder", "67/essai.pdf", "67/essai.error.txt",
)  # fmt: skip


def report(out, *more, ok=0):
    """In a process of its own, which is stopped when it waits for something."""
    words = command("report", "--all", "--edition", "essai", "--out", out, *more)
    done = subprocess.run(words, capture_output=True, text=True, timeout=4 * PATIENCE)
    assert done.returncode == ok and "Traceback" not in done.stderr + done.stdout, done
    return done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_links_and_pipes_are_replaced_and_never_followed_nor_waited_for(small, tmp_path, kind):
    report(tmp_path)
    folder, victim = tmp_path / "essai", tmp_path / "victim"
    sound = written(folder)
    victim.write_text("mine", encoding="utf-8")
    for name in PLACES:
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(victim) if kind == "link" else os.mkfifo(folder / name)
    report(tmp_path, "--explain")
    report(tmp_path)
    assert victim.read_text(encoding="utf-8") == "mine"
    (folder / "67/essai.pdf").unlink(missing_ok=True)
    assert written(folder) == sound and "3 reports are up to date" in report(tmp_path)


@pytest.mark.parametrize("name", ["67/essai.html", "index.html", ".records/site.json"])
def test_a_folder_in_place_of_a_file_is_named(small, tmp_path, name):
    words = ("report", "67", "--edition", "essai", "--out", tmp_path)
    pacte(*words)
    place = tmp_path / "essai" / name
    place.unlink()
    (place / "x").mkdir(parents=True)
    output = "".join(pacte(*words, ok=1).split())
    assert "Afolderisinthewayofafile:removeit:" in output and f"/essai/{name}'" in output
    (place / "x").rmdir()
    place.rmdir()
    pacte(*words)


@pytest.mark.parametrize("name", ["67", "data", ".records", ".lock"])
def test_a_link_in_place_of_a_folder_of_the_edition_is_refused(small, tmp_path, name):
    (tmp_path / "essai").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "essai" / name).symlink_to(tmp_path / "elsewhere")
    output = pacte("report", "67", "--edition", "essai", "--out", tmp_path, ok=1)
    assert f"essai/{name} is a link" in output and not list((tmp_path / "elsewhere").iterdir())


def test_who_holds_a_folder_is_said_in_plain_words(tmp_path):
    with lock.holding(tmp_path):
        for content in (b"\x1b[31mred\n\x07", b"\xff" * 9, b""):
            write_whole(tmp_path / lock.HOLDER, content)
            with (
                pytest.raises(lock.Held, match=r"is in use by (another process|\ufffd+): wait"),
                lock.holding(tmp_path),
            ):
                pass


# --------------------------------------------------------------------------------------------------------- the functions


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_what_is_written_has_the_mode_that_the_umask_leaves(tmp_path, mask):
    before = os.umask(mask)
    try:
        for _ in range(2):
            write_whole(tmp_path / "deep/file", b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "deep/file").stat().st_mode & 0o777 == 0o666 & ~mask
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["file"]


def test_only_regular_files_are_read_and_of_ours_no_link(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    assert places.content(tmp_path / "link", follow=True) == b"x"
    for name in ("pipe", "loop", ".", "none"):
        assert sha256_at(tmp_path / name) == "", name
        with pytest.raises(OSError, match=str(tmp_path)):
            places.content(tmp_path / name)
    with pytest.raises(OSError, match="link"):
        places.content(tmp_path / "link")
    write_if_new(tmp_path / "link", b"x")
    assert not (tmp_path / "link").is_symlink() and (tmp_path / "file").read_bytes() == b"x"
