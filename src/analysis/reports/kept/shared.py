"""Results that are the same for every territory, computed once and read by each report that shows them.

``common("take_up.expected", compute, panel)`` returns what ``compute`` returns. The first time, it is computed, and kept in
``data/processed/shared`` with what it was observed to read and with the checksum of the code behind it; afterwards it is
read from there, and the report that asks is held to have read the same: it is made again when, and only when, the result
could differ. Before a batch, ``refresh`` holds what is kept against what there is now, as ``freshness`` does for reports.

What is kept is data and nothing else (``kept``), written whole, under its name and with its checksum: what was cut,
altered or forged, what is of another type than the function says that it returns, and what is no file, is removed and
computed again. Only results of the project's own panel are kept; on a panel of your own, or on one with figures added,
nothing is read or written here. Where nothing can be written, a result is computed by each that asks.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import json
import os
import re
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NoReturn

from filelock import FileLock

from analysis.data import processed
from analysis.data.catalogue import Catalogue
from analysis.foundations import dependencies, display, observation, places
from analysis.foundations.files import project_root, sha256_of, write_whole
from analysis.reports.kept import encoding as kept
from analysis.reports.kept import expected, fingerprint, freshness, states

if TYPE_CHECKING:  # asked for by those who have it
    from analysis.data.panel import Panel

FOLDER = "PACTE_SHARED"
"""Variable that names another folder than ``data/processed/shared``."""

LARGEST = 16 << 20
"""Bytes that a kept result may hold, ten times the largest: a larger file is none of ours, and is not read."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_ENDING = ".result"

Compute = Callable[..., object] | str


@dataclass(frozen=True)
class _Kept:
    """The first line of a kept result: its name, what it was made from, and the checksum of what follows."""

    name: str
    sha256: str
    figures: str
    code: Mapping[str, str]
    files: Mapping[str, str]
    reads: Mapping[str, list[list]]
    modules: list[str]
    libraries: str

    def to_json(self) -> bytes:
        return json.dumps(vars(self), sort_keys=True, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_json(cls, line: bytes) -> _Kept:
        """ValueError, TypeError or RecursionError when it is no such line, or names files outside their folder."""
        record = cls(**json.loads(line))
        fits = expected.Fits()
        kind: type = cls
        wrong = [n for n, hint in expected.fields(kind).items() if not fits(vars(record)[n], hint)]
        rows = [row for group in record.reads.values() for row in group] if not wrong else []
        if wrong or any([type(cell) for cell in row] != [str, str, int] for row in rows):
            raise TypeError("not what is written at the head of a result")
        names = [PurePosixPath(name) for name in (*record.code, *record.files)]
        if any(name.is_absolute() or ".." in name.parts for name in names):
            raise ValueError("a file outside its folder")
        return record


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
    return Path(named) if named else places.of_checkout(project_root()) / "shared"


def common(name: str, compute: Compute, panel: Panel, *args: object, gives: object = None) -> Any:
    """What ``compute(panel, catalogue, *args)`` returns, computed once for all reports.

    Args:
        name: of the result, with what distinguishes it: lower-case letters, digits, ``_``, ``.``, ``-``.
        compute: a function of a module of the package that reads only through its arguments, or its name,
            ``analysis.methods.evaluation:of_register``, so that what it needs is imported only to compute it.
        panel: the project's figures.
        gives: the type of what it returns; what the function itself says by default.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"result {name!r}: expected lower-case letters, digits, '_', '.' and '-', at most 100"
        )
    catalogue = Catalogue()
    if panel.stamp is None:
        return _function(compute)(panel, catalogue, *args)
    path = folder() / f"{name}{_ENDING}"
    kept = _read(path, panel.stamp, catalogue, compute, gives)
    if kept is None and _elsewhere and isinstance(compute, str):
        _elsewhere(Wanted(name, compute, args))
    if kept is None:
        kept = _computed(path, compute, panel, catalogue, args, gives)
    head, result = kept
    _replay(head)
    return result


def keep(wanted: Wanted, panel: Panel) -> None:
    """Compute a result that others wait for, and keep it. OSError when it cannot be kept."""
    common(wanted.name, wanted.compute, panel, *wanted.args)
    places.content(folder() / f"{wanted.name}{_ENDING}", LARGEST)


def of_project(name: str, compute: str, gives: object = None) -> Any:
    """What ``common`` gives on the project's own panel, which is opened only where it is not kept."""
    catalogue, panel = Catalogue(), processed.panel_path(project_root())
    if processed.is_current(panel, catalogue):
        path, stamp = folder() / f"{name}{_ENDING}", processed.stamp(panel) or ""
        kept = _read(path, stamp, catalogue, compute, gives)
        if kept is not None:
            _replay(kept[0])
            return kept[1]
    from analysis.data.panel import Panel

    return common(name, compute, Panel.open(catalogue), gives=gives)


def _module(compute: Compute) -> str:
    """The module of a function, which its name gives without importing it."""
    return compute.partition(":")[0] if isinstance(compute, str) else compute.__module__


def _function(compute: Compute) -> Callable[..., object]:
    """A function, given as it is or by its name; of a name, only a public one of the package, of a panel and a catalogue."""
    if not isinstance(compute, str):
        return compute
    module, _, name = compute.partition(":")
    if module.partition(".")[0] != "analysis" or name.startswith("_"):
        raise ValueError(
            f"{compute}: expected a function of the package, such as analysis.methods.policies:treated"
        )
    function = getattr(importlib.import_module(module), name)
    if list(inspect.signature(function).parameters)[:2] != ["panel", "catalogue"]:
        raise ValueError(f"{compute}: expected a function of a panel and a catalogue")
    return function


def _type(compute: Compute, gives: object) -> object:
    """The type that a result has: as it was said, else as its function says."""
    return expected.returned(_function(compute)) if gives is None else gives


def _computed(
    path: Path, compute: Compute, panel: Panel, catalogue: Catalogue, args: tuple, gives: object
) -> tuple[_Kept, object]:
    """Compute a result, unless another report has meanwhile, and keep it where that can be."""
    with ExitStack() as lock:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            places.make_way(path.with_suffix(".lock"))
            lock.enter_context(FileLock(path.with_suffix(".lock")))  # another report may be computing it
            places.make_way(path)
        except OSError as error:
            _unkept(path, error)
        if kept := _read(path, panel.stamp, catalogue, compute, gives):
            return kept
        head, result, payload = _made(path, compute, panel, catalogue, args, gives)
        try:
            write_whole(path, head.to_json() + payload)
        except OSError as error:
            _unkept(path, error)
        return head, result


def _unkept(path: Path, error: OSError) -> None:
    if processed.given() is None:  # a report says nothing of the machine
        display.note(f"{places.no_room(path.parent, error)}. It is computed each time that it is asked for")


def _made(
    path: Path,
    compute: Compute,
    panel: Panel,
    catalogue: Catalogue,
    args: tuple,
    gives: object,
) -> tuple[_Kept, object, bytes]:
    """A result with what it was made from, and as it is kept."""
    function = _function(compute)
    with freshness.watching() as watch, display.waiting(f"computing {path.stem}, once for every territory"):
        result = function(panel, catalogue, *args)
    modules = {_module(compute), *watch.modules, *watch.reads.modules}
    present = freshness.Present(catalogue, None, path.parent, {})
    payload = kept.written(result, _type(compute, gives))
    head = _Kept(
        name=path.name.removesuffix(_ENDING),
        sha256=sha256_of(payload),
        figures=panel.stamp or "",
        code={file: present.code(file) for file in dependencies.closure(modules)},
        files={file: present.file(file) for file in sorted(watch.reads.files)},
        reads=freshness.grouped(watch.reads.figures),
        modules=sorted(modules),
        libraries=_libraries(),
    )
    return head, result, payload


def _libraries() -> str:
    return fingerprint.key(fingerprint.libraries())


def _header(path: Path) -> tuple[_Kept, bytes] | None:
    """The first line of a kept result and the rest, when it is a file of ours, under its own name, and the rest is whole."""
    try:
        line, _, payload = places.content(path, LARGEST).partition(b"\n")
        head = _Kept.from_json(line)
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    whole = hashlib.sha256(payload).hexdigest() == head.sha256 and path.name == f"{head.name}{_ENDING}"
    return (head, payload) if whole else None


def _read(
    path: Path, stamp: str | None, catalogue: Catalogue, compute: Compute, gives: object
) -> tuple[_Kept, Any] | None:
    """A kept result, when it is whole, of its type, and was made from these figures by this code; else None."""
    header = _header(path)
    if header is None or header[0].figures != stamp:
        return None
    if _made_otherwise(header[0], freshness.Present(catalogue, None, path.parent, {})):
        return None
    with suppress(ValueError):  # what is no such result is computed again
        return header[0], kept.read(header[1], _type(compute, gives))
    return None


def _made_otherwise(head: _Kept, present: freshness.Present) -> bool:
    """Whether the libraries, the code or the files behind a result differ from what they were."""
    return (
        head.libraries != _libraries()
        or present.moved("code", tuple(head.code.items())) is not None
        or present.moved("file", tuple(head.files.items())) is not None
    )


def _replay(head: _Kept) -> None:
    """Record, for the report that asks, what the result was made from."""
    observation.modules_used(head.modules)
    for name in head.files:
        observation.file_read(name)
    observation.figures_seen(freshness.ungrouped(head.reads))


# ------------------------------------------------------------------------------------------------------ before a batch


def refresh(present: freshness.Present, where: Path) -> None:
    """Keep the results of a folder that would come out the same today, remove the others and what is no result.

    A result whose figures did not change, though others of the panel did, is marked as made from the panel as it is.
    """
    for path in sorted(where.glob(f"*{_ENDING}")):
        header = _header(path)
        with suppress(OSError):  # in a folder that cannot be written, what is not read is left
            if header is None or _changed(header[0], present):
                places.remove(path)
            elif header[0].figures != present.figures:
                head = _Kept(**(vars(header[0]) | {"figures": present.figures}))
                write_whole(path, head.to_json() + header[1])
    with suppress(OSError):
        states.prune(where, [present.figures])


def _changed(head: _Kept, present: freshness.Present) -> bool:
    return (
        _made_otherwise(head, present)
        or freshness.figures_differ(head.figures, lambda: head.reads, present) is not None
    )
