"""Set up `.venv` from `uv.lock` on a machine that has nothing but python3.

`make` runs this before anything else. It installs uv, pinned and hash-checked, in `.tools/`, then every package of
`uv.lock`, hash-checked and compiled, in `.venv/`, and the project itself in editable form. It uses the Python that
runs it and never downloads another, imports the standard library only, and changes nothing outside the checkout.
The project's build backend is one of the locked packages, so that nothing that was not hash-checked is ever run.
`PIP_INDEX_URL` (or `UV_DEFAULT_INDEX`), `PIP_CERT`, time limits and the proxy variables are respected; whatever else
tells pip, uv or Python where to take code from is not.

Written so that an old Python can parse it far enough to be told that it is too old.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the very case this file is for
    sys.exit(
        f"set-up: python3 is {sys.version_info[0]}.{sys.version_info[1]} and this project needs 3.11 or later. "
        "Install one, or name it: make PYTHON=python3.12"
    )

import hashlib
import importlib.util
import os
import re
import shutil
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
STAMP = VENV / ".synced"
UV_PIN = ROOT / "tools" / "uv-requirements.txt"

DEFAULT_INDEX = "https://pypi.org/simple"
PIP_WHEEL = "pip-26.0-py3-none-any.whl"
PIP_SHA256 = "98436feffb9e31bc9339cf369fd55d3331b1580b6a6f1173bacacddcf9c34754"

KEPT = {
    "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_CERT", "PIP_DEFAULT_TIMEOUT", "UV_HTTP_TIMEOUT",
}  # fmt: skip
"""Of the variables that tell pip and uv what to do, those that are respected: the mirror, its certificates, time limits."""

UNREACHABLE = re.compile(
    r"connection (?:broken|refused|reset)|NewConnectionError|NameResolutionError|timed out|ProxyError|"
    r"Failed to fetch|error sending request|dns error",
    re.IGNORECASE,
)


class SetupError(Exception):
    """Why the environment could not be set up, in a line that says what to do."""


class Unreachable(SetupError):
    """The package index does not answer."""

    def __str__(self):
        host = urllib.parse.urlsplit(index_url()).hostname
        return (
            f"the package index {host} cannot be reached, and setting up needs it once. Connect this machine, or set "
            "HTTPS_PROXY, or PIP_INDEX_URL to a mirror, and run make again"
        )


def index_url():
    """The package index: the one that pip or uv is told to use, else the public one."""
    return os.environ.get("PIP_INDEX_URL") or os.environ.get("UV_DEFAULT_INDEX") or DEFAULT_INDEX


def environment():
    """The variables that a step runs with: none by which pip, uv or Python would take code from elsewhere."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or not name.startswith(("PIP_", "UV_", "PYTHON", "VIRTUAL_ENV"))
    }
    return {**env, "PIP_CONFIG_FILE": os.devnull, "UV_NO_CONFIG": "1", "UV_PYTHON_DOWNLOADS": "never"}


def run(command, env=None):
    """Run a step in silence; SetupError with its last lines when it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env=environment() if env is None else env,
        capture_output=True,
        text=True,
        errors="replace",
    )
    if done.returncode == 0:
        return
    words = done.stdout + done.stderr
    if UNREACHABLE.search(words):
        raise Unreachable
    raise SetupError(f"{Path(command[0]).name} failed:\n{words.strip()}")


def run_uv(words):
    """Run uv; without a network, once more from what it has already downloaded."""
    env = uv_environment()
    try:
        run([executable(TOOLS, "uv"), *words], env)
    except Unreachable as error:
        try:
            run([executable(TOOLS, "uv"), *words], {**env, "UV_OFFLINE": "1"})
        except SetupError:
            raise error from None


def executable(environment, name):
    """The path of a program in a virtual environment."""
    return environment / "bin" / name


def download_pip(folder):
    """Fetch the pinned pip wheel into a folder, for a Python shipped without ensurepip (Debian, Ubuntu)."""
    context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT") or None)
    page = index_url().rstrip("/") + "/pip/"
    try:
        with urllib.request.urlopen(page, timeout=30, context=context) as answer:
            links = re.findall(r'href="([^"]+)"', answer.read().decode("utf-8"))
        link = next((link for link in links if PIP_WHEEL in link), None)
        if link is None:
            raise SetupError(f"{page} offers no {PIP_WHEEL}; install python3-venv and run make again")
        with urllib.request.urlopen(urllib.parse.urljoin(page, link), timeout=60, context=context) as answer:
            content = answer.read()
    except OSError as error:
        if isinstance(getattr(error, "reason", error), ssl.SSLCertVerificationError):
            raise SetupError(
                f"no certificate on this machine vouches for {page}; install ca-certificates or python3-venv, or set "
                "PIP_CERT to your network's certificates, and run make again"
            ) from error
        raise Unreachable from error
    if hashlib.sha256(content).hexdigest() != PIP_SHA256:
        raise SetupError(f"the {PIP_WHEEL} that the index gives is not the expected one (sha256 differs)")
    wheel = Path(folder) / PIP_WHEEL
    wheel.write_bytes(content)
    return wheel


def install_uv():
    """Put the pinned uv in `.tools/`, unless it is there."""
    done = TOOLS / "installed.txt"
    pin = UV_PIN.read_text(encoding="utf-8")
    if done.is_file() and done.read_text(encoding="utf-8") == pin and executable(TOOLS, "uv").is_file():
        return
    print("set-up: installing uv in .tools/", flush=True)
    venv.EnvBuilder(clear=True, symlinks=True, with_pip=False).create(TOOLS)
    python = executable(TOOLS, "python")
    with tempfile.TemporaryDirectory() as folder:
        if importlib.util.find_spec("ensurepip"):
            run([python, "-Im", "ensurepip"])
            pip = [python, "-Im", "pip"]
        else:
            pip = [python, "-I", download_pip(folder) / "pip"]
        run([*pip, "install", "--quiet", "--no-input", "--no-user", "--retries", "2", "--disable-pip-version-check",
             "--only-binary", ":all:", "--require-hashes", "--requirement", UV_PIN])  # fmt: skip
    done.write_text(pin, encoding="utf-8")


def same_python():
    """Whether `.venv` belongs to this checkout and to the Python that runs this."""
    config = VENV / "pyvenv.cfg"
    if not (STAMP.is_file() and config.is_file() and executable(VENV, "python").is_file()):
        return False
    version = "version_info = {}.{}.{}".format(*sys.version_info[:3])
    here = STAMP.read_text(encoding="utf-8").strip() == str(ROOT)
    return here and version in config.read_text(encoding="utf-8")


def uv_environment():
    """The variables uv runs with: beside those of any step, the index and the certificates that pip is told to use."""
    env = {**environment(), "UV_DEFAULT_INDEX": index_url()}
    if os.environ.get("PIP_CERT"):
        env.setdefault("SSL_CERT_FILE", os.environ["PIP_CERT"])
    return env


def refuse_folder():
    """Say that a virtual environment cannot be in this folder, before anything is written there."""
    bad = sorted({letter for letter in str(ROOT) if letter == os.pathsep or not letter.isprintable()})
    if bad:
        raise SetupError(
            f"the path of the checkout, {str(ROOT)!r}, holds {', '.join(map(repr, bad))}, which separates paths from one "
            "another: no virtual environment can be there. Move or rename the folder, and run make again"
        )
    if not os.access(ROOT, os.W_OK):
        raise SetupError(
            f"{ROOT} cannot be written, and the environment goes into {VENV}: copy the checkout to a folder of yours, and "
            "run make there"
        )


def install_project(python, *where):
    """Install the project in editable form, built by the backend that the lock brought and by no other.

    It is named "." and not by its path, in which uv would take "#" for the mark of a fragment.
    """
    run_uv(
        ["pip", "install", "--python", python, *where, "--no-deps", "--no-build-isolation", "--editable", "."]
    )


def sync():
    """Install what `uv.lock` lists in `.venv/`, and the project in editable form.

    The lock is exported rather than synced: `uv sync --frozen` downloads from the addresses written in the lock and
    so would ignore a mirror. Hashes are checked either way.
    """
    python = executable(VENV, "python")
    print("set-up: installing the packages of uv.lock in .venv/ (some 300 MB the first time)", flush=True)
    if not same_python():
        shutil.rmtree(VENV, ignore_errors=True)
        run_uv(["venv", "--no-project", "--python", sys.executable, VENV])
    STAMP.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pins = Path(folder) / "requirements.txt"
        run_uv(["export", "--frozen", "--no-emit-project", "--no-header", "--output-file", pins])
        checked = ["--require-hashes", "--no-build", "--compile-bytecode"]
        run_uv(["pip", "sync", "--python", python, *checked, pins])
    install_project(python)
    STAMP.write_text(f"{ROOT}\n", encoding="utf-8")


def main():
    """Set everything up; the exit code is 1, with one line, when that cannot be."""
    try:
        refuse_folder()
        install_uv()
        sync()
    except SetupError as error:
        sys.exit(f"set-up: {error}")
    except OSError as error:
        sys.exit(
            f"set-up: {error}. Free some room, or give yourself the right to write there, and run make again"
        )
    print("set-up: done", flush=True)


if __name__ == "__main__":
    main()
