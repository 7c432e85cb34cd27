"""No regular expression of the project costs more than in proportion to the text that it is given, whatever is in it."""

import re
import signal
import subprocess
import sys

import pytest

from tests.conventions import regex_rules as rules
from tests.conventions.repository import ROOT

LIMIT = 300.0
"""Seconds after which what is tried is taken for endless: many times what all of it needs."""


def test_every_expression_goes_through_its_text_once():
    words = [sys.executable, "-m", "tests.conventions.regex_rules", str(ROOT)]
    try:
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired as late:
        last = (late.stdout or b"").decode().splitlines()[-1]
        pytest.fail(f"does not end on a text of {rules.LENGTH:,} characters: {last}")
    assert done.returncode == 0, done.stderr
    for name in (
        "scrub.py",
        "render.py",
        "territories.py",
        "policies.py",
        "bootstrap.py",
        "server.py",
        "pdf.py",
    ):
        assert f"\n{name}:" in f"\n{done.stdout}"


class _Endless(Exception):
    pass


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs an alarm, which this system has not")
@pytest.mark.parametrize(
    ("written", "methods"),
    [
        (
            r"[^\s\"'(]*[/\\]ipykernel_\d+[/\\]\d+\.py",
            {"sub"},
        ),  # as it was: a cell that prints was stopped after 120 s
        (r"<h([1-6])([^>]*)>(.*?)</h\1>", {"sub"}),
        (rb"<[^>]+>", {"finditer"}),
        (r"(?:a+)+b", {"fullmatch"}),
    ],
)
def test_one_that_does_not_is_found(written, methods):
    """It would take minutes on any machine; that it has not ended after a second is all that is looked for."""

    def stop(*_):
        raise _Endless

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    try:
        with pytest.raises(_Endless):
            rules.tried(re.compile(written), methods)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
