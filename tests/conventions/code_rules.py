"""Rules on code, each a function from the text of a file to what breaks the rule: one line each, with its number.

They read the syntax tree, so imports inside functions count and comments do not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache

Problems = Iterator[str]


@cache
def _tree(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def _nodes(text: str) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(_tree(text)))


def _calls(text: str) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the name it is made by: ``time.time``, ``Path``; ``?`` stands for what is not a name."""
    for node in _nodes(text):
        if isinstance(node, ast.Call):
            yield node, _name(node.func)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _literals(nodes: Sequence[ast.expr]) -> list[str]:
    """The texts written in expressions, f-strings included."""
    inside = [part for node in nodes for part in ast.walk(node)]
    return [part.value for part in inside if isinstance(part, ast.Constant) and isinstance(part.value, str)]


# --------------------------------------------------------------------------------------------------------- imports


def imports(path: str, text: str) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything a module imports, lazily or not, relatively or not, or by name."""
    package = path.removeprefix("src/").removesuffix(".py").split("/")[:-1]
    for node in _nodes(text):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{stem}.{alias.name}") for alias in node.names)
    for call, name in _calls(text):
        if name.split(".")[-1] in ("import_module", "__import__") and call.args:
            yield from ((call.lineno, literal) for literal in _literals(call.args[:1])[:1])


_OF_REPORTS = ("papermill", "nbconvert", "dask", "distributed", "dask_jobqueue")


def only_reports_run_notebooks(path: str, text: str) -> Problems:
    """papermill, nbconvert and Dask are imported by ``reports`` and ``batch`` alone."""
    if path.startswith(("src/analysis/reports/", "src/analysis/batch/")):
        return
    for line, target in imports(path, text):
        if target.split(".")[0] in _OF_REPORTS:
            yield f"{path}:{line}: imports {target}; only reports and batch do"


# ------------------------------------------------------------------------------------------------- who may do what

_PATH_CALLS = {"Path", "PurePath", "joinpath", "open", "glob", "rglob", "read_csv", "read_parquet", "listdir"}
_RAW = re.compile(r"(?:\S*/)?raw(?:/\S*)?")


def only_catalogue_opens_raw(path: str, text: str) -> Problems:
    """No path to ``data/raw`` is built outside ``catalogue``, but for the checkout to be known by it (``files``)."""
    if path in ("src/analysis/data/catalogue.py", "src/analysis/foundations/files.py"):
        return
    for node in _nodes(text):
        built: list[ast.expr] = []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            built = [node.right]
        elif isinstance(node, ast.Call) and _name(node.func).split(".")[-1] in _PATH_CALLS:
            built = list(node.args)
        elif (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and node.value.value != "raw"
        ):
            built = [node.value]
        if any(_RAW.fullmatch(literal) for literal in _literals(built)):
            yield f"{path}:{node.lineno}: builds a path to data/raw; ask catalogue.Catalogue"


_DATES = {"Timestamp", "datetime64", "to_datetime", "DatetimeIndex"}


def no_text_stands_for_today(path: str, text: str) -> Problems:
    """No ``Timestamp("now")``: what else reads the clock is banned by name, in pyproject.toml."""
    for call, name in _calls(text):
        if name.rpartition(".")[2] in _DATES and {"now", "today"} & set(_literals(call.args)):
            yield f"{path}:{call.lineno}: {name}(…) reads the clock; nothing here does"


_CODE_PATTERN = re.compile(r"2\[(?:AB|ab|ABab|abAB|aAbB|A-B)\]|2A\|2B|97\[|97\\d")


def only_territories_parses_codes(path: str, text: str) -> Problems:
    """No padding of codes and no pattern of a code outside ``territories``: « 1 », « 01 » and « 2a » mean one thing."""
    if path in ("src/analysis/foundations/territories.py", "src/analysis/foundations/levels.py"):
        return
    for call, name in _calls(text):
        method = name.rpartition(".")[2]
        if method == "zfill" or (
            method in ("rjust", "pad") and "0" in _literals([*call.args, *_values(call)])
        ):
            yield f"{path}:{call.lineno}: pads a code; use territories.parse"
    for node in _nodes(text):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _CODE_PATTERN.search(node.value)
        ):
            yield f"{path}:{node.lineno}: {node.value[:40]!r} is a pattern of codes; use territories.parse"


def _values(call: ast.Call) -> list[ast.expr]:
    return [keyword.value for keyword in call.keywords]


def no_working_directory(path: str, text: str) -> Problems:
    """No path is built from the folder a command happens to be started in: none begins with a relative text."""
    for call, name in _calls(text):
        if name.rpartition(".")[2] in ("Path", "PurePath") and (not call.args or _relative(call.args[0])):
            yield f"{path}:{call.lineno}: {name}(…) depends on the working directory; start from project_root()"


_HOMES = {
    "difflib.get_close_matches": ("display.py", "display.nearest or display.hint"),
    "yaml.load": ("entries.py", "entries.read, which refuses a key that is there twice"),
    "yaml.safe_load": ("entries.py", "entries.read, which refuses a key that is there twice"),
    "special.ndtri": ("confidence.py", "confidence.normal, by the name of the level"),
}
_QUANTILES = (1.644854, 1.959964, 2.326348, 2.575829, 3.090232)
_LUMINANCE = (0.2126, 0.7152, 0.0722)


def each_thing_has_one_home(path: str, text: str) -> Problems:
    """What was once written in many modules is asked of the one that holds it."""
    for call, name in _calls(text):
        for known, (home, instead) in _HOMES.items():
            if name in (known, known.split(".")[-1]) and not path.endswith(f"/{home}"):
                yield f"{path}:{call.lineno}: {name}; ask {instead}"
    for node in _nodes(text):
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            if any(abs(node.value - quantile) < 0.001 for quantile in _QUANTILES):
                yield f"{path}:{node.lineno}: a quantile of the normal law by hand; ask confidence.normal"
            if node.value in _LUMINANCE and not path.endswith("/colours.py"):
                yield f"{path}:{node.lineno}: the luminance of a colour; ask colours.contrast"


_OPEN = ("sys", "builtins")


def libraries_are_left_as_they_are(path: str, text: str) -> Problems:
    """Nothing is put in place of what another module holds, but where the language says that it may be (``sys.stdout``)."""
    names = {
        alias.asname or alias.name.split(".")[0]
        for node in _nodes(text)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for node in _nodes(text):
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        named = [_name(one) for one in targets if isinstance(one, ast.Attribute)]
        if isinstance(node, ast.Call) and _name(node.func) == "setattr":
            named = [f"{_name(node.args[0])}."]
        for name in named:
            if name.split(".")[0] in names - {*_OPEN}:
                yield f"{path}:{node.lineno}: {name} is put in place of the library's; call what it offers"


def _relative(argument: ast.expr) -> bool:
    literal = argument.value if isinstance(argument, ast.Constant) else None
    return isinstance(literal, str) and not literal.startswith(("/", "~"))


_RUNS = ("pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "code", "codeop")


def nothing_that_is_read_runs(path: str, text: str) -> Problems:
    """No module by its name, and no method of a table, that builds any object: the rest is banned in pyproject.toml."""
    for call, name in _calls(text):
        last, given = name.rpartition(".")[2], _literals(call.args[:1])
        by_name = last in ("import_module", "__import__") and {one.split(".")[0] for one in given} & {*_RUNS}
        if by_name or name == "compile" or last in ("to_pickle", "to_hdf"):
            yield f"{path}:{call.lineno}: {name}(…) may run what a file says; keep data (see reports/kept)"


def nothing_is_left_to_decide(path: str, text: str) -> Problems:
    """No ``...`` but in types and comparisons: ``pacte data new`` writes it, in docstrings too, where a person decides."""
    apart = (ast.Subscript, ast.Compare)
    kept = {id(part) for node in _nodes(text) if isinstance(node, apart) for part in ast.walk(node)}
    for node in _nodes(text):
        left = isinstance(node, ast.Constant) and node.value is ... and id(node) not in kept
        if isinstance(node, ast.Module | ast.FunctionDef):
            left = re.search(r"(?:^|: |\n)\.\.\. ", ast.get_docstring(node) or "")
        if left:
            yield f"{path}:{getattr(node, 'lineno', 1)}: ... stands for what a person has still to write"
