"""The barometer of public action: cumulated series, two bases that are not chained, zeros that are no figures."""

import pandas as pd
import pytest

from analysis.data.sources.ditp import _NEW, _OLD, DATASETS, load_2017_2022, load_2022_2024
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from tests.checks import Check, total

BASES = {
    "old": (load_2017_2022, "id_indicateur,code_departement,date,valeur", _OLD, "2022-09-30"),
    "new": (load_2022_2024, "indic_id,code_departement,mois,valeur", _NEW, "2023-12"),
}
REHOUSED, INSERTION = "logement-sans-domicile-hebergement-urgence", "nb-beneficiaires-siae"
AAH = "duree-moyenne-traitement-demandes-allocation-adulte-handicape"
RENOV = "nb-maprimerenov-valides"


def _load(folder, base, rows, without=()):
    """Load rows of (identifier, département, date, value), after one row of each other series so that none lacks."""
    loader, header, series, date = BASES[base]
    given = {row[0] for row in rows} | set(without)
    filler = [(s.identifier, "75", date, 7.0) for s in series if s.identifier not in given]
    path = folder / "barometre.csv"
    path.write_text(
        header + "\n" + "\n".join(",".join(map(str, r)) for r in [*rows, *filler]) + "\n", encoding="utf-8"
    )
    return loader([path]).set_index(["indicator", "territory", "period"])


def test_zeros_of_no_answer_are_not_figures(tmp_path):
    rows = [
        (REHOUSED, "01", "2018-01-31", 0.0),  # a month without any figure
        (REHOUSED, "976", "2018-01-31", 0.0),
        (REHOUSED, "01", "2018-05-31", 176.0),
        (REHOUSED, "976", "2018-05-31", 0.0),  # a département without any figure
        (REHOUSED, "01", "2019-01-31", 0.0),  # nobody yet in January: a figure
        (REHOUSED, "04", "2019-01-31", 9.0),
        (REHOUSED, "01", "2019-12-31", 420.0),
        (REHOUSED, "04", "2019-12-31", 60.0),
        (AAH, "01", "2019-12-31", 0.0),
        (AAH, "02", "2019-12-31", 3.5),
    ]
    frame = _load(tmp_path, "old", rows)
    state = {
        key[1:]: row.state for key, row in frame.loc[["count_people_rehoused_cumulated_in_year"]].iterrows()
    }
    assert state[("01", "2018-01")] == state[("976", "2018-01")] == state[("976", "2018-05")] == "unavailable"
    assert state[("01", "2018-05")] == state[("01", "2019-01")] == "observed"
    assert frame.loc[("amount_aah_processing_months_2017_base", "01", "2019-12"), "state"] == "unavailable"
    assert frame.loc[("amount_aah_processing_months_2017_base", "02", "2019-12"), "value"] == 3.5


def test_december_of_a_series_cumulated_from_january_is_the_year(tmp_path):
    rows = [
        (REHOUSED, "01", f"{year}-{month}-31", v) for year, month, v in ((2019, "10", 337), (2019, "12", 420))
    ]
    frame = _load(tmp_path, "old", rows)
    assert frame.loc[("count_people_rehoused_in_year", "01", "2019"), "value"] == 420
    later = [("IND-295", "01", "2023-12", 570.0), ("IND-295", "01", "2024-12", 1200.0)]
    frame = _load(tmp_path, "new", later)
    assert frame.loc[("count_people_rehoused_in_year", "01", "2023"), "value"] == 570
    # cumulated since January 2023: its December 2024 is two years together
    assert ("count_people_rehoused_in_year", "01", "2024") not in frame.index


def test_months_allotted_to_the_wrong_departements_are_not_given(tmp_path):
    rows = [(RENOV, "973", "2022-07-31", 61.0), (RENOV, "973", "2022-10-31", 2235.0)]
    frame = _load(tmp_path, "old", rows).loc["count_maprimerenov_cumulated_since_2020"]
    assert frame.loc[("973", "2022-07"), "value"] == 61
    assert tuple(frame.loc[("973", "2022-10"), ["state", "note"]]) == ("unavailable", "misallotted")


def test_pupils_are_dated_by_the_start_of_the_school_year(tmp_path):
    rows = [("IND-218", "01", "2022-09", 57.4), ("IND-218", "01", "2023-12", 59.3)]
    frame = _load(tmp_path, "new", rows).loc["share_pupils_reading_fluency_6e"]
    assert frame.loc["01", "value"].to_dict() == {"2022": 57.4, "2023": 59.3}


def test_the_two_bases_share_no_quantity_but_the_year_of_rehousing():
    old, new = (
        {s.indicator for s in base} | {s.december_as for s in base if s.december_as} for base in (_OLD, _NEW)
    )
    assert old & new == {"count_people_rehoused_in_year"}


@pytest.mark.parametrize("base", BASES)
def test_a_series_that_has_left_the_file_is_named(tmp_path, base):
    gone = BASES[base][2][0].identifier
    with pytest.raises(SourceError, match=gone):
        _load(tmp_path, base, [], without=(gone,))


def test_a_row_given_twice_is_refused(tmp_path):
    with pytest.raises(SourceError, match="twice"):
        _load(tmp_path, "old", [(RENOV, "01", "2022-07-31", 1.0)] * 2)


# ------------------------------------------------------------------------------------------------- published files


@pytest.fixture(scope="module")
def wide(published):
    """Figures of both bases, territories in rows, by indicator."""
    frames = [d.load([published("ditp", name) for name in d.files]) for d in DATASETS]
    frame = pd.concat(frames, ignore_index=True)
    assert not frame.duplicated(["indicator", "territory", "period"]).any()
    return {
        name: rows.pivot(index="territory", columns="period", values="value")
        for name, rows in frame.groupby("indicator")
    }


@pytest.mark.parametrize(
    ("indicator", "period", "printed", "tolerance"),
    [
        # Anah: 141,143 files engaged in 2020
        ("count_maprimerenov_cumulated_since_2020", "2020-12", 141_143, 0.005),
        # Dares: employees in integration at the end of 2018, 2019 and 2020
        ("count_iae_employees", "2018-12", 132_300, 0.005),
        ("count_iae_employees", "2019-12", 134_300, 0.005),
        ("count_iae_employees", "2020-12", 135_400, 0.005),
    ],
)
def test_national_sums_against_figures_printed_elsewhere(wide, indicator, period, printed, tolerance):
    assert wide[indicator][period].sum() == pytest.approx(printed, rel=tolerance)


def test_every_departement_is_there(wide):
    for indicator in (
        "count_maprimerenov_cumulated_2022_base",
        "count_iae_employees",
        "count_cej_entries_in_year",
    ):
        assert set(wide[indicator].index) == set(territories.DEPARTEMENTS)


def test_cumulated_series_never_fall_and_start_again_only_where_said(wide):
    for indicator in ("count_maprimerenov_cumulated_since_2020", "count_maprimerenov_cumulated_2022_base"):
        assert not (wide[indicator].diff(axis=1) < 0).any(axis=None)
    entries = wide["count_cej_entries_cumulated_in_year"].sum()
    assert entries["2023-03"] < entries["2022-12"] and entries["2024-03"] < entries["2023-12"]
    rehoused = wide["count_people_rehoused_cumulated_since_2023"].sum()
    assert rehoused["2024-01"] > rehoused["2023-12"]  # no reset, whatever the dictionary says


def test_people_rehoused_are_households_times_2_2(wide):
    possible = {round(2.2 * households) for households in range(10_000)}
    counted = wide["count_people_rehoused_cumulated_in_year"].stack().dropna()
    assert counted.isin(possible).all()


def test_the_months_left_out_are_those_of_the_misallotment(published, wide):
    path = published("ditp", "barometre_A_energie_2017_2022.csv")
    rows = pd.read_csv(path, dtype={"code_departement": "str"}).query("id_indicateur == @RENOV")
    new = rows.pivot(index="code_departement", columns="date", values="valeur").diff(axis=1)
    pairs = zip(new.columns[5:-1], new.columns[6:], strict=True)
    correlation = {later[:7]: new[earlier].corr(new[later]) for earlier, later in pairs}
    assert correlation.pop("2022-08") < 0.3
    assert min(correlation.values()) > 0.9
    given = wide["count_maprimerenov_cumulated_since_2020"].notna().sum()
    assert given[["2022-07", "2022-08", "2022-09", "2022-10"]].tolist() == [101, 0, 0, 0]


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("employees in work integration, end of 2018", "132,300", "Dares",
          lambda: total("count_iae_employees", "2018-12"),
          "+0.4 %, the barometer is another extraction; "
          "`tests/data/test_ditp.py::test_national_sums_against_figures_printed_elsewhere`"),
    Check("employees in work integration, end of 2019", "134,300", "Dares",
          lambda: total("count_iae_employees", "2019-12"), "+0.3 %; same"),
    Check("employees in work integration, end of 2020", "135,400", "Dares",
          lambda: total("count_iae_employees", "2020-12"), "+0.4 %; same"),
    Check("MaPrimeRénov' grants, 2020", "141,143", "Anah (committed)",
          lambda: total("count_maprimerenov_cumulated_since_2020", "2020-12"),
          "−0.4 %, the barometer counts validated files; same test"),
    Check("youth engagement contracts begun, March 2022 to December 2023, thousands", "590",
          "Dares, July 2024, as reported by the press",
          lambda: sum(total("count_cej_entries_in_year", year) for year in ("2022", "2023")) / 1000,
          "sum of two years of the barometer"),
)  # fmt: skip
