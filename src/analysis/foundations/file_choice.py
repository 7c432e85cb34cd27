"""Which of the files that are there a dataset is read from: the one that is named, or the only one that it can be.

Two files that may be the same published one (a copy, another day's download, a download under way) are never chosen
between: they are listed, unless they are the same to the byte. Nothing is read here but their checksums.
"""

from __future__ import annotations

import fnmatch
import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.foundations import file_names as names
from analysis.foundations.display import capped
from analysis.foundations.limits import SourceError, read_bytes_limited

_LISTED = 8


@dataclass(frozen=True)
class Chosen:
    """The files to read, in the order of the dataset's own, and what a person should know of the choice."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def choose(
    dataset: str,
    patterns: Sequence[str],
    paths: Iterable[Path],
    named: Path | None = None,
    family: bool = False,
) -> Chosen | None:
    """The files of a dataset among ``paths``; None when none of them is one of its files.

    Args:
        dataset: its name, for the errors; ``patterns``: the names of its files.
        named: the file that a person named: it is read, whatever else is there, and others only where they are needed.
        family: whether a pattern stands for several files, one a year, rather than for one.

    Raises SourceError when files are missing, or when there are several where one is wanted.
    """
    paths = sorted(paths)
    found = [[path for path in paths if names.matches(path.name, pattern)] for pattern in patterns]
    if not any(found):
        return None
    if named and (reason := names.unfinished(named.name)):
        raise SourceError(
            f"{dataset}: {names.shown(named.name)} {reason}; close it or let it end, then import the file"
        )
    if missing := [pattern for pattern, hits in zip(patterns, found, strict=True) if not hits]:
        there = ", ".join(names.shown(p.name) for hits in found for p in hits)
        raise SourceError(
            f"{dataset}: found {there} but not {', '.join(missing)}; put them in the same folder and import that folder"
        )
    chosen, notes = [], []
    for pattern, hits in zip(patterns, found, strict=True):
        for group in [[named]] if named in hits else _groups(hits, family=family):
            path, same = _one(dataset, pattern, group)
            chosen.append((path, pattern))
            notes += [
                f"{_told(other, same)} is the same file as {_told(path, same)}"
                for other in same
                if other != path
            ]
    beside = [names.shown(path.name) for path, _ in chosen if named and path != named]
    renamed = [names.shown(path.name) for path, pattern in chosen if not _literal(path.name, pattern)]
    notes = [
        *([f"read with {', '.join(beside)}, beside it"] if beside else []),
        *([f"read from {', '.join(renamed)}"] if renamed else []),
        *capped(notes, 3),
    ]
    return Chosen(tuple(path for path, _ in chosen), tuple(notes))


def _groups(hits: Sequence[Path], *, family: bool) -> list[list[Path]]:
    """Files that may each be the same published one: all that match, or, in a family, those of one year."""
    groups: dict[str, list[Path]] = {}
    for path in hits:
        groups.setdefault(names.identity(path.name) if family else "", []).append(path)
    return [groups[identity] for identity in sorted(groups)]


def _one(dataset: str, pattern: str, group: Sequence[Path]) -> tuple[Path, list[Path]]:
    """The file to read of those that may be the same, and all that are the same to the byte."""
    if len(group) > 1 or names.unfinished(group[0].name):
        unfinished = any(names.unfinished(path.name) for path in group)
        if unfinished or len({_sha256(path) for path in group}) > 1:
            raise SourceError(_ambiguous(dataset, pattern, group))
    best = min(
        group,
        key=lambda p: (names.is_copy(p.name, pattern), not _literal(p.name, pattern), len(str(p)), str(p)),
    )
    return best, list(group) if len(group) > 1 else []


def _ambiguous(dataset: str, pattern: str, group: Sequence[Path]) -> str:
    lines = capped((f"  {_line(path, group)}" for path in group), _LISTED)
    return "\n".join(
        [
            f"{dataset}: {len(group)} files may be « {pattern} », and none was read:",
            *lines,
            "Name the one to read (`pacte data import FILE`), or put the others elsewhere",
        ]
    )


def _line(path: Path, group: Sequence[Path]) -> str:
    reason = names.unfinished(path.name)
    about = (
        f", which {reason}" if reason else f" ({path.stat().st_size:,} bytes, sha256 {_sha256(path)[:12]})"
    )
    return _told(path, group) + about


def _told(path: Path, group: Sequence[Path]) -> str:
    """A file by its name, with its folder when another of the group has the same name."""
    same = sum(other.name == path.name for other in group) > 1
    return names.shown(f"{path.parent.name}/{path.name}" if same else path.name)


def _sha256(path: Path) -> str:
    return hashlib.sha256(read_bytes_limited(path)).hexdigest()


def _literal(name: str, pattern: str) -> bool:
    """Whether a name is written exactly as the pattern is."""
    return fnmatch.fnmatchcase(unicodedata.normalize("NFC", name), unicodedata.normalize("NFC", pattern))
