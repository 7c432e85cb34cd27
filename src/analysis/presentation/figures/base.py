"""A figure as a reader receives it: the drawing, what it shows in one sentence, what is drawn, and its table.

``Figure`` is the only thing that writes the HTML of a drawing. The drawing is SVG within the page, once for a column and
once for a narrow screen: the style of the page shows the one that fits, and where there is none the first is shown. Its
finding is the alternative text, and the long description and the data stand under it, one click away. Everything is
escaped. Charts are drawn by the other modules of this package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from analysis.estimation.comparison import Position
from analysis.foundations import territories, values
from analysis.foundations.values import Lang, Value
from analysis.presentation.figures.labels import wrap
from analysis.presentation.figures.style import MUTED, NARROW, WIDTH, Page
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.presentation.tables import Column, Table


class AtWidth:
    """What is drawn at a width of its own: that of a column, or of a narrow screen."""

    width: int

    @property
    def beside(self) -> bool:
        """Whether names and keys stand beside the marks; on a narrow screen they are over or under them."""
        return self.width == WIDTH


@dataclass(frozen=True, repr=False)
class Figure:
    """A drawing with its words.

    Attributes
    ----------
    key : str
        Name of the figure in the page, unique there.
    title : str
        What is measured, with its unit.
    svg : bytes
        The drawing for a column (``WIDTH``).
    narrow : bytes
        For a narrow screen (``NARROW``), see ``drawings``.
    alt : str
        The finding, in a sentence or two.
    description : str
        What is drawn, and how it reads.
    table : Table
        The data behind the drawing.
    source : str
        Producers and titles, in a line; may be empty. Under the drawing stand its ``producers`` when it has some.
    """

    key: str
    title: str
    svg: bytes
    narrow: bytes
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
            + self._framed()
            + self._source(getattr(self.source, "producers", self.source))
            + f"<details><summary>{escape(say('figure.details', self.lang))}</summary>"
            f"<p>{escape(self.description)}</p>{self._titles()}{self.table.html()}</details></figure>"
        )

    def _framed(self) -> str:
        """The drawings in their frame; how its marks are gone through is the script's to say."""
        words = escape(self.alt)
        wide, narrow = (
            f'<svg role="img" aria-label="{words}"{drawing.decode().removeprefix("<svg")}'
            for drawing in (self.svg, self.narrow)
        )
        return (
            f'<div class="frame" data-hint="{escape(say("figure.walked", self.lang))}">'
            f'<div class="wide">{wide}</div><div class="narrow" hidden>{narrow}</div></div>'
        )

    def _titles(self) -> str:
        """What the drawing is drawn from, title by title, where only the producers stand under it."""
        return (
            self._source(self.source) if getattr(self.source, "producers", self.source) != self.source else ""
        )

    def _source(self, words: str) -> str:
        """Producers and titles, which are quoted: French in an English page too."""
        if not words:
            return ""
        quoted = escape(words) if self.lang == "fr" else f'<span lang="fr">{escape(words)}</span>'
        told = escape(say("figure.source", self.lang, source="\0")).replace("\0", quoted)
        return f'<p class="source">{told}</p>'


def dated(indicator: str, period: str, lang: Lang, note: str = "") -> str:
    """The title of a figure: what is measured and when, where there is a period."""
    label = sentences.label(indicator, lang)
    return say("chart.dated", lang, label=label, when=formats.when(period, note, lang)) if period else label


def drawings(draw: Callable[[int], bytes]) -> dict[str, bytes]:
    """Both drawings of a figure, from what draws it at a width: ``Figure(**drawings(draw), …)``."""
    return {"svg": draw(WIDTH), "narrow": draw(NARROW)}


def nothing(lang: Lang, width: int = WIDTH) -> bytes:
    """The drawing of a figure without any figure to show: a sentence."""
    page = Page(60, width)
    lines = wrap(say("chart.nothing", lang), width - 16)
    for i, words in enumerate(lines):
        page.text(8, 30 + 9 * (len(lines) - 1) - 18 * i, words, colour=MUTED)
    return page.svg()


def named(label: str, value: Value, lang: Lang) -> str:
    """The name of a mark: what it stands for, its figure with its state and its interval."""
    return say("chart.absent", lang, name=label, state=formats.format_value(value, lang))


def named_at(when: str, names: Sequence[str], lang: Lang) -> str:
    """The name of a place where several marks stand: when, then each."""
    return say(
        "chart.absent", lang, name=formats.capital(when), state=say("value.separator", lang).join(names)
    )


def named_departement(value: Value, lang: Lang) -> str:
    """The name of the mark of a département: its name and code, and its figure."""
    place = territories.get(value.territory)
    return named(f"{place.label(lang)} ({place.code})", value, lang)


def is_modelled(position: Position) -> bool:
    """Whether a model gives the figures of a cross-section."""
    return position.value.state == "modelled" or values.dictionary()[position.indicator].modelled


def figures_of(position: Position) -> dict[str, Value]:
    """The figure of each territory of the level, in their official order, with its state."""
    state = "modelled" if is_modelled(position) else "observed"
    bare = {
        str(code): Value(position.indicator, str(code), position.period, float(amount), None, None, state)
        for code, amount in position.values.items()
    }
    known = bare | {**position.missing} | {**position.figures} | {position.territory: position.value}
    return {code: known[code] for code in territories.of_level(position.level) if code in known}


def departements_table(key: str, caption: str, position: Position, lang: Lang) -> Table:
    """The territories in their official order, never in that of their figures; those without one say so."""
    rows = [
        {"name": territories.get(code).label(lang), "code": code, "value": value}
        for code, value in figures_of(position).items()
    ]
    unit = values.dictionary()[position.indicator].unit
    columns = [
        Column("name", say("table.level", lang, position.level), "text"),
        Column("code", say("table.code", lang), "text"),
        Column("value", say("table.value", lang), unit=unit),
    ]
    return Table(key, caption, columns, rows, lang)
