"""One table of everything: territory × period × indicator × value × lower × upper × state × source.

The panel is built from every dataset of the catalogue, in five steps: figures that were published wrong are put right
from the register of corrections, figures of the same quantity from two datasets are reconciled, the producer's rounding
becomes bounds, additive figures are summed to régions and France where every département is there, and the ratios of the
dictionary are computed with the vintages of both terms. It is written to
``data/processed/panel.parquet``, is disposable, and is rebuilt by itself when a figure, the dictionary or this module
changes.

Every report and notebook reads figures through ``Panel``; nothing below it in the way of the data reads a dataset.
This module draws nothing, words nothing, and models nothing: a modelled figure comes from ``indicators``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import corrections, coverage, derived, display, observation, processed, territories
from analysis.catalogue import LOCAL, Catalogue, DataError, project_root
from analysis.derived import COLUMNS
from analysis.values import (
    OWN_NOTE,
    QUALITIES,
    STATES,
    VALUED_STATES,
    Dictionary,
    Names,
    Value,
    dictionary,
    note_keys,
    period,
    sorted_periods,
)

KEY = ["indicator", "territory", "period"]
_SUMMED = ["area", "indicator", "period"]
_TEXTS = dict.fromkeys((c for c in COLUMNS if c not in ("value", "lower", "upper")), "str")


# ----------------------------------------------------------------------------------------------------- building


def build(catalogue: Catalogue, names: Dictionary | None = None) -> pd.DataFrame:
    """Build the panel from a catalogue.

    Returns a frame with ``COLUMNS``, one row per indicator, territory and period, sorted by these. Raises DataError
    when two datasets disagree about a figure beyond its rounding, or when a correction has lost its reason.
    """
    names = dictionary() if names is None else names
    figures = [name for name in catalogue if catalogue.sidecars[name].kind == "figures"]
    register = corrections.register(catalogue)
    corrections.check_datasets(register, figures)
    published = [corrections.apply(_read(catalogue, name), register) for name in figures]
    frame = pd.concat(published, ignore_index=True) if published else pd.DataFrame(columns=list(COLUMNS))
    frame = _reconcile(frame, names)
    frame = _bound_by_rounding(frame, names)
    frame = derived.stacked(
        [frame, *(derived.product(frame, n, entry) for n, entry in names.items() if entry.product)]
    )
    frame = derived.stacked([frame, _sums(frame, names)])
    rules = {name: entry for name, entry in names.items() if entry.ratio}
    terms = {term for entry in rules.values() for term in (entry.ratio.numerator, entry.ratio.denominator)}
    inside = frame[frame["indicator"].isin(terms)]
    ratios = [derived.ratio(inside, name, entry) for name, entry in rules.items()]
    return _sorted(derived.stacked([frame, *ratios]))


def _read(catalogue: Catalogue, name: str) -> pd.DataFrame:
    figures = catalogue.figures(name)
    return figures.assign(quality=catalogue.sidecars[name].quality, source=name)[list(COLUMNS)]


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    place = {code: i for i, code in enumerate(territories.CODES)}
    indicator, when = (pd.factorize(frame[c], sort=True)[0] for c in ("indicator", "period"))
    start, order = (
        derived.each(frame["period"], lambda p: period(p).start),
        derived.each(frame["territory"], place.get),
    )
    return frame[list(COLUMNS)].take(np.lexsort((when, start, order, indicator))).reset_index(drop=True)


def _reconcile(frame: pd.DataFrame, names: Dictionary) -> pd.DataFrame:
    """Keep one row per figure: that with a value, of the best quality. Disagreement beyond rounding is an error.

    What a département gave before its producer published it gives way, whatever it was.
    """
    given = ~coverage.is_own(frame) & (frame["state"] != "unavailable")
    if coverage.is_own(frame).any():
        published = pd.MultiIndex.from_frame(frame.loc[given, KEY])
        frame = frame[given | ~pd.MultiIndex.from_frame(frame[KEY]).isin(published)]
    twice = frame.duplicated(KEY, keep=False)
    if not twice.any():
        return frame
    both = frame[twice].copy()
    step = both["indicator"].map({n: names[n].rounding or 0.0 for n in both["indicator"].unique()})
    spread = both.groupby(KEY, observed=True)["value"].transform(lambda v: v.max() - v.min())
    if (apart := spread > step + 1e-9).any():
        rows = both[apart].iloc[:2][["source", *KEY, "value"]].to_dict("records")
        raise DataError(
            f"{int(apart.sum())} figures differ between two datasets beyond their rounding, first {rows}; "
            "they are two quantities: give one of them another indicator name"
        )
    both["_valued"] = (~both["state"].isin(VALUED_STATES)).astype(int) + (both["state"] == "unavailable")
    both["_rank"] = both["quality"].map({q: i for i, q in enumerate(QUALITIES)})
    best = both.sort_values([*KEY, "_valued", "_rank", "source"]).drop_duplicates(KEY)
    return pd.concat([frame[~twice], best[list(COLUMNS)]], ignore_index=True)


def _bound_by_rounding(frame: pd.DataFrame, names: Dictionary) -> pd.DataFrame:
    """A count rounded to 10 lies within 5 of what is printed: bounds say so where the producer gives none."""
    half = derived.each(frame["indicator"], lambda n: (names[n].rounding or np.nan) / 2)
    floor = derived.each(frame["indicator"], lambda n: -np.inf if (low := names[n].minimum) is None else low)
    bare = frame["lower"].isna() & frame["upper"].isna() & frame["value"].notna() & ~np.isnan(half)
    bare &= (
        frame["state"] != "modelled"
    )  # the bounds of a model's figure are its interval, never its rounding
    bare &= ~coverage.is_own(frame)  # whoever counted for itself did not round as the producer does
    lower = (frame["value"] - half).clip(lower=floor)
    return frame.assign(
        lower=frame["lower"].where(~bare, lower), upper=frame["upper"].where(~bare, frame["value"] + half)
    )


_BEST_FIRST = ("observed", "provisional", "modelled")
_STATE_RANK = {state: rank for rank, state in enumerate(_BEST_FIRST)}


def _sums(frame: pd.DataFrame, names: Dictionary) -> pd.DataFrame:
    """Régions, France métropolitaine and France, where every département of them has a figure and none is published.

    What départements gave themselves is never added to what is published: a sum of theirs alone is theirs too.
    """
    additive = {n for n in frame["indicator"].unique() if names[n].additive}
    rows = frame[frame["indicator"].isin(additive) & frame["state"].isin(VALUED_STATES)]
    rows = _coded(rows[rows["territory"].isin(territories.DEPARTEMENTS)])
    areas = {code: territories.departements_of(code) for code in ("FR", "FM", *territories.REGIONS)}
    members = [rows[rows["territory"].isin(codes)].assign(area=area) for area, codes in areas.items()]
    inside = pd.concat(members, ignore_index=True).astype({"area": "category"})
    own = (inside["quality"] == QUALITIES.index(coverage.OWN)).to_numpy()
    sizes = {area: len(codes) for area, codes in areas.items()}
    made = derived.stacked(
        [_summed(inside[part], sizes) for part in (~own, own) if part.any()] or [frame[:0]]
    )
    published = pd.MultiIndex.from_frame(frame[KEY])
    return made[~pd.MultiIndex.from_frame(made[KEY]).isin(published)]


def _coded(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their texts as categories, which are fast to group, and with the rank of their state and quality."""
    ranks = {
        "state": derived.each(rows["state"], _STATE_RANK.get).astype("int64"),
        "quality": derived.each(rows["quality"], QUALITIES.index).astype("int64"),
    }
    texts = dict.fromkeys(("territory", "period", "indicator", "source"), "category")
    return rows.assign(**ranks).astype(texts)


def _summed(inside: pd.DataFrame, sizes: Mapping[str, int]) -> pd.DataFrame:
    """Sums by ``area``, of so many members, for the figures that all of them have; the worst state and quality prevail."""
    groups = inside.groupby(_SUMMED, observed=True)
    made = groups.agg(
        {"value": "sum", "lower": "sum", "upper": "sum", "state": "max", "quality": "max", "source": "first"}
    )
    counts = groups[["value", "lower", "upper"]].count()
    size = made.index.get_level_values("area").map(sizes).to_numpy(dtype="int64")
    bounds = {c: made[c].where(counts[c] == size) for c in ("lower", "upper")}
    made = made.assign(**bounds)[counts["value"] == size]
    noted = inside[inside["note"] != ""].groupby(_SUMMED, observed=True)["note"].agg(_keys)
    notes = ("sum_of_departements " + noted.reindex(made.index, fill_value="")).str.strip()
    made = made.assign(
        note=notes, state=made["state"].map(dict(enumerate(_BEST_FIRST))),
        quality=made["quality"].map(dict(enumerate(QUALITIES))),
    )  # fmt: skip
    made = made.reset_index().rename(columns={"area": "territory"})[list(COLUMNS)]
    return made.astype(_TEXTS)


def _keys(notes: pd.Series) -> str:
    """The distinct keys of several notes; words of a local source are not keys and stay with their own figure."""
    return " ".join(sorted({key for note in set(notes) for key in note_keys(note)}))


def validate(frame: pd.DataFrame, names: Dictionary | None = None) -> pd.DataFrame:
    """Hold a panel to its schema with pandera; raises DataError that lists the cells at fault."""
    import pandera.pandas as pa

    names = dictionary() if names is None else names
    valued = frame["state"].isin(VALUED_STATES)
    schema = pa.DataFrameSchema(
        {
            "territory": pa.Column(checks=pa.Check.isin(territories.CODES)),
            "period": pa.Column(),
            "indicator": pa.Column(checks=pa.Check.isin(list(names))),
            "value": pa.Column(
                float, nullable=True, checks=pa.Check(lambda v: np.isfinite(v.dropna()).all())
            ),
            "lower": pa.Column(float, nullable=True),
            "upper": pa.Column(float, nullable=True),
            "state": pa.Column(checks=pa.Check.isin(STATES)),
            "quality": pa.Column(checks=pa.Check.isin(QUALITIES)),
            "source": pa.Column(),
            "note": pa.Column(),
        },
        unique=KEY,
        ordered=True,
        strict=True,
        checks=[
            pa.Check(lambda f: f["value"].notna() == valued, name="value_if_and_only_if_valued_state"),
            pa.Check(lambda f: ~(f["lower"] > f["value"] + 1e-9), name="lower_below_value"),
            pa.Check(lambda f: ~(f["upper"] < f["value"] - 1e-9), name="upper_above_value"),
        ],
    )
    try:
        return schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases[["column", "check", "failure_case"]].head(8).to_string(index=False)
        raise DataError(
            f"the panel breaks its schema in {len(errors.failure_cases)} places, first:\n{cases}"
        ) from None


# ------------------------------------------------------------------------------------------------------ reading


def write(folder: Path, catalogue: Catalogue) -> Path:
    """Build, validate and write the panel, whole or not at all; return its path."""
    made_from = processed.fingerprint(catalogue)  # what changes from here on is for the next time
    frame = validate(build(catalogue))
    path = folder / processed.PANEL
    processed.keep(path, _to_parquet(frame), len(frame), made_from)
    return path


def _to_parquet(frame: pd.DataFrame) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pandas(_categories(frame), preserve_index=False)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", row_group_size=1 << 20)
    return sink.getvalue().to_pybytes()


def _from_parquet(path: Path) -> pd.DataFrame:
    """A panel as it was written, column by column: what reading takes is then never held for all of them at once."""
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path, memory_map=True)
    columns = {c: file.read([c], use_threads=False).column(0).to_pandas() for c in file.schema_arrow.names}
    return pd.DataFrame(columns, copy=False)


_DEPARTEMENTS = frozenset(territories.DEPARTEMENTS)


def _categories(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.astype(dict.fromkeys(_TEXTS, "category"))


def _listed(names: str | Sequence[str] | None) -> list[str] | None:
    return [names] if isinstance(names, str) else None if names is None else list(names)


class _Table:
    """Figures of one indicator as columns, with the rows of each territory and period at hand.

    A report reads hundreds of figures: columns are plain arrays, and a frame is made only of the rows that are asked for.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.columns = {c: _plain(frame[c]) for c in COLUMNS}

    @cached_property
    def _row(self) -> dict[tuple[str, str], int]:
        """The row of each territory and period."""
        pairs = zip(self.columns["territory"], self.columns["period"], strict=True)
        return {pair: i for i, pair in enumerate(pairs)}

    @cached_property
    def _rows_of(self) -> dict[str, list[int]]:
        return _places(self.columns["territory"])

    @cached_property
    def _rows_at(self) -> dict[str, list[int]]:
        return _places(self.columns["period"])

    def rows(self, codes: Sequence[str] | None, periods: Sequence[str] | None) -> list[int]:
        """Numbers of the rows of some territories and periods (None: all), in panel order."""
        if codes is None and periods is None:
            return list(range(len(self.columns["value"])))
        if periods is None:
            return sorted(i for code in set(codes) for i in self._rows_of.get(code, ()))
        if codes is None:
            return sorted(i for when in set(periods) for i in self._rows_at.get(when, ()))
        keys = ((code, when) for code in set(codes) for when in set(periods))
        return sorted(self._row[key] for key in keys if key in self._row)

    def frame(self, rows: Sequence[int]) -> pd.DataFrame:
        """Rows as a frame with ``COLUMNS``."""
        return pd.DataFrame(
            {c: pd.Series(column[rows], dtype=column.dtype) for c, column in self.columns.items()}
        )

    def value(self, row: int) -> Value:
        """A row as a Value."""
        return row_value({c: column[row] for c, column in self.columns.items()})

    def find(self, territory: str, period: str) -> Value | None:
        """The figure of a territory and a period, or None."""
        row = self._row.get((territory, period))
        return None if row is None else self.value(row)


def _places(texts: np.ndarray) -> dict[str, list[int]]:
    """The rows in which each text stands."""
    found: dict[str, list[int]] = {}
    for i, text in enumerate(texts):
        found.setdefault(text, []).append(i)
    return found


def _plain(column: pd.Series) -> np.ndarray:
    """A column as an array of floats or of strings."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.categories.to_numpy(dtype=object)[column.cat.codes.to_numpy()]
    return column.to_numpy(dtype="float64" if column.name in ("value", "lower", "upper") else object)


class Panel:
    """The figures, read-only. ``Panel.open()`` gives the project's, built when it is missing or out of date.

    Args:
        frame: a table with ``COLUMNS``; use ``open`` unless you have figures of your own.
        stamp: the checksum of the project's panel, when it is that one, as it is.
    """

    def __init__(self, frame: pd.DataFrame, stamp: str | None = None) -> None:
        self._frame = frame.reset_index(drop=True)
        self.stamp = stamp
        self._tables: dict[str, _Table] = {}
        self._added: tuple[pd.DataFrame, ...] = ()
        self._own: dict[str, frozenset[int]] = {}
        self._covered: dict[tuple[str, tuple[str, ...]], list[str]] = {}

    @classmethod
    def open(cls, catalogue: Catalogue | None = None, folder: Path | None = None) -> Panel:
        """The panel of a catalogue, from ``data/processed`` when it is up to date there, else built and written."""
        catalogue = Catalogue() if catalogue is None else catalogue
        folder = processed.panel_path(project_root()).parent if folder is None else folder
        ensure(folder, catalogue)
        path = folder / processed.PANEL
        return cls(_from_parquet(path), processed.stamp(path))

    def __repr__(self) -> str:
        return f"<Panel: {self._size():,} figures, {len(self.indicators)} indicators>"

    def _size(self) -> int:
        return len(self._frame) + sum(map(len, self._added))

    def _repr_html_(self) -> str:
        """How many figures on what, and how to ask."""
        every = derived.stacked(
            [part[["indicator", "period"]].astype("str") for part in (self._frame, *self._added)]
        )
        every["theme"] = every["indicator"].map({name: dictionary()[name].theme for name in self.indicators})
        pairs = []
        for theme, part in every.groupby("theme"):
            when = sorted_periods(part["period"].unique())
            indicators = part["indicator"].nunique()
            pairs.append((theme, f"{indicators} indicators, {len(part):,} figures, {when[0]} to {when[-1]}"))
        asking = "value(panel.indicators.…, territories.names.…), series, cross_section, select"
        return display.listing(f"{self._size():,} figures", [*pairs, ("to ask", asking)])

    @property
    def frame(self) -> pd.DataFrame:
        """A copy of the whole table."""
        return derived.stacked([self._frame.astype(_TEXTS), *self._added])

    def plus(self, rows: pd.DataFrame) -> Panel:
        """A panel with modelled figures beside these (columns of the panel), such as those of ``indicators``."""
        rows = rows[list(COLUMNS)].astype(_TEXTS)
        wider = Panel(self._frame)
        wider._tables = {k: t for k, t in self._tables.items() if k not in set(rows["indicator"])}
        wider._added = (*self._added, rows)
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

    def _table(self, indicator: str) -> _Table:
        """Figures of one indicator; made once."""
        dictionary()[indicator]
        if indicator not in self._tables:
            parts = [self._frame.iloc[self._rows.get(indicator, slice(0))]]
            added = [rows[rows["indicator"] == indicator] for rows in self._added]
            if any(map(len, added)):
                parts = [part.astype(_TEXTS) for part in (*parts, *added)]
            self._tables[indicator] = _Table(derived.stacked(parts))
        return self._tables[indicator]

    @cached_property
    def indicators(self) -> Names:
        """Names of the indicators that have a figure, sorted. (Tab completes what is cached, never what is computed.)"""
        return Names(
            sorted({*self._rows, *(name for rows in self._added for name in rows["indicator"].unique())})
        )

    def select(
        self,
        indicator: str | Sequence[str],
        territory: str | Sequence[str] | None = None,
        period: str | Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Figures of one or several indicators, optionally of some territories and periods.

        Returns a frame with ``COLUMNS`` (text columns as plain strings), empty when there is none. An indicator that
        the dictionary does not know raises UnknownIndicator.
        """
        reads = (self._read(name, _listed(territory), _listed(period)) for name in _listed(indicator))
        parts = [table.frame(rows) for table, rows in reads]
        return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

    def published(
        self,
        indicator: str,
        territory: str | Sequence[str] | None = None,
        period: str | Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """As ``select``, without what départements gave themselves or what rests on it: what others may be set beside."""
        table, rows = self._read(indicator, _listed(territory), _listed(period))
        own = self._rows_of_own(indicator, table)
        return table.frame([row for row in rows if row not in own])

    def _rows_of_own(self, indicator: str, table: _Table) -> frozenset[int]:
        """Numbers of the rows that are a département's own; found once."""
        if indicator not in self._own:
            self._own[indicator] = frozenset(
                np.flatnonzero(table.columns["quality"] == coverage.OWN).tolist()
            )
        return self._own[indicator]

    def _read(
        self,
        indicator: str,
        codes: Sequence[str] | None,
        periods: Sequence[str] | None,
        *,
        coverage: bool = False,
    ) -> tuple[_Table, list[int]]:
        """The table of an indicator and the rows of it that are read."""
        observation.figures_read(indicator, codes, periods, coverage=coverage)
        table = self._table(indicator)
        observation.figures_known(indicator, table.find)
        return table, table.rows(codes, periods)

    def series(self, indicator: str, territory: str) -> pd.DataFrame:
        """The figures of one territory in order of time."""
        return self.select(indicator, territory=territory)

    def periods(self, indicator: str, territory: str | None = None) -> list[str]:
        """Periods for which a value is published for a département, or the given territory has one, in order of time."""
        codes = _DEPARTEMENTS if territory is None else {territory}
        table, rows = self._read(indicator, None if territory is None else codes, None, coverage=True)
        own = self._rows_of_own(indicator, table) if territory is None else ()
        places, states, when = (table.columns[c] for c in ("territory", "state", "period"))
        found = {when[i] for i in rows if places[i] in codes and states[i] in VALUED_STATES and i not in own}
        return sorted(found, key=period)

    def covered(self, indicator: str, territory: str | None = None) -> list[str]:
        """Periods for which most départements, or most of a territory's level, have a published value."""
        codes = coverage.beside(territory)
        table, rows = self._read(indicator, None if codes else [territory], None, coverage=True)
        if not codes:
            places, own = table.columns, self._rows_of_own(indicator, table)
            there = [i for i in rows if places["state"][i] in VALUED_STATES and i not in own]
            return sorted({places["period"][i] for i in there}, key=period)
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
        table, rows = self._read(indicator, None, _listed(period), coverage=True)
        own = self._rows_of_own(indicator, table)
        rows = [i for i in rows if i not in own or table.columns["territory"][i] == territory]
        sources = set(table.columns["source"][rows])
        return tuple(sorted({name for text in sources for name in re.split(" [÷×] ", text)}))

    def local(self, territory: str) -> pd.DataFrame:
        """The figures that a département holds itself and gave (see ``local``), in panel order.

        Those of the collectivités that it is a part of, or that are a part of it, are among them.
        """
        observation.file_read(f"{LOCAL}/")
        codes = (territory, *territories.collectivites_of(territory))
        own = self._frame[coverage.is_own(self._frame) & self._frame["territory"].isin(codes)].astype(_TEXTS)
        return own[own["note"].str.startswith(OWN_NOTE)].reset_index(drop=True)

    def latest(self, indicator: str, territory: str | None = None) -> str | None:
        """The period that is spoken of by default, or None: the last ``covered`` one.

        For a territory, the last up to then for which it has a published value; without any, the last for which it has one.
        """
        covered = self.covered(indicator, territory)
        if territory is None:
            return covered[-1] if covered else None
        there = self.periods(indicator, territory)
        table, rows = self._read(indicator, [territory], None, coverage=True)
        own = {table.columns["period"][i] for i in rows if i in self._rows_of_own(indicator, table)}
        until = [
            p for p in there if p not in own and covered and period(p).start <= period(covered[-1]).start
        ]
        return (until or there or [None])[-1]

    def newer(self, indicator: str, territory: str) -> Value | None:
        """A figure of a territory after the period that is spoken of: its own, or released before the others'; or None."""
        shown, there = self.latest(indicator, territory), self.periods(indicator, territory)
        return self.value(indicator, territory, there[-1]) if there and there[-1] != shown else None

    def cross_section(self, indicator: str, period: str | None = None) -> pd.DataFrame:
        """One row per département, always 101: those without a published figure have the state ``unavailable``.

        ``period`` is by default the last one for which most have one (``latest``).
        """
        period = self.latest(indicator) if period is None else period
        rows = self.published(indicator, territory=territories.DEPARTEMENTS, period=period or ())
        whole = (
            rows.set_index("territory")
            .reindex(territories.DEPARTEMENTS)
            .rename_axis("territory")
            .reset_index()
        )
        filled = {"state": "unavailable", "note": "", "indicator": indicator, "period": period or ""}
        return whole.fillna(filled)[list(COLUMNS)]

    def value(self, indicator: str, territory: str, period: str | None = None) -> Value:
        """One figure with all that goes with it; by default at its ``latest`` period. Never raises for a missing one."""
        wanted = period or self.latest(indicator, territory) or self.latest(indicator)
        table, rows = self._read(indicator, [territory], [wanted] if wanted else ())
        if not rows:
            return Value(indicator, territory, wanted, None, None, None, "unavailable")
        return table.value(rows[0])

    def reference(self, indicator: str, period: str | None = None) -> str | None:
        """The national territory with a figure: ``FR``, else ``FM`` (France métropolitaine), else None."""
        table, rows = self._read(indicator, ("FR", "FM"), _listed(period), coverage=True)
        have = {table.columns["territory"][i] for i in rows if table.columns["state"][i] in VALUED_STATES}
        return next((code for code in ("FR", "FM") if code in have), None)


def row_value(row: pd.Series | Mapping[str, object]) -> Value:
    """A row of the panel as a Value."""
    amounts = {c: None if pd.isna(row[c]) else float(row[c]) for c in ("value", "lower", "upper")}
    texts = {c: str(row[c]) for c in ("indicator", "territory", "period", "state", "note")}
    optional = {c: None if pd.isna(row[c]) else str(row[c]) for c in ("quality", "source")}
    return Value(**texts, **amounts, **optional)


def ensure(folder: Path, catalogue: Catalogue) -> None:
    """Build the panel of a catalogue in a folder when the one there is missing or out of date."""
    if not processed.is_current(folder / processed.PANEL, catalogue):
        with display.waiting("building the table of figures"):
            write(folder, catalogue)
