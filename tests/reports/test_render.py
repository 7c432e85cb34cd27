"""From an executed notebook to a page: what it keeps, what it refuses, and that it stands alone."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from nbformat import NotebookNode, v4

from analysis.foundations.values import Text
from analysis.reports import render
from analysis.reports.edition import Task
from analysis.reports.pages.parts import Around
from analysis.reports.render import Context, RenderError
from tests.reports.conftest import code, markdown, notebook, parameters

ROOT = Path(__file__).resolve().parents[2]
CONTEXT = Context(
    "essai",
    Text("édition d’essai", "trial edition"),
    date(2025, 11, 30),
    {"essai": {"fr": "Précarité <énergétique>", "en": "Energy <precarity>"}},
)


def page(*cells, lang="fr", territory="67", context=CONTEXT):
    return render.report(
        notebook(parameters(), *cells), Task("essai", territory, "essai", lang), context, ROOT
    ).decode()


def shown(*outputs, source="x = 1"):
    return v4.new_code_cell(source, outputs=list(outputs))


def rich(**data):
    metadata = data.pop("metadata", {})
    return v4.new_output(
        "display_data", {k.replace("__", "/"): v for k, v in data.items()}, metadata=metadata
    )


def stream(text, name="stdout"):
    return v4.new_output("stream", text=text, name=name)


HEADING = re.compile(r"<h(\d)[^>]*>(.*?)</h\1>", re.DOTALL)


def test_the_page_names_the_territory_in_its_language():
    french, english = page(), page(lang="en", territory="974")
    assert '<html lang="fr">' in french and '<html lang="en">' in english
    assert "<title>Précarité &lt;énergétique&gt; dans le Bas-Rhin — édition d’essai</title>" in french
    assert "<h1>Précarité &lt;énergétique&gt; dans le Bas-Rhin</h1>" in french
    assert "<h1>Energy &lt;precarity&gt; in Réunion</h1>" in english
    assert 'href="../index.html"' in french and 'href="../index.en.html"' in english
    assert '<a href="../67/index.html">Bas-Rhin</a>' in french
    assert '<a href="../974/index.en.html">Réunion</a>' in english
    assert "arrêtées au 30 novembre 2025" in french and "as of 30 November 2025" in english


def test_a_report_leads_to_the_others_through_the_page_of_the_departement():
    titles = {**CONTEXT.titles, "autre": {"fr": "Autre", "en": "Other"}}
    context = replace(CONTEXT, titles=titles, territories=("2A", "67", "974"))
    text = page(context=context)
    assert (
        '<a href="index.html#r-autre">Autre</a>' in text
        and "#r-essai" not in text.partition('class="steps"')[0]
    )
    assert 'rel="prev" href="../2A/index.html#r-essai"' in text
    assert 'rel="next" href="../974/index.html#r-essai"' in text
    alone = page()
    assert 'class="around"' not in alone and "rel=" not in alone


def test_vintages_of_datasets_are_listed():
    context = Context(
        "essai", CONTEXT.title, {"insee/filosofi": "2023", "drees/rsa": "2020-10"}, CONTEXT.titles
    )
    text = page(context=context)
    assert text.index("drees/rsa\u00a0: octobre 2020") < text.index("insee/filosofi\u00a0: 2023")


def test_only_the_cells_of_the_language_are_kept():
    cells = markdown("Oui", "fr"), markdown("Yes", "en"), markdown("2 + 2"), code("secret = 1", "hide")
    french, english = page(*cells), page(*cells, lang="en")
    assert "Oui" in french and "Yes" not in french and "2 + 2" in french
    assert "Yes" in english and "Oui" not in english
    assert "secret" in french and "territory" not in re.sub(
        r"<style>.*?</style>", "", french, flags=re.DOTALL
    )


def test_headings_skip_no_level_and_have_one_anchor_each():
    html = rich(text__html='<h5>Détail</h5><h2 id="a">A</h2><h4 class="k">B &amp; <em>C</em></h4>')
    text = page(markdown("# Autre titre\n\n### Suite\n\n## Même\n\n## Même\n\n### main", "fr"), shown(html))
    levels = [int(level) for level, _ in HEADING.findall(text)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    ids = re.findall(r'\sid="([^"]+)"', text)
    assert len(ids) == len(set(ids)) and {"meme", "meme-2", "main-2", "a", "b-c"} <= set(ids)
    contents = text[text.index('class="contents"') : text.index('class="notebook"')]
    for anchor in re.findall(r'href="#([^"]+)"', contents):
        assert f'id="{anchor}"' in text
    assert "B &amp; C" in contents and "<em>" not in contents


def test_a_notebook_without_headings_has_no_contents():
    assert 'class="contents"' not in page(markdown("Rien", "fr"))


def test_code_is_folded_and_highlighted():
    text = page(
        shown(stream("a"), source="x = 1"),
        code("y = 2"),
        code("def f():\n    return '<&>'"),
        markdown("Fin."),
    )
    (fold,) = re.findall(r'<details class="code"><summary>(.*?)</summary>(.*?)</details>', text, re.DOTALL)
    assert fold[0] == "Code de ce rapport, étape par étape" and text.index("Fin.") < text.index(fold[1])
    assert re.findall(r"<p>(.*?)</p>", fold[1]) == ["Code de l’étape 1", "Code de l’étape 2"]
    assert re.search(r'étape 1</p>\s*<div class=" highlight', fold[1])
    assert '<span class="k">def</span>' in text and "&lt;&amp;&gt;" in text and 'style="' not in text


def test_what_is_printed_is_escaped_joined_and_freed_of_the_machine():
    home = str(ROOT)
    outputs = [
        stream("\x1b[31m<script>a</script>"),
        stream("W", "stderr"),
        stream("b"),
        stream(f" {home}/src/x.py"),
    ]
    text = page(shown(*outputs, rich(text__plain=f"<o at 0x7f00deadbeef> {home}"), stream("after")))
    blocks = re.findall(r'<pre class="(?:stream )?(\w+)"[^>]*>(.*?)</pre>', text, re.DOTALL)
    assert blocks == [
        ("stdout", "&lt;script&gt;a&lt;/script&gt;b src/x.py"),
        ("stderr", "W"),
        ("value", "&lt;o at 0x…&gt; project"),
        ("stdout", "after"),
    ]


def test_the_richest_representation_is_shown():
    png = base64.b64encode(b"\x89PNG").decode() + "\n"
    both = rich(text__html="<p>rich</p>", text__plain="poor")
    image = rich(image__png=png, text__plain="<Figure>", metadata={"image/png": {"alt": 'une "courbe"'}})
    vector = NotebookNode(rich(metadata={"alt": "barres"}), data={"image/svg+xml": "<svg>é</svg>"})
    text = page(shown(both, image, vector, rich(text__markdown="*fort*")))
    assert "<p>rich</p>" in text and "poor" not in text and "&lt;Figure&gt;" not in text
    assert '<img src="data:image/png;base64,iVBORw==" alt="une &quot;courbe&quot;">' in text
    assert f"data:image/svg+xml;base64,{base64.b64encode('<svg>é</svg>'.encode()).decode()}" in text
    assert "<em>fort</em>" in text


def test_tables_scroll_in_a_named_box_once():
    table = "<table><caption>Une <b>table</b></caption><tr><td>1</td></tr></table>"
    boxed = f'<div class="table-scroll" tabindex="0" role="region" aria-label="x">{table}</div>'
    text = page(
        shown(rich(text__html=table)), markdown("|a|b|\n|-|-|\n|1|2|", "fr"), shown(rich(text__html=boxed))
    )
    labels = re.findall(r'<div class="table-scroll"[^>]*aria-label="([^"]+)"', text)
    assert labels == ["Une table", "Tableau 2", "x"]


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (rich(image__png="iVBORw=="), "step 1: an image has no text"),
        (rich(application__javascript="alert(1)"), "a page cannot hold application/javascript"),
        (rich(text__html="x" * render.LARGEST), "more than 1,500,000"),
        (rich(text__html=f"<p>{ROOT}/data</p>"), "names a folder of this machine"),
        (rich(text__html='<p id="a"></p><p id="a"></p>'), "have the id 'a'"),
    ],
)
def test_what_must_not_be_published_is_refused(output, message):
    with pytest.raises(RenderError, match=message):
        page(shown(output))


def test_the_page_asks_nothing_of_the_network_and_allows_its_own_style_and_script_only():
    text = page(markdown("[INSEE](https://www.insee.fr)", "fr"), code("x"))
    assert not re.search(r"<(?:link|iframe|object|embed|base|form)\b", text)
    assert not re.search(r"(?:src|action)=[\"']?(?:https?:)?//|@import|url\(", text)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1].replace("&#39;", "'")
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    search, script = re.findall(r"<script([^>]*)>(.*?)</script>", text, re.DOTALL)
    assert search == (' src="../search.fr.js" defer', "") and script[0] == ""
    style, script = (
        base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() for content in (style, script[1])
    )
    assert policy.startswith("default-src 'none'; ") and f"style-src 'sha256-{style}'; " in policy
    assert f"script-src 'self' 'sha256-{script}'; " in policy and "unsafe" not in policy


def test_a_report_has_the_menu_and_the_languages_in_which_it_is_there():
    menu = re.findall(r'<li><a href="([^"]+)"', page().partition("<nav")[2].partition("</nav>")[0])
    names = ("index", "indicators/index", "methods", "limits", "assumptions", "glossary", "data", "freshness")
    assert menu == [f"../{name}.html" for name in names]
    assert "hreflang" not in page()
    nb, task = notebook(parameters()), Task("essai", "67", "essai", "fr")
    both = render.report(nb, task, CONTEXT, ROOT, Around(("en",))).decode()
    assert '<a href="essai.en.html" lang="en" hreflang="en">English version</a>' in both


def test_the_same_notebook_gives_the_same_bytes():
    cells = markdown("## A", "fr"), code("1"), shown(stream("a"), stream("b"))
    whole, pieces = shown(stream("ab")), shown(stream("a"), stream("b"))
    assert page(*cells) == page(*cells)
    assert page(whole) == page(
        pieces
    )  # ids of cells differ, and so do the pieces in which a kernel sends text


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "\0" + "0" + "\0",
        '<img src="data:image/png;base64,AA+/=="> \0 <a href="data:text/csv;base64,QQ==">',
    ],
)
def test_what_is_set_aside_is_put_back(body):
    assert render.put_back(*render.set_aside(body)) == body


def test_images_are_set_aside_while_a_page_is_searched():
    body = '<h2>A</h2><img alt="b" src="data:image/svg+xml;base64,PHN2Zz4="><img src="data:image/png;base64,AA==">'
    small, embedded = render.set_aside(body)
    assert "base64" not in small and len(embedded) == 2
    assert render.put_back(small, embedded) == body
