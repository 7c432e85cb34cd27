"""What a report notebook works with: one territory, one language, and the project's figures.

``open_report("67")`` gives an object whose methods are the sections of a report: key figures, a trend, a position among
départements, comparable départements, what cannot be evaluated, sources. Each reads the panel, asks ``estimation`` for a
result, ``narrative`` for its words, ``figures`` and ``tables`` for what is shown, and returns it; a cell of the notebook is
one call. A missing figure gives a sentence, never a hole and never an error.

Nothing is computed here, and no sentence is written here: it conducts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, wraps
from typing import ParamSpec, TypeVar

import pandas as pd

from analysis import asked, figures, territories, values
from analysis.catalogue import Catalogue
from analysis.display import Refusal, hint, listed
from analysis.estimation import comparison, trends
from analysis.figures.base import dated
from analysis.files import DataError
from analysis.narrative import formats, messages, origins, sentences
from analysis.narrative import trends as wording
from analysis.narrative.messages import message, say
from analysis.panel import Panel
from analysis.periods import period
from analysis.reports import appendix, levels, lines, shared
from analysis.reports.blocks import Folded, Heading, Prose, Shown, Stack, prose, stack
from analysis.reports.edition import COUNTRY
from analysis.reports.modelled import Model
from analysis.tables import Column, Table
from analysis.values import VALUED_STATES, Lang, UnknownIndicator, Value, dictionary


def open_report(
    territory: str, lang: Lang = "fr", panel: Panel | None = None, peers: Sequence[str] | None = None
) -> Report:
    """A report on a département, in French or English, on the project's panel or on one of yours.

    Args:
        territory: a code or a name, or France for a national report; an unknown one is refused with the nearest.
        panel: the project's when None; ``Panel.plus`` gives one with figures of your own.
        peers: the départements to compare with, as you choose them; those nearest on context when None.
    """
    code = asked.territory(territory)
    if code != COUNTRY:
        code = asked.territory(territory, "departement")
    report = Report(territories.get(code), values.language(lang), Panel.open() if panel is None else panel)
    if peers is not None:
        report.peers = comparison.own_peers(code, peers, *report.context)
    return report


Asked, Given = ParamSpec("Asked"), TypeVar("Given")


def section(show: Callable[Asked, Given]) -> Callable[Asked, Given]:
    """A section of a report: it is worded by the dictionary of the report's panel, definitions of one's own included."""

    @wraps(show)
    def shown(*args: Asked.args, **options: Asked.kwargs) -> Given:
        with values.using(args[0].panel.defined):
            return show(*args, **options)

    return shown


class Report:
    """One département and the sections of its reports. Made by ``open_report``.

    Indicators, periods and territories are read as ``Panel`` reads them, and refused at the call. A section that is of a
    département among others cannot be asked of a report on France. ``used`` and ``tables`` hold the indicators and the
    reference tables that were shown, in order.
    """

    def __init__(self, territory: territories.Territory, lang: Lang, panel: Panel) -> None:
        self.territory = territory
        self.lang: Lang = lang
        self.panel = self._published = panel
        self._modelled: dict[frozenset[str], pd.DataFrame] = {}
        self.used: dict[str, None] = {}
        self.tables: dict[str, None] = {}
        self._common: dict[str, object] = {}
        self._told: set[tuple[str, str | None]] = set()

    def __repr__(self) -> str:
        return f"<Report: {self.territory.name} ({self.territory.code}), {self.lang}>"

    # ---------------------------------------------------------------------------------------------- what is common

    @cached_property
    def catalogue(self) -> Catalogue:
        """The datasets behind the panel."""
        return Catalogue()

    def common(self, name: str, compute: shared.Compute, *args: object, gives: object = None) -> object:
        """What ``compute`` makes of the published figures, the same for every territory (see ``shared``)."""
        if name not in self._common:
            self._common[name] = shared.common(name, compute, self._published, *args, gives=gives)
        return self._common[name]

    def modelled(self, model: Model) -> tuple[pd.DataFrame, object]:
        """What a model of the project gives: its figures for every département, and what they rest on."""
        return self.common(model.name, model.compute, gives=model.gives)

    def add(self, rows: pd.DataFrame) -> None:
        """Take modelled figures (columns of the panel) in beside the published ones; given again, they replace the first."""
        self._modelled[frozenset(rows["indicator"])] = rows
        self.panel = self._published
        for added in self._modelled.values():
            self.panel = self.panel.plus(added)

    def say(self, key: str, **values: object) -> str:
        """A message of the catalogue in the report's language, the names of the territory and of its level given."""
        names = {"place": self.territory.name_in(self.lang), "of": self.territory.name_of(self.lang)}
        names |= {"the": self.territory.name_the(self.lang), "name": self.territory.label(self.lang)}
        needed = _needed(key, self.lang, names | values)
        return say(key, self.lang, self.territory.kind, **needed)

    def heading(self, key: str, level: int = 2, **values: object) -> Heading:
        """A heading that names the territory: the message ``heading.KEY``."""
        return Heading(formats.capital(self.say(f"heading.{key}", **values)), level)

    def use(self, indicator: str) -> None:
        """Record that an indicator is shown, for the definitions and the sources."""
        self.used[self.name(indicator)] = None

    def name(self, indicator: str) -> str:
        """Name of an indicator of the panel's dictionary; UnknownIndicator gives the nearest ones."""
        return asked.indicator(indicator, self.panel.dictionary)

    def use_dataset(self, name: str) -> None:
        """Record that a reference table is shown, for the sources; DataError when there is none of that name."""
        if name not in self.catalogue:
            raise DataError(
                f"no dataset {name!r}{hint(name, self.catalogue)}; `pacte data check` lists those there are"
            )
        self.tables[name] = None

    def value(self, indicator: str, at: str | None = None, territory: str | None = None) -> Value:
        """One figure; by default that of the period that is spoken of (``Panel.latest``)."""
        self.use(indicator)
        return self.panel.value(indicator, self.territory.code if territory is None else territory, at)

    def has(self, indicator: str) -> bool:
        """Whether this territory has a figure for an indicator."""
        return self.value(indicator).known

    @cached_property
    def peers(self) -> comparison.Peers:
        """The comparable départements (parameters ``peers``); none where the context that they are found on is not known."""
        self._among_others("comparable")
        rules, (context, periods) = self.catalogue.parameters("peers"), self.context
        if context.loc[list(territories.METROPOLITAN)].isna().any(axis=None):
            return comparison.own_peers(self.territory.code, (), context, periods)
        scaled = context
        for name in rules["logarithm"]:
            scaled = comparison.with_log(scaled, name)
        found = comparison.find_peers(scaled, self.territory.code, periods, rules["number"])
        return comparison.on_scale(found, context)

    @cached_property
    def context(self) -> tuple[pd.DataFrame, Mapping[str, str]]:
        """The figures on which départements are compared (département × indicator), with the period of each."""
        periods = self.catalogue.parameters("peers")["indicators"]
        columns = {
            name: self.panel.cross_section(name, at).set_index("territory")["value"]
            for name, at in periods.items()
        }
        return pd.DataFrame(columns), periods

    def _among_others(self, what: str) -> None:
        """Refuse what is asked of a département when the report is on the country."""
        if self.is_country:
            raise Refusal(
                f"{what}: of a département, and this report is on {self.territory.name}; open_report('67') has it"
            )

    @property
    def is_country(self) -> bool:
        """Whether the report is on the country, which stands among no others."""
        return self.territory.code == COUNTRY

    def source(self, *indicators: str, at: str | None = None, own: bool = False) -> str:
        """Producers and titles of the datasets behind indicators, in a line; those of one period when it is given.

        ``own``: with what the département gave itself.
        """
        here = self.territory.code if own else None
        names = sorted(
            {name for indicator in indicators for name in self.panel.datasets(indicator, at, here)}
        )
        known = [self.catalogue.sidecar(name) for name in names if name in self.catalogue]
        return origins.cited(known, self.lang)

    # -------------------------------------------------------------------------------------------------- first screen

    @section
    def summary(self, *indicators: str) -> Prose:
        """What was found: for each indicator its level and where it stands, in a sentence or two."""
        self._told |= {(self.name(name), self.value(name).period) for name in indicators}
        return prose(*(self._finding(name) for name in indicators), kind="summary", listed=True)

    def told(self, value: Value) -> bool:
        """Whether the summary said the level of an indicator at a period, so that no other section says it again."""
        return (value.indicator, value.period) in self._told

    def _finding(self, indicator: str, at: str | None = None) -> str:
        value = self.value(indicator, at)
        if not value.known:
            return sentences.missing(value, self.lang)
        words = [sentences.level(value, self.lang)]
        if lines.is_own(value):
            words.append(say("local.alone", self.lang))
        elif dictionary().comparable(indicator) and not self.is_country:
            words.append(sentences.position(self._position(indicator, value.period), self.lang))
        elif found := self._summary(indicator):
            ends_there = found.main.last == value
            words = [*([] if ends_there else words), wording.trend(found, self.lang)]
        return " ".join([*words, *self._newer(indicator, at)])

    def _newer(self, indicator: str, at: str | None = None) -> list[str]:
        """A sentence on a figure of this territory after the period that is spoken of; none when another is asked for."""
        newer = self.panel.newer(indicator, self.territory.code) if at is None else None
        return [sentences.newer(newer, self.lang)] if newer else []

    def _summary(self, indicator: str) -> trends.Trend | None:
        return self._moved(self._series(indicator), indicator)

    def _moved(self, series: pd.DataFrame, indicator: str) -> trends.Trend | None:
        """How a series moved; amounts of money in euros of its last year."""
        prices = trends.prices(self.catalogue.parameters("prices"))
        return trends.trend(series, dictionary()[indicator], prices)

    def _series(self, indicator: str) -> pd.DataFrame:
        """The published figures of this territory in order of time; without any, those that it gave itself."""
        published = self.panel.published(indicator, territory=self.territory.code)
        known = published["state"].isin(VALUED_STATES).any()
        return published if known else self.panel.series(indicator, self.territory.code)

    def _position(self, indicator: str, at: str | None) -> comparison.Position:
        return comparison.position(self.panel.cross_section(indicator, at), self.territory.code)

    # ---------------------------------------------------------------------------------------------------- levels

    @section
    def key_figures(self, *indicators: str, caption: str = "key_figures") -> Table:
        """A table of levels: this territory, its région, France, the median of the peers; each with its period.

        ``caption`` is the end of the key of a message ``caption.…``.
        """
        if not indicators:
            raise UnknownIndicator(
                "key_figures: no indicator is named; name one at least, such as rate_poverty_60"
            )
        names = tuple(self.name(one) for one in indicators)
        return levels.key_table(self, names, self.say(f"caption.{caption}"))

    # ------------------------------------------------------------------------------------------------- over time

    @section
    def trend(self, indicator: str, since: str | None = None, beside: Sequence[str] = ()) -> Stack:
        """How a level moved, beside the région, France and the peers; a sentence, then the figure.

        ``since`` is the first period shown. With ``beside``, the other lines are those of the territories that it names,
        each with its level: two départements on one figure.
        """
        indicator = self.name(indicator)
        self.use(indicator)
        others = [asked.territory(one) for one in asked.several(beside)]
        own = lines.since(self._series(indicator), since)
        if own["state"].isin(VALUED_STATES).sum() < 2:
            return stack([prose(*self._no_trend(indicator))])
        summary = self._moved(own, indicator)
        words = wording.trend(summary, self.lang) if summary else self._no_trend(indicator)[0]
        figure = figures.trend(
            lines.beside(self, indicator, own, others) if others else lines.compared(self, indicator, own),
            key="_".join(("trend", indicator, *others)), indicator=indicator, lang=self.lang,
            summary=summary, source=self.source(indicator, own=lines.all_own(own)),
        )  # fmt: skip
        levels = [sentences.level(self.panel.value(indicator, code), self.lang) for code in others]
        said = [] if self._told_moving(indicator) else [words, *self._newer(indicator)]
        return stack([prose(*said, *levels), figure])

    def _told_moving(self, indicator: str) -> bool:
        """Whether the summary said how a level moved: it does of a number of people, which has no place among others."""
        value = self.value(indicator)
        return self.told(value) and not lines.is_own(value) and not dictionary().comparable(indicator)

    def _no_trend(self, indicator: str) -> tuple[str, ...]:
        value = self.value(indicator)
        if not value.known:
            return (sentences.missing(value, self.lang),)
        none = wording.no_trend(indicator, self.territory.code, self.lang)
        return sentences.level(value, self.lang), none, *self._newer(indicator)

    @property
    def is_its_region(self) -> bool:
        """Whether the département is the whole of its région, as overseas."""
        return len(territories.departements_of(self.territory.region)) == 1

    # --------------------------------------------------------------------------------------------- among the others

    @section
    def standing(self, indicator: str, at: str | None = None) -> Stack:
        """Where a level stands among the départements, in one drawing; the map of the same figures is folded under it.

        The drawing is the funnel where the level is a proportion of people who are counted, since it shows what chance alone
        would do; else the distribution.
        """
        words, found = self._placed(indicator, at)
        if found is None:
            return stack([prose(*words)])
        spread = self._spread(found.indicator, found.period)
        drawn = self._strip(found) if isinstance(spread, str) else self._funnel(spread)
        told = "" if isinstance(spread, str) else sentences.funnel(spread, self.lang)
        return stack([prose(*words, told), drawn, Folded(say("folded.map", self.lang), self._map(found))])

    @section
    def position(self, indicator: str, at: str | None = None) -> Stack:
        """Where a level stands among the départements: sentences, then the distribution.

        What the summary told of the level is not told again.
        """
        words, found = self._placed(indicator, at)
        return stack([prose(*words), self._strip(found) if found else None])

    def _placed(self, indicator: str, at: str | None) -> tuple[list[str], comparison.Position | None]:
        """What is said of a level among the others, and its place; no place where it cannot be compared, which is said."""
        self._among_others("position")
        indicator = self.name(indicator)
        value = self.value(indicator, at)
        if lines.is_own(value):
            return [self._finding(indicator, at)], None
        found = self._position(indicator, value.period)
        if found.n == 0:
            return [sentences.missing(value, self.lang)], None
        told = self.told(value)
        words = [] if told else [self._finding(indicator, value.period), *self._newer(indicator, at)]
        return [*words, levels.gaps(self, value), sentences.coverage(found, self.lang)], found

    def _strip(self, found: comparison.Position) -> figures.Figure:
        national = self.panel.reference(found.indicator, found.period)
        return figures.distribution(
            found, peers=self.peers.codes, key=f"position_{found.indicator}", lang=self.lang,
            reference=self.panel.value(found.indicator, national, found.period) if national else None,
            source=self.source(found.indicator, at=found.period),
        )  # fmt: skip

    @section
    def funnel(self, indicator: str, at: str | None = None) -> Stack:
        """Whether a proportion lies outside the usual spread between départements, given its size; or why none is drawn."""
        self._among_others("funnel")
        indicator = self.name(indicator)
        self.use(indicator)
        found = self._spread(indicator, at)
        if isinstance(found, str):
            return stack([prose(found)])
        return stack([prose(sentences.funnel(found, self.lang)), self._funnel(found)])

    def _spread(self, indicator: str, at: str | None) -> comparison.Funnel | str:
        """The usual spread of a proportion given its size, or why there is none."""
        entry = dictionary()[indicator]
        section = self.panel.cross_section(indicator, self._spoken_of(indicator, at))
        when = str(section["period"].iloc[0])
        known = section[section["state"].isin(VALUED_STATES)].set_index("territory")["value"]
        if known.empty:
            return sentences.missing(self.value(indicator, at), self.lang)
        near = self._nearest(entry.population, when) if entry.population else None
        if near is None:
            return sentences.no_funnel(indicator, "size", self.lang)
        sizes = self.panel.cross_section(entry.population, near).set_index("territory")["value"]
        if reason := comparison.no_funnel(known, sizes):
            return sentences.no_funnel(indicator, reason, self.lang)
        return comparison.funnel(known, sizes, self.territory.code, indicator, when)

    def _funnel(self, found: comparison.Funnel) -> figures.Figure:
        return figures.funnel(
            found, peers=self.peers.codes, key=f"funnel_{found.indicator}", lang=self.lang,
            source=self.source(found.indicator, at=found.period),
        )  # fmt: skip

    def _spoken_of(self, indicator: str, at: str | None) -> str | None:
        """The period asked for, else that of the level of this territory: every section speaks of the same."""
        value = self.value(indicator, at)
        return value.period if value.known and not lines.is_own(value) else at

    def _nearest(self, indicator: str, when: str) -> str | None:
        """The period with figures nearest to another; None when there is no figure."""
        there = self.panel.covered(indicator)
        return min(there, key=lambda p: (abs(period(p).start - period(when).start), p), default=None)

    @section
    def map(self, indicator: str, at: str | None = None) -> Shown:
        """The tile map of an indicator, this territory marked; a sentence when no département has a figure."""
        self._among_others("map")
        indicator = self.name(indicator)
        self.use(indicator)
        found = self._position(indicator, self._spoken_of(indicator, at))
        if found.n == 0:
            return prose(sentences.missing(self.value(indicator, at), self.lang))
        return self._map(found)

    def _map(self, found: comparison.Position) -> figures.Figure:
        key, source = f"map_{found.indicator}", self.source(found.indicator, at=found.period)
        return figures.tile_map(found, key=key, lang=self.lang, source=source)

    @section
    def comparable(self) -> Stack:
        """The comparable départements, on what they are close, and their context figures."""
        found = self.peers
        if not found.codes:
            return stack([prose(sentences.peers(found, self.lang))])
        columns = [Column("name", say("column.departement", self.lang), "text")]
        columns += [Column(name, dated(name, at, self.lang)) for name, at in found.periods.items()]
        rows = []
        for code in found.context.index:
            cells = {
                name: self.panel.value(name, code, found.periods[name]) for name in found.context.columns
            }
            rows.append({"name": territories.get(code).label(self.lang)} | cells)
        for name in found.context.columns:
            self.use(name)
        table = Table("peers", self.say("caption.peers"), columns, rows, self.lang)
        return stack(
            [prose(sentences.peers(found, self.lang)), Folded(say("folded.peers", self.lang), table)]
        )

    @section
    def breakdown(self, indicators: Sequence[str], title: str = "breakdown", at: str | None = None) -> Shown:
        """Bars of one quantity over categories (age, tenure, household type), beside the median of the peers.

        ``title`` is the end of the key of a message ``caption.…``. Indicators must be of one unit.
        """
        names = [self.name(one) for one in asked.several(indicators)]
        if len(units := {dictionary()[name].unit for name in names}) != 1:
            raise UnknownIndicator(
                f"breakdown: indicators of one unit are needed, and these are of {listed(units)}"
            )
        found = {name: self.value(name, at) for name in names}
        first = next(iter(found.values()))
        if not any(value.known for value in found.values()):
            return prose(sentences.missing(first, self.lang))
        rows = [
            figures.Row(self._category(name), value, reference=levels.beside(self, value))
            for name, value in found.items()
        ]
        return figures.bars(
            rows, key=f"bars_{title}", title=self.say(f"caption.{title}"), lang=self.lang,
            reference=self.say("column.peers_median"), source=self.source(*found, at=first.period),
        )  # fmt: skip

    def _category(self, indicator: str) -> str:
        key = f"category.{indicator}"
        return (
            say(key, self.lang) if messages.known(key, self.lang) else sentences.label(indicator, self.lang)
        )

    # ---------------------------------------------------------------------------------------- what cannot be said

    @section
    def evaluability(self) -> Stack:
        """Each measure of the Pacte: is its outcome published here, modelled, near by proxy, or not available?"""
        return appendix.evaluability(self)

    @section
    def local_figures(self) -> Shown:
        """The figures that the département itself gave, or a sentence that says how to give some."""
        return appendix.local_figures(self)

    # --------------------------------------------------------------------------------------------- where it is from

    @section
    def definitions(self) -> Folded:
        """The definition of each indicator shown, and what must not be read into it."""
        return appendix.definitions(self)

    @section
    def sources(self) -> Stack:
        """The datasets behind what was shown (producer, title, periods, licence, quality, checksum); what exists beside."""
        return appendix.sources(self)


def _needed(key: str, lang: Lang, names: Mapping[str, object]) -> dict[str, object]:
    return {k: v for k, v in names.items() if k in message(key, lang).places}
