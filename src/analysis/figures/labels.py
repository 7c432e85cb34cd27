"""Labels of a figure broken to a width.

It knows pixels, not figures.
"""

from __future__ import annotations

from analysis.figures.style import TEXT, text_width


def wrap(text: str, width: float, size: int = TEXT, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than ``width`` where it can be: at spaces, then after hyphens."""
    lines = [""]
    for word in text.replace("-", "-\0").replace(" ", " \0").split("\0"):
        if lines[-1] and text_width((lines[-1] + word).rstrip(), size, bold) > width:
            lines.append("")
        lines[-1] += word
    return [line.rstrip() for line in lines]
