"""Editions that come from elsewhere: whatever is in their folder, a comparison says it in a line, and waits for nothing."""

import json
import os
import shutil

import pandas as pd
import pytest

from analysis.cli import command as cli
from analysis.reports.beside import kept_edition
from tests.reports.conftest import SMALL, notebook, project_at
from tests.reports.test_compare import REVISED, RULES, made, store, write
from tests.reports.test_run import pacte


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A checkout with an edition that was made once."""
    cli.whole()
    root = project_at(tmp_path_factory.mktemp("editions") / "project", essai=notebook(*SMALL))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACTE_HOME", str(root))
        store(root, "revised", REVISED, {"2023": (1000, 1000, 1000)})
        write(root, "comparison", **RULES)
        made(root, "b")
    return root


@pytest.fixture
def pair(checkout, monkeypatch):
    """Two editions that are the same, of which the first is then spoilt."""
    monkeypatch.setenv("PACTE_HOME", str(checkout))
    shutil.rmtree(checkout / "reports/a", ignore_errors=True)
    shutil.copytree(checkout / "reports/b", checkout / "reports/a")
    return checkout / "reports/a/data"


def edited(path, change):
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def told(name, value):
    return lambda place: edited(place / "inputs.json", lambda inputs: inputs.update({name: value}))


def columns(name, change):
    def spoil(place):
        path = place / name
        frame = pd.read_parquet(path) if name.endswith("parquet") else pd.read_csv(path, dtype="str")
        frame = change(frame)
        frame.to_parquet(path) if name.endswith("parquet") else frame.to_csv(path, index=False)

    return spoil


def figures(**change):
    return columns("figures.parquet", lambda f: f.assign(**change))


def instead(name, content=None):
    def spoil(place):
        (place / name).unlink()
        os.mkfifo(place / name) if content is None else (place / name).write_bytes(content)

    return spoil


SPOILT = {
    "no inputs": (lambda place: (place / "inputs.json").unlink(), "inputs.json is missing"),
    "a list": (instead("inputs.json", b"[]"), "inputs.json is missing"),
    "deep": (instead("inputs.json", b"[" * 200_000), "inputs.json is missing"),
    "a pipe": (instead("inputs.json"), "inputs.json is missing"),
    "a pipe of figures": (instead("figures.parquet"), "no edition with its figures"),
    "a pipe of tables": (instead("codebook.csv"), "plain file"),
    "escapes": (told("edition", "\x1b[31mred"), "edition is not what"),
    "a name that is a path": (told("edition", "../../x"), "edition is not what"),
    "code": (told("code", ["x"]), "code is not what"),
    "title": (told("title", "x"), "title is not what"),
    "territories": (told("territories", {"67": 1}), "territories is not what"),
    "outcomes": (told("outcomes", [[]]), "outcomes is not what"),
    "vintages": (told("vintages", [1]), "vintages is not what"),
    "no figures": (instead("figures.parquet", b"PAR1"), "cannot be read"),
    "state": (figures(state="<script>"), "unknown state"),
    "period": (figures(period="9999-99"), "9999-99"),
    "number": (figures(value="x"), "cannot be read"),
    "twice": (columns("figures.parquet", lambda f: pd.concat([f, f])), "there twice"),
    "empty": (figures(source=None), "without its"),
    "a column of figures": (
        columns("figures.parquet", lambda f: f.drop(columns="note")),
        "lacks the columns note",
    ),
    "a column of the codebook": (
        columns("codebook.csv", lambda f: f.drop(columns="unit")),
        "lacks the columns unit",
    ),
    "a row of the codebook twice": (
        columns("codebook.csv", lambda f: pd.concat([f, f])),
        "names a row twice",
    ),
    "a column of the datasets": (
        columns("datasets.csv", lambda f: f.drop(columns="loader")),
        "lacks the columns loader",
    ),
    "no register": (instead("corrections.csv", b""), "cannot be read"),
    "not text": (instead("datasets.csv", b"\xff\xfe\x00dataset"), "cannot be read"),
}


@pytest.mark.parametrize("name", SPOILT)
def test_an_edition_that_is_not_one_is_said_in_a_line(pair, name):
    spoil, words = SPOILT[name]
    spoil(pair)
    for order in (("a", "b"), ("b", "a"), ("b", "a", "--site")):
        output = pacte("compare", *order, ok=2)
        assert words in output and output.count("\n") == 1, output
        assert "Traceback" not in output and "\x1b" not in output


@pytest.mark.parametrize(("limit", "words"), [("LARGEST", "more than 0 MiB"), ("MOST", "figures, more than")])
def test_an_edition_that_is_too_large_is_refused_before_it_is_read(pair, monkeypatch, limit, words):
    monkeypatch.setattr(kept_edition, limit, 1)
    assert words in pacte("compare", "a", "b", ok=2)


@pytest.mark.parametrize("name", ["../../../etc", "\x00", "x" * 5000, "", "/dev", "a\n\x1b[31mb", "~root"])
def test_a_name_that_is_no_edition_is_said_in_a_line(pair, name):
    output = pacte("compare", name, "b", ok=2)
    assert output.count("\n") == 1 and "no edition with its figures" in output and len(output) < 500
    assert "\x1b" not in output and "\x00" not in output


def test_words_of_another_edition_reach_the_terminal_as_plain_text(pair):
    columns("codebook.csv", lambda f: f.assign(formula="\x1b[31m\x07 =cmd()", unit="\x1b]0;x\x07"))(pair)
    csv = pair.parents[2] / "changes.csv"
    output = pacte("compare", "b", "a", "--csv", csv, ok=1)
    assert "\x1b" not in output and "\x07" not in output and "\ufffd" in output
    assert ",=cmd" not in csv.read_text(encoding="utf-8")
