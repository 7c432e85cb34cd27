"""No word that a reader meets is written in code: with every message and every name of data marked, none is left unmarked.

Each message is said between ⟦ and ⟧, and so are the texts of the dictionary, of the measures and of the edition, and the
names of territories; what sidecars say is passed over. What is left of pages and drawings must be numbers and checksums.
"""

import re
from dataclasses import replace
from datetime import date

import pytest
from babel.dates import get_month_names

from analysis.data import existing
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations import territories, translations
from analysis.foundations.values import LANGS, Text
from analysis.presentation.figures.style import Page
from analysis.reports import addresses, sections
from analysis.reports.edition import Edition
from analysis.reports.kept import shared
from analysis.reports.pages.parts import Context
from analysis.reports.pages.parts import pages as templates
from analysis.reports.report import open_report
from analysis.site import changes, indicator
from analysis.site.assembly import made
from analysis.site.facts import Facts
from analysis.site.shell import Site
from analysis.site.state import Present
from tests.conventions.word_rules import visible
from tests.reports.conftest import sections_of
from tests.reports.test_compare_site import sample

PAGE, CODES = "rate_poverty_60", ("2A", "67", "974")


def marked(text):
    return f"⟦{text}⟧"


def unmarked(texts, lang, known=()):
    """The words outside ⟦ and ⟧ in texts that follow one another, addresses aside; months and « et » are Babel's."""
    written, depth, left = re.sub(r"\b[0-9a-f]{12,64}\b|https://\S+", "", " | ".join(texts)), 0, []
    for name in sorted(known, key=len, reverse=True):
        written = written.replace(name, "")
    for mark in written:
        depth += (mark == "⟦") - (mark == "⟧")
        left.append(mark if not depth and mark != "⟧" else "")
    babel = {w for width in ("wide", "abbreviated") for w in get_month_names(width, locale=lang).values()}
    words = re.findall(r"[^\W\d_]{2,}", "".join(left))
    return [word for word in words if word not in {w.rstrip(".") for w in babel} | {"et", "and"}]


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    """Where results common to all reports are kept here: some hold words, and the project's must not be marked."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture
def marks(monkeypatch, apart):
    """Every message and every name marked, also in templates, which Jinja compiles with the messages that they name."""
    monkeypatch.setenv(shared.FOLDER, str(apart))
    read, text, form = translations.catalogue, Text.__getitem__, territories.Territory._form
    kept = (translations.message, templates)
    for one in kept:
        one.cache_clear()
    monkeypatch.setattr(
        translations, "catalogue", lambda name, lang: {k: marked(v) for k, v in read(name, lang).items()}
    )
    monkeypatch.setattr(Text, "__getitem__", lambda self, lang: marked(text(self, lang)))
    monkeypatch.setattr(territories.Territory, "_form", lambda self, *given: marked(form(self, *given)))
    yield
    for one in kept:
        one.cache_clear()


@pytest.fixture(scope="module")
def catalogue():
    return Catalogue()


@pytest.fixture(scope="module")
def panel(catalogue):
    return Panel.open(catalogue)


@pytest.fixture(scope="module")
def published(catalogue):
    """What sidecars and the registers of what exists and of addresses say, which pages quote."""
    said = {
        words
        for one in catalogue.sidecars.values()
        for words in (one.producer, one.title, one.vintage, one.licence, one.perimeter, *one.notes)
    }
    for one in existing.register(catalogue).entries:
        said |= {
            one.producer,
            one.address,
            *vars(one.title).values(),
            *(vars(one.remark).values() if one.remark else ()),
        }
    said |= {one.producer for one in addresses.register(catalogue).entries.values() if one.producer}
    return said | {translations.typeset(words, "fr") for words in said} | set(catalogue.sidecars)


def pages(lang, panel, catalogue, folder):
    """Pages of a site of each kind, by path; without the documents of the project, which are quoted whole."""
    titles = {"diagnostic": {one: marked("Diagnostic") for one in LANGS}}
    edition = Edition("essai", Text("édition", "edition"), ("diagnostic",), CODES, LANGS, date(2025, 11, 30))
    context = Context("essai", edition.title, edition.vintages, titles, CODES, LANGS)
    site = Site(edition, context, lang, LANGS, Present(frozenset({"2A/diagnostic.error.txt"})))
    found = made(site, folder, Facts(panel, catalogue), folder)
    found[PAGE] = indicator.make(PAGE, lang, context, panel, catalogue, (PAGE,), LANGS)
    compared = sample()
    sides = [replace(side, title={one: marked("édition") for one in LANGS}) for side in compared.sides]
    entries = [{**entry, "why_fr": "", "why_en": "", "reference": ""} for entry in compared.corrections]
    compared = replace(compared, sides=tuple(sides), corrections=entries)
    found[changes.KEY] = changes.page(site, changes.Changes(compared, lang))
    return {path: page.decode() for path, page in found.items() if not path.endswith(".js")}


def shown(code, lang, panel):
    """What the calls of report notebooks show of a territory."""
    report = open_report(code, lang, panel, models=["take_up.expected", "energy.corrected"])
    return [
        sections.summary(
            report, "rate_unemployment", "rate_rsa_non_take_up_expected", "count_rsa_recipients"
        ),
        sections.expected_non_take_up(report),
        sections.corrected_energy(report),
        *sections_of(report),
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_every_word_of_a_site_comes_from_a_catalogue_or_from_data(
    marks, lang, panel, catalogue, published, tmp_path
):
    left = {
        path: words
        for path, page in pages(lang, panel, catalogue, tmp_path).items()
        if (words := unmarked(visible(page), lang, published))
    }
    assert not left


@pytest.mark.parametrize(("code", "lang"), [("67", "fr"), ("976", "en")])
def test_every_word_of_a_report_comes_from_a_catalogue_or_from_data(
    marks, monkeypatch, code, lang, panel, published
):
    drawn, write = [], Page.text
    monkeypatch.setattr(
        Page, "text", lambda self, x, y, words, **k: drawn.append(words) or write(self, x, y, words, **k)
    )
    for one in shown(code, lang, panel):
        assert not unmarked(visible(one._repr_html_()), lang, published)
    assert not unmarked(drawn, lang)
    assert any("⟦" in words for words in drawn)


def test_a_word_written_in_code_is_seen():
    assert unmarked(["⟦Taux ⟦de⟧ 12⟧ 3 %", "Source", "décembre 2024 et ⟦x⟧"], "fr") == ["Source"]
    assert unmarked(["Insee, ⟦a⟧"], "fr", {"Insee"}) == []
    assert visible('<p title="a">b<img alt="c"></p><style>d</style>') == ["a", "b", "c"]
