"""What a person sees while files arrive, and how what is under way ends."""

import io

import pytest
from rich.console import Console

from analysis.cli.arriving import Arriving
from analysis.data.sources import fetching
from analysis.foundations.connectors.bringing import bring
from analysis.foundations.limits import SourceError
from tests.producer import CONTENT, FILE, dataset, serving


@pytest.fixture
def producer(monkeypatch, tmp_path):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PACTE_CACHE", str(tmp_path))
    with serving() as found:
        found.bodies[FILE] = CONTENT
        yield found


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_is_told_of_what_is_under_way_and_nothing_else_is(producer, terminal):
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=terminal, width=100)
    with Arriving([dataset(producer.url())], console) as arriving:
        found = list(bring(arriving.resources, arriving.client, arriving.begun, arriving.stop))
        arriving.ended()
    assert len(found) == 1
    assert ("fake/domiciled 0.0 MB" in shown.getvalue()) is terminal
    assert terminal or not shown.getvalue()


def test_what_is_under_way_ends_once_the_person_has_left(producer):
    with Arriving([dataset(producer.url())]) as arriving:
        pass
    ((_, answer),) = bring(arriving.resources, arriving.client)
    assert isinstance(answer, SourceError)
    assert "was stopped" in str(answer)
    with pytest.raises(SourceError, match="stopped while waiting"):
        arriving.client._wait(300)
    assert fetching.remote_of(dataset(producer.url())).hosts == ("127.0.0.1",)
