"""How often chance is drawn from, and from which seed, is said in one module."""

import re

from tests.conventions.repository import modules

NUMBERED = re.compile(
    r"^(?!.*>>>).*(?:\b(?:draws|seed)(?:: int)? ?= ?|\b\w*(?:DRAWS|SEED) = |default_rng\()\d", re.MULTILINE
)


def test_no_number_of_draws_and_no_seed_stands_outside_their_home():
    found = {path: NUMBERED.findall(text) for path, text in modules().items() if NUMBERED.search(text)}
    assert [path for path in found if not path.endswith("estimation/draws.py")] == []
    assert found  # the rule sees those of the home itself
