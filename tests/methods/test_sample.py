"""Samples of any units: what is refused, a long frame with dates read as it is written, evaluated without the panel."""

import numpy as np
import pandas as pd
import pytest

from analysis.estimation.sample import NEVER, Sample, SampleError
from analysis.foundations.display import Refusal
from analysis.methods import evaluation
from tests.methods.test_effects import FOLDER

YEARS = list(range(2011, 2019))


def counties(units=40, treated=12, start=2015, effect=0.2, seed=3):
    """A row by county and year, in disorder; the first ``treated`` get ``effect`` from ``start`` on."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame([(8001 + 2 * k, y) for k in range(units) for y in YEARS], columns=["county", "year"])
    late = (frame["county"] < 8001 + 2 * treated) & (frame["year"] >= start)
    frame["jobs"] = rng.normal(10, 0.05, len(frame)) + effect * late
    frame["first"] = np.where(frame["county"] < 8001 + 2 * treated, start, 0)
    frame["on"] = late.astype(int)
    return frame.sample(frac=1, random_state=1)


def wide(outcome=lambda table: table, first=(2, 2, NEVER, NEVER, NEVER, NEVER)):
    values = np.random.default_rng(0).normal(size=(6, 4))
    table = pd.DataFrame(values, [f"u{k}" for k in range(6)], [2001, 2002, 2003, 2004])
    return outcome(table), pd.Series(list(first), table.index)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"outcome": lambda t: t.replace(t.iloc[1, 1], np.inf)}, "u1: figures are infinite"),
        ({"outcome": lambda t: t.replace(t.iloc[4, 0], -np.inf)}, "u4: figures are infinite.*logarithms of zero"),
        ({"outcome": lambda t: t[[2001, 2003, 2002, 2004]]}, "order of time: 2002 comes after 2003; sort"),
        ({"outcome": lambda t: t.set_axis(["2020-01", "2019-12", "2020-02", "2020-03"], axis=1)}, "order of time"),
        ({"outcome": lambda t: t.set_axis(["t1", "t2", "t10", "t9"], axis=1)}, "'t9' comes after 't10'"),
        ({"outcome": lambda t: t.set_axis(pd.to_datetime(["2021", "2020", "2022", "2023"]), axis=1)}, "order of time"),
        ({"outcome": lambda t: t.set_axis([2001, 2002, 2002, 2004], axis=1)}, "periods there twice.*2002"),
        ({"outcome": lambda t: t.set_axis(["a", "a", "c", "d", "e", "f"])}, "one row and one first"),
        ({"outcome": lambda t: t * 1e90}, "another unit"),
        ({"outcome": lambda t: t.iloc[:0]}, "units × periods expected"),
        ({"outcome": lambda t: t.astype(object).replace(t.iloc[0, 0], "n.d.")}, "numbers expected"),
        ({"first": [1.5, 2, NEVER, NEVER, NEVER, NEVER]}, "u0: a first treated period is a whole position"),
        ({"first": [np.inf, 2, NEVER, NEVER, NEVER, NEVER]}, "whole position"),
        ({"first": [np.nan, 2, NEVER, NEVER, NEVER, NEVER]}, "u0"),
    ],
)  # fmt: skip
def test_a_panel_that_no_estimator_could_use_is_refused_by_name(changes, message):
    with pytest.raises(SampleError, match=message):
        Sample(*wide(**changes))


def test_names_of_which_the_order_is_not_known_are_taken_as_they_come():
    outcome, first = wide(outcome=lambda t: t.set_axis(["Q4 2019", "Q1 2020", "Q2 2020", "Q3 2020"], axis=1))
    assert Sample(outcome, first).periods[0] == "Q4 2019"


def since(frame, write, never=None):
    """When each row's county began, written some way."""
    return frame["first"].map(lambda year: write(year) if year else never)


def _dated(frame):
    day = pd.to_datetime(frame["year"].astype(str) + "-07-01")
    return frame.assign(time=day, since=pd.to_datetime(since(frame, lambda y: f"{y}-07-01")))


FORMS = {
    "years": lambda f: f.assign(time=f["year"], since=f["first"]),
    "dates": _dated,
    "texts": lambda f: f.assign(time=f["year"].astype(str), since=since(f, lambda y: f"{y}-11")),
    "iso texts": lambda f: f.assign(
        time=f["year"].astype(str) + "-01-01", since=since(f, lambda y: f"{y}-01-01", never="")
    ),
    "periods, a date within": lambda f: f.assign(
        time=pd.PeriodIndex(f["year"].astype(str), freq="Y"),
        since=since(f, lambda y: pd.Timestamp(y, 5, 3), never=pd.NaT),
    ),
    "zero or one": lambda f: f.assign(time=f["year"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_long_frame_is_read_whichever_way_its_dates_are_written(form):
    frame = FORMS[form](counties())
    when = {"treated": "on"} if form == "zero or one" else {"first": "since"}
    found = Sample.from_long(frame, unit="county", time="time", outcome="jobs", **when)
    straight = counties().pivot(index="county", columns="year", values="jobs")
    assert (found.outcome.to_numpy() == straight.to_numpy()).all() and list(found.units) == list(
        straight.index
    )
    assert dict(found.first) == {c: 4 if c < 8025 else NEVER for c in straight.index}


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda f: pd.concat([f, f.head(1)]), {}, "there twice; keep one row"),
        (lambda f: f.iloc[1:], {}, "figures are missing"),
        (lambda f: f[f["year"] != 2014], {}, "not evenly spaced around 2015"),
        (lambda f: f.assign(year=f["year"].map(lambda y: f"wave {y}")), {}, "write numbers, dates, or periods"),
        (lambda f: f.assign(year=f["year"].where(f.index > 3)), {}, "county or year is missing"),
        (lambda f: f.assign(jobs=f["jobs"].astype(str) + "?"), {}, "numbers expected"),
        (lambda f: f.assign(first=f["first"] + (f["year"] == 2012)), {}, "differs from row to row"),
        (lambda f: f, {"outcome": "job"}, "no column job; name one of"),
        (lambda f: f, {"first": None}, "give either first"),
        (lambda f: f, {"first": {99: 2015}}, "99: treated, but not among the units"),
        (lambda f: f, {"first": {8001: 2015.5}}, "8001: first treated in 2015.5 lies between two periods"),
        (lambda f: f, {"first": {8001: "2015-Q1"}}, "not written as the periods are"),
        (_dated, {"time": "time", "first": {8001: pd.Timestamp("2015-01-02")}}, "to_period"),
        (lambda f: f.assign(on=f["on"] * (f["year"] < 2017)), {"first": None, "treated": "on"}, "then no longer"),
        (lambda f: f.assign(on=0.5), {"first": None, "treated": "on"}, "0 or 1 expected"),
    ],
)  # fmt: skip
def test_a_long_frame_that_makes_no_panel_says_what_to_change(change, options, message):
    with pytest.raises(SampleError, match=message):
        Sample.from_long(
            change(counties()),
            **{"unit": "county", "time": "year", "outcome": "jobs", "first": "first"} | options,
        )


def test_a_sample_of_any_units_is_evaluated_without_the_panel():
    sample = Sample.from_long(counties(start=2016), "county", "year", "jobs", "first")
    found = evaluation.evaluate(sample, scale="log")
    assert found.sample is found.study and found.relative and found.sample.units == sample.units
    assert all(row.estimate.att == pytest.approx(0.2, abs=0.05) for row in found.rows)
    assert {row.reason for row in found.rows} == {""}
    assert found.reasons == found.refused == {}
    assert found.leave_one_out.influential in {str(unit) for unit in sample.treated}
    alone = evaluation.evaluate_one(sample, 8003)
    assert alone.placebo.estimate.att == pytest.approx(0.2, abs=0.1)
    with pytest.raises(Refusal, match="9 is not treated in this study; choose among 8001"):
        evaluation.evaluate_one(sample, 9)


def test_what_is_refused_keeps_the_key_of_its_reason():
    few = Sample.from_long(counties(treated=2), "county", "year", "jobs", "first")
    found = evaluation.evaluate(few)
    assert {row.key: row.reason for row in found.rows if row.estimate is None} == dict.fromkeys(
        ("callaway_santanna", "sun_abraham", "imputation", "twfe", "twfe_wild"), "few_units"
    )
    assert found.reasons["path"] == "few_units" and not found.relative


def test_the_counties_of_the_published_minimum_wage_study_are_read_and_evaluated():
    path = FOLDER / "mpdta.csv"
    if not path.exists():
        pytest.skip("needs the reference file mpdta.csv, kept beside the project and absent here")
    sample = Sample.from_long(pd.read_csv(path), "countyreal", "year", "lemp", "first.treat")
    assert {sample.periods[g]: len(units) for g, units in sample.cohorts.items()} == {
        2004: 20,
        2006: 40,
        2007: 131,
    }
    found = evaluation.evaluate(sample, scale="log")
    rows = {row.key: row.estimate for row in found.rows}
    assert rows["callaway_santanna"].att == pytest.approx(
        -0.0400, abs=5e-5
    )  # Callaway and Sant'Anna's vignette
    assert rows["callaway_santanna_not_yet"].att == pytest.approx(-0.0398, abs=5e-5)
