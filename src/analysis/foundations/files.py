"""Files, as everything that reads and writes them does it: their checksum, written whole or not at all, the checkout.

``DataError`` is what is raised of data that are not as they should be. It stands at the ground: it knows nothing of what a
file holds. What may be kept, and where, is in ``places``.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from pathlib import Path

from analysis.foundations import places
from analysis.foundations.display import Refusal

PACKAGE = Path(__file__).resolve().parents[1]
"""The folder of the package: its code, words, definitions and templates."""


class DataError(Refusal):
    """Data that are missing, altered or malformed. The message says where, what was expected, and the remedy."""


def sha256_of(content: bytes) -> str:
    """Hexadecimal sha256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def as_json(content: object) -> bytes:
    """Content as the project keeps it in a JSON file: a line for each value, letters as they are."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def sha256_at(path: Path, *, ours: bool = False) -> str:
    """Hexadecimal sha256 of a file; empty when it is not there or cannot be read (see ``places.content``)."""
    try:
        return sha256_of(places.content(path, follow=not ours))
    except OSError:
        return ""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: temporary file beside it, flush to disk, rename. Its mode is that of the umask."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        with temporary.open("xb") as stream:  # makes the file or fails, follows no link
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, IsADirectoryError):
            raise IsADirectoryError(
                error.errno, "A folder is in the way of a file: remove it", str(path)
            ) from None
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(path)  # a disk that is full does not say where
        raise


def write_if_new(path: Path, content: bytes) -> None:
    """Write a file whole; leave it alone, with its date, when it is already so."""
    try:
        same = places.content(path) == content
    except OSError:
        same = False
    if not same:
        write_whole(path, content)


def project_root() -> Path:
    """The checkout that holds ``data/`` and ``notebooks/``: ``PACTE_HOME`` when set, else the one of this package."""
    home = os.environ.get("PACTE_HOME")
    root = Path(home).expanduser().resolve() if home else PACKAGE.parents[1]
    if not (root / "data" / "raw").is_dir():
        raise DataError(f"{root} holds no data/raw; set PACTE_HOME to the project's checkout")
    return root
