"""The register of corrections: figures that their producer published wrong, and what they are put right to.

Raw figures are never edited. A correction is an entry of ``data/raw/parameters/corrections.yml`` that says which figures of
which dataset and period are wrong, what is published, what it is corrected to, why, and after which source. It carries its
guard: it is applied only while the published figure is still the wrong one, and stops the panel with a clear message once
the producer has put it right, so that a correction never outlives its reason. What it changes is marked in the figure's
note.

``panel`` applies the register to each dataset before anything else. Nothing is estimated here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isclose, nan
from typing import TYPE_CHECKING, Any

from analysis.data.catalogue import Catalogue
from analysis.foundations import notes, territories
from analysis.foundations.display import Brief
from analysis.foundations.files import DataError
from analysis.foundations.periods import period
from analysis.foundations.values import LANGS, Text, dictionary

if TYPE_CHECKING:
    import pandas as pd

_KEYS = {"name", "dataset", "period", "published", "why", "reference", "checked"}
_WAYS = ("exchange", "territory")
_AMOUNTS = ("value", "lower", "upper", "state")


class CorrectionError(DataError):
    """A correction that is malformed, names something unknown, or has lost its reason; the message gives the remedy."""


@dataclass(frozen=True, repr=False)
class Wrong(Brief):
    """A published figure that is wrong. ``corrected`` is None when it is withdrawn without another in its place."""

    indicator: str
    territory: str
    published: float
    corrected: float | None


@dataclass(frozen=True, repr=False)
class Correction(Brief):
    """An entry of the register.

    Attributes
    ----------
    name : str
        Of the entry.
    dataset, period : str
        Where the figures stand.
    figures : tuple[Wrong, ...]
        Those that are wrong.
    exchanged : bool
        Whether they stand on each other's row: bounds and states then move with them; else bounds are those that a
        figure of its indicator has by its rounding.
    why : Text
        For readers.
    reference : str
        After which source.
    checked : str
        The day, ISO.
    mended : str
        The day on which the producer put it right, ISO, empty while it has not: an edition may be of a vintage before.
    """

    name: str
    dataset: str
    period: str
    figures: tuple[Wrong, ...]
    exchanged: bool
    why: Text
    reference: str
    checked: str
    mended: str = ""


# ----------------------------------------------------------------------------------------------------------- reading


def register(catalogue: Catalogue) -> tuple[Correction, ...]:
    """The corrections of a checkout, in their order; CorrectionError for what is malformed or corrected twice.

    Those that the producer has ``mended`` by the day of the vintage that is read are left out.
    """
    every = (_correction(entry, number) for number, entry in enumerate(catalogue.corrections(), 1))
    found = tuple(one for one in every if not one.mended or _day(catalogue, one.dataset) < one.mended)
    seen: dict[object, str] = {}
    for one in found:
        keys = [one.name, *((w.indicator, w.territory, one.period, one.dataset) for w in one.figures)]
        for key in keys:
            if key in seen:
                raise CorrectionError(
                    f"{_place(one.name)}: {key} is in {seen[key]} already; keep one of the two"
                )
            seen[key] = one.name
    return found


def _day(catalogue: Catalogue, dataset: str) -> str:
    """The day of the producer's own of the vintage that is read; empty where none is known."""
    return (catalogue.sidecar(dataset).modified or "") if dataset in catalogue else ""


def _place(name: object) -> str:
    return f"corrections.yml, {name}"


def _correction(entry: object, number: int) -> Correction:
    where = _place(entry.get("name", f"entry {number}") if isinstance(entry, Mapping) else f"entry {number}")
    if not isinstance(entry, Mapping):
        raise CorrectionError(f"{where}: expected the keys {', '.join(sorted(_KEYS))}")
    ways = [way for way in _WAYS if way in entry]
    known = (
        _KEYS | set(ways) | ({"corrected"} if ways == ["territory"] else set()) | ({"mended"} & set(entry))
    )
    if len(ways) != 1 or set(entry) != known:
        expected = "`exchange` (two territories), or `territory` and `corrected`"
        raise CorrectionError(f"{where}: keys are {sorted(entry)}; expected {sorted(_KEYS)} and {expected}")
    try:
        figures = tuple(_exchanged(entry) if ways == ["exchange"] else _replaced(entry))
        period(entry["period"])
        why = Text(**{lang: entry["why"][lang] for lang in LANGS})
        checked, mended = (_iso(entry[key]) if key in entry else "" for key in ("checked", "mended"))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CorrectionError(f"{where}: {error}") from error
    facts = {key: str(entry[key]) for key in ("name", "dataset", "period", "reference")}
    return Correction(
        **facts, figures=figures, exchanged=ways == ["exchange"], why=why, checked=checked, mended=mended
    )


def _iso(day: date | str) -> str:
    return (day if isinstance(day, date) else date.fromisoformat(day)).isoformat()


def _exchanged(entry: Mapping[str, Any]) -> Iterable[Wrong]:
    one, other = (territories.parse(code) for code in entry["exchange"])
    for indicator, (here, there) in entry["published"].items():
        dictionary()[indicator]
        yield Wrong(indicator, one, float(here), float(there))
        yield Wrong(indicator, other, float(there), float(here))


def _replaced(entry: Mapping[str, Any]) -> Iterable[Wrong]:
    code = territories.parse(entry["territory"])
    if set(entry["published"]) != set(entry["corrected"]):
        raise ValueError("`published` and `corrected` name different indicators")
    for indicator, published in entry["published"].items():
        dictionary()[indicator]
        right = entry["corrected"][indicator]
        yield Wrong(indicator, code, float(published), None if right is None else float(right))


def check_datasets(corrections: Sequence[Correction], datasets: Iterable[str]) -> None:
    """CorrectionError when a correction names a dataset that is not among those there are."""
    known = set(datasets)
    for one in corrections:
        if one.dataset not in known:
            raise CorrectionError(
                f"{_place(one.name)}: no dataset {one.dataset!r}; `pacte data check` lists those there are"
            )


# ---------------------------------------------------------------------------------------------------------- applying


def apply(frame: pd.DataFrame, corrections: Sequence[Correction]) -> pd.DataFrame:
    """The figures of one dataset (columns of the panel) with its corrections made; the frame itself when there is none."""
    if frame.empty:
        return frame
    of_dataset = [one for one in corrections if one.dataset == frame["source"].iloc[0]]
    if not of_dataset:
        return frame
    frame = frame.copy()
    for one in of_dataset:
        rows = [_row(frame, one, wrong) for wrong in one.figures]
        if one.exchanged:
            partners = [row for pair in zip(rows[::2], rows[1::2], strict=True) for row in reversed(pair)]
            for column in _AMOUNTS:
                frame.loc[rows, column] = frame.loc[partners, column].to_numpy()
        else:
            for row, wrong in zip(rows, one.figures, strict=True):
                _replace(frame, row, wrong)
        frame.loc[rows, "note"] = [
            notes.joined(*notes.keys(note), notes.CORRECTED) for note in frame.loc[rows, "note"]
        ]
    return frame


def _replace(frame: pd.DataFrame, row: int, wrong: Wrong) -> None:
    frame.loc[row, ["lower", "upper"]] = nan
    frame.loc[row, "value"] = nan if wrong.corrected is None else wrong.corrected
    if wrong.corrected is None:
        frame.loc[row, "state"] = "unavailable"


def _row(frame: pd.DataFrame, one: Correction, wrong: Wrong) -> int:
    """Where a wrong figure stands; CorrectionError when it is not there any more, or not wrong any more."""
    here = (frame["indicator"] == wrong.indicator) & (frame["territory"] == wrong.territory)
    rows = frame.index[here & (frame["period"] == one.period)]
    where = f"{_place(one.name)}: {wrong.indicator} of {wrong.territory} in {one.period}"
    if len(rows) != 1:
        raise CorrectionError(f"{where} is not in {one.dataset} any more; remove the correction")
    published = float(frame["value"][rows[0]])
    if isclose(published, wrong.published, rel_tol=1e-9):
        return int(rows[0])
    if wrong.corrected is not None and isclose(published, wrong.corrected, rel_tol=1e-9):
        raise CorrectionError(
            f"{where} is published as {published:g} now: it is put right, remove the correction; while an edition is made "
            "from a vintage before, say `mended` with the day of this one instead"
        )
    raise CorrectionError(
        f"{where} is published as {published:g}, neither the wrong figure ({wrong.published:g}) nor the right one: "
        "look at the source again, then write the correction anew or remove it"
    )
