"""What a report costs in each way of making it, as ratios within one run: the figures in benchmarks/results.md.

The same notebooks, territories and figures are made (1) as the tools' manuals say, ``papermill`` then ``jupyter nbconvert``,
one after the other and two at a time; (2) by a plain script that computes and draws the same with stock settings, one
process a report; (3) by ``pacte report``, two at a time and one by one. Then: nothing changed, one figure changed, memory,
a Dask cluster, and, with ``--full``, the whole edition, 7,500 small reports and the short one of each EPCI.

Nothing is asserted. Ratios of one run compare; seconds of two machines, or of two days, do not.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.reports import edition as editions
from benchmarks import cluster

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
EDITION = editions.load("2025")
OUTCOMES = EDITION.outcomes
CODES = ("67", "23", "2A", "974", "59", "75", "48", "13", "35", "93")
RESULTS = ROOT / "benchmarks" / "results.md"
Row = tuple[str, str, str]
"""What is measured, what is to be reached, what was found."""


@dataclass(frozen=True)
class Cost:
    """Wall and processor seconds for a number of reports."""

    wall: float
    cpu: float
    reports: int

    @property
    def each(self) -> float:
        """Wall seconds a report."""
        return self.wall / self.reports

    @property
    def cpu_each(self) -> float:
        """Processor seconds a report."""
        return self.cpu / self.reports


def cost(work: Callable[[], object], reports: int) -> Cost:
    """Time some work done by child processes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    work()
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, used, reports)


def call(*words: str | Path) -> None:
    """Run a command in silence; an error stops the benchmark with what it said."""
    done = subprocess.run([str(w) for w in words], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{words[0]} failed with {done.returncode}: {done.stderr[-800:]}")


def by_the_manual(territory: str, outcome: str, folder: Path) -> None:
    """``papermill`` then ``jupyter nbconvert``, as their documentation says."""
    made = folder / f"{territory}-{outcome}.ipynb"
    given = ["-r", "territory", territory, "-r", "edition", "2025", "-r", "lang", "fr"]
    call(BIN / "papermill", ROOT / f"notebooks/report_{outcome}.ipynb", made, *given, "--no-progress-bar")
    call(BIN / "jupyter", "nbconvert", "--to", "html", made)


def script_of(outcome: str, folder: Path) -> Path:
    """The notebook as a plain script: what each cell shows is written to a file, as a notebook would show it."""
    cells = json.loads((ROOT / f"notebooks/report_{outcome}.ipynb").read_text(encoding="utf-8"))["cells"]
    lines = [
        "import sys",
        "shown = []",
        "show = lambda x: shown.append(x._repr_html_()) if x is not None else None",
    ]
    for cell in (c for c in cells if c["cell_type"] == "code"):
        tree = ast.parse("".join(cell["source"]))
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = ast.unparse(tree.body.pop().value)
            lines += [ast.unparse(tree), f"show({last})"]
        else:
            lines.append(ast.unparse(tree))
        if "parameters" in cell["metadata"].get("tags", ()):
            lines.append("territory, target = sys.argv[1:]")
    lines.append("open(target, 'w', encoding='utf-8').write('\\n'.join(shown))")
    path = folder / f"{outcome}.py"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def spread(reports: Sequence[tuple[str, str]], make: Callable[[str, str], None], workers: int) -> None:
    """Make reports, some at a time."""
    with ThreadPoolExecutor(workers) as threads:
        list(threads.map(lambda report: make(*report), reports))


def pacte(folder: Path, codes: Sequence[str], workers: int = 2) -> None:
    """``pacte report``, two at a time unless told."""
    call(BIN / "pacte", "report", *codes, "--edition", "2025", "--out", folder, "-j", workers)


def told(folder: Path) -> dict:
    """What the last run of pacte says of itself: it alone can see its workers' processor seconds and memory."""
    return json.loads((folder / "2025/run.json").read_text(encoding="utf-8"))


def revised(root: Path) -> None:
    """Revise one figure of one département in a checkout."""
    script = (
        "from analysis.data.catalogue import Catalogue; c = Catalogue(); n = 'ditp/barometer_2017_2022'; f = c.figures(n); "
        "k = (f.indicator == 'count_iae_employees') & (f.territory == '23') & (f.period == '2019-06'); "
        "f.loc[k, 'value'] += 1; c.store(f, c.sidecar(n))"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env=os.environ | {"PACTE_HOME": str(root)})


def main() -> None:
    """Measure every way and write benchmarks/results.md."""
    parser = argparse.ArgumentParser(description="Compare ways of making reports; nothing is asserted.")
    parser.add_argument("--slow", type=int, default=2, help="départements made by the slow ways (default: 2)")
    parser.add_argument(
        "--full", action="store_true", help="the whole edition, 7,500 small reports, 1,253 EPCI: an hour"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        call(BIN / "pacte", "report", "67", "--edition", "2025", "--out", folder / "warm")
        ways = _slow_ways(folder, CODES[: asked.slow])
        codes = EDITION.territories if asked.full else CODES
        rows = _our_way(folder, codes, len(codes) * len(OUTCOMES), ways)
        rows += _cluster()
        write(rows, ways)
        if asked.full:
            write(rows + _thousands(folder) + _epci(folder), ways)


def _slow_ways(folder: Path, codes: Sequence[str]) -> dict[str, Cost]:
    """The manual's way, one after the other and two at a time, and plain scripts."""
    few = [(code, outcome) for code in codes for outcome in OUTCOMES]
    scripts = {outcome: script_of(outcome, folder) for outcome in OUTCOMES}
    by_manual = lambda code, outcome: by_the_manual(code, outcome, folder)  # noqa: E731
    plainly = lambda c, o: call(sys.executable, scripts[o], c, folder / f"{c}{o}.html")  # noqa: E731
    return {
        "manual, one after the other": cost(lambda: spread(few, by_manual, 1), len(few)),
        "manual, two at a time": cost(lambda: spread(few, by_manual, 2), len(few)),
        "plain script": cost(lambda: spread(few, plainly, 1), len(few)),
    }


def _our_way(folder: Path, codes: Sequence[str], number: int, ways: dict[str, Cost]) -> list[Row]:
    """``pacte report``: its cost is added to ``ways``, and compared with theirs."""
    ours = cost(lambda: pacte(folder / "ours", codes), number)
    run = told(folder / "ours")
    ours = ways["pacte"] = replace(ours, cpu=ours.cpu + run["processor_seconds"])
    nothing = statistics.median(cost(lambda: pacte(folder / "ours", codes), number).wall for _ in range(5))
    few = len(CODES) * len(OUTCOMES)
    alone = cost(lambda: pacte(folder / "alone", CODES, 1), few)
    pair = cost(lambda: pacte(folder / "pair", CODES, 2), few)
    one = _one_figure(folder, codes, number)
    stages = {stage: 1000 * seconds / run["done"] for stage, seconds in run["seconds_by_stage"].items()}
    serial, paired, _ = (cost.each for cost in list(ways.values())[:3])
    cpu = ours.cpu_each / ways["plain script"].cpu_each
    return [
        (f"{number} reports, 2 workers, against the manual's way two at a time", "≥ 5×", f"{paired / ours.each:.1f}×"),
        ("the same, against it one after the other", "≥ 9×", f"{serial / ours.each:.1f}×"),
        ("processor time a report, against a plain script", "≤ 0.85×", f"{cpu:.2f}×"),
        ("engine overhead, a report", "≤ 40 ms", f"{stages['engine']:.0f} ms"),
        ("notebook to HTML, a report", "≤ 15 ms", f"{stages['render']:.0f} ms"),
        (f"nothing changed, {number} reports, median of 5 runs", "≤ 1 s", f"{nothing:.2f} s"),
        (f"one figure of one département changed, {number} reports", "≤ 10 s", f"{one[0].wall:.1f} s, {one[1]} made"),
        (
            "resident memory of a worker", "≤ 300 MB (286 MiB), flat",
            "{first} MiB at first, {last} at last, {highest} at most".format(**run["memory"]),
        ),
        (f"2 workers against 1, {few} reports, start included", "≥ 1.8×", f"{alone.wall / pair.wall:.2f}×"),
    ]  # fmt: skip


def _cluster() -> list[Row]:
    """The same reports on a Dask cluster of this machine."""
    found = cluster.compare(repeat=3)
    bytes_ = "same bytes" if found.same else "BYTES DIFFER"
    return [("Dask local cluster against local run", "≤ 1.10×", f"{found.ratio:.2f}×, {bytes_}")]


SMALL = 75
"""Outcomes of the edition of small reports: 101 × 75 = 7,575."""


def _thousands(folder: Path) -> list[Row]:
    """Thousands of reports on simulated outcomes: does a report cost the same at the end, and can the index be opened?"""
    root = _checkout(folder / "many")
    book = json.loads((ROOT / "notebooks/report_retour_emploi.ipynb").read_text(encoding="utf-8"))
    kept = [
        c
        for c in book["cells"]
        if c["cell_type"] == "markdown" or "parameters" in c["metadata"].get("tags", ())
    ]
    source = (
        "from analysis import open_report, sections\n\n"
        'sections.key_figures(open_report(territory, lang), "rate_unemployment", caption="key_work")'
    )
    cell = {
        "cell_type": "code",
        "id": "figure",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": source,
    }
    names = [f"simulated_{number:02}" for number in range(SMALL)]
    for name in names:
        (root / f"notebooks/report_{name}.ipynb").write_text(
            json.dumps({**book, "cells": [*kept, cell]}), encoding="utf-8"
        )
    (root / "editions/many.yml").write_text(
        f"name: many\ntitle: {{fr: simulée, en: simulated}}\noutcomes: [{', '.join(names)}]\n"
        "territories: all\nlanguages: [fr]\nvintages: 2026-11-23\n", encoding="utf-8",
    )  # fmt: skip
    with _home(root):
        events = subprocess.run(
            [BIN / "pacte", "report", "--all", "--edition", "many", "--out", folder / "made", "-j", "2", "--json"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        memory = json.loads((folder / "made/many/run.json").read_text(encoding="utf-8"))["memory"]
        nothing = cost(
            lambda: call(BIN / "pacte", "report", "--all", "--edition", "many", "--out", folder / "made"), 1
        )
    seconds, growth = _growth(events)
    index = (folder / "made/many/index.html").stat().st_size
    return [
        (f"{seconds} small reports, last tenth against the first", "linear", f"{growth:.2f}×"),
        ("their memory", "flat", "{first} MiB at first, {last} at last, {highest} at most".format(**memory)),
        ("their index", "usable", f"{index / 1024:.0f} KiB; nothing changed in {nothing.wall:.1f} s"),
    ]


def _growth(events: str) -> tuple[int, float]:
    """How many reports were made, and what the last tenth of them took against the first."""
    seconds = [e["seconds"] for e in map(json.loads, events.splitlines()) if e["event"] == "done"]
    tenth = len(seconds) // 10
    return len(seconds), statistics.mean(seconds[-tenth:]) / statistics.mean(seconds[:tenth])


def _epci(folder: Path, codes: Sequence[str] = ()) -> list[Row]:
    """The short report of each EPCI, or of some: does one cost the same at the end, and what does a worker hold?"""
    made = folder / "epci"
    events = subprocess.run(
        [BIN / "pacte", "report", *(codes or ["--all"]), "--level", "epci", "--edition", "2025", "--out", made, "-j", "2",
         "--json"], cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    number, growth = _growth(events)
    memory = told(made)["memory"]
    return [
        (f"{number} short reports on EPCI, last tenth against the first", "linear", f"{growth:.2f}×"),
        ("their memory", "flat", "{first} MiB at first, {last} at last, {highest} at most".format(**memory)),
    ]


def _checkout(copy: Path) -> Path:
    """A copy of the project without what is built."""
    left = shutil.ignore_patterns(".venv", ".git", ".tools", "reports", "build", "local", "__pycache__")
    shutil.copytree(ROOT, copy, ignore=left)
    (copy / "reports").mkdir()
    return copy


@contextmanager
def _home(root: Path) -> Iterator[None]:
    """Commands work in another checkout."""
    os.environ["PACTE_HOME"] = str(root)
    try:
        yield
    finally:
        del os.environ["PACTE_HOME"]


def _one_figure(folder: Path, codes: Sequence[str], number: int) -> tuple[Cost, int]:
    """A checkout of its own in which one figure is revised: what the next run costs, and how many reports it makes."""
    copy = _checkout(folder / "checkout")
    with _home(copy):
        pacte(folder / "one", codes)
        revised(copy)
        spent = cost(lambda: pacte(folder / "one", codes), number)
    return spent, told(folder / "one")["done"]


def write(rows: Sequence[Row], ways: dict[str, Cost]) -> None:
    """Print the table and keep it."""
    lines = ["# What a report costs", "", (__doc__ or "").split("\n\n")[1].replace("``", "`"), ""]
    lines += ["| | to reach | measured |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows), ""]
    lines += ["| way | reports | wall s each | processor s each |", "|---|---|---|---|"]
    lines += [f"| {k} | {c.reports} | {c.each:.2f} | {c.cpu_each:.2f} |" for k, c in ways.items()]
    keep(lines, RESULTS)


def keep(lines: Sequence[str], path: Path) -> None:
    """Print what was found and write it, with what it was found on."""
    where = f"Python {sys.version.split()[0]}, {os.cpu_count()} cores. Written by `make bench`."
    text = "\n".join([*lines, "", where, ""])
    print(text)
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
