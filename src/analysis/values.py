"""What a value is: its state, its quality, its period, and the dictionary that defines every indicator.

A figure of this project is never a bare number. It has a *state* (was it observed, is it provisional, modelled,
suppressed, unpublished, or meaningless here?), a *quality* grade (who made the file it comes from), a period in a
canonical form, and an indicator whose definition, unit, limits and breaks are read from ``indicators.yml``.

This module knows no file but that dictionary, and no figure at all. It stands just above ``territories`` in the way
of the data: everything that reads, checks, draws or words a figure asks it what the figure means.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import resources
from typing import Literal

import yaml

from analysis import display, territories

Lang = Literal["fr", "en"]
LANGS: tuple[Lang, ...] = ("fr", "en")

STATES = ("observed", "provisional", "modelled", "suppressed", "unavailable", "not_applicable")
"""Every state a figure can be in. The last three carry no value: a missing cell is never empty and never 0."""

VALUED_STATES = ("observed", "provisional", "modelled")

QUALITIES = ("producer", "reused", "hand_copied", "local", "derived")
"""Who made the file a figure was read in: its producer, a re-user who reshaped it, a person who copied it by hand, the
département itself; ``derived`` figures are computed here from others."""

OWN_NOTE = "local: "
"""How the note of a figure that a département gave begins; its source, in its own words, follows."""

FIGURE_COLUMNS = ("territory", "period", "indicator", "value", "lower", "upper", "state", "note")
"""Columns of every tidy table of figures under ``data/raw``."""

Theme = Literal[
    "population",
    "poverty",
    "income",
    "employment",
    "housing",
    "childhood",
    "rights",
    "energy",
    "spending",
    "context",
]
THEMES: tuple[str, ...] = Theme.__args__


class UnknownIndicator(display.Refusal, KeyError):
    """An indicator that the dictionary does not define; the message gives the nearest ones."""

    def __str__(self) -> str:
        return str(self.args[0])


# --------------------------------------------------------------------------------------------------------- periods

_PERIOD = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])|S(?P<half>[12])|(?P<end>(?:19|20)\d\d)))?"
)
_WIDTH = {"month": 1, "quarter": 3, "half": 6}


@dataclass(frozen=True, order=True, repr=False)
class Period:
    """A span of months. ``Period.parse("2025-Q3")`` starts at month 7 of 2025 and lasts three.

    ``2024`` is a year, ``2025-Q3`` a quarter, ``2024-12`` a month (or the stock at its end), ``2021-S1`` a half-year,
    ``2020-2021`` a school or accounting year.
    """

    start: int  # months since year 0
    months: int
    text: str = field(compare=False)

    def __repr__(self) -> str:
        return f"<Period {self.text}>"

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a canonical period, or raise ValueError with the forms that exist."""
        found = _PERIOD.fullmatch(str(text))
        if not found:
            raise ValueError(
                f"period {text!r} is not one of the forms 2024, 2025-Q3, 2024-12, 2021-S1 or 2020-2021"
            )
        year = int(found["year"]) * 12
        for unit, width in _WIDTH.items():
            if found[unit]:
                return cls(year + (int(found[unit]) - 1) * width, width, str(text))
        if found["end"]:
            if int(found["end"]) != int(found["year"]) + 1:
                raise ValueError(f"period {text!r} spans two years that do not follow each other")
            return cls(year + 8, 12, str(text))  # a school year begins in September
        return cls(year, 12, str(text))

    @property
    def year(self) -> int:
        """The calendar year in which the period begins."""
        return self.start // 12

    @property
    def frequency(self) -> str:
        """``A`` (year), ``S`` (half-year), ``Q`` (quarter) or ``M`` (month)."""
        return {12: "A", 6: "S", 3: "Q", 1: "M"}[self.months]

    @property
    def decimal_year(self) -> float:
        """Where the period's middle falls on a time axis, in years (a month's stock stands at its end)."""
        return (self.start + (self.months if self.months == 1 else self.months / 2)) / 12


@cache
def period(text: str) -> Period:
    """Parse a period once."""
    return Period.parse(text)


def sorted_periods(texts: Iterable[str]) -> list[str]:
    """Return the distinct periods in order of time."""
    return sorted(set(texts), key=period)


# ------------------------------------------------------------------------------------------------------ indicators


@dataclass(frozen=True)
class Text:
    """The same words in both languages of the reports."""

    fr: str
    en: str

    def __getitem__(self, lang: Lang) -> str:
        return {"fr": self.fr, "en": self.en}[lang]


@dataclass(frozen=True)
class Ratio:
    """How a derived indicator is computed: ``per`` × numerator ÷ denominator.

    ``lag`` is how many years from the numerator's the denominator may be when that year is missing; a rate whose
    denominator is of another year says so in its note.
    """

    numerator: str
    denominator: str
    per: float
    lag: int = 0


@dataclass(frozen=True)
class Product:
    """How a derived count is approximated: ``per`` × first factor × second factor, the second at most ``lag`` years away."""

    first: str
    second: str
    per: float
    lag: int = 0


@dataclass(frozen=True, repr=False)
class Indicator(display.Brief):
    """One entry of the dictionary: what an indicator measures, in which unit, between which limits, and its breaks.

    ``population`` names the count behind a proportion, for its funnel plot. The keys are described in
    ``indicators.yml``.
    """

    name: str
    label: Text
    unit: str
    theme: str
    definition: Text
    decimals: int = 0
    additive: bool = False
    rounding: float | None = None
    minimum: float | None = None
    maximum: float | None = None
    higher: Literal["worse", "better", "neutral"] = "neutral"
    population: str | None = None
    caution: Text | None = None
    ratio: Ratio | None = None
    product: Product | None = None
    local: bool = False
    modelled: bool = False
    breaks: Mapping[str, Text] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Indicator {self.name}: {self.label.en} ({self.unit})>"

    def _repr_html_(self) -> str:
        rows: list[tuple[str, str]] = []
        for entry in fields(self):
            given = getattr(self, entry.name)
            if isinstance(given, Text):
                rows += [(f"{entry.name}, {lang}", given[lang]) for lang in LANGS]
            elif entry.name == "breaks":
                rows += [(f"break at {when}", text.en) for when, text in given.items()]
            elif entry.name != "name" and given != entry.default:
                rows.append((entry.name, given if isinstance(given, str) else display.short(given)))
        return display.listing(self.name, rows)


@dataclass(frozen=True)
class Unit:
    """How a unit is written after a number and on an axis."""

    symbol: Text
    axis: Text


def _text(entry: Mapping[str, str] | None, where: str) -> Text | None:
    if entry is None:
        return None
    if set(entry) != {"fr", "en"}:
        raise ValueError(f"indicators.yml, {where}: expected the keys fr and en, found {sorted(entry)}")
    return Text(fr=entry["fr"], en=entry["en"])


_NESTED = ("label", "definition", "caution", "ratio", "product", "breaks")


def _indicator(name: str, entry: Mapping) -> Indicator:
    known = set(Indicator.__dataclass_fields__) - {"name"}
    if extra := set(entry) - known:
        raise ValueError(f"indicators.yml, {name}: unknown keys {sorted(extra)}; known: {sorted(known)}")
    options = {k: v for k, v in entry.items() if k not in _NESTED}
    return Indicator(
        name=name,
        label=_text(entry["label"], f"{name}.label"),
        definition=_text(entry["definition"], f"{name}.definition"),
        caution=_text(entry.get("caution"), f"{name}.caution"),
        ratio=Ratio(**entry["ratio"]) if "ratio" in entry else None,
        product=Product(**entry["product"]) if "product" in entry else None,
        breaks={str(p): _text(t, f"{name}.breaks") for p, t in entry.get("breaks", {}).items()},
        **options,
    )


class Names(tuple[str, ...]):
    """Names of indicators, shown with their labels; Tab completes each as an attribute: ``names.rate_poverty_60``."""

    __slots__ = ()

    def __getattr__(self, name: str) -> str:
        if name in self:
            return name
        near = "" if name.startswith("_") else nearest(name, self)
        raise AttributeError(f"{name!r} is not among these {len(self)} indicators{near}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def _repr_html_(self) -> str:
        entries = (dictionary()[name] for name in self)
        rows = [(entry.name, f"{entry.label.fr} / {entry.label.en} ({entry.unit})") for entry in entries]
        return display.listing(f"{len(rows)} indicators", rows)


def nearest(name: str, known: Iterable[str]) -> str:
    """The end of a refusal: the names nearest to one that is not known, if any is near."""
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    return f"; did you mean {', '.join(near)}?" if near else ""


class Dictionary(Mapping[str, Indicator]):
    """The indicators by name, with their units. Unknown names are refused with the nearest ones."""

    def __init__(self, entries: Mapping[str, Mapping], units: Mapping[str, Mapping]) -> None:
        self._entries = {name: _indicator(name, entry) for name, entry in entries.items()}
        self.units = {
            key: Unit(_text(unit["symbol"], key), _text(unit["axis"], key)) for key, unit in units.items()
        }

    def __getitem__(self, name: str) -> Indicator:
        try:
            return self._entries[name]
        except KeyError:
            hint = nearest(str(name), self._entries)
            raise UnknownIndicator(f"no indicator is named {name!r} in the dictionary{hint}") from None

    def __iter__(self):
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<Dictionary: {len(self)} indicators; find('words') looks for some>"

    def _repr_html_(self) -> str:
        return Names(self)._repr_html_()

    def _ipython_key_completions_(self) -> list[str]:
        return list(self)

    def find(self, words: str) -> Names:
        """Names of the indicators whose name, labels or definitions hold all of some words, whatever their case."""
        wanted = words.lower().split()
        texts = {
            name: " ".join((name, *vars(entry.label).values(), *vars(entry.definition).values())).lower()
            for name, entry in self._entries.items()
        }
        return Names(name for name, text in texts.items() if all(word in text for word in wanted))

    def unit(self, name: str) -> Unit:
        """The unit of an indicator."""
        return self.units[self[name].unit]


def read_dictionary(text: str) -> Dictionary:
    """Read a dictionary from YAML text (keys ``units`` and ``indicators``)."""
    written = re.findall(r"^  (\w+):", text, flags=re.MULTILINE)
    if twice := sorted({name for name in written if written.count(name) > 1}):
        raise ValueError(f"indicators.yml: {', '.join(twice)} is defined twice; keep one of the two")
    content = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    return Dictionary(content["indicators"], content["units"])


@cache
def dictionary() -> Dictionary:
    """The project's dictionary of indicators, read once."""
    return read_dictionary(resources.files("analysis").joinpath("indicators.yml").read_text(encoding="utf-8"))


# ---------------------------------------------------------------------------------------------------------- values


def note_keys(note: str) -> list[str]:
    """The keys of a note, in order; the words of a département's own source are no keys, whatever they are."""
    return [] if note.startswith(OWN_NOTE.strip()) else note.split()


@dataclass(frozen=True, repr=False)
class Value:
    """One figure with everything that must travel with it.

    ``lower`` and ``upper`` bound the value: the rounding of a published count, or the 95 % interval of an estimate.
    ``value`` is None in the states that carry none.
    """

    indicator: str
    territory: str
    period: str | None
    value: float | None
    lower: float | None
    upper: float | None
    state: str
    quality: str | None = None
    source: str | None = None
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a number to show."""
        return self.value is not None and self.state in VALUED_STATES

    def __repr__(self) -> str:
        words = (self._amount(), self.state, self.period, self.territory)
        return f"<Value {', '.join(word for word in words if word)}: {self.indicator}>"

    def _repr_html_(self) -> str:
        entry, place = dictionary().get(self.indicator), territories.TERRITORIES.get(self.territory)
        rows = [
            ("value", self._amount() or "none"), ("state", self.state), ("period", self.period),
            ("territory", f"{place.name} ({place.code})" if place else self.territory),
            ("quality", self.quality), ("source", self.source), ("note", self.note),
            ("caution", entry.caution.en if entry and entry.caution else None),
        ]  # fmt: skip
        return display.listing(entry.label.en if entry else self.indicator, [row for row in rows if row[1]])

    def _amount(self) -> str:
        """The number with its unit and, where they differ from it as written, its bounds; empty when there is none."""
        entry = dictionary().get(self.indicator)
        if self.value is None:
            return ""
        value, *bounds = (
            "…" if x is None else f"{x:,.{entry.decimals if entry else 3}f}"
            for x in (self.value, self.lower, self.upper)
        )
        unit = dictionary().units[entry.unit].symbol.en if entry else ""
        around = f" [{bounds[0]}, {bounds[1]}]" if {*bounds} - {value, "…"} else ""
        return f"{value} {unit}".rstrip() + around
