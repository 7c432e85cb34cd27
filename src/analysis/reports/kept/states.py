"""The files in which earlier states of the panel are kept, to tell later which figures changed (``snapshots``).

``figures-<state>-<sha256>.parquet`` names the state of the panel that it describes and the checksum of its own content,
sixteen digits each: one that was cut or altered is seen to be, is never read, and is removed or written again. It
stands beside the records of an edition, and with the results that reports share. No library of tables is loaded here,
and none of its content is looked at: ``freshness`` asks which there are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from analysis.foundations import places
from analysis.foundations.files import sha256_of, write_whole

DIGITS = 16
LARGEST = 64 << 20
"""Bytes that a snapshot may hold, twenty times those of today."""

_NAME = re.compile(rf"figures-([0-9a-f]{{{DIGITS}}})-([0-9a-f]{{{DIGITS}}})\.parquet")


def find(folders: Iterable[Path], figures: str) -> bytes | None:
    """What is kept of a state of the panel, whole, in the first of some folders that has it."""
    states = (
        content
        for folder in folders
        for path in _of(folder, figures)
        if (content := _whole(path)) is not None
    )
    return next(states, None)


def keep(folder: Path, figures: str, content: bytes) -> None:
    """Keep what describes a state of the panel in a folder, in place of what is not whole."""
    for path in _of(folder, figures):
        places.remove(path)
    write_whole(folder / f"figures-{figures[:DIGITS]}-{sha256_of(content)[:DIGITS]}.parquet", content)


def prune(folder: Path, figures: Collection[str]) -> None:
    """Remove from a folder what describes other states than these, and what is not whole."""
    wanted = {state[:DIGITS] for state in figures}
    for path in folder.glob("figures-*.parquet"):
        named = _NAME.fullmatch(path.name)
        if named is None or named[1] not in wanted or _whole(path) is None:
            places.remove(path)


def _of(folder: Path, figures: str) -> list[Path]:
    return sorted(folder.glob(f"figures-{figures[:DIGITS]}-*.parquet"))


def _whole(path: Path) -> bytes | None:
    """The content of a file when it is the one that its name says."""
    named = _NAME.fullmatch(path.name)
    try:
        content = places.content(path, LARGEST)
    except OSError:
        return None
    return content if named and sha256_of(content)[:DIGITS] == named[2] else None
