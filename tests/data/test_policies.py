"""Tables of policy timing: who counts as treated, since when, and how precisely that is known."""

import pytest

from analysis.data.sources import policies
from analysis.foundations import territories
from analysis.foundations.limits import SourceError

BY_NAME = {dataset.name.split("/")[1]: dataset for dataset in policies.DATASETS}
PILOTS = "wave,code_dep,territoire,perimetre,annonce,debut,debut_precision,couverture,evaluation_amnyos\n"
ROWS = (
    "1,69M,Lyon,communes non identifiées,2022-12-13,2023,annee,partielle,yes\n"
    "2,69D,Rhône,,2024-03-01,2024,annee,inconnue,no\n"
    "1,974,La Réunion,bassin non identifié,2022-12-13,2023,annee,partielle,yes\n"
    "1,35,Ille-et-Vilaine,Redon (1 400 pers.),2022-12-13,2023-07,mois,partielle,yes\n"
    "1,80,Somme,Albert,2022-12-13,2023-03,mois approx,partielle,no\n"
    "0,93,Seine-Saint-Denis,retenue puis retirée,2022-12-13,,,nulle,no\n"
)
BASINS = (
    "departement,territoire\n69,Métropole de Lyon : Givors / Grigny'\n97,La Réunion : St Leu/Trois Bassins\n"
)


def _pilots(folder, rows=ROWS, basins=BASINS):
    main, other = folder / "rsa_accompagnement_renove.csv", folder / "departements_xp_ft.csv"
    main.write_text(PILOTS + rows, encoding="utf-8")
    other.write_text(basins, encoding="utf-8")
    return policies.load_renewed_accompaniment([main, other]).set_index("territory")


def test_pilots_lyon_rhone_reunion_and_seine_saint_denis(tmp_path):
    table = _pilots(tmp_path)
    assert table.loc["69M", ["wave", "departement", "basin"]].tolist() == ["1", "69", "Givors / Grigny"]
    assert table.loc["69D", ["wave", "departement", "coverage"]].tolist() == ["2", "69", "unknown"]
    assert table.loc["974", "basin"] == "St Leu/Trois Bassins"
    assert table.loc["93", ["wave", "treated", "coverage", "started"]].tolist() == ["none", "no", "none", ""]
    assert table.loc["35", ["started", "started_precision", "people", "basin"]].tolist() == [
        "2023-07", "month", "1400", "Redon",
    ]  # fmt: skip
    assert table.loc["80", "started_precision"] == "month_approximate"
    assert table.loc["FR", ["wave", "started", "departement"]].tolist() == ["general", "2025-01-01", ""]


@pytest.mark.parametrize(
    ("rows", "basins", "message"),
    [
        (ROWS, "departement,territoire\n02,Ain : Bourg\n", "« Ain : Bourg » beside 02"),
        (ROWS, "departement,territoire\n59,Nord : Tourcoing\n", "59 have a basin and are not pilots"),
        (ROWS.replace("2023-07", "juillet 2023"), BASINS, "'juillet 2023' is not a date"),
        (ROWS.replace("nulle", "aucune"), BASINS, "coverage 'aucune'"),
    ],
)
def test_pilots_that_contradict_each_other_are_refused(tmp_path, rows, basins, message):
    with pytest.raises(SourceError, match=message):
        _pilots(tmp_path, rows, basins)


def test_spie_alsace_counts_in_two_departements_and_corsican_basins(tmp_path):
    path = tmp_path / "spie.csv"
    path.write_text(
        "code_dep,vague,debut,confirmed\nCeA,2,2021-04,yes\n2B-IleRousse,3,2021-S2,partial\n69M,1,2020-03,yes\n"
    )
    rows = policies.load_spie([path])[
        ["territory", "departement", "wave", "started_precision", "basin", "listed"]
    ]
    assert rows.to_numpy().tolist() == [
        ["2B", "2B", "3", "half_year", "Île-Rousse", "partly"],
        ["69M", "69", "1", "month", "", "yes"],
        ["6AE", "67", "2", "month", "", "yes"],
        ["6AE", "68", "2", "month", "", "yes"],
    ]


def test_general_rule_is_read_from_the_notes_and_must_be_one(tmp_path):
    path = tmp_path / "c.csv"
    head = "code_dep,debut,note\n07,2016,décret ; généralisation 26/03/2018 (annonce)\n"
    path.write_text(head, encoding="utf-8")
    table = policies.load_cheque_energie([path]).set_index("territory")
    assert table.loc["FR", ["wave", "started", "started_precision"]].tolist() == [
        "general",
        "2018-03-26",
        "day",
    ]
    assert table.loc["07", ["wave", "started", "started_precision"]].tolist() == ["pilot", "2016", "year"]
    path.write_text(head + "12,2016,généralisation 01/01/2018\n", encoding="utf-8")
    with pytest.raises(SourceError, match="2 dates of « généralisation »"):
        policies.load_cheque_energie([path])


# ----------------------------------------------------------------------------------------------------- published files


@pytest.fixture
def table(published):
    """A reference table, read from the published files."""
    folder = published("politiques")
    return lambda name: BY_NAME[name].load(BY_NAME[name].find(sorted(folder.iterdir())))


@pytest.mark.parametrize(
    ("name", "territories_by_wave"),
    [
        ("rsa_renewed_accompaniment", {"1": 18, "2": 29, "none": 1, "general": 1}),
        ("solidarite_a_la_source", {"pilot": 5, "general": 1}),
        ("cheque_energie_pilots", {"pilot": 4, "general": 1}),
        ("spie", {"1": 17, "2": 31, "3": 15}),  # Bretagne is one territory of four départements
    ],
)
def test_published_waves(table, name, territories_by_wave):
    frame = table(name)
    assert frame.groupby("wave")["territory"].nunique().to_dict() == territories_by_wave
    assert frame.map(lambda cell: isinstance(cell, str)).all(axis=None)


def test_published_pilots(table):
    pilots = table("rsa_renewed_accompaniment").set_index("territory")
    assert set(pilots.index[pilots["coverage"] == "whole"]) == {"FR", "23"}
    assert set(pilots.index[pilots["treated"] == "no"]) == {"93"}
    first = pilots[(pilots["wave"] == "1") & (pilots.index != "23")]
    assert (first["basin"] != "").all() and (first["coverage"] == "part").all()
    assert set(pilots["departement"]) - {""} <= set(territories.DEPARTEMENTS)
    assert not set(pilots["started"]) & set(pilots["announced"])


def test_published_recentralisation(table):
    started = table("rsa_recentralisation").set_index("territory")["started"].to_dict()
    assert started == {
        "973": "2019-01-01", "976": "2019-01-01", "974": "2020-01-01",
        "66": "2022-01-01", "93": "2022-01-01", "09": "2023-01-01",
    }  # fmt: skip
