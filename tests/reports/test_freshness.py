"""What makes a report out of date, and what does not: code, files, figures by territory and period, pages."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis.foundations import dependencies
from analysis.foundations.dependencies import closure
from analysis.foundations.observation import EVERYTHING, FigureRead
from analysis.reports.edition import Task
from analysis.reports.kept import freshness
from analysis.reports.kept.freshness import Present, Record, ungrouped, watching, why
from analysis.reports.kept.snapshots import Changes, snapshot


def rows(**values):
    """A panel of one indicator: ``t67_2024=12.0`` is the figure of 67 in 2024."""
    keys = [key.removeprefix("t").split("_") for key in values]
    frame = pd.DataFrame(
        {"territory": [k[0] for k in keys], "period": [k[1] for k in keys], "value": list(values.values())}
    )
    texts = {
        "indicator": "rate_x",
        "state": "observed",
        "quality": "producer",
        "source": "s",
        "note": "",
        "words": "",
    }
    return frame.assign(lower=float("nan"), upper=float("nan"), **texts)


BEFORE = rows(t67_2023=1.0, t67_2024=2.0, t68_2024=3.0, tFR_2024=4.0)


def changes(after):
    return Changes.between(snapshot(BEFORE), snapshot(after))


@pytest.mark.parametrize(
    ("read", "concerned"),
    [
        (("67", "2024", False), True),
        (("67", "2023", False), False),
        (("68", "2024", False), False),
        (("67", EVERYTHING, False), True),
        ((EVERYTHING, "2024", False), True),
        ((EVERYTHING, "2023", False), False),
        (("departements", "2024", False), True),
        (("67", "2024", True), False),
        ((EVERYTHING, EVERYTHING, True), False),
    ],
)
def test_a_revised_figure_concerns_those_who_read_it(read, concerned):
    after = BEFORE.assign(value=[1.0, 2.5, 3.0, 4.0])
    found = changes(after).concern(FigureRead("rate_x", *read))
    assert found == (("rate_x", "67", "2024") if concerned else None)


def test_a_national_figure_is_not_one_of_the_departements():
    found = changes(BEFORE.assign(value=[1.0, 2.0, 3.0, 9.0]))
    assert found.concern(FigureRead("rate_x", "departements", "2024")) is None
    assert found.concern(FigureRead("rate_x", EVERYTHING, "2024")) == ("rate_x", "FR", "2024")


def test_a_new_figure_or_state_concerns_those_who_ask_what_exists():
    added = changes(pd.concat([BEFORE, rows(t67_2025=5.0)], ignore_index=True))
    assert added.concern(FigureRead("rate_x", "67", EVERYTHING, coverage=True))
    provisional = changes(BEFORE.assign(state=["observed", "provisional", "observed", "observed"]))
    assert provisional.concern(FigureRead("rate_x", "67", "2024", coverage=True))
    assert not provisional.concern(FigureRead("rate_x", "68", "2024", coverage=True))


def test_the_same_figures_in_another_order_are_no_change():
    assert not changes(BEFORE.iloc[::-1].reset_index(drop=True)).whole


def test_bounds_and_notes_are_part_of_a_figure():
    assert changes(BEFORE.assign(lower=[0.5, 1.0, 2.0, 3.0])).whole
    assert all(changes(BEFORE.assign(**{column: "bottom_coded"})).whole for column in ("note", "words"))


def test_the_closure_follows_imports_and_the_data_files_that_are_named():
    found = closure(["analysis.foundations.measures"])
    assert {"foundations/measures.py", "foundations/measures.yml", "foundations/values.py"} <= set(found)
    assert {"foundations/indicators.yml", "foundations/__init__.py", "__init__.py"} <= set(found)
    assert "data/panel.py" not in found
    assert "presentation/narrative/messages.py" not in found


@pytest.mark.parametrize(
    ("module", "name"),
    [("presentation.narrative.messages", "narrative"), ("reports.pages.interface", "interface")],
)
def test_words_belong_to_the_modules_that_speak_them_and_to_no_other(module, name):
    found = {path for path in closure([f"analysis.{module}"]) if path.endswith(".po")}
    assert found == {f"foundations/locales/{lang}/LC_MESSAGES/{name}.po" for lang in ("fr", "en")}


TEMPLATES = {
    "page.html.j2": '{% extends "base.html.j2" %}{% from "of.html.j2" import x %}',
    "base.html.j2": '{% include ["part.html.j2", "none.html.j2"] ignore missing %}{{ "words" | say }}',
    "of.html.j2": '{% import "deep.html.j2" as deep with context %}{% macro x() %}{% endmacro %}',
    "deep.html.j2": '{% include "page.html.j2" %}',  # in a circle
    "part.html.j2": "",
    "alone.html.j2": "",
    "computed.html.j2": '{% include "al" ~ "one.html.j2" %}',
    "deeper.html.j2": '{% extends "computed.html.j2" %}',
}


@pytest.mark.parametrize(
    ("module", "seen"),
    [
        ("page", {"page", "base", "of", "deep", "part"}),
        ("alone", {"alone"}),
        ("deeper", {name.partition(".")[0] for name in TEMPLATES}),  # whatever it may be
    ],
)
def test_the_closure_follows_the_templates_that_templates_name(tmp_path, monkeypatch, module, seen):
    package = tmp_path / "analysis"
    (package / "templates").mkdir(parents=True)
    (package / f"{module}.py").write_text(f"NAME = '{module}.html.j2'", encoding="utf-8")
    for name, text in TEMPLATES.items():
        (package / "templates" / name).write_text(text, encoding="utf-8")
    kept = (dependencies._source, dependencies._uses, dependencies._extended, dependencies._data_files)
    monkeypatch.setattr(dependencies, "PACKAGE", package)
    for function in kept:
        monkeypatch.setattr(dependencies, function.__name__, cache(function.__wrapped__))
    found = closure([f"analysis.{module}"])
    assert set(found) == {f"{module}.py", *(f"templates/{name}.html.j2" for name in seen)}


OPENED = """
import json, sys
from pathlib import Path
from analysis.foundations import dependencies
from analysis.reports import edition; from analysis.reports.kept import freshness; from analysis import site
from analysis.batch.jobs import Job; from analysis.batch.build import build
root, out, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
opened = set()
sys.addaudithook(lambda event, given: opened.update(map(str, given[:1])) if event == "open" else None)
demo = edition.load("demo", root)
among = site.indicators() if kind == "indicators" else ()
task = edition.Task("demo", kind if among else "67", among[0] if among else kind, "en")
book = None if among else edition.read_notebook(kind, edition.notebooks(root)[kind])
places = (root, out, site.context_of(demo, root), "pacte", 600.0, out, root / "data/processed/shared")
result = build(Job(task, book, *places, among))
assert result.reason is None, result.reason
within = [Path(name) for name in opened if Path(name).is_relative_to(dependencies.PACKAGE)]
data = {path.relative_to(dependencies.PACKAGE).as_posix() for path in within if "__pycache__" not in path.parts}
known = dependencies.closure({*result.watch.modules, *result.watch.reads.modules})
print(json.dumps([sorted(name for name in data if not name.endswith(".py")), known]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "some"),
    [
        (
            "precarite_energetique",
            {"reports/pages/templates/report.html.j2", "reports/pages/templates/report.css"},
        ),
        ("indicators", {"reports/pages/templates/site.html.j2", "presentation/style.yml"}),
    ],
)
def test_every_file_of_the_package_that_a_page_is_made_with_is_in_its_record(project, tmp_path, kind, some):
    arguments = [sys.executable, "-c", OPENED, str(project), str(tmp_path), kind]
    environment = {**os.environ, "PACTE_HOME": str(project)}
    done = subprocess.run(arguments, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    opened, known = json.loads(done.stdout.splitlines()[-1])
    assert some <= set(opened) <= set(known)


def test_imports_are_seen_where_they_run_even_of_loaded_modules():
    import analysis.methods.indicators.energy

    def lazily():
        from analysis.methods.indicators import energy

        return energy

    with watching() as watch:
        assert lazily() is analysis.methods.indicators.energy
    assert "analysis.methods.indicators.energy" in watch.modules
    with watching() as other:
        pass
    assert not other.modules


@pytest.fixture
def present(tmp_path):
    """What there is, with one notebook, one file of the package, one of the data."""
    now = {"code": {"values.py": "c"}, "file": {"parameters/peers.yml": "f"}, "notebook": "n"}
    there = SimpleNamespace(
        common={"libraries": "l"}, figures="P1", now=now, notebook=lambda path: now["notebook"],
        code=lambda path: now["code"].get(path, ""), file=lambda name: now["file"].get(name, ""),
        changes=lambda since: None, moved=lambda kind, before: Present.moved(there, kind, before), _moved={},
    )  # fmt: skip
    return there


@pytest.fixture
def record():
    reads = (FigureRead("rate_x", "67", "2024"), FigureRead("rate_x", "departements", "2023"))
    return Record(
        page="p", notebook="n", parameters={"territory": "67"}, common={"libraries": "l"}, code=(("values.py", "c"),),
        files=(("parameters/peers.yml", "f"),), figures="P1", reads=json.dumps(freshness.grouped(reads)).encode(),
    )  # fmt: skip


def reason(record, present, tmp_path, page="p", **parameters):
    return why(record, page, tmp_path / "report_x.ipynb", {"territory": "67"} | parameters, present)


def test_nothing_changed_means_nothing_to_do(record, present, tmp_path):
    assert reason(record, present, tmp_path) is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda r, p: (None, "p"), "never built"),
        (lambda r, p: (r, ""), "not there"),
        (lambda r, p: (r, "other"), "altered"),
        (lambda r, p: (p.now.update(notebook="m") or r, "p"), "notebook report_x.ipynb changed"),
        (lambda r, p: (p.now["code"].update({"values.py": "d"}) or r, "p"), "code values.py changed"),
        (lambda r, p: (p.now["code"].clear() or r, "p"), "code values.py changed"),
        (
            lambda r, p: (p.now["file"].update({"parameters/peers.yml": "g"}) or r, "p"),
            "file parameters/peers.yml",
        ),
        (lambda r, p: (p.common.update(libraries="m") or r, "p"), "setting libraries changed"),
        (lambda r, p: (replace(r, parameters={"territory": "68"}), "p"), "parameter territory"),
        (lambda r, p: (replace(r, figures="P0"), "p"), "not known any more"),
    ],
)
def test_each_dependency_that_changed_is_named(record, present, tmp_path, change, expected):
    changed, page = change(record, present)
    assert expected in reason(changed, present, tmp_path, page=page)


def test_a_changed_panel_rebuilds_only_its_readers(record, present, tmp_path):
    present.figures = "P2"
    present.changes = lambda since: changes(BEFORE.assign(value=[1.0, 2.5, 3.0, 4.0]))
    assert reason(record, present, tmp_path) == "figure rate_x, 67, 2024 changed"
    present.changes = lambda since: changes(BEFORE.assign(value=[1.0, 2.0, 3.5, 4.0]))
    assert reason(record, present, tmp_path) is None


def test_a_record_comes_back_as_it_was_written(record):
    assert Record.from_json(record.to_json()) == record
    assert set(ungrouped(json.loads(record.reads))) == {
        FigureRead("rate_x", "67", "2024"),
        FigureRead("rate_x", "departements", "2023"),
    }


UNREADABLE = {
    "empty": lambda text: b"",
    "cut in its first line": lambda text: text[:40],
    "cut in its last line": lambda text: text[:-9],
    "a list": lambda text: b"[]",
    "a line lost": lambda text: text.replace(text.splitlines(keepends=True)[1], b""),
    "a checksum altered": lambda text: text.replace(b'"values.py":"c"', b'"values.py":"d"'),
    "a figure altered": lambda text: text.replace(b'["67", "2024"', b'["67", "2023"'),
    "a first line that says nothing": lambda text: b"{}\n" + text.partition(b"\n")[2],
    "parameters that are none": lambda text: text.replace(b'{"territory":"67"}', b"3"),
    "of an earlier version of the project": lambda text: b'{"page": "p", "reads": {}}',
}


@pytest.mark.parametrize("altered", UNREADABLE.values(), ids=UNREADABLE)
def test_an_unreadable_record_is_no_record(record, tmp_path, altered):
    task = Task("demo", "67", "x", "fr")
    path = freshness.path_of(tmp_path, task)
    path.parent.mkdir()
    path.write_bytes(record.to_json())
    assert freshness.read_record(tmp_path, task) == record
    assert altered(record.to_json()) != record.to_json()
    path.write_bytes(altered(record.to_json()))
    assert freshness.read_record(tmp_path, task) is None
