"""How many times chance is drawn from, and from which seed: the one home of both, for every estimator, check and model.

What is drawn is the same on every run because these are fixed; a caller may ask for others. Each number, with the draw that
was observed, is one of which 5 % is whole. It draws nothing itself.
"""

ASSIGNMENTS = 9999
"""Other assignments of the treatment, or signs of residuals, behind a p-value and an interval."""

PRETRENDS = 1999
"""Assignments of a pre-trend test, which looks for the detectable slope by running through them some thirty times."""

PLACEBO_DATES = 999
"""Assignments behind each placebo date of an evaluation, of which there are many."""

BOOTSTRAP = 999
"""Draws of a bootstrap, or of a normal law, behind a band that holds for all horizons."""

PLACEBOS = 199
"""Placebos of an effect by synthetic difference in differences, each of which is estimated anew."""

SEED = 20231001
"""Seed of assignments and signs."""

BOOTSTRAP_SEED = 20240101
"""Seed of bootstraps and of placebos; results have been made with it from the start, and another would move each of them."""

NOISE = 500
"""Resamples of areas behind the error of the noise of a survey (``small_area.transitory_variance``)."""

NOISE_SEED = 4
"""Seed of these resamples, likewise from the start."""

TAKE_UP = 4000
"""Draws of the simulation behind the interval of expected non-take-up."""

TAKE_UP_SEED = 20180331
"""Seed of that simulation, likewise from the start."""
