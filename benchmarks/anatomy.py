"""Where the time of a report goes: by the manual's way, stage by stage, and by ``pacte report``; then inside its cells.

The stages of the manual's way (``papermill``, then ``jupyter nbconvert``) are measured from outside: what a tool takes to
start and import is timed alone, the cells are those that papermill notes, and the rest of its command is the kernel. The
stages of ``pacte report`` are those of its own summary. Inside the cells, a profile counts the seconds that each library
spends in its own functions, once everything is imported.

Written to benchmarks/anatomy.md. Seconds depend on the machine; what they are spent on does not.
"""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import runpy
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.ways import BIN, OUTCOMES, ROOT, call, keep, pacte, script_of, told

CODE = "67"
RESULTS = ROOT / "benchmarks" / "anatomy.md"
SHOWN = 9
"""Libraries of the profile that have a row of their own."""

Row = tuple[str, float | None, float | None]
"""A stage, and the milliseconds that it takes a report in each way; None where it does not exist."""


def took(work: Callable[[], object], times: int = 3) -> float:
    """The shortest time that some work takes, in milliseconds."""
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        spent.append(time.perf_counter() - started)
    return 1000 * min(spent)


def python(code: str) -> Callable[[], None]:
    """Work that runs a line of Python in a process of its own."""
    return lambda: call(sys.executable, "-c", code)


def imports_of(outcome: str) -> str:
    """The lines of a notebook that import something."""
    cells = json.loads((ROOT / f"notebooks/report_{outcome}.ipynb").read_text(encoding="utf-8"))["cells"]
    lines = "".join(f"{''.join(c['source'])}\n" for c in cells if c["cell_type"] == "code").splitlines()
    return "\n".join(line for line in lines if line.startswith(("import ", "from ")))


def by_the_manual(outcome: str, folder: Path, starts: tuple[float, float, float]) -> dict[str, float]:
    """Milliseconds of each stage of the manual's way, for one report."""
    bare, tool, converter = starts
    made = folder / f"{outcome}.ipynb"
    given = ["-r", "territory", CODE, "-r", "edition", "2025", "-r", "lang", "fr", "--no-progress-bar"]
    executing = took(
        lambda: call(BIN / "papermill", ROOT / f"notebooks/report_{outcome}.ipynb", made, *given), 1
    )
    converting = took(lambda: call(BIN / "jupyter", "nbconvert", "--to", "html", made), 1)
    noted = json.loads(made.read_text(encoding="utf-8"))["cells"]
    cells = 1000 * sum(cell["metadata"].get("papermill", {}).get("duration") or 0 for cell in noted)
    importing = took(python(imports_of(outcome)), 1) - bare
    return {
        "start": tool, "kernel": executing - tool - cells, "imports": importing, "cells": cells - importing,
        "converter": converter, "render": converting - converter,
    }  # fmt: skip


def by_pacte(folder: Path) -> dict[str, float]:
    """Milliseconds of each stage of ``pacte report``, for one report."""
    pacte(folder / "first", [CODE], 1)
    pacte(folder / "ours", [CODE], 1)
    run = told(folder / "ours")
    return {stage: 1000 * seconds / run["done"] for stage, seconds in run["seconds_by_stage"].items()}


def profile(outcomes: Sequence[str], folder: Path) -> Counter[str]:
    """Seconds that each library spends in its own functions while the cells run, in a process that imported everything."""
    code = (
        "import sys; from benchmarks.anatomy import own_time; from pathlib import Path; "
        "own_time([Path(p) for p in sys.argv[2:]], Path(sys.argv[1]))"
    )
    target = folder / "profile.json"
    scripts = [script_of(outcome, folder) for outcome in outcomes]
    words = [sys.executable, "-c", code, target, *scripts]
    subprocess.run(
        list(map(str, words)), cwd=ROOT, check=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    )
    return Counter(json.loads(target.read_text(encoding="utf-8")))


def own_time(scripts: Sequence[Path], target: Path) -> None:
    """Run scripts once to import what they need, then under a profiler; keep seconds by library as JSON."""
    found: Counter[str] = Counter()
    for script in scripts:
        sys.argv = [str(script), CODE, str(script.with_suffix(".html"))]
        runpy.run_path(str(script))
        profiler = cProfile.Profile()
        profiler.enable()
        runpy.run_path(str(script))
        profiler.disable()
        for (path, _, name), (_, _, own, _, _) in pstats.Stats(profiler).stats.items():
            found[_library(path, name)] += own
    target.write_text(json.dumps(found), encoding="utf-8")


def _library(path: str, name: str) -> str:
    """The package that a profiled function belongs to."""
    parts = Path(path).parts
    if "site-packages" in parts:
        return parts[parts.index("site-packages") + 1].partition(".")[0]
    if "analysis" in parts:
        after = parts[parts.index("analysis") + 1]
        return f"analysis.{after.removesuffix('.py')}"
    if path == "~":  # written in C: the name says where it comes from, when it says anything
        known = ("pandas", "numpy", "pyarrow", "matplotlib")
        return next((one for one in known if one in name), "Python's built-ins")
    return "Python's library"


def main() -> None:
    """Measure, and write benchmarks/anatomy.md."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours = by_pacte(folder)  # first: it also computes what reports share, which both ways then read
        bare = took(python("pass"))
        warm = took(python("import analysis.batch.warm")) - bare
        starts = (
            bare,
            took(python("import papermill.cli")),
            took(python("from nbconvert.nbconvertapp import main")),
        )
        manual = [by_the_manual(outcome, folder, starts) for outcome in OUTCOMES]
        mean = {stage: statistics.mean(one[stage] for one in manual) for stage in manual[0]}
        inside = profile(OUTCOMES, folder)
    write(_rows(mean, ours), warm, inside)


def _rows(mean: dict[str, float], ours: dict[str, float]) -> list[Row]:
    return [
        ("Python and the tool start", mean["start"], None),
        ("a kernel starts, is spoken to and stops", mean["kernel"], ours["engine"]),
        ("the notebook imports", mean["imports"], None),
        ("the cells compute and draw", mean["cells"], ours["cells"]),
        ("Python and the converter start", mean["converter"], None),
        ("notebook to HTML", mean["render"], ours["render"]),
        ("figures and provenance beside the page", None, ours["downloads"]),
        ("written to disk, whole", None, ours["write"]),
    ]


def write(rows: Sequence[Row], warm: float, inside: Counter[str]) -> None:
    """Print the tables and keep them."""
    said = lambda one: "–" if one is None else f"{one:.0f}"  # noqa: E731
    totals = [sum(row[i] or 0 for row in rows) for i in (1, 2)]
    lines = ["# Where the time of a report goes", "", (__doc__ or "").split("\n\n")[1].replace("``", "`"), ""]
    lines += ["| milliseconds a report | `papermill`, `nbconvert` | `pacte report` |", "|---|---:|---:|"]
    lines += [f"| {name} | {said(before)} | {said(after)} |" for name, before, after in rows]
    lines += [f"| **together** | **{totals[0]:.0f}** | **{totals[1]:.0f}** |", ""]
    lines += [
        f"`pacte report` imports once for all reports, in {warm:.0f} ms, while the plan is made where it can.",
        "",
    ]
    lines += ["| inside the cells, own time | share |", "|---|---:|"]
    whole, most = sum(inside.values()), inside.most_common(SHOWN)
    rest = whole - sum(seconds for _, seconds in most)
    lines += [f"| {name} | {100 * s / whole:.0f} % |" for name, s in [*most, ("all the others", rest)]]
    keep(lines, RESULTS)


if __name__ == "__main__":
    main()
