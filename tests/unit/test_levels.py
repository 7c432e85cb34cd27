"""Levels of territory: three answers to a code, what only other territories have, sums of départements, dated membership."""

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest

from analysis.data import panel as panels
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import comparison
from analysis.estimation.rows import NotComparable
from analysis.foundations import gazetteer, levels, observation, territories
from analysis.foundations.cells import figures
from analysis.foundations.display import Refusal
from analysis.foundations.files import DataError
from analysis.foundations.gazetteer import TerritoriesError
from analysis.foundations.territories import NotHeld, UnknownTerritory
from analysis.foundations.values import LANGS, OF_OTHERS, STATES, read_dictionary
from analysis.presentation.narrative import messages, sentences
from analysis.presentation.narrative.formats import others_of
from tests.unit.test_catalogue import sidecar
from tests.unit.test_panel import DICTIONARY, keep

COUNT, SIZE, RATE = "count_a", "count_b", "rate_c"


@pytest.fixture
def small(monkeypatch, tmp_path):
    names = read_dictionary(DICTIONARY)
    for module in (
        "analysis.data.panel",
        "analysis.data.building",
        "analysis.data.schema",
        "analysis.foundations.values",
    ):
        monkeypatch.setattr(f"{module}.dictionary", lambda: names)
    return Catalogue(tmp_path / "raw")


def opened(catalogue):
    return Panel(panels.build(catalogue), catalogue=catalogue)


# ------------------------------------------------------------------------------------------------------- three answers


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("200000164", "EPCI, and is not among the 1,253"),  # of 2014, in no list of 2025
        ("67482", "commune, and is of a level of which no territory"),
        ("2A004", "commune, and is of a level of which no territory"),
        ("QN00101M", "priority neighbourhood, and is not among the 1,352"),  # of those drawn again in 2024
    ],
)
def test_a_code_of_a_level_without_territories_is_not_held_and_no_mistake(written, level):
    with pytest.raises(NotHeld, match=f"the level {level}"):
        territories.parse(written)


@pytest.mark.parametrize(
    ("written", "level", "code"),
    [
        ("200069193", None, "200069193"),
        (243300316, None, "243300316"),
        ("qp001001", None, "QP001001"),
        ("bordeaux metropole", "epci", "243300316"),
        ("Communauté de communes du Pays de l'Arbresle (CCPA)", "epci", "246900625"),
        ("200069193 Communauté de communes de la Dombes", None, "200069193"),
        ("Métropole de Lyon", None, "69M"),  # its name alone is that of what signs the contract
        ("Métropole de Lyon", "epci", "200046977"),
    ],
)
def test_what_is_inside_a_departement_is_read_by_its_code_and_by_name_where_its_level_is_asked_for(
    written, level, code
):
    assert territories.parse(written, level) == code


def test_a_name_of_several_territories_of_a_level_is_refused_with_each():
    with pytest.raises(UnknownTerritory, match=r"several territories: .*deux-vallees-oise \(246000772\)"):
        territories.parse("Communauté de communes des Deux Vallées", "epci")


def test_what_is_inside_a_departement_is_in_no_list_of_every_territory():
    assert not any(one.kind.apart for one in territories.TERRITORIES.values())
    assert (len(territories.of_level("epci")), len(territories.of_level("neighbourhood"))) == (1253, 1352)
    several = [code for code in territories.of_level("epci") if len(territories.containing(code)) > 1]
    assert len(several) == 89  # the 90th of the file is ZZZZZZZZZ, four islands in none
    assert territories.wider("200054781") == (("75", "91", "92", "93", "94", "95"),)
    assert territories.wider("QP059028") == (("59",),)
    slugs = {territories.get(code).slug for code in territories.of_level("epci")}
    assert len(slugs) == 1253
    assert territories.sort_key("200069193") > territories.sort_key("20R")
    assert territories.get("200069193").name_in() == "dans la Communauté de communes de la Dombes"
    assert territories.get("243300316").name_of() == "de Bordeaux Métropole"
    assert territories.get("246700488").name_the() == "l’Eurométropole de Strasbourg"


@pytest.mark.parametrize("written", ["69X", "999", "300046977", "QZ00101M", "Métropole de Lion"])
def test_what_is_no_code_of_any_level_is_asked_wrongly(written):
    with pytest.raises(UnknownTerritory) as refusal:
        territories.parse(written)
    assert not isinstance(refusal.value, NotHeld)


def test_each_code_is_of_its_level_and_of_no_other():
    for code, one in territories.TERRITORIES.items():
        assert levels.of_code(code) == one.kind, code


def test_an_unknown_level_is_refused_with_those_there_are():
    for ask in (levels.get, territories.of_level, lambda level: territories.parse("67", level)):
        with pytest.raises(levels.UnknownLevel, match="departement, collectivite, region, country"):
            ask("canton")


# -------------------------------------------------------------------------------------------- what only others have


def test_a_figure_of_the_departement_is_never_that_of_a_part_of_it(small):
    keep(small, "x/a", COUNT, "2024", {"69": 120.0, "67": 10.0})
    keep(small, "x/b", COUNT, "2023", {"69": 90.0, "69M": 60.0})
    panel = opened(small)
    absent = panel.value(COUNT, "69M", "2024")
    assert (absent.state, absent.value, absent.territory) == (OF_OTHERS, None, "69M")
    assert others_of(absent) == ("published", ("69",))
    assert panel.value(COUNT, "69M", "2023").value == 60.0
    assert panel.value(COUNT, "69D", "2022").state == "unavailable"  # not even the département has one
    section = panel.cross_section(COUNT, "2024", "collectivite").set_index("territory")
    assert section.loc["69M", ["state", "note"]].tolist() == [OF_OTHERS, "published_for_69"]
    assert section["value"].notna().sum() == 0


def test_before_it_existed_a_territory_has_no_figure_at_all(small):
    keep(small, "x/a", COUNT, "2010", {"69": 120.0})
    value = opened(small).value(COUNT, "69M", "2010")
    assert (value.state, value.note) == ("not_applicable", "before_its_creation")
    assert "Cette collectivité n’existait pas encore" in sentences.missing(value, "fr").replace("'", "’")


def test_what_is_made_of_departements_is_their_sum_where_each_has_a_figure(small):
    keep(small, "x/a", COUNT, "2024-12", {"67": 120.0, "68": 80.0, "2A": 10.0})
    keep(small, "x/b", SIZE, "2024", {"67": 400.0, "68": 400.0})
    panel = opened(small)
    total = panel.value(COUNT, "6AE", "2024-12")
    assert (total.value, total.lower, total.upper, total.note) == (200.0, 190.0, 210.0, "sum_of_departements")
    assert panel.value(RATE, "6AE", "2024-12").value == 25.0
    assert others_of(panel.value(COUNT, "20R", "2024-12")) == ("published", ("2A",))


def test_what_a_departement_gave_itself_is_not_published_for_it(small):
    keep(small, "x/a", COUNT, "2023", {"69": 120.0})
    frame = panels.build(small).assign(quality="local", note="local: own")
    assert Panel(frame, catalogue=small).value(COUNT, "69M", "2023").state == "unavailable"


def test_an_estimate_of_others_is_told_as_one(small):
    keep(small, "x/a", COUNT, "2023", {"69": 120.0})
    value = Panel(panels.build(small).assign(state="modelled")).value(COUNT, "69M", "2023")
    assert others_of(value) == ("modelled", ("69",))
    assert sentences.missing(value, "en").endswith(
        "there is no estimate for the Métropole de Lyon in 2023. The model gives one for Rhône (69), in which this "
        "territory lies, and it does not hold for it alone."
    )


def test_the_state_of_what_others_have_is_in_no_table():
    assert OF_OTHERS not in STATES


# ------------------------------------------------------------------------------------------------ among those of a level


def test_a_territory_is_placed_among_those_of_its_level_in_its_own_words(small):
    values = {code: float(10 * (i + 1)) for i, code in enumerate(territories.REGIONS)}
    keep(small, "x/a", SIZE, "2024", values)
    panel = opened(small)
    place = comparison.position(panel.cross_section(SIZE, "2024", levels.REGION), "R94")
    assert (place.level, place.n, round(place.share_below, 2)) == (levels.REGION, 18, 1.0)
    assert (
        sentences.position(place, "fr")
        .replace("\u202f", " ")
        .startswith(
            "Ce niveau est plus élevé que dans les trois quarts des autres régions ; la médiane des régions est de"
        )
    )
    with pytest.raises(NotComparable, match="without a row"):
        comparison.position(panel.cross_section(SIZE, "2024"), "R94")


@pytest.mark.parametrize("code", ["69M", "6AE", "FR"])
def test_what_stands_among_no_others_is_placed_nowhere(small, code):
    keep(small, "x/a", SIZE, "2024", {"67": 1.0})
    with pytest.raises(NotComparable, match="are not set beside one another"):
        comparison.position(opened(small).cross_section(SIZE, "2024", territories.get(code).kind), code)
    context = pd.DataFrame({"a": [1.0]}, index=[code])
    assert comparison.own_peers(code, (), context, {}).codes == ()


@pytest.mark.parametrize("lang", LANGS)
def test_every_level_has_its_noun_and_any_form_of_it(lang):
    forms = {key.rpartition(".")[2] for key in messages_of("level.departement.", lang)}
    assert forms == {key.rpartition(".")[2] for key in messages_of("level.other.", lang)}
    for level in levels.LEVELS.values():
        assert messages.known(f"level.{level.key}.one", lang) and messages.known(
            f"level.{level.key}.many", lang
        )
        assert "{" not in messages.say("chart.strip.description", lang, level, n="9", low="1", high="2")


def messages_of(start, lang):
    from analysis.foundations import translations

    return [key for key in translations.catalogue("narrative.po", lang) if key.startswith(start)]


# ---------------------------------------------------------------------------------------------------- dated membership


def test_membership_is_dated_and_may_be_of_several():
    assert territories.containing("69M", date(2014, 12, 31)) == ()
    assert territories.containing("69M", date(2015, 1, 1)) == territories.containing("69M") == ("69",)
    assert territories.inside("69", levels.COLLECTIVITE) == ("69D", "69M")
    assert territories.inside("R44", "departement") == territories.departements_of("R44")
    assert (territories.wider("69M"), territories.wider("6AE")) == ((("69",),), (("67", "68"),))
    assert (territories.wider("67"), territories.wider("2A")) == ((("6AE",),), (("20R",),))
    assert territories.wider("69") == territories.wider("R44") == ()
    rows = [
        {"code": "2A", "within": "2B", "since": "2017-01-01", "until": "2020-01-01"},
        {"code": "2A", "within": "13", "since": "", "until": ""},
    ]
    first, second = gazetteer.memberships(rows, "x.csv", ["2A", "2B", "13"])
    days = [date(2016, 12, 31), date(2017, 1, 1), date(2019, 12, 31), date(2020, 1, 1), None]
    assert [first.holds(day) for day in days] == [False, True, True, False, False]
    assert all(map(second.holds, days))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"within": "99"}, "'99' is the code of no territory"),
        ({"since": "2017"}, "expected days such as 2021-01-01"),
        ({"until": "2016-01-01"}, "it ends on 2016-01-01, before it begins"),
    ],
)
def test_a_bad_membership_is_named_with_its_line(change, message):
    row = {"code": "2A", "within": "2B", "since": "2017-01-01", "until": ""} | change
    with pytest.raises(TerritoriesError, match=f"x.csv, line 2: .*{message}") as refusal:
        gazetteer.memberships([row], "x.csv", ["2A", "2B"])
    assert isinstance(refusal.value, Refusal)


# ------------------------------------------------------------------------------------------------- inside départements

PEOPLE = "count_persons_fiscal"
EPCI_OF_AIN = "200069193"


def stored(catalogue, dataset, level, values):
    """Figures by territory and year, at a level that is apart."""
    rows = [
        {"territory": code, "period": when, "indicator": PEOPLE, "value": value}
        for (code, when), value in values.items()
    ]
    given = replace(sidecar(dataset), level=level, compressed=True)
    return catalogue.store(figures(pd.DataFrame(rows)), given)


@pytest.fixture
def held(tmp_path):
    catalogue = Catalogue(tmp_path / "raw")
    stored(catalogue, "x/departements", "departement", {("01", "2018"): 600_000.0, ("01", "2019"): 610_000.0})
    stored(catalogue, "x/epci", "epci", {(EPCI_OF_AIN, "2017"): 30_000.0, (EPCI_OF_AIN, "2018"): 38_000.0})
    stored(catalogue, "x/qpv", "neighbourhood", {("QP001001", "2018"): 5_000.0})
    stored(catalogue, "x/communes", "commune", {("01004", "2018"): 15_000.0})
    return catalogue


def test_figures_inside_departements_are_in_a_file_of_their_own_and_answer_by_code(held, tmp_path):
    panel = Panel.open(held, tmp_path / "built")
    assert set(panel.frame["territory"]) == {"01"} and not (tmp_path / "built/inside.parquet").exists()
    assert panel.value(PEOPLE, EPCI_OF_AIN, "2018").value == 38_000.0
    assert panel.value(PEOPLE, "QP001001").value == 5_000.0
    assert set(panel.inside.frame["territory"]) == {
        EPCI_OF_AIN,
        "QP001001",
    }  # communes are a source of sums alone
    assert panel.datasets(PEOPLE, None, EPCI_OF_AIN) == ("x/epci",)
    assert panel.datasets(PEOPLE) == ("x/departements",)
    assert panel.periods(PEOPLE) == ["2018", "2019"] and panel.covered(PEOPLE, level="epci") == [
        "2017",
        "2018",
    ]
    lacking = panel.value(PEOPLE, EPCI_OF_AIN, "2019")
    assert (lacking.state, lacking.note, lacking.value) == (OF_OTHERS, "published_for_01", None)
    section = panel.cross_section(PEOPLE, "2018", "epci").set_index("territory")
    assert len(section) == 1253 and section.loc[EPCI_OF_AIN, "value"] == 38_000.0
    assert panel.select(PEOPLE, [EPCI_OF_AIN, "QP001001"], "2018")["value"].tolist() == [5_000.0, 38_000.0]
    with pytest.raises(Refusal, match="asked for apart"):
        panel.select(PEOPLE, ["01", EPCI_OF_AIN])


def test_an_epci_that_was_drawn_again_is_not_compared_across(held, tmp_path):
    notes = Panel.open(held, tmp_path / "built").series(PEOPLE, EPCI_OF_AIN).set_index("period")["note"]
    assert notes.to_dict() == {"2017": "", "2018": "break_perimeter"}


def test_what_reads_figures_inside_a_departement_depends_on_their_table(held, tmp_path):
    panel = Panel.open(held, tmp_path / "built")
    with observation.observing() as reads:
        panel.value(PEOPLE, EPCI_OF_AIN, "2018")
    assert "x/epci.csv.gz" in reads.files and "x/qpv.csv.gz" in reads.files
    with observation.observing() as reads:
        panel.value(PEOPLE, "01", "2018")
    assert not {name for name in reads.files if "epci" in name}
    before = panel.inside.frame
    stored(held, "x/qpv", "neighbourhood", {("QP001001", "2018"): 6_000.0})
    again = Panel.open(held, tmp_path / "built")
    assert (
        again.value(PEOPLE, "QP001001").value
        == 6_000.0
        != before.set_index("territory").loc["QP001001", "value"]
    )


def test_a_table_holds_the_territories_of_its_level_alone(tmp_path):
    catalogue = Catalogue(tmp_path / "raw")
    with pytest.raises(DataError, match="unknown territory 200069193"):
        stored(catalogue, "x/departements", "departement", {(EPCI_OF_AIN, "2018"): 1.0})
    with pytest.raises(DataError, match="unknown territory 01"):
        stored(catalogue, "x/epci", "epci", {("01", "2018"): 1.0})
