"""Why the process of a job died, in a line with the library and the remedy where they can be told, and its last lines.

What a process leaves is text that anybody may have written: it is cut, and read from regular files only. It is scrubbed of
what the machine leaves in it where it is kept (``build``).
"""

from __future__ import annotations

import re
import signal
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from analysis.batch import child

LINES, LENGTH = 15, 1 << 14
"""Lines of what a process said that are kept, the last of them, and of where it was; bytes that are looked at."""

_TRACE = "Fatal Python error"
_NOISE = ("Extension modules:", "<no Python frame>")

_FRAME = re.compile(r'^  File "(?P<path>[^"\n]*+)", line \d++ in ', re.MULTILINE)
_INSTALLED = ("site-packages", "dist-packages")
_MEMORY = re.compile(
    r"memory allocation of \d+ bytes failed|std::bad_alloc|allocation (?:still )?failed|out of memory", re.I
)
_TELLING = re.compile(
    r"panicked at|memory allocation|bad_alloc|OpenBLAS|terminate called|\berror\b|\bfailed\b", re.I
)

_REMEDIES = {
    "SIGKILL": "the system ended it, mostly because the machine has no memory left: make fewer reports at a time (-j 1)",
    "SIGABRT": "a compiled library gave up: what it said is below",
    "SIGILL": "a compiled library uses what this processor lacks: set OPENBLAS_CORETYPE to an older one (Haswell)",
    "SIGXCPU": "the system limits the time of a process (`ulimit -t`): raise it",
    "SIGXFSZ": "the system limits the size of a file (`ulimit -f`): raise it",
    "SIGTERM": "something else on this machine ended it: run again",
}
_FAULT = "too much memory, or a fault in a compiled library: `pacte doctor` looks at this machine"
_REFUSED = "the system refused it memory: `pacte doctor` says what limits it (`ulimit -v`, the machine); -j 1 takes less"


def reason(status: int | None, place: Path, held: float) -> str:
    """Why a job that gave no answer ended, in a line.

    Args:
        status: exit code, negative for a signal, None when nobody knows. place: its folder. held: mebibytes, at most.
    """
    if status == child.UNTOLD:
        return f"its process could not write its answer in {place.parent}: make room there, or name another folder in TMPDIR"
    if status is None:
        return "its process ended, nobody knows how: the process that it was forked from is gone"
    if status >= 0:
        return f"its process ended by itself with code {status}, without finishing: a cell calls os._exit"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
    words = last_lines(place)
    library = _library(words)
    where = f" in {library}" if library else ""
    most = f" when it held {held:.0f} MiB" if held >= 1 else ""
    telling = [line for line in words.splitlines() if _TELLING.search(line) and _TRACE not in line]
    said = f", saying “{telling[-1].strip()[:150]}”" if telling else ""
    remedy = _REFUSED if _MEMORY.search(words) else _REMEDIES.get(name, _FAULT)
    return f"its process was killed ({name}){where}{most}{said}: {remedy}"


def with_last_lines(problem: str, place: Path) -> str:
    """A problem with the last lines of what its process said below, where it said something."""
    words = last_lines(place)
    return f"{problem}\nThe last that its process said:\n{words}" if words else problem


def last_lines(place: Path) -> str:
    """The last lines that the process of a job wrote to its errors: in a cell first, then as it died."""
    parts = [_tail(place / name) for name in (child.CELL, child.ERRORS)]
    return "\n".join(part for part in parts if part)


def own_last_lines() -> str:
    """The same, from within a job: what a kernel that it started said."""
    place = child.place()
    return last_lines(place) if place else ""


def _tail(path: Path) -> str:
    """The last lines of a file and, of the traceback that Python writes as it dies, the first: where it was."""
    with suppress(OSError, ValueError):
        text = child.last_bytes(path, LENGTH).decode("utf-8", "replace")
        said, mark, trace = text.partition(_TRACE)
        return "\n".join([*_lines(said)[-LINES:], *_lines(mark + trace)[:LINES]])
    return ""


def _lines(text: str) -> list[str]:
    lines = (line.rstrip() for line in text.splitlines() if line.strip("\0 \t\r"))
    return [line for line in lines if not line.startswith(_NOISE)]


def _library(words: str) -> str | None:
    """The library that was at work when the process died, from the traceback that it wrote."""
    first = _FRAME.search(words)
    parts = first["path"].replace("\\", "/").split("/") if first else []
    return next((name.partition(".")[0] for folder, name in pairwise(parts) if folder in _INSTALLED), None)
