"""Entries of the project's YAML files, each with its place: what is wrong with one is told with file, line and entry.

``read`` gives what a file holds, as plain YAML and nothing else; each mapping of it is an ``Entry``, which knows its file,
its line and the names that lead to it. A key that is not there, or has no business there, is refused with that place, what
was expected and the nearest that is known, never with the bare name of a key.

It stands just above ``display`` and knows nothing of what any file means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import yaml

from analysis.foundations.display import hint, listed, shown
from analysis.foundations.files import DataError

if TYPE_CHECKING:
    from yaml import SafeLoader as _SafeLoader
else:
    _SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class EntryError(DataError, ValueError):
    """An entry of a file that is malformed; the message says where, what was expected, and the nearest."""


class Entry(dict[Any, Any]):
    """A mapping of a file, with its place. Asking for a key that it lacks raises EntryError."""

    __slots__ = ("line", "lines", "path", "where")

    def __init__(self, content: Mapping[Any, Any] = {}, where: str = "", path: tuple[str, ...] = ()) -> None:
        super().__init__(content)
        self.where, self.path, self.line = where, path, 0
        self.lines: dict[str, int] = {}

    def __missing__(self, key: object) -> Any:
        raise self.fault(f"`{key}` is missing; it has {listed(self)}")

    def __reduce__(self) -> tuple[type, tuple[dict[Any, Any]]]:
        return dict, (dict(self),)

    def fault(self, problem: str, *keys: object) -> EntryError:
        """What is wrong here, or with what stands under some keys, as an error to raise."""
        line = self.lines.get(str(keys[0]), self.line) if keys else self.line
        place = [self.where, f"line {line}" if line else "", ".".join([*self.path, *map(str, keys)])]
        return EntryError(f"{', '.join(filter(None, place))}: {problem}")

    def only(self, required: Iterable[str], optional: Iterable[str] = ()) -> Entry:
        """The same, held to its keys: all of some, and none but these and some others."""
        required = list(required)
        known = [*required, *optional]
        if extra := [key for key in self if key not in known]:
            raise self.fault(
                f"unknown keys {listed(extra)}{hint(extra[0], known)}; known: {', '.join(known)}"
            )
        if missing := [key for key in required if key not in self]:
            raise self.fault(f"{listed(missing)} missing; expected {', '.join(required)}")
        return self

    def within(self, key: str) -> Entry:
        """What stands under a key, which must be a mapping."""
        found = self[key]
        if not isinstance(found, Entry):
            raise self.fault(f"expected keys with their values, found {shown(found)}", key)
        return found


# ----------------------------------------------------------------------------------------------------------- reading


class _Loader(_SafeLoader):
    """Plain YAML values only, no key twice, mappings with their lines."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Iterable[Entry]:
    entry = Entry()
    entry.line = node.start_mark.line + 1
    yield entry
    for key_node, _ in node.value:
        plain = key_node.tag == "tag:yaml.org,2002:str"
        key = key_node.value if plain else loader.construct_object(key_node, deep=True)
        if str(key) in entry.lines and key_node.tag != "tag:yaml.org,2002:merge":
            raise yaml.constructor.ConstructorError(
                None, None, f"{key} is defined twice; keep one of the two", key_node.start_mark
            )
        entry.lines[str(key)] = key_node.start_mark.line + 1
    entry.update(loader.construct_mapping(node, deep=True))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read(text: str, where: str) -> Entry:
    """What a YAML file holds, a mapping; EntryError names the file and the line of what is not plain YAML.

    Args:
        where: name of the file, for messages.
    """
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader
        _place(content, where, (), set())
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error) or type(error).__name__
        raise EntryError(f"{where}{line}: not plain YAML ({problem})") from None
    if not isinstance(content, Entry):
        raise EntryError(f"{where}: expected keys with their values, found {shown(content)}")
    return content


def _place(content: object, where: str, path: tuple[str, ...], seen: set[int]) -> None:
    """Tell each mapping its file and the names that lead to it; what stands at several places keeps the first."""
    if id(content) in seen:
        return
    seen.add(id(content))
    if isinstance(content, Entry):
        content.where, content.path = where, path
        for key, value in content.items():
            if isinstance(value, Entry) and id(value) not in seen:
                value.line = content.lines.get(str(key), value.line)
            _place(value, where, (*path, str(key)), seen)
    elif isinstance(content, list):
        for number, value in enumerate(content, 1):
            name = value.get("name") if isinstance(value, Entry) else None
            _place(value, where, (*path, str(name or f"entry {number}")), seen)
