"""One run at a time in the folder of an edition.

The lock is the operating system's, on a file of the folder: it ends with the process that holds it, however that ends, so
no stale lock is ever in the way. The file beside it says who holds it, for the message to the second run. What is written
under the lock stays in the folder: a link in place of one of its folders is refused.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from analysis.foundations import places
from analysis.foundations.files import DataError, write_whole

LOCK, HOLDER = ".lock", ".lock.holder"


class Held(DataError):
    """Another run holds the folder; the message says which process."""


class Elsewhere(DataError):
    """Something in the folder leads out of it; the message says which link to remove."""


@contextmanager
def holding(folder: Path) -> Iterator[None]:
    """Hold the folder of an edition; Held when another run does, Elsewhere when a link in it leads out of it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock, holder = FileLock(folder / LOCK, blocking=False), folder / HOLDER
    try:
        lock.acquire()
    except Timeout:
        raise Held(
            f"{folder} is in use by {_who(holder)}: wait for it to end, or give another --out"
        ) from None
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Elsewhere(f"{folder / LOCK} is a link: remove it") from error
        raise
    try:
        _stay(folder)
        write_whole(holder, f"process {os.getpid()} on {socket.gethostname()}".encode())
        yield
    finally:
        with suppress(OSError):  # what is in its place is not ours
            holder.unlink(missing_ok=True)
        lock.release()


def _who(holder: Path) -> str:
    """Who holds the folder, in words that anything may have written."""
    try:
        words = places.content(holder)[:200].decode("utf-8", "replace").strip()
    except OSError:
        words = ""
    return words if words.isprintable() and words else "another process"


def _stay(folder: Path) -> None:
    """Refuse a folder in which the place of a territory, of the data or of the records is a link."""
    links = sorted(entry.name for entry in os.scandir(folder) if entry.is_symlink() and entry.is_dir())
    if links:
        raise Elsewhere(
            f"{folder / links[0]} is a link to another folder, and pages are written in the folder of the edition only: "
            "remove the link"
        )
