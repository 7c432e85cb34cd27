"""« Add a section », followed in a copy: a function of the report, its words in both languages, a cell that calls it."""

import json

import pytest

from tests.recipes.harness import commands

SECTIONS = "src/analysis/reports/sections"
MODULE, FACE = f"{SECTIONS}/overindebtedness.py", f"{SECTIONS}/__init__.py"
NOTEBOOK = "notebooks/report_diagnostic.ipynb"
IMPORT = "from analysis.reports.sections.overindebtedness import files_a_day"
BEFORE = "from analysis.reports.sections.policies import"
LOCALES = "src/analysis/foundations/locales"
WORDS = {
    f"{LOCALES}/{lang}/LC_MESSAGES/narrative.po": f'\nmsgid "overindebtedness.daily"\nmsgstr "{text}"\n'
    for lang, text in {
        "fr": "Soit {count} dossiers de surendettement par jour en {year}.",
        "en": "That is {count} over-indebtedness files a day in {year}.",
    }.items()
}
SECTION = '''\
"""Over-indebtedness files a day: a number that can be pictured. Nothing is compared here."""

from __future__ import annotations

from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.report import Report, section


@section
def files_a_day(report: Report) -> Stack:
    """The files of the year, by day; a sentence on why there are none where there are none."""
    files = report.value("count_overindebtedness_files")
    if files.value is None:
        return stack([prose(sentences.missing(files, report.lang))])
    count = formats.number(files.value / 366, report.lang, decimals=1)
    return stack([prose(say("overindebtedness.daily", report.lang, count=count, year=files.period))])
'''


def with_cell(text, source):
    """A notebook with one more cell of code before its section on what can be evaluated."""
    notebook = json.loads(text)
    (place,) = (i for i, cell in enumerate(notebook["cells"]) if '"evaluability")' in "".join(cell["source"]))
    cell = {"cell_type": "code", "execution_count": None, "id": "0f1e2d3c", "metadata": {}, "outputs": []}
    cell["source"] = [source]
    notebook["cells"].insert(place, cell)
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


@pytest.mark.slow
def test_a_section_is_a_function_and_its_words_and_says_why_there_is_no_figure(copy):
    copy.write(MODULE, SECTION)
    copy.edit(FACE, f"\n{BEFORE}", f"\n{IMPORT}\n{BEFORE}")
    copy.edit(FACE, '"expected_non_take_up", ', '"expected_non_take_up", "files_a_day", ')
    for path, entry in WORDS.items():
        copy.edit(path, '\nmsgid "small_area.reading"\n', f'{entry}\nmsgid "small_area.reading"\n')
    copy.write(NOTEBOOK, with_cell(copy.read(NOTEBOOK), "sections.files_a_day(report)"))
    for command in commands("Add a section"):
        copy.run(command)
    assert copy.changed() == copy.written == {MODULE, FACE, NOTEBOOK, *WORDS}
    # 1,763 files in 2024; overseas is not in the series
    assert "Soit 4,8 dossiers de surendettement par jour en 2024." in copy.page("67", "diagnostic")
    assert "That is 4.8 over-indebtedness files a day in 2024." in copy.page("67", "diagnostic.en")
    assert "dossiers de surendettement par jour" not in copy.page("974", "diagnostic")
    assert "nos fichiers n’ont pas de chiffre pour La Réunion" in copy.page("974", "diagnostic")
