"""The folder to deploy: what readers are meant to receive of an edition, and nothing else.

Only what the edition lists goes out: the reports of its manifest with what stands beside them, the pages of its site, its
data; each as it was written, and made from the figures as they are now: nothing that was withdrawn since is published.
Anything else in the folder stays behind, whoever put it there. Nobody makes reports meanwhile: the folder is held.

It is made beside its place and put there in one move, so that it is whole or not at all; an earlier publication is
replaced, anything else is left alone. The list of what was published, with checksums, is in the folder.
"""

from __future__ import annotations

import html
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import markupsafe

from analysis.batch import listing, lock
from analysis.batch.listing import NotPublished
from analysis.foundations import places
from analysis.foundations.files import sha256_of
from analysis.foundations.values import LANGS
from analysis.reports.edition import Edition
from analysis.reports.pages.interface import say
from analysis.reports.pages.parts import index_name, pages, policy, style

LIST = "publication.json"


def publish(
    edition: Edition,
    root: Path,
    folder: Path,
    target: Path,
    address: str | None = None,
    with_failures: bool = False,
) -> dict[str, str]:
    """Write what is published of an edition's folder to ``target``; return the sha256 of each file by its path.

    Args:
        edition: whose folder it is. root: the checkout, whose figures it must be made from.
        folder: of the edition. target: the folder to deploy: new, empty, or an earlier publication.
        address: where it will be, for the list of its pages (``sitemap.xml``), which is left out without it.
        with_failures: publish although reports failed; the overview names them.

    ``lock.Held`` while a run makes its reports.
    """
    folder, target = folder.resolve(), target.expanduser().resolve()
    _refuse(folder, target)
    with lock.holding(folder):
        listed = listing.listed(edition, root, folder, with_failures)
        return write(folder, listed, target, address)


def write(
    folder: Path, listed: Mapping[str, str], target: Path, address: str | None = None
) -> dict[str, str]:
    """Write the files of a folder that are listed, with the sha256 of each, to the folder to deploy; see ``publish``."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name[:80]}.") as temporary:
        made = Path(temporary) / "new"
        _copy(folder, listed, made)
        checksums = {**listed, **_beside(made, listed, address)}
        content = {"files": dict(sorted(checksums.items()))}
        (made / LIST).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        _exchange(made, target, Path(temporary) / "old")
    return checksums


def _refuse(folder: Path, target: Path) -> None:
    if not (folder / "index.html").is_file():
        raise NotPublished(f"{folder} holds no index.html: build the edition first with `pacte report --all`")
    if target.is_relative_to(folder) or folder.is_relative_to(target):
        raise NotPublished(f"{target} and {folder} hold one another; give a folder apart")
    if target.exists() and not target.is_dir():
        raise NotPublished(f"{target} is a file; give a folder")
    if target.is_dir() and any(target.iterdir()) and not _is_publication(target):
        raise NotPublished(f"{target} holds something else than an earlier publication; give an empty folder")


def _is_publication(target: Path) -> bool:
    """Whether a folder is what was published, and nothing that someone added."""
    try:
        files = json.loads(places.content(target / LIST))["files"]
        known = {*files, LIST}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    there = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_symlink() or not p.is_dir()}
    return there <= known


def _copy(folder: Path, listed: Mapping[str, str], made: Path) -> None:
    made.mkdir()
    altered = []
    for name, sha256 in listed.items():
        try:
            content = places.content(folder / name)
        except OSError:
            content = b""
        if sha256_of(content) != sha256:
            altered.append(name)
            continue
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(content)
    if altered:
        raise listing.altered(folder, altered)


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
