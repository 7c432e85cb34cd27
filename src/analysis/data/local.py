"""A département's own figures: aggregate numbers that it holds and nobody publishes.

``add`` takes what ``local_reading`` finds in one file (territory, period, indicator, value, source), holds every figure
to the dictionary, to the disclosure threshold and to what is known of the territory, and keeps the figures under
``data/raw/local/``, a dataset for each territory, which git ignores: they are read like published ones, with the quality
``local``, and never leave the machine unless their reports do. Individual data have no place here.

It writes through ``catalogue`` only, which it holds from the first check to the last write. It computes nothing. The rules
are told to those who fill in the file in ``docs/local-figures.md``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.data.catalogue import LOCAL, LOCAL_LICENCE, Catalogue, PublishedFile, Sidecar
from analysis.foundations import local_numbers, local_reading, territories
from analysis.foundations.cells import figures
from analysis.foundations.changes import Change
from analysis.foundations.csv_cells import plain
from analysis.foundations.display import capped, hint, listed, shown
from analysis.foundations.files import DataError
from analysis.foundations.local_reading import COLUMNS
from analysis.foundations.measures import Measure
from analysis.foundations.measures import measures as pacte_measures
from analysis.foundations.notes import WORDS
from analysis.foundations.periods import period, sorted_periods
from analysis.foundations.values import VALUED_STATES, Indicator, dictionary

_FORMULA = ("=", "+", "-", "@")
"""A spreadsheet runs a cell that begins so: such a source would be a formula in whoever opens a report's table."""
_INHABITANTS = "count_population"
_LISTED = 10
_LONGEST = 80
"""Characters of a name, a code or a period; none that is known is longer."""
_BEYOND = 1e12
"""What no figure of a département reaches, in whatever unit; what is computed from a larger one could not be written."""
_KEY = ("indicator", "territory", "period")

Key = tuple[str, str, str]
Rules = Mapping[str, Any]


@dataclass(frozen=True)
class Added:
    """What was added: what changed in each dataset, and what must be known of how the file was read."""

    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Figure:
    """A figure of the file with its line, what is odd in how it is written, and the row that is kept of it."""

    line: int
    row: dict[str, Any]
    odd: str = ""

    @property
    def key(self) -> Key:
        return tuple(self.row[column] for column in _KEY)


def add(path: Path, catalogue: Catalogue, *, confirmed: bool = False) -> Added:
    """Take in a file of aggregate figures; nothing is written when any of them is at fault.

    Columns: ``territory`` (code or name), ``period`` (2024, 2025-Q3, 2024-12), ``indicator`` (name in the dictionary),
    ``value`` (a number, or a sign such as ``s`` for a withheld figure), ``source`` (who counted, from what). Raises
    DataError that lists the lines at fault with the remedy, or, unless ``confirmed``, those that are not likely. Adding a
    file of the same name again replaces the figures of the territories that it holds.
    """
    sheet = local_reading.read(path)
    with catalogue.writing():
        catalogue = Catalogue(catalogue.root)  # as it is now that nobody else writes
        rules = catalogue.parameters("disclosure")
        found, problems = _figures(sheet, rules)
        names = {code: f"{LOCAL}/{_slug(path.stem)}_{code.lower()}" for code in _codes(found)}
        _refuse_namesakes(names.values(), path, catalogue)
        problems += [*_twice(found), *_held(found, names, catalogue)]
        _refuse(path, problems, "nothing was added, {n} at fault")
        asked = [] if confirmed else [*_unlikely(found, names, catalogue, rules)]
        _refuse(
            path,
            asked,
            "nothing was added, {n} to confirm; correct what is wrong, or add --yes if all is right",
        )
        file = PublishedFile(_name(path), sheet.sha256, sheet.bytes)
        changes = [
            _store([f for f in found if f.key[1] == code], names[code], file, catalogue) for code in names
        ]
    return Added(tuple(changes), (*sheet.notes, *_kept(path, names, catalogue)))


def _refuse(path: Path, problems: Sequence[tuple[int, str]], words: str) -> None:
    if problems:
        lines = capped(f"line {line}: {text}" for line, text in sorted(problems))
        raise DataError("\n  ".join([f"{path.name}: {words.format(n=len(problems))}", *lines]))


def _codes(found: Iterable[_Figure]) -> list[str]:
    return sorted({figure.key[1] for figure in found}, key=territories.sort_key)


def _store(found: Sequence[_Figure], name: str, file: PublishedFile, catalogue: Catalogue) -> Change:
    rows = [figure.row for figure in found]
    return catalogue.store(figures(pd.DataFrame(rows)), _sidecar(name, file, rows), replace=True)


def _kept(path: Path, names: Mapping[str, str], catalogue: Catalogue) -> Iterator[str]:
    """What an earlier file of the same name gave for territories that this one leaves out."""
    for other in local_datasets(catalogue):
        if other not in names.values() and [f.name for f in catalogue.sidecar(other).published] == [
            _name(path)
        ]:
            yield f"{other}, of an earlier {path.name}, is kept; `pacte data remove {other}` takes it out"


# ------------------------------------------------------------------------------------------------------------ taken out


def local_datasets(catalogue: Catalogue) -> list[str]:
    """Names of the datasets that départements gave."""
    return [name for name in catalogue if name.startswith(f"{LOCAL}/")]


def remove(name: str, catalogue: Catalogue) -> int:
    """Take out the figures of a dataset that a département gave (``local/domiciliation_67``); return how many there were."""
    wanted = name if name.startswith(f"{LOCAL}/") else f"{LOCAL}/{name}"
    with catalogue.writing():
        known = local_datasets(catalogue)
        if wanted not in known:
            raise DataError(
                f"no figures of a département are named {shown(name)}{hint(wanted, known)}; there are: {listed(known)}"
            )
        rows = catalogue.sidecar(wanted).rows
        catalogue.discard(wanted)
    return rows


# ------------------------------------------------------------------------------------------------- one figure, checked


def _figures(sheet: local_reading.Sheet, rules: Rules) -> tuple[list[_Figure], list[tuple[int, str]]]:
    """The figures of a file, and what is wrong with the others, by line."""
    known = local_numbers.marks(row.cells["value"] for row in sheet.rows)
    found, problems = [], []
    for row in sheet.rows:
        try:
            found.append(_figure(row, known, rules["minimum_count"]["value"]))
        except (ValueError, KeyError) as error:
            problems.append((row.line, str(error)))
    return found, problems


def _figure(row: local_reading.Row, known: local_numbers.Marks, threshold: int) -> _Figure:
    texts = {name: _text(cell) for name, cell in row.cells.items() if name != "value"}
    texts |= {name: texts[name][:_LONGEST] for name in _KEY}  # a message quotes what it refuses
    entry = dictionary()[texts["indicator"]]
    if entry.ratio is not None or entry.product is not None or entry.modelled:
        raise ValueError(f"{entry.name} is computed here; give the counts that it is made from instead")
    figure = {
        "territory": _territory(texts["territory"]),
        "period": period(texts["period"]).text,
        "indicator": entry.name,
        WORDS: _source(texts["source"]),
    }
    cell = row.cells["value"]
    if cell == "":
        raise ValueError("no value; write s for a withheld figure, or leave the line out")
    written = local_numbers.read(cell, known)
    if written.state is not None:
        return _Figure(row.line, figure | {"value": float("nan"), "state": written.state})
    value = _value(str(cell), written.numbers, entry, threshold)
    odd = f"{cell!r} is a percentage, and {entry.name} is in {entry.unit}" if written.percent else ""
    odd = odd if entry.unit != "percent" else ""
    return _Figure(row.line, figure | {"value": value, "state": "observed"}, odd)


def _text(cell: local_reading.Cell) -> str:
    """A cell as text; a whole number of a workbook is its digits."""
    return cell if isinstance(cell, str) else f"{cell:.15g}"


def _territory(text: str) -> str:
    code = territories.parse(text)
    if territories.get(code).kind.reported:
        return code
    members = territories.departements_of(code)
    raise ValueError(
        f"{text!r} is neither a département nor a collectivité: a total is computed from its départements once all of "
        f"them have a figure; give theirs ({', '.join(members[:3])}{'…' if len(members) > 3 else ''})"
    )


def _source(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise ValueError("no source; say who counted and from what")
    if unicodedata.normalize("NFKC", words).startswith(_FORMULA):
        raise ValueError(
            f"the source begins with {words[0]!r}, which a spreadsheet runs as a formula; begin with a word"
        )
    if not words.isprintable():
        raise ValueError("the source holds a character that cannot be printed; write it again")
    return words[:200]


def _value(text: str, numbers: Sequence[float], entry: Indicator, threshold: int) -> float:
    """The one number that a cell may be; ValueError when both readings are possible, or it is outside the limits."""
    low = float("-inf") if entry.minimum is None else entry.minimum
    high = float("inf") if entry.maximum is None else entry.maximum
    whole = dictionary().counts(entry.name)
    possible = [number for number in numbers if low <= number <= high] or list(numbers[:1])
    value = possible[0]
    if len(possible) > 1:
        least = f"{_plain(value)}{', and a count is whole,' if whole and not value.is_integer() else ''}"
        raise ValueError(
            f"{text!r} reads as {least} or as {_plain(possible[1])}; write thousands without a mark"
        )
    if not abs(value) < _BEYOND:
        raise ValueError(f"{text[:40]!r} is beyond what a figure of a département can be; write it again")
    if not low <= value <= high:
        raise ValueError(f"{_plain(value)} is outside {low:g} to {high:g}, the limits of {entry.name}")
    if not whole:
        return value
    if not value.is_integer():
        raise ValueError(
            f"{text!r} reads as {_plain(value)}, and a count is whole; write thousands without a mark"
        )
    if 0 < abs(value) < threshold and dictionary().unit(entry.name).kind != "places":
        raise ValueError(
            f"{_plain(value)} is below {threshold}, the disclosure threshold; write s, never the number"
        )
    return value


def _plain(number: float) -> str:
    """A number in digits, whatever its size."""
    return f"{number:.6f}".rstrip("0").rstrip(".") if abs(number) < _BEYOND else f"{number:g}"


# ------------------------------------------------------------------------------------------- figures that are there already


def _twice(found: Iterable[_Figure]) -> Iterator[tuple[int, str]]:
    first: dict[Key, int] = {}
    for figure in found:
        if first.setdefault(figure.key, figure.line) != figure.line:
            yield figure.line, f"{' '.join(figure.key)} is on line {first[figure.key]} already"


def _held(
    found: Iterable[_Figure], names: Mapping[str, str], catalogue: Catalogue
) -> Iterator[tuple[int, str]]:
    """Figures that another dataset holds: two sources of one figure are never mixed. Unpublished ones may be filled."""
    lines = {figure.key: figure.line for figure in found}
    for other, rows in _others(found, catalogue):
        if other in names.values():
            continue
        own = other.startswith(f"{LOCAL}/")
        remedy = f"or take that out with `pacte data remove {other}`" if own else "which is published"
        for key in rows.loc[rows["state"] != "unavailable", list(_KEY)].itertuples(index=False, name=None):
            if key in lines:
                yield lines[key], f"{' '.join(key)} is already held by {other}; leave the line out, {remedy}"


def _others(found: Iterable[_Figure], catalogue: Catalogue) -> Iterator[tuple[str, pd.DataFrame]]:
    """The figures that are kept on the same indicators, by dataset."""
    wanted = {figure.key[0] for figure in found}
    for name, sidecar in catalogue.sidecars.items():
        if sidecar.kind == "figures" and wanted & set(sidecar.indicators):
            try:
                yield name, catalogue.figures(name)
            except DataError:
                if not name.startswith(f"{LOCAL}/"):  # a damaged file of ours is put right by adding it again
                    raise


def _refuse_namesakes(names: Iterable[str], path: Path, catalogue: Catalogue) -> None:
    """Refuse a file whose name, in plain letters, is that of another file added before: it would replace its figures."""
    for name in names:
        before = (
            [file.name for file in catalogue.sidecar(name).published] if name in catalogue else [_name(path)]
        )
        if before != [_name(path)]:
            raise DataError(
                f"{path.name}: {name} holds the figures of {', '.join(before)}; give the file another name, or take them "
                f"out with `pacte data remove {name}`"
            )


# --------------------------------------------------------------------------------------------------- what is not likely


def _unlikely(
    found: Sequence[_Figure], names: Mapping[str, str], catalogue: Catalogue, rules: Rules
) -> Iterator[tuple[int, str]]:
    """What is possible and hardly true: a period far ahead, more people than inhabitants, ten times the last figure."""
    latest, first = _latest(catalogue, rules), rules["first_year"]["value"]
    inhabitants = _inhabitants(catalogue, _codes(found))
    last = _last(found, catalogue)
    for figure in found:
        indicator, code, when = figure.key
        if figure.odd:
            yield figure.line, figure.odd
        end = period(when).start + period(when).months
        if end > latest + rules["months_ahead"]["value"] or period(when).year < first:
            yield figure.line, f"{when} is far from the periods of all other figures"
        if figure.row["state"] not in VALUED_STATES:
            continue
        value = figure.row["value"]
        most = inhabitants.get(code, rules["most_inhabitants"]["value"])
        if dictionary().counts(indicator) and dictionary().unit(indicator).kind != "acts" and value > most:
            yield (
                figure.line,
                f"{_plain(value)} is more than {territories.get(code).name} has inhabitants",
            )
        elif words := _leap(value, when, last.get((indicator, code), {}), rules["times_last"]["value"]):
            yield figure.line, words


def _leap(value: float, when: str, known: Mapping[str, float], times: float) -> str:
    """Words on a figure many times the last one before it, or many times smaller; none otherwise."""
    before = [other for other in known if period(other).start < period(when).start]
    if not before:
        return ""
    near = max(before, key=period)
    low, high = sorted((abs(value), abs(known[near])))
    if low == 0 or high < times * low:
        return ""
    than = "times" if abs(value) == high else "times less than"
    return f"{_plain(value)} is {high / low:.3g} {than} the {_plain(known[near])} of {near}"


def _last(found: Sequence[_Figure], catalogue: Catalogue) -> dict[tuple[str, str], dict[str, float]]:
    """The figures known for the indicators and the territories of a file, its own included, by period."""
    known: dict[tuple[str, str], dict[str, float]] = {figure.key[:2]: {} for figure in found}
    for _, rows in _others(found, catalogue):
        rows = rows[rows["state"].isin(VALUED_STATES)]
        for indicator, code, when, value in rows[[*_KEY, "value"]].itertuples(index=False, name=None):
            if (indicator, code) in known:
                known[indicator, code][when] = value
    for figure in found:
        if figure.row["state"] in VALUED_STATES:
            known[figure.key[:2]][figure.key[2]] = figure.row["value"]
    return known


def _latest(catalogue: Catalogue, rules: Rules) -> int:
    """The month after which nothing is known here: of published figures, or of the day on which the rules were checked."""
    checked = period(str(rules["months_ahead"]["checked"])[:7])
    ends = [
        period(s.period_last) for s in catalogue.sidecars.values() if s.period_last and s.quality != LOCAL
    ]
    return max(one.start + one.months for one in [checked, *ends])


def _inhabitants(catalogue: Catalogue, codes: Sequence[str]) -> dict[str, float]:
    """The last published population of territories, of those for which there is one."""
    found: dict[str, tuple[int, float]] = {}
    for name, sidecar in catalogue.sidecars.items():
        if sidecar.quality == LOCAL or _INHABITANTS not in sidecar.indicators:
            continue
        rows = catalogue.figures(name)
        rows = rows[
            rows["indicator"].eq(_INHABITANTS) & rows["territory"].isin(codes) & rows["value"].notna()
        ]
        for code, when, value in rows[["territory", "period", "value"]].itertuples(index=False, name=None):
            found[code] = max(found.get(code, (0, 0.0)), (period(when).start, value))
    return {code: value for code, (_, value) in found.items()}


# ------------------------------------------------------------------------------------------------------- what is kept


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40].rstrip("_") or "figures"


def _name(path: Path) -> str:
    """The name of a file as it can be written: what cannot be printed is a question mark."""
    return "".join(c if c.isprintable() else "?" for c in path.name)


def _sidecar(name: str, file: PublishedFile, rows: Sequence[Mapping[str, Any]]) -> Sidecar:
    sources = sorted({r[WORDS] for r in rows})
    more = ["…"] if len(sources) > _LISTED else []
    return Sidecar(
        dataset=name, kind="figures", producer="; ".join([*sources[:_LISTED], *more]),
        title=f"Own figures of the département ({file.name})", url="", licence=LOCAL_LICENCE, quality=LOCAL,
        vintage=sorted_periods(r["period"] for r in rows)[-1], perimeter=", ".join(sorted({r["territory"] for r in rows})),
        published=(file,),
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------------- templates


def _with_local() -> dict[str, Measure]:
    return {measure.key: measure for measure in pacte_measures() if measure.local}


def measures() -> tuple[str, ...]:
    """The measures of the Pacte for which a département can give figures of its own."""
    return tuple(_with_local())


def template(measure: str) -> str:
    """The CSV to fill in for a measure: comments in French that say how, the header, one line for each figure.

    Semicolons, because spreadsheets set to French open them in columns.
    """
    known = _with_local()
    if measure not in known:
        raise DataError(
            f"no measure {measure!r} takes a département's own figures; those that do: {', '.join(known)}"
        )
    names = known[measure].local
    return "\n".join(
        [
            f"# {plain(known[measure].name.fr)}",
            *(f"# {name}\u00a0: {plain(dictionary()[name].definition.fr)}" for name in names),
            f"# Exemple\u00a0: {';'.join(('67', '2024', names[0], '1250', 'qui a compté, à partir de quoi'))}",
            ";".join(COLUMNS),
            *(f";;{name};;" for name in names),
        ]
    )
