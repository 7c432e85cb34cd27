"""What changed in each territory since an earlier edition, in three lines: kept with the comparison, told by its pages.

``places_of`` takes them out of the differences as a comparison is kept (``compare.keep``), ``told`` reads them back, with no
library of tables, for as long as they are true: of the very figures, code and assumptions that were compared. When one of
these has changed, reports tell nothing until the editions are compared again. ``lines`` says them, and is given what words
the figures. The numbers that must not be written are left out before (``secrecy``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from analysis.foundations import places
from analysis.foundations.files import sha256_at
from analysis.foundations.periods import period
from analysis.foundations.values import Lang, Value, dictionary
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say as tell
from analysis.reports import data_files
from analysis.reports.pages.interface import say, say_with

if TYPE_CHECKING:
    import pandas as pd

KINDS = ("correction", "method", "revision", "perimeter", "real")
SEVERITIES = ("info", "minor", "major")

_LATER = "real"
_NUMBERS = ("before", "lower_before", "upper_before", "after", "lower_after", "upper_after")
_TEXTS = (
    "kind",
    "indicator",
    "territory",
    "period",
    "state_before",
    "note_before",
    "state_after",
    "note_after",
    "detail",
    "what",
)


@dataclass(frozen=True)
class Told:
    """What changed in a territory.

    Attributes
    ----------
    n, major : int
        Differences of its figures, and the major ones.
    kinds : Mapping[str, int]
        How many of each nature.
    moved : Mapping[str, Any]
        The greatest of those that are no later period.
    later : int
        Indicators of which a later period came out.
    newest : Mapping[str, Any]
        Of those that are one, and cross no break of the series; each by the columns that words need, None without any.
    """

    n: int = 0
    major: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    moved: Mapping[str, Any] | None = None
    later: int = 0
    newest: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Since:
    """What changed since an earlier edition: names of both, the sha256 of the differences, each territory."""

    before: str
    after: str
    sha256: str
    places: Mapping[str, Told]

    def of(self, code: str) -> Since:
        """The same of one territory."""
        return replace(self, places={code: self.told(code)})

    def told(self, code: str) -> Told:
        """What changed in a territory; nothing where no figure did."""
        return self.places.get(code) or Told()


def ranked(differences: pd.DataFrame) -> pd.DataFrame:
    """The differences of figures, the most severe first, then those that moved most against what they were."""
    rows = differences[(differences["territory"] != "") & (differences["indicator"] != "")]
    before = rows["before"].where(rows["before"] != 0)
    gap = ((rows["after"] - rows["before"]) / before).abs().fillna(float("inf"))
    ranked_rows = rows.assign(rank=rows["severity"].map(SEVERITIES.index), gap=gap)
    return ranked_rows.sort_values(["rank", "gap"], ascending=False, kind="stable")


def places_of(ranked: pd.DataFrame) -> dict[str, Told]:
    """What changed in each territory.

    Args:
        ranked: differences of figures (``compare.COLUMNS``), the most severe first.
    """
    return {str(code): _of(rows) for code, rows in ranked.groupby("territory", sort=True)}


def _of(rows: pd.DataFrame) -> Told:
    real, counts = rows["kind"] == _LATER, rows["kind"].value_counts()
    return Told(
        n=len(rows),
        major=int((rows["severity"] == "major").sum()),
        kinds={kind: int(counts[kind]) for kind in KINDS if kind in counts},
        moved=_first(rows[~real]),
        later=int(rows.loc[real, "indicator"].nunique()),
        newest=next((_row(row) for _, row in rows[real].iterrows() if not _crosses(row)), None),
    )


def _crosses(row: Any) -> bool:
    """Whether the series of a later figure breaks since the earlier one, so that the two are not set side by side."""
    entry = dictionary().get(row["indicator"])
    if entry is None or row["detail"] != "later" or not row["what"]:
        return False
    first, last = period(row["what"]).start, period(row["period"]).start
    return any(first < period(at).start <= last for at in entry.breaks)


def _first(rows: pd.DataFrame) -> dict[str, Any] | None:
    return _row(rows.iloc[0]) if len(rows) else None


def _row(row: Any) -> dict[str, Any]:
    amounts = {key: None if row[key] != row[key] else float(row[key]) for key in _NUMBERS}
    return amounts | {key: str(row[key]) for key in _TEXTS}


def told(folder: Path, made_from: str) -> Since | None:
    """What changed since an earlier edition; None where no comparison is kept, or not one of what there is now.

    Args:
        folder: of the edition. made_from: what its figures are made from now (``datapackage.made_from``).
    """
    try:
        record = json.loads(places.content(folder / data_files.RECORD))
        changes = read(record)
        whole = sha256_at(folder / data_files.DIFFERENCES, ours=True) == changes.sha256
        return changes if whole and record["made_from"] == made_from else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def read(record: Mapping[str, Any]) -> Since:
    """What the record of a comparison keeps. KeyError, TypeError, ValueError or AttributeError when it is not one."""
    before, after = (_is(record[side]["name"], str) for side in ("before", "after"))
    sha256 = _is(record["differences"]["sha256"], str)
    return Since(
        before, after, sha256, {_is(code, str): _read(one) for code, one in record["territories"].items()}
    )


def _read(one: Mapping[str, Any]) -> Told:
    n, major, later = (_is(one[key], int) for key in ("n", "major", "later"))
    kinds = {kind: _is(n, int) for kind, n in one["kinds"].items() if kind in KINDS}
    moved, newest = (_checked(one[key]) for key in ("moved", "newest"))
    return Told(kinds=kinds, n=n, major=major, later=later, moved=moved, newest=newest)


def _checked(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if row is None:
        return None
    amounts = {key: None if row[key] is None else _is(row[key], float) for key in _NUMBERS}
    return amounts | {key: _is(row[key], str) for key in _TEXTS}


def _is(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}")
    return value


Figure = Callable[[Any, str, Lang], Value | str]
Label = Callable[[str, Lang], str]


def lines(told: Told, lang: Lang, figure: Figure, label: Label) -> list[str]:
    """Three lines: how many figures differ and how, the greatest change of one period, what is newer.

    Args:
        told: what changed there. figure: gives a side of a difference (``compare.figure``).
        label: names an indicator (``compare.label``).
    """
    if not told.n:
        return [say("changes_none_here", lang)]
    parts = [tell(f"compare.count.{kind}", lang, n=formats.number(n, lang)) for kind, n in told.kinds.items()]
    numbers = {"n": formats.number(told.n, lang), "major": formats.number(told.major, lang)}
    counted = say("changes_counted", lang, **numbers, list=formats.listing(parts, lang))
    return [
        counted,
        _example("changes_moved", told.moved, lang, figure, label),
        _example("changes_later", told.newest, lang, figure, label, n=formats.number(told.later, lang)),
    ]


def _example(
    key: str, row: Mapping[str, Any] | None, lang: Lang, figure: Figure, label: Label, **numbers: str
) -> str:
    if row is None:
        return say(f"{key}_none", lang)
    one = SimpleNamespace(**row)
    cells = (figure(one, side, lang) for side in ("before", "after"))
    before, after = (formats.format_value(c, lang) if isinstance(c, Value) else c for c in cells)
    words = {
        "label": label(one.indicator, lang),
        "period": when(one, lang),
        "kind": tell(f"compare.kind.{one.kind}", lang).lower(),
    }
    return say_with(words | numbers | {"before": before, "after": after}, key, lang)


def when(row: Any, lang: Lang, written: Callable[[str, Lang], str] = formats.bare_period) -> str:
    """The period of a difference; of a later figure, that of the earlier one too."""
    after = written(row.period, lang)
    if row.detail != "later" or not row.what:
        return after
    return say("changes_periods", lang, before=written(row.what, lang), after=after)
