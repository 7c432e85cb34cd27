"""« Correct a figure », followed in a copy: an entry of the register, and the report says what it puts right."""

import pytest

from tests.recipes.harness import commands

REGISTER = "data/raw/parameters/corrections.yml"
ENTRY = """\
  - name: overindebtedness_bas_rhin_2024
    dataset: banque_de_france/overindebtedness
    period: "2024"
    territory: "67"
    published: {count_overindebtedness_files: 1763}
    corrected: {count_overindebtedness_files: 1263}
    why:
      fr: Cinq cents dossiers d’un autre département y sont comptés.
      en: Five hundred files of another département are counted in it.
    reference: A letter of the producer, for this test.
    checked: 2026-11-30
"""


@pytest.mark.slow
def test_a_correction_is_an_entry_and_the_report_says_it(copy):
    copy.append(REGISTER, ENTRY)
    for command in commands("Correct a figure"):
        copy.run(command)
    assert copy.changed() == copy.written == {REGISTER}
    # 1,263 files for 1,170,551 inhabitants, where 1,763 are published
    said = "1 000 habitants 2024 (provisoire ; après correction d’une erreur de publication) 1,08"
    assert said in copy.page("67", "diagnostic")
