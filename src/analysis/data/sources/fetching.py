"""From what arrived of a dataset to the stored figures: held against what is expected, and taken in when it is whole.

What arrives is kept in the cache (``connectors.bringing``) until it is taken in: what differs is not asked for again once a
person accepts it. The vintage held stays until the new one is whole. Nothing here knows an address (``connectors``) or a
layout (the loaders).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from analysis.data import building
from analysis.data.catalogue import Catalogue, Sidecar
from analysis.data.schema import check_figures
from analysis.data.sources import arrival
from analysis.data.sources.base import Dataset, home, import_files
from analysis.data.sources.remote import Remote
from analysis.foundations.changes import Change
from analysis.foundations.connectors.bringing import Arrived
from analysis.foundations.display import capped, listed
from analysis.foundations.limits import SourceError
from analysis.foundations.periods import period, sorted_periods

_TOLD = 14
"""Differences that are told; of more, the first and their number."""


class Differs(SourceError):
    """What arrived is not as expected: nothing was written. ``differences`` holds what a person may accept."""

    def __init__(self, message: str, differences: Sequence[arrival.Difference]) -> None:
        super().__init__(message)
        self.differences = tuple(differences)


def remote_of(dataset: Dataset) -> Remote:
    """How a dataset is fetched; SourceError, with how to have it all the same, when it cannot be."""
    if dataset.remote is None:
        raise SourceError(
            f"{dataset.name} has no machine address. Get {', '.join(dataset.files)} from {dataset.url} and import it with "
            "`pacte data import PATH`"
        )
    if left := dataset.undecided:
        raise SourceError(
            f"{dataset.name}: {', '.join(left)} remain to be decided: write what they are where `...` stands in "
            f"{home(dataset)}"
        )
    return dataset.remote


def take_in(dataset: Dataset, arrived: Arrived, catalogue: Catalogue, *, accept: bool = False) -> Change:
    """Keep the figures of what arrived, and say what changed.

    Differs, with everything that is not as expected, unless ``accept``: figures that are held and did not come are a
    difference like others. What was accepted of the layout is written in the sidecar, and is expected from then on.
    """
    remote = remote_of(dataset)
    held = _held(dataset, catalogue)
    if held and {file.sha256 for file in held[0].published}.issuperset(arrived.sha256):
        return Change(dataset.name)
    reader = remote.load or dataset.load
    differences = list(arrival.of_files(remote, reader, arrived.paths))
    reading = _Reading(dataset, remote, arrived, held, accept, differences, catalogue)
    first = () if held and held[0].modified else arrival.seen(reader, arrived.paths)
    described = {"quality": "producer"} | dict(remote.described)
    as_fetched = replace(dataset, load=reader, vintages=None, **described)
    try:
        known = accept or held is not None  # of a version that is damaged, what would go cannot be listed
        change = import_files(as_fetched, arrived.paths, catalogue, known, first, reading.prepare)
    except Differs:
        raise
    except SourceError as error:
        said = str(error).replace("with --replace", "with --accept")
        more = ["What arrived is also otherwise:", *reading.lines()] if reading.differences else []
        raise SourceError("\n".join([said, *more])) from error
    arrived.alone()
    return change


def _held(dataset: Dataset, catalogue: Catalogue) -> tuple[Sidecar, pd.DataFrame] | None:
    """The vintage that is held; None when there is none, or it is damaged and is to be put in its place again."""
    if dataset.name not in catalogue or catalogue.check(dataset.name):
        return None
    return catalogue.sidecar(dataset.name), catalogue.figures(dataset.name)


@dataclass
class _Reading:
    """What arrived of a dataset, from its files to the figures that are stored."""

    dataset: Dataset
    remote: Remote
    arrived: Arrived
    held: tuple[Sidecar, pd.DataFrame] | None
    accept: bool
    differences: list[arrival.Difference]
    catalogue: Catalogue

    def prepare(self, frame: pd.DataFrame, sidecar: Sidecar) -> tuple[pd.DataFrame, Sidecar, list[str]]:
        """The figures to store, with those that stay, and their sidecar; Differs when a person must look first."""
        frame, newest = check_figures(frame, self.dataset.name), self.arrived.newest
        modified = newest.modified.isoformat() if newest.modified else None
        sidecar = replace(sidecar, modified=modified)
        if self.held is None:
            before, stay = None, frame.iloc[:0]
        else:
            before, old = self.held
            stays = self._stays(frame, old)
            stay = old[stays]
            known = self.remote.tolerance, newest.modified
            self.differences += arrival.of_figures(frame, old, stays, *known)
        accepted = before.accepted if before else ()
        self.differences = [one for one in self.differences if str(one) not in accepted]
        if self.differences and not self.accept:
            raise Differs(self.told(), self.differences)
        lasting = (str(one) for one in self.differences if one.lasts)
        sidecar = replace(sidecar, accepted=tuple(sorted({*accepted, *lasting})))
        notes = [f"accepted: {one}" for one in self.differences]
        if before:
            more = arrival.of_other_levels(frame, old)
            notes += [_periods(frame, old), f"came beside: {listed(more, 6)}" if more else ""]
        if before and len(stay):
            newer = {file.name for file in sidecar.published}
            files = [file for file in before.published if file.name not in newer]
            sidecar = replace(sidecar, published=(*files, *sidecar.published))
            frame = pd.concat([stay, frame], ignore_index=True)
            notes.append(f"{len(stay):,} stored figures of other periods or indicators stay")
        sidecar = replace(sidecar, vintage=self._label(frame))
        if sidecar.kind == "figures":
            building.check_beside(frame, self.dataset.name, self.catalogue)
        return frame, sidecar, [note for note in notes if note]

    def _label(self, frame: pd.DataFrame) -> str:
        """The producer's name of the vintage where it tells periods, else the periods that are covered.

        With the producer's day where that names periods only, or where the vintage that is held has the same name.
        """
        newest = self.arrived.newest
        day = newest.modified.isoformat() if newest.modified else ""
        ends = sorted_periods(frame["period"])
        covered = ends[0] if len(ends) == 1 else f"{ends[0]} – {ends[-1]}"
        named = newest.vintage[:4].isdigit() and newest.vintage != day
        words = newest.vintage if named else covered
        taken = self.held is not None and self.held[0].vintage.partition(" (")[0] == words
        if taken or (day and not named):
            return f"{words} ({day or self.arrived.sha256[0][:8]})"
        return words

    def _stays(self, frame: pd.DataFrame, old: pd.DataFrame) -> pd.Series:
        """Which of the figures that are held stay beside those that arrived (``Remote.keeps``)."""
        key, keeps = ["indicator", "period"], self.remote.keeps
        stays = pd.Series(
            ~pd.MultiIndex.from_frame(old[key]).isin(pd.MultiIndex.from_frame(frame[key])), old.index
        )
        if isinstance(keeps, str):
            early = old["period"].map(lambda one: period(one) <= period(keeps))
            return stays & (early | ~old["indicator"].isin(frame["indicator"].unique()))
        return stays & keeps

    def lines(self) -> list[str]:
        """The differences, a line each."""
        return [f"  {line}" for line in capped(map(str, self.differences), _TOLD)]

    def told(self) -> str:
        """Where, what was expected and what came, and what a person can do."""
        newest, name = self.arrived.newest, self.dataset.name
        day = f", modified {newest.modified}" if newest.modified else ""
        stays = (
            f"The vintage held ({self.held[0].vintage}) stays until then"
            if self.held
            else "Nothing is held so far"
        )
        return "\n".join(
            [
                f"{name}: nothing was written: what {listed(self.remote.hosts)} gives ({newest.vintage}{day}) is not as "
                "expected:",
                *self.lines(),
                f"Look at each, and at the files in {self.arrived.folder}. If they are right: `pacte data fetch {name} "
                f"--accept`; otherwise the loader is to be changed ({home(self.dataset)}). {stays}",
            ]
        )


def _periods(new: pd.DataFrame, old: pd.DataFrame) -> str:
    """The periods that came beyond those that were held."""
    come = sorted_periods(set(new["period"]) - set(old["period"]))
    return (
        f"new periods: {come[0]} to {come[-1]}" if len(come) > 1 else f"new period: {come[0]}" if come else ""
    )
