"""Each declared address, fetched from a machine of ours that answers in the layout described for it, and read into figures.

The bodies are small and hold the traps of their layout: margins beside the parts, placeholder codes, masked cells, texts in
the place of codes. The connectors are the declared ones, but for the machine that they ask.
"""

import io
from dataclasses import replace
from urllib.parse import urlsplit

import openpyxl
import pandas as pd
import pytest
import yaml

from analysis.data import sources
from analysis.data.sources import arrival
from analysis.data.sources.drees import minimum_incomes, orientation, social_aid
from analysis.foundations.connectors import webstat
from analysis.foundations.connectors.datafair import Aggregate
from analysis.foundations.connectors.datagouv import Resource
from analysis.foundations.connectors.opendatasoft import Attachment, Table
from analysis.foundations.connectors.static import File
from analysis.foundations.limits import SourceError
from tests import producers
from tests.conventions.repository import ROOT
from tests.data import test_cnam as health
from tests.data import test_drees as drees
from tests.producers import client

DREES = (
    "mois;serie;nom_serie;region;nom_region;departement;nom_departement;valeur;maturite;unite;commentaire\n"
)
STOCK = (
    "date;code_region;region;code_departement;departement;type_de_donnees;categorie;sexe;tranche_d_age;anciennete;"
    "nombre_de_demandeurs_d_emploi\n"
)
OFFERS = (
    "date;code_region;region;code_departement;departement;type_de_donnees;type_d_offre_d_emploi;type_d_emploi;"
    "qualification;nombre_d_offres_d_emploi\n"
)
FLOWS = STOCK.replace("sexe;tranche_d_age;anciennete", "motif")
MOTIVES = (
    "Entrées - Total", "Entrées - Fin de contrat", "Entrées - Reprise d'activité après inactivité",
    "Entrées - Autres motifs", "Sorties - Total", "Sorties - Reprise d'emploi déclarée",
    "Sorties - Entrée en stage ou en formation", "Sorties - Cessation d'inscription pour défaut d'actualisation",
    "Sorties - Radiation administrative", "Sorties - Autres cas",
)  # fmt: skip
CAF = (
    "annee;numdep;nomdep;txcouv_dep;txcouv_eaje_dep;txcouv_prescol_dep;txcouv_am_ind_dep;txcouv_gad_ind_dep;"
    "txcouv_psu_col_dep;txcouv_hors_psu_col_dep;txcouv_ind_dep\n"
)
CNAM = health.HEAD.replace(",", ";") + "\n"
DEBT = "series_key;time_period;obs_value\n"
URSSAF = (
    "departement;ancienne_region;region;grand_secteur_d_activite;code_departement;code_ancienne_region;code_region;"
    "tranche_d_effectif;nombre_d_etablissements_2024;"
    "effectifs_salaries_2024;nombre_d_etablissements_2025;effectifs_salaries_2025\n"
)
LOVAC = (
    "DEP ;LIB_DEP"
    + "".join(f";ff_pp_total_{y};pp_vacant_{y};pp_vacant_plus_2ans_{y}" for y in (20, 26))
    + "\n"
)
ZONES = "indic_id,enforce_zone_id,metric_enforce_date,maille,indic_vi,indic_va,indic_vc,indic_ta\n"
IPS = "rentree_scolaire;code_du_departement;ips_departemental\n"


def stock(*rows):
    return STOCK + "".join(f"2026-06;84;Auvergne;{row}\n" for row in rows)


def months(code, count):
    return "".join(f"IFI.M.D{code}.SUREN.DEPOT;2025-{month:02d};10\n" for month in range(1, count + 1))


def dwellings(year, dep, value):
    from analysis.data.sources import caisse_des_depots

    heads = [column.heading for column in caisse_des_depots._COLUMNS]
    return f"annee_publication;code_departement;{';'.join(heads)}\n{year};{dep};{';'.join([value] * len(heads))}\n"


def rents(low, high):
    """A map of rents: 300 advertisements at one rent, 100 at another, a commune and a département without any."""
    heads = (
        "id_zone;INSEE_C;LIBGEO;EPCI;DEP;REG;TYPPRED;loypredm2;lwr.IPm2;upr.IPm2;R2_adj;nbobs_com;nbobs_mail"
    )
    rows = (
        ("01001", "01", f"{low},0", 300),
        ("01002", "01", f"{high},0", 100),
        ("01003", "01", "99,5", 0),
        ("2A004", "2A", "9,1", 0),
    )
    lines = [
        f'"{i}";"{com}";"L’Abergement";"e";"{dep}";"84";"commune";{rent};1;2;0,7;{n};9'
        for i, (com, dep, rent, n) in enumerate(rows)
    ]
    return "\n".join([";".join(f'"{head}"' for head in heads.split(";")), *lines, ""])


def rows_of_ore():
    """What the portal holds of two communes of Ain and one of Corse-du-Sud, whose cells are masked."""
    base = {"annee": 2024, "filiere": "Electricité", "code_categorie_consommation": "RES"}
    for energy in ("Electricité", "Gaz"):
        for dep, mwh, sites, masked in (("01", 10.5, 3, 0), ("01", 4, 1, 2), ("2A", 0, 0, 4)):
            yield base | {
                "filiere": energy, "code_departement": dep, "conso_totale_mwh": mwh, "nb_sites": sites,
                "nombre_de_mailles_secretisees": masked,
            }  # fmt: skip
    yield base | {
        "code_categorie_consommation": "PRO", "code_departement": "01", "conso_totale_mwh": 99, "nb_sites": 9,
        "nombre_de_mailles_secretisees": 0,
    }  # fmt: skip


CERTIFICATES = [
    {"code_departement_ban": dep, "etiquette_dpe": label}
    for dep, label in (("01", "D"), ("01", "F"), ("01", "G"), ("01", "A"), ("2A", "C"), ("971", "G"))
]

CASES = {
    "drees/solidarity_benefits_monthly": (
        [
            DREES
            + "2026-06;RSA_beneficiaires;RSA;84;Auvergne;01;Ain;8120;provisoire;foyers;\n"
            + "2025-12;RSA_beneficiaires;RSA;94;Corse;2A;Corse-du-Sud;2010;définitif;foyers;\n"
            + "2026-06;RSA_beneficiaires;RSA;84;Auvergne;NA;NA;200000;provisoire;foyers;\n"
            + "2026-06;RSA_beneficiaires;RSA;NA;NA;NA;NA;1800000;provisoire;foyers;\n"
            + "2026-06;RSA_depenses;RSA;84;Auvergne;01;Ain;5;provisoire;euros;\n"
            + "2026-06;PPA_beneficiaires;PPA;84;Auvergne;01;Ain;NA;provisoire;foyers;\n"
        ],
        {
            ("count_rsa_recipients", "01", "2026-06"): (8120, "provisional"),
            ("count_rsa_recipients", "2A", "2025-12"): (2010, "observed"),
            ("count_rsa_recipients", "FR", "2026-06"): (1_800_000, "provisional"),
            ("count_activity_bonus_recipients", "01", "2026-06"): (None, "unavailable"),
        },
    ),
    "dares/job_seekers_1996_2016": (
        [
            stock(
                "01;Ain;Brutes;A;Total;Total;Total;30000",
                "01;Ain;Brutes;ABC;Total;Total;Total;50000",
                "01;Ain;Brutes;ABC;Hommes;Total;Total;24000",
                "01;Ain;Brutes;ABC;Total;Moins de 25 ans;Total;7000",
                "01;Ain;Brutes;F;Total;Total;Total;900",
                "Total;Total;Brutes;ABC;Total;Total;Total;700000",
            )
        ],
        {
            ("count_job_seekers_a", "01", "2026-06"): (30000, "observed"),
            ("count_job_seekers_abc", "01", "2026-06"): (50000, "observed"),
        },
    ),
    "france_travail/job_seekers_under_25": (
        [
            stock(
                "01;Ain;Brutes;ABCDE;Total;Moins de 25 ans;Total;7000",
                "01;Ain;Brutes;ABCDE;Total;Total;Total;60000",
                "971;Guadeloupe;Brutes;ABCDE;Total;Moins de 25 ans;Total;5000",
                "Total;Total;Brutes;ABCDE;Total;Moins de 25 ans;Total;90000",
            )
            + "2026-06;Total France métropolitaine;T;Total;Total;Brutes;ABCDE;Total;Moins de 25 ans;Total;700000\n"
            + "2026-06;Total France;T;Total;Total;Brutes;ABCDE;Total;Moins de 25 ans;Total;750000\n"
        ],
        {
            ("count_job_seekers_under_25", "01", "2026-06"): (7000, "observed"),
            ("count_job_seekers_under_25", "FM", "2026-06"): (700000, "observed"),
        },
    ),
    "dares/entries_exits_1996_2025": (
        [
            FLOWS
            + "".join(
                f"2026-T2;Total France;Total;Total;Total;CVS-CJO;ABC;{motive};{100 + number}\n"
                f"2026-T2;84;Auvergne;01;Ain;CVS-CJO;ABC;{motive};1\n"
                for number, motive in enumerate(MOTIVES)
            )
        ],
        {
            ("count_entries_job_seekers_abc_sa", "FR", "2026-Q2"): (100, "observed"),
            ("count_entries_job_seekers_abc_end_of_contract_sa", "FR", "2026-Q2"): (101, "observed"),
            ("count_entries_job_seekers_abc_after_inactivity_sa", "FR", "2026-Q2"): (102, "observed"),
            ("count_exits_job_seekers_abc_sa", "FR", "2026-Q2"): (104, "observed"),
            ("count_exits_job_seekers_abc_to_employment_sa", "FR", "2026-Q2"): (105, "observed"),
            ("count_exits_job_seekers_abc_to_training_sa", "FR", "2026-Q2"): (106, "observed"),
            ("count_exits_job_seekers_abc_no_update_sa", "FR", "2026-Q2"): (107, "observed"),
            ("count_exits_job_seekers_abc_struck_off_sa", "FR", "2026-Q2"): (108, "observed"),
        },
    ),
    "france_travail/job_offers": (
        [
            OFFERS
            + "2026-T2;84;A;01;Ain;Brutes;Offres d'emploi collectées;Total;Total;4210\n"
            + "2026-T2;84;A;01;Ain;Brutes;Offres d'emploi satisfaites;Total;Total;3000\n"
            + "2026-T2;84;A;01;Ain;Brutes;Offres d'emploi collectées;Total;Cadres;300\n"
            + "2026-T2;84;A;Total;Total;Brutes;Offres d'emploi collectées;Total;Total;90000\n"
        ],
        {("count_job_offers", "01", "2026-Q2"): (4210, "observed")},
    ),
    "cnaf/childcare_coverage": (
        [
            CAF
            + "2023;01;AIN;60.1;20.1;3.1;35.1;1.8;1;1;1\n2023;XX;XX;195.8;1;1;1;1;1;1;1\n"
            + "2023;977;ST BARTH;50;1;1;1;1;1;1;1\n",
            CAF + "2021;01;AIN;61;21;3;36;1;1;1;1\n2022;01;AIN;99;1;1;1;1;1;1;1\n2021;99;?;70;1;1;1;1;1;1;1\n",
        ],
        {
            ("rate_childcare_coverage", "01", "2021"): (61, "observed"),
            ("rate_childcare_coverage", "01", "2023"): (60.1, "observed"),
            ("rate_childcare_coverage_collective", "01", "2023"): (20.1, "observed"),
            ("rate_childcare_coverage_nursery_school", "01", "2023"): (3.1, "observed"),
            ("rate_childcare_coverage_childminders", "01", "2023"): (35.1, "observed"),
            ("rate_childcare_coverage_home_help", "01", "2023"): (1.8, "observed"),
        },
    ),
    "cnam/health_professionals": (
        [
            CNAM
            + "".join(
                f"{year};{name};94;{code};tout_age;tout sexe;{number};1.5\n"
                for year, number in (("2010-01-01", 7), ("2024-01-01", 3))
                for name in health.PROFESSIONS
                for code in ("2A", "999")
            )
        ],
        {
            (f"count_{name}", "2A", year): (number, "observed")
            for name in ("general_practitioners", "dentists", "nurses", "midwives", "paediatricians")
            for year, number in (("2010", 7), ("2024", 3))
        },
    ),
    "banque_de_france/overindebtedness": (
        [DEBT + months("01", 12) + months("2A", 11) + "IFI.M.D2A.SUREN.DEPOT;2025-12;\n" + months("75", 8)],
        {
            ("count_overindebtedness_files", "01", "2025"): (120, "observed"),
            ("count_overindebtedness_files", "2A", "2025"): (None, "unavailable"),
        },
    ),
    "urssaf/private_jobs": (
        [
            URSSAF
            + "Ain;R;A;GS1 Industrie;01;82;84;0 à 9;10;100;11;110.4\nAin;R;A;GS2 BTP;01;82;84;10 et plus;5;50;5;50.3\n"
            + "Paris;I;I;GS1 Industrie;75;11;11;0 à 9;10;7;10;\n"
        ],
        {
            ("count_private_jobs", "01", "2024"): (150, "observed"),
            ("count_private_jobs", "01", "2025"): (160.7, "observed"),
            ("count_private_jobs", "75", "2025"): (None, "unavailable"),
        },
    ),
    "odre/heating_degree_days": (
        ["date_obs;code_insee_departement;tmoy\n" + "".join(f"2026-02-{d:02d};01;8\n" for d in range(1, 29))],
        {("count_heating_degree_days_month", "01", "2026-02"): (280, "observed")},
    ),
    "caisse_des_depots/dwellings": (
        [dwellings("2023", "01", "100")],
        {
            ("count_dwellings", "01", "2020"): (100, "observed"),
            ("count_social_dwellings", "01", "2022"): (100, "observed"),
        },
    ),
    "education/pupils_social_situation": (
        [
            IPS + "2025-2026;001;104.2\n2025-2026;02A;101\n2025-2026;988;80\n",
            IPS + "2025-2026;001;105.5\n2024-2025;974;88.1\n",
        ],
        {
            ("index_social_position_primary", "01", "2025"): (104.2, "observed"),
            ("index_social_position_primary", "2A", "2025"): (101, "observed"),
            ("index_social_position_lower_secondary", "01", "2025"): (105.5, "observed"),
            ("index_social_position_lower_secondary", "974", "2024"): (88.1, "observed"),
        },
    ),
    "logement/vacancy": (
        [LOVAC + "01;AIN;300 000;20000;9\xa0000;310 000;21000;10 850\n2A;CORSE-DU-SUD;1000;90;s;1000;90;20\n"],
        {
            ("share_private_dwellings_vacant_2_years", "01", "2020"): (3, "observed"),
            ("share_private_dwellings_vacant_2_years", "01", "2026"): (3.5, "observed"),
            ("share_private_dwellings_vacant_2_years", "2A", "2020"): (None, "suppressed"),
        },
    ),
    "logement/rents": (
        [rents(8, 9)] * 3 + [rents(10, 13)] * 3,
        {
            (f"amount_rent_{kind}_eur_m2", *place): (value, state)
            for kind in ("apartment", "small_apartment", "house")
            for place, value, state in (
                (("01", "2022"), 8.25, "modelled"),
                (("01", "2026"), 10.75, "modelled"),
                (("2A", "2022"), None, "unavailable"),
                (("2A", "2026"), None, "unavailable"),
            )
        },
    ),
    "ditp/barometer_2017_2022": (
        [
            "mesure,indicateur,id_indicateur,code_departement,libelle_departement,date,valeur,unite\n"
            + "".join(
                f"m,i,{name},01,Ain,2022-06-30,5,u\n"
                for name in (
                    "nb-maprimerenov-valides", "nb-beneficiaires-siae", "logement-sans-domicile-hebergement-urgence",
                    "duree-moyenne-traitement-demandes-allocation-adulte-handicape", "nb-labellisations-france-services",
                )
            )
        ],
        {("count_france_services", "01", "2022-06"): (5, "observed")},
    ),
    "ditp/barometer_2022_2024": (
        [
            ZONES
            + f"IND-{number},D01,2024-06-30,DEPT,1,{number},9,9\nIND-{number},D01,2026-12-31,DEPT,1,,9,9\n"
            + f"IND-{number},R84,2024-06-30,REG,1,77,9,9\nIND-{number},FRANCE,2024-06-30,NAT,1,99,9,9\n"
            for number in (292, 314, 295, 297, 323, 311, 218, 223)
        ],
        {
            ("count_maprimerenov_cumulated_2022_base", "01", "2024-06"): (292, "observed"),
            ("count_france_services_acts", "01", "2024-06"): (323, "observed"),
        },
    ),
    "ademe/dpe": (
        [CERTIFICATES, CERTIFICATES[:1]],
        {
            ("count_dpe", "01", "2026-09"): (5, "observed"),
            ("share_dpe_fg", "01", "2026-09"): (40, "observed"),
            ("count_dpe", "971", "2026-09"): (1, "observed"),
            ("share_dpe_fg", "971", "2026-09"): (None, "unavailable"),
            ("share_dpe_fg", "2A", "2026-09"): (0, "observed"),
        },
    ),
    "ore/residential_consumption": (
        [list(rows_of_ore())] * 6,
        {
            ("amount_electricity_residential_mwh", "01", "2024"): (14.5, "observed"),
            ("count_electricity_residential_sites", "01", "2024"): (4, "observed"),
            ("amount_gas_residential_mwh", "2A", "2024"): (None, "suppressed"),
            ("count_gas_residential_sites", "2A", "2024"): (None, "suppressed"),
        },
    ),
}  # fmt: skip


def book(sheets):
    """A workbook with the given rows in each sheet, as bytes."""
    stream, made = io.BytesIO(), openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    made.save(stream)
    return stream.getvalue()


def yearly(factor):
    sheet = drees._yearly_sheet(
        [["01", "Ain", *[factor * n for n in (10, 11, 12, 13)]], ["", "France", 9, 9, 9, 999]]
    )
    return sheet


def aid(titles):
    return book(
        dict.fromkeys(
            titles, drees._social_sheet([["84", "01", "Ain", 3, 4, 5], ["84", "69M", "Lyon", "-", 7, 8]])
        )
    )


AIN_2019 = {"01": 5, "69M": 8, "FM": 30, "FR": 33, "R84": 20, "R04": 1}
OARSA = {
    "Tableau A1": [
        ["", "", "", 2018, 2019],
        *[["", label, "", 80, 83] for _, label in orientation._OARSA.values()],
    ],
    **{
        title: [["", "Département/territoire", 2018, 2019], ["", "01-Ain", "ND", 62]]
        for title in orientation._OARSA
    },
}
BMO = {
    "Lisez-moi": [["Enquête Besoins en main-d'œuvre"]],
    "BMO_2026_open_data": [
        ["annee", "Code métier BMO", "Nom métier BMO", "Dept", "NomDept", "met", "xmet", "smet"],
        [2026, "A0X40", "Agriculteurs", "01", "Ain", 100, 60, "*"],
        [2026, "A0X41", "Maraîchers", "01", "Ain", "*", "*", "*"],
        [2026, "A0X42", "Viticulteurs", "01", "Ain", 50, 15, 20],
        [2026, "A0X42", "Viticulteurs", "978", "Guadeloupe", 70, 15, 20],
    ],
}
WORKBOOKS = {
    "drees/minima_yearly_1995_2019": (
        lambda: [
            {
                "minima_sociaux_donnees_nationales_par_dispositif.xlsx": b"another",
                "Minima sociaux - données départementales par dispositif.xlsx": book(
                    {title: yearly(2 if title == "Tableau 14" else 1) for title in minimum_incomes._YEARLY}
                ),
            }
        ],
        {("count_rsa_recipients_yearly", "01", "2019-12"): 13, ("count_rsa_covered_people_yearly", "01", "2019-12"): 26},
    ),
    "drees/oarsa_2015_2018": (
        lambda: [
            {
                "oarsa-donnees-detaillees-2019.xlsx": b"another",
                "enquete-oarsa-principaux-indicateurs-de-2015-2018.xlsx": b"older",
                "enquete-oarsa-principaux-indicateurs-de-2015-2019.xlsx": book(OARSA),
            }
        ],
        {("share_rsa_oriented", "01", "2019-12"): 62, ("share_rsa_oriented", "FR", "2019-12"): 83},
    ),
    "drees/social_spending_1999_2019": (
        lambda: [
            {
                "Les dépenses d’aide sociale départementale - séries_longues_1999_2018.xlsx": b"older",
                "les_depenses_daide_sociale_departementale_series_longues_1999_2023.xlsx": aid(social_aid._SPENDING),
            }
        ],
        {("amount_rsa_total_gross_keur", code, "2019"): value for code, value in AIN_2019.items()},
    ),
    "drees/social_aid_recipients_1996_2020": (
        lambda: [
            {
                "paph_les_beneficiaires_de_l_aide_sociale_departementale_series_longues_1996_2022.xlsx": aid(
                    title for title in social_aid._AID if "ase" not in title
                )
            },
            {
                "les_beneficiaires_de_l_aide_sociale_a_l_enfance_series_longues_1996_2022.xlsx": aid(
                    title for title in social_aid._AID if "ase" in title
                )
            },
        ],
        {(name, "01", "2019-12"): 5 for name in social_aid._AID.values()},
    ),
    "france_travail/recruitment_projects_2024": (
        lambda: [{"BMO 2025 Open data": b"older", "BMO 2026 Open data": book(BMO)}],
        {
            ("count_recruitment_projects", "01", "2026"): 150,
            ("share_recruitment_projects_difficult", "01", "2026"): 50,
        },
    ),
}  # fmt: skip


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv(webstat.KEY, "k3y")
    with producers.serving() as found:
        yield found


def serve(machine, connector, body):
    """Have the machine answer with a body; the connector, asking this machine."""
    match connector:
        case Table():
            key = "k3y" if isinstance(connector, webstat.Series) else ""
            producers.opendatasoft(machine, connector.dataset, body, key=key)
        case Attachment():
            producers.opendatasoft(machine, connector.dataset, files=body)
        case Aggregate():
            producers.datafair(machine, connector.dataset, body)
        case Resource():
            title = {
                "lovac.csv": "lovac-opendata-departements26.csv",
                "barometre.csv": "Résultats détail départemental",
            }
            if connector.since:  # a dataset a year: there is one of 2025 and one of 2026
                producers.datagouv(machine, connector.dataset.format(year=2025), {}, machine)
            dataset = connector.dataset.format(year=2026)
            kind = connector.name.partition("_")[0]
            title |= {connector.name: f"pred-{kind}-mef-dhup.csv"} if kind in ("app", "app12", "mai") else {}
            files = body if isinstance(body, dict) else {title[connector.name]: body.encode("cp1252")}
            producers.datagouv(machine, dataset, files, machine)
        case File():
            address = machine.on(f"/{connector.name}", producers.as_csv(body))
            return replace(connector, address=address)
    return replace(connector, portal=machine.portal)


def read(machine, tmp_path, name, bodies):
    """The figures of a dataset whose machines answer with these bodies."""
    dataset = sources.dataset(name)
    remote = dataset.remote
    paths = []
    for number, (connector, body) in enumerate(zip(remote.connectors, bodies, strict=True)):
        own = serve(machine, connector, body)
        assert own.newest(client(machine)).vintage
        paths += own.fetch(client(machine), tmp_path / str(number))
    assert {one.kind for one in arrival.of_files(remote, remote.load, paths)} <= {"categories"}
    return (remote.load or dataset.load)(paths)


@pytest.mark.parametrize("name", CASES)
def test_what_a_producer_answers_becomes_figures(machine, tmp_path, name):
    bodies, expected = CASES[name]
    figures = read(machine, tmp_path, name, bodies)
    key = ["indicator", "territory", "period"]
    assert not figures.duplicated(key).any()
    assert set(figures["territory"]) == {territory for _, territory, _ in expected}
    rows = figures.set_index(key)
    got = {one: (rows.loc[one, "value"], rows.loc[one, "state"]) for one in expected}
    rounded = {
        one: (None if pd.isna(value) else round(value, 6), state) for one, (value, state) in got.items()
    }
    assert rounded == expected


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_of_the_layout_held_is_chosen_among_others(machine, tmp_path, name):
    bodies, expected = WORKBOOKS[name]
    rows = read(machine, tmp_path, name, bodies()).set_index(["indicator", "territory", "period"])["value"]
    assert {one: rows[one] for one in expected} == expected


def test_a_sum_of_which_cells_are_masked_is_a_minimum(machine, tmp_path):
    rows = read(machine, tmp_path, "ore/residential_consumption", CASES["ore/residential_consumption"][0])
    ain = rows[rows["territory"] == "01"]
    assert set(ain["note"]) == {"lower_bound"}
    assert (ain["lower"] == ain["value"]).all()
    bmo = read(
        machine,
        tmp_path,
        "france_travail/recruitment_projects_2024",
        WORKBOOKS["france_travail/recruitment_projects_2024"][0](),
    )
    assert set(bmo["note"]) == {"lower_bound"}
    assert set(bmo["territory"]) == {"01"}


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        (
            "dares/entries_exits_1996_2025",
            ("Sorties - Radiation administrative", "Sorties - Autres"),
            "for each of 'radiation' expected; found .*Entrées - Fin de contrat",
        ),
        ("dares/job_seekers_1996_2016", (";Total;Total;Total;30000", ";Ensemble;Total;Total;30000"), "no 'A'"),
        ("dares/job_seekers_1996_2016", ("01;Ain;Brutes;ABC;Hommes;Total", "01;Ain;Brutes;ABC;Total;Total"), "appear twice"),
        ("drees/solidarity_benefits_monthly", ("définitif", "estimé"), "'estimé'; expected one of 'définitif'"),
        ("drees/solidarity_benefits_monthly", ("_beneficiaires", "_foyers"), "found 'PPA_foyers', .*'RSA_foyers'"),
        ("cnaf/childcare_coverage", ("2023;XX;XX", "2023;ZZ;ZZ"), "ZZ"),
        ("ademe/dpe", None, "'N/A'"),
    ],
)  # fmt: skip
def test_what_is_not_as_described_is_refused_with_what_is_there(machine, tmp_path, name, change, message):
    bodies, _ = CASES[name]
    if change is None:
        changed = [[{"code_departement_ban": "01", "etiquette_dpe": "N/A"}], bodies[1]]
    else:
        changed = [body.replace(*change) for body in bodies]
        assert changed != bodies
    with pytest.raises(SourceError, match=message):
        read(machine, tmp_path, name, changed)


ELSEWHERE = {
    "france_travail/recruitment_projects": "ends in 2023; newer years come with recruitment_projects_2024",
    "drees/minima_december_2019_2024": "the Decembers come with the months of solidarity_benefits_monthly, once",
    "dares/job_seekers_2019_2024": "two quarters of a re-user; the months come with job_seekers_1996_2016",
    "ssmsi/intrafamily_violence": "the columns of its newer files were not described",
    "anct/france_services": "the names of its newer files were not described",
    "anct/france_services_places": "the names of its newer files were not described",
}
"""Datasets whose address brings another one, or what nobody has described."""


def test_every_address_that_public_code_calls_is_declared_as_the_register_has_it():
    register = yaml.safe_load(
        (ROOT / "data" / "raw" / "parameters" / "addresses.yml").read_text(encoding="utf-8")
    )
    known = {
        name: entry
        for name, entry in register["addresses"].items()
        if name in sources.datasets()
        and not name.startswith("insee/")
        and entry["access"] in ("proven", "inferred", "silent")
    }
    assert len(known) > 20
    undeclared = {name for name in known if sources.dataset(name).remote is None}
    assert undeclared <= set(ELSEWHERE)
    for name in known.keys() - undeclared:
        connectors = sources.dataset(name).remote.connectors
        assert {type(one).__module__.rpartition(".")[2] for one in connectors} <= {
            known[name]["connector"]
        }, name
        hosts = {urlsplit(address).hostname for address in known[name]["addresses"]}
        assert {one.host for one in connectors} <= hosts, name
