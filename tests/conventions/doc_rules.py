"""Rules on pages: their commands exist, their links lead somewhere, what they name between backticks is there.

Each function takes the text of a page, or a piece of it, and says what is wrong.
"""

from __future__ import annotations

import importlib
import re
import shlex
from collections.abc import Iterator, Mapping

import typer.main

from analysis.cli import command as cli
from analysis.data import local, sources
from analysis.foundations import territories
from analysis.foundations.values import dictionary
from analysis.reports import edition as editions
from tests.conventions.repository import ROOT, texts

FOLDERS = ("benchmarks", "data", "docs", "editions", "notebooks", "src", "tests", "tools")
KINDS = ("amount", "count", "index", "rate", "ratio", "share")
BUILT = ("data/raw/local", "data/processed", "reports/", "build/")

# ---------------------------------------------------------------------------------------------------------------- commands


def blocks(text: str) -> list[str]:
    """Lines of fenced blocks, and of indented ones."""
    fenced = re.findall(r"^```[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"(?:\A|\n)[ ]*\n((?:[ ]{4,}\S[^\n]*(?:\n|\Z))+)", text)
    return [line.strip() for block in [*fenced, *indented] for line in block.splitlines()]


def without_blocks(text: str) -> str:
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def spans(text: str) -> list[str]:
    """What stands between backticks in the prose."""
    return [" ".join(span.split()) for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", without_blocks(text))]


def named(text: str) -> list[str]:
    """What a page names: what stands between backticks, and the paths of its blocks."""
    paths = re.findall(rf"(?:^|(?<=\s))(?:{'|'.join(FOLDERS)})/[\w./-]*\w(?=\s|$)", "\n".join(blocks(text)))
    return [*spans(text), *paths]


def commands(text: str) -> list[list[str]]:
    """The commands of a page, as lists of words: make and pacte, however they are called."""
    found = []
    for line in [*blocks(text), *spans(text)]:
        if re.match(r"(?:\.venv/bin/)?(?:make|pacte)(?: |$)", line):
            words = shlex.split(re.split(r"\s>\s", line)[0], comments=True)
            found.append([words[0].removeprefix(".venv/bin/"), *words[1:]])
    return found


def wrong_command(words: list[str]) -> str | None:
    """What is wrong with a command, or None."""
    name, *rest = words
    return _wrong_make(rest) if name == "make" else _wrong_pacte(rest)


def _wrong_make(words: list[str]) -> str | None:
    makefile = texts()["Makefile"]
    for word in words:
        name, given, _ = word.partition("=")
        pattern = rf"^{name} \?=" if given else rf"^{name}:.*## "
        if not re.search(pattern, makefile, re.MULTILINE):
            return f"make has no {word}"
    return None


def _wrong_pacte(words: list[str]) -> str | None:
    """The command itself reads its options and arguments, and does nothing."""
    command, path = typer.main.get_command(cli.whole()), "pacte"
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return f"{path} has no {words[0]}"
        command, path, words = command.commands[words[0]], f"{path} {words[0]}", words[1:]
    if not words or hasattr(command, "commands"):  # the name of a command, in prose
        return None
    try:
        given = command.make_context(path, list(words)).params
    except Exception as error:  # whatever the library of the command line raises for a wrong word
        return f"{path} {' '.join(words)}: {error}"
    return _unknown_value(path, given)


def _unknown_value(path: str, given: Mapping[str, object]) -> str | None:
    """Whether what a command is given exists: départements, outcomes, editions, datasets, measures."""
    known = {
        "outcome": editions.notebooks(ROOT), "lang": ("fr", "en"), "edition": editions.available(ROOT),
        "name": sources.datasets(), "names": sources.datasets(), "measure": local.measures(), "engine": ("pacte", "kernel"),
    }  # fmt: skip
    for option, allowed in known.items():
        values = given.get(option) or ()
        for value in [values] if isinstance(values, str) else values:
            if value not in allowed and not (value.isupper() or value.endswith(".yml")):
                return f"{path}: {option} {value} is unknown"
    try:
        for text in given.get("territories") or ():
            if not territories.get(territories.parse(text)).kind.reported:
                return f"{path}: no report is made on {text}"
    except territories.UnknownTerritory as error:
        return f"{path}: {error}"
    return None


# ------------------------------------------------------------------------------------------------------------------ links


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as the forges make them."""
    headings = re.findall(r"^#+ +(.+?) *$", without_blocks(text), re.MULTILINE)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


def broken_links(page: str, pages: Mapping[str, str]) -> Iterator[str]:
    """Relative links of a page to a file or a heading that is not there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", pages[page]):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (ROOT / page).parent / name if name else ROOT / page
        if not path.exists():
            yield f"{page}: {target} is not there"
        elif anchor and anchor not in anchors(pages[path.resolve().relative_to(ROOT).as_posix()]):
            yield f"{page}: {target} is no heading"


# ------------------------------------------------------------------------------------------------------------------ names


def unknown_name(span: str) -> str | None:
    """What a name between backticks lacks: a file, a test, a thing of the package, an indicator. None when it is sound."""
    if any(mark in span for mark in "<*? …(,=") or span.startswith(BUILT):
        return None
    path, _, test = span.partition("::")
    if "/" in path and path.split("/")[0] in FOLDERS:
        if not (ROOT / path).exists():
            return f"{path} is not there"
        return None if not test or f"def {test}(" in texts()[path] else f"{path} has no {test}"
    if re.fullmatch(r"test_\w+", span):
        tests = (text for path, text in texts().items() if path.startswith("tests/"))
        return None if any(f"def {span}(" in text for text in tests) else f"no test is named {span}"
    if re.fullmatch(r"analysis(\.\w+)+", span):
        return None if _importable(span) else f"{span} is not in the package"
    if re.fullmatch(rf"(?:{'|'.join(KINDS)})_\w*[a-z0-9]", span) and span not in dictionary():
        return f"{span} is not in the dictionary"
    return None


def _importable(dotted: str) -> bool:
    parts = dotted.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            found = getattr(found, name, None)
        return found is not None
    return False
