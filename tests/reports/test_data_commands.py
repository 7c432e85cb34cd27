"""`pacte data`: what each command says, its exit code, and what it leaves as it was."""

import re
import shutil

import pytest
from typer.testing import CliRunner

from analysis.cli import data_commands
from analysis.cli.arriving import Arriving
from analysis.cli.command import whole
from analysis.data import local
from analysis.data.catalogue import Catalogue
from analysis.foundations import places
from analysis.foundations.files import sha256_of, write_whole
from tests.conftest import PROJECT
from tests.producer import CONTENT, FILE, NAME, dataset, serving, silent_url, snapshot

REVISED = CONTENT.replace(b"1250", b"1251") + b"13;2024;300\n"
SHORTER = REVISED.replace(b"67;2023;1200\n", b"")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A checkout without figures, and a cache of its own."""
    raw = tmp_path / "home" / "data" / "raw"
    (raw / "parameters").mkdir(parents=True)
    shutil.copy(PROJECT / "data/raw/parameters/disclosure.yml", raw / "parameters")
    monkeypatch.setenv("PACTE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PACTE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return raw


@pytest.fixture
def known(monkeypatch):
    """Make the registry hold these datasets and no other."""

    def _known(*entries):
        monkeypatch.setattr(
            "analysis.data.sources.datasets", lambda: {entry.name: entry for entry in entries}
        )

    return _known


@pytest.fixture
def producer(monkeypatch):
    monkeypatch.setattr(Arriving, "_wait", lambda *_: None)  # between one try and the next
    with serving() as found:
        found.bodies[FILE] = CONTENT
        yield found


def run(*arguments, columns=None):
    return CliRunner(env={"COLUMNS": str(columns)} if columns else None).invoke(
        whole(), ["data", *map(str, arguments)]
    )


def lines(text):
    return text.strip().splitlines()


# ------------------------------------------------------------------------------------------------------ a new source


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("inse/wages", "did you mean insee/wages"),
        ("../raw/x", "is not PRODUCER/DATASET"),
        ("new/one", "no checkout"),
    ],
)
def test_a_source_that_cannot_be_begun_is_a_mistake_of_the_caller(home, name, why):
    before = snapshot(home.parent.parent)
    done = run("new", name)
    assert (done.exit_code, done.stdout) == (2, "")
    assert why in done.stderr
    assert snapshot(home.parent.parent) == before


# ---------------------------------------------------------------------------------------------------------- import


def test_import_says_what_changed(home, known, tmp_path):
    known(dataset())
    path = tmp_path / FILE
    path.write_bytes(CONTENT)
    assert lines(run("import", path).stdout) == [f"{NAME}: 3 figures, new"]
    path.write_bytes(REVISED)
    done = run("import", tmp_path)
    assert (done.exit_code, lines(done.stdout)) == (0, [f"{NAME}: 1 added, 0 removed, 1 revised"])
    assert lines(run("import", path).stdout) == [f"{NAME}: unchanged"]


def test_a_loss_stops_with_what_would_be_lost_and_replace_lets_it_go(home, known, tmp_path):
    known(dataset())
    path = tmp_path / FILE
    path.write_bytes(CONTENT)
    run("import", path)
    before = snapshot(home)
    path.write_bytes(SHORTER)
    done = run("import", path)
    assert (done.exit_code, done.stdout, snapshot(home)) == (1, "", before)
    assert lines(done.stderr)[1:] == [
        "  1 of 3 figures",
        "  1 periods, all their figures: 2023",
        "If that is right, run it again with --replace",
    ]
    done = run("import", path, "--replace")
    assert (done.exit_code, lines(done.stdout)) == (0, [f"{NAME}: 1 added, 1 removed, 1 revised"])


def test_what_a_folder_holds_and_no_loader_reads_is_said(home, known, tmp_path):
    known(dataset())
    (tmp_path / FILE).write_bytes(CONTENT)
    (tmp_path / "domicilied_2024.csv").write_bytes(CONTENT)
    for number in range(12):
        (tmp_path / f"photo{number}.jpg").write_bytes(b"x")
    done = run("import", tmp_path)
    assert (done.exit_code, lines(done.stdout)) == (0, [f"{NAME}: 3 figures, new"])
    said = lines(done.stderr)
    assert said[0] == "pacte data: 13 files are not recognised, and were not read:"
    assert said[1] == f"  domicilied_2024.csv, nearest « {FILE} » ({NAME})"
    assert len(said) <= 10
    (tmp_path / FILE).unlink()
    done = run("import", tmp_path)
    assert (done.exit_code, len(lines(done.stderr)) <= 10) == (2, True)
    assert f"nearest « {FILE} »" in done.stderr


def test_import_of_a_folder_with_a_bad_file_imports_the_others_and_exits_with_1(home, known, tmp_path):
    known(dataset(name="fake/bad", files=("bad.csv",)), dataset())
    (tmp_path / "bad.csv").write_bytes(b"PK\x03\x04")
    (tmp_path / FILE).write_bytes(CONTENT)
    done = run("import", tmp_path)
    assert done.exit_code == 1
    assert lines(done.stdout) == [f"{NAME}: 3 figures, new"]
    assert re.fullmatch(r"pacte data: fake/bad: .*it is a spreadsheet or an archive.*", done.stderr.strip())
    assert list(Catalogue(home)) == [NAME]


@pytest.mark.parametrize("path", ["none", "."])
def test_import_of_nothing_is_the_caller_s_mistake(home, known, tmp_path, path):
    known(dataset())
    done = run("import", tmp_path / path)
    assert (done.exit_code, done.stdout, len(lines(done.stderr))) == (2, "", 1)


# ----------------------------------------------------------------------------------------------------------- fetch


THEN = "then: `pacte data check --anomalies` tells jumps that nobody has looked at; `make reports` makes the pages anew"


def test_fetch_imports_then_says_that_nothing_changed(home, known, producer):
    known(dataset(producer.url()))
    done = run("fetch", NAME)
    assert (done.exit_code, lines(done.stdout), done.stderr) == (0, [f"{NAME}: 3 figures, new", THEN], "")
    before = snapshot(home)
    assert lines(run("fetch", NAME).stdout) == [f"{NAME}: unchanged"]
    assert snapshot(home) == before
    assert Catalogue(home).sidecar(NAME).published[0].sha256 == sha256_of(CONTENT)


def test_what_differs_stops_with_every_line_and_accept_lets_it_in(home, known, producer):
    known(dataset(producer.url()))
    run("fetch", NAME)
    before = snapshot(home)
    producer.bodies[FILE] = SHORTER
    done = run("fetch", NAME)
    assert (done.exit_code, done.stdout, snapshot(home)) == (1, "", before)
    assert f"pacte data fetch {NAME} --accept" in done.stderr
    assert "The vintage held (2023 – 2024) stays until then" in done.stderr
    assert {"  lost: 1 of 3 figures", "  lost: 1 periods, all their figures: 2023"} <= set(lines(done.stderr))
    done = run("fetch", "--accept")
    assert (done.exit_code, "name the datasets" in done.stderr, snapshot(home)) == (2, True, before)
    done = run("fetch", NAME, "--accept")
    assert (done.exit_code, lines(done.stdout)[0]) == (0, f"{NAME}: 1 added, 1 removed, 1 revised")
    assert Catalogue(home).sidecar(NAME).published[0].sha256 == sha256_of(SHORTER)


def test_fetch_repairs_a_table_that_was_altered(home, known, producer):
    known(dataset(producer.url()))
    run("fetch", NAME)
    before = snapshot(home)
    (home / f"{NAME}.csv").write_text("altered", encoding="utf-8")
    done = run("fetch", NAME)
    assert (done.exit_code, snapshot(home)) == (0, before)
    assert "in place of a version that was damaged or altered" in done.stdout


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"statuses": {FILE: 404}}, "answered 404; nothing has changed"),
        ({"bodies": {FILE: b""}}, "empty file; nothing has changed"),
        ({"bodies": {FILE: b"<html>moved</html>"}}, "a web page, not a file"),
        ({"bodies": {FILE: b"code;an\n67;2024\n"}}, "no column 'dep'"),
        ({"bodies": {FILE: CONTENT.replace(b"80", b"-80")}}, "outside"),
        ({"broken": {FILE}}, "was cut "),
    ],
    ids=["404", "empty", "page", "layout", "limit", "broken"],
)
def test_fetch_of_what_cannot_be_read_changes_nothing(home, known, producer, answer, message):
    known(dataset(producer.url()))
    run("fetch", NAME)
    before = snapshot(home)
    for name, value in answer.items():
        setattr(producer, name, value)
    done = run("fetch", NAME)
    assert done.exit_code == 1
    assert message in done.stderr
    assert len(lines(done.stderr)) == 1
    assert snapshot(home) == before


def test_fetch_without_network_is_one_line_and_changes_nothing(home, known):
    known(*(dataset(silent_url(), name=f"fake/{letter}") for letter in "abc"), dataset())
    before = snapshot(home)
    done = run("fetch")
    assert done.exit_code == 1
    assert lines(done.stdout) == ["3 of 4 datasets have a machine address; the others: see docs/data.md"]
    silent = "127.0.0.1 cannot be reached; nothing has changed in fake/a, fake/b, fake/c"
    assert lines(done.stderr) == [f"pacte data: {silent}"]
    assert snapshot(home) == before


def test_fetch_of_everything_goes_on_after_a_refusal(home, known, producer):
    known(dataset(producer.url("gone"), name="fake/gone"), dataset(producer.url()))
    done = run("fetch")
    assert done.exit_code == 1
    assert lines(done.stdout)[1:] == [f"{NAME}: 3 figures, new", THEN]
    assert re.fullmatch(
        r"pacte data: fake/gone: .* answered 404; nothing has changed\. It was moved .*", done.stderr.strip()
    )


def test_fetch_of_a_dataset_without_address_names_the_page_and_the_command(home, known):
    known(dataset())
    done = run("fetch", NAME)
    assert (done.exit_code, done.stdout, len(lines(done.stderr))) == (2, "", 1)
    assert "https://producer.example/page" in done.stderr
    assert "`pacte data import PATH`" in done.stderr


def test_fetch_of_an_unknown_dataset_gives_the_nearest(home, known):
    known(dataset())
    done = run("fetch", "fake/domicile")
    assert (done.exit_code, "did you mean fake/domiciled?" in done.stderr) == (2, True)


@pytest.mark.parametrize("command", [["fetch"], ["check"], ["import", "."], ["add", "x.csv"]])
def test_a_folder_that_is_no_checkout_is_the_caller_s_mistake(tmp_path, monkeypatch, command):
    monkeypatch.setenv("PACTE_HOME", str(tmp_path))
    done = run(*command)
    assert (done.exit_code, len(lines(done.stderr))) == (2, 1)
    assert "set PACTE_HOME" in done.stderr


# ------------------------------------------------------------------------------------------------- add and template


def test_a_template_filled_in_is_added(home, tmp_path):
    printed = run("template", "domiciliation")
    assert printed.exit_code == 0
    path = tmp_path / "domiciliation.csv"
    path.write_text(
        re.sub(r"^;;(\w+);;$", r"Bas-Rhin;2024;\1;1 250;DDETS", printed.stdout, flags=re.M), encoding="utf-8"
    )
    done = run("add", path)
    assert (done.exit_code, lines(done.stdout)) == (0, ["local/domiciliation_67: 2 figures, new"])
    assert set(Catalogue(home).figures("local/domiciliation_67")["value"]) == {1250.0}


def test_what_is_taken_out_or_given_otherwise_is_kept_nowhere(home, tmp_path):
    path = tmp_path / "own.csv"
    kept = [
        folder / name
        for folder in places.every(home.parents[1])
        for name in ("panel.parquet", "shared/x.result")
    ]
    for value, left in (("1250", True), ("1250", True), ("s", False)):
        for file in kept:
            write_whole(file, b"figures as they were")
        path.write_text(f"{','.join(local.COLUMNS)}\n67,2024,count_domiciled_people,{value},DDETS\n")
        assert (run("add", path).exit_code, {file.is_file() for file in kept}) == (0, {left})
    for file in kept:
        write_whole(file, b"figures as they were")
    done = run("remove", "local/own_67")
    assert (done.exit_code, "1 figures taken out" in done.stdout) == (0, True)
    assert not any(file.exists() for file in kept)
    assert run("remove", "local/own_67").exit_code == 2


def test_what_is_not_likely_needs_a_yes_and_what_was_left_out_is_told(home, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(f"{','.join(local.COLUMNS)}\n67,2099,count_domiciled_people,1250,x\nSource : DDETS\n")
    done = run("add", path)
    assert (done.exit_code, "add --yes" in done.stderr, "2099" in done.stderr) == (2, True, True)
    done = run("add", path, "--yes")
    assert (done.exit_code, lines(done.stdout)[-1]) == (0, "local/own_67: 1 figures, new")
    assert "1 left out that hold no figure: line 3" in done.stdout


def test_template_lists_the_measures_and_refuses_others():
    assert lines(run("template").stdout) == list(local.measures())
    done = run("template", "domicile")
    assert (done.exit_code, "domiciliation" in done.stderr, done.stdout) == (2, True, "")


def test_add_refuses_with_every_line_at_fault(home, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(",".join(local.COLUMNS) + "\n67,2024,count_domiciled_people,5,x\n99,2024,count_x,20,x\n")
    done = run("add", path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert [line.split(":")[0].strip() for line in lines(done.stderr)] == ["pacte data", "line 2", "line 3"]
    assert "local" not in {path.name for path in home.iterdir()}


# ----------------------------------------------------------------------------------------------------------- check


def test_check_passes_on_the_repository(monkeypatch):
    monkeypatch.setenv("PACTE_HOME", str(PROJECT))
    done = run("check", columns=120)
    assert done.exit_code == 0, done.stderr
    assert re.fullmatch(r"\d\d datasets, none at fault", lines(done.stdout)[-1])


@pytest.mark.parametrize("columns", [80, 120])
def test_what_there_is_can_be_read_at_any_width(home, known, tmp_path, columns):
    wordy = "publications 2018-2022 and 2021-2023, social dwellings of 1 January"
    longest = "publications/insee_energy_vulnerability_2021"
    known(dataset(), dataset(name=longest, vintage=wordy, licence="Free re-use with attribution (INSEE)"))
    (tmp_path / FILE).write_bytes(CONTENT)
    run("import", tmp_path / FILE)
    done = run("check", columns=columns)
    assert done.exit_code == 0
    assert max(len(line) for line in lines(done.stdout)) <= columns
    words = done.stdout.split()
    for heading in ("dataset", "vintage", "terr.", "periods", "licence", "check"):
        assert heading in words
    assert ("quality" in words) == (columns >= data_commands._WIDE)
    for part in (NAME, longest):
        assert part in done.stdout.replace("/\n", "/") or all(
            p in words for p in re.findall(r"[^/]+/?", part)
        )
    assert set(wordy.split()) <= set(words)
    assert {"2023", "2024", "ok"} <= set(words)
    assert "licence 1: Licence\nlicence 2: Free re-use with attribution (INSEE)" in done.stdout
    assert "…" not in done.stdout


def test_what_is_at_fault_is_listed_up_to_ten_lines(home, known, tmp_path):
    known(*(dataset(name=f"fake/d{number}") for number in range(14)))
    (tmp_path / FILE).write_bytes(CONTENT)
    run("import", tmp_path / FILE)
    for path in home.glob("fake/*.csv"):
        path.write_text("altered", encoding="utf-8")
    done = run("check")
    assert (done.exit_code, lines(done.stdout)[-1]) == (1, "14 datasets, 14 at fault")
    assert (len(lines(done.stderr)), lines(done.stderr)[-1]) == (10, "pacte data: … and 5 more")


def altered(home):
    path = home / f"{NAME}.csv"
    path.write_text(path.read_text().replace("1250.0", "1252.0"))


def unreadable(home):
    (home / f"{NAME}.source.yml").write_text("dataset: [", encoding="utf-8")


def lost(home):
    (home / f"{NAME}.csv").unlink()


def short(home):
    path = home / f"{NAME}.source.yml"
    path.write_text(path.read_text().replace("territories: 2", "territories: 3"))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (altered, "sha256 differs.* import it again from the published file with `pacte data import`"),
        (unreadable, "not plain YAML .* run `pacte data import` to write it again"),
        (lost, "the table is not; restore it with git, or import it again"),
        (short, "territories is 2, the sidecar says 3"),
    ],
)
def test_check_names_what_is_at_fault_and_the_remedy_works(home, known, tmp_path, harm, message):
    known(dataset(), dataset(name="fake/sound"))
    (tmp_path / FILE).write_bytes(CONTENT)
    run("import", tmp_path / FILE)
    before = snapshot(home)
    harm(home)
    done = run("check", columns=120)
    assert done.exit_code == 1
    assert re.fullmatch(f"pacte data: {NAME}.*{message}.*", done.stderr.strip())
    assert lines(done.stdout)[-1] == "2 datasets, 1 at fault"
    assert {line.split()[0]: line.split()[-1] for line in lines(done.stdout) if line.startswith("fake/")} == {
        NAME: "wrong", "fake/sound": "ok",
    }  # fmt: skip
    assert run("import", tmp_path / FILE).exit_code == 0
    assert snapshot(home) == before
