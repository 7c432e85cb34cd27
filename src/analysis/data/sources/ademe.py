"""ADEME and climate norms: energy performance certificates (DPE), degree-hours of the former DPE method, energy prices.

Three files of different nature. The certificates were copied by hand from a re-user's page and graded so; overseas
they are too few to say anything of the dwellings, so only their number is kept there. The degree-hours are constants
of a calculation method, not a measure of the weather. The prices are national.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Each, Tidy, require_known
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, require_columns
from analysis.foundations.connectors.datafair import ROWS, UPDATED, Aggregate
from analysis.foundations.connectors.eurostat import Eurostat
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_DPE = {
    "n_dpe": "count_dpe",
    "taux_passoires": "share_dpe_fg",
    "cout_median": "amount_dpe_energy_bill_median",
}
_PRICES = {
    "france_gaz_naturel": "amount_gas_price_eur_per_mwh",
    "france_electricite": "amount_electricity_price_eur_per_mwh",
}
_FEWEST_PER_RESIDENCE = 0.10
"""Certificates per main residence below which a share or a bill says nothing of a département's dwellings: overseas they
are between 0.001 and 0.04, in metropolitan France 0.25 and more."""
_NORM_YEAR = "2012"


def _dpe(paths: Sequence[Path]) -> pd.DataFrame:
    """Number of certificates, share of classes F and G, median conventional bill, base of June 2026."""
    path = paths[0]
    published = read_csv(path)
    require_columns(published, ("dep", "nb_rp", *_DPE), path.name)
    codes = territories.parse_series(published["dep"], level="departement")
    residences = numbers(published["nb_rp"], path.name)
    few = numbers(published["n_dpe"], path.name) < _FEWEST_PER_RESIDENCE * residences
    parts = []
    for column, indicator in _DPE.items():
        withheld = few & (indicator != "count_dpe")
        value = numbers(published[column], path.name).mask(withheld)
        note = withheld.map({True: "too_few_dpe", False: ""})
        parts.append(
            pd.DataFrame(
                {
                    "territory": codes,
                    "period": "2026-06",
                    "indicator": indicator,
                    "value": value,
                    "note": note,
                }
            )
        )
    return figures(pd.concat(parts, ignore_index=True))


def _dpe_counts(paths: Sequence[Path]) -> pd.DataFrame:
    """The same, counted by ADEME's machine in its two bases (existing and new dwellings); it gives no median bill."""
    labels = "ABCDEFG"
    counts = pd.concat([read_csv(path, ";") for path in paths], ignore_index=True)
    where = paths[0].name
    require_columns(counts, ("code_departement_ban", "etiquette_dpe", ROWS, UPDATED), where)
    require_known(counts["etiquette_dpe"], labels, where)
    codes = territories.parse_series(
        counts["code_departement_ban"], "departement", ["", "975", "977", "978", "987", "988"]
    )
    rows = counts.loc[codes.index].assign(territory=codes, n=numbers(counts[ROWS], where))
    wide = rows.pivot_table(
        index="territory", columns="etiquette_dpe", values="n", aggfunc="sum", fill_value=0
    )
    total, low = wide.sum(axis=1), wide.reindex(columns=["F", "G"], fill_value=0).sum(axis=1)
    few = wide.index.isin(territories.OVERSEAS)
    shares = (100 * low / total).round(6).mask(few)
    parts = {"count_dpe": total, "share_dpe_fg": shares}
    long = pd.concat(
        [part.rename("value").reset_index().assign(indicator=name) for name, part in parts.items()]
    )
    note = (long["value"].isna()).map({True: "too_few_dpe", False: ""})
    return figures(long.assign(period=counts[UPDATED].max()[:7], note=note))


def _base(dataset: str) -> Aggregate:
    fields = ("code_departement_ban", "etiquette_dpe")
    return Aggregate("https://data.ademe.fr", dataset, fields, (120, 10), f"{dataset}.csv")


def _degree_hours(paths: Sequence[Path]) -> pd.DataFrame:
    """Reference heating degree-hours of the DPE method in force from 2013 to June 2021."""
    path = paths[0]
    published = read_csv(path)
    require_columns(published, ("code", "dhref"), path.name)
    return figures(
        pd.DataFrame(
            {
                "territory": territories.parse_series(published["code"], level="departement"),
                "period": _NORM_YEAR,
                "indicator": "count_heating_degree_hours_norm",
                "value": numbers(published["dhref"], path.name),
            }
        )
    )


def _prices(paths: Sequence[Path]) -> pd.DataFrame:
    """Prices of gas and electricity paid by households, France, by half-year."""
    path = paths[0]
    published = read_csv(path, ";")
    require_columns(published, ("annee", "semestre", *_PRICES), path.name)
    if unknown := sorted(set(published["semestre"]) - {"S1", "S2"}):
        raise SourceError(f"{path.name}, column 'semestre': {unknown} found, 'S1' or 'S2' expected")
    parts = (
        pd.DataFrame(
            {
                "territory": "FR",
                "period": published["annee"] + "-" + published["semestre"],
                "indicator": indicator,
                "value": numbers(published[column], path.name),
            }
        )
        for column, indicator in _PRICES.items()
    )
    return figures(pd.concat(parts, ignore_index=True))


def _price(band: str, indicator: str) -> Tidy:
    """A price of Eurostat by half-year, for households of a band of consumption, from where the former series ends on."""
    return Tidy(
        territory="geo",
        codes={"FR": "FR"},
        level=None,
        period="time",
        filters={"tax": ("I_TAX",), "currency": ("EUR",), "unit": ("KWH",), "nrg_cons": (band,)},
        measures={"OBS_VALUE": indicator},
        status="OBS_STATUS",
        statuses={"": "observed", "p": "provisional", "e": "provisional", "c": "suppressed"},
        since="2022-S1",
        scale=1000,
    )


_SELECTED = {"geo": "FR", "currency": "EUR", "unit": "KWH", "tax": "I_TAX"}
_BANDS = {
    "nrg_pc_204": ("KWH2500-4999", "amount_electricity_price_eur_per_mwh"),
    "nrg_pc_202": ("GJ20-199", "amount_gas_price_eur_per_mwh"),
}
"""The middle band of each energy, by flow of Eurostat."""

DATASETS = (
    Dataset(
        name="ademe/dpe",
        producer="ADEME",
        title="DPE logements existants et neufs, synthèse par département",
        url="https://data.ademe.fr/",
        licence=LICENCE_OUVERTE,
        vintage="base of June 2026",
        perimeter="certificates in the ADEME base; 96 départements of metropolitan France, number only overseas",
        files=("dpe_2026_06_departements.csv",),
        load=_dpe,
        remote=Remote(
            (_base("dpe03existant"), _base("dpe02neuf")),
            _dpe_counts,
            tolerance=0.1,
            keeps=True,
            described={
                "notes": (
                    "Counted by the producer's machine; the median bill, which it does not give, is that of June 2026.",
                    "Certificates are drawn up for a sale, a letting or a new building: no sample of all dwellings.",
                    "Overseas the share is unavailable, note too_few_dpe.",
                ),
            },
        ),
        quality="hand_copied",
        notes=(
            "Copied by hand from a re-user and checked against the totals it prints: 13,995,644 certificates, 9.78 % "
            "in classes F and G.",
            "Certificates are drawn up when a dwelling is sold, let or built: they are not a sample of all dwellings.",
            "Overseas (77 to 6,991 certificates) the share and the bill are unavailable, note too_few_dpe; Mayotte is "
            "not in the file.",
        ),
    ),
    Dataset(
        name="ademe/degree_hours_norm",
        producer="ADEME",
        title="Base DPE antérieure à juillet 2021, table tv016_departement",
        url="https://data.ademe.fr/",
        licence=LICENCE_OUVERTE,
        vintage="3CL-DPE method of 2012",
        perimeter="96 départements of metropolitan France",
        files=("tv016_departement__dpe_climat.csv",),
        load=_degree_hours,
        notes=(
            "A norm without a date in the file; dated 2012, year of the decree (17 October 2012) of the last 3CL method "
            "that used it, replaced on 1 July 2021.",
        ),
    ),
    Dataset(
        name="ademe/energy_prices",
        producer="SDES, d’après Eurostat",
        title="Évolution des prix domestiques du gaz et de l'électricité",
        url="https://www.statistiques.developpement-durable.gouv.fr/",
        licence=LICENCE_OUVERTE,
        vintage="1995-S1 to 2021-S2",
        perimeter="households, France; rounded to the euro per MWh",
        files=("evolution-des-prix-domestiques-du-gaz-et-de-lelectricite.csv",),
        load=_prices,
        remote=Remote(
            connectors=tuple(
                Eurostat(flow, _SELECTED | {"nrg_cons": band}) for flow, (band, _) in _BANDS.items()
            ),
            load=Each(tuple(_price(*one) for one in _BANDS.values())),
            columns=("freq", "product"),
            keeps=True,
            described={
                "perimeter": "households, France; from 2022-S1 those of a middle band of consumption",
                "breaks": ("2022-S1: the price of one band of consumption, from Eurostat, at another level",),
                "notes": ("Until 2021-S2 the series of SDES, rounded to the euro per MWh.",),
            },
        ),
        notes=("The published file also gives the European Union: left out.",),
    ),
)
