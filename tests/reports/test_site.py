"""The site: every département reachable, every link leading somewhere, what is missing said, and nothing written twice."""

import base64
import csv
import hashlib
import html
import io
import json
import re
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import pytest

from analysis import site
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations import measures, territories
from analysis.foundations.observation import observing
from analysis.foundations.periods import period
from analysis.foundations.translations import typeset
from analysis.foundations.values import Text, dictionary
from analysis.presentation.colours import contrast, tokens
from analysis.presentation.narrative import sentences
from analysis.reports.edition import Edition, Task
from analysis.reports.pages.parts import Context
from analysis.site import holdings, indicator, multiples, reference, territory, tiles
from analysis.site.content import content
from analysis.site.content import text as words_of
from analysis.site.facts import Facts, national
from analysis.site.shell import Site
from analysis.site.state import Present

ROOT = Path(__file__).resolve().parents[2]
OUTCOMES = ("diagnostic", "non_recours")
TITLES = {
    "diagnostic": {"fr": "Diagnostic", "en": "Diagnosis"},
    "non_recours": {"fr": "Non-recours", "en": "Take-up"},
}
FOUND = '<div class="prose summary"><ul><li>Dans l’<b>Ain</b>, 12&#x27;3.</li><li>Autre.</li></ul></div>'


def edition_of(codes, languages=("fr",)):
    return Edition(
        "essai", Text("édition <2025>", "2025 edition"), OUTCOMES, codes, languages, date(2025, 11, 30)
    )


def context_of(edition):
    return Context(
        edition.name, edition.title, edition.vintages, TITLES, edition.territories, edition.languages
    )


def written(edition, folder):
    return site.write(edition, folder, context_of(edition))


def made(folder, edition, lang="fr", without=()):
    for code in edition.territories:
        for outcome in edition.outcomes:
            task = Task(edition.name, code, outcome, lang)
            path = folder / task.path
            path.parent.mkdir(parents=True, exist_ok=True)
            ending = ".html" if (code, outcome) not in without else ".error.txt"
            (path.parent / f"{task.stem}{ending}").write_text(FOUND, encoding="utf-8")


def text(folder, name="index.html"):
    return (folder / name).read_text(encoding="utf-8")


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A checkout without figures, and the folder of its edition."""
    (tmp_path / "project" / "data" / "raw").mkdir(parents=True)
    monkeypatch.setenv("PACTE_HOME", str(tmp_path / "project"))
    return tmp_path / "essai"


# ------------------------------------------------------------------------------------------------ reports and links


def test_every_departement_has_a_tile_a_page_and_links_that_exist(bare):
    edition = edition_of(territories.DEPARTEMENTS)
    made(bare, edition)
    written(edition, bare)
    page = text(bare)
    found = re.findall(r'<li class="x\d+ y\d+"><a href="#t-(\w+)" aria-label="([^"]+)"', page)
    assert [code for code, _ in found] == list(territories.DEPARTEMENTS) and ("67", "67 Bas-Rhin") in found
    places = re.findall(r'<li class="(x\d+ y\d+)">', page)
    assert len(set(places)) == 101 and all(f".{c}{{" in page for place in places for c in place.split())
    links = re.findall(r'<a href="(\w+/\w+\.html)" aria-label', page)
    assert len(links) == 202 and all((bare / link).is_file() for link in links)
    assert set(re.findall(r'id="t-(\w+)"', page)) == set(territories.DEPARTEMENTS)
    assert all((bare / code / "index.html").is_file() for code in territories.DEPARTEMENTS)
    assert "édition &lt;2025&gt;" in page and not (bare / "index.en.html").exists()


def test_failures_and_absences_are_said_on_the_overview_and_on_the_page_of_the_departement(bare):
    edition = edition_of(territories.DEPARTEMENTS)
    made(bare, edition, without={("2A", "diagnostic")})
    (bare / "974/non_recours.html").unlink()
    written(edition, bare)
    page = text(bare)
    assert 'href="2A/diagnostic.error.txt">Corse-du-Sud, Diagnostic\u00a0: lire l’erreur' in page
    assert 'href="2A/diagnostic.html"' not in page
    assert 'class="broken" aria-label="2A Corse-du-Sud\u00a0:' in page
    assert "Non-recours\u00a0: pas encore produit" in page and 'href="974/non_recours.html"' not in page
    assert "Nombre de rapports\u00a0: 200" in page
    own = text(bare, "2A/index.html")
    assert 'href="../2A/diagnostic.error.txt"' in own and 'href="../2A/diagnostic.html"' not in own
    assert 'id="r-non_recours"' in text(bare, "974/index.html")


@pytest.mark.parametrize(
    ("failed", "french", "english"),
    [
        (("2A/diagnostic",), "1 rapport a échoué", "1 report failed"),
        (
            ("2A/diagnostic", "67/non_recours", "67/non_recours.en", "indicators/rate_unemployment"),
            "4 rapports ont échoué",
            "4 reports failed",
        ),
    ],
)
def test_the_overview_says_in_a_line_how_many_reports_failed_and_how_to_make_them_again(
    bare, failed, french, english
):
    edition = edition_of(("2A", "67"))
    for lang in ("fr", "en"):
        made(bare, edition, lang)
    for stem in failed:
        (bare / stem).parent.mkdir(exist_ok=True)
        (bare / f"{stem}.error.txt").write_text("x", encoding="utf-8")
        (bare / f"{stem}.html").unlink(missing_ok=True)
    written(edition, bare)
    command = "<code>pacte report --all --edition essai --only-failed</code>"
    for name, words in (("index.html", french), ("index.en.html", english)):
        (line,) = (line for line in text(bare, name).splitlines() if words in line)
        assert command in line
        for stem in failed:
            assert f'href="{stem}.error.txt"' in text(bare, name)
            assert f'href="{stem}.html"' not in text(bare, name)


def test_a_stale_page_beside_an_error_is_not_linked(bare):
    edition = edition_of(("67",))
    made(bare, edition)
    (bare / "67/diagnostic.error.txt").write_text("x", encoding="utf-8")
    written(edition, bare)
    assert 'href="67/diagnostic.html"' not in text(bare)


def test_a_departement_is_told_with_what_its_reports_found_and_leads_to_the_next(bare):
    edition = edition_of(("01", "2A", "67"))
    made(bare, edition)
    written(edition, bare)
    page = text(bare, "2A/index.html")
    assert page.count("Dans l’Ain, 12&#39;3.") == 2 and "Autre." not in page
    assert 'rel="prev" href="../01/index.html">← Ain' in page
    assert 'rel="next" href="../67/index.html">Bas-Rhin →' in page
    assert 'rel="prev"' not in text(bare, "01/index.html") and 'rel="next"' not in text(bare, "67/index.html")
    assert territory.finding(b"<p>nothing</p>") is None


def test_what_can_be_taken_away_is_linked_where_it_is_there(bare):
    edition = edition_of(("2A", "67"))
    made(bare, edition)
    (bare / "data").mkdir()
    for name in ("67/diagnostic.csv", "67/diagnostic.ipynb", "data/figures.parquet"):
        (bare / name).write_text("x", encoding="utf-8")
    written(edition, bare)
    page = text(bare, "67/index.html")
    assert 'href="../67/diagnostic.csv" aria-label="Chiffres (CSV), Diagnostic"' in page
    assert "diagnostic.ipynb" in page and "provenance" not in page and "non_recours.csv" not in page
    assert 'href="data/figures.parquet"' in text(bare, "data.html")
    assert "download" not in text(bare, "2A/index.html").partition("<main")[2]


def test_a_site_in_each_language_that_has_reports(bare):
    edition = edition_of(("2A", "67"))
    made(bare, edition)
    made(bare, edition, lang="en")
    names = {path.relative_to(bare).as_posix() for path in written(edition, bare)}
    assert {
        "index.html",
        "index.en.html",
        "67/index.en.html",
        "indicators/index.en.html",
        "glossary.en.html",
    } <= names
    english = text(bare, "index.en.html")
    assert '<html lang="en">' in english and 'href="67/diagnostic.en.html"' in english
    assert '<a href="index.html" lang="fr" hreflang="fr">Version française</a>' in english


def test_departements_outside_the_edition_are_shown_without_a_link(bare):
    written(edition_of(("2A", "67")), bare)
    page = text(bare)
    assert len(re.findall(r'<li class="x\d+ y\d+">', page)) == 101 and page.count('<a href="#t-') == 2


def test_a_page_allows_its_own_style_and_the_scripts_of_the_site_and_nothing_else(bare):
    written(edition_of(("67",)), bare)
    for name in ("index.html", "67/index.html", "glossary.html"):
        page = text(bare, name)
        policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1].replace("&#39;", "'")
        (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        assert policy.startswith("default-src 'none'; ") and f"style-src 'sha256-{digest}'" in policy
        search, (_, script) = re.findall(r"<script\b([^>]*)>(.*?)</script>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"script-src 'self' 'sha256-{digest}'; " in policy and "unsafe" not in policy
        assert search == (f' src="{"../" * name.count("/")}search.fr.js" defer', "")
        assert not re.search(r"(?:src|href|action)=\"https?:|@import|url\(|\sstyle=\"", page)


def test_the_search_holds_departements_indicators_and_pages_without_accents(bare):
    edition = edition_of(territories.DEPARTEMENTS)
    written(edition, bare)
    keys = dict(re.findall(r'id="t-(\w+)" data-key="([^"]+)"', text(bare)))
    assert keys["22"] == "cotes d armor 22 bretagne" and keys["974"] == "la reunion 974 la reunion"
    entries = json.loads(
        text(bare, "search.fr.js").partition("const PACTE_ENTRIES = ")[2].partition(";\n")[0]
    )
    found = {key: address for _, _, address, key in entries}
    assert found["cotes d armor 22 bretagne"] == "22/index.html" and found["glossaire"] == "glossary.html"
    assert found["taux de pauvrete au seuil de 60 pauvrete"] == "indicators/index.html#rate_poverty_60"
    for place in {address.partition("#")[0] for address in found.values()}:
        assert (bare / place).is_file(), place


# -------------------------------------------------------------------------------------------------- when it is written


def test_nothing_is_written_when_nothing_changed(bare):
    edition = edition_of(("2A", "67"))
    made(bare, edition)
    pages = written(edition, bare)
    times = {path: path.stat().st_mtime_ns for path in pages}
    assert sorted(written(edition, bare)) == sorted(pages)
    assert {path: path.stat().st_mtime_ns for path in pages} == times
    (bare / "67/diagnostic.html").unlink()
    written(edition, bare)
    assert "pas encore produit" in text(bare, "67/index.html")
    untouched = bare / "2A/index.html"
    assert untouched.stat().st_mtime_ns == times[untouched]


@pytest.mark.parametrize("damage", ["gone", "cut", "altered"])
def test_a_page_that_is_gone_cut_or_altered_is_written_again(bare, damage):
    edition = edition_of(("67",))
    written(edition, bare)
    page = bare / "67/index.html"
    before = page.read_bytes()
    page.unlink() if damage == "gone" else page.write_bytes(
        before[:100] if damage == "cut" else before.swapcase()
    )
    written(edition, bare)
    assert page.read_bytes() == before


def test_the_pages_of_what_left_the_edition_are_removed(bare):
    written(edition_of(("2A", "67"), ("fr", "en")), bare)
    written(edition_of(("67",)), bare)
    left = {path.relative_to(bare).as_posix() for path in bare.rglob("*.html")}
    assert "67/index.html" in left and not {"2A/index.html", "67/index.en.html", "index.en.html"} & left


def test_the_same_folder_gives_the_same_bytes(bare, tmp_path):
    edition = edition_of(("2A", "67"))
    contents = []
    for folder in (bare, tmp_path / "again"):
        made(folder, edition)
        pages = written(edition, folder)
        contents.append({path.relative_to(folder).as_posix(): path.read_bytes() for path in pages})
    assert contents[0] == contents[1]


# ------------------------------------------------------------------------------------------------- with the figures


PAGES = ("rate_poverty_60", "rate_rsa_per_100_poor_households", "count_rsa_recipients")


@pytest.fixture(scope="module")
def figures():
    catalogue = Catalogue()
    return Facts(Panel.open(catalogue), catalogue)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, figures):
    """A site with the project's figures, in both languages, with the pages of three indicators."""
    folder = tmp_path_factory.mktemp("editions") / "essai"
    edition = edition_of(("2A", "67", "974"), ("fr", "en"))
    made(folder, edition)
    made(folder, edition, lang="en")
    (folder / "indicators").mkdir()
    for name in PAGES:
        for lang in edition.languages:
            page = indicator.make(name, lang, context_of(edition), figures.panel, figures.catalogue, PAGES)
            (folder / indicator.indicator_path(name, lang)).write_bytes(page)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PACTE_HOME", raising=False)
        written(edition, folder)
    return folder


class _Page(HTMLParser):
    """The identifiers, the links, and the levels of the headings of a page."""

    def __init__(self, content):
        super().__init__()
        self.ids, self.links, self.levels = [], [], []
        self.feed(content)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.ids += [values["id"]] if "id" in values else []
        self.links += [values[k] for k in ("href", "src") if k in values]
        self.levels += [int(tag[1])] if re.fullmatch(r"h[1-6]", tag) else []


def test_every_link_of_the_site_leads_somewhere(whole):
    pages = {
        p: _Page(p.read_text(encoding="utf-8"))
        for p in whole.rglob("*.html")
        if p.stem.split(".")[0] not in OUTCOMES
    }
    assert len(pages) > 20
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), path
        assert page.levels[0] == 1 and all(
            b <= a + 1 for a, b in zip(page.levels, page.levels[1:], strict=False)
        ), path
        for link in page.links:
            if link.startswith(("data:", "https:", "http:")):
                continue
            place, _, anchor = link.partition("#")
            target = (path.parent / unquote(place)).resolve() if place else path
            assert target.is_file(), f"{path.name}: {link}"
            if anchor and target in pages:
                assert anchor in pages[target].ids, f"{path.name}: {link}"


def test_where_few_figures_exist_a_page_says_which_and_why_the_others_lack(figures, tmp_path):
    """Of every indicator that most départements have: either its figure, or one reason for which there is none."""
    bare = [code for code in territories.DEPARTEMENTS if holdings.is_bare(figures, code)]
    assert not holdings.is_bare(figures, "200069193")  # an EPCI, whose report says what is its own
    assert "976" in bare and len(bare) < 6 and all(code.startswith("97") for code in bare)
    edition = edition_of(("67", "976"), ("fr", "en"))
    for lang, reason in (("fr", "Cherchés dans"), ("en", "Looked for in")):
        site_ = Site(edition, context_of(edition), lang, edition.languages, Present(frozenset()))
        page = holdings.page(site_, figures, "976").decode()
        there, lacking = page.partition('<h2 id="there"')[2].split('<h2 id="lacking"')
        held = [name for name in figures.common if "976" in figures.gathered.holding[name]]
        lacks = re.findall(r'<li><a href="[^"]*#(\w+)"', lacking)
        assert Counter(lacks) == Counter(set(figures.common) - set(held))
        rows = re.findall(r'<th scope="row">(.*?)</th>', there)
        assert {html.escape(sentences.label(name, lang)) for name in held} <= set(rows)
        assert reason in lacking and "https://www.insee.fr" in lacking
        around = territory.territory(site_, "976", tmp_path, figures).decode()
        assert f'href="../{holdings.path("976", lang)}"' in around
        assert "exists." not in territory.territory(site_, "67", tmp_path, figures).decode()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "index.html",
            (
                "plan national de lutte contre la pauvreté",
                "Qui l’a fait",
                "Pour qui",
                "Ce qu’il faut retenir",
            ),
        ),
        ("index.en.html", ("national plan against poverty", "Who made it", "For whom", "What was found")),
    ],
)
def test_the_overview_says_what_it_is_who_made_it_and_for_whom_before_its_figures(whole, name, said):
    page = text(whole, name)
    places = [page.index(words) for words in said]
    assert places == sorted(places)


def test_the_overview_says_the_figures_and_stays_light(whole, figures):
    page = text(whole)
    assert len(page.encode()) < 500_000
    section = figures.latest("rate_unemployment")
    assert f"leur médiane est de {section.base.quantiles['p50']:.1f}".replace(".", ",") in page
    assert page.count('<details id="map-') == len(figures.maps) == page.count('<option value="map-') >= 9
    drawn = page.count('<details id="multiples-')
    assert drawn == len(figures.multiples) == page.count('<option value="multiples-') >= 5
    assert (
        len(re.findall(r"<title>Bas-Rhin \(67\)\s?; [^<]+</title>", page)) >= drawn - 1
    )  # each line is named
    assert page.count('<path class="all"') > drawn * 12 and 'class="cut"' in page and 'class="alone"' in page
    assert 'class="c' in page and " modelled" in page and " provisional" in page
    counts = re.findall(r'<td class="count[^"]*">(\d+)</td>', page)
    rows = [
        sum(map(int, counts[i : i + len(measures.STATUSES)]))
        for i in range(0, len(counts), len(measures.STATUSES))
    ]
    assert len(rows) == 23 and set(rows) == {101}


def test_the_national_figure_is_the_latest_one(figures):
    assert national(figures.panel, "count_rsa_recipients").period == figures.panel.latest(
        "count_rsa_recipients", "FM"
    )
    assert national(figures.panel, "rate_unemployment") is None


def test_key_figures_stand_beside_their_references(whole, figures):
    page = text(whole, "67/index.html")
    own = figures.latest("rate_unemployment").values["67"].value
    row = re.search(r"<tr><th scope=\"row\">Taux de chômage localisé</th>(.*?)</tr>", page)[1]
    assert f"{own:.1f}".replace(".", ",") in row and "3e trimestre 2025" in row
    assert "intervalle à 95\u202f%" in page and "Haut-Rhin" in page
    assert "sans objet" in text(whole, "974/index.html")  # the région is the département


def test_positions_of_a_section_are_those_of_the_comparison(figures):
    from analysis.estimation import comparison

    section = figures.latest("rate_poverty_60")
    rows = figures.panel.cross_section("rate_poverty_60", section.period)
    for code in ("67", "974", "93"):
        ours, theirs = section.position(code), comparison.position(rows, code)
        assert (ours.territory, ours.value, ours.share_below) == (
            theirs.territory,
            theirs.value,
            theirs.share_below,
        )


def test_classes_are_those_of_the_drawn_map(figures):
    from analysis.presentation.figures import tilemap

    for name in ("rate_poverty_60", "rate_rsa_non_take_up_expected", "rate_unemployment"):
        drawn = tilemap._Map(figures.latest(name).base, "fr")
        assert [sorted(c) for c in tiles.classes(drawn.written)] == [sorted(c) for c in drawn.classes], name
    assert tiles.classes({}) == [] and tiles.classes({"01": 1.0, "02": 1.0}) == [["01", "02"]]


def test_a_line_stops_at_a_break_and_where_a_figure_is_missing():
    years = [str(year) for year in range(2015, 2023)]
    frame = multiples._Frame(years, 0, 10, (period("2020").start,))
    line = {year: 5.0 for year in years if year != "2017"}
    assert [len(part) for part in frame.stretches(line)] == [2, 2, 3]
    ((cut, at),) = frame.cuts
    assert at == "2020" and frame.x(period("2019").start) < cut < frame.x(period("2020").start)
    assert frame.drawn([{"2015": 0.0, "2016": 10.0}, {"2022": 10.0}]) == ("M12 208l43-196", "M314 12l0 0")


def test_labels_of_a_panel_are_apart_and_those_written_alike_are_one():
    name, years = "rate_unemployment", ["2020", "2021"]
    frame, every = multiples._Frame(years, 0, 10, ()), {"2021": 5.0}
    labels = multiples._labels([5.04, 5.01, 4.9], "2021", every, frame, name, "fr")
    assert [words for *_, words in labels] == ["5,0", "4,9", "méd."]
    places = sorted(place for _, place, _ in labels)
    assert all(b - a >= multiples.LINE - 1 for a, b in pairwise(places))
    (left, _, figure), (right, _, median) = multiples._labels([5.04, 5.01], "2020", every, frame, name, "fr")
    assert (figure, median) == ("5,0", "méd.") and left < right


# ------------------------------------------------------------------------------------------------- pages of indicators


def test_the_page_of_an_indicator_holds_every_departement_and_its_file(whole, figures):
    page = text(whole, "indicators/rate_poverty_60.html")
    assert len(page.encode()) < 400_000
    table = page.partition('<h2 id="table">')[2].partition("</section>")[0]
    assert len(re.findall(r'<tr><th scope="row">', table)) == 101
    assert '<a href="../67/index.html">Bas-Rhin</a>' in table and ">Ain</th>" in table
    encoded = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', table)[1]
    rows = list(csv.DictReader(io.StringIO(base64.b64decode(encoded).decode())))
    assert [row["territory"] for row in rows] == list(territories.DEPARTEMENTS)
    states = Counter(row["state"] for row in rows)
    assert states["observed"] == 96 and all(
        bool(row["value"]) == (row["state"] == "observed") for row in rows
    )
    assert page.count("<figure") == 3 and all(
        len(alt) > 40 for alt in re.findall(r'<img [^>]*alt="([^"]*)"', page)
    )
    assert dictionary()["rate_poverty_60"].definition.fr in page and "Filosofi" in page
    assert (
        'rel="next" href="../indicators/rate_rsa_per_100_poor_households.html"' in page
        and 'rel="prev"' not in page
    )


def test_what_is_modelled_is_said_so_everywhere_on_its_page(whole):
    page = text(whole, "indicators/rate_rsa_per_100_poor_households.en.html")
    assert page.count('class="state state-modelled"') > 90 and "dashed edge" in page
    assert page.count("<figure") == 2  # no funnel without a count behind it


def test_a_page_depends_on_what_it_was_seen_to_read(figures):
    with observing() as reads:
        page = indicator.make(
            "share_dpe_fg", "fr", context_of(edition_of(("67",))), figures.panel, figures.catalogue
        )
    assert {read.indicator for read in reads.figures} == {"share_dpe_fg", "count_dpe"}
    assert "ademe/dpe.source.yml" in reads.files
    assert page == indicator.make(
        "share_dpe_fg", "fr", context_of(edition_of(("67",))), figures.panel, figures.catalogue
    )


def test_only_indicators_with_enough_departements_have_a_page(figures):
    names = site.indicators()
    assert names == indicator.names(figures.panel, figures.catalogue)
    assert {"rate_poverty_60", "count_rsa_recipients", "rate_rsa_non_take_up_expected"} <= set(names)
    assert not {"rate_non_take_up_rsa", "share_c2s_beneficiaries"} & set(names)


# --------------------------------------------------------------------------------------------------- words and style


@pytest.mark.parametrize(
    ("name", "seen"), [("freshness.html", "vu\u00a0: "), ("freshness.en.html", "seen: ")]
)
def test_the_freshness_board_says_of_each_newest_what_it_rests_on_and_when_it_was_seen(whole, name, seen):
    sections = re.findall(r'<section aria-labelledby="(\w+)">(.*?)</section>', text(whole, name), re.DOTALL)
    parts = {key: re.findall(r'<td class="told">(.*?)</td>', content) for key, content in sections}
    assert set(parts) == {"behind", "level", "unknown", "not_held"}
    told = [words.lower() for key in ("behind", "level") for words in parts[key]]
    assert len(told) > 30 and all(seen in words for words in told)
    assert sum(seen in words.lower() for words in parts["not_held"]) >= 10


def test_the_glossary_is_that_of_the_project():
    rows = re.findall(
        r"(?m)^\| (.+?) \| (.+?) \| (.+?) \|$", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8")
    )
    rows = [row for row in rows if row[0] not in ("French", "---")]
    ours = [
        (words_of(f"term.{name}", "fr"), words_of(f"term.{name}", "en"), words_of(f"definition.{name}", "en"))
        for section in content()["glossary"]
        for name in section["terms"]
    ]
    assert ours == [(a, b, typeset(re.sub("[`*]", "", c), "en")) for a, b, c in rows]


def test_indicators_of_the_content_are_in_the_dictionary():
    given = content()
    for name in (*given["findings"], *given["maps"], *given["multiples"]):
        assert dictionary()[name]


def test_the_caution_of_a_report_is_that_of_its_notebook():
    words = reference.caution(ROOT / "notebooks" / "report_diagnostic.ipynb", "fr")
    assert words.startswith("Ce diagnostic décrit une situation") and "*" not in words and ">" not in words
    assert reference.caution(ROOT / "notebooks" / "report_none.ipynb", "fr") is None


@pytest.mark.parametrize("screen", ["light", "dark"])
def test_words_read_on_every_ground(screen):
    pages = tokens()["pages"]
    colours = pages[screen]
    weak = {
        (word, ground): round(contrast(colours[word], colours[ground]), 2)
        for word in pages["text"]
        for ground in pages["ground"]
        if contrast(colours[word], colours[ground]) < 4.5
    }
    assert not weak
    assert contrast(colours["edge"], colours["paper"]) >= 3  # what a control is seen by
    assert colours.keys() == pages["light"].keys()


def test_codes_read_on_every_tile():
    rules = re.findall(r"background:(#\w+);color:(#\w+)", tiles.rules())
    assert len(rules) == 5 and all(contrast(*pair) >= 4.5 for pair in rules)
