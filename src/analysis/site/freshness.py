"""The page of the freshness board: of each dataset, what is held, the newest known, the days between, and what is next.

The board is ``reports.vintages``, from the registers alone: no producer is asked when a site is made, and the page says so.
Of each newest known it says on what that rests and when it was seen. It words figures of no dataset and reads none itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from analysis.foundations.values import Lang
from analysis.presentation.narrative import formats, origins
from analysis.reports import vintages
from analysis.reports.pages.interface import say
from analysis.reports.pages.parts import page_name
from analysis.reports.vintages import Board, Standing
from analysis.site.facts import Facts
from analysis.site.shell import Site

KEY = "freshness"
_COUNTED = {
    "by_hand": ("by_hand",),
    "proven": ("proven",),
    "likely": ("inferred", "silent"),
    "stopped": ("stopped",),
    "none": ("none",),
    "not_sought": ("not_sought",),
}
"""The kinds of access that are counted together."""
_PARTS = {
    "behind": ("held", "newest", "behind", "next", "rests"),
    "level": ("held", "newest", "next", "rests"),
    "unknown": ("held", "rests"),
    "not_held": ("newest", "next", "rests"),
}
"""The parts of the page, each with its columns after the name."""


def page(site: Site, facts: Facts | None) -> bytes:
    """The page, as HTML."""
    lang = site.lang
    board = vintages.board(facts.catalogue) if facts else Board((), None)
    parts = [
        {"key": key, "columns": columns, "rows": [_row(one, lang) for one in rows]}
        for key, columns in _PARTS.items()
        if (rows := _of(board, key))
    ]
    return site.render(
        "freshness.html.j2",
        page_name(KEY, lang),
        say("freshness_heading", lang),
        description=say("freshness_lead", lang),
        lead=say("freshness_lead", lang),
        read=say("freshness_read", lang, date=_seen(board.read.isoformat(), lang)) if board.read else None,
        counts=_counts(board, lang) if board.held else [],
        parts=parts,
    )


def _of(board: Board, part: str) -> list[Standing]:
    """The datasets of a part, those furthest behind first."""
    if part == "not_held":
        return board.not_held
    known: dict[str, list[Standing]] = {"behind": [], "level": [], "unknown": []}
    for one in board.held:
        known["unknown" if one.behind is None else "behind" if one.behind else "level"].append(one)
    return sorted(known[part], key=lambda one: -(one.behind or 0))


def _counts(board: Board, lang: Lang) -> list[str]:
    """How many datasets there are, of which kind, and how many the project's command brings."""
    numbers = {"held": len(board.held)} | {key: board.having(*kinds) for key, kinds in _COUNTED.items()}
    return [
        say(f"freshness_count_{key}", lang, n=formats.number(number, lang))
        for key, number in (numbers | {"fetch": board.fetched}).items()
    ]


def _row(one: Standing, lang: Lang) -> dict[str, object]:
    return {
        "key": one.dataset.replace("/", "-"),
        "title": _title(one, lang),
        "producer": _producer(one),
        "href": _page_of(one),
        "held": _held(one, lang),
        "newest": formats.bare_period(one.newest.text, lang) if one.newest else say("freshness_untold", lang),
        "behind": formats.number(one.behind or 0, lang),
        "next": _next(one, lang),
        "rests": list(_rests(one, lang)),
    }


def _title(one: Standing, lang: Lang) -> origins.Quoted:
    if one.sidecar:
        return origins.title(one.sidecar, lang)
    title = one.address.title if one.address else None
    return origins.Quoted(title[lang] if title else one.dataset, lang)


def _producer(one: Standing) -> str:
    if one.sidecar:
        return origins.producer(one.sidecar)
    return one.address.producer if one.address else ""


def _page_of(one: Standing) -> str | None:
    """The producer's page, or the address of what is not held."""
    urls = [one.sidecar.url] if one.sidecar else list(one.address.addresses) if one.address else []
    return next((url for url in urls if url.startswith("https://")), None)


def _held(one: Standing, lang: Lang) -> origins.Quoted:
    if one.held:
        return origins.Quoted(formats.bare_period(one.held.text, lang), lang)
    return origins.vintage(one.sidecar.vintage if one.sidecar else "", lang)


def _next(one: Standing, lang: Lang) -> str:
    if one.address and one.address.every == "continuous":
        return say("freshness_continuous", lang)
    if not one.next:
        return say("freshness_next_unknown", lang)
    when = formats.bare_period(one.next.text, lang)
    return say("freshness_due", lang, period=when, date=_day(one.due, lang)) if one.due else when


def _day(day: date, lang: Lang) -> str:
    return formats.date_words(day.isoformat(), lang)


def _rests(one: Standing, lang: Lang) -> Iterable[str]:
    """What the newest known rests on and when it was seen; of another access than public code, which; the remark."""
    if one.rests == "register" and one.published:
        yield say(
            "freshness_rests_register", lang, seen=_seen(one.seen, lang), producer=one.published.producer,
            title=one.published.title[lang],
        )  # fmt: skip
    elif one.rests == "address":
        yield _quoted(one, lang)
    if one.access != "proven" or not one.rests:
        yield say(f"freshness_access_{one.access}", lang)
    for told in (one.address, one.published):
        if told and told.remark:
            yield told.remark[lang]


def _quoted(one: Standing, lang: Lang) -> str:
    """In how many public sources a newest was seen, and when; without them, when it was."""
    number, seen = one.address.sources if one.address else 0, _seen(one.seen, lang)
    if not number:
        return say("freshness_rests_seen", lang, seen=seen)
    key = "freshness_rests_one" if number == 1 else "freshness_rests_many"
    return say(key, lang, seen=seen, **({"n": formats.number(number, lang)} if number > 1 else {}))


def _seen(when: str, lang: Lang) -> str:
    """A day, a month or a year in words."""
    return formats.date_words(when, lang) if when.count("-") == 2 else formats.bare_period(when, lang)
