"""An outcome taken from the panel over a design's window: the sample, and everything that was left out of it.

``sample`` returns a ``Study``, on which estimation works; what cannot be compared is refused with its reason. Nothing is
estimated here.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.data.panel import Panel
from analysis.estimation.sample import NEVER, Sample, SampleError
from analysis.foundations import asked, territories
from analysis.foundations.arithmetic import precisely
from analysis.foundations.display import Brief, nearest
from analysis.foundations.periods import period, sorted_periods
from analysis.foundations.values import Dictionary, UnknownIndicator
from analysis.methods.policies.designs import (
    Design,
    DesignError,
    Outcome,
    Reason,
    Reasons,
    Scale,
    check_general,
    joined,
    listed,
    months_of,
    no_control,
    refuse_early,
)
from analysis.methods.policies.months import first_month, last_month


@dataclass(frozen=True, repr=False)
class Study(Brief):
    """A sample, and everything that was left out of it.

    Attributes
    ----------
    sample : Sample
        Départements × periods, in logarithms when the outcome's scale is ``log``.
    left_out : Mapping[str, Reason]
        By département, why it is not in the sample.
    dropped : Mapping[str, Reason]
        By period, likewise.
    flags : Mapping[str, tuple[Reason, ...]]
        By département of the sample, what must be known of it.
    cautions : tuple[Reason, ...]
        What must be known of the whole.
    adds_up : bool
        Whether figures of départements add up to something: those of a number or a total do, rates do not.
    """

    design: Design
    outcome: Outcome
    sample: Sample
    left_out: Mapping[str, Reason]
    dropped: Mapping[str, Reason]
    flags: Mapping[str, tuple[Reason, ...]]
    cautions: tuple[Reason, ...]
    adds_up: bool = True

    @property
    def starts(self) -> dict[str, str]:
        """First treated period of each treated département."""
        return {code: self.sample.periods[self.sample.first[code]] for code in self.sample.treated}


def sample(
    design: Design,
    panel: Panel,
    outcome: str | Outcome,
    scale: Scale | None = None,
    window: tuple[str, str] | None = None,
) -> Study:
    """Take an outcome from the panel over a design's window.

    A period is treated from the first whose end is not before the start: a quarter in which a pilot began is treated.

    Parameters
    ----------
    design : Design
        Who is treated since when, over which window.
    panel : Panel
        Every figure: territory × period × indicator.
    outcome : str | Outcome
        Name of an outcome of the design, name of an indicator, or an ``Outcome``.
    scale : Scale, optional
        The outcome's when None.
    window : tuple[str, str], optional
        A narrower window than the design's; those who start after it are controls.

    Raises
    ------
    DesignError
        When a series breaks within the window, nobody is treated or a control, a territory is treated before the window,
        or two series that are joined disagree.
    """
    if not isinstance(design, Design):
        raise DesignError(
            f"sample takes a Design, not {design!r}; `design(name, catalogue)` makes one of the register",
            Reason("unknown_name", text=type(design).__name__),
        )
    rule = _rule(design, outcome, scale, panel.dictionary)
    figures = figures_of(panel, rule, _span(design, rule, window))
    figures, dropped = _without_provisional(figures, rule)
    periods = sorted_periods(figures["period"])
    _check_periods(periods, rule)
    accepted = _check_breaks(periods, rule, panel.dictionary)
    wide, left_out = _complete(figures, periods, design, rule)
    first = _first_treated(design, periods, wide.index, left_out)
    codes = set(wide.index)
    return Study(
        design=design,
        outcome=rule,
        sample=_usable(precisely(np.log, wide) if rule.scale == "log" else wide, first),
        left_out=left_out,
        dropped=dropped,
        flags={c: f for c, f in _flags_within(design, periods, first).items() if c in codes},
        cautions=(*_cautions(design, rule, periods, accepted), *_shortness(first, len(periods))),
        adds_up=not any(panel.dictionary.comparable(name) for name, _ in rule.series),
    )


def _usable(outcome: pd.DataFrame, first: pd.Series) -> Sample:
    """The sample, or why its figures make none."""
    try:
        return Sample(outcome, first)
    except SampleError as error:
        raise DesignError(str(error), Reason(error.key)) from error


def _rule(design: Design, outcome: str | Outcome, scale: Scale | None, names: Dictionary) -> Outcome:
    """The outcome that a name stands for: one of the design's, else an indicator of the panel's dictionary."""
    rule = design.outcomes.get(outcome) if isinstance(outcome, str) else outcome
    if not isinstance(rule, Outcome):
        try:
            entry = names[asked.indicator(outcome, names)]
        except UnknownIndicator as error:
            near = nearest(outcome, design.outcomes) or design.outcomes
            hint = f"; outcomes of the design: {', '.join(near)}" if near else ""
            raise DesignError(f"{error}{hint}", Reason("unknown_name", text=str(outcome))) from error
        rule = Outcome(entry.name, ((entry.name, ""),), scale="level" if entry.unit == "percent" else "log")
    if rule.unavailable:
        raise DesignError(
            f"design {design.name}, {rule.name}: no effect can be looked for ({rule.unavailable}); choose another outcome",
            Reason(rule.unavailable),
        )
    if computed := [name for name, _ in rule.series if names[asked.indicator(name, names)].modelled]:
        raise DesignError(
            f"{', '.join(computed)}: figures of a model, in which no policy can show; take a published outcome",
            Reason("modelled"),
        )
    return rule if scale is None else replace(rule, scale=scale)


def _span(design: Design, rule: Outcome, window: tuple[str, str] | None) -> tuple[int, int]:
    """First and last month that may be used: within the window of the design, of the outcome and of the caller."""
    windows = [w for w in (design.window, rule.window, window) if w is not None]
    if window is not None:
        check_general(design, months_of(window, design.name)[1])
    first = max(first_month(w[0]) for w in windows)
    last = min(last_month(w[1]) for w in windows)
    if first >= last:
        raise DesignError(
            f"design {design.name}, {rule.name}: the windows {' and '.join('–'.join(w) for w in windows)} have nothing in "
            "common; widen the design's or choose an outcome whose figures fall within it",
            Reason("no_overlap"),
        )
    return first, last


def figures_of(panel: Panel, rule: Outcome, span: tuple[int, int]) -> pd.DataFrame:
    """Published figures of the départements within a span of months: territory, period, value, state."""
    parts = [_part(panel, name, until, rule.months) for name, until in rule.series]
    kept = parts[0]
    for (name, _), part in zip(rule.series[1:], parts[1:], strict=True):
        _check_agreement(kept, part, rule, name, panel.dictionary)
        kept = pd.concat([kept, part[~part["period"].isin(set(kept["period"]))]], ignore_index=True)
    inside = {p for p in set(kept["period"]) if period(p).start >= span[0] and last_month(p) <= span[1]}
    return kept[kept["period"].isin(inside)]


def _part(panel: Panel, name: str, until: str, months: Sequence[int]) -> pd.DataFrame:
    rows = panel.published(name, territory=territories.DEPARTEMENTS)
    rows = rows[rows["period"].isin(panel.covered(name))]
    last = last_month(until) if until else None
    kept = {
        p
        for p in rows["period"].unique()
        if (not months or last_month(p) % 12 + 1 in months) and (last is None or last_month(p) <= last)
    }
    return rows.loc[
        rows["period"].isin(kept) & rows["value"].notna(), ["territory", "period", "value", "state"]
    ]


def _check_agreement(
    before: pd.DataFrame, after: pd.DataFrame, rule: Outcome, name: str, names: Dictionary
) -> None:
    """Two series may be joined when they agree, to their rounding, wherever both have a figure."""
    both = before.merge(after, on=["territory", "period"], suffixes=("", "_b"))
    tolerance = sum((names[indicator].rounding or 0) / 2 for indicator, _ in rule.series)
    apart = both[(both["value"] - both["value_b"]).abs() > tolerance + 1e-9]
    if before.empty and after.empty:
        raise DesignError(
            f"{rule.name}: the panel has no figure of {rule.series[0][0]}, nor of {name}; choose another outcome",
            Reason("no_figures"),
        )
    if both.empty or len(apart):
        what = "have no period in common" if both.empty else f"differ by more than {tolerance:g}"
        where = "" if both.empty else f" in {apart.iloc[0]['territory']}, {apart.iloc[0]['period']}"
        raise DesignError(
            f"{rule.name}: {rule.series[0][0]} and {name} {what}{where}: they cannot be joined; use one of the two",
            Reason("cannot_join"),
        )


def _without_provisional(figures: pd.DataFrame, rule: Outcome) -> tuple[pd.DataFrame, dict[str, Reason]]:
    """Periods with a provisional figure are dropped: a revision would change the effect."""
    if (figures["state"] == "modelled").any():
        raise DesignError(f"{rule.name}: figures of a model; take a published outcome", Reason("modelled"))
    dropped = sorted_periods(figures.loc[figures["state"] == "provisional", "period"])
    return figures[~figures["period"].isin(dropped)], dict.fromkeys(dropped, Reason("provisional"))


def _check_periods(periods: Sequence[str], rule: Outcome) -> None:
    """Periods must follow one another evenly, since an effect is read by time since treatment."""
    if len(periods) < 2:
        raise DesignError(
            f"{rule.name}: {len(periods)} period with figures in the window; two at least are needed, so widen it",
            Reason("no_overlap"),
        )
    spans = [period(p) for p in periods]
    steps = {b.start - a.start for a, b in itertools.pairwise(spans)}
    if len(steps) > 1 or len({s.months for s in spans}) > 1:
        at = next(i for i in range(1, len(spans)) if spans[i].start - spans[i - 1].start != min(steps))
        raise DesignError(
            f"{rule.name}: the periods are not evenly spaced after {periods[at - 1]}; end the window there, or keep "
            "some months only (`Outcome(months=(12,))`)",
            Reason("uneven", date=periods[at - 1]),
        )


def _check_breaks(periods: Sequence[str], rule: Outcome, names: Dictionary) -> tuple[Reason, ...]:
    """Reasons why the breaks within the window are accepted; the first one that is not is refused."""
    breaks = {b for name, _ in rule.series for b in names[name].breaks}
    accepted = []
    for date in sorted_periods(breaks):
        before = [p for p in periods if last_month(p) < period(date).start]
        if not before or len(before) == len(periods):
            continue
        if date not in rule.accepted_breaks:
            raise DesignError(
                f"{rule.name}: the series is broken in {date}; end the window in {before[-1]} or begin it in "
                f"{periods[len(before)]}",
                Reason("broken", date=date),
            )
        accepted.append(Reason(rule.accepted_breaks[date], date=date))
    return tuple(accepted)


def _complete(
    figures: pd.DataFrame, periods: Sequence[str], design: Design, rule: Outcome
) -> tuple[pd.DataFrame, dict[str, Reason]]:
    """Départements × periods without a gap, and why the others are left out."""
    wide = figures.pivot(index="territory", columns="period", values="value")
    wide = wide.reindex(index=list(territories.DEPARTEMENTS), columns=list(periods))
    left_out = design.left_out(last_month(periods[0]), last_month(periods[-1]))
    for code, (_, row) in zip(wide.index.tolist(), wide.iterrows(), strict=True):
        if code in left_out:
            continue
        if row.isna().all():
            left_out[code] = Reason("no_figures")
        elif row.isna().any():
            left_out[code] = Reason("missing", date=row.index[row.isna()][-1])
        elif rule.scale == "log" and (row <= 0).any():
            left_out[code] = Reason("zero", date=row.index[row <= 0][-1])
    left_out = dict(sorted(left_out.items(), key=lambda pair: territories.sort_key(pair[0])))
    return wide.drop(index=list(left_out)), left_out


def _first_treated(
    design: Design, periods: Sequence[str], codes: pd.Index, left_out: Mapping[str, Reason]
) -> pd.Series:
    """Position of the first treated period by département, ``NEVER`` for those not treated within the periods."""
    ends = [last_month(p) for p in periods]
    first = pd.Series(NEVER, index=codes, dtype=int)
    for code, month in design.starts.items():
        if code in first.index and month <= ends[-1]:
            first[code] = next(i for i, end in enumerate(ends) if end >= month)
    refuse_early(design.name, first.index[first == 0], periods[0])
    if (first == NEVER).all() or (treated := first[first != NEVER]).empty:
        gone = {c for c in design.treated if c in left_out}
        why = f"{listed(gone)} left out" if gone else f"the figures end in {periods[-1]}"
        raise DesignError(
            f"design {design.name}: nobody is treated between {periods[0]} and {periods[-1]}: {why}; move the window, "
            "choose another outcome, or leave out less (`beside`, `excluded`)",
            Reason("treated_left_out")
            if gone >= design.treated.keys()
            else Reason("no_post", date=periods[-1]),
        )
    if treated.nunique() == 1 and not (first == NEVER).any():
        raise no_control(design.name)
    return first


def _flags_within(design: Design, periods: Sequence[str], first: pd.Series) -> Reasons:
    """Flags that hold over the periods used, and those who are treated after them."""
    start, end = last_month(periods[0]), last_month(periods[-1])
    kept = {
        code: tuple(r for r in reasons if not r.date or start < first_month(r.date) <= end)
        for code, reasons in design.flags.items()
    }
    dates = {**design.later, **design.treated}
    later: Reasons = {c: (Reason("later", date=d),) for c, d in dates.items() if first.get(c, 0) == NEVER}
    return {code: reasons for code, reasons in joined(kept, later).items() if reasons}


def _cautions(
    design: Design, rule: Outcome, periods: Sequence[str], accepted: Sequence[Reason]
) -> tuple[Reason, ...]:
    start, end = period(periods[0]).start, last_month(periods[-1])
    disturbed = [
        Reason(key)
        for key, (first, last) in design.disturbances.items()
        if start <= last_month(last) and end >= first_month(first)
    ]
    told = (*design.cautions, *rule.cautions)
    return (*(Reason(key) for key in told), *accepted, *disturbed)


def _shortness(first: pd.Series, periods: int) -> tuple[Reason, ...]:
    """What the number of periods does not allow: no trend is seen before with one, nor a lasting effect after with one."""
    earliest = int(first[first != NEVER].min())
    short = {"one_pre_period": earliest == 1, "one_post_period": earliest == periods - 1}
    return tuple(Reason(key) for key, so in short.items() if so)


@dataclass(frozen=True, repr=False)
class Verdict(Brief):
    """Whether an effect of a design on an outcome can be looked for: a study, or the reason why not."""

    outcome: Outcome
    study: Study | None = None
    reason: Reason | None = None


def evaluability(design: Design, panel: Panel) -> tuple[Verdict, ...]:
    """Each outcome of a design with its study, or with the reason why there is none."""
    verdicts = []
    for outcome in design.outcomes.values():
        try:
            verdicts.append(Verdict(outcome, study=sample(design, panel, outcome)))
        except DesignError as error:
            verdicts.append(Verdict(outcome, reason=error.reason))
    return tuple(verdicts)
