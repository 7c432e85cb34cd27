"""The copy in which a test follows a recipe."""

import pytest

from tests.recipes.harness import Copy, copied


@pytest.fixture
def copy(tmp_path) -> Copy:
    """A copy of the repository with few data; `harness.copied` makes one with others."""
    return copied(tmp_path / "copy")
