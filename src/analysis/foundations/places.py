"""Where what can be made again is kept: beside the figures, or where the caller says, or in the user's own cache.

The table of figures and the results that reports share stand in ``data/processed`` of the checkout. Where that cannot
be written to (a checkout of someone else's, a file system that is read-only, a disk that is full) they stand in the
user's cache folder, and a line says so. ``PACTE_CACHE``, or ``--cache``, names another folder, and then no other is
taken: downloads go there too.

It stands at the ground: it decides on folders, and reads a file that may not be what it should. It knows no figure.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import sys
from pathlib import Path
from typing import Any

from analysis.foundations import display

CACHE = "PACTE_CACHE"
"""Variable that names the folder for downloads, the table of figures and the results that reports share."""

APPLICATION = "pacte-evaluation"

LARGEST = 256 << 20
"""Bytes of the largest file that is read whole: a hundred times the largest there is."""

_LACK_OF_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM}
"""Errors that say that nothing can be written there, whatever stands there."""

_given_up: dict[Path, str] = {}
"""Folders in which something could not be written, though it looked as if it could, with the reason."""


def cache() -> Path:
    """The folder for what is kept outside the checkout: ``PACTE_CACHE`` when set, else the user's own."""
    named = os.environ.get(CACHE)
    return Path(named).expanduser().absolute() if named else user_cache()


def user_cache() -> Path:
    """The user's cache folder of this project, where the system has such folders."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        named = os.environ.get("XDG_CACHE_HOME", "")
        base = named if named.startswith("/") else Path.home() / ".cache"
    return Path(base) / APPLICATION


def every(root: Path) -> tuple[Path, Path]:
    """The folders in which what is built from a checkout may be kept: beside its figures, and apart from them."""
    return root / "data" / "processed", cache() / hashlib.sha256(str(root).encode()).hexdigest()[:16]


def of_checkout(root: Path) -> Path:
    """The folder in which what is built from a checkout is kept: the first of those above that can be written to."""
    beside, apart = every(root)
    if os.environ.get(CACHE):
        return apart
    reason = _given_up.get(beside) or _refusal(beside)
    if reason is None or _given_up.get(apart) or _refusal(apart):
        return beside
    display.note(
        f"{beside} cannot be written ({reason}): what is built from the figures is kept in {apart}; --cache or {CACHE} "
        "names another folder"
    )
    return apart


def give_up(folder: Path, error: OSError) -> bool:
    """Take another folder than this one from now on, since it could not be written to; False when that is no such error, or
    there is no other.
    """
    if error.errno not in _LACK_OF_ROOM or folder in _given_up:
        return False
    _given_up[folder] = error.strerror or str(error)
    return not os.environ.get(CACHE)


def no_room(folder: Path, error: OSError) -> str:
    """What to tell of a folder in which what is built could not be written: the path, why, and the remedy."""
    return (
        f"{error.filename or folder}: {error.strerror or error}. What is built from the figures cannot be kept there: "
        f"make room, or name a folder that can be written to with --cache DIR or {CACHE}"
    )


def closed(error: Exception) -> str:
    """Where something could not be read or written, when room or rights were lacking, and why; empty for any other error.

    Such an error tells nothing of what stands in a file.
    """
    if not isinstance(error, OSError) or error.errno not in _LACK_OF_ROOM:
        return ""
    return f"{error.filename or 'the disk'}: {error.strerror}"


def _refusal(folder: Path) -> str | None:
    """Why a folder cannot be written to, as far as can be told without writing; None when it looks as if it could."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        return f"{there} is a file"
    if os.access(there, os.W_OK | os.X_OK):
        return None
    read_only = hasattr(os, "statvfs") and os.statvfs(there).f_flag & os.ST_RDONLY
    return os.strerror(errno.EROFS if read_only else errno.EACCES)


# ---------------------------------------------------------------------------------------------------------------- files


def content(path: Path, at_most: int = LARGEST, *, follow: bool = False) -> bytes:
    """The bytes of a file of ours; OSError when it is a link (unless they are followed), a folder, a pipe or a device, or
    larger than it can be. What is not a plain file is never waited for.
    """
    names = (
        "O_NONBLOCK",
        "O_CLOEXEC",
        "O_BINARY",
        *(() if follow else ("O_NOFOLLOW",)),
    )  # some systems lack some
    handle = os.open(path, os.O_RDONLY | sum(getattr(os, name, 0) for name in names))
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_size > at_most:
        os.close(handle)
        plain = stat.S_ISREG(found.st_mode)
        raise OSError(
            *((errno.EFBIG, os.strerror(errno.EFBIG)) if plain else (errno.EINVAL, "not a plain file")),
            str(path),
        )
    with os.fdopen(handle, "rb") as stream:
        return stream.read()


def record(path: Path) -> dict[str, Any]:
    """What a file of ours in JSON holds; nothing when it is not there, not whole, or no such file."""
    try:
        found = json.loads(content(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def remove(path: Path) -> None:
    """Remove whatever stands somewhere, a folder with all that it holds; links are not followed."""
    try:
        found = path.lstat()
    except OSError:
        return
    if stat.S_ISDIR(found.st_mode):
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def make_way(path: Path) -> None:
    """Remove what stands in the place of a file and is none: a folder, a link, a pipe, a socket, a device."""
    try:
        plain = stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return
    if not plain:
        remove(path)
