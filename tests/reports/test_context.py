"""A report is what sections are given: it has none of its own, says how they are called, and no section changes it."""

import ast
import inspect
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from analysis.data.panel import Panel
from analysis.foundations import display
from analysis.reports import modelled, sections
from analysis.reports.report import Report, open_report
from tests.reports.test_sections import CASES, SHARE

PANEL = Panel(CASES["all equal"])
FUNCTIONS = {name: getattr(sections, name) for name in sections.__all__}


@pytest.fixture
def report():
    return open_report("67", "en", PANEL, edition="demo")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_section_takes_the_report_first_and_says_what_it_shows(name):
    first = next(iter(inspect.signature(FUNCTIONS[name]).parameters))
    assert first == "report" and inspect.getdoc(FUNCTIONS[name])
    with pytest.raises(display.Refusal, match=rf"the report first, as in sections\.{name}\("):
        FUNCTIONS[name](SHARE)


def test_every_section_that_is_written_is_given():
    folder = Path(sections.__file__).parent
    written = {
        node.name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and any(ast.unparse(d) == "section" for d in node.decorator_list)
    }
    assert written == set(sections.__all__) and not written & set(dir(Report))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("trend", r"sections\.trend\(report, …\)"),
        ("trned", "nearest .*: trend"),
        ("map", "tile_map"),
        ("panels", "nearest .*: panel"),
    ],
)
def test_what_a_report_has_not_is_refused_with_the_section_or_the_nearest(report, asked, told):
    with pytest.raises(AttributeError, match=told) as error:
        getattr(report, asked)
    assert isinstance(error.value, display.Refusal)
    assert not hasattr(report, "_ipython_display_")


def test_an_error_within_a_report_is_its_own(monkeypatch, report):
    monkeypatch.setattr(Panel, "plus", property(lambda panel: panel.no_such_thing))
    report = open_report("67", "en", PANEL, models=["take_up.expected"])
    monkeypatch.setattr(Report, "modelled", lambda self, model: (None, None))
    with pytest.raises(AttributeError, match="no_such_thing"):
        report.panel  # noqa: B018


def test_nothing_is_changed_by_a_section_but_what_was_shown(report):
    before = {name: value for name, value in vars(report).items() if name != "used"}
    sections.summary(report, SHARE)
    assert list(report.used.indicators) == [SHARE] and report.used.told == {(SHARE, "2021")}
    assert {name: vars(report)[name] for name in before} == before
    for name in ("panel", "territory", "edition"):
        with pytest.raises(FrozenInstanceError):
            setattr(report, name, None)


def test_a_model_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(modelled.UnknownModel, match=r"did you mean take_up\.expected"):
        open_report("67", "en", PANEL, models=["take_up.expectd"])
