"""Downloading from a server of ours: what arrives is kept by its checksum, and what is no file leaves nothing behind."""

import pytest

from analysis.data.sources import download
from analysis.foundations.files import sha256_of
from analysis.foundations.limits import SourceError
from tests.producer import CONTENT, FILE, dataset, serving, silent_url, snapshot


@pytest.fixture
def producer(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as found:
        found.bodies[FILE] = CONTENT
        yield found


def test_a_file_arrives_under_the_name_that_the_loader_expects(producer, tmp_path):
    producer.bodies["export?id=1"] = CONTENT
    fetched = download.fetch(dataset(producer.url("export?id=1")), tmp_path)
    assert [path.name for path in fetched.paths] == [FILE]
    assert fetched.paths[0].read_bytes() == CONTENT
    assert fetched.sha256 == (sha256_of(CONTENT),)
    assert fetched.changed


def test_a_known_file_is_not_a_change(producer, tmp_path):
    assert not download.fetch(dataset(producer.url()), tmp_path, [sha256_of(CONTENT)]).changed


def test_a_file_that_is_larger_than_what_is_read_is_not_fetched(producer, tmp_path, monkeypatch):
    monkeypatch.setattr(download, "MAX_BYTES", 10_000)
    producer.bodies[FILE] = b"x" * 20_000
    with pytest.raises(SourceError, match=r"20,000 bytes or more, more than the 10,000 that are read"):
        download.fetch(dataset(producer.url()), tmp_path)
    assert snapshot(tmp_path) == {}


def test_a_new_version_never_takes_the_place_of_a_known_one(producer, tmp_path):
    old = download.fetch(dataset(producer.url()), tmp_path)
    producer.bodies[FILE] = CONTENT + b"13;2024;300\n"
    new = download.fetch(dataset(producer.url()), tmp_path, old.sha256)
    assert new.changed
    assert old.paths[0].read_bytes() == CONTENT
    assert new.paths[0].read_bytes() != CONTENT
    assert len(snapshot(tmp_path)) == 2


def test_several_files_are_known_one_by_one(producer, tmp_path):
    producer.bodies["b.csv"] = b"other"
    two = dataset(producer.url(), producer.url("b.csv"), files=(FILE, "b.csv"))
    fetched = download.fetch(two, tmp_path, [sha256_of(CONTENT)])
    assert fetched.known == (True, False)
    assert fetched.changed


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"statuses": {FILE: 404}}, "answered 404; nothing has changed"),
        ({"statuses": {FILE: 503}}, "answered 503; nothing has changed"),
        ({"bodies": {FILE: b""}}, "gave an empty file; nothing has changed"),
        ({"bodies": {FILE: b" \n"}}, "gave an empty file; nothing has changed"),
        ({"bodies": {FILE: b"\xef\xbb\xbf\n<!DOCTYPE html><p>Maintenance"}}, "gave a web page, not a file"),
        ({"broken": {FILE}}, "127.0.0.1 cannot be reached"),
    ],
    ids=["404", "503", "empty", "blank", "page", "broken"],
)
def test_what_is_no_file_leaves_what_there_was(producer, tmp_path, answer, message):
    download.fetch(dataset(producer.url()), tmp_path)
    before = snapshot(tmp_path)
    for name, value in answer.items():
        setattr(producer, name, value)
    with pytest.raises(SourceError, match=f"^fake/domiciled: .*{message}") as refused:
        download.fetch(dataset(producer.url()), tmp_path)
    assert "\n" not in str(refused.value)
    assert snapshot(tmp_path) == before


def test_a_machine_that_does_not_answer_is_unreachable(monkeypatch, tmp_path):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(
        download.Unreachable, match=r"127\.0\.0\.1 cannot be reached \(ConnectionError\); nothing"
    ) as refused:
        download.fetch(dataset(silent_url()), tmp_path)
    assert refused.value.host == "127.0.0.1"
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize(
    "url", ["http://producer.example/x.csv", "ftp://producer.example/x", "x.csv", "file:x.csv"]
)
def test_only_https_leaves_this_machine(tmp_path, url):
    with pytest.raises(SourceError, match="is not an https address"):
        download.fetch(dataset(url), tmp_path)


def test_a_dataset_without_address_names_the_page_and_the_command(tmp_path):
    with pytest.raises(
        SourceError,
        match=r"domiciled_2024\.csv from https://producer\.example/page .* `pacte data import PATH`",
    ):
        download.fetch(dataset(), tmp_path)
    assert download.host(dataset()) == ""


def test_the_cache_is_where_it_is_asked_for(monkeypatch, tmp_path):
    monkeypatch.setenv("PACTE_CACHE", str(tmp_path))
    assert download.cache_folder() == tmp_path
    monkeypatch.delenv("PACTE_CACHE")
    assert download.cache_folder().name == "pacte-evaluation"
