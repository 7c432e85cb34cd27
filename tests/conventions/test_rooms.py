"""The package is nine rooms; a module imports from its own and from those before it, and never in a circle.

Each rule is first seen to fail on imports that break it.
"""

import pytest

from tests.conventions import rooms
from tests.conventions.repository import ROOT

ROOMS = rooms.order((ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"))
PACKAGE = ROOT / "src" / "analysis"
EDGES = rooms.edges(PACKAGE)


def test_the_rooms_are_the_folders():
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(ROOMS)
    assert len(ROOMS) <= 9
    assert {path.name for path in PACKAGE.glob("*.py")} == {"__init__.py", "__main__.py"}


def test_every_module_imports_only_from_below():
    assert len(EDGES) > 200
    assert not rooms.from_above(EDGES, ROOMS)


def test_there_is_no_circle():
    assert rooms.circles(EDGES) == {}


def test_no_room_is_larger_than_a_fifth_and_no_module_than_600_lines():
    lines = {p: p.read_text(encoding="utf-8").count("\n") for p in PACKAGE.rglob("*.py")}
    assert not [str(path.relative_to(ROOT)) for path, n in lines.items() if n > 600]
    counted = rooms.lines(PACKAGE, ROOMS)
    assert max(counted.values()) < sum(counted.values()) / 5, counted


@pytest.mark.parametrize(
    ("imports", "seen"),
    [
        ({"analysis.data.panel": {"analysis.reports.report"}}, True),
        ({"analysis.data.panel": {"analysis.data.building", "analysis.foundations.files"}}, False),
        ({"analysis.foundations.files": {"analysis"}}, True),
        ({"analysis": {"analysis.data.panel"}}, False),
        ({"analysis.data.panel": {"analysis.attic.chest"}}, True),
    ],
)
def test_an_import_from_above_is_seen(imports, seen):
    assert bool(rooms.from_above(imports, ["foundations", "data", "reports"])) is seen


@pytest.mark.parametrize(
    ("imports", "where"),
    [
        ({"analysis.data.a": {"analysis.data.b"}, "analysis.data.b": {"analysis.data.a"}}, "modules"),
        ({"analysis.data": {"analysis.data.a"}, "analysis.data.a": {"analysis.data"}}, "modules"),
        (
            {"analysis.r.a.x": {"analysis.r.b.x"}, "analysis.r.b.y": {"analysis.r.a.y"}},
            "analysis.r",
        ),
        ({"analysis.r.a.x": {"analysis.r.b.x"}, "analysis.r.b.y": {"analysis.r.b.x"}}, None),
    ],
)
def test_a_circle_is_seen(imports, where):
    assert (where in rooms.circles(imports)) is bool(where)


def test_an_import_in_a_function_for_types_or_by_name_counts(tmp_path):
    module = tmp_path / "x.py"
    module.write_text("'''analysis.a is told of.'''\nASKED = 'analysis.data.panel:made'\n", encoding="utf-8")
    assert list(rooms._named(module)) == ["analysis.data.panel"]
    lazily = {module for module, others in EDGES.items() if "analysis.reports.render" in others}
    assert "analysis.batch.build" in lazily
