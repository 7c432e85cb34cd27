"""Where figures come from, in the words of a page's language: title and licence of a dataset, producers in a line.

A sidecar holds what its producer wrote, in the language in which it was written: a title is quoted, and the kinds of licence
that the project knows are messages. What is not known is given as it is written, never put in another's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from analysis.catalogue import LOCAL, LOCAL_LICENCE, Sidecar
from analysis.narrative.messages import say
from analysis.values import Lang

_LICENCES = {
    "open": re.compile(r"Licence Ouverte (?P<version>\d(?:\.\d)?) \(Etalab\)"),
    "reuse": re.compile(r"Free re-use with attribution \((?P<producer>[^()]+)\)"),
    "announcements": re.compile(r"Public announcements, free to cite"),
    "local": re.compile(re.escape(LOCAL_LICENCE)),
}
"""The kinds of licence in sidecars, each a message ``licence.KIND`` with the places of its expression."""


class Quoted(str):
    """Words quoted as they were written, with their language."""

    lang: Lang

    def __new__(cls, text: str, lang: Lang) -> Quoted:
        """Quote a text."""
        quoted = super().__new__(cls, text)
        quoted.lang = lang
        return quoted


def kind(licence: str) -> str | None:
    """The kind of a licence, as its message is named (``open``, ``reuse``…); None if it is not known."""
    return next((name for name, form in _LICENCES.items() if form.fullmatch(licence.strip())), None)


def licence(text: str, lang: Lang) -> Quoted:
    """A licence in the language of the page; as its sidecar has it, in English, where its kind is not known."""
    known = kind(text)
    if known is None:
        return Quoted(text, "en")
    places = _LICENCES[known].fullmatch(text.strip()).groupdict()
    return Quoted(say(f"licence.{known}", lang, **places), lang)


def title(sidecar: Sidecar, lang: Lang) -> Quoted:
    """The title of a dataset as published, in French; that of a département's own figures in the language of the page."""
    if sidecar.quality != LOCAL:
        return Quoted(sidecar.title, "fr")
    names = say("value.separator", lang).join(file.name for file in sidecar.published)
    return Quoted(say("local.title", lang, file=names), lang)


def cited(sidecars: Iterable[Sidecar], lang: Lang) -> str:
    """Producers and titles of datasets, in a line, each once."""
    pairs = dict.fromkeys((s.producer, title(s, lang)) for s in sidecars)
    return say("source.separator", lang).join(
        say("source.one", lang, producer=producer, title=name) for producer, name in pairs
    )
