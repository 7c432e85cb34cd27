"""Territories: what a file or a person writes is turned into a code here, and nowhere else.

A code is text. The 101 départements keep their official numbers (``01`` … ``95`` with ``2A`` and ``2B``, then
``971`` to ``974`` and ``976``). The 18 régions are ``R`` and their number (``R84``), so that a bare 84 is always
Vaucluse. France is ``FR`` with its five overseas départements and ``FM`` without them. Four collectivités complete
the list, under the codes of INSEE's code officiel géographique: ``69M`` Métropole de Lyon and ``69D`` the rest of
Rhône, which sign contracts of their own; ``6AE`` Collectivité européenne d'Alsace, which acts for two départements;
``20R`` Collectivité de Corse. Which other métropoles hold a local contract is not published as a list: they are not
territories here until it is. What a level is stands in ``levels``, the tables in ``gazetteer``.

For each, the names with their articles, in French and in English, that a sentence needs; for départements, the land
neighbours and a cell of the tile map. Names and articles follow the code officiel géographique, except that « dans »
or « en » follows usage; the borders were computed from IGN's boundaries.

This module never opens ``data/raw``, and must not guess: what can be read in two ways is refused with the ways to write
it, and a spelling it does not know with the nearest ones it does. It knows no figure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from numbers import Real
from types import SimpleNamespace
from typing import TYPE_CHECKING, NoReturn

from analysis.foundations import gazetteer, levels
from analysis.foundations.display import Refusal, capped, nearest, shown
from analysis.foundations.gazetteer import OUTSIDE, TerritoriesError, rows_of
from analysis.foundations.gazetteer import TERRITORIES as TERRITORIES
from analysis.foundations.gazetteer import Territory as Territory
from analysis.foundations.gazetteer import known as known
from analysis.foundations.gazetteer import words as _words
from analysis.foundations.levels import Level

if TYPE_CHECKING:
    import pandas as pd

LEVELS: tuple[str, ...] = tuple(levels.LEVELS)
"""Keys of the levels of territory, in the order in which a name borne at several is understood."""


class UnknownTerritory(Refusal, ValueError):
    """What was written names no territory, or more than one.

    ``value`` is what was written, ``candidates`` the codes of the nearest territories, which the message names too.
    """

    def __init__(self, message: str, value: object = None, candidates: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.value = value
        self.candidates = tuple(candidates)


class NotHeld(UnknownTerritory):
    """A code of a level of which the project holds no territory yet: it was not asked for wrongly."""


CODES: tuple[str, ...] = tuple(TERRITORIES)
DEPARTEMENTS: tuple[str, ...] = TERRITORIES["FR"].members
"""The 101 départements in the official order: 2A and 2B between 19 and 21, overseas last."""

METROPOLITAN: tuple[str, ...] = TERRITORIES["FM"].members
OVERSEAS: tuple[str, ...] = tuple(code for code in DEPARTEMENTS if TERRITORIES[code].overseas)


def of_level(level: str | Level) -> tuple[str, ...]:
    """Codes of the territories of a level, in the official order; UnknownLevel lists the levels."""
    return _of_level(levels.get(level).key)


@cache
def _of_level(key: str) -> tuple[str, ...]:
    if (level := levels.get(key)).apart:
        return tuple(gazetteer.apart(level).territories)
    return tuple(code for code, territory in TERRITORIES.items() if territory.level == key)


REGIONS: tuple[str, ...] = of_level(levels.REGION)
COLLECTIVITES: tuple[str, ...] = of_level(levels.COLLECTIVITE)


class _Names(SimpleNamespace):
    """Codes by name, for a person who writes code: Tab completes ``names.bas_rhin``."""

    def __repr__(self) -> str:
        return f"<codes of {len(vars(self))} territories: names.bas_rhin is {self.bas_rhin!r}>"


names = _Names(**{territory.slug.replace("-", "_"): code for code, territory in TERRITORIES.items()})
"""The code of every territory as an attribute; what is typed by others goes through `parse`."""

_OLD_CODES = {"20A": "2A", "20B": "2B"}
_INCOMPLETE = {"20": ("2A", "2B", "20R"), "97": OVERSEAS}
"""Numbers that files use for several territories; only a name beside them tells which."""


# ----------------------------------------------------------------------------------------------------- asking by code


def get(code: str) -> Territory:
    """The territory of a code written as in ``CODES``; whatever else a person or a file writes goes through `parse`."""
    territory = known(code)
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
    kind = get(code).kind
    return _positions(kind if kind.apart else None)[code]


@cache
def _positions(apart: Level | None) -> dict[str, int]:
    """Positions of the territories of a level that is apart, which come after all others; else of these."""
    codes, first = (CODES, 0) if apart is None else (of_level(apart), len(CODES))
    return {code: first + position for position, code in enumerate(codes)}


def region_of(code: str) -> str:
    """Code of the région that contains a territory (its own for a région); a country is in none, which is an error."""
    territory = get(code)
    if territory.region is None:
        raise UnknownTerritory(f"{territory.name} ({code}) is in no région, or in several", code)
    return territory.region


def departements_of(code: str) -> tuple[str, ...]:
    """Départements of a territory, in the official order.

    69M and 69D are parts of a département and not made of any: an error, as figures of Rhône are not theirs.
    """
    territory = get(code)
    if not territory.members:
        above = " and ".join(containing(code))
        raise UnknownTerritory(
            f"{territory.name} ({code}) is a part of département {above}: no whole département makes it up",
            code,
        )
    return territory.members


def collectivites_of(code: str) -> tuple[str, ...]:
    """Collectivités that a département is in, or that are a part of it: 6AE for 67, 69D and 69M for 69; none for most."""
    parts = inside(code, levels.COLLECTIVITE)
    return tuple(one for one in COLLECTIVITES if code in TERRITORIES[one].members or one in parts)


def containing(code: str, on: date | None = None) -> tuple[str, ...]:
    """The territories in which one lies on a day (the last there is by default), wholly or in part, in the official order.

    None for a country, and none before a territory existed: no territory holds the Métropole de Lyon before 2015.
    """
    territory = get(code)
    dated = gazetteer.dated(code)
    if dated is None:
        return (territory.parent,) if territory.parent else ()
    return tuple(sorted({one.within for one in dated if one.holds(on)}, key=sort_key))


def inside(code: str, level: str | Level, on: date | None = None) -> tuple[str, ...]:
    """The territories of a level that lie in another on a day, wholly or in part, in the official order."""
    there = get(code).code
    return tuple(one for one in of_level(level) if there in containing(one, on))


def absent_on(code: str, on: date) -> str:
    """Why a territory with dated memberships lies nowhere on a day: it is before its creation, or after its end."""
    starts = [one.since for one in gazetteer.dated(code) or () if one.since]
    return "before_its_creation" if starts and on < min(starts) else "after_its_end"


def wider(code: str, on: date | None = None) -> tuple[tuple[str, ...], ...]:
    """Where a figure is looked for that a territory lacks; nothing for a région or a country.

    Below the département: the départements it is made of, whole; else those it lies in on a day, step by step up to
    départements: ``67`` and ``68`` for 6AE, ``69`` for 69M since 2015. For a département, the collectivité that it makes
    with others: 6AE for ``67``, 20R for ``2A``.
    """
    territory = get(code)
    if not territory.kind.is_below:
        return tuple((one,) for one in COLLECTIVITES if code in TERRITORIES[one].members)
    if territory.members:
        return (territory.members,)
    steps: list[tuple[str, ...]] = []
    here: tuple[str, ...] = (code,)
    while any(get(one).kind.is_below for one in here):
        above = {other for one in here if get(one).kind.is_below for other in containing(one, on)}
        if not above:
            break
        here = tuple(sorted(above, key=sort_key))
        steps.append(here)
    return tuple(steps)


def neighbours(code: str) -> tuple[str, ...]:
    """Départements that share a land border with this one, in the official order; none overseas."""
    if get(code).level != "departement":
        raise UnknownTerritory(f"neighbours are known for départements only, and {code} is not one", code)
    return _borders().get(code, ())


@cache
def _borders() -> dict[str, tuple[str, ...]]:
    touching: dict[str, list[str]] = {}
    for line, border in enumerate(rows_of("territories_borders.csv"), 2):
        if wrong := [code for code in (border.get("a"), border.get("b")) if code not in TERRITORIES]:
            raise TerritoriesError(
                f"territories_borders.csv, line {line}: {wrong[0]!r} is the code of no territory"
            )
        touching.setdefault(border["a"], []).append(border["b"])
        touching.setdefault(border["b"], []).append(border["a"])
    return {code: tuple(sorted(others, key=sort_key)) for code, others in touching.items()}


# --------------------------------------------------------------------------------------------- reading what is written

_NUMBER = re.compile(r"([0-9]{1,3})(?:\.0+)?")
_OTHERS = "|".join(
    level.code.lower() for level in levels.LEVELS.values() if level not in (levels.DEPARTEMENT, levels.REGION)
)
_CODE = (
    r"(?:(?:d|dep|dept|departement) ?(?P<departement>[0-9]{1,3}|2[ab])"
    r"|(?:r|reg|region) ?(?P<region>[0-9]{1,2})"
    r"|(?P<number>[0-9]{1,3})"
    rf"|(?P<other>2[ab]|20[ab]|{_OTHERS}))"
)
_SHAPES = tuple(re.compile(shape) for shape in (_CODE, rf"{_CODE} (?P<name>.+)", rf"(?P<name>.+?) {_CODE}"))


def parse(value: object, level: str | Level | None = None) -> str:
    """Code of the territory that a file or a person wrote.

    Reads a code in its usual disguises (``1``, ``2a``, ``20A``, ``D67``, ``R84``, 1.0), a name whatever its case,
    accents, hyphens, apostrophes or article (``bas rhin``, ``COTE D'OR``, ``Réunion``), a slug, or a code and a name
    that agree (``Ain 01``, ``69D-Nouveau-Rhône``). A bare number is a département unless ``level="region"``; a name
    borne at several levels is the first of ``LEVELS``. ``level`` restricts the answer to one level.

    Raises UnknownTerritory, with the nearest candidates, for everything else.
    """
    level = None if level is None else levels.get(level).key
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
    digits = whole(value)
    if digits is None or (digits >= 1000 and levels.of_code(str(digits)) is None):
        raise UnknownTerritory(
            "this number is no code: those of départements are whole, from 1 to 976", value
        )
    return str(digits)


def whole(value: object) -> int | None:
    """A whole number above zero, of at most ten digits, whatever its type (``1``, ``1.0``); None for what is none."""
    if isinstance(value, bool) or not isinstance(value, Real) or value <= 0 or not value < 1e10:
        return None
    number = int(float(value))
    return number if value == number else None


def _codes(written: Mapping[str, str | None], *, number_is_region: bool) -> tuple[str, ...]:
    """Codes that a written code may stand for, known or not."""
    region = written["region"] or (written["number"] if number_is_region else None)
    if region:
        return (f"R{region.zfill(2)}",)
    code = (written["departement"] or written["number"] or written["other"] or "").zfill(2).upper()
    return _INCOMPLETE.get(code) or (_OLD_CODES.get(code, code),)


def _coded(codes: tuple[str, ...], name: str | None, level: str | None, value: object) -> str:
    """The one territory among ``codes``, which must bear ``name`` when there is one."""
    there = [code for code in codes if known(code)]
    if not there:
        _refuse_code(codes[0], value)
    bearers = _names(_apart(get(there[0]).kind)).get(_key(name), ()) if name else there
    agreed = [code for code in there if code in bearers]
    if len(agreed) == 1:
        return _at_level(agreed[0], level, value)
    cited = ", ".join(map(_cited, there))
    if name:
        others = (
            f" and the name that of {', '.join(map(_cited, bearers))}"
            if bearers
            else ", which has no such name"
        )
        problem = f"the code and the name of {_shown(value)} disagree: the code is that of {cited}{others}"
        raise UnknownTerritory(f"{problem}; correct one of them", value, (*there, *bearers))
    raise UnknownTerritory(
        f"{_shown(value)} may be several territories: write which one of {cited}", value, there
    )


def _named(words: str, level: str | None, value: object) -> str:
    """The territory that bears a name, at the level asked for or else at the first."""
    apart = _apart(None if level is None else levels.get(level))
    bearers = _names(apart).get(_key(words), ())
    if apart and len(bearers) > 1:
        cited = ", ".join(map(_cited, bearers))
        raise UnknownTerritory(
            f"{_shown(value)} may be several territories: write which one of {cited}", value, bearers
        )
    if bearers:
        at_level = [code for code in bearers if get(code).level == level]
        return _at_level((at_level or bearers)[0], level, value)
    for code, name in OUTSIDE.items():
        if _key(words) == _key(name):
            _refuse_code(code, value)
    _refuse_name(words, level, value)


def _at_level(code: str, level: str | None, value: object) -> str:
    found = get(code).kind
    if level is None or found.key == level:
        return code
    nature = f"the {found.title} {_cited(code)}, where a {levels.get(level).title} was expected"
    raise UnknownTerritory(f"{_shown(value)} is {nature}", value, (code,))


def _key(words: str) -> str:
    """Words run together, so that « Val-d’Oise », « VAL D OISE » and « val doise » are the same name."""
    return _words(words).replace(" ", "")


def _apart(level: Level | None) -> Level | None:
    """A level when it is apart: its territories are read by name where it is asked for, and by code everywhere."""
    return level if level is not None and level.apart else None


@cache
def _names(apart: Level | None = None) -> dict[str, tuple[str, ...]]:
    """Every way of writing a name, with the codes that bear it in the order of ``LEVELS``."""
    bearers: dict[str, list[str]] = {}
    there = TERRITORIES if apart is None else gazetteer.apart(apart).territories
    for territory in sorted(there.values(), key=lambda one: LEVELS.index(one.level)):
        forms = [territory.slug, *territory.aliases]
        forms += [form(lang) for form in (territory.label, territory.name_the) for lang in ("fr", "en")]
        if territory.level not in ("collectivite", "country"):
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
    return f"{get(code).slug} ({code})"


def _refuse_code(code: str, value: object) -> NoReturn:
    """Refuse a code that is none of the project's, saying which there are."""
    if code in OUTSIDE:
        reason = f"{OUTSIDE[code]} ({code}) is not a département, and the reports cover the 101 départements"
        raise UnknownTerritory(f"{_shown(value)} cannot be evaluated here: {reason}", value)
    level = levels.of_code(code)
    if level is not None and (level.apart or not of_level(level)):
        held = (
            f"is not among the {len(of_level(level)):,} of its level that are held: of another year, or mistyped"
            if of_level(level)
            else "is of a level of which no territory is held here yet"
        )
        raise NotHeld(
            f"{_shown(value)} has the form of a code of the level {level.title}, and {held}; "
            "ask for the département that it lies in",
            value,
        )
    if code.startswith("R"):
        raise UnknownTerritory(f"no région has the code {code}: they are {', '.join(REGIONS)}", value)
    expected = "01 to 19, 2A, 2B, 21 to 95, 971 to 974 and 976"
    raise UnknownTerritory(f"no département has the code {code}: they are {expected}", value)


def _refuse_name(words: str, level: str | None, value: object) -> NoReturn:
    """Refuse a name, with the nearest ones and those that hold the word that was written."""
    there = _names(_apart(None if level is None else levels.get(level)))
    firsts = {
        name: next((code for code in codes if level in (None, get(code).level)), None)
        for name, codes in there.items()
    }
    names = {name: code for name, code in firsts.items() if code}
    key = _key(words)[:60]
    near = nearest(key, names, 6, 0.7)
    near += [name for name in names if len(key) >= 4 and key in name]
    candidates = tuple(dict.fromkeys(names[name] for name in near))[:4]
    remedy = ", ".join(map(_cited, candidates)) or "none; write a code such as 67 or a name such as Bas-Rhin"
    raise UnknownTerritory(f"unknown territory {_shown(value)}; nearest: {remedy}", value, candidates)


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
    number = whole(value)
    text = str(value if number is None else number).strip().upper()
    code = text.zfill(5) if text.isdigit() and len(text) == 4 else text
    if (number is None and not isinstance(value, str)) or not levels.COMMUNE.has(code):
        raise UnknownTerritory(
            f"{_shown(value)} is no code of a commune: five characters such as 01004, 2A004, 97411", value
        )
    departement = code[:3] if code.startswith("97") else code[:2]
    if departement not in DEPARTEMENTS:
        where = (
            "Corse is 2A or 2B"
            if departement == "20"
            else OUTSIDE.get(departement, "it is abroad, or no place")
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
