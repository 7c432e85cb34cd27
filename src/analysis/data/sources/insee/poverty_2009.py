"""INSEE localised disposable incomes (RDL) 2009: the only table at hand with child poverty by département.

Three sheets of the workbook are read: all persons, by age, by household type. Corsica is one row, coded ``20``, and
becomes the région; the row « Province » is dropped. Social benefits are imputed in this source, which is why Filosofi,
which replaced it, does not continue its series.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, Dataset
from analysis.data.sources.insee.wide import melt, read_sheets, under_heading
from analysis.foundations import territories
from analysis.foundations.cells import figures
from analysis.foundations.limits import SourceError

_SHEETS = {
    "PAUVRETE_DEP": {
        "TAUX60": "rate_poverty_60",
        "TAUX50": "rate_poverty_50",
        "TAUX40": "rate_poverty_40",
        "INTENS": "share_poverty_intensity",
    },
    "PAUVRETE_AGE_DEP": {
        "AGE017": "rate_poverty_60_under_18",
        "AGEREF029": "rate_poverty_60_head_under_30",
        "AGEREF3039": "rate_poverty_60_head_30_39",
        "AGEREF4049": "rate_poverty_60_head_40_49",
        "AGEREF5059": "rate_poverty_60_head_50_59",
        "AGEREF6074": "rate_poverty_60_head_60_74",
        "AGEREF75": "rate_poverty_60_head_75_over",
    },
    "PAUVRETE_TYPE_MENAGE_DEP": {
        "TYPMEN1": "rate_poverty_60_lone_parent",
        "TYPMEN2": "rate_poverty_60_couple_without_children",
        "TYPMEN3": "rate_poverty_60_couple_with_children",
        "TYPMEN4": "rate_poverty_60_complex",
        "TYPMEN5": "rate_poverty_60_woman_alone",
        "TYPMEN6": "rate_poverty_60_man_alone",
    },
}
_PROVINCE = "PROV"
_OWN_CODES = {"M": "France métropolitaine", "20": "région Corse"}
"""Codes that mean something else elsewhere, or nothing, and the territories that they are here."""


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Poverty rates of 2009 in percent, by age and household type."""
    (path,) = paths
    sheets, parts = read_sheets(path), []
    if missing := [name for name in _SHEETS if name not in sheets]:
        raise SourceError(f"{path.name}: no sheet {', '.join(missing)}; the published workbook has changed")
    for name, columns in _SHEETS.items():
        table = under_heading(sheets[name], "REG", f"{path.name}, {name}")
        table = table[table["DEP"].notna()]
        codes = territories.parse_series(table["DEP"].replace(_OWN_CODES), drop=(_PROVINCE,))
        parts.append(melt(table.loc[codes.index], codes, columns, "2009", f"{path.name}, {name}"))
    return figures(pd.concat(parts, ignore_index=True))


DATASETS = (
    Dataset(
        name="insee/poverty_2009",
        producer="INSEE",
        title="Revenus disponibles localisés (RDL) 2009 : taux de pauvreté",
        url="https://www.insee.fr/fr/statistiques/2390210?sommaire=2390213",
        licence=INSEE_REUSE,
        vintage="2009",
        perimeter="94 départements of France métropolitaine, Corsica as one, France métropolitaine; tax households",
        files=("taux_pauvrete_2009.xls",),
        load=load,
        breaks=("2013: Filosofi replaces RDL, benefits are observed and no longer imputed",),
        notes=("Corsica is published as one (code 20): no figure for 2A and 2B.",),
    ),
)
