"""A figure as a reader receives it: the drawing, what it shows in one sentence, what is drawn, and its table.

``Figure`` is the only thing that writes the HTML of a drawing. The image is embedded, so a report needs nothing else;
its finding is the alternative text, and the long description and the data stand under it, one click away. Everything
is escaped. Charts are drawn by the other modules of this package.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from html import escape

from analysis.narrative.messages import say
from analysis.tables import Table
from analysis.values import Lang


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
        image = base64.b64encode(self.svg).decode()
        width, height = re.search(rb'width="(\d+)" height="(\d+)"', self.svg).groups()
        source = say("figure.source", self.lang, source=self.source) if self.source else ""
        return (
            f'<figure id="fig-{escape(self.key)}" class="figure chart"><figcaption>{escape(self.title)}</figcaption>'
            f'<img src="data:image/svg+xml;base64,{image}" alt="{escape(self.alt)}" '
            f'width="{int(width)}" height="{int(height)}">'
            + (f'<p class="source">{escape(source)}</p>' if source else "")
            + f"<details><summary>{escape(say('figure.details', self.lang))}</summary>"
            f"<p>{escape(self.description)}</p>{self.table.html()}</details></figure>"
        )
