"""What the convention tests look at: the repository's own files, without what is built, cached or personal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "analysis"

TEXT = {
    ".py", ".md", ".yml", ".yaml", ".toml", ".cff", ".ipynb", ".css", ".js", ".html", ".j2", ".po", ".txt", "",
}  # fmt: skip
_DOTTED = {".ci", ".gitattributes", ".gitignore", ".pre-commit-config.yaml"}
_BUILT = {"build", "dist", "reports", "data/processed", "data/raw/local"}


def files(root: Path = ROOT) -> Iterator[Path]:
    """Every file that belongs to the repository, in order."""
    for folder, folders, names in os.walk(root):
        here = Path(folder)
        folders[:] = sorted(name for name in folders if _belongs(here / name, root))
        yield from (here / name for name in sorted(names) if not name.startswith(".") or name in _DOTTED)


def _belongs(folder: Path, root: Path) -> bool:
    if folder.name.startswith(".") and folder.name not in _DOTTED:
        return False
    if folder.name == "__pycache__" or folder.name.endswith(".egg-info") or (folder / "pyvenv.cfg").is_file():
        return False
    return folder.relative_to(root).as_posix() not in _BUILT


def relative(path: Path) -> str:
    """A path as it is written in messages: from the root, with slashes."""
    return path.relative_to(ROOT).as_posix()


@cache
def texts() -> dict[str, str]:
    """Every file written by hand, by path: code, prose and configuration, not tables of figures nor the lock."""
    return {relative(path): path.read_text(encoding="utf-8") for path in files() if path.suffix in TEXT}


def modules(folder: str = "src/analysis") -> dict[str, str]:
    """The Python files under a folder, by path."""
    return {path: text for path, text in texts().items() if path.startswith(folder) and path.endswith(".py")}
