"""Degenerate arrays for every public function of ``analysis.estimation``: a case is a name and a call on what it draws.

``CASES`` has one by function; ``PARTS`` names those that are only ever given what another has checked, by the case that
feeds them. ``public`` lists what there is, so that a new function without a case is seen.
"""

import importlib
import inspect
import pkgutil

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from analysis import estimation
from analysis.estimation import (
    adjustment,
    assignments,
    comparison,
    costs,
    credibility,
    group_time,
    inference,
    jumps,
    power,
    regressions,
    rejection,
    sensitivity,
    simplex,
    small_area,
    synthetic,
    synthetic_did,
    trends,
    unit_level,
    wild,
)
from analysis.estimation.sample import NEVER, Sample
from analysis.foundations import territories
from analysis.foundations.values import Value, dictionary
from analysis.methods import evaluation

METROPOLITAN = list(territories.METROPOLITAN)
EVERY = list(territories.DEPARTEMENTS)


def public():
    """Names of the public functions and methods of estimation, those of ``evaluation`` that take a sample included."""
    modules = [f"analysis.estimation.{one.name}" for one in pkgutil.iter_modules(estimation.__path__)]
    found = {"evaluation.evaluate", "evaluation.evaluate_one", "evaluation.main_estimate"}
    for module in map(importlib.import_module, modules):
        short = module.__name__.rsplit(".", 1)[1]
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
                continue
            if inspect.isfunction(thing):
                found.add(f"{short}.{name}")
            elif inspect.isclass(thing):
                methods = (
                    key
                    for key, one in vars(thing).items()
                    if isinstance(one, classmethod) or inspect.isfunction(one)
                )
                found |= {f"{short}.{name}.{key}" for key in methods if not key.startswith("_")}
    return found


def found(name):
    """A function by the name of its case."""
    module, *names = name.split(".")
    thing = (
        evaluation if module == "evaluation" else importlib.import_module(f"{estimation.__name__}.{module}")
    )
    for one in names:
        thing = getattr(thing, one)
    return thing


PARTS = {
    "area_variance.solved_at": "small_area.fay_herriot",
    "area_variance.estimated_refvar": "small_area.fay_herriot",
    "area_variance.refvar_variance": "small_area.fay_herriot",
    "checks.finite": "costs.break_even",
    "checks.array": "simplex.simplex_weights",
    "checks.sized": "simplex.simplex_weights",
    "checks.column": "small_area.fay_herriot",
    "checks.once": "small_area.fay_herriot",
    "checks.varies": "small_area.fay_herriot",
    "checks.telling": "comparison.find_peers",
    "checks.probability": "inference.cluster",
    "checks.choice": "inference.weights",
    "clusters.require_clusters": "regressions.twfe",
    "clusters.student_quantile": "regressions.twfe",
    "clusters.estimate_of": "regressions.twfe",
    "clusters.path_of": "regressions.sun_abraham",
    "clusters.ordered": "regressions.sun_abraham",
    "clusters.with_controls": "regressions.sun_abraham",
    "clusters.by_unit": "group_time.callaway_santanna",
    "clusters.cluster_codes": "group_time.callaway_santanna",
    "clusters.cohort_notes": "regressions.sun_abraham",
    "clusters.horizon_counts": "regressions.sun_abraham",
    "clusters.sup_t": "regressions.sun_abraham",
    "checks.confidence": "inference.cluster",
    "clusters.widening": "regressions.sun_abraham",
    "inference.Moments.divided_by": "inference.randomisation",
    "inference.lenders": "inference.cluster",
    "inference.without_error": "inference.cluster",
    "synthetic.require_past": "synthetic.synthetic_control",
    "confidence.student": "inference.cluster",
    "confidence.p_student": "inference.cluster",
    "confidence.p_normal": "adjustment.doubly_robust_att",
    "inference.moments": "inference.randomisation",
    "inference.varied_before": "evaluation.evaluate",
    "rows.check_figures": "comparison.position",
    "rows.in_time": "trends.trend",
    "trends.prices": "trends.trend",
    "trends.Prices.error": "trends.trend",
    "trends.step": "trends.difference",
    "trends.is_relative": "trends.difference",
    "inference.Moments.ratio": "inference.randomisation",
    "library.library": "regressions.sun_abraham",
    "library.noted": "regressions.sun_abraham",
    "library.handed": "regressions.sun_abraham",
    "library.unit_of": "regressions.sun_abraham",
    "library.predictor_importance": "synthetic.synthetic_control",
    "periods.span": "sample.Sample.from_long",
    "periods.named": "sample.Sample.from_long",
    "periods.disorder": "sample.Sample.from_long",
    "periods.uneven": "sample.Sample.from_long",
    "periods.begins": "sample.Sample.from_long",
}  # fmt: skip


# -------------------------------------------------------------------------------------------------- degenerate arrays

NUMBERS = [
    0.0, -0.0, 1.0, -1.0, 0.05, 0.5, 0.95, 2.0, 3.0, 5.0, 100.0, -7.5, 1e-12, 1e12, 1e-300, 1e300, -1e300,
    float("nan"), float("inf"), float("-inf"),
]  # fmt: skip
KINDS = [
    "usual", "constant", "zeros", "noise", "steps", "one", "ties", "level", "huge", "tiny", "nan", "inf",
]  # fmt: skip


class Drawn:
    """What a case asks for, drawn: usual but for some faults, none to three in a call."""

    def __init__(self, data):
        self.data, self.faults = data, data.draw(st.integers(0, 3))

    def any(self, *choices):
        return self.data.draw(st.sampled_from(choices))

    def fault(self, often=4):
        """Whether something is wrong here."""
        found = self.faults > 0 and not self.data.draw(st.integers(0, often - 1))
        self.faults -= found
        return found

    def of(self, *choices):
        """One of the first two, which are usual, or at fault one of the others."""
        return self.any(*choices[2:]) if choices[2:] and self.fault() else self.any(*choices[:2])

    def number(self, *usual):
        return self.any(*NUMBERS) if self.fault() else self.any(*usual)

    def count(self, *usual):
        return self.any(0, -1, 2.5, float("nan"), 10**6) if self.fault() else self.any(*usual)

    def size(self, *usual):
        return self.any(0, 1, 2) if self.fault(8) else self.any(*usual)

    def array(self, *shape, kinds=KINDS):
        """Values of a kind; the same for the same draw."""
        kind = self.any(*kinds[1:]) if self.fault(3) else kinds[0]
        seed = self.data.draw(st.integers(0, 999))
        values = np.random.default_rng(seed).normal(size=shape)
        flat = values.reshape(-1)
        if kind in ("nan", "inf") and flat.size:
            flat[0] = np.nan if kind == "nan" else -np.inf
        return {
            "constant": np.full(shape, 0.1), "zeros": np.zeros(shape), "noise": 0.1 + 1e-17 * values,
            "steps": np.broadcast_to(np.arange(shape[-1] if shape else 1, dtype=float), shape).copy(),
            "one": np.where(np.arange(flat.size).reshape(shape) == 0, 1.0, 0.0), "ties": np.rint(values),
            "level": values + 1e9, "huge": values * 1e300, "tiny": values * 1e-300,
        }.get(kind, values)  # fmt: skip

    def labels(self, size, names=None):
        """An index: each once as often as not; else with one twice, or one missing."""
        found = list(names or [f"u{k}" for k in range(size)])[:size]
        if size > 1 and self.fault(8):
            found[-1] = self.any(found[0], None)
        return pd.Index(found, dtype=object)

    def series(self, size, names=None, kinds=KINDS, scale=1.0, shift=0.0):
        return pd.Series(shift + scale * self.array(size, kinds=kinds), self.labels(size, names))

    def table(self, rows, columns, names=None, kinds=KINDS):
        values = self.array(rows, columns, kinds=kinds)
        if columns > 1 and rows and self.fault(8):
            values[:, -1] = 100 - 3 * values[:, 0]  # collinear
        return pd.DataFrame(values, self.labels(rows, names), [f"x{k}" for k in range(columns)])

    def sample(self):
        """A sample, or the refusal of what makes none; the treated and the controls each of a kind of their own."""
        treated, controls, length = self.size(1, 3, 6, 8), self.size(9, 14, 14), self.any(3, 5, 7, 7)
        start = self.any(0, length, 1.5) if self.fault(8) else self.any(*range(1, length))
        outcome = np.vstack([self.array(treated, length), self.array(controls, length)])
        first = np.repeat([start, float(NEVER)], [treated, controls])
        if treated > 3 and length > 4 and self.any(True, False):
            first[: treated // 2] = 2
        columns = list(range(2010, 2010 + length))
        if self.fault(12):
            columns[-1] = self.any(2010, 2000)
        units = self.labels(len(first))
        return Sample(pd.DataFrame(outcome, units, columns), pd.Series(first, units))


def _figures(d, codes, when=("2020",)):
    """Rows as the panel gives them."""
    rows = [(code, one) for code in codes for one in when]
    frame = pd.DataFrame(rows, columns=["territory", "period"]).assign(indicator="rate_unemployment")
    frame["value"] = d.array(len(frame))
    frame["lower"] = frame["upper"] = np.nan
    frame["state"] = np.where(frame.index % 7 == 6, "unpublished", "observed")
    frame["quality"] = frame["source"] = frame["note"] = ""
    return frame.loc[[0, *frame.index]] if len(frame) and d.fault(8) else frame


def _context(d):
    return d.table(d.of(96, 96, 3, 0), d.of(1, 2, 3, 0), METROPOLITAN)


def _effect(d):
    if d.of(True, False):
        return costs.Effect.normal(d.number(5.0, 1.0), d.number(1.0))
    return costs.Effect(d.number(3.0), d.number(1.0), d.number(1.0, 0.1), d.number(6.0))


def _areas(d):
    size = d.size(8, 12)
    rows = d.series(size), d.series(size, scale=0.3).abs(), d.table(size, d.of(1, 2, 0))
    return rows


def _proportions(d):
    size = d.size(8, 12)
    return d.series(size, scale=0.05, shift=0.3), d.series(size, scale=5, shift=100), d.table(size, 1)


def _repeated(d, scale, shift):
    size, length = d.size(6, 9), d.of(4, 5, 2)
    index, years = d.labels(size), [str(2010 + k) for k in range(length)]
    shares = pd.DataFrame(shift + scale * d.array(size, length), index, years)
    return shares, pd.DataFrame(100 + 5 * d.array(size, length), index, d.of(years, years, years[::-1]))


def _shrunk(d):
    shares, sizes = _repeated(d, 0.05, 0.3)
    known = {
        year: d.table(len(shares), 1, list(shares.index))
        for year in d.of(shares.columns[:1], shares.columns, ["1"], [])
    }
    return small_area.shrunk_shares(shares, sizes, known)


def _people(d):
    size = d.size(20, 40)
    outcome = d.series(size)
    treated = pd.Series(d.array(size) > d.of(0, 0, 9, -9), outcome.index).astype(d.of(int, int, float))
    covariates = d.table(size, d.of(1, 2, 0)).set_axis(outcome.index)
    return outcome, treated, covariates


def _changed(d):
    outcome, treated, covariates = _people(d)
    return outcome.to_numpy(), treated.to_numpy(dtype=float), covariates


def _long(d):
    units, length = d.size(3, 8), d.any(2, 4, 5)
    when = d.any(range(2000, 2000 + length), pd.date_range("2020-01-01", periods=length, freq="MS"))
    if d.fault(2):
        when = d.any(
            [f"2020-0{1 + k}" for k in range(length)], pd.period_range("2020Q1", periods=length, freq="Q"),
            [2000, 2003, 2004, 2009, 2010][:length], [f"wave {k}" for k in range(length)], [None] * length,
        )  # fmt: skip
    frame = pd.DataFrame([(k, t) for k in range(units) for t in when], columns=["unit", "time"])
    frame["y"] = d.array(len(frame))
    frame["on"] = ((frame["unit"] == 0) & (frame["time"] == list(when)[-1])).astype(float)
    frame = frame.sample(frac=d.of(1, 1, 1, 0.8), random_state=1) if len(frame) else frame
    first = d.of(
        {0: list(when)[1]},
        {0: list(when)[-1]},
        {0: "2020-02-10"},
        {9: 2001},
        {0: 2000.5},
        {0: None},
        "y",
        None,
    )
    return Sample.from_long(frame, "unit", d.of("time", "time", "when"), "y", first, d.of(None, None, "on"))


def _benchmark(d):
    size = d.size(4, 6)
    value = d.series(size, scale=d.of(1.0, 0.01), shift=d.of(0.0, 5.0))
    half = d.of(0.5, 0.5, 0.0, -0.5)
    figures = pd.DataFrame({"value": value, "lower": value - half, "upper": value + half})
    weights = pd.Series(np.abs(d.array(size)) * d.of(1, 1, -1, 0), value.index)
    return small_area.benchmark(figures, weights, d.number(5.0, -1.0))


def _sensitivity(d):
    before, after = d.of(1, 2, 3, 0), d.of(1, 2, 0)
    size = before + after
    factor = d.array(size, size + d.of(2, 2, -1, 0) if size > 1 else size + 1)
    covariance = (
        factor @ factor.T
        if np.isfinite(factor).all() and np.abs(factor).max(initial=0) < 1e100
        else d.array(size, size)
    )
    weights = d.of(np.full(after, 1 / max(after, 1)), np.zeros(after), d.array(after))
    return sensitivity.sensitivity(d.array(size), covariance, weights, relative=(0.0, d.number(0.5, 1.0)))


def _minimum(d):
    outcome = d.table(d.size(6, 12), d.of(4, 6, 1), names=None)
    return power.minimum_detectable(
        outcome,
        d.count(1, 2, 3),
        d.count(1, 2),
        d.count(1),
        level=d.number(0.95),
        power=d.number(0.8),
        draws=d.of(99, 99, 0),
    )


def _answers(d):
    size = d.size(30, 30)
    areas = pd.Series([f"a{k % 6}" for k in range(size)])
    covariates = d.table(size, d.of(1, 2)).set_axis(areas.index)
    means = d.table(d.of(6, 6, 7, 3), covariates.shape[1]).set_axis(covariates.columns, axis=1)
    means.index = pd.Index([f"a{k}" for k in range(len(means))])
    outcome = pd.Series(d.array(size), areas.index)
    return unit_level.battese_harter_fuller(
        outcome, covariates, areas, means, d.of(None, None, pd.Series(100.0, means.index))
    )


def _wild(d):
    size = d.size(40, 40)
    clusters = pd.Series([k % d.of(8, 14, 2) for k in range(size)])
    regressors = d.table(size, d.of(1, 2)).set_axis(clusters.index)
    return wild.wild_cluster(
        pd.Series(d.array(size), clusters.index), regressors, clusters, d.of("x0", "x0", "x9"), draws=99
    )


def _placebo_ranks(d):
    outcome = d.table(d.size(5, 9), d.of(4, 6, 2))
    return synthetic.placebo_ranks(
        outcome,
        d.of("u0", "u0", "zz"),
        d.count(2, 3),
        d.of(True, False),
        d.of(True, False),
        d.number(0.95, 0.5),
    )


def _synthetic_control(d):
    sample = d.sample()
    predictors = d.of(None, None, d.table(len(sample.units), 2, list(sample.units)))
    importance = d.of(None, pd.Series([1.0, d.number(1.0)], ["x0", "x1"]))
    return synthetic.synthetic_control(sample, d.of(sample.treated[0], None, "zz"), predictors, importance)


def _evaluate_one(d):
    sample = d.sample()
    return evaluation.evaluate_one(sample, d.of(sample.treated[0], "zz", None))


def _own_peers(d):
    return comparison.own_peers(d.of("67", "67", "zz", None), d.of(["68"], [], ["67"], "68"), _context(d), {})


def _position(d):
    return comparison.position(_figures(d, d.of(EVERY, EVERY, EVERY[:5], [])), d.of("67", "67", "zz"))


def _series(d):
    return _figures(
        d, d.of(["67"], ["67"], ["67", "68"], []), d.of(("2019", "2020", "2021"), ("2021", "2019"), ("2020",))
    )


def _autoregressive(d):
    rng = np.random.default_rng(1)
    return power.autoregressive(rng, d.of(3, 5, 0, -1, 2.5), d.of(4, 6, 0, 1.5), d.number(0.7))


def _simulate(d):
    values = d.array(d.size(4, 8), d.of(3, 5, 1))
    methods = {"cluster": lambda s: inference.cluster(s).p}
    return power.simulate(
        methods, lambda rng: values, d.of(2, 2, 0, 99), d.of(1, 2, 0, 99), d.number(0.0, 1.0), d.number(1.0),
        d.of(2, 2, 0), d.number(0.95),
    )  # fmt: skip


def _strata(d, sample):
    return d.of(None, None, pd.Series(1, sample.outcome.index), pd.Series(1, sample.outcome.index[:1]))


def _randomisation(d):
    sample = d.sample()
    return inference.randomisation(
        sample, d.of(99, 99, 0), studentised=d.of(None, None, True, False), strata=_strata(d, sample),
        pool=d.of(None, None, [], sample.units), level=d.number(0.95, 0.95),
    )  # fmt: skip


def _callaway(d):
    sample = d.sample()
    covariates = d.of(None, None, d.table(len(sample.units), 1, list(sample.units)))
    clusters = d.of(None, None, pd.Series([k % 7 for k in range(len(sample.units))], sample.outcome.index))
    return group_time.callaway_santanna(
        sample, d.of("never", "not_yet", "all"), d.of("universal", "varying", "none"), 19, covariates=covariates,
        method=d.of("reg", "ipw", "dr", "x"), clusters=clusters,
    )  # fmt: skip


def _honest(d):
    found = group_time.callaway_santanna(d.sample(), draws=19)
    return sensitivity.honest(found, d.of(None, None, 0, 99), d.of(None, 1, 0))


def _jumps(d):
    figures = d.table(d.of(30, 30, 3, 0), d.any(5, 8, 2), EVERY)
    figures.columns = d.of(
        [f"{2010 + k}" for k in range(figures.shape[1])], [f"2020-0{1 + k}" for k in range(figures.shape[1])]
    )
    return jumps.jumps(figures, logarithm=d.any(True, False), counts=d.any(True, False))


def _difference(d):
    values = (
        Value("count_population", "67", one, d.number(900.0, 1000.0), None, None, "observed")
        for one in ("2020", "2021")
    )
    return trends.difference(*values, dictionary()[d.of("count_population", "rate_unemployment")])


CASES = {
    "adjustment.difference_in_means": lambda d: adjustment.difference_in_means(*_people(d)[:2]),
    "adjustment.doubly_robust_att": lambda d: adjustment.doubly_robust_att(*_people(d)),
    "adjustment.conditional_change": lambda d: adjustment.conditional_change(
        *_changed(d), d.of("reg", "ipw", "dr", "x")
    ),
    "comparison.position": _position,
    "comparison.find_peers": lambda d: comparison.find_peers(
        _context(d), d.of("67", "974", "zz"), {}, d.count(3, 8)
    ),
    "comparison.own_peers": _own_peers,
    "comparison.peers_median": lambda d: comparison.peers_median(
        _series(d), d.of(["67"], [], ["zz"]), d.of(1, 4, 0)
    ),
    "comparison.funnel": lambda d: comparison.funnel(*_rates(d), d.of("67", "", "zz"), "share_x", "2020"),
    "comparison.no_funnel": lambda d: comparison.no_funnel(*_rates(d)),
    "comparison.with_log": lambda d: comparison.with_log(_context(d).abs(), d.of("x0", "x0", "zz"))[
        "x0"
    ].dropna(),
    "costs.Effect.normal": lambda d: costs.Effect.normal(d.number(5.0), d.number(1.0)),
    "costs.break_even": lambda d: costs.break_even(
        d.number(900.0), d.number(500.0), d.number(6.0), d.number(0.0)
    ),
    "costs.cost_per_return": lambda d: costs.cost_per_return(
        d.number(1000.0), _effect(d), d.number(0.0, 10.0), d.number(0.0, 3.0)
    ),
    "costs.fieller": lambda d: costs.fieller(*(d.number(5.0, 1.0) for _ in range(5))),
    "credibility.pretrends": lambda d: credibility.pretrends(
        d.sample(), leads=d.of(None, None, 1, 0, 99), draws=39, power=d.number(0.8)
    ),
    "credibility.placebo_dates": lambda d: credibility.placebo_dates(
        d.sample(), d.of(None, [2], [0], [], [1.5]), draws=39
    ),
    "credibility.leave_one_out": lambda d: credibility.leave_one_out(d.sample(), inference.cluster),
    "evaluation.evaluate": lambda d: evaluation.evaluate(
        d.of(d.sample, lambda: None)(), d.of(None, "log", "x")
    ),
    "evaluation.evaluate_one": _evaluate_one,
    "evaluation.main_estimate": lambda d: evaluation.main_estimate(d.sample()),
    "group_time.callaway_santanna": _callaway,
    "inference.weights": lambda d: inference.weights(
        d.array(d.size(4, 8), kinds=["steps", *KINDS]), d.count(9, 4), d.of("never", "x")
    ),
    "inference.group_weights": lambda d: inference.group_weights(
        np.array([NEVER, 2]), d.array(d.of(2, 2, 0)), 5, "never", d.of("last", "mean", "x")
    ),
    "inference.within": lambda d: inference.within(d.array(d.size(4), d.size(3))),
    "inference.treatment": lambda d: inference.treatment(d.array(d.size(4)), d.count(5)),
    "inference.spread": lambda d: inference.spread(d.sample()),
    "inference.cluster": lambda d: inference.cluster(
        d.sample(), d.of("never", "not_yet", "x"), level=d.number(0.95, 0.95)
    ),
    "wild.wild_cluster_bootstrap": lambda d: wild.wild_cluster_bootstrap(
        d.sample(), d.of(39, 39, 0), level=d.number(0.95, 0.95)
    ),
    "inference.batches": lambda d: list(inference.batches(d.of(9, 2500, 0, -1, 1.5))),
    "rejection.alpha_of": lambda d: rejection.alpha_of(d.number(0.95)),
    "rejection.at_least": lambda d: rejection.at_least(d.array(d.size(5)), d.number(1.0)),
    "rejection.rejecting": lambda d: rejection.rejecting(d.number(0.05), d.count(100)),
    "rejection.not_rejected": lambda d: rejection.not_rejected(
        lambda v: float(np.exp(-abs(v))), 0.0, d.number(1.0), 0.05
    ),
    "inference.randomisation": _randomisation,
    "inference.enough": lambda d: inference.enough(d.sample()),
    "assignments.assignments": lambda d: assignments.assignments(
        (s := d.sample()), d.of(9, 9, 0), strata=_strata(d, s)
    ),
    "power.minimum_detectable": _minimum,
    "power.pilot": lambda d: power.pilot(d.number(0.01), d.number(0.05), d.of(None, d.number(2000.0))),
    "power.autoregressive": _autoregressive,
    "power.simulate": _simulate,
    "regressions.twfe": lambda d: regressions.twfe(
        d.sample(), d.of("cluster", "cluster", "wild_cluster_bootstrap", "x"), 39
    ),
    "regressions.bacon": lambda d: regressions.bacon(d.sample()),
    "regressions.sun_abraham": lambda d: regressions.sun_abraham(d.sample(), 19),
    "regressions.imputation": lambda d: regressions.imputation(d.sample()),
    "regressions.two_stage": lambda d: regressions.two_stage(d.sample()),
    "sample.Sample.from_long": _long,
    "sample.Sample.without": lambda d: (s := d.sample()).without(
        d.of(s.treated[:1], s.never, ["zz"], s.units, [])
    ),
    "sample.Sample.long": lambda d: d.sample().long(),
    "sensitivity.honest": _honest,
    "sensitivity.sensitivity": _sensitivity,
    "simplex.simplex_weights": lambda d: simplex.simplex_weights(
        d.array(d.of(3, 3, 0)), d.array(d.size(4), 3), d.number(0.0, 1.0)
    ),
    "simplex.simplex_weights_of_each": lambda d: simplex.simplex_weights_of_each(
        [(d.array(3), d.array(d.size(4), 3), 0.0)] * d.of(2, 0)
    ),
    "small_area.fay_herriot": lambda d: small_area.fay_herriot(*_areas(d)),
    "small_area.fay_herriot_proportion": lambda d: small_area.fay_herriot_proportion(*_proportions(d)),
    "small_area.benchmark": _benchmark,
    "small_area.publishable": lambda d: small_area.publishable(
        d.series(d.size(4), scale=d.of(20, 20, -1), shift=30),
        {"flag_above": d.number(20.0), "suppress_above": d.number(33.0)},
    ),
    "small_area.transitory_variance": lambda d: small_area.transitory_variance(
        *_repeated(d, 1.0, 0.0), draws=d.of(9, 9, 0)
    ),
    "small_area.shrunk_shares": _shrunk,
    "synthetic.synthetic_control": _synthetic_control,
    "synthetic.placebo_ranks": _placebo_ranks,
    "synthetic_did.synthetic_did": lambda d: synthetic_did.synthetic_did(
        d.sample(), d.of("placebo", "placebo", "jackknife", "x"), 19
    ),
    "jumps.jumps": _jumps,
    "trends.trend": lambda d: trends.trend(
        _series(d), d.of("rate_unemployment", "count_population"), {2021: d.number(1.0)}
    ),
    "trends.difference": _difference,
    "unit_level.battese_harter_fuller": _answers,
    "wild.wild_cluster": _wild,
}


def _rates(d):
    size = d.of(96, 96, 5, 2, 0)
    rates = d.series(
        size, METROPOLITAN, scale=d.of(3.0, 5.0, 40.0, 1e-20), shift=d.of(20.0, 50.0, 0.0, 100.0)
    )
    return rates, d.series(size, METROPOLITAN, scale=d.of(50.0, 2e4), shift=d.of(500.0, 500.0, 0.0))
