"""A second run makes what changed and nothing else, whatever happened to the first; faults are injected one by one."""

from __future__ import annotations

import json
import os
import shlex
import signal
import stat
import subprocess
import sys

import nbformat
import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.foundations.cells import figures
from tests.reports.conftest import code, notebook, parameters
from tests.reports.test_run import command, pacte, started, written
from tests.unit.test_catalogue import sidecar
from tests.waiting import eventually

FIGURES = code(
    "from analysis.data.panel import Panel\npanel = Panel.open()\n"
    "own = panel.value('count_domiciled_people', territory, '2024').value\n"
    "both = panel.select('count_domiciled_people', territory=('67', '2A'), period='2023')\n"
    "print(own, sorted(both['value'])) if territory != '974' else print('nothing')"
)


def keep(root, **values):
    """Store figures given as ``t67_2024=100.0`` in the checkout's catalogue."""
    keys = [name.removeprefix("t").split("_") for name in values]
    rows = {"territory": [k[0] for k in keys], "period": [k[1] for k in keys], "value": list(values.values())}
    frame = pd.DataFrame(rows).assign(indicator="count_domiciled_people")
    Catalogue(root / "data/raw").store(figures(frame), sidecar("test/domiciled"), replace=True)


BASE = {"t67_2023": 100.0, "t67_2024": 110.0, "t2A_2023": 50.0, "t2A_2024": 60.0}


@pytest.fixture
def project(make_project):
    root = make_project(essai=notebook(parameters(), FIGURES))
    (root / "data/processed").mkdir(parents=True, exist_ok=True)
    keep(root, **BASE)
    return root


def run(tmp_path, *more, ok=0):
    return pacte("report", "--all", "--edition", "essai", "--out", tmp_path / "out", *more, ok=ok)


def explained(tmp_path):
    """Reason by report, as ``--explain`` gives it."""
    lines = [line for line in run(tmp_path, "--explain").splitlines() if " fr: " in line]
    return {line.partition(" fr: ")[0]: line.partition(" fr: ")[2] for line in lines}


def test_a_second_run_has_nothing_to_do(project, tmp_path):
    run(tmp_path)
    before = {
        p: p.stat().st_mtime_ns for p in (tmp_path / "out/essai").rglob("*.html") if p.name != "index.html"
    }
    assert "3 up to date" in run(tmp_path)
    assert explained(tmp_path) == {}
    assert all(path.stat().st_mtime_ns == then for path, then in before.items())


LOADED = """
import sys
from analysis.cli.command import main
try:
    main()
except SystemExit as end:
    print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_what_makes_pages_and_reads_tables_is_not_loaded_when_nothing_changed(project, tmp_path):
    run(tmp_path)
    arguments = ["report", "--all", "--edition", "essai", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True
    )
    assert done.stderr == "3 reports are up to date\n"
    slow = {
        "jinja2",
        "matplotlib",
        "mistune",
        "nbformat",
        "numpy",
        "pandas",
        "papermill",
        "pyarrow",
        "statsmodels",
    }
    assert not slow & set(done.stdout.split())


def test_one_figure_concerns_the_reports_that_show_it(project, tmp_path):
    run(tmp_path)
    keep(project, **{**BASE, "t67_2024": 111.0})
    assert explained(tmp_path) == {"67 essai": "figure count_domiciled_people, 67, 2024 changed"}
    assert "1 of 1 reports" in run(tmp_path)
    keep(project, **{**BASE, "t67_2024": 111.0, "t67_2023": 105.0})
    assert set(explained(tmp_path)) == {"67 essai", "2A essai", "974 essai"}  # all three show 2023


BESIDE = code(
    "import sys\nfrom pathlib import Path\nsys.path.insert(0, str(Path.cwd()))\nimport beside\n"
    "print(beside.WORD, Path('words.txt').read_text(encoding='utf-8'))"
)


@pytest.mark.parametrize("name", ["beside.py", "words.txt"])
def test_what_a_cell_takes_from_beside_its_notebook_is_part_of_what_a_report_is_made_from(
    make_project, tmp_path, name
):
    root = make_project(essai=notebook(parameters(), BESIDE))
    (root / "notebooks/beside.py").write_text("WORD = 'one'\n", encoding="utf-8")
    (root / "notebooks/words.txt").write_text("two", encoding="utf-8")
    run(tmp_path)
    assert explained(tmp_path) == {}
    path = root / "notebooks" / name
    path.write_text(path.read_text(encoding="utf-8") + " # more", encoding="utf-8")
    assert explained(tmp_path) == dict.fromkeys(
        ("2A essai", "67 essai", "974 essai"), f"file ../../notebooks/{name} changed"
    )


def test_a_title_concerns_the_other_reports_which_name_it(make_project, tmp_path):
    root = make_project(essai=notebook(parameters()), autre=notebook(parameters()))
    run(tmp_path)
    path = root / "notebooks/report_autre.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("# Essai", "# Autrement"), encoding="utf-8")
    assert explained(tmp_path)["67 essai"] == "setting edition changed"
    run(tmp_path)
    assert "Autrement" in (tmp_path / "out/essai/67/essai.html").read_text(encoding="utf-8")


def test_several_states_of_the_figures_are_told_apart(project, tmp_path):
    """67 is made on one state of the panel, 2A on another: each is compared with its own."""
    run(tmp_path)
    keep(project, **{**BASE, "t2A_2024": 61.0})
    pacte("report", "2A", "--edition", "essai", "--out", tmp_path / "out")
    assert explained(tmp_path) == {}
    keep(project, **BASE)
    assert set(explained(tmp_path)) == {"2A essai"}
    run(tmp_path)
    assert len(list((tmp_path / "out/essai/.records").glob("figures-*.parquet"))) <= 2


def test_a_changed_notebook_makes_its_reports_again(project, tmp_path):
    run(tmp_path)
    path = project / "notebooks/report_essai.ipynb"
    nb = nbformat.read(path, as_version=4)
    nb.cells.append(code("print('more')"))
    nbformat.write(nb, path)
    assert set(explained(tmp_path).values()) == {"notebook report_essai.ipynb changed"}


def test_with_or_without_the_records_the_bytes_are_the_same(project, tmp_path):
    run(tmp_path)
    keep(project, **{**BASE, "t67_2024": 111.0})
    run(tmp_path)
    pacte("report", "--all", "--edition", "essai", "--out", tmp_path / "whole", "--force")
    assert written(tmp_path / "out/essai") == written(tmp_path / "whole/essai")


@pytest.mark.parametrize("damage", ["altered", "deleted", "record lost", "record cut", "snapshot lost"])
def test_what_was_damaged_is_made_again_with_the_same_bytes(project, tmp_path, damage):
    run(tmp_path)
    folder = tmp_path / "out/essai"
    sound = written(folder)
    page, record = folder / "67/essai.html", folder / ".records/67/essai.json"
    if damage == "altered":
        page.write_bytes(page.read_bytes().replace(b"110", b"999"))
    elif damage == "deleted":
        page.unlink()
    elif damage == "record lost":
        record.unlink()
    elif damage == "record cut":
        record.write_bytes(record.read_bytes()[:100])
    else:
        for place in (folder / ".records", project / "data/processed/shared"):
            for snapshot in place.glob("figures-*.parquet"):
                snapshot.write_bytes(b"cut")
        keep(project, **{**BASE, "t67_2024": 111.0})
        assert set(explained(tmp_path)) == {"67 essai", "2A essai", "974 essai"}
        return
    assert set(explained(tmp_path)) == {"67 essai"}
    run(tmp_path)
    assert written(folder) == sound


def test_a_kernel_is_not_observed_and_its_reports_are_always_made(project, tmp_path):
    pacte("report", "67", "--edition", "essai", "--out", tmp_path / "out", "--engine", "kernel")
    assert explained(tmp_path)["67 essai"].startswith("never built")


def test_only_failed_makes_what_failed_and_fail_fast_stops(make_project, tmp_path):
    root = make_project(
        essai=notebook(parameters(), code("if territory != '67':\n    raise ValueError('no')"))
    )
    assert "2 failed" in run(tmp_path, ok=1)
    events = [json.loads(line) for line in run(tmp_path, "--only-failed", "--json", ok=1).splitlines()]
    assert events[0] == {"event": "planned", "to_make": 2, "up_to_date": 0}
    told = [(e["event"], e["report"]) for e in events[1:-1]]
    reports = {report for _, report in told}
    assert sorted(event for event, _ in told) == ["begun", "begun", "failed", "failed"]
    assert len(reports) == 2 and all(told.index(("begun", r)) < told.index(("failed", r)) for r in reports)
    assert events[-1]["event"] == "summary"
    assert "1 failed" in run(tmp_path, "--only-failed", "--fail-fast", "-j", "1", ok=1)
    nbformat.write(notebook(parameters(), code("1")), root / "notebooks/report_essai.ipynb")
    assert "2 of 2 reports" in run(tmp_path, "--only-failed")


def test_a_report_that_takes_memory_without_end_fails_alone(make_project, tmp_path):
    greedy = (
        "if territory == '67':\n    kept = [bytearray(50_000_000) for _ in range(400)]\n"
        "if territory == '974':\n    bytearray(1 << 60)"
    )
    make_project(essai=notebook(parameters(), code(greedy)))
    output = run(tmp_path, "--memory", "700", ok=1)
    words = " ".join(output.split())
    assert "MiB of the 700 allowed (--memory)" in words and "cell In [3]: MemoryError" in words
    assert "1 of 3 reports" in output
    error = (tmp_path / "out/essai/67/essai.error.txt").read_text(encoding="utf-8")
    assert "The last that its process said" in error and str(tmp_path) not in error


DIES = """\
import os, sys
place = os.path.join(sys.prefix, 'lib', 'site-packages', 'diff_diff', 'linalg.py')
said = r"os.write(2, b'memory allocation of 17179869184 bytes failed' + bytes([10]))"
exec(compile(f'import os\\ndef solve_ols():\\n    {said}\\n    os.abort()', place, 'exec'))
solve_ols()
"""


def test_a_library_that_dies_in_a_cell_is_named_with_what_it_said(make_project, tmp_path):
    make_project(essai=notebook(parameters(), code(DIES)))
    run(tmp_path, ok=1)
    error = (tmp_path / "out/essai/67/essai.error.txt").read_text(encoding="utf-8")
    line = error.splitlines()[1]
    assert "killed (SIGABRT) in diff_diff" in line and "memory allocation of 17179869184 bytes failed" in line
    assert "ulimit -v" in line and "Fatal Python error: Aborted" in error
    assert sys.prefix not in error and str(tmp_path) not in error


WANTS = (
    "from analysis.data.panel import Panel\nfrom analysis.reports.kept import shared\n"
    "shared.common('essai.' + '{0}'.partition(':')[2], '{1}', Panel.open())"
)


def test_a_report_stands_aside_while_what_it_shares_is_computed_in_a_process_of_its_own(
    make_project, tmp_path
):
    functions = ("facts:gather", "indicator:names")
    one, two = (code(WANTS.format(name, f"analysis.site.{name}")) for name in functions)
    root = make_project(essai=notebook(parameters(), one, two), autre=notebook(parameters(), two))
    keep(root, **BASE)
    lines = [json.loads(line) for line in run(tmp_path, "--json", "-j", "2").splitlines()]
    told = [line["report"] for line in lines if line["event"] == "begun"]
    assert len(told) == len(set(told)) == 6
    summary = json.loads((tmp_path / "out/essai/run.json").read_text(encoding="utf-8"))
    assert (summary["planned"], summary["done"], summary["failed"]) == (6, 6, 0)
    assert summary["seconds_by_stage"]["shared"] > 0
    assert summary["memory"]["highest"] > 0
    assert "up to date" in run(tmp_path)


def test_a_shared_result_that_cannot_be_computed_fails_the_reports_that_want_it(make_project, tmp_path):
    fails = notebook(parameters(), code(WANTS.format("x:one", "analysis.methods.policies:no_such_function")))
    root = make_project(essai=fails, autre=notebook(parameters(), code("1")))
    keep(root, **BASE)
    output = run(tmp_path, "-j", "2", ok=1)
    assert "3 of 6 reports" in output and "no_such_function" in output


def test_a_second_run_on_the_same_folder_is_refused_by_name(make_project, tmp_path):
    make_project(essai=notebook(parameters(), code("import time\ntime.sleep(600)")))
    first = started("report", "67", "--edition", "essai", "--out", tmp_path / "out", cwd=tmp_path)
    try:
        eventually((tmp_path / "out/essai/.lock.holder").is_file)
        output = pacte("report", "2A", "--edition", "essai", "--out", tmp_path / "out", ok=1)
        assert f"in use by process {first.pid} on" in output
    finally:
        first.kill()
        first.communicate()


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_leaves_a_folder_from_which_the_next_goes_on(make_project, tmp_path, number):
    root = make_project(
        essai=notebook(parameters(), code("import time\nif territory == '974':\n    time.sleep(600)"))
    )
    folder = tmp_path / "out/essai"
    first = started(
        "report", "--all", "--edition", "essai", "--out", tmp_path / "out", "-j", "2", cwd=tmp_path
    )
    eventually(lambda: len(list((folder / ".records").glob("*/*.json"))) == 2)
    first.send_signal(number)
    first.communicate(timeout=60)
    nbformat.write(notebook(parameters(), code("1")), root / "notebooks/report_essai.ipynb")
    assert "3 of 3 reports" in run(tmp_path)
    pacte("report", "--all", "--edition", "essai", "--out", tmp_path / "whole")
    assert written(folder) == written(tmp_path / "whole/essai")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root writes where it is not allowed to")
def test_a_folder_that_cannot_be_written_is_said_in_a_line(project, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(stat.S_IRUSR | stat.S_IXUSR)
    assert "Permission denied" in run(tmp_path, ok=1)


@pytest.fixture
def mounting(tmp_path):
    """Runs lines of shell that may mount file systems of their own; skipped where the system does not let them."""

    def shell(*lines):
        words = ["unshare", "--map-root-user", "--mount", "sh", "-euc", "\n".join(lines)]
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)

    try:
        refused = shell("mount -t tmpfs tmpfs .").stderr
    except FileNotFoundError as error:
        refused = str(error)
    if refused:
        pytest.skip(f"no file system can be mounted here: {refused.strip()}")
    return shell


def shell_run(out):
    """The line of shell that makes the edition in a folder and says how it ended."""
    words = command("report", "--all", "--edition", "essai", "--out", out)
    return f"{shlex.join(words)} 2>&1 || echo code $?"


def test_a_file_system_that_is_read_only_is_said_in_a_line(project, mounting):
    done = mounting("mkdir out", "mount -t tmpfs -o ro tmpfs out", shell_run("out"))
    assert "Read-only file system" in done.stdout and done.stdout.endswith("code 1\n")
    assert "Traceback" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kibibytes", [40, 60, 120, 250])
def test_a_disk_that_fills_leaves_whole_files_and_once_there_is_room_the_same_bytes(
    project, tmp_path, mounting, kibibytes
):
    """The smaller it is, the earlier it is full: before the first report, at one, at the manifest, at the pages around."""
    run(tmp_path)
    sound = written(tmp_path / "out/essai")
    done = mounting(
        "mkdir small",
        f"mount -t tmpfs -o size={kibibytes}k tmpfs small",
        shell_run("small"),
        "cp -r small full",
        "mount -o remount,size=100m small",
        shell_run("small"),
        "cp -r small after",
    )
    assert "No space left on device" in done.stdout and done.stdout.count("code 1\n") == 1, done
    assert "small/essai/" in done.stdout and "run again" in done.stdout and "Traceback" not in done.stdout
    left = written(tmp_path / "full/essai") if (tmp_path / "full/essai").is_dir() else {}
    pages = {name: content for name, content in left.items() if name.endswith("/essai.html")}
    assert pages.items() <= sound.items()
    assert all(content.endswith(b"</html>") for name, content in left.items() if name.endswith(".html"))
    assert not [path for path in (tmp_path / "after").rglob(".*") if path.name.count(".") > 2]
    assert written(tmp_path / "after/essai") == sound


def test_a_disk_that_is_full_fails_the_report_and_the_next_run_makes_it(project, tmp_path, monkeypatch):
    from analysis.batch import build

    run(tmp_path)
    sound = written(tmp_path / "out/essai")
    keep(project, **{**BASE, "t67_2024": 111.0})
    job = _job(project, tmp_path / "out/essai")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(build, "write_whole", full)
        disk.setattr(build, "_prepare", lambda job: None)
        assert "No space left on device" in build.build(job).reason
    keep(project, **BASE)
    run(tmp_path)
    assert written(tmp_path / "out/essai") == sound


def _job(root, folder):
    from analysis.batch.jobs import Job
    from analysis.reports import edition as editions
    from analysis.reports.edition import titles
    from analysis.reports.pages.parts import Context

    chosen = editions.load("essai", root)
    (task, *_), books = editions.plan(chosen, ["67"], (), (), root)
    context = Context(chosen.name, chosen.title, chosen.vintages, titles(chosen, root))
    return Job(task, books[task.outcome], root, folder, context, "kernel", 60.0, folder, folder)


def test_verify_finds_an_edition_reproducible_and_an_altered_page(project, tmp_path):
    run(tmp_path)
    again = ["verify", "--edition", "essai", "--out", tmp_path / "out"]
    assert "3 reports compared, 0 differ" in pacte(*again)
    page = tmp_path / "out/essai/67/essai.html"
    page.write_bytes(page.read_bytes().replace(b"110", b"999"))
    assert "67/essai.html: was altered since it was made" in pacte(*again, ok=1)
    page.unlink()
    output = pacte(*again, ok=1)
    assert "67/essai.html: is not there any more" in output and "3 reports compared, 1 differ" in output
    assert "holds no manifest" in pacte("verify", "--edition", "essai", "--out", tmp_path / "none", ok=1)


def test_verify_tells_what_could_not_be_made_again_from_what_differs(make_project, tmp_path):
    """Too little time, too little memory, a report that left the edition: none is told as a difference of bytes."""
    mark = "(Path(os.environ['PACTE_HOME']) / 'waits').exists()"
    waits = (
        f"import os, time\nfrom pathlib import Path\nwhile territory == '67' and {mark}:\n    time.sleep(0.1)"
    )
    root = make_project(essai=notebook(parameters(), code(waits)), autre=notebook(parameters(), code("1")))
    run(tmp_path)
    again = ["verify", "--edition", "essai", "--out", tmp_path / "out"]
    (root / "waits").touch()
    output = pacte(*again, "--timeout", "2", ok=3)
    (root / "waits").unlink()
    assert "67/essai.html: could not be made again: " in output
    assert "5 reports compared, 0 differ, 1 could not be made again" in output
    path = root / "editions/essai.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"67", "2A", "974"', '"67", "2A"'), encoding="utf-8")
    output = pacte(*again, "--memory", "0", ok=1)
    assert "974/autre.html: is no report of the edition any more" in output
    assert [line for line in output.splitlines() if "974/" in line and "altered" in line] == []
