"""Everything behind an edition, to take away and to compare: the folder ``data/`` beside its reports.

``figures.parquet`` and ``figures.csv.gz`` hold the panel for the edition's territories, then the figures that models
give there, in state ``modelled``; ``codebook.csv`` says what each indicator is, ``datasets.csv`` where figures come
from, ``corrections.csv`` which were put right, ``existing.csv`` where figures that are not held are published or were
looked for, ``territories.csv`` what the codes mean; ``inputs.json`` keeps the checksums of all that figures depend
on, from which ``compare`` tells a revision from a change of method. ``datapackage.json`` describes them as a
Frictionless tabular data package.

The same panel, edition and code give the same bytes. What is up to date is not written again, and what makes it
(``tabular``) is then not loaded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from analysis.data.catalogue import Catalogue
from analysis.data.processed import panel_path, stamp
from analysis.foundations import places
from analysis.foundations.files import as_json, sha256_at, sha256_of, write_whole
from analysis.foundations.version import __version__
from analysis.reports.data_files import COMPRESSED, FIGURES, FOLDER, INPUTS, PACKAGE, RECORD, TABLES
from analysis.reports.edition import Edition
from analysis.reports.kept import fingerprint as fingerprints

_OF_FIGURES = ("panel", "territories", "code", "libraries", "assumptions")
"""What the published figures and those of models depend on, in ``inputs.json``."""


def write_edition(folder: Path, edition: Edition, root: Path, catalogue: Catalogue | None = None) -> bool:
    """Write ``data/`` into the folder of an edition; return whether anything was out of date.

    Args:
        folder: of the edition. edition: its content. root: the checkout, whose built panel is read.
        catalogue: the datasets behind it; those of the checkout by default.

    Nothing is written where no panel has been built (a checkout without figures).
    """
    catalogue = Catalogue() if catalogue is None else catalogue
    panel, place = panel_path(root), folder / FOLDER
    if not any(catalogue) or not panel.is_file():
        return False
    inputs = _inputs(edition, panel, catalogue)
    before = read_inputs(place)
    if before == inputs and _whole(place, every=True):
        return False
    from analysis.reports.beside import tabular

    figures = tabular.figures(edition, panel, catalogue)
    tables, codebook = tabular.tables(edition, figures, catalogue)
    files = {name: tabular.as_csv(*content) for name, content in tables.items()}
    kept = all(before.get(key) == inputs[key] for key in _OF_FIGURES) and _whole(place, every=False)
    if not kept:
        files |= tabular.written(figures)
    files[INPUTS] = as_json(inputs)
    sizes = dict(files)
    if kept:
        sizes |= {name: places.content(place / name) for name in (FIGURES, COMPRESSED)}
    files[PACKAGE] = as_json(tabular.package(edition, catalogue, sizes, codebook))
    for name, content in files.items():
        write_whole(place / name, content)
    return True


def read_inputs(place: Path) -> dict[str, Any]:
    """What an edition's data were made from; nothing when it is not there or not ours."""
    return places.record(place / INPUTS)


def is_current(folder: Path, edition: Edition, root: Path, catalogue: Catalogue) -> bool:
    """Whether what is there is whole, and is that of the figures, of the code and of the edition as they are."""
    place = folder / FOLDER
    return read_inputs(place) == _inputs(edition, panel_path(root), catalogue) and _whole(place, every=True)


def fingerprint(folder: Path) -> str:
    """A checksum of the figures, definitions and registers of an edition, by what its package says of them."""
    resources = _resources(folder / FOLDER)
    return sha256_of("\n".join(sorted(f"{p} {h}" for p, h in resources.items() if p != INPUTS)).encode())


def made_from(inputs: Mapping[str, Any]) -> str:
    """A checksum of what the figures of an edition are made from, of what ``inputs.json`` says of it."""
    return sha256_of(json.dumps([inputs.get(key) for key in _OF_FIGURES], sort_keys=True).encode())


def made_from_now(edition: Edition, root: Path, catalogue: Catalogue) -> str:
    """The same of an edition that would be made now, from the panel that is built."""
    return made_from(_inputs(edition, panel_path(root), catalogue))


def is_held(folder: Path) -> bool:
    """Whether the comparison that an edition keeps, if any, was held against the figures that are there."""
    try:
        record = json.loads(places.content(folder / RECORD))
    except (OSError, ValueError, RecursionError):
        return True
    return not isinstance(record, dict) or record.get("held") == fingerprint(folder)


def _resources(place: Path) -> dict[str, str]:
    """The files that the package describes with their checksums, of those that are ours; none when it is damaged."""
    try:
        described = json.loads(places.content(place / PACKAGE))["resources"]
        return {r["path"]: r["hash"] for r in described if r["path"] in (FIGURES, *TABLES, INPUTS)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _whole(place: Path, *, every: bool) -> bool:
    """Whether the files that the package describes (or its figures only) are those that were written."""
    resources = _resources(place)
    wanted = [name for name in (FIGURES, *TABLES, INPUTS) if every or name.startswith("figures")]
    return all(f"sha256:{sha256_at(place / name, ours=True)}" == resources.get(name) for name in wanted)


# -------------------------------------------------------------------------------------------------------------- inputs


def _inputs(edition: Edition, panel: Path, catalogue: Catalogue) -> dict[str, Any]:
    """All that the figures of an edition depend on, as checksums."""
    return {
        "edition": edition.name,
        "title": {"fr": edition.title.fr, "en": edition.title.en},
        "vintages": _vintages(edition),
        "outcomes": list(edition.every),
        "territories": list(edition.territories),
        "languages": list(edition.languages),
        "panel": stamp(panel) or "",
        "figures": catalogue.fingerprint(),
        "package": __version__,
        "libraries": fingerprints.libraries(),
        "code": fingerprints.files(),
        "assumptions": catalogue.assumptions(),
    }


def _vintages(edition: Edition) -> str | dict[str, str]:
    """The day to which an edition's datasets are held, or the vintage of each."""
    return edition.vintages.isoformat() if isinstance(edition.vintages, date) else dict(edition.vintages)
