"""What must be printed of a design, or of a study: groups of territories and periods with the reason of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.foundations.display import Brief
from analysis.methods.policies.designs import Design, Reason, controls_within, months_of
from analysis.methods.policies.studies import Study


@dataclass(frozen=True, repr=False)
class Group(Brief):
    """Codes, of territories or of periods, that share a reason."""

    reason: Reason
    codes: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Description(Brief):
    """What a report prints of a design or of a study; every reason is a message.

    Attributes
    ----------
    first, last : str
        The window, as periods of the outcome for a study.
    general : str
        Month from which the policy applies everywhere.
    anticipation : int
        In months.
    treated : tuple[Group, ...]
        Groups by start, whose reason ``treated`` holds the month (the first treated period, for a study).
    controls : tuple[str, ...]
        Codes.
    """

    name: str
    policy: str
    first: str
    last: str
    general: str
    anticipation: int
    treated: tuple[Group, ...]
    controls: tuple[str, ...]
    left_out: tuple[Group, ...]
    flagged: tuple[Group, ...]
    dropped: tuple[Group, ...]
    cautions: tuple[Reason, ...]


def describe(subject: Design | Study) -> Description:
    """What must be printed of a design before its figures are known, or of a study with them."""
    return _described_study(subject) if isinstance(subject, Study) else _described_design(subject)


def _described_study(study: Study) -> Description:
    return _description(
        study.design,
        (study.sample.periods[0], study.sample.periods[-1]),
        study.starts,
        study.sample.never,
        study.left_out,
        flagged=_groups((r, c) for c, reasons in study.flags.items() for r in reasons),
        dropped=_groups((r, p) for p, r in study.dropped.items()),
        cautions=study.cautions,
    )


def _described_design(design: Design) -> Description:
    first, last = months_of(design.window, design.name)
    left_out = design.left_out(first, last)
    return _description(
        design,
        design.window,
        {c: d for c, d in design.treated.items() if c not in left_out},
        controls_within(design, first, last),
        left_out,
        flagged=_groups((r, c) for c, reasons in design.flags.items() for r in reasons),
        dropped=(),
        cautions=tuple(Reason(key) for key in design.cautions),
    )


def _description(
    design: Design,
    window: Sequence[str],
    starts: Mapping[str, str],
    controls: Sequence[str],
    left_out: Mapping[str, Reason],
    **others: Any,
) -> Description:
    return Description(
        name=design.name,
        policy=design.policy,
        first=window[0],
        last=window[1],
        general=design.general,
        anticipation=design.anticipation,
        treated=_groups((Reason("treated", date=d), c) for c, d in starts.items()),
        controls=tuple(controls),
        left_out=_groups((r, c) for c, r in left_out.items()),
        **others,
    )


def _groups(pairs: Iterable[tuple[Reason, str]]) -> tuple[Group, ...]:
    groups: dict[Reason, list[str]] = {}
    for reason, code in pairs:
        groups.setdefault(reason, []).append(code)
    return tuple(Group(reason, tuple(groups[reason])) for reason in sorted(groups))
