"""Figures that exist only in the text of a publication, copied by hand, with the publication they come from.

Most are national: non-take-up estimated by DREES, energy precarity followed by ONPE, what the Cour des comptes counted.
A few are départements' or régions'. They set a département in context; none of them is a département's own estimate.
All come from one compiled list, ``reference_figures.csv``, of which only the confirmed rows are read. Each publication is
a dataset of its own, so that its sidecar names it.

``publications.yml``, beside this module, has what each says of itself and its lines: which rows of the list are which
indicator. Nothing else of the list is read, and a line that finds no row is an error: a figure that leaves the list must
not leave the reports unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.foundations import entries, territories
from analysis.foundations.cells import figures, number, require_columns
from analysis.foundations.entries import Entry
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_COLUMNS = ("indicator", "geo", "period", "value", "confirmed", "where")
_LIST = ("reference_figures.csv",)
_PROVISIONAL = "provisoire"
_WINTER = re.compile(r"(?P<first>(?:19|20)\d\d)-(?P<second>\d\d)")


@dataclass(frozen=True)
class Line:
    """The rows of the list that give one indicator; ``publications.yml`` says what each key is."""

    label: str
    indicator: str
    only: tuple[str, ...] = ()
    periods: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    winter: bool = False
    places: tuple[str, ...] = ()
    scale: float = 1.0
    state: str = "observed"
    notes: Mapping[str, str] = field(default_factory=dict)
    at_least: tuple[str, ...] = ()


def load_lines(paths: Sequence[Path], lines: Sequence[Line]) -> pd.DataFrame:
    """Figures of one publication: every confirmed row of the list that its lines name."""
    table = read_csv(paths[0])
    require_columns(table, _COLUMNS, paths[0].name)
    confirmed = table[table["confirmed"] == "yes"]
    return figures(
        pd.DataFrame([row for line in lines for row in _figures_of(line, confirmed, paths[0].name)])
    )


def _figures_of(line: Line, table: pd.DataFrame, where: str) -> list[dict[str, object]]:
    rows = table[table["indicator"] == line.label]
    if line.only:
        rows = rows[rows["period"].isin(line.only)]
    if line.places:
        rows = rows[rows["geo"].isin(line.places)]
    wanted = max(len(line.only), len(line.places), 1)
    if len(rows) < wanted:
        raise SourceError(
            f"{where}: {len(rows)} confirmed rows « {line.label} » where {wanted} or more were expected"
        )
    return [figure for row in rows.to_dict("records") for figure in _one(line, row, where)]


def _one(line: Line, row: Mapping[Any, str], where: str) -> list[dict[str, object]]:
    place = f"{where}, « {line.label} », {row['geo']}, {row['period']}"
    try:
        value, territory = number(row["value"]), territories.parse(row["geo"])
    except ValueError as error:
        raise SourceError(f"{place}: {error}") from error
    if value is None:
        raise SourceError(f"{place}: no value; a confirmed row carries one")
    provisional = row["where"].startswith(_PROVISIONAL)
    return [
        {
            "territory": territory,
            "period": period,
            "indicator": line.indicator,
            "value": round(value * line.scale, 6),
            **_bounds(line, period, row["value"]),
            "state": "provisional" if provisional else line.state,
            "note": "at_least" if period in line.at_least else line.notes.get(period, ""),
        }
        for period in line.periods.get(row["period"]) or (_period(row["period"], line.winter),)
    ]


def _bounds(line: Line, period: str, text: str) -> dict[str, float]:
    """A figure in millions is known to half of its last printed decimal; a minimum has no upper bound."""
    value, unknown = float(text), float("nan")
    if period in line.at_least:
        return {"lower": value * line.scale, "upper": unknown}
    if line.scale == 1:
        return {"lower": unknown, "upper": unknown}
    half = 0.5 * 10 ** -len(text.partition(".")[2])
    return {"lower": round((value - half) * line.scale, 6), "upper": round((value + half) * line.scale, 6)}


def _period(text: str, winter: bool) -> str:
    """Canonical period: a day is cut to its month; ``2019-20`` is 2019-2020 in a series of winters."""
    if winter and (found := _WINTER.fullmatch(text)):
        return f"{found['first']}-{found['first'][:2]}{found['second']}"
    return text[:7]


# ----------------------------------------------------------------------------------------------------------- datasets

_COPIED = "Copied by hand, in part through the press: check against the publication before quoting."
_DESCRIBED = ("producer", "title", "url", "vintage", "perimeter")


def _line(entry: Entry) -> Line:
    entry.only(("label", "indicator"), [each.name for each in fields(Line)])
    given: dict[str, Any] = {
        k: tuple(value) if isinstance(value, list) else value for k, value in entry.items()
    }
    given["periods"] = {written: tuple(meant) for written, meant in entry.get("periods", {}).items()}
    return Line(**given)


def _publication(name: str, entry: Entry) -> Dataset:
    entry.only((*_DESCRIBED, "lines"), ("licence", "notes", "breaks"))
    return Dataset(
        name=f"publications/{name}",
        files=_LIST,
        load=partial(load_lines, lines=tuple(map(_line, entry["lines"]))),
        quality="hand_copied",
        licence=entry.get("licence", LICENCE_OUVERTE),
        notes=(_COPIED, *entry.get("notes", ())),
        breaks=tuple(entry.get("breaks", ())),
        **{key: entry[key] for key in _DESCRIBED},
    )


def _described() -> Iterator[Dataset]:
    path = Path(__file__).with_suffix(".yml")
    content = entries.read(path.read_text(encoding="utf-8"), path.name)
    return (_publication(name, content.within(name)) for name in content)


DATASETS: tuple[Dataset, ...] = tuple(_described())
