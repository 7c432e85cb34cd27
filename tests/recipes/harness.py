"""A copy of the repository in which a recipe of CONTRIBUTING is followed, as a person would: files edited, commands run.

The commands are those of the page. The test gives what the recipe leaves to the person: the text of an entry, of a loader,
of a cell. The copy has an environment of its own, so that ``.venv/bin/pacte`` and ``.venv/bin/pytest`` are the copy's code
over the libraries installed here; and few data, linked, so that its table of figures is built in a second.
"""

from __future__ import annotations

import html
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.conventions import doc_rules
from tests.conventions.repository import ROOT, files

DATASETS = (
    "banque_de_france/overindebtedness",
    "caisse_des_depots/dwellings",  # the register of corrections names it
    "ofgl/accounts_2023_2025",  # so it does
    "insee/census_2011_2022",
    "insee/census_2022_housing",
    "insee/filosofi_2020_breakdowns",
    "insee/filosofi_2020_poverty",
    "insee/population_1975_2024",
    "publications/drees_dossier_92",
)
"""What every copy holds: people, and what the local diagnosis computes from."""

_BREAKS = "data/raw/parameters/breaks.yml"
_SCRIPTS = {
    "pacte": "from analysis.cli.command import main",
    "pytest": "from pytest import console_main as main",
}
_MARKS = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL)
_PASSED = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT", "OPENBLAS_CORETYPE")


def commands(recipe: str) -> list[str]:
    """The commands that stand in blocks of a section of CONTRIBUTING, in order; AssertionError when there is none such."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(recipe)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section, f"CONTRIBUTING has no section « {recipe} »"
    return [line for line in doc_rules.blocks(section[1]) if line.startswith((".venv/bin/", "make "))]


@dataclass
class Copy:
    """A copy of the repository. ``written``: the files that the person wrote or changed by hand, by path."""

    root: Path
    written: set[str] = field(default_factory=set)

    def read(self, path: str) -> str:
        """The text of a file of the copy."""
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        """Write a file by hand, whole."""
        self.written.add(path)
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Put a text in the place of another in a file, where it stands once."""
        text = self.read(path)
        assert text.count(old) == 1, f"{path} holds {text.count(old)} times {old!r}"
        self.write(path, text.replace(old, new))

    def append(self, path: str, text: str) -> None:
        """Add a text at the end of a file."""
        self.write(path, self.read(path) + text)

    def run(self, command: str, given: Mapping[str, str] | None = None, refused: bool = False) -> str:
        """What a command of the page says, with the words in capitals put in; AssertionError when it fails, or does not."""
        words = [(given or {}).get(word, word) for word in shlex.split(command)]
        passed = {name: os.environ[name] for name in _PASSED if name in os.environ}
        more = {"PYTEST_ADDOPTS": "-p no:cacheprovider -n 0", "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            words, cwd=self.root, env=passed | more, capture_output=True, text=True, check=False
        )
        said = done.stdout + done.stderr
        assert bool(done.returncode) == refused, f"{command}: exit code {done.returncode}\n{said}"
        return said

    def page(self, territory: str, outcome: str, edition: str = "demo") -> str:
        """The text of a report that was made in the copy, with ordinary spaces and without its marks."""
        made = self.root / "reports" / edition / territory / f"{outcome}.html"
        text = _MARKS.sub(" ", made.read_text(encoding="utf-8"))
        return " ".join(html.unescape(text).replace("\u202f", " ").split())

    def changed(self) -> set[str]:
        """The files that differ from the repository's own, or that it does not have, whether by hand or by a command."""
        there = {path.relative_to(self.root).as_posix() for path in files(self.root)} - {_BREAKS}
        return {path for path in there if not _same(self.root / path, ROOT / path)}


def _same(path: Path, other: Path) -> bool:
    return other.is_file() and (path.resolve() == other.resolve() or path.read_bytes() == other.read_bytes())


def copied(root: Path, datasets: Iterable[str] = DATASETS) -> Copy:
    """A copy of the repository, with the figures of some datasets and without history, environment or what was built."""
    for path in files():
        place = path.relative_to(ROOT)
        if place.parts[:2] == ("data", "raw") and place.parts[2] != "parameters":
            continue
        (root / place.parent).mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, root / place)
    for folder in ROOT.glob("src/**/__pycache__"):  # compiled from these very files, whose dates are kept
        shutil.copytree(folder, root / folder.relative_to(ROOT))
    for name in datasets:
        for path in (ROOT / "data/raw").glob(f"{name}.*"):
            linked = root / path.relative_to(ROOT)
            linked.parent.mkdir(exist_ok=True)
            linked.symlink_to(path)
    register = root / _BREAKS  # of series that the copy does not hold
    head = register.read_text(encoding="utf-8").partition("\nbreaks:")[0]
    register.write_text(f"{head}\nbreaks: []\n", encoding="utf-8")
    _environment(root / ".venv")
    return Copy(root)


def _environment(folder: Path) -> None:
    """An environment whose package is the copy's, over the libraries of the one that runs the tests."""
    scripts, base = folder / "bin", Path(sys.base_prefix)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = folder / "lib" / version / "site-packages"
    scripts.mkdir(parents=True)
    packages.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text(f"home = {base / 'bin'}\nversion = {sys.version.split()[0]}\n")
    (scripts / "python").symlink_to(Path(sys.executable).resolve())
    for shared in ("share", "etc"):  # the templates of nbconvert
        (folder / shared).symlink_to(Path(sys.prefix) / shared)
    (packages / "copy.pth").write_text(f"{folder.parent / 'src'}\n{sysconfig.get_path('purelib')}\n")
    (scripts / "ruff").symlink_to(Path(sys.prefix) / "bin" / "ruff")
    for name, imported in _SCRIPTS.items():
        (scripts / name).write_text(f"#!{scripts / 'python'}\n{imported}\nimport sys\nsys.exit(main())\n")
        (scripts / name).chmod(0o755)
    (folder / ".synced").write_text(str(folder.parent))
