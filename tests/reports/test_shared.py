"""What is common to all territories is computed once, and again only when it could come out otherwise."""

from __future__ import annotations

import os
import pickle

import pandas as pd
import pytest

from analysis.catalogue import Catalogue
from analysis.observation import FigureRead, observing
from analysis.panel import Panel
from analysis.processed import panel_path
from analysis.reports import freshness, provenance, shared
from tests.reports.test_incremental import BASE, keep

CALLS = []


def total(panel, catalogue):
    """Sum of two figures; the parameter file is read too when it is there."""
    CALLS.append(1)
    return sum(panel.value("count_domiciled_people", code, "2023").value for code in ("67", "2A"))


def scaled(panel, catalogue, by):
    return by * total(panel, catalogue)


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("PACTE_HOME", str(tmp_path))
    keep(tmp_path, **BASE)
    CALLS.clear()
    return tmp_path


def ask():
    with observing() as reads:
        found = shared.common("test.total", total, Panel.open())
    return found, reads


def present(root):
    """What a batch finds before it starts."""
    Panel.open()
    there = freshness.Present(Catalogue(), panel_path(root), root / "records", {}, shared.folder())
    shared.refresh(there, shared.folder())
    return there


def test_it_is_computed_once_and_every_report_is_held_to_what_it_read(root):
    first, seen = ask()
    second, again = ask()
    assert (first, second, len(CALLS)) == (150, 150, 1)
    assert seen.figures == again.figures == {
        FigureRead("count_domiciled_people", code, "2023") for code in ("67", "2A")
    }  # fmt: skip


def test_only_figures_that_it_read_make_it_again(root):
    ask()
    present(root).keep_snapshot()
    keep(root, **{**BASE, "t67_2024": 111.0})
    present(root)
    assert (ask()[0], len(CALLS)) == (150, 1)
    present(root).keep_snapshot()
    keep(root, **{**BASE, "t67_2024": 111.0, "t67_2023": 101.0})
    present(root)
    assert (ask()[0], len(CALLS)) == (151, 2)
    assert len(list(shared.folder().glob("figures-*"))) <= 1


def test_outside_a_batch_other_figures_are_never_answered_with_what_was_kept(root):
    ask()
    keep(root, **{**BASE, "t67_2023": 101.0})
    assert (ask()[0], len(CALLS)) == (151, 2)


def test_what_is_kept_is_given_without_opening_the_panel_while_it_is_that_of_the_figures(root, monkeypatch):
    asked = lambda: shared.of_project("test.total", f"{__name__}:total")  # noqa: E731
    assert (asked(), len(CALLS)) == (150, 1)
    monkeypatch.setattr(Panel, "open", None)
    assert (asked(), len(CALLS)) == (150, 1)
    monkeypatch.undo()
    monkeypatch.setenv("PACTE_HOME", str(root))
    keep(root, **{**BASE, "t67_2023": 101.0})
    assert (asked(), CALLS[1:]) == (151, [1])


def test_changed_code_makes_it_again(root, monkeypatch):
    monkeypatch.setattr(total, "__module__", "analysis.indicators.energy")
    ask()
    real = freshness.Present.code
    changed = lambda self, path: "x" if path == "indicators/energy.py" else real(self, path)  # noqa: E731
    monkeypatch.setattr(freshness.Present, "code", changed)
    present(root)
    assert not list(shared.folder().glob("*.result"))
    assert (ask()[0], len(CALLS)) == (150, 2)


def test_another_version_of_a_library_makes_it_again(root, monkeypatch):
    ask()
    monkeypatch.setattr(provenance, "libraries", lambda: {"python": "4.0"})
    assert (ask()[0], len(CALLS)) == (150, 2)


def test_a_function_may_be_named_and_takes_arguments(root):
    found = [shared.common("test.named", f"{__name__}:scaled", Panel.open(), 3) for _ in range(2)]
    assert found == [450, 450] and len(CALLS) == 1


class Sly:
    def __reduce__(self):
        return os.getcwd, ()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line, payload: (line + b"\n" + payload)[:-3],
        lambda line, payload: line + b"\n" + payload[:-1] + b"x",
        lambda line, payload: b"",
        lambda line, payload: payload,
        lambda line, payload: shared._Kept(
            **(vars(shared._header(shared.folder() / "test.total.result")[0])
               | {"sha256": shared.sha256_of(pickle.dumps(Sly()))})
        ).to_json() + pickle.dumps(Sly()),
    ],
    ids=["cut", "altered", "empty", "headless", "an object that would run code"],
)  # fmt: skip
def test_what_was_damaged_or_forged_is_computed_again(root, spoil):
    ask()
    path = shared.folder() / "test.total.result"
    path.write_bytes(spoil(*path.read_bytes().split(b"\n", 1)))
    assert (ask()[0], len(CALLS)) == (150, 2)
    assert (ask()[0], len(CALLS)) == (150, 2)


def test_on_figures_of_your_own_nothing_is_kept(root):
    panel = Panel.open()
    own = Panel(panel.frame)
    wider = panel.plus(pd.DataFrame(columns=panel.frame.columns))
    assert [shared.common("test.total", total, one) for one in (own, wider)] == [150, 150]
    assert not shared.folder().exists()


def test_names_are_not_paths(root):
    with pytest.raises(ValueError, match="lower-case"):
        shared.common("../x", total, Panel.open())


def test_what_could_not_be_read_back_is_refused_at_once(root):
    with pytest.raises(pickle.UnpicklingError, match="has no place"):
        shared.common("test.sly", lambda panel, catalogue: os.getcwd, Panel.open())


def test_a_table_is_read_back(root):
    keeps = lambda panel, catalogue: (panel.frame, {"a": (1.5, None)})  # noqa: E731
    first, second = (shared.common("test.frame", keeps, Panel.open()) for _ in range(2))
    pd.testing.assert_frame_equal(first[0], second[0])
    assert first[1] == second[1]
