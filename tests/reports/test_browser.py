"""Pages in a browser: accessible, readable at 390 pixels, silent on the network, usable without scripts."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from analysis.batch import publication
from analysis.batch import run as batch
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.reports import edition as editions
from analysis.reports.beside import compare
from analysis.reports.edition import Task
from analysis.site import indicator
from tests.reports.conftest import RICH, code, notebook, project_at
from tests.reports.test_compare_site import sample
from tests.reports.test_site import PAGES, context_of, edition_of, made, written
from tests.unit.test_figures import READABLE

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


@pytest.fixture(scope="module")
def effects_folder(tmp_path_factory, project):
    """Reports on effects and on funding, with the project's figures, in both languages; of the policies, one in full."""
    folder = tmp_path_factory.mktemp("effects")
    edition = editions.load("demo", project)
    pages = (("FR", "effets"), ("67", "financement"))
    tasks = [Task(edition.name, *page, lang) for page in pages for lang in ("fr", "en")]
    found = {
        outcome: editions.read_notebook(outcome, editions.notebooks(project)[outcome]) for _, outcome in pages
    }
    nb = nbformat.read(found["effets"].path, as_version=4)
    nb.cells = [
        c for c in nb.cells if "effects_of(" not in c.source or '"renewed_accompaniment")' in c.source
    ]
    nbformat.write(nb, folder / "report_effets.ipynb")
    found["effets"] = replace(found["effets"], path=folder / "report_effets.ipynb")
    summary = batch.run(edition, tasks, found, project, folder / "out")
    assert not summary.failed, summary.failed
    return summary.folder


@pytest.fixture(scope="module")
def site_folder(tmp_path_factory):
    """A site with the project's figures, in both languages, and what changed since another; its reports are empty."""
    folder = tmp_path_factory.mktemp("site") / "essai"
    edition = edition_of(("2A", "67", "974", "976"), ("fr", "en"))
    panel, catalogue = Panel.open(), Catalogue()
    (folder / "indicators").mkdir(parents=True)
    for lang in edition.languages:
        made(folder, edition, lang, without={("2A", "diagnostic")})
        for name in PAGES[:2]:
            page = indicator.make(name, lang, context_of(edition), panel, catalogue, PAGES[:2])
            (folder / indicator.indicator_path(name, lang)).write_bytes(page)
    compare.keep(sample(), folder)
    written(edition, folder)
    (folder / "404.html").write_bytes(publication._missing(None, {"index.html": "", "index.en.html": ""}))
    return folder


def opened(chromium, path: Path, width: int, **options):
    """A page, with what it says on its console and what it asks of the network."""
    page = chromium.new_page(viewport={"width": width, "height": 800}, **options)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: request.url.startswith(("file:", "data:")) or said.append(request.url))
    page.goto(path.as_uri())
    return page, said


def sizes_of_text(page):
    """The smallest text of each drawing of a page as it is shown, in pixels."""
    return page.evaluate(
        """[...document.querySelectorAll('.frame svg')].filter(s => s.clientWidth).map(s =>
             s.clientWidth / s.viewBox.baseVal.width
             * Math.min(...[...s.querySelectorAll('text')].map(t => parseFloat(getComputedStyle(t).fontSize))))"""
    )


def is_sound(axe, page, said, width, name):
    """Nothing to say for axe, minor included, with everything unfolded; no sideways scroll, no small text in a drawing, no
    complaint, no request.

    Of the maps of the overview, which are made alike, the first and the modelled one are unfolded.
    """
    page.evaluate(
        """for (const d of document.querySelectorAll('details')) {
             d.removeAttribute('name');
             d.hidden = d.open = false;
             d.open = !d.matches('.maps > details:not(:first-child, #map-rate_rsa_non_take_up_expected)');
           }"""
    )
    every = {"resultTypes": ["violations"], "rules": {"label-content-name-mismatch": {"enabled": True}}}
    found = axe.run(page, options=every).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], (name, width)
    dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    page.emulate_media(color_scheme="light" if dark else "dark")  # where only colours differ
    found = axe.run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == [], (name, width, "the other scheme")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
    assert all(size >= READABLE for size in sizes_of_text(page)), (name, width)
    assert said == [], (name, width)
    assert page.evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)"), name


def test_reports_are_accessible_readable_and_silent(chromium, edition_folder):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for name, width, scheme in (
        ("67/essai.html", 1280, "light"), ("67/essai.html", 390, "dark"), ("2A/essai.en.html", 320, "light"),
        ("index.html", 320, "dark"), ("index.en.html", 1280, "light"), ("67/index.html", 390, "light"),
    ):  # fmt: skip
        page, said = opened(chromium, edition_folder / name, width, color_scheme=scheme)
        is_sound(axe, page, said, width, name)
        page.close()


@pytest.mark.parametrize(
    ("stem", "french", "english"),
    [
        ("index", (1280, "light"), (390, "dark")),
        ("67/index", (390, "light"), (1280, "dark")),
        ("2A/index", (1280, "dark"), (390, "light")),
        ("indicators/index", (390, "dark"), (1280, "light")),
        ("indicators/rate_poverty_60", (1280, "dark"), (390, "light")),
        ("indicators/rate_rsa_per_100_poor_households", None, (390, "light")),
        ("methods", (1280, "light"), (390, "dark")),
        ("limits", (390, "dark"), (1280, "light")),
        ("assumptions", None, (1280, "light")),
        ("glossary", (390, "light"), (1280, "dark")),
        ("data", (1280, "dark"), (390, "light")),
        ("freshness", (390, "dark"), (1280, "light")),
        ("976/exists", (390, "light"), (1280, "dark")),
        ("404", (390, "light"), None),
        ("changes", (390, "dark"), (1280, "light")),
    ],
)
def test_every_kind_of_page_of_the_site_is_accessible_readable_and_silent(
    chromium, site_folder, stem, french, english
):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for ending, shown in (("html", french), ("en.html", english)):
        if shown:
            width, scheme = shown
            page, said = opened(chromium, site_folder / f"{stem}.{ending}", width, color_scheme=scheme)
            is_sound(axe, page, said, width, f"{stem}.{ending}")
            page.close()


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [("FR/effets.html", 390, "dark"), ("FR/effets.en.html", 1280, "light"),
     ("67/financement.html", 1280, "dark"), ("67/financement.en.html", 390, "light")],
)  # fmt: skip
def test_effects_and_costs_are_accessible_readable_and_silent(chromium, effects_folder, name, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page, said = opened(chromium, effects_folder / name, width, color_scheme=scheme)
    is_sound(axe, page, said, width, name)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)), name
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


STOP = """() => {
  const e = document.activeElement;
  if (e === document.body) return null;
  const s = getComputedStyle(e), r = e.getBoundingClientRect();
  const at = (low, size, end) => Math.min(Math.max(low + Math.min(size, end) / 2, 1), end - 1);
  const top = document.elementFromPoint(at(r.left, r.width, innerWidth), at(r.top, r.height, innerHeight));
  return {
    what: e.outerHTML.slice(0, 80),
    ring: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2,
    seen: r.width > 0 && r.height > 0 && !!top && (e.contains(top) || top.contains(e)),
  };
}"""


@pytest.mark.parametrize(("name", "width"), [("index.html", 1280), ("67/financement.html", 390)])
def test_the_tab_key_goes_through_a_page_sees_each_stop_and_is_never_held(
    chromium, site_folder, effects_folder, name, width
):
    folder = site_folder if name == "index.html" else effects_folder
    page, _ = opened(chromium, folder / name, width, reduced_motion="reduce")
    stops = []
    while len(stops) < 400:
        page.keyboard.press("Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        assert stop["ring"] and stop["seen"], stop["what"]
        stops.append(stop["what"])
    assert 25 < len(stops) < 400 and "skip" in stops[0]
    # one stop a drawing that is seen, whatever the number of its marks, and never the drawing itself
    rings = sum('class="ring"' in stop for stop in stops)
    assert rings == page.locator(".frame:visible:has(.named)").count()
    assert not [stop for stop in stops if stop.startswith("<svg")]
    page.close()


@pytest.mark.parametrize(("width", "shown"), [(390, ".narrow"), (1280, ".wide")])
def test_marks_are_named_under_the_pointer_and_with_the_arrows(chromium, effects_folder, width, shown):
    page, said = opened(chromium, effects_folder / "67/financement.html", width, reduced_motion="reduce")
    frame = page.locator("#fig-position_amount_social_aid_net_per_inhabitant .frame")
    drawing, tip = frame.locator(f"{shown} svg"), frame.locator(".tip")
    assert [frame.locator(f"{one} svg").is_visible() for one in (".wide", ".narrow")] == [
        shown == one for one in (".wide", ".narrow")
    ]
    drawing.locator(".ring").focus()
    assert tip.inner_text().startswith("Bas-Rhin (67)\u00a0: ") and "Flèches" in tip.inner_text()
    names = []
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        names.append(tip.inner_text())
        assert page.evaluate("document.activeElement.getAttribute('aria-label')") == names[-1]
    assert len(set(names)) == 3 and page.evaluate("document.activeElement.tagName") == "rect"
    assert drawing.locator("[tabindex]").count() == 1
    page.keyboard.press("Escape")
    assert not tip.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"  # the table is one key away
    drawing.locator("circle").nth(3).hover()
    assert tip.is_visible() and re.search(r"\(\w+\)\u00a0: .*€", tip.inner_text())
    assert page.locator(".frame title").count() == 0 and said == []
    page.close()


def test_without_scripts_a_drawing_is_an_image_whose_marks_have_titles(chromium, effects_folder):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((effects_folder / "67/financement.html").as_uri())
    frame = page.locator(".frame").first
    assert frame.locator(".wide svg").get_attribute("role") == "img"
    assert frame.locator(".wide .named title").count() > 5 and not frame.locator(".narrow").is_visible()
    assert page.locator(".frame [tabindex], .tip").count() == 0
    context.close()


@pytest.mark.parametrize("name", ["index.html", "data.html", "67/financement.html", "FR/effets.html"])
def test_nothing_is_wider_than_the_paper(chromium, site_folder, effects_folder, name):
    """A4 less its margins is 680 pixels wide, or 1009 where a table of many columns lies on its side."""
    folder = effects_folder if "/" in name else site_folder
    page, _ = opened(chromium, folder / name, 680)
    page.emulate_media(media="print")
    wide = page.evaluate(
        """(() => {
             const room = e => getComputedStyle(e.closest('details') ?? e).page === 'wide' ? 1009 : 681;
             return [...document.querySelectorAll('table, .frame svg')].filter(
               e => e.getBoundingClientRect().width > room(e)).map(e => e.outerHTML.slice(0, 80));
           })()"""
    )
    assert wide == []
    page.close()


def test_the_list_filters_and_a_tile_leads_to_its_departement(chromium, edition_folder):
    expect = pytest.importorskip("playwright.sync_api").expect
    page, said = opened(chromium, edition_folder / "index.html", 1280)
    shown = page.locator(".departements > li:visible")
    expect(shown).to_have_count(3)
    page.locator("#search").fill("réun")
    expect(shown).to_have_count(1)
    expect(page.locator(".search output")).to_have_text("1 sur 3")
    page.locator(".tiles a", has_text="67").focus()
    expect(page.locator(".tipped .tip")).to_have_text(re.compile("^67 Bas-Rhin"))
    page.keyboard.press("Enter")
    expect(shown).to_have_count(3)
    page.locator("#t-67 li").get_by_role("link").first.click()
    expect(page.locator("h1")).to_have_text("Essai dans le Bas-Rhin")
    page.locator(".breadcrumb a").nth(1).click()
    page.wait_for_url("**/67/index.html")
    page.get_by_role("link", name="La Réunion →").click()
    page.wait_for_url("**/974/index.html")
    assert said == []
    page.close()


def test_a_walk_with_the_keyboard_only_finds_a_departement_then_an_indicator(chromium, site_folder):
    expect = pytest.importorskip("playwright.sync_api").expect
    page, said = opened(chromium, site_folder / "glossary.html", 1280)
    for _ in range(40):
        page.keyboard.press("Tab")
        ring = page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement);"
            " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 })()"
        )
        assert ring, page.evaluate("document.activeElement.outerHTML.slice(0, 80)")
        if page.evaluate("document.activeElement.id") == "place":
            break
    page.keyboard.type("REUNION")
    expect(page.locator(".found a")).to_have_count(1)
    expect(page.locator(".place output")).to_have_text("Résultats affichés\u00a0: 1 sur 1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/974/index.html")
    page.locator("#place").focus()
    page.keyboard.type("pauvreté seuil 60 %")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == "place"
    page.keyboard.press("Escape")
    expect(page.locator(".found a")).to_have_count(0)
    page.keyboard.type("taux de pauvrete au seuil de 60")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"indicators/rate_poverty_60\.html$"))
    assert said == []
    page.close()


def test_a_table_is_a_stop_and_says_that_it_scrolls_only_while_it_does(chromium, site_folder):
    """The hint is that of its language; without a script every table can be reached, and a shadow is the cue."""
    hint = "e => getComputedStyle(e, '::before').content"
    for name, words in (("67/index.html", "défile"), ("67/index.en.html", "scrolls")):
        page, said = opened(chromium, site_folder / name, 390, reduced_motion="reduce")
        table = page.locator(".table-scroll.scrolls")
        table.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => document.activeElement.scrollLeft > 0")
        assert words in table.evaluate(hint)
        page.set_viewport_size({"width": 1280, "height": 800})
        page.wait_for_function("() => !document.querySelector('.scrolls, .table-scroll[tabindex]')")
        assert page.locator(".table-scroll").evaluate(hint) == "none" and said == []
        page.close()
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site_folder / "67/index.html").as_uri())
    table = page.locator(".table-scroll")
    assert table.get_attribute("tabindex") == "0"
    assert table.evaluate("e => getComputedStyle(e).backgroundImage") != "none"
    context.close()


@pytest.mark.parametrize("name", ["index.html", "indicators/rate_poverty_60.en.html"])
def test_a_map_is_one_stop_whose_arrows_lead_to_every_tile(chromium, site_folder, name):
    page, said = opened(chromium, site_folder / name, 1280, reduced_motion="reduce")
    tiles = page.locator(".tiles").first
    links = tiles.locator("a")
    assert tiles.locator("a[tabindex='0'], a:not([tabindex])").count() == 1
    links.first.focus()
    here = "document.activeElement.textContent"
    page.keyboard.press("End")
    last = page.evaluate(here)
    assert last == links.last.text_content() and links.last.get_attribute("tabindex") == "0"
    seen = {last}
    for key in ("ArrowUp", "ArrowLeft", "ArrowRight", "ArrowDown", "Home"):
        for _ in range(6):
            page.keyboard.press(key)
            seen.add(page.evaluate(here))
    assert seen == set(links.all_text_contents()) and page.evaluate(here) == links.first.text_content()
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('.tiles')")
    assert page.locator(".arrows").first.is_visible() and not page.locator(".skip.here").first.is_visible()
    assert said == []
    page.close()
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site_folder / name).as_uri())
    skip = page.locator(".skip.here").first
    skip.focus()
    assert skip.is_visible() and skip.evaluate("e => !!document.querySelector(e.getAttribute('href'))")
    context.close()


def test_one_button_opens_the_notes_and_tables_of_every_figure(chromium, effects_folder):
    page, said = opened(chromium, effects_folder / "67/financement.html", 1280)
    button = page.get_by_role("button", name="Ouvrir les notes et les tableaux des figures")
    folds, opened_ = page.locator("figure details"), page.locator("figure details[open]")
    assert folds.count() >= 5 and opened_.count() == 0
    button.focus()
    page.keyboard.press("Enter")
    assert opened_.count() == folds.count() and button.get_attribute("aria-pressed") == "true"
    page.keyboard.press("Enter")
    assert opened_.count() == 0 and said == []
    assert page.locator("summary").count() - folds.count() < 20  # of the code there is one, not one a step
    page.close()


def test_the_selector_shows_one_map_and_without_scripts_each_opens(chromium, site_folder):
    expect = pytest.importorskip("playwright.sync_api").expect
    page, said = opened(chromium, site_folder / "index.html", 390)
    expect(page.locator(".maps > details:visible")).to_have_count(1)
    page.get_by_label("Indicateur affiché sur la carte").select_option("map-rate_unemployment")
    expect(page.locator("#map-rate_unemployment .tiles a").first).to_be_visible()
    expect(page.locator(".maps > details:visible")).to_have_count(1)
    page.get_by_label("Indicateur affiché région par région").select_option("multiples-rate_poverty_60")
    expect(page.locator("#multiples-rate_poverty_60 svg").first).to_be_visible()
    expect(page.locator(".multiples:visible")).to_have_count(1)
    page.locator(".multiples:visible .named path").first.hover()
    expect(page.locator(".multiples .tip:visible")).to_have_text(re.compile(r"^[^(]+\(\w+\)"))
    expect(page.locator(".maps > details:visible")).to_have_count(1)
    letters = page.locator(".multiples:visible svg").first.evaluate(
        "e => 27 * e.clientWidth / e.viewBox.baseVal.width"
    )
    assert letters >= READABLE
    assert said == []
    page.close()
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((site_folder / "index.html").as_uri())
    assert page.locator(".choose:visible").count() == 0 and not page.locator(".place").is_visible()
    summaries = page.locator(".maps > details > summary:visible")
    assert summaries.count() >= 9
    summaries.nth(3).click()
    assert page.locator(".maps > details[open]").count() == 1
    assert page.locator(".maps > details").nth(3).locator(".tiles").is_visible()
    page.locator("#multiples-rate_poverty_60 > summary").click()
    assert page.locator("#multiples-rate_poverty_60 svg").first.is_visible()
    context.close()


def test_print_is_light_whole_and_names_the_links(chromium, site_folder):
    page, _ = opened(chromium, site_folder / "data.html", 800, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert not page.locator(".topbar").is_visible() and not page.locator(".place").is_visible()
    written_ = page.locator('tbody a[href^="http"]').first.evaluate(
        "e => getComputedStyle(e, '::after').content"
    )
    assert "https://" in written_ or "attr(href)" in written_
    page.close()


@pytest.mark.parametrize("name", ["67/financement.html", "FR/effets.html", "index.html"])
def test_on_paper_notes_are_open_and_nothing_that_stays_whole_leaves_half_a_page_empty(
    chromium, site_folder, effects_folder, name
):
    """A4 less its margins is 680 by 990 pixels. Tables of more than thirty rows are left to the file of the report."""
    page, _ = opened(chromium, (site_folder if name == "index.html" else effects_folder) / name, 680)
    page.emulate_media(media="print")
    tall = page.evaluate(
        """[...document.querySelectorAll('main *')].filter(e => getComputedStyle(e).breakInside === 'avoid')
             .filter(e => e.getBoundingClientRect().height > 600 && !e.matches('.summary, .frame:has([data-walk])'))
             .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert tall == []
    for fold in page.locator("figure details").all():
        assert fold.locator("p").first.is_visible()
        tables = fold.locator(".table-scroll")
        if tables.count():
            assert tables.first.is_visible() == (tables.first.locator("tbody tr").count() <= 30)
    page.close()


def test_without_scripts_the_list_is_whole_and_no_dead_box_is_shown(chromium, edition_folder):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((edition_folder / "index.html").as_uri())
    assert page.locator(".departements > li:visible").count() == 3
    assert not page.locator(".search").is_visible() and not page.locator(".place").is_visible()
    context.close()
