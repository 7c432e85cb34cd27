"""Where people, job seekers, RSA and poverty are inside a département: what is known of each EPCI, and of how many people.

Figures of communes are added up to the part of each EPCI that lies in the département. What a source masks stays masked: a
poverty rate is that of the communes which have one, given with the share of people who live there, and not at all where
these are fewer than half; the share of poor people is given by the ends between which published figures leave it, which
are found as an audit finds them (``disclosure``). What would give away a masked commune is refused. RSA by commune is of a
part of its recipients, of which only the distribution is used. Communes come from ``indicators.inside``.

Nothing is said in words here, and EPCI are in the order of their people, not of their figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.display import Brief
from analysis.foundations.notes import SUM_OF_COMMUNES, UNDATED, joined, of
from analysis.foundations.values import VALUED_STATES, Value
from analysis.methods.disclosure import Audit, Margin, Rules, audit, bounds, hidden, one_total, refuse

PEOPLE, PERSONS, POOR = "count_population_municipal", "count_persons_fiscal", "count_persons_poor_communes"
SEEKERS, RSA = "count_job_seekers_communes", "count_rsa_only_households_caf"
SEEKERS_RATE, POVERTY = "rate_job_seekers_per_1000_communes", "rate_poverty_60_communes"
RSA_WEIGHT = "ratio_rsa_only_to_people_communes"
SHARES = {PEOPLE: "share_people_in_epci", SEEKERS: "share_job_seekers_in_epci", RSA: "share_rsa_only_in_epci"}
"""Numbers of the département, and what the share of an EPCI in each is called."""
POOR_SHARE = "share_poor_in_epci"
USED = (PEOPLE, PERSONS, POOR, SEEKERS, RSA)
RATE = "rate_poverty_60"
LEAST_COVERED = 50.0
"""Percent of the people of an EPCI who must live in communes with a poverty rate for one to be given of it."""

MOST_LACKING = 5.0
"""Percent of the people of an EPCI who may live in communes without a number for its sum to be given, with their ends."""

Ends = tuple[float, float, float]
"""A number, with the least and the largest that it may be."""


@dataclass(frozen=True, repr=False)
class Part(Brief):
    """What is known of an EPCI, or of the part of it that lies in the département.

    Attributes
    ----------
    territory : str
        Its code; ``elsewhere`` says that it lies in other départements too.
    values : Mapping[str, Value]
        Its numbers, its shares of those of the département and its rates, by indicator, with their states and what rounding
        leaves of them. Its share of poor people is a minimum, with its ends.
    covered : float
        Percent of its people who live in communes whose poverty rate is published.
    """

    territory: str
    elsewhere: bool
    values: Mapping[str, Value]
    covered: float

    def share(self, indicator: str) -> float:
        """Percent of a number of the département that it has; nothing where that is not known."""
        return self.values[SHARES[indicator]].value or 0.0


@dataclass(frozen=True, repr=False)
class Concentration(Brief):
    """The EPCI of a département, those of most people first.

    Attributes
    ----------
    parts : tuple[Part, ...]
        Its EPCI.
    covered : float
        Percent of its people who live in communes whose poverty rate is published.
    communes, masked : int
        Communes in the file of poverty rates, and those whose rate is masked.
    secrecy : Audit
        What can be known of the masked ones from all that is published.
    totals : Mapping[str, Ends | None]
        People, job seekers and RSA of the département, with what rounding leaves of them; None where a commune's lacks.
    cells, margins
        What is known of poor people (``poverty_cells``).
    """

    parts: tuple[Part, ...]
    covered: float
    communes: int
    masked: int
    secrecy: Audit
    totals: Mapping[str, Ends | None]
    cells: pd.DataFrame
    margins: tuple[Margin, ...]

    def fewest(self, indicator: str, share: float = 50.0) -> tuple[Part, ...]:
        """The fewest EPCI that together have a share of the département's; empty where that is not known."""
        ordered = sorted(self.parts, key=lambda one: (-one.share(indicator), one.territory))
        enough = np.flatnonzero(np.cumsum([one.share(indicator) for one in ordered]) >= share)
        return tuple(ordered[: enough[0] + 1]) if len(enough) else ()

    def together(self, parts: Sequence[Part]) -> dict[str, Value]:
        """Shares of several EPCI together, by indicator, with their ends; missing where that of one of them is."""
        shares = {name: _share(_added(name, parts), self.totals[name]) for name in SHARES}
        found = {one.indicator: one for one in shares.values()}
        if not parts or "all" not in self.cells.index:
            return found | {POOR_SHARE: _nothing(POOR_SHARE, "")}
        names = [_cell(one.territory) for one in parts]
        cells = self.cells.copy()
        cells.loc["together"] = (0.0, float(cells.loc[names, "upper"].sum()), False)
        ends = bounds(cells, [*self.margins, ("together", names)], ["together"])
        period = parts[0].values[POOR_SHARE].period
        return found | {POOR_SHARE: _poor_share(_ends(ends, "together"), _ends(cells, "all"), period, "")}


def concentration(communes: pd.DataFrame, rate: Value, rules: Rules) -> Concentration:
    """What is known of each EPCI of a département.

    Args:
        communes: its communes, a row for each and each indicator (``complete``): ``commune``, ``epci`` (empty in none),
            ``indicator``, ``period``, ``value``, ``lower``, ``upper``, ``state``.
        rate: its poverty rate of the year of that of the communes, with its bounds. rules: what may not be shown.
    """
    wide = _wide(communes)
    codes = sorted(set(wide["epci"]) - {""})
    cells, margins = poverty_cells(wide, rate)
    ends = bounds(cells, margins, [_cell(code) for code in codes])
    people = wide[PEOPLE].fillna(wide[PERSONS])
    known = {name: _numbers(communes[communes["indicator"] == name], people, rules) for name in SHARES}
    parts = []
    for code in codes:
        inside = wide[wide["epci"] == code]
        values = {name: numbers.get(code) or _nothing(name, code) for name, (numbers, _) in known.items()}
        values |= {SHARES[name]: _share(values[name], total) for name, (_, total) in known.items()}
        values[SEEKERS_RATE] = _per_1000(values[SEEKERS], values[PEOPLE])
        values[RSA_WEIGHT] = _weight(values[SHARES[RSA]], values[SHARES[PEOPLE]])
        covered = _covered(inside)
        values[POVERTY] = _poverty(inside, code, rate.period, covered)
        values[POOR_SHARE] = _nothing(POOR_SHARE, code, rate.period)
        if "all" in cells.index:
            values[POOR_SHARE] = _poor_share(_ends(ends, _cell(code)), _ends(cells, "all"), rate.period, code)
        parts.append(Part(code, len(territories.containing(code)) > 1, values, covered))
    parts.sort(key=lambda one: (-one.share(PEOPLE), one.territory))
    there = communes.loc[communes["indicator"] == POOR, "state"]
    number, masked = int((there != "unavailable").sum()), int((there == "suppressed").sum())
    totals = {name: total for name, (_, total) in known.items()}
    secrecy = refuse(cells, margins, rules)
    return Concentration(tuple(parts), _covered(wide), number, masked, secrecy, totals, cells, tuple(margins))


def audits(rows: pd.DataFrame, panel: Panel, rules: Rules) -> dict[str, dict[str, Audit]]:
    """What can be recovered of all that reports publish of the inside of each département: by what, then by département.

    ``poverty`` are the communes whose rate is masked, from all that is published of their poor people; ``numbers`` the EPCI
    of which a number is masked here, from those of the others and their total. ``rows``: ``inside.communes`` of the country.
    """
    poverty, numbers = {}, {}
    for code, part in rows.groupby("departement", sort=True):
        communes, departement = complete(part), str(code)
        wide = _wide(communes)
        poverty[departement] = audit(*poverty_cells(wide, rate_beside(communes, panel, departement)), rules)
        people = wide[PEOPLE].fillna(wide[PERSONS])
        for name in SHARES:
            given = communes[communes["indicator"] == name]
            numbers[f"{departement} {name}"] = _shown(given, people, rules)
    return {"poverty": poverty, "numbers": numbers}


def _shown(rows: pd.DataFrame, people: pd.Series, rules: Rules) -> Audit:
    """The audit of a number of each EPCI as it is shown, beside its total."""
    shown, _ = _numbers(rows, people, rules)
    whole = {str(code): _sum(part, people, str(code)) for code, part in rows.groupby("epci", sort=True)}
    counts = pd.Series(
        {code: one.number for code, one in whole.items() if code and one.known}, dtype="float64"
    )
    masked = pd.Series({code: not shown[str(code)].known for code in counts.index}, dtype="bool")
    return audit(*one_total(counts, masked), replace(rules, width=0.0))


def rate_beside(communes: pd.DataFrame, panel: Panel, departement: str) -> Value:
    """The poverty rate of the département, of the year of those of its communes."""
    at = str(communes.loc[communes["indicator"] == POOR, "period"].max())
    if not at:
        return _nothing(RATE, departement)
    return panel.value(RATE, departement, at)


# ----------------------------------------------------------------------------------------------------------- the communes


def complete(rows: pd.DataFrame) -> pd.DataFrame:
    """A row for each commune and each number that is used, at its newest period; those that a file leaves out are missing.

    ``rows``: ``inside.communes`` of a département.
    """
    rows = rows[rows["indicator"].isin(USED)]
    newest = rows.groupby("indicator")["period"].max()
    rows = rows[rows["period"] == rows["indicator"].map(newest)]
    epci = rows.drop_duplicates("commune").set_index("commune")["epci"].sort_index()
    every = pd.MultiIndex.from_product([epci.index, USED], names=["commune", "indicator"])
    whole = rows.set_index(["commune", "indicator"])[["value", "lower", "upper", "state", "source"]]
    whole = whole.reindex(every).reset_index()
    undated = set(rows.loc[rows["note"].str.split().map(lambda keys: UNDATED in keys), "indicator"])
    given = {
        "epci": whole["commune"].map(epci),
        "period": whole["indicator"].map(newest).fillna(""),
        "note": whole["indicator"].isin(undated).map({True: UNDATED, False: ""}),
    }
    return whole.assign(
        **given, state=whole["state"].fillna("unavailable"), source=whole["source"].fillna("")
    )


def _wide(communes: pd.DataFrame) -> pd.DataFrame:
    """A row for each commune: its EPCI, and of each number its value, its ends, and whether it is masked."""
    first = communes.drop_duplicates("commune").set_index("commune")[["epci"]]
    for name in (PEOPLE, PERSONS, POOR):
        rows = communes[communes["indicator"] == name].set_index("commune").reindex(first.index)
        first[name] = rows["value"]
        first[f"{name}_low"], first[f"{name}_high"] = (
            rows[side].fillna(rows["value"]) for side in ("lower", "upper")
        )
        first[f"{name}_masked"] = ~rows["state"].isin(VALUED_STATES)
    return first


def _cell(code: str) -> str:
    return f"EPCI {code}"


def poverty_cells(wide: pd.DataFrame, rate: Value) -> tuple[pd.DataFrame, list[Margin]]:
    """Poor people of each commune, EPCI and the département as anybody knows them, and which sums hold.

    A masked commune has between nobody and all of its people; the people of one whose number is masked too are those of the
    census at most. The département has its rate, give or take its rounding, of its people. Of an EPCI only its communes are
    known.
    """
    people = wide[PERSONS].fillna(wide[PEOPLE]).fillna(0.0)
    masked = wide[f"{POOR}_masked"]
    low, high = wide[f"{POOR}_low"].where(~masked, 0.0), wide[f"{POOR}_high"].where(~masked, people)
    cells = pd.DataFrame({"lower": low, "upper": high, "masked": masked}, dtype="object")
    margins: list[Margin] = []
    for code in sorted(set(wide["epci"]) - {""}):
        members = list(wide.index[wide["epci"] == code])
        cells.loc[_cell(code)] = (0.0, float(people[members].sum()), False)
        margins.append((_cell(code), members))
    if rate.known:
        _, least, most = _three(rate)
        cells.loc["all"] = (least / 100 * float(wide[PERSONS].sum()), most / 100 * float(people.sum()), False)
        margins.append(("all", list(wide.index)))
    return cells.astype({"lower": "float64", "upper": "float64", "masked": "bool"}), margins


def _covered(wide: pd.DataFrame) -> float:
    """Percent of people who live in communes whose poverty rate is published."""
    people = wide[PEOPLE].fillna(wide[PERSONS]).fillna(0.0)
    return 100 * float(people[~wide[f"{POOR}_masked"]].sum()) / float(people.sum()) if people.sum() else 0.0


# ---------------------------------------------------------------------------------------------------------------- an EPCI


def _numbers(rows: pd.DataFrame, people: pd.Series, rules: Rules) -> tuple[dict[str, Value], Ends | None]:
    """The sum of a number over the communes of each EPCI, and of none (``""``), and over all of the département.

    Where no commune's is secret, and hence the total is known, those of too few people are masked with what would give them
    away. ``people``: those of each commune.
    """
    found = {str(code): _sum(part, people, str(code)) for code, part in rows.groupby("epci", sort=True)}
    if rows.empty or (rows["state"] == "suppressed").any():
        return found, None
    total = _three(_sum(rows, people, "", most=100.0))
    counts = pd.Series(
        {code: one.number for code, one in found.items() if code and one.known}, dtype="float64"
    )
    masked = hidden(counts, rules)
    few = masked.index[masked]
    indicator, period = str(rows["indicator"].iloc[0]), str(rows["period"].iloc[0])
    return found | {code: _nothing(indicator, code, period, "suppressed") for code in few}, total


def _sum(rows: pd.DataFrame, people: pd.Series, code: str, most: float = MOST_LACKING) -> Value:
    """A number over communes. One that lacks may be that of all of its people; too many of these, and no sum is given."""
    indicator, period = str(rows["indicator"].iloc[0]), str(rows["period"].iloc[0])
    lacking = rows[~rows["state"].isin(VALUED_STATES)]
    if (lacking["state"] == "suppressed").any():
        return _nothing(indicator, code, period, "suppressed")
    missing = people.reindex(lacking["commune"])
    unknown = missing.isna().any() and most < 100.0
    if unknown or missing.sum() > most / 100 * people.reindex(rows["commune"]).sum():
        return _nothing(indicator, code, period)
    value, low, high = (float(rows[side].fillna(rows["value"]).sum()) for side in ("value", "lower", "upper"))
    note = joined(SUM_OF_COMMUNES, *({UNDATED} & set(rows["note"])))
    return Value(indicator, code, period, value, low, high + float(missing.sum()), "observed", note=note)


def _nothing(indicator: str, code: str, period: str | None = None, state: str = "unavailable") -> Value:
    return Value(indicator, code, period, None, None, None, state)


def _three(value: Value) -> Ends:
    """A figure with its ends, its value where it has none."""
    low, high = (value.number if end is None else end for end in (value.lower, value.upper))
    return value.number, low, high


def _share(number: Value, total: Ends | None) -> Value:
    """Percent of the département's; its ends are those with all others as large, and as small, as rounding lets them be."""
    name = SHARES[number.indicator]
    if not number.known or total is None or not total[0]:
        return _nothing(
            name, number.territory, number.period, "unavailable" if number.known else number.state
        )
    value, low, high = _three(number)
    whole, fewest, most = total
    least, largest = 100 * low / ((low + most - high) or 1), 100 * high / ((high + fewest - low) or 1)
    return Value(
        name,
        number.territory,
        number.period,
        100 * value / whole,
        least,
        largest,
        "observed",
        note=number.note,
    )


def _per_1000(number: Value, people: Value) -> Value:
    if not number.known or not people.known or not people.number:
        lacking = people if number.known else number
        return _nothing(SEEKERS_RATE, number.territory, number.period, lacking.state)
    note = joined(*number.note.split(), of("denominator_", people.when))
    rate = 1000 * number.number / people.number
    return Value(SEEKERS_RATE, number.territory, number.period, rate, None, None, "observed", note=note)


def _weight(recipients: Value, people: Value) -> Value:
    """How much more often recipients are met there than inhabitants: 1 where both have the same share of the département."""
    if not recipients.known or not people.known or not people.number:
        lacking = people if recipients.known else recipients
        return _nothing(RSA_WEIGHT, recipients.territory, recipients.period, lacking.state)
    value, low, high = (end / people.number for end in _three(recipients))
    return Value(
        RSA_WEIGHT, recipients.territory, recipients.period, value, low, high, "observed",
        note=joined(SUM_OF_COMMUNES, of("denominator_", people.when)),
    )  # fmt: skip


def _poverty(wide: pd.DataFrame, code: str, period: str | None, covered: float) -> Value:
    """The rate of the communes that have one; masked where they are those of too few of its people."""
    known = wide[~wide[f"{POOR}_masked"]]
    people = float(known[PERSONS].sum())
    if covered < LEAST_COVERED or not people:
        masked = wide[PERSONS].notna().any()
        return _nothing(POVERTY, code, period, "suppressed" if masked else "unavailable")
    rate, low, high = (100 * float(known[f"{POOR}{side}"].sum()) / people for side in ("", "_low", "_high"))
    return Value(POVERTY, code, period, rate, low, high, "observed", note=SUM_OF_COMMUNES)


def _ends(table: pd.DataFrame, name: str) -> tuple[float, float]:
    low, high = table[["lower", "upper"]].to_numpy(dtype="float64")[table.index.get_loc(name)]
    return float(low), float(high)


def _poor_share(
    here: tuple[float, float], whole: tuple[float, float], period: str | None, code: str
) -> Value:
    """Percent of the département's poor people that are there at least, and at most."""
    least, largest = 100 * here[0] / whole[1], min(100.0, 100 * here[1] / whole[0])
    note = joined("lower_bound", SUM_OF_COMMUNES)
    return Value(POOR_SHARE, code, period, least, least, largest, "observed", note=note)


def _added(indicator: str, parts: Sequence[Part]) -> Value:
    """A number of several EPCI together; missing where that of one is."""
    given = [one.values[indicator] for one in parts]
    if lacking := [one for one in given if not one.known]:
        return _nothing(indicator, "", lacking[0].period, lacking[0].state)
    value, low, high = (sum(ends) for ends in zip(*map(_three, given), strict=True))
    return Value(indicator, "", given[0].period, value, low, high, "observed", note=given[0].note)
