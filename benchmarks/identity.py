"""The same inputs, the same bytes: on one worker or two, under other locales, in another folder, on another day.

Every combination is made from nothing, results shared by reports included, and its files are compared with those of the
first by sha256. The day is changed for the processes that make the reports, by a library that shifts the system's clock
and is loaded before any other; where there is no C compiler, that column is left out and said so.

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

ROOT = Path(__file__).resolve().parents[1]
PACTE = (sys.executable, "-c", "from analysis.cli import main; main()")
RESULTS = ROOT / "benchmarks" / "identity.md"
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
    root: Path, out: Path, workers: str, settings: Mapping[str, str], territories: Sequence[str]
) -> dict[str, str]:
    """Make reports into an empty folder; return the sha256 of each file by its path."""
    shutil.rmtree(root / "data" / "processed", ignore_errors=True)
    words = [*PACTE, "report", *territories, "--edition", "2025", "--out", out, "-j", workers]
    done = subprocess.run(
        words,
        cwd=root,
        env={**os.environ, **settings, "PACTE_HOME": str(root)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words[3:]))} failed: {done.stderr[-800:]}")
    files = sorted(
        p for p in out.rglob("*") if p.is_file() and not p.relative_to(out / "2025").parts[0].startswith(".")
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
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = clock(folder)
        days = {"today": {}} | ({"200 days on": {"LD_PRELOAD": str(library)}} if library else {})
        places = {
            "a folder": checkout(folder / "one"),
            "another": checkout(folder / "deeper" / "down" / "é deux"),
        }
        rows, first = [], None
        for number, (workers, place, locale, day) in enumerate(
            itertools.product("12", places, LOCALES, days)
        ):
            settings = {**LOCALES[locale], **days[day]}
            found = make(places[place], folder / f"out{number}", workers, settings, asked.territories)
            first = first or found
            differ = sorted({k for k in {*first, *found} if first.get(k) != found.get(k)})
            rows.append((workers, place, locale, day, len(found), ", ".join(differ) or "none"))
            print(*rows[-1], sep=" | ", flush=True)
    write(rows, asked.territories, library is not None)


def write(rows: Sequence[tuple], territories: Sequence[str], shifted: bool) -> None:
    """Keep the table."""
    lines = ["# The same inputs, the same bytes", "", (__doc__ or "").split("\n\n")[1].replace("``", "`"), ""]
    lines += [f"Reports of {', '.join(territories)}, with the site around them.", ""]
    lines += [] if shifted else ["No C compiler here: the day was not changed.", ""]
    lines += [
        "| workers | folder | locale and time zone | day | files | that differ |",
        "|---|---|---|---|---|---|",
    ]
    lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
    RESULTS.write_text(
        "\n".join([*lines, "", f"Python {sys.version.split()[0]}. Written by `make bench`.", ""]),
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
