"""The folder to deploy: what readers are meant to receive of an edition, and nothing else.

It is made beside its place and put there in one move, so that it is whole or not at all; an earlier publication is
replaced, anything else is left alone. Records, locks, timings of runs, notebooks that failed and hidden files stay behind.
The list of what was published, with checksums, is in the folder.
"""

from __future__ import annotations

import html
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import markupsafe

from analysis.catalogue import DataError, sha256_of
from analysis.reports.interface import say
from analysis.reports.pages import index_name, pages, policy, style
from analysis.reports.site.server import TYPES
from analysis.values import LANGS

LIST = "publication.json"
_KEPT_BACK = ("run.json",)
_FAILED = (".error.txt", ".failed.ipynb")


class NotPublished(DataError):
    """A folder that cannot be published, or a place that must not be overwritten; nothing was written."""


def publish(
    folder: Path, target: Path, address: str | None = None, with_failures: bool = False
) -> dict[str, str]:
    """Write what is published of an edition's folder to ``target``; return the sha256 of each file by its path.

    Args:
        folder: of the edition. target: the folder to deploy: new, empty, or an earlier publication.
        address: where it will be, for the list of its pages (``sitemap.xml``), which is left out without it.
        with_failures: publish although reports failed; the overview names them.
    """
    folder, target = folder.resolve(), target.expanduser().resolve()
    _refuse(folder, target, with_failures)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as temporary:
        made = Path(temporary) / "new"
        checksums = _copy(folder, made, with_failures)
        checksums |= _beside(made, checksums, address)
        content = {"files": dict(sorted(checksums.items()))}
        (made / LIST).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        _exchange(made, target, Path(temporary) / "old")
    return checksums


def _refuse(folder: Path, target: Path, with_failures: bool) -> None:
    if not (folder / "index.html").is_file():
        raise NotPublished(f"{folder} holds no index.html: build the edition first with `pacte report --all`")
    if target.is_relative_to(folder) or folder.is_relative_to(target):
        raise NotPublished(f"{target} and {folder} hold one another; give a folder apart")
    if target.exists() and not target.is_dir():
        raise NotPublished(f"{target} is a file; give a folder")
    if target.is_dir() and any(target.iterdir()) and not _is_publication(target):
        raise NotPublished(f"{target} holds something else than an earlier publication; give an empty folder")
    failed = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*.error.txt"))
    if failed and not with_failures:
        raise NotPublished(
            f"{len(failed)} reports failed, first {failed[0]}: make them again with `pacte report --all "
            "--only-failed`, or publish with --with-failures"
        )


def _is_publication(target: Path) -> bool:
    """Whether a folder is what was published, and nothing that someone added."""
    try:
        files = json.loads((target / LIST).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    there = {path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir()}
    return there <= {*files, LIST}


def published(folder: Path, with_failures: bool = False) -> Iterator[Path]:
    """The files of an edition's folder that readers are meant to receive, in order."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        failed = path.name.endswith(_FAILED) and not (with_failures and path.name.endswith(_FAILED[0]))
        kept = (
            path.suffix in TYPES and path.suffix and not (hidden or failed or name.as_posix() in _KEPT_BACK)
        )
        if kept and path.is_file() and not path.is_symlink():
            yield path


def _copy(folder: Path, made: Path, with_failures: bool) -> dict[str, str]:
    checksums = {}
    for path in published(folder, with_failures):
        name = path.relative_to(folder).as_posix()
        content = path.read_bytes()
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(content)
        checksums[name] = sha256_of(content)
    return checksums


def _beside(made: Path, there: Mapping[str, str], address: str | None) -> dict[str, str]:
    """The files that hosts of static pages look for."""
    base = f"{address.rstrip('/')}/" if address else None
    files = {
        ".nojekyll": b"",
        "robots.txt": _robots(base),
        "404.html": _missing(base, there),
    }
    if base:
        files["sitemap.xml"] = _sitemap(base, there)
    for name, content in files.items():
        (made / name).write_bytes(content)
    return {name: sha256_of(content) for name, content in files.items()}


def _robots(base: str | None) -> bytes:
    lines = ["User-agent: *", "Allow: /", *([f"Sitemap: {base}sitemap.xml"] if base else [])]
    return ("\n".join(lines) + "\n").encode()


def _sitemap(base: str, there: Mapping[str, str]) -> bytes:
    pages_ = (name for name in sorted(there) if name.endswith(".html"))
    places = "".join(f"<url><loc>{html.escape(base + name)}</loc></url>\n" for name in pages_)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{places}</urlset>\n'.encode()


def _missing(base: str | None, there: Mapping[str, str]) -> bytes:
    """The page of an address that leads nowhere, in both languages: shown at any depth, it links by whole address."""
    css = style("report.css")
    parts = [
        {
            "lang": lang,
            "heading": say("missing_heading", lang),
            "words": say("missing_words", lang),
            "home": say("missing_home", lang),
            "href": base + index_name(lang) if base else None,
        }
        for lang in LANGS
        if index_name(lang) in there
    ]
    template = pages("fr").get_template("missing.html.j2")
    words = template.render(policy=policy(css), css=markupsafe.Markup(css), parts=parts)  # noqa: S704 - our files
    return words.encode("utf-8")


def _exchange(made: Path, target: Path, old: Path) -> None:
    """Put a folder in its place; what was there comes back when that fails."""
    if target.exists():
        target.rename(old)
    try:
        made.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise
