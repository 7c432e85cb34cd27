"""What the system says of processes and of memory, and what it is asked to do with them: Linux's own files, nothing else.

Elsewhere nothing is known here: lists are empty, numbers None. Numbers of memory are mebibytes. Nothing here knows of
reports.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of linux/prctl.h

_HELD = ("RssAnon", "RssShmem", "VmSwap")
"""Of the memory of a process, what is its own: files that are mapped are the system's, which takes them back."""
_SHARE = ("Pss_Anon", "Pss_Shmem", "SwapPss")
"""The same, what several processes have in common divided among them."""


def children(number: int) -> list[int]:
    """The processes that a process is the parent of."""
    try:
        lists = [path.read_text() for path in (PROC / str(number) / "task").glob("*/children")]
    except OSError:
        return []
    if lists or not (PROC / "self").exists():
        return [int(word) for text in lists for word in text.split()]
    return [one for one in everyone() if parent(one) == number]


def everyone() -> list[int]:
    """The numbers of all processes that can be seen."""
    with suppress(OSError):
        return [int(path.name) for path in PROC.iterdir() if path.name.isdecimal()]
    return []


def _stat(number: int) -> list[str]:
    """State, parent and what follows of a process, as ``/proc/N/stat`` says; nothing when it is gone."""
    with suppress(OSError):
        return (PROC / str(number) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    return []


def parent(number: int) -> int | None:
    """The parent of a process."""
    found = _stat(number)
    return int(found[1]) if found else None


def stopped(number: int) -> bool:
    """Whether a process is there and held up (SIGSTOP, a debugger)."""
    return _stat(number)[:1] in (["T"], ["t"])


def descendants(number: int) -> list[int]:
    """The processes below a process, parents first."""
    found, waiting = [], [number]
    while waiting:
        below = children(waiting.pop())
        found += below
        waiting += below
    return found


def _fields(path: Path, names: Iterable[str]) -> dict[str, int]:
    """Numbers of kibibytes in a file of lines ``name: number kB``."""
    with suppress(OSError):
        lines = (line.partition(":") for line in path.read_text(errors="replace").splitlines())
        return {name: int(rest.split()[0]) for name, _, rest in lines if name in names and rest.strip()}
    return {}


def _own(number: int) -> int:
    """Kibibytes that a process holds, files apart; with them where the system does not tell them apart."""
    found = _fields(PROC / str(number) / "status", [*_HELD, "VmRSS"])
    resident = found.pop("VmRSS", 0)
    return sum(found.values()) if _HELD[0] in found else resident


def held(number: int) -> float:
    """What a process and those below it hold in memory, files apart; 0 when it is gone or cannot be known.

    Address space that was reserved and never touched is not memory, and is not counted.
    """
    return sum(map(_own, [number, *descendants(number)])) / 1024


def share(number: int) -> float:
    """The same, exactly: what processes have in common since they were forked is counted once. Slower."""
    total = 0
    for one in [number, *descendants(number)]:
        found = _fields(PROC / str(one) / "smaps_rollup", _SHARE)
        total += sum(found.values()) if _SHARE[0] in found else _own(one)
    return total / 1024


def peaks() -> dict[str, float]:
    """What this process held in memory at most, files included, and the address space that it took at most."""
    found = _fields(PROC / "self" / "status", ["VmHWM", "VmPeak"])
    return {"held": found.get("VmHWM", 0) / 1024, "space": found.get("VmPeak", 0) / 1024}


# ---------------------------------------------------------------------------------------------------- of the machine


def available() -> float | None:
    """What can still be taken on this machine, or in the group (container, job of a cluster) that this process is in."""
    machine = _fields(PROC / "meminfo", ["MemAvailable"]).get("MemAvailable")
    left = [] if machine is None else [machine / 1024]
    return min([*left, *_left_in_groups()], default=None)


def _left_in_groups() -> Iterator[float]:
    with suppress(OSError):
        for line in (PROC / "self" / "cgroup").read_text().splitlines():
            _, kinds, name = line.split(":", 2)
            if not kinds:
                yield from _left(_CGROUPS, name, "memory.max", "memory.current", "inactive_file")
            elif "memory" in kinds.split(","):
                names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
                yield from _left(_CGROUPS / "memory", name, *names)


def _left(top: Path, name: str, limit: str, usage: str, cache: str) -> Iterator[float]:
    """What is left in a group and in those around it, the files that it could let go of not counted as taken."""
    inner = top / name.strip("/")
    for folder in (inner, *inner.parents):
        if not folder.is_relative_to(top):
            return
        with suppress(OSError, ValueError, KeyError):
            words = dict(line.split()[:2] for line in (folder / "memory.stat").read_text().splitlines())
            taken = int((folder / usage).read_text()) - int(words[cache])
            yield (int((folder / limit).read_text()) - taken) / 2**20


# ------------------------------------------------------------------------------------------------- asked of the system


def become_subreaper() -> None:
    """From now on, processes below this one that lose their parent become its children, also those that left its session."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def end_first_without_memory() -> None:
    """When the machine runs out of memory, have the system end this process before any other of the user's."""
    with suppress(OSError):
        (PROC / "self" / "oom_score_adj").write_text("1000")


def kill(numbers: Iterable[int]) -> None:
    """End processes at once; those that are gone, or of someone else, are passed over."""
    for number in numbers:
        with suppress(OSError):
            os.kill(number, getattr(signal, "SIGKILL", signal.SIGTERM))
