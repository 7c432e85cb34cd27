"""DITP: barometer of the results of public action, the series that bear on the Pacte des solidarités, by month.

The barometer was published on two bases, 2017–2022 and 2022–2024, with other identifiers and dates. They are two
datasets here, and their series keep names of their own wherever the quantity, its origin or its content differs:
nothing is chained. What each series counts since when was read in the figures, as the dictionaries do not always say
it: MaPrimeRénov' files are cumulated since the start of the scheme, people rehoused are cumulated from January of each
year (2017–2022) and then from January 2023 without a reset, entries into the contrat d'engagement jeune are cumulated
from January of each year, insertion employees and France services sites are stocks at the end of the month, and
France services acts are those of the month.

Figures that the file gives and that were not reported are ``unavailable``: a zero that stands for « no answer », and
the three months in which MaPrimeRénov' files were allotted to the wrong départements.

First step of the way of the data: published files in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, once, require_columns
from analysis.foundations.connectors.datagouv import Resource
from analysis.foundations.connectors.static import File
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_MISALLOTTED = ("2022-08", "2022-09", "2022-10")
"""Months in which the new MaPrimeRénov' files of one département are printed for another (Guyane gains 2,174 files
after 61 in all, the yearly pace of Ille-et-Vilaine falls to a tenth): across départements they have a correlation of
0.24 with the month before, against 0.99 in every other month, for the same national total."""


# ------------------------------------------------------------------------------------------- what was not reported


def _zero(rows: pd.DataFrame) -> pd.Series:
    """A delay of 0 month is no delay at all: the département did not answer."""
    return rows["value"] == 0


def _silent(rows: pd.DataFrame) -> pd.Series:
    """Zeros of a month in which every département has one, or of a year in which a département has nothing else."""
    by_month = rows.groupby("month")["value"].transform("max")
    by_year = rows.groupby(["territory", rows["month"].str[:4]])["value"].transform("max")
    return (by_month == 0) | (by_year == 0)


def _misallotted(rows: pd.DataFrame) -> pd.Series:
    return rows["month"].isin(_MISALLOTTED)


@dataclass(frozen=True)
class Series:
    """One series of the barometer: its identifier in the file, the indicator it becomes, and how it is read.

    ``missing`` marks the rows that were not reported; ``note`` names the reason. ``december_as`` gives the figure of
    December, for series cumulated from January, a second name: that of the whole year (``december_of`` restricts it to
    the one year whose January the series starts from). ``yearly`` series are dated by the year of the start of the
    school year, whatever the month of publication.
    """

    identifier: str
    indicator: str
    missing: Callable[[pd.DataFrame], pd.Series] | None = None
    note: str = ""
    december_as: str | None = None
    december_of: str = ""
    yearly: bool = False


_OLD = (
    Series(
        "nb-maprimerenov-valides",
        "count_maprimerenov_cumulated_since_2020",
        missing=_misallotted,
        note="misallotted",
    ),
    Series("nb-beneficiaires-siae", "count_iae_employees", missing=_silent, note="zero_published"),
    Series(
        "logement-sans-domicile-hebergement-urgence",
        "count_people_rehoused_cumulated_in_year",
        missing=_silent,
        note="zero_published",
        december_as="count_people_rehoused_in_year",
    ),
    Series(
        "duree-moyenne-traitement-demandes-allocation-adulte-handicape",
        "amount_aah_processing_months_2017_base",
        missing=_zero,
        note="zero_published",
    ),
    Series("nb-labellisations-france-services", "count_france_services"),
)
_NEW = (
    Series("IND-292", "count_maprimerenov_cumulated_2022_base"),
    Series("IND-314", "count_cej_entries_cumulated_in_year", december_as="count_cej_entries_in_year"),
    Series(
        "IND-295",
        "count_people_rehoused_cumulated_since_2023",
        december_as="count_people_rehoused_in_year",
        december_of="2023",
    ),
    Series("IND-297", "amount_aah_processing_months_2022_base", missing=_zero, note="zero_published"),
    Series("IND-323", "count_france_services_acts"),
    Series("IND-311", "count_multiprofessional_health_houses"),
    Series("IND-218", "share_pupils_reading_fluency_6e", yearly=True),
    Series("IND-223", "share_pupils_maths_problems_6e", yearly=True),
)


# ---------------------------------------------------------------------------------------------------------- reading


def _rows(tables: Sequence[pd.DataFrame], paths: Sequence[Path], columns: Sequence[str]) -> pd.DataFrame:
    """All files of a base in one frame: identifier, territory, month, value. ``columns`` are theirs, in this order."""
    parts = []
    for published, path in zip(tables, paths, strict=True):
        require_columns(published, columns, path.name)
        parts.append(published[list(columns)].set_axis(["identifier", "territory", "month", "value"], axis=1))
        parts[-1]["value"] = numbers(parts[-1]["value"], path.name)
    rows = pd.concat(parts, ignore_index=True)
    once(rows, ["identifier", "territory", "month"], paths[0].name)
    codes = territories.parse_series(rows["territory"], level="departement")
    return rows.assign(territory=codes, month=rows["month"].str[:7])


def _one(rows: pd.DataFrame, series: Series, where: str) -> pd.DataFrame:
    """The figures of one series."""
    own = rows[rows["identifier"] == series.identifier]
    if own.empty:
        raise SourceError(
            f"{where}: no row of indicator {series.identifier!r}; the published file has changed"
        )
    absent = series.missing(own) if series.missing else pd.Series(False, index=own.index)
    made = pd.DataFrame(
        {
            "territory": own["territory"],
            "period": own["month"].str[:4] if series.yearly else own["month"],
            "indicator": series.indicator,
            "value": own["value"].mask(absent),
            "note": absent.map({True: series.note, False: ""}),
        }
    )
    if series.december_as is None:
        return made
    december = made[made["period"].str.fullmatch(f"{series.december_of or '[0-9]{4}'}-12")]
    year = december.assign(period=december["period"].str[:4], indicator=series.december_as)
    return pd.concat([made, year], ignore_index=True)


def _figures(
    tables: Sequence[pd.DataFrame], paths: Sequence[Path], columns: Sequence[str], wanted: Sequence[Series]
) -> pd.DataFrame:
    rows = _rows(tables, paths, columns)
    return figures(pd.concat([_one(rows, series, paths[0].name) for series in wanted], ignore_index=True))


def load_2017_2022(paths: Sequence[Path]) -> pd.DataFrame:
    """Figures of the first base of the barometer."""
    columns = ("id_indicateur", "code_departement", "date", "valeur")
    return _figures([read_csv(path) for path in paths], paths, columns, _OLD)


def load_2022_2024(paths: Sequence[Path]) -> pd.DataFrame:
    """Figures of the second base of the barometer."""
    columns = ("indic_id", "code_departement", "mois", "valeur")
    return _figures([read_csv(path) for path in paths], paths, columns, _NEW)


def load_zones(paths: Sequence[Path]) -> pd.DataFrame:
    """The second base from the producer's own files: a row a zone (``D01``), months of a target alone without a value."""
    parts = []
    for path in paths:
        published = read_csv(path)
        require_columns(published, _ZONES, path.name)
        rows = published[(published["maille"] == "DEPT") & (published["indic_va"].str.strip() != "")]
        parts.append(rows.assign(enforce_zone_id=rows["enforce_zone_id"].str.removeprefix("D")))
    return _figures(parts, paths, _ZONES[:-1], _NEW)


_ZONES = ("indic_id", "enforce_zone_id", "metric_enforce_date", "indic_va", "maille")
_RESULTS = "https://raw.githubusercontent.com/DITP-pilotage/barometre-resultats/main/data"
_TITLE = "Baromètre des résultats de l'action publique"
_URL = "https://www.data.gouv.fr/fr/datasets/barometre-des-resultats-de-laction-publique/"
_THEMES = "Indicators grouped by theme by a re-user; the figures are the producer's."

DATASETS = (
    Dataset(
        name="ditp/barometer_2017_2022",
        producer="Direction interministérielle de la transformation publique (DITP)",
        title=_TITLE,
        url=_URL,
        licence=LICENCE_OUVERTE,
        vintage="2017-2022 base",
        perimeter="101 départements; the file has no région and no France row",
        files=(
            "barometre_A_energie_2017_2022.csv",
            "barometre_B_emploi_2017_2022.csv",
            "barometre_C_droits_2017_2022.csv",
            "barometre_D_logement_2017_2022.csv",
        ),
        load=load_2017_2022,
        remote=Remote(
            (
                Resource(
                    "barometre-des-resultats-de-laction-publique", r"detail.*departemental", "barometre.csv"
                ),
            ),
            columns=(
                "mesure",
                "indicateur",
                "id_indicateur",
                "code_departement",
                "libelle_departement",
                "date",
                "valeur",
                "unite",
            ),
        ),
        quality="reused",
        compressed=True,
        breaks=("2023: the barometer changes base; series of the two bases are not chained",),
        notes=(
            _THEMES,
            "MaPrimeRénov' from August to October 2022: files allotted to the wrong départements, unavailable here "
            "(note misallotted).",
            "People rehoused: zeros of January to April 2018 (all départements) and of Mayotte are not figures.",
            "Insertion employees: zeros of Mayotte in 2017 are not figures. Processing time of AAH: 0 is not a figure.",
            "nb-logement-accompagnement is left out: the producer's dictionary gives this identifier two definitions.",
        ),
    ),
    Dataset(
        name="ditp/barometer_2022_2024",
        producer="Direction interministérielle de la transformation publique (DITP)",
        title=_TITLE,
        url=_URL,
        licence=LICENCE_OUVERTE,
        vintage="2022-2024 base",
        perimeter="101 départements; the file has no région and no France row",
        files=(
            "barometre_A_energie_2022_2024.csv",
            "barometre_B_emploi_2022_2024.csv",
            "barometre_C_droits_2022_2024.csv",
            "barometre_D_logement_2022_2024.csv",
            "barometre_E_enfance_2022_2024.csv",
        ),
        load=load_2022_2024,
        remote=Remote(
            tuple(
                File(
                    f"{_RESULTS}/ind-{series.identifier.removeprefix('IND-')}.csv", f"{series.identifier}.csv"
                )
                for series in _NEW
            ),
            load_zones,
            (*_ZONES, "indic_vi", "indic_vc", "indic_ta"),
        ),
        quality="reused",
        compressed=True,
        breaks=("2023: the barometer changes base; series of the two bases are not chained",),
        notes=(
            _THEMES,
            "People rehoused: the dictionary says a rolling year, the figures are cumulated from January 2023 on "
            "without a reset in January 2024.",
            "Pupils entering sixième: printed for 2022-09 and 2023-12, dated here by the start of the school year.",
        ),
    ),
)
