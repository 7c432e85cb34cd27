"""The tables of territories: what each is called, what it lies in, what it is made of, read and held to their form.

``territories.csv`` beside this module has the countries, régions, départements and collectivités; ``memberships.csv`` says
since when a territory lies in another, and until when, for those of which that changes. A level that is added brings a table
of each kind with its key in the name (``territories_epci.csv``, ``memberships_epci.csv``), of the same columns; those that a
level has no use for may be left out. A territory of it may lie in several others, as 89 EPCI do. The tables of a level that
is apart are read when one of its codes, or all of them, are asked for: no command waits for EPCI that it does not name.

Stands on ``levels``; ``territories`` answers by code and reads what is written. No figure is known here, and no file under
``data/raw`` is opened.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from analysis.foundations import levels
from analysis.foundations.display import Refusal, UnknownLanguage
from analysis.foundations.levels import Level


@dataclass(frozen=True, slots=True, repr=False)
class Territory:
    """A territory, with the words to write about it.

    ``parent`` is the smallest territory listed here that contains it (``69`` for ``69M``; None for a country and for what
    lies in several), ``region`` the code of its région (its own for a région, None for a country and for what lies in
    several), ``members`` the départements it is made of (empty for a part of one), ``tile`` the (column, row) of its cell on
    the tile map, from the top left, for levels that have tiles.
    """

    code: str
    level: str
    name: str
    name_en: str
    slug: str
    parent: str | None
    region: str | None
    overseas: bool
    members: tuple[str, ...]
    tile: tuple[int, int] | None
    article: str
    article_en: str
    of: str
    place: str
    aliases: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<{self.kind.title} {self.code}: {self.name}>"

    @property
    def kind(self) -> Level:
        """Its level, with all that goes with it; ``level`` is the key."""
        return levels.get(self.level)

    def label(self, lang: str = "fr") -> str:
        """The name alone, for a title, an axis or a table: « Bas-Rhin », « La Réunion »; "Réunion"."""
        return self._form(lang, "", "")

    def short(self, lang: str = "fr") -> str:
        """The name on a drawing, the kind of a group of communes by its letters: « CC de la Dombes »."""
        name = self.label(lang)
        for words, letters in _KINDS.items():
            name = name.replace(words, letters)
        return name

    def name_the(self, lang: str = "fr") -> str:
        """The name as the subject of a sentence: « le Bas-Rhin », « Paris », « la Seine-Saint-Denis »; "Bas-Rhin"."""
        return self._form(lang, self.article, self.article_en)

    def name_of(self, lang: str = "fr") -> str:
        """The name with « de »: « du Bas-Rhin », « d’Eure-et-Loir », « de La Réunion »; "of Bas-Rhin"."""
        return self._form(lang, self.of, f"of {self.article_en}".strip())

    def name_in(self, lang: str = "fr") -> str:
        """The name as a place: « dans le Bas-Rhin », « en Savoie », « à Paris », « dans l’Ain »; "in Bas-Rhin"."""
        return self._form(lang, self.place, f"in {self.article_en}".strip())

    def _form(self, lang: str, french: str, english: str) -> str:
        if lang == "fr":
            return _joined(french, self.name)
        if lang == "en":
            return _joined(english, self.name_en)
        raise UnknownLanguage(f"no names of territories in language {lang!r}: ask for 'fr' or 'en'")


_KINDS = {"Communauté de communes": "CC", "Communauté d’agglomération": "CA", "Communauté urbaine": "CU"}


def _joined(prefix: str, name: str) -> str:
    return prefix + name if not prefix or prefix.endswith("’") else f"{prefix} {name}"


# ------------------------------------------------------------------------------------------------------- the data files


class TerritoriesError(Refusal, ValueError):
    """A row of a table of territories, of memberships or of borders that is malformed; the message names file and line."""


_COLUMNS = (
    "code", "level", "name", "name_en", "article", "of", "in", "article_en", "parent", "members", "overseas", "column",
    "row", "aliases",
)  # fmt: skip
_NEEDED = ("code", "level", "name", "article", "of", "in")
"""Columns that the table of an added level has at least; the others are empty where they are left out."""
_OUTSIDE = "outside"
"""Stands for the level of what is no territory of the project, and is named when it is asked for."""


def rows_of(filename: str) -> list[dict[str, str]]:
    """The rows of a table beside this module, as text; none where there is no such file."""
    path = Path(__file__).with_name(filename)
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def checked(
    rows: list[dict[str, str]], filename: str = "territories.csv", known: Iterable[str] = ()
) -> list[dict[str, str]]:
    """The rows of a table of territories, held to its form: TerritoriesError names the line and what is expected.

    ``known`` are the codes of other tables, which a row may name as its parent.
    """
    codes = Counter([*known, *(row.get("code") or "" for row in rows)])
    for line, row in enumerate(rows, 2):
        for problem in _row_problems(row, codes):
            raise TerritoriesError(f"{filename}, line {line}, {row.get('code') or 'no code'}: {problem}")
    return rows


def _row_problems(row: Mapping[str, str], codes: Mapping[str, int]) -> Iterator[str]:
    if lacking := [column for column in _COLUMNS if row.get(column) is None] or [
        c for c in row if c not in _COLUMNS
    ]:
        yield f"cells do not match the columns ({lacking[0]}); expected {', '.join(_COLUMNS)}"
        return
    if not row["code"] or codes[row["code"]] > 1:
        yield "a code stands on one line, and every line has one"
    if row["level"] not in (known := (*levels.LEVELS, _OUTSIDE)):
        yield f"level {row['level']!r}: expected one of {', '.join(known)}"
        return
    if not row["name"].strip():
        yield "no name"
    for key, among in (("parent", row["parent"].split()), ("members", row["members"].split())):
        if wrong := [code for code in among if code not in codes or code == row["code"]]:
            yield f"{key} {wrong[0]!r} is the code of no other line"
    if row["level"] == _OUTSIDE:
        return
    yield from _level_problems(row, levels.get(row["level"]))


def _level_problems(row: Mapping[str, str], level: Level) -> Iterator[str]:
    """What a row lacks that its level calls for."""
    if not level.has(row["code"]):
        yield f"code {row['code']!r} has not the form of those of level {level.key} ({level.code})"
    if not row["parent"] and level in (levels.DEPARTEMENT, levels.REGION, levels.COLLECTIVITE):
        yield "no parent; expected the smallest territory that contains it"
    cell = [row["column"], row["row"]]
    if (any(cell) and not all(text.isdigit() for text in cell)) or (level.tiles and not all(cell)):
        yield f"column and row {cell}: expected whole numbers, the cell of the tile map"


@dataclass(frozen=True, slots=True)
class Membership:
    """That a territory lies in another, wholly or in part: from a day on (None: always), until the day before another."""

    code: str
    within: str
    since: date | None
    until: date | None

    def holds(self, on: date | None) -> bool:
        """Whether it does on a day; on the last day there is, when none is given."""
        if on is None:
            return self.until is None
        return (self.since is None or self.since <= on) and (self.until is None or on < self.until)


def memberships(
    rows: Sequence[Mapping[str, str]], filename: str, known: Iterable[str]
) -> tuple[Membership, ...]:
    """The rows of a table of memberships; TerritoriesError names the line and what is expected."""
    codes, read = frozenset(known), []
    for line, row in enumerate(rows, 2):
        where = f"{filename}, line {line}"
        if wrong := [row.get(end) for end in ("code", "within") if row.get(end) not in codes]:
            raise TerritoriesError(f"{where}: {wrong[0]!r} is the code of no territory")
        try:
            since, until = (date.fromisoformat(row[end]) if row[end] else None for end in ("since", "until"))
        except (KeyError, TypeError, ValueError):
            raise TerritoriesError(
                f"{where}: expected days such as 2021-01-01 in since and until, or nothing"
            ) from None
        if since and until and since >= until:
            raise TerritoriesError(f"{where}: it ends on {until}, before it begins on {since}")
        read.append(Membership(row["code"], row["within"], since, until))
    return tuple(read)


# ----------------------------------------------------------------------------------------------------------- the tables


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Territories by code, and what each of those whose place changes lies in."""

    territories: Mapping[str, Territory]
    memberships: Mapping[str, tuple[Membership, ...]]


def _table_names(stem: str, level: Level | None) -> tuple[str, ...]:
    """The tables of a kind: that of a level that is apart, or the project's own, then those of levels that were added."""
    if level is not None:
        return (f"{stem}_{level.key}.csv",)
    return (f"{stem}.csv", *(f"{stem}_{key}.csv" for key, one in levels.LEVELS.items() if not one.apart))


def _all_rows(level: Level | None = None, known: Iterable[str] = ()) -> list[dict[str, str]]:
    """The rows of tables of territories, checked; a column that an added level has no use for is empty."""
    every: list[dict[str, str]] = []
    for name in _table_names("territories", level):
        rows = rows_of(name)
        if level is not None or every:
            rows = [{**{c: "" for c in _COLUMNS if c not in _NEEDED and c not in row}, **row} for row in rows]
        every += checked(rows, name, [*known, *(row["code"] for row in every)])
    return every


def _members(row: Mapping[str, str], rows: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Départements a territory is made of; those of a collectivité are listed, the others follow from the parents."""
    code, level = row["code"], row["level"]
    if level == "departement":
        return (code,)
    if levels.get(level).is_below:
        return tuple(row["members"].split())
    departements = [other for other in rows if other["level"] == "departement"]
    if level == "country":
        return tuple(other["code"] for other in departements if code == "FR" or not other["overseas"])
    return tuple(other["code"] for other in departements if other["parent"] == code)


def _parent(row: Mapping[str, str], dated: Iterable[Membership]) -> str | None:
    """The one territory that contains another; None when there is none, or several."""
    there = {one.within for one in dated if one.holds(None)}
    return row["parent"] or (there.pop() if len(there) == 1 else None)


def _region(
    code: str, rows: Mapping[str, Mapping[str, str]], dated: Mapping[str, tuple[Membership, ...]]
) -> str | None:
    """The région that a territory lies in; None for a country, and for what lies in several."""
    if code not in rows:  # of the project's own table, which was read before
        return TERRITORIES[code].region
    row = rows[code]
    if row["level"] in ("region", "country"):
        return code if row["level"] == "region" else None
    above = [row["parent"]] if row["parent"] else [one.within for one in dated[code] if one.holds(None)]
    regions = {_region(other, rows, dated) for other in above}
    return regions.pop() if len(regions) == 1 else None


def _slug(row: Mapping[str, str]) -> str:
    """Name for an address; that of a région says that it is one, as several share their name with a département."""
    name = words(row["name"]).replace(" ", "-")
    return name if levels.get(row["level"]).bare else f"{row['level']}-{name}"


def _load(rows: list[dict[str, str]], dated: Mapping[str, tuple[Membership, ...]]) -> Mapping[str, Territory]:
    by_code = {row["code"]: row for row in rows if row["level"] != _OUTSIDE}
    return MappingProxyType(
        {
            code: Territory(
                code=code,
                level=row["level"],
                name=row["name"],
                name_en=row["name_en"] or row["name"],
                slug=_slug(row),
                parent=_parent(row, dated.get(code, ())),
                region=_region(code, by_code, dated),
                overseas=row["overseas"] == "yes",
                members=_members(row, rows),
                tile=(int(row["column"]), int(row["row"])) if row["column"] else None,
                article=row["article"],
                article_en=row["article_en"],
                of=row["of"],
                place=row["in"],
                aliases=tuple(filter(None, row["aliases"].split("|"))),
            )
            for code, row in by_code.items()
        }
    )


_ABBREVIATIONS = {"st": "saint", "hte": "haute", "htes": "hautes", "hts": "hauts", "bches": "bouches"}


def words(text: str) -> str:
    """Plain lower-case words: without accents, marks, or the abbreviations that files use."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("&", " et "))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(_ABBREVIATIONS.get(word, word) for word in re.sub(r"[\W_]+", " ", plain).split())


def _by_code(
    rows: Sequence[Mapping[str, str]], level: Level | None = None, known: Iterable[str] = ()
) -> Mapping[str, tuple[Membership, ...]]:
    """The memberships of the tables, by the code of what lies in another."""
    codes = [*known, *(row["code"] for row in rows)]
    found: dict[str, list[Membership]] = {}
    for name in _table_names("memberships", level):
        for one in memberships(rows_of(name), name, codes):
            found.setdefault(one.code, []).append(one)
    for row in rows:
        placed = row["level"] == _OUTSIDE or levels.get(row["level"]).within is None or row["parent"]
        if not placed and row["code"] not in found:
            raise TerritoriesError(f"{row['code']}: it lies in no territory; give a parent, or a membership")
    return MappingProxyType({code: tuple(several) for code, several in found.items()})


_ROWS = _all_rows()

MEMBERSHIPS: Mapping[str, tuple[Membership, ...]] = _by_code(_ROWS)
"""What a territory lies in, and since when, for those of which that changes."""

TERRITORIES: Mapping[str, Territory] = _load(_ROWS, MEMBERSHIPS)
"""Every territory by code: countries, régions, départements in the official order, collectivités; none that is apart."""

OUTSIDE: Mapping[str, str] = MappingProxyType({r["code"]: r["name"] for r in _ROWS if r["level"] == _OUTSIDE})
"""Names of what is no territory of the project, by code."""


@cache
def apart(level: Level) -> Gazetteer:
    """The territories of a level that is apart, in the order of their codes; none where it has no table."""
    rows = _all_rows(level, TERRITORIES)
    dated = _by_code(rows, level, TERRITORIES)
    return Gazetteer(_load(rows, dated), dated)


def known(code: object) -> Territory | None:
    """The territory of a code of any level; None when there is none."""
    if not isinstance(code, str) or code in TERRITORIES:
        return TERRITORIES.get(code) if isinstance(code, str) else None
    level = levels.of_code(code)
    return apart(level).territories.get(code) if level is not None and level.apart else None


def dated(code: str) -> tuple[Membership, ...] | None:
    """What a territory lies in, and since when; None where a parent says it once and for all."""
    there = known(code)
    held = apart(there.kind).memberships if there is not None and there.kind.apart else MEMBERSHIPS
    return held.get(code)
