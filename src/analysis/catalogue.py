"""Which data there are: the figures under ``data/raw``, each table beside a sidecar that says where it comes from.

A dataset ``drees/oarsa`` is ``data/raw/drees/oarsa.csv`` (or ``.csv.gz``) and its sidecar
``data/raw/drees/oarsa.source.yml``: producer, title, vintage, licence, quality grade, sha256 of the published file and
of the table. Every read verifies the table's checksum, so an edited figure is refused rather than reported.

This is the only module that opens ``data/raw``. It does not know how a published file is laid out (that is ``sources``)
nor combine datasets (that is ``panel``).
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from analysis import display, observation, places, territories
from analysis.values import FIGURE_COLUMNS, QUALITIES, STATES, VALUED_STATES, dictionary, period

if TYPE_CHECKING:  # what only asks which data there are need not wait for it
    import numpy as np
    import pandas as pd

LOCAL = "local"
"""Folder of the figures that a département holds itself: never in git, never mixed with published ones."""

_CORRECTIONS = "corrections"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DATASET = re.compile(r"[a-z0-9_]+/[a-z0-9_]+")


class DataError(display.Refusal):
    """Data that are missing, altered or malformed. The message says where, what was expected, and the remedy."""


@dataclass(frozen=True)
class PublishedFile:
    """A file as its producer (or a re-user) publishes it."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, repr=False)
class Sidecar(display.Brief):
    """Where a dataset comes from and what it should hold.

    ``kind`` is ``figures`` (columns of ``values.FIGURE_COLUMNS``) or ``table`` (a reference table of other columns).
    ``period_first``, ``period_last``, ``rows``, ``territories`` and ``sha256`` describe the stored table and are what
    ``check`` holds it to.
    """

    dataset: str
    kind: str
    producer: str
    title: str
    url: str
    licence: str
    vintage: str
    perimeter: str
    quality: str
    published: tuple[PublishedFile, ...]
    breaks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = FIGURE_COLUMNS
    indicators: tuple[str, ...] = ()
    period_first: str | None = None
    period_last: str | None = None
    territories: int = 0
    rows: int = 0
    sha256: str = ""
    compressed: bool = False

    def to_yaml(self) -> str:
        """Write the sidecar with a stable key order."""
        content = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        content["published"] = [asdict(file) for file in self.published]
        return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)

    @classmethod
    @lru_cache(maxsize=512)
    def from_yaml(cls, text: str, where: str) -> Sidecar:
        """Read a sidecar, refusing unknown or missing keys by name. The same text is read once: a report cites it often."""
        try:
            content = yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader, in C where it is built
        except yaml.YAMLError as error:
            reason = " ".join(str(error).split())
            raise DataError(
                f"{where}: not YAML ({reason}); run `pacte data import` to write it again"
            ) from error
        known = set(cls.__dataclass_fields__)
        if not isinstance(content, Mapping):
            raise DataError(f"{where}: not a sidecar; run `pacte data import` to write it again")
        if extra := set(content) - known:
            raise DataError(
                f"{where}: keys {sorted(extra)} are not those of a sidecar; known: {sorted(known)}"
            )
        content = {k: tuple(v) if isinstance(v, list) else v for k, v in content.items()}
        try:
            content["published"] = tuple(PublishedFile(**file) for file in content.get("published", ()))
            sidecar = cls(**content)
        except TypeError as error:
            raise DataError(f"{where}: {error}; run `pacte data import` to write it again") from error
        if sidecar.quality not in QUALITIES:
            raise DataError(f"{where}: quality {sidecar.quality!r} is not one of {', '.join(QUALITIES)}")
        return sidecar


@dataclass(frozen=True)
class Change:
    """What storing a new version of a dataset changed, in numbers of figures (of rows, for a reference table).

    Attributes:
        revised: figures of both versions of which anything differs.
        described: those of ``revised`` whose value and state are the same: only their bounds or their note differ.
        first_time: whether there was no version before.
        unreadable: whether the version before was damaged or altered, so that nothing can be compared.
    """

    dataset: str
    added: int = 0
    removed: int = 0
    revised: int = 0
    described: int = 0
    first_time: bool = False
    unreadable: bool = False

    @property
    def any(self) -> bool:
        """Whether anything changed at all."""
        return bool(self.added or self.removed or self.revised or self.first_time or self.unreadable)

    def __str__(self) -> str:
        if self.first_time:
            return f"{self.dataset}: {self.added} figures, new"
        if self.unreadable:
            return f"{self.dataset}: {self.added} figures, in place of a version that was damaged or altered"
        if not self.any:
            return f"{self.dataset}: unchanged"
        only = f" ({self.described} of them in their bounds or note only)" if self.described else ""
        return f"{self.dataset}: {self.added} added, {self.removed} removed, {self.revised} revised{only}"


def sha256_of(content: bytes) -> str:
    """Hexadecimal sha256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def sha256_at(path: Path) -> str:
    """Hexadecimal sha256 of a file; empty when it is not there or cannot be read."""
    try:
        return sha256_of(places.content(path, follow=True))
    except OSError:
        return ""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: temporary file beside it, flush to disk, rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(path)  # a disk that is full does not say where
        raise


def write_if_new(path: Path, content: bytes) -> None:
    """Write a file whole; leave it alone, with its date, when it is already so."""
    try:
        same = places.content(path, follow=True) == content
    except OSError:
        same = False
    if not same:
        write_whole(path, content)


def _remedy(dataset: str) -> str:
    """What to do about a stored table that is lost, damaged or altered."""
    if dataset.startswith(f"{LOCAL}/"):
        return "add its file again with `pacte data add`"
    return "restore it with git, or import it again from the published file with `pacte data import`"


def project_root() -> Path:
    """The checkout that holds ``data/`` and ``notebooks/``: ``PACTE_HOME`` when set, else the one of this package."""
    home = os.environ.get("PACTE_HOME")
    root = Path(home).expanduser().resolve() if home else Path(__file__).resolve().parents[2]
    if not (root / "data" / "raw").is_dir():
        raise DataError(f"{root} holds no data/raw; set PACTE_HOME to the project's checkout")
    return root


def check_figures(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Hold a table of figures to its schema; return it sorted with canonical types, or raise DataError."""
    if tuple(frame.columns) != FIGURE_COLUMNS:
        raise DataError(f"{where}: columns {list(frame.columns)}, expected {list(FIGURE_COLUMNS)}")
    for problem in _figure_problems(frame):
        raise DataError(f"{where}: {problem}")
    texts = {c: frame[c].astype("str") for c in ("territory", "period", "indicator", "state")}
    numbers = {c: frame[c].astype("float64") for c in ("value", "lower", "upper")}
    frame = frame.assign(**texts, **numbers, note=frame["note"].fillna("").astype("str"))
    return frame.sort_values(["indicator", "territory", "period"], kind="stable", ignore_index=True)


def _figure_problems(frame: pd.DataFrame) -> Iterator[str]:
    key = ["territory", "period", "indicator"]
    if (twice := frame.duplicated(key)).any():
        yield f"{int(twice.sum())} figures appear twice, first {frame.loc[twice, key].iloc[0].to_dict()}"
    names = dictionary()
    for column, known in (("indicator", names), ("territory", territories.CODES), ("state", STATES)):
        values = frame[column].unique()
        if bad := [v for v in values if v not in known]:
            yield (
                f"unknown {column} {bad[:5]}; define it first"
                if column == "indicator"
                else f"unknown {column} {bad[:5]}"
            )
    for text in frame["period"].unique():
        try:
            period(str(text))
        except ValueError as error:
            yield str(error)
    valued = frame["state"].isin(VALUED_STATES)
    if (empty := valued & frame["value"].isna()).any():
        yield f"{int(empty.sum())} figures have a valued state and no value: {frame[empty].iloc[0].to_dict()}"
    if (filled := ~valued & frame["value"].notna()).any():
        yield f"{int(filled.sum())} figures have a value and a valueless state: {frame[filled].iloc[0].to_dict()}"
    yield from _limit_problems(frame[valued])


def _limit_problems(frame: pd.DataFrame) -> Iterator[str]:
    for name, rows in frame.groupby("indicator", observed=True):
        if name not in dictionary():
            continue
        entry = dictionary()[name]
        low = float("-inf") if entry.minimum is None else entry.minimum
        high = float("inf") if entry.maximum is None else entry.maximum
        if (out := ~rows["value"].between(low, high)).any():
            row = rows[out].iloc[0]
            yield f"{name} in {row['territory']}, {row['period']}: {row['value']} is outside {low}–{high}"
    if (crossed := (frame["lower"] > frame["value"]) | (frame["upper"] < frame["value"])).any():
        yield f"bounds that exclude their value, first {frame[crossed].iloc[0].to_dict()}"


class Catalogue:
    """The datasets of one checkout.

    Args:
        root: the folder that holds the datasets, ``data/raw`` of the project by default.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = (project_root() / "data" / "raw") if root is None else Path(root)

    def __repr__(self) -> str:
        return f"<Catalogue: {len(list(self))} datasets>"

    def _repr_html_(self) -> str:
        pairs = [
            (s.dataset, f"{s.producer}, {s.title} ({s.vintage}; {s.quality})") for s in self.sidecars.values()
        ]
        return display.listing(f"{len(pairs)} datasets", pairs)

    def __iter__(self) -> Iterator[str]:
        for path in sorted(self.root.glob("*/*.source.yml")):
            yield f"{path.parent.name}/{path.name.removesuffix('.source.yml')}"

    def __contains__(self, dataset: str) -> bool:
        return self._sidecar_path(dataset).is_file()

    @cached_property
    def sidecars(self) -> dict[str, Sidecar]:
        """Every sidecar by dataset name."""
        return {name: self.sidecar(name) for name in self}

    def sidecar(self, dataset: str) -> Sidecar:
        """The sidecar of a dataset; DataError when there is none."""
        path = self._sidecar_path(dataset)
        observation.file_read(f"{dataset}.source.yml")
        if not path.is_file():
            raise DataError(
                f"no dataset {dataset!r} under {self.root.name}; `pacte data check` lists those there are"
            )
        return Sidecar.from_yaml(path.read_text(encoding="utf-8"), where=f"{dataset}.source.yml")

    def figures(self, dataset: str) -> pd.DataFrame:
        """The figures of a dataset, with the columns of ``values.FIGURE_COLUMNS``; its checksum is verified."""
        sidecar = self.sidecar(dataset)
        if sidecar.kind != "figures":
            raise DataError(f"{dataset} is a reference table, not figures; read it with `table`")
        import pandas as pd

        text = dict.fromkeys(("territory", "period", "indicator", "state", "note"), "str")
        frame = pd.read_csv(
            io.BytesIO(self._content(sidecar)),
            dtype=text,
            keep_default_na=False,
            na_values={"value": [""], "lower": [""], "upper": [""]},
        )
        return frame.astype(dict.fromkeys(("value", "lower", "upper"), "float64"))

    def table(self, dataset: str) -> pd.DataFrame:
        """A reference table, every cell as text (empty cells are empty strings); its checksum is verified."""
        import pandas as pd

        content = io.BytesIO(self._content(self.sidecar(dataset)))
        return pd.read_csv(content, dtype="str", keep_default_na=False)

    def parameters(self, name: str) -> dict:
        """Published parameters and assumptions, with their references: ``data/raw/parameters/NAME.yml``."""
        if not re.fullmatch(r"[a-z0-9_]+", name):
            raise DataError(
                f"parameters name {name!r} holds more than lower-case letters, digits and underscores"
            )
        path = self.root / "parameters" / f"{name}.yml"
        observation.file_read(f"parameters/{name}.yml")
        if not path.is_file():
            raise DataError(f"no parameters named {name!r} under {self.root.name}/parameters")
        return yaml.safe_load(path.read_text(encoding="utf-8"))

    def assumptions(self) -> dict[str, str]:
        """The sha256 of each file of parameters, by its name."""
        return {p.stem: sha256_of(p.read_bytes()) for p in sorted(self.root.glob("parameters/*.yml"))}

    def corrections(self) -> list[dict]:
        """The register of corrections as it is written (see ``analysis.corrections``); empty where there is none."""
        if not (self.root / "parameters" / f"{_CORRECTIONS}.yml").is_file():
            return []
        content = self.parameters(_CORRECTIONS)
        if not isinstance(content, Mapping) or not isinstance(content.get(_CORRECTIONS), list):
            raise DataError(f"{_CORRECTIONS}.yml: expected the key `{_CORRECTIONS}` with a list")
        return content[_CORRECTIONS]

    def store(self, frame: pd.DataFrame, sidecar: Sidecar) -> Change:
        """Write a dataset and its sidecar, whole or not at all, and say what changed against the version before."""
        is_figures = sidecar.kind == "figures"
        frame = check_figures(frame, where=sidecar.dataset) if is_figures else frame.astype("str")
        content = frame.to_csv(index=False, lineterminator="\n").encode("utf-8")
        described = self._described(frame, sidecar, content)
        change = self._change(frame, described)
        stored = gzip.compress(content, compresslevel=9, mtime=0) if sidecar.compressed else content
        write_whole(self._table_path(described), stored)
        self._table_path(replace(described, compressed=not described.compressed)).unlink(missing_ok=True)
        write_whole(self._sidecar_path(sidecar.dataset), described.to_yaml().encode("utf-8"))
        self.__dict__.pop("sidecars", None)
        return change

    def check(self, dataset: str) -> list[str]:
        """What is wrong with a stored dataset, one line each; empty when nothing is."""
        try:
            sidecar = self.sidecar(dataset)
            if sidecar.kind == "table":
                frame = self.table(dataset)
                return self._mismatches(frame, sidecar)
            frame = check_figures(self.figures(dataset), where=dataset)
        except DataError as error:
            return [str(error)]
        return self._mismatches(frame, sidecar)

    def fingerprint(self) -> str:
        """A sha256 over every sidecar, hence over every table's checksum, and the register of corrections: changes when any
        figure does.
        """
        paths = [*sorted(self.root.glob("*/*.source.yml")), *self.root.glob(f"parameters/{_CORRECTIONS}.yml")]
        return sha256_of(b"\n".join(p.name.encode() + p.read_bytes() for p in paths))

    # -- paths and internals

    def _path(self, dataset: str, suffix: str) -> Path:
        if not _DATASET.fullmatch(dataset):
            raise DataError(
                f"dataset {dataset!r} is not of the form producer/name in lower-case letters and digits"
            )
        return self.root / f"{dataset}{suffix}"

    def _sidecar_path(self, dataset: str) -> Path:
        return self._path(dataset, ".source.yml")

    def _table_path(self, sidecar: Sidecar) -> Path:
        return self._path(sidecar.dataset, ".csv.gz" if sidecar.compressed else ".csv")

    def _content(self, sidecar: Sidecar) -> bytes:
        path = self._table_path(sidecar)
        if not path.is_file():
            raise DataError(
                f"{sidecar.dataset}: the sidecar is there and the table is not; {_remedy(sidecar.dataset)}"
            )
        try:
            content = gzip.decompress(path.read_bytes()) if sidecar.compressed else path.read_bytes()
        except (OSError, EOFError, zlib.error) as error:
            if why := places.closed(error):
                raise DataError(f"{sidecar.dataset}: {why}") from error
            raise DataError(
                f"{sidecar.dataset}: the file is damaged ({error}); {_remedy(sidecar.dataset)}"
            ) from error
        if sha256_of(content) != sidecar.sha256:
            raise DataError(
                f"{sidecar.dataset}: the table is not the one its sidecar describes (sha256 differs). Raw figures are "
                f"never edited: {_remedy(sidecar.dataset)}"
            )
        return content

    @staticmethod
    def _described(frame: pd.DataFrame, sidecar: Sidecar, content: bytes) -> Sidecar:
        periods = sorted(frame["period"].unique(), key=period) if sidecar.kind == "figures" else []
        has_territory = "territory" in frame.columns
        facts = {
            "columns": tuple(frame.columns),
            "indicators": tuple(sorted(frame["indicator"].unique())) if sidecar.kind == "figures" else (),
            "period_first": periods[0] if periods else None,
            "period_last": periods[-1] if periods else None,
            "territories": int(frame["territory"].nunique()) if has_territory else 0,
            "rows": len(frame),
            "sha256": sha256_of(content),
        }
        return Sidecar(**{**{f: getattr(sidecar, f) for f in Sidecar.__dataclass_fields__}, **facts})

    def _mismatches(self, frame: pd.DataFrame, sidecar: Sidecar) -> list[str]:
        found = self._described(frame, sidecar, b"")
        facts = ("columns", "indicators", "period_first", "period_last", "territories", "rows")
        return [
            f"{sidecar.dataset}: {fact} is {getattr(found, fact)!r}, the sidecar says {getattr(sidecar, fact)!r}"
            for fact in facts
            if getattr(found, fact) != getattr(sidecar, fact)
        ]

    def _change(self, frame: pd.DataFrame, sidecar: Sidecar) -> Change:
        name = sidecar.dataset
        try:
            before = self.sidecar(name) if name in self else None
            if before is None or not self._table_path(before).is_file():
                return Change(name, added=len(frame), first_time=True)
            old = self.figures(name) if before.kind == "figures" else self.table(name)
        except DataError:
            return Change(name, added=len(frame), unreadable=True)
        compare = _change_of_figures if before.kind == sidecar.kind == "figures" else _change_of_rows
        return compare(name, old, frame)


def _change_of_figures(name: str, old: pd.DataFrame, new: pd.DataFrame) -> Change:
    """Figures are the same when territory, period and indicator are."""
    key = ["territory", "period", "indicator"]
    both = old.merge(new, on=key, how="outer", indicator=True, suffixes=("_old", "_new"))
    common = both[both["_merge"] == "both"]
    substance = _differs(common, "value") | _differs(common, "state")
    description = _differs(common, "lower") | _differs(common, "upper") | _differs(common, "note")
    return Change(
        name,
        added=int((both["_merge"] == "right_only").sum()),
        removed=int((both["_merge"] == "left_only").sum()),
        revised=int((substance | description).sum()),
        described=int((description & ~substance).sum()),
    )


def _differs(both: pd.DataFrame, column: str) -> np.ndarray:
    import numpy as np

    old, new = both[f"{column}_old"], both[f"{column}_new"]
    if column in ("state", "note"):
        return (old.fillna("") != new.fillna("")).to_numpy()
    # The last binary digit may be lost between a number and its text: no revision of a producer's is that small.
    return ~np.isclose(old.astype("float64"), new.astype("float64"), rtol=1e-12, atol=0.0, equal_nan=True)


def _change_of_rows(name: str, old: pd.DataFrame, new: pd.DataFrame) -> Change:
    """Rows of a reference table have no key: those that differ in a cell are one removed and one added."""
    rows = [Counter(frame.astype("str").itertuples(index=False, name=None)) for frame in (old, new)]
    return Change(name, added=(rows[1] - rows[0]).total(), removed=(rows[0] - rows[1]).total())
