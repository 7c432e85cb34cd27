"""What is used: the public names of the package that something other than a test reaches.

Reached is what the roots name (commands, notebooks, benchmarks, the examples of the documentation, templates), and what
the body of something reached names in turn. Names are resolved through imports; an attribute of what is no module reaches
every member of that name in the package, so that a use is missed more easily than invented.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

PACKAGE = "analysis"
_DOTTED = re.compile(rf"{PACKAGE}(?:\.\w+)+(?::\w+)?")
_PLAIN = ("property", "cached_property", "classmethod", "staticmethod", "cache", "lru_cache", "dataclass", "contextmanager",
          "total_ordering", "overload")  # fmt: skip
"""Decorators that register nothing: what has only these is used by its name."""


@dataclass
class _Thing:
    """A definition: where it is, what its body names, and the members of a class."""

    where: str
    names: set[str] = field(default_factory=set)
    registered: bool = False


def unused(
    modules: Mapping[str, str], roots: Iterable[str], attributes: Iterable[str] = ()
) -> Iterator[tuple[str, str]]:
    """Public functions, classes, methods and constants of ``modules`` (text by path) that no root reaches, with their place.

    ``roots`` are texts of Python outside the package, ``attributes`` names that other languages ask of objects.
    """
    package = _Package(modules)
    reached = package.reached(roots, {f".{name}" for name in attributes})
    for name, thing in package.things.items():
        public = not any(part.startswith("_") for part in name.split("."))
        if public and name not in reached:
            yield name.removeprefix(PACKAGE + "."), thing.where


class _Package:
    """Every definition of the package by its dotted name, and the aliases that imports make of them."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.things: dict[str, _Thing] = {}
        self.aliases: dict[str, str] = {}
        self.modules = {dotted(path): ast.parse(text) for path, text in modules.items()}
        self.always: set[str] = set()
        paths = {dotted(path): path for path in modules}
        for module, tree in self.modules.items():
            scope = _imported(_outside_functions(tree.body), paths[module])
            self.aliases |= {
                f"{module}.{name}": target for name, target in scope.items() if target.startswith(PACKAGE)
            }
            scope |= {name: f"{module}.{name}" for node in tree.body for name in _defined(node)}
            for node in tree.body:
                self._take(node, module, paths[module], scope | _imported(ast.walk(node), paths[module]))

    def _take(self, node: ast.stmt, module: str, path: str, scope: Mapping[str, str]) -> None:
        names = list(_defined(node))
        if not names:
            if not isinstance(node, ast.Import | ast.ImportFrom):
                self.always |= _named(node, scope)
            return
        if isinstance(node, ast.ClassDef):
            self._take_class(node, module, path, scope)
            return
        for name in names:
            thing = self.things.setdefault(f"{module}.{name}", _Thing(f"{path}:{node.lineno}"))
            thing.names |= _named(node, scope) - {f"{module}.{name}"}
            if isinstance(node, ast.FunctionDef) and (_registers(node) or name.startswith("__")):
                self.always.add(f"{module}.{name}")

    def _take_class(self, node: ast.ClassDef, module: str, path: str, scope: Mapping[str, str]) -> None:
        own = f"{module}.{node.name}"
        whole = self.things[own] = _Thing(f"{path}:{node.lineno}")
        if not any(target.startswith(PACKAGE) for target in _bases(node, scope)):
            scope = {**scope, "self": own, "cls": own}
        outside = any(not target.startswith(PACKAGE) for target in _bases(node, scope))
        for part in [*node.decorator_list, *node.bases, *node.keywords]:
            whole.names |= _named(part, scope)
        for part in node.body:
            defined = isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
            constant = isinstance(part, ast.Assign)
            names = list(_defined(part)) if defined or constant else []
            if not names or outside or (names[0].startswith("__") and names[0].endswith("__")):
                whole.names |= _named(part, scope)
                continue
            for name in names:
                self.things[f"{own}.{name}"] = _Thing(f"{path}:{part.lineno}", _named(part, scope))

    def reached(self, roots: Iterable[str], attributes: set[str]) -> set[str]:
        """The dotted names that something reaches, a member only once its class is."""
        members: dict[str, list[str]] = {}
        for name in self.things:
            if name.rpartition(".")[0] in self.things:
                members.setdefault("." + name.rpartition(".")[2], []).append(name)
        waiting = [*self.always, *attributes]
        for text in roots:
            tree = ast.parse(text)
            waiting += _named(tree, _imported(ast.walk(tree), ""))
        seen: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            if name.startswith("."):
                waiting += [one for one in members.get(name, ()) if one.rpartition(".")[0] in seen]
                continue
            for one in self._things_of(name):
                seen.add(one)
                waiting += self.things[one].names
                waiting += [
                    m for kind, ms in members.items() if kind in seen for m in ms if m.startswith(one + ".")
                ]
        return seen

    def _things_of(self, dotted: str) -> list[str]:
        """The definition that a dotted name means, through aliases, with the class that a member is of."""
        parts = dotted.split(".")
        for cut in range(len(parts), 0, -1):
            name, rest = ".".join(parts[:cut]), parts[cut:]
            for _ in range(5):
                name = self.aliases.get(name, name)
            if name in self.things:
                member = ".".join([name, *rest[:1]])
                return [name, member] if rest and member in self.things else [name]
            if name != ".".join(parts[:cut]):
                return self._things_of(".".join([name, *rest]))
        return []


def dotted(path: str) -> str:
    """The name of a module from its path."""
    return path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _defined(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module or a class defines."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (
                part.id
                for part in ast.walk(target)
                if isinstance(part, ast.Name) and not part.id.startswith("__")
            )
    elif isinstance(node, ast.If | ast.Try):
        for part in [*node.body, *node.orelse]:
            yield from _defined(part)


def _outside_functions(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try):
            yield from _outside_functions([*node.body, *node.orelse])


def _imported(nodes: Iterable[ast.AST], path: str) -> dict[str, str]:
    """What each imported name means."""
    scope = {}
    package = path.removeprefix("src/").removesuffix(".py").split("/")[:-1]
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                scope[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            scope |= {alias.asname or alias.name: f"{stem}.{alias.name}" for alias in node.names}
    return scope


def _named(node: ast.AST, scope: Mapping[str, str]) -> set[str]:
    """What a piece of code names: dotted names of the package, ``.attribute`` of everything else, and names in texts."""
    found: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute):
            if getattr(part.value, "id", "") not in ("self", "cls") or "self" not in scope:
                found.add("." + part.attr)
            found.add(_chain(part, scope))
        elif isinstance(part, ast.Name):
            found.add(scope.get(part.id, ""))
        elif isinstance(part, ast.Constant) and isinstance(part.value, str) and _DOTTED.fullmatch(part.value):
            found.add(part.value.replace(":", "."))
        elif isinstance(part, ast.Call) and getattr(part.func, "id", "") == "getattr" and len(part.args) > 1:
            found |= {f".{c.value}" for c in ast.walk(part.args[1]) if isinstance(c, ast.Constant)}
    return found - {""}


def _chain(node: ast.expr, scope: Mapping[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        base = _chain(node.value, scope)
        return f"{base}.{node.attr}" if base else ""
    return scope.get(node.id, "") if isinstance(node, ast.Name) else ""


def _bases(node: ast.ClassDef, scope: Mapping[str, str]) -> list[str]:
    named = [_chain(base, scope) or getattr(base, "id", "?") for base in node.bases]
    return [
        name for name in named if name not in ("Generic", "Protocol", "object", "ValueError", "Exception")
    ]


def _registers(node: ast.FunctionDef) -> bool:
    said = [ast.unparse(one).split("(")[0].rpartition(".")[2] for one in node.decorator_list]
    return any(one not in _PLAIN for one in said)
