"""What must be known of a figure beside its state, as keys: the column ``note`` of every table of figures.

A note holds keys of the closed vocabulary below, with spaces between; the project acts on them (a bound is written "at
least", a break is not compared across, a correction is told). What people write of a figure stands in a column of its own,
``words``, which is shown and never read for a key. A key that is not declared here is refused where figures are read and
where they are written, with its place.

It stands among what everything is built on: it knows no figure and no file. Who marks figures writes with ``joined`` and
``of``, who reads them asks ``keys``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from analysis.foundations import display

WORDS = "words"
"""Column of what people wrote of a figure (who counted, from what); a table in which nobody did may lack it."""

CORRECTED = "corrected"
AT_LEAST = ("at_least", "lower_bound")
AT_MOST = ("bottom_coded",)
WITHHELD = "withheld"
SUM, SUM_OF_COMMUNES = "sum_of_departements", "sum_of_communes"
WITHOUT_MAYOTTE = frozenset({"excluding_mayotte", "excludes_mayotte", "without_mayotte"})
"""The keys of a figure of France that leaves Mayotte out, whatever it counts."""
JUMP = "jump_unexplained"
UNDATED = "undated"
MEDIANS = {"peers": "median_of_peers", "all": "median_of_departements"}
"""The key of a median, which has no territory of its own: of whom it is one."""

BREAKS: Mapping[str, str] = {
    "operators": "what a network operator gives changes at once",
    "accounts": "the accounts enter the spending otherwise",
    "classes": "the same amounts come under another heading",
    "counting": "what is counted, or what it is set against, changes",
    "other_payer": "another public body pays a part of what the territory paid",
    "state_pays": "the State pays in the territory's place",
    "close_years": "its producer advises care between two years so close",
    "vintage": "another edition of the method, which does not continue the one before",
    "perimeter": "the territory was drawn again",
}
"""Kinds of the breaks of a territory's own series, each a key ``break_KIND`` of the first figure after it."""

KEYS: Mapping[str, str] = {
    # what the figure is
    "at_least": "the producer gives it as a minimum: at least so many",
    "lower_bound": "computed from published shares as a minimum: at least so many",
    "bottom_coded": "the producer prints this value for it and for all that is below: so many or less",
    "rounded": "the producer prints it rounded more than the others of its series",
    "estimated_by_producer": "estimated by the producer",
    "half_of_region": "the producer gives each département half of its région's",
    "imprecise": "the model's error is too large for the figure to be published alone",
    "relative_to_all_households": "relative to that of all households, which is 100",
    "published_zero": "the accounts print zero, kept as published",
    "published_negative": "the accounts print a negative amount, kept as published",
    UNDATED: "of a file without a date: its period is the last that it can be of",
    "flagged_by_producer": "the producer marks it with a code that its file does not explain",
    "total_inconsistent": "the published total is not the sum of its parts",
    "other_count": "another way of counting than the rest of its series",
    "other_vintage": "of an earlier publication than the rest of its series",
    CORRECTED: "put right here, or made from a figure that was (corrections.csv)",
    # of whom or of what it is
    SUM: "sum of the départements, computed here",
    SUM_OF_COMMUNES: "sum, or mean, of the communes, computed from a file of theirs",
    MEDIANS["peers"]: "median of the comparable départements",
    MEDIANS["all"]: "median of the départements",
    "excluding_mayotte": "France without Mayotte, in social aid",
    "excludes_mayotte": "France without Mayotte, in the population",
    "without_mayotte": "France without Mayotte, in the labour market",
    "iris_incomplete": "people who live in small communes are not in the file: too low",
    "operators_missing": "some local operators are not in the file",
    "operator_set_aside": "an operator that writes in another unit is left out",
    "rsa_recentralised": "the State pays RSA there",
    # why there is none
    "absent_from_source": "the département is not in the producer's file",
    "accounts_of_city": "the accounts are also those of a city: none is of the département alone",
    "before_its_creation": "the collectivité did not exist yet",
    "after_its_end": "the territory did not exist any more",
    "days_missing": "days of measurement are missing",
    "metropolitan_rates_only": "the rates that the model rests on are of metropolitan France only",
    "counted_twice": "the published file counts its city and the arrondissements of that city both",
    "misallotted": "the published file gives the figures of these months to other départements",
    "no_covariate": "a variable that the model needs is not published there",
    "no_response": "the département did not answer the survey",
    "not_available": "the département gave no such figure to the survey",
    "not_concerned": "the département answered that it is not concerned",
    "not_significant": "the producer calls it not significant",
    "not_split_by_sector": "the operator does not tell dwellings from other sites",
    "published_for_20R": "published for Corsica as a whole only",
    "rsa_not_in_force": "RSA was not in force there yet",
    WITHHELD: "the producer leaves it blank and does not say why: secrecy, or quality",
    "too_few_dpe": "too few energy certificates are registered",
    "zero_means_no_data": "the published zero means that there are no data",
    "zero_published": "the published zero is no figure",
    # where its series breaks
    **{f"break_{kind}": f"first figure after a break of its series: {words}" for kind, words in BREAKS.items()},
    JUMP: "first figure after a jump of its series that nobody has explained",
}  # fmt: skip
"""Every key, and what it says of its figure."""

_PERIOD = r"(?:19|20)\d\d(?:-[\dQS]{2,4})?"
_CODES = r"[0-9A-Z]+(?:_[0-9A-Z]+)*"
_FORMS: Mapping[str, tuple[str, str]] = {
    "published_for_": (
        _CODES,
        "published for these territories, in which it lies or of which it is made, and not for it",
    ),
    "modelled_for_": (
        _CODES,
        "estimated by a model for these territories, in which it lies or of which it is made",
    ),
    "denominator_": (_PERIOD, "the denominator of the rate is of this other year"),
    "factor_": (_PERIOD, "the second factor is of this other year"),
    "register_": (r"[\w-]+", "the entry of existing.csv that says whether it is published elsewhere"),
}
"""Keys that end with something: how they begin, the form of the end, and what the whole says."""


class UnknownKey(display.Refusal, ValueError):
    """A key of a note that the vocabulary does not hold; the message gives the nearest."""


def meanings() -> dict[str, str]:
    """What each key says, by name, for who takes figures away; one that ends with something is written ``denominator_…``."""
    return {**KEYS, **{f"{begins}…": says for begins, (_, says) in _FORMS.items()}}


def keys(note: str) -> list[str]:
    """The keys of a note, in order."""
    return note.split()


def joined(*given: str) -> str:
    """The note that holds some keys, each once, in order; UnknownKey for one that is not declared."""
    for key in given:
        if not _is_known(key):
            raise UnknownKey(_refused(key))
    return " ".join(dict.fromkeys(given))


def of(begins: str, ends: str) -> str:
    """A key that ends with something: ``of("denominator_", "2021")``, ``of("break_", "accounts")``; UnknownKey for none."""
    return joined(begins + ends)


def ends(note: str, begins: str) -> list[str]:
    """How the keys of a note that begin in a way end: ``ends("corrected denominator_2021", "denominator_")``: 2021."""
    return [key.removeprefix(begins) for key in keys(note) if key.startswith(begins)]


def fault(note: object) -> str:
    """What is wrong with a note that was given: its first key that is not declared, with the nearest; empty for nothing."""
    given = keys(note) if isinstance(note, str) else [display.shown(note)]
    return next((_refused(key) for key in given if not _is_known(key)), "")


def faults(given: Iterable[object]) -> dict[object, str]:
    """What is wrong with each of the distinct notes of a column; empty when nothing is."""
    return {note: words for note in dict.fromkeys(given) if (words := fault(note))}


def apart(note: str) -> tuple[str, str]:
    """Note and words of a figure from the one column that held both before there were two (``local: who counted``)."""
    begins = "local:"
    return ("", note.removeprefix(begins).strip()) if note.startswith(begins) else (note, "")


@lru_cache(maxsize=4096)
def _is_known(key: str) -> bool:
    ended = ((begins, form) for begins, (form, _) in _FORMS.items() if key.startswith(begins))
    return key in KEYS or any(re.fullmatch(form, key.removeprefix(begins)) for begins, form in ended)


def _refused(key: str) -> str:
    return (
        f"note: {display.shown(key)} is no key{display.hint(key, meanings())}; a note holds keys of "
        f"{__name__}, and what people write of a figure goes in the column {WORDS}"
    )
