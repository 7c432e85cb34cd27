"""What changed from one edition to another: each difference of a figure, with its kind and its severity.

Both editions are read from their folder ``data/`` (see ``datapackage``), so that an edition can be compared with one made by
other code, years before. A difference is one of:

- ``correction``: the register of corrections changed for that figure;
- ``method``: its definition, unit or formula changed; or its producer's file is the same and the code that reads or combines
  it, or an assumption, is not;
- ``revision``: the producer's file changed, and the figure of the same period with it;
- ``perimeter``: a figure, an indicator, a territory or a report appears or disappears, or a figure is withheld or released;
  or the producer's file is of another perimeter than before. An earlier period that a newer file brings is one, as no figure
  of today moved;
- ``real``: a later period came out; the latest figure moved, by the same definition.

A figure that either edition keeps secret, or that the later one has taken out, is told without its number (``secrecy``).

Severity: ``info`` within the bounds of either figure, then ``minor`` and ``major`` by how far it moved against the spread
between départements (parameters ``comparison``). Nothing is worded here but tables; the words are those of ``narrative``.

A comparison that is to be shown in the site of the later edition is kept in that edition's ``data/`` (``keep``), whole or
not at all, and read from there (``kept``) each time that the site is written: the earlier edition is then not needed.
"""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.data import panel
from analysis.data.catalogue import LOCAL, Catalogue
from analysis.foundations import csv_cells, dependencies, places
from analysis.foundations.columns import AMOUNTS
from analysis.foundations.files import as_json, sha256_of, write_whole
from analysis.foundations.notes import CORRECTED, apart, keys
from analysis.foundations.origin import Origin
from analysis.foundations.periods import period
from analysis.foundations.values import VALUED_STATES, Lang, Value, dictionary
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table
from analysis.reports.beside import datapackage
from analysis.reports.beside.kept_edition import KEY, Snapshot, figures, read
from analysis.reports.beside.secrecy import NUMBERS, withheld, withhold
from analysis.reports.beside.severity import severities
from analysis.reports.data_files import DIFFERENCES, FIGURES, FOLDER, RECORD
from analysis.reports.pages import since
from analysis.reports.pages.since import KINDS, SEVERITIES

COLUMNS = (
    "kind", "severity", "indicator", "territory", "period",
    "before", "lower_before", "upper_before", "state_before", "quality_before", "note_before",
    "after", "lower_after", "upper_after", "state_after", "quality_after", "note_after", "detail", "what",
)  # fmt: skip
"""Columns of the differences: ``detail`` says in a key what differs, ``what`` names it (a dataset, a file, a period)."""

_ENTRY = ["dataset", "indicator", "territory", "period", "published", "corrected"]
_METHOD = ("unit", "formula", "rounding", "additive", "modelled")
_WORDING = ("definition_fr", "breaks_fr")
_TEXTS = (*KEY, "state", "quality", "source", "note")


# -------------------------------------------------------------------------------------------------------------- the result


@dataclass(frozen=True)
class Side:
    """What one edition of a comparison is, in a few facts; those that it does not keep are empty or 0."""

    name: str
    title: Mapping[str, str] = field(default_factory=dict)
    vintages: str | Mapping[str, str] = ""
    """The day to which its datasets are held, or the vintage of each."""
    package: str = ""
    """Version of the program that made it."""
    territories: int = 0
    reports: int = 0
    """Kinds of reports."""
    indicators: int = 0
    figures: int = 0

    @classmethod
    def of(cls, one: Snapshot, name: str) -> Side:
        """The facts of an edition."""
        given = one.inputs
        return cls(
            name,
            dict(given.get("title", {})),
            given.get("vintages", ""),
            str(given.get("package", "")),
            len(given.get("territories", ())),
            len(given.get("outcomes", ())),
            len(one.codebook),
            int(one.figures["state"].isin(VALUED_STATES).sum()),
        )


@dataclass(frozen=True, repr=False)
class Comparison:
    """Every difference between two editions: a frame with ``COLUMNS``, by kind, indicator, territory and period.

    ``sides`` are the facts of both; ``corrections`` the entries by which their registers differ, each with its ``way``,
    new or gone. ``outdated``, of one that was kept, says that the figures of the later edition are others since.
    """

    before: str
    after: str
    differences: pd.DataFrame
    sides: tuple[Side, ...] = ()
    corrections: Sequence[Mapping[str, str]] = ()
    outdated: bool = False

    def __repr__(self) -> str:
        return f"<Comparison {self.before} → {self.after}: {len(self.differences)} differences>"

    def counts(self) -> pd.DataFrame:
        """Number of differences by kind (rows) and severity (columns), all of them."""
        table = pd.crosstab(self.differences["kind"], self.differences["severity"])
        return table.reindex(index=list(KINDS), columns=list(SEVERITIES), fill_value=0)

    def fails(self, severity: str) -> bool:
        """Whether anything but a later period is at least that severe."""
        rank = self.differences["severity"].map(SEVERITIES.index)
        return bool(((self.differences["kind"] != "real") & (rank >= SEVERITIES.index(severity))).any())

    def to_csv(self) -> bytes:
        """The differences as CSV."""
        out, rows = io.StringIO(), self.differences
        texts = {
            c: rows[c].map({text: csv_cells.plain(text) for text in rows[c].unique()})
            for c in COLUMNS
            if c not in NUMBERS
        }
        rows.assign(**texts).to_csv(out, index=False, lineterminator="\n", float_format="%.12g")
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
        counts = self.counts().to_dict("index")
        rows = [
            {"kind": say(f"compare.kind.{kind}", lang), **{s: int(counts[kind][s]) for s in SEVERITIES}}
            for kind in KINDS
        ]
        columns = [Column("kind", say("compare.column.kind", lang), "text")]
        columns += [Column(s, say(f"compare.severity.{s}", lang)) for s in SEVERITIES]
        caption = say("compare.caption.overview", lang, before=self.before, after=self.after)
        return Table("compare_overview", caption, columns, rows, lang)

    def groups(self) -> pd.DataFrame:
        """The differences by nature, indicator and cause, the most severe first.

        Columns ``kind, indicator, detail, what``; ``n`` differences and how many are ``major``, in how many ``places``
        (0 when it concerns an indicator or the edition as a whole); ``rank`` of the highest severity.
        """
        rows = self.differences
        rank = rows["severity"].map(SEVERITIES.index)
        there = rows["territory"].where(rows["territory"] != "")
        groups = rows.assign(rank=rank, territory=there, major=rows["severity"] == "major").groupby(
            ["kind", "indicator", "detail", "what"], sort=False
        )
        counted = groups.agg(
            n=("period", "size"),
            major=("major", "sum"),
            places=("territory", "nunique"),
            rank=("rank", "max"),
        ).reset_index()
        counted["order"] = counted["kind"].map(KINDS.index)
        return counted.sort_values(
            ["rank", "order", "indicator", "detail"], ascending=[False, True, True, True], kind="stable"
        )

    def by_indicator(self, lang: Lang) -> Table:
        """One row for each indicator, kind and reason: how many figures and territories, and the highest severity."""
        rows = [
            {
                "indicator": label(row["indicator"], lang),
                "kind": say(f"compare.kind.{row['kind']}", lang),
                "reason": reason(row["detail"], row["what"], lang),
                "n": int(row["n"]),
                "places": int(row["places"]),
                "severity": say(f"compare.severity.{SEVERITIES[row['rank']]}", lang),
            }
            for row in self.groups().to_dict("records")
        ]
        caption = say("compare.caption.by_indicator", lang, before=self.before, after=self.after)
        keys = ("indicator", "kind", "reason", "n", "places", "severity")
        columns = [
            Column(k, say(f"compare.column.{k}", lang), "number" if k in ("n", "places") else "text")
            for k in keys
        ]
        return Table("compare_by_indicator", caption, columns, rows, lang)


def label(indicator: str, lang: Lang) -> str:
    """An indicator in words; its name where this version does not know it; the edition for none."""
    if not indicator:
        return say("compare.edition", lang)
    known = indicator in dictionary()
    return formats.capital(dictionary()[indicator].label[lang]) if known else indicator


def reason(detail: str, what: str, lang: Lang) -> str:
    """What differs, in words, with the name of it when it has one."""
    words = say(f"compare.detail.{detail}", lang)
    if detail == "later" and what:
        what = formats.bare_period(what, lang)
    return say("compare.named", lang, words=words, what=what) if what else words


def figure(row: Any, side: str, lang: Lang) -> Value | str:
    """The figure of a difference ``before`` or ``after``, as a cell; words where there is none.

    Args:
        row: a difference, with its columns as attributes. side: ``before`` or ``after``. lang: of the words.
    """
    amount, state = getattr(row, side), getattr(row, f"state_{side}")
    if not state:
        return say("compare.absent", lang)
    if withheld(amount, state):
        return say("compare.withheld", lang)
    if row.indicator not in dictionary():
        return formats.state_words(state, lang) if pd.isna(amount) else formats.number(amount, lang, 2)
    bounds = (getattr(row, f"{end}_{side}") for end in ("lower", "upper"))
    value, lower, upper = (None if pd.isna(x) else float(x) for x in (amount, *bounds))
    note = getattr(row, f"note_{side}")
    return Value(row.indicator, row.territory, row.period, value, lower, upper, state, note=note)


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
    parts.append(_later(a, b, reasons, rules))
    differences = pd.concat([part for part in parts if len(part)] or [_frame(())], ignore_index=True)
    differences = withhold(withhold(differences, b.figures, gone=True), a.figures, gone=False)
    order = differences["kind"].map(KINDS.index)
    differences = differences.assign(order=order).sort_values(
        ["order", *KEY], kind="stable", ignore_index=True
    )
    sides = tuple(Side.of(one, name) for one, name in zip((a, b), names, strict=True))
    return Comparison(*names, differences[list(COLUMNS)], sides, tuple(_register(a, b)))


def _register(a: Snapshot, b: Snapshot) -> Iterator[dict[str, str]]:
    """The entries that only one of two registers of corrections has."""
    ours = (_entries(a), _entries(b))
    for way, one, others in (("gone", a, ours[1]), ("new", b, ours[0])):
        for entry, row in zip(
            one.corrections[_ENTRY].itertuples(index=False, name=None),
            one.corrections.to_dict("records"),
            strict=True,
        ):
            if entry not in others:
                yield {"way": way, **{str(key): text for key, text in row.items()}}


# ----------------------------------------------------------------------------------------------------------------- keeping


def keep(comparison: Comparison, folder: Path, before: Mapping[str, str] | None = None) -> None:
    """Keep a comparison in the folder of the later edition: the record last, which names the differences by checksum.

    Args:
        before: of a comparison that is kept again, what the figures of the later edition were when they were compared.
    """
    differences, now = comparison.to_csv(), datapackage.fingerprint(folder)
    record = {
        "before": asdict(comparison.sides[0]),
        "after": asdict(comparison.sides[1]),
        "corrections": list(comparison.corrections),
        "differences": {"rows": len(comparison.differences), "sha256": sha256_of(differences)},
        "territories": {
            code: asdict(one) for code, one in since.places_of(since.ranked(comparison.differences)).items()
        },
        "data": now,
        "made_from": datapackage.made_from(datapackage.read_inputs(folder / FOLDER)),
        "held": now,
    } | dict(before or {})
    write_whole(folder / DIFFERENCES, differences)
    write_whole(folder / RECORD, as_json(record))


def renew(folder: Path) -> None:
    """Take out of the comparison that an edition keeps what its figures, which are others since, keep secret now.

    Nothing is done where they cannot be read: the run that makes them again comes back to it.
    """
    comparison = kept(folder)
    if comparison is None:
        return
    try:
        now = figures(folder / FOLDER / FIGURES)
    except (OSError, ValueError):
        return
    rows = withhold(comparison.differences, now, gone=True)
    record = json.loads(places.content(folder / RECORD))
    before = {key: str(record.get(key, "")) for key in ("data", "made_from")}
    keep(replace(comparison, differences=rows), folder, before)


def kept(folder: Path) -> Comparison | None:
    """The comparison that an edition keeps; None when there is none, or what is there is cut, altered or not ours."""
    try:
        record = json.loads(places.content(folder / RECORD))
        content = places.content(folder / DIFFERENCES)
        if sha256_of(content) != record["differences"]["sha256"]:
            return None
        sides = tuple(Side(**record[end]) for end in ("before", "after"))
        outdated = record["data"] != datapackage.fingerprint(folder)
        texts = {c: "str" for c in COLUMNS if c not in NUMBERS}
        frame = pd.read_csv(  # noqa: TID251 - a file of ours
            io.BytesIO(content), dtype=texts, keep_default_na=False, na_values=dict.fromkeys(NUMBERS, "")
        )
        frame = _told_apart(frame)[list(COLUMNS)].astype(dict.fromkeys(NUMBERS, "float64"))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    earlier, later = (side.name for side in sides)
    return Comparison(earlier, later, frame, sides, tuple(record["corrections"]), outdated)


def _told_apart(rows: pd.DataFrame) -> pd.DataFrame:
    """Differences as they are written now; their notes held what a département wrote before words were told apart."""
    for side in ("before", "after"):
        if f"quality_{side}" not in rows:
            pairs = [apart(note) for note in rows[f"note_{side}"]]
            quality = [LOCAL if words else "" for _, words in pairs]
            rows = rows.assign(**{f"quality_{side}": quality, f"note_{side}": [note for note, _ in pairs]})
    return rows


# --------------------------------------------------------------------------------------------------------------- reasons


def _frame(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Differences given one by one; what they leave out is empty."""
    empty = dict.fromkeys(COLUMNS, "") | dict.fromkeys(NUMBERS, np.nan)
    frame = pd.DataFrame([empty | dict(row) for row in rows], columns=list(COLUMNS))
    return frame.astype({c: "float64" if c in NUMBERS else "str" for c in COLUMNS})


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
        parts.append(kept[[*_TEXTS, *AMOUNTS]].astype(dict.fromkeys(_TEXTS, "str")))
    both = parts[0].merge(parts[1], on=KEY, how="outer", suffixes=("_a", "_b"), indicator="side")
    texts = [f"{c}_{end}" for c in _TEXTS if c not in KEY for end in "ab"]
    return both.fillna(dict.fromkeys(texts, ""))


def _rows(table: pd.DataFrame) -> dict[str, dict[Any, Any]]:
    """The rows of a table of texts by their name."""
    return {str(name): row for name, row in table.to_dict("index").items()}


class _Reasons:
    """Why figures of an indicator may differ, from what both editions were made from."""

    def __init__(self, a: Snapshot, b: Snapshot) -> None:
        self.a, self.b = a, b
        self.definitions = dict(self._definitions())
        self.files = self._changed_datasets(("published", "vintage"))
        self.perimeters = self._changed_datasets(("perimeter",))
        code = _differing(a.inputs.get("code", {}), b.inputs.get("code", {}))
        combining = dependencies.nearest(panel.__name__)
        self.combining = next((name for name in combining if name in code), "")
        behind = {path: _first(path, code, combining) for path in b.datasets["loader"].unique() if path}
        self.loaders = {name: behind[path] for name, path in b.datasets["loader"].items() if behind.get(path)}
        assumed = _differing(a.inputs.get("assumptions", {}), b.inputs.get("assumptions", {}))
        self.assumptions = sorted(assumed - {"corrections", "comparison"})
        self.register = _entries(a) ^ _entries(b)

    def _definitions(self) -> Iterator[tuple[str, str]]:
        """What changed in the definition of each indicator, or of one that it is computed from."""
        a, b = _rows(self.a.codebook), _rows(self.b.codebook)
        common = [name for name in b if name in a]
        changed = {
            name: next((key for key in _METHOD if a[name][key] != b[name][key]), "") for name in common
        }
        for name in common:
            terms = [term for term in b[name]["formula"].split() if changed.get(term)]
            if changed[name]:
                yield name, changed[name]
            elif terms:
                yield name, "formula"

    def _changed_datasets(self, keys: Sequence[str]) -> set[str]:
        a, b = _rows(self.a.datasets), _rows(self.b.datasets)
        changed = {n for n in b if n in a and any(a[n][k] != b[n][k] for k in keys)}
        return changed | (set(a) ^ set(b))

    def of_indicators(self) -> pd.DataFrame:
        """Changes of a definition, said once for each indicator: of method, or of its wording alone."""
        a, b = _rows(self.a.codebook), _rows(self.b.codebook)
        rows = []
        for name in (n for n in b if n in a):
            own = [key for key in _METHOD if a[name][key] != b[name][key]]
            if own:
                severity = "major" if "unit" in own else "minor"
                row = {"detail": own[0], "what": f"{a[name][own[0]]} → {b[name][own[0]]}"}
                rows.append({"kind": "method", "severity": severity, "indicator": name, **row})
            elif any(a[name][key] != b[name][key] for key in _WORDING):
                rows.append({"kind": "method", "severity": "info", "indicator": name, "detail": "definition"})
        return _frame(rows)

    def of_figure(self, name: str, source: str, notes: tuple[str, str]) -> tuple[str, str, str]:
        """Kind, detail and name of the cause of a difference between two figures of the same period."""
        marked = [CORRECTED in keys(note) for note in notes]
        datasets = set(Origin.read(source).names)
        if marked[0] != marked[1] or (all(marked) and any(entry[0] in datasets for entry in self.register)):
            return "correction", "corrected", ""
        if name in self.definitions:
            return "method", self.definitions[name], ""
        if changed := sorted(datasets & self.files & self.perimeters & set(self.a.datasets.index)):
            return "perimeter", "perimeter", changed[0]
        if changed := sorted(datasets & self.files):
            return "revision", "file", changed[0]
        if changed := sorted(datasets & set(self.loaders)):
            return "method", "code", self.loaders[changed[0]]
        if self.combining:
            return "method", "code", self.combining
        if self.assumptions:
            return "method", "assumption", self.assumptions[0]
        return "method", "unexplained", ""


def _first(loader: str, code: Collection[str], combining: Collection[str]) -> str:
    """The nearest file that differs among those by which a loader works; those by which every figure goes are told apart."""
    return next((path for path in dependencies.of_file(loader) if path in code and path not in combining), "")


def _differing(a: Mapping[str, str], b: Mapping[str, str]) -> set[str]:
    return {name for name in {*a, *b} if a.get(name) != b.get(name)}


def _entries(one: Snapshot) -> set[tuple[str, ...]]:
    return set(one.corrections[_ENTRY].itertuples(index=False, name=None))


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
    severity = severities(rows, reasons.a, reasons.b, rules)
    differences = _differences(rows).assign(severity=np.where(rows["moved"], severity, "info"))
    differences["kind"], differences["detail"], differences["what"] = zip(*causes, strict=True)
    only_state = ~rows["moved"] & (rows["state_a"] != rows["state_b"])
    differences.loc[only_state, ["detail", "what"]] = ["state", ""]
    return differences[list(COLUMNS)]


def _apart(rows: pd.DataFrame, column: str) -> pd.Series:
    a, b = rows[f"{column}_a"].to_numpy(float), rows[f"{column}_b"].to_numpy(float)
    return pd.Series(~np.isclose(a, b, rtol=1e-9, atol=0.0, equal_nan=True), index=rows.index)


def _differences(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns of the differences from rows of both editions."""
    sides = {"a": "before", "b": "after"}
    named = {f"value_{end}": side for end, side in sides.items()}
    named |= {
        f"{c}_{end}": f"{c}_{s}"
        for c in ("lower", "upper", "state", "quality", "note")
        for end, s in sides.items()
    }
    return rows.rename(columns=named).assign(kind="", severity="", detail="", what="")[list(COLUMNS)]


def _perimeter(both: pd.DataFrame, reasons: _Reasons) -> pd.DataFrame:
    """Figures which appear, disappear, are withheld or released, but for those of later periods.

    It is a change of perimeter, unless the definition of the indicator changed with it or the figure was put right.
    """
    known = {end: both[f"state_{end}"].isin(VALUED_STATES) for end in "ab"}
    rows = both[known["a"] != known["b"]]
    pairs = zip(rows["indicator"], rows["period"], strict=True)
    after = {name: _later_periods(reasons.a, reasons.b, name) for name in rows["indicator"].unique()}
    later = np.array([when in after[name] for name, when in pairs])
    rows = rows[~later.astype(bool)]
    if rows.empty:
        return _frame(())
    lost = rows["state_a"].isin(VALUED_STATES)
    differences = _differences(rows).assign(kind="perimeter", severity=np.where(lost, "major", "minor"))
    notes = zip(rows["note_b"], rows["note_a"], strict=True)
    corrected = np.array([CORRECTED in [*keys(b), *keys(a)] for b, a in notes], dtype=bool)
    anew = np.array([reasons.definitions.get(name, "") for name in rows["indicator"]])
    differences["kind"] = np.select([corrected, anew != ""], ["correction", "method"], "perimeter")
    otherwise = np.where(lost, "figure_gone", "figure_new")
    differences["detail"] = np.select([corrected, anew != ""], ["corrected", anew], otherwise)
    sources = rows["source_b"].where(rows["source_b"] != "", rows["source_a"])
    named = [next(iter(sorted(reasons.perimeters.intersection(Origin.read(s).names))), "") for s in sources]
    differences["what"] = np.where(differences["kind"] == "perimeter", named, "")
    return differences[list(COLUMNS)]


def _later(a: Snapshot, b: Snapshot, reasons: _Reasons, rules: Mapping) -> pd.DataFrame:
    """For each indicator with a later period, the latest figure of each territory before and after.

    Where the definition changed too they cannot be compared, and it is a change of method.
    """
    new = {name: periods for name in b.periods if (periods := _later_periods(a, b, name))}
    ends = [_latest(one.figures, set(new)) for one in (a, b)]
    rows = ends[0].merge(ends[1], on=["indicator", "territory"], how="right", suffixes=("_a", "_b"))
    rows = rows[[when in new[name] for name, when in zip(rows["indicator"], rows["period_b"], strict=True)]]
    if rows.empty:
        return _frame(())
    rows = rows.assign(period=rows["period_a"])
    severity = np.where(rows["value_a"].isna(), "info", severities(rows, a, b, rules))
    kinds = np.where(rows["indicator"].isin(list(reasons.definitions)), "method", "real")
    differences = _differences(rows.fillna({"state_a": "", "quality_a": "", "note_a": ""})).assign(
        kind=kinds, severity=severity, detail="later"
    )
    return differences.assign(period=rows["period_b"], what=rows["period_a"].fillna(""))[list(COLUMNS)]


def _later_periods(a: Snapshot, b: Snapshot, name: str) -> set[str]:
    """The periods of an indicator that come after all that the earlier edition has of it."""
    ends = [period(text).start for text in a.periods.get(name, ())]
    return {text for text in b.periods.get(name, ()) if ends and period(text).start > max(ends)}


def _latest(figures: pd.DataFrame, names: set[str]) -> pd.DataFrame:
    """The last known figure of each territory, for some indicators."""
    rows = figures[figures["indicator"].isin(names) & figures["value"].notna()]
    texts = (*KEY, "state", "quality", "note")
    rows = rows[[*texts, "value", "lower", "upper"]].astype(dict.fromkeys(texts, "str"))
    start = rows["period"].map({text: period(text).start for text in rows["period"].unique()})
    by_time = rows.assign(start=start).sort_values("start", kind="stable")
    return by_time.drop_duplicates(["indicator", "territory"], keep="last").drop(columns="start")
