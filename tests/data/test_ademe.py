"""Energy performance certificates, reference degree-hours and energy prices."""

import numpy as np
import pytest

from analysis.data.sources.ademe import DATASETS
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from tests.checks import Check, column, total, weighted

DPE, DEGREE_HOURS, PRICES = DATASETS


def _write(path, text):
    path.write_text(text, encoding="utf-8")
    return [path]


def test_too_few_certificates_give_no_share(tmp_path):
    text = "dep,n_dpe,cout_median,taux_passoires,nb_rp\n48,9275,2164.0,25.1,36000\n973,77,948.5,7.8,86397\n"
    frame = DPE.load(_write(tmp_path / "dpe.csv", text)).set_index(["territory", "indicator"])
    assert frame.loc[("48", "share_dpe_fg"), "value"] == 25.1
    assert frame.loc[("973", "count_dpe"), "value"] == 77
    for indicator in ("share_dpe_fg", "amount_dpe_energy_bill_median"):
        row = frame.loc[("973", indicator)]
        assert (row.state, row.note) == ("unavailable", "too_few_dpe")
        assert np.isnan(row.value)
    assert DPE.quality == "hand_copied"


def test_degree_hours_keep_both_corsican_codes(tmp_path):
    text = '"id","code","dhref"\n"1","1","55000"\n"96","2A","34000"\n"97","2B","32000"\n'
    frame = DEGREE_HOURS.load(_write(tmp_path / "tv016.csv", text))
    assert dict(zip(frame.territory, frame.value, strict=True)) == {"01": 55000, "2A": 34000, "2B": 32000}


def test_prices_are_national_and_half_yearly(tmp_path):
    header = "annee;semestre;u_e_gaz_naturel;france_gaz_naturel;u_e_electricite;france_electricite"
    text = f"{header}\r\n2021;S2;78;79;236;202\r\n"
    frame = PRICES.load(_write(tmp_path / "prices.csv", text))
    assert set(frame.territory) == {"FR"} and set(frame.period) == {"2021-S2"}
    assert frame.set_index("indicator").value.to_dict() == {
        "amount_gas_price_eur_per_mwh": 79,  # France's, not the Union's 78
        "amount_electricity_price_eur_per_mwh": 202,
    }


def test_an_unknown_half_year_is_refused(tmp_path):
    text = "annee;semestre;france_gaz_naturel;france_electricite\n2021;T2;78;202\n"
    with pytest.raises(SourceError, match="T2"):
        PRICES.load(_write(tmp_path / "prices.csv", text))


def test_published_certificates(published):
    frame = DPE.load([published("ademe", DPE.files[0])])
    wide = frame.pivot_table(index="territory", columns="indicator", values="value", dropna=False)
    assert len(wide) == 100 and "976" not in wide.index
    assert wide.count_dpe.sum() == 13_995_644  # total printed by the re-user
    unavailable = frame[frame.state == "unavailable"]
    assert set(unavailable.territory) == {"971", "972", "973", "974"}
    assert set(territories.METROPOLITAN) == set(wide.share_dpe_fg.dropna().index)


def test_published_share_and_the_bdnb(published):
    import pandas as pd

    frame = DPE.load([published("ademe", DPE.files[0])])
    share = frame[frame.indicator == "share_dpe_fg"].set_index("territory").value
    count = frame[frame.indicator == "count_dpe"].set_index("territory").value
    metropolitan = share.dropna().index
    weighted = (share * count)[metropolitan].sum() / count[metropolitan].sum()
    assert weighted == pytest.approx(9.78, abs=0.01)  # printed by the re-user, overseas included
    bdnb = pd.read_csv(published("insee", "rp2022_dpe_departements.csv"), dtype={"code": "str"}).set_index(
        "code"
    )
    both = pd.concat([share, bdnb["dpe_FG_pct_bdnb_2024"]], axis=1).dropna()
    assert len(both) == 93
    assert both.corr().iloc[0, 1] == pytest.approx(0.977, abs=0.0005)


def test_published_norm_and_prices(published):
    norm = DEGREE_HOURS.load([published("ademe", DEGREE_HOURS.files[0])])
    assert sorted(norm.territory) == sorted(territories.METROPOLITAN)
    assert norm.value.between(30_000, 71_000).all()
    prices = PRICES.load([published("ademe", PRICES.files[0])])
    assert len(prices) == 2 * 54 and prices.period.nunique() == 54
    found = prices.set_index(["indicator", "period"]).value
    assert found[("amount_electricity_price_eur_per_mwh", "1995-S1")] == 129
    assert found[("amount_gas_price_eur_per_mwh", "2019-S2")] == 83


# ----------------------------------------------------------------------------- the page of checks


def bdnb():
    both = column("share_dpe_fg", "2026-06"), column("share_dwellings_dpe_fg_bdnb", "2024")
    common = both[0].index.intersection(both[1].index)
    assert len(common) == 93
    return np.corrcoef(both[0][common], both[1][common])[0, 1]


CHECKS = (
    Check("energy certificates, June 2026", "13,995,644", "the re-user of the ADEME base",
          lambda: total("count_dpe", "2026-06"), "`tests/data/test_ademe.py::test_published_certificates`"),
    Check("dwellings graded F or G, mean weighted by certificates, %", "9.78", "the re-user of the ADEME base",
          lambda: weighted(column("share_dpe_fg", "2026-06"), column("count_dpe", "2026-06")),
          "theirs holds the overseas ones, too few to be carried; "
          "`tests/data/test_ademe.py::test_published_share_and_the_bdnb`"),
    Check("correlation of F and G shares with those of the BDNB, 93 départements", "0.977",
          "the re-user of the ADEME base", bdnb, "same test"),
)  # fmt: skip
