"""INSEE loaders: each trap on a small file written here, then what the published files are known to hold."""

import csv

import openpyxl
import pytest

from analysis.data.schema import check_figures
from analysis.data.sources import datasets
from analysis.estimation import trends
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from analysis.foundations.values import dictionary
from tests.checks import Check, column, one, panel, total, weighted

BY_NAME = {
    name.removeprefix("insee/"): entry for name, entry in datasets().items() if name.startswith("insee/")
}


def workbook(path, sheets):
    """Write rows by sheet; an old extension is kept, as the reader looks at what is inside."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def text(path, *lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8-sig")
    return path


def load(name, *paths):
    """Figures by (indicator, territory, period), held to the catalogue's schema."""
    frame = check_figures(BY_NAME[name].load(paths), where=name)
    return frame.set_index(["indicator", "territory", "period"]).sort_index()


# ------------------------------------------------------------------------------------------------------ small files


def test_unemployment_reads_both_kinds_of_codes_and_invents_no_quarter(tmp_path):
    rows = [
        ["Estimations"], [], ["Code", "Libellé", "T4_2013", "T1_2014"],
        ["01", "AIN", 5.5, 5.6], [10, "AUBE", 9.9, 10.0], ["971", "GUADELOUPE", None, 24.1],
        [], ["Données CVS, en moyenne trimestrielle (en %)."],
    ]  # fmt: skip
    figures = load("unemployment_quarterly", workbook(tmp_path / "sl.xls", {"Département": rows}))
    rates = figures.loc["rate_unemployment", "value"]
    assert rates.to_dict() == {
        ("01", "2013-Q4"): 5.5, ("01", "2014-Q1"): 5.6, ("10", "2013-Q4"): 9.9, ("10", "2014-Q1"): 10.0,
        ("971", "2014-Q1"): 24.1,
    }  # fmt: skip
    with pytest.raises(SourceError, match="begins with « Code »"):
        load("unemployment_quarterly", workbook(tmp_path / "other.xls", {"Département": rows[:2]}))


def test_poverty_2009_keeps_corsica_whole_and_drops_province(tmp_path):
    heads = {
        "PAUVRETE_DEP": ["TAUX60", "TAUX50", "TAUX40", "INTENS"],
        "PAUVRETE_AGE_DEP": [
            "AGE017", "AGEREF029", "AGEREF3039", "AGEREF4049", "AGEREF5059", "AGEREF6074", "AGEREF75",
        ],
        "PAUVRETE_TYPE_MENAGE_DEP": [f"TYPMEN{i}" for i in range(1, 7)],
    }  # fmt: skip
    codes = [("82", "01"), ("94", "20"), (None, "PROV"), (None, "M")]
    sheets = {
        name: [["Taux"], ["REG", "DEP", "LIBGEO", *columns]]
        + [
            [region, code, "x", *(10 * row + i for i in range(len(columns)))]
            for row, (region, code) in enumerate(codes)
        ]
        for name, columns in heads.items()
    }
    figures = load("poverty_2009", workbook(tmp_path / "2009.xls", sheets))
    assert figures.loc["rate_poverty_60_under_18", "value"].droplevel("period").to_dict() == {
        "01": 0, "R94": 10, "FM": 30,
    }  # fmt: skip
    assert figures.loc[("rate_poverty_60_woman_alone", "FM", "2009"), "value"] == 34


def filosofi_file(path, year, extra, gini, tail=""):
    stems = [
        "NBMEN", "NBPERS", "Q2", "D1", "D9", "PBEN", "PPEN", "PPAT", "PPSOC", "PPFAM", "PPMINI", "PPLOGT", "PIMPOT",
    ]  # fmt: skip
    head = ["CODGEO", "LIBGEO", *(s + year for s in [*stems, *extra, "GI"]), "RD"]
    row = [
        "2A",
        "Corse-du-Sud",
        "1000,0",
        "2500",
        "21699,6",
        "11915,0",
        "41098",
        *["9,5"] * (len(stems) - 6),
        "-16,0",
    ]
    row += [*("70,5" for _ in extra), gini, "3,4"]
    return text(path, ";".join(head) + tail, ";".join(row) + tail)


def test_filosofi_years_read_commas_empty_columns_and_what_2014_lacks(tmp_path):
    old = filosofi_file(tmp_path / "FILO2014_DISP_DEP.csv", "14", ["PTSAC"], "0,3")
    new = filosofi_file(
        tmp_path / "FILO2017_DISP_DEP.csv", "17", ["PACT", "PTSA", "PCHO"], "0,298", tail=";;;"
    )
    figures = load("filosofi_2014_2020", old, new)
    assert figures.loc[("amount_median_standard_of_living", "2A"), "value"].to_dict() == {
        "2014": 21699.6, "2017": 21699.6,
    }  # fmt: skip
    assert figures.loc[("share_income_taxes", "2A", "2014"), "value"] == -16
    for absent_in_2014 in ("share_income_wages", "share_income_activity", "index_gini"):
        assert list(figures.loc[absent_in_2014].index.get_level_values("period")) == ["2017"]
    with pytest.raises(SourceError, match="gives the year"):
        BY_NAME["filosofi_2014_2020"].load([old.rename(tmp_path / "incomes.csv")])


GROUPS = {
    "AGE1": "head_under_30", "AGE2": "head_30_39", "AGE3": "head_40_49", "AGE4": "head_50_59", "AGE5": "head_60_74",
    "AGE6": "head_75_over", "TYM1": "man_alone", "TYM2": "woman_alone", "TYM3": "couple_without_children",
    "TYM4": "couple_with_children", "TYM5": "lone_parent", "TYM6": "complex", "TOL1": "owner", "TOL2": "tenant",
    "TLD2": "tenant_social", "TLD3": "tenant_private", "OPR1": "income_wages", "OPR2": "income_unemployment",
    "OPR3": "income_self_employed", "OPR4": "income_pensions",
}  # fmt: skip


def test_breakdowns_of_2020_go_to_the_right_group_and_tell_secret_from_missing(tmp_path):
    medians = [f"{20000 + 100 * i}" for i in range(len(GROUPS))]
    medians[-1], medians[-2] = "s", ""
    head = ";".join(["CODGEO", *(f"{group}Q220" for group in GROUPS)])
    path = text(tmp_path / "FILO2020_DISP_DEP.csv", head, ";".join(["974", *medians]))
    figures = load("filosofi_2020_breakdowns", path).droplevel(["territory", "period"])
    for i, name in enumerate(list(GROUPS.values())[:-2]):
        assert figures.loc[f"amount_median_standard_of_living_{name}", "value"] == 20000 + 100 * i
    states = figures["state"].to_dict()
    assert states["amount_median_standard_of_living_income_pensions"] == "suppressed"
    assert states["amount_median_standard_of_living_income_self_employed"] == "unavailable"


SIZES = {"TME1": "size_1", "TME2": "size_2", "TME3": "size_3", "TME4": "size_4", "TME5": "size_5_over"}


def test_poverty_of_2020_at_the_floor_is_a_bound(tmp_path):
    rates = {f"{group}TP6020": f"{10 + i},5" for i, group in enumerate(GROUPS | SIZES)} | {
        "TYM3TP6020": "5,0"
    }
    columns = {"TP4020": "5,0", "TP5020": "8,1", "TP6020": "14,4", "TP60IP20": "0,199", **rates}
    path = text(
        tmp_path / "FILO2020_DISP_PAUVRES_DEP.csv",
        "CODGEO;" + ";".join(columns),
        "2B;" + ";".join(columns.values()),
    )
    figures = load("filosofi_2020_poverty", path).droplevel(["territory", "period"])
    for coded in ("rate_poverty_40", "rate_poverty_60_couple_without_children"):
        assert figures.loc[coded, ["value", "lower", "upper", "note"]].tolist() == [
            5.0,
            0.0,
            5.0,
            "bottom_coded",
        ]
    assert figures.loc["rate_poverty_60", "value"] == 14.4
    assert figures.loc[["rate_poverty_60"], ["lower", "upper"]].isna().all(axis=None)
    assert figures.loc["share_poverty_intensity", "value"] == pytest.approx(19.9)
    assert figures.loc["rate_poverty_60_tenant_social", "value"] == 24.5


def test_poverty_of_2021_goes_to_the_right_group_and_the_floor_is_a_bound(tmp_path):
    groups = {stem: name for stem, name in (GROUPS | SIZES).items() if not stem.startswith("OPR")}
    rates = {f"{stem}TP6021": f"{10 + i},5" for i, stem in enumerate(groups)} | {"TOL1TP6021": "5,0"}
    columns = {"TP6021": "14,4", **rates}
    path = tmp_path / "FILO2021_DISP_PAUVRES_DEP.csv"
    lines = "CODGEO;" + ";".join(columns), "974;" + ";".join(columns.values())
    figures = load("filosofi_2021_poverty", text(path, *lines)).droplevel("territory")
    floor = figures.loc[("rate_poverty_60_owner", "2021"), ["value", "lower", "upper", "note"]]
    assert floor.tolist() == [5.0, 0.0, 5.0, "bottom_coded"]
    values = figures["value"].droplevel("period").drop(["rate_poverty_60", "rate_poverty_60_owner"])
    expected = {f"rate_poverty_60_{name}": 10.5 + i for i, name in enumerate(groups.values())}
    assert values.to_dict() == {k: v for k, v in expected.items() if k in values}
    assert len(values) == len(groups) - 1
    with pytest.raises(SourceError, match="TME5TP6021"):
        load("filosofi_2021_poverty", text(path, *(line.rpartition(";")[0] for line in lines)))


def test_no_breakdown_of_poverty_is_chained_from_2020_to_2021():
    names = [f"rate_poverty_60_{group}" for stem, group in (GROUPS | SIZES).items() if stem[:3] != "OPR"]
    assert len(names) == 21
    assert [name for name in names if "2021" not in dictionary()[name].breaks] == []
    for code in ("972", "974"):  # which have 2020 and 2021 only; elsewhere 2021 is told from 2019 on
        assert trends.trend(panel().series("rate_poverty_60", code), "rate_poverty_60") is None


def test_filosofi_2013_headings_bear_stray_spaces_and_a_floor(tmp_path):
    age = "Taux de pauvreté selon l’âge du référent fiscal"
    tenure = "Taux de pauvreté selon le statut d’occupation du logement"
    income = "Revenu disponible par unité de consommation"
    columns = {
        "Code géographique": "01", "Nombre de ménages fiscaux": "245638",
        "Nombre de personnes dans les ménages fiscaux": '"601507,0"',
        "Taux de pauvreté-Ensemble (% pop totale)": '"10,6"', f"{age} (% des moins de 30 ans)": '"15,5"',
        f"{age} (% des 30 à 39 ans) ": '"11,7"', f"{age} (% des 40 à 49 ans)": '"11,8"',
        f"{age} (% des 50 à 59 ans)": '"10,2"', f"{age} (% des 60 à 74 ans)": '"7,4"',
        f"{age} (% des 75 ans ou plus)": '"7,1"', f"{tenure} (propriétaires)": '"5,0"', f"{tenure} (locataires)": '"20,8"',
        f"{income} (Médiane)": '"21489,7"', f"{income} (Rapport inter-décile 9e décile/1er decile)": '"3,4"',
        f"{income} (1er décile)": '"11881,8"', f"{income} (9e décile du niveau de vie)": '"40696,5"',
    }  # fmt: skip
    figures = load(
        "filosofi_2013", text(tmp_path / "2013.csv", ",".join(columns), ",".join(columns.values()))
    )
    assert figures.loc[("rate_poverty_60_head_30_39", "01", "2013"), "value"] == 11.7
    assert figures.loc[("rate_poverty_60_owner", "01", "2013"), ["lower", "upper"]].tolist() == [0.0, 5.0]


def test_filosofi_2023_refuses_another_vintage(tmp_path):
    main = "dep_code,revenu_median_uc,taux_pauvrete,interdecile_d9d1,source_url,source_millesime"
    first = text(tmp_path / "filosofi_2023.csv", main, "01,27990.0,12.2,3.7,https://x,2023")
    gini = text(
        tmp_path / "filosofi_gini_2023.csv",
        "dep_code,gini,source_url,source_millesime",
        "01,0.312,https://x,2023",
    )
    figures = load("filosofi_2023", first, gini)
    assert figures["value"].droplevel(["territory", "period"]).to_dict() == {
        "amount_median_standard_of_living": 27990, "index_gini": 0.312, "rate_poverty_60": 12.2,
        "ratio_d9_d1_standard_of_living": 3.7,
    }  # fmt: skip
    text(gini, "dep_code,gini,source_url,source_millesime", "01,0.312,https://x,2021")
    with pytest.raises(SourceError, match="2021"):
        load("filosofi_2023", first, gini)


MARGINS = [
    *(f"dmv_{age}_seul_pct_{year}" for age in ("6579", "80p") for year in (11, 16, 22)),
    *(f"rev_{what}_{year}" for what in ("txpauv", "med", "d9", "ird9d1", "prestasoc") for year in (19, 21)),
    *(f"men_{kind}_pct_22" for kind in ("mono", "coupaenf")),
    *(f"log_{kind}_pct_22" for kind in ("prop", "loc", "vac", "ressec")),
    *("eco_txemp_1564_16", "eco_txemp_1564_22", "soc_txchom_1564_22"),
    *("dsp_dipl_infbac_pct_22", "dsp_dipl_supbac2_pct_22", "P22_POP", "P23_POP"),
]


def test_census_national_row_is_metropolitan_and_without_its_false_population(tmp_path):
    plausible = {
        "rev_med": "22000",
        "rev_d9": "40000",
        "rev_ird9d1": "3.4",
        "P22_POP": "543120",
        "P23_POP": "543632",
    }
    cells = [plausible.get(column) or plausible.get(column[:-3], "14.9") for column in MARGINS]
    lines = [",".join(["code", *MARGINS]), *(",".join([code, *cells]) for code in ("00FR", "2A"))]
    data = text(tmp_path / "rp.csv", *lines)
    definitions = ["var,long,unit,source,formula,periodes", *(f"{c[:-3]},,,,," for c in MARGINS)]
    figures = load("census_2011_2022", data, text(tmp_path / "dictionary.csv", *definitions))
    assert set(figures.loc["rate_poverty_60"].index) == {
        (t, y) for t in ("2A", "FM") for y in ("2019", "2021")
    }
    assert list(figures.loc["count_population_municipal"].index) == [("2A", "2022"), ("2A", "2023")]
    with pytest.raises(SourceError, match="no definition of rev_txpauv"):
        kept = [line for line in definitions if not line.startswith("rev_txpauv")]
        load("census_2011_2022", data, text(tmp_path / "dictionary.csv", *kept))


def test_sums_of_iris_that_miss_people_say_so_and_no_certificate_is_not_zero(tmp_path):
    housing = text(
        tmp_path / "housing.csv", "dep_code,part_hlm,taux_surpeuplement,part_menages_1pers",
        "57,14.4,4.7,33.4", "93,31.4,20.1,34.0",
    )  # fmt: skip
    people = text(tmp_path / "people.csv", "dep_code,population_mun", "57,1000", "93,1000")
    head = (
        "code,pop_2022,menages_2022,men_coupsenf_pct_22,tx_emploi_1524_22,tx_chomage_rp_1524_22,tx_emploi_5564_22,"
        "tx_chomage_rp_5564_22,n_dpe_bdnb_2024,dpe_FG_pct_bdnb_2024,dpe_ABC_pct_bdnb_2024"
    )
    iris = text(
        tmp_path / "iris.csv",
        head,
        "57,999,450.5,25,39,17,58,8,0.0,,",
        "93,980,380,18,30,25,55,12,90,11.0,43.1",
    )
    figures = load("census_2022_housing", housing, people, iris)
    assert figures.loc["count_households", "note"].tolist() == ["", "iris_incomplete"]
    certificates = figures.loc[["count_dpe_bdnb", "share_dwellings_dpe_fg_bdnb"]].xs("57", level="territory")
    assert set(certificates["state"]) == {"unavailable"} and certificates["value"].isna().all()
    assert figures.loc[("share_dwellings_dpe_fg_bdnb", "93", "2024"), "value"] == 11
    assert figures.loc[("share_households_social_tenant", "93", "2022"), "value"] == 31.4


def population_sheet(codes, foot):
    bands = ["0 à 19 ans", "20 à 39 ans", "40 à 59 ans", "60 à 74 ans", "75 ans et plus", "Total"]
    rows = [
        ["Estimation"],
        ["Année"],
        [],
        ["Départements", None, "Ensemble", *[None] * 5, "Hommes"],
        [None, None, *bands],
    ]
    rows += [[code, None, 20, 30, 40, 10, 5, 105, 99] for code in codes]
    return [*rows, [], [foot]]


def test_population_keeps_france_apart_and_says_what_it_lacks(tmp_path):
    national = ["France métropolitaine ", "DOM", "France métropolitaine et DOM"]
    sheets = {
        "À savoir": [["Quelques remarques"]],
        "2024": population_sheet(
            ["2A", 972, 976, *national], "Source : Insee (résultats provisoires arrêtés fin 2023)."
        ),
        "2013": population_sheet(["2A", 972, *national], "Source : Insee (résultats définitifs)."),
    }
    figures = load("population_1975_2024", workbook(tmp_path / "pop.xls", sheets))
    assert figures.loc["count_population_20_59", "value"].unique().tolist() == [70]
    assert set(figures.xs("2013", level="period").index.get_level_values("territory")) == {
        "2A",
        "972",
        "FM",
        "FR",
    }
    assert set(figures.xs("2024", level="period")["state"]) == {"provisional"}
    assert figures.loc[("count_population", "FR"), "note"].to_dict() == {
        "2013": "excludes_mayotte",
        "2024": "",
    }
    sheets["2013"][4][2:4] = ["0 à 24 ans", "25 à 39 ans"]
    with pytest.raises(SourceError, match="0 à 24 ans"):
        load("population_1975_2024", workbook(tmp_path / "pop.xls", sheets))


def test_employment_of_the_last_year_is_provisional_and_gaps_are_not_zero(tmp_path):
    sectors = ["T", "TAZ", "TBE", "TFZ", "TGU", "TOQ"]
    head = ",".join(["dep", "zone", "annee", *(f"ENS - {s}" for s in sectors), "SAL - T", "NSAL - T"])
    path = text(
        tmp_path / "jobs.csv", head, "974,974-La Réunion,2022,100.0,,,,,,90,10",
        "974,974-La Réunion,2023,110,1,2,3,4,100,95,15",
    )  # fmt: skip
    figures = load("employment_2008_2023", path)
    assert figures.loc[("count_jobs", "974"), "state"].to_dict() == {
        "2022-12": "observed",
        "2023-12": "provisional",
    }
    assert figures.loc[("count_jobs_industry", "974"), "state"].tolist() == ["unavailable", "provisional"]


def test_energy_keeps_ratios_of_deciles_and_no_amount(tmp_path):
    head = [None, "dec", "Pop", "REVDISP", "Electricite", "Electricite_gaz", "Gaz", "Fuel", "Carburant"]
    rows = [[str(i), f"d{i}", 1, 100 * i, 2, 1, 1, 1, 1000] for i in range(1, 11)]
    figures = load(
        "energy_spending_deciles_2017", workbook(tmp_path / "energy.xlsx", {"Depenses": [head, *rows]})
    )
    values = figures["value"].droplevel(["territory", "period"])
    # the first decile spends 5 % of its income where all households spend 50 / 5500
    assert values["index_energy_share_d1"] == pytest.approx(550)
    assert values["index_energy_share_d10"] == pytest.approx(55)
    with pytest.raises(SourceError, match="d1 to d10"):
        load(
            "energy_spending_deciles_2017",
            workbook(tmp_path / "energy.xlsx", {"Depenses": [head, *rows[:9]]}),
        )


# -------------------------------------------------------------------------------------------------- published files


@pytest.fixture(scope="module")
def real(published):
    """`real(name)`: figures of a published dataset, each read once."""
    loaded = {}

    def read(name):
        if name not in loaded:
            loaded[name] = load(name, *BY_NAME[name].find(published("insee").iterdir()))
        return loaded[name]

    return read


METROPOLE = set(territories.METROPOLITAN)
FILOSOFI = METROPOLE | {"972", "974"}
NO_MAYOTTE = set(territories.DEPARTEMENTS) - {"976"}


@pytest.mark.parametrize(
    ("name", "rows", "places", "first", "last"),
    [
        ("unemployment_quarterly", 16988, NO_MAYOTTE, "1982-Q1", "2025-Q3"),
        ("poverty_2009", 1632, METROPOLE - {"2A", "2B"} | {"R94", "FM"}, "2009", "2009"),
        ("filosofi_2013", 1440, METROPOLE, "2013", "2013"),
        ("filosofi_2014_2020", 11858, FILOSOFI, "2014", "2020"),
        ("filosofi_2020_breakdowns", 1960, FILOSOFI, "2020", "2020"),
        ("filosofi_2020_poverty", 2842, FILOSOFI, "2020", "2020"),
        ("filosofi_2021_poverty", 2156, FILOSOFI, "2021", "2021"),
        ("filosofi_2023", 384, METROPOLE, "2023", "2023"),
        ("census_2011_2022", 2811, METROPOLE | {"FM"}, "2011", "2023"),
        ("census_2022_housing", 1152, METROPOLE, "2022", "2024"),
        ("population_1975_2024", 40_288, set(territories.DEPARTEMENTS) | {"FM", "FR"}, "1975", "2024"),
        ("employment_2008_2023", 12800, NO_MAYOTTE, "2008-12", "2023-12"),
        ("energy_spending_deciles_2017", 10, {"FR"}, "2017", "2017"),
    ],
)
def test_published_extent(real, name, rows, places, first, last):
    figures = real(name)
    periods = figures.index.get_level_values("period")
    assert (len(figures), set(figures.index.get_level_values("territory"))) == (rows, places)
    assert (min(periods), max(periods)) == (first, last)


@pytest.mark.parametrize(
    ("name", "indicator", "territory", "period", "value"),
    [
        ("unemployment_quarterly", "rate_unemployment", "01", "1982-Q1", 3.8),
        ("unemployment_quarterly", "rate_unemployment", "974", "2025-Q3", 16.7),
        ("poverty_2009", "rate_poverty_60_under_18", "FM", "2009", 18.5344),
        ("poverty_2009", "rate_poverty_60", "R94", "2009", 19.3196),
        ("filosofi_2014_2020", "amount_median_standard_of_living", "01", "2014", 21699.6),
        ("filosofi_2014_2020", "share_income_minima", "02", "2019", 3.7),
        ("filosofi_2020_poverty", "rate_poverty_60", "02", "2020", 18.0),
        ("filosofi_2021_poverty", "rate_poverty_60_head_under_30", "02", "2021", 30.4),
        ("filosofi_2023", "rate_poverty_60", "02", "2023", 19.4),
        ("census_2011_2022", "rate_poverty_60", "FM", "2021", 14.9),
        ("census_2011_2022", "amount_median_standard_of_living", "FM", "2021", 23080),
        ("population_1975_2024", "count_population", "FR", "2024", 68373433),
        ("employment_2008_2023", "count_jobs", "01", "2008-12", 213143),
    ],
)
def test_published_figures(real, name, indicator, territory, period, value):
    assert real(name).loc[(indicator, territory, period), "value"] == value


@pytest.mark.parametrize(
    ("published_as", "indicator"),
    [
        ("taux de pauvreté 60 % ensemble", "rate_poverty_60"),
        ("niveau de vie médian", "amount_median_standard_of_living"),
    ],
)
def test_filosofi_2013_is_as_published(real, reference_figures, published_as, indicator):
    with reference_figures.open(encoding="utf-8") as lines:
        expected = {
            territories.parse(row["geo"]): float(row["value"])
            for row in csv.DictReader(lines)
            if row["indicator"] == published_as and row["period"] == "2013"
        }
    ours = real("filosofi_2013").loc[indicator, "value"].droplevel("period").to_dict()
    assert len(expected) == 96
    assert ours == pytest.approx(expected, abs=0.001)


def test_owners_at_the_floor_in_2013(real):
    owners = real("filosofi_2013").loc["rate_poverty_60_owner"]
    assert (owners["note"] == "bottom_coded").sum() == 17


@pytest.mark.parametrize("year", ["1975", "1990", "2013", "2014", "2024"])
def test_population_of_the_parts_is_that_of_the_whole(real, year):
    figures = real("population_1975_2024")["value"].xs(year, level="period").unstack("indicator")
    parts = figures.loc[[t for t in figures.index if t in METROPOLE]].sum()
    assert parts.to_dict() == figures.loc["FM"].to_dict()
    bands = figures.filter(regex=r"_(0_19|20_59|60_74|75_over)$").sum(axis=1)
    assert (bands == figures["count_population"]).all()


def test_employees_and_self_employed_are_all_jobs(real):
    jobs = real("employment_2008_2023")["value"].unstack("indicator")
    assert (jobs["count_jobs_salaried"] + jobs["count_jobs_self_employed"] == jobs["count_jobs"]).all()


def test_poverty_of_2021_is_that_of_the_re_used_table_and_moves_as_known(real):
    """96 totals to the last digit; then the changes for which 2021 is not chained to 2020."""
    new, reused = real("filosofi_2021_poverty"), real("census_2011_2022")["value"].loc["rate_poverty_60"]
    reused = reused.xs("2021", level="period").drop("FM")
    assert len(reused) == 96
    assert (new["value"].loc["rate_poverty_60"].droplevel("period").reindex(reused.index) == reused).all()
    assert (new["note"] == "bottom_coded").sum() == 42
    by_group = [real(f"filosofi_{year}_poverty")["value"].droplevel("period") for year in (2021, 2020)]
    moved = (by_group[0] - by_group[1]).groupby("indicator").median().round(1)
    assert moved["rate_poverty_60_tenant_social"] == 3.7
    assert moved["rate_poverty_60_complex"] == -1.2
    assert moved["rate_poverty_60"] == 0.6


def test_poverty_of_2021_holds_together_as_a_table_copied_by_hand_must(real):
    """A whole lies between its parts; so do tenants, of social and private landlords, and one person, man or woman alone."""
    rates = real("filosofi_2021_poverty")["value"].droplevel("period").unstack("indicator")
    rates.columns = rates.columns.str.removeprefix("rate_poverty_60").str.removeprefix("_")
    groups = {stem: name for stem, name in (GROUPS | SIZES).items() if stem[:3] != "OPR"}
    parts = {
        "": [
            [name for stem, name in groups.items() if stem[:3] == kind]
            for kind in ("AGE", "TYM", "TME", "TOL")
        ],
        "tenant": [["tenant_social", "tenant_private"]],
        "size_1": [["man_alone", "woman_alone"]],
    }
    for whole, divisions in parts.items():
        for names in divisions:
            low, high = rates[names].min(axis=1) - 0.05, rates[names].max(axis=1) + 0.05
            assert rates[whole].between(low, high).all(), (whole, names)
    before = real("filosofi_2020_poverty")["value"].droplevel("period").unstack("indicator")
    before.columns = before.columns.str.removeprefix("rate_poverty_60").str.removeprefix("_")
    owners = [
        (t["tenant"] - t[""]) / (t["tenant"] - t["owner"]) for t in (before, rates)
    ]  # their share, implied
    assert (owners[1] - owners[0]).abs().max() < 0.015


def test_two_sources_of_2019_agree(real):
    """The re-used Filosofi 2019 is INSEE's own, to the last digit."""
    reused, insee = real("census_2011_2022")["value"], real("filosofi_2014_2020")["value"]
    common = (
        reused.xs("2019", level="period", drop_level=False)
        .drop("rate_poverty_60")
        .drop("FM", level="territory")
    )
    assert len(common) == 4 * 96
    assert (common == insee.reindex(common.index)).all()


def test_national_row_of_the_census_is_the_mean_of_its_departements(real):
    """Weighted by households, the départements give the row of France métropolitaine: it is not a median of them."""
    shares = real("census_2011_2022")["value"].xs("2022", level="period").unstack("indicator")
    weights = real("census_2022_housing")["value"].loc["count_households"].droplevel("period")
    for name in ("share_households_lone_parent", "share_households_owner", "share_households_tenant"):
        mean = (shares.loc[weights.index, name] * weights).sum() / weights.sum()
        assert mean == pytest.approx(shares.loc["FM", name], abs=0.02)


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("poverty, 2019, metropolitan France, %", "14.6", "INSEE, ERFS survey",
          lambda: one("rate_poverty_60", "FM", "2019"), "ours is Filosofi, the tax file: two sources"),
    Check("poverty, 2021, metropolitan France, %", "14.5", "INSEE, ERFS survey",
          lambda: one("rate_poverty_60", "FM", "2021"), "ours is Filosofi: two sources"),
    Check("poverty, 2021, mean of 96 départements weighted by people, %", "14.9", "INSEE, Filosofi",
          lambda: weighted(
              column("rate_poverty_60", "2021", territories.METROPOLITAN), column("count_persons_fiscal", "2020")
          ),
          "the weights are the people of 2020"),
    Check("poverty, 2021, La Réunion, %", "36.1", "INSEE, Filosofi", lambda: one("rate_poverty_60", "974", "2021"),
          "`tests/data/test_insee.py::test_poverty_of_2021_is_that_of_the_re_used_table_and_moves_as_known`"),
    Check("population on 1 January 2024, sum of 101 départements, thousands", "68,373", "INSEE, bilan démographique",
          lambda: total("count_population", "2024") / 1000, "`tests/data/test_insee.py::test_published_figures`"),
)  # fmt: skip
