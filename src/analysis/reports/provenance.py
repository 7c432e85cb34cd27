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


def code() -> str:
    """A sha256 over the files of the package."""
    folder = Path(__file__).resolve().parents[1]
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return sha256_of(
        "\n".join(f"{path.relative_to(folder).as_posix()} {_sha(path)}" for path in files).encode()
    )


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
        self._reports[result.task.path] = {
            "parameters": result.task.parameters,
            "outcome": result.task.outcome,
            "sha256": result.sha256,
            "bytes": result.bytes,
            "inputs": name,
        }

    def checksums(self) -> dict[str, str]:
        """The sha256 of each report that is entered, by its path in the folder."""
        return {path: entry["sha256"] for path, entry in self._reports.items()}

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


def write_run(folder: Path, summary: Mapping) -> None:
    """Write how a run went (counts, seconds by stage, failures): ``run.json``, which two runs need not share."""
    write_whole(folder / "run.json", (json.dumps(summary, indent=1, ensure_ascii=False) + "\n").encode())
