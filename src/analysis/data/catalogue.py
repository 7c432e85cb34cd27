"""Which data there are: the figures under ``data/raw``, each table beside a sidecar that says where it comes from.

A dataset ``drees/oarsa`` is ``data/raw/drees/oarsa.csv`` (or ``.csv.gz``) and its sidecar
``data/raw/drees/oarsa.source.yml``: producer, title, vintage, licence, quality grade, sha256 of the published file and
of the table. Every read verifies the table's checksum, so an edited figure is refused rather than reported.

A table and its sidecar are two files, written as one: the new sidecar waits beside (``.oarsa.source.yml.next``) until the
table is there, and whoever reads takes the one whose checksum is the table's. A store that is cut leaves the old version
or the new one, and the next that opens the catalogue puts the sidecar in its place. One process writes at a time.

When another vintage of a dataset takes the place of one, that one is kept in ``data/raw/drees/vintages``, and a catalogue
reads it where an edition names it or was closed before the other came out (``chosen``).

This is the only module that opens ``data/raw``. It does not know how a published file is laid out (that is ``sources``)
nor combine datasets (that is ``panel``).
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import MISSING, asdict, dataclass, fields, replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from analysis.data.schema import check_figures, note_problems, worded
from analysis.foundations import changes, display, entries, levels, notes, observation, places
from analysis.foundations.changes import Change
from analysis.foundations.files import DataError, project_root, sha256_of, write_if_new, write_whole
from analysis.foundations.notes import WORDS
from analysis.foundations.periods import period
from analysis.foundations.values import FIGURE_COLUMNS, QUALITIES, folded

if TYPE_CHECKING:  # what only asks which data there are need not wait for it
    import pandas as pd

LOCAL = "local"
"""Folder of the figures that a département holds itself: never in git, never mixed with published ones."""

VINTAGES = "PACTE_VINTAGES"
"""Variable by which the processes of an edition are told what is ``chosen`` for it, as JSON."""

LOCAL_LICENCE = "held by the département, not published"
"""What the sidecars of these figures say of their re-use."""

_LINE_ENDS = (
    "the table is the one its sidecar describes but for its line ends, which git (core.autocrlf) or an editor changed; "
    "restore it with `git ls-files -z data/raw | xargs -0 rm` and `git checkout -- data/raw`, which follow .gitattributes"
)
_FACTS = ("columns", "indicators", "period_first", "period_last", "territories", "rows")
"""What ``check`` holds a stored table to."""
_KEPT = "vintages"
"""Folder, in that of a producer, of the vintages that others took the place of."""
_OF_FETCHED = ("modified", "accepted")
"""Keys that other sidecars are without."""
_CORRECTIONS = "corrections"
_BEHIND_FIGURES = (f"parameters/{_CORRECTIONS}.yml", "parameters/breaks.yml")
"""What the table of figures is made from beside the figures themselves."""
_DATASET = re.compile(r"[a-z0-9_]+/[a-z0-9_]+")
_LOCK, _NEXT = ".lock", ".source.yml.next"
_PATIENCE = 60.0
"""Seconds to wait for another process that writes figures."""


class Loss(DataError):
    """A new version that lacks figures of the stored one: nothing was written. The message lists what would be lost."""


@dataclass(frozen=True)
class PublishedFile:
    """A file as its producer (or a re-user) publishes it."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, repr=False)
class Sidecar(display.Brief):
    """Where a dataset comes from and what it should hold.

    ``kind`` is ``figures`` (columns of ``values.FIGURE_COLUMNS``) or ``table`` (a reference table of other columns);
    ``level`` that of the territories of its figures where it is apart (``levels``), else the département for all others.
    Of figures that were fetched, ``modified`` is the producer's own day, and ``accepted`` what of their layout was not as
    expected and a person accepted. ``period_first``, ``period_last``, ``rows``, ``territories`` and ``sha256`` describe the
    stored table and are what ``check`` holds it to.
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
    level: str = levels.DEPARTEMENT.key
    modified: str | None = None
    accepted: tuple[str, ...] = ()

    @property
    def is_inside(self) -> bool:
        """Whether its figures are of territories inside départements (EPCI, communes, QPV), with files of their own."""
        return levels.get(self.level).apart

    def to_yaml(self) -> str:
        """Write the sidecar with a stable key order; the level only where it is not that of most."""
        content = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items()}
        if not self.is_inside:
            del content["level"]
        content["published"] = [asdict(file) for file in self.published]
        content = {key: value for key, value in content.items() if value or key not in _OF_FETCHED}
        return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=110)

    @classmethod
    @lru_cache(maxsize=512)
    def from_yaml(cls, text: str, where: str) -> Sidecar:
        """Read a sidecar, refusing unknown or missing keys by name. The same text is read once: a report cites it often."""
        needed = [one.name for one in fields(cls) if one.default is MISSING]
        try:
            content = entries.read(text, where).only(needed, cls.__dataclass_fields__)
            given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in content.items()}
            given["published"] = tuple(PublishedFile(**file) for file in given["published"])
            sidecar = cls(**given)
        except (entries.EntryError, TypeError) as error:
            place = "" if isinstance(error, entries.EntryError) else f"{where}: "
            raise DataError(f"{place}{error}; run `pacte data import` to write it again") from error
        if sidecar.quality not in QUALITIES:
            raise DataError(f"{where}: quality {sidecar.quality!r} is not one of {', '.join(QUALITIES)}")
        return sidecar


def _remedy(dataset: str) -> str:
    """What to do about a stored table that is lost, damaged or altered."""
    if dataset.startswith(f"{LOCAL}/"):
        return "add its file again with `pacte data add`"
    return "restore it with git, or import it again from the published file with `pacte data import`"


def _apart(frame: pd.DataFrame) -> pd.DataFrame:
    """Figures that a département gave before words had a column of their own."""
    pairs = [notes.apart(note) for note in frame["note"]]
    return frame.assign(**dict(zip(("note", WORDS), map(list, zip(*pairs, strict=True)), strict=True)))


class Catalogue:
    """The datasets of one checkout.

    Args:
        root: the folder that holds the datasets, ``data/raw`` of the project by default.
        vintages: those that are read of some datasets instead of what is held, None for those that are not read; what was
            ``chosen`` for the edition that this process works on by default.
    """

    def __init__(self, root: Path | None = None, vintages: Mapping[str, str | None] | None = None) -> None:
        self.root = (project_root() / "data" / "raw") if root is None else Path(root)
        self._chosen = json.loads(os.environ.get(VINTAGES) or "{}") if vintages is None else dict(vintages)
        for pending in self.root.glob(f"*/.*{_NEXT}"):
            with suppress(
                OSError, DataError
            ):  # who is storing ends it; what cannot be written is read all the same
                self._settle(f"{pending.parent.name}/{pending.name.removesuffix(_NEXT)[1:]}")

    def __repr__(self) -> str:
        return f"<Catalogue: {len(list(self))} datasets>"

    def _repr_html_(self) -> str:
        pairs = [
            (s.dataset, f"{s.producer}, {s.title} ({s.vintage}; {s.quality})") for s in self.sidecars.values()
        ]
        return display.listing(f"{len(pairs)} datasets", pairs)

    def __iter__(self) -> Iterator[str]:
        for path in sorted(self.root.glob("*/*.source.yml")):
            name = f"{path.parent.name}/{path.name.removesuffix('.source.yml')}"
            if self._chosen.get(name, "") is not None:
                yield name

    def __contains__(self, dataset: str) -> bool:
        is_name = bool(_DATASET.fullmatch(str(dataset))) and self._chosen.get(dataset, "") is not None
        return is_name and self.sidecar_path(dataset).is_file()

    def search(self, words: str) -> tuple[str, ...]:
        """Names of the datasets whose name, producer, title or perimeter hold all of some words, accents aside."""
        wanted = folded(words).split()
        texts = {n: folded(f"{n} {s.producer} {s.title} {s.perimeter}") for n, s in self.sidecars.items()}
        return tuple(name for name, text in texts.items() if all(word in text for word in wanted))

    @cached_property
    def sidecars(self) -> dict[str, Sidecar]:
        """Every sidecar by dataset name."""
        return {name: self.sidecar(name) for name in self}

    def sidecar(self, dataset: str) -> Sidecar:
        """The sidecar of a dataset; DataError when there is none."""
        path = self.sidecar_path(dataset)
        observation.file_read(f"{dataset}.source.yml")
        if not path.is_file():
            raise DataError(
                f"no dataset {dataset!r} under {self.root.name}; `pacte data check` lists those there are"
            )
        return Sidecar.from_yaml(
            self._sidecar_bytes(dataset).decode("utf-8", "replace"), where=f"{dataset}.source.yml"
        )

    def figures(self, dataset: str) -> pd.DataFrame:
        """The figures of a dataset, with the columns of ``values.FIGURE_COLUMNS`` and ``words``; its checksum is verified.

        DataError names the row whose note holds what is no key.
        """
        sidecar = self.sidecar(dataset)
        if sidecar.kind != "figures":
            raise DataError(f"{dataset} is a reference table, not figures; read it with `table`")
        if sidecar.is_inside:
            self.note_read(sidecar)
        import pandas as pd

        text = dict.fromkeys(("territory", "period", "indicator", "state", "note", WORDS), "str")
        frame = pd.read_csv(  # noqa: TID251 - a file of ours
            io.BytesIO(self._content(sidecar)),
            dtype=text,
            keep_default_na=False,
            na_values={"value": [""], "lower": [""], "upper": [""]},
        )
        if found := self._mismatches({"columns": tuple(frame.columns)}, sidecar):
            raise DataError(found[0])
        if sidecar.quality == LOCAL and WORDS not in frame:
            frame = _apart(frame)
        frame = worded(frame, dataset)
        if problem := next(note_problems(frame), None):
            raise DataError(f"{dataset}: {problem}")
        return frame.astype(dict.fromkeys(("value", "lower", "upper"), "float64"))

    def note_read(self, sidecar: Sidecar) -> None:
        """Tell those who observe that the whole table was read: figures that are in no panel are not followed one by one."""
        self.sidecar(sidecar.dataset)
        observation.file_read(self._table_path(sidecar).relative_to(self.root).as_posix())

    def table(self, dataset: str) -> pd.DataFrame:
        """A reference table, every cell as text (empty cells are empty strings); its checksum is verified."""
        import pandas as pd

        content = io.BytesIO(self._content(self.sidecar(dataset)))
        return pd.read_csv(content, dtype="str", keep_default_na=False)  # noqa: TID251 - a file of ours

    def parameters(self, name: str) -> entries.Entry:
        """Published parameters and assumptions, with their references: ``data/raw/parameters/NAME.yml``.

        What is not YAML, and later a key that is not there, are refused by file, line and entry (``entries.EntryError``).
        """
        if not re.fullmatch(r"[a-z0-9_]+", str(name)):
            raise DataError(
                f"parameters name {name!r} holds more than lower-case letters, digits and underscores"
            )
        path = self.root / "parameters" / f"{name}.yml"
        observation.file_read(f"parameters/{name}.yml")
        if not path.is_file():
            raise DataError(f"no parameters named {name!r} under {self.root.name}/parameters")
        return entries.read(path.read_text(encoding="utf-8"), path.name)

    def has_parameters(self, name: str) -> bool:
        """Whether there is a file of parameters of that name."""
        return (self.root / "parameters" / f"{name}.yml").is_file()

    def assumptions(self) -> dict[str, str]:
        """The sha256 of each file of parameters, by its name."""
        return {p.stem: sha256_of(p.read_bytes()) for p in sorted(self.root.glob("parameters/*.yml"))}

    def corrections(self) -> list[object]:
        """The register of corrections as it is written (see ``analysis.data.corrections``); empty where there is none."""
        if not self.has_parameters(_CORRECTIONS):
            return []
        content = self.parameters(_CORRECTIONS)
        register = content.get(_CORRECTIONS) if isinstance(content, Mapping) else None
        if not isinstance(register, list):
            raise DataError(f"{_CORRECTIONS}.yml: expected the key `{_CORRECTIONS}` with a list")
        return register

    @contextmanager
    def writing(self, patience: float | None = None) -> Iterator[None]:
        """Hold ``data/raw`` against other processes that write; DataError after ``patience`` seconds, else a minute."""
        from filelock import FileLock, Timeout

        patience = _PATIENCE if patience is None else patience
        lock = FileLock(self.root / _LOCK, is_singleton=True)
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=patience)
        except Timeout:
            raise DataError(
                f"another process has been writing under {self.root} for {patience:.0f} s; try again once it has ended"
            ) from None
        except OSError as error:
            raise DataError(
                f"{self.root} cannot be written ({error.strerror}); nothing has changed"
            ) from error
        try:
            yield
        finally:
            lock.release()

    def discard(self, dataset: str) -> None:
        """Take a dataset out, its sidecar first: a table without one is nobody's."""
        table = self._table_path(self.sidecar(dataset))
        for path in (self._pending_path(dataset), self.sidecar_path(dataset), table):
            path.unlink(missing_ok=True)
        self.__dict__.pop("sidecars", None)

    def store(self, frame: pd.DataFrame, sidecar: Sidecar, replace: bool = False) -> Change:
        """Write a dataset and its sidecar, whole or not at all, and say what changed against the version before.

        Raises Loss, with what would be lost, when the version before holds figures that this one lacks, unless ``replace``.
        """
        is_figures = sidecar.kind == "figures"
        frame = check_figures(frame, sidecar.dataset, sidecar.level) if is_figures else frame.astype("str")
        written = frame.drop(columns=WORDS) if is_figures and not frame[WORDS].any() else frame
        content = written.to_csv(index=False, lineterminator="\n").encode("utf-8")
        described = self._described(written, sidecar, content)
        stored = gzip.compress(content, compresslevel=9, mtime=0) if sidecar.compressed else content
        with self.writing():
            change = self._change(frame, described, replace)
            self._set_apart(described)
            self._write(described, stored)
        self.__dict__.pop("sidecars", None)
        return change

    def _write(self, sidecar: Sidecar, table: bytes) -> None:
        """The table and its sidecar: the sidecar waits beside until its table is there."""
        pending = self._pending_path(sidecar.dataset)
        text = sidecar.to_yaml().encode("utf-8")
        name = pending.name.removesuffix(_NEXT)
        for left in (*pending.parent.glob(f"{name}.csv*"), *pending.parent.glob(f".{name}.source*")):
            left.unlink()  # of a store that was killed while it wrote
        try:
            write_whole(pending, text)
            write_if_new(self._table_path(sidecar), table)
        finally:
            self._settle(sidecar.dataset)

    def _settle(self, dataset: str) -> None:
        """End a store, cut or not: the waiting sidecar takes its place when the table is its own, and goes otherwise."""
        pending = self._pending_path(dataset)
        with self.writing(patience=0):
            if not pending.is_file():
                return
            text = pending.read_bytes()
            if not self._is_of_table(text, dataset):
                pending.unlink()
                return
            pending.replace(self.sidecar_path(dataset))
            sidecar = Sidecar.from_yaml(text.decode("utf-8"), where=pending.name)
            self._table_path(replace(sidecar, compressed=not sidecar.compressed)).unlink(missing_ok=True)

    def _is_of_table(self, text: bytes, dataset: str) -> bool:
        """Whether a sidecar is that of the table which is there."""
        try:
            sidecar = Sidecar.from_yaml(text.decode("utf-8"), where=f"{dataset}{_NEXT}")
            return sha256_of(self._table_bytes(sidecar)) == sidecar.sha256
        except (DataError, UnicodeDecodeError):
            return False

    def check(self, dataset: str) -> list[str]:
        """What is wrong with a stored dataset, one line each; empty when nothing is."""
        try:
            sidecar = self.sidecar(dataset)
            if sidecar.kind == "table":
                frame = self.table(dataset)
            else:  # which must have the columns that its sidecar says
                frame = check_figures(self.figures(dataset), dataset, sidecar.level)[list(sidecar.columns)]
        except DataError as error:
            return [str(error)]
        described = self._described(frame, sidecar, b"")
        return self._mismatches({fact: getattr(described, fact) for fact in _FACTS}, sidecar)

    def kept(self, dataset: str) -> list[Sidecar]:
        """The vintages that were kept of a dataset when others took their place, the oldest first."""
        producer, _, name = dataset.partition("/")
        found = (
            self.root.glob(f"{producer}/{_KEPT}/{name}.*.source.yml") if _DATASET.fullmatch(dataset) else ()
        )
        read = [
            Sidecar.from_yaml(path.read_text(encoding="utf-8"), where=path.name) for path in sorted(found)
        ]
        return sorted(read, key=lambda one: (one.modified or "", one.period_last or ""))

    def chosen(self, named: date | Mapping[str, str]) -> dict[str, str | None]:
        """The kept vintages to read so that datasets are as an edition names them, or as they were on a day.

        None: a dataset that was not there on that day. DataError when a vintage that is named is neither held nor kept.
        """
        if isinstance(named, Mapping):
            wanted = {name: text for name, text in named.items() if self.sidecar(name).vintage != text}
            for name, text in wanted.items():
                if text not in (there := [one.vintage for one in self.kept(name)]):
                    raise DataError(
                        f"{name} is {display.shown(self.sidecar(name).vintage)} under data/raw, not {display.shown(text)}; "
                        f"kept of it are {display.listed(map(display.shown, there))}"
                    )
            return dict(wanted)
        day = named.isoformat()
        dated = [
            name for name in self if b"\nmodified:" in self._sidecar_bytes(name)
        ]  # the others are not parsed
        later = [name for name in dated if (self.sidecar(name).modified or "") > day]
        before = {name: [k.vintage for k in self.kept(name) if (k.modified or "") <= day] for name in later}
        return {name: kept[-1] if kept else None for name, kept in before.items()}

    def _set_apart(self, sidecar: Sidecar) -> None:
        """Keep the vintage that another takes the place of; not of what a département gave, nor what is damaged."""
        name = sidecar.dataset
        if sidecar.kind != "figures" or sidecar.quality == LOCAL or name not in self:
            return
        try:
            before = self.sidecar(name)
            content = self._content(before)
        except DataError:
            return
        if before.vintage == sidecar.vintage or before.sha256 == sidecar.sha256:
            return
        packed = gzip.compress(content, compresslevel=9, mtime=0)
        described = replace(before, compressed=True).to_yaml().encode("utf-8")
        for suffix, written in ((".csv.gz", packed), (".source.yml", described)):
            write_whole(self._kept_path(name, before.vintage, suffix), written)

    def fingerprint(self) -> str:
        """A sha256 over every sidecar, hence over every table's checksum, and the registers of corrections and of breaks:
        changes when any figure does, or what its note says of it.
        """
        parts = [f"{name.partition('/')[2]}.source.yml".encode() + self._sidecar_bytes(name) for name in self]
        parts += [
            p.name.encode() + places.content(p, follow=True)
            for p in map(self.root.joinpath, _BEHIND_FIGURES)
            if p.is_file()
        ]
        return sha256_of(b"\n".join(parts))

    # -- paths and internals

    def _path(self, dataset: str, suffix: str) -> Path:
        if not _DATASET.fullmatch(str(dataset)):
            raise DataError(
                f"dataset {dataset!r} is not of the form producer/name in lower-case letters and digits"
            )
        vintage = self._chosen.get(dataset)
        return self._kept_path(dataset, vintage, suffix) if vintage else self.root / f"{dataset}{suffix}"

    def _kept_path(self, dataset: str, vintage: str, suffix: str) -> Path:
        producer, name = dataset.split("/")
        words = re.sub(r"[^a-z0-9]+", "-", folded(vintage))[:40].strip("-")
        return self.root / producer / _KEPT / f"{name}.{words}-{sha256_of(vintage.encode())[:8]}{suffix}"

    def sidecar_path(self, dataset: str) -> Path:
        """Where the sidecar of a dataset stands, or would."""
        return self._path(dataset, ".source.yml")

    def _table_path(self, sidecar: Sidecar) -> Path:
        return self._path(sidecar.dataset, ".csv.gz" if sidecar.compressed else ".csv")

    def _pending_path(self, dataset: str) -> Path:
        path = self.sidecar_path(dataset)
        return path.with_name(f".{dataset.partition('/')[2]}{_NEXT}")

    def _sidecar_bytes(self, dataset: str) -> bytes:
        """The sidecar of the table that is there: the one in its place, or the one that a store under way left beside."""
        pending = self._pending_path(dataset)
        if pending.is_file():
            with suppress(FileNotFoundError):  # put in its place meanwhile
                if self._is_of_table(text := pending.read_bytes(), dataset):
                    return text
        return self.sidecar_path(dataset).read_bytes()

    def _table_bytes(self, sidecar: Sidecar) -> bytes:
        """The table that a sidecar describes, as text; DataError when it is lost or cannot be read."""
        path = self._table_path(sidecar)
        if not path.is_file():
            raise DataError(
                f"{sidecar.dataset}: the sidecar is there and the table is not; {_remedy(sidecar.dataset)}"
            )
        try:
            return gzip.decompress(path.read_bytes()) if sidecar.compressed else path.read_bytes()
        except (OSError, EOFError, zlib.error) as error:
            if why := places.closed(error):
                raise DataError(f"{sidecar.dataset}: {why}") from error
            raise DataError(
                f"{sidecar.dataset}: the file is damaged ({error}); {_remedy(sidecar.dataset)}"
            ) from error

    def _content(self, sidecar: Sidecar) -> bytes:
        content = self._table_bytes(sidecar)
        if sha256_of(content) == sidecar.sha256:
            return content
        if (now := self.sidecar(sidecar.dataset)) != sidecar:  # another process stored between the two reads
            return self._content(now)
        published = not sidecar.dataset.startswith(f"{LOCAL}/")
        if published and sha256_of(content.replace(b"\r\n", b"\n")) == sidecar.sha256:
            raise DataError(f"{sidecar.dataset}: {_LINE_ENDS}")
        raise DataError(
            f"{sidecar.dataset}: the table is not the one its sidecar describes (sha256 differs). Raw figures are "
            f"never edited: {_remedy(sidecar.dataset)}"
        )

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

    @staticmethod
    def _mismatches(found: Mapping[str, object], sidecar: Sidecar) -> list[str]:
        """Facts of a stored table that its sidecar says otherwise."""
        return [
            f"{sidecar.dataset}: {fact} is {display.short(there)}, the sidecar says {display.short(said)}"
            for fact, there in found.items()
            if there != (said := getattr(sidecar, fact))
        ]

    def _change(self, frame: pd.DataFrame, sidecar: Sidecar, replace: bool) -> Change:
        """What changes against the version that is there; Loss when figures would go and nobody said that they may."""
        name, before = sidecar.dataset, None
        try:
            before = self.sidecar(name) if name in self else None
            if before is None or not self._table_path(before).is_file():
                return Change(name, added=len(frame), first_time=True)
            old = self.figures(name) if before.kind == "figures" else self.table(name)
        except DataError:
            if before and len(frame) < before.rows and not replace:
                held = f"{before.rows:,} rows, in a version that is damaged, where these are {len(frame):,}"
                raise self._loss(name, [held]) from None
            return Change(name, added=len(frame), unreadable=True)
        alike = before.kind == sidecar.kind == "figures"
        lost = changes.lost_figures if alike else changes.lost_rows
        if not replace and (lines := lost(old, frame)):
            raise self._loss(name, lines)
        return (changes.of_figures if alike else changes.of_rows)(name, old, frame)

    @staticmethod
    def _loss(name: str, lines: list[str]) -> Loss:
        listed = "".join(f"\n  {line}" for line in lines)
        return Loss(
            f"{name}: nothing was written: the figures that are stored hold what these do not:{listed}\n"
            "If that is right, run it again with --replace"
        )
