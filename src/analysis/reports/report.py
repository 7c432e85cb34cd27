"""What every section of a report is given: a territory, a language, the project's figures, and what was shown so far.

``open_report("67")`` gives this context. A section is a function of ``analysis.reports.sections`` that takes it first and
returns what a cell of a notebook shows: ``sections.trend(report, "rate_unemployment")``. Modelled figures stand beside the
published ones when the report is opened with their models, and nothing else adds to it. The one thing that a section leaves
behind is ``used``: which figures and tables were shown, so that definitions and sources are given of those.

The context knows no section, words nothing and computes nothing: figures come from the panel, results that are the same for
all territories from ``shared``, comparable départements from ``estimation``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import pandas as pd

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import comparison
from analysis.foundations import asked, territories, values
from analysis.foundations.display import Refusal, UnknownName, hint, listed, nearest, shown
from analysis.foundations.files import DataError
from analysis.foundations.gazetteer import Territory
from analysis.foundations.levels import DEPARTEMENT, Level
from analysis.foundations.values import Lang, Value
from analysis.methods import comparable
from analysis.presentation.narrative import origins
from analysis.presentation.narrative.messages import say_with
from analysis.reports import modelled
from analysis.reports.edition import COUNTRY
from analysis.reports.kept import shared
from analysis.reports.modelled import Model


def open_report(
    territory: str,
    lang: Lang = "fr",
    panel: Panel | None = None,
    peers: Sequence[str] | None = None,
    *,
    edition: str | None = None,
    models: Sequence[str] = (),
) -> Report:
    """A report on a territory that signs a contract, in French or English, on the project's panel or on one of yours.

    Args:
        territory: a code or a name of a level that is reported on (``levels``), or France for a national report; an unknown
            one is refused with the nearest.
        panel: the project's when None; ``Panel.plus`` gives one with figures of your own.
        peers: the territories of its level to compare with, as you choose them; those nearest on context when None.
        edition: the name of the edition that the report belongs to, if it is of one.
        models: names of the models whose figures stand beside the published ones, such as ``take_up.expected``.
    """
    code = asked.territory(territory)
    if code != COUNTRY and not territories.get(code).kind.reported:
        code = asked.territory(territory, DEPARTEMENT)
    report = Report(
        territories.get(code),
        values.language(lang),
        Panel.open() if panel is None else panel,
        edition,
        tuple(modelled.model(name) for name in asked.several(models)),
    )
    if peers is None:
        return report
    return replace(report, own_peers=report.context.chosen(code, peers))


Asked = ParamSpec("Asked")
Given = TypeVar("Given")

_SECTIONS: set[str] = set()
"""Names of the sections that are loaded, to name the nearest."""


def section(
    show: Callable[Concatenate[Report, Asked], Given],
) -> Callable[Concatenate[Report, Asked], Given]:
    """A section of a report: it is worded by the dictionary of the report's panel, definitions of one's own included."""
    _SECTIONS.add(show.__name__)

    @wraps(show)
    def given(report: Report, /, *args: Asked.args, **options: Asked.kwargs) -> Given:
        if not isinstance(report, Report):
            raise Refusal(
                f"{show.__name__}: a section takes the report first, as in sections.{show.__name__}(open_report('67'), …),"
                f" not {shown(report)}"
            )
        with values.using(report.panel.defined):
            return show(report, *args, **options)

    return given


@dataclass
class Used:
    """What the sections of a report have shown so far, in order: the definitions and the sources are given of it.

    Attributes
    ----------
        indicators: names of the indicators shown. datasets: names of the reference tables shown. told: the indicators and
            periods whose level the summary said.
    """

    indicators: dict[str, None] = field(default_factory=dict)
    datasets: dict[str, None] = field(default_factory=dict)
    told: set[tuple[str, str | None]] = field(default_factory=set)


@dataclass(frozen=True, repr=False, eq=False)
class Report:
    """What the sections of a report on one territory are given. Made by ``open_report``.

    Indicators, periods and territories are read as ``Panel`` reads them, and refused at the call. A section that is of a
    département among others cannot be asked of a report on France.

    Attributes
    ----------
        territory: the département, or France. lang: the language of what is shown. published: the panel that the report was
            opened on. edition: the edition that it belongs to. models: those whose figures stand beside the published ones.
        own_peers: the départements to compare with, when they were chosen. used: what was shown so far.
    """

    territory: Territory
    lang: Lang
    published: Panel
    edition: str | None = None
    models: tuple[Model, ...] = ()
    own_peers: comparison.Peers | None = None
    used: Used = field(default_factory=Used)
    _common: dict[str, object] = field(init=False, default_factory=dict)

    def __repr__(self) -> str:
        return f"<Report: {self.territory.name} ({self.territory.code}), {self.lang}>"

    def __getattr__(self, name: str) -> Any:
        if hasattr(type(self), name):  # one that is there, whose own error this is
            return object.__getattribute__(self, name)
        if name.startswith("_"):
            raise AttributeError(name)
        if name in _SECTIONS:
            raise UnknownName(
                f"a report has no {name!r}: a section is a function, sections.{name}(report, …)"
            )
        near = nearest(name, [*_SECTIONS, *(one for one in dir(self) if one[0] != "_")], likeness=0.5)
        raise UnknownName(
            f"a report has no {name!r}; nearest of what it has and of the sections: {listed(near)}"
        )

    # ---------------------------------------------------------------------------------------------- where it stands

    @property
    def level(self) -> Level:
        """The level of the territory."""
        return self.territory.kind

    @property
    def is_country(self) -> bool:
        """Whether the report is on the country, which stands among no others."""
        return self.territory.code == COUNTRY

    @property
    def is_its_region(self) -> bool:
        """Whether the territory is the whole of its région, as overseas."""
        return bool(self.region) and territories.departements_of(self.region) == self.territory.members

    @property
    def is_among_others(self) -> bool:
        """Whether the territory is set beside others of its level, which have a median and among which it has a place."""
        return self.level.compared

    @property
    def region(self) -> str:
        """Code of the région that the territory lies in; empty for the country, and where it lies in several."""
        return self.territory.region or ""

    def among_others(self, what: str) -> None:
        """Refuse what is asked of a département when the report is on the country."""
        if self.is_country:
            raise Refusal(
                f"{what}: of a département, and this report is on {self.territory.name}; open_report('67') has it"
            )

    @cached_property
    def peers(self) -> comparison.Peers:
        """The comparable territories: those that were chosen, else the nearest on context (parameters ``peers``).

        None where the context that they are found on is not known, nor at a level that is not compared.
        """
        if self.own_peers is not None:
            return self.own_peers
        self.among_others("comparable")
        if self.level.apart:  # of which no context is known
            code = self.territory.code
            return comparison.Peers(code, (), None, "own", pd.DataFrame(index=[code]), {})
        if not self.is_among_others:
            return self.context.chosen(self.territory.code, ())
        return self.context.peers(self.territory.code)

    @cached_property
    def context(self) -> comparable.Context:
        """The figures on which territories of the level are compared."""
        return comparable.Context.of(self.panel, self.catalogue, self.level)

    # --------------------------------------------------------------------------------------------------- its figures

    @cached_property
    def catalogue(self) -> Catalogue:
        """The datasets behind the panel."""
        return Catalogue()

    @cached_property
    def panel(self) -> Panel:
        """The published figures, with those of the report's models beside them."""
        panel = self.published
        for model in self.models:
            panel = panel.plus(self.modelled(model)[0])
        return panel

    def modelled(self, model: Model) -> tuple[pd.DataFrame, Any]:
        """What a model of the project gives: its figures for every département, and what they rest on."""
        return self.common(model.name, model.compute, gives=model.gives)

    def common(self, name: str, compute: shared.Compute, *args: object, gives: object = None) -> Any:
        """What ``compute`` makes of the published figures, the same for every territory (see ``shared``)."""
        if name not in self._common:
            self._common[name] = shared.common(name, compute, self.published, *args, gives=gives)
        return self._common[name]

    def once(self, make: Callable[[Report], Given]) -> Given:
        """What a function makes of this report, made once for all the sections that show it."""
        key = f"{make.__module__}.{make.__qualname__}"
        if key not in self._common:
            self._common[key] = make(self)
        return cast(Given, self._common[key])

    def name(self, indicator: str) -> str:
        """Name of an indicator of the panel's dictionary; UnknownIndicator gives the nearest ones."""
        return asked.indicator(indicator, self.panel.dictionary)

    def value(self, indicator: str, at: str | None = None, territory: str | None = None) -> Value:
        """One figure; by default that of the period that is spoken of (``Panel.latest``)."""
        self.use(indicator)
        return self.panel.value(indicator, self.territory.code if territory is None else territory, at)

    def has(self, indicator: str) -> bool:
        """Whether this territory has a figure for an indicator."""
        return self.value(indicator).known

    def source(self, *indicators: str, at: str | None = None, own: bool = False) -> str:
        """Producers and titles of the datasets behind indicators, in a line; those of one period when it is given.

        ``own``: with what the département gave itself.
        """
        here = self.territory.code if own else None
        asked_of = {here, self.territory.code} if self.level.apart else {here}
        names = sorted(
            {name for one in indicators for code in asked_of for name in self.panel.datasets(one, at, code)}
        )
        known = [self.catalogue.sidecar(name) for name in names if name in self.catalogue]
        return origins.cited(known, self.lang, self.level)

    # ------------------------------------------------------------------------------------------------- what was shown

    def use(self, indicator: str) -> None:
        """Record that an indicator is shown, for the definitions and the sources."""
        self.used.indicators[self.name(indicator)] = None

    def use_dataset(self, name: str) -> None:
        """Record that a reference table is shown, for the sources; DataError when there is none of that name."""
        if name not in self.catalogue:
            raise DataError(
                f"no dataset {name!r}{hint(name, self.catalogue)}; `pacte data check` lists those there are"
            )
        self.used.datasets[name] = None

    def told(self, value: Value) -> bool:
        """Whether the summary said the level of an indicator at a period, so that no other section says it again."""
        return (value.indicator, value.period) in self.used.told

    # ------------------------------------------------------------------------------------------------------ its words

    def say(self, key: str, **values: str) -> str:
        """A message of the catalogue in the report's language, the names of the territory and of its level given."""
        names = {"place": self.territory.name_in(self.lang), "of": self.territory.name_of(self.lang)}
        names |= {"the": self.territory.name_the(self.lang), "name": self.territory.label(self.lang)}
        return say_with(names | values, key, self.lang, self.level)
