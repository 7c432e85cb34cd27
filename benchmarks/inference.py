"""How often each inference rejects: with no effect, when it should be one time in twenty, and with one.

First every estimator that a report prints, for one to 18 treated units that vary as much as the others (spread 1) or
twice as much (spread 2); then each inference with what it is compared with. Panels of 96 units and 16 quarters with an
AR(1) of 0.7, treated from the ninth quarter on; then the real monthly numbers of RSA recipients before any pilot, the
treated drawn at random. The smallest effects that could be seen on that panel come with it. Base of every effect: the
last period before treatment; the wild bootstrap alone is of the two-way fixed effects, whose base is the mean of all
periods before, hence its greater power here.

The table is printed and written beside this file, in inference.md.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path as FilePath

import numpy as np
import pandas as pd
from scipy import stats

from analysis.data.panel import Panel
from analysis.estimation import (
    credibility,
    group_time,
    inference,
    power,
    regressions,
    sensitivity,
    synthetic,
    synthetic_did,
    wild,
)
from analysis.estimation.sample import Path, Sample
from analysis.foundations import territories

UNITS, PERIODS, START, CORRELATION = 96, 16, 8, 0.7
TREATED = 18
COUNTS, SPREADS = (1, 3, 5, 6, TREATED), (1.0, 2.0)
"""Treated units and spreads for which every estimator of a report is looked at."""
DRAWS = 399
LOW, HIGH = 0.03, 0.07
"""Rejection rates between which an inference keeps its promise of 5 %."""

OUTPUT = FilePath(__file__).with_suffix(".md")


# ------------------------------------------------------------------------------------------------------------ methods


def usual_cluster(sample: Sample) -> float:
    """What regression software gives: CR1 and Student's t with one degree of freedom less than units."""
    weights = inference.weights(sample.first.to_numpy(), sample.outcome.shape[1])
    values = inference.within(sample.outcome.to_numpy())
    shares = pd.Series((weights * values).sum(axis=1))
    apart = shares - shares.groupby(sample.first.to_numpy()).transform("mean")
    units = len(shares)
    t = shares.sum() / np.sqrt(units / (units - 1) * (apart**2).sum())
    return float(2 * stats.t.sf(abs(t), units - 1))


def remembered(function: Callable) -> Callable:
    """The function, whose last result serves again for the same sample."""
    last: list = [None, None]

    def asked(sample: Sample) -> object:
        if last[0] is not sample:
            last[:] = [sample, function(sample)]
        return last[1]

    return asked


@remembered
def by_time(sample: Sample) -> group_time.GroupTime:
    """Callaway and Sant'Anna, with few draws for the band."""
    return group_time.callaway_santanna(sample, draws=DRAWS)


@remembered
def compared(sample: Sample) -> synthetic.Placebo:
    """The first treated unit against its synthetic control."""
    unit = sample.treated[0]
    return synthetic.placebo_ranks(sample.outcome, unit, int(sample.first[unit]))


@remembered
def weighted(sample: Sample) -> regressions.EventStudy:
    """Sun and Abraham, with few draws for the band."""
    return regressions.sun_abraham(sample, draws=DRAWS)


@remembered
def imputed(sample: Sample) -> regressions.EventStudy:
    """Borusyak, Jaravel and Spiess."""
    return regressions.imputation(sample)


def outside_band(path: Path) -> float:
    """0 when a band leaves zero out at some horizon, else 1."""
    return float(not ((path.band_lower > 0) | (path.band_upper < 0)).any())


def outside_line(sample: Sample) -> float:
    """0 when the interval of smoothness at M = 0 leaves zero out, else 1."""
    at_zero = sensitivity.honest(by_time(sample)).smoothness.iloc[0]
    return float(at_zero["lower"] <= 0 <= at_zero["upper"])


def permuted(sample: Sample, studentised: bool | None = None) -> float:
    """Randomisation inference."""
    return inference.randomisation(sample, draws=DRAWS, studentised=studentised).estimate.p


SEVERAL: dict[str, Callable[[Sample], float]] = {
    "cluster as software gives it: CR1, t(G − 1)": usual_cluster,
    "cluster: CR2, Satterthwaite": lambda sample: inference.cluster(sample).p,
    "Callaway–Sant'Anna: influence function": lambda sample: by_time(sample).estimate.p,
    "Callaway–Sant'Anna: multiplier bootstrap, band": lambda sample: outside_band(by_time(sample).path),
    "wild cluster bootstrap": lambda sample: wild.wild_cluster_bootstrap(sample, draws=DRAWS).p,
    "randomisation, default": permuted,
    "randomisation, plain effect": partial(permuted, studentised=False),
}
ONE: dict[str, Callable[[Sample], float]] = {
    "cluster as software gives it: CR1, t(G − 1)": usual_cluster,
    "cluster: CR2, Satterthwaite": lambda sample: inference.cluster(sample).p,
    "wild cluster bootstrap": lambda sample: wild.wild_cluster_bootstrap(sample, draws=DRAWS).p,
    "randomisation, default": permuted,
    "synthetic control placebo: mean gap": lambda sample: compared(sample).estimate.p,
    "synthetic control placebo: RMSPE ratio": lambda sample: compared(sample).p_ratio,
}
BEFORE: dict[str, Callable[[Sample], float]] = {
    "pre-trends: Wald": lambda sample: by_time(sample).pretest_p,
    "pre-trends: permutation": lambda sample: credibility.pretrends(sample, draws=DRAWS).p,
}
"""By name, from a sample to a p-value: several treated units, one, and what was under way before."""
PRINTED: dict[str, Callable[[Sample], float]] = {
    "randomisation, on which conclusions rest": permuted,
    "Callaway–Sant'Anna": lambda sample: by_time(sample).estimate.p,
    "Callaway–Sant'Anna: band of the path": lambda sample: outside_band(by_time(sample).path),
    "Sun–Abraham": lambda sample: weighted(sample).estimate.p,
    "Sun–Abraham: band of the path": lambda sample: outside_band(weighted(sample).path),
    "two-way fixed effects": lambda sample: regressions.twfe(sample).p,
    "two-way fixed effects: wild bootstrap": SEVERAL["wild cluster bootstrap"],
    "before treatment: pre-trends": BEFORE["pre-trends: permutation"],
}
PRINTED_SLOWLY: dict[str, Callable[[Sample], float]] = {
    "imputation": lambda sample: imputed(sample).estimate.p,
    "imputation: band of the path": lambda sample: outside_band(imputed(sample).path),
    "synthetic difference in differences": lambda sample: (
        synthetic_did.synthetic_did(sample, draws=99).estimate.p
    ),
    "sensitivity: smoothness at M = 0": outside_line,
}
"""Those that a report prints, by what a panel takes."""


# ---------------------------------------------------------------------------------------------------------- scenarios


def recipients() -> pd.DataFrame:
    """Log of the monthly numbers of RSA recipients, the 100 départements but Mayotte, in 2017–2019."""
    rows = Panel.open().select("count_rsa_recipients")
    wide = rows.pivot(index="territory", columns="period", values="value")
    codes = [code for code in territories.DEPARTEMENTS if code != "976"]
    return np.log(wide.loc[codes, [p for p in wide.columns if "2017-01" <= p <= "2019-12"]])


@cache
def _recipients() -> np.ndarray:
    return recipients().to_numpy()


def simulated(rng: np.random.Generator) -> np.ndarray:
    """The panel of the promise."""
    return power.autoregressive(rng, UNITS, PERIODS, CORRELATION)


def real(rng: np.random.Generator) -> np.ndarray:
    """24 months of the real panel, beginning in 2017 or in 2018, the rows in any order."""
    begin = 12 * int(rng.integers(2))
    return rng.permutation(_recipients()[:, begin : begin + 24])


@dataclass(frozen=True)
class Scenario:
    """What is drawn, how many units are treated from when and by how much, and how many times."""

    title: str
    treated: int
    effect: float = 0.0
    spread: float = 1.0
    replications: int = 300
    noise: Callable[[np.random.Generator], np.ndarray] = simulated
    start: int = START
    methods: Mapping[str, Callable[[Sample], float]] = field(default_factory=lambda: SEVERAL)

    def run(self) -> tuple[power.Rejection, ...]:
        """Rejections by method, on the same panels."""
        return power.simulate(
            self.methods, self.noise, self.treated, self.start, self.effect, self.spread, self.replications
        )


def effect_seen(treated: int, spread: float = 1.0) -> float:
    """The smallest effect that should be seen four times in five, the changes of the units being well known."""
    values = pd.DataFrame(power.autoregressive(np.random.default_rng(1), 4000, PERIODS, CORRELATION))
    change = values.loc[:, START:].mean(axis=1) - values[START - 1]
    error = float(change.std()) * np.sqrt(spread**2 / treated + 1 / (UNITS - treated))
    design = power.minimum_detectable(
        values.iloc[:UNITS, :START], treated, 1, START - 1, draws=1, spread=spread
    )
    return design.mde / design.se * float(error)


GRID = tuple(
    Scenario("", treated, spread=spread, replications=number, methods=methods)
    for spread in SPREADS
    for methods, number in ((PRINTED, 400), (PRINTED_SLOWLY, 120))
    for treated in COUNTS
)
SCENARIOS = (
    Scenario("18 treated, no effect", TREATED, replications=1000),
    Scenario("One treated, no effect", 1, replications=500, methods=ONE),
    Scenario("18 treated, an effect that 80 % should see", TREATED, effect_seen(TREATED)),
    Scenario("One treated, an effect that 80 % should see", 1, effect_seen(1), methods=ONE),
    Scenario("Three treated, an effect that 80 % should see", 3, effect_seen(3)),
    Scenario("Six treated, an effect that 80 % should see", 6, effect_seen(6)),
    Scenario("Eight treated, an effect that 80 % should see", 8, effect_seen(8)),
    Scenario(
        "Eight treated that vary twice as much, an effect that 80 % should see", 8, effect_seen(8, 2.0), 2.0
    ),
    Scenario("18 treated that vary twice as much, no effect", TREATED, spread=2.0),
    Scenario("18 treated that vary half as much, no effect", TREATED, spread=0.5),
    Scenario(
        "One treated that varies twice as much, no effect", 1, spread=2.0, replications=300, methods=ONE
    ),
    Scenario("Six treated, no effect", 6),
    Scenario("Three treated, no effect", 3),
    Scenario("Before treatment, 18 treated, no trend", TREATED, methods=BEFORE),
    Scenario("Before treatment, 18 treated that vary twice as much", TREATED, spread=2.0, methods=BEFORE),
    Scenario("Before treatment, six treated, no trend", 6, methods=BEFORE),
    Scenario("Real panel, 18 of 100 drawn, no effect", TREATED, noise=real, start=12),
    Scenario("Real panel, one of 100 drawn, no effect", 1, 0.0, 1.0, 200, real, 12, ONE),
    Scenario(
        "Real panel, one of 100 drawn, an effect of −5 %", 1, float(np.log(0.95)), 1.0, 200, real, 12, ONE
    ),
)


# ------------------------------------------------------------------------------------------------------------- report


def table(scenario: Scenario, found: tuple[power.Rejection, ...]) -> list[str]:
    """A scenario as Markdown; without effect, rates outside the promise are in bold."""
    lines = [f"## {scenario.title}", "", "| inference | rejects, % | |", "|---|---|---|"]
    for row in found:
        if row.refused == row.replications:
            lines.append(f"| {row.method} | refuses | |")
            continue
        kept = scenario.effect or LOW <= row.rate <= HIGH
        rate = f"{100 * row.rate:.1f}" if kept else f"**{100 * row.rate:.1f}**"
        lines.append(f"| {row.method} | {rate} | ± {100 * row.error:.1f} |")
    return [*lines, "", f"{scenario.replications} panels.", ""]


def grid(results: Mapping[int, tuple[power.Rejection, ...]]) -> list[str]:
    """Every estimator that a report prints, a column for each number of treated units; ``results`` by place in ``GRID``."""
    lines = []
    for spread in SPREADS:
        title = f"## Every estimator that a report prints, no effect, spread {spread:.0f}"
        heads = " | ".join(f"{treated} treated" for treated in COUNTS)
        lines += [title, "", f"| rejects, % | {heads} |", "|---|" + "---|" * len(COUNTS)]
        for methods in (PRINTED, PRINTED_SLOWLY):
            columns = [
                results[place]
                for place, one in enumerate(GRID)
                if one.spread == spread and one.methods is methods
            ]
            for rows in zip(*columns, strict=True):
                cells = " | ".join(_cell(row) for row in rows)
                lines.append(f"| {rows[0].method} | {cells} |")
        lines.append("")
    return lines


def _cell(row: power.Rejection) -> str:
    """A rate with its Monte-Carlo error; with the share of panels for which there was an answer when it is not all."""
    answered = row.replications - row.refused
    if not answered:
        return "refuses"
    rate = f"{100 * row.rate:.1f}" if LOW <= row.rate <= HIGH else f"**{100 * row.rate:.1f}**"
    told = f"{rate} ± {100 * row.error:.1f}"
    return told if not row.refused else f"{told} (of {100 * answered / row.replications:.0f} %)"


def detectable() -> list[str]:
    """The smallest effects seen on the real panel."""
    panel = recipients()
    lines = ["## Smallest effects seen on the real panel, 12 months before and after", ""]
    lines += ["| treated of 100 | MDE80, % | by quantiles | window by window |", "|---|---|---|---|"]
    for treated in (1, TREATED, 47):
        found = power.minimum_detectable(panel, treated, before=12, after=12)
        scale, pairs = found.mde / found.se, zip(found.windows, found.se_by_window, strict=True)
        windows = ", ".join(f"{end[:4]}: {100 * scale * se:.2f}" for (_, _, end), se in pairs)
        lines.append(f"| {treated} | {100 * found.mde:.2f} | {100 * found.mde_quantile:.2f} | {windows} |")
    return [*lines, ""]


def report(printed: list[tuple[power.Rejection, ...]], results: list[tuple[power.Rejection, ...]]) -> str:
    """Everything as Markdown: the rejections of ``GRID`` and of ``SCENARIOS``, in their order."""
    about = " ".join((__doc__ or "").split("\n\n")[1].split())
    bold = f"A rate outside {100 * LOW:.0f}–{100 * HIGH:.0f} % without effect is in bold; ± is the Monte-Carlo error."
    refused = (
        "« refuses »: the report says why in the place of a figure; « of n % »: the share of panels that were judged, the "
        "others having been refused."
    )
    lines = ["# What inferences promise, and keep", "", about, "", bold, refused, ""]
    lines += grid(dict(enumerate(printed)))
    for scenario, found in zip(SCENARIOS, results, strict=True):
        lines += table(scenario, found)
    return "\n".join([*lines, *detectable(), "Written by `make bench`.", ""])


def main() -> None:
    """Run the scenarios on all cores, print the tables and write them."""
    begin = time.perf_counter()
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        found = list(pool.map(_run, range(len(GRID) + len(SCENARIOS))))
    text = report(found[: len(GRID)], found[len(GRID) :])
    OUTPUT.write_text(text, encoding="utf-8")
    print(text, f"{time.perf_counter() - begin:.0f} s", sep="\n")


def _run(number: int) -> tuple[power.Rejection, ...]:
    return (*GRID, *SCENARIOS)[number].run()


if __name__ == "__main__":
    main()
