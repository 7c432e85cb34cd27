"""What a piece of work reads, observed as it reads it: figures, datasets, parameters.

``Panel`` and ``Catalogue`` tell this module each read; inside ``observing()`` the reads are kept, outside they cost nothing.
A report is rebuilt when what it was observed to read has changed, and only then: nobody declares what it depends on.

It stands below everything that reads, and knows no figure, file or report.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from analysis import territories

EVERYTHING = "*"
"""Stands for every territory, or every period, of an indicator."""

EVERY_DEPARTEMENT = "departements"
"""Stands for the 101 départements, which a cross-section reads together."""

_DEPARTEMENTS = frozenset(territories.DEPARTEMENTS)


@dataclass(frozen=True, order=True)
class FigureRead:
    """Figures that were read: one indicator, a territory or all (or all départements), a period
    or all.

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


@contextmanager
def observing() -> Iterator[Reads]:
    """Keep the reads made inside the block; blocks may be nested, the inner one keeps its own."""
    reads = Reads()
    token = _reads.set(reads)
    try:
        yield reads
    finally:
        _reads.reset(token)


def figures_read(
    indicator: str,
    codes: Sequence[str] | None,
    periods: Sequence[str] | None,
    *,
    coverage: bool = False,
) -> None:
    """Record that figures of an indicator were read; None stands for all."""
    reads = _reads.get()
    if reads is None:
        return
    if codes is not None and len(codes) >= len(_DEPARTEMENTS) and set(codes) == _DEPARTEMENTS:
        codes = (EVERY_DEPARTEMENT,)
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
