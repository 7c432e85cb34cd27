"""Modelled figures stand beside the published ones wherever these are given, in their own state and with an interval."""

import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations.columns import COLUMNS, KEY
from analysis.foundations.values import dictionary
from analysis.reports import modelled


def published(*indicators):
    rows = [
        {"territory": "67", "period": "2020", "indicator": name, "value": 1.0, "state": "observed"}
        for name in indicators
    ]
    return Panel(pd.DataFrame(rows, columns=list(COLUMNS)))


@pytest.mark.parametrize("model", modelled.MODELS.values(), ids=lambda model: model.name)
def test_a_model_without_what_it_is_made_from_is_left_out(model):
    few = sorted(model.needs)[1:]
    panel = published(*few)
    assert not model.possible(panel) and modelled.with_models(panel).indicators == panel.indicators


def test_a_model_is_added_to_a_panel_when_it_can_be_computed(monkeypatch):
    wanted = published("rate_poverty_60", "rate_unemployment")
    row = {"territory": "67", "period": "2020", "indicator": "rate_rsa_non_take_up_expected", "value": 34.0}
    made = pd.DataFrame([row | {"lower": 24.0, "upper": 45.0, "state": "modelled"}], columns=list(COLUMNS))
    monkeypatch.setattr(modelled, "expected_non_take_up", lambda panel, catalogue: (made, None))
    own = modelled.Model("essai", modelled.NON_TAKE_UP.compute, frozenset({"rate_poverty_60"}))
    other = modelled.Model("autre", modelled.NON_TAKE_UP.compute, frozenset({"share_dpe_fg"}))
    monkeypatch.setattr(modelled, "MODELS", {one.name: one for one in (own, other)})
    value = modelled.with_models(wanted).value("rate_rsa_non_take_up_expected", "67")
    assert (value.value, value.lower, value.upper, value.state) == (34.0, 24.0, 45.0, "modelled")
    assert "rate_rsa_non_take_up_expected" not in wanted.indicators


def test_the_projects_models_give_figures_of_the_dictionary_that_no_dataset_gives():
    panel = Panel.open()
    made = modelled.rows(panel)
    names = set(made["indicator"])
    assert len(names) == 4 and all(dictionary()[name].modelled for name in names)
    assert not names & set(panel.indicators) and not made.duplicated(KEY).any()
    known = made[made["value"].notna()]
    assert set(known["state"]) == {"modelled"} and known[["lower", "upper"]].notna().all(axis=None)
    assert ((known["lower"] <= known["value"]) & (known["value"] <= known["upper"])).all()
    sources = made.groupby("indicator")["source"].agg(
        lambda texts: {d for t in texts for d in t.split(" × ")}
    )
    assert sources["rate_rsa_non_take_up_expected"] == {
        "insee/census_2011_2022", "insee/census_2022_housing", "insee/filosofi_2014_2020", "insee/filosofi_2020_poverty",
        "publications/drees_dossier_92",
    }  # fmt: skip
    assert all(set(names) <= set(Catalogue()) for names in sources)
