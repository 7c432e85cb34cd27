"""What a design is: who is treated since when, who may be compared with them, and why the others may not.

A ``Design`` refuses what contradicts itself as it is written, with a ``DesignError`` that says what to change. It reads no
figure: designs of the register are made in ``registered``, figures are taken in ``studies``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral
from typing import Any, Literal, get_args

from analysis.foundations import territories
from analysis.foundations.asked import several
from analysis.foundations.display import Brief, Refusal
from analysis.methods.policies.months import first_month, last_month, month_text

Scale = Literal["log", "level"]
Role = Literal["main", "side", "placebo"]
Aim = Literal["fall", "rise", ""]


@dataclass(frozen=True, order=True, repr=False)
class Reason(Brief):
    """Why something is left out, flagged, doubted or refused: the message ``design.reason.KEY``.

    Attributes
    ----------
    policy, date, text : str
        What the message names, empty when it does not: a policy of the register, a period, and words or codes as they
        are.
    """

    key: str
    policy: str = ""
    date: str = ""
    text: str = ""


class DesignError(Refusal, ValueError):
    """A design or a study that could mislead; the message says what to change, ``reason`` is the same for a reader."""

    def __init__(self, message: str, reason: Reason) -> None:
        super().__init__(message)
        self.reason = reason


Reasons = dict[str, tuple[Reason, ...]]
"""What must be known of départements, by code."""


def joined(*parts: Reasons) -> Reasons:
    """The reasons of several, by département in their official order."""
    codes = sorted({code for part in parts for code in part}, key=territories.sort_key)
    return {code: tuple(r for part in parts for r in part.get(code, ())) for code in codes}


# ---------------------------------------------------------------------------------------------- outcomes and designs


@dataclass(frozen=True, repr=False)
class Outcome(Brief):
    """What a policy may have moved, and over which periods its figures can be compared with one another.

    Attributes
    ----------
    series : tuple[tuple[str, str], ...]
        Indicators with the last period taken from each (empty: to the end); several are joined.
    months : tuple[int, ...]
        For a stock, the months kept (12 for Decembers), all when empty.
    accepted_breaks : Mapping[str, str]
        Breaks of the dictionary that the comparison bears, with the key of the reason why.
    unavailable : str
        Key of the reason why no effect on it can be looked for, else empty.
    aim : Aim
        Which way the policy means to move it, when it means one.
    """

    name: str
    series: tuple[tuple[str, str], ...]
    scale: Scale = "log"
    months: tuple[int, ...] = ()
    window: tuple[str, str] | None = None
    role: Role = "main"
    accepted_breaks: Mapping[str, str] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    unavailable: str = ""
    aim: Aim = ""

    def __post_init__(self) -> None:
        for key, kind in (("scale", Scale), ("role", Role), ("aim", Aim)):
            if (given := getattr(self, key)) not in get_args(kind):
                choice = " or ".join(get_args(kind))
                raise DesignError(
                    f"{self.name}: no {key} {given!r}; choose {choice}", Reason("contradiction")
                )
        if wrong := [month for month in self.months if month not in range(1, 13)]:
            raise DesignError(
                f"{self.name}: months are from 1 to 12, not {wrong[0]!r}", Reason("contradiction")
            )
        if not (self.series or self.unavailable) or any(
            isinstance(part, str) or len(part) != 2 for part in self.series
        ):
            expected = "pairs of an indicator and the last period taken from it (empty: to the end)"
            raise DesignError(
                f"{self.name}: series is {self.series!r}; expected {expected}", Reason("contradiction")
            )

    @property
    def indicator(self) -> str:
        """The indicator that names the outcome: that of its last figures."""
        return self.series[-1][0]


@dataclass(frozen=True, repr=False)
class Site(Brief):
    """A row of the register behind a treated département."""

    territory: str
    departement: str
    wave: str
    announced: str
    started: str
    started_precision: str
    earliest: str
    latest: str
    coverage: str
    people: str
    basin: str
    note: str


@dataclass(frozen=True, repr=False)
class People(Brief):
    """What was published of the people concerned.

    Attributes
    ----------
    recipients : tuple[str, ...]
        Outcomes that count those whom the policy is for; coverage is a share of the first.
    lower, upper : int
        People that a pilot aims at.
    dilution_lower, dilution_upper : float
        Recipients per person aimed at.
    entered : Mapping[str, int]
        People who entered, by territory.
    followed : int
        Those of all territories together, at ``followed_period``.
    """

    recipients: tuple[str, ...] = ()
    lower: int | None = None
    upper: int | None = None
    dilution_lower: float | None = None
    dilution_upper: float | None = None
    entered: Mapping[str, int] = field(default_factory=dict)
    followed: int | None = None
    followed_period: str = ""


@dataclass(frozen=True, repr=False)
class Design(Brief):
    """Who is treated since when, who may serve as control, and who may not.

    Only the first three are needed for a design of one's own; codes and dates are read in any of their usual forms.

    Attributes
    ----------
    treated : Mapping[str, str]
        By département, the month from which an effect may show (the first month of a coarser date).
    window : tuple[str, str]
        First and last period that may be used.
    excluded : Mapping[str, Reason | str]
        Départements left out on both sides, with the reason (words, or a ``Reason``).
    controls : tuple[str, ...]
        Départements that may be compared; all that are left when None.
    otherwise : Mapping[str, tuple[Reason, ...]]
        Other policies by département, with the month of each: left out when it falls within the window used.
    later : Mapping[str, str]
        By département, a start that falls after the window: a control within it.
    flags : Mapping[str, tuple[Reason, ...]]
        What a reader must know of a département that is kept; dated flags hold when they fall within the window.
    general : str
        Month from which the policy applies everywhere, so that nobody is a control.
    anticipation : int
        Months before the start from which an effect may show.
    disturbances : Mapping[str, tuple[str, str]]
        Spans of months that are kept and named.
    dataset : str
        The table of the register that it is made from.
    """

    name: str
    treated: Mapping[str, str]
    window: tuple[str, str]
    excluded: Mapping[str, Reason | str] = field(default_factory=dict)
    controls: tuple[str, ...] | None = None
    otherwise: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    later: Mapping[str, str] = field(default_factory=dict)
    flags: Mapping[str, tuple[Reason, ...]] = field(default_factory=dict)
    general: str = ""
    anticipation: int = 0
    policy: str = ""
    sites: tuple[Site, ...] = ()
    people: People = People()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    disturbances: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    dataset: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.excluded, Mapping):
            raise DesignError(
                f"design {self.name}: excluded is each département with the reason, not {self.excluded!r}",
                Reason("contradiction"),
            )
        canonical = {
            "treated": _dated(self.treated, self.name),
            "later": _dated(self.later, self.name),
            "excluded": {_departement(c, self.name): _reason(r) for c, r in self.excluded.items()},
            "controls": None
            if self.controls is None
            else tuple(_departement(c, self.name) for c in several(self.controls)),
            "window": _window(self.window, self.name),
        }
        for name, value in canonical.items():
            object.__setattr__(self, name, value)
        _check(self)

    @property
    def starts(self) -> dict[str, int]:
        """By département treated now or later, the month (since year 0) from which an effect may show."""
        return {c: first_month(d) - self.anticipation for c, d in {**self.later, **self.treated}.items()}

    def left_out(self, first: int, last: int) -> dict[str, Reason]:
        """Départements left out of a window of months, with the reason: excluded, or otherwise treated within it."""
        reasons = {code: _reason(why) for code, why in self.excluded.items()}
        for code, others in self.otherwise.items():
            within = [r for r in others if first < first_month(r.date) <= last]
            if within and code not in reasons:
                reasons[code] = min(within, key=lambda r: r.date)
        if self.controls is not None:
            pool = {*self.controls, *(c for c, month in self.starts.items() if month <= last)}
            reasons |= {
                c: Reason("not_chosen") for c in territories.DEPARTEMENTS if c not in pool | reasons.keys()
            }
        return dict(sorted(reasons.items(), key=lambda pair: territories.sort_key(pair[0])))


def _window(given: Sequence[Any], name: str) -> tuple[str, str]:
    """The first and last period of a window as text."""
    if isinstance(given, str) or len(given) != 2:
        raise DesignError(
            f"design {name}: window is the first and the last period, such as ('2018-01', '2023-12'), not {given!r}",
            Reason("contradiction"),
        )
    first, last = (str(one) if isinstance(one, Integral) else one for one in given)
    return first, last


def _departement(code: object, name: str) -> str:
    try:
        return territories.parse(code, level="departement")
    except territories.UnknownTerritory as error:
        raise DesignError(
            f"design {name}: {error}; figures are by département", Reason("unknown_territory", text=str(code))
        ) from error


def _dated(dates: Mapping[Any, Any] | Iterable[tuple[Any, Any]], name: str) -> dict[str, str]:
    """Start months by département, in the order of the codes; two dates for one are a contradiction."""
    if isinstance(dates, str):
        raise DesignError(
            f"design {name}: treated is each département with its start, such as {{'67': '2023-04'}}, not {dates!r}",
            Reason("contradiction"),
        )
    firsts: dict[str, str] = {}
    for written, date in dates.items() if isinstance(dates, Mapping) else dates:
        code = _departement(written, name)
        try:
            month = month_text(first_month(date))
        except ValueError as error:
            raise DesignError(f"design {name}, {code}: {error}", Reason("contradiction")) from error
        if firsts.setdefault(code, month) != month:
            raise DesignError(
                f"design {name}: {code} starts in {firsts[code]} and in {month}; keep one of the two",
                Reason("contradiction"),
            )
    return dict(sorted(firsts.items(), key=lambda pair: territories.sort_key(pair[0])))


def _reason(given: Reason | str) -> Reason:
    return given if isinstance(given, Reason) else Reason("own", text=given)


def listed(codes: Iterable[str]) -> str:
    """Codes as a message names them, in their official order."""
    return ", ".join(sorted(codes, key=territories.sort_key))


def _check(design: Design) -> None:
    """Refuse what contradicts itself, before any figure is read."""
    both = {
        "treated and excluded": design.treated.keys() & design.excluded.keys(),
        "treated twice, in `treated` and in `later`": design.treated.keys() & design.later.keys(),
        "treated and control": design.treated.keys() & set(design.controls or ()),
        "excluded and control": design.excluded.keys() & set(design.controls or ()),
    }
    for words, codes in both.items():
        if codes:
            raise DesignError(
                f"design {design.name}: {listed(codes)}: {words}; keep one of the two",
                Reason("contradiction"),
            )
    first, last = months_of(design.window, design.name)
    check_general(design, last)
    if not design.treated:
        raise DesignError(
            f"design {design.name}: nobody is treated; name a département and its start", Reason("nobody")
        )
    months = {code: design.starts[code] for code in design.treated}
    refuse_early(design.name, {c for c, m in months.items() if m <= first}, design.window[0])
    if late := {c for c, m in months.items() if m > last}:
        raise DesignError(
            f"design {design.name}: {listed(late)}: start after the window, which ends in {design.window[1]}; move the "
            "window, or give them as `later`",
            Reason("no_post", date=design.window[1]),
        )
    if len(set(months.values())) == 1 and not controls_within(design, first, last):
        raise no_control(design.name)


def months_of(window: Sequence[str], name: str) -> tuple[int, int]:
    """First month of a window (the last of its first period, before which nobody may be treated) and its last month."""
    try:
        first, last = (last_month(text) for text in window)
    except ValueError as error:
        raise DesignError(f"design {name}: window {window!r}: {error}", Reason("contradiction")) from error
    if last <= first:
        raise DesignError(
            f"design {name}: the window ends ({window[1]}) before it begins ({window[0]}); exchange them",
            Reason("contradiction"),
        )
    return first, last


def check_general(design: Design, last: int) -> None:
    """Refuse a window, by its last month, that reaches the time when a policy applies everywhere."""
    if design.general and last >= first_month(design.general):
        before = month_text(first_month(design.general) - 1)
        raise DesignError(
            f"design {design.name}: from {design.general} the policy applies everywhere, so nobody is a control; end the "
            f"window in {before} at the latest",
            Reason("general", date=design.general),
        )


def refuse_early(name: str, codes: Iterable[str], first: str) -> None:
    """Refuse those who are treated before anything is known of them (``codes``), if there are any."""
    if codes := set(codes):
        raise DesignError(
            f"design {name}: {listed(codes)}: treated before the panel begins or in its first period ({first}), so "
            "nothing is known of before; begin the window earlier or exclude them",
            Reason("early", date=first, text=listed(codes)),
        )


def no_control(name: str) -> DesignError:
    """What is said of a design in which nobody may be compared; the caller raises it."""
    return DesignError(
        f"design {name}: no control: every département is treated or left out; give a narrower window, or exclude less",
        Reason("no_control"),
    )


def controls_within(design: Design, first: int, last: int) -> list[str]:
    """Départements that may serve as control over a window of months: not treated within it, not left out."""
    out = design.left_out(first, last).keys() | design.treated.keys()
    return [code for code in territories.DEPARTEMENTS if code not in out]
