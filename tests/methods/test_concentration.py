"""Inside a département: shares, ends and coverage worked out by hand on a few communes, and what secrecy leaves."""

import numpy as np
import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations.values import Value
from analysis.methods import concentration as method
from analysis.methods import neighbourhoods
from analysis.methods.disclosure import Rules, Uncovered
from analysis.methods.indicators import inside

RULES = Rules(minimum=11, dominance=85, width=10)
A, B = "200093201", "245900428"
"""Two EPCI of Nord, by their codes."""
COMMUNES = {  # EPCI, people, poverty rate (None: secret), job seekers, RSA
    "59350": (A, 60_000, 20, 6_000, 3_000),
    "59599": (A, 30_000, 15, 2_000, 1_000),
    "59004": (A, 10_000, None, 2_000, 500),
    "59183": (B, 8_000, 30, 1_500, 500),
    "59001": (B, 1_000, None, 300, 0),
    "59002": (B, 1_000, None, 200, 0),
}


def communes(given=COMMUNES):
    rows = []
    for code, (epci, people, rate, seekers, rsa) in given.items():
        poor = (
            (np.nan,) * 3 if rate is None else tuple((rate + side) / 100 * people for side in (0, -0.5, 0.5))
        )
        for indicator, period, (value, low, high) in (
            (method.PEOPLE, "2022", (people,) * 3),
            (method.PERSONS, "2021", (people,) * 3),
            (method.POOR, "2021", poor),
            (method.SEEKERS, "2025-04", (seekers,) * 3),
            (method.RSA, "2020-12", (rsa, max(0, rsa - 2.5), rsa + 2.5)),
        ):
            state = "suppressed" if np.isnan(value) else "observed"
            note = "undated" if indicator == method.SEEKERS else ""
            rows.append((code, epci, indicator, period, value, low, high, state, note))
    columns = ["commune", "epci", "indicator", "period", "value", "lower", "upper", "state", "note"]
    return pd.DataFrame(rows, columns=columns)


def rate(percent=18.0):
    return Value("rate_poverty_60", "59", "2021", percent, percent - 0.05, percent + 0.05, "observed")


def found(given=COMMUNES, **options):
    return method.concentration(communes(given), rate(**options), RULES)


def ends(value):
    return value.value, value.lower, value.upper


def test_an_epci_has_the_share_of_its_communes_with_what_rounding_leaves():
    large, small = found().parts
    assert (large.territory, small.territory) == (A, B)
    assert large.values["share_people_in_epci"].value == pytest.approx(100 * 100 / 110)
    assert large.values["share_job_seekers_in_epci"].value == pytest.approx(100 * 10 / 12)
    # 4,500 ± 7.5 beside 500 with ± 2.5 and two zeros, which are never less and 2.5 more at most
    expected = (90, 100 * 4492.5 / (4492.5 + 507.5), 100 * 4507.5 / (4507.5 + 497.5))
    assert ends(large.values["share_rsa_only_in_epci"]) == pytest.approx(expected)
    assert large.values["rate_job_seekers_per_1000_communes"].value == pytest.approx(100)
    assert large.values["ratio_rsa_only_to_people_communes"].value == pytest.approx(0.9 * 1.1)


def test_a_poverty_rate_is_that_of_the_communes_that_have_one_and_says_of_how_many_people():
    whole = found()
    large, small = whole.parts
    assert (whole.covered, large.covered, small.covered) == pytest.approx((100 * 98 / 110, 90.0, 80.0))
    assert (whole.communes, whole.masked) == (6, 3)
    assert ends(large.values["rate_poverty_60_communes"]) == pytest.approx(
        (55 / 3, 55 / 3 - 0.5, 55 / 3 + 0.5)
    )
    few = found(COMMUNES | {"59183": (B, 1_900, 30, 1_500, 500)}).parts[1]
    assert few.covered < 50
    assert few.values["rate_poverty_60_communes"].state == "suppressed"


def test_the_share_of_poor_people_has_the_ends_that_published_figures_leave_it():
    """18 % of 110,000 are poor, give or take 55; 18.3 ± 0.5 % of 90,000 and 30 ± 0.5 % of 8,000 are known, not of 12,000."""
    large, small = (one.values["share_poor_in_epci"] for one in found().parts)
    least, most = 19_745, 19_855
    known_a, known_b = (16_050, 16_950), (2_360, 2_440)
    lowest_a = max(known_a[0], least - known_b[1] - 2_000)
    highest_a = min(known_a[1] + 10_000, most - known_b[0])
    assert ends(large) == pytest.approx(
        (100 * lowest_a / most, 100 * lowest_a / most, 100 * highest_a / least)
    )
    highest_b = min(known_b[1] + 2_000, most - known_a[0])
    assert ends(small)[1:] == pytest.approx((100 * known_b[0] / most, 100 * highest_b / least))
    assert "lower_bound" in small.note


def test_without_a_rate_of_the_departement_no_share_of_poor_people_is_given():
    nothing = Value("rate_poverty_60", "976", "2021", None, None, None, "unpublished")
    parts = method.concentration(communes(), nothing, RULES).parts
    assert {one.values["share_poor_in_epci"].state for one in parts} == {"unavailable"}


def test_a_single_secret_commune_that_the_departement_gives_away_is_refused():
    """Rates to the thousandth of a percent would leave the one secret commune within two people."""
    only = {"59350": COMMUNES["59350"], "59004": (A, 3_000, None, 2_000, 500)}
    exact = communes(only)
    known = (exact["indicator"] == method.POOR) & exact["value"].notna()
    exact.loc[known, ["lower", "upper"]] = exact.loc[known, "value"].iloc[0]
    sharp = Value("rate_poverty_60", "59", "2021", 20.0, 19.999, 20.001, "observed")
    with pytest.raises(Uncovered, match=r"59004: between 599\.37 and 600\.63"):
        method.concentration(exact, sharp, RULES)
    assert not method.concentration(communes(only), rate(20.0), RULES).secrecy.recovered


def test_a_commune_without_a_number_may_have_that_of_all_its_people_and_too_many_leave_no_sum():
    given = communes()
    lacks = given["commune"].eq("59001") & given["indicator"].eq(method.RSA)
    small = given["commune"].isin(["59001"]) & given["indicator"].isin([method.PEOPLE, method.PERSONS])
    given.loc[lacks, ["value", "lower", "upper"]] = np.nan
    given.loc[lacks, "state"] = "unavailable"
    whole = method.concentration(given.assign(value=given["value"].mask(small, 400)), rate(), RULES)
    large, little = whole.parts
    assert ends(little.values[method.RSA]) == (500, 497.5, 502.5 + 2.5 + 400)
    assert whole.totals[method.RSA][2] == 4507.5 + 505 + 400
    assert large.values["share_rsa_only_in_epci"].lower == pytest.approx(100 * 4492.5 / (4492.5 + 905))
    assert little.values["share_rsa_only_in_epci"].known
    few = method.concentration(given, rate(), RULES).parts[1]  # 1,000 of 10,000 people
    assert few.values[method.RSA].state == few.values["share_rsa_only_in_epci"].state == "unavailable"


def test_numbers_of_too_few_people_are_masked_with_what_would_give_them_away():
    few = COMMUNES | {
        "59183": (B, 8_000, 30, 4, 500),
        "59001": (B, 1_000, None, 3, 0),
        "59002": (B, 1_000, None, 2, 0),
    }
    large, small = found(few).parts
    for part in (large, small):  # with two EPCI, the one is the total less the other
        assert part.values[method.SEEKERS].state == "suppressed"
        assert part.values["share_job_seekers_in_epci"].value is None
    assert found(few).fewest(method.SEEKERS) == ()


def test_the_fewest_epci_that_have_half():
    assert [one.territory for one in found().fewest(method.SEEKERS)] == [A]
    assert [one.territory for one in found().fewest(method.SEEKERS, 90)] == [A, B]


# ------------------------------------------------------------------------------------------------------- neighbourhoods


def quarters(**columns):
    names = {"rate": "rate_poverty_60", "people": neighbourhoods.COVERED, "free": neighbourhoods.C2S[0],
             "paid": neighbourhoods.C2S[1]}  # fmt: skip
    return pd.DataFrame({names[key]: pd.Series(values, dtype="float64") for key, values in columns.items()})


def test_c2s_over_poor_people_is_of_the_neighbourhoods_that_have_both_terms():
    table = quarters(
        rate=[40, 50, np.nan, 60],
        people=[1000, 2000, 3000, 4000],
        free=[300, 700, 900, np.nan],
        paid=[20, 80, 90, 1],
    )
    one = neighbourhoods.ratio(table)
    assert (one.known, one.number, one.c2s, one.poor, one.people) == (2, 4, 1100, 1400, 3000)
    assert one.value == pytest.approx(100 * 1100 / 1400)
    # every rate within 0.05: 3,000 people × 0.05 % is 1.5
    assert (one.lower, one.upper) == pytest.approx((100 * 1100 / 1401.5, 100 * 1100 / 1398.5))
    assert neighbourhoods.ratio(table.iloc[2:]) is None


def test_a_blank_is_counted_and_stands_for_nothing():
    values = pd.Series([10.0, np.nan, 5.0])
    total = neighbourhoods.total(values)
    assert (total.value, total.known, total.number) == (15, 2, 3)
    assert neighbourhoods.held(total, 60.0) == 25
    assert neighbourhoods.held(total, None) is None
    assert neighbourhoods.total(values[1:2]) is None


# ------------------------------------------------------------------------------------------------- what reports publish


@pytest.fixture(scope="module")
def published():
    """Communes of départements of all kinds: one or two secret communes, most of them, none of them, small parts of EPCI."""
    catalogue = Catalogue()
    rows = inside.communes(catalogue)
    return rows[rows["departement"].isin(["92", "94", "93", "974", "972", "13", "23", "76", "80"])], Rules.of(
        catalogue.parameters("disclosure")
    )


def test_nothing_that_reports_publish_recovers_a_masked_figure(published):
    rows, rules = published
    found = method.audits(rows, Panel.open(), rules)
    masked = {what: sum(len(one.intervals) for one in audits.values()) for what, audits in found.items()}
    assert masked["poverty"] > 900
    assert masked["numbers"] > 3
    assert not [name for audits in found.values() for one in audits.values() for name in one.recovered]


def test_the_audit_would_see_a_masked_commune_that_figures_without_rounding_uncover(published):
    rows, rules = published
    rows = rows[rows["departement"] == "92"]
    poor = rows["indicator"].isin([method.POOR, "rate_poverty_60"])
    sharp = rows.assign(**{side: rows[side].mask(poor, rows["value"]) for side in ("lower", "upper")})
    communes = method.complete(sharp)
    wide = method._wide(communes)
    people = wide[method.POOR].sum() + 0.1 * wide.loc[wide[f"{method.POOR}_masked"], method.PERSONS].sum()
    exact = 100 * people / wide[method.PERSONS].sum()
    told = Value("rate_poverty_60", "92", "2021", exact, exact, exact, "observed")
    with pytest.raises(Uncovered, match="1 masked cells would be recovered"):
        method.concentration(communes, told, rules)
