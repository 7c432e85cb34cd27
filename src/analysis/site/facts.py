"""What the pages of the site say about the figures, each thing read once: cross-sections, medians, peers, what is there.

It reads through ``Panel`` and ``Catalogue``, asks ``estimation`` for results, and words nothing. Every page of a site is
made from one ``Facts``, whatever its language; what depends on the figures alone is kept from one run to the next
(``shared``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from statistics import median

import pandas as pd

from analysis.data.catalogue import LOCAL, Catalogue
from analysis.data.panel import Panel
from analysis.estimation import comparison
from analysis.foundations import measures, territories
from analysis.foundations.arithmetic import rounded
from analysis.foundations.columns import row_value
from analysis.foundations.files import DataError
from analysis.foundations.periods import period, sorted_periods
from analysis.foundations.values import OF_OTHERS, THEMES, VALUED_STATES, Value, dictionary, least_sure
from analysis.methods import comparable
from analysis.reports.kept import shared
from analysis.reports.modelled import with_models
from analysis.site.content import content

FEWEST = 20
"""Départements with a figure that an indicator needs to be shown across the country."""


@dataclass(frozen=True)
class Section:
    """The figures of an indicator at one period: one for each of the 101 départements, known or not."""

    indicator: str
    period: str
    values: Mapping[str, Value]
    base: comparison.Position
    """The position of the first département; those of the others differ in their own figure only."""

    @property
    def known(self) -> dict[str, float]:
        """The figures that there are, by code."""
        return {code: value.number for code, value in self.values.items() if value.known}

    @property
    def states(self) -> set[str]:
        """The states of the figures that there are."""
        return {value.state for value in self.values.values() if value.known}

    def median(self, codes: tuple[str, ...] = territories.DEPARTEMENTS) -> Value:
        """The median of some départements with a figure; not computable when fewer than two have one."""
        there = [self.values[code] for code in codes if self.values[code].known]
        if len(there) < 2:
            return Value(self.indicator, "", self.period, None, None, None, "not_computable")
        amount, state = median(one.number for one in there), least_sure(one.state for one in there)
        return Value(self.indicator, "", self.period, amount, None, None, state)

    @property
    def modelled(self) -> bool:
        """Whether the figures are estimates of a model."""
        return dictionary()[self.indicator].modelled

    @property
    def apart(self) -> int | None:
        """How many estimates have an interval that leaves out their median; None when one has no interval."""
        known = [value for value in self.values.values() if value.known]
        ends = [(one.lower, one.upper) for one in known if one.lower is not None and one.upper is not None]
        if len(ends) < len(known):
            return None
        middle = median(value.number for value in known)
        return sum(not lower <= middle <= upper for lower, upper in ends)

    def position(self, code: str) -> comparison.Position:
        """A département among the others."""
        own = self.values[code]
        others = [amount for other, amount in self.known.items() if other != code]
        below = rounded(sum(x < own.number for x in others) / len(others)) if own.known and others else None
        return replace(self.base, territory=code, value=own, share_below=below)


@dataclass(frozen=True)
class Gathered:
    """What depends on the figures alone, and is slow to gather.

    Attributes
    ----------
    peers : Mapping[str, tuple[str, ...]]
        Comparable départements of each.
    having : Mapping[str, tuple[str, ...]]
        Codes of those with a published figure, by indicator of a measure.
    giving : Mapping[str, tuple[str, ...]]
        Codes of those that gave a figure themselves, by indicator of a measure.
    elsewhere : Mapping[str, tuple[str, ...]]
        Codes of those whose figure is published and not held.
    spans : Mapping[str, tuple[str, str]]
        First and last period for which départements have a figure, by indicator; None for a national one.
    holding : Mapping[str, tuple[str, ...]]
        Codes of the départements with a figure, published, given or modelled, by indicator.
    """

    peers: Mapping[str, tuple[str, ...]]
    having: Mapping[str, tuple[str, ...]]
    giving: Mapping[str, tuple[str, ...]]
    elsewhere: Mapping[str, tuple[str, ...]]
    spans: Mapping[str, tuple[str, str] | None]
    holding: Mapping[str, tuple[str, ...]]


def gather(panel: Panel, catalogue: Catalogue) -> Gathered:
    """Gather what depends on the figures alone."""
    wider = with_models(panel)
    measured = sorted({name for m in measures.measures() for names in _ways(m).values() for name in names})
    periods = {name: wider.periods(name) or _given_periods(wider, name) for name in wider.indicators}
    return Gathered(
        peers=_peers(panel, catalogue),
        having={name: _having(wider.published, name) for name in measured},
        giving={name: _giving(wider, name) for name in measured},
        elsewhere={name: _elsewhere(wider, name) for name in measured},
        spans={name: (there[0], there[-1]) if there else None for name, there in periods.items()},
        holding={name: _having(wider.select, name) for name in wider.indicators},
    )


def parameters(catalogue: Catalogue, name: str) -> dict:
    """Parameters of the checkout by name; none where they are not there."""
    try:
        return catalogue.parameters(name)
    except DataError:
        return {}


def _peers(panel: Panel, catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """The comparable départements of each; none where the context is not there."""
    if not catalogue.has_parameters(comparable.PARAMETERS):
        return {}
    context = comparable.Context.of(panel, catalogue)
    return {code: context.peers(code).codes for code in territories.DEPARTEMENTS}


def _given_periods(panel: Panel, name: str) -> list[str]:
    """The periods of an indicator that only départements themselves gave."""
    rows = panel.select(name, territory=territories.DEPARTEMENTS)
    return sorted_periods(rows.loc[rows["state"].isin(VALUED_STATES), "period"])


def _giving(panel: Panel, name: str) -> tuple[str, ...]:
    published = set(_having(panel.published, name))
    return tuple(code for code in _having(panel.select, name) if code not in published)


def _having(read: Callable[..., pd.DataFrame], name: str) -> tuple[str, ...]:
    rows = read(name, territory=territories.DEPARTEMENTS)
    there = set(rows.loc[rows["state"].isin(VALUED_STATES), "territory"])
    return tuple(code for code in territories.DEPARTEMENTS if code in there)


def _elsewhere(panel: Panel, name: str) -> tuple[str, ...]:
    rows = panel.cross_section(name)
    return tuple(rows.loc[rows["state"] == "not_held", "territory"])


class Facts:
    """The figures behind a site.

    Args:
        panel: the figures. catalogue: the datasets behind them.
    """

    def __init__(self, panel: Panel, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.gathered: Gathered = shared.common("site.gathered", gather, panel)
        self.panel = with_models(panel)
        self._sections: dict[tuple[str, str], Section] = {}

    @cached_property
    def maps(self) -> tuple[str, ...]:
        """The indicators that are mapped, of those with enough figures."""
        return tuple(name for name in content()["maps"] if self.covers(name))

    @cached_property
    def common(self) -> tuple[str, ...]:
        """The indicators of which half of the départements at least have a figure, by theme."""
        half, holding = len(territories.DEPARTEMENTS) / 2, self.gathered.holding
        return tuple(name for name in self.names() if len(holding[name]) >= half)

    @cached_property
    def multiples(self) -> tuple[str, ...]:
        """The indicators that are drawn région by région, of those with enough figures, at two periods at least."""
        drawn = (name for name in content()["multiples"] if self.covers(name))
        return tuple(name for name in drawn if len(set(self.gathered.spans[name] or ())) > 1)

    def covers(self, name: str) -> bool:
        """Whether enough départements have a figure of an indicator at the period that is spoken of."""
        at = self.panel.latest(name)
        return at is not None and len(self.section(name, at).known) >= FEWEST

    def section(self, name: str, at: str) -> Section:
        """The cross-section of an indicator at a period."""
        if (name, at) not in self._sections:
            rows = self.panel.cross_section(name, at)
            figures = {row["territory"]: row_value(row) for row in rows.to_dict("records")}
            base = comparison.position(rows, territories.DEPARTEMENTS[0])
            self._sections[name, at] = Section(name, at, figures, base)
        return self._sections[name, at]

    def latest(self, name: str) -> Section:
        """The cross-section of an indicator at the period that is spoken of."""
        at = self.panel.latest(name)
        if at is None:
            raise ValueError(f"{name}: no figure is spoken of, since there is none")
        return self.section(name, at)

    def national(self, name: str, at: str | None = None) -> Value:
        """The figure of France or of France métropolitaine (``national``); why there is none when neither is held."""
        return national(self.panel, name, at) or self.panel.absent(name, "FR", at)

    def names(self) -> tuple[str, ...]:
        """Every indicator with a figure, by theme then as in the dictionary."""
        return tuple(name for name in ordered() if name in self.gathered.spans)

    def peers(self, code: str) -> tuple[str, ...]:
        """The départements comparable to one."""
        return self.gathered.peers.get(code, ())

    def status(self, measure: measures.Measure, code: str) -> str:
        """What shows the outcome of a measure there, of ``measures.STATUSES``."""
        if territories.get(code).kind.is_below:
            return self._status_below(measure, code)
        for key, names in _ways(measure).items():
            if key != "local" and any(code in self.gathered.having[n] for n in names):
                return key
            if key in ("published", "local") and any(code in self.gathered.giving[n] for n in names):
                return "local"
        return "not_held" if any(code in self.gathered.elsewhere[n] for n in measure.sought) else "none"

    def _status_below(self, measure: measures.Measure, code: str) -> str:
        """The same for a territory of which nothing is gathered, or that the figures are of another territory."""
        ways = {key: [self.panel.value(n, code) for n in names] for key, names in _ways(measure).items()}
        for key, values in ways.items():
            if known := [value for value in values if value.known]:
                given = key == "published" and all(value.quality == LOCAL for value in known)
                return "local" if given else key
        return OF_OTHERS if any(v.state == OF_OTHERS for values in ways.values() for v in values) else "none"

    def holds(self, name: str, code: str) -> bool:
        """Whether a territory has a figure of an indicator, published, given or modelled."""
        if territories.get(code).kind.is_below:
            return self.panel.value(name, code).known
        return code in self.gathered.holding.get(name, ())


def national(panel: Panel, name: str, at: str | None = None) -> Value | None:
    """The figure of France at a period, of France métropolitaine failing that; by default the later of the two."""
    if at is None:
        latest = {code: panel.latest(name, code) for code in ("FM", "FR") if panel.reference(name)}
        ends = {c: period(end).start for c, end in latest.items() if end and _valued(panel, name, c, end)}
        code = max(ends, key=lambda one: (ends[one], one), default=None)
    else:
        code = panel.reference(name, at)
    value = panel.value(name, code, at) if code else None
    return value if value is not None and value.known else None


def _valued(panel: Panel, name: str, code: str, at: str | None) -> bool:
    return at is not None and panel.value(name, code, at).known


def _ways(measure: measures.Measure) -> dict[str, tuple[str, ...]]:
    """Indicators of a measure by what they are to its outcome, the surest first."""
    return {
        "published": measure.published,
        "local": measure.local,
        "modelled": measure.modelled,
        "proxy": measure.proxies,
    }


@cache
def ordered() -> tuple[str, ...]:
    """Every indicator of the dictionary, by theme then as written."""
    return tuple(sorted(dictionary(), key=lambda name: THEMES.index(dictionary()[name].theme)))
