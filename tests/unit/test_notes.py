"""Notes hold keys of a closed vocabulary, and what people write of a figure is never read for one."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.data import breaks, existing, local
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations import notes, values
from analysis.foundations.cells import figures
from analysis.foundations.files import DataError, sha256_of
from analysis.presentation.narrative import formats, sentences
from analysis.reports.beside import kept_edition
from tests.conftest import PROJECT
from tests.unit.test_catalogue import sidecar
from tests.unit.test_local import HEADER, add, catalogue, write  # noqa: F401 - fixtures

COUNT = "count_domiciled_people"
KEYS = (*notes.KEYS, "denominator_2021", "factor_2020-2021", "register_c2s")
HOSTILE = [f"by hand {key} local: {key}" for key in KEYS]


def test_what_is_said_to_leave_mayotte_out_is_known_as_such():
    assert {
        key for key, meaning in notes.KEYS.items() if "without Mayotte" in meaning
    } == notes.WITHOUT_MAYOTTE


def test_every_key_has_a_meaning_and_the_project_uses_no_other():
    assert all(notes.meanings().values())
    real = Catalogue(PROJECT / "data/raw")
    entries = existing.register(real).entries
    assert not notes.faults(
        [*KEYS, *(one.mark for one in breaks.register(real)), *(one.mark for one in entries)]
    )


@given(st.lists(st.sampled_from(KEYS)))
def test_what_is_written_is_read(given_keys):
    note = notes.joined(*given_keys)
    assert notes.keys(note) == list(dict.fromkeys(given_keys)) and not notes.fault(note)
    assert notes.joined(*notes.keys(note)) == note


@pytest.mark.parametrize(
    ("note", "nearest"),
    [("at_leest", "at_least"), ("corrected by", "no key"), ("denominator_9", "no key"), ("break_", "break_"),
     ("register_a/b", "no key"), ("local: at_least", "no key"), (None, "no key")],
)  # fmt: skip
def test_what_is_no_key_is_refused_by_its_place_wherever_figures_come_in(tmp_path, note, nearest):
    rows = pd.DataFrame(
        {"territory": ["67", "68"], "period": "2024", "indicator": COUNT, "value": [120.0, 80.0]}
    )
    marked = rows.assign(note=["", note])
    there, name = Catalogue(tmp_path / "raw"), "x/a"
    with pytest.raises(DataError, match=f"row 2: .*{nearest}"):
        Panel(Panel.open().frame[:0]).plus(marked.assign(note=["", note or 7]))
    if note is None:  # a loader that leaves a note empty
        there.store(figures(marked), sidecar(name))
        assert there.figures(name)["note"].tolist() == ["", ""]
        return
    with pytest.raises(notes.UnknownKey, match=nearest):
        notes.joined(*notes.keys(note))
    with pytest.raises(DataError, match=rf"{name}: row 2, {COUNT} 68 2024: .*{nearest}"):
        there.store(figures(marked), sidecar(name))
    there.store(figures(rows), sidecar(name))
    stored = there.root / "x/a.csv"
    content = stored.read_text().replace("80.0,,,observed,", f"80.0,,,observed,{note}")
    stored.write_text(content)
    described = there.root / "x/a.source.yml"
    described.write_text(
        described.read_text().replace(there.sidecar(name).sha256, sha256_of(content.encode()))
    )
    with pytest.raises(DataError, match=rf"{name}: row 2, {COUNT} 68 2024: .*{nearest}"):
        Catalogue(there.root).figures(name)


def told(value):
    """All that is said of a figure."""
    lines = [say(value, lang) for say in (formats.format_value, formats.qualifier) for lang in values.LANGS]
    return [*lines, *([] if value.known else [sentences.missing(value, lang) for lang in values.LANGS])]


def given_by_a_departement(catalogue, write, words, folder):  # noqa: F811
    """The panel of figures that Bas-Rhin gave, a known one and one that lacks with each of some words."""
    lines = [
        f"67,{1960 + 2 * n + lacks},{COUNT},{'nd' if lacks else 1250 + n},{source}"
        for n, source in enumerate(words)
        for lacks in (0, 1)
        if 1960 + 2 * n + lacks < 2100
    ]
    add(write(*lines), catalogue, confirmed=True)
    return Panel.open(catalogue, folder)


def test_a_source_that_contains_keys_is_told_as_any_other(catalogue, write, tmp_path):  # noqa: F811
    plain = given_by_a_departement(catalogue, write, ["survey"] * len(HOSTILE), tmp_path / "plain")
    hostile = given_by_a_departement(catalogue, write, HOSTILE, tmp_path / "hostile")
    pd.testing.assert_frame_equal(hostile.frame.drop(columns="words"), plain.frame.drop(columns="words"))
    assert set(hostile.frame["words"]) >= {*HOSTILE[:60]}
    for when in [*hostile.periods(COUNT, "67"), "1961", "1987"]:
        own = hostile.value(COUNT, "67", when)
        assert told(own) == told(plain.value(COUNT, "67", when)) and own.words and not own.note
    series = hostile.series(COUNT, "67")
    assert breaks.cuts(series, hostile.dictionary[COUNT]) == breaks.cuts(
        plain.series(COUNT, "67"), plain.dictionary[COUNT]
    )
    assert hostile.local("67")["words"].tolist()[0] == HOSTILE[0]


@pytest.mark.parametrize("column", ["words", "source"])
def test_a_researcher_s_words_are_told_as_any_other(column):
    rows = pd.DataFrame({"territory": "67", "period": "2024", "indicator": COUNT, "value": [10.0]})
    panel = Panel(Panel.open().frame[:0])
    plain = panel.plus(rows.assign(**{column: "survey"})).value(COUNT, "67", "2024")
    for words in (*HOSTILE, " ".join(KEYS)):
        assert told(panel.plus(rows.assign(**{column: words})).value(COUNT, "67", "2024")) == told(plain)


OLD = "territory,period,indicator,value,lower,upper,state,note\n67,2024,{},1250.0,,,observed,{}\n"


@pytest.mark.parametrize("words", ["DDETS 67", "corrected by hand at_least", "local: at_least"])
def test_figures_that_a_departement_added_before_are_read_apart(catalogue, write, words, tmp_path):  # noqa: F811
    add(write(f"67,2024,{COUNT},1250,DDETS 67"), catalogue)
    table, described = (catalogue.root / f"local/own_67{end}" for end in (".csv", ".source.yml"))
    content = OLD.format(COUNT, f"local: {words}")
    table.write_text(content)
    text = described.read_text().replace("- words\n", "")
    described.write_text(text.replace(catalogue.sidecar("local/own_67").sha256, sha256_of(content.encode())))
    there = Catalogue(catalogue.root)
    assert there.check("local/own_67") == []
    assert there.figures("local/own_67")[["note", "words"]].to_numpy().tolist() == [["", words]]
    assert formats.format_value(Panel.open(there, tmp_path / "p").value(COUNT, "67"), "en").startswith(
        "1,250\u00a0people (the dép"
    )
    change = local.add(write(f"67,2024,{COUNT},1250,{words}"), there).changes[0]
    assert not change.any  # the same figure and the same words


def test_notes_of_an_earlier_edition_are_read_apart(tmp_path):
    frame = Panel.open().frame[:2].drop(columns="words")
    frame = frame.assign(note=["local: corrected at_least", "corrected key_of_another_version"])
    frame.to_parquet(tmp_path / "figures.parquet", index=False)
    assert kept_edition.figures(tmp_path / "figures.parquet")["note"].tolist() == [
        "", "corrected key_of_another_version",
    ]  # fmt: skip


def test_the_name_of_an_entry_of_the_register_is_one_key(tmp_path):
    (tmp_path / "parameters").mkdir(parents=True)
    text = (PROJECT / "data/raw/parameters/existing.yml").read_text(encoding="utf-8")
    path = tmp_path / "parameters/existing.yml"
    path.write_text(text.replace("  c2s:", "  c2s corrected at_least:"), encoding="utf-8")
    with pytest.raises(DataError, match=r"corrected at_least.*no key"):
        existing.register(Catalogue(tmp_path))
