"""The measures of the Pacte, and what could show their outcome in a département.

``measures.yml`` holds each measure with its axis, the outcome that an evaluation would look at, and the indicators of the
dictionary that show it: published for the département, modelled, a proxy only, or held by the département itself. It is
what the evaluability table of the reports is made of. Which of these figures exist for a given département is the
panel's to say, not this module's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from analysis.foundations import display, entries
from analysis.foundations.display import Brief
from analysis.foundations.entries import Entry
from analysis.foundations.periods import period
from analysis.foundations.values import Text, indicators_in, read_text

AXES = (1, 2, 3, 4)
STATUSES = ("published", "local", "modelled", "proxy", "not_held", "none")
"""How the outcome of a measure can be seen in a territory, the surest way first; ``not_held``: in a publication only."""


@dataclass(frozen=True, repr=False)
class Measure(Brief):
    """A measure of the Pacte.

    Attributes
    ----------
    missing : Text
        Which data would show the outcome in each département, and who holds them.
    published, modelled, proxies, local : tuple[str, ...]
        Names of indicators, by what they are to the outcome.
    """

    key: str
    axis: int
    name: Text
    outcome: Text
    missing: Text
    published: tuple[str, ...] = ()
    modelled: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    local: tuple[str, ...] = ()

    @property
    def sought(self) -> tuple[str, ...]:
        """The indicators of a producer that show the outcome, or would."""
        return self.published + self.modelled + self.proxies


@dataclass(frozen=True, repr=False)
class Axis(Brief):
    """One of the four axes of the Pacte."""

    number: int
    name: Text


def read_measures(text: str) -> tuple[tuple[Axis, ...], tuple[Measure, ...], str]:
    """Read axes, measures and the day until which things were looked for (ISO) from YAML text.

    EntryError names the line, the entry and the key at fault.
    """
    content = entries.read(text, "measures.yml").only(("axes", "measures", "checked"), ("pacte",))
    if not isinstance(content["checked"], date):
        raise content.fault(
            f"expected a day such as 2026-11-30, found {display.shown(content['checked'])}", "checked"
        )
    names, given = content.within("axes"), content.within("measures")
    if sorted(map(str, names)) != sorted(map(str, AXES)):
        raise content.fault(
            f"expected the axes {display.listed(AXES)}, found {display.listed(names)}", "axes"
        )
    axes = tuple(Axis(int(number), read_text(names, number)) for number in names)
    return axes, tuple(_measure(key, given.within(key)) for key in given), content["checked"].isoformat()


_TEXTS = ("name", "outcome", "missing")
_LISTS = ("published", "modelled", "proxies", "local")


def _measure(key: str, entry: Entry) -> Measure:
    entry.only(("axis", *_TEXTS), _LISTS)
    if entry["axis"] not in AXES:
        raise entry.fault(f"axis {entry['axis']!r} is not one of {AXES}", "axis")
    return Measure(
        key=key, axis=entry["axis"],
        name=read_text(entry, "name"), outcome=read_text(entry, "outcome"), missing=read_text(entry, "missing"),
        **{kind: indicators_in(entry, kind) for kind in _LISTS if entry.get(kind)},
    )  # fmt: skip


@cache
def _content() -> tuple[tuple[Axis, ...], tuple[Measure, ...], str]:
    return read_measures(_text())


def _text() -> str:
    return resources.files("analysis.foundations").joinpath("measures.yml").read_text(encoding="utf-8")


@cache
def begins() -> int:
    """The month in which the Pacte came into force, counted as periods count them (``periods.Period.start``)."""
    pacte = entries.read(_text(), "measures.yml").within("pacte").only(("begins", "reference", "checked"))
    return period(str(pacte["begins"])).start


def axes() -> tuple[Axis, ...]:
    """The four axes, in order."""
    return _content()[0]


def measures() -> tuple[Measure, ...]:
    """Every measure, in the order of the axes."""
    return _content()[1]


def checked() -> str:
    """The day until which what is said not found was looked for, ISO."""
    return _content()[2]
