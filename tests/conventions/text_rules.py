"""Rules on words: paths of one machine, unfinished marks, and the typography of what French readers read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_FOLDERS = "home|Users|root|tmp|work|mnt|opt|var|srv|usr|etc|private|Volumes"
_ABSOLUTE = re.compile(rf"(?<![\w.:/<-])/(?:{_FOLDERS})/\w|file:/{{2}}|\b[A-Z]:\\+(?:Users|Windows|Program)")
_UNFINISHED = re.compile("|".join(rf"\b{word}\b" for word in ("TO" + "DO", "FIX" + "ME", "X" * 3)))


def no_absolute_path(path: str, text: str) -> Iterator[str]:
    """No path that exists on one machine only; the line that names an interpreter is not one."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := _ABSOLUTE.search(line):
            if number == 1 and line.startswith("#!"):
                continue
            yield f"{path}:{number}: {found.group()}… is the path of a machine"


def nothing_unfinished(path: str, text: str) -> Iterator[str]:
    """What remains to be done is an issue, not a comment."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := _UNFINISHED.search(line):
            yield f"{path}:{number}: {found.group()}"


_IMAGES = re.compile(
    r"\b(?:workshops?|(?<!ski )stations?(?! de\b)|bur(?:y|ies|ied)|(?:adopt_)?orphans?|lifelines?|last[_ ]words|doors?)\b",
    re.IGNORECASE,
)
_FIELD = "executor, plugin, reap, subreaper, pipe, last lines, entry point"


def no_image_for_a_word_of_the_field(path: str, text: str) -> Iterator[str]:
    """Processes, clusters and functions are named as their field names them, not by an image."""
    if path.endswith(".py") and not path.startswith("tests/"):
        for number, line in enumerate(text.splitlines(), 1):
            if found := _IMAGES.search(line):
                yield f"{path}:{number}: {found.group()} is an image; use the word of the field ({_FIELD})"


# ------------------------------------------------------------------------------------------------------ typography

_NOT_PROSE = re.compile(
    r"```.*?```|`[^`]*`|\{\{.*?\}\}|\{%.*?%\}|<[^<>]*>|&#?\w+;|\]\([^)]*\)|(?:https?://|www\.)[^\s»]+|!(?=\[)"
    r"|^\|?[\s:|-]+\|?$",
    re.DOTALL | re.MULTILINE,
)
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_TYPOGRAPHY = (
    (re.compile(r"'"), "an apostrophe is ’"),
    (re.compile(r'"'), "quotation marks are « »"),
    (re.compile(r"(?<=[^\s\u202f])[;!?]|[ \u00a0][;!?]"), "U+202F stands before ; ! ?"),
    (re.compile(r"\d[ \u00a0]?%"), "U+202F stands between a number and %"),
    (re.compile(r"(?<![\u00a0\u202f\d]):|(?<![\u00a0\u202f]):(?!\d)"), "a no-break space stands before :"),
    (re.compile(r"«(?![\u00a0\u202f])|(?<![\u00a0\u202f])»"), "no-break spaces stand inside « »"),
    (re.compile(r"(?<![\d\u202f])\d{1,3}[ \u00a0]\d{3}(?!\d)"), "U+202F stands between thousands"),
)


def french_typography(text: str) -> Iterator[str]:
    """What is wrong in the typography of a French text; code, links, tags and placeholders are not read."""
    prose = _PLACEHOLDER.sub("0", _NOT_PROSE.sub("", text)).strip()
    for pattern, rule in _TYPOGRAPHY:
        if found := pattern.search(prose):
            start = max(0, found.start() - 25)
            yield f"{rule}: …{prose[start : found.end() + 10]!r}"


def bilingual(node: object, where: str) -> Iterator[tuple[str, object, object]]:
    """Every pair of French and English in nested data: its place, the French, the English (None when missing)."""
    if isinstance(node, Mapping):
        if {"fr", "en"} & set(node):
            yield where, node.get("fr"), node.get("en")
            return
        for key, value in node.items():
            yield from bilingual(value, f"{where}.{key}")
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from bilingual(value, f"{where}[{number}]")


def bilingual_texts(node: object, where: str) -> Iterator[str]:
    """Every text has both languages, and French typography in French."""
    for place, french, english in bilingual(node, where):
        if type(french) is not type(english) or french is None:
            yield f"{place}: French and English are not both there"
        for text in _strings(french):
            yield from (f"{place}: {problem}" for problem in french_typography(text))


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping | list):
        for child in node.values() if isinstance(node, Mapping) else node:
            yield from _strings(child)
