"""Housing tables of re-users: modelled rents, long vacancy, permits, demand for social housing copied by hand."""

import pytest

from analysis.data.sources import logement
from analysis.foundations.limits import SourceError
from tests.checks import Check, column, one

RENTS = tuple(logement._RENTS)


def write(tmp_path, name, *lines):
    path = tmp_path / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [path]


def test_rents_are_modelled_and_the_row_of_france_is_not_a_departement(tmp_path):
    lines = (
        "code," + ",".join(RENTS),
        "00FR,1,2,3,4,5,6",
        "01,11.56,13.67,13,15,10,12",
        "2A,14.48,15.18,17,18,12,14",
    )
    frame = logement.load_rents(write(tmp_path, "ottd_agg_exdlog_dep.csv", *lines))
    assert set(frame["state"]) == {"modelled"}
    flats = frame[(frame["indicator"] == "amount_rent_apartment_eur_m2") & (frame["period"] == "2025")]
    assert flats.set_index("territory")["value"].to_dict() == {"01": 13.67, "2A": 15.18, "FR": 2}


def series(tmp_path, *lines):
    return write(tmp_path, "ottd_series_logement_dep.csv", "code,annee,logaut,vac2ans_pct", *lines)


def test_long_vacancy_stops_before_the_sum_of_unmasked_communes(tmp_path):
    frame = logement.load_vacancy(
        series(tmp_path, "01,2019,10,", "01,2022,10,3.77", "01,2023,10,3.75", "01,2024,10,2.62")
    )
    assert frame.set_index("period")["value"].to_dict() == {"2022": 3.77, "2023": 3.75}


def test_zeros_of_mayotte_before_its_permits_are_no_data(tmp_path):
    frame = logement.load_permits(
        series(tmp_path, "976,2013,0,", "976,2014,1030,", "48,2013,0,", "48,2010,,")
    )
    assert frame[["territory", "period", "value"]].to_numpy().tolist() == [
        ["48", "2013", 0],
        ["976", "2014", 1030],
    ]
    with pytest.raises(SourceError, match="appear twice"):
        logement.load_permits(series(tmp_path, "01,2013,1,", "01,2013,2,"))


def test_social_demand_has_no_row_for_an_empty_cell(tmp_path):
    lines = ("dep,t2015,t2016", "01,2.12,2.24", "971,,5.92")
    frame = logement.load_social_demand(write(tmp_path, "sne_tension_2015_2025__x.csv", *lines))
    assert frame[["territory", "period", "value"]].to_numpy().tolist() == [
        ["01", "2015", 2.12], ["01", "2016", 2.24], ["971", "2016", 5.92],
    ]  # fmt: skip
    with pytest.raises(SourceError, match="a year such as t2016"):
        logement.load_social_demand(write(tmp_path, "sne_tension_2015_2025__x.csv", "dep,2015", "01,2"))


def test_published_rents(published):
    frame = logement.load_rents([published("logement", "ottd_agg_exdlog_dep.csv")])
    assert frame["territory"].nunique() == 97
    paris = frame[(frame["territory"] == "75") & (frame["indicator"] == "amount_rent_apartment_eur_m2")]
    assert paris["value"].tolist() == [27.93, 31.52]
    small = frame[frame["indicator"] == "amount_rent_small_apartment_eur_m2"].set_index(
        ["territory", "period"]
    )["value"]
    flats = frame[frame["indicator"] == "amount_rent_apartment_eur_m2"].set_index(["territory", "period"])[
        "value"
    ]
    assert (small > flats).all()


def test_published_vacancy_and_permits(published):
    path = published("logement", "ottd_series_logement_dep.csv")
    vacancy = logement.load_vacancy([path])
    assert len(vacancy) == 101 * 4
    permits = logement.load_permits([path])
    assert len(permits) == 101 * 14 - 3
    assert permits[permits["period"] == "2022"]["value"].sum() == 497_000


@pytest.mark.parametrize(("year", "median"), [("2016", 2.80), ("2025", 5.16)])
def test_published_social_demand_has_the_published_median(published, year, median):
    frame = logement.load_social_demand([published("logement", "sne_tension_2015_2025__gben0803.csv")])
    rows = frame[frame["period"] == year]
    assert len(rows) == 100
    assert rows["value"].median() == pytest.approx(median, abs=0.015)


@pytest.mark.parametrize(
    ("code", "applications_per_allocation"), [("92", 116_228 / 11_357), ("91", 6.9), ("75", 16.2)]
)
def test_published_social_demand_of_2022_is_applications_over_allocations(
    published, code, applications_per_allocation
):
    """Numbers printed by the observatory of Hauts-de-Seine from the same register; within 1 %."""
    frame = logement.load_social_demand([published("logement", "sne_tension_2015_2025__gben0803.csv")])
    row = frame[(frame["territory"] == code) & (frame["period"] == "2022")]
    assert row["value"].item() == pytest.approx(applications_per_allocation, rel=0.01)


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("social housing applications per allocation, 2016, median", "2.80", "the re-user of the SNE register",
          lambda: column("ratio_social_applications_per_allocation", "2016").median(),
          "`tests/data/test_logement.py::test_published_social_demand_has_the_published_median`", decimals=3),
    Check("social housing applications per allocation, 2025, median", "5.16", "the same, who prints 5.15 to 5.17",
          lambda: column("ratio_social_applications_per_allocation", "2025").median(), "same test", decimals=3),
    Check("social housing applications per allocation, 2022, Hauts-de-Seine", "10.23",
          "observatory of Hauts-de-Seine: 116,228 ÷ 11,357",
          lambda: one("ratio_social_applications_per_allocation", "92", "2022"),
          "`tests/data/test_logement.py::test_published_social_demand_of_2022_is_applications_over_allocations`"),
    Check("social housing applications per allocation, 2022, Essonne", "6.9", "the same observatory",
          lambda: one("ratio_social_applications_per_allocation", "91", "2022"), "same test"),
    Check("social housing applications per allocation, 2022, Paris", "16.2", "the same observatory",
          lambda: one("ratio_social_applications_per_allocation", "75", "2022"), "same test"),
)  # fmt: skip
