"""The rules that ruff keeps for this project (pyproject.toml) see what breaks them, accept what does not, and are kept.

Whether the code keeps them is ``make lint``'s to say; here each rule is shown to bite, and who is let through is listed.
"""

import json
import re
import subprocess
import sys

import pytest

from tests.conventions.repository import ROOT, modules

PACKAGE, SCRIPT, TEST = "src/analysis/x.py", "benchmarks/x.py", "tests/unit/x.py"


def codes(text, path=PACKAGE):
    """What ruff finds in a text that stood in this file."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "json"]
    done = subprocess.run(
        [*command, "--stdin-filename", path, "-"], input=text, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    return {one["code"] for one in json.loads(done.stdout)}


BROKEN = {
    "the clock": [
        ("TID251", "import datetime\ndatetime.datetime.now(tz=datetime.UTC)"),
        ("TID251", "from datetime import date\ndate.today()"),
        ("TID251", "import pandas as pd\npd.Timestamp.utcnow()"),
        ("TID251", "import time as t\nt.time()"),
        ("TID251", "from time import strftime"),
        ("DTZ006", "import datetime\ndatetime.datetime.fromtimestamp(0)"),
    ],
    "the working directory": [
        ("TID251", "import os\nos.getcwd()"),
        ("TID251", "from pathlib import Path\nPath.cwd() / 'x'"),
        ("TID251", "import os\nos.chdir(folder)"),
        ("TID251", "from os.path import abspath"),
    ],
    "published files": [
        ("TID251", "import pandas as pd\npd.read_excel(path, sheet_name=None)"),
        ("TID251", "import pandas as pd\nwith pd.ExcelFile(path) as book: ..."),
        ("TID251", "from openpyxl import load_workbook\nload_workbook(path)"),
        ("TID251", "def lazily():\n    import xlrd\n    xlrd.open_workbook(path)"),
        ("TID251", "from pandas import read_csv"),
    ],
    "machines": [
        ("TID251", "import requests\nrequests.get(url)"),
        ("TID251", "from urllib.request import urlopen"),
        ("TID251", "def lazily():\n    import httpx"),
    ],
    "what is read does not run": [
        ("TID251", "import pickle"),
        ("TID251", "from marshal import loads"),
        ("S302", "import marshal\nmarshal.loads(content)"),
        ("S301", "import pickle\npickle.load(stream)"),
        ("S301", "import pandas as pd\npd.read_pickle(path)"),
        ("TID251", "import numpy\nnumpy.load(path)"),
        ("S307", "eval(text)"),
        ("S102", "exec(text)"),
    ],
    "YAML": [
        ("S506", "import yaml\nyaml.load(text)"),
        ("S506", "import yaml\nyaml.load(text, Loader=yaml.FullLoader)"),
        ("S506", "import yaml\nyaml.load(text, yaml.UnsafeLoader)"),
        ("TID251", "import yaml\nyaml.unsafe_load(text)"),
        ("TID251", "import yaml\nclass Mine(yaml.Loader): ..."),
        ("TID251", "from yaml import full_load"),
    ],
    "notebooks are no modules": [
        ("TID251", "import import_ipynb"),
        ("TID251", "from notebooks import explore"),
    ],
    "documentation": [
        ("D100", "x = 1"),
        ("D103", "'''Module.'''\ndef shown(): ..."),
        ("D102", "'''Module.'''\nclass Shown:\n    '''Class.'''\n    def method(self): ..."),
        ("D101", "'''Module.'''\nclass Shown: ..."),
    ],
}
SOUND = [
    "import time\ntime.monotonic(), time.perf_counter()",
    "import datetime\ndatetime.date(2024, 1, 1)",
    "import contextlib\nwith contextlib.chdir(folder): ...",
    "from pathlib import Path\nPath(text).resolve(), Path(__file__).parent",
    "from analysis.foundations.published import open_workbook\nwith open_workbook(path) as book: ...",
    "import re, json, numpy\nre.compile(r'x'), json.loads(text), numpy.loadtxt(path)",
    "import yaml\nyaml.safe_load(text), yaml.load(text, Loader=yaml.CSafeLoader)",
    "import nbformat",
    "def _hidden(): ...\nclass C:\n    '''Class.'''\n    def __len__(self): ...",
]
HELD = re.compile(r"TID251|DTZ\d+|S102|S30[127]|S506|D1\d\d")


@pytest.mark.parametrize(("code", "text"), [case for cases in BROKEN.values() for case in cases])
def test_ruff_sees_what_breaks_a_rule(code, text):
    assert code in codes(text)


@pytest.mark.parametrize("text", SOUND)
def test_ruff_accepts_what_keeps_the_rules(text):
    assert not {code for code in codes(f"'''Module.'''\n{text}") if HELD.fullmatch(code)}


@pytest.mark.parametrize(
    ("path", "code", "text"),
    [
        (SCRIPT, "D103", "'''Module.'''\ndef shown(): ..."),
        (SCRIPT, "S506", "import yaml\nyaml.load(text)"),
        (TEST, "S506", "import yaml\nyaml.load(text)"),
        ("notebooks/x.py", "TID251", "from pathlib import Path\nPath.cwd()"),
    ],
)
def test_scripts_tests_and_notebooks_have_rules_of_their_own(path, code, text):
    assert code in codes(text, path)


def test_who_is_let_through_is_known():
    """A line may be let through with its reason (``# noqa: CODE - why``): these may be, and no other."""
    lines = {
        (path, code): line
        for path, text in modules().items()
        for line in text.splitlines()
        for code in re.findall(r"# noqa: ([A-Z]+\d+)", line)
        if HELD.fullmatch(code)
    }
    assert sorted({path.rpartition("/")[2] for path, _ in lines}) == [
        "catalogue.py",
        "child.py",
        "compare.py",
        "entries.py",
        "kept_edition.py",
        "pool.py",
    ]
    assert all(re.search(r"# noqa: \w+ - \w", line) for line in lines.values())
