"""Results of every kind on small figures of ours, and the numbers in them, each by the way that leads to it.

Run as a module, it writes them as JSON, each float as Python writes it whole: two runs whose numbers differ by the last
digit differ.
"""

import json
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pandas as pd

from analysis.estimation import (
    adjustment,
    comparison,
    costs,
    credibility,
    group_time,
    inference,
    regressions,
    small_area,
    synthetic,
    synthetic_did,
    unit_level,
    wild,
)
from analysis.estimation.sample import NEVER, Sample
from analysis.foundations import territories
from analysis.methods import evaluation
from analysis.methods.indicators import energy, take_up
from analysis.methods.policies import Design, Outcome, Study

METROPOLITAN = list(territories.METROPOLITAN)


def floats(thing: object, path: str = "") -> Iterator[tuple[str, float]]:
    """Every float of a result, with where it stands; indexes of tables count."""
    if isinstance(thing, float):
        yield path, float(thing)
    elif isinstance(thing, np.ndarray | pd.Index):
        if thing.dtype.kind == "f":
            yield from ((f"{path}[{i}]", x) for i, x in enumerate(thing.ravel().tolist()))
    elif isinstance(thing, pd.DataFrame):
        yield from floats(thing.index, f"{path}.index")
        for name in thing.columns:
            yield from floats(thing[name].to_numpy(), f"{path}.{name}")
    elif isinstance(thing, pd.Series):
        yield from floats(thing.index, f"{path}.index")
        yield from floats(thing.to_numpy(), path)
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from floats(value, f"{path}[{key}]")
    elif isinstance(thing, tuple | list):
        for i, value in enumerate(thing):
            yield from floats(value, f"{path}[{i}]")
    elif is_dataclass(thing):
        for field in fields(thing):
            yield from floats(getattr(thing, field.name), f"{path}.{field.name}")


def results() -> dict[str, object]:
    """A result of each kind."""
    study = _study()
    alone = study.sample.treated[0]
    flat = replace(study, outcome=replace(study.outcome, scale="level"), sample=_tied(study.sample))
    return {
        "evaluation": evaluation.evaluate(study),
        "ties": evaluation.evaluate(flat),
        "alone": evaluation.evaluate_one(study, alone),
        **_estimators(study.sample),
        **_small_areas(),
        **_modelled(),
        **_compared(),
    }


def _drawn(seed: int, *shape: int) -> np.ndarray:
    """Numbers between 0 and 1 with six decimals, the same on every machine."""
    return np.random.default_rng(seed).integers(0, 1_000_000, shape) / 1e6


def _study() -> Study:
    """Counts of 36 départements over eleven Decembers, of which two cohorts of six drop."""
    starts = np.repeat([5, 7, NEVER], [6, 6, 24])
    codes, periods = METROPOLITAN[: len(starts)], [f"{2010 + k}-12" for k in range(11)]
    size, noise = _drawn(1, len(codes), 1), _drawn(2, len(codes), len(periods)).cumsum(axis=1)
    values = np.rint(5_000 + 40_000 * size + 400 * noise)
    values[(starts[:, None] != NEVER) & (np.arange(len(periods)) >= starts[:, None])] *= 0.96
    treated = {code: periods[start] for code, start in zip(codes, starts, strict=True) if start != NEVER}
    outcome = Outcome("rsa_december", (("count_rsa_recipients", ""),), scale="log")
    sample = Sample(np.log(pd.DataFrame(values, codes, periods)).round(12), pd.Series(starts, codes))
    return Study(Design("mine", treated, (periods[0], periods[-1])), outcome, sample, {}, {}, {}, ())


def _tied(sample: Sample) -> Sample:
    """Rates with one decimal, as many are published: many are equal, and so are many of their differences."""
    values = (6 + 4 * _drawn(3, *sample.outcome.shape)).round(1)
    return Sample(pd.DataFrame(values, sample.outcome.index, sample.outcome.columns), sample.first)


def _estimators(sample: Sample) -> dict[str, object]:
    one = sample.without(sample.treated[1:])
    known = pd.DataFrame(_drawn(20, len(sample.units), 2), sample.units, list("xy"))
    return {
        "callaway_santanna": group_time.callaway_santanna(sample, "not_yet", "varying"),
        "sun_abraham": regressions.sun_abraham(sample),
        "imputation": regressions.imputation(sample),
        "two_stage": regressions.two_stage(sample),
        "given": group_time.callaway_santanna(sample, covariates=known),
        "predictors": synthetic.synthetic_control(
            one, predictors=known, importance=pd.Series({"x": 3.0, "y": 1.0})
        ),
        "synthetic_control": synthetic.synthetic_control(one),
        "synthetic_did": synthetic_did.synthetic_did(sample, draws=40),
        "jackknife": synthetic_did.synthetic_did(sample, "jackknife"),
        "randomisation": inference.randomisation(one),
        "leads": credibility.pretrends(sample, leads=3, draws=200),
    }


def _small_areas() -> dict[str, object]:
    areas = METROPOLITAN[:30]
    sizes = pd.DataFrame(np.rint(40 + 400 * _drawn(4, 30, 5)), areas, list("abcde"))
    shares = (0.2 + 0.4 * _drawn(5, 30, 1) + 0.1 * _drawn(6, 30, 5)).round(4)
    shares = pd.DataFrame(shares, areas, sizes.columns)
    known = pd.DataFrame({"unemployment": (5 + 5 * _drawn(7, 30)).round(1)}, areas)
    return {
        "shrunk": small_area.shrunk_shares(shares, sizes, dict.fromkeys("de", known)),
        "once": small_area.fay_herriot_proportion(shares["a"], sizes["a"], known),
    }


def _modelled() -> dict[str, object]:
    areas, rates, family = METROPOLITAN[:40], (15.0, 33.0, 61.0), (16.0, 49.0, None)
    margins = tuple(
        take_up.Margin(
            name,
            take_up.poor_composition(
                *(pd.DataFrame(0.1 + _drawn(s, 40, 3), areas, list("xyz")) for s in seeds)
            ),
            dict(zip("xyz", published, strict=True)),
            dict.fromkeys("xyz", 1.5),
        )
        for name, published, seeds in (("tenure", rates, (8, 9)), ("family", family, (10, 11)))
    )
    weights = pd.Series(np.arange(2_000.0, 42_000.0, 1_000.0), areas)
    table = pd.DataFrame({"territory": np.repeat(areas, 4), "year": 40 * [2018, 2019, 2020, 2021]})
    table["degree_days"] = np.rint(1_500 + 1_500 * _drawn(12, 160))
    table["consumption"] = (3 + 4 * _drawn(13, 160)).round(3)
    elasticity = energy.degree_day_elasticity(table)
    return {
        "expected": take_up.expected(margins, weights, 34.0, 1.0, 0.2),
        "elasticity": elasticity,
        "corrected": energy.corrected(table, elasticity),
    }


def _compared() -> dict[str, object]:
    context = pd.DataFrame(_drawn(14, 96, 4), METROPOLITAN, list("abcd")).round(2)
    rates, people = (pd.Series(_drawn(s, 96), METROPOLITAN) for s in (15, 16))
    covariates = pd.DataFrame(_drawn(17, 300, 3), columns=list("xyz"))
    who = pd.Series((covariates["x"] + _drawn(18, 300) > 1).astype(int))
    outcome = pd.Series(100 * covariates["y"] + 10 * who + 30 * _drawn(19, 300))
    area = pd.Series(np.repeat(METROPOLITAN[:30], 10))
    means = pd.DataFrame(_drawn(21, 30, 3), METROPOLITAN[:30], list("xyz"))
    effect = costs.Effect.normal(6.1, 1.7)
    return {
        "unit_level": unit_level.battese_harter_fuller(outcome, covariates, area, means),
        "wild": wild.wild_cluster(outcome, covariates, area, of="x", draws=999),
        "peers": [comparison.find_peers(context, code, {}).distances for code in METROPOLITAN],
        "funnel": comparison.funnel(10 + 20 * rates, np.rint(5e4 + 1e6 * people), "67", "i", "2024"),
        "adjusted": adjustment.doubly_robust_att(outcome, who, covariates),
        "cost": costs.cost_per_return(1_100.0, effect, 40.0),
    }


if __name__ == "__main__":
    found = {
        path: repr(x)
        for name, thing in results().items()
        for path, x in floats(thing, name)
        if not math.isnan(x)
    }
    json.dump(found, sys.stdout)
