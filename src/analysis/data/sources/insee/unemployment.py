"""INSEE localised unemployment rates: one sheet, a row per département, a column per quarter; or the series of the BDM.

The sheet holds départements only, and two kinds of codes: text for ``01`` to ``09``, Corsica and overseas, numbers for
the others. Overseas départements begin in 2014; the quarters before have no row. Mayotte, the régions and France are
not in it. It marks no quarter as provisional, though INSEE revises the last ones; the series do, and have régions too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, Dataset
from analysis.data.sources.insee.wide import read_sheets, under_heading
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers
from analysis.foundations.connectors.bdm import Bdm
from analysis.foundations.limits import SourceError

_QUARTER = re.compile(r"T([1-4])_((?:19|20)\d\d)")


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Quarterly rates of the départements, in percent to one decimal."""
    (path,) = paths
    sheet = next(iter(read_sheets(path).values()))
    table = under_heading(sheet, "Code", path.name)
    table = table[table["Libellé"].notna()]
    quarters = {c: f"{m[2]}-Q{m[1]}" for c in table.columns if (m := _QUARTER.fullmatch(c))}
    if not quarters:
        raise SourceError(f"{path.name}: no column is named like T3_2025; found {list(table.columns)[:6]}")
    codes = territories.parse_series(table["Code"], level="departement")
    parts = [
        pd.DataFrame({"territory": codes, "period": quarter, "value": numbers(table[column], path.name)})
        for column, quarter in quarters.items()
    ]
    return figures(pd.concat(parts).dropna(subset=["value"]).assign(indicator="rate_unemployment"))


_SERIES = Tidy(
    territory="REF_AREA",
    codes={"FR-D976": "FR"},
    shape="D?(.+)",
    level=None,
    period="TIME_PERIOD",
    filters={"INDICATEUR": ("TAUX_CHOMAGE_LOCALISE",), "CORRECTION": ("CVS",), "FREQ": ("T",)},
    measures={"OBS_VALUE": "rate_unemployment"},
    status="OBS_STATUS",
    notes={"FR": "without_mayotte"},
)
"""The series of the BDM: départements are D01, D2A or D974, régions R84."""

DATASETS = (
    Dataset(
        name="insee/unemployment_quarterly",
        producer="INSEE",
        title="Taux de chômage localisés, par trimestre et par département",
        url="https://www.insee.fr/fr/statistiques/2012804",
        licence=INSEE_REUSE,
        vintage="2025-Q3",
        perimeter="96 départements of France métropolitaine since 1982-Q1; 971 to 974 since 2014-Q1; no Mayotte",
        files=("sl_etc_2025T3.xls",),
        load=load,
        remote=Remote(
            connectors=(Bdm("TAUX-CHOMAGE", since="1982"),),
            load=_SERIES,
            columns=("IDBANK", "TITLE_FR", "UNIT_MEASURE", "LAST_UPDATE"),
            described={
                "perimeter": "96 départements of France métropolitaine, 971 to 974; régions, France métropolitaine, France "
                "without Mayotte",
                "notes": (
                    "Seasonally adjusted quarterly averages, ILO definition, published to 0.1 point.",
                    "A quarter is provisional where INSEE says so. The rate of France leaves Mayotte out.",
                ),
            },
        ),
        notes=(
            "Seasonally adjusted quarterly averages, ILO definition, published to 0.1 point.",
            "No régions and no France in this file. No quarter is marked provisional; INSEE revises the last ones.",
        ),
        compressed=True,
    ),
)
