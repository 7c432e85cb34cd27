"""Breaks of single territories are marked on their figures and on the rates of them; an entry that names none is refused."""

import pandas as pd
import pytest
import yaml

from analysis.data import breaks, panel
from analysis.data.breaks import BreakError
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations.cells import figures
from analysis.foundations.entries import EntryError
from analysis.foundations.values import dictionary
from tests.unit.test_catalogue import sidecar

MWH, SITES, RATE = (
    "amount_gas_residential_mwh",
    "count_gas_residential_sites",
    "ratio_gas_residential_mwh_per_site",
)
SAID = {
    "name": "essai",
    "why": {"fr": "un opérateur", "en": "an operator"},
    "reference": "ORE",
    "checked": "2026-11-30",
}
BREAK = SAID | {"indicators": [MWH], "territories": ["67"], "period": "2019", "kind": "operators"}
JUMP = {"indicators": [SITES], "territories": ["68"], "period": "2020"}


@pytest.fixture
def catalogue(tmp_path):
    rows = [
        (code, period, name, value)
        for code in ("67", "68")
        for period in ("2018", "2019", "2020")
        for name, value in ((MWH, 100.0), (SITES, 10.0))
    ]
    frame = pd.DataFrame(rows, columns=["territory", "period", "indicator", "value"])
    found = Catalogue(tmp_path)
    found.store(figures(frame), sidecar("test/gas"))
    return found


def write(catalogue, **heads):
    path = catalogue.root / "parameters" / "breaks.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(heads), encoding="utf-8")


def notes(catalogue, *codes):
    found = Panel(panel.validate(panel.build(catalogue)))
    rows = found.frame[found.frame["territory"].isin(codes)]
    return {
        tuple(row[:3]): row[3]
        for row in rows[["indicator", "territory", "period", "note"]].to_numpy()
        if row[3]
    }


def test_the_first_figure_after_a_break_is_marked_and_the_rates_of_it(catalogue):
    assert notes(catalogue, "67", "68") == {}
    write(
        catalogue,
        breaks=[BREAK],
        unexplained=[JUMP],
        explained=[SAID | JUMP | {"name": "other", "period": "2019"}],
    )
    assert notes(catalogue, "67", "68") == {
        (MWH, "67", "2019"): "break_operators",
        (RATE, "67", "2019"): "break_operators",
        (SITES, "68", "2020"): "jump_unexplained",
        (RATE, "68", "2020"): "jump_unexplained",
    }
    alsace = {key: note.split()[1:] for key, note in notes(catalogue, "6AE").items()}
    assert {key: marks for key, marks in alsace.items() if marks} == {
        (MWH, "6AE", "2019"): ["break_operators"],
        (RATE, "6AE", "2019"): ["break_operators"],
        (SITES, "6AE", "2020"): ["jump_unexplained"],
        (RATE, "6AE", "2020"): ["jump_unexplained"],
    }


@pytest.mark.parametrize(
    ("heads", "error", "told"),
    [
        ({"breaks": [BREAK | {"period": "2017"}]}, BreakError, "no figure"),
        ({"breaks": [BREAK | {"kind": "mystery"}]}, EntryError, "operators"),
        ({"breaks": [{k: v for k, v in BREAK.items() if k != "why"}]}, EntryError, "why"),
        ({"breaks": [BREAK | {"why": {"fr": "seul"}}]}, EntryError, "fr and en"),
        ({"breaks": [BREAK | {"indicators": ["amount_gaz"]}]}, EntryError, "amount_gaz"),
        ({"breaks": [BREAK | {"territories": "67"}]}, EntryError, "a list"),
        ({"breaks": [BREAK | {"territories": ["999"]}]}, EntryError, "999"),
        ({"breaks": [BREAK | {"period": "19"}]}, EntryError, "19"),
        ({"breaks": [BREAK | {"checked": "hier"}]}, EntryError, "hier"),
        ({"breaks": [BREAK], "unexplained": [{k: BREAK[k] for k in JUMP}]}, BreakError, "twice"),
        ({"ruptures": []}, EntryError, "ruptures"),
    ],
)  # fmt: skip
def test_a_malformed_entry_is_refused_by_name(catalogue, heads, error, told):
    write(catalogue, **heads)
    with pytest.raises(error, match=told):
        panel.build(catalogue)


def test_a_rate_breaks_where_its_terms_do():
    """« prime d'activité per 1000 people » rose in January 2019 as the number did, and the dictionary did not say so."""
    names = dictionary()
    for name, entry in names.items():
        of_terms = {when[:4]: term for term in entry.terms for when in names[term].breaks}
        lost = set(of_terms) - {when[:4] for when in entry.breaks} - _ELSEWHERE.get(name, set())
        assert not lost, (name, lost)


_ELSEWHERE = {
    "amount_departement_insertion_per_recipient": {"2011"},
    "amount_departement_rsa_allowance_per_recipient": {"2011"},
    "rate_rsa_per_100_poor_households": {"2013", "2023"},
}
"""RSA overseas begins in 2011: no figure is there before. The poor households of the last are those of 2021 at most."""


def test_what_is_marked_is_read_from_a_series(catalogue):
    write(catalogue, breaks=[BREAK])
    series = Panel(panel.build(catalogue)).series(MWH, "67")
    entry = dictionary()[MWH]
    assert breaks.cuts(series, entry) == ["2018", "2019"]
    assert breaks.kinds(series, ["2018", "2019"]) == {"2019": "operators"}
    assert breaks.cuts(series.drop(columns="note"), entry) == ["2018"]
