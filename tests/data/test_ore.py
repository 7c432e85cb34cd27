"""Residential electricity and gas: operators added up, without passing off part of a département as the whole."""

import pandas as pd
import pytest

from analysis.data.sources.ore import DATASETS, load
from analysis.foundations.limits import SourceError

FILE = "conso-elec-gaz-annuelle-par-secteur-dactivite-agregee-departement.csv"


def _write(folder, rows):
    """Rows of (operator, year, energy, département, MWh, sites) in the published layout."""
    lines = ["operateur;annee;filiere;consor;pdlr;code_departement;libelle_departement"]
    lines += [f"{o};{y};{e};{mwh};{sites};{d};x" for o, y, e, d, mwh, sites in rows]
    path = folder / FILE
    path.write_text("\ufeff" + "\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def _figure(frame, indicator, territory, period):
    row = frame[(frame.indicator == indicator) & (frame.territory == territory) & (frame.period == period)]
    assert len(row) == 1
    return row.iloc[0]


@pytest.fixture
def small(tmp_path):
    grid = [
        ("Enedis", year, "Electricité", code, 5.0 * 1000, 1000)
        for code in ("01", "02")
        for year in (2014, 2015)
    ]
    local = [
        (
            "Régie",
            2014,
            "Electricité",
            "01",
            4.5,
            1,
        ),  # 0.1 % of the sites: too small to matter when it leaves
        ("Régie", 2014, "Electricité", "02", 300000, 50),  # in kWh
        ("Régie", 2015, "Electricité", "02", 300, 50),
        ("RTE", 2015, "Electricité", "02", 0, 0),  # no dwelling: neither a figure nor a trap
        ("Enedis", 2014, "Electricité", "67", 500, 100),
        ("Enedis", 2015, "Electricité", "67", 500, 100),
        ("Strasbourg", 2015, "Electricité", "67", 2000, 400),  # four fifths of the département enter in 2015
        ("EdF-SEI", 2014, "Electricité", "2A", 0, 0),  # not split by sector: a published zero
        ("EdF-SEI", 2015, "Electricité", "2A", 450, 90),
        ("GRDF", 2015, "Gaz", "01", 1234.5, 100),
    ]
    return load([_write(tmp_path, grid + local)])


def test_operators_are_added_up(small):
    row = _figure(small, "amount_electricity_residential_mwh", "02", "2015")
    assert (row.value, row.state, row.note) == (5300, "observed", "")
    assert _figure(small, "count_electricity_residential_sites", "02", "2015").value == 1050
    assert _figure(small, "amount_gas_residential_mwh", "01", "2015").value == 1234.5


@pytest.mark.parametrize(
    ("territory", "period", "value", "state", "note"),
    [
        ("02", "2014", 5000, "observed", "operators_missing operator_set_aside"),
        ("67", "2014", None, "unavailable", "operators_missing"),
        ("67", "2015", 2500, "observed", ""),
        ("2A", "2014", None, "unavailable", "not_split_by_sector"),
        ("2A", "2015", 450, "observed", ""),
        ("01", "2014", 5004.5, "observed", ""),
    ],
)
def test_a_part_is_not_passed_off_as_the_whole(small, territory, period, value, state, note):
    row = _figure(small, "amount_electricity_residential_mwh", territory, period)
    assert (row.state, row.note) == (state, note)
    assert pd.isna(row.value) if value is None else row.value == value


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("Enedis", 2015, "Fioul", "01", 1, 1)], "Fioul"),
        ([("Enedis", 2015, "Gaz", "01", 1, 1)] * 2, "twice"),
        ([("Enedis", 2015, "Gaz", "01", "beaucoup", 1)], "expected a number"),
    ],
)
def test_a_file_that_has_changed_is_refused(tmp_path, rows, message):
    with pytest.raises(SourceError, match=message):
        load([_write(tmp_path, rows)])


def test_published_file(published):
    path = published("ore", FILE)
    frame = load([path])
    elec = frame[frame.indicator == "amount_electricity_residential_mwh"]
    gas = frame[frame.indicator == "amount_gas_residential_mwh"]
    assert (elec.territory.nunique(), gas.territory.nunique()) == (101, 93)
    assert sorted(elec.period.unique()) == [str(year) for year in range(2011, 2022)]
    # 2017 to 2021 is given for every département in electricity; sums of the file itself, to 1 GWh
    assert elec[(elec.period >= "2017") & (elec.state != "observed")].empty
    twh = elec.groupby("period").value.sum() / 1e6
    assert twh["2017"] == pytest.approx(203.958, abs=0.001)
    assert twh["2018"] == pytest.approx(161.576, abs=0.001)
    # Strasbourg's network is absent in 2011 and half there in 2012; a village published in kWh trebled the 66
    assert set(elec[(elec.territory == "67") & (elec.state == "unavailable")].period) == {"2011", "2012"}
    assert _figure(elec, "amount_electricity_residential_mwh", "66", "2014").value == pytest.approx(
        1.67e6, rel=0.01
    )


def test_no_figure_of_consumption_per_site_is_absurd(published):
    frame = load([published("ore", FILE)])
    wide = frame.pivot_table(index=["territory", "period"], columns="indicator", values="value")
    per_site = wide.amount_electricity_residential_mwh / wide.count_electricity_residential_sites
    assert per_site.dropna().between(2.9, 7.2).all()  # 22.9 for Pyrénées-Orientales in 2014 as published
    per_site = wide.amount_gas_residential_mwh / wide.count_gas_residential_sites
    assert per_site.dropna().between(6.9, 25.9).all()


def test_the_break_is_declared():
    assert any(text.startswith("2018") for text in DATASETS[0].breaks)
