"""From machines of ours to the figures: what comes is held against what is expected; what is held stays until it fits."""

import threading
from dataclasses import replace

import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.sources import fetching
from analysis.data.sources.base import Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy
from analysis.foundations.connectors.bringing import Arrived, bring
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.limits import SourceError
from analysis.presentation.narrative.origins import vintage
from tests.producer import snapshot
from tests.producers import PAGE, Reply, as_json, client, error, moved, opendatasoft, resumable, serving

NAME, ID = "fake/people", "personnes"
PATH = f"/api/explore/v2.1/catalog/datasets/{ID}"
HEAD = "mois;code_departement;serie;sexe;valeur\n"
READER = Tidy(
    "code_departement", "mois", {"DOM": "count_domiciled_people"}, series=("serie",), value="valeur",
    filters={"sexe": "Total"}, codes={"NA": None},
)  # fmt: skip
PLACES = ("01", "67", "2A", "971")
OLD = ("2024-12", "2025-12")
HELD = "2024-12 – 2025-12 (2026-01-20)"


def table(*periods, places=PLACES, value=lambda place, when: 100 + PLACES.index(place), more=()):
    """The rows of an export: a figure by place and period, a margin, and whatever else is given."""
    rows = [f"{when};{place};DOM;Total;{value(place, when)}" for when in periods for place in places]
    rows += [f"{when};NA;DOM;Total;9999" for when in periods]
    return HEAD + "\n".join([*rows, *(f"{when};01;DOM;Femmes;50" for when in periods), *more]) + "\n"


def dataset(machine, name=NAME, identifier=ID, **said):
    facts = dict.fromkeys(("producer", "title", "licence", "vintage", "perimeter"), "x") | {
        "url": "https://producer.example", "files": ("people.csv",), "load": READER,
    }  # fmt: skip
    known = {"columns": tuple(HEAD.strip().split(";")), "categories": {"sexe": ("Total", "Femmes")}}
    return Dataset(name=name, **facts, remote=Remote((Table(machine.portal, identifier),), **known | said))


@pytest.fixture
def machine(monkeypatch, tmp_path):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("PACTE_CACHE", str(tmp_path / "cache"))
    with serving() as found:
        yield found


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "raw")


def publish(machine, text, modified="2026-01-20", identifier=ID):
    opendatasoft(machine, identifier, text, modified=f"{modified}T08:00:00+00:00")


def asked_of(*entries):
    return {entry.name: entry.remote.connectors for entry in entries}


def fetch(machine, catalogue, accept=False, asking=None, **said):
    entry = dataset(machine, **said)
    ((_, arrived),) = bring(asked_of(entry), asking or client(machine))
    if isinstance(arrived, SourceError):
        raise arrived
    return fetching.take_in(entry, arrived, catalogue, accept=accept)


def held(machine, catalogue):
    """The vintage that is held when a newer one comes out."""
    publish(machine, table(*OLD))
    assert fetch(machine, catalogue).first_time


# -------------------------------------------------------------------------------------------------------- what is sound


def test_a_newer_vintage_is_taken_in_with_its_day_and_the_one_before_is_kept_apart(machine, catalogue):
    held(machine, catalogue)
    assert catalogue.sidecar(NAME).quality == "producer"
    publish(
        machine,
        table(*OLD, "2026-12", value=lambda place, when: 100 + PLACES.index(place) + ("2026" in when)),
        "2027-01-20",
    )
    change = fetch(machine, catalogue)
    assert (change.added, change.removed, change.revised) == (4, 0, 0)
    assert "new period: 2026-12" in change.notes
    sidecar = catalogue.sidecar(NAME)
    assert (sidecar.vintage, sidecar.modified) == ("2024-12 – 2026-12 (2027-01-20)", "2027-01-20")
    assert vintage(sidecar.vintage, "fr") == "décembre 2024 à décembre 2026, publié le 20 janvier 2027"
    (before,) = catalogue.kept(NAME)
    assert (before.vintage, before.period_last) == (HELD, "2025-12")
    earlier = Catalogue(catalogue.root, {NAME: HELD})
    assert (len(earlier.figures(NAME)), earlier.check(NAME), len(catalogue.figures(NAME))) == (8, [], 12)


def test_what_its_producer_says_to_be_the_same_is_not_asked_for_again(machine, catalogue):
    held(machine, catalogue)
    asked = len(machine.asked)
    assert not fetch(machine, catalogue).any
    assert [one.path for one in machine.asked[asked:]] == [PATH]


def test_the_first_fetch_tells_the_values_that_the_reader_chooses_among(machine, catalogue):
    publish(machine, table(*OLD))
    assert fetch(machine, catalogue).notes == ("serie holds « DOM »", "sexe holds « Femmes », « Total »")


@pytest.mark.parametrize(
    "passing",
    [
        error(429, "too many", Retry_After="3"),
        error(503),
        Reply(table(*OLD).encode(), cut=120),
        Reply(table(*OLD).encode()[:120], announced=False),
    ],
    ids=["429", "503", "cut", "cut at a line unannounced"],
)
def test_what_passes_is_asked_for_again(machine, catalogue, passing):
    publish(machine, table(*OLD))
    machine.first(f"{PATH}/exports/csv", passing)
    assert fetch(machine, catalogue).added == 8


def test_a_masked_cell_is_suppressed_and_no_row_of_a_margin_is_added(machine, catalogue):
    held(machine, catalogue)
    publish(machine, table(*OLD).replace("2025-12;67;DOM;Total;101", "2025-12;67;DOM;Total;s"), "2026-02-20")
    fetch(machine, catalogue)
    figures = catalogue.figures(NAME)
    assert figures.loc[figures["state"] == "suppressed", ["territory", "period"]].to_numpy().tolist() == [
        ["67", "2025-12"]
    ]
    assert figures["value"].sum() == 2 * (100 + 101 + 102 + 103) - 101


# ------------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (error(404), "answered 404"),
        (error(403), "answered 403"),
        (error(401, "Missing key"), "answered 401 .« Missing key »"),
        (error(400, "offset + limit should be less than 10000"), "less than 10000"),
        (error(413), "answered 413"),
        (error(503), "answered 503"),
        (Reply(PAGE, headers={"Content-Type": "text/html"}), "a web page, not a file"),
        (as_json({"error": "moved"}), "JSON, not a CSV"),
        (Reply(b""), "an empty file"),
        (Reply(table(*OLD).encode(), cut=120), "was cut"),
        (moved("https://elsewhere.example/x.csv"), "elsewhere.example.* is not a machine that may be asked"),
        (Reply(table(*OLD).replace("serie", "nom_serie").encode()), "no column 'serie'.*nearest: 'nom_serie'"),
        (Reply(table(*OLD).replace(";DOM;", ";DOMI;").encode()), "column 'serie': no 'DOM' .nearest: 'DOMI'"),
        (Reply(table(*OLD).replace(";01;", ";00;").encode()), "holds what is no territory"),
        (Reply(table("décembre").encode()), "column 'mois': 'décembre'"),
        (Reply(table(*OLD, more=["2025-12;01;DOM;Total;7"]).encode()), "rows that appear twice"),
        (Reply(table(*OLD).replace(";103", ";beaucoup").encode()), "column 'valeur'.*beaucoup"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_and_leaves_what_is_held(machine, catalogue, answer, message):
    held(machine, catalogue)
    before = snapshot(catalogue.root)
    publish(machine, table(*OLD), "2026-02-20")
    machine.on(f"{PATH}/exports/csv", answer)
    with pytest.raises(SourceError, match=f"(?s)^{NAME}: .*{message}"):
        fetch(machine, catalogue, accept=True)  # which is no way round
    assert snapshot(catalogue.root) == before


def test_a_connector_that_meets_another_form_of_answer_says_so(machine, catalogue):
    publish(machine, table(*OLD))
    machine.on(PATH, as_json({"metas": {"default": {"modified": 20260120}}}))
    with pytest.raises(SourceError, match=f"^{NAME}: "):
        fetch(machine, catalogue)


def test_a_machine_that_is_silent_is_asked_once_for_all_its_datasets(machine, monkeypatch):
    entries = [dataset(machine, name=f"fake/{letter}") for letter in "abc"]
    asked = []
    monkeypatch.setattr(Table, "newest", lambda *_: asked.append(1) or client().json("http://127.0.0.1:9/x"))
    machine.port = 9
    answers = [answer for _, answer in bring(asked_of(*entries), client(machine))]
    assert all(isinstance(answer, SourceError) for answer in answers)


# ------------------------------------------------------------------------------------------------------ what differs

NEW = (*OLD, "2026-12")
PEOPLE = "count_domiciled_people"
SWAPPED = {"01": 50, "67": 150, "2A": 53, "971": 153}


def valued(value):
    return table(*NEW, value=lambda place, when: value(place))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (table(*NEW).replace("\n", ";x\n").replace("valeur;x", "valeur;source"), "columns: « source » came"),
        (table(*NEW).replace(";Femmes;", ";Filles;"), "categories: sexe has « Filles », not known so far; it had"),
        (table(*NEW).replace("DOM;Femmes", "AUTRE;Total"), "categories: sexe has no « Femmes » any more"),
        (table(*NEW, more=["2026-12;972;DOM;Total;9"]), "territories: 972 came, which the vintage held has not"),
        (table(*NEW, places=PLACES[:3]), "lost: 1 territories, all their figures: 971"),
        (table("2026-12"), "lost: 2 periods, all their figures: 2024-12, 2025-12"),
        (
            table(*OLD, more=["2026-12;01;DOM;Total;100"]),
            f"periods: {PEOPLE}, 2026-12: 1 territories, where others have 4",
        ),
        (table("2023-12", *OLD, "2028-12"), f"periods: {PEOPLE}: none between 2025-12 and 2028-12"),
        (table(*NEW, "2027-12"), f"periods: {PEOPLE}: 2027-12 begin after 2027-01-20"),
        (
            valued(lambda place: 120),
            f"totals: {PEOPLE}, 2024-12: total of 480, where the vintage held has 406 (+18.2%; 5% is expected)",
        ),
        (
            valued(lambda place: 0 if place == "67" else 140),
            f"zeros: {PEOPLE}: 2 figures are 0 and were not, first 67 2024-12 (101)",
        ),
        (valued(SWAPPED.__getitem__), "half of the territories moved by"),
    ],
    ids=[
        "column", "category", "category gone", "territory", "territory gone", "periods gone", "partial", "hole", "future",
        "total", "zeros", "given to others",
    ],
)  # fmt: skip
def test_what_differs_is_listed_before_anything_is_written_and_accepted_by_a_person(
    machine, catalogue, text, told
):
    held(machine, catalogue)
    before = snapshot(catalogue.root)
    publish(machine, text, "2029-01-20" if "2028" in text else "2027-01-20")
    with pytest.raises(fetching.Differs) as refused:
        fetch(machine, catalogue)
    assert told in str(refused.value)
    for said in (
        NAME,
        "127.0.0.1",
        f"`pacte data fetch {NAME} --accept`",
        f"The vintage held ({HELD}) stays",
    ):
        assert said in str(refused.value)
    assert snapshot(catalogue.root) == before
    asked = len(machine.asked)
    change = fetch(machine, catalogue, accept=True)
    assert [one.path for one in machine.asked[asked:]] == [PATH]  # what came is there still
    assert any(told in note for note in change.notes)
    assert catalogue.check(NAME) == []


def test_a_level_that_was_not_held_comes_beside_and_is_told(machine, catalogue):
    held(machine, catalogue)
    publish(machine, table(*NEW, more=["2026-12;84;DOM;Total;900"]), "2027-01-20")
    reader = replace(READER, codes={"NA": None, "84": "R84"})
    assert "came beside: R84" in fetch(machine, catalogue, load=reader).notes


def test_what_was_accepted_of_the_layout_is_expected_from_then_on_and_totals_never_are(machine, catalogue):
    held(machine, catalogue)
    publish(machine, table(*OLD, value=lambda place, when: 120).replace(";Femmes;", ";Filles;"), "2026-02-20")
    fetch(machine, catalogue, accept=True)
    accepted = catalogue.sidecar(NAME).accepted
    assert [line.partition(":")[0] for line in accepted] == ["categories", "categories"]
    publish(machine, table(*NEW, value=lambda place, when: 120).replace(";Femmes;", ";Filles;"), "2027-01-20")
    assert fetch(machine, catalogue).added == 4
    assert catalogue.sidecar(NAME).accepted == accepted
    publish(machine, table(*NEW, value=lambda place, when: 150).replace(";Femmes;", ";Filles;"), "2027-02-20")
    with pytest.raises(fetching.Differs) as refused:
        fetch(machine, catalogue)
    assert {one.kind for one in refused.value.differences} == {"totals"}


def test_less_than_a_damaged_version_held_is_taken_in_once_a_person_accepts_it(machine, catalogue):
    held(machine, catalogue)
    (catalogue.root / f"{NAME}.csv").write_text("altered", encoding="utf-8")
    publish(machine, table("2025-12"), "2026-02-20")
    with pytest.raises(
        SourceError, match=r"8 rows, in a version that is damaged, where these are 4(?s:.*) with --accept"
    ):
        fetch(machine, catalogue)
    assert fetch(machine, catalogue, accept=True).unreadable


def test_a_layout_that_lacks_what_an_older_one_had_leaves_it_where_that_is_declared(machine, catalogue):
    held(machine, catalogue)
    publish(machine, table("2025-12", "2026-12"), "2027-01-20")
    change = fetch(machine, catalogue, keeps=True)
    assert (change.removed, "4 stored figures of other periods or indicators stay" in change.notes) == (
        0,
        True,
    )
    assert sorted(catalogue.figures(NAME)["period"].unique()) == ["2024-12", "2025-12", "2026-12"]
    publish(machine, table("2027-12"), "2028-01-20")
    assert fetch(machine, catalogue, keeps=True).added == len(PLACES)  # of territories that are all known
    publish(machine, table("2028-12", places=("01", "67")), "2029-01-20")
    with pytest.raises(fetching.Differs, match="2 territories, where others have 4"):
        fetch(machine, catalogue, keeps=True)


# -------------------------------------------------------------------------------------------------------- under way


def test_what_was_cut_goes_on_from_there_the_next_time(machine, catalogue):
    body = table(
        *OLD, places=PLACES, more=[f"20{year}-12;01;DOM;Femmes;1" for year in range(10, 99)] * 20
    ).encode()
    publish(machine, body.decode())
    machine.on(f"{PATH}/exports/csv", resumable(body, cut=20_000))
    with pytest.raises(SourceError, match="was cut"):
        fetch(machine, catalogue, asking=client(machine, attempts=1))
    assert NAME not in catalogue
    assert fetch(machine, catalogue, asking=client(machine, attempts=1)).added == 8
    assert machine.asked[-1].headers["Range"] == "bytes=16384-"


def test_of_several_resources_those_that_are_whole_are_not_asked_for_again(machine, catalogue):
    for identifier in ("a", "b"):
        publish(machine, table("2024-12" if identifier == "a" else "2025-12"), identifier=identifier)
    path = "/api/explore/v2.1/catalog/datasets/b/exports/csv"
    machine.first(path, error(404))
    both = {NAME: tuple(Table(machine.portal, identifier) for identifier in ("a", "b"))}
    ((_, refused),) = bring(both, client(machine))
    assert "answered 404" in str(refused)
    asked = len(machine.asked)
    ((_, arrived),) = bring(both, client(machine))
    assert [one.path for one in machine.asked[asked:] if "exports" in one.path] == [path]
    assert [file.parent.name for file in arrived.paths] == ["0", "1"]


def test_producers_are_asked_at_the_same_time_and_each_one_for_one_dataset_at_a_time(machine):
    """The first of each machine answers only once both are asked; those of one machine never overlap."""
    both, under_way = threading.Barrier(2, timeout=60), []

    def answering(one, letter):
        def answer(asked):
            under_way.append(one.name)
            if letter in "ac":
                both.wait()
            assert under_way.count(one.name) == 1
            under_way.remove(one.name)
            return Reply(table(*OLD).encode())

        publish(one, table(*OLD), identifier=letter)
        one.on(f"/api/explore/v2.1/catalog/datasets/{letter}/exports/csv", answer)
        return dataset(one, name=f"fake/{letter}", identifier=letter)

    with serving("localhost") as other:
        entries = [answering(machine, "a"), answering(machine, "b"), answering(other, "c")]
        found = list(bring(asked_of(*entries), client(machine, other)))
    assert [name for name, _ in found] == ["fake/a", "fake/b", "fake/c"]
    assert all(isinstance(arrived, Arrived) for _, arrived in found)


def test_who_stops_is_not_made_to_wait_for_what_is_under_way(machine):
    publish(machine, table(*OLD))
    stopped = []
    both = asked_of(dataset(machine), dataset(machine, name="fake/b"))
    under_way = bring(both, client(machine), stop=lambda: stopped.append(1))
    next(under_way)
    under_way.close()
    assert stopped == [1]


def test_what_is_left_to_decide_of_a_connector_stops_a_fetch(machine, catalogue):
    publish(machine, table(*OLD))
    entry = replace(dataset(machine), perimeter=...)
    ((_, arrived),) = bring(asked_of(entry), client(machine))
    with pytest.raises(SourceError, match="perimeter remain to be decided"):
        fetching.take_in(entry, arrived, catalogue)
