"""Published figures that ours are checked against: each stands in the test of its source, and docs/checks.md lists them all.

A test module says its own in ``CHECKS``; ``checks`` gathers them, in the order of the modules. What is ours is computed from
the committed figures, so that it is held wherever the tests run, without the producers' files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

from analysis.data.panel import Panel
from analysis.foundations import territories
from analysis.foundations.values import VALUED_STATES


@dataclass(frozen=True)
class Check:
    """A published figure, as it is printed, and how ours is computed; to ``decimals``, by default those that are printed."""

    figure: str
    published: str
    by: str
    ours: Callable[[], float]
    why: str = ""
    decimals: int | None = None

    def row(self) -> tuple[str, ...]:
        """The row of docs/checks.md: figure, published, by, ours, difference, why."""
        decimals = self.decimals if self.decimals is not None else len(self.published.partition(".")[2])
        ours = self.ours()
        difference = ours - float(self.published.replace(",", "").replace("−", "-"))
        return (
            self.figure,
            self.published,
            self.by,
            _text(ours, decimals),
            _text(difference, decimals),
            self.why,
        )


def _text(number: float, decimals: int) -> str:
    return f"{round(number, decimals) + 0.0:,.{decimals}f}".replace("-", "−")


def checks() -> Iterator[Check]:
    """Those of the tests of sources, then of methods; no other test is imported."""
    for folder in ("data", "methods"):
        for path in sorted(Path(__file__).with_name(folder).glob("test_*.py")):
            if "\nCHECKS = " in path.read_text(encoding="utf-8"):
                yield from import_module(f"tests.{folder}.{path.stem}").CHECKS


@cache
def panel() -> Panel:
    """The table of every figure."""
    return Panel.open()


def column(indicator, at, codes=territories.DEPARTEMENTS):
    """The values of an indicator at a period, by territory, where there is one."""
    rows = panel().select(indicator, territory=codes, period=at)
    return rows[rows["state"].isin(VALUED_STATES)].set_index("territory")["value"]


def total(indicator, at, codes=territories.DEPARTEMENTS):
    """Their sum."""
    return column(indicator, at, codes).sum()


def one(indicator, code, at):
    """The value of one territory."""
    return panel().value(indicator, code, at).value


def growth(indicator, last, first, code=None):
    """The change between two periods in percent, of a territory or of the sum of all."""
    now, before = (total(indicator, p) if code is None else one(indicator, code, p) for p in (last, first))
    return 100 * (now / before - 1)


def weighted(values, weights):
    """A mean weighted by territory."""
    return (values * weights[values.index]).sum() / weights[values.index].sum()
