"""Dares: stocks by département until 2016, seasonally adjusted stocks and flows from the quarterly workbook."""

import pandas as pd
import pytest

from analysis.data.sources import dares
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from tests.checks import Check, one, panel

HEAD = "date,categorie,code_departement,defm,code_region,libelle_departement\n"


def monthly(tmp_path, *lines):
    path = tmp_path / "table_defm_departement_categorie.csv"
    path.write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return [path]


def cell(frame, indicator, territory, period):
    row = frame[
        (frame["indicator"] == indicator) & (frame["territory"] == territory) & (frame["period"] == period)
    ]
    assert len(row) == 1, f"{len(row)} figures of {indicator} in {territory}, {period}"
    return row["value"].item()


def test_categories_are_added_up_whatever_way_numbers_and_codes_are_written(tmp_path):
    """`39e3`, floating-point dust, and codes glued to a name are in the published file."""
    paths = monthly(
        tmp_path,
        "1996-02,A,67,39e3,44,Bas-Rhin",
        "1996-02,B,67,4300,44,Bas-Rhin",
        "1996-02,C,67,32299.999999999996,44,Bas-Rhin",
        "1996-02,D,67,900,44,Bas-Rhin",
        *[f"1996-02,{category},26  -Drôme,1000,," for category in "ABC"],
    )
    frame = dares.load_job_seekers(paths)
    assert cell(frame, "count_job_seekers_a", "67", "1996-02") == 39_000
    assert cell(frame, "count_job_seekers_abc", "67", "1996-02") == 39_000 + 4_300 + 32_300
    assert cell(frame, "count_job_seekers_abc", "26", "1996-02") == 3_000


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("1996-02,A,67,100,,", "1996-02,A,67,200,,"), "appear twice"),
        (("1996-02,Z,67,100,,",), "'categorie'"),
        (("1996-02,A,67,many,,",), "expected a number"),
    ],
)
def test_a_file_that_is_not_as_expected_is_refused(tmp_path, lines, message):
    with pytest.raises(SourceError, match=message):
        dares.load_job_seekers(monthly(tmp_path, *lines))


def workbook(tmp_path, **change):
    """A workbook with the sheets and headings of the published one, two quarters each."""
    quarters = ["2024T4", "2025T1"]
    sheets = {
        "DEFM cat A par région": [["Période", "ILE-DE-FRANCE", "FRANCE METROPOLITAINE"], [1, 9], [2, 8]],
        "DEFM cat ABC par région": [["Période", "CORSE", "FRANCE ENTIERE"], [3, 7], [4, 6]],
        "DEFM cat ABCDE": [["Période", "DEFM A", "DEFM B"], [50, 5], [60, 6]],
        "Entrées cat ABC_motif": [
            ["Période", "France entière\n(catégories A,B,C)", "Fin de contrat (2)", "Reprise après inactivité",
             "Autres motifs(3)"],
            [None, None, None, None],
            [596500, 99000, 24400, 117500],
        ],
        "Sorties cat ABC_motif": [
            ["Période", "France entière (1)\n(catégories A,B,C)", "Reprise d'emploi déclarée", "Entrée en stage",
             "Cessation d'inscription pour défaut d'actualisation (2)", "Radiation"],
            [1, 2, 3, 4, 5],
            [10, 20, 30, 40, 50],
        ],
        "DEFM HRSAML": [
            ["Période", "Defm A", "Defm ABC ", None, "Defm A", "Defm ABC"],
            [1, 2, None, 3, 4],
            [5, 6, None, 7, 8],
        ],
    }  # fmt: skip
    sheets.update(change)
    path = tmp_path / "series_CVS_T22025.xlsx"
    with pd.ExcelWriter(path) as book:
        for name, (heads, *values) in sheets.items():
            rows = [["Titre", "…"], [None], heads, *([q, *v] for q, v in zip(quarters, values, strict=True))]
            width = max(map(len, rows))
            padded = [[*row, *[None] * (width - len(row))] for row in rows]
            pd.DataFrame(padded).to_excel(book, sheet_name=name, header=False, index=False)
    return [path]


def test_regions_and_france_are_told_apart_and_missing_quarters_have_no_row(tmp_path):
    frame = dares.load_quarterly(workbook(tmp_path))
    assert cell(frame, "count_job_seekers_a_sa", "R11", "2025-Q1") == 2
    assert cell(frame, "count_job_seekers_a_sa", "FM", "2025-Q1") == 8
    assert cell(frame, "count_job_seekers_a_sa", "FR", "2025-Q1") == 60
    assert cell(frame, "count_job_seekers_abc_sa", "R94", "2024-Q4") == 3
    assert cell(frame, "count_job_seekers_abc_outside_reform_sa", "FM", "2025-Q1") == 6
    assert cell(frame, "count_job_seekers_abc_outside_reform_sa", "FR", "2025-Q1") == 8
    entries = frame[frame["indicator"] == "count_entries_job_seekers_abc_sa"]
    assert entries["period"].tolist() == ["2025-Q1"]
    assert set(frame.loc[frame["territory"] == "FR", "note"]) == {"without_mayotte"}


def test_a_workbook_whose_headings_changed_is_refused(tmp_path):
    changed = {"DEFM cat ABCDE": [["Période", "Catégorie A"], [1], [2]]}
    with pytest.raises(SourceError, match="no column begins with 'defm a'"):
        dares.load_quarterly(workbook(tmp_path, **changed))


def test_published_stocks(published):
    """96 départements in every month; the yearly mean is, within 2 %, that of the producer's adjusted series."""
    frame = dares.load_job_seekers([published("dares", "table_defm_departement_categorie.csv")])
    assert len(frame) == 96 * 246 * 2
    assert frame["territory"].nunique() == 96
    adjusted = dares.load_quarterly([published("dares", "series_CVS_T22025.xlsx")])
    for name in ("count_job_seekers_a", "count_job_seekers_abc"):
        raw = frame[frame["indicator"] == name].groupby("period")["value"].sum()
        metropolitan = adjusted[(adjusted["indicator"] == f"{name}_sa") & (adjusted["territory"] == "FM")]
        yearly = metropolitan.groupby(metropolitan["period"].str[:4])["value"].mean()
        for year in ("1996", "2005", "2015"):
            mean = raw[raw.index.str.startswith(year)].mean()
            assert mean == pytest.approx(yearly[year], rel=0.02), f"{name}, {year}"


def test_published_flows_and_regions(published):
    """Régions add up to France; the flow that the 2025 law creates is in « other reasons »."""
    frame = dares.load_quarterly([published("dares", "series_CVS_T22025.xlsx")])
    assert cell(frame, "count_job_seekers_a_sa", "FR", "2024-Q4") == 3_135_000
    assert cell(frame, "count_exits_job_seekers_abc_to_employment_sa", "FR", "2024-Q1") == 88_200
    stock = frame[(frame["indicator"] == "count_job_seekers_abc_sa") & (frame["period"] == "2025-Q2")]
    by_code = stock.set_index("territory")["value"]
    assert by_code[by_code.index.str.startswith("R")].sum() == pytest.approx(by_code["FR"], abs=200)
    jump = [
        cell(frame, "count_entries_job_seekers_abc_other_sa", "FR", p)
        for p in ("2024-Q4", "2025-Q1", "2025-Q2")
    ]
    assert jump == [45_300, 117_500, 268_100]


def two_quarters(tmp_path, *lines):
    path = tmp_path / "demandeurs_emplois_par_departement.csv"
    path.write_text("\n".join(["annee,code_departement,nombre_demandeurs_emploi", *lines]), encoding="utf-8")
    return [path]


def test_cities_that_are_counted_twice_give_no_figure_and_a_reason(tmp_path):
    lines = [
        f"{year},{code},100" for year in (2019, 2024) for code in ("2A", "75", "13", "69", "976", "Total")
    ]
    rows = dares.load_two_quarters(two_quarters(tmp_path, *lines)).set_index(["territory", "period"])
    assert len(rows) == 10
    assert rows["value"].dropna().to_dict() == {
        (t, f"{y}-Q4"): 100 for t in ("2A", "976") for y in (2019, 2024)
    }
    assert rows.loc[("2A", "2024-Q4"), ["lower", "upper"]].tolist() == [0, 200]
    for code in ("75", "13", "69"):
        assert rows.loc[(code, "2024-Q4"), ["state", "note"]].tolist() == ["unavailable", "counted_twice"]
    with pytest.raises(SourceError, match="appear twice"):
        dares.load_two_quarters(two_quarters(tmp_path, *lines, lines[0]))


def test_published_sums_of_communes_count_three_cities_twice_and_no_other(published):
    """Beside the adjusted stocks of the régions, and beside another file of communes, without these cities' doubles."""
    path = published("france_travail", "demandeurs_emplois_par_departement.csv")
    raw = (
        pd.read_csv(path, dtype={"code_departement": str}).set_index(["annee", "code_departement"]).iloc[:, 0]
    )
    adjusted = panel().select("count_job_seekers_abc_sa", period=["2019-Q4", "2024-Q4"])
    apart = {}
    for row in adjusted[adjusted["territory"].isin(territories.REGIONS)].itertuples():
        members = [code for code in territories.get(row.territory).members if code != "976"]
        apart[row.territory, row.period] = raw[int(row.period[:4])][members].sum() / row.value
    off = {code for (code, _), ratio in apart.items() if not 0.99 < ratio < 1.02}
    # Paris, Lyon, Marseille; and Corsica, whose seasons are its own
    assert off == {"R11", "R84", "R93", "R94"}
    assert all(1.09 < apart["R94", quarter] < 1.11 for quarter in ("2019-Q4", "2024-Q4"))
    communes = pd.read_json(published("gip_inclusion", "population.json"), dtype=False)
    people = pd.to_numeric(communes["population"]).set_axis(communes["insee"])
    cities = people[["75056", "13055", "69123"]]
    people = people.drop(cities.index)
    assert people.sum() == 5_462_090
    codes = [code[:3] if code.startswith("97") else code[:2] for code in people.index]
    ratios = raw[2024].drop("Total") / people.groupby(codes).sum()
    assert set(ratios[ratios > 1.2].index) == {"75", "13", "69"}
    assert ratios.median() == pytest.approx(1.011, abs=0.001)
    ours = dares.load_two_quarters([path]).groupby("period")["value"].sum()
    assert ours.to_dict() == {"2019-Q4": 5_266_665, "2024-Q4": 5_903_035 - 393_990 - 287_090 - 198_450}


# ----------------------------------------------------------------------------- the page of checks


def yearly_mean(indicator, year):
    rows = panel().select(indicator, territory=territories.METROPOLITAN)
    return rows[rows["period"].str.startswith(year)].groupby("period")["value"].sum().mean()


CHECKS = (
    Check("job seekers, category A, mean of 2015, metropolitan France", "3,545,250", "Dares, seasonally adjusted",
          lambda: yearly_mean("count_job_seekers_a", "2015"),
          "ours is the sum of unadjusted départements; `tests/data/test_dares.py::test_published_stocks`"),
    *(Check(f"job seekers, categories A, B and C, 2024-Q4, {where}", number, "Dares, seasonally adjusted",
            lambda code=code: one("count_job_seekers_abc_quarter", code, "2024-Q4"), why)
      for code, where, number, why in (
          ("R44", "Grand Est", "406,930", "ours is not adjusted, and the sum of communes that a re-user made; "
           "`tests/data/test_dares.py::test_published_sums_of_communes_count_three_cities_twice_and_no_other`"),
          ("R32", "Hauts-de-France", "512,990", "+0.6 %: same reason; same test"),
          ("R75", "Nouvelle-Aquitaine", "468,500", "+1.5 %: same reason; same test"))),
)  # fmt: skip
