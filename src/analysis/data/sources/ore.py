"""Agence ORE: residential electricity and gas delivered in each département, one published row per network operator.

The file gives, for each operator, year and energy, what was delivered to dwellings and to how many sites. This module
adds the operators of a département up, and refuses to pass off part of a département as the whole: a row that is
plainly in another unit is set aside, a year in which an operator is missing carries a note, and a year in which too
many sites are missing carries no figure. It divides nothing (the panel does) and corrects nothing for the weather.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy, year
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, once, require_columns
from analysis.foundations.connectors.datafair import METRIC, Aggregate
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_COLUMNS = {
    "operateur": "operator",
    "annee": "period",
    "filiere": "energy",
    "code_departement": "territory",
    "consor": "mwh",
    "pdlr": "sites",
}
_ENERGIES = {"Electricité": "electricity", "Gaz": "gas"}

_PLAUSIBLE = 10.0
"""A row is in another unit when its consumption per site is this many times above or below the year's median operator."""
_OPERATOR_CHANGE = 0.25
"""An operator's sites that change by more than this from one year to the next came into the file, or left it."""
_NOTED, _WITHHELD = 0.02, 0.10
"""Shares of a département's sites in missing operators from which its figure is noted, then not given at all."""


def _rows(path: Path) -> pd.DataFrame:
    """One row per operator, year, energy and département: MWh delivered to dwellings, sites."""
    published = read_csv(path, ";")
    require_columns(published, _COLUMNS, path.name)
    rows = published[list(_COLUMNS)].rename(columns=_COLUMNS)
    if unknown := sorted(set(rows["energy"]) - set(_ENERGIES)):
        raise SourceError(f"{path.name}, column 'filiere': {unknown} found, {sorted(_ENERGIES)} expected")
    once(rows, ["operator", "period", "energy", "territory"], path.name)
    return rows.assign(
        energy=rows["energy"].map(_ENERGIES),
        territory=territories.parse_series(rows["territory"], level="departement"),
        mwh=numbers(rows["mwh"], path.name),
        sites=numbers(rows["sites"], path.name),
    )


def _in_another_unit(rows: pd.DataFrame) -> pd.Series:
    """Rows whose consumption per site is out of all proportion with that of the year's other operators."""
    per_site = rows["mwh"] / rows["sites"].where(rows["sites"] > 0)
    median = per_site.groupby([rows["energy"], rows["period"]]).transform("median")
    something = (rows["mwh"] > 0) | (rows["sites"] > 0)
    near = rows["mwh"].between(rows["sites"] * median / _PLAUSIBLE, rows["sites"] * median * _PLAUSIBLE)
    return something & ~near


def _missing_share(rows: pd.DataFrame) -> pd.Series:
    """By energy, territory and period: the share of sites that belong to operators absent from the file that year.

    Operators change name, so what is followed is the number of sites that enter or leave the file with an operator:
    a year is short of the sites that the fullest year of the département has beyond it.
    """
    area = ["energy", "territory"]
    sites = rows.pivot_table(
        index=[*area, "operator"], columns="period", values="sites", aggfunc="sum", fill_value=0
    )
    before = sites.shift(axis=1)
    change = sites - before
    moved = change.where(change.abs() > _OPERATOR_CHANGE * np.maximum(sites, before), 0)
    level = moved.groupby(level=area).sum().cumsum(axis=1)
    missing = level.rsub(level.max(axis=1), axis=0)
    total = sites.groupby(level=area).sum()
    shares = cast("pd.Series", (missing / (total + missing)).stack())
    return shares.rename("missing")


def _totals(rows: pd.DataFrame) -> pd.DataFrame:
    """By energy, territory and period: MWh and sites of all operators, with the state and note both figures share."""
    key = ["energy", "territory", "period"]
    odd = _in_another_unit(rows)
    kept = rows.assign(mwh=rows["mwh"].where(~odd, 0), sites=rows["sites"].where(~odd, 0))
    totals = kept.groupby(key)[["mwh", "sites"]].sum().join(_missing_share(kept)).reset_index()
    aside = pd.MultiIndex.from_frame(totals[key]).isin(pd.MultiIndex.from_frame(rows.loc[odd, key]))
    unsplit = totals["sites"] == 0
    short = (totals["missing"] >= _NOTED) & ~unsplit
    notes = {
        "not_split_by_sector": unsplit,
        "operators_missing": short,
        "operator_set_aside": aside & ~unsplit,
    }
    withheld = unsplit | (totals["missing"] >= _WITHHELD)
    return totals.assign(
        note=[
            " ".join(n for n, on in zip(notes, row, strict=True) if on)
            for row in zip(*notes.values(), strict=True)
        ],
        state=np.where(withheld, "unavailable", "observed"),
        mwh=totals["mwh"].mask(withheld),
        sites=totals["sites"].mask(withheld),
    )


def load(paths: Sequence[Path]) -> pd.DataFrame:
    """Residential MWh and sites by département and year, electricity and gas."""
    totals = _totals(_rows(paths[0]))
    amounts = totals.assign(
        indicator="amount_" + totals["energy"] + "_residential_mwh", value=totals["mwh"].round(3)
    )
    counts = totals.assign(
        indicator="count_" + totals["energy"] + "_residential_sites", value=totals["sites"]
    )
    return figures(pd.concat([amounts, counts], ignore_index=True))


# ------------------------------------------------------------------------------------------------------ portal of 2025

_MASKED = "nombre_de_mailles_secretisees"
_SUMS = {"conso_totale_mwh": "amount_{}_residential_mwh", "nb_sites": "count_{}_residential_sites"}


def _sum_of(energy: str, column: str) -> Aggregate:
    """A sum over the communes of each département and year, of the deliveries to dwellings."""
    return Aggregate(
        "https://opendata.agenceore.fr",
        "consommation-annuelle-d-electricite-et-gaz-par-commune",
        ("annee", "code_departement"),
        (30, 120),
        f"{_ENERGIES[energy]}_{column}.csv",
        metric="sum",
        of=column,
        equal=(("filiere", energy), ("code_categorie_consommation", "RES")),
        year="annee",
    )


def load_sums(paths: Sequence[Path]) -> pd.DataFrame:
    """The same from sums over communes: 0 is a mask, never nothing, and a sum without its masked cells is a minimum."""
    columns, parts = (*_SUMS, _MASKED), []
    for energy, own in zip(_ENERGIES.values(), (paths[:3], paths[3:]), strict=True):
        tidy = Tidy(territory="code_departement", period="annee", measures={METRIC: "value"}, form=year)
        read = {column: tidy([path]) for column, path in zip(columns, own, strict=True)}
        masked = read.pop(_MASKED).set_index(["territory", "period"])["value"]
        for column, rows in read.items():
            cells = masked.reindex(pd.MultiIndex.from_frame(rows[["territory", "period"]])).to_numpy()
            zero = rows["value"] == 0
            value, least = rows["value"].round(3).mask(zero), ~zero & (cells > 0)
            parts.append(
                rows.assign(
                    indicator=_SUMS[column].format(energy),
                    value=value,
                    lower=value.where(least),
                    state=rows["state"].mask(zero, "suppressed"),
                    note=least.map({True: "lower_bound", False: ""}),
                )
            )
    return figures(pd.concat(parts, ignore_index=True))


DATASETS = (
    Dataset(
        name="ore/residential_consumption",
        producer="Agence ORE",
        title="Consommation annuelle d'électricité et de gaz par département et par secteur d'activité",
        url="https://opendata.agenceore.fr/explore/dataset/conso-elec-gaz-annuelle-par-secteur-dactivite-agregee-departement/",
        licence=LICENCE_OUVERTE,
        vintage="2011-2021 (the producer publishes 2022 and after under another method)",
        perimeter=(
            "deliveries to dwellings by the network operators that report; 101 départements for electricity, 93 for gas"
        ),
        files=("conso-elec-gaz-annuelle-par-secteur-dactivite-agregee-departement.csv",),
        load=load,
        remote=Remote(
            tuple(_sum_of(energy, column) for energy in _ENERGIES for column in (*_SUMS, _MASKED)),
            load_sums,
            described={
                "title": "Consommation annuelle d'électricité et de gaz par commune",
                "url": "https://opendata.agenceore.fr/",
                "breaks": (
                    "Another method than that of the table by sector (2011-2021) that was read before: its years are all "
                    "replaced, and none of them is chained with another",
                ),
                "notes": (
                    "Sums over communes made by the producer's machine. A sum of 0 is masked; where some cells are masked, "
                    "the sum is a minimum: note lower_bound.",
                ),
            },
        ),
        breaks=(
            "2018: small professional customers leave the residential sector (electricity −21 % of MWh "
            "and −11 % of sites on 2017, gas −22 % and −4 %); 2017 and before do not compare with 2018 and after",
        ),
        notes=(
            "One published row per operator; the operators of a département are added up.",
            "Overseas and Corsica: EDF does not split by sector before 2017; the zeros published for these years are "
            "read as unavailable.",
            "Rows of an operator whose consumption per site is more than ten times above or below the median operator "
            "of the year (published in kWh, or without sites) are set aside: note operator_set_aside.",
            "Where operators holding 2 % of a département's sites or more are absent from a year's file the figure "
            "carries the note operators_missing; from 10 % it is not given.",
            "Cells under statistical secrecy are not in the totals; the producer gives their number, not what they use.",
        ),
    ),
)
