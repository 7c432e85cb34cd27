"""Every figure says what it shows, is the same bytes each time, tells modelled from observed, and hides no point."""

import dataclasses
import itertools
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import matplotlib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.estimation.comparison import funnel, position
from analysis.estimation.sample import Estimate, Path
from analysis.estimation.synthetic import Placebo
from analysis.foundations import territories, values
from analysis.foundations.layout import spread
from analysis.foundations.values import LANGS, Value
from analysis.presentation import figures
from analysis.presentation.colours import contrast, tokens
from analysis.presentation.figures import packing, style
from analysis.presentation.figures.distribution import _heights
from analysis.presentation.figures.labels import wrap
from tests.unit.test_formats import small_dictionary
from tests.unit.test_tables import Cells

NAMES = small_dictionary()
LARGEST = 60_000
READABLE, FRAMES = 10, {"wide": (592, 960), "narrow": (290, 480)}
"""Smallest size of text, and between which widths each drawing is shown, in pixels."""


def smallest_text(svg):
    """The smallest size of text in a drawing, in its own pixels."""
    return min(float(size) for size in re.findall(rb'font-size="([0-9.]+)"', svg))


def named_marks(svg):
    """The marks that can be gone to: group, tag and name of each (None where the other drawing has it)."""
    space = "{http://www.w3.org/2000/svg}"
    groups = [g for g in ET.fromstring(svg).iter(f"{space}g") if "named" in (g.get("class") or "").split()]
    return [(g.attrib, m.tag.removeprefix(space), m.findtext(f"{space}title")) for g in groups for m in g]


@pytest.fixture(autouse=True)
def words(monkeypatch):
    monkeypatch.setattr(values, "dictionary", lambda: NAMES)


def section(indicator="rate_poverty", missing=(), state="observed", spread_by=1.0):
    """A cross-section of the 101 départements, with some ties, those of ``missing`` without a figure."""
    amounts = np.round(10 + spread_by * (np.arange(101) * 37 % 101) / 8, 1)
    frame = pd.DataFrame({"territory": territories.DEPARTEMENTS, "period": "2021", "indicator": indicator})
    frame = frame.assign(value=amounts, lower=amounts - 4, upper=amounts + 4, state=state, note="")
    frame = frame.assign(quality="producer", source="x")
    absent = frame["territory"].isin(missing)
    frame.loc[absent, ["value", "lower", "upper"]] = np.nan
    return frame.assign(state=frame["state"].mask(absent, "unavailable"))


def place(territory="67", **options):
    return position(section(**options), territory)


def rows(periods, amounts, state="observed", **others):
    return pd.DataFrame({"period": list(periods), "value": amounts, "state": state, **others})


def line(label, years, amounts, role="territory", **options):
    return figures.Line(label, rows(map(str, years), amounts, **options), role)


def one(amount, state="observed", indicator="rate_expected", lower=None, upper=None):
    return Value(indicator, "67", "2021", amount, lower, upper, state)


def funnel_of(territory="67", missing=()):
    frame = section(missing=missing).set_index("territory")["value"]
    sizes = pd.Series(np.geomspace(3e4, 2e6, 101), territories.DEPARTEMENTS)
    return funnel(frame.dropna(), sizes, territory, "rate_poverty", "2021")


def trend(*lines, lang="fr", indicator="rate_poverty", **options):
    return figures.trend(lines, key="k", indicator=indicator, lang=lang, **options)


def modelled_bars(lang):
    known, hidden = one(34.0, "modelled", lower=23.0, upper=45.0), one(None, "suppressed")
    return [
        figures.Row("Ménages locataires du parc social", known, reference=one(30.0)),
        figures.Row("b", hidden),
    ]


def path_of(horizons, *, drop=0.0, half=0.02, bare=()):
    """Effects of zero before the start, lower after it, with intervals; those of ``bare`` have none."""
    att = np.array([drop if h >= 0 else 0.001 * (h % 3) for h in horizons])
    half = np.array([np.nan if h in bare else half for h in horizons])
    limits = (att - half, att + half, att - 1.5 * half, att + 1.5 * half)
    return Path("callaway_santanna", tuple(horizons), att, half / 2, *limits, "cluster")


def event_study(path, lang="fr", **options):
    given = {"unit": "relative", "start_label": "mars 2023", "frequency": "year", "title": "t"} | options
    return figures.event_study(path, key="k", lang=lang, **given)


def estimate(att, lower, upper):
    return Estimate("twfe", "simple", att, np.nan, lower, upper, 0.2, "cluster", 16, 46)


def forest_of(lang):
    found = {
        "Callaway et Sant’Anna": estimate(-0.01, -0.03, 0.02),
        "imputation (Borusyak, Jaravel et Spiess)": estimate(0.01, -0.05, 0.06),
        "sans limite": estimate(-0.02, -np.inf, np.inf),
        "sans intervalle": estimate(0.02, np.nan, np.nan),
    }
    rows = [figures.EffectRow(label, e) for label, e in found.items()]
    rows.append(
        figures.EffectRow(
            "contrôle synthétique", None, "plusieurs départements sont concernés, " * 6 + "un de trop"
        )
    )
    return figures.forest(rows, key="k", lang=lang, unit="relative", title="t")


def forest_each(lang, main=None):
    rows = [
        figures.EffectRow("emplois", estimate(0.04, 0.0002, 0.08)),
        figures.EffectRow("x", estimate(0, -0.1, 0.1)),
    ]
    return figures.forest(rows, key="k", lang=lang, unit="relative", title="t", main=main)


def gaps_of(lang):
    periods = [f"{year}-Q{q}" for year in range(2014, 2025) for q in range(1, 5)]
    codes = [c for c in territories.DEPARTEMENTS if c != "80"][:46]
    wave = np.sin(np.arange(47)[:, None] + np.arange(len(periods))[None] / 3) / 40
    frame = pd.DataFrame(wave, ["80", *codes], periods)
    frame.loc["80", "2023-Q2":] -= 0.08
    flat = pd.Series(1.0, frame.index)
    found = Placebo("80", estimate(-0.08, -0.1, -0.05), True, flat[1:], frame, flat, flat, 2, 2 / 47, 0.05)
    return figures.placebo_gaps(
        found,
        key="k",
        lang=lang,
        unit="relative",
        label="Alpes-de-Haute-Provence",
        start="2023-Q2",
        title="t",
    )


def circles(n=9, lost=(), lacking=(), state="observed"):
    """Territories inside a département, some without a place, some whose figure is withheld."""
    lacks = {i: Value("rate_poverty", f"2{i:08d}", "2021", None, None, None, "suppressed") for i in lacking}
    return [
        figures.Circle(
            f"CC de la Vallée {i}",
            lacks.get(i, Value("rate_poverty", f"2{i:08d}", "2021", 10 + 7 * i % 11, None, None, state)),
            Value("count_recipients", f"2{i:08d}", "2022", 1000.0 * (1 + i * i), None, None, "observed"),
            None if i in lost else (2.5 + i * 3 % 5 / 10, 50 + i % 4 / 10),
        )
        for i in range(n)
    ]


YEARS = range(2019, 2024)
EFFECTS = {
    "event_study": lambda lang: event_study(path_of([*range(-14, -1), 0, 1], drop=-0.05, bare=(1,)), lang),
    "event_study_after": lambda lang: event_study(path_of([0]), lang, unit="points"),
    "event_study_long": lambda lang: event_study(path_of([*range(-40, -1), *range(24)]), lang, frequency="month"),
    "forest": forest_of,
    "forest_each": lambda lang: forest_each(lang),
    "forest_refused": lambda lang: figures.forest(
        [figures.EffectRow("a", None, "b")], key="k", lang=lang, unit="points", title="t"
    ),
    "placebo_gaps": gaps_of,
}  # fmt: skip
CHARTS = EFFECTS | {
    "trend": lambda lang: trend(
        line("Provence-Alpes-Côte d’Azur", YEARS, [11, 12, 12.5, 12.1, 12.2]),
        line("France", YEARS, [11, 12, 12.5, 12.1, 12.2], "france", state="provisional"),
        lang=lang,
    ),
    "trend_modelled": lambda lang: trend(
        line("a", YEARS, [30.0] * 5, state="modelled", lower=[20.0] * 5, upper=[40.0] * 5),
        lang=lang, indicator="rate_expected",
    ),
    "trend_one_point": lambda lang: trend(line("Saint-Martin", [2021], [42.0]), lang=lang),
    "trend_absent": lambda lang: trend(
        line("Mayotte", YEARS, [np.nan] * 5, state="unavailable"), line("France", YEARS, [12.0] * 5, "france"), lang=lang
    ),
    "trend_nothing": lambda lang: trend(line("Mayotte", [], []), lang=lang),
    "distribution": lambda lang: figures.distribution(
        place(missing=("973",)), key="k", lang=lang, peers=("57", "68"),
        reference=Value("rate_poverty", "FR", "2021", 14.5, None, None, "observed"),
    ),
    "distribution_absent": lambda lang: figures.distribution(place("976", missing=("976",)), key="k", lang=lang),
    "distribution_modelled": lambda lang: figures.distribution(
        place(indicator="rate_expected", state="modelled"), key="k", lang=lang
    ),
    "distribution_equal": lambda lang: figures.distribution(place(spread_by=0.0), key="k", lang=lang),
    "distribution_nothing": lambda lang: figures.distribution(
        place(missing=territories.DEPARTEMENTS), key="k", lang=lang
    ),
    "funnel": lambda lang: figures.funnel(funnel_of(), key="k", lang=lang, unit="household"),
    "funnel_absent": lambda lang: figures.funnel(funnel_of("976", ("976",)), key="k", lang=lang),
    "map": lambda lang: figures.tile_map(place("93", missing=("973", "976")), key="k", lang=lang),
    "map_absent": lambda lang: figures.tile_map(place("976", missing=("976",)), key="k", lang=lang),
    "map_equal": lambda lang: figures.tile_map(place(spread_by=0.0), key="k", lang=lang),
    "cartogram": lambda lang: figures.cartogram(circles(lost=(2, 5), lacking=(4,)), key="k", lang=lang),
    "cartogram_large": lambda lang: figures.cartogram(circles(31, state="modelled"), key="k", lang=lang),
    "cartogram_one": lambda lang: figures.cartogram(circles(1), key="k", lang=lang),
    "cartogram_nothing": lambda lang: figures.cartogram(circles(2, lacking=(0, 1)), key="k", lang=lang),
    "bars": lambda lang: figures.bars(modelled_bars(lang), key="k", title="t", lang=lang, reference="France"),
    "intervals": lambda lang: figures.intervals(modelled_bars(lang), key="k", title="t", lang=lang),
    "bars_nothing": lambda lang: figures.bars(
        [figures.Row("a", one(None, "unavailable"))], key="k", title="t", lang=lang
    ),
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", CHARTS)
def test_every_figure_is_whole(name, lang):
    figure = CHARTS[name](lang)
    page = Cells(figure._repr_html_())
    images = page.of("svg")
    assert [(one["role"], one["aria-label"]) for one in images] == [("img", figure.alt)] * 2
    assert page.of("figure") == [{"id": "fig-k", "class": "figure chart"}]
    for image, svg, width in zip(
        images, (figure.svg, figure.narrow), (style.WIDTH, style.NARROW), strict=True
    ):
        assert image["viewbox"].split()[2] == str(width)
        assert len(svg) < LARGEST and b" id=" not in svg and b"url(" not in svg and b"style=" not in svg
        least, most = FRAMES["wide" if width == style.WIDTH else "narrow"]
        assert smallest_text(svg) * least / width >= READABLE
        assert smallest_text(svg) * most / width <= 19
    wide, narrow = named_marks(figure.svg), named_marks(figure.narrow)
    assert [mark[:2] for mark in wide] == [mark[:2] for mark in narrow]
    assert all(name.strip() for *_, name in wide) and all(name is None for *_, name in narrow)
    assert bool(wide) != name.endswith(("_nothing", "_refused"))
    for words in (figure.alt, figure.description, figure.title):
        assert words.strip()
        assert "nan" not in words.lower().split()
    assert all("style" not in attributes and "onclick" not in attributes for _, attributes in page.tags)
    assert len(figure.table.columns) > 1
    assert figure.svg.decode() not in repr(figure)


def test_what_data_says_is_never_markup_in_a_drawing():
    rows = [figures.Row('<b onload="x">&', one(34.0))]
    for chart in (figures.bars, figures.intervals):
        figure = chart(rows, key="k", title="t", lang="fr")
        for svg in (figure.svg, figure.narrow):
            assert b"<b" not in svg and b"&lt;b onload" in svg
        assert named_marks(figure.svg)[0][2].startswith('<b onload="x">&\u00a0: 34')
        assert "<b" not in figure._repr_html_()


@pytest.mark.parametrize(
    "name", ["trend", "distribution", "funnel", "map", "cartogram", "bars", "event_study", "forest"]
)
def test_a_figure_is_the_same_bytes_whatever_the_settings(name):
    import seaborn

    def drawn():
        style.text_width.cache_clear()
        figure = CHARTS[name]("fr")
        return figure.svg + figure.narrow

    first = drawn()
    before = dict(matplotlib.rcParams)
    try:
        seaborn.set_theme(context="poster", style="darkgrid", font_scale=3)
        matplotlib.rcParams.update({"hatch.linewidth": 9, "font.family": "serif", "text.color": "red"})
        assert drawn() == first
    finally:
        with matplotlib.rc_context():
            matplotlib.rcParams.update(before)
        matplotlib.rcdefaults()


def test_the_font_is_the_one_that_comes_with_matplotlib():
    found = matplotlib.font_manager.findfont(style._font(14, True))
    assert found.startswith(matplotlib.get_data_path())


@pytest.mark.parametrize("screen", ["light", "dark"])
def test_what_is_written_and_drawn_is_seen_on_both_screens(screen):
    colours = tokens()["figures"][screen]
    assert colours["paper"] == tokens()["pages"][screen]["paper"]
    assert colours.keys() == tokens()["figures"]["light"].keys()
    weak = {
        name: round(contrast(colours[name], colours["paper"]), 2)
        for name in ("ink", "muted", *style.ROLES)
        if contrast(colours[name], colours["paper"]) < 4.5
    }
    assert not weak and contrast(colours["dot"], colours["paper"]) >= 3


@pytest.mark.parametrize("colour", style.CLASSES)
def test_codes_read_on_every_tile(colour):
    assert max(contrast(ink, colour) for ink in style.ON_CLASS) >= 4.5


def test_tiles_get_darker_with_the_figure():
    lights = [contrast("#000000", colour) for colour in style.CLASSES]
    assert lights == sorted(lights, reverse=True)


# ---------------------------------------------------------------------------------------------------------- trends


def strokes(svg):
    """The territory's lines: in how many stretches each is, and whether it is dashed."""
    lines = re.findall(r"<g ([^>]*)><path d=\"([^\"]*)\"", svg.decode())
    thick = [(a, d) for a, d in lines if style.COLOURS["territory"] in a and 'stroke-width="3.2"' in a]
    return [(d.count("M"), "stroke-dasharray" in a) for a, d in thick]


def test_a_line_is_cut_at_a_break_at_a_hole_and_where_a_figure_is_missing():
    whole = trend(line("a", range(2019, 2025), [11, 12, 13, 12, 11, 12.0]))
    assert strokes(whole.svg) == [(1, False)]
    broken = trend(line("a", range(2014, 2022), [11, 12, 13, 12, 11, 12, 13, 12.0]))
    assert strokes(broken.svg) == [(2, False)]
    assert "nouvelle méthode" in broken.description
    states = ["observed", "observed", "unavailable", "observed", "observed"]
    missing = trend(line("a", YEARS, [11, 12, np.nan, 12, 11], state=states))
    assert strokes(missing.svg) == [(2, False)]
    assert "s’interrompt" in missing.description
    hole = trend(line("a", [2018, 2019, 2020, 2022, 2023], [11, 12, 13, 12, 11.0]))
    assert strokes(hole.svg) == [(2, False)]


def test_monthly_figures_then_yearly_ones_make_one_line():
    months = [f"{y}-{m:02d}" for y in (2018, 2019) for m in range(1, 13)] + ["2020-12", "2021-12"]
    figure = trend(figures.Line("a", rows(months, np.linspace(10, 12, 26)), "territory"))
    assert strokes(figure.svg) == [(1, False)]


def test_a_small_line_shows_ten_years_and_joins_no_figure_across_a_break_or_a_hole():
    def series(*amounts):
        states = ("observed" if one is not None else "unavailable" for one in amounts)
        return [
            Value("rate_poverty", "67", str(2010 + i), one, None, None, state)
            for i, (one, state) in enumerate(zip(amounts, states, strict=True))
        ]

    def paths(drawn):
        return [part.split('"')[0].split(" L") for part in drawn.split('<path d="')[1:]]

    whole = figures.sparkline(series(*range(14)))
    assert 'aria-hidden="true"' in whole and [len(one) for one in paths(whole)] == [10]
    assert [len(one) for one in paths(figures.sparkline(series(1, 2, 3, 9, 8), ["2013"]))] == [3, 2]
    assert [len(one) for one in paths(figures.sparkline(series(1, 2, None, 9, 8)))] == [2, 2]
    assert figures.sparkline(series(1, 2)) == figures.sparkline([]) == ""
    flat = figures.sparkline(series(5, 5, 5))
    assert "nan" not in flat and {one.split(",")[1] for one in paths(flat)[0]} == {"9.0"}


def test_what_is_modelled_is_dashed_and_rounding_is_not_drawn():
    assert strokes(CHARTS["trend_modelled"]("fr").svg) == [(1, True)]
    bare = trend(line("a", YEARS, [11, 12, 13, 12, 11.0]))
    bounded = trend(line("a", YEARS, [11, 12, 13, 12, 11.0], lower=[10.0] * 5, upper=[14.0] * 5))
    assert bare.svg == bounded.svg
    assert "modèle" in CHARTS["trend_modelled"]("fr").description


def test_a_trend_says_what_it_does_not_show():
    figure = CHARTS["trend_absent"]("fr")
    assert "Mayotte\u00a0: absent de nos fichiers" in figure.alt
    assert len(figure.table.rows) == 5
    assert all(row["line_1"].state == "unavailable" for row in figure.table.rows)
    assert "ne part pas de zéro" in CHARTS["trend"]("fr").description
    low = trend(line("a", YEARS, [1, 2, 3, 2, 9.0]))
    assert "ne part pas de zéro" not in low.description


# ------------------------------------------------------------------------------------------------- among the others


@given(st.lists(st.integers(0, 60), min_size=1, max_size=101))
def test_points_hide_none_and_stay_at_their_value(xs):
    step, own = 10.5, 17
    heights = _heights([5.0 * x for x in xs], step, own)
    placed = [(5.0 * x, y) for x, y in zip(xs, heights, strict=True)]
    for i, (x, y) in enumerate(placed):
        for j, (px, py) in enumerate(placed[:i]):
            room = (own + step) / 2 if j == 0 else step
            assert (x - px) ** 2 + (y - py) ** 2 >= room**2 - 1e-6


@pytest.mark.parametrize("name", ["distribution", "map", "funnel"])
def test_tables_follow_the_official_order_and_hold_the_101(name):
    figure = CHARTS[name]("fr")
    assert [row["code"] for row in figure.table.rows] == list(territories.DEPARTEMENTS)


def test_those_without_a_figure_are_named_and_said():
    figure = figures.distribution(place(missing=("973", "976")), key="k", lang="fr")
    assert "en Guyane et à Mayotte" in figure.description
    states = {row["code"]: row["value"].state for row in figure.table.rows}
    assert (states["973"], states["67"]) == ("unavailable", "observed")


def test_every_tile_is_drawn_once_and_equal_figures_share_a_class():
    figure = figures.tile_map(place("93", missing=("973", "976")), key="k", lang="fr")
    for svg in (figure.svg, figure.narrow):
        tiles = named_marks(svg)
        assert len(tiles) == 101 and {tag for _, tag, _ in tiles} == {"rect"}
        fills = [group["fill"] for group, *_ in tiles]
        assert set(fills) == {*style.CLASSES, style.PAPER} and fills.count(style.PAPER) == 2
        assert [group["class"] for group, *_ in tiles].count("named own") == 1
    frame = section(missing=("973", "976"))
    secret, early = frame["territory"] == "976", frame["territory"] == "01"
    frame["state"] = frame["state"].mask(secret, "suppressed").mask(early, "provisional")
    states = named_marks(figures.tile_map(position(frame, "93"), key="k", lang="fr").svg)
    assert [g["fill"] for g, _, name in states if "(976)" in name and "secret" in name] == [style.PALE]
    assert ["stroke-dasharray" in g for g, _, name in states if "(01)" in name and "provisoire" in name] == [
        True
    ]
    equal = CHARTS["map_equal"]("en")
    assert "“10.0”, which holds 101" in equal.alt


def test_circles_have_the_areas_of_their_people_hide_none_and_those_without_a_place_stand_below():
    given_circles = circles(12, lost=(3, 7))
    ET.register_namespace("", "http://www.w3.org/2000/svg")
    for svg in (lambda f: (f.svg, f.narrow))(figures.cartogram(given_circles, key="k", lang="fr")):
        drawn = [
            tuple(float(mark.get(name)) for name in ("cx", "cy", "r"))
            for group in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")
            if "named" in (group.get("class") or "")
            for mark in group
        ]
        assert len(drawn) == 12
        for (x, y, r), (u, v, q) in itertools.combinations(drawn, 2):
            assert (x - u) ** 2 + (y - v) ** 2 >= (r + q) ** 2
        large = [
            (r, c.people.value)
            for (_, _, r), c in zip(drawn, given_circles, strict=True)
            if r > packing.LEAST
        ]
        assert len(large) > 5
        assert all(abs(r**2 / n / (large[0][0] ** 2 / large[0][1]) - 1) < 0.02 for r, n in large)
        placed = [y + r for i, (_, y, r) in enumerate(drawn) if i not in (3, 7)]
        assert min(drawn[i][1] - drawn[i][2] for i in (3, 7)) >= max(placed)


@given(
    st.lists(
        st.tuples(st.floats(-60, 60), st.floats(-60, 60), st.integers(1, 10**6)), min_size=1, max_size=25
    )
)
@settings(max_examples=30, deadline=None)
def test_circles_stay_in_their_room_and_come_apart(given_circles):
    """Whatever the places, coinciding ones included; a crowd of the smallest circles still fits."""
    places, people = [c[:2] for c in given_circles], [c[2] for c in given_circles]
    centres, sizes = packing.packed(places, people, 430, 400)
    for (x, y), r in zip(centres, sizes, strict=True):
        assert r - 1e-6 <= x <= 430 - r + 1e-6 and r - 1e-6 <= y <= 400 - r + 1e-6
    for i, j in itertools.combinations(range(len(sizes)), 2):
        apart = ((centres[i][0] - centres[j][0]) ** 2 + (centres[i][1] - centres[j][1]) ** 2) ** 0.5
        assert apart >= sizes[i] + sizes[j] - 1


def test_bars_and_intervals_word_each_figure():
    bars, dots = CHARTS["bars"]("fr"), CHARTS["intervals"]("fr")
    assert "couvert par le secret statistique" in bars.alt
    assert "le modèle attend 34" in dots.alt
    assert b'fill-opacity="0.15"' in bars.svg
    (bar,), (dot,) = named_marks(bars.svg), named_marks(dots.svg)
    assert (
        "estimation d’un modèle" in bar[2]
        and "23\u202f% à 45\u202f%" in bar[2]
        and "France\u00a0: 30" in bar[2]
    )
    assert "estimation d’un modèle" in dot[2] and "France" not in dot[2]
    solid = figures.bars([figures.Row("a", one(34.0))], key="k", title="t", lang="fr")
    assert b"fill-opacity" not in solid.svg


# ---------------------------------------------------------------------------------------------------------- effects


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", CHARTS)
def test_no_label_is_on_another_nor_off_the_page(name, lang, monkeypatch):
    written = []

    def record(page, x, y, text, *, size=style.TEXT, align="left", bold=False, **_):
        width = style.text_width(text, size, bold)
        left = x - {"left": 0, "center": 0.5, "right": 1}[align] * width
        written.append((left, left + width, y - size / 2, y + size / 2, text, page))

    monkeypatch.setattr(style.Page, "text", record)
    CHARTS[name](lang)
    for i, (left, right, low, high, text, page) in enumerate(written):
        assert (left >= 0, right <= page.width, low >= 0, high <= page.height) == (True,) * 4, text
        for other in written[:i]:
            if other[5] is not page:
                continue
            apart = left >= other[1] or right <= other[0] or low >= other[3] or high <= other[2]
            assert apart, (text, other[4])


def test_effects_are_in_percent_exactly_with_the_base_period_between():
    figure = CHARTS["event_study"]("fr")
    rows = {int(row["time"]): row for row in figure.table.rows}
    assert rows[0]["effect"] == pytest.approx(100 * (np.exp(-0.05) - 1))
    assert rows[0]["band_upper"] == pytest.approx(100 * (np.exp(-0.02) - 1))
    assert (rows[-1]["effect"], list(rows)) == (0, sorted(rows))
    assert "losange" in figure.description
    points = event_study(path_of([0]), unit="points")
    assert points.table.rows[0]["lower"] == -0.02
    assert "losange" not in points.description


def test_effects_before_the_start_are_hollow(monkeypatch):
    drawn = {False: [], True: []}
    monkeypatch.setattr(
        style.Page, "dots", lambda page, points, *_, hollow=False, **__: drawn[hollow].append(len(points))
    )
    CHARTS["event_study"]("fr")
    assert sorted(drawn[True]) == [1, 1, 1, 1, 1, 1, 13, 13]
    assert sorted(drawn[False]) == [1, 1, 2, 2]


def test_the_band_decides_which_effects_are_told_from_zero():
    figure = CHARTS["event_study"]("fr")
    assert "1 sur 1 (0\u00a0: −4,9\u202f%)" in figure.alt
    assert "Un point sans trait" in figure.description
    assert "le seul effet estimé ne se distingue pas" in event_study(path_of([-3, -2, 0], drop=-0.025)).alt
    assert "mise en doute" in event_study(path_of([-3, -2, 0], half=0.0001)).alt


def test_what_was_refused_keeps_its_row_and_its_reason():
    figure = forest_of("fr")
    assert "Non calculées\u00a0: contrôle synthétique." in figure.alt
    assert "aucun effet n’est mis en évidence" in figure.alt
    row = figure.table.rows[-1]
    assert (row["effect"], "un de trop" in row["note"]) == (None, True)
    assert figure.table.rows[2]["lower"] is None
    assert "sans limite" in figure.table.rows[2]["note"]


def test_all_effects_are_drawn_by_group_with_placebos_hollow_and_only_those_apart_from_zero_are_told():
    rows = [
        figures.EffectRow(
            f"o{i}", estimate(0.02 * i, 0.02 * i - 0.05, 0.02 * i + 0.05), group=f"g{i % 2 and i}", placebo=i > 4
        )
        for i in range(6)
    ]  # fmt: skip
    figure = figures.forest(rows, key="k", lang="fr", unit="relative", title="t", main=None)
    assert figure.alt.startswith(
        "Effets dessinés\u00a0: 6. Intervalles qui ne contiennent pas zéro\u00a0: 3 (g3, o3"
    )
    assert figure.alt.count("[") == 3 and "creux" in figure.description
    assert [row["label"] for row in figure.table.rows] == [f"{row.group}, {row.label}" for row in rows]
    flat = figures.forest(
        [dataclasses.replace(row, group="") for row in rows],
        key="k",
        lang="fr",
        unit="relative",
        title="t",
        main=None,
    )
    assert len(figure.svg) > len(flat.svg) and figure.svg.count(b">g3<") == 1
    assert len(named_marks(figure.svg)) == 6


def test_estimates_of_several_outcomes_each_stand_for_themselves():
    each, one = forest_each("fr"), forest_each("fr", main=0)
    assert each.alt.startswith(
        "Emplois\u00a0: +4,08\u202f% [0,02\u202f; 8,33]. L’intervalle ne contient pas zéro. X\u00a0: "
    )
    assert "estimation principale" not in each.description
    assert "L’autre estimation est de 0,00\u202f%\u202f; son intervalle contient zéro." in one.alt
    assert "estimation principale" in one.description


def test_a_departement_among_its_placebos():
    figure = gaps_of("fr")
    assert "au rang 2 sur 47" in figure.alt
    assert "p = 0,04" in figure.alt
    assert strokes(figure.svg) == [(1, False)] * 2
    assert len(named_marks(figure.svg)) == 47
    last = figure.table.rows[-1]
    assert last["lowest"] <= last["median"] <= last["highest"]
    with pytest.raises(ValueError, match="first treated period"):
        figures.placebo_gaps(
            Placebo("80", estimate(0, 0, 0), True, pd.Series(), pd.DataFrame({"2020": [0.0]}), *[pd.Series()] * 2, 1, 1, 1),
            key="k", lang="fr", unit="points", label="a", start="2020", title="t",
        )  # fmt: skip


# ----------------------------------------------------------------------------------------------------------- labels


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(5, 40)), max_size=7))
def test_labels_never_overlap_and_stay_in_order(blocks):
    centres, sizes = [c for c, _ in blocks], [s for _, s in blocks]
    placed = spread(centres, sizes, 0, 300)
    order = sorted(range(len(blocks)), key=lambda i: (centres[i], i))
    for a, b in pairwise(order):
        assert placed[b] - placed[a] >= (sizes[a] + sizes[b]) / 2 - 1e-6
    if blocks and sum(sizes) <= 300:
        assert all(s / 2 - 1e-6 <= p <= 300 - s / 2 + 1e-6 for p, s in zip(placed, sizes, strict=True))


def test_labels_with_room_do_not_move():
    assert spread([50, 200], [20, 20], 0, 300) == [50, 200]


def test_names_are_broken_at_spaces_and_hyphens():
    assert wrap("Provence-Alpes-Côte d’Azur", 120) == ["Provence-Alpes-", "Côte d’Azur"]
    assert wrap("Ain 12,3\u202f%", 500) == ["Ain 12,3\u202f%"]


def test_ticks_are_round_and_within():
    assert style.Scale(0, 10, 0, 100).ticks() == [0, 2, 4, 6, 8, 10]
    assert style.Scale(900, 12000, 0, 100, log=True).ticks() == [1000, 2000, 5000, 10000]
    assert style.tick_decimals([0, 2.5, 5]) == 1
