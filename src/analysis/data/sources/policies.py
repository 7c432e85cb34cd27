"""When policies changed where: reference tables compiled by hand from official announcements.

Each row says which territory was concerned, since when, and how precisely that date is known. The tables are what
estimation takes its treated and its excluded territories from, so the traps below decide which département counts as
treated: an announcement is not a start, a pilot covers one basin, and Lyon is not Rhône.

Cells are text. ``territory`` is who was selected (a département, a collectivité, or France for a general rule) and
``departement`` the département in which its figures are counted, with one row per pair. Dates are ISO, cut to what is
known (``2023``, ``2023-07``), beside a ``…_precision`` that says so. Loaders neither guess a missing date nor fill one in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data.sources.base import Dataset
from analysis.foundations import territories
from analysis.foundations.cells import require_columns
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_PRECISIONS = (
    (r"\d{4}-\d\d-\d\d", "day"),
    (r"\d{4}-\d\d", "month"),
    (r"\d{4}-S[12]", "half_year"),
    (r"\d{4}", "year"),
)
_CEA = "6AE"


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    table = read_csv(path)
    require_columns(table, columns, path.name)
    return table


def _precision(date: str, where: str) -> str:
    """How precisely a date is known: ``day``, ``month``, ``half_year``, ``year``, or empty when there is no date."""
    if not date:
        return ""
    for shape, name in _PRECISIONS:
        if re.fullmatch(shape, date):
            return name
    raise SourceError(f"{where}: {date!r} is not a date such as 2023, 2021-S2, 2023-07 or 2023-07-01")


def _territory(code: str, where: str) -> str:
    try:
        return _CEA if code == "CeA" else territories.parse(code)
    except territories.UnknownTerritory as error:
        raise SourceError(f"{where}: {error}") from error


def _departements(code: str) -> tuple[str, ...]:
    """Départements in which a territory's figures are counted; none for France, which is a rule and not a group."""
    territory = territories.get(code)
    if territory.level == "country":
        return ("",)
    return territory.members or (str(territory.parent),)


def _table(rows: list[dict[str, str]]) -> pd.DataFrame:
    """One row per territory and département, in the order of the codes."""
    pairs = [(row, departement) for row in rows for departement in _departements(row["territory"])]
    pairs.sort(key=lambda pair: (territories.sort_key(pair[0]["territory"]), pair[1]))
    return pd.DataFrame(
        [{"territory": row["territory"], "departement": departement, **row} for row, departement in pairs]
    )


# -------------------------------------------------------------------- renewed accompaniment of RSA recipients (pilots)

_COVERAGE = {"totale": "whole", "partielle": "part", "inconnue": "unknown", "nulle": "none"}
_PEOPLE = re.compile(r"\((?P<people>[\d\s]+) pers\.\)")
_SAME_NAME = {"97": "974", "69": "69M"}
"""In the list of basins, the numbers of which only the name tells the territory: 97 is La Réunion, 69 Lyon."""
_SPELLING = {"Redons-Vallons": "Redon-Vallons"}
_WHOLE = "Département"
_UNKNOWN_BASIN = "non identifié"
_NOTES = {
    "69M": "Lyon, wave 1; the rest of Rhône (69D) is wave 2",
    "69D": "Rhône without Lyon, wave 2; Lyon (69M) is wave 1",
    "93": "selected then withdrew: never treated",
    "974": "RSA paid by the State since 2020",
    "67": "acts through the Collectivité européenne d'Alsace",
    "68": "acts through the Collectivité européenne d'Alsace",
    "06": "also a pilot of solidarité à la source",
}
_LAW_2023_1196 = {
    "territory": "FR", "wave": "general", "basin": "", "announced": "2023-12-18", "started": "2025-01-01",
    "started_precision": "day", "coverage": "whole", "treated": "yes", "people": "", "evaluated_amnyos": "",
    "note": "law 2023-1196 of 18 December 2023: RSA recipients are registered with France Travail",
}  # fmt: skip
"""The rule that ends the pilots. The list of territories says nothing of it, so it is written here with its reference."""


def load_renewed_accompaniment(paths: Sequence[Path]) -> pd.DataFrame:
    """Territories of the pilots of renewed accompaniment (RSA, France Travail), and the general rule of 2025.

    Traps: « selected » is not « started »; Seine-Saint-Denis was selected and withdrew, so it is a row that says never
    treated; Métropole de Lyon (wave 1) and Rhône (wave 2) share a number; in the list of basins La Réunion is 97.
    ``wave`` is 1, 2, ``none`` (withdrew) or ``general``; ``coverage`` is whole, part, unknown or none.
    """
    main = _read(
        paths[0], ("wave", "code_dep", "perimetre", "annonce", "debut", "debut_precision", "couverture")
    )
    basins = _basins(paths[1])
    rows = [_pilot(row, basins, paths[0].name) for row in main.to_dict("records")]
    if unused := set(basins) - {row["territory"] for row in rows if row["wave"] == "1"}:
        raise SourceError(
            f"{paths[1].name}: {', '.join(sorted(unused))} have a basin and are not pilots of wave 1"
        )
    return _table([*rows, _LAW_2023_1196])


def _pilot(row: Mapping[Any, str], basins: dict[str, str], where: str) -> dict[str, str]:
    code = _territory(row["code_dep"], where)
    if row["couverture"] not in _COVERAGE:
        raise SourceError(f"{where}: coverage {row['couverture']!r}; expected one of {', '.join(_COVERAGE)}")
    treated = row["couverture"] != "nulle"
    precision = _precision(row["debut"], f"{where}, {code}")
    people = _PEOPLE.search(row["perimetre"])
    named = treated and _UNKNOWN_BASIN not in row["perimetre"]
    own = _PEOPLE.sub("", row["perimetre"]).strip() if named else ""
    return {
        "territory": code,
        "wave": row["wave"] if treated else "none",
        "basin": basins.get(code, own),
        "announced": row["annonce"],
        "started": row["debut"],
        "started_precision": "month_approximate" if "approx" in row["debut_precision"] else precision,
        "coverage": _COVERAGE[row["couverture"]],
        "treated": "yes" if treated else "no",
        "people": re.sub(r"\D", "", people["people"]) if people else "",
        "evaluated_amnyos": row["evaluation_amnyos"],
        "note": _NOTES.get(code, ""),
    }


def _basins(path: Path) -> dict[str, str]:
    """Basin of each pilot of wave 1, from « Aisne : Bassin de Laon »; the name must agree with the number."""
    found: dict[str, str] = {}
    for row in _read(path, ("departement", "territoire")).to_dict("records"):
        name, _, basin = row["territoire"].partition(" : ")
        code = territories.parse(_SAME_NAME.get(row["departement"], row["departement"]))
        if not basin or not _same(code, name):
            raise SourceError(
                f"{path.name}: « {row['territoire']} » beside {row['departement']} is not that territory"
            )
        basin = basin.strip(" '’")
        for wrong, right in _SPELLING.items():
            basin = basin.replace(wrong, right)
        found[code] = "" if basin == _WHOLE else basin
    return found


def _same(code: str, name: str) -> bool:
    """Whether a name is the territory's, to one letter (« Pyrénées-Atlantique » lacks its s)."""
    try:
        return territories.parse(name) == code
    except territories.UnknownTerritory as error:
        return error.candidates[:1] == (code,)


# --------------------------------------------------------------------------------------------------- the other tables

_GENERAL_DATE = re.compile(
    r"généralisation (?:(?P<iso>\d{4}-\d\d-\d\d)|(?P<d>\d\d)/(?P<m>\d\d)/(?P<y>\d{4}))"
)
_SPIE_PLACES = {
    "2A-ajaccien": ("2A", "ajaccien"),
    "2B-Bastia": ("2B", "Bastia"),
    "2B-IleRousse": ("2B", "Île-Rousse"),
}
_SPIE_LISTED = {"yes": "yes", "partial": "partly"}


def load_solidarite_a_la_source(paths: Sequence[Path]) -> pd.DataFrame:
    """Pilots of « solidarité à la source » (RSA and prime d'activité pre-filled), and its general rule."""
    table = _read(paths[0], ("code_dep", "date_effet", "note"))
    rows = [_dated(r["code_dep"], r["date_effet"], paths[0].name, "pilot") for r in table.to_dict("records")]
    return _table([*rows, _general(table, paths[0].name)])


def load_cheque_energie(paths: Sequence[Path]) -> pd.DataFrame:
    """The four départements that tried the chèque énergie in 2016 and 2017, and its general rule."""
    table = _read(paths[0], ("code_dep", "debut", "note"))
    rows = [_dated(r["code_dep"], r["debut"], paths[0].name, "pilot") for r in table.to_dict("records")]
    return _table([*rows, _general(table, paths[0].name)])


def load_recentralisation(paths: Sequence[Path]) -> pd.DataFrame:
    """Départements whose RSA the State pays, and since when: a change of payer on the same map as the pilots."""
    table = _read(paths[0], ("code_dep", "date_effet"))
    return _table([_dated(r["code_dep"], r["date_effet"], paths[0].name) for r in table.to_dict("records")])


def _dated(code: str, date: str, where: str, wave: str = "") -> dict[str, str]:
    territory = _territory(code, where)
    row = {"territory": territory, **({"wave": wave} if wave else {}), "started": date}
    return {**row, "started_precision": _precision(date, f"{where}, {territory}")}


def _general(table: pd.DataFrame, where: str) -> dict[str, str]:
    """The general rule that follows a pilot: its date is in the notes, the same on every row."""
    dates = {
        found["iso"] or f"{found['y']}-{found['m']}-{found['d']}"
        for note in table["note"]
        if (found := _GENERAL_DATE.search(note))
    }
    if len(dates) != 1:
        raise SourceError(
            f"{where}: {len(dates)} dates of « généralisation » in the notes where one was expected"
        )
    return _dated("FR", dates.pop(), where, "general")


def load_spie(paths: Sequence[Path]) -> pd.DataFrame:
    """Territories of the public service of insertion and employment (SPIE), in three waves.

    Traps: the list of the third wave is incomplete (``listed`` is ``partly``), so a département that is not in it may
    have been concerned; three Corsican rows name a basin; Alsace joins as one collectivité after Bas-Rhin did alone.
    """
    table = _read(paths[0], ("code_dep", "vague", "debut", "confirmed"))
    rows = []
    for row in table.to_dict("records"):
        code, basin = _SPIE_PLACES.get(row["code_dep"], (row["code_dep"], ""))
        if row["confirmed"] not in _SPIE_LISTED:
            raise SourceError(
                f"{paths[0].name}: confirmed {row['confirmed']!r}; expected {', '.join(_SPIE_LISTED)}"
            )
        dated = _dated(code, row["debut"], paths[0].name, row["vague"])
        rows.append({**dated, "basin": basin, "listed": _SPIE_LISTED[row["confirmed"]]})
    return _table(rows)


# ----------------------------------------------------------------------------------------------------------- datasets

_COMPILED = "Compiled by hand from official announcements and the press; dates beyond the announced ones are not guessed."


_LICENCE = "Public announcements, free to cite"


def _policy(name: str, title: str, url: str, producer: str, vintage: str, **options: Any) -> Dataset:
    notes = (_COMPILED, *options.pop("notes", ()))
    return Dataset(
        name=f"politiques/{name}",
        producer=producer,
        title=title,
        url=url,
        licence=_LICENCE,
        vintage=vintage,
        perimeter="territories concerned; a territory without a row is not known to be",
        quality="hand_copied",
        kind="table",
        notes=notes,
        **options,
    )


DATASETS: tuple[Dataset, ...] = (
    _policy(
        "rsa_renewed_accompaniment",
        "Expérimentation de l'accompagnement rénové des allocataires du RSA : territoires et dates",
        "https://travail-emploi.gouv.fr/",
        "Ministère du Travail, France Travail",
        "2024-03",
        files=("rsa_accompagnement_renove.csv", "departements_xp_ft.csv"),
        load=load_renewed_accompaniment,
        notes=(
            "Wave 1 started between March and September 2023; most territories' month is not known.",
            "Only Creuse is a whole département: elsewhere an effect at département level is diluted.",
        ),
    ),
    _policy(
        "solidarite_a_la_source",
        "Solidarité à la source : territoires pilotes et généralisation",
        "https://solidarites.gouv.fr/",
        "Ministère des Solidarités",
        "2025-03",
        files=("solidarite_a_la_source.csv",),
        load=load_solidarite_a_la_source,
    ),
    _policy(
        "rsa_recentralisation",
        "Recentralisation du RSA : départements et dates d'effet",
        "https://solidarites.gouv.fr/",
        "Ministère des Solidarités",
        "2023-01",
        files=("rsa_recentralisation.csv",),
        load=load_recentralisation,
    ),
    _policy(
        "spie",
        "Service public de l'insertion et de l'emploi : territoires par vague",
        "https://solidarites.gouv.fr/",
        "Ministère des Solidarités, ministère du Travail",
        "2021-12",
        files=("spie.csv",),
        load=load_spie,
        notes=("The third wave (34 territories) is listed in part.",),
    ),
    _policy(
        "cheque_energie_pilots",
        "Chèque énergie : départements de l'expérimentation et généralisation",
        "https://www.ecologie.gouv.fr/",
        "Ministère de la Transition écologique",
        "2018-03",
        files=("cheque_energie_experimentation.csv",),
        load=load_cheque_energie,
    ),
)
