"""Where a figure comes from: one dataset, or those of the figures that it is computed from, as the column ``source`` says.

A rate of ``x/a`` over ``x/b`` comes from ``x/a ÷ x/b``, a product from ``x/a × x/b``; what is computed from a computed
figure names all the datasets behind both. This module alone writes and reads that text; everything else asks an ``Origin``.
It stands among what everything is built on, and knows no dataset.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from analysis.foundations import display

_OVER, _TIMES = "÷", "×"
_SIGN = re.compile(f" ([{_OVER}{_TIMES}]) ")


class UnknownOrigin(display.Refusal, ValueError):
    """A name of a dataset that holds a sign by which names are joined."""


@dataclass(frozen=True, repr=False)
class Origin(display.Brief):
    """The datasets that a figure comes from.

    Attributes
    ----------
        names: of the datasets, in the order in which they enter; none for a figure without a source.
        signs: between each name and the next, ``÷`` or ``×``.
    """

    names: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Iterable[str]) -> Origin:
        """That of what is made from several datasets together, each once and in order."""
        found = tuple(sorted(set(names)))
        return cls(found, (_TIMES,) * (len(found) - 1))

    @staticmethod
    @lru_cache(maxsize=4096)
    def read(text: str) -> Origin:
        """The origin that a text says; any text says one, and ``str`` gives that text again."""
        parts = _SIGN.split(text) if text else []
        return Origin(tuple(parts[::2]), tuple(parts[1::2]))

    def over(self, other: Origin) -> Origin:
        """That of a figure divided by another."""
        return self._joined(_OVER, other)

    def times(self, other: Origin) -> Origin:
        """That of a figure multiplied by another."""
        return self._joined(_TIMES, other)

    def _joined(self, sign: str, other: Origin) -> Origin:
        between = (sign,) if self.names and other.names else ()
        return Origin(self.names + other.names, self.signs + between + other.signs)

    def __str__(self) -> str:
        for name in self.names:
            if problem := fault(name) or (_SIGN.search(name) and "joins two names"):
                raise UnknownOrigin(f"{display.shown(name)} {problem}")
        ends = (*(f" {sign} " for sign in self.signs), "")
        return "".join(name + end for name, end in zip(self.names, ends, strict=True))


def datasets(texts: Iterable[str]) -> set[str]:
    """Names of all the datasets that some sources name."""
    return {name for text in set(texts) for name in Origin.read(text).names}


def fault(text: str) -> str:
    """What is wrong with a source as a person gives it: a sign that is not between two names; empty for nothing."""
    stray = any(sign in name for name in Origin.read(text).names for sign in (_OVER, _TIMES))
    return (
        f"has a sign {_OVER} or {_TIMES} that is not between two names, with a space on each side"
        if stray
        else ""
    )
