"""The register of what exists: figures that are not held here, and whether they are published somewhere.

That a figure is in no file of the project says nothing of the world. An entry of ``data/raw/parameters/existing.yml`` says,
for figures, territories and periods, that they are published elsewhere (with the producer and the address), that they were
looked for and found nowhere (with the day and where), or that they are secret. What no entry covers stays ``unavailable``:
not in our files, and whether it is published was not looked for.

``panel`` asks for each figure that it does not hold. This module words nothing and reads no figure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache

from analysis.data.catalogue import Catalogue
from analysis.foundations import display, notes, observation, territories
from analysis.foundations.display import Brief
from analysis.foundations.entries import Entry
from analysis.foundations.periods import Period, period
from analysis.foundations.values import OTHER_STATES, Text, read_text, read_text_if_any

PARAMETERS = "existing"
_MARK = "register_"
"""How the key of a figure that an entry speaks of begins; the entry's name follows."""

_AREAS = {
    "departements": territories.DEPARTEMENTS,
    "metropolitan": territories.METROPOLITAN,
    "overseas": tuple(c for c in territories.DEPARTEMENTS if c not in territories.METROPOLITAN),
    "regions": territories.REGIONS,
}


@dataclass(frozen=True, repr=False)
class Existing(Brief):
    """An entry of the register.

    Attributes
    ----------
    state : str
        ``not_held``, ``unpublished`` or ``suppressed``.
    datasets, indicators : tuple[str, ...]
        Which figures it speaks of: those that come from a dataset, those named so (``*`` for any letters). Both must
        hold where both are given.
    territories : frozenset[str]
        Codes.
    first, last : Period
        Periods between which it holds; None for any.
    producer, title : str
        Of the publication; where it was looked for when there is none.
    address : str
        Of either.
    looked : str
        The day on which that was last seen, ISO.
    remark : Text
        What a reader must know of it beside, None for nothing.
    """

    name: str
    state: str
    datasets: tuple[str, ...]
    indicators: tuple[str, ...]
    territories: frozenset[str]
    first: Period | None
    last: Period | None
    producer: str
    title: Text
    address: str
    looked: str
    remark: Text | None

    @property
    def mark(self) -> str:
        """The key that figures of which it speaks carry in their note."""
        return notes.of(_MARK, self.name)

    def names(self, indicator: str, datasets: Collection[str]) -> bool:
        """Whether it speaks of an indicator whose figures come from some datasets."""
        named = not self.indicators or any(fnmatchcase(indicator, one) for one in self.indicators)
        return named and (not self.datasets or not set(self.datasets).isdisjoint(datasets))

    def covers(self, indicator: str, datasets: Collection[str], code: str, when: Period | None) -> bool:
        """Whether it speaks of a figure; of no period in particular, when none is given."""
        there = code in self.territories and (when is None or self._spans(when))
        return there and self.names(indicator, datasets)

    def is_held(self, held: Iterable[Period]) -> bool:
        """Whether a territory's figures, of these periods, reach to the end of what it speaks of."""
        ends = [one.start + one.months for one in held if self._spans(one)]
        return bool(ends) and (self.last is None or max(ends) >= self.last.start + self.last.months)

    def _spans(self, when: Period) -> bool:
        since = self.first is None or when.start >= self.first.start
        return since and (self.last is None or when.start + when.months <= self.last.start + self.last.months)


@dataclass(frozen=True, repr=False)
class Register(Brief):
    """The entries in their order: the first that covers a figure speaks of it."""

    entries: tuple[Existing, ...] = ()

    def find(self, indicator: str, datasets: Collection[str], code: str, when: str | None) -> Existing | None:
        """The entry that speaks of a figure that is not held; None when whether it exists was not looked for."""
        observation.file_read(f"parameters/{PARAMETERS}.yml")
        at = None if when is None else period(when)
        return next((one for one in self.entries if one.covers(indicator, datasets, code, at)), None)

    def about(self, indicator: str, datasets: Collection[str], code: str) -> list[Existing]:
        """Every entry that speaks of figures of an indicator for a territory, at any period."""
        observation.file_read(f"parameters/{PARAMETERS}.yml")
        return [one for one in self.entries if one.covers(indicator, datasets, code, None)]


def register(catalogue: Catalogue) -> Register:
    """The register of a checkout, empty where it has none; EntryError names the line, the entry and the key at fault."""
    if not catalogue.has_parameters(PARAMETERS):
        return Register()
    content = catalogue.parameters(PARAMETERS).only(("entries",)).within("entries")
    return Register(tuple(_existing(name, content.within(name)) for name in content))


_NEEDED = ("state", "territories", "producer", "title", "address", "looked")


@cache
def _of_project() -> dict[str, Existing]:
    """The entries of this checkout by name."""
    return {one.name: one for one in register(Catalogue()).entries}


def entry_of(note: str) -> Existing | None:
    """The entry that the note of a figure names; None when it names none, or one that is not there any more."""
    names = notes.ends(note, _MARK)
    if not names:
        return None
    observation.file_read(f"parameters/{PARAMETERS}.yml")
    return _of_project().get(names[0])


def _existing(name: str, entry: Entry) -> Existing:
    entry.only(_NEEDED, ("datasets", "indicators", "first", "last", "remark"))
    if entry["state"] not in OTHER_STATES:
        raise entry.fault(
            f"{display.shown(entry['state'])} is none; expected {', '.join(OTHER_STATES)}", "state"
        )
    if not entry.get("datasets") and not entry.get("indicators"):
        raise entry.fault("expected `datasets` or `indicators`, or both")
    looked = entry["looked"]
    try:
        looked = looked if isinstance(looked, date) else date.fromisoformat(looked)
        ends = {key: period(str(entry[key])) if key in entry else None for key in ("first", "last")}
        codes = frozenset(_codes(entry["territories"]))
        notes.of(_MARK, str(name))  # its name is a key of the figures that it speaks of
    except (TypeError, ValueError) as error:
        raise entry.fault(str(error)) from None
    return Existing(
        name=str(name), state=entry["state"], datasets=tuple(entry.get("datasets") or ()),
        indicators=tuple(entry.get("indicators") or ()), territories=codes, **ends,
        producer=str(entry["producer"]), title=read_text(entry, "title"), address=str(entry["address"]),
        looked=looked.isoformat(), remark=read_text_if_any(entry, "remark"),
    )  # fmt: skip


def _codes(given: Iterable[object]) -> Iterable[str]:
    for one in given:
        yield from _AREAS.get(str(one)) or (territories.parse(str(one)),)
