"""One table of everything: territory × period × indicator × value × lower × upper × state × source.

The panel is built from every dataset of the catalogue (``building``). It is written to
``data/processed/panel.parquet``, is disposable, and is rebuilt by itself when a figure, the dictionary or the code that
combines them changes.

Every report and notebook reads figures through ``Panel``; nothing below it in the way of the data reads a dataset.
This module draws nothing, words nothing, and models nothing: a modelled figure comes from ``indicators``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.data import coverage, derived, existing, own, processed
from analysis.data.building import build, build_inside, validate
from analysis.data.catalogue import LOCAL, Catalogue
from analysis.foundations import asked, display, levels, notes, observation, origin, territories
from analysis.foundations.columns import COLUMNS, TEXTS, Columns
from analysis.foundations.files import project_root
from analysis.foundations.levels import DEPARTEMENT, Level
from analysis.foundations.notes import WORDS
from analysis.foundations.periods import period as parsed
from analysis.foundations.periods import sorted_periods
from analysis.foundations.values import OF_OTHERS, VALUED_STATES, Dictionary, Names, Value, dictionary

# ------------------------------------------------------------------------------------------------------ reading


@dataclass(frozen=True)
class _Built:
    """A panel as it is kept, and what it was built from (``processed.made_from``)."""

    content: bytes
    rows: int
    made_from: Mapping[str, Any]
    name: str

    @classmethod
    def of(cls, catalogue: Catalogue, name: str = processed.PANEL) -> _Built:
        """Build and validate. What that reads and imports is no part of what a report shows: it is not observed."""
        with observation.unobserved(), display.waiting("building the table of figures"):
            made_from = processed.made_from(
                catalogue, __name__
            )  # what changes from here on is for the next time
            frame = validate(build(catalogue) if name == processed.PANEL else build_inside(catalogue))
            return cls(processed.as_file(_categories(frame)), len(frame), made_from, name)

    def keep(self, folder: Path | None) -> Path:
        """Write it, whole or not at all, in a folder or where the checkout's is kept; return its path. NoRoom when it
        cannot.
        """
        if folder is None:
            return processed.keep_for(project_root(), self.content, self.rows, self.made_from, self.name)
        path = folder / self.name
        processed.keep(path, self.content, self.rows, self.made_from)
        return path


def write(folder: Path, catalogue: Catalogue) -> Path:
    """Build, validate and write the panel, whole or not at all; return its path."""
    return _Built.of(catalogue).keep(folder)


def ensure(folder: Path | None, catalogue: Catalogue, name: str = processed.PANEL) -> Path:
    """The path of the panel of a catalogue, built when the one there is missing or out of date.

    Args:
        folder: where it is kept; None for that of the checkout, or another where that one cannot be written to.
        name: of its file: that of départements, or ``processed.INSIDE``.
    """
    path = processed.panel_path(project_root(), name) if folder is None else folder / name
    return path if processed.is_current(path, catalogue) else _Built.of(catalogue, name).keep(folder)


_KEPT_AS = {c: "dictionary<values" if c in TEXTS else "double" for c in COLUMNS}
"""Kinds of the columns in the file of a panel."""


def _categories(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(dict.fromkeys(TEXTS, "category"))


def _is_unsaid(figure: Any) -> bool:
    """Whether a row, or a value, of the table says that there is no figure without saying why, or who says so."""
    return figure.state == "unavailable" and not figure.note and not figure.words


Question = tuple[str, list[str] | None, list[str] | None]
"""An indicator, the territories and the periods of which figures are asked for (None: all)."""


class Panel:
    """The figures, read-only. ``Panel.open()`` gives the project's, built when it is missing or out of date.

    What is asked for is read as everywhere: a territory in any usual way (``bas rhin``, 67), a period (``2024``, 2024,
    ``2025-T3``), an indicator by its name or its entry. What is unknown, or a period of another form than the series, is
    refused with the nearest; what is known and has no figure is a state.

    Args:
        frame: a table with ``COLUMNS``; use ``open`` unless you have figures of your own.
        stamp: the checksum of the project's panel, when it is that one, as it is.
        catalogue: whose register says what exists of what is not held (``existing``); without one, nothing is said of it.

    ``defined`` is the dictionary with the definitions of one's own, None where there is none.
    """

    def __init__(
        self, frame: pd.DataFrame, stamp: str | None = None, catalogue: Catalogue | None = None
    ) -> None:
        self._frame = frame.reset_index(drop=True)
        self.stamp = stamp
        self._catalogue = catalogue
        self._tables: dict[str, Columns] = {}
        self._added: tuple[pd.DataFrame, ...] = ()
        self._own: dict[str, frozenset[int]] = {}
        self._covered: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        self.defined: Dictionary | None = None
        self._kept_in: tuple[Path | None] | None = None

    @classmethod
    def open(cls, catalogue: Catalogue | None = None, folder: Path | None = None) -> Panel:
        """The panel of a catalogue, from ``data/processed`` when it is up to date there, else built and written."""
        told = processed.given()
        catalogue, own = Catalogue() if catalogue is None else catalogue, Catalogue()
        if told is not None and folder in (None, told.path.parent) and catalogue.root == own.root:
            panel = cls._given(told, catalogue)
        else:
            panel = cls._opened(catalogue, folder)
        panel._kept_in = (folder,)
        return panel

    @classmethod
    def _opened(cls, catalogue: Catalogue, folder: Path | None) -> Panel:
        """The panel of a catalogue as it is kept, or built."""
        try:
            path = ensure(folder, catalogue)
            try:
                return cls(processed.from_file(path, _KEPT_AS), processed.stamp(path), catalogue)
            except (OSError, ValueError):  # it is not what it says that it is
                path = _Built.of(catalogue).keep(folder)
                return cls(processed.from_file(path, _KEPT_AS), processed.stamp(path), catalogue)
        except processed.NoRoom as error:
            return cls._unkept(catalogue, error)

    @classmethod
    def _given(cls, told: processed.Given, catalogue: Catalogue) -> Panel:
        """The panel that a run works on; FiguresChanged when it is not there any more."""
        try:
            return cls(processed.from_file(told.path, _KEPT_AS, told), told.stamp, catalogue)
        except (OSError, ValueError):
            told.check(None)
            raise

    @classmethod
    def _unkept(cls, catalogue: Catalogue, error: processed.NoRoom) -> Panel:
        """The panel of a catalogue, built in memory where there is no place to keep it."""
        display.note(f"{error}. The table of figures is built each time that it is opened")
        return cls(processed.from_file(_Built.of(catalogue).content, _KEPT_AS), catalogue=catalogue)

    @cached_property
    def inside(self) -> Panel:
        """The figures of territories inside départements (EPCI, priority neighbourhoods), opened when one is asked for.

        They are in a file of their own, so that a report on a département does not wait for them. Questions on such a
        territory, or on such a level, are handed on to it.
        """
        if self._catalogue is None:
            return _Inside(self._frame.iloc[:0])
        if self._kept_in is None:
            return _Inside(build_inside(self._catalogue), catalogue=self._catalogue)
        try:
            path = ensure(self._kept_in[0], self._catalogue, processed.INSIDE)
            frame = processed.from_file(path, _KEPT_AS)
        except (processed.NoRoom, OSError, ValueError):
            frame = _categories(build_inside(self._catalogue))
        return _Inside(frame, catalogue=self._catalogue)

    def _holding(self, codes: Collection[str] | None = None, level: str | Level | None = None) -> Panel:
        """The panel that has the figures of some territories, or of those of a level: this one, or ``inside``."""
        kinds = {territories.get(code).kind.apart for code in codes or ()} or {
            levels.get(level or DEPARTEMENT).apart
        }
        if len(kinds) > 1:
            raise display.Refusal("territories inside départements are asked for apart from all others")
        return self.inside if kinds == {True} else self

    def __repr__(self) -> str:
        return f"<Panel: {self._size():,} figures, {len(self.indicators)} indicators>"

    def _size(self) -> int:
        return len(self._frame) + sum(map(len, self._added))

    def _repr_html_(self) -> str:
        """How many figures on what, and how to ask."""
        every = derived.stacked(
            [part[["indicator", "period"]].astype("str") for part in (self._frame, *self._added)]
        )
        every["theme"] = every["indicator"].map(
            {name: self.dictionary[name].theme for name in self.indicators}
        )
        pairs = []
        for theme, part in every.groupby("theme"):
            when = sorted_periods(part["period"].unique())
            indicators = part["indicator"].nunique()
            pairs.append((theme, f"{indicators} indicators, {len(part):,} figures, {when[0]} to {when[-1]}"))
        asking = "search('words'), value(panel.indicators.…, territories.names.…), series, cross_section, select, plus"
        return display.listing(f"{self._size():,} figures", [*pairs, ("to ask", asking)])

    @property
    def dictionary(self) -> Dictionary:
        """What the figures mean: the project's dictionary, with the definitions that came with figures of one's own."""
        return dictionary() if self.defined is None else self.defined

    def search(self, words: str) -> Names:
        """Names of the indicators with figures whose name, labels or definitions hold all of some words, accents aside."""
        there = set(self.indicators)
        return Names(name for name in self.dictionary.find(words) if name in there)

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of the whole table."""
        return derived.stacked([self._frame.astype(TEXTS), *self._added])

    def plus(self, rows: pd.DataFrame, define: own.Definitions = ()) -> Panel:
        """A panel with figures beside these: those of a model of ``indicators``, or your own. This one stays as it is.

        Args:
            rows: territory, period, indicator and value at least; ``state`` (observed when there is a value), ``lower``,
                ``upper``,
                ``note`` (keys of ``notes``), ``words``, ``quality``, ``source`` when they are not as said by ``own.read``.
            define: the indicators that the dictionary does not know, by name: ``{"share_x": {"label": "…", "unit":
                "percent"}}``
                with the keys of the dictionary, or ``values.Indicator``.

        Raises DataError, which lists the rows at fault: an unknown territory, period, indicator or state, a figure
        outside the limits of its indicator, bounds that leave it out, a period of another form than the series, a figure
        that is there twice.
        """
        defined = own.definitions(define, self.dictionary)
        rows = own.read(rows, defined).astype(TEXTS)
        own.check(
            rows, {name: self._table(name) for name in rows["indicator"].unique() if name in self.indicators}
        )
        wider = Panel(self._frame, catalogue=self._catalogue)
        wider._tables = {k: t for k, t in self._tables.items() if k not in set(rows["indicator"])}
        wider._added, wider._kept_in = (*self._added, rows), self._kept_in
        wider.defined = self.defined if defined is self.dictionary else defined
        wider.__dict__ |= {"_rows": self._rows, "_coverage": self._coverage}
        return wider

    @cached_property
    def _rows(self) -> dict[str, slice | np.ndarray]:
        """Where the figures of each indicator are: one run of rows in the project's panel, which is sorted."""
        column = self._frame["indicator"].astype("category").cat
        codes = column.codes.to_numpy()
        ends = np.flatnonzero(np.diff(codes, append=-1)) + 1
        runs: dict[str, list[slice]] = {}
        for start, end in zip((0, *ends), ends, strict=False):
            runs.setdefault(column.categories[codes[start]], []).append(slice(start, end))
        return {name: parts[0] if len(parts) == 1 else np.r_[tuple(parts)] for name, parts in runs.items()}

    def _table(self, indicator: str) -> Columns:
        """Figures of one indicator; made once."""
        if indicator not in self._tables:
            parts = [self._frame.iloc[self._rows.get(indicator, slice(0))]]
            added = [rows[rows["indicator"] == indicator] for rows in self._added]
            if any(map(len, added)):
                parts = [part.astype(TEXTS) for part in (*parts, *added)]
            self._tables[indicator] = Columns(derived.stacked(parts))
        return self._tables[indicator]

    @cached_property
    def indicators(self) -> Names:
        """Names of the indicators that have a figure, sorted. (Tab completes what is cached, never what is computed.)"""
        return Names(
            sorted({*self._rows, *(name for rows in self._added for name in rows["indicator"].unique())})
        )

    def _at(self, indicator: object, period: object, of: Panel | None = None) -> tuple[str, str | None]:
        """An indicator and one period of it, or none; of the form of its series in the panel that holds it."""
        name = asked.indicator(indicator, self.dictionary)
        there = () if period is None else (of or self)._table(name).periods
        return name, None if period is None else asked.period_of(period, there, name)

    def _asked(self, indicator: object, territory: object = None, period: object = None) -> Question:
        """What was asked for, read: a name, codes and periods (None: all); what is unknown is refused with the nearest."""
        return self._questions([indicator], territory, period)[0]

    def _questions(self, indicators: Sequence[object], territory: object, period: object) -> list[Question]:
        """The same for several indicators: a period is of the form of one of them at least."""
        names = [asked.indicator(one, self.dictionary) for one in indicators]
        codes = None if territory is None else [asked.territory(one) for one in asked.several(territory)]
        periods = None
        if period is not None:
            there = set().union(*(self._holding(codes)._table(name).periods for name in names))
            periods = [asked.period_of(one, there, " or ".join(names)) for one in asked.several(period)]
        return [(name, codes, periods) for name in names]

    def select(
        self,
        indicator: str | Sequence[str],
        territory: str | Sequence[str] | None = None,
        period: str | Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Figures of one or several indicators, optionally of some territories and periods.

        Returns a frame with ``COLUMNS`` (text columns as plain strings), empty when there is none.
        """
        questions = self._questions(asked.several(indicator), territory, period)
        reads = (self._read(*question) for question in questions)
        parts = [table.frame(rows) for table, rows in reads] or [self._frame.iloc[:0].astype(TEXTS)]
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def published(
        self,
        indicator: str,
        territory: str | Sequence[str] | None = None,
        period: str | Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """As ``select``, without what départements gave themselves or what rests on it: what others may be set beside."""
        table, rows = self._read(*self._asked(indicator, territory, period))
        own = self._rows_of_own(indicator, table)
        return table.frame([row for row in rows if row not in own])

    def _rows_of_own(self, indicator: str, table: Columns) -> frozenset[int]:
        """Numbers of the rows that are a département's own; found once."""
        if table is not self._tables.get(indicator):  # of territories inside départements, which give none
            return frozenset()
        if indicator not in self._own:
            self._own[indicator] = frozenset(
                np.flatnonzero(table.columns["quality"] == coverage.OWN).tolist()
            )
        return self._own[indicator]

    def _read(
        self,
        indicator: str,
        codes: Collection[str] | None,
        periods: Collection[str] | None,
        *,
        coverage: bool = False,
    ) -> tuple[Columns, list[int]]:
        """The table of an indicator and the rows of it that are read."""
        if codes and (holder := self._holding(codes)) is not self:
            return holder._read(indicator, codes, periods, coverage=coverage)
        observation.figures_read(indicator, codes, periods, coverage=coverage)
        table = self._table(indicator)
        observation.figures_known(indicator, table.find)
        return table, table.rows(codes, periods)

    def series(self, indicator: str, territory: str) -> pd.DataFrame:
        """The figures of one territory in order of time."""
        return self.select(indicator, territory=asked.territory(territory))

    def periods(self, indicator: str, territory: str | None = None) -> list[str]:
        """Periods for which a value is published for a département, or the given territory has one, in order of time."""
        indicator, given, _ = self._asked(indicator, territory)
        codes = frozenset(territories.DEPARTEMENTS if given is None else given)
        table, rows = self._read(indicator, None if given is None else codes, None, coverage=True)
        own = self._rows_of_own(indicator, table) if given is None else ()
        places, states, when = (table.columns[c] for c in ("territory", "state", "period"))
        found = {when[i] for i in rows if places[i] in codes and states[i] in VALUED_STATES and i not in own}
        return sorted(found, key=parsed)

    def covered(
        self, indicator: str, territory: str | None = None, level: str | Level = DEPARTEMENT
    ) -> list[str]:
        """Periods for which most territories of a level, or of the level of a territory, have a published value."""
        if (holder := self._holding(territory and [asked.territory(territory)], level)) is not self:
            return holder.covered(indicator, territory, level)
        indicator, given, _ = self._asked(indicator, territory)
        codes = coverage.beside(given[0] if given else None, level)
        table, rows = self._read(indicator, None if codes else given, None, coverage=True)
        if not codes:
            places, own = table.columns, self._rows_of_own(indicator, table)
            there = [i for i in rows if places["state"][i] in VALUED_STATES and i not in own]
            return sorted({places["period"][i] for i in there}, key=parsed)
        if (indicator, codes) not in self._covered:
            added = any((more["indicator"] == indicator).any() for more in self._added)
            counts = coverage.Coverage(table.frame(rows)) if added else self._coverage
            where = slice(None) if added else self._rows.get(indicator, slice(0))
            self._covered[indicator, codes] = counts.covered(codes, where)
        return self._covered[indicator, codes]

    @cached_property
    def _coverage(self) -> coverage.Coverage:
        return coverage.Coverage(self._frame)

    def datasets(
        self, indicator: str, period: str | None = None, territory: str | None = None
    ) -> tuple[str, ...]:
        """Names of the datasets behind the figures of an indicator, both terms of a derived one included.

        Those that départements gave are not among them, but for those of ``territory``.
        """
        indicator, given, periods = self._asked(indicator, territory, period)
        table, rows = self._read(
            indicator, given if self._holding(given) is not self else None, periods, coverage=True
        )
        own = self._rows_of_own(indicator, table)
        rows = [i for i in rows if i not in own or table.columns["territory"][i] in (given or ())]
        return tuple(sorted(origin.datasets(table.columns["source"][rows])))

    def read_from(self, reads: Iterable[observation.FigureRead]) -> str:
        """The source of what is made from figures that were read: every dataset that gave one, in order (``a × b``)."""
        names: set[str] = set()
        with observation.unobserved():
            for read in {replace(one, coverage=False) for one in reads if not one.coverage}:
                codes, every = observation.stands_for(read.territory), read.period == observation.EVERYTHING
                rows = self.published(read.indicator, codes, None if every else read.period)
                names |= origin.datasets(rows.loc[rows["state"].isin(VALUED_STATES), "source"])
        return str(origin.Origin.of(names))

    def local(self, territory: str) -> pd.DataFrame:
        """The figures that a département holds itself and gave (see ``local``), in panel order.

        Those of the collectivités that it is a part of, or that are a part of it, are among them.
        """
        territory = asked.territory(territory)
        observation.file_read(f"{LOCAL}/")
        codes = (territory, *territories.collectivites_of(territory))
        own = self._frame[coverage.is_own(self._frame) & self._frame["territory"].isin(codes)].astype(TEXTS)
        return own[own[WORDS] != ""].reset_index(drop=True)

    def latest(
        self, indicator: str, territory: str | None = None, level: str | Level = DEPARTEMENT
    ) -> str | None:
        """The period that is spoken of by default, or None: the last ``covered`` one.

        For a territory, the last up to then for which it has a published value; without any, the last for which it has one.
        """
        covered = self.covered(indicator, territory, level)
        if territory is None:
            return covered[-1] if covered else None
        indicator, territory = self._at(indicator, None)[0], asked.territory(territory)
        there = self.periods(indicator, territory)
        table, rows = self._read(indicator, [territory], None, coverage=True)
        own = {table.columns["period"][i] for i in rows if i in self._rows_of_own(indicator, table)}
        until = [
            p for p in there if p not in own and covered and parsed(p).start <= parsed(covered[-1]).start
        ]
        return next(reversed(until or there), None)

    def newer(self, indicator: str, territory: str) -> Value | None:
        """A figure of a territory after the period that is spoken of: its own, or released before the others'; or None."""
        shown, there = self.latest(indicator, territory), self.periods(indicator, territory)
        return self.value(indicator, territory, there[-1]) if there and there[-1] != shown else None

    def cross_section(
        self, indicator: str, period: str | None = None, level: str | Level = DEPARTEMENT
    ) -> pd.DataFrame:
        """One row per territory of a level, always all of them (101 départements): those without a published figure have
        the state that says why (``absent``).

        ``period`` is by default the last one for which most have one (``latest``). Raises UnknownLevel.
        """
        indicator, period = self._at(indicator, period, self._holding(level=level))
        period = self.latest(indicator, level=level) if period is None else period
        codes = territories.of_level(level)
        rows = self.published(indicator, territory=codes, period=period or ())
        there = {row.territory: row for row in rows.itertuples()}
        unsaid = [c for c in codes if c not in there or _is_unsaid(there[c])]
        absent = {code: self.absent(indicator, code, period) for code in unsaid}
        states = {code: (value.state, value.note) for code, value in absent.items()}
        whole = rows.set_index("territory").reindex(codes).rename_axis("territory").reset_index()
        at = [i for i, code in enumerate(codes) if code in states]
        for number, column in enumerate(("state", "note")):
            whole.loc[at, column] = [states[codes[i]][number] for i in at]
        return whole.fillna({"indicator": indicator, "period": period or "", WORDS: ""})[list(COLUMNS)]

    def value(self, indicator: str, territory: str, period: str | None = None) -> Value:
        """One figure with all that goes with it; by default at its ``latest`` period. Never raises for a missing one."""
        territory = asked.territory(territory)
        indicator, given = self._at(indicator, period, self._holding([territory]))
        wanted = given or self.latest(indicator, territory) or self.latest(indicator)
        table, rows = self._read(indicator, [territory], [wanted] if wanted else ())
        found = table.value(rows[0]) if rows else None
        return self.absent(indicator, territory, wanted) if found is None or _is_unsaid(found) else found

    def absent(self, indicator: str, territory: str, period: str | None) -> Value:
        """A figure that is not held, with the state that the register of what exists gives it, and its entry in the note.

        Without an entry it is ``unavailable``: in no file, which says nothing of whether it is published. A rate is as its
        term that lacks.
        """
        term = self._of_term(indicator, territory, period)
        if term and term[0] == "not_applicable":
            state, note = term
        elif entry := self._entry_on(indicator, territory, period):
            state, note = entry.state, entry.mark
        else:
            state, note = self._of_others(indicator, territory, period) or term or ("unavailable", "")
        return Value(indicator, territory, period, None, None, None, state, note=note)

    def _of_others(self, indicator: str, territory: str, period: str | None) -> tuple[str, str] | None:
        """State and note of a figure that is held for what a territory lies in, or is made of, and not for it.

        None for régions and France, and where these have none either.
        """
        if period is None:
            return None
        day, is_below = parsed(period).last_day, territories.get(territory).kind.is_below
        steps = territories.wider(territory, day)
        for codes in steps:
            table, rows = self._read(indicator, codes, [period])
            states, places = table.columns["state"], table.columns["territory"]
            own = self._rows_of_own(indicator, table)
            if held := {places[i]: states[i] for i in rows if states[i] in VALUED_STATES and i not in own}:
                way = "modelled_for_" if set(held.values()) == {"modelled"} else "published_for_"
                return OF_OTHERS, notes.of(way, "_".join(code for code in codes if code in held))
        if steps or not is_below:
            return None
        return "not_applicable", notes.joined(territories.absent_on(territory, day))

    def _of_term(self, indicator: str, territory: str, period: str | None) -> tuple[str, str] | None:
        """State and note of the term of a rate that has none at its period and is said why; None without one."""
        for term in self.dictionary[indicator].terms if period else ():
            table, rows = self._read(term, [territory], [str(period)])
            found = table.value(rows[0]) if rows else None
            if found is not None and not found.known and not _is_unsaid(found):
                return found.state, found.note
        return None

    def elsewhere(self, indicator: str, territory: str) -> list[existing.Existing]:
        """Entries of the register on figures of an indicator, or on a term of a rate, that are not held for a territory."""
        indicator, territory = self._at(indicator, None)[0], asked.territory(territory)
        found: dict[existing.Existing, None] = {}
        if (register := self._register) is None:
            return []
        for name in self.dictionary[indicator].terms or (indicator,):
            table, rows = self._read(name, [territory], None, coverage=True)
            states, when = table.columns["state"], table.columns["period"]
            held = [parsed(when[i]) for i in rows if states[i] in VALUED_STATES]
            told = register.about(name, table.datasets, territory)
            found |= dict.fromkeys(entry for entry in told if not entry.is_held(held))
        return list(found)

    @cached_property
    def _register(self) -> existing.Register | None:
        return existing.register(self._catalogue) if self._catalogue else None

    def _entry_on(self, indicator: str, territory: str, period: str | None) -> existing.Existing | None:
        """The entry of the register that speaks of a figure, or of a term of a rate that lacks; None without one."""
        if (register := self._register) is None:
            return None
        return next(filter(None, self._entries_on(register, indicator, territory, period)), None)

    def _entries_on(
        self, register: existing.Register, indicator: str, territory: str, period: str | None
    ) -> Iterator[existing.Existing | None]:
        """Entries of the register on a figure, then on the terms of a rate that lack."""
        terms = self.dictionary[indicator].terms
        datasets = () if terms else self._table(indicator).datasets
        yield register.find(indicator, datasets, territory, period)
        rule = self.dictionary[indicator].ratio or self.dictionary[indicator].product
        for number, term in enumerate(terms):
            lag = rule.lag if rule and number else 0  # the second may be of another year
            table, rows = self._read(
                term, [territory], [period] if period and not number else None, coverage=True
            )
            there = {table.columns["period"][i] for i in rows if table.columns["state"][i] in VALUED_STATES}
            if not any(period is None or abs(parsed(one).year - parsed(period).year) <= lag for one in there):
                yield register.find(term, table.datasets, territory, period)

    def reference(self, indicator: str, period: str | None = None) -> str | None:
        """The national territory with a figure: ``FR``, else ``FM`` (France métropolitaine), else None."""
        indicator, _, periods = self._asked(indicator, None, period)
        table, rows = self._read(indicator, ("FR", "FM"), periods, coverage=True)
        have = {table.columns["territory"][i] for i in rows if table.columns["state"][i] in VALUED_STATES}
        return next((code for code in ("FR", "FM") if code in have), None)


class _Inside(Panel):
    """The panel of territories inside départements: read as a whole, since no snapshot follows its figures one by one."""

    def _holding(self, codes: Collection[str] | None = None, level: str | Level | None = None) -> Panel:
        return self

    def _read(
        self,
        indicator: str,
        codes: Collection[str] | None,
        periods: Collection[str] | None,
        *,
        coverage: bool = False,
    ) -> tuple[Columns, list[int]]:
        table, catalogue = self._table(indicator), self._catalogue
        if catalogue is not None:
            for name in table.datasets:
                catalogue.note_read(catalogue.sidecar(name))
        observation.figures_known(indicator, table.find)
        return table, table.rows(codes, periods)
