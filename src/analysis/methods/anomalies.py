"""Breaks that nobody declared: the jumps of every series of the panel, beside what a person made of them.

``find`` looks for jumps of single départements in a published series (``estimation.jumps``). ``review`` gives each jump of
every series the entry of the register (``breaks``) that speaks of it: a break, explained, not explained. A jump without an
entry is for a person to look at. Nothing is declared here, and nothing corrected.

Figures come from ``panel``; ``pacte data check --anomalies`` and the page of data of the site say what is found.
"""

from __future__ import annotations

from dataclasses import dataclass

from analysis.data import breaks
from analysis.data.panel import Panel
from analysis.estimation import jumps
from analysis.foundations import territories
from analysis.foundations.display import Brief
from analysis.foundations.periods import period
from analysis.foundations.values import VALUED_STATES, Indicator, dictionary

VERDICTS = ("break", "explained", "unexplained", "new")
"""What was made of a jump; ``new`` is one that nobody has looked at."""


@dataclass(frozen=True, repr=False)
class Anomaly(Brief):
    """A jump of an indicator, and the entry of the register that speaks of it; None when none does."""

    indicator: str
    jump: jumps.Jump
    looked: breaks.Looked | None

    @property
    def verdict(self) -> str:
        """``break``, ``explained`` or ``unexplained``, as the register says; ``new`` when it says nothing."""
        return self.looked.verdict if self.looked else "new"

    @property
    def unit(self) -> str:
        """What the size of its jump is in: percent, or points for a share."""
        return "%" if _by_ratio(dictionary()[self.indicator]) else " points"

    @property
    def key(self) -> tuple[str, str, str]:
        """Indicator, territory and period, which name it."""
        return self.indicator, self.jump.territory, self.jump.period


def find(panel: Panel, name: str) -> tuple[jumps.Jump, ...]:
    """The jumps of one indicator between départements; none of what is computed from others, which jumps as
    they do, nor of the weather.
    """
    entry = panel.dictionary[name]
    if entry.modelled or entry.terms or entry.unit == "degree_day":
        return ()
    rows = panel.published(name, territory=territories.DEPARTEMENTS)
    rows = rows[rows["state"].isin(VALUED_STATES)]
    table = rows.pivot(index="territory", columns="period", values="value")
    starts = [period(when).start for when in entry.breaks]
    return jumps.jumps(table, logarithm=_by_ratio(entry), counts=_counts(entry), breaks=starts)


def _by_ratio(entry: Indicator) -> bool:
    """Whether two figures are compared by their ratio: numbers, amounts and rates per so many are, shares are not."""
    unit = dictionary().units[entry.unit]
    return unit.relative or unit.kind == "rate"


def _counts(entry: Indicator) -> bool:
    """Whether figures count people or things one by one."""
    return entry.additive and dictionary().units[entry.unit].counted


def review(panel: Panel, looked: tuple[breaks.Looked, ...]) -> tuple[Anomaly, ...]:
    """Every jump of the panel with what the register says of it, by indicator, territory and period."""
    said = {key: one for one in looked for key in one.figures}
    return tuple(
        Anomaly(name, jump, said.get((name, jump.territory, jump.period)))
        for name in panel.indicators
        for jump in find(panel, name)
    )
