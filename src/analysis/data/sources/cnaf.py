"""CNAF: places of formal childcare offered per 100 children under three, in total and by kind of childcare.

The file holds two series, told apart by its column ``serie``: the historical one (2017–2022) and the new one
(2022–2023), which counts fewer collective places outside the PSU funding. The rule here: the historical series up to
2021, the new one from 2022, and a break between the two; the historical 2022 is left out, so nothing is chained and no
year is given twice.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy, year
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, once, require_columns
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_INDICATORS = {
    "tx_global": "rate_childcare_coverage",
    "tx_eaje": "rate_childcare_coverage_collective",
    "tx_assmat": "rate_childcare_coverage_childminders",
    "tx_prescol": "rate_childcare_coverage_nursery_school",
    "tx_domicile": "rate_childcare_coverage_home_help",
}
_OLD, _NEW = "historique_2017_2022", "nouvelle_2022_2023"
_FIRST_NEW_YEAR = "2022"
_NOT_DEPARTEMENTS = ("977", "978")  # Saint-Barthélemy and Saint-Martin, collectivities of their own


def _one_series(published: pd.DataFrame, where: str) -> pd.DataFrame:
    """Keep one row per territory and year: the historical series before the break, the new one from it on."""
    if unknown := sorted(set(published["serie"]) - {_OLD, _NEW}):
        raise SourceError(
            f"{where}, column 'serie': {unknown} found, {[_OLD, _NEW]} expected; a third series needs a rule"
        )
    new = published["annee"] >= _FIRST_NEW_YEAR
    kept = published[(published["serie"] == _NEW) == new]
    once(kept, ["dep", "annee"], where)
    return kept


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Coverage rates by département and year, in places per 100 children under three."""
    path = paths[0]
    published = read_csv(path)
    require_columns(published, ("annee", "dep", "serie", *_INDICATORS), path.name)
    kept = _one_series(published, path.name)
    codes = territories.parse_series(kept["dep"], level="departement", drop=_NOT_DEPARTEMENTS)
    kept = kept.loc[codes.index]
    return figures(
        pd.concat(
            pd.DataFrame(
                {
                    "territory": codes,
                    "period": kept["annee"],
                    "indicator": indicator,
                    "value": numbers(kept[column], path.name),
                }
            )
            for column, indicator in _INDICATORS.items()
        )
    )


_TIDY = Tidy(
    territory="numdep",
    period="annee",
    measures={
        "txcouv_dep": "rate_childcare_coverage",
        "txcouv_eaje_dep": "rate_childcare_coverage_collective",
        "txcouv_am_ind_dep": "rate_childcare_coverage_childminders",
        "txcouv_prescol_dep": "rate_childcare_coverage_nursery_school",
        "txcouv_gad_ind_dep": "rate_childcare_coverage_home_help",
    },
    codes=dict.fromkeys((*_NOT_DEPARTEMENTS, *("X" * n for n in (1, 2, 3)), "99")),
    form=year,
)
"""``XX`` and ``99`` stand for no département: one of them has a rate all the same."""


def load_both(paths: Sequence[Path]) -> pd.DataFrame:
    """The producer's two tables: the new series, then the historical one, which ends where the new one begins."""
    new, old = _TIDY(paths[:1]), _TIDY(paths[1:])
    return pd.concat([old[old["period"] < _FIRST_NEW_YEAR], new[new["period"] >= _FIRST_NEW_YEAR]])


DATASETS = (
    Dataset(
        name="cnaf/childcare_coverage",
        producer="Caisse nationale des allocations familiales (CNAF)",
        title="Taux de couverture d'accueil du jeune enfant, par département",
        url="https://data.caf.fr/",
        licence=LICENCE_OUVERTE,
        vintage="2017-2023",
        perimeter="100 départements (Mayotte is not in the file); offer in December of each year",
        files=("txcouv_petite_enfance_dep_2017_2023__cnaf.csv",),
        load=load,
        quality="reused",
        remote=Remote(
            tuple(
                Table("https://data.caf.fr", f"txcouv_pe_dep{one}", period="annee") for one in ("", "_hist")
            ),
            load_both,
            ("nomdep", "txcouv_psu_col_dep", "txcouv_hors_psu_col_dep", "txcouv_ind_dep", *_TIDY.columns),
            keeps=True,
        ),
        breaks=(
            "2022: new series of collective childcare (other count of places outside the PSU funding); in 2022 it is "
            "0.65 point lower than the historical series on average over départements, 4 points at most",
        ),
        notes=(
            "Historical series up to 2021, new series from 2022; the 2022 of the historical series is left out.",
            "Saint-Barthélemy (977) and Saint-Martin (978) are in the published file and are not départements.",
        ),
    ),
)
