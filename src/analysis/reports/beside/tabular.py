"""What the files beside an edition's reports hold: its figures, the tables that explain them, and their descriptor.

``datapackage`` writes them when they are out of date. Nothing is computed here: modelled figures are those that reports
share.
"""

from __future__ import annotations

import csv
import gzip
import inspect
import io
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from analysis.data import corrections, existing, sources
from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.foundations import csv_cells, notes, origin, territories
from analysis.foundations.columns import COLUMNS, KEY
from analysis.foundations.files import sha256_of
from analysis.foundations.periods import sorted_periods
from analysis.foundations.values import LANGS, STATES, Dictionary, Indicator, Text, dictionary
from analysis.foundations.version import __version__
from analysis.presentation.narrative import origins
from analysis.reports import modelled
from analysis.reports.data_files import COMPRESSED, FIGURES, INPUTS
from analysis.reports.edition import Edition

CODEBOOK = (
    "indicator", "label_fr", "label_en", "unit", "unit_fr", "unit_en", "theme", "definition_fr", "definition_en",
    "caution_fr", "caution_en", "breaks_fr", "breaks_en", "formula", "additive", "rounding", "modelled", "datasets",
    "first_period", "last_period",
)  # fmt: skip
DATASETS = (
    "dataset",
    "producer",
    "title",
    "url",
    "licence",
    "vintage",
    "perimeter",
    "quality",
    "published",
    "loader",
)
CORRECTIONS = (
    "name", "dataset", "indicator", "territory", "period", "published", "corrected", "why_fr", "why_en", "reference",
    "checked",
)  # fmt: skip
EXISTING = (
    "entry", "indicator", "state", "territories", "first", "last", "producer", "title_fr", "title_en", "remark_fr",
    "remark_en", "address", "looked",
)  # fmt: skip
TERRITORIES = ("territory", "name_fr", "name_en", "level", "region")
_LEVEL = 4
"""Of compression: a third of the time of the usual one for a twentieth more bytes."""


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """A small table as a file: the named columns of its rows, numbers as they are, nothing where there is none."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(csv_cells.row(_cell(row[key]) for key in columns) for row in rows)
    return out.getvalue().encode("utf-8")


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.12g}"
    return "" if value is None else value


def tables(edition: Edition, table: Any, catalogue: Catalogue) -> tuple[dict[str, tuple], list[dict]]:
    """The small tables by file name, and the rows of the codebook."""
    codes, names = _codes(edition), dictionary()
    codebook = [_indicator(names[n], names, *there) for n, there in sorted(_coverage(table).items())]
    given = [name for name in catalogue if catalogue.sidecars[name].kind == "figures"]
    places = [territories.get(code) for code in codes]
    return {
        "codebook.csv": (CODEBOOK, codebook),
        "datasets.csv": (DATASETS, [_dataset(name, catalogue) for name in given]),
        "corrections.csv": (
            CORRECTIONS,
            [row for one in corrections.register(catalogue) for row in _corrected(one)],
        ),
        "existing.csv": (EXISTING, list(_existing(catalogue, codebook, codes))),
        "territories.csv": (
            TERRITORIES,
            [
                {
                    "territory": t.code,
                    "name_fr": t.name,
                    "name_en": t.name_en,
                    "level": t.level,
                    "region": t.region,
                }
                for t in places
            ],
        ),
    }, codebook


def _codes(edition: Edition) -> list[str]:
    """The territories of an edition, their régions and France; every one where it has every département."""
    if set(territories.DEPARTEMENTS) <= set(edition.territories):
        return list(territories.CODES)
    regions = {territories.get(code).region for code in edition.territories}
    return [c for c in territories.CODES if c in {*edition.territories, *regions, "FR", "FM"}]


def _coverage(table: Any) -> dict[str, tuple[list[str], list[str]]]:
    """Datasets and periods of each indicator of the figures."""
    there = table.select(["indicator", "period", "source"]).to_pandas().drop_duplicates()
    counts = {}
    for name, rows in there.groupby("indicator", observed=True):
        counts[str(name)] = (
            sorted(origin.datasets(rows["source"])),
            sorted_periods(map(str, rows["period"].unique())),
        )
    return counts


def _indicator(
    entry: Indicator, names: Dictionary, datasets: Sequence[str], periods: Sequence[str]
) -> dict[str, object]:
    unit = names.unit(entry.name)
    breaks = {lang: " | ".join(f"{p}: {t[lang]}" for p, t in entry.breaks.items()) for lang in ("fr", "en")}
    texts = {
        "label": entry.label,
        "definition": entry.definition,
        "caution": Text(**{lang: entry.reserves(lang) for lang in LANGS}),
        "unit": unit.symbol,
    }
    return {
        "indicator": entry.name, "theme": entry.theme, "unit": entry.unit, "additive": entry.additive,
        "rounding": entry.rounding, "modelled": entry.modelled, "formula": _formula(entry),
        "datasets": " ".join(datasets), "first_period": periods[0], "last_period": periods[-1],
        **{f"{key}_{lang}": text[lang] for key, text in texts.items() for lang in ("fr", "en")},
        **{f"breaks_{lang}": text for lang, text in breaks.items()},
    }  # fmt: skip


def _formula(entry: Indicator) -> str:
    """How a derived indicator is computed, in a line; empty for one that is published."""
    rule, terms, sign = entry.ratio or entry.product, entry.terms, "÷" if entry.ratio else "×"
    if rule is None:
        return ""
    years = f" (second term at most {rule.lag} years away)" if rule.lag else ""
    return f"{rule.per:g} × {terms[0]} {sign} {terms[1]}{years}"


def _dataset(name: str, catalogue: Catalogue) -> dict[str, object]:
    sidecar = catalogue.sidecars[name]
    facts = {key: getattr(sidecar, key) for key in DATASETS if key not in ("dataset", "published", "loader")}
    published = " ".join(file.sha256 for file in sidecar.published)
    return {"dataset": name, **facts, "published": published, "loader": _loader(name)}


def _loader(name: str) -> str:
    """The file of the package that reads a dataset; empty for a département's own figures."""
    entry = sources.datasets().get(name)
    if entry is None:
        return ""
    load = inspect.unwrap(getattr(entry.load, "func", entry.load))
    module = load.__module__ if inspect.isfunction(load) else sources.described_in(name)
    return module.removeprefix("analysis.").replace(".", "/") + ".py"


def _corrected(one: corrections.Correction) -> Iterable[dict[str, object]]:
    for wrong in one.figures:
        yield {
            "name": one.name, "dataset": one.dataset, "indicator": wrong.indicator, "territory": wrong.territory,
            "period": one.period, "published": wrong.published, "corrected": wrong.corrected, "why_fr": one.why.fr,
            "why_en": one.why.en, "reference": one.reference, "checked": one.checked,
        }  # fmt: skip


def _existing(
    catalogue: Catalogue, codebook: Sequence[Mapping], codes: Sequence[str]
) -> Iterable[dict[str, object]]:
    """The register of what exists, a row for each entry and indicator that it speaks of."""
    for one in existing.register(catalogue).entries:
        places = [code for code in codes if code in one.territories]
        facts = {
            "entry": one.name, "state": one.state, "territories": " ".join(places), "producer": one.producer,
            "address": one.address, "looked": one.looked,
            **{key: end.text if end else "" for key, end in (("first", one.first), ("last", one.last))},
            **{f"title_{lang}": one.title[lang] for lang in LANGS},
            **{f"remark_{lang}": one.remark[lang] if one.remark else "" for lang in LANGS},
        }  # fmt: skip
        for row in codebook if places else ():
            if one.names(str(row["indicator"]), () if row["formula"] else str(row["datasets"]).split()):
                yield {**facts, "indicator": row["indicator"]}


def figures(edition: Edition, panel: Path, catalogue: Catalogue) -> Any:
    """The figures for the territories of an edition, as an Arrow table: those of the panel, then those of models."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    table = pq.read_table(panel).replace_schema_metadata(None).select(list(COLUMNS))
    made = modelled.rows(Panel.open(catalogue, panel.parent))
    added = pa.Table.from_pandas(made, preserve_index=False).select(list(COLUMNS)).cast(table.schema)
    table = pa.concat_tables([table, added]).unify_dictionaries()
    codes = _codes(edition)
    if len(codes) < len(territories.CODES):
        table = table.filter(pc.is_in(table["territory"].cast(pa.string()), pa.array(codes)))
    return table


def written(table: Any) -> dict[str, bytes]:
    """The figures as Parquet and as CSV, written side by side."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def parquet() -> bytes:
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd", row_group_size=1 << 20)
        return sink.getvalue().to_pybytes()

    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(work) for work in (parquet, lambda: _compressed(table))]
        return {FIGURES: both[0].result(), COMPRESSED: both[1].result()}


def _compressed(table: Any) -> bytes:
    import pyarrow as pa
    from pyarrow.csv import write_csv

    columns = dict(zip(table.column_names, map(_texts, table.columns), strict=True))
    sink = pa.BufferOutputStream()
    write_csv(pa.table(columns), sink)
    return gzip.compress(sink.getvalue(), _LEVEL, mtime=0)


def _texts(column: Any) -> Any:
    """A column of the figures as text cells; a column of numbers as it is."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        if not pa.types.is_string(column.type):
            return column
        column = column.dictionary_encode()
    parts = [
        pa.array(csv_cells.row(part.dictionary.to_pylist()), pa.string()).take(part.indices)
        for part in column.chunks
    ]
    return pa.chunked_array(parts, pa.string())


# -------------------------------------------------------------------------------------------------------------- package

_TEXTS = {
    "indicator": "Name of the indicator, in codebook.csv",
    "territory": "Code of the territory, in territories.csv",
    "period": "2024 a year, 2025-Q3 a quarter, 2024-12 a month, 2021-S1 a half-year, 2020-2021 a school year",
    "value": "The figure, in the unit of its indicator; empty in the states that have none",
    "lower": "Lower bound: of the rounding of a published figure, or of the 95 % interval of a modelled one",
    "upper": "Upper bound",
    "state": (
        "Whether the figure is observed, provisional, modelled, or why there is none: suppressed (secret), unpublished "
        "(looked for, found nowhere), not_held (published elsewhere), unavailable (not in our files), not_applicable. What "
        "has no row may be in existing.csv"
    ),
    "quality": "Who made the file in which the figure was read; derived: computed here from others",
    "source": "Dataset, in datasets.csv; both terms of a derived figure",
    "note": "What must be known of the figure, as keys with spaces between. "
    + "; ".join(f"{key}: {says}" for key, says in notes.meanings().items()),
    "words": "What a département wrote of a figure that it gave (who counted, from what); empty for the others",
}
_NUMBERS = ("value", "lower", "upper", "rounding", "published", "corrected")


def package(
    edition: Edition, catalogue: Catalogue, files: Mapping[str, bytes], codebook: Sequence[Mapping]
) -> dict[str, Any]:
    """The descriptor: a tabular data package (specs.frictionlessdata.io, version 1)."""
    given = [s for s in catalogue.sidecars.values() if s.kind == "figures"]
    described = {COMPRESSED: COLUMNS, "codebook.csv": CODEBOOK, "datasets.csv": DATASETS}
    described |= {"corrections.csv": CORRECTIONS, "existing.csv": EXISTING, "territories.csv": TERRITORIES}
    tables = [_resource(name, files[name], columns) for name, columns in described.items()]
    others = [_other(FIGURES, files[FIGURES], "parquet"), _other(INPUTS, files[INPUTS], "json")]
    return {
        "profile": "data-package",
        "name": f"pacte-{edition.name}",
        "title": edition.title.fr,
        "description": f"{edition.title.en}: {len(codebook)} indicators, with states, bounds and sources.",
        "version": __version__,
        "licenses": [_licence(text) for text in sorted({s.licence for s in given})],
        "sources": [
            {"title": f"{s.producer}: {s.title}", **({"path": s.url} if s.url else {})} for s in given
        ],
        "resources": [*tables, *others],
    }


_NAMES = {"open": "etalab-2.0", "reuse": "other-open", "announcements": "other-open", "local": "other-closed"}
"""Names of licences in descriptors (opendefinition.org), by kind."""


def _licence(text: str) -> dict[str, str]:
    return {"name": _NAMES.get(origins.kind(text) or "", "notspecified"), "title": text}


def _other(name: str, content: bytes, kind: str) -> dict[str, Any]:
    return {
        "name": name.replace(".", "-"), "path": name, "format": kind, "bytes": len(content),
        "hash": f"sha256:{sha256_of(content)}",
    }  # fmt: skip


def _resource(name: str, content: bytes, columns: Sequence[str]) -> dict[str, Any]:
    compressed = {"compression": "gz"} if name.endswith(".gz") else {}
    return {
        **_other(name, content, "csv"), "name": name.split(".")[0], "profile": "tabular-data-resource",
        "mediatype": "text/csv", "encoding": "utf-8", **compressed, "schema": _schema(name.split(".")[0], columns),
    }  # fmt: skip


def _schema(name: str, columns: Sequence[str]) -> dict[str, Any]:
    kept = {"codebook": {"indicator"}, "datasets": {"dataset"}, "territories": {"territory"}}
    key = {
        "figures": KEY,
        "corrections": ["name", "indicator", "territory"],
        "existing": ["entry", "indicator"],
    }.get(name) or sorted(kept[name])
    schema: dict[str, Any] = {"fields": [_field(name, c, c in key) for c in columns], "primaryKey": key}
    if name == "figures":
        schema["foreignKeys"] = [
            {"fields": field, "reference": {"resource": resource, "fields": field}}
            for field, resource in (("indicator", "codebook"), ("territory", "territories"))
        ]
    return {**schema, "missingValues": [""]}


def _field(table: str, column: str, required: bool) -> dict[str, Any]:
    kind = "number" if column in _NUMBERS and table in ("figures", "corrections", "codebook") else "string"
    kind = "boolean" if column in ("additive", "modelled") else kind
    words = {"description": _TEXTS[column]} if table == "figures" else {}
    limits: dict[str, Any] = {"required": True} if required else {}
    if (table, column) == ("figures", "state"):
        limits["enum"] = list(STATES)
    return {"name": column, "type": kind, **words, **({"constraints": limits} if limits else {})}
