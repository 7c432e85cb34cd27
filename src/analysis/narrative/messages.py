"""The words of the reports: a bilingual catalogue, read from ``messages.yml``, and the one function that speaks it.

Every sentence that a reader meets is a message: a key, its French and its English, and named placeholders. Numbers,
dates and names arrive already written by ``formats``: a message is given text, never a number, so that no figure can
reach a reader in the wrong language or with too many decimals. A missing placeholder, or one too many, is an error.

Messages hold no HTML and no figure. This module knows neither values nor results: it stands at the foot of the
narrative, below ``formats`` and ``sentences``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Formatter

import yaml

from analysis.values import LANGS, Lang, Text

THIN = "\u202f"
"""Narrow no-break space: between thousands and before ``; ! ? %`` in French."""
NBSP = "\u00a0"
"""No-break space: before ``:`` and inside « » in French, and between a number and its unit."""

_FRENCH = (
    (re.compile(r"[ \u00a0](?=[;!?%])"), THIN),
    (re.compile(r"[ \u202f](?=:(?:\s|$))"), NBSP),
    (re.compile(r"«[ \u202f]?"), "«" + NBSP),
    (re.compile(r"[ \u202f]?»"), NBSP + "»"),
)


_ELISION = re.compile(
    r"\b(d|qu)e (?=[aeiouàâäéèêëîïôöùûœ]|h(?:abit|eure|éberg|omme|ospi|ôte|ôpi))",
    re.IGNORECASE,
)


class MessageError(ValueError):
    """A message that does not exist, or is said without one of its placeholders or with one too many."""


def typeset(text: str, lang: Lang) -> str:
    """Give a text the spaces and the apostrophes of its language; text that has them already is unchanged."""
    text = text.replace("'", "’")
    if lang == "fr":
        for pattern, mark in _FRENCH:
            text = pattern.sub(mark, text)
        text = re.sub(NBSP + "+", NBSP, text)
    return text


@dataclass(frozen=True)
class Message:
    """A message in both languages, with the placeholders that both must have."""

    text: Text
    placeholders: frozenset[str]


def placeholders(text: str) -> frozenset[str]:
    """The names of the ``{placeholders}`` of a text."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def read_messages(content: Mapping[str, Mapping[str, str]]) -> dict[str, Message]:
    """Check a catalogue and typeset it. MessageError names the keys that lack a language or a placeholder."""
    messages: dict[str, Message] = {}
    for key, entry in content.items():
        if not isinstance(entry, Mapping) or set(entry) != set(LANGS):
            raise MessageError(f"messages.yml, {key}: expected the languages fr and en, each once")
        names = {lang: placeholders(entry[lang]) for lang in LANGS}
        if names["fr"] != names["en"]:
            odd = ", ".join(sorted(names["fr"] ^ names["en"]))
            raise MessageError(
                f"messages.yml, {key}: {odd} is a placeholder of one language only; give it to both"
            )
        messages[key] = Message(Text(**{lang: typeset(entry[lang], lang) for lang in LANGS}), names["fr"])
    return messages


@cache
def _content() -> dict:
    text = resources.files("analysis.narrative").joinpath("messages.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe


@cache
def catalogue() -> dict[str, Message]:
    """The messages of the project by key, read once."""
    return read_messages(_content()["messages"])


@cache
def heads() -> dict[str, str]:
    """The nouns that open a label in the singular, with their French article (``taux``: ``le``, ``part``: ``la``)."""
    return dict(_content()["heads"])


def say(key: str, lang: Lang, **values: str) -> str:
    """Say a message with its placeholders filled; in French « de » and « que » lose their vowel before another.

    Raises MessageError for an unknown key, a placeholder missing or too many, or a value that is not text.
    """
    try:
        message = catalogue()[key]
    except KeyError:
        near = difflib.get_close_matches(key, catalogue(), n=3, cutoff=0.5)
        hint = f"; did you mean {', '.join(near)}?" if near else ""
        raise MessageError(f"no message is named {key!r} in messages.yml{hint}") from None
    if values.keys() != message.placeholders:
        raise MessageError(
            f"message {key}: expected the placeholders {sorted(message.placeholders)}, was given {sorted(values)}"
        )
    if wrong := [name for name, value in values.items() if not isinstance(value, str)]:
        raise MessageError(
            f"message {key}: {', '.join(wrong)} is not text; write numbers with narrative.formats first"
        )
    text = message.text[lang].format(**values)
    return _ELISION.sub(r"\1’", text) if lang == "fr" else text
