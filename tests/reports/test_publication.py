"""A site served to this machine only, and the folder to deploy: what readers are meant to receive, whole or not at all."""

import http.client
import json
import os
import socket
import threading
from contextlib import contextmanager

import pytest

from analysis.batch import publication
from analysis.cli import command as cli
from analysis.foundations.files import DataError, sha256_of
from analysis.site import server
from tests.reports.conftest import code, notebook, parameters
from tests.reports.test_run import pacte

PAGE = (
    '<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    'style-src &#39;sha256-x&#39;"><title>é</title>'
)
FILES = {
    "index.html": PAGE, "index.en.html": PAGE, "search.fr.js": "1", "manifest.json": "{}", "run.json": "{}",
    "67/index.html": PAGE, "67/essai.html": PAGE, "67/essai.csv": "a", "67/essai.ipynb": "{}", "data.parquet": "P",
    "67/casse.failed.ipynb": "{}", ".records/site.json": "{}", ".lock": "", ".lock.holder": "me", "67/.essai.html.x": "cut",
    "figures.lock": "", "notes.tmp": "",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "reports" / "essai"
    for name, content in FILES.items():
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(content, encoding="utf-8")
    (tmp_path / "reports" / "secret.txt").write_text("secret", encoding="utf-8")
    return made


# --------------------------------------------------------------------------------------------------------------- serve


@contextmanager
def answering(folder):
    with server.server(folder, 0) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield listening.server_address[1]
        finally:
            listening.shutdown()
            thread.join()


def asked(port, path, method="GET", host=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host or f"127.0.0.1:{port}")
    connection.endheaders()
    answer = connection.getresponse()
    headers = {name.title(): value for name, value in answer.getheaders()}
    return answer.status, headers, answer.read().decode("utf-8", "replace")


def test_pages_are_given_with_their_own_policy_and_strict_headers(folder):
    with answering(folder) as port:
        status, headers, content = asked(port, "/67/")
        assert (status, content) == (200, PAGE)
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'sha256-x'; frame-ancestors 'none'"
        )
        assert headers["Content-Type"] == "text/html; charset=utf-8"
        assert (headers["X-Content-Type-Options"], headers["Referrer-Policy"]) == ("nosniff", "no-referrer")
        assert headers["Cache-Control"] == "no-cache" and "Python" not in headers["Server"]
        assert asked(port, "/", "HEAD")[::2] == (200, "")
        assert asked(port, "/67")[0] == 301


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/67/essai.csv", "text/csv; charset=utf-8"),
        ("/67/essai.ipynb", "application/x-ipynb+json"),
        ("/data.parquet", "application/vnd.apache.parquet"),
        ("/search.fr.js", "text/javascript; charset=utf-8"),
        ("/manifest.json", "application/json"),
    ],
)
def test_files_are_of_their_type_and_may_do_nothing(folder, path, kind):
    with answering(folder) as port:
        status, headers, _ = asked(port, path)
    assert (status, headers["Content-Type"]) == (200, kind)
    assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"


def test_nothing_outside_the_folder_hidden_or_listed_is_given(folder):
    (folder / "67" / "out.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "empty").mkdir()
    with answering(folder) as port:
        for path in (
            "/../secret.txt", "/%2e%2e/secret.txt", "/67/../../secret.txt", "/..%2fsecret.txt", "/67/out.txt",
            "/.records/site.json", "/%2erecords/site.json", "/.lock", "/empty/", "/none.html", "//etc/passwd",
            "/67/..%5c..%5csecret.txt", "/%00",
        ):  # fmt: skip
            status, _, content = asked(port, path)
            assert status == 404 and "secret" not in content.replace(path, ""), path
        assert asked(port, "/", "POST")[0] == 501


LONG = "a" * 300
ODD = {
    f"/{LONG}": 404, f"/67/{LONG}.html": 404, f"/{'a/' * 5000}": 404, "/67/%00": 404, "/%ff": 404, "//[::1": 404,
    "/loop/x": 404, "/loop": 404, "/pipe": 404, "http://evil.example/": 404, "*": 404, "67/": 404, "/67/index.html/": 404,
    "/" + "a" * 70000: 414, "/67%2findex.html": 200, "/?a=[::1": 200, "/67/out": 404, "/67/%2e%2e/%2e%2e/secret.txt": 404,
    "/." + LONG: 404,
}  # fmt: skip


def test_odd_addresses_are_answered_with_a_status_and_no_traceback(folder, capfd):
    (folder / "loop").symlink_to("loop")
    (folder / "67/out").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe")
    with answering(folder) as port:
        assert {path: asked(port, path)[0] for path in ODD} == ODD
    assert capfd.readouterr() == ("", "")


def sent(port, *lines):
    """The answer to a request that is written as it is."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall("".join(f"{line}\r\n" for line in lines).encode("latin-1"))
        return connection.makefile("rb").read().decode("latin-1")


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (("GET / HTTP/1.1", "Host: [::1", ""), 421),
        (("GET / HTTP/1.1", "Host: 127.0.0.1@evil.example", ""), 421),
        (("GET / HTTP/1.1", "Host: localhost", "Host: evil.example", ""), 421),
        (("GET / HTTP/1.1", ""), 421),
        (("GET //[ HTTP/1.1", "Host: [", ""), 421),
        (("GET / HTTP/1.1", "Host: LOCALHOST:8017", ""), 200),
        (("GET / HTTP/1.1", "Host: localhost", "Range: bytes=9-x,,-", ""), 200),
        (("GET / HTTP/1.1", "Host: localhost", "If-Modified-Since: \xff", ""), 200),
        (("GET / HTTP/1.1", "Host: localhost", *(f"X-{n}: 1" for n in range(200)), ""), 431),
        (("GET / HTTP/1.1", "Host: localhost", "X: " + "a" * 70000, ""), 431),
        (("GET / HTTP/9.x", ""), 400),
        (("\x16\x03\x01\x00", ""), 400),
        (("DELETE / HTTP/1.1", "Host: localhost", ""), 501),
        (("A" * 3000 + " / HTTP/1.1", "Host: localhost", ""), 501),
    ],
)
def test_odd_requests_are_answered_with_a_status_and_no_traceback(folder, capfd, lines, status):
    with answering(folder) as port:
        answer = sent(port, *lines)  # where the version cannot be read there is no line for the status
        assert f" {status} " in answer.partition("\n")[0] or f"Error code: {status}<" in answer
        assert asked(port, "/")[0] == 200
    assert capfd.readouterr() == ("", "")


def test_those_who_say_nothing_or_too_slowly_are_closed_and_the_others_are_answered(
    folder, capfd, monkeypatch
):
    """Not one byte, one byte now and then, one connection too many, and one that leaves in the middle."""
    monkeypatch.setattr(server._Handler, "timeout", 0.2)
    with answering(folder) as port:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as silent:
            assert silent.recv(1) == b""
        monkeypatch.setattr(server._Handler, "timeout", 60)
        monkeypatch.setattr(server, "LONGEST", 0.5)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as slow:
            slow.sendall(b"GET / HT")
            assert slow.recv(1) == b""
        monkeypatch.setattr(server, "LONGEST", 60)
        monkeypatch.setattr(server, "MOST", 0)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as one_too_many:
            assert one_too_many.recv(1) == b""
        monkeypatch.setattr(server, "MOST", 64)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as leaving:
            leaving.sendall(b"GET /67/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert asked(port, "/")[0] == 200
    assert "Traceback" not in "".join(capfd.readouterr())


def test_another_name_than_this_machine_is_refused(folder):
    with answering(folder) as port:
        for host in ("evil.example", f"evil.example:{port}", "127.0.0.1.evil.example", ""):
            connection = asked(port, "/", host=host) if host else None
            assert connection is None or connection[0] == 421, host
        assert asked(port, "/", host=f"localhost:{port}")[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "::", "example.org", ""])
def test_only_the_loopback_address_is_listened_on(folder, host):
    with pytest.raises(server.NotLoopback, match="not the loopback"):
        server.server(folder, 0, host)


def test_a_folder_without_a_site_or_a_port_in_use_is_said(folder, tmp_path):
    with pytest.raises(DataError, match="pacte report --all"):
        server.server(tmp_path, 0)
    with socket.socket() as other:
        other.bind((server.HOST, 0))
        other.listen()
        with pytest.raises(DataError, match="--port"):
            server.server(folder, other.getsockname()[1])


# ------------------------------------------------------------------------------------------------------------- publish


def there(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


LISTED = ("index.html", "index.en.html", "67/index.html", "67/essai.html", "67/essai.csv")


def write(folder, target, *more, names=LISTED):
    listed = {name: sha256_of((folder / name).read_bytes()) for name in names}
    return publication.write(folder, listed, target, *more)


def test_what_is_listed_is_published_with_what_hosts_look_for(folder, tmp_path):
    target = tmp_path / "public"
    checksums = write(folder, target, "https://example.org/pacte")
    beside = {".nojekyll", "robots.txt", "404.html", "sitemap.xml"}
    assert there(target) == {*LISTED} | beside | {"publication.json"}
    assert set(checksums) == {*LISTED} | beside
    assert all(sha256_of((target / name).read_bytes()) == sum_ for name, sum_ in checksums.items())
    assert json.loads((target / "publication.json").read_text(encoding="utf-8"))["files"] == checksums
    places = (target / "sitemap.xml").read_text(encoding="utf-8")
    assert "https://example.org/pacte/67/essai.html" in places and "404" not in places
    missing = (target / "404.html").read_text(encoding="utf-8")
    assert 'href="https://example.org/pacte/index.en.html"' in missing and '<section lang="en">' in missing
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_earlier_publication_is_replaced_and_the_same_gives_the_same(folder, tmp_path):
    target = tmp_path / "public"
    first = write(folder, target)
    assert "sitemap.xml" not in first and write(folder, target) == first
    write(folder, target, names=LISTED[:3])
    assert not (target / "67/essai.html").exists()


@pytest.mark.parametrize("kind", ["altered", "gone", "link", "pipe", "folder"])
def test_what_is_not_as_it_is_listed_is_refused_ten_at_most_and_nothing_is_written(folder, tmp_path, kind):
    """Nothing is followed and nothing is waited for."""
    listed = {}
    for number in range(12):
        path = folder / f"{number:02}.html"
        path.write_bytes(b"whole")
        listed[path.name] = sha256_of(b"whole")
        path.rename(folder.parent / path.name)
        if kind == "altered":
            path.write_bytes(b"other")
        elif kind == "link":
            path.symlink_to(folder.parent / path.name)
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "folder":
            path.mkdir()
    with pytest.raises(publication.NotPublished) as refused:
        publication.write(folder, listed, tmp_path / "public")
    lines = str(refused.value).splitlines()
    assert len(lines) == 12 and "pacte report --all" in lines[0] and lines[1].startswith("  00.html: ")
    assert lines[-1] == "  and 2 more" and not (tmp_path / "public").exists()


def test_what_is_not_a_publication_is_left_alone(folder, tmp_path):
    target = tmp_path / "public"
    write(folder, target)
    for name in ("mine.txt", "67/link"):
        mine = target / name
        mine.symlink_to(folder) if name.endswith("link") else mine.write_text("mine", encoding="utf-8")
        before = there(target)
        with pytest.raises(publication.NotPublished, match="something else"):
            publication._refuse(folder, target)
        assert there(target) == before
        mine.unlink()
    (target / publication.LIST).unlink()
    os.mkfifo(target / publication.LIST)
    with pytest.raises(publication.NotPublished, match="something else"):
        publication._refuse(folder, target)
    for place, message in (
        (folder / "public", "hold one another"), (folder.parent, "hold one another"),
        (folder / "index.html", "hold one another"), (tmp_path / "reports" / "secret.txt", "is a file"),
    ):  # fmt: skip
        with pytest.raises(publication.NotPublished, match=message):
            publication._refuse(folder, place)
    with pytest.raises(publication.NotPublished, match=r"no index\.html"):
        publication._refuse(tmp_path / "none", target)


def test_a_publication_that_is_cut_leaves_what_was_there(folder, tmp_path, monkeypatch):
    target = tmp_path / "public"
    write(folder, target)
    before = there(target)

    def full(*args):
        raise OSError("no space left")

    monkeypatch.setattr(publication, "_beside", full)
    with pytest.raises(OSError, match="no space"):
        write(folder, target)
    assert there(target) == before and {p.name for p in tmp_path.iterdir()} == {"public", "reports"}


# ------------------------------------------------------------------------------------------------------------- command


def test_an_edition_with_failures_is_published_only_when_asked(make_project, tmp_path):
    cli.whole()
    fails = code("if territory == '67':\n    raise ValueError('no')")
    make_project(essai=notebook(parameters(), fails))
    pacte("report", "--all", "--edition", "essai", ok=1)
    words = ("site", "publish", tmp_path / "public", "--edition", "essai")
    assert "1 reports failed, first 67/essai.error.txt" in pacte(*words, ok=1)
    assert not (tmp_path / "public").exists()
    pacte(*words, "--with-failures")
    files = there(tmp_path / "public")
    assert "67/essai.error.txt" in files and "67/essai.failed.ipynb" not in files and "2A/essai.html" in files


def test_the_command_publishes_and_says_its_mistakes(small, tmp_path):
    cli.whole()
    words = ["--edition", "essai", "--out", tmp_path / "reports"]
    pacte("report", "--all", *words)
    assert "files in" in pacte("site", "publish", tmp_path / "public", *words)
    for arguments, number, message in (
        (["publish", tmp_path / "reports", *words], 1, "hold one another"),
        (["publish", tmp_path / "x", "--edition", "2999"], 2, "no edition is named"),
        (["publish", tmp_path / "x", "--address", "example.org", *words], 2, "does not begin with"),
        (["publish", tmp_path / "x", "--address", "https://a\nDisallow: /", *words], 2, "is no address"),
        (["serve", "--out", tmp_path, "--edition", "essai"], 1, "holds no index.html"),
    ):
        assert message in pacte("site", *arguments, ok=number)
