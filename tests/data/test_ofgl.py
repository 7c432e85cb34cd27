"""Accounts of the départements: each trap of the file on a small one, then the published file and its sums."""

import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.schema import check_figures
from analysis.data.sources import ofgl
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from tests.checks import Check, column, total

HEADER = "code;annee;population_ofgl;rsa;apa;recettes_fonctionnement;depenses_fonctionnement;epargne_brute\n"
ROWS = """\
01;2023;673801;46478632.72;50729473.22;628673036.17;507705357.17;120967679.00
09;2023;157899;3292330.70;21789932.25;209231160.48;159419601.03;49811559.45
09;2024;158578;;21467255.88;213969229.63;162382693.35;51586536.28
33;2024;1;2000;3000;100;103.6;-3.6
49;2024;1;;3000;100;90;10
67A;2023;1946215;254757106.68;165318004.37;1916816719.69;1684039607.04;232777112.65
69;2023;476878;34194028.36;42930227.11;454588145.50;419906866.53;34681278.97
691;2023;1432690;264411102.59;124179867.90;2771956874.16;2473614813.08;298342061.08
69;2024;1;34;42;3;1;2
75;2023;2162598;402493409.32;135309166.57;7981208724.72;7178264351.99;802944372.73
93;2023;1;5525.04;121383817.25;3;1;2
"""


def _read(tmp_path, rows=ROWS):
    path = tmp_path / "departements_2023_2025.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return check_figures(ofgl.load_accounts([path]), "twin")


def _at(frame, indicator, column="value"):
    rows = frame[frame["indicator"] == f"amount_accounts_{indicator}_keur"]
    return dict(zip(zip(rows["territory"], rows["period"], strict=True), rows[column], strict=True))


def test_accounts_are_those_of_whoever_signs_them(tmp_path):
    frame = _read(tmp_path)
    rsa, apa, savings = (_at(frame, name) for name in ("rsa", "apa", "savings"))
    assert rsa[("6AE", "2023")] == 254_757.10668 and not {"67", "68"} & set(frame["territory"])
    assert (rsa[("69D", "2023")], rsa[("69M", "2023")]) == (34_194.02836, 264_411.10259)
    assert rsa[("69", "2023")] == 298_605.13095 and apa[("69", "2023")] == 167_110.09501
    assert pd.isna(apa[("69", "2024")])  # no sum where the Métropole has no row
    assert savings[("33", "2024")] == -0.0036
    notes = _at(frame, "apa", "note")
    assert notes[("49", "2024")] == "rounded" and notes[("01", "2023")] == ""


def test_rsa_that_the_state_pays_is_no_spending_of_the_departement(tmp_path):
    frame = _read(tmp_path)
    values, states, notes = (_at(frame, "rsa", column) for column in ("value", "state", "note"))
    for key in (("09", "2023"), ("09", "2024"), ("93", "2023"), ("973", "2023"), ("66", "2024")):
        assert pd.isna(values[key]) and (states[key], notes[key]) == ("not_applicable", "rsa_recentralised")
    assert states[("49", "2024")] == "unavailable"  # a blank elsewhere says nothing
    assert _at(frame, "apa")[("93", "2023")] == 121_383.81725


def test_totals_of_a_city_are_not_those_of_a_departement(tmp_path):
    frame = _read(tmp_path)
    for code in ("75", "69M", "69"):
        for name in ("revenue", "spending", "savings"):
            assert _at(frame, name, "state")[(code, "2023")] == "not_applicable"
            assert _at(frame, name, "note")[(code, "2023")] == "accounts_of_city"
    assert _at(frame, "spending", "state")[("69D", "2023")] == "observed"
    assert _at(frame, "rsa", "state")[("75", "2023")] == "observed"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("01;2023;1;2;3;100;90;11\n", "01, 2023: revenue less spending is not savings"),
        ("01;2023;1;2;3;4;1;3\n01;2023;1;2;3;4;1;3\n", "twice"),
        ("01;2O23;1;2;3;4;1;3\n", "'2O23' is not a year"),
    ],
)
def test_rows_that_contradict_themselves_are_refused(tmp_path, rows, message):
    with pytest.raises(SourceError, match=message):
        _read(tmp_path, rows)


def test_the_producers_own_base_gives_the_same_accounts(tmp_path):
    held = _read(tmp_path)
    names = dict(zip(HEADER.strip().split(";"), range(9), strict=False))
    cells = [row.split(";") for row in ROWS.strip().split("\n")]
    path = tmp_path / "long.csv"
    rows = [
        f"{c[0]};{c[1]}-01-01;{aggregate};{c[names[column]]}"
        for c in cells
        for aggregate, column in ofgl._AGGREGATES.items()
        if c[names[column]]
    ]
    rows += ["01;2022-01-01;Allocations RSA;1", "01;2023-01-01;Encours de dette;7"]
    path.write_text("\n".join(["dep_code;exer;agregat;montant", *rows]), encoding="utf-8")
    pd.testing.assert_frame_equal(check_figures(ofgl.load_long([path]), "twin"), held)
    path.write_text("\n".join(["dep_code;exer;agregat;montant", rows[0], rows[0]]), encoding="utf-8")
    with pytest.raises(SourceError, match="twice"):
        ofgl.load_long([path])


def test_where_the_state_pays_is_what_the_register_of_policies_says():
    register = Catalogue().table("politiques/rsa_recentralisation")
    assert set(ofgl._STATE_PAYS) == set(register["territory"])
    assert register["started"].max() <= "2023-01-01"  # so that the State pays in every year of the file


def test_published_file(published):
    path = published("ofgl", "departements_2023_2025.csv")
    frame = check_figures(ofgl.load_accounts([path]), "ofgl")
    raw = pd.read_csv(path, sep=";", dtype={"code": "str", "annee": "str"})
    assert len(raw) == 291 and raw["code"].nunique() == 97
    assert not {"2A", "2B", "20R", "972"} & set(frame["territory"])
    rsa, savings = _at(frame, "rsa"), _at(frame, "savings", "state")
    left = raw[raw["code"].isin(ofgl._STATE_PAYS) & raw["rsa"].notna()]
    assert dict(zip(left["code"] + left["annee"], left["rsa"], strict=True)) == {
        "092023": 3_292_330.70,
        "932025": 5_525.04,
    }
    for year, published_sum in (("2023", 9_974), ("2024", 10_115), ("2025", 10_328)):
        ours = sum(v for (code, at), v in rsa.items() if at == year and code != "69" and v == v)
        left_out = left.loc[left["annee"] == year, "rsa"].sum() / 1000
        assert round((ours + left_out) / 1000) == published_sum
        assert savings[("69D", year)] == "observed" and savings[("69", year)] == "not_applicable"
        assert rsa[("69", year)] == pytest.approx(rsa[("69D", year)] + rsa[("69M", year)])


def test_accounts_of_2023_are_near_the_survey_of_2019():
    """Two sources, never chained: RSA is some 4 % more four years later, and nowhere by a quarter; APA 14 %."""
    codes = (*(code for code in territories.DEPARTEMENTS if code not in ("19", "69")), "6AE", "69D", "69M")
    for name, near, most in (("rsa", 1.044, 1.25), ("apa", 1.138, 1.40)):
        survey = column(f"amount_{name}_{'allowance_' if name == 'rsa' else ''}gross_keur", "2019", codes)
        both = pd.DataFrame(
            {"ours": column(f"amount_accounts_{name}_keur", "2023", codes), "survey": survey}
        ).dropna()
        both = both[both["survey"] > 0]
        assert len(both) > 85
        assert both["ours"].sum() / both["survey"].sum() == pytest.approx(near, abs=0.01)
        assert (both["ours"] / both["survey"]).between(0.85, most).all()


# ----------------------------------------------------------------------------- the page of checks

SIGNATORIES = (*(code for code in territories.DEPARTEMENTS if code != "69"), "6AE", "69D", "69M")


def _rsa(year):
    return total("amount_accounts_rsa_keur", year, SIGNATORIES) / 1000


CHECKS = (
    Check("RSA in the accounts of the départements, 2023, M€", "9,974", "OFGL, base départements consolidée",
          lambda: _rsa("2023"),
          "less the 3.3 M€ that Ariège still entered where the State pays; `tests/data/test_ofgl.py::test_published_file`"),
    Check("RSA in the accounts of the départements, 2024, M€", "10,115", "OFGL, base départements consolidée",
          lambda: _rsa("2024"),
          "less the 57.3 M€ of Corrèze, between 20.0 and 21.0 the years beside, withdrawn (corrections.yml); same test"),
    Check("RSA in the accounts of the départements, 2025, M€", "10,328", "OFGL, base départements consolidée",
          lambda: _rsa("2025"),
          "same test"),
)  # fmt: skip
