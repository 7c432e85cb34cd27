"""Rules on the words for readers: catalogues that say the same in every language, keys said and written, no word elsewhere.

Catalogues are read with Babel; what code says is read from its syntax tree, what templates say and show from Jinja's.
``python -m tests.conventions.word_rules FILE.po …`` wraps the lines of catalogues as the rules want them.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path

import jinja2
from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po
from jinja2 import nodes

from analysis.foundations.translations import places, typeset
from tests.conventions.text_rules import french_typography

Problems = Iterator[str]
WIDTH = 110

# ------------------------------------------------------------------------------------------------------- catalogues


def read(text: str) -> Catalog:
    """A catalogue from the text of its file."""
    return read_po(io.BytesIO(text.encode("utf-8")), abort_invalid=True)


def words(catalogue: Catalog) -> dict[str, str]:
    """The messages of a catalogue, by key."""
    return {entry.id: entry.string for entry in catalogue if entry.id}


def sound(text: str, lang: str) -> Problems:
    """A catalogue is whole: its header tells its language, nothing is empty, unsure, obsolete, written twice or faulty."""
    catalogue, plural = read(text), get_plural(lang)
    said = (str(catalogue.locale), catalogue.charset, catalogue.num_plurals)
    if said != (lang, "utf-8", plural.num_plurals):
        yield f"header: {said}, expected {(lang, 'utf-8', plural.num_plurals)}"
    for entry in catalogue:
        if entry.id and (entry.fuzzy or not entry.string):
            yield f"{entry.id}: no words, or unsure ones"
        yield from (f"{entry.id}: {error}" for error in entry.check(catalogue))
    yield from (f"{key}: obsolete; remove it" for key in catalogue.obsolete)
    for key, string in words(catalogue).items():
        if re.search(r"<[a-z/]|&[a-z]+;", string):
            yield f"{key}: holds HTML"
        yield from (f"{key}: {p}" for p in (french_typography(typeset(string, lang)) if lang == "fr" else ()))
    if stable(text) != text:
        yield f"not as Babel writes it (wrapping, a key twice): python -m {__name__} FILE writes it so"


def stable(text: str) -> str:
    """The text of a catalogue as Babel writes it, its header as it is."""
    out = io.BytesIO()
    write_po(out, read(text), width=WIDTH, omit_header=True)
    header = text[: text.index("\n\n") + 2]
    return header + out.getvalue().decode("utf-8").rstrip("\n") + "\n"


def alike(french: Mapping[str, str], english: Mapping[str, str]) -> Problems:
    """Both languages have the same keys in the same order, and the same places."""
    for key in sorted(french.keys() ^ english.keys()):
        yield f"{key}: in one language only"
    if not french.keys() ^ english.keys() and list(french) != list(english):
        first = next(a for a, b in zip(french, english, strict=True) if a != b)
        yield f"{first}: not at the same place in both languages"
    for key in french.keys() & english.keys():
        if odd := places(french[key]) ^ places(english[key]):
            yield f"{key}: {', '.join(sorted(odd))} has a place in one language only"


# ------------------------------------------------------------------------------------------------- what code says

_SAY = {"say", "tell", "phrase"}
_KEY = re.compile(r"[\w.]*")
_PLACE = "([^.]+)"


def said(text: str) -> Iterator[tuple[int, str]]:
    """Line and key of each message that a module says: a pattern for a key that is put together."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and node.args and _called(node.func) in _SAY:
            yield from ((node.lineno, pattern) for pattern in _patterns(node.args[0]))


def mentioned(text: str) -> Iterator[str]:
    """Patterns of all the keys that a module may say: its texts, and those that it puts together."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            yield from (pattern for pattern in _patterns(node) if pattern != _PLACE)


def _called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _patterns(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_patterns(node.body), *_patterns(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield re.escape(node.value)
    elif isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
        if all(part is None or _KEY.fullmatch(part) for part in parts):
            yield "".join(_PLACE if part is None else re.escape(part) for part in parts)


def unknown(patterns: Iterable[str], keys: Iterable[str]) -> Problems:
    """Patterns that no key fits."""
    keys = list(keys)
    yield from (p.replace("\\", "") for p in patterns if not any(re.fullmatch(p, key) for key in keys))


def unsaid(
    keys: Iterable[str], modules: Iterable[str], templates: Iterable[str], written: set[str]
) -> Problems:
    """Keys that nothing says.

    A key that is put together (``trend.{kind}``) is said when what fills its places is among the words ``written``
    somewhere, or is itself put together in a module from its own words.
    """
    said = {text: set(mentioned(text)) for text in modules}
    patterns = {p for found in said.values() for p in found} | {
        p for t in templates for p in template_keys(t)
    }
    plain = {pattern.replace("\\", "") for pattern in patterns if _PLACE not in pattern}
    keyed = [re.compile(p) for p in patterns if _PLACE in p and len(p.replace(_PLACE, "")) > 3]
    parts = [
        (re.compile(pattern), set(re.findall(r"[^\W_]+", text)))
        for text, found in said.items()
        for pattern in found
        if _PLACE in pattern and "." not in pattern.replace(_PLACE, "")
    ]

    def filled(word: str) -> bool:
        found = ((one.fullmatch(word), own) for one, own in parts)
        return word in written or any(f is not None and own.issuperset(f.groups()) for f, own in found)

    for key in keys:
        fits = (one.fullmatch(key) for one in keyed)
        if key not in plain and not any(all(map(filled, found.groups())) for found in fits if found):
            yield key


# ------------------------------------------------------------------------------------------------ sentences in code

_SENTENCE = re.compile(r"[^\W\d_]{2,}[’' \u00a0]+[^\W\d_]{2,}")
_TAGS = re.compile(r"<[^<>]*>?|[\w-]+=\S*")
_NAMES = re.compile(r"Licence Ouverte|DejaVu Sans|const [A-Z_]+ = |[\w-]+-(?:src|ancestors) 'none'")
_DEFINITIONS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def prose(text: str) -> Iterator[tuple[int, str]]:
    """Line and words of each text of two words or more that is not a docstring, an error, a pattern or a known name."""
    tree = ast.parse(text)
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, _DEFINITIONS):
            passed |= {id(one.value) for one in node.body if isinstance(one, ast.Expr)}
        elif isinstance(node, ast.Raise) or (
            isinstance(node, ast.Call) and re.search(r"Error$|^compile$", _called(node.func))
        ):
            passed |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield from [(node.lineno, node.value)] * bool(_SENTENCE.search(_bare(node.value)))


def _bare(text: str) -> str:
    return _TAGS.sub(" ", _NAMES.sub("", text))


# ------------------------------------------------------------------------------------------------------- templates

_ATTRIBUTES = {"alt", "title", "aria-label", "placeholder", "label", "aria-description", "data-hint"}
_ENVIRONMENT = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
_ENVIRONMENT.filters.update(dict.fromkeys(("say", "phrase"), str))


class Visible(HTMLParser):
    """What a reader meets in HTML, place by place: texts and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag, attrs):
        """Keep the attributes that are read; what is inside a style or a script is not."""
        self._hidden += tag in ("style", "script")
        given = dict(attrs)
        read = _ATTRIBUTES | ({"content"} if given.get("name") == "description" else set())
        self.found += [value for name, value in attrs if name in read and value]

    def handle_endtag(self, tag):
        """Leave a style or a script."""
        self._hidden -= tag in ("style", "script")

    def handle_data(self, data):
        """Keep a text."""
        if not self._hidden:
            self.found.append(data)


def visible(html: str) -> list[str]:
    """Texts of some HTML and of its attributes that are read out."""
    parser = Visible()
    parser.feed(html)
    parser.close()
    return parser.found


def template_words(source: str) -> Problems:
    """Words written in a template: in its text, or in what it shows without ``say``."""
    kept = "".join(value if kind == "data" else "" for _, kind, value in _ENVIRONMENT.lex(source))
    yield from (text.strip() for text in visible(kept) if re.search(r"[^\W\d_]", text))
    for output in _ENVIRONMENT.parse(source).find_all(nodes.Output):
        for node in output.nodes:
            yield from (text for text in _shown(node) if re.search(r"[^\W\d_]", text))


def _shown(node: nodes.Node) -> Iterator[str]:
    """The constants that an expression can show, those that ``say`` is given left out."""
    if isinstance(node, nodes.Const):
        yield str(node.value)
    elif isinstance(node, nodes.Filter) and node.name not in ("say", "phrase"):
        yield from _shown(node.node)
    elif isinstance(node, nodes.CondExpr):
        yield from (*_shown(node.expr1), *(_shown(node.expr2) if node.expr2 else ()))
    elif isinstance(node, nodes.Or | nodes.And | nodes.Add):
        yield from (*_shown(node.left), *_shown(node.right))
    elif isinstance(node, nodes.Concat):
        for part in node.nodes:
            yield from _shown(part)


def template_keys(source: str) -> Iterator[str]:
    """Patterns of the keys that a template says."""
    for node in _ENVIRONMENT.parse(source).find_all(nodes.Filter):
        if node.name in ("say", "phrase"):
            yield from _key(node.node)


def _key(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Const):
        yield re.escape(str(node.value))
    elif isinstance(node, nodes.Concat):
        yield "".join(re.escape(str(p.value)) if isinstance(p, nodes.Const) else _PLACE for p in node.nodes)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        Path(name).write_text(stable(Path(name).read_text(encoding="utf-8")), encoding="utf-8")
