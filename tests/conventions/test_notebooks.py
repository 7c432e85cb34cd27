"""Notebooks are kept as written: no output; those of the reports take parameters and speak both languages."""

import copy
import json

import pytest

from tests.conventions import notebook_rules as rules
from tests.conventions.repository import texts

NOTEBOOKS = {path: text for path, text in texts().items() if path.endswith(".ipynb")}
RULES = (rules.no_outputs, rules.is_a_report, rules.french_cells)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_every_notebook_keeps_the_rule(rule):
    problems = [p for path, text in NOTEBOOKS.items() for p in rule(path, text)]
    assert not problems, "\n".join(problems)


# ------------------------------------------------------------------------------------------- the rules, seen to fail


def cell(kind, source, *tags, **more):
    return {"cell_type": kind, "source": [source], "metadata": {"tags": list(tags)}, **more}


SOUND = {
    "metadata": {"kernelspec": {"name": "python3"}},
    "cells": [
        cell("code", "%matplotlib inline\nterritory = '67'", "parameters", outputs=[], execution_count=None),
        cell("markdown", "Qu’a-t-on trouvé\u202f?", "fr"),
        cell("markdown", "What was found?", "en"),
    ],
}


def changed(change):
    notebook = copy.deepcopy(SOUND)
    change(notebook)
    return json.dumps(notebook)


BROKEN = [
    (rules.no_outputs, lambda n: n["cells"][0].update(outputs=[{"output_type": "stream"}])),
    (rules.no_outputs, lambda n: n["cells"][0].update(execution_count=3)),
    (rules.no_outputs, lambda n: n["metadata"]["kernelspec"].update(name="my-own")),
    (rules.is_a_report, lambda n: n["cells"][0]["metadata"].update(tags=[])),
    (rules.is_a_report, lambda n: n["cells"][1]["metadata"].update(tags=[])),
    (rules.is_a_report, lambda n: n["cells"].pop()),
    (rules.french_cells, lambda n: n["cells"][1].update(source=["Qu'a-t-on trouvé ?"])),
]


@pytest.mark.parametrize(("rule", "change"), BROKEN)
def test_the_rule_sees_what_breaks_it(rule, change):
    assert list(rule("notebooks/report_x.ipynb", changed(change)))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_accepts_a_sound_notebook(rule):
    assert not list(rule("notebooks/report_x.ipynb", json.dumps(SOUND)))


def test_a_notebook_for_researchers_needs_no_parameters():
    without = changed(lambda n: n["cells"][0]["metadata"].update(tags=[]))
    assert not list(rules.is_a_report("notebooks/explore_x.ipynb", without))


def test_only_python_is_read_as_code():
    assert rules.code(json.dumps(SOUND)).splitlines() == ["", "territory = '67'"]
