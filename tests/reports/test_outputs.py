"""What a step writes beyond what a reader can read is cut, with a note in the language of the page, whatever it is."""

import json
import re
import tempfile

import pytest
from nbformat import v4

from analysis.batch import run as batch
from analysis.reports import edition as editions
from analysis.reports import outputs
from analysis.reports.outputs import DISPLAYS, TEXT
from tests.reports.conftest import code, notebook, parameters


def stream(text, name="stdout"):
    return v4.new_output("stream", text=text, name=name)


def value(text="1"):
    return v4.new_output("display_data", {"text/plain": text})


def told(*written):
    """Type and length, or name, of what is shown."""
    return [
        (out.output_type, len(out.text) if "text" in out else out.get("name", ""))
        for out in outputs.shown(written)
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ([stream("a" * TEXT)], [("stream", TEXT)]),
        ([stream("a" * (TEXT + 1))], [("stream", TEXT), ("cut", "cut_text")]),
        ([stream("a" * TEXT), stream("b")], [("stream", TEXT), ("cut", "cut_text")]),
        (
            [stream("a" * (TEXT - 1)), value(), stream("bcd"), value(), stream("more")],
            [
                ("stream", TEXT - 1), ("display_data", ""), ("stream", 1), ("cut", "cut_text"),
                ("display_data", ""),
            ],
        ),
        ([stream("a" * TEXT), stream("b", "stderr")], [("stream", TEXT), ("stream", 1)]),
        ([value()] * DISPLAYS, [("display_data", "")] * DISPLAYS),
        (
            [stream("a"), *[value(), stream("b")] * (DISPLAYS + 3)],
            [*[("stream", 1), ("display_data", "")] * DISPLAYS, ("stream", 4), ("cut", "cut_displays")],
        ),
    ],
)  # fmt: skip
def test_streams_and_displays_have_a_limit_and_a_note(written, expected):
    assert told(*written) == expected


WRITTEN = {
    "longue": "print('x' * 300_000)",
    "lignes": "for n in range(60_000):\n    print('/home/' * 5)",
    "dessous": "import os\nos.system('yes 0123456789 | head -c 300000')",
    "valeur": "'x' * 300_000",
    "affiche": "from IPython.display import display\nfor n in range(5_000):\n    display(n)",
    "efface": (
        "from IPython.display import clear_output\nfor n in range(30):\n    print('x' * 15_000)\n    clear_output()\n"
        "print('at the end')"
    ),
    "barre": "import sys\nfor n in range(101):\n    print(f'{n} of 100', end='\\r', file=sys.stderr)",
    "octets": "import os\nprint('\\x1b[31ma\\x00b\\ud800\\x07')\nos.write(1, b'\\xff\\xfe')\n'\\udfff'.join('ab')",
    "html": "from IPython.display import HTML\nHTML('<p>\\ud800</p>')",
}
NOTES = {
    "longue": "Seuls les 20 000 premiers caractères", "lignes": "Seuls les 20 000 premiers caractères",
    "dessous": "Seuls les 20 000 premiers caractères", "valeur": "Seuls les 20 000 premiers caractères",
    "affiche": "Seules les 200 premières sorties",
}  # fmt: skip


def pages(root, out, engine):
    edition = editions.load("essai", root)
    tasks, books = editions.plan(edition, root=root)
    tasks = [task for task in tasks if task.territory == "67"]
    summary = batch.run(edition, tasks, books, root, out, options=batch.Options(engine=engine))
    assert not summary.failed, summary.failed
    return {task.outcome: (out / "essai" / task.path).read_bytes() for task in tasks}


def test_a_page_shows_the_beginning_and_says_that_there_is_more(make_project, tmp_path):
    root = make_project(**{name: notebook(parameters(), code(source)) for name, source in WRITTEN.items()})
    for name, page in pages(root, tmp_path / "out", "pacte").items():
        text = page.decode()
        assert len(page) < 200_000, name
        notes = re.findall(r'<p class="cut" role="note">([^<]*)</p>', text)
        spaced = [re.sub(r"\s", " ", note) for note in notes]
        assert [note.startswith(NOTES[name]) for note in spaced] == [True] * (name in NOTES), (name, notes)
        shown = "".join(re.findall(r'<pre class="(?:stream|value)[^>]*>(.*?)</pre>', text, re.DOTALL))
        if name == "efface":
            assert shown == "at the end\n"
        if name == "barre":
            assert shown == "100 of 100"
        if name == "octets":
            assert not re.search(r"[\x00-\x08\x0b-\x1f]", shown) and "ab\ufffd" in shown


@pytest.mark.slow
def test_a_kernel_is_cut_at_the_same_place(make_project, tmp_path):
    """With few displays: a kernel that sends thousands faster than they are taken drops some of its messages."""
    names = ("longue", "affiche", "efface", "barre")
    few = {name: WRITTEN[name].replace("5_000", "300") for name in names}
    root = make_project(**{name: notebook(parameters(), code(text)) for name, text in few.items()})
    assert pages(root, tmp_path / "a", "pacte") == pages(root, tmp_path / "b", "kernel")


def test_an_error_of_any_length_and_of_any_character_is_kept_short_and_whole(make_project, tmp_path):
    raises = "raise ValueError(str(__import__('tempfile').gettempdir()) + '/x.csv\\ud800' + '\\x1b[31m' + 'y' * 2_000_000)"
    root = make_project(essai=notebook(parameters(), code(raises)))
    edition = editions.load("essai", root)
    tasks, books = editions.plan(edition, root=root)
    summary = batch.run(edition, tasks[:1], books, root, tmp_path / "out")
    (failed,) = summary.failed
    assert (
        f"ValueError: {tempfile.gettempdir()}/x.csv\ufffdyyy" in failed.reason and len(failed.reason) <= 300
    )
    folder = tmp_path / "out/essai" / failed.task.territory
    kept = (folder / "essai.error.txt").read_text(encoding="utf-8")
    assert "ValueError: temporary/x.csv\ufffdyyy" in kept and len(kept) < 3 * TEXT
    assert json.loads((folder / "essai.failed.ipynb").read_text(encoding="utf-8"))["cells"]
    assert (folder / "essai.failed.ipynb").stat().st_size < 10 * TEXT
