"""Territories: what a file or a person writes is turned into a code here, and nowhere else.

A code is text. The 101 départements keep their official numbers (``01`` … ``95`` with ``2A`` and ``2B``, then
``971`` to ``974`` and ``976``). The 18 régions are ``R`` and their number (``R84``), so that a bare 84 is always
Vaucluse. France is ``FR`` with its five overseas départements and ``FM`` without them. Four collectivités complete
the list, under the codes of INSEE's code officiel géographique: ``69M`` Métropole de Lyon and ``69D`` the rest of
Rhône, which sign contracts of their own; ``6AE`` Collectivité européenne d'Alsace, which acts for two départements;
``20R`` Collectivité de Corse. Which other métropoles hold a local contract is not published as a list: they are not
territories here until it is.

For each, the names with their articles, in French and in English, that a sentence needs; for départements, the land
neighbours and a cell of the tile map. Names and articles follow the code officiel géographique, except that « dans »
or « en » follows usage; the borders were computed from IGN's boundaries. All this is in ``territories.csv`` and
``territories_borders.csv``, beside this module.

This module is the lowest in the way of the data: it imports only how an error is shown, and never opens ``data/raw``. It
must not guess: what can be read in two ways is refused with the ways to write it, and a spelling it does not know
with the nearest ones it does. It knows no figure.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from numbers import Real
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, NoReturn

from analysis.display import Refusal, UnknownLanguage, capped, nearest, shown

if TYPE_CHECKING:
    import pandas as pd

LEVELS = ("departement", "collectivite", "region", "country")
"""Levels of territory, in the order in which a name borne at several levels is understood."""

_LEVEL_NAMES = dict(zip(LEVELS, ("département", "collectivité", "région", "country"), strict=True))


class UnknownTerritory(Refusal, ValueError):
    """What was written names no territory, or more than one.

    ``value`` is what was written, ``candidates`` the codes of the nearest territories, which the message names too.
    """

    def __init__(self, message: str, value: object = None, candidates: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.value = value
        self.candidates = tuple(candidates)


class UnknownLevel(Refusal, ValueError):
    """A level of territory that is none of ``LEVELS``."""


@dataclass(frozen=True, slots=True, repr=False)
class Territory:
    """A territory, with the words to write about it.

    ``parent`` is the smallest territory listed here that contains it (``69`` for ``69M``), ``region`` the code of its
    région (its own for a région, None for a country), ``members`` the départements it is made of (empty for a part
    of one), ``tile`` the (column, row) of its cell on the tile map, from the top left, for départements only.
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

    def __repr__(self) -> str:
        return f"<{_LEVEL_NAMES[self.level]} {self.code}: {self.name}>"

    @property
    def plural(self) -> bool:
        """Whether a French verb agrees with it in the plural: « les Yvelines comptent »."""
        return self.article == "les"

    def label(self, lang: str = "fr") -> str:
        """The name alone, for a title, an axis or a table: « Bas-Rhin », « La Réunion »; "Réunion"."""
        return self._form(lang, "", "")

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


def _joined(prefix: str, name: str) -> str:
    return prefix + name if not prefix or prefix.endswith("’") else f"{prefix} {name}"


# ------------------------------------------------------------------------------------------------------- the data files


class TerritoriesError(Refusal, ValueError):
    """A row of ``territories.csv`` or ``territories_borders.csv`` that is malformed; the message names file and line."""


_COLUMNS = (
    "code", "level", "name", "name_en", "article", "of", "in", "article_en", "parent", "members", "overseas", "column",
    "row", "aliases",
)  # fmt: skip


def _rows(filename: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(filename).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def checked(rows: list[dict[str, str]], filename: str = "territories.csv") -> list[dict[str, str]]:
    """The rows of the table of territories, held to its form: TerritoriesError names the line and what is expected."""
    codes = [row.get("code") or "" for row in rows]
    for line, row in enumerate(rows, 2):
        for problem in _row_problems(row, codes):
            raise TerritoriesError(f"{filename}, line {line}, {row.get('code') or 'no code'}: {problem}")
    return rows


def _row_problems(row: Mapping[str, str], codes: list[str]) -> Iterator[str]:
    if lacking := [column for column in _COLUMNS if row.get(column) is None] or [
        c for c in row if c not in _COLUMNS
    ]:
        yield f"cells do not match the columns ({lacking[0]}); expected {', '.join(_COLUMNS)}"
        return
    if not row["code"] or codes.count(row["code"]) > 1:
        yield "a code stands on one line, and every line has one"
    if row["level"] not in (*LEVELS, "outside"):
        yield f"level {row['level']!r}: expected one of {', '.join((*LEVELS, 'outside'))}"
    if not row["name"].strip():
        yield "no name"
    needs = row["level"] in ("departement", "region", "collectivite")
    for key, among in (("parent", row["parent"].split()), ("members", row["members"].split())):
        if wrong := [code for code in among if code not in codes or code == row["code"]]:
            yield f"{key} {wrong[0]!r} is the code of no other line"
    if needs and not row["parent"]:
        yield "no parent; expected the smallest territory that contains it"
    cell = [row["column"], row["row"]]
    if (any(cell) and not all(text.isdigit() for text in cell)) or (
        row["level"] == "departement" and not all(cell)
    ):
        yield f"column and row {cell}: expected whole numbers, the cell of the tile map"


def _members(row: Mapping[str, str], rows: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Départements a territory is made of; those of a collectivité are listed, the others follow from the parents."""
    code, level = row["code"], row["level"]
    if level == "departement":
        return (code,)
    if level == "collectivite":
        return tuple(row["members"].split())
    departements = [other for other in rows if other["level"] == "departement"]
    if level == "country":
        return tuple(other["code"] for other in departements if code == "FR" or not other["overseas"])
    return tuple(other["code"] for other in departements if other["parent"] == code)


def _region(row: Mapping[str, str], by_code: Mapping[str, Mapping[str, str]]) -> str | None:
    """Climb to the région that contains a territory."""
    while row["level"] not in ("region", "country"):
        row = by_code[row["parent"]]
    return row["code"] if row["level"] == "region" else None


def _slug(row: Mapping[str, str]) -> str:
    """Name for an address; a région says that it is one, as several share their name with a département."""
    words = _words(row["name"]).replace(" ", "-")
    return f"region-{words}" if row["level"] == "region" else words


def _load(rows: list[dict[str, str]]) -> Mapping[str, Territory]:
    by_code = {row["code"]: row for row in rows if row["level"] in LEVELS}
    return MappingProxyType(
        {
            code: Territory(
                code=code,
                level=row["level"],
                name=row["name"],
                name_en=row["name_en"] or row["name"],
                slug=_slug(row),
                parent=row["parent"] or None,
                region=_region(row, by_code),
                overseas=row["overseas"] == "yes",
                members=_members(row, rows),
                tile=(int(row["column"]), int(row["row"])) if row["column"] else None,
                article=row["article"],
                article_en=row["article_en"],
                of=row["of"],
                place=row["in"],
            )
            for code, row in by_code.items()
        }
    )


_ABBREVIATIONS = {"st": "saint", "hte": "haute", "htes": "hautes", "hts": "hauts", "bches": "bouches"}


def _words(text: str) -> str:
    """Plain lower-case words: without accents, marks, or the abbreviations that files use."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("&", " et "))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(_ABBREVIATIONS.get(word, word) for word in re.sub(r"[\W_]+", " ", plain).split())


_ROWS = checked(_rows("territories.csv"))

TERRITORIES: Mapping[str, Territory] = _load(_ROWS)
"""Every territory by code: countries, régions, départements in the official order, collectivités."""

CODES: tuple[str, ...] = tuple(TERRITORIES)
DEPARTEMENTS: tuple[str, ...] = TERRITORIES["FR"].members
"""The 101 départements in the official order: 2A and 2B between 19 and 21, overseas last."""

METROPOLITAN: tuple[str, ...] = TERRITORIES["FM"].members
OVERSEAS: tuple[str, ...] = tuple(code for code in DEPARTEMENTS if TERRITORIES[code].overseas)
REGIONS: tuple[str, ...] = tuple(
    code for code, territory in TERRITORIES.items() if territory.level == "region"
)
COLLECTIVITES: tuple[str, ...] = tuple(
    code for code, territory in TERRITORIES.items() if territory.level == "collectivite"
)


class _Names(SimpleNamespace):
    """Codes by name, for a person who writes code: Tab completes ``names.bas_rhin``."""

    def __repr__(self) -> str:
        return f"<codes of {len(vars(self))} territories: names.bas_rhin is {self.bas_rhin!r}>"


names = _Names(**{territory.slug.replace("-", "_"): code for code, territory in TERRITORIES.items()})
"""The code of every territory as an attribute; what is typed by others goes through `parse`."""

_OUTSIDE = {row["code"]: row["name"] for row in _ROWS if row["level"] == "outside"}
_OLD_CODES = {"20A": "2A", "20B": "2B"}
_INCOMPLETE = {"20": ("2A", "2B", "20R"), "97": OVERSEAS}
"""Numbers that files use for several territories; only a name beside them tells which."""


# ----------------------------------------------------------------------------------------------------- asking by code


def get(code: str) -> Territory:
    """The territory of a code written as in ``CODES``; whatever else a person or a file writes goes through `parse`."""
    territory = TERRITORIES.get(code) if isinstance(code, str) else None
    if territory is None:
        raise UnknownTerritory(
            f"{_shown(code)} is not a code of the project; parse() reads what files and people write{_meant(code)}",
            code,
        )
    return territory


def _meant(written: object) -> str:
    """The end of a refusal of what is no code: the code that it stands for, or the nearest."""
    try:
        return f": here {_cited(parse(written))}"
    except UnknownTerritory as refusal:
        return f"; nearest: {', '.join(map(_cited, refusal.candidates))}" if refusal.candidates else ""


def find(words: str) -> tuple[Territory, ...]:
    """The territories whose name or code holds all of some words, whatever case and accents, in the official order."""
    wanted = _words(str(words)).split()
    texts = {code: _words(f"{code} {one.name} {one.name_en}") for code, one in TERRITORIES.items()}
    there = {code: f"{text} {text.replace(' ', '')}" for code, text in texts.items()}
    return tuple(TERRITORIES[code] for code, text in there.items() if all(word in text for word in wanted))


def sort_key(code: str) -> int:
    """Position in the official order, for `sorted` and `Series.map`: as text, 2A would come after 29."""
    return _positions()[get(code).code]


@cache
def _positions() -> dict[str, int]:
    return {code: position for position, code in enumerate(CODES)}


def region_of(code: str) -> str:
    """Code of the région that contains a territory (its own for a région); a country is in none, which is an error."""
    territory = get(code)
    if territory.region is None:
        raise UnknownTerritory(f"{territory.name} ({code}) is in no région", code)
    return territory.region


def departements_of(code: str) -> tuple[str, ...]:
    """Départements of a territory, in the official order.

    69M and 69D are parts of a département and not made of any: an error, as figures of Rhône are not theirs.
    """
    territory = get(code)
    if not territory.members:
        raise UnknownTerritory(
            f"{territory.name} ({code}) is a part of département {territory.parent}: no whole département makes it up",
            code,
        )
    return territory.members


def collectivites_of(code: str) -> tuple[str, ...]:
    """Collectivités that a département is in, or that are a part of it: 6AE for 67, 69D and 69M for 69; none for most."""
    return tuple(
        one for one in COLLECTIVITES if code in TERRITORIES[one].members or TERRITORIES[one].parent == code
    )


def neighbours(code: str) -> tuple[str, ...]:
    """Départements that share a land border with this one, in the official order; none overseas."""
    if get(code).level != "departement":
        raise UnknownTerritory(f"neighbours are known for départements only, and {code} is not one", code)
    return _borders().get(code, ())


@cache
def _borders() -> dict[str, tuple[str, ...]]:
    touching: dict[str, list[str]] = {}
    for line, border in enumerate(_rows("territories_borders.csv"), 2):
        if wrong := [code for code in (border.get("a"), border.get("b")) if code not in TERRITORIES]:
            raise TerritoriesError(
                f"territories_borders.csv, line {line}: {wrong[0]!r} is the code of no territory"
            )
        touching.setdefault(border["a"], []).append(border["b"])
        touching.setdefault(border["b"], []).append(border["a"])
    return {code: tuple(sorted(others, key=sort_key)) for code, others in touching.items()}


# --------------------------------------------------------------------------------------------- reading what is written

_NUMBER = re.compile(r"([0-9]{1,3})(?:\.0+)?")
_CODE = (
    r"(?:(?:d|dep|dept|departement) ?(?P<departement>[0-9]{1,3}|2[ab])"
    r"|(?:r|reg|region) ?(?P<region>[0-9]{1,2})"
    r"|(?P<number>[0-9]{1,3})"
    r"|(?P<other>2[ab]|20[abr]|69[dm]|6ae|fr|fm))"
)
_SHAPES = tuple(re.compile(shape) for shape in (_CODE, rf"{_CODE} (?P<name>.+)", rf"(?P<name>.+?) {_CODE}"))


def parse(value: object, level: str | None = None) -> str:
    """Code of the territory that a file or a person wrote.

    Reads a code in its usual disguises (``1``, ``2a``, ``20A``, ``D67``, ``R84``, 1.0), a name whatever its case,
    accents, hyphens, apostrophes or article (``bas rhin``, ``COTE D'OR``, ``Réunion``), a slug, or a code and a name
    that agree (``Ain 01``, ``69D-Nouveau-Rhône``). A bare number is a département unless ``level="region"``; a name
    borne at several levels is the first of ``LEVELS``. ``level`` restricts the answer to one level.

    Raises UnknownTerritory, with the nearest candidates, for everything else.
    """
    if level is not None and level not in LEVELS:
        raise UnknownLevel(f"no level {level!r}: expected one of {', '.join(LEVELS)}")
    text = _text(value)
    words = _words(text)
    if not words:
        expected = "a code such as 67 or a name such as Bas-Rhin was expected"
        raise UnknownTerritory(f"{_shown(value)} holds no letter or digit: {expected}", value)
    if words.isdigit() and words != text.strip():
        raise UnknownTerritory(f"{_shown(value)} is a number with a sign or a mark, which is no code", value)
    shape = next((match for pattern in _SHAPES if (match := pattern.fullmatch(words))), None)
    if shape is None:
        return _named(words, level, value)
    written = shape.groupdict()
    codes = _codes(written, number_is_region=level == "region")
    return _coded(codes, written.get("name"), level, value)


def _text(value: object) -> str:
    """What was written, as text: a whole number stands for its digits, ``1.0`` included."""
    if isinstance(value, str):
        number = _NUMBER.fullmatch(value.strip())
        return number[1] if number else str(value)
    if value is None or (isinstance(value, float) and value != value):
        raise UnknownTerritory(
            "a missing value is not a territory: drop its row, or find what it should be", value
        )
    if isinstance(value, bool) or not isinstance(value, Real):
        raise UnknownTerritory(f"a territory is text or a whole number, not a {type(value).__name__}", value)
    if not 0 < value < 1000 or value != int(value):
        raise UnknownTerritory(
            "this number is no code: those of départements are whole, from 1 to 976", value
        )
    return str(int(value))


def _codes(written: Mapping[str, str | None], *, number_is_region: bool) -> tuple[str, ...]:
    """Codes that a written code may stand for, known or not."""
    region = written["region"] or (written["number"] if number_is_region else None)
    if region:
        return (f"R{region.zfill(2)}",)
    code = (written["departement"] or written["number"] or written["other"] or "").zfill(2).upper()
    return _INCOMPLETE.get(code) or (_OLD_CODES.get(code, code),)


def _coded(codes: tuple[str, ...], name: str | None, level: str | None, value: object) -> str:
    """The one territory among ``codes``, which must bear ``name`` when there is one."""
    known = [code for code in codes if code in TERRITORIES]
    if not known:
        _refuse_code(codes[0], value)
    bearers = _names().get(_key(name), ()) if name else known
    agreed = [code for code in known if code in bearers]
    if len(agreed) == 1:
        return _at_level(agreed[0], level, value)
    cited = ", ".join(map(_cited, known))
    if name:
        others = (
            f" and the name that of {', '.join(map(_cited, bearers))}"
            if bearers
            else ", which has no such name"
        )
        problem = f"the code and the name of {_shown(value)} disagree: the code is that of {cited}{others}"
        raise UnknownTerritory(f"{problem}; correct one of them", value, (*known, *bearers))
    raise UnknownTerritory(
        f"{_shown(value)} may be several territories: write which one of {cited}", value, known
    )


def _named(words: str, level: str | None, value: object) -> str:
    """The territory that bears a name, at the level asked for or else at the first."""
    bearers = _names().get(_key(words), ())
    if bearers:
        at_level = [code for code in bearers if TERRITORIES[code].level == level]
        return _at_level((at_level or bearers)[0], level, value)
    for code, name in _OUTSIDE.items():
        if _key(words) == _key(name):
            _refuse_code(code, value)
    _refuse_name(words, level, value)


def _at_level(code: str, level: str | None, value: object) -> str:
    found = TERRITORIES[code].level
    if level is None or found == level:
        return code
    nature = f"the {_LEVEL_NAMES[found]} {_cited(code)}, where a {_LEVEL_NAMES[level]} was expected"
    raise UnknownTerritory(f"{_shown(value)} is {nature}", value, (code,))


def _key(words: str) -> str:
    """Words run together, so that « Val-d’Oise », « VAL D OISE » and « val doise » are the same name."""
    return _words(words).replace(" ", "")


@cache
def _names() -> dict[str, tuple[str, ...]]:
    """Every way of writing a name, with the codes that bear it in the order of ``LEVELS``."""
    aliases = {row["code"]: row["aliases"].split("|") for row in _ROWS}
    bearers: dict[str, list[str]] = {}
    for territory in sorted(TERRITORIES.values(), key=lambda one: LEVELS.index(one.level)):
        forms = [territory.slug, *aliases[territory.code]]
        forms += [form(lang) for form in (territory.label, territory.name_the) for lang in ("fr", "en")]
        if territory.level in ("departement", "region"):
            french = (territory.name, territory.name_the(), territory.name_of())
            forms += [f"{territory.level} {name}" for name in french]
        for key in {_key(form) for form in forms if form}:
            bearers.setdefault(key, []).append(territory.code)
    return {key: tuple(codes) for key, codes in bearers.items()}


# ------------------------------------------------------------------------------------------------------------ refusing


def _shown(value: object) -> str:
    """What was written, short enough for a message; of an unknown type, nothing is called."""
    if isinstance(value, str):
        return shown(str(value))
    return str(value) if type(value) in (int, float) else f"a {type(value).__name__}"


def _cited(code: str) -> str:
    return f"{TERRITORIES[code].slug} ({code})"


def _refuse_code(code: str, value: object) -> NoReturn:
    """Refuse a code that is none of the project's, saying which there are."""
    if code in _OUTSIDE:
        reason = f"{_OUTSIDE[code]} ({code}) is not a département, and the reports cover the 101 départements"
        raise UnknownTerritory(f"{_shown(value)} cannot be evaluated here: {reason}", value)
    if code.startswith("R"):
        raise UnknownTerritory(f"no région has the code {code}: they are {', '.join(REGIONS)}", value)
    expected = "01 to 19, 2A, 2B, 21 to 95, 971 to 974 and 976"
    raise UnknownTerritory(f"no département has the code {code}: they are {expected}", value)


def _refuse_name(words: str, level: str | None, value: object) -> NoReturn:
    """Refuse a name, with the nearest ones and those that hold the word that was written."""
    names = {
        name: next((code for code in codes if level in (None, TERRITORIES[code].level)), None)
        for name, codes in _names().items()
    }
    names = {name: code for name, code in names.items() if code}
    key = _key(words)[:60]
    near = nearest(key, names, 6, 0.7)
    near += [name for name in names if len(key) >= 4 and key in name]
    candidates = tuple(dict.fromkeys(names[name] for name in near))[:4]
    remedy = ", ".join(map(_cited, candidates)) or "none; write a code such as 67 or a name such as Bas-Rhin"
    raise UnknownTerritory(f"unknown territory {_shown(value)}; nearest: {remedy}", value, candidates)


_COMMUNE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
WARDS: Mapping[str, tuple[str, ...]] = {
    "75056": tuple(f"751{n:02d}" for n in range(1, 21)),
    "69123": tuple(f"6938{n}" for n in range(1, 10)),
    "13055": tuple(f"132{n:02d}" for n in range(1, 17)),
}
"""Paris, Lyon and Marseille, by their codes as communes, with those of their municipal arrondissements."""


def parse_commune(value: object) -> tuple[str, str]:
    """Code of a commune, or of a municipal arrondissement, and that of its département, from what a file writes.

    ``1004`` is ``01004``, which a spreadsheet shortened; ``2a004`` is ``2A004``. Overseas, the département has three
    digits. The communes of the Métropole de Lyon are in 69, as are those of the rest of Rhône: no code tells them apart.
    Raises UnknownTerritory for what is no code, of a place that is in no département, or of Corse before 1976 (``20004``).
    """
    whole = isinstance(value, Real) and not isinstance(value, bool) and value == value and value == int(value)
    text = (str(int(value)) if whole else str(value)).strip().upper()
    code = text.zfill(5) if text.isdigit() and len(text) == 4 else text
    if not (isinstance(value, str) or whole) or not _COMMUNE.fullmatch(code):
        raise UnknownTerritory(
            f"{_shown(value)} is no code of a commune: five characters such as 01004, 2A004, 97411", value
        )
    departement = code[:3] if code.startswith("97") else code[:2]
    if departement not in DEPARTEMENTS:
        where = (
            "Corse is 2A or 2B"
            if departement == "20"
            else _OUTSIDE.get(departement, "it is abroad, or no place")
        )
        raise UnknownTerritory(f"commune {code} is in no département: {where}", value)
    return code, departement


# ------------------------------------------------------------------------------------------------------- whole columns


def parse_series(series: pd.Series, level: str | None = None, drop: Iterable[object] = ()) -> pd.Series:
    """Codes of a column, each distinct label read once; index and name are kept.

    ``drop`` lists the labels of rows that are no territory of the table (a total, a ``00FR`` row): those rows are left
    out. They are matched whatever their case, accents and punctuation. Nothing else is dropped: all the labels that
    cannot be read are reported together, in one UnknownTerritory, with the number of rows of each.
    """
    labels = series.tolist()
    keys = [(type(label).__name__, str(label)) for label in labels]
    dropped = {_words(str(label)) for label in drop}
    rows = Counter(keys)
    codes: dict[tuple[str, str], str | None] = {}
    problems: list[UnknownTerritory] = []
    lines: list[str] = []
    for key, label in dict(zip(keys, labels, strict=True)).items():
        try:
            codes[key] = None if _words(key[1]) in dropped else parse(label, level)
        except UnknownTerritory as problem:
            problems.append(problem)
            lines.append(f"{rows[key]} row(s): {problem}")
    if problems:
        candidates = dict.fromkeys(code for problem in problems for code in problem.candidates)
        head = f"column {series.name!r} holds what is no territory"
        raise UnknownTerritory(
            "\n- ".join([head, *capped(lines)]), tuple(problem.value for problem in problems), candidates
        )
    return _kept(series, [codes[key] for key in keys])


def _kept(series: pd.Series, codes: list[str | None]) -> pd.Series:
    import pandas as pd

    kept = pd.Series(codes, index=series.index, name=series.name, dtype="str")
    return kept[[code is not None for code in codes]]
