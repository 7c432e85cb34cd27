"""The beginning of a source: its loader, its description and its test, with ``...`` wherever a person decides.

``begin`` writes them as files of the checkout, whole or not at all, and never over one that is there. What it writes refuses
to be imported until nothing is left to decide (``Dataset.undecided``), and the conventions say where something is. It knows
nothing of the published file: what a heading means, in which unit, of whom, is for the person who looked at it.

Beside the way of the data: a loader comes of it, no figure.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any
from unicodedata import normalize

from analysis.data import sources
from analysis.data.sources.base import Dataset, home
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy
from analysis.foundations import connectors, territories
from analysis.foundations.cells import figures
from analysis.foundations.display import nearest, shown
from analysis.foundations.files import write_if_new, write_whole
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*/[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_LONGEST = 60
_WIDTH = 110
"""Characters of a line of code."""

_APART = ("local", "parameters")
"""Folders of figures that are no producer's."""

_LOADER = '''\
def load_{dataset}(paths: Sequence[Path]) -> pd.DataFrame:
    """... by département and year."""
    path = paths[0]
    published = read_csv(path)
    code, year, count = ..., ..., ...  # headings
    require_columns(published, (code, year, count), path.name)
    return figures(
        pd.DataFrame(
            {{
                "territory": territories.parse_series(published[code], level="departement"),
                "period": published[year],
                "indicator": ...,
                "value": numbers(published[count], path.name),
            }}
        )
    )
'''
_DESCRIPTION = """\
    Dataset(
        name="{producer}/{dataset}",
        producer=...,
        title=...,
        url=...,
        licence=...,
        vintage=...,
        perimeter=...,
        files=("{dataset}.csv",),
"""
_ENTRY = (
    _DESCRIPTION
    + """\
        load=load_{dataset},
        quality=...,
    ),
"""
)
_FETCHED = (
    _DESCRIPTION
    + """\
        load=Tidy(territory=..., period=..., measures={{...: ...}}),
        remote=Remote(({connector},), columns=...),
    ),
"""
)
_MODULE_FETCHED = '''\
"""{producer}: ... by département, as its machine gives it.

... is not read here. First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

{imports}

DATASETS = (
{entry})
'''
_MODULE = '''\
"""{producer}: ... by département and year.

... is not read here. First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

{imports}


{loader}

DATASETS = (
{entry})
'''
_TEST = '''\
"""{producer}/{dataset}: ... and what its file has that could make a figure wrong."""

import pytest

from {package} import dataset
from {errors} import SourceError
from tests.checks import Check, total

ENTRY = dataset("{producer}/{dataset}")
HEADER, ROW, SAYS = ..., ..., ...  # lines of the file, and the territory, period, indicator and value that they give
BLANK = ...  # a line without a number

CHECKS = (Check(figure=..., published=..., by=..., ours=lambda: total(..., ...), why=...),)


def loaded(folder, *lines):
    path = folder / "published.csv"
    path.write_text("\\n".join(lines), encoding="utf-8")
    return ENTRY.load([path])


def test_a_line_gives_its_figure(tmp_path):
    (row,) = loaded(tmp_path, HEADER, ROW).to_dict("records")
    assert (row["territory"], row["period"], row["indicator"], row["value"]) == SAYS
    assert row["state"] == "observed"


def test_a_blank_is_unavailable_and_never_zero(tmp_path):
    assert loaded(tmp_path, HEADER, BLANK)["state"].tolist() == ["unavailable"]


def test_a_file_without_its_columns_is_refused(tmp_path):
    with pytest.raises(SourceError, match="no column"):
        loaded(tmp_path, "another", "1")
'''
_TEST_PUBLISHED = """

def test_the_published_file_gives_what_its_producer_prints(published):
    frame = ENTRY.load([published("{producer}", ENTRY.files[0])])
    assert frame["value"].sum() == ...
"""


@dataclass(frozen=True)
class Begun:
    """What was written, and each place where something remains to be decided: path, line and what stands there."""

    files: tuple[Path, ...]
    left: tuple[tuple[Path, int, str], ...]


@dataclass(frozen=True)
class _File:
    """A file to write, and what it holds now if it is to be changed."""

    path: Path
    text: str
    before: bytes | None = None

    def left(self) -> Iterator[tuple[Path, int, str]]:
        """The new lines that a person is to complete."""
        old = set(self.before.decode("utf-8").splitlines()) if self.before else set()
        for number, line in enumerate(self.text.splitlines(), 1):
            if "..." in line and line not in old:
                yield self.path, number, line.strip()


def begin(name: str, checkout: Path, new_producer: bool = False, connector: str | None = None) -> Begun:
    """Begin the dataset ``producer/dataset`` in a checkout; one that is fetched, with the name of its connector.

    A producer that has one module is given the loader there; one that has a folder, a module in it; another, a module.
    Raises SourceError for what is no such name or connector, for one that is there, for a producer that is not known and
    resembles one (unless ``new_producer``), for a file in the way, and for a checkout that is not this package's.
    """
    producers = _producers()
    producer, dataset = _named(name, producers, new_producer)
    folder, tests = _place(sources.__name__, checkout), checkout / "tests" / "data"
    for one in (folder, tests):
        if not one.is_dir():
            raise SourceError(f"{checkout} is no checkout in which a source can be begun: it has no {one}")
    there, what = (
        producers.get(producer),
        _Source(producer, dataset, _connector(connector) if connector else None),
    )
    if there is None:
        loader = _File(folder / f"{producer}.py", _module(what))
    elif there.count(".") > sources.__name__.count(".") + 1:
        loader = _File(_place(there, checkout).parent / f"{dataset}.py", _module(what))
    else:
        loader = _in_module(_place(there, checkout).with_suffix(".py"), what)
    subject = f"{producer}_{dataset}" if there else producer
    text = (_TEST if connector else _TEST + _TEST_PUBLISHED).format(
        producer=producer, dataset=dataset, package=sources.__name__, errors=SourceError.__module__
    )
    files = (loader, _File(tests / f"test_{subject}.py", text))
    _write(files)
    return Begun(tuple(f.path for f in files), tuple(place for f in files for place in f.left()))


# -------------------------------------------------------------------------------------------------------------- names


def _producers() -> dict[str, str]:
    """The last module in which datasets of each producer are described."""
    return {
        entry.name.split("/")[0]: module.__name__ for module in sources.modules() for entry in module.DATASETS
    }


def _place(module: str, checkout: Path) -> Path:
    """Where a module of the package is in a checkout, without its ending."""
    return checkout.joinpath("src", *module.split("."))


def _named(name: str, producers: Mapping[str, str], new_producer: bool) -> tuple[str, str]:
    """Producer and dataset; SourceError when none of that name can be begun."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        ascii_only = normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
        plain = "/".join("_".join(re.findall("[a-z0-9]+", part)) for part in ascii_only.split("/"))
        like = f"; did you mean {plain}?" if _NAME.fullmatch(plain) and len(plain) <= _LONGEST else ""
        raise SourceError(
            f"{shown(name)} is not PRODUCER/DATASET, both in lower-case letters, digits and underscores, "
            f"{_LONGEST} in all{like}"
        )
    known = sources.datasets()
    if name in known:
        raise SourceError(
            f"{name} is there already, read by {home(known[name])}; "
            "import a newer file of it with `pacte data import`"
        )
    producer, dataset = name.split("/")
    kinds = {entry.kind for one, entry in known.items() if one.startswith(f"{producer}/")}
    if kinds and "figures" not in kinds:
        raise SourceError(f"{producer} holds registers, not figures: see CONTRIBUTING.md, Add a policy")
    for word in (producer, dataset):
        if keyword.iskeyword(word) or word in _APART:
            raise SourceError(
                f"{word!r} cannot be part of a name: Python or the project uses it; choose another"
            )
    near = nearest(producer, producers)
    if producer not in producers and near and not new_producer:
        raise SourceError(
            f"no producer is named {producer!r}; did you mean {near[0]}/{dataset}? If it is another, say so with "
            "--new-producer"
        )
    return producer, dataset


# -------------------------------------------------------------------------------------------------------------- texts

_DESCRIBED = {Dataset.__module__: ("Dataset",)}
_READ = {
    "collections.abc": ("Sequence",),
    "pathlib": ("Path",),
    territories.__name__.rpartition(".")[0]: ("territories",),
    figures.__module__: ("figures", "numbers", "require_columns"),
    read_csv.__module__: ("read_csv",),
}
"""What a loader of its own imports, beside pandas, by module."""


@dataclass(frozen=True)
class _Source:
    """A dataset to begin, and the class of the connector by which it is fetched, if it is."""

    producer: str
    dataset: str
    connector: type | None

    @property
    def given(self) -> dict[str, str]:
        """What stands in the place of the names in the texts."""
        needed = [one.name for one in fields(self.connector) if _is_needed(one)] if self.connector else []
        call = (
            f"{self.connector.__name__}({', '.join(f'{name}=...' for name in needed)})"
            if self.connector
            else ""
        )
        return {"producer": self.producer, "dataset": self.dataset, "connector": call}

    @property
    def loader(self) -> list[str]:
        """The lines of its loader; none where a generic one reads it."""
        return [] if self.connector else _LOADER.format(**self.given).splitlines()

    @property
    def entry(self) -> str:
        """Its description."""
        return (_FETCHED if self.connector else _ENTRY).format(**self.given)

    @property
    def needed(self) -> dict[str, tuple[str, ...]]:
        """What it imports, by module, in the order of the modules."""
        more = _READ
        if self.connector:
            own = {self.connector.__module__: (self.connector.__name__,)}
            more = {Remote.__module__: ("Remote",), Tidy.__module__: ("Tidy",), **own}
        both = _DESCRIBED | more
        return {
            name: both[name] for name in sorted(both, key=lambda name: (name.startswith("analysis"), name))
        }


def _is_needed(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _connector(name: str) -> type:
    """The connector of a name, that of its class or of the only one of its module; SourceError with those there are."""
    found: dict[str, list[type]] = {}
    for module in (
        import_module(one.name) for one in walk_packages(connectors.__path__, f"{connectors.__name__}.")
    ):
        for thing in vars(module).values():
            if (
                isinstance(thing, type)
                and is_dataclass(thing)
                and hasattr(thing, "fetch")
                and thing.__module__ == module.__name__
            ):
                for key in (thing.__name__, module.__name__.rpartition(".")[2]):
                    found.setdefault(key.casefold(), []).append(thing)
    chosen = set(found.get(name.casefold(), ()))
    if len(chosen) != 1:
        names = sorted({one.__name__ for classes in found.values() for one in classes})
        raise SourceError(f"{shown(name)} is no connector, or several; there are {', '.join(names)}")
    return chosen.pop()


def _module(what: _Source) -> str:
    """The text of a new module with one dataset."""
    ours = [_import(module, names) for module, names in what.needed.items() if module.startswith("analysis")]
    text = _MODULE_FETCHED if what.connector else _MODULE
    loader = "\n".join(what.loader) + "\n"
    return text.format(**what.given, imports="\n".join(ours), loader=loader, entry=what.entry)


def _in_module(path: Path, what: _Source) -> _File:
    """A module with one more loader, before the descriptions, and one more description, after the others."""
    before = path.read_bytes()
    lines = before.decode("utf-8").splitlines()
    body = ast.parse(before).body
    last = body[-1]
    if (
        not isinstance(last, ast.Assign | ast.AnnAssign)
        or not isinstance(last.value, ast.Tuple)
        or lines[-1] != ")"
    ):
        raise SourceError(f"{path.name} does not end with its DATASETS, a tuple: begin the source by hand")
    bound = {name: node for node in body for name in _bound(node)}
    if what.loader and f"load_{what.dataset}" in bound:
        raise SourceError(f"{path.name} has a load_{what.dataset} already; give the dataset another name")
    end = len(lines) - 1
    lines[end:end] = what.entry.splitlines()
    if what.loader:
        lines[last.lineno - 1 : last.lineno - 1] = [*what.loader, "", ""]
    for module, names in reversed(what.needed.items()):
        _import_into(lines, path, module, [name for name in names if name not in bound], body)
    return _File(path, "\n".join(lines) + "\n", before)


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name for alias in node.names)
    elif isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    else:
        yield from (n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))


def _import_into(
    lines: list[str], path: Path, module: str, names: Sequence[str], body: Sequence[ast.stmt]
) -> None:
    """Import some more names of a module where others are; SourceError when none is."""
    if not names:
        return
    imports = [node for node in body if isinstance(node, ast.ImportFrom) and node.module]
    for node in imports:
        if node.module == module:
            every = [*names, *(alias.name for alias in node.names)]
            lines[node.lineno - 1 : node.end_lineno] = _import(module, every).splitlines()
            return
    ours = [node for node in imports if str(node.module).startswith("analysis")]
    before = [node for node in ours if str(node.module) < module]
    if not before or not module.startswith("analysis"):
        raise SourceError(
            f"{path.name} imports nothing of {module}; import {', '.join(names)} there, and try again"
        )
    lines[before[-1].end_lineno : before[-1].end_lineno] = _import(module, names).splitlines()


def _import(module: str, names: Iterable[str]) -> str:
    """An import as the linter wants it: constants, classes, functions; on one line when it holds there."""
    ordered = sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in ordered), ")"])


# -------------------------------------------------------------------------------------------------------------- files


def _write(files: Sequence[_File]) -> None:
    """Write files, all or none; SourceError when one that is to be new is there, or one cannot be written."""
    done: list[_File] = []
    try:
        for file in files:
            if file.before is None:
                with file.path.open("xb") as stream:  # makes the file or fails, follows no link
                    done.append(file)
                    stream.write(file.text.encode("utf-8"))
            else:
                done.append(file)
                write_whole(file.path, file.text.encode("utf-8"))
    except BaseException as error:
        for one in done:
            if one.before is None:
                one.path.unlink(missing_ok=True)
            else:
                write_if_new(one.path, one.before)
        if isinstance(error, FileExistsError):
            raise SourceError(f"{file.path} is there already, and nothing was written") from error
        if isinstance(error, OSError):
            raise SourceError(f"{file.path} cannot be written ({error.strerror}), and nothing was") from error
        raise
