"""Effects side by side, each with its interval: the estimators of one effect, or effects on several outcomes.

The one that the text speaks of is solid, the others hollow, and so are placebo tests among effects that stand for
themselves; what was refused keeps its row and says why. Rows of one group (outcomes of a policy) have its name over them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from analysis.estimation.sample import Estimate
from analysis.foundations.values import Lang
from analysis.presentation.figures.base import AtWidth, Figure, drawings, nothing
from analysis.presentation.figures.effect_axes import COLOUR, GAP, LINE, around_zero, block, unit_name
from analysis.presentation.figures.labels import wrap
from analysis.presentation.figures.legend import ROW as KEY_ROW
from analysis.presentation.figures.legend import Mark, dot, legend, rows
from analysis.presentation.figures.style import (
    INK,
    MUTED,
    PAPER,
    RULE,
    SMALL,
    TEXT,
    WIDTH,
    Page,
    Scale,
    text_width,
    tick_decimals,
)
from analysis.presentation.narrative import formats
from analysis.presentation.narrative import sizes as words
from analysis.presentation.narrative.effects import inference_name
from analysis.presentation.narrative.messages import say
from analysis.presentation.narrative.sizes import Unit
from analysis.presentation.tables import Column, Table

TOLD = 4
"""No more effects than this are told one by one in the alternative text."""
ROW, WIDEST = 18, 190
"""Space of a row beside its text, widest name, and space under the rows."""


@dataclass(frozen=True)
class EffectRow:
    """An estimate with its name, or why there is none; ``note`` also says what must be known of one that is there.

    ``group`` is the name that it shares with its neighbours; ``placebo`` marks an effect where there should be none.
    """

    label: str
    estimate: Estimate | None
    note: str = ""
    group: str = ""
    placebo: bool = False

    @property
    def known(self) -> bool:
        """Whether there is a point to draw."""
        return self.estimate is not None and math.isfinite(self.estimate.att)

    @property
    def drawn(self) -> Estimate:
        """The estimate of a row that is ``known``; ValueError when there is none."""
        if self.estimate is None:
            raise ValueError(f"{self.label}: no estimate to draw")
        return self.estimate


def forest(
    rows: Sequence[EffectRow],
    *,
    key: str,
    lang: Lang,
    unit: Unit,
    title: str,
    main: int | None = 0,
    source: str = "",
) -> Figure:
    """Draw estimates side by side, each with its interval, in the order given.

    Args:
        unit: as in ``event_study``. main: position of the estimate that the text speaks of; None when each
            is of another outcome and stands for itself.
    """
    sheet = _Sheet(tuple(rows), main, unit, lang)
    return Figure(
        key=key, title=title, **drawings(lambda width: _draw_forest(replace(sheet, width=width))),
        alt=_forest_finding(sheet),
        description=_forest_description(sheet), table=_forest_table(sheet, key, title), source=source, lang=lang,
    )  # fmt: skip


@dataclass(frozen=True)
class _Sheet(AtWidth):
    """The rows, where each is, and the scale of their figures."""

    rows: tuple[EffectRow, ...]
    main: int | None
    unit: Unit
    lang: Lang
    width: int = WIDTH

    @cached_property
    def key(self) -> list[tuple[Mark, str]]:
        """The marks, and what each is."""
        return _forest_key(self)

    def shown(self, row: EffectRow) -> tuple[float, float, float]:
        """Estimate, lower and upper limit, in the unit of readers."""
        found = row.drawn
        effect, lower, upper = (words.in_unit(x, self.unit) for x in (found.att, found.lower, found.upper))
        return effect, lower, upper

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
        nearest = [min(map(abs, self.shown(row))) for row in self.known if row.drawn.excludes_zero]
        return words.decimals([max(finite), *nearest]) if finite else 1

    @cached_property
    def names(self) -> list[list[str]]:
        """The name of each row in lines; over the marks, its estimate is with it."""
        labels = [
            row.label if self.beside or not row.known else self.told(row, row.label) for row in self.rows
        ]
        room = WIDEST if self.beside else self.width - 2 * GAP
        return [wrap(label, room, bold=i == self.main) for i, label in enumerate(labels)]

    @cached_property
    def left(self) -> float:
        """Where the drawing begins."""
        if not self.beside:
            return 2 * GAP
        widths = [
            text_width(part, TEXT, i == self.main) for i, parts in enumerate(self.names) for part in parts
        ]
        return max(widths) + 2 * GAP

    @cached_property
    def texts(self) -> list[list[str]]:
        """What is written beside a mark, or in its place."""
        room = self.width - self.left - GAP
        return [
            wrap(self.refused(row), room) if not row.known else [self.written(row)] if self.beside else []
            for row in self.rows
        ]

    def refused(self, row: EffectRow) -> str:
        """Why there is no estimate."""
        return say("effect.chart.refused", self.lang, why=row.note or say("effect.no_reason", self.lang))

    def told(self, row: EffectRow, name: str = "") -> str:
        """The name of a mark: that of its row, with its group unless another is given, its estimate and its interval."""
        return say(
            "chart.absent", self.lang, name=name or self.named(row), state=self.written(row, unit=True)
        )

    def named(self, row: EffectRow) -> str:
        """The name of a row with that of its group, for where it stands alone."""
        return (
            say("effect.chart.of_group", self.lang, group=row.group, label=row.label)
            if row.group
            else row.label
        )

    def group(self, i: int) -> list[str]:
        """The lines that name the group over its first row; none over the others."""
        group = self.rows[i].group
        if not group or (i and self.rows[i - 1].group == group):
            return []
        return wrap(group, self.width - 2 * GAP, bold=True)

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
        ends = [x for row in self.known for x in self.shown(row) if math.isfinite(x)]
        low, high = min([0.0, *ends]), max([0.0, *ends])
        slack = 0.05 * (high - low) or 0.5
        widths = [text_width(self.written(row), TEXT, True) for row in self.known] if self.beside else []
        return Scale(low - slack, high + slack, self.left, self.width - max([0.0, *widths]) - 2 * GAP)

    @cached_property
    def heights(self) -> list[float]:
        """The height of each row, the name of its group left out."""
        pairs = list(zip(self.names, self.texts, strict=True))
        if self.beside:
            return [max(len(a), len(b)) * LINE + ROW for a, b in pairs]
        return [(len(a) + max(len(b), 1)) * LINE + ROW for a, b in pairs]

    @cached_property
    def tops(self) -> list[float]:
        """The top of each row from that of the first on, under the name of its group; after the last, the whole height."""
        tops, reach = [], 0.0
        for i, height in enumerate(self.heights):
            reach += len(self.group(i)) * LINE + (ROW / 2 if self.group(i) else 0)
            tops.append(reach)
            reach += height
        return [*tops, reach]

    @property
    def base(self) -> float:
        return 39 + KEY_ROW * rows(16, self.width, self.key)

    @property
    def height(self) -> float:
        return self.base + self.tops[-1] + 26

    def y(self, i: int) -> float:
        """The middle of a row, the first on top; of what stands under its name where it is not beside."""
        middle = self.height - 26 - self.tops[i] - self.heights[i] / 2
        return middle if self.beside else middle - len(self.names[i]) * LINE / 2


def _draw_forest(sheet: _Sheet) -> bytes:
    if not sheet.rows:
        return nothing(sheet.lang, sheet.width)
    page = Page(sheet.height, sheet.width, walk="down")
    top, bottom = sheet.height - 26, sheet.base
    if sheet.known:
        _forest_axis(page, sheet, bottom, top)
    for i, row in enumerate(sheet.rows):
        _row(page, sheet, row, i)
    legend(page, 16, sheet.width, KEY_ROW * rows(16, sheet.width, sheet.key) - 3, sheet.key)
    return page.svg()


def _row(page: Page, sheet: _Sheet, row: EffectRow, i: int) -> None:
    """The name of an estimate, its mark and what is written beside, or why there is none."""
    y, own, height = sheet.y(i), i == sheet.main, sheet.heights[i]
    top = sheet.height - 26 - sheet.tops[i]
    if not row.known:
        page.boxes([(sheet.left - 1, top - height, sheet.width - sheet.left, height)], PAPER)
    if group := sheet.group(i):
        page.boxes([(0, top, sheet.width, len(group) * LINE + ROW / 2)], PAPER)
        block(page, group, GAP, top + len(group) * LINE / 2, bold=True)
    if sheet.beside:
        block(page, sheet.names[i], sheet.left - GAP, y, align="right", bold=own)
    else:
        over = (len(sheet.texts[i]) or 1) * LINE / 2 + len(sheet.names[i]) * LINE / 2
        room = len(sheet.names[i]) * LINE
        page.boxes([(0, y + over - room / 2, sheet.width, room)], PAPER)
        block(page, sheet.names[i], GAP, y + over, bold=own)
    if row.known:
        _estimate(page, sheet, row, y, own or sheet.main is None)
        block(page, sheet.texts[i], sheet.x.stop + GAP, y, bold=own)
    else:
        block(page, sheet.texts[i], sheet.left, y, colour=MUTED)


def _forest_axis(page: Page, sheet: _Sheet, bottom: float, top: float) -> None:
    x, lang = sheet.x, sheet.lang
    ticks = x.ticks(5)
    places = around_zero([(x(t), formats.signed(t, lang, tick_decimals(ticks))) for t in ticks])
    page.lines([((x(t), bottom), (x(t), top)) for t in ticks], RULE)
    for at, text in places:
        page.text(at, bottom - 13, text, size=SMALL, colour=MUTED, align="center")
    page.text(x.start, sheet.height - 12, unit_name(sheet.unit, lang), size=SMALL, colour=MUTED)
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
    size, hollow = 12 if own else 9, not own or row.placebo
    page.dots([(x(value), y)], colour, size, hollow=hollow, names=[sheet.told(row)], own=own)


def _forest_key(sheet: _Sheet) -> list[tuple[Mark, str]]:
    lang = sheet.lang
    named = "forest_each" if sheet.main is None else "main"
    entries = [(dot(COLOUR, size=10), say(f"effect.chart.{named}", lang))] if sheet.own else []
    if sheet.others:
        entries.append((dot(MUTED, hollow=True), say("effect.chart.others", lang)))
    if any(row.placebo for row in sheet.own):
        entries.append((dot(COLOUR, hollow=True), say("design.role.placebo", lang)))
    return entries


def _forest_finding(sheet: _Sheet) -> str:
    """Each estimate that stands for itself and what its interval says, the others, and those that were refused."""
    lang = sheet.lang
    told = [_row_finding(sheet, row) for row in sheet.own]
    if len(sheet.own) > TOLD:
        told = [_counted(sheet)]
    if others := sheet.others:
        ends = [sheet.shown(row)[0] for row in others]
        low, high = (words.signed(x, sheet.unit, lang, sheet.digits) for x in (min(ends), max(ends)))
        apart = sum(row.drawn.excludes_zero for row in others)
        key = "others" if len(others) > 1 else "other_apart" if apart else "other"
        counted = {"high": high, "k": str(apart), "n": str(len(others))} if len(others) > 1 else {}
        told.append(say(f"effect.chart.forest_{key}", lang, low=low, **counted))
    if refused := [row.label for row in sheet.rows if not row.known]:
        told.append(say("effect.chart.forest_refused", lang, names=formats.listing(refused, lang)))
    return " ".join(told) or say("chart.nothing", lang)


def _counted(sheet: _Sheet) -> str:
    """How many effects there are, and those whose interval leaves zero out."""
    apart = [sheet.told(row) for row in sheet.own if row.drawn.excludes_zero]
    counts = {"n": str(len(sheet.own)), "k": str(len(apart))}
    if not apart:
        return say("effect.chart.forest_none_apart", sheet.lang, n=counts["n"])
    listed = say("value.separator", sheet.lang).join(apart)
    return say("effect.chart.forest_many", sheet.lang, names=listed, **counts)


def _row_finding(sheet: _Sheet, row: EffectRow) -> str:
    found = row.drawn
    bounded = math.isfinite(found.lower) and math.isfinite(found.upper)
    says = "bare" if not bounded else "apart" if found.excludes_zero else "zero"
    return say(
        "effect.chart.forest_main", sheet.lang, label=formats.capital(sheet.named(row)),
        estimate=sheet.written(row, unit=True), told=say(f"effect.chart.forest_{says}", sheet.lang),
    )  # fmt: skip


def _forest_description(sheet: _Sheet) -> str:
    lang = sheet.lang
    parts = [say("effect.chart.forest_description", lang, unit=unit_name(sheet.unit, lang))]
    if sheet.main is not None:
        parts.append(say("effect.chart.forest_solid", lang))
    if any(row.placebo for row in sheet.own):
        parts.append(say("effect.chart.forest_placebo", lang))
    return " ".join(parts)


def _forest_table(sheet: _Sheet, key: str, title: str) -> Table:
    lang = sheet.lang
    columns = [
        Column("label", say("effect.table.estimator", lang), "text"),
        Column("effect", say("effect.table.effect", lang, unit=unit_name(sheet.unit, lang)), decimals=2),
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
        return {
            "label": sheet.named(row),
            **cells,
            "inference": say("effect.table.none", sheet.lang),
            "note": why,
        }
    found = row.drawn
    limits = dict(zip(("effect", "lower", "upper"), sheet.shown(row), strict=True))
    cells |= {k: x if math.isfinite(x) else None for k, x in {**limits, "p": found.p}.items()}
    named = inference_name(found.inference, sheet.lang)
    note = row.note or say("effect.table.none", sheet.lang)
    if not (math.isfinite(found.lower) and math.isfinite(found.upper)):
        bare = say(f"effect.chart.no_{'interval' if math.isnan(found.lower) else 'limits'}", sheet.lang)
        note = say("value.separator", sheet.lang).join(filter(None, [bare, row.note]))
    cells |= {"treated": found.treated, "controls": found.controls}
    return {"label": sheet.named(row), **cells, "inference": named, "note": note}
