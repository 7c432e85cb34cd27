"""Effects of policies: their path since the start, estimators side by side, and one département among its placebos.

Before the start points are hollow, after it solid; an interval that holds for one time is thick, one that holds for all
times at once is thin: all of it reads without colour. What was refused keeps its row and says why. The tables of a design,
of its coverage and of a decomposition stand here too, since they show effects and draw nothing.

Effects arrive in the unit of their outcome, and are drawn in percent (logarithms) or in points.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.arithmetic import precisely, rounded
from analysis.estimation.sample import Estimate, Path
from analysis.figures.base import Figure, nothing
from analysis.figures.labels import wrap
from analysis.figures.legend import Mark, box, dot, legend, line
from analysis.figures.style import (
    COLOURS,
    DOT,
    INK,
    MUTED,
    PALE,
    RULE,
    SMALL,
    TEXT,
    WIDTH,
    Page,
    Scale,
    text_width,
    tick_decimals,
)  # fmt: skip
from analysis.layout import spread
from analysis.narrative import effects as words
from analysis.narrative import formats
from analysis.narrative.effects import Frequency, Unit
from analysis.narrative.messages import say
from analysis.policies import Description
from analysis.tables import Column, Table
from analysis.values import Lang, period

if TYPE_CHECKING:  # their libraries take seconds to import, which reports without effects need not wait for
    from analysis.estimation.regressions import Bacon
    from analysis.estimation.synthetic import Placebo

HEIGHT, TOP, BOTTOM, RIGHT = 426, 384, 92, 14
"""Page of a drawing over time: height, ends of its vertical axis, and margin on the right."""
NAME = 138
"""Room on the right for the name of a line."""
ROW, LINE, WIDEST, GAP, FOOT = 18, 17, 190, 10, 58
"""Space of a row beside its text, height of a line of text, widest name, margin, and space under the rows."""
START = (1.2, 2.6)
"""Dots of the line where a policy begins."""
COLOUR = COLOURS["territory"]
TOLD = 4
"""No more effects than this are told one by one."""


def _unit(unit: Unit, lang: Lang) -> str:
    return say(f"effect.chart.unit_{unit}", lang)


def _levels(page: Page, y: Scale, left: float, right: float, unit: str, lang: Lang) -> None:
    """Horizontal levels with their figures, the unit above them, and the line of no effect."""
    ticks = y.ticks(6)
    page.lines([((left, y(tick)), (right, y(tick))) for tick in ticks], RULE)
    for tick in ticks:
        text = formats.signed(tick, lang, tick_decimals(ticks))
        page.text(left - 8, y(tick), text, size=SMALL, colour=MUTED, align="right")
    page.text(8, page.height - 10, unit, size=SMALL, colour=MUTED)
    page.lines([((left, y(0)), (right, y(0)))], INK, 1.2)


def _times(
    page: Page, places: Sequence[tuple[float, str]], left: float, right: float, cycle: int = 1
) -> None:
    """The axis of time, with as many of its labels as fit."""
    page.lines([((left, BOTTOM), (right, BOTTOM))], MUTED)
    shown = _sparse(places, cycle)
    page.lines([((x, BOTTOM), (x, BOTTOM - 5)) for x, _ in shown], MUTED)
    for x, text in shown:
        page.text(x, BOTTOM - 15, text, size=SMALL, colour=MUTED, align="center")


def _sparse(places: Sequence[tuple[float, str]], cycle: int = 1) -> list[tuple[float, str]]:
    """Every label, or every second, fifth… so that none touches the next; « 0 » is kept, or else the last.

    ``cycle`` is how many make a year: labels that are left out are whole years.
    """
    anchor = next((i for i, (_, text) in enumerate(places) if text == "0"), len(places) - 1)
    room = max((text_width(text, SMALL) for _, text in places), default=0) + 12
    for step in (1, *(cycle * years for years in (1, 2, 5, 10, 20))):
        kept = list(places)[anchor % step :: step]
        if all(b[0] - a[0] >= room for a, b in pairwise(kept)):
            return kept
    return [places[anchor]]


def _start(page: Page, x: float, when: str, lang: Lang) -> None:
    """The line where the policy begins, with its date above."""
    text = say("effect.chart.start", lang, when=when)
    page.lines([((x, BOTTOM), (x, TOP + 2))], INK, 1.4, START)
    (at,) = spread([x], [text_width(text, SMALL) + 8], 0, WIDTH)
    page.text(at, TOP + 11, text, size=SMALL, align="center")


def _vertical(ends: Sequence[float]) -> Scale:
    """Levels that hold some figures and zero, with room around."""
    known = [float(x) for x in ends if math.isfinite(x)]
    low, high = min([0.0, *known]), max([0.0, *known])
    slack = 0.06 * (high - low) or 0.5
    return Scale(low - slack, high + slack, BOTTOM, TOP)


def _left(y: Scale, lang: Lang) -> float:
    ticks = y.ticks(6)
    texts = (formats.signed(tick, lang, tick_decimals(ticks)) for tick in ticks)
    return max([40.0, *(text_width(text, SMALL) for text in texts)]) + 16


# ------------------------------------------------------------------------------------------------------- event study


@dataclass(frozen=True)
class _Course:
    """A path in the unit of readers, and where it is drawn."""

    path: Path
    unit: Unit
    frequency: Frequency
    start: str
    lang: Lang

    @cached_property
    def figures(self) -> pd.DataFrame:
        """By horizon: effect, limits and band, in the unit of readers; the base period is not among them."""
        parts = {k: getattr(self.path, k) for k in ("att", "lower", "upper", "band_lower", "band_upper")}
        shown = {k: [words.in_unit(float(x), self.unit) for x in values] for k, values in parts.items()}
        return pd.DataFrame(shown, index=list(self.path.horizons)).rename(columns={"att": "effect"})

    @property
    def based(self) -> bool:
        """Whether the base period is to be drawn, at zero."""
        return -1 not in self.path.horizons and min(self.path.horizons) < -1

    @cached_property
    def y(self) -> Scale:
        return _vertical(self.figures.to_numpy().ravel())

    @cached_property
    def x(self) -> Scale:
        horizons = self.path.horizons
        return Scale(
            min(*horizons, -1) - 0.7, max(*horizons, 0) + 0.7, _left(self.y, self.lang), WIDTH - RIGHT
        )

    @cached_property
    def told(self) -> pd.Series:
        """By horizon, whether the band leaves zero out; missing where there is no band."""
        found = (self.figures["band_lower"] > 0) | (self.figures["band_upper"] < 0)
        return found.where(self.figures["band_lower"].notna())


def event_study(
    path: Path,
    *,
    key: str,
    lang: Lang,
    unit: Unit,
    start_label: str,
    frequency: Frequency,
    title: str,
    source: str = "",
) -> Figure:
    """Draw effects by time since the start, with the interval of each and the band of all.

    Args:
        key: name of the figure. unit: ``relative`` when the outcome is a logarithm, else ``points``.
        start_label: when the policy began, in words. frequency: of the periods. title: of what, and for whom.
        source: producers and vintages.
    """
    course = _Course(path, unit, frequency, start_label, lang)
    return Figure(
        key=key, title=title, svg=_draw_course(course), alt=_course_finding(course),
        description=_course_description(course), table=_course_table(course, key, title), source=source, lang=lang,
    )  # fmt: skip


def _draw_course(course: _Course) -> bytes:
    page, x, y, lang = Page(HEIGHT), course.x, course.y, course.lang
    _levels(page, y, x.start, x.stop, _unit(course.unit, lang), lang)
    horizons = range(min(*course.path.horizons, -1), max(*course.path.horizons, 0) + 1)
    _times(page, [(x(h), formats.number(h, lang)) for h in horizons], x.start, x.stop)
    since = say(f"effect.chart.since_{course.frequency}", lang)
    page.text((x.start + x.stop) / 2, BOTTOM - 34, since, size=SMALL, colour=MUTED, align="center")
    _start(page, x(-0.5), course.start, lang)
    _whiskers(page, course)
    apart = min((x(1) - x(0)) * 0.7, 10)
    for hollow in (True, False):
        points = [(x(h), y(e)) for h, e in course.figures["effect"].items() if (h < 0) == hollow]
        if points:
            page.dots(points, COLOUR, max(apart - 1 if hollow else apart, 5), hollow=hollow)
    if course.based:
        page.dots([(x(-1), y(0))], INK, max(apart - 1, 5), "D", hollow=True)
    legend(page, 16, WIDTH, 34, _course_key(course))
    return page.svg()


def _whiskers(page: Page, course: _Course) -> None:
    """The band, thin with ends, then the interval of each time, thick."""
    thick = min(4.0, 0.35 * (course.x(1) - course.x(0)))
    for low, high, width in (("band_lower", "band_upper", 1.3), ("lower", "upper", thick)):
        known = course.figures[[low, high]].dropna()
        ends = [(course.x(h), course.y(a), course.y(b)) for h, a, b in known.itertuples()]
        if ends:
            page.lines([((x, a), (x, b)) for x, a, b in ends], COLOUR, width)
        if ends and low == "band_lower":
            page.lines(
                [((x - thick, end), (x + thick, end)) for x, a, b in ends for end in (a, b)], COLOUR, width
            )


def _course_key(course: _Course) -> list[tuple[Mark, str]]:
    lang, horizons = course.lang, course.path.horizons
    entries = [
        (dot(COLOUR, hollow=True), "before", min(horizons) < 0),
        (dot(COLOUR), "after", max(horizons) >= 0),
        (dot(INK, "D", hollow=True), "base", course.based),
        (line(COLOUR, 4), "pointwise", course.figures["lower"].notna().any()),
        (line(COLOUR, 1.3), "band", course.figures["band_lower"].notna().any()),
    ]
    return [(mark, say(f"effect.chart.{name}", lang)) for mark, name, there in entries if there]


def _course_finding(course: _Course) -> str:
    """Which effects are told from zero after the start, and whether some are before it."""
    lang = course.lang
    after, before = (
        course.told[[(h >= 0) == side for h in course.told.index]].dropna() for side in (True, False)
    )
    told = [_after(course, after)]
    if len(before):
        seen = {"k": str(int(before.sum())), "n": str(len(before))} if before.any() else {}
        told.append(say(f"effect.chart.before_{'some' if seen else 'none'}", lang, **seen))
    return " ".join(told)


def _after(course: _Course, after: pd.Series) -> str:
    lang = course.lang
    seen = [h for h, there in after.items() if there]
    if after.empty:
        return say("effect.chart.path_unknown", lang)
    if not seen and len(after) == 1:
        return say("effect.chart.path_one_none", lang)
    if not seen:
        return say("effect.chart.path_none", lang, n=str(len(after)))
    effects = course.figures["effect"]
    digits = words.decimals(list(effects[seen]))
    times = [
        say(
            "effect.chart.path_time", lang, time=str(h),
            effect=words.signed(effects[h], course.unit, lang, digits),
        )
        for h in seen[:TOLD]
    ] + (["…"] if len(seen) > TOLD else [])  # fmt: skip
    listed = say("value.separator", lang).join(times)
    return say("effect.chart.path_some", lang, k=str(len(seen)), n=str(len(after)), times=listed)


def _course_description(course: _Course) -> str:
    lang = course.lang
    parts = [say("effect.chart.path_description", lang, start=course.start, unit=_unit(course.unit, lang))]
    if course.based:
        parts.append(say("effect.chart.path_base", lang))
    if course.figures["lower"].isna().any():
        parts.append(say("effect.chart.path_lacking", lang))
    return " ".join(parts)


def _course_table(course: _Course, key: str, title: str) -> Table:
    """One row a time, the base period among them."""
    lang, frame = course.lang, course.figures.copy()
    if course.based:
        frame.loc[-1] = [0.0] + [math.nan] * (frame.shape[1] - 1)
    since = say(f"effect.chart.since_{course.frequency}", lang)
    columns = [
        Column("time", say("effect.table.time", lang, since=since)),
        Column("effect", say("effect.table.effect", lang, unit=_unit(course.unit, lang)), decimals=2),
        *(
            Column(name, say(f"effect.table.{name}", lang), decimals=2)
            for name in ("lower", "upper", "band_lower", "band_upper")
        ),
    ]
    rows = frame.sort_index().rename_axis("time").reset_index()
    return Table(f"{key}-data", title, columns, rows, lang)


# ------------------------------------------------------------------------------------------------------------ forest


@dataclass(frozen=True)
class EffectRow:
    """An estimate with its name, or why there is none; ``note`` also says what must be known of one that is there."""

    label: str
    estimate: Estimate | None
    note: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a point to draw."""
        return self.estimate is not None and math.isfinite(self.estimate.att)


def forest(
    rows: Sequence[EffectRow],
    *,
    key: str,
    lang: Lang,
    unit: Unit,
    title: str,
    main: int | None = 0,
    mde: float | None = None,
    source: str = "",
) -> Figure:
    """Draw estimates side by side, each with its interval, in the order given.

    Args:
        unit: as in ``event_study``. main: position of the estimate that the text speaks of; None when each
            is of another outcome and stands for itself.
        mde: smallest effect that can be seen, in the unit of the outcome; the effects below it are shaded.
    """
    sheet = _Sheet(tuple(rows), main, unit, mde, lang)
    return Figure(
        key=key, title=title, svg=_draw_forest(sheet) if rows else nothing(lang), alt=_forest_finding(sheet),
        description=_forest_description(sheet), table=_forest_table(sheet, key, title), source=source, lang=lang,
    )  # fmt: skip


@dataclass(frozen=True)
class _Sheet:
    """The rows, where each is, and the scale of their figures."""

    rows: tuple[EffectRow, ...]
    main: int | None
    unit: Unit
    mde: float | None
    lang: Lang

    def shown(self, row: EffectRow) -> tuple[float, float, float]:
        """Estimate, lower and upper limit, in the unit of readers."""
        found = row.estimate
        return tuple(words.in_unit(x, self.unit) for x in (found.att, found.lower, found.upper))

    @cached_property
    def known(self) -> list[EffectRow]:
        return [row for row in self.rows if row.known]

    @property
    def own(self) -> list[EffectRow]:
        """Those that stand for themselves: the main one, or all."""
        return [row for i, row in enumerate(self.rows) if row.known and self.main in (i, None)]

    @property
    def others(self) -> list[EffectRow]:
        return [row for i, row in enumerate(self.rows) if row.known and self.main not in (i, None)]

    @cached_property
    def digits(self) -> int:
        """Decimals of all; a limit that leaves zero out never reads zero."""
        finite = [abs(x) for row in self.known for x in self.shown(row) if math.isfinite(x)]
        nearest = [min(map(abs, self.shown(row))) for row in self.known if row.estimate.excludes_zero]
        return words.decimals([max(finite), *nearest]) if finite else 1

    @cached_property
    def band(self) -> float | None:
        return None if self.mde is None else abs(words.in_unit(abs(self.mde), self.unit))

    @cached_property
    def names(self) -> list[list[str]]:
        return [wrap(row.label, WIDEST, bold=i == self.main) for i, row in enumerate(self.rows)]

    @cached_property
    def left(self) -> float:
        widths = [
            text_width(part, TEXT, i == self.main) for i, parts in enumerate(self.names) for part in parts
        ]
        return max(widths) + 2 * GAP

    @cached_property
    def texts(self) -> list[list[str]]:
        """What is written beside a mark, or in its place."""
        texts = []
        for row in self.rows:
            room = WIDTH - self.left - GAP
            refused = say(
                "effect.chart.refused", self.lang, why=row.note or say("effect.no_reason", self.lang)
            )
            texts.append([self.written(row)] if row.known else wrap(refused, room))
        return texts

    def written(self, row: EffectRow, unit: bool = False) -> str:
        """An estimate and its interval; ``unit`` writes that of the estimate."""
        value, lower, upper = self.shown(row)
        text = formats.signed(value, self.lang, self.digits)
        if unit:
            text = words.signed(value, self.unit, self.lang, self.digits)
        if math.isfinite(lower) and math.isfinite(upper):
            return f"{text} {formats.bracket(lower, upper, self.lang, self.digits)}"
        key = "no_interval" if math.isnan(lower) else "no_limits"
        return say("value.with", self.lang, value=text, inside=say(f"effect.chart.{key}", self.lang))

    @cached_property
    def x(self) -> Scale:
        band = [] if self.band is None else [self.band, -self.band]
        ends = [x for row in self.known for x in self.shown(row) if math.isfinite(x)]
        low, high = min([0.0, *band, *ends]), max([0.0, *band, *ends])
        slack = 0.05 * (high - low) or 0.5
        room = max([0.0, *(text_width(self.written(row), TEXT, True) for row in self.known)]) + 2 * GAP
        return Scale(low - slack, high + slack, self.left, WIDTH - room)

    @cached_property
    def heights(self) -> list[float]:
        lines = [max(len(a), len(b)) for a, b in zip(self.names, self.texts, strict=True)]
        return [n * LINE + ROW for n in lines]

    @property
    def base(self) -> float:
        return FOOT + (20 if self.band is not None else 0)

    @property
    def height(self) -> float:
        return self.base + sum(self.heights) + 26

    def y(self, i: int) -> float:
        """The middle of a row, the first on top."""
        return self.height - 26 - sum(self.heights[:i]) - self.heights[i] / 2


def _draw_forest(sheet: _Sheet) -> bytes:
    page, x = Page(sheet.height), sheet.x
    top, bottom = sheet.height - 26, sheet.base
    if sheet.band is not None and sheet.known:
        page.boxes([(x(-sheet.band), bottom, x(sheet.band) - x(-sheet.band), top - bottom)], PALE)
    if sheet.known:
        _forest_axis(page, sheet, bottom, top)
    for i, row in enumerate(sheet.rows):
        y, own = sheet.y(i), i == sheet.main
        _block(page, sheet.names[i], sheet.left - GAP, y, align="right", bold=own)
        if row.known:
            _estimate(page, sheet, row, y, own or sheet.main is None)
            _block(page, sheet.texts[i], x.stop + GAP, y, bold=own)
        else:
            page.boxes(
                [(sheet.left - 1, y - sheet.heights[i] / 2, WIDTH - sheet.left, sheet.heights[i])], "white"
            )
            _block(page, sheet.texts[i], sheet.left, y, colour=MUTED)
    legend(page, 16, WIDTH, 36 if sheet.band is not None else 16, _forest_key(sheet))
    return page.svg()


def _block(page: Page, parts: Sequence[str], x: float, y: float, **style: object) -> None:
    """Lines of text around a height."""
    for j, part in enumerate(parts):
        page.text(x, y + ((len(parts) - 1) / 2 - j) * LINE, part, **style)


def _forest_axis(page: Page, sheet: _Sheet, bottom: float, top: float) -> None:
    x, lang = sheet.x, sheet.lang
    ticks = x.ticks(5)
    places = _sparse([(x(t), formats.signed(t, lang, tick_decimals(ticks))) for t in ticks])
    page.lines([((x(t), bottom), (x(t), top)) for t in ticks], RULE)
    for at, text in places:
        page.text(at, bottom - 13, text, size=SMALL, colour=MUTED, align="center")
    page.text(x.start, sheet.height - 12, _unit(sheet.unit, lang), size=SMALL, colour=MUTED)
    page.lines([((x(0), bottom), (x(0), top))], INK, 1.2)


def _estimate(page: Page, sheet: _Sheet, row: EffectRow, y: float, own: bool) -> None:
    """A point with its interval; a limit that does not exist is a line to the edge, without an end."""
    colour, x = COLOUR if own else MUTED, sheet.x
    value, *limits = sheet.shown(row)
    if not math.isnan(limits[0]):
        low, high = (x(min(max(limit, x.low), x.high)) for limit in limits)
        page.lines([((low, y), (high, y))], colour, 3 if own else 1.8)
        ends = [at for at, limit in zip((low, high), limits, strict=True) if math.isfinite(limit)]
        if ends:
            page.lines([((at, y - 5), (at, y + 5)) for at in ends], colour, 1.6)
    page.dots([(x(value), y)], colour, 12 if own else 9, hollow=not own)


def _forest_key(sheet: _Sheet) -> list[tuple[Mark, str]]:
    lang = sheet.lang
    named = "forest_each" if sheet.main is None else "main"
    entries = [(dot(COLOUR, size=10), say(f"effect.chart.{named}", lang))] if sheet.own else []
    if sheet.others:
        entries.append((dot(MUTED, hollow=True), say("effect.chart.others", lang)))
    if sheet.band is not None:
        entries.append((box(PALE), say("effect.chart.mde", lang, mde=_size(sheet.band, sheet))))
    return entries


def _size(shown: float, sheet: _Sheet) -> str:
    return words.size(shown, sheet.unit, sheet.lang, words.decimals([shown]))


def _forest_finding(sheet: _Sheet) -> str:
    """Each estimate that stands for itself and what its interval says, the others, and those that were refused."""
    lang = sheet.lang
    told = [_row_finding(sheet, row) for row in sheet.own]
    if others := sheet.others:
        ends = [sheet.shown(row)[0] for row in others]
        low, high = (words.signed(x, sheet.unit, lang, sheet.digits) for x in (min(ends), max(ends)))
        apart = sum(row.estimate.excludes_zero for row in others)
        key = "others" if len(others) > 1 else "other_apart" if apart else "other"
        counted = {"high": high, "k": str(apart), "n": str(len(others))} if len(others) > 1 else {}
        told.append(say(f"effect.chart.forest_{key}", lang, low=low, **counted))
    if refused := [row.label for row in sheet.rows if not row.known]:
        told.append(say("effect.chart.forest_refused", lang, names=formats.listing(refused, lang)))
    return " ".join(told) or say("chart.nothing", lang)


def _row_finding(sheet: _Sheet, row: EffectRow) -> str:
    found = row.estimate
    bounded = math.isfinite(found.lower) and math.isfinite(found.upper)
    says = "bare" if not bounded else "apart" if found.excludes_zero else "zero"
    return say(
        "effect.chart.forest_main", sheet.lang, label=formats.capital(row.label),
        estimate=sheet.written(row, unit=True), told=say(f"effect.chart.forest_{says}", sheet.lang),
    )  # fmt: skip


def _forest_description(sheet: _Sheet) -> str:
    lang = sheet.lang
    names = formats.listing([row.label for row in sheet.rows], lang)
    parts = [say("effect.chart.forest_description", lang, unit=_unit(sheet.unit, lang), names=names)]
    if sheet.main is not None:
        parts.append(say("effect.chart.forest_solid", lang))
    if sheet.band is not None:
        parts.append(say("effect.chart.forest_mde", lang, mde=_size(sheet.band, sheet)))
    return " ".join(parts)


def _forest_table(sheet: _Sheet, key: str, title: str) -> Table:
    lang = sheet.lang
    columns = [
        Column("label", say("effect.table.estimator", lang), "text"),
        Column("effect", say("effect.table.effect", lang, unit=_unit(sheet.unit, lang)), decimals=2),
        *(Column(name, say(f"effect.table.{name}", lang), decimals=2) for name in ("lower", "upper")),
        Column("p", say("effect.table.p", lang), decimals=3),
        Column("inference", say("effect.table.inference", lang), "text"),
        *(Column(name, say(f"effect.table.{name}", lang)) for name in ("treated", "controls")),
        Column("note", say("effect.table.note", lang), "text"),
    ]
    return Table(f"{key}-data", title, columns, [_forest_row(sheet, row) for row in sheet.rows], lang)


def _forest_row(sheet: _Sheet, row: EffectRow) -> Mapping[str, object]:
    cells = dict.fromkeys(("effect", "lower", "upper", "p", "treated", "controls"))
    if not row.known:
        why = say("effect.chart.refused", sheet.lang, why=row.note or say("effect.no_reason", sheet.lang))
        return {"label": row.label, **cells, "inference": say("effect.table.none", sheet.lang), "note": why}
    found = row.estimate
    limits = dict(zip(("effect", "lower", "upper"), sheet.shown(row), strict=True))
    cells |= {k: x if math.isfinite(x) else None for k, x in {**limits, "p": found.p}.items()}
    named = words.inference_name(found.inference, sheet.lang)
    note = row.note or say("effect.table.none", sheet.lang)
    if not (math.isfinite(found.lower) and math.isfinite(found.upper)):
        bare = say(f"effect.chart.no_{'interval' if math.isnan(found.lower) else 'limits'}", sheet.lang)
        note = say("value.separator", sheet.lang).join(filter(None, [bare, row.note]))
    cells |= {"treated": found.treated, "controls": found.controls}
    return {"label": row.label, **cells, "inference": named, "note": note}


# ----------------------------------------------------------------------------------------------------- placebo gaps


@dataclass(frozen=True)
class _Gaps:
    """Gaps of a département and of its placebos, in the unit of readers."""

    found: Placebo
    label: str
    start: str
    unit: Unit
    lang: Lang

    @cached_property
    def figures(self) -> np.ndarray:
        """Units × periods, the département in the first row."""
        gaps = self.found.gaps.to_numpy(dtype=float)
        return rounded(100 * precisely(np.expm1, gaps)) if self.unit == "relative" else gaps

    @cached_property
    def periods(self) -> list[str]:
        return [str(p) for p in self.found.gaps.columns]

    @cached_property
    def y(self) -> Scale:
        return _vertical(self.figures.ravel())

    @cached_property
    def x(self) -> Scale:
        places = [period(p).decimal_year for p in self.periods]
        slack = 0.02 * (places[-1] - places[0])
        return Scale(places[0] - slack, places[-1] + slack, _left(self.y, self.lang), WIDTH - NAME)

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
    found: Placebo,
    *,
    key: str,
    lang: Lang,
    unit: Unit,
    label: str,
    start: str,
    title: str,
    source: str = "",
) -> Figure:
    """Draw the gap of one département from its synthetic control over time, among those of its placebos.

    Args:
        unit: as in ``event_study``. label: name of the département. start: its first treated period, one of the columns
            of ``found.gaps``.
    """
    gaps = _Gaps(found, label, start, unit, lang)
    if start not in gaps.periods[1:]:
        raise ValueError(
            f"start {start!r}: expected the first treated period, one of {', '.join(gaps.periods[1:])}"
        )
    return Figure(
        key=key, title=title, svg=_draw_gaps(gaps), alt=_gaps_finding(gaps), description=_gaps_description(gaps),
        table=_gaps_table(gaps, key, title), source=source, lang=lang,
    )  # fmt: skip


def _draw_gaps(gaps: _Gaps) -> bytes:
    page, x, lang = Page(HEIGHT), gaps.x, gaps.lang
    _levels(page, gaps.y, x.start, x.stop, _unit(gaps.unit, lang), lang)
    labels = [formats.short_period(p, lang) for p in gaps.periods]
    cycle = 12 // period(gaps.start).months
    _times(page, list(zip(gaps.places, labels, strict=True)), x.start, x.stop, cycle if gaps.dense else 1)
    first = gaps.periods.index(gaps.start)
    _start(
        page, (gaps.places[first - 1] + gaps.places[first]) / 2, formats.short_period(gaps.start, lang), lang
    )
    page.lines([gaps.points(i) for i in range(1, len(gaps.figures))], DOT, 0.8)
    page.lines([((x.start, gaps.y(0)), (x.stop, gaps.y(0)))], INK, 1.2)
    own = gaps.points(0)
    page.lines([own], COLOUR, 3.2)
    parts = wrap(gaps.label, NAME - 20, bold=True)
    (middle,) = spread([own[-1][1]], [len(parts) * LINE], BOTTOM, TOP)
    _block(page, parts, x.stop + GAP, middle, colour=COLOUR, bold=True)
    number = formats.number(len(gaps.figures) - 1, lang)
    entries = [
        (line(COLOUR, 3.2), gaps.label),
        (line(DOT, 0.8), say("effect.chart.placebos", lang, n=number)),
    ]
    legend(page, 16, WIDTH, BOTTOM - 44, entries)
    return page.svg()


def _gaps_finding(gaps: _Gaps) -> str:
    found, lang = gaps.found, gaps.lang
    mean = words.in_unit(found.estimate.att, gaps.unit)
    return say(
        "effect.chart.gaps_finding", lang, label=gaps.label, rank=str(found.rank), n=str(len(found.gaps)),
        gap=words.signed(mean, gaps.unit, lang, words.decimals([mean])), p=formats.number(found.p_ratio, lang, 2),
    )  # fmt: skip


def _gaps_description(gaps: _Gaps) -> str:
    return say(
        "effect.chart.gaps_description", gaps.lang, label=gaps.label, n=str(len(gaps.figures) - 1),
        unit=_unit(gaps.unit, gaps.lang), start=formats.bare_period(gaps.start, gaps.lang),
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
            "gap", say("effect.table.gap", lang, label=gaps.label, unit=_unit(gaps.unit, lang)), decimals=2
        ),
        *(Column(name, say(f"effect.table.{name}", lang), decimals=2) for name in _SPREAD),
    ]
    return Table(f"{key}-data", title, columns, rows, lang)


# ------------------------------------------------------------------------------------------------------------ tables


def design_table(found: Description, *, key: str, lang: Lang, name: str = "") -> Table:
    """Who is treated since when, who is compared, who and what is left out and why, and what must be known.

    Args:
        name: the design for a reader; that of its policy when empty.
    """
    caption = name or words.policy_name(found.policy or found.name, lang)
    columns = [Column(part, say(f"effect.design.{part}", lang), "text") for part in ("kind", "content")]
    caption = say("effect.design.caption", lang, name=caption)
    return Table(key, caption, columns, words.design_rows(found, lang), lang)


def coverage_table(found: pd.DataFrame, *, key: str, caption: str, lang: Lang) -> Table:
    """How many people a policy concerned in each territory, of how many recipients (``policies.coverage``)."""
    rows = [
        {**row, "period": period(row["period"]) if row["period"] else None}
        for row in words.coverage_rows(found, lang)
    ]
    columns = [
        *(Column(part, say(f"effect.table.{part}", lang), "text") for part in ("territory", "basis")),
        *(Column(part, say(f"effect.table.{part}", lang)) for part in ("people", "recipients")),
        Column("period", say("table.period", lang), "text"),
        Column("lower", say("effect.table.share_lower", lang), decimals=1),
        Column("upper", say("effect.table.share_upper", lang), decimals=1),
    ]
    return Table(key, caption, columns, rows, lang)


def bacon_table(found: Bacon, *, key: str, caption: str, lang: Lang, unit: Unit) -> Table:
    """What a two-way fixed effects coefficient is made of: the weight and the estimate of each kind of comparison."""
    parts = [(kind, 100 * row["weight"], row["estimate"]) for kind, row in found.kinds.iterrows()]
    parts.append(("total", 100 * found.kinds["weight"].sum(), found.twfe))
    rows = [
        {
            "kind": formats.capital(say(f"effect.table.kind_{kind}", lang)),
            "weight": weight,
            "effect": words.in_unit(effect, unit),
        }
        for kind, weight, effect in parts
    ]
    columns = [
        Column("kind", say("effect.table.comparison", lang), "text"),
        Column("weight", say("effect.table.weight", lang), decimals=1),
        Column("effect", say("effect.table.effect", lang, unit=_unit(unit, lang)), decimals=2),
    ]
    return Table(key, caption, columns, rows, lang)
