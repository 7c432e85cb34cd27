"""« Add a policy », followed in a copy: a table of the register, entries of designs.yml, messages, two cells; no code."""

import hashlib

import pytest
import yaml

from tests.recipes.harness import DATASETS, ROOT, copied

POLICY, DESIGN, OUTCOME = "debt_advice", "debt_advice_first", "debt_files"
TABLE, DESIGNS = f"data/raw/politiques/{POLICY}.csv", "data/raw/parameters/designs.yml"
TREATED = ("01", "08", "15", "21", "36", "52", "67", "79")
POLICIES = f"""\
  {POLICY}:
    dataset: politiques/{POLICY}
    recipients: [{OUTCOME}]
    starts:
      "":
        earliest: "2022-03"
        latest: "2022-06"
        reference: A circular.
        checked: 2026-11-30
"""
OUTCOMES = f"""\
  {OUTCOME}:
    series: [{{indicator: count_overindebtedness_files}}]
    window: ["2019", "2024"]
    cautions: [files_lodged]
    reference: Banque de France, yearly.
    checked: 2026-11-30
"""
DESIGNED = f"""\
  {DESIGN}:
    policy: {POLICY}
    starts: territory
    window: ["2019", "2023"]
    anticipation: 0
    cautions: [advisers_known]
    outcomes:
      {OUTCOME}: {{role: main, aim: fall}}
      rsa_december: {{role: placebo}}
    reference: Own choice.
    checked: 2026-11-30
"""
WORDS = {
    "fr": {
        f"design.policy.{POLICY}": "conseil aux personnes endettées",
        f"design.name.{DESIGN}": "conseil aux personnes endettées, premiers départements",
        "design.reason.advisers_known": "les conseillers connaissaient déjà les ménages",
        "design.reason.files_lodged": "un dossier est compté quand il est déposé",
    },
    "en": {
        f"design.policy.{POLICY}": "advice to people in debt",
        f"design.name.{DESIGN}": "advice to people in debt, first départements",
        "design.reason.advisers_known": "the advisers knew the households before",
        "design.reason.files_lodged": "a file is counted when it is lodged",
    },
}


def register(copy):
    """The table with its sidecar."""
    rows = [f"{code},{code},2022,year,{'part,140' if code == '67' else 'unknown,'}" for code in TREATED]
    text = "\n".join(["territory,departement,started,started_precision,coverage,people", *rows, ""])
    sidecar = yaml.safe_load((ROOT / "data/raw/politiques/spie.source.yml").read_text(encoding="utf-8"))
    sidecar |= {
        "dataset": f"politiques/{POLICY}", "title": "Conseil aux personnes endettées : départements", "rows": len(rows),
        "territories": len(rows), "columns": text.split("\n")[0].split(","), "notes": [],
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }  # fmt: skip
    copy.write(TABLE, text)
    copy.write(
        TABLE.replace(".csv", ".source.yml"), yaml.safe_dump(sidecar, allow_unicode=True, sort_keys=False)
    )


def follow(copy):
    """What a person writes to add the policy."""
    register(copy)
    copy.edit(DESIGNS, "\nbeside: {", f"\nbeside: {{{POLICY}: exclude, ")
    copy.edit(DESIGNS, "\n# What every design leaves out", f"\n{POLICIES}\n# What every design leaves out")
    copy.edit(
        DESIGNS, "\n  energy_voucher_use:\n    series", f"\n{OUTCOMES}  energy_voucher_use:\n    series"
    )
    copy.append(DESIGNS, DESIGNED)
    for lang, words in WORDS.items():
        entries = "".join(f'msgid "{key}"\nmsgstr "{text}"\n\n' for key, text in words.items())
        path = f"src/analysis/foundations/locales/{lang}/LC_MESSAGES/narrative.po"
        copy.edit(path, 'msgid "design.role.main"', f'{entries}msgid "design.role.main"')
    cell = r'"sections.effects_of(report, \"spie\")"'
    copy.edit("notebooks/report_effets.ipynb", cell, cell.replace("spie", DESIGN))
    shown = r"sections.effects_here(report, \"rsa_december\""
    copy.edit("notebooks/report_retour_emploi.ipynb", shown, f'{shown}, \\"{OUTCOME}\\"')


@pytest.mark.slow
def test_a_policy_with_an_outcome_of_its_own_is_data_and_words_and_stands_in_both_reports(tmp_path):
    tables = [f"politiques/{path.stem}" for path in (ROOT / "data/raw/politiques").glob("*.csv")]
    copy = copied(tmp_path / "copy", [*DATASETS, *tables])
    follow(copy)
    assert not [path for path in copy.written if path.endswith(".py")]
    copy.run(
        ".venv/bin/pacte report FR 67 --outcome effets --outcome retour_emploi --edition demo --lang fr --lang en"
    )
    country = copy.page("FR", "effets")
    for told in (
        "Conseil aux personnes endettées, premiers départements. Dossiers de surendettement déposés : aucun effet visible",
        "Conseil aux personnes endettées, premiers départements Foyers allocataires du RSA, en décembre aucun",
        "Précaution Les conseillers connaissaient déjà les ménages",
        "Précaution Un dossier est compté quand il est déposé",
        "Conseil aux personnes endettées : départements",
    ):
        assert told in country
    here = copy.page("67", "retour_emploi"), copy.page("67", "retour_emploi.en")
    for told in (
        "Conseil aux personnes endettées entre mars 2022 et juin 2022 (mois non trouvé) une partie du territoire",
        "soit environ 10 % du nombre de dossiers du département (1 372, 2021)",
    ):
        assert told in here[0]
    for told in (
        "Advice to people in debt between March 2022 and June 2022",
        "about 10% of the number of files of the dép",
    ):
        assert told in here[1]
