"""What a piece of work reads, and what it shows, observed as it does: figures, datasets, parameters.

``Panel`` and ``Catalogue`` tell this module each read; inside ``observing()`` the reads are kept, outside they cost nothing.
A report is rebuilt when what it was observed to read has changed, and only then: nobody declares what it depends on.

``narrative.formats`` and ``tables`` tell it each figure that they write; inside ``showing()`` these are kept, and a report
is published with all of them in a file. It stands below everything that reads or writes, and knows no file or report.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace

from analysis.foundations import levels, territories
from analysis.foundations.values import Value

EVERYTHING = "*"
"""Stands for every territory, or every period, of an indicator."""

_MANY = 50
"""From so many territories on, those of a level that are read together are recorded as one read (``whole_of``)."""


def stands_for(text: str) -> tuple[str, ...] | None:
    """The codes of what is recorded as one read: a territory, or a whole level by its key and an s; None for every one."""
    if text == EVERYTHING:
        return None
    key = text.removesuffix("s")
    return territories.of_level(key) if key in levels.LEVELS else (text,)


def whole_of(code: str) -> str | None:
    """What stands for all territories of a territory's level; None where they are too few to be recorded together."""
    there = territories.known(code)
    many = there is not None and len(territories.of_level(there.level)) >= _MANY
    return f"{there.level}s" if there is not None and many else None


@dataclass(frozen=True, order=True)
class FigureRead:
    """Figures that were read: one indicator, a territory or all (or all of a level), a period or all.

    ``coverage`` reads ask only which figures exist, in which state and from which source: a change of value does not
    concern them.
    """

    indicator: str
    territory: str
    period: str
    coverage: bool = False


@dataclass
class Reads:
    """Everything that was used: figures, files by their name under ``data/raw``, modules behind a kept result."""

    figures: set[FigureRead] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)


_reads: ContextVar[Reads | None] = ContextVar("reads", default=None)
_paused: ContextVar[bool] = ContextVar("paused", default=False)


@contextmanager
def observing() -> Iterator[Reads]:
    """Keep the reads made inside the block; blocks may be nested, the inner one keeps its own."""
    reads = Reads()
    token = _reads.set(reads)
    try:
        yield reads
    finally:
        _reads.reset(token)


@contextmanager
def noting() -> Iterator[Reads]:
    """Keep the reads made inside the block, which those around it keep too: of what a result is made from, to say so."""
    with observing() as reads:
        yield reads
    figures_seen(reads.figures)
    modules_used(reads.modules)
    for name in reads.files:
        file_read(name)


@contextmanager
def unobserved() -> Iterator[None]:
    """Keep nothing of what is read or imported inside the block: it makes what is read, and is no part of it."""
    reads, pause = _reads.set(None), _paused.set(True)
    try:
        yield
    finally:
        _reads.reset(reads)
        _paused.reset(pause)


def paused() -> bool:
    """Whether this is within ``unobserved``."""
    return _paused.get()


def figures_read(
    indicator: str,
    codes: Collection[str] | None,
    periods: Collection[str] | None,
    *,
    coverage: bool = False,
) -> None:
    """Record that figures of an indicator were read; None stands for all."""
    reads = _reads.get()
    if reads is None:
        return
    if codes is not None and len(codes) >= _MANY:
        text = whole_of(next(iter(codes)))
        codes = (text,) if text and set(stands_for(text) or ()) == set(codes) else codes
    for territory in (EVERYTHING,) if codes is None else codes:
        for period in (EVERYTHING,) if periods is None else periods:
            reads.figures.add(FigureRead(indicator, territory, period, coverage))


def file_read(name: str) -> None:
    """Record that a file under ``data/raw`` was read."""
    reads = _reads.get()
    if reads is not None:
        reads.files.add(name)


def figures_seen(figures: Iterable[FigureRead]) -> None:
    """Record figures that were read earlier, to make a result that is used now."""
    reads = _reads.get()
    if reads is not None:
        reads.figures.update(figures)


def modules_used(names: Iterable[str]) -> None:
    """Record modules of the package that made a result that is used now, imported or not."""
    reads = _reads.get()
    if reads is not None:
        reads.modules.update(names)


# ----------------------------------------------------------------------------------------------------------- what is shown


@dataclass(frozen=True)
class Number:
    """A number of a table that is no figure of an indicator (a statistic, a size): where it stands, and what it is."""

    table: str
    row: str
    column: str
    unit: str | None
    value: float


Find = Callable[[str, str], Value | None]
"""The figure of a territory and a period, with all that goes with it, in what was read of an indicator."""


@dataclass
class Shown:
    """Everything that a reader is given to read, in the order in which it was first written."""

    values: dict[Value, None] = field(default_factory=dict)
    numbers: dict[Number, None] = field(default_factory=dict)
    known: dict[str, list[Find]] = field(default_factory=dict)

    def figures(self) -> list[Value]:
        """Each figure once, with the bounds, the source and the note that it was read with.

        What draws a distribution works on bare numbers: such a figure is found again in what was read of its indicator.
        """
        return list(dict.fromkeys(map(self._whole, self.values)))

    def _whole(self, value: Value) -> Value:
        if value.source is not None or value.period is None:
            return value
        found = (find(value.territory, value.period) for find in self.known.get(value.indicator, ()))
        same = (one for one in found if one is not None and one.value == value.value)
        return next(same, value)


_shown: ContextVar[Shown | None] = ContextVar("shown", default=None)


@contextmanager
def showing() -> Iterator[Shown]:
    """Keep what is shown inside the block."""
    shown = Shown()
    token = _shown.set(shown)
    try:
        yield shown
    finally:
        _shown.reset(token)


@contextmanager
def unrecorded() -> Iterator[None]:
    """Keep nothing of the figures written inside the block: they are made of others (a sum, euros of another year)."""
    token = _shown.set(None)
    try:
        yield
    finally:
        _shown.reset(token)


def from_now_on() -> tuple[Reads, Shown]:
    """Observe everything in this process from now on, in any thread or task: for a process that runs one notebook."""
    global _reads, _shown
    reads, shown = Reads(), Shown()
    _reads = ContextVar("reads", default=reads)
    _shown = ContextVar("shown", default=shown)
    return reads, shown


def figure_shown(value: Value) -> None:
    """Record that a figure is written in words, in a cell or in a drawing."""
    shown = _shown.get()
    if shown is not None:
        shown.values[value] = None


def number_shown(number: Number) -> None:
    """Record that a number which is no figure is written in a table."""
    shown = _shown.get()
    if shown is not None:
        shown.numbers[replace(number, value=float(number.value))] = None


def figures_known(indicator: str, find: Find) -> None:
    """Record where the figures of an indicator are found whole, for those that will be shown bare."""
    shown = _shown.get()
    if shown is not None and find not in (there := shown.known.setdefault(indicator, [])):
        there.append(find)
