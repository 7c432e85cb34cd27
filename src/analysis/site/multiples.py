"""Small multiples: indicators over time, région by région, each on one scale.

Each panel holds a line for each département of the région, which bears its name and last figure, and, dashed, the median of
all départements; the highest, the lowest and the median are labelled where they end, and the range is written underneath.
Drawn as inline SVG with classes only, so that it follows the colours of the page. Lines are cut at a break of the series,
where a dotted line stands, and where a figure is missing; a figure alone between two cuts is a point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from statistics import median

from analysis.data import breaks
from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.layout import spread
from analysis.foundations.periods import period, sorted_periods
from analysis.foundations.values import VALUED_STATES, Lang, dictionary
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say as tell
from analysis.reports.pages.interface import say

WIDTH, HEIGHT, MARGIN = 400, 220, 12
LABELS, LINE = 86, 27
"""Room for labels on the right, and height of a label, which is its size of text too: 10 pixels on the smallest panel."""

Series = Mapping[str, float]
"""Figure by period."""


def multiples(panel: Panel, indicator: str, lang: Lang) -> dict | None:
    """What the template needs: the panels, their common scale, the words; None without two periods to join."""
    lines = _lines(panel, indicator)
    periods = sorted_periods(p for line in lines.values() for p in line)
    if len(periods) < 2:
        return None
    every = {p: median(line[p] for line in lines.values() if p in line) for p in periods}
    amounts = [x for line in lines.values() for x in line.values()]
    frame = _Frame(periods, min(0.0, *amounts), max(amounts), _starts(indicator))
    label, unit = sentences.label(indicator, lang), dictionary().unit(indicator).axis[lang]
    return {
        "name": indicator,
        "label": label,
        "title": label if unit in label else f"{label} ({unit})",
        "box": f"0 0 {WIDTH} {HEIGHT}",
        "note": _note(frame, indicator, lang),
        "all": frame.drawn([every])[0],
        "breaks": "".join(f"M{x} 0v{HEIGHT}" for x, _ in frame.cuts),
        "panels": [_panel(code, lines, every, frame, indicator, lang) for code in territories.REGIONS],
    }


def _note(frame: _Frame, indicator: str, lang: Lang) -> str:
    """How the panels read: periods, scale, and breaks where there are any."""
    entry, periods = dictionary()[indicator], frame.periods
    low, high = (formats.quantity(x, entry.unit, lang, entry.decimals) for x in (frame.low, frame.high))
    span = formats.span(periods[0], periods[-1], lang)
    note = say("multiples_note", lang, low=low, high=high, span=span)
    cuts = formats.listing([formats.bare_period(when, lang) for _, when in frame.cuts], lang)
    return f"{note} {say('multiples_breaks', lang, when=cuts)}" if cuts else note


class _Line(dict[str, float]):
    """Figures of a département by period, and the months from which they are after a break of its own."""

    breaks: tuple[int, ...] = ()


def _lines(panel: Panel, indicator: str) -> dict[str, _Line]:
    """Figures by département at the covered periods, of the season of the last one."""
    covered = panel.covered(indicator)
    if not covered:
        return {}
    rows = panel.published(indicator, territory=territories.DEPARTEMENTS)
    rows = rows[rows["state"].isin(VALUED_STATES) & rows["period"].isin(covered)]
    season = period(covered[-1])
    lines: dict[str, _Line] = {}
    columns = (rows[key] for key in ("territory", "period", "value", "note"))
    for code, when, value, note in zip(*columns, strict=True):
        line, span = lines.setdefault(str(code), _Line()), period(when)
        if breaks.is_after(note):
            line.breaks += (span.start,)
        if span.months == season.months and span.start % 12 == season.start % 12:
            line[str(when)] = float(value)
    return lines


def _starts(indicator: str) -> tuple[int, ...]:
    return tuple(period(p).start for p in dictionary()[indicator].breaks)


class _Frame:
    """From periods and figures to the places of a panel, in whole units."""

    def __init__(self, periods: Sequence[str], low: float, high: float, breaks: tuple[int, ...]) -> None:
        self.periods, self.low, self.high = list(periods), low, high
        self._starts = {when: period(when).start for when in periods}
        self._breaks = breaks

    def x(self, start: float) -> int:
        """The place of a month, counted as periods count them."""
        first, last = self._starts[self.periods[0]], self._starts[self.periods[-1]]
        return round(MARGIN + (WIDTH - MARGIN - LABELS) * (start - first) / (last - first))

    def x_of(self, when: str) -> int:
        """The place of a period."""
        return self.x(self._starts[when])

    def y(self, amount: float) -> int:
        """The place of a figure."""
        return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (amount - self.low) / (self.high - self.low))

    @cached_property
    def cuts(self) -> list[tuple[int, str]]:
        """Where the series breaks: the place between two periods, and the later one."""
        return [
            (self.x((self._starts[before] + self._starts[after]) / 2), after)
            for before, after in pairwise(self.periods)
            if self._broken(before, after)
        ]

    def _broken(self, before: str, after: str, own: Sequence[int] = ()) -> bool:
        return any(self._starts[before] < at <= self._starts[after] for at in (*self._breaks, *own))

    @property
    def compared(self) -> list[str]:
        """The periods since the last break: those before it do not compare with the last."""
        first = self.cuts[-1][1] if self.cuts else self.periods[0]
        return self.periods[self.periods.index(first) :]

    def stretches(self, line: Series) -> list[list[tuple[int, int]]]:
        """The parts of a line between a break or a missing figure and the next."""
        parts: list[list[tuple[int, int]]] = []
        own = getattr(line, "breaks", ())
        for i, when in enumerate(self.periods):
            before = self.periods[i - 1] if i else None
            if when in line:
                if before is None or before not in line or self._broken(before, when, own):
                    parts.append([])
                parts[-1].append((self.x_of(when), self.y(line[when])))
        return parts

    def drawn(self, lines: Iterable[Series]) -> tuple[str, str]:
        """Lines as one path, and the figures that stand alone as another."""
        parts = [part for line in lines for part in self.stretches(line)]
        joined, alone = ([p for p in parts if (len(p) > 1) is several] for several in (True, False))
        return "".join(map(_path, joined)), "".join(map(_path, alone))


def _path(points: Sequence[tuple[int, int]]) -> str:
    """A line through its points, as steps from each to the next; one point is a step that goes nowhere."""
    steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points)] or [(0, 0)]
    (x, y), told = points[0], " ".join(f"{dx} {dy}" for dx, dy in steps)
    return f"M{x} {y}l{told}".replace(" -", "-")


def _panel(
    region: str, lines: Mapping[str, Series], every: Series, frame: _Frame, indicator: str, lang: Lang
) -> dict:
    inside = [lines[code] for code in territories.departements_of(region) if code in lines]
    there = [p for p in frame.periods if any(p in line for line in inside)]
    told = [p for p in there if p in frame.compared] or there[-1:]
    ends = dict.fromkeys((*told[:1], *told[-1:]))
    ranges = {p: [line[p] for line in inside if p in line] for p in ends}
    words = [_range(amounts, p, indicator, lang) for p, amounts in ranges.items()]
    named = [
        (frame.drawn([lines[code]])[0], code) for code in territories.departements_of(region) if code in lines
    ]
    return {
        "name": territories.get(region).label(lang),
        "lines": [(path, _told(code, lines[code], indicator, lang)) for path, code in named if path],
        "alone": frame.drawn(inside)[1],
        "labels": _labels(ranges[there[-1]], there[-1], every, frame, indicator, lang) if there else [],
        "words": words or [tell("state.no_figure", lang)],
    }


def _labels(
    amounts: Sequence[float], at: str, every: Series, frame: _Frame, indicator: str, lang: Lang
) -> list[tuple[int, int, str]]:
    """What is written where lines end, moved apart: the highest and the lowest figure, and the name of the median.

    Each with the left and the base of its words. Lines of a région may end before the median does.
    """
    decimals, last = formats.decimals_of(indicator), frame.periods[-1]
    ends = {formats.number(x, lang, decimals): (at, frame.y(x)) for x in (max(amounts), min(amounts))}
    ends[say("multiples_median", lang)] = last, frame.y(every[last])
    labels = []
    for when in dict.fromkeys((at, last)):
        there = {words: y for words, (end, y) in ends.items() if end == when}
        places = spread(list(there.values()), [LINE] * len(there), 0, HEIGHT)
        labels += [
            (frame.x_of(when) + 6, round(y) + LINE // 3, words)
            for y, words in zip(places, there, strict=True)
        ]
    return labels


def _told(code: str, line: Series, indicator: str, lang: Lang) -> str:
    """The name of a line: its département, and its last figure."""
    last = sorted_periods(line)[-1]
    place = f"{territories.get(code).label(lang)} ({code})"
    return tell("value.separator", lang).join((place, _range([line[last]], last, indicator, lang)))


def _range(amounts: Sequence[float], at: str, indicator: str, lang: Lang) -> str:
    """The lowest and the highest figure of a région at a period; a unit other than per cent is in the title."""
    decimals, percent = formats.decimals_of(indicator), dictionary()[indicator].unit == "percent"
    write = formats.percent if percent else formats.number
    low, high = (write(x, lang, decimals) for x in (min(amounts), max(amounts)))
    figures = low if low == high else tell("interval.words", lang, lower=low, upper=high)
    return tell("chart.absent", lang, name=formats.short_period(at, lang), state=figures)
