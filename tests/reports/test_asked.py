"""What is asked wrongly is refused at the call, in a line; as people write it, it is read. Neither is ever absent."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import comparison, trends
from analysis.foundations import asked, territories, translations
from analysis.foundations.display import Refusal
from analysis.foundations.measures import measures
from analysis.foundations.periods import UnknownPeriod
from analysis.foundations.values import UnknownIndicator, dictionary
from analysis.methods import evaluation, policies
from analysis.presentation import figures
from analysis.presentation.narrative import effects, formats, messages, sentences
from analysis.presentation.tables import Table
from analysis.reports import sections
from analysis.reports.pages import interface
from analysis.reports.report import open_report
from tests.reports.test_sections import COUNT, EVERY, SHARE, SIZE, of

PANEL = Panel(of(EVERY, lambda i: 5.0 + i / 4))
CATALOGUE = Catalogue()
SECTION = PANEL.cross_section(SHARE)
CONTEXT = pd.DataFrame({"a": np.arange(101.0) + 1, "b": np.arange(101.0)[::-1] ** 2}, index=list(EVERY))


def report(lang="fr"):
    return open_report("67", lang, PANEL)


def design(**options):
    return policies.Design(
        **{"name": "d", "treated": {"67": "2020-06"}, "window": ("2020-01", "2021-12")} | options
    )


TERRITORY = {
    "value": lambda x: PANEL.value(SHARE, x),
    "series": lambda x: PANEL.series(SHARE, x),
    "select": lambda x: PANEL.select(SHARE, territory=x),
    "select among": lambda x: PANEL.select(SHARE, territory=["67", x]),
    "periods": lambda x: PANEL.periods(SHARE, x),
    "latest": lambda x: PANEL.latest(SHARE, x),
    "local": lambda x: PANEL.local(x),
    "open_report": lambda x: open_report(x, "fr", PANEL),
    "own peers": lambda x: open_report("67", "fr", PANEL, peers=[x]),
    "report.value": lambda x: report().value(SHARE, territory=x),
    "trend beside": lambda x: sections.trend(report(), SHARE, beside=[x]),
    "comparison.position": lambda x: comparison.position(SECTION, x),
    "find_peers": lambda x: comparison.find_peers(CONTEXT, x, {}),
    "funnel": lambda x: comparison.funnel(
        SECTION.set_index("territory")["value"], CONTEXT["a"] * 100, x, SHARE, "2021"
    ),
    "peers_median": lambda x: comparison.peers_median(SECTION, [x]),
    "design treated": lambda x: design(treated={x: "2020-06"}),
    "design excluded": lambda x: design(excluded={x: "a reason"}),
    "design controls": lambda x: design(controls=[x]),
    "own_design": lambda x: policies.own_design(CATALOGUE, "d", {x: "2020-06"}, ("2020-01", "2021-12")),
    "distribution peers": lambda x: figures.distribution(
        comparison.position(SECTION, "67"), key="k", lang="fr", peers=[x]
    ),
    "plus": lambda x: PANEL.plus(
        pd.DataFrame({"territory": [x], "period": "2019", "indicator": SHARE, "value": 1.0})
    ),
    "parse": territories.parse,
}
PERIOD = {
    "value": lambda x: PANEL.value(SHARE, "67", x),
    "select": lambda x: PANEL.select(SHARE, period=x),
    "select among": lambda x: PANEL.select(SHARE, period=["2021", x]),
    "cross_section": lambda x: PANEL.cross_section(SHARE, x),
    "datasets": lambda x: PANEL.datasets(SHARE, x),
    "reference": lambda x: PANEL.reference(SHARE, x),
    "report.value": lambda x: report().value(SHARE, x),
    "position": lambda x: sections.position(report(), SHARE, x),
    "funnel": lambda x: sections.funnel(report(), SHARE, x),
    "map": lambda x: sections.tile_map(report(), SHARE, x),
    "breakdown": lambda x: sections.breakdown(report(), [SHARE], at=x),
    "source": lambda x: report().source(SHARE, at=x),
    "plus": lambda x: PANEL.plus(
        pd.DataFrame({"territory": ["67"], "period": [x], "indicator": SHARE, "value": 1.0})
    ),
}
ANY_PERIOD = {
    "since": lambda x: sections.trend(report(), SHARE, since=x),
    "window": lambda x: design(window=(x, "2021-12")),
    "date": lambda x: design(treated={"67": x}),
    "narrower window": lambda x: policies.sample(design(), PANEL, COUNT, window=("2020-01", x)),
    "period": asked.period,
}
INDICATOR = {
    "value": lambda x: PANEL.value(x, "67"),
    "series": lambda x: PANEL.series(x, "67"),
    "select": lambda x: PANEL.select(x),
    "select among": lambda x: PANEL.select([SHARE, x]),
    "periods": lambda x: PANEL.periods(x),
    "latest": lambda x: PANEL.latest(x),
    "datasets": lambda x: PANEL.datasets(x),
    "reference": lambda x: PANEL.reference(x),
    "cross_section": lambda x: PANEL.cross_section(x),
    "use": lambda x: report().use(x),
    "has": lambda x: report().has(x),
    "report.value": lambda x: report().value(x),
    "source": lambda x: report().source(x),
    "summary": lambda x: sections.summary(report(), x),
    "key_figures": lambda x: sections.key_figures(report(), x),
    "trend": lambda x: sections.trend(report(), x),
    "position": lambda x: sections.position(report(), x),
    "funnel": lambda x: sections.funnel(report(), x),
    "map": lambda x: sections.tile_map(report(), x),
    "breakdown": lambda x: sections.breakdown(report(), [x]),
    "national": lambda x: sections.national(report(), x, caption="national_energy"),
    "trends.trend": lambda x: trends.trend(PANEL.series(SHARE, "67"), x),
    "figures.trend": lambda x: figures.trend(
        [figures.Line("a", PANEL.series(SHARE, "67"))], key="k", indicator=x, lang="fr"
    ),
    "sample": lambda x: policies.sample(design(), PANEL, x),
    "decimals_of": formats.decimals_of,
    "label": lambda x: sentences.label(x, "fr"),
    "dictionary": lambda x: dictionary()[x],
    "unit": lambda x: dictionary().unit(x),
    "plus": lambda x: PANEL.plus(
        pd.DataFrame({"territory": ["67"], "period": "2019", "indicator": [x], "value": 1.0})
    ),
}
VALUE = PANEL.value(SHARE, "67")
LANG = {
    "open_report": lambda x: open_report("67", x, PANEL),
    "number": lambda x: formats.number(1.5, x),
    "percent": lambda x: formats.percent(1.5, x),
    "quantity": lambda x: formats.quantity(1.5, "percent", x),
    "format_value": lambda x: formats.format_value(VALUE, x),
    "bare_period": lambda x: formats.bare_period("2024-12", x),
    "at": lambda x: formats.at("2024", x),
    "listing": lambda x: formats.listing(["a", "b"], x),
    "date_words": lambda x: formats.date_words("2024-01-01", x),
    "state_words": lambda x: formats.state_words("observed", x),
    "say": lambda x: messages.say("state.observed", x),
    "interface.say": lambda x: interface.say("home", x),
    "catalogue": lambda x: translations.catalogue("narrative.po", x),
    "level": lambda x: sentences.level(VALUE, x),
    "label": lambda x: sentences.label(SHARE, x),
    "inference_name": lambda x: effects.inference_name("cluster", x),
    "Text": lambda x: dictionary()[SHARE].label[x],
    "measure": lambda x: measures()[0].name[x],
    "name_in": lambda x: territories.get("67").name_in(x),
    "table": lambda x: Table("k", "c", [], [], x),
    "distribution": lambda x: figures.distribution(comparison.position(SECTION, "67"), key="k", lang=x),
    "tile_map": lambda x: figures.tile_map(comparison.position(SECTION, "67"), key="k", lang=x),
    "bars": lambda x: figures.bars([figures.Row("a", VALUE)], key="k", title="t", lang=x),
}
NAMED = {
    "level": lambda x: territories.parse("67", level=x),
    "get": territories.get,
    "region_of": territories.region_of,
    "departements_of": territories.departements_of,
    "neighbours": territories.neighbours,
    "sort_key": territories.sort_key,
    "report.say": lambda x: report().say(x),
    "heading": lambda x: sections.heading(report(), x),
    "caption": lambda x: sections.key_figures(report(), SHARE, caption=x),
    "title": lambda x: sections.breakdown(report(), [SHARE], x),
    "use_dataset": lambda x: report().use_dataset(x),
    "design": lambda x: policies.design(x, CATALOGUE),
    "beside": lambda x: policies.own_design(
        CATALOGUE, "d", {"67": "2020-06"}, ("2020", "2022"), beside={x: "exclude"}
    ),
    "rule": lambda x: policies.own_design(
        CATALOGUE, "d", {"67": "2020-06"}, ("2020", "2022"), beside={"recentralisation": x}
    ),
    "scale": lambda x: policies.sample(design(), PANEL, COUNT, scale=x),
    "role": lambda x: policies.Outcome("o", ((COUNT, ""),), role=x),
    "effects_of": lambda x: sections.effects_of(report(), x),
    "effects_here": lambda x: sections.effects_here(report(), x),
    "with_log": lambda x: comparison.with_log(CONTEXT, x),
    "parameters": lambda x: CATALOGUE.parameters(x),
    "sidecar": lambda x: CATALOGUE.sidecar(x),
    "role of a line": lambda x: figures.trend(
        [figures.Line("a", PANEL.series(SHARE, "67"), x)], key="k", indicator=SHARE, lang="fr"
    ),
    "role of a row": lambda x: figures.bars([figures.Row("a", VALUE, x)], key="k", title="t", lang="fr"),
}


def refused(way, wrong):
    with pytest.raises(Refusal) as refusal:
        way(wrong)
    words = str(refusal.value)
    assert " " in words and len(words) < 700, words
    assert "\n" not in words or words.startswith("figures: nothing was added"), words


def doors(*groups):
    return [pytest.param(way, id=name) for group in groups for name, way in group.items()]


@pytest.mark.parametrize("way", doors(TERRITORY))
@pytest.mark.parametrize(
    "wrong", ["zzz", "", "99", 0, 1e9, 35.5, True, None, float("nan"), ("35",), object()]
)
def test_an_unknown_territory_is_refused_at_the_call(way, wrong):
    if wrong is None and way in (
        TERRITORY["select"],
        TERRITORY["periods"],
        TERRITORY["latest"],
        TERRITORY["report.value"],
    ):
        pytest.skip("none is given: all of them, or the report's own")
    if wrong == ("35",) and way in (TERRITORY["select"], TERRITORY["periods"], TERRITORY["latest"]):
        pytest.skip("a list of one")
    if wrong == "" and way is TERRITORY["funnel"]:
        pytest.skip("no département is marked")
    refused(way, wrong)


@pytest.mark.parametrize("way", doors(PERIOD, ANY_PERIOD))
@pytest.mark.parametrize(
    "wrong", ["coucou", "", "2024-13", "24", 24, 1e20, 10**400, float("inf"), True, object()]
)
def test_what_is_no_period_is_refused_at_the_call(way, wrong):
    refused(way, wrong)


@pytest.mark.parametrize("way", doors(PERIOD))
@pytest.mark.parametrize("other", ["2021-12", "2021-Q4", "2020-2021", "2021-S1"])
def test_a_period_of_another_form_is_refused_with_the_form_and_the_nearest(way, other):
    with pytest.raises(Refusal, match=r"is by year and .* nearest: .*2021"):
        way(other)


def test_a_year_asked_of_a_monthly_series_is_refused_with_its_months():
    for way in (
        PANEL.cross_section,
        partial(sections.position, report()),
        partial(sections.tile_map, report()),
    ):
        with pytest.raises(
            UnknownPeriod,
            match=r"is by month and '2021' is a year; nearest: 2021-12 \(from 2020-12 to 2021-12\)",
        ):
            way(COUNT, "2021")


@pytest.mark.parametrize("way", doors(INDICATOR))
@pytest.mark.parametrize("wrong", ["rate_povrty_60", "zzz", "", None, 35, ["a", {}], object()])
def test_an_unknown_indicator_is_refused_at_the_call(way, wrong):
    refused(way, wrong)


@pytest.mark.parametrize("way", doors(LANG))
@pytest.mark.parametrize("wrong", ["de", "FR", "", None, 1, object()])
def test_an_unknown_language_is_refused_at_the_call(way, wrong):
    refused(way, wrong)


@pytest.mark.parametrize("way", doors(NAMED))
@pytest.mark.parametrize("wrong", ["zzz", "", 3])
def test_an_unknown_name_is_refused_at_the_call(way, wrong):
    refused(way, wrong)


@pytest.mark.parametrize(
    "written", ["ille-et-vilaine", "Ille et Vilaine", "ILLE-ET-VILAINE", 35, "35", np.int64(35), 35.0, " 35 "]
)
@pytest.mark.parametrize(
    "name", ["value", "series", "select", "periods", "open_report", "own peers", "comparison.position"]
)
def test_a_territory_is_read_as_people_write_it(written, name):
    given, expected = TERRITORY[name](written), TERRITORY[name]("35")
    if isinstance(given, pd.DataFrame):
        pd.testing.assert_frame_equal(given, expected)
    else:
        assert (
            repr(given) == repr(expected) and "35" in repr(getattr(given, "peers", given))
        ) or name == "periods"


def test_the_first_is_the_ain():
    assert PANEL.value(SHARE, "1") == PANEL.value(SHARE, 1) == PANEL.value(SHARE, "01")


@pytest.mark.parametrize(
    "written", [2021, "2021", np.int64(2021), 2021.0, " 2021 ", asked.Period.parse("2021")]
)
def test_a_period_is_read_as_people_write_it(written):
    assert PANEL.value(SHARE, "67", written) == PANEL.value(SHARE, "67", "2021")
    assert repr(sections.tile_map(report(), SHARE, written)) == repr(
        sections.tile_map(report(), SHARE, "2021")
    )


@pytest.mark.parametrize("written", ["2025-T3", "2025-q3", "T3 2025", "2025Q3", "2025 T3"])
def test_a_quarter_is_read_as_people_write_it(written):
    assert asked.period(written) == "2025-Q3"


def test_an_indicator_may_be_given_by_its_entry_and_is_found_by_its_words():
    assert PANEL.value(dictionary()[SHARE], "67") == PANEL.value(SHARE, "67")
    with pytest.raises(UnknownIndicator, match="did you mean rate_poverty_60"):
        PANEL.value("taux de pauvrete", "67")


def test_what_is_known_and_has_no_figure_is_absent():
    for value in (
        PANEL.value(SHARE, "FR"),
        PANEL.value(SHARE, "67", "1999"),
        PANEL.value("rate_unemployment", "67", "2024"),
    ):
        assert (value.known, value.state) == (False, "unavailable")


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.one_of(
        st.text(max_size=12), st.integers(), st.floats(), st.none(), st.booleans(), st.binary(max_size=4)
    )
)
def test_whatever_is_asked_is_read_or_refused(thing):
    for way in (
        lambda: PANEL.value(SHARE, thing),
        lambda: PANEL.value(SHARE, "67", thing),
        lambda: PANEL.value(thing, "67"),
    ):
        try:
            assert way().indicator == SHARE
        except Refusal as refusal:
            assert "\n" not in str(refusal)


@pytest.mark.parametrize(
    "way",
    [
        lambda: sections.key_figures(report()),
        lambda: sections.breakdown(report(), []),
        lambda: sections.breakdown(report(), [SHARE, COUNT]),
        lambda: figures.bars([], key="k", title="t", lang="fr"),
        lambda: figures.trend([], key="k", indicator=SHARE, lang="fr"),
        lambda: comparison.find_peers(CONTEXT, "67", {}, number=0),
        lambda: comparison.find_peers(CONTEXT, "67", {}, number=500),
        lambda: open_report("67", "fr", PANEL, peers=["67"]),
        lambda: evaluation.evaluate(design()),
        lambda: policies.sample("design", PANEL, COUNT),
        lambda: design(window="2020"),
        lambda: design(window=("2020",)),
        lambda: design(excluded=["67"]),
        lambda: design(treated="67"),
        lambda: policies.Outcome("o", COUNT),
        lambda: policies.Outcome("o", ((COUNT, ""),), months=(13,)),
    ],
)
def test_what_makes_no_question_is_refused(way):
    refused(lambda _: way(), None)


def test_nothing_is_selected_of_nothing():
    assert (
        len(PANEL.select([]))
        == len(PANEL.select(SHARE, territory=[]))
        == len(PANEL.select(SHARE, period=()))
        == 0
    )
    assert len(PANEL.select([SHARE, COUNT], period=["2021", "2021-12"])) == 202
    assert SIZE in PANEL.indicators
