"""What a report costs in each way of making it, as ratios within one run: the figures in benchmarks/results.md.

The same notebooks, territories and figures are made (1) as the tools' manuals say, ``papermill`` then ``jupyter nbconvert``,
one after the other and two at a time; (2) by a plain script that computes and draws the same with stock settings, one
process a report; (3) by ``pacte report``, two at a time. Then: nothing changed, one figure changed, and memory.

Nothing is asserted. Ratios of one run compare; seconds of two machines, or of two days, do not.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
OUTCOMES = ("diagnostic", "non_recours", "precarite_energetique", "retour_emploi")
RESULTS = ROOT / "benchmarks" / "results.md"


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


def pacte(folder: Path, codes: Sequence[str], *more: str) -> None:
    """``pacte report``, two at a time."""
    asked = list(codes) if codes else ["--all"]
    call(BIN / "pacte", "report", *asked, "--edition", "2025", "--out", folder, "-j", "2", *more)


def told(folder: Path) -> dict:
    """What the last run of pacte says of itself: it alone can see its workers' processor seconds and memory."""
    return json.loads((folder / "2025/run.json").read_text(encoding="utf-8"))


def revised(root: Path) -> None:
    """Revise one figure of one département in a checkout."""
    script = (
        "from analysis.catalogue import Catalogue; c = Catalogue(); n = 'ditp/barometer_2017_2022'; f = c.figures(n); "
        "k = (f.indicator == 'count_iae_employees') & (f.territory == '23') & (f.period == '2019-06'); "
        "f.loc[k, 'value'] += 1; c.store(f, c.sidecar(n))"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env=os.environ | {"PACTE_HOME": str(root)})


def main() -> None:
    """Measure every way and write benchmarks/results.md."""
    parser = argparse.ArgumentParser(description="Compare ways of making reports; nothing is asserted.")
    parser.add_argument("--slow", type=int, default=2, help="départements made by the slow ways (default: 2)")
    parser.add_argument(
        "--full", action="store_true", help="make the whole edition with pacte, not a part of it"
    )
    asked = parser.parse_args()
    codes = ["67", "23", "2A", "974", "59", "75", "48", "13", "35", "93"]
    few = [(code, outcome) for code in codes[: asked.slow] for outcome in OUTCOMES]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scripts = {outcome: script_of(outcome, folder) for outcome in OUTCOMES}
        call(BIN / "pacte", "report", "67", "--edition", "2025", "--out", folder / "warm")
        serial = cost(lambda: spread(few, lambda c, o: by_the_manual(c, o, folder), 1), len(few))
        paired = cost(lambda: spread(few, lambda c, o: by_the_manual(c, o, folder), 2), len(few))
        plain = cost(
            lambda: spread(few, lambda c, o: call(sys.executable, scripts[o], c, folder / f"{c}{o}.html"), 1),
            len(few),
        )
        asked_codes = [] if asked.full else codes
        number = 404 if asked.full else 4 * len(codes)
        ours = cost(lambda: pacte(folder / "ours", asked_codes), number)
        run = told(folder / "ours")
        ours = replace(ours, cpu=ours.cpu + run["processor_seconds"])
        nothing = cost(lambda: pacte(folder / "ours", asked_codes), number)
        one = _one_figure(folder, asked_codes, number)
        memory = "{first} MiB at first, {last} at last, {highest} at most".format(**run["memory"])
    rows = [
        (
            "full edition, 2 workers, against the manual's way two at a time",
            "≥ 5×",
            f"{paired.each / ours.each:.1f}×",
        ),
        ("the same, against it one after the other", "≥ 9×", f"{serial.each / ours.each:.1f}×"),
        (
            "processor time a report, against a plain script",
            "≤ 0.85×",
            f"{ours.cpu_each / plain.cpu_each:.2f}×",
        ),
        (f"nothing changed, {number} reports", "≤ 1 s", f"{nothing.wall:.2f} s"),
        (
            f"one figure of one département changed, {number} reports",
            "≤ 10 s",
            f"{one[0].wall:.1f} s, {one[1]} made",
        ),
        ("resident memory of a worker", "≤ 300 MB, flat", memory),
    ]
    write(
        rows,
        {
            "manual, one after the other": serial,
            "manual, two at a time": paired,
            "plain script": plain,
            "pacte": ours,
        },
    )


def _one_figure(folder: Path, codes: Sequence[str], number: int) -> tuple[Cost, int]:
    """A checkout of its own in which one figure is revised: what the next run costs, and how many reports it makes."""
    copy = folder / "checkout"
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(".venv", ".git", ".tools", "reports", "build", "local")
    )
    (copy / "reports").mkdir()
    os.environ["PACTE_HOME"] = str(copy)
    try:
        pacte(folder / "one", codes)
        revised(copy)
        spent = cost(lambda: pacte(folder / "one", codes), number)
    finally:
        del os.environ["PACTE_HOME"]
    return spent, told(folder / "one")["done"]


def write(rows: Sequence[tuple[str, str, str]], ways: dict[str, Cost]) -> None:
    """Print the table and keep it."""
    lines = ["# What a report costs", "", (__doc__ or "").split("\n\n")[1].replace("``", "`"), ""]
    lines += ["| | to reach | measured |", "|---|---|---|", *(f"| {a} | {b} | {c} |" for a, b, c in rows), ""]
    lines += ["| way | reports | wall s each | processor s each |", "|---|---|---|---|"]
    lines += [f"| {k} | {c.reports} | {c.each:.2f} | {c.cpu_each:.2f} |" for k, c in ways.items()]
    lines += ["", f"Python {sys.version.split()[0]}, {os.cpu_count()} cores. Written by `make bench`.", ""]
    text = "\n".join(lines)
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
