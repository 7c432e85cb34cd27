"""The register of policies, and the designs that are made from it.

``register`` puts every policy of ``data/raw/politiques`` in one table, where announced, started and covered stay three
dates. ``design`` makes one of the designs of ``designs.yml`` from it, by name; ``own_design`` keeps the other policies out
of a researcher's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import pandas as pd

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.display import hint, shown
from analysis.foundations.entries import Entry
from analysis.methods.policies.designs import (
    Design,
    DesignError,
    Outcome,
    People,
    Reason,
    Reasons,
    Site,
    joined,
    listed,
)
from analysis.methods.policies.months import first_month, last_month, month_text
from analysis.methods.policies.written import read

Found = TypeVar("Found")

REGISTER = (
    "policy", "territory", "departement", "wave", "announced", "started", "started_precision", "earliest", "latest",
    "covered", "treated", "coverage", "people", "basin", "note", "dataset",
)  # fmt: skip
"""Columns of the register, all text. ``territory`` was selected, ``departement`` is where its figures are counted (empty for
a general rule). ``announced``: when it was said to be selected; ``started``: as published, cut to what is known;
``earliest`` and ``latest``: the months between which it started; ``covered``: the month from which the whole département
is. None is filled in from another."""


def register(catalogue: Catalogue) -> pd.DataFrame:
    """Every policy in one table with the columns of ``REGISTER``; a territory of two départements has two rows."""
    policies = read(catalogue)["policies"]
    parts = [_registered(catalogue.table(entry["dataset"]), name, entry) for name, entry in policies.items()]
    return pd.concat(parts, ignore_index=True)


def _registered(table: pd.DataFrame, policy: str, entry: Entry) -> pd.DataFrame:
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


def _span_of_start(row: Mapping[Any, str], policy: str, entry: Entry) -> tuple[str, str]:
    """The months between which a territory started; for a bare year, those that ``designs.yml`` gives for the wave."""
    started = row["started"]
    if not started:
        return "", ""
    first, last = month_text(first_month(started)), month_text(last_month(started))
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


# ----------------------------------------------------------------------------------------- designs from the register


def names(catalogue: Catalogue) -> tuple[str, ...]:
    """Names of the designs of ``designs.yml``."""
    return tuple(read(catalogue)["designs"])


def studied(catalogue: Catalogue) -> dict[str, str]:
    """The policy that each design of ``designs.yml`` studies, by name of the design."""
    return {name: entry["policy"] for name, entry in read(catalogue)["designs"].items()}


def recipients(policy: str, catalogue: Catalogue) -> Outcome | None:
    """The outcome that the coverage of a policy is a share of; None where it has none."""
    named = read(catalogue)["policies"][policy].get("recipients", ())
    return outcomes(catalogue)[named[0]] if named else None


def outcomes(catalogue: Catalogue) -> dict[str, Outcome]:
    """The outcomes of ``designs.yml`` by name."""
    entries = read(catalogue)["outcomes"]
    return {name: _outcome(name, entry, {}) for name, entry in entries.items()}


_CITED = ("reference", "checked")


def _outcome(name: str, entry: Entry, within: Mapping[str, Any]) -> Outcome:
    """An outcome of the list, with what a design says of it."""
    options = {k: v for k, v in {**entry, **within}.items() if k not in (*_CITED, "series", "cautions")}
    if "window" in options:
        options["window"] = tuple(options["window"])
    if "months" in options:
        options["months"] = tuple(options["months"])
    if "accepted_breaks" in options:
        options["accepted_breaks"] = dict(options["accepted_breaks"])
    return Outcome(
        name=name,
        series=tuple((part["indicator"], part.get("until", "")) for part in entry["series"]),
        cautions=(*entry.get("cautions", ()), *within.get("cautions", ())),
        **options,
    )


def design(name: str, catalogue: Catalogue) -> Design:
    """A design of ``designs.yml``, built from the register.

    Parameters
    ----------
    name : str
        Key of the design in ``designs.yml``.
    catalogue : Catalogue
        Where it is read.

    Raises
    ------
    DesignError
        Names the nearest ones when there is none.
    DesignError
        Names the nearest ones when there is none.
    """
    content = read(catalogue)
    entry = _find(name, content["designs"], "design")
    rows = register(catalogue)
    mine = _mine(rows, entry)
    starts = _starts(mine, by_wave=entry["starts"] == "wave")
    last = last_month(entry["window"][1])
    of_policy = rows[rows["policy"] == entry["policy"]]
    otherwise, flags = _others(rows, entry.get("beside", content["beside"]), entry["policy"], starts)
    chosen = {
        key: _outcome(key, _find(key, content["outcomes"], "outcome"), within)
        for key, within in entry["outcomes"].items()
    }
    return Design(
        name=name,
        treated={c: d for c, d in starts.items() if first_month(d) <= last},
        later={c: d for c, d in starts.items() if first_month(d) > last},
        window=tuple(entry["window"]),
        otherwise=otherwise,
        flags=joined(flags, _own_flags(of_policy, starts)),
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
        dataset=content["policies"][entry["policy"]]["dataset"],
    )


def own_design(
    catalogue: Catalogue,
    name: str,
    treated: Mapping[str, str] | Iterable[tuple[str, str]],
    window: tuple[str, str],
    *,
    beside: Mapping[str, str] | None = None,
    **options: Any,
) -> Design:
    """A researcher's own design, with the other policies of the register kept out of it.

    The result has every outcome of ``designs.yml``, and is checked as the others are.

    Parameters
    ----------
    catalogue : Catalogue
        Where parameters and registers are read.
    name : str
        What it is called.
    treated : Mapping[str, str] | Iterable[tuple[str, str]]
        First treated date by territory, in any usual form.
    window : tuple[str, str]
        First and last period that may be used.
    beside : Mapping[str, str], optional
        ``exclude`` or ``flag`` by policy of the register; that of ``designs.yml`` when None. Do not name the policy that
        is studied, or those it treats are left out.
    options
        Those of ``Design`` (``excluded``, ``controls``, …).
    """
    content = read(catalogue)
    policies = content["beside"] if beside is None else beside
    for policy in policies:
        _find(policy, content["policies"], "policy")
    otherwise, flags = _others(register(catalogue), policies, "", {})
    given: dict[str, Any] = {
        "treated": treated,
        "otherwise": otherwise,
        "flags": flags,
        "outcomes": outcomes(catalogue),
        "disturbances": {k: tuple(v["window"]) for k, v in content["disturbances"].items()},
    }
    return Design(name=name, window=window, **given | options)


def treated(panel: Panel, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """The départements that each design of the register treats, whatever the figures."""
    return {name: tuple(design(name, catalogue).treated) for name in names(catalogue)}


def _find(name: str, known: Mapping[str, Found], what: str) -> Found:
    if name in known:
        return known[name]
    raise DesignError(
        f"no {what} is named {shown(name)} in designs.yml{hint(name, known, 'known')}",
        Reason("unknown_name", text=str(name)),
    )


def _mine(rows: pd.DataFrame, entry: Entry) -> pd.DataFrame:
    """Rows of the register that a design treats."""
    rows = rows[
        (rows["policy"] == entry["policy"]) & (rows["departement"] != "") & (rows["treated"] == "yes")
    ]
    return rows[rows["wave"].isin(entry["waves"])] if "waves" in entry else rows


def _starts(rows: pd.DataFrame, *, by_wave: bool) -> dict[str, str]:
    """First month by département: its own earliest, or that of its wave; the first of its territories counts."""
    months = list(rows["earliest"])
    if by_wave:
        of_wave = _firsts(rows["wave"], months)
        months = [of_wave[wave] for wave in rows["wave"]]
    return _firsts(rows["departement"], months)


def _firsts(keys: Iterable[str], months: Iterable[str]) -> dict[str, str]:
    """The first month of each key, in the order of the keys; grouping a column of texts would load 10 MB of Arrow."""
    firsts: dict[str, str] = {}
    for key, month in zip(keys, months, strict=True):
        firsts[key] = min(month, firsts.get(key, month))
    return dict(sorted(firsts.items()))


def _others(
    rows: pd.DataFrame, beside: Mapping[str, str], policy: str, starts: Mapping[str, str]
) -> tuple[Reasons, Reasons]:
    """What else départements were treated with: what leaves them out, and what is only said of them.

    Other waves of the policy studied count for the départements that it does not treat.
    """
    otherwise: Reasons = {}
    flags: Reasons = {}
    pilots = rows[(rows["departement"] != "") & (rows["treated"] == "yes")]
    for other, rule in beside.items():
        others = _starts(pilots[pilots["policy"] == other], by_wave=False)
        into, key = _find(rule, {"exclude": (otherwise, "otherwise"), "flag": (flags, "beside")}, "rule")
        for code, date in others.items():
            if other != policy or code not in starts:
                into[code] = (*into.get(code, ()), Reason(key, policy=other, date=date))
    return otherwise, flags


def _own_flags(rows: pd.DataFrame, starts: Mapping[str, str]) -> Reasons:
    """What must be known of the départements of a policy: several territories at different dates, a part, a withdrawal."""
    flags: Reasons = {}
    for key, group in rows[rows["departement"] != ""].groupby("departement"):
        code, treated = str(key), group[group["treated"] == "yes"]
        if treated.empty:
            flags[code] = (Reason("withdrew"),)
        elif code in starts and treated["earliest"].nunique() > 1:
            flags[code] = (Reason("several_starts", text=listed(set(treated["territory"]))),)
        elif code in starts and territories.get(treated["territory"].iloc[0]).parent == code:
            flags[code] = (Reason("part_of_departement", text=treated["territory"].iloc[0]),)
    return flags


def _people(policy: Entry, waves: Sequence[str]) -> People:
    target = {k: v for k, v in policy.get("target", {}).items() if k not in (*_CITED, "unit")}
    followed = policy.get("followed", {}).get(" ".join(waves), {})
    return People(
        recipients=tuple(policy.get("recipients", ())),
        **target,
        entered={code: entry["people"] for code, entry in policy.get("entered", {}).items()},
        followed=followed.get("people"),
        followed_period=followed.get("period", ""),
    )
