"""The face of the package: light to import; each name resolves, is documented and completed; notebooks use nothing else."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from IPython.core.completer import IPCompleter, provisionalcompleter
from IPython.core.completerlib import module_completion

import analysis
from analysis.foundations.display import Refusal
from analysis.foundations.observation import observing
from analysis.reports.kept import freshness
from tests.conventions.notebook_rules import code
from tests.conventions.repository import texts

FACE = [name for name in analysis.__all__ if name != "__version__"]
SOURCE = ast.parse(Path(analysis.__file__).read_text("utf-8"))
NOTEBOOKS = {path: code(text) for path, text in texts().items() if path.endswith(".ipynb")}


def given(source):
    """What a source is given by the face, and what it imports of the package otherwise."""
    names, others = set(), set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            others.update(one.name for one in node.names if one.name.startswith("analysis."))
        elif isinstance(node, ast.ImportFrom) and node.module == "analysis":
            names.update(one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("analysis."):
            others.add(node.module)
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) == "analysis":
            names.add(node.attr)
    return names, others


@pytest.mark.parametrize("name", FACE)
def test_a_name_resolves_to_what_a_type_checker_sees_and_is_documented(name):
    (static,) = [node for node in SOURCE.body if isinstance(node, ast.If)]
    seen = {}
    exec(compile(ast.Module(static.body, []), "static", "exec"), seen)
    assert getattr(analysis, name) == seen[name]
    assert getattr(analysis, name).__doc__ and f"``{name}``" in analysis.__doc__
    assert name in dir(analysis)


def test_importing_it_loads_nothing_else():
    told = "import sys; before = set(sys.modules); import analysis; dir(analysis); print(*sorted(set(sys.modules) - before))"
    loaded = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True
    ).stdout.split()
    ours = {name for name in loaded if name.startswith("analysis")}
    assert ours == {"analysis", "analysis.foundations", "analysis.foundations.version"}
    assert {name.partition(".")[0] for name in loaded} - ours <= {"analysis", *sys.stdlib_module_names}


@pytest.mark.parametrize(
    ("name", "near"),
    [("open_pannel", "open_panel"), ("report", "open_report"), ("zzz", "it gives: Catalogue")],
)
def test_an_unknown_name_is_refused_with_the_nearest(name, near):
    with pytest.raises(AttributeError, match=near) as error:
        getattr(analysis, name)
    assert isinstance(error.value, Refusal) and not hasattr(analysis, name)


def test_a_notebook_for_researchers_needs_the_face_only_and_all_of_it():
    used = set()
    for path, source in NOTEBOOKS.items():
        names, others = given(source)
        assert not others, f"{path} imports {others}"
        used |= names
    assert used == set(FACE)


def test_the_package_takes_nothing_from_its_face():
    """Not even a room, of which the face would first look for the nearest of its own names."""
    for path, text in texts().items():
        if path.startswith("src/analysis/") and path.endswith(".py") and path != "src/analysis/__init__.py":
            assert not given(text)[0], path


def test_names_are_completed():
    assert {"open_panel", "open_report"} <= set(module_completion("from analysis import open_"))
    completer = IPCompleter(namespace={"analysis": analysis, "sections": analysis.sections})
    for text, expected in (("analysis.op", "open_report"), ("sections.tr", "trend"), ("sections.fin", None)):
        with provisionalcompleter():
            completions = {one.text.rpartition(".")[2] for one in completer.completions(text, len(text))}
        assert (expected in completions) if expected else not completions


def test_who_is_given_a_name_depends_on_where_it_is():
    with observing() as reads:
        from analysis import open_report, sections  # noqa: F401
    assert {"analysis.reports.report", "analysis.reports.sections"} <= reads.modules
    assert "reports/sections/trends.py" in freshness.closure(reads.modules)
    assert freshness.closure(["analysis"]) == (
        "__init__.py",
        "foundations/__init__.py",
        "foundations/version.py",
    )


def test_a_notebook_that_goes_behind_the_face_is_seen():
    behind = "from analysis.data.panel import Panel\nimport analysis.site"
    assert given(behind) == (set(), {"analysis.data.panel", "analysis.site"})
    assert given("import analysis\nanalysis.evaluate(1)") == ({"evaluate"}, set())
