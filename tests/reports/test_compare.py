"""Two small editions in which one thing of each kind was changed: each difference has its kind, severity and reason."""

import json
import shutil

import pandas as pd
import pytest
import typer
import yaml
from typer.testing import CliRunner

from analysis.cli.compare_commands import compare as command
from analysis.data import panel
from analysis.data.catalogue import Catalogue, PublishedFile
from analysis.data.processed import panel_path
from analysis.foundations.cells import figures
from analysis.reports import edition as editions
from analysis.reports.beside import compare, datapackage
from analysis.reports.beside.severity import severities
from tests.reports.conftest import SMALL, notebook
from tests.unit.test_catalogue import sidecar

REVISED, READ_ANEW, MOVED = "count_domiciled_people", "count_dwellings", "rate_unemployment"
PLACES = ("67", "2A", "974")
RULES = {"spread": {"minor": 0.05, "major": 0.5}, "relative": {"minor": 0.005, "major": 0.05}, "fewest": 20}


def store(root, name, indicator, by_year, sha="0", **said):
    """Figures by year, each of the three départements in turn; None is not published."""
    rows = [
        (code, year, x) for year, values in by_year.items() for code, x in zip(PLACES, values, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["territory", "period", "value"]).assign(indicator=indicator)
    published = (PublishedFile("f.csv", sha * 64, 1),)
    Catalogue(root / "data/raw").store(
        figures(frame), sidecar(f"test/{name}", published=published, **said), replace=True
    )


def write(root, name, **content):
    path = root / "data/raw/parameters" / f"{name}.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


@pytest.fixture
def project(make_project):
    root = make_project(essai=notebook(*SMALL))
    store(root, "revised", REVISED, {"2023": (1000, 1000, 1000)})
    store(root, "read_anew", READ_ANEW, {"2023": (500, 500, 500)})
    store(root, "moved", MOVED, {"2023": (8.0, 9.0, 17.0)})
    write(root, "comparison", **RULES)
    return root


def made(root, out):
    """The edition's data as they are now."""
    panel.ensure(panel_path(root).parent, Catalogue())
    folder = root / "reports" / out
    assert datapackage.write_edition(folder, editions.load("essai", root), root)
    return folder


def altered(folder, name, change):
    path = folder / "data" / name
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def found(a, b):
    rows = compare.compare(a, b).differences
    return {(r.kind, r.severity, r.indicator, r.territory, r.period, r.detail) for r in rows.itertuples()}


def test_an_edition_is_the_same_as_itself(project):
    a = made(project, "a")
    assert found(a, a) == set()
    assert not compare.compare(a, a).fails("info")


def test_a_new_file_of_the_producer_is_a_revision_and_a_new_year_is_real(project):
    a = made(project, "a")
    store(project, "revised", REVISED, {"2023": (1001, 1010, 1200)}, sha="1")
    store(project, "moved", MOVED, {"2023": (8.0, 9.0, 17.0), "2024": (9.0, 9.0, 17.001)})
    rows = {row for row in found(a, made(project, "b")) if row[3] in PLACES}
    assert rows == {
        ("revision", "info", REVISED, "67", "2023", "file"),
        ("revision", "minor", REVISED, "2A", "2023", "file"),
        ("revision", "major", REVISED, "974", "2023", "file"),
        ("real", "major", MOVED, "67", "2024", "later"),
        ("real", "info", MOVED, "2A", "2024", "later"),
        ("real", "info", MOVED, "974", "2024", "later"),
    }


def test_a_newer_vintage_that_brings_earlier_periods_and_fills_a_hole_is_told_apart_from_a_later_period(
    project,
):
    store(project, "moved", MOVED, {"2021": (7.0, 7.0, 7.0), "2023": (8.0, 9.0, 17.0)})
    a = made(project, "a")
    years = {
        "2020": (6, 6, 6),
        "2021": (7, 7, 7),
        "2022": (8, 8, None),
        "2023": (8.0, 9.0, 17.0),
        "2024": (9.0, None, 17.0),
    }
    store(project, "moved", MOVED, years, sha="1")
    rows = {
        (kind, place, when, detail)
        for kind, _, name, place, when, detail in found(a, made(project, "b"))
        if place in PLACES
    }
    earlier = {("perimeter", place, when, "figure_new") for place in PLACES for when in ("2020", "2022")}
    assert rows == (earlier - {("perimeter", "974", "2022", "figure_new")}) | {
        ("real", place, "2024", "later") for place in ("67", "974")
    }


def test_a_new_file_of_another_perimeter_is_no_revision(project):
    a = made(project, "a")
    store(project, "revised", REVISED, {"2023": (1200, 1000, 1000)}, sha="1", perimeter="without MSA")
    rows = compare.compare(a, made(project, "b")).differences
    rows = rows[rows["territory"].isin(PLACES)]
    assert set(zip(rows["kind"], rows["detail"], rows["what"], strict=True)) == {
        ("perimeter", "perimeter", "test/revised")
    }
    assert "autre périmètre" in compare.reason("perimeter", "test/revised", "fr")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (["data/sources/banque_de_france.py", "data/sources/base.py"], "data/sources/banque_de_france.py"),
        (["data/sources/base.py", "data/catalogue.py"], "data/sources/base.py"),
        (["foundations/gazetteer.py", "data/derived.py"], "data/derived.py"),
        (["foundations/memberships.csv"], "foundations/memberships.csv"),
        (["reports/render.py"], None),
    ],
)
def test_other_code_is_named_by_the_nearest_file_that_reads_or_combines_the_figures(project, changed, named):
    a = made(project, "a")
    store(project, "read_anew", READ_ANEW, {"2023": (500, 450, 500)})
    b = made(project, "b")
    datasets = pd.read_csv(b / "data/datasets.csv", dtype="str", keep_default_na=False)
    datasets.assign(loader="data/sources/banque_de_france.py").to_csv(b / "data/datasets.csv", index=False)
    altered(b, "inputs.json", lambda inputs: inputs["code"].update(dict.fromkeys(changed, "other")))
    rows = compare.compare(a, b).differences
    causes = set(rows.loc[rows["territory"] == "2A", ["detail", "what"]].itertuples(index=False, name=None))
    assert causes == {("code", named) if named else ("unexplained", "")}


def test_the_same_file_read_by_other_code_or_defined_anew_is_a_change_of_method(project):
    a = made(project, "a")
    store(project, "read_anew", READ_ANEW, {"2023": (500, 450, 500)})
    b = made(project, "b")
    altered(b, "inputs.json", lambda inputs: inputs["code"].update({"data/panel.py": "other"}))
    assert ("method", "major", READ_ANEW, "2A", "2023", "code") in found(a, b)
    altered(b, "inputs.json", lambda inputs: inputs.update({"code": {}, "assumptions": {"peers": "other"}}))
    altered(a, "inputs.json", lambda inputs: inputs.update({"code": {}}))
    assert ("method", "major", READ_ANEW, "2A", "2023", "assumption") in found(a, b)
    codebook = pd.read_csv(b / "data/codebook.csv", dtype="str", keep_default_na=False)
    codebook.loc[codebook["indicator"] == READ_ANEW, "formula"] = "100 × a ÷ b"
    codebook.to_csv(b / "data/codebook.csv", index=False)
    rows = found(a, b)
    assert {
        ("method", "major", READ_ANEW, "2A", "2023", "formula"),
        ("method", "minor", READ_ANEW, "", "", "formula"),
    } <= rows
    store(project, "read_anew", READ_ANEW, {"2023": (500, None, 500)})
    c = made(project, "c")
    codebook.to_csv(c / "data/codebook.csv", index=False)
    assert ("method", "major", READ_ANEW, "2A", "2023", "formula") in found(a, c)
    store(project, "read_anew", READ_ANEW, {"2023": (500, 500, 500), "2024": (900, 500, 500)})
    c = made(project, "c")
    codebook.to_csv(c / "data/codebook.csv", index=False)
    assert ("method", "major", READ_ANEW, "67", "2024", "later") in found(a, c)


def test_what_appears_or_disappears_is_a_change_of_perimeter(project):
    a = made(project, "a")
    store(project, "revised", REVISED, {"2023": (1000, None, 1000)})
    Catalogue(project / "data/raw").sidecar_path("test/moved").unlink()
    path = project / "editions/essai.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"67", "2A", "974"', '"67", "2A"'), encoding="utf-8"
    )
    rows = {row for row in found(a, made(project, "b")) if row[3] not in ("FR", "FM")}
    assert rows == {
        ("perimeter", "major", "", "974", "", "territory_gone"),
        ("perimeter", "major", MOVED, "", "", "indicator_gone"),
        ("perimeter", "major", REVISED, "2A", "2023", "figure_gone"),
    }


def test_a_correction_shows_as_such(project):
    a = made(project, "a")
    entry = {
        "name": "essai", "dataset": "test/revised", "period": "2023", "territory": "2A", "published": {REVISED: 1000},
        "corrected": {REVISED: 100}, "why": {"fr": "x", "en": "x"}, "reference": "r", "checked": "2026-11-23",
    }  # fmt: skip
    write(project, "corrections", corrections=[entry])
    b = made(project, "b")
    assert ("correction", "major", REVISED, "2A", "2023", "corrected") in found(a, b)
    write(project, "corrections", corrections=[{**entry, "corrected": {REVISED: 110}}])
    assert ("correction", "major", REVISED, "2A", "2023", "corrected") in found(b, made(project, "c"))


def test_a_figure_that_stays_within_its_bounds_is_never_more_than_information():
    frame = pd.DataFrame({"indicator": ["x"], "period": ["2023"], "value_a": [10.0], "value_b": [14.0]})
    bounds = {"lower_a": 5.0, "upper_a": 15.0, "lower_b": float("nan"), "upper_b": float("nan")}
    figures_ = pd.DataFrame({"indicator": "x", "period": "2023", "territory": ["67"], "value": [1.0]})
    codebook = pd.DataFrame({"additive": ["false"]}, index=["x"])
    one = compare.Snapshot("a", {}, figures_, codebook, codebook, codebook)
    assert list(severities(frame.assign(**bounds), one, one, RULES)) == ["info"]
    assert list(severities(frame.assign(**bounds | {"upper_a": 12.0}), one, one, RULES)) == ["major"]


def test_the_command_gives_a_table_a_csv_and_an_exit_code(project, tmp_path):
    made(project, "a")
    store(project, "revised", REVISED, {"2023": (1010, 1000, 1000)}, sha="1")
    made(project, "b")
    app = typer.Typer()
    app.command()(command)

    def run(*arguments):
        result = CliRunner().invoke(app, [str(x) for x in arguments])
        return result.exit_code, " ".join(result.output.split())

    code, output = run("a", "b", "--csv", tmp_path / "differences.csv")
    assert code == 0 and "revisions of data" in output and "new file of the producer: test/revised" in output
    rows = pd.read_csv(tmp_path / "differences.csv")
    assert tuple(rows.columns) == compare.COLUMNS and "revision" in set(rows["kind"])
    assert run("a", "b", "--fail-on", "minor")[0] == 1
    assert run("a", project / "reports/a", "--fail-on", "info") == (
        0,
        "Nothing changed from edition a to edition a.",
    )
    assert run("a", "c")[0] == 2 and "a, b" in run("a", "c")[1]
    assert run("a", "b", "--fail-on", "severe")[0] == 2
    shutil.copy(project / "reports/a/data/codebook.csv", project / "reports/b/data/figures.parquet")
    assert run("a", "b")[0] == 2
