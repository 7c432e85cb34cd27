"""The same numbers, to the last digit, on every kind of processor; and ten significant digits in everything estimated."""

import itertools
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.estimation import comparison
from analysis.foundations import territories
from analysis.foundations.arithmetic import rounded
from benchmarks import processors
from tests.methods import numbers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def there():
    """Numbers of results of each kind, by the way to them, for each kind of processor that this machine can pass for."""
    able = [kind for kind in processors.NEEDED if processors.why_not(kind) is None]
    command = [sys.executable, "-m", "tests.methods.numbers"]
    at_work = {
        kind: subprocess.Popen(
            command, cwd=ROOT, env=processors.environment(kind, compiled), stdout=subprocess.PIPE
        )
        for kind, compiled in zip(able, itertools.cycle((False, True)), strict=False)
    }
    written = {kind: process.communicate()[0] for kind, process in at_work.items()}
    assert not any(process.returncode for process in at_work.values())
    return {kind: json.loads(text) for kind, text in written.items()}


@pytest.mark.parametrize("kind", list(processors.NEEDED)[1:])
def test_no_digit_depends_on_the_kind_of_processor(there, kind):
    first = next(iter(processors.NEEDED))
    if reason := processors.why_not(kind) or processors.why_not(first):
        pytest.skip(reason)
    assert len(there[first]) > 5_000 and there[first].keys() == there[kind].keys()
    differ = {path: (x, there[kind][path]) for path, x in there[first].items() if x != there[kind][path]}
    assert not differ, f"{len(differ)} of {len(there[first])} differ, such as {list(differ.items())[:5]}"


def test_everything_estimated_has_ten_significant_digits():
    found = [
        (path, x) for name, thing in numbers.results().items() for path, x in numbers.floats(thing, name)
    ]
    long = [(path, x) for path, x in found if math.isfinite(x) and float(f"{x:.9e}") != x]
    assert len(found) > 5_000 and not long, long[:10]
    assert not [path for path, x in found if x == 0 and math.copysign(1, x) < 0]


def test_of_two_departements_at_the_same_distance_the_first_by_code_is_nearer():
    """Two with the figures of each other, but for an amount that only the order of sums would leave."""
    drawn = np.random.default_rng(3).integers(0, 100, (96, 3)) / 100
    context = pd.DataFrame(drawn, territories.METROPOLITAN, list("abc"))
    own, twins = context.loc["67"], ("01", "39")
    for code, noise in zip(twins, (1e-15, 0.0), strict=True):
        context.loc[code] = own + 0.001 + noise
    found = comparison.find_peers(context, "67", {}, 2)
    assert found.codes == twins and found.distances[0] == found.distances[1]
    assert rounded(found.distances) is found.distances
