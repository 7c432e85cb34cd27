"""Which reports are out of date, and why: what each was observed to depend on, held against what there is now.

While a report is built, what it reads and imports is observed (``Watch``), and kept in a record beside the edition:
notebook, parameters, modules of the package and the data files that they name, figures by territory and period, datasets,
library versions, and the checksum of the page. A report is rebuilt when one of these differs, and only then; the record
says which, for ``--explain``. A record that is missing or unreadable means that the report is rebuilt.

Figures are compared by a snapshot of the panel's rows (``snapshots``), kept once for each state of the panel that a record
refers to: a revised figure concerns the reports that read it, not the others. Nothing here builds a report, and when nothing
changed nothing is loaded that would.
"""

from __future__ import annotations

import builtins
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.data.catalogue import Catalogue
from analysis.data.processed import Given, stamp
from analysis.foundations import observation, places
from analysis.foundations.dependencies import closure
from analysis.foundations.files import PACKAGE, sha256_at, sha256_of
from analysis.foundations.observation import FigureRead, Reads, observing
from analysis.reports.edition import Task
from analysis.reports.kept import states

if TYPE_CHECKING:  # looked at when figures have changed only, which needs a library of tables
    import pandas as pd

    from analysis.reports.kept.snapshots import Changes

FOLDER = ".records"
_WRITES = os.O_WRONLY | os.O_RDWR
_NO_SOURCES = ("data", "reports", "src", "tests")
_OF_THE_TABLE = re.compile(rb"^(?:sha256|rows): .*$", re.MULTILINE)

Checksums = tuple[tuple[str, str], ...]
"""Names of files with their sha256, in order: a key by which the many reports that share them are checked once."""


# ------------------------------------------------------------------------------------------------------- what is observed


@dataclass
class Watch:
    """What a build was seen to use: the package's modules imported while it ran, and what was read."""

    modules: set[str] = field(default_factory=set)
    reads: Reads = field(default_factory=Reads)
    opened: set[str] = field(default_factory=set)
    """Every file that was opened to be read, by its whole path; kept while it is watched only (see ``of_checkout``)."""
    beside: dict[str, str] = field(default_factory=dict)
    """The sha256 of what was written beside the page, by its path in the folder of the edition."""


_watches: list[Watch] = []
"""Those that are told of each file that is opened."""


@cache
def _listen() -> None:
    """Have Python tell of each file that it opens, from now on: a hook cannot be taken away, and is made once."""

    def opens(event: str, given: tuple) -> None:
        if event != "open" or not _watches:
            return
        path, _, flags = (*given, 0, 0, 0)[:3]  # some libraries tell less
        if isinstance(path, str) and not (isinstance(flags, int) and flags & _WRITES):
            with suppress(OSError):  # a working folder that is no more
                _watches[-1].opened.add(str(Path(path).absolute()))

    sys.addaudithook(opens)


@contextmanager
def watching() -> Iterator[Watch]:
    """Observe the imports and the reads made inside the block.

    Imports are seen where they are executed, also when the module was loaded before; what a loaded module imports at its
    top is found in its source (``closure``). That is why ``builtins.__import__`` is replaced meanwhile, the place that the
    language gives for it: a finder, an audit hook and ``sys.modules`` before and after all see a module when it is loaded,
    and in a process that was warmed up what a report imports is loaded. Following the source into functions as well would
    make each report depend on what makes the site.
    """
    watch = Watch()
    _listen()
    original = builtins.__import__

    def seen(name, globals=None, locals=None, fromlist=(), level=0):  # the signature of the built-in
        if level == 0 and name.partition(".")[0] == PACKAGE.name and not observation.paused():
            watch.modules.add(name)
            watch.modules.update(f"{name}.{part}" for part in fromlist or ())
        return original(name, globals, locals, fromlist, level)

    with observing() as reads:
        watch.reads = reads
        builtins.__import__ = seen
        _watches.append(watch)
        try:
            yield watch
        finally:
            _watches.remove(watch)
            watch.opened.clear()
            builtins.__import__ = original


def of_checkout(watch: Watch, root: Path, raw: Path) -> set[str]:
    """The files of a checkout that cells opened by themselves, and the modules that they imported from it.

    Args:
        watch: of the build. root: the checkout. raw: its folder of data, from which paths are given.

    What stands under ``data`` is seen by those who read it; the package is followed by its modules; what begins with a
    point (an environment) and what was made (``reports``) are no sources.
    """
    modules = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    names = set()
    for name in {*watch.opened, *filter(None, modules)}:
        path = Path(name)
        if not path.is_relative_to(root) or path.is_relative_to(PACKAGE) or path.suffix == ".pyc":
            continue
        first = path.relative_to(root).as_posix().partition("/")[0]
        if not first.startswith(".") and first not in _NO_SOURCES and path.is_file():
            names.add(Path(os.path.relpath(path, raw)).as_posix())
    return names


# ---------------------------------------------------------------------------------------------------------- what there is


class Present:
    """The state of everything that reports depend on, each part looked at once.

    Args:
        catalogue: the datasets. panel: the path of the built panel. records: the folder of the edition's records.
        common: what all the reports of an edition share, as JSON values: libraries, edition, engine.
        elsewhere: another folder with snapshots of the panel, that of the shared results.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        panel: Path | None,
        records: Path,
        common: Mapping[str, str],
        elsewhere: Path | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._panel = panel
        self.records = records
        self._snapshots = [records, *([elsewhere] if elsewhere else [])]
        self.common = dict(common)
        self.figures = (panel and stamp(panel)) or ""
        self._files: dict[str, str] = {}
        self._moved: dict[tuple[str, Checksums], str | None] = {}
        self._changes: dict[str, Changes | None] = {}

    def code(self, path: str) -> str:
        """Checksum of a file of the package; empty when it is gone."""
        return self._checksum(f"code:{path}", PACKAGE, path)

    def file(self, name: str) -> str:
        """Checksum of a file under ``data/raw``, or of the sidecars of a folder (``local/``)."""
        if name.endswith(".source.yml"):
            return self._sidecar(name)
        if name.endswith("/"):
            sidecars = sorted((self._catalogue.root / name).glob("*.source.yml"))
            return sha256_of(b"".join(path.read_bytes() for path in sidecars))
        return self._checksum(f"raw:{name}", self._catalogue.root, name)

    def _sidecar(self, name: str) -> str:
        """Checksum of what a sidecar tells a reader; the number and checksum of its rows are for ``figures`` to follow."""
        if name not in self._files:
            path = self._catalogue.sidecar_path(name.removesuffix(".source.yml"))
            text = path.read_bytes() if path.is_file() else b""
            self._files[name] = sha256_of(_OF_THE_TABLE.sub(b"", text))
        return self._files[name]

    def notebook(self, path: Path | None) -> str:
        """Checksum of a notebook; empty for a page that no notebook makes."""
        if path is None:
            return ""
        return self._checksum(f"notebook:{path.name}", path.parent, path.name)

    def _checksum(self, key: str, folder: Path, name: str) -> str:
        if key not in self._files:
            self._files[key] = sha256_at(folder / name)
        return self._files[key]

    def moved(self, kind: str, before: Checksums) -> str | None:
        """Which files differ from what they were, in one line; None when none does. ``kind``: ``code`` or ``file``."""
        if (kind, before) not in self._moved:
            now = {"code": self.code, "file": self.file}[kind]
            self._moved[kind, before] = _differs(kind, dict(before), {name: now(name) for name, _ in before})
        return self._moved[kind, before]

    def beside(self, path: str) -> str:
        """Checksum of a file of the edition; empty when it is gone."""
        return sha256_at(self.records.parent / path, ours=True)

    def changes(self, since: str) -> Changes | None:
        """What changed in the panel since one of its earlier states; None when that state is not known any more."""
        if since not in self._changes:
            self._changes[since] = None
            before = states.find(self._snapshots, since)
            if before is not None:
                from analysis.reports.kept import snapshots

                with suppress(ValueError):  # what is no snapshot tells nothing
                    self._changes[since] = snapshots.Changes.between(snapshots.read(before), self._rows)
        return self._changes[since]

    @cached_property
    def _rows(self) -> pd.DataFrame:
        """The snapshot of the panel as it is. FiguresChanged when another was built meanwhile."""
        from analysis.reports.kept import snapshots

        if self._panel is None:
            raise ValueError("there is no panel to tell the changes of")
        content = self._panel.read_bytes()
        Given(self._panel, self.figures).check(sha256_of(content))
        return snapshots.of_panel(content)

    def keep_snapshot(self) -> None:
        """Keep the rows of the panel as it is, for the records that refer to it, where they are lost or damaged."""
        wanting = [folder for folder in self._snapshots if states.find([folder], self.figures) is None]
        if not self.figures or not wanting:
            return
        content = states.find(self._snapshots, self.figures)
        if content is None:
            from analysis.reports.kept import snapshots

            content = snapshots.written(self._rows)
        for folder in wanting:
            with suppress(OSError) if folder != self.records else nullcontext():  # the other is a second one
                states.keep(folder, self.figures, content)


# --------------------------------------------------------------------------------------------------------------- records


@dataclass(frozen=True)
class Record:
    """What a report was made from, the page that came out, and what stands beside it.

    It is kept as four lines of JSON: what is its own, with the checksum of the three that follow; ``code``; ``files``;
    ``reads``. Most reports share their second and third lines with others, and few are asked for the last.
    """

    page: str
    notebook: str
    parameters: Mapping[str, str]
    common: Mapping[str, str]
    code: Checksums
    files: Checksums
    figures: str
    reads: bytes
    """The figures read, ``grouped``, as a line of JSON: looked at only when the figures have changed."""
    beside: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> bytes:
        """The record as it is kept."""
        rest = b"\n".join((_json(dict(self.code)), _json(dict(self.files)), self.reads))
        own = {name: value for name, value in vars(self).items() if name not in _APART}
        return _json(own | {"rest": sha256_of(rest)}) + b"\n" + rest + b"\n"

    @classmethod
    def from_json(cls, text: bytes) -> Record:
        """ValueError, TypeError, KeyError, AttributeError or RecursionError when it is not a whole record."""
        first, _, rest = text.removesuffix(b"\n").partition(b"\n")
        own = json.loads(first)
        if own.pop("rest") != sha256_of(rest):
            raise ValueError("a record that is not whole")
        texts, tables = ("page", "notebook", "figures"), ("parameters", "common", "beside")
        if not all(type(own[n]) is str for n in texts) or not all(type(own[n]) is dict for n in tables):
            raise TypeError("not a record")
        code, files, reads = rest.split(b"\n")
        return cls(**own, code=_checksums(code), files=_checksums(files), reads=reads)


_APART = ("code", "files", "reads")


def _json(content: Mapping) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@lru_cache(maxsize=1024)
def _checksums(line: bytes) -> Checksums:
    pairs = tuple(json.loads(line).items())
    if not all(type(checksum) is str for _, checksum in pairs):
        raise TypeError("not checksums")
    return pairs


def ungrouped(reads: Mapping[str, list[list]]) -> Iterator[FigureRead]:
    """Each read of a figure among those that ``grouped`` put together."""
    for name, rows in reads.items():
        for territory, period, coverage in rows:
            yield FigureRead(name, territory, period, bool(coverage))


def grouped(reads: Iterable[FigureRead]) -> dict[str, list[list]]:
    """Reads by indicator, in order, each a list of (territory, period, 1 when only coverage was asked): most name many
    territories of one period.
    """
    groups: dict[str, list[list]] = {}
    for read in sorted(reads):
        groups.setdefault(read.indicator, []).append([read.territory, read.period, int(read.coverage)])
    return groups


def path_of(records: Path, task: Task) -> Path:
    """Where the record of a report is kept."""
    return records / task.file(".json")


def read_record(records: Path, task: Task) -> Record | None:
    """The record of a report, or None when there is none that can be read."""
    try:
        return Record.from_json(places.content(path_of(records, task)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def make_record(
    watch: Watch, page: str, notebook: Path | None, parameters: Mapping[str, str], present: Present
) -> Record:
    """The record of a report that was just built under ``watch``; ``page`` is its checksum."""
    return Record(
        page=page,
        notebook=present.notebook(notebook),
        parameters=dict(parameters),
        common=present.common,
        code=tuple((path, present.code(path)) for path in closure({*watch.modules, *watch.reads.modules})),
        files=tuple((name, present.file(name)) for name in sorted(watch.reads.files)),
        figures=present.figures,
        reads=_json(grouped(watch.reads.figures)),
        beside=watch.beside,
    )


def why(
    record: Record | None,
    page: str,
    notebook: Path | None,
    parameters: Mapping[str, str],
    present: Present,
) -> str | None:
    """Why a report must be rebuilt, in one line; None when it is up to date.

    Args:
        record: what it was made from. page: checksum of the page that is there, empty when there is none.
        notebook, parameters, present: what it would be made from.
    """
    if record is None:
        return "never built, or its record is lost"
    checks: tuple[Callable[[], str | None], ...] = (
        lambda: None if page else "its page is not there",
        lambda: None if page == record.page and not _altered(record, present) else "its page was altered",
        lambda: _differs("parameter", record.parameters, parameters),
        lambda: _differs("setting", record.common, present.common),
        lambda: (
            None
            if record.notebook == present.notebook(notebook)
            else f"notebook {notebook and notebook.name} changed"
        ),
        lambda: present.moved("code", record.code),
        lambda: present.moved("file", record.files),
        lambda: figures_differ(record.figures, lambda: json.loads(record.reads), present),
    )
    return next((reason for check in checks if (reason := check())), None)


def _altered(record: Record, present: Present) -> bool:
    """Whether something beside a page is lost or is not what was written."""
    return any(present.beside(path) != checksum for path, checksum in record.beside.items())


def _differs(kind: str, before: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    names = [name for name in sorted({*before, *now}) if before.get(name) != now.get(name)]
    if not names:
        return None
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{kind} {names[0]}{more} changed"


def figures_differ(
    figures: str, reads: Callable[[], Mapping[str, list[list]]], present: Present
) -> str | None:
    """Which figures changed among those read from an earlier state of the panel, in one line; None when none did.

    Args:
        figures: that state. reads: gives the figures read, ``grouped``; called when the panel has changed.
    """
    if figures == present.figures:
        return None
    changes = present.changes(figures)
    if changes is None:
        return "the figures changed, and those it was made from are not known any more"
    if not changes.whole:
        return None
    try:
        touched = {name: rows for name, rows in reads().items() if name in changes.indicators}
        concerned = {key for read in ungrouped(touched) if (key := changes.concern(read))}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return "what it was made from cannot be read any more"
    if not concerned:
        return None
    first = min(concerned)
    more = f" and {len(concerned) - 1} more" if len(concerned) > 1 else ""
    return f"figure {first[0]}, {first[1]}, {first[2]}{more} changed"


_FIGURES = re.compile(rb'"figures":"([0-9a-f]*)"')


def prune(records: Path) -> None:
    """Remove the snapshots that no record refers to, and those that are not whole."""
    if any(records.glob("figures-*.parquet")):
        matches = (_FIGURES.search(_text(path)) for path in records.glob("*/*.json"))
        states.prune(records, {match[1].decode() for match in matches if match})


def _text(path: Path) -> bytes:
    """What a record holds; nothing when it is none."""
    try:
        return places.content(path)
    except OSError:
        return b""
