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


def no_notebook_imported(path: str, text: str) -> Problems:
    """Code lives in the package: nothing imports or runs a notebook as if it were a module."""
    for line, target in imports(path, text):
        if target.split(".")[0] in ("notebooks", "import_ipynb", "nbimporter", "importnb", "ipynb"):
            yield f"{path}:{line}: imports {target}; move the code into the package"
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*%run\b", line):
            yield f"{path}:{number}: runs another notebook; move the code into the package"


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


_CLOCK = {"time", "time_ns", "localtime", "gmtime", "ctime", "asctime", "strftime"}
_DATES = {"Timestamp", "datetime64", "to_datetime", "DatetimeIndex"}


def nothing_reads_the_clock(path: str, text: str) -> Problems:
    """No date or time of day; durations (``monotonic``, ``perf_counter``) are free."""
    clocks = {"time"}
    for node in _nodes(text):
        if isinstance(node, ast.Import):
            clocks |= {alias.asname for alias in node.names if alias.name == "time" and alias.asname}
    for line, target in imports(path, text):
        if target.startswith("time.") and target.removeprefix("time.") in _CLOCK:
            yield f"{path}:{line}: imports {target}, the time of day; nothing here reads it"
    for call, name in _calls(text):
        owner, _, method = name.rpartition(".")
        asks = (owner in clocks and method in _CLOCK) or (owner and method in ("now", "utcnow", "today"))
        if asks or (method in _DATES and {"now", "today"} & set(_literals(call.args))):
            yield f"{path}:{call.lineno}: {name}(…) reads the clock; nothing here does"


_READERS = ("src/analysis/foundations/published.py", "src/analysis/foundations/limits.py")
_OPENS = {"ExcelFile", "load_workbook"}


def only_files_opens_published(path: str, text: str) -> Problems:
    """Spreadsheets, and in ``sources`` CSV files, are opened by ``sources.files`` alone, which has the limits."""
    if path in _READERS:
        return
    for call, name in _calls(text):
        owner, _, method = name.rpartition(".")
        opened = [arg.id for arg in call.args[:1] if isinstance(arg, ast.Name)] == ["book"]
        if (
            method in _OPENS
            or (method == "open_workbook" and owner == "xlrd")
            or (method == "read_excel" and not opened)
            or (method == "read_csv" and owner == "pd" and path.startswith("src/analysis/data/sources/"))
        ):
            yield f"{path}:{call.lineno}: {name}(…) opens a published file; use sources.files"


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
    """No path is built from the folder a command happens to be started in."""
    for call, name in _calls(text):
        method = name.rpartition(".")[2]
        bare = method in ("Path", "PurePath") and (not call.args or _relative(call.args[0]))
        if bare or (method in ("getcwd", "cwd", "chdir", "abspath") and name != "contextlib.chdir"):
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


# ---------------------------------------------------------------------------------------------- safety and prose


def yaml_is_loaded_safely(path: str, text: str) -> Problems:
    """``yaml.load`` has a safe loader; the loaders that build any object are not used."""
    safe = {node.name for node in _nodes(text) if isinstance(node, ast.ClassDef) and _is_safe(node.bases)}
    for node in _nodes(text):
        if isinstance(node, ast.Assign) and _is_safe([node.value]):
            safe |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    for call, name in _calls(text):
        if name in ("yaml.unsafe_load", "yaml.full_load", "yaml.unsafe_load_all", "yaml.full_load_all"):
            yield f"{path}:{call.lineno}: {name} builds any object; use yaml.safe_load"
        elif name in ("yaml.load", "yaml.load_all"):
            loader = [*call.args[1:2], *(k.value for k in call.keywords if k.arg == "Loader")]
            if not (_is_safe(loader) or any(_name(node) in safe for node in loader)):
                yield f"{path}:{call.lineno}: {name} without a safe loader; use yaml.safe_load"


def _is_safe(nodes: Sequence[ast.expr]) -> bool:
    words = " ".join(ast.unparse(node) for node in nodes)
    return "SafeLoader" in words and not re.search(r"(?:Unsafe|Full|\byaml\.)Loader", words)


_RUNS = (
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle", "code", "codeop",
)  # fmt: skip
_BUILDS = ("eval", "exec", "compile", "read_pickle", "to_pickle", "HDFStore", "read_hdf")


_TOLD = ("src/analysis/batch/pool.py", "src/analysis/batch/child.py")


def nothing_that_is_read_runs(path: str, text: str) -> Problems:
    """No module that builds any object of what it reads, no text that is run, no array that may hold pickles.

    A job goes as a pickle from the run, which writes it in a folder of its own, to the process that the run makes for it
    (``pool``, ``child``); what comes back is data.
    """
    if path in _TOLD:
        return
    for line, target in imports(path, text):
        if target.split(".")[0] in _RUNS:
            yield f"{path}:{line}: imports {target}, which runs what a file says; keep data (see reports/kept)"
    for call, name in _calls(text):
        last = name.split(".")[-1]
        if (last in _BUILDS and name != "re.compile") or name in ("np.load", "numpy.load"):
            yield f"{path}:{call.lineno}: {name} may run what a file says; keep data (see reports/kept)"


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


def public_things_are_documented(path: str, text: str) -> Problems:
    """Every module, and every class and function whose name is public, has a docstring."""
    if not ast.get_docstring(_tree(text)):
        yield f"{path}:1: no docstring: what it does, what it must not do, its place in the way of the data"
    yield from _undocumented(path, _tree(text).body)


def _undocumented(path: str, body: Sequence[ast.stmt]) -> Problems:
    for node in body:
        if not isinstance(
            node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        ) or node.name.startswith("_"):
            continue
        decorators = " ".join(ast.unparse(decorator) for decorator in node.decorator_list)
        if not ast.get_docstring(node) and not re.search(r"\boverload\b|\.setter\b|\boverride\b", decorators):
            yield f"{path}:{node.lineno}: {node.name} is public and has no docstring"
        if isinstance(node, ast.ClassDef):
            yield from _undocumented(path, node.body)
