"""What a reader takes away: every number of the page is in its CSV, its provenance is complete, its notebook runs, and an
edition's data describe themselves."""

import csv
import gzip
import html
import io
import json
import re
from dataclasses import replace

import jsonschema
import nbformat
import pandas as pd
import pytest

from analysis.batch import build, jobs
from analysis.data import panel
from analysis.data.catalogue import Catalogue
from analysis.data.processed import panel_path
from analysis.foundations import observation
from analysis.foundations.cells import figures
from analysis.foundations.columns import in_order, row_value
from analysis.foundations.files import sha256_of
from analysis.foundations.notes import MEDIANS
from analysis.foundations.observation import Shown, showing
from analysis.foundations.values import Text, Value, dictionary
from analysis.presentation.figures import Line, trend
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.tables import Column, Table
from analysis.reports import edition as editions
from analysis.reports import modelled
from analysis.reports.beside import datapackage, downloads
from analysis.reports.beside import manifest as manifests
from analysis.reports.edition import Task
from tests.reports.conftest import code, markdown, notebook, parameters
from tests.unit.test_catalogue import sidecar

NAME, RATE = "count_domiciled_people", "rate_unemployment"
CELLS = (
    parameters(),
    markdown("## Chiffres", "fr"),
    code(
        "from analysis.data.panel import Panel\nfrom analysis.presentation.tables import Column, Table\n"
        "from analysis.foundations.values import Value\n"
        "panel = Panel.open()\nhere = panel.value('count_domiciled_people', territory, '2024')\n"
        "bare = Value('count_domiciled_people', '2A', '2024', 60.0, None, None, 'observed')\n"
        "columns = [Column('name', 'Lieu', 'text'), Column('here', 'Ici'), Column('z', 'Écart', decimals=2)]\n"
        "rows = [{'name': 'un', 'here': here, 'z': 1.2345}, {'name': 'deux', 'here': bare, 'z': None}]\n"
        "Table('essai', 'Essai', columns, rows, lang)"
    ),
)


@pytest.fixture
def project(make_project):
    root = make_project(essai=notebook(*CELLS))
    rows = [("67", "2024", NAME, 1234.0), ("2A", "2024", NAME, 60.0), ("67", "2024", RATE, 7.5)]
    frame = pd.DataFrame(rows, columns=["territory", "period", "indicator", "value"])
    catalogue = Catalogue(root / "data/raw")
    catalogue.store(figures(frame), sidecar("test/domiciled"))
    panel.ensure(panel_path(root).parent, catalogue)
    return root


def job(root, tmp_path, engine="pacte", edition="essai", outcome="essai"):
    from analysis.reports.pages.parts import Context

    chosen = editions.load(edition, root)
    (task,), books = editions.plan(chosen, ["67"], [outcome], ["fr"], root)
    context = Context(chosen.name, chosen.title, chosen.vintages, editions.titles(chosen, root))
    places = (root, tmp_path / engine, context, engine, 120.0, tmp_path / "scratch", tmp_path / "results")
    return jobs.Job(task, books[task.outcome], *places)


def built(*places):
    """Build in a process of its own, as a batch does."""
    from analysis.batch.pool import Pool

    one = job(*places)
    (end,) = Pool(build.build, timeout=120, warm={"modules": [], "root": str(one.root), "notebooks": []}).run(
        [one]
    )
    assert end.problem is None and end.result.reason is None, end.problem or end.result.reason
    return one.folder, end.result


def rows_of(folder):
    return list(csv.DictReader(io.StringIO((folder / "67/essai.csv").read_text(encoding="utf-8"))))


def test_what_is_shown_stands_beside_the_page_with_all_that_goes_with_it(project, tmp_path):
    folder, result = built(project, tmp_path)
    assert result.beside == {
        path: sha256_of((folder / path).read_bytes()) for path in downloads.names(result.task).values()
    }
    here, bare, statistic = rows_of(folder)
    assert (here["name"], here["value"], here["state"], here["source"]) == (
        "Bas-Rhin",
        "1234",
        "observed",
        "test/domiciled",
    )
    assert (bare["value"], bare["source"], bare["quality"]) == ("60", "test/domiciled", "producer"), (
        "found again whole"
    )
    assert (statistic["label"], statistic["name"], statistic["value"]) == ("Essai · Écart", "un", "1.2345")
    made = json.loads((folder / "67/essai.provenance.json").read_text(encoding="utf-8"))
    assert made["files"]["page"]["sha256"] == result.sha256
    assert [(d["name"], d["published"][0]["sha256"]) for d in made["datasets"]] == [
        ("test/domiciled", "0" * 64)
    ]
    assert made["notebook"]["sha256"] == sha256_of((project / "notebooks/report_essai.ipynb").read_bytes())
    assert made["libraries"]["pandas"] == pd.__version__


def test_the_notebook_that_is_given_is_the_one_that_ran(project, tmp_path):
    folder, _ = built(project, tmp_path)
    book = nbformat.read(folder / "67/essai.ipynb", as_version=4)
    nbformat.validate(book)
    cells = [cell for cell in book.cells if "parameters" in cell.metadata.get("tags", ())]
    assert cells[0].source == 'territory = "67"\nedition = "essai"\nlang = "fr"'
    assert all(not cell.outputs for cell in book.cells if cell.cell_type == "code")


@pytest.mark.slow
def test_a_kernel_leaves_the_same_files(project, tmp_path):
    (one, first), (other, second) = built(project, tmp_path), built(project, tmp_path, "kernel")
    assert first.beside == second.beside and rows_of(one) == rows_of(other)


def test_a_failure_withdraws_what_stood_beside_the_page(project, tmp_path):
    folder, _ = built(project, tmp_path)
    build.record_failure(job(project, tmp_path), "no", "", None)
    assert [path.name for path in (folder / "67").iterdir()] == ["essai.error.txt"]


def test_verification_compares_what_stands_beside(project, tmp_path):
    folder, result = built(project, tmp_path)
    manifest = manifests.Manifest(folder, "essai", {"essai": {}})
    manifest.record(result.task, result.sha256, result.bytes, result.beside)
    made = manifest.checksums()
    assert manifests.differences(result.checksums, made, folder) == {}
    (folder / "67/essai.csv").write_text("altered", encoding="utf-8")
    (folder / "67/essai.ipynb").unlink()
    assert manifests.differences(result.checksums, made, folder) == {
        "67/essai.csv": "was altered since it was made",
        "67/essai.ipynb": "is not there any more",
    }
    manifest.record(result.task, result.sha256, 1, {})  # up to date: entered without being made
    assert manifest.checksums() == made


# ------------------------------------------------------------------------------------------------------ a real report


def test_every_number_of_a_table_and_of_a_sentence_is_recorded():
    """On figures of the project: each cell of numbers of the HTML is a row of the CSV, written the same way."""
    figures_ = panel.Panel.open()
    section = figures_.cross_section(RATE, "2024-Q4")
    values = [row_value(row) for row in section.to_dict("records")]
    columns = [
        Column("name", "Nom", "text"),
        Column("value", "Valeur", unit="percent"),
        Column("z", "z", decimals=3),
    ]
    rows = [{"name": v.territory, "value": v, "z": i / 7} for i, v in enumerate(values)]
    with showing() as shown:
        page = Table("t", "Titre", columns, rows, "fr").html()
        sentences.level(figures_.value(RATE, "67", "2023-Q4"), "fr")
    content = downloads.Content.of(observation.Reads(), shown)
    out = pd.read_csv(io.BytesIO(downloads.figures_csv(content, "fr")), dtype="str", keep_default_na=False)
    assert ("67", "2023-Q4") in set(zip(out["territory"], out["period"], strict=True))
    decimals = out["indicator"].map(lambda name: dictionary()[name].decimals if name else 3)
    absent = next(v for v in values if not v.known)  # Mayotte is not in the localised series
    written = [
        formats.number(float(x), "fr", d) if x else formats.absence(absent, "fr")
        for x, d in zip(out["value"], decimals, strict=True)
    ]
    assert set(out.loc[out["value"] == "", "state"]) == {"unpublished"}
    cells = [
        html.unescape(re.sub(r"<[^>]+>", "", cell))
        for cell in re.findall(r'<td class="num">(.*?)</td>', page)
    ]
    assert len(cells) == 202 and set(cells) <= set(written)


def test_a_bare_figure_is_completed_only_by_the_same_figure():
    shown = Shown()
    whole = Value(RATE, "67", "2024", 7.5, 7.4, 7.6, "observed", "producer", "a/b", "note")
    shown.known[RATE] = [lambda territory, period: whole if (territory, period) == ("67", "2024") else None]
    bare, other, median = (
        Value(RATE, code, "2024", x, None, None, "observed")
        for code, x in (("67", 7.5), ("67", 8), ("", 7.5))
    )
    shown.values = dict.fromkeys([bare, whole, other, median])
    assert shown.figures() == [whole, other, median]


# ---------------------------------------------------------------------------------------------------------- editions

_PATH = {"type": "string", "pattern": "^(?!/)(?!.*\\.\\.).+$"}
_NAMED = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "pattern": "^[-a-z0-9._/]+$"}},
}
_FIELD = {
    "required": ["name", "type"],
    "properties": {"name": {"type": "string"}, "type": {"enum": ["string", "number", "integer", "boolean"]}},
}
_TABULAR = {
    "required": ["schema", "path", "profile", "encoding"],
    "properties": {
        "path": _PATH,
        "hash": {"pattern": "^sha256:[0-9a-f]{64}$"},
        "schema": {
            "required": ["fields", "primaryKey"],
            "properties": {"fields": {"type": "array", "minItems": 1, "items": _FIELD}},
        },
    },
}
DESCRIPTOR = {
    **_NAMED,
    "required": ["name", "resources", "licenses", "sources"],
    "properties": {
        **_NAMED["properties"],
        "resources": {
            "type": "array",
            "minItems": 1,
            "items": {
                **_NAMED,
                "if": {
                    "properties": {"profile": {"const": "tabular-data-resource"}},
                    "required": ["profile"],
                },
                "then": _TABULAR,
            },
        },
        "licenses": {
            "type": "array",
            "minItems": 1,
            "items": {"anyOf": [{"required": ["name"]}, {"required": ["path"]}]},
        },
        "sources": {"type": "array", "items": {"required": ["title"]}},
    },
}
"""What the specification of data packages (version 1) asks of a descriptor like ours."""


def test_an_edition_describes_its_own_data(project, tmp_path):
    chosen = editions.load("essai", project)
    assert datapackage.write_edition(tmp_path, chosen, project)
    place = tmp_path / "data"
    package = json.loads((place / "datapackage.json").read_text(encoding="utf-8"))
    jsonschema.validate(package, DESCRIPTOR)
    tables = {}
    for resource in package["resources"]:
        content = (place / resource["path"]).read_bytes()
        assert (resource["bytes"], resource["hash"]) == (len(content), f"sha256:{sha256_of(content)}")
        if "schema" in resource:
            text = gzip.decompress(content) if resource.get("compression") == "gz" else content
            table = pd.read_csv(io.BytesIO(text), dtype="str", keep_default_na=False)
            assert list(table) == [field["name"] for field in resource["schema"]["fields"]]
            assert not table.duplicated(resource["schema"]["primaryKey"]).any()
            tables[resource["name"]] = table
            for field in resource["schema"]["fields"]:
                if field["type"] == "number":
                    table[field["name"]].map(lambda x: float(x) if x else None)
    for key in package["resources"][0]["schema"]["foreignKeys"]:
        there = set(tables[key["reference"]["resource"]][key["reference"]["fields"]])
        assert set(tables["figures"][key["fields"]]) <= there
    parquet = pd.read_parquet(place / "figures.parquet")
    assert (
        parquet["value"].tolist()
        == tables["figures"]["value"].map(lambda x: float(x) if x else None).tolist()
    )


def test_an_edition_is_written_when_something_changed_and_always_the_same(project, tmp_path):
    chosen = editions.load("essai", project)

    def files(folder):
        return {path.name: path.read_bytes() for path in sorted((folder / "data").iterdir())}

    assert datapackage.write_edition(tmp_path / "a", chosen, project)
    assert not datapackage.write_edition(tmp_path / "a", chosen, project)
    assert datapackage.write_edition(tmp_path / "b", chosen, project)
    sound = files(tmp_path / "a")
    assert sound == files(tmp_path / "b")
    (tmp_path / "a/data/figures.parquet").write_bytes(b"altered")
    assert datapackage.write_edition(tmp_path / "a", chosen, project)
    (tmp_path / "b/data/inputs.json").write_text("{}", encoding="utf-8")
    assert datapackage.write_edition(tmp_path / "b", chosen, project)
    assert files(tmp_path / "a") == sound == files(tmp_path / "b")


def test_names_follow_the_page(project):
    assert downloads.links(Task("essai", "67", "essai", "en")) == {
        "figures": "essai.en.csv", "provenance": "essai.en.provenance.json", "notebook": "essai.en.ipynb",
    }  # fmt: skip


@pytest.mark.slow
def test_every_number_in_the_tables_of_a_real_report_is_in_its_csv(tmp_path):
    """The project's own report on energy in the Bas-Rhin: each cell of numbers, as it is written, is a row of the CSV."""
    from analysis.foundations.files import project_root

    root = project_root()
    folder, result = built(root, tmp_path, "pacte", "2025", "precarite_energetique")
    rows = csv.DictReader(io.StringIO((folder / "67/precarite_energetique.csv").read_text(encoding="utf-8")))
    known = {formats.number(float(row["value"]), "fr", d) for row in rows if row["value"] for d in range(4)}
    page = (folder / result.task.path).read_text(encoding="utf-8")
    cells = [
        re.sub(r"<span.*?</span>|<[^>]+>", "", c)
        for c in re.findall(r'<td class="num">(.*?)</td>', page, re.DOTALL)
    ]
    numbers = [
        m[0].rstrip("\u202f")
        for c in cells
        if (m := re.search(r"−?\d[\d\u202f]*(?:,\d+)?", html.unescape(c)))
    ]
    assert len(numbers) > 300 and set(numbers) <= known


def test_a_new_figure_is_written_and_a_new_title_leaves_the_figures(project, tmp_path):
    chosen, place = editions.load("essai", project), tmp_path / "data"
    datapackage.write_edition(tmp_path, chosen, project)
    before = (place / "figures.parquet").stat().st_mtime_ns
    chosen = replace(chosen, title=Text(fr="un autre titre", en="another title"))
    assert datapackage.write_edition(tmp_path, chosen, project)
    assert (place / "figures.parquet").stat().st_mtime_ns == before
    rows = pd.DataFrame({"territory": ["67"], "period": ["2023"], "indicator": [NAME], "value": [7.0]})
    catalogue = Catalogue(project / "data/raw")
    catalogue.store(figures(rows), sidecar("test/more"))
    panel.ensure(panel_path(project).parent, catalogue)
    assert datapackage.write_edition(tmp_path, chosen, project)
    assert 7.0 in set(pd.read_parquet(place / "figures.parquet")["value"])


def test_modelled_figures_are_taken_away_too_and_follow_their_assumptions(project, tmp_path, monkeypatch):
    row = {"territory": "67", "period": "2023", "indicator": "rate_rsa_non_take_up_expected", "value": 34.0}
    rows = row | {
        "lower": 24.0,
        "upper": 45.0,
        "state": "modelled",
        "quality": "derived",
        "source": "a × b",
        "note": "",
    }
    made = in_order(pd.DataFrame([rows]))
    monkeypatch.setattr(modelled, "rows", lambda figures: made)
    chosen, place = editions.load("essai", project), tmp_path / "data"
    datapackage.write_edition(tmp_path, chosen, project)
    found = pd.read_parquet(place / "figures.parquet").astype({"indicator": "str"}).iloc[-1]
    assert (found["indicator"], found["value"], found["state"]) == (row["indicator"], 34.0, "modelled")
    codebook = pd.read_csv(place / "codebook.csv").set_index("indicator")
    assert codebook.loc[row["indicator"], "modelled"] and codebook.loc[row["indicator"], "datasets"] == "a b"
    (project / "data/raw/parameters").mkdir()
    (project / "data/raw/parameters/non_take_up.yml").write_text("period: '2024'", encoding="utf-8")
    made["value"] = 35.0
    assert datapackage.write_edition(tmp_path, chosen, project)
    assert pd.read_parquet(place / "figures.parquet")["value"].iloc[-1] == 35.0


@pytest.mark.parametrize(
    ("group", "name"),
    [("peers", "Médiane des départements comparables"), ("all", "Médiane des départements")],
)
def test_a_median_says_of_whom_it_is(group, name):
    median = Value("rate_poverty_60", "", "2021", 15.0, None, None, "observed", note=MEDIANS[group])
    rows = list(
        csv.reader(io.StringIO(downloads.figures_csv(downloads.Content(figures=(median,)), "fr").decode()))
    )
    assert dict(zip(*rows, strict=True))["name"] == name


def test_a_period_without_a_figure_is_of_the_line_that_lacks_it():
    long = pd.DataFrame({"territory": "67", "period": ["2020", "2021"], "value": [1.0, 2.0]})
    short = pd.DataFrame({"period": ["2021"], "value": [3.0], "note": MEDIANS["peers"]})
    lines = [Line("Bas-Rhin", long, "territory"), Line("Médiane", short, "peers")]
    table = trend(lines, key="k", indicator="rate_poverty_60", lang="fr").table
    absent = table.rows[0]["line_2"]
    assert (absent.state, absent.note) == ("unavailable", MEDIANS["peers"])
