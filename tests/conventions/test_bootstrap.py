"""The set-up on a bare machine refuses what is wrong in words that say what to do. No network is used."""

import hashlib
import http.server
import runpy
import sys
import threading

import pytest

from tests.conventions.repository import ROOT

SCRIPT = ROOT / "tools" / "bootstrap.py"
WHEEL = b"not really a wheel"


@pytest.fixture
def bootstrap():
    """The script's names, as a namespace whose functions see changes made to it."""
    return runpy.run_path(str(SCRIPT), run_name="bootstrap")


@pytest.fixture
def index(monkeypatch):
    """A package index on this machine: `pages` by path, everything else is absent."""
    pages = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = pages.get(self.path)
            self.send_response(200 if body is not None else 404)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_):
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple/")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield pages
    server.shutdown()
    server.server_close()


def offer(bootstrap, index):
    link = f'<a href="../../files/{bootstrap["PIP_WHEEL"]}#sha256=0">pip</a>'
    index["/simple/pip/"] = link.encode()
    index[f"/files/{bootstrap['PIP_WHEEL']}"] = WHEEL


def test_an_old_python_is_told_so(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"python3 is 3\.9 and this project needs 3\.11.*make PYTHON="):
        runpy.run_path(str(SCRIPT), run_name="__main__")


def test_pip_comes_from_the_index_that_pip_is_told_to_use(bootstrap, index, tmp_path):
    offer(bootstrap, index)
    bootstrap["download_pip"].__globals__["PIP_SHA256"] = hashlib.sha256(WHEEL).hexdigest()
    assert bootstrap["download_pip"](tmp_path).read_bytes() == WHEEL


def test_another_wheel_than_the_pinned_one_is_refused(bootstrap, index, tmp_path):
    offer(bootstrap, index)
    with pytest.raises(bootstrap["SetupError"], match="not the expected one"):
        bootstrap["download_pip"](tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_index_without_the_wheel_is_told(bootstrap, index, tmp_path):
    index["/simple/pip/"] = b"<a href='pip-9.0-py3-none-any.whl'>old</a>"
    with pytest.raises(bootstrap["SetupError"], match="python3-venv"):
        bootstrap["download_pip"](tmp_path)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("error: Failed to fetch: `https://x`\n  Caused by: dns error", "cannot be reached.*HTTPS_PROXY"),
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError",
            "cannot be reached.*HTTPS_PROXY",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "failed:\nERROR: THESE PACKAGES"),
    ],
)
def test_a_step_that_fails_says_why(bootstrap, words, expected):
    with pytest.raises(bootstrap["SetupError"]) as caught:
        bootstrap["run"]([sys.executable, "-c", "import sys; sys.exit(sys.argv[1])", words])
    caught.match(expected)


def test_without_a_network_uv_uses_what_it_has(bootstrap, monkeypatch):
    tried = []

    def run(command, env):
        tried.append(env.get("UV_OFFLINE"))
        if not env.get("UV_OFFLINE"):
            raise bootstrap["Unreachable"]

    monkeypatch.delenv("UV_OFFLINE", raising=False)
    bootstrap["run_uv"].__globals__["run"] = run
    bootstrap["run_uv"](["pip", "sync"])
    assert tried == [None, "1"]


def test_uv_is_told_what_pip_is_told(bootstrap, monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    monkeypatch.setenv("PIP_CERT", "certificates.pem")
    for name in ("UV_DEFAULT_INDEX", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    env = bootstrap["uv_environment"]()
    assert env["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    assert env["SSL_CERT_FILE"] == "certificates.pem"
    assert env["UV_PYTHON_DOWNLOADS"] == "never"
    assert not {"VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE"} & env.keys()
