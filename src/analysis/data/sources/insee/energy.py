"""Energy spending by decile of income from INSEE's Budget de famille survey of 2017, tabulated by a researcher.

The workbook gives, by decile, total disposable income and total spending on each energy. Its amounts are about a third
of what INSEE publishes for the same survey, for a reason that it does not give: they are never carried. What is carried
is each decile's share of income spent on energy at home relative to that of all households, in which a common factor
cancels out. Motor fuel is left out. National figures only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, Dataset
from analysis.data.sources.insee.wide import read_sheets, under_heading
from analysis.foundations.cells import figures, numbers, require_columns
from analysis.foundations.limits import SourceError

_ENERGIES = ("Electricite", "Electricite_gaz", "Gaz", "Fuel")
_INCOME = "REVDISP"
_DECILES = [f"d{i}" for i in range(1, 11)]


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """For each decile, 100 × its share of income spent on energy at home ÷ that of all households."""
    (path,) = paths
    sheet = next(iter(read_sheets(path).values()))
    frame = under_heading(sheet, "dec", path.name, column=1).reset_index(drop=True)
    require_columns(frame, ("dec", _INCOME, *_ENERGIES), path.name)
    deciles = frame["dec"].astype("str").str.strip().tolist()
    if deciles != _DECILES:
        raise SourceError(f"{path.name}, column 'dec': found {deciles}, expected d1 to d10 in order")
    income = numbers(frame[_INCOME], path.name)
    first, *others = (numbers(frame[energy], path.name) for energy in _ENERGIES)
    spending = sum(others, start=first)
    share = spending / income
    rows = pd.DataFrame({"indicator": [f"index_energy_share_{d}" for d in deciles]})
    rows["value"] = (100 * share / (spending.sum() / income.sum())).round(1)
    return figures(rows.assign(territory="FR", period="2017", note="relative_to_all_households"))


DATASETS = (
    Dataset(
        name="insee/energy_spending_deciles_2017",
        producer="INSEE",
        title="Enquête Budget de famille 2017 : dépenses d’énergie du logement par décile de revenu",
        url="https://www.insee.fr/fr/statistiques/4648339",
        licence=INSEE_REUSE,
        vintage="2017",
        perimeter="France, households by decile of disposable income",
        files=("Depenses_Energie_Deciles_BDF2017__PierreMadec.xlsx",),
        load=load,
        quality="reused",
        notes=(
            "Amounts in the file are about a third of those published from the same survey: only their ratios are kept.",
        ),
    ),
)
