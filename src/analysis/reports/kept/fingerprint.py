"""What a report is made from, as checksums: the package and its files, the libraries, the figures, a notebook.

What was made from what is entered in the ``manifest``, and held against what there is now by ``freshness``. No clock is read
and no folder named here, so that two machines with the same files say the same.
"""

from __future__ import annotations

import importlib.metadata
import json
import platform
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from analysis.data.catalogue import Catalogue
from analysis.foundations.files import PACKAGE, sha256_of
from analysis.foundations.version import __version__
from analysis.reports.edition import INDICATORS, Notebook

DISTRIBUTION = "pacte-evaluation"


@cache
def libraries() -> dict[str, str]:
    """Versions of the libraries that the package declares, and of Python."""
    try:
        declared = importlib.metadata.requires(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        declared = []
    lines = (line for line in declared if "extra ==" not in line)
    names = sorted({re.split(r"[^A-Za-z0-9._-]", line, maxsplit=1)[0].lower() for line in lines})
    return {"python": platform.python_version()} | {name: importlib.metadata.version(name) for name in names}


def files() -> dict[str, str]:
    """The sha256 of each file of the package, by its path there."""
    paths = sorted(path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(PACKAGE).as_posix(): _sha(path) for path in paths}


@cache
def code() -> str:
    """A sha256 over the files of the package: code, templates, words, definitions."""
    return sha256_of("\n".join(f"{path} {sha256}" for path, sha256 in files().items()).encode())


def _sha(path: Path) -> str:
    return sha256_of(path.read_bytes())


def inputs(notebooks: Mapping[str, Notebook]) -> dict[str, dict]:
    """The inputs of the reports of each outcome, and of the pages of indicators, which no notebook makes.

    Equal inputs and parameters give equal bytes.
    """
    common = {
        "package": __version__,
        "code": code(),
        "figures": Catalogue().fingerprint(),
        "libraries": libraries(),
    }
    made = {name: {**common, "notebook": _sha(book.path)} for name, book in notebooks.items()}
    return made | {INDICATORS: common}


def key(content: Mapping) -> str:
    """A short checksum of JSON values."""
    return sha256_of(json.dumps(content, sort_keys=True).encode())[:16]
