"""Heating degree-days: the formula, complete months and years only."""

import datetime

import numpy as np
import pandas as pd
import pytest

from analysis.data.sources.odre import degree_days, load
from analysis.foundations.limits import SourceError


def _write(folder, days):
    """Rows of (day, département, mean temperature)."""
    path = folder / "temperature-quotidienne-departementale.csv"
    lines = ["date_obs;code_insee_departement;departement;tmin;tmax;tmoy"]
    lines += [f"{day};{code};x;0;0;{mean}" for day, code, mean in days]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _year(year, code, mean, without=()):
    first = datetime.date(year, 1, 1)
    days = (first + datetime.timedelta(n) for n in range(366 if year % 4 == 0 else 365))
    return [(day.isoformat(), code, mean) for day in days if day.isoformat() not in without]


def test_formula():
    found = degree_days(pd.Series([-2.0, 17.5, 18.0, 25.0, np.nan]))
    assert found.tolist()[:4] == [20.0, 0.5, 0.0, 0.0]
    assert np.isnan(found.iloc[4])


def test_only_complete_periods_have_a_figure(tmp_path):
    whole, holed = _year(2020, "2A", 8.0), _year(2020, "01", 8.0, without=("2020-02-29",))
    frame = load([_write(tmp_path, [*whole, *holed])]).set_index(["territory", "period"])
    assert frame.loc[("2A", "2020"), "value"] == pytest.approx(3660)
    assert frame.loc[("2A", "2020"), "indicator"] == "count_heating_degree_days_year"
    assert frame.loc[("2A", "2020-02"), "value"] == pytest.approx(290)
    assert frame.loc[("01", "2020-03"), "value"] == pytest.approx(310)
    for period in ("2020", "2020-02"):
        row = frame.loc[("01", period)]
        assert (row.state, row.note) == ("unavailable", "days_missing")
        assert np.isnan(row.value)


def test_a_missing_temperature_is_not_a_warm_day(tmp_path):
    days = _year(2019, "75", 10.0)
    days[40] = (days[40][0], "75", "")
    frame = load([_write(tmp_path, days)]).set_index("period")
    assert frame.loc["2019-02", "state"] == frame.loc["2019", "state"] == "unavailable"
    assert frame.loc["2019-01", "value"] == pytest.approx(248)


def test_a_day_given_twice_is_refused(tmp_path):
    with pytest.raises(SourceError, match="twice"):
        load([_write(tmp_path, [("2020-01-01", "75", 3)] * 2)])


def test_published_file(published):
    frame = load([published("odre", "temperature-quotidienne-departementale.csv")])
    yearly = (
        frame[frame.indicator == "count_heating_degree_days_year"].set_index(["territory", "period"]).value
    )
    monthly = frame[frame.indicator == "count_heating_degree_days_month"]
    assert len(yearly) == 96 * 3 and len(monthly) == 96 * 36
    assert frame.state.eq("observed").all()
    assert yearly[("75", "2018")] == pytest.approx(2002.2, abs=0.05)
    # the twelve months make the year, and 2020 was the mildest of the three in every département but one or two
    sums = monthly.assign(year=monthly.period.str[:4]).groupby(["territory", "year"]).value.sum()
    assert np.allclose(sums, yearly, atol=0.1)
    by_year = yearly.unstack()
    assert (by_year["2020"] < by_year["2019"]).mean() > 0.95
    assert by_year["2019"].idxmin() in ("2A", "2B", "06", "83", "13")
