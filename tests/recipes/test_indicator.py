"""« Add an indicator », followed in a copy: an entry of the dictionary, a line of a notebook, and the report shows it."""

import pytest

from tests.recipes.harness import commands

DICTIONARY, NOTEBOOK = "src/analysis/foundations/indicators.yml", "notebooks/report_diagnostic.ipynb"
AFTER = "rate_overindebtedness_per_1000"
NAME = f"{AFTER}_dwellings"
ENTRY = f"""\
  {NAME}:
    label: {{fr: nombre de dossiers de surendettement pour 1 000 logements, en: over-indebtedness files per 1000 dwellings}}
    unit: per_1000
    decimals: 2
    theme: poverty
    minimum: 0
    higher: worse
    definition:
      fr: Dossiers de surendettement déposés dans l’année, rapportés aux résidences principales.
      en: Over-indebtedness files lodged in the year, over main residences.
    ratio: {{numerator: count_overindebtedness_files, denominator: count_main_residences, per: 1000}}
"""


@pytest.mark.slow
def test_an_indicator_is_two_files_and_stands_in_the_report(copy):
    copy.edit(DICTIONARY, f"\n  {AFTER}:\n", f"\n{ENTRY}  {AFTER}:\n")
    line = f'    "    \\"{AFTER}\\",\\n",\n'
    copy.edit(NOTEBOOK, line, line + line.replace(AFTER, NAME))
    for command in commands("Add an indicator"):
        copy.run(command)
    assert copy.changed() == copy.written == {DICTIONARY, NOTEBOOK}
    page = copy.page("67", "diagnostic")
    assert "Dossiers de surendettement déposés dans l’année, rapportés aux résidences principales." in page
    # 1,413 files over 510,782 residences
    assert "Nombre de dossiers de surendettement pour 1 000 logements 2020 2,77" in page
