"""An answer is believed in nothing that is not of the report that was asked for: it is read whole, or its report fails."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.batch import answers
from analysis.batch.jobs import Job, Result
from analysis.foundations.observation import FigureRead, Reads
from analysis.reports.edition import Task
from analysis.reports.kept.freshness import Watch
from analysis.reports.kept.shared import Wanted

TASK = Task("essai", "67", "essai", "fr")
SHA = "0" * 64
BESIDE = {f"67/essai{ending}": SHA for ending in (".csv", ".provenance.json", ".ipynb")}
JOB = Job(TASK, None, Path("root"), Path("out"), None, "pacte", 1.0, Path("scratch"), Path("results"))
READS = Reads(
    {FigureRead("rate_poverty_60", "67", "2021"), FigureRead("rate_poverty_60", "*", "*", True)},
    {"insee/filosofi_2023.source.yml", "parameters/peers.yml", "local/"},
    {"analysis.methods.evaluation"},
)
WATCH = Watch({"analysis.data.panel", "analysis.foundations.values.*"}, READS, beside=BESIDE)
MADE = Result(TASK, SHA, 1234, None, {"cells": 0.5}, WATCH, 1.5, 200.5, None, BESIDE)


@pytest.mark.parametrize(
    "result",
    [
        MADE,
        replace(MADE, watch=None),
        Result(TASK, reason="cell In [3]: ValueError: no", stages={"execute": 1.0}),
        Result(
            TASK,
            wants=Wanted("effects.spie", "analysis.methods.evaluation:of_register", ("spie",)),
            stages={},
        ),
    ],
)
def test_what_is_written_is_read_back(result):
    assert answers.read(JOB, json.loads(json.dumps(answers.written(result)))) == result


WATCHED = answers.written(MADE)["watch"]


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "../../secret"},
        {"sha256": ""},
        {"sha256": 7},
        {"bytes": -1},
        {"bytes": True},
        {"bytes": "many"},
        {"reason": ["a"]},
        {"reason": "x" * 100_000},
        {"stages": {"cells": math.nan}},
        {"stages": [1]},
        {"peak": math.inf},
        {"beside": {"68/essai.csv": SHA}},
        {"beside": {**BESIDE, "../../x": SHA}},
        {"beside": BESIDE | {"67/essai.csv": "short"}},
        {"wants": ["effects.spie", "os.system('rm')", []]},
        {"wants": ["effects.spie", "analysis.methods.evaluation:os.system", []]},
        {"wants": ["../x", "analysis.methods.evaluation:of_register", []]},
        {"wants": ["effects.spie", "analysis.methods.evaluation:of_register", [{}]]},
        {"wants": "x"},
        {"watch": WATCHED | {"files": ["../../../secret"]}},
        {"watch": WATCHED | {"files": ["../../notebooks/../../secret"]}},
        {"watch": WATCHED | {"files": ["/secret"]}},
        {"watch": WATCHED | {"modules": ["/secret"]}},
        {"watch": WATCHED | {"figures": {"rate": [["67", "2021"]]}}},
        {"watch": WATCHED | {"figures": {"rate": 5}}},
        {"watch": WATCHED | {"beside": {"67/other.csv": SHA}}},
        {"watch": []},
    ],
)
def test_what_does_not_fit_is_refused(change):
    with pytest.raises(ValueError):
        answers.read(JOB, answers.written(MADE) | change)


@pytest.mark.parametrize("content", [None, 5, [], "x", {}, {"sha256": SHA}])
def test_what_is_no_answer_at_all_is_refused(content):
    with pytest.raises((ValueError, KeyError)):
        answers.read(JOB, content)
