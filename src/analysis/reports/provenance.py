"""What each report was made from, and the checksum of what was made: ``manifest.json`` of an edition.

For each report: its parameters, its sha256 and size, and a reference to its inputs (figures, code, notebook, libraries).
The file is a pure function of those: it holds no time and no folder. How long a run took is another file, ``run.json``,
which is no part of what two runs must share. This module alone may read the clock; it does not need to.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from analysis import __version__
from analysis.catalogue import Catalogue, sha256_of, write_whole
from analysis.reports.build import Result
from analysis.reports.downloads import names
from analysis.reports.edition import Notebook, Task

DISTRIBUTION = "pacte-evaluation"


@cache
def libraries() -> dict[str, str]:
    """Versions of the libraries that the package declares, and of Python."""
    try:
        declared = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        declared = []
    names = sorted(
        {re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in declared if "extra ==" not in line}
    )
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in names}


def files() -> dict[str, str]:
    """The sha256 of each file of the package, by its path there."""
    folder = Path(__file__).resolve().parents[1]
    found = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): _sha(path) for path in found}


def code() -> str:
    """A sha256 over the files of the package."""
    return sha256_of("\n".join(f"{path} {sha256}" for path, sha256 in files().items()).encode())


def _sha(path: Path) -> str:
    return sha256_of(path.read_bytes())


def inputs(notebooks: Mapping[str, Notebook]) -> dict[str, dict]:
    """The inputs of the reports of each outcome; equal inputs and parameters give equal bytes."""
    common = {
        "package": __version__,
        "code": code(),
        "figures": Catalogue().fingerprint(),
        "libraries": libraries(),
    }
    return {name: {**common, "notebook": _sha(book.path)} for name, book in notebooks.items()}


def key(content: Mapping) -> str:
    """A short checksum of JSON values."""
    return sha256_of(json.dumps(content, sort_keys=True).encode())[:16]


class Manifest:
    """The manifest of an edition's folder.

    Args:
        folder: the folder of the edition.
        edition: its name.
    """

    def __init__(self, folder: Path, edition: str) -> None:
        self._path = folder / "manifest.json"
        self._edition = edition
        content = self._read()
        self._reports: dict[str, dict] = content.get("reports", {})
        self._inputs: dict[str, dict] = content.get("inputs", {})

    def _read(self) -> dict:
        """What an earlier run wrote; nothing when it is not there or not ours."""
        try:
            content = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) and content.get("edition") == self._edition else {}

    def forget(self, tasks: Iterable[Task]) -> None:
        """Drop reports that are about to be made again, so that a run that is cut never leaves a wrong checksum."""
        for task in tasks:
            self._reports.pop(task.path, None)

    def record(self, result: Result, made_from: Mapping) -> None:
        """Enter a report that was written."""
        name = key(made_from)
        self._inputs[name] = dict(made_from)
        beside = result.beside or self._beside(result.task)
        self._reports[result.task.path] = {
            "parameters": result.task.parameters,
            "outcome": result.task.outcome,
            "sha256": result.sha256,
            "bytes": result.bytes,
            "inputs": name,
            "beside": dict(beside),
        }

    def _beside(self, task: Task) -> Mapping[str, str]:
        """What stands beside a report that is up to date: as entered before, else as it is."""
        if before := self._reports.get(task.path, {}).get("beside"):
            return before
        paths = {
            name: self._path.with_name(task.territory) / Path(name).name for name in names(task).values()
        }
        return {name: _sha(path) for name, path in paths.items() if path.is_file()}

    def checksums(self) -> dict[str, str]:
        """The sha256 of each report that is entered and of what stands beside it, by its path in the folder."""
        pages = {path: entry["sha256"] for path, entry in self._reports.items()}
        return pages | {k: v for entry in self._reports.values() for k, v in entry.get("beside", {}).items()}

    def write(self) -> None:
        """Write the manifest, whole."""
        used = {entry["inputs"] for entry in self._reports.values()}
        content = {
            "edition": self._edition,
            "inputs": {key: self._inputs[key] for key in sorted(used)},
            "reports": dict(sorted(self._reports.items())),
        }
        write_whole(
            self._path, (json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
        )


def differences(result: Result, made: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Why a report that was made again differs from the one in a folder: its page or a file beside it, with the reason.

    Args:
        result: the report as it is made today. made: checksums of the folder's manifest. folder: of the edition.
    """
    wrong = {}
    for path, sha256 in {result.task.path: result.sha256, **result.beside}.items():
        there = folder / path
        if not there.is_file():
            wrong[path] = "is not there any more"
        elif _sha(there) != made.get(path):
            wrong[path] = "was altered since it was made"
        elif sha256 != made[path]:
            wrong[path] = "is made differently today"
    return wrong


def write_run(folder: Path, summary: Mapping) -> None:
    """Write how a run went (counts, seconds by stage, failures): ``run.json``, which two runs need not share."""
    write_whole(folder / "run.json", (json.dumps(summary, indent=1, ensure_ascii=False) + "\n").encode())
