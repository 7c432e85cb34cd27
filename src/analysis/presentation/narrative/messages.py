"""The words of the reports, in ``narrative.po`` (see ``translations.Words``).

Every sentence that a reader meets is a message. Numbers, dates and names arrive already written by ``formats``: a message is
given text, never a number, so that no figure can reach a reader in the wrong language or with too many decimals.

Messages hold no HTML and no figure. This module knows neither values nor results: it stands at the foot of the
narrative, below ``formats`` and ``sentences``.
"""

from __future__ import annotations

from analysis.foundations.translations import Words

_WORDS = Words("narrative.po")
known, message, say, say_with = _WORDS.known, _WORDS.message, _WORDS.say, _WORDS.say_with
