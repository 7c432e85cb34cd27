"""A département's own figures on pages: beside the others' period, with their mark, and on nobody else's page."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from analysis.data import local, sources
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.columns import in_order
from analysis.foundations.values import dictionary
from analysis.presentation.narrative import origins
from analysis.reports import sections
from analysis.reports.beside import tabular
from analysis.reports.report import open_report
from analysis.site import indicator
from analysis.site import territory as page
from analysis.site.content import content
from analysis.site.facts import Facts
from tests.conftest import PROJECT
from tests.unit.test_catalogue import sidecar
from tests.unit.test_local import GOOD, HEADER

COUNT, RATE = "count_rsa_recipients", "rate_rsa_per_1000"
NEWER = {"local": ("local", "local/own_67"), "early": ("producer", "drees/early")}


@pytest.fixture(scope="module")
def published():
    catalogue = Catalogue(PROJECT / "data/raw")
    context = catalogue.parameters("peers")["indicators"]
    frame = Panel.open(catalogue).frame
    kept = frame["indicator"].isin([COUNT, RATE, *context]) & (frame["quality"] != "local")
    return frame[kept].reset_index(drop=True)


@pytest.fixture(scope="module", params=NEWER)
def panels(request, published):
    """The kind of a newer figure of 67, the panel without it and the panel with it."""
    quality, source = NEWER[request.param]
    rows = pd.DataFrame(
        {"territory": "67", "period": "2025-03", "indicator": [COUNT, RATE], "value": [31000.0, 51.8]}
    )
    rows = rows.assign(
        lower=float("nan"), upper=float("nan"), state="observed", quality=quality, source=source, note=""
    )
    wider = pd.concat([published, in_order(rows)], ignore_index=True)
    return request.param, Panel(published), Panel(wider)


def text(shown):
    return " ".join(re.sub(r"<[^>]+>", " ", shown._repr_html_()).split())


def pages(panel, code):
    report = open_report(code, "en", panel)
    shown = [
        sections.position(report, RATE),
        sections.tile_map(report, RATE),
        sections.trend(report, RATE),
        sections.trend(report, COUNT),
        sections.summary(report, RATE, COUNT),
    ]
    return [
        one._repr_html_()
        for one in (*shown, sections.key_figures(report, COUNT, RATE, caption="key_poverty"))
    ]


@pytest.mark.parametrize("code", ["68", "75"])
def test_the_pages_of_others_stay_as_they_are(panels, code):
    _, before, after = panels
    assert pages(after, code) == pages(before, code)


def test_a_newer_figure_is_shown_beside_the_comparison_with_its_mark(panels):
    kind, _, panel = panels
    mark = "the département’s own" if kind == "local" else "for few territories only"
    report = open_report("67", "en", panel)
    for shown in (
        sections.position(report, RATE),
        sections.summary(report, RATE),
        sections.trend(report, RATE),
    ):
        words = text(shown)
        assert re.search(r"more recent figure, .{0,30}51\.8 per \S+ .*March 2025", words)
        assert mark in words
        assert "it is compared with no other" in words
    assert "median of the départements" in text(sections.position(open_report("67", "en", panel), RATE))
    rows = sections.key_figures(report, RATE, caption="key_poverty").rows
    assert [row["period"].split(" (")[0] for row in rows] == ["December 2024", "March 2025"]
    assert rows[0]["peers"].figure.known
    assert {rows[1][key].figure.state for key in ("region", "france", "peers")} == {"not_applicable"}
    assert ("own figure" in text(sections.key_figures(report, RATE, caption="key_poverty"))) == (
        kind == "local"
    )


def test_the_site_shows_it_so_too(panels):
    kind, before, after = panels
    catalogue = Catalogue(PROJECT / "data/raw")
    facts = {name: Facts(panel, catalogue) for name, panel in (("before", before), ("after", after))}
    assert {one.latest(RATE).period for one in facts.values()} == {"2024-12"}
    there = territories.get("67")
    first, *more = page._rows(RATE, there, facts["after"], "en")
    assert [first] == page._rows(RATE, there, facts["before"], "en")
    assert [(row["period"].split(" (")[0], row["here"].figure.quality == "local") for row in more] == [
        ("March 2025", kind == "local")
    ]
    for other in ("68", "75"):
        assert len(page._rows(RATE, territories.get(other), facts["after"], "en")) == 1


def test_a_page_is_made_of_each_indicator_that_goes_on_and_of_no_benefit_that_has_ended():
    catalogue = Catalogue(PROJECT / "data/raw")
    names = indicator.names(Panel.open(catalogue), catalogue)
    assert RATE in names
    assert not set(content()["ended"]) & set(names)
    assert set(content()["ended"]) <= set(dictionary())


def test_a_figure_that_only_the_departement_has_is_compared_with_nobody(published):
    without = published[(published["territory"] != "67") | (published["indicator"] != RATE)]
    own = published[(published["territory"] == "67") & (published["indicator"] == RATE)]
    panel = Panel(pd.concat([without, own.assign(quality="local", source="local/own_67")], ignore_index=True))
    report = open_report("67", "en", panel)
    for shown in (sections.summary(report, RATE), sections.position(report, RATE)):
        assert "it is compared with no other" in text(shown)
        assert "median" not in text(shown)
    assert "Grand Est" not in text(sections.trend(report, RATE))
    assert "67" not in panel.cross_section(RATE).dropna(subset=["value"])["territory"].tolist()


# --------------------------------------------------------------------------------------------- where they come from


@pytest.fixture
def given(tmp_path):
    """A catalogue with figures of a département and of collectivités, and its panel."""
    raw = tmp_path / "raw"
    (raw / "parameters").mkdir(parents=True)
    (raw / "parameters/disclosure.yml").write_bytes(
        (PROJECT / "data/raw/parameters/disclosure.yml").read_bytes()
    )
    path, catalogue = tmp_path / "own.csv", Catalogue(raw)
    path.write_text(
        "\n".join([HEADER, GOOD, *(GOOD.replace("67,", f"{code},") for code in ("6AE", "69M", "20R"))])
    )
    local.add(path, catalogue)
    return catalogue, Panel.open(Catalogue(raw), tmp_path / "processed")


def report_of(given, code, lang):
    report = open_report(code, lang, given[1])
    report.__dict__["catalogue"] = Catalogue(given[0].root)
    return report


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("67", ["Bas-Rhin", "European Collectivity of Alsace"]),
        ("68", ["European Collectivity of Alsace"]),
        ("69", ["Métropole de Lyon"]),
        ("2A", ["Collectivity of Corsica"]),
        ("2B", ["Collectivity of Corsica"]),
    ],
)
def test_figures_of_a_collectivite_stand_on_the_pages_of_its_departements(given, code, names):
    words, table = sections.local_figures(report_of(given, code, "en")).items
    assert "the territories named in the table" in text(words)
    assert [row["territory"] for row in table.rows] == names
    assert "1,250" in text(table)
    assert sections.local_figures(report_of(given, "75", "en"))._repr_html_().count("<table") == 0


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("fr", ["1 250", "Chiffres fournis par ce territoire lui-même", "Chiffres propres de ce territoire (own.csv)",
                "détenu par ce territoire, non publié", "chiffre de ce territoire"]),
        ("en", ["1,250", "Figures given by this territory itself", "Own figures of this territory (own.csv)",
                "held by this territory, not published", "this territory's own figure"]),
    ],
)  # fmt: skip
def test_figures_that_the_metropole_gave_are_told_as_its_own(given, lang, words):
    report = report_of(given, "69M", lang)
    shown = text(sections.local_figures(report)) + text(sections.sources(report))
    assert all(one in shown.replace("\u202f", " ").replace("’", "'") for one in words)
    assert "département" not in text(sections.local_figures(report))


@pytest.mark.parametrize(
    ("lang", "title", "licence"),
    [
        ("fr", "Chiffres propres du département (own.csv)", "détenu par le département, non publié"),
        ("en", "Own figures of the département (own.csv)", "held by the département, not published"),
    ],
)
def test_their_title_and_licence_are_told_in_the_language_of_the_page(given, lang, title, licence):
    report = report_of(given, "67", lang)
    sections.local_figures(report)
    shown = sections.sources(report)._repr_html_()
    assert title in shown
    assert licence in shown
    assert not re.search(r"re-use|réutilisation", shown)


@pytest.mark.parametrize(
    ("written", "fr", "en", "name"),
    [
        ("Licence Ouverte 2.0 (Etalab)", "Licence Ouverte 2.0 (Etalab)", "Open Licence 2.0 (Etalab)", "etalab-2.0"),
        ("Free re-use with attribution (INSEE)", "réutilisation libre avec mention de la source (INSEE)",
         "free re-use with attribution (INSEE)", "other-open"),
        ("Public announcements, free to cite", "annonces publiques, que chacun peut citer",
         "public announcements, free to cite", "other-open"),
        ("held by the département, not published", "détenu par le département, non publié",
         "held by the département, not published", "other-closed"),
        ("ODbL 1.0, ask first", "ODbL 1.0, ask first", "ODbL 1.0, ask first", "notspecified"),
        ("Licence Ouverte 2.0 (Etalab), but not for <sale>", *["Licence Ouverte 2.0 (Etalab), but not for <sale>"] * 2,
         "notspecified"),
    ],
)  # fmt: skip
def test_a_licence_is_what_its_sidecar_says(written, fr, en, name):
    plain = [
        str(origins.licence(written, lang)).replace("\u00a0", " ").replace("\u202f", " ")
        for lang in ("fr", "en")
    ]
    assert plain == [fr, en]
    assert tabular._licence(written) == {"name": name, "title": written}
    assert origins.licence(written, "fr").lang == ("en" if name == "notspecified" else "fr")


def test_every_licence_of_the_project_is_of_a_known_kind():
    kept = Catalogue(PROJECT / "data/raw").sidecars.values()
    for licence in {one.licence for one in (*kept, *sources.datasets().values())}:
        assert origins.kind(licence), licence


@pytest.mark.parametrize(
    ("written", "fr"),
    [
        ("January 1996 – June 2016", "janvier 1996 à juin 2016"),
        ("2025 Q2", "2e trimestre 2025"),
        ("2019-2024", "2019-2024"),
        ("base of June 2026", "base juin 2026"),
        ("as of <Tuesday>", "as of <Tuesday>"),
    ],
)
def test_a_vintage_is_worded_as_its_sidecar_says(written, fr):
    told = origins.vintage(written, "fr")
    assert (told, told.lang) == (fr, "en" if written == fr and " " in fr else "fr")


def test_no_vintage_of_the_project_is_left_in_english():
    kept = Catalogue(PROJECT / "data/raw").sidecars.values()
    told = [origins.vintage(one.vintage, "fr") for one in (*kept, *sources.datasets().values())]
    assert not {one for one in told if one.lang != "fr"}


def test_a_licence_that_is_not_known_is_spoken_in_its_own_language(given):
    catalogue, _ = given
    kept = catalogue.sidecar("local/own_67")
    catalogue.store(catalogue.figures("local/own_67"), sidecar("local/own_67", **{
        key: getattr(kept, key) for key in ("producer", "quality", "published")
    } | {"licence": "ask <us>"}))  # fmt: skip
    report = report_of(given, "67", "fr")
    sections.local_figures(report)
    assert '<td lang="en">ask &lt;us&gt;</td>' in sections.sources(report)._repr_html_()
