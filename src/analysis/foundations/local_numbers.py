"""What is written in a cell as a value: a number, a reason why there is none, or two numbers between which nothing tells.

``12,000`` is twelve in French and twelve thousand in English. Nothing is chosen in silence: a mark is read as the other
values of its file show that it is meant, and otherwise both readings are given back. This module knows no indicator and no
limit; ``local`` holds what it gives to the dictionary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

LONGEST = 40
"""Characters of a value; none that counts something is longer."""

_SPACES = " \t\u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'\u2019\u02bc"
_GROUPING = "_"
"""Stands for a space or an apostrophe between digits, which mark thousands and nothing else."""

_WRITTEN = re.compile(rf"([-\u2212]?)[{_SPACES}]*([0-9][0-9.,{_APOSTROPHES}{_SPACES}]*)(%?)")
_MARK = re.compile(rf"([.,]|[{_APOSTROPHES}]|[{_SPACES}]+)")

_STATES = {
    "suppressed": ("s", "ss", "c", "secret", "secretstatistique", "conf", "confidentiel"),
    "unavailable": (
        "nd", "nc", "ns", "nr", "na", "n/a", "n/d", "nondisponible", "nonrenseigné", "nonrenseigne", "nonconnu", "-",
        "\u2013", "\u2014", "\u2026",
    ),
    "not_applicable": ("/", "//", "///", "so", "sansobjet"),
}  # fmt: skip
"""What producers write where there is no number, without spaces or points, by the state that it stands for."""
_STATE_OF = {written: state for state, known in _STATES.items() for written in known}


@dataclass(frozen=True)
class Written:
    """What a cell says.

    Attributes
    ----------
    numbers : tuple[float, ...]
        The number; two, the one with a decimal mark first, where nothing tells; none for a state.
    state : str
        Why there is no number.
    percent : bool
        Whether a percent sign follows.
    """

    numbers: tuple[float, ...] = ()
    state: str | None = None
    percent: bool = False


@dataclass
class Marks:
    """What points and commas were found to mean in a file."""

    decimal: set[str] = field(default_factory=set)
    thousands: set[str] = field(default_factory=set)

    def reading(self, mark: str) -> str | None:
        """What a mark means, ``decimal`` or ``thousands``; None when the file does not tell, or tells both."""
        other = {",": ".", ".": ","}[mark]
        decimal = mark in self.decimal or other in self.thousands
        thousands = mark in self.thousands or other in self.decimal
        return None if decimal == thousands else "decimal" if decimal else "thousands"


def marks(texts: Iterable[object]) -> Marks:
    """What the values of a file that can be read in one way only show of its marks."""
    found = Marks()
    for text in texts:
        parts = _parts(text) if isinstance(text, str) else None
        if parts is None:
            continue
        groups, between = parts[1], parts[2]
        *before, last = between or [""]
        if last in (".", ",") and last not in before and not _ambiguous(groups, between):
            found.decimal.add(last)
            found.thousands.update(mark for mark in before if mark != _GROUPING)
        elif before and last in (".", ","):
            found.thousands.add(last)
    return found


def read(cell: str | float, known: Marks) -> Written:
    """What a cell says; ValueError, with what may be written, when it is neither a number nor a reason for none."""
    if not isinstance(cell, str):
        return Written((cell + 0.0,))
    if (state := _state(cell)) is not None:
        return Written(state=state)
    parts = _parts(cell)
    shown = cell if len(cell) <= LONGEST else f"{cell[:LONGEST]}…"
    if parts is None:
        raise ValueError(f"{shown!r} is not a number such as 12220 or 4,5")
    sign, groups, between, percent = parts
    readings = _readings(groups, between, known)
    if not readings:
        raise ValueError(f"{shown!r} is not a number such as 12220 or 4,5: its marks are not those of one")
    return Written(tuple(sign * number + 0.0 for number in readings), percent=percent)


def _state(cell: str) -> str | None:
    key = "".join(cell.casefold().split())
    if key and not key.strip(".\u2026"):
        return "unavailable"
    return _STATE_OF.get(key.replace(".", ""))


def _parts(cell: str) -> tuple[int, list[str], list[str], bool] | None:
    """Sign, groups of digits, the marks between them, and whether a percent sign follows; None for no number."""
    found = _WRITTEN.fullmatch(cell.strip()) if len(cell) <= LONGEST else None
    if found is None:
        return None
    groups = _MARK.split(found[2].strip(_SPACES))
    between = [mark if mark in ".," else _GROUPING for mark in groups[1::2]]
    return (-1 if found[1] else 1), groups[::2], between, bool(found[3])


def _ambiguous(groups: list[str], between: list[str]) -> bool:
    """Whether a lone mark stands where it could be that of thousands."""
    return len(between) == 1 and _grouped(groups) and between[0] in ".," and not groups[0].startswith("0")


def _grouped(groups: list[str]) -> bool:
    return 1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])


def _readings(groups: list[str], between: list[str], known: Marks) -> list[float]:
    """The numbers that digits and marks may be; none when the marks are not those of a number."""
    if not all(groups):
        return []
    *before, last = between or [""]
    whole, decimal = float("".join(groups)), None
    if (
        last in (".", ",")
        and last not in before
        and len(set(before)) < 2
        and _grouped(groups[:-1] if before else ["1"])
    ):
        decimal = float(f"{''.join(groups[:-1])}.{groups[-1]}")
    if not between:
        return [whole]
    if decimal is not None and _ambiguous(groups, between):
        meant = known.reading(last)
        return [decimal, whole] if meant is None else [decimal] if meant == "decimal" else [whole]
    if decimal is not None:
        return [decimal]
    return [whole] if len(set(between)) == 1 and _grouped(groups) else []
