"""Comparison of treated and untreated people when nobody drew who is treated: the plain difference, and one adjusted for it.

``difference_in_means`` is the effect where treatment was drawn by lot, and shows the bias of selection where it was not.
``doubly_robust_att`` is the one adjusted estimator offered: people are weighted by their propensity to be treated and their
outcome is predicted from what is known of them, and the effect is right when either of the two models is (Robins, Rotnitzky
and Zhao, 1994; Sant'Anna and Zhao, 2020, for the influence function of the effect on the treated). With the effect come the
balance of the two groups before and after weighting, and how many untreated people the weighted comparison really rests on.

Neither adjusts for what is not in the covariates. On the job programme of LaLonde (1986), where the truth is known, some
adjusted estimates from survey controls come near it and others do not, according to the people and the covariates chosen
(Dehejia and Wahba, 1999; Smith and Todd, 2005): a result from here is never shown without its balance.
``conditional_change`` is the same comparison of changes over time, of which ``group_time`` makes effects by cohort. Arrays
in, frozen results out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.special import expit

from analysis.estimation.checks import ROUNDING, ArgumentError, array, choice, telling
from analysis.estimation.confidence import normal, p_normal, p_student, student
from analysis.estimation.sample import Estimate
from analysis.foundations.arithmetic import Result, inverse, product, solve
from analysis.foundations.display import Refusal

FLOOR, CEILING = 0.001, 0.999
"""Untreated people under the floor weigh nothing in the comparison, and would only bend the regression of the outcome;
people above the ceiling have nobody to be compared with. Both are left out."""

_ITERATIONS = 100

Method = Literal["dr", "ipw", "reg"]
METHODS = ("dr", "ipw", "reg")


class OverlapError(Refusal, ValueError):
    """Treated and untreated people are too different to be compared; the message says what to change."""


@dataclass(frozen=True, repr=False)
class Adjusted(Result):
    """An adjusted effect on the treated, with what a reader needs to doubt it.

    Attributes
    ----------
    estimate : Estimate
        Doubly robust.
    naive : Estimate
        The plain difference in means of the same people, before any is left out.
    balance : DataFrame
        By covariate, the difference between treated and untreated in standard deviations of the treated, ``before`` and
        ``after`` weighting; under 0.1 is held to be balanced (Austin, 2009).
    effective_controls : float
        Size of the simple sample of untreated people that would be as precise as the weighted one.
    dropped_controls : int
        Untreated people whose propensity is under the floor or above the ceiling.
    dropped_treated : int
        Treated people above the ceiling; when there are any, the effect is of those who remain.
    propensity : Series
        By person kept, in the order given.
    """

    estimate: Estimate
    naive: Estimate
    balance: pd.DataFrame
    effective_controls: float
    dropped_controls: int
    dropped_treated: int
    propensity: pd.Series


def difference_in_means(outcome: pd.Series, treated: pd.Series) -> Estimate:
    """Mean of the treated less mean of the others, with Welch's interval (the errors of HC2).

    Parameters
    ----------
    outcome : Series
        (n,) by person, in any unit.
    treated : Series
        (n,) 1 or 0, same index.

    Returns
    -------
    Estimate
        The effect in the unit of the outcome, estimator ``difference_in_means``.

    Raises
    ------
    ArgumentError
        When an entry is missing, a group has fewer than two people, or the outcome does not vary within groups.

    Examples
    --------
    >>> outcome, treated = pd.Series([4.0, 6, 5, 1, 3, 2]), pd.Series([1, 1, 1, 0, 0, 0])
    >>> effect = difference_in_means(outcome, treated)
    >>> round(effect.att, 2), round(effect.lower, 2), round(effect.upper, 2)
    (3.0, 0.73, 5.27)
    """
    y, d = _pair(outcome, treated)
    parts = [(float(y[d == k].var(ddof=1)) / int((d == k).sum()), int((d == k).sum())) for k in (1, 0)]
    att = float(y[d == 1].mean() - y[d == 0].mean())
    variance = sum(v for v, _ in parts)
    if np.sqrt(variance) <= ROUNDING * np.abs(y).max():
        raise ArgumentError(
            "the outcome does not vary within the groups; there is no error to give: choose another outcome"
        )
    freedom = variance**2 / sum(v**2 / (n - 1) for v, n in parts)
    se = float(np.sqrt(variance))
    margin = student(freedom) * se
    p = p_student(att / se, freedom)
    (_, treated_number), (_, others) = parts
    return Estimate(
        "difference_in_means", "att", att, se, att - margin, att + margin, p, "welch", treated_number, others
    )


def doubly_robust_att(outcome: pd.Series, treated: pd.Series, covariates: pd.DataFrame) -> Adjusted:
    """Effect on the treated by augmented inverse propensity weighting.

    The propensity is a logit, the outcome of the untreated a linear regression. People outside ``FLOOR`` and ``CEILING``
    are left out and both models fitted again.

    Parameters
    ----------
    outcome : Series
        (n,) by person, in any unit.
    treated : Series
        (n,) 1 or 0, same index.
    covariates : DataFrame
        (n, k) by person, same index, without missing values; powers and products that matter for the outcome or for
        selection are columns of their own; a constant is added.

    Returns
    -------
    Adjusted
        The effect in the unit of the outcome, with its balance.

    Raises
    ------
    OverlapError
        When a covariate separates the two groups, or nobody is left.
    """
    y, d = _pair(outcome, treated)
    known = isinstance(covariates, pd.DataFrame) and not covariates.isna().any(axis=None)
    if not known or covariates.empty or not covariates.index.equals(outcome.index):
        raise ArgumentError(
            "covariates need one row per person, in the order of the outcome, without missing values"
        )
    x = _design(covariates)
    kept = _overlap(d, expit(product(x, _logit(d, x))))
    yk, dk, xk = y[kept], d[kept], x[kept]
    score = expit(product(xk, _logit(dk, xk)))
    _own(covariates[kept][dk == 0])
    att, influence = _influence(yk, dk, xk, score)
    weights = np.where(dk == 1, 0, score / (1 - score))
    if np.sqrt(np.mean(influence**2)) <= ROUNDING * np.abs(yk).max():
        raise ArgumentError(
            "the outcome is exactly what the covariates give; there is no error to give: choose another outcome"
        )
    return Adjusted(
        estimate=_normal(att, influence, dk),
        naive=difference_in_means(outcome, treated),
        balance=_balance(covariates, d, kept, weights),
        effective_controls=float(weights.sum() ** 2 / (weights**2).sum()),
        dropped_controls=int((~kept & (d == 0)).sum()),
        dropped_treated=int((~kept & (d == 1)).sum()),
        propensity=pd.Series(score, covariates.index[kept]),
    )


def _normal(att: float, influence: np.ndarray, d: np.ndarray) -> Estimate:
    """The effect with the normal interval of its influence function."""
    se = float(np.sqrt(np.mean(influence**2) / len(d)))
    margin = normal() * se
    p = p_normal(att / se)
    sizes = (int(d.sum()), int((1 - d).sum()))
    return Estimate(
        "doubly_robust", "att", att, se, att - margin, att + margin, p, "influence_function", *sizes
    )


def _pair(outcome: pd.Series, treated: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    if not all(isinstance(one, pd.Series) and one.dtype.kind in "biuf" for one in (outcome, treated)):
        raise ArgumentError(
            "outcome and treated: a Series of numbers each expected; give one value per person"
        )
    y, d = outcome.to_numpy(dtype=float), treated.to_numpy(dtype=float)
    if not outcome.index.equals(treated.index) or np.isnan(y).any() or not np.isin(d, (0, 1)).all():
        raise ArgumentError(
            "outcome and treated need one value per person, in the same order, none missing; treated is 1 or 0"
        )
    if min(d.sum(), (1 - d).sum()) < 2:
        raise ArgumentError("a comparison needs two treated and two untreated people at least; add some")
    return array(y, "outcome", 1), d


def _design(covariates: pd.DataFrame) -> np.ndarray:
    """Constant and standardised covariates, so that no unit of measurement makes the fit unstable."""
    if len(covariates) <= covariates.shape[1] + 1:
        raise OverlapError(
            f"covariates: {len(covariates)} people cannot support {covariates.shape[1]} covariates and a constant; use fewer"
        )
    return np.column_stack([np.ones(len(covariates)), _own(covariates)])


def _logit(d: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Coefficients of a logit by Newton's method. OverlapError when they run away: the groups are separated."""
    beta: np.ndarray = np.zeros(x.shape[1])
    for _ in range(_ITERATIONS):
        p = expit(product(x, beta))
        information = product((x * (p * (1 - p))[:, None]).T, x)
        if not (np.diag(information) > 0).all():
            break
        step = solve(information, product(x.T, d - p)[:, None])[:, 0]
        beta = beta + step
        if np.max(np.abs(step)) < 1e-10:
            return beta
    raise OverlapError(
        "the covariates separate treated from untreated people: use fewer, or other untreated people"
    )


def _overlap(d: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Who is kept: people between the two limits, which are fixed beforehand.

    Limits read from the sample, such as the lowest treated person, would let one group decide whom the other loses, and
    bias the effect when the outcome model is wrong. Treated people under the floor stay: they weigh like any other.
    """
    kept: np.ndarray = (score <= CEILING) & ((d == 1) | (score >= FLOOR))
    for group, who in ((1, "treated"), (0, "untreated")):
        if (kept & (d == group)).sum() < 2:
            raise OverlapError(f"no {who} person resembles the others: use fewer covariates or other people")
    return kept


def _influence(
    y: np.ndarray, d: np.ndarray, x: np.ndarray, score: np.ndarray | None, regress: bool = True
) -> tuple[float, np.ndarray]:
    """Effect on the treated and its influence function, the estimation of the models that serve included.

    Without a ``score`` every control weighs the same; without ``regress`` the outcome is compared as it is.
    """
    control = 1 - d
    odds = control if score is None else control * score / (1 - score)
    fitted, regression = _regressed(y, control, x) if regress else (np.zeros(len(y)), np.zeros_like(x))
    residual = y - fitted
    first, second = (float((w * residual).sum() / w.sum()) for w in (d, odds))
    own = d * (residual - first) / d.mean() - odds * (residual - second) / odds.mean()
    mean_treated, mean_control = (product(w, x) / w.sum() for w in (d, odds))
    drift = product(regression, mean_treated - mean_control)
    if score is not None:
        information = product((x * (score * (1 - score))[:, None]).T, x) / len(y)
        propensity = product(x * (d - score)[:, None], inverse(information))
        drift = drift + product(propensity, product(odds * (residual - second), x) / odds.sum())
    return first - second, own - drift


def _own(covariates: pd.DataFrame) -> np.ndarray:
    """Standardised covariates, each of which tells something of its own; else OverlapError."""
    try:
        return telling(covariates, "covariates")
    except ArgumentError as error:
        raise OverlapError(str(error)) from error


def _regressed(y: np.ndarray, control: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a regression on the controls predicts for everyone, and the influence function of its coefficients."""
    among = (x * control[:, None]).T
    cross = inverse(product(among, x) / len(y))
    fitted = product(x, product(cross, product(among, y) / len(y)))
    return fitted, product(x * (control * (y - fitted))[:, None], cross)


def conditional_change(
    change: np.ndarray, treated: np.ndarray, covariates: pd.DataFrame, method: Method
) -> tuple[float, np.ndarray]:
    """Difference in differences given covariates: the effect on the treated of a change, and its influence function.

    Parameters
    ----------
    change : ndarray
        (n,) outcome of a period less that of the base.
    treated : ndarray
        (n,) 1 or 0.
    covariates : DataFrame
        (n, k), columns named.
    method : Method
        ``reg``, a regression of the change among controls (Heckman, Ichimura and Todd, 1997); ``ipw``, controls weighted
        by their odds of being treated (Abadie, 2005, weights summing to one); ``dr``, both, right when either is
        (Sant'Anna and Zhao, 2020).

    Returns
    -------
    tuple[float, ndarray]
        The effect, in the unit of ``change``, and its influence function (n,).

    Raises
    ------
    OverlapError
        When covariates tell the treated apart, or more of them than people allow.

    References
    ----------
    Heckman, Ichimura and Todd (1997); Abadie (2005); Sant'Anna and Zhao (2020).
    """
    change, treated = array(change, "change", 1), array(treated, "treated", 1)
    if not np.isin(treated, (0, 1)).all() or not len(change) == len(treated) == len(covariates):
        raise ArgumentError(
            "change, treated, covariates: one row per unit, treated 1 or 0, expected; give all three"
        )
    choice(method, "method", METHODS)
    x = _design(covariates)
    controls = int((1 - treated).sum())
    if min(controls, int(treated.sum())) < 1:
        raise OverlapError("a comparison needs a treated and an untreated unit at least; add some")
    if method != "ipw":
        _own(covariates[treated == 0])
    if method == "reg":
        return _influence(change, treated, x, None)
    score = expit(product(x, _logit(treated, x)))
    if (score[treated == 1] > CEILING).any():
        raise OverlapError("some treated units resemble no control: use fewer covariates, or other controls")
    return _influence(change, treated, x, score, regress=method == "dr")


def _balance(covariates: pd.DataFrame, d: np.ndarray, kept: np.ndarray, weights: np.ndarray) -> pd.DataFrame:
    """Standardised differences before (everyone) and after (those kept, untreated people weighted)."""
    treated, others = covariates[d == 1], covariates[d == 0]
    scale = treated.std(ddof=1).replace(0, np.nan)
    inside = covariates[kept]
    weighted = (inside.mul(weights, axis=0)).sum() / weights.sum()
    return pd.DataFrame(
        {
            "before": (treated.mean() - others.mean()) / scale,
            "after": (inside[d[kept] == 1].mean() - weighted) / scale,
        }
    )
