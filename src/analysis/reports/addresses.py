"""The register of addresses: of each dataset, whether a machine can ask for it, where, and the newest vintage seen there.

``data/raw/parameters/addresses.yml`` was read in public code that calls the producers, on the day it says; nobody asked
them. So an entry says what was seen and when, and never what is newest. ``vintages`` sets it beside what is held.

This module reads the register. It speaks to no machine, words nothing, and does not know what is held.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from analysis.data.catalogue import Catalogue
from analysis.foundations import observation
from analysis.foundations.display import Brief
from analysis.foundations.entries import Entry
from analysis.foundations.periods import Period, period
from analysis.foundations.values import Text, read_text_if_any

PARAMETERS = "addresses"
ASKED = ("proven", "inferred", "silent")
"""What a machine may ask for: public code calls it, or names its dataset alone, or its producer has fallen silent."""
ACCESS = (*ASKED, "stopped", "none", "not_sought", "by_hand")
CONNECTORS = (
    "opendatasoft", "webstat", "datagouv", "datafair", "melodi", "bdm", "insee_pages", "eurostat", "dido", "static",
    "account",
)  # fmt: skip
STEPS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12, "continuous": 0}
"""Months between one vintage and the next."""
_OPTIONAL = (
    "connector", "addresses", "layout", "newest", "of", "seen", "published", "every", "delay", "sources", "producer",
    "title", "remark",
)  # fmt: skip


@dataclass(frozen=True, repr=False)
class Address(Brief):
    """An entry of the register.

    Attributes
    ----------
    access : str
        One of ``ACCESS``. ``connector``: the grammar of the addresses, one of ``CONNECTORS``.
    newest : Period
        The last period that was seen there; None where it was not told. ``of``: the indicator whose figures it speaks of,
        where the dataset has several ends.
    seen : str
        When that was seen: a day, a month or a year, ISO.
    published : date
        The day on which that vintage came out; ``delay``: days between the end of a period and its publication. None where
        they are not known.
    every : str
        How often a vintage comes, one of ``STEPS``; empty where none will, or nobody knows.
    sources : int
        Public sources that quote the address.
    """

    dataset: str
    access: str
    connector: str
    addresses: tuple[str, ...]
    layout: str
    newest: Period | None
    of: str
    seen: str
    published: date | None
    every: str
    delay: int | None
    sources: int
    producer: str
    title: Text | None
    remark: Text | None

    def after(self, newest: Period) -> tuple[Period | None, date | None]:
        """The period expected after one, and the day on which it is, where these are known."""
        step = STEPS.get(self.every)
        if not step:
            return None, None
        following, delay = newest.later(step), self.delay
        if delay is None and self.published and self.newest:
            delay = (self.published - self.newest.last_day).days
        return following, None if delay is None else following.last_day + timedelta(days=delay)


@dataclass(frozen=True, repr=False)
class Addresses(Brief):
    """The register: its entries by dataset, and the day on which the public code was read."""

    entries: Mapping[str, Address]
    read: date


def register(catalogue: Catalogue) -> Addresses | None:
    """The register of a checkout, None where it has none; EntryError names the line, the entry and the key at fault."""
    if not catalogue.has_parameters(PARAMETERS):
        return None
    observation.file_read(f"parameters/{PARAMETERS}.yml")
    content = catalogue.parameters(PARAMETERS).only(("seen", "read", "addresses"))
    entries = content.within("addresses")
    found = {str(name): _address(str(name), entries.within(name), str(content["seen"])) for name in entries}
    return Addresses(found, _day(content, "read"))


def _address(name: str, entry: Entry, seen: str) -> Address:
    entry.only(("access",), _OPTIONAL)
    for key, known in (("access", ACCESS), ("connector", CONNECTORS), ("every", tuple(STEPS))):
        if key in entry and entry[key] not in known:
            raise entry.fault(f"expected {', '.join(known)}", key)
    addresses = tuple(entry.get("addresses") or ())
    if wrong := [one for one in addresses if not str(one).startswith("https://")]:
        raise entry.fault(f"{wrong[0]} is not an https address", "addresses")
    if (entry["access"] in ASKED) != bool(addresses and entry.get("connector")) and not (
        entry["access"] == "stopped"
    ):
        raise entry.fault(f"`connector` and `addresses` go with access {', '.join(ASKED)}, and no other")
    try:
        newest = period(str(entry["newest"])) if "newest" in entry else None
        numbers = {key: int(entry[key]) for key in ("delay", "sources") if key in entry}
    except (TypeError, ValueError) as error:
        raise entry.fault(str(error)) from None
    return Address(
        dataset=name, access=entry["access"], connector=entry.get("connector", ""), addresses=addresses,
        layout=entry.get("layout", ""), newest=newest, of=entry.get("of", ""), seen=_seen(entry, seen),
        published=_day(entry, "published") if "published" in entry else None, every=entry.get("every", ""),
        delay=numbers.get("delay"), sources=numbers.get("sources", 0), producer=entry.get("producer", ""),
        title=read_text_if_any(entry, "title"), remark=read_text_if_any(entry, "remark"),
    )  # fmt: skip


def _seen(entry: Entry, default: str) -> str:
    """When it was seen, as a day, a month or a year."""
    seen = str(entry.get("seen", default))
    try:
        date.fromisoformat(f"{seen}{'-01' * (2 - seen.count('-'))}")
    except ValueError:
        raise entry.fault(
            f"{seen!r} is no day, month or year such as 2026-09-27, 2026-09 or 2026", "seen"
        ) from None
    return seen


def _day(entry: Entry, key: str) -> date:
    day = entry[key]
    if not isinstance(day, date):
        raise entry.fault(f"{day!r} is no day such as 2026-11-30", key)
    return day
