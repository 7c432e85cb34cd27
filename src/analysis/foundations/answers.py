"""What producers' machines answer, taken apart: it is untrusted, and of the kind that is expected or refused.

Places of a JSON answer, days, one name among many chosen by pattern, rows written as a CSV. Nothing here asks anything.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from analysis.foundations.display import listed
from analysis.foundations.file_names import shown
from analysis.foundations.files import write_whole
from analysis.foundations.limits import SourceError

K = TypeVar("K", str, int, list, dict)  # type: ignore[type-arg]


def host_of(portal: str) -> str:
    """The machine of the first part of an address."""
    return urlsplit(portal).hostname or ""


def day(text: object) -> date | None:
    """The day with which a moment begins (``2026-09-03T10:00:00+00:00``); None for anything else."""
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        return None


_PERIODS = (
    (re.compile(r"(\d{4})-?[TQ]([1-4])"), r"\1-Q\2"),
    (re.compile(r"(\d{4})-?S([12])"), r"\1-S\2"),
    (re.compile(r"(\d{4})-(\d\d)-\d\d(?:[T ].*)?"), r"\1-\2"),
    (re.compile(r"(\d{4})(?:\.0)?"), r"\1"),
)


def as_written(text: str) -> str:
    """A period as portals write it: ``2026-T2``, ``2026Q2``, ``2007-S1``, ``2026-06-30`` (its month), ``2025-2026``."""
    text = text.strip()
    for pattern, canonical in _PERIODS:
        if found := pattern.fullmatch(text):
            return found.expand(canonical)
    return text


def picked(answer: object, where: str, kind: type[K], *path: str | int) -> K:
    """What stands at a place of a JSON answer, of the kind that is expected there; SourceError otherwise."""
    found: Any = answer
    for key in path:
        inside = isinstance(found, dict) if isinstance(key, str) else isinstance(found, list)
        found = (
            found[key] if inside and (key in found if isinstance(key, str) else key < len(found)) else None
        )
    if not isinstance(found, kind) or isinstance(found, bool):
        at = ".".join(map(str, path)) or "the answer"
        raise SourceError(
            f"{where}: {at} is {type(found).__name__}, {kind.__name__} expected; the producer's machine has changed"
        )
    return found


def best(named: Mapping[str, str], pattern: str, where: str) -> tuple[str, str]:
    """The key of the one name that a pattern finds, and its edition: the highest that the pattern's first group tells.

    SourceError when none is found, or several of one edition: which one is meant is for a person to say.
    """
    found = {key: hit for key, name in named.items() if (hit := re.search(pattern, plain(name)))}
    editions = {key: hit[1] if hit.re.groups else "" for key, hit in found.items()}
    newest = max(editions.values(), default="")
    chosen = [key for key, edition in editions.items() if edition == newest]
    if len(chosen) != 1:
        names = listed(sorted(shown(named[key])[:80] for key in chosen or named)) or "nothing"
        raise SourceError(
            f"{where}: {len(chosen) or 'none'} of its files match « {pattern} », one expected; there: {names}"
        )
    return chosen[0], newest


def plain(name: str) -> str:
    """A name in lower case, without accents."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()


def write_rows(path: Path, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Path:
    """Rows as a CSV with a heading, separated by semicolons; what is missing is blank."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    write_whole(path, text.getvalue().encode("utf-8"))
    return path
