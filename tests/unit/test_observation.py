"""What is read is observed: figures by indicator, territory and period, files by name."""

import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations.observation import (
    EVERYTHING,
    FigureRead,
    figures_read,
    observing,
)


@pytest.fixture(scope="module")
def panel():
    return Panel.open()


def test_a_read_is_kept_with_its_territory_and_period(panel):
    with observing() as reads:
        panel.value("rate_unemployment", "67", "2024-Q4")
        panel.series("rate_unemployment", "68")
    assert reads.figures == {
        FigureRead("rate_unemployment", "67", "2024-Q4"),
        FigureRead("rate_unemployment", "68", EVERYTHING),
    }


def test_asking_which_periods_exist_does_not_depend_on_their_values(panel):
    with observing() as reads:
        panel.latest("rate_unemployment", "67")
        panel.reference("count_population")
    assert all(read.coverage for read in reads.figures)


def test_a_distribution_depends_on_every_departement(panel):
    with observing() as reads:
        panel.cross_section("rate_unemployment", "2024-Q4")
    assert reads.figures == {FigureRead("rate_unemployment", "departements", "2024-Q4")}


def test_parameters_sidecars_and_local_figures_are_files(panel):
    catalogue = Catalogue()
    with observing() as reads:
        catalogue.parameters("peers")
        catalogue.sidecar("drees/oarsa_2015_2018")
        panel.local("67")
    assert reads.files == {"parameters/peers.yml", "drees/oarsa_2015_2018.source.yml", "local/"}


def test_nothing_is_kept_outside_and_an_inner_block_keeps_its_own(panel):
    figures_read("x", None, None)
    with observing() as outer:
        with observing() as inner:
            figures_read("x", ["67"], None)
        figures_read("y", None, ["2024"])
    assert {r.indicator for r in inner.figures} == {"x"}
    assert outer.figures == {FigureRead("y", EVERYTHING, "2024")}
