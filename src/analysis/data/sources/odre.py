"""ODRÉ: daily temperatures by département, turned into heating degree-days by month and by year.

Definition used: each day counts max(0, 18 °C − daily mean), where the daily mean is the file's own ``tmoy``, the half
sum of the day's minimum and maximum; a month or a year is the sum of all its days, summer included. The daily formula
is that of the unified degree-days (DJU) of the ADEME carbon database, documentation of climate corrections. It is not
COSTIC's method, the one of heating contracts, which has another formula for days whose extremes stand on either side
of the base, nor that of the ministry's statistical office, which takes base 17 and leaves out June to September: the
levels differ, so figures of another source are never mixed in.

A month or a year that lacks a day has no figure. First step of the way of the data: published file in, figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.foundations import territories
from analysis.foundations.cells import figures, name_columns, numbers, once, require_columns
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.published import read_csv

BASE_CELSIUS = 18.0
_LABELS = {"Date": "date_obs", "Code INSEE département": "code_insee_departement", "TMoy (°C)": "tmoy"}
"""Headings of the file when it is exported with labels, as its download address does, and its own names of columns."""

_INDICATORS = {"M": "count_heating_degree_days_month", "Y": "count_heating_degree_days_year"}


def degree_days(mean_temperature: pd.Series) -> pd.Series:
    """Heating degree-days of each day, from daily mean temperatures in °C; a missing temperature stays missing."""
    return (BASE_CELSIUS - mean_temperature).clip(lower=0)


def _days(path: Path) -> pd.DataFrame:
    published = read_csv(path, ";")
    name_columns(published, _LABELS, path.name)
    published = published.rename(columns=_LABELS)
    require_columns(published, ("date_obs", "code_insee_departement", "tmoy"), path.name)
    once(published, ["date_obs", "code_insee_departement"], path.name)
    return pd.DataFrame(
        {
            "territory": territories.parse_series(published["code_insee_departement"], level="departement"),
            "day": pd.to_datetime(published["date_obs"], format="%Y-%m-%d"),
            "degree_days": degree_days(numbers(published["tmoy"], path.name)),
        }
    )


def _sum_of_complete(days: pd.DataFrame, frequency: str) -> pd.DataFrame:
    """Degree-days by territory and month (``M``) or year (``Y``); no value where a day is missing."""
    spans = days["day"].dt.to_period(frequency)
    sums = days.groupby(["territory", spans])["degree_days"].agg(value="sum", count="count").reset_index()
    span = sums["day"].dt
    expected = (span.end_time.dt.normalize() - span.start_time).dt.days + 1
    complete = sums["count"] == expected
    return pd.DataFrame(
        {
            "territory": sums["territory"],
            "period": sums["day"].astype("str"),
            "indicator": _INDICATORS[frequency],
            "value": sums["value"].round(2).where(complete),
            "note": complete.map({True: "", False: "days_missing"}),
        }
    )


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Heating degree-days by département, by month and by year."""
    days = _days(paths[0])
    return figures(
        pd.concat([_sum_of_complete(days, frequency) for frequency in _INDICATORS], ignore_index=True)
    )


DATASETS = (
    Dataset(
        name="odre/heating_degree_days",
        producer="Open Data Réseaux Énergies (ODRÉ), d’après les stations de Météo-France",
        title="Température quotidienne départementale",
        url="https://odre.opendatasoft.com/explore/dataset/temperature-quotidienne-departementale/",
        licence=LICENCE_OUVERTE,
        vintage="2018-2020",
        perimeter="96 départements of metropolitan France; no overseas département",
        files=("temperature-quotidienne-departementale.csv",),
        load=load,
        remote=Remote(
            (
                Table(
                    "https://odre.opendatasoft.com",
                    "temperature-quotidienne-departementale",
                    select=",".join(_LABELS.values()),
                    period="date_obs",
                ),
            ),
            columns=tuple(_LABELS.values()),
        ),
        notes=(
            "Computed here from daily means (half sum of minimum and maximum): sum over all days of max(0, 18 °C − mean).",
            "Not COSTIC's method and not base 17: levels are not those of other degree-day series.",
        ),
    ),
)
