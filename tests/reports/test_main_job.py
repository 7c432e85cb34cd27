"""The README's first command under its defaults: the country's effects and a département's spending, from the project's own
notebooks and figures, in processes that reserve address space as compiled libraries do where a processor's cache is large.

How much diff-diff's backend (faer, gemm) and OpenBLAS reserve is read from the processor itself (`cpuid`) and cannot be
forced: it is reserved here, in each process of a report, before its work. Each design of the register keeps one outcome, so
that what the compiled backend computes takes seconds.
"""

import json
import shutil

import pytest
import yaml

from analysis.batch import build as building
from analysis.batch import pool
from analysis.batch import run as batch
from tests.reports.test_pool import reserve
from tests.reports.test_run import pacte

pytestmark = pytest.mark.slow

THREADS = 4


def build(job):
    """`build` on a processor with a large cache: 16 GiB for each thread of a library."""
    for thread in range(THREADS):
        assert reserve(writable=thread % 2 == 0)
    return building.build(job)


build.answers = building.build.answers


@pytest.fixture
def checkout(project, tmp_path, monkeypatch):
    """The project's notebooks and figures, with one outcome for each design of the register."""
    root = tmp_path / "checkout"
    for folder in ("notebooks", "editions"):
        shutil.copytree(project / folder, root / folder)
    for producer in (project / "data/raw").iterdir():
        if producer.name == "parameters":
            shutil.copytree(producer, root / "data/raw/parameters")
        elif producer.name != "local":
            (root / "data/raw").mkdir(parents=True, exist_ok=True)
            (root / "data/raw" / producer.name).symlink_to(producer)
    designs = root / "data/raw/parameters/designs.yml"
    content = yaml.safe_load(designs.read_text(encoding="utf-8"))
    for design in content["designs"].values():
        design["outcomes"] = dict([next(iter(design["outcomes"].items()))])
    designs.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    (root / "data/processed").mkdir()
    for built in (project / "data/processed").glob("panel.*"):
        shutil.copy2(built, root / "data/processed")
    monkeypatch.setenv("PACTE_HOME", str(root))
    return root


@pytest.mark.skipif(pool.method() != "forkserver", reason="memory is watched on Linux only")
def test_effects_and_spending_are_made_under_the_defaults_where_the_cache_is_large(
    checkout, tmp_path, monkeypatch
):
    monkeypatch.setattr(batch, "build", build)
    asked = ("--edition", "demo", "--out", tmp_path)
    pacte("report", "fr", "67", "--outcome", "effets", "--outcome", "financement", *asked)
    folder = tmp_path / "demo"
    assert (folder / "FR/effets.html").is_file() and (folder / "67/financement.html").is_file()
    kept = {path.name for path in (checkout / "data/processed/shared").glob("effects.*.result")}
    assert {"effects.recentralisation.result", "effects.renewed_accompaniment_wave1.result"} <= kept
    summary = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert (summary["done"], summary["failed"]) == (2, 0)
    assert summary["memory"]["highest"] < batch.MEMORY / 4
