"""The sections of reports: each a function that takes the report first, and returns what a cell of a notebook shows.

``sections.trend(report, "rate_unemployment")``. Some are of any indicator: what was found, levels, trends, a place among
the others, definitions and sources. Others belong to one subject: expected non-take-up, energy at mean weather, policies
and their effects, costs, what is inside a département.

Sections conduct: figures come from the panel and the catalogue, results from ``estimation``, ``indicators`` and
``evaluation``, words from ``narrative``, drawings from ``figures`` and ``tables``. A missing figure gives a sentence, never
a hole and never an error. They import the report that they are given, which knows none of them.
"""

from analysis.reports.sections.accounts import accounts, set_beside
from analysis.reports.sections.among import comparable, funnel, position, standing, tile_map
from analysis.reports.sections.appendix import definitions, evaluability, local_figures, sources
from analysis.reports.sections.effects import effects_of
from analysis.reports.sections.effects_all import effects_all, effects_found, effects_looked_at
from analysis.reports.sections.effects_here import effects_here
from analysis.reports.sections.energy import corrected_energy
from analysis.reports.sections.financing import break_even, cost_of_an_exit
from analysis.reports.sections.findings import heading, summary
from analysis.reports.sections.inside import concentration, inside_summary, reach, secrecy
from analysis.reports.sections.intercommunality import sums_of_communes
from analysis.reports.sections.levels import breakdown, key_figures
from analysis.reports.sections.national import national
from analysis.reports.sections.neighbourhoods import c2s_in_neighbourhoods, priority_neighbourhoods
from analysis.reports.sections.policies import policies, return_definitions
from analysis.reports.sections.small_areas import shrunk_recruitment
from analysis.reports.sections.take_up import expected_non_take_up, reasons
from analysis.reports.sections.trends import trend

__all__ = [
    "accounts", "break_even", "breakdown", "c2s_in_neighbourhoods", "comparable", "concentration",
    "corrected_energy", "cost_of_an_exit", "definitions", "effects_all", "effects_found", "effects_here",
    "effects_looked_at", "effects_of", "evaluability", "expected_non_take_up", "funnel", "heading",
    "inside_summary", "key_figures", "local_figures", "national", "policies", "position", "priority_neighbourhoods",
    "reach", "reasons", "return_definitions", "secrecy", "set_beside", "shrunk_recruitment", "sources", "standing",
    "summary", "sums_of_communes", "tile_map", "trend",
]  # fmt: skip


def __dir__() -> list[str]:
    return __all__  # and none of the modules that they are in
