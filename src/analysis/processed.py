"""Whether the panel that is kept under ``data/processed`` is that of the figures and of the code as they are.

``panel.parquet`` stands there beside ``panel.json``, which says what it was built from and its checksum. This is asked at
the start of every run, mostly with nothing to build: no library of tables is loaded here. ``panel`` makes the panel.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from analysis.catalogue import Catalogue, sha256_at, sha256_of, write_whole

PANEL = "panel.parquet"
"""File name of a panel."""

_MODULES = (
    "panel.py", "columns.py", "entries.py", "corrections.py", "values.py", "catalogue.py", "territories.py",
    "territories.csv", "indicators.yml",
)  # fmt: skip
"""The files of the package by which figures become the panel."""


def panel_path(root: Path) -> Path:
    """Where the panel of a checkout is kept."""
    return root / "data" / "processed" / PANEL


def fingerprint(catalogue: Catalogue) -> str:
    """A sha256 of all that the panel depends on: the figures, the dictionary, the code that combines them."""
    package = resources.files("analysis")
    code = [sha256_of(package.joinpath(module).read_bytes()) for module in _MODULES]
    return sha256_of("\n".join([catalogue.fingerprint(), *code]).encode())


def keep(panel: Path, content: bytes, rows: int, made_from: str) -> None:
    """Write a panel, and beside it the ``fingerprint`` that it was built from."""
    write_whole(panel, content)
    stamp = {"fingerprint": made_from, "rows": rows, "sha256": sha256_of(content)}
    write_whole(panel.with_suffix(".json"), (json.dumps(stamp, indent=1) + "\n").encode())


def _kept(panel: Path) -> dict:
    """What is written beside a panel; nothing when it is not there or not ours."""
    try:
        content = json.loads(panel.with_suffix(".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def stamp(panel: Path) -> str | None:
    """The checksum written beside a panel; None when there is none."""
    return _kept(panel).get("sha256")


def is_current(panel: Path, catalogue: Catalogue) -> bool:
    """Whether a panel is there, whole, and is the one that the catalogue and the code would give."""
    kept = _kept(panel)
    whole = kept.get("sha256") == sha256_at(panel)
    return whole and kept.get("fingerprint") == fingerprint(catalogue)
