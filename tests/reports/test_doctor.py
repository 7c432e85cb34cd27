"""What of a machine could make reports fail is said before they do: a line a fact, the remedy, and exit code 1."""

import importlib.metadata
import json
import os
import tempfile
from types import SimpleNamespace

import pytest

resource = pytest.importorskip("resource", reason="limits are those of POSIX")

from analysis.batch import doctor, pdf, pool, processes  # noqa: E402 - it needs it
from tests.reports.test_run import pacte  # noqa: E402

FINE = {
    "wrong": [],
    "kernels": {"numpy": "Haswell in 1 thread"},
    "compiled": True,
    "held": 200.0,
    "space": 900.0,
}


@pytest.fixture
def machine(small, monkeypatch):
    """A machine on which all is well, whatever this one is: memory, room, and a trial that gives what it should."""
    (small / "data/raw/insee").mkdir(parents=True)
    trial = SimpleNamespace(problem=None, result=dict(FINE))
    monkeypatch.setattr(doctor, "_figures", lambda: iter(()))
    monkeypatch.setattr(processes, "available", lambda: 8000.0)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: SimpleNamespace(free=9 << 30))
    monkeypatch.setattr(pool, "Pool", lambda *args, **more: SimpleNamespace(run=lambda jobs: iter([trial])))
    monkeypatch.setattr(pdf, "find_chromium", chromium)
    return SimpleNamespace(root=small, trial=trial, patch=monkeypatch)


def chromium():
    if pdf.VARIABLE in os.environ:
        raise pdf.PdfError("PACTE_CHROMIUM names 'x', which is no program here")
    return "chromium"


def limited(kind, value):
    return lambda asked: (value, value) if asked == getattr(resource, kind) else (resource.RLIM_INFINITY,) * 2


def lock_with(machine, version):
    (machine.root / "uv.lock").write_text(
        f'[[package]]\nname = "pandas"\nversion = "{version}"\n', encoding="utf-8"
    )


def missing():
    raise importlib.metadata.PackageNotFoundError("pandas")


def patched(where, name, value):
    """Something of the machine that is otherwise."""
    return lambda machine: machine.patch.setattr(where, name, value)


WRONG = {
    "memory": (patched(processes, "available", lambda: 500.0), "500 MiB are left", "-j 1"),
    "address space": (
        patched(resource, "getrlimit", limited("RLIMIT_AS", 4 << 30)),
        "address space",
        "ulimit -v",
    ),
    "data": (patched(resource, "getrlimit", limited("RLIMIT_DATA", 4 << 30)), "data", "ulimit -d"),
    "files": (patched(resource, "getrlimit", limited("RLIMIT_NOFILE", 20)), "open files", "ulimit -n"),
    "disk": (
        patched(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=9 << 20)),
        "9 MiB free",
        "Make room",
    ),
    "temporary": (patched(tempfile, "tempdir", __file__), "cannot be written to", "TMPDIR"),
    "library": (lambda m: lock_with(m, "1.0"), "not 1.0", "Set the environment up again"),
    "absent": (
        patched(doctor.fingerprint, "libraries", missing),
        "is not there",
        "Set the environment up again",
    ),
    "arithmetic": (
        lambda m: m.trial.result.update(wrong=["numpy"]),
        "numpy computes wrongly",
        "OPENBLAS_CORETYPE",
    ),
    "death": (
        lambda m: vars(m.trial).update(problem="killed (SIGABRT) in diff_diff"),
        "SIGABRT",
        "No report that",
    ),
    "chromium": (lambda m: m.patch.setenv("PACTE_CHROMIUM", "x"), "no program", "Correct it"),
    "checkout": (
        lambda m: m.patch.setenv("PACTE_HOME", str(m.root / "editions")),
        "holds no data/raw",
        "Nothing can",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_said_with_its_remedy(machine, what):
    wrong, said, remedy = WRONG[what]
    wrong(machine)
    lines = pacte("doctor", "-j", "2", ok=1).splitlines()
    (line, *more) = [line for line in lines if line.startswith("✗")]
    assert said in line and remedy in line
    assert not more or what in ("disk",)  # which is short everywhere


def test_a_machine_on_which_all_is_well(machine):
    import pandas

    lock_with(machine, pandas.__version__)
    output = pacte("doctor")
    names = [line.split(":")[0].removeprefix("✓ ") for line in output.splitlines()]
    assert {
        "memory",
        "limits",
        "reports",
        "locale",
        "python",
        "libraries",
        "processor",
        "arithmetic",
        "chromium",
    } <= set(names)
    assert "✗" not in output and not (machine.root / "reports").exists()


def test_a_folder_that_cannot_be_written_to_is_named(machine):
    output = pacte("doctor", "--out", machine.root / "editions/essai.yml/out", ok=1)
    assert "editions/essai.yml/out cannot be written to (Not a directory)" in output


@pytest.mark.slow
def test_the_trial_computes_in_a_process_like_that_of_a_report():
    facts = {fact.name: fact for fact in doctor._trial(memory=3072)}
    assert set(facts) == {"processes", "arithmetic"} and not any(fact.remedy for fact in facts.values())
    failed = {fact.name: fact for fact in doctor._trial(memory=1)}
    if pool.method() == "forkserver":
        assert "of the 1 allowed" in failed["processes"].said and failed["processes"].remedy


def test_a_run_says_what_is_in_its_way_and_only_then(small, tmp_path, monkeypatch):
    ask = ("report", "67", "--edition", "essai", "--out", tmp_path / "out", "-j", "2")
    monkeypatch.setattr(processes, "available", lambda: 600.0)
    assert "this machine: memory: 600 MiB are left" in pacte(*ask)
    assert "this machine" not in pacte(*ask)  # nothing is made
    monkeypatch.setattr(processes, "available", lambda: 9000.0)
    assert "this machine" not in pacte(*ask, "--force")
    assert json.loads((tmp_path / "out/essai/run.json").read_text())["done"] == 1
