"""What changed from one edition to another: each difference of a figure, with its kind and its severity.

Both editions are read from their folder ``data/`` (see ``datapackage``), so that an edition can be compared with one made by
other code, years before. A difference is one of:

- ``correction``: the register of corrections changed for that figure;
- ``method``: its definition, unit or formula changed; or its producer's file is the same and the code that reads or combines
  it, or an assumption, is not;
- ``revision``: the producer's file changed, and the figure of the same period with it;
- ``perimeter``: a figure, an indicator, a territory or a report appears or disappears, or a figure is withheld or released;
- ``real``: a later period came out; the latest figure moved.

Severity: ``info`` within the bounds of either figure, then ``minor`` and ``major`` by how far it moved against the spread
between départements (parameters ``comparison``). Nothing is worded here but tables; the words are those of ``narrative``.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis import territories
from analysis.catalogue import Catalogue, DataError
from analysis.corrections import CORRECTED
from analysis.narrative import formats
from analysis.narrative.messages import say
from analysis.reports.datapackage import FIGURES, FOLDER, read_inputs
from analysis.tables import Column, Table
from analysis.values import VALUED_STATES, Lang, dictionary, period, sorted_periods

KINDS = ("correction", "method", "revision", "perimeter", "real")
SEVERITIES = ("info", "minor", "major")
COLUMNS = (
    "kind", "severity", "indicator", "territory", "period", "before", "after", "state_before", "state_after", "detail",
    "what",
)  # fmt: skip
"""Columns of the differences: ``detail`` says in a key what differs, ``what`` names it (a dataset, a file, a period)."""

_KEY = ["indicator", "territory", "period"]
_METHOD = ("unit", "formula", "rounding", "additive", "modelled")
_WORDING = ("definition_fr", "breaks_fr")
_COMBINING = ("panel.py", "corrections.py", "values.py", "catalogue.py", "sources/base.py")
_SEPARATORS = (" ÷ ", " × ")


class CompareError(DataError):
    """An edition that cannot be compared; the message says which, and the remedy."""


# --------------------------------------------------------------------------------------------------------------- editions


@dataclass(frozen=True)
class Snapshot:
    """An edition as its folder ``data/`` keeps it."""

    name: str
    inputs: Mapping[str, Any]
    figures: pd.DataFrame
    codebook: pd.DataFrame
    datasets: pd.DataFrame
    corrections: pd.DataFrame

    @cached_property
    def periods(self) -> dict[str, set[str]]:
        """The periods of each indicator."""
        pairs = self.figures[["indicator", "period"]].drop_duplicates()
        return {
            str(name): set(rows.astype("str"))
            for name, rows in pairs.groupby("indicator", observed=True)["period"]
        }


def find(text: str, editions: Path) -> Path:
    """The folder of an edition, from its path or from its name in the folder of the editions; CompareError when neither."""
    for folder in (Path(text).expanduser(), editions / text):
        if (folder / FOLDER / FIGURES).is_file():
            return folder
    known = sorted(path.parents[1].name for path in editions.glob(f"*/{FOLDER}/{FIGURES}"))
    there = f"; editions there are: {', '.join(known)}" if known else ""
    raise CompareError(
        f"no edition with its figures is named {text!r}{there}. Make one with `pacte report --all`, or give its folder"
    )


def read(folder: Path) -> Snapshot:
    """The snapshot of an edition; CompareError when a part of it is missing or damaged."""
    place = folder / FOLDER
    inputs = read_inputs(place)
    try:
        if not inputs:
            raise ValueError("inputs.json is missing or damaged")
        figures = pd.read_parquet(place / FIGURES)
        indexed = {"codebook": "indicator", "datasets": "dataset"}
        tables = {
            name: pd.read_csv(place / f"{name}.csv", dtype="str", keep_default_na=False).set_index(key)
            for name, key in indexed.items()
        }
        register = pd.read_csv(place / "corrections.csv", dtype="str", keep_default_na=False)
    except (OSError, ValueError, KeyError) as error:
        raise CompareError(
            f"the data of edition {folder.name} cannot be read ({error}): make it again"
        ) from error
    return Snapshot(str(inputs.get("edition", folder.name)), inputs, figures, corrections=register, **tables)


# -------------------------------------------------------------------------------------------------------------- the result


@dataclass(frozen=True, repr=False)
class Comparison:
    """Every difference between two editions: a frame with ``COLUMNS``, by kind, indicator, territory and period."""

    before: str
    after: str
    differences: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Comparison {self.before} → {self.after}: {len(self.differences)} differences>"

    def counts(self) -> pd.DataFrame:
        """Number of differences by kind (rows) and severity (columns), all of them."""
        found = pd.crosstab(self.differences["kind"], self.differences["severity"])
        return found.reindex(index=list(KINDS), columns=list(SEVERITIES), fill_value=0)

    def fails(self, severity: str) -> bool:
        """Whether anything but a later period is at least that severe."""
        rank = self.differences["severity"].map(SEVERITIES.index)
        return bool(((self.differences["kind"] != "real") & (rank >= SEVERITIES.index(severity))).any())

    def to_csv(self) -> bytes:
        """The differences as CSV."""
        out = io.StringIO()
        self.differences.to_csv(out, index=False, lineterminator="\n", float_format="%.12g")
        return out.getvalue().encode("utf-8")

    def summary(self, lang: Lang) -> str:
        """What changed, in a sentence."""
        names = {"before": self.before, "after": self.after}
        if self.differences.empty:
            return say("compare.none", lang, **names)
        totals = self.counts().sum(axis=1)
        parts = [
            say(f"compare.count.{kind}", lang, n=formats.number(int(totals[kind]), lang))
            for kind in KINDS
            if totals[kind]
        ]
        return say("compare.summary", lang, **names, list=formats.listing(parts, lang))

    def overview(self, lang: Lang) -> Table:
        """Differences by kind and severity."""
        counts = self.counts()
        rows = [
            {"kind": say(f"compare.kind.{kind}", lang), **{s: int(counts.at[kind, s]) for s in SEVERITIES}}
            for kind in KINDS
        ]
        columns = [Column("kind", say("compare.column.kind", lang), "text")]
        columns += [Column(s, say(f"compare.severity.{s}", lang)) for s in SEVERITIES]
        caption = say("compare.caption.overview", lang, before=self.before, after=self.after)
        return Table("compare_overview", caption, columns, rows, lang)

    def by_indicator(self, lang: Lang) -> Table:
        """One row for each indicator, kind and reason: how many figures and territories, and the highest severity."""
        rank = self.differences["severity"].map(SEVERITIES.index)
        groups = self.differences.assign(rank=rank).groupby(
            ["kind", "indicator", "detail", "what"], sort=False
        )
        found = groups.agg(
            n=("period", "size"), places=("territory", "nunique"), rank=("rank", "max")
        ).reset_index()
        found["order"] = found["kind"].map(KINDS.index)
        found = found.sort_values(
            ["rank", "order", "indicator", "detail"], ascending=[False, True, True, True]
        )
        rows = [
            {
                "indicator": _label(row.indicator, lang),
                "kind": say(f"compare.kind.{row.kind}", lang),
                "reason": _reason(row.detail, row.what, lang),
                "n": int(row.n),
                "places": int(row.places),
                "severity": say(f"compare.severity.{SEVERITIES[row.rank]}", lang),
            }
            for row in found.itertuples()
        ]
        return self._table(
            "by_indicator", ("indicator", "kind", "reason", "n", "places", "severity"), rows, lang
        )

    def of_territory(self, code: str, lang: Lang) -> Table:
        """The differences of one territory, the most severe first."""
        found = self.differences[self.differences["territory"] == code]
        found = found.assign(rank=found["severity"].map(SEVERITIES.index))
        found = found.sort_values(
            ["rank", "indicator", "period"], ascending=[False, True, True], kind="stable"
        )
        rows = [
            {
                "indicator": _label(row.indicator, lang),
                "period": formats.bare_period(row.period, lang) if row.period else say("none", lang),
                "before": _amount(row.before, row.state_before, row.indicator, lang),
                "after": _amount(row.after, row.state_after, row.indicator, lang),
                "kind": say(f"compare.kind.{row.kind}", lang),
                "reason": _reason(row.detail, row.what, lang),
                "severity": say(f"compare.severity.{row.severity}", lang),
            }
            for row in found.itertuples()
        ]
        keys = ("indicator", "period", "before", "after", "kind", "reason", "severity")
        return self._table("territory", keys, rows, lang, place=territories.get(code).name_in(lang))

    def _table(self, name: str, keys: Sequence[str], rows: list[dict], lang: Lang, **words: str) -> Table:
        caption = say(f"compare.caption.{name}", lang, before=self.before, after=self.after, **words)
        kinds = dict.fromkeys(("n", "places"), "number")
        columns = [Column(k, say(f"compare.column.{k}", lang), kinds.get(k, "text")) for k in keys]
        return Table(f"compare_{name}", caption, columns, rows, lang)


def _label(indicator: str, lang: Lang) -> str:
    if not indicator:
        return say("compare.edition", lang)
    known = indicator in dictionary()
    return formats.capital(dictionary()[indicator].label[lang]) if known else indicator


def _reason(detail: str, what: str, lang: Lang) -> str:
    words = say(f"compare.detail.{detail}", lang)
    return say("compare.named", lang, words=words, what=what) if what else words


def _amount(x: float, state: str, indicator: str, lang: Lang) -> str:
    if pd.isna(x):
        return formats.state_words(state, lang) if state else say("none", lang)
    if indicator not in dictionary():
        return formats.number(x, lang, 2)
    entry = dictionary()[indicator]
    return formats.quantity(x, entry.unit, lang, entry.decimals)


# --------------------------------------------------------------------------------------------------------------- comparing


def compare(before: Path, after: Path, catalogue: Catalogue | None = None) -> Comparison:
    """Compare two editions, given by their folders."""
    rules = (Catalogue() if catalogue is None else catalogue).parameters("comparison")
    a, b = read(before), read(after)
    names = (a.name, b.name) if a.name != b.name else (before.resolve().name, after.resolve().name)
    reasons = _Reasons(a, b)
    both = _merged(a, b)
    parts = [
        _of_editions(a, b),
        reasons.of_indicators(),
        _of_figures(both, reasons, rules),
        _perimeter(both, reasons),
    ]
    parts.append(_later(a, b, rules))
    found = pd.concat([part for part in parts if len(part)] or [_frame(())], ignore_index=True)
    order = found["kind"].map(KINDS.index)
    found = found.assign(order=order).sort_values(["order", *_KEY], kind="stable", ignore_index=True)
    return Comparison(*names, found[list(COLUMNS)])


def _frame(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Differences given one by one; what they leave out is empty."""
    empty = dict.fromkeys(COLUMNS, "") | {"before": np.nan, "after": np.nan}
    frame = pd.DataFrame([empty | dict(row) for row in rows], columns=list(COLUMNS))
    return frame.astype({c: "float64" if c in ("before", "after") else "str" for c in COLUMNS})


def _of_editions(a: Snapshot, b: Snapshot) -> pd.DataFrame:
    """Territories, reports and indicators that one edition has and the other has not."""
    rows = []
    for key, detail in (("territories", "territory"), ("outcomes", "report")):
        gone, come = (set(x.inputs.get(key, ())) - set(y.inputs.get(key, ())) for x, y in ((a, b), (b, a)))
        for name in sorted(gone | come):
            place = {"territory": name} if key == "territories" else {"what": name}
            way, severity = ("gone", "major") if name in gone else ("new", "minor")
            rows.append({"kind": "perimeter", "severity": severity, "detail": f"{detail}_{way}", **place})
    for name in sorted(set(a.codebook.index) ^ set(b.codebook.index)):
        way, severity = ("gone", "major") if name in a.codebook.index else ("new", "minor")
        rows.append(
            {"kind": "perimeter", "severity": severity, "indicator": name, "detail": f"indicator_{way}"}
        )
    return _frame(rows)


def _merged(a: Snapshot, b: Snapshot) -> pd.DataFrame:
    """The figures of both editions side by side, for the territories and indicators that both have."""
    places = set(a.figures["territory"].unique()) & set(b.figures["territory"].unique())
    names = set(a.codebook.index) & set(b.codebook.index)
    parts = []
    for one in (a, b):
        frame = one.figures
        kept = frame[frame["territory"].isin(places) & frame["indicator"].isin(names)]
        parts.append(
            kept.drop(columns="quality").astype(dict.fromkeys((*_KEY, "state", "source", "note"), "str"))
        )
    both = parts[0].merge(parts[1], on=_KEY, how="outer", suffixes=("_a", "_b"), indicator="side")
    texts = [f"{c}_{end}" for c in ("state", "source", "note") for end in "ab"]
    return both.fillna(dict.fromkeys(texts, ""))


class _Reasons:
    """Why figures of an indicator may differ, from what both editions were made from."""

    def __init__(self, a: Snapshot, b: Snapshot) -> None:
        self.a, self.b = a, b
        self.definitions = dict(self._definitions())
        self.files = self._changed_datasets(("published", "vintage"))
        self.perimeters = self._changed_datasets(("perimeter",))
        code = _differing(a.inputs.get("code", {}), b.inputs.get("code", {}))
        self.combining = next((name for name in _COMBINING if name in code), "")
        loaders = b.datasets["loader"]
        self.loaders = {name: path for name, path in loaders.items() if path in code}
        assumed = _differing(a.inputs.get("assumptions", {}), b.inputs.get("assumptions", {}))
        self.assumptions = sorted(assumed - {"corrections", "comparison"})
        self.register = _entries(a) ^ _entries(b)

    def _definitions(self) -> Iterator[tuple[str, str]]:
        """What changed in the definition of each indicator, or of one that it is computed from."""
        a, b = self.a.codebook, self.b.codebook
        common = [name for name in b.index if name in a.index]
        changed = {
            name: next((key for key in _METHOD if a.at[name, key] != b.at[name, key]), "") for name in common
        }
        for name in common:
            terms = [term for term in b.at[name, "formula"].split() if changed.get(term)]
            if changed[name]:
                yield name, changed[name]
            elif terms:
                yield name, "formula"

    def _changed_datasets(self, keys: Sequence[str]) -> set[str]:
        a, b = self.a.datasets, self.b.datasets
        changed = {n for n in b.index if n in a.index and any(a.at[n, k] != b.at[n, k] for k in keys)}
        return changed | (set(a.index) ^ set(b.index))

    def of_indicators(self) -> pd.DataFrame:
        """Changes of a definition, said once for each indicator: of method, or of its wording alone."""
        a, b = self.a.codebook, self.b.codebook
        rows = []
        for name in (n for n in b.index if n in a.index):
            own = [key for key in _METHOD if a.at[name, key] != b.at[name, key]]
            if own:
                severity = "major" if "unit" in own else "minor"
                row = {"detail": own[0], "what": f"{a.at[name, own[0]]} → {b.at[name, own[0]]}"}
                rows.append({"kind": "method", "severity": severity, "indicator": name, **row})
            elif any(a.at[name, key] != b.at[name, key] for key in _WORDING):
                rows.append({"kind": "method", "severity": "info", "indicator": name, "detail": "definition"})
        return _frame(rows)

    def of_figure(self, name: str, source: str, notes: tuple[str, str]) -> tuple[str, str, str]:
        """Kind, detail and name of the cause of a difference between two figures of the same period."""
        marked = [CORRECTED in note.split() for note in notes]
        datasets = _names(source)
        if marked[0] != marked[1] or (all(marked) and any(entry[0] in datasets for entry in self.register)):
            return "correction", "corrected", ""
        if name in self.definitions:
            return "method", self.definitions[name], ""
        if found := sorted(datasets & self.files):
            return "revision", "file", found[0]
        if found := sorted(datasets & set(self.loaders)):
            return "method", "code", self.loaders[found[0]]
        if self.combining:
            return "method", "code", self.combining
        if self.assumptions:
            return "method", "assumption", self.assumptions[0]
        return "method", "unexplained", ""


def _differing(a: Mapping[str, str], b: Mapping[str, str]) -> set[str]:
    return {name for name in {*a, *b} if a.get(name) != b.get(name)}


def _entries(one: Snapshot) -> set[tuple[str, ...]]:
    keys = ["dataset", "indicator", "territory", "period", "published", "corrected"]
    return set(one.corrections[keys].itertuples(index=False, name=None))


def _names(source: str) -> set[str]:
    for separator in _SEPARATORS[1:]:
        source = source.replace(separator, _SEPARATORS[0])
    return set(source.split(_SEPARATORS[0]))


def _of_figures(both: pd.DataFrame, reasons: _Reasons, rules: Mapping) -> pd.DataFrame:
    """Figures of both editions whose value, state or bounds differ."""
    known = {end: both[f"state_{end}"].isin(VALUED_STATES) for end in "ab"}
    rows = both[(both["side"] == "both") & known["a"] & known["b"]]
    moved = _apart(rows, "value")
    bounds = _apart(rows, "lower") | _apart(rows, "upper")
    state = rows["state_a"] != rows["state_b"]
    rows = rows.assign(moved=moved)[moved | bounds | state]
    if rows.empty:
        return _frame(())
    causes = [
        reasons.of_figure(*row)
        for row in zip(
            rows["indicator"], rows["source_b"], zip(rows["note_a"], rows["note_b"], strict=True), strict=True
        )
    ]
    severity = _severity(rows, reasons.a, reasons.b, rules)
    found = _differences(rows).assign(severity=np.where(rows["moved"], severity, "info"))
    found["kind"], found["detail"], found["what"] = zip(*causes, strict=True)
    only_state = ~rows["moved"] & (rows["state_a"] != rows["state_b"])
    found.loc[only_state, ["detail", "what"]] = ["state", ""]
    return found[list(COLUMNS)]


def _apart(rows: pd.DataFrame, column: str) -> pd.Series:
    a, b = rows[f"{column}_a"].to_numpy(float), rows[f"{column}_b"].to_numpy(float)
    return pd.Series(~np.isclose(a, b, rtol=1e-9, atol=0.0, equal_nan=True), index=rows.index)


def _differences(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns of the differences from rows of both editions."""
    named = {"value_a": "before", "value_b": "after", "state_a": "state_before", "state_b": "state_after"}
    return rows.rename(columns=named).assign(kind="", severity="", detail="", what="")[list(COLUMNS)]


def _severity(rows: pd.DataFrame, a: Snapshot, b: Snapshot, rules: Mapping) -> np.ndarray:
    """How far figures moved: within bounds, then against the spread between départements, or against themselves."""
    before, after = rows["value_a"].to_numpy(float), rows["value_b"].to_numpy(float)
    inside = _within(after, rows, "a") | _within(before, rows, "b")
    gap = np.abs(after - before)
    additive = rows["indicator"].map(b.codebook["additive"] == "true").to_numpy(bool)
    pairs = pd.MultiIndex.from_frame(rows[["indicator", "period"]])
    spread = _spreads(a.figures, set(pairs), rules["fewest"]).reindex(pairs).to_numpy(float)
    relative = additive | ~(spread > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = np.where(relative, gap / np.abs(before), gap / spread)
    limits = {s: np.where(relative, rules["relative"][s], rules["spread"][s]) for s in ("minor", "major")}
    found = np.select(
        [inside, moved >= limits["major"], moved >= limits["minor"]], ["info", "major", "minor"], "info"
    )
    return found


def _within(x: np.ndarray, rows: pd.DataFrame, end: str) -> np.ndarray:
    lower, upper = rows[f"lower_{end}"].to_numpy(float), rows[f"upper_{end}"].to_numpy(float)
    return (lower <= x) & (x <= upper)


def _spreads(figures: pd.DataFrame, pairs: set[tuple[str, str]], fewest: int) -> pd.Series:
    """Interquartile range between départements for indicators and periods, where at least ``fewest`` are known."""
    names = {name for name, _ in pairs}
    rows = figures[figures["indicator"].isin(names) & figures["territory"].isin(territories.DEPARTEMENTS)]
    rows = rows[rows["value"].notna()].astype({"indicator": "str", "period": "str"})
    groups = rows.groupby(["indicator", "period"])["value"]
    quarters = groups.quantile([0.25, 0.75]).unstack()
    found = (quarters[0.75] - quarters[0.25]) if len(rows) else pd.Series(dtype="float64")
    return found.where(groups.size() >= fewest)


def _perimeter(both: pd.DataFrame, reasons: _Reasons) -> pd.DataFrame:
    """Figures of periods that both editions have which appear, disappear, are withheld or released."""
    known = {end: both[f"state_{end}"].isin(VALUED_STATES) for end in "ab"}
    rows = both[known["a"] != known["b"]]
    if rows.empty:
        return _frame(())
    pairs = zip(rows["indicator"], rows["period"], strict=True)
    later = np.array([when not in reasons.a.periods.get(name, ()) for name, when in pairs])
    rows = rows[~later]
    lost = rows["state_a"].isin(VALUED_STATES)
    found = _differences(rows).assign(kind="perimeter", severity=np.where(lost, "major", "minor"))
    corrected = (rows["note_b"] + " " + rows["note_a"]).str.split().map(lambda keys: CORRECTED in keys)
    found["kind"] = np.where(corrected, "correction", "perimeter")
    found["detail"] = np.where(corrected, "corrected", np.where(lost, "figure_gone", "figure_new"))
    sources = rows["source_b"].where(rows["source_b"] != "", rows["source_a"])
    found["what"] = [next(iter(sorted(_names(s) & reasons.perimeters)), "") for s in sources]
    return found[list(COLUMNS)]


def _later(a: Snapshot, b: Snapshot, rules: Mapping) -> pd.DataFrame:
    """For each indicator with a later period, the latest figure of each territory before and after."""
    new = {n: sorted_periods(b.periods[n] - a.periods[n]) for n in b.periods if n in a.periods}
    new = {name: periods for name, periods in new.items() if periods}
    ends = [_latest(one.figures, set(new)) for one in (a, b)]
    rows = ends[0].merge(ends[1], on=["indicator", "territory"], how="right", suffixes=("_a", "_b"))
    rows = rows[[when in new[name] for name, when in zip(rows["indicator"], rows["period_b"], strict=True)]]
    if rows.empty:
        return _frame(())
    rows = rows.assign(period=rows["period_a"])
    severity = np.where(rows["value_a"].isna(), "info", _severity(rows, a, b, rules))
    found = _differences(rows.fillna({"state_a": ""})).assign(kind="real", severity=severity, detail="later")
    return found.assign(period=rows["period_b"], what=rows["period_a"].fillna(""))[list(COLUMNS)]


def _latest(figures: pd.DataFrame, names: set[str]) -> pd.DataFrame:
    """The last known figure of each territory, for some indicators."""
    rows = figures[figures["indicator"].isin(names) & figures["value"].notna()]
    rows = rows[[*_KEY, "value", "lower", "upper", "state"]].astype(dict.fromkeys((*_KEY, "state"), "str"))
    start = rows["period"].map({text: period(text).start for text in rows["period"].unique()})
    by_time = rows.assign(start=start).sort_values("start", kind="stable")
    return by_time.drop_duplicates(["indicator", "territory"], keep="last").drop(columns="start")
