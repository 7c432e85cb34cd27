"""What something rests on is computed from the imports, and holds all that is seen to be loaded and read."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.data.processed import is_current, made_from
from analysis.foundations import dependencies
from analysis.foundations.cells import figures
from tests.unit.test_catalogue import sidecar

PANEL = "analysis.data.panel"
BEHIND = dependencies.nearest(PANEL)
SEEN = """
import json, sys
from pathlib import Path
opened = set()
sys.addaudithook(lambda event, given: opened.update(map(str, given[:1])) if event == "open" else None)
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
raw = Path(sys.argv[1])
Panel.open(Catalogue(raw), raw.parent / "processed")
package = Path(sys.modules["analysis"].__file__).parent
found = {Path(name) for name in opened} | {Path(m.__file__) for n, m in sys.modules.items() if n.startswith("analysis.")}
print(json.dumps(sorted(p.relative_to(package).as_posix() for p in found if p.is_relative_to(package))))
"""


@pytest.fixture
def catalogue(tmp_path):
    """A catalogue of two figures."""
    found = Catalogue(tmp_path / "raw")
    rows = {"territory": ["67", "68"], "period": "2024", "indicator": "count_population", "value": [3.0, 4.0]}
    found.store(figures(pd.DataFrame(rows)), sidecar("x/a"))
    return found


def test_the_panel_rests_on_all_that_is_loaded_and_read_to_make_it(catalogue):
    done = subprocess.run(
        [sys.executable, "-c", SEEN, catalogue.root], capture_output=True, text=True, check=True
    )
    seen = {p for p in json.loads(done.stdout) if not p.endswith((".pyc", "__init__.py", "version.py"))}
    assert {"panel.py", "notes.py", "indicators.yml", "memberships.csv"} <= {
        p.rpartition("/")[2] for p in seen
    }
    assert seen <= set(BEHIND)


def test_the_panel_is_made_again_when_any_of_it_is_another(catalogue, tmp_path):
    folder = tmp_path / "processed"
    Panel.open(catalogue, folder)
    path, beside = folder / "panel.parquet", folder / "panel.json"
    kept = json.loads(beside.read_text())
    assert list(kept["code"]) == list(made_from(catalogue, PANEL)["code"]) == list(BEHIND)
    for name in [*kept["code"], None]:
        code = kept["code"] | {name: "0" * 64} if name else {}
        beside.write_text(json.dumps(kept | {"code": code}))
        assert not is_current(path, catalogue), name
    beside.write_text(json.dumps(kept))
    assert is_current(path, catalogue)


def test_a_comparison_names_the_nearest_file_by_which_a_loader_works():
    behind = dependencies.of_file("data/sources/banque_de_france.py")
    assert behind[0] == "data/sources/banque_de_france.py"
    assert behind.index("data/sources/base.py") < behind.index("foundations/gazetteer.py")
    assert dependencies.of_file("loaders/of_another_time.py") == ("loaders/of_another_time.py",)
