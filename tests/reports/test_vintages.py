"""An edition is made from the vintages that it names, or of the day on which it was closed, whatever came out since."""

import gzip

import pytest

from analysis.data import panel as panels
from analysis.data import processed
from analysis.data.catalogue import VINTAGES, Catalogue
from analysis.data.panel import Panel
from analysis.reports import edition as editions
from analysis.reports.beside import compare, datapackage
from tests.reports.conftest import code, notebook, parameters
from tests.reports.test_compare import RULES, write
from tests.reports.test_data_commands import run
from tests.reports.test_run import pacte
from tests.unit.test_catalogue import NAME as PEOPLE
from tests.unit.test_catalogue import sidecar, table

SHOWS = code(
    "import analysis\nreport = analysis.open_report(territory)\n"
    f"print(report.value('{PEOPLE}').value, report.catalogue.sidecar('test/domiciled').vintage)"
)


@pytest.fixture
def project(make_project, monkeypatch):
    """Figures of which another vintage came out in 2027, with one dataset that was not there before."""
    monkeypatch.setenv(VINTAGES, "")
    root = make_project(essai=notebook(parameters(), SHOWS))
    catalogue = Catalogue(root / "data/raw")
    catalogue.store(table((120.0, 80.0)), sidecar(vintage="2024"))
    catalogue.store(table((150.0, 90.0)), sidecar(vintage="2024 (2027-01-20)", modified="2027-01-20"))
    dwellings = table((7.0, 8.0)).assign(indicator="count_dwellings")
    catalogue.store(dwellings, sidecar("test/new", vintage="2026", modified="2027-02-01"))
    return root


def closed(root, vintages):
    path = root / "editions/essai.yml"
    text = path.read_text(encoding="utf-8").partition("vintages:")[0]
    path.write_text(f"{text}vintages: {vintages}\n", encoding="utf-8")
    editions.hold(editions.load("essai", root))


@pytest.mark.parametrize(
    ("vintages", "value", "vintage", "new"),
    [
        ("2026-11-23", 120.0, "2024", False),
        ("2027-01-20", 150.0, "2024 (2027-01-20)", False),
        ("2027-02-01", 150.0, "2024 (2027-01-20)", True),
        ('{test/domiciled: "2024"}', 120.0, "2024", True),
        ('{test/domiciled: "2024 (2027-01-20)"}', 150.0, "2024 (2027-01-20)", True),
    ],
)
def test_figures_and_their_source_are_those_of_the_edition(project, capsys, vintages, value, vintage, new):
    closed(project, vintages)
    catalogue = Catalogue()
    assert Panel.open().value(PEOPLE, "67", "2024").value == value
    assert (catalogue.sidecar("test/domiciled").vintage, "test/new" in catalogue) == (vintage, new)
    assert ("test/new" in list(catalogue), catalogue.check("test/domiciled")) == (new, [])
    left = (
        "" if new else "came out since of " + ("test/new" if value == 150.0 else "test/domiciled, test/new")
    )
    assert left in capsys.readouterr().err


def test_a_whole_run_is_made_from_them_and_comes_to_the_newer_ones_with_its_day(project, tmp_path):
    closed(project, "2026-11-23")
    out, page = tmp_path / "out", tmp_path / "out/essai/67/essai.html"
    pacte("report", "67", "--edition", "essai", "--out", out)
    assert "120.0 2024\n" in page.read_text(encoding="utf-8")
    closed(project, "2027-03-01")
    pacte("report", "67", "--edition", "essai", "--out", out)
    assert "150.0 2024 (2027-01-20)" in page.read_text(encoding="utf-8")


def test_two_editions_of_two_vintages_are_compared_as_a_revision(project):
    write(project, "comparison", **RULES)
    folders = []
    for name, vintages in (("a", "2026-11-23"), ("b", "2027-01-20")):
        closed(project, vintages)
        panels.ensure(None, Catalogue())
        folders.append(project / "reports" / name)
        assert datapackage.write_edition(folders[-1], editions.load("essai", project), project)
    rows = compare.compare(*folders, Catalogue(vintages={})).differences
    assert set(zip(rows["kind"], rows["detail"], rows["what"], strict=True)) == {
        ("revision", "file", "test/domiciled")
    }


def test_a_vintage_that_is_nowhere_is_refused_with_those_there_are(project):
    with pytest.raises(editions.EditionError, match="not '2023'; kept of it are '2024'"):
        closed(project, '{test/domiciled: "2023"}')


def test_a_departement_s_own_figures_are_never_kept_apart_and_every_panel_is_forgotten(project):
    closed(project, "2026-11-23")
    place = panels.ensure(None, Catalogue())
    assert place.name != processed.PANEL
    processed.forget(project)
    assert not place.exists()
    catalogue = Catalogue(vintages={})
    for vintage, values in (("a", (1.0, 2.0)), ("b", (3.0, 4.0))):
        catalogue.store(table(values), sidecar("local/own_67", vintage=vintage, quality="local"))
    assert catalogue.kept("local/own_67") == []


def test_the_vintages_that_are_kept_are_listed_and_checked(project):
    assert "test/domiciled: kept apart, for editions that name them: 2024\n" in run("check").stdout
    (path,) = (project / "data/raw/test/vintages").glob("*.csv.gz")
    path.write_bytes(gzip.compress(b"altered"))
    assert (
        "sha256 differs" in (said := pacte("data", "check", ok=1))
        and "(the vintage 2024, kept apart)" in said
    )
