"""Results that are the same for every territory, computed once and read by each report that shows them.

``common("take_up.expected", compute, panel)`` returns what ``compute`` returns. The first time, it is computed, and kept in
``data/processed/shared`` with what it was observed to read and with the checksum of the code behind it; afterwards it is
read from there, and the report that asks is held to have read the same: it is made again when, and only when, the result
could differ. Before a batch, ``refresh`` holds what is kept against what there is now, as ``freshness`` does for reports.

What is kept is written whole, with its checksum: what was cut or altered is computed again. Only results of the project's
own panel are kept; on a panel of your own, or on one with figures added, nothing is read or written here.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import os
import pickle
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from filelock import FileLock

from analysis import display, observation, processed
from analysis.catalogue import Catalogue, project_root, sha256_of, write_whole
from analysis.observation import observing
from analysis.reports import freshness

if TYPE_CHECKING:  # asked for by those who have it
    from analysis.panel import Panel

FOLDER = "PACTE_SHARED"
"""Variable that names another folder than ``data/processed/shared``."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_ENDING = ".result"
_TRUSTED = ("analysis", "numpy", "pandas", "pyarrow", "collections", "datetime")
"""Packages whose objects a kept result may hold; anything else in the file is refused."""
_BUILTINS = frozenset(
    {"bool", "bytes", "complex", "dict", "float", "frozenset", "int", "list", "set", "slice", "str", "tuple"}
)

Compute = Callable[..., object] | str


@dataclass(frozen=True)
class _Kept:
    """The first line of a kept result: what it was made from, and the checksum of what follows."""

    sha256: str
    figures: str
    code: Mapping[str, str]
    files: Mapping[str, str]
    reads: Mapping[str, list[list]]
    modules: list[str]
    libraries: str

    def to_json(self) -> bytes:
        return json.dumps(vars(self), sort_keys=True, separators=(",", ":")).encode() + b"\n"


@dataclass(frozen=True)
class Wanted:
    """A result that is not kept, and what computes it: a function by its name, and its arguments."""

    name: str
    compute: str
    args: tuple


_elsewhere: Callable[[Wanted], NoReturn] | None = None


def compute_elsewhere(ask: Callable[[Wanted], NoReturn]) -> None:
    """From now on in this process, ask for a result that is not kept and is computed by a function that is only named.

    Such a function loads tens of megabytes that the report itself has no use for: ``ask`` ends the process of the report,
    which is made once the result is there.
    """
    global _elsewhere
    _elsewhere = ask


def folder() -> Path:
    """Where results are kept."""
    named = os.environ.get(FOLDER)
    return Path(named) if named else project_root() / "data" / "processed" / "shared"


def common(name: str, compute: Compute, panel: Panel, *args: object) -> object:
    """What ``compute(panel, catalogue, *args)`` returns, computed once for all reports.

    Args:
        name: of the result, with what distinguishes it: lower-case letters, digits, ``_``, ``.``, ``-``.
        compute: a function of a module of the package that reads only through its arguments, or its name,
            ``analysis.evaluation:of_register``, so that what it needs is imported only to compute it.
        panel: the project's figures.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"result {name!r}: expected lower-case letters, digits, '_', '.' and '-', at most 100"
        )
    catalogue = Catalogue()
    if panel.stamp is None:
        return _called(compute, panel, catalogue, *args)
    path = folder() / f"{name}{_ENDING}"
    found = _read(path, panel.stamp, catalogue)
    if found is None and _elsewhere and isinstance(compute, str):
        _elsewhere(Wanted(name, compute, args))
    if found is None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):  # another report may be computing it
            found = _read(path, panel.stamp, catalogue) or _make(path, compute, panel, catalogue, args)
    kept, result = found
    _replay(kept)
    return result


def of_project(name: str, compute: str) -> object:
    """What ``common`` gives on the project's own panel, which is opened only where it is not kept."""
    catalogue, panel = Catalogue(), processed.panel_path(project_root())
    if processed.is_current(panel, catalogue):
        found = _read(folder() / f"{name}{_ENDING}", processed.stamp(panel) or "", catalogue)
        if found is not None:
            _replay(found[0])
            return found[1]
    from analysis.panel import Panel

    return common(name, compute, Panel.open(catalogue))


def _module(compute: Compute) -> str:
    """The module of a function, which its name gives without importing it."""
    return compute.partition(":")[0] if isinstance(compute, str) else compute.__module__


def _called(compute: Compute, *args: object) -> object:
    if isinstance(compute, str):
        module, _, function = compute.partition(":")
        compute = getattr(importlib.import_module(module), function)
    return compute(*args)


def _make(
    path: Path, compute: Compute, panel: Panel, catalogue: Catalogue, args: tuple
) -> tuple[_Kept, object]:
    with observing() as reads, display.waiting(f"computing {path.stem}, once for every territory"):
        result = _called(compute, panel, catalogue, *args)
    modules = {_module(compute), *reads.modules}
    present = freshness.Present(catalogue, None, path.parent, {})
    payload = pickle.dumps(result, protocol=5)
    _load(payload)  # what could not be read back would be computed by every report
    kept = _Kept(
        sha256=sha256_of(payload),
        figures=panel.stamp or "",
        code={file: present.code(file) for file in freshness.closure(modules)},
        files={file: present.file(file) for file in sorted(reads.files)},
        reads=freshness.grouped(reads.figures),
        modules=sorted(modules),
        libraries=_libraries(),
    )
    write_whole(path, kept.to_json() + payload)
    return kept, result


def _libraries() -> str:
    from analysis.reports import provenance  # which knows of reports, as they know of this

    return provenance.key(provenance.libraries())


def _header(path: Path) -> tuple[_Kept, bytes] | None:
    """The first line of a kept result and the rest, when the rest is whole."""
    try:
        line, _, payload = path.read_bytes().partition(b"\n")
        kept = _Kept(**json.loads(line))
    except (OSError, ValueError, TypeError):
        return None
    return (kept, payload) if hashlib.sha256(payload).hexdigest() == kept.sha256 else None


def _read(path: Path, stamp: str, catalogue: Catalogue) -> tuple[_Kept, object] | None:
    """A kept result, when it is whole and was made from these figures by this code; else None."""
    found = _header(path)
    if found is None or found[0].figures != stamp:
        return None
    if _made_otherwise(found[0], freshness.Present(catalogue, None, path.parent, {})):
        return None
    with suppress(Exception):  # an object that cannot be read back is computed again
        return found[0], _load(found[1])
    return None


def _load(payload: bytes) -> object:
    return _Reader(io.BytesIO(payload)).load()


def _made_otherwise(kept: _Kept, present: freshness.Present) -> bool:
    """Whether the libraries, the code or the files behind a result differ from what they were."""
    return (
        kept.libraries != _libraries()
        or present.moved("code", tuple(kept.code.items())) is not None
        or present.moved("file", tuple(kept.files.items())) is not None
    )


class _Reader(pickle.Unpickler):
    """Reads back objects of the packages that results are made of, and refuses any other."""

    def find_class(self, module: str, name: str) -> object:
        trusted = module.partition(".")[0] in _TRUSTED or (module == "builtins" and name in _BUILTINS)
        if not trusted:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a kept result")
        return super().find_class(module, name)


def _replay(kept: _Kept) -> None:
    """Record, for the report that asks, what the result was made from."""
    observation.modules_used(kept.modules)
    for name in kept.files:
        observation.file_read(name)
    observation.figures_seen(freshness.ungrouped(kept.reads))


# ------------------------------------------------------------------------------------------------------ before a batch


def refresh(present: freshness.Present, where: Path) -> None:
    """Keep the results of a folder that would come out the same today, remove the others.

    A result whose figures did not change, though others of the panel did, is marked as made from the panel as it is.
    """
    for path in sorted(where.glob(f"*{_ENDING}")):
        found = _header(path)
        if found is None or _changed(found[0], present):
            path.unlink(missing_ok=True)
        elif found[0].figures != present.figures:
            kept = _Kept(**(vars(found[0]) | {"figures": present.figures}))
            write_whole(path, kept.to_json() + found[1])
    for path in where.glob("figures-*.parquet"):
        if path.name != freshness.snapshot_name(present.figures):
            path.unlink(missing_ok=True)


def _changed(kept: _Kept, present: freshness.Present) -> bool:
    return (
        _made_otherwise(kept, present)
        or freshness.figures_differ(kept.figures, lambda: kept.reads, present) is not None
    )
