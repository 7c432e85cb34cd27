"""One fact has one value in a page: what its sections write of an indicator, a territory and a period agrees with itself.

The cells of the report notebooks are run on a report of ours, nothing drawn and no page made; the figures that they write
are observed, the periods that they speak of are recorded, and their sentences are read as a reader reads them.
``python -m tests.reports.test_facts`` does so for the 101 départements, each in a language, and prints what it finds.
"""

import ast
import json
import re
import sys
from collections import defaultdict
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace

import pytest

from analysis.data.panel import Panel
from analysis.foundations import observation, territories
from analysis.presentation import figures
from analysis.presentation.narrative import formats
from analysis.presentation.tables import Cell, Table
from analysis.reports import report as context
from analysis.reports.blocks import Stack, prose
from analysis.reports.sections import among, inside, levels, take_up, trends
from tests.conventions.repository import ROOT

NOTEBOOKS = (
    "diagnostic",
    "non_recours",
    "precarite_energetique",
    "retour_emploi",
    "financement",
    "territoires",
)
CASES = [("diagnostic", "67", "fr"), ("non_recours", "972", "fr"), ("precarite_energetique", "23", "en"),
         ("retour_emploi", "93", "fr"), ("financement", "2A", "en"), ("territoires", "23", "fr")]  # fmt: skip
LEFT_OUT = re.compile(r"effects_|break_even|cost_of|shrunk")
"""Cells whose results are computed for all territories at once: they take minutes, and have tests of their own."""


class Drawings:
    """Stands for the drawings: keeps of each the indicator and the period that it shows, and draws nothing."""

    def __init__(self):
        self.spoken = defaultdict(set)

    def __getattr__(self, name):
        return getattr(figures, name) if name[0].isupper() else self._draw

    def _draw(self, *given, **_):
        found = given[0]
        if isinstance(found, list) and isinstance(found[0], figures.Circle):
            found = found[0].figure
        if isinstance(getattr(found, "period", None), str):
            self.spoken[found.indicator].add(found.period)
        return prose()


@cache
def opened():
    return Panel.open()


@contextmanager
def undrawn():
    """Sections draw nothing inside the block, on one panel; gives what they would have drawn."""
    drawings, kept = Drawings(), [(one, one.figures) for one in (among, inside, levels, take_up, trends)]
    context.Panel = SimpleNamespace(open=opened)
    for module, _ in kept:
        module.figures = drawings
    try:
        yield drawings
    finally:
        context.Panel = Panel
        for module, before in kept:
            module.figures = before


def run(name, code, lang):
    """Run a report notebook for a département: what its cells show, with their code, and what was written in them."""
    cells = json.loads((ROOT / "notebooks" / f"report_{name}.ipynb").read_text("utf-8"))["cells"]
    given, shown = {"territory": code, "edition": "2025", "lang": lang}, []
    with observation.showing() as written, undrawn() as drawings:
        for cell in cells:
            source = "".join(cell["source"])
            tags = cell["metadata"].get("tags", ())
            if cell["cell_type"] != "code" or "parameters" in tags or LEFT_OUT.search(source):
                continue
            *before, last = ast.parse(source).body
            if not isinstance(last, ast.Expr):
                before, last = [*before, last], None
            exec(compile(ast.Module(before, []), name, "exec"), given)
            if last is not None:
                one = eval(compile(ast.Expression(last.value), name, "eval"), given)
                shown += [(source, one, one._repr_html_())] if one is not None else []
        return SimpleNamespace(report=given["report"], cells=shown, written=written, drawn=drawings.spoken)


def parts(shown):
    return [part for item in shown.items for part in parts(item)] if isinstance(shown, Stack) else [shown]


def contradictions(page):
    """What contradicts itself in what a notebook shows, in words; none in a sound one."""
    yield from _two_values(page)
    yield from _two_periods(page)
    for source, shown, html in page.cells:
        yield from _unmarked(part for part in parts(shown) if isinstance(part, Table))
        if found := re.match(r'sections\.standing\(report, "(\w+)"\)', source):
            yield from _gaps(page.report, found[1], html)


def _two_values(page):
    known = defaultdict(set)
    for value in page.written.figures():
        if value.territory and value.known:
            known[value.indicator, value.territory, value.period].add((value.value, value.state))
    for fact, said in known.items():
        if len(said) > 1:
            yield f"{fact}: {sorted(said)}"


def _two_periods(page):
    """Key tables, drawings and sentences speak of one period of an indicator: that of its level here."""
    spoken = {name: set(periods) for name, periods in page.drawn.items()}
    for _, shown, _ in page.cells:
        for table in (
            part for part in parts(shown) if isinstance(part, Table) and part.key.startswith("key_")
        ):
            rows = [row["here"].figure for row in table.rows]
            for value in {one.indicator: one for one in reversed(rows)}.values():
                if value.known:
                    spoken.setdefault(value.indicator, set()).add(value.period)
    for name, periods in spoken.items():
        if len(periods) > 1:
            yield f"{name} is spoken of at {sorted(periods)}"


def _unmarked(tables):
    """France without overseas is marked where it stands in a column of France."""
    for table in tables:
        for row in table.rows:
            for key, cell in row.items():
                national = isinstance(cell, Cell) and cell.figure.known and cell.figure.territory == "FM"
                if national and not cell.beside and "scope" not in row:
                    yield f"{table.key}, {key}: France métropolitaine is not marked"


GAP = re.compile(r"(?:de|is) ([\d.,   ]+)[^(<]*?(?:à|above|below) [^(<]*\((?:€?)([\d.,   −-]+)")


def _number(text, lang):
    plain = re.sub(r"[\s\u202f\u00a0]", "", text).replace("−", "-")
    return float(plain.replace(",", ".") if lang == "fr" else plain.replace(",", ""))


def _gaps(report, indicator, html):
    """What is said to separate two figures is what separates them as they are written."""
    own, lang = report.value(indicator), report.lang
    for apart, there in GAP.findall(html) if own.known else ():
        decimals = formats.decimals_of(indicator)
        expected = abs(formats.difference(own.value, _number(there, lang), decimals))
        if abs(expected - _number(apart, lang)) > 1e-9:
            yield f"{indicator}: {apart} is said to separate {own.value} from {there}"


@pytest.mark.parametrize(("name", "code", "lang"), CASES)
def test_one_fact_has_one_value_in_a_page(name, code, lang):
    page = run(name, code, lang)
    assert not list(contradictions(page))
    assert page.drawn


def test_what_contradicts_itself_is_seen():
    page = run("financement", "67", "fr")
    name = next(iter(page.drawn))
    page.drawn[name].add("1999")
    value = next(one for one in page.written.figures() if one.known and one.territory)
    page.written.values[type(value)(**{**vars(value), "value": value.value + 1})] = None
    assert len(list(contradictions(page))) == 2
    own = page.report.value("amount_social_aid_net_per_inhabitant")
    told = f"Le niveau est supérieur de {own.value + 1:.0f} € à celui de la France (0 €)."
    assert list(_gaps(page.report, own.indicator, told))


if __name__ == "__main__":
    codes = sys.argv[1:] or territories.DEPARTEMENTS
    for number, code in enumerate(codes):
        for name in NOTEBOOKS:
            lang = ("fr", "en")[number % 2]
            for told in contradictions(run(name, code, lang)):
                print(code, lang, name, told, flush=True)
        print(code, "read", file=sys.stderr, flush=True)
