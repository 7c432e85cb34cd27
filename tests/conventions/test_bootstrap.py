"""The set-up on a bare machine refuses what is wrong in words that say what to do. No network is used."""

import errno
import hashlib
import http.server
import importlib.util
import os
import runpy
import sys
import threading
import zipfile

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


def test_a_step_is_told_of_a_mirror_and_of_nothing_else(bootstrap, monkeypatch):
    elsewhere = (
        "UV_FIND_LINKS", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_CONFIG_FILE", "UV_OVERRIDE", "UV_BUILD_CONSTRAINT",
        "PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_CONFIG_FILE", "PIP_TARGET", "PYTHONPATH", "PYTHONHOME",
    )  # fmt: skip
    for name in (*elsewhere, *bootstrap["KEPT"], "HTTPS_PROXY"):
        monkeypatch.setenv(name, "https://evil.example")
    for env in (bootstrap["environment"](), bootstrap["uv_environment"]()):
        assert [name for name in elsewhere if env.get(name) == "https://evil.example"] == []
        assert bootstrap["KEPT"] <= env.keys()
        assert env["HTTPS_PROXY"] == "https://evil.example"


def test_the_backend_that_builds_the_project_is_the_locked_one(bootstrap, monkeypatch, tmp_path):
    """A wheel of the backend's name where uv is told to look is not run."""
    if not (ROOT / ".tools" / "bin" / "uv").is_file() or not (ROOT / ".venv" / "bin" / "python").is_file():
        pytest.skip("set up otherwise than by make: there is no .tools/bin/uv or .venv")
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed here: run make, which installs what uv.lock lists")
    trap = tmp_path / "trap"
    trap.mkdir()
    with zipfile.ZipFile(trap / "hatchling-99.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("hatchling/__init__.py", "")
        wheel.writestr(
            "hatchling/build.py", f"open({str(tmp_path / 'run')!r}, 'w'); raise SystemExit('trapped')"
        )
        wheel.writestr(
            "hatchling-99.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: hatchling\nVersion: 99.0\n"
        )
        wheel.writestr("hatchling-99.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("hatchling-99.0.dist-info/RECORD", "")
    monkeypatch.setenv("UV_FIND_LINKS", str(trap))
    monkeypatch.setenv("UV_NO_INDEX", "1")
    bootstrap["install_project"](
        ROOT / ".venv" / "bin" / "python", "--target", tmp_path / "there", "--offline"
    )
    assert list((tmp_path / "there").glob("pacte_evaluation-*.dist-info"))
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("folder", ["a:b", "a\nb", "a\x1b[31m"])
def test_a_folder_that_can_hold_no_environment_is_said_before_anything_is_written(
    bootstrap, tmp_path, folder
):
    bootstrap["refuse_folder"]()
    bootstrap["refuse_folder"].__globals__["ROOT"] = tmp_path / folder
    with pytest.raises(bootstrap["SetupError"], match="Move or rename the folder"):
        bootstrap["refuse_folder"]()


def test_a_checkout_that_cannot_be_written_is_said(bootstrap, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(bootstrap["SetupError"], match="copy the checkout to a folder of yours"):
        bootstrap["refuse_folder"]()


def test_a_disk_that_is_full_is_said_in_a_line(monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", str(ROOT / ".tools"))

    monkeypatch.setattr(os, "access", full)
    with pytest.raises(SystemExit, match=r"set-up: .*No space left on device.*Free some room"):
        runpy.run_path(str(SCRIPT), run_name="__main__")
