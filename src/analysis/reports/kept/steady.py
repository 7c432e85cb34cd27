"""Whether what an edition is made from stayed as it was while it was made.

A run takes minutes, and in another terminal figures may be imported, added or checked out meanwhile. The reports of a
run are made from one panel, by its checksum (``processed.working_on``). What they read beside it (datasets, parameters,
code, notebooks) is looked at here when the run is planned, and again as each report ends and when all have: a file that
was written in between, even if it was put back, may have been read in either state. It compares when files were
written, since that has to cost nothing; ``freshness`` compares what they hold.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from analysis.data.processed import PANEL, Given, stamp
from analysis.foundations.files import PACKAGE
from analysis.reports.kept.freshness import Record

NAMED = 3
"""Files that are named in a line; of more, their number."""

Looked = tuple[int, int, int]


class Steady:
    """What an edition is made from, as it was when this was made.

    Args:
        raw: the folder ``data/raw``. notebooks: those of the reports.
    """

    given: Given | None = None
    """The panel that the edition is made from, once it is there; None where there are no figures."""

    def __init__(self, raw: Path, notebooks: Iterable[Path]) -> None:
        self._raw = raw
        self._notebooks = tuple(notebooks)
        self._before = self._look()

    def _look(self) -> dict[str, Looked]:
        """When each file was written, how large it is, and which it is: one that is put in place of another is another."""
        looked = {**_under(str(self._raw), "data/raw/"), **_under(str(PACKAGE), "src/analysis/")}
        for path in self._notebooks:
            with suppress(OSError):
                looked[f"notebooks/{path.name}"] = _looked(path.stat())
        return looked

    @property
    def has_its_panel(self) -> bool:
        """Whether the panel is still the one that the edition is made from."""
        return self.given is None or stamp(self.given.path) == self.given.stamp

    def changed(self) -> list[str]:
        """The files that were written, added or removed since, in order."""
        now = self._look()
        names = {name for name in {*self._before, *now} if self._before.get(name) != now.get(name)}
        return sorted(names) + ([] if self.has_its_panel else [PANEL])

    def concerns(self, record: Record) -> bool:
        """Whether a report that was just made may have read something that changed."""
        changed = self.changed()
        if not changed:
            return False
        names = {f"src/analysis/{name}" for name, _ in record.code}
        names |= {f"data/raw/{name}" for name, _ in record.files}
        folders = tuple(name for name in names if name.endswith("/"))
        own = record.notebook and any(name.startswith("notebooks/") for name in changed)
        return bool(own or names.intersection(changed) or any(name.startswith(folders) for name in changed))


def told(changed: list[str]) -> str:
    """What changed, in a line, with the remedy."""
    more = f" and {len(changed) - NAMED} more" if len(changed) > NAMED else ""
    return (
        f"{', '.join(changed[:NAMED])}{more} changed while the edition was made: run again, and what was made from the "
        "others is made again"
    )


def _under(folder: str, name: str) -> dict[str, Looked]:
    """The files of a folder and of those in it, hidden ones and caches left out, by their names after ``name``."""
    looked: dict[str, Looked] = {}
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".", "__pycache__")):
                continue
            if entry.is_dir():
                looked |= _under(entry.path, f"{name}{entry.name}/")
            else:
                with suppress(OSError):
                    looked[name + entry.name] = _looked(entry.stat())
    return looked


def _looked(status: os.stat_result) -> Looked:
    return status.st_mtime_ns, status.st_size, status.st_ino
