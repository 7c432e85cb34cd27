"""A report as a PDF: tagged, with an outline, the same bytes from the same page, whole or not at all."""

import re
import stat
from types import SimpleNamespace

import pytest

from analysis.batch import pdf
from analysis.batch import run as batch
from analysis.reports import edition as editions
from analysis.reports.edition import Task
from tests.reports.conftest import RICH, code, notebook

PRINTED = b"%PDF-1.4\n/StructTreeRoot 1 0 R\n%%EOF\n"
TASK = Task("essai", "67", "essai", "fr")
LONG = code(
    "from IPython.display import HTML\n"
    "HTML('<h3>Suite</h3><table><thead><tr><th scope=col>a</th><th scope=col>b</th></tr></thead>"
    "<tbody><tr><th scope=row>c</th><td>1</td></tr></tbody></table>' + '<p>Une ligne.</p>' * 200)"
)


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "essai" / TASK.path
    path.parent.mkdir(parents=True)
    path.write_text("<!doctype html><title>x</title>", encoding="utf-8")
    return path


@pytest.fixture
def program(tmp_path):
    """`program("exit 1")`: a program in place of Chromium, that does what the shell says; $OUT is the PDF asked for."""

    def make(script):
        path = tmp_path / "chromium"
        find = 'for a in "$@"; do case "$a" in --print-to-pdf=*) OUT="${a#--print-to-pdf=}";; esac; done\n'
        path.write_text(f"#!/bin/sh\n{find}{script}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def summary(page, **options):
    return SimpleNamespace(folder=page.parents[1], interrupted=False, **options)


# ---------------------------------------------------------------------------------------------------- without a browser


def test_the_program_is_named_or_found_or_asked_for(monkeypatch, program, tmp_path):
    monkeypatch.setenv(pdf.VARIABLE, str(program("exit 0")))
    assert pdf.find_chromium() == tmp_path / "chromium"
    monkeypatch.setenv(pdf.VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(pdf.PdfError, match=r"PACTE_CHROMIUM names .*nowhere"):
        pdf.find_chromium()
    monkeypatch.delenv(pdf.VARIABLE)
    monkeypatch.setattr(pdf.shutil, "which", lambda name: None)
    with pytest.raises(pdf.PdfError, match=r"neither is found here: install one .*PACTE_CHROMIUM") as refused:
        pdf.find_chromium()
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo no display >&2; exit 1", "no display"),
        ("exit 3", "exit code 3"),
        ('echo "not a pdf" > "$OUT"', "exit code 0"),
        ("sleep 600 & sleep 600", "stopped after 0 s"),
    ],
)
def test_a_print_that_fails_leaves_nothing_behind(page, program, script, said):
    page.with_suffix(".pdf").write_bytes(b"before")
    limit = 0.4 if "sleep" in script else 60
    with pytest.raises(pdf.PdfError, match=said):
        pdf.write(page, page.with_suffix(".pdf"), chromium=program(script), timeout=limit)
    assert sorted(p.name for p in page.parent.iterdir()) == ["essai.html", "essai.pdf"]
    assert page.with_suffix(".pdf").read_bytes() == b"before"


def test_what_differs_from_a_run_or_a_machine_to_another_is_taken_out(tmp_path):
    page = tmp_path / "67" / "essai.html"
    link = f"/URI ({(tmp_path / 'indicators' / 'taux.html').as_uri()}#haut)".encode()
    content = (
        b"/CreationDate (D:20260102030405+00'00') %s /ID (node00000160) [(node00000158) (node00000160)]"
        % link
    )
    made = pdf._settled(content, page)
    assert len(made) == len(content) and b"2026" not in made and str(tmp_path).encode() not in made
    assert b"/URI (../indicators/taux.html#haut)" in made
    assert made.endswith(b"/ID (node00000002) [(node00000001) (node00000002)]")


def test_pdfs_of_other_pages_are_removed_and_missing_ones_printed(page, program, monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, str(program(f"printf '%s' '{PRINTED.decode()}' > \"$OUT\"")))
    target = page.with_suffix(".pdf")
    target.write_bytes(b"of another page")
    assert pdf.after(summary(page), [TASK], wanted=False) == [] and not target.exists()
    seen = []
    absent = Task("essai", "2A", "essai", "fr")
    done = pdf.after(
        summary(page), [TASK, absent], wanted=True, planned=lambda *n: seen.append(n),
        ended=lambda printed, seconds: seen.append(printed),
    )  # fmt: skip
    assert done == [pdf.Printed(TASK)] and seen == [(1, 0), *done] and target.read_bytes().startswith(b"%PDF")
    page.unlink()
    assert pdf.after(summary(page), [TASK], wanted=True) == [] and not target.exists()


def test_one_failure_does_not_stop_the_others_and_an_interruption_prints_nothing(page, program, monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, str(program("echo lost >&2; exit 1")))
    (failed,) = pdf.after(summary(page), [TASK], wanted=True)
    assert "lost" in failed.reason and "essai.html" in failed.reason
    cut = summary(page)
    cut.interrupted = True
    assert pdf.after(cut, [TASK], wanted=True) == []


# ------------------------------------------------------------------------------------------------------ in a browser


@pytest.fixture
def made(make_project, tmp_path):
    """A small edition, made, with the tasks that it was made of."""
    try:
        pdf.find_chromium()
    except pdf.PdfError as error:
        pytest.skip(str(error))
    root = make_project(essai=notebook(*RICH, LONG))
    edition = editions.load("essai", root)
    tasks, books = editions.plan(edition, ["67"], languages=["fr", "en"], root=root)
    return batch.run(edition, tasks, books, root, tmp_path / "out"), tasks


@pytest.mark.browser
def test_a_report_is_printed_tagged_with_an_outline_and_the_same_bytes(made):
    done, tasks = made
    first = pdf.after(done, tasks, wanted=True, workers=2)
    assert [p.reason for p in first] == [None, None]
    printed = {
        lang: (done.folder / "67" / name).read_bytes()
        for lang, name in (("fr", "essai.pdf"), ("en", "essai.en.pdf"))
    }
    for lang, content in printed.items():
        assert re.search(rb"/MarkInfo\s*<<[^>]*/Marked true", content) and b"/StructTreeRoot" in content
        assert b"/Outlines" in content and f"/Lang ({lang})".encode() in content
        assert b"/S /Table" in content and b"/S /H1" in content and b"/Alt" in content
        assert 1 < len(re.findall(rb"/Type /Page\b", content)) < 12
        assert re.search(rb"/MediaBox \[0 0 59[45]\.\d+ 84[12]\.\d+\]", content), "not A4"
        assert b"file:" not in content and str(done.folder).encode() not in content
    assert pdf.after(done, tasks, wanted=True) == []
    again = pdf.after(done, tasks[:1], wanted=True, force=True)
    assert len(again) == 1 and (done.folder / "67" / "essai.pdf").read_bytes() == printed["fr"]
    assert not list((done.folder / "67").glob(".*"))
