"""What a person asks: editions and options are read strictly, and refused with the nearest candidates."""

from datetime import date

import pandas as pd
import pytest

from analysis.batch import run as batch
from analysis.data.catalogue import Catalogue
from analysis.foundations.cells import figures
from analysis.foundations.territories import DEPARTEMENTS
from analysis.reports import edition as editions
from analysis.reports.edition import EditionError, Task
from tests.reports.conftest import EDITION, SMALL, code, notebook, parameters
from tests.unit.test_catalogue import sidecar

GOOD = EDITION.format(name="essai", outcomes="[essai]")


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("languages", "langages", "unknown keys langages; did you mean languages"),
        ("vintages: 2025-11-30\n", "", "vintages missing"),
        ("name: essai", "name: 2025", "name: 2025 is not text but int; put it in quotes"),
        ("name: essai", "name: ../../etc", "is not lower-case letters"),
        ("name: essai", "name: <script>", "is not lower-case letters"),
        ("name: essai", "name: autre", "expected the name of the file, 'essai'"),
        ("name: essai", "name: essai\nname: essai", "line 2: not plain YAML (name is defined twice"),
        ("name: essai", "name: !!python/object/apply:os.system ['true']", "not plain YAML"),
        ("[essai]", "[esai]", "outcomes: 'esai' is unknown; did you mean essai?"),
        ("[essai]", "[]", "outcomes: expected a list of at least one"),
        ("[essai]", "[essai, essai]", "essai is listed twice"),
        ('"67"', "67", "67 is not text but int; put it in quotes"),
        ('"67"', '"bas-rin"', "bas-rhin (67)"),
        ('"67"', '"R84"', "département was expected"),
        ('"67"', '"2a"', "2A is listed twice"),
        ('["67", "2A", "974"]', "tous", "expected a list"),
        ("[fr]", "[de]", "languages: 'de' is unknown"),
        ("{fr: édition d’essai, en: trial edition}", "essai", "title: expected a text for each of fr, en"),
        ("2025-11-30", "hier", "vintages: expected a date"),
        ("2025-11-30", "{drees/rsa: 2020}", "2020 is not text but int"),
        (GOOD, "- 1", "expected keys with their values"),
        (GOOD, "a: &a [*a]\nb: {", "not plain YAML"),
    ],
)
def test_an_edition_that_is_not_right_is_refused_by_name(small, before, after, message):
    assert before in GOOD
    (small / "editions" / "essai.yml").write_text(GOOD.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(EditionError) as refused:
        editions.load("essai")
    assert message in str(refused.value) and "essai.yml" in str(refused.value)


def test_an_edition_says_what_it_holds(small):
    edition = editions.load(str(small / "editions" / "essai.yml"))
    assert edition == editions.load("essai")
    assert edition.territories == ("2A", "67", "974")  # official order
    assert edition.vintages == date(2025, 11, 30)
    assert edition.title["en"] == "trial edition"


@pytest.mark.parametrize("name", ["2025", "demo"])
def test_the_editions_of_the_project_are_right(project, make_project, name):
    outcomes = (
        "diagnostic",
        "non_recours",
        "precarite_energetique",
        "retour_emploi",
        "financement",
        "territoires",
    )
    root = make_project(**{outcome: notebook(*SMALL) for outcome in (*outcomes, "effets")})
    text = (project / "editions" / f"{name}.yml").read_text(encoding="utf-8")
    (root / "editions" / f"{name}.yml").write_text(text, encoding="utf-8")
    edition = editions.load(name)
    tasks, _ = editions.plan(edition)
    assert edition.territories == (DEPARTEMENTS if name == "2025" else ("2A", "67", "974"))
    assert len(tasks) == len(outcomes) * len(edition.territories) + 1
    assert (edition.outcomes, edition.national) == (outcomes, ("effets",))


def test_vintages_are_those_of_the_catalogue(small, monkeypatch):
    text = GOOD.replace("2025-11-30", '{drees/rsa: "octobre 2020"}')
    (small / "editions" / "essai.yml").write_text(text, encoding="utf-8")
    assert editions.load("essai").vintages == {
        "drees/rsa": "octobre 2020"
    }  # no catalogue yet: nothing to hold it to

    catalogue = Catalogue(small / "data" / "raw")
    rows = figures(
        pd.DataFrame(
            {"territory": ["67"], "period": ["2020"], "indicator": ["count_domiciled_people"], "value": [1.0]}
        )
    )
    catalogue.store(rows, sidecar("drees/rsa", vintage="décembre 2024"))
    with pytest.raises(
        EditionError, match=r"drees/rsa is 'décembre 2024' under data/raw, not 'octobre 2020'; kept .* none"
    ):
        editions.load("essai")
    catalogue.store(rows, sidecar("drees/rsa", vintage="octobre 2020"))
    catalogue.store(rows.assign(value=2.0), sidecar("drees/rsa", vintage="décembre 2025"))
    assert editions.load("essai").vintages == {"drees/rsa": "octobre 2020"}  # the one that is kept
    (small / "editions" / "essai.yml").write_text(text.replace("drees/rsa", "drees/rso"), encoding="utf-8")
    with pytest.raises(EditionError, match=r"no dataset 'drees/rso'; did you mean drees/rsa\?"):
        editions.load("essai")


def test_the_latest_year_is_the_default(small):
    with pytest.raises(EditionError, match="--edition"):
        editions.load()
    for year in ("2024", "2025"):
        text = EDITION.format(name=f'"{year}"', outcomes="[essai]")
        (small / "editions" / f"{year}.yml").write_text(text, encoding="utf-8")
    assert editions.load().name == "2025"


@pytest.mark.parametrize(
    "asked", ["esai", "../../etc", "/" + "etc/passwd", "editions/esai.yml", "", "essai; rm", "."]
)
def test_an_unknown_edition_is_refused(small, asked):
    with pytest.raises(EditionError, match="no edition"):
        editions.load(asked)


def test_a_plan_is_in_order_whatever_the_request(small):
    edition = editions.load("essai")
    tasks, books = editions.plan(edition, ["la réunion", "2a", "974"], ["essai"], ["en", "fr"])
    assert [str(task) for task in tasks] == ["2A essai fr", "2A essai en", "974 essai fr", "974 essai en"]
    assert [task.path for task in tasks[:2]] == ["2A/essai.html", "2A/essai.en.html"]
    assert tasks[1].parameters == {"territory": "2A", "edition": "essai", "lang": "en"}
    assert books["essai"].titles == {"fr": "Essai", "en": "Trial"}
    assert [task.territory for task in editions.plan(edition)[0]] == ["2A", "67", "974"]


def test_a_national_report_is_made_once_and_first(make_project):
    root = make_project(essai=notebook(*SMALL), pays=notebook(*SMALL))
    path = root / "editions" / "essai.yml"
    text = path.read_text(encoding="utf-8").replace("[essai, pays]", "[essai]")
    path.write_text(text + "national: [pays]\n", encoding="utf-8")
    edition = editions.load("essai")
    asked = lambda *words, **more: [t.path for t in editions.plan(edition, words, **more)[0]]  # noqa: E731
    assert asked() == ["FR/pays.html", "2A/essai.html", "67/essai.html", "974/essai.html"]
    assert asked("67") == ["67/essai.html"]
    assert asked("france", "67") == ["FR/pays.html", "67/essai.html"]
    assert asked(outcomes=["pays"]) == ["FR/pays.html"]
    with pytest.raises(EditionError, match="pays is a national report: ask for FR, or --all"):
        asked("67", outcomes=["pays"])
    with pytest.raises(EditionError, match="essai is a report on départements"):
        asked("FR", outcomes=["essai"])
    path.write_text(text + "national: [essai]\n", encoding="utf-8")
    with pytest.raises(EditionError, match="essai is among the outcomes of territories as well"):
        editions.load("essai")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"asked": ["../../etc"]}, "unknown territory"),
        ({"asked": ["<script>"]}, "unknown territory"),
        ({"asked": ["67; rm"]}, "67; rm"),
        ({"asked": ["bas-rin"]}, "bas-rhin (67)"),
        ({"asked": ["01"]}, "Ain (01) is not in edition essai; its territories: 2A, 67, 974"),
        ({"outcomes": ["esai"]}, "unknown outcome 'esai'; did you mean essai?"),
        ({"outcomes": ["../essai"]}, "unknown outcome"),
        ({"languages": ["FR"]}, "unknown language 'FR'; languages: fr, en"),
    ],
)
def test_a_request_that_names_something_unknown_is_refused(small, request_, message):
    with pytest.raises(EditionError) as refused:
        editions.plan(editions.load("essai"), **request_)
    assert message in str(refused.value)


TYPED = """\
# what a person chooses
from typing import Final
territory: str = "67"  # type: ignore[assignment]
edition: Final[str] = (
    "20"
    "25"
)
lang: "str | None" = '''fr'''
"""


def test_parameters_may_have_types_comments_and_brackets(make_project, tmp_path):
    root = make_project(essai=notebook(parameters(TYPED), code("print(territory, edition, lang)")))
    assert editions._parameters(TYPED, "") == {"territory": "67", "edition": "2025", "lang": "fr"}
    edition = editions.load("essai", root)
    tasks, books = editions.plan(edition, root=root)
    (done,) = batch.run(edition, tasks[:1], books, root, tmp_path / "out").done
    page = tmp_path / "out/essai" / done.task.path
    assert f"{done.task.territory} essai fr\n</pre>" in page.read_text(encoding="utf-8")
    assert f'territory = \\"{done.task.territory}\\"' in page.with_suffix(".ipynb").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([code("x = 1")], "0 cells are tagged `parameters`"),
        ([parameters(), parameters()], "2 cells are tagged"),
        ([parameters('territory = "67"\nlang = "fr"')], "(differs: ['edition'])"),
        ([parameters('territory = "67"\nedition = "2025"\nlang = "fr"\nyear = "1"')], "(differs: ['year'])"),
        ([parameters('territory = 67\nedition = "2025"\nlang = "fr"')], "['territory'] are not texts"),
        ([parameters("territory = f()")], "more than"),
        ([parameters("territory =")], "more than"),
        ([parameters('territory: str\nedition = lang = "fr"')], "['territory'] are not texts"),
        ([parameters('territory = b"67"')], "['territory'] are not texts"),
        (
            [parameters('territory = "67"\nlang = f"{territory}"')],
            "line 2, \"lang = f'{territory}'\", has to be run",
        ),
        ([parameters('territory, lang = "67", "fr"')], "more than"),
        ([parameters('import os\nterritory = "67"')], "line 1, 'import os'"),
        ([parameters('if True:\n    territory = "67"')], "more than"),
        ([parameters('territory = "67"\nterritory = "68"')], "given twice in the parameters cell, line 2"),
        ([parameters('%time\nterritory = "67"')], "more than"),
    ],
)
def test_a_notebook_with_other_parameters_is_refused(make_project, cells, message):
    make_project(essai=notebook(*cells))
    with pytest.raises(EditionError) as refused:
        editions.plan(editions.load("essai"))
    assert message in str(refused.value) and "notebooks/report_essai.ipynb" in str(refused.value)


def test_a_notebook_has_a_title_in_the_language_asked(make_project):
    root = make_project(essai=notebook(parameters(), title=False))
    with pytest.raises(EditionError, match="no markdown cell tagged fr opens with a `# ` title"):
        editions.plan(editions.load("essai"))
    assert editions.titles(editions.load("essai"), root) == {"essai": {"fr": "essai", "en": "essai"}}
    (root / "notebooks" / "report_essai.ipynb").write_text("{", encoding="utf-8")
    with pytest.raises(EditionError, match="cannot be read as a notebook"):
        editions.plan(editions.load("essai"))


def test_imports_of_a_notebook_are_found_in_spite_of_magics(make_project):
    cells = [code("%matplotlib inline"), code("import a.b as c\nfrom d import e\nfrom . import f")]
    root = make_project(essai=notebook(*cells))
    found = editions.imported(root / "notebooks" / "report_essai.ipynb")
    assert found == {"a.b", "d", "d.e"}


def test_a_task_orders_and_reads(small):
    assert str(Task("essai", "67", "essai", "en")) == "67 essai en"
