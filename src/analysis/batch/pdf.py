"""A report as a PDF, printed by Chromium from its page: tagged for screen readers, with an outline, beside the page.

The page is the only source: what is printed is what the page's style says of paper. Each print is a Chromium of its own,
with a profile that is thrown away and no name resolved, so that nothing is asked of the network. The dates that Chromium
writes are blanked, and the page's checksum takes the place of the browser's name: the same page, printed by the same
Chromium with the same fonts, gives the same bytes, and a PDF whose page has changed since is known for what it is.

Nothing is installed for this, and reports do not need it: where there is no Chromium, ``find_chromium`` says so.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from analysis.foundations import places
from analysis.foundations.files import DataError, sha256_of, write_whole
from analysis.foundations.version import __version__
from analysis.reports.edition import Task

if TYPE_CHECKING:
    from analysis.batch.summary import Summary

VARIABLE = "PACTE_CHROMIUM"
"""Environment variable that names the program, where it is not found by itself."""

TIMEOUT = 90.0
"""Seconds that a print may take."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
    r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
    r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
)

_OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # /dev/shm is small in containers, and Chromium dies of it
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--generate-pdf-document-outline",
    "--no-pdf-header-footer",
)

_DATE = re.compile(rb"/(?:CreationDate|ModDate) \(D:[^()]*\)")
_NODE = re.compile(rb"\(node(\d{8})\)")
_FILE = re.compile(rb"/URI \((file:(?:[^()\\]|\\.)*)\)")
_PAGE = re.compile(rb"/Creator \([^()]*page sha256 ([0-9a-f]{64})\)")


class PdfError(DataError):
    """A page that could not be printed, or nothing to print it with; the message says what to do."""


@dataclass(frozen=True)
class Printed:
    """What became of the PDF of a report. ``reason`` is one line; None when it is there."""

    task: Task
    reason: str | None = None


def find_chromium() -> Path:
    """Chromium, or a browser made from it: the program named by ``PACTE_CHROMIUM``, else where systems put it.

    PdfError when there is none.
    """
    if named := os.environ.get(VARIABLE):
        found = shutil.which(Path(named).expanduser())
        if found is None:
            raise PdfError(f"{VARIABLE} names {named!r}, which is no program here: correct it, or unset it")
        return Path(found)
    places = (*_NAMES, *map(os.path.expandvars, _PLACES))
    found = next((path for path in map(shutil.which, places) if path), None)
    if found is None:
        raise PdfError(
            "a PDF is printed by Chromium or Chrome, and neither is found here: install one (`apt install chromium`), "
            f"or name its program in {VARIABLE}; the pages themselves do not need it"
        )
    return Path(found)


def write(page: Path, target: Path, *, chromium: Path | None = None, timeout: float = TIMEOUT) -> bytes:
    """Print a page into ``target``, whole or not at all; return what was written.

    Args:
        page: an HTML page that needs nothing but itself. target: the PDF, beside it or elsewhere.
        chromium: the program, found by itself when None. timeout: seconds.
    """
    chromium = find_chromium() if chromium is None else chromium
    checksum = sha256_of(places.content(page))
    # Beside the target: where Chromium is confined to the user's own files (snap), it cannot write elsewhere.
    with tempfile.TemporaryDirectory(
        dir=target.parent, prefix=".printing-", ignore_cleanup_errors=True
    ) as scratch:
        made = Path(scratch) / "page.pdf"
        said = _run(
            [
                str(chromium), *_OPTIONS, *_sandbox(), f"--user-data-dir={scratch}/profile",
                f"--user-agent=pacte-evaluation {__version__}, page sha256 {checksum}",
                f"--print-to-pdf={made}", page.resolve().as_uri(),
            ],
            timeout,
        )  # fmt: skip
        content = made.read_bytes() if made.is_file() else b""
    if not content.startswith(b"%PDF-") or b"/StructTreeRoot" not in content:
        raise PdfError(f"{page.name}: {chromium.name} printed nothing that can be used ({said})")
    content = _settled(content, page.resolve())
    write_whole(target, content)
    return content


def _sandbox() -> list[str]:
    """Chromium refuses to start as root with its sandbox; what it opens is our own page, which runs our own script only."""
    return ["--no-sandbox"] if getattr(os, "geteuid", lambda: 1)() == 0 else []


def _run(command: Sequence[str], timeout: float) -> str:
    """Run a program and all that it starts, and leave none of it behind; return the last line that it said."""
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True, errors="replace", start_new_session=True,
    )  # fmt: skip
    try:
        said = process.communicate(timeout=timeout)[1].strip().splitlines()
    except subprocess.TimeoutExpired:
        return f"stopped after {timeout:.0f} s"
    finally:
        _end(process)
    return " ".join(said[-1].split())[:200] if said else f"exit code {process.returncode}"


def _end(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.communicate()


def _settled(content: bytes, page: Path) -> bytes:
    """The PDF without the time of day and without folders of this machine; every byte keeps its place.

    Chromium numbers the cells of tables from a count of its own, which starts elsewhere from one run to the next: they
    are numbered from one, in the same order.
    """
    content = _DATE.sub(lambda found: b" " * len(found[0]), content)
    rank = {node: i for i, node in enumerate(sorted(set(_NODE.findall(content))), 1)}
    content = _NODE.sub(lambda found: b"(node%08d)" % rank[found[1]], content)
    return _FILE.sub(lambda found: _relative(found, page), content)


def _relative(link: re.Match, page: Path) -> bytes:
    """A link to another page of the folder, relative to this one as in the page itself."""
    address = urlsplit(link[1].decode("ascii", "replace"))
    path = os.path.relpath(unquote(address.path), page.parent).replace(os.sep, "/")
    anchor = f"#{address.fragment}" if address.fragment else ""
    written = f"/URI ({path}{anchor})".encode()
    if len(written) > len(link[0]) or b"\\" in link[1]:
        written = b"/URI (#)"
    return written.ljust(len(link[0]))


# ---------------------------------------------------------------------------------------------------- after a batch


def path_of(page: Path) -> Path:
    """Where the PDF of a page is."""
    return page.with_suffix(".pdf")


def is_of(page: Path) -> bool:
    """Whether the PDF beside a page was printed from the page as it is."""
    try:
        found = _PAGE.search(places.content(path_of(page)))
        return found is not None and found[1].decode() == sha256_of(places.content(page))
    except OSError:
        return False


def drop_outdated(folder: Path, tasks: Sequence[Task]) -> None:
    """Remove the PDFs of reports whose page has changed since, or is not there any more."""
    for page in (folder / task.path for task in tasks):
        if path_of(page).is_file() and not is_of(page):
            path_of(page).unlink()


def after(
    summary: Summary,
    tasks: Sequence[Task],
    *,
    wanted: bool,
    force: bool = False,
    workers: int = 1,
    planned: Callable[[int, int], object] = lambda wanted, fresh: None,
    ended: Callable[[Printed, float], object] = lambda printed, seconds: None,
) -> list[Printed]:
    """What follows a batch: PDFs whose page has changed since are removed and, when they are wanted, reports printed.

    One that fails does not stop the others. PdfError when there is no Chromium, before anything is printed.

    Args:
        summary: how the batch went. tasks: the reports asked for. wanted: whether to print them.
        force: print also those whose PDF is that of the page as it is. workers: prints at a time.
        planned: called once with the numbers of reports to print and of those that are printed already.
        ended: called as each print ends, with the seconds that it took.
    """
    drop_outdated(summary.folder, tasks)
    if not wanted or summary.interrupted:
        return []
    chromium = find_chromium()
    there = [task for task in tasks if (summary.folder / task.path).is_file()]
    todo = [task for task in there if force or not path_of(summary.folder / task.path).is_file()]
    planned(len(todo), len(there) - len(todo))
    done: list[Printed] = []
    threads = ThreadPoolExecutor(workers)
    try:
        for future in as_completed([threads.submit(_print, summary.folder, task, chromium) for task in todo]):
            printed, seconds = future.result()
            done.append(printed)
            ended(printed, seconds)
    finally:
        threads.shutdown(cancel_futures=True)
    return done


def _print(folder: Path, task: Task, chromium: Path) -> tuple[Printed, float]:
    started, page = perf_counter(), folder / task.path
    try:
        write(page, path_of(page), chromium=chromium)
    except (PdfError, OSError) as error:
        return Printed(task, str(error)), perf_counter() - started
    return Printed(task), perf_counter() - started
