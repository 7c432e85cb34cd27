"""Sentences on designs: who is compared with whom, what was left out and why, and why something was not computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.foundations import territories
from analysis.foundations.values import Lang
from analysis.methods.policies import Description, Reason
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import known, say, say_with


def reason(given: Reason, lang: Lang) -> str:
    """A reason of a design in words: policies by their name, dates as periods, codes by the name of their territory."""
    key = f"design.reason.{given.key}"
    words = {
        "policy": policy_name(given.policy, lang),
        "date": formats.bare_period(given.date, lang) if given.date else say("state.not_given", lang),
        "text": _names(given.text, lang),
    }
    return say_with(words, key, lang)


def policy_name(policy: str, lang: Lang) -> str:
    """A policy of the register by its name; that of a design of one's own as it is."""
    return say(f"design.policy.{policy}", lang) if known(f"design.policy.{policy}", lang) else policy


def _names(text: str, lang: Lang) -> str:
    """Codes in a list as names; any other text as it is."""
    codes = text.split(", ")
    if all(code in territories.CODES for code in codes):
        return formats.listing([territories.get(code).label(lang) for code in codes], lang)
    return text


def design_rows(description: Description, lang: Lang) -> list[Mapping[str, str]]:
    """Who is compared with whom, and with what reserve, a row each: ``kind`` and ``content``."""
    rows = [
        _row("policy", policy_name(description.policy or description.name, lang), lang),
        _row("window", formats.span(description.first, description.last, lang), lang),
    ]
    if description.general:
        rows.append(_row("general", formats.bare_period(description.general, lang), lang))
    if description.anticipation:
        months = formats.quantity(description.anticipation, "month", lang)
        rows.append(_row("anticipation", say("effect.design.anticipation_months", lang, months=months), lang))
    rows += [
        _members("treated", reason(group.reason, lang), group.codes, lang) for group in description.treated
    ]
    rows.append(_members("controls", say("effect.design.untreated", lang), description.controls, lang))
    rows += [
        _members(kind, reason(group.reason, lang), group.codes, lang)
        for kind in ("left_out", "flagged", "dropped")
        for group in getattr(description, kind)
    ]
    return rows + [_row("caution", reason(caution, lang), lang) for caution in description.cautions]


def _row(kind: str, content: str, lang: Lang, **count: str) -> Mapping[str, str]:
    return {"kind": say(f"effect.design.{kind}", lang, **count), "content": formats.capital(content)}


def _members(kind: str, why: str, codes: Sequence[str], lang: Lang) -> Mapping[str, str]:
    if kind == "dropped":
        names = [formats.bare_period(code, lang) for code in codes]
    else:
        names = [territories.get(code).label(lang) for code in codes]
    listed = formats.listing(names, lang) if names else say("effect.table.none", lang)
    content = say("effect.design.members", lang, reason=formats.capital(why), members=listed)
    return _row(kind, content, lang, n=str(len(codes)))


def refused(key: str, lang: Lang) -> str:
    """Why something was not computed (a key of ``estimation.sample.ReasonKey``), in words."""
    return reason(Reason(key), lang) if key else say("effect.no_reason", lang)
