"""Whether the panel that is kept is that of the figures and of the code as they are, and which one a run works on.

``panel.parquet`` stands beside ``panel.json``, which says what it was built from and its checksum, in the folder that
``places`` gives. This is asked at the start of every run, mostly with nothing to build: no library of tables is loaded
here. ``panel`` makes the panel.

An edition is made from one state of the figures: from its plan to its end a run, and each process that makes a report
of it, is given a panel by its checksum (``working_on``), and no other is read or built in its place.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.data.catalogue import VINTAGES, Catalogue
from analysis.foundations import dependencies, places
from analysis.foundations.files import PACKAGE, DataError, sha256_at, sha256_of, write_whole

if TYPE_CHECKING:  # loaded where the panel itself is opened
    import pandas as pd

PANEL = "panel.parquet"
"""File name of a panel."""

INSIDE = "inside.parquet"
"""File name of the panel of territories inside départements, beside that of départements."""

_GIVEN = "PACTE_PANEL"
"""Variable by which a run tells its processes which panel to work on: its checksum, a colon, its file."""


class NoRoom(DataError):
    """The panel can be kept nowhere; the message names the folder, why, and the remedy."""


class FiguresChanged(DataError):
    """The panel that a run works on is not there any more: figures changed, and another was built in its place."""


@dataclass(frozen=True)
class Given:
    """The panel that a run works on: its file, its checksum, and the vintages that are chosen (``Catalogue.chosen``)."""

    path: Path
    stamp: str
    vintages: str = field(default_factory=lambda: os.environ.get(VINTAGES, ""))

    def check(self, stamp: str | None) -> None:
        """FiguresChanged when what is there has another checksum."""
        if stamp != self.stamp:
            raise FiguresChanged(
                "the figures changed while the edition was made: run again, and what was made from the others is made again"
            )


def given() -> Given | None:
    """The panel that this process was told to work on; None when it may take, or build, that of the figures as they are."""
    stamp, _, path = os.environ.get(_GIVEN, "").partition(":")
    return Given(Path(path), stamp) if path else None


def work_on(panel: Given | None) -> None:
    """From now on in this process, and in those that it starts, work on a panel and on no other; None: on any."""
    os.environ.pop(_GIVEN, None)
    if panel is not None:
        os.environ[_GIVEN] = f"{panel.stamp}:{panel.path}"
        os.environ[VINTAGES] = panel.vintages


def hold(chosen: Mapping[str, str | None]) -> None:
    """From now on in this process, and in those that it starts, read the vintages that are chosen for an edition."""
    os.environ[VINTAGES] = json.dumps(chosen, sort_keys=True) if chosen else ""


@contextmanager
def working_on(panel: Given | None) -> Iterator[None]:
    """Inside the block, work on a panel and on no other; None leaves things as they are."""
    before = given()
    work_on(panel or before)
    try:
        yield
    finally:
        work_on(before)


def panel_path(root: Path, kind: str = PANEL) -> Path:
    """Where the panel of a checkout is kept; ``INSIDE``: the one that stands beside it."""
    told, vintages = given(), os.environ.get(VINTAGES, "")
    name = f"panel-{sha256_of(vintages.encode())[:8]}.parquet" if vintages else PANEL
    path = told.path if told else places.of_checkout(root) / name
    return path if kind == PANEL else path.with_name(path.name.replace("panel", "inside", 1))


def made_from(catalogue: Catalogue, maker: str) -> dict[str, Any]:
    """All that the panel depends on, as checksums: the figures, and each file of the package by which they become it.

    Args:
        maker: the module that makes it; the files are those behind its imports.
    """
    return {"figures": catalogue.fingerprint(), "code": _checksums(dependencies.nearest(maker))}


def _checksums(paths: Iterable[str]) -> dict[str, str]:
    return {path: sha256_at(PACKAGE / path) for path in paths}


def keep(panel: Path, content: bytes, rows: int, made: Mapping[str, Any]) -> None:
    """Write a panel, and beside it what it was ``made_from``. OSError when it cannot be written there."""
    stamp = {**made, "rows": rows, "sha256": sha256_of(content)}
    beside = (json.dumps(stamp, indent=1) + "\n").encode()
    for path, data in ((panel, content), (panel.with_suffix(".json"), beside)):
        places.make_way(path)
        write_whole(path, data)


def keep_for(root: Path, content: bytes, rows: int, made: Mapping[str, Any], kind: str = PANEL) -> Path:
    """Write the panel of a checkout where it is kept, or in another place where that one turns out to be full or closed.

    Returns its path; NoRoom when it can be kept nowhere.
    """
    while True:
        panel = panel_path(root, kind)
        try:
            keep(panel, content, rows, made)
        except OSError as error:
            if not places.give_up(panel.parent, error):
                raise NoRoom(places.no_room(panel.parent, error)) from error
        else:
            return panel


def forget(root: Path) -> None:
    """Remove the panel of a checkout and what was computed from it, wherever they are kept.

    So a figure that was taken out stands nowhere; the next that reads builds another.
    """
    for folder in places.every(root):
        files = [
            p
            for stem in ("panel", "inside")
            for end in ("parquet", "json")
            for p in folder.glob(f"{stem}*.{end}")
        ]
        for path in (*files, folder / "shared"):
            places.remove(path)


def _kept(panel: Path) -> dict[str, Any]:
    """What is written beside a panel; nothing when it is not there or not ours."""
    return places.record(panel.with_suffix(".json"))


def stamp(panel: Path) -> str | None:
    """The checksum written beside a panel; None when there is none."""
    found = _kept(panel).get("sha256")
    return found if isinstance(found, str) else None


def is_current(panel: Path, catalogue: Catalogue) -> bool:
    """Whether a panel is there, whole, and is the one that the catalogue and the code would give.

    The files of the package are those that it was made from: what they import changes with one of them only, so that no
    source has to be understood to ask.
    """
    kept = _kept(panel)
    whole = bool(kept.get("sha256")) and kept["sha256"] == sha256_at(panel)
    if not whole or kept.get("figures") != catalogue.fingerprint():
        return False
    code = kept.get("code")
    return isinstance(code, dict) and bool(code) and code == _checksums(code)


# ------------------------------------------------------------------------------------------------------------- the file


def as_file(frame: pd.DataFrame) -> bytes:
    """A panel as it is kept."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", row_group_size=1 << 20)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def from_file(file: Path | bytes, kinds: Mapping[str, str], told: Given | None = None) -> pd.DataFrame:
    """A panel as it was kept, column by column: what reading takes is then never held for all of them at once.

    Args:
        file: its path, or what it holds. kinds: how the type of each of its columns begins, in order.
        told: the panel that it must be; FiguresChanged when it is another.

    OSError or ValueError when it is no panel.
    """
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pa.BufferReader(file) if isinstance(file, bytes) else pa.memory_map(str(file))
    if told is not None:
        told.check(sha256_of(source.read_buffer()))
        source.seek(0)
    table = pq.ParquetFile(source)
    if {field.name: str(field.type).partition("=")[0] for field in table.schema_arrow} != kinds:
        raise ValueError(f"the columns of a panel are {', '.join(kinds)}")
    columns = {c: table.read([c], use_threads=False).column(0).to_pandas() for c in kinds}
    return pd.DataFrame(columns, copy=False)
