"""The batch and the command: what a request writes, what a failure leaves, and the same bytes every time."""

import io
import itertools
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.text import Text
from typer.testing import CliRunner

from analysis.batch import progress
from analysis.batch.jobs import Result
from analysis.batch.run import Plan
from analysis.cli import command as cli
from analysis.foundations.files import sha256_of
from analysis.reports.edition import Task
from tests.reports.conftest import SMALL, code, markdown, notebook, parameters
from tests.waiting import eventually

PACKAGE = Path(cli.__file__).parents[1]

BROKEN = (
    parameters(),
    markdown("## A", "fr"),
    code("import json, os\nprint(os.getcwd())"),
    code("json.loads('{')"),
)
ENDS = (parameters(), code("import os\nif territory == '2A':\n    os._exit(7)\nprint('fine')"))


def pacte(*arguments, ok=0):
    """Run the command here; its exit code is checked."""
    result = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
    assert result.exit_code == ok, (result.output, result.exception)
    return result.output


def command(*arguments):
    """The words that run the command in a process of its own."""
    return [sys.executable, "-c", "from analysis.cli.command import main; main()", *map(str, arguments)]


def started(*arguments, cwd, **environment):
    """Run the command in a process of its own, in a folder and an environment."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command(*arguments), cwd=cwd, env={**os.environ, **environment}, **streams)


def written(folder: Path) -> dict[str, bytes]:
    """What a reader gets: the files of an edition but for the run's own (records, lock, summary)."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    files = {name: path for name, path in files.items() if not name.startswith(".")}
    return {name: path.read_bytes() for name, path in sorted(files.items()) if path.name != "run.json"}


@pytest.mark.parametrize("module", ["analysis", "analysis.cli"])
@pytest.mark.parametrize(
    ("arguments", "code", "said"), [(["--version"], 0, "pacte 0."), (["report", "zz"], 2, "pacte: unknown")]
)
def test_the_command_is_also_called_as_a_module(module, arguments, code, said):
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, cwd=PACKAGE.parents[1]
    )
    assert done.returncode == code
    assert said in done.stdout + done.stderr


def test_a_report_is_written_where_it_is_said_to_be(small, tmp_path):
    out = tmp_path / "there" / "deep"
    output = pacte(
        "report", "bas rhin", "974", "--edition", "essai", "--outcome", "essai", "--lang", "en", "--out", out
    )
    assert "2 of 2 reports" in output and "0 failed" in output
    beside = ("csv", "html", "ipynb", "provenance.json")
    names = {f"{code}/essai.en.{ending}" for code in ("67", "974") for ending in beside}
    found = {name for name in written(out / "essai") if "/essai" in name}
    assert found == names and {"index.en.html", "index.html", "manifest.json"} <= set(written(out / "essai"))
    assert (
        pacte("report", "67", "--edition", "essai", "-j", "1")
        and (small / "reports/essai/67/essai.html").is_file()
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["report"], "--all"),
        (["report", "67", "--all"], "not both"),
        (["report", "../../etc"], "unknown territory"),
        (["report", "<script>"], "unknown territory"),
        (["report", "67; rm"], "67; rm"),
        (["report", "bas-rin"], "bas-rhin (67)"),
        (["report", "67", "--outcome", "esai"], "did you mean essai?"),
        (["report", "67", "--edition", "esai"], "did you mean essai?"),
        (["report", "67", "--edition", "../../etc"], "no edition is named"),
        (["report", "67", "--lang", "de"], "languages: fr, en"),
        (["report", "67", "--engine", "pact"], "did you mean pacte?"),
        (["report", "67", "--outcom", "essai"], "--outcome"),
        (["report", "67", "-p", "territory=1"], "No such option"),
        (["report", "67", "-j", "0"], "greater than or equal to"),
        (["report", "67", "-j", "two"], "integer"),
        (["report", "67", "--timeout", "-1"], "greater than or equal to"),
        (["reprot", "67"], "report"),
    ],
)
def test_a_mistake_is_refused_and_nothing_is_written(small, tmp_path, arguments, message):
    out = tmp_path / "out"
    extra = ["--out", str(out)] + ([] if "--edition" in arguments else ["--edition", "essai"])
    output = pacte(*arguments, *extra, ok=2)
    assert message in " ".join(output.replace("│", " ").split())
    assert not out.exists() and not (small / "reports").exists()


def test_an_output_that_is_a_file_is_refused(small, tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert "is a file" in pacte("report", "67", "--edition", "essai", "--out", tmp_path / "file" / "x", ok=2)
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_failure_publishes_nothing_and_the_others_go_on(make_project, tmp_path):
    root = make_project(essai=notebook(*SMALL), casse=notebook(*SMALL), meurt=notebook(*ENDS))
    out = tmp_path / "out"
    pacte("report", "2A", "67", "--edition", "essai", "--out", out, "--outcome", "casse")
    folder = out / "essai"
    assert (folder / "67/casse.html").is_file()

    casse = root / "notebooks" / "report_casse.ipynb"
    working = casse.read_text(encoding="utf-8")
    import nbformat

    nbformat.write(notebook(*BROKEN), casse)
    output = pacte("report", "2A", "67", "--edition", "essai", "--out", out, ok=1)
    assert "3 of 6 reports" in output and "JSONDecodeError" in output and "code 7" in output
    found = written(folder)
    assert not {"67/casse.html", "2A/casse.html", "2A/meurt.html"} & set(found)
    assert {"67/essai.html", "2A/essai.html", "67/meurt.html", "67/casse.failed.ipynb"} <= set(found)
    error = found["67/casse.error.txt"].decode()
    assert error.startswith("67 casse fr\ncell In [4]: JSONDecodeError: Expecting property name")
    assert "File python/json/decoder.py" in error
    for name in ("67/casse.error.txt", "67/casse.failed.ipynb", "2A/meurt.error.txt"):
        for trace in ("\x1b", str(tmp_path), sys.prefix, sys.base_prefix):
            assert trace not in found[name].decode(), (name, trace)
    assert set(json.loads(found["manifest.json"])["reports"]) == {
        "2A/essai.html",
        "67/essai.html",
        "67/meurt.html",
    }
    index = found["index.html"].decode()
    assert 'href="67/casse.error.txt"' in index and 'href="67/casse.html"' not in index
    summary = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert (summary["done"], summary["failed"], summary["left"]) == (3, 3, 0)

    casse.write_text(working, encoding="utf-8")
    pacte("report", "2A", "67", "--edition", "essai", "--outcome", "casse", "--out", out)
    assert not [name for name in written(folder) if "casse.error" in name or "casse.failed" in name]


def test_a_national_report_is_made_once_for_the_country(make_project, tmp_path):
    root = make_project(
        essai=notebook(*SMALL),
        pays=notebook(parameters('territory = "FR"\nedition = "2025"\nlang = "fr"'), *SMALL[1:]),
    )
    path = root / "editions/essai.yml"
    text = path.read_text(encoding="utf-8").replace("[essai, pays]", "[essai]")
    path.write_text(text + "national: [pays]\n", encoding="utf-8")
    output = pacte(
        "report", "FR", "67", "--edition", "essai", "--lang", "fr", "--lang", "en", "--out", tmp_path / "out"
    )
    assert "4 of 4 reports" in output
    found = written(tmp_path / "out/essai")
    assert {n for n in found if n.endswith(("pays.html", "pays.en.html"))} == {
        "FR/pays.html",
        "FR/pays.en.html",
    }
    page = found["FR/pays.html"].decode()
    assert "Essai en France" in page and "Pour FR" in page
    assert 'href="../index.html#r-pays"' in found["67/essai.html"].decode()
    overview = found["index.html"].decode()
    assert 'id="r-pays"' in overview and 'href="FR/pays.html"' in overview
    assert "FR/pays.html" in json.loads(found["manifest.json"])["reports"]


def test_a_report_that_cannot_be_published_fails_with_its_reason(make_project, tmp_path):
    make_project(
        essai=notebook(parameters(), code("from IPython.display import HTML\nHTML('x' * 2_000_000)"))
    )
    output = pacte("report", "67", "--edition", "essai", "--out", tmp_path / "out", ok=1)
    assert "more than 1,500,000" in " ".join(output.split())
    found = written(tmp_path / "out/essai")
    assert {name for name in found if "essai" in name} == {"67/essai.error.txt"} and "index.html" in found


def test_a_report_that_is_too_long_is_stopped(make_project, tmp_path):
    make_project(essai=notebook(parameters(), code("if territory == '67':\n    while True: pass")))
    output = pacte("report", "--all", "--edition", "essai", "--out", tmp_path / "out", "--timeout", "2", ok=1)
    assert "2 of 3 reports" in output and "stopped after 2 s" in output


def test_the_manifest_says_what_was_made_from_what(small, tmp_path):
    pacte("report", "67", "--edition", "essai", "--out", tmp_path / "out")
    pacte("report", "2A", "--edition", "essai", "--out", tmp_path / "out")
    folder = tmp_path / "out/essai"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert list(manifest["reports"]) == ["2A/essai.html", "67/essai.html"]
    for name, entry in manifest["reports"].items():
        content = (folder / name).read_bytes()
        assert (entry["sha256"], entry["bytes"]) == (sha256_of(content), len(content))
        assert entry["parameters"]["territory"] == name[:2]
    (inputs,) = manifest["inputs"].values()
    notebook_sha = sha256_of((small / "notebooks/report_essai.ipynb").read_bytes())
    assert (
        inputs["notebook"] == notebook_sha and inputs["libraries"]["papermill"] and len(inputs["code"]) == 64
    )


@pytest.mark.slow
def test_two_runs_give_the_same_bytes(small, tmp_path):
    first = started(
        "report",
        "--all",
        "--edition",
        "essai",
        "--out",
        tmp_path / "a",
        "-j",
        "1",
        cwd=tmp_path,
        TZ="Asia/Tokyo",
    )
    second = started(
        *("report", "974", "67", "2a", "--edition", "essai", "--out", "b", "-j", "2"),
        cwd=tmp_path,
        **{
            "LANG": "fr_FR.UTF-8",
            "LC_ALL": "C",
            "TZ": "America/Cayenne",
            "PYTHONHASHSEED": "7",
            "COLUMNS": "40",
        },
        **{"MPLBACKEND": "svg", "FORCE_COLOR": "1", "HOME": str(tmp_path)},
    )
    for run in (first, second):
        output, _ = run.communicate(timeout=120)
        assert run.returncode == 0, output.decode()
    one, two = written(tmp_path / "a/essai"), written(tmp_path / "b/essai")
    assert list(one) == list(two)
    assert {f"{code}/essai.{end}" for code in ("2A", "67", "974") for end in ("html", "csv", "ipynb")} < set(
        one
    )
    for name, content in one.items():
        assert content == two[name], name


@pytest.mark.slow
def test_an_interruption_leaves_whole_files_only(make_project, tmp_path):
    make_project(
        essai=notebook(parameters(), code("import time\nif territory != '2A':\n    time.sleep(600)"))
    )
    run = started("report", "--all", "--edition", "essai", "--out", tmp_path / "out", "-j", "2", cwd=tmp_path)
    folder = tmp_path / "out/essai"
    eventually((folder / ".records/2A/essai.json").is_file)
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 130 and b"2 were not made" in output, output.decode()
    found = written(folder)
    assert {name.split("/")[0] for name in found if "/essai." in name} == {"2A"}
    assert list(json.loads(found["manifest.json"])["reports"]) == ["2A/essai.html"]
    for name in ("2A/essai.html", "index.html"):
        assert found[name].endswith(b"</html>"), name


def test_progress_is_plain_lines_where_there_is_no_terminal(small, tmp_path):
    run = started("report", "--all", "--edition", "essai", "--out", tmp_path / "out", cwd=tmp_path)
    output, _ = run.communicate(timeout=120)
    lines = output.decode().splitlines()
    assert "0 left" in lines[2] and "/min" in lines[2] and b"\x1b" not in output and len(lines) == 5


def test_a_run_that_has_nothing_to_make_never_waits_for_a_drawing_library():
    code = "import sys, analysis.batch.progress; print('matplotlib' in sys.modules or 'scipy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"


def test_a_terminal_shows_what_runs_what_failed_and_the_rate():
    console = Console(file=io.StringIO(), force_terminal=True, width=200, get_time=itertools.count().__next__)
    tasks = [Task("essai", code, "essai", "fr") for code in ("67", "2A", "974")]
    with progress.Shown(console) as show:
        show.planned(Plan(dict.fromkeys(tasks, "never built"), {}, None, None))
        for task in tasks:
            show.begun(task)
        show.ended(Result(tasks[0]), 1.0)
        show.ended(Result(tasks[1], reason="ValueError: no"), 1.0)
    text = Text.from_ansi(console.file.getvalue()).plain
    assert "failed: 2A essai fr: ValueError: no" in text
    assert re.search(r"^974 essai fr .*2/3 +1 failed +\d+/min", text, re.MULTILINE), text
