"""Designs: who is treated since when, who is left out and why, and what is refused with its remedy."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation.sample import NEVER
from analysis.foundations import territories
from analysis.foundations.columns import COLUMNS
from analysis.methods import evaluation, policies
from analysis.methods.policies import Design, DesignError, Outcome, Reason
from analysis.presentation.narrative.messages import known, message, say
from tests.conventions.repository import texts
from tests.unit.test_catalogue import sidecar

PILOTS = pd.DataFrame(
    [
        ("FR", "", "general", "", "2023-12-18", "2025-01-01", "day", "whole", "yes", ""),
        ("23", "23", "1", "", "2022-12-13", "2023", "year", "whole", "yes", ""),
        ("35", "35", "1", "Redon", "2022-12-13", "2023-07", "month", "part", "yes", "1400"),
        ("62", "62", "2", "", "2024-03-01", "2024", "year", "unknown", "yes", ""),
        ("80", "80", "1", "Albert", "2022-12-13", "2023-03", "month_approximate", "part", "yes", ""),
        ("93", "93", "none", "", "2022-12-13", "", "", "none", "no", ""),
        ("69D", "69", "2", "", "2024-03-01", "2024", "year", "unknown", "yes", ""),
        ("69M", "69", "1", "Givors", "2022-12-13", "2023", "year", "part", "yes", ""),
    ],
    columns=["territory", "departement", "wave", "basin", "announced", "started", "started_precision", "coverage",
             "treated", "people"],
)  # fmt: skip
DATED = ["territory", "departement", "wave", "started", "started_precision"]
TABLES = {
    "rsa_renewed_accompaniment": PILOTS,
    "rsa_recentralisation": pd.DataFrame(
        [("93", "93", "", "2022-01-01", "day"), ("66", "66", "", "2022-01-01", "day")], columns=DATED
    ).drop(columns="wave"),
    "solidarite_a_la_source": pd.DataFrame(
        [("FR", "", "general", "2025-03-01", "day"), ("10", "10", "pilot", "2024-10-01", "day")], columns=DATED
    ),
    "spie": pd.DataFrame(
        [("01", "01", "3", "2021-S2", "half_year"), ("35", "35", "1", "2020-03", "month"),
         ("67", "67", "1", "2020-03", "month"), ("6AE", "67", "2", "2021-04", "month"),
         ("6AE", "68", "2", "2021-04", "month"), ("69M", "69", "1", "2020-03", "month")],
        columns=DATED,
    ),
    "cheque_energie_pilots": pd.DataFrame(
        [("FR", "", "general", "2018-03-26", "day"), ("07", "07", "pilot", "2016", "year")], columns=DATED
    ),
}  # fmt: skip
DECEMBERS = [f"{year}-12" for year in range(2009, 2025)]
QUARTERS = [f"{year}-Q{q}" for year in range(2014, 2025) for q in range(1, 5)]
MONTHS = [f"{year}-{m:02d}" for year in range(2017, 2021) for m in range(1, 13)]
METRO = [c for c in territories.DEPARTEMENTS if not territories.get(c).overseas]


@pytest.fixture
def catalogue(tmp_path, project):
    """A catalogue with a few rows of each policy, and the project's own designs."""
    found = Catalogue(tmp_path)
    (tmp_path / "parameters").mkdir()
    shutil.copy(project / "data" / "raw" / "parameters" / "designs.yml", tmp_path / "parameters")
    for entry in found.parameters("designs")["policies"].values():
        name = entry["dataset"].partition("/")[2]
        rows = TABLES.get(name, pd.DataFrame([], columns=DATED, dtype=str))
        found.store(rows, sidecar(entry["dataset"], kind="table"))
    return found


def figures(indicator, periods, codes=METRO, value=100.0, **changes):
    """Rows of a panel with one value everywhere; ``changes`` by (territory, period): a value or a state."""
    cells = [(c, p) for c in codes for p in periods]
    frame = pd.DataFrame(cells, columns=["territory", "period"])
    return frame.assign(
        indicator=indicator, value=value, lower=np.nan, upper=np.nan, state="observed", quality="producer", source="x/y",
        note="", words="",
    )[list(COLUMNS)].assign(**changes)  # fmt: skip


def panel(*frames):
    return Panel(pd.concat(frames, ignore_index=True))


RSA = panel(
    figures("count_rsa_recipients_yearly", [p for p in DECEMBERS if p < "2020"], value=9998.0),
    figures("count_rsa_recipients", [p for p in DECEMBERS if p > "2017"], value=10000.0),
)


def own(**changes):
    """A design of one's own, on five départements."""
    given = {"name": "mine", "treated": {"62": "2021-01", "59": "2023"}, "window": ("2009-12", "2024-12")}
    return Design(**given | changes)


# ----------------------------------------------------------------------------------------------------- the register


def test_announced_started_and_covered_are_different_dates_and_none_is_filled_in(catalogue):
    rows = policies.register(catalogue)
    assert tuple(rows.columns) == policies.REGISTER
    assert rows.map(lambda cell: isinstance(cell, str)).all(axis=None)
    pilots = rows[rows["policy"] == "renewed_accompaniment"].set_index("territory")
    dates = ["announced", "started", "earliest", "latest", "covered"]
    assert pilots.loc["69M", dates].tolist() == ["2022-12-13", "2023", "2023-03", "2023-09", "2025-01"]
    assert pilots.loc["35", dates].tolist() == ["2022-12-13", "2023-07", "2023-07", "2023-07", "2025-01"]
    assert pilots.loc["23", dates].tolist() == ["2022-12-13", "2023", "2023-03", "2023-09", "2023-03"]
    assert pilots.loc["62", dates].tolist() == ["2024-03-01", "2024", "2024-03", "2024-12", "2025-01"]
    assert pilots.loc["93", dates].tolist() == ["2022-12-13", "", "", "", "2025-01"]
    spie = rows[(rows["policy"] == "spie") & (rows["territory"] == "01")].iloc[0]
    assert spie[["announced", "earliest", "latest", "covered"]].tolist() == ["", "2021-07", "2021-12", ""]


def test_a_range_of_starts_outside_the_year_of_the_register_is_refused(catalogue):
    table = TABLES["cheque_energie_pilots"].replace("2016", "2015")
    catalogue.store(table, sidecar("politiques/cheque_energie_pilots", kind="table"))
    with pytest.raises(DesignError, match="2016-05 to 2016-12 is not within 2015, the start of 07"):
        policies.register(catalogue)


# ------------------------------------------------------------------------------------------------- designs by name


def test_a_design_by_name_says_who_is_treated_left_out_and_flagged(catalogue):
    design = policies.design("renewed_accompaniment_wave1", catalogue)
    assert design.treated == {"23": "2023-03", "35": "2023-03", "69": "2023-03", "80": "2023-03"}
    told = policies.describe(design)
    left_out = {code: group.reason for group in told.left_out for code in group.codes}
    assert left_out == {
        "62": Reason("otherwise", "renewed_accompaniment", "2024-03"),
        "66": Reason("otherwise", "recentralisation", "2022-01"),
        "93": Reason("otherwise", "recentralisation", "2022-01"),
        "10": Reason("otherwise", "solidarite_a_la_source", "2024-10"),
    }
    flagged = {(code, group.reason) for group in told.flagged for code in group.codes}
    assert ("69", Reason("several_starts", text="69D, 69M")) in flagged
    assert ("93", Reason("withdrew")) in flagged
    assert ("35", Reason("beside", "spie", "2020-03")) in flagged
    assert {*told.controls, *left_out, *design.treated} == set(territories.DEPARTEMENTS)
    assert (told.general, told.anticipation) == ("2025-01", 0)


def test_both_waves_lyon_from_the_first_and_a_narrower_window_frees_the_controls(catalogue):
    both = policies.design("renewed_accompaniment", catalogue)
    assert both.treated["69"] == "2023-03"
    assert both.treated["62"] == "2024-03"
    assert "62" not in both.otherwise
    study = policies.sample(both, RSA, "rsa_december", window=("2009-12", "2023-12"))
    assert study.sample.first["62"] == NEVER
    assert study.flags["62"] == (Reason("later", date="2024-03"),)
    wave1 = policies.design("renewed_accompaniment_wave1", catalogue)
    assert "62" in policies.sample(wave1, RSA, "rsa_december", window=("2009-12", "2023-12")).sample.never
    assert "62" in policies.sample(wave1, RSA, "rsa_december").left_out


def test_spie_counts_alsace_and_lyon_where_their_figures_are(catalogue):
    design = policies.design("spie", catalogue)
    assert design.treated == {"35": "2020-03", "67": "2020-03", "68": "2021-04", "69": "2020-03"}
    assert design.flags["67"] == (Reason("several_starts", text="67, 6AE"),)
    assert design.flags["69"] == (Reason("part_of_departement", text="69M"),)


@pytest.mark.parametrize(
    ("name", "near"), [("renewed_acompaniment", "renewed_accompaniment"), ("SPIE", "spie"), ("xyz", "energy")]
)
def test_an_unknown_design_names_the_nearest(catalogue, name, near):
    with pytest.raises(DesignError, match=f"no design is named '{name}'.*{near}"):
        policies.design(name, catalogue)


# -------------------------------------------------------------------------------------------------- one's own designs


def test_a_design_of_ones_own_reads_codes_and_dates_as_they_are_written():
    design = own(treated={"Pas-de-Calais": "2021-Q2", 1: "2023"}, excluded={"2a": "fewer than 100"})
    assert design.treated == {"01": "2023-01", "62": "2021-04"}
    assert design.excluded == {"2A": Reason("own", text="fewer than 100")}


def test_a_design_of_ones_own_keeps_the_other_policies_out(catalogue):
    design = policies.own_design(catalogue, "mine", {"62": "2021-01"}, ("2009-12", "2022-12"))
    study = policies.sample(design, RSA, "rsa_december")
    assert study.starts == {"62": "2021-12"}
    assert study.left_out["93"] == Reason("otherwise", "recentralisation", "2022-01")
    assert study.flags["35"] == (Reason("beside", "spie", "2020-03"),)
    with pytest.raises(DesignError, match="no policy is named 'rsa'"):
        policies.own_design(
            catalogue, "m", {"62": "2021-01"}, ("2009-12", "2022-12"), beside={"rsa": "exclude"}
        )


@pytest.mark.parametrize(
    ("changes", "message", "key"),
    [
        ({"excluded": {"62": "why"}}, "62: treated and excluded", "contradiction"),
        ({"controls": ("62", "80")}, "62: treated and control", "contradiction"),
        ({"controls": ("80",), "excluded": {"80": "why"}}, "80: excluded and control", "contradiction"),
        ({"later": {"62": "2024"}}, "62: treated twice", "contradiction"),
        ({"treated": [("62", "2021-01"), ("62", "2022-01")]}, "62 starts in 2021-01 and in 2022-01", "contradiction"),
        ({"treated": {"62": "2021-01", "Pas-de-Calais": "2022"}}, "62 starts in", "contradiction"),
        ({"treated": {"62": "soon"}}, "62: period 'soon'", "contradiction"),
        ({"treated": {"99": "2021"}}, "99.*figures are by département", "unknown_territory"),
        ({"treated": {"69M": "2021"}}, "69M.*figures are by département", "unknown_territory"),
        ({"treated": {}}, "nobody is treated", "nobody"),
        ({"treated": {"62": "2009-12"}}, "62: treated before the panel begins.*begin the window earlier", "early"),
        ({"treated": {"62": "2008"}}, "62: treated before the panel begins", "early"),
        ({"treated": {"62": "2025-01"}}, "62: start after the window, which ends in 2024-12", "no_post"),
        ({"window": ("2024-12", "2009-12")}, r"ends \(2009-12\) before it begins", "contradiction"),
        ({"window": ("then", "now")}, "window .'then', 'now'.*2024-12", "contradiction"),
        ({"general": "2024-06"}, "end the window in 2024-05", "general"),
        (
            {"treated": {"62": "2021"}, "excluded": dict.fromkeys(set(territories.DEPARTEMENTS) - {"62"}, "why")},
            "no control",
            "no_control",
        ),
        ({"treated": {"62": "2021"}, "controls": ()}, "no control", "no_control"),
    ],
)  # fmt: skip
def test_a_design_that_contradicts_itself_is_refused_with_the_remedy(changes, message, key):
    with pytest.raises(DesignError, match=message) as error:
        own(**changes)
    assert error.value.reason.key == key


def test_controls_that_are_chosen_leave_the_others_out():
    study = policies.sample(
        own(controls=("80", "02")), RSA, "count_rsa_recipients", window=("2017-12", "2024-12")
    )
    assert study.sample.never == ("02", "80")
    assert study.left_out["01"] == Reason("not_chosen")


# ------------------------------------------------------------------------------------------------------------ samples


@pytest.mark.parametrize(
    ("indicator", "periods", "start", "first"),
    [
        ("count_rsa_recipients", DECEMBERS, "2023", "2023-12"),
        ("count_rsa_recipients", DECEMBERS, "2023-12", "2023-12"),
        ("rate_unemployment", QUARTERS, "2023-03", "2023-Q1"),
        ("rate_unemployment", QUARTERS, "2023-04", "2023-Q2"),
        ("count_rsa_recipients", MONTHS, "2019-07-01", "2019-07"),
        ("count_private_jobs", [str(y) for y in range(2014, 2025)], "2021-S2", "2021"),
    ],
)
def test_a_period_is_treated_as_soon_as_the_policy_may_have_begun_in_it(indicator, periods, start, first):
    design = own(treated={"62": start}, window=(periods[0], periods[-1]))
    study = policies.sample(design, panel(figures(indicator, periods)), indicator)
    assert study.starts == {"62": first}
    assert study.sample.periods == tuple(periods)


def test_anticipation_moves_the_first_period_back():
    study = policies.sample(own(treated={"62": "2023-01"}, anticipation=1), RSA, "count_rsa_recipients")
    assert study.starts == {"62": "2022-12"}


def test_logarithms_or_levels():
    logs, levels = (
        policies.sample(own(), RSA, "count_rsa_recipients", scale=s).sample.outcome for s in ("log", "level")
    )
    assert np.allclose(np.exp(logs), levels)
    assert (levels == 10000).all(axis=None)
    with pytest.raises(DesignError, match="no scale 'root'"):
        policies.sample(own(), RSA, "count_rsa_recipients", scale="root")


def test_each_territory_left_out_has_its_reason():
    frame = figures("count_rsa_recipients", DECEMBERS)
    frame.loc[frame["territory"].isin(["01", "02"]) & (frame["period"] == "2014-12"), "value"] = np.nan
    frame.loc[(frame["territory"] == "03") & (frame["period"] == "2015-12"), "value"] = 0.0
    others = {
        "04": (Reason("otherwise", "spie", "2020-03"),),
        "05": (Reason("otherwise", "spie", "2009-12"),),
    }
    design = own(excluded={"01": "why"}, otherwise=others)
    study = policies.sample(design, panel(frame), "count_rsa_recipients")
    reasons = {c: r for c, r in study.left_out.items() if c in METRO}
    assert reasons == {
        "01": Reason("own", text="why"),
        "02": Reason("missing", date="2014-12"),
        "03": Reason("zero", date="2015-12"),
        "04": Reason("otherwise", "spie", "2020-03"),
    }
    assert study.left_out["976"] == Reason("no_figures")
    assert "05" in study.sample.never  # the other policy did not change within the window
    assert {*study.sample.units, *study.left_out} == set(territories.DEPARTEMENTS)


def test_provisional_periods_are_dropped_and_named():
    frame = figures("count_rsa_recipients", MONTHS)
    frame.loc[(frame["territory"] == "75") & (frame["period"] >= "2020-11"), "state"] = "provisional"
    study = policies.sample(
        own(treated={"62": "2019"}, window=("2017-01", "2020-12")), panel(frame), "count_rsa_recipients"
    )
    assert study.sample.periods[-1] == "2020-10"
    assert study.dropped == dict.fromkeys(("2020-11", "2020-12"), Reason("provisional"))
    assert policies.describe(study).dropped[0].codes == ("2020-11", "2020-12")


YEARLY = Outcome("yearly", (("count_rsa_recipients_yearly", ""),))
JOINED = Outcome("joined", (("count_rsa_recipients_yearly", "2019-12"), ("count_rsa_recipients", "")), months=(12,),
                 accepted_breaks={"2011-12": "overseas_begin", "2016-12": "common_change"})  # fmt: skip


def test_two_series_are_joined_where_they_agree_and_accepted_breaks_are_told():
    study = policies.sample(own(), RSA, JOINED, scale="level")
    values = study.sample.outcome.loc["01"]
    assert values["2019-12"] == 9998
    assert values["2020-12"] == 10000
    assert {Reason("overseas_begin", date="2011-12"), Reason("common_change", date="2016-12")} <= set(
        study.cautions
    )


def test_a_short_panel_is_told_as_such():
    study = policies.sample(
        own(treated={"62": "2024"}), RSA, "count_rsa_recipients", window=("2023-12", "2024-12")
    )
    assert study.cautions == (Reason("one_pre_period"), Reason("one_post_period"))


@pytest.mark.parametrize(
    ("design", "figured", "outcome", "message", "key"),
    [
        (own(), figures("count_rsa_recipients_yearly", DECEMBERS), YEARLY,
         "broken in 2011-12; end the window in 2010-12 or begin it in 2011-12", "broken"),
        (own(treated={"62": "2019-06"}, window=("2017-01", "2020-12")), figures("count_activity_bonus_recipients", MONTHS),
         "count_activity_bonus_recipients", "broken in 2019-01; end the window in 2018-12 or begin it in 2019-01", "broken"),
        (own(treated={"62": "2019-06"}), figures("count_private_jobs", [str(y) for y in range(2019, 2025)]),
         "count_private_jobs", r"62: treated before the panel begins or in its first period \(2019\)", "early"),
        (own(), figures("count_rsa_recipients", DECEMBERS, ["62", "59"])[:-16], "count_rsa_recipients",
         "no control", "no_control"),
        (own(), figures("count_rsa_recipients", [*MONTHS[:46], *DECEMBERS[-4:]]), "count_rsa_recipients",
         "not evenly spaced after 2020-10", "uneven"),
        (own(), figures("count_rsa_recipients", MONTHS[:40]), "count_rsa_recipients", "figures end in 2020-04", "no_post"),
        (own(treated={"976": "2021"}), figures("count_rsa_recipients", DECEMBERS), "count_rsa_recipients",
         "976 left out", "treated_left_out"),
        (own(), figures("count_rsa_recipients", DECEMBERS[:1]), "count_rsa_recipients",
         "1 period with figures", "no_overlap"),
        (own(), figures("count_rsa_recipients", DECEMBERS, state="modelled"), "count_rsa_recipients",
         "of a model", "modelled"),
        (own(), figures("count_poor_households", DECEMBERS), "count_poor",
         "no indicator is named .count_poor.", "unknown_name"),
        (own(), figures("count_rsa_recipients", DECEMBERS), Outcome("use", (), unavailable="no_departement_figures"),
         "no effect can be looked for", "no_departement_figures"),
        (own(), figures("count_rsa_recipients", DECEMBERS),
         Outcome("x", (("count_rsa_recipients", ""),), window=("1990", "1991")),
         "nothing in common", "no_overlap"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_refused_with_the_remedy(design, figured, outcome, message, key):
    with pytest.raises(DesignError, match=message) as error:
        policies.sample(design, panel(figured), outcome)
    assert error.value.reason.key == key


def test_series_that_disagree_are_not_joined():
    apart = panel(
        figures("count_rsa_recipients_yearly", [p for p in DECEMBERS if p < "2020"], value=9994.0),
        figures("count_rsa_recipients", [p for p in DECEMBERS if p > "2017"], value=10000.0),
    )
    with pytest.raises(DesignError, match="differ by more than 5 in 01, 2017-12"):
        policies.sample(own(), apart, JOINED)


def test_a_window_past_the_general_rule_is_refused(catalogue):
    design = policies.design("renewed_accompaniment", catalogue)
    with pytest.raises(DesignError, match=r"from 2025-01 the policy applies everywhere.*2024-12"):
        policies.sample(design, RSA, "rsa_december", window=("2009-12", "2025-12"))


def test_every_outcome_of_a_design_has_a_study_or_a_reason(catalogue):
    verdicts = {
        v.outcome.name: v
        for v in policies.evaluability(policies.design("renewed_accompaniment", catalogue), RSA)
    }
    assert verdicts["rsa_december"].study is not None
    assert verdicts["rsa_december"].outcome.role == "main"
    assert verdicts["unemployment"].reason.key == "no_overlap"
    (voucher,) = policies.evaluability(policies.design("energy_vouchers_pilots", catalogue), RSA)
    assert voucher.reason == Reason("no_departement_figures")


# ----------------------------------------------------------------------------------------------------------- coverage


@pytest.mark.parametrize(
    ("indicator", "adds_up"),
    [("count_rsa_recipients", True), ("amount_child_welfare_gross_keur", True), ("rate_unemployment", False)],
)
def test_only_what_follows_the_size_of_a_departement_is_added_up_in_people(indicator, adds_up):
    study = policies.sample(own(), panel(figures(indicator, DECEMBERS)), indicator, scale="log")
    assert study.adds_up == adds_up == (evaluation.counted(study, ["62"]) is not None)


def test_coverage_is_known_whole_or_a_range(catalogue):
    design = policies.design("renewed_accompaniment", catalogue)
    rows = policies.coverage(design, RSA).set_index("territory")
    assert rows["basis"].to_dict() == {
        "23": "whole", "35": "aimed_at", "62": "range", "69D": "range", "69M": "range", "80": "entered",
    }  # fmt: skip
    assert rows.loc["35", ["recipients", "period", "share"]].tolist() == [10000.0, "2022-12", 0.14]
    assert rows.loc["62", "period"] == "2023-12"
    assert rows.loc["62", ["lower", "upper"]].tolist() == [0.1, 0.3]
    assert np.isnan(rows.loc["62", "share"])
    assert rows.loc["23", "share"] == 1
    average = policies.followed(design, RSA)
    assert (average.territories, average.recipients) == (6, 50000.0)
    assert average.share == 1
    spie = policies.design("spie", catalogue)
    assert set(policies.coverage(spie, RSA)["basis"]) == {"unknown"}
    assert policies.followed(spie, RSA) is None


# ------------------------------------------------------------------------------------ the project's register and figures


@pytest.fixture(scope="module")
def real():
    return Catalogue()


@pytest.fixture(scope="module")
def real_panel(real):
    """The outcomes of the designs, from the committed figures, without the rest of the panel."""
    series = {name for outcome in policies.outcomes(real).values() for name, _ in outcome.series}
    found = []
    for dataset, side in real.sidecars.items():
        if series & set(side.indicators) and not dataset.startswith("local/"):
            rows = real.figures(dataset)
            rows = rows[rows["indicator"].isin(series)]
            found.append(rows.assign(quality=side.quality, source=dataset)[list(COLUMNS)])
    frame = pd.concat(found, ignore_index=True)
    return Panel(frame.drop_duplicates(["indicator", "territory", "period"]))


def test_the_waves_are_those_that_were_announced(real):
    rows = policies.register(real)
    pilots = rows[(rows["policy"] == "renewed_accompaniment") & (rows["departement"] != "")]
    assert pilots.groupby("wave")["territory"].nunique().to_dict() == {"1": 18, "2": 29, "none": 1}
    assert set(pilots.loc[pilots["treated"] == "no", "territory"]) == {"93"}
    assert set(pilots.loc[pilots["coverage"] == "whole", "territory"]) == {"23"}
    assert rows.groupby("policy")["earliest"].max()["renewed_accompaniment"] == "2025-01"


def test_who_is_treated_and_who_never_is(real):
    wave1, both = (policies.design(n, real) for n in ("renewed_accompaniment_wave1", "renewed_accompaniment"))
    assert len(wave1.treated) == 18
    assert len(both.treated) == 46  # 47 territories: Lyon and Rhône are counted together
    assert both.treated["69"] == wave1.treated["69"] == "2023-03"
    for design in (wave1, both):
        assert "93" not in design.treated
        out = {
            g.reason.policy: g.codes for g in policies.describe(design).left_out if g.reason.date == "2022-01"
        }
        assert out == {"recentralisation": ("66", "93")}
    assert set(policies.design("recentralisation", real).treated) == {"09", "66", "93", "973", "974", "976"}
    assert set(policies.design("solidarite_a_la_source", real).treated) == {"06", "10", "34", "64", "85"}
    assert set(policies.design("energy_vouchers_pilots", real).treated) == {"07", "12", "22", "62"}


@pytest.mark.parametrize(
    ("name", "outcome", "cohorts", "controls", "periods"),
    [
        ("renewed_accompaniment_wave1", "rsa_december", {"2023-12": 16}, 46, 16),
        ("renewed_accompaniment_wave1", "unemployment", {"2023-Q1": 16}, 47, 44),
        ("renewed_accompaniment", "rsa_december", {"2023-12": 16, "2024-12": 26}, 46, 16),
        ("renewed_accompaniment", "unemployment", {"2023-Q1": 16, "2024-Q1": 27}, 47, 44),
        ("renewed_accompaniment", "private_jobs", {"2023": 16, "2024": 27}, 47, 11),
        ("recentralisation", "rsa_monthly", {"2019-01": 2, "2020-01": 1}, 98, 41),
        ("recentralisation", "rsa_december", {"2022-12": 2, "2023-12": 1}, 46, 16),
        ("spie", "unemployment", {"2020-Q1": 16, "2021-Q2": 30}, 52, 30),
        ("solidarite_a_la_source", "activity_bonus_december", {"2024-12": 3}, 46, 6),
    ],
)
def test_the_samples_on_the_committed_figures(real, real_panel, name, outcome, cohorts, controls, periods):
    drawn = policies.sample(policies.design(name, real), real_panel, outcome).sample
    assert {drawn.periods[g]: len(units) for g, units in drawn.cohorts.items()} == cohorts
    assert (len(drawn.never), len(drawn.periods)) == (controls, periods)


@pytest.mark.parametrize(
    ("name", "outcome", "key"),
    [
        ("renewed_accompaniment", "rsa_monthly", "no_post"),
        ("recentralisation", "activity_bonus_monthly", "broken"),
        ("spie", "rsa_monthly", "only_lockdown"),
        ("energy_vouchers_pilots", "energy_voucher_use", "no_departement_figures"),
    ],
)
def test_what_the_committed_figures_cannot_show(real, real_panel, name, outcome, key):
    verdicts = {v.outcome.name: v for v in policies.evaluability(policies.design(name, real), real_panel)}
    assert verdicts[outcome].reason.key == key


def test_a_pilot_concerns_one_recipient_in_six_to_twenty(real, real_panel):
    design = policies.design("renewed_accompaniment_wave1", real)
    average = policies.followed(design, real_panel)
    assert design.people.dilution_lower < 1 / average.share < design.people.dilution_upper
    nord = policies.coverage(design, real_panel).set_index("territory").loc["59"]
    assert (1 / nord["upper"], 1 / nord["lower"]) == pytest.approx((33.4, 100.2), abs=0.1)


def test_everything_a_reader_may_meet_has_its_words(real, real_panel):
    reasons = set()
    for name in policies.names(real):
        design = policies.design(name, real)
        for verdict in policies.evaluability(design, real_panel):
            subjects = [policies.describe(s) for s in (design, verdict.study) if s is not None]
            groups = [g for d in subjects for g in (*d.treated, *d.left_out, *d.flagged, *d.dropped)]
            reasons |= {g.reason for g in groups} | {r for d in subjects for r in d.cautions}
            reasons |= {verdict.reason} - {None}
            keys = [
                *([] if verdict.outcome.series else [f"outcome.{verdict.outcome.name}"]),
                f"role.{verdict.outcome.role}",
                f"name.{name}",
                f"policy.{design.policy}",
            ]
            assert all(known(f"design.{key}", "fr") for key in keys)
    for reason in reasons:
        given = {k: "x" for k in ("policy", "date", "text") if getattr(reason, k)}
        assert all(say(f"design.reason.{reason.key}", lang, **given) for lang in ("fr", "en"))


def test_every_reason_in_the_code_has_its_words(project):
    files = sorted((project / "src" / "analysis" / "methods" / "policies").glob("*.py"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    found = re.findall(r'Reason\(\s*"(\w+)"(.*?)\)\s*(?:$|[,)\]} ])', code, flags=re.MULTILINE)
    assert len(found) > 20
    for key, rest in found:
        named = message(f"design.reason.{key}", "en").places
        assert named == set(re.findall(r"(policy|date|text)=", rest)), key


def test_no_code_names_a_policy_a_design_or_an_outcome_but_the_loader_of_the_register(project):
    given = Catalogue(project / "data" / "raw").parameters("designs")
    names = {name for part in ("policies", "designs", "outcomes", "disturbances") for name in given[part]}
    tables = {entry["dataset"].partition("/")[2] for entry in given["policies"].values()}
    word = re.compile(
        rf"\b(?:{'|'.join(names - {'unemployment'} | tables)})\b"
    )  # unemployment is also a plain word
    package = {path: text for path, text in texts().items() if path.startswith("src/analysis/")}
    code = {path: text for path, text in package.items() if path.endswith((".py", ".j2"))}
    named = {path: word.findall(text) for path, text in code.items() if word.search(text)}
    assert {path for path in named if "/sources/" not in path} == set()
    assert any(path.endswith("sources/policies.py") for path in named)
