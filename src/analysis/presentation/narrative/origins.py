"""Where figures come from, in the words of a page's language: title, licence and vintage of a dataset, producers in a line.

A sidecar holds what its producer wrote, in the language in which it was written: a title is quoted, and the kinds of licence
and of vintage that the project knows are messages. What is not known is given as it is written, in no other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from analysis.data.catalogue import LOCAL, LOCAL_LICENCE, Sidecar
from analysis.foundations.levels import DEPARTEMENT, Level
from analysis.foundations.translations import typeset
from analysis.foundations.values import Lang
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say

_LICENCES = {
    "open": re.compile(r"Licence Ouverte (?P<version>\d(?:\.\d)?) \(Etalab\)"),
    "reuse": re.compile(r"Free re-use with attribution \((?P<producer>[^()]+)\)"),
    "announcements": re.compile(r"Public announcements, free to cite"),
    "local": re.compile(re.escape(LOCAL_LICENCE)),
}
"""The kinds of licence in sidecars, each a message ``licence.KIND`` with the places of its expression."""

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WHEN = rf"(?:\d{{4}}(?:-\d\d(?!\d)|-S[12]|[- ]Q[1-4])?|(?:{'|'.join(_MONTHS)}) \d{{4}})"
_YEARS = r"\d{4}-\d{4}"
_DAY = rf"(?:\d{{4}}-\d\d-\d\d|\d{{1,2}} (?:{'|'.join(_MONTHS)}) \d{{4}})"
_VINTAGES = {
    "one": re.compile(rf"(?P<when>{_WHEN}|{_YEARS})"),
    "range": re.compile(rf"(?P<first>{_WHEN}) (?:–|to) (?P<last>{_WHEN})"),
    "dated": re.compile(rf"(?P<when>{_WHEN}|{_YEARS}) \((?P<day>{_DAY})\)"),
    "range_dated": re.compile(rf"(?P<first>{_WHEN}) – (?P<last>{_WHEN}) \((?P<day>{_DAY})\)"),
    "day": re.compile(rf"(?P<day>{_DAY})"),
    "published": re.compile(rf"published (?P<first>{_WHEN}) to (?P<last>{_WHEN})"),
    "undated": re.compile(rf"undated, (?P<when>{_WHEN}) at the latest"),
    "census_alone": re.compile(r"census (?P<year>\d{4})"),
    "pair": re.compile(rf"(?P<first>{_WHEN}) and (?P<last>{_WHEN})"),
    "base": re.compile(rf"(?:(?P<when>{_YEARS}) base|base of (?P<month>{_WHEN}))"),
    "provisional": re.compile(rf"(?P<when>{_WHEN}) provisional"),
    "census": re.compile(r"census (?P<year>\d{4}), (?P<other>\w{1,40} \d{4})"),
    "method": re.compile(r"(?P<name>[\w-]{1,40}) method of (?P<year>\d{4})"),
    "named": re.compile(rf"(?P<name>[A-Z]{{1,40}}) (?P<first>{_WHEN}) (?:–|to) (?P<last>{_WHEN})"),
    "ended": re.compile(
        rf"(?P<when>{_YEARS}) \(the producer publishes (?P<year>\d{{4}}) and after under another method\)"
    ),
    "housing": re.compile(
        rf"publications (?P<first>{_YEARS}) and (?P<last>{_YEARS}): census (?P<census>{_YEARS}), "
        rf"social dwellings 1 January (?P<social>{_YEARS})"
    ),
}
"""The kinds of vintage in sidecars, each a message ``vintage.KIND``; a period among their places is worded."""


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


def licence(text: str, lang: Lang, level: Level = DEPARTEMENT) -> Quoted:
    """A licence in the language of the page; as its sidecar has it, in English, where its kind is not known.

    ``level`` is that of the territory whose page it is, which holds its own figures.
    """
    known = kind(text)
    written = _LICENCES[known].fullmatch(text.strip()) if known else None
    if written is None:
        return Quoted(text, "en")
    return Quoted(say(f"licence.{known}", lang, level, **written.groupdict()), lang)


def vintage(text: str, lang: Lang) -> Quoted:
    """A vintage in the language of the page; as its sidecar has it, in English, where its kind is not known."""
    for known, form in _VINTAGES.items():
        if match := form.fullmatch(text.strip()):
            places = {key: _worded(part, lang) for key, part in match.groupdict().items() if part}
            if month := places.pop("month", None):
                places["when"] = month
            return Quoted(say(f"vintage.{known}", lang, **places), lang)
    return Quoted(text, "en")


def _worded(part: str, lang: Lang) -> str:
    """A period of a vintage as readers write it; anything else as it is."""
    if written := re.fullmatch(rf"(?:(\d{{1,2}}) )?({'|'.join(_MONTHS)}) (\d{{4}})", part):
        day, month, year = written.groups()
        part = f"{year}-{_MONTHS.index(month) + 1:02d}{f'-{int(day):02d}' if day else ''}"
    if re.fullmatch(_DAY, part):
        return formats.date_words(part, lang)
    if not re.fullmatch(_WHEN, part):
        return part
    return formats.bare_period(part.replace(" Q", "-Q"), lang)


def title(sidecar: Sidecar, lang: Lang, level: Level = DEPARTEMENT) -> Quoted:
    """The title of a dataset as published, in French; that of a territory's own figures in the language of its page."""
    if sidecar.quality != LOCAL:
        return Quoted(typeset(sidecar.title, "fr"), "fr")
    names = say("value.separator", lang).join(file.name for file in sidecar.published)
    return Quoted(say("local.title", lang, level, file=names), lang)


class Cited(str):
    """Producers and titles of datasets, in a line, with the producers alone for where a line is too long."""

    producers: str


def producer(sidecar: Sidecar) -> str:
    """The producer of a dataset, as French is set: its name is quoted, whatever the language of the page."""
    return typeset(sidecar.producer, "fr")


def cited(sidecars: Iterable[Sidecar], lang: Lang, level: Level = DEPARTEMENT) -> Cited:
    """Producers and titles of datasets, in a line, each once."""
    pairs = dict.fromkeys((producer(s), title(s, lang, level)) for s in sidecars)
    separator = say("source.separator", lang)
    line = Cited(separator.join(say("source.one", lang, producer=who, title=name) for who, name in pairs))
    line.producers = separator.join(dict.fromkeys(who for who, _ in pairs))
    return line
