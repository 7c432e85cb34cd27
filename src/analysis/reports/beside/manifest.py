"""What each report was made from, and the checksum of what was made: ``manifest.json`` of an edition.

For each report: its parameters, its sha256 and size, and a reference to its inputs (``fingerprint``). The file is a pure
function of those: it holds no time and no folder. How long a run took is another file (``summary``), which is no part of
what two runs must share.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from analysis.foundations import places
from analysis.foundations.files import sha256_at, write_if_new
from analysis.foundations.values import LANGS
from analysis.reports.beside.downloads import names
from analysis.reports.edition import INDICATORS, Task
from analysis.reports.kept.fingerprint import key

_PART = re.compile(r"[^./\\\0][^/\\\0]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Manifest:
    """The manifest of an edition's folder.

    Args:
        folder: the folder of the edition.
        edition: its name.
        made_from: the ``inputs`` of the reports that will be entered.
    """

    def __init__(self, folder: Path, edition: str, made_from: Mapping[str, Mapping] | None = None) -> None:
        self._path = folder / "manifest.json"
        self._edition = edition
        self._reports, self._inputs = self._read()
        self._keys: dict[str, str] = {}
        for name, made in (made_from or {}).items():
            self._keys[name] = key(made)
            self._inputs[self._keys[name]] = dict(made)

    def _read(self) -> tuple[dict[str, dict], dict[str, dict]]:
        """The reports and the inputs that an earlier run entered; nothing of what is not there or not ours."""
        try:
            content = json.loads(places.content(self._path))
            inputs = {str(key): dict(made) for key, made in content["inputs"].items()}
            given = content["reports"].items() if content["edition"] == self._edition else ()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return {}, {}
        entries = {path: entry for path, entry in given if _task(path, entry, self._edition, inputs)}
        return entries, inputs

    def forget(self, tasks: Iterable[Task]) -> None:
        """Drop reports that are about to be made again, so that a run that is cut never leaves a wrong checksum."""
        for task in tasks:
            self._reports.pop(task.path, None)

    def record(self, task: Task, sha256: str, size: int, beside: Mapping[str, str]) -> None:
        """Enter a report that was written: sha256 and bytes of its page, sha256 of what stands beside, by path."""
        beside = beside or self._reports.get(task.path, {}).get("beside", {})
        self._reports[task.path] = {
            "parameters": task.parameters,
            "outcome": task.outcome,
            "sha256": sha256,
            "bytes": size,
            "inputs": self._keys[INDICATORS if task.is_indicator else task.outcome],
            "beside": dict(beside),
        }

    def tasks(self) -> list[Task]:
        """The reports that are entered, in order."""
        entered = (
            _task(path, self._reports[path], self._edition, self._inputs) for path in sorted(self._reports)
        )
        return [task for task in entered if task]

    def as_now(self, task: Task) -> bool:
        """Whether a report is entered and was made from the inputs that were given: the same bytes would be made again."""
        made_from = self._keys.get(INDICATORS if task.is_indicator else task.outcome)
        return task.path in self._reports and self._reports[task.path]["inputs"] == made_from

    def of(self, task: Task) -> dict[str, str]:
        """The sha256 of a report that is entered and of what stands beside it, by its path in the folder."""
        entry = self._reports[task.path]
        return {task.path: entry["sha256"], **entry["beside"]}

    def checksums(self) -> dict[str, str]:
        """The sha256 of each report that is entered and of what stands beside it, by its path in the folder."""
        pages = {path: entry["sha256"] for path, entry in self._reports.items()}
        return pages | {k: v for entry in self._reports.values() for k, v in entry["beside"].items()}

    def write(self) -> None:
        """Write the manifest, whole, a line for each report; leave it alone when it is already so."""
        used = {entry["inputs"] for entry in self._reports.values()}
        parts = {
            "edition": _line(self._edition),
            "inputs": _lines({name: self._inputs[name] for name in used}),
            "reports": _lines(self._reports),
        }
        text = ",\n".join(f"{_line(name)}: {part}" for name, part in parts.items())
        write_if_new(self._path, f"{{{text}}}\n".encode())


def _task(path: str, entry: Mapping, edition: str, inputs: Mapping) -> Task | None:
    """The report of an entry of a manifest; None when it is not one that is written here."""
    try:
        task = Task(edition, entry["parameters"]["territory"], entry["outcome"], entry["parameters"]["lang"])
        same = entry["parameters"] == task.parameters and task.path == path and entry["inputs"] in inputs
        plain = task.lang in LANGS and _PART.fullmatch(task.territory) and _PART.fullmatch(task.outcome)
        beside = set(entry["beside"]) <= set(names(task).values())
        sums = all(_SHA256.fullmatch(text) for text in (entry["sha256"], *entry["beside"].values()))
    except (KeyError, TypeError, AttributeError):
        return None
    return task if same and plain and beside and sums else None


def _line(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True)


def _lines(content: Mapping[str, object]) -> str:
    """A JSON object with a line for each of its names, in order."""
    lines = ",\n".join(f"{_line(name)}: {_line(content[name])}" for name in sorted(content))
    return f"{{\n{lines}\n}}"


def differences(now: Mapping[str, str], made: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Why a report that was made again differs from the one in a folder: its page or a file beside it, with the reason.

    Args:
        now: the sha256 of the page as it is made today, and of what stands beside it, by path. made: those of the folder's
            manifest. folder: of the edition.
    """
    wrong = {}
    for path, sha256 in now.items():
        there = sha256_at(folder / path, ours=True)
        if not there:
            wrong[path] = "is not there any more"
        elif path not in made:
            wrong[path] = "is in no manifest"
        elif there != made[path]:
            wrong[path] = "was altered since it was made"
        elif sha256 != made[path]:
            wrong[path] = "is made differently today"
    return wrong
