"""SSMSI: victims of intrafamily violence that police and gendarmerie recorded, by département and year.

What is recorded is not what happens: it follows who comes forward and how complaints are taken. The file counts victims for
some offences, offences or suspects for others: the unit is held to be that of victims. Its rates are left, as those of 2022
and 2023 use the population of 2021, and that of Mayotte is of 2017 in every year. First step of the way of the data:
published file in, tidy figures out.
"""

from __future__ import annotations

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.tidy import Tidy

DATASETS = (
    Dataset(
        name="ssmsi/intrafamily_violence",
        producer="Service statistique ministériel de la sécurité intérieure (SSMSI)",
        title="Crimes et délits enregistrés par la police et la gendarmerie nationales : coups et blessures intrafamiliaux",
        url="https://www.data.gouv.fr/fr/datasets/bases-statistiques-communale-departementale-et-regionale-de-la-delinquance-"
        "enregistree-par-la-police-et-la-gendarmerie-nationales/",
        licence=LICENCE_OUVERTE,
        vintage="2016-2023",
        perimeter="101 départements; victims recorded in the year",
        files=("donnee-dep-2023.csv",),
        load=Tidy(
            territory="Code.département",
            codes={"NA": None},
            period="annee",
            form="20{}".format,
            series=("classe", "unité.de.compte"),
            value="faits",
            measures={
                (
                    "Coups et blessures volontaires intrafamiliaux",
                    "victime",
                ): "count_intrafamily_violence_victims"
            },
        ),
        notes=(
            "Of people aged 15 or over, as the producer’s indicator is: all assaults of the file rise by 12, 15 and 7 % in "
            "2021, 2022 and 2023, as it published.",
            "Years are printed with two digits. The rows NA, of no département, hold no victim: they are left out.",
            "The published rates use the population of 2021 in 2022 and 2023, and that of 2017 for Mayotte in every year; "
            "the rate is computed here with the population of the year.",
        ),
    ),
)
