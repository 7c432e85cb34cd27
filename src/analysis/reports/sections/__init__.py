"""Sections of reports that belong to one subject: expected non-take-up, energy at mean weather, policies and their effects,
costs.

Each function takes the report and returns what a cell shows. Like ``report``, they conduct: figures come from
``indicators``, ``evaluation`` and the catalogue, words from ``narrative``.
"""

from analysis.reports.sections.effects import effects_of
from analysis.reports.sections.effects_all import effects_all, effects_found, effects_looked_at
from analysis.reports.sections.effects_here import effects_here
from analysis.reports.sections.energy import add_corrected_energy, corrected_energy
from analysis.reports.sections.financing import break_even, cost_of_an_exit
from analysis.reports.sections.national import national
from analysis.reports.sections.policies import policies, return_definitions
from analysis.reports.sections.small_areas import shrunk_recruitment
from analysis.reports.sections.take_up import add_expected_non_take_up, expected_non_take_up, reasons

__all__ = [
    "add_corrected_energy",
    "add_expected_non_take_up",
    "break_even",
    "corrected_energy",
    "cost_of_an_exit",
    "effects_all",
    "effects_found",
    "effects_here",
    "effects_looked_at",
    "effects_of",
    "expected_non_take_up",
    "national",
    "policies",
    "reasons",
    "return_definitions",
    "shrunk_recruitment",
]
