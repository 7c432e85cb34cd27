"""Which files of the package something rests on: computed from the imports in the sources, and from the files they name.

Whoever keeps what was made (a report, a result common to all, the panel) keeps the checksums of these files with it, and
makes it again when one differs; a comparison names the nearest of them that changed. Nobody lists them by hand.

It stands among what everything is built on: it reads sources, and runs none of them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from analysis.foundations.files import PACKAGE

TEMPLATE = ".j2"
"""How the name of a template ends."""
_ENDING = re.compile(r"\.[a-z0-9]{2,5}$")


def closure(modules: Iterable[str]) -> tuple[str, ...]:
    """The package's files behind modules: their sources, those that these import, and the data files that they name.

    Paths are relative to the package, sorted. With a module come the packages in which it stands, which are loaded before
    it; names that are no module (a function imported from one) are passed over.
    """
    return tuple(sorted(_behind(modules, _parents)))


def nearest(module: str) -> tuple[str, ...]:
    """The files by which a module does its work: its own source, those that it imports, then those that these import.

    The packages in which they stand are left out: they open the way, and compute nothing.
    """
    return tuple(_behind([module], lambda name: [name]))


def of_file(path: str) -> tuple[str, ...]:
    """The same of a source given by its path in the package; itself alone where it is not there."""
    return nearest(f"{PACKAGE.name}.{path.removesuffix('.py').replace('/', '.')}") or (path,)


def _behind(modules: Iterable[str], loaded: Callable[[str], list[str]]) -> dict[str, None]:
    """The files behind modules by how many imports lead to them; ``loaded``: the modules that are loaded with one."""
    found: dict[str, None] = {}
    waiting = [name for module in modules for name in loaded(module)]
    while waiting:
        new = dict.fromkeys(path for path in map(_source, waiting) if path and path not in found)
        uses = [_uses(path) for path in new]
        data = [name for _, names in uses for name in names]
        found |= new | dict.fromkeys(data)
        found |= dict.fromkeys(other for name in data if name.endswith(TEMPLATE) for other in _extended(name))
        waiting = [one for imports, _ in uses for module in imports for one in loaded(module)]
    return found


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:i]) for i in range(1, len(parts) + 1)]


@cache
def _source(module: str) -> str | None:
    """The file of a module of the package, relative to it; None for what is not one."""
    base = PACKAGE.parent.joinpath(*module.split("."))
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path.relative_to(PACKAGE).as_posix()
    return None


@cache
def _uses(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Modules of the package that a source imports when it is loaded, and files of the package that it names."""
    tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
    imports: set[str] = set()
    for node in _loaded(tree):
        if isinstance(node, ast.Import):
            imports.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            parts = [f"{node.module}.{alias.name}" for alias in node.names]
            imports.update(part if _source(part) else node.module for part in parts)
    names = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    beside, computed = path.rpartition("/")[0], _computed(tree)
    data = tuple(
        sorted(
            file
            for file, (folder, _, name) in ((one, one.rpartition("/")) for one in _data_files())
            if name in names or (folder == beside and computed.fullmatch(name))
        )
    )
    return tuple(sorted(i for i in imports if i.partition(".")[0] == PACKAGE.name)), data


def _computed(tree: ast.AST) -> re.Pattern[str]:
    """What a name that a source computes may be (``f"{kind}.csv"``): it may read any such file that stands beside it."""
    forms = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [str(n.value) if isinstance(n, ast.Constant) else None for n in node.values]
            if _ENDING.search(parts[-1] or ""):
                forms.append("".join("[^/]*" if part is None else re.escape(part) for part in parts))
    return re.compile("|".join(forms) or "(?!)")


@cache
def _extended(template: str) -> tuple[str, ...]:
    """The templates that one extends, includes or imports, and those behind them."""
    found: set[str] = set()
    waiting = [template]
    while waiting:
        new = _referenced(waiting.pop()) - found
        found |= new
        waiting += new
    return tuple(sorted(found))


def _referenced(template: str) -> set[str]:
    """The templates that one names; every one, when it computes the name."""
    from jinja2 import Environment, meta  # what makes a record has made a page, with templates

    names = set(meta.find_referenced_templates(Environment().parse((PACKAGE / template).read_text("utf-8"))))  # noqa: S701 - parsed, not rendered
    known = {name for name in _data_files() if name.endswith(TEMPLATE)}
    return known if None in names else {name for name in known if name.rpartition("/")[2] in names}


def _loaded(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when a module is loaded: everything outside functions, and what is not for type checkers alone."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                waiting.append(child)


@cache
def _data_files() -> tuple[str, ...]:
    """Files of the package that are not code."""
    files = (p for p in PACKAGE.rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc"))
    return tuple(sorted(p.relative_to(PACKAGE).as_posix() for p in files if "__pycache__" not in p.parts))
