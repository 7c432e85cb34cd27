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

from analysis.display import Brief
from analysis.values import Text

AXES = (1, 2, 3, 4)


@dataclass(frozen=True, repr=False)
class Measure(Brief):
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


@dataclass(frozen=True, repr=False)
class Axis(Brief):
    """One of the four axes of the Pacte."""

    number: int
    name: Text


def read_measures(text: str) -> tuple[tuple[Axis, ...], tuple[Measure, ...]]:
    """Read axes and measures from YAML text; ValueError names the entry and the key at fault."""
    content = yaml.safe_load(text)
    axes = tuple(Axis(int(n), _text(name, f"measures.yml, axis {n}")) for n, name in content["axes"].items())
    return axes, tuple(_measure(key, entry) for key, entry in content["measures"].items())


_TEXTS = ("name", "outcome", "missing")
_LISTS = ("published", "modelled", "proxies", "local")


def _measure(key: str, entry: Mapping) -> Measure:
    where = f"measures.yml, {key}"
    if missing := {"axis", *_TEXTS} - set(entry):
        raise ValueError(f"{where}: no {', '.join(sorted(missing))}")
    if extra := set(entry) - {"axis", *_TEXTS, *_LISTS}:
        raise ValueError(f"{where}: unknown keys {sorted(extra)}")
    if entry["axis"] not in AXES:
        raise ValueError(f"{where}: axis {entry['axis']!r} is not one of {AXES}")
    texts = {k: _text(entry[k], f"{where}.{k}") for k in _TEXTS}
    return Measure(key=key, axis=entry["axis"], **texts, **{k: tuple(entry.get(k, ())) for k in _LISTS})


def _text(entry: object, where: str) -> Text:
    if not isinstance(entry, Mapping) or set(entry) != {"fr", "en"}:
        raise ValueError(f"{where}: expected the keys fr and en, found {entry!r}")
    return Text(**entry)


@cache
def _content() -> tuple[tuple[Axis, ...], tuple[Measure, ...]]:
    return read_measures(resources.files("analysis").joinpath("measures.yml").read_text(encoding="utf-8"))


def axes() -> tuple[Axis, ...]:
    """The four axes, in order."""
    return _content()[0]


def measures() -> tuple[Measure, ...]:
    """Every measure, in the order of the axes."""
    return _content()[1]
