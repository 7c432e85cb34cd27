"""Figures of one's own are held to the panel's rules, and work in every section, in a design and in an evaluation."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import comparison
from analysis.foundations import territories, values
from analysis.foundations.display import Refusal
from analysis.foundations.files import DataError
from analysis.foundations.values import Indicator, Text, UnknownIndicator
from analysis.methods import evaluation, policies
from analysis.presentation import figures
from analysis.reports import sections
from analysis.reports.kept import shared
from analysis.reports.report import open_report
from tests.reports.test_sections import COUNT, EVERY, SHARE, SIZE, of, shown

PANEL = Panel(of(EVERY, lambda i: 5.0 + i / 4))
MINE = {
    "share_mine": {
        "label": {"fr": "part à moi", "en": "share of mine"},
        "unit": "percent",
        "population": SIZE,
        "decimals": 1,
    }
}


def figure(**changes):
    row = {"territory": "67", "period": "2022", "indicator": SHARE, "value": 12.0} | changes
    return pd.DataFrame([{key: value for key, value in row.items() if value is not ...}])


def mine(name="share_mine", years=range(2015, 2023)):
    """A share by département and year, which rises everywhere, and by two points more in 35 from 2020 on."""
    rows = [
        {"territory": code, "period": year, "indicator": name, "value": 10 + (i % 13) / 2
         + 0.025 * (year - 2015) * (1 + i % 7) + (2 if code in ("35", "67", "59") and year >= 2020 else 0)}
        for i, code in enumerate(EVERY) for year in years
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"territory": "zzz"}, "row 1: territory: unknown territory 'zzz'"),
        ({"period": "coucou"}, "row 1: period: period 'coucou' is not one of the forms"),
        ({"period": "2022-12"}, "row 1: period: rate_poverty_60 is by year"),
        ({"indicator": "rate_povrty_60"}, "row 1: indicator: .*did you mean rate_poverty_60"),
        ({"indicator": "share_mine"}, "row 1: indicator: no indicator is named 'share_mine'"),
        ({"value": "12 %"}, "row 1: value: '12 %' is no number"),
        ({"value": float("inf")}, "row 1: value: inf is no number"),
        ({"value": 120.0}, r"row 1: rate_poverty_60: 120 is outside its limits, 0 to 100"),
        ({"value": -1}, "outside its limits"),
        ({"value": None, "state": "observed"}, "state observed without a value"),
        ({"state": "suppressed"}, "a value with the state suppressed"),
        ({"state": "observd"}, "state: 'observd' is none; did you mean observed"),
        ({"quality": "mine"}, "quality: 'mine' is none"),
        ({"lower": 13}, "bounds from 13 to nan, which leave out the value"),
        ({"upper": 11}, "which leave out the value"),
        ({"period": "2021"}, "rate_poverty_60 of 67 in 2021 is in the panel already"),
        ({"colour": "red"}, "unknown column 'colour'"),
        ({"value": ...}, "no column value; needed"),
    ],
)
def test_a_figure_that_breaks_the_rules_is_refused_with_its_row(changes, message):
    with pytest.raises(DataError, match=message):
        PANEL.plus(figure(**changes))


def test_a_figure_that_is_given_twice_is_refused_and_a_list_is_capped():
    with pytest.raises(DataError, match="row 2: rate_poverty_60 67 2022 is given twice"):
        PANEL.plus(pd.concat([figure(), figure(territory="bas rhin", value=13.0)]))
    with pytest.raises(DataError, match="and 31 more") as refusal:
        PANEL.plus(pd.concat([figure(territory=f"zz{i}") for i in range(40)]))
    assert len(str(refusal.value).splitlines()) == 11
    for wrong in (None, [1], {"territory": ["67"]}):
        with pytest.raises(DataError, match="figures are a frame"):
            PANEL.plus(wrong)


def test_figures_are_read_as_people_write_them_and_their_states_follow():
    rows = pd.DataFrame(
        {"territory": ["Bas-Rhin", 35], "period": [2022, "2022"], "indicator": SHARE, "value": [12, None]}
    )
    wider = PANEL.plus(rows)
    assert [wider.value(SHARE, code, 2022).state for code in ("67", "35")] == ["observed", "unavailable"]
    own = wider.value(SHARE, "67", 2022)
    assert (own.quality, own.source) == ("derived", "own")
    assert not PANEL.value(SHARE, "67", 2022).known and wider.stamp is None


@pytest.mark.parametrize(
    ("define", "message"),
    [
        ({"share_mine": {"label": "x"}}, "unit missing; expected label, unit"),
        ({"share_mine": {"label": "x", "unit": "percnt"}}, "'percnt' is none; did you mean percent"),
        (
            {"share_mine": {"label": "x", "unit": "percent", "populaton": SIZE}},
            "unknown keys populaton; did you mean population",
        ),
        ({"share_mine": {"label": {"fr": "x"}, "unit": "percent"}}, "expected the keys fr and en"),
        ({"share_mine": {"label": "", "unit": "percent"}}, "expected words"),
        (
            {"share_mine": {"label": "x", "unit": "percent", "population": "zzz"}},
            "no indicator is named 'zzz'",
        ),
        ({"mine": {"label": "x", "unit": "percent"}}, "expected a name such as share_"),
        ({"share_<b>": {"label": "x", "unit": "percent"}}, "expected a name such as share_"),
        ({SHARE: {"label": "x", "unit": "percent"}}, "is defined by the project already"),
        ({"share_mine": 3}, "expected the keys of the dictionary"),
        (["share_mine"], "expected entries, or keys by name"),
        (
            {"share_other": Indicator("share_mine", Text("a", "a"), "percent", "context", Text("b", "b"))},
            "under another name",
        ),
    ],
)
def test_a_definition_that_is_not_sound_is_refused(define, message):
    with pytest.raises(DataError, match=message):
        PANEL.plus(mine(), define)


SECTIONS = {
    "summary": lambda r: sections.summary(r, "share_mine"),
    "key_figures": lambda r: sections.key_figures(r, "share_mine", SHARE),
    "trend": lambda r: sections.trend(r, "share_mine"),
    "trend beside": lambda r: sections.trend(r, "share_mine", beside=["Ille-et-Vilaine"]),
    "position": lambda r: sections.position(r, "share_mine", 2021),
    "funnel": lambda r: sections.funnel(r, "share_mine"),
    "map": lambda r: sections.tile_map(r, "share_mine"),
    "breakdown": lambda r: sections.breakdown(r, ["share_mine"]),
    "national": lambda r: sections.national(r, "share_mine", caption="national_energy"),
    "definitions": sections.definitions,
    "sources": sections.sources,
}


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_an_indicator_of_ones_own_is_shown_in_every_section(lang):
    report = open_report("67", lang, PANEL.plus(mine(), MINE), peers=["68", "Moselle", 54])
    label = {"fr": "part à moi", "en": "share of mine"}[lang]
    for name, section in SECTIONS.items():
        words = shown(section(report))
        assert name in ("national", "sources") or label in words.lower(), (name, words[:200])
    assert report.peers.codes == ("68", "57", "54")
    assert {"fr": "choisis", "en": "chosen"}[lang] in shown(sections.comparable(report))


def test_each_panel_has_its_own_definition_and_another_report_has_none():
    one = PANEL.plus(mine(), MINE)
    other = PANEL.plus(
        mine(), {"share_mine": MINE["share_mine"] | {"label": "another share", "unit": "per_1000"}}
    )
    shown_first = sections.key_figures(open_report("67", "en", one), "share_mine")
    shown_other = sections.key_figures(open_report("67", "en", other), "share_mine")
    assert "Another share" in shown(shown_other) and "per 1000" in shown(shown_other)
    assert "Share of mine" in shown(shown_first) and "per 1000" not in shown(shown_first)
    for way in (PANEL.value, PANEL.series, open_report("67", "en", PANEL).value):
        with pytest.raises(UnknownIndicator):
            way("share_mine", "67")
    assert "share_mine" not in values.dictionary() and "share_mine" not in list(values.dictionary())


def test_what_is_drawn_by_hand_and_shown_alone_knows_the_definition_too():
    panel = PANEL.plus(mine(), MINE)
    drawn = figures.trend(
        [figures.Line("67", panel.series("share_mine", 67))], key="k", indicator="share_mine", lang="en"
    )
    assert "Share of mine" in drawn.title
    assert "10" in repr(panel.value("share_mine", "01", 2015)) and "%" in repr(
        panel.value("share_mine", "01", 2015)
    )
    assert "share of mine" in panel.indicators._repr_html_() and "share_mine" in panel.search("a moi")
    assert "context" in panel._repr_html_()


def test_two_departements_stand_on_one_figure():
    trend = sections.trend(
        open_report("67", "fr", PANEL.plus(mine(), MINE)), "share_mine", beside=["Ille et Vilaine", "974"]
    )
    drawn = next(item for item in trend.items if isinstance(item, figures.Figure))
    assert [column.label for column in drawn.table.columns][1:] == [
        "Bas-Rhin",
        "Ille-et-Vilaine",
        "La Réunion",
    ]
    assert list(drawn.table.to_frame()) and "Ille-et-Vilaine" in shown(trend)


def test_an_outcome_of_ones_own_goes_through_a_design_and_an_evaluation():
    panel = PANEL.plus(mine(), MINE)
    design = policies.Design("mine", dict.fromkeys(["35", "67", "59"], 2020), (2015, 2022))
    study = policies.sample(design, panel, "share_mine")
    assert study.outcome.scale == "level" and set(study.sample.treated) == {"35", "67", "59"}
    found = evaluation.evaluate(study)
    assert 1.5 < found.main.att < 2.5
    outcome = policies.Outcome("mine", (("share_mine", ""),), scale="level")
    assert policies.sample(design, panel, outcome).sample.outcome.equals(study.sample.outcome)
    verdicts = policies.evaluability(dataclasses.replace(design, outcomes={"mine": outcome}), panel)
    assert verdicts[0].study is not None
    with pytest.raises(policies.DesignError, match="no indicator is named 'share_mine'"):
        policies.sample(design, PANEL, "share_mine")


def test_a_break_of_ones_own_is_seen_in_a_design():
    broken = MINE["share_mine"] | {"breaks": {"2019": {"fr": "rupture", "en": "break"}}}
    panel = PANEL.plus(mine(), {"share_mine": broken})
    design = policies.Design("mine", {"35": 2020}, (2015, 2022))
    with pytest.raises(policies.DesignError, match="the series is broken in 2019"):
        policies.sample(design, panel, "share_mine")


def test_figures_of_ones_own_are_kept_nowhere(monkeypatch):
    panel = PANEL.plus(mine(), MINE)
    monkeypatch.setattr(shared, "_keep", None, raising=False)
    asked = []
    assert shared.common("mine.result", lambda p, c: asked.append(p) or 1, panel) == 1
    assert shared.common("mine.result", lambda p, c: asked.append(p) or 2, panel) == 2
    assert asked == [panel, panel]


def test_peers_of_ones_own_are_of_other_departements():
    context, periods = pd.DataFrame({"a": np.ones(101)}, index=list(EVERY)), {"a": "2020"}
    assert comparison.own_peers("67", "Ille et Vilaine", context, periods).codes == ("35",)
    for wrong in (["67"], ["zzz"], ["R44"]):
        with pytest.raises(Refusal):
            comparison.own_peers("67", wrong, context, periods)
    assert territories.get("35").name in shown(
        sections.comparable(open_report("67", "fr", PANEL, peers=["35"]))
    )


def test_the_panel_of_the_project_takes_figures_of_ones_own():
    panel = Panel.open().plus(mine(), MINE)
    report = open_report("35", "fr", panel)
    for name, section in SECTIONS.items():
        assert shown(section(report)), name
    assert set(report.panel.periods("share_mine")) == {str(year) for year in range(2015, 2023)}
    assert Catalogue().parameters("peers") and COUNT in panel.indicators
