"""Self-employed health professionals: sums beside what they add up, and zeros that are numbers."""

import pytest

from analysis.data.sources import datasets
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from tests.checks import Check, one, total

HEAD = "annee,profession_sante,region,departement,classe_age,libelle_sexe,effectif,densite"
PROFESSIONS = (
    "Ensemble des médecins généralistes", "Ensemble des chirurgiens-dentistes", "Infirmiers", "Sages-femmes", "Pédiatres",
)  # fmt: skip
load = datasets()["cnam/health_professionals"].load


def write(tmp_path, *lines):
    path = tmp_path / "toutes_specialites_departement.csv"
    path.write_text("\ufeff" + "\n".join([HEAD, *lines]) + "\n", encoding="utf-8")
    return [path]


def lines(code, number, region="94"):
    return [f"2024,{name},{region},{code},tout_age,tout sexe,{number},1.5" for name in PROFESSIONS]


def test_sums_are_left_out_and_a_zero_is_a_number(tmp_path):
    paths = write(tmp_path, *lines("2A", 3), *lines("976", 0), *lines("999", 3), *lines("999", 9, "99"))
    figures = load(paths)
    assert len(figures) == 2 * len(PROFESSIONS)
    assert set(figures["indicator"]) == {
        f"count_{one}"
        for one in ("general_practitioners", "dentists", "nurses", "midwives", "paediatricians")
    }
    assert figures.groupby("territory")["value"].unique().map(list).to_dict() == {"2A": [3.0], "976": [0.0]}
    assert set(figures["state"]) == {"observed"}


def test_other_ages_and_a_profession_that_is_gone_are_refused(tmp_path):
    by_age = [line.replace("tout_age", "age_30") for line in lines("2A", 1)]
    assert len(load(write(tmp_path, *lines("2A", 3), *by_age))) == len(PROFESSIONS)
    with pytest.raises(SourceError, match="Pédiatres"):
        load(write(tmp_path, *lines("2A", 3)[:-1]))
    with pytest.raises(SourceError, match="twice"):
        load(write(tmp_path, *lines("2A", 3), *lines("2A", 3)))


def test_published_numbers_add_up_to_those_of_france(published):
    path = published("cnam", "toutes_specialites_departement.csv")
    figures = load([path])
    assert set(figures["territory"]) == set(territories.DEPARTEMENTS)
    sums = figures.groupby("indicator")["value"].sum().to_dict()
    france = {}
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        if ",99,FRANCE,999,FRANCE," in line:
            name, _, rest = line.removeprefix("2024,").rpartition(",99,FRANCE,999,FRANCE,")
            france[name.strip('"')] = int(rest.split(",")[3])
    assert sorted(sums.values()) == sorted(france[name] for name in PROFESSIONS)
    assert sums["count_general_practitioners"] == 55_546


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("self-employed general practitioners, 2024, sum of 101 départements", "55,546", "CNAM, row of France",
          lambda: total("count_general_practitioners", "2024"),
          "`tests/data/test_cnam.py::test_published_numbers_add_up_to_those_of_france`"),
    Check("self-employed nurses, 2024, sum of 101 départements", "99,023", "CNAM, row of France",
          lambda: total("count_nurses", "2024"), "same test"),
    *(Check(f"{who} per 100,000 inhabitants, 2024, {where}", number, "CNAM, density",
            lambda name=name, code=code: one(f"rate_{name}_per_100000", code, "2024"),
            "ours is over the population of 1 January 2024, theirs over another that it does not name")
      for who, name, where, code, number in (
          ("self-employed general practitioners", "general_practitioners", "France", "FR", "81.0"),
          ("self-employed general practitioners", "general_practitioners", "Nord", "59", "88.8"),
          ("self-employed dentists", "dentists", "France", "FR", "57.0"))),
)  # fmt: skip
