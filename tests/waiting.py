"""Waiting for what another thread or process does, however long a busy machine takes."""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

Found = TypeVar("Found")
PATIENCE = 60.0
"""Seconds after which what is waited for will not come."""


def eventually(found: Callable[[], Found]) -> Found:
    """What ``found`` gives, once it gives something; the test fails when it does not."""
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last:
        if there := found():
            return there
        time.sleep(0.02)
    pytest.fail(f"still waiting after {PATIENCE:.0f} s")
