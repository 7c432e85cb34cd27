"""Rules on the committed figures: each table beside a valid sidecar, small, defined, and never a published file."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from analysis.data.catalogue import Sidecar
from analysis.foundations.files import DataError, sha256_of

APART = ("parameters", "local")
"""Folders of data/raw without sidecars: parameters carry their references, local figures are not in git."""

LIMIT = 15_000_000


def tables(raw: Path) -> dict[str, Path]:
    """The tables under data/raw by dataset name."""
    found = {}
    for path in sorted(raw.rglob("*.csv")) + sorted(raw.rglob("*.csv.gz")):
        name = path.relative_to(raw).as_posix().removesuffix(".gz").removesuffix(".csv")
        if name.split("/")[0] not in APART:
            found[name] = path
    return found


_KEPT = re.compile(r"(\w+)/vintages/(\w+)\.[\w-]+")
"""A vintage that another took the place of."""
LOCK = ".lock"
"""What a process that stores figures locks; git ignores it."""


def content(table: Path) -> bytes:
    """The text of a table, compressed or not."""
    return gzip.decompress(table.read_bytes()) if table.suffix == ".gz" else table.read_bytes()


def sidecars_describe_their_tables(raw: Path) -> Iterator[str]:
    """Every table has a sidecar that parses and bears its checksum, every sidecar a table; there is nothing else."""
    described = {
        p.relative_to(raw).as_posix().removesuffix(".source.yml"): p for p in raw.rglob("*.source.yml")
    }
    described = {name: path for name, path in described.items() if name.split("/")[0] not in APART}
    known = tables(raw)
    yield from (f"{name}: a table without a sidecar" for name in sorted(known.keys() - described.keys()))
    yield from (f"{name}: a sidecar without a table" for name in sorted(described.keys() - known.keys()))
    for name in sorted(known.keys() & described.keys()):
        yield from _disagreements(name, known[name], described[name])
    for path in sorted(p for p in raw.rglob("*") if p.is_file() and p.relative_to(raw).parts[0] not in APART):
        if path not in (*known.values(), *described.values(), raw / LOCK):
            yield f"{path.relative_to(raw).as_posix()}: neither a table nor a sidecar"


def _disagreements(name: str, table: Path, sidecar_path: Path) -> Iterator[str]:
    try:
        sidecar = Sidecar.from_yaml(sidecar_path.read_text(encoding="utf-8"), where=name)
    except (DataError, TypeError, ValueError) as error:
        yield str(error)
        return
    if sidecar.dataset != _KEPT.sub(r"\1/\2", name):
        yield f"{name}: its sidecar is that of {sidecar.dataset}"
    if sidecar.sha256 != sha256_of(content(table)):
        yield f"{name}: the table is not the one its sidecar describes (sha256 differs)"


def is_small(raw: Path, limit: int = LIMIT) -> Iterator[str]:
    """The committed data stay small enough to clone."""
    size = sum(
        p.stat().st_size for p in raw.rglob("*") if p.is_file() and p.relative_to(raw).parts[0] != "local"
    )
    if size > limit:
        yield f"{raw.name} holds {size:,} bytes; the limit is {limit:,}"


def indicators_are_defined(raw: Path, defined: Collection[str]) -> Iterator[str]:
    """Every indicator in a table is in the dictionary."""
    for name, table in tables(raw).items():
        rows = csv.reader(io.StringIO(content(table).decode("utf-8")))
        header = next(rows, [])
        if "indicator" in header:
            column = header.index("indicator")
            for unknown in sorted({row[column] for row in rows} - set(defined)):
                yield f"{name}: {unknown} is not in the dictionary"


def published_checksums(raw: Path) -> set[str]:
    """The sha256 of every published file that a sidecar names."""
    sidecars = [p for p in raw.rglob("*.source.yml") if p.relative_to(raw).parts[0] not in APART]
    read = [Sidecar.from_yaml(p.read_text(encoding="utf-8"), where=p.name) for p in sidecars]
    return {file.sha256 for sidecar in read for file in sidecar.published}


def no_published_file_copied(files: Iterable[Path], published: Collection[str]) -> Iterator[str]:
    """No file of the repository is the very file that a producer publishes (given by their sha256)."""
    for path in files:
        if path.stat().st_size and sha256_of(path.read_bytes()) in published:
            yield f"{path.name} is a published file; keep its figures, written by a loader, not the file"
