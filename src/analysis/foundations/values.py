"""What a value is: its state, its quality, its period, and the dictionary that defines every indicator.

A figure of this project is never a bare number. It has a *state* (was it observed, is it provisional, modelled,
secret, published nowhere, published but not held, in no file, or meaningless here?), a *quality* grade (who made the file it
comes from), a period in a canonical form, and an indicator whose definition, unit, limits and breaks are read
from ``indicators.yml``.

This module knows no file but that dictionary, and no figure at all. It stands just above ``territories`` in the way
of the data: everything that reads, checks, draws or words a figure asks it what the figure means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from importlib import resources
from typing import Literal, TypeGuard, TypeVar, get_args

from analysis.foundations import display, entries, territories
from analysis.foundations.entries import Entry, EntryError
from analysis.foundations.periods import UnknownPeriod, period

Lang = Literal["fr", "en"]
LANGS: tuple[Lang, ...] = ("fr", "en")

VALUED_STATES = ("observed", "provisional", "modelled")

OTHER_STATES = ("suppressed", "unpublished", "not_held")
"""Why a figure is not held, when that was looked for (``existing``): secret, found nowhere, or published and not held."""

STATES = (*VALUED_STATES, *OTHER_STATES, "unavailable", "not_applicable")
"""Every state a figure can be in. Those after the first three carry no value: a missing cell is never empty and never 0.
``unavailable`` says that it is in no file of the project, and nothing of whether it is published.
"""

OF_OTHERS = "other_territory"
"""The state of a figure that is held for what a territory lies in, or is made of, and not for it: it is in no table, and
its note says of whom there is one (``formats.others_of``)."""
QUALITIES = ("producer", "reused", "hand_copied", "local", "derived")
"""Who made the file a figure was read in: its producer, a re-user who reshaped it, a person who copied it by hand, the
département itself; ``derived`` figures are computed here from others."""

FIGURE_COLUMNS = ("territory", "period", "indicator", "value", "lower", "upper", "state", "note")
"""Columns of every tidy table of figures under ``data/raw``; ``notes.WORDS`` follows where people wrote some."""

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
THEMES: tuple[str, ...] = get_args(Theme)


class UnknownIndicator(display.Refusal, KeyError):
    """An indicator that the dictionary does not define; the message gives the nearest ones."""


# ------------------------------------------------------------------------------------------------------ indicators


def least_sure(states: Iterable[str]) -> str:
    """The state of what is made of several figures (a sum, a rate, a median): that of the least sure of them."""
    return max(states, key=VALUED_STATES.index)


def language(lang: object) -> Lang:
    """The language that was asked for; UnknownLanguage names those there are."""
    if lang in LANGS:
        return lang
    raise display.UnknownLanguage(f"no language {display.shown(lang)}: ask for 'fr' or 'en'")


@dataclass(frozen=True)
class Text:
    """The same words in both languages of the reports."""

    fr: str
    en: str

    def __getitem__(self, lang: Lang) -> str:
        return {"fr": self.fr, "en": self.en}[language(lang)]


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

    ``population`` names the count behind a proportion, for its funnel plot. ``error`` says what is known of the error of a
    figure that is sampled or estimated, which its bounds leave out. The keys are described in
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
    error: Text | None = None
    ratio: Ratio | None = None
    product: Product | None = None
    local: bool = False
    modelled: bool = False
    comparable: bool | None = None
    over_time: Literal["flow", "cumulated", "adjusted"] | None = None
    breaks: Mapping[str, Text] = field(default_factory=dict)

    def reserves(self, lang: Lang) -> str:
        """What must not be read into a figure, and what is known of its error; empty when there is nothing to say."""
        return " ".join(one[lang] for one in (self.caution, self.error) if one)

    @property
    def terms(self) -> tuple[str, ...]:
        """The two indicators that a derived one is computed from; none for one that is published."""
        if self.ratio:
            return self.ratio.numerator, self.ratio.denominator
        return (self.product.first, self.product.second) if self.product else ()

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


Kind = Literal["share", "rate", "index", "duration", "amount", "people", "places", "acts", "total"]


@dataclass(frozen=True)
class Unit:
    """How a unit is written after a number and on an axis, and what its figures are.

    ``kind`` and ``money`` are described at the head of ``indicators.yml``; without a kind, nothing is compared.
    """

    symbol: Text
    axis: Text
    kind: Kind | None = None
    money: bool = False

    @property
    def comparable(self) -> bool:
        """Whether figures of territories of different size can be set beside one another."""
        return self.kind in ("share", "rate", "index", "duration", "amount")

    @property
    def counted(self) -> bool:
        """Whether figures count people or things one by one."""
        return self.kind in ("people", "places", "acts")

    @property
    def relative(self) -> bool:
        """Whether changes are told in percent, and not as differences."""
        return self.kind not in ("share", "rate", "index", "duration")


Rule = TypeVar("Rule", Ratio, Product)


def read_text(entry: Entry, key: str) -> Text:
    """The words under a key, in both languages; EntryError when they are not there."""
    given = entry[key]
    if not isinstance(given, Mapping) or set(given) != set(LANGS):
        found = sorted(map(str, given)) if isinstance(given, Mapping) else display.shown(given)
        raise entry.fault(f"expected the keys fr and en, found {found}", key)
    for lang, words in given.items():
        if not isinstance(words, str) or not (words.strip() or key in _MAY_BE_EMPTY):
            raise entry.fault(f"expected words, found {display.shown(words)}; put them in quotes", key, lang)
    return Text(**given)


def read_text_if_any(entry: Entry, key: str) -> Text | None:
    """The words under a key that may be left out, or left empty."""
    return None if entry.get(key) is None else read_text(entry, key)


_MAY_BE_EMPTY = ("symbol", "axis")
_NESTED = ("label", "definition", "caution", "error", "ratio", "product", "breaks")
_REQUIRED = ("label", "unit", "theme", "definition")


def _indicator(name: str, entry: Entry, errors: Mapping[str, Text] = {}) -> Indicator:
    entry.only(_REQUIRED, [one.name for one in fields(Indicator) if one.name not in ("name", *_REQUIRED)])
    breaks = entry.within("breaks") if "breaks" in entry else Entry()
    if (error := entry.get("error")) is not None and error not in errors:
        raise entry.fault(
            f"{display.shown(error)} is none{display.hint(error, errors)}; known: {display.listed(errors)}",
            "error",
        )
    return Indicator(
        name=str(name),
        label=read_text(entry, "label"),
        definition=read_text(entry, "definition"),
        caution=read_text_if_any(entry, "caution"),
        error=None if error is None else errors[error],
        ratio=_rule(entry, "ratio", Ratio),
        product=_rule(entry, "product", Product),
        breaks={str(when): read_text(breaks, when) for when in breaks},
        **{key: value for key, value in entry.items() if key not in _NESTED},
    )


def _rule(entry: Entry, key: str, kind: type[Rule]) -> Rule | None:
    if key not in entry:
        return None
    needed = [one.name for one in fields(kind) if one.default is MISSING]
    return kind(**entry.within(key).only(needed, ["lag"]))


def problems(entry: Indicator, names: Dictionary) -> Iterator[tuple[str, str]]:
    """What is wrong with a definition among the others of a dictionary: the key at fault, and what was expected there."""
    choices = {"unit": names.units, "theme": THEMES, "higher": ("worse", "better", "neutral")}
    for key, known in (choices | {"over_time": (None, "flow", "cumulated", "adjusted")}).items():
        if (given := getattr(entry, key)) not in known:
            yield (
                key,
                f"{display.shown(given)} is none{display.hint(given, known)}; known: {display.listed(known)}",
            )
    for key in ("additive", "local", "modelled", *(("comparable",) if entry.comparable is not None else ())):
        if not isinstance(getattr(entry, key), bool):
            yield key, f"expected true or false, found {display.shown(getattr(entry, key))}"
    if (
        not isinstance(entry.decimals, int)
        or isinstance(entry.decimals, bool)
        or not 0 <= entry.decimals <= 9
    ):
        yield "decimals", f"expected a whole number from 0 to 9, found {display.shown(entry.decimals)}"
    for key in ("rounding", "minimum", "maximum"):
        if (given := getattr(entry, key)) is not None and not _is_number(given):
            yield key, f"expected a number, found {display.shown(given)}"
    if _is_number(entry.minimum) and _is_number(entry.maximum) and entry.minimum > entry.maximum:
        yield "minimum", f"{entry.minimum:g} is above the maximum, {entry.maximum:g}"
    if entry.population is not None and entry.population not in names:
        yield "population", no_indicator(entry.population, names)
    for when in entry.breaks:
        try:
            period(when)
        except UnknownPeriod as error:
            yield "breaks", str(error)
    yield from _rule_problems(entry, names)


def _rule_problems(entry: Indicator, names: Dictionary) -> Iterator[tuple[str, str]]:
    """A ratio is made of figures that are published, or products of such; a product of published ones only."""
    terms = {"ratio": ("numerator", "denominator"), "product": ("first", "second")}
    for key, roles in terms.items():
        if (rule := getattr(entry, key)) is None:
            continue
        if not _is_number(rule.per) or rule.per <= 0:
            yield key, f"`per` is {display.shown(rule.per)}, expected a number above zero"
        if not isinstance(rule.lag, int) or rule.lag < 0:
            yield key, f"`lag` is {display.shown(rule.lag)}, expected a whole number of years"
        for role in roles:
            if (term := getattr(rule, role)) not in names:
                yield key, f"{role}: {no_indicator(term, names)}"
                continue
            made = [
                way
                for way in ("ratio", *(("product",) if key == "product" else ()))
                if getattr(names[term], way)
            ]
            if term == entry.name or made:
                yield (
                    key,
                    f"{role}: {term} is itself a {'ratio' if not made else made[0]}; name what is published",
                )


def no_indicator(name: object, names: Dictionary) -> str:
    """That a dictionary has no indicator of a name, with the nearest, or those that speak of it."""
    near = display.hint(name, names)
    if not near and isinstance(name, str) and (found := names.find(name)):
        near = f"; did you mean {display.listed(found, 3)}?"
    return f"no indicator is named {display.shown(name)} in the dictionary{near}"


def indicators_in(entry: Entry, key: str) -> tuple[str, ...]:
    """The indicators that an entry of a file lists under a key; EntryError for what is no list of known names."""
    if not isinstance(given := entry[key], list):
        raise entry.fault(f"expected a list of indicators, found {display.shown(given)}", key)
    if wrong := [name for name in given if name not in dictionary()]:
        raise entry.fault(no_indicator(wrong[0], dictionary()), key)
    return tuple(given)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and value - value == 0


class Names(tuple[str, ...]):
    """Names of indicators, shown with their labels; Tab completes each as an attribute: ``names.rate_poverty_60``."""

    __slots__ = ()

    def __getattr__(self, name: str) -> str:
        if name in self:
            return name
        near = "" if name.startswith("_") else display.hint(name, self)
        raise AttributeError(f"{name!r} is not among these {len(self)} indicators{near}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]

    def _repr_html_(self) -> str:
        entries = (dictionary()[name] for name in self)
        rows = [(entry.name, f"{entry.label.fr} / {entry.label.en} ({entry.unit})") for entry in entries]
        return display.listing(f"{len(rows)} indicators", rows)


class Dictionary(Mapping[str, Indicator]):
    """The indicators by name, with their units. Unknown names are refused with the nearest ones."""

    def __init__(self, known: Mapping[str, Indicator], units: Mapping[str, Unit]) -> None:
        self._entries, self.units = dict(known), units

    def __getitem__(self, name: str | Indicator) -> Indicator:
        if isinstance(name, Indicator):
            name = name.name
        try:
            return self._entries[name]
        except (KeyError, TypeError):
            own = _own.get(name) if isinstance(name, str) else None
            if own is not None:
                return own
            raise UnknownIndicator(no_indicator(name, self)) from None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._entries

    def __iter__(self) -> Iterator[str]:
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
        """Names of the indicators whose name, labels or definitions hold all of some words, whatever case and accents."""
        wanted = folded(words).split()
        texts = {
            name: folded(" ".join((name, *vars(entry.label).values(), *vars(entry.definition).values())))
            for name, entry in self._entries.items()
        }
        return Names(name for name, text in texts.items() if all(word in text for word in wanted))

    def unit(self, name: str) -> Unit:
        """The unit of an indicator."""
        return self.units[self[name].unit]

    def comparable(self, name: str) -> bool:
        """Whether figures of territories of different size can be compared: by the unit, or as the indicator says."""
        own = self[name].comparable
        return self.unit(name).comparable if own is None else own

    def counts(self, name: str) -> bool:
        """Whether an indicator counts people or things one by one; an average number of them does not."""
        return self.unit(name).counted and not self.comparable(name)

    def plus(self, own: Iterable[Indicator]) -> Dictionary:
        """The same with definitions of one's own beside, which are held to its rules (EntryError)."""
        theirs = {entry.name: entry for entry in own}
        wider = Dictionary({**self._entries, **theirs}, self.units)
        for name, entry in theirs.items():
            if name in _project():
                raise EntryError(
                    f"{name} is defined by the project already; give your own figures another name"
                )
            if not _OWN_NAME.fullmatch(name):
                raise EntryError(
                    f"{name!r}: expected a name such as share_…, with small letters, digits and _: {_KINDS}"
                )
            for key, problem in problems(entry, wider):
                raise EntryError(f"definition of {name}, {key}: {problem}")
        return wider


_KINDS = "share, rate, count, amount, ratio, index or duration comes first"
_OWN_NAME = re.compile(r"(?:share|rate|count|amount|ratio|index|duration)_[a-z0-9_]{1,60}")


def folded(text: str) -> str:
    """Words in small letters without accents, ligatures or marks: ``Cœur d’Hérault`` is ``coeur d herault``.

    To look in, to recognise and to make an anchor; ``site.js`` does the same.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return " ".join(re.findall(r"[a-z0-9]+", "".join(c for c in plain if not unicodedata.combining(c))))


def read_dictionary(text: str) -> Dictionary:
    """Read a dictionary from YAML text: ``units``, ``indicators``, ``errors``. EntryError names the line and the entry."""
    content = entries.read(text, "indicators.yml").only(("units", "indicators"), ("errors",))
    told = content.within("errors") if "errors" in content else Entry()
    errors = {str(key): read_text(told, key) for key in told}
    given, units = content.within("indicators"), content.within("units")
    names = Dictionary(
        {str(name): _indicator(name, given.within(name), errors) for name in given},
        {str(key): _unit(units.within(key)) for key in units},
    )
    for name, entry in names.items():
        for key, problem in problems(entry, names):
            raise given[name].fault(problem, key)
    return names


def _unit(entry: Entry) -> Unit:
    entry.only(("symbol", "axis"), ("kind", "money"))
    kinds = get_args(Kind)
    if (kind := entry.get("kind")) not in (None, *kinds):
        raise entry.fault(
            f"{display.shown(kind)} is none{display.hint(kind, kinds)}; known: {display.listed(kinds)}",
            "kind",
        )
    if not isinstance(money := entry.get("money", False), bool):
        raise entry.fault(f"expected true or false, found {display.shown(money)}", "money")
    return Unit(read_text(entry, "symbol"), read_text(entry, "axis"), kind, money)


@cache
def _project() -> Dictionary:
    return read_dictionary(
        resources.files("analysis.foundations").joinpath("indicators.yml").read_text(encoding="utf-8")
    )


_in_use: ContextVar[Dictionary | None] = ContextVar("dictionary", default=None)
_own: dict[str, Indicator] = {}
"""Definitions of one's own by name, as last given in this session: they are found by name, and listed nowhere."""


def dictionary() -> Dictionary:
    """The dictionary in use: that of the panel whose figures are being shown (``using``), else the project's, read once.

    What a session defined for itself (``Panel.plus``) is found by its name in either, and is never among those that are
    gone through: nothing that is built or kept rests on it.
    """
    return _in_use.get() or _project()


def in_use() -> Dictionary | None:
    """The dictionary that ``using`` gave; None when figures are worded by the project's."""
    return _in_use.get()


@contextmanager
def using(names: Dictionary | None) -> Iterator[None]:
    """Word figures by a dictionary, that of a panel with indicators of one's own; None for the project's."""
    token = _in_use.set(names)
    try:
        yield
    finally:
        _in_use.reset(token)


def define(given: Iterable[Indicator]) -> None:
    """Let figures of one's own be worded and drawn by name in this session; those of a panel have its own definition."""
    _own.update({entry.name: entry for entry in given})


def indicator(name: str, given: Mapping[str, object]) -> Indicator:
    """A definition of one's own from the keys of the dictionary; words may be one text for both languages.

    ``label`` and ``unit`` are needed; the theme is ``context`` and the definition the label when they are not given.
    """
    content = {"theme": "context", "definition": given.get("label"), **given}
    texts = {
        k: dict.fromkeys(LANGS, v) for k, v in content.items() if k in _NESTED[:3] and isinstance(v, str)
    }
    nested = {k: Entry(v, "definition", (name, k)) for k, v in content.items() if isinstance(v, Mapping)}
    return _indicator(name, Entry({**content, **nested, **texts}, "definition", (str(name),)))


# ---------------------------------------------------------------------------------------------------------- values


@dataclass(frozen=True, repr=False)
class Value:
    """One figure with everything that must travel with it.

    ``lower`` and ``upper`` bound the value: the rounding of a published count, or the 95 % interval of an estimate.
    ``value`` is None in the states that carry none. ``note`` holds keys (``notes``), ``words`` what a person wrote of it.
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
    words: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a number to show."""
        return self.value is not None and self.state in VALUED_STATES

    @property
    def number(self) -> float:
        """The number of a figure that is ``known``; ValueError when there is none."""
        if self.value is None:
            raise ValueError(f"{self!r} has no number; ask whether it is known")
        return self.value

    @property
    def when(self) -> str:
        """The period of a figure that has one; ValueError when there is none."""
        if self.period is None:
            raise ValueError(f"{self!r} has no period; ask whether it is known")
        return self.period

    def __repr__(self) -> str:
        words = (self._amount(), self.state, self.period, self.territory)
        return f"<Value {', '.join(word for word in words if word)}: {self.indicator}>"

    def _repr_html_(self) -> str:
        entry, place = dictionary().get(self.indicator), territories.known(self.territory)
        rows = [
            ("value", self._amount() or "none"), ("state", self.state), ("period", self.period),
            ("territory", f"{place.name} ({place.code})" if place else self.territory),
            ("quality", self.quality), ("source", self.source), ("note", self.note), ("words", self.words),
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
