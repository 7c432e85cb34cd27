"""The same inputs, the same bytes: on one worker or two, under other locales, in another folder, on another day, processor.

Every combination is made from nothing, results shared by reports included, and its files are compared with those of the
first by sha256. The day is changed for the processes that make the reports, by a library that shifts the system's clock
and is loaded before any other; where there is no C compiler, that column is left out and said so.

Processors are those that this one can pass for: OpenBLAS takes the kernels of each kind, NumPy and the C library do without
the instructions that it lacks, and diff-diff has its compiled part or not. A run gives the processes that make reports an
environment of its own: these variables are added to those that it lets through, here only.

Written to benchmarks/identity.md. Nothing is asserted here: ``pacte verify`` is the command that fails.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import processors

ROOT = Path(__file__).resolve().parents[1]
PACTE = (
    sys.executable, "-c",
    f"from analysis.batch import surroundings; surroundings.PASSED |= set({processors.VARIABLES!r}); "
    "from analysis.cli.command import main; main()",
)  # fmt: skip
RESULTS = ROOT / "benchmarks" / "identity.md"
PROCESSORS = "## Processors"
LEFT = ("run.json",)
"""Says how a run went, which two runs need not share."""

LOCALES: Mapping[str, Mapping[str, str]] = {
    "C, UTC": {"LC_ALL": "C", "LANG": "C", "TZ": "UTC"},
    "fr_FR, Cayenne": {"LC_ALL": "", "LANG": "fr_FR.UTF-8", "TZ": "America/Cayenne", "PYTHONHASHSEED": "7"},
}
SHIFT = 200 * 86400
CLOCK = f"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
#include <sys/time.h>
int clock_gettime(clockid_t id, struct timespec *at) {{
  int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
  int done = real(id, at);
  if (id == CLOCK_REALTIME) at->tv_sec += {SHIFT};
  return done;
}}
time_t time(time_t *at) {{
  struct timespec now; clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}}
int gettimeofday(struct timeval *at, void *zone) {{
  struct timespec now; clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec; at->tv_usec = now.tv_nsec / 1000;
  return 0;
}}
"""


def clock(folder: Path) -> Path | None:
    """The library that shifts the clock, compiled; None where that cannot be done."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    source, made = folder / "clock.c", folder / "clock.so"
    source.write_text(CLOCK, encoding="utf-8")
    done = subprocess.run([compiler, "-shared", "-fPIC", "-o", made, source, "-ldl"], capture_output=True)
    return made if done.returncode == 0 else None


def checkout(copy: Path) -> Path:
    """A copy of the project without what is built."""
    left = shutil.ignore_patterns(
        ".venv", ".git", ".tools", "reports", "build", "processed", "local", "__pycache__"
    )
    shutil.copytree(ROOT, copy, ignore=left)
    return copy


def make(
    root: Path, out: Path, workers: str, settings: Mapping[str, str], territories: Sequence[str], edition: str
) -> dict[str, str]:
    """Make reports into an empty folder; return the sha256 of each file by its path."""
    shutil.rmtree(root / "data" / "processed", ignore_errors=True)
    words = [*PACTE, "report", *territories, "--edition", edition, "--out", out, "-j", workers]
    done = subprocess.run(
        words,
        cwd=root,
        env={**settings, "PACTE_HOME": str(root)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words[3:]))} failed: {done.stderr[-800:]}")
    files = sorted(
        p for p in out.rglob("*") if p.is_file() and not p.relative_to(out / edition).parts[0].startswith(".")
    )
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name not in LEFT
    }


def main() -> None:
    """Make every combination and write the table."""
    parser = argparse.ArgumentParser(description="Are the bytes the same everywhere? Nothing is asserted.")
    parser.add_argument("--territories", nargs="+", default=["67"], help="what is made each time")
    parser.add_argument("--edition", default="2025", help="the edition that they are made for")
    parser.add_argument(
        "--processors", action="store_true", help="processors only, the rest of the page as it is"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = clock(folder)
        days = {"today": {}} | ({"200 days on": {"LD_PRELOAD": str(library)}} if library else {})
        places = {
            "a folder": checkout(folder / "one"),
            "another": checkout(folder / "deeper" / "down" / "é deux"),
        }
        compared = Compared(folder, asked.territories, asked.edition)
        rows = []
        for workers, place, locale, day in itertools.product("12", places, LOCALES, days):
            if not asked.processors:
                settings = {**os.environ, **LOCALES[locale], **days[day]}
                rows.append((workers, place, locale, day, *compared.made(places[place], workers, settings)))
                print(*rows[-1], sep=" | ", flush=True)
        kinds = []
        for kind, compiled in itertools.product(processors.NEEDED, (True, False)):
            found = (0, processors.why_not(kind))
            if found[1] is None:
                settings = processors.environment(kind, compiled) | LOCALES["C, UTC"]
                found = compared.made(places["a folder"], "1", settings)
            kinds.append((kind, "yes" if compiled else "no", *found))
            print(*kinds[-1], sep=" | ", flush=True)
    write(rows, kinds, asked, library is not None)


class Compared:
    """Makes the same reports again and again, and holds their files against those of the first time."""

    def __init__(self, folder: Path, territories: Sequence[str], edition: str) -> None:
        self._folder, self._territories, self._edition = folder, territories, edition
        self._first: dict[str, str] = {}

    def made(self, root: Path, workers: str, settings: Mapping[str, str]) -> tuple[int, str]:
        """How many files were made, and which of them differ."""
        out = self._folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        found = make(root, out, workers, settings, self._territories, self._edition)
        self._first = self._first or found
        differ = sorted({k for k in {*self._first, *found} if self._first.get(k) != found.get(k)})
        return len(found), ", ".join(differ) or "none"


def write(rows: Sequence[tuple], kinds: Sequence[tuple], asked: argparse.Namespace, shifted: bool) -> None:
    """Keep the tables; that of processors alone when only they were tried."""
    told = [part.replace("``", "`") for part in (__doc__ or "").split("\n\n")]
    made = f"Reports of {', '.join(asked.territories)}, edition {asked.edition}, with the site around them."
    version = f"Python {sys.version.split()[0]}. Written by `make bench`."
    parts = [f"# The same inputs, the same bytes\n\n{told[1]}"]
    if rows:
        parts += [made] + ([] if shifted else ["No C compiler here: the day was not changed."])
        parts += [
            _table("workers | folder | locale and time zone | day | files | that differ", rows),
            version,
        ]
    else:
        parts = [RESULTS.read_text(encoding="utf-8").split(PROCESSORS)[0].rstrip()]
    parts += [f"{PROCESSORS}\n\n{told[2]}", made]
    parts += [_table("kind of processor | compiled part | files | that differ", kinds), version]
    RESULTS.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _table(head: str, rows: Sequence[tuple]) -> str:
    lines = [f"| {head} |", "|---" * (head.count("|") + 1) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


if __name__ == "__main__":
    main()
