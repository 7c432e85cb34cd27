"""INSEE, priority neighbourhoods (QPV) of 2015–2023: incomes, health cover, benefits and job seekers, one file a year.

The year of a file is that of its publication N, and its columns are of other years: Filosofi of N−3, benefits (CNAF) on
31 December N−2, health cover (CNAM) on 1 January N−1, job seekers on 31 December N−1. CMU-C gave way to C2S, which one file
prints as a total and the next in its two kinds: four quantities, none chained with another. A blank stands beside a code of
the producer (columns ``NOTE_``) that the file does not explain, or beside none where a number is small; what bears no code
at all is not in the source (Martinique in CNAM and CNAF). The row ``Ensemble`` is rounded, and is no neighbourhood. Rates
of employment are not read: of which census they are is not said.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, Dataset
from analysis.data.sources.insee.wide import melt, read_csv
from analysis.foundations import file_names as names
from analysis.foundations import notes, territories
from analysis.foundations.cells import figures, require_columns
from analysis.foundations.levels import NEIGHBOURHOOD
from analysis.foundations.limits import SourceError

_TOTAL = "Ensemble"


@dataclass(frozen=True)
class _Source:
    """Columns of one source: how many years before the file, at which month, and the column of the producer's code."""

    before: int
    month: str
    code: str
    columns: Mapping[str, str]


_INCOMES = (
    _Source(3, "", "NOTE_FILO", {"TP60": "rate_poverty_60", "DISP_Q2": "amount_median_standard_of_living"}),
    _Source(1, "-01", "NOTE_CNAM", {
        "C": "count_people_covered_cnam",
        "CCMUC": "count_cmu_c_covered_cnam",
        "CC2S": "count_c2s_covered_cnam",
        "C_C2SNP": "count_c2s_free_covered_cnam",
        "C_C2SP": "count_c2s_contributory_covered_cnam",
    }),
    _Source(2, "-12", "NOTE_CNAF", {
        "A": "count_caf_households",
        "ARSAS": "count_rsa_households_caf",
        "AAAH": "count_aah_households_caf",
    }),
)  # fmt: skip
_JOB_SEEKERS = (
    _Source(1, "-12", "NOTE_PE", {
        "ABC": "count_job_seekers_abc_month_end",
        "ABC_RSA": "count_job_seekers_abc_rsa_month_end",
    }),
)  # fmt: skip
_COVER = frozenset(_INCOMES[1].columns)
"""Of which a file has those of its year; everything else is in every file."""


def _published(name: str) -> int:
    """The year of publication that the name of a file gives."""
    found = re.match(r"(?:revn|ipro)_?(20\d\d)", names.identity(name))
    if not found:
        raise SourceError(
            f"{name}: expected a name such as REVN_2022.csv, which gives the year of publication"
        )
    return int(found[1])


def _vintage(name: str) -> str:
    """The period of a file's first source, by which the file is told from those of other years."""
    source = _INCOMES[0] if names.identity(name).startswith("revn") else _JOB_SEEKERS[0]
    return f"{_published(name) - source.before}{source.month}"


def _year(path: Path, sources: Sequence[_Source]) -> pd.DataFrame:
    frame = read_csv(path, ";")
    frame.columns = frame.columns.str.strip()
    require_columns(frame, ("CODGEO",), path.name)
    frame = frame[frame["CODGEO"] != _TOTAL]
    codes = territories.parse_series(frame["CODGEO"], level=NEIGHBOURHOOD.key)
    parts = [_of_source(frame, codes, one, path) for one in sources]
    return pd.concat(parts, ignore_index=True)


def _of_source(frame: pd.DataFrame, codes: pd.Series, source: _Source, path: Path) -> pd.DataFrame:
    """The figures of one source; what is blank is unavailable, with what its code says of it."""
    require_columns(frame, [c for c in source.columns if c not in _COVER], path.name)
    columns = {c: name for c, name in source.columns.items() if c in frame}
    if not columns:
        raise SourceError(
            f"{path.name}: none of the columns {', '.join(source.columns)}; the file has changed"
        )
    rows = melt(frame, codes, columns, f"{_published(path.name) - source.before}{source.month}", path.name)
    given = frame.get(source.code, pd.Series("0", frame.index))  # the first two files give none for incomes
    given = pd.concat([given] * len(columns), ignore_index=True).astype("str").str.strip()
    blank, absent, flagged = rows["value"].isna(), given.eq(""), ~given.isin(["0", ""])
    rows["note"] = ""
    rows.loc[flagged & ~blank, "note"] = "flagged_by_producer"
    rows.loc[blank, "note"] = notes.WITHHELD
    rows.loc[blank & absent, "note"] = "absent_from_source"
    return rows


def load_incomes(paths: Sequence[Path]) -> pd.DataFrame:
    """Poverty, median standard of living, health cover and benefits, each at its own date."""
    return figures(pd.concat([_year(path, _INCOMES) for path in paths], ignore_index=True))


def load_job_seekers(paths: Sequence[Path]) -> pd.DataFrame:
    """Job seekers of categories A, B and C on 31 December, and those of them with RSA."""
    return figures(pd.concat([_year(path, _JOB_SEEKERS) for path in paths], ignore_index=True))


_BLANK = "A blank is withheld by the producer: its codes (columns NOTE_) are not explained in the files, secrecy or quality."

DATASETS = (
    Dataset(
        name="insee/qpv_incomes",
        producer="INSEE",
        title="Quartiers prioritaires de la politique de la ville : revenus, complémentaire santé et prestations",
        url="https://www.insee.fr/fr/statistiques/5359605?sommaire=2500477",
        licence=INSEE_REUSE,
        vintage="published 2017 to 2022",
        perimeter="1,345 QPV in 95 départements of France métropolitaine and La Réunion; 7 in Martinique since 2019",
        files=("REVN_20??.csv",),
        load=load_incomes,
        vintages=_vintage,
        compressed=True,
        level=NEIGHBOURHOOD.key,
        breaks=(
            "CMU-C (1 January 2016 to 2018), C2S in all (1 January 2020), free and contributory C2S (1 January 2021) are "
            "four quantities and are not chained",
        ),
        notes=(
            "Filosofi of N−3, CNAF on 31 December N−2, CNAM on 1 January N−1; N is the year of the file (none of 2020).",
            "INSEE advises against reading a change between two consecutive years below the commune.",
            _BLANK,
        ),
    ),
    Dataset(
        name="insee/qpv_job_seekers",
        producer="INSEE, France Travail, Dares",
        title="Quartiers prioritaires de la politique de la ville : demandeurs d’emploi",
        url="https://www.insee.fr/fr/statistiques/3646773?sommaire=2500477",
        licence=INSEE_REUSE,
        vintage="published 2017 to 2022",
        perimeter="1,345 neighbourhoods in 95 départements of France métropolitaine and La Réunion",
        files=("IPRO_20??.csv",),
        load=load_job_seekers,
        vintages=_vintage,
        compressed=True,
        level=NEIGHBOURHOOD.key,
        notes=("On 31 December of the year before that of the file.", _BLANK),
    ),
)
