"""Every trend sentence of every département: no percentage that misleads, nothing across a break, every jump looked at."""

import re
from collections import Counter
from itertools import groupby

import pytest

from analysis.data import breaks
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import trends
from analysis.foundations import territories
from analysis.foundations.periods import period
from analysis.foundations.values import dictionary
from analysis.methods import anomalies
from analysis.presentation.narrative import trends as wording

TERRITORIES = (*territories.DEPARTEMENTS, *territories.REGIONS, "FM", "FR")


@pytest.fixture(scope="module")
def told():
    """Each trend of the panel with the breaks of its series: indicator, series, trend."""
    panel, prices = Panel.open(), trends.prices(Catalogue().parameters("prices"))
    found = []
    for name in panel.indicators:
        columns = panel.select(name, territory=TERRITORIES).to_dict("list")
        for _, run in groupby(range(len(columns["territory"])), key=columns["territory"].__getitem__):
            rows = list(run)
            series = {key: values[rows[0] : rows[-1] + 1] for key, values in columns.items()}
            if (one := trends.trend(series, name, prices)) is not None:
                found.append((dictionary()[name], breaks.cuts(series, dictionary()[name]), one))
    assert len(found) > 10_000
    return found


def test_no_change_of_any_departement_crosses_a_break(told):
    starts = {cut: period(cut).start for _, cuts, _ in told for cut in cuts}
    crossed = [
        (entry.name, one.territory, cut)
        for entry, cuts, one in told
        for change in (one.main, one.before)
        if change
        for cut in cuts
        if period(change.first.period).start < starts[cut] <= period(change.last.period).start
    ]
    assert not crossed, Counter(name for name, _, _ in crossed)


def test_no_percentage_is_above_200_or_from_a_tiny_base(told):
    wrong = [
        (entry.name, one.territory)
        for entry, _, one in told
        for change in (one.main, one.before)
        if change and change.way == "percent"
        and (
            max(change.amount, change.upper) > 200
            or change.first.value < trends.FEWEST_STEPS * trends.step(entry)
            or not trends.is_relative(entry)
        )
    ]  # fmt: skip
    assert not wrong, Counter(name for name, _ in wrong)


def test_what_is_read_has_no_such_percentage_either(told):
    """The words of the largest changes of each indicator, up and down, in both languages."""
    largest = {}
    for entry, _, one in told:
        for change in (one.main, one.before):
            ratio = change.last.value / change.first.value if change and change.first.value else 0
            for key in ((entry.name, ratio > 1, change is one.main),):
                if key not in largest or abs(ratio - 1) > abs(largest[key][0] - 1):
                    largest[key] = ratio, one
    for _, one in largest.values():
        for lang in ("fr", "en"):
            text = wording.trend(one, lang)
            numbers = re.findall(r"([\d\u202f\u00a0,. ]*\d)\u202f?%", text)
            read = [
                float(re.sub(r"[\u202f\u00a0 ]", "", n).replace(",", "." if lang == "fr" else ""))
                for n in numbers
            ]
            assert all(n <= 200 for n in read), text


def test_the_examples_of_the_issue_are_not_said_again(told):
    by = {(entry.name, one.territory): one for entry, _, one in told}
    insertion = by["amount_departement_insertion_per_recipient", "2A"].main
    assert (insertion.first.period, insertion.constant) == ("2016", 2017)
    youth = by["count_job_seekers_under_25", "67"]
    assert (youth.main.last.period, youth.later) == ("2024-12", "2025-01")
    unemployment = by["rate_unemployment", "67"]
    assert (unemployment.main.first.period, unemployment.before.first.period) == ("2024-Q1", "2019-Q1")
    gas = by["amount_gas_residential_mwh", "67"]
    assert (gas.main.first.period, gas.kinds) == ("2019", {"2019": "operators"})


def test_somebody_has_looked_at_every_jump():
    found = anomalies.review(Panel.open(), breaks.register(Catalogue()))
    assert not [one.key for one in found if one.verdict == "new"]
    assert {"break", "explained", "unexplained"} == {one.verdict for one in found}
