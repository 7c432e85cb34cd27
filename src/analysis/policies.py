"""Policies as designs: who was treated since when, who may be compared with them, and why the others may not.

``register`` puts every policy of ``data/raw/politiques`` in one table, where announced, started and covered stay three
dates. ``design`` makes one of the designs of ``designs.yml`` from it, by name; a researcher's own is a ``Design`` written
by hand, or ``own_design`` when the other policies must be kept out of it too. ``sample`` takes an outcome from the panel
over the design's window and returns a ``Study``: the ``Sample`` that estimation works on, with every territory and period
that was left out and its reason. What cannot be compared is refused with a ``DesignError`` that says what to change.

Units are the 101 départements, since no outcome is published below. It estimates nothing and words nothing: reasons are
keys of messages. It stands after ``panel`` and ``estimation``, before ``narrative`` and ``reports``.
"""

from __future__ import annotations

import difflib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd

from analysis import territories
from analysis.catalogue import Catalogue
from analysis.display import Brief, Refusal
from analysis.estimation.sample import NEVER, Sample
from analysis.panel import Panel
from analysis.values import UnknownIndicator, dictionary, period, sorted_periods

PARAMETERS = "designs"
REGISTER = (
    "policy", "territory", "departement", "wave", "announced", "started", "started_precision", "earliest", "latest",
    "covered", "treated", "coverage", "people", "basin", "note", "dataset",
)  # fmt: skip
"""Columns of the register, all text. ``territory`` was selected, ``departement`` is where its figures are counted (empty for
a general rule). ``announced``: when it was said to be selected; ``started``: as published, cut to what is known;
``earliest`` and ``latest``: the months between which it started; ``covered``: the month from which the whole département
is. None is filled in from another."""

Scale = Literal["log", "level"]
Role = Literal["main", "side", "placebo"]


@dataclass(frozen=True, order=True, repr=False)
class Reason(Brief):
    """Why something is left out, flagged, doubted or refused: the message ``design.reason.KEY``.

    Attributes:
        policy, date, text: what the message names, empty when it does not: a policy of the register, a period, and words
            or codes as they are.
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


# -------------------------------------------------------------------------------------------------------- months


def _first_month(date: str) -> int:
    """First month of a date as the register writes them (``2023``, ``2021-S2``, ``2023-07``, ``2023-07-01``)."""
    return period(date[:7] if len(date) == 10 else date).start


def _last_month(date: str) -> int:
    span = period(date[:7] if len(date) == 10 else date)
    return span.start + span.months - 1


def _month(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"


# ------------------------------------------------------------------------------------------------------ the register


def register(catalogue: Catalogue) -> pd.DataFrame:
    """Every policy in one table with the columns of ``REGISTER``; a territory of two départements has two rows."""
    policies = catalogue.parameters(PARAMETERS)["policies"]
    parts = [_registered(catalogue.table(entry["dataset"]), name, entry) for name, entry in policies.items()]
    return pd.concat(parts, ignore_index=True)


def _registered(table: pd.DataFrame, policy: str, entry: Mapping) -> pd.DataFrame:
    whole = entry.get("coverage", "unknown")
    defaults = {
        "wave": "", "announced": "", "treated": "yes", "coverage": whole, "people": "", "basin": "", "note": "",
    }  # fmt: skip
    rows = table.assign(**{c: v for c, v in defaults.items() if c not in table})
    rows.loc[rows["departement"] == "", "coverage"] = "whole"
    spans = [_span_of_start(row, policy, entry) for row in rows.to_dict("records")]
    rows = rows.assign(
        policy=policy,
        dataset=entry["dataset"],
        earliest=[first for first, _ in spans],
        latest=[last for _, last in spans],
    )
    general = "".join(rows.loc[rows["departement"] == "", "earliest"])
    rows["covered"] = rows["earliest"].where(rows["coverage"] == "whole", general)
    return rows[list(REGISTER)]


def _span_of_start(row: Mapping[str, str], policy: str, entry: Mapping) -> tuple[str, str]:
    """The months between which a territory started; for a bare year, those that ``designs.yml`` gives for the wave."""
    started = row["started"]
    if not started:
        return "", ""
    first, last = _month(_first_month(started)), _month(_last_month(started))
    narrowed = entry.get("starts", {}).get(row["wave"]) if row["started_precision"] == "year" else None
    if narrowed is None:
        return first, last
    if not first <= narrowed["earliest"] <= narrowed["latest"] <= last:
        raise DesignError(
            f"designs.yml, {policy}, wave {row['wave']!r}: {narrowed['earliest']} to {narrowed['latest']} is not within "
            f"{started}, the start of {row['territory']} in the register; correct one of the two",
            Reason("contradiction"),
        )
    return narrowed["earliest"], narrowed["latest"]


# ---------------------------------------------------------------------------------------------- outcomes and designs


@dataclass(frozen=True, repr=False)
class Outcome(Brief):
    """What a policy may have moved, and over which periods its figures can be compared with one another.

    Attributes:
        series: indicators with the last period taken from each (empty: to the end); several are joined.
        months: for a stock, the months kept (12 for Decembers), all when empty.
        accepted_breaks: breaks of the dictionary that the comparison bears, with the key of the reason why.
        unavailable: key of the reason why no effect on it can be looked for, else empty.
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

    def __post_init__(self) -> None:
        if self.scale not in Scale.__args__:
            raise DesignError(
                f"{self.name}: no scale {self.scale!r}; choose log or level", Reason("contradiction")
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

    Attributes:
        lower, upper: people that a pilot aims at. dilution_lower, dilution_upper: recipients per person aimed at.
        entered: people who entered, by territory. followed: those of all territories together, at ``followed_period``.
    """

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

    Attributes:
        treated: by département, the month from which an effect may show (the first month of a coarser date).
        window: first and last period that may be used.
        excluded: départements left out on both sides, with the reason (words, or a ``Reason``).
        controls: départements that may be compared; all that are left when None.
        otherwise: other policies by département, with the month of each: left out when it falls within the window used.
        later: by département, a start that falls after the window: a control within it.
        flags: what a reader must know of a département that is kept; dated flags hold when they fall within the window.
        general: month from which the policy applies everywhere, so that nobody is a control.
        anticipation: months before the start from which an effect may show.
        disturbances: spans of months that are kept and named.
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

    def __post_init__(self) -> None:
        canonical = {
            "treated": _dated(self.treated, self.name),
            "later": _dated(self.later, self.name),
            "excluded": {_departement(c, self.name): _reason(r) for c, r in self.excluded.items()},
            "controls": None
            if self.controls is None
            else tuple(_departement(c, self.name) for c in self.controls),
            "window": tuple(self.window),
        }
        for name, value in canonical.items():
            object.__setattr__(self, name, value)
        _check(self)

    @property
    def starts(self) -> dict[str, int]:
        """By département treated now or later, the month (since year 0) from which an effect may show."""
        return {c: _first_month(d) - self.anticipation for c, d in {**self.later, **self.treated}.items()}

    def left_out(self, first: int, last: int) -> dict[str, Reason]:
        """Départements left out of a window of months, with the reason: excluded, or otherwise treated within it."""
        found = dict(self.excluded)
        for code, others in self.otherwise.items():
            within = [r for r in others if first < _first_month(r.date) <= last]
            if within and code not in found:
                found[code] = min(within, key=lambda r: r.date)
        if self.controls is not None:
            pool = {*self.controls, *(c for c, month in self.starts.items() if month <= last)}
            found |= {
                c: Reason("not_chosen") for c in territories.DEPARTEMENTS if c not in pool | found.keys()
            }
        return dict(sorted(found.items(), key=lambda pair: territories.sort_key(pair[0])))


def _departement(code: object, name: str) -> str:
    try:
        return territories.parse(code, level="departement")
    except territories.UnknownTerritory as error:
        raise DesignError(
            f"design {name}: {error}; figures are by département", Reason("unknown_territory", text=str(code))
        ) from error


def _dated(dates: Mapping | Iterable[tuple], name: str) -> dict[str, str]:
    """Start months by département, in the order of the codes; two dates for one are a contradiction."""
    found: dict[str, str] = {}
    for written, date in dates.items() if isinstance(dates, Mapping) else dates:
        code = _departement(written, name)
        try:
            month = _month(_first_month(str(date)))
        except ValueError as error:
            raise DesignError(f"design {name}, {code}: {error}", Reason("contradiction")) from error
        if found.setdefault(code, month) != month:
            raise DesignError(
                f"design {name}: {code} starts in {found[code]} and in {month}; keep one of the two",
                Reason("contradiction"),
            )
    return dict(sorted(found.items(), key=lambda pair: territories.sort_key(pair[0])))


def _reason(given: Reason | str) -> Reason:
    return given if isinstance(given, Reason) else Reason("own", text=given)


def _listed(codes: Iterable[str]) -> str:
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
                f"design {design.name}: {_listed(codes)}: {words}; keep one of the two",
                Reason("contradiction"),
            )
    first, last = _months_of(design.window, design.name)
    _check_general(design, last)
    if not design.treated:
        raise DesignError(
            f"design {design.name}: nobody is treated; name a département and its start", Reason("nobody")
        )
    months = {code: design.starts[code] for code in design.treated}
    _refuse_early(design.name, {c for c, m in months.items() if m <= first}, design.window[0])
    if late := {c for c, m in months.items() if m > last}:
        raise DesignError(
            f"design {design.name}: {_listed(late)}: start after the window, which ends in {design.window[1]}; move the "
            "window, or give them as `later`",
            Reason("no_post", date=design.window[1]),
        )
    if len(set(months.values())) == 1 and not _controls(design, first, last):
        raise _no_control(design.name)


def _months_of(window: Sequence[str], name: str) -> tuple[int, int]:
    """First month of a window (the last of its first period, before which nobody may be treated) and its last month."""
    try:
        first, last = (_last_month(text) for text in window)
    except ValueError as error:
        raise DesignError(f"design {name}: window {window!r}: {error}", Reason("contradiction")) from error
    if last <= first:
        raise DesignError(
            f"design {name}: the window ends ({window[1]}) before it begins ({window[0]}); exchange them",
            Reason("contradiction"),
        )
    return first, last


def _check_general(design: Design, last: int) -> None:
    if design.general and last >= _first_month(design.general):
        before = _month(_first_month(design.general) - 1)
        raise DesignError(
            f"design {design.name}: from {design.general} the policy applies everywhere, so nobody is a control; end the "
            f"window in {before} at the latest",
            Reason("general", date=design.general),
        )


def _refuse_early(name: str, codes: Iterable[str], first: str) -> None:
    if codes := set(codes):
        raise DesignError(
            f"design {name}: {_listed(codes)}: treated before the panel begins or in its first period ({first}), so "
            "nothing is known of before; begin the window earlier or exclude them",
            Reason("early", date=first, text=_listed(codes)),
        )


def _no_control(name: str) -> DesignError:
    return DesignError(
        f"design {name}: no control: every département is treated or left out; give a narrower window, or exclude less",
        Reason("no_control"),
    )


def _controls(design: Design, first: int, last: int) -> list[str]:
    """Départements that may serve as control over a window of months: not treated within it, not left out."""
    out = design.left_out(first, last).keys() | design.treated.keys()
    return [code for code in territories.DEPARTEMENTS if code not in out]


# ----------------------------------------------------------------------------------------- designs from the register


def names(catalogue: Catalogue) -> tuple[str, ...]:
    """Names of the designs of ``designs.yml``."""
    return tuple(catalogue.parameters(PARAMETERS)["designs"])


def outcomes(catalogue: Catalogue) -> dict[str, Outcome]:
    """The outcomes of ``designs.yml`` by name."""
    entries = catalogue.parameters(PARAMETERS)["outcomes"]
    return {name: _outcome(name, entry, {}) for name, entry in entries.items()}


_CITED = ("reference", "checked")


def _outcome(name: str, entry: Mapping, within: Mapping) -> Outcome:
    """An outcome of the list, with what a design says of it."""
    options = {k: v for k, v in {**entry, **within}.items() if k not in (*_CITED, "series", "cautions")}
    if "window" in options:
        options["window"] = tuple(options["window"])
    if "months" in options:
        options["months"] = tuple(options["months"])
    return Outcome(
        name=name,
        series=tuple((part["indicator"], part.get("until", "")) for part in entry["series"]),
        cautions=(*entry.get("cautions", ()), *within.get("cautions", ())),
        **options,
    )


def design(name: str, catalogue: Catalogue) -> Design:
    """A design of ``designs.yml``, built from the register. DesignError names the nearest ones when there is none."""
    content = catalogue.parameters(PARAMETERS)
    entry = _find(name, content["designs"], "design")
    rows = register(catalogue)
    mine = _mine(rows, entry)
    starts = _starts(mine, by_wave=entry["starts"] == "wave")
    last = _last_month(entry["window"][1])
    of_policy = rows[rows["policy"] == entry["policy"]]
    otherwise, flags = _others(rows, entry.get("beside", content["beside"]), entry["policy"], starts)
    chosen = {
        key: _outcome(key, _find(key, content["outcomes"], "outcome"), within)
        for key, within in entry["outcomes"].items()
    }
    return Design(
        name=name,
        treated={c: d for c, d in starts.items() if _first_month(d) <= last},
        later={c: d for c, d in starts.items() if _first_month(d) > last},
        window=tuple(entry["window"]),
        otherwise=otherwise,
        flags=_joined(flags, _own_flags(of_policy, starts)),
        general="".join(of_policy.loc[of_policy["departement"] == "", "earliest"]),
        anticipation=entry["anticipation"],
        policy=entry["policy"],
        sites=tuple(
            Site(**{k: row[k] for k in Site.__dataclass_fields__}) for row in mine.to_dict("records")
        ),
        people=_people(content["policies"][entry["policy"]], entry.get("waves", ())),
        outcomes=chosen,
        cautions=tuple(entry["cautions"]),
        disturbances={k: tuple(v["window"]) for k, v in content["disturbances"].items()},
    )


def own_design(
    catalogue: Catalogue,
    name: str,
    treated: Mapping[str, str] | Iterable[tuple[str, str]],
    window: tuple[str, str],
    *,
    beside: Mapping[str, str] | None = None,
    **options,
) -> Design:
    """A researcher's own design, with the other policies of the register kept out of it.

    Args:
        beside: ``exclude`` or ``flag`` by policy of the register; that of ``designs.yml`` when None. Do not name the policy
            that is studied, or those it treats are left out. options: those of ``Design`` (``excluded``, ``controls``, …).

    The result has every outcome of ``designs.yml``, and is checked as the others are.
    """
    content = catalogue.parameters(PARAMETERS)
    policies = content["beside"] if beside is None else beside
    for policy in policies:
        _find(policy, content["policies"], "policy")
    otherwise, flags = _others(register(catalogue), policies, "", {})
    given = {
        "otherwise": otherwise,
        "flags": flags,
        "outcomes": outcomes(catalogue),
        "disturbances": {k: tuple(v["window"]) for k, v in content["disturbances"].items()},
    }
    return Design(name, treated, window, **given | options)


def treated(panel: Panel, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """The départements that each design of the register treats, whatever the figures."""
    return {name: tuple(design(name, catalogue).treated) for name in names(catalogue)}


def _find(name: str, known: Mapping, what: str):
    if name in known:
        return known[name]
    near = difflib.get_close_matches(str(name), list(known), n=3, cutoff=0.4) or list(known)
    raise DesignError(
        f"no {what} is named {name!r} in designs.yml; did you mean {', '.join(near)}?",
        Reason("unknown_name", text=str(name)),
    )


def _mine(rows: pd.DataFrame, entry: Mapping) -> pd.DataFrame:
    """Rows of the register that a design treats."""
    rows = rows[
        (rows["policy"] == entry["policy"]) & (rows["departement"] != "") & (rows["treated"] == "yes")
    ]
    return rows[rows["wave"].isin(entry["waves"])] if "waves" in entry else rows


def _starts(rows: pd.DataFrame, *, by_wave: bool) -> dict[str, str]:
    """First month by département: its own earliest, or that of its wave; the first of its territories counts."""
    first = rows.groupby("wave")["earliest"].transform("min") if by_wave else rows["earliest"]
    return first.groupby(rows["departement"]).min().to_dict()


_Reasons = dict[str, tuple[Reason, ...]]


def _others(
    rows: pd.DataFrame, beside: Mapping[str, str], policy: str, starts: Mapping[str, str]
) -> tuple[_Reasons, _Reasons]:
    """What else départements were treated with: what leaves them out, and what is only said of them.

    Other waves of the policy studied count for the départements that it does not treat.
    """
    otherwise: _Reasons = {}
    flags: _Reasons = {}
    pilots = rows[(rows["departement"] != "") & (rows["treated"] == "yes")]
    for other, rule in beside.items():
        found = _starts(pilots[pilots["policy"] == other], by_wave=False)
        into, key = _find(rule, {"exclude": (otherwise, "otherwise"), "flag": (flags, "beside")}, "rule")
        for code, date in found.items():
            if other != policy or code not in starts:
                into[code] = (*into.get(code, ()), Reason(key, policy=other, date=date))
    return otherwise, flags


def _own_flags(rows: pd.DataFrame, starts: Mapping[str, str]) -> _Reasons:
    """What must be known of the départements of a policy: several territories at different dates, a part, a withdrawal."""
    flags: _Reasons = {}
    for code, group in rows[rows["departement"] != ""].groupby("departement"):
        treated = group[group["treated"] == "yes"]
        if treated.empty:
            flags[code] = (Reason("withdrew"),)
        elif code in starts and treated["earliest"].nunique() > 1:
            flags[code] = (Reason("several_starts", text=_listed(set(treated["territory"]))),)
        elif code in starts and territories.get(treated["territory"].iloc[0]).parent == code:
            flags[code] = (Reason("part_of_departement", text=treated["territory"].iloc[0]),)
    return flags


def _joined(*parts: _Reasons) -> _Reasons:
    codes = sorted({code for part in parts for code in part}, key=territories.sort_key)
    return {code: tuple(r for part in parts for r in part.get(code, ())) for code in codes}


def _people(policy: Mapping, waves: Sequence[str]) -> People:
    target = {k: v for k, v in policy.get("target", {}).items() if k not in (*_CITED, "unit")}
    followed = policy.get("followed", {}).get(" ".join(waves), {})
    return People(
        **target,
        entered={code: entry["people"] for code, entry in policy.get("entered", {}).items()},
        followed=followed.get("people"),
        followed_period=followed.get("period", ""),
    )


# --------------------------------------------------------------------------------------------------------- studies


@dataclass(frozen=True, repr=False)
class Study(Brief):
    """A sample, and everything that was left out of it.

    Attributes:
        sample: départements × periods, in logarithms when the outcome's scale is ``log``.
        left_out: by département, why it is not in the sample. dropped: by period, likewise.
        flags: by département of the sample, what must be known of it.
        cautions: what must be known of the whole.
    """

    design: Design
    outcome: Outcome
    sample: Sample
    left_out: Mapping[str, Reason]
    dropped: Mapping[str, Reason]
    flags: Mapping[str, tuple[Reason, ...]]
    cautions: tuple[Reason, ...]

    @property
    def starts(self) -> dict[str, str]:
        """First treated period of each treated département."""
        return {code: self.sample.periods[self.sample.first[code]] for code in self.sample.treated}


def sample(
    design: Design,
    panel: Panel,
    outcome: str | Outcome,
    scale: Scale | None = None,
    window: tuple[str, str] | None = None,
) -> Study:
    """Take an outcome from the panel over a design's window.

    Args:
        outcome: name of an outcome of the design, name of an indicator, or an ``Outcome``. scale: the outcome's when None.
        window: a narrower window than the design's; those who start after it are controls.

    A period is treated from the first whose end is not before the start: a quarter in which a pilot began is treated.
    Raises DesignError when a series breaks within the window, nobody is treated or a control, a territory is treated before
    the window, or two series that are joined disagree.
    """
    rule = _rule(design, outcome, scale)
    figures = _figures(panel, rule, _span(design, rule, window))
    figures, dropped = _without_provisional(figures, rule)
    periods = sorted_periods(figures["period"])
    _check_periods(periods, rule)
    accepted = _check_breaks(periods, rule)
    wide, left_out = _complete(figures, periods, design, rule)
    first = _first_treated(design, periods, wide.index, left_out)
    codes = set(wide.index)
    return Study(
        design=design,
        outcome=rule,
        sample=Sample(np.log(wide) if rule.scale == "log" else wide, first),
        left_out=left_out,
        dropped=dropped,
        flags={c: f for c, f in _flags_within(design, periods, first).items() if c in codes},
        cautions=(*_cautions(design, rule, periods, accepted), *_shortness(first, len(periods))),
    )


def _rule(design: Design, outcome: str | Outcome, scale: Scale | None) -> Outcome:
    """The outcome that a name stands for: one of the design's, else an indicator of the dictionary."""
    rule = design.outcomes.get(outcome) if isinstance(outcome, str) else outcome
    if rule is None:
        try:
            entry = dictionary()[outcome]
        except UnknownIndicator as error:
            near = difflib.get_close_matches(outcome, design.outcomes, n=3, cutoff=0.4)
            hint = (
                f"; outcomes of the design: {', '.join(near or design.outcomes)}" if design.outcomes else ""
            )
            raise DesignError(f"{error}{hint}", Reason("unknown_name", text=outcome)) from error
        rule = Outcome(outcome, ((outcome, ""),), scale="level" if entry.unit == "percent" else "log")
    if rule.unavailable:
        raise DesignError(
            f"design {design.name}, {rule.name}: no effect can be looked for ({rule.unavailable}); choose another outcome",
            Reason(rule.unavailable),
        )
    if modelled := [name for name, _ in rule.series if dictionary()[name].modelled]:
        raise DesignError(
            f"{', '.join(modelled)}: figures of a model, in which no policy can show; take a published outcome",
            Reason("modelled"),
        )
    return rule if scale is None else replace(rule, scale=scale)


def _span(design: Design, rule: Outcome, window: tuple[str, str] | None) -> tuple[int, int]:
    """First and last month that may be used: within the window of the design, of the outcome and of the caller."""
    windows = [w for w in (design.window, rule.window, window) if w is not None]
    if window is not None:
        _check_general(design, _months_of(window, design.name)[1])
    first = max(_first_month(w[0]) for w in windows)
    last = min(_last_month(w[1]) for w in windows)
    if first >= last:
        raise DesignError(
            f"design {design.name}, {rule.name}: the windows {' and '.join('–'.join(w) for w in windows)} have nothing in "
            "common; widen the design's or choose an outcome whose figures fall within it",
            Reason("no_overlap"),
        )
    return first, last


def _figures(panel: Panel, rule: Outcome, span: tuple[int, int]) -> pd.DataFrame:
    """Published figures of the départements within a span of months: territory, period, value, state."""
    parts = [_part(panel, name, until, rule.months) for name, until in rule.series]
    kept = parts[0]
    for (name, _), part in zip(rule.series[1:], parts[1:], strict=True):
        _check_agreement(kept, part, rule, name)
        kept = pd.concat([kept, part[~part["period"].isin(set(kept["period"]))]], ignore_index=True)
    inside = {p for p in set(kept["period"]) if period(p).start >= span[0] and _last_month(p) <= span[1]}
    return kept[kept["period"].isin(inside)]


def _part(panel: Panel, name: str, until: str, months: Sequence[int]) -> pd.DataFrame:
    rows = panel.select(name, territory=territories.DEPARTEMENTS)
    last = _last_month(until) if until else None
    kept = {
        p
        for p in rows["period"].unique()
        if (not months or _last_month(p) % 12 + 1 in months) and (last is None or _last_month(p) <= last)
    }
    return rows.loc[
        rows["period"].isin(kept) & rows["value"].notna(), ["territory", "period", "value", "state"]
    ]


def _check_agreement(before: pd.DataFrame, after: pd.DataFrame, rule: Outcome, name: str) -> None:
    """Two series may be joined when they agree, to their rounding, wherever both have a figure."""
    both = before.merge(after, on=["territory", "period"], suffixes=("", "_b"))
    tolerance = sum((dictionary()[indicator].rounding or 0) / 2 for indicator, _ in rule.series)
    apart = both[(both["value"] - both["value_b"]).abs() > tolerance + 1e-9]
    if both.empty or len(apart):
        what = "have no period in common" if both.empty else f"differ by more than {tolerance:g}"
        where = "" if both.empty else f" in {apart.iloc[0]['territory']}, {apart.iloc[0]['period']}"
        raise DesignError(
            f"{rule.name}: {rule.series[0][0]} and {name} {what}{where}: they cannot be joined; use one of the two",
            Reason("cannot_join"),
        )


def _without_provisional(figures: pd.DataFrame, rule: Outcome) -> tuple[pd.DataFrame, dict[str, Reason]]:
    """Periods with a provisional figure are dropped: a revision would change the effect."""
    if (figures["state"] == "modelled").any():
        raise DesignError(f"{rule.name}: figures of a model; take a published outcome", Reason("modelled"))
    dropped = sorted_periods(figures.loc[figures["state"] == "provisional", "period"])
    return figures[~figures["period"].isin(dropped)], dict.fromkeys(dropped, Reason("provisional"))


def _check_periods(periods: Sequence[str], rule: Outcome) -> None:
    """Periods must follow one another evenly, since an effect is read by time since treatment."""
    if len(periods) < 2:
        raise DesignError(
            f"{rule.name}: {len(periods)} period with figures in the window; two at least are needed, so widen it",
            Reason("no_overlap"),
        )
    spans = [period(p) for p in periods]
    steps = {b.start - a.start for a, b in itertools.pairwise(spans)}
    if len(steps) > 1 or len({s.months for s in spans}) > 1:
        at = next(i for i in range(1, len(spans)) if spans[i].start - spans[i - 1].start != min(steps))
        raise DesignError(
            f"{rule.name}: the periods are not evenly spaced after {periods[at - 1]}; end the window there, or keep "
            "some months only (`Outcome(months=(12,))`)",
            Reason("uneven", date=periods[at - 1]),
        )


def _check_breaks(periods: Sequence[str], rule: Outcome) -> tuple[Reason, ...]:
    """Reasons why the breaks within the window are accepted; the first one that is not is refused."""
    found = {b for name, _ in rule.series for b in dictionary()[name].breaks}
    accepted = []
    for date in sorted_periods(found):
        before = [p for p in periods if _last_month(p) < period(date).start]
        if not before or len(before) == len(periods):
            continue
        if date not in rule.accepted_breaks:
            raise DesignError(
                f"{rule.name}: the series is broken in {date}; end the window in {before[-1]} or begin it in "
                f"{periods[len(before)]}",
                Reason("broken", date=date),
            )
        accepted.append(Reason(rule.accepted_breaks[date], date=date))
    return tuple(accepted)


def _complete(
    figures: pd.DataFrame, periods: Sequence[str], design: Design, rule: Outcome
) -> tuple[pd.DataFrame, dict[str, Reason]]:
    """Départements × periods without a gap, and why the others are left out."""
    wide = figures.pivot(index="territory", columns="period", values="value")
    wide = wide.reindex(index=list(territories.DEPARTEMENTS), columns=list(periods))
    left_out = design.left_out(_last_month(periods[0]), _last_month(periods[-1]))
    for code, row in wide.iterrows():
        if code in left_out:
            continue
        if row.isna().all():
            left_out[code] = Reason("no_figures")
        elif row.isna().any():
            left_out[code] = Reason("missing", date=row.index[row.isna()][-1])
        elif rule.scale == "log" and (row <= 0).any():
            left_out[code] = Reason("zero", date=row.index[row <= 0][-1])
    left_out = dict(sorted(left_out.items(), key=lambda pair: territories.sort_key(pair[0])))
    return wide.drop(index=list(left_out)), left_out


def _first_treated(
    design: Design, periods: Sequence[str], codes: Sequence[str], left_out: Mapping[str, Reason]
) -> pd.Series:
    """Position of the first treated period by département, ``NEVER`` for those not treated within the periods."""
    ends = [_last_month(p) for p in periods]
    first = pd.Series(NEVER, index=codes, dtype=int)
    for code, month in design.starts.items():
        if code in first.index and month <= ends[-1]:
            first[code] = next(i for i, end in enumerate(ends) if end >= month)
    _refuse_early(design.name, first.index[first == 0], periods[0])
    if (first == NEVER).all() or (treated := first[first != NEVER]).empty:
        gone = {c for c in design.treated if c in left_out}
        why = f"{_listed(gone)} left out" if gone else f"the figures end in {periods[-1]}"
        raise DesignError(
            f"design {design.name}: nobody is treated between {periods[0]} and {periods[-1]}: {why}; move the window, "
            "choose another outcome, or leave out less (`beside`, `excluded`)",
            Reason("treated_left_out")
            if gone >= design.treated.keys()
            else Reason("no_post", date=periods[-1]),
        )
    if treated.nunique() == 1 and not (first == NEVER).any():
        raise _no_control(design.name)
    return first


def _flags_within(design: Design, periods: Sequence[str], first: pd.Series) -> _Reasons:
    """Flags that hold over the periods used, and those who are treated after them."""
    start, end = _last_month(periods[0]), _last_month(periods[-1])
    kept = {
        code: tuple(r for r in reasons if not r.date or start < _first_month(r.date) <= end)
        for code, reasons in design.flags.items()
    }
    dates = {**design.later, **design.treated}
    later = {c: (Reason("later", date=d),) for c, d in dates.items() if first.get(c, 0) == NEVER}
    return {code: reasons for code, reasons in _joined(kept, later).items() if reasons}


def _cautions(
    design: Design, rule: Outcome, periods: Sequence[str], accepted: Sequence[Reason]
) -> tuple[Reason, ...]:
    start, end = period(periods[0]).start, _last_month(periods[-1])
    disturbed = [
        Reason(key)
        for key, (first, last) in design.disturbances.items()
        if start <= _last_month(last) and end >= _first_month(first)
    ]
    told = (*design.cautions, *rule.cautions)
    return (*(Reason(key) for key in told), *accepted, *disturbed)


def _shortness(first: pd.Series, periods: int) -> tuple[Reason, ...]:
    """What the number of periods does not allow: no trend is seen before with one, nor a lasting effect after with one."""
    earliest = int(first[first != NEVER].min())
    short = {"one_pre_period": earliest == 1, "one_post_period": earliest == periods - 1}
    return tuple(Reason(key) for key, so in short.items() if so)


@dataclass(frozen=True, repr=False)
class Verdict(Brief):
    """Whether an effect of a design on an outcome can be looked for: a study, or the reason why not."""

    outcome: Outcome
    study: Study | None = None
    reason: Reason | None = None

    @property
    def evaluable(self) -> bool:
        """Whether there is a sample."""
        return self.study is not None


def evaluability(design: Design, panel: Panel) -> tuple[Verdict, ...]:
    """Each outcome of a design with its study, or with the reason why there is none."""
    found = []
    for outcome in design.outcomes.values():
        try:
            found.append(Verdict(outcome, study=sample(design, panel, outcome)))
        except DesignError as error:
            found.append(Verdict(outcome, reason=error.reason))
    return tuple(found)


# ------------------------------------------------------------------------------------------------------- coverage


def coverage(design: Design, panel: Panel, recipients: str = "rsa_december") -> pd.DataFrame:
    """How many of the recipients of each treated département the policy concerned.

    Returns one row per site of the register: territory, departement, people, basis (``aimed_at``, ``entered``, ``whole``,
    ``range``, ``unknown``), recipients, period (the last before the start with a figure), share, lower, upper (0 to 1). The
    share is missing when only the range of the pilots' targets is known, and both are when nothing is. Recipients are
    households and the people followed are adults: a household may count two.
    """
    last = _last_recipients(design, panel, recipients)
    rows = [_covered(site, design.people, *last.get(site.departement, (np.nan, ""))) for site in design.sites]
    columns = (
        "territory", "departement", "people", "basis", "recipients", "period", "share", "lower", "upper",
    )  # fmt: skip
    return pd.DataFrame(rows, columns=list(columns))


def _covered(site: Site, people: People, recipients: float, when: str) -> tuple:
    if site.coverage == "whole":
        return (site.territory, site.departement, np.nan, "whole", recipients, when, 1.0, 1.0, 1.0)
    known = people.entered.get(site.territory)
    basis = "entered" if known else "aimed_at" if site.people else "range" if people.lower else "unknown"
    number = float(known or site.people or "nan")
    share = min(number / recipients, 1.0) if number == number else np.nan
    bounds = (share, share)
    if basis == "range":
        bounds = (min(people.lower / recipients, 1.0), min(people.upper / recipients, 1.0))
    return (site.territory, site.departement, number, basis, recipients, when, share, *bounds)


def _last_recipients(design: Design, panel: Panel, name: str) -> dict[str, tuple[float, str]]:
    """By département, its recipients in the last period that ended before its start, and that period."""
    if name not in design.outcomes:
        return {}
    rule = design.outcomes[name]
    figures = _figures(
        panel, rule, tuple(f(w) for f, w in zip((_first_month, _last_month), rule.window, strict=True))
    )
    found: dict[str, tuple[float, str]] = {}
    for row in figures.sort_values("period", key=lambda c: c.map(_last_month)).itertuples():
        if row.territory in design.starts and _last_month(row.period) < design.starts[row.territory]:
            found[row.territory] = (row.value, row.period)
    return found


@dataclass(frozen=True, repr=False)
class Followed(Brief):
    """The people followed in all territories of a policy together, over the recipients of their départements."""

    people: int
    period: str
    territories: int
    recipients: float
    share: float


def followed(design: Design, panel: Panel, recipients: str = "rsa_december") -> Followed | None:
    """Average coverage, from the published number of people followed; None when none is published."""
    last = _last_recipients(design, panel, recipients)
    if design.people.followed is None or not last:
        return None
    total = sum(value for value, _ in last.values())
    number = design.people.followed
    return Followed(number, design.people.followed_period, len(design.sites), total, number / total)


# ------------------------------------------------------------------------------------------------------- for printing


@dataclass(frozen=True, repr=False)
class Group(Brief):
    """Codes, of territories or of periods, that share a reason."""

    reason: Reason
    codes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Description(Brief):
    """What a report prints of a design or of a study; every reason is a message.

    Attributes:
        first, last: the window, as periods of the outcome for a study.
        treated: groups by start, whose reason ``treated`` holds the month (the first treated period, for a study).
        controls: codes. general: month from which the policy applies everywhere. anticipation: in months.
    """

    name: str
    policy: str
    first: str
    last: str
    general: str
    anticipation: int
    treated: tuple[Group, ...]
    controls: tuple[str, ...]
    left_out: tuple[Group, ...]
    flagged: tuple[Group, ...]
    dropped: tuple[Group, ...]
    cautions: tuple[Reason, ...]


def describe(subject: Design | Study) -> Description:
    """What must be printed of a design before its figures are known, or of a study with them."""
    return _described_study(subject) if isinstance(subject, Study) else _described_design(subject)


def _described_study(study: Study) -> Description:
    return _description(
        study.design,
        (study.sample.periods[0], study.sample.periods[-1]),
        study.starts,
        study.sample.never,
        study.left_out,
        flagged=_groups((r, c) for c, reasons in study.flags.items() for r in reasons),
        dropped=_groups((r, p) for p, r in study.dropped.items()),
        cautions=study.cautions,
    )


def _described_design(design: Design) -> Description:
    first, last = _months_of(design.window, design.name)
    left_out = design.left_out(first, last)
    return _description(
        design,
        design.window,
        {c: d for c, d in design.treated.items() if c not in left_out},
        _controls(design, first, last),
        left_out,
        flagged=_groups((r, c) for c, reasons in design.flags.items() for r in reasons),
        dropped=(),
        cautions=tuple(Reason(key) for key in design.cautions),
    )


def _description(
    design: Design,
    window: Sequence[str],
    starts: Mapping[str, str],
    controls: Sequence[str],
    left_out: Mapping[str, Reason],
    **others,
) -> Description:
    return Description(
        name=design.name,
        policy=design.policy,
        first=window[0],
        last=window[1],
        general=design.general,
        anticipation=design.anticipation,
        treated=_groups((Reason("treated", date=d), c) for c, d in starts.items()),
        controls=tuple(controls),
        left_out=_groups((r, c) for c, r in left_out.items()),
        **others,
    )


def _groups(pairs: Iterable[tuple[Reason, str]]) -> tuple[Group, ...]:
    found: dict[Reason, list[str]] = {}
    for reason, code in pairs:
        found.setdefault(reason, []).append(code)
    return tuple(Group(reason, tuple(found[reason])) for reason in sorted(found))
