"""Policies as designs: who was treated since when, who may be compared with them, and why the others may not.

``design`` makes one of the designs of ``designs.yml`` from the ``register`` of ``data/raw/politiques`` (``registered``); a
researcher's own is a ``Design`` written by hand, or ``own_design`` when the other policies must be kept out of it too
(``designs``). ``sample`` takes an outcome from the panel over the design's window and returns a ``Study``: the ``Sample``
that estimation works on, with every territory and period that was left out and its reason (``studies``). ``coverage`` says
how many people a policy concerned (``reach``), ``describe`` what must be printed (``descriptions``).

Units are the 101 départements, since no outcome is published below. It estimates nothing and words nothing: reasons are
keys of messages. It stands after ``panel`` and ``estimation``, before ``narrative`` and ``reports``.
"""

from analysis.methods.policies.descriptions import Description, Group, describe
from analysis.methods.policies.designs import Design, DesignError, Outcome, People, Reason, Role, Scale, Site
from analysis.methods.policies.reach import Followed, Reached, coverage, followed, reached
from analysis.methods.policies.registered import (
    REGISTER,
    design,
    names,
    outcomes,
    own_design,
    recipients,
    register,
    studied,
    treated,
)
from analysis.methods.policies.studies import Study, Verdict, evaluability, sample
from analysis.methods.policies.written import PARAMETERS

__all__ = [
    "PARAMETERS", "REGISTER", "Description", "Design", "DesignError", "Followed", "Group", "Outcome", "People", "Reached",
    "Reason", "Role", "Scale", "Site", "Study", "Verdict", "coverage", "describe", "design", "evaluability", "followed",
    "names", "outcomes", "own_design", "reached", "recipients", "register", "sample", "studied", "treated",
]  # fmt: skip
