"""What INSEE, SDES and Eurostat answer, as figures: small bodies in the described layouts, fetched from a server of ours."""

from dataclasses import replace
from shutil import copy

import pandas as pd
import pytest

from analysis.data import schema
from analysis.data.catalogue import Catalogue
from analysis.data.sources import arrival, datasets, fetching
from analysis.data.sources.tidy import Each
from analysis.foundations.connectors.bringing import bring
from analysis.foundations.connectors.melodi import Melodi
from analysis.foundations.files import project_root
from analysis.foundations.limits import SourceError
from analysis.foundations.values import dictionary
from tests.producers import Reply, as_json, client, serving
from tests.producers_insee import archive, bdm, catalogued, cube, dido, melodi, observation


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with serving() as found:
        yield found


def arrived(machine, name, folder):
    """The files that a dataset's connectors bring from our machine."""
    paths = []
    for number, connector in enumerate(datasets()[name].remote.connectors):
        (folder / str(number)).mkdir()
        paths += replace(connector, base=machine.portal).fetch(client(machine), folder / str(number))
    return paths


def figures(name, paths):
    """What a dataset's reader makes of them, held to the schema, by indicator, territory and period."""
    remote = datasets()[name].remote
    frame = schema.check_figures((remote.load or datasets()[name].load)(paths), where=name)
    return frame.set_index(["indicator", "territory", "period"]).sort_index()


def fetched(machine, name, folder):
    """Figures of what arrives without a difference."""
    paths = arrived(machine, name, folder)
    assert differences(name, paths) == []
    return figures(name, paths)


def differences(name, paths):
    remote = datasets()[name].remote
    return [str(one) for one in arrival.of_files(remote, remote.load or datasets()[name].load, paths)]


def told(machine, name, folder):
    return differences(name, arrived(machine, name, folder))


# ------------------------------------------------------------------------------------------------------- unemployment


def test_unemployment_of_the_bdm_has_its_provisional_quarter_its_regions_and_france_without_mayotte(
    machine, tmp_path
):
    areas = {"D01": 5.6, "D2A": 6.1, "D974": 17.0, "R84": 6.2, "FM": 7.1, "FR-D976": 7.4}
    series = {
        area: [("2026-Q1", str(rate + 1), "A"), ("2026-Q2", str(rate), "P")] for area, rate in areas.items()
    }
    machine.on("/data/TAUX-CHOMAGE", Reply(bdm(series).encode()))
    rates = fetched(machine, "insee/unemployment_quarterly", tmp_path).loc["rate_unemployment"]
    assert rates.xs("2026-Q2", level="period")["value"].to_dict() == {
        "01": 5.6, "2A": 6.1, "974": 17.0, "R84": 6.2, "FM": 7.1, "FR": 7.4,
    }  # fmt: skip
    assert rates.groupby("period")["state"].unique().map(list).to_dict() == {
        "2026-Q1": ["observed"], "2026-Q2": ["provisional"],
    }  # fmt: skip
    assert rates.loc[("FR", "2026-Q2"), "note"] == "without_mayotte"
    assert rates.loc[("FM", "2026-Q2"), "note"] == ""


def test_a_status_that_has_no_meaning_and_another_correction_are_seen(machine, tmp_path):
    machine.on("/data/TAUX-CHOMAGE", Reply(bdm({"D01": [("2026-Q2", "5.6", "Z")]}).encode()))
    paths = arrived(machine, "insee/unemployment_quarterly", tmp_path)
    with pytest.raises(SourceError, match="'Z'"):
        figures("insee/unemployment_quarterly", paths)
    raw = bdm({"D01": [("2026-Q2", "5.6", "A")]}).replace('CORRECTION="CVS"', 'CORRECTION="BRUT"')
    machine.on("/data/TAUX-CHOMAGE", Reply(raw.encode()))
    (tmp_path / "again").mkdir()
    with pytest.raises(SourceError, match="'CVS'"):
        figures(
            "insee/unemployment_quarterly",
            arrived(machine, "insee/unemployment_quarterly", tmp_path / "again"),
        )


# ----------------------------------------------------------------------------------------------------------- Filosofi

INCOME = {
    "MED_SL": 24330, "PR_MD60": 15.4, "D1_SL": 12960, "D9_SL": 44000, "IR_D9_D1_SL": 3.4, "GI_SL": 0.29, "S_EI_DI": 74.3,
    "S_EI_DI_SAL": 65.0, "S_EI_DI_UNE": 2.9, "S_EI_DI_N_SAL": 6.4, "S_RET_PEN_DI": 28.0, "S_INC_ASS_DI": 9.0,
    "S_SOC_BEN_DI": 5.2, "S_SOC_BEN_DI_FAM_BEN": 1.9, "S_SOC_BEN_DI_MIN_SOC": 2.0, "S_SOC_BEN_DI_HOU_BEN": 1.3,
    "S_DIR_TAX_DI": -16.5,
}  # fmt: skip
AGES = ("Y_LT18", "Y18T29", "Y30T39", "Y40T49", "Y50T64", "Y65T74", "Y_GE75")
GROUPS = {(age, "_T"): 10.5 + number for number, age in enumerate(("_T", *AGES))} | {
    ("_T", "1"): 5.0,
    ("_T", "2"): 31.5,
}
HEAD = "GEO;GEO_OBJECT;SEX;AGE_GP;TSH;FILOSOFI_MEASURE;UNIT_MEASURE;OBS_STATUS;TIME_PERIOD;OBS_VALUE"


def filosofi(machine, *, income=INCOME, years=("2023",), groups=GROUPS, more=(), status="A"):
    """Income through the interface, breakdowns in the file."""
    seen = [
        observation(f"2026-DEP-{code}", value, TIME_PERIOD=year, FILOSOFI_MEASURE=name, UNIT_MEASURE="X", UNIT_MULT="0")
        for code in ("01", "2A") for year in years for name, value in income.items()
    ]  # fmt: skip
    lines = [
        f"{place};_T;{age};{tenure};PR_MD60;PT;{status};{year};{value}"
        for place in ("01;DEP", "2A;DEP", "11;REG", "FM;FRANCE") for year in years for (age, tenure), value in groups.items()
    ]  # fmt: skip
    machine.on("/data/DS_FILOSOFI_CC", melodi(seen))
    name = "DS_FILOSOFI_SAGE_LOG_TP_NIVVIE"
    machine.on(f"/catalog/{name}", as_json(catalogued(name, machine.portal, 2023)))
    body = archive(**{f"{name}_2023_data": "\n".join([HEAD, *lines, *more, ""])})
    machine.on(f"/file/{name}/{name}_2023_CSV_FR", Reply(body))


def test_filosofi_of_2023_is_read_by_age_of_people_and_nothing_of_years_before(machine, tmp_path):
    filosofi(machine, years=("2021", "2023"))
    found = fetched(machine, "insee/filosofi_2023", tmp_path)
    assert set(found.index.get_level_values("period")) == {"2023"}
    assert set(found.index.get_level_values("territory")) == {
        "01",
        "2A",
    }  # 11 is a région here, and Aude elsewhere
    values = found["value"].xs(("2A", "2023"), level=("territory", "period"))
    assert values[["rate_poverty_60", "index_gini", "share_income_activity", "share_income_taxes"]].tolist() == [
        15.4, 0.29, 74.3, -16.5,
    ]  # fmt: skip
    ages = ("under_18", "18_29", "30_39", "40_49", "50_64", "65_74", "75_over")
    assert [values[f"rate_poverty_60_{age}"] for age in ages] == [11.5 + number for number in range(7)]
    assert not [name for name in values.index if "head" in name]
    floor = found.loc[("rate_poverty_60_owner", "01", "2023")]
    assert floor[["value", "lower", "upper", "note"]].tolist() == [5.0, 0.0, 5.0, "bottom_coded"]


def test_what_filosofi_of_2023_shares_with_the_years_before_breaks_there():
    """2022 was not published, income is measured otherwise, and ages are those of people: no change is computed across."""
    readers = datasets()["insee/filosofi_2023"].remote.load.readers
    names = {name for reader in readers for name in reader.measures.values()}
    own = {f"rate_poverty_60_{age}" for age in ("18_29", "30_39", "40_49", "50_64", "65_74", "75_over")}
    assert own < names
    assert sorted(name for name in names - own if "2023" not in dictionary()[name].breaks) == []
    assert "2013" in dictionary()["rate_poverty_60_under_18"].breaks


def test_medians_of_groups_are_not_chained_from_2020_to_2021():
    """The archive of 2021 brings them; the poverty of these groups jumps there."""
    names = datasets()["insee/filosofi_2020_breakdowns"].load.__globals__["_GROUPS"].values()
    entries = [dictionary()[f"amount_median_standard_of_living_{name}"] for name in names]
    assert [entry.name for entry in entries if "2021" not in entry.breaks] == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"income": INCOME | {"S_DIR_TAX_DI": 16.5}}, "add up to 133.0"),
        ({"income": {name: value for name, value in INCOME.items() if name != "GI_SL"}}, "GI_SL"),
        ({"groups": {key: value for key, value in GROUPS.items() if key[0] != "Y_LT18"}}, "Y_LT18"),
        ({"status": "F"}, "'F'"),
        ({"more": ("01;DEP;_T;Y_LT18;_T;PR_MD60;PT;A;2023;99",)}, "appear twice"),
    ],
    ids=["sign", "measure", "age", "forecast", "twice"],
)
def test_filosofi_that_is_otherwise_is_refused(machine, tmp_path, change, said):
    filosofi(machine, **change)
    with pytest.raises(SourceError, match=said):
        figures("insee/filosofi_2023", arrived(machine, "insee/filosofi_2023", tmp_path))


def test_an_age_that_filosofi_had_not_is_told(machine, tmp_path):
    filosofi(machine, more=("01;DEP;_T;Y15T29;_T;PR_MD60;PT;A;2023;17",))
    assert told(machine, "insee/filosofi_2023", tmp_path) == [
        "categories: AGE_GP has « Y15T29 », not known so far; it had "
        "« Y18T29 », « Y30T39 », « Y40T49 », « Y50T64 », « Y65T74 », « Y_GE75 », « Y_LT18 », « _T »"
    ]


def archived(machine, **members):
    """The archive of 2021, on its page."""
    name = "indic-struct-distrib-revenu-2021-SUPRA_csv.zip"
    machine.on("/7756855", Reply(f'<html><a href="/fichier/7756855/{name}">'.encode()))
    texts = {
        one: "".join(f"{';'.join(line)}\n" for line in zip(*cells, strict=True))
        for one, cells in members.items()
    }
    machine.on(f"/fichier/7756855/{name}", Reply(archive(FILO2021_DISP_REG="CODGEO\n11\n", **texts)))


def test_a_year_in_the_layout_of_the_archive_joins_the_years_that_are_held(machine, tmp_path):
    """Distribution, medians by group and poverty come out of one archive, for three datasets."""
    stems = [
        "NBMEN",
        "NBPERS",
        "PACT",
        "PTSA",
        "PCHO",
        "PBEN",
        "PPEN",
        "PPAT",
        "PPSOC",
        "PPFAM",
        "PPMINI",
        "PPLOGT",
    ]
    groups = [
        f"{stem}{size}"
        for stem, most in (("AGE", 6), ("TYM", 6), ("TOL", 2), ("OPR", 4))
        for size in range(1, most + 1)
    ]
    groups += ["TLD2", "TLD3"]
    cells = {"Q2": "23160", "RD": "3,4", "GI": "0,294", "PIMPOT": "s", "D1": "12620", "D9": "42750"}
    cells |= dict.fromkeys(stems, "9,5") | {f"{group}Q2": "21000" for group in groups} | {"TLD2Q2": "s"}
    poverty = {
        (f"TP60{group}" if group.startswith("AGE") else f"{group}TP60"): "12,5"
        for group in [*groups, *(f"TME{size}" for size in range(1, 6))]
        if group[:3] != "OPR"
    }
    poverty |= {"TP60": "14,4", "TOL1TP60": "5,0"}
    archived(
        machine,
        FILO2021_DISP_DEP=[("CODGEO", "01"), *((f"{stem}21", cell) for stem, cell in cells.items())],
        FILO2021_DISP_PAUVRES_DEP=[
            ("CODGEO", "01"),
            *((f"{stem}21", cell) for stem, cell in poverty.items()),
        ],
    )
    found = {}
    for name in ("filosofi_2014_2020", "filosofi_2020_breakdowns", "filosofi_2021_poverty"):
        (tmp_path / name).mkdir()
        found |= (
            fetched(machine, f"insee/{name}", tmp_path / name).xs(("01", "2021"), level=(1, 2)).T.to_dict()
        )
        assert datasets()[f"insee/{name}"].remote.keeps is True
    assert (found["index_gini"]["value"], found["ratio_d9_d1_standard_of_living"]["value"]) == (0.294, 3.4)
    assert found["share_income_taxes"]["state"] == "suppressed"
    assert found["amount_median_standard_of_living_lone_parent"]["value"] == 21000
    assert found["amount_median_standard_of_living_tenant_social"]["state"] == "suppressed"
    assert (found["rate_poverty_60"]["value"], found["rate_poverty_60_owner"]["upper"]) == (14.4, 5.0)


# ------------------------------------------------------------------------------------------------------------- census


def counts(machine, dataset, cells, years=("2012", "2017", "2023"), **fixed):
    """A table of counts, in two départements and France métropolitaine; a cell may have a status."""
    seen = []
    for place, times in (("2026-DEP-01", 1), ("2026-DEP-2A", 2), ("FRANCE-M", 3), ("FRANCE-F", 4)):
        for year in years:
            for cell in cells:
                dimensions, value, *status = cell
                number = None if value is None else value * times
                seen.append(observation(place, number, *status, TIME_PERIOD=year, **fixed, **dimensions))
    machine.on(f"/data/{dataset}", melodi(seen))
    machine.on(f"/catalog/{dataset}", as_json(catalogued(dataset, machine.portal, int(years[-1]))))


def housing(machine, *, vacant=(80,), years=("2012", "2017", "2023")):
    whole = dict.fromkeys(("L_STAY", "TDW", "NRG_SRC", "CARPARK", "NOR", "CARS", "BUILD_END"), "_T")
    uses = [("_T", "_T", 1000), ("DW_SEC_DW_OCC", "_T", 120), ("DW_MAIN", "_T", 800), ("DW_MAIN", "100", 480)]
    cells = [
        ({"OCS": use, "TSH": tenure}, number) for use, tenure, number in (*uses, ("DW_MAIN", "200", 312))
    ]
    counts(
        machine,
        "DS_RP_LOGEMENT_PRINC",
        [*cells, ({"OCS": "DW_VAC", "TSH": "_T"}, *vacant)],
        years,
        RP_MEASURE="DWELLINGS",
        **whole,
    )
    types = [({"TPH": kind}, number) for kind, number in (("_T", 800), ("MF21", 80), ("MF222", 200))]
    counts(machine, "DS_RP_MENAGES_COMP", types, years, RP_MEASURE="DWELLINGS", PREFPH="_T", PCS="_T")
    work = [({"EMPSTA_ENQ": status}, number) for status, number in (("1", 660), ("2", 90), ("_T", 1000))]
    counts(machine, "DS_RP_EMPLOI_LR_PRINC", work, years, RP_MEASURE="POP", SEX="_T", EDUC="_T", AGE="Y15T64")
    levels = {"001T100_RP": 200, "200_RP": 50, "300_RP": 250, "600_RP": 100, "700_RP": 60, "_T": 1000}
    educ = [({"EDUC": level}, number) for level, number in levels.items()]
    counts(machine, "DS_RP_DIPLOMES_PRINC", educ, years, RP_MEASURE="POP", SEX="_T")
    counts(machine, "DS_POPULATIONS_REFERENCE", [({"POPREF_MEASURE": "PMUN"}, 1600)], years[2:])


def test_shares_of_the_census_are_those_of_its_counts(machine, tmp_path):
    housing(machine)
    found = fetched(machine, "insee/census_2011_2022", tmp_path)
    assert "AGE=Y15T64" in next(one.line for one in machine.asked if "EMPLOI" in one.line)
    assert set(found.index.get_level_values("territory")) == {"01", "2A", "FM"}
    assert found["value"].xs(("2A", "2023"), level=("territory", "period")).to_dict() == {
        "share_dwellings_vacant": 8, "share_dwellings_secondary": 12, "share_households_owner": 60,
        "share_households_tenant": 39, "share_households_lone_parent": 10, "share_households_couple_with_children": 25,
        "rate_employment_census_15_64": 66, "rate_unemployment_census_15_64": 12, "share_adults_below_baccalaureate": 50,
        "share_adults_above_two_years_higher": 16, "count_population_municipal": 3200,
    }  # fmt: skip


def test_housing_and_work_by_age_of_the_census_are_those_of_its_counts(machine, tmp_path):
    whole = dict.fromkeys(("L_STAY", "TDW", "NRG_SRC", "CARPARK", "NOR", "CARS", "BUILD_END"), "_T")
    tenures = [({"TSH": "_T"}, 800), ({"TSH": "221"}, 120)]
    counts(machine, "DS_RP_LOGEMENT_PRINC", tenures, RP_MEASURE="DWELLINGS", OCS="DW_MAIN", **whole)
    crowded = [
        ({"OCC_IND": one}, number) for one, number in (("_T", 800), ("SEV_OVER_OCC", 8), ("MOD_OVER_OCC", 32))
    ]
    counts(machine, "DS_RP_LOGEMENT_COMP", crowded, RP_MEASURE="DWELLINGS", OCS="DW_MAIN")
    types = [({"TPH": kind}, number) for kind, number in (("_T", 800), ("11", 296), ("MF221", 208))]
    counts(machine, "DS_RP_MENAGES_COMP", types, RP_MEASURE="DWELLINGS", PREFPH="_T", PCS="_T")
    work = [
        ({"AGE": age, "EMPSTA_ENQ": status}, number)
        for age, numbers in (("Y15T24", (300, 100, 1000)), ("Y55T64", (540, 60, 1000)))
        for status, number in zip(("1", "2", "_T"), numbers, strict=True)
    ]
    counts(machine, "DS_RP_EMPLOI_LR_PRINC", work, RP_MEASURE="POP", SEX="_T", EDUC="_T")
    found = fetched(machine, "insee/census_2022_housing", tmp_path)
    assert found["value"].xs(("01", "2023"), level=("territory", "period")).to_dict() == {
        "count_households": 800, "share_households_social_tenant": 15, "share_dwellings_overcrowded": 5,
        "share_households_single_person": 37, "share_households_couple_without_children": 26,
        "rate_employment_census_15_24": 30, "rate_unemployment_census_15_24": 25, "rate_employment_census_55_64": 54,
        "rate_unemployment_census_55_64": 10,
    }  # fmt: skip


def test_a_share_of_a_count_that_is_not_given_has_no_value(machine, tmp_path):
    housing(machine, vacant=(None, "K"))
    found = fetched(machine, "insee/census_2011_2022", tmp_path)
    assert found.loc["share_dwellings_vacant"][["value", "state"]].drop_duplicates().values.tolist() == [
        [pytest.approx(float("nan"), nan_ok=True), "unavailable"]
    ]
    assert found.loc[("share_dwellings_secondary", "01", "2023"), "value"] == 12


def test_an_edition_of_the_census_takes_the_place_of_the_one_that_it_overlaps(machine, tmp_path, monkeypatch):
    """What was typed stays, on the other side of a break; an edition that was fetched goes once the next is accepted."""
    monkeypatch.setenv("PACTE_CACHE", str(tmp_path / "cache"))
    name = "insee/census_2011_2022"
    for path in (project_root() / "data" / "raw" / "insee").glob("census_2011_2022.*"):
        (tmp_path / "insee").mkdir(exist_ok=True)
        copy(path, tmp_path / "insee")
    catalogue, entry = Catalogue(tmp_path), datasets()[name]
    ours = tuple(replace(one, base=machine.portal) for one in entry.remote.connectors)
    entry = replace(entry, remote=replace(entry.remote, connectors=ours))

    def years(edition):
        housing(machine, years=("2012", "2017", edition))
        ((_, arrived),) = bring({name: ours}, client(machine))
        with pytest.raises(fetching.Differs, match="nothing was written"):
            fetching.take_in(entry, arrived, catalogue)
        fetching.take_in(entry, arrived, catalogue, accept=True)
        assert not fetching.take_in(entry, arrived, catalogue).any
        found = catalogue.figures(name).groupby("indicator")["period"].unique().map(sorted)
        return found[
            ["rate_employment_census_15_64", "share_80_over_living_alone", "rate_poverty_60"]
        ].tolist()

    others = [["2011", "2016", "2022"], ["2019", "2021"]]
    assert years("2023") == [["2016", "2022", "2023"], *others]
    files = [file.name for file in catalogue.sidecar(name).published]
    assert files[0] == "rp_filosofi_departements_2011_2022.csv"
    assert "DS_RP_LOGEMENT_PRINC.csv" in files
    assert years("2024") == [["2016", "2022", "2024"], *others]


def test_editions_of_the_census_that_overlap_are_not_compared():
    for name in ("insee/census_2011_2022", "insee/census_2022_housing"):
        remote = datasets()[name].remote
        assert remote.keeps == "2022"
        shares = {share for table in remote.load.readers for share in table.shares}
        assert sorted(share for share in shares if "2023" not in dictionary()[share].breaks) == []


CORRECTION = """corrections:
  - name: vacancy_ain
    dataset: insee/census_2011_2022
    period: "2017"
    territory: "01"
    published: {share_dwellings_vacant: 9.1}
    corrected: {share_dwellings_vacant: 8.0}
    why: {fr: x, en: x}
    reference: x
    checked: 2026-11-30
"""


@pytest.mark.parametrize(
    ("corrections", "said"),
    [("corrections: []", "two quantities"), (CORRECTION, "it is put right, remove the correction")],
)
def test_what_no_panel_could_be_built_of_is_not_stored_whatever_is_accepted(
    machine, tmp_path, monkeypatch, corrections, said
):
    """Vacancy of 2017 is held of the Caisse des Dépôts too, and is another; or the register of corrections waits for it."""
    monkeypatch.setenv("PACTE_CACHE", str(tmp_path / "cache"))
    for name in ("insee/census_2011_2022", "caisse_des_depots/dwellings"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        for path in (project_root() / "data" / "raw").glob(f"{name}.*"):
            copy(path, (tmp_path / name).parent)
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "corrections.yml").write_text(corrections, encoding="utf-8")
    catalogue, entry = Catalogue(tmp_path), datasets()["insee/census_2011_2022"]
    tables = tuple(replace(table, since="") for table in entry.remote.load.readers)
    ours = tuple(replace(table.connector, base=machine.portal) for table in tables)
    entry = replace(entry, remote=replace(entry.remote, connectors=ours, load=Each(tables)))
    housing(machine)
    ((_, arrived),) = bring({entry.name: ours}, client(machine))
    before = catalogue.figures(entry.name)
    with pytest.raises(SourceError, match=said):
        fetching.take_in(entry, arrived, catalogue, accept=True)
    assert catalogue.figures(entry.name).equals(before)


# --------------------------------------------------------------------------------------------------------- population

BANDS = [*(f"Y{first}T{first + 4}" for first in range(5, 95, 5)), "Y_GE95"]


def people(machine, ages, years=("2013", "2014", "2026"), total=None):
    """Ten people of each age, in Ain, Mayotte from 2014 on and France; the last year is provisional."""
    seen = []
    for place in ("2026-DEP-01", "2026-DEP-976", "FRANCE-F", "FRANCE-M"):
        for year in years:
            if place.endswith("976") and year < "2014":
                continue
            numbers = dict.fromkeys(ages, 10) | {"_T": 10 * len(BANDS) + 10 if total is None else total}
            seen += [
                observation(
                    place, number, "P" if year == "2026" else "A", SEX="_T", AGE=age, EP_MEASURE="POP_JAN_1ST",
                    FREQ="A", UNIT_MEASURE="PS", REF_PERIOD="X", TIME_PERIOD=year,
                )
                for age, number in numbers.items()
            ]  # fmt: skip
    machine.on("/data/DS_ESTIMATION_POPULATION", melodi(seen))


def test_bands_of_five_years_make_up_those_that_were_held(machine, tmp_path):
    people(machine, ["Y_LT5", *BANDS, "Y_LT20", "Y20T64", "Y_GE65", "Y_GE75"])
    found = fetched(machine, "insee/population_1975_2024", tmp_path)
    assert found["value"].xs(("01", "2026"), level=("territory", "period")).to_dict() == {
        "count_population": 200, "count_population_0_19": 40, "count_population_20_39": 40, "count_population_40_59": 40,
        "count_population_60_74": 30, "count_population_75_over": 50, "count_population_20_59": 80,
        "count_population_60_over": 80,
    }  # fmt: skip
    totals = found.loc["count_population"]
    assert totals.loc[("01", "2026"), "state"] == "provisional"
    assert totals.loc[("01", "2014"), "state"] == "observed"
    assert totals.loc["FR", "note"].to_dict() == {"2013": "excludes_mayotte", "2014": "", "2026": ""}
    assert set(totals.loc["FM", "note"]) == {""}


@pytest.mark.parametrize(
    ("ages", "total", "said"),
    [
        (["Y_LT5", *BANDS[:3], *BANDS[4:]], None, "no band of five years begins at 20"),
        (["Y_LT5", *BANDS], 260, "do not add up to the total in 01 2013"),
    ],
)
def test_ages_that_leave_people_out_are_refused(machine, tmp_path, ages, total, said):
    people(machine, ages, total=total)
    with pytest.raises(SourceError, match=said):
        figures("insee/population_1975_2024", arrived(machine, "insee/population_1975_2024", tmp_path))


# -------------------------------------------------------------------------------------------------- permits and prices

PERMITS = "ANNEE;DEPARTEMENT_CODE;DEPARTEMENT_LIBELLE;TYPE_LGT;LOG_AUT;LOG_COM;SDP_AUT;SDP_COM\n"
PERMIT_ROWS = (
    "2013;976;Mayotte;Tous Logements;0;0;;\n2024;01;Ain;Tous Logements;4120;1876;;\n2024;01;Ain;Collectif;2000;;;\n"
    "2025;01;Ain;Tous Logements;4385;;;\n2025;2A;Corse-du-Sud;Tous Logements;secret;;;\n"
)
RID = "a0ae7112-5184-4ad7-842d-87b09fd27df1"


def test_permits_of_the_vintage_that_is_out_are_those_of_all_dwellings(machine, tmp_path):
    dido(machine, RID, {"2026-09": PERMITS + PERMIT_ROWS}, "2026-12")
    found = fetched(machine, "logement/permits", tmp_path).droplevel("indicator")
    assert found["value"].dropna().to_dict() == {("01", "2024"): 4120, ("01", "2025"): 4385}
    assert found.loc[("2A", "2025"), "state"] == "suppressed"
    assert ("976", "2013") not in found.index


def test_permits_that_are_laid_out_otherwise_are_seen(machine, tmp_path):
    dido(machine, RID, {"2026-09": PERMITS.replace("SDP_COM", "SDP_TOT") + PERMIT_ROWS}, "2026-12")
    assert [line[:30] for line in told(machine, "logement/permits", tmp_path)] == [
        "columns: « SDP_TOT » came, whi", "columns: « SDP_COM » did not c",
    ]  # fmt: skip
    (tmp_path / "again").mkdir()
    dido(
        machine,
        RID,
        {"2026-09": PERMITS + PERMIT_ROWS.replace("Tous Logements", "Tous logements")},
        "2026-12",
    )
    with pytest.raises(SourceError, match="nearest: 'Tous logements'"):
        figures("logement/permits", arrived(machine, "logement/permits", tmp_path / "again"))


def test_prices_of_eurostat_begin_after_a_break_and_are_in_euros_per_megawatt_hour(machine, tmp_path):
    periods = ["2021-S2", "2022-S1", "2025-S1", "2025-S2"]
    machine.on(
        "/data/nrg_pc_204", as_json(cube(periods, {"0": 0.2022, "1": 0.2086, "3": 0.2601}, {"3": "p"}))
    )
    machine.on("/data/nrg_pc_202", as_json(cube(periods, {"1": 0.0894, "3": 0.121}, band="GJ20-199")))
    found = fetched(machine, "ademe/energy_prices", tmp_path).droplevel("territory")
    assert found["value"].round(3).to_dict() == {
        ("amount_electricity_price_eur_per_mwh", "2022-S1"): 208.6,
        ("amount_electricity_price_eur_per_mwh", "2025-S2"): 260.1,
        ("amount_gas_price_eur_per_mwh", "2022-S1"): 89.4,
        ("amount_gas_price_eur_per_mwh", "2025-S2"): 121.0,
    }
    assert found.loc[("amount_electricity_price_eur_per_mwh", "2025-S2"), "state"] == "provisional"
    for name in found.index.get_level_values("indicator").unique():
        assert "2022-S1" in dictionary()[name].breaks
    assert {one["nrg_cons"] for one in (asked.query for asked in machine.asked)} == {
        "KWH2500-4999",
        "GJ20-199",
    }


# ------------------------------------------------------------------------------------------------------------ all of them


def test_what_goes_on_is_fetched_and_what_is_past_is_not():
    """Years that are past have no address of their own; jobs have none whose layout is known."""
    past = {
        "poverty_2009",
        "filosofi_2013",
        "filosofi_2020_poverty",
        "energy_spending_deciles_2017",
        "employment_2008_2023",
    }
    on = {"unemployment_quarterly", "population_1975_2024", "census_2011_2022", "census_2022_housing"}
    on |= {"filosofi_2014_2020", "filosofi_2020_breakdowns", "filosofi_2021_poverty", "filosofi_2023"}
    remotes = {name: datasets()[f"insee/{name}"].remote for name in past | on}
    assert {name for name, remote in remotes.items() if remote} == on
    asked = [one for entry in datasets().values() if entry.remote for one in entry.remote.connectors]
    assert all("DEP" in one.select["GEO"] for one in asked if isinstance(one, Melodi) and not one.bulk)


def test_a_cell_under_secrecy_is_suppressed_and_not_absent(machine, tmp_path):
    filosofi(machine)
    (path, _) = paths = arrived(machine, "insee/filosofi_2023", tmp_path)
    table = pd.read_csv(path, sep=";", dtype=str, keep_default_na=False)
    table.loc[table["FILOSOFI_MEASURE"] == "GI_SL", ["CONF_STATUS", "OBS_VALUE"]] = ["C", ""]
    table.to_csv(path, sep=";", index=False)
    assert set(figures("insee/filosofi_2023", paths).loc["index_gini", "state"]) == {"suppressed"}
