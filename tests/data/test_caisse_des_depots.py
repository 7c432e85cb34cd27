"""Caisse des Dépôts: two overlapping publications set back to the years they describe, without what they get wrong."""

import pandas as pd
import pytest

from analysis.data.sources import caisse_des_depots
from analysis.foundations import territories
from tests.checks import Check, total

NAMES = [c.indicator for c in caisse_des_depots._COLUMNS]
USUAL = dict(zip(NAMES, (1000, 800, 8.0, 60.0, 120, 3.0, 5.6, 24.0, 112), strict=True))
FIRST = "logements-et-logements-sociaux-dans-les-departements__stve-2018-2022.csv"
SECOND = "logements-et-logements-sociaux-dans-les-departements__DarelYKC-2021-2023.csv"


LABELS = {
    "count_dwellings": "Nombre de logements",
    "count_main_residences": "Nombre de résidences principales",
    "share_dwellings_vacant": "Taux de logements vacants* (en %)",
    "share_dwellings_houses": "Taux de logements individuels (en %)",
    "count_social_dwellings": "Parc social - Nombre de logements",
    "share_social_dwellings_vacant": "Parc social - Taux de logements vacants* (en %)",
    "amount_social_rent_eur_m2": "Parc social - Loyer moyen (en €/m²/mois)*",
    "share_social_dwellings_efg": "Parc social - Taux de logements énergivores (E,F,G)* (en %)",
    "ratio_population_density": "Densité de population au km²",
}
"""Headings of the publications that were exported with labels."""


def table(tmp_path, second, *rows):
    """One publication; each row is a year, a code, and what differs from the usual département."""
    headings = {c.indicator: LABELS[c.indicator] if second else c.heading for c in caisse_des_depots._COLUMNS}
    lines = [
        {
            "année_publication" if second else "annee_publication": year,
            "code_departement": code,
            **{headings[name]: value for name, value in {**USUAL, **other}.items()},
            "geom": '{"coordinates": [[6.2, 45.1]]}',
        }
        for year, code, other in rows
    ]
    path = tmp_path / (SECOND if second else FIRST)
    pd.DataFrame(lines).to_csv(path, sep=";", index=False, encoding="utf-8-sig")
    return path


def load(tmp_path, first=(), second=()):
    paths = [
        table(tmp_path, False, *(first or [(2018, "02", {})])),
        table(tmp_path, True, *(second or [(2021, "2", {"count_dwellings": 1001})])),
    ]
    return caisse_des_depots.load(paths).set_index(["indicator", "territory", "period"])


def test_each_figure_stands_at_the_year_it_describes_in_its_latest_publication(tmp_path):
    """Census of three years before, social dwellings of the year before, density of the year; 2021 is in both files."""
    blank = dict.fromkeys(NAMES, "")
    frame = load(
        tmp_path,
        first=[(2021, "01", {"count_social_dwellings": ""}), ("", "00", blank)],
        second=[(2021, "1", {"count_social_dwellings": 130})],
    )
    assert frame.loc[("count_main_residences", "01", "2018"), "value"] == 800
    assert frame.loc[("count_social_dwellings", "01", "2020"), "value"] == 130
    assert frame.loc[("ratio_population_density", "01", "2021"), "value"] == 112
    assert frame.index.get_level_values("territory").unique().tolist() == ["01"]


def test_an_older_census_under_a_new_date_is_left_out(tmp_path):
    """The social dwellings of the same row are new, and stay."""
    frame = load(
        tmp_path,
        first=[(2020, "22", {})],
        second=[(2022, "22", {"count_dwellings": 1010}), (2023, "22", {"count_social_dwellings": 140})],
    )
    assert frame.loc["count_dwellings"].index.get_level_values("period").tolist() == ["2017", "2019"]
    assert "2020" not in frame.loc["share_dwellings_vacant"].index.get_level_values("period")
    assert frame.loc[("count_social_dwellings", "22", "2022"), "value"] == 140


def test_what_the_producer_exchanged_is_left_to_the_register_of_corrections(tmp_path):
    loir_et_cher, loiret = {"count_social_dwellings": 49_744}, {"count_social_dwellings": 21_137}
    frame = load(tmp_path, first=[(2018, "41", loir_et_cher), (2018, "45", loiret), (2018, "02", {})])
    counts = frame.loc["count_social_dwellings"].xs("2017", level="period")
    assert counts["value"].to_dict() == {"02": 120, "41": 49_744, "45": 21_137}
    assert (counts["note"] == "").all()


def test_zero_energy_hungry_dwellings_mean_no_data(tmp_path):
    frame = load(tmp_path, first=[(2020, "971", {"share_social_dwellings_efg": 0}), (2020, "02", {})])
    found = frame.loc["share_social_dwellings_efg"].xs("2019", level="period")
    assert found["state"].to_dict() == {"02": "observed", "971": "unavailable"}
    assert found["note"].to_dict() == {"02": "", "971": "zero_means_no_data"}


@pytest.mark.parametrize(
    ("year", "printed", "bounds"),
    [
        (2018, (14, 9), (13.5, 14.5)),
        (2019, (14, 9), (14, 15)),
        (2020, (14.9, 9), (14.85, 14.95)),
        (2021, (14.8123, 9), None),
    ],
)
def test_bounds_follow_the_way_a_publication_prints(tmp_path, year, printed, bounds):
    """Rounded to the point, cut to the point (2019), rounded to the tenth, not rounded."""
    shares = [{"share_dwellings_vacant": value} for value in printed]
    frame = load(tmp_path, first=[(year, "02", shares[0]), (year, "03", shares[1])], second=[(2023, "1", {})])
    row = frame.loc[("share_dwellings_vacant", "02", str(year - 3))]
    assert row["value"] == printed[0]
    if bounds is None:
        assert pd.isna(row["lower"])
        assert pd.isna(row["upper"])
    else:
        assert (row["lower"], row["upper"]) == pytest.approx(bounds)


@pytest.fixture(scope="module")
def real(published):
    paths = [published("caisse_des_depots", name) for name in (FIRST, SECOND)]
    return caisse_des_depots.load(paths)


def sums(frame, indicator, period, codes=None):
    rows = frame[(frame["indicator"] == indicator) & (frame["period"] == period)]
    metropolitan = rows[~rows["territory"].str.startswith("97")]
    return (
        metropolitan[metropolitan["territory"].isin(codes)]["value"].sum()
        if codes
        else metropolitan["value"].sum()
    )


def test_published_social_dwellings_are_those_of_their_producer(real):
    """SDES and the DREAL of Bretagne on 1 January 2020, that of Provence-Alpes-Côte d'Azur on 1 January 2022: exact."""
    assert sums(real, "count_social_dwellings", "2020") == 4_984_246
    breton = real[(real["indicator"] == "count_social_dwellings") & (real["period"] == "2020")].set_index(
        "territory"
    )
    assert breton.loc[["22", "29", "35", "56"], "value"].tolist() == [23_091, 47_934, 73_607, 37_612]
    assert sums(real, "count_social_dwellings", "2022", ["04", "05", "06", "13", "83", "84"]) == 331_295
    whole = real[(real["indicator"] == "count_social_dwellings") & (real["period"] == "2019")]["value"].sum()
    assert whole == pytest.approx(5_089_800, rel=1e-4)


def test_published_shape(real):
    """100 départements; the eight that repeat an old census in 2023 lack that of 2020; no energy label overseas."""
    assert real["territory"].nunique() == 100
    census = real[(real["indicator"] == "count_dwellings") & (real["period"] == "2020")]["territory"]
    missing = {"22", "29", "35", "56", "971", "972", "973", "974"}
    assert set(real["territory"]) - set(census) == missing
    label = real[(real["indicator"] == "share_social_dwellings_efg") & (real["state"] == "observed")]
    assert label["territory"].nunique() == 95
    counts = real[real["indicator"] == "count_social_dwellings"].pivot(
        index="territory", columns="period", values="value"
    )
    leaps = counts.drop(index=["41", "45"]).pct_change(axis=1).abs()
    assert leaps.max().max() < 0.09, "a département whose social dwellings leap, and no correction for it"


def test_published_rates_agree_with_the_counts_they_come_from(published, real):
    """The file's own share of social dwellings is theirs over main residences, within the dust of its decimals."""
    path = published("caisse_des_depots", SECOND)
    file = pd.read_csv(
        path, sep=";", usecols=["année_publication", "code_departement", "Taux de logements sociaux* (en %)"]
    )
    file = file[file["année_publication"] == 2021].set_index("code_departement").iloc[:, -1]
    wide = real.pivot(index=["territory", "period"], columns="indicator", values="value")
    social = wide["count_social_dwellings"].xs("2020", level="period")
    rate = 100 * social / wide["count_main_residences"].xs("2018", level="period")
    file.index = [code.zfill(2) for code in file.index]
    assert (rate - file).abs().max() < 1e-3


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("social dwellings, 1 January 2020, metropolitan France", "4,984,246", "SDES, RPLS",
          lambda: total("count_social_dwellings", "2020", territories.METROPOLITAN),
          "`tests/data/test_caisse_des_depots.py::test_published_social_dwellings_are_those_of_their_producer`"),
    Check("social dwellings, 1 January 2020, sum of the 4 Breton départements", "182,244",
          "DREAL Bretagne (each of the four is exact)",
          lambda: total("count_social_dwellings", "2020", territories.departements_of("R53")), "same test"),
    Check("social dwellings, 1 January 2022, Provence-Alpes-Côte d'Azur", "331,295",
          "DREAL Provence-Alpes-Côte d'Azur",
          lambda: total("count_social_dwellings", "2022", territories.departements_of("R93")), "same test"),
    Check("social dwellings, 1 January 2019, 100 départements", "5,089,800", "SDES, RPLS",
          lambda: total("count_social_dwellings", "2019"),
          "the published total is rounded, and revised since; same test"),
)  # fmt: skip
