"""Evaluation of France's Pacte des solidarités, département by département.

This is the face of the package: the names that a researcher's notebook needs, each loaded when it is first used.

    >>> import analysis
    >>> panel = analysis.open_panel()
    >>> panel.value("rate_poverty_60", "ille et vilaine", 2021)
    <Value 10.8 %, observed, 2021, 35: rate_poverty_60>

Figures, and what they mean
    ``open_panel``: every figure, by indicator, territory and period. ``dictionary``: what each indicator is.
    ``territories``: codes, names, neighbours. ``communes``: figures by commune, added up. ``Catalogue``: the datasets, their
    sources, the parameters.
Reports
    ``open_report``: a territory, with what its sections are given. ``sections``: each a function of a report.
Comparisons
    ``comparison``: a place among others, peers, the funnel. ``take_up``: the non-take-up that a composition leads to expect.
Effects of a policy
    ``design``, ``own_design``: who was treated since when, from the register or your own. ``sample``: an outcome over the
    window of a design. ``Sample``: the same for units and figures of your own. ``policies``: the register, and what a
    design covers. ``evaluate``, ``evaluate_one``: the effect by every estimator, and what makes it credible. ``power``: how
    large an effect could be seen.
What is shown
    ``figures``: drawings with their tables. ``words``: a result in a sentence, never stronger than its interval.

Everything else is internal, and may move from one version to the next. The package itself imports nothing from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analysis.foundations.version import __version__

if TYPE_CHECKING:  # the names of ``_PLACES``, for editors and type checkers, which run nothing
    from analysis.data import communes
    from analysis.data.catalogue import Catalogue
    from analysis.data.panel import Panel
    from analysis.estimation import comparison, power
    from analysis.estimation.sample import Sample
    from analysis.foundations import territories
    from analysis.foundations.values import dictionary
    from analysis.methods import policies
    from analysis.methods.evaluation import evaluate, evaluate_one
    from analysis.methods.indicators import take_up
    from analysis.methods.policies import design, own_design, sample
    from analysis.presentation import figures
    from analysis.presentation.narrative import words
    from analysis.reports import sections
    from analysis.reports.report import open_report

    open_panel = Panel.open

__all__ = [
    "Catalogue", "Sample", "__version__", "communes", "comparison", "design", "dictionary", "evaluate", "evaluate_one",
    "figures", "open_panel", "open_report", "own_design", "policies", "power", "sample", "sections", "take_up",
    "territories", "words",
]  # fmt: skip

_PLACES = {
    "Catalogue": "analysis.data.catalogue:Catalogue",
    "Sample": "analysis.estimation.sample:Sample",
    "communes": "analysis.data.communes",
    "comparison": "analysis.estimation.comparison",
    "design": "analysis.methods.policies:design",
    "dictionary": "analysis.foundations.values:dictionary",
    "evaluate": "analysis.methods.evaluation:evaluate",
    "evaluate_one": "analysis.methods.evaluation:evaluate_one",
    "figures": "analysis.presentation.figures",
    "open_panel": "analysis.data.panel:Panel.open",
    "open_report": "analysis.reports.report:open_report",
    "own_design": "analysis.methods.policies:own_design",
    "policies": "analysis.methods.policies",
    "power": "analysis.estimation.power",
    "sample": "analysis.methods.policies:sample",
    "sections": "analysis.reports.sections",
    "take_up": "analysis.methods.indicators.take_up",
    "territories": "analysis.foundations.territories",
    "words": "analysis.presentation.narrative.words",
}
"""Where each name is: a module, or what a module holds."""


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> Any:
    """A name of the face. Whoever is given it depends on where it is, as if they had imported it (``observation``)."""
    if name not in _PLACES:
        from analysis.foundations.display import UnknownName, hint

        raise UnknownName(f"analysis gives no {name!r}{hint(name, _PLACES, 'it gives')}")
    from pkgutil import resolve_name

    from analysis.foundations.observation import modules_used

    modules_used([_PLACES[name].partition(":")[0]])
    return resolve_name(_PLACES[name])
