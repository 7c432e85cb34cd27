"""What a comparison must not write: the number of a figure that is kept secret, or was taken out, in the other edition.

A département that withdraws a figure (``s`` in its file, or the line removed) does so because it must not be read; the
number that an earlier edition holds is that very number. So no number is written, on either side, of a figure that one of
both editions keeps secret, nor of one that the later edition has no more while it has the same of others, or which a
département gave (it, or what it is made from: there is no other publication of it). Bounds go with it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.data.catalogue import LOCAL
from analysis.foundations.values import VALUED_STATES
from analysis.reports.beside.kept_edition import KEY

NUMBERS = ("before", "lower_before", "upper_before", "after", "lower_after", "upper_after")
"""The columns of a comparison that hold numbers."""

_HIDDEN = "suppressed"


def withhold(rows: pd.DataFrame, figures: pd.DataFrame, *, gone: bool) -> pd.DataFrame:
    """Differences without the numbers of the figures that an edition keeps secret.

    Args:
        rows: the differences (``compare.COLUMNS``). figures: of the edition.
        gone: whether a figure that it has not is withheld too, as of the later of two editions.
    """
    known = figures.loc[figures["indicator"].isin(rows["indicator"].unique()), [*KEY, "state"]].astype("str")
    states = known.set_index(KEY)["state"]
    pairs = pd.MultiIndex.from_frame(known[["indicator", "period"]].drop_duplicates())
    earlier = rows["what"].where((rows["detail"] == "later") & (rows["what"] != ""), rows["period"])
    rows = rows.copy()
    for side, period in (("before", earlier), ("after", rows["period"])):
        there = states.reindex(pd.MultiIndex.from_arrays([rows["indicator"], rows["territory"], period]))
        hidden = (there == _HIDDEN).to_numpy()
        if gone:
            held = pd.MultiIndex.from_arrays([rows["indicator"], period]).isin(pairs)
            own = (rows[f"quality_{side}"] == LOCAL).to_numpy()
            hidden = hidden | there.isna().to_numpy() & (held | own)
        hidden = hidden & rows[side].notna().to_numpy()
        rows.loc[hidden, [name for name in NUMBERS if name.endswith(side)]] = np.nan
        rows.loc[hidden & (rows["kind"] == "real").to_numpy(), "severity"] = (
            "info"  # which tells how far it moved
        )
    return rows


def withheld(amount: float, state: str) -> bool:
    """Whether the number of a figure was left out: its state says that there was one."""
    return bool(pd.isna(amount)) and state in VALUED_STATES
