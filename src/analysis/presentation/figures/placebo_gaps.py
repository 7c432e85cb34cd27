"""The gap of one treated département from its synthetic control over time, among those of its placebos."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from analysis.foundations import territories
from analysis.foundations.arithmetic import precisely, rounded
from analysis.foundations.layout import spread
from analysis.foundations.periods import period
from analysis.foundations.values import Lang
from analysis.presentation.figures.base import AtWidth, Figure, drawings
from analysis.presentation.figures.effect_axes import (  # fmt: skip
    COLOUR,
    GAP,
    LINE,
    OVER,
    RIGHT,
    UNDER,
    block,
    left_margin,
    levels,
    start_line,
    times,
    unit_name,
    vertical,
)
from analysis.presentation.figures.labels import wrap
from analysis.presentation.figures.legend import ROW, Mark, legend, line, rows
from analysis.presentation.figures.style import DOT, INK, WIDTH, Page, Scale
from analysis.presentation.narrative import formats
from analysis.presentation.narrative import sizes as words
from analysis.presentation.narrative.messages import say
from analysis.presentation.narrative.sizes import Unit
from analysis.presentation.tables import Column, Table

if TYPE_CHECKING:  # its libraries take seconds to import, which reports without effects need not wait for
    from analysis.estimation.synthetic import Placebo

NAME = 138
"""Room on the right for the name of the département."""


@dataclass(frozen=True)
class _Gaps(AtWidth):
    """Gaps of a département and of its placebos, in the unit of readers."""

    placebos: Placebo
    label: str
    start: str
    unit: Unit
    lang: Lang
    names: Mapping | None = None
    width: int = WIDTH

    @cached_property
    def key(self) -> list[tuple[Mark, str]]:
        """The lines, and what each is."""
        number = formats.number(len(self.figures) - 1, self.lang)
        return [
            (line(COLOUR, 3.2), self.label),
            (line(DOT, 0.8), say("effect.chart.placebos", self.lang, n=number)),
        ]

    @property
    def bottom(self) -> float:
        """The height of the axis of time, over the key."""
        return UNDER + ROW * rows(16, self.width, self.key)

    @cached_property
    def figures(self) -> np.ndarray:
        """Units × periods, the département in the first row."""
        gaps = self.placebos.gaps.to_numpy(dtype=float)
        return rounded(100 * precisely(np.expm1, gaps)) if self.unit == "relative" else gaps

    @cached_property
    def periods(self) -> list[str]:
        return [str(p) for p in self.placebos.gaps.columns]

    @cached_property
    def y(self) -> Scale:
        return vertical(self.figures.ravel().tolist(), self.bottom)

    @cached_property
    def x(self) -> Scale:
        places = [period(p).decimal_year for p in self.periods]
        slack = 0.02 * (places[-1] - places[0])
        right = self.width - (NAME if self.beside else RIGHT)
        return Scale(places[0] - slack, places[-1] + slack, left_margin(self.y, self.lang), right)

    @cached_property
    def places(self) -> list[float]:
        return [self.x(period(p).decimal_year) for p in self.periods]

    @property
    def dense(self) -> bool:
        """Whether a year has several figures (Decembers, though months, come once a year)."""
        first, second = (period(p).start for p in self.periods[:2])
        return second - first < 12

    def points(self, row: int) -> list[tuple[float, float]]:
        return [(x, self.y(value)) for x, value in zip(self.places, self.figures[row], strict=True)]


def placebo_gaps(
    placebos: Placebo,
    *,
    key: str,
    lang: Lang,
    unit: Unit,
    label: str,
    start: str,
    title: str,
    source: str = "",
    names: Mapping | None = None,
) -> Figure:
    """Draw the gap of one département from its synthetic control over time, among those of its placebos.

    Args:
        unit: as in ``event_study``. label: name of the département. start: its first treated period, one of the columns
            of ``found.gaps``. names: by unit, where units are no départements.
    """
    gaps = _Gaps(placebos, label, start, unit, lang, names)
    if start not in gaps.periods[1:]:
        raise ValueError(
            f"start {start!r}: expected the first treated period, one of {', '.join(gaps.periods[1:])}"
        )
    return Figure(
        key=key, title=title, **drawings(lambda width: _draw_gaps(replace(gaps, width=width))),
        alt=_gaps_finding(gaps), description=_gaps_description(gaps),
        table=_gaps_table(gaps, key, title), source=source, lang=lang,
    )  # fmt: skip


def _draw_gaps(gaps: _Gaps) -> bytes:
    x, y, lang, bottom = gaps.x, gaps.y, gaps.lang, gaps.bottom
    page = Page(y.stop + OVER, gaps.width)
    levels(page, y, x.start, x.stop, unit_name(gaps.unit, lang), lang)
    labels = [formats.short_period(p, lang) for p in gaps.periods]
    cycle = 12 // period(gaps.start).months if gaps.dense else 1
    times(page, list(zip(gaps.places, labels, strict=True)), x.start, x.stop, bottom, cycle)
    first = gaps.periods.index(gaps.start)
    between = (gaps.places[first - 1] + gaps.places[first]) / 2
    start_line(page, between, formats.short_period(gaps.start, lang), y, lang)
    others = range(1, len(gaps.figures))
    page.lines([gaps.points(i) for i in others], DOT, 0.8, names=[_told(gaps, i) for i in others])
    page.lines([((x.start, y(0)), (x.stop, y(0)))], INK, 1.2)
    own = gaps.points(0)
    page.lines([own], COLOUR, 3.2, names=[_told(gaps, 0)], own=True)
    if gaps.beside:
        parts = wrap(gaps.label, NAME - 20, bold=True)
        (middle,) = spread([own[-1][1]], [len(parts) * LINE], bottom, y.stop)
        block(page, parts, x.stop + GAP, middle, colour=COLOUR, bold=True)
    legend(page, 16, gaps.width, ROW * rows(16, gaps.width, gaps.key) - 4, gaps.key)
    return page.svg()


def _told(gaps: _Gaps, i: int) -> str:
    """The name of a line: its département, and its last gap."""
    code, last = gaps.placebos.gaps.index[i], float(gaps.figures[i, -1])
    own = gaps.label if not i else (gaps.names or {}).get(code)
    label = territories.get(str(code)).label(gaps.lang) if own is None else str(own)
    gap = words.signed(last, gaps.unit, gaps.lang, words.decimals([last]))
    when = formats.bare_period(gaps.periods[-1], gaps.lang)
    return say("value.separator", gaps.lang).join(
        (say("chart.absent", gaps.lang, name=label, state=gap), when)
    )


def _gaps_finding(gaps: _Gaps) -> str:
    placebos, lang = gaps.placebos, gaps.lang
    mean = words.in_unit(placebos.estimate.att, gaps.unit)
    return say(
        "effect.chart.gaps_finding", lang, label=gaps.label, rank=str(placebos.rank), n=str(len(placebos.gaps)),
        gap=words.signed(mean, gaps.unit, lang, words.decimals([mean])), p=formats.number(placebos.p_ratio, lang, 2),
    )  # fmt: skip


def _gaps_description(gaps: _Gaps) -> str:
    return say(
        "effect.chart.gaps_description", gaps.lang, label=gaps.label, n=str(len(gaps.figures) - 1),
        unit=unit_name(gaps.unit, gaps.lang), start=formats.bare_period(gaps.start, gaps.lang),
    )  # fmt: skip


_SPREAD = {"lowest": 0.0, "tenth": 0.1, "median": 0.5, "ninetieth": 0.9, "highest": 1.0}


def _gaps_table(gaps: _Gaps, key: str, title: str) -> Table:
    """By period, the département's gap and how those of the others are spread."""
    lang = gaps.lang
    others = {name: np.quantile(gaps.figures[1:], q, axis=0) for name, q in _SPREAD.items()}
    rows = [
        {"period": period(p), "gap": gaps.figures[0, i]}
        | {name: values[i] for name, values in others.items()}
        for i, p in enumerate(gaps.periods)
    ]
    columns = [
        Column("period", say("table.period", lang), "text"),
        Column(
            "gap",
            say("effect.table.gap", lang, label=gaps.label, unit=unit_name(gaps.unit, lang)),
            decimals=2,
        ),
        *(Column(name, say(f"effect.table.{name}", lang), decimals=2) for name in _SPREAD),
    ]
    return Table(f"{key}-data", title, columns, rows, lang)
