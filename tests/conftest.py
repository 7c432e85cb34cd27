"""Fixtures shared by the whole suite: the published files live beside the project and may be absent."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
SHARED = PROJECT.parent / "shared"


def _shared(*parts: str) -> Path:
    path = SHARED.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"needs the published file {'/'.join(parts)}, kept beside the project and absent here")
    return path


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def published():
    """`published("insee", "x.csv")`: path of a published file, or skip the test where it is absent."""
    return lambda *parts: _shared("data", *parts)


@pytest.fixture(scope="session")
def reference_figures() -> Path:
    """The compiled table of published figures that ours are checked against, or a skip."""
    return _shared("reference_figures.csv")
