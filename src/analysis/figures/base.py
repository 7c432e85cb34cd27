"""A figure as a reader receives it: the drawing, what it shows in one sentence, what is drawn, and its table.

``Figure`` is the only thing that writes the HTML of a drawing. The image is embedded, so a report needs nothing else;
its finding is the alternative text, and the long description and the data stand under it, one click away. It stands in
a frame of its own, which scrolls sideways on a narrow screen rather than make its text too small to read. Everything is
escaped. Charts are drawn by the other modules of this package.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from analysis import territories, values
from analysis.figures.style import MUTED, Page
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.tables import Column, Table
from analysis.values import Lang, Value


@dataclass(frozen=True, repr=False)
class Figure:
    """A drawing with its words.

    Attributes:
        key: name of the figure in the page, unique there.
        title: what is measured, with its unit; alt: the finding, in a sentence or two.
        description: what is drawn, and how it reads.
        table: the data behind the drawing. source: producers and vintages, in a line; may be empty.
    """

    key: str
    title: str
    svg: bytes
    alt: str
    description: str
    table: Table
    source: str
    lang: Lang

    def __repr__(self) -> str:
        return f"<Figure {self.key}: {self.title}>"

    def _repr_html_(self) -> str:
        name = f"fig-{escape(self.key)}"
        return (
            f'<figure id="{name}" class="figure chart"><figcaption id="{name}-title">{escape(self.title)}</figcaption>'
            + self._framed(f"{name}-title")
            + (f'<p class="source">{self._source()}</p>' if self.source else "")
            + f"<details><summary>{escape(say('figure.details', self.lang))}</summary>"
            f"<p>{escape(self.description)}</p>{self.table.html()}</details></figure>"
        )

    def _framed(self, title: str) -> str:
        """The image in its frame: a group, since a landmark for each would be too many; the hint is the style's to show."""
        image = base64.b64encode(self.svg).decode()
        width, height = re.search(rb'width="(\d+)" height="(\d+)"', self.svg).groups()
        return (
            f'<div class="frame" tabindex="0" role="group" aria-labelledby="{title}" '
            f'data-hint="{escape(say("figure.scrolls", self.lang))}">'
            f'<img src="data:image/svg+xml;base64,{image}" alt="{escape(self.alt)}" '
            f'width="{int(width)}" height="{int(height)}"></div>'
        )

    def _source(self) -> str:
        """Producers and titles, which are quoted: French in an English page too."""
        quoted = escape(self.source) if self.lang == "fr" else f'<span lang="fr">{escape(self.source)}</span>'
        return escape(say("figure.source", self.lang, source="\0")).replace("\0", quoted)


def dated(indicator: str, period: str, lang: Lang) -> str:
    """The title of a figure: what is measured and when, where there is a period."""
    label = sentences.label(indicator, lang)
    return say("chart.dated", lang, label=label, when=formats.bare_period(period, lang)) if period else label


def nothing(lang: Lang) -> bytes:
    """The drawing of a figure without any figure to show: a sentence."""
    page = Page(60)
    page.text(8, 30, say("chart.nothing", lang), colour=MUTED)
    return page.svg()


def departements_table(
    key: str,
    caption: str,
    indicator: str,
    period: str,
    figures: Mapping[str, float | Value],
    modelled: bool,
    lang: Lang,
) -> Table:
    """The 101 départements in their official order, never in that of their figures; those without one say so."""
    state = "modelled" if modelled else "observed"
    rows = []
    for code in territories.DEPARTEMENTS:
        found = figures.get(code)
        if not isinstance(found, Value):
            amount = None if found is None else float(found)
            found = Value(
                indicator, code, period, amount, None, None, "unavailable" if found is None else state
            )
        rows.append({"name": territories.get(code).label(lang), "code": code, "value": found})
    unit = values.dictionary()[indicator].unit
    columns = [
        Column("name", say("table.departement", lang), "text"),
        Column("code", say("table.code", lang), "text"),
        Column("value", say("table.value", lang), unit=unit),
    ]
    return Table(key, caption, columns, rows, lang)
