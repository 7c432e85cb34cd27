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
from collections.abc import Iterator, Mapping
from pathlib import Path

import markupsafe

from analysis import places
from analysis.catalogue import Catalogue, DataError, sha256_at, sha256_of
from analysis.reports import compare, datapackage, leaving, lock, pdf, provenance, run
from analysis.reports import edition as editions
from analysis.reports.build import error_path
from analysis.reports.edition import INDICATORS, Edition, Notebook, Task
from analysis.reports.interface import say
from analysis.reports.pages import index_name, pages, policy, style
from analysis.reports.site import indicators, shell, state
from analysis.values import LANGS

LIST = "publication.json"
MANIFEST = "manifest.json"
LISTED = 10
"""Files at fault that a refusal names."""


class NotPublished(DataError):
    """A folder that cannot be published, or a place that must not be overwritten; nothing was written."""


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
        listed = _listed(edition, root, folder, with_failures)
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


# ------------------------------------------------------------------------------------------------------- what is listed


def _listed(edition: Edition, root: Path, folder: Path, with_failures: bool) -> dict[str, str]:
    """The files to publish with the sha256 of each, in order; NotPublished when one is not of the figures as they are."""
    catalogue, present = Catalogue(), state.Present.look(folder)
    names = indicators() if any(catalogue) else ()
    tasks = [task for lang in LANGS for task in _tasks(edition, lang, names)]
    failed = [task for task in tasks if shell.error_name(task) in present]
    if failed and not with_failures:
        raise NotPublished(
            f"{len(failed)} reports failed, first {shell.error_name(failed[0])}: make them again with `pacte report --all "
            "--only-failed`, or publish with --with-failures"
        )
    books = {name: editions.read_notebook(name, path) for name, path in _notebooks(edition, root).items()}
    manifest = provenance.Manifest(folder, edition.name, provenance.inputs(books))
    problems = list(
        _outdated(edition, root, folder, [t for t in tasks if t not in failed], books, manifest, names)
    )
    site = state.pages(folder, state.inputs(edition, folder, root, present))
    if site is None:
        problems.append("the pages of the site: not of the figures, the reports and the edition as they are")
    data = _data(edition, root, folder, catalogue)
    if data is None:
        problems.append(f"{datapackage.FOLDER}/: not the figures as they are, or damaged")
    if problems:
        raise _stale(folder, problems)
    ours = set(shell.pages_of(edition))
    site = {name: sha256 for name, sha256 in site.items() if name in ours}
    reports = {path: sha256 for task in manifest.tasks() for path, sha256 in manifest.of(task).items()}
    return dict(sorted({**reports, **site, **data, **_others(folder, manifest.tasks(), failed)}.items()))


def _tasks(edition: Edition, lang: str, names: tuple[str, ...]) -> list[Task]:
    """All that an edition may have in a language: its reports, and the pages of indicators."""
    return [*shell.tasks(edition, lang), *(Task(edition.name, INDICATORS, name, lang) for name in names)]


def _notebooks(edition: Edition, root: Path) -> dict[str, Path]:
    there = editions.notebooks(root)
    return {name: there[name] for name in edition.every}


def _outdated(
    edition: Edition,
    root: Path,
    folder: Path,
    tasks: list[Task],
    books: Mapping[str, Notebook],
    manifest: provenance.Manifest,
    names: tuple[str, ...],
) -> Iterator[str]:
    """Why reports cannot be published, a line each: those that are there and are not those that would be made now."""
    entered = set(manifest.tasks())
    for task in sorted(entered):
        if not leaving.belongs(task, edition, names):
            yield f"{task}: the edition has it no more"
    there = [task for task in tasks if task in entered or sha256_at(folder / task.path, ours=True)]
    plan = run.plan(edition, there, books, root, folder, run.Options(), names)
    for task, reason in plan.reasons.items():
        unobserved = task in entered and manifest.as_now(
            task
        )  # a kernel leaves no record: the manifest says it all
        if not unobserved or not _as_entered(folder, manifest.of(task)):
            yield f"{task}: {reason}"
    yield from (f"{task}: it is not in {MANIFEST}" for task in plan.fresh if task not in entered)


def _as_entered(folder: Path, files: Mapping[str, str]) -> bool:
    return all(sha256_at(folder / path, ours=True) == sha256 for path, sha256 in files.items())


def _data(edition: Edition, root: Path, folder: Path, catalogue: Catalogue) -> dict[str, str] | None:
    """The files of the edition's figures, and of the comparison that it keeps; None when they are not those of now."""
    if not any(catalogue):
        return {}
    if not datapackage.is_current(folder, edition, root, catalogue) or not datapackage.is_held(folder):
        return None
    kept = (datapackage.DIFFERENCES, datapackage.RECORD) if compare.kept(folder) else ()
    return {name: sha256_at(folder / name, ours=True) for name in (*datapackage.FILES, *kept)}


def _others(folder: Path, tasks: list[Task], failed: list[Task]) -> dict[str, str]:
    """The manifest, what was printed from pages as they are, and the errors of reports that failed."""
    prints = [pdf.path_of(folder / task.path) for task in tasks if pdf.is_of(folder / task.path)]
    paths = [folder / MANIFEST, *prints, *(error_path(folder, task) for task in failed)]
    return {path.relative_to(folder).as_posix(): sha256_at(path, ours=True) for path in paths}


def _stale(folder: Path, problems: list[str]) -> NotPublished:
    more = [f"and {len(problems) - LISTED} more"] if len(problems) > LISTED else []
    lines = [
        f"{folder.name} is not what would be made from the figures as they are: run `pacte report --all` first"
    ]
    return NotPublished("\n  ".join([*lines, *problems[:LISTED], *more]))


# ---------------------------------------------------------------------------------------------------- what is written


def _copy(folder: Path, listed: Mapping[str, str], made: Path) -> None:
    made.mkdir()
    altered = []
    for name, sha256 in listed.items():
        try:
            content = places.content(folder / name)
        except OSError:
            content = b""
        if sha256_of(content) != sha256:
            altered.append(f"{name}: not there, or altered since it was made")
            continue
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_bytes(content)
    if altered:
        raise _stale(folder, altered)


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
