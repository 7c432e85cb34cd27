"""Codes, names and places: every way of writing that is read, every one that is refused, and the published twins."""

import csv
import math
import pickle
from collections import Counter
from statistics import fmean

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.foundations import territories
from analysis.foundations.territories import (
    CODES,
    DEPARTEMENTS,
    TERRITORIES,
    UnknownTerritory,
    get,
    neighbours,
    parse,
)

APART = {"2A", "2B", *territories.OVERSEAS}


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


# ------------------------------------------------------------------------------------------------------------- the list


def test_the_list_is_complete_and_in_the_official_order():
    metropolitan = [f"{n:02}" for n in range(1, 96) if n != 20]
    metropolitan[19:19] = ["2A", "2B"]
    assert list(DEPARTEMENTS) == [*metropolitan, "971", "972", "973", "974", "976"]
    assert (len(DEPARTEMENTS), len(territories.METROPOLITAN), len(territories.REGIONS)) == (101, 96, 18)
    assert DEPARTEMENTS[96:] == territories.OVERSEAS
    assert set(territories.COLLECTIVITES) == {"69M", "69D", "6AE", "20R"}
    assert sorted(["21", "2B", "971", "19", "2A", "95"], key=territories.sort_key) == [
        "19",
        "2A",
        "2B",
        "21",
        "95",
        "971",
    ]
    assert len({territory.slug for territory in TERRITORIES.values()}) == len(CODES) == 101 + 18 + 4 + 2


@pytest.mark.parametrize(
    ("code", "region", "parent", "members"),
    [
        ("67", "R44", "R44", ("67",)),
        ("69M", "R84", "69", None),
        ("69D", "R84", "69", None),
        ("6AE", "R44", "R44", ("67", "68")),
        ("20R", "R94", "R94", ("2A", "2B")),
        ("R94", "R94", "FR", ("2A", "2B")),
        ("R04", "R04", "FR", ("974",)),
        ("R11", "R11", "FR", ("75", "77", "78", "91", "92", "93", "94", "95")),
        ("FM", None, "FR", territories.METROPOLITAN),
        ("FR", None, None, DEPARTEMENTS),
    ],
)
def test_what_contains_a_territory_and_what_it_is_made_of(code, region, parent, members):
    assert get(code).parent == parent
    if region:
        assert territories.region_of(code) == region
    else:
        with pytest.raises(UnknownTerritory, match="in no région"):
            territories.region_of(code)
    if members:
        assert territories.departements_of(code) == members
    else:
        with pytest.raises(UnknownTerritory, match="a part of département 69"):
            territories.departements_of(code)


def test_regions_share_the_departements_out_between_them():
    shared = Counter(d for region in territories.REGIONS for d in territories.departements_of(region))
    assert shared == Counter(DEPARTEMENTS)
    overseas = {code for code in territories.REGIONS if get(code).overseas}
    assert overseas == {territories.region_of(code) for code in territories.OVERSEAS}


@pytest.mark.parametrize("written", ["1", "ain", "2a", "", None, 1])
def test_get_takes_codes_only(written):
    with pytest.raises(UnknownTerritory, match=r"parse\(\)"):
        get(written)


# ----------------------------------------------------------------------------------------------------------- what is read

READ = {
    "01": [
        "1",
        "01",
        " 01 ",
        "1.0",
        "Ain 01",
        "01 Ain",
        "01-Ain",
        "Ain (01)",
        "l'Ain",
        "l’Ain",
        "département de l'Ain",
    ],
    "2A": ["2a", "20A", "20a", "2A - Corse du Sud", "corse-du-sud", "20A CORSE DU SUD", "20 Corse-du-Sud"],
    "2B": ["2b", "20B", "Haute\u00a0Corse", "Haute-Corse\u202f2B"],
    "13": ["13  -Bouches-du-Rhône", "13 - Bouches du Rhône", "Bches-du-Rhône"],
    "21": ["Côte d'Or", "Côte-d’Or", "COTE D'OR", "cote dor", "21-Côte-d'Or "],
    "28": ["Eure & Loir", "EURE ET LOIR"],
    "67": [
        "67",
        "D67",
        "dep 67",
        "DEP_67",
        "Département 67",
        "bas rhin",
        "BAS-RHIN",
        "Le Bas-Rhin",
        "67-Bas-Rhin ",
    ],
    "69": ["69", "Rhône", "RHONE", "Département du Rhône"],
    "84": ["84", "D84", "vaucluse"],
    "90": ["territoire de belfort", "90-Territoire-de-Belfort ", "Belfort"],
    "93": ["Seine St Denis", "SEINE SAINT DENIS", "Seine-St-Denis"],
    "973": ["Guyane", "Guyane française", "French Guiana"],
    "974": ["La Réunion", "La réunion", "Réunion", "LA REUNION", "974-La-Réunion ", "97 La Réunion"],
    "69M": ["69m", "métropole de lyon", "69M-Métropole-de-Lyon ", "Grand Lyon", "the Métropole de Lyon"],
    "69D": ["Rhône hors métropole de Lyon", "Rhône (hors Métropole de Lyon)", "69D-Nouveau-Rhône "],
    "6AE": ["6ae", "Collectivité européenne d'Alsace", "Alsace"],
    "20R": ["Collectivité de Corse", "Corse", "20-Corse ", "20R"],
    "R84": [
        "R84",
        "r84",
        "Région 84",
        "auvergne rhone alpes",
        "région Auvergne-Rhône-Alpes",
        "R84 Auvergne-Rhône-Alpes",
    ],
    "R01": ["R01", "R1", "région Guadeloupe"],
    "FR": ["FR", "fr", "France", "France entière"],
    "FM": ["FM", "France métropolitaine", "Metropolitan France"],
}


@pytest.mark.parametrize(
    ("written", "code"), [(written, code) for code, forms in READ.items() for written in forms]
)
def test_reads(written, code):
    assert parse(written) == code


@pytest.mark.parametrize(
    "number", [1, 1.0, np.int64(1), np.int8(1), np.float64(1), np.float32(1), np.str_("1")]
)
def test_reads_whole_numbers_of_any_type(number):
    assert parse(number) == "01"


@pytest.mark.parametrize(
    ("written", "level", "code"),
    [
        ("84", "region", "R84"),
        (84, "region", "R84"),
        ("1", "region", "R01"),
        ("84 Auvergne-Rhône-Alpes", "region", "R84"),
        ("La Réunion", "region", "R04"),
        ("Mayotte", "region", "R06"),
        ("Corse", "region", "R94"),
        ("La Réunion", "departement", "974"),
        ("Corse", "collectivite", "20R"),
        ("Rhône", "departement", "69"),
    ],
)
def test_level_tells_bearers_of_a_name_apart(written, level, code):
    assert parse(written, level) == code


@pytest.mark.parametrize("territory", TERRITORIES.values(), ids=CODES)
def test_everything_a_territory_is_called_reads_back(territory):
    for lang in ("fr", "en"):
        for name in (territory.label(lang), territory.name_the(lang)):
            for form in (name, name.upper(), name.replace("’", "'")):
                assert parse(form, territory.level) == territory.code
    for form in (
        territory.code,
        territory.code.lower(),
        territory.slug,
        f"{territory.code} {territory.name}",
    ):
        assert parse(form) == territory.code
    assert territory.slug.isascii()
    assert territory.slug.replace("-", "").isalnum()


def test_every_alias_of_the_data_file_names_one_territory_of_its_level():
    assert "Grand Lyon" in get("69M").aliases
    for territory in TERRITORIES.values():
        assert all(parse(alias, territory.level) == territory.code for alias in territory.aliases)


# -------------------------------------------------------------------------------------------------------- what is refused

NEAREST = {
    "bas-rihn": "67",
    "Lot-et-Graonne": "47",
    "Ile et Vilaine": "35",
    "Seine Martime": "76",
    "lyon": "69M",
    "bretagn": "R53",
}


@pytest.mark.parametrize(("written", "code"), NEAREST.items())
def test_refuses_what_it_does_not_know_with_the_nearest(written, code):
    with pytest.raises(UnknownTerritory) as refusal:
        parse(written)
    assert code in refusal.value.candidates
    assert f"{get(code).slug} ({code})" in str(refusal.value)
    assert refusal.value.value == written


REFUSED = {
    "20": ("2A", "2B", "20R"),
    "97": ("971", "972", "973", "974", "976"),
    20: ("corse-du-sud (2A)", "haute-corse (2B)", "collectivite-de-corse (20R)"),
    "Ain 02": ("aisne (02)", "ain (01)", "correct one"),
    "2A-ajaccien": ("corse-du-sud (2A)", "no such name"),
    "69 Métropole de Lyon": ("rhone (69)", "metropole-de-lyon (69M)"),
    "20 Ain": ("haute-corse (2B)", "ain (01)"),
    "84 Auvergne-Rhône-Alpes": ("vaucluse (84)", "region-auvergne-rhone-alpes (R84)"),
    "975-Saint-Pierre-et-Miquelon\u00a0 ": ("Saint-Pierre-et-Miquelon", "101 départements"),
    977: ("Saint-Barthélemy", "101 départements"),
    "978": ("101 départements",),
    "Saint-Martin": ("(978)", "101 départements"),
    "986": ("101 départements",),
    "987": ("101 départements",),
    "988": ("101 départements",),
    "96": ("no département has the code 96", "21 to 95"),
    "00": ("no département has the code 00",),
    "067": ("no département has the code 067",),
    "R85": ("no région has the code R85", "R84"),
    "00FR": ("unknown territory '00FR'", "such as 67"),
    "France entière (hors Mayotte)": ("unknown territory",),
    "-1": ("sign or a mark",),
    "1*": ("sign or a mark",),
    "1,5": ("disagree",),
    1.5: ("whole",),
    0: ("whole",),
    -1: ("whole",),
    10**30: ("whole",),
    math.inf: ("whole",),
    math.nan: ("missing",),
    None: ("missing",),
    pd.NA: ("NAType",),
    True: ("bool",),
    np.True_: ("bool",),
    b"01": ("bytes",),
    "": ("no letter or digit",),
    " \u00a0– ": ("no letter or digit",),
    "x" * 10_000: ("…",),
}


@pytest.mark.parametrize(("written", "said"), REFUSED.items(), ids=[repr(key)[:40] for key in REFUSED])
def test_refuses_and_says_why(written, said):
    with pytest.raises(UnknownTerritory) as refusal:
        parse(written)
    assert all(part in str(refusal.value) for part in said)
    assert len(str(refusal.value)) < 400


@pytest.mark.parametrize(
    ("written", "level", "said"),
    [
        ("67", "region", "no région has the code R67"),
        ("D67", "region", "is the département bas-rhin (67), where a région was expected"),
        ("R84", "departement", "where a département was expected"),
        ("69M", "departement", "is the collectivité metropole-de-lyon (69M)"),
        ("Rhône", "collectivite", "is the département rhone (69)"),
        ("France", "region", "is the country france (FR)"),
        ("bretagn", "region", "region-bretagne (R53)"),
    ],
)
def test_refuses_another_level_than_the_one_asked_for(written, level, said):
    with pytest.raises(UnknownTerritory) as refusal:
        parse(written, level)
    assert said in str(refusal.value)


def test_a_misspelt_level_is_not_taken_for_an_unknown_territory():
    with pytest.raises(ValueError, match="departement, collectivite, region, country") as refusal:
        parse("67", "région")
    assert not isinstance(refusal.value, UnknownTerritory)


ANYTHING = st.one_of(
    st.text(),
    st.integers(),
    st.floats(),
    st.fractions(),
    st.decimals(),
    st.complex_numbers(),
    st.binary(),
    st.dates(),
    st.lists(st.integers(), max_size=2),
    st.text("0123456789 abdefmrRD-–.'’é²١", max_size=8),
    st.builds("{}{}{}".format, st.text(max_size=3), st.sampled_from(CODES), st.text(max_size=3)),
)


@given(ANYTHING, st.sampled_from([None, *territories.LEVELS]))
def test_anything_is_a_known_code_of_the_level_or_is_refused(written, level):
    try:
        code = parse(written, level)
    except UnknownTerritory as refusal:
        assert str(refusal)
        assert set(refusal.candidates) <= set(CODES)
    else:
        assert level in (None, get(code).level)
        assert parse(code) == code


@given(st.sampled_from(list(TERRITORIES.values())), st.sampled_from("-–_/' \u00a0\u202f"), st.booleans())
def test_separators_and_case_do_not_matter(territory, mark, upper):
    written = territory.name.replace("-", mark).replace("’", mark)
    assert parse(written.upper() if upper else written, territory.level) == territory.code


def test_a_refusal_survives_the_way_back_from_a_worker():
    refusal = pickle.loads(pickle.dumps(UnknownTerritory("no", "bas-rihn", ["67"])))
    assert (str(refusal), refusal.value, refusal.candidates) == ("no", "bas-rihn", ("67",))


# --------------------------------------------------------------------------------------------------------------- columns


def test_a_column_keeps_its_index_and_name_and_loses_only_the_rows_named():
    column = pd.Series(["Ain 01", "FRANCE ", "2a", 974, "00FR"], index=[3, 5, 7, 9, 11], name="dep")
    read = territories.parse_series(column, drop=("France", "00FR"))
    pd.testing.assert_series_equal(
        read, pd.Series(["01", "2A", "974"], index=[3, 7, 9], name="dep", dtype="str")
    )
    assert territories.parse_series(pd.Series([84.0, 1.0]), level="region").tolist() == ["R84", "R01"]
    assert territories.parse_series(pd.Series(["Ain"], dtype="category")).tolist() == ["01"]
    assert territories.parse_series(pd.Series([], dtype="str")).empty


def test_a_column_reports_every_unknown_label_at_once():
    column = pd.Series(["67", "bas-rihn", None, "bas-rihn", "Lot-et-Graonne", True, 1], name="dep")
    with pytest.raises(UnknownTerritory) as refusal:
        territories.parse_series(column)
    said = str(refusal.value)
    assert "'dep'" in said
    assert "2 row(s): unknown territory 'bas-rihn'" in said
    assert "lot-et-garonne (47)" in said
    assert "missing" in said
    assert "bool" in said
    assert {"67", "47"} <= set(refusal.value.candidates)


def test_a_column_reads_each_label_once(monkeypatch):
    read = []
    monkeypatch.setattr(territories, "parse", lambda label, level: read.append(label) or "67")
    assert territories.parse_series(pd.Series(["Bas-Rhin", "67", "Bas-Rhin"] * 50)).tolist() == ["67"] * 150
    assert read == ["Bas-Rhin", "67"]


# ----------------------------------------------------------------------------------------------------------------- names

FRENCH = """
01 l’Ain | de l’Ain | dans l’Ain
02 l’Aisne | de l’Aisne | dans l’Aisne
04 les Alpes-de-Haute-Provence | des Alpes-de-Haute-Provence | dans les Alpes-de-Haute-Provence
07 l’Ardèche | de l’Ardèche | en Ardèche
08 les Ardennes | des Ardennes | dans les Ardennes
11 l’Aude | de l’Aude | dans l’Aude
13 les Bouches-du-Rhône | des Bouches-du-Rhône | dans les Bouches-du-Rhône
14 le Calvados | du Calvados | dans le Calvados
16 la Charente | de la Charente | en Charente
21 la Côte-d’Or | de la Côte-d’Or | en Côte-d’Or
22 les Côtes-d’Armor | des Côtes-d’Armor | dans les Côtes-d’Armor
23 la Creuse | de la Creuse | dans la Creuse
26 la Drôme | de la Drôme | dans la Drôme
27 l’Eure | de l’Eure | dans l’Eure
28 l’Eure-et-Loir | d’Eure-et-Loir | en Eure-et-Loir
29 le Finistère | du Finistère | dans le Finistère
2A la Corse-du-Sud | de la Corse-du-Sud | en Corse-du-Sud
2B la Haute-Corse | de la Haute-Corse | en Haute-Corse
31 la Haute-Garonne | de la Haute-Garonne | en Haute-Garonne
34 l’Hérault | de l’Hérault | dans l’Hérault
35 l’Ille-et-Vilaine | d’Ille-et-Vilaine | en Ille-et-Vilaine
36 l’Indre | de l’Indre | dans l’Indre
37 l’Indre-et-Loire | d’Indre-et-Loire | en Indre-et-Loire
38 l’Isère | de l’Isère | en Isère
40 les Landes | des Landes | dans les Landes
41 le Loir-et-Cher | du Loir-et-Cher | en Loir-et-Cher
42 la Loire | de la Loire | dans la Loire
44 la Loire-Atlantique | de la Loire-Atlantique | en Loire-Atlantique
47 le Lot-et-Garonne | du Lot-et-Garonne | en Lot-et-Garonne
49 le Maine-et-Loire | de Maine-et-Loire | en Maine-et-Loire
50 la Manche | de la Manche | dans la Manche
54 la Meurthe-et-Moselle | de Meurthe-et-Moselle | en Meurthe-et-Moselle
59 le Nord | du Nord | dans le Nord
62 le Pas-de-Calais | du Pas-de-Calais | dans le Pas-de-Calais
63 le Puy-de-Dôme | du Puy-de-Dôme | dans le Puy-de-Dôme
67 le Bas-Rhin | du Bas-Rhin | dans le Bas-Rhin
69 le Rhône | du Rhône | dans le Rhône
71 la Saône-et-Loire | de Saône-et-Loire | en Saône-et-Loire
73 la Savoie | de la Savoie | en Savoie
75 Paris | de Paris | à Paris
77 la Seine-et-Marne | de Seine-et-Marne | en Seine-et-Marne
78 les Yvelines | des Yvelines | dans les Yvelines
79 les Deux-Sèvres | des Deux-Sèvres | dans les Deux-Sèvres
80 la Somme | de la Somme | dans la Somme
82 le Tarn-et-Garonne | du Tarn-et-Garonne | en Tarn-et-Garonne
84 le Vaucluse | du Vaucluse | dans le Vaucluse
86 la Vienne | de la Vienne | dans la Vienne
87 la Haute-Vienne | de la Haute-Vienne | en Haute-Vienne
89 l’Yonne | de l’Yonne | dans l’Yonne
90 le Territoire de Belfort | du Territoire de Belfort | dans le Territoire de Belfort
91 l’Essonne | de l’Essonne | dans l’Essonne
92 les Hauts-de-Seine | des Hauts-de-Seine | dans les Hauts-de-Seine
93 la Seine-Saint-Denis | de la Seine-Saint-Denis | en Seine-Saint-Denis
94 le Val-de-Marne | du Val-de-Marne | dans le Val-de-Marne
95 le Val-d’Oise | du Val-d’Oise | dans le Val-d’Oise
971 la Guadeloupe | de la Guadeloupe | en Guadeloupe
972 la Martinique | de la Martinique | en Martinique
973 la Guyane | de la Guyane | en Guyane
974 La Réunion | de La Réunion | à La Réunion
976 Mayotte | de Mayotte | à Mayotte
69M la Métropole de Lyon | de la Métropole de Lyon | dans la Métropole de Lyon
69D le Rhône hors métropole de Lyon | du Rhône hors métropole de Lyon | dans le Rhône hors métropole de Lyon
R11 l’Île-de-France | d’Île-de-France | en Île-de-France
R24 le Centre-Val de Loire | du Centre-Val de Loire | dans le Centre-Val de Loire
R27 la Bourgogne-Franche-Comté | de Bourgogne-Franche-Comté | en Bourgogne-Franche-Comté
R32 les Hauts-de-France | des Hauts-de-France | dans les Hauts-de-France
R44 le Grand Est | du Grand Est | dans le Grand Est
R52 les Pays de la Loire | des Pays de la Loire | dans les Pays de la Loire
R84 Auvergne-Rhône-Alpes | d’Auvergne-Rhône-Alpes | en Auvergne-Rhône-Alpes
R93 Provence-Alpes-Côte d’Azur | de Provence-Alpes-Côte d’Azur | en Provence-Alpes-Côte d’Azur
R94 la Corse | de Corse | en Corse
FR la France | de la France | en France
FM la France métropolitaine | de la France métropolitaine | en France métropolitaine
"""


@pytest.mark.parametrize("line", FRENCH.strip().splitlines())
def test_french_articles(line):
    code, forms = line.split(" ", 1)
    territory = get(code)
    assert [territory.name_the(), territory.name_of(), territory.name_in("fr")] == forms.split(" | ")


@pytest.mark.parametrize(
    ("code", "the", "of", "within"),
    [
        ("67", "Bas-Rhin", "of Bas-Rhin", "in Bas-Rhin"),
        ("75", "Paris", "of Paris", "in Paris"),
        ("973", "French Guiana", "of French Guiana", "in French Guiana"),
        ("974", "Réunion", "of Réunion", "in Réunion"),
        ("976", "Mayotte", "of Mayotte", "in Mayotte"),
        ("R53", "Brittany", "of Brittany", "in Brittany"),
        ("69M", "the Métropole de Lyon", "of the Métropole de Lyon", "in the Métropole de Lyon"),
        ("FM", "Metropolitan France", "of Metropolitan France", "in Metropolitan France"),
    ],
)
def test_english_forms(code, the, of, within):
    territory = get(code)
    assert (territory.name_the("en"), territory.name_of("en"), territory.name_in("en")) == (the, of, within)


def test_articles_agree_with_each_other_and_with_the_name():
    allowed = {
        "le": ({"du", "de"}, {"dans le", "en"}),
        "la": ({"de la", "de"}, {"dans la", "en"}),
        "l’": ({"de l’", "d’"}, {"dans l’", "en"}),
        "les": ({"des"}, {"dans les"}),
        "": ({"de", "d’"}, {"à", "en"}),
    }
    for territory in TERRITORIES.values():
        of, place = allowed[territory.article]
        assert territory.of in of
        assert territory.place in place
        vowel = territory.name[0] in "AEIÎOY" or territory.code == "34"
        assert (territory.article == "l’" or territory.of == "d’") == (vowel and territory.article != "les")
        assert "'" not in territory.name + territory.name_en


def test_names_exist_in_two_languages_only():
    with pytest.raises(ValueError, match="'fr' or 'en'"):
        get("67").label("de")


# ------------------------------------------------------------------------------------------------ neighbours and the map


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("75", ("92", "93", "94")),
        ("29", ("22", "56")),
        ("2A", ("2B",)),
        ("90", ("25", "68", "70", "88")),
        ("974", ()),
    ],
)
def test_neighbours(code, expected):
    assert neighbours(code) == expected


def test_borders_are_mutual_and_join_the_mainland():
    borders = {(a, b) for a in DEPARTEMENTS for b in neighbours(a)}
    assert len(borders) == 2 * 238
    assert borders == {(b, a) for a, b in borders}
    reached, fresh = set(), {"75"}
    while fresh:
        reached |= fresh
        fresh = {b for a in fresh for b in neighbours(a)} - reached
    assert reached == set(DEPARTEMENTS) - APART


@pytest.mark.parametrize("code", ["69M", "R84", "FR"])
def test_neighbours_are_those_of_departements(code):
    with pytest.raises(UnknownTerritory, match="départements only"):
        neighbours(code)


TILES = {code: get(code).tile for code in DEPARTEMENTS}


def test_each_departement_has_its_own_tile_and_nothing_else_has_one():
    assert len(set(TILES.values())) == 101
    assert all(column >= 0 and row >= 0 for column, row in TILES.values())
    assert all(get(code).tile is None for code in CODES if code not in TILES)


def test_tiles_of_neighbours_are_near():
    gaps = [math.dist(TILES[a], TILES[b]) for a in DEPARTEMENTS for b in neighbours(a)]
    assert fmean(gaps) < 1.3
    assert max(gaps) < 2.5


def test_corsica_and_overseas_stand_apart():
    mainland = [tile for code, tile in TILES.items() if code not in APART]
    for code in APART:
        column, row = TILES[code]
        assert min(max(abs(column - x), abs(row - y)) for x, y in mainland) >= 2
    assert {TILES[code][0] for code in territories.OVERSEAS} == {0}


@pytest.mark.parametrize(
    "north_to_south",
    ["62 60 75 45 18 63 12 66", "08 52 70 39 38 05 83", "50 53 49 79 17 33 64", "2B 2A", "67 68"],
)
def test_north_is_up(north_to_south):
    found = [TILES[code][1] for code in north_to_south.split()]
    assert found == sorted(set(found))


@pytest.mark.parametrize(
    "west_to_east", ["29 35 61 75 51 54 67", "85 86 36 03 01 74", "33 19 43 26 05", "64 31 34 13 06 2B"]
)
def test_west_is_left(west_to_east):
    found = [TILES[code][0] for code in west_to_east.split()]
    assert found == sorted(set(found))


def test_ile_de_france_reads_around_paris():
    column, row = TILES["75"]
    around = {
        code: (TILES[code][0] - column, TILES[code][1] - row) for code in territories.departements_of("R11")
    }
    assert (around["92"], around["93"], around["94"]) == ((-1, 0), (0, -1), (0, 1))
    assert around["78"][0] < around["92"][0] < 0 < around["77"][0]
    assert around["95"][1] < 0 < around["91"][1]


# ------------------------------------------------------------------------------------------------------- published twins


def test_departements_are_those_insee_publishes(published):
    rules = {"2": ("le", "du"), "3": ("la", "de la"), "4": ("les", "des"), "5": ("l’", "de l’")}
    listed = rows(published("insee", "departements.csv"))
    assert {row["DEP"] for row in listed} == set(DEPARTEMENTS)
    for row in listed:
        territory = get(row["DEP"])
        assert territory.name == row["LIBELLE"].replace("'", "’")
        assert territory.region == f"R{row['REG']}"
        if row["TNCC"] in rules:
            assert (territory.article, territory.of) == rules[row["TNCC"]]
        else:
            assert territory.of == {"0": "de", "1": "d’"}[row["TNCC"]]


def test_regions_are_those_insee_publishes(published):
    of = {"0": "de", "1": "d’", "2": "du", "3": "de la", "4": "des"}
    listed = rows(published("insee", "regions.csv"))
    assert [f"R{row['REG']}" for row in listed] == list(territories.REGIONS)
    for row in listed:
        territory = get(f"R{row['REG']}")
        assert territory.name == row["LIBELLE"].replace("'", "’")
        assert territory.of == of[row["TNCC"]]


def test_neighbours_are_those_of_the_published_borders(published):
    listed = {(row["dep_a"], row["dep_b"]) for row in rows(published("insee", "adjacence_departements.csv"))}
    assert listed == {
        (a, b)
        for a in DEPARTEMENTS
        for b in neighbours(a)
        if territories.sort_key(a) < territories.sort_key(b)
    }
