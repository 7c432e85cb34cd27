"""A cell of a table to take away: text that no spreadsheet takes for a formula.

Whoever opens a CSV runs what its cells begin with, and a spreadsheet may guess another separator than ours: a text that
holds one has more beginnings than its own. Numbers stay numbers. Every CSV for readers is written through here.
Source: OWASP, CSV injection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_STARTS = "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
"""What a formula begins with, in full width and small forms too, which some spreadsheets read alike."""
_BREAKS = ";,|\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
"""Where a spreadsheet may begin another cell or line, whatever separates ours."""
_UNSEEN = (
    "\\x00-\\x08\\x0e-\\x1b\\x1f\\x7f-\\x84\\x86-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180e\\u200b-\\u200f"
    "\\u202a-\\u202e\\u2060-\\u206f\\u2800\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0"
)
"""Characters that nobody sees, which it may pass over before a formula like spaces and quotes."""

_BEGINS = re.compile(f'(?:^|(?<=[{_BREAKS}]))(?=(?:[^\\S{_BREAKS}]|["{_UNSEEN}])*[{_STARTS}])')
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?")


def plain(text: str) -> str:
    """A text as a cell: an apostrophe before what would begin a formula, in it or after a separator in it."""
    return text if _NUMBER.fullmatch(text) else _BEGINS.sub("'", text)


def row(cells: Iterable[object]) -> list[object]:
    """A row as it is written: its texts as cells, what is no text as it is."""
    return [plain(cell) if isinstance(cell, str) else cell for cell in cells]
