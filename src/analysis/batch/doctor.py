"""What of this machine could make the reports fail: a line for each fact, with the remedy where something is wrong.

``examine`` looks at all of it, and makes one process as a report has, in which the compiled libraries compute;
``hindrances`` is what a run asks as it begins, in a few milliseconds. Nothing is changed: what is written to try a folder is
removed. Numbers are those of the moment. Nothing here is in a page, or depends on one.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import locale
import os
import platform
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from analysis.batch import forks, pool, processes, surroundings
from analysis.data.catalogue import Catalogue
from analysis.data.processed import panel_path
from analysis.foundations.files import DataError, project_root
from analysis.reports.kept import fingerprint
from analysis.reports.scrub import strip_ansi

TAKES = 350
"""Mebibytes that a report holds, with some to spare (benchmarks/results.md)."""

ROOM = {"reports": 1024, "kept results": 256, "temporary files": 256}
"""Mebibytes that a whole edition needs at most where it writes."""

SPACE = 16 * 1024
"""Mebibytes of address space that libraries may reserve where the processor's cache is large."""

FILES = 128
"""Files that a run may have open, with some to spare."""

NAMED = 5
"""Libraries that are named when more differ."""


@dataclass(frozen=True)
class Fact:
    """One thing about this machine. ``remedy`` is empty when nothing of it would make a report fail."""

    name: str
    said: str
    remedy: str = ""

    def __str__(self) -> str:
        mark = "✗" if self.remedy else "✓"
        return f"{mark} {self.name}: {self.said}" + (f". {self.remedy}" if self.remedy else "")


Facts = Iterator[Fact]


def examine(root: Path | None, out: Path | None, workers: int, memory: int) -> Iterator[Fact]:
    """Every fact, the quick ones first.

    Args:
        root: the checkout, found by itself when None. out: folder of the editions. workers: reports made at a time.
        memory: mebibytes that a report may hold, 0 for no limit.
    """
    try:
        root = root or project_root()
    except DataError as error:
        yield Fact("checkout", str(error), "Nothing can be made without it")
        return
    yield from _figures()
    yield from _of_the_moment(root, out or root / "reports", workers, memory)
    yield from _locale()
    yield from _versions(root)
    yield from _processor()
    yield from _trial(memory)
    yield from _chromium()


def hindrances(root: Path, out: Path, workers: int, memory: int) -> list[Fact]:
    """What is wrong among the facts that take no time to look at."""
    return [fact for fact in _of_the_moment(root, out, workers, memory) if fact.remedy]


def _of_the_moment(root: Path, out: Path, workers: int, memory: int) -> Facts:
    yield from _memory(workers, memory)
    yield from _limits()
    yield from _place("reports", out)
    yield from _place("kept results", panel_path(root).parent)
    try:
        yield from _place("temporary files", Path(tempfile.gettempdir()))
    except OSError as error:
        yield Fact("temporary files", str(error), _TMPDIR)


def _figures() -> Facts:
    there = sum(1 for _ in Catalogue())
    yield Fact(
        "figures",
        f"{there} datasets",
        "" if there else "There is nothing to report on: `pacte data import PATH`",
    )


# -------------------------------------------------------------------------------------------------- memory and limits


def _memory(workers: int, memory: int) -> Facts:
    left = processes.available()
    if left is None:
        yield Fact("memory", "this system does not say what is left; no limit is watched here")
        return
    usual = f"{workers} reports at a time hold about {workers * TAKES:,} MiB"
    most = f", and {workers * memory:,} at most (-j × --memory)" if memory else ""
    said = f"{left:,.0f} MiB are left here, {usual}{most}"
    fewer = max(1, int(left // TAKES))
    remedy = (
        f"Make fewer at a time (-j {fewer})"
        if fewer < workers
        else "Free some: one report needs more than is left"
    )
    yield Fact("memory", said, remedy if left < workers * TAKES else "")


_RESERVED = "libraries reserve much that they never use"


def _limits() -> Facts:
    """Limits that a shell, a container or a queue sets on every process."""
    if os.name != "posix":
        return
    import resource

    limits = (
        ("address space", resource.RLIMIT_AS, SPACE << 20, f"`ulimit -v unlimited`: {_RESERVED}"),
        ("data", resource.RLIMIT_DATA, SPACE << 20, f"`ulimit -d unlimited`: {_RESERVED}"),
        ("size of a file", resource.RLIMIT_FSIZE, 64 << 20, "`ulimit -f unlimited`"),
        ("open files", resource.RLIMIT_NOFILE, FILES, f"`ulimit -n {8 * FILES}`"),
    )  # fmt: skip
    found = [
        (name, value, remedy)
        for name, kind, least, remedy in limits
        if 0 <= (value := resource.getrlimit(kind)[0]) < least
    ]
    for name, value, remedy in found:
        yield Fact("limits", f"{name}: {value:,} at most", f"Raise it with {remedy}")
    if not found:
        yield Fact("limits", "none that would be in the way (`ulimit -a`)")


_TMPDIR = "Name a folder that can be written to in TMPDIR"


def _place(name: str, place: Path) -> Facts:
    """Whether a folder can be written to, and has room."""
    there = next((folder for folder in (place, *place.parents) if folder.exists()), place)
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"tried")
            file.flush()
        left = shutil.disk_usage(there).free / 2**20
    except OSError as error:
        remedy = _TMPDIR if name == "temporary files" else "Change its rights, or name another folder"
        yield Fact(name, f"{place} cannot be written to ({error.strerror or error})", remedy)
        return
    remedy = "" if left >= ROOM[name] else f"Make room: up to {ROOM[name]:,} MiB are needed"
    yield Fact(name, f"{place} can be written to, {left:,.0f} MiB free", remedy)


# ------------------------------------------------------------------------------------------------ language, versions


def _locale() -> Facts:
    wanted, before = surroundings.FIXED["LC_ALL"], locale.setlocale(locale.LC_ALL)
    try:
        locale.setlocale(locale.LC_ALL, wanted)
        said = f"{wanted} is there, for reports"
    except locale.Error:
        said = f"{wanted} is not there: reports are made in C, with UTF-8"
    finally:
        locale.setlocale(locale.LC_ALL, before)
    names = sys.getfilesystemencoding()
    remedy = "" if names.lower() == "utf-8" else "Set LC_ALL=C.UTF-8: names of files have accents"
    yield Fact("locale", f"{said}; names of files are in {names} for this command", remedy)


def _versions(root: Path) -> Facts:
    try:
        here = fingerprint.libraries()
    except importlib.metadata.PackageNotFoundError as error:
        yield Fact("libraries", f"{error.name} is not there", _SET_UP)
        return
    yield Fact("python", f"{here['python']}, {sys.executable}")
    try:
        lock = tomllib.loads((root / "uv.lock").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        yield Fact("libraries", f"{len(here) - 1} declared; no uv.lock in {root} to compare them with")
        return
    locked: dict[str, set[str]] = {}
    for package in lock.get("package", ()):
        locked.setdefault(package["name"], set()).add(package.get("version", ""))
    differ = list(_differing(locked, set(here)))
    more = f" and {len(differ) - NAMED} more" if len(differ) > NAMED else ""
    said = f"{', '.join(differ[:NAMED])}{more}" if differ else f"{len(here) - 1} declared, as in uv.lock"
    yield Fact("libraries", said, _SET_UP if differ else "")


_SET_UP = "Set the environment up again (`make`, or `uv sync`): bytes depend on its libraries"


def _differing(locked: dict[str, set[str]], declared: Iterable[str]) -> Iterator[str]:
    for name in sorted({*locked, *declared} - {"python", fingerprint.DISTRIBUTION}):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system, or not asked for; a declared one is missed by the trial
        if name in locked and version not in locked[name]:
            yield f"{name} {version}, not {' or '.join(sorted(locked[name]))}"


# ------------------------------------------------------------------------------------------------------- processor


def _processor() -> Facts:
    model = platform.processor() or platform.machine()
    with suppress(OSError, StopIteration):
        lines = (processes.PROC / "cpuinfo").read_text(errors="replace").splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    cache = ""
    with suppress(OSError):
        levels = sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size"))
        cache = f", last cache {levels[-1].read_text().strip()}" if levels else ""
    yield Fact("processor", f"{model}, {cores} cores for this command{cache}")


def _kernels() -> dict[str, str]:
    """By library, the kind of processor for which OpenBLAS computes, and in how many threads."""
    found = {}
    for name in ("numpy", "scipy"):
        folder = Path(str(sys.modules[name].__file__)).parents[1] / f"{name}.libs"
        for path in sorted(folder.glob("libscipy_openblas*")):
            ending = "64_" if "openblas64" in path.name else ""
            with suppress(OSError, AttributeError):
                library = ctypes.CDLL(str(path))
                kind = getattr(library, f"scipy_openblas_get_corename{ending}")
                kind.restype = ctypes.c_char_p
                threads = getattr(library, f"scipy_openblas_get_num_threads{ending}")()
                found[name] = f"{kind().decode()} in {threads} thread{'s' if threads > 1 else ''}"
    return found


def compute(asked: str) -> dict:
    """In a process like that of a report: what the compiled libraries compute, and what that took."""
    import numpy as np
    import scipy.linalg
    from diff_diff import _backend, linalg

    rows, columns = np.indices((160, 160))
    whole = (rows * 7 + columns * 13) % 17
    product = whole.astype(float) @ whole.T.astype(float)
    design = np.column_stack([np.ones(400), np.arange(400.0) % 7, np.arange(400.0) % 11])
    square = np.eye(160) * 3 + whole / 100
    wrong = [
        name
        for name, error in (
            ("numpy", np.abs(product - whole @ whole.T).max()),
            ("scipy", np.abs(square @ scipy.linalg.solve(square, product) - product).max() / product.max()),
            ("diff_diff", np.abs(linalg.solve_ols(design, design @ [1.0, 2.0, 3.0])[0] - [1, 2, 3]).max()),
        )
        if not error < 1e-8
    ]
    taken = processes.peaks()
    return {"wrong": wrong, "kernels": _kernels(), "compiled": bool(_backend.HAS_RUST_BACKEND), **taken}


def _trial(memory: int) -> Facts:
    """A process as a report has, with its limits, in which compiled libraries compute."""
    how = {"forkserver": "forked from a warm one", "spawn": "begun anew, each an interpreter"}[pool.method()]
    try:
        (end,) = pool.Pool(compute, timeout=forks.ANSWERS, memory=memory).run([""])
    except DataError as error:
        yield Fact(
            "processes", str(error), "Run again; on a machine that stops processes, ask whoever runs it"
        )
        return
    finally:
        pool.end_warm()
    if end.problem:
        yield Fact(
            "processes", f"{how}; " + _line(end.problem), "No report that computes effects can be made"
        )
        return
    found = end.result
    took = (
        f"{found['held']:,.0f} MiB held and {found['space']:,.0f} MiB reserved"
        if found.get("held")
        else "took no time"
    )
    yield Fact("processes", f"{how}; one that computes: {took}")
    kernels = ", ".join(f"{name} {kind}" for name, kind in sorted(found["kernels"].items())) or "not OpenBLAS"
    backend = "compiled" if found["compiled"] else "in Python: it is slower, and the last digits may differ"
    said = f"{kernels}; diff-diff {backend}"
    remedy = "Set OPENBLAS_CORETYPE to an older processor (Haswell), and look again"
    if found["wrong"]:
        yield Fact(
            "arithmetic", f"{', '.join(found['wrong'])} computes wrongly on this processor ({said})", remedy
        )
    else:
        yield Fact("arithmetic", said)


def _line(problem: str) -> str:
    return " ".join(strip_ansi(problem.partition("\n")[0]).split())[:300]


def _chromium() -> Facts:
    from analysis.batch import pdf

    try:
        yield Fact("chromium", f"{pdf.find_chromium()}, for --pdf")
    except pdf.PdfError as error:
        named = os.environ.get(pdf.VARIABLE)
        yield Fact(
            "chromium",
            str(error) if named else "not here; only --pdf needs it",
            "Correct it" if named else "",
        )


def told(facts: Iterable[Fact], say: Callable[[str], object]) -> int:
    """Say each fact as it is found; return how many things are wrong."""
    found: list[Fact] = []
    for fact in facts:
        found.append(fact)
        say(str(fact))
    return sum(1 for fact in found if fact.remedy)


def as_lines(facts: Sequence[Fact]) -> list[str]:
    """What is wrong, as a run says it."""
    return [f"{fact.name}: {fact.said}. {fact.remedy}" for fact in facts]
