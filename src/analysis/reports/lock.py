"""One run at a time in the folder of an edition.

The lock is the operating system's, on a file of the folder: it ends with the process that holds it, however that ends, so
no stale lock is ever in the way. The file beside it says who holds it, for the message to the second run.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from analysis.catalogue import DataError

LOCK, HOLDER = ".lock", ".lock.holder"


class Held(DataError):
    """Another run holds the folder; the message says which process."""


@contextmanager
def holding(folder: Path) -> Iterator[None]:
    """Hold the folder of an edition; Held when another run does."""
    folder.mkdir(parents=True, exist_ok=True)
    lock, holder = FileLock(folder / LOCK, blocking=False), folder / HOLDER
    try:
        lock.acquire()
    except Timeout:
        who = holder.read_text(encoding="utf-8").strip() if holder.is_file() else "another process"
        raise Held(f"{folder} is in use by {who}: wait for it to end, or give another --out") from None
    try:
        holder.write_text(f"process {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
