"""What a command does when its output is full, its reader has left, or its terminal knows no accents."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import PROJECT

COMMAND = [sys.executable, "-c", "from analysis.cli.command import main; main()"]
LONG = "import analysis.foundations.display as d\nwith d.output():\n    {}"
FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full, which this system lacks")


def run(*arguments, stdout=subprocess.PIPE, command=COMMAND, **environment):
    return subprocess.run(
        [*command, *arguments], stdout=stdout, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
        env={**os.environ, "PACTE_HOME": str(PROJECT), **environment}, timeout=300, check=False,
    )  # fmt: skip


@needs_full
@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["data", "check"],
        ["data", "template", "domiciliation"],
        ["report", "67", "--edition", "demo", "--explain"],
    ],
    ids=" ".join,
)
def test_an_output_that_is_full_is_said_in_a_line(arguments):
    with FULL.open("w") as full:
        done = run(*arguments, stdout=full)
    assert done.returncode == 1
    assert (
        done.stderr
        == "pacte: the output cannot be written (No space left on device); the rest was not said\n"
    )


@pytest.mark.parametrize(
    "says",
    [
        "print('x' * 10)",
        "[print('x' * 10_000) for _ in range(100)]",
        "import rich; rich.print('x' * 10)",
        "import typer; typer.echo('x')",
    ],
)
def test_a_reader_that_has_left_is_said_in_a_line(says):
    read, write = os.pipe()
    os.close(read)
    try:
        done = run(stdout=write, command=[sys.executable, "-c", LONG.format(says)])
    finally:
        os.close(write)
    assert done.returncode == 141
    assert done.stderr == "pacte: whoever read the output has left; the rest was not said\n"


def test_a_command_whose_reader_has_left_says_so_too():
    read, write = os.pipe()
    os.close(read)
    try:
        done = run("data", "check", stdout=write)
    finally:
        os.close(write)
    assert (done.returncode, done.stderr.count("\n")) == (141, 1)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_without_accents_is_given_plain_letters(encoding):
    says = "[print('« É » – l’œuvre, 1\\u202f000 €', file=f) for f in (d.sys.stdout, d.sys.stderr)]"
    done = run(command=[sys.executable, "-c", LONG.format(says)], PYTHONIOENCODING=encoding)
    assert done.returncode == 0
    if encoding == "ascii":
        assert done.stdout == done.stderr == '" E " - l\'oeuvre, 1 000 EUR\n'


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
)
def test_commands_that_print_accents_do_so_anywhere(environment):
    done = run("data", "check", **environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "none at fault" in done.stdout
