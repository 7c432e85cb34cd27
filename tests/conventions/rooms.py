"""The imports of the package as a graph, and what is wrong with it: an import from a room above, a circle.

Every import counts: at the head of a module, in a function, for types only, and by name in a text (``"analysis.x.y:made"``),
which is how results are asked of other processes.
"""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import grimp

_BY_NAME = re.compile(r"(analysis(?:\.\w+)+)(?::\w+)?")

Edges = Mapping[str, set[str]]
"""The modules that each module imports."""


def edges(folder: Path) -> dict[str, set[str]]:
    """What each module of the package in a folder imports of the package.

    The package must be importable; those whose names stand in a text are found in the files of ``folder``.
    """
    graph = grimp.build_graph("analysis", cache_dir=None)
    found = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}
    for module, names in found.items():
        names |= {name for name in _named(_file(folder, module)) if name in found and name != module}
    return found


def _file(folder: Path, module: str) -> Path:
    path = folder.joinpath(*module.split(".")[1:])
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _named(path: Path) -> Iterator[str]:
    """The modules that the texts of a file name, and nothing else."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            named = _BY_NAME.fullmatch(node.value)
            if named:
                yield named[1]


def order(document: str) -> list[str]:
    """The rooms from the ground up: first word of each line of the code block that follows ``## Rooms``."""
    block = document.split("## Rooms", 1)[1].split("```", 2)[1]
    return [line.split()[0].rstrip("/") for line in block.splitlines()[1:] if line[:1].strip()]


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def from_above(edges: Edges, rooms: Sequence[str]) -> list[str]:
    """The imports from a room that comes later, a line each; whatever stands in no room is at the top."""
    rank = {room: n for n, room in enumerate(rooms)}
    return [
        f"{module} imports {other}, which is above it"
        for module in sorted(edges)
        for other in sorted(edges[module])
        if rank.get(_room(other), len(rooms)) > rank.get(_room(module), len(rooms))
    ]


def circle(edges: Edges) -> list[str]:
    """A circle of imports, each importing the next; empty where there is none."""
    try:
        graphlib.TopologicalSorter(edges).prepare()
    except graphlib.CycleError as error:
        return list(reversed(error.args[1]))
    return []


def circles(edges: Edges) -> dict[str, list[str]]:
    """A circle among modules, and one among what stands side by side in each folder, taken with all it holds; by folder."""
    found = {"modules": circle(edges)}
    for folder in sorted({".".join(m.split(".")[:n]) for m in edges for n in range(1, m.count(".") + 1)}):
        beside: dict[str, set[str]] = {}
        depth = folder.count(".") + 2
        for module, others in edges.items():
            if module.startswith(f"{folder}."):
                name = ".".join(module.split(".")[:depth])
                inside = {
                    ".".join(other.split(".")[:depth]) for other in others if other.startswith(f"{folder}.")
                }
                beside.setdefault(name, set()).update(inside - {name})
        found[folder] = circle(beside)
    return {where: members for where, members in found.items() if members}
