"""Every section of a report, on figures that lack, are alone, equal, zero or beyond measure: a sentence, never an error."""

import re

import pandas as pd
import pytest

from analysis.data.panel import Panel
from analysis.estimation import comparison
from analysis.foundations import display, territories
from analysis.foundations.columns import in_order
from analysis.foundations.values import dictionary
from analysis.presentation import figures
from analysis.presentation.narrative import formats
from analysis.reports import sections
from analysis.reports.report import open_report

SHARE, COUNT, SIZE = "rate_poverty_60", "count_rsa_recipients", "count_persons_fiscal"
EVERY = territories.DEPARTEMENTS
HUGE = 1e308


def rows(indicator, period, codes=(), value=10.0, state="observed"):
    amounts = [value(i) if callable(value) else value for i, _ in enumerate(codes)]
    frame = pd.DataFrame({"territory": list(codes), "value": pd.Series(amounts, dtype="float64")})
    frame = frame.assign(
        period=period, indicator=indicator, lower=float("nan"), upper=float("nan"), state=state
    )
    return in_order(frame.assign(quality="producer", source="x", note=""))


def of(codes=(), value=10.0, state="observed"):
    """Two years of a share and two Decembers of a count, with what is behind the share."""
    parts = [rows(SHARE, year, codes, value, state) for year in ("2020", "2021")]
    parts += [rows(COUNT, month, codes, value, state) for month in ("2020-12", "2021-12")]
    return pd.concat([*parts, rows(SIZE, "2020", EVERY, 1000.0)], ignore_index=True)


CASES = {
    "none": of(),
    "one territory": of(["67"]),
    "another territory": of(["35"]),
    "two territories": of(["67", "35"], lambda i: 10.0 + i),
    "all suppressed": of(EVERY, float("nan"), "suppressed"),
    "all equal": of(EVERY),
    "all zero": of(EVERY, 0.0),
    "all a hundred": of(EVERY, 100.0),
    "beyond measure": of(EVERY, lambda i: HUGE / (1 + i % 7)),
    "from next to nothing to beyond measure": pd.concat(
        [
            rows(SHARE, "2020", EVERY, 1e-300),
            rows(SHARE, "2021", EVERY, HUGE),
            rows(COUNT, "2020-12", EVERY, 1e-300),
            rows(COUNT, "2021-12", EVERY, HUGE),
            rows(SIZE, "2020", EVERY, HUGE),
        ],
        ignore_index=True,
    ),
    "infinite": of(EVERY, float("inf")),
    "no number in an observed state": of(EVERY, float("nan")),
    "from one end to the other": of(EVERY, lambda i: HUGE if i % 2 else -HUGE),
    "negative": of(EVERY, lambda i: -1.0 - i),
    "no size": pd.concat(
        [rows(SHARE, "2021", EVERY, lambda i: i / 2), rows(COUNT, "2021-12", EVERY)], ignore_index=True
    ),
}
"""Figures of a panel, by what they are like."""

SECTIONS = {
    "summary": lambda r: sections.summary(r, SHARE, COUNT),
    "key_figures": lambda r: sections.key_figures(r, SHARE, COUNT),
    "trend": lambda r: sections.trend(r, SHARE),
    "trend of a count": lambda r: sections.trend(r, COUNT, since="2020-01"),
    "trend beside": lambda r: sections.trend(r, SHARE, beside=["35", "FR"]),
    "standing": lambda r: sections.standing(r, SHARE),
    "standing of a count": lambda r: sections.standing(r, COUNT),
    "position": lambda r: sections.position(r, SHARE),
    "position of a count": lambda r: sections.position(r, COUNT),
    "position then": lambda r: sections.position(r, SHARE, "1999"),
    "funnel": lambda r: sections.funnel(r, SHARE),
    "funnel of a count": lambda r: sections.funnel(r, COUNT),
    "map": lambda r: sections.tile_map(r, SHARE),
    "map of a count": lambda r: sections.tile_map(r, COUNT, "2021-12"),
    "comparable": sections.comparable,
    "breakdown": lambda r: sections.breakdown(r, [SHARE]),
    "evaluability": sections.evaluability,
    "local_figures": sections.local_figures,
    "accounts": lambda r: sections.accounts(r, SHARE),
    "accounts of a count": lambda r: sections.accounts(r, COUNT),
    "set beside": lambda r: sections.set_beside(r, (SHARE, COUNT)),
    "national": lambda r: sections.national(r, SHARE, caption="national_energy"),
    "corrected_energy": sections.corrected_energy,
    "break_even": sections.break_even,
    "policies": sections.policies,
    "return_definitions": sections.return_definitions,
    "reasons": sections.reasons,
    "expected_non_take_up": sections.expected_non_take_up,
    "shrunk_recruitment": sections.shrunk_recruitment,
    "definitions": sections.definitions,
    "sources": sections.sources,
}
INTERNAL = re.compile(
    r"\b(nan|inf|NaT|KeyError|Traceback)\b|formats\.|\{[a-z_]+\}|state in words|>\s*None\s*<"
)


def shown(thing):
    html = thing._repr_html_()
    words = re.sub(r"<[^>]+>", " ", re.sub(r'="data:[^"]*"', "", html))
    assert words.strip(), html
    assert not (found := INTERNAL.search(words)), words[max(0, found.start() - 80) : found.end() + 80]
    return words


@pytest.mark.parametrize(("indicator", "drawn"), [(SHARE, "funnel"), (COUNT, "position")])
def test_a_number_is_drawn_once_among_the_departements_and_its_map_is_folded(indicator, drawn):
    panel = Panel(of(EVERY, lambda i: 20.0 + i % 9))
    found = sections.standing(open_report("67", "fr", panel, peers=["35", "57"]), indicator)
    charts = [item.key for item in found.items if isinstance(item, figures.Figure)]
    assert charts == [f"{drawn}_{indicator}"]
    assert f"map_{indicator}-data" in found.frames() and "<details" in found.items[-1]._repr_html_()
    assert "comparable" in found.items[1].svg.decode()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_section_gives_a_sentence_whatever_the_figures(case, lang):
    panel = Panel(CASES[case])
    report = open_report("67", lang, panel)
    for name, section in SECTIONS.items():
        try:
            shown(section(report))
        except Exception as error:
            raise AssertionError(f"{name}: {type(error).__name__}: {error}") from error


@pytest.mark.parametrize("case", ["none", "all zero"])
def test_every_section_on_effects_gives_a_sentence_whatever_the_figures(case):
    report = open_report("59", "fr", Panel(CASES[case]))
    for section in (
        sections.effects_found,
        sections.effects_looked_at,
        lambda r: sections.effects_of(r, "renewed_accompaniment_wave1"),
        lambda r: sections.effects_here(r, "rsa_december", "unemployment"),
        sections.cost_of_an_exit,
        sections.break_even,
    ):
        shown(section(report))


@pytest.mark.parametrize("code", ["67", "974", "FR"])
def test_an_indicator_of_the_dictionary_without_figures_is_a_sentence_in_every_section(code):
    panel = Panel(CASES["one territory"])
    report = open_report(code, "en", panel)
    for name, entry in dictionary().items():
        if code == "FR":
            ways = [sections.trend, sections.summary, sections.key_figures]
        else:
            ways = [sections.funnel, sections.tile_map, sections.position, sections.trend, sections.breakdown]
        if name in (SHARE, COUNT, SIZE):
            continue
        for way in ways:
            assert entry.label.en.split()[-1].lower() in shown(way(report, name)).lower(), (name, way)


@pytest.mark.parametrize("way", ["position", "funnel", "tile_map", "comparable"])
def test_what_is_of_a_departement_among_others_is_refused_to_the_country(way):
    report = open_report("France", "fr", Panel(CASES["all equal"]))
    with pytest.raises(display.Refusal, match="of a département"):
        getattr(sections, way)(report, *([] if way == "comparable" else [SHARE]))


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_drawn_whatever_the_figures(case):
    panel = Panel(CASES[case])
    place = comparison.position(panel.cross_section(SHARE), "67")
    lines = [figures.Line("Bas-Rhin", panel.series(SHARE, "67"), "territory")]
    bars = [figures.Row("ici", panel.value(SHARE, "67"))]
    for drawn in (
        figures.distribution(place, key="a", lang="fr"),
        figures.tile_map(place, key="b", lang="fr"),
        figures.trend(lines, key="c", indicator=SHARE, lang="fr"),
        figures.bars(bars, key="d", title="t", lang="fr"),
        figures.intervals(bars, key="e", title="t", lang="fr"),
    ):
        shown(drawn)
        assert drawn.svg.startswith(b"<?xml") or b"<svg" in drawn.svg
    rates = panel.cross_section(SHARE).set_index("territory")["value"]
    sizes = panel.cross_section(SIZE).set_index("territory")["value"]
    if comparison.no_funnel(rates, sizes):
        with pytest.raises(comparison.NotComparable, match="no funnel can be drawn"):
            comparison.funnel(rates, sizes, "67", SHARE, "2021")
    else:
        shown(figures.funnel(comparison.funnel(rates, sizes, "67", SHARE, "2021"), key="f", lang="en"))


@pytest.mark.parametrize("x", [float("inf"), float("-inf"), float("nan")])
@pytest.mark.parametrize("way", [formats.number, formats.percent, formats.signed])
def test_what_is_no_number_is_a_state_in_words(x, way):
    assert way(x, "fr") == "non calculable"
    assert way(x, "en") == "cannot be computed"
    assert (
        formats.quantity(x, "household", "en") == formats.change(x, "percent", "en") == "cannot be computed"
    )


def test_the_largest_number_is_written_whole():
    assert (
        formats.number(HUGE, "en").startswith("100,000,000,000,000,0")
        and len(formats.number(HUGE, "en")) == 411
    )
