"""A site served to this machine only, and the folder to deploy: what readers are meant to receive, whole or not at all."""

import http.client
import json
import socket
import threading
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from analysis.catalogue import DataError, sha256_of
from analysis.reports.site import publication, server
from analysis.site_commands import site_app

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


def test_only_what_readers_receive_is_published(folder, tmp_path):
    target = tmp_path / "public"
    checksums = publication.publish(folder, target, "https://example.org/pacte")
    kept = {
        "index.html", "index.en.html", "search.fr.js", "manifest.json", "67/index.html", "67/essai.html", "67/essai.csv",
        "67/essai.ipynb", "data.parquet",
    }  # fmt: skip
    beside = {".nojekyll", "robots.txt", "404.html", "sitemap.xml"}
    assert there(target) == kept | beside | {"publication.json"}
    assert set(checksums) == kept | beside
    assert all(sha256_of((target / name).read_bytes()) == sum_ for name, sum_ in checksums.items())
    assert json.loads((target / "publication.json").read_text(encoding="utf-8"))["files"] == checksums
    places = (target / "sitemap.xml").read_text(encoding="utf-8")
    assert "https://example.org/pacte/67/essai.html" in places and "404" not in places
    missing = (target / "404.html").read_text(encoding="utf-8")
    assert 'href="https://example.org/pacte/index.en.html"' in missing and '<section lang="en">' in missing
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_an_earlier_publication_is_replaced_and_the_same_gives_the_same(folder, tmp_path):
    target = tmp_path / "public"
    first = publication.publish(folder, target)
    assert "sitemap.xml" not in first and publication.publish(folder, target) == first
    (folder / "67/essai.html").unlink()
    assert (
        "67/essai.html" not in publication.publish(folder, target) and not (target / "67/essai.html").exists()
    )


def test_what_is_not_a_publication_is_left_alone(folder, tmp_path):
    target = tmp_path / "public"
    publication.publish(folder, target)
    (target / "mine.txt").write_text("mine", encoding="utf-8")
    before = there(target)
    with pytest.raises(publication.NotPublished, match="something else"):
        publication.publish(folder, target)
    assert there(target) == before
    for place, message in (
        (folder / "public", "hold one another"), (folder.parent, "hold one another"),
        (folder / "index.html", "hold one another"), (tmp_path / "reports" / "secret.txt", "is a file"),
    ):  # fmt: skip
        with pytest.raises(publication.NotPublished, match=message):
            publication.publish(folder, place)
    with pytest.raises(publication.NotPublished, match=r"no index\.html"):
        publication.publish(tmp_path / "none", target)


def test_a_publication_that_is_cut_leaves_what_was_there(folder, tmp_path, monkeypatch):
    target = tmp_path / "public"
    publication.publish(folder, target)
    before = there(target)

    def full(*args):
        raise OSError("no space left")

    monkeypatch.setattr(publication, "_beside", full)
    with pytest.raises(OSError, match="no space"):
        publication.publish(folder, target)
    assert there(target) == before and {p.name for p in tmp_path.iterdir()} == {"public", "reports"}


def test_an_edition_with_failures_is_published_only_when_asked(folder, tmp_path):
    (folder / "67/casse.error.txt").write_text("why", encoding="utf-8")
    with pytest.raises(publication.NotPublished, match=r"1 reports failed, first 67/casse\.error\.txt"):
        publication.publish(folder, tmp_path / "public")
    assert not (tmp_path / "public").exists()
    files = publication.publish(folder, tmp_path / "public", with_failures=True)
    assert "67/casse.error.txt" in files and "67/casse.failed.ipynb" not in files


# ------------------------------------------------------------------------------------------------------------- command


def test_the_command_publishes_and_says_its_mistakes(folder, tmp_path):
    folder.rename(folder.with_name("demo"))
    run = CliRunner().invoke
    words = ["--edition", "demo", "--out", str(folder.parent)]
    done = run(site_app, ["publish", str(tmp_path / "public"), *words])
    assert done.exit_code == 0 and "files in" in done.output, done.output
    for arguments, code, message in (
        (["publish", str(tmp_path / "reports"), *words], 1, "hold one another"),
        (["publish", str(tmp_path / "x"), "--edition", "2999"], 2, "no edition is named"),
        (["publish", str(tmp_path / "x"), "--address", "example.org", *words], 2, "does not begin with"),
        (["serve", "--out", str(tmp_path), "--edition", "demo"], 1, "holds no index.html"),
    ):
        refused = run(site_app, arguments)
        assert refused.exit_code == code and message in refused.output, refused.output
