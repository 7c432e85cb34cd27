"""What was withdrawn is published nowhere: not by the site, not by a comparison, not by what an edition has no more."""

import gzip
import io
import json
import re
import shutil

import pandas as pd
import pytest

from analysis.batch import lock
from analysis.cli import command as cli
from analysis.foundations.files import sha256_of
from analysis.reports.beside import compare, secrecy
from tests.conftest import PROJECT
from tests.reports.conftest import code, notebook, parameters, project_at
from tests.reports.test_run import pacte

OWN = "count_domiciled_people"
SECRET, OTHER = 4317, 2213
SHOWS = code(
    "from analysis.data.panel import Panel\nfrom analysis.foundations.values import dictionary\npanel = Panel.open()\n"
    f"panel.value('{OWN}', territory, '2024')"
)
"""A report that shows the département's own figure."""


def add(root, *lines):
    """Take in the département's own figures, in place of those that were there."""
    path = root / "own.csv"
    path.write_text("\n".join(["territory;period;indicator;value;source", *lines]) + "\n", encoding="utf-8")
    pacte("data", "add", path)


def line(code, value, period="2024"):
    return f"{code};{period};{OWN};{value};DDETS {code}"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """An edition of three départements that was built once, with their own figures."""
    cli.whole()
    books = {"essai": notebook(parameters(), SHOWS), "autre": notebook(parameters(), code("1"))}
    root = project_at(tmp_path_factory.mktemp("withdrawn") / "project", **books)
    (root / "data/raw/parameters").mkdir()
    for name in ("disclosure", "comparison"):
        shutil.copy(PROJECT / f"data/raw/parameters/{name}.yml", root / "data/raw/parameters")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PACTE_HOME", str(root))
        add(root, line("67", SECRET), line("2A", OTHER), line("67", 3001, "2023"))
        report("--all")
    return root


@pytest.fixture
def project(built, tmp_path, monkeypatch):
    """A copy of it."""
    root = shutil.copytree(built, tmp_path / "project")
    monkeypatch.setenv("PACTE_HOME", str(root))
    return root


def report(*more, ok=0):
    return pacte("report", *more, "--edition", "essai", ok=ok)


def publish(root, ok=0):
    return pacte("site", "publish", root.parent / "public", "--edition", "essai", ok=ok)


def folder_of(root):
    return root / "reports/essai"


def told(folder):
    """All that can be read in a folder, what is packed or in columns unpacked."""
    texts = []
    for path in folder.rglob("*"):
        if path.is_file() and ".records" not in path.parts:
            content = path.read_bytes()
            if path.suffix == ".gz":
                content = gzip.decompress(content)
            if path.suffix == ".parquet":
                content = pd.read_parquet(io.BytesIO(content)).to_csv().encode()
            texts.append(f"{path.name}\n{content.decode('utf-8', 'replace')}")
    return "\n".join(texts)


def says(text, number=SECRET):
    """Whether a number is written, as a reader or a machine would; the digits of a checksum are none."""
    digits = str(number)
    marks = rf"{digits[0]}[\s\u202f\u00a0,.]?{digits[1:]}"
    return re.search(rf"(?<![\da-f]){marks}(?![\da-f])", text) is not None


def names(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() or p.is_symlink()}


# ------------------------------------------------------------------------------------------------------------- publish


def test_a_figure_that_became_secret_is_not_published(project):
    public = project.parent / "public"
    publish(project)
    assert says(told(public))
    add(project, line("67", "s"), line("2A", OTHER))
    for made in ((), ("67",), ("67", "2A", "974")):  # until the whole edition is made again, data included
        if made:
            report(*made)
        refused = publish(project, ok=1)
        assert "run `pacte report --all` first" in refused and len(refused.splitlines()) <= 12
    report("--all")
    publish(project)
    assert says(told(public), OTHER) and not says(told(public)) and not says(told(folder_of(project)))


@pytest.mark.parametrize("after", [("s", OTHER), (None, OTHER), (None, None)])
def test_a_comparison_does_not_tell_what_was_withdrawn(project, after):
    """Neither in the terminal, nor in files, nor in pages: secret, taken out, or taken out with all of its kind."""
    shutil.copytree(folder_of(project), project / "reports/before")
    values = dict(zip(("67", "2A"), after, strict=True))
    add(project, *(line(code, value) for code, value in values.items() if value), line("67", 3001, "2023"))
    report("--all")
    csv = project / "changes.csv"
    output = pacte("compare", "before", "essai", "--site", "--csv", csv, ok=1)
    rows = pd.read_csv(csv, dtype=dict.fromkeys(("territory", "period"), "str"))
    publish(project)
    for text in (output, csv.read_text(encoding="utf-8"), told(project.parent / "public")):
        assert not says(text)
    own = rows[(rows["indicator"] == OWN) & (rows["territory"] == "67") & (rows["period"] == "2024")]
    assert (
        list(own["detail"]) == ["figure_gone"]
        and own["before"].isna().all()
        and own["lower_before"].isna().all()
    )
    page = (folder_of(project) / "changes.html").read_text(encoding="utf-8")
    assert "secret ou retiré depuis" in page
    if after[0] == "s":  # whatever the order in which they are given
        output = pacte("compare", "essai", "before", "--csv", csv)
        assert not says(output) and not says(csv.read_text(encoding="utf-8"))


def test_a_later_figure_does_not_tell_the_one_before_it_that_became_secret(project):
    shutil.copytree(folder_of(project), project / "reports/before")
    add(project, line("67", "s"), line("2A", OTHER), line("67", 5000, "2025"))
    report("--all")
    pacte("compare", "before", "essai", "--csv", project / "changes.csv", ok=1)
    rows = pd.read_csv(project / "changes.csv", dtype={"territory": "str"})
    later = rows[(rows["detail"] == "later") & (rows["territory"] == "67")]
    assert (
        list(later["after"]) == [5000] and later["before"].isna().all() and set(later["severity"]) == {"info"}
    )
    assert not says((project / "changes.csv").read_text(encoding="utf-8"))


def test_a_comparison_that_is_kept_forgets_what_is_withdrawn_after_it(project):
    shutil.copytree(folder_of(project), project / "reports/before")
    add(project, line("67", SECRET), line("2A", OTHER + 100))
    report("--all")
    pacte("compare", "before", "essai", "--site", ok=1)
    assert says(told(folder_of(project) / "data"), OTHER)
    add(project, line("67", SECRET), line("2A", "s"))
    report("--all")
    publish(project)
    public = project.parent / "public"
    for number in (OTHER, OTHER + 100):
        assert not says(told(public), number) and not says(told(folder_of(project)), number)
    assert "changes.html" in names(public) and "refaites depuis" in (public / "changes.html").read_text(
        "utf-8"
    )


FOREIGN = (
    "secrets.csv", "67/.cache.csv", "67/brouillon.html", "67/essai.failed.ipynb", "data/nominatif.csv", "run.json.csv",
    ".records/x.json", "67/x.provenance.json", "old/essai.html", "data/changes.csv", "974/essai.en.csv", "67/essai.pdf",
)  # fmt: skip


def test_what_nobody_listed_stays_behind(project):
    folder, public = folder_of(project), project.parent / "public"
    publish(project)
    before = names(public)
    for name in FOREIGN:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("someone's", encoding="utf-8")
    (folder / "67/note.txt").symlink_to(project / "own.csv")
    publish(project)
    assert names(public) == before and "someone's" not in told(public)
    assert str(project) not in told(public) and not [n for n in before if n.startswith((".records", ".lock"))]
    report("--all")
    publish(project)
    assert names(public) == before and all((folder / name).is_file() for name in FOREIGN[:-1])


def test_what_left_the_edition_leaves_its_folder_and_the_site(project):
    folder, public = folder_of(project), project.parent / "public"
    publish(project)
    (folder / "974/note.txt").write_text("mine", encoding="utf-8")
    (folder / "974/autre.csv").write_text("altered", encoding="utf-8")
    path = project / "editions/essai.yml"
    text = path.read_text(encoding="utf-8").replace('"67", "2A", "974"', '"67", "2A"')
    path.write_text(
        text.replace("[essai, autre]", "[essai]").replace("[autre, essai]", "[essai]"), encoding="utf-8"
    )
    assert "has it no more" in publish(project, ok=1)
    report("--all")
    left = {n for n in names(folder) if n.startswith("974/") or "/autre." in n}
    assert left == {"974/note.txt", "974/autre.csv"}
    publish(project)
    assert not [n for n in names(public) if n.startswith("974/") or "autre" in n]
    assert "974" not in json.loads((public / "manifest.json").read_text(encoding="utf-8"))["reports"]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("67/essai.html", b"altered"), ("67/essai.csv", b"altered"), ("67/essai.ipynb", None), ("67/index.html", b"x"),
        ("search.fr.js", b"alert(1)"), ("data/figures.csv.gz", b"x"), ("data/datapackage.json", b"{}"),
        ("manifest.json", b"{}"), (".records/site.json", b"{}"), ("glossary.html", None),
        ("data/inputs.json", b"[" * 100000),
    ],
)  # fmt: skip
def test_what_is_not_as_it_was_made_is_refused_by_name_until_it_is_made_again(project, name, change):
    path = folder_of(project) / name
    sound = path.read_bytes()
    path.write_bytes(change) if change else path.unlink()
    assert "run `pacte report --all` first" in publish(project, ok=1)
    assert not (project.parent / "public").exists()
    report("--all")
    publish(project)
    assert path.name == "site.json" or path.read_bytes() == sound


def test_nothing_is_published_while_a_run_makes_reports(project):
    with lock.holding(folder_of(project)):
        assert "is in use by process" in publish(project, ok=1)
    assert not (project.parent / "public").exists()
    publish(project)


def test_reports_of_a_kernel_which_leave_no_record_are_published(project):
    report("67", "--engine", "kernel", "--outcome", "autre", "--force")
    publish(project)
    add(project, line("67", "s"))
    assert "67 autre fr: never built" in publish(project, ok=1)


HOSTILE = {"../../../victim.html": "x", "//elsewhere": "x", "67/essai.html": 1, "x.html": {"sha256": []}}


def test_a_manifest_and_records_that_were_forged_take_nothing_in_and_nothing_away(project):
    """Names that lead elsewhere, in the list of reports and in that of pages, with the right checksums."""
    folder, victim = folder_of(project), project / "victim.html"
    victim.write_text("mine", encoding="utf-8")
    sha256 = sha256_of(b"mine")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    entry = {**manifest["reports"]["67/essai.html"], "sha256": sha256, "outcome": "../../victim"}
    manifest["reports"] |= HOSTILE | {"67/../../victim.html": entry}
    manifest["reports"]["2A/essai.html"]["beside"] = {"../../victim.html": sha256}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    record = json.loads((folder / ".records/site.json").read_text(encoding="utf-8"))
    record["pages"] |= {"../../victim.html": sha256, "data/x.csv": sha256}
    (folder / ".records/site.json").write_text(json.dumps(record), encoding="utf-8")
    publish(project, ok=1)
    report("--all")
    assert victim.read_text(encoding="utf-8") == "mine"
    publish(project)
    assert "mine" not in told(project.parent / "public")


@pytest.mark.parametrize(
    ("quality", "note"), [("local", ""), ("producer", "corrected"), ("producer", "local")]
)
def test_what_rests_on_a_figure_that_was_taken_out_is_not_told_either(quality, note):
    """A rate of the département's own count gives the count away; who gave it is its quality, whatever its note says."""
    empty = dict.fromkeys(compare.COLUMNS, "") | dict.fromkeys(secrecy.NUMBERS, float("nan"))
    key = {"indicator": "rate_x", "territory": "67", "period": "2024"}
    row = (
        empty
        | key
        | {"kind": "perimeter", "detail": "figure_gone", "before": 4.3, "state_before": "observed"}
    )
    rows = pd.DataFrame([row | {"quality_before": quality, "note_before": note}])
    later = pd.DataFrame({"indicator": [], "territory": [], "period": [], "state": []})
    told = secrecy.withhold(rows, later, gone=True)["before"].notna().item()
    assert told == (quality != "local")
