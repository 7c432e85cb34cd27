"""Only those who may open data, run notebooks or parse codes do.

What ruff can say is in pyproject.toml, and ``test_ruff`` holds that it bites; here is the rest.

Each rule is first seen to fail on code that breaks it and to accept the nearest code that does not.
"""

import pytest

from tests.conventions import code_rules as rules
from tests.conventions.notebook_rules import code
from tests.conventions.repository import modules, texts

PACKAGE = modules()
NOTEBOOKS = {path: code(text) for path, text in texts().items() if path.endswith(".ipynb")}
SCRIPTS = modules("benchmarks") | modules("tools")

IN_PACKAGE = (
    rules.only_reports_run_notebooks,
    rules.only_catalogue_opens_raw,
    rules.no_text_stands_for_today,
    rules.only_territories_parses_codes,
    rules.no_working_directory,
    rules.libraries_are_left_as_they_are,
    rules.each_thing_has_one_home,
    rules.nothing_that_is_read_runs,
)
IN_NOTEBOOKS = (
    rules.only_reports_run_notebooks,
    rules.only_catalogue_opens_raw,
    rules.no_text_stands_for_today,
    rules.only_territories_parses_codes,
    rules.no_working_directory,
)


def by_name(rule):
    return rule.__name__


@pytest.mark.parametrize("rule", IN_PACKAGE, ids=by_name)
def test_the_package_keeps_the_rule(rule):
    problems = [p for path, text in PACKAGE.items() for p in rule(path, text)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("rule", IN_NOTEBOOKS, ids=by_name)
def test_notebooks_keep_the_rule(rule):
    problems = [p for path, text in NOTEBOOKS.items() for p in rule(path, text)]
    assert not problems, "\n".join(problems)


def test_no_cell_runs_another_notebook():
    notebooks = {path: text for path, text in texts().items() if path.endswith(".ipynb")}
    assert not [path for path, text in notebooks.items() if "%run" in text]


def test_no_source_is_left_unfinished():
    sources = {path: text for path, text in PACKAGE.items() if "/sources/" in path} | modules("tests/data")
    assert len(sources) > 40
    problems = [p for path, text in sources.items() for p in rules.nothing_is_left_to_decide(path, text)]
    assert not problems, "\n".join(problems)


# ------------------------------------------------------------------------------------------- the rules, seen to fail

BROKEN = {
    rules.only_reports_run_notebooks: [
        "import papermill as pm",
        "def f():\n    from nbconvert.exporters import HTML",
        "from distributed import Client",
        "import dask.dataframe as dd",
    ],
    rules.only_catalogue_opens_raw: [
        "root / 'data' / 'raw'",
        "open('data/raw/drees/oarsa.csv')",
        "Path(f'{root}/data/raw/x.csv')",
        "root.joinpath('data', 'raw')",
        "FOLDER = 'data/raw'",
    ],
    rules.no_text_stands_for_today: ["pd.Timestamp('now')", "np.datetime64('today')"],
    rules.only_territories_parses_codes: [
        "frame['dep'].str.zfill(2)",
        "code.rjust(2, '0')",
        "frame.dep.str.pad(2, fillchar='0')",
        "re.compile(r'0[1-9]|[1-8]\\d|2[AB]|9[0-5]')",
        "re.match(r'97[1-6]', text)",
    ],
    rules.no_working_directory: [
        "Path('data/x.csv')",
        "Path()",
    ],
    rules.each_thing_has_one_home: [
        "import difflib\ndifflib.get_close_matches(word, known)",
        "from difflib import get_close_matches\nget_close_matches(word, known)",
        "yaml.safe_load(text)",
        "margin = 1.96 * error",
        "z = special.ndtri((1 + level) / 2)",
        "light = 0.2126 * red",
    ],
    rules.libraries_are_left_as_they_are: [
        "from papermill import execute as papermill\npapermill.write_ipynb = print",
        "import json.decoder\njson.decoder.scanstring = read",
        "import os\nsetattr(os, 'fsync', skip)",
    ],
    rules.nothing_that_is_read_runs: [
        "import importlib\nimportlib.import_module('joblib')",
        "frame.to_pickle(path)",
        "compile(text, name, 'exec')",
    ],
    rules.nothing_is_left_to_decide: [
        "licence = ...",
        "load(code, ...)",
        "'''Drees: ... by year.'''",
        "def load():\n    '''... by year.'''",
    ],
}
SOUND = {
    rules.only_reports_run_notebooks: ["import nbformat", "'''papermill runs this.'''"],
    rules.only_catalogue_opens_raw: [
        "'''Kept under data/raw.'''",
        "raise ValueError('no table under data/raw; import it')",
        "Table(title='data/raw')",
        "cell_type == 'raw'",
        "root / 'data' / 'processed'",
    ],
    rules.no_text_stands_for_today: ["say('today')", "pd.Timestamp('2024-01-01')"],
    rules.only_territories_parses_codes: [
        "territories.parse('2A')",
        "f'{month:02d}'",
        "code == '69M'",
        "re.compile(r'20\\d\\d')",
    ],
    rules.no_working_directory: [
        "Path(text).resolve()",
        "project_root() / 'reports'",
        "Path(__file__).parent",
    ],
    rules.each_thing_has_one_home: ["hint(word, known)", "entries.read(text, name)", "width = 1.9"],
    rules.libraries_are_left_as_they_are: [
        "import sys\nsys.stdout = told",
        "from shell import Shell\nshell = Shell()\nshell.ask_exit = leave",
    ],
    rules.nothing_that_is_read_runs: [
        "importlib.import_module('analysis.data.panel')",
        "frame.to_parquet(path)",
    ],
    rules.nothing_is_left_to_decide: ["files: tuple[str, ...] = ()", "value is ...", "'''And so on...'''"],
}


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, snippets in BROKEN.items() for text in snippets]
)
def test_the_rule_sees_what_breaks_it(rule, text):
    assert list(rule("src/analysis/data/panel.py", text))


@pytest.mark.parametrize(
    ("rule", "text"), [(rule, text) for rule, snippets in SOUND.items() for text in snippets]
)
def test_the_rule_accepts_what_keeps_it(rule, text):
    assert not list(rule("src/analysis/data/panel.py", text))


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        (rules.only_reports_run_notebooks, "src/analysis/batch/engine.py"),
        (rules.only_catalogue_opens_raw, "src/analysis/data/catalogue.py"),
        (rules.only_territories_parses_codes, "src/analysis/foundations/territories.py"),
    ],
)
def test_the_one_who_may_is_let_through(rule, path):
    assert not [p for text in BROKEN[rule] for p in rule(path, text)]
