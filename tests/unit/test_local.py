"""A département's own figures: taken in whole or refused whole, line by line, and shown by the panel as local."""

import re
import shutil

import pandas as pd
import pytest
from filelock import FileLock, Timeout

from analysis.data import local
from analysis.data.catalogue import LOCAL, Catalogue
from analysis.data.panel import Panel
from analysis.foundations.cells import figures
from analysis.foundations.files import DataError
from analysis.foundations.measures import measures
from analysis.foundations.values import dictionary
from tests.conftest import PROJECT
from tests.unit.test_catalogue import sidecar, table

HEADER = ",".join(local.COLUMNS)
GOOD = "67,2024,count_domiciled_people,1250,DDETS 67 from the yearly survey"
DOCUMENT = PROJECT / "docs" / "local-figures.md"


@pytest.fixture
def catalogue(tmp_path):
    """A catalogue with the project's disclosure rules and no figure."""
    raw = tmp_path / "raw"
    (raw / "parameters").mkdir(parents=True)
    shutil.copy(PROJECT / "data/raw/parameters/disclosure.yml", raw / "parameters")
    return Catalogue(raw)


@pytest.fixture
def write(tmp_path):
    """Write a CSV beside the catalogue and return its path."""

    def _write(*lines, name="own.csv", encoding="utf-8", header=HEADER, end="\n"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((end.join([header, *lines]) + end).encode(encoding))
        return path

    return _write


def files(catalogue):
    found = (p for p in catalogue.root.rglob("*") if p.is_file() and p.name != ".lock")
    return sorted(p.relative_to(catalogue.root).as_posix() for p in found)


def add(path, catalogue, **options):
    """What changed in the one dataset of a file of one territory."""
    (change,) = local.add(path, catalogue, **options).changes
    return change


def figure(catalogue, name="local/own_67", row=0):
    return catalogue.figures(name).iloc[row]


# ------------------------------------------------------------------------------------------------------- taken in


def test_figures_are_kept_apart_with_their_source(catalogue, write):
    change = add(write(GOOD), catalogue)
    assert (change.dataset, change.added, change.first_time) == ("local/own_67", 1, True)
    assert files(catalogue) == ["local/own_67.csv", "local/own_67.source.yml", "parameters/disclosure.yml"]
    found = figure(catalogue)
    assert (found["territory"], found["period"], found["value"]) == ("67", "2024", 1250.0)
    assert tuple(found[["state", "note", "words"]]) == ("observed", "", "DDETS 67 from the yearly survey")
    kept = catalogue.sidecar("local/own_67")
    assert (kept.quality, kept.perimeter, kept.published[0].name) == ("local", "67", "own.csv")
    assert catalogue.check("local/own_67") == []


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        (["bas-rhin;2024;count_domiciled_people;1 250;DDETS, survey"], {"header": ";".join(local.COLUMNS)}),
        (["D67;2024;count_domiciled_people;1250,0;DDETS, survey"], {"header": ";".join(local.COLUMNS)}),
        (['67,2024,count_domiciled_people,"1250,0","DDETS, survey"'], {}),
        (["67,2024,count_domiciled_people,1250,DDETS", "", ",,,,"], {"encoding": "utf-8-sig", "end": "\r\n"}),
        (['# a note, with a "word', '"# another, note",,,,', "67,2024,count_domiciled_people,1250,x,,"], {}),
    ],
    ids=["semicolons", "decimal comma", "quoted", "Excel", "comments and empty cells"],
)
def test_what_spreadsheets_write_is_read(catalogue, write, lines, options):
    local.add(write(*lines, **options), catalogue)
    assert (figure(catalogue)["territory"], figure(catalogue)["value"]) == ("67", 1250.0)


def test_a_withheld_figure_is_suppressed_and_never_zero(catalogue, write):
    local.add(
        write("67,2024,count_domiciled_people,s,DDETS", "67,2023,count_domiciled_people,0,DDETS"), catalogue
    )
    zero, withheld = figure(catalogue, row=0), figure(catalogue, row=1)
    assert (zero["period"], zero["value"], zero["state"]) == ("2023", 0.0, "observed")
    assert (withheld["state"], withheld["value"] != withheld["value"]) == ("suppressed", True)


def test_few_places_are_no_secret(catalogue, write):
    local.add(write("67,2024,count_communes_one_euro_canteen,3,Agence de services et de paiement"), catalogue)
    assert figure(catalogue)["value"] == 3.0


def test_a_file_added_again_replaces_its_figures(catalogue, write):
    local.add(write(GOOD, GOOD.replace("2024", "2023")), catalogue)
    change = add(write(GOOD.replace("1250", "1300"), GOOD.replace("2024", "2022")), catalogue)
    assert (change.added, change.removed, change.revised) == (1, 1, 1)
    assert set(catalogue.figures("local/own_67")["period"]) == {"2022", "2024"}


def test_a_new_source_alone_is_a_change(catalogue, write):
    local.add(write(GOOD), catalogue)
    change = add(write(GOOD.replace("survey", "count")), catalogue)
    assert (
        str(change)
        == "local/own_67: 0 added, 0 removed, 1 revised (1 of them in their bounds, note or words only)"
    )


def test_a_figure_that_its_producer_does_not_give_may_be_filled(catalogue, write):
    catalogue.store(table(values=(float("nan"), 80.0)), sidecar())
    local.add(write(GOOD), catalogue)
    assert (
        Panel.open(catalogue, catalogue.root.parent / "processed").value("count_domiciled_people", "67").value
        == 1250
    )


def test_the_panel_shows_them_as_local(catalogue, write, tmp_path):
    local.add(write(GOOD, GOOD.replace("67,2024", "69M,2024").replace("1250", "s")), catalogue)
    panel = Panel.open(catalogue, tmp_path / "processed")
    found = panel.value("count_domiciled_people", "67")
    assert (found.value, found.state, found.quality, found.source) == (
        1250.0,
        "observed",
        "local",
        "local/own_67",
    )
    assert (found.note, found.words) == ("", "DDETS 67 from the yearly survey")
    assert panel.value("count_domiciled_people", "69M", "2024").state == "suppressed"


# -------------------------------------------------------------------------------------------------------- refused


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (GOOD.replace("67,", "bas-rein,"), "unknown territory .*bas-rhin \\(67\\)"),
        (GOOD.replace("67,", "FR,", 1), "neither a département nor a collectivité"),
        (GOOD.replace("67,", "R44,", 1), "neither a département nor a collectivité"),
        (GOOD.replace("67,", ",", 1), "holds no letter or digit"),
        (GOOD.replace("domiciled", "domicilled"), "did you mean count_domiciled_people"),
        (GOOD.replace("count_domiciled_people", "rate_rsa_per_1000"), "computed here"),
        (GOOD.replace("count_domiciled_people", "rate_rsa_non_take_up_expected"), "computed here"),
        (GOOD.replace("2024", "2024-13"), "2025-Q3"),
        (GOOD.replace("2024", "déc-24"), "2025-Q3"),
        (GOOD.replace("DDETS 67 from the yearly survey", " "), "no source"),
        (GOOD.replace("DDETS", "=cmd('calc')"), "formula"),
        (GOOD.replace("DDETS", "@SUM(A1)"), "formula"),
        (GOOD.replace("DDETS", "+33"), "formula"),
        (GOOD.replace("DDETS", "DD\x07ETS"), "cannot be printed"),
        (GOOD.replace("1250", "10"), "below 11, the disclosure threshold; write s"),
        (GOOD.replace("1250", "-5"), "outside 0 to inf"),
        (GOOD.replace("count_domiciled_people,1250", "share_c2s_beneficiaries,101"), "outside 0 to 100"),
        (GOOD.replace("1250", '"12,500"'), "reads as 12.5, and a count is whole"),
        (GOOD.replace("1250", ""), "no value; write s"),
        (GOOD.replace("1250", "1e999"), "is not a number"),
        (GOOD.replace("1250", "=1+1"), "is not a number"),
        (GOOD.replace("1250", "many"), "is not a number"),
    ],
)
def test_a_figure_at_fault_is_refused_with_its_line_and_the_remedy(catalogue, write, line, message):
    with pytest.raises(DataError, match=rf"own\.csv: nothing was added, 1 at fault\n  line 3: .*{message}"):
        local.add(write(GOOD.replace("2024", "2020"), line), catalogue)
    assert files(catalogue) == ["parameters/disclosure.yml"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"\n\n# nothing\n", "empty"),
        (HEADER.encode(), "no figure below the header"),
        (
            b"territory,period,indicator,value\n67,2024,count_domiciled_people,20\n",
            "expected the columns territory",
        ),
        (b"code,an,n,v,s\n1,2,3,4,5\n", "'code', 'an', 'n', 'v', 's'; expected the columns territory"),
        ((HEADER + "\n67,2024,count_domiciled_people,12,5,x\n").encode(), "line 2: 6 cells, 5 expected"),
        ((HEADER + "\n67,2024\n").encode(), "line 2: 2 cells, 5 expected"),
        ((HEADER + '\n67,2024,"x\n').encode(), "not a CSV"),
        (b"\x00\x01\x02" * 50, "CSV UTF-8"),
        ((HEADER + "\n").encode("utf-16"), "no figure below the header"),
    ],
    ids=["nothing", "comments", "header", "missing", "other", "comma", "short", "quote", "no text", "utf-16"],
)
def test_a_file_at_fault_is_refused(catalogue, tmp_path, content, message):
    path = tmp_path / "own.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        local.add(path, catalogue)
    assert files(catalogue) == ["parameters/disclosure.yml"]


def test_a_file_that_is_not_there_is_refused(catalogue, tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(DataError, match="is not a file"):
            local.add(path, catalogue)


def test_every_line_at_fault_is_listed_up_to_ten(catalogue, write):
    lines = [GOOD.replace("1250", str(n % 10 + 1)) for n in range(25)]
    with pytest.raises(DataError) as refused:
        local.add(write(*lines), catalogue)
    text = str(refused.value).splitlines()
    assert text[0] == "own.csv: nothing was added, 25 at fault"
    assert [line.split(":")[0].strip() for line in text[1:-1]] == [f"line {n}" for n in range(2, 11)]
    assert text[-1].strip() == "… and 16 more"


def test_a_figure_given_twice_is_refused_however_it_is_written(catalogue, write):
    with pytest.raises(DataError, match="line 4: count_domiciled_people 67 2024 is on line 2 already"):
        local.add(write(GOOD, GOOD.replace("2024", "2023"), GOOD.replace("67", "Bas-Rhin")), catalogue)


@pytest.mark.parametrize("state", ["observed", "suppressed"])
def test_a_figure_that_is_published_is_refused(catalogue, write, state):
    published = table(values=(120.0 if state == "observed" else float("nan"), 80.0))
    catalogue.store(published.assign(state=[published["state"][0], state]), sidecar())
    with pytest.raises(DataError, match=r"line 2: .* is already held by test/domiciled"):
        local.add(write(GOOD), catalogue)
    local.add(write(GOOD.replace("2024", "2023")), catalogue)


def test_a_figure_of_another_local_file_is_refused(catalogue, write):
    local.add(write(GOOD), catalogue)
    with pytest.raises(DataError, match=r"already held by local/own_67; .*pacte data remove local/own_67"):
        local.add(write(GOOD, name="other.csv"), catalogue)
    assert "local/other_67" not in catalogue


# ------------------------------------------------------------------------------------------------ what is not likely


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([GOOD.replace("1250", "4310%")], "line 2: '4310%' is a percentage, and count_domiciled_people is in person"),
        ([GOOD.replace("1250", "999999999")], "line 2: 999999999 is more than Bas-Rhin has inhabitants"),
        ([GOOD.replace("1250", "130000")], "line 2: 130000 is more than Bas-Rhin has inhabitants"),
        ([GOOD.replace("2024", "2035")], "line 2: 2035 is far from the periods of all other figures"),
        ([GOOD.replace("2024", "2062-Q1")], "line 2: 2062-Q1 is far"),
        ([GOOD.replace("2024", "1924")], "line 2: 1924 is far"),
        ([GOOD, GOOD.replace("2024", "2025").replace("1250", "12500")], "line 3: 12500 is 10 times the 1250 of 2024"),
        ([GOOD, GOOD.replace("2024", "2025").replace("1250", "125")], "line 3: 125 is 10 times less than the 1250 of 2024"),
        ([GOOD.replace("1250", "1100")], "line 2: 1100 is 11 times the 100 of 2023"),
    ],
)  # fmt: skip
def test_what_is_not_likely_is_asked_and_added_once_confirmed(catalogue, write, lines, message):
    inhabitants = {"territory": "67", "indicator": "count_population", "period": "2024", "value": [120_000.0]}
    before = {"territory": "67", "indicator": "count_domiciled_people", "period": "2023", "value": [100.0]}
    if "11 times" in message:
        catalogue.store(figures(pd.DataFrame(before)), sidecar("test/before"))
    catalogue.store(figures(pd.DataFrame(inhabitants)), sidecar("test/people"))
    path = write(*lines)
    with pytest.raises(DataError, match=re.escape(message)) as refused:
        local.add(path, catalogue)
    assert "nothing was added, 1 to confirm; correct what is wrong, or add --yes" in str(refused.value)
    assert not local.local_datasets(catalogue)
    assert add(path, catalogue, confirmed=True).added == len(lines)


def test_likely_figures_are_not_asked(catalogue, write):
    lines = [
        GOOD,
        GOOD.replace("2024", "2025").replace("1250", "2600"),
        GOOD.replace("2024", "2026").replace("1250", "s"),
    ]
    assert add(write(*lines), catalogue).added == 3


def test_what_is_asked_is_listed_up_to_ten(catalogue, write):
    lines = [GOOD.replace("2024", str(2040 + n)) for n in range(15)]
    with pytest.raises(DataError) as refused:
        local.add(write(*lines), catalogue)
    text = str(refused.value).splitlines()
    assert (len(text), text[-1].strip()) == (11, "… and 6 more")


def test_a_mark_that_nothing_settles_is_refused_with_both_readings(catalogue, write):
    lines = [GOOD.replace("1250", '"12,000"'), GOOD.replace("2024", "2023").replace("1250", "12.000")]
    with pytest.raises(DataError, match=r"'12,000' reads as 12 or as 12000; write thousands without a mark"):
        local.add(write(*lines), catalogue)
    settled = '67,2024,share_c2s_beneficiaries,"12,5",CNAM'
    local.add(write(GOOD.replace("1250", "12.000"), settled), catalogue)
    assert set(catalogue.figures("local/own_67")["value"]) == {12000.0, 12.5}


@pytest.mark.parametrize("value", ["1" + "0" * 13, "9" * 39])
def test_a_number_that_nothing_could_be_computed_from_is_refused_even_confirmed(catalogue, write, value):
    with pytest.raises(DataError, match="beyond what a figure of a département can be"):
        local.add(write(GOOD.replace("1250", value)), catalogue, confirmed=True)


@pytest.mark.parametrize("value", ["10", "010", "1", '"5,0"', "5.00", "10.0", " 9 ", "10%"])
def test_no_way_of_writing_a_small_count_passes_the_threshold(catalogue, write, value):
    with pytest.raises(DataError, match="below 11, the disclosure threshold"):
        local.add(write(GOOD.replace("1250", value)), catalogue, confirmed=True)


# --------------------------------------------------------------------------------- several territories, several at once


def test_two_territories_files_of_one_name_stand_side_by_side(catalogue, write):
    other = GOOD.replace("67,", "68,")
    local.add(write(GOOD, name="a/domiciliation.csv"), catalogue)
    local.add(write(other, name="b/domiciliation.csv"), catalogue)
    assert local.local_datasets(catalogue) == ["local/domiciliation_67", "local/domiciliation_68"]
    added = local.add(write(GOOD.replace("1250", "1300"), name="domiciliation.csv"), catalogue)
    assert figure(catalogue, "local/domiciliation_67")["value"] == 1300.0
    assert figure(catalogue, "local/domiciliation_68")["value"] == 1250.0
    kept = "local/domiciliation_68, of an earlier domiciliation.csv, is kept; `pacte data remove local/domiciliation_68`"
    assert added.notes[0].startswith(kept)


def test_one_file_may_hold_several_territories(catalogue, write):
    added = local.add(write(GOOD, GOOD.replace("67,", "6AE,"), GOOD.replace("67,", "69M,")), catalogue)
    assert [change.dataset for change in added.changes] == ["local/own_67", "local/own_69m", "local/own_6ae"]


def test_figures_that_were_added_by_mistake_are_taken_out(catalogue, write):
    local.add(write(GOOD), catalogue)
    with pytest.raises(DataError, match=r"named 'own'; did you mean local/own_67\?; there are: local/own_67"):
        local.remove("own", catalogue)
    assert local.remove("own_67", catalogue) == 1
    assert files(catalogue) == ["parameters/disclosure.yml"]
    with pytest.raises(DataError, match="there are: none"):
        local.remove("local/own_67", catalogue)


@pytest.mark.parametrize(
    "name", ["test/domiciled", "../parameters/disclosure", "local/../test/domiciled", "", "local/"]
)
def test_only_what_a_departement_gave_can_be_taken_out(catalogue, name):
    catalogue.store(table(), sidecar())
    with pytest.raises(DataError, match="no figures of a département are named"):
        local.remove(name, catalogue)
    assert "test/domiciled" in catalogue


def test_nobody_else_writes_between_the_check_and_the_last_file(catalogue, write, monkeypatch):
    seen = []

    def held(self, frame, sidecar, replace=False):
        with pytest.raises(Timeout):
            FileLock(self.root / ".lock", is_singleton=False).acquire(timeout=0)
        seen.append(sidecar.dataset)

    monkeypatch.setattr(Catalogue, "store", held)
    local.add(write(GOOD, GOOD.replace("67,", "68,")), catalogue)
    assert seen == ["local/own_67", "local/own_68"]


def test_what_was_cut_between_two_territories_is_whole_once_it_is_added_again(catalogue, write, monkeypatch):
    path, store = write(GOOD, GOOD.replace("67,", "68,")), Catalogue.store

    def cut(self, frame, sidecar, replace=False):
        if sidecar.dataset.endswith("68"):
            raise KeyboardInterrupt
        return store(self, frame, sidecar, replace)

    monkeypatch.setattr(Catalogue, "store", cut)
    with pytest.raises(KeyboardInterrupt):
        local.add(path, catalogue)
    monkeypatch.setattr(Catalogue, "store", store)
    assert [change.any for change in local.add(path, catalogue).changes] == [False, True]


def test_a_figure_given_again_as_secret_is_no_more_there(catalogue, write, tmp_path):
    local.add(write(GOOD), catalogue)
    local.add(write(GOOD.replace("1250", "s")), catalogue)
    panel = Panel.open(catalogue, tmp_path / "processed")
    assert panel.value("count_domiciled_people", "67", "2024").state == "suppressed"
    kept = [
        p.read_bytes()
        for root in (catalogue.root, tmp_path / "processed")
        for p in root.rglob("*")
        if p.is_file()
    ]
    assert not any(b"1250" in content for content in kept)


# -------------------------------------------------------------------------------------------------- names of files


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/../../x.csv", "local/x_67"),
        ("Été 2024 (Bas-Rhin).csv", "local/ete_2024_bas_rhin_67"),
        (".csv", "local/csv_67"),
        ("…", "local/figures_67"),
        ("=cmd().csv", "local/cmd_67"),
        ("x" * 90 + ".csv", "local/" + "x" * 40 + "_67"),
    ],
)
def test_a_file_name_never_leads_out_of_the_folder(catalogue, write, tmp_path, name, expected):
    (tmp_path / "deep" / "a").mkdir(parents=True)
    assert add(write(GOOD, name=f"deep/{name}"), catalogue).dataset == expected
    outside = {p for p in catalogue.root.rglob("*.csv") if p.parent.name != LOCAL}
    assert not outside


def test_another_file_of_nearly_the_same_name_replaces_nothing(catalogue, write):
    local.add(write(GOOD, name="food aid.csv"), catalogue)
    with pytest.raises(DataError, match=r"local/food_aid_67 holds the figures of food aid\.csv; give"):
        local.add(write(GOOD.replace("2024", "2023"), name="food-aid.csv"), catalogue)
    assert figure(catalogue, "local/food_aid_67")["period"] == "2024"


def test_an_altered_local_table_is_refused_with_its_own_remedy(catalogue, write):
    path = write(GOOD)
    local.add(path, catalogue)
    kept = catalogue.root / "local/own_67.csv"
    kept.write_text(kept.read_text().replace("1250", "1251"))
    assert "add its file again with `pacte data add`" in catalogue.check("local/own_67")[0]
    assert add(path, catalogue).unreadable
    assert catalogue.check("local/own_67") == []


# ------------------------------------------------------------------------------------------------------- templates


def test_there_is_a_template_for_every_measure_that_only_a_departement_can_show():
    assert len(local.measures()) >= 10
    with pytest.raises(DataError, match=r"those that do: .*domiciliation"):
        local.template("early_childhood")


@pytest.mark.parametrize("measure", local.measures())
def test_a_template_filled_in_is_accepted_and_an_empty_one_is_not(catalogue, tmp_path, measure):
    path = tmp_path / f"{measure}.csv"
    path.write_text(local.template(measure), encoding="utf-8")
    with pytest.raises(DataError, match="no figure below the header; fill in the template"):
        local.add(path, catalogue)
    filled = re.sub(
        r"^;;(\w+);;$", r"67;2024;\1;1 250,0;Département, service social", local.template(measure), flags=re.M
    )
    path.write_text(filled, encoding="utf-8-sig")
    local.add(path, catalogue)
    found = catalogue.figures(f"local/{measure}_67")
    assert set(found["indicator"]) <= {name for name, entry in dictionary().items() if entry.local}
    assert set(found["value"]) == {1250.0}


def documented() -> str:
    """What docs/local-figures.md holds on the templates: for each measure, what to count and the CSV to fill in."""
    parts = []
    for measure in (m for m in measures() if m.local):
        rows = [f"| `{name}` | {dictionary()[name].definition.en} |" for name in measure.local]
        table = "\n".join(["| indicator | what to count |", "|---|---|", *rows])
        block = f"```csv\n{local.template(measure.key)}\n```"
        parts += [f"### `{measure.key}`", f"{measure.name.en}.", table, block]
    return "\n\n".join(parts)


def test_the_page_about_local_figures_holds_every_template_as_it_is_printed():
    expected = documented()
    text = DOCUMENT.read_text(encoding="utf-8")
    found = text.partition("<!-- templates -->\n")[2].partition("\n<!-- end -->")[0].strip()
    assert found == expected, f"docs/local-figures.md, between its two marks: write this\n\n{expected}"


def test_the_example_of_the_page_is_accepted(catalogue, tmp_path):
    text = DOCUMENT.read_text(encoding="utf-8")
    example = text.partition("```csv\n")[2].partition("```")[0]
    path = tmp_path / "example.csv"
    path.write_text(example, encoding="utf-8")
    assert add(path, catalogue).added == example.count("count_")
    assert set(catalogue.figures("local/example_67")["state"]) == {"observed", "suppressed"}
    minimum = catalogue.parameters("disclosure")["minimum_count"]["value"]
    assert f"fewer than {minimum} " in text
    assert f"moins de {minimum} " in text


@pytest.mark.parametrize("cell", ["count_domiciled_people", "67", "2024"])
def test_what_is_refused_is_quoted_in_short(catalogue, write, cell):
    with pytest.raises(DataError) as refused:
        local.add(write(GOOD.replace(cell, "é" * 100_000, 1)), catalogue)
    assert len(str(refused.value)) < 600
