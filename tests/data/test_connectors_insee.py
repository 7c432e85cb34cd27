"""How machines of INSEE, SDES and Eurostat are asked: each grammar and each error that is described, on servers of ours."""

import csv

import pytest

from analysis.foundations.connectors.bdm import Bdm
from analysis.foundations.connectors.dido import Dido
from analysis.foundations.connectors.eurostat import Eurostat
from analysis.foundations.connectors.insee_pages import InseePage
from analysis.foundations.connectors.melodi import Melodi
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Client, Cut, Refused
from tests.producers_insee import Answer, answering, archive, bdm, catalogue, cube, melodi, observation


@pytest.fixture
def client(monkeypatch):
    """Asks this computer alone, and waits for nothing: `client.waits` has the seconds that it would."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    waits = []
    made = Client(["127.0.0.1"], wait=waits.append)
    made.waits = waits
    return made


def rows(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def told(answers):
    """A machine that answers by path alone; a list gives one answer after the other."""

    def answer(path, query, machine):
        given = answers.get(path, Answer(status=404))
        return given.pop(0) if isinstance(given, list) else given

    return answer


# ------------------------------------------------------------------------------------------------------------- Melodi

OBSERVATIONS = [observation(f"2026-DEP-{n:02}", n, SEX="_T", TIME_PERIOD="2023") for n in range(1, 951)]


def test_melodi_follows_its_pages_and_writes_what_its_own_file_has(client, tmp_path):
    hidden = observation("2026-DEP-2A", None, "K", SEX="_T", TIME_PERIOD="2023")
    with answering(
        melodi([*OBSERVATIONS, hidden, observation("FRANCE-M", 9, SEX="_T", TIME_PERIOD="2023")])
    ) as machine:
        selected = {"GEO": ("DEP", "FRANCE"), "SEX": "_T"}
        (path,) = Melodi("DS_X", selected, size=400, base=machine.base).fetch(client, tmp_path)
    assert "GEO=DEP&GEO=FRANCE&SEX=_T&maxResult=400&page=1" in machine.asked[0]
    assert len(machine.asked) == 3
    found = rows(path)
    assert [(row["GEO_OBJECT"], row["GEO"], row["OBS_VALUE"]) for row in (found[0], *found[-2:])] == [
        ("DEP", "01", "1"), ("DEP", "2A", ""), ("FRANCE", "M", "9"),
    ]  # fmt: skip
    assert found[-2]["OBS_STATUS"] == "K"
    assert len(found) == 952


def test_a_page_that_is_cut_is_asked_for_in_halves_and_no_observation_twice_or_never(client, tmp_path):
    with answering(melodi(OBSERVATIONS, longest=200)) as machine:
        (path,) = Melodi("DS_X", size=800, base=machine.base).fetch(client, tmp_path)
    assert [row["GEO"] for row in rows(path)] == [f"{n:02}" for n in range(1, 951)]
    assert [address.partition("maxResult=")[2] for address in machine.asked[:3]] == [
        "800&page=1", "400&page=1", "200&page=1",
    ]  # fmt: skip


def test_a_later_page_that_is_cut_goes_on_from_its_own_first_observation(client, tmp_path):
    whole = melodi(OBSERVATIONS)

    def answer(path, query, machine):
        given = whole(path, query, machine)
        if query["maxResult"] == ["400"] and query["page"] == ["2"]:
            given.cut = True
        return given

    with answering(answer) as machine:
        (path,) = Melodi("DS_X", size=400, base=machine.base).fetch(client, tmp_path)
    assert [row["GEO"] for row in rows(path)] == [f"{n:02}" for n in range(1, 951)]
    assert "maxResult=200&page=3" in machine.asked[2]


def test_a_page_that_is_always_cut_is_given_up_and_nothing_is_written(client, tmp_path):
    with answering(melodi(OBSERVATIONS, longest=10)) as machine, pytest.raises(Cut, match="however little"):
        Melodi("DS_X", size=400, base=machine.base).fetch(client, tmp_path)
    assert not list(tmp_path.iterdir())


def test_melodi_is_left_in_peace_for_a_minute_when_it_says_so(client, tmp_path):
    whole, first = melodi(OBSERVATIONS[:3]), [Answer(status=429)]
    with answering(lambda *asked: first.pop() if first else whole(*asked)) as machine:
        (path,) = Melodi("DS_X", base=machine.base).fetch(client, tmp_path)
    assert len(rows(path)) == 3
    assert max(client.waits) == pytest.approx(60, abs=2)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"paging": {"isLast": False, "next": "http://127.0.0.1:9/elsewhere?page=2"}}, "leads to"),
        ({"paging": {"isLast": False, "next": "?maxResult=10000&page=1"}}, "leads to"),
        ({"paging": {"isLast": False}}, "next is NoneType"),
        ({"observations": []}, "no observation of"),
        ({"observations": [{"dimensions": {"GEO": "2026-DEP-01"}}]}, "measures is NoneType"),
        ({"observations": [observation("01", 3)]}, "GEO '01'"),
        (
            {"observations": [observation("2026-DEP-01", 3), observation("2026-DEP-02", 3, SEX="_T")]},
            "and without SEX",
        ),
    ],
)
def test_an_answer_that_is_not_as_the_grammar_says_is_refused(client, tmp_path, change, said):
    body = {"observations": OBSERVATIONS[:1], "paging": {"isLast": True}} | change
    with answering(told({"/data/DS_X": Answer(body)})) as machine, pytest.raises(SourceError, match=said):
        Melodi("DS_X", base=machine.base).fetch(client, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_dataset_whose_name_gained_its_last_letter_is_found_in_the_catalogue(client, tmp_path):
    whole = melodi(OBSERVATIONS[:2])

    def answer(path, query, machine):
        if path == "/catalog/ids":
            return Answer(["DS_RP_LOGEMENT_COMPL", "DS_OTHER"])
        return whole(path, query, machine) if path == "/data/DS_RP_LOGEMENT_COMPL" else Answer(status=400)

    with answering(answer) as machine:
        Melodi("DS_RP_LOGEMENT_COMP", base=machine.base).fetch(client, tmp_path)
        with pytest.raises(SourceError, match=r"not in the catalogue.*nothing has changed"):
            Melodi("DS_GONE", base=machine.base).fetch(client, tmp_path)


def test_the_file_of_the_newest_year_and_its_day_are_those_of_the_catalogue(client, tmp_path):
    text = "GEO;GEO_OBJECT;OBS_VALUE\n01;DEP;3\n"

    def answer(path, query, machine):
        if path == "/catalog/DS_X":
            return Answer(catalogue("DS_X", machine.base, 2021, 2023))
        assert path == "/file/DS_X/DS_X_2023_CSV_FR"
        return Answer(archive(DS_X_2023_data=text, DS_X_2023_metadata="x"))

    with answering(answer) as machine:
        connector = Melodi("DS_X", bulk=True, base=machine.base)
        newest = connector.newest(client)
        (path,) = connector.fetch(client, tmp_path)
    assert (newest.vintage, str(newest.modified)) == ("2023", "2026-06-18")
    assert path.read_text(encoding="utf-8") == text


# ---------------------------------------------------------------------------------------------------------------- BDM


def test_the_bdm_gives_each_observation_its_status(client, tmp_path):
    message = bdm(
        {"D01": [("2026-Q1", "5.6", "A"), ("2026-Q2", "5.7", "P")], "D2A": [("2026-Q2", "NaN", "O")]}
    )
    with answering(told({"/data/TAUX-CHOMAGE/T": Answer(message)})) as machine:
        connector = Bdm("TAUX-CHOMAGE", "T", since="2025", base=machine.base)
        (path,) = connector.fetch(client, tmp_path)
        newest = connector.newest(client)
    assert machine.asked == [
        "/data/TAUX-CHOMAGE/T?startPeriod=2025",
        "/data/TAUX-CHOMAGE/T?lastNObservations=1",
    ]
    names = ("REF_AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS", "CORRECTION")
    assert [tuple(row[name] for name in names) for row in rows(path)] == [
        ("D01", "2026-Q1", "5.6", "A", "CVS"), ("D01", "2026-Q2", "5.7", "P", "CVS"), ("D2A", "2026-Q2", "", "O", "CVS"),
    ]  # fmt: skip
    assert (newest.vintage, str(newest.modified)) == ("2026-Q2", "2026-09-25")


ENTITY = '<!DOCTYPE x [<!ENTITY a "secret">]>'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=404), "no such series"),
        (Answer(status=413), "name a key"),
        (
            Answer(
                bdm({"D01": [("2026-Q1", "5.6", "A")]}).replace("<message:Str", f"{ENTITY}<message:Str", 1)
            ),
            "document",
        ),
        (Answer(bdm({"D01": [("2026-Q1", "5.6", "A")]}).replace("REF_AREA", "AREA")), "without REF_AREA"),
        (Answer("<a><b></a>"), "no SDMX message"),
        (Answer("<html><body>Maintenance</body></html>"), "web page"),
    ],
    ids=["nothing", "too-much", "entities", "column", "torn", "page"],
)
def test_what_the_bdm_does_not_give_is_said(client, tmp_path, answer, said):
    with answering(told({"/data/F": answer})) as machine, pytest.raises(SourceError, match=said):
        Bdm("F", base=machine.base).fetch(client, tmp_path)
    assert not list(tmp_path.iterdir())


# ----------------------------------------------------------------------------------------------------------- Eurostat


def test_a_cell_that_a_cube_leaves_out_has_no_figure(client, tmp_path):
    body = cube(["2024-S2", "2025-S1", "2025-S2"], {"0": 0.2512, "2": 0.2601}, {"2": "p"})
    with answering(told({"/data/nrg_pc_204": Answer(body)})) as machine:
        connector = Eurostat("nrg_pc_204", {"geo": "FR"}, base=machine.base)
        (path,) = connector.fetch(client, tmp_path)
        assert connector.newest(client).vintage == "2025-S2"
    assert "format=JSON&lang=EN&geo=FR" in machine.asked[0]
    assert [(row["time"], row["nrg_cons"], row["OBS_VALUE"], row["OBS_STATUS"]) for row in rows(path)] == [
        ("2024-S2", "KWH2500-4999", "0.2512", ""), ("2025-S2", "KWH2500-4999", "0.2601", "p"),
    ]  # fmt: skip


def test_the_last_dimension_of_a_cube_turns_first(client, tmp_path):
    body = cube(["2025-S1", "2025-S2"], {"0": 1, "1": 2, "2": 3, "3": 4})
    body["dimension"]["geo"]["category"]["index"], body["size"][6] = {"FR": 1, "DE": 0}, 2
    with answering(told({"/data/F": Answer(body)})) as machine:
        (path,) = Eurostat("F", {}, base=machine.base).fetch(client, tmp_path)
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
def test_a_cube_that_contradicts_itself_is_refused(client, tmp_path, change, said):
    body = cube(["2025-S1"], {"0": 1}) | change
    with answering(told({"/data/F": Answer(body)})) as machine, pytest.raises(SourceError, match=said):
        Eurostat("F", {}, base=machine.base).fetch(client, tmp_path)


# --------------------------------------------------------------------------------------------------------------- DiDo

VINTAGES = [
    {"millesime": "2026-08", "date_diffusion": "2026-08-28T06:45:00Z"},
    {"millesime": "2026-12", "date_diffusion": "2026-12-29T07:45:00Z"},
    {"millesime": "2026-10", "date_diffusion": "2026-10-30T07:45:00Z"},
]
PERMITS = "ANNEE;DEPARTEMENT_CODE;LOG_AUT\n2025;01;3\n"


def dido(path, query, machine):
    """A file of three vintages, the last of which is only announced."""
    given = query.get("millesime", ["2026-12"])[0]
    announced = Answer({"message": "millésime non diffusé"}, status=400)
    answers = {
        "/datafiles/R": Answer({"rid": "R", "dataset": {"id": "D"}}),
        "/datasets/D": Answer({"datafiles": [{"rid": "other"}, {"rid": "R", "millesimes": VINTAGES}]}),
        "/datafiles/R/csv": announced if given == "2026-12" else Answer(f"{PERMITS}2024;01;{given[-2:]}\n"),
        "/datafiles/R/rows": announced if given == "2026-12" else Answer({"data": [{}]}),
    }
    return answers.get(path, Answer(status=404))


def test_a_vintage_that_is_only_announced_leaves_the_place_to_the_one_before(client, tmp_path):
    with answering(dido) as machine:
        connector = Dido("R", base=machine.base)
        (path,) = connector.fetch(client, tmp_path)
        newest = connector.newest(client)
    assert rows(path)[-1]["LOG_AUT"] == "10"
    assert "millesime" not in machine.asked[0]
    assert (newest.vintage, str(newest.modified)) == ("2026-10", "2026-10-30")


def test_a_file_whose_place_was_taken_and_one_that_is_never_out_are_said(client, tmp_path):
    with answering(dido) as machine, pytest.raises(SourceError, match=r"answered 404.*taken its place"):
        Dido("GONE", base=machine.base).fetch(client, tmp_path)
    with (
        answering(told({"/datafiles/R/csv": Answer(status=403)})) as machine,
        pytest.raises(Refused, match="403"),
    ):
        Dido("R", base=machine.base).fetch(client, tmp_path)
    announced = {"/datafiles/R": Answer({"dataset": {"id": "D"}}), "/datafiles/R/csv": Answer(status=400)}
    for files, said in (
        ([], "millesimes is NoneType"),
        ([{"rid": "R", "millesimes": VINTAGES}], "none of its vintages"),
    ):
        answers = announced | {"/datasets/D": Answer({"datafiles": files})}
        with (
            answering(lambda path, *_, a=answers: a[path]) as machine,
            pytest.raises(SourceError, match=said),
        ):
            Dido("R", base=machine.base).fetch(client, tmp_path)


# -------------------------------------------------------------------------------------------------- pages of insee.fr

PAGE = """<!DOCTYPE html><html><a href="/fr/statistiques/fichier/2012804/sl_etc_2025T3.xls">xls</a>
<a class="x" href='/fr/statistiques/fichier/2012804/sl_etc_2026T2.xls?v=2'>xls</a>
<a href="/fr/statistiques/fichier/2012804/note.pdf">pdf</a></html>"""
FORM = r"sl_etc_(\d{4}t\d)\.xls"


def test_the_newest_file_of_a_page_is_taken_by_the_form_of_its_name(client, tmp_path):
    answers = {
        "/fr/statistiques/2012804": Answer(PAGE, headers={"Content-Type": "text/html"}),
        "/fr/statistiques/fichier/2012804/sl_etc_2026T2.xls": Answer(b"\xd0\xcf\x11\xe0 workbook"),
    }
    with answering(told(answers)) as machine:
        connector = InseePage("2012804", FORM, base=f"{machine.base}/fr/statistiques")
        (path,) = connector.fetch(client, tmp_path)
        assert connector.newest(client).vintage == "2026T2"
    assert (path.name, path.read_bytes()[4:]) == ("sl_etc_2026T2.xls", b" workbook")


def test_what_is_taken_out_of_the_archive_of_a_page_has_a_form_too(client, tmp_path):
    link = '<html><a href="/fr/statistiques/fichier/7756855/indic-2021-SUPRA_csv.zip">'
    packed = archive(FILO2021_DISP_DEP="CODGEO\n01\n", FILO2021_DISP_REG="CODGEO\n84\n")
    answers = {
        "/fr/7756855": Answer(link),
        "/fr/statistiques/fichier/7756855/indic-2021-SUPRA_csv.zip": Answer(packed),
    }
    with answering(told(answers)) as machine:
        page = InseePage(
            "7756855", r"indic-(\d{4})-supra_csv\.zip", r"FILO\d{4}_DISP_DEP\.csv", base=f"{machine.base}/fr"
        )
        (path,) = page.fetch(client, tmp_path)
        assert path.name == "FILO2021_DISP_DEP.csv"
        with pytest.raises(SourceError, match="no file of the form"):
            InseePage("7756855", page.link, "other", base=page.base).fetch(client, tmp_path)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=403), r"answered 403.*open .*in a browser.*pacte data import"),
        (Answer("<html>nothing here</html>"), "none of its files"),
        (Answer('<a href="/fichier/1/../../sl_etc_2026t2.xls">'), "none of its files"),
    ],
)
def test_a_page_that_gives_no_file_says_how_to_have_it_by_hand(client, tmp_path, answer, said):
    with answering(told({"/1": answer})) as machine, pytest.raises(SourceError, match=said):
        InseePage("1", FORM, base=machine.base).fetch(client, tmp_path)
    assert not list(tmp_path.iterdir())
