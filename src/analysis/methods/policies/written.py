"""``designs.yml`` held to its form before anything is made of it: what is malformed is told with its line and its entry.

Which territories a policy treats is in the register, not there. It reads no figure and estimates nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from analysis.data.catalogue import Catalogue
from analysis.foundations.display import hint, listed, shown
from analysis.foundations.entries import Entry
from analysis.foundations.periods import UnknownPeriod
from analysis.foundations.values import dictionary
from analysis.methods.policies.designs import Aim, Role, Scale
from analysis.methods.policies.months import last_month

PARAMETERS = "designs"
RULES = ("exclude", "flag")
_CITED = ("reference", "checked")


def read(catalogue: Catalogue) -> Entry:
    """The policies, designs and outcomes of ``designs.yml``; EntryError names the line and the entry at fault."""
    content = catalogue.parameters(PARAMETERS)
    content.only(("policies", "beside", "disturbances", "outcomes", "designs"))
    for entry in _each(content, "policies"):
        entry.only(("dataset",), ("coverage", "starts", "recipients", "target", "entered", "followed"))
        if "recipients" in entry:
            if not isinstance(entry["recipients"], list):
                raise entry.fault(
                    f"expected a list of outcomes, found {shown(entry['recipients'])}", "recipients"
                )
            _known(entry, "recipients", content["outcomes"], "outcome")
    for entry in _each(content, "disturbances"):
        _window(entry.only(("window", *_CITED)))
    for entry in _each(content, "outcomes"):
        _outcome(entry)
    _beside(content.within("beside"), content["policies"])
    for entry in _each(content, "designs"):
        _design(entry, content)
    return content


def _each(entry: Entry, key: str) -> Iterable[Entry]:
    group = entry.within(key)
    return [group.within(name) for name in group]


def _known(entry: Entry, key: str, known: Iterable[str], what: str) -> None:
    """A value, or each of a list, is one of those that are known."""
    given = entry[key] if isinstance(entry[key], list) else [entry[key]]
    known = list(known)
    if wrong := [one for one in given if one not in known]:
        raise entry.fault(
            f"{shown(wrong[0])} is no {what}{hint(wrong[0], known)}; known: {listed(known)}", key
        )


def _window(entry: Entry) -> None:
    """A first and a last period, in that order."""
    given = entry["window"]
    try:
        first, last = (last_month(text) for text in given)
    except UnknownPeriod as error:
        raise entry.fault(str(error), "window") from None
    except (TypeError, ValueError):
        raise entry.fault(f"expected a first and a last period, found {shown(given)}", "window") from None
    if last <= first:
        raise entry.fault(f"ends ({given[1]}) before it begins ({given[0]}); exchange them", "window")


def _outcome(entry: Entry) -> None:
    entry.only(
        ("series", *_CITED), ("scale", "months", "window", "accepted_breaks", "cautions", "unavailable")
    )
    if "scale" in entry:
        _known(entry, "scale", get_args(Scale), "scale")
    if "window" in entry:
        _window(entry)
    for part in entry["series"] or ():
        if not isinstance(part, Entry):
            raise entry.fault(
                f"expected an indicator and, where it ends, `until`, found {shown(part)}", "series"
            )
        _known(
            part.only(("indicator",), ("until",)), "indicator", dictionary(), "indicator of the dictionary"
        )
        if entry.get("scale") == "level" and (unit := dictionary()[part["indicator"]].unit) != "percent":
            raise entry.fault(
                f"an effect on a level is told in points, and {part['indicator']} is in {unit}; use log",
                "scale",
            )


def _beside(entry: Entry, policies: Mapping[str, object]) -> None:
    for policy in entry:
        if policy not in policies:
            raise entry.fault(
                f"no policy of that name{hint(policy, policies)}; known: {listed(policies)}", policy
            )
        _known(entry, policy, RULES, "rule")


def _design(entry: Entry, content: Entry) -> None:
    needed = ("policy", "window", "starts", "anticipation", "outcomes", "cautions", *_CITED)
    entry.only(needed, ("waves", "beside"))
    _known(entry, "policy", content["policies"], "policy")
    _known(entry, "starts", ("wave", "territory"), "way of dating starts")
    _window(entry)
    if not isinstance(entry["anticipation"], int):
        raise entry.fault(
            f"expected a number of months, found {shown(entry['anticipation'])}", "anticipation"
        )
    if "beside" in entry:
        _beside(entry.within("beside"), content["policies"])
    chosen = entry.within("outcomes")
    for name in chosen:
        if name not in content["outcomes"]:
            raise chosen.fault(f"no outcome of that name{hint(name, content['outcomes'])}", name)
        rule = chosen.within(name).only((), ("role", "aim", "cautions", "unavailable"))
        for key, kind in (("role", Role), ("aim", Aim)):
            if key in rule:
                _known(chosen[name], key, get_args(kind), key)
