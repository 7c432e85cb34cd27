"""What is common to all territories is computed once, and again only when it could come out otherwise."""

from __future__ import annotations

import json
import os
import pickle
import socket

import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.data.processed import panel_path
from analysis.foundations.observation import FigureRead, observing
from analysis.methods.indicators import energy
from analysis.reports.kept import fingerprint, freshness, shared
from analysis.reports.kept.encoding import written
from tests.reports.test_incremental import BASE, keep

CALLS = []


def total(panel, catalogue) -> float:
    """Sum of two figures; the parameter file is read too when it is there."""
    CALLS.append(1)
    return sum(panel.value("count_domiciled_people", code, "2023").value for code in ("67", "2A"))


def scaled(panel, catalogue, by) -> float:
    return by * total(panel, catalogue)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A checkout in miniature, and two functions that stand in the package, where those that are named must be."""
    for function in (total, scaled):
        monkeypatch.setattr(energy, function.__name__, function, raising=False)
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
    asked = lambda: shared.of_project("test.total", "analysis.methods.indicators.energy:total")  # noqa: E731
    assert (asked(), len(CALLS)) == (150, 1)
    with monkeypatch.context() as closed:
        closed.setattr(Panel, "open", None)
        assert (asked(), len(CALLS)) == (150, 1)
    keep(root, **{**BASE, "t67_2023": 101.0})
    assert (asked(), CALLS[1:]) == (151, [1])


def test_changed_code_makes_it_again(root, monkeypatch):
    monkeypatch.setattr(total, "__module__", "analysis.methods.indicators.energy")
    ask()
    real = freshness.Present.code
    changed = lambda self, path: "x" if path == "methods/indicators/energy.py" else real(self, path)  # noqa: E731
    monkeypatch.setattr(freshness.Present, "code", changed)
    present(root)
    assert not list(shared.folder().glob("*.result"))
    assert (ask()[0], len(CALLS)) == (150, 2)


def test_another_version_of_a_library_makes_it_again(root, monkeypatch):
    ask()
    monkeypatch.setattr(fingerprint, "libraries", lambda: {"python": "4.0"})
    assert (ask()[0], len(CALLS)) == (150, 2)


def test_a_function_may_be_named_and_takes_arguments(root):
    found = [
        shared.common("test.named", "analysis.methods.indicators.energy:scaled", Panel.open(), 3)
        for _ in range(2)
    ]
    assert found == [450, 450] and len(CALLS) == 1


PLACE = "test.total.result"


def result():
    return shared.folder() / PLACE


def forged(payload, **head):
    """What is kept, with other content under a head that says that it is whole."""
    found = vars(shared._header(result())[0]) | {"sha256": shared.sha256_of(payload)} | head
    return shared._Kept(**found).to_json() + payload


def text(name):
    return b"X" + len(name).to_bytes(4, "little") + name.encode()


def pickled(module, name, *arguments):
    """A pickle that calls something by its name, dots included."""
    given = b"".join(map(text, arguments))
    return b"\x80\x04" + text(module) + text(name) + b"\x93(" + given + b"tR."


def old(payload, **head):
    """A result as it was kept before, a pickle under a head of its time."""
    found = vars(shared._header(result())[0]) | {"sha256": shared.sha256_of(payload)} | head
    found.pop("name")
    return json.dumps(found).encode() + b"\n" + payload


SPOILED = {
    "cut": lambda content: content[:-3],
    "altered": lambda content: content[:-1] + b"x",
    "empty": lambda content: b"",
    "headless": lambda content: content.partition(b"\n")[2],
    "huge": lambda content: content + b" " * shared.LARGEST,
    "deep": lambda content: b"[" * 100_000,
    "an older pickle": lambda content: old(pickle.dumps(7)),
    "a pickle under a head of today": lambda content: forged(pickle.dumps(7)),
    "of another type": lambda content: forged(written("a text")),
    "of no type": lambda content: forged(written(None)),
    "of another name": lambda content: forged(written(7), name="test.other"),
    "with a head of other types": lambda content: forged(written(7), code=5),
    "with names that are no list": lambda content: forged(written(7), modules={"a": 1}),
    "with reads that are none": lambda content: forged(written(7), reads={"count_domiciled_people": [["67"]]}),
    "with reads of other types": lambda content: forged(written(7), reads={"count_domiciled_people": [[1, None, "x"]]}),
    "made from a file elsewhere": lambda content: forged(written(7), files={"../../../../dev/zero": ""}),
    "made from code elsewhere": lambda content: forged(written(7), code={"/dev/zero": ""}),
}  # fmt: skip


@pytest.mark.parametrize("name", SPOILED)
def test_what_was_damaged_or_forged_is_computed_again(root, name):
    ask()
    result().write_bytes(SPOILED[name](result().read_bytes()))
    assert (ask()[0], len(CALLS)) == (150, 2)
    assert (ask()[0], len(CALLS)) == (150, 2)
    result().write_bytes(SPOILED[name](result().read_bytes()))
    present(root)
    assert (ask()[0], len(CALLS)) == (150, 3)


def test_a_forged_number_is_a_wrong_number_and_nothing_else(root):
    ask()
    result().write_bytes(forged(written(7)))
    assert (ask()[0], len(CALLS)) == (7, 1)


GADGETS = (
    ("analysis.data.catalogue", "os.system", "touch MARK"),
    ("analysis.reports.kept.shared", "os.system", "touch MARK"),
    ("pandas", "read_pickle", "SLY"),
    ("numpy", "load", "SLY"),
    ("analysis.reports.kept.shared", "_called", "os:getcwd"),
    ("analysis.foundations.files", "write_whole", "MARK"),
    ("numpy", "ndarray.tofile", "MARK"),
    ("posix", "system", "touch MARK"),
    ("builtins", "exec", "open('MARK', 'w')"),
    ("pandas.io.common", "os.system", "touch MARK"),
)


@pytest.mark.parametrize(("module", "name", "argument"), GADGETS, ids=lambda part: part)
@pytest.mark.parametrize("kept", [old, forged], ids=["as before", "as today"])
def test_a_kept_result_runs_nothing(root, monkeypatch, module, name, argument, kept):
    ask()
    monkeypatch.chdir(root)
    (root / "SLY").write_bytes(pickled("os", "system", "touch MARK"))
    result().write_bytes(kept(pickled(module, name, argument)))
    assert (ask()[0], len(CALLS)) == (150, 2)
    assert not (root / "MARK").exists()


def folder_in_place(path):
    (path / "inside").mkdir(parents=True)


def link_in_place(path):
    elsewhere = path.with_name("elsewhere")
    elsewhere.write_bytes(b"mine")
    path.symlink_to(elsewhere)


def socket_in_place(path):
    place = socket.socket(socket.AF_UNIX)
    place.bind(os.path.relpath(path))
    place.close()


IN_PLACE = {
    "a folder": folder_in_place,
    "a link": link_in_place,
    "a link to nothing": lambda path: path.symlink_to(path.with_name("nothing")),
    "a pipe": os.mkfifo if hasattr(os, "mkfifo") else None,
    "a socket": socket_in_place if hasattr(socket, "AF_UNIX") else None,
}


@pytest.mark.parametrize("ending", [".result", ".lock"])
@pytest.mark.parametrize("name", [name for name, put in IN_PLACE.items() if put])
def test_what_is_no_file_makes_way(root, monkeypatch, name, ending):
    ask()
    path = result().with_suffix(ending)
    monkeypatch.chdir(path.parent)
    for tidy in (lambda: None, lambda: present(root)):
        calls = len(CALLS)
        result().unlink()
        path.unlink(missing_ok=True)
        IN_PLACE[name](path)
        tidy()
        assert [ask()[0], ask()[0], len(CALLS)] == [150, 150, calls + 1]
    elsewhere = path.with_name("elsewhere")
    assert not elsewhere.exists() or elsewhere.read_bytes() == b"mine"


def test_where_nothing_can_be_kept_a_result_is_computed_each_time_and_that_is_said_once(
    root, monkeypatch, capsys
):
    shared.folder().parent.mkdir(exist_ok=True)
    shared.folder().write_bytes(b"in the way")
    assert [ask()[0], ask()[0], len(CALLS)] == [150, 150, 2]
    assert capsys.readouterr().err.count("computed each time") == 1
    panel = Panel.open()
    with pytest.raises(OSError):
        shared.keep(shared.Wanted("test.total", "analysis.methods.indicators.energy:total", ()), panel)


def test_code_that_is_imported_only_to_compute_is_code_behind_the_result(root, monkeypatch):
    def lazy(panel, catalogue):
        from analysis.estimation import small_area

        return small_area.__name__

    shared.common("test.lazy", lazy, Panel.open())
    head, _ = shared._header(shared.folder() / "test.lazy.result")
    assert "estimation/small_area.py" in head.code


@pytest.mark.parametrize(
    "name",
    ["os:getcwd", "operator:is_", "analysis.reports.kept.shared:_made", "analysis.foundations.files:write_whole",
     "analysis.cli.command:main"],
)  # fmt: skip
def test_only_functions_of_the_package_that_compute_results_are_called_by_name(root, name):
    with pytest.raises(ValueError, match="expected a function of"):
        shared.common("test.named", name, Panel.open())


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
    with pytest.raises(ValueError, match="cannot be kept"):
        shared.common("test.sly", lambda panel, catalogue: os.getcwd, Panel.open())


def test_a_table_is_read_back(root):
    keeps = lambda panel, catalogue: (panel.frame, {"a": (1.5, None)})  # noqa: E731
    first, second = (shared.common("test.frame", keeps, Panel.open()) for _ in range(2))
    pd.testing.assert_frame_equal(first[0], second[0])
    assert first[1] == second[1]
