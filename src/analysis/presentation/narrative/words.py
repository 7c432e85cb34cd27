"""What may be said of a result, in one place for those who work at a notebook: a sentence for each kind of result.

Each is written in the module of its kind (``checks``, ``effects``, ``pilots``, ``sentences``, ``trends``), from which
reports take it; nothing is worded here.
"""

from analysis.presentation.narrative.checks import (
    leave_one_out,
    placebo,
    placebo_date,
    pretrends,
    sensitivity,
)
from analysis.presentation.narrative.effects import detectable, effect
from analysis.presentation.narrative.pilots import pilot
from analysis.presentation.narrative.sentences import coverage, funnel, gap, level, missing, peers, position
from analysis.presentation.narrative.trends import trend

__all__ = [
    "coverage", "detectable", "effect", "funnel", "gap", "leave_one_out", "level", "missing", "peers", "pilot", "placebo",
    "placebo_date", "position", "pretrends", "sensitivity", "trend",
]  # fmt: skip
