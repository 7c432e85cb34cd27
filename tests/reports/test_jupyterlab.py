"""A person in JupyterLab: opens a report's notebook, changes the territory, runs all cells, and finds its figures.

A real JupyterLab on a loopback port, a real kernel, a real Chromium; a copy of the notebooks, and the project's figures.
"""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time

import pytest

from analysis.batch import pdf
from analysis.batch import run as batch
from analysis.reports import edition as editions
from tests.reports.conftest import SMALL, code, notebook

PATIENCE = 60
"""Seconds that anything here may take; it takes a few."""

SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
}  # fmt: skip


def checkout(project, home):
    """The notebooks to work on, beside the project's figures; what is built goes elsewhere."""
    shutil.copytree(project / "notebooks", home / "notebooks")
    shutil.copytree(project / "editions", home / "editions")
    (home / "data" / "processed").mkdir(parents=True)
    (home / "data" / "raw").symlink_to(project / "data" / "raw")
    for built in (project / "data" / "processed").glob("panel.*"):
        shutil.copy2(built, home / "data" / "processed")


def settings(config):
    for name, content in SETTINGS.items():
        path = config / "lab" / "user-settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")


def address(process, runtime):
    """Where the server listens, once it does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(StopIteration, ValueError, KeyError):
            return json.loads(next(runtime.glob("jpserver-*.json")).read_text(encoding="utf-8"))["url"]
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start: {process.communicate(timeout=5)[0][-2000:]}")


@pytest.fixture(scope="module")
def server(project, tmp_path_factory):
    """The address of a JupyterLab on a copy of the notebooks, with its token; ended with all that it started."""
    home = tmp_path_factory.mktemp("lab")
    checkout(project, home / "project")
    folders = {name: home / name.lower() for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")}
    settings(folders["CONFIG_DIR"])
    token = secrets.token_hex(16)
    env = os.environ | {f"JUPYTER_{name}": str(path) for name, path in folders.items()}
    env |= {"IPYTHONDIR": str(home / "ipython"), "PACTE_HOME": str(home / "project"), "JUPYTER_TOKEN": token}
    process = subprocess.Popen(
        [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--core-mode", "--ip=127.0.0.1", "--port=0",
            "--allow-root", f"--ServerApp.root_dir={home / 'project'}", "--ServerApp.terminals_enabled=False",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ],
        env=env, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield address(process, folders["RUNTIME_DIR"]), token
    finally:
        process.terminate()  # it ends its kernels, which are in sessions of their own
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def browser():
    sync = pytest.importorskip("playwright.sync_api")
    try:
        path = pdf.find_chromium()
    except pdf.PdfError as error:
        pytest.skip(str(error))
    with sync.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def opened(browser, server):
    """`opened("report_x")`: the page of a notebook in JupyterLab, its kernel started."""
    url, token = server
    pages = []

    def open_(name):
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        pages.append(page)
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(f"{url}lab/tree/notebooks/{name}.ipynb?reset&token={token}")
        page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        connected(page, f"{url}api/sessions?token={token}", f"notebooks/{name}.ipynb")
        return page

    yield open_
    for page in pages:
        page.close()


def connected(page, sessions, path):
    """Wait until the notebook's kernel is idle and its page listens to it; run before, JupyterLab would ask which."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        kernels = [s["kernel"] for s in page.request.get(sessions).json() if s["path"] == path]
        if any(kernel["execution_state"] == "idle" and kernel["connections"] for kernel in kernels):
            return
        time.sleep(0.2)
    pytest.fail(f"no kernel for {path}")


def run_all(page):
    """Run every cell by the menu, until the last one or the first that fails."""
    before = page.locator(".jp-CodeCell .jp-InputPrompt").last.inner_text().strip()
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Run All Cells$")).click()
    page.wait_for_function(
        """([errors, before]) => {
            const cells = [...document.querySelectorAll('.jp-Notebook .jp-CodeCell .jp-InputPrompt')];
            const shown = cells.map(cell => cell.innerText.trim());
            const last = shown.at(-1) !== before && /^\\[\\d+\\]:$/.test(shown.at(-1));
            return !shown.includes('[*]:') && (last || document.querySelector(errors) !== null);
        }""",
        arg=[ERRORS, before],
    )


ERRORS = ", ".join(f'[data-mime-type="application/vnd.jupyter.{kind}"]' for kind in ("error", "stderr"))


def errors(page):
    return page.locator(ERRORS).all_inner_texts()


def retype(page, before, after):
    """Replace some words of the cell that holds them, as a person would."""
    cell = page.locator(".jp-CodeCell .cm-content", has_text=before)
    cell.fill(cell.inner_text().replace(before, after))


@pytest.mark.browser
def test_the_territory_is_changed_all_cells_are_run_and_its_figures_are_there(opened):
    page = opened("report_retour_emploi")
    retype(page, 'territory = "67"', 'territory = "corse du sud"')
    run_all(page)
    assert errors(page) == []
    found = page.locator("figure.figure .wide svg")
    alts = [found.nth(i).get_attribute("aria-label") for i in range(found.count())]
    assert len(alts) >= 5 and sum("Corse-du-Sud" in alt for alt in alts) >= 5
    assert not any("Bas-Rhin" in alt for alt in alts)
    assert page.evaluate(
        "[...document.querySelectorAll('figure.figure .wide svg')].every(i => i.getBoundingClientRect().width > 100)"
    )

    retype(page, 'territory = "corse du sud"', 'territory = "corse du sudd"')
    run_all(page)
    said = errors(page)
    assert len(said) == 1 and "UnknownTerritory" in said[0] and "corse-du-sud (2A)" in said[0]
    assert len(said[0].strip().splitlines()) <= 2


@pytest.mark.browser
def test_a_notebook_for_researchers_opens_and_runs(opened):
    page = opened("explore_indicators")
    run_all(page)
    assert errors(page) == []
    assert page.locator("figure.figure .wide svg").count() >= 1


@pytest.mark.parametrize("engine", ["pacte", "kernel"])
def test_a_report_that_is_refused_keeps_its_whole_traceback(make_project, tmp_path, engine):
    refused = code("from analysis.foundations import territories\nterritories.parse('Bas Rin')")
    root = make_project(essai=notebook(*SMALL, refused))
    edition = editions.load("essai", root)
    tasks, books = editions.plan(edition, ["67"], root=root)
    options = batch.Options(workers=1, engine=engine)
    assert batch.run(edition, tasks, books, root, tmp_path / "out", options=options).failed
    kept = (tmp_path / "out" / "essai" / "67" / "essai.error.txt").read_text(encoding="utf-8")
    assert "nearest: bas-rhin (67)" in kept and "territories.py" in kept and len(kept.splitlines()) > 15
