"""A département's own figures: aggregate numbers that it holds and nobody publishes.

``add`` reads one CSV (territory, period, indicator, value, source), holds every figure to the dictionary and to the
disclosure threshold, and keeps the figures under ``data/raw/local/``, which git ignores: they are read like published
ones, with the quality ``local``, and never leave the machine unless their reports do. Individual data have no place here.

It writes through ``catalogue`` only. It computes nothing. The rules are told to those who fill in the CSV in
``docs/local-figures.md``.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from analysis import territories
from analysis.catalogue import LOCAL, Catalogue, Change, DataError, PublishedFile, Sidecar, sha256_of
from analysis.cells import plain
from analysis.measures import Measure
from analysis.measures import measures as pacte_measures
from analysis.sources.base import figures, number
from analysis.values import Indicator, dictionary, period, sorted_periods

COLUMNS = ("territory", "period", "indicator", "value", "source")
SECRET = ("s", "secret")
"""What to write as value when the figure is below the disclosure threshold: it is shown as withheld, not as 0."""

_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet runs a cell that begins so: such a source would be a formula in whoever opens a report's table."""
_PLACES = ("structure", "site")
"""Units of what is not people, a household or a dwelling: few of them identify nobody."""
_LISTED = 20
_KEY = ("indicator", "territory", "period")


def add(path: Path, catalogue: Catalogue) -> Change:
    """Take in a CSV of aggregate figures; nothing is written when any of them is at fault.

    Columns: ``territory`` (code or name), ``period`` (2024, 2025-Q3, 2024-12), ``indicator`` (name in the dictionary),
    ``value`` (decimal point or comma; ``s`` for a withheld figure), ``source`` (who counted, from what). Raises DataError
    that lists every line at fault with the remedy. Adding a file of the same name again replaces its figures.
    """
    rows = _rows(path)
    name = f"{LOCAL}/{_slug(path.stem)}"
    _refuse_namesake(name, path, catalogue)
    threshold = catalogue.parameters("disclosure")["minimum_count"]["value"]
    found, problems = {}, []
    for line, row in rows:
        try:
            found[line] = _figure(row, threshold)
        except (ValueError, KeyError) as error:
            problems.append((line, str(error)))
    problems += [*_twice(found), *_held(found, name, catalogue)]
    if problems:
        listed = [f"line {line}: {text}" for line, text in sorted(problems)[:_LISTED]]
        more = [f"and {len(problems) - _LISTED} more"] if len(problems) > _LISTED else []
        raise DataError(
            "\n  ".join([f"{path.name}: nothing was added, {len(problems)} at fault", *listed, *more])
        )
    return catalogue.store(figures(pd.DataFrame(found.values())), _sidecar(name, path, list(found.values())))


# ------------------------------------------------------------------------------------------------------ the CSV read


_EXPECTED = f"expected the columns {', '.join(COLUMNS)}"


def _rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The figures written in a CSV, each with the number of its line; lines that begin with ``#`` are comments."""
    if not path.is_file():
        raise DataError(f"{path} is not a file; {_EXPECTED}, in a CSV")
    try:
        cells = list(_cells(path.read_bytes().decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: not UTF-8 ({error.reason}); save it as « CSV UTF-8 »") from error
    except csv.Error as error:
        raise DataError(f"{path.name}: not a CSV ({error}); {_EXPECTED}") from error
    return [(line, dict(zip(COLUMNS, row, strict=True))) for line, row in _body(cells, path.name)]


def _body(cells: list[tuple[int, list[str]]], where: str) -> list[tuple[int, list[str]]]:
    """The rows below the header, every one of them whole."""
    if not cells:
        raise DataError(f"{where}: empty; {_EXPECTED}")
    (_, header), *rows = cells
    if tuple(header) != COLUMNS:
        raise DataError(f"{where}: columns {', '.join(map(repr, header))}; {_EXPECTED}, no other")
    if not rows:
        raise DataError(f"{where}: no figure below the header; fill in the template and add it again")
    for line, row in rows:
        if len(row) != len(COLUMNS):
            raise DataError(
                f"{where}, line {line}: {len(row)} cells, {len(COLUMNS)} expected; put a text that holds the separator "
                "in double quotes, and a decimal comma too"
            )
    return rows


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of a CSV that hold something, comments left out, with the number of the line where each begins."""
    lines = ["\n" if line.lstrip().startswith("#") else line for line in io.StringIO(text, newline="")]
    header = next((line for line in lines if line.strip(" \t\r\n;,") and not line.startswith('"#')), "")
    delimiter = ";" if header.count(";") > header.count(",") else ","
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    begins = 1
    for row in reader:
        written = [cell.strip() for cell in row]
        while len(written) > len(COLUMNS) and not written[-1]:  # left by a spreadsheet
            written.pop()
        if any(written) and not written[0].startswith("#"):
            yield begins, written
        begins = reader.line_num + 1


# ------------------------------------------------------------------------------------------------- one figure, checked


def _figure(row: dict[str, str], threshold: int) -> dict:
    entry = dictionary()[row["indicator"]]
    if entry.ratio is not None or entry.product is not None or entry.modelled:
        raise ValueError(f"{entry.name} is computed here; give the counts that it is made from instead")
    figure = {
        "territory": _territory(row["territory"]),
        "period": period(row["period"]).text,
        "indicator": entry.name,
        "note": f"local: {_source(row['source'])}",
    }
    if row["value"].lower() in SECRET:
        return figure | {"value": float("nan"), "state": "suppressed"}
    return figure | {"value": _value(row["value"], entry, threshold), "state": "observed"}


def _territory(text: str) -> str:
    code = territories.parse(text)
    if code not in (*territories.DEPARTEMENTS, *territories.COLLECTIVITES):
        raise ValueError(
            f"{text!r} is neither a département nor a collectivité; figures of others are published"
        )
    return code


def _source(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise ValueError("no source; say who counted and from what")
    if words.startswith(_FORMULA):
        raise ValueError(
            f"the source begins with {words[0]!r}, which a spreadsheet runs as a formula; begin with a word"
        )
    if not words.isprintable():
        raise ValueError("the source holds a character that cannot be printed; write it again")
    return words[:200]


def _value(text: str, entry: Indicator, threshold: int) -> float:
    try:
        value = number(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a number such as 12220 or 4,5") from None
    if value is None or not math.isfinite(value):
        raise ValueError("no value; write s for a withheld figure, or leave the line out")
    low = float("-inf") if entry.minimum is None else entry.minimum
    high = float("inf") if entry.maximum is None else entry.maximum
    if not low <= value <= high:
        raise ValueError(f"{value:g} is outside {low:g} to {high:g}, the limits of {entry.name}")
    if not entry.name.startswith("count_"):
        return value
    if value != int(value):
        raise ValueError(f"{text!r} reads as {value:g}, and a count is whole; write thousands without a mark")
    if 0 < value < threshold and entry.unit not in _PLACES:
        raise ValueError(
            f"{value:g} is below {threshold}, the disclosure threshold; write s, never the number"
        )
    return value


# ------------------------------------------------------------------------------------------- figures that are there already


def _twice(found: dict[int, dict]) -> Iterator[tuple[int, str]]:
    first: dict[tuple[str, ...], int] = {}
    for line, figure in found.items():
        key = tuple(figure[column] for column in _KEY)
        if first.setdefault(key, line) != line:
            yield line, f"{' '.join(key)} is on line {first[key]} already"


def _held(found: dict[int, dict], name: str, catalogue: Catalogue) -> Iterator[tuple[int, str]]:
    """Figures that another dataset holds: two sources of one figure are never mixed. Unpublished ones may be filled."""
    lines = {tuple(figure[column] for column in _KEY): line for line, figure in found.items()}
    wanted = {key[0] for key in lines}
    for other, sidecar in catalogue.sidecars.items():
        if other == name or sidecar.kind != "figures" or not wanted & set(sidecar.indicators):
            continue
        held = catalogue.figures(other)
        held = held[held["state"] != "unavailable"]
        for key in held[list(_KEY)].itertuples(index=False, name=None):
            if key in lines:
                yield lines[key], f"{' '.join(key)} is already held by {other}; leave the line out"


def _refuse_namesake(name: str, path: Path, catalogue: Catalogue) -> None:
    """Refuse a file whose name, in plain letters, is that of another file added before: it would replace its figures."""
    if name not in catalogue:
        return
    before = [file.name for file in catalogue.sidecar(name).published]
    if before != [path.name]:
        raise DataError(
            f"{path.name}: {name} holds the figures of {', '.join(before)}; give the file another name"
        )


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].rstrip("_") or "figures"


def _sidecar(name: str, path: Path, rows: list[dict]) -> Sidecar:
    sources = sorted({r["note"].removeprefix("local: ") for r in rows})
    return Sidecar(
        dataset=name, kind="figures", producer="; ".join(sources), title=f"Own figures of the département ({path.name})",
        url="", licence="held by the département, not published", quality="local",
        vintage=sorted_periods(r["period"] for r in rows)[-1], perimeter=", ".join(sorted({r["territory"] for r in rows})),
        published=(PublishedFile(path.name, sha256_of(path.read_bytes()), path.stat().st_size),),
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------- templates


def _with_local() -> dict[str, Measure]:
    return {measure.key: measure for measure in pacte_measures() if measure.local}


def measures() -> tuple[str, ...]:
    """The measures of the Pacte for which a département can give figures of its own."""
    return tuple(_with_local())


def template(measure: str) -> str:
    """The CSV to fill in for a measure: comments in French that say how, the header, one line for each figure.

    Semicolons, because spreadsheets set to French open them in columns.
    """
    known = _with_local()
    if measure not in known:
        raise DataError(
            f"no measure {measure!r} takes a département's own figures; those that do: {', '.join(known)}"
        )
    names = known[measure].local
    return "\n".join(
        [
            f"# {plain(known[measure].name.fr)}",
            *(f"# {name}\u00a0: {plain(dictionary()[name].definition.fr)}" for name in names),
            f"# Exemple\u00a0: {';'.join(('67', '2024', names[0], '1250', 'qui a compté, à partir de quoi'))}",
            ";".join(COLUMNS),
            *(f";;{name};;" for name in names),
        ]
    )
