"""The HTTP client on machines of ours: each error is told as it is, what passes is asked again, and nothing half is kept."""

import threading
import tracemalloc

import pytest

from analysis.foundations import limits, web
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Client, Cut, Refused, Unreachable
from tests import producers
from tests.producer import silent_url, snapshot
from tests.producers import PAGE, Reply, as_csv, as_json, client, error, moved, resumable

TABLE = "dep;people\n67;1200\n2A;80\n"


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with producers.serving() as found:
        yield found


@pytest.mark.parametrize(
    ("kind", "replies", "refusal", "message"),
    [
        ("csv", [error(404, "Not here")], Refused, r"answered 404 \(« Not here »\); nothing has changed. It was moved"),
        ("csv", [error(400, "unknown field x")], Refused, "answered 400 .« unknown field x »"),
        ("file", [Reply(status=413)], Refused, "answered 413"),
        ("page", [Reply(PAGE, 403)], Refused, "answered 403; nothing"),
        ("csv", [Reply(PAGE)], SourceError, "gave a web page, not a file"),
        ("json", [Reply(b"ok", headers={"Content-Type": "text/html"})], SourceError, "a web page"),
        ("csv", [as_json({"message": "?"})], SourceError, "gave JSON, not a CSV"),
        ("xml", [as_csv(TABLE)], SourceError, "gave something else than XML"),
        ("csv", [Reply(b" \n")], SourceError, "gave an empty file"),
        ("csv", [Reply(status=204)], Refused, "answered 204"),
        ("csv", [moved("/x"), *[moved("/x")]], SourceError, "leads from address to address without end"),
        ("csv", [moved("https://elsewhere.example/x")], SourceError, "elsewhere.example, to which .* leads, is not a"),
        ("csv", [moved("http://elsewhere.example/x")], SourceError, "is not an https address"),
        ("csv", [moved("http://a.example\\@127.0.0.1/x")], SourceError, "is not an https address"),
        ("csv", [moved("http://[")], SourceError, "is not an https address"),
        ("csv", [as_csv(TABLE, status=206)], Refused, "answered 206"),
        ("csv", [moved("ftp://127.0.0.1/x")], SourceError, "is not an https address"),
        ("csv", [error(429, Retry_After="9999")], SourceError, "not to be asked again for 9999 seconds"),
    ],
)  # fmt: skip
def test_what_does_not_pass_is_told_at_once(machine, tmp_path, kind, replies, refusal, message):
    machine.on("/x", *replies)
    asking = client(machine)
    with pytest.raises(refusal, match=message) as raised:
        asking.save(f"{machine.portal}/x", tmp_path / "x", kind=kind)
    assert type(raised.value) is refusal
    assert asking.waited == []
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize(
    ("kind", "reply", "last", "message"),
    [
        ("csv", error(503, "Busy"), Refused, "answered 503"),
        ("csv", error(429), Refused, "answered 429"),
        ("csv", as_csv(TABLE, cut=12), Cut, "was cut before its end"),
        ("csv", as_csv(TABLE[:-5]), Cut, "20 bytes that end in the middle"),  # « 2A »: fewer cells than the heading
        ("csv", as_csv(TABLE[:-1], announced=False), Cut, "end in the middle"),  # 2A has 8 people, or 80?
        ("json", as_json([1, 2], announced=False, cut=4), Cut, "end in the middle"),
        ("xml", Reply(b"<a><b/></"), Cut, "end in the middle"),
        ("file", Reply(b"PK\x03\x04" + b"0" * 50), Cut, "end in the middle"),
    ],
)  # fmt: skip
def test_what_passes_is_asked_again_then_told(machine, tmp_path, kind, reply, last, message):
    url = machine.on("/x", reply)
    asking = client(machine, attempts=3)
    with pytest.raises(last, match=message):
        asking.save(url, tmp_path / "x", kind=kind)
    assert len(machine.asked) == 3
    assert snapshot(tmp_path) == {}
    whole = {"csv": as_csv(TABLE), "json": as_json([1, 2]), "xml": Reply(b"<a/>"), "file": Reply(b"x")}[kind]
    machine.on("/x", reply, whole)
    assert asking.save(url, tmp_path / "x", kind=kind).read_bytes() == whole.body
    assert list(snapshot(tmp_path)) == ["x"]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": "Mon, 30 Nov 2026 10:00:20 GMT", "Date": "Mon, 30 Nov 2026 10:00:00 GMT"}, 20),
        ({"Retry_After": "soon"}, web.BUSY),
        ({}, web.BUSY),
    ],
)
def test_a_machine_that_is_asked_too_often_is_left_in_peace_as_long_as_it_says(machine, headers, wait):
    url = machine.on("/x", error(429, **headers), as_csv(TABLE))
    asking = client(machine)
    assert asking.get(url, kind="csv") == TABLE.encode()
    assert [round(seconds) for seconds in asking.waited if seconds] == [wait]


def test_a_machine_is_asked_no_more_often_in_a_minute_than_it_bears(machine):
    now = [0.0]
    waits = []

    def wait(seconds):
        waits.append(seconds)
        now[0] += seconds

    url = machine.on("/x", as_csv(TABLE))
    asking = Client(["127.0.0.1"], rates={"127.0.0.1": 3}, wait=wait, clock=lambda: now[0])
    threads = [threading.Thread(target=asking.get, args=(url,), kwargs={"kind": "csv"}) for _ in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waits == [60, 60]
    assert len(machine.asked) == 7
    assert web.RATES["api.insee.fr"] == web.RATES["bdm.insee.fr"] == 30


def test_a_file_that_was_cut_is_taken_up_where_it_was(machine, tmp_path):
    body = bytes(range(256)) * 400
    url = machine.on("/x", resumable(body, cut=60_000))
    seen = []
    asking = client(machine, progress=lambda _, arrived, total: seen.append((arrived, total)))
    assert asking.save(url, tmp_path / "x").read_bytes() == body
    start = int(machine.asked[1].headers["Range"].removeprefix("bytes=").rstrip("-"))
    assert 0 < start <= 60_000
    assert seen[-1] == (len(body), len(body))
    assert list(snapshot(tmp_path)) == ["x"]


@pytest.mark.parametrize("tag", ['"v1"', '"v2"'])
def test_what_arrived_of_a_file_is_kept_for_the_next_time_while_the_file_is_the_same(machine, tmp_path, tag):
    body = b"a" * 50_000
    url = machine.on("/x", resumable(body, cut=40_000))
    with pytest.raises(Cut):
        client(machine, attempts=1).save(url, tmp_path / "x")
    assert sorted(snapshot(tmp_path)) == ["x.part", "x.part.tag"]
    newer = body if tag == '"v1"' else b"b" * 60_000
    machine.on("/x", resumable(newer, tag))
    assert client(machine).save(url, tmp_path / "x").read_bytes() == newer
    assert list(snapshot(tmp_path)) == ["x"]


def test_what_is_whole_but_was_not_kept_is_asked_for_again(machine, tmp_path):
    url = machine.on("/x", resumable(b"a" * 20_000))
    (tmp_path / "x.part").write_bytes(b"a" * 20_000)
    (tmp_path / "x.part.tag").write_text('"v1"')
    assert client(machine).save(url, tmp_path / "x").read_bytes() == b"a" * 20_000
    assert [asked.headers.get("Range") for asked in machine.asked] == ["bytes=20000-", None]


def test_a_file_larger_than_what_is_read_is_stopped(machine, tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAX_BYTES", 10_000)
    for announced in (True, False):
        url = machine.on("/x", Reply(b"x" * 50_000, announced=announced))
        with pytest.raises(SourceError, match="more than the 10,000 that are read"):
            client(machine).save(url, tmp_path / "x")
    assert snapshot(tmp_path) == {}


def test_a_redirect_leads_to_an_allowed_machine_alone_and_takes_no_key_to_another(machine):
    with producers.serving("localhost") as other:
        url = machine.on("/x", moved(other.on("/y", as_csv(TABLE)), 301))
        with pytest.raises(
            SourceError, match=r"localhost, to which .* leads, is not a machine that may be asked"
        ):
            client(machine).get(url, kind="csv")
        assert other.asked == []
        asking = client(machine, other)
        assert asking.get(url, kind="csv", headers={"Authorization": "Apikey k"}) == TABLE.encode()
        assert "Authorization" in machine.asked[-1].headers
        assert "Authorization" not in other.asked[-1].headers


def test_nothing_is_read_of_an_answer_that_leads_elsewhere(machine):
    """Its body may be without end: requests reads it all to keep the connection, whether redirects are followed or not."""
    long = moved(machine.on("/y", as_csv(TABLE)))
    long.body = b"x" * 8_000_000
    seen = []
    asking = client(machine, progress=lambda _, arrived, __: seen.append(arrived))
    tracemalloc.start()
    assert asking.get(machine.on("/x", long), kind="csv") == TABLE.encode()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 4_000_000
    assert seen == [len(TABLE)]


def test_a_machine_that_is_silent_is_named(tmp_path):
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 cannot be reached") as raised:
        client(producers.Machine(1)).save(silent_url(), tmp_path / "x")
    assert raised.value.host == "127.0.0.1"


@pytest.mark.parametrize(
    "url", ["http://data.caf.fr/x", "ftp://data.caf.fr/x", "https://other.example/x", "x"]
)
def test_only_https_addresses_of_the_list_are_asked(url):
    with pytest.raises(
        SourceError, match=r"is not an https address|is not a machine that may be asked|is no address"
    ):
        Client(["data.caf.fr"]).get(url, kind="csv")
