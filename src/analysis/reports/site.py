"""The index of an edition: a tile map and a searchable list, each leading to the reports that are there.

It says what is on disk: a link for each report, the failures by name, what was not built. It works from a folder opened in
a browser, without a network and without scripts (the search box appears only where scripts run). The same folder gives
the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import markupsafe

from analysis import territories
from analysis.catalogue import write_whole
from analysis.reports import interface
from analysis.reports.build import error_path
from analysis.reports.edition import Edition, Task
from analysis.reports.interface import fold, say
from analysis.reports.pages import Context, asset, index_name, pages, policy
from analysis.values import LANGS, Lang


def write(edition: Edition, folder: Path, context: Context) -> list[Path]:
    """Write the index of each language in which the edition has reports, and of those it is made for."""
    langs = [lang for lang in LANGS if lang in edition.languages or _any(edition, folder, lang)]
    written = []
    for lang in langs:
        path = folder / index_name(lang)
        write_whole(path, page(edition, folder, context, lang, langs).encode("utf-8"))
        written.append(path)
    return written


def _any(edition: Edition, folder: Path, lang: Lang) -> bool:
    return any(_state(task, folder) != "absent" for task in _tasks(edition, lang))


def _tasks(edition: Edition, lang: Lang) -> list[Task]:
    return [
        Task(edition.name, code, outcome, lang)
        for code in edition.territories
        for outcome in edition.outcomes
    ]


def _state(task: Task, folder: Path) -> str:
    """``done`` when the report is there, ``failed`` when its error is, else ``absent``."""
    if error_path(folder, task).is_file():
        return "failed"
    return "done" if (folder / task.path).is_file() else "absent"


def page(edition: Edition, folder: Path, context: Context, lang: Lang, langs: list[Lang]) -> str:
    """The index in a language, as HTML."""
    states = {task: _state(task, folder) for task in _tasks(edition, lang)}
    other = next((one for one in langs if one != lang), None)
    css, script = asset("report.css") + _grid(), asset("index.js")
    title = edition.title[lang]
    return (
        pages(lang)
        .get_template("index.html.j2")
        .render(
            lang=lang,
            policy=policy(css, script),
            css=markupsafe.Markup(css),  # noqa: S704 - files of the package
            script=markupsafe.Markup(script),  # noqa: S704
            description=say("index_description", lang, edition=title),
            page_title=say("index_title", lang, edition=title),
            edition_title=title,
            other={"lang": other, "href": index_name(other)} if other else None,
            lead=_lead(edition, states, lang),
            failures=[_failure(task, context) for task, state in states.items() if state == "failed"],
            tiles=[_tile(code, edition, states, lang) for code in territories.DEPARTEMENTS],
            items=[_item(code, states, context) for code in edition.territories],
            matches=interface.messages()["matches"][lang],
        )
    )


def _lead(edition: Edition, states: Mapping[Task, str], lang: Lang) -> str:
    done = sum(state == "done" for state in states.values())
    return say("index_lead", lang, reports=done, territories=len(edition.territories))


def _title(task: Task, context: Context) -> str:
    return context.titles[task.outcome][task.lang]


def _failure(task: Task, context: Context) -> dict[str, str]:
    name = territories.get(task.territory).label(task.lang)
    words = say("failure_link", task.lang, name=name, title=_title(task, context))
    return {"href": f"{task.territory}/{task.stem}.error.txt", "words": words}


def _tile(code: str, edition: Edition, states: Mapping[Task, str], lang: Lang) -> dict:
    territory = territories.get(code)
    own = [state for task, state in states.items() if task.territory == code]
    broken = "failed" in own
    linked = code in edition.territories
    key = "tile_failed" if broken else "tile" if "done" in own else "tile_none"
    column, row = territory.tile
    words = say(key, lang, name=territory.label(lang), code=code)
    return {"code": code, "column": column, "row": row, "linked": linked, "broken": broken, "words": words}


def _item(code: str, states: Mapping[Task, str], context: Context) -> dict:
    own = {task: state for task, state in states.items() if task.territory == code}
    lang = next(iter(own)).lang
    territory = territories.get(code)
    name, region = territory.label(lang), territories.get(territory.region).label(lang)
    return {
        "code": code,
        "name": name,
        "region": region,
        "key": fold(f"{name} {code} {region}"),
        "reports": [_entry(task, state, name, context) for task, state in own.items()],
    }


def _entry(task: Task, state: str, name: str, context: Context) -> dict[str, str]:
    title = _title(task, context)
    words = f"{title}, {name}" if state == "done" else say(state, task.lang, title=title)
    return {"state": state, "href": task.path, "title": title, "words": words}


def _grid() -> str:
    """Style rules that place tiles: a policy without inline styles leaves classes only."""
    tiles = [territories.get(code).tile for code in territories.DEPARTEMENTS]
    columns, rows = (sorted({tile[axis] for tile in tiles}) for axis in (0, 1))
    first = columns[0], rows[0]
    rules = [f".tiles{{grid-template-columns:repeat({columns[-1] - first[0] + 1},minmax(0,1fr))}}"]
    rules += [f".x{x}{{grid-column:{x - first[0] + 1}}}" for x in columns]
    rules += [f".y{y}{{grid-row:{y - first[1] + 1}}}" for y in rows]
    return "\n".join(rules) + "\n"
