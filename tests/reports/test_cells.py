"""A report of which a cell did not run to its end is not published, whatever ended it, and the reason says which."""

import pytest
from nbformat import v4

from analysis.reports import cells
from analysis.reports import edition as editions
from analysis.reports import run as batch
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
