"""What changed since an earlier edition, as a page of the site: true, whole, escaped, light, and linked only where it is."""

import itertools
import json
import re
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from analysis import site
from analysis.cli import command as cli
from analysis.cli.compare_commands import compare as command
from analysis.foundations import territories
from analysis.foundations.values import LANGS, dictionary
from analysis.reports import edition as editions
from analysis.reports import render
from analysis.reports.beside import compare, datapackage
from analysis.reports.edition import Task
from analysis.reports.pages import since
from analysis.reports.pages.parts import Around
from analysis.site import changes
from analysis.site.shell import Site
from analysis.site.state import Present
from tests.reports.conftest import notebook, parameters
from tests.reports.test_compare import MOVED, READ_ANEW, REVISED, made, project, store, write  # noqa: F401 - a fixture
from tests.reports.test_run import pacte
from tests.reports.test_site import context_of, edition_of

HOSTILE = "<script>alert(1)</script> & co"
ENTRY = {
    "name": "essai", "dataset": "test/read_anew", "period": "2023", "territory": "2A", "published": {READ_ANEW: 500},
    "corrected": {READ_ANEW: 400}, "why": {"fr": HOSTILE, "en": HOSTILE}, "reference": HOSTILE, "checked": "2026-11-23",
}  # fmt: skip
WORDS = {
    "fr": ("Révision de données", "Changement de méthode", "Changement de périmètre", "Correction", "Période plus récente"),
    "en": ("Revision of data", "Change of method", "Change of perimeter", "Correction", "Later period"),
}  # fmt: skip


@pytest.fixture
def compared(project):  # noqa: F811 - the fixture
    """Two editions between which one thing of each kind changed, and what runs ``pacte compare a b --site``."""
    path = project / "editions/essai.yml"
    text = path.read_text(encoding="utf-8").replace("languages: [fr]", "languages: [fr, en]")
    path.write_text(text, encoding="utf-8")
    made(project, "a")
    store(project, "revised", REVISED, {"2023": (1000, 1200, 1000)}, sha="1")
    store(project, "moved", MOVED, {"2023": (8.0, 9.0, 17.0), "2024": (9.0, 9.0, 17.0)})
    write(project, "corrections", corrections=[ENTRY])
    path.write_text(text.replace('"67", "2A", "974"', '"67", "2A"'), encoding="utf-8")
    b = made(project, "b")
    codebook = pd.read_csv(b / "data/codebook.csv", dtype="str", keep_default_na=False)
    codebook.loc[codebook["indicator"] == READ_ANEW, "formula"] = HOSTILE
    codebook.to_csv(b / "data/codebook.csv", index=False)
    app = typer.Typer()
    app.command()(command)

    def run(*more):
        result = CliRunner().invoke(app, ["a", "b", "--site", *more])
        return result.exit_code, " ".join(result.output.split())

    return b, run


def rewritten(folder):
    """The site of an edition, written again as at the end of any run."""
    edition = editions.load("essai")
    return site.write(edition, folder, site.context_of(edition, folder.parents[1]))


def text(folder, name):
    return (folder / name).read_text(encoding="utf-8")


def links(page):
    return [link for link in re.findall(r'href="([^"]*)"', page) if "changes" in link]


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_tells_each_difference_with_its_kind(compared, lang):
    folder, run = compared
    code, output = run()
    assert code == 1 and "changes.html reports tell it once they are made again" in output
    page = text(folder, changes.path(lang))
    assert f'<html lang="{lang}">' in page and "edition a" in page.replace("édition", "edition")
    kinds = dict(zip(("revision", "method", "perimeter", "correction", "real"), WORDS[lang], strict=True))
    section = dict(re.findall(r'<h3 id="i-(\w+)">(.*?)(?=<h3 id="i-|</section>)', page, re.S))
    assert set(section) == {REVISED, READ_ANEW, MOVED}
    row = re.search(r'<tr><th scope="row">Corse-du-Sud \(2A\), 2023</th>(.*?)</tr>', section[REVISED])[1]
    assert kinds["revision"] in row and ("1\u202f200" if lang == "fr" else "1,200") in row
    assert (
        kinds["correction"] in re.search(r"Corse-du-Sud \(2A\), 2023</th>(.*?)</tr>", section[READ_ANEW])[1]
    )
    assert kinds["method"] in section[READ_ANEW] and kinds["real"] in section[MOVED]
    assert '<th scope="row">Bas-Rhin (67), 2023 → 2024</th>' in section[MOVED]
    gone = re.search(r'<section aria-labelledby="perimeter">.*?</section>', page, re.S)[0]
    assert f"{territories.get('974').label(lang)} (974)" in gone and kinds["perimeter"] in page
    assert all(f"<dt>{kind}</dt>" in page for kind in kinds.values())
    assert '<a download href="data/changes.csv">' in page and 'id="t-2A"' in page
    for table in re.findall(r"<table.*?</table>", page, re.S):
        assert "<caption" in table and 'scope="col"' in table and 'scope="row"' in table
    levels = [int(n) for n in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1 and all(b <= a + 1 for a, b in itertools.pairwise(levels))
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)) and set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_what_is_hostile_is_escaped(compared):
    folder, run = compared
    run()
    for lang in LANGS:
        page = text(folder, changes.path(lang))
        assert (
            "<script>alert" not in page and page.count("&lt;script&gt;alert(1)&lt;/script&gt; &amp; co") >= 3
        )


def test_there_are_links_if_and_only_if_there_is_a_page(compared):
    folder, run = compared
    places = {"index.html": "", "67/index.html": "../", "glossary.html": "", "search.fr.js": ""}
    rewritten(folder)
    assert not (folder / "changes.html").exists()
    assert not [name for name in places if "changes.html" in text(folder, name)]
    run()
    for name, root in places.items():
        assert f'"{root}changes.html"' in text(folder, name), name
    assert '"../changes.html#t-67"' in text(folder, "67/index.html")
    assert '<a href="changes.html" aria-current="page">' in text(folder, "changes.html")
    kept = folder / "data/changes.csv"
    kept.write_text(text(folder, "data/changes.csv").replace("1200", "1201"), encoding="utf-8")
    rewritten(folder)
    assert not list(folder.glob("changes*.html"))
    assert not [name for name in places if "changes.html" in text(folder, name)]


def test_the_same_editions_give_the_same_bytes_which_later_writing_keeps(compared):
    folder, run = compared

    def there():
        return {
            path.name: path.read_bytes() for path in [*folder.glob("changes*"), *folder.glob("data/changes*")]
        }

    run()
    first = there()
    assert set(first) == {"changes.html", "changes.en.html", "changes.csv", "changes.json"}
    for name in ("changes.html", "data/changes.json"):
        (folder / name).unlink()
    run()
    assert there() == first
    (folder / "changes.html").unlink()
    (folder / "index.html").unlink()
    assert folder / "changes.html" in rewritten(folder) and there() == first


def test_what_is_kept_is_read_as_it_was_found(compared):
    folder, run = compared
    run()
    found, kept = compare.compare(folder.with_name("a"), folder), compare.kept(folder)
    assert [asdict(side) for side in kept.sides] == [asdict(side) for side in found.sides]
    assert kept.sides[0].territories == 3 and kept.sides[1].title["en"] == "trial edition"
    assert list(kept.corrections) == list(found.corrections) and kept.corrections[0]["way"] == "new"
    pd.testing.assert_frame_equal(kept.differences, found.differences)
    assert not kept.outdated


def test_a_comparison_whose_figures_are_of_another_day_says_so_or_is_refused(compared, project):  # noqa: F811
    folder, run = compared
    run()
    page = text(folder, "changes.html")
    assert "refaites depuis" not in page
    store(project, "revised", REVISED, {"2023": (1000, 1300, 1000)}, sha="2")
    before = {path: path.read_bytes() for path in folder.rglob("*.html")}
    code, output = run()
    assert code == 2 and "pacte report --all --edition essai" in output
    assert {path: path.read_bytes() for path in folder.rglob("*.html")} == before
    made(project, "b")
    rewritten(folder)
    assert "refaites depuis" in text(folder, "changes.html")


def test_a_site_that_is_no_edition_of_the_checkout_is_left_alone(compared, project):  # noqa: F811
    folder, run = compared
    (project / "editions/essai.yml").rename(project / "editions/other.yml")
    code, output = run()
    assert code == 2 and "--site" in output and not (folder / "changes.html").exists()


def test_it_stays_through_runs_is_verified_and_published(project, tmp_path):  # noqa: F811
    cli.whole()
    asked = ("--edition", "essai", "--out", tmp_path / "out")
    pacte("report", "--all", *asked)
    made(project, "before")
    store(project, "revised", REVISED, {"2023": (1000, 1200, 1000)}, sha="1")
    pacte("report", "--all", *asked)
    folder = tmp_path / "out/essai"
    pacte("compare", project / "reports/before", folder, "--site", ok=1)
    page = text(folder, "changes.html")
    assert "differently today" in pacte("verify", *asked, ok=1)  # reports do not tell it yet
    pacte("report", "--all", *asked)
    assert text(folder, "changes.html") == page and links(text(folder, "67/index.html"))
    assert '"../changes.html#t-2A"' in text(folder, "2A/essai.html")
    assert "0 differ" in pacte("verify", *asked)
    pacte("site", "publish", tmp_path / "public", *asked)
    for name in ("changes.html", "data/changes.csv"):
        assert (tmp_path / "public" / name).read_bytes() == (folder / name).read_bytes()
    listed = json.loads(text(tmp_path / "public", "publication.json"))["files"]
    assert "changes.html" in listed and '"changes.html"' in text(tmp_path / "public", "index.html")


def test_reports_tell_in_three_lines_what_changed_there_while_it_is_true(project, tmp_path):  # noqa: F811
    cli.whole()
    asked = ("--edition", "essai", "--out", tmp_path / "out")
    pacte("report", "--all", *asked)
    folder = tmp_path / "out/essai"
    before = text(folder, "67/essai.html")
    made(project, "before")
    store(project, "revised", REVISED, {"2023": (1000, 1200, 1000)}, sha="1")
    store(project, "moved", MOVED, {"2023": (8.0, 9.0, 17.0), "2024": (9.0, 9.0, 17.0)})
    pacte("report", "--all", *asked)
    assert 'id="changed"' not in before and 'id="changed"' not in text(folder, "67/essai.html")
    pacte("compare", project / "reports/before", folder, "--site", ok=1)
    pacte("report", "--all", *asked)
    told = {}
    for code in ("67", "2A"):
        page, around = text(folder, f"{code}/essai.html"), text(folder, f"{code}/index.html")
        section = re.search(r'<section class="changed".*?</section>', page, re.DOTALL)[0]
        told[code] = re.findall(r"<li>(.*?)</li>", section)
        assert f'"../changes.html#t-{code}"' in section and '<a href="#changed">' in page
        assert all(f"<li>{line}</li>" in around for line in told[code]) and len(told[code]) == 3
        named = json.loads(text(folder, f"{code}/essai.provenance.json"))["comparison"]
        kept = json.loads(text(folder, "data/changes.json"))
        names = {side: kept[side]["name"] for side in ("before", "after")}
        assert named == names | {"sha256": kept["differences"]["sha256"]}
    assert "1\u202f200" in told["2A"][1] and "révision" in told["2A"][1]
    assert "8,0" in told["67"][2] and "9,0" in told["67"][2] and "2023 → 2024" in told["67"][2]
    store(project, "revised", REVISED, {"2023": (1000, 1300, 1000)}, sha="2")
    pacte("report", "67", *asked)
    assert 'id="changed"' not in text(folder, "67/essai.html")
    assert "comparison" not in json.loads(text(folder, "67/essai.provenance.json"))


def test_what_is_not_the_record_of_a_comparison_tells_nothing_and_what_it_says_is_escaped(tmp_path):
    (tmp_path / "data").mkdir()
    compare.keep(sample(), tmp_path)
    path, made_from = tmp_path / "data/changes.json", datapackage.made_from({})
    good = json.loads(path.read_text(encoding="utf-8"))
    found = since.told(tmp_path, made_from)
    assert found.told("67").n == 10 and found.told("974") == since.Told()
    assert since.told(tmp_path, "other") is None
    row = good["territories"]["67"]["moved"]
    for forged in ([], {"67": 1}, {"67": {**good["territories"]["67"], "n": "3"}},
                   {"67": {**good["territories"]["67"], "moved": {**row, "before": "1"}}}):  # fmt: skip
        path.write_text(json.dumps(good | {"territories": forged}), encoding="utf-8")
        assert since.told(tmp_path, made_from) is None, forged
    hostile = {**good["territories"]["67"], "moved": {**row, "indicator": HOSTILE, "note_after": HOSTILE}}
    path.write_text(json.dumps(good | {"territories": {"67": hostile}}), encoding="utf-8")
    context, task = context_of(edition_of(("67",))), Task("essai", "67", "diagnostic", "fr")
    company = Around(changed=since.told(tmp_path, made_from).of("67"))
    page = render.report(notebook(parameters()), task, context, tmp_path, company).decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in page


def test_no_later_figure_is_told_beside_one_from_before_a_break():
    name = next(n for n in sorted(dictionary()) if dictionary()[n].breaks)
    at = str(sorted(dictionary()[name].breaks)[0])
    rows = differences((name,), ("67",), kind="real", detail="later", what="1990").assign(period=at)
    found = since.places_of(since.ranked(rows))["67"]
    assert found.newest is None and found.later == 1


def differences(names, codes, **given):
    """A comparison in which two periods of every indicator and territory differ, of each severity in turn."""
    keys = ["indicator", "territory", "period"]
    rows = pd.MultiIndex.from_product([names, codes, ["2022", "2023"]], names=keys).to_frame(index=False)
    every = dict.fromkeys(compare.COLUMNS, "") | dict.fromkeys(compare.NUMBERS, np.nan)
    every |= {
        "state_before": "observed",
        "state_after": "modelled",
        "kind": "revision",
        "detail": "file",
    } | given
    rows = rows.assign(**{key: value for key, value in every.items() if key not in keys})
    severity = np.resize(compare.SEVERITIES, len(rows))
    rows = rows.assign(severity=severity, before=10.0, after=np.resize([11.0, 15.0, 9.0], len(rows)))
    return rows[list(compare.COLUMNS)]


def sample():
    """A comparison with something of each kind, to be shown without two editions."""
    names, codes = ("rate_poverty_60", "rate_rsa_per_100_poor_households"), ("67", "2A", "FR")
    parts = [
        differences(names, codes, what="test/a", upper_after=20.0, lower_after=5.0),
        differences(("count_rsa_recipients",), codes, kind="method", detail="formula"),
        differences(("rate_unemployment",), codes, kind="correction", detail="corrected"),
        differences(("rate_unemployment",), codes, kind="real", detail="later", what="2021"),
        differences(("",), ("974",), kind="perimeter", detail="territory_gone").assign(
            period="", before=np.nan
        ),
    ]
    entry = {
        "name": "x",
        "dataset": "test/a",
        "indicator": "rate_unemployment",
        "territory": "67",
        "period": "2022",
    }
    entry |= {
        "published": "10",
        "corrected": "",
        "why_fr": "Erreur.",
        "why_en": "Error.",
        "reference": "Ref.",
    }
    sides = (
        compare.Side("2025"),
        compare.Side("2026", {"fr": "édition", "en": "edition"}, "2026-11-30", "1.0", 3, 2),
    )
    rows = pd.concat(parts, ignore_index=True)
    return compare.Comparison("2025", "2026", rows, sides, [{"way": "new", **entry}])


def test_with_thousands_of_differences_the_page_is_light_and_says_what_it_leaves_out():
    codes = territories.DEPARTEMENTS
    rows = differences(sorted(dictionary())[:300], codes, what="test/a")
    found = compare.Comparison("a", "b", rows, (compare.Side("a"), compare.Side("b")))
    edition = edition_of(codes)
    pages = Site(edition, context_of(edition), "fr", ("fr",), Present(frozenset()), (changes.KEY,))
    page = changes.page(pages, changes.Changes(found, "fr"))
    assert len(page) < 500_000
    words = page.decode()
    assert "5 sur 202, les plus importantes" in words and words.count("Nombre de lignes dans") == 200
    assert words.count('<li id="t-') == 101
    shown = re.search(r'<h3 id="i-\w+">.*?</table>', words, re.DOTALL)[0]
    assert "Majeure" in shown and "Mineure" not in shown and "state-modelled" in shown


@pytest.mark.parametrize("lang", LANGS)
def test_an_indicator_that_is_known_no_more_is_told_by_its_name(lang):
    rows = differences(("rate_of_old",), ("67",), detail="later", what="2021", kind="real", state_after="")
    found = compare.Comparison("a", "b", rows, (compare.Side("a"), compare.Side("b")))
    edition = edition_of(("67",))
    pages = Site(edition, context_of(edition), lang, (lang,), Present(frozenset()), (changes.KEY,))
    words = changes.page(pages, changes.Changes(found, lang)).decode()
    assert '<h3 id="i-rate_of_old">rate_of_old</h3>' in words
    assert ("pas de chiffre" if lang == "fr" else "no figure") in words
