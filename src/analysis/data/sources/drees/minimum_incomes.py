"""DREES, recipients of minimum incomes at the end of each year: a sheet for each, footnoted years across.

Whatever the sheets spell in several ways is recognised by its code. Nothing is added up here: totals are those published.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.drees import sheets
from analysis.foundations.cells import figures, once
from analysis.foundations.limits import SourceError

_YEARLY = {
    "Tableau 1": "count_aah_recipients_yearly",
    "Tableau 5": "count_api_recipients_yearly",
    "Tableau 6": "count_ass_recipients_yearly",
    "Tableau 7": "count_old_age_minimum_recipients_yearly",
    "Tableau 10": "count_rmi_recipients_yearly",
    "Tableau 11": "count_rsa_recipients_yearly",
    "Tableau 13": "count_minimum_income_recipients_yearly",
    "Tableau 14": "count_rsa_covered_people_yearly",
    "Tableau 15": "count_rsa_adults_yearly",
}
_NATIONAL_ROWS = {"France métropolitaine": "FM", "France": "FR"}
_OTHER_ROWS = {"DOM", "Saint-Pierre-et-Miquelon", "Autres COM"}
_MISSING_YEARLY = {
    "ns": ("suppressed", "not_significant"),
    "nd": ("unavailable", ""),
    "-": ("not_applicable", "rsa_not_in_force"),
}
_OLD_AGE_ESTIMATES = {
    **dict.fromkeys(("2A", "2B"), "half_of_region"),
    **dict.fromkeys(("971", "972", "973", "974"), "estimated_by_producer"),
}
_INCONSISTENT_TOTALS = {("count_minimum_income_recipients_yearly", "FR", "2002-12"): "total_inconsistent"}


def load_yearly(paths: Sequence[Path]) -> pd.DataFrame:
    """Recipients of minimum incomes at 31 December, 1995 to 2019.

    Traps: 2016 stands in two columns, before and after the change of CNAF's statistical system, and only the second
    continues; labels vary from sheet to sheet (« Réunion », « La Réunion », « Lot-et-Graonne »); rows of totals and of
    other collectivités stand among départements; the old-age minimum of each Corsican département is half of the région's
    figure. RSA recipients, adults and covered people are three quantities that re-users swap: they must be in that order.
    """
    path = paths[0]
    found = sheets.read(path, _YEARLY)
    rows = [
        row for title, name in _YEARLY.items() for row in _years(found[title], name, f"{path.name}, {title}")
    ]
    frame = pd.DataFrame(rows, columns=["territory", "period", "indicator", "value", "state", "note"])
    frame = _once(sheets.coded(frame, path.name), path.name)
    _in_order(frame, path.name)
    frame = _estimates(frame)
    old_age = frame["indicator"] == "count_old_age_minimum_recipients_yearly"
    return figures(
        pd.concat(
            [
                sheets.bounded(frame[~old_age], ("FR", "FM"), half=50),
                sheets.bounded(frame[old_age], ("FR", "FM"), half=5),
            ]
        )
    )


def _years(rows: sheets.Rows, indicator: str, where: str) -> Iterator[sheets.Figure]:
    header = sheets.header(rows, "N° Dep", where, column=1)
    columns = sheets.year_columns(rows[header]) or sheets.year_columns(rows[header + 1])
    for row in rows[header + 1 :]:
        code, label = sheets.text(row[1]), sheets.text(row[2])
        if not code and label not in _NATIONAL_ROWS:
            if label and label not in _OTHER_ROWS:
                raise SourceError(f"{where}: row « {label} » is no territory that this loader knows")
            continue
        for year, index in columns.items():
            if sheets.text(row[index]):
                state, note = _MISSING_YEARLY.get(sheets.text(row[index]), ("observed", ""))
                value = None if state != "observed" else sheets.value(row[index], f"{where}, {label}, {year}")
                yield code or _NATIONAL_ROWS[label], f"{year}-12", indicator, value, state, note
        if label == "France":
            return
    raise SourceError(f"{where}: no row « France » closes the table")


def _once(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """A territory repeated with the same figures is read once; with other figures it is an error."""
    frame = frame.drop_duplicates()
    once(frame, ["territory", "period", "indicator"], where)
    return frame


def _in_order(frame: pd.DataFrame, where: str) -> None:
    """RSA recipients ≤ adults ≤ covered people, everywhere: otherwise two of the sheets have been swapped."""
    wide = frame.pivot_table(index=["territory", "period"], columns="indicator", values="value")
    kinds = ("count_rsa_recipients_yearly", "count_rsa_adults_yearly", "count_rsa_covered_people_yearly")
    for less, more in pairwise(kinds):
        if less in wide and more in wide and (wrong := wide[less] > wide[more]).any():
            raise SourceError(
                f"{where}: {less} exceeds {more} in {wide.index[wrong][0]}; the sheets have been swapped"
            )


def _estimates(frame: pd.DataFrame) -> pd.DataFrame:
    """Mark what the producer says it estimated, and the totals that do not add up."""
    old_age = frame["indicator"] == "count_old_age_minimum_recipients_yearly"
    reasons = frame["territory"].map(_OLD_AGE_ESTIMATES).where(old_age & frame["value"].notna())
    keys = pd.Series(
        list(zip(frame["indicator"], frame["territory"], frame["period"], strict=True)), frame.index
    )
    notes = frame["note"].where(reasons.isna(), reasons)
    return frame.assign(
        state=frame["state"].where(reasons.isna(), "modelled"),
        note=keys.map(_INCONSISTENT_TOTALS).fillna(notes),
    )


_CNAF_2016 = (
    "2016: CNAF's statistical system changed; figures from 2016 do not continue those of earlier years"
)

DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="drees/minima_yearly_1995_2019",
        producer="DREES",
        title="Minima sociaux : données départementales par dispositif",
        url=f"{sheets.OPEN_DATA}/336_minima-sociaux-rsa-et-prime-d-activite/information/",
        licence=LICENCE_OUVERTE,
        vintage="2019",
        perimeter="France, 101 départements (Mayotte from 2012 for RSA), at 31 December",
        files=("Minima sociaux - donnees departementales par dispositif.xlsx",),
        load=load_yearly,
        remote=sheets.attached(
            "336_minima-sociaux-rsa-et-prime-d-activite",
            (r"minima.*departementales.*dispositif", "minima.xlsx"),
        ),
        compressed=True,
        breaks=(
            _CNAF_2016,
            "2009: RSA replaces RMI and API in metropolitan France on 1 June (overseas on 1 January 2011)",
            "2016: prime d'activité replaces RSA activité; figures of RSA before 2016 are RSA socle",
            "2009: the survey on the old-age minimum extends to overseas funds",
        ),
        notes=(
            "2016 is published twice; the figures kept are those of the new system, which continue to 2019.",
            "Old-age minimum: départements of Corse are half of the région, overseas départements are estimated.",
            "All minimum incomes, France, 2002: the overseas total exceeds the sum of its départements by 116,400.",
        ),
    ),
)
