"""Inside a département: figures of communes, and their sums by EPCI, each with the share of people that it covers.

A commune's figure may be secret, lacking, or rounded. Nothing is made up for those that lack: a sum is over the communes
that have a figure, and says beside it which share of the people of all of them these have (census 2022), how many there are
and how many are masked. It is the figure of a part, and never called that of the whole unless it covers all of it. An EPCI
that lies in several départements has a sum in each. Communes that are in no EPCI of 2025 (four islands, and those that have
merged since they were counted) stand together under an empty code.

``analysis.data`` holds the figures; ``disclosure`` says which of these sums may be shown. Nothing is estimated.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.levels import COMMUNE
from analysis.foundations.notes import SUM_OF_COMMUNES, UNDATED, joined

TABLE = "insee/communes"
"""Reference table: in which EPCI each commune lies."""

POPULATION = "count_population_municipal"
POOR = "count_persons_poor_communes"
_RATE, _PERSONS = "rate_poverty_60", "count_persons_fiscal"
_COLUMNS = [
    "commune", "name", "epci", "departement", "people", "indicator", "period", "value", "lower", "upper", "state", "note",
    "source",
]  # fmt: skip
_KEY = ["territory", "departement", "indicator", "period"]


def datasets(catalogue: Catalogue) -> tuple[str, ...]:
    """Names of the datasets of figures by commune."""
    return tuple(s.dataset for s in catalogue.sidecars.values() if s.level == COMMUNE.key)


def communes(catalogue: Catalogue, departement: str | None = None) -> pd.DataFrame:
    """Every figure of every commune, or of those of a département.

    Returns commune, name, epci (empty in none), departement, people (census 2022), indicator, period, value, lower, upper,
    state, note and source. People below the poverty line are computed from the rate, in whole percent, and its bounds.
    """
    begins = departement or ""  # the code of a commune begins with that of its département
    read = (catalogue.figures(name).assign(source=name) for name in datasets(catalogue))  # one at a time
    frame = pd.concat([one[one["territory"].str.startswith(begins)] for one in read], ignore_index=True)
    frame = frame.rename(columns={"territory": "commune"})
    frame = pd.concat([frame, _poor(frame)], ignore_index=True)
    table = catalogue.table(TABLE)[["commune", "name", "epci"]]
    frame = frame.merge(table, on="commune", how="left").fillna({"name": "", "epci": ""})
    place = {code: territories.parse_commune(code)[1] for code in frame["commune"].unique()}
    people = frame[frame["indicator"] == POPULATION].set_index("commune")["value"]
    frame = frame.assign(departement=frame["commune"].map(place), people=frame["commune"].map(people))
    return frame[_COLUMNS]


def _poor(frame: pd.DataFrame) -> pd.DataFrame:
    """People below the poverty line in each commune whose rate is printed; masked where it is masked."""
    rates = frame[frame["indicator"] == _RATE].set_index("commune")
    persons = frame[frame["indicator"] == _PERSONS].set_index("commune")["value"].reindex(rates.index)
    amounts = {c: rates[c] / 100 * persons for c in ("value", "lower", "upper")}
    return rates.assign(indicator=POOR, **amounts).reset_index()


def sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Sums of the counts of ``communes`` by EPCI and département, with what they cover.

    Returns territory (an EPCI, or empty), departement, indicator, period, value, lower, upper, ``covered`` (share of the
    people of its communes there who live in communes with a figure; missing where none is counted by the census),
    ``communes``, ``known`` and ``masked`` (numbers of communes), ``elsewhere`` (whether it lies in other départements too).
    A sum over no commune with a figure has no value.
    """
    counts = rows[rows["indicator"].str.startswith("count_")].rename(columns={"epci": "territory"})
    known = counts["value"].notna()
    counts = counts.assign(
        known=known, masked=counts["state"].eq("suppressed"), there=counts["people"].where(known, 0.0),
        **{c: counts[c].where(counts[c].notna(), counts["value"]) for c in ("lower", "upper")},
    )  # fmt: skip
    groups = counts.groupby(_KEY, sort=True)
    made = groups[["value", "lower", "upper"]].sum(min_count=1)
    undated = counts["note"].str.split().map(lambda keys: UNDATED in keys).groupby(counts["indicator"]).any()
    made[["known", "masked"]] = groups[["known", "masked"]].sum().astype("int64")
    everyone = (
        rows[rows["indicator"] == POPULATION].groupby(["epci", "departement"])["value"].agg(["sum", "size"])
    )
    made = made.assign(there=groups["there"].sum()).reset_index()
    place = pd.MultiIndex.from_frame(made[["territory", "departement"]])
    total = everyone["sum"].reindex(place).to_numpy()
    made["communes"] = np.maximum(
        everyone["size"].reindex(place).fillna(0).to_numpy(), made["known"] + made["masked"]
    )
    made["covered"] = np.divide(made.pop("there"), total, out=np.full(len(made), np.nan), where=total > 0)
    several = {code for code in made["territory"].unique() if code and len(territories.containing(code)) > 1}
    return made.assign(
        communes=made["communes"].astype("int64"),
        elsewhere=made["territory"].isin(several),
        note=np.where(made["indicator"].map(undated), joined(SUM_OF_COMMUNES, UNDATED), SUM_OF_COMMUNES),
    )


def by_epci(panel: Panel, catalogue: Catalogue) -> pd.DataFrame:
    """``sums`` of every département: the same for all reports, which take their own (``Report.common``)."""
    return sums(communes(catalogue))
