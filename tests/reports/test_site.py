"""The index: every département reachable, with and without scripts, and what is missing said."""

import base64
import hashlib
import re
from datetime import date

import pytest

from analysis import territories
from analysis.reports import site
from analysis.reports.edition import Edition, Task
from analysis.reports.render import Context
from analysis.values import Text

OUTCOMES = ("diagnostic", "non_recours")


@pytest.fixture
def edition():
    title = Text("édition <2025>", "2025 edition")
    return Edition("2025", title, OUTCOMES, territories.DEPARTEMENTS, ("fr",), date(2025, 11, 30))


@pytest.fixture
def context(edition):
    titles = {
        "diagnostic": {"fr": "Diagnostic", "en": "Diagnosis"},
        "non_recours": {"fr": "Non-recours", "en": "Take-up"},
    }
    return Context(edition.name, edition.title, edition.vintages, titles)


def made(folder, edition, lang="fr", without=()):
    for code in edition.territories:
        for outcome in edition.outcomes:
            task = Task(edition.name, code, outcome, lang)
            path = folder / task.path
            path.parent.mkdir(parents=True, exist_ok=True)
            ending = ".html" if (code, outcome) not in without else ".error.txt"
            (path.parent / f"{task.stem}{ending}").write_text("x", encoding="utf-8")


def test_every_departement_has_a_tile_and_links_that_exist(tmp_path, edition, context):
    made(tmp_path, edition)
    site.write(edition, tmp_path, context)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    tiles = re.findall(r'<li class="x\d+ y\d+"><a href="#t-(\w+)" aria-label="([^"]+)"', text)
    assert [code for code, _ in tiles] == list(territories.DEPARTEMENTS) and ("67", "Bas-Rhin (67)") in tiles
    places = re.findall(r'<li class="(x\d+ y\d+)">', text)
    assert len(set(places)) == 101 and all(f".{c}{{" in text for place in places for c in place.split())
    links = re.findall(r'<a href="([^#"]+\.html)"', text)
    assert len(links) == 202 and all((tmp_path / link).is_file() for link in links)
    assert set(re.findall(r'id="t-(\w+)"', text)) == set(territories.DEPARTEMENTS)
    assert "édition &lt;2025&gt;" in text and not (tmp_path / "index.en.html").exists()


def test_failures_and_absences_are_said(tmp_path, edition, context):
    made(tmp_path, edition, without={("2A", "diagnostic")})
    (tmp_path / "974/non_recours.html").unlink()
    site.write(edition, tmp_path, context)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="2A/diagnostic.error.txt">Corse-du-Sud, Diagnostic\u00a0: lire l’erreur' in text
    assert (
        'href="2A/diagnostic.html"' not in text
        and 'class="broken" aria-label="Corse-du-Sud (2A)\u00a0:' in text
    )
    assert "Non-recours\u00a0: pas encore produit" in text and 'href="974/non_recours.html"' not in text
    assert "Nombre de rapports\u00a0: 200" in text


def test_a_stale_page_beside_an_error_is_not_linked(tmp_path, edition, context):
    made(tmp_path, edition)
    (tmp_path / "67/diagnostic.error.txt").write_text("x", encoding="utf-8")
    assert 'href="67/diagnostic.html"' not in site.page(edition, tmp_path, context, "fr", ["fr"])


def test_an_index_in_each_language_that_has_reports(tmp_path, edition, context):
    made(tmp_path, edition)
    made(tmp_path, edition, lang="en")
    assert [path.name for path in site.write(edition, tmp_path, context)] == ["index.html", "index.en.html"]
    english = (tmp_path / "index.en.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in english and 'href="67/diagnostic.en.html"' in english
    assert '<a href="index.html" lang="fr" hreflang="fr">Version française</a>' in english


def test_the_script_is_allowed_by_checksum_and_nothing_else_is(tmp_path, edition, context):
    text = site.page(edition, tmp_path, context, "fr", ["fr"])
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1].replace("&#39;", "'")
    for tag in ("style", "script"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy and not re.search(r"src=\"|href=\"https?:", text)


def test_the_search_finds_by_name_number_and_region_without_accents(tmp_path, edition, context):
    text = site.page(edition, tmp_path, context, "fr", ["fr"])
    keys = dict(re.findall(r'id="t-(\w+)" data-key="([^"]+)"', text))
    assert keys["22"] == "cotes d armor 22 bretagne" and keys["974"] == "la reunion 974 la reunion"
    assert '<div class="search" role="search" hidden>' in text


def test_departements_outside_the_edition_are_shown_without_a_link(tmp_path, edition, context):
    small = Edition("demo", edition.title, OUTCOMES, ("2A", "67"), ("fr",), edition.vintages)
    text = site.page(small, tmp_path, context, "fr", ["fr"])
    assert (
        len(re.findall(r'<li class="x\d+ y\d+">', text)) == 101
        and len(re.findall(r'<a href="#t-', text)) == 2
    )
