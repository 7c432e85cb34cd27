"""The in-process engine gives what a kernel gives, through papermill alone or in the batch."""

import nbformat
import papermill
import pytest

from analysis.batch import run as batch
from analysis.batch.engine import NAME
from analysis.batch.pool import Pool
from analysis.reports import edition as editions
from tests.reports.conftest import RICH, code, notebook, parameters


def execute(job):
    """Run a notebook with papermill in this process; give its outputs by cell, or the exception."""
    path, options = job
    options = {
        "engine_name": NAME,
        "progress_bar": False,
        "kernel_name": "python3",
        "language": "python",
    } | options
    try:
        nb = papermill.execute_notebook(str(path), None, **options)
    except Exception as error:
        return type(error).__name__, str(error)
    return [[dict(out) for out in cell.outputs] for cell in nb.cells if cell.cell_type == "code"]


def alone(tmp_path, *cells, **options):
    path = tmp_path / "one.ipynb"
    nbformat.write(notebook(*cells), path)
    (end,) = Pool(execute, timeout=60).run([(path, options)])
    assert end.problem is None, end.problem
    return end.result


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        ("1/0", "PapermillExecutionError", "ZeroDivisionError: division by zero"),
        ("def f(:", "PapermillExecutionError", "SyntaxError"),
        ("import sys; sys.exit(3)", "PapermillExecutionError", "SystemExit: 3"),
        ("input()", "PapermillExecutionError", "StdinNotImplementedError"),
        ("import sys; sys.exit(0)", "PapermillExecutionError", "SystemExit"),
        ("exit()", "PapermillExecutionError", "SystemExit"),
        ("get_ipython().ask_exit()", "PapermillExecutionError", "SystemExit"),
        ("%%capture\nraise SystemExit", "PapermillExecutionError", "SystemExit"),
        ("raise KeyboardInterrupt", "PapermillExecutionError", "KeyboardInterrupt"),
        ("raise GeneratorExit", "PapermillExecutionError", "GeneratorExit"),
        ("%no_such_magic", "PapermillExecutionError", "UsageError: Line magic function `%no_such_magic`"),
        ("%%no_such_magic\n1", "PapermillExecutionError", "UsageError: Cell magic `%%no_such_magic`"),
        ("!exit 3", "PapermillExecutionError", "returned non-zero exit status 3"),
        ("import bdb; raise bdb.BdbQuit", "PapermillExecutionError", "BdbQuit"),
        (
            "get_ipython().set_custom_exc((ValueError,), lambda *found, **more: None)\nraise ValueError('x')",
            "PapermillExecutionError",
            "ValueError: x",
        ),
        (
            "import asyncio\nasyncio.get_running_loop().stop()\nawait asyncio.sleep(60)",
            "PapermillExecutionError",
            "Event loop stopped",
        ),
        ("while True: pass", "CellTimeoutError", "timed out"),
        (
            "import time\ntry:\n    time.sleep(60)\nexcept Exception:\n    pass",
            "CellTimeoutError",
            "timed out",
        ),
        ("import asyncio\nawait asyncio.sleep(60)", "CellTimeoutError", "timed out"),
    ],
)
def test_a_cell_that_fails_is_papermills_error(tmp_path, source, kind, words):
    limit = 1 if kind == "CellTimeoutError" else 60
    raised, message = alone(tmp_path, code(source), code("print('never')"), execution_timeout=limit)
    assert raised == kind and words in message and "never" not in message


def test_tags_and_empty_cells_are_treated_as_by_a_kernel(tmp_path):
    cells = [code("print(1)", "skip-execution"), code("  "), code("print(2)")]
    outputs = alone(tmp_path, code("import sys"), *cells)
    assert [[out["output_type"] for out in cell] for cell in outputs] == [[], [], [], ["stream"]]
    raised, message = alone(tmp_path, code("1/0", "raises-exception"), code("2/0"))
    assert raised == "PapermillExecutionError" and "2/0" in message  # the last error, once all cells have run


@pytest.mark.parametrize(
    "source",
    [
        "get_ipython().run_cell = lambda *given, **more: None",
        "import sys; sys.stdout.close()",
        "get_ipython().ast_node_interactivity = 'all'",
    ],
)
def test_what_a_cell_does_to_its_shell_keeps_no_cell_from_running(tmp_path, source):
    outputs = alone(tmp_path, code(source), code("print('ran')"))
    assert [out["text"] for out in outputs[1]] == ["ran\n"]


def test_another_language_is_refused(tmp_path):
    raised, message = alone(tmp_path, code("1"), kernel_name="ir")
    assert raised == "ValueError" and "--engine kernel" in message


def test_what_is_written_below_python_keeps_its_place(tmp_path):
    source = "import os, sys\nprint('a')\nos.system('echo b; echo c >&2')\nprint('d', flush=True)\nos.write(1, b'e')"
    (outputs,) = alone(tmp_path, code(source))
    texts = [(out["name"], out["text"]) for out in outputs if out["output_type"] == "stream"]
    assert texts == [("stdout", "a\nb\nd\n"), ("stdout", "e"), ("stderr", "c\n")]


def test_every_figure_left_open_is_shown_at_the_end_of_its_cell(tmp_path):
    draw = "import asyncio\nimport matplotlib.pyplot as plt\nfor n in range(2):\n    plt.figure()\n    plt.plot([n, 1])"
    cells = alone(tmp_path, code(draw), code(f"{draw}\nawait asyncio.sleep(0)"), code("%matplotlib inline"))
    assert [sum("image/png" in out.get("data", {}) for out in outputs) for outputs in cells] == [2, 2, 0]


def test_namespaces_are_empty_at_the_start(tmp_path):
    names = alone(tmp_path, code("sorted(n for n in globals() if not n.startswith('_'))"))[0][0]["data"][
        "text/plain"
    ]
    assert names == "['In', 'Out', 'exit', 'get_ipython', 'open', 'quit']"


def pages(root, out, engine, **options):
    edition = editions.load("essai", root)
    tasks, books = editions.plan(edition, languages=["fr", "en"], root=root)
    summary = batch.run(
        edition, tasks, books, root, out, options=batch.Options(engine=engine, force=True, **options)
    )
    assert not summary.failed, summary.failed
    folder = out / "essai"
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    names = [name for name in names if name != "run.json" and not name.startswith(".")]
    return {name: (folder / name).read_bytes() for name in names}


@pytest.mark.slow
def test_a_kernel_and_the_engine_give_the_same_bytes(make_project, tmp_path):
    root = make_project(essai=notebook(*RICH))
    ours, kernels = pages(root, tmp_path / "a", "pacte"), pages(root, tmp_path / "b", "kernel", timeout=240)
    assert list(ours) == list(kernels)
    for name, content in ours.items():
        assert content == kernels[name], name
    text = ours["67/essai.html"].decode()
    assert text.count("<img ") == 3  # none of the figures drawn is lost
    words = (
        "&lt;b&gt; 67 fr",
        ">shell\n<",
        "&lt;object at 0x…&gt;",
        "beware",
        "&#x27;new&#x27;",
        "ZMQInteractiveShell",
    )
    for expected in words:
        assert expected in text, expected
    assert "gone" not in text and "&#x27;old&#x27;" not in text


def test_parameters_reach_each_report(make_project, tmp_path):
    root = make_project(essai=notebook(parameters(), code("print(territory, edition, lang)")))
    found = pages(root, tmp_path / "out", "pacte", workers=2)
    for path, words in (("2A/essai.html", "2A essai fr"), ("974/essai.en.html", "974 essai en")):
        assert words in found[path].decode()
