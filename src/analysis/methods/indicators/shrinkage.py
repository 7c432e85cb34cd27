"""Recruitments expected to be difficult, drawn towards what unemployment leads one to expect where few projects were seen.

The survey of labour needs (BMO) is answered by about a quarter of employers. The published share of projects expected to be
difficult carries no error, but its noise can be measured: what one edition adds and the next takes back falls as one over
the number of projects. ``recruitment`` puts the figures of the panel in the form that the small-area model wants, and
``as_rows`` puts what it gives in the form of the panel, state ``modelled``; the model itself is in ``estimation``, above.

The published share stays in the panel beside the modelled one and is never replaced. No other indicator of the panel is
treated so: the others are exhaustive counts (aid, RSA, tests at school, over-indebtedness), already modelled by their
producer (unemployment, TEE_3D), of unknown and non-random coverage (energy certificates), or of a sampling error far below
the spread between départements (census).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.data.panel import Panel
from analysis.foundations import observation, territories
from analysis.foundations.arithmetic import rounded
from analysis.foundations.columns import in_order
from analysis.foundations.values import VALUED_STATES

SHRUNK = "share_recruitment_projects_difficult_modelled"
DIRECT = "share_recruitment_projects_difficult"
_SIZE = "count_recruitment_projects"
_UNEMPLOYMENT = "rate_unemployment"
NEEDS = frozenset({DIRECT, _SIZE, _UNEMPLOYMENT})
"""Indicators without which nothing is shrunk."""


@dataclass(frozen=True)
class Given:
    """What the small-area model takes.

    Attributes
    ----------
    shares : DataFrame
        Code × edition, proportions 0–1.
    sizes : DataFrame
        Code × edition, number of projects.
    covariates : Mapping[str, DataFrame]
        By edition, code × variable; a département without one (Mayotte has no localised unemployment rate) is left out.
    source : str
        The datasets whose figures these are.
    unsurveyed : tuple[str, ...]
        Départements left out since an edition lacks them.
    """

    shares: pd.DataFrame
    sizes: pd.DataFrame
    covariates: Mapping[str, pd.DataFrame]
    source: str
    unsurveyed: tuple[str, ...] = ()


def recruitment(panel: Panel, parameters: Mapping[str, Any]) -> Given:
    """Shares, numbers of projects and unemployment from the panel.

    Parameters
    ----------
    panel : Panel
        The project's figures.
    parameters : Mapping[str, Mapping]
        Parameters ``small_areas``; its ``recruitment`` gives the first and last edition without a break, and the quarter
        of the year before at which unemployment is read.
    """
    rules = parameters["recruitment"]
    editions = [str(year) for year in range(int(rules["first"]), int(rules["last"]) + 1)]
    with observation.noting() as reads:
        shares, sizes = (_wide(panel, name, editions) for name in (DIRECT, _SIZE))
        covariates = {
            edition: _unemployment(panel, int(edition) - 1, rules["quarter"]) for edition in editions
        }
    whole = shares.notna().all(axis=1) & sizes.gt(0).all(axis=1)
    kept = shares.index[whole]
    return Given(
        shares.loc[kept] / 100,
        sizes.loc[kept],
        {e: x[x.index.isin(kept)] for e, x in covariates.items()},
        panel.read_from(reads.figures),
        tuple(shares.index[~whole]),
    )


def _wide(panel: Panel, indicator: str, periods: list[str]) -> pd.DataFrame:
    rows = panel.published(indicator, territory=territories.DEPARTEMENTS, period=periods)
    rows = rows[rows["state"].isin(VALUED_STATES)]
    table = rows.pivot(index="territory", columns="period", values="value")
    return table.reindex(index=list(territories.DEPARTEMENTS), columns=periods)


def _unemployment(panel: Panel, year: int, quarter: str) -> pd.DataFrame:
    """Localised unemployment rates (%) of the quarter before the survey."""
    rows = panel.cross_section(_UNEMPLOYMENT, f"{year}-{quarter}")
    known = rows[rows["state"].isin(VALUED_STATES)].set_index("territory")
    return known[["value"]].rename(columns={"value": "unemployment"})


def as_rows(
    figures: pd.DataFrame, quality: pd.Series, source: str, unsurveyed: Collection[str] = ()
) -> pd.DataFrame:
    """Shrunken shares as rows of the panel.

    Départements that the model leaves out are ``unavailable``, with the note ``no_survey`` for the ``unsurveyed``, else
    ``no_covariate``.

    Parameters
    ----------
    figures : DataFrame
        ``territory``, ``period``, ``value``, ``lower``, ``upper`` (proportions).
    quality : Series
        By row, ``publish``, ``flag`` (noted ``imprecise``) or ``suppress`` (state ``unavailable``).
    source : str
        What they were made from.
    unsurveyed : Collection[str], optional
        Départements left out since an edition lacks them.
    """
    shown = quality.ne("suppress").to_numpy()
    amounts = {c: rounded((100 * figures[c]).where(shown)) for c in ("value", "lower", "upper")}
    rows = figures[["territory", "period"]].assign(
        **amounts,
        state=np.where(shown, "modelled", "unavailable"),
        note=quality.ne("publish").map({True: "imprecise", False: ""}).to_numpy(),
    )
    absent = pd.MultiIndex.from_product(
        [territories.DEPARTEMENTS, sorted(set(figures["period"]))], names=["territory", "period"]
    ).difference(pd.MultiIndex.from_frame(figures[["territory", "period"]]))
    lacking = absent.to_frame(index=False).assign(state="unavailable", note="no_covariate")
    lacking.loc[lacking["territory"].isin(list(unsurveyed)), "note"] = "no_survey"
    both = pd.concat([rows, lacking], ignore_index=True).assign(
        indicator=SHRUNK,
        quality="derived",
        source=source,
    )
    return in_order(both)
