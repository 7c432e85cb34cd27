"""Nothing public is there for its tests alone: a command, a notebook, a benchmark or an example of the pages reaches it."""

import doctest
import json
import re

import pytest

from tests.conventions import use_rules as rules
from tests.conventions.repository import modules, texts

STARTED = {
    "analysis.cli.command.main": "the command `pacte` (pyproject.toml)",
    "analysis.batch.engine.InProcessEngine": "papermill finds it by its entry point (pyproject.toml)",
    "analysis.batch.child.main": "the process that makes a report, which `forks` starts by the name of the module",
    "analysis.batch.forks.main": "the warm process, started in the same way",
    "analysis.reports.beside.downloads.tell_at_exit": "the line that a kernel begins with",
    "analysis.data.panel.write": "a program that benchmarks/run.py writes as text",
}
"""What is started by a name that stands in a text or in a file of another kind, and by what."""

ALLOWED: dict[str, str] = {}
"""Public names that nothing uses yet, and for what they are there."""


def roots():
    """Every text of Python that is run and is no test: notebooks, benchmarks, examples of the pages; what is started."""
    for path, text in texts().items():
        if path.startswith("benchmarks/") and path.endswith(".py"):
            yield text
        elif path.startswith("notebooks/"):
            cells = json.loads(text)["cells"]
            yield "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        elif path.endswith(".md"):
            yield "".join(one.source for one in doctest.DocTestParser().get_examples(text))
    producers = [rules.dotted(path) for path in modules() if "/sources/" in path]
    for name in [*STARTED, *(f"{module}.DATASETS" for module in producers)]:
        yield f"import analysis\n{name}"


def attributes():
    """What templates ask of the objects they are given."""
    return {
        name
        for path, text in texts().items()
        if path.endswith(".j2")
        for name in re.findall(r"\.(\w+)", text)
    }


def test_nothing_public_is_used_by_tests_alone():
    found = dict(rules.unused(modules(), roots(), attributes()))
    alone = {name: place for name, place in found.items() if name not in ALLOWED}
    problems = "\n".join(f"{place}: {name}" for name, place in alone.items())
    assert not alone, (
        f"used by tests only; use it, show it in docs/methods.md or a notebook, or remove it:\n{problems}"
    )
    assert not ALLOWED.keys() - found.keys(), "used by now, or gone: take it off ALLOWED"


HERE = {
    "src/analysis/a.py": """
def used(): return Kept().asked()
def alone(): return _inner()
def _inner(): return LIMIT
LIMIT = 1
class Kept:
    def asked(self): return self.helped()
    def helped(self): return 1
    def never(self): return 2
""",
    "src/analysis/b.py": "from analysis.a import used as called\ndef door(): return called()",
    "src/analysis/__init__.py": "from analysis.a import alone",
}


def test_what_only_tests_use_is_seen_with_what_only_it_uses():
    """A name that is imported or exported is not used yet, and a member is not because its class is."""
    found = dict(rules.unused(HERE, ["from analysis import b\nb.door()"]))
    assert sorted(found) == ["a.Kept.never", "a.LIMIT", "a.alone"]


@pytest.mark.parametrize(
    "root",
    ["from analysis import alone\nalone()", "import analysis.a as x\nx.alone()", "run('analysis.a:alone')"],
)
def test_a_use_is_seen_through_exports_modules_and_texts(root):
    assert "a.alone" not in dict(rules.unused(HERE, [root]))
