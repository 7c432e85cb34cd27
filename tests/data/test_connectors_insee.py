"""How machines of INSEE, SDES and Eurostat are asked: each grammar and each error that is described, on a server of ours."""

import csv

import pytest

from analysis.foundations.connectors.bdm import Bdm
from analysis.foundations.connectors.dido import Dido
from analysis.foundations.connectors.eurostat import Eurostat
from analysis.foundations.connectors.insee_pages import InseePage
from analysis.foundations.connectors.melodi import Melodi
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Cut, Refused
from tests.producers import PAGE as MAINTENANCE
from tests.producers import Reply, as_json, client, error, serving
from tests.producers_insee import archive, bdm, catalogued, cube, dido, melodi, observation


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with serving() as found:
        yield found


def rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def refused(machine, connector, folder, said, kind=SourceError):
    """Nothing is brought, and nothing is left behind."""
    with pytest.raises(kind, match=said):
        connector.fetch(client(machine), folder)
    assert not list(folder.iterdir())


# ------------------------------------------------------------------------------------------------------------- Melodi

CODES = [f"{n:03}" for n in range(1, 951)]
OBSERVATIONS = [observation(f"2026-DEP-{code}", 1, SEX="_T", TIME_PERIOD="2023") for code in CODES]


def places(path):
    return [row["GEO"] for row in rows(path)]


def test_melodi_follows_its_pages_and_writes_what_its_own_file_has(machine, tmp_path):
    hidden = observation("2026-DEP-2A", None, "K", SEX="_T", TIME_PERIOD="2023")
    country = observation("FRANCE-M", 9.5, SEX="_T", TIME_PERIOD="2023")
    machine.on("/data/DS_X", melodi([*OBSERVATIONS, hidden, country]))
    connector = Melodi("DS_X", {"GEO": ("DEP", "FRANCE"), "SEX": "_T"}, size=400, base=machine.portal)
    (path,) = connector.fetch(client(machine), tmp_path)
    assert machine.asked[0].line == "/data/DS_X?GEO=DEP&GEO=FRANCE&SEX=_T&maxResult=400&page=1"
    assert len(machine.asked) == 3
    found = rows(path)
    names = ("GEO_OBJECT", "GEO", "OBS_STATUS", "OBS_VALUE")
    assert [tuple(row[name] for name in names) for row in (found[0], *found[-2:])] == [
        ("DEP", "001", "A", "1"), ("DEP", "2A", "K", ""), ("FRANCE", "M", "A", "9.5"),
    ]  # fmt: skip
    assert len(found) == 952


def test_the_next_page_is_asked_of_the_same_machine_whatever_the_answer_names(machine, tmp_path):
    following = {"isLast": False, "next": "http://inside.example:8080/x?maxResult=1&page=2"}
    first = as_json({"observations": OBSERVATIONS[:1], "paging": following})
    machine.on("/data/DS_X", first, melodi(OBSERVATIONS[:2]))
    (path,) = Melodi("DS_X", base=machine.portal).fetch(client(machine), tmp_path)
    assert places(path) == CODES[:2]


def test_a_page_that_is_cut_is_asked_for_in_halves_and_no_observation_twice_or_never(machine, tmp_path):
    machine.on("/data/DS_X", melodi(OBSERVATIONS, longest=200))
    (path,) = Melodi("DS_X", size=800, base=machine.portal).fetch(client(machine), tmp_path)
    assert places(path) == CODES
    assert [asked.line.partition("?")[2] for asked in machine.asked[:4]] == [
        "maxResult=800&page=1", "maxResult=400&page=1", "maxResult=200&page=1", "maxResult=200&page=2",
    ]  # fmt: skip


def test_a_later_page_that_is_cut_goes_on_from_its_own_first_observation(machine, tmp_path):
    whole = melodi(OBSERVATIONS)

    def answer(asked):
        given = whole(asked)
        given.cut = 50 if (asked.query["maxResult"], asked.query["page"]) == ("400", "2") else None
        return given

    machine.on("/data/DS_X", answer)
    (path,) = Melodi("DS_X", size=400, base=machine.portal).fetch(client(machine), tmp_path)
    assert places(path) == CODES
    assert machine.asked[2].query == {"maxResult": "200", "page": "3"}


def test_a_page_that_is_always_cut_is_given_up(machine, tmp_path):
    machine.on("/data/DS_X", melodi(OBSERVATIONS, longest=10))
    refused(machine, Melodi("DS_X", size=400, base=machine.portal), tmp_path, "however little", Cut)


def test_melodi_is_left_in_peace_for_a_minute_when_it_says_so(machine, tmp_path):
    machine.on("/data/DS_X", Reply(status=429), Reply(status=503), melodi(OBSERVATIONS[:3]))
    asking = client(machine)
    (path,) = Melodi("DS_X", base=machine.portal).fetch(asking, tmp_path)
    assert len(rows(path)) == 3
    assert max(asking.waited) == pytest.approx(60, abs=2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"paging": {"isLast": False, "next": "?maxResult=10000&page=1"}}, "leads back to"),
        ({"paging": {"isLast": False}}, "next is NoneType"),
        ({"observations": []}, "no observation of"),
        ({"observations": [{"dimensions": {"GEO": "2026-DEP-01"}}]}, "measures is NoneType"),
        ({"observations": [observation("01", 3)]}, "GEO '01'"),
        ({"observations": [observation("2026-DEP-01", 3), observation("2026-DEP-02", 3, SEX="F")]}, "without SEX"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_as_the_grammar_says_is_refused(machine, tmp_path, change, said):
    machine.on("/data/DS_X", as_json({"observations": OBSERVATIONS[:1], "paging": {"isLast": True}} | change))
    refused(machine, Melodi("DS_X", base=machine.portal), tmp_path, said)


def test_a_dataset_whose_name_gained_its_last_letter_is_found_in_the_catalogue(machine, tmp_path):
    machine.on("/data/DS_RP_LOGEMENT_COMP", error(400, "unknown"))
    machine.on("/data/DS_RP_LOGEMENT_COMPL", melodi(OBSERVATIONS[:2]))
    machine.on("/catalog/ids", as_json(["DS_RP_LOGEMENT_COMPL", "DS_OTHER"]))
    (path,) = Melodi("DS_RP_LOGEMENT_COMP", base=machine.portal).fetch(client(machine), tmp_path)
    path.unlink()
    refused(
        machine, Melodi("DS_GONE", base=machine.portal), tmp_path, "not in the catalogue.*nothing has changed"
    )


def test_the_file_of_the_newest_year_and_its_day_are_those_of_the_catalogue(machine, tmp_path):
    text = "GEO;GEO_OBJECT;OBS_VALUE\n01;DEP;3\n"
    machine.on("/catalog/DS_X", as_json(catalogued("DS_X", machine.portal, 2021, 2023)))
    machine.on("/file/DS_X/DS_X_2023_CSV_FR", Reply(archive(DS_X_2023_data=text, DS_X_2023_metadata="x")))
    connector = Melodi("DS_X", bulk=True, base=machine.portal)
    newest = connector.newest(client(machine))
    (path,) = connector.fetch(client(machine), tmp_path)
    assert (newest.vintage, str(newest.modified)) == ("2023", "2026-06-18")
    assert path.read_text(encoding="utf-8") == text
    entry = {
        "product": [{"id": "DS_X_CSV_FR"}],
        "modified": "2026-06-18",
        "temporal": {"endPeriod": "2025-01-01"},
    }
    machine.on("/catalog/DS_X", as_json(entry))
    assert connector.newest(client(machine)).vintage == "2025"


# ---------------------------------------------------------------------------------------------------------------- BDM

ONE = {"D01": [("2026-Q1", "5.6", "A")]}


def test_the_bdm_gives_each_observation_its_status(machine, tmp_path):
    series = {"D01": [("2026-Q1", "5.6", "A"), ("2026-Q2", "5.7", "P")], "D2A": [("2026-Q2", "NaN", "O")]}
    machine.on("/data/TAUX-CHOMAGE/T", Reply(bdm(series).encode()))
    connector = Bdm("TAUX-CHOMAGE", "T", since="2025", base=machine.portal)
    (path,) = connector.fetch(client(machine), tmp_path)
    newest = connector.newest(client(machine))
    assert [asked.query for asked in machine.asked] == [{"startPeriod": "2025"}, {"lastNObservations": "1"}]
    names = ("REF_AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "CORRECTION")
    assert [tuple(row[name] for name in names) for row in rows(path)] == [
        ("D01", "2026-Q1", "5.6", "A", "CVS"), ("D01", "2026-Q2", "5.7", "P", "CVS"), ("D2A", "2026-Q2", "", "O", "CVS"),
    ]  # fmt: skip
    assert (newest.vintage, str(newest.modified)) == ("2026-Q2", "2026-09-25")


ENTITY = '<!DOCTYPE x [<!ENTITY a SYSTEM "x">]><message:Str'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Reply(status=404), "404.*no such series"),
        (Reply(status=413), "413.*name a key"),
        (Reply(bdm(ONE).replace("<message:Str", ENTITY, 1).encode()), "declares a document type"),
        (Reply(bdm(ONE).replace("REF_AREA", "AREA").encode()), "without REF_AREA"),
        (Reply(b"<a><b></a>"), "no SDMX message"),
        (Reply(MAINTENANCE), "web page"),
        (Reply(bdm(ONE).encode(), cut=900), "cut|end in the middle"),
    ],
    ids=["nothing", "too-much", "entities", "column", "torn", "page", "cut"],
)
def test_what_the_bdm_does_not_give_is_said(machine, tmp_path, answer, said):
    machine.on("/data/F", answer)
    refused(machine, Bdm("F", base=machine.portal), tmp_path, said)


# ----------------------------------------------------------------------------------------------------------- Eurostat


def test_a_cell_that_a_cube_leaves_out_has_no_figure(machine, tmp_path):
    body = cube(["2024-S2", "2025-S1", "2025-S2"], {"0": 0.2512, "2": 0.2601}, {"2": "p"})
    machine.on("/data/nrg_pc_204", as_json(body))
    connector = Eurostat("nrg_pc_204", {"geo": "FR"}, base=machine.portal)
    (path,) = connector.fetch(client(machine), tmp_path)
    newest = connector.newest(client(machine))
    assert machine.asked[0].query == {"format": "JSON", "lang": "EN", "geo": "FR"}
    assert [(row["time"], row["nrg_cons"], row["OBS_VALUE"], row["OBS_STATUS"]) for row in rows(path)] == [
        ("2024-S2", "KWH2500-4999", "0.2512", ""), ("2025-S2", "KWH2500-4999", "0.2601", "p"),
    ]  # fmt: skip
    assert (newest.vintage, str(newest.modified)) == ("2025-S2", "2026-10-20")


def test_the_last_dimension_of_a_cube_turns_first(machine, tmp_path):
    body = cube(["2025-S1", "2025-S2"], {"0": 1, "1": 2, "2": 3, "3": 4})
    body["dimension"]["geo"]["category"]["index"], body["size"][6] = {"FR": 1, "DE": 0}, 2
    machine.on("/data/F", as_json(body))
    (path,) = Eurostat("F", {}, base=machine.portal).fetch(client(machine), tmp_path)
    assert [(row["geo"], row["time"], row["OBS_VALUE"]) for row in rows(path)] == [
        ("DE", "2025-S1", "1"), ("DE", "2025-S2", "2"), ("FR", "2025-S1", "3"), ("FR", "2025-S2", "4"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"size": [1, 1, 1, 1, 1, 1, 1, 9]}, "of the size"),
        ({"value": {"1": 3}}, "beyond the 1 cells"),
        ({"dimension": {}}, "NoneType"),
        ({"id": None}, "NoneType"),
    ],
)
def test_a_cube_that_contradicts_itself_is_refused(machine, tmp_path, change, said):
    machine.on("/data/F", as_json(cube(["2025-S1"], {"0": 1}) | change))
    refused(machine, Eurostat("F", {}, base=machine.portal), tmp_path, said)


# --------------------------------------------------------------------------------------------------------------- DiDo

OUT = {"2026-08": "ANNEE;LOG_AUT\n2024;8\n", "2026-10": "ANNEE;LOG_AUT\n2024;10\n"}


def test_a_vintage_that_is_only_announced_leaves_the_place_to_the_one_before(machine, tmp_path):
    dido(machine, "R", OUT, "2026-12")
    connector = Dido("R", base=machine.portal)
    (path,) = connector.fetch(client(machine), tmp_path)
    newest = connector.newest(client(machine))
    assert rows(path) == [{"ANNEE": "2024", "LOG_AUT": "10"}]
    assert machine.asked[0].query["withColumnName"] == "true"
    assert "millesime" not in machine.asked[0].query
    assert (newest.vintage, str(newest.modified)) == ("2026-10", "2026-10-28")


def test_a_file_whose_place_was_taken_and_one_that_is_never_out_are_said(machine, tmp_path):
    refused(machine, Dido("GONE", base=machine.portal), tmp_path, "404.*taken its place")
    dido(machine, "R", {}, "2026-12")
    refused(machine, Dido("R", base=machine.portal), tmp_path, "none of its vintages is out")
    machine.on("/datasets/D", as_json({"datafiles": []}))
    refused(machine, Dido("R", base=machine.portal), tmp_path, "millesimes is NoneType")
    machine.on("/datafiles/R/csv", Reply(status=403))
    refused(machine, Dido("R", base=machine.portal), tmp_path, "403", Refused)


# -------------------------------------------------------------------------------------------------- pages of insee.fr

PAGE = b"""<!DOCTYPE html><html><a href="/fr/statistiques/fichier/2012804/sl_etc_2025T3.xls">xls</a>
<a class="x" href='/fr/statistiques/fichier/2012804/sl_etc_2026T2.xls?v=2'>xls</a>
<a href="/fr/statistiques/fichier/2012804/note.pdf">pdf</a>
<a href="/fr/statistiques/fichier/1/old_sl_etc_2027T1.xls">xls</a></html>"""
FORM = r"sl_etc_(\d{4}t\d)\.xls"


def test_the_newest_file_of_a_page_is_taken_by_the_form_of_its_name(machine, tmp_path):
    machine.on("/fr/2012804", Reply(PAGE, headers={"Content-Type": "text/html"}))
    machine.on("/fr/statistiques/fichier/2012804/sl_etc_2026T2.xls", Reply(b"\xd0\xcf\x11\xe0 workbook"))
    connector = InseePage("2012804", FORM, base=f"{machine.portal}/fr")
    (path,) = connector.fetch(client(machine), tmp_path)
    assert connector.newest(client(machine)).vintage == "2026T2"
    assert (path.name, path.read_bytes()[4:]) == ("sl_etc_2026T2.xls", b" workbook")


def test_what_is_taken_out_of_the_archive_of_a_page_has_a_form_too(machine, tmp_path):
    machine.on("/fr/7", Reply(b'<html><a href="/fichier/7/indic-2021-SUPRA_csv.zip">'))
    packed = archive(FILO2021_DISP_DEP="CODGEO\n01\n", FILO2021_DISP_REG="CODGEO\n84\n")
    machine.on("/fichier/7/indic-2021-SUPRA_csv.zip", Reply(packed))
    form = r"indic-(\d{4})-supra_csv\.zip"
    page = InseePage("7", form, r"FILO\d{4}_DISP_DEP\.csv", base=f"{machine.portal}/fr")
    (path,) = page.fetch(client(machine), tmp_path)
    assert path.name == "FILO2021_DISP_DEP.csv"
    with pytest.raises(SourceError, match="no file of the form"):
        InseePage("7", form, "other", base=page.base).fetch(client(machine), tmp_path)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Reply(status=403), r"answered 403.*open .*in a browser.*pacte data import"),
        (Reply(b"<html>nothing here</html>"), "none of its files"),
        (Reply(b'<a href="/fichier/1/../../sl_etc_2026t2.xls">'), "none of its files"),
    ],
)
def test_a_page_that_gives_no_file_says_how_to_have_it_by_hand(machine, tmp_path, answer, said):
    machine.on("/1", answer)
    refused(machine, InseePage("1", FORM, base=machine.portal), tmp_path, said)
