"""CNAM: self-employed health professionals of each département, by profession.

The file holds France, régions and départements side by side: « 999 » in the column of départements is a sum, and is left
out. People are counted, not hours; those whom a hospital or a health centre employs are not in it. First step of the way of
the data: published file in, tidy figures out.
"""

from __future__ import annotations

from analysis.data.sources.base import LICENCE_OUVERTE, Dataset
from analysis.data.sources.remote import Remote
from analysis.data.sources.tidy import Tidy, year
from analysis.foundations.connectors import opendatasoft

_PROFESSIONS: dict[str | tuple[str, ...], str] = {
    "Ensemble des médecins généralistes": "count_general_practitioners",
    "Ensemble des chirurgiens-dentistes": "count_dentists",
    "Infirmiers": "count_nurses",
    "Sages-femmes": "count_midwives",
    "Pédiatres": "count_paediatricians",
}

_READER = Tidy(
    territory="departement",
    codes={"999": None},
    period="annee",
    form=year,
    series=("profession_sante",),
    value="effectif",
    measures=_PROFESSIONS,
    filters={"classe_age": ("tout_age",), "libelle_sexe": ("tout sexe",)},
)
"""Of the file and of the producer's export, whose years may be dates."""

DATASETS = (
    Dataset(
        name="cnam/health_professionals",
        producer="Caisse nationale de l’assurance maladie (CNAM)",
        title="Professionnels de santé libéraux : effectifs par profession et département",
        url="https://data.ameli.fr/",
        licence=LICENCE_OUVERTE,
        vintage="2024",
        perimeter="101 départements; professionals with a self-employed activity, all ages, both sexes",
        files=("toutes_specialites_departement.csv",),
        load=_READER,
        remote=Remote(
            (
                opendatasoft.Table(
                    "https://data.ameli.fr",
                    "demographie-effectifs-et-les-densites",
                    where='classe_age="tout_age" and libelle_sexe="tout sexe" and profession_sante in ('
                    + ",".join(f'"{name}"' for name in _PROFESSIONS)
                    + ")",
                ),
            ),
            load=_READER,
        ),
        quality="reused",
        notes=(
            "Rows of régions and of France (999) are left out: with them, sums triple.",
            "3,771 of the 55,546 general practitioners have a particular practice (allergies, angiology, acupuncture…).",
            "A 0 is a number: no self-employed professional.",
        ),
    ),
)
