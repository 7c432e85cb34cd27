"""One environment, said in four files: what they pin is equal, and what they promise is there."""

import re
import tomllib

import pytest
import yaml

from tests.conventions.repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = {
    package["name"]: package
    for package in tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
}
CONDA = (ROOT / "environment.yml").read_text(encoding="utf-8")
CONDA_NAMES = {"pandera-pandas": "pandera"}
"""Packages that conda-forge names otherwise: there, an extra is a package."""
EXEMPT = {"python", "pip"}


def declared(project):
    """The direct dependencies, for use and for development, by name, as they are declared."""
    every = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    return {re.match(r"[\w.-]+", entry).group().lower(): entry for entry in every}


def pins(text):
    """The exact versions of a conda environment, conda's packages and pip's together."""
    entries = yaml.safe_load(text)["dependencies"]
    entries = [e for e in entries if isinstance(e, str)] + [
        e for group in entries if isinstance(group, dict) for e in group["pip"]
    ]
    found = dict(e.split("==") for e in entries if "==" in e)
    loose = [
        e
        for e in entries
        if "==" not in e and re.match(r"[\w-]+", e).group() not in EXEMPT and not e.startswith("-")
    ]
    assert not loose, f"environment.yml: {loose} have no exact version"
    return {CONDA_NAMES.get(name, name): version for name, version in found.items()}


def differences(conda, wanted):
    """What environment.yml says otherwise than the lock, one line each."""
    return [
        f"{name}: environment.yml has {conda.get(name)}, uv.lock has {wanted.get(name)}"
        for name in sorted(conda.keys() | wanted.keys())
        if conda.get(name) != wanted.get(name)
    ]


def test_conda_pins_are_those_of_the_lock():
    assert not differences(pins(CONDA), {name: LOCK[name]["version"] for name in declared(PROJECT)})


@pytest.mark.parametrize(
    "text",
    [
        CONDA.replace("pandas==", "pandas==9", 1),
        re.sub(r"\n  - xlrd.*", "", CONDA),
        CONDA.replace("name: pacte", "x: ", 1) + "      - left==1\n",
    ],
)
def test_a_different_pin_is_seen(text):
    assert differences(pins(text), {name: LOCK[name]["version"] for name in declared(PROJECT)})


def test_conda_takes_the_same_pythons_and_installs_the_project():
    content = yaml.safe_load(CONDA)
    assert f"python{PROJECT['project']['requires-python']}" in content["dependencies"]
    assert "--editable ." in content["dependencies"][-1]["pip"]


def test_the_lock_is_that_of_the_declared_dependencies():
    """uv.lock repeats what it was made from: a dependency changed in pyproject.toml alone is seen without a network."""
    metadata = LOCK[PROJECT["project"]["name"]]["metadata"]
    locked = {
        e["name"]: e.get("specifier", "")
        for e in (*metadata["requires-dist"], *metadata["requires-dev"]["dev"])
    }
    wanted = {
        name: re.sub(r"^[\w.-]+(\[[^\]]*\])?", "", entry).replace(" ", "")
        for name, entry in declared(PROJECT).items()
    }
    assert {n: sorted(s.split(",")) for n, s in locked.items()} == {
        n: sorted(s.split(",")) for n, s in wanted.items()
    }


def test_every_locked_package_is_checked_by_hash():
    registry = [p for p in LOCK.values() if "registry" in p["source"]]
    files = [f for p in registry for f in (*p.get("wheels", ()), *([p["sdist"]] if "sdist" in p else []))]
    assert len(registry) > 100
    assert all(f["hash"].startswith("sha256:") for f in files)


def test_what_builds_the_project_is_locked():
    """So that setting up runs nothing that was not hash-checked: the backend and what it needs are in the lock."""
    needed = [re.match(r"[\w.-]+", entry).group() for entry in PROJECT["build-system"]["requires"]]
    assert set(needed) <= declared(PROJECT).keys()
    for name in needed:
        assert {e["name"] for e in LOCK[name].get("dependencies", ())} <= LOCK.keys()


def test_the_installer_is_pinned_with_hashes():
    text = (ROOT / "tools" / "uv-requirements.txt").read_text(encoding="utf-8")
    assert re.findall(r"^uv==\d+\.\d+\.\d+ ", text, re.MULTILINE)
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", text)) > 5


def test_the_version_is_the_same_everywhere():
    version = PROJECT["project"]["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == version
    assert f'__version__ = "{version}"' in (
        ROOT / "src" / "analysis" / "foundations" / "version.py"
    ).read_text(encoding="utf-8")


def test_the_licence_is_whole():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert [int(n) for n in re.findall(r"^(\d+)\.[A-Z]", text, re.MULTILINE)] == list(range(1, 16))
    assert "Appendix" in text
    assert PROJECT["project"]["license"] == "EUPL-1.2"


@pytest.mark.parametrize("target", ["help", "reports", "test", "lab", "bench", "lint", "clean"])
def test_make_has_the_commands_of_the_readme(target):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    rule = re.search(rf"^{target}:(.*?)## \S", makefile, re.MULTILINE)
    assert rule, f"make {target} is not there, or does not say what it does"
    needs_environment = target not in ("help", "clean")
    assert (".venv/.synced" in rule.group(1)) == needs_environment


def test_continuous_integration_runs_what_the_readme_says():
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111, ".ci/run must be executable"
    lines = script.read_text(encoding="utf-8").splitlines()
    assert {"make lint", "make test", "set -euo pipefail"} <= set(lines)


def test_every_module_has_its_types_checked():
    """Strictly, but in the rooms of what readers see; none is left out, and those who use the package get its types."""
    rules = PROJECT["tool"]["mypy"]
    ours = [one for one in rules["overrides"] if any(name.startswith("analysis") for name in one["module"])]
    assert rules["strict"] and rules["packages"] == ["analysis"]
    assert [one["module"] for one in ours] == [
        [f"analysis.{room}.*" for room in ("presentation", "reports", "site", "batch", "cli")]
    ]
    assert not any("ignore_errors" in one for one in rules["overrides"])
    assert (ROOT / "src" / "analysis" / "py.typed").is_file()
    assert "\t.venv/bin/mypy\n" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_hooks_fetch_nothing():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    assert {hook["language"] for repo in hooks for hook in repo["hooks"]} == {"system"}
