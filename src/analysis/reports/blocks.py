"""What a report shows besides figures and tables: prose, and several things one under the other.

A notebook cell returns one of these, or a ``Figure`` or a ``Table``; each writes its own HTML and escapes every value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, Protocol

import pandas as pd

from analysis.presentation.figures import Figure
from analysis.presentation.tables import Table


class Shown(Protocol):
    """Anything that a notebook displays as HTML."""

    def _repr_html_(self) -> str: ...


@dataclass(frozen=True, repr=False)
class Prose:
    """Sentences, as paragraphs or as a list.

    ``kind`` is ``plain``, ``summary`` (what was found) or ``caution`` (what must not be concluded).
    """

    sentences: tuple[str, ...]
    kind: Literal["plain", "summary", "caution"] = "plain"
    listed: bool = False

    def __repr__(self) -> str:
        return " ".join(self.sentences)

    def _repr_html_(self) -> str:
        tag = "li" if self.listed else "p"
        body = "".join(f"<{tag}>{escape(text)}</{tag}>" for text in self.sentences if text)
        if self.listed:
            body = f"<ul>{body}</ul>"
        return f'<div class="prose {escape(self.kind)}">{body}</div>'


@dataclass(frozen=True, repr=False)
class Heading:
    """A heading that a notebook's code writes, because it names the territory or an indicator."""

    text: str
    level: Literal[2, 3, 4] = 3

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return f"<h{self.level}>{escape(self.text)}</h{self.level}>"


@dataclass(frozen=True, repr=False)
class Folded:
    """Something that a reader opens when they want it."""

    summary: str
    item: Shown

    def __repr__(self) -> str:
        return f"{self.summary}: {self.item!r}"

    def _repr_html_(self) -> str:
        return f'<details class="folded"><summary>{escape(self.summary)}</summary>{self.item._repr_html_()}</details>'


@dataclass(frozen=True, repr=False)
class Stack:
    """Several shown things, one under the other."""

    items: tuple[Shown, ...]

    def __repr__(self) -> str:
        return "\n".join(repr(item) for item in self.items)

    def _repr_html_(self) -> str:
        return "".join(item._repr_html_() for item in self.items)

    def frames(self) -> dict[str, pd.DataFrame]:
        """The tables within, and those behind the figures, as data frames by their keys."""
        return {key: frame for item in self.items for key, frame in frames(item).items()}


def frames(shown: Shown) -> dict[str, pd.DataFrame]:
    """The tables of what a section shows, and those behind its figures, as data frames by their keys."""
    if isinstance(shown, Stack):
        return shown.frames()
    if isinstance(shown, Folded):
        return frames(shown.item)
    inside = shown.table if isinstance(shown, Figure) else shown
    return {inside.key: inside.to_frame()} if isinstance(inside, Table) else {}


def prose(
    *sentences: str, kind: Literal["plain", "summary", "caution"] = "plain", listed: bool = False
) -> Prose:
    """Prose from sentences, empty ones left out."""
    return Prose(tuple(s for s in sentences if s), kind, listed)


def stack(items: Sequence[Shown | None]) -> Stack:
    """A stack of what is there."""
    return Stack(tuple(item for item in items if item is not None))
