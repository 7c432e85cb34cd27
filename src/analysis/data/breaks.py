"""The register of breaks in the series of single territories: what was found, and what was made of it.

A break of a whole series is in the dictionary. One of a territory alone (a network operator that leaves the file, accounts
kept otherwise from a year on) is an entry of ``data/raw/parameters/breaks.yml``, with its kind, its reason, and after which
source. ``methods.anomalies`` looks for jumps; each that it finds is there too, under one of three heads: ``breaks``, across
which nothing is compared; ``explained``, looked at and no break, with why; ``unexplained``, which trends name as such until
somebody can explain it.

``panel`` marks the figures: the note of the first one after a break has the key ``break_<kind>``, after a jump that is not
explained ``jump_unexplained``. Trends, charts and files read it there, so that it goes wherever the figure goes. Nothing is
detected, estimated or worded here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal, TypeAlias

from analysis.data import coverage
from analysis.data.catalogue import Catalogue
from analysis.foundations import display, notes, territories
from analysis.foundations.display import Brief
from analysis.foundations.entries import Entry
from analysis.foundations.files import DataError
from analysis.foundations.periods import period, sorted_periods
from analysis.foundations.values import Dictionary, Indicator, Text, Value, indicators_in, read_text

if TYPE_CHECKING:
    import pandas as pd

KINDS = tuple(notes.BREAKS)
"""What breaks a territory's series (``notes.BREAKS``). The message ``reason.break_KIND`` says each."""
BREAK, JUMP = "break_", notes.JUMP

Verdict = Literal["break", "explained", "unexplained"]
_HEADS: Mapping[str, Verdict] = {"breaks": "break", "explained": "explained", "unexplained": "unexplained"}
_KEYS = ("indicators", "territories", "period")
_SAID = ("name", "why", "reference", "checked")


class BreakError(DataError):
    """An entry of the register that is malformed, or names figures that are not there; the message gives the remedy."""


@dataclass(frozen=True, repr=False)
class Looked(Brief):
    """An entry of the register: jumps of some series at one period, and what was made of them.

    Attributes
    ----------
    period : str
        The first after the jump.
    kind : str
        Of a break, one of ``KINDS``; empty otherwise.
    why, reference, checked : Text
        For readers, after which source, the day (ISO); None and empty for ``unexplained``.
    """

    verdict: Verdict
    indicators: tuple[str, ...]
    territories: tuple[str, ...]
    period: str
    name: str = ""
    kind: str = ""
    why: Text | None = None
    reference: str = ""
    checked: str = ""

    @property
    def mark(self) -> str:
        """The key that its figures carry in their note; empty for what is explained."""
        return {"break": BREAK + self.kind, "unexplained": JUMP}.get(self.verdict, "")

    @property
    def figures(self) -> tuple[tuple[str, str, str], ...]:
        """Indicator, territory and period of each figure that it speaks of."""
        return tuple((name, code, self.period) for name in self.indicators for code in self.territories)


# ------------------------------------------------------------------------------------------------------------ register


def register(catalogue: Catalogue) -> tuple[Looked, ...]:
    """The entries of a checkout, in their order; EntryError or BreakError for what is malformed or there twice."""
    if "breaks" not in catalogue.assumptions():
        return ()
    content = catalogue.parameters("breaks").only((), tuple(_HEADS))
    found = tuple(_looked(one, head, content) for head in _HEADS for one in content.get(head) or ())
    seen: dict[tuple[str, str, str], Looked] = {}
    for one in found:
        for key in one.figures:
            if key in seen:
                raise BreakError(f"breaks.yml: {' '.join(key)} is there twice; keep one of the two")
            seen[key] = one
    return found


def _looked(entry: object, head: str, content: Entry) -> Looked:
    if not isinstance(entry, Entry):
        raise content.fault(f"expected keys with their values, found {display.shown(entry)}", head)
    verdict = _HEADS[head]
    said = () if verdict == "unexplained" else _SAID
    entry.only((*_KEYS, *said, *(("kind",) if verdict == "break" else ())))
    codes, names = _listed(entry, "territories"), indicators_in(entry, "indicators")
    if verdict == "break" and entry["kind"] not in KINDS:
        raise entry.fault(f"{display.shown(entry['kind'])} is none of {display.listed(KINDS)}", "kind")
    try:
        codes, when = tuple(map(territories.parse, codes)), period(str(entry["period"])).text
        checked = date.fromisoformat(str(entry["checked"])).isoformat() if said else ""
    except ValueError as error:
        raise entry.fault(str(error)) from error
    facts = {key: str(entry[key]) for key in ("name", "reference", "kind") if key in entry}
    return Looked(
        verdict, names, codes, when, why=read_text(entry, "why") if said else None, checked=checked, **facts
    )


def _listed(entry: Entry, key: str) -> tuple[str, ...]:
    found = entry[key]
    if not isinstance(found, list) or not found or not all(isinstance(one, str) for one in found):
        raise entry.fault(f"expected a list of texts, found {display.shown(found)}", key)
    return tuple(found)


# ------------------------------------------------------------------------------------------------------------- marking


def mark(frame: pd.DataFrame, looked: Sequence[Looked], names: Dictionary) -> pd.DataFrame:
    """The figures of a panel, those that come first after a break or a jump marked in their note, rates of them too.

    What two départements make up (Alsace, Corse) breaks where one of them does; the register names the régions that do.
    BreakError for an entry whose figures are not there: it has lost its reason.
    """
    keys: dict[tuple[str, str, str], str] = {}
    for one in (one for one in looked if one.mark):
        for name, code, when in one.figures:
            keys[name, code, when] = one.mark
    if not keys:
        return frame
    marks_of = {
        (name, union, when): mark
        for (name, code, when), mark in keys.items()
        for union in territories.collectivites_of(code)
        if code in territories.get(union).members
    } | keys
    wanted = {name for name, _, _ in keys} | {rate for name, _, _ in keys for rate in rates_of(name, names)}
    rows = frame.index[frame["indicator"].isin(wanted) & ~coverage.is_own(frame)]
    given = frame.loc[rows, ["indicator", "territory", "period", "note"]]
    marked, found = [], set()
    for name, code, when, note in given.itertuples(index=False, name=None):
        terms = [(term, code, when) for term in (name, *names[name].terms) if (term, code, when) in marks_of]
        found |= {key for key in terms if key[0] == name}
        marked.append(notes.joined(*notes.keys(note), *(marks_of[key] for key in terms)))
    if lost := sorted(set(keys) - found):
        raise BreakError(
            f"breaks.yml: there is no figure {' '.join(lost[0])}; correct the entry, or remove it"
        )
    frame.loc[rows, "note"] = marked
    return frame


def rates_of(name: str, names: Dictionary) -> tuple[str, ...]:
    """The indicators that are computed from one."""
    return tuple(rate for rate, entry in names.items() if name in entry.terms)


# ------------------------------------------------------------------------------------------------------------- reading

Series: TypeAlias = "pd.DataFrame | Mapping[str, Sequence[str]]"
"""Figures of a territory in order of time, with the columns ``period`` and, where they matter, ``note``."""


def cuts(series: Series, entry: Indicator) -> list[str]:
    """The first periods after each break of a territory's series: those of the dictionary, and its own, in order of time."""
    own = [str(when) for when, kind in _marks(series) if kind.startswith(BREAK)]
    starts = {period(when).start: when for when in (*own, *entry.breaks)}
    return sorted_periods(starts.values())


def starts(figures: Iterable[Value], entry: Indicator) -> list[int]:
    """The months from which figures are after a break, as periods count them (``periods.Period.start``)."""
    own = [one.period for one in figures if is_after(one.note)]
    return [period(when).start for when in (*own, *entry.breaks)]


def kinds(series: Series, periods: Iterable[str]) -> dict[str, str]:
    """The kind of a territory's own break at each of some periods; those of the dictionary are not among them."""
    own = {when: key.removeprefix(BREAK) for when, key in _marks(series) if key.startswith(BREAK)}
    return {when: own[when] for when in periods if when in own}


def jumps(series: Series, first: str, last: str) -> tuple[str, ...]:
    """Periods after one and up to another at which a jump is not explained."""
    low, high = period(first).start, period(last).start
    there = (when for when, key in _marks(series) if key == JUMP)
    return tuple(when for when in there if low < period(when).start <= high)


def marks(note: str) -> str:
    """What a note has of this register, as a note of its own."""
    return notes.joined(*(key for key in notes.keys(note) if key.startswith((BREAK, JUMP))))


def is_after(note: str) -> bool:
    """Whether a note says that its figure is the first after a break of its territory's series."""
    return bool(notes.ends(note, BREAK))


def _marks(series: Series) -> Iterable[tuple[str, str]]:
    """Periods of a series with each of their keys that is a mark of this register."""
    column = series["note"] if "note" in series else [""] * len(series)
    for when, note in zip(series["period"], column, strict=True):
        if note:
            yield from ((str(when), key) for key in notes.keys(marks(note)))
