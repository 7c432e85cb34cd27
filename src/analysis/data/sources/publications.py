"""Figures that exist only in the text of a publication, copied by hand, with the publication they come from.

Most are national: non-take-up estimated by DREES, energy precarity followed by ONPE, what the Cour des comptes counted.
A few are départements' or régions'. They set a département in context; none of them is a département's own estimate.
All come from one compiled list, ``reference_figures.csv``, of which only the confirmed rows are read. Each publication is
a dataset of its own, so that its sidecar names it.

A ``Line`` says which rows of the list are which indicator. Nothing else of the list is read, and a line that finds no
row is an error: a figure that leaves the list must not leave the reports unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data.sources.base import INSEE_REUSE, LICENCE_OUVERTE, Dataset
from analysis.foundations import territories
from analysis.foundations.cells import figures, number, require_columns
from analysis.foundations.limits import SourceError
from analysis.foundations.published import read_csv

_COLUMNS = ("indicator", "geo", "period", "value", "confirmed", "where")
_LIST = ("reference_figures.csv",)
_PROVISIONAL = "provisoire"
_WINTER = re.compile(r"(?P<first>(?:19|20)\d\d)-(?P<second>\d\d)")


@dataclass(frozen=True)
class Line:
    """The rows of the list that give one indicator.

    Attributes
    ----------
    label : str
        The list's own name of the quantity, exactly.
    indicator : str
        Its name in the dictionary.
    only : tuple[str, ...]
        Periods to keep, as the list writes them; all when empty.
    periods : Mapping[str, tuple[str, ...]]
        The list's periods that are to be read otherwise, each with the canonical period or periods it covers.
    winter : bool
        ``2019-20`` is a winter, not a month.
    places : tuple[str, ...]
        Places to keep, as the list writes them; all when empty.
    scale : float
        What the list's unit is multiplied by; bounds then follow from the decimals that are printed.
    state : str
        ``modelled`` where the publication estimates, ``observed`` where it counts.
    notes : Mapping[str, str]
        A note for some canonical periods.
    at_least : tuple[str, ...]
        Canonical periods whose figure is published as a minimum (« plus de »).
    """

    label: str
    indicator: str
    only: tuple[str, ...] = ()
    periods: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    winter: bool = False
    places: tuple[str, ...] = ()
    scale: float = 1.0
    state: str = "observed"
    notes: Mapping[str, str] = field(default_factory=dict)
    at_least: tuple[str, ...] = ()


def load_lines(paths: Sequence[Path], lines: Sequence[Line]) -> pd.DataFrame:
    """Figures of one publication: every confirmed row of the list that its lines name."""
    table = read_csv(paths[0])
    require_columns(table, _COLUMNS, paths[0].name)
    confirmed = table[table["confirmed"] == "yes"]
    return figures(
        pd.DataFrame([row for line in lines for row in _figures_of(line, confirmed, paths[0].name)])
    )


def _figures_of(line: Line, table: pd.DataFrame, where: str) -> list[dict[str, object]]:
    rows = table[table["indicator"] == line.label]
    if line.only:
        rows = rows[rows["period"].isin(line.only)]
    if line.places:
        rows = rows[rows["geo"].isin(line.places)]
    wanted = max(len(line.only), len(line.places), 1)
    if len(rows) < wanted:
        raise SourceError(
            f"{where}: {len(rows)} confirmed rows « {line.label} » where {wanted} or more were expected"
        )
    return [figure for row in rows.to_dict("records") for figure in _one(line, row, where)]


def _one(line: Line, row: Mapping[Any, str], where: str) -> list[dict[str, object]]:
    place = f"{where}, « {line.label} », {row['geo']}, {row['period']}"
    try:
        value, territory = number(row["value"]), territories.parse(row["geo"])
    except ValueError as error:
        raise SourceError(f"{place}: {error}") from error
    if value is None:
        raise SourceError(f"{place}: no value; a confirmed row carries one")
    provisional = row["where"].startswith(_PROVISIONAL)
    return [
        {
            "territory": territory,
            "period": period,
            "indicator": line.indicator,
            "value": round(value * line.scale, 6),
            **_bounds(line, period, row["value"]),
            "state": "provisional" if provisional else line.state,
            "note": "at_least" if period in line.at_least else line.notes.get(period, ""),
        }
        for period in line.periods.get(row["period"]) or (_period(row["period"], line.winter),)
    ]


def _bounds(line: Line, period: str, text: str) -> dict[str, float]:
    """A figure in millions is known to half of its last printed decimal; a minimum has no upper bound."""
    value, unknown = float(text), float("nan")
    if period in line.at_least:
        return {"lower": value * line.scale, "upper": unknown}
    if line.scale == 1:
        return {"lower": unknown, "upper": unknown}
    half = 0.5 * 10 ** -len(text.partition(".")[2])
    return {"lower": round((value - half) * line.scale, 6), "upper": round((value + half) * line.scale, 6)}


def _period(text: str, winter: bool) -> str:
    """Canonical period: a day is cut to its month; ``2019-20`` is 2019-2020 in a series of winters."""
    if winter and (found := _WINTER.fullmatch(text)):
        return f"{found['first']}-{found['first'][:2]}{found['second']}"
    return text[:7]


# -------------------------------------------------------------------------------------------------- what each publishes

_RSA = "RSA non-recours"
_DOSSIER_92 = (
    Line(f"{_RSA} trimestriel moyen", "rate_non_take_up_rsa", state="modelled"),
    Line(f"{_RSA} persistant 3 trimestres consécutifs", "rate_non_take_up_rsa_persistent", state="modelled"),
    Line(f"{_RSA} : locataires HLM", "rate_non_take_up_rsa_social_tenants", state="modelled"),
    Line(f"{_RSA} : locataires privés", "rate_non_take_up_rsa_private_tenants", state="modelled"),
    Line(f"{_RSA} : propriétaires", "rate_non_take_up_rsa_owners", state="modelled"),
    Line(f"{_RSA} : mères isolées", "rate_non_take_up_rsa_lone_mothers", state="modelled"),
    Line(f"{_RSA} : couples sans enfant", "rate_non_take_up_rsa_childless_couples", state="modelled"),
    Line(f"{_RSA} : bénéficiaires AL", "rate_non_take_up_rsa_with_housing_benefit", state="modelled"),
    Line(f"{_RSA} : non bénéficiaires AL", "rate_non_take_up_rsa_without_housing_benefit", state="modelled"),
    Line(f"{_RSA} : bénéficiaires PF", "rate_non_take_up_rsa_with_family_benefit", state="modelled"),
    Line(f"{_RSA} : non bénéficiaires PF", "rate_non_take_up_rsa_without_family_benefit", state="modelled"),
    Line(f"{_RSA} : bénéficiaires PA", "rate_non_take_up_rsa_with_activity_bonus", state="modelled"),
    Line(f"{_RSA} : non bénéficiaires PA", "rate_non_take_up_rsa_without_activity_bonus", state="modelled"),
    Line("RSA montant moyen non réclamé", "amount_rsa_unclaimed_monthly", state="modelled"),
    Line("RSA montant non distribué", "amount_rsa_unclaimed_per_quarter_meur", state="modelled"),
)
_DOSSIER_97 = (
    Line("ASPA non-recours personnes seules", "rate_non_take_up_aspa", state="modelled"),
    Line("ASPA non-recours femmes", "rate_non_take_up_aspa_women", state="modelled"),
    Line("ASPA non-recours hommes", "rate_non_take_up_aspa_men", state="modelled"),
    Line("ASPA éligibles", "count_aspa_eligible_single_people", state="modelled"),
    Line("ASPA non-recourants", "count_aspa_non_recipients_single_people", state="modelled"),
    Line("ASPA montant moyen non-recourants", "amount_aspa_unclaimed_monthly", state="modelled"),
)
_C2S_NON_TAKE_UP = (
    Line(
        "C2S non-recours (millésime antérieur)",
        "rate_non_take_up_c2s",
        periods={"2019-2020": ("2019", "2020")},
        state="modelled",
        notes={"2020": "other_vintage"},
    ),
    Line("C2S non-recours", "rate_non_take_up_c2s", only=("2021",), state="modelled"),
    Line("C2S non-recours sans participation", "rate_non_take_up_c2s_free", state="modelled"),
    Line("C2S non-recours avec participation", "rate_non_take_up_c2s_contributory", state="modelled"),
)
_COLD_BAROMETER = Line(
    "a souffert du froid (déclaratif)",
    "share_felt_cold",
    winter=True,
    periods={"2024": ("2023-2024",)},
    at_least=("2023-2024",),
)
_INTERVENTIONS = Line(
    "interventions pour impayés",
    "count_energy_unpaid_interventions",
    only=("2021", "2022", "2023", "2024"),
    notes={"2022": "other_count", "2024": "rounded"},
    at_least=("2023",),
)
_VULNERABLE = (
    "France métropolitaine",
    "Centre-Val de Loire",
    "Grand Est",
    "Nouvelle-Aquitaine",
    "Gironde",
    "Creuse",
)
_COST = (
    Line("coût total RSA", "amount_rsa_public_cost_meur", scale=1000),
    Line("coût par allocataire", "amount_rsa_cost_per_recipient"),
    Line("dont allocation", "amount_rsa_allowance_per_recipient"),
    Line("dont insertion", "amount_rsa_insertion_per_recipient"),
    Line("dont gestion", "amount_rsa_management_per_recipient"),
    Line("insertion départements", "amount_rsa_insertion_by_departements_meur"),
)

# ----------------------------------------------------------------------------------------------------------- datasets

_COPIED = "Copied by hand, in part through the press: check against the publication before quoting."


def _publication(name: str, lines: Sequence[Line], notes: Sequence[str] = (), **options: Any) -> Dataset:
    return Dataset(
        name=f"publications/{name}",
        files=_LIST,
        load=partial(load_lines, lines=tuple(lines)),
        quality="hand_copied",
        notes=(_COPIED, *notes),
        **{"licence": LICENCE_OUVERTE, **options},
    )


DATASETS: tuple[Dataset, ...] = (
    _publication(
        "drees_dossier_92",
        _DOSSIER_92,
        producer="DREES",
        title="Mesurer régulièrement le non-recours au RSA et à la prime d'activité : méthode et résultats "
        "(Hannafi, Le Gall, Omalek, Marc), Les Dossiers de la DREES n° 92",
        url="https://drees.solidarites-sante.gouv.fr/sites/default/files/2022-02/DD92.pdf",
        vintage="2022-02",
        perimeter="France métropolitaine, ordinary dwellings, 2018; ERFS and the Ines model",
        notes=(
            "The publication holds its measure of prime d'activité not to be reliable: it is not carried.",
            "No département estimate exists.",
        ),
    ),
    _publication(
        "drees_dossier_97",
        _DOSSIER_97,
        producer="DREES",
        title="Le non-recours au minimum vieillesse des personnes seules (Meinzel), Les Dossiers de la DREES n° 97",
        url="https://drees.solidarites-sante.gouv.fr/sites/default/files/2022-05/"
        "Dossier%20de%20la%20DREES%20-%20Non%20recours%20au%20MV.pdf",
        vintage="2022-05",
        perimeter="France, retired people living alone, end of 2016",
    ),
    _publication(
        "drees_c2s_non_take_up",
        _C2S_NON_TAKE_UP,
        producer="DREES",
        title="Complémentaire santé solidaire avec participation financière : un taux de non-recours en baisse pour la "
        "première fois en 2021",
        url="https://drees.solidarites-sante.gouv.fr/communique-de-presse/"
        "complementaire-sante-solidaire-avec-participation-financiere-un-taux-de-non",
        vintage="2022-12",
        perimeter="France, 2019 to 2021; Ines model",
        notes=("2020: 46 % here, 45 % in a later report of the Sécurité sociale.",),
    ),
    _publication(
        "dss_c2s_report",
        (Line("C2S bénéficiaires", "count_c2s_beneficiaries", scale=1e6),),
        producer="Direction de la sécurité sociale",
        title="Rapport annuel sur la complémentaire santé solidaire",
        url="https://www.securite-sociale.fr/",
        vintage="2024",
        perimeter="France, all schemes",
    ),
    _publication(
        "assurance_maladie_c2s",
        (Line("C2S bénéficiaires / assurés régime général", "share_c2s_beneficiaries"),),
        producer="Assurance Maladie",
        title="Complémentaire santé solidaire : part des bénéficiaires parmi les assurés du régime général",
        url="https://www.assurance-maladie.ameli.fr/",
        vintage="2025-10",
        perimeter="France and the five départements that the publication quotes, general scheme",
    ),
    _publication(
        "activity_bonus_evaluation",
        (
            Line("PA recours (effectifs)", "rate_take_up_activity_bonus", state="modelled"),
            Line("PA recours (montants)", "rate_take_up_activity_bonus_amounts", state="modelled"),
        ),
        producer="DREES, CNAF",
        title="Rapport d'évaluation de la prime d'activité",
        url="https://solidarites.gouv.fr/",
        vintage="2017",
        perimeter="France métropolitaine, 2016",
    ),
    _publication(
        "energy_voucher_use",
        (
            Line("chèque énergie taux d'usage", "rate_energy_voucher_use", places=("France",)),
            Line("chèque énergie ménages destinataires", "count_energy_voucher_households", scale=1e6),
        ),
        producer="Ministère de la Transition écologique",
        title="Projets annuels de performance : taux d'usage du chèque énergie",
        url="https://www.budget.gouv.fr/",
        vintage="2024",
        perimeter="France",
        notes=("The rate of the four pilot départements in 2016 is of no single territory: it is left out.",),
    ),
    _publication(
        "onpe_tee_3d",
        (Line("TEE_3D (>8 %)", "share_energy_poverty_tee_3d", state="modelled"),),
        producer="ONPE, CGDD",
        title="Tableau de bord de la précarité énergétique, éditions 2018 à 2023",
        url="https://onpe.org/",
        vintage="2023",
        perimeter="France métropolitaine; not corrected for the weather",
    ),
    _publication(
        "cgdd_tee_3d_2021",
        (
            Line(
                "TEE_3D corrigé météo (CGDD 2021)",
                "share_energy_poverty_tee_3d_weather_corrected",
                state="modelled",
            ),
        ),
        producer="CGDD",
        title="Précarité énergétique en 2018 et 2019, taux d'effort énergétique corrigé de la météo",
        url="https://www.statistiques.developpement-durable.gouv.fr/",
        vintage="2021-01",
        perimeter="France métropolitaine; corrected for the weather",
    ),
    _publication(
        "ademe_tee_3d_2022",
        (
            Line(
                "TEE_3D corrigé météo (millésime ADEME)",
                "share_energy_poverty_tee_3d_weather_corrected",
                state="modelled",
                notes={"2022": "break_vintage"},
            ),
        ),
        producer="ADEME",
        title="Batizoom : taux d'effort énergétique corrigé de la météo",
        url="https://www.ademe.fr/",
        vintage="2024",
        perimeter="France; corrected for the weather, a vintage that does not continue the CGDD's",
        breaks=("2022: another vintage of the correction; do not compare with 2018 and 2019",),
    ),
    _publication(
        "energy_ombudsman",
        (_COLD_BAROMETER, _INTERVENTIONS),
        producer="Médiateur national de l'énergie",
        title="Baromètre énergie-info et rapports annuels",
        url="https://www.energie-mediateur.fr/",
        vintage="2025",
        perimeter="France",
        notes=(
            "Cold: the winter before each autumn's survey; the edition of 2024 is the winter 2023-2024.",
            "Unpaid bills, 2022: 863,000 here, 971,000 in ONPE's dashboard of 2024.",
            "543,874 unpaid-bill interventions are dated by an edition (2018) and not by a year: left out.",
        ),
    ),
    _publication(
        "insee_energy_vulnerability_2021",
        (
            Line(
                "vulnérabilité énergétique logement",
                "share_energy_vulnerable_housing",
                only=("2021",),
                places=_VULNERABLE,
                state="modelled",
            ),
        ),
        producer="INSEE",
        title="Près de 5 millions de ménages en situation de vulnérabilité énergétique pour leur logement en 2021, "
        "Insee Analyses n° 106, et Insee Analyses régionales de 2025",
        url="https://www.insee.fr/fr/statistiques/8382704",
        licence=INSEE_REUSE,
        vintage="2025",
        perimeter="France métropolitaine, three régions and two départements",
        notes=("Figures of 2008 and 2015 use other thresholds and are left out.",),
    ),
    _publication(
        "insee_erfs",
        (
            Line(
                "taux de pauvreté 60 %",
                "rate_poverty_60_erfs",
                places=("France métropolitaine",),
            ),
        ),
        producer="INSEE",
        title="Niveau de vie et pauvreté en 2023, Insee Première n° 2063, et éditions antérieures",
        url="https://www.insee.fr/fr/statistiques/8600989",
        licence=INSEE_REUSE,
        vintage="2025-07",
        perimeter="France métropolitaine, ordinary dwellings; ERFS",
        notes=("The rate of La Réunion in 2021 is not from this survey: it is left out.",),
    ),
    _publication(
        "drees_oarsa_national",
        (Line("bénéficiaires orientés (OARSA)", "share_rsa_oriented"),),
        producer="DREES",
        title="L'orientation et l'accompagnement des bénéficiaires du RSA, enquête OARSA",
        url="https://drees.solidarites-sante.gouv.fr/",
        vintage="2022",
        perimeter="France, territories that answered",
    ),
    _publication(
        "cour_des_comptes_rsa",
        _COST,
        producer="Cour des comptes",
        title="Le revenu de solidarité active (RSA), évaluation de politique publique",
        url="https://www.ccomptes.fr/fr/publications/le-revenu-de-solidarite-active-rsa",
        vintage="2022-01",
        perimeter="France, 2019",
    ),
    _publication(
        "dares_rsa_employment",
        (
            Line("allocataires RSA inscrits France Travail", "share_rsa_registered_job_seekers"),
            Line(
                "RSA ayant eu un emploi salarié dans l'année",
                "share_rsa_with_salaried_job_in_year",
                periods={"2021-06/2022-05": ("2022-05",)},
            ),
        ),
        producer="Dares",
        title="Bénéficiaires du RSA : inscription à Pôle emploi et emploi salarié (MiDAS)",
        url="https://dares.travail-emploi.gouv.fr/",
        vintage="2023",
        perimeter="France",
    ),
    _publication(
        "drees_rsa_paths",
        (
            Line(
                "taux de sortie RSA fin 2014→fin 2015",
                "rate_rsa_exit_within_year",
                periods={"2015": ("2015-12",)},
            ),
            Line(
                "fin 2016→2017 : toujours RSA",
                "share_rsa_still_recipient_after_year",
                periods={"2017": ("2017-12",)},
            ),
        ),
        producer="DREES",
        title="Parcours des bénéficiaires de minima sociaux, échantillon national interrégimes (ENIAMS)",
        url="https://drees.solidarites-sante.gouv.fr/",
        vintage="2019",
        perimeter="France",
    ),
)
