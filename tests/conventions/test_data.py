"""The committed figures: beside valid sidecars, small, in the dictionary, and no published file among them."""

from analysis.data.catalogue import PublishedFile, Sidecar
from analysis.foundations.files import sha256_of
from analysis.foundations.values import dictionary
from tests.conventions import data_rules as rules
from tests.conventions.repository import ROOT, files

RAW = ROOT / "data" / "raw"


def test_every_table_has_a_sidecar_that_describes_it():
    problems = list(rules.sidecars_describe_their_tables(RAW))
    assert len(rules.tables(RAW)) > 10
    assert not problems, "\n".join(problems)


def test_the_committed_data_are_small():
    assert not list(rules.is_small(RAW))


def test_every_indicator_is_in_the_dictionary():
    problems = list(rules.indicators_are_defined(RAW, dictionary()))
    assert not problems, "\n".join(problems)


def test_no_published_file_is_in_the_repository():
    checksums = rules.published_checksums(RAW)
    assert len(checksums) > 10
    assert not list(rules.no_published_file_copied(files(), checksums))


def test_no_file_at_hand_is_in_the_repository(published):
    originals = [path for path in published().parent.rglob("*") if path.is_file()]
    assert not list(
        rules.no_published_file_copied(files(), {sha256_of(path.read_bytes()) for path in originals})
    )


# ------------------------------------------------------------------------------------------- the rules, seen to fail

TABLE = "territory,period,indicator,value\n67,2024,count_known,1\n"


def make(raw, name="drees/known", table=TABLE, **changes):
    facts = {
        "dataset": name, "kind": "figures", "producer": "DREES", "title": "t", "url": "u", "licence": "l", "vintage": "v",
        "perimeter": "p", "quality": "producer", "published": (PublishedFile("a.csv", "0", 1),),
        "sha256": sha256_of(table.encode()),
    }  # fmt: skip
    path = raw / f"{name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table, encoding="utf-8")
    path.with_name(f"{path.stem}.source.yml").write_text(
        Sidecar(**{**facts, **changes}).to_yaml(), encoding="utf-8"
    )
    return path


def test_sound_data_are_accepted(tmp_path):
    make(tmp_path)
    make(tmp_path, "drees/vintages/known.2023-1a2b3c4d", dataset="drees/known")
    for apart in ("parameters/peers.yml", "local/mine.csv"):
        (tmp_path / apart).parent.mkdir()
        (tmp_path / apart).write_text("a: 1", encoding="utf-8")
    assert not list(rules.sidecars_describe_their_tables(tmp_path))
    assert not list(rules.indicators_are_defined(tmp_path, {"count_known"}))
    assert not list(rules.is_small(tmp_path))


def test_each_fault_of_a_sidecar_is_seen(tmp_path):
    make(tmp_path, "drees/altered").write_text(TABLE.replace(",1\n", ",2\n"), encoding="utf-8")
    make(tmp_path, "drees/lonely").with_name("lonely.source.yml").unlink()
    make(tmp_path, "drees/gone").unlink()
    make(tmp_path, "drees/renamed", dataset="drees/other")
    make(tmp_path, "drees/vintages/one.2023-1a2b3c4d", dataset="drees/other")
    make(tmp_path, "drees/graded", quality="excellent")
    (tmp_path / "drees" / "notes.txt").write_text("x", encoding="utf-8")
    problems = "\n".join(rules.sidecars_describe_their_tables(tmp_path))
    for name in ("altered", "lonely", "gone", "renamed", "excellent", "notes.txt"):
        assert name in problems
    assert len(problems.splitlines()) == 7


def test_an_undefined_indicator_is_seen(tmp_path):
    make(tmp_path)
    assert list(rules.indicators_are_defined(tmp_path, {"count_another"}))


def test_too_much_data_is_seen(tmp_path):
    make(tmp_path)
    assert list(rules.is_small(tmp_path, limit=10))


def test_a_copied_published_file_is_seen(tmp_path):
    make(tmp_path, published=(PublishedFile("original.csv", sha256_of(b"code;valeur"), 11),))
    copied, other = tmp_path / "renamed.csv", tmp_path / "other.csv"
    copied.write_text("code;valeur", encoding="utf-8")
    other.write_text("code,valeur", encoding="utf-8")
    assert (
        len(list(rules.no_published_file_copied([copied, other], rules.published_checksums(tmp_path)))) == 1
    )
