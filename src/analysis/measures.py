"""The measures of the Pacte, and what could show their outcome in a département.

``measures.yml`` holds each measure with its axis, the outcome that an evaluation would look at, and the indicators of the
dictionary that show it: published for the département, modelled, a proxy only, or held by the département itself. It is
what the evaluability table of the reports is made of. Which of these figures exist for a given département is the
panel's to say, not this module's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from analysis.values import Text

AXES = (1, 2, 3, 4)


@dataclass(frozen=True)
class Measure:
    """A measure of the Pacte.

    Attributes:
        published, modelled, proxies, local: names of indicators, by what they are to the outcome.
        missing: which data would show the outcome in each département, and who holds them.
    """

    key: str
    axis: int
    name: Text
    outcome: Text
    missing: Text
    published: tuple[str, ...] = ()
    modelled: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    local: tuple[str, ...] = ()


@dataclass(frozen=True)
class Axis:
    """One of the four axes of the Pacte."""

    number: int
    name: Text


def read_measures(text: str) -> tuple[tuple[Axis, ...], tuple[Measure, ...]]:
    """Read axes and measures from YAML text; ValueError names the entry and the key at fault."""
    content = yaml.safe_load(text)
    axes = tuple(Axis(int(n), Text(**name)) for n, name in content["axes"].items())
    return axes, tuple(_measure(key, entry) for key, entry in content["measures"].items())


def _measure(key: str, entry: Mapping) -> Measure:
    texts = {k: Text(**entry[k]) for k in ("name", "outcome", "missing")}
    lists = {k: tuple(entry.get(k, ())) for k in ("published", "modelled", "proxies", "local")}
    if extra := set(entry) - {*texts, *lists, "axis"}:
        raise ValueError(f"measures.yml, {key}: unknown keys {sorted(extra)}")
    if entry["axis"] not in AXES:
        raise ValueError(f"measures.yml, {key}: axis {entry['axis']!r} is not one of {AXES}")
    return Measure(key=key, axis=entry["axis"], **texts, **lists)


@cache
def _content() -> tuple[tuple[Axis, ...], tuple[Measure, ...]]:
    return read_measures(resources.files("analysis").joinpath("measures.yml").read_text(encoding="utf-8"))


def axes() -> tuple[Axis, ...]:
    """The four axes, in order."""
    return _content()[0]


def measures() -> tuple[Measure, ...]:
    """Every measure, in the order of the axes."""
    return _content()[1]
