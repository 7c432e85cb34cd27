"""How many of the recipients of a département a policy concerned: aimed at, entered, or followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.data.panel import Panel
from analysis.foundations.arithmetic import Result, rounded
from analysis.foundations.display import hint
from analysis.methods.policies.designs import Design, DesignError, People, Reason, Site
from analysis.methods.policies.months import first_month, last_month
from analysis.methods.policies.studies import figures_of


def coverage(design: Design, panel: Panel, recipients: str | None = None) -> pd.DataFrame:
    """How many of the recipients of each treated département the policy concerned.

    Args:
        recipients: the outcome that counts them; the first of the policy's own when None.

    Returns one row per site of the register: territory, departement, people, basis (``aimed_at``, ``entered``, ``whole``,
    ``range``, ``unknown``), recipients, period (the last before the start with a figure), share, lower, upper (0 to 1). The
    share is missing when only the range of the pilots' targets is known, and both are when nothing is. Recipients are
    households and the people followed are adults: a household may count two.

    Parameters
    ----------
    design : Design
        Who is treated since when.
    panel : Panel
        Every figure: territory × period × indicator.
    recipients : str, optional
        Indicator of the recipients, counted in households.
    """
    last = _last_recipients(design, panel, recipients)
    rows = [_covered(site, design.people, *last.get(site.departement, (np.nan, ""))) for site in design.sites]
    columns = (
        "territory", "departement", "people", "basis", "recipients", "period", "share", "lower", "upper",
    )  # fmt: skip
    return rounded(pd.DataFrame(rows, columns=list(columns)))


def _covered(site: Site, people: People, recipients: float, when: str) -> tuple[object, ...]:
    if site.coverage == "whole":
        return (site.territory, site.departement, np.nan, "whole", recipients, when, 1.0, 1.0, 1.0)
    known = people.entered.get(site.territory)
    basis = "entered" if known else "aimed_at" if site.people else "range" if people.lower else "unknown"
    number = float(known or site.people or "nan")
    share = min(number / recipients, 1.0) if number == number else np.nan
    bounds = (share, share)
    if basis == "range":
        fewest, most = (np.nan if number is None else number for number in (people.lower, people.upper))
        bounds = (min(fewest / recipients, 1.0), min(most / recipients, 1.0))
    return (site.territory, site.departement, number, basis, recipients, when, share, *bounds)


def _last_recipients(design: Design, panel: Panel, name: str | None) -> dict[str, tuple[float, str]]:
    """By département, its recipients in the last period that ended before its start, and that period."""
    if name is not None and name not in design.outcomes:
        raise DesignError(
            f"design {design.name}: no outcome {name!r}{hint(name, design.outcomes)}",
            Reason("unknown_name", text=str(name)),
        )
    rule = design.outcomes.get(name or next(iter(design.people.recipients), ""))
    if rule is None:
        return {}
    first, last = rule.window or design.window
    try:
        figures = figures_of(panel, rule, (first_month(first), last_month(last)))
    except DesignError:  # figures that cannot be joined: how many there were is not known
        return {}
    recipients: dict[str, tuple[float, str]] = {}
    for row in figures.sort_values("period", key=lambda c: c.map(last_month)).to_dict("records"):
        code, value, when = row["territory"], row["value"], row["period"]
        if value > 0 and code in design.starts and last_month(when) < design.starts[code]:
            recipients[code] = (value, when)
    return recipients


@dataclass(frozen=True, repr=False)
class Reached(Result):
    """How many people the pilots of one département were for, and on what that rests.

    Attributes
    ----------
    basis : str
        ``entered``, ``aimed_at``, ``whole``, or ``range``: only what all pilots alike were announced to be for.
    people : tuple[float, float]
        Fewest and most; the same twice when a number is known.
    shares : tuple[float, float]
        Of the recipients (0 to 1), likewise.
    recipients : float
        Households of the département, at ``period``, the last before the start.
    """

    basis: str
    people: tuple[float, float]
    shares: tuple[float, float]
    recipients: float
    period: str


def reached(design: Design, cover: pd.DataFrame, code: str) -> Reached | None:
    """Of ``coverage``, what is known of one département; sites of one département add up. None when nothing is."""
    here = cover[cover["departement"] == code]
    if here.empty or here["lower"].isna().any():
        return None
    kinds = set(here["basis"])
    basis = here["basis"].iloc[0] if len(kinds) == 1 else "range"
    recipients, period = float(here["recipients"].iloc[0]), str(here["period"].iloc[0])
    ends = (design.people.lower or 0, design.people.upper or 0)
    sites = list(zip(here["basis"].tolist(), here["share"].tolist(), strict=True))
    fewest, most = (sum(end if of == "range" else recipients * share for of, share in sites) for end in ends)
    lower, upper = (min(float(here[end].sum()), 1.0) for end in ("lower", "upper"))
    return Reached(basis, (fewest, most), (lower, upper), recipients, period)


@dataclass(frozen=True, repr=False)
class Followed(Result):
    """The people followed in all territories of a policy together, over the recipients of their départements."""

    people: int
    period: str
    territories: int
    recipients: float
    share: float


def followed(design: Design, panel: Panel, recipients: str | None = None) -> Followed | None:
    """Average coverage, from the published number of people followed; None when none is published."""
    last = _last_recipients(design, panel, recipients)
    if design.people.followed is None or not last:
        return None
    total = sum(value for value, _ in last.values())
    number = design.people.followed
    return Followed(number, design.people.followed_period, len(design.sites), total, number / total)
