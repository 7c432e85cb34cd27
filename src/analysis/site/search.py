"""The search of a site: one script for each language that holds what can be found and looks in it.

A page opened from a folder may not fetch, so entries travel in the script. It is loaded by pages with ``src`` and allowed
by their policy as a file of the site; where scripts do not run, nothing of it is shown.
"""

from __future__ import annotations

import json

from analysis.foundations import territories
from analysis.foundations.values import Lang, dictionary, folded
from analysis.presentation.narrative import sentences
from analysis.presentation.narrative.messages import say as tell
from analysis.reports.pages.around import REFERENCE, indicators_path
from analysis.reports.pages.interface import say
from analysis.reports.pages.parts import asset, page_name
from analysis.site import holdings
from analysis.site.facts import Facts, ordered
from analysis.site.overview import key_of
from analysis.site.shell import Site


def script(site: Site, facts: Facts | None) -> bytes:
    """The script: entries as [words shown, kind, address from the root, words to look in]."""
    lang = site.lang
    entries: list[list[str | None]] = [
        [
            f"{territories.get(code).label(lang)} ({code})",
            tell(f"level.{territories.get(code).level}.one", lang),
            site.territory(code),
            key_of(code, lang),
        ]
        for code in site.edition.territories
    ]
    if facts:
        bare = [code for code in site.edition.territories if holdings.is_bare(facts, code)]
        entries += [_holdings(code, lang) for code in bare]
    names = facts.names() if facts else ordered()
    entries += [_indicator(name, site) for name in names]
    places = [
        ("indicators", indicators_path(lang)),
        *((k, page_name(k, lang)) for k in (*REFERENCE, *site.more)),
    ]
    for key, place in places:
        words = say(f"{key}_heading", lang)
        entries.append([words, say("kind_page", lang), place, folded(words)])
    content = json.dumps(entries, ensure_ascii=False, separators=(",", ":"))
    return f"const PACTE_ENTRIES = {content};\n{asset('site.js')}".encode()


def _holdings(code: str, lang: Lang) -> list[str | None]:
    words = say("exists_heading", lang, place=territories.get(code).name_in(lang))
    return [words, say("kind_page", lang), holdings.path(code, lang), folded(words)]


def _indicator(name: str, site: Site) -> list[str | None]:
    label = sentences.label(name, site.lang)
    theme = say(f"theme_{dictionary()[name].theme}", site.lang)
    return [label, say("kind_indicator", site.lang), site.indicator(name), folded(f"{label} {theme}")]
