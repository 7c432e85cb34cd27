"""The imports of the package as a graph, and what is wrong with it: an import from a room above, a circle.

Every import counts: at the head of a module, in a function, for types only, and by name in a text (``"analysis.x.y:made"``),
which is how results are asked of other processes.
``python -m tests.conventions.rooms`` prints the rooms as a table.
"""

from __future__ import annotations

import ast
import graphlib
import re
from collections import Counter
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


def lines(folder: Path, rooms: Sequence[str]) -> dict[str, int]:
    """Lines of code by room, ``""`` for what stands at the top."""
    counted = dict.fromkeys([*rooms, ""], 0)
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).parts
        counted[parts[0] if len(parts) > 1 else ""] += path.read_text(encoding="utf-8").count("\n")
    return counted


def table(folder: Path, rooms: Sequence[str]) -> str:
    """The rooms with their modules, their lines, and from which others they import how often, as a table in Markdown."""
    graph, counted = edges(folder), lines(folder, rooms)
    rows = ["| room | modules | lines | share | imports of other rooms |", "|---|---|---|---|---|"]
    for room in rooms:
        inside = {module: others for module, others in graph.items() if _room(module) == room}
        arrows = Counter(_room(other) for others in inside.values() for other in others)
        told = ", ".join(f"{other} {arrows[other]}" for other in rooms if other != room and arrows[other])
        share = 100 * counted[room] / sum(counted.values())
        rows.append(f"| {room} | {len(inside)} | {counted[room]:,} | {share:.1f} % | {told} |")
    found = circles(graph)
    rows += ["", f"From a later room: {len(from_above(graph, rooms))}. Circles: {len(found)}."]
    return "\n".join(rows)


if __name__ == "__main__":
    ROOT = Path(__file__).resolve().parents[2]
    print(
        table(
            ROOT / "src" / "analysis", order((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
        )
    )
