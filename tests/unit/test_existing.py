"""The register of what exists: what is said of a figure that is not held rests on an entry, never on the absence."""

import pandas as pd
import pytest

from analysis.data import existing
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.columns import in_order
from analysis.foundations.entries import EntryError
from analysis.presentation.narrative import formats, sentences
from analysis.reports import sections
from analysis.reports.report import open_report

ENTRY = """
  {name}:
    state: {state}
    {scope}
    territories: [{places}]
    {span}
    producer: Insee
    title: {{fr: Un titre, en: A title}}
    address: https://www.insee.fr/x
    looked: 2026-11-30
"""


def entry(name, state="not_held", scope="indicators: [rate_poverty_60]", places="overseas", span=""):
    return ENTRY.format(name=name, state=state, scope=scope, places=places, span=span)


def catalogue(tmp_path, *entries):
    (tmp_path / "parameters").mkdir(parents=True, exist_ok=True)
    (tmp_path / "parameters" / "existing.yml").write_text("entries:" + "".join(entries), encoding="utf-8")
    return Catalogue(tmp_path)


def panel(there, **rows):
    """A panel of the given figures: (indicator, territory, period, value), all from one dataset."""
    frame = pd.DataFrame(rows["figures"], columns=["indicator", "territory", "period", "value"])
    state = frame["value"].notna().map({True: "observed", False: "unavailable"})
    frame = frame.assign(lower=None, upper=None, state=state, quality="producer", source="x/a", note="")
    return Panel(in_order(frame.astype({"lower": float, "upper": float})), catalogue=there)


POVERTY = [("rate_poverty_60", "67", "2023", 14.0), ("rate_poverty_60", "67", "2020", 13.0)]


@pytest.mark.parametrize(
    ("asked", "state"),
    [
        (("971", "2023"), "not_held"),
        (("971", "2020"), "unpublished"),
        (("2A", "2023"), "unavailable"),
        (("67", "2023"), "observed"),
        (("976", "2023"), "suppressed"),
    ],
)
def test_the_first_entry_that_covers_a_figure_speaks_of_it(tmp_path, asked, state):
    there = catalogue(
        tmp_path,
        entry("secret", "suppressed", scope="datasets: [x/a]", places="976"),
        entry("later", span='first: "2021"'),
        entry("before", "unpublished", scope='indicators: ["rate_poverty*"]', span='last: "2020"'),
        entry("other", scope="datasets: [x/other]", places="departements"),
    )
    assert panel(there, figures=POVERTY).value("rate_poverty_60", *asked).state == state


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """The folder of figures of a checkout of its own, whose register is the one that notes name."""
    monkeypatch.setenv("PACTE_HOME", str(tmp_path))
    existing._of_project.cache_clear()
    yield tmp_path / "data" / "raw"
    existing._of_project.cache_clear()


def test_what_is_said_has_the_day_and_the_address_and_nothing_is_said_without_an_entry(checkout):
    there = catalogue(checkout, entry("seen", places="971"), entry("nowhere", "unpublished", places="972"))
    values = {c: panel(there, figures=POVERTY).value("rate_poverty_60", c) for c in ("971", "972", "973")}
    short = {c: formats.format_value(v, "fr") for c, v in values.items()}
    assert short == {
        "971": "publié, non repris ici",
        "972": "non publié (cherché le 30 novembre 2026)",
        "973": "absent de nos fichiers",
    }
    told = {c: sentences.missing(v, "en") for c, v in values.items()}
    assert all("https://www.insee.fr/x" in told[c] and "30 November 2026" in told[c] for c in ("971", "972"))
    assert "published was not looked for" in told["973"] and "http" not in told["973"]


def test_every_departement_of_a_cross_section_has_its_state(tmp_path):
    there = catalogue(tmp_path, entry("seen"), entry("nowhere", "unpublished", places="2A"))
    gap = ("rate_poverty_60", "2B", "2023", None)
    section = (
        panel(there, figures=[*POVERTY, gap]).cross_section("rate_poverty_60", "2023").set_index("territory")
    )
    assert set(section.loc[["971", "972", "973", "974", "976"], "state"]) == {"not_held"}
    assert section.loc["2A", ["state", "note"]].tolist() == ["unpublished", "register_nowhere"]
    assert section.loc["2B", "state"] == "unavailable"
    assert section["indicator"].notna().all() and set(section.index) == set(territories.DEPARTEMENTS)


@pytest.mark.parametrize(
    ("lacking", "state"), [("count_rsa_recipients", "not_held"), ("count_population_15_64", "unavailable")]
)
def test_a_rate_lacks_as_its_term_does(tmp_path, lacking, state):
    there = catalogue(tmp_path, entry("seen", scope="indicators: [count_rsa_recipients]", places="971"))
    terms = [("count_rsa_recipients", "2024-12", 10.0), ("count_population_15_64", "2024", 90.0)]
    figures = [
        (name, c, p, v) for name, p, v in terms for c in ("67", "971") if (name, c) != (lacking, "971")
    ]
    wider = panel(there, figures=[*figures, ("rate_rsa_per_1000", "67", "2024-12", 100.0)])
    assert wider.value("rate_rsa_per_1000", "971", "2024-12").state == state


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        (entry("a", "observed"), "expected suppressed, unpublished, not_held"),
        (entry("a", places="999"), "999"),
        (entry("a", scope=""), "`datasets` or `indicators`"),
        (entry("a", span="first: soon"), "soon"),
        (entry("a", span="of: x"), "unknown keys of"),
    ],
)
def test_an_entry_that_is_wrong_is_refused_by_its_name(tmp_path, wrong, expected):
    with pytest.raises(EntryError, match=r"existing\.yml") as refused:
        existing.register(catalogue(tmp_path, wrong))
    assert "entries.a" in str(refused.value) and expected in str(refused.value)


def test_each_entry_of_the_project_speaks_of_a_figure_that_is_not_held():
    """One whose figures have all been taken in since is removed."""
    there = Panel.open()
    for one in existing.register(Catalogue()).entries:
        named = [
            n
            for n in there.indicators
            if one.names(n, () if there.dictionary[n].terms else there.datasets(n))
        ]
        assert any(one in there.elsewhere(n, code) for n in named for code in sorted(one.territories)), (
            one.name
        )
        assert one.address.startswith("https://") and one.looked >= "2026"


@pytest.mark.parametrize(
    ("asked", "state"),
    [
        (("share_energy_vulnerable_housing", "23", "2021"), "modelled"),
        (("share_energy_vulnerable_housing", "33", "2021"), "modelled"),
        (("share_energy_vulnerable_housing", "67", "2021"), "not_held"),
        (("amount_child_welfare_gross_keur", "67", "2022"), "not_held"),
        (("count_rsa_recipients", "974", "2024-12"), "not_held"),
        (("rate_rsa_per_1000", "974", "2024-12"), "not_held"),
        (("share_rsa_oriented", "67", "2021-12"), "not_held"),
        (("rate_poverty_60_under_18", "67", "2023"), "not_held"),
        (("rate_unemployment", "976", "2025-Q3"), "unpublished"),
        (("rate_poverty_60", "973", "2020"), "unpublished"),
        (("count_overindebtedness_files", "971", "2024"), "unavailable"),
    ],
)
def test_what_the_project_says_of_a_figure_was_looked_for(asked, state):
    """What was said « not published » and was false, and what nobody looked for."""
    value = Panel.open().value(*asked)
    assert value.state == state
    assert (existing.entry_of(value.note) is not None) == (state in ("not_held", "unpublished"))


def test_creuse_reads_its_own_energy_vulnerability_beside_that_of_the_country():
    shown = sections.national(
        open_report("23", "en"), "share_energy_vulnerable_housing", caption="national_energy"
    )
    told = shown._repr_html_()
    assert "45.0%" in told and "17.4%" in told and "Our files have none" not in told


def test_a_measure_whose_outcome_is_published_elsewhere_says_so():
    rows = sections.evaluability(open_report("67", "en")).frames()["evaluability"].set_index("measure")
    assert (
        rows.loc["Access to health for the most precarious", "status"]
        == "Not here: outcome published, not held"
    )
