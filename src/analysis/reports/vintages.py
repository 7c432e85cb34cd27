"""The freshness board: of each dataset, the vintage held, the newest one known, how far apart they end, and what is next.

The newest known is the latest of three: what its producer's machine answers, where it was asked; what was seen at its
address (``addresses``); what the register of what exists says of most départements (``existing``), where no public code
proves the address. A ``Standing`` says which one it is and when that was seen: nothing is called the newest there is.

It reads sidecars and registers, and a table only where several ends must be told apart. It words nothing and asks nobody:
whoever asked hands over the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from analysis.data import existing, sources
from analysis.data.catalogue import LOCAL, Catalogue, Sidecar
from analysis.foundations import territories
from analysis.foundations.display import Brief
from analysis.foundations.periods import Period, UnknownPeriod, period, sorted_periods
from analysis.reports import addresses
from analysis.reports.addresses import Address

if TYPE_CHECKING:  # what reads registers alone need not wait for the loaders
    from analysis.foundations.connectors.connector import Newest


@dataclass(frozen=True, repr=False)
class Standing(Brief):
    """A dataset on the board.

    Attributes
    ----------
    sidecar : Sidecar
        Of what is held; None for a dataset that is not.
    held : Period
        The last period held, None for a reference table.
    newest : Period
        The newest period known; None where none is.
    rests : str
        On what that rests: ``producer`` (its machine, asked), ``address``, ``register`` (``published``), or empty.
    seen : str
        When it was seen: a day, a month or a year, ISO; empty for what was just asked.
    modified : date
        The day on which its producer says that it was modified.
    next : Period
        The period expected after the newest known, ``due`` about when; None where they are not known.
    """

    dataset: str
    sidecar: Sidecar | None
    address: Address | None
    held: Period | None
    newest: Period | None
    rests: str
    seen: str
    modified: date | None = None
    published: existing.Existing | None = None

    @property
    def access(self) -> str:
        """Whether a machine can ask for it (``addresses.ACCESS``)."""
        return self.address.access if self.address else "not_sought"

    @property
    def behind(self) -> int | None:
        """Days by which what is held is behind, 0 where it reaches the newest known; None where that is not known.

        From the end of what is held to that of the newest known; from the day on which its producer had modified what was
        fetched to the day on which it did last, where that is longer: a revision has no later period.
        """
        days = [(self.held.last_day, self.newest.last_day)] if self.held and self.newest else []
        if self.modified and self.sidecar and self.sidecar.modified:
            days.append((date.fromisoformat(self.sidecar.modified), self.modified))
        return max((max(0, (last - first).days) for first, last in days), default=None)

    @property
    def next(self) -> Period | None:
        """The period that is expected next."""
        return self._after[0]

    @property
    def due(self) -> date | None:
        """About when it is expected, after the delay of the vintage before."""
        return self._after[1]

    @property
    def _after(self) -> tuple[Period | None, date | None]:
        known = [one for one in (self.held, self.newest) if one]
        last = max(known, key=lambda one: one.last_day, default=None)
        return self.address.after(last) if self.address and last else (None, None)


@dataclass(frozen=True, repr=False)
class Board(Brief):
    """The board: every dataset that is held, then those of the register of addresses that are not.

    ``read`` is the day on which the register was read in public code; None where there is no register.
    """

    standings: tuple[Standing, ...]
    read: date | None

    @property
    def held(self) -> list[Standing]:
        """The datasets of the project."""
        return [one for one in self.standings if one.sidecar]

    @property
    def not_held(self) -> list[Standing]:
        """Datasets that are published, and that the project does not hold."""
        return [one for one in self.standings if not one.sidecar]

    @property
    def fetched(self) -> int:
        """How many of the datasets that are held a command brings from their producers."""
        known = sources.datasets()
        return sum(1 for one in self.held if one.dataset in known and known[one.dataset].remote)

    def having(self, *access: str) -> int:
        """How many of the datasets that are held have such an access (``addresses.ACCESS``)."""
        return sum(1 for one in self.held if one.access in access)


def board(catalogue: Catalogue, asked: Mapping[str, Newest] = {}) -> Board:
    """The board of a checkout, without a département's own figures.

    Args:
        asked: what producers' machines answered, by dataset.
    """
    register, exists = addresses.register(catalogue), existing.register(catalogue).entries
    entries = register.entries if register else {}
    held = {name: one for name, one in catalogue.sidecars.items() if not name.startswith(f"{LOCAL}/")}
    names = [*held, *(name for name in entries if name not in held)]
    found = (
        _standing(name, held.get(name), entries.get(name), exists, asked.get(name), catalogue)
        for name in names
    )
    return Board(tuple(found), register.read if register else None)


def _standing(
    name: str,
    sidecar: Sidecar | None,
    address: Address | None,
    exists: Iterable[existing.Existing],
    answer: Newest | None,
    catalogue: Catalogue,
) -> Standing:
    held = _held(sidecar, address, catalogue)
    published = _published(name, exists)
    known: list[tuple[Period, str, str]] = []
    if answer and (told := _period(answer.vintage)):
        known.append((told, "producer", ""))
    if address and address.newest:
        known.append((address.newest, "address", address.seen))
    if published and published.last and not (address and address.newest and address.access == "proven"):
        known.append((published.last, "register", published.looked))
    newest, rests, seen = max(known, key=lambda one: one[0].last_day, default=(None, "", ""))
    return Standing(
        name, sidecar, address, held, newest, rests, seen, answer.modified if answer else None,
        published if rests == "register" else None,
    )  # fmt: skip


def _held(sidecar: Sidecar | None, address: Address | None, catalogue: Catalogue) -> Period | None:
    """The last period held: of the indicator that the register speaks of, else of the dataset."""
    if sidecar is None or sidecar.period_last is None:
        return None
    if address and address.of in sidecar.indicators:
        frame = catalogue.figures(sidecar.dataset)
        own = frame.loc[(frame["indicator"] == address.of) & frame["value"].notna(), "period"]
        return period(sorted_periods(own)[-1]) if len(own) else None
    return period(sidecar.period_last)


def _published(name: str, exists: Iterable[existing.Existing]) -> existing.Existing | None:
    """The entry of the register of what exists that goes furthest, for most départements, among those of a dataset."""
    most = len(territories.DEPARTEMENTS) / 2
    own = [
        one
        for one in exists
        if name in one.datasets
        and one.state == "not_held"
        and one.last
        and len(one.territories.intersection(territories.DEPARTEMENTS)) > most
    ]
    return max(own, key=lambda one: one.last.last_day if one.last else date.min, default=None)


def _period(text: str) -> Period | None:
    """A vintage as a period, None for another text."""
    try:
        return period(text)
    except UnknownPeriod:
        return None
