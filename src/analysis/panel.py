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
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import asked, corrections, display, observation, own, processed, territories
from analysis.catalogue import LOCAL, Catalogue, DataError, project_root
from analysis.columns import COLUMNS, KEY, TEXTS, Columns
from analysis.values import (
    QUALITIES,
    STATES,
    VALUED_STATES,
    Dictionary,
    Indicator,
    Names,
    Value,
    dictionary,
    period,
    sorted_periods,
)
from analysis.values import period as parsed

_MAYOTTE = "976"
_SUMMED = ["area", "indicator", "period"]


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
    frame = _stacked([frame, *(_product(frame, n, entry) for n, entry in names.items() if entry.product)])
    frame = _stacked([frame, _sums(frame, names)])
    rules = {name: entry for name, entry in names.items() if entry.ratio}
    terms = {term for entry in rules.values() for term in (entry.ratio.numerator, entry.ratio.denominator)}
    inside = frame[frame["indicator"].isin(terms)]
    ratios = [_ratio(inside, name, entry) for name, entry in rules.items()]
    return _sorted(_stacked([frame, *ratios]))


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled or frames[:1], ignore_index=True)


def _read(catalogue: Catalogue, name: str) -> pd.DataFrame:
    figures = catalogue.figures(name)
    return figures.assign(quality=catalogue.sidecars[name].quality, source=name)[list(COLUMNS)]


def _each(column: pd.Series, of: Callable[[str], object]) -> np.ndarray:
    """What a function gives for every text of a column; it is asked once for each distinct one."""
    codes, texts = pd.factorize(column, use_na_sentinel=False)
    return np.array([of(text) for text in texts])[codes] if len(texts) else np.empty(0)


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    place = {code: i for i, code in enumerate(territories.CODES)}
    indicator, when = (pd.factorize(frame[c], sort=True)[0] for c in ("indicator", "period"))
    start, order = _each(frame["period"], lambda p: period(p).start), _each(frame["territory"], place.get)
    return frame[list(COLUMNS)].take(np.lexsort((when, start, order, indicator))).reset_index(drop=True)


def _reconcile(frame: pd.DataFrame, names: Dictionary) -> pd.DataFrame:
    """Keep one row per figure: that with a value, of the best quality. Disagreement beyond rounding is an error."""
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
    both["_valued"] = ~both["state"].isin(VALUED_STATES)
    both["_rank"] = both["quality"].map({q: i for i, q in enumerate(QUALITIES)})
    best = both.sort_values([*KEY, "_valued", "_rank", "source"]).drop_duplicates(KEY)
    return pd.concat([frame[~twice], best[list(COLUMNS)]], ignore_index=True)


def _bound_by_rounding(frame: pd.DataFrame, names: Dictionary) -> pd.DataFrame:
    """A count rounded to 10 lies within 5 of what is printed: bounds say so where the producer gives none."""
    half = _each(frame["indicator"], lambda n: (names[n].rounding or np.nan) / 2)
    floor = _each(frame["indicator"], lambda n: -np.inf if (low := names[n].minimum) is None else low)
    bare = frame["lower"].isna() & frame["upper"].isna() & frame["value"].notna() & ~np.isnan(half)
    bare &= (
        frame["state"] != "modelled"
    )  # the bounds of a model's figure are its interval, never its rounding
    lower = (frame["value"] - half).clip(lower=floor)
    return frame.assign(
        lower=frame["lower"].where(~bare, lower), upper=frame["upper"].where(~bare, frame["value"] + half)
    )


_BEST_FIRST = ("observed", "provisional", "modelled")
_STATE_RANK = {state: rank for rank, state in enumerate(_BEST_FIRST)}


def _worst(states: Iterable[str]) -> str:
    return max(states, key=_STATE_RANK.__getitem__)


def _sums(frame: pd.DataFrame, names: Dictionary) -> pd.DataFrame:
    """Régions, France métropolitaine and France, where every département of them has a figure and none is published."""
    additive = {n for n in frame["indicator"].unique() if names[n].additive}
    rows = frame[frame["indicator"].isin(additive) & frame["state"].isin(VALUED_STATES)]
    rows = _coded(rows[rows["territory"].isin(territories.DEPARTEMENTS)])
    areas = {code: territories.departements_of(code) for code in ("FR", "FM", *territories.REGIONS)}
    members = [rows[rows["territory"].isin(codes)].assign(area=area) for area, codes in areas.items()]
    inside = pd.concat(members, ignore_index=True).astype({"area": "category"})
    made = _summed(inside, {area: len(codes) for area, codes in areas.items()})
    published = pd.MultiIndex.from_frame(frame[KEY])
    return made[~pd.MultiIndex.from_frame(made[KEY]).isin(published)]


def _coded(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their texts as categories, which are fast to group, and with the rank of their state and quality."""
    ranks = {
        "state": _each(rows["state"], _STATE_RANK.get).astype("int64"),
        "quality": _each(rows["quality"], QUALITIES.index).astype("int64"),
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
    return made.astype(TEXTS)


def _keys(notes: pd.Series) -> str:
    """The distinct keys of several notes; words of a local source are not keys and stay with their own figure."""
    return " ".join(
        sorted({key for note in set(notes) if not note.startswith("local:") for key in note.split()})
    )


def _ratio(frame: pd.DataFrame, name: str, entry: Indicator) -> pd.DataFrame:
    """A derived rate: each numerator over the denominator of its period, else of the nearest year within ``lag``."""
    rule = entry.ratio
    pairs = _pairs(frame, rule.numerator, rule.denominator, rule.lag)
    pairs = pairs[pairs["value_b"] > 0]
    value = pairs["value"] / pairs["value_b"]
    lower, upper = pairs["lower"] / pairs["upper_b"], pairs["upper"] / pairs["lower_b"]
    return _derived(pairs, name, entry, [rule.per * x for x in (value, lower, upper)], "÷", "denominator")


def _product(frame: pd.DataFrame, name: str, entry: Indicator) -> pd.DataFrame:
    """A derived count: first factor × second, the second of the same period or of the nearest year within ``lag``."""
    rule = entry.product
    pairs = _pairs(frame, rule.first, rule.second, rule.lag)
    columns = [pairs[c] * pairs[f"{c}_b"] * rule.per for c in ("value", "lower", "upper")]
    return _derived(pairs, name, entry, columns, "×", "factor")


def _pairs(frame: pd.DataFrame, first: str, second: str, lag: int) -> pd.DataFrame:
    """Figures of two indicators side by side (``_b`` for the second); a missing bound is taken at the value itself."""
    keep = frame["state"].isin(VALUED_STATES)
    top, bottom = (frame[keep & (frame["indicator"] == term)] for term in (first, second))
    match = _match_periods(top["period"].unique(), bottom["period"].unique(), lag)
    top = top[top["period"].isin(match)]
    top = top.assign(period_b=top["period"].map(match).astype("str"))
    bottom = bottom.drop(columns="indicator").rename(columns={"period": "period_b", "note": "note_b"})
    pairs = _on_one_perimeter(top.merge(bottom, on=["territory", "period_b"], suffixes=("", "_b")), bottom)
    bounded = pairs[["lower", "upper", "lower_b", "upper_b"]].notna().any(axis=1)
    for column in ("lower", "upper"):
        pairs[column] = pairs[column].fillna(pairs["value"])
        pairs[f"{column}_b"] = pairs[f"{column}_b"].fillna(pairs["value_b"])
    return pairs.assign(bounded=bounded)


def _on_one_perimeter(pairs: pd.DataFrame, bottom: pd.DataFrame) -> pd.DataFrame:
    """Pairs in which France has the perimeter of its first term: without Mayotte in the second too when that leaves it out.

    The second is then the sum of the other départements, and the pair is dropped where one of them has no figure.
    """
    without, without_b = (pairs[c].str.contains("excluding_mayotte", regex=False) for c in ("note", "note_b"))
    apart = (pairs["territory"] == "FR") & without & ~without_b
    if not apart.any():
        return pairs
    others = [code for code in territories.DEPARTEMENTS if code != _MAYOTTE]
    figures = bottom[bottom["territory"].isin(others)].groupby("period_b")[["value", "lower", "upper"]]
    sums = figures.sum(min_count=len(others)).reindex(pairs.loc[apart, "period_b"])
    pairs.loc[apart, ["value_b", "lower_b", "upper_b"]] = sums.to_numpy()
    return pairs[pairs["value_b"].notna()]


def _match_periods(tops: Sequence[str], bottoms: Sequence[str], lag: int) -> dict[str, str]:
    """For each period of the first, the second's own, or that of its year, or of the nearest year within ``lag``."""
    by_year: dict[int, str] = {}
    for text in sorted(bottoms, key=period):
        by_year.setdefault(period(text).year, text)
    match = {}
    for text in tops:
        if text in bottoms:
            match[text] = text
            continue
        near = sorted(by_year, key=lambda y: (abs(y - period(text).year), y))
        if near and abs(near[0] - period(text).year) <= lag:
            match[text] = by_year[near[0]]
    return match


def _derived(
    pairs: pd.DataFrame, name: str, entry: Indicator, amounts: Sequence[pd.Series], sign: str, role: str
) -> pd.DataFrame:
    """Rows of a derived indicator: worst state of both terms, both sources, and the year of a term of another year."""
    value, lower, upper = amounts
    other = _each(pairs["period"], _year) != _each(pairs["period_b"], _year)
    years = np.where(other, f"{role}_" + pairs["period_b"].astype(object), "")
    # Bounds that come from rounding are not the interval of an approximation: a modelled figure carries none from here.
    states = [
        "modelled" if entry.modelled else _worst(p)
        for p in zip(pairs["state"].to_list(), pairs["state_b"].to_list(), strict=True)
    ]
    bounded = pairs["bounded"] & (pd.Series(states, index=pairs.index, dtype="str") != "modelled")
    made = pairs.assign(
        indicator=name,
        value=value,
        lower=lower.where(bounded),
        upper=upper.where(bounded),
        state=states,
        quality="derived",
        source=pairs["source"] + f" {sign} " + pairs["source_b"],
        note=[
            _note(*three)
            for three in zip(pairs["note"].to_list(), years, pairs["note_b"].to_list(), strict=True)
        ],
    )
    return made[list(COLUMNS)]


def _note(own: str, year: str, other: str) -> str:
    """Note of a derived figure: that of its first term, the year of the second, and that one of them was corrected."""
    mark = corrections.CORRECTED
    added = mark if mark in other.split() and mark not in own.split() else ""
    return " ".join(filter(None, (own, year, added)))


def _year(text: str) -> int:
    return period(text).year


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
    return frame.astype(dict.fromkeys(TEXTS, "category"))


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

    ``defined`` is the dictionary with the definitions of one's own, None where there is none.
    """

    def __init__(self, frame: pd.DataFrame, stamp: str | None = None) -> None:
        self._frame = frame.reset_index(drop=True)
        self.stamp = stamp
        self._tables: dict[str, Columns] = {}
        self._added: tuple[pd.DataFrame, ...] = ()
        self.defined: Dictionary | None = None

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
        every = _stacked(
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
        return _stacked([self._frame.astype(TEXTS), *self._added])

    def plus(self, rows: pd.DataFrame, define: own.Definitions = ()) -> Panel:
        """A panel with figures beside these: those of a model of ``indicators``, or your own. This one stays as it is.

        Args:
            rows: territory, period, indicator and value at least; ``state`` (observed when there is a value), ``lower``,
                ``upper``,
                ``note``, ``quality`` and ``source`` when they are not as said by ``own.read``.
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
        wider = Panel(self._frame)
        wider._tables = {k: t for k, t in self._tables.items() if k not in set(rows["indicator"])}
        wider._added = (*self._added, rows)
        wider.defined = self.defined if defined is self.dictionary else defined
        wider.__dict__["_rows"] = self._rows
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
            self._tables[indicator] = Columns(_stacked(parts))
        return self._tables[indicator]

    @cached_property
    def indicators(self) -> Names:
        """Names of the indicators that have a figure, sorted. (Tab completes what is cached, never what is computed.)"""
        return Names(
            sorted({*self._rows, *(name for rows in self._added for name in rows["indicator"].unique())})
        )

    def _at(self, indicator: object, period: object) -> tuple[str, str | None]:
        """An indicator and one period of it, or none."""
        name = asked.indicator(indicator, self.dictionary)
        return name, None if period is None else asked.period_of(period, self._table(name).periods, name)

    def _asked(self, indicator: object, territory: object = None, period: object = None) -> Question:
        """What was asked for, read: a name, codes and periods (None: all); what is unknown is refused with the nearest."""
        return self._questions([indicator], territory, period)[0]

    def _questions(self, indicators: Sequence, territory: object, period: object) -> list[Question]:
        """The same for several indicators: a period is of the form of one of them at least."""
        names = [asked.indicator(one, self.dictionary) for one in indicators]
        codes = None if territory is None else [asked.territory(one) for one in asked.several(territory)]
        periods = None
        if period is not None:
            there = set().union(*(self._table(name).periods for name in names))
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

    def _read(
        self,
        indicator: str,
        codes: Sequence[str] | None,
        periods: Sequence[str] | None,
        *,
        coverage: bool = False,
    ) -> tuple[Columns, list[int]]:
        """The table of an indicator and the rows of it that are read."""
        observation.figures_read(indicator, codes, periods, coverage=coverage)
        table = self._table(indicator)
        observation.figures_known(indicator, table.find)
        return table, table.rows(codes, periods)

    def series(self, indicator: str, territory: str) -> pd.DataFrame:
        """The figures of one territory in order of time."""
        return self.select(indicator, territory=asked.territory(territory))

    def periods(self, indicator: str, territory: str | None = None) -> list[str]:
        """Periods for which a département (or the given territory) has a value, in order of time."""
        indicator, given, _ = self._asked(indicator, territory)
        codes = _DEPARTEMENTS if given is None else set(given)
        table, rows = self._read(indicator, None if given is None else codes, None, coverage=True)
        places, states, when = (table.columns[c] for c in ("territory", "state", "period"))
        found = {when[i] for i in rows if places[i] in codes and states[i] in VALUED_STATES}
        return sorted(found, key=parsed)

    def datasets(self, indicator: str, period: str | None = None) -> tuple[str, ...]:
        """Names of the datasets behind the figures of an indicator, both terms of a derived one included."""
        indicator, _, periods = self._asked(indicator, None, period)
        table, rows = self._read(indicator, None, periods, coverage=True)
        sources = set(table.columns["source"][rows])
        return tuple(sorted({name for text in sources for name in re.split(" [÷×] ", text)}))

    def local(self, territory: str) -> pd.DataFrame:
        """The figures that a département holds itself and gave (see ``local``), in panel order."""
        territory = asked.territory(territory)
        observation.file_read(f"{LOCAL}/")
        own = self._frame[(self._frame["quality"] == "local") & (self._frame["territory"] == territory)]
        return own.astype(TEXTS).reset_index(drop=True)

    def latest(self, indicator: str, territory: str | None = None) -> str | None:
        """The last period with a value, or None."""
        periods = self.periods(indicator, territory)
        return periods[-1] if periods else None

    def cross_section(self, indicator: str, period: str | None = None) -> pd.DataFrame:
        """One row per département, always 101: those without a figure have the state ``unavailable``.

        ``period`` is by default the last one for which a département has a value.
        """
        indicator, period = self._at(indicator, period)
        period = self.latest(indicator) if period is None else period
        rows = self.select(indicator, territory=territories.DEPARTEMENTS, period=period or ())
        whole = (
            rows.set_index("territory")
            .reindex(territories.DEPARTEMENTS)
            .rename_axis("territory")
            .reset_index()
        )
        filled = {"state": "unavailable", "note": "", "indicator": indicator, "period": period or ""}
        return whole.fillna(filled)[list(COLUMNS)]

    def value(self, indicator: str, territory: str, period: str | None = None) -> Value:
        """One figure with all that goes with it; by default the territory's latest. Never raises for a missing one."""
        indicator, given = self._at(indicator, period)
        territory = asked.territory(territory)
        wanted = given or self.latest(indicator, territory) or self.latest(indicator)
        table, rows = self._read(indicator, [territory], [wanted] if wanted else ())
        if not rows:
            return Value(indicator, territory, wanted, None, None, None, "unavailable")
        return table.value(rows[0])

    def reference(self, indicator: str, period: str | None = None) -> str | None:
        """The national territory with a figure: ``FR``, else ``FM`` (France métropolitaine), else None."""
        indicator, _, periods = self._asked(indicator, None, period)
        table, rows = self._read(indicator, ("FR", "FM"), periods, coverage=True)
        have = {table.columns["territory"][i] for i in rows if table.columns["state"][i] in VALUED_STATES}
        return next((code for code in ("FR", "FM") if code in have), None)


def ensure(folder: Path, catalogue: Catalogue) -> None:
    """Build the panel of a catalogue in a folder when the one there is missing or out of date."""
    if not processed.is_current(folder / processed.PANEL, catalogue):
        with display.waiting("building the table of figures"):
            write(folder, catalogue)
