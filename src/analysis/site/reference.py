"""The pages of words: indicators, methods, what must not be concluded, assumptions, glossary, data, its freshness.

Definitions come from the dictionary, datasets from their sidecars, assumptions from the parameters; the rest is in
``content.yml`` and ``site.po``. The technical note of ``docs/methods.md`` is quoted whole, in its language, and the cautions
of the reports are those of their notebooks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import markupsafe
import mistune

from analysis.data import existing
from analysis.data.catalogue import LOCAL, Sidecar
from analysis.foundations.values import LANGS, THEMES, Lang, dictionary
from analysis.presentation.narrative import formats, origins, sentences
from analysis.presentation.narrative.messages import say as tell
from analysis.presentation.tables import Column, Table
from analysis.reports import data_files
from analysis.reports.pages.around import CHANGES, indicators_path
from analysis.reports.pages.interface import say
from analysis.reports.pages.parts import page_name
from analysis.site import broken, freshness
from analysis.site.content import content, message, text
from analysis.site.facts import Facts, ordered, parameters
from analysis.site.shell import Site, indicator_path, table
from analysis.site.state import COMPARED


def pages(site: Site, facts: Facts | None, root: Path) -> dict[str, bytes]:
    """Every page of words in a language, by path."""
    return {
        indicators_path(site.lang): _indicators(site, facts),
        page_name("methods", site.lang): _methods(site, root),
        page_name("limits", site.lang): _limits(site, facts, root),
        page_name("assumptions", site.lang): _assumptions(site, facts),
        page_name("glossary", site.lang): _glossary(site),
        page_name("data", site.lang): _data(site, facts),
        page_name(freshness.KEY, site.lang): freshness.page(site, facts),
    }


def _rendered(site: Site, key: str, template: str, path: str, **words: object) -> bytes:
    return site.render(
        template,
        path,
        say(f"{key}_heading", site.lang),
        description=say(f"{key}_lead", site.lang),
        lead=say(f"{key}_lead", site.lang),
        **words,
    )


def _of_words(site: Site, key: str, sections: list[dict], **more: object) -> bytes:
    """A page of sections of words; ``more`` is the document, the cautions or the register that stands under them."""
    words = {"document": None, "cautions": [], "register": None} | more
    return _rendered(site, key, "words.html.j2", page_name(key, site.lang), sections=sections, **words)


# ------------------------------------------------------------------------------------------------------ indicators


def _indicators(site: Site, facts: Facts | None) -> bytes:
    """The dictionary by theme, each entry with a link to its page where there is one."""
    there = set(facts.names()) if facts else set(ordered())
    themes = [
        {
            "key": theme,
            "name": say(f"theme_{theme}", site.lang),
            "entries": [_entry(name, site, facts) for name in names if name in there],
        }
        for theme, names in ((t, list(g)) for t, g in groupby(ordered(), key=lambda n: dictionary()[n].theme))
    ]
    themes = [theme for theme in sorted(themes, key=lambda t: THEMES.index(t["key"])) if theme["entries"]]
    return _rendered(site, "indicators", "indicators.html.j2", indicators_path(site.lang), themes=themes)


def _entry(name: str, site: Site, facts: Facts | None) -> dict:
    entry, path = dictionary()[name], indicator_path(name, site.lang)
    span = facts.gathered.spans.get(name) if facts else None
    return {
        "name": name,
        "label": sentences.label(name, site.lang),
        "href": page_name(name, site.lang) if path in site.present else None,
        "definition": entry.definition[site.lang],
        "modelled": entry.modelled,
        "broken": bool(entry.breaks),
        "periods": _span(*span, site.lang) if span else say("national_only", site.lang),
    }


def _span(start: str, end: str, lang: Lang) -> str:
    first, last = (formats.bare_period(p, lang) for p in (start, end))
    return first if first == last else tell("periods.range", lang, first=first, last=last)


# ----------------------------------------------------------------------------------------------- methods and limits


def _methods(site: Site, root: Path) -> bytes:
    sections = [
        {
            "title": text(one["title"], site.lang),
            "words": [text(key, site.lang) for key in one["text"]],
            "listed": False,
        }
        for one in content()["methods"]
    ]
    note = root / "docs" / "methods.md"
    document = _document(note.read_text(encoding="utf-8")) if note.is_file() else None
    return _of_words(site, "methods", sections, document=document)


_TITLE = re.compile(r"\A# .*\n")
_RELATIVE = re.compile(r'<a href="(?!https?:)[^"<>]*">((?:(?!<a ).)*?)</a>', re.DOTALL)
_OPEN = re.compile(r"<(/?)h([1-5])\b")


@lru_cache(maxsize=4)
def _document(text: str) -> markupsafe.Markup:
    """A document of the project as HTML: headings a level down, links within the repository left as words."""
    body = str(mistune.html(_TITLE.sub("", text)))
    body = _RELATIVE.sub(r"\1", re.sub(r"<!--(?:(?!<!--).)*?-->", "", body, flags=re.DOTALL))
    body = _OPEN.sub(lambda m: f"<{m[1]}h{int(m[2]) + 1}", body)
    body = re.sub(r"<(t[hd]) style=[^<>]*>", r"<\1>", body)
    body = body.replace("<th>", '<th scope="col">').replace("<pre>", '<pre tabindex="0">')
    boxed = '<div class="table-scroll" role="group" tabindex="0" aria-label="Table"><table>'
    return markupsafe.Markup(body.replace("<table>", boxed).replace("</table>", "</table></div>"))  # noqa: S704 - our file


def _limits(site: Site, facts: Facts | None, root: Path) -> bytes:
    cautions = [
        {"title": site.title(outcome), "words": words}
        for outcome in site.edition.outcomes
        if (words := caution(root / "notebooks" / f"report_{outcome}.ipynb", site.lang))
    ]
    sections = [
        {
            "title": say("limits_everywhere", site.lang),
            "words": [text(key, site.lang) for key in content()["limits"]],
            "listed": True,
        }
    ]
    register = _register(facts, site.lang) if facts else None
    return _of_words(site, "limits", sections, cautions=cautions, register=register)


def _register(facts: Facts, lang: Lang) -> markupsafe.Markup | None:
    """The register of what exists, whole; None where the checkout has none."""
    entries = existing.register(facts.catalogue).entries
    if not entries:
        return None
    keys = ("publication", "figures", "where", "periods", "state", "address", "looked")
    columns = [Column(key, tell(f"column.{key}", lang), "text") for key in keys]
    rows = [
        sentences.existing_row(one, _named(one, facts, lang), lang) | {"where": sentences.places(one, lang)}
        for one in entries
    ]
    return table(Table("existing", say("limits_register", lang), columns, rows, lang))


def _named(entry: existing.Existing, facts: Facts, lang: Lang) -> list[str]:
    """Labels of the indicators that an entry speaks of: three, then how many others."""
    labels = [
        sentences.label(name, lang)
        for name in facts.names()
        if entry.names(name, () if dictionary()[name].terms else facts.panel.datasets(name))
    ]
    more = len(labels) - _NAMED
    others = [tell("existing.more", lang, n=formats.number(more, lang))] if more > 1 else labels[_NAMED:]
    return [*labels[:_NAMED], *others]


_NAMED = 3


def caution(notebook: Path, lang: Lang) -> str | None:
    """What a report says must not be concluded: the quoted paragraph of its notebook in a language, without its title."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError):
        return None
    others = set(LANGS) - {lang}
    for cell in cells:
        tags, text = set(cell.get("metadata", {}).get("tags", ())), "".join(cell["source"])
        if cell["cell_type"] == "markdown" and text.startswith("> **") and not tags & others:
            return re.sub(r"\A\*\*.*?\*\*\s*", "", re.sub(r"(?m)^> ?", "", text)).strip()
    return None


# ------------------------------------------------------------------------------------------ assumptions and glossary


def _assumptions(site: Site, facts: Facts | None) -> bytes:
    sections = [
        {
            "title": text(one["title"], site.lang),
            "words": _filled(one["text"], one.get("parameters"), site.lang, facts),
            "listed": True,
        }
        for one in content()["assumptions"]
    ]
    return _of_words(site, "assumptions", sections)


def _filled(keys: Sequence[str], name: str | None, lang: Lang, facts: Facts | None) -> list[str]:
    """Sentences with the parameters that they name; those that name one that is not there are left out."""
    given = parameters(facts.catalogue, name) if facts and name else {}
    asked = {key: message(key, lang).places for key in keys}
    return [
        text(key, lang, **{name: _written(given[name], lang) for name in names})
        for key, names in asked.items()
        if names <= set(given)
    ]


def _written(value: Any, lang: Lang) -> str:
    if isinstance(value, Mapping) and "value" in value:
        value = value["value"]
    if isinstance(value, Mapping):
        names = (
            tell("peers.context", lang, label=dictionary()[n].label[lang], when=formats.bare_period(p, lang))
            for n, p in value.items()
        )
        return formats.listing(list(names), lang)
    return value if isinstance(value, str) else formats.number(float(value), lang)


def _glossary(site: Site) -> bytes:
    lang, other = site.lang, next(one for one in LANGS if one != site.lang)
    sections = [
        {
            "title": text(one["title"], lang),
            "terms": [
                {
                    "term": text(f"term.{name}", lang),
                    "other": text(f"term.{name}", other),
                    "definition": text(f"definition.{name}", lang),
                }
                for name in one["terms"]
            ],
        }
        for one in content()["glossary"]
    ]
    return _rendered(
        site, "glossary", "glossary.html.j2", page_name("glossary", lang), sections=sections, other_lang=other
    )


# ------------------------------------------------------------------------------------------------------------- data


def _data(site: Site, facts: Facts | None) -> bytes:
    sidecars = facts.catalogue.sidecars if facts else {}
    producers = [_producer(own, site.lang) for own in _by_producer(sidecars.values())]
    ours = (*data_files.FILES, *(COMPARED if CHANGES in site.more else ()))
    files = sorted(path.removeprefix(f"{data_files.FOLDER}/") for path in ours if path in site.present)
    jumps = broken.sections(facts, site.lang) if facts else []
    return _rendered(
        site,
        "data",
        "data.html.j2",
        page_name("data", site.lang),
        producers=producers,
        files=files,
        jumps=jumps,
    )


def _by_producer(sidecars: Iterable[Sidecar]) -> list[list[Sidecar]]:
    """Datasets by the folder of their producer; two folders of one producer stand together, under one name."""
    folders = groupby(sorted(sidecars, key=lambda s: s.dataset), key=lambda s: s.dataset.split("/")[0])
    found: dict[tuple[str, bool], list[Sidecar]] = {}
    for own in (list(group) for _, group in folders):
        found.setdefault((own[0].producer, own[0].quality == LOCAL), []).extend(own)
    return list(found.values())


def _producer(own: list[Sidecar], lang: Lang) -> dict:
    given = own[0].quality == LOCAL
    name = (
        origins.Quoted(tell("caption.local", lang), lang) if given else origins.Quoted(own[0].producer, "fr")
    )
    return {"name": name, "datasets": [_dataset(one, lang) for one in own]}


def _dataset(sidecar: Sidecar, lang: Lang) -> dict:
    ends = [p for p in (sidecar.period_first, sidecar.period_last) if p]
    return {
        "key": sidecar.dataset,
        "title": origins.title(sidecar, lang),
        "producer": sidecar.producer,
        "url": sidecar.url if sidecar.url.startswith(("https://", "http://")) else None,
        "vintage": origins.vintage(sidecar.vintage, lang),
        "periods": _span(ends[0], ends[-1], lang) if ends else tell("none", lang),
        "quality": tell(f"quality.{sidecar.quality}", lang),
        "licence": origins.licence(sidecar.licence, lang),
        "rows": formats.number(sidecar.rows, lang),
        "sha256": sidecar.sha256,
    }
