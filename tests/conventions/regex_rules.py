"""The regular expressions of the project, and texts on which one whose cost grows faster than its text never ends.

Run as a program, it tries each on every such text, and says which it is about to try: whoever waits too long knows which.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from re import _constants as op
from re import _parser

LENGTH = 1_000_000
"""Characters of a text. Once through it takes milliseconds, once for each of its characters takes minutes."""

MANY = 50
"""Repetitions from which a part of an expression counts as repeated without end."""

ANYWHERE = {"search", "finditer", "findall", "sub", "subn", "split"}
FROM_THE_START = {"match", "fullmatch"}
OF_TABLES = {"match", "fullmatch", "contains", "extract", "extractall"}
"""Methods of a pandas column of texts (``.str``) that take a regular expression."""


# ------------------------------------------------------------------------------------------------------ what there is


def of(path: Path, name: str | None) -> Iterator[tuple[str, re.Pattern, set[str]]]:
    """The expressions of a source: where, compiled, and the methods that use them.

    Args:
        path: of the source. name: of its module, in which an expression that is put together is looked up; None to read it
            as it is written only.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.setdefault(node.value.id, set()).add(node.attr)
    bound = {
        id(node.value): target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and (method := _method(call)) and (pattern := _compiled(call, name)):
            methods = {method} if method != "compile" else used.get(bound.get(id(call), ""), set())
            yield f"{path.name}:{call.lineno}", pattern, (methods & (ANYWHERE | FROM_THE_START)) or ANYWHERE


def _method(call: ast.Call) -> str | None:
    """How a call uses a regular expression that it is given; None when it is given none."""
    if not isinstance(call.func, ast.Attribute) or not call.args:
        return None
    owner, method = call.func.value, call.func.attr
    if isinstance(owner, ast.Name) and owner.id == "re" and method in {"compile", *ANYWHERE, *FROM_THE_START}:
        return method
    plain = any(word.arg == "regex" and getattr(word.value, "value", True) is False for word in call.keywords)
    if isinstance(owner, ast.Attribute) and owner.attr == "str" and method in OF_TABLES and not plain:
        return method if method in FROM_THE_START else "search"
    return None


def _compiled(call: ast.Call, name: str | None) -> re.Pattern | None:
    """The expression of a call, or None when it is known where it is used only."""
    flags = [word.value for word in call.keywords if word.arg == "flags"]
    if call.func.attr == "compile":
        flags += call.args[1:2]
    try:
        text, *more = (_value(node, name) for node in (call.args[0], *flags))
    except NameError:
        return None
    return re.compile(text, *more) if isinstance(text, str | bytes) else None


def _value(node: ast.expr, name: str | None) -> object:
    """What an expression of Python gives, with the names of a module where it needs them."""
    code = compile(ast.Expression(node), "", "eval")
    try:
        return eval(code, {"re": re})
    except NameError:
        return eval(code, dict(vars(importlib.import_module(name)))) if name else None


# ------------------------------------------------------------------------------------------------------ what is tried


def texts(pattern: re.Pattern) -> Iterator[str | bytes]:
    """Texts made of what an expression repeats: alone, after what stands before it, and both again and again."""
    written = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    made: dict[str, None] = {}
    for before, unit in _repeated(_parser.parse(written, pattern.flags & ~re.LOCALE), ""):
        for once in (unit, before + unit, before):
            if once:
                made[once * (LENGTH // len(once)) + "\0"] = None
                made[once * (LENGTH // len(once))] = None
        made[before + unit * (LENGTH // len(unit)) + "\0"] = None
    for text in made:
        yield text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")


def _repeated(tree: Iterable, before: str) -> Iterator[tuple[str, str]]:
    """Each part that is repeated without end, with an example of what stands before it."""
    for kind, value in tree:
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            _, most, inner = value
            if most >= MANY:
                yield from ((before, unit) for unit in _examples(inner) if unit)
            yield from _repeated(inner, before)
        for inner in _inside(kind, value):
            yield from _repeated(inner, before)
        before += next(iter(_examples([(kind, value)])), "")


def _inside(kind: object, value: object) -> list:
    if kind is op.SUBPATTERN:
        return [value[3]]
    if kind is op.BRANCH:
        return value[1]
    return [value] if kind is op.ATOMIC_GROUP else []


def _examples(tree: Iterable) -> list[str]:
    """Some texts that a part of an expression takes."""
    found = [""]
    for kind, value in tree:
        found = [start + end for start in found for end in _example(kind, value)][:6]
    return found


def _example(kind: object, value: object) -> list[str]:
    if kind is op.LITERAL:
        return [chr(value)]
    if kind in (op.NOT_LITERAL, op.ANY):
        return ["a", "<"]
    if kind is op.IN:
        return _members(value)
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        least, _, inner = value
        return [text * max(1, least) for text in _examples(inner)]
    return [text for inner in _inside(kind, value) for text in _examples(inner)] or [""]


def _members(items: list) -> list[str]:
    """Characters of a set, of different kinds."""
    inside = [chr(c) for c in (*range(32, 127), 9, 10, 27, 160, 233, 0x202F) if _holds(items, c)]
    kinds = (str.isalpha, str.isdigit, str.isspace, lambda c: not c.isalnum() and not c.isspace())
    chosen = [next((c for c in inside if kind(c)), None) for kind in kinds]
    return [c for c in chosen if c] or ["a"]


def _holds(items: list, code: int) -> bool:
    """Whether a set has a character."""
    negated = bool(items) and items[0][0] is op.NEGATE
    found = False
    for kind, value in items[negated:]:
        if kind is op.LITERAL:
            found |= value == code
        elif kind is op.RANGE:
            found |= value[0] <= code <= value[1]
        elif kind is op.CATEGORY:
            found |= bool(re.fullmatch(_CATEGORIES[value], chr(code)))
    return found != negated


_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s", op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def tried(pattern: re.Pattern, methods: set[str]) -> None:
    """Use an expression on every text, as the project does."""
    for text in texts(pattern):
        for method in sorted(methods & FROM_THE_START):
            getattr(pattern, method)(text)
        if methods & ANYWHERE:
            for _ in pattern.finditer(text):
                continue


def sources(root: Path) -> Iterator[tuple[Path, str | None]]:
    """The sources of the project, with the names of their modules where they are the package's."""
    for path in sorted((root / "src").rglob("*.py")):
        parts = path.relative_to(root / "src").with_suffix("").parts
        yield path, ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    for path in sorted((root / "tools").rglob("*.py")):
        yield path, None


if __name__ == "__main__":
    for source, module in sources(Path(sys.argv[1])):
        for where, expression, methods in of(source, module):
            print(where, expression.pattern, flush=True)
            tried(expression, methods)
