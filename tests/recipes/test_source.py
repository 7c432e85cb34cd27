"""« Add a source », followed in a copy: what the command begins is completed, imported, listed in pages, and reported."""

import pytest

from tests.conventions import test_code
from tests.recipes.harness import commands

NAME = "observatoire/day_centres"
LOADER, TEST = "src/analysis/data/sources/observatoire.py", "tests/data/test_observatoire.py"
DICTIONARY, NOTEBOOK = "src/analysis/foundations/indicators.yml", "notebooks/report_diagnostic.ipynb"
PUBLISHED = "dep;annee;centres\n67;2023;6\n67;2024;7\n2A;2024;2\n974;2024;\n"

IN_LOADER = {
    'files=("day_centres.csv",),': 'files=("accueils_2024.csv",),',
    '"""observatoire: ... by département and year.\n\n... is not read here.':
        '"""Observatoire: day centres for people without a home, by département and year.\n\nPlaces are not read here.',
    '"""... by département and year."""': '"""Day centres by département and year."""',
    "code, year, count = ..., ..., ...  # headings": 'code, year, count = "dep", "annee", "centres"',
    '"indicator": ...,': '"indicator": "count_day_centres",',
    "producer=...,": 'producer="Observatoire",',
    "title=...,": 'title="Accueils de jour, par département",',
    "url=...,": 'url="https://observatoire.example/accueils",',
    "licence=...,": 'licence="Licence Ouverte 2.0 (Etalab)",',
    "vintage=...,": 'vintage="2024",',
    "perimeter=...,": 'perimeter="France, at 31 December",',
    "quality=...,": 'quality="producer",',
}  # fmt: skip
IN_TEST = {
    '"""observatoire/day_centres: ... and what its file has that could make a figure wrong."""':
        '"""Day centres: blanks, and the total that the observatory prints."""',
    "HEADER, ROW, SAYS = ..., ..., ...":
        'HEADER, ROW, SAYS = "dep;annee;centres", "67;2024;7", ("67", "2024", "count_day_centres", 7)',
    "BLANK = ...": 'BLANK = "974;2024;"',
    "(Check(figure=..., published=..., by=..., ours=lambda: total(..., ...), why=...),)":
        '(Check("day centres, 2024", "10", "Observatoire", lambda: total("count_day_centres", "2024")),)',
    '["value"].sum() == ...': '["value"].sum() == 15',
    "  # lines of the file, and the territory, period, indicator and value that they give": "",
    "  # a line without a number": "",
}  # fmt: skip
ENTRY = """\
  count_day_centres:
    label: {fr: accueils de jour, en: day centres}
    unit: structure
    theme: rights
    additive: true
    minimum: 0
    definition:
      fr: Accueils de jour pour personnes sans domicile ouverts au 31 décembre.
      en: Day centres for people without a home open on 31 December.
"""


@pytest.fixture
def unchecked(copy):
    """The copy without the tests that check figures which it does not hold."""
    for path in copy.root.glob("tests/*/test_*.py"):
        if "\nCHECKS = " in path.read_text(encoding="utf-8"):
            path.unlink()
    return copy


@pytest.mark.slow
def test_a_source_is_three_files_and_what_commands_write(unchecked):
    copy = unchecked
    path = (
        copy.root.parent / "shared/data/observatoire/accueils_2024.csv"
    )  # where tests look for published files
    path.parent.mkdir(parents=True)
    path.write_text(PUBLISHED, encoding="utf-8")
    given = {"PRODUCER/DATASET": NAME, "PATH": str(path), "TEST": TEST}
    begin, *others = commands("Add a source")
    said = copy.run(begin, given)
    assert copy.changed() == {LOADER, TEST}
    assert f"{LOADER}:" in said and "licence=...," in said
    files, *decided = IN_LOADER.items()
    copy.edit(LOADER, *files)
    left = "producer, title, url, licence, vintage, perimeter, load, quality"
    said = copy.run(".venv/bin/pacte data import PATH", given, refused=True)
    assert f"nothing was imported, as {left} remain" in said
    assert list(test_code.rules.nothing_is_left_to_decide(TEST, copy.read(TEST)))

    for file, edits in ((LOADER, decided), (TEST, IN_TEST.items())):
        for old, new in edits:
            copy.edit(file, old, new)
    copy.edit(DICTIONARY, "indicators:\n", f"indicators:\n{ENTRY}")
    for command in others:
        copy.run(command, given)
    copy.run(f".venv/bin/ruff check {LOADER} {TEST}")
    copy.run(f".venv/bin/ruff format --check {LOADER} {TEST}")
    rules = (*test_code.IN_PACKAGE, test_code.rules.nothing_is_left_to_decide)
    assert not [problem for rule in rules for problem in rule(LOADER, copy.read(LOADER))]
    assert not list(test_code.rules.nothing_is_left_to_decide(TEST, copy.read(TEST)))
    assert copy.written == {LOADER, TEST, DICTIONARY}
    tables = {f"data/raw/{NAME}{ending}" for ending in (".csv", ".source.yml")}
    assert copy.changed() == copy.written | tables | {"docs/checks.md", "docs/data.md"}
    assert "| day centres, 2024 | 10 | Observatoire | 9 | −1 | |" in copy.read("docs/checks.md")
    assert f"| `{NAME}` | `accueils_2024.csv` |" in copy.read("docs/data.md")

    line = '    "    \\"rate_france_services_per_100000\\",\\n",\n'
    copy.edit(NOTEBOOK, line, line + line.replace("rate_france_services_per_100000", "count_day_centres"))
    copy.run(".venv/bin/pacte report 67 --outcome diagnostic --edition demo")
    page = copy.page("67", "diagnostic")
    assert "Accueils de jour 2024 7" in page
    assert "Observatoire" in page
