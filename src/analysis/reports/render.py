"""An executed notebook becomes a page: one HTML file that stands alone, in one language, that names its territory.

nbconvert gives the cells (markdown, folded code, outputs) through a template of ours, and a shell is put around them: title
and headings that name the territory, table of contents, footer, style. The page asks nothing of the network: a content
security policy forbids it, and allows its own style and the script of its drawings by checksum. The same notebook gives
the same bytes: no time of day, no machine path, no random identifier.

It must not compute or word anything; HTML outputs are the project's own objects, which escape every value themselves.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
import markupsafe
import nbformat
from jupyter_core.paths import ENV_JUPYTER_PATH
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbformat import NotebookNode

from analysis.foundations import territories
from analysis.foundations.values import LANGS, Lang, folded
from analysis.foundations.version import __version__
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.origins import vintage
from analysis.reports import outputs
from analysis.reports.beside import downloads
from analysis.reports.edition import COUNTRY, Task, without_title
from analysis.reports.pages import around, interface
from analysis.reports.pages.around import CHANGES, territory_path
from analysis.reports.pages.parts import (
    ALONE,
    TEMPLATES,
    Around,
    Context,
    asset,
    checksum,
    index_name,
    page_name,
    pages,
    style,
)
from analysis.reports.scrub import Scrubber

if TYPE_CHECKING:
    from analysis.reports.pages.since import Since

LARGEST = 1_500_000
"""Bytes that a report may have at most."""

_RICH = ("text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain")
"""Representations of an output that a page can hold, the preferred first."""


class RenderError(ValueError):
    """An executed notebook that cannot be published as it is; the message says which cell and what to do."""


# --------------------------------------------------------------------------------------------------- cells and outputs


@lru_cache(maxsize=4096)
def _highlighted(source: str, lexer: str) -> str:
    """Highlighted code, once for each cell of a notebook however many reports it makes."""
    from nbconvert.filters.highlight import Highlight2HTML

    return Highlight2HTML(pygments_lexer=lexer)(source)


@lru_cache(maxsize=4096)
def _from_markdown(source: str) -> str:
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    return MarkdownWithMath(renderer=IPythonRenderer(escape=False, exclude_anchor_links=True)).render(source)


def _highlight(source: str, metadata: Mapping | None = None) -> str:
    return _highlighted(source, "ipython3")


def _image(data: bytes, kind: str, alt: str) -> str:
    return f'<p class="image"><img src="data:{kind};base64,{base64.b64encode(data).decode()}" alt="{html.escape(alt)}"></p>'


def _rich(output: NotebookNode, number: int, plain: Scrubber, lang: Lang) -> str:
    """The preferred representation of an output, as HTML."""
    kind = next((k for k in _RICH if k in output.data), None)
    if kind is None:
        raise RenderError(
            f"step {number}: a page cannot hold {', '.join(output.data)}; show it as HTML, SVG or text"
        )
    content = output.data[kind]
    if kind != "text/plain" and len(content) > LARGEST:
        raise RenderError(
            f"step {number}: one output has {len(content):,} characters, and a page can have no more than {LARGEST:,} "
            "bytes: draw less, or show a part"
        )
    if kind == "text/html":
        return content
    if kind == "text/markdown":
        return f'<div class="text">\n{_from_markdown(content)}</div>'
    if kind == "text/plain":
        cut = _cut("cut_text", outputs.TEXT, lang) if len(content) > outputs.TEXT else ""
        return f'<pre class="value">{html.escape(plain(content[: outputs.TEXT]))}</pre>{cut}'
    metadata = output.get("metadata", {})
    alt = metadata.get(kind, {}).get("alt") or metadata.get("alt")
    if not alt:
        raise RenderError(
            f"step {number}: an image has no text for those who cannot see it; give metadata={{'alt': …}}"
        )
    data = content.encode("utf-8") if kind == "image/svg+xml" else base64.b64decode(content)
    return _image(data, kind, alt)


def _cut(name: str, number: int, lang: Lang) -> str:
    """The note that something was left out, and how much is shown."""
    return f'<p class="cut" role="note">{html.escape(interface.say(name, lang, number=formats.number(number, lang)))}</p>'


class PageExporter(HTMLExporter):
    """nbconvert's exporter with our template, without the passes over the whole HTML that our template makes needless."""

    def from_notebook_node(  # type: ignore[override] # what nbconvert's own exporters of text give
        self, nb: NotebookNode, resources: dict | None = None, **kw: object
    ) -> tuple[str, dict]:
        """Convert a notebook; skips HTMLExporter's reparsing of the result, which costs more than the rest."""
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)

    def _preprocess(self, nb: NotebookNode, resources: dict) -> tuple[NotebookNode, dict]:
        """Nothing, as there is no preprocessor; nbconvert's own copies the notebook twice and validates it again."""
        return nb, resources

    def get_prefix_root_dirs(self) -> list[str]:
        """Where templates are looked for: the environment's own, before which nbconvert would look at the user's."""
        return list(ENV_JUPYTER_PATH)


@cache
def _exporter(lang: Lang, root: str) -> PageExporter:
    """The exporter of a language, compiled once per process."""
    plain = Scrubber(Path(root))
    return PageExporter(
        template_name="basic",
        template_file="body.html.j2",
        extra_template_basedirs=[],
        template_data_paths=[],
        extra_loaders=[jinja2.FileSystemLoader(TEMPLATES)],
        default_preprocessors=[],
        optimistic_validation=True,
        filters={
            "say": lambda key, **values: interface.say(key, lang, **values),
            "shown": outputs.shown,
            "cut": lambda note: _cut(note.name, note.number, lang),
            "plain": plain,
            "rich": partial(_rich, plain=plain, lang=lang),
            "highlight_code": _highlight,
            "markdown2html": _from_markdown,
        },
    )


def of_language(nb: NotebookNode, lang: Lang) -> NotebookNode:
    """The notebook without the cells of other languages, the default parameters, and the title that the page has."""
    others = set(LANGS) - {lang}
    cells, titled = [], False
    for cell in nb.cells:
        tags = set(cell.metadata.get("tags", ()))
        if tags & {"parameters", "drop"} or (cell.cell_type == "markdown" and tags & others):
            continue
        if (
            cell.cell_type == "markdown"
            and not titled
            and (source := without_title(cell.source)) != cell.source
        ):
            titled, cell = True, NotebookNode({**cell, "source": source})
        if cell.source.strip():
            cells.append(cell)
    return NotebookNode({**nb, "cells": cells})


# ---------------------------------------------------------------------------------------------- headings and tables

# Each stops at the next tag of its kind, closed or not, so that a body is gone through once, whatever is in it.
_HEADING = re.compile(
    r"<h(?P<level>[1-6])(?P<attributes>[^<>]*)>(?P<content>[^<]*+(?:<(?!/?h[1-6])[^<]*+)*+)</h(?P=level)>"
)
_TAG = re.compile(r"<[^<>]+>")
_ID = re.compile(r"\sid=(['\"])(?P<id>.*?)\1")


@dataclass
class Entry:
    """A line of the table of contents."""

    anchor: str
    text: str
    children: list[Entry]


def _slug(text: str) -> str:
    return folded(text).replace(" ", "-") or "section"


def outlined(body: str) -> tuple[str, list[Entry]]:
    """Give every heading an anchor and a level that skips none, starting at 2; return the contents of levels 2 and 3."""
    contents: list[Entry] = []
    depth: list[int] = []
    used: set[str] = {"main", "changed", "place", "place-hint"}

    def replaced(match: re.Match) -> str:
        original = max(int(match["level"]), 2)
        while depth and depth[-1] >= original:
            depth.pop()
        depth.append(original)
        level = min(len(depth) + 1, 6)
        text = html.unescape(_TAG.sub("", match["content"])).strip()
        given = _ID.search(match["attributes"])
        anchor = _unique(given["id"] if given else _slug(text), used)
        if level == 2 or (level == 3 and not contents):
            contents.append(Entry(anchor, text, []))
        elif level == 3:
            contents[-1].children.append(Entry(anchor, text, []))
        attributes = _ID.sub("", match["attributes"])
        return f'<h{level} id="{html.escape(anchor)}"{attributes}>{match["content"]}</h{level}>'

    return _HEADING.sub(replaced, body), contents


def _unique(anchor: str, used: set[str]) -> str:
    candidate, number = anchor, 1
    while candidate in used:
        number += 1
        candidate = f"{anchor}-{number}"
    used.add(candidate)
    return candidate


def _repeated(page: str) -> str | None:
    """An identifier that two elements bear, or None."""
    seen: set[str] = set()
    for match in re.finditer(r"<[a-z][^<>]*?\sid=(['\"])(.*?)\1", page):
        if match[2] in seen:
            return match[2]
        seen.add(match[2])
    return None


_TABLE = re.compile(
    r'(?P<box><div class="table-scroll"[^<>]*>\s*)?<table\b[^<]*+(?:<(?!/?table\b)[^<]*+)*+</table>'
)
_CAPTION = re.compile(r"<caption[^<>]*>([^<]*+(?:<(?!/?caption)[^<]*+)*+)</caption>")


def scrollable(body: str, lang: Lang) -> str:
    """Put every table in a box of its own that scrolls and can be reached with the keyboard."""
    number = 0

    def replaced(match: re.Match) -> str:
        nonlocal number
        number += 1
        if match["box"]:  # a landmark for each table would be too many, and two tables may bear one caption
            return match[0].replace('role="region"', 'role="group"', 1)
        caption = _CAPTION.search(match[0])
        name = html.unescape(_TAG.sub("", caption[1])).strip() if caption else ""
        label = html.escape(name or interface.say("table", lang, number=str(number)))
        return f'<div class="table-scroll" role="group" tabindex="0" aria-label="{label}">{match[0]}</div>'

    return _TABLE.sub(replaced, body)


# ------------------------------------------------------------------------------------------------------------ pages


def report(nb: NotebookNode, task: Task, context: Context, root: Path, around: Around = ALONE) -> bytes:
    """The page of an executed notebook. RenderError when it must not be published.

    Args:
        nb: the notebook, executed. task: the report. context: what pages say about the edition. root: the checkout.
        around: what is around it and not so in every run.
    """
    body, _ = _exporter(task.lang, str(root)).from_notebook_node(of_language(nb, task.lang))
    body, embedded = set_aside(body)
    body, contents = outlined(body)
    page = _page(scrollable(body, task.lang), contents, task, context, around)
    if twice := _repeated(page):
        raise RenderError(
            f"two elements of the page have the id {twice!r}: give their tables or figures different keys"
        )
    if leak := Scrubber(root).leak(page):
        raise RenderError(f"the page names a folder of this machine ({leak}); print names, not paths")
    whole = put_back(page, embedded).encode("utf-8", "replace")
    if len(whole) > LARGEST:
        raise RenderError(
            f"the page has {len(whole):,} bytes, more than {LARGEST:,}: draw fewer or lighter figures"
        )
    return whole


_EMBEDDED = re.compile(r"data:[a-z0-9/+;=.-]+;base64,[A-Za-z0-9+/]+=*")
_PLACE = re.compile("\0([0-9]+)\0")


def set_aside(body: str) -> tuple[str, list[str]]:
    """A body with its images and files replaced by short marks, and these: four fifths of a page need not be searched."""
    embedded: list[str] = []
    if "\0" in body:  # what marks are made of: leave such a body as it is
        return body, embedded

    def marked(match: re.Match) -> str:
        embedded.append(match[0])
        return f"\0{len(embedded) - 1}\0"

    return _EMBEDDED.sub(marked, body), embedded


def put_back(page: str, embedded: list[str]) -> str:
    """A page with its images and files again."""
    return _PLACE.sub(lambda match: embedded[int(match[1])], page) if embedded else page


def rehearse(path: Path, root: Path) -> None:
    """Pass a notebook that has not run through the exporter, so that what all its reports share is computed once."""
    nb = nbformat.read(path, as_version=4)
    for content in (style(*around.STYLES), asset("page.js")):
        checksum(content)
    for lang in LANGS:
        _exporter(lang, str(root)).from_notebook_node(of_language(nb, lang))
        pages(lang).get_template("report.html.j2")
        formats.date_words(date.min.isoformat(), lang)


def _page(body: str, contents: list[Entry], task: Task, context: Context, given: Around) -> str:
    lang, territory = task.lang, territories.get(task.territory)
    title = context.titles[task.outcome][lang]
    words = {"title": title, "place": territory.name_in(lang), "edition": context.title[lang]}
    closed = context.vintages if isinstance(context.vintages, date) else None
    dated = {} if isinstance(context.vintages, date) else context.vintages
    changed = _changed(task, given.changed) if given.changed else None
    if changed:
        contents = [*contents, Entry("changed", str(changed["heading"]), [])]
    above = (
        [] if task.territory == COUNTRY else [(territory.label(lang), territory_path(task.territory, lang))]
    )
    return around.page(
        "report.html.j2",
        task.path,
        interface.say_with(words, "heading", lang),
        lang=lang,
        css=style(*around.STYLES),
        edition_title=words["edition"],
        others=given.languages,
        more=(CHANGES,) if changed else (),
        changed=changed,
        above=above,
        here=title,
        description=interface.say_with(words, "description", lang),
        of=territory.name_of(lang),
        reports=_others(task, context),
        steps=_steps(task, context),
        edition_name=context.edition,
        contents=contents,
        body=markupsafe.Markup(body),  # noqa: S704 - cells of the project's notebooks; what they print is escaped
        closed_on=formats.date_words(closed.isoformat(), lang) if closed else None,
        vintages=[(one, vintage(text, lang)) for one, text in sorted(dated.items())],
        version=__version__,
        notebook=f"report_{task.outcome}.ipynb",
        downloads=downloads.links(task),
    )


def _changed(task: Task, differences: Since) -> dict[str, object]:
    """What changed in the territory since an earlier edition: words, and where to read more."""
    from analysis.reports.beside import compare  # what reports without a comparison do not depend on
    from analysis.reports.pages import since  # what reports without a comparison do not depend on

    lang, told = task.lang, differences.told(task.territory)
    return {
        "heading": interface.say("changes_since", lang, before=differences.before),
        "lines": since.lines(told, lang, compare.figure, compare.label),
        "href": page_name(CHANGES, lang) + (f"#t-{task.territory}" if told.n else ""),
    }


def _others(task: Task, context: Context) -> list[dict[str, str]]:
    """The other reports of the département and those of the country, by their places on pages that say if they are there."""
    national = task.territory == COUNTRY
    return [
        {
            "title": titles[task.lang],
            "href": f"{'../' if outcome in context.national else ''}{index_name(task.lang)}#r-{outcome}",
        }
        for outcome, titles in context.titles.items()
        if outcome != task.outcome and (outcome in context.national or not national)
    ]


def _steps(task: Task, context: Context) -> dict[str, dict[str, str] | None]:
    """The same report of the départements before and after, by its place on their pages; none when they are not known."""
    codes = context.territories
    at = codes.index(task.territory) if task.territory in codes else None
    around = {
        "previous": codes[at - 1] if at else None,
        "next": codes[at + 1] if at is not None and at + 1 < len(codes) else None,
    }
    return {
        key: {
            "name": territories.get(code).label(task.lang),
            "href": f"../{code}/{index_name(task.lang)}#r-{task.outcome}",
        }
        if code
        else None
        for key, code in around.items()
    }
