"""Effects of a policy by time since it began, each with its interval, and the band of all.

Before the start points are hollow, after it solid; an interval that holds for one time is thick, one that holds for all
times at once is thin: all of it reads without colour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from analysis.estimation.sample import Path
from analysis.foundations.values import Lang
from analysis.presentation.figures.base import Figure, drawings
from analysis.presentation.figures.effect_axes import (  # fmt: skip
    COLOUR,
    OVER,
    RIGHT,
    UNDER,
    left_margin,
    levels,
    start_line,
    times,
    unit_name,
    vertical,
)
from analysis.presentation.figures.legend import ROW, Mark, dot, legend, line, rows
from analysis.presentation.figures.style import INK, MUTED, SMALL, WIDTH, Page, Scale
from analysis.presentation.narrative import formats
from analysis.presentation.narrative import sizes as words
from analysis.presentation.narrative.messages import say
from analysis.presentation.narrative.sizes import Frequency, Unit
from analysis.presentation.tables import Column, Table

TOLD = 4
"""No more effects than this are told one by one."""


@dataclass(frozen=True)
class _Course:
    """A path in the unit of readers, and where it is drawn."""

    path: Path
    unit: Unit
    frequency: Frequency
    start: str
    lang: Lang
    width: int = WIDTH

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
    def effects(self) -> dict[int, float]:
        """The effect at each time since the start."""
        return dict(zip(self.figures.index.tolist(), self.figures["effect"].tolist(), strict=True))

    @cached_property
    def y(self) -> Scale:
        return vertical(self.figures.to_numpy().ravel().tolist(), self.bottom)

    @cached_property
    def key(self) -> list[tuple[Mark, str]]:
        """The marks, and what each is."""
        return _course_key(self)

    @property
    def bottom(self) -> float:
        """The height of the axis of time, over the key."""
        return UNDER + ROW * rows(16, self.width, self.key)

    @cached_property
    def x(self) -> Scale:
        horizons = self.path.horizons
        return Scale(
            min(*horizons, -1) - 0.7,
            max(*horizons, 0) + 0.7,
            left_margin(self.y, self.lang),
            self.width - RIGHT,
        )

    @cached_property
    def told(self) -> pd.Series:
        """By horizon, whether the band leaves zero out; missing where there is no band."""
        clear = (self.figures["band_lower"] > 0) | (self.figures["band_upper"] < 0)
        return clear.where(self.figures["band_lower"].notna())


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
        key=key, title=title, **drawings(lambda width: _draw_course(replace(course, width=width))),
        alt=_course_finding(course),
        description=_course_description(course), table=_course_table(course, key, title), source=source, lang=lang,
    )  # fmt: skip


def _draw_course(course: _Course) -> bytes:
    x, y, lang, bottom = course.x, course.y, course.lang, course.bottom
    page = Page(y.stop + OVER, course.width)
    levels(page, y, x.start, x.stop, unit_name(course.unit, lang), lang)
    horizons = range(min(*course.path.horizons, -1), max(*course.path.horizons, 0) + 1)
    times(page, [(x(h), formats.number(h, lang)) for h in horizons], x.start, x.stop, bottom)
    since = say(f"effect.chart.since_{course.frequency}", lang)
    page.text((x.start + x.stop) / 2, bottom - 34, since, size=SMALL, colour=MUTED, align="center")
    start_line(page, x(-0.5), course.start, y, lang)
    _whiskers(page, course)
    apart = min((x(1) - x(0)) * 0.7, 10)
    for hollow in (True, False):
        effects = {h: e for h, e in course.effects.items() if (h < 0) == hollow}
        if effects:
            page.dots(
                [(x(h), y(e)) for h, e in effects.items()], COLOUR, max(apart - 1 if hollow else apart, 5),
                hollow=hollow, names=[_told(course, h) for h in effects], own=not hollow,
            )  # fmt: skip
    if course.based:
        page.dots([(x(-1), y(0))], INK, max(apart - 1, 5), "D", hollow=True)
    legend(page, 16, course.width, ROW * rows(16, course.width, course.key) - 4, course.key)
    return page.svg()


def _told(course: _Course, horizon: int) -> str:
    """The name of a point: the time, the effect then, its interval, and the band."""
    lang, row = course.lang, dict(zip(course.figures, course.figures.loc[horizon, :], strict=True))
    digits = words.decimals([x for x in row.values() if math.isfinite(x)])
    parts = [words.signed(row["effect"], course.unit, lang, digits)]
    for low, high, name in (("lower", "upper", "pointwise"), ("band_lower", "band_upper", "band")):
        if math.isfinite(row[low]) and math.isfinite(row[high]):
            around = formats.bracket(row[low], row[high], lang, digits)
            parts.append(f"{say(f'effect.chart.{name}', lang)} {around}")
    since = say(f"effect.chart.since_{course.frequency}", lang)
    when = say("chart.absent", lang, name=formats.capital(since), state=formats.number(horizon, lang))
    return say("value.separator", lang).join((when, *parts))


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
    seen = [h for h, there in zip(after.index.tolist(), after.tolist(), strict=True) if there]
    if after.empty:
        return say("effect.chart.path_unknown", lang)
    if not seen and len(after) == 1:
        return say("effect.chart.path_one_none", lang)
    if not seen:
        return say("effect.chart.path_none", lang, n=str(len(after)))
    effects = course.effects
    digits = words.decimals([effects[h] for h in seen])
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
    parts = [
        say("effect.chart.path_description", lang, start=course.start, unit=unit_name(course.unit, lang))
    ]
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
        Column("effect", say("effect.table.effect", lang, unit=unit_name(course.unit, lang)), decimals=2),
        *(
            Column(name, say(f"effect.table.{name}", lang), decimals=2)
            for name in ("lower", "upper", "band_lower", "band_upper")
        ),
    ]
    rows = frame.sort_index().rename_axis("time").reset_index()
    return Table(f"{key}-data", title, columns, rows, lang)
