"""OFGL: what the accounts of the départements enter for RSA and APA, and their operating revenue, spending and savings.

The accounts are those of whoever signs them: the Collectivité européenne d'Alsace for both of its départements, the
Métropole de Lyon and the rest of Rhône apart. RSA and APA of Rhône are the sum of both; no total is, as those of the
Métropole, like those of Paris, are also the accounts of a city. Amounts by inhabitant are the panel's.

First step of the way of the data: published file in, tidy figures out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import year
from analysis.foundations import territories
from analysis.foundations.cells import figures, numbers, once, require_columns
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_AMOUNTS = {
    "rsa": "amount_accounts_rsa_keur",
    "apa": "amount_accounts_apa_keur",
    "recettes_fonctionnement": "amount_accounts_revenue_keur",
    "depenses_fonctionnement": "amount_accounts_spending_keur",
    "epargne_brute": "amount_accounts_savings_keur",
}
_RSA, _TOTALS = "amount_accounts_rsa_keur", tuple(_AMOUNTS.values())[2:]
_SIGNATORIES = {"67A": "6AE", "69": "69D", "691": "69M"}
_RHONE, _ITS_PARTS = "69", ("69D", "69M")
_OF_A_CITY = ("75", "69M", _RHONE)
_SINCE = "2023"
_LONG = ("dep_code", "exer", "agregat", "montant")
_AGGREGATES = {
    "Allocations RSA": "rsa",
    "Allocations APA": "apa",
    "Recettes de fonctionnement": "recettes_fonctionnement",
    "Dépenses de fonctionnement": "depenses_fonctionnement",
    "Epargne brute": "epargne_brute",
}
_STATE_PAYS = ("09", "66", "93", "973", "974", "976")
"""Where the State pays RSA from ``_SINCE`` on (``politiques/rsa_recentralisation``); Guyane is not in the file."""


def load_accounts(paths: Sequence[Path]) -> pd.DataFrame:
    """Accounts of the départements by year, in thousand euros.

    Traps: ``67A`` is Alsace, ``69`` Rhône without the Métropole, which is ``691``; RSA is blank where the State pays it, but
    for remainders of a few euros or of some weeks, which are no year's spending; accounts of a city are in some totals.
    Revenue less spending must be savings, to the cent.
    """
    published = read_csv(paths[0], sep=";")
    require_columns(published, ("code", "annee", *_AMOUNTS), paths[0].name)
    once(published, ["code", "annee"], paths[0].name)
    return _accounts(published, paths[0].name)


def load_long(paths: Sequence[Path]) -> pd.DataFrame:
    """The same of the producer's own base: a row a collectivité, a year and an aggregate; years before 2023 are left."""
    published = read_csv(paths[0], sep=";")
    require_columns(published, _LONG, paths[0].name)
    rows = published.assign(code=published["dep_code"], annee=published["exer"].map(year))
    rows = rows[rows["agregat"].isin(_AGGREGATES) & (rows["annee"] >= _SINCE)]
    once(rows, ["code", "annee", "agregat"], paths[0].name)
    wide = rows.pivot(index=["code", "annee"], columns="agregat", values="montant").reindex(
        columns=list(_AGGREGATES)
    )
    return _accounts(wide.rename(columns=_AGGREGATES).reset_index(), paths[0].name)


def _accounts(published: pd.DataFrame, where: str) -> pd.DataFrame:
    if not (years := published["annee"].str.fullmatch(r"20\d\d")).all():
        raise SourceError(f"{where}: {published['annee'][~years].iloc[0]!r} is not a year")
    amounts = {name: numbers(published[column], where) for column, name in _AMOUNTS.items()}
    codes = published["code"].map(lambda code: _SIGNATORIES.get(code, code))
    table = pd.DataFrame(
        {"territory": territories.parse_series(codes), "period": published["annee"], **amounts}
    )
    _require_balance(table, where)
    parts = table[table["territory"].isin(_ITS_PARTS)].drop(columns="territory").groupby("period")
    rhone = parts.sum(min_count=len(_ITS_PARTS)).reset_index().assign(territory=_RHONE)
    frame = pd.concat([table, rhone]).melt(["territory", "period"], var_name="indicator")
    return figures(_stated(frame).assign(value=lambda rows: (rows["value"] / 1000).round(5)))


def _require_balance(table: pd.DataFrame, where: str) -> None:
    revenue, spending, savings = (table[name] for name in _TOTALS)
    if (apart := (revenue - spending - savings).abs() > 0.011).any():
        row = table[apart].iloc[0]
        raise SourceError(
            f"{where}, {row['territory']}, {row['period']}: revenue less spending is not savings; the columns have moved"
        )


def _stated(frame: pd.DataFrame) -> pd.DataFrame:
    """Each figure with its state and note; what is no figure of the département's year loses its value."""
    paid = [(code, period, _RSA) for code in _STATE_PAYS for period in frame["period"].unique()]
    rows = pd.DataFrame(paid, columns=["territory", "period", "indicator"])
    here = frame["indicator"].eq(_RSA) & frame["territory"].isin(_STATE_PAYS)
    frame = pd.concat([frame[~here], rows], ignore_index=True).assign(state="observed", note="")
    reasons = {
        "rsa_recentralised": frame["indicator"].eq(_RSA) & frame["territory"].isin(_STATE_PAYS),
        "accounts_of_city": frame["indicator"].isin(_TOTALS) & frame["territory"].isin(_OF_A_CITY),
    }
    frame.loc[(frame["value"] > 0) & frame["value"].mod(1000).eq(0), "note"] = "rounded"
    for note, those in reasons.items():
        frame.loc[those, ["value", "state", "note"]] = (float("nan"), "not_applicable", note)
    return frame


DATASETS: tuple[Dataset, ...] = (
    Dataset(
        name="ofgl/accounts_2023_2025",
        producer="OFGL, DGFiP",
        title="Comptes consolidés des départements (2023-2025)",
        url="https://data.ofgl.fr/explore/dataset/ofgl-base-departements-consolidee/",
        licence=LICENCE_OUVERTE,
        vintage="2026-09-29",
        perimeter="accounts of 97 départements and collectivités, without Corse, Martinique and Guyane; current euros",
        files=("departements_2023_2025.csv",),
        load=load_accounts,
        remote=Remote(
            (
                Table(
                    "https://data.ofgl.fr",
                    "ofgl-base-departements-consolidee",
                    select=",".join(_LONG),
                    where=f"year(exer)>={_SINCE} and agregat in ({','.join(map(repr, _AGGREGATES))})",
                ),
            ),
            load_long,
            columns=_LONG,
            categories={"agregat": _AGGREGATES},
        ),
        quality="hand_copied",
        breaks=(
            "2025: in 23 territories (experiment of 1 July 2025) the social security pays what APA paid in care homes",
        ),
        notes=(
            "Main and annexed budgets together. Alsace is 6AE, Rhône 69D and 69M, whose RSA and APA add up to 69.",
            "RSA is the State's in 09, 66, 93, 973, 974 and 976; what 09 (2023) and 93 (2025) still entered, 3.3 M€ and "
            "5,525 €, is left out.",
            "Totals of Paris and of the Métropole de Lyon are also those of a city: not those of a département.",
            "Some amounts are rounded to the euro or more. The population of the file, not the producer's, is left out.",
        ),
    ),
)
