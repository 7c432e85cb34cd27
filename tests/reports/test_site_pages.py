"""Pages of indicators are made by the batch as reports are: once, again when what they show changed, and each alone."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.foundations.cells import figures
from analysis.foundations.files import sha256_of
from tests.reports.conftest import notebook, parameters
from tests.reports.test_incremental import FIGURES
from tests.reports.test_run import pacte, written
from tests.unit.test_catalogue import sidecar

MANY = [*(f"{k:02d}" for k in range(1, 20)), "2A", "67", "974"]
SHOWN, OTHER, RARE = "count_domiciled_people", "count_rsa_recipients", "count_job_seekers_under_25"


def keep(root, **changes):
    """Two indicators with figures for many départements and one for few; ``t67_2024=111.0`` changes one of the first."""
    base = {f"t{code}_{year}": 100.0 + k for k, code in enumerate(MANY) for year in (2023, 2024)}
    _store(root, SHOWN, "test/domiciled", base | changes)
    _store(root, OTHER, "test/recipients", base)
    _store(root, RARE, "test/young", {"t67_2024": 5.0, "t2A_2024": 6.0})


def _store(root, indicator, dataset, values):
    keys = [name.removeprefix("t").split("_") for name in values]
    rows = {"territory": [k[0] for k in keys], "period": [k[1] for k in keys], "value": list(values.values())}
    frame = pd.DataFrame(rows).assign(indicator=indicator)
    Catalogue(root / "data/raw").store(figures(frame), sidecar(dataset), replace=True)


@pytest.fixture
def project(make_project):
    root = make_project(essai=notebook(parameters(), FIGURES))
    (root / "data/processed").mkdir(parents=True, exist_ok=True)
    keep(root)
    return root


@pytest.fixture
def run(tmp_path):
    return lambda *more, ok=0: pacte(
        "report", "--all", "--edition", "essai", "--out", tmp_path / "out", *more, ok=ok
    )


def explained(run):
    lines = [line for line in run("--explain").splitlines() if " fr: " in line]
    return {line.partition(" fr: ")[0]: line.partition(" fr: ")[2] for line in lines}


def test_a_page_follows_its_figures_and_no_other(project, tmp_path, run):
    assert "5 of 5 reports" in run()
    folder = tmp_path / "out/essai"
    found = written(folder)
    assert {f"indicators/{name}.html" for name in (SHOWN, OTHER)} == {
        name for name in found if name.startswith("indicators/") and "index" not in name
    }  # an indicator with few figures has no page
    assert any(name.startswith("data/") for name in found)
    manifest = json.loads(found["manifest.json"])["reports"]
    for name in (SHOWN, OTHER):
        entry = manifest[f"indicators/{name}.html"]
        assert entry["sha256"] == sha256_of(found[f"indicators/{name}.html"])
    assert f'rel="next" href="../indicators/{OTHER}.html"' in found[f"indicators/{SHOWN}.html"].decode()

    assert "5 up to date" in run()
    assert written(folder) == found

    keep(project, t67_2024=111.0)
    assert explained(run) == {
        "67 essai": f"figure {SHOWN}, 67, 2024 changed",
        f"indicators {SHOWN}": f"figure {SHOWN}, 67, 2024 changed",
    }
    assert "2 of 2 reports" in run()
    after = written(folder)
    assert after[f"indicators/{OTHER}.html"] == found[f"indicators/{OTHER}.html"]
    assert b"111" in after[f"indicators/{SHOWN}.html"] != found[f"indicators/{SHOWN}.html"]

    again = ["verify", "--edition", "essai", "--out", tmp_path / "out"]
    assert "5 reports compared, 0 differ" in pacte(*again)
    page = folder / f"indicators/{OTHER}.html"
    page.write_bytes(page.read_bytes().replace(b"121", b"999"))
    assert f"indicators/{OTHER}.html: was altered since it was made" in pacte(*again, ok=1)


def test_a_page_that_cannot_be_written_fails_alone(project, tmp_path, run):
    folder = tmp_path / "out/essai"
    (folder / f"indicators/{SHOWN}.html").mkdir(parents=True)
    output = run(ok=1)
    assert "4 of 5 reports" in output and "1 failed" in output
    failure = json.loads((folder / "run.json").read_text(encoding="utf-8"))["failures"]
    assert [(one["report"], "directory" in one["reason"]) for one in failure] == [
        (f"indicators/{SHOWN}.html", True)
    ]
    assert (folder / f"indicators/{OTHER}.html").is_file() and (folder / "67/essai.html").is_file()
    (folder / f"indicators/{SHOWN}.html").rmdir()
    assert set(explained(run)) == {f"indicators {SHOWN}"}
    assert "1 of 1 reports" in run() and (folder / f"indicators/{SHOWN}.html").is_file()
