"""What reports are made in is made, not inherited: the caller's variables and the folder it is in change nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from analysis.batch import pool, surroundings
from analysis.cli import command as cli
from tests.reports.conftest import SMALL, code, markdown, notebook, parameters
from tests.reports.test_pool import run as jobs
from tests.reports.test_run import written

POISON = "import os, sys\nwith open({mark!r}, 'a') as file:\n    file.write(__name__ + ' ')\nraise SystemExit('poisoned')\n"
NAMES = (
    "analysis",
    "calendar",
    "random",
    "numpy",
    "sitecustomize",
    "usercustomize",
    "IPython",
    "yaml",
    "struct",
)


def poisoned(folder: Path, mark: Path) -> Path:
    """A folder of modules and packages that have the names of libraries, and say that they were run."""
    folder.mkdir(exist_ok=True)
    for name in NAMES:
        (folder / f"{name}.py").write_text(POISON.format(mark=str(mark)))
    for name in ("analysis", "papermill", "email"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text(POISON.format(mark=str(mark)))
    for name in ("basic", "base"):  # templates of nbconvert
        (folder / name).mkdir()
        (folder / name / "conf.json").write_text("{")
    return folder


def pacte(*arguments, cwd, ok=0, **environment):
    """The command as it is installed, in a folder."""
    script = Path(sys.executable).with_name("pacte")
    words = (
        [str(script)]
        if script.is_file()
        else [sys.executable, "-P", "-c", "from analysis.cli.command import main; main()"]
    )
    done = subprocess.run(
        [*words, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == ok, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pacte", "kernel"])
def test_no_code_of_the_current_folder_is_run(make_project, tmp_path, engine):
    cells = (*SMALL, code("import calendar, random, numpy, analysis\nprint(calendar.__file__ and 'fine')"))
    root = make_project(essai=notebook(*cells))
    mark = tmp_path / "mark"
    here = poisoned(tmp_path / "here", mark)
    poisoned(root / "notebooks", mark)
    out = tmp_path / "out"
    pacte(
        "report", "67", "--edition", "essai", "--out", out, "--engine", engine, "--timeout", "300", cwd=here
    )
    assert "fine" in (out / "essai/67/essai.html").read_text(encoding="utf-8")
    if engine == "pacte":
        pacte("verify", "--edition", "essai", "--out", out, cwd=here)
        pacte("site", "publish", tmp_path / "site", "--edition", "essai", "--out", out, cwd=here)
        pacte("data", "check", cwd=here, PACTE_HOME=str(root))
    assert not mark.exists(), mark.read_text()


def test_the_command_leaves_the_current_folder_out_of_its_path(tmp_path, monkeypatch):
    package = str(Path(cli.__file__).parents[2])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", str(tmp_path), package, "/nowhere"])
    cli._leave_out_the_current_folder()
    assert sys.path == [package, "/nowhere"]
    monkeypatch.chdir(package)
    cli._leave_out_the_current_folder()
    assert sys.path == [package, "/nowhere"]


CALLERS = {
    "PYTHONASYNCIODEBUG": "1", "PYTHONDEVMODE": "1", "PYTHONWARNINGS": "error", "PYTHONVERBOSE": "1", "PYTHONSTARTUP": "/x",
    "PYTHONOPTIMIZE": "2", "PYTHONPATH": "/nowhere", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii",
    "NPY_DISABLE_CPU_FEATURES": "AVX2", "NPY_PROMOTION_STATE": "weak", "OPENBLAS_VERBOSE": "2", "OPENBLAS_NUM_THREADS": "9",
    "MKL_CBWR": "AVX", "OMP_NUM_THREADS": "9", "RAYON_NUM_THREADS": "9", "DIFF_DIFF_BACKEND": "python",
    "MPLCONFIGDIR": "/nowhere", "MPLBACKEND": "svg", "MATPLOTLIBRC": "/nowhere", "JUPYTER_PATH": "/nowhere",
    "JUPYTER_DATA_DIR": "/nowhere", "JUPYTER_CONFIG_DIR": "/nowhere", "IPYTHONDIR": "/nowhere", "LANG": "fr_FR.UTF-8",
    "LC_ALL": "C", "TZ": "Asia/Tokyo", "COLUMNS": "40", "FORCE_COLOR": "1", "XDG_DATA_HOME": "/nowhere", "ARROW_X": "1",
}  # fmt: skip


@pytest.mark.parametrize("start", [None, pytest.param("spawn", marks=pytest.mark.slow)])
def test_a_childs_environment_is_made_and_not_inherited(monkeypatch, start):
    for name, value in CALLERS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PACTE_HOME", "/somewhere")
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    pool.end_warm()
    try:
        found = jobs(
            ["dict(os.environ)", "dict(sys.flags.__class__.__dict__) and list(sys.flags)"], start=start
        )
    finally:
        pool.end_warm()
    there = found["dict(os.environ)"].result
    known = {*surroundings.FIXED, *surroundings.PASSED, *surroundings.PROCESSOR}
    left = {n for n in there if n not in known and not n.startswith("PACTE_")} - {"PYTHONPATH", "LC_CTYPE"}
    assert not left
    assert {name: there[name] for name in surroundings.FIXED} == surroundings.FIXED
    assert there.get("PYTHONPATH") != "/nowhere"
    assert (there["PACTE_HOME"], there["OPENBLAS_CORETYPE"]) == ("/somewhere", "Haswell")


def test_another_kind_of_processor_warms_up_another_process(monkeypatch):
    job = "os.environ.get('OPENBLAS_CORETYPE'), open(f'/proc/{os.getppid()}/environ').read()"
    if pool.method() != "forkserver":
        pytest.skip("this system does not fork safely")
    for kind in ("Haswell", "Nehalem"):
        monkeypatch.setenv("OPENBLAS_CORETYPE", kind)
        told, warm = jobs([job])[job].result
        assert told == kind and f"OPENBLAS_CORETYPE={kind}" in warm
    pool.end_warm()


@pytest.mark.slow
def test_neither_the_callers_variables_nor_its_templates_change_a_byte(make_project, tmp_path):
    """A user's template of nbconvert that loops would hang every page, wherever Jupyter looks for one."""
    async_cell = code("import asyncio, warnings\nawait asyncio.sleep(0.2)\nopen('/dev/null')\nprint(1.0)")
    make_project(essai=notebook(parameters(), markdown("## A", "fr"), async_cell))
    home = tmp_path / "home"
    endless = "{% for _ in range(99999) %}" * 3 + "{% endfor %}" * 3
    for place in ("jupyter", "home/.local/share/jupyter"):
        for name in ("basic", "base"):
            folder = tmp_path / place / "nbconvert" / "templates" / name
            folder.mkdir(parents=True)
            (folder / "index.html.j2").write_text(endless)
            (folder / "base.html.j2").write_text(endless)
            (folder / "conf.json").write_text('{"base_template": "base"}' if name == "basic" else "{}")
    kernels = home / ".local/share/jupyter/kernels/python3"
    kernels.mkdir(parents=True)
    (kernels / "kernel.json").write_text(
        json.dumps({"argv": ["false"], "display_name": "x", "language": "python"})
    )
    of_the_command = {"PYTHONVERBOSE", "PYTHONOPTIMIZE", "PYTHONWARNINGS"}  # which they would change or stop
    others = {name: value for name, value in CALLERS.items() if name not in of_the_command}
    others |= {
        "HOME": str(home),
        "JUPYTER_PATH": str(tmp_path / "jupyter"),
        "JUPYTER_DATA_DIR": str(tmp_path / "jupyter"),
    }
    pacte("report", "67", "--edition", "essai", "--out", tmp_path / "a", cwd=tmp_path)
    pacte("report", "67", "--edition", "essai", "--out", tmp_path / "b", cwd=tmp_path, **others)
    one, two = written(tmp_path / "a/essai"), written(tmp_path / "b/essai")
    assert one == two and "67/essai.html" in one
    kernel = ("--engine", "kernel", "--force", "--timeout", "300")
    pacte("report", "67", "--edition", "essai", "--out", tmp_path / "b", *kernel, cwd=tmp_path, **others)
    assert written(tmp_path / "b/essai")["67/essai.html"] == one["67/essai.html"]
