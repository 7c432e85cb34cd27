"""The same reports on a Dask cluster of this machine and by a local run: the ratio, and what each took.

A cluster of two workers of one thread is started first, outside what is measured: `--scheduler` runs on one that exists.
Then `pacte report` makes the same reports in turn locally, two at a time, and on the cluster, each time into an empty
folder. The seconds are those of the whole command: its start, the check of the workers, the warming up of their fork
servers, the reports, their way back, the index. The first run on the cluster, whose workers have loaded nothing yet, is
shown apart. The pages of both are compared byte for byte.

Nothing is asserted. Ratios of one run compare; seconds of two machines, or of two days, do not.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import dask
from distributed import LocalCluster

ROOT = Path(__file__).resolve().parents[1]
PACTE = (sys.executable, "-c", "from analysis.cli.command import main; main()")
TERRITORIES = ("67", "2A", "974", "75", "13")
OUTCOMES = ("diagnostic", "non_recours", "precarite_energetique", "retour_emploi")


@dataclass(frozen=True)
class Comparison:
    """Seconds of the command, run by run, locally and on the cluster, and whether the pages were the same."""

    reports: int
    local: Sequence[float]
    cluster: Sequence[float]
    first: float
    same: bool

    @property
    def ratio(self) -> float:
        """Median on the cluster over median of the local run."""
        return statistics.median(self.cluster) / statistics.median(self.local)

    @property
    def first_ratio(self) -> float:
        """First run on the cluster over median of the local run."""
        return self.first / statistics.median(self.local)

    def lines(self) -> list[str]:
        """What was found, for a person."""
        names = {"local, two at a time": self.local, "Dask cluster, 2 workers": self.cluster}
        spread = [
            f"{name:<25} {statistics.median(s):6.2f} s ({min(s):.2f}–{max(s):.2f})"
            for name, s in names.items()
        ]
        return [
            f"{self.reports} reports, whole command, median of {len(self.local)}",
            *spread,
            f"{'the same, first run':<25} {self.first:6.2f} s",
            f"cluster against local {self.ratio:.2f}×, first run {self.first_ratio:.2f}× (to reach: ≤ 1.10×)",
            f"pages {'the same, byte for byte' if self.same else 'DIFFER'}",
        ]


def seconds(folder: Path, territories: Sequence[str], *more: str) -> float:
    """Time one run of the command; an error stops the benchmark with what it said."""
    outcomes = [word for outcome in OUTCOMES for word in ("--outcome", outcome)]
    words = [*PACTE, "report", *territories, *outcomes, "--edition", "2025", "--out", str(folder), *more]
    started = time.perf_counter()
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words[3:])} failed with {done.returncode}: {done.stderr[-800:]}")
    return time.perf_counter() - started


def pages(folder: Path) -> dict[str, str]:
    """The sha256 of each report of an edition, as its manifest says."""
    manifest = json.loads((folder / "2025" / "manifest.json").read_text(encoding="utf-8"))
    return {name: entry["sha256"] for name, entry in manifest["reports"].items()}


def compare(repeat: int = 5, territories: Sequence[str] = TERRITORIES) -> Comparison:
    """Measure both in turn; the panel and the shared results are there before."""
    quiet = {"distributed.worker.daemon": False}
    with (
        tempfile.TemporaryDirectory() as name,
        dask.config.set(quiet),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
        ) as running,
    ):
        folder, there = Path(name), ("--scheduler", running.scheduler_address)
        seconds(folder / "before", territories, "-j", "2")
        first = seconds(folder / "first", territories, *there)
        local, cluster = [], []
        for number in range(repeat):
            local.append(seconds(folder / f"local{number}", territories, "-j", "2"))
            cluster.append(seconds(folder / f"cluster{number}", territories, *there))
        found = [pages(path) for path in folder.iterdir()]
    return Comparison(len(found[0]), local, cluster, first, all(one == found[0] for one in found))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="A Dask cluster against a local run; nothing is asserted.")
    parser.add_argument("--repeat", type=int, default=5, help="how many times each (default: 5)")
    print("\n".join(compare(parser.parse_args().repeat).lines()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
