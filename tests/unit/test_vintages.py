"""The freshness board and the register of addresses: nothing is newest without what it rests on and when it was seen."""

import csv
import re
from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from typer.testing import CliRunner

from analysis.cli.command import whole
from analysis.data import existing, sources
from analysis.data.catalogue import LOCAL, Catalogue
from analysis.data.sources.remote import Remote
from analysis.foundations.cells import figures
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.entries import EntryError
from analysis.foundations.periods import period
from analysis.foundations.web import Unreachable
from analysis.reports import addresses, vintages
from tests.conftest import SHARED
from tests.unit.test_catalogue import sidecar

ACCESS = {
    "proven": "proven",
    "inferred": "inferred",
    "frozen": "stopped",
    "hand": "by_hand",
    "none": "none",
    "not": "inferred",
}
"""What the first word of a status of the list of addresses is in the register."""


@pytest.fixture(scope="module")
def register():
    return addresses.register(Catalogue())


@pytest.fixture(scope="module")
def board():
    return vintages.board(Catalogue())


def test_every_dataset_of_the_project_has_an_entry_and_each_entry_is_one(register):
    held = {name for name in sources.datasets() if not name.startswith(f"{LOCAL}/")}
    lacking = sorted(held - set(register.entries))
    assert not lacking, f"give each an entry in data/raw/parameters/addresses.yml: {', '.join(lacking)}"
    for name, one in register.entries.items():
        assert bool(one.title and one.producer) != (name in held), f"{name}: a title is for what is not held"
        assert not one.of or one.of in Catalogue().sidecar(name).indicators, name


def test_each_of_the_81_addresses_is_answered_for(register):
    """The list of machine addresses at hand, row by row: its access, its machines, the year of the newest vintage."""
    path = SHARED / "connectors" / "addresses.csv"
    if not path.exists():
        pytest.skip("needs connectors/addresses.csv, kept beside the project and absent here")
    with path.open(encoding="utf-8", newline="") as rows:
        listed = {row["dataset"]: row for row in csv.DictReader(rows)}
    assert len(listed) == 81
    for name, row in listed.items():
        one, status = register.entries[name], row["status"]
        assert one.access == ("silent" if "silent" in status else ACCESS[status.split()[0]]), name
        told = f"{row['best_address']} {row['access_kind']} {row['layout']} {row['remark']}"
        known = told + (FILOSOFI if "7756855" in told else "") + (DATA_GOUV if "data.gouv" in told else "")
        known += (
            listed["france_travail/recruitment_projects"]["best_address"] if "same dataset" in told else ""
        )
        assert all(address.split("/")[2] in known for address in one.addresses), name
        seen = row["newest_vintage_seen"]
        if one.newest and name not in OTHERWISE:
            assert str(one.newest.last_day.year) in seen or "2026" in seen, name


FILOSOFI, DATA_GOUV = "https://www.insee.fr/", "https://www.data.gouv.fr/"
OTHERWISE = {
    "ditp/barometer_2017_2022": "its last figures are of December 2022, its last update of January 2023",
    "insee/filosofi_2020_breakdowns": "2023 is by the person's age, which does not compare: the remark tells of it",
}


def test_what_is_fetched_comes_from_the_machines_and_by_the_grammar_of_the_register(register):
    """One of the two that changes alone would send a person to an address that nothing calls."""
    fetched = {name: entry.remote for name, entry in sources.datasets().items() if entry.remote}
    assert len(fetched) >= 28
    for name, remote in fetched.items():
        told = {address.split("/")[2] for address in register.entries[name].addresses}
        assert set(remote.hosts) <= told, name
        grammars = {type(one).__module__.rpartition(".")[2] for one in remote.connectors}
        assert grammars == {register.entries[name].connector}, name


def test_of_the_datasets_not_typed_by_hand_28_to_33_have_an_address(board):
    """Those of the list of addresses; datasets that are taken in later have their own."""
    listed = [one for one in board.held if one.access not in ("by_hand", "not_sought")]
    proven = sum(1 for one in listed if one.access == "proven")
    assert (proven >= 28, sum(1 for one in listed if one.access in addresses.ASKED) >= 33) == (True, True)
    assert board.having("by_hand") >= 22


def test_nothing_is_newest_without_what_it_rests_on_and_when_it_was_seen(board):
    for one in board.standings:
        assert bool(one.newest) == bool(one.rests) == bool(one.seen), one.dataset
        assert one.behind is None or one.behind >= 0


def test_a_figure_later_than_those_held_is_said_to_exist(board):
    """By an entry of the register of what exists; what grows each week has no period of its own to tell of."""
    exists = [one for one in existing.register(Catalogue()).entries if one.state == "not_held" and one.last]
    behind = [one for one in board.held if one.behind and one.address.every != "continuous"]
    lacking = [
        one.dataset
        for one in behind
        if not any(one.dataset in e.datasets and e.last.last_day >= one.newest.last_day for e in exists)
    ]
    assert len(behind) > 20
    assert not lacking, f"give each an entry in data/raw/parameters/existing.yml: {', '.join(lacking)}"


# ----------------------------------------------------------------------------------------------- on small data of ours

ENTRY = "access: proven, connector: opendatasoft, addresses: ['https://data.example.org/x']"


def catalogue(tmp_path, *entries, **more):
    (tmp_path / "parameters").mkdir(parents=True, exist_ok=True)
    written = "".join(f"  {name}: {{{entry}}}\n" for name, entry in entries)
    head = 'seen: "2026-11"\nread: 2026-11-30\naddresses:\n'
    (tmp_path / "parameters" / "addresses.yml").write_text(head + written, encoding="utf-8")
    for name, text in more.items():
        (tmp_path / "parameters" / f"{name}.yml").write_text(text, encoding="utf-8")
    there = Catalogue(tmp_path)
    rows = [("count_domiciled_people", "2023", 5.0), ("count_rsa_recipients", "2021", 5.0)]
    frame = pd.DataFrame(rows, columns=["indicator", "period", "value"]).assign(territory="67")
    there.store(figures(frame), sidecar("test/one"))
    return there


EXISTING = """entries:
  later: {{state: not_held, datasets: [test/one], territories: [{places}], first: "2024", last: "2025", producer: P,
          title: {{fr: Un titre, en: A title}}, address: "https://www.example.org/", looked: 2026-11-29}}
"""


@pytest.mark.parametrize(
    ("entry", "exists", "answer", "said"),
    [
        (
            f"{ENTRY}, newest: '2024', seen: '2026-09'",
            "departements",
            None,
            ("2024", "address", "2026-09", 366),
        ),
        (f"{ENTRY}, newest: '2024'", "departements", None, ("2024", "address", "2026-11", 366)),
        (f"{ENTRY}, newest: '2024'", "departements", Newest("2024"), ("2024", "producer", "", 366)),
        (
            f"{ENTRY}, newest: '2024'",
            "departements",
            Newest("no period"),
            ("2024", "address", "2026-11", 366),
        ),
        (f"{ENTRY}, newest: '2022'", "departements", None, ("2022", "address", "2026-11", 0)),
        (ENTRY, "departements", None, ("2025", "register", "2026-11-29", 731)),
        (ENTRY, "'67'", None, (None, "", "", None)),
        (
            f"{ENTRY}, newest: '2022', of: count_rsa_recipients",
            "'67'",
            None,
            ("2022", "address", "2026-11", 365),
        ),
    ],
)
def test_the_newest_known_is_the_latest_with_what_it_rests_on(tmp_path, entry, exists, answer, said):
    there = catalogue(tmp_path, ("test/one", entry), existing=EXISTING.format(places=exists))
    (one,) = vintages.board(there, {"test/one": answer} if answer else {}).standings
    assert (one.newest and one.newest.text, one.rests, one.seen, one.behind) == said


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("every: year, newest: '2024', published: 2025-03-01", ("2025", date(2026, 3, 1))),
        ("every: quarter, newest: 2024-Q4, delay: 80", ("2025-Q1", date(2025, 6, 19))),
        ("every: half_year, newest: 2024-S2", ("2025-S1", None)),
        ("every: year, newest: 2024-12", ("2025-12", None)),
        ("every: year, newest: 2024-2025", ("2025-2026", None)),
        ("every: continuous, newest: 2024-12", None),
        ("newest: '2024'", None),
        ("every: year, newest: '2019'", ("2024", None)),
    ],
)
def test_the_next_is_expected_after_the_newest_that_is_held_or_known(tmp_path, entry, expected):
    (one,) = vintages.board(catalogue(tmp_path, ("test/one", f"{ENTRY}, {entry}"))).standings
    assert (one.next and (one.next.text, one.due)) == expected


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("access: certain", "expected proven"),
        ("access: proven", "`connector` and `addresses` go with access"),
        (f"{ENTRY}, newest: soon", "soon"),
        (f"{ENTRY}, seen: '2026-13'", "no day, month or year"),
        (f"{ENTRY}, published: '2026'", "no day such as"),
        ("access: by_hand, addresses: ['http://x.example.org/']", "not an https address"),
        (f"{ENTRY}, vintage: '2024'", "unknown keys vintage"),
    ],
)
def test_an_entry_that_is_wrong_is_refused_with_its_place(tmp_path, entry, expected):
    with pytest.raises(EntryError, match=r"addresses\.yml, line 4, addresses\.test/one") as refused:
        vintages.board(catalogue(tmp_path, ("test/one", entry)))
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    ("text", "months", "expected"),
    [("2024-11", 3, "2025-02"), ("2024-Q4", 3, "2025-Q1"), ("2024-2025", 12, "2025-2026")],
)
def test_a_period_that_begins_later_has_the_same_form(text, months, expected):
    assert period(text).later(months).text == expected


# ------------------------------------------------------------------------------------------------------------ command


@pytest.mark.parametrize("columns", ["160", "80"])
def test_the_command_says_of_each_newest_when_it_was_seen(columns, board):
    done = CliRunner(env={"COLUMNS": columns}).invoke(whole(), ["data", "status"])
    assert done.exit_code == 0
    assert done.stdout.count("seen") >= sum(1 for one in board.standings if one.newest)
    assert re.search(
        r"of the \d+ others, \d+ have an address that public code calls, \d+ more one", done.stdout
    )


class Machine:
    """A producer's machine that says a vintage, or gives no answer."""

    def __init__(self, said):
        self.said, self.host = said, "127.0.0.1" if said else "localhost"

    def newest(self, client):
        if self.said is None:
            raise Unreachable("localhost cannot be reached", self.host)
        return self.said

    def fetch(self, client, folder):
        raise AssertionError("a board fetches nothing")


def test_producers_are_asked_and_those_that_do_not_answer_are_named(monkeypatch):
    """A day of change that is no period leaves the register's newest, and a machine that is silent is named once."""
    told = {
        "insee/unemployment_quarterly": [Newest("2026-Q3", date(2026, 11, 18)), Newest("2026-Q4")],
        "logement/vacancy": [Newest("2026-12-01", date(2026, 12, 1))],
        "logement/rents": [None],
        "logement/permits": [None],
    }
    known = sources.datasets()
    remote = {name: Remote(tuple(map(Machine, said))) for name, said in told.items()}
    changed = {name: replace(entry, remote=remote.get(name)) for name, entry in known.items()}
    monkeypatch.setattr("analysis.data.sources.datasets", lambda: changed)
    done = CliRunner(env={"COLUMNS": "170"}).invoke(whole(), ["data", "status", "--ask"])
    said = {line.split()[0]: line for line in done.stdout.splitlines() if line}
    assert "2026-Q3" in (line := said["insee/unemployment_quarterly"]) and "2026-Q4" in line
    assert "its producer, asked now, modified 2026-11-18" in line
    assert re.search(
        r" 2026 .*public code, 8 sources, seen 2026-11, modified 2026-12-01", said["logement/vacancy"]
    )
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "localhost cannot be reached" in done.stderr


def test_a_revision_that_its_producer_dates_counts_as_days_behind(tmp_path):
    """Of what was fetched, the sidecar has the producer's own day."""
    there = catalogue(tmp_path, ("test/one", f"{ENTRY}, newest: '2023'"))
    frame = there.figures("test/one")
    there.store(frame, replace(there.sidecar("test/one"), modified="2026-09-01"))
    for answer, days in (
        (None, 0),
        (Newest("x", date(2026, 9, 1)), 0),
        (Newest("x", date(2026, 11, 10)), 70),
    ):
        (one,) = vintages.board(there, {"test/one": answer} if answer else {}).standings
        assert one.behind == days


def test_a_checkout_without_a_register_has_a_board(tmp_path, monkeypatch):
    """Of datasets that no loader reads either: nothing is known of them, and that is said."""
    there = catalogue(tmp_path / "data" / "raw")
    (tmp_path / "data" / "raw" / "parameters" / "addresses.yml").unlink()
    monkeypatch.setenv("PACTE_HOME", str(tmp_path))
    (one,) = (board := vintages.board(there)).standings
    assert (board.read, board.fetched, one.access, one.newest, one.behind) == (
        None,
        0,
        "not_sought",
        None,
        None,
    )
    done = CliRunner(env={"COLUMNS": "160"}).invoke(whole(), ["data", "status"])
    assert done.exit_code == 0 and "no address was looked for" in done.stdout
