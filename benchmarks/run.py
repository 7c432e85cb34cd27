"""What the project costs: seconds, processor time and memory of the things people wait for.

Each case is a command run in a process of its own, several times; the median is shown, with the extremes. Nothing is
asserted here and no test calls it: a slow machine is not a fault. Results are printed and kept in build/bench.json, to be
compared with those of another version on the same machine; two machines are not comparable.

To add a case, add a line to ``CASES``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACTE = [str(Path(sys.executable).with_name("pacte"))]
BUILD_PANEL = "import sys; from pathlib import Path; from analysis.data import catalogue, panel; "
BUILD_PANEL += "panel.write(Path(sys.argv[1]), catalogue.Catalogue())"

CASES: dict[str, tuple[str, list[str]]] = {
    "start": ("the command, started", [*PACTE, "--version"]),
    "panel": ("the panel, built anew", [sys.executable, "-c", BUILD_PANEL, "{folder}"]),
    "report": (
        "one report",
        [*PACTE, "report", "67", "--outcome", "diagnostic", "--edition", "demo", "--out", "{folder}"],
    ),
    "edition": ("the demo edition", [*PACTE, "report", "--all", "--edition", "demo", "--out", "{folder}"]),
}
"""By name: what is measured, and its command; ``{folder}`` is a new empty folder each time."""


@dataclass(frozen=True)
class Run:
    """One run of a case: wall and processor seconds, peak memory of its largest process in MiB, and its exit code."""

    wall: float
    cpu: float
    peak_mib: float
    code: int


def measure(command: list[str]) -> Run:
    """Run a command in silence and say what it took, its children included."""
    with tempfile.TemporaryDirectory() as folder:
        words = [word.replace("{folder}", folder) for word in command]
        start = time.perf_counter()
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 2**20 if sys.platform == "darwin" else 2**10  # ru_maxrss is in bytes there, in KiB elsewhere
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / unit, process.returncode)


def summary(name: str, runs: list[Run]) -> str:
    """A case in one line."""
    label = CASES[name][0]
    if failed := [run.code for run in runs if run.code]:
        return f"{name:<9} {label:<24} failed with exit code {failed[0]}; run: {' '.join(CASES[name][1])}"
    wall = [run.wall for run in runs]
    spread = f"({min(wall):.2f}–{max(wall):.2f})"
    cpu = statistics.median(run.cpu for run in runs)
    peak = max(run.peak_mib for run in runs)
    return f"{name:<9} {label:<24} {statistics.median(wall):7.2f} s {spread:<14} {cpu:7.2f} s {peak:7.0f} MiB"


def keep(results: dict[str, list[Run]]) -> Path:
    """Write the results with what is needed to know whether others compare with them."""
    machine = {"python": platform.python_version(), "system": platform.platform(), "cores": os.cpu_count()}
    content = {
        "machine": machine,
        "cases": {name: [asdict(run) for run in runs] for name, runs in results.items()},
    }
    path = ROOT / "build" / "bench.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    return path


def main() -> int:
    """Measure the cases asked for; 1 when one of them failed."""
    parser = argparse.ArgumentParser(description="Measure time and memory; nothing is asserted.")
    parser.add_argument(
        "cases", nargs="*", metavar="CASE", help=f"which of: {', '.join(CASES)} (all by default)"
    )
    parser.add_argument("--repeat", type=int, default=3, help="how many times each (default: 3)")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.cases) - set(CASES)):
        parser.error(f"no case is named {', '.join(unknown)}; there are {', '.join(CASES)}")
    if asked.repeat < 1:
        parser.error("--repeat must be at least 1")
    print(f"{'case':<9} {'':<24} {'wall, median':>9} {'(extremes)':<14} {'processor':>7} {'peak memory':>11}")
    results = {}
    for name in asked.cases or CASES:
        results[name] = [measure(CASES[name][1]) for _ in range(asked.repeat)]
        print(summary(name, results[name]), flush=True)
    print(f"kept in {keep(results).relative_to(ROOT)}")
    return int(any(run.code for runs in results.values() for run in runs))


if __name__ == "__main__":
    sys.exit(main())
