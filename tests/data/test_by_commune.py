"""Figures by commune, EPCI and neighbourhood: cities counted twice, zeros that hide, secrets, columns of other years."""

import json

import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.schema import check_figures
from analysis.data.sources import by_commune
from analysis.data.sources.insee import filosofi, qpv
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from analysis.methods.indicators import inside
from tests.checks import Check, one, total

QPV, EPCI = "neighbourhood", "epci"


def _written(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8-sig")
    return path


def _at(frame, column="value"):
    keys = zip(frame["indicator"], frame["territory"], frame["period"], strict=True)
    return dict(zip(keys, frame[column], strict=True))


# ------------------------------------------------------------------------------------------------------------- communes


def test_an_epci_of_no_table_and_a_commune_of_another_departement_are_refused(tmp_path):
    head = "codgeo,libgeo,epci,libepci,dep,reg\n"
    good = _written(
        tmp_path, "a.csv", f"{head}29155,L'Île,ZZZZZZZZZ,Sans objet,29,53\n1004,X,240100883,CC,01,84\n"
    )
    table = by_commune.load_table([good])
    assert table[["commune", "epci", "name"]].to_numpy().tolist() == [
        ["01004", "240100883", "X"],
        ["29155", "", "L’Île"],
    ]
    with pytest.raises(SourceError, match="EPCI 200000164 is not in territories_epci"):
        by_commune.load_table([_written(tmp_path, "b.csv", f"{head}01004,X,200000164,CC,01,84\n")])
    with pytest.raises(SourceError, match="commune 01004 is not in the département of its code"):
        by_commune.load_table([_written(tmp_path, "c.csv", f"{head}01004,X,240100883,CC,69,84\n")])


POVERTY = "CODGEO;NBPERSMENFISC21;TP6021\n01001;895;s\n01004;15092;17,0\n01005;1000;5,0\n01006;nd;nd\n{city}"


def test_a_secret_stays_one_and_a_whole_percent_has_its_rounding(tmp_path):
    text = POVERTY.format(city="69123;1000;16,0\n69381;400;20,0\n69382;600;12,0\n")
    frame = check_figures(by_commune.load_poverty([_written(tmp_path, "p.csv", text)]), "p", "commune")
    states, low, high = _at(frame, "state"), _at(frame, "lower"), _at(frame, "upper")
    rate, persons = "rate_poverty_60", "count_persons_fiscal"
    assert (
        states[(rate, "01001", "2021")] == "suppressed" and states[(rate, "01006", "2021")] == "unavailable"
    )
    assert (low[(rate, "01004", "2021")], high[(rate, "01004", "2021")]) == (16.5, 17.5)
    assert (low[(rate, "01005", "2021")], high[(rate, "01005", "2021")]) == (0.0, 5.5)
    assert (
        _at(frame)[(persons, "69123", "2021")] == 1000 and not frame["territory"].str.startswith("6938").any()
    )
    with pytest.raises(SourceError, match="expected whole percents"):
        by_commune.load_poverty([_written(tmp_path, "q.csv", POVERTY.format(city="01007;10;12,3\n"))])


def test_rsa_of_arrondissements_is_that_of_their_city_and_a_zero_may_hide_four(tmp_path):
    head = "Date référence;Numéro commune;RSA ou PPA;Nom commune;Nombre foyers RSA_PPA;Nombre personnes RSA_PPA\n"
    rows = "2020-12;01004;RSA seul;A;0;0\n2020-12;69381;RSA seul;B;10;15\n2020-12;69382;RSA seul;C;5;10\n"
    outside = "2020-12;01XXX;RSA seul;;0;0\n2020-12;97801;RSA seul;;5;5\n2020-12;99999;RSA seul;;5;5\n"
    frame = by_commune.load_rsa([_written(tmp_path, "r.csv", head + rows + outside)])
    homes = frame[frame["indicator"] == "count_rsa_only_households_caf"].set_index("territory")
    assert homes[["value", "lower", "upper"]].to_dict("index") == {
        "01004": {"value": 0, "lower": 0, "upper": 4},
        "69123": {"value": 15, "lower": 10, "upper": 20},
    }
    with pytest.raises(SourceError, match="RSA seul"):
        by_commune.load_rsa([_written(tmp_path, "s.csv", head + rows.replace("RSA seul", "PPA"))])


def test_job_seekers_stand_in_a_column_named_population(tmp_path):
    rows = [{"insee": "75056", "nom_commune": "Paris", "population": "30"}]
    rows += [{"insee": f"7510{n}", "nom_commune": "x", "population": "15"} for n in (1, 2)]
    frame = by_commune.load_job_seekers([_written(tmp_path, "population.json", json.dumps(rows))])
    assert frame[["territory", "value", "lower", "upper", "note"]].to_numpy().tolist() == [
        ["75056", 30, 27.5, 32.5, "undated"]
    ]
    with pytest.raises(SourceError, match="not the list of communes"):
        by_commune.load_job_seekers([_written(tmp_path, "x.json", "[")])


def test_a_file_that_is_no_parquet_is_refused(tmp_path):
    with pytest.raises(SourceError, match="no Parquet file"):
        by_commune.load_census([_written(tmp_path, "rp_2022_commune.parquet", "code,population\n")])


# ----------------------------------------------------------------------------------------------------------------- sums

TABLE = [
    ("01001", "A", "200069193"),
    ("01002", "B", "200069193"),
    ("69001", "C", "200069193"),
    ("01003", "D", ""),
]


def _communes(value="value", **cells):
    rows = [
        {"commune": code, "name": name, "epci": epci, "departement": code[:2], "people": people, "indicator": indicator,
         "period": "2021", "value": amount, "lower": float("nan"), "upper": float("nan"), "state": state, "note": "",
         "source": "x/y"}
        for (code, name, epci), people in zip(TABLE, (100.0, 300.0, 50.0, 10.0), strict=True)
        for indicator, amount, state in (
            ("count_population_municipal", people, "observed"),
            ("count_a", *((float("nan"), "suppressed") if code in ("01001", "69001") else (7.0, "observed"))),
        )
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_sum_says_which_share_of_people_it_covers_and_makes_up_nothing():
    made = inside.sums(_communes()).set_index(["indicator", "territory", "departement"])
    part = made.loc[("count_a", "200069193", "01")]
    assert (part["value"], part["covered"], part["communes"], part["known"], part["masked"]) == (
        7.0,
        0.75,
        2,
        1,
        1,
    )
    other = made.loc[
        ("count_a", "200069193", "69")
    ]  # an EPCI has a sum in each département, and no sum of nothing is 0
    assert pd.isna(other["value"]) and other["covered"] == 0.0
    assert made.loc[("count_a", "", "01"), "value"] == 7.0
    assert not made["elsewhere"].any()  # of this one, the table says that it lies in one


# ------------------------------------------------------------------------------------------------------- neighbourhoods

REVN = """CODGEO;LIBGEO;TP60;DISP_Q2;NOTE_FILO;C;C_C2SNP;C_C2SP;NOTE_CNAM;A;ARSAS;AAAH;NOTE_CNAF;;;
QP001001;A;41,4;14 180;0;6\u202f110;1\u202f519;495;0;2\u202f068;376;247;0;;;
QP001002;B;;12 000;1;;;;5;100;;20;0;;;
QP972001;C;48,1;11 000;1;;;;;;;;;;;
{total}"""


def test_each_column_is_of_its_own_year_and_a_blank_has_its_reason(tmp_path):
    frame = qpv.load_incomes(
        [_written(tmp_path, "REVN_2022.csv", REVN.format(total="Ensemble;E;;;;1;1;1;;1;1;1;;;;\n"))]
    )
    values, notes, states = _at(frame), _at(frame, "note"), _at(frame, "state")
    assert values[("rate_poverty_60", "QP001001", "2019")] == 41.4
    assert values[("count_c2s_free_covered_cnam", "QP001001", "2021-01")] == 1519
    assert values[("count_rsa_households_caf", "QP001001", "2020-12")] == 376
    assert notes[("count_people_covered_cnam", "QP001002", "2021-01")] == "withheld"
    assert notes[("count_rsa_households_caf", "QP001002", "2020-12")] == "withheld"
    assert notes[("count_people_covered_cnam", "QP972001", "2021-01")] == "absent_from_source"
    assert notes[("amount_median_standard_of_living", "QP972001", "2019")] == "flagged_by_producer"
    assert states[("rate_poverty_60", "QP001002", "2019")] == "unavailable"
    assert set(frame["territory"]) == {"QP001001", "QP001002", "QP972001"}
    assert "count_c2s_covered_cnam" not in set(
        frame["indicator"]
    )  # the two kinds are not added up to a third series
    with pytest.raises(SourceError, match="gives the year of publication"):
        qpv.load_incomes([_written(tmp_path, "REVN.csv", REVN.format(total=""))])


def test_every_kind_of_health_cover_keeps_its_own_name(published):
    made = {}
    for year in (2017, 2018, 2019, 2021, 2022):
        frame = qpv.load_incomes([published("insee", "qpv", f"REVN_{year}.csv")])
        cover = frame[frame["indicator"].str.contains("cmu_c|c2s")]
        made |= dict.fromkeys(set(zip(cover["indicator"], cover["period"], strict=True)), year)
    assert made == {
        ("count_cmu_c_covered_cnam", "2016-01"): 2017,
        ("count_cmu_c_covered_cnam", "2017-01"): 2018,
        ("count_cmu_c_covered_cnam", "2018-01"): 2019,
        ("count_c2s_covered_cnam", "2020-01"): 2021,
        ("count_c2s_free_covered_cnam", "2021-01"): 2022,
        ("count_c2s_contributory_covered_cnam", "2021-01"): 2022,
    }


# ----------------------------------------------------------------------------------------------------------------- EPCI


def test_the_epci_of_another_year_are_left_out_and_no_gini_of_one_decimal_is_read(published):
    frame = filosofi.load_epci([published("insee", "epci", "FILO2014_DISP_EPCI.csv")])
    assert frame["territory"].nunique() == 781 and set(frame["territory"]) <= set(territories.of_level(EPCI))
    assert "index_gini" not in set(frame["indicator"])
    lacking = frame[frame["state"] != "observed"]  # deciles that are blank for small ones are no zeros
    assert set(lacking["state"]) == {"unavailable"} and lacking["value"].isna().all()


def test_the_tables_of_territories_are_those_that_are_published(published):
    table = by_commune.load_table([published("insee", "seed_insee_epci_commune.csv")])
    lies = (
        table[table["epci"] != ""]
        .groupby("epci")["departement"]
        .agg(lambda d: tuple(sorted(set(d), key=territories.sort_key)))
    )
    assert lies.to_dict() == {code: territories.containing(code) for code in territories.of_level(EPCI)}
    stored = Catalogue().table("insee/communes")
    assert stored.equals(table.astype("str"))


# ----------------------------------------------------------------------------- the page of checks

_FILES = "sum over neighbourhoods"
CHECKS = (
    Check("people of neighbourhoods covered by free C2S, 1 January 2021", "1,389,622", "INSEE, file REVN_2022",
          lambda: total("count_c2s_free_covered_cnam", "2021-01", territories.of_level(QPV)), _FILES),
    Check("people of neighbourhoods covered by contributory C2S, 1 January 2021", "243,974", "INSEE, file REVN_2022",
          lambda: total("count_c2s_contributory_covered_cnam", "2021-01", territories.of_level(QPV)), _FILES),
    Check("people of neighbourhoods covered by CNAM, 1 January 2021", "4,877,944", "INSEE, file REVN_2022",
          lambda: total("count_people_covered_cnam", "2021-01", territories.of_level(QPV)), _FILES),
    Check("RSA households in neighbourhoods, 31 December 2017", "416,900", "INSEE, row « Ensemble »",
          lambda: total("count_rsa_households_caf", "2017-12", territories.of_level(QPV)),
          "ours leaves out 20 neighbourhoods that INSEE leaves blank"),
    Check("job seekers (A, B, C) in neighbourhoods, 31 December 2018", "794,200", "INSEE, row « Ensemble »",
          lambda: total("count_job_seekers_abc_month_end", "2018-12", territories.of_level(QPV)),
          "ours leaves out 21 neighbourhoods that INSEE leaves blank"),
    Check("people of tax households in La Réunion, 2019", "867,558", "INSEE, by département",
          lambda: total("count_persons_fiscal", "2019", territories.inside("974", EPCI)), "sum over its five EPCI"),
    Check("municipal population of metropolitan France, census of 2022", "65,846,255", "INSEE, sum of 96 départements",
          lambda: _metropolitan("count_population_municipal"), "sum over communes; each département is exact"),
    Check("poverty rate of Paris, 2021, %", "15.6", "INSEE, by département",
          lambda: 100 * _poor("75") / _persons("75"), "by commune it is printed in whole percent"),
)  # fmt: skip


def _sum(indicator, departement):
    rows = inside.communes(Catalogue(), departement)
    return rows.loc[rows["indicator"] == indicator, "value"].sum()


def _metropolitan(indicator):
    rows = inside.communes(Catalogue())
    return rows.loc[
        (rows["indicator"] == indicator) & rows["departement"].isin(territories.METROPOLITAN), "value"
    ].sum()


def _poor(departement):
    return _sum(inside.POOR, departement)


def _persons(departement):
    return _sum("count_persons_fiscal", departement)


def test_what_we_check_is_what_is_printed_elsewhere():
    assert one("count_persons_fiscal", "974", "2019") == pytest.approx(
        total("count_persons_fiscal", "2019", territories.inside("974", EPCI)), rel=0.001
    )
    assert one("rate_poverty_60", "75", "2021") == pytest.approx(16.0, abs=0.5)
    assert _sum("count_job_seekers_communes", None) == 5_462_090
