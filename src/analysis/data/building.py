"""Every figure of a catalogue put together: the table that ``panel`` opens and reads.

In five steps: figures that were published wrong are put right from the register of corrections, figures of the same quantity
from two datasets are reconciled, the producer's rounding becomes bounds, additive figures are summed to régions and France
where every département is there, and the rates of the dictionary are computed (``derived``). Figures that come after a break
of their territory's series are marked (``breaks``). ``validate`` holds the table to its schema.

This module keeps nothing and reads no file but through the catalogue; nothing is modelled here.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.data import breaks, corrections, coverage, derived
from analysis.data.catalogue import Catalogue
from analysis.foundations import levels, notes, territories
from analysis.foundations.columns import COLUMNS, KEY, TEXTS
from analysis.foundations.files import DataError
from analysis.foundations.periods import period as parsed
from analysis.foundations.values import QUALITIES, STATES, VALUED_STATES, Dictionary, dictionary

_SUMMED = ["area", "indicator", "period"]


def build(catalogue: Catalogue, names: Dictionary | None = None) -> pd.DataFrame:
    """Build the panel from a catalogue.

    Returns a frame with ``COLUMNS``, one row per indicator, territory and period, sorted by these. Raises DataError
    when two datasets disagree about a figure beyond its rounding, or when a correction has lost its reason.
    """
    names = dictionary() if names is None else names
    every = [name for name in catalogue if catalogue.sidecars[name].kind == "figures"]
    register = corrections.register(catalogue)
    corrections.check_datasets(register, every)
    figures = [name for name in every if not catalogue.sidecars[name].is_inside]
    published = [corrections.apply(_read(catalogue, name), register) for name in figures]
    frame = pd.concat(published, ignore_index=True) if published else pd.DataFrame(columns=list(COLUMNS))
    frame = _reconcile(frame, names)
    frame = _bound_by_rounding(frame, names)
    frame = derived.stacked(
        [
            frame,
            *(derived.product(frame, n, entry, entry.product) for n, entry in names.items() if entry.product),
        ]
    )
    frame = derived.stacked([frame, _sums(frame, names)])
    rules = {name: entry for name, entry in names.items() if entry.ratio}
    terms = {term for entry in rules.values() for term in entry.terms}
    inside = frame[frame["indicator"].isin(terms)]
    ratios = [derived.ratio(inside, name, entry, entry.ratio) for name, entry in rules.items() if entry.ratio]
    return breaks.mark(_sorted(derived.stacked([frame, *ratios])), breaks.register(catalogue), names)


_REDRAWN = 0.04
"""Share of its people by which an EPCI changes in a year beyond which it is held to have been drawn again: from 2017 to 2019
the median of EPCI moved by less than 1 % a year, and 1 in 40 by more than this."""


def build_inside(catalogue: Catalogue) -> pd.DataFrame:
    """The figures published for territories inside départements, but for communes, which are added up and never shown.

    Returns a frame like that of ``build``. Nothing is added up or computed: an EPCI has what is published for it.
    """
    there = [s for s in catalogue.sidecars.values() if s.is_inside and s.level != levels.COMMUNE.key]
    register = corrections.register(catalogue)
    published = [
        corrections.apply(_read(catalogue, s.dataset), register) for s in there if s.kind == "figures"
    ]
    if not published:
        return pd.DataFrame(columns=list(COLUMNS)).astype(TEXTS)
    return _sorted(_redrawn(_bound_by_rounding(derived.stacked(published), dictionary())))


def _redrawn(frame: pd.DataFrame) -> pd.DataFrame:
    """Mark the figures of the first year after an EPCI was drawn again: nothing is compared across."""
    people = frame[frame["indicator"] == "count_persons_fiscal"]
    wide = people.pivot(index="territory", columns="period", values="value").sort_index(axis=1)
    moved = wide.pct_change(axis="columns", fill_method=None).abs().gt(_REDRAWN)
    keys = {(code, when) for when in moved for code in moved.index[moved[when]]}
    here = [key in keys for key in zip(frame["territory"], frame["period"], strict=True)]
    marks = [notes.joined(*notes.keys(note), "break_perimeter") for note in frame.loc[here, "note"]]
    frame.loc[here, "note"] = marks
    return frame


def check_beside(frame: pd.DataFrame, name: str, catalogue: Catalogue) -> None:
    """DataError when figures that are to be stored differ from those of another dataset: no panel could be built of both."""
    told = {
        other: one for other, one in catalogue.sidecars.items() if other != name and one.kind == "figures"
    }
    named = set(frame["indicator"])
    alike = [other for other, one in told.items() if not one.is_inside and named & set(one.indicators)]
    register = corrections.register(catalogue)
    ours = frame.assign(quality=QUALITIES[0], source=name)[list(COLUMNS)]
    each = [ours, *(_read(catalogue, other) for other in alike)]
    every = pd.concat([corrections.apply(one, register) for one in each], ignore_index=True)
    _reconcile(every[every["indicator"].isin(named)], dictionary())


def _read(catalogue: Catalogue, name: str) -> pd.DataFrame:
    figures = catalogue.figures(name)
    return figures.assign(quality=catalogue.sidecars[name].quality, source=name)[list(COLUMNS)]


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    indicator, when = (pd.factorize(frame[c], sort=True)[0] for c in ("indicator", "period"))
    start, order = (
        derived.each(frame["period"], lambda p: parsed(p).start),
        derived.each(frame["territory"], territories.sort_key),
    )
    return frame[list(COLUMNS)].take(np.lexsort((when, start, order, indicator))).reset_index(drop=True)


def _reconcile(frame: pd.DataFrame, names: Dictionary) -> pd.DataFrame:
    """Keep one row per figure: that with a value, of the best quality. Disagreement beyond rounding is an error.

    What a département gave before its producer published it gives way, whatever it was.
    """
    given = ~coverage.is_own(frame) & (frame["state"] != "unavailable")
    if coverage.is_own(frame).any():
        published = pd.MultiIndex.from_frame(frame.loc[given, KEY])
        frame = frame[given | ~pd.MultiIndex.from_frame(frame[KEY]).isin(published)]
    twice = frame.duplicated(KEY, keep=False)
    if not twice.any():
        return frame
    both = frame[twice].copy()
    step = both["indicator"].map({n: names[n].rounding or 0.0 for n in both["indicator"].unique()})
    spread = both.groupby(KEY, observed=True)["value"].transform(lambda v: v.max() - v.min())
    if (apart := spread > step + 1e-9).any():
        rows = both[apart].iloc[:2][["source", *KEY, "value"]].to_dict("records")
        raise DataError(
            f"{int(apart.sum())} figures differ between two datasets beyond their rounding, first {rows}; "
            "they are two quantities: give one of them another indicator name"
        )
    both["_valued"] = (~both["state"].isin(VALUED_STATES)).astype(int) + (both["state"] == "unavailable")
    both["_rank"] = both["quality"].map({q: i for i, q in enumerate(QUALITIES)})
    best = both.sort_values([*KEY, "_valued", "_rank", "source"]).drop_duplicates(KEY)
    return pd.concat([frame[~twice], best[list(COLUMNS)]], ignore_index=True)


def _bound_by_rounding(frame: pd.DataFrame, names: Dictionary) -> pd.DataFrame:
    """A count rounded to 10 lies within 5 of what is printed: bounds say so where the producer gives none."""
    half = derived.each(frame["indicator"], lambda n: (names[n].rounding or np.nan) / 2)
    floor = derived.each(frame["indicator"], lambda n: -np.inf if (low := names[n].minimum) is None else low)
    bare = frame["lower"].isna() & frame["upper"].isna() & frame["value"].notna() & ~np.isnan(half)
    bare &= (
        frame["state"] != "modelled"
    )  # the bounds of a model's figure are its interval, never its rounding
    bare &= ~coverage.is_own(frame)  # whoever counted for itself did not round as the producer does
    lower = (frame["value"] - half).clip(lower=floor)
    return frame.assign(
        lower=frame["lower"].where(~bare, lower), upper=frame["upper"].where(~bare, frame["value"] + half)
    )


_BEST_FIRST = ("observed", "provisional", "modelled")
_STATE_RANK = {state: rank for rank, state in enumerate(_BEST_FIRST)}


def _sums(frame: pd.DataFrame, names: Dictionary) -> pd.DataFrame:
    """What is made of whole départements (France, régions, Alsace), where each has a figure and no sum is published.

    What départements gave themselves is never added to what is published: a sum of theirs alone is theirs too.
    """
    additive = {n for n in frame["indicator"].unique() if names[n].additive}
    rows = frame[frame["indicator"].isin(additive) & frame["state"].isin(VALUED_STATES)]
    rows = _coded(rows[rows["territory"].isin(territories.DEPARTEMENTS)])
    areas = {
        code: one.members
        for code, one in territories.TERRITORIES.items()
        if one.members and one.members != (code,)
    }
    members = [rows[rows["territory"].isin(codes)].assign(area=area) for area, codes in areas.items()]
    inside = pd.concat(members, ignore_index=True).astype({"area": "category"})
    own = (inside["quality"] == QUALITIES.index(coverage.OWN)).to_numpy()
    sizes = {area: len(codes) for area, codes in areas.items()}
    made = derived.stacked(
        [_summed(inside[part], sizes) for part in (~own, own) if part.any()] or [frame[:0]]
    )
    published = pd.MultiIndex.from_frame(frame[KEY])
    return made[~pd.MultiIndex.from_frame(made[KEY]).isin(published)]


def _coded(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with their texts as categories, which are fast to group, and with the rank of their state and quality."""
    ranks = {
        "state": derived.each(rows["state"], _STATE_RANK.get).astype("int64"),
        "quality": derived.each(rows["quality"], QUALITIES.index).astype("int64"),
    }
    texts = dict.fromkeys(("territory", "period", "indicator", "source"), "category")
    return rows.assign(**ranks).astype(texts)


def _summed(inside: pd.DataFrame, sizes: Mapping[str, int]) -> pd.DataFrame:
    """Sums by ``area``, of so many members, for the figures that all of them have; the worst state and quality prevail."""
    groups = inside.groupby(_SUMMED, observed=True)
    made = groups.agg(
        {"value": "sum", "lower": "sum", "upper": "sum", "state": "max", "quality": "max", "source": "first"}
    )
    counts = groups[["value", "lower", "upper"]].count()
    size = made.index.get_level_values("area").map(sizes).to_numpy(dtype="int64")
    bounds = {c: made[c].where(counts[c] == size) for c in ("lower", "upper")}
    made = made.assign(**bounds)[counts["value"] == size]
    noted = inside[inside["note"] != ""].groupby(_SUMMED, observed=True)["note"].agg(_of_sum).to_dict()
    made = made.assign(
        note=[noted.get(key, notes.SUM) for key in made.index], words="",
        state=made["state"].map(dict(enumerate(_BEST_FIRST))), quality=made["quality"].map(dict(enumerate(QUALITIES))),
    )  # fmt: skip
    made = made.reset_index().rename(columns={"area": "territory"})[list(COLUMNS)]
    return made.astype(TEXTS)


def _of_sum(noted: pd.Series) -> str:
    """The note of a sum: that it is one, and the distinct keys of what it is made of."""
    return notes.joined(notes.SUM, *sorted({key for note in set(noted) for key in notes.keys(note)}))


def validate(frame: pd.DataFrame, names: Dictionary | None = None) -> pd.DataFrame:
    """Hold a panel to its schema with pandera; raises DataError that lists the cells at fault."""
    import pandera.pandas as pa

    names = dictionary() if names is None else names
    valued = frame["state"].isin(VALUED_STATES)
    schema = pa.DataFrameSchema(
        {
            "territory": pa.Column(
                checks=pa.Check(lambda codes: codes.isin([c for c in codes.unique() if territories.known(c)]))
            ),
            "period": pa.Column(),
            "indicator": pa.Column(checks=pa.Check.isin(list(names))),
            "value": pa.Column(
                float, nullable=True, checks=pa.Check(lambda v: np.isfinite(v.dropna()).all())
            ),
            "lower": pa.Column(float, nullable=True),
            "upper": pa.Column(float, nullable=True),
            "state": pa.Column(checks=pa.Check.isin(STATES)),
            "quality": pa.Column(checks=pa.Check.isin(QUALITIES)),
            "source": pa.Column(),
            "note": pa.Column(checks=pa.Check(lambda given: ~given.isin(list(notes.faults(given.unique()))))),
            notes.WORDS: pa.Column(),
        },
        unique=KEY,
        ordered=True,
        strict=True,
        checks=[
            pa.Check(lambda f: f["value"].notna() == valued, name="value_if_and_only_if_valued_state"),
            pa.Check(lambda f: ~(f["lower"] > f["value"] + 1e-9), name="lower_below_value"),
            pa.Check(lambda f: ~(f["upper"] < f["value"] - 1e-9), name="upper_above_value"),
        ],
    )
    try:
        return schema.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases[["column", "check", "failure_case"]].head(8).to_string(index=False)
        raise DataError(
            f"the panel breaks its schema in {len(errors.failure_cases)} places, first:\n{cases}"
        ) from None
