"""Pages in a browser: accessible, readable at 390 pixels, silent on the network, usable without scripts."""

import shutil
from pathlib import Path

import pytest

from analysis.reports import edition as editions
from analysis.reports import run as batch
from tests.reports.conftest import RICH, code, notebook, project_at

pytestmark = pytest.mark.browser

TABLE = """HTML('<div class="prose summary"><p>Résumé.</p></div><div class="prose caution"><p>Attention.</p></div>'
 '<p>Une valeur <span class="state state-provisional">provisoire</span>,'
 ' <span class="state state-modelled">modélisée</span>,'
 ' <span class="state state-suppressed">secrète</span>.</p>'
 '<table class="data"><caption>Douze colonnes</caption><thead><tr>' + '<th scope="col">Une colonne</th>' * 12
 + '</tr></thead><tbody><tr>' + '<td class="num">12 345,6</td>' * 12 + '</tr></tbody></table>')"""


@pytest.fixture(scope="module")
def chromium():
    sync = pytest.importorskip("playwright.sync_api")
    path = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
    if path is None:
        pytest.skip("needs Chromium, which is not installed here")
    with sync.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def edition_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edition")
    root = project_at(
        folder / "project", essai=notebook(*RICH, code(TABLE)), casse=notebook(*RICH, code("1/0"))
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACTE_HOME", str(root))
        edition = editions.load("essai", root)
        tasks, books = editions.plan(edition, ["67", "2A"], languages=["fr", "en"], root=root)
        return batch.run(edition, tasks, books, root, folder / "out").folder


def opened(chromium, path: Path, width: int, **options):
    """A page, with what it says on its console and what it asks of the network."""
    page = chromium.new_page(viewport={"width": width, "height": 800}, **options)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: request.url.startswith(("file:", "data:")) or said.append(request.url))
    page.goto(path.as_uri())
    return page, said


def test_pages_are_accessible_readable_and_silent(chromium, edition_folder):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for name in ("67/essai.html", "2A/essai.en.html", "index.html", "index.en.html"):
        for width in (1280, 390, 320):
            page, said = opened(chromium, edition_folder / name, width)
            found = axe.run(page).response["violations"]
            assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], (name, width)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            assert said == [], (name, width)
            assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)"), name
            page.close()


def test_code_opens_with_the_keyboard_and_the_skip_link_leads_to_the_content(chromium, edition_folder):
    page, _ = opened(chromium, edition_folder / "67/essai.html", 1280)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    code_ = page.locator("details.code").first
    code_.locator("summary").focus()
    page.keyboard.press("Enter")
    assert code_.evaluate("e => e.open") and page.locator("details.code[open]").count() == 1
    page.close()


def test_the_search_filters_and_a_tile_leads_to_its_departement(chromium, edition_folder):
    expect = pytest.importorskip("playwright.sync_api").expect
    page, said = opened(chromium, edition_folder / "index.html", 1280)
    shown = page.locator(".departements > li:visible")
    expect(shown).to_have_count(3)
    page.get_by_role("searchbox").fill("réun")
    expect(shown).to_have_count(1)
    expect(page.locator("output")).to_have_text("1 sur 3")
    page.locator(".tiles a", has_text="67").focus()
    page.keyboard.press("Enter")
    expect(shown).to_have_count(3)
    page.locator("#t-67").get_by_role("link").first.click()
    expect(page.locator("h1")).to_have_text("Essai dans le Bas-Rhin")
    page.locator(".breadcrumb a").nth(1).click()
    page.wait_for_url("**/index.html#t-67")
    assert said == []
    page.close()


def test_without_scripts_the_list_is_whole_and_no_dead_box_is_shown(chromium, edition_folder):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((edition_folder / "index.html").as_uri())
    assert page.locator(".departements > li:visible").count() == 3
    assert not page.locator(".search").is_visible()
    context.close()
