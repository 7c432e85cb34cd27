"""A report of which a cell did not run to its end is not published, whatever ended it, and the reason says which."""

import json
from dataclasses import replace

import pytest
from nbformat import v4

from analysis.batch import cells
from analysis.batch import run as batch
from analysis.batch.jobs import Job, Result
from analysis.batch.pool import Ended
from analysis.foundations.files import sha256_of, write_whole
from analysis.reports import edition as editions
from analysis.reports.edition import Task
from tests.reports.conftest import code, notebook, parameters

CUT = "before the end of the notebook"

ENDED = {
    "exit0": ("import sys; sys.exit(0)", CUT),
    "ask": ("exit()", CUT),
    "quit": ("quit", CUT),
    "raised": ("import asyncio\nawait asyncio.sleep(0)\nraise SystemExit", CUT),
    "line": ("%nosuch", "UsageError: Line magic function `%nosuch` not found"),
    "cell": ("%%nosuch\n1", "UsageError: Cell magic `%%nosuch` not found"),
    "shell": ("!exit 3", "non-zero exit status 3"),
    "taken": ("lines = !nosuchcommand", "non-zero exit status 127"),
    "hidden": ("class S(Exception):\n    def _render_traceback_(self):\n        return []\nraise S", "S"),
    "silent": ("get_ipython().showtraceback = lambda *found, **more: None\n1 / 0", ""),
    "quitter": ("import bdb; raise bdb.BdbQuit", ""),
    "replaced": ("import os; os.execv('/bin/true', ['true'])", ""),
}
TAGGED = {"skipped": "skip-execution", "allowed": "raises-exception"}


def books(last):
    """A notebook for each way to end, the cell that does in the middle or at the end."""
    after = () if last else (code("print('after')"),)
    made = {name: (code(source), *after) for name, (source, _) in ENDED.items()}
    made |= {name: (code("1 / 0", tag), *after) for name, tag in TAGGED.items()}
    return {name: notebook(parameters(), code("print('before')"), *rest) for name, rest in made.items()}


def failures(root, out, engine, outcomes=()):
    """Why each report of 67 failed, by outcome; nothing of any was published."""
    edition = editions.load("essai", root)
    tasks, notebooks = editions.plan(edition, root=root)
    tasks = [task for task in tasks if task.territory == "67" and (not outcomes or task.outcome in outcomes)]
    options = batch.Options(engine=engine)
    summary = batch.run(edition, tasks, notebooks, root, out, options=options)
    assert not summary.done
    assert not [path for path in (out / "essai/67").iterdir() if path.name.endswith((".csv", ".json"))]
    return {result.task.outcome: result.reason for result in summary.failed}


@pytest.mark.parametrize("last", [False, True], ids=["in the middle", "in the last cell"])
def test_a_cell_that_does_not_run_to_its_end_is_a_failure_with_its_reason(make_project, tmp_path, last):
    found = failures(make_project(**books(last)), tmp_path / "out", "pacte")
    for name, (_, words) in ENDED.items():
        assert words in found[name] and (name == "replaced" or found[name].startswith("cell In [4]: ")), found
    assert "`1 / 0` was not run: remove its tag `skip-execution`" in found["skipped"]
    assert found["allowed"].startswith("cell In [4]: ZeroDivisionError")


@pytest.mark.slow
def test_in_a_kernel_as_well(make_project, tmp_path):
    chosen = ("exit0", "ask", "line", "shell", "quitter", "skipped")
    found = failures(make_project(**books(True)), tmp_path / "out", "kernel", chosen)
    assert set(found) == set(chosen)
    assert all(ENDED[name][1] in reason for name, reason in found.items() if name in ENDED), found


def test_a_copy_of_its_process_that_a_cell_makes_answers_nothing(make_project, tmp_path):
    forks = "import os\nif child := os.fork():\n    os.waitpid(child, 0)\nelse:\n    1 / 0"
    root = make_project(essai=notebook(parameters(), code(forks)))
    edition = editions.load("essai", root)
    tasks, notebooks = editions.plan(edition, root=root)
    summary = batch.run(edition, tasks[:1], notebooks, root, tmp_path / "out")
    assert len(summary.done) == 1 and not list((tmp_path / "out").rglob("*.error.txt"))


AFTERWARDS = """\
import os
from analysis.batch import build
publish = build.publish
def and_then(folder, task, page, beside):
    publish(folder, task, page, beside)
    path = folder / task.path
    path.unlink()
    path.symlink_to('x') if territory == '2A' else path.write_bytes(page + b' ')
if territory != '974':
    build.publish = and_then
"""


def test_a_page_that_is_not_the_one_that_was_made_is_a_failure_and_is_entered_nowhere(make_project, tmp_path):
    root = make_project(essai=notebook(parameters(), code(AFTERWARDS)))
    edition = editions.load("essai", root)
    tasks, notebooks = editions.plan(edition, root=root)
    summary = batch.run(edition, tasks, notebooks, root, tmp_path / "out")
    found = {result.task.territory: result.reason for result in summary.failed}
    assert found == {
        code: f"{code}/essai.html is not what was made: something else wrote it, or removed it"
        for code in ("67", "2A")
    }
    folder = tmp_path / "out/essai"
    assert list(json.loads((folder / "manifest.json").read_text("utf-8"))["reports"]) == ["974/essai.html"]
    assert not (folder / "67/essai.html").exists() and not (folder / "2A/essai.html").exists()
    assert found["67"] in (folder / "67/essai.error.txt").read_text(encoding="utf-8")


TASK = Task("essai", "67", "essai", "fr")
BESIDE = ("67/essai.csv", "67/essai.ipynb", "67/essai.provenance.json")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, None),
        ({"sha256": sha256_of(b"other")}, "67/essai.html is not what was made"),
        ({"beside": dict.fromkeys(BESIDE, sha256_of(b"other"))}, "67/essai.csv is not what was made"),
        ({"beside": {}}, "or for other files"),
        ({"beside": dict.fromkeys((*BESIDE, "../../x"), sha256_of(b"x"))}, "or for other files"),
        ({"task": replace(TASK, territory="2A")}, "answered for another report"),
        ({"task": replace(TASK, territory="2A"), "reason": "no"}, "answered for another report"),
        ({"reason": "ValueError: no"}, "ValueError: no"),
    ],
)
def test_what_a_process_says_that_it_made_is_held_against_the_disk(tmp_path, change, words):
    places = {"root": tmp_path, "folder": tmp_path / "essai", "scratch": tmp_path, "results": tmp_path}
    job = Job(TASK, None, context=None, engine="pacte", timeout=1.0, **places)
    for path in (TASK.path, *BESIDE):
        write_whole(job.folder / path, path.encode())
    told = Result(
        TASK, sha256_of(TASK.path.encode()), beside={path: sha256_of(path.encode()) for path in BESIDE}
    )
    result = batch._checked(replace(told, **change), Ended(job, None, None, 1.0))
    assert result.task == TASK and words in (result.reason or "") if words else result == told


def executed(*counts, **metadata):
    """An executed notebook whose cells bear those numbers."""
    told = {"papermill": {"status": "completed", "exception": False} | metadata}
    return v4.new_notebook(
        cells=[v4.new_code_cell(f"x = {n}", execution_count=n, metadata=told) for n in counts]
    )


@pytest.mark.parametrize(
    ("nb", "words"),
    [
        (executed(1, 2, 3), None),
        (executed(1, None, 2), "`x = None` was not run"),
        (executed(1, 2, 2), "`x = 2` was not run"),  # what a shell says whose run_cell was replaced
        (executed(1, status="failed"), "cell In [1]: it ended with an error"),
        (executed(1, exception=True), "cell In [1]: it ended with an error"),
    ],
)
def test_every_cell_has_a_number_of_its_own_and_no_error(nb, words):
    assert (cells.unfinished(nb) or "").endswith(words or "") or words in cells.unfinished(nb)
    assert (cells.unfinished(nb) is None) == (words is None)
