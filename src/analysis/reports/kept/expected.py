"""The type that a result is expected to have, as an annotation says it: what may be in it, and whether a value has it.

``returned(function)`` reads it from the function that computes the result, ``classes`` lists the dataclasses that it names,
with those that their fields name in turn, and ``Fits`` holds a value against it. Annotations are those of the package's own
code. It makes nothing and reads nothing: ``kept`` and ``shared`` ask it of what they read from a file.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from numbers import Integral, Real
from typing import Any, Literal, TypeGuard, Union, get_args, get_origin, get_type_hints

_Fit = Callable[[Any, set[Any]], bool]


def returned(function: Callable) -> object:
    """What a function says that it returns; ``object`` when it does not say."""
    said = getattr(function, "__annotations__", {})
    if "return" not in said:
        return object
    only = types.SimpleNamespace(__annotations__={"return": said["return"]})
    return get_type_hints(only, globalns=function.__globals__)["return"]


@cache
def fields(kind: type) -> Mapping[str, object]:
    """The fields of a dataclass with their types, in order."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


@cache
def classes(expected: object) -> Mapping[str, type]:
    """The dataclasses that a type names, and those that their fields name in turn, by their full name."""
    by_name: dict[str, type] = {}
    waiting: list[Any] = [expected]
    while waiting:
        hint = waiting.pop()
        if _is_class(hint):
            name = f"{hint.__module__}.{hint.__qualname__}"
            if name not in by_name:
                by_name[name] = hint
                waiting += fields(hint).values()
        waiting += get_args(hint) if get_origin(hint) is not Literal else ()
    return by_name


def _is_class(hint: object) -> TypeGuard[type]:
    return isinstance(hint, type) and get_origin(hint) is None and dataclasses.is_dataclass(hint)


class Fits:
    """Whether values are of a type. What was looked at once is not looked at again, however often it stands somewhere."""

    def __init__(self) -> None:
        self._seen: set = set()

    def __call__(self, value: object, expected: object) -> bool:
        """Whether a value, with all that it holds, is of a type. Fields of dataclasses are held to theirs when they are
        made.
        """
        return _fit(expected)(value, self._seen)


@cache
def _fit(hint: object) -> _Fit:
    """What tells whether a value is of a type; TypeError for one that is not known here."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any or hint is object:
        return lambda value, seen: True
    if origin in (Union, types.UnionType):
        fits = [_fit(one) for one in inner]
        return lambda value, seen: any(fit(value, seen) for fit in fits)
    if origin is Literal:
        return lambda value, seen: type(value) is str and value in inner
    if hint is None or hint is type(None):
        return lambda value, seen: value is None
    if origin is tuple:
        return _tuple(inner)
    if origin in (dict, Mapping):
        key, value = map(_fit, inner)
        return _each(dict, lambda it, seen: all(key(k, seen) and value(v, seen) for k, v in it.items()))
    if origin in (list, set, frozenset, Sequence):
        (one,) = map(_fit, inner)
        kind = (list, tuple) if origin is Sequence else origin
        return _each(kind, lambda it, seen: all(one(part, seen) for part in it))
    if isinstance(hint, type) and origin is None:
        return _simple(hint)
    raise TypeError(f"{hint} cannot be told from what a file holds")


def _simple(kind: type) -> _Fit:
    """Numbers of numpy count as numbers, integers as floats, and true and false as neither."""
    wide = {float: Real, int: Integral}.get(kind, kind)
    if wide is kind:
        return lambda value, seen: isinstance(value, kind)
    return lambda value, seen: (
        type(value) is kind or (isinstance(value, wide) and not isinstance(value, bool))
    )


def _tuple(inner: tuple) -> _Fit:
    if inner[1:] == (...,):
        one = _fit(inner[0])
        return _each(tuple, lambda it, seen: all(one(part, seen) for part in it))
    fits = [_fit(one) for one in inner]
    return _each(
        tuple,
        lambda it, seen: (
            len(it) == len(fits) and all(fit(part, seen) for fit, part in zip(fits, it, strict=True))
        ),
    )


def _each(kind: type | tuple[type, ...], every: _Fit) -> _Fit:
    """A container of a kind of which every part fits."""

    def fit(value: object, seen: set) -> bool:
        if (id(value), fit) in seen:
            return True
        fits = isinstance(value, kind) and every(value, seen)
        if fits:
            seen.add((id(value), fit))
        return fits

    return fit
