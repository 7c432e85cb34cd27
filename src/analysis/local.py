"""A département's own figures: aggregate numbers that it holds and nobody publishes.

``add`` reads one CSV (territory, period, indicator, value, source), holds every figure to the dictionary and to the
disclosure threshold, and keeps the figures under ``data/raw/local/``, which git ignores: they are read like published
ones, with the quality ``local``, and never leave the machine unless their reports do. Individual data have no place here.

It writes through ``catalogue`` only. It computes nothing.
"""

from __future__ import annotations

import io
import re
import unicodedata
from pathlib import Path

import pandas as pd

from analysis import territories
from analysis.catalogue import LOCAL, Catalogue, Change, DataError, PublishedFile, Sidecar, sha256_of
from analysis.measures import measures as pacte_measures
from analysis.sources.base import figures, number
from analysis.values import dictionary, period

COLUMNS = ("territory", "period", "indicator", "value", "source")
SECRET = ("s", "secret")
"""What to write as value when the figure is below the disclosure threshold: it is shown as withheld, not as 0."""


def add(path: Path, catalogue: Catalogue) -> Change:
    """Take in a CSV of aggregate figures; nothing is written when any of them is at fault.

    Columns: ``territory`` (code or name), ``period`` (2024, 2025-Q3, 2024-12), ``indicator`` (name in the dictionary),
    ``value`` (decimal point or comma; ``s`` for a withheld figure), ``source`` (who counted, from what). Raises DataError
    that lists every line at fault with the remedy. Adding a file of the same name again replaces its figures.
    """
    table = _read(path)
    name = f"{LOCAL}/{_slug(path.stem)}"
    threshold = catalogue.parameters("disclosure")["minimum_count"]["value"]
    rows, problems = [], []
    for line, row in enumerate(table.to_dict("records"), start=1):
        try:
            rows.append(_figure(row, threshold))
        except (ValueError, KeyError) as error:
            problems.append(f"figure {line}: {error}")
    problems += _collisions(rows, name, catalogue)
    if problems:
        listed = "\n  ".join(problems[:20])
        raise DataError(f"{path.name}: {len(problems)} figures at fault, nothing was added\n  {listed}")
    return catalogue.store(figures(pd.DataFrame(rows)), _sidecar(name, path, rows))


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise DataError(f"{path} does not exist; give a CSV file with the columns {', '.join(COLUMNS)}")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: not UTF-8 ({error.reason}); save it as « CSV UTF-8 »") from error
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    separator = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    try:
        table = pd.read_csv(io.StringIO("\n".join(lines)), dtype="str", keep_default_na=False, sep=separator)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DataError(f"{path.name}: not a table ({error}); expected the columns {', '.join(COLUMNS)}") from error
    if tuple(table.columns) != COLUMNS:
        raise DataError(f"{path.name}: columns {', '.join(table.columns)}; expected exactly {', '.join(COLUMNS)}")
    if table.empty:
        raise DataError(f"{path.name}: no figure below the header; fill in the template and add it again")
    return table


def _figure(row: dict[str, str], threshold: int) -> dict:
    entry = dictionary()[row["indicator"].strip()]
    if entry.ratio is not None or entry.modelled:
        raise ValueError(f"{entry.name} is computed here; give its numerator instead")
    source = " ".join(row["source"].split())
    if not source:
        raise ValueError("no source; say who counted and from what")
    figure = {
        "territory": territories.parse(row["territory"]),
        "period": period(row["period"].strip()).text,
        "indicator": entry.name,
        "note": f"local: {source[:200]}",
    }
    if row["value"].strip().lower() in SECRET:
        return figure | {"value": float("nan"), "state": "suppressed"}
    value = number(row["value"])
    if value is None or value != value:
        raise ValueError("no value; write s for a withheld figure, or leave the line out")
    low = float("-inf") if entry.minimum is None else entry.minimum
    high = float("inf") if entry.maximum is None else entry.maximum
    if not low <= value <= high:
        raise ValueError(f"{value} is outside {low}–{high}, the limits of {entry.name}")
    if entry.name.startswith("count_") and 0 < value < threshold:
        raise ValueError(f"{value:g} counts fewer than {threshold} people or dwellings; write s, never the number")
    return figure | {"value": value, "state": "observed"}


def _collisions(rows: list[dict], name: str, catalogue: Catalogue) -> list[str]:
    """Figures given twice, or already held by another dataset: two sources of one figure are never mixed."""
    keys = [(r["indicator"], r["territory"], r["period"]) for r in rows]
    problems = [f"{' '.join(key)} is given twice" for key in sorted({k for k in keys if keys.count(k) > 1})]
    wanted = {key[0] for key in keys}
    for other in catalogue:
        sidecar = catalogue.sidecars[other]
        if other == name or sidecar.kind != "figures" or not wanted & set(sidecar.indicators):
            continue
        held = catalogue.figures(other)[["indicator", "territory", "period"]].itertuples(index=False, name=None)
        problems += [f"{' '.join(key)} is already held by {other}" for key in sorted(set(held) & set(keys))]
    return problems


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:60] or "figures"


def _sidecar(name: str, path: Path, rows: list[dict]) -> Sidecar:
    sources = sorted({r["note"].removeprefix("local: ") for r in rows})
    return Sidecar(
        dataset=name, kind="figures", producer="; ".join(sources), title=f"Own figures of the département ({path.name})",
        url="", licence="held by the département, not published", vintage=max(r["period"] for r in rows),
        perimeter=", ".join(sorted({r["territory"] for r in rows})), quality="local",
        published=(PublishedFile(path.name, sha256_of(path.read_bytes()), path.stat().st_size),),
    )  # fmt: skip


def measures() -> tuple[str, ...]:
    """The measures of the Pacte for which a département can give figures of its own."""
    return tuple(m.key for m in pacte_measures() if m.local)


def template(measure: str) -> str:
    """The CSV to fill in for a measure: the header, and one commented example a figure."""
    known = {m.key: m for m in pacte_measures() if m.local}
    if measure not in known:
        raise DataError(f"no measure {measure!r} takes a département's own figures; those that do: {', '.join(known)}")
    lines = [f"# {known[measure].name.fr}", ",".join(COLUMNS)]
    for name in known[measure].local:
        lines.append(f"# {name}: {dictionary()[name].definition.fr}")
        lines.append(f"# 67,2024,{name},VALUE,WHO COUNTED AND FROM WHAT")
    return "\n".join(lines)
