"""Connectors against machines of ours that answer in the described layouts, and with the errors that portals give."""

import io
import zipfile
from dataclasses import replace
from datetime import date

import pytest

from analysis.foundations.connectors import webstat
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.connectors.datafair import Aggregate
from analysis.foundations.connectors.datagouv import Resource
from analysis.foundations.connectors.opendatasoft import Attachment, Table
from analysis.foundations.connectors.webstat import Series
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Cut, Refused
from tests import producers
from tests.producer import snapshot
from tests.producers import Reply, as_json, client, error

TABLE = "date;code_departement;nombre\n2026-06;01;12\n2026-06;2A;7\n"


@pytest.fixture
def machine(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with producers.serving() as found:
        yield found


def on(text):
    return Newest(text, date.fromisoformat(text))


# -------------------------------------------------------------------------------------------------------- opendatasoft


def test_a_table_is_exported_whole_with_its_names_of_columns(machine, tmp_path):
    long = TABLE + "2026-06;13;1\n" * 12_000
    producers.opendatasoft(machine, "stock", long)
    table = Table(machine.portal, "stock", where='code_departement != "Total"')
    (path,) = table.fetch(client(machine), tmp_path)
    assert path == tmp_path / "stock.csv"
    assert path.read_text() == long
    (asked,) = machine.asked
    assert asked.path.endswith("/datasets/stock/exports/csv")  # /records ends at 10,000 rows
    assert asked.query | {"limit": "-1", "use_labels": "false", "delimiter": ";"} == asked.query
    assert asked.query["where"] == table.where
    assert table.newest(client(machine)) == on("2026-10-02")
    told = replace(table, period="date").newest(client(machine))
    assert told == Newest("2026-06", date(2026, 10, 2))
    assert machine.asked[-1].query["where"] == table.where
    assert table.host == "127.0.0.1"


def test_a_column_that_the_portal_does_not_know_is_named(machine, tmp_path):
    producers.opendatasoft(machine, "stock", TABLE)
    with pytest.raises(Refused, match=r"400 .« ODSQL query is malformed: unknown field nb »"):
        Table(machine.portal, "stock", select="date,nb").fetch(client(machine), tmp_path)
    assert snapshot(tmp_path) == {}


LONG_SERIES = r"series_longues_1996_(\d{4})"
WORKBOOK = b"a workbook"


@pytest.mark.parametrize(
    ("files", "edition"),
    [
        ({"paph_series_longues_1996_2022.xlsx": WORKBOOK, "paph_series_longues_1996_2021.xlsx": b"old"}, "2022"),
        ({"lisez-moi.pdf": b"%PDF", "ASE, Séries longues 1996 2023.xlsx": WORKBOOK}, "2023"),
    ],
)  # fmt: skip
def test_an_attached_file_is_chosen_in_the_list_of_the_day(machine, tmp_path, files, edition):
    producers.opendatasoft(machine, "aide", files=files)
    chosen = Attachment(machine.portal, "aide", LONG_SERIES, "series.xlsx")
    assert chosen.newest(client(machine)).vintage == edition
    (path,) = chosen.fetch(client(machine), tmp_path)
    assert (path.name, path.read_bytes()) == ("series.xlsx", WORKBOOK)


@pytest.mark.parametrize(
    ("listing", "message"),
    [
        ({"attachments": [{"id": "notice_pdf", "title": "notice.pdf"}]}, "none of its files match .* there: notice_pdf"),
        (
            {"attachments": [{"id": f"{one}_series_longues_1996_2022_xlsx"} for one in ("ase", "paph")]},
            "2 of its files match",
        ),
        ({"attachments": [{"id": "../../x_series_longues_1996_2022", "title": "x"}]}, "no identifier of files"),
        ({"attachments": None}, "attachments is NoneType, list expected"),
        ([], "attachments is NoneType"),
    ],
)  # fmt: skip
def test_a_list_without_the_one_file_that_is_meant_is_refused(machine, tmp_path, listing, message):
    machine.on("/api/explore/v2.1/catalog/datasets/aide/attachments", as_json(listing))
    with pytest.raises(SourceError, match=message):
        Attachment(machine.portal, "aide", LONG_SERIES, "series.xlsx").fetch(client(machine), tmp_path)
    assert snapshot(tmp_path) == {}


# -------------------------------------------------------------------------------------------------------------- Webstat

OBSERVATIONS = "series_key;time_period;obs_value\nIFI.M.D01.SUREN.DEPOT;2026-08;105\n"


def test_webstat_is_asked_with_the_key_of_the_environment_which_is_kept_nowhere(
    machine, tmp_path, monkeypatch
):
    producers.opendatasoft(machine, "observations", OBSERVATIONS, key="k3y-of-mine")
    series = Series(where='series_key = "IFI.M.D01.SUREN.DEPOT"', portal=machine.portal)
    monkeypatch.delenv(webstat.KEY, raising=False)
    with pytest.raises(SourceError, match=f"with a key alone, and none is set; make one.*{webstat.KEY}"):
        series.fetch(client(machine), tmp_path)
    assert machine.asked == []
    monkeypatch.setenv(webstat.KEY, "another")
    for ask in (lambda: series.fetch(client(machine), tmp_path), lambda: series.newest(client(machine))):
        with pytest.raises(Refused, match=r"refused the key \(401\); make one") as raised:
            ask()
        assert "another" not in str(raised.value)
    monkeypatch.setenv(webstat.KEY, "k3y-of-mine")
    (path,) = series.fetch(client(machine), tmp_path)
    assert path.read_text() == OBSERVATIONS
    assert series.newest(client(machine)) == Newest("2026-08")
    assert not [name for name, body in snapshot(tmp_path).items() if b"k3y" in body + name.encode()]


# ------------------------------------------------------------------------------------------------------------ data.gouv


def test_the_newest_resource_is_chosen_by_title_and_fetched_through_its_redirect(machine, tmp_path):
    with producers.serving("localhost") as static:
        files = {"BMO 2024": b"old", "Open data BMO 2026": b"new", "Notice 2027": b"no"}
        producers.datagouv(machine, "bmo", files, static)
        resource = Resource("bmo", r"bmo.*(20\d\d)", "bmo.xlsx", portal=machine.portal)
        asking = client(machine, static)
        assert resource.newest(asking).vintage == "2026"
        (path,) = resource.fetch(asking, tmp_path)
        assert (path.name, path.read_bytes()) == ("bmo.xlsx", b"new")
        with pytest.raises(SourceError, match=r"localhost, to which .* leads, is not a machine"):
            resource.fetch(client(machine), tmp_path)


def test_a_dataset_of_each_year_is_looked_for_from_the_year_that_is_known(machine, tmp_path):
    for year in (2025, 2026):
        producers.datagouv(machine, f"loyers-en-{year}", {"pred-app-mef-dhup.csv": b"%d" % year}, machine)
    resource = Resource("loyers-en-{year}", r"pred-app-mef", "a.csv", since=2025, portal=machine.portal)
    assert resource.newest(client(machine)).vintage == "2026"
    assert resource.fetch(client(machine), tmp_path)[0].read_bytes() == b"2026"
    machine.on("/api/1/datasets/loyers-en-2027/", error(503))
    with pytest.raises(Refused, match="503"):  # a portal that is busy does not say that there is none
        resource.newest(client(machine))


def archive(*names):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name in names:
            packed.writestr(name, name)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("members", "content"),
    [
        (("bmo/Base 2026.xlsx", "notice.txt"), b"bmo/Base 2026.xlsx"),
        (("[Content_Types].xml", "xl/workbook.xml"), None),
        (("a.xlsx", "b.xlsx"), "2 files .xlsx in the archive"),
    ],
)
def test_an_archive_of_one_file_is_unpacked_and_a_workbook_is_none(machine, tmp_path, members, content):
    producers.datagouv(machine, "bmo", {"BMO 2026": archive(*members)}, machine)
    resource = Resource("bmo", r"bmo.*(20\d\d)", "bmo.xlsx", portal=machine.portal)
    if isinstance(content, str):
        with pytest.raises(SourceError, match=content):
            resource.fetch(client(machine), tmp_path)
        return
    (path,) = resource.fetch(client(machine), tmp_path)
    assert path == tmp_path / "bmo.xlsx"
    assert path.read_bytes() == (content or archive(*members))


# ------------------------------------------------------------------------------------------------------------ data-fair

CERTIFICATES = [
    {"dep": dep, "label": label, "mwh": mwh}
    for dep, label, mwh in (("01", "F", 2), ("01", "F", 3), ("01", "A", 1), ("2A", "G", 0))
]


def aggregate(machine, **changes):
    facts = {"fields": ("dep", "label"), "sizes": (120, 10), "name": "dpe.csv"}
    return Aggregate(machine.portal, "dpe", **facts | changes)


def test_groups_become_rows(machine, tmp_path):
    producers.datafair(machine, "dpe", CERTIFICATES)
    (path,) = aggregate(machine, metric="sum", of="mwh").fetch(client(machine), tmp_path)
    assert path.read_text() == "dep;label;rows;metric\n01;A;1;1.0\n01;F;2;5.0\n2A;G;1;0.0\n"
    asked = machine.asked[-1].query
    assert asked == {"field": "dep;label", "agg_size": "120;10", "metric": "sum", "metric_field": "mwh"}
    aggregate(machine, equal=(("label", "F"),)).fetch(client(machine), tmp_path)
    assert [asked.query["label_eq"] for asked in machine.asked if "label_eq" in asked.query] == ["F"]
    assert (tmp_path / "dpe.csv").read_text() == "dep;label;rows;updated\n01;F;2;2026-09-20\n"
    assert aggregate(machine).newest(client(machine)).vintage == "2026-09-20"
    assert aggregate(machine, year="dep").newest(client(machine)) == Newest("2A")


@pytest.mark.parametrize(
    ("sizes", "message"), [((1, 10), "1 rows .* groups of dep"), ((9, 1), "2 rows .* groups of label")]
)
def test_rows_in_groups_that_are_not_given_are_never_lost_in_silence(machine, tmp_path, sizes, message):
    producers.datafair(machine, "dpe", CERTIFICATES)
    with pytest.raises(SourceError, match=message):
        aggregate(machine, sizes=sizes).fetch(client(machine), tmp_path)
    assert snapshot(tmp_path) == {}


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (
            as_json({"total": 4, "aggs": [{"value": "01", "total": 3}]}),
            "1 rows are in groups of dep that were not given",
        ),
        (as_json({"aggs": []}), "total is NoneType, int expected"),
        (as_json({"total_other": True, "aggs": []}), "total_other is bool"),
        (as_json({"total_other": 0, "aggs": [3]}), "the answer is int, dict expected"),
        (
            as_json({"total_other": 0, "aggs": [{"value": "01", "total": 2}]}),
            "aggs is NoneType, list expected",
        ),
        (Reply(producers.PAGE), "a web page"),
        (error(403), "403"),
    ],
)
def test_an_answer_of_another_form_is_refused(machine, tmp_path, reply, message):
    producers.datafair(machine, "dpe", CERTIFICATES)
    machine.on("/data-fair/api/v1/datasets/dpe/values_agg", reply)
    with pytest.raises(SourceError, match=message):
        aggregate(machine).fetch(client(machine), tmp_path)
    assert snapshot(tmp_path) == {}


def test_a_level_that_does_not_say_what_it_left_out_is_added_up(machine, tmp_path):
    producers.datafair(machine, "dpe", CERTIFICATES)
    labels = [{"value": "F", "total": 2}, {"value": "A", "total": 1}]
    body = {"total": 3, "total_other": 0, "aggs": [{"value": "01", "total": 3, "aggs": labels}]}
    machine.on("/data-fair/api/v1/datasets/dpe/values_agg", as_json(body))
    (path,) = aggregate(machine).fetch(client(machine), tmp_path)
    assert path.read_text().splitlines()[1:] == ["01;F;2;2026-09-20", "01;A;1;2026-09-20"]
    labels.pop()
    machine.on("/data-fair/api/v1/datasets/dpe/values_agg", as_json(body))
    with pytest.raises(SourceError, match="1 rows are in groups of label"):
        aggregate(machine).fetch(client(machine), tmp_path)


def test_an_answer_cut_in_the_middle_is_asked_again(machine, tmp_path):
    producers.datafair(machine, "dpe", CERTIFICATES)
    path = "/data-fair/api/v1/datasets/dpe/values_agg"
    machine.first(path, as_json({"total_other": 0, "aggs": []}, cut=9))
    assert aggregate(machine).fetch(client(machine), tmp_path)
    machine.on(path, as_json({"total_other": 0}, cut=9))
    with pytest.raises(Cut):
        aggregate(machine).fetch(client(machine), tmp_path)
