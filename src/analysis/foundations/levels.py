"""Levels of territory: what there is to know of one, so that nothing else has to ask which level it deals with.

A ``Level`` says how its codes are written, what contains its territories, and what may be made of them: whether they are set
beside one another, drawn as tiles, reported on, and whether their figures need a disclosure rule. Its noun is a message of
the catalogues (``level.KEY.…``). A level that has no table of territories yet is described here all the same: its codes are
recognised, and told to be held nowhere instead of being taken for a mistake.

To add a level: an instance in ``LEVELS``, and a table of its territories with one of what they lie in (``gazetteer``).
Nothing that asks a level changes. This module is the lowest of the way of the data: it knows no territory, no figure and
no words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from analysis.foundations.display import Brief, Refusal


class UnknownLevel(Refusal, ValueError):
    """A level of territory that is none of ``LEVELS``."""


@dataclass(frozen=True, slots=True, repr=False)
class Level(Brief):
    """A level of territory.

    Attributes
    ----------
    key : str
        Its name in tables and in code.
    title : str
        Its name in messages to a person who writes code.
    code : str
        Regular expression of its codes, as the project writes them.
    within : str
        Key of the level whose territories contain its own, or make them up; None for a country. Where it is the
        département, or below, a figure that a territory lacks is looked for among those it lies in or is made of.
    compared : bool
        Whether its territories are set beside one another: positions, peers, medians, covered periods.
    tiles : bool
        Whether each has a cell of a tile map.
    reported : bool
        Whether an edition may report on its territories.
    disclosure : bool
        Whether its figures can be of so few people that nothing is published without a disclosure rule.
    apart : bool
        Whether its territories lie inside départements and are so many that their table is read, and the file of their
        figures opened, when one of them is asked for; they are in no list of every territory.
    outcome : str
        The one report that is made on its territories; those of the edition where it is empty.
    bare : bool
        Whether an address has the name of a territory alone (``bas-rhin``), without its level (``region-bretagne``).
    """

    key: str
    title: str
    code: str
    within: str | None
    compared: bool = False
    tiles: bool = False
    reported: bool = False
    disclosure: bool = False
    apart: bool = False
    outcome: str = ""
    bare: bool = False

    def __repr__(self) -> str:
        return f"<Level {self.key}>"

    def has(self, code: str) -> bool:
        """Whether a text has the form of its codes."""
        return re.fullmatch(self.code, code) is not None

    @property
    def is_below(self) -> bool:
        """Whether it is a part, or a union, of départements: most figures are published by these, and not for it."""
        return self.within is not None and (self.within == DEPARTEMENT.key or get(self.within).is_below)


DEPARTEMENT = Level(
    "departement", "département", r"[0-9]{2}|2[AB]|97[1-46]", "region",
    compared=True, tiles=True, reported=True, bare=True,
)  # fmt: skip
COLLECTIVITE = Level(
    "collectivite", "collectivité", "69[DM]|6AE|20R", "departement", reported=True, bare=True
)
"""What signs a contract of its own in place of a département, or for two: a part of one or a union of several."""
REGION = Level("region", "région", "R[0-9]{2}", "country", compared=True)
COUNTRY = Level("country", "country", "F[RM]", None, bare=True)
EPCI = Level(
    "epci", "EPCI", "(?:2[04]|99)[0-9]{7}", "departement",
    compared=True, reported=True, disclosure=True, apart=True, outcome="intercommunalite",
)  # fmt: skip
"""Groups of communes with their own taxes, by their SIREN number; 89 of those of 2025 lie in several départements."""
COMMUNE = Level(
    "commune", "commune", "(?:[0-9]{2}|2[AB])[0-9]{3}", "departement", disclosure=True, apart=True
)
"""A source of sums, and of no report: their table is a dataset (``insee/communes``), as are their figures."""
NEIGHBOURHOOD = Level(
    "neighbourhood",
    "priority neighbourhood",
    "Q[NP][0-9AB]{3}[0-9A-Z]{3}",
    "departement",
    disclosure=True,
    apart=True,
)
"""Priority neighbourhoods (QPV) of 2015–2023, ``QP``; their files name the département of each, and not its commune."""

LEVELS: Mapping[str, Level] = MappingProxyType(
    {one.key: one for one in (DEPARTEMENT, COLLECTIVITE, REGION, COUNTRY, EPCI, COMMUNE, NEIGHBOURHOOD)}
)
"""Every level by key, in the order in which a name borne at several levels is understood."""


def get(level: str | Level) -> Level:
    """The level of a key, or itself; UnknownLevel lists those there are."""
    if isinstance(level, Level):
        return level
    if not isinstance(level, str) or level not in LEVELS:
        raise UnknownLevel(f"no level {level!r}: expected one of {', '.join(LEVELS)}")
    return LEVELS[level]


def of_code(code: str) -> Level | None:
    """The level that has codes of this form; None when none has."""
    return next((level for level in LEVELS.values() if level.has(code)), None)
