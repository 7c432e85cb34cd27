"""Figures by commune added up to départements, for ``Panel.plus``: what may be added, with nothing made up for the rest.

Numbers of people or things are added; a share is only when what it is a share of is given for each commune; a median
never is. A commune whose figure is withheld or lacks leaves its département without a total, which is a state and no
smaller number. Paris, Lyon and Marseille count once, whether a file gives the city, its arrondissements, or both. Codes
are read by ``territories``.

It reads no file. It stands below ``panel``, beside ``own``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from analysis.foundations import asked, territories
from analysis.foundations.display import capped, hint, listed
from analysis.foundations.files import DataError
from analysis.foundations.notes import SUM_OF_COMMUNES
from analysis.foundations.values import dictionary

SECRET = frozenset({"s", "secret", "c"})
LACKING = frozenset({"", "nd", "n.d.", "n/d", "na", "nan", "none", "///", "...", "…", "-", "<na>"})
"""What producers write for a figure that is withheld, and for one that there is not."""

_ADDED = ("count",)
_NEVER = ("median", "decile", "quartile", "quintile", "gini")


def to_departements(
    rows: pd.DataFrame,
    indicator: str,
    period: str,
    *,
    commune: str = "commune",
    value: str = "value",
    weight: str | None = None,
    drop: Iterable[str] = (),
    every: Iterable[str] | None = None,
    rounding: float = 0.0,
) -> pd.DataFrame:
    """Figures of communes as figures of départements, for ``Panel.plus``.

    Args:
        rows: one row a commune. commune, value: names of the columns of INSEE codes and of figures.
        indicator: its name; ``count_…`` is added, as is what the dictionary calls additive. period: of all the figures.
        weight: name of the column of what a share or a mean is over, for what is not a number: the result is the mean of the
            communes, each by its weight. drop: labels of rows that are no commune (``ZZZ``), or beginnings of codes
            (``98``).
        every: codes of the communes that there should be (those of the file when None); a département that lacks one has
            no total.
        rounding: step to which each figure is rounded: bounds say what that leaves of the sum.

    Returns territory, period, indicator, value, lower, upper, state and note, a row for each département of the file.
    Raises DataError that lists codes that are read as no commune, communes that are there twice, figures that are no
    number, and what cannot be added.
    """
    _check(rows, indicator, commune, value, weight)
    kept = _read(rows, commune, drop)
    kept["amount"], kept["state"] = _amounts(rows.loc[kept.index, value], kept["commune"])
    kept["weight"] = 1.0 if weight is None else _amounts(rows.loc[kept.index, weight], kept["commune"])[0]
    kept = _cities_once(kept)
    lacking = _lacking(kept, every)
    made = [
        _summed(part, code, weighted=weight is not None, step=rounding, lacking=code in lacking)
        for code, part in kept.groupby("departement", sort=False)
    ]
    found = pd.DataFrame(made).sort_values(
        "territory", key=lambda c: c.map(territories.sort_key), ignore_index=True
    )
    return found.assign(period=asked.period(period), indicator=indicator)[
        ["territory", "period", "indicator", "value", "lower", "upper", "state", "note"]
    ]


def _check(rows: pd.DataFrame, indicator: str, *columns: str | None) -> None:
    """Refuse columns that are not there, and what cannot be added without a weight, or at all."""
    for column in filter(None, columns):
        if column not in rows:
            raise DataError(
                f"communes: no column {column!r}{hint(column, rows.columns)}; there are {listed(rows.columns)}"
            )
    if rows.empty:
        raise DataError("communes: no row")
    entry = dictionary().get(indicator)
    if any(word in indicator for word in _NEVER):
        raise DataError(
            f"{indicator}: that of a département is not made of those of its communes; look for it published"
        )
    added = indicator.split("_")[0] in _ADDED or bool(entry and entry.additive)
    if not added and columns[-1] is None:
        raise DataError(
            f"{indicator}: a share or a mean cannot be added; give `weight`, the column of what it is over in each commune, "
            "or add up both numbers and divide"
        )


def _read(rows: pd.DataFrame, commune: str, drop: Iterable[str]) -> pd.DataFrame:
    """Code and département of each row that is a commune."""
    left_out = tuple(str(label).strip().upper() for label in asked.several(drop))
    codes: dict[object, tuple[str, str]] = {}
    faults = []
    for at, label in zip(rows.index, rows[commune].tolist(), strict=True):
        text = str(label).strip().upper()
        if left_out and (
            text in left_out
            or text.startswith(tuple(one for one in left_out if one.isalnum() and len(one) < 4))
        ):
            continue
        try:
            codes[at] = territories.parse_commune(label)
        except territories.UnknownTerritory as problem:
            faults.append(str(problem))
    faults = list(dict.fromkeys(faults))
    frame = pd.DataFrame.from_dict(codes, orient="index", columns=["commune", "departement"])
    twice = frame["commune"][frame["commune"].duplicated()].unique() if len(frame) else ()
    faults += [f"commune {code} is there twice; keep one of the two, or one period" for code in twice]
    if faults:
        head = f"communes: {len(faults)} labels at fault; `drop` leaves out rows that are no commune"
        raise DataError("\n  ".join([head, *capped(faults)]))
    return frame


def _amounts(given: pd.Series, codes: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Numbers, and the state of each: what is withheld, what there is not, what is observed."""
    texts = given.astype("object").map(lambda one: str(one).strip().lower())
    numbers = pd.to_numeric(
        texts.str.replace(r"[\s\u202f\u00a0]", "", regex=True).str.replace(",", "."), errors="coerce"
    )
    state = pd.Series("observed", given.index)
    state[texts.isin(SECRET)], state[texts.isin(LACKING)] = "suppressed", "unavailable"
    wrong = ((numbers.isna() & (state == "observed")) | np.isinf(numbers)).to_numpy()
    if wrong.any():
        lines = [
            f"commune {code}: {text!r} is no number"
            for code, text in zip(codes[wrong], given[wrong], strict=True)
        ]
        raise DataError("\n  ".join([f"communes: {len(lines)} figures at fault", *capped(lines)]))
    return numbers.where(state == "observed").astype("float64"), state


def _cities_once(rows: pd.DataFrame) -> pd.DataFrame:
    """Paris, Lyon and Marseille once: the city where its figure is known, else its arrondissements."""
    for city, wards in territories.WARDS.items():
        whole, parts = rows["commune"] == city, rows["commune"].isin(wards)
        if not (whole.any() and parts.any()):
            continue
        rows = rows[~(parts if rows.loc[whole, "state"].iloc[0] == "observed" else whole)]
    return rows


def _lacking(rows: pd.DataFrame, every: Iterable[str] | None) -> Mapping[str, str]:
    """Départements of which a commune that should be there is not, with its code."""
    there = set(rows["commune"])
    for city, wards in territories.WARDS.items():
        there |= {city} if there >= set(wards) else set(wards) if city in there else set()
    asked_for = [territories.parse_commune(code) for code in every or ()]
    missing = {departement: code for code, departement in asked_for if code not in there}
    for city, wards in territories.WARDS.items():
        if there & set(wards) and city not in there:
            missing[territories.parse_commune(city)[1]] = city
    return missing


def _summed(
    rows: pd.DataFrame, code: object, *, weighted: bool, step: float, lacking: bool
) -> dict[str, object]:
    """The figure of a département; without a value when one of a commune lacks."""
    unknown = rows[rows["amount"].isna() | rows["weight"].isna()]
    nothing = {"territory": code, "value": np.nan, "lower": np.nan, "upper": np.nan, "note": SUM_OF_COMMUNES}
    if lacking or len(unknown) or rows["weight"].sum() <= 0:
        return nothing | {
            "state": "suppressed" if (unknown["state"] == "suppressed").any() else "unavailable"
        }
    total = float((rows["amount"] * rows["weight"]).sum())
    total = total / float(rows["weight"].sum()) if weighted else total
    around = step / 2 * (1 if weighted else len(rows))
    bounds = {"lower": total - around, "upper": total + around} if step else {}
    return nothing | {"value": total, "state": "observed"} | bounds
