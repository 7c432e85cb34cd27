"""France Travail: wide exports with French dates, and the survey of labour needs with its masked cells."""

import pytest

from analysis.data.sources import france_travail
from analysis.foundations.limits import SourceError
from tests.checks import Check, column, one, panel, total, weighted

NOTE = "Les données présentées dans ce tableau sont arrondies à la dizaine."
EXPORTS = [
    (france_travail.load_offers, "Trimestre", "3e trimestre 2024", "2024-Q3", "count_job_offers", "FR"),
    (france_travail.load_under_25, "Mois", "déc-96", "1996-12", "count_job_seekers_under_25", "FM"),
    (france_travail.load_training, "Mois", "août-15", "2015-08", "count_training_entries", "FR"),
]


def write(tmp_path, name, *lines):
    path = tmp_path / name
    path.write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("load", "label", "date", "period", "indicator", "country"), EXPORTS)
def test_an_export_is_read_with_its_no_break_spaces_totals_and_footnote(
    tmp_path, load, label, date, period, indicator, country
):
    lines = (
        f"{label};Ain 01;Corse-du-Sud 2A;Total",
        f"{date};9\u202f600;1\xa0350;10 950",
        "Total;1;2;3",
        f"{NOTE};;;",
        ";;;",
    )
    frame = load([write(tmp_path, "export.csv", *lines)])
    assert frame["indicator"].unique().tolist() == [indicator]
    assert frame.set_index("territory")["value"].to_dict() == {"01": 9600, "2A": 1350, country: 10_950}
    assert frame["period"].unique().tolist() == [period]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("Trimestre;Ain 01;Total", "5e trimestre 2024;1;1"), "is not a quarter"),
        (("Trimestre;Ain 01;Total", "2e trimestre 2024;1;1", "2e trimestre 2024;1;1"), "appear twice"),
        (("Trimestre;Ain 01;Total", "2e trimestre 2024;n;1"), "expected a number"),
        (("Trimestre;Ain 01", "2e trimestre 2024;1"), "no column 'Total'"),
    ],
)
def test_an_export_that_changed_is_refused(tmp_path, lines, message):
    with pytest.raises(SourceError, match=message):
        france_travail.load_offers([write(tmp_path, "Offre_emploi.csv", *lines)])


def test_recruitment_shares_become_percentages(tmp_path):
    counts = write(
        tmp_path, "Besoins_main_oeuvre.csv", "Département;2014;2015", "La Réunion 974;20\xa0980;22 580"
    )
    shares = write(tmp_path, "Recrutement_difficile.csv", "Département;2014;2015", "La Réunion 974;0,29;0,40")
    frame = france_travail.load_projects([counts, shares]).set_index(["indicator", "period"])["value"]
    assert frame["count_recruitment_projects", "2014"] == 20_980
    assert frame["share_recruitment_projects_difficult"].to_dict() == {"2014": 29.0, "2015": 40.0}
    percent = write(tmp_path, "Recrutement_difficile.csv", "Département;2014;2015", "La Réunion 974;29;40")
    with pytest.raises(SourceError, match="between 0,00 and 1,00"):
        france_travail.load_projects([counts, percent])


def test_2024_is_a_lower_bound_and_saint_martin_is_not_guadeloupe(tmp_path):
    head = "Dept,NomDept,projets,difficiles,saisonniers,cellules,met_secret,xmet_secret,pct_difficile_min"
    rows = ("971,Guadeloupe,200.0,50.0,10.0,9,2,4,25.0", "978,Guadeloupe,10.0,4.0,1.0,3,1,2,40.0")
    frame = france_travail.load_projects_2024([write(tmp_path, "bmo_2024_dep.csv", head, *rows)])
    assert frame["territory"].tolist() == ["971", "971"]
    assert frame["lower"].tolist() == frame["value"].tolist() == [200, 25]
    assert frame["upper"].isna().all()
    wrong = "971,Guadeloupe,200.0,50.0,10.0,9,2,4,45.0"
    with pytest.raises(SourceError, match="pct_difficile_min"):
        france_travail.load_projects_2024([write(tmp_path, "bmo_2024_dep.csv", head, wrong)])


@pytest.mark.parametrize(
    ("dataset", "territories", "periods", "country"),
    [
        ("france_travail/job_offers", 100, ("2010-Q1", "2024-Q3", 59), "FR"),
        ("france_travail/job_seekers_under_25", 96, ("1996-01", "2025-01", 349), "FM"),
        ("france_travail/training_entries", 101, ("2015-01", "2024-06", 114), "FR"),
    ],
)
def test_published_exports_add_up_to_their_total(published, dataset, territories, periods, country):
    """Every département in every period; the sum of figures rounded to ten is within 1.5 of it per département."""
    entry = next(d for d in france_travail.DATASETS if d.name == dataset)
    frame = entry.load([published("france_travail", entry.files[0])])
    areas = frame[frame["territory"] != country]
    assert areas["territory"].nunique() == territories
    assert (frame["period"].min(), frame["period"].max(), frame["period"].nunique()) == periods
    assert len(frame) == (territories + 1) * periods[2]
    total = frame[frame["territory"] == country].set_index("period")["value"]
    assert (areas.groupby("period")["value"].sum() - total).abs().max() <= 1.5 * territories


def test_published_totals(published):
    """Figures printed elsewhere: offers filed in 2024 Q3 (943,000), training entries of 2021 (more than 1.4 million)."""
    offers = france_travail.load_offers([published("france_travail", "Offre_emploi.csv")])
    quarter = offers[(offers["territory"] == "FR") & (offers["period"] == "2024-Q3")]["value"].item()
    assert quarter == pytest.approx(943_000, rel=0.002)
    training = france_travail.load_training([published("france_travail", "Formation_demandeur_emploi.csv")])
    year = training[(training["territory"] == "FR") & training["period"].str.startswith("2021")][
        "value"
    ].sum()
    assert 1_400_000 <= year < 1_405_000
    young = france_travail.load_under_25([published("france_travail", "Demandeurs_emploi_ moins_25.csv")])
    country = young[young["territory"] == "FM"].set_index("period")["value"]
    assert country["2025-01"] / country["2024-12"] == pytest.approx(1.243, abs=0.001)


def test_published_survey_of_labour_needs(published):
    """National numbers: 61 % difficult in 2023; 2.78 million projects and 57.4 % in 2024, above the unmasked sums."""
    names = ("Besoins_main_oeuvre.csv", "Recrutement_difficile.csv")
    frame = france_travail.load_projects([published("france_travail", name) for name in names])
    wide = frame.pivot(index=["territory", "period"], columns="indicator", values="value")
    assert len(wide) == 101 * 10
    year = wide.xs("2023", level="period")
    counts, share = year["count_recruitment_projects"], year["share_recruitment_projects_difficult"]
    assert counts.sum() == 3_039_540
    assert (counts * share).sum() / counts.sum() == pytest.approx(61.0, abs=0.15)
    last = france_travail.load_projects_2024([published("france_travail", "bmo_2024_dep.csv")])
    total = last.loc[last["indicator"] == "count_recruitment_projects", "value"].sum()
    assert 0.98 * 2_780_000 < total < 2_780_000
    assert last["territory"].nunique() == 101


# ----------------------------------------------------------------------------- the page of checks


def difficult(year):
    return weighted(
        column("share_recruitment_projects_difficult", year), column("count_recruitment_projects", year)
    )


def training():
    rows = panel().series("count_training_entries", "FR")
    return rows[rows["period"].str.startswith("2021")]["value"].sum() / 1e6


CHECKS = (
    Check("job offers, 2024-Q3, France", "943,000", "France Travail",
          lambda: one("count_job_offers", "FR", "2024-Q3"),
          "+0.2 %, another extraction; `tests/data/test_france_travail.py::test_published_totals`"),
    Check("training entries, 2021, millions", "1.40", "France Travail (more than 1.4 million)", training,
          "same test"),
    Check("difficult recruitments, 2023, % of projects", "61", "France Travail, labour needs survey",
          lambda: difficult("2023"),
          "mean weighted by projects; `tests/data/test_france_travail.py::test_published_survey_of_labour_needs`"),
    Check("recruitment projects, 2024, thousands", "2,780", "France Travail, labour needs survey",
          lambda: total("count_recruitment_projects", "2024") / 1000,
          "cells of few employers are masked: ours is a lower bound; same test"),
    Check("difficult recruitments, 2024, % of projects", "57.4", "France Travail, labour needs survey",
          lambda: difficult("2024"), "same reason; same test"),
)  # fmt: skip
