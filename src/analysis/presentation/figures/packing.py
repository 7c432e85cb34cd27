"""Circles set down near their places so that none covers another: the geometry of a Dorling cartogram.

``packed`` lets circles grow, moves them apart where they overlap and draws them back towards their places, in the order
given, a fixed number of times at most (Dorling, 1996, *Area cartograms: their use and creation*). It uses nothing but the
five operations that IEEE 754 defines to the last bit: the same circles come to the same places on every machine. It knows
no territory and no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, radians, sqrt

Point = tuple[float, float]
COVERED, FEWEST, LEAST = 0.32, 0.05, 9.0
"""Share of the room that circles cover together, at most and at least, and the smallest radius, of a number in it."""
ROUNDS, PULL, FIRST, GAP = 400, 0.06, 0.3, 1.5
"""Times that all are moved at most, how much of the way back one goes each time, share of its size with which each begins,
and what stays between two."""


def packed(
    places: Sequence[Point | None], sizes: Sequence[float], width: float, height: float
) -> tuple[list[Point | None], list[float]]:
    """Centres and radii of circles whose areas are as the sizes, in a room of width × height from its bottom left.

    ``places`` are longitudes and latitudes; a circle that has none has no centre. All are smaller where they do not
    fit, none smaller than a number written in it.
    """
    covered = COVERED
    while True:
        radii = _radii(sizes, width, height, covered)
        there = [i for i, place in enumerate(places) if place]
        at, apart = _set_down([p for p in places if p], [radii[i] for i in there], width, height)
        if apart or covered < FEWEST:
            found = dict(zip(there, at, strict=True))
            return [found.get(i) for i in range(len(places))], radii
        covered *= 0.85


def _radii(sizes: Sequence[float], width: float, height: float, covered: float) -> list[float]:
    """Radii of circles that cover a share of the room together."""
    whole = sum(sizes) or 1.0
    found = [sqrt(covered * width * height * size / whole / pi) for size in sizes]
    scale = min(1.0, min(width, height) / 4 / max(found, default=1.0))
    return [max(LEAST, scale * one) for one in found]


def _set_down(
    places: Sequence[Point], radii: Sequence[float], width: float, height: float
) -> tuple[list[Point], bool]:
    """Centres, and whether no circle covers another."""
    homes = _fitted(places, width, height)
    at, apart = [*homes], False
    for turn in range(ROUNDS):
        grown = min(1.0, FIRST + (1 - FIRST) * 2 * turn / ROUNDS)
        moved = [
            _within(_towards(here, home, turn), r, width, height)
            for here, home, r in zip(at, homes, radii, strict=True)
        ]
        at, apart = _apart(moved, [grown * r for r in radii], width, height)
        if apart and grown == 1.0:
            break
    return at, apart


def _fitted(places: Sequence[Point], width: float, height: float) -> list[Point]:
    """The places on a plane that is as large as the room, with their distances in proportion, in the middle of it."""
    if not places:
        return []
    middle = (min(y for _, y in places) + max(y for _, y in places)) / 2
    east = round(cos(radians(middle)), 6)  # the one operation that libraries may end differently
    flat = [(x * east, y) for x, y in places]
    left, right = min(x for x, _ in flat), max(x for x, _ in flat)
    low, high = min(y for _, y in flat), max(y for _, y in flat)
    edge = 4 * LEAST
    scale = min(_ratio(width - edge, right - left), _ratio(height - edge, high - low))
    return [
        (
            width / 2 + scale * (x - (left + right) / 2) + _askew(i),
            height / 2 + scale * (y - (low + high) / 2) - _askew(i + 2),
        )
        for i, (x, y) in enumerate(flat)
    ]


def _askew(i: int) -> float:
    """Some pixels, another number for each circle: in a line or at one place, none would know to which side to go."""
    return 0.7 * (i * 3 % 7 - 3)


def _ratio(room: float, extent: float) -> float:
    return room / extent if extent > 0 else room


def _towards(here: Point, home: Point, turn: int) -> Point:
    """A part of the way back, in the first half of the turns; then circles only part."""
    share = PULL if turn < ROUNDS // 2 else 0.0
    return here[0] + share * (home[0] - here[0]), here[1] + share * (home[1] - here[1])


def _within(here: Point, r: float, width: float, height: float) -> Point:
    edge = r + 1  # its line is drawn half outside
    return min(max(here[0], edge), width - edge), min(max(here[1], edge), height - edge)


def _apart(at: list[Point], radii: Sequence[float], width: float, height: float) -> tuple[list[Point], bool]:
    """Each pair that overlaps moved apart, the larger circle less; and whether none did."""
    free = True
    for i in range(len(at)):
        for j in range(i):
            (x, y), (u, v) = at[i], at[j]
            across, along = x - u, y - v
            distance = sqrt(across * across + along * along)
            lacking = radii[i] + radii[j] + GAP - distance
            if lacking <= 0.05:
                continue
            free = False
            if distance < 1e-6:
                across, along, distance = 1.0, 0.5 * (i - j), sqrt(1.0 + 0.25 * (i - j) * (i - j))
            share = radii[j] / (radii[i] + radii[j])
            step = lacking / distance
            at[i] = _within((x + step * share * across, y + step * share * along), radii[i], width, height)
            at[j] = _within(
                (u - step * (1 - share) * across, v - step * (1 - share) * along), radii[j], width, height
            )
    return at, free
