"""What a machine leaves in a text is taken out."""

import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from analysis.reports.scrub import Scrubber

ROOT = Path(__file__).resolve().parents[2]
HERE = f"{tempfile.gettempdir()}/ipykernel_12/345.py"
LIBRARY = sysconfig.get_path("purelib")
SOMEONE = "/".join(("", "home", "someone", "secret", "x.csv"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[0;31mred\x1b[0m \x1b]8;;u\x07link\x1b]8;;\x07", "red link"),
        (f"{HERE}:3: UserWarning", "cell:3: UserWarning"),
        (f'File "{HERE}", line 1', 'File "cell", line 1'),
        (f"{ROOT}/src/a.py and {ROOT}", "src/a.py and project"),
        (f"{LIBRARY}/pandas/x.py", "site-packages/pandas/x.py"),
        (f"in {sys.prefix}/bin", "in environment/bin"),
        (f"'{SOMEONE}' is missing", "'…/x.csv' is missing"),
        ("File ~/.local/lib/x.py:3, in f", "File …/x.py:3, in f"),
        ("<A object at 0x7f12ab34cd56>", "<A object at 0x…>"),
        ("10 %\r 50 %\r100 %\r\nend\r\n", "100 %\nend\n"),
        ("a\x00b\x07\x9b\u202fc\ud800", "ab\u202fc\ufffd"),
        (f"/ho\x08me/{'x' * 9}/y.csv", "…/y.csv"),
        (
            "euros/mois et https://www.insee.fr/fr/home/x 1/2",
            "euros/mois et https://www.insee.fr/fr/home/x 1/2",
        ),
    ],
)
def test_a_text_is_freed_of_the_machine(text, expected):
    assert Scrubber(ROOT)(text) == expected


def test_a_folder_in_a_page_is_found_and_an_image_is_not_searched():
    scrub = Scrubber(ROOT)
    assert scrub.leak(f"<p>{ROOT}/data</p>") == str(ROOT)
    assert scrub.leak(f'<img src="data:image/png;base64,aa{ROOT}/">'.replace(".", "")) is None
